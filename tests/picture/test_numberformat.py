"""Number patterns on chart axes, and the colours that they give to cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.picture.numberformat import colour, exact, plain, text


@pytest.mark.parametrize(
    ("value", "pattern", "locale", "shown"),
    [
        (1234.5, "#,##0.00", "en_US", "1,234.50"),
        (1234.5, "#,##0.00", "de_DE", "1.234,50"),
        (1234567.0, "#,##0", "ru_RU", "1\xa0234\xa0567"),
        (15_000_000.0, '0.0,,"M"', "en_US", "15.0M"),
        (15_000.0, "0,k", "en_US", "15k"),
        (0.384, "0%", "en_US", "38%"),
        (-5.0, "0;[Red]−0", "en_US", "−5"),
        (-5.0, "0", "en_US", "-5"),
        (-0.2, "0", "en_US", "0"),
        (0.0, "0;-0;\\–", "en_US", "0"),
        (2.5, "0.##", "en_US", "2.5"),
        (0.25, "#.##", "en_US", ".25"),
        (7.0, "000", "en_US", "007"),
        (1.2, "[>=1]▲ 0%;[<0.9]▼ 0%;● 0%", "en_US", "▲ 120%"),
        (0.95, "[>=1]▲ 0%;[<0.9]▼ 0%;● 0%", "en_US", "● 95%"),
        (3.0, '"a;b" 0', "en_US", "a;b 3"),
        (3.0, "", "en_US", "3"),
        (3.0, "yyyy-mm-dd", "en_US", "3"),
        (3.0, "@", "xx", "3"),
        (1e6, "", "en_US", "1,000,000"),
        (0.1 + 0.2, "", "de_DE", "0,3"),
        (1e6, "", "nowhere", "1,000,000"),
    ],
)
def test_number_is_written_by_its_pattern(value: float, pattern: str, locale: str, shown: str) -> None:
    assert text(value, pattern, locale) == shown


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        (2.5, "0", False),
        (2.5, "0.0", True),
        (2.5, "0.##", True),
        (1e-12, "0", False),
        (0.0, "0", True),
        (0.29, "0%", True),
        (0.125, "0%", False),
        (1.5e6, '0,,"M"', False),
        (1.5e6, '0.0,,"M"', True),
        (-2.5, "0.0;-0", False),
        (2.5, "yyyy-mm-dd", True),
        (2.5, "@", True),
        (2.5, "", True),
    ],
)
def test_a_number_is_shown_whole_or_not(value: float, pattern: str, expected: bool) -> None:
    assert exact(value, pattern) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("0;[Red]-0", -1.0, "#ff0000"),
        ("0;[Red]-0", 1.0, None),
        ("[Color10]0;[COLOR3]-0;[Blue]0", 1.0, "#008000"),
        ("[Color10]0;[COLOR3]-0;[Blue]0", 0.0, "#0000ff"),
        ("[Color99]0", 1.0, None),
        ("[Green][>=1]0%;[Red][<0.9]0%;0%", 0.5, "#ff0000"),
        ("[Green][>=1]0%;[Red][<0.9]0%;0%", 0.95, None),
        ('"[Red]"0', 1.0, None),
        ("[$₽-419]0", 1.0, None),
    ],
)
def test_pattern_gives_its_colour(pattern: str, value: float, expected: str | None) -> None:
    assert colour(pattern, value) == expected


@given(st.text(max_size=30), st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_any_pattern_is_survived(pattern: str, value: float) -> None:
    assert isinstance(text(value, pattern, "en_US"), str)
    assert colour(pattern, value) is None or len(str(colour(pattern, value))) == 7


@given(st.integers(-(10**9), 10**9))
def test_plain_whole_numbers_read_back(value: int) -> None:
    assert int(plain(float(value), "en_US").replace(",", "")) == value
