"""The Guide: everything that a new colleague needs, made from the configuration."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sheetsync import fields, guide
from sheetsync.model import Page
from sheetsync.schema import Settings
from sheetsync.texts import LANGUAGES
from tests.office import ANNA, configured


def _told(page: Page) -> list[list[str]]:
    """The texts of the visible columns, row by row; blank rows left out."""
    rows = [[str(cell.value) for cell in row[:4] if cell.value is not None] for row in page.rows]
    return [row for row in rows if row]


def _line(page: Page, first: str) -> list[str]:
    return next(row for row in _told(page) if row[0] == first)


def _listed(page: Page, name: str) -> list[str]:
    area = page.named[f"list_{name}"]
    cells = (row[area.left].value for row in page.rows[area.top : area.bottom] if len(row) > area.left)
    return [str(value) for value in cells if value is not None]


def test_every_action_says_when_it_counts_and_shows_a_row() -> None:
    page = guide.page(configured())
    assert _line(page, "Meeting held")[1:] == [
        "Filled in: “Evidence”.",
        "The minutes, as a link or as text: who took part, what was agreed, who does what by when",
        f"2026-01-13 · {ANNA} · Meeting held · Orion Logistics · https://…/2417",
    ]
    assert _line(page, "Payment received")[1:] == [
        "Filled in: “Amount”. A refund is a row with a negative amount.",
        "Not needed",
        f"2026-01-13 · {ANNA} · Payment received · Orion Logistics · Amount 480,000 · Profit 110,000",
    ]
    assert {action.label.en for action in configured().actions.values()} <= {row[0] for row in _told(page)}


def test_a_conversion_may_exceed_100_percent_and_the_guide_says_why() -> None:
    told = _line(guide.page(configured()), "Lead conversion")
    assert told[1] == (
        "“Leads converted” divided by “Leads processed” of the same period. It may exceed 100 %: each is counted by "
        "its own date, and what came in earlier may be won now."
    )
    assert told[3] == "40% from 2026-01-01"


def test_targets_are_told_with_their_start_and_own_ones_counted() -> None:
    page = guide.page(configured())
    assert _line(page, "Meetings")[3] == "5 a week from 2026-01-01\n1 manager has an own target."
    assert _line(page, "Revenue")[3] == "3,000,000 RUB a month from 2026-01-01"
    assert _line(page, "Contracts")[3] == "No target"


def test_categories_stand_in_their_order_with_their_criteria() -> None:
    rows = _told(guide.page(configured()))
    start = rows.index(["Category", "Criteria", "Chance of payment"]) + 1
    told = rows[start : start + 7]
    assert [row[0] for row in told] == ["Active A", "Active B", "Active C", "On trial", "In design", "Warm", "Cold"]
    assert told[0][1].endswith("; and “Expected payment” is this month or overdue.")
    assert told[5][1:] == ["“Last contact” is at most 90 days ago.", "5%"]
    assert told[6][1] == "Everything else."


def test_the_signs_of_the_dashboard_are_explained() -> None:
    page = guide.page(configured())
    assert _line(page, "▲")[1] == "At or ahead of the plan to date."
    assert _line(page, "●")[1] == "Slightly behind: within 10 % of the plan to date."
    assert _line(page, "▼")[1] == "Behind the plan to date by more than 10 %."


@pytest.mark.parametrize(
    ("language", "title", "rhythm"),
    [
        ("en", "Guide: Sales", "Every week, and in between whenever fresh figures are wanted."),
        ("ru", "Инструкция: Sales", "Каждую неделю, а также когда нужны свежие цифры."),
        ("de", "Anleitung: Sales", "Jede Woche, dazwischen immer dann, wenn frische Zahlen gebraucht werden."),
    ],
)
def test_it_speaks_the_workbooks_language(language: Any, title: str, rhythm: str) -> None:
    told = _told(guide.page(configured(language)))
    assert told[0] == [title]
    assert any(rhythm in row for row in told)


@pytest.mark.parametrize("language", ["ru", "de"])
def test_no_english_is_left(language: Any) -> None:
    english = {text for row in _told(guide.page(configured("en"))) for text in row if " " in text}
    there = {text for row in _told(guide.page(configured(language))) for text in row}
    assert english & there == set()


def test_dropdowns_get_names_and_the_highlighting_all_spellings() -> None:
    page = guide.page(configured("ru"))
    assert _listed(page, "managers") == [ANNA, "Boris Ivanov"]
    assert _listed(page, "known_managers") == ["anna petrova", "boris ivanov", "boris"]
    assert _listed(page, "checked") == ["да", "нет"]
    assert _listed(page, "stages")[:2] == ["Договор", "Счёт"]
    assert {"meeting", "meeting held", "lead accepted"} <= set(_listed(page, "known_actions"))
    assert _listed(page, "refundable")[0] == "payment"


def test_lists_grow_without_moving_their_ranges() -> None:
    few, more = guide.page(configured()), guide.page(configured(managers=[f"Manager {n}" for n in range(120)]))
    assert few.named["list_managers"] == more.named["list_managers"]
    most = guide.page(configured(managers=[f"Manager {n}" for n in range(450)]))
    assert len(_listed(most, "managers")) == 450


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_is_as_high_as_its_longest_text_needs(language: Any) -> None:
    page = guide.page(configured(language))
    for row, cells in enumerate(page.rows[:100]):
        for column, cell in enumerate(cells[:4]):
            if isinstance(cell.value, str) and row in page.row_heights and (row, column) not in _merged(page):
                lines = len(cell.value) * (7 if language == "ru" else 6) / page.column_widths[column]
                assert page.row_heights[row] >= 18 * int(lines), cell.value


def _merged(page: Page) -> set[tuple[int, int]]:
    return {(area.top, area.left) for area in page.merges}


def test_the_lists_are_hidden_and_the_rest_fits_a_laptop() -> None:
    page = guide.page(configured())
    assert set(page.hidden_columns) == {area.left for name, area in page.named.items() if name.startswith("list_")}
    assert sum(page.column_widths[column] for column in range(4)) <= 1180
    assert len(page.rows) >= page.named["list_managers"].bottom


def test_the_same_configuration_gives_the_same_page() -> None:
    assert guide.page(configured("de")) == guide.page(configured("de"))


def test_counting_clients_and_quarters_is_told() -> None:
    settings: Settings = configured(
        department={"currency": "EUR", "period": "quarter"},
        indicators={"met": {"label": "Clients met", "clients": ["meeting"]}},
        targets=[{"from": "2026-01-01", "per": "quarter", "default": {"met": 30}}],
    )
    told = _line(guide.page(settings), "Clients met")
    assert told[1] == "Number of different clients with: “Meeting held”."
    assert told[3] == "30 a quarter from 2026-01-01"


@pytest.mark.parametrize(("typed", "known"), [(" Алёна\u00a0 ", "алена"), ("lead_accepted", "lead accepted")])
def test_names_are_looked_up_as_a_formula_can(typed: str, known: str) -> None:
    assert fields.looked_up(typed) == known


def test_all_texts_are_filled_in() -> None:
    for language in LANGUAGES:
        told = [text for row in _told(guide.page(configured(language))) for text in row]
        assert [text for text in told if re.search(r"[{}]", text)] == []
