"""`spreadsheets.values`: what is read, written, appended and cleared, and how it is trimmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local.client import Client, Json, grid_range


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A new spreadsheet."""
    return Client(tmp_path)


def small(folder: Path, rows: int = 4, columns: int = 4) -> Client:
    """A spreadsheet with a small grid."""
    grid = {"rowCount": rows, "columnCount": columns}
    return Client(folder, {"sheets": [{"properties": {"sheetId": 0, "title": "Sheet1", "gridProperties": grid}}]})


def test_an_empty_range_has_no_values(client: Client) -> None:
    """The key is absent."""
    assert client.ok("GET", "/values/Sheet1!A1:C3") == {"range": "Sheet1!A1:C3", "majorDimension": "ROWS"}


def test_rows_are_ragged_and_trimmed(client: Client) -> None:
    """Trailing blanks go, an empty row between is [], an empty cell between is ""."""
    client.put("B2", [["a", "", "c", ""], ["", "", ""], ["d"], ["", ""]])
    assert client.values("A1:Z99") == [[], ["", "a", "", "c"], [], ["", "d"]]
    assert client.values("B2:C4") == [["a"], [], ["d"]]
    assert client.values("A1:D9", majorDimension="COLUMNS") == [[], ["", "a", "", "d"], [], ["", "c"]]


def test_ranges_are_named_as_google_names_them(client: Client) -> None:
    """Open ends closed, corners in order, titles quoted where needed."""
    names = ["Sheet1", "A:C", "A1:C", "2:2", "A2:2", "C3:A1", "Sheet1!B7", "R2C1:R3C2"]
    shown = client.ok("GET", "/values:batchGet", ranges=names)["valueRanges"]
    assert [found["range"] for found in shown] == [
        "Sheet1!A1:Z1000",
        "Sheet1!A1:C1000",
        "Sheet1!A1:C1000",
        "Sheet1!A2:Z2",
        "Sheet1!A2:Z2",
        "Sheet1!A1:C3",
        "Sheet1!B7",
        "Sheet1!A2:B3",
    ]


def test_a_name_is_a_named_range_first(client: Client) -> None:
    """Then a tab's title, in any case."""
    client.put("Sheet1!B1", [["named"]])
    client.batch({"addSheet": {"properties": {"title": "Data"}}})
    client.put("Data!A1", [["tab"]])
    assert client.values("data") == [["tab"]]
    client.batch({"addNamedRange": {"namedRange": {"name": "Data", "range": grid_range(0, 1, 1, 2)}}})
    client.batch({"addSheet": {"properties": {"title": "It's"}}})
    for prefix in ("Sheet1!", "'It''s'!"):
        assert client.ok("GET", f"/values/{prefix}data")["range"] == "Sheet1!B1"
    assert client.refused("GET", "/values/Nope!data") == "Unable to parse range: Nope!data"
    assert client.values("Data") == [["named"]]
    assert client.values("'Data'!A1") == [["tab"]]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("Nowhere!A1", "Unable to parse range: Nowhere!A1"),
        ("Nowhere", "Unable to parse range: Nowhere"),
        ("Sheet1!A", "Unable to parse range: Sheet1!A"),
        ("A100000", "Range (Sheet1!A100000) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("AB1:AC2", "Range (Sheet1!AB1:AC2) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("AB:AC", "Range (Sheet1!AB:AC) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("A1001:ZZ", "Range (Sheet1!A1001:ZZ) exceeds grid limits. Max rows: 1000, max columns: 26"),
    ],
)
def test_ranges_that_are_not_there(client: Client, where: str, message: str) -> None:
    """The same for reading and for clearing; a batch fails as a whole, and of written ones it says which."""
    assert client.refused("GET", f"/values/{where}") == message
    assert client.refused("POST", f"/values/{where}:clear") == message
    assert client.refused("GET", "/values:batchGet", ranges=["A1", where]) == message
    assert client.refused("POST", "/values:batchClear", {"ranges": ["A1", where]}) == f"Invalid range[1]: {message}"
    data = {"valueInputOption": "RAW", "data": [{"range": where, "values": [[1]]}]}
    assert client.refused("POST", "/values:batchUpdate", data) == f"Invalid data[0]: {message}"


def test_an_end_beyond_the_grid_is_cut(client: Client) -> None:
    """Only a start beyond it is an error."""
    assert client.ok("GET", "/values/A999:AZ2000")["range"] == "Sheet1!A999:Z1000"


