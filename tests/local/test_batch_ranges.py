"""Copy, cut, sort, find and replace, cells put in and taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.client import Client, Json, grid_range


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A new spreadsheet."""
    return Client(tmp_path)


def paste(source: Json, destination: Json, **more: str) -> Json:
    """copyPaste."""
    return {"copyPaste": {"source": source, "destination": destination, **more}}


def test_copied_as_often_as_it_fits(client: Client) -> None:
    """Values, formats, notes, validation, merges; relative references move."""
    rule = {"condition": {"type": "NOT_BLANK"}}
    cell = {"note": "n", "dataValidation": rule, "userEnteredFormat": {"wrapStrategy": "WRAP"}}
    client.put("A1", [["a", "=A1&1"]], "USER_ENTERED")
    client.batch(
        {
            "repeatCell": {
                "range": grid_range(0, 1, 0, 1),
                "cell": cell,
                "fields": "note,dataValidation,userEnteredFormat",
            }
        },
        paste(grid_range(0, 1, 0, 2), grid_range(2, 4, 0, 2)),
    )
    assert client.values("A3:B4", valueRenderOption="FORMULA") == [["a", "=A3&1"], ["a", "=A4&1"]]
    assert client.cells("A4", "note,dataValidation,userEnteredFormat") == [[cell]]
    client.batch(paste(grid_range(0, 1, 0, 2), grid_range(6, 7, 0, 1), pasteOrientation="TRANSPOSE"))
    assert client.values("A7:A8")[0] == ["a"]


@pytest.mark.parametrize(
    ("kind", "value", "style", "note"),
    [
        ("PASTE_VALUES", [["a1"]], None, None),
        ("PASTE_FORMULA", [["a1"]], None, None),
        ("PASTE_FORMAT", [], "WRAP", None),
        ("PASTE_DATA_VALIDATION", [], None, None),
        ("PASTE_NORMAL", [["a1"]], "WRAP", "n"),
    ],
)
def test_only_what_was_asked_for(
    client: Client, kind: str, value: list[list[str]], style: str | None, note: str | None
) -> None:
    """pasteType."""
    client.put("A1", [['="a"&1']], "USER_ENTERED")
    cell = {"note": "n", "userEnteredFormat": {"wrapStrategy": "WRAP"}}
    client.batch(
        {"repeatCell": {"range": grid_range(0, 1, 0, 1), "cell": cell, "fields": "note,userEnteredFormat"}},
        paste(grid_range(0, 1, 0, 1), grid_range(4, 5, 4, 5), pasteType=kind),
    )
    assert client.values("E5") == value
    shown = client.cells("E5", "note,userEnteredFormat.wrapStrategy,userEnteredValue")
    found = shown[0][0] if shown else {}
    assert found.get("userEnteredFormat", {}).get("wrapStrategy") == style
    assert found.get("note") == note
    assert ("formulaValue" in found.get("userEnteredValue", {})) == (kind in ("PASTE_FORMULA", "PASTE_NORMAL"))


def test_cut(client: Client) -> None:
    """The source is empty then; overlapping is no matter."""
    client.put("A1", [["a", "b"], ["c", "d"]])
    target = {"sheetId": 0, "rowIndex": 1, "columnIndex": 1}
    client.batch({"cutPaste": {"source": grid_range(0, 2, 0, 2), "destination": target, "pasteType": "PASTE_NORMAL"}})
    assert client.values("Sheet1") == [[], ["", "a", "b"], ["", "c", "d"]]


