"""How far a copy came, kept in the target itself: a tab that says so to people, and a named range that says so to us.

Each request moves the named range on: it takes the last one's away and adds its own, in the same batch as what it
writes. So nothing is written twice, whatever became of an answer, and two copies into one target can't mix.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sheetsync.copying.shapes import Item, Json, Loss, sheet_id
from sheetsync.errors import AccessError, ConflictError, LayoutError, ServiceError, SheetsyncError
from sheetsync.google import Workbook
from sheetsync.google.failures import AmbiguousWriteError

MARK = "Copy in progress"
"""Title of the tab that stands first in a target until it is whole."""

MOST_BYTES = 2_000_000
MOST_REQUESTS = 500
TRIES, PAUSE = 5, 1.0
"""Of a write without a clear answer that turns out not to be applied: how often, and seconds before the third time."""

_TOLD = (
    "sheetsync is copying a workbook into this one, and it is not whole yet. Nothing should be typed here. If it has "
    "stopped, run the same command again: it goes on where it stopped, and takes this tab away at the end."
)
_NAME = re.compile(r"sheetsync_copy_([0-9a-f]{12})_(\d+)_(\d+)_(\d+)_(\d+)")
_REFUSED = re.compile(r"Invalid requests\[(\d+)\][^:]*: (.*)", re.DOTALL)
_OPTIONAL = ("chipRuns", "pivotTable", "textFormatRuns", "dataValidation")
_WHERE = "sheets(properties(sheetId)),namedRanges(name)"
_FIRST_ID = 700_900


class Stage(NamedTuple):
    """Where a copy goes on: the stage, the tab's number from 0, the next row of it (or the next request of a list)."""

    stage: int
    tab: int = 0
    row: int = 0


class Held(NamedTuple):
    """The journal of an unfinished copy, as its named range tells it."""

    source: str
    step: int
    place: Stage

    @property
    def name(self) -> str:
        """Of the named range; its id is the same."""
        return f"sheetsync_copy_{self.source}_{self.step}_{'_'.join(map(str, self.place))}"


def found(skeleton: Mapping[str, Any]) -> Held | None:
    """The journal in a spreadsheet; None where no copy is under way."""
    for item in skeleton.get("namedRanges", []):
        if match := _NAME.fullmatch(str(item.get("name"))):
            step, *place = map(int, match.groups()[1:])
            return Held(match[1], step, Stage(*place))
    return None


def without_mark(skeleton: Mapping[str, Any]) -> Json:
    """The target without what the journal put into it."""
    names = [item for item in skeleton.get("namedRanges", []) if not _NAME.fullmatch(str(item.get("name")))]
    sheets = [sheet for sheet in skeleton["sheets"] if sheet["properties"]["title"] != MARK]
    return {**skeleton, "namedRanges": names, "sheets": sheets}


