"""What a person reads in the terminal after a sync, letter by letter."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from rich.console import Console

from sheetsync import history, summary
from sheetsync.batch import Batch, Change, Entries
from sheetsync.close import Closure
from sheetsync.closing import LateEdits
from sheetsync.model import CellRef, Issue, Moment, Severity, Value
from sheetsync.periods import Period
from sheetsync.review import Report
from sheetsync.sync import Outcome
from sheetsync.terminal import safe
from tests.office import ANNA, BORIS, configured

WEEK = Period.parse("2026-W47")
NAN = float("nan")
SETTINGS = configured(department={"name": "Sales", "currency": "EUR"})
NOW = datetime(2026, 11, 19, 17, tzinfo=ZoneInfo("UTC"))
COLUMNS = ["manager", "measure", "unit", "plan", "plan_to_date", "actual", "attainment", "pace"]


def issue(severity: Severity, manager: str, row: int, problem: str, typed: str = "") -> Issue:
    """An issue in the log."""
    return Issue(severity, "code", CellRef("Actions", row, 6), manager, typed, problem, "Mend it.", "Not counted.")


ISSUES = (
    issue(Severity.WARNING, ANNA, 4, "The amount is negative.", "-5"),
    issue(Severity.ERROR, BORIS, 12, "The evidence is missing."),
    issue(Severity.ERROR, "", 7, "No manager is called “Jim”.", "Jim"),
)


def outcome(
    figures: Sequence[tuple[object, ...]],
    issues: tuple[Issue, ...] = (),
    *,
    changes: int = 1,
    changed: bool = True,
    closed: tuple[Period, ...] = (),
    periods: tuple[Period, ...] = (WEEK,),
    skipped: tuple[Period, ...] = (),
    typed: int = 1,
) -> Outcome:
    """The outcome of a sync with these figures; the base has grown by a client on trial since the week before."""
    frame = pd.DataFrame(figures, columns=COLUMNS)
    past = history.from_cells([])
    for period, trials in ((WEEK.previous, 3.0), (WEEK, 4.0)):
        rows = [
            ("Sales", "base.trial.clients", "count", trials),
            ("Sales", "base.trial.amount", "money", 1234567.89),
            ("Sales", "base.cold.clients", "count", 12.0 - trials),
        ]
        standing = pd.DataFrame(rows, columns=["manager", "measure", "unit", "actual"])
        past = history.merge(past, standing, period, NOW.replace(tzinfo=None), ["Sales"])
    moment = Moment(WEEK, date(2026, 11, 19), date(2026, 11, 19), date(2026, 11, 19), NOW)
    batch = Batch([{}] * min(changes, 1), [Change("Dashboard", "A1")] * changes)
    report = Report(moment, frame, past, issues, 4, 5)
    return Outcome(report, periods, skipped, closed, {"actions": typed, "base": 0}, batch, 3, changed, "id", "Sales")


FIGURES: list[tuple[object, ...]] = [
    (ANNA, "meetings", "count", 7.0, 5.6, 6.0, 6 / 7, 6 / 5.6),
    (ANNA, "revenue", "money", 1e6, 8e5, 0.0, 0.0, 0.0),
    (BORIS, "meetings", "count", 5.0, 4.0, 2.0, 0.4, 0.5),
    (BORIS, "offers", "count", 4.0, 3.2, 3.0, 0.75, 3 / 3.2),
    (BORIS, "trials", "count", NAN, NAN, 1.0, NAN, NAN),
    ("Sales", "meetings", "count", 12.0, 9.6, 8.0, 8 / 12, 8 / 9.6),
    ("Sales", "offers", "count", 4.0, 3.2, 3.0, 0.75, 3 / 3.2),
    ("Sales", "trials", "count", NAN, NAN, 1.0, NAN, NAN),
    ("Sales", "lead_conversion", "ratio", 0.3, 0.3, 0.36, 1.2, NAN),
    ("Sales", "revenue", "money", 1e6, 8e5, 1234567.5, 1.2345, 1.543),
]


def shown(done: Outcome, width: int = 80, *, every: bool = False) -> str:
    """The summary in a terminal of that width, without colours."""
    out = Console(file=io.StringIO(), width=width, highlight=False)
    summary.show(done, SETTINGS, out, every=every)
    assert isinstance(out.file, io.StringIO)
    return "\n".join(line.rstrip() for line in out.file.getvalue().splitlines())


def test_the_whole_of_it() -> None:
    assert (
        shown(outcome(FIGURES, ISSUES))
        == """\
