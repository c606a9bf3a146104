"""Rows that a basic filter hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local.client import Client, Json, grid_range


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A table of five rows below a header in row 2."""
    made = Client(tmp_path)
    rows: list[list[Any]] = [
        ["above", "x"],
        ["name", "amount"],
        ["Anna", 5],
        ["Boris", "50%"],
        ["", 7],
        ["Eva", 12],
        ["below", 5],
    ]
    made.put("A1", rows, "USER_ENTERED")
    return made


def condition(kind: str, *values: str) -> Json:
    """A filter's condition."""
    return {"condition": {"type": kind, "values": [{"userEnteredValue": value} for value in values]}}


@pytest.mark.parametrize(
    ("specs", "hidden"),
    [
        ([], []),
        ([(0, {"hiddenValues": ["Anna", "name", "below"]})], [2]),
        ([(0, {"hiddenValues": [""]})], [4]),
        ([(1, {"hiddenValues": ["50%", "0.5"]})], [3]),
        ([(1, condition("NUMBER_GREATER", "6"))], [2, 3]),
        ([(0, condition("NOT_BLANK")), (1, condition("NUMBER_LESS", "10"))], [4, 5]),
        ([(0, condition("CUSTOM_FORMULA", "=$B3>6"))], [2, 3]),
    ],
)
def test_rows_are_hidden(client: Client, specs: list[tuple[int, Json]], hidden: list[int]) -> None:
    """By value as it is shown, by condition, by several columns; the header and what is outside stay."""
    listed = [{"columnIndex": column, "filterCriteria": criteria} for column, criteria in specs]
    given: dict[str, Any] = {"range": grid_range(1, 6, 0, 2), "filterSpecs": listed}
    client.batch({"setBasicFilter": {"filter": given}})
    shown = client.sheet("data.rowMetadata.hiddenByFilter")["data"][0]["rowMetadata"]
    assert [index for index, row in enumerate(shown) if row] == hidden
    part = client.sheet("data.rowMetadata", ranges="A3:B5")["data"][0]["rowMetadata"]
    wanted = [{"pixelSize": 21, "hiddenByFilter": True} if row in hidden else {"pixelSize": 21} for row in (2, 3, 4)]
    assert part == wanted
    client.batch({"clearBasicFilter": {"sheetId": 0}})
    assert client.sheet("data.rowMetadata.hiddenByFilter", ranges="A1:A9")["data"][0] == {"rowMetadata": [{}] * 9}
