"""Text for people in a terminal: harmless, readable on dark and on light, silent while it works for a moment only."""

from __future__ import annotations

import io
import os
import re
import sys
import threading
import unicodedata
from typing import TextIO, cast

from rich.console import Console

from sheetsync.numerals import decimal_text, percent_text

AHEAD, BEHIND = "color(32)", "color(166)"
"""A blue and an orange with a contrast of about 4 on white and 5 on black, apart for the colour-blind too."""

FAINT = "dim"
PATIENCE = 1.0
"""Seconds of work before anything moves on the screen."""

_WIDE = 400  # where nobody looks at the line's end: a file, or another program
_OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")


class PipeClosedError(Exception):
    """Whoever read our output has gone."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """In place of rich's own exit code."""
        raise PipeClosedError


class _Trimmed(io.TextIOBase):
    """Text onto a stream, without the blanks at the ends of lines that tables are filled up with."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(re.sub(r" +$", "", text, flags=re.MULTILINE))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


def console(*, stderr: bool = False, quiet: bool = False) -> Console:
    """Where people's text goes. Elsewhere than on a terminal lines are not broken (unless COLUMNS says how long)."""
    found = _Console(stderr=stderr, quiet=quiet, highlight=False, emoji=False, markup=False)
    if not found.is_terminal:
        found.file = cast("TextIO", _Trimmed(sys.stderr if stderr else sys.stdout))
        if "COLUMNS" not in os.environ:
            found.width = _WIDE
    return found


def safe(text: str, longest: int = 160) -> str:
    """People's text for a terminal: no control, escape or direction characters, and not too long."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(" " if unicodedata.category(sign) in _OBEYED else sign for sign in cut)


class Progress:
    """What is being done: a spinner on a terminal once it takes long, a line a stage when `verbose`, else silence.

    A context manager; call it with what begins now.
    """

    def __init__(self, *, verbose: bool = False, quiet: bool = False) -> None:
        self._verbose = verbose and not quiet
        self._console = console(stderr=True, quiet=quiet)
        self._status = self._console.status("starting", spinner_style=AHEAD)
        self._timer = threading.Timer(PATIENCE, self._status.start)
        self._timer.daemon = True

    def __enter__(self) -> Progress:
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer.ident is not None:
            self._timer.cancel()
            self._timer.join()
            self._status.stop()

    def __call__(self, stage: str) -> None:
        """Says that `stage`, which may name what people named, begins."""
        stage = safe(stage)
        self._status.update(stage)
        if self._verbose:
            self._console.print(stage)


def amount(value: float | None, unit: str) -> str:
    """A figure as a terminal needs it: money in whole units, counts to a tenth, ratios in percent; "" for None."""
    if value is None:
        return ""
    if unit == "ratio":
        return percent(value)
    return decimal_text(value, "#,##0.#" if unit == "count" else "#,##0", "en")


def percent(value: float | None) -> str:
    """A share (1 is 100 %) in whole percent; "" for None."""
    return "" if value is None else percent_text(value, "#,##0%", "en")
