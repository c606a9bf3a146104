"""Periods and times as people say them."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date, format_interval

from sheetsync.periods import Kind, Period
from sheetsync.texts import Texts


def period_title(period: Period, texts: Texts) -> str:
    """The period in words: `Week 47 · 16-22 November 2026`, `November 2026`, `Quarter 4 · October-December 2026`."""
    if period.kind is Kind.MONTH:
        month = str(format_date(period.start, "LLLL y", locale=texts.locale))
        return month[:1].upper() + month[1:]
    if period.kind is Kind.WEEK:
        name = texts("Week {n}", n=period.start.isocalendar().week)
        span = format_interval(period.start, period.end, "yMMMMd", locale=texts.locale)
    else:
        name = texts("Quarter {n}", n=period.start.month // 3 + 1)
        span = format_interval(period.start, period.end, "yMMMM", locale=texts.locale)
    return f"{name} · {span}"


def short(period: Period, texts: Texts) -> str:
    """The period in a word: `W47`, `Nov ’26`, `Q4 26`."""
    if period.kind is Kind.WEEK:
        return texts("W{n}", n=period.start.isocalendar().week)
    if period.kind is Kind.MONTH:
        return month(period, texts)
    return texts("Q{n}", n=f"{period.start.month // 3 + 1} {period.start:%y}")


def month(period: Period, texts: Texts) -> str:
    """The month in a word: `Nov ’26`, so that nobody takes the year for a day."""
    return str(format_date(period.start, "LLL ’yy" if texts.language == "en" else "LLL yy", locale=texts.locale))


def since(period: Period, texts: Texts) -> str:
    """The period in a word after "since": `W47`, `October`, `Q4 26`."""
    if period.kind is Kind.MONTH:
        return str(format_date(period.start, "MMMM", locale=texts.locale))
    return short(period, texts)


def lasting(n: int, kind: Kind, texts: Texts) -> str:
    """So many periods up to now: `last 12 weeks`."""
    if kind is Kind.WEEK:
        return texts.plural("last {n} week", "last {n} weeks", n)
    if kind is Kind.MONTH:
        return texts.plural("last {n} month", "last {n} months", n)
    return texts.plural("last {n} quarter", "last {n} quarters", n)


def zone(now: datetime) -> str:
    """The zone as people write it: MSK, CET, or +03:00 where it has no letters."""
    name = now.tzname() or ""
    return name if name.isalpha() else now.isoformat()[-6:]
