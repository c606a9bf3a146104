"""Our own tabs read back."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.tables import Reading, read, typed

COLUMNS: dict[str, Reading] = {"name": "text", "size": "number", "day": "day", "at": "moment"}


def first(*row: object) -> list[Any]:
    """One row under the usual header, as read; blank as None."""
    table = read([list(COLUMNS), list(row)], COLUMNS).astype(object)
    return list(table.where(table.notna(), None).iloc[0])


def test_cells_are_read_as_their_columns_say() -> None:
    assert first("Acme", 2, 46342, 46342.75) == [
        "Acme",
        2.0,
        pd.Timestamp("2026-11-16"),
        pd.Timestamp("2026-11-16 18:00"),
    ]


def test_every_column_has_its_dtype_also_without_rows() -> None:
    tabs: list[list[list[object]]] = [[], [list(COLUMNS)], [list(COLUMNS), ["Acme", 1, 1, 1]]]
    for rows in tabs:
        assert list(map(str, read(rows, COLUMNS).dtypes)) == ["str", "float64", "datetime64[us]", "datetime64[us]"]


@pytest.mark.parametrize(("cell", "text"), [(None, ""), ("", ""), (7, "7"), (7.0, "7"), (0.5, "0.5"), (True, "TRUE")])
def test_anything_has_a_text(cell: object, text: str) -> None:
    assert first(cell)[0] == text


@pytest.mark.parametrize("cell", ["", None, "3", True, math.nan, math.inf])
def test_what_is_no_number_is_blank(cell: object) -> None:
    assert first("x", cell, cell, cell)[1:] == [None, None, None]


@pytest.mark.parametrize("serial", [-1, 2_958_466, 1e300])
def test_a_serial_beyond_the_calendar_is_blank(serial: float) -> None:
    assert first("x", serial, serial, serial)[2:] == [None, None]


def test_a_day_is_cut_to_the_day_and_a_moment_rounded_to_the_second() -> None:
    assert first("x", 0, 46342.99, 46342 + 65_714.6 / 86_400)[2:] == [
        pd.Timestamp("2026-11-16"),
        pd.Timestamp("2026-11-16 18:15:15"),
    ]


def test_short_rows_are_blank_at_the_end_and_long_ones_cut() -> None:
    assert first() == ["", None, None, None]
    assert first("x", 1, None, None, "more")[:2] == ["x", 1.0]


def test_columns_are_found_by_name_in_any_order() -> None:
    assert read([["size", "note", " name "], [1, "x", "Acme"]], COLUMNS)[["name", "size"]].to_numpy().tolist() == [
        ["Acme", 1.0]
    ]


def test_a_column_without_name_is_taken_from_its_place_unless_another_stands_there() -> None:
    assert list(read([["", "size"], ["Acme", 1]], COLUMNS)["name"]) == ["Acme"]
    assert list(read([["size", "?"], [1, "Acme"]], COLUMNS)["name"]) == [""]


def test_typed_brings_any_frame_into_shape() -> None:
    frame = typed(pd.DataFrame({"size": [1], "more": [2]}, index=[7]), COLUMNS)
    assert list(frame.columns) == list(COLUMNS)
    assert frame.index.tolist() == [0]
    assert list(map(str, frame.dtypes)) == ["str", "float64", "datetime64[us]", "datetime64[us]"]
    assert list(frame["name"]) == [""]


cell = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))


@given(rows=st.lists(st.lists(cell, max_size=6), max_size=6))
@rules(deadline=None, max_examples=50)
def test_no_cell_is_ever_too_much(rows: list[list[object]]) -> None:
    assert len(read(rows, COLUMNS)) == max(0, len(rows) - 1)
