"""Tables: added, read back, changed, appended to, followed through the tab, taken away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local.client import Client, Json, grid_range

LIST = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Open"}, {"userEnteredValue": "Done"}]}}
COLUMNS = [
    {"columnIndex": 0, "columnName": "Part", "columnType": "PERCENT"},
    {"columnIndex": 1, "columnName": "State", "columnType": "DROPDOWN", "dataValidationRule": LIST},
]
PART = {"columnName": "Part", "columnType": "PERCENT"}
STATE = {"columnIndex": 1, "columnName": "State", "columnType": "DROPDOWN", "dataValidationRule": LIST}
RED = {"rgbColor": {"red": 1}}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A new spreadsheet with a table on B2:D4."""
    made = Client(tmp_path)
    made.put("D2", [["Note"], ["n"]])
    made.batch(add())
    return made


def held(*bounds: int) -> Json:
    """A GridRange of the first tab as it is given back: zeros are left out."""
    return {name: bound for name, bound in grid_range(*bounds).items() if bound}


def add(**more: Any) -> Json:
    """addTable, of Google's guide."""
    table = {"name": "Tracker", "tableId": "123", "range": grid_range(1, 4, 1, 4), "columnProperties": COLUMNS}
    return {"addTable": {"table": {**table, **more}}}


def update(fields: str, **more: Any) -> Json:
    """updateTable."""
    return {"updateTable": {"table": {"tableId": "123", **more}, "fields": fields}}


def table(client: Client) -> Json:
    """The only table."""
    (found,) = client.sheet("tables")["tables"]
    return dict(found)


def append(*texts: str) -> Json:
    """appendCells to the table, one row with a text in its second column for each."""
    rows = [{"values": [{}, {"userEnteredValue": {"stringValue": text}}]} for text in texts]
    return {"appendCells": {"tableId": "123", "rows": rows, "fields": "userEnteredValue"}}


def test_added(client: Client) -> None:
    """Names go into the header, or come from it; types dress the cells; it is a banded range as well."""
    assert table(client) == {
        "tableId": "123",
        "name": "Tracker",
        "range": held(1, 4, 1, 4),
        "columnProperties": [PART, STATE, {"columnIndex": 2, "columnName": "Note"}],
    }
    assert client.values("B2:D3") == [["Part", "State", "Note"], ["", "", "n"]]
    shown = client.cells("B3:C3", "userEnteredFormat.numberFormat,dataValidation")
    percent = {"userEnteredFormat": {"numberFormat": {"type": "PERCENT", "pattern": "0.00%"}}}
    assert shown == [[percent, {"dataValidation": {**LIST, "showCustomUi": True}}]]
    banded = client.sheet("bandedRanges")["bandedRanges"][0]
    assert (banded["bandedRangeId"], banded["range"]) == (123, held(1, 4, 1, 4))
    assert client.get("sheets.bandedRanges", excludeTablesInBandedRanges="true") == {"sheets": [{}]}
    (cell,) = client.cells("B2", "effectiveFormat.backgroundColorStyle")[0]
    assert cell["effectiveFormat"]["backgroundColorStyle"] == banded["rowProperties"]["headerColorStyle"]
    client.put("C2", [["Status"]])
    assert table(client)["columnProperties"][1]["columnName"] == "Status"


def test_added_with_nothing_but_a_range(client: Client) -> None:
    """A name, an id and the columns' names are found; the reply carries them."""
    (reply,) = client.batch({"addTable": {"table": {"range": grid_range(0, 2, 6, 8), "columnProperties": []}}})
    made = reply["addTable"]["table"]
    assert made["name"] == "Table1"
    assert made["tableId"].isdigit()
    assert client.values("G1:H1") == [["Column 1", "Column 2"]]
    ticks = [{"columnIndex": 0, "columnType": "BOOLEAN"}, {"columnIndex": 1, "columnType": "RATINGS_CHIP"}]
    client.batch(add(tableId="t-1", name="Ticks", range=grid_range(9, 11, 0, 2), columnProperties=ticks))
    assert client.values("A10:B11") == [["Column 1", "Column 2"], [False, 0]]
    banded = client.sheet("bandedRanges.bandedRangeReference")["bandedRanges"]
    assert banded == [{}, {}, {"bandedRangeReference": "t-1"}]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (add(), "addTable: A table with id 123 already exists."),
        (add(tableId="4"), "addTable: You can't have a table overlap another table."),
        (
            add(tableId="4", name="tracker", range=grid_range(9, 11, 0, 3)),
            'addTable: A table with the name "tracker" already exists.',
        ),
        ({"addTable": {"table": {}}}, "addTable: A table must have a range."),
        (
            add(tableId="4", range=grid_range(9, 11, 0, 1)),
            'addTable: A table with the name "Tracker" already exists.',
        ),
        (
            add(tableId="4", name="x", range=grid_range(9, 11, 0, 1)),
            "addTable: columnIndex[1] is outside of the table's 1 columns.",
        ),
        (
            add(tableId="4", name="x", range=grid_range(9, 11, 0, 3), columnProperties=[{"columnType": "DROPDOWN"}]),
            "addTable: A dropdown column must have a data validation rule of type ONE_OF_LIST.",
        ),
        (
            add(tableId="4", name="x", range=grid_range(9, 11, 0, 3), columnProperties=[{"dataValidationRule": LIST}]),
            "addTable: Only dropdown columns can have a data validation rule.",
        ),
        (
            add(tableId="4", name="x", range=grid_range(9, 11, 0, 3), columnProperties=[{}, {}]),
            "addTable: columnIndex[0] is given twice.",
        ),
        (update("name", tableId="9"), "updateTable: No table with id: 9"),
        (
            update("range", range=grid_range(1, 4, 1, 4, 77)),
            "updateTable: No grid with id: 77",
        ),
        ({"deleteTable": {"tableId": "9"}}, "deleteTable: No table with id: 9"),
        (
            {"appendCells": {"tableId": "123", "rows": [{"values": [{}] * 4}], "fields": "note"}},
            "appendCells: The table has 3 columns only.",
        ),
    ],
)
def test_refused(client: Client, request_: Json, message: str) -> None:
    """What does not fit."""
    assert client.batch_refused(request_) == f"Invalid requests[0].{message}"


