"""The options of every command, and how commands tell of themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetsync import __version__, logs
from sheetsync.cli.answers import print_json
from sheetsync.errors import ConfigError
from sheetsync.terminal import Progress, console

if TYPE_CHECKING:
    from rich.console import Console

    from sheetsync.schema import Settings
    from sheetsync.settings import Place

DEFAULT_CONFIG = Path("config/targets.yaml")


@dataclass(slots=True)
class Options:
    """The global options, given before or after the command's name."""

    config: Path | None = None
    spreadsheet: str | None = None
    credentials: str | None = None
    as_json: bool = False
    verbose: bool = False
    quiet: bool = False
    log_file: Path | None = None

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

    def begin(self, command: str) -> None:
        """Opens the log of --log-file, and lets warnings through to stderr."""
        logs.tell(command, quiet=self.quiet, verbose=self.verbose, file=self.log_file)
        logs.record("begun", version=__version__)

    def answer(self, **fields: Any) -> None:
        """The one object of --json; nothing without it."""
        if self.as_json:
            print_json(fields)


_GLOBAL = (
    click.option("--config", type=click.Path(path_type=Path), help="Configuration file; default config/targets.yaml"),
    click.option("--spreadsheet", metavar="WHERE", help="Spreadsheet, in place of the configuration's."),
    click.option(
        "--credentials",
        metavar="PATH",
        help="Key file, or default: Application Default Credentials; in place of the configuration's.",
    ),
    click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, text on stderr."),
    click.option("--verbose", is_flag=True, help="Say more."),
    click.option("--quiet", is_flag=True, help="Say nothing but errors."),
    click.option("--log-file", type=click.Path(path_type=Path), help="Append what is done, a JSON object a line."),
)
_NAMES = ("config", "spreadsheet", "credentials", "as_json", "verbose", "quiet", "log_file")


def global_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes the global options here too, and hands them on as one `options`."""

    @wraps(function)
    def taken(*args: Any, **given: Any) -> Any:
        context = click.get_current_context()
        options = context.ensure_object(Options)
        for name in _NAMES:
            value = given.pop(name)
            if value:
                setattr(options, name, value)
        if not isinstance(context.command, click.Group):
            options.begin(str(context.command.name))
        return context.invoke(function, options, *args, **given)

    for option in reversed(_GLOBAL):
        taken = option(taken)
    return taken


def day(_: click.Context, __: click.Parameter, text: str | None) -> date | None:
    """A day of an option. Raises BadParameter."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text[:40]!r} is not a date; write 2026-11-19") from None


def place_of(_: click.Context, __: click.Parameter, text: str) -> Place:
    """The spreadsheet of an argument. Raises BadParameter."""
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


class Commands(click.Group):
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
