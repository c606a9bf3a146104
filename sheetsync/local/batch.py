"""`spreadsheets.batchUpdate`: requests applied in order, all of them or none.

The request kinds live in rooms of their own; each is a function (book, request) -> its reply or None, and raises
RefusedError where it can't be applied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sheetsync.local import (
    batch_cells,
    batch_charts,
    batch_dimensions,
    batch_fill,
    batch_filters,
    batch_objects,
    batch_ranges,
    batch_sheets,
    batch_tables,
)
from sheetsync.local.batch_sheets import copy_sheet
from sheetsync.local.book import Book
from sheetsync.local.errors import RefusedError, invalid

Kind = Callable[[Book, dict[str, Any]], dict[str, Any] | None]
KINDS: Mapping[str, Kind] = {
    **batch_sheets.KINDS,
    **batch_dimensions.KINDS,
    **batch_cells.KINDS,
    **batch_ranges.KINDS,
    **batch_objects.KINDS,
    **batch_charts.KINDS,
    **batch_filters.KINDS,
    **batch_tables.KINDS,
    **batch_fill.KINDS,
}


def apply(book: Book, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Apply the requests; one reply each, {} where there is none. ApiError names the first that can't be applied."""
    if not requests:
        raise invalid("Must specify at least one request.")
    return [_applied(book, place, request) for place, request in enumerate(requests)]


def _applied(book: Book, place: int, request: dict[str, Any]) -> dict[str, Any]:
    if not request:
        raise invalid(f"Invalid requests[{place}]: No request set.")
    ((kind, body),) = request.items()
    if kind not in KINDS:
        raise invalid(f"Invalid requests[{place}].{kind}: {kind} is not supported by the local workbook.")
    try:
        reply = KINDS[kind](book, body)
    except RefusedError as refused:
        raise invalid(f"Invalid requests[{place}].{kind}: {refused}") from None
    return {} if reply is None else {kind: reply}


__all__ = ["KINDS", "apply", "copy_sheet"]
