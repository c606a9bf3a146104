"""The command line: arguments in, text and exit codes out."""

from __future__ import annotations

import gc
import json
import os
import shlex
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sheetsync import __version__
from sheetsync.errors import ConfigError, SheetsyncError, UsageError
from sheetsync.terminal import FAINT, PipeClosedError, Progress, console, safe

if TYPE_CHECKING:
    from rich.console import Console

    from sheetsync.batch import Change
    from sheetsync.copying import Copied
    from sheetsync.model import Issue
    from sheetsync.schema import Settings
    from sheetsync.settings import Place

DEFAULT_CONFIG = Path("config/targets.yaml")
INTERRUPTED, UNREAD, DEFECT = 130, 141, 70
"""Exit codes beside those of `errors`: stopped by Ctrl+C, nobody read the output, a defect of ours."""

_MOST_CHANGES, _MOST_ISSUES = 60, 40
_COLLECTED = (100_000, 20, 100)
"""How rarely Python looks for garbage in cycles: a sync makes millions of cells and hardly any cycle, and the looking
took a tenth of its time."""


# --- options ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Options:
    """The global options, given before or after the command's name."""

    config: Path | None = None
    spreadsheet: str | None = None
    credentials: str | None = None
    as_json: bool = False
    verbose: bool = False
    quiet: bool = False

    def settings(self) -> tuple[Settings, Place]:
        """The configuration, and where its spreadsheet is."""
        from sheetsync.settings import Place, load

        settings = load(self.config or DEFAULT_CONFIG, spreadsheet=self.spreadsheet, credentials=self.credentials)
        return settings, Place.parse(settings.workbook.spreadsheet, Path.cwd())

    def existing_config(self) -> Path | None:
        """The configuration that was named, or is where one is looked for; None without one."""
        return self.config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)

    def language(self) -> str:
        """The configuration's; English where none is named and there is no sound one in its usual place."""
        from sheetsync.settings import load

        try:
            return load(self.config or DEFAULT_CONFIG).workbook.language
        except ConfigError:
            if self.config:
                raise
            return "en"

    def key_file(self) -> str:
        """The key file of --credentials, else the configuration's, else the usual one."""
        from sheetsync.settings import load

        try:
            return self.credentials or load(self.config or DEFAULT_CONFIG).workbook.credentials
        except ConfigError:
            if self.config:
                raise
            return "credentials.json"

    def console(self) -> Console:
        """Where people's text goes: stdout, or stderr where stdout belongs to --json; nowhere with --quiet."""
        return console(stderr=self.as_json, quiet=self.quiet)

    def progress(self) -> Progress:
        """What is being done, on stderr."""
        return Progress(verbose=self.verbose, quiet=self.quiet)

    def answer(self, **fields: Any) -> None:
        """The one object of --json; nothing without it."""
        if self.as_json:
            _print_json(fields)


_GLOBAL = (
    click.option("--config", type=click.Path(path_type=Path), help="Configuration file; default config/targets.yaml"),
    click.option("--spreadsheet", metavar="WHERE", help="Spreadsheet, in place of the configuration's."),
    click.option("--credentials", metavar="PATH", help="Key file, in place of the configuration's."),
    click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, text on stderr."),
    click.option("--verbose", is_flag=True, help="Say more."),
    click.option("--quiet", is_flag=True, help="Say nothing but errors."),
)
_NAMES = ("config", "spreadsheet", "credentials", "as_json", "verbose", "quiet")


def _global_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes the global options here too, and hands them on as one `options`."""

    @wraps(function)
    def taken(*args: Any, **given: Any) -> Any:
        context = click.get_current_context()
        options = context.ensure_object(Options)
        for name in _NAMES:
            value = given.pop(name)
            if value:
                setattr(options, name, value)
        return context.invoke(function, options, *args, **given)

    for option in reversed(_GLOBAL):
        taken = option(taken)
    return taken


def _day(_: click.Context, __: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text[:40]!r} is not a date; write 2026-11-19") from None


def _place(_: click.Context, __: click.Parameter, text: str) -> Place:
    from sheetsync.settings import Place

    try:
        return Place.parse(text, Path.cwd())
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


class Command(click.Command):
    """A command whose help has the global options apart, and ends in `examples` that can be run as they stand."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.examples = tuple(examples)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options, then global options."""
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """The examples, on lines of their own that are not broken."""
        _write_examples(self.examples, formatter)


