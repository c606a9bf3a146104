"""Several write at once: each batch is applied once, to what it was computed from, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from sheetsync import batch, close, prepare, sync
from sheetsync.batch import Batch, turn
from sheetsync.batch.change import Request
from sheetsync.errors import ClosedError, ConflictError, LayoutError, ServiceError
from sheetsync.local.app import Workbooks
from sheetsync.model import Value
from sheetsync.reading import Read, open_workbook, read
from sheetsync.writing import TRIES, write
from tests import states
from tests.crashes import Processes
from tests.office import ANNA, BORIS, Office, configured

FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)
MEETING: list[Value] = [46346, ANNA, "Meeting held", "Volga Port", "", "minutes 1"]
OTHER: list[Value] = [46346, BORIS, "Meeting held", "Kama Arena", "", "minutes 2"]
SETTINGS = configured(workbook={"timezone": "Europe/Moscow"})
PATIENT = {"connect": 20, "read": 60, "deadline": 60, "sign_in": 60, "pause": 0.01}


@dataclass
class Stages:
    """Tells of what a run does, and lets others act just before its first write."""

    before_writing: Callable[[], object]
    times: int = 1

    def __call__(self, stage: str) -> None:
        if stage == "writing" and self.times:
            self.times -= 1
            self.before_writing()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A workbook that was prepared and synced once, with one meeting."""
    made = Office(tmp_path / "Sales.sheet")
    prepare.init(SETTINGS, made.place)
    made.type("Actions", 1, [MEETING])
    made.type("Base", 1, [["Volga Port", None, ANNA]])
    _sync(made)
    return made


def _sync(office: Office, progress: Callable[[str], None] = lambda _: None) -> sync.Outcome:
    return sync.sync(SETTINGS, office.place, now=FRIDAY, progress=progress)


def _meetings(office: Office) -> dict[str, list[Any]]:
    """Manager -> what History has of the meetings: one row each, or it was written twice."""
    rows: dict[int, dict[int, Any]] = {}
    for (place, column), cell in office.cells("History").items():
        rows.setdefault(place, {})[column] = next(iter(cell["userEnteredValue"].values()))
    found: dict[str, list[Any]] = {}
    for row in rows.values():
        if row.get(4) == "meetings":
            found.setdefault(row[3], []).append(row.get(6, 0))
    return found


def _turns(office: Office) -> list[str]:
    return [each["name"] for each in office.metadata()["namedRanges"] if each["name"].startswith(turn.PREFIX)]


def test_every_write_hands_the_turn_on_and_a_run_that_changes_nothing_does_not(office: Office) -> None:
    assert _turns(office) == [f"{turn.PREFIX}2"]
    assert not _sync(office).changed
    assert _turns(office) == [f"{turn.PREFIX}2"]


def test_a_batch_that_is_sent_again_is_refused_as_a_whole(office: Office) -> None:
    named = office.metadata()["namedRanges"]
    add: Request = {"addSheet": {"properties": {"title": "Once"}}}
    planned = Batch([add])
    turn.hand_on(planned, named, 700_002, 9)
    office.apply(*planned.requests)
    again = Batch([{"addSheet": {"properties": {"title": "Twice"}}}])
    turn.hand_on(again, named, 700_002, 9)
    with pytest.raises(ServiceError, match="the request was refused: "):
        office.apply(*again.requests)
    assert ("Once" in office.titles(), "Twice" in office.titles()) == (True, False)


def test_a_batch_is_not_applied_again_where_somebody_deleted_the_turn(office: Office) -> None:
    """There was nothing for it to remove, so nothing that it removes can be missing when it comes once more."""
    office.apply(*({"deleteNamedRange": {"namedRangeId": name}} for name in _turns(office)))
    first, second = _titled("First"), _titled("Second")
    turn.hand_on(first, office.metadata()["namedRanges"], 700_002, 9)
    office.apply(*first.requests)
    turn.hand_on(second, office.metadata()["namedRanges"], 700_002, 10)
    office.apply(*second.requests)
    with pytest.raises(ServiceError, match="the request was refused: "):
        office.apply(*first.requests)
    assert office.metadata()["properties"]["title"] == "Second"


