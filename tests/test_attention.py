"""The attention list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.ageing import Ageing
from sheetsync.attention import COLUMNS, attention
from sheetsync.base import CONTENT, classify
from sheetsync.matching import keys
from sheetsync.model import CellRef, Issue, Severity
from sheetsync.schema import Attention, Settings
from sheetsync.schema import Trials as Limits
from sheetsync.tables import typed
from sheetsync.trials import trials
from tests.department import ANNA, BORIS, CATEGORIES, INDICATORS, base, ledger, moment, settings

AS_OF = date(2026, 11, 20)
CLOCK = moment("2026-W47", str(AS_OF))
RECENT = str(AS_OF)
LABELLED = [{**each, "label": {"en": each["id"], "ru": each["id"], "de": each["id"]}} for each in CATEGORIES]
TRIED = {**INDICATORS, "trials": {"label": "Trials", "count": ["trial", "contract"]}}


def configured(language: str = "en", **sections: Any) -> Settings:
    """The department; labels of categories are their ids."""
    config = settings(language=language, categories=LABELLED, indicators=TRIED)
    return config.model_copy(update={"trial": Limits(), **sections})


CONFIG = configured()


def client(name: str, **fields: Any) -> dict[str, Any]:
    """A row of the base about whom there is nothing to say."""
    return {"client": name, "last_contact": RECENT, **fields}


def row(action: str, client: str, day: str = "2026-11-10", **fields: Any) -> dict[str, Any]:
    """A row of Anna's log that counts."""
    return {"tab": "Actions", "action": action, "client": client, "manager": ANNA, "date": day, **fields}


def note(code: str, tab: str, row: int, problem: str = "Something is odd.") -> Issue:
    """A contradiction with that cell."""
    return Issue(Severity.WARNING, code, CellRef(tab, row, 3), ANNA, "", problem, "", "")


def aged(rows: pd.DataFrame, usual: Mapping[str, float], days: Mapping[str, int], config: Settings) -> Ageing:
    """These clients in their categories for so many days."""
    named = rows.assign(key=keys(rows), days=rows["client"].map(days))
    current = named.dropna(subset="days")[["key", "category", "days"]].astype({"days": "int64"})
    ids = [each.id for each in config.base.categories]
    categories = pd.DataFrame({"category": ids, "usual": [usual.get(id_, math.nan) for id_ in ids]})
    return Ageing(current, categories.astype({"category": "str", "usual": "float64"}))


def listed(
    *clients: Mapping[str, Any],
    log: Sequence[Mapping[str, Any]] = (),
    issues: Sequence[Issue] = (),
    usual: Mapping[str, float] | None = None,
    days: Mapping[str, int] | None = None,
    config: Settings = CONFIG,
) -> pd.DataFrame:
    """The list of these clients; ageing is known where `days` are given."""
    rows, _ = classify(base(*clients), config, AS_OF)
    ledger_ = replace(ledger(*log), base=rows)
    tried = any(each.get("trial_units") for each in clients)
    out = trials(typed(rows, CONTENT), ledger_.actions, config, CLOCK, [ANNA, BORIS]) if tried else None
    return attention(ledger_, aged(rows, usual or {}, days, config) if days else None, out, issues, config, CLOCK)


def told(*clients: Mapping[str, Any], **more: Any) -> dict[str, str]:
    """Client -> reasons."""
    frame = listed(*clients, **more)
    return dict(zip(frame["client"], frame["reasons"], strict=True))


# --- payment overdue -----------------------------------------------------------------------------------------------


def test_a_payment_is_overdue_from_the_next_day() -> None:
    assert told(
        client("Today", expected_payment="2026-11-20", expected_amount=1.0),
        client("Yesterday", expected_payment="2026-11-19", expected_amount=1.0),
        client("Long", expected_payment="2026-10-01", expected_amount=1.0),
    ) == {"Yesterday": "payment overdue for 1 day", "Long": "payment overdue for 50 days"}


