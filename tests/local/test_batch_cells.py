"""Requests that write cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local.client import Client, Json, grid_range

RED = {"backgroundColor": {"red": 1}, "backgroundColorStyle": {"rgbColor": {"red": 1}}}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A new spreadsheet."""
    return Client(tmp_path)


def entered(value: Any) -> Json:
    """CellData of a value; a text with = is a formula."""
    if isinstance(value, str):
        return {"userEnteredValue": {"formulaValue" if value.startswith("=") else "stringValue": value}}
    return {"userEnteredValue": {"boolValue" if isinstance(value, bool) else "numberValue": value}}


def update(where: Json, rows: list[list[Json]], fields: str) -> Json:
    """updateCells of a range."""
    return {"updateCells": {"range": where, "rows": [{"values": line} for line in rows], "fields": fields}}


def repeat(where: Json, cell: Json, fields: str) -> Json:
    """repeatCell."""
    return {"repeatCell": {"range": where, "cell": cell, "fields": fields}}


def test_a_range_is_replaced(client: Client) -> None:
    """Cells without data are reset in the masked fields, and in those alone."""
    client.put("A1", [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]])
    client.batch(repeat(grid_range(0, 3, 0, 3), {"note": "n"}, "note"))
    client.batch(update(grid_range(0, 3, 0, 2), [[entered("new")], [entered(5), entered("=1+1")]], "userEnteredValue"))
    assert client.values("Sheet1") == [["new", "", "c"], [5, 2, "f"], ["", "", "i"]]
    assert client.cells("A3:B3", "note") == [[{"note": "n"}, {"note": "n"}]]


def test_texts_stay_texts(client: Client) -> None:
    """stringValue is never parsed, a text that looks like a formula neither."""
    rows = [
        [entered("007"), {"userEnteredValue": {"stringValue": "=1+1"}}, {"userEnteredValue": {"stringValue": "1-2"}}]
    ]
    client.batch(update(grid_range(0, 1, 0, 3), rows, "userEnteredValue"))
    assert client.values("A1:C1") == [["007", "=1+1", "1-2"]]
    assert client.cells("B1", "userEnteredValue") == [[{"userEnteredValue": {"stringValue": "=1+1"}}]]


def test_from_a_start(client: Client) -> None:
    """Only the cells that are given."""
    client.put("A1", [["a", "b"], ["c", "d"]])
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 1}
    request = {"updateCells": {"start": start, "rows": [{"values": [entered("x")]}], "fields": "userEnteredValue"}}
    client.batch(request)
    assert client.values("Sheet1") == [["a", "b"], ["c", "x"]]


def test_a_range_of_no_cells_is_taken(tmp_path: Path) -> None:
    """By repeatCell, which then does nothing; an end beyond the grid is cut."""
    client = Client(tmp_path)
    client.batch(*(repeat(where, {"note": "n"}, "note") for where in (grid_range(3, 3, 0, 2), grid_range(0, 2, 3, 3))))
    assert "rowData" not in client.sheet("data.rowData")
    client.batch(repeat(grid_range(999, 1003, 25, 28), {"note": "n"}, "note"))
    assert client.sheet("properties.gridProperties")["properties"]["gridProperties"]["rowCount"] == 1000


