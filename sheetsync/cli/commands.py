"""The commands: each reads its arguments, calls what does the work, and tells what came of it."""

from __future__ import annotations

import errno
import shlex
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetsync import __version__, logs
from sheetsync.cli.answers import (
    INTERRUPTED,
    backup_found,
    echo,
    fail,
    found,
    looking_at,
    planned,
    plenty,
    run_kept,
    show_backups,
    show_copied,
    show_runs,
)
from sheetsync.cli.options import DEFAULT_CONFIG, Commands, Options, day, global_options, place_of
from sheetsync.errors import UsageError
from sheetsync.terminal import FAINT, safe

if TYPE_CHECKING:
    from sheetsync.settings import Place

_MOST_CHANGES, _MOST_ISSUES = 60, 40


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="sheetsync")
@global_options
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
@global_options
def init(options: Options) -> None:
    """Create or repair the tabs; what people typed is never touched."""
    from rich.text import Text

    from sheetsync import prepare

    settings, place = options.settings()
    with options.progress() as progress:
        done = prepare.init(settings, place, run_id=logs.run_id(), progress=progress)
    options.answer(changed=done.changed, requests=done.requests, tabs=list(done.tabs), run_id=done.run_id)
    out = options.console()
    if done.changed:
        out.print(Text("The workbook is ready. Nothing that people typed was touched.", style="bold"))
        out.print(Text(f"{done.changes} things were set up in {', '.join(safe(tab, 60) for tab in done.tabs)}."))
    else:
        out.print(Text("Every tab was right already: nothing was written.", style="bold"))
    out.print(Text(looking_at(place), style=FAINT), soft_wrap=True)


