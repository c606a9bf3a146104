"""All that is in a spreadsheet, as one text, so that two that came about in different ways can be compared."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sheetsync.local.book import Book
from sheetsync.local.store import Row, Store

JOURNAL = 700_007
"""The tab with a line for each run that wrote: who, when and by how many requests differs from run to run."""

_ANY_TIME = datetime(2026, 11, 20, 16, tzinfo=UTC)


def state(store: Store, key: str, *, objects: bool = True) -> str:
    """Every cell with its format, rule and note, and every object and property of every tab.

    Formats and rules by their number; ids that are drawn by lot are left out. Of the journal's cells it is told only
    which ones are filled. Without `objects` the cells alone, and nothing of the journal: that does not tell by how many
    runs it came about.
    """
    with store.reading() as db:
        book = Book.load(db, key, None, _ANY_TIME)
        tabs = [(sheet.doc, list(sheet.grid.rows(0, sheet.rows))) for sheet in book.sheets]
    shown = [json.dumps({**book.doc, "order": len(tabs)})] if objects else []
    for doc, rows in tabs:
        for protection in doc.get("protectedRanges", []):
            del protection["protectedRangeId"]
        journal = doc["properties"].get("sheetId") == JOURNAL
        if journal and not objects:
            continue
        shown.append(json.dumps(doc, indent=1) if objects else str(doc["properties"]["title"]))
        shown += [f"{index} {_cells(row, journal)} {row.formats} {row.rules} {row.extra}" for index, row in rows]
    return "\n".join(shown)


def _cells(row: Row, journal: bool) -> list[Any]:
    return [cell is not None for cell in row.cells] if journal else row.cells
