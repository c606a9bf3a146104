"""What conditional formats add to a cell: boolean and gradient rules of Sheets API v4, in Google's order.

Rules are read once and asked for many cells. Where several rules hit a cell, each property (background, text colour,
bold, ...) is the first rule's that sets it. Conditions are those of BooleanCondition; `meets` judges one alone, as data
validation needs it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from math import floor
from typing import Any, NamedTuple

from sheetsync.local import entered, rendered
from sheetsync.local.locales import EPOCH
from sheetsync.local.syntax import letters

GridRange = Mapping[str, Any]
FormulaTruth = Callable[[str, tuple[int, int], tuple[int, int]], bool]
"""(formula, (row, column) that it is written for, (row, column) of the cell) -> is it true there; 0-based.
`formula.calculator(...).truth` with hosts."""

Value = Mapping[str, Any]
Test = Callable[[int, int, Value], bool]
"""(row, column, effective value) -> does the condition hold."""

_THEME = {
    "TEXT": (0, 0, 0),
    "BACKGROUND": (255, 255, 255),
    "ACCENT1": (66, 133, 244),
    "ACCENT2": (234, 67, 53),
    "ACCENT3": (251, 188, 4),
    "ACCENT4": (52, 168, 83),
    "ACCENT5": (255, 109, 1),
    "ACCENT6": (70, 189, 198),
    "LINK": (17, 85, 204),
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URL = re.compile(r"(?:(?:https?|ftp)://|mailto:|www\.)\S+", re.IGNORECASE)


class Circumstances(NamedTuple):
    """What conditions depend on besides the cell. `origin`: the (row, column) that formulas are written for."""

    formula_truth: FormulaTruth
    origin: tuple[int, int]
    today: date
    locale: str


class Overlay:
    """The conditional formats of one tab, read once and asked for many cells.

    `rules` are ConditionalFormatRules in the tab's order. `values` gives the effective ExtendedValues of the cells in
    a GridRange (any order; blanks may be missing): gradients need the extremes of their ranges; asked at most once a
    range and only when a gradient is hit. A rule that is not understood formats nothing.
    """

    def __init__(
        self,
        rules: Sequence[Mapping[str, Any]],
        formula_truth: FormulaTruth,
        values: Callable[[dict[str, Any]], Iterable[dict[str, Any]]],
        *,
        today: date,
        locale: str = "en_US",
    ) -> None:
        self._rules: list[_Boolean | _Gradient] = []
        for rule in rules:
            areas = [_area(grid_range) for grid_range in rule.get("ranges", [])]
            if "gradientRule" in rule:
                self._rules.append(_Gradient(rule, areas, values, Circumstances(formula_truth, (0, 0), today, locale)))
            elif "booleanRule" in rule and areas:
                around = Circumstances(formula_truth, (areas[0].top, areas[0].left), today, locale)
                self._rules.append(_Boolean(rule["booleanRule"], areas, around))

    def width(self, row: int, columns: int) -> int:
        """Just past the last column that rules have in that row of a grid of so many columns; 0 where none has any."""
        areas = (area for rule in self._rules for area in rule.areas if area.has(row, area.left))
        return max((columns if area.right is None else area.right for area in areas), default=0)

    def at(self, row: int, column: int, value: Value) -> dict[str, Any]:
        """The CellFormat fields that the rules add to the cell (0-based) with that effective value ({}: blank)."""
        added: dict[str, Any] = {}
        settled: set[str] = set()
        for rule in self._rules:
            if any(area.has(row, column) for area in rule.areas) and (found := rule.format(row, column, value)):
                _add(found, added, settled)
        return added


def overlay(
    rules: Sequence[Mapping[str, Any]],
    row: int,
    column: int,
    value: Value,
    formula_truth: FormulaTruth,
    values: Callable[[dict[str, Any]], Iterable[dict[str, Any]]],
    *,
    today: date,
    locale: str = "en_US",
) -> dict[str, Any]:
    """`Overlay(...).at(row, column, value)`, for a single cell."""
    return Overlay(rules, formula_truth, values, today=today, locale=locale).at(row, column, value)


def meets(condition: Mapping[str, Any], row: int, column: int, value: Value, around: Circumstances) -> bool:
    """Whether the cell (0-based) with that effective value satisfies a BooleanCondition."""
    return test_of(condition, around)(row, column, value)


def _add(found: Mapping[str, Any], added: dict[str, Any], settled: set[str]) -> None:
    """Put in what no earlier rule has settled. A colour and its ColorStyle twin are one property."""
    new = set()
    for group, target in ((found, added), (found.get("textFormat", {}), added.setdefault("textFormat", {}))):
        for name, setting in group.items():
            family = f"{id(group) != id(found)}.{name.removesuffix('Style')}"
            if name != "textFormat" and family not in settled:
                target[name] = setting
                new.add(family)
    settled |= new
    if not added["textFormat"]:
        del added["textFormat"]


class _Area(NamedTuple):
    """A GridRange; ends exclusive, None where it is open."""

    top: int
    left: int
    bottom: int | None
    right: int | None

    def has(self, row: int, column: int) -> bool:
        return (
            self.top <= row
            and self.left <= column
            and (self.bottom is None or row < self.bottom)
            and (self.right is None or column < self.right)
        )


def _area(grid_range: GridRange) -> _Area:
    return _Area(
        grid_range.get("startRowIndex", 0),
        grid_range.get("startColumnIndex", 0),
        grid_range.get("endRowIndex"),
        grid_range.get("endColumnIndex"),
    )


class _Boolean:
    def __init__(self, rule: Mapping[str, Any], areas: list[_Area], around: Circumstances) -> None:
        self.areas = areas
        self._format: Mapping[str, Any] = rule.get("format", {})
        self._test = test_of(rule.get("condition", {}), around)

    def format(self, row: int, column: int, value: Value) -> Mapping[str, Any]:
        return self._format if self._test(row, column, value) else {}


# --- conditions ----------------------------------------------------------------------------------------------------


def test_of(condition: Mapping[str, Any], around: Circumstances) -> Test:
    """A BooleanCondition as a test of (row, column, effective value); for many cells quicker than `meets`."""
    kind = condition.get("type", "")
    wanted = condition.get("values", [])
    typed = [str(one.get("userEnteredValue", "")) for one in wanted]
    if kind == "CUSTOM_FORMULA":
        return _by_formula(typed[0], around) if typed else _never
    cell = f"{letters(around.origin[1])}{around.origin[0] + 1}"
    if kind == "ONE_OF_RANGE":
        return _by_formula(f"=COUNTIF({typed[0].removeprefix('=')};{cell})>0", around) if typed else _never
    if kind in _FORMULAS and any(text.startswith(("=", "+")) for text in typed):
        return _by_formula(_FORMULAS[kind].format(*map(_expression, [*typed, ""][:2]), cell=cell), around)
    if kind.startswith("NUMBER_"):
        return _number_test(kind, [_typed_number(text, around) for text in typed])
    if kind.startswith("DATE_"):
        return _date_test(kind, wanted, around)
    return _text_test(kind, [_folded(text) for text in typed], around.locale)


def _never(_row: int, _column: int, _value: Value) -> bool:
    return False


def _by_formula(text: str, around: Circumstances) -> Test:
    formula = text if text.startswith("=") else f"={text}"
    return lambda row, column, _value: around.formula_truth(formula, around.origin, (row, column))


_FORMULAS = {
    "NUMBER_GREATER": "=AND(ISNUMBER({cell});{cell}>({0}))",
    "NUMBER_GREATER_THAN_EQ": "=AND(ISNUMBER({cell});{cell}>=({0}))",
    "NUMBER_LESS": "=AND(ISNUMBER({cell});{cell}<({0}))",
    "NUMBER_LESS_THAN_EQ": "=AND(ISNUMBER({cell});{cell}<=({0}))",
    "NUMBER_EQ": "=AND(ISNUMBER({cell});{cell}=({0}))",
    "NUMBER_NOT_EQ": "=AND(NOT(ISBLANK({cell}));{cell}<>({0}))",
    "NUMBER_BETWEEN": "=AND(ISNUMBER({cell});{cell}>=({0});{cell}<=({1}))",
    "NUMBER_NOT_BETWEEN": "=AND(ISNUMBER({cell});OR({cell}<({0});{cell}>({1})))",
    "TEXT_CONTAINS": "=ISNUMBER(FIND(LOWER({0});LOWER({cell})))",
    "TEXT_NOT_CONTAINS": "=NOT(ISNUMBER(FIND(LOWER({0});LOWER({cell}))))",
    "TEXT_STARTS_WITH": "=LEFT({cell};LEN({0}))=({0})",
    "TEXT_ENDS_WITH": "=RIGHT({cell};LEN({0}))=({0})",
    "TEXT_EQ": '={cell}&""=({0})&""',
    "TEXT_NOT_EQ": '={cell}&""<>({0})&""',
    "DATE_EQ": "=AND(ISNUMBER({cell});INT({cell})=INT({0}))",
    "DATE_NOT_EQ": "=AND(ISNUMBER({cell});INT({cell})<>INT({0}))",
    "DATE_BEFORE": "=AND(ISNUMBER({cell});INT({cell})<INT({0}))",
    "DATE_AFTER": "=AND(ISNUMBER({cell});INT({cell})>INT({0}))",
    "DATE_ON_OR_BEFORE": "=AND(ISNUMBER({cell});INT({cell})<=INT({0}))",
    "DATE_ON_OR_AFTER": "=AND(ISNUMBER({cell});INT({cell})>=INT({0}))",
    "DATE_BETWEEN": "=AND(ISNUMBER({cell});INT({cell})>=INT({0});INT({cell})<=INT({1}))",
    "DATE_NOT_BETWEEN": "=AND(ISNUMBER({cell});OR(INT({cell})<INT({0});INT({cell})>INT({1})))",
}
"""Conditions whose values are formulas, as formulas about the cell."""


def _expression(text: str) -> str:
    """A condition's value within a formula."""
    if text.startswith(("=", "+")):
        return text[1:]
    return '"' + text.replace('"', '""') + '"' if re.search(r"[^\d.,]", text) else text or '""'


