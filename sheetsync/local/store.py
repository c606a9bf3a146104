"""The SQLite file: spreadsheets and tabs as JSON documents, cells as one compact row per sheet row.

A row holds its values as a JSON list (plain scalars; `{"f": formula, "v": effective value}` only for formulas), the
number of its `look` (which formats and which validation rules its cells have; looks, formats and rules are stored
once each), and what few cells have beside that (notes, text runs) apart. So reading values reads values alone, and
reading a range reads the rows it spans.

Durability: WAL with synchronous=FULL, so a committed transaction outlives `kill -9` and a loss of power, and an
unfinished one leaves nothing behind. Readers see the snapshot of the moment they began; one writer at a time. `log.py`
sees to it that the file alone is all again half a second later, and that no other file's log is taken for its own.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from sheetsync.local import log
from sheetsync.local.file import APPLICATION_ID, DamagedError, NotAWorkbook, check, explained, loaded

Scalar = str | int | float | bool | None
Cell = Scalar | dict[str, Any]
"""None is blank; `{"f": text, "v": Scalar}` a formula with its effective value, `{"f": text, "e": ErrorValue}` one
that failed. A number may have `"n"`, the NumberFormat that it is shown in where its cell has none."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spreadsheet (
    id TEXT PRIMARY KEY, doc BLOB NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL, version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sheet (
    number INTEGER PRIMARY KEY AUTOINCREMENT, spreadsheet TEXT NOT NULL, id INTEGER NOT NULL, doc BLOB NOT NULL,
    UNIQUE (spreadsheet, id)
);
CREATE TABLE IF NOT EXISTS row (
    id INTEGER PRIMARY KEY, cells BLOB, look INTEGER NOT NULL DEFAULT 0, extra BLOB, formulas INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS row_with_formulas ON row (id) WHERE formulas > 0;
CREATE TABLE IF NOT EXISTS format (id INTEGER PRIMARY KEY, doc BLOB NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS rule (id INTEGER PRIMARY KEY, doc BLOB NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS look (id INTEGER PRIMARY KEY, doc BLOB NOT NULL UNIQUE);
"""
_DOC = {
    "format": "SELECT doc FROM format WHERE id = ?",
    "rule": "SELECT doc FROM rule WHERE id = ?",
    "look": "SELECT doc FROM look WHERE id = ?",
}
_NUMBER = {
    "format": "SELECT id FROM format WHERE doc = ?",
    "rule": "SELECT id FROM rule WHERE doc = ?",
    "look": "SELECT id FROM look WHERE doc = ?",
}
_NEW = {
    "format": "INSERT INTO format (doc) VALUES (?) RETURNING id",
    "rule": "INSERT INTO rule (doc) VALUES (?) RETURNING id",
    "look": "INSERT INTO look (doc) VALUES (?) RETURNING id",
}
_ROW_BITS = 32
_MOST_ROWS = 1 << 30
"""Rows that a tab may have, and by how many its first one may move away from the middle of its numbers."""
_CHUNK = 4000
_TABLES = {"spreadsheet", "sheet", "row", "format", "rule", "look"}
_WAIT_MS = 60_000


class Store:
    """One file. Any number of threads and processes may have it open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        self._folding = log.Folding(path)
        self._closed = False

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open the file, or make it with its parent folders. Raises file.FileError, OSError.

        One that is there is looked through first; nothing is written into it unless it is still empty.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            check(path)
        store = cls(path)
        try:
            store._prepare()
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self) -> None:
        with self.reading() as db:
            there = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
        if there >= _TABLES:
            return
        with self.writing() as db:
            (application,) = db.execute("PRAGMA application_id").fetchone()
            if there and application != APPLICATION_ID:
                raise NotAWorkbook("an SQLite file of another program")
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for statement in _SCHEMA.split(";"):
                db.execute(statement)

    def close(self) -> None:
        """Close every idle connection; those still reading close when they are done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        self._folding.close()
        for db in idle:
            db.close()

    def _connection(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=_WAIT_MS / 1000)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA fullfsync = ON")  # macOS alone: else its disks say that they have what they have not
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def _give_back(self, db: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < 8:
                self._idle.append(db)
                return
        db.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot of the file. Raises file.FileError."""
        with explained():
            db = self._connection()
            try:
                db.execute("BEGIN")
                yield db
            finally:
                db.rollback()
                self._give_back(db)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed where the block ends, rolled back where it raises. Raises file.FileError."""
        with explained(), self._writer:
            db = self._connection()
            try:
                db.execute("BEGIN IMMEDIATE")
                before = db.total_changes
                yield db
                changed = db.total_changes > before
                if changed:
                    log.sign(db, self.path)
                db.commit()
                if changed:
                    self._folding.soon()
            finally:
                db.rollback()
                self._give_back(db)


class Row:
    """One sheet row. `cells`, `formats` and `rules` may be shorter than the grid; 0 is no format and no rule.

    `extra` holds by column what few cells have: `note`, `textFormatRuns` and the like.
    """

    __slots__ = ("cells", "extra", "formats", "rules")

    def __init__(
        self, cells: list[Cell], formats: list[int], rules: list[int], extra: dict[int, dict[str, Any]]
    ) -> None:
        self.cells, self.formats, self.rules, self.extra = cells, formats, rules, extra

    @classmethod
    def blank(cls) -> Row:
        """A row without anything."""
        return cls([], [], [], {})

    @property
    def width(self) -> int:
        """Columns up to the last that has anything."""
        return max(len(self.cells), len(self.formats), len(self.rules), max(self.extra, default=-1) + 1)

    def cell(self, column: int) -> Cell:
        """The value there; None where there is none."""
        return self.cells[column] if column < len(self.cells) else None

    def format(self, column: int) -> int:
        """The number of the format there."""
        return self.formats[column] if column < len(self.formats) else 0

    def rule(self, column: int) -> int:
        """The number of the validation rule there."""
        return self.rules[column] if column < len(self.rules) else 0

    def put(self, column: int, cell: Cell) -> None:
        """Set the value there."""
        _put(self.cells, column, cell, None)

    def put_line(self, left: int, cells: list[Cell]) -> None:
        """Set the values from column `left` on."""
        _put_line(self.cells, left, cells, None)

    def put_formats(self, left: int, numbers: list[int]) -> None:
        """Set the formats from column `left` on."""
        _put_line(self.formats, left, numbers, 0)

    def put_format(self, column: int, number: int) -> None:
        """Set the format there."""
        _put(self.formats, column, number, 0)

    def put_rule(self, column: int, number: int) -> None:
        """Set the validation rule there."""
        _put(self.rules, column, number, 0)

    def put_extra(self, column: int, name: str, value: Any) -> None:
        """Set, or with None remove, one of the things few cells have."""
        about = self.extra.setdefault(column, {})
        if value is None:
            about.pop(name, None)
        else:
            about[name] = value
        if not about:
            del self.extra[column]

    def insert(self, at: int, count: int) -> None:
        """Shift everything from column `at` on to the right."""
        for line, fill in ((self.cells, None), (self.formats, 0), (self.rules, 0)):
            if at < len(line):
                line[at:at] = [fill] * count  # type: ignore[list-item]  # each list gets the fill of its own kind
        self.extra = {column + count if column >= at else column: about for column, about in self.extra.items()}

    def delete(self, at: int, count: int) -> None:
        """Take columns at..at+count out; what is right of them moves left."""
        for line in (self.cells, self.formats, self.rules):
            del line[at : at + count]
        self.extra = {
            column - count if column >= at else column: about
            for column, about in self.extra.items()
            if not at <= column < at + count
        }

    def cut(self, width: int) -> None:
        """Forget everything from column `width` on."""
        self.delete(width, max(self.width - width, 0))


def _put(line: list[Any], column: int, value: Any, fill: Any) -> None:
    if column < len(line):
        line[column] = value
    elif value != fill:
        line.extend([fill] * (column - len(line)))
        line.append(value)


class Palette:
    """Formats, validation rules and looks by number, each stored once in the file and never changed.

    Belongs to one transaction: a number that is rolled back is forgotten with it.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._docs: dict[tuple[str, int], Any] = {("look", 0): ([], []), ("format", 0): {}, ("rule", 0): None}
        self._numbers: dict[tuple[str, bytes], int] = {("format", b"{}"): 0, ("look", b"[[],[]]"): 0}

    def format(self, number: int) -> dict[str, Any]:
        """A CellFormat; not to be changed in place."""
        doc: dict[str, Any] = self._doc("format", number)
        return doc

    def rule(self, number: int) -> dict[str, Any] | None:
        """A DataValidationRule, None for 0; not to be changed in place."""
        doc: dict[str, Any] | None = self._doc("rule", number)
        return doc

    def look(self, number: int) -> tuple[list[int], list[int]]:
        """The format and rule numbers of a row's cells; not to be changed in place."""
        formats, rules = self._doc("look", number)
        return formats, rules

    def number_of_format(self, doc: dict[str, Any]) -> int:
        """The format's number; 0 for {}."""
        return self._number("format", doc)

    def number_of_rule(self, doc: dict[str, Any] | None) -> int:
        """The rule's number; 0 for None."""
        return self._number("rule", doc) if doc is not None else 0

    def number_of_look(self, formats: list[int], rules: list[int]) -> int:
        """The look's number; 0 for no format and no rule."""
        return self._number("look", [_trimmed(formats), _trimmed(rules)])

    def _doc(self, kind: str, number: int) -> Any:
        if (kind, number) not in self._docs:
            found = self._db.execute(_DOC[kind], (number,)).fetchone()
            if found is None:
                raise DamagedError(f"{kind} {number} is missing")
            self._docs[kind, number] = loaded(found[0])
        return self._docs[kind, number]

    def _number(self, kind: str, doc: Any) -> int:
        text = orjson.dumps(doc)
        known = self._numbers.get((kind, text))
        if known is None:
            found = self._db.execute(_NUMBER[kind], (text,)).fetchone()
            known = int(found[0] if found else self._db.execute(_NEW[kind], (text,)).fetchone()[0])
            self._numbers[kind, text] = known
        return known


def _put_line(line: list[Any], left: int, values: list[Any], fill: Any) -> None:
    line.extend([fill] * (left - len(line)))
    line[left : left + len(values)] = values


def _trimmed(numbers: list[int]) -> list[int]:
    end = len(numbers)
    while end and not numbers[end - 1]:
        end -= 1
    return numbers[:end]


class Grid:
    """The rows of one tab. Rows are numbered from 0; what was never written is not stored.

    `origin` is kept by the caller: the row that has the middle one of the tab's numbers in the file, negated. So rows
    that are put in move those above or those below them, whichever are fewer.
    """

    def __init__(self, db: sqlite3.Connection, palette: Palette, number: int, origin: int = 0) -> None:
        self._db, self.palette, self._middle, self.origin = db, palette, number << _ROW_BITS, origin

    @property
    def _base(self) -> int:
        return self._middle + self.origin

    def _ids(self, top: int, bottom: int) -> tuple[int, int]:
        return self._base + top, self._base + min(bottom, _MOST_ROWS)

    def values(self, top: int, bottom: int) -> Iterator[tuple[int, bytes]]:
        """(row, its values as a JSON list) of the stored rows that have values, in order."""
        found = self._db.execute(
            "SELECT id, cells FROM row WHERE id >= ? AND id < ? AND cells IS NOT NULL ORDER BY id",
            self._ids(top, bottom),
        )
        base = self._base
        for number, cells in found:
            yield number - base, cells

    def rows(self, top: int, bottom: int) -> Iterator[tuple[int, Row]]:
        """(row, Row) of the stored rows, in order."""
        found = self._db.execute(
            "SELECT id, cells, look, extra FROM row WHERE id >= ? AND id < ? ORDER BY id", self._ids(top, bottom)
        )
        base = self._base
        for number, cells, look, extra in found:
            yield number - base, self._row(cells, look, extra)

    def _row(self, cells: bytes | None, look: int, extra: bytes | None) -> Row:
        formats, rules = self.palette.look(look)
        about = {int(column): what for column, what in loaded(extra).items()} if extra else {}
        return Row(loaded(cells) if cells else [], list(formats), list(rules), about)

    def row(self, index: int) -> Row:
        """The row, blank where it is not stored."""
        for _, row in self.rows(index, index + 1):
            return row
        return Row.blank()

    def formula_rows(self) -> list[int]:
        """The rows that hold formulas."""
        top, bottom = self._ids(0, _MOST_ROWS)
        found = self._db.execute(
            "SELECT id FROM row WHERE formulas > 0 AND id >= ? AND id < ? ORDER BY id", (top, bottom)
        )
        return [number - self._base for (number,) in found]

    def last_row_with_values(self, top: int, bottom: int) -> int | None:
        """The last stored row with values in top..bottom."""
        found = self._db.execute(
            "SELECT max(id) FROM row WHERE id >= ? AND id < ? AND cells IS NOT NULL", self._ids(top, bottom)
        ).fetchone()
        return None if found[0] is None else int(found[0]) - self._base

    def block_above(self, row: int) -> int:
        """A row at or above `row`; it and all between have a value in the first column. Looks at whole chunks alone."""
        while row >= _CHUNK and self._begin_with_a_value(row - _CHUNK):
            row -= _CHUNK
        return row

    def block_below(self, row: int) -> int:
        """The same downwards: the rows from `row` to before the one that is given back."""
        while self._begin_with_a_value(row):
            row += _CHUNK
        return row

    def _begin_with_a_value(self, top: int) -> bool:
        ids = self._ids(top, top + _CHUNK)
        (count,) = self._db.execute(
            "SELECT count(*) FROM row WHERE id >= ? AND id < ? AND substr(cells, 1, 6) != CAST('[null,' AS BLOB)", ids
        ).fetchone()
        return bool(count == _CHUNK)

    def change(
        self, top: int, bottom: int, change: Callable[[int, Row], bool | None], *, stored_only: bool = False
    ) -> None:
        """Give every row of top..bottom to `change` (stored ones only, where asked) and store what it makes of them.

        A row of which it says False, that nothing was changed, is not written.
        """
        for start in range(top, bottom, _CHUNK):
            end = min(start + _CHUNK, bottom)
            held = dict(self.rows(start, end))
            rows = held if stored_only else {index: held.get(index) or Row.blank() for index in range(start, end)}
            self.write([(index, row) for index, row in rows.items() if change(index, row) is not False])

    def write(self, rows: Iterable[tuple[int, Row]]) -> None:
        """Store rows; blank ones are removed."""
        kept: list[tuple[int, bytes | None, int, bytes | None, int]] = []
        gone: list[tuple[int]] = []
        for index, row in rows:
            record = self._record(self._base + index, row)
            if record is None:
                gone.append((self._base + index,))
            else:
                kept.append(record)
        self._db.executemany(
            "INSERT OR REPLACE INTO row (id, cells, look, extra, formulas) VALUES (?, ?, ?, ?, ?)", kept
        )
        self._db.executemany("DELETE FROM row WHERE id = ?", gone)

    def _record(self, number: int, row: Row) -> tuple[int, bytes | None, int, bytes | None, int] | None:
        cells = row.cells
        while cells and cells[-1] is None:
            cells.pop()
        look = self.palette.number_of_look(row.formats, row.rules) if row.formats or row.rules else 0
        if not cells and not look and not row.extra:
            return None
        extra = orjson.dumps({str(column): about for column, about in row.extra.items()}) if row.extra else None
        formulas = sum(type(cell) is dict for cell in cells)
        return number, orjson.dumps(cells) if cells else None, look, extra, formulas

    def restyle(self, top: int, bottom: int, change: Callable[[Row], None]) -> None:
        """Give every look in rows top..bottom to `change` once, as a row without values, and wear the result instead.

        Costs what the range has of different looks, not what it has of rows.
        """
        ids = self._ids(top, bottom)
        looks = {look for (look,) in self._db.execute("SELECT DISTINCT look FROM row WHERE id >= ? AND id < ?", ids)}
        made = {old: self._restyled(old, change) for old in looks | {0}}
        if made[0]:
            numbers = ((number,) for number in range(*ids))
            self._db.executemany("INSERT OR IGNORE INTO row (id) VALUES (?)", numbers)
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS worn (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
        self._db.execute("DELETE FROM worn")
        self._db.executemany("INSERT INTO worn VALUES (?, ?)", [pair for pair in made.items() if pair[0] != pair[1]])
        self._db.execute(
            "UPDATE row SET look = (SELECT new FROM worn WHERE old = look)"
            " WHERE id >= ? AND id < ? AND look IN (SELECT old FROM worn)",
            ids,
        )
        self._db.execute(
            "DELETE FROM row WHERE id >= ? AND id < ? AND look = 0 AND cells IS NULL AND extra IS NULL", ids
        )

    def _restyled(self, look: int, change: Callable[[Row], None]) -> int:
        formats, rules = self.palette.look(look)
        row = Row([], list(formats), list(rules), {})
        change(row)
        return self.palette.number_of_look(row.formats, row.rules)

    def insert_rows(self, at: int, count: int) -> None:
        """Move the rows from `at` on down, or, which is the same, those above up."""
        top, bottom = self._ids(0, _MOST_ROWS)
        cut = self._base + at
        if at <= 2 * self._below(at) and self.origin - count > -_MOST_ROWS:
            self._move_up(top, cut, count)
            self.origin -= count
        else:
            self._move_down(cut, bottom, count)

    def delete_rows(self, at: int, count: int) -> None:
        """Remove rows at..at+count; those below move up, or those above down."""
        top, bottom = self._ids(0, _MOST_ROWS)
        cut, end = self._ids(at, at + count)
        self._db.execute("DELETE FROM row WHERE id >= ? AND id < ?", (cut, end))
        if self._below(at + count) <= 2 * at or self.origin + count > _MOST_ROWS:
            self._move_up(end, bottom, count)
        else:
            self._move_down(top, cut, count)
            self.origin += count

    def _below(self, at: int) -> int:
        """How many rows there are from `at` to the last stored one."""
        top, bottom = self._ids(at, _MOST_ROWS)
        (last,) = self._db.execute("SELECT max(id) FROM row WHERE id >= ? AND id < ?", (top, bottom)).fetchone()
        return 0 if last is None else int(last) - top + 1

    def _move_up(self, start: int, end: int, by: int) -> None:
        """Lower numbers, which are free: SQLite goes through a table from its lowest number up."""
        self._db.execute("UPDATE row SET id = id - ? WHERE id >= ? AND id < ?", (by, start, end))

    def _move_down(self, start: int, end: int, by: int) -> None:
        """Higher numbers, by way of negative ones, since the next ones are still taken."""
        self._db.execute("UPDATE row SET id = -(id + ?) WHERE id >= ? AND id < ?", (by, start, end))
        self._db.execute("UPDATE row SET id = -id WHERE id < 0")

    def clear(self) -> None:
        """Forget every row."""
        self._db.execute("DELETE FROM row WHERE id >= ? AND id < ?", self._ids(0, _MOST_ROWS))

    def copy_to(self, other: Grid) -> None:
        """Copy every row to another tab of the same file, which has none."""
        self._db.execute(
            "INSERT INTO row (id, cells, look, extra, formulas)"
            " SELECT id - ? + ?, cells, look, extra, formulas FROM row WHERE id >= ? AND id < ?",
            (self._base, other._base, *self._ids(0, _MOST_ROWS)),
        )
