"""The review of a period: what is told about it, what is kept of it, and that a week told again tells the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sheetsync import base, columns, history
from sheetsync.model import Ledger, Moment, RawTab
from sheetsync.parse import parse
from sheetsync.periods import Kind, Period
from sheetsync.review import Kept, Report, classified, figures, measured, review, settle, shown
from tests.office import ANNA, BORIS, TARGETS, configured

SALES = "Sales"
KPI = {"weights": {"meetings": 1, "revenue": 3}, "incentive": 1000, "show": "pay"}
SETTINGS = configured(kpi=KPI, targets=[{**TARGETS[0], "default": {"meetings": 5}}, TARGETS[1]])
TODAY = date(2027, 1, 15)
NOTHING = Kept(history.from_cells([]), base.snapshots_from_cells([]))
Rows = Sequence[dict[str, Any]]

LOG: Rows = [
    {"Date": "2026-11-03", "Manager": ANNA, "Action": "meeting", "Client": "Acme", "Evidence": "minutes 1"},
    {"Date": "2026-11-11", "Manager": BORIS, "Action": "trial", "Client": "Cole", "Evidence": "act", "Quantity": 4},
    {"Date": "2026-11-18", "Manager": ANNA, "Action": "payment", "Client": "BOLT", "Amount": 600_000.55},
    {"Date": "2026-11-19", "Manager": ANNA, "Action": "meeting", "Client": "Acme", "Evidence": "minutes 2"},
    {"Date": "2026-12-02", "Manager": BORIS, "Action": "payment", "Client": "Acme", "Amount": 70_000},
    {"Date": "2026-12-03", "Manager": BORIS, "Action": "meeting", "Client": "Egon", "Evidence": "minutes 3"},
]
ACME = {"Client": "Acme", "Manager": ANNA, "Expected payment": "2026-12-10", "Expected amount": 100_000}
BOLT = {"Client": "Bolt", "Manager": ANNA, "Stage": "Contract", "Expected payment": "2026-11-20"}
COLE = {"Client": "Cole", "Manager": BORIS, "Trial units": 4, "Trial value": 900, "Trial since": "2026-11-11"}
FERN = {"Client": "Fern", "Manager": ANNA, "Expected payment": "2026-11-21", "Expected amount": 9}
DAHL = {"Client": "Dahl", "Manager": BORIS, "Category": "Warm"}
BASES: dict[date, Rows] = {  # as people had it on the day of each sync
    date(2026, 11, 6): [ACME, BOLT, DAHL],
    date(2026, 11, 13): [ACME, BOLT, COLE, DAHL],
    date(2026, 11, 20): [ACME, {**BOLT, "Category": "Cold", "Client": "bolt"}, {**COLE, "Manager": "Boris"}],
    date(2026, 12, 4): [
        {**ACME, "Manager": BORIS, "Expected amount": 30_000},
        {**BOLT, "Expected amount": 5},
        DAHL,
        FERN,
    ],
}
DAYS = FIRST, SECOND, FRIDAY, LAST = tuple(BASES)


@cache
def read(day: date) -> Ledger:
    """The workbook as it stands on that day; the log is all there from the first day on."""
    header = {"actions": list(columns.header("actions", "en")), "base": list(columns.header("base", "en"))}
    typed = {"actions": LOG, "base": BASES[day]}
    tabs = {
        name: [RawTab(name.title(), [list(header[name]), *([row.get(each) for each in header[name]] for row in rows)])]
        for name, rows in typed.items()
    }
    return parse(tabs, SETTINGS, clock(day, "2026-W45"), "en_US")


def clock(day: date, period: str | Kind) -> Moment:
    """A run on that day, as it looks at a period: of an id, or that of the day."""
    chosen = Period.containing(day, period) if isinstance(period, Kind) else Period.parse(period)
    now = datetime(2027, 1, 15, 9, 30, 15, 99, tzinfo=ZoneInfo("Europe/Moscow"))
    return Moment(chosen, min(day, chosen.end), day, TODAY, now)


@cache
def settled(*kinds: Kind) -> list[tuple[Moment, Report, Kept]]:
    """One run after the other, each of all these kinds: what it told, and what was kept after it."""
    kept, done = NOTHING, []
    for day in DAYS:
        for kind in kinds:
            report, kept = settle(read(day), kept, SETTINGS, clock(day, kind))
            done.append((clock(day, kind), report, kept))
    return done


def week(day: date) -> tuple[Report, Kept]:
    """What a chain of weekly runs comes to on that day."""
    _, report, kept = settled(Kind.WEEK)[DAYS.index(day)]
    return report, kept


def told(rows: pd.DataFrame, measure: str) -> dict[str, float]:
    """A measure by manager."""
    own = rows[rows["measure"] == measure]
    return dict(zip(own["manager"], own["actual"], strict=True))


def same(one: Kept, other: Kept) -> None:
    pd.testing.assert_frame_equal(one.history, other.history)
    pd.testing.assert_frame_equal(one.snapshots, other.snapshots)


# --- settling --------------------------------------------------------------------------------------------------------


def test_a_weeks_report_tells_of_everything_that_is_known() -> None:
    report, kept = week(FRIDAY)
    assert (report.passed, report.working_days) == (5, 5)
    assert told(report.figures, "revenue") == {ANNA: 600_000.55, BORIS: 0.0, SALES: 600_000.55}
    assert report.moves is not None
    assert report.ageing is not None
    assert report.forecast is not None
    assert str(report.moves.since) == "2026-W46"
    events = report.moves.events[["manager", "event", "client"]].to_numpy().tolist()
    assert events == [[ANNA, "won", "bolt"], [BORIS, "lost", "Dahl"]]
    ages = report.ageing.current.set_index("client")["days"]
    assert dict(ages) == {"Acme": 18, "bolt": 4, "Cole": 11}
    assert [str(month) for month in report.forecast.months][:2] == ["2026-11", "2026-12"]
    assert report.trials is not None
    assert report.pay is not None
    assert list(report.trials.standing["client"]) == ["Cole"]
    assert str(report.pay.span) == "2026-11"
    assert set(report.projection["measure"]) == set(SETTINGS.indicators)
    assert report.history is kept.history


def test_the_issues_of_the_base_come_first_then_log_against_base() -> None:
    report, _ = week(FIRST)
    assert [(issue.code, issue.cell.a1) for issue in report.issues] == [("category_differs", "D4")]
    report, _ = week(LAST)
    assert [issue.code for issue in report.issues] == [
        "category_differs",
        "raised_without_action",
        "client_not_in_base",
    ]


def test_settling_is_recording_the_base_reviewing_it_and_writing_what_was_measured() -> None:
    order = [ANNA, BORIS, SALES]
    kept = NOTHING
    for moment, report, after in settled(Kind.WEEK):
        ledger, doubts = classified(read(moment.run_day), SETTINGS, moment)
        snapshots = base.record(kept.snapshots, ledger.base, moment.period)
        own = review(ledger, replace(kept, snapshots=snapshots), SETTINGS, moment)
        rows = measured(own, Kept(kept.history, snapshots), SETTINGS)
        stamp = datetime(2027, 1, 15, 9, 30, 15)
        kept = Kept(history.merge(kept.history, rows, moment.period, stamp, order), snapshots)
        same(after, kept)
        assert report.issues == (*doubts, *own.issues)
        pd.testing.assert_frame_equal(report.attention, own.attention)


def test_settling_a_period_again_changes_nothing() -> None:
    """Of each length, with a week before it and the others beside it."""
    kept, first = settle(read(SECOND), NOTHING, SETTINGS, clock(SECOND, Kind.WEEK))[1], {}
    for kind in Kind:
        first[kind], kept = settle(read(FRIDAY), kept, SETTINGS, clock(FRIDAY, kind))
    for kind in Kind:
        moment = clock(FRIDAY, kind)
        again, after = settle(read(FRIDAY), kept, SETTINGS, replace(moment, now=moment.now + timedelta(hours=1)))
        same(after, kept)
        assert again.issues == first[kind].issues != ()


def test_a_change_is_stamped_onto_its_own_period_alone() -> None:
    _, kept = week(SECOND)
    moment = clock(FRIDAY, Kind.WEEK)
    _, after = settle(read(FRIDAY), kept, SETTINGS, replace(moment, now=moment.now + timedelta(hours=1)))
    stamps = after.history.groupby("period")["synced_at"].unique()
    assert [[str(each) for each in found] for found in stamps] == [
        *[["2027-01-15 09:30:15"]] * 2,
        ["2027-01-15 10:30:15"],
    ]


def test_a_week_reviewed_after_others_tells_what_it_told_then() -> None:
    """Later snapshots and History rows do not exist for it."""
    _, last = week(LAST)
    for day in DAYS:
        then, _ = week(day)
        moment = clock(day, Kind.WEEK)
        now = review(classified(read(day), SETTINGS, moment)[0], last, SETTINGS, moment)
        pd.testing.assert_frame_equal(measured(now, last, SETTINGS), measured(then, last, SETTINGS))
        assert then.moves is None or now.moves is not None
        for part in ("transitions", "balance", "events") if then.moves else ():
            pd.testing.assert_frame_equal(getattr(now.moves, part), getattr(then.moves, part))


def test_months_and_quarters_stand_beside_weeks_as_if_alone() -> None:
    together = settled(*Kind)[-1][2]
    for kind in Kind:
        alone = settled(kind)[-1][2]
        periods = {str(Period.containing(day, kind)) for day in DAYS}
        assert set(alone.history["period"]) == periods
        own = together.history[together.history["period"].isin(periods)]
        pd.testing.assert_frame_equal(own.reset_index(drop=True), alone.history)
        for name in periods:
            beside, only = (base.stored(each.snapshots, Period.parse(name)) for each in (together, alone))
            assert only is not None
            pd.testing.assert_frame_equal(pd.DataFrame(beside), only)


def test_a_month_and_a_quarter_have_their_own_figures_and_moves() -> None:
    (_, month, _), (_, quarter, kept) = settled(*Kind)[-2:]
    assert month.moves is not None
    assert str(month.moves.since) == "2026-11"
    assert quarter.moves is None  # the first one
    for report, revenue in ((month, 70_000.0), (quarter, 670_000.55)):
        assert told(report.figures, "revenue")[SALES] == revenue
    december = kept.history[kept.history["period"] == "2026-12"]
    assert told(december, "moves.reassigned_in") == {ANNA: 0.0, BORIS: 1.0, SALES: 0.0}


def test_after_seven_days_the_stored_snapshot_stays_and_nobody_is_told_to_act() -> None:
    _, kept = week(FRIDAY)
    for day, taken in ((date(2026, 11, 29), True), (date(2026, 11, 30), False)):
        moment = replace(clock(FRIDAY, Kind.WEEK), run_day=day, as_of=date(2026, 11, 22))
        report, after = settle(read(LAST), kept, SETTINGS, moment)
        assert after.snapshots.equals(kept.snapshots) is not taken
        assert bool(report.issues) is taken
        assert (len(report.attention) > 0) is taken
        assert told(after.history[after.history["period"] == "2026-W47"], "base.clients")[SALES] == 3.0 + taken
        assert report.moves is not None
        assert ("reassigned_in" in set(report.moves.events["event"])) is taken


def test_without_a_snapshot_all_that_stands_on_it_is_blank() -> None:
    moment = clock(TODAY, "2026-W47")
    report, kept = settle(read(FRIDAY), NOTHING, SETTINGS, moment)
    assert (report.moves, report.ageing, report.trials, report.forecast) == (None, None, None, None)
    assert report.attention.empty
    assert report.issues == ()
    assert kept.snapshots.empty
    blank = kept.history["actual"].isna()
    standing = ("base.", "moves.", "trial.", "forecast.", "coverage")
    ratio = (kept.history["measure"] == "lead_conversion") | kept.history["measure"].str.startswith("kpi.")
    assert blank[~ratio].equals(kept.history["measure"].str.startswith(standing)[~ratio])


def test_an_emptied_base_takes_the_periods_snapshot_away() -> None:
    _, kept = week(FRIDAY)
    moment = clock(FRIDAY, Kind.WEEK)
    emptied = replace(read(FRIDAY), base=read(FRIDAY).base.iloc[:0])
    report, after = settle(emptied, kept, SETTINGS, moment)
    assert base.stored(after.snapshots, moment.period) is None
    assert (report.moves, report.issues) == (None, ())
    before, now = (each.history[each.history["period"] != "2026-W47"] for each in (kept, after))
    pd.testing.assert_frame_equal(before, now)
    assert math.isnan(told(after.history[after.history["period"] == "2026-W47"], "base.clients")[SALES])


def test_the_rows_of_a_closed_period_stay() -> None:
    _, kept = week(FRIDAY)
    frozen = replace(kept, history=history.close(kept.history, Period.parse("2026-W47")))
    report, after = settle(read(LAST), frozen, SETTINGS, clock(FRIDAY, Kind.WEEK))
    pd.testing.assert_frame_equal(after.history, frozen.history)
    assert told(report.figures, "revenue")[ANNA] == 600_000.55


# --- the parts -------------------------------------------------------------------------------------------------------


def test_everything_is_measured_once_managers_in_order_and_money_of_what_may_be_seen() -> None:
    report, kept = week(LAST)
    rows = measured(report, kept, SETTINGS)
    assert list(rows) == ["manager", "measure", "unit", "plan", "actual", "attainment"]
    assert not rows.duplicated(["manager", "measure"]).any()
    first = list(dict.fromkeys(name.split(".")[0] for name in rows["measure"]))
    assert first == [*SETTINGS.indicators, "base", "trial", "moves", "forecast", "coverage", "coverage_weighted", "kpi"]
    assert rows.groupby("measure", sort=False)["manager"].agg(list).loc["moves.won"] == [ANNA, BORIS, SALES]
    assert rows[~rows["measure"].isin(list(SETTINGS.indicators))][["plan", "attainment"]].isna().all(axis=None)
    # a quarter of 1 meeting of 23, and three quarters of 70,000 of 3,000,000
    assert told(rows, "kpi.payout") == {ANNA: 0.0, BORIS: 28.37, SALES: 28.37}
    assert told(rows, "forecast.overdue") == {ANNA: 5.4, BORIS: 0.0, SALES: 5.4}  # Fern: 9 at 0.6; Bolt has paid
    assert told(rows, "base.active_a.entered") == {ANNA: 1.0, BORIS: 0.0, SALES: 1.0}
    assert told(rows, "moves.reassigned_out") == {ANNA: 1.0, BORIS: 0.0, SALES: 0.0}


def test_a_manager_who_left_is_measured_while_clients_stand_under_the_name() -> None:
    left = {"name": BORIS, "aliases": ["Boris"], "until": "2026-11-15"}
    config = configured(managers=[ANNA, left])
    day = FRIDAY
    report, kept = settle(read(day), NOTHING, config, clock(day, Kind.WEEK))
    assert shown(report.figures, config) == [ANNA]
    rows = measured(report, kept, config)
    for measure in ("base.clients", "base.trial.left", "moves.lost", "trial.overdue_units", "forecast.2026-11"):
        assert list(told(rows, measure)) == [ANNA, BORIS, SALES]
    assert told(rows, "base.clients") == {ANNA: 2.0, BORIS: 1.0, SALES: 3.0}


def test_a_category_that_does_not_fit_is_told_at_its_cell() -> None:
    moment = clock(FIRST, Kind.WEEK)
    ledger = read(FIRST)
    places = {"Base": {"Client": 3, "Manager": 5, "Category": 7}}
    without = {"Base": {"Client": 3, "Manager": 5}}
    for known, cell in ((places, "G4"), (without, "C4"), ({}, "A4"), ({"Other": {"Category": 9}}, "A4")):
        rows, doubts = classified(replace(ledger, places=known), SETTINGS, moment)
        assert [issue.cell.a1 for issue in doubts] == [cell]
        assert list(rows.base["category"]) == ["active_b", "active_a", "warm"]
        assert list(rows.base["fitting"]) == ["active_b", "active_a", "cold"]
    assert list(ledger.base["category"]) == ["", "", "warm"]


def test_the_base_is_sorted_as_of_the_moment() -> None:
    ledger = read(SECOND)
    fits = [
        classified(ledger, SETTINGS, clock(day, Kind.WEEK))[0].base["fitting"].iloc[0]
        for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 12, 31))
    ]
    assert fits == ["active_c", "active_b", "active_b"]


def test_figures_are_those_up_to_the_as_of_date() -> None:
    friday = figures(read(FIRST), SETTINGS, clock(FRIDAY, Kind.WEEK))
    wednesday = figures(read(FIRST), SETTINGS, clock(date(2026, 11, 18), Kind.WEEK))
    assert [told(rows, "meetings")[ANNA] for rows in (friday, wednesday)] == [1.0, 0.0]
    assert [told(rows, "revenue")[ANNA] for rows in (friday, wednesday)] == [600_000.55] * 2
    for rows, due in ((friday, 7.0), (wednesday, 4.2)):
        (own,) = rows[(rows["manager"] == ANNA) & (rows["measure"] == "meetings")].to_dict("records")
        assert (own["plan"], round(own["plan_to_date"], 6)) == (7.0, due)


def test_pay_is_of_the_month_of_the_last_working_day_and_none_without_kpi() -> None:
    quarterly = configured(kpi={**KPI, "per": "quarter"})
    spans = []
    begun_in_november, ended_on_a_sunday = clock(date(2026, 12, 2), Kind.WEEK), clock(date(2026, 11, 1), Kind.WEEK)
    for config in (SETTINGS, quarterly, configured()):
        for moment in (begun_in_november, ended_on_a_sunday, clock(LAST, "2026-Q4")):
            report = review(classified(read(LAST), config, moment)[0], NOTHING, config, moment)
            spans.append(report.pay and str(report.pay.span))
    assert spans == ["2026-12", "2026-10", None, "2026-Q4", "2026-Q4", "2026-Q4", None, None, None]


def test_what_kpi_show_hides_leaves_all_open_periods_and_no_closed_one() -> None:
    (_, _, before), *_ = settled(Kind.WEEK)
    later = clock(SECOND, Kind.WEEK)
    closed = replace(before, history=history.close(before.history, Period.parse("2026-W45")))
    for show, rows in (("pay", {"score", "payout"}), ("score", {"score"}), ("nothing", set[str]())):
        config = SETTINGS.model_copy(update={"kpi": configured(kpi={**KPI, "show": show}).kpi})
        for kept, old in ((before, rows), (closed, {"score", "payout"})):
            told_ = settle(read(SECOND), kept, config, later)[1].history
            own = told_[told_["measure"].str.startswith("kpi.")]
            left = set(zip(own["period"], own["measure"].str.removeprefix("kpi."), strict=True))
            assert left == {("2026-W45", each) for each in old} | {("2026-W46", each) for each in rows}


def test_a_snapshot_that_is_not_to_be_renewed_stays() -> None:
    first, moment = settled(Kind.WEEK)[0][2], clock(SECOND, "2026-W45")
    assert settle(read(SECOND), first, SETTINGS, moment, renew=False)[1].snapshots.equals(first.snapshots)
    assert not settle(read(SECOND), first, SETTINGS, moment)[1].snapshots.equals(first.snapshots)
    assert len(settle(read(SECOND), NOTHING, SETTINGS, moment, renew=False)[1].snapshots) == len(BASES[SECOND])


def test_who_was_renamed_hands_nobody_over() -> None:
    first, (moment, report, _) = settled(Kind.WEEK)[0][2], settled(Kind.WEEK)[1]
    former = first.snapshots.assign(manager=first.snapshots["manager"].replace(BORIS, "boris"))
    ledger, _ = classified(read(SECOND), SETTINGS, moment)
    snapshots = base.record(former, ledger.base, moment.period)
    assert {"boris", BORIS} <= set(snapshots["manager"])
    again = review(ledger, replace(first, snapshots=snapshots), SETTINGS, moment)
    assert report.moves is not None
    assert again.moves is not None
    assert again.moves.events.equals(report.moves.events)


def test_figures_one_by_one_are_none_where_there_is_nothing() -> None:
    report, _ = week(FRIDAY)
    one = {(figure.manager, figure.measure): figure for figure in report.each()}
    assert len(one) == len(report.figures)
    profit, meetings = one[BORIS, "gross_profit"], one[ANNA, "meetings"]
    assert (profit.plan, profit.plan_to_date, profit.actual, profit.attainment, profit.pace) == (
        None,
        None,
        0,
        None,
        None,
    )
    assert (meetings.plan, meetings.plan_to_date, meetings.actual) == (7.0, 7.0, 1.0)
    assert meetings.attainment == meetings.pace == 1 / 7