def _typed_number(text: str, around: Circumstances) -> float | None:
    value, _ = entered.parse(text, around.locale, None, around.today)
    number = (value or {}).get("numberValue")
    return None if number is None else float(number)


def _judge(kind: str, number: float, limits: Sequence[float]) -> bool:
    """Compare by the last words of a condition's type; `limits` are its one or two values."""
    low, high = limits[0], limits[-1]
    outcomes: dict[str, bool] = {
        "GREATER": number > low,
        "AFTER": number > low,
        "GREATER_THAN_EQ": number >= low,
        "ON_OR_AFTER": number >= low,
        "LESS": number < low,
        "BEFORE": number < low,
        "LESS_THAN_EQ": number <= low,
        "ON_OR_BEFORE": number <= low,
        "EQ": number == low,
        "NOT_EQ": number != low,
        "BETWEEN": low <= number <= high,
        "NOT_BETWEEN": not low <= number <= high,
    }
    return outcomes.get(kind, False)


def _number_test(kind: str, limits: list[float | None]) -> Test:
    known = [limit for limit in limits if limit is not None]
    word = kind.removeprefix("NUMBER_")
    if len(known) != len(limits) or not known:
        return _never

    def holds(_row: int, _column: int, value: Value) -> bool:
        if "numberValue" in value:
            return _judge(word, float(value["numberValue"]), known)
        return word == "NOT_EQ" and bool(value.get("stringValue"))

    return holds