REFUSED: list[tuple[Json, str]] = [
    (
        update(grid_range(0, 1, 0, 1), [[entered(1), entered(2)]], "userEnteredValue"),
        "updateCells: Attempting to write column: 1, beyond the last requested column of: 0",
    ),
    (
        update(grid_range(0, 1, 0, 1), [[entered(1)], [entered(2)]], "userEnteredValue"),
        "updateCells: Attempting to write row: 1, beyond the last requested row of: 0",
    ),
    (
        update(grid_range(0, 1, 0, 1), [[entered(1)]], ""),
        "updateCells: At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
    ),
    (
        {"repeatCell": {"range": grid_range(0, 1, 0, 1), "cell": {"note": "n"}}},
        "repeatCell: At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
    ),
    (
        repeat(grid_range(1000, 1001, 0, 2), {"note": "n"}, "note"),
        "repeatCell: Range (Sheet1!A1001:B1001) exceeds grid limits. Max rows: 1000, max columns: 26",
    ),
    (
        repeat({"startRowIndex": 1005, "startColumnIndex": 0, "endColumnIndex": 2}, {"note": "n"}, "note"),
        "repeatCell: Range (Sheet1!A1006:B) exceeds grid limits. Max rows: 1000, max columns: 26",
    ),
    (
        repeat({"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 26}, {"note": "n"}, "note"),
        "repeatCell: Range (Sheet1!AA1:2) exceeds grid limits. Max rows: 1000, max columns: 26",
    ),
    (repeat(grid_range(0, 1, 0, 1, sheet=9), {"note": "n"}, "note"), "repeatCell: No grid with id: 9"),
    (repeat(grid_range(1, 1, 0, 1, sheet=9), {"note": "n"}, "note"), "repeatCell: No grid with id: 9"),
    (repeat(grid_range(2, 1, 0, 1), {}, "note"), "repeatCell: startRowIndex[2] must be less than endRowIndex[1]."),
    (
        {"setDataValidation": {"range": grid_range(0, 1, 0, 1), "rule": {"condition": {}}}},
        "setDataValidation: Condition type must be specified.",
    ),
    (
        repeat(grid_range(0, 1, 0, 1), {"userEnteredFormat": {"numberFormat": {"pattern": "0"}}}, "userEnteredFormat"),
        "repeatCell: Number format type must be specified.",
    ),
    ({"addDataSource": {}}, "addDataSource: addDataSource is not supported by the local workbook."),
]


@pytest.mark.parametrize(("request_", "message"), REFUSED)
def test_refused(client: Client, request_: Json, message: str) -> None:
    """Nothing is written where the request does not fit."""
    assert client.batch_refused(request_) == f"Invalid requests[0].{message}"
    assert client.sheet("data.rowData") == {"data": [{}]}


def test_a_range_may_end_past_the_grid(client: Client) -> None:
    """It is cut, and the grid stays as it is."""
    client.batch(repeat(grid_range(999, 2000, 25, 99), {"note": "n"}, "note"))
    assert client.sheet("properties")["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}
    assert client.cells("Z1000", "note") == [[{"note": "n"}]]


def test_formats_are_merged_by_mask(client: Client) -> None:
    """A named field that is absent is reset; one that is not named stays."""
    where = grid_range(0, 2, 0, 1)
    first = {"userEnteredFormat": {"backgroundColor": {"red": 1}, "textFormat": {"bold": True, "fontSize": 9}}}
    client.batch(repeat(where, first, "userEnteredFormat(backgroundColor,textFormat)"))
    second = {"userEnteredFormat": {"textFormat": {"italic": True}, "wrapStrategy": "WRAP"}}
    client.batch(repeat(where, second, "userEnteredFormat.textFormat(bold,italic)"))
    expected = {"userEnteredFormat": {**RED, "textFormat": {"italic": True, "fontSize": 9}}}
    assert client.cells("A1:A2", "userEnteredFormat") == [[expected], [expected]]
    client.batch(repeat(where, {}, "userEnteredFormat"))
    assert client.cells("A1:A2", "userEnteredFormat") == []


def test_a_colour_is_reset_with_its_twin(client: Client) -> None:
    """Whichever of the two names the mask has."""
    where = grid_range(0, 1, 0, 1)
    for name in ("backgroundColor", "backgroundColorStyle"):
        client.batch(repeat(where, {"userEnteredFormat": {"backgroundColor": {"red": 1}}}, "userEnteredFormat"))
        assert client.cells("A1", "userEnteredFormat") == [[{"userEnteredFormat": RED}]]
        client.batch(repeat(where, {}, f"userEnteredFormat.{name}"))
        assert client.cells("A1", "userEnteredFormat") == []


def test_formats_meet_rows_of_every_kind(client: Client) -> None:
    """Rows with values, with other formats, and rows that were never written."""
    client.put("A2", [["x"]])
    client.batch(
        repeat(grid_range(1, 2, 1, 2), {"userEnteredFormat": {"wrapStrategy": "CLIP"}}, "userEnteredFormat"),
        repeat(
            grid_range(0, 3, 1, 2),
            {"userEnteredFormat": {"backgroundColor": {"red": 1}}},
            "userEnteredFormat.backgroundColor",
        ),
    )
    shown = client.cells("A1:B3", "userEnteredFormat")
    assert [line[1]["userEnteredFormat"] for line in shown] == [RED, {**RED, "wrapStrategy": "CLIP"}, RED]
    assert client.values("Sheet1") == [[], ["x"]]


def test_a_repeated_formula_moves(client: Client) -> None:
    """Relative references do, absolute ones do not."""
    client.put("A1", [[1], [2], [3]])
    client.batch(repeat(grid_range(0, 3, 1, 2), entered("=A1*$A$3"), "userEnteredValue"))
    assert client.values("B1:B3", valueRenderOption="FORMULA") == [["=A1*$A$3"], ["=A2*$A$3"], ["=A3*$A$3"]]
    assert client.values("B1:B3") == [[3], [6], [9]]


def test_cells_are_appended_after_the_last_value(client: Client) -> None:
    """Rows are added where there are none left; columns never."""
    client.batch(
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 0, "gridProperties": {"rowCount": 2, "columnCount": 2}},
                "fields": "gridProperties(rowCount,columnCount)",
            }
        }
    )
    client.put("A1", [["a"]])
    rows = [{"values": [entered("x"), entered("y")]}, {"values": [entered("z")]}]
    client.batch({"appendCells": {"sheetId": 0, "rows": rows, "fields": "userEnteredValue"}})
    assert client.values("Sheet1") == [["a"], ["x", "y"], ["z"]]
    wide = [{"values": [entered(1), entered(2), entered(3)]}]
    assert client.batch_refused({"appendCells": {"sheetId": 0, "rows": wide, "fields": "userEnteredValue"}}) == (
        "Invalid requests[0].appendCells: Attempting to write column: 2, beyond the last requested column of: 1"
    )


