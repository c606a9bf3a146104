"""People go on working while a run reads and writes: nothing lands in a wrong place, and nothing that they did is lost.

Real runs on a real file; somebody acts after the first request (what tabs there are), the second (what is in them), or
the third (the write).
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sheetsync import close, layout, prepare, sync
from sheetsync.errors import ConflictError, LayoutError
from tests.office import ANNA, BORIS, Office, configured

FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 16, tzinfo=UTC)
SETTINGS = configured(workbook={"timezone": "Europe/Moscow"})
HISTORY, SNAPSHOTS, CLOSED, DASHBOARD = (
    layout.OWN_IDS[name] for name in ("history", "snapshots", "closed", "dashboard")
)
TABLES = (HISTORY, SNAPSHOTS, CLOSED)
"""What they are compared by is their rows, in whatever order."""
LOG: list[list[Any]] = [
    [46340, ANNA, "Meeting held", "Volga Port", "", "minutes 1"],
    [46345, BORIS, "Meeting held", "Kama Arena", "", "minutes 2"],
    [46346, ANNA, "Offer made", "Neva Dairy", "", "offer 3"],
    [46349, BORIS, "Offer made", "Kama Arena", "", "offer 4"],
]
BASE: list[list[Any]] = [
    ["Volga Port", None, ANNA, None, "Offer", 46366, 5000],
    ["Kama Arena", None, BORIS, None, "Design"],
    ["Neva Dairy", None, ANNA, None, "Lead"],
]
Act = Callable[[Office], object]


class _Meanwhile(logging.Handler):
    """Hears of a run's requests from its log, and lets somebody act after those of these numbers."""

    acting = False

    def __init__(self, numbers: Collection[int], act: Callable[[], object]) -> None:
        super().__init__()
        self._numbers, self._act, self._seen = numbers, act, 0

    def emit(self, record: logging.LogRecord) -> None:
        """Counts a request, but for those of whoever acts."""
        if _Meanwhile.acting or not isinstance(record.msg, dict) or record.msg["event"] != "request":
            return
        self._seen += 1
        if self._seen in self._numbers:
            _Meanwhile.acting = True
            try:
                self._act()
            finally:
                _Meanwhile.acting = False


@contextmanager
def after_request(*numbers: int, act: Callable[[], object]) -> Iterator[None]:
    """Lets somebody act after the run's requests of these numbers, from 1."""
    log, hears = logging.getLogger("sheetsync"), _Meanwhile(numbers, act)
    log.addHandler(hears)
    level = log.level
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(level)
        log.removeHandler(hears)


def sync_on(office: Office, now: datetime = LATER) -> sync.Outcome:
    """The weekly run."""
    return sync.sync(SETTINGS, office.place, now=now)


def seen(office: Office, *, own: bool = True, managers: bool = True) -> dict[str, Any]:
    """What there is of the tabs, the run journal aside: cells, looks and objects."""
    found: dict[str, Any] = {}
    for sheet in office.metadata()["sheets"]:
        properties = sheet["properties"]
        is_own = properties.get("sheetId", 0) in layout.OWN_IDS.values()
        if properties.get("sheetId") != layout.OWN_IDS["journal"] and (own if is_own else managers):
            marks = [each.get("description") for each in sheet.get("protectedRanges", [])]
            objects = {name: sheet.get(name) for name in ("charts", "merges", "conditionalFormats")}
            if properties.get("sheetId") in TABLES:
                found[properties["title"]] = (marks, objects, sorted(records(office, properties["title"])))
            else:
                cells = office.cells(properties["title"], "userEnteredValue,userEnteredFormat,note")
                found[properties["title"]] = (marks, objects, cells)
    return found


def records(office: Office, title: str) -> list[str]:
    """The rows of a table, each as text."""
    found: dict[int, dict[int, Any]] = {}
    for (row, column), cell in office.cells(title).items():
        found.setdefault(row, {})[column] = next(iter(cell["userEnteredValue"].values()))
    return [str(sorted(row.items())) for row in found.values()]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook that was synced in two weeks and whose first is closed, with more typed since."""
    path = tmp_path_factory.mktemp("people") / "Sales.sheet"
    office = Office(path)
    prepare.init(SETTINGS, office.place)
    office.type("Actions", 1, LOG[:2])
    office.type("Base", 1, BASE[:2])
    sync.sync(SETTINGS, office.place, period="2026-W46", now=FRIDAY)
    sync_on(office, FRIDAY)
    close.close(SETTINGS, office.place, period="2026-W46", now=FRIDAY)
    office.type("Actions", 3, LOG[2:])
    office.type("Base", 1, BASE)
    return path


@pytest.fixture
def office(prepared: Path, tmp_path: Path) -> Office:
    """A copy of it."""
    return Office(Path(shutil.copyfile(prepared, tmp_path / "Sales.sheet")))


@pytest.fixture(scope="module")
def undisturbed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a sync makes of our tabs when nobody is about."""
    office = Office(Path(shutil.copyfile(prepared, tmp_path_factory.mktemp("alone") / "Sales.sheet")))
    assert sync_on(office).requests == 3
    return seen(office, managers=False)


