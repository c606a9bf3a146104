"""One cell of a manager's tab: a day, a number or a text, or why it is none.

Blank, zero and unreadable are three things: every reader returns None for blank, a value, or a `Fault`. Nothing is
guessed that a reader of the sheet would not read the same way; the spreadsheet's locale only breaks ties.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_date_format
from babel.numbers import get_decimal_symbol, get_group_symbol, list_currencies

from sheetsync.texts import encodable, fold

EPOCH = date(1899, 12, 30)
"""Day 0 of Sheets' serial numbers."""

FIRST_YEAR = 2000
YEARS_AHEAD = 10
LARGEST = 9e13
"""Numbers beyond are refused: up to here a float still holds exact cents."""


class Fault(StrEnum):
    """Why a filled cell can't be read."""

    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"
    FORMULA = "formula"
    BOOLEAN = "boolean"
    PERCENT = "percent"
    TOO_LARGE = "too_large"
    NO_YEAR = "no_year"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, slots=True)
class Notation:
    """How a spreadsheet's locale writes: its decimal and thousands signs, and whether months come before days."""

    decimal: str
    group: str
    month_first: bool

    @classmethod
    @cache
    def of(cls, locale: str) -> Notation:
        """The notation of a spreadsheet's `properties.locale` (en_US, ru_RU, de); an unknown locale reads as en_US."""
        try:
            known = Locale.parse(locale)
        except (ValueError, TypeError, UnknownLocaleError):
            known = Locale.parse("en_US")
        pattern = get_date_format("short", locale=known).pattern
        return cls(get_decimal_symbol(known), get_group_symbol(known), pattern.index("M") < pattern.index("d"))


# --- text ---------------------------------------------------------------------------------------------------------

_ERRORS = re.compile(
    r"#(?:N/A|REF!|DIV/0!|ERROR!|NAME\?|VALUE!|NUM!|NULL!|SPILL!|CALC!"
    r"|Н/Д|ССЫЛКА!|ССЫЛ!|ДЕЛ/0!|ОШИБКА!|ИМЯ\?|ЗНАЧ!|ЧИСЛО!|ПУСТО!"
    r"|NV|BEZUG!|FEHLER!|WERT!|ZAHL!|ÜBERLAUF!)"
    r"|(?:Loading|Загрузка|Wird geladen)(?:…|\.\.\.)",
    re.IGNORECASE,
)
_LONGEST_ERROR = 16
_SPACE = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200e\u200f\ufeff"
"""All that nobody sees at the ends of a text: spaces of every width, and marks of no width."""
_ALNUM = re.compile(r"[^\W_]")
_FILLERS = re.compile(r"x+|х+|0|n/?a|none|no|nil|tbd|todo|false|нету?|н/д|ложь|nein|keine?|k\.a|falsch")


def blank(value: object) -> bool:
    """Whether nothing is typed: an empty cell, or spaces only."""
    return value is None or (isinstance(value, str) and not value.strip(_SPACE))


def text(value: object) -> str:
    """The cell as people see it, without spaces around; "" where blank. A whole number has no `.0`."""
    if isinstance(value, str):
        return encodable(value.strip(_SPACE))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 1000 else "1E999"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return encodable(str(value))


def formula_error(value: object) -> bool:
    """Whether the cell shows a formula's error, in any of the three languages, or is still loading."""
    if not isinstance(value, str) or not value or value[0] not in "#LЗW":
        return False
    return len(value) <= _LONGEST_ERROR and _ERRORS.fullmatch(value) is not None


def void(typed: str) -> bool:
    """Whether a text is only dots, dashes and other signs: nothing is named."""
    return _ALNUM.search(typed) is None


def filler(typed: str) -> bool:
    """Whether a text only fills the place of an evidence: signs, or a word such as `n/a`, `нет`, `x`."""
    return void(typed) or (len(typed) <= 8 and _FILLERS.fullmatch(fold(typed).rstrip(".")) is not None)


class Verdict(StrEnum):
    """What the head of sales put into `Checked`."""

    COUNTS = "counts"
    REJECTED = "rejected"
    UNCLEAR = "unclear"


_NO = frozenset(("no", "false", "0", "нет", "ложь", "nein", "falsch"))
_YES = frozenset(("yes", "y", "true", "1", "+", "ok", "✓", "✔", "да", "д", "истина", "ок", "ja", "j", "wahr"))


def verdict(value: object) -> Verdict:
    """What `Checked` says; blank counts."""
    if blank(value):
        return Verdict.COUNTS
    word = fold(text(value)[:20]).rstrip(".!")
    if word in _NO:
        return Verdict.REJECTED
    return Verdict.COUNTS if word in _YES else Verdict.UNCLEAR


# --- numbers ------------------------------------------------------------------------------------------------------

