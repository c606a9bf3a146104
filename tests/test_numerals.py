"""What is said of a number is what a cell shows of it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sheetsync.local.rendered import render
from sheetsync.numerals import decimal_text, percent_text

CENTS = st.integers(-(10**11), 10**11).map(lambda cents: cents / 100)


@pytest.mark.parametrize("pattern", ["#,##0", "#,##0.0", "#,##0.00"])
@given(value=CENTS)
@example(value=0.5)
@example(value=41_234.5)
@example(value=-2.5)
@example(value=2.25)
def test_a_number_is_rounded_as_in_its_cell(pattern: str, value: float) -> None:
    shown = render({"numberValue": value}, {"type": "NUMBER", "pattern": pattern}, "en_GB")
    assert decimal_text(value, pattern, "en_GB") == shown


@given(value=st.integers(-50_000, 50_000).map(lambda share: share / 1000))
@example(value=0.625)
@example(value=-0.125)
def test_a_share_is_rounded_as_in_its_cell(value: float) -> None:
    shown = render({"numberValue": value}, {"type": "PERCENT", "pattern": "#,##0%"}, "en_GB")
    assert percent_text(value, "#,##0%", "en_GB") == shown


def test_the_pattern_of_the_language_is_taken_where_none_is_given() -> None:
    assert [percent_text(0.625, None, each) for each in ("en_GB", "ru_RU", "de_DE")] == ["63%", "63\xa0%", "63\xa0%"]
