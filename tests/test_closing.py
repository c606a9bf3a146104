"""Closed periods: what is kept of them, which later edits are seen, and what they do to the figures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync import closing, columns, history, indicators, parse
from sheetsync import plan as planning
from sheetsync.cells import EPOCH
from sheetsync.closing import COLUMNS, LateEdits, freeze, from_cells, kept, kept_ids, late_edits
from sheetsync.model import CellRef, Issue, Ledger, RawTab, Severity
from sheetsync.periods import Period
from sheetsync.schema import Settings
from tests import department, office
from tests.department import ANNA, BORIS, SALES, ledger, moment

W46, W47, NOVEMBER = (Period.parse(text) for text in ("2026-W46", "2026-W47", "2026-11"))
NOTHING_KEPT = from_cells([])
TARGETS = [{"start": "2026-01-01", "per": "week", "default": {"meetings": 5}}]
SETTINGS = department.settings(targets=TARGETS)
PLAN = planning.plan(SETTINGS, W47, W47.end)
Row = Mapping[str, Any]


def act(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A meeting of Anna's on Monday that counts, but for these fields."""
    usual = {"tab": "Actions", "row": number + 1, "date": "2026-11-16", "manager": ANNA, "action": "meeting"}
    return {**usual, "client": f"Client {number}", "evidence": f"minutes {number}", **fields}


def paid(number: int = 1, amount: float = 100.0, **fields: Any) -> dict[str, Any]:
    """A payment to Anna."""
    return act(number, **{"action": "payment", "evidence": "", "amount": amount, **fields})


def measure(actions: pd.DataFrame, settings: Settings = SETTINGS, period: Period = W47) -> pd.DataFrame:
    """Every indicator of the period, by these rows."""
    plan = PLAN if (settings, period) == (SETTINGS, W47) else planning.plan(settings, period, period.end)
    found = replace(ledger(), actions=actions)
    return indicators.figures(found, plan, settings, moment(str(period)), passed=5, working_days=5)


def unmeasured(_: pd.DataFrame) -> pd.DataFrame:
    """What must not be measured."""
    raise AssertionError("measured though nothing differs")


class Closed:
    """A period closed with these rows."""

    def __init__(
        self, rows: Sequence[Row] | Ledger, settings: Settings = SETTINGS, period: Period = W47, names: bool = True
    ) -> None:
        found = rows if isinstance(rows, Ledger) else ledger(*rows)
        self.settings, self.period = settings, period
        figures = measure(found.actions, settings, period)
        order = [*(person.name for person in settings.managers), SALES]
        self.history = history.close(
            history.merge(history.from_cells([]), figures, period, datetime(2026, 11, 23, 9), order), period
        )
        issues, known = (found.issues, settings) if names else ((), None)
        self.closed = through_the_tab(
            freeze(NOTHING_KEPT, period, found.actions, figures, settings=known, issues=issues)
        )

    def edits(self, rows: Sequence[Row] | Ledger | pd.DataFrame, settings: Settings | None = None) -> LateEdits:
        """What is seen when the log has these rows."""
        found = rows if isinstance(rows, Ledger | pd.DataFrame) else ledger(*rows)
        actions, issues = (found.actions, found.issues) if isinstance(found, Ledger) else (found, ())
        today = settings or self.settings

        def measured(rows: pd.DataFrame) -> pd.DataFrame:
            return measure(rows, today, self.period)

        return late_edits(self.closed, self.history, actions, today, self.period, measured, issues=issues)


NAN: Any = pytest.approx(math.nan, nan_ok=True)


def through_the_tab(closed: pd.DataFrame) -> pd.DataFrame:
    """The frame as the hidden tab gives it back."""
    read = from_cells(cells(closed))
    pd.testing.assert_frame_equal(read, closed)
    return read


def cells(closed: pd.DataFrame) -> list[list[object]]:
    """The frame as a tab renders it: dates as serials, blanks as ""."""
    plain = closed.assign(date=(closed["date"] - pd.Timestamp(EPOCH)) / pd.Timedelta(days=1))
    return [list(COLUMNS), *plain.astype(object).where(plain.notna(), "").to_numpy().tolist()]


def figures(edits: LateEdits) -> dict[tuple[str, str], tuple[float, float]]:
    """(manager, measure) -> before and after."""
    shown = edits.figures[["manager", "measure", "before", "after"]].itertuples(index=False, name=None)
    return {(manager, name): (before, after) for manager, name, before, after in shown}


def changes(edits: LateEdits, *names: str) -> tuple[list[Any], list[Any], list[Any]]:
    """These fields of the rows added, removed, and changed (before, after)."""
    added, removed = (
        list(side[list(names)].itertuples(index=False, name=None)) for side in (edits.added, edits.removed)
    )
    pairs = [(removed[old], added[new]) for old, new in edits.changed]
    olds, news = ({pair[side] for pair in edits.changed} for side in (0, 1))
    return (
        [row for place, row in enumerate(added) if place not in news],
        [row for place, row in enumerate(removed) if place not in olds],
        pairs,
    )


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_rows_and_plans_of_the_period_are_kept_whether_they_count_or_not() -> None:
    rows = [
        paid(1, 10.25, profit=-3.1, quantity=2, deal="007", date="2026-11-22"),
        act(2, counted=False),
        act(3, counted=False, rejected=True),
        act(4, date="2026-11-15"),
        act(5, date="2026-11-23"),
    ]
    plans = pd.DataFrame(
        [
            {"manager": ANNA, "measure": "meetings", "plan": 5.0},
            {"manager": BORIS, "measure": "meetings", "plan": 0.0},
            {"manager": ANNA, "measure": "leads", "plan": math.nan},
        ]
    )
    closed = through_the_tab(freeze(NOTHING_KEPT, W47, ledger(*rows).actions, plans))
    assert tuple(closed) == COLUMNS
    assert closed.fillna(numbers).to_dict("records") == [
        {**blank, "record": "period"},
        {**blank, "record": "plan", "manager": ANNA, "measure": "meetings", "plan": 5},
        {**blank, "record": "plan", "manager": BORIS, "measure": "meetings"},
        line(2, counted="no", rejected="no"),
        line(3, counted="no", rejected="yes"),
        {
            **line(1, action="payment", evidence="", amount=10.25, profit=-3.1, quantity=2, deal="007"),
            "date": pd.Timestamp("2026-11-22"),
        },
    ]


numbers = dict.fromkeys(["quantity", "amount", "profit", "plan"], 0)
blank: dict[str, Any] = {**dict.fromkeys(COLUMNS, ""), "period": "2026-W47", "date": pd.NaT, **numbers}


def line(number: int, **fields: Any) -> dict[str, Any]:
    """A row of `act` as it is kept, its blank numbers as 0."""
    words = {"manager": ANNA, "action": "meeting", "client": f"Client {number}", "evidence": f"minutes {number}"}
    usual = {"record": "row", "date": pd.Timestamp("2026-11-16"), "counted": "yes", "rejected": "no"}
    return {**blank, **usual, **words, **fields}


