"""Backups of the workbook's file, kept beside it: made before a run writes, and brought back by hand.

trial.sheet.backup-1 (the latest) ... trial.sheet.backup-3     made by `make`, the oldest one goes
trial.sheet.before-restore-1 ...                               what `restore` took the place of; nobody removes it

A backup is one whole SQLite file, made with VACUUM INTO, which reads each page of the workbook: a damaged one makes no
backup, so it can't push a good one out. It is on the disk before it gets its name.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sheetsync.local.file import (
    KEPT,
    DamagedError,
    FileError,
    InUseError,
    backup_path,
    beside,
    check,
    flushed,
    on_disk,
)
from sheetsync.local.store import Store

_ASIDE = ".before-restore-"
_PART = ".backup-part-"
_LOCKED = 0x40000000, 512
"""The bytes whose locks SQLite uses: first, count. Whoever has the file open in WAL mode holds one of them."""


class NoBackupError(FileError):
    """There is no backup with that number."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup: its number (1 is the latest), file, when it was made (UTC), bytes, and whether it is sound."""

    number: int
    path: Path
    made: datetime
    size: int
    sound: bool


def found(path: Path) -> list[Backup]:
    """The backups of a workbook, the latest first. Raises FileError where they may not be read."""
    with on_disk():
        return [_described(number, backup_path(path, number)) for number in _numbers(path)]


def make(store: Store) -> Path | None:
    """Keep the workbook as it is now, as backup 1. Nobody writes meanwhile; readers do not wait. Raises FileError.

    None where there is nothing to keep: the workbook is still empty, or the latest backup is the same.
    """
    path = store.path
    with on_disk(), store.writing() as db:
        if db.execute("SELECT 1 FROM row LIMIT 1").fetchone() is None or _versions(db) == _latest(path):
            return None
        for left in path.parent.glob(_literal(path.name) + _PART + "*"):
            left.unlink()  # whoever made it was stopped: there is one maker at a time
        with _part(path) as part:
            with closing(sqlite3.connect(path)) as source:
                source.execute("VACUUM INTO ?", (str(part),))
            part.chmod(path.stat().st_mode & 0o777)
            flushed(part)
            _rotate(path, part)
    return backup_path(path, 1)


def forget(path: Path) -> None:
    """Remove the backups of a workbook that was made anew."""
    for number in _numbers(path):
        backup_path(path, number).unlink()


def restore(path: Path, number: int = 1) -> Path | None:
    """Put backup `number` in the workbook's place; where what was there is kept now (None: there was nothing).

    The backup stays as well. For a process that does not itself have the workbook open. Raises NoBackupError,
    DamagedError of the backup, InUseError where somebody has the workbook open, FileError.
    """
    chosen = backup_path(path, number)
    with on_disk():
        if not chosen.exists():
            raise NoBackupError(f"there is no backup {number}")
        check(chosen)
        if not path.exists():
            _drop_log(path)
            _put(chosen, path, chosen.stat().st_mode)
            return None
        with _alone(path):
            pass
        _fold(path)
        with _alone(path):
            kept = _set_aside(path)
            _drop_log(path)
            _put(chosen, path, path.stat().st_mode)
        return kept


def _numbers(path: Path) -> list[int]:
    return [number for number in range(1, KEPT + 1) if backup_path(path, number).exists()]


def _described(number: int, path: Path) -> Backup:
    about = path.stat()
    try:
        check(path)
        sound = True
    except DamagedError:
        sound = False
    return Backup(number, path, datetime.fromtimestamp(about.st_mtime, UTC), about.st_size, sound)


def _versions(db: sqlite3.Connection) -> list[tuple[str, int, str]]:
    """What tells one state of the file from the next."""
    return db.execute("SELECT id, version, modified FROM spreadsheet ORDER BY id").fetchall()


def _latest(path: Path) -> list[tuple[str, int, str]]:
    """Of the latest backup; nothing where there is none that can be read."""
    latest = backup_path(path, 1)
    if not latest.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{latest.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            return _versions(db)
    except sqlite3.Error:
        return []


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """An empty file of this user's alone, beside the workbook; gone at the end where nobody gave it a name."""
    descriptor, name = tempfile.mkstemp(prefix=path.name + _PART, dir=path.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
    finally:
        for each in (part, beside(part, "-journal")):
            each.unlink(missing_ok=True)


def _rotate(path: Path, part: Path) -> None:
    free = next((number for number in range(1, KEPT) if not backup_path(path, number).exists()), KEPT)
    for number in range(free, 1, -1):
        backup_path(path, number - 1).replace(backup_path(path, number))
    part.replace(backup_path(path, 1))
    flushed(path.parent)


def _literal(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold what keeps others from opening the file. InUseError where somebody has it open."""
    if sys.platform == "win32":
        yield  # an open file can't be replaced there: that says the same
        return
    import fcntl

    first, many = _LOCKED
    with path.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, many, first)
        except OSError as error:
            raise InUseError("it is open") from error
        yield


def _fold(path: Path) -> None:
    """Write into the file what a crash has left beside it, so that one file is all; not where it is damaged."""
    if not beside(path, "-wal").exists():
        return
    try:
        check(path)
    except FileError:
        return
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _set_aside(path: Path) -> Path:
    """A second name for the file, and for what is beside it of its last transactions."""
    kept = next(kept for number in count(1) if not (kept := beside(path, f"{_ASIDE}{number}")).exists())
    for ending in ("-wal", ""):
        if beside(path, ending).exists():
            _linked(beside(path, ending), beside(kept, ending))
    flushed(path.parent)
    return kept


def _linked(path: Path, other: Path) -> None:
    try:
        other.hardlink_to(path)
    except OSError:  # not every file system has them
        shutil.copy2(path, other)
        flushed(other)


def _drop_log(path: Path) -> None:
    for ending in ("-wal", "-shm"):
        beside(path, ending).unlink(missing_ok=True)


def _put(backup: Path, path: Path, mode: int) -> None:
    with _part(path) as part:
        shutil.copyfile(backup, part)
        part.chmod(mode & 0o777)
        flushed(part)
        part.replace(path)
    flushed(path.parent)
