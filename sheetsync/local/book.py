"""One spreadsheet while a request is answered: its properties and tabs in memory, its cells in the file."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from sqlite3 import Connection
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from sheetsync.local import a1, formats, rendered
from sheetsync.local.a1 import Area, Span
from sheetsync.local.dimensions import DEFAULT_PIXELS, Dimension, Run
from sheetsync.local.errors import PROTECTED, RefusedError, invalid, not_found
from sheetsync.local.file import loaded
from sheetsync.local.store import Cell, Grid, Palette

MAX_CELLS = 10_000_000
MAX_TEXT = 50_000
TOO_LONG = f"Your input contains more than the maximum of {MAX_TEXT} characters in a single cell."
_RUNS: dict[Dimension, str] = {"ROWS": "rowRuns", "COLUMNS": "columnRuns"}
_GROUPS: dict[Dimension, str] = {"ROWS": "rowGroups", "COLUMNS": "columnGroups"}


class Sheet:
    """One tab. `doc` holds its properties and objects as the API shapes them, and `rowRuns`, `columnRuns`."""

    def __init__(self, number: int, doc: dict[str, Any], grid: Grid) -> None:
        self.number, self.doc, self.grid = number, doc, grid

    @property
    def properties(self) -> dict[str, Any]:
        """The SheetProperties, without `index`."""
        properties: dict[str, Any] = self.doc["properties"]
        return properties

    @property
    def id(self) -> int:
        """The sheetId."""
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        """The tab's name."""
        return str(self.properties["title"])

    @property
    def rows(self) -> int:
        """Rows of the grid."""
        return int(self.properties.get("gridProperties", {}).get("rowCount", 0))

    @property
    def columns(self) -> int:
        """Columns of the grid."""
        return int(self.properties.get("gridProperties", {}).get("columnCount", 0))

    @property
    def area(self) -> Area:
        """The whole grid."""
        return Area(0, 0, self.rows, self.columns)

    def size(self, dimension: Dimension) -> int:
        """Rows or columns of the grid."""
        return self.rows if dimension == "ROWS" else self.columns

    def resize(self, dimension: Dimension, size: int) -> None:
        """Set the number of rows or columns in the properties; cells are not touched."""
        self.properties["gridProperties"]["rowCount" if dimension == "ROWS" else "columnCount"] = size

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """A list of the tab's objects (`merges`, `charts`, ...), to be changed in place."""
        found: list[dict[str, Any]] = self.doc.setdefault(kind, [])
        return found

    def runs(self, dimension: Dimension) -> list[Run]:
        """Sizes and flags of rows or columns, where they are not the default."""
        found: list[Run] = self.doc.get(_RUNS[dimension], [])
        return found

    def set_runs(self, dimension: Dimension, runs: list[Run]) -> None:
        """Replace the sizes and flags of rows or columns."""
        self.doc[_RUNS[dimension]] = runs

    def groups(self, dimension: Dimension) -> list[dict[str, Any]]:
        """The groups of rows or columns, to be changed in place."""
        return self.objects(_GROUPS[dimension])

    def pixels(self, dimension: Dimension) -> int:
        """The size of a row or column that nobody sized."""
        return DEFAULT_PIXELS[dimension]

    def beyond(self, area: Area) -> str | None:
        """What Google says where `area` starts outside of the grid, else None."""
        if area.top < self.rows and area.left < self.columns:
            return None
        return self.exceeded(area)

    def exceeded(self, where: Area | Span) -> str:
        """What Google says of a range that leaves the grid."""
        written = a1.write_span(self.title, Span(*where), Area(0, 0, self.rows, self.columns))
        return f"Range ({written}) exceeds grid limits. Max rows: {self.rows}, max columns: {self.columns}"