def test_kept_rows_are_rows_of_a_log_again() -> None:
    rows = [act(1, client=" ACME  Ltd", deal="Ёлка"), paid(2, 0.1), act(3, counted=False, rejected=True)]
    found = kept(Closed(rows).closed, W47)
    assert found.dtypes.astype(str).to_dict() == ledger().actions.dtypes.astype(str).to_dict()
    assert dict(found.dtypes) == {name: pd.Series(dtype=dtype).dtype for name, dtype in parse.ACTIONS.items()}
    assert found[["tab", "row", "client", "client_key", "deal_key", "counted", "rejected"]].to_dict("records") == [
        {
            **where(1),
            "client": " ACME  Ltd",
            "client_key": "acme ltd",
            "deal_key": "елка",
            "counted": True,
            "rejected": False,
        },
        {
            **where(2),
            "client": "Client 3",
            "client_key": "client 3",
            "deal_key": "",
            "counted": False,
            "rejected": True,
        },
        {
            **where(3),
            "client": "Client 2",
            "client_key": "client 2",
            "deal_key": "",
            "counted": True,
            "rejected": False,
        },
    ]
    assert len(kept(NOTHING_KEPT, W47)) == 0


def where(number: int) -> dict[str, Any]:
    """The place of a kept row, which stands nowhere: its number among them."""
    return {"tab": "", "row": number}


def test_freezing_again_replaces_the_periods_lines_and_leaves_the_others() -> None:
    first = Closed([act(1), act(2, date="2026-11-10")], period=NOVEMBER).closed
    plans = pd.DataFrame([{"manager": ANNA, "measure": "meetings", "plan": 7.0}])
    for period in (W47, W46):
        first = freeze(first, period, ledger(act(1), act(2, date="2026-11-10")).actions, plans)
    again = freeze(first, W47, ledger(act(3)).actions, plans)
    assert list(dict.fromkeys(again["period"])) == ["2026-11", "2026-W46", "2026-W47"]
    assert list(kept(again, W47)["client"]) == ["Client 3"]
    for period in (W46, NOVEMBER):
        pd.testing.assert_frame_equal(
            again[again["period"] == str(period)].reset_index(drop=True),
            first[first["period"] == str(period)].reset_index(drop=True),
        )
    assert kept_ids(again) == {"2026-11", "2026-W46", "2026-W47"}


def test_the_order_of_the_log_does_not_matter_to_what_is_kept() -> None:
    rows = [
        act(1),
        act(1, counted=False),
        paid(2),
        paid(2, 50),
        act(1, rejected=True, counted=False),
        act(3, date="2026-11-18"),
    ]
    shuffled = [rows[place] for place in (3, 5, 1, 0, 4, 2)]
    pd.testing.assert_frame_equal(Closed(shuffled).closed, Closed(rows).closed)


BENT: list[tuple[str, object]] = [
    ("record", "rwo"),
    ("record", None),
    ("period", "2026-W99"),
    ("period", 46000),
    ("period", "9999-W52"),
    ("period", "2026-W46"),
    ("manager", ""),
    ("action", False),
    ("date", "soon"),
    ("date", -5),
    ("date", 9e9),
    ("plan", "many"),
    ("amount", "#REF!"),
    ("counted", 0),
    ("rejected", True),
]


@cache
def small() -> list[list[object]]:
    """The tab after a week of two rows was closed."""
    return cells(Closed([act(1), paid(2)]).closed)


@pytest.mark.parametrize(("column", "value"), BENT)
@pytest.mark.parametrize("place", [1, 2, -1])
def test_whatever_a_person_types_into_the_tab_is_read(column: str, value: object, place: int) -> None:
    rows = [[*line] for line in small()]
    rows[place][COLUMNS.index(column)] = value
    read = from_cells(rows)
    pd.testing.assert_frame_equal(from_cells(cells(read)), read)
    assert len(read) in (len(rows) - 1, len(rows) - 2)
    kept(read, W47)


def test_a_tab_that_is_empty_or_lost_its_header_is_read() -> None:
    tabs: list[list[list[object]]] = [[], [[]], [["x"]], [list(COLUMNS)], [[""] * 3, ["row", "2026-W47"]]]
    for rows in tabs:
        assert (tuple(from_cells(rows)), len(from_cells(rows))) == (COLUMNS, 0)
    whole = Closed([act(1)]).closed
    headless = cells(whole)
    headless[0] = [""] * len(COLUMNS)
    pd.testing.assert_frame_equal(from_cells(headless), whole)


def test_an_unclear_flag_counts() -> None:
    rows = cells(Closed([act(1)]).closed)
    row = next(line for line in rows if line[0] == "row")
    row[COLUMNS.index("counted")], row[COLUMNS.index("rejected")] = " ?", " YES "
    assert kept(from_cells(rows), W47)[["counted", "rejected"]].to_numpy().tolist() == [[True, True]]


# --- what is seen ----------------------------------------------------------------------------------------------------


def test_nothing_differs_and_nothing_is_measured_where_nothing_was_edited() -> None:
    rows = [act(1), paid(2), paid(2), act(3, counted=False), act(4, date="2026-11-24")]
    done = Closed(rows)
    for now in (rows, rows[::-1], [*rows, act(5, date="2026-11-15")]):
        edits = late_edits(done.closed, done.history, ledger(*now).actions, SETTINGS, W47, unmeasured)
        assert not edits
        assert edits.figures.empty
        assert len(edits.rows) == 4


def test_a_period_that_nothing_was_kept_of_has_no_late_edits() -> None:
    done = Closed([act(1)])
    actions = ledger(act(1), act(2)).actions
    assert not late_edits(NOTHING_KEPT, done.history, actions, SETTINGS, W47, unmeasured)


def test_a_row_typed_into_a_period_that_was_closed_empty_is_seen() -> None:
    bare = department.settings()
    edits = Closed([], bare).edits([act(1)])
    assert figures(edits)[ANNA, "meetings"] == (0, 1)


def test_an_added_row() -> None:
    edits = Closed([act(1)]).edits([act(2, manager=BORIS), act(1)])
    assert changes(edits, "manager", "client") == ([(BORIS, "Client 2")], [], [])
    assert figures(edits) == {
        (BORIS, "meetings"): (0, 1),
        (BORIS, "clients_met"): (0, 1),
        (SALES, "meetings"): (1, 2),
        (SALES, "clients_met"): (1, 2),
    }
    assert list(edits.figures["unit"]) == ["count"] * 4


def test_a_removed_row() -> None:
    edits = Closed([act(1), paid(2, 10.1), paid(2, 10.1)]).edits([act(1), paid(2, 10.1)])
    assert changes(edits, "client", "amount") == ([], [("Client 2", 10.1)], [])
    assert figures(edits) == {(ANNA, "revenue"): (20.2, 10.1), (SALES, "revenue"): (20.2, 10.1)}


def test_a_row_whose_date_left_the_period_is_removed() -> None:
    edits = Closed([act(1)]).edits([act(1, date="2026-11-15")])
    assert changes(edits, "client") == ([], [("Client 1",)], [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date", "2026-11-20"),
        ("manager", BORIS),
        ("action", "lead_accepted"),
        ("client", "Another"),
        ("deal", "D-2"),
        ("evidence", "Minutes 1"),
        ("quantity", 2.0),
        ("amount", 100.01),
        ("profit", 0.0),
    ],
)
def test_a_changed_field(field: str, value: object) -> None:
    old = paid(1, 100)
    new = {**old, field: value}
    edits = Closed([old, act(2)]).edits([act(2), new])
    assert changes(edits, "client") == ([], [], [((old["client"],), (new["client"],))])
    plain = pd.Timestamp(str(value)) if field == "date" else value
    assert edits.added[field].tolist() == [plain]


