"""A sample department: people of different habits, weeks of their work, and the flaws that real logs have.

Everything is drawn from one fixed seed, so the same day gives the same department. Rows are typed into a local
workbook week by week, and every week is synced as in life, so History, Snapshots and charts are real.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sheetsync import columns, export, layout, prepare
from sheetsync import plan as planning
from sheetsync.errors import UsageError
from sheetsync.periods import Kind, Period
from sheetsync.schema import Manager, Settings
from sheetsync.settings import Place, load
from sheetsync.sync import Outcome, open_workbook, sync

SEED = 20_261_119
Progress = Callable[[str], None]
Row = dict[str, Any]

_PLACES = (
    "Volga Neva Kama Onega Ladoga Ural Altai Baikal Don Oka Sura Vyatka Angara Lena Irtysh Tobol Kuban Terek "
    "Pechora Dvina Amur Zeya Selenga Mezen Svir Luga Vaga Unzha Klyazma Tsna Moksha Khopyor Medveditsa Ilmen Seliger"
).split()
_TRADES = (
    "Cold Storage|Logistics Park|Foundry|Steelworks|Paper Mill|Shipyard|Dairy|Bakery|Car Park|Retail Park|"
    "Greenhouse|Warehouses|Rail Depot|Airport|Metro Works|Port|City Lighting|Cement|Glassworks|Timber|"
    "Refinery|Hospital|University|Arena|Machine Works|Poultry|Brewery|Printing House"
).split("|")
_OFFERED, _NEGOTIATED = "Offer", "Tender"
_STEPS = ("call the engineer", "send the offer", "agree the date", "chase the tender", "visit the site", "")
_PAYMENTS = 0.5  # a manager and week
_SEASON = {1: 0.75, 5: 0.85, 7: 0.9, 8: 0.92, 9: 1.08, 10: 1.1, 11: 1.04, 12: 1.12}


@dataclass(frozen=True, slots=True)
class Built:
    """What the demo left: the outcome of the last sync, and where to look."""

    outcome: Outcome
    settings: Settings
    spreadsheet: str
    file: Path
    page: Path


@dataclass(slots=True)
class _Client:
    name: str
    manager: str
    stage: str = ""
    payment: date | None = None
    amount: float | None = None
    units: int | None = None
    value: float | None = None
    since: date | None = None
    contact: date | None = None
    typed: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class _Habit:
    """How somebody works: how much beside the plan, how evenly, how tidily; and how large the base is."""

    drive: float
    closing: float
    tidy: float
    base: int


_HABITS = (
    _Habit(1.16, 1.1, 0.995, 118),
    _Habit(0.98, 0.9, 0.985, 84),
    _Habit(1.04, 1.25, 0.995, 96),
    _Habit(0.8, 0.8, 0.97, 141),
    _Habit(1.08, 0.95, 0.99, 72),
    _Habit(0.9, 1.05, 0.985, 108),
    _Habit(1.0, 0.7, 0.98, 46),
)


def build(
    config: Path,
    folder: Path,
    *,
    weeks: int = 16,
    until: date | None = None,
    progress: Progress = lambda _: None,
) -> Built:
    """Makes `folder`/department.sheet anew, types and syncs `weeks` weeks up to `until`, draws `folder`/dashboard.html.

    `until` defaults to the last Thursday that is not in the future. Raises UsageError where the folder holds a
    workbook that this demo did not make.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "department.sheet"
    _clear(file)
    settings = load(config, spreadsheet=f"local:{file}")
    place = Place.parse(settings.workbook.spreadsheet, Path.cwd())
    zone = ZoneInfo(settings.workbook.timezone or "UTC")
    today = datetime.now(zone).date()
    last = until or today - timedelta(days=(today.weekday() - 3) % 7)
    if last > today:
        raise UsageError(f"the demo can't stand on {last}, which is in the future", remedy="Name an earlier --until.")
    prepare.init(settings, place)
    department = _Department(settings, last, weeks)
    outcome: Outcome | None = None
    for week in department.weeks:
        progress(f"{week}: typing and syncing")
        day = min(week.end - timedelta(days=2), last)
        department.live(week, day)
        _type(settings, place, department)
        now = datetime.combine(day, time(17, 32), zone)
        outcome = sync(settings, place, period=str(week), as_of=day, now=now)
    assert outcome is not None  # noqa: S101 - there are at least two weeks
    progress("drawing the dashboard")
    page = export.export(settings, place, "dashboard", folder / "dashboard.html")
    return Built(outcome, settings, settings.workbook.spreadsheet, file, page)