def test_what_is_rendered(client: Client) -> None:
    """Formatted, unformatted, formulas; dates as serials or as shown."""
    client.put("A1", [["2020-01-01", "=1/4", "12%", "TRUE", "text", "=1/0", "=NOTHERE()"]], "USER_ENTERED")
    client.put("H1", [["=1+1", True, 1.5, 3.0]])
    assert client.values("A1:K1", valueRenderOption="FORMATTED_VALUE")[0][:6] == [
        "2020-01-01",
        "0.25",
        "12%",
        "TRUE",
        "text",
        "#DIV/0!",
    ]
    assert client.values("A1:K1")[0][:6] == [43831, 0.25, 0.12, True, "text", "#DIV/0!"]
    assert client.values("H1:K1") == [["=1+1", True, 1.5, 3]]
    assert client.values("A1:B1", valueRenderOption="FORMULA") == [[43831, "=1/4"]]
    assert client.values("A1", dateTimeRenderOption="FORMATTED_STRING") == [["2020-01-01"]]


def test_null_leaves_a_cell_and_the_empty_text_blanks_it(client: Client) -> None:
    """As the discovery document says; nulls are not counted."""
    client.put("A1", [["a", "b", "c"]])
    answer = client.put("A1", [[None, "", "z"]])
    assert answer["updatedCells"] == 2
    assert client.values("A1:C1") == [["a", "", "z"]]


def test_columns_can_be_written(client: Client) -> None:
    """majorDimension of the body."""
    body = {"values": [["a", "b", "c"], ["d"]], "majorDimension": "COLUMNS"}
    answer = client.ok("PUT", "/values/A1", body, valueInputOption="RAW", includeValuesInResponse="true")
    assert (answer["updatedRows"], answer["updatedColumns"], answer["updatedCells"]) == (3, 2, 4)
    assert answer["updatedData"] == {
        "range": "Sheet1!A1:B3",
        "majorDimension": "COLUMNS",
        "values": [["a", "b", "c"], ["d"]],
    }


def test_a_write_stays_within_its_range(client: Client) -> None:
    """A single cell is a start; a wider range is a limit."""
    assert client.put("B2", [["a", "b"], ["c"]])["updatedRange"] == "Sheet1!B2:C3"
    assert client.refused("PUT", "/values/A1:B1", {"values": [[1, 2, 3]]}, valueInputOption="RAW") == (
        "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"
    )
    assert client.refused("PUT", "/values/A1:B1", {"values": [[1], [2]]}, valueInputOption="RAW") == (
        "Requested writing within range [Sheet1!A1:B1], but tried writing to row [2]"
    )
    assert client.values("A1:C1") == []


def test_the_grid_does_not_grow_by_itself(tmp_path: Path) -> None:
    """Neither on an update nor on a clear; append alone grows it."""
    client = small(tmp_path)
    message = client.refused("PUT", "/values/C4", {"values": [[1, 2, 3]]}, valueInputOption="RAW")
    assert message == "Range (Sheet1!C4:E4) exceeds grid limits. Max rows: 4, max columns: 4"
    client.ok("POST", "/values/A1:append", {"values": [[1]] * 6}, valueInputOption="RAW")
    assert client.sheet("properties")["properties"]["gridProperties"] == {"rowCount": 6, "columnCount": 4}


def test_the_body_and_the_path_name_the_same_range(client: Client) -> None:
    """However it is written."""
    body = {"values": [[1]], "range": "'Sheet1'!A1"}
    client.ok("PUT", "/values/Sheet1!A1", body, valueInputOption="RAW")
    assert client.refused("PUT", "/values/Sheet1!B1", body, valueInputOption="RAW") == (
        "Request range[Sheet1!B1] does not match value's range['Sheet1'!A1]"
    )


def test_several_ranges_are_written_together(client: Client) -> None:
    """All of them or none."""
    data = [{"range": "A1:B1", "values": [[1, 2]]}, {"range": "A3", "values": [[3]]}]
    answer = client.ok("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert {name: count for name, count in answer.items() if name.startswith("total")} == {
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 2,
        "totalUpdatedCells": 3,
        "totalUpdatedSheets": 1,
    }
    data.append({"range": "Nowhere!A1", "values": [[4]]})
    data[0]["values"] = [["changed", 2]]
    assert client.refused("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data}) == (
        "Invalid data[2]: Unable to parse range: Nowhere!A1"
    )
    assert client.values("A1:B3") == [[1, 2], [], [3]]
    filtered = [{"dataFilter": {"a1Range": where}, "values": [[1, 2]]} for where in ("A1:B1", "A2")]
    body = {"valueInputOption": "RAW", "data": [*filtered, {"dataFilter": {"a1Range": "A3:A4"}, "values": [[1, 2]]}]}
    assert client.refused("POST", "/values:batchUpdateByDataFilter", body) == (
        "Invalid data[2]: Requested writing within range [Sheet1!A3:A4], but tried writing to column [B]"
    )