def rows(sheet_id: int, start: int, end: int) -> dict[str, Any]:
    """Rows of a tab as a DimensionRange."""
    return {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def insert(sheet_id: int, start: int, count: int = 2) -> Act:
    """Somebody inserts rows."""
    body = {"range": rows(sheet_id, start, start + count), "inheritFromBefore": True}
    return lambda office: office.apply({"insertDimension": body})


def column(sheet_id: int, start: int) -> Act:
    """Somebody puts a column in."""
    place = {**rows(sheet_id, start, start + 1), "dimension": "COLUMNS"}
    return lambda office: office.apply({"insertDimension": {"range": place}})


def delete(sheet_id: int, start: int, count: int = 2) -> Act:
    """Somebody deletes rows."""
    return lambda office: office.apply({"deleteDimension": {"range": rows(sheet_id, start, start + count)}})


def sort(sheet_id: int, column: int, order: str = "DESCENDING") -> Act:
    """Somebody sorts a tab under its header."""
    spec = {"dimensionIndex": column, "sortOrder": order}
    body = {"range": {"sheetId": sheet_id, "startRowIndex": 1}, "sortSpecs": [spec]}
    return lambda office: office.apply({"sortRange": body})


def renamed(sheet_id: int, title: str) -> Act:
    """Somebody gives a tab another title."""
    body = {"properties": {"sheetId": sheet_id, "title": title}, "fields": "title"}
    return lambda office: office.apply({"updateSheetProperties": body})


def gone(sheet_id: int) -> Act:
    """Somebody deletes a tab."""
    return lambda office: office.apply({"deleteSheet": {"sheetId": sheet_id}})


def filtered(sheet_id: int) -> Act:
    """Somebody filters a tab so that nearly all is hidden."""
    area = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 40, "startColumnIndex": 0, "endColumnIndex": 9}
    spec = {"columnIndex": 3, "filterCriteria": {"hiddenValues": ["Volga Port", ANNA]}}
    return lambda office: office.apply({"setBasicFilter": {"filter": {"range": area, "filterSpecs": [spec]}}})


def typed(title: str, top: int, row: list[Any]) -> Act:
    """Somebody types."""
    return lambda office: office.type(title, top, [row])


ACTIONS = 0
JOURNAL, ISSUES = layout.OWN_IDS["journal"], layout.OWN_IDS["issues"]
OWN: dict[str, list[Act]] = {
    "rows put in": [insert(HISTORY, 3), insert(SNAPSHOTS, 1), insert(DASHBOARD, 4), typed("Dashboard", 3, ["mine", 1])],
    "sorted": [sort(HISTORY, 4), sort(SNAPSHOTS, 0), typed("Issues", 0, ["a", "b", "c", "d"]), filtered(HISTORY)],
    "rows deleted": [delete(HISTORY, 2, 5), delete(SNAPSHOTS, 1, 1), delete(DASHBOARD, 4), delete(CLOSED, 1)],
    "tabs renamed and deleted": [gone(HISTORY), renamed(DASHBOARD, "Board"), gone(ISSUES)],
    "columns put in": [column(HISTORY, 6), column(SNAPSHOTS, 4), column(JOURNAL, 9)],
    "the journal deleted": [gone(JOURNAL), sort(HISTORY, 3), insert(HISTORY, 1, 40)],
}
"""What people do to our tabs while a sync computes."""


@pytest.mark.parametrize("what", OWN)
def test_whatever_befalls_our_tabs_while_a_sync_computes_they_end_as_if_nothing_had(
    office: Office, undisturbed: dict[str, Any], what: str, caplog: pytest.LogCaptureFixture
) -> None:
    typed_there = seen(office, own=False)
    with after_request(2, act=lambda: [act(office) for act in OWN[what]]):
        sync_on(office)
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    moved = "somebody moved rows or columns while this wrote: what was written stands where it belongs again"
    assert told == ([moved] if what in ("rows put in", "sorted", "columns put in") else [])
    assert not sync_on(office).changed
    assert seen(office, managers=False) == undisturbed
    assert seen(office, own=False) == typed_there