Sales, 2026-W47 (16 Nov to 22 Nov 2026)
As of Thu 19 Nov, 4 of 5 working days passed

                    actual  plan to date       plan  attainment    pace
Meetings                 8           9.6         12         67%  ▼  83%
Offers                   3           3.2          4         75%  ●  94%
Trials                   1
Lead conversion        36%           30%        30%        120%  ▲ 120%
Revenue          1,234,568       800,000  1,000,000        123%  ▲ 154%

Behind the plan to date
  Anna Petrova  Revenue 0%
  Boris Ivanov  Meetings 50%

Base       clients  change  expected, EUR
Active A
Active B
Active C
On trial         4      +1      1,234,568
In design
Warm
Cold             8      −1

3 rows need attention: 2 not counted, 1 doubtful
  Anna Petrova 1, Boris Ivanov 1, no manager 1
  ▼ Actions!F12 Boris Ivanov The evidence is missing.
  ▼ Actions!F7  no manager   No manager is called “Jim”.
  ● Actions!F4  Anna Petrova The amount is negative.

Written in one batch (1 change, 3 requests)."""
    )


@pytest.mark.parametrize(
    ("changes", "changed", "said"),
    [
        (1500, True, "Written in one batch (1,500 changes, 3 requests)."),
        (2, False, "Dry run: nothing was written (2 changes to make, 3 requests)."),
        (0, False, "The workbook was right already: nothing was written (3 requests)."),
    ],
)
def test_what_was_written(changes: int, said: str, *, changed: bool) -> None:
    assert shown(outcome(FIGURES, changes=changes, changed=changed)).splitlines()[-1] == said


def test_good_news() -> None:
    text = shown(outcome([("Sales", "meetings", "count", 5.0, 4.0, 5.0, 1.0, 1.25)]))
    assert "\nNobody is behind the plan to date.\n" in text
    assert "\nEvery row counts.\n" in text


def test_the_worst_come_first_and_the_rest_are_counted() -> None:
    measures = ["meetings", "calc_data", "offers", "trials", "contracts", "new_deals"]
    late = [(ANNA, name, "count", 10.0, 8.0, 1.0, 0.1, 0.1 * at) for at, name in enumerate(measures)]
    assert "  Anna Petrova  Meetings 0%, Lighting data 10%, Offers 20%, Trials 30%, 2 more\n" in shown(
        outcome(late), 90
    )
    assert "Contracts 40%, New deals 50%\n" in shown(outcome(late), 120, every=True)
    narrow = shown(outcome(late), 50)
    assert "  Anna Petrova  Meetings 0%, Lighting data 10%,\n                Offers 20%, Trials 30%, 2 more\n" in narrow


@pytest.mark.parametrize(
    ("periods", "said"),
    [
        (("2026-W47",), ""),
        (("2026-W46", "2026-W47"), "Computed: 2026-W46 to 2026-W47\n"),
        (("2026-W41", "2026-W43", "2026-W44", "2026-W47"), "Computed: 2026-W41, 2026-W43 to 2026-W44, 2026-W47\n"),
    ],
)
def test_a_sync_of_several_periods_names_those_that_it_computed(periods: tuple[str, ...], said: str) -> None:
    text = shown(outcome(FIGURES, periods=tuple(map(Period.parse, periods))))
    assert f"4 of 5 working days passed\n{said}\n" in text


def test_periods_that_were_left_alone_because_they_are_closed_are_named() -> None:
    closed = tuple(map(Period.parse, ("2026-W42", "2026-W43", "2026-W45")))
    said = "Left alone, because closed: 2026-W42 to 2026-W43, 2026-W45\n"
    assert f"4 of 5 working days passed\n{said}\n" in shown(outcome(FIGURES, skipped=closed))
    both = shown(outcome(FIGURES, skipped=closed, periods=(Period.parse("2026-W44"), WEEK)))
    assert f"\nComputed: 2026-W44, 2026-W47\n{said}\n" in both


def test_periods_that_a_sync_closes_are_named() -> None:
    old = (Period.parse("2026-W40"), Period.parse("2026-W41"))
    assert shown(outcome(FIGURES, closed=old)).endswith(
        "\nWritten in one batch (1 change, 3 requests). Closed because of their age:\n2026-W40, 2026-W41."
    )
    assert shown(outcome(FIGURES, closed=old, changed=False)).endswith(
        "\nDry run: nothing was written (1 change to make, 3 requests). To be closed\n"
        "because of their age: 2026-W40, 2026-W41."
    )
    assert shown(outcome(FIGURES, changed=False)).endswith("written (1 change to make, 3 requests).")


# --- what would change -----------------------------------------------------------------------------------------------


def listed(*changes: Change, most: int = 60) -> str:
    """What a dry run lists of them."""
    out = Console(file=io.StringIO(), width=80, highlight=False)
    summary.planned(changes, out, most=most)
    assert isinstance(out.file, io.StringIO)
    return "\n".join(line.rstrip() for line in out.file.getvalue().split("\n"))


@pytest.mark.parametrize(
    ("value", "day", "said"),
    [
        (76.0, False, "76"),
        (0.8260869565217391, False, "0.83"),
        (-0.001, False, "0"),
        (-1234567.5, False, "-1,234,567.5"),
        (12, False, "12"),
        (46345.0, False, "46,345"),
        (46345.0, True, "2026-11-19"),
        (5.0, True, "5"),
        (1e15, True, "1,000,000,000,000,000"),
        (True, False, "TRUE"),
        ("76.0", False, "76.0"),
        (None, True, ""),
    ],
)
def test_values_are_shown_as_people_write_them(value: Value, said: str, *, day: bool) -> None:
    line = listed(Change("Issues", "D4", "before", value, day=day)).splitlines()[1]
    assert line == f"Issues  D4     before  {said}".rstrip()
    assert listed(Change("Issues", "D4", value, "after", day=day)).splitlines()[1].split() == [
        *("Issues", "D4", *said.split(), "after")
    ]


def entry(kind: Literal["added", "removed", "changed"], column: str = "", **rows: str) -> Entries:
    """Entries of rows, `r5="2026-W47"`."""
    return Entries(kind, {int(name[1:]): period for name, period in rows.items()}, column)


def test_tables_by_periods_are_summed_up_and_hidden_cells_counted() -> None:
    """Cells come first, whatever the order of the tabs; values stand there where all rows have the same."""
    closing = [
        Change("History", f"J{row}", "open", "closed", entries=entry("changed", "status", **{f"r{row}": "2026-W46"}))
        for row in range(1, 1001)
    ]
    actual = [
        Change("History", f"G{row}", 1.0, after, entries=entry("changed", "actual", **{f"r{row}": "2026-W46"}))
        for row, after in ((1, 2.0), (2, None))
    ]
    plan = Change("History", "F9", 1.5, None, entries=entry("changed", "plan", r9="2026-W47"))
    gone = Change("Snapshots", "rows 4-6", "3 rows", "0 rows", entries=entry("removed", r3="a", r4="a", r5=""))
    # a row that is left over under a table is emptied cell by cell
    left = [Change("Snapshots", f"{name}9", "x", None, entries=entry("removed", r8="a")) for name in "AB"]
    came = Change("Snapshots", "rows 7-7", "0 rows", "1 rows", entries=entry("added", r6="a"))
    hidden = [Change("Dashboard", f"AA{row}", 1.0, 2.0, hidden=True) for row in range(1, 1201)]
    cells = [Change("Dashboard", "layout"), Change("Dashboard", "B5", 27.0, 41.0), Change("Guide", "A1", None, "Hi")]
    assert (
        listed(*hidden, cells[0], *closing, *actual, plan, gone, came, *left, *cells[1:])
        == """\
