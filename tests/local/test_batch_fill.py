"""Pasted text, a column cut in parts, cells filled on from those beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local.client import Client, Json, grid_range

A1 = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A new spreadsheet."""
    return Client(tmp_path)


def paste(data: str, **more: Any) -> Json:
    """pasteData into A1."""
    return {"pasteData": {"coordinate": A1, "data": data, "type": "PASTE_NORMAL", **more}}


def fill_on(source: Json, dimension: str, length: int, **more: Any) -> Json:
    """autoFill from a source."""
    place = {"source": source, "dimension": dimension, "fillLength": length}
    return {"autoFill": {"sourceAndDestination": place, **more}}


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        (paste('a,"b, c\nd"\n1,\'2', delimiter=","), [["a", "b, c\nd"], [1, "2"]]),
        (paste("a;=1+1;50%", delimiter=";"), [["a", 2, 0.5]]),
        (paste("a||b\nc", delimiter="||"), [["a", "b"], ["c"]]),
        (paste("a,b", delimiter=",", type="PASTE_VALUES"), [["a", "b"]]),
        (paste("a,b", delimiter=",", type="PASTE_FORMAT"), []),
        (
            paste("<table><tr><th>a<th>b\n c<tr><td colspan=2>1<br>2<td>&amp;</table>", html=True),
            [["a", "b c"], ["1\n2", "", "&"]],
        ),
        (paste("<b>7</b>", html=True), [[7]]),
    ],
)
def test_pasted(client: Client, request_: Json, shown: list[list[Any]]) -> None:
    """Cut at the delimiter, or at HTML's cells, and typed in."""
    client.batch(request_)
    assert client.values("Sheet1") == shown


def test_the_grid_grows_for_what_is_pasted(client: Client) -> None:
    """Rows and columns, not beyond the largest spreadsheet."""
    client.batch(paste("\n".join(["x" + "," * 30] * 1100), delimiter=","))
    assert client.sheet("properties")["properties"]["gridProperties"] == {"rowCount": 1100, "columnCount": 31}


def test_a_column_cut_in_parts(client: Client) -> None:
    """Texts alone; what is behind them is overwritten."""
    client.put("A1", [["a;b c", "gone"], [5, "stays"], ["1;2"]])
    source = {"source": grid_range(0, 3, 0, 1)}
    client.batch({"textToColumns": {**source, "delimiterType": "AUTODETECT"}})
    assert client.values("Sheet1") == [["a", "b c"], [5, "stays"], [1, 2]]
    client.batch({"textToColumns": {"source": grid_range(0, 1, 1, 2), "delimiterType": "SPACE"}})
    client.put("A2", [["x--y"]])
    client.batch({"textToColumns": {**source, "delimiterType": "CUSTOM", "delimiter": "--"}})
    assert client.values("A1:C2") == [["a", "b", "c"], ["x", "y"]]


def test_filled_on(client: Client) -> None:
    """Series of numbers, dates and counted texts; other texts in turn; formulas move, formats come along."""
    client.put("A1", [[1, "Q1", "a", "=A1*10", 7], [3, "Q2", "b", "=A2*10", 7]], "USER_ENTERED")
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    client.batch(
        {"repeatCell": {"range": grid_range(0, 1, 0, 1), "cell": bold, "fields": "userEnteredFormat"}},
        fill_on(grid_range(0, 2, 0, 5), "ROWS", 2),
    )
    assert client.values("A3:E4") == [[5, "Q3", "a", 50, 7], [7, "Q4", "b", 70, 7]]
    assert client.cells("A3", "userEnteredFormat") == [[bold]]
    client.put("A6", [["1/30/2026", 5, "Item 9"]], "USER_ENTERED")
    client.batch(fill_on(grid_range(5, 6, 0, 3), "ROWS", 1))
    assert client.values("A7:C7", valueRenderOption="FORMATTED_VALUE") == [["1/31/2026", "5", "Item 10"]]
    client.batch(fill_on(grid_range(5, 6, 0, 3), "ROWS", 1, useAlternateSeries=True))
    assert client.values("A7:C7", valueRenderOption="FORMATTED_VALUE") == [["1/30/2026", "6", "Item 9"]]
    client.put("D10", [[10, 8]])
    client.batch(fill_on(grid_range(9, 10, 3, 5), "COLUMNS", -3))
    assert client.values("A10:E10") == [[16, 14, 12, 10, 8]]


def test_filled_on_in_a_range(client: Client) -> None:
    """Where the data end is found; down first, else to the right."""
    client.put("A1", [[1, 2], [2, 4]])
    client.batch({"autoFill": {"range": grid_range(0, 4, 0, 2)}}, {"autoFill": {"range": grid_range(0, 4, 0, 3)}})
    assert client.values("Sheet1") == [[1, 2, 3], [2, 4, 6], [3, 6, 9], [4, 8, 12]]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (paste("a"), "pasteData: One of delimiter or html must be specified."),
        (paste("a", delimiter="\n"), "pasteData: The data can't be split at the delimiter."),
        (
            {"textToColumns": {"source": grid_range(0, 2, 0, 2), "delimiterType": "COMMA"}},
            "textToColumns: The source must span exactly one column.",
        ),
        ({"textToColumns": {"source": grid_range(0, 2, 0, 1)}}, "textToColumns: Delimiter type must be specified."),
        (
            {"textToColumns": {"source": grid_range(0, 2, 0, 1), "delimiterType": "CUSTOM"}},
            "textToColumns: A custom delimiter must be specified.",
        ),
        (fill_on(grid_range(0, 1, 0, 1), "ROWS", 0), "autoFill: fillLength must not be 0."),
        (fill_on(grid_range(0, 1, 0, 1), "", 1), "autoFill: No dimension specified."),
        (
            fill_on(grid_range(0, 1, 0, 1), "ROWS", 1000),
            "autoFill: Range (Sheet1!A2:A1001) exceeds grid limits. Max rows: 1000, max columns: 26",
        ),
        ({"autoFill": {"range": grid_range(0, 2, 0, 1)}}, "autoFill: There is nothing in the range to fill it with."),
    ],
)
def test_refused(client: Client, request_: Json, message: str) -> None:
    """What can't be done, and nothing of it is."""
    if request_.get("autoFill", {}).get("sourceAndDestination", {}).get("dimension") == "":
        del request_["autoFill"]["sourceAndDestination"]["dimension"]
    assert client.batch_refused(request_) == f"Invalid requests[0].{message}"
