"""Charts as the page's scripts get them."""

from __future__ import annotations

from tests.page.sample import BIG, LOG, Caller


def test_a_chart_has_its_place_and_its_plot(caller: Caller) -> None:
    (chart,) = caller.ask("charts", gid=LOG)
    assert {name: chart[name] for name in ("row", "column", "x", "y", "width", "height", "title", "message")} == {
        "row": 24,
        "column": 1,
        "x": 0,
        "y": 0,
        "width": 400,
        "height": 240,
        "title": "Quantities",
        "message": "",
    }
    assert chart["svg"].startswith("<svg ")


def test_a_tab_without_any(caller: Caller) -> None:
    assert caller.ask("charts", gid=BIG) == []
