"""How a value looks in its cell (`formattedValue`): number formats of Google Sheets and Excel, by locale.

A pattern has up to four sections (`positive;negative;zero;text`), each perhaps with a condition (`[>=100]`). A section
is read once into tokens, and shows a number, a date, or a text. Colours are no text and are left out.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from sheetsync.local.locales import EPOCH, Conventions, conventions

ERRORS = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}
"""ErrorValue type -> what the cell shows; `#ERROR!` for all others."""

MAX_PATTERN = 1_000
"""Characters of a pattern; a longer one shows nothing but the value."""

_DAY = 86_400_000  # milliseconds
_UNFILLED = {"0": "0", "?": " ", "#": ""}
_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | \\(?P<escaped>.) | _(?P<gap>.) | \*(?P<fill>.) | \[(?P<bracket>[^\]]*)\]
    | (?P<half>am/pm|a/p) | (?P<general>general) | e(?P<exponent>[+-])
    | (?P<clock>y+|m+|d+|h+|s+) | (?P<digit>[0#?]) | (?P<point>\.) | (?P<comma>,)
    | (?P<percent>%) | (?P<value>@) | (?P<end>;) | (?P<literal>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\s*(<=|>=|<>|=|<|>)\s*(-?\d{1,300}(?:\.\d{1,300})?)\s*")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


class Token(NamedTuple):
    """A piece of a pattern; `kind`: literal, digit, point, comma, percent, exponent, value, clock, elapsed or half."""

    kind: str
    text: str


class Simple(NamedTuple):
    """`before` and `after` stand around a number in Python's format `form` with so many `decimals`, percent applied."""

    before: str
    form: str
    decimals: int
    after: str
    percents: int


@dataclass(frozen=True)
class Section:
    """One section of a pattern. `condition` is (operator, threshold) or None."""

    tokens: tuple[Token, ...]
    condition: tuple[str, Decimal] | None = None

    @cached_property
    def simple(self) -> Simple | None:
        """The section as a plain number with texts around it, which most are; None for all others."""
        kinds = "".join({"literal": "l", "percent": "%", "value": "@"}.get(t.kind, t.text) for t in self.tokens)
        match = re.fullmatch(r"(l*)(#,##0|0)(\.0+)?([l%]*)", kinds)
        if match is None:
            return None
        texts = [token.text for token in self.tokens]
        decimals = len(match[3] or ".") - 1
        before, after = "".join(texts[: match.end(1)]), "".join(texts[match.start(4) :])
        return Simple(before, f"{',' if ',' in match[2] else ''}.{decimals}f", decimals, after, match[4].count("%"))

    def has(self, *kinds: str) -> bool:
        return any(token.kind in kinds for token in self.tokens)

    def holds(self, number: Decimal) -> bool:
        return self.condition is None or _COMPARE[self.condition[0]](number, self.condition[1])

    @property
    def only_negative(self) -> bool:
        """Whether only negative numbers come here, so that their sign says nothing."""
        return self.condition is not None and (
            (self.condition[0] == "<" and self.condition[1] <= 0)
            or (self.condition[0] == "<=" and self.condition[1] < 0)
        )


def render(effective: dict[str, Any], number_format: dict[str, Any] | None, locale: str) -> str:
    """The text that the cell shows for an effective ExtendedValue ({} is a blank: ""). Never raises.

    `number_format` is a NumberFormat; None, or one without a pattern and a known type, is automatic. `locale` is the
    spreadsheet's (`ru_RU`). Numbers are rounded half away from zero, from their shortest decimal form.
    """
    habits = conventions(locale)
    number_format = number_format or {}
    pattern = number_format.get("pattern") or habits.default_pattern(number_format.get("type", ""))
    if len(pattern) > MAX_PATTERN:
        pattern = ""
    if "numberValue" in effective:
        value = effective["numberValue"]
        return (not pattern and _short(value, habits)) or _shown_number(value, pattern, locale)
    if "stringValue" in effective:
        return _shown_text(str(effective["stringValue"]), pattern)
    if "boolValue" in effective:
        return habits.true if effective["boolValue"] else habits.false
    if "errorValue" in effective:
        return ERRORS.get(effective["errorValue"].get("type", ""), "#ERROR!")
    return str(effective.get("formulaValue", ""))


# --- patterns ------------------------------------------------------------------------------------------------------