def _date_test(kind: str, wanted: Sequence[Mapping[str, Any]], around: Circumstances) -> Test:
    if kind == "DATE_IS_VALID":
        return lambda _row, _column, value: "numberValue" in value
    spans = [_days(one, around) for one in wanted]
    word = kind.removeprefix("DATE_")
    first, last = (spans[0], spans[-1]) if spans else (None, None)
    if first is None or last is None:
        return _never
    limits = [first.named, last.named]

    def holds(_row: int, _column: int, value: Value) -> bool:
        if "numberValue" not in value:
            return False
        day: int = floor(value["numberValue"])
        if word in ("EQ", "NOT_EQ"):
            return (first.start <= day <= first.end) == (word == "EQ")
        return _judge(word, day, limits)

    return holds


class _Days(NamedTuple):
    """Serials: the day that a condition names, and the stretch of days that it is equal to."""

    named: int
    start: int
    end: int


def _days(wanted: Mapping[str, Any], around: Circumstances) -> _Days | None:
    today = (around.today - EPOCH).days
    relative = wanted.get("relativeDate")
    if relative in ("YESTERDAY", "TODAY", "TOMORROW"):
        day = today + {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}[relative]
        return _Days(day, day, day)
    if relative in ("PAST_WEEK", "PAST_MONTH", "PAST_YEAR"):
        day = (_past(relative, around.today) - EPOCH).days
        return _Days(day, day, today)
    number = _typed_number(str(wanted.get("userEnteredValue", "")), around)
    return None if number is None else _Days(floor(number), floor(number), floor(number))


def _past(relative: str, today: date) -> date:
    if relative == "PAST_WEEK":
        return today - timedelta(days=7)
    year, month = (
        (today.year - 1, today.month) if relative == "PAST_YEAR" else divmod(today.year * 12 + today.month - 2, 12)
    )
    month = month if relative == "PAST_YEAR" else month + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _folded(text: str) -> str:
    return text.casefold()


def _text_test(kind: str, wanted: list[str], locale: str) -> Test:
    judge = _TEXTS.get(kind)
    if judge is None:
        return _never
    return lambda _row, _column, value: judge(rendered.render(dict(value), None, locale).casefold(), wanted)


def _first(wanted: list[str]) -> str:
    return wanted[0] if wanted else ""


