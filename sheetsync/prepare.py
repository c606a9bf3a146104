"""`init`: the workbook's tabs as they should be, with one write. What people typed is never touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from sheetsync import base, batch, entry, guide, history, journal, layout, ledgers, logs
from sheetsync.batch import Batch, Change, Held, turn
from sheetsync.canvas import GREY, Canvas, style
from sheetsync.errors import AccessError
from sheetsync.google import Workbook
from sheetsync.model import Page, Value
from sheetsync.reading import clock_of
from sheetsync.schema import Settings
from sheetsync.settings import Place
from sheetsync.texts import Texts
from sheetsync.writing import Progress, write

_THINGS = {
    "addSheet": "new tab",
    "updateSheetProperties": "title and frozen rows",
    "appendDimension": "size",
    "insertDimension": "size",
    "updateCells": "headers and notes",
    "updateDimensionProperties": "widths",
    "repeatCell": "formats",
    "setDataValidation": "dropdowns",
    "deleteConditionalFormatRule": "highlighting",
    "addConditionalFormatRule": "highlighting",
    "addProtectedRange": "protection",
    "updateProtectedRange": "protection",
}
_PAGES_ORDER = ("dashboard", "issues", "guide", "history", "snapshots")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an init did: the spreadsheet's title, how many things it changed in which tabs, and requests made."""

    title: str
    changes: int
    tabs: tuple[str, ...]
    requests: int
    run_id: str

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.changes > 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """The workbook as it is before: its metadata, the grid data of `ranges`, and those of our tabs that were read."""

    settings: Settings
    spreadsheet: Mapping[str, Any]
    cells: Mapping[str, Any]
    held: Mapping[str, Held]

    @property
    def lines(self) -> pd.DataFrame:
        """The lines of the journal."""
        return journal.from_cells(self.held["journal"].values if "journal" in self.held else [])

    @property
    def runs(self) -> list[str]:
        """The ids of the runs that wrote, the latest last."""
        return list(self.lines["run_id"])

    def note(self, planned: Batch, run: journal.Run, editor: str) -> None:
        """Lets a batch leave a line of the run in the journal, and take the next turn."""
        named = self.spreadsheet.get("namedRanges", [])
        number = 1 + max(turn.number(named), journal.last(self.lines))
        page = ledgers.journal(journal.noted(self.lines, replace(run, number=number)), self.settings)
        planned.take_along(batch.plan([page], self.held, named, editor=editor))
        own = layout.own_tabs(self.settings, self.spreadsheet["sheets"])
        past = own["history"]["properties"] if "history" in own else {"sheetId": layout.OWN_IDS["history"]}
        turn.hand_on(planned, named, int(past.get("sheetId", 0)), number)


@dataclass(frozen=True, slots=True)
class _Planned:
    title: str
    run: journal.Run


def init(
    settings: Settings,
    place: Place,
    *,
    now: datetime | None = None,
    run_id: str | None = None,
    progress: Progress = lambda _: None,
) -> Prepared:
    """Creates or repairs the tabs of the workbook; a `local:` file is made where there is none.

    At most two reads and one write, which is all or nothing; nothing is written where all is right. `now` (with zone)
    stands in for the clock. `run_id` is drawn by lot where none is given. Raises SheetsyncError.
    """
    called = run_id or logs.new_run()
    with _open(settings, place) as book:

        def look() -> _Seen:
            return _look(book, settings)

        def plan(found: _Seen, _: _Planned | None) -> tuple[_Planned, Batch]:
            planned = plan_init(found.settings, found.spreadsheet, found.cells, editor=book.account)
            properties = found.spreadsheet["properties"]
            at = clock_of(settings, properties.get("timeZone"), None, now).now
            run = journal.Run(called, "init", at, journal.who(book.identity))
            if planned:
                found.note(planned, replace(run, requests=book.requests + 1, cells=planned.cells), book.account)
            return _Planned(str(properties.get("title", "")), run), planned

        made, planned, changed = write(book, called, look, plan, progress=progress)
        journal.tell(made.run, planned.cells, book.requests, changed=changed)
        tabs = tuple(dict.fromkeys(change.tab for change in planned.changes))
        return Prepared(made.title, len(planned.changes), tabs, book.requests, called)


def _look(book: Workbook, settings: Settings) -> _Seen:
    spreadsheet = book.metadata()
    called = layout.named(settings, spreadsheet)
    asked = ranges(called, spreadsheet)
    cells = book.grid(entry.CELLS, asked) if asked else {}
    own = layout.own_tabs(called, spreadsheet["sheets"])
    held = {name: Held(own[name], _values(own[name], cells)) for name in _read_whole(own)}
    return _Seen(called, spreadsheet, cells, held)


def ranges(settings: Settings, spreadsheet: Mapping[str, Any]) -> list[str]:
    """What `plan_init` has to know of the cells, in A1 notation; to be read with `entry.CELLS`."""
    own = layout.own_tabs(settings, spreadsheet["sheets"])
    whole = [layout.quoted(str(own[name]["properties"]["title"])) for name in _read_whole(own)]
    return [*entry.ranges(settings, spreadsheet), *whole]


