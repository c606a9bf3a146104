"""How long clients stay in a category."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.ageing import CURRENT, STAYS, Ageing, ageing, stays
from sheetsync.base import CONTENT, record, snapshots_from_cells, stored, stored_periods
from sheetsync.model import known
from sheetsync.periods import Period
from tests.department import ANNA, BORIS, base, moment, settings

NOTHING = snapshots_from_cells([])
Row = Mapping[str, Any]


def recorded(copies: Mapping[str, Sequence[Row]]) -> pd.DataFrame:
    """Snapshots in which the base of each period is made of these rows."""
    snapshots = NOTHING
    for period, rows in copies.items():
        snapshots = record(snapshots, base(*rows), Period.parse(period))
    return snapshots


def unjoined(copies: Mapping[Period, Sequence[Row]]) -> pd.DataFrame:
    """The same with a spell for each row of each period, as after syncs in every other period."""
    rows = [{**row, "period": str(period)} for period, rows in copies.items() for row in rows]
    periods = pd.Series([row.pop("period") for row in rows], dtype="str")
    return base(*rows)[list(CONTENT)].assign(from_period=periods, to_period=periods)


def weekly(categories: Mapping[str, str], **fields: Any) -> pd.DataFrame:
    """Snapshots of one client, Acme, that was in these categories; "" is a week in which only others were there."""
    other = {"client": "Other", "category": "cold"}
    return recorded(
        {
            period: [other, {"client": "Acme", "category": category, **fields}] if category else [other]
            for period, category in categories.items()
        }
    )


def of_acme(snapshots: pd.DataFrame, period: str, *columns: str) -> list[tuple[object, ...]]:
    """These columns of Acme's stays known at the period, dates as texts, in the order of their beginning."""
    found = stays(snapshots, moment(period))
    own = found[found["key"] == "acme\n"].sort_values("since")
    texts = {name: own[name].dt.strftime("%m-%d").fillna("") for name in ("since", "until")}
    return list(own.assign(**texts)[list(columns)].itertuples(index=False, name=None))


def aged(snapshots: pd.DataFrame, period: str, as_of: str | None = None) -> Ageing:
    """The ageing of a period whose snapshot is stored."""
    at = moment(period, as_of)
    rows = stored(snapshots, at.period)
    assert rows is not None
    return ageing(rows, stays(snapshots, at), settings(), at)


# --- stays -----------------------------------------------------------------------------------------------------------


def test_a_stay_lasts_from_the_first_period_in_a_category_to_the_first_without_it() -> None:
    snapshots = weekly({"2026-W44": "", "2026-W45": "warm", "2026-W46": "warm", "2026-W47": "active_a"})
    assert of_acme(snapshots, "2026-W47", "category", "since", "until", "ended") == [
        ("warm", "11-02", "11-16", True),
        ("active_a", "11-16", "", False),
    ]


def test_other_changes_of_the_row_do_not_end_it() -> None:
    acme: Row = {"client": "Acme", "category": "warm"}
    copies: dict[str, list[Row]] = {
        "2026-W45": [{**acme, "stage": "Offer"}],
        "2026-W46": [{**acme, "manager": BORIS, "expected_amount": 7}],
        "2026-W47": [{**acme, "client": "ACME ", "manager": BORIS, "expected_amount": 9}],
    }
    found = stays(recorded(copies), moment("2026-W47"))
    assert found[["client", "manager", "amount"]].to_numpy().tolist() == [["ACME ", BORIS, 7.0]]
    assert list(found["since"]) == [pd.Timestamp("2026-11-02")]


def test_a_period_that_was_not_synced_does_not_end_it() -> None:
    snapshots = weekly({"2026-W44": "warm", "2026-W47": "warm"})
    assert of_acme(snapshots, "2026-W47", "since", "until") == [("10-26", "")]


def test_where_it_was_gone_for_a_stored_period_it_begins_anew() -> None:
    snapshots = weekly({"2026-W44": "warm", "2026-W45": "", "2026-W47": "warm"})
    assert of_acme(snapshots, "2026-W47", "since", "at_least") == [("10-26", True), ("11-16", False)]


def test_an_end_after_a_gap_is_the_first_stored_period_without_it() -> None:
    snapshots = weekly({"2026-W43": "", "2026-W44": "warm", "2026-W47": ""})
    assert of_acme(snapshots, "2026-W47", "since", "until", "ended") == [("10-26", "11-16", True)]


def test_later_snapshots_are_not_looked_at() -> None:
    snapshots = weekly({"2026-W45": "warm", "2026-W46": "warm", "2026-W47": "warm", "2026-W48": "", "2026-W49": "cold"})
    assert of_acme(snapshots, "2026-W46", "category", "since", "ended") == [("warm", "11-02", False)]
    assert of_acme(snapshots, "2026-W44", "category") == []