def test_what_is_folded_or_finer_than_a_cent_is_no_change() -> None:
    old = paid(1, 0.1 + 0.2, client="Ёлка Ltd", deal="d 1")
    new = paid(1, 0.3, client=" ЕЛКА  ltd", deal="D\u00a01")
    assert not Closed([old]).edits([new])


def test_a_rejection_is_a_change_of_the_checked_column_alone() -> None:
    edits = Closed([act(1), act(2)]).edits([act(1), act(2, counted=False, rejected=True)])
    assert changes(edits, "client", "rejected") == ([], [], [(("Client 2", False), ("Client 2", True))])
    assert figures(edits)[ANNA, "meetings"] == (2, 1)
    back = Closed([act(1, counted=False, rejected=True)]).edits([act(1)])
    assert figures(back)[ANNA, "meetings"] == (0, 1)


def test_rows_that_count_on_neither_side_are_no_edits() -> None:
    void = act(3, counted=False)
    assert not Closed([act(1), void]).edits([act(1)])
    assert not Closed([act(1)]).edits([act(1), void])
    assert not Closed([void]).edits([{**void, "client": "Another"}])
    assert not Closed([void]).edits([{**void, "rejected": True}])


def test_a_row_that_is_mended_later_counts_late() -> None:
    edits = Closed([act(1, evidence="", counted=False)]).edits([act(1, evidence="minutes")])
    assert changes(edits, "evidence") == ([], [], [(("",), ("minutes",))])
    assert figures(edits)[ANNA, "meetings"] == (0, 1)


def test_the_nearest_rows_are_taken_for_one_that_changed() -> None:
    old = [paid(1, 100), paid(1, 200), paid(1, 300)]
    edits = Closed(old).edits([paid(1, 310), paid(1, 205), act(1, evidence="", amount=99)])
    assert sorted(changes(edits, "action", "amount")[2]) == [
        (("payment", 200), ("payment", 205)),
        (("payment", 300), ("payment", 310)),
    ]


def test_rows_that_share_date_action_and_client_are_one_that_changed() -> None:
    edits = Closed([act(1)]).edits([act(1, deal="D", evidence="x", quantity=3)])
    assert len(edits.changed) == 1
    other = Closed([act(1)]).edits([act(1, deal="D", evidence="x", manager=BORIS)])
    assert (other.changed, len(other.added), len(other.removed)) == ((), 1, 1)


def test_near_is_first_what_differs_in_few_fields_then_what_stayed_with_its_manager() -> None:
    old = paid(1, 100)
    moved, raised, reworded = {**old, "manager": BORIS}, {**old, "amount": 175.0}, {**old, "deal": "D", "evidence": "x"}
    for other in (moved, reworded):
        edits = Closed([old]).edits([other, raised])
        assert changes(edits, "amount")[2] == [((100.0,), (175.0,))]


def test_another_client_with_other_evidence_is_another_row() -> None:
    edits = Closed([act(1)]).edits([act(2)])
    assert changes(edits, "client") == ([("Client 2",)], [("Client 1",)], [])


# --- rows of which one counts ----------------------------------------------------------------------------------------


def test_a_second_copy_typed_later_is_no_edit() -> None:
    copy = act(9, client="Client 1", evidence="MINUTES 1", counted=False)
    assert not Closed([act(1)]).edits([act(1), copy])
    assert not Closed([act(1)]).edits([act(1), act(1, counted=False)])


def test_where_a_copy_takes_the_others_place_the_figures_follow() -> None:
    first, second = paid(1, 100, evidence="CRM-1"), paid(1, 250, evidence="CRM-1", counted=False)
    edits = Closed([first, second]).edits([{**second, "counted": True}])
    assert changes(edits, "amount") == ([], [(100.0,)], [])
    assert figures(edits)[ANNA, "revenue"] == (100, 250)
    above = Closed([first]).edits([{**second, "counted": True}, {**first, "counted": False}])
    assert figures(above)[ANNA, "revenue"] == (100, 250)


def test_sorting_copies_otherwise_is_no_edit() -> None:
    first, second = paid(1, 100, evidence="CRM-1"), paid(1, 250, evidence="CRM-1", counted=False)
    assert not Closed([first, second]).edits([{**second, "counted": True}, {**first, "counted": False}])


# --- the configuration changes ---------------------------------------------------------------------------------------

HEADER = list(columns.header("actions", "en"))


def read(settings: Settings, *rows: Row) -> Ledger:
    """A log as it is read under a configuration: meetings of Anna's that count, but for these cells."""
    usual = {"Date": "2026-11-17", "Manager": ANNA, "Action": "Meeting held", "Client": "Acme"}
    lines: list[list[Any]] = [[{**usual, **row}.get(name, "") for name in HEADER] for row in rows]
    base = RawTab("Base", [[*columns.header("base", "en")]])
    today = date(2026, 11, 30)
    clock = replace(moment("2026-W47"), today=today)
    return parse.parse({"actions": [RawTab("Actions", [[*HEADER], *lines])], "base": [base]}, settings, clock, "en_US")


def cell(number: int, **cells: Any) -> dict[str, Any]:
    """A row of `read` with its own evidence."""
    return {"Evidence": f"minutes {number}", **cells}


LOG = [
    cell(1),
    cell(2, Manager="Boris"),
    cell(3, Manager="B. Ivanov"),
    cell(4, Manager="Zoe"),
    cell(5, Action="Lunch"),
    cell(6, Action="Lunch", Manager="Zoe"),
    cell(7, Evidence=""),
    cell(8, Checked="no"),
    cell(9, Action="Payment received", Amount=100.5, Date="2026-11-18"),
    cell(9, Action="Lead rejected", Quantity=7, Manager=BORIS),
]
BEFORE = office.configured(targets=[])
ACTIONS: dict[str, Any] = {id_: action.model_dump(exclude_none=True) for id_, action in BEFORE.actions.items()}


def changed(action: str, **keys: Any) -> dict[str, Any]:
    """The catalogue of actions with one of them changed."""
    return {**ACTIONS, action: {**ACTIONS[action], **keys}}


def renamed(old: str, new: str) -> dict[str, Any]:
    """The built-in actions with another id for one of them."""
    return {new if id_ == old else id_: action for id_, action in ACTIONS.items()}


