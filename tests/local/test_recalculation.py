"""When formulas are worked out, and what they read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.client import Client, grid_range


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """Tabs Sheet1 and Two."""
    made = Client(tmp_path)
    made.batch({"addSheet": {"properties": {"title": "Two", "sheetId": 2}}})
    return made


def test_a_chain_follows_a_change(client: Client) -> None:
    """Across tabs, in whatever order the cells lie."""
    client.put("Two!A1", [["=Sheet1!B1*2"]], "USER_ENTERED")
    client.put("Sheet1!B1", [["=C1+1", 10]], "USER_ENTERED")
    assert client.values("Two!A1") == [[22]]
    client.put("Sheet1!C1", [[20]])
    assert client.values("Two!A1") == [[42]]
    client.ok("POST", "/values/Sheet1!C1:clear")
    assert client.values("Two!A1") == [[2]]


def test_a_circle_is_an_error(client: Client) -> None:
    """Said so, and without end it ends."""
    client.put("A1", [["=B1+1", "=A1+1", 1]], "USER_ENTERED")
    ((cell, _),) = client.cells("A1:B1", "effectiveValue")
    assert cell["effectiveValue"]["errorValue"]["type"] == "REF"
    client.put("B1", [["=C1"]], "USER_ENTERED")
    assert client.values("A1:B1") == [[2, 1]]


def test_names_whole_columns_and_missing_tabs(client: Client) -> None:
    """As people write them."""
    client.put("Two!A1", [[1], [2], ["text"], [4]])
    client.batch({"addNamedRange": {"namedRange": {"name": "block", "range": grid_range(0, 2, 0, 1, sheet=2)}}})
    client.put("A1", [["=SUM(Two!A:A)", "=SUM(block)", "=Nowhere!A1"]], "USER_ENTERED")
    assert client.values("A1:C1") == [[7, 3, "#REF!"]]


def test_what_is_not_supported_says_so(client: Client) -> None:
    """An error, never a wrong number."""
    client.put("A1", [['=IMPORTXML("https://example.org";"//a")']], "USER_ENTERED")
    ((cell,),) = client.cells("A1", "effectiveValue,formattedValue")
    assert "not supported by the local workbook" in cell["effectiveValue"]["errorValue"]["message"]
    assert cell["formattedValue"] == "#ERROR!"


def test_today_is_the_spreadsheets(client: Client) -> None:
    """In its time zone, at the moment of the last write."""
    change = {"properties": {"timeZone": "Pacific/Auckland"}, "fields": "timeZone"}
    client.put("A1", [["=TODAY()"]], "USER_ENTERED")
    assert client.values("A1") == [[46344]]
    client.batch({"updateSpreadsheetProperties": change})
    assert client.values("A1") == [[46345]]


def test_one_formula_in_a_long_column(client: Client) -> None:
    """Every row's formula is right after one cell changes."""
    client.put("A1", [[number, f"=A{number + 1}*$D$1"] for number in range(300)], "USER_ENTERED")
    client.put("D1", [[2]])
    assert client.values("B1:B300") == [[number * 2] for number in range(300)]
