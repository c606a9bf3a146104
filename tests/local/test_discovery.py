"""Requests against Google's discovery document."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetsync.local import discovery
from tests.local.client import Client, Json, grid_range


def test_every_method_is_found_by_its_path() -> None:
    """Longer endings win over a range that holds a colon."""
    cases = {
        ("GET", "/v4/spreadsheets/K"): "spreadsheets.get",
        ("POST", "/v4/spreadsheets"): "spreadsheets.create",
        ("POST", "/v4/spreadsheets/K:batchUpdate"): "spreadsheets.batchUpdate",
        ("GET", "/v4/spreadsheets/K/values/'a/b:c'!A1:B2"): "values.get",
        ("POST", "/v4/spreadsheets/K/values/Sheet1!A1:B2:append"): "values.append",
        ("POST", "/v4/spreadsheets/K/values/Sheet1!A1:clear"): "values.clear",
        ("GET", "/v4/spreadsheets/K/values:batchGet"): "values.batchGet",
        ("POST", "/v4/spreadsheets/K/values:batchGetByDataFilter"): "values.batchGetByDataFilter",
        ("POST", "/v4/spreadsheets/K/sheets/7:copyTo"): "sheets.copyTo",
        ("GET", "/v4/spreadsheets/K/developerMetadata/5"): "developerMetadata.get",
        ("POST", "/v4/spreadsheets/K/developerMetadata:search"): "developerMetadata.search",
    }
    found = {case: discovery.find(*case) for case in cases}
    assert {case: match[0].id for case, match in found.items() if match} == cases
    ranged = found["GET", "/v4/spreadsheets/K/values/'a/b:c'!A1:B2"]
    assert ranged is not None
    assert ranged[1]["range"] == "'a/b:c'!A1:B2"
    assert discovery.find("PATCH", "/v4/spreadsheets/K") is None


BAD_BODIES: list[tuple[Json, str]] = [
    (
        {"requests": [{"x": {}}]},
        "Invalid JSON payload received. Unknown name \"x\" at 'requests[0]': Cannot find field.",
    ),
    ({"bogus": 1}, 'Invalid JSON payload received. Unknown name "bogus": Cannot find field.'),
    (
        {"requests": [{"addSheet": {"properties": {"gridProperties": {"rows": 1}}}}]},
        "Invalid JSON payload received. Unknown name \"rows\" at 'requests[0].add_sheet.properties.grid_properties': "
        "Cannot find field.",
    ),
    (
        {"requests": [{"addSheet": {}, "deleteSheet": {"sheetId": 0}}]},
        "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. Cannot set 'deleteSheet'",
    ),
    (
        {
            "requests": [
                {"updateCells": {"rows": [{"values": [{"userEnteredValue": {"numberValue": 1, "stringValue": "1"}}]}]}}
            ]
        },
        "Invalid value at 'requests[0].update_cells.rows[0].values[0].user_entered_value' (oneof), "
        "oneof field 'value' is already set. Cannot set 'stringValue'",
    ),
    (
        {"requests": [{"mergeCells": {"mergeType": "ALL"}}]},
        "Invalid value at 'requests[0].merge_cells.merge_type' "
        '(type.googleapis.com/google.apps.sheets.v4.MergeCellsRequest.MergeType), "ALL"',
    ),
    (
        {"requests": [{"deleteSheet": {"sheetId": "abc"}}]},
        "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"abc\"",
    ),
    (
        {"requests": [{"addSheet": 5}]},
        "Invalid value at 'requests[0].add_sheet' (type.googleapis.com/google.apps.sheets.v4.AddSheetRequest), 5",
    ),
    (
        {
            "requests": [
                {"repeatCell": {"cell": {"userEnteredFormat": {"textRotation": {"angle": 45, "vertical": False}}}}}
            ]
        },
        "Invalid value at 'requests[0].repeat_cell.cell.user_entered_format.text_rotation' (oneof), "
        "oneof field 'type' is already set. Cannot set 'vertical'",
    ),
    ({"requests": []}, "Must specify at least one request."),
    ({"requests": [None]}, "Must specify at least one request."),
    ({}, "Must specify at least one request."),
    ({"requests": [{}]}, "Invalid requests[0]: No request set."),
]


@pytest.mark.parametrize(("body", "message"), BAD_BODIES)
def test_bodies_that_do_not_fit(tmp_path: Path, body: Json, message: str) -> None:
    """Unknown names, two of a oneof, unknown enum values, wrong types."""
    assert Client(tmp_path).refused("POST", ":batchUpdate", body) == message


def test_every_fault_is_listed(tmp_path: Path) -> None:
    """In one answer, with the field of each."""
    status, shown = Client(tmp_path).ask("POST", ":batchUpdate", {"requests": [{"a": 1}, {"b": 2}]})
    listed = shown["error"]["details"][0]["fieldViolations"]
    assert status == 400
    assert [found["field"] for found in listed] == ["requests[0]", "requests[1]"]
    assert shown["error"]["message"] == "\n".join(found["description"] for found in listed)


def test_values_must_be_lists_of_plain_values(tmp_path: Path) -> None:
    """As Google said it to gspread."""
    client = Client(tmp_path)
    message = client.refused("PUT", "/values/A1", {"values": ["X"]}, valueInputOption="RAW")
    assert message == "Invalid value at 'data.values[0]' (type.googleapis.com/google.protobuf.ListValue), \"X\""
    message = client.refused("PUT", "/values/A1", {"values": "X"}, valueInputOption="RAW")
    assert message == "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""
    message = client.refused("PUT", "/values/A1", {"values": [[1, {"a": 1}]]}, valueInputOption="RAW")
    assert message == 'Invalid values[0][1]: struct_value {"a":1}'


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_nan_is_no_json(tmp_path: Path, number: bytes) -> None:
    """Neither is Infinity."""
    client = Client(tmp_path)
    query = [("valueInputOption", "RAW")]
    answer = client.workbooks.handle(
        "PUT", f"/v4/spreadsheets/{client.key}/values/A1", query, b'{"values":[[%s]]}' % number
    )
    assert answer.status == 400
    assert b"Invalid JSON payload received. Unexpected token." in answer.body


def test_queries_that_do_not_fit(tmp_path: Path) -> None:
    """Unknown parameters, unknown enum values, no booleans."""
    client = Client(tmp_path)
    assert client.refused("GET", "/values/A1", bogus="1") == (
        'Invalid JSON payload received. Unknown name "bogus": '
        "Cannot bind query parameter. Field 'bogus' could not be found in request message."
    )
    assert client.refused("GET", "/values/A1", valueRenderOption="X") == (
        "Invalid value at 'value_render_option' (type.googleapis.com/google.apps.sheets.v4.ValueRenderOption), \"X\""
    )
    assert (
        client.refused("GET", includeGridData="maybe") == "Invalid value at 'include_grid_data' (TYPE_BOOL), \"maybe\""
    )
    assert client.refused("PUT", "/values/A1", {"values": [[1]]}) == "'valueInputOption' is required but not specified"


def test_what_json_allows_is_taken(tmp_path: Path) -> None:
    """snake_case names, nulls, numbers and truth values written as text, a single item for a list."""
    client = Client(tmp_path)
    where = {**grid_range(0, 2, 0, 2), "endRowIndex": "2", "start_row_index": None}
    merge = {"range": where, "mergeType": "MERGE_ALL"}
    client.ok("POST", ":batchUpdate", {"requests": {"merge_cells": merge}, "includeSpreadsheetInResponse": "false"})
    assert client.sheet("merges")["merges"] == [
        {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    ]


def test_a_format_is_checked_again_after_it_was_right_once(tmp_path: Path) -> None:
    """What is remembered is what passed, nothing else."""
    client = Client(tmp_path)

    def request(colour: Json) -> Json:
        cell = {"userEnteredFormat": {"backgroundColor": colour}}
        return {"repeatCell": {"range": grid_range(0, 1, 0, 1), "cell": cell, "fields": "userEnteredFormat"}}

    client.batch(request({"red": 1}), request({"red": 1}))
    assert "Unknown name" in client.batch_refused(request({"red": 1}), request({"red": 1, "rot": 1}))


def test_lists_inside_of_lists_are_taken_for_their_items() -> None:
    """As Google's parser takes them: gspread-formatting sends requests so. Rows of values stay lists."""
    clear = {"clearBasicFilter": {"sheetId": 3}}
    assert discovery.checked("BatchUpdateSpreadsheetRequest", {"requests": [[clear, clear], clear]}) == {
        "requests": [clear, clear, clear]
    }
    assert discovery.checked("ValueRange", {"values": [[1], [2]]}) == {"values": [[1], [2]]}


def test_nulls_in_lists_are_taken_for_nothing() -> None:
    """As Google's parser takes them: google-spreadsheet (Node) sends one for every cell that has not changed."""
    clear = {"clearBasicFilter": {"sheetId": 3}}
    assert discovery.checked("BatchUpdateSpreadsheetRequest", {"requests": [None, clear, [None, clear]]}) == {
        "requests": [clear, clear]
    }
    assert discovery.checked("ValueRange", {"values": [[1, None]]}) == {"values": [[1, None]]}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v4/spreadsheets/KEY/:batchUpdate", "spreadsheets.batchUpdate"),
        ("/v4/spreadsheets/KEY/values/A1:B2/:append", "values.append"),
        ("/v4/spreadsheets/", "spreadsheets.create"),
        ("/v4/spreadsheets/KEY/values:batchUpdate/", "values.batchUpdate"),
        ("/v4/spreadsheets//KEY", None),
    ],
)
def test_some_slashes_too_many_are_passed_over(path: str, found: str | None) -> None:
    """As google-spreadsheet for Node puts them; those in a range belong to it."""
    method = discovery.find("POST", path)
    assert (method[0].id if method else None) == found