tab        where             now   would be
Dashboard  layout
Dashboard  B5                27    41
Guide      A1                      Hi
History    2026-W46, status  open  closed in 1,000 rows
History    2026-W46, actual        changed in 2 rows
History    2026-W47, plan    1.5   blank in 1 row
Snapshots  a                       3 rows removed
Snapshots  no period               1 row removed
Snapshots  a                       1 row added
Not listed: 1,200 cells of hidden helper columns
"""
    )


def test_a_dry_run_of_much_ends_in_a_count_and_of_nothing_is_silent() -> None:
    cells = [Change("Dashboard", f"B{row}", 1.0, 2.0) for row in range(1, 4)]
    sums = [Change("History", "rows 2-3", "0 rows", "2 rows", entries=entry("added", r1="2026-W46", r2="2026-W47"))]
    assert (
        listed(*cells, *sums, most=1)
        == """\
tab        where     now  would be
Dashboard  B1        1    2
History    2026-W46       1 row added
and 3 more; --verbose lists all
"""
    )
    assert listed(Change("Dashboard", "AA1", hidden=True)) == "Not listed: 1 cell of hidden helper columns\n"
    assert listed() == ""


# --- closing ---------------------------------------------------------------------------------------------------------

REVENUE: tuple[object, ...] = (ANNA, "revenue", "money", 1000.0, 2000.5)
SCORE: tuple[object, ...] = (ANNA, "kpi.score", "ratio", 0.5, 0.75)
DERIVED: list[tuple[object, ...]] = [
    (BORIS, "forecast.2026-12", "money", 5.0, 6.0),
    ("Sales", "forecast.2026-12", "money", 15.0, 16.0),
    (ANNA, "coverage", "ratio", 0.5, NAN),
]


def restated(*figures: tuple[object, ...], rows: tuple[int, int, int] = (1, 1, 1)) -> LateEdits:
    """Late edits of so many rows added, removed and changed, and of these figures."""
    added, removed, changed = rows
    frame = pd.DataFrame(figures, columns=["manager", "measure", "unit", "before", "after"]).astype({"measure": "str"})
    side = [pd.DataFrame({"row": range(count + changed)}) for count in (added, removed)]
    pairs = tuple((place, place) for place in range(changed))
    return LateEdits(WEEK, side[0], side[1], pairs, frame, pd.DataFrame())


def told(
    edits: LateEdits | None, *, again: bool = False, changed: bool = True, planned: bool = True, rows: int = 7
) -> str:
    """What a close says."""
    out = Console(file=io.StringIO(), width=50, highlight=False)
    batch = Batch([{}] * planned, [Change("History", "A1")] * planned)
    summary.closed(Closure(WEEK, rows, edits, again, batch, 3, changed, "f00"), SETTINGS, out)
    assert isinstance(out.file, io.StringIO)
    return "\n".join(line.rstrip() for line in out.file.getvalue().split("\n"))


def test_a_close_says_what_is_kept() -> None:
    assert told(None) == "2026-W47 is closed: its figures, 7 log rows and\nits plans are kept.\n"
    assert told(None, rows=1) == "2026-W47 is closed: its figures, 1 log row and its\nplans are kept.\n"
    assert told(None, changed=False).endswith("its plans are kept. Dry run: nothing was written.\n")
    assert told(None, again=True, rows=1000) == (
        "2026-W47 stays closed with its figures, but what\nwas kept of it was gone. Its 1,000 log rows of\n"
        "today and its plans are kept instead.\n"
    )


def test_a_restated_period_lists_its_figures_and_names_what_follows_from_them() -> None:
    edits = restated(REVENUE, SCORE, *DERIVED)
    assert (
        told(edits)
        == """\
