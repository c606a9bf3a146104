"""What a spreadsheet's locale decides: separators, default patterns, names of months, the words for true and false.

From Babel (CLDR), brought into the words of Sheets number formats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol, get_territory_currencies

EPOCH = date(1899, 12, 30)
"""Serial number 0."""

_TRUTH = {
    "de": ("WAHR", "FALSCH"),
    "es": ("VERDADERO", "FALSO"),
    "fr": ("VRAI", "FAUX"),
    "it": ("VERO", "FALSO"),
    "nl": ("WAAR", "ONWAAR"),
    "pl": ("PRAWDA", "FAŁSZ"),
    "pt": ("VERDADEIRO", "FALSO"),
    "ru": ("ИСТИНА", "ЛОЖЬ"),
}


@dataclass(frozen=True, eq=False)  # there is one object a locale, so it can be a key
class Conventions:
    """One locale's habits. Patterns are Sheets patterns; `order` is the order of the parts of a date (`mdy`, `dmy`,
    `ymd`); months count from 1, days from Sunday = 0."""

    decimal: str
    group: str
    order: str
    date: str
    time: str
    currency: str
    true: str
    false: str
    months: Mapping[str, tuple[str, ...]]
    days: Mapping[str, tuple[str, ...]]
    halves: tuple[str, str]

    def default_pattern(self, kind: str) -> str:
        """The pattern of a number format that has only a type; "" for automatic."""
        return {
            "NUMBER": "#,##0.00",
            "PERCENT": "0.00%",
            "CURRENCY": self.currency,
            "DATE": self.date,
            "TIME": self.time,
            "DATE_TIME": f"{self.date} h:mm:ss",
            "SCIENTIFIC": "0.00E+00",
            "TEXT": "@",
        }.get(kind, "")


def _parsed(locale: str) -> Locale:
    """Babel's locale, with a territory where one can be told."""
    try:
        found = Locale.parse(locale.replace("-", "_"))
        likely = None if found.territory else get_global("likely_subtags").get(found.language)
        return Locale.parse(likely) if likely else found
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en", "US")


def _date_pattern(found: Locale) -> str:
    letters = re.sub("[^yMd./\\- ]", "", found.date_formats["short"].pattern)
    return re.sub("y+", "yyyy", letters).replace("M", "m").strip()


def _time_pattern(found: Locale) -> str:
    return "h:mm:ss am/pm" if "a" in found.time_formats["medium"].pattern else "hh:mm:ss"


def _currency_pattern(found: Locale) -> str:
    codes = get_territory_currencies(found.territory) if found.territory else []
    symbol = get_currency_symbol(codes[-1], found) if codes else "¤"
    pattern: str = found.currency_formats["standard"].pattern.split(";")[0]
    return pattern.replace("¤", f'"{symbol}"').replace("\u200f", "")


@cache
def conventions(locale: str) -> Conventions:
    """The habits of a locale such as `ru_RU`; of en_US where it is not known."""
    found = _parsed(locale)
    day_first = _date_pattern(found)
    months, days = found.months, found.days
    halves = found.day_periods["format"]["abbreviated"]
    true, false = _TRUTH.get(found.language, ("TRUE", "FALSE"))
    return Conventions(
        decimal=get_decimal_symbol(found),
        group=get_group_symbol(found),
        order="".join(dict.fromkeys(re.sub("[^ymd]", "", day_first))),
        date=day_first,
        time=_time_pattern(found),
        currency=_currency_pattern(found),
        true=true,
        false=false,
        months={
            "wide": tuple(months["format"]["wide"][n] for n in range(1, 13)),
            "alone": tuple(months["stand-alone"]["wide"][n] for n in range(1, 13)),
            "short": tuple(months["format"]["abbreviated"][n] for n in range(1, 13)),
            "narrow": tuple(months["stand-alone"]["narrow"][n] for n in range(1, 13)),
        },
        days={
            width: tuple(days["format"][cldr][(n - 1) % 7] for n in range(7))
            for width, cldr in (("wide", "wide"), ("short", "abbreviated"))
        },
        halves=(halves["am"].upper(), halves["pm"].upper()),
    )
