"""The local workbook's front door: Google Sheets API v4 over one SQLite file, free of any transport.

    workbooks = Workbooks.open(Path("department.sheet"))        # made where there is none; no spreadsheet in it yet
    key = workbooks.create({"properties": {"title": "Sales"}})   # a new file, as Google makes it -> spreadsheetId
    workbooks.keys()                                             # spreadsheet ids, oldest first
    answer = workbooks.handle("GET", f"/v4/spreadsheets/{key}/values/A1", [("prettyPrint", "false")], b"", account=None)
    answer.status, answer.headers, answer.body                   # 200, [("Content-Type", ...)], b"{...}"
    for chunk in answer.chunks(): ...                            # the same body in pieces of bounded size
    workbooks.close()

`path` is percent-DECODED (as WSGI's PATH_INFO, but as text), without the query; `query` are decoded pairs in order.
`account` is the caller's e-mail address; None is the owner, whom no protection keeps out. Who may open which
spreadsheet is not decided here: the caller of `handle` asks first (`writes(method, path)` tells whether a request
changes anything, `spreadsheet_of(path)` which spreadsheet it is about). `handle` never raises: a failure is an Answer
with Google's error body. Any number of threads may call it; any number of processes may have the file open.

Other rooms of `local/` keep their own tables in the same file:

    with workbooks.store.writing() as db: ...    # one BEGIN IMMEDIATE transaction; db is a sqlite3.Connection
    with workbooks.store.reading() as db: ...    # one snapshot
    workbooks.delete(key); workbooks.copy(key, title) -> new key
    workbooks.properties(key) -> {"title", "created", "modified", "version"}
"""

from __future__ import annotations

import gc
import itertools
import logging
import re
import secrets
import sqlite3
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from sheetsync.local import a1, batch, discovery, fields, metadata, spreadsheets, values
from sheetsync.local.a1 import Area
from sheetsync.local.book import Book, Sheet
from sheetsync.local.discovery import Call, Method
from sheetsync.local.errors import ApiError, RefusedError, internal, invalid, not_found, numbered
from sheetsync.local.file import DamagedError, FileError, FullError, loaded
from sheetsync.local.later import Writing
from sheetsync.local.recalculation import recalculate
from sheetsync.local.store import Store

Query = Iterable[tuple[str, str]]
Handler = Callable[[Book, Call], dict[str, Any]]
_BIG_BODY = 1_000_000
_SHORT = 65_536
_JSON = "application/json; charset=UTF-8"
UNUSABLE = "The file of this local workbook"
"""How a refusal begins that is about the file, which Google has none of."""
_ROOM = "Its disk is full, or fails. Nothing was lost: make room there, and run the command again."
_RESTORE = "Stop the server, and bring a backup back with `sheetsync restore`."
_log = logging.getLogger(__name__)


