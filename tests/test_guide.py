"""The Guide: everything that a new colleague needs, made from the configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import time_machine

from sheetsync import dashboard, fields, guide, layout
from sheetsync.guide.examples import evidence, fitting
from sheetsync.model import Page
from sheetsync.schema import Settings
from sheetsync.texts import LANGUAGES, Texts
from tests import reports
from tests.office import ANNA, BORIS, TARGETS, configured
from tests.served import Served


def _told(page: Page) -> list[list[str]]:
    """The texts of the visible columns, row by row; blank rows left out."""
    rows = [[str(cell.value) for cell in row[:4] if cell.value is not None] for row in page.rows]
    return [row for row in rows if row]


def _line(page: Page, first: str) -> list[str]:
    return next(row for row in _told(page) if row[0] == first)


def _row(page: Page, first: str, then: str) -> list[str]:
    return next(row for row in _told(page) if row[0] == first and len(row) > 1 and row[1].startswith(then))


def _section(page: Page, heading: str) -> dict[str, list[str]]:
    """The lines under a heading, up to the next one, by their first cell."""
    rows = _told(page)
    start = rows.index([heading]) + 1
    headings = (at for at in range(start + 2, len(rows)) if len(rows[at]) == 1)
    return {row[0]: row[1:] for row in rows[start : next(headings, len(rows))]}


def _listed(page: Page, name: str) -> list[str]:
    area = page.named[f"list_{name}"]
    cells = (row[area.left].value for row in page.rows[area.top : area.bottom] if len(row) > area.left)
    return [str(value) for value in cells if value is not None]


def test_every_action_says_when_it_counts_and_shows_a_row() -> None:
    page = guide.page(configured())
    assert _line(page, "Meeting held")[1:] == [
        "2026-01-13 · Orion Logistics\nEvidence: https://drive.example/2417",
        "Filled in: “Evidence”.",
        "The minutes, as a link or as text: who took part, what was agreed, who does what by when",
    ]
    assert _line(page, "Payment received")[1:] == [
        "2026-01-13 · Orion Logistics\nAmount: 480000\nProfit: 110000",
        "Filled in: “Amount”. A refund is a row with a negative amount.",
        "Not needed",
    ]
    assert _row(page, "Fixtures on trial", "2026-01-13")[1].endswith("\nQuantity: 12")
    assert _line(page, "Lead taken to work")[1] == "2026-01-13\nQuantity: 3"
    assert {action.label.en for action in configured().actions.values()} <= {row[0] for row in _told(page)}


def test_a_conversion_may_exceed_100_percent_and_the_guide_says_why() -> None:
    told = _line(guide.page(configured()), "Lead conversion")
    assert told[2] == (
        "“Leads converted” divided by “Leads processed” of the same period. It may exceed 100 %: each is counted by "
        "its own date, and what came in earlier may be won now."
    )
    assert told[1] == "40% from 2026-01-01"


def test_targets_are_told_with_their_start_and_own_ones_counted() -> None:
    page = guide.page(configured())
    assert _line(page, "Meetings")[1] == "5 a week from 2026-01-01\n1 manager has an own target."
    assert _line(page, "Revenue")[1] == "3,000,000 RUB a month from 2026-01-01"
    assert _line(page, "Contracts")[1] == "No target"


def test_categories_stand_in_their_order_with_their_criteria() -> None:
    rows = _told(guide.page(configured()))
    start = rows.index(["Category", "Chance of payment", "Criteria"]) + 1
    told = rows[start : start + 7]
    assert [row[0] for row in told] == ["Active A", "Active B", "Active C", "On trial", "In design", "Warm", "Cold"]
    assert told[0][2].endswith("; and “Expected payment” is this month or overdue.")
    assert told[5][1:] == ["5% within 12 months", "“Last contact” is at most 90 days ago."]
    assert told[0][1] == "90% within 1 month"
    assert told[6][2] == "Everything else."


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
    assert english & there == {ANNA}


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
    assert told[1] == "30 a quarter from 2026-01-01"
    assert told[2] == "Number of different clients with: “Meeting held”."


# --- what the configuration switches on and off ----------------------------------------------------------------------


def test_the_base_shows_an_example_of_every_column() -> None:
    told = _section(guide.page(configured()), "How to fill in “Base”")
    assert [told[name][0] for name in ("Client", "Stage", "Expected payment", "Expected amount", "Trial since")] == [
        "Orion Logistics",
        "Contract",
        "2026-02-19",
        "480000",
        "2026-01-06",
    ]
    assert told["Category"][0].startswith("How close")  # left blank


def test_the_calendar_and_neglect_move_clients() -> None:
    told = _section(guide.page(configured()), "Categories of the base, from warm to cold")
    assert told["The calendar"][1] == "The client is counted as “calendar”: it moved, but nobody's work moved it."
    assert told["Neglect"] == [
        "Nobody has talked to the client for more than 90 days.",
        "The client is no longer “Warm”.",
    ]
    flat = configured(base={"categories": [{"id": "all", "label": "All"}]})
    assert not {"The calendar", "Neglect"} & {row[0] for row in _told(guide.page(flat))}


def _kpi(**more: Any) -> Settings:
    weights = {"meetings": 1, "revenue": 3}
    return configured(kpi={"weights": weights, "threshold": 0.7, "accelerator": 1.5, "incentive": 100000.0, **more})


def test_the_kpi_is_told_with_its_curve() -> None:
    told = _section(guide.page(_kpi(cap=2.0, show="pay", managers={ANNA: 120000.0})), "KPI: a score for every month")
    assert told["Meetings"] == ["25%"]
    assert told["Revenue"] == ["75%"]
    assert told["Below 70%"] == ["Nothing."]
    assert told["70% to 100%"] == ["What it is: 85% is worth 85%."]
    assert told["Above 100%"] == ["What is above 100 % counts 1.5 times: 130% is worth 145%."]
    assert told["At the most"] == ["200%"]
    assert told["Money"] == [
        "Incentive × score. With an incentive of 100,000 RUB a score of 110% pays 110,000 RUB. "
        "1 manager has an own incentive."
    ]


def test_other_curves_are_told_too() -> None:
    whole = _section(guide.page(_kpi(mode="whole", per="quarter", cap=1.4)), "KPI: a score for every quarter")
    assert whole["Above 100%"] == ["All of it counts 1.5 times: 130% is worth 140%."]
    plain = _section(guide.page(_kpi(threshold=0.0, accelerator=1.0)), "KPI: a score for every month")
    assert plain["From 0%"] == ["What it is: 95% is worth 95%."]
    assert not {"Below 0%", "Above 100%", "At the most"} & plain.keys()
    strict = _section(guide.page(_kpi(threshold=0.98, accelerator=1.0)), "KPI: a score for every month")
    assert strict["From 98%"] == ["What it is: 98% is worth 98%."]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_score_without_pay_shows_no_money(language: Any) -> None:
    def told(show: str) -> str:
        settings = _kpi(show=show, incentive=54321.0).model_copy(deep=True)
        workbook = settings.workbook.model_copy(update={"language": language})
        page = guide.page(settings.model_copy(update={"workbook": workbook}))
        return "\n".join(text for row in _told(page) for text in row)

    amounts = re.compile("54.?321")
    assert "KPI" in told("score")
    assert not amounts.search(told("score"))
    assert amounts.search(told("pay"))
    assert "KPI" not in told("nothing")


def test_limits_stand_in_the_blocks_of_the_dashboard() -> None:
    settings = configured(attention={"quiet_days": 14, "most": 5}, trial={"limit_days": 45, "mature_days": 60})
    told = _section(guide.page(settings), "“Dashboard”, block by block")
    assert told["Act this week\nAct this week, manager by manager"][1] == (
        "For each manager up to 5 clients, each with its reasons: a payment is overdue; log and base contradict each "
        "other; fixtures have been out for more than 45 days; it has been in its category for longer than usual; it is "
        "active, but had no action for 14 days."
    )
    trials = told["Fixtures on trial\nOut for more than 45 days\nTrials begun in"]
    assert "limit of 45 days" in trials[1]
    assert "Until 60 days after its end" in trials[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_blocks_are_called_as_on_the_dashboard(language: Any) -> None:
    settings = configured(language, kpi={"weights": {"meetings": 1.0}})
    page = dashboard.page(reports.full(settings), settings, layout.OWN_IDS)
    shown = [str(cell.value) for row in page.rows for cell in row[:16] if isinstance(cell.value, str)]
    rows = _told(guide.page(settings))
    start = rows.index(
        [Texts(language)(name) for name in ("Block", "It answers", "What it shows", "How it is computed")]
    )
    blocks = [row[0].split("\n") for row in rows[start + 1 : start + 14]]
    names = [name for block in blocks for name in block]
    first = {name: at for at, text in reversed(list(enumerate(shown))) for name in names if _same(name, text)}
    assert [name for name in names if name not in first] == []
    order = [first[block[0]] for block in blocks]
    assert order == sorted(order)
    words = [Texts(language)(word) for word in ("warmer", "colder", "won", "lost", "taken on", "revalued", "calendar")]
    told = "\n".join(text for row in rows for text in row)
    assert all(word in shown and Texts(language)("“{name}”", name=word) in told for word in words)


def _same(heading: str, text: str) -> bool:
    return bool(re.fullmatch(re.escape(heading).replace("…", ".+"), text))


def test_blocks_that_are_not_there_are_not_explained() -> None:
    def blocks(settings: Settings) -> set[str]:
        return set(_section(guide.page(settings), "“Dashboard”, block by block"))

    few = configured(indicators={"meetings": {"label": "Meetings", "count": ["meeting"]}}, targets=[])
    groups = {"Productive actions\nFunnel\nFinance, RUB"}
    assert blocks(configured()) - blocks(few) == {"Headline", "does it cover the plan?"} | groups
    assert blocks(few) - blocks(configured()) == {"Productive actions"}


@pytest.mark.parametrize(("language", "locale"), [("en", "de_DE"), ("ru", "en_US"), ("de", "en_US")])
def test_the_examples_count_as_they_are_typed(tmp_path: Path, language: Any, locale: str) -> None:
    """In a spreadsheet of another country, with a manager who joined, one who left, and targets of a year to come."""
    with time_machine.travel("2026-11-20 12:00", tick=True), Served(tmp_path) as book:
        spreadsheet, credentials = book.where
        people = [{"name": BORIS, "until": "2026-03-31"}, {"name": ANNA, "from": "2026-09-01"}]
        targets = [*TARGETS[1:], {"from": "2027-01-01", "per": "week", "default": {"meetings": 9}}]
        workbook = {"spreadsheet": spreadsheet, "credentials": credentials, "language": language}
        book.configure(
            {"workbook": workbook, "managers": people, "targets": targets, "department": {"currency": "RUB"}}
        )
        book.book.update_locale(locale)
        book.run("init")
        page, texts = guide.page(configured(language, managers=people, targets=targets)), Texts(language)
        log, base = (configured(language).workbook.tabs.actions[0], configured(language).workbook.tabs.base)
        told = [dict(zip(("name", "example"), row, strict=False)) for row in _told(page)]
        rows = [_typed(row, texts) for row in told if re.match(r"[\d.-]{10}( · |\n|$)", row.get("example", ""))]
        header = book.rows(log)[0]
        actions = {action.label.text(language) for action in configured().actions.values()}
        examples = [row for row in rows if row[texts("Action")] in actions]
        assert len(examples) == len(actions)
        book.fill(log, [[row.get(name, "") for name in header] for row in examples])
        clients = _section(page, texts("How to fill in {tab}", tab=texts("“{name}”", name=base)))
        typed = {name: row[0] for name, row in clients.items() if len(row) == 3}
        book.fill(base, [[typed.get(name, "") for name in book.rows(base)[0]]])
        assert book.sync("--period", "2026-09").json["issues"] == {"error": 0, "warning": 0}
        tab = configured(language).workbook.tabs.history
        history = {row["measure"]: row["actual"] for row in book.records(tab) if row["manager"] == ANNA}
        wanted = {"meetings": 1, "contracts": 1, "leads_processed": 6, "revenue": 480_000, "gross_profit": 110_000}
        assert {name: history[name] for name in wanted} == wanted


def _typed(row: dict[str, str], texts: Texts) -> dict[str, str]:
    """An action's example as a row: day and client, then a column a line."""
    first, *lines = row["example"].split("\n")
    day, *client = first.split(" · ")
    pairs = dict(line.split(": ", 1) for line in lines)
    who = {texts("Date"): day, texts("Manager"): ANNA, texts("Action"): row["name"], texts("Client"): "".join(client)}
    return who | pairs