def test_validation_is_set_and_taken_away(client: Client) -> None:
    """Writes through the API are not checked against it."""
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "yes"}]}, "strict": True}
    where = grid_range(1, 4, 0, 1)
    client.batch({"setDataValidation": {"range": where, "rule": rule}})
    client.put("A2", [["no"]])
    assert client.cells("A2:A4", "dataValidation") == [[{"dataValidation": rule}]] * 3
    client.batch({"setDataValidation": {"range": where}})
    assert client.cells("A2:A4", "dataValidation") == [[{}]]
    client.batch(repeat(where, {"dataValidation": rule}, "dataValidation"))
    assert client.cells("A3", "dataValidation") == [[{"dataValidation": rule}]]


def sides(client: Client, where: str) -> list[list[str]]:
    """Which sides of each cell have a line, by first letter."""
    shown = client.cells(where, "userEnteredFormat.borders")
    return [
        ["".join(sorted(side[0] for side in cell.get("userEnteredFormat", {}).get("borders", {}))) for cell in line]
        for line in shown
    ]


@pytest.mark.parametrize(
    ("bounds", "where", "expected"),
    [
        ((1, 4, 1, 4), "B2:D4", [["lt", "t", "rt"], ["l", "", "r"], ["bl", "b", "br"]]),
        ((1, 2, 1, 3), "B2:C2", [["blt", "brt"]]),
        ((1, 3, 1, 2), "B2:B3", [["lrt"], ["blr"]]),
        ((1, 2, 1, 2), "B2", [["blrt"]]),
    ],
)
def test_borders_around(
    client: Client, bounds: tuple[int, int, int, int], where: str, expected: list[list[str]]
) -> None:
    """Whatever the size of the range."""
    line = {"style": "SOLID_MEDIUM", "color": {"red": 1}}
    around = dict.fromkeys(("top", "bottom", "left", "right"), line)
    client.batch(
        repeat(grid_range(*bounds), {"note": "n"}, "note"), {"updateBorders": {"range": grid_range(*bounds), **around}}
    )
    assert sides(client, where) == expected
    first = client.cells(where, "userEnteredFormat.borders.top")[0][0]
    assert first["userEnteredFormat"]["borders"]["top"] == {
        "style": "SOLID_MEDIUM",
        "width": 2,
        "color": {"red": 1},
        "colorStyle": {"rgbColor": {"red": 1}},
    }


def test_borders_inside_and_none(client: Client) -> None:
    """NONE takes a line away, an absent one stays."""
    where = grid_range(0, 2, 0, 2)
    inner = {"style": "DOTTED"}
    client.batch(
        repeat(where, {"note": "n"}, "note"),
        {"updateBorders": {"range": where, "innerHorizontal": inner, "innerVertical": inner}},
    )
    assert sides(client, "A1:B2") == [["br", "bl"], ["rt", "lt"]]
    client.batch({"updateBorders": {"range": where, "innerVertical": {"style": "NONE"}}})
    assert sides(client, "A1:B2") == [["b", "b"], ["t", "t"]]


def test_merging_keeps_the_first_value(client: Client) -> None:
    """By rows, by columns, all; a merge inside is taken in."""
    client.put("A1", [["a", "b"], ["c", "d"]])
    where = grid_range(0, 2, 0, 2)
    client.batch({"mergeCells": {"range": where, "mergeType": "MERGE_COLUMNS"}})
    assert client.values("Sheet1") == [["a", "b"]]
    assert len(client.sheet("merges")["merges"]) == 2
    client.batch({"mergeCells": {"range": where, "mergeType": "MERGE_ALL"}})
    assert client.values("Sheet1") == [["a"]]
    assert client.sheet("merges")["merges"] == [
        {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    ]
    message = "You must select all cells in a merged range to merge or unmerge them."
    over = grid_range(1, 3, 0, 1)
    assert client.batch_refused({"mergeCells": {"range": over}}) == f"Invalid requests[0].mergeCells: {message}"
    assert client.batch_refused({"unmergeCells": {"range": over}}) == f"Invalid requests[0].unmergeCells: {message}"
    client.batch({"unmergeCells": {"range": grid_range(0, 9, 0, 9)}})
    assert client.sheet("merges") == {}


def test_notes_and_text_runs(client: Client) -> None:
    """Beside the value, each with its own mask."""
    runs = [{"startIndex": 1, "format": {"bold": True, "foregroundColor": {"red": 1}}}]
    cell = {**entered("abc"), "note": "n", "textFormatRuns": runs}
    client.batch(update(grid_range(0, 1, 0, 1), [[cell]], "userEnteredValue,note,textFormatRuns"))
    ((shown,),) = client.cells("A1", "note,textFormatRuns")
    assert shown["textFormatRuns"][0]["format"]["foregroundColorStyle"] == {"rgbColor": {"red": 1}}
    client.batch(update(grid_range(0, 1, 0, 1), [[{}]], "note"))
    ((shown,),) = client.cells("A1", "note,textFormatRuns")
    assert "note" not in shown
    assert "textFormatRuns" in shown
