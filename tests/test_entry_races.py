"""`init` writes no value where somebody can have typed, whatever people do between its reading and its write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sheetsync import prepare
from sheetsync.errors import LayoutError
from sheetsync.local.inprocess import InProcess
from sheetsync.model import Value
from tests.office import ANNA, Office, configured
from tests.test_races import Stages

LOG = 5
HEAD: list[Value] = ["Date", "Manager", "Action", "ours alone", "ours too"]
ROWS: list[list[Value]] = [[46000, ANNA, "Meeting held", "x 1", "y 1"], [46001, ANNA, "Lunch", "x 2", "y 2"]]


def _office(path: Path, *, columns: int, rows: list[list[Value]]) -> Office:
    made = Office(path / "Sales.sheet")
    InProcess(path / "Sales.sheet", create=True).close()
    grid = {"rowCount": 40, "columnCount": columns}
    made.apply({"addSheet": {"properties": {"title": "Actions", "sheetId": LOG, "gridProperties": grid}}})
    if rows:
        made.type("Actions", 0, rows)
    return made


def _dimension(kind: str, dimension: str, start: int, end: int) -> dict[str, Any]:
    span = {"sheetId": LOG, "dimension": dimension, "startIndex": start, "endIndex": end}
    return {kind: {"range": span}}


def _typed(row: int, column: int, *texts: str) -> dict[str, Any]:
    start = {"sheetId": LOG, "rowIndex": row, "columnIndex": column}
    cells = [{"userEnteredValue": {"stringValue": text}} for text in texts]
    return {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}


def _values(office: Office) -> Counter[str]:
    cells: Mapping[tuple[int, int], Any] = office.cells("Actions")
    return Counter(str(next(iter(cell["userEnteredValue"].values()))) for cell in cells.values())


def _beside(office: Office, *requests: dict[str, Any]) -> tuple[Callable[[], None], Counter[str]]:
    """What somebody does meanwhile, and what is typed in the log thereafter."""
    had: Counter[str] = Counter()

    def act() -> None:
        office.apply(*requests)
        had.update(_values(office))

    return act, had


@pytest.mark.parametrize("columns", [5, 26])
@pytest.mark.parametrize(
    "requests",
    [
        [_dimension("insertDimension", "COLUMNS", 0, 1), _typed(0, 0, "new")],
        [_dimension("insertDimension", "COLUMNS", 2, 5), _typed(0, 2, "new", "newer", "newest")],
        [_dimension("insertDimension", "ROWS", 1, 2), _typed(1, 0, "today")],
        [{"appendDimension": {"sheetId": LOG, "dimension": "COLUMNS", "length": 2}}, _typed(0, 5, "Price", "Client")],
    ],
    ids=["a column on the left", "columns amidst", "a row", "headers in the next cells"],
)
def test_a_log_keeps_what_is_typed_meanwhile(tmp_path: Path, columns: int, requests: list[dict[str, Any]]) -> None:
    office = _office(tmp_path, columns=columns, rows=[HEAD, *ROWS])
    act, had = _beside(office, *requests)
    prepare.init(configured(), office.place, progress=Stages(act))
    assert had - _values(office) == Counter()
    assert prepare.init(configured(), office.place) is not None
    assert had - _values(office) == Counter()


def test_a_blank_tab_keeps_what_is_typed_meanwhile(tmp_path: Path) -> None:
    office = _office(tmp_path, columns=26, rows=[])
    act, had = _beside(office, _typed(0, 0, "a title", "and more"), _typed(1, 3, "words"))
    prepare.init(configured(), office.place, progress=Stages(act))
    assert had - _values(office) == Counter()


def test_rows_that_were_inserted_above_the_header_meanwhile_are_told_of(tmp_path: Path) -> None:
    office = _office(tmp_path, columns=26, rows=[HEAD, *ROWS])
    act, had = _beside(office, _dimension("insertDimension", "ROWS", 0, 2), _typed(0, 0, "a title"))
    for progress in (Stages(act), Stages(lambda: None)):
        with pytest.raises(LayoutError) as raised:
            prepare.init(configured(), office.place, progress=progress)
        assert str(raised.value) == (
            "tab Actions: the columns' names stand in two rows: 1 and 3\n"
            "Rows were inserted or deleted above the header while init ran. Put the names into one row, and run init "
            "again."
        )
    assert had - _values(office) == Counter()


def test_what_stands_beside_columns_that_were_moved_meanwhile_is_put_right_at_once(tmp_path: Path) -> None:
    office = _office(tmp_path, columns=26, rows=[HEAD, *ROWS])
    act, _ = _beside(office, _dimension("insertDimension", "COLUMNS", 0, 3))
    prepare.init(configured(), office.place, progress=Stages(act))
    assert not prepare.init(configured(), office.place).changed
