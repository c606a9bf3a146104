"""The command line: arguments in, text and exit codes out."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sheetsync import __version__
from sheetsync.errors import SheetsyncError, UsageError
from sheetsync.schema import Settings
from sheetsync.settings import Place, load

DEFAULT_CONFIG = Path("config/targets.yaml")


@dataclass(slots=True)
class Options:
    """The global options, given before or after the command's name."""

    config: Path = DEFAULT_CONFIG
    spreadsheet: str | None = None
    credentials: str | None = None
    as_json: bool = False
    verbose: bool = False
    quiet: bool = False

    def settings(self) -> tuple[Settings, Place]:
        """The configuration, and where its spreadsheet is."""
        settings = load(self.config, spreadsheet=self.spreadsheet, credentials=self.credentials)
        return settings, Place.parse(settings.workbook.spreadsheet, Path.cwd())

    @property
    def console(self) -> Console:
        """Where people's text goes: stdout, or stderr where stdout belongs to --json; nowhere with --quiet."""
        return Console(stderr=self.as_json, quiet=self.quiet, highlight=False, emoji=False, markup=False)

    def answer(self, **fields: Any) -> None:
        """The one object of --json; nothing without it."""
        if self.as_json:
            click.echo(json.dumps(fields, ensure_ascii=False, default=str))


_GLOBAL = (
    click.option("--config", type=click.Path(path_type=Path), help="Configuration file [config/targets.yaml]."),
    click.option("--spreadsheet", metavar="WHERE", help="Spreadsheet, in place of the configuration's."),
    click.option("--credentials", metavar="PATH", help="Key file, in place of the configuration's."),
    click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, people's text on stderr."),
    click.option("--verbose", is_flag=True, help="Say more, and show where an unexpected error came from."),
    click.option("--quiet", is_flag=True, help="Print errors only."),
)


def _global_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes the global options here too, and hands them on as one `options`."""

    @wraps(function)
    def taken(*args: Any, **given: Any) -> Any:
        context = click.get_current_context()
        options = context.ensure_object(Options)
        for name in ("config", "spreadsheet", "credentials", "as_json", "verbose", "quiet"):
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
        raise click.BadParameter(f"{text!r} is no date; write 2026-11-19") from None


class _Commands(click.Group):
    """Shows commands in the order of use, and turns errors into text and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """As registered."""
        return list(self.commands)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: sheetsync demo",
)
@click.version_option(__version__, prog_name="sheetsync")
@_global_options
def commands(options: Options) -> None:
    """Planned versus actual, and the state of every manager's client base, in one shared spreadsheet.

    Managers type into the spreadsheet; `sheetsync sync` reads it once a week and writes the Dashboard.
    """


@commands.command(epilog="Example: sheetsync init --spreadsheet local:trial.sheet")
@_global_options
def init(options: Options) -> None:
    """Create or repair the tabs; what people typed is never touched."""
    from sheetsync import prepare

    settings, place = options.settings()
    with _Progress(options) as progress:
        done = prepare.init(settings, place, progress=progress)
    options.answer(changed=done.changed, requests=done.requests, tabs=list(done.tabs))
    console = options.console
    if done.changed:
        console.print(Text(f"Ready: {done.title}", style="bold"))
        console.print(Text(f"Changed {done.changes} things in {', '.join(done.tabs)}. Nothing typed was touched."))
    else:
        console.print(Text("Every tab was right already: nothing was written.", style="bold"))
    console.print(Text(f"Look at it: {place_text(place)}", style="bright_black"), soft_wrap=True)


