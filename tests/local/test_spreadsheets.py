"""`spreadsheets.create` and `get`: shapes, masks, ranges, and every field of a cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.client import Client, Json, grid_range

BOLD = {"textFormat": {"bold": True}}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A new spreadsheet."""
    return Client(tmp_path, {"properties": {"title": "Sales"}})


def update(rows: list[list[Json]], fields: str, **bounds: int) -> Json:
    """updateCells from A1, or from a start."""
    start = {"sheetId": 0, "rowIndex": bounds.get("row", 0), "columnIndex": bounds.get("column", 0)}
    return {"updateCells": {"start": start, "rows": [{"values": line} for line in rows], "fields": fields}}


def text(value: str) -> Json:
    """CellData of a text."""
    return {"userEnteredValue": {"stringValue": value}}


def test_created_as_asked(client: Client) -> None:
    """Tabs, sizes, cells, named ranges of the body; the rest as in a new file."""
    sheets = [
        {
            "properties": {"title": "Log", "gridProperties": {"rowCount": 5, "columnCount": 3, "frozenRowCount": 1}},
            "data": [
                {"startRow": 1, "rowData": [{"values": [text("a"), {"userEnteredValue": {"formulaValue": "=1+1"}}]}]}
            ],
        },
        {"properties": {"title": "Base", "sheetId": 7, "hidden": True, "tabColor": {"red": 1}}},
    ]
    body = {"properties": {"title": "Отдел", "locale": "ru_RU", "timeZone": "Europe/Moscow"}, "sheets": sheets}
    shown = client.ok("POST", "/v4/spreadsheets", body)
    assert shown["properties"]["locale"] == "ru_RU"
    assert [sheet["properties"]["title"] for sheet in shown["sheets"]] == ["Log", "Base"]
    assert shown["sheets"][1]["properties"] == {
        "sheetId": 7,
        "title": "Base",
        "index": 1,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 1000, "columnCount": 26},
        "hidden": True,
        "tabColor": {"red": 1},
        "tabColorStyle": {"rgbColor": {"red": 1}},
    }
    client.key = shown["spreadsheetId"]
    assert client.values("Log!A1:C3") == [[], ["a", 2]]
    assert client.workbooks.properties(client.key)["title"] == "Отдел"


def test_no_data_unless_asked(client: Client) -> None:
    """includeGridData brings cells; a mask decides alone."""
    client.put("A1", [["a"]])
    assert "data" not in client.ok("GET")["sheets"][0]
    data = client.ok("GET", includeGridData="true")["sheets"][0]["data"][0]
    assert len(data["rowData"]) == 1
    assert (len(data["rowMetadata"]), len(data["columnMetadata"])) == (1000, 26)
    assert client.get("sheets.data.rowData.values.formattedValue", includeGridData="false") == {
        "sheets": [{"data": [{"rowData": [{"values": [{"formattedValue": "a"}]}]}]}]
    }
    assert client.get("properties.title") == {"properties": {"title": "Sales"}}


def test_ranges_choose_tabs_and_cells(client: Client) -> None:
    """One GridData for each range, with where it starts."""
    client.batch({"addSheet": {"properties": {"title": "Two", "sheetId": 2}}})
    client.put("Two!B2", [["x", "y"], ["z"]])
    shown = client.get(
        "sheets(properties.title,data(startRow,startColumn,rowData.values.formattedValue))",
        ranges=["Two!B2:B9", "Two!C1:C2"],
    )
    assert shown == {
        "sheets": [
            {
                "properties": {"title": "Two"},
                "data": [
                    {
                        "startRow": 1,
                        "startColumn": 1,
                        "rowData": [{"values": [{"formattedValue": "x"}]}, {"values": [{"formattedValue": "z"}]}],
                    },
                    {"startColumn": 2, "rowData": [{}, {"values": [{"formattedValue": "y"}]}]},
                ],
            }
        ]
    }
    assert client.refused("GET", ranges="Three!A1") == "Unable to parse range: Three!A1"


