"""Weeks, months, quarters: every day is in exactly one of each, and ids say which."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.periods import Kind, Period

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
kinds = st.sampled_from(Kind)


@given(days, kinds)
def test_a_period_holds_its_day_and_its_id_says_which_it_is(day: date, kind: Kind) -> None:
    period = Period.containing(day, kind)
    assert day in period
    assert Period.parse(str(period)) == period


@given(days, kinds)
def test_periods_follow_one_another_without_gap_or_overlap(day: date, kind: Kind) -> None:
    period = Period.containing(day, kind)
    assert period.next.start == period.end + timedelta(days=1)
    assert period.next.previous == period
    assert period < period.next


@given(days, kinds)
def test_days_run_from_start_to_end(day: date, kind: Kind) -> None:
    period = Period.containing(day, kind)
    assert period.days[0] == period.start
    assert period.days[-1] == period.end
    assert len(period.days) == (period.end - period.start).days + 1
    assert kind is not Kind.WEEK or len(period.days) == 7


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_ids(text: str, start: date, end: date) -> None:
    period = Period.parse(text)
    assert (period.start, period.end, str(period)) == (start, end, text)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-W54", "2025-W53", "2026-13", "2026-00", "2026-Q5", "W47", "2026-w47"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-W54", "2026 has no week 54"),
        ("2025-W53", "2025 has no week 53"),
        ("2026-48", "2026 has no month 48; the week is 2026-W48"),
        ("2026-00", "2026 has no month 00"),
        ("2026-54", "2026 has no month 54"),
        ("0000-Q4", "there is no year 0000"),
    ],
)
def test_what_a_year_lacks_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{text!r} is not a period: {said}") + "$"):
        Period.parse(text)


def test_only_days_are_in_a_period() -> None:
    assert "2026-11-16" not in Period.parse("2026-W47")
