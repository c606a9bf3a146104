"""The front door: whatever comes in, an answer goes out."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetsync.local import batch, discovery
from sheetsync.local.app import Workbooks, spreadsheet_of, writes
from tests.local.client import Client, Json, grid_range

Schema = dict[str, Any]


def test_what_writes_and_about_what() -> None:
    """For whoever decides who may."""
    assert writes("POST", "/v4/spreadsheets/K:batchUpdate")
    assert writes("PUT", "/v4/spreadsheets/K/values/A1")
    assert not writes("GET", "/v4/spreadsheets/K")
    assert not writes("POST", "/v4/spreadsheets/K/values:batchGetByDataFilter")
    assert not writes("POST", "/v4/spreadsheets/K/developerMetadata:search")
    assert spreadsheet_of("/v4/spreadsheets/K:batchUpdate") == "K"
    assert spreadsheet_of("/v4/spreadsheets/K/values/A1:B2") == "K"
    assert spreadsheet_of("/v4/spreadsheets") is None


def test_spreadsheets_are_made_copied_and_deleted(tmp_path: Path) -> None:
    """Each on its own in one file."""
    client = Client(tmp_path)
    client.put("A1", [["a"]])
    copied = client.workbooks.copy(client.key, "Copy")
    assert client.workbooks.properties(copied)["title"] == "Copy"
    client.put("A1", [["changed"]])
    first, client.key = client.key, copied
    assert client.values("A1") == [["a"]]
    client.workbooks.delete(first)
    assert client.workbooks.keys() == [copied]
    assert client.values("A1") == [["a"]]
    client.workbooks.close()
    assert Workbooks.open(client.path).keys() == [copied]


def test_pretty_or_not(tmp_path: Path) -> None:
    """Two spaces deep unless prettyPrint is false, errors too."""
    client = Client(tmp_path)
    path = f"/v4/spreadsheets/{client.key}"
    pretty = client.workbooks.handle("GET", path, [], b"").body
    compact = client.workbooks.handle("GET", path, [("prettyPrint", "false")], b"").body
    assert pretty.startswith(b'{\n  "spreadsheetId": ')
    assert compact.startswith(b'{"spreadsheetId":"')
    assert orjson.loads(pretty) == orjson.loads(compact)
    assert b"\n" not in client.workbooks.handle("GET", path, [("prettyPrint", "false"), ("ranges", "X!A1")], b"").body


def test_the_answer_can_hold_the_spreadsheet(tmp_path: Path) -> None:
    """includeSpreadsheetInResponse, with ranges and cells; fields of any method are a mask on its answer."""
    client = Client(tmp_path)
    rows = [{"values": [{"userEnteredValue": {"formulaValue": "=1+1"}}]}]
    body = {
        "requests": [{"updateCells": {"range": grid_range(0, 1, 0, 1), "rows": rows, "fields": "userEnteredValue"}}],
        "includeSpreadsheetInResponse": True,
        "responseIncludeGridData": True,
        "responseRanges": ["A1"],
    }
    fields = "updatedSpreadsheet.sheets.data.rowData.values.formattedValue"
    assert client.ok("POST", ":batchUpdate", body, fields=fields) == {
        "updatedSpreadsheet": {"sheets": [{"data": [{"rowData": [{"values": [{"formattedValue": "2"}]}]}]}]}
    }
    assert client.ok("POST", "/values/A1:clear", fields="clearedRange") == {"clearedRange": "Sheet1!A1"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """One spreadsheet with a little of everything."""
    client = Client(tmp_path_factory.mktemp("any"))
    client.put("A1", [[1, "=A1", "x"], [True, "=B1/0", "'y"]], "USER_ENTERED")
    return client


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=40), verb=st.sampled_from(["GET", "POST", "PUT"]), rest=st.text(max_size=20))
def test_any_bytes_get_an_answer(kept: Client, body: bytes, verb: str, rest: str) -> None:
    """Property: never an exception, never a 500."""
    for path in (f"/v4/spreadsheets/{kept.key}{rest}", f"/v4/spreadsheets/{kept.key}/values/{rest}", rest):
        answer = kept.workbooks.handle(verb, path, [("valueInputOption", "RAW")], body)
        assert answer.status in (200, 400, 404), answer.body


SMALL = st.integers(-1, 6)
TEXTS = st.sampled_from(["", "Sheet1", "x", "=A1", "title", "A1"])
ALWAYS = ("range", "spec", "location", "properties", "cell", "fields", "dimension")


@functools.cache
def anything(name: str, depth: int) -> st.SearchStrategy[Json]:
    """Bodies that fit a schema of the discovery document."""
    if name in ("GridRange", "DimensionRange"):
        return st.builds(bounded, st.just(name), SMALL, SMALL, st.integers(1, 3), st.sampled_from(["ROWS", "COLUMNS"]))
    about = discovery.document()["schemas"][name]
    alternatives = [list(names) for names in discovery.oneofs(name, about).values()]
    return st.tuples(*map(st.sampled_from, alternatives)).flatmap(
        lambda kept: one_kind(about, alternatives, kept, depth)
    )


def one_kind(about: Schema, oneofs: list[list[str]], kept: tuple[str, ...], depth: int) -> st.SearchStrategy[Json]:
    """Bodies with at most that field of each oneof."""
    dropped = {name for names in oneofs for name in names} - set(kept)
    fitting = {
        key: field(key, each, depth)
        for key, each in about.get("properties", {}).items()
        if key not in dropped and (depth or "$ref" not in each)
    }
    always = {key: found for key, found in fitting.items() if key in ALWAYS}
    return st.fixed_dictionaries(always, optional={key: found for key, found in fitting.items() if key not in ALWAYS})


def bounded(name: str, top: int, left: int, size: int, dimension: str) -> Json:
    """A GridRange or a DimensionRange near the corner."""
    if name == "GridRange":
        return grid_range(top, top + size, left, left + size)
    return {"sheetId": 0, "dimension": dimension, "startIndex": top, "endIndex": top + size}


def field(name: str, about: Schema, depth: int) -> st.SearchStrategy[Any]:
    """Values that fit one field."""
    if "$ref" in about:
        return anything(about["$ref"], depth - 1)
    if "enum" in about:
        return st.sampled_from(about["enum"])
    if about["type"] == "array":
        return st.lists(field(name, about["items"], depth), max_size=2) if depth else st.just([])
    if about["type"] == "object":
        return st.just({})
    scalars = {"string": TEXTS, "boolean": st.booleans(), "integer": SMALL, "number": SMALL}
    return {"fields": st.just("*"), "sheetId": st.just(0)}.get(name, scalars[about["type"]])


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), kind=st.sampled_from(sorted(batch.KINDS)))
def test_any_request_gets_an_answer(kept: Client, data: st.DataObject, kind: str) -> None:
    """Property: whatever fits the schema is done or refused, and the spreadsheet can still be read."""
    about = discovery.document()["schemas"]["Request"]["properties"][kind]
    request = data.draw(anything(about["$ref"], 3))
    sent = orjson.dumps({"requests": [{kind: request}]})
    answer = kept.workbooks.handle("POST", f"/v4/spreadsheets/{kept.key}:batchUpdate", [], sent)
    assert answer.status in (200, 400) or kind in ("addChart", "updateChartSpec"), answer.body
    kept.ok("GET", includeGridData="true", ranges=a_corner(kept))


def a_corner(client: Client) -> str:
    """A corner of a tab that is a grid."""
    tabs = client.get("sheets.properties")["sheets"]
    title = next(tab["properties"]["title"] for tab in tabs if tab["properties"]["sheetType"] == "GRID")
    return "'" + str(title).replace("'", "''") + "'!A1:F6"
