"""Moves of the base between two snapshots: events, transitions, and that they add up."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.base import SNAPSHOT_COLUMNS, latest_before, record, snapshots_from_cells
from sheetsync.moves import EVENTS, Moves, measures, moves
from sheetsync.periods import Period
from tests.department import ANNA, BORIS, CATEGORIES, SALES, base, ledger, moment, settings

Row = dict[str, Any]

IDS = [str(item["id"]) for item in CATEGORIES]
CONFIG = settings()
NONE = snapshots_from_cells([])


def kept(bases: Mapping[str, Sequence[Row]]) -> pd.DataFrame:
    """Snapshots of these bases by period, each row a spell of its own."""
    spells = [
        base(*({"category": "warm", **row} for row in rows)).assign(from_period=period, to_period=period)
        for period, rows in bases.items()
    ]
    return pd.concat([NONE, *(each[list(SNAPSHOT_COLUMNS)] for each in spells)], ignore_index=True)


def moved(
    before: Sequence[Row], after: Sequence[Row], *actions: Row, weeks: tuple[str, str] = ("2026-W46", "2026-W47")
) -> Moves:
    """The moves from one base to the other, by default from the middle of a November to the week after."""
    found = moves(
        kept(dict(zip(weeks, (before, after), strict=True))), ledger(*actions).actions, CONFIG, moment(weeks[1])
    )
    assert found is not None
    return found


def told(found: Moves) -> list[tuple[str, str, str]]:
    """Manager, event and client of each event."""
    return [(str(row["manager"]), str(row["event"]), str(row["client"])) for row in found.events.to_dict("records")]


def happened(before: Row | None, after: Row | None, *actions: Row) -> list[str]:
    """The events of one client; None is no row of it. Somebody else is in both bases."""
    other = {"client": "Other"}
    was, now = ([other] + ([] if row is None else [{"client": "Acme", **row}]) for row in (before, after))
    return [event for _, event, _ in told(moved(was, now, *actions))]


def paid(day: str, **fields: Any) -> Row:
    return {"action": "payment", "client": "Acme", "amount": 100, "manager": ANNA, "date": day, **fields}


# --- which snapshots -------------------------------------------------------------------------------------------------


def test_the_earlier_snapshot_is_the_latest_of_the_same_length() -> None:
    bases = ("2026-W40", "2026-W44", "2026-W45", "2026-W47", "2026-W48", "2026-11", "2026-Q4")
    snapshots = NONE
    for n, period in enumerate(bases):
        rows = base({"client": "Acme"}, {"client": "Bolt", "expected_amount": n})
        snapshots = record(snapshots, rows, Period.parse(period))
    asked = ("2026-W39", "2026-W40", "2026-W42", "2026-W47", "2026-W48", "2026-W52", "2026-11", "2026-12", "2027-Q3")
    before = [latest_before(snapshots, Period.parse(period)) for period in asked]
    assert [str(period) for period in before] == [
        *("None", "None", "2026-W40", "2026-W45", "2026-W47", "2026-W48", "None", "2026-11", "2026-Q4")
    ]


def test_the_block_says_since_when() -> None:
    found = moved([{"client": "Acme"}], [{"client": "Acme"}], weeks=("2026-W44", "2026-W47"))
    assert str(found.since) == "2026-W44"


@pytest.mark.parametrize("bases", [{}, {"2026-W46": [{"client": "A"}]}, {"2026-W47": [{"client": "A"}]}])
def test_without_two_snapshots_there_are_no_moves(bases: dict[str, list[Row]]) -> None:
    assert moves(kept(bases), ledger().actions, CONFIG, moment("2026-W47")) is None


def test_snapshots_of_another_length_do_not_matter() -> None:
    snapshots = kept({"2026-10": [{"client": "A"}], "2026-W47": [{"client": "A"}]})
    assert moves(snapshots, ledger().actions, CONFIG, moment("2026-W47")) is None


# --- events ----------------------------------------------------------------------------------------------------------


CASES: dict[str, tuple[Row | None, Row | None, list[str]]] = {
    "came": (None, {}, ["new"]),
    "went": ({}, None, ["lost"]),
    "stayed": ({}, {}, []),
    "warmer": ({"category": "warm"}, {"category": "trial"}, ["up"]),
    "colder": ({"category": "warm"}, {"category": "cold"}, ["down"]),
    "handed over": ({"manager": ANNA}, {"manager": BORIS}, ["reassigned_out", "reassigned_in"]),
    "dearer": ({"expected_amount": 10}, {"expected_amount": 12}, ["revalued"]),
    "cleared": ({"expected_amount": 10}, {}, ["revalued"]),
    "blank is worth 0": ({"expected_amount": 0}, {}, []),
    "warmer and dearer": ({"expected_amount": 10}, {"expected_amount": 12, "category": "trial"}, ["up"]),
    "from a category that is gone": ({"category": "gone"}, {"category": "cold"}, ["up"]),
    "to a category that is gone": ({"category": "cold"}, {"category": "gone"}, ["down"]),
    "from gone to gone": ({"category": "gone"}, {"category": "lapsed"}, []),
    "deal renamed": ({"deal": "1"}, {"deal": "2"}, ["new", "lost"]),
    "deal spelt anew": ({"deal": "Hall  2"}, {"deal": "hall 2"}, []),
}


def test_what_happened_to_each_client() -> None:
    before = [{"client": name, **was} for name, (was, _, _) in CASES.items() if was is not None]
    after = [{"client": name.upper(), **now} for name, (_, now, _) in CASES.items() if now is not None]
    found = {name: list[str]() for name in CASES}
    for _, event, client in told(moved(before, after)):
        found[client.lower()].append(event)
    assert found == {name: events for name, (_, _, events) in CASES.items()}


PAYMENTS: dict[str, tuple[Row, bool]] = {
    "the last day of the earlier week": ({"date": "2026-11-15"}, False),
    "the first day after": ({"date": "2026-11-16"}, True),
    "the last day": ({"date": "2026-11-20"}, True),
    "after the as-of date": ({"date": "2026-11-21"}, False),
    "nothing": ({"amount": 0}, False),
    "a refund": ({"amount": -5}, False),
    "no amount": ({"amount": math.nan}, False),
    "not counted": ({"counted": False}, False),
    "no payment": ({"action": "meeting"}, False),
    "of another client": ({"client": "Bolt", "client_key": "bolt"}, False),
    "logged by somebody else": ({"manager": BORIS}, True),
}


def test_a_payment_wins_and_then_a_colder_category_is_no_move_down() -> None:
    was, now = ([{"client": name, "category": category} for name in PAYMENTS] for category in ("active_a", "warm"))
    log = [{**paid("2026-11-18"), "client": name, **payment} for name, (payment, _) in PAYMENTS.items()]
    snapshots = kept({"2026-W46": was, "2026-W47": now})
    found = moves(snapshots, ledger(*log).actions, CONFIG, moment("2026-W47", "2026-11-20"))
    assert found is not None
    events = {client: event for _, event, client in told(found)}
    assert events == {name: "won" if won else "down" for name, (_, won) in PAYMENTS.items()}


def test_a_client_may_be_won_and_warmer_or_won_and_gone() -> None:
    payment = paid("2026-11-18")
    assert happened({"category": "trial"}, {"category": "active_a"}, payment) == ["won", "up"]
    assert happened({"category": "trial"}, None, payment) == ["lost", "won"]
    assert happened(None, {"category": "trial"}, payment) == ["new", "won"]


def test_a_payment_is_only_of_the_deal_that_it_names() -> None:
    rows = [{"client": "Acme", "deal": deal} for deal in ("1", "2")]
    of_one = moved(rows, rows, paid("2026-11-18", deal="2", deal_key="2"))
    assert [str(deal) for deal in of_one.events["deal"]] == ["2"]
    of_both = moved(rows, rows, paid("2026-11-18"))
    assert [str(deal) for deal in of_both.events["deal"]] == ["1", "2"]


def test_what_was_won_counts_for_whoever_has_the_client_now() -> None:
    payment = paid("2026-11-18")
    taken = moved([{"client": "Acme"}], [{"client": "Acme", "manager": BORIS}], payment)
    assert told(taken) == [(ANNA, "reassigned_out", "Acme"), (BORIS, "won", "Acme"), (BORIS, "reassigned_in", "Acme")]
    gone = moved([{"client": "Acme"}, {"client": "B"}], [{"client": "B"}], payment)
    assert told(gone) == [(ANNA, "lost", "Acme"), (ANNA, "won", "Acme")]


def test_an_event_says_from_where_to_where_and_how_much() -> None:
    before = {"client": "Acme", "deal": "Hall", "category": "project", "expected_amount": 10.1}
    after = {**before, "client": "ACME", "category": "trial", "expected_amount": 20.2}
    (event,) = moved([before], [after]).events.to_dict("records")
    assert event == {
        "manager": ANNA,
        "event": "up",
        "key": "acme\nhall",
        "client": "ACME",
        "deal": "Hall",
        "source": "project",
        "target": "trial",
        "before": 10.1,
        "after": 20.2,
    }


# --- the month -------------------------------------------------------------------------------------------------------

TURN = ("2026-W48", "2026-W49")
"""23 to 29 November, and 30 November to 6 December."""


def over_the_turn(weeks: tuple[str, str], *changes: tuple[Row, Row], as_of: str | None = None) -> list[str]:
    """The event of each client, that was Active C with a payment expected in January but for what is given."""
    clients = {f"Client {n}": each for n, each in enumerate(changes)}
    usual = {"category": "active_c", "expected_payment": "2027-01-15"}
    was = [{**usual, "client": name, **before} for name, (before, _) in clients.items()]
    now = [{**usual, "client": name, **before, **after} for name, (before, after) in clients.items()]
    found = moves(kept(dict(zip(weeks, (was, now), strict=True))), ledger().actions, CONFIG, moment(weeks[1], as_of))
    assert found is not None
    events = {client: event for _, event, client in told(found)}
    return [events[name] for name in clients]


NEARER: tuple[Row, Row] = ({}, {"category": "active_b"})


def test_what_only_the_calendar_changed_is_no_move_up() -> None:
    contact = {"expected_payment": None, "last_contact": "2026-09-01"}  # more than 90 days ago since 1 December
    changes = [
        NEARER,
        ({}, {"category": "active_b", "expected_payment": "2026-12-15"}),  # a payment moved nearer
        ({}, {"category": "trial"}),  # typed, whatever the criteria say
        ({"category": "trial"}, {"category": "active_b"}),
        ({"category": "warm", **contact}, {"category": "cold"}),  # no matter of the month
    ]
    assert over_the_turn(TURN, *changes) == ["calendar", "up", "down", "up", "down"]


def test_what_took_the_turn_of_the_month_and_work_as_well_is_work() -> None:
    due = {"category": "active_b", "stage": "Talks", "expected_payment": "2026-12-15"}
    changes = [
        (due, {"category": "active_a", "stage": "Contract"}),  # signed, and due in the month that began
        ({"expected_payment": "2027-02-15"}, {"category": "active_b", "expected_payment": "2027-01-15"}),
        ({**due, "stage": "Contract"}, {"category": "active_a", "stage": "Invoice"}),  # the month's alone
    ]
    assert over_the_turn(TURN, *changes) == ["up", "up", "calendar"]


def test_in_the_same_month_the_calendar_changes_nothing() -> None:
    assert over_the_turn(TURN, NEARER, as_of="2026-11-30") == ["up"]


def test_a_week_across_the_turn_may_have_been_sorted_in_either_month() -> None:
    assert over_the_turn(("2026-W49", "2026-W50"), NEARER) == ["calendar"]


def test_of_an_earlier_quarter_any_month_will_do() -> None:
    invoiced, nearer = {"category": "active_b", "stage": "Invoice"}, {"category": "active_a"}
    since_august = ({**invoiced, "expected_payment": "2026-09-30"}, nearer)
    since_july = ({**invoiced, "expected_payment": "2026-07-15"}, nearer)
    quarters = ("2026-Q3", "2026-Q4")
    assert over_the_turn(quarters, since_august, since_july, NEARER) == ["calendar", "up", "calendar"]


def test_the_calendar_of_a_client_handed_over_counts_for_its_new_manager() -> None:
    was = {"client": "Acme", "category": "active_c", "expected_payment": "2027-01-15"}
    found = moved([was], [{**was, "category": "active_b", "manager": BORIS}], weeks=TURN)
    assert [event[:2] for event in told(found)] == [
        (ANNA, "reassigned_out"),
        (BORIS, "calendar"),
        (BORIS, "reassigned_in"),
    ]


# --- transitions and balance -----------------------------------------------------------------------------------------


def ways(found: Moves) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found.transitions.to_numpy().tolist()]


def test_a_client_handed_over_leaves_in_its_category_and_moves_then() -> None:
    before = {"client": "Acme", "category": "project", "expected_amount": 100}
    after = {"client": "Acme", "category": "trial", "expected_amount": 150, "manager": BORIS}
    found = moved([before], [after])
    assert ways(found) == [
        (ANNA, "project", "reassigned", 1, 100.0, 0.0),
        (BORIS, "project", "trial", 1, 100.0, 150.0),
        (SALES, "project", "trial", 1, 100.0, 150.0),
    ]
    crossed = found.balance[found.balance[["start", "entered", "left", "end"]].any(axis=1)]
    assert [tuple(row) for row in crossed.to_numpy().tolist()] == [
        (ANNA, "project", 1, 0, 1, 0, 100.0, 0.0, 100.0, 0.0, 0.0),
        (BORIS, "trial", 0, 1, 0, 1, 0.0, 150.0, 0.0, 0.0, 150.0),
        (BORIS, "project", 0, 1, 1, 0, 0.0, 100.0, 100.0, 0.0, 0.0),
        (SALES, "trial", 0, 1, 0, 1, 0.0, 150.0, 0.0, 0.0, 150.0),
        (SALES, "project", 1, 0, 1, 0, 100.0, 0.0, 100.0, 0.0, 0.0),
    ]


def test_a_client_handed_over_in_its_category_is_revalued_by_its_new_manager() -> None:
    before = {"client": "Acme", "expected_amount": 100}
    found = moved([before], [{**before, "expected_amount": 80, "manager": BORIS}])
    warm = found.balance[found.balance["category"] == "warm"].set_index("manager")
    assert list(warm.loc[BORIS])[1:] == [0, 1, 0, 1, 0.0, 100.0, 0.0, -20.0, 80.0]
    assert list(warm.loc[SALES])[1:] == [1, 0, 0, 1, 100.0, 0.0, 0.0, -20.0, 80.0]


def test_transitions_are_listed_by_manager_and_from_warm_to_cold() -> None:
    before = [
        {"client": "A", "category": "cold"},
        {"client": "B", "category": "active_a"},
        {"client": "C", "category": "old"},
        {"client": "D", "category": "active_a", "manager": "Zoe"},
        {"client": "E", "category": "active_a"},
        {"client": "F", "category": "active_a"},
        {"client": "G", "category": "active_a"},
    ]
    after = [
        {"client": "A", "category": "cold"},
        {"client": "B", "category": "cold"},
        {"client": "C", "category": "cold"},
        {"client": "D", "category": "active_a", "manager": "Zoe"},
        {"client": "F", "category": "active_a", "manager": BORIS},
        {"client": "G", "category": "old"},
        {"client": "H", "category": "trial"},
    ]
    assert [way[:3] for way in ways(moved(before, after))] == [
        (ANNA, "active_a", "cold"),
        (ANNA, "active_a", "old"),
        (ANNA, "active_a", "lost"),
        (ANNA, "active_a", "reassigned"),
        (ANNA, "cold", "cold"),
        (ANNA, "old", "cold"),
        (ANNA, "new", "trial"),
        (BORIS, "active_a", "active_a"),
        ("Zoe", "active_a", "active_a"),
        (SALES, "active_a", "active_a"),
        (SALES, "active_a", "cold"),
        (SALES, "active_a", "old"),
        (SALES, "active_a", "lost"),
        (SALES, "cold", "cold"),
        (SALES, "old", "cold"),
        (SALES, "new", "trial"),
    ]


def test_a_category_may_be_called_as_what_is_none() -> None:
    config = settings(categories=[{"id": "new", "label": "New"}, {"id": "lost", "label": "Lost"}])
    was = [("A", "new"), ("B", "lost"), ("C", "new")]
    now = [("A", "lost"), ("D", "new"), ("E", "lost")]
    before, after = (
        [{"client": client, "category": category, "expected_amount": 10} for client, category in each]
        for each in (was, now)
    )
    found = moves(kept({"2026-W46": before, "2026-W47": after}), ledger().actions, config, moment("2026-W47"))
    assert found is not None
    own = found.balance[found.balance["manager"] == ANNA].drop(columns="manager")
    assert own.to_numpy().tolist() == [
        ["new", 2, 1, 2, 1, 20.0, 10.0, 20.0, 0.0, 10.0],
        ["lost", 1, 2, 1, 2, 10.0, 20.0, 10.0, 0.0, 20.0],
    ]


def test_dtypes_are_those_of_the_contract_also_where_nothing_happened() -> None:
    found = moved([{"client": "A"}], [{"client": "A"}])
    assert found.events.empty
    texts = ["manager", "event", "key", "client", "deal", "source", "target"]
    assert found.events.dtypes.astype(str).to_dict() == dict.fromkeys(texts, "str") | dict.fromkeys(
        ["before", "after"], "float64"
    )
    assert [str(dtype) for dtype in found.transitions.dtypes] == ["str"] * 3 + ["int64"] + ["float64"] * 2
    assert [str(dtype) for dtype in found.balance.dtypes] == ["str"] * 2 + ["int64"] * 4 + ["float64"] * 5


# --- generated bases -------------------------------------------------------------------------------------------------

PEOPLE = (ANNA, BORIS, "Zoe")
WEEK = (date(2026, 11, 30), date(2026, 12, 6))

rows = st.fixed_dictionaries(
    {
        "manager": st.sampled_from(PEOPLE),
        "category": st.sampled_from([*IDS, "gone", "lapsed"]),
        "expected_amount": st.sampled_from([math.nan, 0.0, 0.1, 0.2, 1234.56, 99999999.99]),
        "expected_payment": st.sampled_from([None, "2026-12-20", "2027-01-20"]),
        "trial_units": st.sampled_from([math.nan, 2.0]),
    }
)
named = st.tuples(st.sampled_from(["Acme", "Bolt", "Cole", "Dahl", "Egon", "Fern"]), st.sampled_from(["", "1", "2"]))
bases = st.dictionaries(named, rows, min_size=1, max_size=20)
payments = st.lists(
    st.tuples(
        st.sampled_from(["Acme", "bolt", "Other"]),
        st.sampled_from(["", "2"]),
        st.sampled_from([100.0, 0.0, -1.0]),
        st.integers(-3, 8).map(lambda days: WEEK[0] + timedelta(days=days)),
    ),
    max_size=4,
)
MONEY = ("start_amount", "entered_amount", "left_amount", "revalued", "end_amount")
Base = dict[tuple[str, str], Row]
Payment = tuple[str, str, float, date]


def listed(clients: Base) -> list[Row]:
    return [{"client": client, "deal": deal, **row} for (client, deal), row in clients.items()]


def computed(before: Base, after: Base, money: list[Payment], *, backwards: bool = False) -> Moves:
    step = -1 if backwards else 1
    log = [
        paid(str(day), client=client, deal=deal, deal_key=deal, amount=amount) for client, deal, amount, day in money
    ]
    return moved(listed(before)[::step], listed(after)[::step], *log[::step], weeks=TURN)


def worth(row: Row) -> Decimal:
    amount = row["expected_amount"]
    return Decimal(0) if math.isnan(amount) else Decimal(str(amount))


def check_balance(found: Moves, before: Base, after: Base) -> None:
    """start + entered - left = end for every manager, the department and every category, to the cent in money."""
    for row in found.balance.to_dict("records"):
        was, now = (
            [
                each
                for each in side.values()
                if each["category"] == row["category"] and row["manager"] in (SALES, each["manager"])
            ]
            for side in (before, after)
        )
        assert (row["start"], row["end"]) == (len(was), len(now))
        assert row["start"] + row["entered"] - row["left"] == row["end"]
        start, entered, left, revalued, end = (Decimal(str(row[name])) for name in MONEY)
        assert (start, end) == (sum(map(worth, was), Decimal(0)), sum(map(worth, now), Decimal(0)))
        assert start + entered - left + revalued == end


def check_department(found: Moves) -> None:
    """The department's entered and left are its managers' less what they handed over to one another."""
    handed = Counter(str(row["source"]) for row in found.events.to_dict("records") if row["event"] == "reassigned_in")
    given_away = Counter[str]()
    for row in found.transitions.to_dict("records"):
        if row["target"] == "reassigned":
            assert row["manager"] != SALES
            given_away[str(row["source"])] += row["clients"]
    assert given_away == handed
    for category, of_it in found.balance.groupby("category"):
        own, whole = of_it[of_it["manager"] != SALES].sum(), of_it[of_it["manager"] == SALES].sum()
        less = handed[str(category)]
        assert (own["entered"] - less, own["left"] - less) == (whole["entered"], whole["left"])
        assert (own["start"], own["end"]) == (whole["start"], whole["end"])
        assert round(own["revalued"] - whole["revalued"], 2) == 0


def check_margins(found: Moves) -> None:
    """The sums of the matrix's rows and columns are start (and what was received) and end."""
    received = Counter(
        (str(row["manager"]), str(row["source"]))
        for row in found.events.to_dict("records")
        if row["event"] == "reassigned_in"
    )
    for row in found.balance.to_dict("records"):
        own = found.transitions[found.transitions["manager"] == row["manager"]]
        leaving, arriving = own[own["source"] == row["category"]], own[own["target"] == row["category"]]
        assert leaving["clients"].sum() == row["start"] + received[str(row["manager"]), str(row["category"])]
        assert arriving["clients"].sum() == row["end"]
        assert round(arriving["after"].sum(), 2) == row["end_amount"]


