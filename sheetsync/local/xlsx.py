"""Excel's files: a spreadsheet written as .xlsx, and the tabs that an .xlsx holds.

Values, formulas, number formats, fonts, fills, borders, alignment, sizes, merges, notes, frozen panes, names and hidden
tabs go both ways as far as Excel knows them; charts, validation, conditional formats and protection stay behind.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from sheetsync.local import a1, rendered
from sheetsync.local.book import Book, Sheet
from sheetsync.local.locales import conventions
from sheetsync.local.store import Cell
from sheetsync.local.syntax import FormulaError, Unsupported, tokens

_MOST_TEXT, _LONGEST_TITLE = 32_767, 31
_PIXELS_A_LETTER = 7
_PIXELS_A_POINT = 4 / 3
_BORDERS = {"DOTTED": 4, "DASHED": 3, "SOLID": 1, "SOLID_MEDIUM": 2, "SOLID_THICK": 5, "DOUBLE": 6}
_SIDES = ("top", "bottom", "left", "right")
_HORIZONTAL = {"LEFT": "left", "CENTER": "center", "RIGHT": "right"}
_VERTICAL = {"TOP": "top", "MIDDLE": "vcenter", "BOTTOM": "bottom"}
_READ_VERTICAL = {"top": "TOP", "center": "MIDDLE", "bottom": "BOTTOM"}


# Writing


def write(book: Book) -> bytes:
    """The spreadsheet as an .xlsx file; formulas stand with their values, tabs that are no grids are left out."""
    out = io.BytesIO()
    look = {"font_name": "Arial", "font_size": 10}
    workbook = xlsxwriter.Workbook(out, {"in_memory": True, "default_format_properties": look})
    writer = _Writer(book, workbook)
    for sheet in book.sheets:
        if sheet.rows:
            writer.add(sheet)
    writer.name_ranges()
    workbook.close()
    return out.getvalue()


class _Writer:
    """Writes tabs one by one; formats are made once each."""

    def __init__(self, book: Book, workbook: Any) -> None:
        self._book, self._workbook = book, workbook
        self._formats: dict[int, Any] = {0: None}
        self._titles: dict[int, str] = {}

    def add(self, sheet: Sheet) -> None:
        """Write a tab."""
        self._titles[sheet.id] = self._title(sheet.title)
        page = self._workbook.add_worksheet(self._titles[sheet.id])
        properties = sheet.properties
        grid = properties["gridProperties"]
        page.freeze_panes(grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0))
        if properties.get("hidden"):
            page.hide()
        if "tabColor" in properties:
            page.set_tab_color(_colour(properties["tabColor"]))
        if grid.get("hideGridlines"):
            page.hide_gridlines(2)
        self._sizes(page, sheet)
        for merge in sheet.doc.get("merges", []):
            area = a1.span_of(merge).within(sheet.rows, sheet.columns)
            page.merge_range(area.top, area.left, area.bottom - 1, area.right - 1, "")
        self._cells(page, sheet)

    def _title(self, title: str) -> str:
        """A title that Excel takes: shorter, without some signs, and once only."""
        plain = re.sub(r"[\[\]:*?/\\]", " ", title)[:_LONGEST_TITLE].strip("'") or "Sheet"
        known = {held.casefold() for held in self._titles.values()}
        found, count = plain, 1
        while found.casefold() in known:
            count += 1
            found = f"{plain[: _LONGEST_TITLE - 6]} ({count})"
        return found

    def _sizes(self, page: Any, sheet: Sheet) -> None:
        for start, end, about in sheet.runs("COLUMNS"):
            hidden = {"hidden": True} if about.get("hiddenByUser") else {}
            page.set_column_pixels(start, end - 1, about.get("pixelSize", sheet.pixels("COLUMNS")), None, hidden)
        last = sheet.grid.last_row_with_values(0, sheet.rows) or 0
        for start, end, about in sheet.runs("ROWS"):
            hidden = {"hidden": True} if about.get("hiddenByUser") else {}
            for row in range(start, min(end, last + 1)):
                page.set_row_pixels(row, about.get("pixelSize", sheet.pixels("ROWS")), None, hidden)

    def _cells(self, page: Any, sheet: Sheet) -> None:
        for index, row in sheet.grid.rows(0, sheet.rows):
            for column in range(row.width):
                look = self._format(row.format(column))
                self._put(page, index, column, row.cell(column), look)
                if note := row.extra.get(column, {}).get("note"):
                    page.write_comment(index, column, note)

    def _put(self, page: Any, row: int, column: int, cell: Cell, look: Any) -> None:
        if cell is None:
            if look is not None:
                page.write_blank(row, column, None, look)
        elif isinstance(cell, dict):
            page.write_formula(row, column, self._formula(cell["f"]), look, _value(cell))
        elif isinstance(cell, bool):
            page.write_boolean(row, column, cell, look)
        elif isinstance(cell, str):
            page.write_string(row, column, cell[:_MOST_TEXT], look)
        else:
            page.write_number(row, column, cell, look)

    def _formula(self, text: str) -> str:
        """The formula as files hold it: commas between arguments, points in numbers."""
        try:
            found = tokens(text, self._book.locale)
        except (FormulaError, Unsupported):
            return text
        out, position = [], 0
        for token in found:
            if token.kind in ("separator", "number"):
                out += [text[position : token.start], "," if token.kind == "separator" else token.text]
                position = token.end
        return "".join(out) + text[position:]

    def _format(self, number: int) -> Any:
        if number not in self._formats:
            self._formats[number] = self._workbook.add_format(self._looks(self._book.palette.format(number)))
        return self._formats[number]

    def _looks(self, user_format: Mapping[str, Any]) -> dict[str, Any]:
        looks = dict(_font(user_format.get("textFormat", {})))
        if number_format := user_format.get("numberFormat"):
            usual = conventions(self._book.locale).default_pattern(number_format.get("type", ""))
            looks["num_format"] = number_format.get("pattern") or usual or "General"
        if "backgroundColor" in user_format:
            looks["bg_color"] = _colour(user_format["backgroundColor"])
        if user_format.get("horizontalAlignment") in _HORIZONTAL:
            looks["align"] = _HORIZONTAL[user_format["horizontalAlignment"]]
        if user_format.get("verticalAlignment") in _VERTICAL:
            looks["valign"] = _VERTICAL[user_format["verticalAlignment"]]
        if user_format.get("wrapStrategy") == "WRAP":
            looks["text_wrap"] = True
        for side, line in user_format.get("borders", {}).items():
            looks[side] = _BORDERS.get(line.get("style", ""), 0)
            looks[f"{side}_color"] = _colour(line.get("color", {}))
        return looks

    def name_ranges(self) -> None:
        """Write the names of ranges."""
        for item in self._book.named_ranges:
            sheet = self._book.sheet(item["range"].get("sheetId", 0))
            area = a1.span_of(item["range"]).within(sheet.rows, sheet.columns)
            corners = [(area.top, area.left), (area.bottom - 1, area.right - 1)]
            cells = ":".join(f"${a1.column_name(column)}${row + 1}" for row, column in corners)
            title = self._titles[sheet.id].replace("'", "''")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a name that Excel does not take is left out
                self._workbook.define_name(item["name"], f"='{title}'!{cells}")


def _value(cell: dict[str, Any]) -> Any:
    if "e" in cell:
        return rendered.ERRORS.get(cell["e"].get("type", ""), "#VALUE!")
    value = cell.get("v")
    return "" if value is None else value


def _font(text_format: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, looks in (("bold", "bold"), ("italic", "italic"), ("strikethrough", "font_strikeout")):
        if text_format.get(name):
            yield looks, True
    if text_format.get("underline"):
        yield "underline", 1
    if "fontFamily" in text_format:
        yield "font_name", text_format["fontFamily"]
    if "fontSize" in text_format:
        yield "font_size", text_format["fontSize"]
    if "foregroundColor" in text_format:
        yield "font_color", _colour(text_format["foregroundColor"])


def _colour(rgb: Mapping[str, float]) -> str:
    return "#" + "".join(f"{round(rgb.get(name, 0) * 255):02X}" for name in ("red", "green", "blue"))


# Reading


def read(data: bytes) -> list[dict[str, Any]]:
    """The tabs of an .xlsx file, as Sheet bodies of the API. Raises ValueError where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out
            workbook = openpyxl.load_workbook(io.BytesIO(data))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, TypeError) as error:
        raise ValueError(f"no .xlsx file: {error}") from error
    return [_sheet(page, number) for number, page in enumerate(workbook.worksheets, 1)]


