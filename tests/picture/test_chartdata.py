"""What a chart draws from, its axis, and its stacks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.picture.chartdata import DataAbsentError, Source, Ticks, stacked, ticks
from sheetsync.picture.numberformat import exact, text
from sheetsync.picture.workbook import Workbook
from tests.picture.sample import Tab, spreadsheet, vector


def weeks() -> Tab:
    tab = Tab(3, "Weeks", 20, 5)
    for row, (name, value) in enumerate((("Week", "Actual"), ("W1", 5), ("W2", None), ("W3", 7))):
        tab.put(row, 0, name)
        tab.put(row, 1, value)
    tab.put(3, 1, format={"numberFormat": {"type": "NUMBER", "pattern": "0.0"}})
    return tab


def source(tab: Tab, headers: int | None = 1, **spec: Any) -> Source:
    return Source(Workbook(spreadsheet(tab)), spec, headers, [vector(3, 1, 4)])


def test_a_vector_has_a_name_numbers_gaps_and_labels() -> None:
    read = source(weeks())
    assert read.vector(vector(3, 0, 4)).labels == ["W1", "W2", "W3"]
    actual = read.vector(vector(3, 1, 4))
    assert (actual.name, actual.numbers, actual.pattern) == ("Actual", [5, None, 7], "0.0")
    assert (actual.number(9), actual.label(9)) == (None, "")


def test_a_row_is_a_vector_too_and_an_open_end_stops_with_the_data() -> None:
    read = source(weeks(), 0)
    across = {"sheetId": 3, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    assert read.vector({"sourceRange": {"sources": [across]}}).labels == ["W1", "5"]
    down = {"sheetId": 3, "startColumnIndex": 0, "endColumnIndex": 1}
    assert read.vector({"sourceRange": {"sources": [down]}}).labels == ["Week", "W1", "W2", "W3"]


def test_header_is_guessed_where_the_spec_is_silent() -> None:
    assert source(weeks(), None).vector(vector(3, 0, 4)).name == "Week"
    numbers = Tab(3, "Weeks")
    for row in range(4):
        numbers.put(row, 1, row)
    assert source(numbers, None).vector(vector(3, 1, 4)).numbers == [0, 1, 2, 3]


def test_hidden_rows_and_columns_are_skipped_unless_all_are_to_be_shown() -> None:
    tab = weeks()
    tab.heights[1] = {"pixelSize": 21, "hiddenByUser": True}
    assert source(tab).vector(vector(3, 0, 4)).labels == ["W2", "W3"]
    tab.widths[0] = {"pixelSize": 100, "hiddenByUser": True}
    assert source(tab).vector(vector(3, 0, 4)).labels == []
    assert source(tab, hiddenDimensionStrategy="SHOW_ALL").vector(vector(3, 0, 4)).labels == ["W1", "W2", "W3"]
    assert source(tab, hiddenDimensionStrategy="SKIP_HIDDEN_ROWS").vector(vector(3, 0, 4)).labels == ["W2", "W3"]


def test_absent_data_is_said_to_be_absent() -> None:
    read = source(weeks())
    for absent in ({}, vector(99, 0, 4), {"sourceRange": {"sources": [{"sheetId": 3, "startColumnIndex": 40}]}}):
        with pytest.raises(DataAbsentError):
            read.vector(absent)
    bare = Workbook({"sheets": [{"properties": {"sheetId": 3}}]})
    with pytest.raises(DataAbsentError):
        Source(bare, {}, 1, ()).vector(vector(3, 0, 4))


@pytest.mark.parametrize(
    ("values", "zero", "window", "expected"),
    [
        ([3, 97], True, {}, Ticks(0, 100, [0, 20, 40, 60, 80, 100])),
        ([90, 97], False, {}, Ticks(90, 98, [90, 92, 94, 96, 98])),
        ([10, 97], False, {}, Ticks(0, 100, [0, 20, 40, 60, 80, 100])),
        ([0, 12], True, {}, Ticks(0, 15, [0, 5, 10, 15])),
        ([-3, 5], True, {}, Ticks(-4, 6, [-4, -2, 0, 2, 4, 6])),
        ([], False, {}, Ticks(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1])),
        ([0, 0], True, {}, Ticks(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1])),
        ([3, 97], True, {"viewWindowMin": 10, "viewWindowMax": 60}, Ticks(10, 60, [10, 20, 30, 40, 50, 60])),
        ([60, 97], False, {"viewWindowMode": "EXPLICIT"}, Ticks(0, 100, [0, 20, 40, 60, 80, 100])),
        ([3, 97], True, {"viewWindowMin": 200}, Ticks(200, 201, [200, 200.2, 200.4, 200.6, 200.8, 201])),
    ],
)
def test_axes_end_on_round_values(values: list[float], zero: bool, window: dict[str, Any], expected: Ticks) -> None:
    assert ticks(values, zero=zero, window=window) == expected


@pytest.mark.parametrize(
    ("values", "pattern", "expected"),
    [
        ([0, 2], "0", Ticks(0, 2, [0, 1, 2])),
        ([0, 1], "#,##0", Ticks(0, 1, [0, 1])),
        ([0, 0.3], "0", Ticks(0, 1, [0, 1])),
        ([0, 0.02], "0%", Ticks(0, 0.02, [0, 0.01, 0.02])),
        ([0, 2.1e6], '0,,"M"', Ticks(0, 3e6, [0, 1e6, 2e6, 3e6])),
        ([0, 2e6], '[>=1000000]0.0,,"M";0', Ticks(0, 2e6, [0, 5e5, 1e6, 1.5e6, 2e6])),
        ([0, 40], '0.0,,"M"', Ticks(0, 40, [0])),
        ([0, 2], "0.0", Ticks(0, 2, [0, 0.5, 1, 1.5, 2])),
        ([0, 2], "", Ticks(0, 2, [0, 0.5, 1, 1.5, 2])),
    ],
)
def test_every_tick_is_a_number_that_its_format_shows_whole(values: list[float], pattern: str, expected: Ticks) -> None:
    assert ticks(values, zero=True, window={}, exact=lambda value: exact(value, pattern)) == expected


@given(
    st.lists(st.floats(-1e7, 1e7), min_size=1),
    st.booleans(),
    st.sampled_from(["0", "#,##0.0", "0%", "0.#,", '[>=1000]0,"k";0']),
)
def test_no_two_ticks_are_written_alike_and_steps_are_1_2_or_5(values: list[float], zero: bool, pattern: str) -> None:
    found = ticks(values, zero=zero, window={}, exact=lambda value: exact(value, pattern)).values
    written = [text(value, pattern, "en_US") for value in found]
    assert len(set(written)) == len(written)
    steps = [after - before for before, after in pairwise(found)]
    assert all(f"{step:.6e}"[0] in "125" and f"{step:.6e}"[1:8] == ".000000" for step in steps)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.booleans())
def test_every_value_lies_on_its_axis(values: list[float], zero: bool) -> None:
    found = ticks(values, zero=zero, window={})
    hair = 1e-8 * (found.high - found.low)
    assert found.low <= min(values) + hair
    assert found.high >= max(values) - hair
    assert 2 <= len(found.values) <= 12


def test_stacks_grow_from_zero_both_ways() -> None:
    assert stacked([[1, 2], [3, None], [-4, 5]], percent=False) == [
        [(0, 1), (0, 2)],
        [(1, 4), None],
        [(0, -4), (2, 7)],
    ]
    assert stacked([[1.0], [3.0]], percent=True) == [[(0, 0.25)], [(0.25, 1)]]
    assert stacked([[0.0]], percent=True) == [[(0, 0)]]