MEETINGS = {
    "meetings": {"label": "Meetings", "count": ["meeting"]},
    "revenue": {"label": "Revenue", "sum": "Amount", "of": ["payment"]},
}
BORIS_NOW = {"name": BORIS, "aliases": ["Boris"]}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "targets": {"targets": office.TARGETS},
    "evidence no longer needed": {"actions": changed("meeting", evidence="optional")},
    "evidence of another kind needed": {"actions": changed("meeting", evidence_patterns=["CRM-[0-9]+"])},
    "evidence needed of payments": {"actions": changed("payment", evidence="required")},
    "another label, while the log has the old one": {"actions": changed("meeting", label="Visit")},
    "another id with the old label": {
        "actions": renamed("meeting", "visit"),
        "indicators": {**MEETINGS, "meetings": {"label": "Visits", "count": ["visit"]}},
    },
    "an action that is gone": {
        "actions": {id_: action for id_, action in ACTIONS.items() if id_ != "lead_rejected"},
        "indicators": MEETINGS,
    },
    "an action that comes": {"actions": {**ACTIONS, "lunch": {"label": "Lunch"}}},
    "an alias that comes": {"managers": [ANNA, {"name": BORIS, "aliases": ["Boris", "B. Ivanov"]}]},
    "an alias that goes": {"managers": [ANNA, BORIS]},
    "a manager renamed, with the old name as an alias": {
        "managers": [ANNA, {"name": "Boris Petrov", "aliases": [BORIS, "Boris"]}]
    },
    "a manager renamed, another alias kept": {"managers": [ANNA, {"name": "Boris Petrov", "aliases": ["Boris"]}]},
    "a manager who comes": {"managers": [ANNA, BORIS_NOW, "Zoe"]},
    "a manager who goes": {"managers": [ANNA]},
    "a manager and an action that come": {
        "managers": [ANNA, BORIS_NOW, "Zoe"],
        "actions": {**ACTIONS, "lunch": {"label": "Lunch"}},
    },
    "payments count in a tab of their own": {"workbook": {"tabs": {"finance": "Money"}}},
    "another meaning of an indicator": {"indicators": {"meetings": {"label": "All", "count": ["meeting", "payment"]}}},
    "another name of the department": {"department": {"name": "Vertrieb"}},
}


@cache
def before() -> Closed:
    """The log as it was closed."""
    return Closed(read(BEFORE, *LOG), BEFORE)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_the_configuration_changes_is_no_edit(name: str) -> None:
    after = office.configured(**{"targets": [], **CONFIGURATIONS[name]})
    edits = before().edits(read(after, *LOG), after)
    assert not edits
    assert edits.figures.empty


@pytest.mark.parametrize(
    "name",
    [
        "evidence of another kind needed",
        "another id with the old label",
        "a manager who goes",
        "a manager and an action that come",
        "another meaning of an indicator",
        "another name of the department",
    ],
)
def test_an_edit_beside_a_changed_configuration_is_all_that_is_seen(name: str) -> None:
    """To the closed figures comes what the edit does, and nothing of what the configuration makes of the rest."""
    after = office.configured(**{"targets": [], **CONFIGURATIONS[name]})
    done = before()
    edit = cell(20, Client="Orion", Action="Payment received", Amount=11, Evidence="CRM-20")
    edits = done.edits(read(after, *LOG, edit), after)
    assert changes(edits, "client", "amount") == ([("Orion", 11.0)], [], [])
    was = done.history.set_index(["manager", "measure"])["actual"]
    steps = {id_: 11 if id_ == "revenue" else 1 for id_, it in after.indicators.items() if "payment" in it.actions}
    steps.pop("gross_profit", None)
    assert figures(edits) == {
        (manager, id_): (was[manager, id_], was[manager, id_] + step)
        for manager in (ANNA, SALES)
        for id_, step in steps.items()
    }


def test_a_name_spoiled_or_mended_by_hand_is_an_edit() -> None:
    spoiled = before().edits(read(BEFORE, cell(1, Action="Meeting heId"), *LOG[1:]))
    assert changes(spoiled, "evidence") == ([], [("minutes 1",)], [])
    mended = before().edits(read(BEFORE, *LOG[:2], cell(3, Manager=BORIS), *LOG[3:]))
    assert changes(mended, "evidence") == ([("minutes 3",)], [], [])


def test_rows_typed_for_a_manager_who_came_later_are_edits() -> None:
    after = office.configured(targets=[], managers=[ANNA, BORIS_NOW, "Zoe"])
    edits = before().edits(read(after, *LOG, cell(30, Manager="Zoe")), after)
    assert len(edits.added) == 1
    assert figures(edits)["Zoe", "meetings"] == (0, 1)


def test_without_the_names_of_the_close_an_alias_looks_like_an_edit() -> None:
    after = office.configured(targets=[], **CONFIGURATIONS["an alias that comes"])
    edits = Closed(read(BEFORE, *LOG), BEFORE, names=False).edits(read(after, *LOG), after)
    assert changes(edits, "evidence")[0] == [("minutes 3",)]


def test_a_tab_named_after_nobody_is_read_later_without_being_an_edit() -> None:
    tab = CellRef("Log Zoe", 1, 1)
    orphaned = Issue(Severity.ERROR, "manager_unknown", tab, "", "Zoe", "", "", "")
    after = department.settings([ANNA, BORIS, {"name": "Zoe Adler", "aliases": ["Zoe"]}])
    done = Closed(replace(ledger(act(1)), issues=(orphaned,)))
    now = [act(1), act(2, manager="Zoe Adler", tab="Log Zoe"), act(3, manager="Zoe Adler", tab="Log Zoe")]
    assert not done.edits(now, after)
    gone = Closed(now, after).edits(replace(ledger(act(1)), issues=(orphaned,)), department.settings())
    assert not gone


def test_figures_keep_the_names_of_their_history_and_rows_have_todays() -> None:
    after = department.settings([ANNA, {"name": "Boris Petrov", "aliases": [BORIS]}], name="Vertrieb")
    edits = Closed([act(1, manager=BORIS)]).edits(
        [act(1, manager="Boris Petrov"), act(2, manager="Boris Petrov")], after
    )
    assert list(edits.added["manager"]) == ["Boris Petrov"]
    assert set(edits.figures["manager"]) == {BORIS, SALES}
    (told, *_) = closing.issues(edits, ledger(), after)
    assert told.manager == "Boris Petrov"


def test_rows_of_somebody_who_is_gone_stay_in_the_departments_figure() -> None:
    alone = department.settings([ANNA])
    done = Closed([act(1), act(2, manager=BORIS)])
    edits = done.edits([act(1), act(3)], alone)
    assert figures(edits)[SALES, "meetings"] == (2, 3)
    assert sorted(edits.rows["manager"]) == [ANNA, ANNA, BORIS]


# --- figures ---------------------------------------------------------------------------------------------------------


def test_before_is_what_the_history_says_else_what_the_kept_rows_make() -> None:
    done = Closed([act(1)])
    done.history.loc[done.history["measure"] == "meetings", "actual"] = 41.0
    done.history = done.history[done.history["measure"] != "clients_met"]
    edits = done.edits([act(1), act(2)])
    assert figures(edits)[ANNA, "meetings"] == (41, 42)
    assert figures(edits)[ANNA, "clients_met"] == (1, 2)


def test_before_is_the_restated_figure_once_there_is_one() -> None:
    done = Closed([act(1)])
    figure = pd.DataFrame([{"manager": ANNA, "measure": "meetings", "unit": "count", "actual": 7.0}])
    done.history = history.restate(done.history, W47, figure, datetime(2026, 12, 1))
    assert figures(done.edits([act(1), act(2)]))[ANNA, "meetings"] == (7, 8)


def test_a_blank_figure_and_one_that_becomes_blank() -> None:
    leads, converted = act(1, action="lead_accepted", quantity=4), act(2, action="lead_converted")
    edits = Closed([converted]).edits([converted, leads])
    assert figures(edits)[ANNA, "conversion"] == (NAN, 0.25)
    back = Closed([converted, leads]).edits([converted])
    assert figures(back)[ANNA, "conversion"] == (0.25, NAN)