def _sheet(page: Worksheet, sheet_id: int) -> dict[str, Any]:
    rows = [
        {"values": [_cell(cell) for cell in line if isinstance(cell, ExcelCell | MergedCell)]}
        for line in page.iter_rows()
    ]
    size = {"rowCount": max(page.max_row, 1000), "columnCount": max(page.max_column, 26)}
    frozen = re.fullmatch(r"([A-Z]+)(\d+)", page.freeze_panes or "")
    if frozen:
        size |= {"frozenRowCount": int(frozen[2]) - 1, "frozenColumnCount": a1.column_index(frozen[1])}
    properties: dict[str, Any] = {"sheetId": sheet_id, "title": page.title[:100], "gridProperties": size}
    if page.sheet_state != "visible":
        properties["hidden"] = True
    merges = [
        a1.grid_range(sheet_id, a1.Area(found.min_row - 1, found.min_col - 1, found.max_row, found.max_col))
        for found in page.merged_cells.ranges
    ]
    data = {"rowData": rows, "columnMetadata": _widths(page), "rowMetadata": _heights(page)}
    return {"properties": properties, "data": [data], "merges": merges}


def _cell(cell: ExcelCell | MergedCell) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    value = _entered(cell.value)
    if value:
        shown["userEnteredValue"] = value
    if cell.has_style and isinstance(cell, ExcelCell) and (looks := _user_format(cell)):
        shown["userEnteredFormat"] = looks
    if isinstance(cell, ExcelCell) and cell.comment:
        shown["note"] = cell.comment.text
    return shown