class Book:
    """One spreadsheet within one transaction.

    `account` is who asks (None: the owner). What is changed lands with `save`.
    """

    def __init__(self, db: Connection, key: str, doc: dict[str, Any], account: str | None, now: datetime) -> None:
        self.db, self.key, self.doc, self.account, self.now = db, key, doc, account, now
        self.palette = Palette(db)
        self.sheets: list[Sheet] = []
        self.touched: set[int] = set()

    @classmethod
    def load(cls, db: Connection, key: str, account: str | None, now: datetime) -> Book:
        """The spreadsheet with that id; ApiError 404 where there is none."""
        found = db.execute("SELECT doc FROM spreadsheet WHERE id = ?", (key,)).fetchone()
        if found is None:
            raise not_found()
        book = cls(db, key, loaded(found[0]), account, now)
        tabs = db.execute("SELECT number, doc FROM sheet WHERE spreadsheet = ?", (key,)).fetchall()
        docs = {number: loaded(doc) for number, doc in tabs}
        held = {
            number: Sheet(number, doc, Grid(db, book.palette, number, doc.pop("origin", 0)))
            for number, doc in docs.items()
        }
        book.sheets = [held[number] for number in book.doc["order"]]
        return book

    @classmethod
    def create(
        cls, db: Connection, key: str, properties: Mapping[str, Any], account: str | None, now: datetime
    ) -> Book:
        """A new spreadsheet without tabs."""
        kept = {
            "title": properties.get("title") or "Untitled spreadsheet",
            "locale": properties.get("locale") or "en_US",
            "autoRecalc": properties.get("autoRecalc") or "ON_CHANGE",
            "timeZone": properties.get("timeZone") or "Etc/GMT",
            "defaultFormat": formats.DEFAULT_FORMAT,
            "spreadsheetTheme": properties.get("spreadsheetTheme") or formats.DEFAULT_THEME,
        }
        if "iterativeCalculationSettings" in properties:
            kept["iterativeCalculationSettings"] = properties["iterativeCalculationSettings"]
        doc = {"properties": kept, "order": [], "namedRanges": [], "developerMetadata": []}
        while db.execute("SELECT 1 FROM spreadsheet WHERE created = ?", (made := stamp(now),)).fetchone():
            now += timedelta(milliseconds=1)  # the oldest is found by this moment: no two are of the same
        db.execute("INSERT INTO spreadsheet VALUES (?, ?, ?, ?, 1)", (key, orjson.dumps(doc), made, made))
        return cls(db, key, doc, account, now)

    def save(self) -> None:
        """Write properties and tabs back to the file."""
        self.doc["order"] = [sheet.number for sheet in self.sheets]
        for sheet in self.sheets:
            kept = {name: value for name, value in sheet.doc.items() if value or name == "properties"}
            doc = orjson.dumps({**kept, "origin": sheet.grid.origin} if sheet.grid.origin else kept)
            self.db.execute(
                "UPDATE sheet SET doc = ?, id = ? WHERE number = ? AND doc != ?", (doc, sheet.id, sheet.number, doc)
            )
        self.db.execute(
            "UPDATE spreadsheet SET doc = ?, modified = ?, version = version + 1 WHERE id = ?",
            (orjson.dumps(self.doc), stamp(self.now), self.key),
        )

    @property
    def properties(self) -> dict[str, Any]:
        """The SpreadsheetProperties."""
        properties: dict[str, Any] = self.doc["properties"]
        return properties

    @property
    def locale(self) -> str:
        """How numbers and dates are read and written."""
        return str(self.properties["locale"])

    @property
    def named_ranges(self) -> list[dict[str, Any]]:
        """The named ranges, to be changed in place."""
        ranges: list[dict[str, Any]] = self.doc["namedRanges"]
        return ranges

    @cached_property
    def local_now(self) -> datetime:
        """The moment of the request in the spreadsheet's time zone, naive."""
        try:
            zone = ZoneInfo(self.properties["timeZone"])
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("Etc/GMT")
        return self.now.astimezone(zone).replace(tzinfo=None)

    # Tabs

    def tab(self, sheet_id: int) -> Sheet:
        """The tab with that id, whatever is on it; RefusedError where there is none."""
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise RefusedError(f"No grid with id: {sheet_id}")

    def sheet(self, sheet_id: int) -> Sheet:
        """The tab with that id, a grid; RefusedError where there is none."""
        sheet = self.tab(sheet_id)
        if not sheet.rows:
            raise RefusedError(f"No grid with id: {sheet_id}")
        return sheet

    def add_sheet(self, doc: dict[str, Any], index: int | None) -> Sheet:
        """A tab with that document, at that place (None: last). Its id and title are checked by the caller."""
        sheet_id = doc["properties"]["sheetId"]
        (number,) = self.db.execute(
            "INSERT INTO sheet (spreadsheet, id, doc) VALUES (?, ?, ?) RETURNING number",
            (self.key, sheet_id, orjson.dumps(doc)),
        ).fetchone()
        sheet = Sheet(number, doc, Grid(self.db, self.palette, number))
        self.sheets.insert(len(self.sheets) if index is None else index, sheet)
        self.touched.add(sheet.number)
        return sheet

    def remove_sheet(self, sheet: Sheet) -> None:
        """Take the tab and its cells away."""
        sheet.grid.clear()
        self.db.execute("DELETE FROM sheet WHERE number = ?", (sheet.number,))
        self.sheets.remove(sheet)
        self.touched.add(sheet.number)

    def titled(self, title: str) -> Sheet | None:
        """The tab of that title: exactly, else in another case."""
        exact = [sheet for sheet in self.sheets if sheet.title == title]
        loose = [sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()]
        return next(iter(exact + loose), None)

    def shown_properties(self, sheet: Sheet) -> dict[str, Any]:
        """A tab's SheetProperties as the API gives them."""
        properties = dict(sheet.properties)
        head = {
            "sheetId": properties.pop("sheetId"),
            "title": properties.pop("title"),
            "index": self.sheets.index(sheet),
        }
        return head | properties

    def check_size(self) -> None:
        """RefusedError where the grids have more cells than a spreadsheet may, or one of them more columns."""
        if any(sheet.columns > a1.MAX_COLUMNS for sheet in self.sheets):
            raise RefusedError(f"A sheet can't have more than {a1.MAX_COLUMNS} columns.")
        if sum(sheet.rows * sheet.columns for sheet in self.sheets) > MAX_CELLS:
            limit = f"the limit of {MAX_CELLS} cells."
            raise RefusedError(f"This action would increase the number of cells in the workbook above {limit}")

    def free_id(self, taken: Iterable[int]) -> int:
        """A random id above 0 that is not taken."""
        known = set(taken)
        while (number := secrets.randbelow(2**31 - 1) + 1) in known:
            pass
        return number

    def ids(self, kind: str, name: str) -> Iterator[int]:
        """The ids in use of one kind of objects, in every tab."""
        for sheet in self.sheets:
            yield from (item[name] for item in sheet.doc.get(kind, []))

    # Ranges

    def locate(self, text: str) -> tuple[Sheet, Area]:
        """The tab and the cells of a range in A1 notation, cut to the grid; ApiError 400 as Google words it."""
        sheet, span = self.spelled(text)
        area = span.within(sheet.rows, sheet.columns)
        if sheet.beyond(area):
            raise invalid(sheet.exceeded(span))
        return sheet, area

    def spelled(self, text: str) -> tuple[Sheet, Span]:
        """The tab and the rectangle that a text names, not cut to the grid."""
        try:
            title, span = a1.parse(text)
        except ValueError:
            if (found := self._named_behind(text)) is not None:
                return found
            raise invalid(f"Unable to parse range: {text}") from None
        if span is None and (named := self.named(title or "")):
            return self.sheet(named["range"].get("sheetId", 0)), a1.span_of(named["range"])
        sheet = self.first_visible() if title is None else self.titled(title)
        if sheet is None or sheet.properties["sheetType"] != "GRID":
            raise invalid(f"Unable to parse range: {text}")
        return sheet, span or Span()

    def _named_behind(self, text: str) -> tuple[Sheet, Span] | None:
        """What `'Any tab'!my_range` names: names belong to the spreadsheet, whichever tab stands before them."""
        prefix, _, name = text.rpartition("!")
        named = self.named(name)
        if named is None or not prefix or self.titled(a1.parse(f"{prefix}!A1").title or "") is None:
            return None
        return self.sheet(named["range"].get("sheetId", 0)), a1.span_of(named["range"])

    def named(self, name: str) -> dict[str, Any] | None:
        """The named range of that name, any case."""
        wanted = name.casefold()
        return next((item for item in self.named_ranges if item["name"].casefold() == wanted), None)

    def first_visible(self) -> Sheet | None:
        """The tab that a range without a title means: the first grid that is not hidden."""
        shown = (sheet for sheet in self.sheets if sheet.rows and not sheet.properties.get("hidden"))
        return next(shown, None)

    def place(self, grid_range: Mapping[str, Any]) -> tuple[Sheet, Area]:
        """The tab and the cells of a GridRange, cut to the grid; RefusedError where it starts outside of it."""
        sheet = self.sheet(grid_range.get("sheetId", 0))
        span = a1.span_of(dict(grid_range))
        if any(bound is not None and bound < 0 for bound in span):
            raise RefusedError("GridRange indexes must not be negative.")
        for name, start, end in (("Row", span.top, span.bottom), ("Column", span.left, span.right)):
            if end is not None and (start or 0) >= end:
                raise RefusedError(f"start{name}Index[{start or 0}] must be less than end{name}Index[{end}].")
        area = span.within(sheet.rows, sheet.columns)
        if sheet.beyond(area):
            raise RefusedError(sheet.exceeded(span))
        return sheet, area

    def corner(self, coordinate: Mapping[str, Any]) -> tuple[Sheet, int, int]:
        """The tab, the row and the column of a GridCoordinate; RefusedError where it is outside of the grid."""
        sheet = self.sheet(coordinate.get("sheetId", 0))
        row, column = coordinate.get("rowIndex", 0), coordinate.get("columnIndex", 0)
        if row < 0 or column < 0:
            raise RefusedError("GridCoordinate indexes must not be negative.")
        if said := sheet.beyond(Area(row, column, row + 1, column + 1)):
            raise RefusedError(said)
        return sheet, row, column

    # Protection

    def guard(self, sheet: Sheet, area: Area) -> None:
        """RefusedError where the caller may not edit a cell of that area."""
        for protection in sheet.doc.get("protectedRanges", []):
            if self.may_edit(protection) or protection.get("warningOnly"):
                continue
            common = area.common(self.protected_area(sheet, protection))
            holes = [
                a1.span_of(hole).within(sheet.rows, sheet.columns) for hole in protection.get("unprotectedRanges", [])
            ]
            if common and not any(hole.holds(common) for hole in holes):
                raise RefusedError(PROTECTED)

    def may_edit(self, protection: Mapping[str, Any]) -> bool:
        """Whether the caller is one of a protected range's editors."""
        editors = protection.get("editors", {})
        return (
            self.account is None or self.account in editors.get("users", []) or bool(editors.get("domainUsersCanEdit"))
        )

    def protected_area(self, sheet: Sheet, protection: Mapping[str, Any]) -> Area:
        """The cells that a protected range protects."""
        if "namedRangeId" in protection:
            named = [item for item in self.named_ranges if item["namedRangeId"] == protection["namedRangeId"]]
            span = a1.span_of(named[0]["range"]) if named else Span()
        elif "tableId" in protection:
            named = [table for table in sheet.doc.get("tables", []) if table["tableId"] == protection["tableId"]]
            span = a1.span_of(named[0]["range"]) if named else Span()
        else:
            span = a1.span_of(protection.get("range", {}))
        return span.within(max(sheet.rows, 1), max(sheet.columns, 1))