def _read_whole(own: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Our tabs that an init writes, and those that may be somebody else's."""
    ids = {name: int(sheet["properties"].get("sheetId", 0)) for name, sheet in own.items()}
    return [name for name in own if name in ("guide", "journal") or ids[name] != layout.OWN_IDS[name]]


def plan_init(
    settings: Settings, spreadsheet: Mapping[str, Any], cells: Mapping[str, Any], *, editor: str = ""
) -> Batch:
    """The one batch of an init: our tabs that are missing, the Guide, then the managers' tabs.

    `spreadsheet` is its metadata JSON, `cells` the grid data of `ranges` ({} where there are none), `editor` the
    account that keeps the right to edit our tabs. Our other tabs that exist are `sync`'s to write. Raises LayoutError.
    """
    explained = guide.page(settings)
    own = layout.own_tabs(settings, spreadsheet["sheets"])
    held = {name: Held(own[name], _values(own[name], cells)) for name in _read_whole(own)}
    layout.see_that_they_are_ours(own, spreadsheet, {name: each.values for name, each in held.items()})
    layout.see_that_titles_are_free(settings, own, spreadsheet)
    pages = [page for page in _blank_pages(settings, explained) if page is explained or page.id not in own]
    planned = batch.plan(pages, held, spreadsheet.get("namedRanges", []), editor=editor)
    managers = entry.requests(settings, spreadsheet, cells, explained)
    standings = entry.headers(settings, spreadsheet, cells) if managers else []
    planned.extend(Batch(managers, _changes(managers, spreadsheet), [*standings]))
    _order(planned, len(spreadsheet["sheets"]), dashboard_is_new="dashboard" not in own)
    return planned


def habits(settings: Settings) -> dict[str, str]:
    """Locale and time zone of a new local workbook, as the configuration has them."""
    locale = str(Texts(settings.workbook.language).locale)
    return {"locale": locale, "timeZone": settings.workbook.timezone or "Etc/GMT"}


def _open(settings: Settings, place: Place) -> Workbook:
    """The workbook; a `local:` one is made where there is none, in the configuration's language and time zone."""
    if place.kind == "local" and place.path is not None:
        from sheetsync.google.file import told
        from sheetsync.local.inprocess import InProcess  # the local workbook is loaded only where it is used

        try:
            place.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AccessError(
                f"the folder of the workbook can't be made: {error.strerror}",
                where=f"local:{place.path}",
                remedy="Name another file under workbook.spreadsheet, or with --spreadsheet.",
            ) from error
        with told(place.path):
            InProcess(place.path, create=True, properties=habits(settings)).close()
    return Workbook.at(place, settings.workbook.credentials, settings.workbook.request_deadline)


def _blank_pages(settings: Settings, explained: Page) -> list[Page]:
    """Our tabs before the first sync, in the order in which they stand."""
    pages = {
        "dashboard": _waiting(settings),
        "history": ledgers.history(history.from_cells([]), settings, stamped=()),
        "issues": ledgers.issues([], settings, {}),
        "guide": explained,
        "snapshots": ledgers.snapshots(base.snapshots_from_cells([]), settings),
    }
    return [pages[name] for name in _PAGES_ORDER]


def _waiting(settings: Settings) -> Page:
    """The Dashboard that has nothing to show yet."""
    texts, canvas = Texts(settings.workbook.language), Canvas(columns=8)
    canvas.put(0, 0, texts("The figures come with the first “sheetsync sync”."), style(size=13, ink=GREY))
    return canvas.page("dashboard", settings.workbook.tabs.dashboard, layout.OWN_IDS["dashboard"], gridlines=False)


def _values(sheet: Mapping[str, Any], cells: Mapping[str, Any]) -> list[list[Value]]:
    """The effective values of a tab that was read as a whole, from A1."""
    wanted = sheet["properties"].get("sheetId", 0)
    blocks = [
        read.get("data", []) for read in cells.get("sheets", []) if read["properties"].get("sheetId", 0) == wanted
    ]
    return [
        [next(iter(cell.get("effectiveValue", {}).values()), None) for cell in row.get("values", [])]
        for row in (blocks[0][0].get("rowData", []) if blocks and blocks[0] else [])
    ]


def _changes(managers: Sequence[Mapping[str, Any]], spreadsheet: Mapping[str, Any]) -> list[Change]:
    """What the requests change in the managers' tabs, each thing once."""
    tabs = [sheet["properties"] for sheet in spreadsheet["sheets"]]
    for request in managers:
        tabs += [body["properties"] for body in request.values() if "title" in body.get("properties", {})]
    titles = {int(tab.get("sheetId", 0)): str(tab["title"]) for tab in tabs}
    things = [(titles[_sheet_of(body)], _THINGS[kind]) for request in managers for kind, body in request.items()]
    return [Change(tab, thing, cells=0) for tab, thing in dict.fromkeys(things)]


def _sheet_of(body: Any) -> int:
    """The first sheet id in a request's body."""
    found = [body] if isinstance(body, Mapping) else []
    while found:
        here = found.pop(0)
        if "sheetId" in here:
            return int(here["sheetId"])
        for inner in here.values():
            found += [item for item in (inner if isinstance(inner, list) else [inner]) if isinstance(item, Mapping)]
    return 0


def _order(planned: Batch, tabs: int, *, dashboard_is_new: bool) -> None:
    """Puts a new Dashboard first, and new managers' tabs before our other new ones."""
    place = tabs + dashboard_is_new
    for request in planned.requests:
        properties = request.get("addSheet", {}).get("properties", {})
        if properties.get("sheetId") == layout.OWN_IDS["dashboard"]:
            properties["index"] = 0
        elif properties and properties["sheetId"] not in layout.OWN_IDS.values():
            properties["index"] = place
            place += 1