def test_rows_outside_the_period_are_measured_on_both_sides() -> None:
    seen: list[Counter[tuple[str, bool]]] = []

    def counting(actions: pd.DataFrame) -> pd.DataFrame:
        seen.append(Counter(zip(actions["client"], actions["counted"], strict=True)))
        return measure(actions)

    done = Closed([act(1), act(2, counted=False)])
    now = ledger(act(1), act(2), act(3), act(8, date="2026-11-01"), act(9, date="2026-12-01", counted=False)).actions
    late_edits(done.closed, done.history, now, SETTINGS, W47, counting)
    outside = {("Client 8", True): 1, ("Client 9", False): 1}
    assert seen == [
        {("Client 1", True): 1, ("Client 2", False): 1, **outside},
        {("Client 1", True): 1, ("Client 2", False): 1, ("Client 3", True): 1, **outside},
    ]


# --- what people are told --------------------------------------------------------------------------------------------


def told(language: str) -> list[tuple[str, str, str, str, str]]:
    """The issues of one edit of each kind: cell, manager, typed, problem, remedy."""
    settings = department.settings(language=language, currency="RUB")
    old = [paid(1, 1000), act(2), act(3, manager=BORIS), *LEADS]
    new = [paid(1, 1250.5), act(2, counted=False, rejected=True), *LEADS[1:]]
    long = paid(6, 0, manager=BORIS, deal="D-1", quantity=1234.5, evidence="see\nhere " + 90 * "x")
    now = replace(ledger(*new, long), places={"Actions": {"Date": 1, "Amount": 8, "Checked": 11}})
    found = closing.issues(Closed(old, settings).edits(now), now, settings)
    assert {(issue.severity, issue.code, issue.day) for issue in found} == {(Severity.WARNING, "late_edit", None)}
    assert {issue.effect for issue in found} == {EFFECT[language]}
    assert {issue.cell.tab for issue in found} == {"Actions"}
    return [(issue.cell.a1, issue.manager, issue.typed, issue.problem, issue.remedy) for issue in found]


LEADS = [
    act(4, action="lead_converted"),
    act(5, action="lead_converted", quantity=2),
    act(7, action="lead_accepted", quantity=8),
]
EFFECT = {
    "en": "The closed figures stay as they are.",
    "ru": "Показатели закрытого периода остаются прежними.",
    "de": "Die Zahlen des Abschlusses bleiben, wie sie sind.",
}
ACCEPT = "`sheetsync close --period 2026-W47 --accept`."
SEEN = "see here " + 70 * "x" + "…"


@pytest.mark.parametrize(
    ("language", "remedy"),
    [
        (
            "en",
            "Row 7 of Actions, dated 2026-11-28, says the same: if it is the one, set its date back, else type the row "
            "in again. Or accept that it is gone: ",
        ),
        (
            "ru",
            "Строка 7 на листе «Actions» с датой 28.11.2026 говорит о том же: если это она, верните ей прежнюю дату, "
            "иначе внесите строку заново. Или примите её удаление: ",
        ),
        (
            "de",
            "Zeile 7 in Actions vom 28.11.2026 besagt dasselbe: Ist sie es, ihr Datum zurücksetzen, sonst die Zeile "
            "wieder eintragen. Oder ihr Fehlen übernehmen: ",
        ),
    ],
)
def test_a_row_that_was_given_a_day_of_another_period_is_pointed_at(language: str, remedy: str) -> None:
    """Typed in again it would count twice. Of several that may be it, the nearest is named; others are none."""
    settings = department.settings(language=language)
    moved = [paid(1, 100, date="2026-11-28", row=7), paid(1, 100, date="2026-12-16", row=8)]
    others = [paid(1, 100.5, date="2026-11-23", row=3), paid(1, 100, date="2026-11-24", row=4, deal="D-2"),
              paid(1, 100, date="2026-11-24", row=5, manager=BORIS), act(1, date="2026-11-24", row=6)]  # fmt: skip
    now = replace(ledger(*others, *moved), places={"Actions": {"Date": 1}})
    *_, issue = closing.issues(Closed([paid(1, 100)], settings).edits(now), now, settings)
    assert (issue.cell.a1, issue.typed) == ("A7", "2026-11-28" if language == "en" else "28.11.2026")
    assert issue.remedy == remedy + ACCEPT


def test_the_issues_in_english() -> None:
    rows = f"Restore the rows that were changed, or accept the changes: {ACCEPT}"
    row = f"Restore the row, or accept the change: {ACCEPT}"
    again = f"Type the row in again, or accept that it is gone: {ACCEPT}"
    was, now = "when 2026-W47 was closed; by the rows of today it is", "A row of the closed period 2026-W47 was"
    assert told("en") == [
        ("K3", ANNA, "", f"{ANNA}: “Meetings” was 1 {was} 0.", rows),
        ("K3", ANNA, "", f"{ANNA}: “Clients met” was 1 {was} 0.", rows),
        ("A1", ANNA, "", f"{ANNA}: “Converted” was 3 {was} 2.", rows),
        ("A1", ANNA, "", f"{ANNA}: “Conversion” was 37.5% {was} 25%.", rows),
        ("H2", ANNA, "", f"{ANNA}: “Revenue” was 1,000.00 RUB {was} 1,250.50 RUB.", rows),
        ("A1", BORIS, "", f"{BORIS}: “Meetings” was 1 {was} 0.", rows),
        ("A1", BORIS, "", f"{BORIS}: “Clients met” was 1 {was} 0.", rows),
        ("K3", ANNA, "", f"{now} changed (2026-11-16 · meeting · Client 2): Checked: – → no.", row),
        (
            "H2",
            ANNA,
            "1,250.50",
            f"{now} changed (2026-11-16 · payment · Client 1): Amount: 1,000.00 → 1,250.50.",
            row,
        ),
        ("A1", ANNA, "", f"{now} removed (2026-11-16 · lead_converted · Client 4 · minutes 4).", again),
        ("A1", BORIS, "", f"{now} removed (2026-11-16 · meeting · Client 3 · minutes 3).", again),
        (
            "A7",
            BORIS,
            "",
            "A row was added to the closed period 2026-W47 (2026-11-16 · payment · Client 6 · D-1 · "
            f"{SEEN} · Quantity 1,234.5 · Amount 0.00).",
            f"Delete the row, or accept it: {ACCEPT}",
        ),
    ]