class _Commands(click.Group):
    """Shows commands in the order of use."""

    command_class = Command
    examples = ("sheetsync demo", "sheetsync sync --dry-run")

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """As registered."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands come first: they are what somebody looks for."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """As with a command."""
        _write_examples(self.examples, formatter)


def _write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    own: list[tuple[str, str]] = []
    everywhere: list[tuple[str, str]] = []
    for parameter in command.get_params(ctx):
        if not isinstance(parameter, click.Option):
            continue
        record = parameter.get_help_record(ctx)
        if record is not None:
            (everywhere if parameter.name in _NAMES else own).append(record)
    for title, records in (("Options", own), ("Global options, before or after the command", everywhere)):
        with formatter.section(title):
            formatter.write_dl(records)


def _write_examples(examples: Sequence[str], formatter: click.HelpFormatter) -> None:
    with formatter.section("Examples" if len(examples) > 1 else "Example"):
        for example in examples:
            formatter.write(f"{'':{formatter.current_indent}}{example}\n")


# --- commands --------------------------------------------------------------------------------------------------------


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="sheetsync")
@_global_options
def commands(options: Options) -> None:
    """Planned versus actual, and the state of every manager's client base, in one shared spreadsheet.

    Managers type into the spreadsheet; once a week `sheetsync sync` reads it and writes the Dashboard.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        if options.as_json:
            raise click.UsageError("Missing command.", context)
        click.echo(context.get_help())


@commands.command(examples=["sheetsync init", "sheetsync init --spreadsheet local:trial.sheet"])
@_global_options
def init(options: Options) -> None:
    """Create or repair the tabs; what people typed is never touched."""
    from rich.text import Text

    from sheetsync import prepare

    settings, place = options.settings()
    with options.progress() as progress:
        done = prepare.init(settings, place, progress=progress)
    options.answer(changed=done.changed, requests=done.requests, tabs=list(done.tabs))
    out = options.console()
    if done.changed:
        out.print(Text("The workbook is ready. Nothing that people typed was touched.", style="bold"))
        out.print(Text(f"{done.changes} things were set up in {', '.join(safe(tab, 60) for tab in done.tabs)}."))
    else:
        out.print(Text("Every tab was right already: nothing was written.", style="bold"))
    out.print(Text(looking_at(place), style=FAINT), soft_wrap=True)


@commands.command(examples=["sheetsync check", "sheetsync check --quiet && sheetsync sync"])
@_global_options
def check(options: Options) -> int:
    """Read everything, report all that is wrong, write nothing.

    Exits with 1 where rows do not count.
    """
    from rich.text import Text

    from sheetsync import summary
    from sheetsync.model import Severity
    from sheetsync.sync import check as run

    settings, place = options.settings()
    with options.progress() as progress:
        ledger, issues, requests = run(settings, place, progress=progress)
    errors = sum(issue.severity is Severity.ERROR for issue in issues)
    counted = {"error": errors, "warning": len(issues) - errors}
    options.answer(rows=dict(ledger.rows), issues=counted, requests=requests, found=[_found(each) for each in issues])
    out = options.console()
    actions, base = (_plenty(ledger.rows[tab], noun) for tab, noun in (("actions", "action"), ("base", "client")))
    if issues or any(ledger.rows.values()):
        out.print(Text(f"{actions} and {base} read.", style="bold"))
    summary.in_full(issues, ledger.rows, out, most=len(issues) if options.verbose else _MOST_ISSUES)
    return 1 if errors else 0