_SPACES = re.compile(r"[^\S\r\n]+")
_MINUS = str.maketrans(dict.fromkeys("−‒–—﹣－", "-") | dict.fromkeys("’‘ʼ´`", "'"))
_MONEY_WORDS = (
    r"руб(?:л(?:ей|я|ь))?|р|евро|долл(?:ар(?:ов|а)?)?|тенге|тг|грн|бел\.р|euros?|rubel|dollars?|us\$|fr|sfr|tl"
)
_PIECE_WORDS = r"шт(?:ук[иа]?)?|ед|светильник(?:ов|а)?|pcs?|pieces|units|st(?:k|ück|ueck)?|leuchten"
_WHOLE = re.compile(r"\d+")
_GROUPED = re.compile(r"(\d{1,3}(?:(?P<group>[ '.,])\d{3})(?:(?P=group)\d{3})*)(?:(?P<decimal>[.,])(\d+))?")
_DECIMAL = re.compile(r"(\d*)[.,](\d+)")


@cache
def _units(*, money: bool) -> re.Pattern[str]:
    """What may stand before or after a number: currency signs, codes and words, or words for pieces."""
    words = "|".join((_MONEY_WORDS, *map(str.casefold, list_currencies()))) if money else _PIECE_WORDS
    signs = "".join(chr(n) for n in range(0x24, 0x20D0) if unicodedata.category(chr(n)) == "Sc") if money else ""
    unit = rf"(?:(?:{words})(?![^\W\d])\.?{f'|[{re.escape(signs)}]' if signs else ''})"
    number_ = r"(?P<number>-? ?[\d.,' ]+?(?:[.,]-)?-?)"
    return re.compile(rf"(?P<minus>-?) ?(?:{unit} ?)?{number_}(?: ?{unit})?(?P<behind> ?-?)")


def number(value: object, notation: Notation, *, money: bool = False) -> float | Fault | None:
    """The cell as a number, None where blank; |number| is at most `LARGEST`.

    Text is read as `1 234,56`, `1.234,56`, `1,234.56`, `1'234.56`, `1.234,-`; with currency signs, codes and words
    (`money`) or words for pieces (not `money`); negative with any minus before or behind, or in parentheses. One
    separator with three digits behind it (`1.234`) is read by `notation`, and is AMBIGUOUS where that knows the
    sign neither as decimal nor as thousands.
    """
    if isinstance(value, bool):
        return Fault.BOOLEAN
    if isinstance(value, (int, float)):
        if value != value:
            return Fault.UNREADABLE
        return float(value) if -LARGEST <= value <= LARGEST else Fault.TOO_LARGE
    if blank(value):
        return None
    if not isinstance(value, str) or len(value) > 60:
        return Fault.UNREADABLE
    if formula_error(value):
        return Fault.FORMULA
    return _written(value, notation, money)


@lru_cache(maxsize=16384)
def _written(value: str, notation: Notation, money: bool) -> float | Fault:
    typed = _SPACES.sub(" ", text(value).translate(_MINUS)).casefold()
    if "%" in typed:
        return Fault.PERCENT
    enclosed = typed.startswith("(") and typed.endswith(")")
    match = _units(money=money).fullmatch(typed[1:-1].strip() if enclosed else typed.removeprefix("+").strip())
    if match is None:
        return Fault.UNREADABLE
    body, minuses = match["number"].strip(), (match["minus"] + match["behind"]).count("-")
    if len(body) > 2 and body[-2:] in (",-", ".-"):
        body = body[:-1] + "00"
    bare = body.strip("-").strip()
    minuses += body.count("-")
    if minuses + enclosed > 1:
        return Fault.UNREADABLE
    magnitude = _digits(bare, notation)
    if isinstance(magnitude, Fault):
        return magnitude
    if magnitude > LARGEST:
        return Fault.TOO_LARGE
    return -magnitude if minuses or enclosed else magnitude


def _digits(bare: str, notation: Notation) -> float | Fault:
    """An unsigned number without unit."""
    if not bare.isascii():
        return Fault.UNREADABLE
    if _WHOLE.fullmatch(bare):
        return float(bare)
    grouped = _GROUPED.fullmatch(bare)
    if grouped and not _single(grouped):
        if grouped["group"] == grouped["decimal"]:
            return Fault.UNREADABLE
        return float(re.sub(r"\D", "", grouped[1]) + "." + (grouped[4] or "0"))
    if grouped and not bare.startswith("0"):
        sign = grouped["group"]
        if sign == notation.group:
            return float(bare.replace(sign, ""))
        return float(bare.replace(sign, ".")) if sign == notation.decimal else Fault.AMBIGUOUS
    decimal = _DECIMAL.fullmatch(bare)
    return float(f"{decimal[1] or 0}.{decimal[2]}") if decimal else Fault.UNREADABLE


def _single(grouped: re.Match[str]) -> bool:
    """Whether one dot or comma is all that separates: `1.234` may be a thousand or a fraction."""
    return grouped["group"] in ".," and grouped["decimal"] is None and grouped[1].count(grouped["group"]) == 1


