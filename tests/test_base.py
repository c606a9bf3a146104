"""The base sorted, kept and added up."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.base import (
    CONTENT,
    SNAPSHOT_COLUMNS,
    classify,
    may_record,
    measures,
    record,
    snapshots_from_cells,
    stored,
)
from sheetsync.model import CellRef, Issue, Severity
from sheetsync.periods import Period
from tests.department import ANNA, BORIS, CATEGORIES, SALES, base, settings

AS_OF = date(2026, 11, 18)
NOTHING = snapshots_from_cells([])
W47 = Period.parse("2026-W47")


def fitting(**fields: Any) -> str:
    """The category that one row's criteria give, as of 18 November 2026."""
    return str(classify(base(fields), settings(), AS_OF)[0]["fitting"][0])


@pytest.mark.parametrize(
    ("fields", "category"),
    [
        ({"stage": "Invoice", "expected_payment": "2026-11-30"}, "active_a"),
        ({"stage": " contract ", "expected_payment": "2026-11-01"}, "active_a"),
        ({"stage": "Contract", "expected_payment": "2025-01-01"}, "active_a"),  # overdue
        ({"stage": "Contract", "expected_payment": "2026-12-01"}, "active_b"),
        ({"stage": "Offer", "expected_payment": "2026-11-30"}, "active_b"),
        ({"stage": "Offer", "expected_payment": "2026-10-30"}, "active_b"),  # overdue
        ({"stage": "", "expected_payment": "2026-12-31"}, "active_b"),
        ({"stage": "Contract", "expected_payment": "2027-01-01"}, "active_c"),
        ({"stage": "Contract"}, "cold"),  # no date, no money in sight
        ({"trial_units": 1}, "trial"),
        ({"trial_units": 1, "expected_payment": "2027-02-01"}, "active_c"),
        ({"trial_units": 0}, "cold"),
        ({"stage": "DESIGN", "last_contact": "2026-11-17"}, "project"),
        ({"last_contact": "2026-08-20"}, "warm"),  # 90 days before
        ({"last_contact": "2026-08-19"}, "cold"),
        ({"last_contact": "2026-11-20"}, "warm"),
        ({}, "cold"),
    ],
)
def test_the_first_category_whose_criteria_hold_fits(fields: dict[str, Any], category: str) -> None:
    assert fitting(**fields) == category


def test_this_month_is_the_as_of_dates() -> None:
    rows = base({"stage": "Contract", "expected_payment": "2026-12-31"})
    config = settings()
    found = [classify(rows, config, day)[0]["fitting"][0] for day in (date(2026, 10, 31), AS_OF, date(2026, 12, 1))]
    assert found == ["active_c", "active_b", "active_a"]


def test_without_a_category_that_fits_the_last_one_takes_the_row() -> None:
    only = [CATEGORIES[3], CATEGORIES[5]]  # on trial, warm
    assert list(classify(base({}), settings(categories=only), AS_OF)[0]["category"]) == ["warm"]


def test_a_typed_category_wins_and_a_differing_one_is_warned_of() -> None:
    rows = base(
        {"client": "Acme", "category": "warm", "trial_units": 2},
        {"client": "Bolt", "category": "cold"},
        {"client": "C"},
    )
    found, issues = classify(rows, settings(), AS_OF, category_column=7)
    assert list(found["category"]) == ["warm", "cold", "cold"]
    assert list(found["fitting"]) == ["trial", "cold", "cold"]
    assert list(found["typed"]) == [True, True, False]
    assert issues == (
        Issue(
            severity=Severity.WARNING,
            code="category_differs",
            cell=CellRef("Base", 2, 7),
            manager=ANNA,
            typed="Warm",
            problem="The category typed is “Warm”, the criteria say “On trial”.",
            remedy="Clear the cell and the row is sorted by its criteria, or bring stage, expected payment, trial "
            "units and last contact up to date.",
            effect="Counted as “Warm”.",
        ),
    )


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "ru",
            (
                "Указана категория «Тёплые», а по критериям это «На тесте».",
                "Очистите ячейку, и категория определится по критериям, либо обновите этап, ожидаемую оплату, "
                "число светильников на тесте и последний контакт.",
                "Учтено как «Тёплые».",
            ),
        ),
        (
            "de",
            (
                "Eingetragen ist die Kategorie „Warm“, nach den Kriterien wäre es „Im Test“.",
                "Zelle leeren, dann wird die Zeile nach den Kriterien eingeordnet; oder Phase, erwartete Zahlung, "
                "Testleuchten und letzten Kontakt aktualisieren.",
                "Gezählt als „Warm“.",
            ),
        ),
    ],
)
def test_the_warning_speaks_the_workbooks_language(language: str, texts: tuple[str, str, str]) -> None:
    (issue,) = classify(base({"category": "warm", "trial_units": 2}), settings(language=language), AS_OF)[1]
    assert (issue.problem, issue.remedy, issue.effect) == texts