2026-W47 is restated: rows 1 added, 1 removed, 1
changed.
              figure     before  after
Anna Petrova  Revenue     1,000  2,001
Anna Petrova  kpi.score     50%    75%
Restated besides, of what History keeps: 3 figures
  coverage, forecast.2026-12
"""
    )
    assert "besides" not in told(restated(REVENUE))
    assert told(restated(*DERIVED, rows=(0, 2, 0))) == (
        "2026-W47 is restated: rows 2 removed.\n"
        "Restated besides, of what History keeps: 3 figures\n  coverage, forecast.2026-12\n"
    )
    assert told(restated(DERIVED[0], rows=(0, 0, 3))).endswith("keeps: 1 figure\n  forecast.2026-12\n")
    assert "\nchanged. Dry run: nothing was written.\n" in told(edits, changed=False)


def test_nothing_to_restate_is_said() -> None:
    assert told(restated(rows=(0, 0, 0)), changed=False, planned=False) == (
        "Nothing was changed in 2026-W47 since it was\nclosed: it stays as it is.\n"
    )


def test_only_some_issues_are_shown() -> None:
    many = tuple(issue(Severity.ERROR, ANNA, row, "The date is missing.") for row in range(2, 1502))
    text = shown(outcome(FIGURES, many))
    assert "1,500 rows need attention: 1,500 not counted, 0 doubtful\n  Anna Petrova 1,500\n" in text
    assert text.count("The date is missing.") == 6
    assert "  and 1,494 more: the Issues tab, or `sheetsync check`\n" in text


def test_counts_by_manager_are_not_torn_apart() -> None:
    found = tuple(issue(Severity.ERROR, f"Manager Number {n}", 2, "?") for n in range(10))
    lines = shown(outcome(FIGURES, found), 60).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("10 rows")) + 1
    tally = lines[start : start + 4]
    assert all(len(line) <= 60 and line.startswith("  Manager Number ") for line in tally)
    assert all(line.rstrip(",").endswith(" 1") for line in tally)


def test_issues_in_full_stand_by_manager() -> None:
    out = Console(file=io.StringIO(), width=80, highlight=False)
    summary.in_full(ISSUES, {"actions": 1, "base": 1500}, out, most=2)
    assert isinstance(out.file, io.StringIO)
    assert (
        "\n".join(line.rstrip() for line in out.file.getvalue().splitlines())
        == """\
