"""Timings of the parts that grow with the department: `python -m bench`, or `python -m bench parse local` for some.

Each bench runs in a process of its own, so that its peak of memory is its own. What is timed is run three times: the
first run pays for imports and empty caches, the best one shows what the code can do, the median what to expect; CPU is
the median of the process's own time, which a busy machine distorts least. There are no thresholds here.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from sheetsync import base, batch, demo, history, layout, ledgers, picture, prepare
from sheetsync.batch import number
from sheetsync.catalogue import completed
from sheetsync.local.app import Workbooks
from sheetsync.model import Moment, RawTab, Value
from sheetsync.parse import parse
from sheetsync.periods import Period
from sheetsync.reading import open_workbook
from sheetsync.review import Kept, settle
from sheetsync.schema import ACTION_COLUMNS, BASE_COLUMNS, Settings
from sheetsync.settings import Place, load
from sheetsync.sync import sync

CONFIG = Path("config/targets.yaml")
RUNS = 3
ZONE = ZoneInfo("Europe/Moscow")
LAST = Period.parse("2026-W47")
MANAGERS, CLIENTS, WEEKS, ACTIONS_A_WEEK = 30, 4_500, 52, 10
BIG_RANGE = (20_000, 10)
MILLION, MILLION_WIDE, BATCH = 1_100_000, 5, 20_000
LARGE = f"large: {MANAGERS} managers, {CLIENTS:,} clients, {MANAGERS * ACTIONS_A_WEEK * WEEKS:,} actions, {WEEKS} weeks"
STAGES = ("Contract", "Offer", "Design", "", "", "")

Timed = tuple[str, Callable[[int], object]]
"""What is timed, and what to call with the number of the run."""


def main(names: Sequence[str]) -> None:
    """Runs the benches named, else all of them, and prints a table."""
    console = Console(width=100)
    table = Table(box=None, padding=(0, 3, 0, 0))
    for title in ("what", "first, s", "best, s", "median, s", "CPU, s", "peak, MB"):
        table.add_column(title, justify="left" if title == "what" else "right")
    for name in names or list(BENCHES):
        with console.status(name):
            done = subprocess.run(
                [sys.executable, "-m", "bench", "--one", name], capture_output=True, text=True, check=True
            )
        for line in done.stdout.splitlines():
            what, seconds, busy, peak = json.loads(line)
            figures = (seconds[0], min(seconds), statistics.median(seconds), statistics.median(busy))
            table.add_row(what, *(f"{figure:.3f}" for figure in figures), f"{peak:.0f}")
    console.print(table)
    console.print(f"\n{LARGE}\n{machine()}", style="bright_black")


def machine() -> str:
    """Where this ran, in a line."""
    cores, load_average = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return (
        f"{cores} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}; "
        f"load {load_average:.1f} at the end"
    )


def one(name: str) -> None:
    """Runs one bench in this process and prints its timings as JSON lines."""
    with tempfile.TemporaryDirectory() as folder:
        for what, action in BENCHES[name](Path(folder)):
            seconds, busy = zip(*(_timed(action, run) for run in range(RUNS)), strict=True)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
            print(json.dumps([what, seconds, busy, peak]), flush=True)


def _timed(action: Callable[[int], object], run: int) -> tuple[float, float]:
    """Seconds on the clock, and seconds of this process's CPU time."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    action(run)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# --- what is timed -------------------------------------------------------------------------------------------------


