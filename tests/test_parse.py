"""What managers type, read row by row: what counts, what does not, and what the person is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sheetsync import columns
from sheetsync.catalogue import completed
from sheetsync.cells import EPOCH
from sheetsync.errors import LayoutError
from sheetsync.mistakes import MISTAKES
from sheetsync.model import Issue, Ledger, Moment, RawTab, Severity, Value
from sheetsync.parse import ACTIONS, BASE, parse
from sheetsync.periods import Period
from sheetsync.schema import Settings

TODAY = date(2026, 11, 24)
MOMENT = Moment(
    period=Period.parse("2026-W48"), as_of=TODAY, run_day=TODAY, today=TODAY, now=datetime(2026, 11, 24, 9, 30)
)
SERIAL = (TODAY - EPOCH).days
ACTION_HEADER = list(columns.header("actions", "en"))
BASE_HEADER = list(columns.header("base", "en"))
MINUTES = "The minutes, as a link or as text: who took part, what was agreed, who does what by when"
A_DATE = "Enter the date with day, month and year, such as 24 Nov 2026."
A_NUMBER = "Enter only the number, such as 1234.50."
MERGED = (
    "Enter it in this row too; if its cell is merged with the one above, unmerge them: only the top cell is filled."
)


def configuration(language: str = "en", *, finance: str | None = None, **sections: Any) -> Settings:
    """A department of two: Anna since ever, Boris from March 2026 to October 2026, and Vera since 2025."""
    managers = [
        {"name": "Anna Petrova", "aliases": ["Аня", "A. Petrova"], "from": "2024-01-01"},
        {"name": "Boris Ivanov", "from": "2026-03-01", "until": "2026-10-31"},
        {"name": "Алёна Королёва", "from": "2025-01-01"},
    ]
    tabs = {"finance": finance} if finance else {}
    workbook = {"spreadsheet": "local:x", "language": language, "tabs": tabs, **sections.pop("workbook", {})}
    return Settings.model_validate(
        completed({"workbook": workbook, "managers": managers, "targets": [], **sections}), by_alias=True, by_name=False
    )


SETTINGS = configuration()


def line(header: Sequence[str], **cells: Value) -> list[Value]:
    """A row of named cells; `Expected_payment` is the column `Expected payment`."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    assert named.keys() <= set(header)
    return [named.get(name, "") for name in header]


def act(**cells: Value) -> list[Value]:
    """An action row that counts, with these cells changed."""
    usual: dict[str, Value] = {"Date": SERIAL, "Manager": "Anna Petrova", "Action": "Meeting held", "Client": "Acme"}
    return line(ACTION_HEADER, **(usual | {"Evidence": "https://crm/1"} | cells))


def client(**cells: Value) -> list[Value]:
    """A row of the base that is right, with these cells changed."""
    return line(BASE_HEADER, **({"Client": "Acme", "Manager": "Anna Petrova"} | cells))


def read(
    *actions: list[Value],
    base: Sequence[list[Value]] = (),
    settings: Settings = SETTINGS,
    locale: str = "en_US",
    finance: RawTab | None = None,
    moment: Moment = MOMENT,
) -> Ledger:
    tabs = {
        "actions": [RawTab("Actions", [list(ACTION_HEADER), *actions])],
        "base": [RawTab("Base", [list(BASE_HEADER), *base])],
        "finance": [finance] if finance else [],
    }
    return parse(tabs, settings, moment, locale)


def said(issue: Issue) -> tuple[str, str, str, str, str]:
    return issue.code, issue.cell.a1, issue.problem, issue.remedy, issue.effect


# --- every mistake, its text and its cell --------------------------------------------------------------------------

NOT, YES, BLANK = "Not counted.", "Counted.", "The cell counts as blank."