@commands.command(examples=["sheetsync check", "sheetsync check --quiet && sheetsync sync"])
@global_options
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
        ledger, issues, requests = run(settings, place, run_id=logs.run_id(), progress=progress)
    errors = sum(issue.severity is Severity.ERROR for issue in issues)
    counted = {"error": errors, "warning": len(issues) - errors}
    options.answer(rows=dict(ledger.rows), issues=counted, requests=requests, found=[found(each) for each in issues])
    out = options.console()
    actions, base = (plenty(ledger.rows[tab], noun) for tab, noun in (("actions", "action"), ("base", "client")))
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
@click.option("--as-of", callback=day, metavar="DATE", help="Count up to this day; default today")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@global_options
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
            run_id=logs.run_id(),
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
        **({"would_change": [planned(change) for change in changes]} if dry_run else {}),
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
@global_options
def close(options: Options, period: str, accept: bool, dry_run: bool) -> None:
    """Freeze a period: its figures, rows and plans are kept.

    From then on what somebody changes in its rows is listed under Issues and changes nothing, until --accept.
    """
    from rich.text import Text

    from sheetsync import summary
    from sheetsync.close import close as run

    settings, place = options.settings()
    with options.progress() as progress:
        done = run(
            settings,
            place,
            period=period,
            accept=accept,
            dry_run=dry_run,
            run_id=logs.run_id(),
            progress=progress,
        )
    changes = done.batch.changes
    options.answer(
        period=str(done.period),
        accepted=accept,
        rows=done.rows,
        late_edits=None if done.edits is None else summary.late_edits(done.edits),
        requests=done.requests,
        changed=done.changed,
        run_id=done.run_id,
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
@global_options
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
@global_options
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
@click.argument("source", callback=place_of)
@click.argument("target", callback=place_of)
@click.option("--target-credentials", metavar="PATH", help="The target's key file or default, where it is another.")
@global_options
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
        return fail(
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
    show_copied(done, target, options.console())
    return 0 if done.whole else 1


@commands.command(examples=["sheetsync log", "sheetsync log --last 100 --json"])
@click.option("--last", default=20, metavar="N", type=click.IntRange(1), help="How many; default 20")
@global_options
def log(options: Options, last: int) -> None:
    """Show the run journal: who wrote, when, and from what.

    A run that changed nothing left no line. The hidden tab of the journal keeps the last 500.
    """
    from sheetsync.reading import runs

    settings, place = options.settings()
    with options.progress() as progress:
        progress("reading the journal")
        kept = runs(settings, place).tail(last)
    lines = [dict(zip(kept.columns, line, strict=True)) for line in kept.itertuples(index=False, name=None)]
    options.answer(runs=[run_kept(line) for line in lines])
    show_runs(lines, options.console(), verbose=options.verbose)


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
@global_options
def serve(options: Options, path: Path, port: int, credentials_out: Path | None) -> None:
    """Serve a local workbook to this machine's browsers and programs.

    The first line of the output is the workbook's address, printed when it answers. Ctrl+C ends it.
    """
    from sheetsync.export import served
    from sheetsync.google.file import told
    from sheetsync.local.file import FileError, NotAWorkbook
    from sheetsync.local.serve import serve as run

    fresh = not path.exists()

    def ready(url: str) -> None:
        if options.as_json:
            options.answer(url=url, credentials=None if credentials_out is None else str(credentials_out))
        else:
            echo(url)
        if fresh and not options.quiet:
            click.echo(f"{safe(str(path), 500)} is new and empty: `sheetsync init` makes the tabs in it.", err=True)
        if sys.stderr.isatty() and not options.quiet:
            click.echo("Open it in a browser. Ctrl+C ends it.", err=True)

    try:
        run(path, port, credentials_out, page=served(options.language()), ready=ready)
    except NotAWorkbook:
        raise UsageError("this file is not a local workbook", where=str(path), remedy="Name another file.") from None
    except FileError as error:
        with told(path):
            raise error
    except FileExistsError:
        raise UsageError(
            "this file is somebody else's, so it is left as it is",
            where=str(credentials_out),
            remedy="Name another file with --credentials-out.",
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"something is served on port {port} already",
                where=str(path),
                remedy="Perhaps this very workbook, in another window. Else take another --port; 0 picks a free one.",
            ) from None
        raise UsageError(
            f"the server can't start ({error.strerror or error})",
            where=f"{path}, port {port}",
            remedy="Take another --port (0 picks a free one), and see that the folder can be written to.",
        ) from error


@commands.command(
    examples=["sheetsync restore trial.sheet --list", "sheetsync restore trial.sheet --backup 2"],
)
@click.argument("path", metavar="PATH")
@click.option("--backup", "number", default=1, metavar="N", type=click.IntRange(1), help="Which; default 1, the latest")
@click.option("--list", "listing", is_flag=True, help="Show what backups there are, and change nothing.")
@global_options
def restore(options: Options, path: str, number: int, listing: bool) -> None:
    """Bring a local workbook back as it was before a run wrote.

    Before init, sync, close or copy writes into a local workbook, it is kept as PATH.backup-1; the earlier ones move on
    to -2 and -3. What is in its place now is kept aside. Refused while somebody has the workbook open.
    """
    from rich.text import Text

    from sheetsync.google.file import told
    from sheetsync.local import backup

    file, out = Path(path.removeprefix("local:")), options.console()
    with told(file):
        held = backup.found(file)
    if listing:
        options.answer(backups=[backup_found(each) for each in held])
        show_backups(held, file, out)
        return
    if not held and not file.exists():
        raise UsageError("there is no such file", where=str(file), remedy="Name the workbook's file, as after local:.")
    if number not in [each.number for each in held]:
        known = ", ".join(str(each.number) for each in held)
        raise UsageError(
            f"there is no backup {number} of this workbook",
            where=str(file),
            remedy=f"There is --backup {known}." if known else "A backup is made whenever a run is about to write.",
        )
    with told(file):
        kept = backup.restore(file, number)
    options.answer(restored=number, kept=None if kept is None else str(kept))
    out.print(Text(f"The workbook is as it was before a run wrote (backup {number}).", style="bold"))
    if kept is not None:
        out.print(Text(f"What was in its place is kept as {safe(str(kept), 500)}."), soft_wrap=True)


@commands.command(examples=["sheetsync demo", "sheetsync demo --folder trial --weeks 8"])
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), help="Where it is put; default demo")
@click.option("--weeks", default=16, metavar="N", type=click.IntRange(2, 52), help="How many; default 16")
@click.option("--until", callback=day, metavar="DATE", help="The day it stands on; default the last Thursday")
@global_options
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