def _clear(file: Path) -> None:
    for name in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
        name.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One manager's plan of a week by indicator; 0 where there is none."""

    manager: str
    targets: Mapping[tuple[str, str], float]

    def __getitem__(self, indicator: str) -> float:
        return self.targets.get((self.manager, indicator), 0.0)


class _Department:
    """The department's life: `live` adds a week of it to `actions`, and moves the clients."""

    def __init__(self, settings: Settings, last: date, weeks: int) -> None:
        self.settings = settings
        self.random = random.Random(SEED)  # noqa: S311 - a repeatable sample, no secret
        current = Period.containing(last, Kind.WEEK)
        self.weeks = [current]
        while len(self.weeks) < weeks:
            self.weeks.insert(0, self.weeks[0].previous)
        self.names = self._names()
        self.habits = {person.name: _HABITS[at % len(_HABITS)] for at, person in enumerate(settings.managers)}
        self.actions: list[Row] = []
        self.typed_rows = 0
        self.clients: list[_Client] = []
        stages = {category.id: category.when.stage for category in settings.base.categories}
        self.last_stage = (stages.get("active_a") or ("Contract",))[0]
        self.design_stage = (stages.get("project") or ("Design",))[0]
        self.labels = {key: action.label.text(settings.workbook.language) for key, action in settings.actions.items()}
        self._found(self.weeks[0].start)

    # --- the start --------------------------------------------------------------------------------------------

    def _names(self) -> Iterator[str]:
        names = [f"{place} {trade}" for place in _PLACES for trade in _TRADES]
        self.random.shuffle(names)
        return iter(names)

    def _found(self, day: date) -> None:
        for person in self.settings.managers:
            for _ in range(self.habits[person.name].base):
                self.clients.append(self._client(person.name, day))

    def _client(self, manager: str, day: date) -> _Client:
        pick, client = self.random.random(), _Client(next(self.names), manager)
        client.contact = day - timedelta(days=self.random.randint(2, 75 if pick < 0.62 else 400))
        client.step = self.random.choice(_STEPS)
        if pick < 0.035:
            self._expect(client, day, 0, 18, self.last_stage)
        elif pick < 0.09:
            self._expect(client, day, 10, 50, _NEGOTIATED)
        elif pick < 0.17:
            self._expect(client, day, 60, 220, _OFFERED)
        elif pick < 0.21:
            self._lend(client, day - timedelta(days=self.random.randint(3, 40)))
        elif pick < 0.29:
            client.stage = self.design_stage
        elif pick >= 0.62:
            client.contact = day - timedelta(days=self.random.randint(95, 420))
        return client

    def _expect(self, client: _Client, day: date, soonest: int, latest: int, stage: str) -> None:
        client.stage = stage
        client.payment = day + timedelta(days=self.random.randint(soonest, latest))
        client.amount = client.amount or self._money(1_450_000)

    def _lend(self, client: _Client, day: date) -> None:
        client.units, client.since = self.random.randint(2, 36), day
        client.value = round(client.units * self.random.uniform(8_000, 21_000), 2)

    def _money(self, typical: float) -> float:
        return round(typical * self.random.lognormvariate(-0.18, 0.6), 2)

    # --- a week -----------------------------------------------------------------------------------------------

    def live(self, week: Period, until: date) -> None:
        """One more week, up to the day `until` inclusive."""
        start = len(self.actions)
        planned = planning.plan(self.settings, week, week.end).fillna(0.0)
        targets = dict(zip(zip(planned["manager"], planned["indicator"], strict=True), planned["plan"], strict=True))
        for person in self.settings.managers:
            days = [day for day in week.days if day <= until and day.weekday() < 5 and person.works(day)]
            if days:
                self._work(person, days, _Plan(person.name, targets), week)
        self._tidy_base(until)
        self.actions[start:] = sorted(self.actions[start:], key=lambda row: row["Date"])
        if week in self.weeks[-3:]:
            self._spoil(start)

    def _work(self, person: Manager, days: Sequence[date], plan: _Plan, week: Period) -> None:
        habit = self.habits[person.name]
        pace = habit.drive * _SEASON.get(week.start.month, 1.0) * len(days) / 5
        for action, indicator, act in (
            ("meeting", "meetings", self._meet),
            ("calc_data", "calc_data", self._design),
            ("offer", "offers", self._offer),
            ("trial", "trials", self._try_out),
            ("contract", "contracts", self._contract),
        ):
            rate = plan[indicator] * pace * (habit.closing if action in ("trial", "contract") else 1.0)
            for _ in range(self._count(rate)):
                self._log(person, self.random.choice(days), action, act)
        self._leads(person, days[-1], plan, pace)
        self._payments(person, days, plan["revenue"], pace * habit.closing)

    def _count(self, rate: float) -> int:
        """A whole number around `rate`, a little less scattered than chance alone would make it."""
        return max(0, round(self.random.gauss(rate, 0.75 * max(rate, 0.0) ** 0.5)))

    def _log(self, person: Manager, day: date, action: str, act: Callable[[_Client, date, Row], None]) -> None:
        if action not in self.labels:
            return
        client = self._choose(person.name, action)
        row: Row = {"Date": day, "Manager": person.name, "Action": self.labels[action], "Client": client.name}
        act(client, day, row)
        client.contact = day
        if self.random.random() > self.habits[person.name].tidy:
            row["Evidence"] = self.random.choice(("", "", "-"))
        self.actions.append(row)

    def _choose(self, manager: str, action: str) -> _Client:
        own = [client for client in self.clients if client.manager == manager]
        wanted: dict[str, Callable[[_Client], bool]] = {
            "calc_data": lambda one: one.stage == "" and one.units is None,
            "offer": lambda one: one.stage == self.design_stage or one.units is not None,
            "trial": lambda one: one.units is None and one.payment is None and one.stage == self.design_stage,
            "contract": lambda one: one.stage in (_OFFERED, _NEGOTIATED),
        }
        fitting = [client for client in own if wanted.get(action, lambda _: True)(client)]
        return self.random.choice(fitting or own)

    def _meet(self, client: _Client, day: date, row: Row) -> None:
        row["Evidence"] = f"https://drive.example/minutes/{day:%m%d}-{self.random.randint(100, 999)}"
        client.step = self.random.choice(_STEPS)

    def _design(self, client: _Client, _: date, row: Row) -> None:
        row["Evidence"] = f"Designer's report {self.random.randint(2100, 2999)}"
        client.stage = client.stage or self.design_stage

    def _offer(self, client: _Client, day: date, row: Row) -> None:
        row["Evidence"] = f"CRM-{self.random.randint(41000, 48999)}"
        if client.stage != self.last_stage:
            self._expect(client, day, 35, 170, _OFFERED)
        row["Amount"] = client.amount

    def _try_out(self, client: _Client, day: date, row: Row) -> None:
        if client.units is None:
            self._lend(client, day)
        row["Evidence"] = f"Trial agreement {self.random.randint(110, 480)}"
        row["Quantity"] = client.units

    def _contract(self, client: _Client, day: date, row: Row) -> None:
        self._expect(client, day, 6, 40, self.last_stage)
        row["Evidence"] = f"https://drive.example/contracts/{self.random.randint(1200, 1999)}"
        row["Amount"] = client.amount
        client.units = client.value = client.since = None

    def _leads(self, person: Manager, day: date, plan: _Plan, pace: float) -> None:
        processed = self._count((plan["leads_processed"] or 8.0) * pace)
        rejected = sum(self.random.random() < 0.42 for _ in range(processed))
        converted = self._count(processed * 0.31)
        for action, count in (
            ("lead_accepted", processed - rejected),
            ("lead_rejected", rejected),
            ("lead_converted", converted),
        ):
            if count and action in self.labels:
                self.actions.append(
                    {"Date": day, "Manager": person.name, "Action": self.labels[action], "Quantity": count}
                )
        for _ in range(self._count((plan["new_deals"] or 1.0) * pace * 0.9)):
            client = self._client(person.name, day)
            client.contact = day
            self.clients.append(client)
            self.actions.append(
                {"Date": day, "Manager": person.name, "Action": self.labels.get("new_deal"), "Client": client.name}
            )

    def _payments(self, person: Manager, days: Sequence[date], plan: float, pace: float) -> None:
        if "payment" not in self.labels:
            return
        for _ in range(self._count(_PAYMENTS * pace)):
            due = [one for one in self.clients if one.manager == person.name and one.stage == self.last_stage]
            due = due or [one for one in self.clients if one.manager == person.name and one.payment]
            if not due:
                return
            client = min(due, key=lambda one: one.payment or days[-1])
            amount = round((client.amount or plan / _PAYMENTS) * self.random.uniform(0.92, 1.04), 2)
            margin = round(amount * self.random.uniform(0.19, 0.28), 2)
            self.actions.append(
                {
                    "Date": self.random.choice(days),
                    "Manager": person.name,
                    "Action": self.labels["payment"],
                    "Client": client.name,
                    "Evidence": f"Bank statement {self.random.randint(500, 990)}",
                    "Amount": amount,
                    "Profit": margin,
                }
            )
            client.stage, client.payment, client.amount, client.contact = "", None, None, days[-1]

    def _tidy_base(self, day: date) -> None:
        """What managers put right in the base at the end of a week."""
        for client in self.clients:
            if client.payment and client.payment < day and self.random.random() < 0.4:
                client.payment = day + timedelta(days=self.random.randint(9, 38))
            elif client.payment and self.random.random() < 0.025:
                client.stage, client.payment, client.amount = "", None, None
            if client.since and (day - client.since).days > 28 and self.random.random() < 0.3:
                client.units = client.value = client.since = None
            if client.contact and self.random.random() < 0.02:
                client.contact = day - timedelta(days=self.random.randint(0, 4))
        for client in self.random.sample(self.clients, 2):
            client.typed = self.settings.base.categories[self.random.randrange(4, 6)].label.text(
                self.settings.workbook.language
            )

    # --- flaws ------------------------------------------------------------------------------------------------

    def _spoil(self, start: int) -> None:
        """Some of the week's rows as people really type them."""
        fresh = self.actions[start:]
        spoils: tuple[Callable[[Row], None], ...] = (
            lambda row: row.update(Date=f"{row['Date']:%d.%m.%Y}"),
            lambda row: row.update(Manager=f"  {row['Manager'].lower()} "),
            lambda row: row.update(Manager=row["Manager"][:-1] + "q"),
            lambda row: row.update(Date="tomorrow"),
            lambda row: row.update(Action="Telephone call"),
            lambda row: row.update(Checked="no"),
            lambda row: row.update(Evidence="."),
            lambda row: row.update(Client=""),
        )
        for spoil, row in zip(spoils, self.random.sample(fresh, min(len(spoils), len(fresh))), strict=False):
            spoil(row)
        paid = [row for row in fresh if row.get("Profit")]
        if paid:
            amount = paid[0]["Amount"]
            paid[0]["Amount"] = f"{amount:,.2f} ₽".replace(",", "\u00a0").replace(".", ",")
        proven = [row for row in fresh if str(row.get("Evidence", "")).startswith("http")]
        if proven:
            self.actions.append(dict(proven[0]))


