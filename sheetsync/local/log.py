"""The log of the last transactions (-wal) beside the workbook's file: folded in soon, and known to be the file's own.

SQLite lays a log over whatever file it lies beside, be it another workbook's or an older one's. So each transaction
draws a token, `PRAGMA user_version`, and keeps the tokens from that of the file below the log up to its own. Where the
file's own token is none of these, the log is not the file's.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import orjson

REST = 0.5
"""Seconds after a transaction at which it is in the file itself, unless somebody reads what was before it."""

_TABLE = "CREATE TABLE IF NOT EXISTS token (one INTEGER PRIMARY KEY CHECK (one = 1), tokens BLOB NOT NULL)"
_TOKENS = 1 << 31
_READINGS, _BETWEEN = 100, 0.01
"""How often a file is read that is being written, and seconds between."""


class Folding:
    """Writes the log of one file into it, and empties it, soon after it was told to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._next: threading.Timer | None = None
        self._closed = False

    def soon(self) -> None:
        """There is something in the log."""
        with self._lock:
            if self._next is None and not self._closed:
                self._next = threading.Timer(REST, self.now)
                self._next.daemon = True
                self._next.start()

    def close(self) -> None:
        """Do it no more: whoever closes the file last has SQLite do it."""
        with self._lock:
            self._closed, last = True, self._next
        if last is not None:
            last.cancel()
            last.join()

    def now(self) -> None:
        """Do it; again later where somebody still reads what was before."""
        with self._lock:
            self._next = None
        try:
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as db:
                db.execute("PRAGMA fullfsync = ON")
                (somebody_reads, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            return  # it is in the log all the same, and the next transaction has it tried again
        if somebody_reads:
            self.soon()


def sign(db: sqlite3.Connection, path: Path) -> None:
    """The last statements of a transaction: its token, and on which it stands."""
    db.execute(_TABLE)
    known, below = _tokens(db), _below(path)
    token = secrets.randbelow(_TOKENS - 1) + 1
    stands = [*(known[known.index(below) :] if below in known else [below]), token]
    db.execute("INSERT OR REPLACE INTO token VALUES (1, ?)", (orjson.dumps(stands),))
    db.execute(f"PRAGMA user_version = {token}")


def belongs(db: sqlite3.Connection, path: Path) -> bool:
    """Whether what the connection sees, the log over the file, is of one piece. Not for within a transaction."""
    db.execute("BEGIN")  # nobody folds in more than is seen here
    try:
        there = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'token'").fetchone()
        return _below(path) in (_tokens(db) if there else [0])
    finally:
        db.rollback()


def _tokens(db: sqlite3.Connection) -> list[int]:
    held = db.execute("SELECT tokens FROM token").fetchone()
    try:
        known = orjson.loads(held[0]) if held else [0]
    except orjson.JSONDecodeError:
        known = None
    return known if isinstance(known, list) else []


def _below(path: Path) -> int:
    """The token of the file without its log.

    Read by SQLite, for closing a file that was opened otherwise would undo the locks of this process on it. While
    somebody folds the log in, what is read may be of two moments: then it is read again.
    """
    for _ in range(_READINGS):
        with suppress(sqlite3.DatabaseError):
            return _read_below(path)
        time.sleep(_BETWEEN)
    return _read_below(path)


def _read_below(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        (token,) = db.execute("PRAGMA user_version").fetchone()
    return int(token)
