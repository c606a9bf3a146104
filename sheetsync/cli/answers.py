"""What commands answer: objects for programs, lines for people, and failures without a traceback."""

from __future__ import annotations

import json
import logging
import math
import shlex
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetsync import __version__, logs
from sheetsync.terminal import FAINT, PipeClosedError, safe

if TYPE_CHECKING:
    from rich.console import Console

    from sheetsync.batch import Change
    from sheetsync.copying import Copied
    from sheetsync.local.backup import Backup
    from sheetsync.model import Issue
    from sheetsync.settings import Place

INTERRUPTED, UNREAD, DEFECT = 130, 141, 70
"""Exit codes beside those of `errors`: stopped by Ctrl+C, nobody read the output, a defect of ours."""


def looking_at(place: Place) -> str:
    """How a person gets to see the workbook."""
    if place.path is None:
        return f"Look at it: {place.base}/spreadsheets/d/{place.key}"
    path = place.path.relative_to(Path.cwd()) if place.path.is_relative_to(Path.cwd()) else place.path
    return f"Look at it: sheetsync serve {shlex.quote(str(path))}"


def show_copied(done: Copied, target: Place, out: Console) -> None:
    """Tells how a copy went, and what could not be carried."""
    from rich.text import Text

    from sheetsync.copying import MARK

    carried = f"{plenty(done.cells, 'cell')} in {plenty(done.tabs, 'tab')}"
    went_on = " It went on with an unfinished copy." if done.resumed else ""
    if done.whole:
        out.print(Text(f"The copy is whole: {carried}, compared with the source.{went_on}", style="bold"))
    else:
        is_ = "is" if done.different == 1 else "are"
        out.print(Text(f"Of {carried}, {done.different:,} {is_} not in the copy as in the source:", style="bold"))
        for each in done.differences:
            out.print(Text(safe(f"  “{each.tab}”, {each.cell}: {each.what}", 200)), soft_wrap=True)
        out.print(
            Text(
                "If somebody typed into the source meanwhile, copy it into an empty target once more. "
                f"To use this copy as it is, delete its tab “{MARK}”."
            ),
            soft_wrap=True,
        )
    if done.losses:
        out.print(Text("Not carried over as in the source:"))
        for loss in done.losses:
            out.print(Text(safe(f"  {loss}", 300)), soft_wrap=True)
    out.print(Text(looking_at(target), style=FAINT), soft_wrap=True)


def backup_found(backup: Backup) -> dict[str, Any]:
    """A backup in --json."""
    return {
        "number": backup.number,
        "file": str(backup.path),
        "made": backup.made.isoformat(timespec="seconds"),
        "bytes": backup.size,
        "sound": backup.sound,
    }


def show_backups(held: Sequence[Backup], workbook: Path, out: Console) -> None:
    """A line for each backup of a workbook."""
    from rich.text import Text

    if not held:
        out.print(
            Text(f"There is no backup of {safe(str(workbook), 500)} yet: one is made when a run is about to write.")
        )
    for each in held:
        made = each.made.astimezone().isoformat(" ", "seconds")
        spoilt = "" if each.sound else ", damaged"
        out.print(Text(f"{each.number}  {made}  {plenty(each.size, 'byte')}{spoilt}"), soft_wrap=True)


def run_kept(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the run journal in --json; None for what a command does not have."""
    counted = {name: _whole(line[name]) for name in ("number", "actions", "base", "requests", "cells")}
    at = line["at"].isoformat() if line["at"] == line["at"] else None  # NaT is not itself
    return {**line, **counted, "at": at}


def show_runs(kept: Sequence[Mapping[str, Any]], out: Console, *, verbose: bool) -> None:
    """A line for each run, oldest first; with `verbose` one more on what it read."""
    from rich.text import Text

    if not kept:
        out.print(Text("No run has written into this workbook yet."))
    for line in map(run_kept, kept):
        when = "" if line["at"] is None else datetime.fromisoformat(line["at"]).isoformat(" ", "minutes")
        changed = f"{plenty(line['cells'] or 0, 'cell'):>13}"
        told = f"{when:22}  {safe(line['command']):5}  {safe(line['period']):8}  {changed}  {safe(line['who'])}"
        out.print(Text(told), soft_wrap=True)
        if verbose:
            out.print(Text(f"  {safe(_read(line), 500)}", style=FAINT), soft_wrap=True)


def _read(line: Mapping[str, Any]) -> str:
    """What a run read, and what it is called."""
    named = f"run {line['number']}, {line['run_id']}; {plenty(line['requests'] or 0, 'request')}; {line['version']}"
    if line["actions"] is None:
        return named
    rows = f"{plenty(line['actions'], 'action')} and {plenty(line['base'] or 0, 'client')}"
    return f"{rows} read, digest {line['digest']}; {named}"


def _whole(value: float) -> int | None:
    return int(value) if math.isfinite(value) else None


def plenty(count: int, noun: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def found(issue: Issue) -> dict[str, Any]:
    """An issue in --json."""
    return {
        "severity": str(issue.severity),
        "code": issue.code,
        "tab": issue.cell.tab,
        "cell": issue.cell.a1,
        "manager": issue.manager,
        "typed": issue.typed,
        "problem": issue.problem,
        "remedy": issue.remedy,
        "effect": issue.effect,
    }


def planned(change: Change) -> dict[str, Any]:
    """A change of a dry run in --json."""
    return {"tab": change.tab, "where": change.where, "now": change.before, "would_be": change.after}


def print_json(fields: Mapping[str, Any]) -> None:
    """ASCII, so that nothing in it can command a terminal, whatever its encoding."""
    echo(json.dumps(fields, default=str, allow_nan=False))


def echo(line: str) -> None:
    """One line on stdout, at once."""
    try:
        click.echo(line)
        sys.stdout.flush()
    except BrokenPipeError:
        raise PipeClosedError from None


def fail(code: int, kind: str, what: str, where: str = "", remedy: str = "", *, as_json: bool) -> int:
    """Says on stderr, and with --json on stdout, what went wrong; gives the exit code back."""
    logs.record("failed", level=logging.ERROR, kind=kind, what=what, where=where, remedy=remedy, exit=code)
    if as_json:
        print_json({"error": {"kind": kind, "what": what, "where": where, "remedy": remedy}, "exit": code})
    text = "\n".join(filter(None, (f"{where}: {what}" if where else what, remedy)))
    click.echo("sheetsync: " + "\n".join(safe(line, 1000) for line in text.split("\n")), err=True)
    return code


def misused(error: click.ClickException, *, as_json: bool) -> int:
    """A command line that is none."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "sheetsync"
    what = error.format_message().strip()
    return fail(error.exit_code, "UsageError", what, remedy=f"See `{path} --help`.", as_json=as_json)


def _room(file: str) -> str:
    """A file's name, and its folder's where the name says nothing."""
    path = Path(file)
    return path.name if path.stem != "__init__" else f"{path.parent.name}/{path.name}"


def defect(error: Exception, *, as_json: bool, verbose: bool) -> int:
    """A defect of ours: where it was, in a line that can be reported, and no traceback."""
    frames = [f"{_room(frame.filename)}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    what = f"this should not have happened: {type(error).__name__} at {frames[-1] if frames else 'the start'}"
    if verbose:
        what += f" ({safe(str(error), 300)})\nThe way there: " + " > ".join(frames)
    remedy = "The workbook holds all of the last batch, or none of it. Please report this, with the command" + (
        f" and version {__version__}." if verbose else f", version {__version__} and what --verbose adds."
    )
    return fail(DEFECT, type(error).__name__, what, remedy=remedy, as_json=as_json)