# --- typing ---------------------------------------------------------------------------------------------------------


def _type(settings: Settings, place: Place, department: _Department) -> None:
    """Writes the week's new rows and the base as it now stands, as the managers would."""
    with open_workbook(settings, place) as book:
        spreadsheet = book.metadata()
        grids = {sheet["properties"].get("sheetId", 0): sheet["properties"] for sheet in spreadsheet["sheets"]}
        requests = []
        for tab in layout.locate(settings, spreadsheet).managers:
            have = int(grids[tab.sheet_id]["gridProperties"]["rowCount"])
            if tab.kind == "actions":
                new = department.actions[department.typed_rows :]
                requests += _rows(tab.sheet_id, 1 + department.typed_rows, have, columns.TITLES["actions"], new)
            elif tab.kind == "base":
                standing = [_base_row(client) for client in department.clients]
                requests += _rows(tab.sheet_id, 1, have, columns.TITLES["base"], standing)
        department.typed_rows = len(department.actions)
        book.apply(requests)


def _base_row(client: _Client) -> Row:
    return {
        "Client": client.name,
        "Manager": client.manager,
        "Category": client.typed,
        "Stage": client.stage,
        "Expected payment": client.payment,
        "Expected amount": client.amount,
        "Trial units": client.units,
        "Trial value": client.value,
        "Trial since": client.since,
        "Last contact": client.contact,
        "Next step": client.step,
    }


def _rows(sheet_id: int, top: int, have: int, titles: Sequence[str], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Requests that type rows from `top` (0-based) on into a tab that has `have` rows; a full tab gets 1,000 more."""
    if not rows:
        return []
    cells = [{"values": [_cell(row.get(title)) for title in titles]} for row in rows]
    start = {"sheetId": sheet_id, "rowIndex": top, "columnIndex": 0}
    typed: list[dict[str, Any]] = [{"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}]
    if top + len(rows) > have:
        more = {"sheetId": sheet_id, "dimension": "ROWS", "length": max(1000, top + len(rows) - have)}
        typed.insert(0, {"appendDimension": more})
    return typed


def _cell(value: Any) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    if isinstance(value, date):
        return {"userEnteredValue": {"numberValue": value.toordinal() - date(1899, 12, 30).toordinal()}}
    return {"userEnteredValue": {"stringValue" if isinstance(value, str) else "numberValue": value}}