def test_a_cell_in_full(client: Client) -> None:
    """What was entered, what it means, how it looks; each apart."""
    rule = {
        "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "yes"}]},
        "strict": True,
        "showCustomUi": True,
    }
    cell = {
        "userEnteredValue": {"numberValue": 0.25},
        "userEnteredFormat": {
            "numberFormat": {"type": "PERCENT", "pattern": "0%"},
            "backgroundColor": {"red": 1, "green": 0},
        },
        "note": "why",
        "dataValidation": rule,
    }
    client.batch(update([[cell]], "*"))
    ((shown,),) = client.cells("A1")
    effective = shown.pop("effectiveFormat")
    assert shown == {
        "userEnteredValue": {"numberValue": 0.25},
        "effectiveValue": {"numberValue": 0.25},
        "formattedValue": "25%",
        "userEnteredFormat": {
            "numberFormat": {"type": "PERCENT", "pattern": "0%"},
            "backgroundColor": {"red": 1},
            "backgroundColorStyle": {"rgbColor": {"red": 1}},
        },
        "note": "why",
        "dataValidation": rule,
    }
    assert effective == {
        "numberFormat": {"type": "PERCENT", "pattern": "0%"},
        "backgroundColor": {"red": 1},
        "backgroundColorStyle": {"rgbColor": {"red": 1}},
        "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
        "horizontalAlignment": "RIGHT",
        "verticalAlignment": "BOTTOM",
        "wrapStrategy": "OVERFLOW_CELL",
        "textFormat": {
            "foregroundColor": {},
            "fontFamily": "Arial",
            "fontSize": 10,
            "bold": False,
            "italic": False,
            "strikethrough": False,
            "underline": False,
            "foregroundColorStyle": {"rgbColor": {}},
        },
        "hyperlinkDisplayType": "PLAIN_TEXT",
    }


def test_formulas_errors_and_links(client: Client) -> None:
    """The formula is what was entered; the value, or the error, is what it gives."""
    client.put("A1", [["=2*3", "=1/0", '=HYPERLINK("https://example.org/x";"here")']], "USER_ENTERED")
    ((product, failed, link),) = client.cells("A1:C1", "userEnteredValue,effectiveValue,formattedValue,hyperlink")
    assert product == {
        "userEnteredValue": {"formulaValue": "=2*3"},
        "effectiveValue": {"numberValue": 6},
        "formattedValue": "6",
    }
    assert failed["effectiveValue"]["errorValue"]["type"] == "DIVIDE_BY_ZERO"
    assert failed["formattedValue"] == "#DIV/0!"
    assert link["hyperlink"] == "https://example.org/x"
    assert link["formattedValue"] == "here"


def test_rows_and_cells_are_trimmed(client: Client) -> None:
    """Behind the last cell that has anything; what is between is {}."""
    client.batch(update([[{}, {"note": "n"}, {}], [], [text("x")]], "note,userEnteredValue"))
    assert client.sheet("data.rowData.values(note,formattedValue)") == {
        "data": [{"rowData": [{"values": [{}, {"note": "n"}]}, {}, {"values": [{"formattedValue": "x"}]}]}]
    }


def test_conditional_formats_are_in_the_effective_format(client: Client) -> None:
    """As the first rule that holds says; what was entered stays as it is."""
    rule = {
        "ranges": [grid_range(0, 10, 0, 1)],
        "booleanRule": {
            "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": '=$B1="late"'}]},
            "format": {"backgroundColor": {"red": 1}, "textFormat": {"bold": True}},
        },
    }
    client.put("A1", [["one", "late"], ["two", "in time"]])
    client.batch({"addConditionalFormatRule": {"rule": rule, "index": 0}})
    shown = client.cells("A1:A2", "userEnteredFormat,effectiveFormat(backgroundColor,textFormat.bold)")
    assert shown == [
        [{"effectiveFormat": {"backgroundColor": {"red": 1}, "textFormat": {"bold": True}}}],
        [{"effectiveFormat": {"backgroundColor": {"red": 1, "green": 1, "blue": 1}, "textFormat": {"bold": False}}}],
    ]


