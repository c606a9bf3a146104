"""What Google makes of a text that somebody types into a cell (`valueInputOption=USER_ENTERED`)."""

from __future__ import annotations

from datetime import date
from typing import Any


def parse(
    text: str, locale: str, number_format: dict[str, Any] | None, today: date
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The ExtendedValue that the typed text becomes (None: the cell is blank), and the NumberFormat that Google would
    set because of it (None: leave the cell's own). `locale` is the spreadsheet's (`en_US`, `de_DE`); `number_format`
    the cell's own; `today` completes dates typed without a year. Never raises: what is nothing else is text."""
    raise NotImplementedError