def parsing(_: Path) -> Iterator[Timed]:
    """Raw cells of the action log to a ledger."""
    settings = load(CONFIG)
    people = [person.name for person in settings.managers]
    day = LAST.end
    moment = Moment(LAST, day, day, day, datetime.combine(day, datetime.min.time(), ZONE))
    for count in (10_000, 50_000):
        rows = [*_actions(people, [LAST], count // len(people) + 1)][:count]
        raw = RawTab("Actions", [list(ACTION_COLUMNS), *rows])
        yield f"parse {count:,} action rows", _parse_of(raw, settings, moment)


def _parse_of(raw: RawTab, settings: Settings, moment: Moment) -> Callable[[int], object]:
    return lambda _: parse({"actions": [raw], "base": []}, settings, moment, "en_US")


def local(folder: Path) -> Iterator[Timed]:
    """The local workbook, bodies made beforehand."""
    workbooks = Workbooks.open(folder / "big.sheet")
    height, width = BIG_RANGE
    grid = {"rowCount": height, "columnCount": width}
    key = workbooks.create({"sheets": [{"properties": {"sheetId": 1, "title": "Big", "gridProperties": grid}}]})
    rows = [
        [row * width + column if column % 2 else f"cell {row} {column}" for column in range(width)]
        for row in range(height)
    ]
    values = json.dumps({"values": rows}).encode()
    cells = [{"values": [{"userEnteredValue": _typed(value)} for value in row]} for row in rows]
    update = {"start": {"sheetId": 1, "rowIndex": 0, "columnIndex": 0}, "rows": cells, "fields": "userEnteredValue"}
    cells_body = json.dumps({"requests": [{"updateCells": update}]}).encode()
    address, size = f"/v4/spreadsheets/{key}", f"{height:,} x {width}"
    raw = [("valueInputOption", "RAW")]

    def send(method: str, path: str, query: list[tuple[str, str]], body: bytes) -> None:
        answer = workbooks.handle(method, path, query, body, account=None)
        if len(answer.body) and answer.status != 200:  # a body is made while it is read
            raise RuntimeError(answer.body.decode())

    yield f"local values.update {size}", lambda _: send("PUT", f"{address}/values/Big!A1", raw, values)
    plain = [("prettyPrint", "false"), ("valueRenderOption", "UNFORMATTED_VALUE")]
    yield f"local values.get {size}, as shown", lambda _: send("GET", f"{address}/values/Big", [], b"")
    yield f"local values.get {size}, unformatted", lambda _: send("GET", f"{address}/values/Big", plain, b"")
    yield f"local updateCells {size}", lambda _: send("POST", f"{address}:batchUpdate", [], cells_body)
    workbooks.close()


def million(folder: Path) -> Iterator[Timed]:
    """A local workbook of 1.1 million rows; answers are read in pieces, so that the peak is the workbook's own."""
    workbooks = Workbooks.open(folder / "million.sheet")
    grid = {"rowCount": MILLION + RUNS * BATCH, "columnCount": MILLION_WIDE}
    key = workbooks.create({"sheets": [{"properties": {"sheetId": 1, "title": "Log", "gridProperties": grid}}]})
    raw, plain = [("valueInputOption", "RAW")], [("prettyPrint", "false"), ("valueRenderOption", "UNFORMATTED_VALUE")]

    def send(method: str, rest: str, query: Sequence[tuple[str, str]] = (), body: bytes = b"") -> None:
        answer = workbooks.handle(method, f"/v4/spreadsheets/{key}{rest}", list(query), body, account=None)
        last = [piece for piece in answer.chunks() if answer.status != 200]
        if last:
            raise RuntimeError(b"".join(last).decode())

    def batch_of(kind: str, **request: Any) -> Callable[[int], object]:
        body = json.dumps({"requests": [{kind: request}]}).encode()
        return lambda _: send("POST", ":batchUpdate", [], body)

    for start in range(0, MILLION, BATCH):
        send("PUT", f"/values/Log!A{start + 1}", raw, json.dumps({"values": _log(start)}).encode())
    some, cells = json.dumps({"values": _log(0)}).encode(), [{"values": list(map(_entered, row))} for row in _log(0)]
    middle = MILLION // 2
    block = {"sheetId": 1, "startRowIndex": middle, "endRowIndex": middle + BATCH}
    one_row = {"sheetId": 1, "dimension": "ROWS", "startIndex": middle, "endIndex": middle + 1}
    hundred = f"Log!A{middle}:E{middle + 99}"
    yield "million: values.append 20,000 x 5", lambda _: send("POST", "/values/Log!A1:append", raw, some)
    yield (
        "million: updateCells 20,000 x 5",
        batch_of("updateCells", start={"sheetId": 1, "rowIndex": middle}, rows=cells, fields="userEnteredValue"),
    )
    yield (
        "million: sortRange 20,000",
        batch_of("sortRange", range=block, sortSpecs=[{"dimensionIndex": 2, "sortOrder": "DESCENDING"}]),
    )
    yield (
        "million: findReplace in 20,000",
        batch_of("findReplace", find="client 5", replacement="client 5", range=block),
    )
    yield "million: insertDimension in the middle", batch_of("insertDimension", range=one_row)
    yield "million: deleteDimension in the middle", batch_of("deleteDimension", range=one_row)
    yield "million: values.get of 100 rows", lambda _: send("GET", f"/values/{hundred}")
    grid_data = [("ranges", hundred), ("includeGridData", "true")]
    yield "million: spreadsheets.get of 100 rows", lambda _: send("GET", "", grid_data)
    yield "million: values.get of all, unformatted", lambda _: send("GET", "/values/Log", plain)
    by_columns = [*plain, ("majorDimension", "COLUMNS")]
    yield "million: values.get of all, by columns", lambda _: send("GET", "/values/Log", by_columns)
    yield "million: values.get of all, as shown", lambda _: send("GET", "/values/Log")
    workbooks.close()


def _log(start: int) -> list[list[Value]]:
    """A batch of the million rows."""
    return [
        [f"client {row % 977}", 46_000 + row % 365, row * 1.25, "Meeting held" if row % 3 else "Payment", row % 2]
        for row in range(start, start + BATCH)
    ]


def _entered(value: Value) -> dict[str, Any]:
    return {"userEnteredValue": _typed(value)}


def department(folder: Path) -> Iterator[Timed]:
    """The demo department: 7 managers, some 660 clients, 16 weeks."""
    last = date(2026, 11, 19)
    built = demo.build(CONFIG, folder, weeks=16, until=last)
    place = Place.parse(built.spreadsheet, Path.cwd())
    with open_workbook(built.settings, place) as book:
        grid = book.grid(picture.FIELDS, ["Dashboard"])
    shown = next(
        sheet["properties"]["sheetId"] for sheet in grid["sheets"] if sheet["properties"]["title"] == "Dashboard"
    )
    yield from _syncs("demo", built.settings, place, last)
    yield "picture of its Dashboard", lambda _: picture.page(grid, shown, "en")


def large(folder: Path) -> Iterator[Timed]:
    """30 managers, 4,500 clients, and the History and Snapshots of a year of weeks."""
    made = multiprocessing.Process(target=_make_large, args=(folder,))  # so that its memory is not counted here
    made.start()
    made.join()
    if made.exitcode:
        raise RuntimeError("the large workbook was not made")
    settings = _large_settings(folder)
    place = Place.parse(settings.workbook.spreadsheet, Path.cwd())
    yield from _syncs("large", settings, place, LAST.end - timedelta(days=2))


def _syncs(name: str, settings: Settings, place: Place, last: date) -> Iterator[Timed]:
    def run(day: date) -> None:
        sync(settings, place, now=_evening(day))

    run(last)
    yield f"{name}: sync, nothing to change", lambda _: run(last)
    yield f"{name}: sync, another day", lambda time_: run(last + timedelta(days=1 + time_ % 2))
    yield f"{name}: sync, a new week", lambda time_: run(last + timedelta(weeks=1 + time_))


# --- what it is done with ------------------------------------------------------------------------------------------


def _evening(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=18)


def _large_settings(folder: Path) -> Settings:
    people = [f"Manager {number_:02d}" for number_ in range(1, MANAGERS + 1)]
    weekly = {"meetings": 5, "offers": 4, "leads_processed": 10}
    targets = [
        {"from": "2025-01-01", "per": "week", "default": weekly},
        {"from": "2025-01-01", "per": "month", "default": {"contracts": 2, "revenue": 3_000_000}},
    ]
    data = {
        "workbook": {"spreadsheet": f"local:{folder / 'large.sheet'}", "timezone": "Europe/Moscow"},
        "department": {"country": "RU", "currency": "RUB"},
        "managers": people,
        "targets": targets,
    }
    return Settings.model_validate(completed(data), by_alias=True, by_name=False)


def _make_large(folder: Path) -> None:
    settings = _large_settings(folder)
    place = Place.parse(settings.workbook.spreadsheet, Path.cwd())
    people = [person.name for person in settings.managers]
    weeks = [LAST]
    while len(weeks) < WEEKS:
        weeks.insert(0, weeks[0].previous)
    prepare.init(settings, place)
    rows = list(_actions(people, weeks, ACTIONS_A_WEEK))
    _type(settings, place, "Actions", rows)
    _type(settings, place, "Base", _clients(people, LAST))
    _remember(settings, place, rows, people, weeks)


def _actions(people: Sequence[str], weeks: Sequence[Period], each: int) -> Iterator[list[Value]]:
    """Rows as Sheets gives them: a date's serial, names, and evidence."""
    dice = random.Random(7)  # noqa: S311 - a repeatable sample, no secret
    kinds = ("Meeting held", "Technical and commercial offer", "Lead taken to work", "Payment received")
    for week in weeks:
        for person in people:
            for _ in range(each):
                day = number(week.start + timedelta(days=dice.randrange(5)))
                amount = round(dice.uniform(1e4, 1e6), 2)
                client = f"Client {dice.randrange(CLIENTS)}"
                yield [day, person, dice.choice(kinds), client, "", f"CRM-{dice.random():.9f}", 1, amount]


def _clients(people: Sequence[str], week: Period) -> list[list[Value]]:
    """The base; some twentieth of it is another every week."""
    rows: list[list[Value]] = []
    for client in range(CLIENTS):
        moved = (client + number(week.start) // 7) // 20  # this client's own turn comes every twentieth week
        dice = random.Random(client * 1000 + moved)  # noqa: S311 - as above
        due = number(week.start) // 140 * 140 + dice.randrange(200)
        stage = dice.choice(STAGES)
        row: dict[str, Value] = {
            "Client": f"Client {client}",
            "Manager": people[client % len(people)],
            "Stage": stage,
            "Expected payment": due if stage in ("Contract", "Offer") else None,
            "Expected amount": round(dice.uniform(1e5, 3e6), 2) if stage in ("Contract", "Offer") else None,
            "Last contact": number(week.start) // 140 * 140 - dice.randrange(300),
        }
        rows.append([row.get(column) for column in BASE_COLUMNS])
    return rows


def _remember(
    settings: Settings, place: Place, rows: list[list[Value]], people: Sequence[str], weeks: Sequence[Period]
) -> None:
    """Writes what syncing the weeks one after the other would have left in History and Snapshots."""
    log = RawTab("Actions", [list(ACTION_COLUMNS), *rows])
    actions = parse({"actions": [log], "base": []}, settings, _friday(weeks[-1]), "en_US")
    kept = Kept(history.from_cells([]), base.snapshots_from_cells([]))
    for week in weeks:
        moment = _friday(week)
        tab = RawTab("Base", [list(BASE_COLUMNS), *_clients(people, week)])
        clients = parse({"actions": [], "base": [tab]}, settings, moment, "en_US").base
        _, kept = settle(replace(actions, base=clients), kept, settings, moment)
    pages = [ledgers.history(kept.history, settings, stamped=()), ledgers.snapshots(kept.snapshots, settings)]
    with open_workbook(settings, place) as book:
        spreadsheet = book.metadata()
        own = layout.own_tabs(settings, spreadsheet["sheets"])
        held = {page.id: batch.Held(own[page.id], [[batch.shown(cell) for cell in page.rows[0]]]) for page in pages}
        book.apply(batch.plan(pages, held, spreadsheet.get("namedRanges", [])).requests)


def _friday(week: Period) -> Moment:
    day = week.end - timedelta(days=2)
    return Moment(week, day, day, day, _evening(day))


def _type(settings: Settings, place: Place, title: str, rows: Sequence[Sequence[Value]]) -> None:
    with open_workbook(settings, place) as book:
        tab = next(sheet["properties"] for sheet in book.metadata()["sheets"] if sheet["properties"]["title"] == title)
        cells = [{"values": [{"userEnteredValue": _typed(value)} for value in row]} for row in rows]
        missing = len(rows) + 1 - tab["gridProperties"]["rowCount"]
        start = {"sheetId": tab["sheetId"], "rowIndex": 1, "columnIndex": 0}
        requests: list[dict[str, Any]] = [
            {"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}
        ]
        if missing > 0:
            grown = {"sheetId": tab["sheetId"], "dimension": "ROWS", "length": missing}
            requests.insert(0, {"appendDimension": grown})
        book.apply(requests)


def _typed(value: Value) -> dict[str, Value]:
    if value is None or value == "":
        return {}
    return {"stringValue" if isinstance(value, str) else "numberValue": value}


BENCHES: Mapping[str, Callable[[Path], Iterator[Timed]]] = {
    "parse": parsing,
    "local": local,
    "million": million,
    "demo": department,
    "large": large,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2])
    elif unknown := set(sys.argv[1:]) - BENCHES.keys():
        sys.exit(f"There is no bench {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
    else:
        main(sys.argv[1:])