def test_what_was_paid_is_not_at_stake() -> None:
    due = {"expected_payment": "2026-11-09", "expected_amount": 100.1}
    frame = listed(
        *(client(name, **due) for name in ("Full", "Part", "Early", "Twice", "Refunded", "Not counted", "Later")),
        log=[
            row("payment", "Full", RECENT, amount=100.1),
            row("payment", "Part", "2026-11-01", amount=50.2),
            row("payment", "Early", "2026-10-31", amount=100.1),
            row("payment", "Twice", amount=50.05),
            row("payment", "Twice", amount=50.05),
            row("payment", "Refunded", amount=-30.0),
            row("payment", "Not counted", amount=100.1, counted=False),
            row("payment", "Later", "2026-11-21", amount=100.1),
            row("contract", "Later", amount=100.1),
        ],
    )
    assert dict(zip(frame["client"], frame["money"], strict=True)) == {
        "Early": 100.1,
        "Later": 100.1,
        "Not counted": 100.1,
        "Part": 49.9,
        "Refunded": 100.1,
    }


def test_payments_of_another_deal_settle_nothing() -> None:
    due = {"expected_payment": "2026-11-09", "expected_amount": 70.0}
    frame = listed(
        client("Acme", deal="Hall", deal_key="hall", **due),
        client("Acme", deal="Yard", deal_key="yard", **due),
        log=[row("payment", "Acme", amount=70.0, deal="Hall", deal_key="hall")],
    )
    assert frame[["deal", "money"]].to_numpy().tolist() == [["Yard", 70.0]]


def test_an_unknown_amount_is_expected_until_something_is_paid() -> None:
    due = {"expected_payment": "2026-11-09"}
    assert told(client("Silent", **due), client("Paid", **due), log=[row("payment", "Paid", amount=5.0)]) == {
        "Silent": "payment overdue for 11 days"
    }


def test_a_payment_that_names_no_deal_pays_for_one_of_them() -> None:
    frame = listed(
        client("Acme", deal="Hall", expected_payment="2026-11-05", expected_amount=100.0),
        client("Acme", deal="Yard", expected_payment="2026-11-06", expected_amount=100.0),
        log=[row("payment", "Acme", "2026-11-04", amount=130.0)],
    )
    assert [tuple(each) for each in frame[["deal", "money"]].itertuples(index=False)] == [("Yard", 70.0)]


def test_nothing_expected_is_not_overdue() -> None:
    assert told(client("Acme", expected_payment="2026-11-09", expected_amount=0.0)) == {}


# --- fixtures ------------------------------------------------------------------------------------------------------


def test_fixtures_that_are_out_too_long() -> None:
    found = told(
        client("One", trial_units=1, trial_since="2026-10-20"),
        client("Three", trial_units=2.5, trial_since="2026-10-01"),
        client("In time", trial_units=2, trial_since="2026-10-21"),
    )
    assert found == {
        "One": "1 fixture out for 31 days (limit 30)",
        "Three": "3 fixtures out for 50 days (limit 30)",
    }


def test_fixtures_are_worth_what_stands_there_where_no_amount_is_expected() -> None:
    frame = listed(
        client("Value", trial_units=1, trial_since="2026-10-01", trial_value=40.4),
        client("Amount", trial_units=1, trial_since="2026-10-01", trial_value=40.0, expected_amount=90.0),
        client("Neither", trial_units=1, trial_since="2026-10-01"),
        client(
            "Paid",
            trial_units=1,
            trial_since="2026-10-01",
            trial_value=7.0,
            expected_amount=5.0,
            expected_payment="2026-11-01",
        ),
        log=[row("payment", "Paid", amount=5.0)],
    )
    assert dict(zip(frame["client"], frame["money"], strict=True)) == {
        "Amount": 90.0,
        "Value": 40.4,
        "Paid": 7.0,
        "Neither": 0.0,
    }


# --- stuck ---------------------------------------------------------------------------------------------------------


def test_longer_in_the_category_than_usual() -> None:
    names = ("Long", "Usual", "Day", "Unknown")
    found = told(
        *(client(name, category="project") for name in names),
        client("Cold", category="cold"),
        client("Warm", category="warm"),
        client("Gone", category="no longer configured"),
        usual={"project": 20, "cold": 1, "warm": 0.5},
        days={"Long": 21, "Usual": 20, "Cold": 90, "Warm": 1, "Gone": 90},
    )
    assert found == {"Long": "project for 21 days, usual 20", "Warm": "warm for 1 day, usual 0"}