ONE_ROW: list[tuple[str, dict[str, Value], str, str, str, str]] = [
    # key of MISTAKES, what is typed, the cell, problem, remedy, effect
    ("date_missing", {"Date": ""}, "A2", "The date is missing.", A_DATE, NOT),
    ("date_unreadable", {"Date": "soon"}, "A2", '"Date" can\'t be read as a date.', A_DATE, NOT),
    ("date_unreadable", {"Date": True}, "A2", '"Date" can\'t be read as a date.', A_DATE, NOT),
    ("date_without_year", {"Date": "24.11"}, "A2", 'The date in "Date" has no year.', A_DATE, NOT),
    (
        "date_implausible",
        {"Date": "24.11.1926"},
        "A2",
        'The year in "Date" is outside 2000–2036.',
        "Correct the date.",
        NOT,
    ),
    (
        "date_future",
        {"Date": SERIAL + 1},
        "A2",
        "The date is after today.",
        "Enter the day on which it happened; plans don't count.",
        NOT,
    ),
    (
        "date_outside",
        {"Date": "31.12.2023"},
        "A2",
        "Nobody was employed on this date.",
        "Correct the date, or `from` and `until` of the managers in the configuration.",
        NOT,
    ),
    (
        "date_not_employed",
        {"Manager": "Boris Ivanov"},
        "A2",
        "Boris Ivanov was not employed on this date.",
        "Correct the date or the manager, or `from` and `until` in the configuration.",
        YES,
    ),
    ("manager_missing", {"Manager": " "}, "B2", "The manager is missing.", "Choose the manager from the list.", NOT),
    (
        "manager_unknown",
        {"Manager": "Zzz Qqq"},
        "B2",
        'No manager is called "Zzz Qqq".',
        "Choose a name from the list, or add this one to the configuration.",
        NOT,
    ),
    (
        "manager_unknown/near",
        {"Manager": "Ana Petrova"},
        "B2",
        'No manager is called "Ana Petrova".',
        'Did you mean "Anna Petrova"? Choose it from the list.',
        NOT,
    ),
    ("action_missing", {"Action": ""}, "C2", "The action is missing.", "Choose the action from the list.", NOT),
    (
        "action_unknown",
        {"Action": "12345"},
        "C2",
        'No action is called "12345".',
        "Choose an action from the list.",
        NOT,
    ),
    (
        "action_unknown/near",
        {"Action": "Meting held"},
        "C2",
        'No action is called "Meting held".',
        'Did you mean "Meeting held"? Choose it from the list.',
        NOT,
    ),
    (
        "evidence_missing/what",
        {"Evidence": ""},
        "F2",
        '"Meeting held" counts only with evidence.',
        f"Enter the evidence. {MINUTES}.",
        NOT,
    ),
    (
        "evidence_void/what",
        {"Evidence": "—"},
        "F2",
        "This only fills the place of an evidence.",
        f"Enter the evidence. {MINUTES}.",
        NOT,
    ),
    (
        "amount_missing",
        {"Action": "payment"},
        "H2",
        '"Payment received" counts only with an amount.',
        "Enter the amount; 0 where it is nothing.",
        NOT,
    ),
    ("formula_error", {"Client": "#REF!"}, "D2", 'The formula in "Client" shows an error.', "", NOT),
    ("formula_error", {"Amount": "#ДЕЛ/0!"}, "H2", 'The formula in "Amount" shows an error.', "", NOT),
    ("number_unreadable", {"Quantity": "two"}, "G2", '"Quantity" can\'t be read as a number.', A_NUMBER, NOT),
    ("number_boolean", {"Amount": True}, "H2", '"Amount" holds TRUE or FALSE instead of a number.', A_NUMBER, NOT),
    ("number_percent", {"Profit": "20 %"}, "I2", '"Profit" holds a percentage.', A_NUMBER, NOT),
    (
        "number_too_large",
        {"Amount": 1e15},
        "H2",
        'The number in "Amount" is too large to be true.',
        "Correct the number.",
        NOT,
    ),
    (
        "number_fraction",
        {"Amount": "10.005"},
        "H2",
        '"Amount" has fractions of a cent.',
        "Enter at most two decimals.",
        "Counted as 10.01.",
    ),
    ("quantity_negative", {"Quantity": -1}, "G2", "The quantity is negative.", "Correct the quantity.", NOT),
    (
        "quantity_zero",
        {"Quantity": 0},
        "G2",
        "The quantity is 0.",
        "Enter the quantity; left blank it counts as 1.",
        "Counted with quantity 0.",
    ),
    (
        "quantity_fraction",
        {"Quantity": "2,5"},
        "G2",
        "The quantity is not a whole number.",
        "Correct the quantity.",
        "Counted with quantity 2.5.",
    ),
    (
        "amount_negative",
        {"Profit": -1},
        "I2",
        '"Profit" is negative.',
        "Correct the number; only a payment may be negative, as a refund.",
        NOT,
    ),
    (
        "refund",
        {"Action": "payment", "Amount": -100, "Profit": -20},
        "H2",
        "The amount is negative.",
        "Correct it, unless it is a refund.",
        "Counted as a refund.",
    ),
    (
        "loss",
        {"Action": "payment", "Amount": 100, "Profit": -20},
        "I2",
        "The profit is negative.",
        "Correct it, unless the deal made a loss.",
        "Counted as a loss.",
    ),
    (
        "rejected",
        {"Checked": "нет", "Amount": "rubbish"},
        "K2",
        'Rejected in "Checked".',
        "Settle it with the head of sales, who clears the cell when the row is right.",
        NOT,
    ),
    (
        "checked_unclear",
        {"Checked": "call me"},
        "K2",
        '"Checked" says neither yes nor no.',
        "Enter yes or no, or leave it blank; remarks go into the comment.",
        YES,
    ),
]


