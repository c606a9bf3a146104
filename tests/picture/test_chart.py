"""Native charts as figures: kinds, colours, legends, and what is said where nothing can be drawn."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from sheetsync.picture.chart import Figure, Key, figure
from sheetsync.picture.style import Palette
from sheetsync.picture.workbook import Workbook
from tests.picture.sample import Tab, chart, rgb, spreadsheet, vector


def weeks() -> Tab:
    tab = Tab(0, "Weeks", 20, 5)
    for column, name in enumerate(("Week", "North", "South <i>")):
        tab.put(0, column, name)
    for row in range(1, 6):
        tab.put(row, 0, f"W{row}")
        tab.put(row, 1, 10.0 * row)
        if row != 3:
            tab.put(row, 2, 5.0 * row)
    return tab


def basic(kind: str, *series: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = series or ({}, {})
    return {
        "basicChart": {
            "chartType": kind,
            "headerCount": 1,
            "domains": [{"domain": vector(0, 0, 6)}],
            "series": [{"series": vector(0, 1 + index, 6), **each} for index, each in enumerate(given)],
            **more,
        }
    }


def draw(spec: dict[str, Any], language: str = "en", tab: Tab | None = None) -> Figure:
    workbook = Workbook(spreadsheet(tab or weeks()))
    return figure(chart(spec, 0, 0, 500, 300), workbook, Palette({}), (500, 300), language)


def marks(drawn: Figure, role: str) -> list[str]:
    """The SVG elements of a kind of mark."""
    groups = re.findall(rf'<g class="mark-{role} role-mark[^"]*"[^>]*>(.*?)</g>', str(drawn.plot))
    return [element for group in groups for element in re.findall(r"<path[^>]*>", group)]


@pytest.mark.parametrize("kind", ["COLUMN", "BAR"])
def test_columns_and_bars_take_the_colours_of_the_spec_and_the_theme(kind: str) -> None:
    drawn = draw(basic(kind, {"colorStyle": {"rgbColor": rgb("#0b6e8f")}}, {}))
    fills = [re.search(r'fill="([^"]+)"', mark) for mark in marks(drawn, "rect")]
    assert [fill and fill[1] for fill in fills] == ["#0b6e8f"] * 5 + ["#ea4335"] * 4
    assert drawn.keys == [Key("North", "#0b6e8f", "box"), Key("South <i>", "#ea4335", "box")]
    assert drawn.legend == "bottom"


def test_lines_break_at_gaps_keep_their_dashes_and_show_a_lonely_point() -> None:
    dashed = {"lineStyle": {"type": "MEDIUM_DASHED", "width": 1}}
    drawn = draw(basic("LINE", {}, dashed))
    lines = marks(drawn, "line")
    assert [line.count("L") for line in lines] == [4, 1, 1]
    assert ['stroke-dasharray="4,3"' in line for line in lines] == [False, True, True]
    assert [key.mark for key in drawn.keys] == ["line", "dash"]
    bridged = draw(basic("LINE", {}, dashed, interpolateNulls=True))
    assert [line.count("L") for line in marks(bridged, "line")] == [4, 3]
    lonely = Tab(0, "Weeks")
    for row, (name, value) in enumerate((("Week", "North"), ("W1", 5))):
        lonely.put(row, 0, name)
        lonely.put(row, 1, value)
    assert len(marks(draw(basic("LINE", {}), tab=lonely), "symbol")) == 1


def test_every_basic_kind_is_drawn_at_its_exact_size() -> None:
    for kind in ("AREA", "STEPPED_AREA", "SCATTER", "COMBO"):
        drawn = draw(basic(kind, {}, {"type": "LINE", "targetAxis": "RIGHT_AXIS"}, stackedType="STACKED"))
        assert re.search(r'width="484" height="\d+"', str(drawn.plot)), kind


def test_axis_labels_follow_the_number_format_of_the_data() -> None:
    tab = weeks()
    for row in range(1, 6):
        tab.put(row, 1, 1e6 * row, format={"numberFormat": {"type": "NUMBER", "pattern": '0.0,,"M"'}})
    drawn = draw(basic("COLUMN", {}), tab=tab)
    assert re.findall(r">(\d\.\dM)<", str(drawn.plot)) == ["0.0M", "1.0M", "2.0M", "3.0M", "4.0M", "5.0M"]
    assert re.findall(r">(W\d)<", str(drawn.plot)) == ["W1", "W2", "W3", "W4", "W5"]
    shares = draw(basic("BAR", stackedType="PERCENT_STACKED"))
    assert "100%" in str(shares.plot)


@pytest.mark.parametrize("kind", ["COLUMN", "BAR", "LINE", "SCATTER"])
def test_whole_numbers_have_whole_ticks(kind: str) -> None:
    tab = Tab(0, "Deals")
    for row, (week, count) in enumerate((("Week", "Deals"), (1, 2), (2, 1), (3, 2))):
        tab.put(row, 0, week, format={"numberFormat": {"type": "NUMBER", "pattern": "0"}})
        tab.put(row, 1, count, format={"numberFormat": {"type": "NUMBER", "pattern": '0" deals"'}})
    spec = basic(kind, {})
    spec["basicChart"]["domains"] = [{"domain": vector(0, 0, 4)}]
    plot = str(draw(spec, tab=tab).plot)
    counts, weeks = re.findall(r">(\d+ deals)<", plot), re.findall(r">(\d+)<", plot)
    assert counts[-2:] == ["1 deals", "2 deals"]
    assert len(set(counts)) == len(counts)
    assert weeks[-3:] == ["1", "2", "3"]
    assert len(set(weeks)) == len(weeks)


def test_too_many_labels_are_thinned_and_the_last_one_stays() -> None:
    tab = Tab(0, "Weeks")
    for row in range(60):
        tab.put(row, 0, f"Week {row}")
        tab.put(row, 1, row)
    spec = {
        "basicChart": {
            "chartType": "LINE",
            "headerCount": 0,
            "domains": [{"domain": vector(0, 0, 60)}],
            "series": [{"series": vector(0, 1, 60)}],
        }
    }
    shown = [int(week) for week in re.findall(r">Week (\d+)<", str(draw(spec, tab=tab).plot))]
    assert shown[-1] == 59
    assert 4 <= len(shown) <= 9
    assert len({after - before for before, after in pairwise(shown)}) == 1


def test_text_in_the_plot_is_text_and_never_an_expression() -> None:
    tab = weeks()
    tab.put(1, 0, '</text><script>alert(1)</script>"]+alert(1)+["\x1b')
    drawn = draw(basic("COLUMN", {"dataLabel": {"type": "DATA"}}), tab=tab)
    assert "<script" not in str(drawn.plot)
    assert "\x1b" not in str(drawn.plot)


def test_legend_titles_and_subtitles_are_words_around_the_plot() -> None:
    spec = basic("COLUMN", legendPosition="RIGHT_LEGEND") | {
        "title": "Base",
        "subtitle": "clients",
        "altText": "Clients by week",
        "titleTextFormat": {"fontSize": 12, "bold": True, "foregroundColorStyle": {"rgbColor": rgb("#112233")}},
    }
    drawn = draw(spec)
    assert (drawn.title, drawn.subtitle, drawn.label, drawn.legend) == ("Base", "clients", "Clients by week", "right")
    assert "font-size:16px;color:#112233;font-weight:700" in drawn.title_css
    assert draw(basic("COLUMN", legendPosition="NO_LEGEND")).keys == []


def test_a_pie_has_a_slice_and_a_share_for_each_value() -> None:
    drawn = draw({"pieChart": {"domain": vector(0, 0, 6), "series": vector(0, 1, 6), "pieHole": 0.5}})
    assert [key.name for key in drawn.keys] == ["W1 7%", "W2 13%", "W3 20%", "W4 27%", "W5 33%"]
    assert len(marks(drawn, "arc")) == 5


def test_a_scorecard_shows_its_value_and_the_change() -> None:
    card = {"keyValueData": vector(0, 1, 6, 5), "baselineValueData": vector(0, 1, 5, 4)}
    assert (draw({"scorecardChart": card}).score, draw({"scorecardChart": card}).change) == ("50", "▲ 10")
    percent = {"baselineValueFormat": {"comparisonType": "PERCENTAGE_DIFFERENCE", "description": "to last week"}}
    assert draw({"scorecardChart": card | percent}).change == "▲ 25% to last week"
    total = {"keyValueData": vector(0, 1, 6, 1), "aggregateType": "SUM"}
    assert draw({"scorecardChart": total}).score == "150"


@pytest.mark.parametrize(
    ("spec", "language", "message"),
    [
        ({"treemapChart": {}}, "en", "Charts of the kind “treemap” are not drawn here."),
        (basic("COMBO", {"type": "CANDLE"}), "ru", "Диаграммы вида «CANDLE» здесь не отображаются."),
        (
            {"basicChart": {"chartType": "LINE", "series": [{"series": vector(9, 0, 4)}]}},
            "de_DE",
            "Die Daten dieses Diagramms sind nicht in dieser Datei enthalten.",
        ),
        ({"basicChart": {"chartType": "LINE", "series": [{"series": vector(0, 4, 6)}]}}, "fr", "No data yet."),
        ({"pieChart": {"domain": vector(0, 0, 6), "series": vector(0, 4, 6)}}, "ru", "Данных пока нет."),
    ],
)
def test_where_nothing_can_be_drawn_a_sentence_says_why(spec: dict[str, Any], language: str, message: str) -> None:
    drawn = draw(spec, language)
    assert (drawn.message, drawn.plot) == (message, None)
