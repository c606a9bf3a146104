"""History: tidy rows that keep the past."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.history import COLUMNS, close, closed, closed_ids, differs, from_cells, merge, restate, trend
from sheetsync.periods import Period
from tests.department import ANNA, BORIS, SALES

ORDER = [ANNA, BORIS, SALES]
NOW, LATER = datetime(2026, 11, 20, 18, 30, 15), datetime(2026, 11, 21, 9, 0)
W46, W47, NOVEMBER = (Period.parse(text) for text in ("2026-W46", "2026-W47", "2026-11"))
EMPTY = from_cells([])


def figure(manager: str = ANNA, measure: str = "meetings", actual: float = 1, **fields: Any) -> dict[str, Any]:
    """One row of figures."""
    return {"manager": manager, "measure": measure, "unit": "count", "actual": actual, **fields}


def merged(history: pd.DataFrame, period: Period, *rows: dict[str, Any], at: datetime = NOW) -> pd.DataFrame:
    """The history after a sync of the period that measured these rows."""
    return merge(history, pd.DataFrame(rows), period, at, ORDER)


def shown(history: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """These columns, row by row."""
    return list(history[list(columns)].itertuples(index=False, name=None))


def cells(history: pd.DataFrame) -> list[list[object]]:
    """The frame as a tab renders it: dates as serials, blanks as ""."""
    plain = history.copy()
    for name in ("start", "end", "synced_at"):
        plain[name] = (history[name] - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1)
    body = plain.astype(object).where(plain.notna(), "").to_numpy().tolist()
    return [list(COLUMNS), *body]


def with_status(history: pd.DataFrame, period: Period, status: str) -> pd.DataFrame:
    """The history with the period's rows in that status, as closing leaves them."""
    return history.assign(status=history["status"].mask(history["period"] == str(period), status))


def test_a_row_says_all_that_the_contract_asks() -> None:
    history = merged(EMPTY, W47, figure(plan=8.0, attainment=0.125))
    assert tuple(history) == COLUMNS
    assert shown(history, *COLUMNS) == [
        (
            "2026-W47",
            pd.Timestamp("2026-11-16"),
            pd.Timestamp("2026-11-22"),
            ANNA,
            "meetings",
            8.0,
            1.0,
            0.125,
            "count",
            "open",
            pd.Timestamp("2026-11-20 18:30:15"),
        )
    ]


def test_figures_without_plan_are_blank_there() -> None:
    history = merged(EMPTY, W47, figure())
    assert history[["plan", "attainment"]].isna().all(axis=None)
    assert history[["plan", "actual", "attainment"]].dtypes.eq("float64").all()


def test_figures_are_rounded_money_to_the_cent() -> None:
    history = merged(
        EMPTY,
        W47,
        figure(actual=100.005001, unit="money", plan=1 / 3, attainment=2 / 3),
        figure(BORIS, actual=1 / 3, unit="ratio"),
        figure(SALES, actual=-1e-9),
    )
    assert shown(history, "actual")[:2] == [(100.01,), (0.333333,)]
    assert shown(history, "plan", "attainment")[0] == (0.333333, 0.666667)
    assert math.copysign(1, history["actual"][2]) == 1


def test_rows_stand_by_period_manager_and_measure() -> None:
    history = merged(EMPTY, W47, figure(SALES, "b"), figure(ANNA, "b"), figure(ANNA, "a"), figure(BORIS, "a"))
    history = merged(history, NOVEMBER, figure())
    history = merged(history, Period.parse("2026-W44"), figure())  # 26 October
    assert shown(history, "period", "manager", "measure") == [
        ("2026-W44", ANNA, "meetings"),
        ("2026-11", ANNA, "meetings"),
        ("2026-W47", ANNA, "b"),
        ("2026-W47", ANNA, "a"),
        ("2026-W47", BORIS, "a"),
        ("2026-W47", SALES, "b"),
    ]


def test_of_periods_that_begin_together_the_shorter_is_first() -> None:
    history = EMPTY
    for text in ("2024-Q1", "2024-01", "2024-W01"):
        history = merged(history, Period.parse(text), figure())
    assert shown(history, "period") == [("2024-W01",), ("2024-01",), ("2024-Q1",)]


def test_an_open_periods_rows_are_replaced_and_others_left() -> None:
    history = merged(merged(EMPTY, W46, figure(actual=1)), W47, figure(actual=2), figure(BORIS))
    again = merged(history, W47, figure(actual=3), at=LATER)
    assert shown(again, "period", "manager", "actual", "synced_at") == [
        ("2026-W46", ANNA, 1.0, pd.Timestamp(NOW)),
        ("2026-W47", ANNA, 3.0, pd.Timestamp(LATER)),
    ]