def test_a_blank_cell_that_a_conditional_format_paints_is_shown(client: Client) -> None:
    """Right of the row's last cell, too; of a rule that leaves it alone there is nothing."""
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": '=AND($A1="meeting";B1="")'}]}
    rule = {
        "ranges": [grid_range(0, 10, 1, 3)],
        "booleanRule": {"condition": condition, "format": {"backgroundColor": {"red": 1}}},
    }
    client.put("A1", [["meeting"], ["lead"], ["meeting", "x"]])
    client.batch({"addConditionalFormatRule": {"rule": rule, "index": 0}})
    painted = {"effectiveFormat": {"backgroundColor": {"red": 1}}}
    white = {"effectiveFormat": {"backgroundColor": {"red": 1, "green": 1, "blue": 1}}}
    shown = client.cells("A1:D3", "effectiveFormat.backgroundColor")
    assert shown == [[white, painted, painted], [white], [white, white, painted]]
    assert client.cells("A1:D3", "formattedValue")[0] == [{"formattedValue": "meeting"}]


def test_bands_are_in_the_effective_format(client: Client) -> None:
    """Beneath what was entered."""
    bands = {
        "range": grid_range(0, 4, 0, 2),
        "rowProperties": {"headerColor": {"blue": 1}, "firstBandColor": {"red": 1}, "secondBandColor": {"green": 1}},
    }
    client.put("A1", [["h"], ["a"], ["b"], ["c"]])
    own = {"userEnteredFormat": {"backgroundColor": {"red": 0.5}}}
    client.batch({"addBanding": {"bandedRange": bands}}, update([[own]], "userEnteredFormat", row=3))
    shown = client.cells("A1:A4", "effectiveFormat.backgroundColor")
    colours = [line[0]["effectiveFormat"]["backgroundColor"] for line in shown]
    assert colours == [{"blue": 1}, {"red": 1}, {"green": 1}, {"red": 0.5}]


def test_theme_colours_have_a_plain_twin(client: Client) -> None:
    """And the style wins where both are given."""
    style = {"themeColor": "ACCENT1"}
    given = {"userEnteredFormat": {"backgroundColorStyle": style, "backgroundColor": {"red": 1}}}
    client.batch(update([[given]], "userEnteredFormat.backgroundColorStyle"))
    ((shown,),) = client.cells("A1", "userEnteredFormat")
    assert shown["userEnteredFormat"] == {
        "backgroundColorStyle": style,
        "backgroundColor": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    }


def test_metadata_of_rows_and_columns(client: Client) -> None:
    """Sizes and flags, for the range asked for."""
    columns = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 3}
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    client.batch(
        {"updateDimensionProperties": {"range": columns, "properties": {"pixelSize": 240}, "fields": "pixelSize"}},
        {"updateDimensionProperties": {"range": rows, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}},
    )
    data = client.sheet("data(rowMetadata,columnMetadata)", ranges="A1:D2")["data"][0]
    assert data["columnMetadata"] == [{"pixelSize": size} for size in (100, 240, 240, 100)]
    assert data["rowMetadata"] == [{"pixelSize": 21, "hiddenByUser": True}, {"pixelSize": 21}]


def test_get_by_data_filter(client: Client) -> None:
    """The same answer for a range."""
    client.put("A1", [["a"]])
    body = {"dataFilters": [{"a1Range": "A1:B2"}], "includeGridData": True}
    assert client.ok("POST", ":getByDataFilter", body) == client.ok("GET", ranges="A1:B2", includeGridData="true")


def test_what_is_not_there_is_404(client: Client) -> None:
    """With Google's body, two spaces deep."""
    answer = client.workbooks.handle("GET", "/v4/spreadsheets/nothing", [], b"")
    assert answer.status == 404
    assert answer.headers == [("Content-Type", "application/json; charset=UTF-8")]
    assert answer.body == (
        b'{\n  "error": {\n    "code": 404,\n    "message": "Requested entity was not found.",\n'
        b'    "status": "NOT_FOUND"\n  }\n}\n'
    )
    assert client.workbooks.handle("GET", "/v5/else", [], b"").headers == [("Content-Type", "text/html; charset=UTF-8")]