def test_what_people_do_in_their_tabs_while_a_sync_computes_is_kept_and_counts_in_the_next(office: Office) -> None:
    base = int(office.tab("Base")["properties"]["sheetId"])
    acts: list[Act] = [
        insert(ACTIONS, 2),
        typed("Actions", 2, [46349, ANNA, "Meeting held", "Oka Mills", "", "minutes 5"]),
        delete(ACTIONS, 4, 1),
        sort(base, 0),
        filtered(ACTIONS),
        lambda office: office.apply({"insertDimension": {"range": {**rows(base, 1, 2), "dimension": "COLUMNS"}}}),
        lambda office: office.apply(
            {"updateSheetProperties": {"properties": {"sheetId": ACTIONS, "index": 5}, "fields": "index"}}
        ),
    ]
    assert office.place.path is not None
    control = Office(Path(shutil.copyfile(office.place.path, office.place.path.with_name("control.sheet"))))
    with after_request(2, act=lambda: [act(office) for act in acts]):
        assert sync_on(office).requests == 3
    for act in acts:
        act(control)
    assert seen(office, own=False) == seen(control, own=False)
    sync_on(office)
    sync_on(control)
    assert seen(office) == seen(control)


@pytest.mark.parametrize("act", [insert(CLOSED, 2, 1), column(CLOSED, 8), column(HISTORY, 6)])
def test_what_is_put_among_what_is_kept_while_one_more_period_is_closed(
    office: Office, tmp_path: Path, act: Act
) -> None:
    """What is kept of a period ends with names alone: they tell as well that all has moved down by one."""
    assert office.place.path is not None
    control = Office(Path(shutil.copyfile(office.place.path, tmp_path / "control.sheet")))
    close.close(SETTINGS, control.place, period="2026-W47", now=LATER)
    with after_request(2, act=lambda: act(office)):
        close.close(SETTINGS, office.place, period="2026-W47", now=LATER)
    for table in ("Closed", "History"):
        assert records(office, table) == records(control, table)


def test_a_tab_that_is_renamed_between_the_two_readings_is_looked_for_once_more(office: Office) -> None:
    with after_request(1, act=lambda: renamed(HISTORY, "Past")(office)):
        assert sync_on(office).requests == 5
    assert "Past" not in office.titles()
    before = seen(office)
    with after_request(1, act=lambda: renamed(ACTIONS, "Log")(office)), pytest.raises(LayoutError) as raised:
        sync_on(office)
    assert str(raised.value) == (
        "Sales: there is no tab “Actions”\nThere is: “Log”, “Base”. If one of them is meant, name it under "
        "workbook.tabs; if not, run `sheetsync init` to add what is missing."
    )
    renamed(ACTIONS, "Actions")(office)
    assert seen(office) == before


def test_a_header_that_is_changed_meanwhile_is_told_by_the_next_run(office: Office) -> None:
    with after_request(2, act=lambda: typed("Actions", 0, ["Xyz"])(office)):
        assert sync_on(office).changed
    with pytest.raises(LayoutError, match="the required column Date is missing"):
        sync_on(office)


def test_rows_that_are_moved_again_and_again_are_told(office: Office) -> None:
    """After the write the rows are looked for; what was found wrong is put right while somebody sorts once more."""
    tops = iter((3, 9, 15, 21))
    moving = after_request(2, 5, 8, 11, act=lambda: insert(HISTORY, next(tops))(office))
    with moving, pytest.raises(ConflictError) as raised:
        sync_on(office)
    assert raised.value.exit_code == 5
    assert str(raised.value) == (
        "somebody is moving rows or columns while this writes, and what was written stands in wrong places\n"
        "Bring back the version before this run (File > Version history), and run the command again."
    )


def test_rows_that_are_moved_before_somebody_elses_sync_are_told(office: Office) -> None:
    """There is nothing any more to put them right from."""

    def then() -> None:
        office.type("Actions", 5, [[46349, ANNA, "Meeting held", "Oka Mills", "", "minutes 5"]])
        assert sync_on(office).changed

    moving = after_request(2, act=lambda: insert(HISTORY, 3)(office))
    with moving, after_request(3, act=then), pytest.raises(ConflictError) as raised:
        sync_on(office)
    assert raised.value.exit_code == 5
    assert str(raised.value) == (
        "somebody moved rows of sheetsync's own tabs while this wrote them, and somebody else has synced since\n"
        "Bring back the version before this run (File > Version history), and run the command again."
    )