@commands.command(
    examples=[
        "sheetsync sync",
        "sheetsync sync --period last --dry-run",
        "sheetsync sync --period 2026-11 --json",
        "sheetsync sync --from 2026-W44 --to last",
    ]
)
@click.option(
    "--period",
    metavar="PERIOD",
    help="2026-W47, 2026-11, 2026-Q4 or last; default current",
)
@click.option("--from", "first", metavar="PERIOD", help="Compute all open periods from this one on.")
@click.option("--to", "until", metavar="PERIOD", help="The last period with --from; default current")
@click.option("--as-of", callback=_day, metavar="DATE", help="Count up to this day; default today")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@_global_options
def sync(
    options: Options, period: str | None, first: str | None, until: str | None, as_of: date | None, dry_run: bool
) -> None:
    """The weekly run: read what people typed, write the Dashboard.

    History, Issues, Guide and Snapshots are written with it, in one batch: all of it or nothing.
    """
    from rich.text import Text

    from sheetsync import summary
    from sheetsync.model import Severity
    from sheetsync.sync import sync as run

    if first is None and until is not None:
        raise click.UsageError("--to needs --from.")
    if first is not None and period is not None:
        raise click.UsageError("--period and --from exclude each other.")
    last = None if first is None else until or "current"
    settings, place = options.settings()
    with options.progress() as progress:
        outcome = run(
            settings,
            place,
            period=first or period or "current",
            until=last,
            as_of=as_of,
            dry_run=dry_run,
            progress=progress,
        )
    changes = outcome.batch.changes
    options.answer(
        period=str(outcome.report.moment.period),
        periods=[str(each) for each in outcome.periods],
        skipped=[str(each) for each in outcome.skipped],
        closed=[str(each) for each in outcome.closed],
        as_of=outcome.report.moment.as_of.isoformat(),
        rows=dict(outcome.rows),
        issues={"error": outcome.count(Severity.ERROR), "warning": outcome.count(Severity.WARNING)},
        requests=outcome.requests,
        changed=outcome.changed,
        run_id=outcome.run_id,
        dry_run=dry_run,
        changes=len(changes),
        **({"would_change": [_planned(change) for change in changes]} if dry_run else {}),
    )
    out = options.console()
    if dry_run:
        summary.planned(changes, out, most=len(changes) if options.verbose else _MOST_CHANGES)
    summary.show(outcome, settings, out, every=options.verbose)
    out.print(Text(looking_at(place), style=FAINT), soft_wrap=True)