def test_a_stay_lasts_where_the_period_itself_is_not_stored() -> None:
    assert of_acme(weekly({"2026-W45": "warm"}), "2026-W47", "until", "ended") == [("", False)]


def test_weeks_months_and_quarters_are_told_apart() -> None:
    snapshots = weekly({"2026-W45": "warm", "2026-10": "cold", "2026-11": "warm", "2026-Q3": "cold", "2026-Q4": "cold"})
    kept = [of_acme(snapshots, period, "category", "since") for period in ("2026-W48", "2026-11", "2026-Q4")]
    assert kept == [[("warm", "11-02")], [("cold", "10-01"), ("warm", "11-01")], [("cold", "07-01")]]


def test_deals_of_a_client_have_stays_of_their_own() -> None:
    rows = [{"client": "Acme", "deal": deal, "category": category} for deal, category in (("1", "warm"), ("2", "cold"))]
    found = stays(recorded({"2026-W45": rows[:1], "2026-W46": rows}), moment("2026-W46"))
    assert list(found["key"]) == ["acme\n1", "acme\n2"]
    assert list(found["at_least"]) == [True, False]


def test_without_snapshots_there_are_no_stays() -> None:
    found = stays(NOTHING, moment("2026-W47"))
    assert found.empty
    filled = stays(weekly({"2026-W47": "warm"}), moment("2026-W47"))
    assert list(found.dtypes) == list(filled.dtypes)
    assert tuple(found) == tuple(filled) == STAYS


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay as the plain computation tells it; `until` None while it lasts."""

    key: str
    category: str
    manager: str
    since: date
    until: date | None
    at_least: bool
    amount: float | None


def plain_periods(copies: Mapping[Period, Sequence[Row]], until: Period) -> list[Period]:
    """The periods of that length whose base has rows, up to `until`."""
    return sorted(period for period, rows in copies.items() if rows and period.kind == until.kind and period <= until)


def plain_stays(copies: Mapping[Period, Sequence[Row]], until: Period) -> list[Stay]:
    """Stays by walking over the stored periods, for rows whose names are spelled in one way; in no order."""
    periods = plain_periods(copies, until)
    found = []
    for key, category in {(_key(row), row["category"]) for period in periods for row in copies[period]}:
        run: list[tuple[int, Row]] = []
        for place, period in enumerate([*periods, None]):
            rows = copies[period] if period else []
            here = [row for row in rows if (_key(row), row["category"]) == (key, category)]
            if here:
                run.append((place, here[0]))
            elif run:
                found.append(_stay(key, run, periods, place))
                run = []
    return found


def _key(row: Row) -> str:
    return f"{row['client'].lower()}\n{row.get('deal', '').lower()}"


def _stay(key: str, run: Sequence[tuple[int, Row]], periods: Sequence[Period], after: int) -> Stay:
    given = [row["expected_amount"] for _, row in run if row.get("expected_amount") is not None]
    return Stay(
        key=key,
        category=run[0][1]["category"],
        manager=run[-1][1].get("manager", ANNA),
        since=periods[run[0][0]].start,
        until=periods[after].start if after < len(periods) else None,
        at_least=run[0][0] == 0,
        amount=given[0] if given else None,
    )


WEEKS = [Period.parse(f"2026-W{n}") for n in range(50, 54)] + [Period.parse(f"2027-W0{n}") for n in (1, 2)]
MONTHS = [Period.parse(text) for text in ("2026-12", "2027-01", "2027-02")]
clients = st.fixed_dictionaries(
    {
        "client": st.sampled_from(["Acme", "Bolt"]),
        "deal": st.sampled_from(["", "Hall"]),
        "manager": st.sampled_from([ANNA, BORIS]),
        "category": st.sampled_from(["active_a", "warm", "gone_from_the_configuration"]),
        "expected_amount": st.sampled_from([None, 5.0, 6.0]),
    }
)
bases = st.lists(clients, max_size=3, unique_by=_key)


@given(
    copies=st.dictionaries(st.sampled_from(WEEKS + MONTHS), bases, max_size=7),
    until=st.sampled_from(WEEKS + MONTHS),
)
@rules(max_examples=20)
def test_stays_equal_a_walk_over_copies_of_the_whole_base(copies: dict[Period, list[Row]], until: Period) -> None:
    snapshots = unjoined(copies)
    assert stored_periods(snapshots, until) == plain_periods(copies, until)
    told = [
        Stay(
            key=row["key"],
            category=row["category"],
            manager=row["manager"],
            since=row["since"].date(),
            until=row["until"].date() if row["ended"] else None,
            at_least=row["at_least"],
            amount=None if math.isnan(row["amount"]) else row["amount"],
        )
        for row in stays(snapshots, moment(str(until))).to_dict("records")
    ]
    assert told == sorted(plain_stays(copies, until), key=lambda stay: (stay.key, stay.category, stay.since))


@given(copies=st.dictionaries(st.sampled_from(WEEKS), bases, max_size=4))
@rules(max_examples=6)
def test_it_does_not_matter_how_the_spells_are_cut(copies: dict[Period, list[Row]]) -> None:
    joined = recorded({str(period): rows for period, rows in copies.items()})
    pd.testing.assert_frame_equal(stays(joined, moment("2027-W02")), stays(unjoined(copies), moment("2027-W02")))


@given(copies=st.dictionaries(st.sampled_from(MONTHS), bases, min_size=1), until=st.sampled_from(MONTHS))
@rules(max_examples=10)
def test_the_categories_add_up_to_the_stays(copies: dict[Period, list[Row]], until: Period) -> None:
    if not copies.get(until):
        assert stored(unjoined(copies), until) is None
        return
    found = aged(unjoined(copies), str(until))
    plain = plain_stays(copies, until)
    for row in found.categories.to_dict("records"):
        own = [stay for stay in plain if stay.category == row["category"]]
        days = [(until.end - stay.since).days for stay in own if not stay.until]
        passed = [(stay.until - stay.since).days for stay in own if stay.until and not stay.at_least]
        assert (row["clients"], row["passed"]) == (len(days), len(passed))
        assert [known(row[name]) for name in ("median", "longest", "usual")] == [
            median(days) if days else None,
            max(days, default=None),
            median(passed) if passed else None,
        ]


# --- ageing ----------------------------------------------------------------------------------------------------------


def test_days_are_counted_from_the_first_period_in_the_category_to_the_as_of_date() -> None:
    snapshots = weekly({"2026-W44": "", "2026-W45": "cold", "2026-W46": "warm", "2026-W47": "warm"}, expected_amount=8)
    found = aged(snapshots, "2026-W47", "2026-11-18")
    assert tuple(found.current) == CURRENT
    own = found.current[found.current["client"] == "Acme"].to_dict("records")
    assert own == [
        {
            "key": "acme\n",
            "client": "Acme",
            "deal": "",
            "manager": ANNA,
            "category": "warm",
            "since": pd.Timestamp("2026-11-09"),
            "days": 9,
            "at_least": False,
            "amount": 8.0,
        }
    ]


def test_the_amount_is_todays() -> None:
    acme = {"client": "Acme", "category": "warm"}
    found = aged(recorded({"2026-W46": [{**acme, "expected_amount": 3}], "2026-W47": [acme]}), "2026-W47")
    assert found.current["amount"].isna().all()


def test_a_stay_does_not_begin_after_the_as_of_date() -> None:
    found = aged(weekly({"2026-W45": "warm"}), "2026-W45", "2026-11-01")
    assert list(found.current["days"]) == [0, 0]


def test_the_first_snapshots_clients_may_be_older() -> None:
    found = aged(weekly({"2026-W45": "", "2026-W46": "warm"}), "2026-W46")
    assert dict(zip(found.current["client"], found.current["at_least"], strict=True)) == {"Acme": False, "Other": True}


def test_categories_stand_in_the_configurations_order_those_without_clients_too() -> None:
    found = aged(weekly({"2026-W45": "no_longer_configured"}), "2026-W45").categories
    assert list(found["category"]) == ["active_a", "active_b", "active_c", "trial", "project", "warm", "cold"]
    assert list(found["clients"]) == [0, 0, 0, 0, 0, 0, 1]
    assert list(found["longest_client"]) == [""] * 6 + ["Other"]
    assert found.loc[:5, ["median", "longest", "usual"]].isna().all(axis=None)


def test_of_clients_equally_long_in_a_category_the_first_by_name_is_the_longest() -> None:
    rows = [{"client": name, "category": "warm"} for name in ("Beta", "alpha", "Zeta")]
    found = aged(recorded({"2026-W45": rows[:2], "2026-W46": rows}), "2026-W46").categories
    warm = found[found["category"] == "warm"][["clients", "median", "longest", "longest_client"]]
    assert warm.to_numpy().tolist() == [[3, 13.0, 13.0, "alpha"]]


def test_only_stays_whose_beginning_is_known_tell_what_is_usual() -> None:
    weeks = {
        "2026-W40": [("A", "warm"), ("B", "cold"), ("C", "cold")],
        "2026-W41": [("A", "cold"), ("B", "warm"), ("C", "warm")],
        "2026-W43": [("B", "cold"), ("C", "warm")],
        "2026-W44": [("D", "warm")],
    }
    rows = {week: [{"client": name, "category": each} for name, each in pairs] for week, pairs in weeks.items()}
    found = aged(recorded(rows), "2026-W44").categories.set_index("category")
    # B 14 days and C 21; A's week is not known to be all; the end of D is not known
    assert found.loc[["warm"], ["passed", "usual"]].to_numpy().tolist() == [[2, 17.5]]
