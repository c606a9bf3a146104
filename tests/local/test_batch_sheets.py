"""Requests about whole tabs and the spreadsheet's properties."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.client import Client, Json, grid_range


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A spreadsheet with the tabs Sheet1 (id 0) and Two (id 2)."""
    made = Client(tmp_path)
    made.batch({"addSheet": {"properties": {"sheetId": 2, "title": "Two"}}})
    return made


def titles(client: Client) -> list[str]:
    """The tabs in order."""
    return [sheet["properties"]["title"] for sheet in client.get("sheets.properties.title")["sheets"]]


def properties(client: Client, place: int = 0) -> Json:
    """A tab's SheetProperties."""
    found: Json = client.sheet("properties", place)["properties"]
    return found


def change(fields: str, **given: object) -> Json:
    """updateSheetProperties of tab 0 unless the id is given."""
    return {"updateSheetProperties": {"properties": {"sheetId": 0, **given}, "fields": fields}}


def test_a_tab_is_added_as_asked(client: Client) -> None:
    """Id, place, size, colour; the reply shows it."""
    given = {
        "sheetId": 9,
        "title": "Log",
        "index": 0,
        "gridProperties": {"rowCount": 5, "frozenRowCount": 1, "hideGridlines": False},
        "tabColorStyle": {"rgbColor": {"green": 1, "blue": 0}},
        "hidden": False,
    }
    (reply,) = client.batch({"addSheet": {"properties": given}})
    assert reply["addSheet"]["properties"] == {
        "sheetId": 9,
        "title": "Log",
        "index": 0,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 5, "columnCount": 26, "frozenRowCount": 1},
        "tabColor": {"green": 1},
        "tabColorStyle": {"rgbColor": {"green": 1}},
    }
    assert titles(client) == ["Log", "Sheet1", "Two"]


def test_a_tab_without_properties_gets_a_new_name_and_id(client: Client) -> None:
    """SheetN, and an id above 0."""
    (reply,) = client.batch({"addSheet": {}})
    assert reply["addSheet"]["properties"]["title"] == "Sheet3"
    assert reply["addSheet"]["properties"]["sheetId"] > 0


REFUSED: list[tuple[Json, str]] = [
    (
        {"addSheet": {"properties": {"title": "Sheet1"}}},
        'Invalid requests[0].addSheet: A sheet with the name "Sheet1" already exists. Please enter another name.',
    ),
    (
        {"addSheet": {"properties": {"title": "sheet1"}}},
        'Invalid requests[0].addSheet: A sheet with the name "sheet1" already exists. Please enter another name.',
    ),
    ({"addSheet": {"properties": {"sheetId": 2}}}, "Invalid requests[0].addSheet: A sheet with id 2 already exists."),
    ({"deleteSheet": {"sheetId": 5}}, "Invalid requests[0].deleteSheet: No grid with id: 5"),
    (
        change("title", title="Two"),
        "Invalid requests[0].updateSheetProperties: "
        'A sheet with the name "Two" already exists. Please enter another name.',
    ),
    (
        {"updateSheetProperties": {"properties": {"sheetId": 0, "title": "x"}}},
        "Invalid requests[0].updateSheetProperties: "
        "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
    ),
    (change("bogus", title="x"), "Invalid requests[0].updateSheetProperties: Invalid field: bogus"),
    (
        {"addSheet": {"properties": {"gridProperties": {"rowCount": 1_000_000, "columnCount": 10}}}},
        "Invalid requests[0].addSheet: "
        "This action would increase the number of cells in the workbook above the limit of 10000000 cells.",
    ),
    (
        change("gridProperties.rowCount", gridProperties={"rowCount": 500_000}),
        "Invalid requests[0].updateSheetProperties: "
        "This action would increase the number of cells in the workbook above the limit of 10000000 cells.",
    ),
    (
        change("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 1000}),
        "Invalid requests[0].updateSheetProperties: You can't freeze all visible rows on the sheet.",
    ),
    (
        {"updateSpreadsheetProperties": {"properties": {"timeZone": "Mars/Base"}, "fields": "timeZone"}},
        "Invalid requests[0].updateSpreadsheetProperties: Invalid time zone: Mars/Base",
    ),
]


@pytest.mark.parametrize(("request_", "message"), REFUSED)
def test_refused(client: Client, request_: Json, message: str) -> None:
    """With Google's words, and nothing done."""
    before = client.ok("GET")
    assert client.batch_refused(request_) == message
    assert client.ok("GET") == before


def test_one_tab_stays_visible(client: Client) -> None:
    """Neither hiding nor deleting takes the last."""
    client.batch(change("hidden", sheetId=2, hidden=True))
    assert properties(client, 1)["hidden"] is True
    assert client.batch_refused(change("hidden", hidden=True)) == (
        "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document."
    )
    assert client.batch_refused({"deleteSheet": {"sheetId": 0}}) == (
        "Invalid requests[0].deleteSheet: You can't remove all the visible sheets in a document."
    )


def test_a_tab_moves_before_the_index_it_had_in_mind(client: Client) -> None:
    """Counted before the move: its own index and the next one change nothing."""
    client.batch({"addSheet": {"properties": {"title": "Three"}}})
    client.batch(change("index", index=1))
    assert titles(client) == ["Sheet1", "Two", "Three"]
    client.batch(change("index", index=2))
    assert titles(client) == ["Two", "Sheet1", "Three"]
    client.batch(change("index", index=0))
    assert titles(client) == ["Sheet1", "Two", "Three"]


def test_masked_and_absent_is_reset(client: Client) -> None:
    """Colour and frozen rows go, the size stays."""
    grid = {"frozenRowCount": 2}
    client.batch(change("gridProperties.frozenRowCount,tabColor", gridProperties=grid, tabColor={"red": 1}))
    assert properties(client)["tabColorStyle"] == {"rgbColor": {"red": 1}}
    client.batch(change("gridProperties.frozenRowCount,tabColor"))
    assert properties(client) == {
        "sheetId": 0,
        "title": "Sheet1",
        "index": 0,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 1000, "columnCount": 26},
    }