def test_a_category_without_a_usual_time_holds_nobody_up() -> None:
    assert told(client("Acme", category="project"), days={"Acme": 900}) == {}


def test_a_client_whose_category_changed_since_the_snapshot_is_not_stuck() -> None:
    rows, _ = classify(base(client("Acme", category="project")), CONFIG, AS_OF)
    age = aged(rows, {"project": 5, "warm": 5}, {"Acme": 90}, CONFIG)
    now = replace(ledger(), base=rows.assign(category="warm"))
    assert attention(now, age, None, (), CONFIG, CLOCK).empty


# --- quiet ---------------------------------------------------------------------------------------------------------

ACTIVE = {"expected_payment": "2027-03-01"}


def test_an_active_client_must_not_be_left_alone() -> None:
    found = told(
        client("Called", **ACTIVE, last_contact="2026-10-31"),
        client("Quiet", **ACTIVE, last_contact="2026-10-30"),
        client("Never", **ACTIVE, last_contact=None),
        client("Met", **ACTIVE, last_contact="2026-01-30"),
        client("Met long ago", **ACTIVE, last_contact="2026-01-30"),
        client("Logged alone", **ACTIVE, last_contact=None),
        client("Typed alone", **ACTIVE, last_contact="2026-01-30"),
        client("Other deal", deal="Hall", deal_key="hall", **ACTIVE, last_contact=None),
        client("Cold", last_contact=None),
        log=[
            row("meeting", "Met", "2026-10-31"),
            row("meeting", "Met long ago", "2026-02-01"),
            row("meeting", "Met long ago", "2026-11-21"),
            row("meeting", "Met long ago", "2026-11-20", counted=False),
            row("meeting", "Logged alone", "2026-10-01"),
            row("meeting", "Logged alone", "2026-09-01"),
            row("meeting", "Other deal", deal="Yard", deal_key="yard"),
            row("meeting", ""),
        ],
    )
    assert found == {
        "Quiet": "no action for 21 days",
        "Never": "no action known",
        "Met long ago": "no action for 292 days",
        "Logged alone": "no action for 50 days",
        "Typed alone": "no action for 294 days",
    }


def test_how_long_is_too_quiet_is_configured() -> None:
    config = configured(attention=Attention(quiet_days=1))
    assert told(client("Acme", **ACTIVE, last_contact="2026-11-19"), config=config) == {"Acme": "no action for 1 day"}


def test_categories_are_active_by_their_criteria_not_by_their_names() -> None:
    categories = [{**LABELLED[4], "id": "soon", "when": {"payment": "later"}}, LABELLED[-1]]
    config = settings(categories=categories, indicators=TRIED)
    assert told(client("Acme", category="soon", last_contact=None), config=config) == {"Acme": "no action known"}


# --- contradictions ------------------------------------------------------------------------------------------------


SHORT = {
    "base_behind_contract": "contract logged, the base still says warm",
    "base_behind_payment": "payment logged, the base still says warm",
    "trial_not_in_base": "trial logged, no units in the base",
    "trial_not_logged": "units in the base, no trial logged",
    "raised_without_action": "category raised without an action",
    "client_not_in_base": "in the log, not in the base",
}


@pytest.mark.parametrize(("code", "short"), [*SHORT.items(), ("something_new", "Something is odd.")])
def test_contradictions_in_short(code: str, short: str) -> None:
    assert told(client("Acme"), client("Bolt"), issues=[note(code, "Base", 3)]) == {"Bolt": short}


def test_a_contradiction_in_the_log_is_the_clients() -> None:
    frame = listed(
        client("ACME", deal="Yard", deal_key="yard"),
        client("ACME"),
        client("ACME", deal="Hall", deal_key="hall"),
        log=[row("trial", "Acme", row=7, deal="hall", deal_key="hall"), row("trial", "Acme", row=8)],
        issues=[note("trial_not_in_base", "Actions", 7), note("trial_not_in_base", "Actions", 7)],
    )
    assert frame[["deal", "reasons", "tab", "row"]].to_numpy().tolist() == [
        ["Hall", "trial logged, no units in the base", "Base", 4]
    ]


