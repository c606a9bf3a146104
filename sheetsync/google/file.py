"""What is the matter with a local workbook's file, in our tree of errors, with what to do about it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sheetsync.errors import AccessError, ConflictError, ServiceError, SheetsyncError
from sheetsync.local.file import DamagedError, FileError, FullError, InUseError, NotAWorkbook, has_backups

_RIGHTS = "See that the file, its folder, and a -wal and -shm beside it may be read and written, or name another."


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turns a FileError about the workbook at `path`, and the system's error in opening it, into ours.

    AccessError where the file can't be read or is none, ServiceError where the disk is full or fails, ConflictError
    where somebody else has it.
    """
    try:
        yield
    except FileError as error:
        raise _told(error, path) from error
    except FileNotFoundError:
        raise AccessError(
            "there is no workbook file here",
            where=f"local:{path}",
            remedy="Make one with `sheetsync init` or `sheetsync demo`, or correct workbook.spreadsheet.",
        ) from None
    except OSError as error:
        raise _barred(error.strerror or type(error).__name__, path) from error


def _told(error: FileError, path: Path) -> SheetsyncError:
    where = f"local:{path}"
    if isinstance(error, NotAWorkbook):
        what = "this is a folder, not a workbook file" if path.is_dir() else "this file is no local workbook"
        return AccessError(what, where=where, remedy="Name another file in workbook.spreadsheet.")
    if isinstance(error, DamagedError):
        return AccessError(f"this workbook file is damaged ({error})", where=where, remedy=_way_back(path))
    if isinstance(error, FullError):
        return ServiceError(
            f"the disk of the workbook file is full, or fails ({error})",
            where=where,
            remedy="Nothing of this run was written, and nothing was lost. Make room, and run the command again.",
        )
    if isinstance(error, InUseError):
        return ConflictError(
            f"somebody else has the workbook file ({error})",
            where=where,
            remedy="Stop `sheetsync serve`, or whatever else has it open, and run the command again.",
        )
    return _barred(str(error), path)


def _barred(why: str, path: Path) -> SheetsyncError:
    return AccessError(f"this workbook file can't be opened ({why})", where=f"local:{path}", remedy=_RIGHTS)


def _way_back(path: Path) -> str:
    if not has_backups(path):
        return "There is no backup beside it: take a copy of your own, or begin anew under another name."
    return f"Bring the latest backup back: `sheetsync restore {shlex.quote(str(path))}` (--list shows them)."
