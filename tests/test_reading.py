"""The clock of a run, and which period is meant by a name."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sheetsync.errors import ConfigError
from sheetsync.reading import clock_of
from tests import office


@pytest.mark.parametrize(
    ("period", "as_of", "chosen", "until"),
    [
        ("current", "2025-07-02", "2025-W27", "2025-07-02"),
        ("last", "2025-07-02", "2025-W26", "2025-06-29"),
        ("2025-06", "2025-07-02", "2025-06", "2025-06-30"),
        ("2025-Q2", "2025-05-02", "2025-Q2", "2025-05-02"),
        ("current", None, "2025-W31", "2025-08-03"),
    ],
)
def test_the_clock_of_a_run(period: str, as_of: str | None, chosen: str, until: str) -> None:
    """The as-of date counts at most to the period's end; it is already Sunday in Berlin."""
    settings = office.configured(workbook={"timezone": "Europe/Berlin"})
    now = datetime(2025, 8, 2, 22, 30, tzinfo=UTC)
    clock = clock_of(settings, "Etc/GMT", date.fromisoformat(as_of) if as_of else None, now)
    moment = clock.moment(clock.period(period, settings))
    assert (str(moment.period), moment.as_of.isoformat()) == (chosen, until)
    assert moment.today == date(2025, 8, 3)


def test_a_time_zone_that_is_not_known_here() -> None:
    with pytest.raises(ConfigError) as raised:
        clock_of(office.configured(), "Mars/Olympus", None, None)
    assert str(raised.value) == (
        "the spreadsheet's time zone 'Mars/Olympus' is not known here\n"
        "Set workbook.timezone in the configuration, for example Europe/Moscow."
    )
