"""One batch makes a tab as it should be, and a second finds nothing to do: against a real workbook file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetsync import batch
from sheetsync.canvas import lean, rule
from sheetsync.google import Workbook
from sheetsync.layout import quoted
from sheetsync.local.inprocess import InProcess
from sheetsync.model import PLAIN, Area, Cell, CellRef, Formula, Page, Value
from tests.office import misfits

BOLD, DATE = lean(bold=True), lean(number=("DATE", "yyyy-mm-dd"))
TITLE = "Tidy"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Workbook]:
    path = tmp_path / "x.sheet"
    InProcess(path, create=True).close()
    with Workbook.open("local", path=path) as opened:
        yield opened


def _page(*rows: tuple[Any, ...], **rest: Any) -> Page:
    cells = tuple(tuple(value if isinstance(value, Cell) else Cell(value) for value in row) for row in rows)
    return Page("history", TITLE, 700_002, cells, rest.pop("columns", 4), **rest)


def _held(book: Workbook) -> tuple[dict[str, batch.Held], list[dict[str, Any]]]:
    spreadsheet = book.metadata()
    sheets = [sheet for sheet in spreadsheet["sheets"] if sheet["properties"].get("sheetId") == 700_002]
    if not sheets:
        return {}, spreadsheet.get("namedRanges", [])
    (values,) = book.read([quoted(sheets[0]["properties"]["title"])]).values
    return {"history": batch.Held(sheets[0], values)}, spreadsheet.get("namedRanges", [])


def _put(book: Workbook, page: Page) -> batch.Batch:
    planned = batch.plan([page], *_held(book))
    assert [misfit for request in planned.requests for misfit in misfits(request)] == []
    if planned:
        book.apply(planned.requests)
    return planned


def _values(book: Workbook) -> list[list[Value]]:
    (values,) = book.read([TITLE]).values
    return values


def _kinds(planned: batch.Batch) -> list[str]:
    return [kind for request in planned.requests for kind in request]


def _looks(book: Workbook) -> list[list[tuple[Any, str]]]:
    """The formats and notes of the tab, ragged."""
    (sheet,) = book.grid("sheets.data.rowData.values(userEnteredFormat,note)", [TITLE])["sheets"]
    rows = [row.get("values", []) for row in sheet["data"][0].get("rowData", [])]
    return [[(cell.get("userEnteredFormat", {}), cell.get("note", "")) for cell in row] for row in rows]


def _type(book: Workbook, row: int, column: int, value: str) -> None:
    start = {"sheetId": 700_002, "rowIndex": row, "columnIndex": column}
    cells = [{"values": [{"userEnteredValue": {"stringValue": value}}]}]
    book.apply([{"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}])


def test_a_new_tab_is_made_as_it_should_be(book: Workbook) -> None:
    page = _page(
        (Cell("Day", BOLD), Cell("Sum", BOLD, note="money")),
        (date(2026, 11, 19), 12.5),
        (datetime(2026, 11, 19, 17, 32), True),
        (Formula('=HYPERLINK("#gid=0&range=B2";"B2")', "B2"), None, "=1+1"),
        frozen_rows=1,
        frozen_columns=1,
        gridlines=False,
        merges=(Area(1, 2, 2, 4),),
        named={"tidy": Area(0, 0, 4, 2)},
        column_widths={0: 150},
        row_heights={0: 40},
        hidden_columns=(3,),
        rules=(rule([Area(1, 1, 4, 2)], "=B2>10", {"textFormat": {"bold": True}}),),
    )
    _put(book, page)
    grid = book.grid("*", [TITLE])
    (sheet,) = grid["sheets"]
    properties, data = sheet["properties"], sheet["data"][0]
    assert properties["sheetId"] == 700_002
    assert properties["gridProperties"]["frozenRowCount"] == 1
    assert properties["gridProperties"]["frozenColumnCount"] == 1
    assert properties["gridProperties"]["hideGridlines"] is True
    assert data["columnMetadata"][0]["pixelSize"] == 150
    assert data["columnMetadata"][3]["hiddenByUser"] is True
    assert data["rowMetadata"][0]["pixelSize"] == 40
    assert data["rowData"][0]["values"][1]["note"] == "money"
    assert data["rowData"][3]["values"][2]["userEnteredValue"] == {"stringValue": "=1+1"}
    assert data["rowData"][3]["values"][0]["formattedValue"] == "B2"
    assert len(sheet["merges"]) == len(sheet["conditionalFormats"]) == len(sheet["protectedRanges"]) == 1
    assert grid["namedRanges"][0]["name"] == "sheetsync_tidy"
    assert _values(book)[1:3] == [[46345, 12.5], [46345.730555556, True]]


def test_a_second_run_finds_nothing_to_do(book: Workbook) -> None:
    page = _page(("a", 1, Formula("=SPARKLINE(B1:B1)")), ("b", 0.1 + 0.2), named={"all": Area(0, 0, 2, 2)})
    _put(book, page)
    assert not _put(book, page)


def test_a_stamp_alone_is_no_reason_to_write(book: Workbook) -> None:
    first = _page(("a", Cell("run 1", stamp=True)))
    _put(book, first)
    assert not _put(book, _page(("a", Cell("run 2", stamp=True))))
    assert _put(book, _page(("b", Cell("run 3", stamp=True))))
    assert _values(book) == [["b", "run 3"]]


def test_stamps_of_a_tall_page_go_along_with_another_row(book: Workbook) -> None:
    _put(book, _page(("a", Cell(1, stamp=True)), ("b", 2), tall=True))
    planned = _put(book, _page(("a", Cell(5, stamp=True)), ("c", 2), tall=True))
    assert _values(book) == [["a", 5], ["c", 2]]
    assert len(planned.requests) == 2


def test_what_people_typed_over_is_mended(book: Workbook) -> None:
    page = _page(("a", 1), ("b", 2))
    _put(book, page)
    _type(book, 1, 0, "mine")
    _type(book, 2, 3, "note to self")
    planned = _put(book, page)
    assert [(change.where, change.before, change.after) for change in planned.changes] == [
        ("A2", "mine", "b"),
        ("D3", "note to self", None),
    ]
    assert _values(book) == [["a", 1], ["b", 2]]


def test_a_change_of_looks_is_written(book: Workbook) -> None:
    _put(book, _page((Cell("a"),)))
    planned = _put(book, _page((Cell("a", BOLD),)))
    assert "updateCells" in _kinds(planned)
    (sheet,) = book.grid("sheets.data.rowData.values.userEnteredFormat.textFormat.bold", [TITLE])["sheets"]
    assert sheet["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"]["textFormat"]["bold"] is True


@pytest.mark.parametrize(
    "spoil",
    [
        {"deleteProtectedRange": {"protectedRangeId": None}},
        {"deleteNamedRange": {"namedRangeId": "sheetsync_all"}},
        {"unmergeCells": {"range": {"sheetId": 700_002}}},
        {"deleteConditionalFormatRule": {"sheetId": 700_002, "index": 0}},
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 700_002, "title": "Renamed", "gridProperties": {"frozenRowCount": 0}},
                "fields": "title,gridProperties.frozenRowCount",
            }
        },
    ],
)
def test_objects_that_people_removed_come_back(book: Workbook, spoil: dict[str, Any]) -> None:
    page = _page(
        ("a", 1, None, None),
        ("b", 2),
        named={"all": Area(0, 0, 2, 2)},
        merges=(Area(0, 2, 1, 4),),
        frozen_rows=1,
        rules=(rule([Area(0, 1, 2, 2)], "=B1>1", {"textFormat": {"bold": True}}),),
    )
    _put(book, page)
    before = book.grid("*", [TITLE])
    if "deleteProtectedRange" in spoil:
        spoil["deleteProtectedRange"]["protectedRangeId"] = before["sheets"][0]["protectedRanges"][0][
            "protectedRangeId"
        ]
    book.apply([spoil])
    assert _put(book, page)
    after = book.grid("*", [TITLE])
    for spreadsheet in (before, after):
        spreadsheet["sheets"][0]["protectedRanges"][0].pop("protectedRangeId")
    assert after == before
    assert not _put(book, page)


def test_rows_that_people_put_in_leave_no_row_at_another_ones_height(book: Workbook) -> None:
    page = _page(("a",), ("b",), ("c",), named={"low": Area(2, 0, 3, 1)}, row_heights={1: 60, 2: 33})
    _put(book, page)
    rows = {"sheetId": 700_002, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    book.apply([{"insertDimension": {"range": rows, "inheritFromBefore": True}}])
    assert _put(book, page)
    (sheet,) = book.grid("sheets.data.rowMetadata.pixelSize", [f"{TITLE}!1:5"])["sheets"]
    assert [row["pixelSize"] for row in sheet["data"][0]["rowMetadata"]][:4] == [21, 60, 33, 21]
    assert not _put(book, page)


# --- tall pages ----------------------------------------------------------------------------------------------------


def _table(*rows: tuple[Any, ...], **rest: Any) -> Page:
    return _page(("key", "figure", "mark"), *rows, tall=True, frozen_rows=1, **rest)


def _writes(planned: batch.Batch) -> list[tuple[str, Any]]:
    """The requests that write values, each with where: A1 of its first cell, and how many cells down and across."""
    found = []
    for request in planned.requests:
        for kind, body in request.items():
            if kind == "updateCells" and "start" in body:
                start, rows = body["start"], body["rows"]
                size = (len(rows), max(len(row.get("values", [])) for row in rows))
                found.append((kind, (CellRef("", start["rowIndex"] + 1, start["columnIndex"] + 1).a1, *size)))
            if kind == "repeatCell" and body["fields"] == "userEnteredValue":
                top, bottom, left, right = (
                    body["range"][end] for end in ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
                )
                found.append((kind, (CellRef("", top + 1, left + 1).a1, bottom - top, right - left)))
    return found


def _shifts(planned: batch.Batch) -> list[tuple[str, int, int]]:
    return [
        (kind, body["range"]["startIndex"], body["range"]["endIndex"])
        for request in planned.requests
        for kind, body in request.items()
        if kind in ("insertDimension", "deleteDimension")
    ]


def test_rows_of_a_tall_page_are_put_in_without_touching_the_rest(book: Workbook) -> None:
    rows = [(f"k{at}", at) for at in range(30)]
    _put(book, _table(*rows))
    planned = _put(book, _table(*rows[:10], ("new", 1), ("newer", 2), *rows[10:]))
    assert _shifts(planned) == [("insertDimension", 11, 13)]
    assert _writes(planned) == [("updateCells", ("A12", 2, 2))]
    assert _values(book)[10:14] == [["k9", 9], ["new", 1], ["newer", 2], ["k10", 10]]
    assert [(change.where, change.before, change.after) for change in planned.changes] == [
        ("rows 12-13", "0 rows", "2 rows")
    ]


def test_changes_say_what_they_are_in_a_table_by_periods(book: Workbook) -> None:
    """Removed rows are called by their places of before, added and changed ones by those of afterwards."""
    rows = [(f"k{at}", at, f"P{at // 10}") for at in range(40)]

    def table(*rows: tuple[Any, ...]) -> Page:
        return replace(_table(*rows), rows=_page(("key", "value", "period"), *rows).rows, periods=2)

    _put(book, table(*rows))
    planned = _put(book, table(*rows[:5], ("new", 5, "P9"), *rows[5:20], ("k20", 99, "P2"), *rows[21:25], *rows[29:]))
    assert [(change.where, change.entries) for change in planned.changes] == [
        ("rows 27-30", batch.Entries("removed", {26: "P2", 27: "P2", 28: "P2", 29: "P2"})),
        ("rows 7-7", batch.Entries("added", {6: "P9"})),
        ("B23", batch.Entries("changed", {22: "P2"}, "value")),
    ]
    shorter = _put(book, table(*rows[:2]))
    left = [change.entries for change in shorter.changes if change.where == "A4"]
    assert left == [batch.Entries("removed", {3: "P0"})]
    headed = replace(table(*rows[:2]), rows=_page(("key", "figure", "period"), *rows[:2]).rows)
    assert [(change.where, change.entries) for change in _put(book, headed).changes] == [("B1", None)]


def test_changes_say_which_cells_are_hidden_and_which_are_dates(book: Workbook) -> None:
    def page(day: int, figure: int) -> Page:
        return _page((Cell(date(2026, 11, day), DATE), figure, figure), hidden_columns=(1,))

    _put(book, page(19, 1))
    assert [(change.where, change.hidden, change.day) for change in _put(book, page(20, 2)).changes] == [
        ("A1", False, True),
        ("B1", True, False),
        ("C1", False, False),
    ]


def test_rows_come_go_and_change_in_several_places(book: Workbook) -> None:
    rows = [(f"k{at}", at) for at in range(40)]
    _put(book, _table(*rows))
    after = [*rows[:5], ("new", 5), *rows[5:20], ("k20", 99), *rows[21:25], *rows[28:39], ("last", 1), rows[39]]
    planned = _put(book, _table(*after))
    assert _shifts(planned) == [
        ("insertDimension", 40, 41),
        ("deleteDimension", 26, 29),
        ("insertDimension", 6, 7),
    ]
    assert _writes(planned) == [
        ("updateCells", (cell, 1, width)) for cell, width in (("B23", 1), ("A7", 2), ("A39", 2))
    ]
    assert _values(book)[1:] == [list(row) for row in after]
    assert [(change.where, change.before, change.after) for change in planned.changes] == [
        ("rows 27-29", "3 rows", "0 rows"),
        ("rows 7-7", "0 rows", "1 rows"),
        ("rows 39-39", "0 rows", "1 rows"),
        ("B23", 20, 99),
    ]


def test_one_cell_of_a_tall_page_is_one_cell(book: Workbook) -> None:
    rows = [(f"k{at}", at, "x") for at in range(30)]
    _put(book, _table(*rows))
    planned = _put(book, _table(*rows[:10], ("k10", 99, "x"), *rows[11:]))
    assert _writes(planned) == [("updateCells", ("B12", 1, 1))]
    assert len(planned.requests) == 1


def test_a_column_that_changes_alike_is_said_once(book: Workbook) -> None:
    """As the last week of every spell that goes on does, week after week."""
    rows = [(f"k{at}", at, "W46" if at in (20, 22, 33) else "W47") for at in range(60)]
    _put(book, _table(*rows))
    after = [(key, at, "W48" if mark == "W47" and at != 22 else mark) for key, at, mark in rows]
    planned = _put(book, _table(*after))
    assert _writes(planned) == [
        ("updateCells", ("C23", 1, 1)),
        ("repeatCell", ("C2", 20, 1)),
        ("repeatCell", ("C25", 10, 1)),
        ("repeatCell", ("C36", 26, 1)),
    ]
    assert [row[2] for row in _values(book)[1:]] == [row[2] for row in after]


def test_a_cleared_column_is_cleared_at_once(book: Workbook) -> None:
    rows = [(f"k{at}", at) for at in range(20)]
    _put(book, _table(*rows))
    planned = _put(book, _table(*[(key, None) for key, _ in rows]))
    assert _writes(planned) == [("repeatCell", ("B2", 20, 1))]
    assert _values(book)[1:] == [[key] for key, _ in rows]


def test_formulas_are_never_repeated(book: Workbook) -> None:
    """Their references would move along."""
    rows = [(f"k{at}", at, Formula("=1+B2", 1)) for at in range(20)]
    planned = _put(book, _table(*rows))
    assert [where for kind, where in _writes(planned) if kind == "updateCells"] == [("A1", 21, 3)]
    assert [row[2] for row in _values(book)[1:]] == [1] * 20


def test_a_week_of_thousands_of_rows_is_small(book: Workbook) -> None:
    """Two thousand rows of History: what repeats is said once, looks are said by column."""
    day = lean(number=("DATE", "yyyy-mm-dd"))

    def week(number: int) -> list[tuple[Any, ...]]:
        monday = Cell(date(2026, 11, 2 + 7 * number), day)
        return [
            (f"2026-W{45 + number}", monday, f"Manager {at // 65}", f"measure {at % 65}", at * 1.25, "open")
            for at in range(2_000)
        ]

    titles = ("period", "start", "manager", "measure", "actual", "status")
    before = _page(titles, *week(0), columns=6, tall=True, frozen_rows=1)
    book.apply(batch.plan([before], {}, []).requests)
    planned = _put(book, _page(titles, *week(0), *week(1), columns=6, tall=True, frozen_rows=1))
    assert len(json.dumps(planned.requests, separators=(",", ":"))) < 2_000 * 120
    assert _values(book)[2001] == ["2026-W46", 46335, "Manager 0", "measure 0", 0, "open"]
    assert _values(book)[4000] == ["2026-W46", 46335, "Manager 30", "measure 49", 2498.75, "open"]


def test_a_tab_that_was_sorted_is_written_over_in_place(book: Workbook) -> None:
    """Not row by row out of one place into another."""
    rows = [(f"k{at:03}", at, "x") for at in range(300)]
    _put(book, _table(*[rows[at ^ 1] for at in range(300)]))
    planned = _put(book, _table(*rows))
    assert _shifts(planned) == []
    assert _values(book)[1:] == [list(row) for row in rows]


def test_a_header_that_was_deleted_comes_back_in_its_place(book: Workbook) -> None:
    page = _table(*[(f"k{at}", at) for at in range(9)])
    _put(book, page)
    place = {"sheetId": 700_002, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    book.apply([{"deleteDimension": {"range": place}}])
    _put(book, page)
    assert _values(book)[:3] == [["key", "figure", "mark"], ["k0", 0], ["k1", 1]]
    assert not _put(book, page)


def test_looks_alone_are_written_without_values(book: Workbook) -> None:
    rows = [("k", at) for at in range(20)]
    _put(book, _table(*rows))
    planned = _put(book, _table(*[(key, Cell(at, BOLD)) for key, at in rows]))
    assert _writes(planned) == []
    assert _looks(book)[1:] == [[({}, ""), (BOLD.fields, "")]] * 20


def test_rows_put_in_under_the_header_do_not_look_like_it(book: Workbook) -> None:
    head, rows = (Cell("key", BOLD), Cell("day", BOLD)), [(f"k{at}", Cell(at, DATE)) for at in range(9)]
    _put(book, _page(head, *rows, tall=True, frozen_rows=1))
    _put(book, _page(head, ("first", Cell(1, DATE)), *rows, ("last", Cell(2, DATE)), tall=True, frozen_rows=1))
    assert _looks(book)[0] == [(BOLD.fields, "")] * 2
    assert _looks(book)[1:] == [[({}, ""), (DATE.fields, "")]] * 11


def test_looks_that_follow_from_a_row_go_with_it(book: Workbook) -> None:
    """As the severity of an issue does: the columns look the same as ever, the row does not."""
    rows = [(Cell("error", BOLD), at) if at % 2 else ("warning", at) for at in range(9)]
    _put(book, _table(*rows))
    rows[4] = (Cell("error", BOLD), 4)
    planned = _put(book, _table(*rows))
    assert _writes(planned) == [("updateCells", ("A6", 1, 1))]
    assert [row[0] == (BOLD.fields, "") for row in _looks(book)[1:]] == [at % 2 == 1 or at == 4 for at in range(9)]


def test_the_look_of_the_head_is_no_look_of_the_rows(book: Workbook) -> None:
    head = (Cell("key", BOLD), Cell("figure", BOLD))
    _put(book, _page(head, ("a", 1), (Cell("b", BOLD), 2), tall=True, frozen_rows=1))
    _put(book, _page(head, ("a", 1), ("c", 2), tall=True, frozen_rows=1))
    assert _padded(_looks(book), ({}, ""))[8:10] == [({}, "")] * 2


def test_true_is_not_one(book: Workbook) -> None:
    _put(book, _table(("k", True), ("l", 0)))
    _put(book, _table(("k", 1), ("l", False)))
    assert [[type(value) for value in row] for row in _values(book)[1:]] == [[str, int], [str, bool]]


def test_the_stamps_of_a_period_are_one_request(book: Workbook) -> None:
    rows = [(f"k{at}", at, Cell(1.5, stamp=True)) for at in range(50)]
    _put(book, _table(*rows))
    planned = _put(book, _table(*[(key, at + (at == 9), Cell(2.5, stamp=True)) for key, at, _ in rows]))
    assert _writes(planned) == [("updateCells", ("B11", 1, 1)), ("repeatCell", ("C2", 50, 1))]


_cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=6),
)
_tables = st.lists(st.lists(_cells, min_size=1, max_size=4).map(tuple), max_size=9)


def _dressed(value: Value) -> Cell:
    """A cell whose look and note follow from what it says."""
    if isinstance(value, bool):
        return Cell(value, BOLD, note="yes or no")
    return Cell(value, DATE if isinstance(value, int) else PLAIN)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_tables, after=_tables, tall=st.booleans(), head=st.integers(0, 1), dress=st.booleans())
def test_whatever_was_there_the_tab_ends_as_the_page(
    book: Workbook, before: list[Any], after: list[Any], tall: bool, head: int, dress: bool
) -> None:
    def page(rows: list[Any]) -> Page:
        cells = [tuple(_dressed(value) if dress else Cell(value) for value in row) for row in rows]
        return _page(*cells, tall=tall, frozen_rows=head)

    _put(book, page(before))
    wanted = page(after)
    _put(book, wanted)
    assert _padded(_values(book), None) == pytest.approx(
        _padded([[batch.shown(cell) for cell in row] for row in wanted.rows], None)
    )
    looks = [[(cell.style.fields, cell.note) for cell in row] for row in wanted.rows]
    assert _padded(_looks(book), ({}, "")) == _padded(looks, ({}, ""))
    assert not _put(book, replace(wanted))


def _padded(rows: list[list[Any]], blank: Any) -> list[Any]:
    """All cells of the first 12 rows and 4 columns."""
    cells = [row[:4] + [blank] * (4 - len(row)) for row in [*rows, *[[]] * 12][:12]]
    return [blank if cell == "" else cell for row in cells for cell in row]


def _chart(number: int, row: int = 0) -> dict[str, Any]:
    area = Area(0, 0, 2, 1)
    series = {"series": {"sourceRange": {"sources": [{"sheetId": 700_002, **area.grid()}]}}, "targetAxis": "LEFT_AXIS"}
    return {
        "chartId": number,
        "spec": {"basicChart": {"chartType": "LINE", "series": [series]}},
        "position": {"overlayPosition": {"anchorCell": {"sheetId": 700_002, "rowIndex": row, "columnIndex": 2}}},
    }


def test_charts_come_back_and_those_of_people_stay(book: Workbook) -> None:
    page = _page(("a", 1), ("b", 2), charts=(_chart(700_101),))
    _put(book, page)
    book.apply([{"addChart": {"chart": _chart(5)}}])
    assert not _put(book, page)
    book.apply([{"deleteEmbeddedObject": {"objectId": 700_101}}])
    assert _put(book, page)
    _put(book, _page((Cell("a", BOLD), 1), ("b", 2), charts=(_chart(700_101, row=1),)))
    (sheet,) = book.grid("sheets.charts(chartId,position)", [TITLE])["sheets"]
    assert sorted(chart["chartId"] for chart in sheet["charts"]) == [5, 700_101]