@pytest.mark.parametrize(("key", "typed", "cell", "problem", "remedy", "effect"), ONE_ROW)
def test_a_mistake_in_one_row(
    key: str, typed: dict[str, Value], cell: str, problem: str, remedy: str, effect: str
) -> None:
    ledger = read(act(**typed))
    (issue,) = ledger.issues
    remedy = remedy or "Mend the formula, or enter the value."
    assert said(issue) == (key.partition("/")[0], cell, problem, remedy, effect)
    assert issue.severity is MISTAKES[key].severity
    assert issue.cell.tab == "Actions"
    assert ledger.rows == {"actions": 1, "base": 0}
    counted = ledger.actions.counted.tolist()
    assert counted in ([], [False]) if issue.severity is Severity.ERROR else counted == [True]


BASE_ROW: list[tuple[str, dict[str, Value], str, str, str, str]] = [
    (
        "base_client_missing",
        {"Client": "-", "Stage": "Contract"},
        "A2",
        "The client is missing.",
        "Enter the client, or clear the row.",
        NOT,
    ),
    ("manager_missing", {"Manager": "", "Stage": "x"}, "C2", "The manager is missing.", "", NOT),
    ("manager_unknown/near", {"Manager": "Borys Ivanov"}, "C2", 'No manager is called "Borys Ivanov".', "", NOT),
    ("formula_error", {"Deal": "#N/A"}, "B2", 'The formula in "Deal" shows an error.', "", NOT),
    (
        "category_unknown",
        {"Category": "12345"},
        "D2",
        'No category is called "12345".',
        "Choose a category from the list, or clear the cell.",
        BLANK,
    ),
    (
        "category_unknown/near",
        {"Category": "Aktive A"},
        "D2",
        'No category is called "Aktive A".',
        'Did you mean "Active A"? Choose it from the list.',
        BLANK,
    ),
    ("formula_error/base", {"Stage": "#N/A"}, "E2", 'The formula in "Stage" shows an error.', "", BLANK),
    (
        "date_unreadable/base",
        {"Expected_payment": "?"},
        "F2",
        '"Expected payment" can\'t be read as a date.',
        "",
        BLANK,
    ),
    ("date_without_year/base", {"Trial_since": "1.2"}, "J2", 'The date in "Trial since" has no year.', "", BLANK),
    (
        "date_implausible/base",
        {"Expected_payment": "1.1.2037"},
        "F2",
        'The year in "Expected payment" is outside 2000–2036.',
        "",
        BLANK,
    ),
    (
        "date_future/base",
        {"Last_contact": SERIAL + 1},
        "K2",
        '"Last contact" is after today.',
        "Enter the day on which it was.",
        BLANK,
    ),
    ("number_unreadable/base", {"Trial_units": "few"}, "H2", '"Trial units" can\'t be read as a number.', "", BLANK),
    (
        "number_boolean/base",
        {"Trial_units": True},
        "H2",
        '"Trial units" holds TRUE or FALSE instead of a number.',
        "",
        BLANK,
    ),
    ("number_percent/base", {"Trial_value": "5%"}, "I2", '"Trial value" holds a percentage.', "", BLANK),
    (
        "number_too_large/base",
        {"Expected_amount": 1e20},
        "G2",
        'The number in "Expected amount" is too large to be true.',
        "",
        BLANK,
    ),
    (
        "number_negative/base",
        {"Expected_amount": -1},
        "G2",
        '"Expected amount" is negative.',
        "Correct the number.",
        BLANK,
    ),
]


@pytest.mark.parametrize(("key", "typed", "cell", "problem", "remedy", "effect"), BASE_ROW)
def test_a_mistake_in_the_base(
    key: str, typed: dict[str, Value], cell: str, problem: str, remedy: str, effect: str
) -> None:
    ledger = read(base=[client(**typed)])
    (issue,) = ledger.issues
    assert (issue.code, issue.cell.a1, issue.problem, issue.effect) == (key.partition("/")[0], cell, problem, effect)
    assert issue.remedy == remedy or not remedy
    assert issue.severity is MISTAKES[key].severity
    assert issue.day is None
    assert len(ledger.base) == (issue.severity is Severity.WARNING)
    assert ledger.rows == {"actions": 0, "base": 1}