3 rows need attention: 2 not counted, 1 doubtful
  Anna Petrova 1, Boris Ivanov 1, no manager 1

Anna Petrova
● Actions!F4 The amount is negative. Typed: -5
             Mend it.

Boris Ivanov
▼ Actions!F12 The evidence is missing.
              Mend it.

and 1 more; --verbose lists all"""
    )


@pytest.mark.parametrize(
    ("rows", "found", "said"),
    [
        ({"actions": 0, "base": 0}, (), "Nothing has been typed yet.\n"),
        ({"actions": 0, "base": 1}, (), "Every row counts.\n"),
        ({"actions": 2, "base": 0}, (), "Every row counts.\n"),
        ({"actions": 0, "base": 0}, ISSUES[:1], "1 row needs attention: 0 not counted, 1 doubtful\n"),
    ],
)
def test_where_nothing_was_typed_no_row_is_praised(rows: dict[str, int], found: tuple[Issue, ...], said: str) -> None:
    out = Console(file=io.StringIO(), width=80, highlight=False)
    summary.in_full(found, rows, out, most=2)
    assert isinstance(out.file, io.StringIO)
    assert out.file.getvalue().startswith(said)


def test_a_sync_of_an_empty_workbook_says_that_nothing_was_typed() -> None:
    text = shown(outcome(FIGURES, typed=0))
    assert "\nNothing has been typed yet.\n" in text
    assert "Every row counts" not in text


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("Acme", "Acme"),
        ("a\x1b[2Jb\nc\td", "a [2Jb c d"),
        ("\u202egnp\u2066\u200b\ufeff", " gnp   "),
        ("\x9b31m\x7f\ud800", " 31m  "),
        ("Ёж 💡 [bold]", "Ёж 💡 [bold]"),
        ("x" * 50_000, "x" * 159 + "…"),
    ],
)
def test_what_people_typed_is_made_harmless(text: str, harmless: str) -> None:
    assert safe(text) == harmless