class Journal:
    """Writes a copy's requests into the target, in batches of some 2 MB, and remembers what was refused.

    `held` is None where nothing was written yet: then `begin` comes first.
    """

    def __init__(self, book: Workbook, source: str, held: Held | None, mark_id: int) -> None:
        self._book = book
        self._held = held or Held(source, 0, Stage(0))
        self._mark = mark_id
        self._items: list[Item] = []
        self._size = 0
        self._after = self._held.place
        self.losses: list[Loss] = []

    @property
    def place(self) -> Stage:
        """Where the copy goes on, by what was written."""
        return self._held.place

    def begin(self, blank: int, frame: Sequence[Item], place: Stage) -> None:
        """The first batch: the mark, the tabs, and the one blank tab (its id) that goes."""
        line = {"values": [{"userEnteredValue": {"stringValue": _TOLD}}]}
        properties = {
            "sheetId": self._mark,
            "title": MARK,
            "index": 0,
            "gridProperties": {"rowCount": 1, "columnCount": 1},
        }
        start = {"sheetId": self._mark, "rowIndex": 0, "columnIndex": 0}
        mark: list[Json] = [
            {"addSheet": {"properties": properties}},
            {"updateCells": {"start": start, "rows": [line], "fields": "userEnteredValue"}},
            {"deleteSheet": {"sheetId": blank}},
        ]
        head = [Item("", "the mark", request, needed=True) for request in mark]
        nxt = self._next(place)
        self._send([self._added(nxt)], [*frame[:1], *head, *frame[1:]], nxt, added_last=True)
        self._after = place

    def add(self, items: Iterable[Item], size: int, place: Stage) -> None:
        """Some requests (`size` in bytes), and where the copy goes on after them. Written when enough are together."""
        items = list(items)
        if self._items and (self._size + size > MOST_BYTES or len(self._items) + len(items) > MOST_REQUESTS):
            self.flush()
        self._items += items
        self._size += size
        self._after = place

    def flush(self) -> None:
        """Writes what is waiting."""
        if not self._items and self._after == self.place:
            return
        items, place = self._items, self._after
        self._items, self._size = [], 0
        nxt = self._next(place)
        self._send([{"deleteNamedRange": {"namedRangeId": self._held.name}}, self._added(nxt)], items, nxt)

    def end(self, items: Sequence[Item]) -> None:
        """The last batch: the mark goes."""
        away = {"deleteNamedRange": {"namedRangeId": self._held.name}}
        self._send([away, {"deleteSheet": {"sheetId": self._mark}}], list(items), None)

    def _next(self, place: Stage) -> Held:
        return Held(self._held.source, self._held.step + 1, place)

    def _added(self, held: Held) -> Json:
        area = {
            "sheetId": self._mark,
            "startRowIndex": 0,
            "endRowIndex": 1,
            "startColumnIndex": 0,
            "endColumnIndex": 1,
        }
        return {"addNamedRange": {"namedRange": {"namedRangeId": held.name, "name": held.name, "range": area}}}

    def _send(self, head: list[Json], items: list[Item], nxt: Held | None, *, added_last: bool = False) -> None:
        tries = 0
        while True:
            given = [item.request for item in items]
            try:
                self._book.apply([*given, *head] if added_last else [*head, *given])
                break
            except AmbiguousWriteError:
                tries += 1
                if self._was_written(nxt):
                    break
                if tries == TRIES:
                    raise
                time.sleep(PAUSE * 2 ** (tries - 2) if tries > 1 else 0)
            except (ServiceError, AccessError, LayoutError) as error:
                if self._lost_the_race(error, len(head), added_last=added_last):
                    if self._was_written(nxt):
                        break  # this write arrived twice, or after the look that found nothing of it
                    raise ConflictError(
                        "somebody else writes into the target", remedy="Look who copies into it, or name another."
                    ) from error
                self._give_up(error, items, 0 if added_last else len(head))
        self._held = nxt or self._held

    def _was_written(self, nxt: Held | None) -> bool:
        """Looks where the target stands, after a write without a clear answer."""
        skeleton = self._book.grid(_WHERE)
        held = found(skeleton)
        if held == nxt:
            return True
        before = None if self._held.step == 0 else self._held
        if held != before:
            raise ConflictError("somebody else writes into the target", remedy="Look who copies into it.")
        return False

    def _lost_the_race(self, error: SheetsyncError, head: int, *, added_last: bool) -> bool:
        if added_last:
            return found(self._book.grid(_WHERE)) is not None
        refused = _REFUSED.search(error.what)
        return refused is not None and int(refused[1]) < head

    def _give_up(self, error: SheetsyncError, items: list[Item], head: int) -> None:
        """Takes what was refused out of the batch, or raises where that is more than a look or an object."""
        refused = _REFUSED.search(error.what)
        place = int(refused[1]) - head if refused else -1
        if refused is None or not 0 <= place < len(items):
            raise error
        item = items[place]
        plainer, parts = _plainer(item)
        if item.needed and plainer is None:
            raise error
        self.losses.append(Loss(item.tab, ", ".join(parts) or item.what, refused[2].rstrip(")")))
        if plainer is None:
            del items[place]
        else:
            items[place] = plainer


def _plainer(item: Item) -> tuple[Item | None, list[str]]:
    """The request without chips, pivot tables, runs and rules; None where it has none."""
    ((kind, body),) = item.request.items()
    names = body.get("fields", "").split(",") if kind in ("updateCells", "repeatCell") else []
    parts = [name for name in names if name in _OPTIONAL]
    left = [name for name in names if name not in _OPTIONAL]
    if not parts or not left:
        return None, parts
    made = {**body, "fields": ",".join(left)}
    if "cell" in body:
        made["cell"] = {name: value for name, value in body["cell"].items() if name in left}
    else:
        made["rows"] = [_only(row, left) for row in body["rows"]]
    return Item(item.tab, item.what, {kind: made}, item.needed), parts


def _only(row: Mapping[str, Any], names: Sequence[str]) -> Json:
    return {
        "values": [{name: value for name, value in cell.items() if name in names} for cell in row.get("values", [])]
    }


def mark_id(source: Mapping[str, Any], target: Mapping[str, Any]) -> int:
    """The id of the mark's tab: the first that neither has."""
    taken = {sheet_id(sheet) for skeleton in (source, target) for sheet in skeleton["sheets"]}
    return next(number for number in range(_FIRST_ID, _FIRST_ID + len(taken) + 1) if number not in taken)