def test_the_issues_in_russian() -> None:
    rows = f"Верните изменённые строки в прежний вид или примите изменения: {ACCEPT}"
    row = f"Верните строку в прежний вид или примите изменение: {ACCEPT}"
    again = f"Внесите строку заново или примите её удаление: {ACCEPT}"
    was, now = "при закрытии 2026-W47 показатель", "по нынешним строкам"
    assert told("ru") == [
        ("K3", ANNA, "", f"{ANNA}: {was} «Meetings» — 1, {now} — 0.", rows),
        ("K3", ANNA, "", f"{ANNA}: {was} «Clients met» — 1, {now} — 0.", rows),
        ("A1", ANNA, "", f"{ANNA}: {was} «Converted» — 3, {now} — 2.", rows),
        ("A1", ANNA, "", f"{ANNA}: {was} «Conversion» — 37,5\xa0%, {now} — 25\xa0%.", rows),
        ("H2", ANNA, "", f"{ANNA}: {was} «Revenue» — 1\xa0000,00 RUB, {now} — 1\xa0250,50 RUB.", rows),
        ("A1", BORIS, "", f"{BORIS}: {was} «Meetings» — 1, {now} — 0.", rows),
        ("A1", BORIS, "", f"{BORIS}: {was} «Clients met» — 1, {now} — 0.", rows),
        (
            "K3",
            ANNA,
            "",
            "В закрытом периоде 2026-W47 изменена строка (16.11.2026 · meeting · Client 2): Проверено: – → нет.",
            row,
        ),
        (
            "H2",
            ANNA,
            "1\xa0250,50",
            "В закрытом периоде 2026-W47 изменена строка (16.11.2026 · payment · Client 1): "
            "Сумма: 1\xa0000,00 → 1\xa0250,50.",
            row,
        ),
        (
            "A1",
            ANNA,
            "",
            "Из закрытого периода 2026-W47 удалена строка (16.11.2026 · lead_converted · Client 4 · minutes 4).",
            again,
        ),
        (
            "A1",
            BORIS,
            "",
            "Из закрытого периода 2026-W47 удалена строка (16.11.2026 · meeting · Client 3 · minutes 3).",
            again,
        ),
        (
            "A7",
            BORIS,
            "",
            "В закрытый период 2026-W47 добавлена строка (16.11.2026 · payment · Client 6 · D-1 · "
            f"{SEEN} · Количество 1\xa0234,5 · Сумма 0,00).",
            f"Удалите строку или примите её: {ACCEPT}",
        ),
    ]


def test_the_issues_in_german() -> None:
    rows = f"Die geänderten Zeilen wiederherstellen oder die Änderungen übernehmen: {ACCEPT}"
    row = f"Die Zeile wiederherstellen oder die Änderung übernehmen: {ACCEPT}"
    again = f"Die Zeile wieder eintragen oder ihr Fehlen übernehmen: {ACCEPT}"
    was, now = "betrug beim Abschluss von 2026-W47", "nach den heutigen Zeilen"
    closed = "abgeschlossenen Zeitraum 2026-W47"
    assert told("de") == [
        ("K3", ANNA, "", f"{ANNA}: „Meetings“ {was} 1, {now} 0.", rows),
        ("K3", ANNA, "", f"{ANNA}: „Clients met“ {was} 1, {now} 0.", rows),
        ("A1", ANNA, "", f"{ANNA}: „Converted“ {was} 3, {now} 2.", rows),
        ("A1", ANNA, "", f"{ANNA}: „Conversion“ {was} 37,5\xa0%, {now} 25\xa0%.", rows),
        ("H2", ANNA, "", f"{ANNA}: „Revenue“ {was} 1.000,00 RUB, {now} 1.250,50 RUB.", rows),
        ("A1", BORIS, "", f"{BORIS}: „Meetings“ {was} 1, {now} 0.", rows),
        ("A1", BORIS, "", f"{BORIS}: „Clients met“ {was} 1, {now} 0.", rows),
        (
            "K3",
            ANNA,
            "",
            f"Im {closed} wurde eine Zeile geändert (16.11.2026 · meeting · Client 2): Geprüft: – → nein.",
            row,
        ),
        (
            "H2",
            ANNA,
            "1.250,50",
            f"Im {closed} wurde eine Zeile geändert (16.11.2026 · payment · Client 1): Betrag: 1.000,00 → 1.250,50.",
            row,
        ),
        (
            "A1",
            ANNA,
            "",
            f"Aus dem {closed} wurde eine Zeile entfernt (16.11.2026 · lead_converted · Client 4 · minutes 4).",
            again,
        ),
        (
            "A1",
            BORIS,
            "",
            f"Aus dem {closed} wurde eine Zeile entfernt (16.11.2026 · meeting · Client 3 · minutes 3).",
            again,
        ),
        (
            "A7",
            BORIS,
            "",
            f"Im {closed} kam eine Zeile hinzu (16.11.2026 · payment · Client 6 · D-1 · "
            f"{SEEN} · Menge 1.234,5 · Betrag 0,00).",
            f"Die Zeile löschen oder übernehmen: {ACCEPT}",
        ),
    ]


def test_a_change_of_manager_names_both_and_stands_at_the_new_one() -> None:
    now = replace(ledger(act(1, manager=BORIS)), places={"Actions": {"Date": 1, "Manager": 2}})
    *_, issue = closing.issues(Closed([act(1)]).edits(now), now, SETTINGS)
    assert (issue.cell, issue.manager, issue.typed) == (CellRef("Actions", 2, 2), BORIS, BORIS)
    assert issue.problem.endswith(f"(2026-11-16 · meeting · Client 1): Manager: {ANNA} → {BORIS}.")


@pytest.mark.parametrize(
    ("rest", "more"),
    [
        (1, "1 more row of the closed period 2026-W47 was added, removed or changed."),
        (5, "5 more rows of the closed period 2026-W47 were added, removed or changed."),
    ],
)
def test_of_many_rows_of_a_manager_the_rest_is_summed_up(rest: int, more: str) -> None:
    now = ledger(*(act(number) for number in range(closing.MOST_ROWS + rest)), act(99, manager=BORIS))
    found = closing.issues(Closed([]).edits(now), now, SETTINGS)
    rows = [issue for issue in found if "row" in issue.problem.split(":")[0]]
    assert len(rows) == closing.MOST_ROWS + 2
    assert [(issue.manager, issue.problem) for issue in rows][-2] == (ANNA, more)


def test_the_top_of_the_log_is_the_managers_own_or_the_first() -> None:
    old = [act(1), act(2, manager=BORIS)]
    now = replace(
        ledger(act(3, tab="Log Anna", date="2026-11-01"), act(4, tab="Other", date="2026-11-01", manager="Zoe")),
        places={"Log": {}, "Base": {}},
    )
    found = closing.issues(Closed(old).edits(now), now, SETTINGS)
    assert {(issue.manager, issue.cell) for issue in found} == {
        (ANNA, CellRef("Log Anna", 1, 1)),
        (BORIS, CellRef("Log", 1, 1)),
    }
    bare = closing.issues(Closed(old).edits([]), ledger(), SETTINGS)
    assert {issue.cell for issue in bare} == {CellRef("Actions", 1, 1)}


def test_a_figure_points_at_a_row_that_changed_it() -> None:
    """A manager who lost a row to another finds it there; a row that is gone stands nowhere."""
    old = [paid(1, 100), act(2), act(3), act(4, manager=BORIS, action="lead_converted")]
    now = replace(
        ledger(act(2, manager=BORIS), paid(1, 200), act(3)), places={"Actions": {"Date": 1, "Manager": 2, "Amount": 8}}
    )
    found = closing.issues(Closed(old).edits(now), now, SETTINGS)
    cells = {issue.problem.split("” ")[0]: issue.cell.a1 for issue in found if "“" in issue.problem}
    assert cells == {
        f"{ANNA}: “Meetings": "B3",
        f"{ANNA}: “Clients met": "B3",
        f"{ANNA}: “Revenue": "H2",
        f"{BORIS}: “Meetings": "B3",
        f"{BORIS}: “Clients met": "B3",
        f"{BORIS}: “Converted": "A1",
    }


