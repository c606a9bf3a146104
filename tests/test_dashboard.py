"""The Dashboard: one grid for 1 and for 30 managers, in three languages, and colour that means something."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync import batch, dashboard, history, layout
from sheetsync.google import Workbook
from sheetsync.local.inprocess import InProcess
from sheetsync.model import Area, Cell, CellRef, Formula, Issue, Moment, Page, Severity
from sheetsync.periods import Kind, Period
from sheetsync.review import Report
from sheetsync.schema import Settings
from sheetsync.settings import load

WEEK = Period.parse("2026-W47")
ZONE = ZoneInfo("Europe/Moscow")


def _settings(folder: Path, managers: int, language: str = "en", extra: str = "") -> Settings:
    names = "\n".join(f"  - Manager {n:02d}" for n in range(managers))
    path = folder / "targets.yaml"
    path.write_text(
        f"workbook: {{spreadsheet: 'local:x.sheet', language: {language}}}\n"
        f"department: {{currency: RUB}}\nmanagers:\n{names}\ntargets: []\n{extra}",
        encoding="utf-8",
    )
    return load(path)


def _figures(settings: Settings, paces: Iterator[float], attainment: float = 0.5) -> pd.DataFrame:
    rows = []
    for manager in [*(person.name for person in settings.managers), settings.department.name]:
        for key, indicator in settings.indicators.items():
            pace = float("nan") if indicator.ratio else next(paces)
            rows.append((manager, key, indicator.unit, 10.0, 8.0, 5.0, attainment, pace))
    columns = ["manager", "measure", "unit", "plan", "plan_to_date", "actual", "attainment", "pace"]
    return pd.DataFrame(rows, columns=columns)


def _history(settings: Settings, figures: pd.DataFrame, periods: list[Period]) -> pd.DataFrame:
    order = [*(person.name for person in settings.managers), settings.department.name]
    clients = [
        (name, f"base.{category.id}.clients", "count", 10.0 + at)
        for at, (name, category) in enumerate(itertools.product(order, settings.base.categories))
    ]
    clients += [(name, "base.clients", "count", 70.0) for name in order]
    standing = pd.DataFrame(clients, columns=["manager", "measure", "unit", "actual"])
    merged = history.from_cells([])
    for at, period in enumerate(periods):
        grown = standing.assign(actual=standing["actual"] + at)
        merged = history.merge(merged, pd.concat([figures, grown]), period, datetime(2026, 11, 19, 17, 32), order)
    return merged


def _report(
    settings: Settings, *, paces: Iterator[float] | None = None, issues: tuple[Issue, ...] = (), period: Period = WEEK
) -> Report:
    figures = _figures(settings, paces or itertools.repeat(1.0))
    past = _history(settings, figures, [period.previous, period])
    as_of = min(date(2026, 11, 19), period.end)
    moment = Moment(period, as_of, as_of, as_of, datetime(2026, 11, 19, 17, 32, tzinfo=ZONE))
    return Report(moment, figures, past, issues, 4, 5)


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


@pytest.mark.parametrize("managers", [1, 7, 30])
@pytest.mark.parametrize("language", ["en", "ru", "de"])
def test_every_block_stands_on_the_one_grid(tmp_path: Path, managers: int, language: str) -> None:
    page = _page(_settings(tmp_path, managers, language))
    widths = [
        page.column_widths.get(column, 100) for column in range(page.columns) if column not in page.hidden_columns
    ]
    assert len(widths) == 16
    assert sum(widths) == 1170
    assert all(area.right <= 16 for name, area in page.named.items() if name != "trend")
    taken: set[tuple[int, int]] = set()
    for area in page.merges:
        cells = {(row, column) for row in range(area.top, area.bottom) for column in range(area.left, area.right)}
        assert not taken & cells
        assert area.left >= page.frozen_columns
        taken |= cells


def test_every_block_has_its_name(tmp_path: Path) -> None:
    page = _page(_settings(tmp_path, 7))
    assert set(page.named) == {
        "title",
        "headline",
        "productivity",
        "funnel",
        "finance",
        "base",
        "issues",
        "charts",
        "legend",
        "trend",
    }
    tops = [
        page.named[name].top for name in ("title", "headline", "productivity", "funnel", "finance", "base", "issues")
    ]
    assert tops == sorted(tops)


def test_a_manager_s_figures_are_numbers_in_their_places(tmp_path: Path) -> None:
    settings = _settings(tmp_path, 2)
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


def test_no_plan_is_blank_and_not_zero(tmp_path: Path) -> None:
    settings = _settings(tmp_path, 1)
    report = _report(settings)
    report.figures[["plan", "plan_to_date", "attainment", "pace"]] = float("nan")
    page = dashboard.page(report, settings, layout.OWN_IDS)
    row = page.named["productivity"].top + 2
    assert [_shown(page, row, column) for column in (1, 2, 3)] == [5.0, None, None]
    assert _shown(page, row, 3 + 16) is None


def test_the_change_of_the_base_is_against_the_period_before(tmp_path: Path) -> None:
    page = _page(_settings(tmp_path, 2))
    row = page.named["base"].top + 1
    assert [_shown(page, row, column) for column in (0, 1, 2, 15)] == ["Manager 00", 11.0, 1.0, 71.0]


def test_without_a_snapshot_the_base_is_blank_and_says_so(tmp_path: Path) -> None:
    settings = _settings(tmp_path, 1)
    report = _report(settings)
    report.history.loc[report.history["measure"].str.startswith("base."), "actual"] = float("nan")
    page = dashboard.page(report, settings, layout.OWN_IDS)
    row, _ = _find(page, "No snapshot of the base was taken for this period.")
    assert _shown(page, row - 2, 1) is None


def test_a_sixth_indicator_of_a_group_starts_a_new_band(tmp_path: Path) -> None:
    extra = "indicators:\n" + "\n".join(
        f"  i{n}: {{group: productivity, count: [meeting], label: Indicator {n}}}" for n in range(6)
    )
    page = _page(_settings(tmp_path, 2, extra=extra))
    first, second = _find(page, "Indicator 4"), _find(page, "Indicator 5")
    assert first[1] == 13
    assert second[1] == 1
    assert second[0] > first[0]
    assert "funnel" not in page.named


def test_other_categories_than_seven(tmp_path: Path) -> None:
    categories = ", ".join(
        f"{{id: c{n}, label: Category {n}, when: {{contact_within: {n + 1}}}}}" if n < 8 else "{id: c8, label: Rest}"
        for n in range(9)
    )
    page = _page(_settings(tmp_path, 1, extra=f"base: {{categories: [{categories}]}}"))
    assert _find(page, "Category 7")[1] == 1
    assert _find(page, "All")[1] == 15


def test_the_issues_by_manager_link_to_their_first_row(tmp_path: Path) -> None:
    issues = (_issue("Manager 00"), _issue("Manager 01", Severity.WARNING), _issue("Manager 01"), _issue(""))
    page = _page(_settings(tmp_path, 2), issues=issues)
    top = page.named["issues"].top
    listed = [[_shown(page, row, column) for column in (0, 1, 4)] for row in range(top + 1, top + 4)]
    assert listed == [["Manager 01", 1, 1], ["(no manager)", 1, None], ["Manager 00", 1, None]]
    link = page.rows[top + 1][7].value
    assert isinstance(link, Formula)
    assert link.text == '=HYPERLINK("#gid=700003&range=A3";"show them →")'
    assert _shown(page, 1, 12) == "4 rows need attention →"


def test_people_s_text_never_comes_into_a_formula(tmp_path: Path) -> None:
    hostile = '=IMPORTXML("http://x";"y")'
    page = _page(_settings(tmp_path, 1), issues=(_issue(hostile),))
    assert any(cell.value == hostile for row in page.rows for cell in row)
    formulas = [cell.value.text for row in page.rows for cell in row if isinstance(cell.value, Formula)]
    assert not any("IMPORTXML" in text for text in formulas)
    assert all(text.startswith(("=HYPERLINK(", "=SPARKLINE(")) for text in formulas)


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
def test_the_period_in_words(tmp_path: Path, period: str, language: str, heading: str) -> None:
    page = _page(_settings(tmp_path, 1, language), period=Period.parse(period))
    assert "".join(str(_shown(page, 0, 9)).split()) == "".join(heading.split())


def test_the_trust_line(tmp_path: Path) -> None:
    page = _page(_settings(tmp_path, 1))
    assert _shown(page, 1, 0) == "W47 · as of Thu 19 Nov · 4 of 5 working days passed (80%)"
    assert _shown(page, 1, 7) == "synced 19 Nov 2026 17:32 MSK"
    assert page.rows[1][7].stamp


def test_series_are_gapped_where_nothing_was_synced(tmp_path: Path) -> None:
    page = _page(_settings(tmp_path, 1))
    area = page.named["trend"]
    column = [_shown(page, row, area.left + 1) for row in range(area.top, area.bottom)]
    assert column == ["Active A", *[None] * 4, 17.0, 18.0]


def test_an_axis_starts_at_zero_unless_something_is_below(tmp_path: Path) -> None:
    settings = _settings(tmp_path, 1)
    report = _report(settings)

    def minima() -> list[Any]:
        charts: Any = dashboard.page(report, settings, layout.OWN_IDS).charts
        axes = [chart["spec"]["basicChart"]["axis"][1] for chart in charts]
        return [axis.get("viewWindowOptions", {}).get("viewWindowMin") for axis in axes]

    assert minima() == [0, 0, 0, 0, 0, 0]
    report.history.loc[report.history["measure"] == "revenue", "actual"] = -5.0
    assert minima() == [0, None, 0, 0, 0, 0]


@given(st.lists(st.sampled_from([0.0, 0.5, 0.8999, 0.9, 0.95, 0.9999, 1.0, 1.7]), min_size=1, max_size=30))
def test_sign_and_mirrored_pace_agree(tmp_path_factory: pytest.TempPathFactory, paces: list[float]) -> None:
    settings = _settings(tmp_path_factory.mktemp("x"), 2)
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
    settings = _settings(tmp_path, 2)
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


def test_palette_has_ochre_for_trials_and_no_colour_twice(tmp_path: Path) -> None:
    categories = _settings(tmp_path, 1).base.categories
    colours = dashboard.palette(categories)
    assert len(set(colours)) == 7
    assert colours[[category.id for category in categories].index("trial")] == "#c98a1b"


def test_a_month_s_trend_speaks_of_months(tmp_path: Path) -> None:
    page = _page(_settings(tmp_path, 1), period=Period.containing(date(2026, 11, 1), Kind.MONTH))
    area = page.named["trend"]
    assert _shown(page, area.bottom - 1, area.left) == "Nov 26"
    _find(page, "last 6 months")


def test_the_page_is_the_same_every_time(tmp_path: Path) -> None:
    settings = _settings(tmp_path, 7)
    numbers = random.Random(1)  # noqa: S311 - a repeatable sample
    paces = [numbers.random() * 2 for _ in range(99)]
    first, second = (_page(settings, paces=itertools.cycle(paces)) for _ in range(2))
    assert first == second
    assert isinstance(first.rows[0][0], Cell)
    assert isinstance(first.named["base"], Area)