def test_a_finance_tab_is_explained_to_those_who_use_it() -> None:
    plain, finance = guide.page(configured()), guide.page(configured(workbook={"tabs": {"finance": "Money in"}}))
    assert "Finance" not in {row[0] for row in _told(plain)}
    assert _line(finance, "Finance")[2] == (
        "Types “Payment received” into “Money in”: one row each, with the client's manager. Typed anywhere else, they "
        "do not count."
    )
    assert _line(finance, "Payment received")[2].startswith("Typed in “Money in”, by finance. Filled in: “Amount”.")
    assert _row(finance, "Head of sales", "Once, when “Money in” is new")[2] == (
        "Lets finance, and nobody who is paid by it, edit “Money in”: Data → Protect sheets and ranges."
    )
    assert _line(finance, "Meeting held")[2] == "Filled in: “Evidence”."
    assert _line(finance, "Payment outside of “Money in”")


def test_closing_by_itself_is_told() -> None:
    by_hand, by_itself = guide.page(configured()), guide.page(configured(department={"close_after_days": 10}))
    assert _line(by_hand, "Closed")[1] == (
        "The head of sales closes it with “sheetsync close --period”; nothing closes by itself."
    )
    assert _line(by_itself, "Closed")[1].startswith(
        "It closes by itself at the first sync more than 10 days after its end"
    )
    assert _line(by_hand, "Restated")[2] == (
        "The new figures are marked “restated” in “History”; the old ones stay there, “superseded”."
    )


