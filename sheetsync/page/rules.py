"""Data validation as people meet it: what a dropdown offers, and whether a value fits its rule."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from sheetsync.page.api import Api, Json, RefusalError, quoted

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "NUMBER_GREATER": operator.gt,
    "NUMBER_GREATER_THAN_EQ": operator.ge,
    "NUMBER_LESS": operator.lt,
    "NUMBER_LESS_THAN_EQ": operator.le,
    "NUMBER_EQ": operator.eq,
    "NUMBER_NOT_EQ": operator.ne,
    "DATE_AFTER": operator.gt,
    "DATE_ON_OR_AFTER": operator.ge,
    "DATE_BEFORE": operator.lt,
    "DATE_ON_OR_BEFORE": operator.le,
    "DATE_EQ": operator.eq,
}
_BETWEEN = {"NUMBER_BETWEEN": True, "NUMBER_NOT_BETWEEN": False, "DATE_BETWEEN": True, "DATE_NOT_BETWEEN": False}
_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "TEXT_CONTAINS": lambda text, given: given in text,
    "TEXT_NOT_CONTAINS": lambda text, given: given not in text,
    "TEXT_EQ": operator.eq,
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URL = re.compile(r"(?:(?:https?|ftp)://|mailto:|www\.)\S+", re.IGNORECASE)


class Choices:
    """What the dropdowns of one tab offer; each list is read once."""

    def __init__(self, api: Api, title: str) -> None:
        self._api, self._title = api, title
        self._ranges: dict[str, list[str]] = {}

    def of(self, rule: Json) -> list[str] | None:
        """The offered texts, in order, each once, without blanks; None where the rule is no list."""
        condition = rule.get("condition", {})
        given = [str(each.get("userEnteredValue", "")) for each in condition.get("values", [])]
        if condition.get("type") == "ONE_OF_LIST":
            return list(dict.fromkeys(filter(None, given)))
        if condition.get("type") == "ONE_OF_RANGE" and given:
            if given[0] not in self._ranges:
                self._ranges[given[0]] = self._read(given[0].removeprefix("="))
            return self._ranges[given[0]]
        return None

    def _read(self, reference: str) -> list[str]:
        plain = reference.replace("$", "")
        for range_ in (plain,) if "!" in plain else (f"{quoted(self._title)}!{plain}", plain):
            try:
                rows = self._api.values(range_)
            except RefusalError:
                continue
            return list(dict.fromkeys(str(cell) for row in rows for cell in row if cell != ""))
        return []


def fits(rule: Json, cell: Json, choices: list[str] | None) -> bool:
    """Whether the cell's value satisfies its rule. A blank always does, and whatever only a formula could tell."""
    value: Json = cell.get("effectiveValue", {})
    text = str(cell.get("formattedValue", ""))
    if not value:
        return True
    if choices is not None:
        return text in choices or str(value.get("stringValue", "")) in choices
    condition = rule.get("condition", {})
    kind, given = condition.get("type", ""), [each.get("userEnteredValue", "") for each in condition.get("values", [])]
    return _fits(kind, given, value, text)


def _fits(kind: str, given: list[Any], value: Json, text: str) -> bool:
    number = value.get("numberValue")
    if kind == "BOOLEAN":
        return text in given if given else "boolValue" in value
    if kind == "DATE_IS_VALID":
        return number is not None
    if kind in _TEXT:
        return not given or _TEXT[kind](text.casefold(), str(given[0]).casefold())
    if kind in ("TEXT_IS_EMAIL", "TEXT_IS_URL"):
        return (_EMAIL if kind == "TEXT_IS_EMAIL" else _URL).fullmatch(text) is not None
    if kind not in _COMPARE and kind not in _BETWEEN:
        return True
    if number is None:
        return False
    limits = [_number(each) for each in given]
    if None in limits or not limits:
        return True
    return _within(kind, number, [limit for limit in limits if limit is not None])


def _within(kind: str, number: float, limits: list[float]) -> bool:
    if kind in _COMPARE:
        return _COMPARE[kind](number, limits[0])
    return (min(limits) <= number <= max(limits)) == _BETWEEN[kind]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