_TEXTS: dict[str, Callable[[str, list[str]], bool]] = {
    "BLANK": lambda text, _wanted: not text,
    "NOT_BLANK": lambda text, _wanted: bool(text),
    "BOOLEAN": lambda text, wanted: text in (wanted or ["true", "false"]),
    "ONE_OF_LIST": lambda text, wanted: text in wanted,
    "TEXT_CONTAINS": lambda text, wanted: bool(text) and _first(wanted) in text,
    "TEXT_NOT_CONTAINS": lambda text, wanted: _first(wanted) not in text,
    "TEXT_STARTS_WITH": lambda text, wanted: bool(text) and text.startswith(_first(wanted)),
    "TEXT_ENDS_WITH": lambda text, wanted: bool(text) and text.endswith(_first(wanted)),
    "TEXT_EQ": lambda text, wanted: text == _first(wanted),
    "TEXT_NOT_EQ": lambda text, wanted: text != _first(wanted),
    "TEXT_IS_EMAIL": lambda text, _wanted: _EMAIL.fullmatch(text) is not None,
    "TEXT_IS_URL": lambda text, _wanted: _URL.fullmatch(text) is not None,
}
"""Conditions about what a cell says, without regard to case. (text of the cell, wanted texts), both folded."""


# --- gradients -----------------------------------------------------------------------------------------------------


class _Stop(NamedTuple):
    """A point of a gradient: a number and its colour, red, green, blue from 0 to 255."""

    number: float
    colour: tuple[float, float, float]


class _Gradient:
    def __init__(
        self,
        rule: Mapping[str, Any],
        areas: list[_Area],
        values: Callable[[dict[str, Any]], Iterable[dict[str, Any]]],
        around: Circumstances,
    ) -> None:
        self.areas = areas
        self._rule, self._values, self._around = rule, values, around

    def format(self, _row: int, _column: int, value: Value) -> Mapping[str, Any]:
        if "numberValue" not in value or not self._stops:
            return {}
        colour = _between(self._stops, value["numberValue"])
        shown = {
            name: round(part) / 255 for name, part in zip(("red", "green", "blue"), colour, strict=True) if round(part)
        }
        return {"backgroundColor": shown, "backgroundColorStyle": {"rgbColor": shown}}

    @cached_property
    def _stops(self) -> list[_Stop]:
        """In rising order; none where a point can't be read."""
        points = [self._rule["gradientRule"].get(name) for name in ("minpoint", "midpoint", "maxpoint")]
        numbers = sorted(self._numbers())
        stops = []
        for point in points:
            number = self._position(point, numbers) if point else None
            if point and number is None:
                return []
            if point and number is not None:
                stops.append(_Stop(number, _colour(point)))
        return sorted(stops, key=lambda stop: stop.number)

    def _numbers(self) -> Iterator[float]:
        for grid_range in self._rule.get("ranges", []):
            for value in self._values(grid_range):
                if "numberValue" in value:
                    yield value["numberValue"]

    def _position(self, point: Mapping[str, Any], numbers: Sequence[float]) -> float | None:
        kind = point.get("type")
        if kind in ("MIN", "MAX"):
            return (numbers[0] if kind == "MIN" else numbers[-1]) if numbers else 0.0
        share = _typed_number(str(point.get("value", "")), self._around)
        if share is None or kind == "NUMBER" or not numbers:
            return share
        if kind == "PERCENT":
            return numbers[-1] * share / 100 + numbers[0] * (1 - share / 100)
        return _percentile(numbers, min(max(share / 100, 0), 1)) if kind == "PERCENTILE" else None


def _percentile(numbers: Sequence[float], share: float) -> float:
    """As PERCENTILE: between the two nearest ranks, in proportion. `numbers` are sorted, `share` is 0 to 1."""
    place = share * (len(numbers) - 1)
    low = floor(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def _colour(point: Mapping[str, Any]) -> tuple[float, float, float]:
    style = point.get("colorStyle", {})
    if "themeColor" in style:
        return _THEME.get(style["themeColor"], (255, 255, 255))
    parts = style.get("rgbColor", point.get("color", {}))
    return parts.get("red", 0) * 255, parts.get("green", 0) * 255, parts.get("blue", 0) * 255


def _between(stops: Sequence[_Stop], number: float) -> tuple[float, float, float]:
    """The colour at a number: the ends' beyond them, in proportion between two points."""
    if number <= stops[0].number:
        return stops[0].colour
    for low, high in pairwise(stops):
        if number <= high.number:
            share = (number - low.number) / (high.number - low.number)
            red, green, blue = (a + (b - a) * share for a, b in zip(low.colour, high.colour, strict=True))
            return red, green, blue
    return stops[-1].colour
