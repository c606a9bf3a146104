"""The command line: arguments in, text and exit codes out."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

import click

from sheetsync import logs
from sheetsync.cli.answers import INTERRUPTED, UNREAD, defect, fail, misused
from sheetsync.cli.commands import commands
from sheetsync.cli.options import Command
from sheetsync.errors import SheetsyncError
from sheetsync.terminal import PipeClosedError

__all__ = ["Command", "commands", "main"]

_COLLECTED = (100_000, 20, 100)
"""How rarely Python looks for garbage in cycles: a sync makes millions of cells and hardly any cycle, and the looking
took a tenth of its time."""


def _run(given: Sequence[str]) -> int:
    flags = given[: given.index("--")] if "--" in given else given
    as_json, verbose = "--json" in flags, "--verbose" in flags
    try:
        with commands.make_context("sheetsync", list(given)) as context:
            code = commands.invoke(context)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        return misused(error, as_json=as_json)
    except SheetsyncError as error:
        kind = type(error).__name__
        return fail(error.exit_code, kind, error.what, error.where, error.remedy, as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        return fail(INTERRUPTED, "Interrupted", "stopped; nothing is half-written", as_json=as_json)
    except PipeClosedError:
        raise
    except Exception as error:  # the last net: a defect of ours must not reach people as a traceback
        return defect(error, as_json=as_json, verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The program: runs a command; errors become text on stderr and an exit code, never a traceback."""
    gc.set_threshold(*_COLLECTED)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    began = time.monotonic()
    with logs.command():
        try:
            code = _run(sys.argv[1:] if arguments is None else arguments)
            sys.stdout.flush()
        except (PipeClosedError, BrokenPipeError):
            code = UNREAD
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        logs.record("ended", exit=code, seconds=round(time.monotonic() - began, 3))
    sys.exit(code)