def patterned(*patterns: str) -> Settings:
    """The usual configuration, with patterns for the evidence of meetings."""
    meeting = SETTINGS.actions["meeting"].model_copy(update={"evidence_patterns": patterns})
    return SETTINGS.model_copy(update={"actions": {**SETTINGS.actions, "meeting": meeting}})


def elsewhere() -> dict[str, Ledger]:
    """Mistakes that take more than one row, or another configuration."""
    plain = configuration(
        actions={"meeting": {"label": "Meeting held", "evidence": "required", "client": "required"}},
        indicators={"meetings": {"count": ["meeting"]}},
    )
    linked = configuration(
        actions={
            "meeting": {
                "label": "Meeting held",
                "evidence": "required",
                "client": "required",
                "evidence_patterns": ["link", "CRM-[0-9]+"],
            }
        },
        indicators={"meetings": {"count": ["meeting"]}},
    )
    orphan = {"actions": [RawTab("Log Zoe", [["Date", "Action"], [SERIAL, "meeting"]], "Zoe")]}
    repeated = {"actions": [RawTab("Actions", [["Date", "Manager", "Action", "Datum"]])]}
    return {
        "date_missing/merged": read(act(), act(Date="", Evidence="2")),
        "manager_missing/merged": read(act(), act(Manager="", Evidence="2")),
        "action_missing/merged": read(act(), act(Action="", Evidence="2")),
        "evidence_missing": read(act(Evidence=""), settings=plain),
        "evidence_void": read(act(Evidence="n/a"), settings=plain),
        "evidence_unlike": read(act(Evidence="we met"), settings=linked),
        "evidence_unlike/what": read(act(Evidence="we met"), settings=patterned("link")),
        "client_missing": read(act(Client="."), settings=plain),
        "number_ambiguous": read(act(Amount="1.234"), locale="ru_RU"),
        "number_ambiguous/base": read(base=[client(Trial_value="1.234")], locale="ru_RU"),
        "duplicate": read(act(), act(Client=" ACME ")),
        "base_duplicate": read(base=[client(), client(Client="acme")]),
        "finance_elsewhere": read(act(Action="payment", Amount=5), settings=configuration(finance="Finance")),
        "manager_unknown/tab": parse(orphan, SETTINGS, MOMENT, "en_US"),
        "column_repeated": parse(repeated, SETTINGS, MOMENT, "en_US"),
    }


ELSEWHERE: dict[str, tuple[str, str, str, str]] = {
    "date_missing/merged": ("A3", "The date is missing.", MERGED, NOT),
    "manager_missing/merged": ("B3", "The manager is missing.", MERGED, NOT),
    "action_missing/merged": ("C3", "The action is missing.", MERGED, NOT),
    "evidence_missing": (
        "F2",
        '"Meeting held" counts only with evidence.',
        "Enter the evidence: a link, a number or a text.",
        NOT,
    ),
    "evidence_void": (
        "F2",
        "This only fills the place of an evidence.",
        "Enter the evidence: a link, a number or a text.",
        NOT,
    ),
    "evidence_unlike": (
        "F2",
        '"we met" is no such evidence as "Meeting held" needs.',
        "Enter it like this: https://…, CRM-[0-9]+",
        NOT,
    ),
    "evidence_unlike/what": (
        "F2",
        '"we met" is no such evidence as "Meeting held" needs.',
        f"Enter it like this: https://…. {MINUTES}.",
        NOT,
    ),
    "client_missing": ("D2", '"Meeting held" counts only with a client.', "Enter the client.", NOT),
    "number_ambiguous": ("H2", '"Amount" can be read as two different numbers.', A_NUMBER, NOT),
    "number_ambiguous/base": ("I2", '"Trial value" can be read as two different numbers.', A_NUMBER, BLANK),
    "duplicate": (
        "F3",
        "The same manager, date, action, client, deal and evidence as in row 2 of Actions.",
        "Delete one of the two rows, or give each its own evidence.",
        "The two rows count once.",
    ),
    "base_duplicate": ("A3", "This client and deal are already in row 2.", "Keep one of the two rows.", NOT),
    "finance_elsewhere": (
        "C2",
        '"Payment received" counts only in the tab Finance.',
        "Enter it there, and delete it here.",
        NOT,
    ),
    "manager_unknown/tab": (
        "A1",
        'The tab\'s name gives the manager "Zoe", whom the configuration does not know.',
        "Rename the tab, or add the manager or an alias to the configuration.",
        "None of the tab's rows is counted.",
    ),
    "column_repeated": (
        "D1",
        'A second column is called "Date".',
        "Rename or delete this one.",
        "Only the first one is read.",
    ),
}