@dataclass
class Answer:
    """An HTTP answer without HTTP. Read it once: either `body`, or the pieces of `chunks()`."""

    status: int
    pieces: Iterator[bytes]
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("Content-Type", _JSON)])
    failure: FileError | None = None
    """Why the workbook's file could not be used, where that is what is answered."""

    @property
    def body(self) -> bytes:
        """The whole body."""
        if not hasattr(self, "_body"):
            self._body = b"".join(self.pieces)
        return self._body

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces; close the iterator where it is not read to its end."""
        return iter([self._body]) if hasattr(self, "_body") else self.pieces


def writes(method: str, path: str) -> bool:
    """Whether a request changes anything; False for one that names no method."""
    found = discovery.find(method, path)
    return found is not None and found[0].writes


def spreadsheet_of(path: str) -> str | None:
    """The spreadsheet id that a path names; None for `/v4/spreadsheets` itself and for other paths."""
    match = re.match(r"/v4/spreadsheets/([^/:]+)", path)
    return match[1] if match else None


class Workbooks:
    """The spreadsheets of one file.

    `clock` gives the moment of a request, aware; tests and demos pass their own.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self.store, self.clock = store, clock

    @classmethod
    def open(cls, path: Path | str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Workbooks:
        """Open the file, or make it. Raises file.FileError, OSError."""
        return cls(Store.open(Path(path)), clock)

    def close(self) -> None:
        """Let go of the file."""
        self.store.close()

    def keys(self) -> list[str]:
        """The spreadsheet ids, oldest first."""
        with self.store.reading() as db:
            return [key for (key,) in db.execute("SELECT id FROM spreadsheet ORDER BY created, id")]

    def create(self, body: dict[str, Any] | None = None, *, account: str | None = None) -> str:
        """A new spreadsheet from a Spreadsheet body; its id. ApiError where the body does not fit."""
        given = discovery.checked("Spreadsheet", orjson.loads(orjson.dumps(body or {})), "spreadsheet")
        with self.store.writing() as db:
            return self._created(db, given, account).key

    def _created(self, db: sqlite3.Connection, body: dict[str, Any], account: str | None) -> Book:
        key = secrets.token_urlsafe(33)
        book = spreadsheets.create(db, key, body, account, self.clock())
        recalculate(book)
        book.save()
        return book

    def delete(self, key: str) -> None:
        """Remove a spreadsheet. ApiError 404 where there is none."""
        with self.store.writing() as db:
            book = Book.load(db, key, None, self.clock())
            for sheet in list(book.sheets):
                book.remove_sheet(sheet)
            db.execute("DELETE FROM spreadsheet WHERE id = ?", (key,))

    def copy(self, key: str, title: str) -> str:
        """A copy of a spreadsheet under a new title; its id. ApiError 404 where there is none."""
        with self.store.writing() as db:
            source = Book.load(db, key, None, self.clock())
            copied = Book.create(db, secrets.token_urlsafe(33), source.properties, None, self.clock())
            copied.doc.update({name: value for name, value in source.doc.items() if name != "order"})
            copied.doc["properties"] = {**source.properties, "title": title}
            for sheet in source.sheets:
                sheet.grid.copy_to(copied.add_sheet(sheet.doc, None).grid)
            copied.save()
            return copied.key

    def properties(self, key: str) -> dict[str, Any]:
        """`title`, `created`, `modified` (RFC 3339, UTC) and `version`. ApiError 404 where there is no such one."""
        with self.store.reading() as db:
            found = db.execute(
                "SELECT doc, created, modified, version FROM spreadsheet WHERE id = ?", (key,)
            ).fetchone()
        if found is None:
            raise not_found()
        title = loaded(found[0])["properties"]["title"]
        return {"title": title, "created": found[1], "modified": found[2], "version": found[3]}

    def handle(self, method: str, path: str, query: Query, body: bytes, account: str | None = None) -> Answer:
        """Answer one request of Sheets API v4."""
        pretty = True
        try:
            found = discovery.find(method, path)
            if found is None:
                return _html_not_found(path)
            parameters = discovery.checked_query(found[0], query)
            pretty = str(parameters.get("prettyPrint", "true")).lower() not in ("false", "0")
            with _collector.paused(len(body) > _BIG_BODY):
                call = Call(found[0], found[1], parameters, discovery.checked_body(found[0], _parsed(found[0], body)))
                return self._answer(call, account, pretty)
        except ApiError as error:
            return _error(error, pretty)
        except RefusedError as refused:
            return _error(invalid(str(refused)), pretty)
        except FileError as error:
            return unusable(error, pretty=pretty)
        except Exception as error:  # as at any edge of a server: a line in the log, and nothing of it to the caller
            _log.error("%s", _failed(error))
            return _error(internal(), pretty)

    def _answer(self, call: Call, account: str | None, pretty: bool) -> Answer:
        name = call.method.id
        if name == "spreadsheets.create":
            with self.store.writing() as db:
                book = self._created(db, call.body, account)
                return _json(_masked(call, spreadsheets.get(book, None, None, False)), pretty)
        if not call.method.writes:
            return self._read(call, account, pretty)
        with self.store.writing() as db:
            if name == "sheets.copyTo":
                return _json(_masked(call, self._copy_sheet(db, call, account)), pretty)
            book = self._book(db, call, account)
            shown = _WRITES[name](book, call)
            return _json(_masked(call, shown), pretty)

    def _book(self, db: sqlite3.Connection, call: Call, account: str | None) -> Book:
        return Book.load(db, call.path["spreadsheetId"], account, self.clock())

    def _copy_sheet(self, db: sqlite3.Connection, call: Call, account: str | None) -> dict[str, Any]:
        source = self._book(db, call, account)
        target = Book.load(db, call.body.get("destinationSpreadsheetId", ""), account, self.clock())
        copied = batch.copy_sheet(source.sheet(int(call.path["sheetId"])), target)
        recalculate(target)
        target.save()
        return target.shown_properties(copied)

    def _read(self, call: Call, account: str | None, pretty: bool) -> Answer:
        """From one snapshot; of a long answer the rest is made while it is read."""
        with ExitStack() as stack:
            book = self._book(stack.enter_context(self.store.reading()), call, account)
            pieces = Writing(_masked(call, _READS[call.method.id](book, call)), pretty=pretty).pieces()
            begun, size = [], 0
            for piece in pieces:
                begun.append(piece)
                size += len(piece)
                if size > _SHORT:
                    return Answer(200, _closing(stack.pop_all(), itertools.chain(begun, pieces)))
        return Answer(200, iter([b"".join(begun)]))


class _Collector:
    """Python's garbage collector, which looks through the million objects of a big body again and again in vain."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pauses = 0

    @contextmanager
    def paused(self, wanted: bool) -> Iterator[None]:
        """No collection meanwhile, where that is wanted; as many threads as like may want it."""
        self._count(wanted, 1)
        try:
            yield
        finally:
            self._count(wanted, -1)

    def _count(self, wanted: bool, step: int) -> None:
        with self._lock:
            before, self._pauses = self._pauses, self._pauses + (step if wanted else 0)
            if before == 0 and self._pauses:
                self._was_on = gc.isenabled()
                gc.disable()
            elif before and not self._pauses and self._was_on:
                gc.enable()


_collector = _Collector()


def _closing(stack: ExitStack, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with stack:
        yield from pieces


def _parsed(method: Method, body: bytes) -> Any:
    if method.request is None or not body.strip():
        return {}
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise discovery.unparsable(str(error)) from None


def _masked(call: Call, value: dict[str, Any]) -> dict[str, Any]:
    if "fields" not in call.query:
        return value
    kept: dict[str, Any] = fields.project(value, _mask(call))
    return kept


def _mask(call: Call) -> fields.Mask:
    text = call.query.get("fields")
    return fields.read_mask(text, call.method.response) if text else None


def _json(value: Any, pretty: bool) -> Answer:
    body = (
        orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE) if pretty else orjson.dumps(value)
    )
    return Answer(200, iter([body]))


def _error(error: ApiError, pretty: bool) -> Answer:
    answer = _json(error.body(), pretty)
    answer.status = error.code
    return answer


def unusable(failure: FileError, *, pretty: bool = True) -> Answer:
    """What is answered where the file can't be used. Trying again helps only where somebody else holds it."""
    if isinstance(failure, DamagedError):
        error = ApiError(400, "FAILED_PRECONDITION", f"{UNUSABLE} is damaged. {_RESTORE}")
    elif isinstance(failure, FullError):
        error = ApiError(400, "FAILED_PRECONDITION", f"{UNUSABLE} can't be written. {_ROOM}")
    else:
        error = ApiError(503, "UNAVAILABLE", "The service is currently unavailable.")
    answer = _error(error, pretty)
    answer.failure = failure
    return answer


def _failed(error: Exception) -> str:
    """A defect of ours in one line for the log: what, and where. Nothing of the request, which people have written."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"This should not have happened: {type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def _html_not_found(path: str) -> Answer:
    text = f"<!DOCTYPE html>\n<title>Error 404 (Not Found)!!1</title>\n<p>No such URL: {len(path)} characters.\n"
    return Answer(404, iter([text.encode()]), [("Content-Type", "text/html; charset=UTF-8")])


# Reading


def _get(book: Book, call: Call) -> dict[str, Any]:
    ranges = call.query.get("ranges")
    wanted = spreadsheets.located(book, ranges) if ranges else None
    mask = _mask(call)
    grid_data = "fields" in call.query or call.query.get("includeGridData", False)
    as_bands = not call.query.get("excludeTablesInBandedRanges", False)
    return spreadsheets.get(book, wanted, mask, grid_data, tables_as_bands=as_bands, later=True)


def _get_by_filter(book: Book, call: Call) -> dict[str, Any]:
    filters = call.body.get("dataFilters")
    wanted = spreadsheets.filtered(book, filters) if filters else None
    grid_data = "fields" in call.query or call.body.get("includeGridData", False)
    as_bands = not call.body.get("excludeTablesInBandedRanges", False)
    return spreadsheets.get(book, wanted, _mask(call), grid_data, tables_as_bands=as_bands, later=True)


def _values_get(book: Book, call: Call) -> dict[str, Any]:
    return _values(book, call, *book.locate(call.path["range"]))


def _values_batch_get(book: Book, call: Call) -> dict[str, Any]:
    places = [book.locate(text) for text in call.query.get("ranges", [])]
    found = [_values(book, call, *place) for place in places]
    return {"spreadsheetId": book.key, **({"valueRanges": found} if found else {})}


def _values(book: Book, call: Call, sheet: Sheet, area: Area) -> dict[str, Any]:
    """A ValueRange; its rows go out as they are stored, where nobody asked for an indented answer."""
    pretty = str(call.query.get("prettyPrint", "true")).lower() not in ("false", "0")
    return values.read(book, sheet, area, values.Rendering.of(call.query), raw=not pretty).later()


def _values_batch_get_by_filter(book: Book, call: Call) -> dict[str, Any]:
    rendering = values.Rendering.of(call.body)
    found = []
    for data_filter in call.body.get("dataFilters", []):
        for sheet, area in spreadsheets.filtered(book, [data_filter]):
            value_range = values.read(book, sheet, area, rendering).later()
            found.append({"valueRange": value_range, "dataFilters": [data_filter]})
    return {"spreadsheetId": book.key, **({"valueRanges": found} if found else {})}


def _metadata_get(book: Book, call: Call) -> dict[str, Any]:
    wanted = int(call.path["metadataId"])
    for item in metadata.everything(book):
        if item["metadataId"] == wanted:
            return item
    raise not_found()


def _metadata_search(book: Book, call: Call) -> dict[str, Any]:
    found = []
    for data_filter in call.body.get("dataFilters", []):
        for item in metadata.matching(book, data_filter):
            found.append({"developerMetadata": item, "dataFilters": [data_filter]})
    return {"matchedDeveloperMetadata": found} if found else {}


# Writing


def _batch_update(book: Book, call: Call) -> dict[str, Any]:
    answer: dict[str, Any] = {"spreadsheetId": book.key, "replies": batch.apply(book, call.body.get("requests", []))}
    _land(book)
    if call.body.get("includeSpreadsheetInResponse"):
        ranges = call.body.get("responseRanges")
        wanted = spreadsheets.located(book, ranges) if ranges else None
        grid_data = call.body.get("responseIncludeGridData", False)
        answer["updatedSpreadsheet"] = spreadsheets.get(book, wanted, None, grid_data)
    return answer


def _land(book: Book) -> None:
    recalculate(book)
    book.save()


def _updated(book: Book, written: values.Written, options: dict[str, Any], dimension: str) -> dict[str, Any]:
    answer = written.answer(book)
    if options.get("includeValuesInResponse"):
        rendering = values.Rendering.of(options, "response")._replace(dimension=dimension)
        answer["updatedData"] = values.read(book, written.sheet, written.area, rendering).whole()
    return answer


def _values_update(book: Book, call: Call) -> dict[str, Any]:
    option = values.input_option(call.query)
    text = call.path["range"]
    named = call.body.get("range", text)
    if book.spelled(named) != book.spelled(text):
        raise invalid(f"Request range[{text}] does not match value's range[{named}]")
    written = values.update(book, text, call.body, option)
    _land(book)
    return _updated(book, written, call.query, call.body.get("majorDimension", "ROWS"))


def _values_batch_update(book: Book, call: Call) -> dict[str, Any]:
    data = [(index, item.get("range", ""), item) for index, item in enumerate(call.body.get("data", []))]
    return _written_together(book, call, data)


def _values_batch_update_by_filter(book: Book, call: Call) -> dict[str, Any]:
    from_filters = [
        (index, a1.write(sheet.title, area), item)
        for index, item in enumerate(call.body.get("data", []))
        for sheet, area in spreadsheets.filtered(book, [item.get("dataFilter", {})])
    ]
    return _written_together(book, call, from_filters)


def _written_together(book: Book, call: Call, data: list[tuple[int, str, dict[str, Any]]]) -> dict[str, Any]:
    option = values.input_option(call.body)
    done: list[tuple[values.Written, dict[str, Any]]] = []
    for index, text, item in data:
        with numbered("data", index):
            done.append((values.update(book, text, item, option), item))
    _land(book)
    responses = [_response(book, written, call.body, item) for written, item in done]
    totals = {
        "totalUpdatedRows": _union(written.area.top + row for written, _ in done for row in range(written.rows)),
        "totalUpdatedColumns": _union(
            written.area.left + place for written, _ in done for place in range(written.columns)
        ),
        "totalUpdatedCells": sum(written.cells for written, _ in done),
        "totalUpdatedSheets": len({written.sheet.number for written, _ in done}),
    }
    answer: dict[str, Any] = {"spreadsheetId": book.key}
    answer.update({name: count for name, count in totals.items() if count})
    return {**answer, "responses": responses} if responses else answer


def _response(book: Book, written: values.Written, options: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    response = _updated(book, written, options, item.get("majorDimension", "ROWS"))
    if "dataFilter" not in item:
        return response
    del response["spreadsheetId"]
    return {**response, "dataFilter": item["dataFilter"]}


def _union(places: Iterable[int]) -> int:
    return len(set(places))


def _values_append(book: Book, call: Call) -> dict[str, Any]:
    option = values.input_option(call.query)
    insert = call.query.get("insertDataOption") == "INSERT_ROWS"
    table, written = values.append(book, call.path["range"], call.body, option, insert)
    _land(book)
    answer: dict[str, Any] = {"spreadsheetId": book.key}
    if table is not None:
        answer["tableRange"] = a1.write(written.sheet.title, table)
    answer["updates"] = _updated(book, written, call.query, call.body.get("majorDimension", "ROWS"))
    return answer


def _values_clear(book: Book, call: Call) -> dict[str, Any]:
    cleared = values.clear(book, *book.locate(call.path["range"]))
    _land(book)
    return {"spreadsheetId": book.key, "clearedRange": cleared}


def _values_batch_clear(book: Book, call: Call) -> dict[str, Any]:
    places: list[tuple[Sheet, Area]] = []
    for index, text in enumerate(call.body.get("ranges", [])):
        with numbered("range", index):
            places.append(book.locate(text))
    return _cleared(book, places)


def _values_batch_clear_by_filter(book: Book, call: Call) -> dict[str, Any]:
    return _cleared(book, spreadsheets.filtered(book, call.body.get("dataFilters", [])))


def _cleared(book: Book, places: list[Any]) -> dict[str, Any]:
    cleared = [values.clear(book, sheet, area) for sheet, area in places]
    _land(book)
    return {"spreadsheetId": book.key, **({"clearedRanges": cleared} if cleared else {})}


_READS: dict[str, Handler] = {
    "spreadsheets.get": _get,
    "spreadsheets.getByDataFilter": _get_by_filter,
    "values.get": _values_get,
    "values.batchGet": _values_batch_get,
    "values.batchGetByDataFilter": _values_batch_get_by_filter,
    "developerMetadata.get": _metadata_get,
    "developerMetadata.search": _metadata_search,
}
_WRITES: dict[str, Handler] = {
    "spreadsheets.batchUpdate": _batch_update,
    "values.update": _values_update,
    "values.batchUpdate": _values_batch_update,
    "values.batchUpdateByDataFilter": _values_batch_update_by_filter,
    "values.append": _values_append,
    "values.clear": _values_clear,
    "values.batchClear": _values_batch_clear,
    "values.batchClearByDataFilter": _values_batch_clear_by_filter,
}