def test_a_turn_in_a_row_that_the_batch_takes_out_does_not_stop_it(office: Office) -> None:
    """Somebody put a row above the table: the turn stands with the header, which goes up to where it belongs."""
    before, top = office.cells("History"), {"sheetId": 700_002, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    office.apply({"insertDimension": {"range": top}})
    assert _sync(office).changed
    assert (office.cells("History"), _turns(office)) == (before, [f"{turn.PREFIX}3"])


def _titled(title: str) -> Batch:
    """A batch that can be applied any number of times."""
    return Batch([{"updateSpreadsheetProperties": {"properties": {"title": title}, "fields": "title"}}])


def test_who_was_overtaken_reads_again_and_finishes(office: Office) -> None:
    """While this run computes, somebody types, and somebody else's sync writes that."""
    office.type("Actions", 2, [OTHER])

    def meanwhile() -> None:
        office.type("Actions", 3, [[*MEETING[:3], "Neva Dairy", "", "minutes 3"]])
        assert _sync(office).changed

    done = _sync(office, Stages(meanwhile))
    assert not done.changed
    assert _meetings(office) == {ANNA: [2], BORIS: [1], "Sales": [3]}
    assert _turns(office) == [f"{turn.PREFIX}3"]


def test_what_is_still_missing_after_somebody_else_wrote_is_written(office: Office) -> None:
    def meanwhile() -> None:
        assert _sync(office).changed
        office.type("Actions", 3, [[*MEETING[:3], "Neva Dairy", "", "minutes 3"]])

    office.type("Actions", 2, [OTHER])
    assert _sync(office, Stages(meanwhile)).changed
    assert _meetings(office) == {ANNA: [2], BORIS: [1], "Sales": [3]}


def test_a_period_that_was_closed_meanwhile_is_left_alone(office: Office) -> None:
    office.type("Actions", 2, [[46339, *MEETING[1:3], "Neva Dairy", "", "minutes 3"]])
    before = []

    def meanwhile() -> None:
        close.close(SETTINGS, office.place, period="2026-W46", now=FRIDAY)
        before.append(office.cells("History"))

    with pytest.raises(ClosedError, match="the period 2026-W46 is closed"):
        sync.sync(SETTINGS, office.place, period="2026-W46", now=FRIDAY, progress=Stages(meanwhile))
    assert office.cells("History") == before[0]


def test_who_is_overtaken_again_and_again_gives_up(office: Office) -> None:
    rows = iter(range(2, 9))

    def meanwhile() -> None:
        office.type("Actions", next(rows), [OTHER])
        _sync(office)

    office.type("Base", 2, [["Kama Arena", None, BORIS]])
    with pytest.raises(ConflictError) as raised:
        sync.sync(SETTINGS, office.place, period="2026-W46", now=FRIDAY, progress=Stages(meanwhile, TRIES))
    assert str(raised.value) == (
        "somebody else wrote into the workbook again and again while this ran\n"
        "Nothing of this run was written. Run the command again."
    )
    assert raised.value.exit_code == 5


def test_a_refusal_that_nobody_else_caused_is_told_as_it_is(office: Office) -> None:
    with open_workbook(SETTINGS, office.place) as book:

        def plan(found: Read, _: str | None) -> tuple[str, Batch]:
            planned = Batch([{"deleteSheet": {"sheetId": 4711}}])
            turn.hand_on(planned, found.spreadsheet["namedRanges"], 700_002, 9)
            return "", planned

        with pytest.raises(LayoutError, match="4711"):
            write(book, "abc", lambda: read(book, SETTINGS, None, FRIDAY), plan)


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    made = Processes(tmp_path_factory.mktemp("processes"))
    yield made
    made.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_many_at_once_while_people_type_end_as_one(office: Office, processes: Processes, tmp_path: Path) -> None:
    """Processes of their own, by both ways into one file; at the end as if all had been typed, and synced once."""
    path, alike = tmp_path / "Sales.sheet", tmp_path / "typed first.sheet"
    copyfile(path, alike)
    rows: list[list[Value]] = [
        [46346, BORIS, "Meeting held", f"Client {place}", "", f"minutes {place}"] for place in range(12)
    ]
    office.type("Actions", 2, rows[:1])
    Office(alike).type("Actions", 2, rows)
    sync.sync(SETTINGS, Office(alike).place, now=FRIDAY)
    server = processes.run("serve", path)
    ways = {"path": str(path)}, {"base": server["base"], "key": server["key"]}
    workbook = {"timezone": "Europe/Moscow"}
    syncs = [processes.job("sync", **way, limits=PATIENT, workbook=workbook) for _ in range(3) for way in ways]
    typing = processes.job("type", path, tab="Actions", rows=rows[1:], first=3, pause=0.02)
    _, *ends = processes.many([typing, *syncs])
    processes.run("stop", server=server["server"])
    assert {end["exit"] for end in ends} <= {0, 5}, ends
    wrote = sum(end["said"] == "changed True" for end in ends)
    assert wrote
    assert _turns(office) == [f"{turn.PREFIX}{2 + wrote}"]
    _sync(office)
    assert _cells(path) == _cells(alike)


def _cells(path: Path) -> str:
    workbooks = Workbooks.open(path)
    try:
        return states.state(workbooks.store, workbooks.keys()[0], objects=False)
    finally:
        workbooks.close()


@pytest.mark.parametrize(
    ("names", "number"),
    [
        ([], 0),
        (["sheetsync_act", "prices"], 0),
        (["sheetsync_turn_7"], 7),
        (["sheetsync_turn_7", "sheetsync_turn_12", "sheetsync_turn_x", "sheetsync_turn_", "sheetsync_turn_²"], 12),
    ],
)
def test_the_turn_is_the_highest_that_is_named_whatever_its_id(names: list[str], number: int) -> None:
    named = [{"namedRangeId": f"id{place}", "name": name} for place, name in enumerate(names)]
    assert turn.number(named) == number
    planned = batch.Batch([{"deleteSheet": {"sheetId": 1}}])
    turn.hand_on(planned, named, 5, number + 1)
    gone = [each["namedRangeId"] for each in named if each["name"].removeprefix(turn.PREFIX) in ("7", "12")]
    assert planned.requests[:-2] == [{"deleteNamedRange": {"namedRangeId": id_}} for id_ in gone]
    assert planned.requests[-1]["addNamedRange"]["namedRange"]["namedRangeId"] == f"{turn.PREFIX}{number + 1}"
    nothing = Batch()
    turn.hand_on(nothing, named, 5, 1)
    assert not nothing