def test_clearing_blanks_values_only(client: Client) -> None:
    """Formats and notes stay."""
    client.put("A1", [["a", "b"]])
    cell = {"note": "n", "userEnteredFormat": {"textFormat": {"bold": True}}}
    client.batch({"repeatCell": {"range": grid_range(0, 1, 0, 2), "cell": cell, "fields": "note,userEnteredFormat"}})
    assert client.ok("POST", "/values/A1:B1:clear") == {"spreadsheetId": client.key, "clearedRange": "Sheet1!A1:B1"}
    assert client.values("A1:B1") == []
    assert client.cells("A1", "note,userEnteredFormat") == [[cell]]


def test_cells_hold_no_more_than_50000_characters(client: Client) -> None:
    """With Google's words, whatever the way in."""
    message = "Your input contains more than the maximum of 50000 characters in a single cell."
    client.put("A1", [["x" * 50_000]])
    for option in ("RAW", "USER_ENTERED"):
        assert client.refused("PUT", "/values/A1", {"values": [["x" * 50_001]]}, valueInputOption=option) == message
    rows = [{"values": [{"userEnteredValue": {"stringValue": "x" * 50_001}}]}]
    update = {"updateCells": {"range": grid_range(0, 1, 0, 1), "rows": rows, "fields": "userEnteredValue"}}
    assert client.batch_refused(update) == f"Invalid requests[0].updateCells: {message}"


APPENDS: list[tuple[str, list[list[Any]], str, str | None, str]] = [
    ("nothing there", [], "Sheet1", None, "Sheet1!A1:B1"),
    ("below the table", [["a", "b"], ["c", "d"]], "Sheet1", "Sheet1!A1:B2", "Sheet1!A3:B3"),
    ("the last table", [["a", "", "c"]], "Sheet1", "Sheet1!C1", "Sheet1!C2:D2"),
    ("the table of the cell", [["a", "", "c"]], "A1", "Sheet1!A1", "Sheet1!A2:B2"),
    ("a cell in no table", [["a"], [""], ["c"]], "A2", None, "Sheet1!A2:B2"),
    ("corners hold a table together", [["a", ""], ["", "d"]], "A1", "Sheet1!A1:B2", "Sheet1!A3:B3"),
    (
        "a hole belongs to its table",
        [["a", "b", "c"], ["d", "", "f"], ["g", "h", "i"]],
        "B2",
        "Sheet1!A1:C3",
        "Sheet1!A4:B4",
    ),
]
TWO_TABLES = [["x", "y", "z"], ["x", "y", "z"], [], ["", "p", "q", "r"], ["", "p", "q", "r"], ["", "p", "q", "r"]]
APPENDS += [
    (f"Google's example: {where}", TWO_TABLES, where, "Sheet1!B4:D6", "Sheet1!B7:C7")
    for where in ("Sheet1", "B4", "C5:D5", "B2:D4", "A3:G10")
]
APPENDS += [
    ("Google's example: A1", TWO_TABLES, "A1", "Sheet1!A1:C2", "Sheet1!A3:B3"),
    ("Google's example: E4", TWO_TABLES, "E4", None, "Sheet1!E4:F4"),
]


@pytest.mark.parametrize(("_", "there", "where", "table", "written"), APPENDS)
def test_appending_looks_for_a_table(
    client: Client, _: str, there: list[list[Any]], where: str, table: str | None, written: str
) -> None:
    """As in the recordings, and as Google's guide says."""
    if there:
        client.put("A1", there)
    answer = client.ok("POST", f"/values/{where}:append", {"values": [[1, 2]]}, valueInputOption="RAW")
    assert answer.get("tableRange") == table
    assert answer["updates"]["updatedRange"] == written


def test_appending_can_put_rows_in(client: Client) -> None:
    """INSERT_ROWS moves what is below, and what reads it; where there is no table as well."""
    client.put("A1", [["a", "=A4"], ["b"], [""], ["below"]], "USER_ENTERED")
    query = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
    client.ok("POST", "/values/A2:append", {"values": [["c"], ["d"]]}, **query)
    assert client.values("A1:A9") == [["a"], ["b"], ["c"], ["d"], [], ["below"]]
    assert client.values("B1", valueRenderOption="FORMULA") == [["=A6"]]
    client.batch({"addSheet": {"properties": {"title": "blank", "sheetId": 5}}})
    answer = client.ok("POST", "/values/blank:append", {"values": [["c"], ["d"]]}, **query)
    assert (answer["updates"]["updatedRange"], "tableRange" in answer) == ("blank!A1:A2", False)
    assert client.sheet("properties", 1)["properties"]["gridProperties"]["rowCount"] == 1002