def check_measures(found: Moves, expected: Counter[tuple[str, str, str, str]]) -> None:
    """Measures count the events that were told by hand, and repeat the balance."""
    table = measures(found, CONFIG, [ANNA])
    figures = {(str(row["manager"]), str(row["measure"])): row["actual"] for row in table.to_dict("records")}
    for (person, measure), figure in figures.items():
        if measure.startswith("moves.") and person != SALES:
            event = measure.removeprefix("moves.")
            assert figure == sum(n for key, n in expected.items() if key[:2] == (person, event))
    for event in EVENTS:
        whole = 0 if event.startswith("reassigned") else sum(n for key, n in expected.items() if key[1] == event)
        assert figures[SALES, f"moves.{event}"] == whole
    for row in found.balance.to_dict("records"):
        ways = [figures[str(row["manager"]), f"base.{row['category']}.{way}"] for way in ("entered", "left")]
        assert ways == [row["entered"], row["left"]]


def sorted_by_hand(row: Row, month: int) -> str:
    """The category of a generated row in November (11) or December (12) 2026."""
    if row["expected_payment"]:
        nearest = {"2026-12-20": 11, "2027-01-20": 12}[row["expected_payment"]]  # the month from which on it is near
        return "active_b" if month >= nearest else "active_c"
    return "trial" if row["trial_units"] > 0 else "cold"


