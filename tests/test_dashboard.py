"""The Dashboard: one grid for 1 and for 30 managers, in three languages, and colour that means something."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sheetsync import batch, dashboard, layout
from sheetsync.dashboard.numbers import Numbers
from sheetsync.google import Workbook
from sheetsync.local.inprocess import InProcess
from sheetsync.model import Area, Cell, CellRef, Formula, Issue, Page, Severity
from sheetsync.periods import Kind, Period
from sheetsync.review import Report
from sheetsync.schema import Settings
from sheetsync.texts import Texts
from tests import reports
from tests.office import configured

TARGET = {"from": date(2026, 1, 1), "per": "month", "default": {"revenue": 3e6}}
KPI = (
    "kpi: {per: month, weights: {meetings: 2, offers: 1, contracts: 1, revenue: 4, gross_profit: 2},"
    " incentive: 60000, show: pay}\n"
)


@cache
def _settings(managers: int, language: str = "en", extra: str = "") -> Settings:
    """So many managers, and the built-in catalogue where `extra` (YAML) does not replace it."""
    names = [f"Manager {n:02d}" for n in range(managers)]
    return configured(language, managers=names, targets=[], **(yaml.safe_load(extra) or {}))


def _report(settings: Settings, **rest: Any) -> Report:
    return reports.plain(settings, **rest)


def _page(settings: Settings, **rest: Any) -> Page:
    return dashboard.page(_report(settings, **rest), settings, layout.OWN_IDS)


def _shown(page: Page, row: int, column: int) -> Any:
    cells = page.rows[row]
    return batch.shown(cells[column]) if column < len(cells) else None


def _find(page: Page, text: str) -> tuple[int, int]:
    for row, cells in enumerate(page.rows):
        for column, cell in enumerate(cells[:16]):
            if cell.value == text:
                return row, column
    raise AssertionError(f"{text!r} is not on the page")


def _issue(manager: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(severity, "x", CellRef("Actions", 5, 2), manager, "typed", "problem", "remedy", "effect")


@cache
def _full(managers: int, language: str = "en", extra: str = KPI) -> tuple[Page, Report]:
    """A page with something in every block, and its report: for looking at, not for changing."""
    settings = _settings(managers, language, extra)
    report = reports.full(settings)
    return dashboard.page(report, settings, layout.OWN_IDS, {settings.workbook.tabs.base: 17}), report


NINE = ", ".join(
    f"{{id: c{n}, label: Category {n}, when: {{contact_within: {n + 1}}}}}" if n < 8 else "{id: c8, label: Rest}"
    for n in range(9)
)
LONE = "{id: all, label: Everybody}"


@pytest.mark.parametrize(
    ("managers", "language", "extra"),
    [
        (1, "en", KPI),
        (7, "ru", KPI),
        (30, "de", KPI),
        (2, "en", f"base: {{categories: [{NINE}]}}\n"),
        (2, "en", f"base: {{categories: [{LONE}]}}\n"),
    ],
)
def test_every_block_stands_on_the_one_grid(managers: int, language: str, extra: str) -> None:
    page, _ = _full(managers, language, extra)
    shown = [column for column in range(page.columns) if column not in page.hidden_columns]
    assert shown == list(range(16))
    assert sum(page.column_widths.get(column, 100) for column in shown) == 1170
    assert all(area.right <= 16 for name, area in page.named.items() if not name.endswith("trend"))
    assert all(len(row) <= page.columns for row in page.rows)
    assert all(area.top < area.bottom <= len(page.rows) for area in page.named.values())
    taken: set[tuple[int, int]] = set()
    for area in page.merges:
        cells = {(row, column) for row in range(area.top, area.bottom) for column in range(area.left, area.right)}
        assert not taken & cells
        assert 1 <= area.left < area.right <= 16
        assert all(page.rows[row][column].value is None for row, column in cells - {(area.top, area.left)})
        taken |= cells


@pytest.mark.parametrize("managers", [1, 7])
def test_blocks_follow_each_other_and_charts_stay_in_theirs(managers: int) -> None:
    page, _ = _full(managers)
    blocks = {name: area for name, area in page.named.items() if not name.endswith("trend") and name != "ageing"}
    in_order = sorted(blocks.values(), key=lambda area: area.top)
    assert all(above.bottom <= below.top for above, below in itertools.pairwise(in_order))
    for chart in page.charts:
        place: Any = chart["position"]
        overlay = place["overlayPosition"]
        anchor = overlay["anchorCell"]
        (block,) = [area for area in blocks.values() if area.top <= anchor["rowIndex"] < area.bottom]
        height = sum(page.row_heights.get(row, 21) for row in range(anchor["rowIndex"], block.bottom))
        width = sum(page.column_widths[column] for column in range(anchor["columnIndex"], 16))
        assert overlay["offsetYPixels"] + overlay["heightPixels"] <= height
        assert overlay["offsetXPixels"] + overlay["widthPixels"] <= width


def test_every_block_has_its_name_and_those_of_most_use_come_first() -> None:
    page, _ = _full(7)
    tops = {name: area.top for name, area in page.named.items() if not name.endswith("trend")}
    assert sorted(tops, key=tops.__getitem__) == [
        "title",
        "headline",
        "act",
        "productivity",
        "funnel",
        "finance",
        "projection",
        "forecast",
        "base",
        "ageing",
        "moves",
        "trials",
        "pay",
        "clients_to_act",
        "issues",
        "charts",
        "legend",
    ]
    assert {"trend", "forecast_trend"} == {name for name in page.named if name.endswith("trend")}


def test_what_is_not_known_leaves_no_empty_block() -> None:
    page = _page(_settings(2))
    assert set(page.named) == {
        "title",
        "headline",
        "act",
        "productivity",
        "funnel",
        "finance",
        "base",
        "moves",
        "issues",
        "charts",
        "legend",
        "trend",
    }
    top = page.named["moves"].top
    assert _shown(page, top + 1, 0) == "There is no earlier snapshot of the base to compare with."
    assert _shown(page, page.named["act"].top + 1, 0) == "Nobody has to be acted on."


def test_a_manager_s_figures_are_numbers_in_their_places() -> None:
    settings = _settings(2)
    report = _report(settings)
    report.figures.loc[
        (report.figures["manager"] == "Manager 01") & (report.figures["measure"] == "offers"), ["actual", "plan"]
    ] = [4.0, 5.5]
    page = dashboard.page(report, settings, layout.OWN_IDS)
    block = page.named["productivity"]
    row = next(row for row in range(block.top, block.bottom) if _shown(page, row, 0) == "Manager 01")
    assert [_shown(page, row, column) for column in (7, 8, 9)] == [4.0, 5.5, 0.5]
    patterns = [page.rows[row][column].style.fields["numberFormat"]["pattern"] for column in (7, 8, 9)]  # type: ignore[index]  # JSON
    assert patterns == ["#,##0", "#,##0.0", '"▲ "0%']


def test_no_plan_is_blank_and_not_zero() -> None:
    settings = _settings(1)
    report = _report(settings)
    report.figures[["plan", "plan_to_date", "attainment", "pace"]] = float("nan")
    page = dashboard.page(report, settings, layout.OWN_IDS)
    row = page.named["productivity"].top + 2
    assert [_shown(page, row, column) for column in (1, 2, 3)] == [5.0, None, None]
    assert _shown(page, row, 3 + 16) is None


def _row(page: Page, block: str, name: str, nth: int = 0) -> int:
    area = page.named[block]
    return [row for row in range(area.top, area.bottom) if _shown(page, row, 0) == name][nth]


def _told(page: Page, row: int) -> list[Any]:
    return [_shown(page, row, column) for column in range(1, 16)]


def _pattern(page: Page, row: int, column: int) -> str:
    fields: Any = page.rows[row][column].style.fields
    return str(fields["numberFormat"]["pattern"])


def test_a_card_says_where_the_period_is_heading() -> None:
    settings = _settings(2, extra=KPI)
    report = reports.full(settings)
    report.projection.loc[:, ["projection", "low", "high", "required"]] = [32.4, 28.2, 36.0, 2.25]
    page = dashboard.page(report, settings, layout.OWN_IDS)
    top = page.named["headline"].top
    assert [_shown(page, top + 4, column) for column in (1, 3)] == [32.4, "28–36"]
    assert _pattern(page, top + 4, 1) == '"heading for "#,##0'
    assert _shown(page, top + 5, 1) == 2.25
    assert _pattern(page, top + 5, 1) == '#,##0.0" a day to plan"'
    report.projection["required"] = 0.0
    reached = dashboard.page(report, settings, layout.OWN_IDS)
    assert _shown(reached, top + 5, 1) == "plan reached"


def test_cards_without_projection_are_lower() -> None:
    plain = _page(_settings(1))
    full, _ = _full(1)
    rows = [area.bottom - area.top for area in (plain.named["headline"], full.named["headline"])]
    assert rows == [5, 7]


def test_the_rest_of_the_period_leaves_ratios_out() -> None:
    page, _ = _full(2)
    top = page.named["projection"].top
    heads = [_shown(page, top, column) for column in (1, 4, 7, 10, 13)]
    assert heads == ["Meetings", "Offers", "Contracts", "Revenue, RUB", None]
    assert _told(page, _row(page, "projection", "Manager 01"))[:3] == [7.0, "5–9.2", 1.5]


def test_the_top_clients_lead_to_their_rows_and_to_their_managers_lists() -> None:
    page, report = _full(2)
    first = report.attention.iloc[0]
    row = page.named["act"].top + 1
    assert _shown(page, row, 0) == first["manager"]
    assert _shown(page, row, 1) == first["money"]
    assert _shown(page, row, 2).startswith(first["client"])
    assert _shown(page, row, 8) == first["reasons"]
    arrow, name = page.rows[row][5].value, page.rows[row][0].value
    assert isinstance(arrow, Formula)
    assert arrow.text == f'=HYPERLINK("#gid=17&range=A{first["row"]}";"→")'
    lists = _row(page, "clients_to_act", str(first["manager"])) + 1
    assert isinstance(name, Formula)
    assert name.text == f'=HYPERLINK("#gid=700001&range=A{lists}";A{lists})'


def test_every_manager_s_list_can_be_reached_from_the_top() -> None:
    page, report = _full(7)
    area, found = page.named["act"], {}
    for row in range(area.top + 8, area.bottom):
        for column in (1, 4, 7, 10, 13):
            cell = page.rows[row][column].value if column < len(page.rows[row]) else None
            if isinstance(cell, Formula):
                found[cell.shows] = int(cell.text.rstrip(")").rsplit("A", 1)[1])
    assert list(found) == [f"Manager {n:02d}" for n in range(7)]
    assert all(_shown(page, row - 1, 0) == name for name, row in found.items())
    listed = page.named["clients_to_act"]
    assert listed.bottom - listed.top == 1 + 7 + len(report.attention)


def test_a_list_has_the_manager_s_clients_by_money() -> None:
    page, report = _full(2)
    own = report.attention[report.attention["manager"] == "Manager 01"]
    row = _row(page, "clients_to_act", "Manager 01")
    assert _shown(page, row, 3) == pytest.approx(own["money"].sum())
    assert [_shown(page, row + n, 3) for n in range(1, 8)] == list(own["money"])
    assert [_shown(page, row + n, 5) for n in range(1, 8)] == list(own["reasons"])
    assert "Hall 2" in " ".join(str(_shown(page, row + n, 0)) for n in range(1, 8))
    cents = report.attention.assign(money=1.1)
    page = dashboard.page(dataclasses.replace(report, attention=cents), _settings(2, extra=KPI), layout.OWN_IDS)
    assert _shown(page, _row(page, "clients_to_act", "Manager 01"), 3) == 7.7


def test_without_the_tab_s_id_there_is_no_arrow() -> None:
    settings = _settings(1, extra=KPI)
    page = dashboard.page(reports.full(settings), settings, layout.OWN_IDS)
    assert page.rows[page.named["act"].top + 1][5].value is None


def test_the_forecast_has_the_department_first() -> None:
    page, report = _full(2)
    assert report.forecast is not None
    own = report.forecast.by_month
    top = page.named["forecast"].top
    assert [_shown(page, top + 2 + n, 0) for n in (0, 1, 2, 3, 4)] == [
        "Sales",
        "of it received",
        "expected in full",
        "weighted",
        "Manager 00",
    ]
    sums = own[own["manager"] == "Sales"].set_index("when")
    months = [str(month) for month in report.forecast.months]
    told = _told(page, top + 2)
    assert told[:6] == list(sums.loc[months, "forecast"])
    assert told[6] == pytest.approx(sums.loc[months, "forecast"].sum())
    assert told[7:10] == list(sums.loc[["later", "overdue", "undated"], "forecast"])
    assert told[10:] == [4.8e6, 2.6e6, 0.0, None, None]
    assert _told(page, top + 3) == [sums.loc[months[0], "received"], *[None] * 14]
    this_month = sums.loc[months[0], ["received", "weighted"]].sum()
    assert _told(page, top + 5) == [pytest.approx(this_month), *[None] * 14]
    assert _told(page, _row(page, "forecast", "Manager 01"))[10:] == [2.4e6, 1.3e6, 9e5, 2.67, 1.44]


def test_the_plan_of_each_month_stands_under_the_forecast_and_in_the_chart() -> None:
    planned = configured(managers=["Anna", "Boris"], targets=[TARGET])
    page = dashboard.page(reports.full(planned), planned, layout.OWN_IDS)
    assert _told(page, _row(page, "forecast", "plan"))[:7] == [*[6e6] * 6, None]
    charts: Any = page.charts
    kinds = [
        [series["type"] for series in chart["spec"]["basicChart"]["series"] if "type" in series] for chart in charts
    ]
    assert kinds[0] == ["COLUMN", "COLUMN", "LINE"]
    area = page.named["forecast_trend"]
    assert [_shown(page, area.top, column) for column in range(area.left, area.right)] == [
        "Month",
        "received",
        "still expected (later months: weighted)",
        "plan",
    ]


@pytest.mark.parametrize(
    ("wape", "bias", "words"),
    [
        (0.18, 0.06, ["Earlier forecasts were off by 18% on average", "(WAPE, 3 months) and 6% too high in sum."]),
        (0.18, -0.06, ["Earlier forecasts were off by 18% on average", "(WAPE, 3 months) and 6% too low in sum."]),
        (0.1, 0.001, ["Earlier forecasts were off by 10% on average",
                      "(WAPE, 3 months) and neither too high nor too low in sum."]),
        (None, None, ["How far off forecasts are is not known yet.", "None was made for a month that is over."]),
    ],
)  # fmt: skip
def test_the_error_of_forecasts_in_plain_words(wape: float | None, bias: float | None, words: list[str]) -> None:
    settings = _settings(1, extra=KPI)
    report = reports.full(settings)
    assert report.forecast is not None
    found = dataclasses.replace(report.forecast, wape=wape, bias=bias)
    page = dashboard.page(dataclasses.replace(report, forecast=found), settings, layout.OWN_IDS)
    row, _ = _find(page, words[0])
    assert _shown(page, row + 1, 0) == words[1]


def test_probabilities_stand_beside_what_was_set() -> None:
    page, _ = _full(1)
    assert _told(page, _row(page, "forecast", "Active B"))[:5] == [0.4, 0.6, 40, 11, 0.93]


def test_ages_stand_under_their_categories() -> None:
    page, _ = _full(1)
    rows = range(page.named["ageing"].top, page.named["ageing"].bottom)
    assert [_shown(page, row, 0) for row in rows] == ["days here, median", "usual time to pass", "longest here", None]
    assert [_shown(page, row, 3) for row in rows] == [23.0, 28.0, 101.0, "Volga Bus Works"]


def test_moves_add_up_before_the_reader_s_eyes() -> None:
    page, report = _full(7)
    assert report.moves is not None
    events = report.moves.events
    assert _shown(page, page.named["moves"].top, 0) == "Moves since W46"
    for name in [f"Manager {n:02d}" for n in range(7)]:
        told = _told(page, _row(page, "moves", name))
        own = events[events["manager"] == name]["event"].value_counts()
        assert told[:5] == [int(own.get(event, 0)) or None for event in ("up", "down", "won", "new", "lost")]
        assert told[8] + (told[3] or 0) - (told[4] or 0) == told[9]
    whole = _told(page, _row(page, "moves", "Sales"))
    managers = [_told(page, _row(page, "moves", f"Manager {n:02d}")) for n in range(7)]
    for column in (0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13):
        assert (whole[column] or 0) == sum(told[column] or 0 for told in managers)


def test_handing_over_is_no_move_of_the_department_s() -> None:
    settings = _settings(2, extra=KPI)
    report = reports.full(settings)
    assert report.moves is not None
    handed = pd.DataFrame(
        [("Manager 00", "reassigned_out"), ("Manager 01", "reassigned_in")], columns=["manager", "event"]
    ).assign(key="k", client="c", deal="", source="warm", target="warm", before=1.0, after=1.0)
    events = pd.concat([report.moves.events, handed], ignore_index=True)
    report = dataclasses.replace(report, moves=dataclasses.replace(report.moves, events=events))
    page = dashboard.page(report, settings, layout.OWN_IDS)
    told = [_told(page, _row(page, "moves", name))[6:8] for name in ("Manager 00", "Manager 01", "Sales")]
    assert told == [[None, 1], [1, None], [None, None]]


def test_the_matrix_has_every_client_once() -> None:
    page, report = _full(7)
    assert report.moves is not None
    top, _ = _find(page, "from ↓  to →")
    own = report.moves.transitions[report.moves.transitions["manager"] == "Sales"]
    cells = [_shown(page, row, column) or 0 for row in range(top + 1, top + 9) for column in (*range(1, 15, 2), 15)]
    assert sum(cells) == own["clients"].sum()
    now = [_shown(page, top + 9, column) for column in range(1, 15, 2)]
    columns = [[_shown(page, row, column) or 0 for row in range(top + 1, top + 9)] for column in range(1, 15, 2)]
    assert now == list(map(sum, columns))
    balance = report.moves.balance[report.moves.balance["manager"] == "Sales"]
    assert now == list(balance["end"])
    starts = [str(_shown(page, row, 0)) for row in range(top + 1, top + 8)]
    assert [int(name.rsplit(" · ")[1]) for name in starts] == list(balance["start"])


def test_money_that_cooled_down_is_what_it_was() -> None:
    settings = _settings(1, extra=KPI)
    report = reports.full(settings)
    assert report.moves is not None
    rows = [("active_a", "cold", 2, 7e6, 0.0), ("cold", "active_a", 1, 0.0, 3e6), ("cold", "cold", 4, 1e6, 2e6)]
    columns = ["source", "target", "clients", "before", "after"]
    moved = pd.DataFrame(rows, columns=columns).assign(manager="Sales")
    events = pd.DataFrame(
        [("Manager 00", "down", 7e6, 0.0), ("Manager 00", "up", 0.0, 3e6), ("Manager 00", "revalued", 1e6, 0.5e6)],
        columns=["manager", "event", "before", "after"],
    )
    found = dataclasses.replace(report.moves, transitions=moved, events=events)
    page = dashboard.page(dataclasses.replace(report, moves=found), settings, layout.OWN_IDS)
    top, _ = _find(page, "from ↓  to →")
    assert [_shown(page, top + 1, column) for column in (13, 14)] == [2, 7e6]
    assert [_shown(page, top + 7, column) for column in (1, 2, 13, 14)] == [1, 3e6, 4, 2e6]
    assert [_shown(page, top + 9, column) for column in (1, 2, 13, 14)] == [1, 3e6, 6, 2e6]
    row = _row(page, "moves", "Manager 00")
    assert _told(page, row)[10:] == [3e6, 7e6, None, None, -0.5e6]
    assert _pattern(page, row, 15) == '"+"#,##0,"k";"−"#,##0,"k";'


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "Active A → Cold: 2 · 7.0M RUB",
                "Cold → On trial: 1 · 45k RUB",
                "Cold → lost: 3",
                "Cold → handed on: 1 · 800 RUB",
                "old → Warm: 1 · 20 RUB",
                "new → Warm: 1",
            ],
        ),
        (
            "de",
            [
                "Aktiv A → Kalt: 2 · 7,0 Mio. RUB",
                "Kalt → In Erprobung: 1 · 45 Tsd. RUB",
                "Kalt → verloren: 3",
                "Kalt → übergeben: 1 · 800 RUB",
                "old → Warm: 1 · 20 RUB",
                "neu → Warm: 1",
            ],
        ),
    ],
)
def test_a_note_on_a_manager_s_name_tells_from_where_to_where(language: str, lines: list[str]) -> None:
    settings = _settings(2, language, extra=KPI)
    report = reports.full(settings)
    assert report.moves is not None
    rows = [
        ("Manager 00", "active_a", "cold", 2, 7e6, 1e6),
        ("Manager 00", "cold", "trial", 1, 9e6, 45e3),
        ("Manager 00", "cold", "cold", 4, 1e6, 2e6),
        ("Manager 00", "cold", "lost", 3, 0.0, 0.0),
        ("Manager 00", "cold", "reassigned", 1, 800.0, 0.0),
        ("Manager 00", "old", "warm", 1, 10.0, 20.0),
        ("Manager 00", "new", "warm", 1, 0.0, 0.0),
        ("Manager 01", "cold", "cold", 1, 5.0, 6.0),
        ("Sales", "active_a", "cold", 2, 7e6, 1e6),
    ]
    columns = ["manager", "source", "target", "clients", "before", "after"]
    found = dataclasses.replace(report.moves, transitions=pd.DataFrame(rows, columns=columns))
    page = dashboard.page(dataclasses.replace(report, moves=found), settings, layout.OWN_IDS)
    notes = [page.rows[_row(page, "moves", name)][0].note for name in ("Manager 00", "Manager 01", "Sales")]
    assert notes == ["\n".join(lines), "", ""]


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (28.2, 36.0, "count", "28–36"),
        (2.84, 9.2, "count", "2.8–9.2"),
        (2.81e6, 2.83e6, "money", "2.8M"),
        (2.8e6, 3.1e6, "money", "2.8–3.1M"),
        (400e3, 1.2e6, "money", "400k–1.2M"),
        (999_600.0, 154e6, "money", "1.0–154M"),
        (-3e6, -1e6, "money", "-3.0–-1.0M"),
    ],
)
def test_a_range_in_words(low: float, high: float, unit: str, words: str) -> None:
    assert Numbers(Texts("en")).between(low, high, unit) == words


def test_a_category_that_is_no_longer_configured_keeps_its_row() -> None:
    settings = _settings(1, extra=KPI)
    report = reports.full(settings)
    assert report.moves is not None
    moved = report.moves.transitions.replace({"source": {"cold": "frozen"}})
    report = dataclasses.replace(report, moves=dataclasses.replace(report.moves, transitions=moved))
    page = dashboard.page(report, settings, layout.OWN_IDS)
    names = [str(_shown(page, row, 0)) for row in range(page.named["moves"].top, page.named["moves"].bottom)]
    assert any(name.startswith("frozen · ") for name in names)


def test_fixtures_on_trial_and_the_overdue_beside_them() -> None:
    page, report = _full(2)
    top = page.named["trials"].top
    assert _told(page, _row(page, "trials", "Manager 01"))[:6] == [24, 8, 47, 3, 410_000.5, 99_000]
    assert _told(page, _row(page, "trials", "Manager 00"))[1] is None
    assert _shown(page, top, 8) == "Out for more than 30 days"
    assert [_shown(page, top + 3, column) for column in (8, 11, 13, 14, 15)] == [
        "Volga Bus Works",
        "Manager 01",
        75,
        5,
        80_000,
    ]
    assert report.trials is not None
    overdue = int(report.trials.standing["overdue"].sum())
    assert _shown(page, top + 12, 8) == f"and {overdue - 10} more"


def test_young_cohorts_are_marked() -> None:
    page, _ = _full(1)
    row = _row(page, "trials", "became contracts")
    assert [_pattern(page, row, column) for column in (1, 2, 3)] == ["0%", "0%", '0%" …"']
    assert _shown(page, row + 1, 0) == "… is too recent to judge: these trials may still become contracts."


def test_pay_as_far_as_it_is_to_be_seen() -> None:
    page, _ = _full(2)
    row = _row(page, "pay", "Manager 01")
    assert _told(page, row)[:4] == [0.8, 48_000, None, "Meetings: 2 more, +6 points"]
    assert _pattern(page, row, 2) == "#,##0.00"
    assert [_shown(page, row, column) for column in (8, 9)] == [0.8, 16]
    assert _told(page, _row(page, "pay", "Sales"))[1] == 96_000
    fifth = _row(page, "pay", "Manager 01", 1)
    assert [_shown(page, fifth, column) for column in (1, 2, 8, 9)] == [None, None, 0.8, 16]
    scores, _ = _full(2, extra=KPI.replace("show: pay", "show: score"))
    assert _told(scores, _row(scores, "pay", "Manager 01"))[:3] == [0.8, None, "Meetings: 2 more, +6 points"]
    assert 48_000 not in [cell.value for cells in scores.rows for cell in cells]
    hidden, _ = _full(2, extra=KPI.replace("show: pay", "show: nothing"))
    assert "pay" not in hidden.named
    assert 0.8 not in [cell.value for cells in hidden.rows[hidden.named["clients_to_act"].top :] for cell in cells[:16]]


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (0.01, "1"),
        (9_999.5, "10k"),
        (37_001.0, "38k"),
        (999_001.0, "1.0M"),
        (1_200_000.01, "1.3M"),
        (99_900_001, "100M"),
    ],
)
def test_what_the_next_step_needs_is_never_too_little(needs: float, said: str) -> None:
    _, report = _full(2)
    assert report.pay is not None
    totals = report.pay.totals.assign(step="revenue", needs=needs, gains=0.05)
    report = dataclasses.replace(report, pay=dataclasses.replace(report.pay, totals=totals))
    page = dashboard.page(report, _settings(2, extra=KPI), layout.OWN_IDS)
    assert _shown(page, _row(page, "pay", "Manager 01"), 4) == f"Revenue: {said} more, +5 points"


def test_thirty_managers_with_everything_make_a_small_batch() -> None:
    numbers = random.Random(1)  # noqa: S311 - a repeatable sample
    settings = _settings(30, "ru", KPI)
    report = reports.full(settings, paces=itertools.cycle([numbers.random() * 1.6 for _ in range(97)]))
    page = dashboard.page(report, settings, layout.OWN_IDS, {settings.workbook.tabs.base: 17})
    assert len(json.dumps(batch.plan([page], {}, []).requests)) < 900_000


def test_the_change_of_the_base_is_against_the_period_before() -> None:
    page = _page(_settings(2))
    row = page.named["base"].top + 1
    assert [_shown(page, row, column) for column in (0, 1, 2, 15)] == ["Manager 00", 11.0, 1.0, 71.0]


def test_without_a_snapshot_the_base_is_blank_and_says_so() -> None:
    settings = _settings(1)
    report = _report(settings)
    report.history.loc[report.history["measure"].str.startswith("base."), "actual"] = float("nan")
    page = dashboard.page(report, settings, layout.OWN_IDS)
    row, _ = _find(page, "No snapshot of the base was taken for this period.")
    assert _shown(page, row - 2, 1) is None


def test_a_sixth_indicator_of_a_group_starts_a_new_band() -> None:
    extra = "indicators:\n" + "\n".join(
        f"  i{n}: {{group: productivity, count: [meeting], label: Indicator {n}}}" for n in range(6)
    )
    page = _page(_settings(2, extra=extra))
    first, second = _find(page, "Indicator 4"), _find(page, "Indicator 5")
    assert first[1] == 13
    assert second[1] == 1
    assert second[0] > first[0]
    assert "funnel" not in page.named


def test_other_categories_than_seven() -> None:
    page = _page(_settings(1, extra=f"base: {{categories: [{NINE}]}}"))
    assert _find(page, "Category 7")[1] == 1
    assert _find(page, "All")[1] == 15


def test_the_issues_by_manager_link_to_their_first_row() -> None:
    issues = (_issue("Manager 00"), _issue("Manager 01", Severity.WARNING), _issue("Manager 01"), _issue(""))
    page = _page(_settings(2), issues=issues)
    top = page.named["issues"].top
    listed = [[_shown(page, row, column) for column in (0, 1, 4)] for row in range(top + 1, top + 4)]
    assert listed == [["Manager 01", 1, 1], ["(no manager)", 1, None], ["Manager 00", 1, None]]
    link = page.rows[top + 1][7].value
    assert isinstance(link, Formula)
    assert link.text == '=HYPERLINK("#gid=700003&range=A3";"show them →")'
    assert _shown(page, 1, 12) == "4 rows need attention →"


def test_people_s_text_never_comes_into_a_formula() -> None:
    hostile = '=IMPORTXML("http://x";"y")'
    page = _page(_settings(1), issues=(_issue(hostile),))
    assert any(cell.value == hostile for row in page.rows for cell in row)
    formulas = [cell.value.text for row in page.rows for cell in row if isinstance(cell.value, Formula)]
    assert not any("IMPORTXML" in text for text in formulas)
    assert all(text.startswith(("=HYPERLINK(", "=SPARKLINE(")) for text in formulas)


def test_no_name_that_people_typed_comes_into_a_formula() -> None:
    settings = _settings(2, extra=KPI)
    report = reports.full(settings)
    hostile = '")&IMPORTXML("http://x";"y'
    report.attention[["client", "deal", "reasons"]] = hostile
    report.attention.loc[:, "manager"] = hostile
    assert report.trials is not None
    report.trials.standing.loc[:, ["client", "manager"]] = hostile
    page = dashboard.page(report, settings, layout.OWN_IDS, {settings.workbook.tabs.base: 17})
    formulas = [cell.value.text for row in page.rows for cell in row if isinstance(cell.value, Formula)]
    assert len(formulas) > 20
    assert not any("IMPORTXML" in text for text in formulas)
    patterns = [json.dumps(cell.style.fields.get("numberFormat", "")) for row in page.rows for cell in row]
    assert not any("IMPORTXML" in pattern for pattern in patterns)


@pytest.mark.parametrize(
    ("period", "language", "heading"),
    [
        ("2026-W47", "en", "Week 47 · 16–22 Nov 2026"),
        ("2026-W47", "ru", "Неделя 47 · 16–22 нояб. 2026 г."),
        ("2026-W47", "de", "Woche 47 · 16.–22. Nov. 2026"),
        ("2026-11", "ru", "Ноябрь 2026"),
        ("2026-Q4", "de", "Quartal 4 · Oktober–Dezember 2026"),
    ],
)
def test_the_period_in_words(period: str, language: str, heading: str) -> None:
    page = _page(_settings(1, language), period=Period.parse(period))
    shown = str(_shown(page, 0, 9)).replace("—", "–")  # the dash of a Russian range differs among CLDR's versions
    assert "".join(shown.split()) == "".join(heading.split())


def test_the_trust_line() -> None:
    page = _page(_settings(1))
    assert _shown(page, 1, 0) == "W47 · as of Thu 19 Nov · 4 of 5 working days passed (80%)"
    assert _shown(page, 1, 7) == "synced 19 Nov 2026 17:32 MSK"
    assert page.rows[1][7].stamp


def test_series_are_gapped_where_nothing_was_synced() -> None:
    page = _page(_settings(1))
    area = page.named["trend"]
    column = [_shown(page, row, area.left + 1) for row in range(area.top, area.bottom)]
    assert column == ["Active A", *[None] * 4, 17.0, 18.0]


def test_an_axis_starts_at_zero_unless_something_is_below() -> None:
    settings = _settings(1)
    report = _report(settings)

    def minima() -> list[Any]:
        charts: Any = dashboard.page(report, settings, layout.OWN_IDS).charts
        axes = [chart["spec"]["basicChart"]["axis"][1] for chart in charts]
        return [axis.get("viewWindowOptions", {}).get("viewWindowMin") for axis in axes]

    assert minima() == [0, 0, 0, 0, 0, 0]
    report.history.loc[report.history["measure"] == "revenue", "actual"] = -5.0
    assert minima() == [0, None, 0, 0, 0, 0]


@given(st.lists(st.sampled_from([0.0, 0.5, 0.8999, 0.9, 0.95, 0.9999, 1.0, 1.7]), min_size=1, max_size=30))
@hypothesis.settings(max_examples=12)
def test_sign_and_mirrored_pace_agree(paces: list[float]) -> None:
    settings = _settings(2)
    page = _page(settings, paces=itertools.cycle(paces))
    judged = 0
    for cells in page.rows:
        for column, cell in enumerate(cells[16:32]):
            if isinstance(cell.value, float):
                fields: Any = cells[column].style.fields
                sign = fields["numberFormat"]["pattern"][1]
                assert sign == ("▲" if cell.value >= 1 else "●" if cell.value >= dashboard.TOLERANCE else "▼")
                judged += 1
    assert judged == 3 * len(settings.indicators) + 5


def test_colours_are_live_conditional_formats(tmp_path: Path) -> None:
    """In a real workbook, the attainment's fill follows the pace: blue ahead, none near, orange behind."""
    settings = _settings(2)
    paces = itertools.cycle([1.2, 0.95, 0.4])
    page = _page(settings, paces=paces)
    path = tmp_path / "x.sheet"
    InProcess(path, create=True).close()
    with Workbook.open("local", path=path) as book:
        book.apply(batch.plan([page], {}, []).requests)
        fill = "backgroundColorStyle"
        fields = f"sheets.data.rowData.values(effectiveValue,effectiveFormat.{fill},userEnteredFormat.{fill})"
        (sheet,) = book.grid(fields, [layout.quoted(page.title)])["sheets"]
    fills = {"ahead": set(), "near": set(), "behind": set()}  # type: dict[str, set[str]]
    for row in sheet["data"][0]["rowData"]:
        values = row.get("values", [])
        for column in range(1, 16):
            pace = (
                values[column + 16].get("effectiveValue", {}).get("numberValue") if len(values) > column + 16 else None
            )
            if pace is None:
                continue
            assert (
                "userEnteredFormat" not in values[column]
                or "backgroundColorStyle" not in values[column]["userEnteredFormat"]
            )
            mood = "ahead" if pace >= 1 else "near" if pace >= 0.9 else "behind"
            fills[mood].add(str(values[column]["effectiveFormat"].get("backgroundColorStyle")))
    assert all(len(found) == 1 for found in fills.values()), fills
    assert len(set.union(*fills.values())) == 3