def test_mistakes_between_rows() -> None:
    found = {key: [said(issue) for issue in ledger.issues] for key, ledger in elsewhere().items()}
    assert found == {key: [(key.partition("/")[0], *texts)] for key, texts in ELSEWHERE.items()}


def test_no_mistake_is_untested() -> None:
    assert MISTAKES.keys() == {key for key, *_ in ONE_ROW + BASE_ROW} | ELSEWHERE.keys()


def test_what_was_typed_is_shown_untouched_and_cut() -> None:
    assert read(act(Amount=" 12 x ")).issues[0].typed == " 12 x "
    assert read(act(Amount="9" * 50_000)).issues[0].typed == "9" * 200
    assert read(act(Date=SERIAL + 2)).issues[0].typed == "2026-11-26", "a serial as the date that people see"
    assert read(act(Evidence="")).issues[0].typed == ""


def test_an_issue_knows_manager_and_day_where_the_row_does() -> None:
    issue = read(act(Date="23.11.2026", Evidence="")).issues[0]
    assert (issue.manager, issue.day) == ("Anna Petrova", date(2026, 11, 23))
    issue = read(act(Manager="Nobody at all", Evidence="e")).issues[0]
    assert (issue.manager, issue.day) == ("", TODAY)


@pytest.mark.parametrize("typed", ["24.11.2027", "24.11.1926", "31.12.2023", "?", ""])
def test_a_day_that_is_not_believed_is_no_issues_day(typed: str) -> None:
    assert read(act(Date=typed)).issues[0].day is None


def test_every_defect_of_a_row_is_listed() -> None:
    codes = [issue.code for issue in read(act(Date="", Manager="Zzz", Evidence="", Amount="x")).issues]
    assert codes == ["date_missing", "manager_unknown", "number_unreadable", "evidence_missing"]


def test_issues_speak_the_workbooks_language() -> None:
    (russian,) = read(act(Amount="x"), settings=configuration("ru")).issues
    assert (russian.problem, russian.effect) == ("В столбце «Сумма» не удаётся прочитать число.", "Не учитывается.")
    (german,) = read(act(Quantity="2,5"), settings=configuration("de")).issues
    assert (german.problem, german.effect) == ("Die Menge ist keine ganze Zahl.", "Zählt mit Menge 2,5.")


# --- what counts ---------------------------------------------------------------------------------------------------


def test_a_row_that_counts() -> None:
    row = act(Deal=" Phase  2 ", Quantity="3 шт.", Amount="1 234,56 ₽", Profit=200.005, Comment=" ok ", Checked="да")
    ledger = read(row)
    assert ledger.issues == ()
    assert ledger.actions.to_dict("records") == [
        {
            "tab": "Actions",
            "row": 2,
            "date": pd.Timestamp(TODAY),
            "manager": "Anna Petrova",
            "action": "meeting",
            "client": "Acme",
            "client_key": "acme",
            "deal": "Phase 2",
            "deal_key": "phase 2",
            "evidence": "https://crm/1",
            "quantity": 3.0,
            "amount": 1234.56,
            "profit": 200.01,
            "comment": "ok",
            "counted": True,
            "rejected": False,
        }
    ]


def test_a_row_of_the_base() -> None:
    row = client(Deal="D", Category="warm", Stage=" Design ", Expected_payment="1 Dec 2026", Expected_amount="1,000.50")
    row[7:11] = [4, "2 000", SERIAL - 3, "2026-11-20"]
    ledger = read(base=[row])
    assert ledger.issues == ()
    assert ledger.base.to_dict("records") == [
        {
            "tab": "Base",
            "row": 2,
            "client": "Acme",
            "client_key": "acme",
            "deal": "D",
            "deal_key": "d",
            "manager": "Anna Petrova",
            "category": "warm",
            "stage": "Design",
            "expected_payment": pd.Timestamp("2026-12-01"),
            "expected_amount": 1000.5,
            "trial_units": 4.0,
            "trial_value": 2000.0,
            "trial_since": pd.Timestamp("2026-11-21"),
            "last_contact": pd.Timestamp("2026-11-20"),
        }
    ]


@pytest.mark.parametrize("rows", [[], [act()]])
def test_frames_have_their_columns_and_dtypes(rows: list[list[Value]]) -> None:
    ledger = read(*rows, base=[client() for _ in rows])
    assert {name: str(dtype) for name, dtype in ledger.actions.dtypes.items()} == dict(ACTIONS)
    assert {name: str(dtype) for name, dtype in ledger.base.dtypes.items()} == dict(BASE)
    assert list(ledger.actions.columns) == list(ACTIONS)
    assert list(ledger.base.columns) == list(BASE)