def test_rows_of_other_periods_keep_their_place_though_nobody_knows_their_names() -> None:
    old = merged(EMPTY, W46, figure("Zoe"), figure("Yan"))
    assert shown(old, "manager") == [("Zoe",), ("Yan",)]
    assert shown(merged(old, W47, figure()), "manager") == [("Zoe",), ("Yan",), (ANNA,)]


def test_the_same_figures_change_nothing_not_even_the_time() -> None:
    rows = figure(plan=5, attainment=0.2), figure(BORIS, actual=math.nan)
    history = merged(EMPTY, W47, *rows)
    pd.testing.assert_frame_equal(merged(history, W47, *rows, at=LATER), history)


def test_one_changed_figure_renews_the_time_of_the_periods_rows() -> None:
    history = merged(merged(EMPTY, W46, figure()), W47, figure(), figure(BORIS))
    again = merged(history, W47, figure(), figure(BORIS, actual=2), at=LATER)
    assert list(again["synced_at"]) == [pd.Timestamp(NOW), pd.Timestamp(LATER), pd.Timestamp(LATER)]


def test_a_time_with_a_zone_is_kept_as_the_clock_showed_it() -> None:
    history = merged(EMPTY, W47, figure(), at=datetime(2026, 11, 20, 18, 30, 15, 999_999, tzinfo=UTC))
    assert list(history["synced_at"]) == [pd.Timestamp("2026-11-20 18:30:15")]


def test_differs_sees_content_and_order_but_not_the_time() -> None:
    history = merged(EMPTY, W47, figure(), figure(BORIS))
    assert not differs(history, history.assign(synced_at=pd.Timestamp(LATER)))
    assert differs(history, history.assign(actual=2.0))
    assert differs(history, history[::-1])
    assert differs(history, history[:1])


@pytest.mark.parametrize("status", ["closed", "restated"])
def test_a_closed_period_is_never_overwritten(status: str) -> None:
    history = with_status(merged(EMPTY, W47, figure()), W47, status)
    assert closed(history, W47)
    pd.testing.assert_frame_equal(merged(history, W47, figure(actual=9), at=LATER), history)


def test_an_open_period_is_not_closed() -> None:
    history = merged(EMPTY, W47, figure())
    assert not closed(history, W47)
    assert not closed(with_status(history, W47, "superseded"), W47)
    assert not closed(with_status(history, W47, "closed"), W46)


def test_superseded_rows_stay_beside_the_open_ones() -> None:
    history = with_status(merged(EMPTY, W47, figure(actual=1)), W47, "superseded")
    again = merged(history, W47, figure(actual=2), at=LATER)
    assert shown(again, "actual", "status") == [(2.0, "open"), (1.0, "superseded")]
    assert list(trend(again, "meetings", ANNA, W47, 1)["actual"]) == [2]


# --- closing ---------------------------------------------------------------------------------------------------------


def restated(history: pd.DataFrame, period: Period, *rows: dict[str, Any], at: datetime = LATER) -> pd.DataFrame:
    """The history after these figures were accepted."""
    return restate(history, period, pd.DataFrame(rows), at)


def test_closing_freezes_the_periods_open_rows_and_no_others() -> None:
    history = with_status(merged(merged(EMPTY, W46, figure()), W47, figure(), figure(BORIS)), W47, "superseded")
    history = merged(history, W47, figure(actual=5))
    done = close(history, W47)
    assert shown(done, "period", "actual", "status") == [
        ("2026-W46", 1.0, "open"),
        ("2026-W47", 5.0, "closed"),
        ("2026-W47", 1.0, "superseded"),
        ("2026-W47", 1.0, "superseded"),
    ]
    pd.testing.assert_frame_equal(done.drop(columns="status"), history.drop(columns="status"))
    assert closed_ids(done) == {"2026-W47"}
    pd.testing.assert_frame_equal(close(done, W47), done)


def test_closing_a_period_that_was_never_synced_changes_nothing() -> None:
    history = merged(EMPTY, W46, figure())
    pd.testing.assert_frame_equal(close(history, W47), history)