def test_heat_and_names_are_live(tmp_path: Path) -> None:
    """In a real workbook, warmer is blue, colder orange, who stayed has no fill; a name leads to the list it names."""
    page, report = _full(7)
    path = tmp_path / "x.sheet"
    InProcess(path, create=True).close()
    with Workbook.open("local", path=path) as book:
        book.apply(batch.plan([page], {}, []).requests)
        fields = "sheets.data.rowData.values(hyperlink,effectiveValue,effectiveFormat.backgroundColorStyle)"
        (sheet,) = book.grid(fields, [layout.quoted(page.title)])["sheets"]
    rows = [row.get("values", []) for row in sheet["data"][0]["rowData"]]
    top, _ = _find(page, "from ↓  to →")
    seen = set()
    for source, target in itertools.product(range(7), range(7)):
        cell = rows[top + 1 + source][1 + target * 2]
        if "numberValue" in cell.get("effectiveValue", {}):
            fill = cell["effectiveFormat"]["backgroundColorStyle"]["rgbColor"]
            red, blue = fill.get("red", 0), fill.get("blue", 0)
            assert (blue > red, red > blue) == (target < source, target > source)
            seen.add((blue > red, red > blue))
    assert len(seen) == 3
    name = rows[page.named["act"].top + 1][0]
    assert name["effectiveValue"] == {"stringValue": report.attention["manager"].iloc[0]}
    assert name["hyperlink"].startswith("#gid=700001&range=A")