def test_a_log_row_without_deal_is_that_of_the_managers_own_client() -> None:
    frame = listed(
        client("Acme", deal="Yard", deal_key="yard", manager=BORIS),
        client("Acme", deal="Hall", deal_key="hall"),
        client("Acme", deal="Roof", deal_key="roof"),
        log=[row("trial", "Acme", row=7)],
        issues=[note("trial_not_in_base", "Actions", 7)],
    )
    assert frame[["deal", "manager"]].to_numpy().tolist() == [["Hall", ANNA]]


def test_a_client_of_the_log_alone_is_listed_once_with_a_link_into_the_log() -> None:
    frame = listed(
        client("Bolt"),
        log=[
            row("meeting", "Acme", row=7, deal="Hall", deal_key="hall"),
            row("offer", "ACME", row=8, deal="Hall", deal_key="hall"),
            row("meeting", "Acme", row=9, manager=BORIS, deal="Hall", deal_key="hall"),
            row("meeting", "", row=10),
        ],
        issues=[note("client_not_in_base", "Actions", number) for number in (7, 8, 9, 10, 11)],
    )
    assert frame.to_numpy().tolist() == [
        [ANNA, "Acme", "Hall", "", "in the log, not in the base", 0.0, "Actions", 7],
        [BORIS, "Acme", "Hall", "", "in the log, not in the base", 0.0, "Actions", 9],
    ]


def test_the_same_row_number_of_another_tab_is_another_row() -> None:
    assert told(client("Acme"), issues=[note("trial_not_logged", "Elsewhere", 2)]) == {}


# --- the list as a whole -------------------------------------------------------------------------------------------


def test_reasons_the_most_urgent_first() -> None:
    frame = listed(
        client(
            "Acme",
            category="active_a",
            expected_payment="2026-11-18",
            expected_amount=900.5,
            trial_units=2,
            trial_since="2026-09-01",
            last_contact="2026-10-01",
        ),
        issues=[note("trial_not_logged", "Base", 2)],
        usual={"active_a": 10},
        days={"Acme": 30},
    )
    assert list(frame) == list(COLUMNS)
    assert [str(kind) for kind in frame.dtypes] == [*["str"] * 5, "float64", "str", "int64"]
    reasons = (
        "payment overdue for 2 days; units in the base, no trial logged; 2 fixtures out for 80 days (limit 30); "
        "active_a for 30 days, usual 10; no action for 50 days"
    )
    assert frame.to_numpy().tolist() == [[ANNA, "Acme", "", "active_a", reasons, 900.5, "Base", 2]]


def test_the_order_of_the_list() -> None:
    overdue = {"expected_payment": "2026-11-18"}
    frame = listed(
        client("Stuck", category="project"),
        client("Stuck and rich", category="project", trial_value=3.0),
        client("Stuck and quiet", **ACTIVE, last_contact="2026-10-01"),
        client("Quiet B", **ACTIVE, last_contact="2026-10-01"),
        client("quiet a", **ACTIVE, last_contact="2026-10-01"),
        client("Two reasons", **overdue, last_contact="2026-10-01"),
        client("Some money", manager=BORIS, **overdue, expected_amount=5.0),
        client("More money", **overdue, expected_amount=5.01),
        client("All is well"),
        usual={"project": 1, "active_c": 1},
        days={"Stuck": 5, "Stuck and rich": 5, "Stuck and quiet": 5},
        config=configured(attention=Attention(most=10)),
    )
    names = [
        "More money",
        "Some money",
        "Stuck and rich",
        "Stuck and quiet",
        "Two reasons",
        "quiet a",
        "Quiet B",
        "Stuck",
    ]
    assert list(frame["client"]) == names
    assert list(frame.index) == list(range(8))


def test_at_most_so_many_clients_per_manager() -> None:
    overdue = {"expected_payment": "2026-11-18"}
    clients = [client(f"A{n}", **overdue, expected_amount=float(n)) for n in range(1, 9)]
    others = [client(f"B{n}", manager=BORIS, **overdue, expected_amount=n + 0.5) for n in range(1, 9)]
    frame = listed(*clients, *others, config=configured(attention=Attention(most=5)))
    assert list(frame["client"]) == ["B8", "A8", "B7", "A7", "B6", "A6", "B5", "A5", "B4", "A4"]


