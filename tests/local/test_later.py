"""Lists that are made while they are written give the same JSON as those that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local.fields import project
from sheetsync.local.later import Later, Writing
from tests.local.client import Client, Json

SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
)


def _put_off(value: Any, at_once: int) -> Any:
    if isinstance(value, dict):
        return {name: _put_off(inner, at_once) for name, inner in value.items()}
    return Later.of(value, at_once) or [] if isinstance(value, list) else value


@given(value=VALUES, pretty=st.booleans(), at_once=st.integers(1, 3))
def test_the_text_is_the_same(value: Any, pretty: bool, at_once: int) -> None:
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if pretty else None
    pieces = Writing(_put_off({"a": value, "b": [value]}, at_once), pretty=pretty).pieces()
    assert b"".join(pieces) == orjson.dumps({"a": value, "b": [value]}, option=option)


@given(value=st.lists(st.lists(SCALARS, max_size=5), min_size=1, max_size=4), pretty=st.booleans())
def test_lists_in_lists_may_be_late_too(value: list[Any], pretty: bool) -> None:
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if pretty else None
    late = Later.of((Later.of(inner, 2) or [] for inner in value), 1)
    assert b"".join(Writing({"a": late}, pretty=pretty).pieces()) == orjson.dumps({"a": value}, option=option)


def test_a_mask_reaches_into_it() -> None:
    shown = project({"rows": Later.of([{"a": 1, "b": 2}, {"b": 3}])}, {"rows": {"b": None}})
    assert b"".join(Writing(shown, pretty=False).pieces()) == b'{"rows":[{"b":2},{"b":3}]}'


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        Writing({"a": object()}, pretty=False)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Six thousand rows, with gaps."""
    client = Client(tmp_path_factory.mktemp("long"))
    client.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 6000}})
    rows = [[] if row % 7 == 3 else [row, f"t{row}", ""] if row % 5 else [row, "", row / 4] for row in range(6000)]
    client.put("A3", rows)
    return client


def _pieces(client: Client, rest: str, **query: str) -> Iterator[bytes]:
    answer = client.workbooks.handle("GET", f"/v4/spreadsheets/{client.key}{rest}", list(query.items()), b"")
    assert answer.status == 200
    return answer.chunks()


@pytest.mark.parametrize(
    ("rest", "query"),
    [
        ("/values/A:C", {}),
        ("/values/A:C", {"fields": "values"}),
        ("/values/A:C", {"majorDimension": "COLUMNS"}),
        ("/values:batchGet", {"ranges": "A:C", "fields": "valueRanges(values)"}),
        ("", {"includeGridData": "true"}),
        ("", {"fields": "sheets.data.rowData.values.effectiveValue"}),
    ],
)
def test_long_answers_come_in_pieces(long: Client, rest: str, query: Json) -> None:
    """Each is a part of the whole; both forms say the same."""
    pieces = list(_pieces(long, rest, **query))
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 2
    plain = b"".join(_pieces(long, rest, prettyPrint="false", **query))
    assert orjson.loads(plain) == orjson.loads(b"".join(pieces))
    assert b"".join(pieces) == orjson.dumps(orjson.loads(plain), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


@pytest.mark.parametrize("where", ["A:C", "A3:C", "B5:C4000", "C2:C5", "A1:A2"])
def test_columns_are_the_rows_turned(long: Client, where: str) -> None:
    rows = long.values(where)
    turned = long.values(where, majorDimension="COLUMNS")
    width = max(map(len, rows), default=0)
    expected = [[row[place] if place < len(row) else "" for row in rows] for place in range(width)]
    for column in expected:
        while column and column[-1] == "":
            column.pop()
    assert turned == expected
