"""The mistakes that rows hold: for each its code, how bad it is, what is wrong, what to do, and what it does to the
figures. English message ids; `locale/*/mistakes.po` translates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sheetsync.cells import Fault
from sheetsync.model import CellRef, Issue, Severity
from sheetsync.texts import Texts

NOT_COUNTED = "Not counted."
COUNTED = "Counted."
BLANK = "The cell counts as blank."
LONGEST_TYPED = 200


@dataclass(frozen=True, slots=True)
class Mistake:
    """`problem`, `remedy` and `effect` are message ids, with `{fields}` that the row fills in."""

    severity: Severity
    problem: str
    remedy: str
    effect: str


def _error(problem: str, remedy: str, effect: str = NOT_COUNTED) -> Mistake:
    return Mistake(Severity.ERROR, problem, remedy, effect)


def _warning(problem: str, remedy: str, effect: str = COUNTED) -> Mistake:
    return Mistake(Severity.WARNING, problem, remedy, effect)


_WRITE_DATE = "Enter the date with day, month and year, such as 24 Nov 2026."
_WRITE_NUMBER = "Enter only the number, such as 1234.50."
_MERGED = (
    "Enter it in this row too; if its cell is merged with the one above, unmerge them: only the top cell is filled."
)
_NEAR = 'Did you mean "{nearest}"? Choose it from the list.'

_IN_A_CELL = {
    "formula_error": _error('The formula in "{column}" shows an error.', "Mend the formula, or enter the value."),
    "date_unreadable": _error('"{column}" can\'t be read as a date.', _WRITE_DATE),
    "date_without_year": _error('The date in "{column}" has no year.', _WRITE_DATE),
    "date_implausible": _error('The year in "{column}" is outside {first}–{last}.', "Correct the date."),
    "number_unreadable": _error('"{column}" can\'t be read as a number.', _WRITE_NUMBER),
    "number_ambiguous": _error('"{column}" can be read as two different numbers.', _WRITE_NUMBER),
    "number_boolean": _error('"{column}" holds TRUE or FALSE instead of a number.', _WRITE_NUMBER),
    "number_percent": _error('"{column}" holds a percentage.', _WRITE_NUMBER),
    "number_too_large": _error('The number in "{column}" is too large to be true.', "Correct the number."),
}
"""What any cell may have. `<code>/base` is the same in the base, where the row stays."""

MISTAKES: Mapping[str, Mistake] = {
    **_IN_A_CELL,
    **{f"{code}/base": replace(it, severity=Severity.WARNING, effect=BLANK) for code, it in _IN_A_CELL.items()},
    "number_fraction": _warning(
        '"{column}" has fractions of a cent.', "Enter at most two decimals.", "Counted as {value}."
    ),
    "column_repeated": _warning(
        'A second column is called "{column}".', "Rename or delete this one.", "Only the first one is read."
    ),
    # dates
    "date_missing": _error("The date is missing.", _WRITE_DATE),
    "date_missing/merged": _error("The date is missing.", _MERGED),
    "date_future": _error("The date is after today.", "Enter the day on which it happened; plans don't count."),
    "date_outside": _error(
        "Nobody was employed on this date.",
        "Correct the date, or `from` and `until` of the managers in the configuration.",
    ),
    "date_not_employed": _warning(
        "{manager} was not employed on this date.",
        "Correct the date or the manager, or `from` and `until` in the configuration.",
    ),
    # names
    "manager_missing": _error("The manager is missing.", "Choose the manager from the list."),
    "manager_missing/merged": _error("The manager is missing.", _MERGED),
    "manager_unknown": _error(
        'No manager is called "{name}".', "Choose a name from the list, or add this one to the configuration."
    ),
    "manager_unknown/near": _error('No manager is called "{name}".', _NEAR),
    "manager_unknown/tab": _error(
        'The tab\'s name gives the manager "{name}", whom the configuration does not know.',
        "Rename the tab, or add the manager or an alias to the configuration.",
        "None of the tab's rows is counted.",
    ),
    "action_missing": _error("The action is missing.", "Choose the action from the list."),
    "action_missing/merged": _error("The action is missing.", _MERGED),
    "action_unknown": _error('No action is called "{name}".', "Choose an action from the list."),
    "action_unknown/near": _error('No action is called "{name}".', _NEAR),
    # what an action needs
    "evidence_missing": _error(
        '"{action}" counts only with evidence.', "Enter the evidence: a link, a number or a text."
    ),
    "evidence_missing/what": _error('"{action}" counts only with evidence.', "Enter the evidence. {what}."),
    "evidence_void": _error(
        "This only fills the place of an evidence.", "Enter the evidence: a link, a number or a text."
    ),
    "evidence_void/what": _error("This only fills the place of an evidence.", "Enter the evidence. {what}."),
    "evidence_unlike": _error('"{typed}" is no such evidence as "{action}" needs.', "Enter it like this: {expected}"),
    "evidence_unlike/what": _error(
        '"{typed}" is no such evidence as "{action}" needs.', "Enter it like this: {expected}. {what}."
    ),
    "client_missing": _error('"{action}" counts only with a client.', "Enter the client."),
    "amount_missing": _error('"{action}" counts only with an amount.', "Enter the amount; 0 where it is nothing."),
    # figures
    "quantity_negative": _error("The quantity is negative.", "Correct the quantity."),
    "quantity_zero": _warning(
        "The quantity is 0.", "Enter the quantity; left blank it counts as 1.", "Counted with quantity 0."
    ),
    "quantity_fraction": _warning(
        "The quantity is not a whole number.", "Correct the quantity.", "Counted with quantity {value}."
    ),
    "amount_negative": _error(
        '"{column}" is negative.', "Correct the number; only a payment may be negative, as a refund."
    ),
    "refund": _warning("The amount is negative.", "Correct it, unless it is a refund.", "Counted as a refund."),
    "loss": _warning("The profit is negative.", "Correct it, unless the deal made a loss.", "Counted as a loss."),
    # rows
    "rejected": _error(
        'Rejected in "{column}".', "Settle it with the head of sales, who clears the cell when the row is right."
    ),
    "checked_unclear": _warning(
        '"{column}" says neither yes nor no.', "Enter yes or no, or leave it blank; remarks go into the comment."
    ),
    "duplicate": _warning(
        "The same manager, date, action, client, deal and evidence as in row {row} of {tab}.",
        "Delete one of the two rows, or give each its own evidence.",
        "The two rows count once.",
    ),
    "finance_elsewhere": _error('"{action}" counts only in the tab {tab}.', "Enter it there, and delete it here."),
    # the base
    "base_client_missing": _error("The client is missing.", "Enter the client, or clear the row."),
    "base_duplicate": _error("This client and deal are already in row {row}.", "Keep one of the two rows."),
    "category_unknown": _warning(
        'No category is called "{name}".', "Choose a category from the list, or clear the cell.", BLANK
    ),
    "category_unknown/near": _warning('No category is called "{name}".', _NEAR, BLANK),
    "date_future/base": _warning('"{column}" is after today.', "Enter the day on which it was.", BLANK),
    "number_negative/base": _warning('"{column}" is negative.', "Correct the number.", BLANK),
}
"""By code; `<code>/<variant>` has the code before the stroke."""

NUMBER_FAULTS: Mapping[Fault, str] = {
    Fault.UNREADABLE: "number_unreadable",
    Fault.AMBIGUOUS: "number_ambiguous",
    Fault.FORMULA: "formula_error",
    Fault.BOOLEAN: "number_boolean",
    Fault.PERCENT: "number_percent",
    Fault.TOO_LARGE: "number_too_large",
}
DAY_FAULTS: Mapping[Fault, str] = {
    Fault.UNREADABLE: "date_unreadable",
    Fault.FORMULA: "formula_error",
    Fault.BOOLEAN: "date_unreadable",
    Fault.NO_YEAR: "date_without_year",
    Fault.IMPLAUSIBLE: "date_implausible",
}


def issue(
    key: str, cell: CellRef, speak: Texts, fields: Mapping[str, object], *, typed: str, manager: str, day: date | None
) -> Issue:
    """The mistake `key` of `MISTAKES` at a cell, in `speak`'s language; `typed` is cut to 200 characters."""
    mistake = MISTAKES[key]
    return Issue(
        severity=mistake.severity,
        code=key.partition("/")[0],
        cell=cell,
        manager=manager,
        typed=typed[:LONGEST_TYPED],
        problem=speak(mistake.problem, **fields),
        remedy=speak(mistake.remedy, **fields),
        effect=speak(mistake.effect, **fields),
        day=day,
    )
