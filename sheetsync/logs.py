"""What a run did, one JSON object a line, for whoever reads after it; and the warnings that people see on stderr.

`record` goes through the logger `sheetsync`: without `tell`, as in a program that uses sheetsync as a library, nothing
comes of it unless that program asks for it.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from sheetsync.errors import UsageError
from sheetsync.terminal import safe

OURS: Final = "sheetsync"
"""The logger above all of ours."""

_LONGEST = 4096
_RUN: ContextVar[str] = ContextVar("run_id")
_LOG = logging.getLogger(__name__)
logging.getLogger(OURS).addHandler(logging.NullHandler())  # else logging writes what nobody asked for to stderr


def new_run() -> str:
    """Begins a run: its id, 12 hexadecimal digits, is what `run_id` gives from now on."""
    _RUN.set(secrets.token_hex(6))
    return _RUN.get()


def run_id() -> str:
    """The id of the run under way in this context; one is begun where there is none."""
    return _RUN.get(None) or new_run()


def record(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Notes that something happened. The fields are what JSON holds; no cell of people's, and nothing secret."""
    _LOG.log(level, {"event": event, **fields})


@contextmanager
def command() -> Iterator[None]:
    """A command from beginning to end: a run id of its own; what `tell` set up ends with it."""
    ours = logging.getLogger(OURS)
    level, handlers, earlier = ours.level, [*ours.handlers], _RUN.set(secrets.token_hex(6))
    try:
        yield
    finally:
        for handler in [each for each in ours.handlers if each not in handlers]:
            ours.removeHandler(handler)
            handler.close()
        ours.setLevel(level)
        _RUN.reset(earlier)


def tell(name: str, *, quiet: bool = False, verbose: bool = False, file: Path | None = None) -> None:
    """Lets warnings stand on stderr (errors alone when `quiet`), and appends all that is recorded to a file.

    `name` is the command's, for every line; `verbose` records of level DEBUG are kept too. The file is made where there
    is none, for its owner only. Raises UsageError where it can't be opened.
    """
    ours = logging.getLogger(OURS)
    if file is not None:
        ours.addHandler(_Lines(file, name))
        ours.setLevel(logging.DEBUG if verbose else logging.INFO)
    people = logging.StreamHandler(sys.stderr)
    people.setLevel(logging.ERROR if quiet else logging.WARNING)
    people.setFormatter(_ForPeople())
    people.addFilter(lambda record: not isinstance(record.msg, dict))  # events are for programs
    ours.addHandler(people)


class _ForPeople(logging.Formatter):
    """A line as the others on stderr are: whose it is, and whether it is more than a warning."""

    def format(self, record: logging.LogRecord) -> str:
        """`sheetsync: warning: …`; what comes of an exception below it."""
        kind = "warning: " if record.levelno < logging.ERROR else ""
        lines = super().format(record).split("\n")
        return f"sheetsync: {kind}" + "\n".join(safe(line, _LONGEST) for line in lines)


class _Lines(logging.Handler):
    """Appends to a file, each line with one write, so that those of several processes never mix.

    A line that can't be written is lost, which is said once: whatever becomes of the file, the run goes on.
    """

    def __init__(self, path: Path, name: str) -> None:
        from pythonjsonlogger.json import JsonFormatter  # loaded only where it is used

        class Line(JsonFormatter):
            def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
                """The time comes first. A record that is no event of ours is a message."""
                line, message = {"time": log_data.pop("time"), **log_data}, log_data["message"]
                del line["message"]
                return line if "event" in line else {**line, "event": "message", "message": message}

        super().__init__()
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise UsageError(
                f"this log file can't be opened ({error.strerror})",
                where=safe(str(path), _LONGEST),
                remedy="Name a file that you may write to, in a folder that exists, with --log-file.",
            ) from error
        self._path, self._torn, self._said = path, False, False
        self.setFormatter(
            Line(
                "%(levelname)s %(message)s",
                rename_fields={"levelname": "level"},
                static_fields={"run_id": run_id(), "command": name},
                timestamp="time",
            )
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line; where the last one was cut short, it begins anew."""
        try:
            line = b"\n" * self._torn + self.format(record).encode("ascii") + b"\n"
            self._torn = os.write(self._file, line) < len(line)
            if self._torn:
                self._warn("the disk is full")
        except OSError as error:
            self._warn(str(error.strerror))

    def close(self) -> None:
        """Closes the file."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1
        super().close()

    def _warn(self, why: str) -> None:
        if not self._said:
            self._said = True
            _LOG.warning(
                "not all of the log could be written to %s (%s); the run goes on", safe(str(self._path), _LONGEST), why
            )
