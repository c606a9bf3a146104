"""What can go wrong, by what the caller can do about it.

SheetsyncError                  exit
├── UsageError                   2    the command line is wrong
├── ConfigError                  2    config/targets.yaml is wrong (lists every mistake)
├── LayoutError                  2    a tab or a required column of the workbook is missing
├── AccessError                  3    credentials, sharing, or the API not enabled
├── ServiceError                 4    Google or the network gave up after the retries
├── ConflictError                5    somebody else synced meanwhile
└── ClosedError                  5    the named period is closed

A mistake in a row that somebody typed is never an exception: it is a `model.Issue`.
"""

from __future__ import annotations


class SheetsyncError(Exception):
    """A failure the user can read: what happened, where, and what to do next.

    `what` and `remedy` are sentences; `where` is a file, a tab or an address, or "".
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n{self.remedy}" if self.remedy else head


class UsageError(SheetsyncError):
    """The command line is wrong."""

    exit_code = 2


class ConfigError(SheetsyncError):
    """The configuration is wrong; `what` lists every mistake with file and line."""

    exit_code = 2


class LayoutError(SheetsyncError):
    """A tab or a required column of the workbook is missing."""

    exit_code = 2


class AccessError(SheetsyncError):
    """Nobody let us in: credentials, sharing, or the API is not enabled."""

    exit_code = 3


class ServiceError(SheetsyncError):
    """Google or the network gave up after the retries."""

    exit_code = 4


class ConflictError(SheetsyncError):
    """Somebody else synced meanwhile."""

    exit_code = 5


class ClosedError(SheetsyncError):
    """The named period is closed."""

    exit_code = 5
