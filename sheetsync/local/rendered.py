"""How a value looks in its cell (`formattedValue`): number formats of Google Sheets and Excel, by locale."""

from __future__ import annotations

from typing import Any


def render(effective: dict[str, Any], number_format: dict[str, Any] | None, locale: str) -> str:
    """The text that the cell shows for an effective ExtendedValue ({} is a blank: ""). Never raises."""
    raise NotImplementedError
