"""Log against base: each contradiction with its cell and its texts, and what is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pytest

from sheetsync import base as bases
from sheetsync.contradictions import contradictions
from sheetsync.model import CellRef, Issue, Ledger, Severity
from sheetsync.moves import Moves, moves
from sheetsync.periods import Period
from sheetsync.schema import Settings
from tests.department import ANNA, BORIS, CATEGORIES, INDICATORS, base, ledger, moment, settings

Row = dict[str, Any]

LOGGED: dict[str, dict[str, Any]] = {
    **INDICATORS,
    "contracts": {"label": "Contracts", "count": ["contract"]},
    "trials": {"label": "Trials", "count": ["trial"]},
}
CONFIG = settings(indicators=LOGGED)
W46, W47 = Period.parse("2026-W46"), Period.parse("2026-W47")
"""9 to 15 November 2026, and 16 to 22 November, the period of these tests."""

PLACES = {
    "Actions": {"Date": 1, "Manager": 2, "Action": 3, "Client": 4},
    "Base": {"Client": 1, "Manager": 3, "Category": 4, "Trial units": 8},
}


def act(action: str, day: str, client: str = "Acme", **fields: Any) -> Row:
    """A row of the log; a payment is of 100."""
    money = {"amount": 100} if action == "payment" else {}
    deal = {"deal_key": str(fields.get("deal", "")).casefold()}
    return {
        "tab": "Actions",
        "action": action,
        "date": day,
        "client": client,
        "manager": ANNA,
        **money,
        **deal,
        **fields,
    }


def client(name: str = "Acme", category: str = "warm", **fields: Any) -> Row:
    """A row of the base."""
    return {"client": name, "category": category, "deal_key": str(fields.get("deal", "")).casefold(), **fields}


def told(
    log: Sequence[Row],
    clients: Sequence[Row],
    *,
    before: Sequence[Row] | None = None,
    config: Settings = CONFIG,
    as_of: str | None = None,
) -> tuple[Issue, ...]:
    """The contradictions of W47; `before`: the base as it stood in W46, None where no snapshot is."""
    now = moment("2026-W47", as_of)
    numbered = [{"row": number, **row} for number, row in enumerate(log, 2)]
    classified, _ = bases.classify(base(*clients), config, now.as_of)
    both = dataclasses.replace(ledger(*numbered), base=classified, places=PLACES)
    return contradictions(both, _moves(both, before, config), config, now)


def _moves(now: Ledger, before: Sequence[Row] | None, config: Settings) -> Moves | None:
    if before is None:
        return None
    stood = {W46: base(*before), W47: now.base}
    spells = [rows.assign(from_period=str(week), to_period=str(week)) for week, rows in stood.items()]
    snapshots = pd.concat([each[list(bases.SNAPSHOT_COLUMNS)] for each in spells], ignore_index=True)
    found = moves(snapshots, now.actions, config, moment("2026-W47"))
    assert found is not None
    return found


def found(*args: Any, **fields: Any) -> list[tuple[str, str]]:
    """Code and cell of each."""
    return [(issue.code, issue.cell.a1) for issue in told(*args, **fields)]


def doubted(code: str, cases: Mapping[str, tuple[Sequence[Row], Row]], **fields: Any) -> list[str]:
    """Which of these cases are doubted so: each has its log and its base row, of a client that is called by it."""
    log = [
        {**row, "client": name if row["client"] == "Acme" else row["client"]}
        for name, (rows, _) in cases.items()
        for row in rows
    ]
    issues = told(log, [{**row, "client": name} for name, (_, row) in cases.items()], **fields)
    names = list(cases)
    return [names[issue.cell.row - 2] for issue in issues if issue.code == code]


# --- texts -----------------------------------------------------------------------------------------------------------

WITHOUT_MOVES: tuple[list[Row], list[Row]] = (
    [act("payment", "2026-11-18", "Paid"), act("meeting", "2026-10-01", "Paid")],
    [client("Paid"), client("Lent", "trial", trial_units=2.5, trial_since="2026-11-02")],
)
WITH_MOVES: tuple[list[Row], list[Row]] = (
    [
        act("contract", "2026-11-18", "Signed"),
        act("trial", "2026-11-18", "Tried"),
        act("meeting", "2026-11-18", "Stranger"),
    ],
    [client("Signed"), client("Tried", trial_units=0), client("Raised", "project")],
)


def every_doubt(config: Settings = CONFIG) -> list[Issue]:
    """One contradiction of each kind."""
    before = [client(str(row["client"])) for row in WITH_MOVES[1]]
    return [*told(*WITHOUT_MOVES, config=config), *told(*WITH_MOVES, before=before, config=config)]


UP_TO_DATE = "Bring stage and expected payment up to date, or choose the category that fits."
ENGLISH: tuple[tuple[str, CellRef, str, str, str, str], ...] = (
    (
        "base_behind_payment",
        CellRef("Base", 2, 4),
        "Warm",
        "A payment from “Paid” dated 18 Nov 2026 is in the log (Actions, row 2), yet the base still says “Warm”.",
        UP_TO_DATE,
        "Counted as “Warm”.",
    ),
    (
        "trial_not_logged",
        CellRef("Base", 3, 8),
        "2.5",
        "“Lent” has had a trial since 2 Nov 2026 by the base, yet no trial that counts is in the log.",
        "Log the trial with its evidence, or clear the units if nothing is on trial there.",
        "Counted.",
    ),
    (
        "base_behind_contract",
        CellRef("Base", 2, 4),
        "Warm",
        "A contract with “Signed” dated 18 Nov 2026 is in the log (Actions, row 2), yet the base still says “Warm”.",
        UP_TO_DATE,
        "Counted as “Warm”.",
    ),
    (
        "trial_not_in_base",
        CellRef("Base", 3, 8),
        "0",
        "A trial at “Tried” dated 18 Nov 2026 is in the log (Actions, row 3), yet the base has nothing on trial.",
        "Enter units, value and first day of the trial; if all has come back already, nothing needs doing.",
        "Counted.",
    ),
    (
        "raised_without_action",
        CellRef("Base", 4, 4),
        "In design",
        "“Raised” rose from “Warm” to “In design” after 15 Nov 2026, yet the log has no action with this client "
        "that counts since then.",
        "Log what was done, or correct the row: its category or what it follows from.",
        "Counted as “In design”.",
    ),
    (
        "client_not_in_base",
        CellRef("Actions", 4, 4),
        "Stranger",
        "“Stranger” is in the log, but in no row of Base that counts.",
        "Add the client to Base, mend its row there, or write the name as it stands there.",
        "Counted.",
    ),
)


def test_every_contradiction_has_its_cell_and_says_what_to_do() -> None:
    days = {"client_not_in_base": date(2026, 11, 18)}  # the others are in the base, which has no date
    assert every_doubt() == [
        Issue(Severity.WARNING, code, cell, ANNA, typed, problem, remedy, effect, days.get(code))
        for code, cell, typed, problem, remedy, effect in ENGLISH
    ]


PROBLEMS = {
    "ru": [
        "В журнале есть оплата клиента «Paid» от 18.11.2026 (лист «Actions», строка 2), а в базе всё ещё «Тёплые».",
        "По базе у клиента «Lent» идёт тест с 02.11.2026, а в журнале нет теста, который засчитывается.",
        "В журнале есть договор с клиентом «Signed» от 18.11.2026 (лист «Actions», строка 2), а в базе всё ещё "
        "«Тёплые».",
        "В журнале есть тест у клиента «Tried» от 18.11.2026 (лист «Actions», строка 3), а в базе светильников на "
        "тесте нет.",
        "«Raised»: после 15.11.2026 категория поднялась с «Тёплые» до «In design», а в журнале с тех пор нет "
        "засчитанных действий с этим клиентом.",
        "Клиент «Stranger» есть в журнале, но ни в одной учтённой строке листа «Base» его нет.",
    ],
    "de": [
        "Eine Zahlung von „Paid“ vom 18.11.2026 steht im Protokoll (Actions, Zeile 2), in der Kundenbasis aber "
        "noch „Warm“.",
        "Laut Kundenbasis läuft bei „Lent“ seit dem 02.11.2026 eine Erprobung, im Protokoll steht aber keine, "
        "die zählt.",
        "Ein Vertrag mit „Signed“ vom 18.11.2026 steht im Protokoll (Actions, Zeile 2), in der Kundenbasis aber "
        "noch „Warm“.",
        "Eine Erprobung bei „Tried“ vom 18.11.2026 steht im Protokoll (Actions, Zeile 3), in der Kundenbasis aber "
        "keine Leuchten.",
        "„Raised“ ist nach dem 15.11.2026 von „Warm“ auf „In design“ gestiegen, im Protokoll steht seitdem aber "
        "keine Aktion mit diesem Kunden, die zählt.",
        "„Stranger“ steht im Protokoll, aber in keiner Zeile von „Base“, die zählt.",
    ],
}


@pytest.mark.parametrize("language", ["ru", "de"])
def test_contradictions_speak_the_workbooks_language(language: str) -> None:
    issues = every_doubt(settings(indicators=LOGGED, language=language))
    assert [issue.problem for issue in issues] == PROBLEMS[language]
    assert all(issue.remedy != said[4] and issue.effect != said[5] for issue, said in zip(issues, ENGLISH, strict=True))


def test_a_name_may_hold_anything() -> None:
    (issue,) = told([act("meeting", "2026-11-18", "{0} {client} 100 %")], [client("{tab}")])
    assert issue.problem == "“{0} {client} 100 %” is in the log, but in no row of Base that counts."
    (long,) = told([act("meeting", "2026-11-18", "x" * 300)], [client()])
    assert long.typed == "x" * 200


def test_nothing_contradicts_where_nothing_is() -> None:
    assert told([], []) == ()
    assert told([act("meeting", "2026-11-18")], []) == ()
    assert told([], [client()], before=[client()]) == ()


# --- a contract or a payment and the client still far from money ---------------------------------------------------


def behind(log: Sequence[Row], clients: Sequence[Row], **fields: Any) -> list[tuple[str, str]]:
    return [each for each in found(log, clients, **fields) if each[0].startswith("base_behind")]


BEHIND_CONTRACT = [("base_behind_contract", "D2")]
BEHIND_PAYMENT = [("base_behind_payment", "D2")]


def test_only_categories_below_money_and_trials_are_behind() -> None:
    contract = [act("contract", "2026-11-18")]
    cases = {str(each["id"]): (contract, client(category=str(each["id"]))) for each in CATEGORIES}
    assert doubted("base_behind_contract", cases) == ["project", "warm", "cold"]


def test_a_category_that_the_criteria_give_is_behind_too() -> None:
    (issue,) = told([act("contract", "2026-11-18")], [client(category="")])
    assert (issue.code, issue.typed, issue.effect) == ("base_behind_contract", "", "Counted as “Cold”.")


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        ([{"id": "signed", "label": "Signed", "when": {"stage": ["Contract"]}}, *CATEGORIES[3:]], []),
        ([{"id": "signed", "label": "S", "when": {"stage": ["Contract"]}}, {"id": "rest", "label": "Rest"}], []),
        ([CATEGORIES[2], {"id": "signed", "label": "S"}], BEHIND_CONTRACT),
    ],
)
def test_of_other_categories_those_below_the_last_that_asks_are_behind(
    categories: list[Row], expected: list[tuple[str, str]]
) -> None:
    config = settings(indicators=LOGGED, categories=categories)
    assert behind([act("contract", "2026-11-18")], [client(category="signed")], config=config) == expected


def test_which_contracts_the_base_must_have_followed() -> None:
    contracts: dict[str, Row] = {
        "90 days ago": {"date": "2026-08-20"},
        "91 days ago": {"date": "2026-08-19"},
        "on the as-of date": {"date": "2026-11-18"},
        "after it": {"date": "2026-11-19"},
        "not counted": {"counted": False},
        "by somebody else": {"manager": BORIS},
        "of a deal that the base does not name": {"deal": "2", "deal_key": "2"},
    }
    cases = {name: ([{**act("contract", "2026-11-16"), **row}], client()) for name, row in contracts.items()}
    assert doubted("base_behind_contract", cases, as_of="2026-11-18") == [
        *("90 days ago", "on the as-of date", "by somebody else", "of a deal that the base does not name")
    ]


def test_a_payment_since_the_contract_has_won_the_client() -> None:
    payments = {
        "on that day": act("payment", "2026-11-02"),
        "later": act("payment", "2026-11-05"),
        "before": act("payment", "2026-11-01"),
        "of nothing": act("payment", "2026-11-05", amount=0),
        "refunded": act("payment", "2026-11-05", amount=-1),
        "not counted": act("payment", "2026-11-05", counted=False),
        "of another client": act("payment", "2026-11-05", "Other"),
        "after the as-of date": act("payment", "2026-11-23"),
    }
    cases = {name: ([act("contract", "2026-11-02"), payment], client()) for name, payment in payments.items()}
    unpaid = ["before", "of nothing", "refunded", "not counted", "of another client", "after the as-of date"]
    assert doubted("base_behind_contract", cases, before=[client(name) for name in cases]) == unpaid


def test_a_payment_is_behind_only_where_the_moves_do_not_tell_of_it() -> None:
    log = [act("payment", "2026-11-18")]
    assert behind(log, [client()]) == BEHIND_PAYMENT
    assert behind(log, [client()], before=[client()]) == []  # won
    earlier = [act("payment", "2026-11-10")]
    assert behind(earlier, [client()]) == BEHIND_PAYMENT
    assert behind(earlier, [client()], before=[client()]) == []  # won in its own week


def test_a_payment_of_the_period_that_the_moves_do_not_know_is_behind() -> None:
    """The base was typed anew after its snapshot had been taken."""
    now = moment("2026-W47")
    log = [{"row": 2, **act("payment", "2026-11-18")}]
    both = dataclasses.replace(ledger(*log), base=bases.classify(base(client()), CONFIG, now.as_of)[0], places=PLACES)
    other = dataclasses.replace(both, base=bases.classify(base(client("Bolt")), CONFIG, now.as_of)[0])
    issues = contradictions(both, _moves(other, [client("Bolt")], CONFIG), CONFIG, now)
    assert [issue.code for issue in issues] == ["base_behind_payment"]


def test_one_base_row_has_one_warning_of_what_was_logged_last() -> None:
    log = [
        act("contract", "2026-11-17"),
        act("contract", "2026-11-18"),
        act("contract", "2026-11-02"),
        act("payment", "2026-11-01"),
    ]
    (issue,) = told(log, [client()])
    assert (issue.code, "row 3)" in issue.problem) == ("base_behind_contract", True)


def test_the_deal_that_is_named_is_the_one_behind() -> None:
    clients = [client(deal="Hall"), client(deal="Yard"), client("Bolt")]
    assert behind([act("contract", "2026-11-18", deal="Yard")], clients) == [("base_behind_contract", "D3")]
    log = [act("contract", "2026-11-18", "Bolt"), act("contract", "2026-11-17", deal="Hall")]
    assert behind(log, clients) == [("base_behind_contract", "D2"), ("base_behind_contract", "D4")]


def test_a_deal_that_is_not_named_may_be_the_one_in_work() -> None:
    sold = [act("contract", "2026-11-18"), act("payment", "2026-11-18", "Other")]
    warm, active = (
        [client(name, category, deal=deal) for name in ("Acme", "Other")]
        for category, deal in (("warm", "1"), ("active_a", "2"))
    )
    assert found(sold, [*warm, *active]) == []
    assert found(sold, warm) == [("base_behind_contract", "D2"), ("base_behind_payment", "D3")]
    named = [act("contract", "2026-11-18", deal="1")]
    assert found(named, [warm[0], active[0]]) == [("base_behind_contract", "D2")]


def test_a_contract_whose_amount_is_revenue_is_still_no_payment() -> None:
    summed = {**LOGGED, "revenue": {"label": "Sold", "unit": "money", "sum": "Amount", "of": ["payment", "contract"]}}
    config = settings(indicators=summed)
    log = [act("contract", "2026-11-18", amount=5)]
    assert "contract" in config.payments
    assert behind(log, [client()], before=[client()], config=config) == BEHIND_CONTRACT


# --- trials ----------------------------------------------------------------------------------------------------------


def test_a_trial_in_the_log_stands_in_the_base() -> None:
    trial = act("trial", "2026-11-18")
    cases = {
        "blank": ([trial], client()),
        "units": ([trial], client(trial_units=3)),
        "before the period": ([act("trial", "2026-11-15")], client()),
        "on its first day": ([act("trial", "2026-11-16")], client()),
        "after the as-of date": ([act("trial", "2026-11-21")], client()),
        "not counted": ([act("trial", "2026-11-18", counted=False)], client()),
        "signed since": ([trial, act("contract", "2026-11-18")], client()),
        "signed before": ([trial, act("contract", "2026-11-17")], client()),
        "twice": ([trial, act("trial", "2026-11-19")], client()),
    }
    missed = ["blank", "on its first day", "signed before", "twice"]
    assert doubted("trial_not_in_base", cases, as_of="2026-11-20") == missed


@pytest.mark.parametrize(
    ("trial", "clients", "cells"),
    [
        ({}, [client(deal="1"), client(deal="2", trial_units=1)], []),
        ({"deal": "1"}, [client(deal="1"), client(deal="2", trial_units=1)], ["H2"]),
        ({}, [client(deal="1"), client(deal="2")], ["H2"]),  # one trial, one warning
    ],
)
def test_a_trial_without_a_deal_may_be_of_any(trial: Row, clients: list[Row], cells: list[str]) -> None:
    assert [cell for _, cell in found([act("trial", "2026-11-18", **trial)], clients)] == cells


def test_what_was_typed_of_the_units_is_kept() -> None:
    log = [act("trial", "2026-11-18", name) for name in ("Acme", "Bolt")]
    issues = told(log, [client(), client("Bolt", trial_units=0)])
    assert [issue.typed for issue in issues] == ["", "0"]


SINCE: Row = {"category": "trial", "trial_units": 2, "trial_since": "2026-11-10"}


def test_a_trial_in_the_base_stands_in_the_log() -> None:
    cases = {
        "nothing": ([], client(**SINCE)),
        "another action": ([act("meeting", "2026-11-10")], client(**SINCE)),
        "logged": ([act("trial", "2026-11-11")], client(**SINCE)),
        "logged long before": ([act("trial", "2026-10-05")], client(**SINCE)),
        "not counted": ([act("trial", "2026-11-11", counted=False)], client(**SINCE)),
        "of a deal": ([act("trial", "2026-11-11", deal="2")], client(**SINCE)),
        "of another deal": ([act("trial", "2026-11-11", deal="2")], client(**SINCE, deal="1")),
        "no units": ([], client(**{**SINCE, "trial_units": 0})),
        "nobody knows since when": ([], client(**{**SINCE, "trial_since": None})),
        "since the log's first day": ([act("meeting", "2026-10-01")], client(**{**SINCE, "trial_since": "2026-10-01"})),
        "since the day before it": ([], client(**{**SINCE, "trial_since": "2026-09-30"})),
        "since the as-of date": ([], client(**{**SINCE, "trial_since": "2026-11-20"})),
        "since the day after it": ([], client(**{**SINCE, "trial_since": "2026-11-21"})),
    }
    missed = ["nothing", "another action", "not counted", "of another deal", "nobody knows since when"]
    missed += ["since the log's first day", "since the as-of date"]
    assert doubted("trial_not_logged", cases, as_of="2026-11-20") == missed


@pytest.mark.parametrize(("first", "issues"), [("2026-10-21", 1), ("2026-10-22", 0)])
def test_a_trial_of_nobody_knows_when_is_missed_in_a_log_that_goes_back_far_enough(first: str, issues: int) -> None:
    log = [act("meeting", first, "Someone else")]
    undated = told(log, [client(**{**SINCE, "trial_since": None})], as_of="2026-11-20")
    assert [issue.problem for issue in undated] == [
        "“Acme” has a trial by the base, yet no trial that counts is in the log."
    ] * issues


def test_without_a_log_no_trial_is_missed_in_it() -> None:
    assert told([], [client(**SINCE)]) == ()


def test_actions_that_are_not_configured_are_not_missed() -> None:
    clients = [client(**SINCE)]
    assert told([act("meeting", "2026-10-01")], clients, config=settings()) == ()


# --- moves without a reason ----------------------------------------------------------------------------------------


def raised(log: Sequence[Row], clients: Sequence[Row], before: Sequence[Row]) -> list[str]:
    return [cell for code, cell in found(log, clients, before=before) if code == "raised_without_action"]


def test_a_client_is_raised_by_an_action() -> None:
    logs: dict[str, list[Row]] = {
        "nothing": [],
        "on the earlier snapshot's last day": [act("meeting", "2026-11-15")],
        "on the day after": [act("meeting", "2026-11-16")],
        "by somebody else": [act("meeting", "2026-11-16", manager=BORIS)],
        "not counted": [act("meeting", "2026-11-16", counted=False)],
        "after the as-of date": [act("meeting", "2026-11-23")],
        "with another client": [act("meeting", "2026-11-16", "Other")],
        "a payment": [act("payment", "2026-11-16")],
    }
    cases = {name: (log, client(category="project")) for name, log in logs.items()}
    assert doubted("raised_without_action", cases, before=[client(name) for name in cases]) == [
        *("nothing", "on the earlier snapshot's last day", "not counted", "after the as-of date", "with another client")
    ]


def test_only_what_moved_up_needs_an_action() -> None:
    assert raised([], [client(category="cold")], [client()]) == []
    assert raised([], [client(category="project"), client("Other")], [client("Other")]) == []  # new
    assert raised([], [client(category="project", manager=BORIS)], [client()]) == ["D2"]


def test_the_calendar_needs_no_action() -> None:
    """The payment of 15 December came near when November became December."""
    row = client(category="", expected_payment="2027-01-15")
    now = moment("2026-W49", "2026-12-03")
    early, late = (
        bases.classify(base(row, client("B")), CONFIG, day)[0] for day in (date(2026, 11, 29), date(2026, 12, 3))
    )
    snapshots = bases.record(bases.snapshots_from_cells([]), early, Period.parse("2026-W48"))
    snapshots = bases.record(snapshots, late, now.period)
    both = dataclasses.replace(ledger(), base=late, places=PLACES)
    moved = moves(snapshots, both.actions, CONFIG, now)
    assert moved is not None
    assert list(moved.events["event"]) == ["calendar"]
    assert contradictions(both, moved, CONFIG, now) == ()


def test_a_category_that_is_no_longer_configured_is_said_by_its_id() -> None:
    (issue,) = told([], [client()], before=[client(category="old_one")])
    assert "from “old_one” to “Warm”" in issue.problem


def test_the_deal_that_rose_is_the_one_that_needs_an_action() -> None:
    before = [client(deal="1"), client(deal="2")]
    now = [client(deal="1", category="project"), client(deal="2", category="project")]
    assert raised([act("meeting", "2026-11-18", deal="1")], now, before) == ["D3"]
    assert raised([act("meeting", "2026-11-18")], now, before) == []


# --- clients without a row -----------------------------------------------------------------------------------------


def strangers(log: Sequence[Row], clients: Sequence[Row], **fields: Any) -> list[tuple[str, str]]:
    issues = told(log, clients, **fields)
    return [(issue.manager, issue.cell.a1) for issue in issues if issue.code == "client_not_in_base"]


def test_whoever_is_active_is_in_the_base() -> None:
    log = [
        act("meeting", "2026-11-18", "A meeting"),
        act("payment", "2026-11-18", "A payment"),
        act("lead_accepted", "2026-11-18", "A lead"),
        act("lead_rejected", "2026-11-18", "A rejected lead"),
        act("meeting", "2026-11-18", "ACME", deal="another"),
        act("meeting", "2026-11-18", ""),
        act("meeting", "2026-11-15", "Before the period"),
        act("meeting", "2026-11-16", "On its first day"),
        act("meeting", "2026-11-21", "After the as-of date"),
        act("meeting", "2026-11-18", "Not counted", counted=False),
        act("meeting", "2026-11-18", "Of a manager without a base", manager=BORIS),
    ]
    issues = told(log, [client()], as_of="2026-11-20")
    assert [issue.typed for issue in issues] == ["A meeting", "A payment", "A lead", "On its first day"]


def test_a_client_in_a_colleagues_base_is_in_the_base() -> None:
    clients = [client(), client("Bolt", manager=BORIS)]
    assert strangers([act("meeting", "2026-11-18", "Bolt")], clients) == []


def test_a_stranger_is_told_of_once_per_manager_at_the_first_row() -> None:
    clients = [client(), client("Cole", manager=BORIS)]
    log = [
        act("meeting", "2026-11-18", name, manager=who) for name in ("Bolt", "BOLT", "Dahl") for who in (ANNA, BORIS)
    ]
    assert strangers(log, clients) == [(ANNA, "D2"), (BORIS, "D3"), (ANNA, "D6"), (BORIS, "D7")]


# --- all together --------------------------------------------------------------------------------------------------


def test_the_order_of_the_log_does_not_matter_to_the_bases_cells() -> None:
    log = [
        act(action, day, name)
        for name in ("Acme", "Bolt")
        for action, day in (("contract", "2026-11-17"), ("trial", "2026-11-18"), ("contract", "2026-11-02"))
    ]
    clients = [client(), client("Bolt", "cold"), client("Cole", "project")]
    before = [client(), client("Bolt", "cold"), client("Cole", "warm")]
    forwards, backwards = (found(order, clients, before=before) for order in (log, log[::-1]))
    assert forwards == backwards
    assert sorted(forwards) == [
        ("base_behind_contract", "D2"),
        ("base_behind_contract", "D3"),
        ("raised_without_action", "D4"),
        ("trial_not_in_base", "H2"),
        ("trial_not_in_base", "H3"),
    ]


def test_a_base_whose_labels_do_not_count_from_0_is_read_alike() -> None:
    now = moment("2026-W47")
    log = ledger({"row": 2, **act("contract", "2026-11-17", "Bolt")}, {"row": 3, **act("trial", "2026-11-18", "Bolt")})
    classified = bases.classify(base(client(), client("Bolt")), CONFIG, now.as_of)[0]
    shifted = classified.set_axis(pd.Index([40, 7]))
    both = dataclasses.replace(log, base=shifted, places=PLACES)
    codes = [(issue.code, issue.cell.row) for issue in contradictions(both, None, CONFIG, now)]
    assert codes == [("base_behind_contract", 3), ("trial_not_in_base", 3)]