def test_a_restated_row_stands_where_the_closed_one_stood_with_its_plan() -> None:
    history = merged(
        merged(EMPTY, W46, figure()),
        W47,
        figure(actual=2, plan=8, attainment=0.25),
        figure(measure="revenue", actual=10, unit="money"),
        figure(BORIS, actual=4, plan=0),
    )
    history = merged(close(history, W47), Period.parse("2026-W48"), figure())
    done = restated(history, W47, figure(actual=6), figure(BORIS, actual=5))
    columns = ("period", "manager", "measure", "plan", "actual", "attainment", "status", "synced_at")
    before, after = pd.Timestamp(NOW), pd.Timestamp(LATER)
    assert shown(done.fillna({"plan": -1, "attainment": -1}), *columns) == [
        ("2026-W46", ANNA, "meetings", -1, 1, -1, "open", before),
        ("2026-W47", ANNA, "meetings", 8, 6, 0.75, "restated", after),
        ("2026-W47", ANNA, "revenue", -1, 10, -1, "closed", before),
        ("2026-W47", BORIS, "meetings", 0, 5, -1, "restated", after),
        ("2026-W47", ANNA, "meetings", 8, 2, 0.25, "superseded", before),
        ("2026-W47", BORIS, "meetings", 0, 4, -1, "superseded", before),
        ("2026-W48", ANNA, "meetings", -1, 1, -1, "open", before),
    ]
    assert closed(done, W47)
    pd.testing.assert_frame_equal(from_cells(cells(done)), done)


def test_figures_that_are_the_same_are_not_restated() -> None:
    history = close(merged(EMPTY, W47, figure(actual=0.1 + 0.2), figure(BORIS, actual=math.nan)), W47)
    pd.testing.assert_frame_equal(
        restated(history, W47, figure(actual=0.3), figure(BORIS, actual=math.nan)),
        history,
    )


def test_a_figure_may_become_blank_and_one_may_come_anew() -> None:
    history = close(merged(EMPTY, W47, figure(actual=0.5, plan=1, unit="ratio")), W47)
    done = restated(history, W47, figure(actual=math.nan, unit="ratio"), figure("Zoe", actual=100.006, unit="money"))
    assert shown(done.fillna(-1), "manager", "plan", "actual", "attainment", "unit", "status") == [
        (ANNA, 1, -1, -1, "ratio", "restated"),
        ("Zoe", -1, 100.01, -1, "money", "restated"),
        (ANNA, 1, 0.5, -1, "ratio", "superseded"),
    ]


def test_restating_again_keeps_every_earlier_row_the_oldest_first() -> None:
    history = close(merged(EMPTY, W47, figure(actual=1, plan=2)), W47)
    for actual in (2, 3):
        history = restated(history, W47, figure(actual=actual))
    assert shown(history, "actual", "attainment", "status") == [
        (3, 1.5, "restated"),
        (1, pytest.approx(math.nan, nan_ok=True), "superseded"),
        (2, 1, "superseded"),
    ]
    assert list(trend(history, "meetings", ANNA, W47, 1)["actual"]) == [3]


def test_a_sync_leaves_a_restated_period_with_its_superseded_rows_alone() -> None:
    history = restated(close(merged(EMPTY, W47, figure()), W47), W47, figure(actual=2))
    pd.testing.assert_frame_equal(merged(history, W47, figure(actual=9)), history)
    beside = merged(history, W46, figure())
    assert shown(beside, "period", "status") == [
        ("2026-W46", "open"),
        ("2026-W47", "restated"),
        ("2026-W47", "superseded"),
    ]


# --- cells -----------------------------------------------------------------------------------------------------------


def test_the_tab_reads_back_as_it_was_written() -> None:
    history = merged(merged(EMPTY, NOVEMBER, figure(actual=0.1)), W47, figure(plan=0, attainment=math.nan))
    pd.testing.assert_frame_equal(from_cells(cells(history)), history)


def test_an_empty_tab_is_an_empty_history() -> None:
    tabs: list[list[list[object]]] = [[], [[]], [list(COLUMNS)]]
    for rows in tabs:
        assert (tuple(from_cells(rows)), len(from_cells(rows))) == (COLUMNS, 0)


def damaged(*changes: tuple[str, object]) -> pd.DataFrame:
    """A history of two rows as read after somebody typed into the second."""
    rows = cells(merged(EMPTY, W47, figure(), figure(BORIS, actual=2, plan=4, attainment=0.5)))
    for column, value in changes:
        rows[2][COLUMNS.index(column)] = value
    return from_cells(rows)


@pytest.mark.parametrize(
    ("column", "value"),
    [("period", "soon"), ("period", 46341), ("period", ""), ("period", "9999-W52"), ("manager", ""), ("measure", None)],
)
def test_a_row_that_cannot_be_read_is_ignored(column: str, value: object) -> None:
    assert shown(damaged((column, value)), "manager") == [(ANNA,)]


def test_what_follows_from_the_period_is_mended() -> None:
    history = damaged(("start", "x"), ("end", 1), ("period", " 2026-W47 "))
    assert (
        shown(history, "period", "start", "end") == [("2026-W47", pd.Timestamp(W47.start), pd.Timestamp(W47.end))] * 2
    )