def by_hand(before: Base, after: Base, money: list[Payment]) -> Counter[tuple[str, str, str, str]]:
    """Manager, event, client and deal of every event, told row by row."""
    events = Counter[tuple[str, str, str, str]]()
    rank = {category: IDS.index(category) if category in IDS else len(IDS) for category in [*IDS, "gone", "lapsed"]}
    for client, deal in {*before, *after}:
        was, now = before.get((client, deal)), after.get((client, deal))
        owner = (now or was or {})["manager"]
        won = any(
            payer.lower() == client.lower()
            and (not of or not deal or of == deal)
            and amount > 0
            and WEEK[0] <= day <= WEEK[1]
            for payer, of, amount, day in money
        )
        tell = [(owner, "won")] if won else []
        if was is None or now is None:
            tell.append((owner, "new" if was is None else "lost"))
        else:
            if was["manager"] != owner:
                tell += [(was["manager"], "reassigned_out"), (owner, "reassigned_in")]
            sorts = (sorted_by_hand(now, 11), sorted_by_hand(was, 12), sorted_by_hand(now, 12))
            turned = sorts == (was["category"], now["category"], now["category"])
            if was["category"] == now["category"]:
                tell += [(owner, "revalued")] if worth(was) != worth(now) else []
            elif turned:
                tell.append((owner, "calendar"))
            elif rank[now["category"]] < rank[was["category"]]:
                tell.append((owner, "up"))
            elif rank[now["category"]] > rank[was["category"]] and not won:
                tell.append((owner, "down"))
        events.update((manager, event, client, deal) for manager, event in tell)
    return events