def _bracket(inside: str) -> Token | tuple[str, Decimal] | None:
    """What `[...]` means: elapsed time, a condition, a currency (`[$€-407]`), or nothing that shows (a colour)."""
    if re.fullmatch("h+|m+|s+", inside, re.IGNORECASE):
        return Token("elapsed", inside.lower())
    if inside.startswith("$"):
        return Token("literal", inside[1:].partition("-")[0])
    if match := _CONDITION.fullmatch(inside):
        return match[1], Decimal(match[2])
    return None


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup or "literal"
    text = match[kind]
    if kind in ("quoted", "escaped"):
        return Token("literal", text)
    if kind == "gap":
        return Token("literal", " ")
    if kind == "fill":
        return Token("literal", "")
    if kind == "general":
        return Token("value", "")
    return Token(kind, text.lower() if kind == "clock" else text)


@lru_cache(maxsize=1024)
def _sections(pattern: str) -> tuple[Section, ...]:
    sections: list[Section] = []
    tokens: list[Token] = []
    condition = None
    for match in _TOKEN.finditer(pattern):
        if match["end"]:
            sections.append(Section(tuple(tokens), condition))
            tokens, condition = [], None
        elif match["bracket"] is not None:
            found = _bracket(match["bracket"])
            if isinstance(found, Token):
                tokens.append(found)
            elif found:
                condition = found
        else:
            tokens.append(_token(match))
    return (*sections, Section(tuple(tokens), condition))


def _chosen(sections: Sequence[Section], number: Decimal) -> tuple[Section, bool]:
    """The section for a number, and whether the section itself says that it is negative."""
    numeric = [section for section in sections[:3] if section.condition or not section.has("value")] or [sections[0]]
    if any(section.condition for section in numeric):
        found = next((section for section in numeric if section.holds(number)), numeric[-1])
        return found, found.only_negative
    if number < 0 and len(numeric) > 1:
        return numeric[1], True
    if number == 0 and len(numeric) > 2:
        return numeric[2], False
    return numeric[0], False


def _shown_text(text: str, pattern: str) -> str:
    sections = _sections(pattern)
    section = sections[3] if len(sections) > 3 else sections[-1]
    if len(sections) <= 3 and not any(token == Token("value", "@") for token in section.tokens):
        return text
    return "".join(text if token.kind == "value" else token.text for token in section.tokens)


@lru_cache(maxsize=65_536)
def _shown_number(value: float, pattern: str, locale: str) -> str:
    habits = conventions(locale)
    if not math.isfinite(value):
        return ERRORS["NUM"]
    number = Decimal(repr(value))
    if not pattern:
        return _automatic(number, habits)
    section, tells_sign = _chosen(_sections(pattern), number)
    if section.has("clock", "elapsed", "half"):
        try:
            return _clock(section.tokens, number, habits)
        except OverflowError:  # no such day in the calendar
            return _automatic(number, habits)
    sign = "-" if number < 0 and not tells_sign and section.has("digit", "value") else ""
    if section.simple:
        return sign + _simply(section.simple, abs(number), habits)
    return sign + _digits(section.tokens, abs(number), habits)


# --- numbers -------------------------------------------------------------------------------------------------------


def _rounded(number: Decimal, decimals: int) -> Decimal:
    context = Context(prec=max(number.adjusted(), 0) + decimals + 30, Emin=-99_999_999, Emax=99_999_999)
    return number.quantize(Decimal(1).scaleb(-decimals, context), ROUND_HALF_UP, context)


def _automatic(number: Decimal, habits: Conventions) -> str:
    """As a cell without a format: ten significant digits, no grouping, E notation from 1E+15 and below 1E-9."""
    if number == 0:
        return "0"
    size = number.adjusted()
    if -10 < size < 15:
        plain = format(_rounded(number, max(0, 9 - size)), "f")
        return (plain.rstrip("0").rstrip(".") if "." in plain else plain).replace(".", habits.decimal)
    mantissa = _rounded(number.scaleb(-size), 5)
    if abs(mantissa) >= 10:
        mantissa, size = mantissa / 10, size + 1
    short = format(mantissa, "f").rstrip("0").rstrip(".")
    return f"{short.replace('.', habits.decimal)}E{size:+03d}"


def _short(value: float, habits: Conventions) -> str:
    """An automatic number of at most ten digits, which need no rounding; "" for all others."""
    text = repr(value)
    if len(text) > 11 or value == 0 or "e" in text or "n" in text:  # an exponent, inf, nan
        return ""
    return text.removesuffix(".0").replace(".", habits.decimal)


