"""What Google makes of a text that somebody types into a cell (`valueInputOption=USER_ENTERED`).

The text is a formula, a truth value, a number (with currency, percent, grouping or exponent), a date, a time, or both,
in the habits of the spreadsheet's locale; all else stays text. What was typed in a recognisable form also sets the
number format of a cell that has none, so that it looks as typed.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sheetsync.local.locales import EPOCH, Conventions, conventions

Value = dict[str, Any]
Format = dict[str, str]

_SPACES = " \u00a0\u2009\u202f"
_CURRENCIES = "$€£¥₽₴₸₹₺₩₪"
_DATED = ("DATE", "TIME", "DATE_TIME")
_LONGEST = 100  # characters of a number or a date; what is longer is text

_CLOCK = re.compile(
    r"(?P<hour>\d{1,5}):(?P<minute>[0-5]?\d)(?::(?P<second>[0-5]?\d)(?:[.,](?P<part>\d{1,6}))?)?\s*(?P<half>[ap]m?)?",
    re.IGNORECASE,
)
_HALF_HOUR = re.compile(r"(?P<hour>\d{1,2})\s*(?P<half>[ap]m)", re.IGNORECASE)
_WORD = re.compile(r"(?P<number>\d+)|(?P<word>[^\W\d_]+\.?)|(?P<between>[^\w]+|_)")


class Typed(NamedTuple):
    """A serial number and the pattern that shows it as it was typed."""

    serial: float
    pattern: str


def parse(
    text: str, locale: str, number_format: dict[str, Any] | None, today: date
) -> tuple[Value | None, Format | None]:
    """The ExtendedValue that the typed text becomes (None: the cell is blank), and the NumberFormat that Google would
    set because of it (None: leave the cell's own).

    `locale` is the spreadsheet's (`en_US`, `de_DE`); `number_format` the cell's own; `today` completes dates typed
    without a year. A cell formatted as text takes everything as text. Never raises.
    """
    if not text:
        return None, None
    if (number_format or {}).get("type") == "TEXT":
        return {"stringValue": text}, None
    if text.startswith("'"):
        return {"stringValue": text[1:]}, None
    if text.startswith("=") and text.strip() != "=":
        return {"formulaValue": text}, None
    found = _recognised(text.strip(_SPACES), conventions(locale), today)
    if found is None:
        formula = text.startswith("+") and len(text.strip()) > 1
        return ({"formulaValue": f"={text}"} if formula else {"stringValue": text}), None
    value, implied = found
    return value, implied if _gives_way(number_format, implied) else None


def _gives_way(own: dict[str, Any] | None, implied: Format | None) -> bool:
    """A cell's own format stays, unless a date is typed into a cell for numbers."""
    kind = (own or {}).get("type")
    return implied is not None and (kind is None or (implied["type"] in _DATED and kind not in _DATED))


def _recognised(text: str, habits: Conventions, today: date) -> tuple[Value, Format | None] | None:
    if not text or len(text) > _LONGEST:
        return None
    folded = text.casefold()
    if folded in ("true", habits.true.casefold()):
        return {"boolValue": True}, None
    if folded in ("false", habits.false.casefold()):
        return {"boolValue": False}, None
    return _number(text, habits) or _instant(text, habits, today)


# --- numbers -------------------------------------------------------------------------------------------------------


@cache
def _number_form(decimal: str, group: str) -> re.Pattern[str]:
    separators = f"[{_SPACES}]" if group in _SPACES else "['’]" if group in "'’" else re.escape(group)
    gap = f"[{_SPACES}]*"
    sign, unit = f"(?P<{{}}>[-+−]{gap})?", f"(?P<{{}}>[{_CURRENCIES}]{gap})?"
    return re.compile(
        rf"(?P<open>\()?{sign.format('sign')}{unit.format('before')}{sign.format('inner')}"
        rf"(?:(?P<grouped>[0-9]{{1,3}}(?:{separators}[0-9]{{3}})+)|(?P<whole>[0-9]+)|(?=[{re.escape(decimal)}][0-9]))"
        rf"(?P<fraction>{re.escape(decimal)}[0-9]*)?"
        rf"(?:[eE](?P<exponent>[-+]?[0-9]{{1,3}}))?"
        rf"{gap}(?:(?P<percent>%)|(?P<after>[{_CURRENCIES}]))?(?(open)\)|)"
    )


def _number(text: str, habits: Conventions) -> tuple[Value, Format | None] | None:
    match = _number_form(habits.decimal, habits.group).fullmatch(text)
    if match is None or (match["sign"] and match["inner"]) or (match["before"] and match["after"]):
        return None
    if match["open"] and (match["sign"] or match["inner"]):
        return None
    whole = re.sub("[^0-9]", "", match["grouped"] or match["whole"] or "0")
    fraction = (match["fraction"] or "").replace(habits.decimal, "", 1)
    number = Decimal(f"{whole}.{fraction}E{match['exponent'] or 0}")
    if match["percent"]:
        number /= 100
    negative = match["open"] or any((match[name] or "").strip(_SPACES) in ("-", "−") for name in ("sign", "inner"))
    value = float(-number if negative else number)
    if value in (float("inf"), float("-inf")):
        return None
    exact = int(value) if value.is_integer() and abs(value) < 1e15 else value
    return {"numberValue": exact}, _number_format(match, bool(fraction))


def _number_format(match: re.Match[str], broken: bool) -> Format | None:
    decimals = ".00" if broken else ""
    symbol = (match["before"] or match["after"] or "").strip(_SPACES)
    if symbol:
        amount = f"#,##0{decimals}"
        return {
            "type": "CURRENCY",
            "pattern": f'"{symbol}"{amount}' if match["before"] else f'{amount}\u00a0"{symbol}"',
        }
    if match["percent"]:
        return {"type": "PERCENT", "pattern": f"0{decimals}%"}
    if match["exponent"]:
        return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if match["grouped"]:
        return {"type": "NUMBER", "pattern": f"#,##0{decimals}"}
    return None


# --- dates and times -----------------------------------------------------------------------------------------------


def _instant(text: str, habits: Conventions, today: date) -> tuple[Value, Format] | None:
    """A date, a time, or a date followed by a time."""
    if day := _day(text, habits, today):
        return {"numberValue": int(day.serial)}, {"type": "DATE", "pattern": day.pattern}
    if clock := _time(text):
        return {"numberValue": clock.serial}, {"type": "TIME", "pattern": clock.pattern}
    for cut in re.finditer(f"(?<=[\\d.])(?:[,{_SPACES}]+|T)(?=\\d+[: apAP])", text):
        day, clock = _day(text[: cut.start()], habits, today), _time(text[cut.end() :].removesuffix("Z"))
        if day and clock and clock.serial < 1:
            pattern = f"{day.pattern} {clock.pattern if 'am/pm' in clock.pattern else 'h:mm:ss'}"
            return {"numberValue": day.serial + clock.serial}, {"type": "DATE_TIME", "pattern": pattern}
    return None


def _time(text: str) -> Typed | None:
    match = _CLOCK.fullmatch(text) or _HALF_HOUR.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (parts["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    seconds = Decimal(hour * 3600 + minute * 60 + second) + Decimal(f"0.{parts.get('part') or 0}")
    pattern = "h:mm" if hour < 24 else "[h]:mm"
    pattern += ":ss" if parts.get("second") else ""
    pattern += "." + "0" * min(len(parts["part"]), 3) if parts.get("part") else ""
    return Typed(float(seconds / 86_400), pattern + (" am/pm" if half else ""))


def _day(text: str, habits: Conventions, today: date) -> Typed | None:
    """A date in figures or with a month's name; a missing year is this year's, a missing day the first."""
    tokens = list(_WORD.finditer(text))
    if any(token["word"] for token in tokens):
        return _named_day(tokens, habits, today)
    return _figured_day(text, habits, today)


def _figured_day(text: str, habits: Conventions, today: date) -> Typed | None:
    if match := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", text):
        mark = match[2]
        pattern = f"yyyy{mark}{'mm' if len(match[3]) > 1 else 'm'}{mark}{'dd' if len(match[4]) > 1 else 'd'}"
        return _serial(int(match[1]), int(match[3]), int(match[4]), pattern)
    match = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})(?:\2(\d{4}|\d{2})?)?", text)
    if match is None or (match[2] == "." and "." not in habits.date):
        return None
    mark, short = match[2], "dm" if habits.order.replace("y", "") == "dm" else "md"
    first, second = int(match[1]), int(match[3])
    month, dom = (second, first) if short == "dm" else (first, second)
    if match[4]:
        return _serial(_century(match[4]), month, dom, habits.date)
    padded = 2 if text.startswith("0") or f"{mark}0" in text else 1
    return _serial(today.year, month, dom, mark.join(letter * padded for letter in short))


def _named_day(tokens: list[re.Match[str]], habits: Conventions, today: date) -> Typed | None:
    """`5 Jan 2020`, `Jan 5, 2020`, `5. Januar`, `January 2020`: the pattern mirrors the text, part by part."""
    found: dict[str, int] = {}
    pattern: list[str] = []
    for token in tokens:
        part = _part(token, found, habits)
        if part is None:
            return None
        pattern.append(part)
    if "month" not in found or len(found) < 2:
        return None
    year, dom = found.get("year", today.year), found.get("day", 1)
    return _serial(year, found["month"], dom, "".join(pattern).rstrip(_SPACES))


def _part(token: re.Match[str], found: dict[str, int], habits: Conventions) -> str | None:
    """What one piece of a written date adds to `found` and to the pattern; None: it does not belong into a date."""
    text = token[0]
    if token["between"]:
        return text if text.strip(_SPACES) in ("", ",", "-", "/", ".") else None
    if token["number"]:
        name, letters = ("year", "yyyy") if len(text) == 4 or "day" in found else ("day", "d")
        if name in found or len(text) == 3 or len(text) > 4:
            return None
        found[name] = _century(text) if name == "year" else int(text)
        return letters
    if text.casefold() == "г." and "year" in found:
        return '"г."'
    month = _months(habits).get(text.casefold().rstrip("."))
    if month is None or "month" in found:
        return None
    found["month"] = month[0]
    dot = "." if text.endswith(".") and not month[2] else ""
    return month[1] + dot


class _Known(NamedTuple):
    number: int
    letters: str
    dotted: bool


@cache
def _months(habits: Conventions) -> dict[str, _Known]:
    """Every name of a month, folded and without its dot, in the locale's language and in English."""
    known: dict[str, _Known] = {}
    for spoken in (habits, conventions("en_US")):
        for form, letters in (("short", "mmm"), ("alone", "mmmm"), ("wide", "mmmm")):
            for number, name in enumerate(spoken.months[form], 1):
                known.setdefault(name.casefold().rstrip("."), _Known(number, letters, name.endswith(".")))
    return known


def _century(digits: str) -> int:
    """A year of two figures as spreadsheets take it: 00-29 are 2000-2029, 30-99 are 1930-1999."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 30 else 1900)


def _serial(year: int, month: int, day: int, pattern: str) -> Typed | None:
    try:
        return Typed((date(year, month, day) - EPOCH).days, pattern)
    except ValueError:
        return None