def test_a_measure_without_indicator_is_restated_but_not_told() -> None:
    def derived(actions: pd.DataFrame) -> pd.DataFrame:
        count = float(actions["counted"].sum())
        return pd.DataFrame([{"manager": ANNA, "measure": "kpi.score", "unit": "ratio", "plan": 1.0, "actual": count}])

    done = Closed([act(1)])
    now = ledger(act(1), act(2))
    edits = late_edits(done.closed, done.history, now.actions, SETTINGS, W47, derived)
    assert figures(edits) == {(ANNA, "kpi.score"): (1, 2)}
    assert [issue.problem[:15] for issue in closing.issues(edits, now, SETTINGS)] == ["A row was added"]


def test_nobody_is_told_that_nothing_became_nothing() -> None:
    def blank_or_none(actions: pd.DataFrame) -> pd.DataFrame:
        count = float(len(actions)) - 2.0 if len(actions) > 1 else math.nan
        return pd.DataFrame(
            [{"manager": ANNA, "measure": "meetings", "unit": "count", "plan": math.nan, "actual": count}]
        )

    done = Closed([act(1)])
    done.history = done.history[done.history["measure"] != "meetings"]
    problems = {}
    for rows in (2, 3):
        now = ledger(*map(act, range(1, rows + 1)))
        edits = late_edits(done.closed, done.history, now.actions, SETTINGS, W47, blank_or_none)
        assert figures(edits) == {(ANNA, "meetings"): (NAN, rows - 2)}
        problems[rows] = [issue.problem for issue in closing.issues(edits, now, SETTINGS) if "“" in issue.problem]
    assert problems == {
        2: [],
        3: [f"{ANNA}: “Meetings” was – when 2026-W47 was closed; by the rows of today it is 1."],
    }


# --- periods that have days in common --------------------------------------------------------------------------------


def beside_each_other(rows: Sequence[Row], *periods: Period) -> dict[Period, Closed]:
    """These periods closed with these rows, all kept in one tab."""
    done = {period: Closed(rows, period=period) for period in periods}
    together = from_cells(cells(pd.concat([each.closed for each in done.values()])))
    for each in done.values():
        each.closed = together
    return done


def of_rows(done: Mapping[Period, Closed], rows: Sequence[Row]) -> dict[str, list[str]]:
    """What is told of rows, and what to do about it, by period."""
    now = replace(ledger(*rows), places={"Actions": {"Date": 1, "Client": 4}})
    return {
        str(period): [
            f"{issue.cell.a1} {issue.problem} {issue.remedy}"
            for issue in closing.issues(each.edits(now), now, SETTINGS)
            if "“" not in issue.problem
        ]
        for period, each in done.items()
    }


def test_a_row_of_a_week_and_its_month_is_told_once_and_names_both() -> None:
    old = [act(1), act(2), act(3, date="2026-11-03")]
    new = [act(1, client="Other"), act(4), act(3, date="2026-11-03", client="Else")]
    done = beside_each_other(old, W47, NOVEMBER)
    both = "`sheetsync close --period 2026-W47 --accept` and `sheetsync close --period 2026-11 --accept`"
    assert of_rows(done, new) == {
        "2026-W47": [],
        "2026-11": [
            "D4 A row of the closed period 2026-11 was changed (2026-11-03 · meeting · Else): Client: Client 3 → Else. "
            "Restore the row, or accept the change: `sheetsync close --period 2026-11 --accept`.",
            "D2 A row of the closed periods 2026-W47 and 2026-11 was changed (2026-11-16 · meeting · Other): "
            f"Client: Client 1 → Other. Restore the row, or accept the change: {both}.",
            "A1 A row of the closed periods 2026-W47 and 2026-11 was removed (2026-11-16 · meeting · Client 2 · "
            f"minutes 2). Type the row in again, or accept that it is gone: {both}.",
            "A5 A row was added to the closed periods 2026-W47 and 2026-11 (2026-11-16 · meeting · Client 4 · "
            f"minutes 4). Delete the row, or accept it: {both}.",
        ],
    }


def test_the_figures_of_a_week_and_its_month_are_told_of_both() -> None:
    done = beside_each_other([act(1), act(2, date="2026-11-03")], W47, NOVEMBER)
    now = ledger(act(2, date="2026-11-03"))
    said = [issue.problem for each in done.values() for issue in closing.issues(each.edits(now), now, SETTINGS)]
    assert [line for line in said if "Meetings" in line] == [
        f"{ANNA}: “Meetings” was 1 when 2026-W47 was closed; by the rows of today it is 0.",
        f"{ANNA}: “Meetings” was 2 when 2026-11 was closed; by the rows of today it is 1.",
    ]


def test_a_row_that_moved_from_week_to_week_is_told_by_the_month_that_sees_both() -> None:
    done = beside_each_other([act(1)], W46, W47, NOVEMBER)
    said = of_rows(done, [act(1, date="2026-11-13")])
    assert (said["2026-W46"], said["2026-W47"]) == ([], [])
    (line,) = said["2026-11"]
    assert line.startswith(
        "A2 A row of the closed periods 2026-W46, 2026-W47 and 2026-11 was changed (2026-11-13 · meeting · Client 1): "
        "Date: 2026-11-16 → 2026-11-13."
    )


def test_weeks_are_named_before_months_and_earlier_ones_first() -> None:
    october, quarter = Period.parse("2026-10"), Period.parse("2026-Q4")
    said = of_rows(beside_each_other([act(1)], quarter, NOVEMBER, october, W47), [act(1, date="2026-10-05")])
    ((line,),) = filter(None, said.values())
    assert line.startswith(
        "A2 A row of the closed periods 2026-W47, 2026-10, 2026-11 and 2026-Q4 was changed (2026-10-05"
    )


def test_a_row_that_left_the_month_is_told_by_the_week_that_still_holds_it() -> None:
    done = beside_each_other([act(1, date="2026-11-30")], Period.parse("2026-W49"), NOVEMBER)
    said = of_rows(done, [act(1, date="2026-12-01")])
    assert said["2026-11"] == []
    (line,) = said["2026-W49"]
    assert line.startswith("A2 A row of the closed periods 2026-W49 and 2026-11 was changed (2026-12-01")


def test_what_the_month_was_closed_with_is_the_weeks_alone() -> None:
    """The week was closed first, edited, and the month closed after that."""
    week, month = Closed([act(1)]), Closed([act(1), act(2)], period=NOVEMBER)
    week.closed = month.closed = from_cells(cells(pd.concat([week.closed, month.closed])))
    said = of_rows({W47: week, NOVEMBER: month}, [act(1), act(2)])
    assert said["2026-11"] == []
    (line,) = said["2026-W47"]
    assert line.startswith("A3 A row was added to the closed period 2026-W47 (")


@pytest.mark.parametrize("removed", [1, 2])
def test_copies_of_a_row_are_told_one_by_one(removed: int) -> None:
    copies = [act(number, client="Same", evidence="") for number in (1, 2, 3)]
    done = beside_each_other(copies, W47, NOVEMBER)
    said = of_rows(done, copies[removed:])
    assert [len(lines) for lines in said.values()] == [0, removed]
    assert {line[:59] for line in said["2026-11"]} == {"A1 A row of the closed periods 2026-W47 and 2026-11 was rem"}