def test_blank_zero_and_unreadable_stay_apart() -> None:
    ledger = read(act(), act(Amount=0, Evidence="2"), act(Amount="o", Evidence="3"))
    np.testing.assert_array_equal(ledger.actions.amount, [np.nan, 0, np.nan])
    assert ledger.actions.counted.tolist() == [True, True, False]


@pytest.mark.parametrize("typed", ["anna  PETROVA", "\u00a0Anna\u00a0Petrova ", "аня", "a. petrova", "Anna_Petrova"])
def test_managers_by_any_spelling(typed: str) -> None:
    assert read(act(Manager=typed)).actions.manager.tolist() == ["Anna Petrova"]


def test_yo_is_ye() -> None:
    assert read(act(Manager="Алена королева")).actions.manager.tolist() == ["Алёна Королёва"]


@pytest.mark.parametrize("typed", ["meeting", "MEETING", "Meeting held", "встреча", " Treffen "])
def test_actions_by_id_and_label(typed: str) -> None:
    assert read(act(Action=typed)).actions.action.tolist() == ["meeting"]


@pytest.mark.parametrize("typed", ["active_a", "Active A", "АКТИВ A", "aktiv\u00a0a", "Active_A"])
def test_categories_by_id_and_label(typed: str) -> None:
    assert read(base=[client(Category=typed)]).base.category.tolist() == ["active_a"]


def test_clients_are_one_by_their_key() -> None:
    frame = read(act(Client="ООО  Ёлка "), act(Client="ооо елка", Evidence="2")).actions
    assert frame.client.tolist() == ["ООО Ёлка", "ооо елка"]
    assert frame.client_key.nunique() == 1


def test_a_client_of_dots_is_none() -> None:
    assert read(act(Client="...", Deal="-")).actions[["client", "deal_key"]].values.tolist() == [["", ""]]


def test_numbers_as_names_and_evidence() -> None:
    frame = read(act(Client=12345.0, Evidence=777)).actions
    assert frame[["client", "evidence"]].values.tolist() == [["12345", "777"]]


def test_a_row_after_the_as_of_date_is_kept() -> None:
    ledger = read(act(), moment=replace(MOMENT, as_of=date(2026, 11, 20)))
    assert ledger.actions.counted.tolist() == [True]


def test_a_rejected_row_is_kept_and_does_not_count() -> None:
    ledger = read(act(Checked=False), act(Checked=0, Manager="Zzz"))
    assert ledger.actions.counted.tolist() == [False]
    assert [issue.code for issue in ledger.issues] == ["rejected", "rejected"]


@pytest.mark.parametrize(
    ("pattern", "evidence", "counts"),
    [
        ("link", "see HTTPS://crm.example/1", True),
        ("link", "www.crm.example", True),
        ("link", "https://", False),
        ("link", "crm 17", False),
        ("CRM-[0-9]+", "card crm-17, signed", True),
        ("CRM-[0-9]+", "CRM-", False),
        ("CRM-[0-9]+", "x" * 2_000 + "CRM-1", False),
        ("(a+)+$", "a" * 1_990 + "!", False),
    ],
)
def test_evidence_looks_like_one_of_its_patterns(pattern: str, evidence: str, counts: bool) -> None:
    """A pattern that never comes to an end on a text does not fit it."""
    assert read(act(Evidence=evidence), settings=patterned(pattern)).actions.counted.tolist() == [counts]


def test_evidence_that_nobody_needs_may_be_blank_but_not_unlike() -> None:
    settings = patterned("link")
    meeting = settings.actions["meeting"].model_copy(update={"evidence": "optional"})
    settings = settings.model_copy(update={"actions": {**settings.actions, "meeting": meeting}})
    rows = [act(Evidence=typed) for typed in ("", "-", "we met")]
    assert read(*rows, settings=settings).actions.counted.tolist() == [True, True, False]


def test_a_repeated_row_counts_once() -> None:
    ledger = read(act(), act(Comment="again"), act(Amount=5), act(Deal="other"), act(Evidence="HTTPS://CRM/1"))
    assert ledger.actions.counted.tolist() == [True, False, False, True, False]
    assert {issue.severity for issue in ledger.issues} == {Severity.WARNING}


def test_rows_without_evidence_are_no_repetition() -> None:
    rows = [act(Action="new_deal", Evidence=typed) for typed in ("", "", "-", "-")]
    assert read(*rows).actions.counted.tolist() == [True] * 4


