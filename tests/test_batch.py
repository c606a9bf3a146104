"""One batch makes a tab as it should be, and a second finds nothing to do: against a real workbook file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetsync import batch
from sheetsync.canvas import rule, style
from sheetsync.google import Workbook
from sheetsync.layout import quoted
from sheetsync.local.inprocess import InProcess
from sheetsync.model import Area, Cell, Formula, Page, Value

BOLD = style(bold=True)
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
    if planned:
        book.apply(planned.requests)
    return planned


def _values(book: Workbook) -> list[list[Value]]:
    (values,) = book.read([TITLE]).values
    return values


def _kinds(planned: batch.Batch) -> list[str]:
    return [kind for request in planned.requests for kind in request]


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


def test_rows_of_a_tall_page_are_put_in_without_touching_the_rest(book: Workbook) -> None:
    rows = [(f"k{at}", at) for at in range(30)]
    _put(book, _page(*rows, tall=True))
    planned = _put(book, _page(*rows[:10], ("new", 1), ("newer", 2), *rows[10:], tall=True))
    assert _kinds(planned) == ["insertDimension", "updateCells"]
    assert len(planned.requests[1]["updateCells"]["rows"]) == 2
    assert _values(book)[9:13] == [["k9", 9], ["new", 1], ["newer", 2], ["k10", 10]]


def test_one_cell_of_a_tall_page_is_one_cell(book: Workbook) -> None:
    rows = [(f"k{at}", at, "x") for at in range(30)]
    _put(book, _page(*rows, tall=True))
    planned = _put(book, _page(*rows[:10], ("k10", 99, "x"), *rows[11:], tall=True))
    assert planned.requests[0]["updateCells"]["range"] == {
        "sheetId": 700_002,
        "startRowIndex": 10,
        "endRowIndex": 11,
        "startColumnIndex": 1,
        "endColumnIndex": 2,
    }


_cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=6),
)
_tables = st.lists(st.lists(_cells, min_size=1, max_size=4).map(tuple), max_size=9)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_tables, after=_tables, tall=st.booleans())
def test_whatever_was_there_the_tab_ends_as_the_page(
    book: Workbook, before: list[Any], after: list[Any], tall: bool
) -> None:
    _put(book, _page(*before, tall=tall))
    page = _page(*after, tall=tall)
    _put(book, page)
    wanted = [[batch.shown(cell) for cell in row] for row in page.rows]
    found = _values(book)
    for row in range(max(len(wanted), len(found))):
        left = found[row] if row < len(found) else []
        right = wanted[row] if row < len(wanted) else []
        padded = [[*side, *[None] * (4 - len(side))] for side in (left, right)]
        assert [value or None if value == "" else value for value in padded[0]] == pytest.approx(padded[1])
    assert not _put(book, replace(page))


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