def test_figures_that_are_no_numbers_are_blank_and_an_unknown_status_is_open() -> None:
    history = damaged(("actual", "many"), ("plan", True), ("synced_at", "now"), ("status", "done"))
    assert history.loc[1, ["actual", "plan", "synced_at"]].isna().all()
    assert history.loc[1, "status"] == "open"


def test_the_next_sync_mends_what_somebody_typed() -> None:
    rows = figure(), figure(BORIS, actual=2, plan=4, attainment=0.5)
    assert shown(merged(damaged(("actual", "many")), W47, *rows), "actual") == [(1.0,), (2.0,)]


@pytest.mark.parametrize("status", ["closed", "restated"])
def test_a_row_copied_by_somebody_is_read_once_and_the_closed_one_stays(status: str) -> None:
    history = merged(EMPTY, W47, figure(actual=1))
    copies: Iterable[pd.DataFrame] = (history, history.assign(actual=2.0, status=status), history.assign(actual=3.0))
    read = from_cells(cells(pd.concat(copies)))
    assert shown(read, "actual", "status") == [(2.0, status)]


# --- trend -----------------------------------------------------------------------------------------------------------


def test_the_trend_has_gaps_where_nothing_was_synced() -> None:
    history = merged(merged(EMPTY, Period.parse("2026-W45"), figure(actual=3, plan=4, attainment=0.75)), W47, figure())
    history = merged(history, NOVEMBER, figure(actual=99))
    found = trend(history, "meetings", ANNA, W47, 4)
    assert list(found.columns) == ["period", "actual", "plan", "attainment"]
    assert shown(found.fillna(-1), *found.columns) == [
        ("2026-W44", -1, -1, -1),
        ("2026-W45", 3, 4, 0.75),
        ("2026-W46", -1, -1, -1),
        ("2026-W47", 1, -1, -1),
    ]
    assert trend(history, "offers", ANNA, W47, 2)["actual"].isna().all()


# --- properties ------------------------------------------------------------------------------------------------------

floats = st.one_of(st.just(math.nan), st.floats(-1e12, 1e12))
measured = st.fixed_dictionaries(
    {
        "manager": st.sampled_from(ORDER),
        "measure": st.sampled_from(["meetings", "revenue", "base.clients"]),
        "unit": st.sampled_from(["count", "money", "ratio"]),
        "actual": floats,
        "plan": floats,
        "attainment": floats,
    }
)
syncs = st.lists(
    st.tuples(
        st.sampled_from([W46, W47, NOVEMBER]),
        st.lists(measured, min_size=1, max_size=6, unique_by=lambda row: (row["manager"], row["measure"])),
    ),
    max_size=4,
)


@given(syncs=syncs)
@rules(deadline=None, max_examples=12)
def test_merging_twice_is_merging_once_also_through_the_tab(syncs: list[tuple[Period, list[dict[str, Any]]]]) -> None:
    history = EMPTY
    for period, rows in syncs:
        before = history[history["period"] != str(period)].reset_index(drop=True)
        history = merged(history, period, *rows)
        others = history[history["period"] != str(period)].reset_index(drop=True)
        pd.testing.assert_frame_equal(others, before)
        read = from_cells(cells(history))
        pd.testing.assert_frame_equal(read, history)
        pd.testing.assert_frame_equal(merged(read, period, *rows, at=LATER), history)
        assert not history.duplicated(["period", "manager", "measure"]).any()
        assert history["start"].is_monotonic_increasing


@given(syncs=syncs, accepted=st.lists(measured, min_size=1, max_size=6))
@rules(deadline=None, max_examples=12)
def test_restating_keeps_every_row_and_one_of_each_figure(
    syncs: list[tuple[Period, list[dict[str, Any]]]], accepted: list[dict[str, Any]]
) -> None:
    history = EMPTY
    for period, rows in syncs:
        history = merged(history, period, *rows)
    history = close(history, W47)
    figures = {(row["manager"], row["measure"]): row for row in accepted}
    done = restated(history, W47, *figures.values())
    standing = done[done["status"] != "superseded"]
    assert not standing.duplicated(["period", "manager", "measure"]).any()
    content = ["period", "manager", "measure", "plan", "actual", "attainment", "synced_at"]
    old = history[content].merge(done[content], how="left", indicator=True)
    assert (old["_merge"] == "both").all()
    now = standing[standing["period"] == str(W47)].set_index(["manager", "measure"])["actual"]
    for key, row in figures.items():
        assert now[key] == pytest.approx(row["actual"], rel=1e-9, abs=0.0051, nan_ok=True)
    pd.testing.assert_frame_equal(from_cells(cells(done)), done)
    pd.testing.assert_frame_equal(restated(done, W47, *figures.values()), done)