def test_a_row_that_does_not_count_makes_no_repetition() -> None:
    ledger = read(act(Checked="no"), act(Amount="x"), act())
    assert ledger.actions.counted.tolist() == [False, False, True]
    assert [issue.code for issue in ledger.issues] == ["rejected", "number_unreadable"]


def test_a_repetition_in_another_tab() -> None:
    tabs = {"actions": [RawTab(title, [list(ACTION_HEADER), act()]) for title in ("Log A", "Log B")]}
    ledger = parse(tabs, SETTINGS, MOMENT, "en_US")
    assert ledger.actions.counted.tolist() == [True, False]
    assert "row 2 of Log A" in ledger.issues[0].problem


def test_the_base_keeps_the_first_of_a_key_that_is_right() -> None:
    rows = [client(Manager="Zzz"), client(Stage="1"), client(Stage="2"), client(Deal="other")]
    ledger = read(base=rows)
    assert ledger.base.row.tolist() == [3, 5]
    assert [(issue.code, issue.cell.a1) for issue in ledger.issues] == [
        ("manager_unknown", "C2"),
        ("base_duplicate", "A4"),
    ]


def test_a_repetition_in_the_base_is_reported_at_its_client() -> None:
    assert read(base=[client(), client()]).issues[0].manager == "Anna Petrova"


@pytest.mark.parametrize(
    "row",
    [
        [],
        [""],
        [None] * 11,
        [" ", "\u00a0"],
        line(ACTION_HEADER, Checked=False),
        line(ACTION_HEADER, Checked=True),
        line(ACTION_HEADER, Manager="Anna Petrova"),
        line(ACTION_HEADER, Action="meeting", Checked=False),
        line(ACTION_HEADER, Amount=0, Profit=0.0, Manager="Anna Petrova"),
        [*[""] * 11, "a note beside"],
    ],
)
def test_rows_that_hold_nothing_are_skipped(row: list[Value]) -> None:
    ledger = read(row, act(), row, row, act(Evidence="2"))
    assert ledger.issues == ()
    assert ledger.rows["actions"] == 2
    assert ledger.actions.row.tolist() == [3, 6]


def test_a_gap_ends_a_merged_cell() -> None:
    first, second, third = act(), act(Date="", Evidence="2"), act(Date="", Evidence="3")
    remedies = [issue.remedy for issue in read(first, second, third, [], third).issues]
    assert remedies == [MERGED, MERGED, A_DATE]


def test_a_header_and_nothing_else() -> None:
    ledger = read()
    assert (len(ledger.actions), len(ledger.base), ledger.issues) == (0, 0, ())
    assert ledger.rows == {"actions": 0, "base": 0}


def test_an_empty_tab_is_a_layout_error() -> None:
    with pytest.raises(LayoutError, match="tab Actions: the tab is empty"):
        parse({"actions": [RawTab("Actions", [])]}, SETTINGS, MOMENT, "en_US")


def test_a_tab_in_any_language_shuffled_and_moved() -> None:
    header = ["Заметка", "КЛИЕНТ", "Кунде", "Действие ", "дата", "Продавец", "Подтверждение"]
    rows: list[list[Value]] = [
        ["Журнал"],
        [],
        [],
        list(header),
        ["n", "Acme", "", "Встреча", "24.11.2026", "Аня", "link"],
    ]
    ledger = parse({"actions": [RawTab("Журнал", rows)]}, SETTINGS, MOMENT, "ru_RU")
    assert ledger.issues == ()
    assert ledger.actions[["row", "client", "action", "manager"]].values.tolist() == [
        [5, "Acme", "meeting", "Anna Petrova"]
    ]


def test_a_missing_optional_column_is_blamed_at_the_rows_first_cell() -> None:
    rows: list[list[Value]] = [["", "Date", "Manager", "Action"], ["", SERIAL, "Аня", "meeting"]]
    (issue,) = parse({"actions": [RawTab("Log", rows)]}, SETTINGS, MOMENT, "en_US").issues
    assert (issue.code, issue.cell.a1) == ("evidence_missing", "B2")


# --- tabs by pattern, the finance tab ------------------------------------------------------------------------------


def test_the_tabs_name_gives_the_manager() -> None:
    rows: list[list[Value]] = [["Date", "Action", "Evidence"], [SERIAL, "meeting", "link"]]
    ledger = parse({"actions": [RawTab("Log Аня", rows, "Аня")]}, SETTINGS, MOMENT, "en_US")
    assert ledger.actions.manager.tolist() == ["Anna Petrova"]