def test_a_smaller_grid_forgets_what_it_cuts(client: Client) -> None:
    """Cells, merges, named ranges; growing again does not bring them back."""
    client.put("A1", [["a", "b"], ["c", "d"], ["e", "f"]])
    client.batch(
        {"mergeCells": {"range": grid_range(1, 3, 3, 5), "mergeType": "MERGE_ALL"}},
        {"addNamedRange": {"namedRange": {"name": "n", "range": grid_range(2, 3, 0, 1)}}},
    )
    both = "gridProperties(rowCount,columnCount)"
    client.batch(
        change(both, gridProperties={"rowCount": 2, "columnCount": 4}),
        change(both, gridProperties={"rowCount": 10, "columnCount": 10}),
    )
    assert client.values("Sheet1") == [["a", "b"], ["c", "d"]]
    assert client.sheet("merges") == {}
    assert client.get("namedRanges") == {}


def test_renaming_follows_in_formulas(client: Client) -> None:
    """In cells, validation and conditional formats; deleting makes them errors."""
    client.put("Two!A1", [[5]])
    client.put("Sheet1!A1", [["=Two!A1*2", '="Two!A1"']], "USER_ENTERED")
    rule = {"condition": {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Two!$A$1:$A$9"}]}}
    client.batch({"setDataValidation": {"range": grid_range(0, 3, 2, 3), "rule": rule}})
    client.batch(change("title", sheetId=2, title="New name"))
    assert client.values("Sheet1!A1:B1", valueRenderOption="FORMULA") == [["='New name'!A1*2", '="Two!A1"']]
    assert client.values("Sheet1!A1") == [[10]]
    ((cell,),) = client.cells("C1", "dataValidation")
    assert cell["dataValidation"]["condition"]["values"] == [{"userEnteredValue": "='New name'!$A$1:$A$9"}]
    client.batch({"deleteSheet": {"sheetId": 2}})
    assert client.values("Sheet1!A1", valueRenderOption="FORMULA") == [["=#REF!*2"]]
    assert client.values("Sheet1!A1") == [["#REF!"]]


def test_a_copy_has_everything_and_ids_of_its_own(client: Client) -> None:
    """Values, formats, notes, objects; metadata and visibility stay behind."""
    client.put("A1", [["a", "=A1"]], "USER_ENTERED")
    client.batch(
        {"repeatCell": {"range": grid_range(0, 1, 0, 1), "cell": {"note": "n"}, "fields": "note"}},
        {"mergeCells": {"range": grid_range(3, 5, 0, 2), "mergeType": "MERGE_ALL"}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 4, "range": grid_range(0, 1, 0, 1)}}},
        {"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 77, "newSheetName": "Copied", "insertSheetIndex": 1}},
    )
    assert titles(client) == ["Sheet1", "Copied", "Two"]
    assert client.values("Copied!A1:B1") == [["a", "a"]]
    copied = client.sheet("merges,protectedRanges,data.rowData.values.note", 1, ranges=["Sheet1", "Copied"])
    assert copied["merges"][0]["sheetId"] == 77
    assert copied["protectedRanges"][0]["range"]["sheetId"] == 77
    assert copied["protectedRanges"][0]["protectedRangeId"] != 4
    assert copied["data"][0]["rowData"][0]["values"][0] == {"note": "n"}
    client.put("Copied!A1", [["changed"]])
    assert client.values("Sheet1!A1") == [["a"]]


def test_copy_to_another_spreadsheet(client: Client) -> None:
    """Named after its source, last, with an id of its own."""
    client.put("A1", [["a"]])
    other = client.workbooks.create()
    shown = client.ok("POST", "/sheets/0:copyTo", {"destinationSpreadsheetId": other})
    assert (shown["title"], shown["index"]) == ("Copy of Sheet1", 1)
    client.key = other
    assert client.values("'Copy of Sheet1'!A1") == [["a"]]


def test_spreadsheet_properties(client: Client) -> None:
    """Title, locale, zone; numbers are shown in the new locale."""
    client.put("A1", [[1.5]])
    given = {"title": "T", "locale": "de_DE", "timeZone": "Europe/Berlin"}
    client.batch({"updateSpreadsheetProperties": {"properties": given, "fields": "title,locale,timeZone"}})
    shown = client.get("properties")["properties"]
    assert given.items() <= shown.items()
    assert client.values("A1", valueRenderOption="FORMATTED_VALUE") == [["1,5"]]


def test_ids_are_not_reused(client: Client) -> None:
    """A tab that comes after a deleted one gets another id."""
    seen = set()
    for _ in range(5):
        (reply,) = client.batch({"addSheet": {}})
        seen.add(reply["addSheet"]["properties"]["sheetId"])
        client.batch({"deleteSheet": {"sheetId": reply["addSheet"]["properties"]["sheetId"]}})
    assert len(seen) == 5