@pytest.mark.parametrize(
    ("language", "changed", "added", "removed"),
    [
        (
            "ru",
            "В закрытых периодах 2026-W47 и 2026-11 изменена строка (",
            "В закрытые периоды 2026-W47 и 2026-11 добавлена строка (",
            "Из закрытых периодов 2026-W47 и 2026-11 удалена строка (",
        ),
        (
            "de",
            "In den abgeschlossenen Zeiträumen 2026-W47 und 2026-11 wurde eine Zeile geändert (",
            "In den abgeschlossenen Zeiträumen 2026-W47 und 2026-11 kam eine Zeile hinzu (",
            "Aus den abgeschlossenen Zeiträumen 2026-W47 und 2026-11 wurde eine Zeile entfernt (",
        ),
    ],
)
def test_two_periods_in_other_languages(language: str, changed: str, added: str, removed: str) -> None:
    settings = department.settings(language=language)
    done = beside_each_other([act(1), act(2)], W47, NOVEMBER)[NOVEMBER]
    now = ledger(act(1, client="Other"), act(4, action="payment"))
    problems = [issue.problem for issue in closing.issues(done.edits(now, settings), now, settings)][-3:]
    for problem, beginning in zip(problems, (changed, removed, added), strict=True):
        assert problem.startswith(beginning)


# --- accepting -------------------------------------------------------------------------------------------------------


def accepted(done: Closed, edits: LateEdits) -> None:
    """Restates the period with what the edits make of it."""
    figures = edits.figures.rename(columns={"after": "actual"})
    done.history = history.restate(done.history, done.period, figures, datetime(2026, 12, 1))
    plans = done.history[done.history["period"] == str(done.period)]
    done.closed = through_the_tab(
        freeze(done.closed, done.period, edits.rows, plans, settings=done.settings, issues=())
    )


def test_what_was_accepted_is_not_seen_again() -> None:
    done = Closed([act(1), act(2, manager=BORIS)])
    now = [act(1, client="Other"), act(3), act(4, counted=False)]
    accepted(done, done.edits(now))
    assert not done.edits(now[::-1])
    assert figures(done.edits(now[1:]))[ANNA, "meetings"] == (2, 1)
    plans = done.closed[done.closed["record"] == "plan"]
    assert not plans.duplicated(["manager", "measure"]).any()
    assert set(plans["manager"]) == {ANNA, BORIS, SALES}


# --- properties ------------------------------------------------------------------------------------------------------

money = st.one_of(st.just(math.nan), st.integers(-500, 500).map(lambda cents: cents / 100))
entry = st.fixed_dictionaries(
    {
        "date": st.sampled_from(["2026-11-16", "2026-11-22"]),
        "manager": st.sampled_from([ANNA, BORIS]),
        "action": st.sampled_from(["meeting", "payment", "lead_accepted", "lead_converted"]),
        "client": st.sampled_from(["", "Acme", "Orion"]),
        "deal": st.sampled_from(["", "D"]),
        "evidence": st.sampled_from(["", "CRM-1", "CRM-2"]),
        "quantity": st.sampled_from([math.nan, 1.0, 2.0]),
        "amount": money,
        "profit": money,
        "rejected": st.sampled_from([False, False, False, True]),
    }
)
logs = st.lists(entry, max_size=8)


def judged(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows with `counted`: not the rejected, no meeting without evidence, of repeated ones the first."""
    seen: set[tuple[Any, ...]] = set()
    done = []
    for row in rows:
        key = tuple(row[name] for name in ("date", "manager", "action", "client", "deal", "evidence"))
        counted = not row["rejected"] and not (row["action"] == "meeting" and not row["evidence"])
        repeated = counted and row["evidence"] and key in seen
        if counted:
            seen.add(key)
        done.append({**row, "counted": counted and not repeated})
    return done


def tally(rows: Sequence[Row]) -> dict[tuple[str, str], float]:
    """Every indicator by manager and for the department, added up one by one; a ratio of nothing is left out."""
    totals: dict[tuple[str, str], float] = {}
    for who in (ANNA, BORIS, SALES):
        own = [row for row in rows if row["counted"] and who in (row["manager"], SALES)]
        of = {action: [row for row in own if row["action"] == action] for action in ("meeting", "payment")}
        leads, converted = (
            sum(1 if math.isnan(row["quantity"]) else row["quantity"] for row in own if row["action"] == action)
            for action in ("lead_accepted", "lead_converted")
        )
        totals[who, "meetings"] = len(of["meeting"])
        totals[who, "clients_met"] = len({row["client"] for row in of["meeting"]} - {""})
        totals[who, "leads"], totals[who, "converted"] = leads, converted
        if leads:
            totals[who, "conversion"] = round(converted / leads, 6)
        for name, column in (("revenue", "amount"), ("gross_profit", "profit")):
            known = [row[column] for row in of["payment"] if not math.isnan(row[column])]
            totals[who, name] = sum(round(value * 100) for value in known) / 100
    return totals


def differing(old: Sequence[Row], new: Sequence[Row]) -> dict[tuple[str, str], tuple[Any, Any]]:
    """The figures that differ, None where there is none."""
    before, after = tally(old), tally(new)
    keys = before.keys() | after.keys()
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def plain(edits: LateEdits) -> dict[tuple[str, str], tuple[Any, Any]]:
    """The figures of late edits, None where they are blank."""
    return {key: (_plain(before), _plain(after)) for key, (before, after) in figures(edits).items()}


def _plain(value: float) -> Any:
    return None if math.isnan(value) else pytest.approx(value, abs=2e-6)


@given(rows=logs, data=st.data())
@rules(max_examples=8)
def test_any_order_of_the_same_rows_is_no_edit(rows: list[Row], data: st.DataObject) -> None:
    done = Closed(judged(rows))
    assert not done.edits(judged(data.draw(st.permutations(rows))))


@given(rows=logs, edit=st.tuples(st.integers(0, 8), st.sampled_from(["add", "delete", "replace"]), entry))
@rules(max_examples=10)
def test_any_edit_is_seen_with_the_figures_that_it_changes(rows: list[Row], edit: tuple[int, str, Row]) -> None:
    place, kind, row = min(edit[0], len(rows)), edit[1], edit[2]
    now = [*rows[:place], *([] if kind == "delete" else [row]), *rows[place + (kind != "add") :]]
    old, new = judged(rows), judged(now)
    edits = Closed(old).edits(new)
    assert plain(edits) == differing(old, new)
    counted = [Counter(repr(row) for row in side if row["counted"]) for side in (old, new)]
    assert bool(edits) == (counted[0] != counted[1])
    assert len(edits.added) <= 1
    assert len(edits.removed) <= 1


@given(rows=logs, steps=st.lists(logs, min_size=1, max_size=2))
@rules(max_examples=4)
def test_accepting_restates_to_what_the_log_says_and_keeps_every_figure(
    rows: list[Row], steps: list[list[Row]]
) -> None:
    done = Closed(judged(rows))
    for log in steps:
        now = judged(log)
        before = done.history
        accepted(done, done.edits(now))
        assert not done.edits(now)
        standing = done.history[done.history["status"] != "superseded"].set_index(["manager", "measure"])["actual"]
        assert standing.index.is_unique
        expected = tally(now)
        assert dict(standing.dropna().items()) == {
            key: pytest.approx(value, abs=2e-6) for key, value in expected.items()
        }
        assert (
            len(done.history) - len(before)
            == (done.history["status"] == "superseded").sum() - (before["status"] == "superseded").sum()
        )
