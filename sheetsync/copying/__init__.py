"""`copy`: carries a workbook into an empty one, between Google and this machine, either way.

The source is read in chunks of rows and written in batches; the target keeps how far it came (`journal`), so a copy
that stopped goes on where it stopped. At the end both are read once more and compared (`comparison`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from sheetsync.copying import cells, comparison, journal, objects, shapes
from sheetsync.copying.comparison import Difference
from sheetsync.copying.journal import MARK, Journal, Stage
from sheetsync.copying.shapes import Item, Json, Loss
from sheetsync.errors import AccessError, ServiceError, UsageError
from sheetsync.google import Workbook
from sheetsync.settings import Place

__all__ = ["MARK", "Copied", "Difference", "Loss", "copy"]

Progress = Callable[[str], None]
MOST_TOLD = 50
"""Differences that are kept to be told, beside their count."""

_BENEATH, _CELLS, _ABOVE, _TABLES, _CHARTS, _COMPARE = range(1, 7)
_GO_ON = "The copy is not whole yet. Run the same command again: it goes on where it stopped."


@dataclass(slots=True)
class Copied:
    """What a copy did: the title, tabs, cells with something in them, requests to both sides, whether it went on with
    an earlier one, what was not carried over, and the cells in which something else stands than was typed (how many,
    and the first MOST_TOLD)."""

    title: str
    tabs: int
    cells: int = 0
    requests: int = 0
    resumed: bool = False
    losses: list[Loss] = field(default_factory=list)
    different: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether all that people typed is in the copy as it is in the source."""
        return not self.different


def copy(
    source: Place,
    target: Place,
    credentials: str,
    target_credentials: str | None = None,
    *,
    progress: Progress = lambda _: None,
) -> Copied:
    """Carries the workbook over, and compares. Nothing is written into the source.

    The target must be blank: one tab, nothing on it; a `local:` one is made where there is none. One that holds an
    unfinished copy of the same source is completed. Raises UsageError where the target is not blank or the source is
    no whole workbook, ConflictError where somebody else writes into the target, AccessError, ServiceError.
    """
    if (source.kind, source.base, source.key, source.path) == (target.kind, target.base, target.key, target.path):
        raise UsageError("source and target are the same workbook", remedy="Name another target.")
    with Workbook.at(source, credentials) as origin:
        progress("reading what tabs there are")
        skeleton = _whole(origin.grid(shapes.SKELETON), _where(source))
        _made(target, skeleton)
        with Workbook.at(target, target_credentials or credentials) as goal:
            done = _Copying(origin, goal, skeleton, google=target.kind == "google", progress=progress).run(
                _where(target)
            )
            done.requests = origin.requests + goal.requests
            return done


def _where(place: Place) -> str:
    return f"local:{place.path}" if place.path else f"{place.base}/spreadsheets/d/{place.key}"


def _whole(skeleton: Json, where: str) -> Json:
    if journal.found(skeleton) is not None:
        raise UsageError(
            "this is itself a copy that is not whole yet",
            where=where,
            remedy="Complete that copy first, with the command that began it.",
        )
    return skeleton


def _made(target: Place, skeleton: Mapping[str, Any]) -> None:
    """Makes the file of a `local:` target that is not there."""
    if target.kind != "local" or target.path is None:
        return
    from sheetsync.google.file import told
    from sheetsync.local.inprocess import InProcess  # the local workbook is loaded only where it is used

    given = skeleton["properties"]
    properties = {name: given[name] for name in ("locale", "timeZone") if name in given}
    try:
        target.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AccessError(
            f"the workbook file can't be made ({error.strerror})",
            where=_where(target),
            remedy="Name another file, in a folder that you may write into.",
        ) from error
    with told(target.path):
        InProcess(target.path, create=True, properties=properties).close()