def test_updated(client: Client) -> None:
    """Only what the mask names; a footer takes a row and gives it back."""
    client.batch(update("name", name="Plan", range=grid_range(0, 1, 0, 1)))
    assert (table(client)["name"], table(client)["range"]) == ("Plan", held(1, 4, 1, 4))
    client.batch(update("rowsProperties.footerColorStyle", rowsProperties={"footerColorStyle": RED}))
    assert table(client)["range"]["endRowIndex"] == 5
    assert table(client)["rowsProperties"] == {"footerColorStyle": RED}
    client.batch(update("rowsProperties"))
    assert table(client)["range"] == held(1, 4, 1, 4)
    client.batch(update("range", range=grid_range(1, 6, 1, 3)))
    assert table(client)["range"] == held(1, 6, 1, 3)
    assert table(client)["columnProperties"] == [PART, STATE]
    client.batch(update("columnProperties", columnProperties=[{"columnName": "Share"}]))
    assert table(client)["columnProperties"] == [{"columnName": "Share"}, {"columnIndex": 1, "columnName": "State"}]


def test_appended_to(client: Client) -> None:
    """Behind the last row with data; then the table grows, before its footer, and what is below moves down."""
    client.put("B6", [["below"]])
    client.put("F6", [["beside"]])
    client.batch(append("Open"))
    assert (client.values("C4"), table(client)["range"]["endRowIndex"]) == ([["Open"]], 4)
    client.batch(append("Done", "Open"))
    assert client.values("C5:C6") == [["Done"], ["Open"]]
    assert table(client)["range"]["endRowIndex"] == 6
    assert (client.values("B8"), client.values("F6")) == ([["below"]], [["beside"]])
    assert client.cells("C6", "dataValidation") == [[{"dataValidation": {**LIST, "showCustomUi": True}}]]
    client.batch(update("rowsProperties", rowsProperties={"footerColorStyle": RED}))
    client.put("B7", [["total"]])
    client.batch(append("Done"))
    assert client.values("B7:C8") == [["", "Done"], ["total"]]
    assert table(client)["range"]["endRowIndex"] == 8


def test_follows_rows_and_columns(client: Client) -> None:
    """Rows and columns put in and taken out, before and inside."""
    inside = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}
    client.batch({"insertDimension": {"range": rows}}, {"insertDimension": {"range": inside}})
    assert table(client)["range"] == held(3, 6, 1, 5)
    names = [PART, {"columnIndex": 1, "columnName": "Column 2"}, {**STATE, "columnIndex": 2}]
    assert table(client)["columnProperties"] == [*names, {"columnIndex": 3, "columnName": "Note"}]
    client.batch({"deleteDimension": {"range": {**inside, "startIndex": 1}}})
    assert table(client)["range"] == held(3, 6, 1, 3)
    assert table(client)["columnProperties"] == [
        {name: item for name, item in STATE.items() if name != "columnIndex"},
        {"columnIndex": 1, "columnName": "Note"},
    ]
    client.batch({"deleteDimension": {"range": {**rows, "startIndex": 3, "endIndex": 6}}})
    assert "tables" not in client.sheet("tables")


def test_copied_and_taken_away(client: Client) -> None:
    """A copy has a name and an id of its own; a table goes with its cells, its bands alone leave them."""
    client.batch({"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 7, "insertSheetIndex": 1}})
    (copied,) = client.sheet("tables", 1)["tables"]
    assert (copied["name"], copied["range"]["sheetId"]) == ("Tracker_1", 7)
    assert copied["tableId"] != "123"
    client.batch({"deleteBanding": {"bandedRangeId": int(copied["tableId"])}}, {"deleteTable": {"tableId": "123"}})
    assert client.get("sheets.tables") == {"sheets": [{}, {}]}
    assert client.values("Sheet1") == []
    assert client.values("'Copy of Sheet1'!B2") == [["Part"]]


def test_filters_and_protection_on_it(client: Client) -> None:
    """`tableId` in place of a range."""
    client.batch({"setBasicFilter": {"filter": {"tableId": "123"}}})
    assert client.sheet("basicFilter")["basicFilter"] == {"tableId": "123", "range": held(1, 4, 1, 4)}
    client.batch(
        {"addProtectedRange": {"protectedRange": {"tableId": "123"}}},
        {"addFilterView": {"filter": {"tableId": "123", "title": "mine"}}},
    )
    client.account = "somebody@example.com"
    assert "protected" in client.refused("PUT", "/values/B3", {"values": [[1]]}, valueInputOption="RAW")
    client.put("F3", [[1]])
