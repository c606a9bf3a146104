"""The text that the formula bar shows: typed again, it gives the cell the value that it has."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from babel.core import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol

from sheetsync.page.api import Json

_ISO = "yyyy-mm-dd"  # read alike in every locale
_EPOCH = date(1899, 12, 30)
_LAST = (date.max - _EPOCH).days
_SPECIAL = re.compile(
    r"[=+'].*|[-(]?[\d\s.,:/%\-$€£₽()]*\d[\d\s.,:/%\-$€£₽()]*(?:e[+-]?\d+)?|true|false|wahr|falsch|истина|ложь",
    re.IGNORECASE | re.DOTALL,
)
_CLOCK = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def entered(cell: Json, locale: str) -> str:
    """What somebody would have typed to get the cell's value in a spreadsheet of that locale."""
    value = cell.get("userEnteredValue", {})
    if "formulaValue" in value:
        return str(value["formulaValue"])
    if "numberValue" in value:
        if _format(cell).get("pattern") == _ISO:
            return str(cell.get("formattedValue", ""))
        return _number(float(value["numberValue"]), _kind(cell), locale)
    if "boolValue" in value:
        return str(cell.get("formattedValue", "")) or str(value["boolValue"]).upper()
    text = str(value.get("stringValue", ""))
    return f"'{text}" if _would_change(text, _kind(cell)) else text


def _would_change(text: str, kind: str) -> bool:
    """Whether the text may be taken for something else than a text where it is typed."""
    return kind != "TEXT" and _SPECIAL.fullmatch(text) is not None


def _format(cell: Json) -> Json:
    return dict(cell.get("effectiveFormat", {}).get("numberFormat", {}))


def _kind(cell: Json) -> str:
    """The type of the cell's number format; dates and times also by their pattern."""
    shown = _format(cell)
    kind = str(shown.get("type", ""))
    pattern = _CLOCK.sub("", shown.get("pattern", "")).lower()
    if kind in ("DATE", "TIME", "DATE_TIME") and pattern:
        day, clock = "d" in pattern or "y" in pattern, "h" in pattern or "s" in pattern
        return "DATE_TIME" if day and clock else "TIME" if clock else "DATE"
    return kind


def _number(number: float, kind: str, locale: str) -> str:
    decimal, day_pattern = _habits(locale)
    if kind in ("DATE", "DATE_TIME", "TIME") and 0 <= number < _LAST:
        return _instant(number, kind, day_pattern)
    if kind == "PERCENT":
        return _shortest(number * 100).replace(".", decimal) + "%"
    return _shortest(number).replace(".", decimal)


def _shortest(number: float) -> str:
    short = f"{number:.15g}"
    return short if "e" not in short or abs(number) >= 1e21 else f"{number:.20f}".rstrip("0").rstrip(".")


def _instant(serial: float, kind: str, day_pattern: str) -> str:
    days, seconds = divmod(round(serial * 86400), 86400)
    clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if kind == "TIME" and days == 0:
        return clock
    day = _EPOCH + timedelta(days=days)
    parts = {"d": str(day.day), "dd": f"{day.day:02}", "m": str(day.month), "mm": f"{day.month:02}"}
    written = re.sub("y+|m+|d+", lambda part: parts.get(part[0], f"{day.year:04}"), day_pattern)
    return written if kind == "DATE" and not seconds else f"{written} {clock}"


@cache
def _habits(locale: str) -> tuple[str, str]:
    """The decimal separator, and the order and the signs of a date in figures."""
    try:
        found = Locale.parse(locale)
    except (UnknownLocaleError, ValueError, TypeError):
        found = Locale("en", "US")
    letters = re.sub("[^yMd./\\- ]", "", found.date_formats["short"].pattern)
    return get_decimal_symbol(found), re.sub("y+", "yyyy", letters).replace("M", "m").strip()