def test_clients_of_somebody_who_left_are_still_listed() -> None:
    config = settings([ANNA, {"name": BORIS, "until": "2026-06-30"}], categories=LABELLED, indicators=TRIED)
    assert told(client("Acme", manager=BORIS, **ACTIVE, last_contact=None), config=config) == {
        "Acme": "no action known"
    }


def test_nobody_to_act_on() -> None:
    frame = listed(client("Acme"))
    assert frame.empty
    assert list(frame) == list(COLUMNS)
    assert [str(kind) for kind in frame.dtypes] == [*["str"] * 5, "float64", "str", "int64"]


def test_an_empty_base_is_one_that_is_not_in_use() -> None:
    frame = listed(log=[row("meeting", "Acme", row=7)], issues=[note("client_not_in_base", "Actions", 7)])
    assert frame.empty
    assert list(frame) == list(COLUMNS)
    assert [str(kind) for kind in frame.dtypes] == [*["str"] * 5, "float64", "str", "int64"]


# --- languages -----------------------------------------------------------------------------------------------------


def everything(language: str) -> list[str]:
    """Every kind of reason in that language, with the numbers 1, 2 and 21 where there are some."""
    config = configured(language, trial=Limits(limit_days=1))
    names = ("One", "Two", "Many")
    days = {"One": 21, "Two": 2, "Many": 11}
    ages = [timedelta(days=days[name]) for name in names]
    overdue = [client(name, expected_payment=str(AS_OF - age)) for name, age in zip(names, ages, strict=True)]
    found = told(*overdue, config=config) | {"": ""}
    out = {f"{name} out": n for n, name in zip((1, 2, 5), names, strict=True)}
    found |= told(
        *(
            client(name, trial_units=n, trial_since=str(AS_OF - age))
            for (name, n), age in zip(out.items(), ages, strict=True)
        ),
        config=config,
    )
    stuck = [client(f"{name} stuck", category="project") for name in names]
    found |= told(*stuck, usual={"project": 1}, days={f"{name} stuck": n for name, n in days.items()}, config=config)
    quiet = [
        client(f"{name} quiet", **ACTIVE, last_contact=str(AS_OF - age)) for name, age in zip(names, ages, strict=True)
    ]
    eager = config.model_copy(update={"attention": Attention(quiet_days=1)})
    found |= told(*quiet, client("Never", **ACTIVE, last_contact=None), config=eager)
    issues = [note(code, "Base", 2) for code in SHORT]
    found |= told(client("Odd"), issues=issues, config=config)
    order = [f"{name}{kind}" for kind in ("", " out", " stuck", " quiet") for name in names]
    return [found[name] for name in [*order, "Never"]] + found["Odd"].split("; ")


def test_reasons_in_english() -> None:
    assert everything("en") == [
        "payment overdue for 21 days",
        "payment overdue for 2 days",
        "payment overdue for 11 days",
        "1 fixture out for 21 days (limit 1)",
        "2 fixtures out for 2 days (limit 1)",
        "5 fixtures out for 11 days (limit 1)",
        "project for 21 days, usual 1",
        "project for 2 days, usual 1",
        "project for 11 days, usual 1",
        "no action for 21 days",
        "no action for 2 days",
        "no action for 11 days",
        "no action known",
        "contract logged, the base still says warm",
        "payment logged, the base still says warm",
        "trial logged, no units in the base",
        "units in the base, no trial logged",
        "category raised without an action",
        "in the log, not in the base",
    ]


def test_reasons_in_russian() -> None:
    assert everything("ru") == [
        "оплата просрочена на 21 день",
        "оплата просрочена на 2 дня",
        "оплата просрочена на 11 дней",
        "1 светильник на тесте 21 день (лимит 1)",
        "2 светильника на тесте 2 дня (лимит 1)",
        "5 светильников на тесте 11 дней (лимит 1)",
        "project: уже 21 день, обычно 1",
        "project: уже 2 дня, обычно 1",
        "project: уже 11 дней, обычно 1",
        "нет действий 21 день",
        "нет действий 2 дня",
        "нет действий 11 дней",
        "о действиях ничего не известно",
        "договор в журнале есть, а в базе всё ещё «warm»",
        "оплата в журнале есть, а в базе всё ещё «warm»",
        "тест в журнале есть, а в базе светильников нет",
        "светильники в базе есть, а теста в журнале нет",
        "категория повышена без действий",
        "есть в журнале, нет в базе",
    ]


