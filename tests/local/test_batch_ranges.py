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