@given(before=bases, after=bases, money=payments)
@rules(deadline=None, max_examples=8)
def test_all_adds_up_whatever_happens(before: Base, after: Base, money: list[Payment]) -> None:
    """Balance, department, margins, events told row by row, whatever the order of the rows."""
    found = computed(before, after, money)
    check_balance(found, before, after)
    check_department(found)
    check_margins(found)
    expected = by_hand(before, after, money)
    columns = ["manager", "event", "client", "deal"]
    assert Counter(map(tuple, found.events[columns].to_numpy().tolist())) == expected
    check_measures(found, expected)
    again = computed(before, after, money, backwards=True)
    for name in ("transitions", "balance", "events"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(again, name))


# --- measures --------------------------------------------------------------------------------------------------------

ORDER = [f"base.{id_}.{way}" for id_ in IDS for way in ("entered", "left")] + [f"moves.{event}" for event in EVENTS]


def test_measures_are_listed_by_manager_in_the_order_of_the_categories() -> None:
    table = measures(moved([{"client": "A", "manager": "Zoe"}], [{"client": "A", "manager": "Zoe"}]), CONFIG, [BORIS])
    assert list(table.columns) == ["manager", "measure", "unit", "actual"]
    assert [str(dtype) for dtype in table.dtypes] == ["str", "str", "str", "float64"]
    assert list(table["manager"]) == [name for name in (BORIS, "Zoe", SALES) for _ in ORDER]
    assert list(table["measure"]) == ORDER * 3
    assert set(table["unit"]) == {"count"}
    assert (table["actual"] == 0).all()