def test_reasons_in_german() -> None:
    assert everything("de") == [
        "Zahlung seit 21 Tagen überfällig",
        "Zahlung seit 2 Tagen überfällig",
        "Zahlung seit 11 Tagen überfällig",
        "1 Leuchte seit 21 Tagen in Erprobung (Limit 1)",
        "2 Leuchten seit 2 Tagen in Erprobung (Limit 1)",
        "5 Leuchten seit 11 Tagen in Erprobung (Limit 1)",
        "project seit 21 Tagen, üblich sind 1",
        "project seit 2 Tagen, üblich sind 1",
        "project seit 11 Tagen, üblich sind 1",
        "seit 21 Tagen keine Aktion",
        "seit 2 Tagen keine Aktion",
        "seit 11 Tagen keine Aktion",
        "keine Aktion bekannt",
        "Vertrag erfasst, in der Kundenbasis noch „warm“",
        "Zahlung erfasst, in der Kundenbasis noch „warm“",
        "Erprobung erfasst, in der Kundenbasis keine Leuchten",
        "Leuchten in der Kundenbasis, keine Erprobung erfasst",
        "Kategorie ohne Aktion angehoben",
        "im Protokoll, nicht in der Kundenbasis",
    ]


# --- what always holds ---------------------------------------------------------------------------------------------

CLIENTS = st.fixed_dictionaries(
    {
        "manager": st.sampled_from([ANNA, BORIS, "Somebody else"]),
        "expected_payment": st.none() | st.dates(date(2026, 9, 1), date(2027, 2, 1)).map(str),
        "expected_amount": st.none() | st.integers(0, 10**6).map(lambda cents: cents / 100),
        "trial_value": st.none() | st.integers(0, 10**4).map(lambda cents: cents / 100),
        "trial_units": st.none() | st.integers(0, 3),
        "trial_since": st.none() | st.dates(date(2026, 9, 1), AS_OF).map(str),
        "last_contact": st.none() | st.dates(date(2026, 9, 1), AS_OF).map(str),
    }
)
PAYMENTS = st.tuples(st.integers(0, 14), st.dates(date(2026, 9, 1), AS_OF), st.integers(-(10**5), 10**6))


@rules(max_examples=10)
@given(st.lists(CLIENTS, min_size=1, max_size=15), st.lists(PAYMENTS, max_size=15))
def test_the_list_is_what_a_plain_look_at_the_base_finds(
    clients: list[dict[str, Any]], payments: list[tuple[int, date, int]]
) -> None:
    log = [row("payment", f"C{n}", str(day), amount=cents / 100) for n, day, cents in payments]
    frame = listed(*({**fields, "client": f"C{n}"} for n, fields in enumerate(clients)), log=log)
    expected: list[tuple[float, int, str, str]] = []
    for number, fields in enumerate(clients):
        due, amount = fields["expected_payment"], fields["expected_amount"]
        since = date.fromisoformat(due).replace(day=1) if due else date.max
        paid = max(sum(cents for n, day, cents in payments if n == number and day >= since), 0)
        left = max((0 if amount is None else round(amount * 100)) - paid, 0)
        unknown = amount is None and not paid
        touched = [str(day) for n, day, _ in payments if n == number]
        latest = max([*touched, *filter(None, [fields["last_contact"]])], default="")
        reasons = [
            due is not None and due < RECENT and bool(left or unknown),
            bool(fields["trial_units"] and fields["trial_since"])
            and str(fields["trial_since"]) < str(AS_OF - timedelta(days=30)),
            due is not None and latest <= str(AS_OF - timedelta(days=21)),
        ]
        money = left / 100 or fields["trial_value"] or 0.0
        if any(reasons):
            expected.append((-money, -sum(reasons), f"c{number}", fields["manager"]))
    expected.sort()
    shown: dict[str, int] = {}
    best = []
    for negative, _, name, manager in expected:
        shown[manager] = shown.get(manager, 0) + 1
        if shown[manager] <= 7:
            best.append((name, -negative))
    assert list(zip(frame["client"].str.lower(), frame["money"], strict=True)) == best