def test_cells_put_in_and_taken_out(client: Client) -> None:
    """Only the range's rows or columns move."""
    client.put("A1", [["a", "b"], ["c", "d"]])
    client.batch({"insertRange": {"range": grid_range(0, 1, 0, 1), "shiftDimension": "ROWS"}})
    assert client.values("Sheet1") == [["", "b"], ["a", "d"], ["c"]]
    client.batch({"insertRange": {"range": grid_range(1, 2, 0, 1), "shiftDimension": "COLUMNS"}})
    assert client.values("Sheet1") == [["", "b"], ["", "a", "d"], ["c"]]
    client.batch({"deleteRange": {"range": grid_range(1, 2, 0, 1), "shiftDimension": "COLUMNS"}})
    client.batch({"deleteRange": {"range": grid_range(0, 1, 0, 1), "shiftDimension": "ROWS"}})
    assert client.values("Sheet1") == [["a", "b"], ["c", "d"]]
    assert client.sheet("properties")["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}


def test_sorted(client: Client) -> None:
    """Numbers before texts, blanks last either way; formats go along; the first spec weighs most."""
    client.put("A1", [["b", 1], [3, 2], ["", 9], ["a", 3], [3, 1]])
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    client.batch({"repeatCell": {"range": grid_range(0, 1, 0, 1), "cell": bold, "fields": "userEnteredFormat"}})
    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}, {"dimensionIndex": 1, "sortOrder": "ASCENDING"}]
    client.batch({"sortRange": {"range": grid_range(0, 5, 0, 2), "sortSpecs": specs}})
    assert client.values("Sheet1") == [[3, 1], [3, 2], ["a", 3], ["b", 1], ["", 9]]
    assert client.cells("A4", "userEnteredFormat") == [[bold]]
    specs[0]["sortOrder"] = "DESCENDING"
    client.batch({"sortRange": {"range": grid_range(0, 5, 0, 2), "sortSpecs": specs[:1]}})
    assert [line[0] for line in client.values("Sheet1")] == ["b", "a", 3, 3, ""]


def test_what_reads_moved_cells_follows(client: Client) -> None:
    """Formulas, names and merges that lie wholly in the columns that move; others stay; cut cells are followed."""
    client.put("A1", [[1, 5], [2, 6], [3, 7]])
    client.put("D1", [["=A2", "=SUM(A1:A3)", "=B2", "=SUM(A1:B3)"]], "USER_ENTERED")
    named = {"name": "two", "namedRangeId": "n", "range": grid_range(1, 2, 0, 1)}
    cells = grid_range(1, 2, 0, 1)
    client.batch({"addNamedRange": {"namedRange": named}}, {"insertRange": {"range": cells, "shiftDimension": "ROWS"}})
    formulas = client.values("D1:G1", valueRenderOption="FORMULA")
    assert formulas == [["=A3", "=SUM(A1:A4)", "=B2", "=SUM(A1:B3)"]]
    assert client.get("namedRanges.range.startRowIndex") == {"namedRanges": [{"range": {"startRowIndex": 2}}]}
    client.batch({"deleteRange": {"range": grid_range(2, 3, 0, 1), "shiftDimension": "ROWS"}})
    assert client.values("D1:E1", valueRenderOption="FORMULA") == [["=#REF!", "=SUM(A1:A3)"]]
    target = {"sheetId": 0, "rowIndex": 9, "columnIndex": 2}
    client.batch({"cutPaste": {"source": grid_range(0, 3, 0, 1), "destination": target}})
    assert client.values("E1:G1", valueRenderOption="FORMULA") == [["=SUM(C10:C12)", "=B2", "=SUM(A1:B3)"]]


def test_formulas_keep_to_their_row_when_sorted(client: Client) -> None:
    """Relative references go along with the row."""
    client.put("A1", [[2, "=A1*10"], [1, "=A2*$D$1"]], "USER_ENTERED")
    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    client.batch({"sortRange": {"range": grid_range(0, 2, 0, 2), "sortSpecs": specs}})
    assert client.values("A1:B2", valueRenderOption="FORMULA") == [[1, "=A1*$D$1"], [2, "=A2*10"]]