def test_without_moves_every_measure_is_blank() -> None:
    table = measures(None, CONFIG, [BORIS, ANNA])
    assert list(table["manager"]) == [name for name in (ANNA, BORIS, SALES) for _ in ORDER]
    assert list(table["measure"]) == ORDER * 3
    assert table["actual"].isna().all()
    assert [str(dtype) for dtype in table.dtypes] == ["str", "str", "str", "float64"]


def test_handing_over_is_no_move_of_the_departments() -> None:
    table = measures(moved([{"client": "A"}], [{"client": "A", "manager": BORIS}]), CONFIG, [ANNA, BORIS])
    shown = table[table["actual"] > 0]
    assert [tuple(row) for row in shown.to_numpy().tolist()] == [
        (ANNA, "base.warm.left", "count", 1.0),
        (ANNA, "moves.reassigned_out", "count", 1.0),
        (BORIS, "base.warm.entered", "count", 1.0),
        (BORIS, "moves.reassigned_in", "count", 1.0),
    ]


def test_rows_with_one_key_are_followed_once() -> None:
    twice = [{"client": "Acme", "expected_amount": 5}, {"client": "acme", "expected_amount": 7}]
    found = moved(twice, twice)
    assert found.events.empty
    assert list(found.transitions["clients"]) == [1, 1]