def test_evidence_that_must_look_like_something_has_a_fitting_example() -> None:
    offer = {"label": "Offer", "evidence": "required", "what": "The card.", "evidence_patterns": ["CRM-[0-9]{5}"]}
    either = {"label": "Talk", "evidence": "required", "evidence_patterns": ["№ ?[0-9]+", "link"]}
    page = guide.page(configured(actions={"offer": offer, "talk": either}, indicators=_COUNTED, targets=[]))
    assert _line(page, "Offer")[1:] == [
        "2026-01-13 · Orion Logistics\nEvidence: CRM-41708",
        "Filled in: “Evidence”.",
        "The card. The cell has to hold “CRM-41708”.",
    ]
    assert _line(page, "Talk")[1].endswith("Evidence: https://drive.example/2417")
    assert _line(page, "Talk")[3] == "A link or a few words. The cell has to hold “№ 4170” or a link."
    assert _line(page, "Evidence does not look like one")


_COUNTED = {"offers": {"label": "Offers", "count": ["offer"]}}


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("CRM-[0-9]+", "CRM-4170"),
        (r"^\d{4}/\d{2,}$", "1708/56"),
        (r"(?:act|deed) №\s?\d+?", "act №"),
        (r"a\.b*(c|d){2}", "a.bcc"),
        (r"\bДог\. \d+", "Дог. 1708"),
        ("[^0-9]{3}", "CMR"),
        (r"(x)\1", ""),
        ("(?=x)x", ""),
    ],
)
def test_an_expression_is_unfolded_into_what_it_finds(pattern: str, shown: str) -> None:
    text = fitting(pattern)
    assert text.startswith(shown)
    assert (text == "") == (shown == "")
    assert shown == "" or re.search(pattern, text)


def test_an_expression_too_clever_is_shown_itself() -> None:
    assert evidence([r"(?=x)x"]) == r"(?=x)x"
    assert evidence([r"(?=x)x", "a+"]) == "a"


@pytest.mark.parametrize(("typed", "known"), [(" Алёна\u00a0 ", "алена"), ("lead_accepted", "lead accepted")])
def test_names_are_looked_up_as_a_formula_can(typed: str, known: str) -> None:
    assert fields.looked_up(typed) == known


def test_all_texts_are_filled_in() -> None:
    for language in LANGUAGES:
        told = [text for row in _told(guide.page(configured(language))) for text in row]
        assert [text for text in told if re.search(r"[{}]", text)] == []
