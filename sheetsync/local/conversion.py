"""Spreadsheets from files of other kinds and the other way round: CSV, TSV and Excel's .xlsx."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping

from sheetsync.local import batch_sheets, spreadsheets, values
from sheetsync.local.app import Workbooks
from sheetsync.local.batch_fill import delimited, write_typed
from sheetsync.local.book import Book
from sheetsync.local.errors import RefusedError, invalid
from sheetsync.local.recalculation import recalculate
from sheetsync.local.uploads import Content

CSV, TSV = "text/csv", "text/tab-separated-values"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DELIMITERS = {CSV: ",", TSV: "\t"}
IMPORTED = (CSV, TSV, XLSX)
_TIME_ZONE = "America/Los_Angeles"
_LONGEST_TITLE = 100


def put_content(workbooks: Workbooks, key: str, content: Content) -> None:
    """Replace all that is in a spreadsheet by a file's content, of a type in `IMPORTED`, as an upload to Drive does.

    Raises ApiError where the file can't be read or is too large; nothing is changed then.
    """
    with workbooks.store.writing() as db:
        book = Book.load(db, key, None, workbooks.clock())
        for sheet in list(book.sheets):
            book.remove_sheet(sheet)
        book.doc["namedRanges"], book.doc["developerMetadata"] = [], []
        book.properties["timeZone"] = _TIME_ZONE  # of whoever uploads, says Google; so it did in the recordings
        try:
            _fill(book, content)
        except (RefusedError, ValueError) as error:
            raise invalid(f"The file can't be converted: {error}") from error
        recalculate(book)
        book.save()


def _fill(book: Book, content: Content) -> None:
    if content.mime_type == XLSX:
        from sheetsync.local import xlsx  # its libraries: not before there is an Excel file

        spreadsheets.add_sheets(book, xlsx.read(content.data))
        return
    lines = delimited(content.data.decode("utf-8-sig", "replace"), _DELIMITERS[content.mime_type])
    sheet = batch_sheets.make_sheet(book, {"title": book.properties["title"][:_LONGEST_TITLE]})
    write_typed(book, sheet, 0, 0, lines)


def exported(workbooks: Workbooks, key: str, mime_type: str, gid: int | None = None) -> bytes:
    """A spreadsheet as a file of a type in `EXPORTED`; of CSV and TSV one tab, the first or that of the id `gid`."""
    with workbooks.store.reading() as db:
        return EXPORTED[mime_type](Book.load(db, key, None, workbooks.clock()), gid)


def _texts(book: Book, gid: int | None) -> list[list[str]]:
    """One tab's values as formatted, all rows equally long."""
    sheet = book.sheets[0] if gid is None else next((tab for tab in book.sheets if tab.id == gid), None)
    if sheet is None:
        raise invalid(f"No grid with id: {gid}")
    if not sheet.rows:
        return []
    rows = list(values.read(book, sheet, sheet.area, values.Rendering()).lines)
    width = max(map(len, rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _as_csv(book: Book, gid: int | None) -> bytes:
    """Comma-separated, CRLF between rows and none after the last, as Google's."""
    text = io.StringIO()
    csv.writer(text).writerows(_texts(book, gid))
    return text.getvalue().removesuffix("\r\n").encode("utf-8", "replace")


def _as_tsv(book: Book, gid: int | None) -> bytes:
    """Tab-separated; a tab or line break inside a cell becomes a space."""
    lines = ("\t".join(re.sub(r"\s*[\t\r\n]\s*", " ", cell) for cell in row) for row in _texts(book, gid))
    return "\r\n".join(lines).encode("utf-8", "replace")


def _as_xlsx(book: Book, _gid: int | None) -> bytes:
    from sheetsync.local import xlsx  # as above

    return xlsx.write(book)


EXPORTED: Mapping[str, Callable[[Book, int | None], bytes]] = {
    CSV: _as_csv,
    TSV: _as_tsv,
    XLSX: _as_xlsx,
}