def _simply(layout: Simple, number: Decimal, habits: Conventions) -> str:
    exact = number.scaleb(2 * layout.percents, Context(prec=10_000)) if layout.percents else number
    shown = format(_rounded(exact, layout.decimals), layout.form)
    swapped = shown.translate({ord(","): habits.group, ord("."): habits.decimal})
    return f"{layout.before}{swapped}{layout.after}"


def _digits(tokens: Sequence[Token], number: Decimal, habits: Conventions) -> str:
    """A number that is not negative, by the tokens of its section."""
    if not any(token.kind == "digit" for token in tokens) or _is_fraction(tokens):
        shown = _automatic(number, habits)
        if _is_fraction(tokens):
            return shown
        return "".join(shown if token.kind == "value" else token.text for token in tokens)
    mantissa, exponent = _split(tokens, "exponent")
    whole, fraction = _split(mantissa, "point")
    percents = sum(token.kind == "percent" for token in tokens)
    thousands = _trailing_commas(whole) + _trailing_commas(fraction)
    number = number.scaleb(2 * percents - 3 * thousands, Context(prec=10_000))
    decimals = sum(token.kind == "digit" for token in fraction)
    power = 0
    if exponent:
        number, power = _engineered(number, sum(token.kind == "digit" for token in whole), decimals)
    shown = format(_rounded(number, decimals), "f")
    left, _, right = shown.partition(".")
    text = _whole(whole, left.lstrip("0"), habits) + _fraction(fraction, right, habits)
    return text + _exponent(exponent, power)


def _split(tokens: Sequence[Token], kind: str) -> tuple[Sequence[Token], Sequence[Token]]:
    """Before the first token of a kind, and from it on."""
    at = next((index for index, token in enumerate(tokens) if token.kind == kind), len(tokens))
    return tokens[:at], tokens[at:]


def _is_fraction(tokens: Sequence[Token]) -> bool:
    """`# ?/?`: common fractions, which this renderer shows as decimals."""
    kinds = [token.kind if token != Token("literal", "/") else "/" for token in tokens]
    return any(kinds[index - 1 : index + 2] == ["digit", "/", "digit"] for index in range(1, len(kinds)))


def _trailing_commas(tokens: Sequence[Token]) -> int:
    count = 0
    for token in reversed(tokens):
        if token.kind == "digit":
            return count
        count += token.kind == "comma"
    return 0


def _engineered(number: Decimal, width: int, decimals: int) -> tuple[Decimal, int]:
    """Mantissa and power of ten, the power a multiple of the number of digits before the point."""
    width = max(width, 1)
    if number == 0:
        return number, 0
    power = number.adjusted() // width * width
    mantissa = number.scaleb(-power, Context(prec=10_000))
    if _rounded(mantissa, decimals) >= 10**width:
        power += width
        mantissa = number.scaleb(-power, Context(prec=10_000))
    return mantissa, power


def _whole(tokens: Sequence[Token], digits: str, habits: Conventions) -> str:
    """The part before the point, filled from the right; what has no place of its own stands at the first place."""
    places = [index for index, token in enumerate(tokens) if token.kind == "digit"]
    grouped = any(
        token.kind == "comma" and places[0] < index < places[-1] for index, token in enumerate(tokens) if places
    )
    supply = _grouped(digits, tokens, habits.group if grouped else "")
    out: list[str] = []
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind == "digit":
            out.append(next(supply))
            if index == places[0]:
                out.extend(supply)
        elif token.kind != "comma":
            out.append(token.text[::-1])
    if not places:
        out[:0] = supply
    return "".join(out)[::-1]


def _grouped(digits: str, tokens: Sequence[Token], group: str) -> Iterator[str]:
    """The digits from the right, each with the separator that follows it, mirrored; then what empty places show."""
    places = [token.text for token in reversed(tokens) if token.kind == "digit"]
    for count in range(max(len(digits), len(places))):
        shown = digits[-1 - count] if count < len(digits) else _UNFILLED[places[count]]
        yield group + shown if shown.isdigit() and count and count % 3 == 0 else shown


def _fraction(tokens: Sequence[Token], digits: str, habits: Conventions) -> str:
    places = [token.text for token in tokens if token.kind == "digit"]
    needed = max(len(digits.rstrip("0")), len(places) - "".join(reversed(places)).find("0") if "0" in places else 0)
    out: list[str] = []
    position = 0
    for token in tokens:
        if token.kind == "digit":
            out.append(digits[position] if position < needed else _UNFILLED[token.text])
            position += 1
        elif token.kind == "point":
            out.append(habits.decimal)
        elif token.kind != "comma":
            out.append(token.text)
    return "".join(out)


