"""The workbook's file as a file: whether it is sound, and what SQLite's errors say of it.

FileError
├── NotAWorkbook    a file of another kind
├── DamagedError    it was a workbook, and something has spoilt it
├── FullError       the disk has no room left, or refuses to read or write
├── InUseError      somebody else holds it
└── BarredError     it may not be read or written

The message is SQLite's, or as short; it never has the path in it.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson

from sheetsync.local import log

APPLICATION_ID = 0x73687379
KEPT = 3
"""Backups that are kept beside a workbook."""

_ID_AT = 68, 72
_NO_TEXT = "a text in it is none"
_SPOILT = {"Could not decode to UTF-8": _NO_TEXT, "unsupported file format": "no file format that there is"}
"""How SQLite's messages begin that have no code of their own, and what is said instead."""


class FileError(Exception):
    """The workbook's file can't be used."""


class NotAWorkbook(FileError):  # noqa: N818 - it says what the file is, not that something failed
    """The file is there and is no workbook of this program; the message says what it is instead."""


class DamagedError(FileError):
    """The file is a workbook of this program, and does not hang together any more."""


class FullError(FileError):
    """The disk has no room left, or did not do what it was asked."""


class InUseError(FileError):
    """Somebody else has the file, and does not let go of it."""


class BarredError(FileError):
    """The rights of the file, or of its folder, do not allow it."""


_KINDS: dict[int, type[FileError]] = {
    sqlite3.SQLITE_CORRUPT: DamagedError,
    sqlite3.SQLITE_NOTADB: DamagedError,
    sqlite3.SQLITE_FULL: FullError,
    sqlite3.SQLITE_IOERR: FullError,
    sqlite3.SQLITE_BUSY: InUseError,
    sqlite3.SQLITE_LOCKED: InUseError,
    sqlite3.SQLITE_PROTOCOL: InUseError,
    sqlite3.SQLITE_READONLY: BarredError,
    sqlite3.SQLITE_CANTOPEN: BarredError,
    sqlite3.SQLITE_PERM: BarredError,
    sqlite3.SQLITE_AUTH: BarredError,
}


@contextmanager
def explained() -> Iterator[None]:
    """Turns SQLite's errors about the file into a FileError; a defect in a statement stays as it is."""
    try:
        yield
    except sqlite3.Error as error:
        kind = _KINDS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if kind is not None:
            raise kind(str(error)) from error
        for words, plain in _SPOILT.items():
            if str(error).startswith(words):
                raise DamagedError(plain) from error
        raise
    except UnicodeDecodeError as error:  # SQLite's message names something in the file that is spoilt
        raise DamagedError(_NO_TEXT) from error


@contextmanager
def on_disk() -> Iterator[None]:
    """Turns SQLite's errors about a file, and the system's, into a FileError."""
    try:
        with explained():
            yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
        raise (FullError if full else BarredError)(error.strerror or type(error).__name__) from error


def loaded(text: bytes) -> Any:
    """What a stored JSON text says. DamagedError where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise DamagedError("a stored text is not JSON") from error


def check(path: Path) -> None:
    """Look whether an existing file is a sound workbook, and change nothing.

    Reads all of it (`PRAGMA quick_check`; 20 MB in 0.03 s), and sees whether a log beside it is its own. An empty file
    is sound where nothing says that it held something. Raises FileError, OSError.
    """
    with explained():
        if path.is_dir():
            raise NotAWorkbook("a folder")
        if path.stat().st_size == 0 and not _traces(path):
            return
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                if not _check(db, path) and has_backups(path):
                    raise DamagedError("it is empty")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_NOTADB and not _was_ours(path):
                raise NotAWorkbook(str(error)) from error
            raise


def _check(db: sqlite3.Connection, path: Path) -> bool:
    """Whether there is anything in it."""
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not tables:
        return False
    if application != APPLICATION_ID:
        raise NotAWorkbook("an SQLite file of another program")
    if not log.belongs(db, path):
        raise DamagedError("the -wal beside it is another file's, or an older one")
    (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise DamagedError(" ".join(said.split()))
    return True


def _was_ours(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_ID_AT[1])
    return head[slice(*_ID_AT)] == APPLICATION_ID.to_bytes(4) or _traces(path)


def _traces(path: Path) -> bool:
    """Whether something beside the file says that it was a workbook."""
    return has_backups(path) or bool(_size(beside(path, "-wal")))


def has_backups(path: Path) -> bool:
    """Whether there is a backup beside the workbook."""
    return any(backup_path(path, number).exists() for number in range(1, KEPT + 1))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def beside(path: Path, ending: str) -> Path:
    """The file with that ending after the workbook's whole name."""
    return path.with_name(path.name + ending)


def backup_path(path: Path, number: int) -> Path:
    """Where a backup of the workbook is; 1 is the latest."""
    return beside(path, f".backup-{number}")


def flushed(path: Path) -> None:
    """See that a file, or what a folder lists, is on the disk. Windows has no way to do that for folders."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        if sys.platform == "darwin":
            import fcntl

            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # as SQLite does it: fsync leaves it in the disk's own memory
        else:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