@commands.command(examples=["sheetsync close --period last", "sheetsync close --period 2026-W46 --accept"])
@click.option("--period", required=True, metavar="PERIOD", help="2026-W47, 2026-11, 2026-Q4 or last")
@click.option("--accept", is_flag=True, help="Restate a closed period with what was changed in it since.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@_global_options
def close(options: Options, period: str, accept: bool, dry_run: bool) -> None:
    """Freeze a period: its figures, rows and plans are kept.

    From then on what somebody changes in its rows is listed under Issues and changes nothing, until --accept.
    """
    from rich.text import Text

    from sheetsync import summary
    from sheetsync.close import close as run

    settings, place = options.settings()
    with options.progress() as progress:
        done = run(settings, place, period=period, accept=accept, dry_run=dry_run, progress=progress)
    changes = done.batch.changes
    options.answer(
        period=str(done.period),
        accepted=accept,
        rows=done.rows,
        late_edits=None if done.edits is None else summary.late_edits(done.edits),
        requests=done.requests,
        changed=done.changed,
        dry_run=dry_run,
        changes=len(changes),
    )
    out = options.console()
    if dry_run:
        summary.planned(changes, out, most=len(changes) if options.verbose else _MOST_CHANGES)
    summary.closed(done, settings, out)
    if done.changed:
        out.print(Text("Run `sheetsync sync` to renew Dashboard and Issues.", style=FAINT), soft_wrap=True)


@commands.command(examples=["sheetsync calibrate", "sheetsync calibrate --periods 4 --json"])
@click.option(
    "--periods", default=2, metavar="N", type=click.IntRange(1, 104), help="Complete periods to look at; default 2"
)
@_global_options
def calibrate(options: Options, periods: int) -> None:
    """Propose targets from what was done in the last periods. Writes nothing.

    Shows each manager's least, median and best period, how much lacks evidence, a proposed target, a block to paste
    into the configuration, and how many rows a week each indicator costs to collect.
    """
    from sheetsync import proposal
    from sheetsync.sync import calibrate as run

    settings, place = options.settings()
    with options.progress() as progress:
        found, requests = run(settings, place, periods=periods, progress=progress)
    start = found.periods[-1].next.start
    options.answer(requests=requests, **proposal.facts(found, settings, start=start))
    proposal.show(found, settings, options.console(), start=start)


@commands.command(
    examples=["sheetsync export", "sheetsync export --tab issues --output issues.html"],
)
@click.option(
    "--format", "kind", type=click.Choice(["html"]), default="html", help="Kind of file; html is the only one yet"
)
@click.option("--tab", default="dashboard", metavar="TAB", help="Its title, or issues, history ...; default dashboard")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write; default <tab>.html")
@_global_options
def export(options: Options, kind: str, tab: str, output: Path | None) -> None:
    """Draw a tab into a file that opens anywhere, without a network."""
    from rich.text import Text

    from sheetsync.export import export as run

    settings, place = options.settings()
    with options.progress() as progress:
        written = run(settings, place, tab, output, progress=progress)
    options.answer(file=str(written), format=kind)
    options.console().print(Text(f"Written: {safe(str(written), 500)}", style="bold"), soft_wrap=True)


@commands.command(
    examples=[
        "sheetsync copy local:trial.sheet https://docs.google.com/spreadsheets/d/KEY",
        "sheetsync copy https://docs.google.com/spreadsheets/d/KEY local:mine.sheet",
    ]
)
@click.argument("source", callback=_place)
@click.argument("target", callback=_place)
@click.option("--target-credentials", metavar="PATH", help="The target's key file, where it is another.")
@_global_options
def copy(options: Options, source: Place, target: Place, target_credentials: str | None) -> int:
    """Carry a workbook to Google, or from Google to this machine.

    SOURCE and TARGET are local:PATH or a spreadsheet's address. The target must be blank; a local one is made. If it
    stops, run it again: it goes on where it stopped. Exits with 1 where the copy differs from what people typed.
    """
    from sheetsync.copying import copy as run

    try:
        with options.progress() as progress:
            done = run(source, target, options.key_file(), target_credentials, progress=progress)
    except KeyboardInterrupt:
        remedy = "Run the same command again: it goes on where it stopped."
        return _fail(
            INTERRUPTED, "Interrupted", "stopped before the copy was whole", "", remedy, as_json=options.as_json
        )
    options.answer(
        title=done.title,
        tabs=done.tabs,
        cells=done.cells,
        requests=done.requests,
        resumed=done.resumed,
        whole=done.whole,
        different=done.different,
        differences=[each._asdict() for each in done.differences],
        not_carried=[{"tab": loss.tab, "what": loss.what, "why": loss.why} for loss in done.losses],
    )
    _show_copied(done, target, options.console())
    return 0 if done.whole else 1


@commands.command(
    examples=[
        "sheetsync serve demo/department.sheet",
        "sheetsync serve trial.sheet --port 0 --credentials-out local-key.json",
    ]
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--port",
    default=8765,
    metavar="N",
    type=click.IntRange(0, 65535),
    help="0 picks a free one; default 8765",
)
@click.option("--credentials-out", type=click.Path(path_type=Path), help="Write a key file for API clients.")
@_global_options
def serve(options: Options, path: Path, port: int, credentials_out: Path | None) -> None:
    """Serve a local workbook to this machine's browsers and programs.

    The first line of the output is the workbook's address, printed when it answers. Ctrl+C ends it.
    """
    from sheetsync.export import served
    from sheetsync.local.serve import serve as run
    from sheetsync.local.store import NotAWorkbook

    def ready(url: str) -> None:
        if options.as_json:
            options.answer(url=url, credentials=None if credentials_out is None else str(credentials_out))
        else:
            _echo(url)
        if sys.stderr.isatty() and not options.quiet:
            click.echo("Open it in a browser. Ctrl+C ends it.", err=True)

    try:
        run(path, port, credentials_out, page=served(options.language()), ready=ready)
    except NotAWorkbook:
        raise UsageError("this file is not a local workbook", where=str(path), remedy="Name another file.") from None
    except FileExistsError:
        raise UsageError(
            "this file is somebody else's, so it is left as it is",
            where=str(credentials_out),
            remedy="Name another file with --credentials-out.",
        ) from None
    except OSError as error:
        raise UsageError(
            f"the server can't start ({error.strerror or error})",
            where=f"{path}, port {port}",
            remedy="Take another --port (0 picks a free one), and see that the folder can be written to.",
        ) from error


@commands.command(examples=["sheetsync demo", "sheetsync demo --folder trial --weeks 8"])
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), help="Where it is put; default demo")
@click.option("--weeks", default=16, metavar="N", type=click.IntRange(2, 52), help="How many; default 16")
@click.option("--until", callback=_day, metavar="DATE", help="The day it stands on; default the last Thursday")
@_global_options
def demo(options: Options, folder: Path, weeks: int, until: date | None) -> None:
    """Build a realistic sample department and sync its weeks.

    It is the department of config/targets.yaml, or a built-in one where there is no such file; nothing is asked of
    Google.
    """
    from sheetsync import demo as department
    from sheetsync import summary

    config = options.existing_config()
    with options.progress() as progress:
        built = department.build(config, folder, weeks=weeks, until=until, progress=progress)
    period = str(built.outcome.report.moment.period)
    options.answer(
        spreadsheet=built.spreadsheet, page=str(built.page), config=str(built.config), weeks=weeks, period=period
    )
    out = options.console()
    summary.show(built.outcome, built.settings, out)
    named = "" if built.config == DEFAULT_CONFIG else f" --config {shlex.quote(str(built.config))}"
    where = shlex.quote(built.spreadsheet)
    if built.kept is not None:
        out.print(f"\nThe earlier workbook had been changed. It is kept as {built.kept}.", style="bold")
    summary.lines(
        {
            "Open the dashboard": str(built.page),
            "Look around in it": f"sheetsync serve {shlex.quote(str(built.file))}",
            "Sync it yourself": f"sheetsync sync{named} --spreadsheet {where} --period {period}",
        },
        out,
    )


