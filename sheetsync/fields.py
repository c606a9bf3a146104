"""What the columns of the managers' tabs ask for, and the lists that their dropdowns and highlighting look names up in.

The Guide tab explains with it and the managers' tabs are prepared with it, so that the two never differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sheetsync.schema import Action, Category, ManagerTab, Settings
from sheetsync.texts import Language

Kind = Literal["date", "count", "money", "key", "text"]
"""How a column is formatted: `key` is text that must not turn into a number or a date (`007`, `1-2`)."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a managers' tab.

    `name` is its canonical name; `what` (what to type) and `needed` (when) are message ids; `width` is in pixels;
    `choices` is the list that its dropdown offers, "" where there is none.
    """

    name: str
    kind: Kind
    width: int
    what: str
    needed: str
    choices: str = ""


LIST = "list_"
"""What the names of the lists' ranges in the Guide begin with, after `sheetsync_`."""

_CYRILLIC = re.compile("[А-Яа-яЁё]")
_ALWAYS = "Always"
_OPTIONAL = "If you like"
_MONEY = "Where money is involved"

FIELDS: Mapping[ManagerTab, tuple[Field, ...]] = {
    "actions": (
        Field("Date", "date", 95, "The day of the action, today at the latest.", _ALWAYS),
        Field("Manager", "text", 160, "Your name: choose it from the list.", _ALWAYS, "managers"),
        Field("Action", "text", 220, "What was done: choose it from the list.", _ALWAYS, "actions"),
        Field(
            "Client",
            "text",
            200,
            "The client's name, written as in the base.",
            "For the actions that name it as needed",
        ),
        Field("Deal", "key", 130, "The deal's name or number, where the client has several.", _OPTIONAL),
        Field(
            "Evidence",
            "text",
            260,
            "What proves it: a link, or a few words that lead to the document. A dot or a dash is no evidence.",
            "For the actions that name it as needed",
        ),
        Field("Quantity", "count", 90, "How many. Blank counts as 1.", "Where one row stands for several"),
        Field("Amount", "money", 130, "Money in {currency}. A refund is negative.", _MONEY),
        Field("Profit", "money", 130, "Gross profit in {currency}, part of the amount.", "For payments"),
        Field("Comment", "text", 240, "Anything worth remembering.", _OPTIONAL),
        Field(
            "Checked",
            "text",
            95,
            "For the head of sales alone: “no” rejects the row. Blank counts.",
            "Leave it to the head of sales",
            "checked",
        ),
    ),
    "base": (
        Field("Client", "text", 220, "The client's name. Client and deal together stand in one row only.", _ALWAYS),
        Field("Deal", "key", 130, "The deal's name or number, where the client has several.", _OPTIONAL),
        Field("Manager", "text", 160, "Whose client it is: choose from the list.", _ALWAYS, "managers"),
        Field(
            "Category",
            "text",
            140,
            "How close the client is to paying. Leave it blank and the criteria decide; what you choose wins.",
            _OPTIONAL,
            "categories",
        ),
        Field("Stage", "text", 150, "Where the deal stands: choose from the list.", "With a deal in work", "stages"),
        Field("Expected payment", "date", 130, "The day on which you expect the money.", "With a deal in work"),
        Field("Expected amount", "money", 140, "Money you expect, in {currency}.", "With a deal in work"),
        Field("Trial units", "count", 100, "How many fixtures stand with the client on trial.", "During a trial"),
        Field("Trial value", "money", 120, "Their value in {currency}.", "During a trial"),
        Field("Trial since", "date", 110, "The day on which they were handed over.", "During a trial"),
        Field("Last contact", "date", 110, "The day of the last talk with the client.", "After every talk"),
        Field("Next step", "text", 260, "What you will do next, and when.", "With a deal in work"),
    ),
}


def named(tab: ManagerTab, name: str) -> Field:
    """The field of that canonical name. Raises KeyError where the tab has none."""
    return {field.name: field for field in FIELDS[tab]}[name]


def looked_up(text: str) -> str:
    """The text as the highlighting compares it, in steps that a spreadsheet formula can repeat: lower case, single
    spaces, `_` as a space, `ё` as `е`."""
    return " ".join(text.replace("_", " ").split()).lower().replace("ё", "е")


def lists(settings: Settings, checked: tuple[str, str]) -> dict[str, list[str]]:
    """Every list by its name. The first five are what dropdowns offer, in the workbook's language; `known_*` holds all
    that is understood; `needs_*` and `refundable` are the understood names of the actions that need a column, and whose
    amount may be negative. All but the first five are as `looked_up`.

    `checked` is yes and no in the workbook's language.
    """
    language = settings.workbook.language
    categories = settings.base.categories
    return {
        "managers": [manager.name for manager in settings.managers],
        "actions": [action.label.text(language) for action in settings.actions.values()],
        "categories": [category.label.text(language) for category in categories],
        "stages": _unique(stage for category in categories for stage in stages(category, language)),
        "checked": list(checked),
        "known_managers": _unique(
            looked_up(name) for manager in settings.managers for name in (manager.name, *manager.aliases)
        ),
        "known_actions": _understood(settings.actions),
        "known_categories": _unique(
            looked_up(name)
            for category in categories
            for name in (category.id, category.label.en, category.label.ru, category.label.de)
        ),
        "needs_evidence": _understood(_needing(settings, "evidence")),
        "needs_client": _understood(_needing(settings, "client")),
        "refundable": _understood({id_: settings.actions[id_] for id_ in _paid(settings)}),
        "needs_amount": _understood(_needing(settings, "amount")),
    }


def stages(category: Category, language: Language) -> list[str]:
    """The stages of a category's criteria that are written as the language is; all of them where none is."""
    every = list(category.when.stage or ())
    written = [stage for stage in every if bool(_CYRILLIC.search(stage)) == (language == "ru")]
    return written or every


def _paid(settings: Settings) -> list[str]:
    """The actions that bring money in: `payment`, and those whose money an indicator sums."""
    summed = {
        id_
        for indicator in settings.indicators.values()
        if indicator.unit == "money" and indicator.sum in ("Amount", "Profit")
        for id_ in indicator.of or ()
    }
    return [id_ for id_ in settings.actions if id_ == "payment" or id_ in summed]


def _needing(settings: Settings, column: Literal["evidence", "client", "amount"]) -> dict[str, Action]:
    return {id_: action for id_, action in settings.actions.items() if getattr(action, column) == "required"}


def _understood(actions: Mapping[str, Action]) -> list[str]:
    return _unique(
        looked_up(name)
        for id_, action in actions.items()
        for name in (id_, action.label.en, action.label.ru, action.label.de)
    )


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