def test_what_is_written_under_a_merge_is_lost(client: Client) -> None:
    """Only its first cell takes a value; the counts do not tell."""
    client.batch({"mergeCells": {"range": grid_range(0, 2, 0, 2), "mergeType": "MERGE_ALL"}})
    answer = client.put("A1", [["a", "b", "c"], ["d", "e", "f"]], includeValuesInResponse="true")
    assert answer["updatedData"]["values"] == [["a", "", "c"], ["", "", "f"]]
    assert answer["updatedCells"] == 6
    client.batch({"unmergeCells": {"range": grid_range(0, 2, 0, 2)}})
    assert client.values("A1:C2") == [["a", "", "c"], ["", "", "f"]]


def test_data_filters_find_the_same_ranges(client: Client) -> None:
    """By A1 notation, by grid range, by developer metadata."""
    where = {
        "locationType": "ROW",
        "dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2},
    }
    client.batch(
        {
            "createDeveloperMetadata": {
                "developerMetadata": {
                    "metadataKey": "k",
                    "location": {"dimensionRange": where["dimensionRange"]},
                    "visibility": "DOCUMENT",
                }
            }
        }
    )
    client.put("A1", [[1, 2], [3, 4]])
    filters: list[Json] = [
        {"a1Range": "A1:B1"},
        {"gridRange": grid_range(0, 2, 1, 2)},
        {"developerMetadataLookup": {"metadataKey": "k"}},
    ]
    answer = client.ok("POST", "/values:batchGetByDataFilter", {"dataFilters": filters})
    assert [found["valueRange"]["range"] for found in answer["valueRanges"]] == [
        "Sheet1!A1:B1",
        "Sheet1!B1:B2",
        "Sheet1!A2:Z2",
    ]
    client.ok("POST", "/values:batchClearByDataFilter", {"dataFilters": filters[2:]})
    data = [{"dataFilter": filters[1], "values": [[7], [8]]}]
    client.ok("POST", "/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": data})
    assert client.values("A1:B2") == [[1, 7], ["", 8]]


@pytest.mark.parametrize("pretty", ["true", "false"])
@pytest.mark.parametrize("dimension", ["ROWS", "COLUMNS"])
@pytest.mark.parametrize("option", ["FORMATTED_VALUE", "UNFORMATTED_VALUE"])
def test_streamed_answers_are_the_same_json(client: Client, pretty: str, dimension: str, option: str) -> None:
    """In pieces or at once, indented or not; many rows make many pieces."""
    client.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 5000}})
    client.put("A2", [[row, "ü\n", "", True] if row % 7 else [] for row in range(4500)])
    client.put("E1", [["=1+1"]], "USER_ENTERED")
    query = [("prettyPrint", pretty), ("majorDimension", dimension), ("valueRenderOption", option)]
    path = f"/v4/spreadsheets/{client.key}/values"
    chunks = list(client.workbooks.handle("GET", f"{path}/Sheet1", query, b"").chunks())
    expected = client.ok("GET", "/values/Sheet1", None, majorDimension=dimension, valueRenderOption=option, fields="*")
    assert orjson.loads(b"".join(chunks)) == expected
    assert len(chunks) > 2 or dimension == "COLUMNS"
    if pretty == "true":
        assert b"".join(chunks) == orjson.dumps(expected, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    query += [("ranges", "A1:B9"), ("ranges", "Z1"), ("ranges", "Sheet1")]
    batch = orjson.loads(client.workbooks.handle("GET", f"{path}:batchGet", query, b"").body)
    assert batch["spreadsheetId"] == client.key
    assert [found["range"] for found in batch["valueRanges"]] == ["Sheet1!A1:B9", "Sheet1!Z1", "Sheet1!A1:Z6000"]
    assert batch["valueRanges"][2] == expected


SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
)
LINES = st.lists(st.lists(SCALARS, max_size=5), max_size=6)


def trimmed(lines: list[list[Any]]) -> list[list[Any]]:
    """As Google trims."""
    kept = []
    for line in lines:
        end = len(line)
        while end and line[end - 1] == "":
            end -= 1
        kept.append(line[:end])
    while kept and not kept[-1]:
        kept.pop()
    return kept


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """One spreadsheet for many examples."""
    return Client(tmp_path_factory.mktemp("raw"))


@settings(max_examples=40, deadline=None)
@given(lines=LINES)
def test_what_is_written_raw_is_read(kept: Client, lines: list[list[Any]]) -> None:
    """Every plain value comes back as it was, trimmed."""
    kept.ok("POST", "/values/Sheet1:clear")
    kept.put("A1", lines)
    assert kept.values("Sheet1") == trimmed(lines)