@pytest.mark.parametrize("language", ["ru", "de"])
def test_nothing_of_ours_is_left_in_english(language: str) -> None:
    spoken, english = (_said(_full(1, each)[0]) for each in (language, "en"))
    same = spoken & english
    assert all(word in {"KPI", "EUR", "RUB"} or not word.isalpha() or word.istitle() for word in same), same


def _said(page: Page) -> set[str]:
    return {cell.value for row in page.rows for cell in row[:16] if isinstance(cell.value, str)}


def test_the_legend_explains_what_is_there() -> None:
    page, _ = _full(1)
    plain = _page(_settings(1))
    lines = [area.bottom - area.top for area in (page.named["legend"], plain.named["legend"])]
    assert lines == [13, 7]


def test_palette_has_ochre_for_trials_and_no_colour_twice() -> None:
    categories = _settings(1).base.categories
    colours = dashboard.palette(categories)
    assert len(set(colours)) == 7
    assert colours[[category.id for category in categories].index("trial")] == "#c98a1b"


def test_a_month_s_trend_speaks_of_months() -> None:
    page = _page(_settings(1), period=Period.containing(date(2026, 11, 1), Kind.MONTH))
    area = page.named["trend"]
    assert _shown(page, area.bottom - 1, area.left) == "Nov ’26"
    _find(page, "last 6 months")


def test_the_page_is_the_same_every_time() -> None:
    settings = _settings(7)
    numbers = random.Random(1)  # noqa: S311 - a repeatable sample
    paces = [numbers.random() * 2 for _ in range(99)]
    first, second = (_page(settings, paces=itertools.cycle(paces)) for _ in range(2))
    assert first == second
    assert isinstance(first.rows[0][0], Cell)
    assert isinstance(first.named["base"], Area)