# --- what is shown ---------------------------------------------------------------------------------------------------


def looking_at(place: Place) -> str:
    """How a person gets to see the workbook."""
    if place.path is None:
        return f"Look at it: {place.base}/spreadsheets/d/{place.key}"
    path = place.path.relative_to(Path.cwd()) if place.path.is_relative_to(Path.cwd()) else place.path
    return f"Look at it: sheetsync serve {shlex.quote(str(path))}"


def _show_copied(done: Copied, target: Place, out: Console) -> None:
    from rich.text import Text

    from sheetsync.copying import MARK

    carried = f"{_plenty(done.cells, 'cell')} in {_plenty(done.tabs, 'tab')}"
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


def _plenty(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _found(issue: Issue) -> dict[str, Any]:
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


def _planned(change: Change) -> dict[str, Any]:
    return {"tab": change.tab, "where": change.where, "now": change.before, "would_be": change.after}


# --- answers and failures --------------------------------------------------------------------------------------------


def _print_json(fields: Mapping[str, Any]) -> None:
    """ASCII, so that nothing in it can command a terminal, whatever its encoding."""
    _echo(json.dumps(fields, default=str, allow_nan=False))


def _echo(line: str) -> None:
    """One line on stdout, at once."""
    try:
        click.echo(line)
        sys.stdout.flush()
    except BrokenPipeError:
        raise PipeClosedError from None


def _fail(code: int, kind: str, what: str, where: str = "", remedy: str = "", *, as_json: bool) -> int:
    if as_json:
        _print_json({"error": {"kind": kind, "what": what, "where": where, "remedy": remedy}, "exit": code})
    text = "\n".join(filter(None, (f"{where}: {what}" if where else what, remedy)))
    click.echo("sheetsync: " + "\n".join(safe(line, 1000) for line in text.split("\n")), err=True)
    return code


def _misused(error: click.ClickException, *, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "sheetsync"
    what = error.format_message().strip()
    return _fail(error.exit_code, "UsageError", what, remedy=f"See `{path} --help`.", as_json=as_json)


def _defect(error: Exception, *, as_json: bool, verbose: bool) -> int:
    """A defect of ours: where it was, in a line that can be reported, and no traceback."""
    frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    what = f"this should not have happened: {type(error).__name__} at {frames[-1] if frames else 'the start'}"
    if verbose:
        what += f" ({safe(str(error), 300)})\nThe way there: " + " > ".join(frames)
    remedy = "The workbook holds all of the last batch, or none of it. Please report this, with the command" + (
        f" and version {__version__}." if verbose else f", version {__version__} and what --verbose adds."
    )
    return _fail(DEFECT, type(error).__name__, what, remedy=remedy, as_json=as_json)


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
        return _misused(error, as_json=as_json)
    except SheetsyncError as error:
        kind = type(error).__name__
        return _fail(error.exit_code, kind, error.what, error.where, error.remedy, as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        return _fail(INTERRUPTED, "Interrupted", "stopped; nothing is half-written", as_json=as_json)
    except PipeClosedError:
        raise
    except Exception as error:  # the last net: a defect of ours must not reach people as a traceback
        return _defect(error, as_json=as_json, verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The program: runs a command; errors become text on stderr and an exit code, never a traceback."""
    gc.set_threshold(*_COLLECTED)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except (PipeClosedError, BrokenPipeError):
        code = UNREAD
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