def test_conditional_formats_are_copied(client: Client) -> None:
    """With formats or alone: in the tab the rule gets more ranges, in another one it is a rule of its own."""
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$B1>A$1"}]}
    rule = {"ranges": [grid_range(0, 2, 0, 1)], "booleanRule": {"condition": condition, "format": {}}}
    client.batch({"addConditionalFormatRule": {"rule": rule}}, {"addSheet": {"properties": {"sheetId": 5}}})
    client.batch(
        paste(grid_range(0, 1, 0, 1), grid_range(4, 6, 3, 4), pasteType="PASTE_CONDITIONAL_FORMATTING"),
        paste(grid_range(0, 1, 0, 1), grid_range(0, 1, 0, 1)),
        paste(grid_range(1, 2, 0, 1), grid_range(4, 5, 3, 4, 5), pasteType="PASTE_FORMAT"),
        paste(grid_range(1, 2, 0, 1), grid_range(7, 8, 7, 8), pasteType="PASTE_VALUES"),
    )
    (held,) = client.sheet("conditionalFormats")["conditionalFormats"]
    assert [span.get("startRowIndex", 0) for span in held["ranges"]] == [0, 4, 5]
    (made,) = client.sheet("conditionalFormats", 1)["conditionalFormats"]
    assert made["ranges"] == [grid_range(4, 5, 3, 4, 5)]
    assert made["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "=$B5>D$1"}]


def test_duplicates_deleted(client: Client) -> None:
    """The first of each stays, whatever the case; the rest moves up; outside of the range nothing moves."""
    client.put("A1", [["a", 1, "x"], ["A", 1, "y"], ["a", 2, "z"], ["b", 2, "w"]])
    client.batch({"repeatCell": {"range": grid_range(3, 4, 0, 1), "cell": {"note": "n"}, "fields": "note"}})
    columns = [{"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}]
    (reply,) = client.batch({"deleteDuplicates": {"range": grid_range(0, 4, 0, 2)}})
    assert reply == {"deleteDuplicates": {"duplicatesRemovedCount": 1}}
    assert client.values("Sheet1") == [["a", 1, "x"], ["a", 2, "y"], ["b", 2, "z"], ["", "", "w"]]
    assert client.cells("A3", "note") == [[{"note": "n"}]]
    (reply,) = client.batch({"deleteDuplicates": {"range": grid_range(0, 3, 0, 2), "comparisonColumns": columns}})
    assert client.values("A1:B3") == [["a", 1], ["a", 2]]
    columns[0]["endIndex"] = 3
    wrong = {"range": grid_range(0, 3, 0, 2), "comparisonColumns": columns}
    assert client.batch_refused({"deleteDuplicates": wrong}) == (
        "Invalid requests[0].deleteDuplicates: Comparison columns must be within the range."
    )
    columns[0]["dimension"] = "ROWS"
    assert client.batch_refused({"deleteDuplicates": wrong}) == (
        "Invalid requests[0].deleteDuplicates: Comparison columns must be columns of the range's sheet."
    )


def test_rows_in_another_order(client: Client) -> None:
    """Whole rows, none lost."""
    rows = [[number, f"=A{number + 1}"] for number in range(100)]
    client.put("A1", rows, "USER_ENTERED")
    client.batch({"randomizeRange": {"range": grid_range(0, 100, 0, 2)}})
    found = client.values("A1:B100")
    assert [line[0] for line in found] != [line[0] for line in rows]
    assert sorted(found) == [[number, number] for number in range(100)]


def test_found_and_replaced(client: Client) -> None:
    """With counts; formulas only where asked."""
    client.put("A1", [["Anna", "anna b"], ['="Anna"', 15]], "USER_ENTERED")
    (reply,) = client.batch({"findReplace": {"find": "anna", "replacement": "Eva", "allSheets": True}})
    assert reply["findReplace"] == {"valuesChanged": 2, "rowsChanged": 1, "sheetsChanged": 1, "occurrencesChanged": 2}
    assert client.values("Sheet1") == [["Eva", "Eva b"], ["Anna", 15]]
    request = {"find": "Anna", "replacement": "Eva", "sheetId": 0, "includeFormulas": True, "matchCase": True}
    (reply,) = client.batch({"findReplace": request})
    assert reply["findReplace"]["formulasChanged"] == 1
    assert client.values("A2") == [["Eva"]]
    regex = {"find": r"^(E)(va)$", "replacement": "$2$1", "sheetId": 0, "searchByRegex": True}
    client.batch({"findReplace": regex}, {"findReplace": {"find": "15", "replacement": "16", "sheetId": 0}})
    assert client.values("Sheet1") == [["vaE", "Eva b"], ["Eva", 16]]
    assert client.batch_refused({"findReplace": {"find": "(", "searchByRegex": True, "sheetId": 0}}).startswith(
        "Invalid requests[0].findReplace: Invalid regular expression"
    )


def test_whitespace_trimmed(client: Client) -> None:
    """At the ends and between words."""
    client.put("A1", [["  a   b ", "c"]])
    (reply,) = client.batch({"trimWhitespace": {"range": grid_range(0, 1, 0, 2)}})
    assert reply == {"trimWhitespace": {"cellsChangedCount": 1}}
    assert client.values("Sheet1") == [["a b", "c"]]
