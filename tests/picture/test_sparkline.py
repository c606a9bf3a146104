"""SPARKLINE formulas as SVG: data, options, kinds."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.picture.sparkline import sparkline
from sheetsync.picture.workbook import Workbook
from tests.picture.sample import Tab, spreadsheet


def draw(formula: str, *tabs: Tab, locale: str = "en_US", named: dict[str, Any] | None = None) -> ET.Element | None:
    """The drawing of a formula in the first tab, in a cell of 100 x 20 px."""
    workbook = Workbook(spreadsheet(*(tabs or (Tab(0, "T"),)), locale=locale) | (named or {}))
    drawn = sparkline(formula, workbook, workbook.sheets[0], 100, 20)
    return None if drawn is None else ET.fromstring(drawn)  # noqa: S314 made a line above


def points(drawing: ET.Element | None) -> list[tuple[float, float]]:
    assert drawing is not None
    numbers = [float(number) for number in re.findall(r"[\d.]+", drawing[0].attrib["points"])]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def rects(drawing: ET.Element | None) -> list[tuple[float, float, float, float, str]]:
    assert drawing is not None
    return [
        (*(float(each.attrib[name]) for name in ("x", "y", "width", "height")), each.attrib["fill"])  # type: ignore[misc]  # four floats
        for each in drawing
    ]


def test_a_line_goes_through_its_values_from_edge_to_edge() -> None:
    assert points(draw("=SPARKLINE({0,10,5})")) == [(1.5, 18.5), (50, 1.5), (98.5, 10)]


@pytest.mark.parametrize(
    ("formula", "locale"),
    [
        ('=SPARKLINE({1;2.5;2};{"color","#0b6e8f";"linewidth",2})', "en_US"),
        ('=SPARKLINE({1\\2,5\\2};{"color"\\"#0B6E8F";"linewidth"\\2})', "de_DE"),
        ('=IFERROR(SPARKLINE({1;2.5;2},{"color","#0b6e8f";"linewidth",2}),"")', "en_US"),
    ],
)
def test_separators_follow_the_locale(formula: str, locale: str) -> None:
    drawing = draw(formula, locale=locale)
    assert drawing is not None
    assert drawing[0].attrib["stroke"] == "#0b6e8f"
    assert drawing[0].attrib["stroke-width"] == "2"
    assert [y for _, y in points(drawing)] == [18, 2, pytest.approx(7.33)]


def test_data_and_options_come_from_ranges_of_any_tab_and_from_named_ones() -> None:
    here, there = Tab(0, "Here"), Tab(1, "It's data")
    for row, value in enumerate((3, 9, 6)):
        there.put(row, 1, value)
    for row, (name, option) in enumerate((("charttype", "column"), ("color", "red"))):
        there.put(row, 3, name)
        there.put(row, 4, option)
    formula = "=SPARKLINE('It''s data'!$B$1:$B$3;'It''s data'!D1:E2)"
    assert [fill for *_, fill in rects(draw(formula, here, there))] == ["red"] * 3
    named = {
        "namedRanges": [{"name": "week_actuals", "range": {"sheetId": 1, "startColumnIndex": 1, "endColumnIndex": 2}}]
    }
    expected = points(draw("=SPARKLINE('It''s data'!B1:B3)", here, there))
    assert points(draw("=SPARKLINE(Week_Actuals)", here, there, named=named)) == expected
    assert points(draw("=SPARKLINE(INDIRECT(\"'It''s data'!B:B\"))", here, there)) == expected


def test_empty_and_unreadable_values_are_left_out_or_zero_as_asked() -> None:
    tab = Tab(0, "T")
    for column, value in enumerate((4, None, "n/a", 8)):
        tab.put(0, column, value)
    assert [x for x, _ in points(draw("=SPARKLINE(A1:D1)", tab))] == [1.5, 98.5]
    both = draw('=SPARKLINE(A1:D1;{"empty","zero";"nan","convert"})', tab)
    assert [y for _, y in points(both)] == [10, 18.5, 18.5, 1.5]
    assert [x for x, _ in points(draw('=SPARKLINE(A1:D1;{"rtl",TRUE})', tab))] == [1.5, 98.5]


def test_bounds_cut_and_two_columns_are_x_and_y() -> None:
    assert [y for _, y in points(draw('=SPARKLINE({-5,0,15};{"ymin",0;"ymax",10})'))] == [18.5, 18.5, 1.5]
    assert points(draw("=SPARKLINE({0,1;9,2;10,3})")) == [(1.5, 18.5), (88.8, 10), (98.5, 1.5)]


def test_one_value_is_a_dot_and_none_is_nothing() -> None:
    drawing = draw("=SPARKLINE({5})")
    assert drawing is not None
    assert drawing[0].tag.endswith("circle")
    empty = draw("=SPARKLINE(A1:C1)", Tab(0, "T"))
    assert empty is not None
    assert len(empty) == 0


def test_columns_stand_on_zero_and_the_most_telling_colour_wins() -> None:
    options = '{"charttype","column";"color","gray";"negcolor","red";"lastcolor","#00f";"highcolor","green"}'
    bars = rects(draw(f"=SPARKLINE({{10,-10,5}};{options})"))
    assert [fill for *_, fill in bars] == ["green", "red", "#00f"]
    assert [(y, height) for _, y, _, height, _ in bars] == [(1, 9), (10, 9), (5.5, 4.5)]


def test_winloss_knows_only_up_and_down() -> None:
    bars = rects(draw('=SPARKLINE({7,-1,0,2};{"charttype","winloss";"axis",TRUE})'))
    assert [(y, height) for _, y, _, height, _ in bars] == [(1, 9), (10, 9), (1, 9), (9.5, 1)]


def test_a_bar_fills_its_share_of_max() -> None:
    formula = '=SPARKLINE({30,20};{"charttype","bar";"max",100;"color1","#111111";"color2","#222222"%s})'
    assert rects(draw(formula % "")) == [(0, 1, 30, 18, "#111111"), (30, 1, 20, 18, "#222222")]
    assert rects(draw(formula % ';"rtl",TRUE'))[0][0] == 70


@pytest.mark.parametrize(
    "formula",
    ["=SPARKLINE()", "=SUM(A1)", "=SPARKLINE(Gone!A1:A3)", "=SPARKLINE(FILTER(A1:A3))", "=SPARKLINE(A1:A3;nowhere)"],
)
def test_what_cannot_be_known_is_not_drawn(formula: str) -> None:
    found = draw(formula)
    assert found is None or len(found) == 0


def test_colours_are_checked_before_they_are_drawn() -> None:
    drawing = draw('=SPARKLINE({1,2};{"color","red"" onload=""alert(1)"})')
    assert drawing is not None
    assert drawing[0].attrib["stroke"] == "#3c4043"


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=30), st.sampled_from(["line", "column", "bar", "winloss"]))
def test_every_shape_stays_inside_its_cell(values: list[float], kind: str) -> None:
    data = ";".join(f"{value:.6f}" for value in values)
    drawing = draw(f'=SPARKLINE({{{data}}};{{"charttype","{kind}"}})')
    assert drawing is not None
    if kind == "line" and len(values) > 1:
        assert all(0 <= x <= 100 and 0 <= y <= 20 for x, y in points(drawing))
    elif kind != "line":
        assert all(x >= -0.01 and x + w <= 100.01 and y >= 0 and y + h <= 20.01 for x, y, w, h, _ in rects(drawing))