def cents(value: float) -> float:
    """The amount rounded to whole hundredths, halves away from zero (2.345 -> 2.35, -2.345 -> -2.35)."""
    hundredfold = value * 100
    nearest = round(hundredfold)
    if abs(hundredfold - nearest) < 1e-6:
        return nearest / 100
    return float(Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))


# --- days ---------------------------------------------------------------------------------------------------------

_CLOCK = re.compile(
    r"(?<=\d)(?:t|,? )\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?"
    r"(?: ?(?:z|utc|gmt|msk|мск|[+-]\d{2}:?\d{2}))?(?: uhr)?$"
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{4}|\d{2})")
_NO_YEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[.]?")
_WEEKDAY = re.compile(r"([^\W\d_]{2,12})[.,]{0,2} (.+)")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ ./-]{0,2}([^\W\d_]{3,12})\.?(?:,? |[./-])(\d{4}|\d{2})")
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?(?:, ?| )(\d{4})")
_YEAR_MONTH_DAY = re.compile(r"(\d{4})[ ./-]([^\W\d_]{3,12})\.?[ ./-](\d{1,2})")
_YEAR_WORD = re.compile(r" ?(?:года|год|г)\.?$")


def day(value: object, today: date, notation: Notation) -> date | Fault | None:
    """The cell as a day, None where blank.

    A serial number with a time keeps its day; so does text with a time, whatever its zone: the day as it is written.
    IMPLAUSIBLE outside 2000-01-01 .. the end of the tenth year after `today`'s; NO_YEAR where the year is missing.
    """
    if isinstance(value, bool):
        return Fault.BOOLEAN
    if isinstance(value, (int, float)):
        if not 0 <= value < 2_958_466:  # 9999-12-31, the last day that Sheets knows
            return Fault.UNREADABLE
        return _plausible(EPOCH + timedelta(days=int(value)), today)
    if blank(value):
        return None
    if not isinstance(value, str) or len(value) > 60:
        return Fault.UNREADABLE
    if formula_error(value):
        return Fault.FORMULA
    found = _spelled(value, notation.month_first)
    return found if isinstance(found, Fault) else _plausible(found, today)


def _plausible(found: date, today: date) -> date | Fault:
    return found if FIRST_YEAR <= found.year <= today.year + YEARS_AHEAD else Fault.IMPLAUSIBLE


@lru_cache(maxsize=16384)
def _spelled(value: str, month_first: bool) -> date | Fault:
    typed = _SPACES.sub(" ", text(value)).casefold()
    typed = _YEAR_WORD.sub("", _CLOCK.sub("", typed)).strip()
    weekday = _WEEKDAY.fullmatch(typed)
    if weekday and _names_weekday(weekday[1]):
        typed = weekday[2]
    if _NO_YEAR.fullmatch(typed):
        return Fault.NO_YEAR
    year_month_day = _numeric(typed, month_first) or _worded(typed)
    if year_month_day is None:
        return Fault.UNREADABLE
    year, month, day_ = year_month_day
    try:
        return date(year if year > 99 else FIRST_YEAR + year, month, day_)
    except ValueError:
        return Fault.UNREADABLE


def _numeric(typed: str, month_first: bool) -> tuple[int, int, int] | None:
    """Year, month, day. With slashes or dashes the locale decides only where both orders are possible."""
    if match := _YEAR_FIRST.fullmatch(typed):
        return int(match[1]), int(match[3]), int(match[4])
    match = _YEAR_LAST.fullmatch(typed)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] != "." and (second > 12 or (month_first and first <= 12)):
        return year, first, second
    return year, second, first


def _worded(typed: str) -> tuple[int, int, int] | None:
    """Year, month, day of `24 nov 2026`, `24. november 2026`, `nov 24, 2026`."""
    if match := _DAY_MONTH.fullmatch(typed):
        day_, word, year = match.groups()
    elif match := _MONTH_DAY.fullmatch(typed):
        word, day_, year = match.groups()
    elif match := _YEAR_MONTH_DAY.fullmatch(typed):
        year, word, day_ = match.groups()
    else:
        return None
    month = _month(word)
    return (int(year), month, int(day_)) if month else None


@lru_cache(maxsize=1024)
def _month(word: str) -> int | None:
    """The month that a word names in English, Russian or German; None where it names none."""
    found = _understood(f"1 {word} 2024")
    return found.month if found and found.day == 1 else None


@lru_cache(maxsize=1024)
def _names_weekday(word: str) -> bool:
    return _understood(f"{word}, 24.11.2026") == date(2026, 11, 24)


def _understood(phrase: str) -> date | None:
    import dateparser  # costs 0.2 s, and most logs hold serial dates only

    found = dateparser.parse(
        phrase,
        languages=["en", "ru", "de"],
        settings={
            "DATE_ORDER": "DMY",
            "PARSERS": ["absolute-time"],
            "PREFER_LOCALE_DATE_ORDER": False,
            "REQUIRE_PARTS": ["day", "month", "year"],
            "STRICT_PARSING": True,
        },
    )
    return found.date() if found else None
