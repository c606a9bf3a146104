"""Whose turn it is to write: a named range that every batch hands on, so that of two from the same reading one fails.

A batch adds the named range of the next turn and removes that of the turn at which the workbook was read. To add an id
that is there already is an error (AddNamedRangeRequest in Google's reference), and a batch is applied as a whole or not
at all. So no batch is ever applied twice, however often it is sent and however late it arrives, and none that was
computed before somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sheetsync.batch.change import Batch

PREFIX = "sheetsync_turn_"
"""What the names of turns begin with; their number follows."""


_BEGUN = "sheetsync_begun_"
"""Where somebody deleted the named range of the turn, nothing that a batch removes would be missing if it came again;
so it also adds one that stays."""


def number(named_ranges: Sequence[Mapping[str, Any]]) -> int:
    """The turn at which a spreadsheet with these named ranges stands; 0 before the first."""
    return max((turn for turn, _ in _turns(named_ranges)), default=0)


def hand_on(batch: Batch, named_ranges: Sequence[Mapping[str, Any]], sheet_id: int, turn: int) -> None:
    """Lets a batch (if there is anything in it) take the turn of that number; the named range is put onto that sheet,
    which must be there once the rest of the batch is applied. The former goes first: it may stand in a row that the
    batch takes out, and would go with it."""
    if not batch:
        return
    former = [id_ for _, id_ in _turns(named_ranges)]
    batch.requests[:0] = [{"deleteNamedRange": {"namedRangeId": id_}} for id_ in former]
    names = [f"{PREFIX}{turn}"] if former or turn == 1 else [f"{PREFIX}{turn}", f"{_BEGUN}{turn}"]
    place = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    named = [{"namedRangeId": name, "name": name, "range": place} for name in names]
    batch.requests += [{"addNamedRange": {"namedRange": each}} for each in named]


def _turns(named_ranges: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """The turns that are there, and their ids: a copy of a spreadsheet may have given them others."""
    named = [(str(each.get("name", "")).removeprefix(PREFIX), each) for each in named_ranges]
    found = [(text, each) for text, each in named if text != each.get("name") and text.isascii() and text.isdigit()]
    return [(int(text), str(each["namedRangeId"])) for text, each in found]
