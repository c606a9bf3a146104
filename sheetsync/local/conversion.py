"""Spreadsheets from files of other kinds (CSV, TSV, Excel's .xlsx), and files from spreadsheets."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Mapping

from sheetsync.local import batch_sheets, spreadsheets, values
from sheetsync.local.app import Workbooks
from sheetsync.local.batch_fill import delimited, write_typed
from sheetsync.local.book import Book, Sheet
from sheetsync.local.errors import RefusedError, invalid
from sheetsync.local.recalculation import recalculate
from sheetsync.local.store import Scalar
from sheetsync.local.uploads import Content

CSV, TSV = "text/csv", "text/tab-separated-values"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS, HTML_ZIP = "application/x-vnd.oasis.opendocument.spreadsheet", "application/zip"
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_NO_ROW = "<table:table-row/>"
_ODS_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content office:version="1.3"
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>
</office:document-content>
"""
_ODS_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>
"""
_XML_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
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


def _as_html(book: Book, _gid: int | None) -> bytes:
    """A page with a plain table for every tab, zipped."""
    pages = {
        re.sub(r"[^ \w.-]", "_", sheet.title): "".join(map(_html_row, _texts(book, sheet.id)))
        for sheet in book.sheets
        if sheet.rows
    }
    head = '<!DOCTYPE html>\n<meta charset="utf-8">\n'
    return _zipped({f"{name}.html": f"{head}<table>\n{rows}</table>\n" for name, rows in pages.items()})


def _html_row(cells: list[str]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>\n"


def _as_ods(book: Book, _gid: int | None) -> bytes:
    """An OpenDocument spreadsheet: values, and formulas as what they come to; no formats."""
    tables = "".join(_ods_table(book, sheet) for sheet in book.sheets if sheet.rows)
    content = _ODS_CONTENT.format(tables=tables)
    return _zipped({"mimetype": _ODS_TYPE, "content.xml": content, "META-INF/manifest.xml": _ODS_MANIFEST})


def _ods_table(book: Book, sheet: Sheet) -> str:
    rendering = values.Rendering("UNFORMATTED_VALUE")
    lines = values.read(book, sheet, sheet.area, rendering).lines
    rows = "".join(f"<table:table-row>{''.join(map(_ods_cell, line))}</table:table-row>" for line in lines)
    name = html.escape(sheet.title)
    return f'<table:table table:name="{name}">{rows or _ODS_NO_ROW}</table:table>'


def _ods_cell(value: Scalar) -> str:
    if value in ("", None):
        return "<table:table-cell/>"
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
    text = "".join(f"<text:p>{html.escape(line)}</text:p>" for line in _XML_UNFIT.sub("", str(value)).split("\n"))
    return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'


def _zipped(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, text.encode("utf-8", "replace"), kind)
    return out.getvalue()


def _as_xlsx(book: Book, _gid: int | None) -> bytes:
    from sheetsync.local import xlsx  # as above

    return xlsx.write(book)


EXPORTED: Mapping[str, Callable[[Book, int | None], bytes]] = {
    CSV: _as_csv,
    TSV: _as_tsv,
    XLSX: _as_xlsx,
    ODS: _as_ods,
    _ODS_TYPE: _as_ods,
    HTML_ZIP: _as_html,
}
SHORT_NAMES = {"csv": CSV, "tsv": TSV, "xlsx": XLSX, "ods": ODS, "zip": HTML_ZIP}
"""The formats that docs.google.com exports, by their names there."""