def test_a_manager_column_beats_the_tabs_name() -> None:
    rows: list[list[Value]] = [list(ACTION_HEADER), act(Manager="Алёна Королёва"), act(Manager="", Evidence="2")]
    ledger = parse({"actions": [RawTab("Log Аня", rows, "Аня")]}, SETTINGS, MOMENT, "en_US")
    assert ledger.actions.manager.tolist() == ["Алёна Королёва", "Anna Petrova"]


def test_a_tab_of_an_unknown_manager_is_one_issue() -> None:
    row: list[Value] = [SERIAL, "meeting"]
    rows: list[list[Value]] = [["Date", "Action"], row, row, row, row, row]
    ledger = parse({"actions": [RawTab("Log Zoe", rows, "Zoe")]}, SETTINGS, MOMENT, "en_US")
    assert (len(ledger.issues), len(ledger.actions), ledger.rows["actions"]) == (1, 0, 5)


def test_an_empty_tab_of_an_unknown_manager_is_none() -> None:
    tab = RawTab("Log Template", [["Date", "Action"]], "Template")
    assert parse({"actions": [tab]}, SETTINGS, MOMENT, "en_US").issues == ()


FINANCE: list[list[Value]] = [["Date", "Manager", "Amount"], [SERIAL, "Аня", 70]]


def test_payments_count_in_the_finance_tab_alone() -> None:
    finance = RawTab("Finance", list(FINANCE))
    ledger = read(act(), act(Action="payment", Amount=5), settings=configuration(finance="Finance"), finance=finance)
    assert ledger.actions[["tab", "action", "counted"]].values.tolist() == [
        ["Actions", "meeting", True],
        ["Actions", "payment", False],
        ["Finance", "payment", True],
    ]
    assert ledger.rows["actions"] == 3


def test_a_finance_tab_that_a_pattern_matches_too_is_read_once() -> None:
    finance = RawTab("Log Finance", list(FINANCE), "Finance")
    tabs = {"actions": [finance], "finance": [finance]}
    assert len(parse(tabs, configuration(finance="Log Finance"), MOMENT, "en_US").actions) == 1


# --- nothing raises, nothing reaches another row -------------------------------------------------------------------

ANYTHING: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(
        ["#N/A", "24.11.2026", SERIAL, "Аня", "meeting", "payment", "-1", "x" * 50_001, "\ud800", 10**400, "Date"]
    )
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.none(), max_size=1)
)
GOOD = [
    act(Evidence="good 1", Amount="1 234,50"),
    act(Evidence="good 2", Action="trial", Quantity=7),
    act(Evidence="good 3", Action="payment", Amount=100, Profit=20, Manager="Алёна Королёва"),
]
FIGURES = ["date", "manager", "action", "client_key", "evidence", "quantity", "amount", "profit", "counted"]


@hypothesis_settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.lists(ANYTHING, max_size=12)), max_size=4),
    st.sampled_from(["en_US", "ru_RU", "de_DE"]),
)
def test_no_row_raises_or_changes_another(bad: list[tuple[int, list[Value]]], locale: str) -> None:
    rows = list(GOOD)
    for place, row in bad:
        rows.insert(place, row)
    mixed, alone = read(*rows, locale=locale).actions, read(*GOOD, locale=locale).actions
    kept = mixed[mixed.evidence.str.startswith("good ")].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept[FIGURES], alone[FIGURES])


@hypothesis_settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.lists(ANYTHING, max_size=12)), max_size=4))
def test_no_row_of_the_base_raises_or_changes_another(bad: list[tuple[int, list[Value]]]) -> None:
    good = [client(Client="Good 1", Trial_units=3), client(Client="Good 2", Expected_amount="12,5")]
    rows = list(good)
    for place, row in bad:
        rows.insert(place, row)
    mixed, alone = read(base=rows).base, read(base=good).base
    kept = mixed[mixed.client_key.isin(["good 1", "good 2"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept.drop(columns="row"), alone.drop(columns="row"))


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.sampled_from(ACTION_HEADER), ANYTHING)
def test_a_row_is_counted_or_says_why_not(column: str, value: Value) -> None:
    ledger = read(act(**{column: value}))
    if not ledger.actions.counted.any():
        assert ledger.issues


def test_a_wall_of_text_is_read() -> None:
    wall = "я" * 60_000
    ledger = read(
        act(Client=wall, Evidence=wall, Comment=wall), act(Date=wall, Manager=wall, Action=wall, Quantity=wall)
    )
    assert ledger.actions.client_key.tolist() == [wall[:1_000]]
    assert max(len(issue.problem) for issue in ledger.issues) < 200
