"""What is highlighted in the managers' tabs while somebody types, and why.

A rule paints what parsing will say of a row, as a formula; `tests/test_entry_rules.py` holds the two together. It knows
columns and lists by name: where those are, `highlighting` finds out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sheetsync.layout import Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """A highlighting.

    `formula` has `{Column}` for the cell of that column in the row, and `{#list}` for a list of the Guide. `column` is
    what is painted, "" the whole row. `reason` is a message id for the note of that column's header, or of `noted`'s.
    Orange rows do not count, blue ones do.
    """

    name: str
    column: str
    tint: str
    formula: str
    reason: str
    noted: str = ""


def _key(column: str) -> str:
    """The cell as `fields.looked_up` has it."""
    spaced = f'SUBSTITUTE(SUBSTITUTE({{{column}}};CHAR(160);" ");"_";" ")'
    return f'SUBSTITUTE(LOWER(TRIM({spaced}));"ё";"е")'


def _among(column: str, name: str) -> str:
    return f'AND({{{column}}}<>"";COUNTIF({{#{name}}};{_key(column)})>0)'


def _unknown(column: str, name: str) -> str:
    return f'AND({{{column}}}<>"";NOT({_among(column, name)}))'


def _no_digit(column: str) -> str:
    return f'AND({{{column}}}<>"";NOT(ISNUMBER({{{column}}}));NOT(REGEXMATCH({{{column}}}&"";"[0-9]")))'


def _below_zero(column: str) -> str:
    return f"AND(ISNUMBER({{{column}}});{{{column}}}<0)"


def _after_today(column: str) -> str:
    return f"AND(ISNUMBER({{{column}}});{{{column}}}>=TODAY()+1)"


_TOO_OLD = "AND(ISNUMBER({Date});{Date}<36526)"  # before 2000
_NO_EVIDENCE = (
    'OR(NOT(REGEXMATCH({Evidence}&"";"[0-9A-Za-zÀ-ÖØ-öø-ÿА-Яа-яЁё]"));'
    f'REGEXMATCH({_key("Evidence")};"^(x+|х+|0|n/?a|none|no|nil|tbd|todo|false|нету?|н/д|ложь|nein|keine?|k\\.a|falsch)\\.?$"))'
)
_NO = 'REGEXMATCH({key};"^(no|false|0|нет|ложь|nein|falsch)[.!]*$")'.replace("{key}", _key("Checked"))
_YES = 'REGEXMATCH({key};"^(yes|y|true|1|[+]|ok|✓|✔|да|д|истина|ок|ja|j|wahr)[.!]*$")'.replace("{key}", _key("Checked"))


def _log_rules(begun: str) -> tuple[Rule, ...]:
    """The rules of an action log; `begun` is the column that says that the row is one."""
    late = f'OR(AND({{Date}}="";{begun}<>"");{_after_today("Date")};{_TOO_OLD};{_no_digit("Date")})'
    nobody = f'OR(AND({{Manager}}="";{begun}<>"");{_unknown("Manager", "known_managers")})'
    nothing = f'OR(AND({{Action}}="";{{Date}}<>"";{begun}="");{_unknown("Action", "known_actions")})'
    amount = (
        f'OR(AND({{Amount}}="";{_among("Action", "needs_amount")});{_no_digit("Amount")};'
        f'AND({_below_zero("Amount")};{{Action}}<>"";NOT({_among("Action", "refundable")})))'
    )
    refund = f'AND({_below_zero("Amount")};OR({{Action}}="";{_among("Action", "refundable")}))'
    return (
        Rule("rejected", "", "grey", _NO, "Grey, struck through: rejected, does not count.", "Checked"),
        Rule(
            "date",
            "Date",
            "orange",
            late,
            "Orange: no date, one after today or before 2000, or a text without a number.",
        ),
        Rule(
            "date text",
            "Date",
            "blue",
            'AND(ISTEXT({Date});REGEXMATCH({Date}&"";"[0-9]"))',
            "Blue: the date is text, and counts only if it can be read; better enter it anew.",
        ),
        Rule("manager", "Manager", "orange", nobody, "Orange: missing, or not on the list."),
        Rule("action", "Action", "orange", nothing, "Orange: missing, or not on the list."),
        Rule(
            "client",
            "Client",
            "orange",
            f'AND({{Client}}="";{_among("Action", "needs_client")})',
            "Orange: missing, and the action needs it.",
        ),
        Rule(
            "evidence",
            "Evidence",
            "orange",
            f"AND({_among('Action', 'needs_evidence')};{_NO_EVIDENCE})",
            "Orange: missing, and the action needs it.",
        ),
        Rule(
            "quantity",
            "Quantity",
            "orange",
            f"OR({_no_digit('Quantity')};{_below_zero('Quantity')})",
            "Orange: no number, or a negative one.",
        ),
        Rule(
            "amount",
            "Amount",
            "orange",
            amount,
            "Orange: missing though the action needs it, no number, or negative though it is no payment.",
        ),
        Rule("refund", "Amount", "blue", refund, "Blue: negative, counted as a refund."),
        Rule("profit", "Profit", "orange", _no_digit("Profit"), "Orange: no number."),
        Rule(
            "checked",
            "Checked",
            "blue",
            f'AND({{Checked}}<>"";NOT({_NO});NOT({_YES}))',
            "Blue: neither yes nor no; the row counts.",
        ),
    )


_BLANK_FIGURE = "Blue: no number, or a negative one; it counts as blank."
_BLANK_DAY = "Blue: after today, or can't be read as a date; it counts as blank."
_CLIENT_ROW = "{Deal}&{Expected payment}&{Expected amount}&{Trial units}&{Trial since}&{Last contact}&{Next step}"

RULES: Mapping[Kind, tuple[Rule, ...]] = {
    "actions": _log_rules("{Action}"),
    "finance": _log_rules("{Amount}"),
    "base": (
        Rule(
            "client",
            "Client",
            "orange",
            f'AND({{Client}}="";{_CLIENT_ROW}<>"")',
            "Orange: missing; the row is left out.",
        ),
        Rule(
            "manager",
            "Manager",
            "orange",
            f'OR(AND({{Manager}}="";{{Client}}<>"");{_unknown("Manager", "known_managers")})',
            "Orange: missing, or not on the list; the row is left out.",
        ),
        Rule(
            "category",
            "Category",
            "blue",
            _unknown("Category", "known_categories"),
            "Blue: not on the list; it counts as blank.",
        ),
        Rule(
            "payment",
            "Expected payment",
            "blue",
            f"OR({_no_digit('Expected payment')};AND(ISNUMBER({{Expected payment}});{{Expected payment}}<TODAY()))",
            "Blue: overdue, or can't be read as a date.",
        ),
        *(
            Rule(name.lower(), name, "blue", f"OR({_no_digit(name)};{_below_zero(name)})", _BLANK_FIGURE)
            for name in ("Expected amount", "Trial units", "Trial value")
        ),
        *(
            Rule(name.lower(), name, "blue", f"OR({_no_digit(name)};{_after_today(name)})", _BLANK_DAY)
            for name in ("Trial since", "Last contact")
        ),
    ),
}
