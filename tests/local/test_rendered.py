"""How values look: exact tables by pattern and locale, Google's recorded answers, and arbitrary patterns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local.rendered import render

NBSP = "\u00a0"


def shown(number: float, pattern: str | None = None, locale: str = "en_US", kind: str = "NUMBER") -> str:
    number_format = None if pattern is None else {"type": kind, "pattern": pattern}
    return render({"numberValue": number}, number_format, locale)


@pytest.mark.parametrize(
    ("number", "locale", "text"),
    [
        (0, "en_US", "0"),
        (42, "en_US", "42"),
        (-1.5, "en_US", "-1.5"),
        (-1.5, "de_DE", "-1,5"),
        (1 / 1024, "en_US", "0.0009765625"),
        (1 / 3, "en_US", "0.3333333333"),
        (2 / 3, "ru_RU", "0,6666666667"),
        (100 / 3, "en_US", "33.33333333"),
        (0.1 + 0.2, "en_US", "0.3"),
        (123456789012345, "en_US", "123456789012345"),
        (1e15, "en_US", "1E+15"),
        (12345678901234567890, "de_DE", "1,23457E+19"),
        (9.999999e20, "en_US", "1E+21"),
        (1e-10, "en_US", "1E-10"),
    ],
)
def test_an_unformatted_number_shows_ten_digits(number: float, locale: str, text: str) -> None:
    assert shown(number, locale=locale) == text


@pytest.mark.parametrize(
    ("number", "pattern", "text"),
    [
        (2000000.01, "#,##0.00", "2,000,000.01"),
        (1.005, "0.00", "1.01"),
        (-2.5, "0", "-3"),
        (-0.001, "0.00", "-0.00"),
        (12, "0000", "0012"),
        (0.5, "#.##", ".5"),
        (100, "0.#", "100."),
        (1.25, "0.???", "1.25 "),
        (1.5, "0.0#0", "1.500"),
        (1.5, "0.#0#", "1.50"),
        (5, "??0", "  5"),
        (1234, "#,###", "1,234"),
        (0, "#,###", ""),
        (1234567890, '0.0,,"M"', "1234.6M"),
        (1500, '0.0,"k"', "1.5k"),
        (0.126, "0%", "13%"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (9.999, "0.0E+0", "1.0E+1"),
        (0.00012345, "##0.0E+0", "123.5E-6"),
        (0, "0.00E+00", "0.00E+00"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (-1234.5, '"$"#,##0.00;("$"#,##0.00)', "($1,234.50)"),
        (0, '0;-0;"none"', "none"),
        (0, "0.0;-0.0", "0.0"),
        (7, ";;;", ""),
        (5, "[Red]0;[Blue]-0", "5"),
        (-5, "[Red]0;[Blue]-0", "-5"),
        (150, '[>=100]"big" 0;[<100]"small" 0', "big 150"),
        (5, '[>=100]"big" 0;[<100]"small" 0', "small 5"),
        (-5, "[<0](0);0", "(5)"),
        (1234.5, "0.0_);(0.0)", "1234.5 "),
        (3, "@", "3"),
        (3, '"no. "@', "no. 3"),
        (5, "General", "5"),
        (5, '*-0" pcs"', "5 pcs"),
        (5, "\\x0", "x5"),
        (5, "[$€-407]0.00", "€5.00"),
        (0.5, "# ?/?", "0.5"),
        (7, '"closed"', "closed"),
    ],
)
def test_number_patterns(number: float, pattern: str, text: str) -> None:
    assert shown(number, pattern) == text


@pytest.mark.parametrize(
    ("serial", "pattern", "locale", "text"),
    [
        (43831, "yyyy-mm-dd", "en_US", "2020-01-01"),
        (43831, "m/d/yy", "en_US", "1/1/20"),
        (43831, "ddd, dddd", "de_DE", "Mi., Mittwoch"),
        (43831, "d mmmm yyyy", "ru_RU", "1 января 2020"),
        (43831, "mmmm yyyy", "ru_RU", "январь 2020"),
        (43831, "mmm", "en_US", "Jan"),
        (43831, "mmmmm", "en_US", "J"),
        (43831.75, "d mmm yyyy hh:mm", "ru_RU", "1 янв. 2020 18:00"),
        (43831.6458, "h:mm am/pm", "en_US", "3:29 PM"),
        (0, "h a/p", "en_US", "12 a"),
        (0.5, "h A/P", "en_US", "12 P"),
        (1.5, "[h]:mm", "en_US", "36:00"),
        (1.5, "[mm]", "en_US", "2160"),
        (-0.5, "[h]:mm", "en_US", "-12:00"),
        (10.667 / 86400, "mm:ss.000", "en_US", "00:10.667"),
        (10.667 / 86400, "mm:ss.0", "de_DE", "00:10,6"),
        (-1, "yyyy-mm-dd", "en_US", "1899-12-29"),
        (1e20, "yyyy", "en_US", "1E+20"),
    ],
)
def test_date_patterns(serial: float, pattern: str, locale: str, text: str) -> None:
    assert shown(serial, pattern, locale, "DATE") == text


@pytest.mark.parametrize(
    ("kind", "number", "locale", "text"),
    [
        ("NUMBER", 2000000.01, "en_US", "2,000,000.01"),
        ("NUMBER", 2000000.01, "ru_RU", f"2{NBSP}000{NBSP}000,01"),
        ("NUMBER", 2000000.01, "de_DE", "2.000.000,01"),
        ("PERCENT", 0.125, "de_DE", "12,50%"),
        ("CURRENCY", -1.5, "en_US", "-$1.50"),
        ("CURRENCY", 1.5, "en_GB", "£1.50"),
        ("CURRENCY", 1.5, "de_DE", f"1,50{NBSP}€"),
        ("CURRENCY", 1.5, "ru_RU", f"1,50{NBSP}₽"),
        ("DATE", 39717, "en_US", "9/26/2008"),
        ("DATE", 39717, "en_GB", "26/09/2008"),
        ("DATE", 39717, "ru_RU", "26.09.2008"),
        ("TIME", 57540 / 86400, "en_US", "3:59:00 PM"),
        ("TIME", 57540 / 86400, "de_DE", "15:59:00"),
        ("DATE_TIME", 39717.5, "de_DE", "26.09.2008 12:00:00"),
        ("SCIENTIFIC", 1010, "en_US", "1.01E+03"),
        ("TEXT", 1000.12, "en_US", "1000.12"),
        ("UNKNOWN", 1000.12, "no_such_locale", "1000.12"),
    ],
)
def test_a_type_without_pattern_takes_the_locale_s(kind: str, number: float, locale: str, text: str) -> None:
    assert render({"numberValue": number}, {"type": kind}, locale) == text


@pytest.mark.parametrize(
    ("value", "pattern", "locale", "text"),
    [
        ({}, "0.00", "en_US", ""),
        ({"stringValue": "x"}, "0.00", "en_US", "x"),
        ({"stringValue": "x"}, '"<"@">"', "en_US", "<x>"),
        ({"stringValue": "x"}, '0;0;0;"text: "@', "en_US", "text: x"),
        ({"stringValue": "x"}, ";;;", "en_US", ""),
        ({"boolValue": True}, "0.00", "en_US", "TRUE"),
        ({"boolValue": False}, None, "ru_RU", "ЛОЖЬ"),
        ({"boolValue": True}, None, "de_DE", "WAHR"),
        ({"errorValue": {"type": "DIVIDE_BY_ZERO"}}, None, "en_US", "#DIV/0!"),
        ({"errorValue": {"type": "N_A"}}, None, "en_US", "#N/A"),
        ({"errorValue": {"type": "ERROR"}}, None, "en_US", "#ERROR!"),
        ({"numberValue": float("nan")}, None, "en_US", "#NUM!"),
    ],
)
def test_what_is_no_number(value: dict[str, Any], pattern: str | None, locale: str, text: str) -> None:
    assert render(value, {"type": "NUMBER", "pattern": pattern} if pattern else None, locale) == text


_PIECES = st.sampled_from(
    [*'0#?.,%;@_*\\"[]/ -eE+mdyhsaAx€', "am/pm", "[h]", "[Red]", "[>=1]", "General", "E+00", "#,##0"]
)


@given(
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30),
    st.one_of(st.lists(_PIECES, max_size=20).map("".join), st.text(max_size=20)),
    st.sampled_from(["en_US", "ru_RU", "de_DE", "ja_JP", ""]),
)
def test_no_pattern_raises(number: float, pattern: str, locale: str) -> None:
    assert isinstance(shown(number, pattern, locale), str)
    assert isinstance(render({"stringValue": "x"}, {"type": "TEXT", "pattern": pattern}, locale), str)


def test_an_endless_pattern_is_left_alone() -> None:
    assert shown(1.5, "#" * 50_000 + "0") == "1.5"


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False))
def test_two_decimals_are_exact(amount: Any) -> None:
    assert shown(float(amount), "#,##0.00") == f"{amount:,.2f}".replace("-0.00", "0.00")


@given(st.integers(-(10**10) + 1, 10**10 - 1), st.integers(0, 9))
def test_numbers_of_ten_digits_are_shown_as_they_are(digits: int, decimals: int) -> None:
    """Property: nothing is rounded, nothing added, in the locale's way."""
    value = float(Decimal(digits).scaleb(-decimals))
    shown = render({"numberValue": value}, None, "de_DE")
    assert Decimal(shown.replace(",", ".")) == Decimal(digits).scaleb(-decimals)
    assert ("," in shown) == (not value.is_integer())