def _exponent(tokens: Sequence[Token], power: int) -> str:
    if not tokens:
        return ""
    places = [token.text for token in tokens if token.kind == "digit"]
    digits = str(abs(power)).rjust(places.count("0") or 1, "0")
    sign = "-" if power < 0 else "+" if tokens[0].text == "+" else ""
    rest = "".join(token.text for token in tokens[1:] if token.kind not in ("digit", "comma"))
    return f"E{sign}{digits}{rest}"


# --- dates and times -----------------------------------------------------------------------------------------------


class Moment(NamedTuple):
    """A serial number in calendar terms. `instant`: milliseconds since the epoch (of a duration: without its sign).
    `halved`: the clock counts to 12. `dated`: a day of the month is shown, so that months' names bend (января)."""

    day: date
    instant: int
    halved: bool
    dated: bool


def _clock(tokens: Sequence[Token], number: Decimal, habits: Conventions) -> str:
    """A serial number as date, time or duration. Raises OverflowError outside the years 1 to 9999."""
    lasting = any(token.kind == "elapsed" for token in tokens)
    instant = int(_rounded((abs(number) if lasting else number) * _DAY, 0))
    roles = _roles(tokens)
    moment = Moment(
        day=EPOCH + timedelta(days=instant // _DAY) if {"y", "month", "d"} & set(roles) else EPOCH,
        instant=instant,
        halved=any(token.kind == "half" for token in tokens),
        dated=any(role == "d" and len(token.text) < 3 for token, role in zip(tokens, roles, strict=True)),
    )
    parts = [_clock_part(token, role, moment, habits) for token, role in zip(tokens, roles, strict=True)]
    return ("-" if lasting and number < 0 else "") + "".join(parts)


def _roles(tokens: Sequence[Token]) -> list[str]:
    """What each token stands for: y, month, d, h, minute, s, half, a place of the fraction of a second (.0 is the
    point, .1 the tenths), or "" for itself. `m` is the minute after an hour or before a second, else the month."""
    marks = [token.text[0] if token.kind in ("clock", "elapsed") else "" for token in tokens]
    roles: list[str] = []
    before = ""
    for index, (token, mark) in enumerate(zip(tokens, marks, strict=True)):
        last = roles[-1] if roles else ""
        if mark == "m":
            after = next((later for later in marks[index + 1 :] if later), "")
            minute = token.kind == "elapsed" or (len(token.text) < 3 and (before == "h" or after == "s"))
            roles.append("minute" if minute else "month")
        elif token.kind == "point" and last == "s" and tokens[index + 1 : index + 2] == (Token("digit", "0"),):
            roles.append(".0")
        elif token.kind == "digit" and last.startswith("."):
            roles.append(f".{int(last[1:]) + 1}")
        else:
            roles.append("half" if token.kind == "half" else mark)
        before = mark or before
    return roles


def _clock_part(token: Token, role: str, moment: Moment, habits: Conventions) -> str:
    if not role:
        return token.text
    if token.kind == "elapsed":
        unit = {"h": 3_600_000, "minute": 60_000, "s": 1_000}[role]
        return str(moment.instant // unit).rjust(len(token.text), "0")
    if role == "half":
        return _half(token.text, moment.instant, habits)
    if role in ("y", "month", "d"):
        return _day_part(token.text, role, moment, habits)
    if role.startswith("."):
        place = int(role[1:])
        return habits.decimal if place == 0 else f"{moment.instant % 1000:03d}"[place - 1 : place] or "0"
    hour = moment.instant // 3_600_000 % 24
    amounts = {
        "h": hour % 12 or 12 if moment.halved else hour,
        "minute": moment.instant // 60_000 % 60,
        "s": moment.instant // 1_000 % 60,
    }
    return str(amounts[role]).rjust(min(len(token.text), 2), "0")


def _half(text: str, instant: int, habits: Conventions) -> str:
    late = instant % _DAY >= _DAY // 2
    if len(text) > 3:
        return habits.halves[late]
    return "ap"[late].upper() if text[0] == "A" else "ap"[late]


def _day_part(text: str, role: str, moment: Moment, habits: Conventions) -> str:
    width, day = len(text), moment.day
    if role == "y":
        return f"{day.year % 100:02d}" if width < 3 else f"{day.year:04d}"
    if width < 3:
        return str(day.month if role == "month" else day.day).rjust(width, "0")
    if role == "d":
        return habits.days["short" if width == 3 else "wide"][day.isoweekday() % 7]
    form = {3: "short", 5: "narrow"}.get(width, "wide" if moment.dated else "alone")
    return habits.months[form][day.month - 1]
