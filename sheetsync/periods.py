"""Weeks, months and quarters: the periods that plan and actual are counted over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_ID = re.compile(r"(?P<year>\d{4})-(?:W(?P<week>\d{2})|Q(?P<quarter>[1-4])|(?P<month>\d{2}))")


def _lacking(match: re.Match[str]) -> str:
    """What an id names that no calendar has; a month beyond the twelfth is perhaps meant for a week."""
    year, number = match["year"], match["month"]
    if number is None:
        return f"{year} has no week {match['week']}" if match["week"] else f"there is no year {year}"
    week = f"; the week is {year}-W{number}" if "12" < number < "54" else ""
    return f"{year} has no month {number}{week}"


class Kind(StrEnum):
    """How long a period is; the values are those of `department.period` and of `per:`."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A closed span of days; ordered by start. `end` is inclusive.

    `str(period)` is its id: `2026-W47` (ISO 8601 week), `2026-11` or `2026-Q4`.
    """

    start: date
    end: date
    kind: Kind

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period of an id. Raises ValueError where the text is none, or names no period of that year."""
        match = _ID.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a period; write 2026-W47, 2026-11 or 2026-Q4")
        year = int(match["year"])
        try:
            if match["week"]:
                return cls.containing(date.fromisocalendar(year, int(match["week"]), 1), Kind.WEEK)
            if match["quarter"]:
                return cls.containing(date(year, int(match["quarter"]) * 3 - 2, 1), Kind.QUARTER)
            return cls.containing(date(year, int(match["month"]), 1), Kind.MONTH)
        except ValueError:
            raise ValueError(f"{text!r} is not a period: {_lacking(match)}") from None

    @classmethod
    def containing(cls, day: date, kind: Kind) -> Period:
        """The period of that kind which `day` falls into."""
        if kind is Kind.WEEK:
            start = day - timedelta(days=day.weekday())
            return cls(start, start + timedelta(days=6), kind)
        months = 1 if kind is Kind.MONTH else 3
        first = (day.month - 1) // months * months + 1
        start = date(day.year, first, 1)
        following = date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
        return cls(start, following - timedelta(days=1), kind)

    @property
    def previous(self) -> Period:
        """The period of the same kind just before."""
        return Period.containing(self.start - timedelta(days=1), self.kind)

    @property
    def next(self) -> Period:
        """The period of the same kind just after."""
        return Period.containing(self.end + timedelta(days=1), self.kind)

    @property
    def days(self) -> list[date]:
        """Every calendar day, first to last."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1)]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    def __str__(self) -> str:
        if self.kind is Kind.WEEK:
            year, week, _ = self.start.isocalendar()
            return f"{year:04d}-W{week:02d}"
        if self.kind is Kind.QUARTER:
            return f"{self.start.year:04d}-Q{self.start.month // 3 + 1}"
        return f"{self.start.year:04d}-{self.start.month:02d}"