def _entered(value: Any) -> dict[str, Any]:
    if isinstance(value, ArrayFormula):
        value = value.text
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        return {"numberValue": value}
    if isinstance(value, datetime | date | time | timedelta):
        return {"numberValue": to_excel(value)}  # type: ignore[no-untyped-call]  # as its stubs have it
    text = str(value)
    return {"formulaValue": text} if text.startswith("=") and len(text) > 1 else {"stringValue": text}


def _user_format(cell: ExcelCell) -> dict[str, Any]:
    looks: dict[str, Any] = {}
    if cell.number_format != "General":
        looks["numberFormat"] = {"type": _kind(cell.number_format), "pattern": cell.number_format}
    text = {name: True for name in ("bold", "italic") if getattr(cell.font, "b" if name == "bold" else "i")}
    text |= {"strikethrough": True} if cell.font.strike else {}
    text |= {"underline": True} if cell.font.u else {}
    if colour := _rgb(cell.font.color):
        looks["textFormat"] = {"foregroundColor": colour}
    if text:
        looks["textFormat"] = {**looks.get("textFormat", {}), **text}
    if cell.fill.fill_type == "solid" and (colour := _rgb(cell.fill.fgColor)) is not None:
        looks["backgroundColor"] = colour
    if (cell.alignment.horizontal or "").upper() in _HORIZONTAL:
        looks["horizontalAlignment"] = str(cell.alignment.horizontal).upper()
    if cell.alignment.vertical in _READ_VERTICAL:
        looks["verticalAlignment"] = _READ_VERTICAL[cell.alignment.vertical]
    if cell.alignment.wrap_text:
        looks["wrapStrategy"] = "WRAP"
    return looks


def _kind(pattern: str) -> str:
    if pattern == "@":
        return "TEXT"
    if is_date_format(pattern):
        dated, timed = re.search("[dy]", pattern, re.IGNORECASE), re.search("[hs]", pattern, re.IGNORECASE)
        return "DATE_TIME" if dated and timed else "TIME" if timed else "DATE"
    return "PERCENT" if "%" in pattern else "NUMBER"


def _rgb(colour: Any) -> dict[str, float] | None:
    """A Color; None for a theme's or an indexed one."""
    text = getattr(colour, "rgb", None)
    if not isinstance(text, str) or not re.fullmatch("[0-9A-Fa-f]{8}", text):
        return None
    channels = [int(text[place : place + 2], 16) / 255 for place in (2, 4, 6)]
    return {name: value for name, value in zip(("red", "green", "blue"), channels, strict=True) if value}


def _widths(page: Worksheet) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{} for _ in range(page.max_column)]
    for held in page.column_dimensions.values():
        about: dict[str, Any] = {"hiddenByUser": True} if held.hidden else {}
        if held.customWidth and held.width:
            about["pixelSize"] = round(held.width * _PIXELS_A_LETTER)
        for column in range((held.min or 1) - 1, min(held.max or 1, len(found))):
            found[column] = about
    return found


def _heights(page: Worksheet) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{} for _ in range(page.max_row)]
    for row, held in page.row_dimensions.items():
        if row <= len(found):
            about: dict[str, Any] = {"hiddenByUser": True} if held.hidden else {}
            found[row - 1] = about | ({"pixelSize": round(held.height * _PIXELS_A_POINT)} if held.height else {})
    return found