def test_an_empty_base_is_classified_too() -> None:
    found, issues = classify(base(), settings(), AS_OF)
    assert (len(found), issues) == (0, ())
    assert {"category", "fitting", "typed"} <= set(found.columns)


def test_a_base_may_be_recorded_until_a_week_after_the_periods_end() -> None:
    days = [date(2026, 11, 15), date(2026, 11, 16), date(2026, 11, 22), date(2026, 11, 29), date(2026, 11, 30)]
    assert [may_record(W47, day) for day in days] == [False, True, True, True, False]


# --- snapshots -------------------------------------------------------------------------------------------------------


def spells(snapshots: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Client, first and last period of each row."""
    return list(snapshots[["client", "from_period", "to_period"]].itertuples(index=False, name=None))


def kept(*periods: str) -> pd.DataFrame:
    """Acme, unchanged, recorded at these periods."""
    snapshots = NOTHING
    for period in periods:
        snapshots = record(snapshots, base({"client": "Acme"}), Period.parse(period))
    return snapshots


def test_an_unchanged_row_stays_one_row() -> None:
    assert spells(kept("2026-W52", "2026-W53", "2027-W01")) == [("Acme", "2026-W52", "2027-W01")]


def test_a_period_that_was_not_synced_breaks_the_spell() -> None:
    snapshots = kept("2026-W46", "2026-W48")
    assert spells(snapshots) == [("Acme", "2026-W46", "2026-W46"), ("Acme", "2026-W48", "2026-W48")]
    assert stored(snapshots, W47) is None


def test_a_gap_filled_later_joins_the_spells() -> None:
    assert spells(kept("2026-W46", "2026-W48", "2026-W47")) == [("Acme", "2026-W46", "2026-W48")]


def test_an_older_period_recorded_anew_leaves_the_others_as_they_were() -> None:
    snapshots = kept("2026-W46", "2026-W47", "2026-W48")
    snapshots = record(snapshots, base({"client": "Acme", "expected_amount": 5}), W47)
    assert spells(snapshots) == [("Acme", f"2026-W{n}", f"2026-W{n}") for n in (46, 47, 48)]
    assert list(snapshots["expected_amount"].fillna(0)) == [0, 5, 0]


def test_recording_an_empty_base_takes_the_period_out() -> None:
    snapshots = record(kept("2026-W46", "2026-W47", "2026-W48"), base(), W47)
    assert spells(snapshots) == [("Acme", "2026-W46", "2026-W46"), ("Acme", "2026-W48", "2026-W48")]
    assert stored(snapshots, W47) is None


def test_weeks_months_and_quarters_are_series_of_their_own() -> None:
    snapshots = kept("2026-11", "2026-W47", "2026-Q4", "2026-12", "2026-W48", "2027-Q1")
    assert spells(snapshots) == [
        ("Acme", "2026-Q4", "2027-Q1"),
        ("Acme", "2026-11", "2026-12"),
        ("Acme", "2026-W47", "2026-W48"),
    ]
    assert stored(snapshots, Period.parse("2026-10")) is None


def test_of_equal_rows_the_longest_spell_goes_on_in_either_direction() -> None:
    acme = {"client": "Acme"}
    snapshots = NOTHING
    for period, times in (("2026-W48", 2), ("2026-W49", 1), ("2026-W47", 1)):
        snapshots = record(snapshots, base(*[acme] * times), Period.parse(period))
    assert spells(snapshots) == [("Acme", "2026-W47", "2026-W49"), ("Acme", "2026-W48", "2026-W48")]
    again = record(snapshots, base(acme, acme), Period.parse("2026-W48"))
    pd.testing.assert_frame_equal(again, snapshots)


def test_the_bases_order_does_not_matter() -> None:
    rows = [{"client": "Acme"}, {"client": "Bolt", "manager": BORIS}, {"client": "Acme", "deal": "2"}]
    pd.testing.assert_frame_equal(record(NOTHING, base(*rows), W47), record(NOTHING, base(*rows[::-1]), W47))


def test_what_is_stored_holds_all_that_a_row_says() -> None:
    full = {
        "client": "Acme",
        "deal": "Hall",
        "manager": BORIS,
        "category": "trial",
        "stage": "Design",
        "expected_payment": "2027-01-15",
        "expected_amount": 1234.56,
        "trial_units": 3,
        "trial_value": 99.9,
        "trial_since": "2026-10-01",
        "last_contact": "2026-11-11",
    }
    rows = stored(record(NOTHING, base(full), W47), W47)
    assert rows is not None
    pd.testing.assert_frame_equal(rows, base(full)[list(CONTENT)])


def cells(snapshots: pd.DataFrame) -> list[list[object]]:
    """The frame as a tab renders it: dates as serials, blanks as ""."""
    plain = snapshots.copy()
    for name in ("expected_payment", "trial_since", "last_contact"):
        plain[name] = (snapshots[name] - pd.Timestamp("1899-12-30")).dt.days
    body = plain.astype(object).where(plain.notna(), "").to_numpy().tolist()
    return [list(SNAPSHOT_COLUMNS), *body]


def test_the_tab_reads_back_as_it_was_written() -> None:
    rows = base({"client": "Acme", "expected_payment": "2027-01-15", "expected_amount": 0.1}, {"client": "007"})
    snapshots = record(kept("2026-W46"), rows, W47)
    pd.testing.assert_frame_equal(snapshots_from_cells(cells(snapshots)), snapshots)


def test_rows_of_a_damaged_tab_that_cannot_be_read_are_ignored() -> None:
    good = cells(kept("2026-W47"))
    row = good[1]
    bad = [
        [],
        ["", *row[1:]],
        [*row[:2], None, *row[3:]],
        [*row[:-1], "soon"],
        [*row[:-1], "2026-12"],
        [*row[:-1], "2026-W46"],
        [*row[:-2], "9999-W52", "9999-W52"],
        [*row[:-2], True, 46000],
    ]
    assert spells(snapshots_from_cells([*good, *bad])) == [("Acme", "2026-W47", "2026-W47")]


def test_a_column_is_found_by_name_and_one_without_a_name_in_its_place() -> None:
    header, row = cells(kept("2026-W47"))
    moved = [["note", *header], ["x", *row]]
    unnamed = [["", *header[1:]], row]
    assert (
        spells(snapshots_from_cells(moved))
        == spells(snapshots_from_cells(unnamed))
        == [("Acme", "2026-W47", "2026-W47")]
    )


def test_cells_of_another_kind_are_blank() -> None:
    header, row = cells(kept("2026-W47"))
    row[5:11] = ["soon", True, "3", math.inf, 1e12, -1]
    assert snapshots_from_cells([header, row])[list(CONTENT)[5:]].isna().all(axis=None)


WEEKS = [Period.parse(f"2026-W{n}") for n in (51, 52, 53)] + [Period.parse(f"2027-W0{n}") for n in (1, 2)]
MONTHS = [Period.parse(text) for text in ("2026-12", "2027-01", "2027-02")]
clients = st.fixed_dictionaries(
    {
        "client": st.sampled_from(["Acme", "Bolt"]),
        "manager": st.sampled_from([ANNA, BORIS]),
        "expected_amount": st.sampled_from([math.nan, 5.0]),
        "last_contact": st.sampled_from([None, "2026-11-01"]),
    }
)
runs = st.lists(st.tuples(st.sampled_from(WEEKS + MONTHS), st.lists(clients, max_size=3)), max_size=6)


def plain(rows: pd.DataFrame | None) -> list[tuple[object, ...]]:
    """The rows as comparable tuples, in a fixed order; blank is "None"."""
    if rows is None:
        return []
    table = rows[list(CONTENT)].astype(object)
    return sorted(tuple(map(str, row)) for row in table.where(table.notna(), None).to_numpy().tolist())


@given(runs=runs)
@rules(deadline=None, max_examples=12)
def test_snapshots_equal_a_copy_of_the_whole_base_per_period(runs: list[tuple[Period, list[dict[str, Any]]]]) -> None:
    """Whatever the order of the periods, and whatever is recorded anew; through the tab each time."""
    snapshots, copies = NOTHING, dict[Period, pd.DataFrame]()
    for period, rows in runs:
        snapshots = snapshots_from_cells(cells(record(snapshots, base(*rows), period)))
        copies[period] = base(*rows)
    for period in WEEKS + MONTHS:
        assert plain(stored(snapshots, period)) == plain(copies.get(period))
    for period, copy in [*copies.items()][:1]:
        pd.testing.assert_frame_equal(record(snapshots, copy, period), snapshots)
    assert len(snapshots) == sum(fewest(copies, series) for series in (WEEKS, MONTHS))


def fewest(copies: dict[Period, pd.DataFrame], series: list[Period]) -> int:
    """How many rows spells need at least: a spell begins where a period has more of a row than the one before."""
    before: list[tuple[object, ...]] = []
    begun = 0
    for period in series:
        now = plain(copies.get(period))
        begun += sum(max(0, now.count(row) - before.count(row)) for row in set(now))
        before = now
    return begun


@given(runs=runs)
@rules(deadline=None, max_examples=10)
def test_the_order_of_the_runs_does_not_matter(runs: list[tuple[Period, list[dict[str, Any]]]]) -> None:
    last = dict(runs)
    forwards = backwards = NOTHING
    for period in sorted(last):
        forwards = record(forwards, base(*last[period]), period)
    for period in sorted(last, reverse=True):
        backwards = record(backwards, base(*last[period]), period)
    pd.testing.assert_frame_equal(forwards, backwards)


def test_the_tab_grows_by_what_changed() -> None:
    snapshots = NOTHING
    for week in range(10):
        rows = [{"client": f"Client {n}", "expected_amount": week if n == week else 0} for n in range(50)]
        snapshots = record(snapshots, base(*rows), Period.containing(AS_OF + timedelta(weeks=week), W47.kind))
    # client 0 never differs; each other one has its own week, and an unchanged spell before and after it
    assert len(snapshots) == 50 + 2 * 9 - 1


# --- adding up -------------------------------------------------------------------------------------------------------


def added(*rows: dict[str, Any], managers: tuple[str, ...] = (ANNA, BORIS)) -> dict[tuple[str, str], float]:
    """The measures of a stored base, by manager and measure."""
    table = measures(base(*rows)[list(CONTENT)], settings(), managers)
    return {(str(row.manager), str(row.measure)): float(str(row.actual)) for row in table.itertuples()}


def test_clients_and_amounts_per_category_and_what_is_on_trial() -> None:
    found = added(
        {"client": "Acme", "category": "active_a", "expected_amount": 100.1},
        {"client": "Acme", "deal": "2", "category": "active_a", "expected_amount": 200.2},
        {"client": "acme ", "deal": "3", "category": "cold"},
        {"client": "Bolt", "category": "trial", "trial_units": 3, "trial_value": 10.5},
        {"client": "Acme", "manager": BORIS, "category": "active_a", "expected_amount": 1},
    )
    shown = ["base.active_a.clients", "base.active_a.amount", "base.cold.clients", "base.cold.amount", "base.clients"]
    assert [found[ANNA, measure] for measure in shown] == [2, 300.3, 1, 0, 4]
    assert [found[BORIS, measure] for measure in shown] == [1, 1, 0, 0, 1]
    assert [found[SALES, measure] for measure in shown] == [3, 301.3, 1, 0, 5]
    assert [found[SALES, measure] for measure in ("trial.units", "trial.value")] == [3, 10.5]


def test_measures_are_listed_by_manager_in_the_order_of_the_categories() -> None:
    table = measures(base({"category": "cold"})[list(CONTENT)], settings(), [BORIS])
    assert list(table["manager"].unique()) == [ANNA, BORIS, SALES]  # Anna has a row
    ids = [str(item["id"]) for item in CATEGORIES]
    of_categories = [f"base.{each}.{what}" for each in ids for what in ("clients", "amount")]
    assert list(table["measure"]) == [*of_categories, "base.clients", "trial.units", "trial.value"] * 3
    assert list(table["unit"][:2]) == ["count", "money"]
    assert list(table["unit"][14:17]) == ["count", "count", "money"]


def test_rows_of_somebody_who_is_no_longer_configured_are_shown_last() -> None:
    assert list({manager: 0 for manager, _ in added({"manager": "Zoe"}, managers=(BORIS,))}) == [BORIS, "Zoe", SALES]


def test_without_a_snapshot_every_measure_is_blank() -> None:
    table = measures(None, settings(), [ANNA, BORIS])
    assert list(table["manager"].unique()) == [ANNA, BORIS, SALES]
    assert len(table) == 3 * 17
    assert table["actual"].isna().all()


@given(rows=st.lists(clients, min_size=1, max_size=8))
@rules(deadline=None, max_examples=10)
def test_the_departments_base_is_the_sum_of_the_managers(rows: list[dict[str, Any]]) -> None:
    found = added(*({**row, "category": "warm"} for row in rows))
    for measure in {measure for _, measure in found}:
        assert found[SALES, measure] == found[ANNA, measure] + found[BORIS, measure]