@commands.command(epilog="Example: sheetsync check --quiet && sheetsync sync")
@_global_options
def check(options: Options) -> None:
    """Read everything, report all that is wrong, write nothing; exit 1 if rows do not count."""
    from sheetsync import summary
    from sheetsync.model import Severity
    from sheetsync.sync import check as run

    settings, place = options.settings()
    with _Progress(options) as progress:
        ledger, issues, requests = run(settings, place, progress=progress)
    errors = sum(issue.severity is Severity.ERROR for issue in issues)
    options.answer(
        rows=dict(ledger.rows),
        issues={"error": errors, "warning": len(issues) - errors},
        requests=requests,
        found=[
            {
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
            for issue in issues
        ],
    )
    console = options.console
    console.print(
        Text(f"Read {ledger.rows['actions']} actions and {ledger.rows['base']} rows of the base.", style="bold")
    )
    summary.issues(issues, console, most=len(issues) if options.verbose else 40)
    if errors:
        sys.exit(1)


@commands.command(epilog="Example: sheetsync sync --period last --dry-run")
@click.option("--period", default="current", show_default=True, help="2026-W47, 2026-11, 2026-Q4, current or last.")
@click.option("--as-of", callback=_day, metavar="DATE", help="Count up to this day; default today.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@_global_options
def sync(options: Options, period: str, as_of: date | None, dry_run: bool) -> None:
    """The weekly run: read the logs and the base, write Dashboard, History, Issues and Snapshots."""
    from sheetsync import summary
    from sheetsync.model import Severity
    from sheetsync.sync import sync as run

    settings, place = options.settings()
    with _Progress(options) as progress:
        outcome = run(settings, place, period=period, as_of=as_of, dry_run=dry_run, progress=progress)
    options.answer(
        period=str(outcome.report.moment.period),
        as_of=outcome.report.moment.as_of.isoformat(),
        rows=dict(outcome.rows),
        issues={"error": outcome.count(Severity.ERROR), "warning": outcome.count(Severity.WARNING)},
        requests=outcome.requests,
        changed=outcome.changed,
        run_id=outcome.run_id,
        dry_run=dry_run,
        changes=len(outcome.batch.changes),
    )
    console = options.console
    if dry_run:
        _show_changes(outcome.batch.changes, console, every=options.verbose)
    summary.show(outcome, settings, place_text(place), console)


@commands.command(epilog="Example: sheetsync export --format html --output dashboard.html")
@click.option("--format", "kind", type=click.Choice(["html"]), default="html", show_default=True)
@click.option("--tab", default="dashboard", show_default=True, help="A tab's title, or dashboard, history, issues ...")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write [<tab>.html].")
@_global_options
def export(options: Options, kind: str, tab: str, output: Path | None) -> None:
    """Write a picture of a tab as a self-contained file that opens without a network."""
    from sheetsync.export import export as run

    settings, place = options.settings()
    with _Progress(options) as progress:
        written = run(settings, place, tab, output, progress=progress)
    options.answer(file=str(written), format=kind)
    options.console.print(Text(f"Written: {written}", style="bold"), soft_wrap=True)


@commands.command(epilog="Example: sheetsync serve demo/department.sheet --port 8765 --credentials-out local-key.json")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@click.option("--credentials-out", type=click.Path(path_type=Path), help="Write a service-account file for clients.")
@_global_options
def serve(options: Options, path: Path, port: int, credentials_out: Path | None) -> None:
    """Serve a local workbook to browsers and API clients on this machine."""
    from sheetsync.export import served
    from sheetsync.local.serve import serve as run
    from sheetsync.local.store import NotAWorkbook

    def ready(url: str) -> None:
        if options.as_json:
            options.answer(url=url)
        else:
            click.echo(url)
        sys.stdout.flush()

    try:
        run(path, port, credentials_out, page=served(options.config), ready=ready)
    except NotAWorkbook:
        raise UsageError("this file is no local workbook", where=str(path), remedy="Name another file.") from None
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


@commands.command(epilog="Example: sheetsync demo --weeks 16")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--weeks", default=16, show_default=True, type=click.IntRange(2, 52))
@click.option(
    "--until", callback=_day, metavar="DATE", help="The day on which the demo stands; default the last Thursday."
)
@_global_options
def demo(options: Options, folder: Path, weeks: int, until: date | None) -> None:
    """Build a realistic sample department, sync its weeks, and show the result."""
    from sheetsync import demo as department
    from sheetsync import summary

    with _Progress(options) as progress:
        built = department.build(options.config, folder, weeks=weeks, until=until, progress=progress)
    options.answer(
        spreadsheet=built.spreadsheet, page=str(built.page), weeks=weeks, period=str(built.outcome.report.moment.period)
    )
    console = options.console
    summary.show(built.outcome, built.settings, built.spreadsheet, console)
    console.print()
    console.print(Text(f"Open the dashboard:  {built.page}", style="bold"), soft_wrap=True)
    console.print(Text("Look around in it:   sheetsync serve " + str(built.file)), soft_wrap=True)
    again = f"sheetsync sync --spreadsheet {built.spreadsheet} --period {built.outcome.report.moment.period}"
    console.print(Text(f"Sync it yourself:    {again}"), soft_wrap=True)


def place_text(place: Place) -> str:
    """The spreadsheet's place as a person finds it."""
    if place.kind == "local":
        return f"local:{place.path}"
    return f"{place.base}/spreadsheets/d/{place.key}"


class _Progress:
    """A spinner on a terminal, a line a stage with --verbose, silence elsewhere."""

    def __init__(self, options: Options) -> None:
        self._verbose = options.verbose and not options.quiet
        self._console = Console(stderr=True, quiet=options.quiet, highlight=False, markup=False)
        self._status = self._console.status("starting") if self._console.is_terminal else None

    def __enter__(self) -> Callable[[str], None]:
        if self._status:
            self._status.start()
        return self._tell

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def _tell(self, stage: str) -> None:
        if self._status:
            self._status.update(stage)
        if self._verbose:
            self._console.print(stage)


def _show_changes(changes: Any, console: Console, *, every: bool) -> None:
    from sheetsync.summary import safe

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black")
    for name in ("tab", "where", "now", "would be"):
        table.add_column(name)
    most = len(changes) if every else 60
    for change in changes[:most]:
        values = ["" if value is None else safe(str(value), 60) for value in (change.before, change.after)]
        table.add_row(*(Text(text) for text in (safe(change.tab), safe(change.where), *values)))
    console.print(table)
    if len(changes) > most:
        console.print(Text(f"and {len(changes) - most} more (--verbose lists all)", style="bright_black"))


def _fail(error: SheetsyncError, as_json: bool) -> NoReturn:
    if as_json:
        problem = {"kind": type(error).__name__, "what": error.what, "where": error.where, "remedy": error.remedy}
        click.echo(json.dumps({"error": problem, "exit": error.exit_code}, ensure_ascii=False))
    click.echo(f"sheetsync: {error}", err=True)
    sys.exit(error.exit_code)


def main(arguments: list[str] | None = None) -> None:
    """The program: runs a command; errors become text on stderr and an exit code, never a traceback."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        commands.main(given, prog_name="sheetsync")
    except SheetsyncError as error:
        _fail(error, "--json" in given)
    except Exception as error:  # the last net: a defect of ours must not reach people as a traceback
        if "--verbose" in given:
            traceback.print_exc()
        click.echo(
            f"sheetsync: this should not have happened ({type(error).__name__}). The workbook holds either all of the"
            " last batch or none of it.\nRun the command again with --verbose, and report what it prints.",
            err=True,
        )
        sys.exit(70)