def stamp(now: datetime) -> str:
    """A moment as the API gives it: RFC 3339, UTC, milliseconds."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def effective_value(cell: Cell) -> dict[str, Any]:
    """The effective ExtendedValue of a stored cell; {} for a blank."""
    if cell is None:
        return {}
    if isinstance(cell, dict):
        return {"errorValue": cell["e"]} if "e" in cell else effective_value(cell.get("v"))
    if isinstance(cell, bool):
        return {"boolValue": cell}
    return {"stringValue": cell} if isinstance(cell, str) else {"numberValue": cell}


def formatted(cell: Cell, number_format: dict[str, Any] | None, locale: str) -> str:
    """A stored cell as people see it; "" for a blank."""
    if cell is None:
        return ""
    if type(cell) is str and number_format is None:
        return cell
    if isinstance(cell, dict):
        number_format = number_format or cell.get("n")
    value = effective_value(cell)
    return rendered.render(value, number_format, locale) if value else ""


def entered_value(cell: Cell) -> dict[str, Any]:
    """The userEnteredValue of a stored cell; {} for a blank."""
    return {"formulaValue": cell["f"]} if isinstance(cell, dict) else effective_value(cell)


def stored(value: Mapping[str, Any]) -> Cell:
    """The cell that an ExtendedValue makes; RefusedError for a text that is too long, and for an error value."""
    for kind, content in value.items():
        if kind == "numberValue":
            return number(content)
        if kind == "boolValue":
            return bool(content)
        if kind == "errorValue":
            raise RefusedError("userEnteredValue can't be an error value.")
        if len(content) > MAX_TEXT:
            raise RefusedError(TOO_LONG)
        return {"f": content} if kind == "formulaValue" and content.startswith("=") else content or None
    return None


def number(value: float) -> float:
    """The number as JSON shows it: whole doubles are written without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