class _Copying:
    """One copy under way."""

    def __init__(self, origin: Workbook, goal: Workbook, skeleton: Json, *, google: bool, progress: Progress) -> None:
        self._origin, self._goal, self._skeleton = origin, goal, skeleton
        self._google, self._progress = google, progress
        self._sheets: Sequence[Json] = skeleton["sheets"]
        self._done = Copied(str(skeleton["properties"].get("title", "")), len(self._sheets))

    def run(self, where: str) -> Copied:
        """From wherever the target stands to its end."""
        source, target = shapes.fingerprint(self._skeleton), self._goal.grid(shapes.SKELETON)
        held = journal.found(target)
        if held is None:
            self._check_blank(target, where)
        elif held.source != source:
            raise UsageError(
                "an unfinished copy of another workbook is in the target, or the source's tabs were changed since",
                where=where,
                remedy="Name an empty target.",
            )
        self._done.resumed = held is not None
        mark = self._mark(target, held)
        self._journal = Journal(self._goal, source, held, mark)
        self._done.losses += objects.left_out(self._skeleton)
        try:
            if held is None:
                first = shapes.sheet_id(target["sheets"][0])
                self._journal.begin(first, objects.frame(self._skeleton), Stage(_BENEATH))
            self._write(target["properties"].get("spreadsheetTheme", {}))
            self._compare()
        except ServiceError as error:
            raise type(error)(error.what, where=error.where, remedy=_GO_ON) from error
        return self._done

    def _mark(self, target: Mapping[str, Any], held: journal.Held | None) -> int:
        if held is None:
            return journal.mark_id(self._skeleton, target)
        (area,) = [item["range"] for item in target["namedRanges"] if item["name"] == held.name]
        return int(area.get("sheetId", 0))

    def _check_blank(self, target: Mapping[str, Any], where: str) -> None:
        """Raises UsageError where the target holds anything that somebody might miss."""
        sheets = target["sheets"]
        kinds = sorted(name for sheet in sheets for name in shapes.OBJECTS if sheet.get(name))
        if len(sheets) > 1:
            what = f"it has {len(sheets)} tabs"
        elif target.get("namedRanges") or kinds:
            what = f"it has {', '.join(kinds) or 'named ranges'}"
        elif filled := self._first_filled(sheets[0]):
            what = f"there is something in “{shapes.title(sheets[0])}”, row {filled}"
        else:
            return
        raise UsageError(
            f"the target is not empty: {what}",
            where=where,
            remedy="Name a new spreadsheet with one blank tab, or a local:PATH that does not exist yet.",
        )

    def _first_filled(self, sheet: Json) -> int | None:
        """The first row (from 1) of a tab with something typed in it."""
        for chunk in cells.chunks(self._goal, sheet):
            for row, line in enumerate(chunk.rows, chunk.top + 1):
                if any(cell.get(name) for cell in line for name in cells.CONTENT):
                    return row
        return None

    # --- writing -----------------------------------------------------------------------------------------------------

    def _write(self, theme: Mapping[str, Any]) -> None:
        if self._journal.place.stage == _BENEATH:
            self._list(objects.beneath(self._skeleton), _BENEATH)
        if self._journal.place.stage == _CELLS:
            self._cells()
        if self._journal.place.stage == _ABOVE:
            self._progress("writing charts, rules and protection")
            account = self._goal.account
            self._list(objects.above(self._skeleton, theme, account, google=self._google), _ABOVE)
        if self._journal.place.stage == _TABLES:
            for item in self._table_values():
                self._journal.add([item], len(orjson.dumps(item.request)), Stage(_TABLES))
            self._pass([], Stage(_CHARTS))
        if self._journal.place.stage == _CHARTS:
            made = self._goal.grid(shapes.SKELETON)
            self._pass(objects.sheets_of_charts(self._skeleton, made), Stage(_CHARTS, 1))
            moved = objects.order(self._skeleton, self._goal.grid(shapes.SKELETON), first=1)
            self._pass(moved, Stage(_COMPARE))

    def _list(self, items: Sequence[Item], stage: int) -> None:
        """Writes what of a list of requests is not written yet; then the next stage begins."""
        start = self._journal.place.row
        for number, item in enumerate(items[start:], start + 1):
            self._journal.add([item], len(orjson.dumps(item.request)), Stage(stage, 0, number))
        self._pass([], Stage(stage + 1))

    def _pass(self, items: Iterable[Item], stage: Stage) -> None:
        self._journal.add(items, 0, stage)
        self._journal.flush()

    def _cells(self) -> None:
        _, first, row = self._journal.place
        for number, sheet in enumerate(self._sheets[first:], first):
            for chunk in cells.chunks(self._origin, sheet, row):
                self._say("copying", sheet, chunk.bottom)
                for bottom, items, size in cells.pieces(chunk):
                    self._journal.add(items, size, Stage(_CELLS, number, bottom))
            row = 0
        self._pass([], Stage(_ABOVE))

    def _say(self, what: str, sheet: Mapping[str, Any], row: int) -> None:
        rows = sheet["properties"].get("gridProperties", {}).get("rowCount", 0)
        self._progress(f"{what} “{shapes.title(sheet)}”: row {row:,} of {rows:,}")

    def _table_values(self) -> Iterable[Item]:
        """The cells of tables once more: a table that is made fills some that were blank."""
        for sheet in self._sheets:
            for table in sheet.get("tables", []):
                area = table["range"]
                for chunk in cells.chunks(self._origin, sheet, area.get("startRowIndex", 0), area["endRowIndex"]):
                    yield from cells.values(chunk, area)

    # --- comparing ---------------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        """Compares all, and takes the mark away where what was typed is whole."""
        found = [*self._done.losses, *self._journal.losses]
        for sheet in self._sheets:
            for chunk in cells.chunks(self._origin, sheet):
                self._say("comparing", sheet, chunk.bottom)
                self._done.cells += sum(1 for row in chunk.rows for cell in row if cell.get("userEnteredValue"))
                there = cells.read(self._goal, sheet, chunk.top, chunk.bottom)
                found += self._noted(comparison.of_cells(chunk, there))
        made = journal.without_mark(self._goal.grid(shapes.SKELETON))
        found += comparison.of_objects(self._skeleton, made, google=self._google)
        self._done.losses = list({(loss.tab, loss.what): loss for loss in reversed(found)}.values())[::-1]
        if self._done.whole:
            self._journal.end([])

    def _noted(self, found: Iterable[Difference | Loss]) -> Iterable[Loss]:
        for each in found:
            if isinstance(each, Loss):
                yield each
                continue
            self._done.different += 1
            if len(self._done.differences) < MOST_TOLD:
                self._done.differences.append(each)
