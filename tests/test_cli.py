"""The command line: what it prints where, what it answers to programs, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
import time_machine

from sheetsync import __version__, cli, prepare
from sheetsync.cli import Command, commands
from sheetsync.local.app import Workbooks
from sheetsync.model import Value
from sheetsync.settings import load
from sheetsync.sync import sync
from tests.office import Office

ROOT = Path(__file__).parent.parent
HOSTILE = "\x1b]0;owned\x07\x1b[2J[bold]Acme[/bold]\u202egnp\x9b31m :smile:"
CONFIG = """\
workbook: {spreadsheet: "local:book.sheet", timezone: Europe/Moscow}
department: {name: Sales, country: RU, currency: RUB}
managers: [Anna Petrova, Boris Ivanov]
targets: [{from: 2026-01-01, per: week, default: {meetings: 5, offers: 4}}]
"""
ROWS: tuple[tuple[Value, ...], ...] = (
    (46345, "Anna Petrova", "Meeting held", "Acme", "", "https://drive.example/1"),
    (46346, "Anna Petrova", "Meeting held", "Acme", "", ""),
    (46346, HOSTILE, "Meeting held", HOSTILE, "", "minutes"),
    (46346, "Boris Ivanov", "x" * 50_000, HOSTILE, "", "minutes"),
)
WEEK = ("--period", "2026-W47", "--as-of", "2026-11-19")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object that was printed."""
        (line,) = self.out.splitlines()
        answer: dict[str, Any] = json.loads(line)
        return answer


Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration in its usual place, and a workbook in which people typed all sorts of things."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "config").mkdir()
    (folder / "config" / "targets.yaml").write_text(CONFIG)
    office = Office(folder / "book.sheet")
    prepare.init(load(folder / "config" / "targets.yaml"), office.place)
    office.type("Actions", 1, ROWS)
    office.type("Base", 1, [(HOSTILE, "", "Anna Petrova"), ("Acme", "", "Boris Ivanov")])
    return folder


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line in this process, in the folder."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("COLUMNS", raising=False)

    def runs(*arguments: str) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, *capsys.readouterr())

    return runs


def started(folder: Path, *arguments: str, **more: Any) -> subprocess.Popen[str]:
    """A process of its own."""
    line = [sys.executable, "-m", "sheetsync", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(line, cwd=folder, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, **pipes)


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_sync_answers_programs_with_what_the_contract_names(run: Run) -> None:
    first, again = run("--json", "sync", *WEEK), run("sync", *WEEK, "--json")
    assert (first.exit, again.exit) == (0, 0)
    answer = first.json
    assert set(answer) == {
        *("period", "periods", "skipped", "closed", "as_of", "rows", "issues"),
        *("requests", "changed", "run_id", "dry_run", "changes"),
    }
    assert (answer["period"], answer["as_of"], answer["rows"]) == ("2026-W47", "2026-11-19", {"actions": 4, "base": 2})
    assert answer["issues"] == {"error": 3, "warning": 0}
    assert (answer["requests"], answer["changed"], answer["dry_run"]) == (3, True, False)
    assert (again.json["requests"], again.json["changed"], again.json["changes"]) == (2, False, 0)
    assert again.json["run_id"] != answer["run_id"]
    assert "Sales, 2026-W47 (16 Nov to 22 Nov 2026)" in first.err
    assert "Written in one batch" in first.err


def test_a_dry_run_lists_what_would_change_and_writes_nothing(run: Run) -> None:
    dry = run("sync", "--period", "2026-W46", "--as-of", "2026-11-15", "--dry-run", "--json")
    assert dry.json["changed"] is False
    assert len(dry.json["would_change"]) == dry.json["changes"] > 0
    assert set(dry.json["would_change"][0]) == {"tab", "where", "now", "would_be"}
    text = run("sync", "--period", "2026-W46", "--as-of", "2026-11-15", "--dry-run")
    assert re.search(r"^tab +where +now +would be$", text.out, re.MULTILINE)
    assert re.search(r"^History +2026-W46 +[0-9]+ rows added$", text.out, re.MULTILINE)
    assert "Dry run: nothing was written (" in text.out
    again = run("sync", "--period", "2026-W46", "--as-of", "2026-11-15", "--dry-run", "--json")
    assert again.json["changes"] == dry.json["changes"]


def test_the_journal_is_shown(run: Run) -> None:
    """A line for each run that wrote, the latest last; programs get all of it."""
    answer = run("sync", *WEEK, "--json").json
    shown, told, inside = run("log", "--last", "2"), run("log", "--json").json["runs"], run("log", "--verbose")
    assert set(told[-1]) == {
        *("number", "run_id", "command", "at", "who", "period"),
        *("actions", "base", "digest", "requests", "cells", "version"),
    }
    assert (answer["run_id"] in {line["run_id"] for line in told}) == answer["changed"]
    assert [(line["number"], line["command"]) for line in told[:2]] == [(1, "init"), (2, "sync")]
    assert (told[0]["actions"], told[1]["actions"], told[1]["base"]) == (None, 4, 2)
    assert {datetime.fromisoformat(line["at"]).tzname() for line in told} == {"UTC+03:00"}
    last = shown.out.splitlines()[-1]
    assert re.fullmatch(rf"[0-9-]+ [0-9:]+\+03:00  (sync |close)  [0-9W-]+ +[0-9,]+ cells?  {told[-1]['who']}", last)
    assert f"digest {told[1]['digest']}; run 2, {told[1]['run_id']}; 3 requests; {__version__}" in inside.out


def test_a_check_lists_what_is_wrong_and_exits_with_1(run: Run) -> None:
    done = run("check", "--json")
    assert done.exit == 1
    assert done.json["issues"] == {"error": 3, "warning": 0}
    assert {issue["code"] for issue in done.json["found"]} == {"evidence_missing", "manager_unknown", "action_unknown"}
    missing = next(issue for issue in done.json["found"] if issue["code"] == "evidence_missing")
    assert (missing["tab"], missing["cell"], missing["manager"]) == ("Actions", "F3", "Anna Petrova")


def test_people_read_what_is_wrong_manager_by_manager(run: Run) -> None:
    done = run("check")
    assert done.err == ""
    assert done.out.startswith("4 actions and 2 clients read.\n3 rows need attention: 3 not counted, 0 doubtful\n")
    assert "\n\nAnna Petrova\n▼ Actions!F3" in done.out
    assert "\n\nno manager\n▼ Actions!B4" in done.out


def test_an_empty_workbook_is_said_to_be_empty(run: Run, folder: Path) -> None:
    empty = ("--spreadsheet", "local:empty.sheet")
    assert run("init", *empty).exit == 0
    assert run("check", *empty) == Ended(0, "Nothing has been typed yet.\n", "")
    assert "\nNothing has been typed yet.\n" in run("sync", *empty).out
    (folder / "empty.sheet").unlink()


def test_init_says_whether_it_had_to_do_anything(run: Run) -> None:
    done = run("init")
    assert done.exit == 0
    assert done.out == ("Every tab was right already: nothing was written.\nLook at it: sheetsync serve book.sheet\n")
    assert run("init", "--json").json["changed"] is False
    fresh = run("init", "--spreadsheet", "local:fresh.sheet")
    assert fresh.out.startswith("The workbook is ready. Nothing that people typed was touched.\n")
    assert fresh.out.endswith("Look at it: sheetsync serve fresh.sheet\n")


def test_quiet_is_quiet_and_keeps_the_exit_code(run: Run) -> None:
    assert run("check", "--quiet") == Ended(1, "", "")
    assert run("sync", "--quiet", *WEEK) == Ended(0, "", "")
    assert run("--quiet", "check", "--config", "none.yaml").err.startswith(
        "sheetsync: none.yaml: there is no such file"
    )


def test_verbose_says_each_step(run: Run) -> None:
    assert run("sync", "--verbose", *WEEK).err.splitlines()[:2] == ["reading the workbook", "computing"]
    assert run("sync", *WEEK).err == ""


def test_a_log_tells_of_the_run_whichever_way_it_ends(run: Run, folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    assert run("--log-file", str(log), "check", "--quiet") == Ended(1, "", "")
    assert run("sync", "--to", "last", "--log-file", str(log)).exit == 2
    assert run("sync", "--config", "none.yaml", "--log-file", str(log), "--json").exit == 2
    lines = [json.loads(line) for line in log.read_text("ascii").splitlines()]
    runs: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        runs.setdefault(line["run_id"], []).append(line)
    checked, misused, unread = runs.values()
    assert [line["event"] for line in checked] == ["begun", "opened", "request", "request", "run", "ended"]
    assert {line["command"] for line in checked} == {"check"}
    assert checked[0]["version"] == __version__
    assert checked[1]["spreadsheet"] == f"local:{folder / 'book.sheet'}"
    assert [line["event"] for line in misused] == [line["event"] for line in unread] == ["begun", "failed", "ended"]
    assert (misused[1]["kind"], misused[1]["what"], misused[1]["exit"]) == ("UsageError", "--to needs --from.", 2)
    assert (unread[1]["kind"], unread[1]["where"], unread[1]["exit"]) == ("ConfigError", "none.yaml", 2)
    assert [group[-1]["exit"] for group in runs.values()] == [1, 2, 2]
    assert run("check", "--log-file", ".").err == (
        "sheetsync: .: this log file can't be opened (Is a directory)\n"
        "Name a file that you may write to, in a folder that exists, with --log-file.\n"
    )


def test_restore_of_a_file_that_is_not_there(run: Run) -> None:
    assert run("restore", "trail.sheet") == Ended(
        2, "", "sheetsync: trail.sheet: there is no such file\nName the workbook's file, as after local:.\n"
    )


# --- closing, several periods, proposed targets ----------------------------------------------------------------------

MONDAY = 46335  # 2026-11-09, of 2026-W46
THURSDAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATE = ("--spreadsheet", "local:late.sheet")
RENEW = "Run `sheetsync sync` to renew Dashboard and Issues.\n"


@pytest.fixture(scope="module")
def weeks_later(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose last two weeks, 2026-W46 and 2026-W47, were synced on the Thursday after them."""
    path = tmp_path_factory.mktemp("late") / "late.sheet"
    office = Office(path)
    settings = load(folder / "config" / "targets.yaml")
    meeting = ("Anna Petrova", "Meeting held", "Acme", "", "minutes")
    paid = (MONDAY + 1, "Boris Ivanov", "Payment received", "Acme", "", "", "", 1000.5)
    with time_machine.travel(THURSDAY):
        prepare.init(settings, office.place)
        office.type("Actions", 1, [*((MONDAY + day, *meeting) for day in (0, 1, 2, 7)), paid])
        sync(settings, office.place, period="2026-W46", until="last")
    return path


@pytest.fixture
def late(folder: Path, weeks_later: Path) -> Iterator[Office]:
    """A copy of that workbook, on that Thursday."""
    path = Path(shutil.copyfile(weeks_later, folder / "late.sheet"))
    with time_machine.travel(THURSDAY):
        yield Office(path)
    path.unlink()


def both(run: Run, *line: str) -> tuple[str, dict[str, Any]]:
    """What people read of a command that changes nothing, and what programs get; text is the same with --json."""
    text, answer = run(*line), run(*line, "--json")
    assert (answer.exit, answer.err) == (text.exit, text.out + text.err)
    return answer.err, answer.json


def statuses(office: Office) -> dict[str, set[str]]:
    """The statuses of the rows that History has of each period."""
    found: dict[str, set[str]] = {}
    values = {place: cell["userEnteredValue"].get("stringValue", "") for place, cell in office.cells("History").items()}
    for (line, column), text in values.items():
        if column == 0 and line > 0:
            found.setdefault(text, set()).add(values[line, 9])
    return found


def test_a_close_says_what_it_kept_and_answers_with_what_the_contract_names(run: Run, late: Office) -> None:
    text = "2026-W46 is closed: its figures, 4 log rows and its plans are kept.\n"
    assert run("close", "--period", "2026-W46", *LATE) == Ended(0, text + RENEW, "")
    done = run("close", "--period", "last", "--json", *LATE)
    assert done.err == "2026-W47 is closed: its figures, 1 log row and its plans are kept.\n" + RENEW
    assert done.json.pop("changes") > 0
    fixed = {"period": "2026-W47", "accepted": False, "rows": 1, "late_edits": None, "requests": 3}
    assert done.json == {**done.json, **fixed, "changed": True, "dry_run": False}
    assert set(done.json) == {*fixed, "changed", "run_id", "dry_run", "changes"}
    assert statuses(late) == {"2026-W46": {"closed"}, "2026-W47": {"closed"}}


@pytest.mark.parametrize(
    ("line", "code", "kind", "what"),
    [
        (["close"], 2, "UsageError", "Missing option '--period'."),
        (["close", "--period", "2026-W47", "--accept"], 2, "UsageError", "the period 2026-W47 is not closed"),
        (["close", "--period", "current"], 2, "UsageError", "the period 2026-W48 has not ended; its last day is "),
        (["close", "--period", "2026-12"], 2, "UsageError", "the period 2026-12 has not begun on 2026-11-26"),
        (["close", "--period", "W46"], 2, "UsageError", "'W46' is not a period; "),
        (["close", "--period", "2026-W46"], 5, "ClosedError", "the period 2026-W46 is closed already"),
        (["sync", "--period", "2026-W46"], 5, "ClosedError", "the period 2026-W46 is closed"),
        (["sync", "--from", "2026-W46", "--to", "2026-W46"], 5, "ClosedError", "the period 2026-W46 is closed"),
        (["sync", "--from", "last", "--to", "2026-W46"], 2, "UsageError", "2026-W47 to 2026-W46 is no span of "),
        (["sync", "--from", "2026-W46", "--to", "2026-11"], 2, "UsageError", "2026-W46 to 2026-11 is no span of "),
        (["sync", "--to", "2026-W46"], 2, "UsageError", "--to needs --from."),
        (["sync", "--period", "last", "--from", "last"], 2, "UsageError", "--period and --from exclude each other."),
        (["calibrate", "--periods", "0"], 2, "UsageError", "Invalid value for '--periods': 0 is not in the range "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_can_not_be_done_is_said_and_changes_nothing(
    run: Run, late: Office, line: list[str], code: int, kind: str, what: str
) -> None:
    assert run("close", "--period", "2026-W46", *LATE).exit == 0
    before = late.cells("History")
    text, answer = both(run, *line, *LATE)
    assert text.startswith(f"sheetsync: {what}")
    assert text.count("\n") == 2
    assert (answer["exit"], answer["error"]["kind"]) == (code, kind)
    assert answer["error"]["what"].startswith(what)
    assert late.cells("History") == before


def test_a_dry_run_of_a_close_lists_the_changes_and_writes_nothing(run: Run, late: Office) -> None:
    text, answer = both(run, "close", "--period", "2026-W46", "--dry-run", *LATE)
    rows = sum(cell["userEnteredValue"].get("stringValue") == "2026-W46" for cell in late.cells("History").values())
    assert re.search(rf"^History +2026-W46, status +open +closed in {rows} rows$", text, re.MULTILINE)
    assert not re.search(r"^History +[A-Z]+[0-9]+ ", text, re.MULTILINE)
    assert text.endswith(
        "\n2026-W46 is closed: its figures, 4 log rows and its plans are kept. Dry run: nothing was written.\n"
    )
    assert (answer["changed"], answer["dry_run"], answer["requests"]) == (False, True, 2)
    assert statuses(late) == {"2026-W46": {"open"}, "2026-W47": {"open"}}


def test_a_dry_run_lists_cells_that_people_see_and_sums_tables_up(run: Run, late: Office) -> None:
    assert run("close", "--period", "2026-W46", *LATE).exit == 0
    late.type("Actions", 6, [(MONDAY + 8, "Anna Petrova", "Meeting held", "Acme", "", "minutes")] * 2)
    late.type("Base", 1, [("Acme", "", "Anna Petrova")])
    line = ("sync", "--from", "2026-W47", "--dry-run", *LATE)
    text, answer = run(*line, "--verbose").out, run(*line, "--json").json
    found = re.search(r"^Not listed: ([0-9]+) cells of hidden helper columns$", text, re.MULTILINE)
    assert found
    changed = [each for each in answer["would_change"] if each["tab"] == "Dashboard"]
    assert len(re.findall(r"^Dashboard  .*$", text, re.MULTILINE)) == len(changed) - int(found[1]) > 0
    assert not re.search(r"[0-9]\.0$", text, re.MULTILINE)
    assert re.search(r"^History +2026-W47, actual +changed in [0-9]+ rows$", text, re.MULTILINE)
    assert re.search(r"^Snapshots +2026-W48 +1 row added$", text, re.MULTILINE)
    text = run("close", "--period", "2026-W47", "--dry-run", *LATE).out
    assert re.search(r"^Closed +2026-W47 +[0-9]+ rows added$", text, re.MULTILINE)


def test_what_was_changed_is_restated_once_it_is_accepted(run: Run, late: Office) -> None:
    run("close", "--period", "2026-W46", *LATE)
    late.type("Actions", 1, [(MONDAY, "Boris Ivanov")])
    late.type("Actions", 6, [(MONDAY + 4, "Anna Petrova", "Meeting held", "Late", "", "minutes")] * 2)
    accept = ("close", "--period", "2026-W46", "--accept", *LATE)
    told = (
        "2026-W46 is restated: rows 1 added, 1 changed.{dry}\n"
        "              figure    before  after\n"
        "Boris Ivanov  Meetings       0      1\n"
        "Sales         Meetings       3      4\n"
    )
    text, answer = both(run, *accept, "--dry-run")
    assert text.endswith(told.format(dry=" Dry run: nothing was written."))
    edits = answer["late_edits"]
    assert {name: edits[name] for name in ("added", "removed", "changed")} == {"added": 1, "removed": 0, "changed": 1}
    figure = {"manager": "Boris Ivanov", "measure": "meetings", "unit": "count", "before": 0, "after": 1}
    assert figure in edits["figures"]
    assert statuses(late)["2026-W46"] == {"closed"}
    assert run(*accept) == Ended(0, told.format(dry="") + RENEW, "")
    assert statuses(late)["2026-W46"] == {"closed", "restated", "superseded"}
    text, answer = both(run, *accept)
    assert text == "Nothing was changed in 2026-W46 since it was closed: it stays as it is.\n"
    assert (answer["changed"], answer["changes"], answer["accepted"]) == (False, 0, True)
    nothing: dict[str, Any] = {"added": 0, "removed": 0, "changed": 0, "figures": []}
    assert answer["late_edits"] == nothing


def test_several_periods_are_named_and_closed_ones_left_alone(run: Run, late: Office) -> None:
    run("close", "--period", "2026-W47", *LATE)
    span = ("sync", "--from", "2026-W46", *LATE)
    answer = run(*span, "--json")
    assert (answer.exit, answer.json["periods"], answer.json["period"]) == (0, ["2026-W46", "2026-W48"], "2026-W48")
    assert answer.json["skipped"] == ["2026-W47"]
    assert "\nComputed: 2026-W46, 2026-W48\nLeft alone, because closed: 2026-W47\n" in answer.err
    assert run(*span, "--to", "2026-W47").exit == 0
    text, answered = both(run, *span, "--to", "2026-W47")
    assert text.startswith("Sales, 2026-W46 (9 Nov to 15 Nov 2026)\n")
    assert "Computed:" not in text
    assert "\nLeft alone, because closed: 2026-W47\n" in text
    assert (answered["periods"], answered["skipped"]) == (["2026-W46"], ["2026-W47"])
    assert statuses(late) == {"2026-W46": {"open"}, "2026-W47": {"closed"}, "2026-W48": {"open"}}


def test_targets_are_proposed_and_nothing_is_written(run: Run, late: Office) -> None:
    before = {tab: late.cells(tab) for tab in late.titles()}
    text, answer = both(run, "calibrate", *LATE)
    assert text.startswith(
        "Proposed targets from 2026-W46 to 2026-W47, per week\n"
        "\n"
        "Meetings          n  min  median  max  spread  no evidence  proposed\n"
        "Anna Petrova      2    1       2    3       2           0%         1\n"
        "Boris Ivanov      2    0       0    0       0                    0.5\n"
        "every manager     4    0     0.5    3       3           0%       0.5\n"
    )
    assert text.endswith(answer["yaml"])
    assert set(answer) == {"requests", "periods", "targets", "effort", "yaml"}
    assert (answer["requests"], answer["periods"]) == (2, ["2026-W46", "2026-W47"])
    assert answer["targets"][0]["target"] == 1
    single = run("calibrate", "--periods", "1", "--json", *LATE)
    assert (single.exit, single.json["periods"]) == (0, ["2026-W47"])
    assert run("calibrate", "--periods", "52", "--json", *LATE).json["periods"] == ["2026-W46", "2026-W47"]
    assert {tab: late.cells(tab) for tab in late.titles()} == before


# --- help ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", [["--help"], ["-h"], []])
def test_help_names_every_command(run: Run, flag: list[str]) -> None:
    done = run(*flag)
    assert (done.exit, done.err) == (0, "")
    assert re.findall(r"^  (\w+)  ", done.out.split("Commands:")[1].split("Options:")[0], re.MULTILINE) == list(
        commands.commands
    )


@pytest.mark.parametrize("name", [*commands.commands])
def test_help_fits_80_columns_and_ends_in_examples(run: Run, name: str) -> None:
    command = commands.commands[name]
    assert isinstance(command, Command)
    done = run(name, "--help")
    assert max(map(len, done.out.splitlines())) <= 80
    tail = done.out.split("Example")[1].split("\n", 1)[1]
    assert tail == "".join(f"  {example}\n" for example in command.examples)
    assert "Global options, before or after the command:\n  --config PATH" in done.out


@pytest.mark.parametrize("name", ["init", "check", "sync", "calibrate", "export"])
def test_the_examples_can_be_run(run: Run, name: str) -> None:
    command = commands.commands[name]
    assert isinstance(command, Command)
    for example in command.examples:
        for part in example.split(" && "):
            done = run(*shlex.split(part)[1:])
            assert done.exit == (1 if "check" in part else 0), done


def test_the_examples_of_the_others_are_command_lines() -> None:
    for name in ("close", "serve", "demo"):
        command = commands.commands[name]
        assert isinstance(command, Command)
        for example in command.examples:
            command.make_context(name, shlex.split(example)[2:], parent=click.Context(commands))


def test_the_version(run: Run) -> None:
    assert run("--version") == Ended(0, f"sheetsync, version {__version__}\n", "")


# --- failures --------------------------------------------------------------------------------------------------------

GOOGLE = "https://docs.google.com/spreadsheets/d/1234567890123456789012345/edit"
FAILURES = [
    (["nope"], 2, "No such command 'nope'.\nSee `sheetsync --help`."),
    (["sync", "--as-of", "x"], 2, "'x' is not a date; write 2026-11-19\nSee `sheetsync sync --help`."),
    (["serve"], 2, "Missing argument 'PATH'.\nSee `sheetsync serve --help`."),
    (["sync", "--config", "none.yaml"], 2, "sheetsync: none.yaml: there is no such file\n"),
    (["sync", "--config", "config"], 2, "sheetsync: config: this is a directory\n"),
    (["sync", "--period", "2026-W99"], 2, "'2026-W99' is not a period: "),
    (["sync", "--spreadsheet", "nowhere"], 2, '--spreadsheet: "nowhere" is no spreadsheet; '),
    (["sync", "--spreadsheet", GOOGLE], 3, "sheetsync: credentials.json: there is no credentials file here\n"),
    (["sync", "--spreadsheet", "local:none.sheet"], 3, "there is no workbook file here\nMake one with"),
    (["export", "--tab", "nope"], 2, "there is no tab “nope”; there is “Dashboard”, "),
    (["export", "--output", "config"], 2, "config: the file can't be written (Is a directory)\n"),
    (["serve", "config/targets.yaml"], 2, "this file is not a local workbook\nName another file."),
    (["serve", "config"], 2, "sheetsync: config"),
    (["demo", "--folder", "config/targets.yaml"], 2, "the demo can't be written here ("),
    (["demo", "--weeks", "1"], 2, "Invalid value for '--weeks'"),
]


@pytest.mark.parametrize(
    ("line", "code", "said"), FAILURES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_failure_says_what_where_and_what_to_do(run: Run, line: list[str], code: int, said: str) -> None:
    done = run(*line)
    assert done.exit == code, done
    assert done.out == ""
    assert done.err.startswith("sheetsync: ")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("line", "code", "said"), FAILURES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_failure_is_one_object_with_json(run: Run, line: list[str], code: int, said: str) -> None:
    done = run(*line, "--json")
    assert done.exit == done.json["exit"] == code
    assert set(done.json) == {"error", "exit"}
    error = done.json["error"]
    assert set(error) == {"kind", "what", "where", "remedy"}
    head = f"{error['where']}: {error['what']}" if error["where"] else error["what"]
    assert "\n".join(filter(None, (f"sheetsync: {head}", error["remedy"]))) + "\n" == done.err
    assert said in done.err


def test_json_alone_is_an_object_too(run: Run) -> None:
    assert run("--json").json == {
        "error": {"kind": "UsageError", "what": "Missing command.", "where": "", "remedy": "See `sheetsync --help`."},
        "exit": 2,
    }


def test_a_missing_tab_names_the_tab(run: Run) -> None:
    done = run("sync", "--config", "config/targets.yaml", "--spreadsheet", "local:fresh2.sheet", "--json")
    assert done.exit == 3
    workbooks = Workbooks.open(Path("bare.sheet"))
    workbooks.create({"properties": {"title": "Bare"}})
    workbooks.close()
    bare = run("sync", "--spreadsheet", "local:bare.sheet")
    assert bare.exit == 2
    assert "there is no tab “Base” and no tab “Actions”" in bare.err
    assert "run `sheetsync init`" in bare.err


@pytest.mark.parametrize("verbose", [False, True])
def test_a_defect_of_ours_is_a_line_to_report_and_no_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch, *, verbose: bool
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError(HOSTILE)

    monkeypatch.setattr(prepare, "init", breaks)
    done = run("init", "--json", *(["--verbose"] if verbose else []))
    assert done.exit == done.json["exit"] == 70
    assert done.json["error"]["kind"] == "ZeroDivisionError"
    assert re.match(r"sheetsync: this should not have happened: ZeroDivisionError at test_cli\.py:\d+", done.err)
    assert ("The way there: cli/__init__.py:" in done.err) == verbose
    assert __version__ in done.err
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err


def test_ctrl_c_is_a_short_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "init", breaks)
    assert run("init") == Ended(130, "", "sheetsync: stopped; nothing is half-written\n")
    assert run("init", "--json").json["exit"] == 130


# --- hostile text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        ["check"],
        ["check", "--verbose"],
        ["sync", *WEEK],
        ["sync", *WEEK, "--dry-run", "--verbose"],
        ["check", "--json"],
    ],
)
def test_what_people_typed_commands_no_terminal(run: Run, line: list[str]) -> None:
    Office(Path("book.sheet")).apply({"updateCells": _wiped("Issues")})
    done = run(*line)
    shown = done.out + done.err
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", shown)
    assert "x" * 1000 not in shown
    if "--json" not in line and "sync" not in line:
        assert "[bold]Acme[/bold]" in shown
        assert ":smile:" in shown


def _wiped(title: str) -> dict[str, Any]:
    sheet_id = Office(Path("book.sheet")).tab(title)["properties"]["sheetId"]
    return {"range": {"sheetId": sheet_id}, "fields": "userEnteredValue"}


def test_a_tab_s_name_commands_no_terminal(run: Run) -> None:
    done = run("export", "--tab", HOSTILE)
    assert done.exit == 2
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.err)


def on_a_terminal(folder: Path, *arguments: str, **env: str) -> str:
    """All that a terminal of 80 columns gets to see."""
    parent, child = pty.openpty()
    usual = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS")}
    environment = {**usual, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **env}
    line = [sys.executable, "-m", "sheetsync", *arguments]
    process = subprocess.Popen(line, cwd=folder, stdin=child, stdout=child, stderr=child, env=environment)
    os.close(child)
    seen = b""
    try:
        while piece := os.read(parent, 65536):
            seen += piece
    except OSError:  # how a pseudo-terminal says that it ended
        pass
    os.close(parent)
    process.wait(60)
    return seen.decode()


def test_a_terminal_gets_colours_and_no_other_commands(folder: Path) -> None:
    seen = on_a_terminal(folder, "check")
    assert "\x1b[38;5;166m▼" in seen
    text = re.sub(r"\x1b\[[0-9;]*m", "", seen)  # colours
    text = re.sub(r"\x1b\[(?:\?25[lh]|2K|1A)", "", text)  # the spinner: cursor off and on, line cleared
    assert "\x1b" not in text
    assert "owned" in text
    lines = [re.sub(r".*\r(?!$)", "", line) for line in text.replace("\r\n", "\n").split("\n")]
    assert max(map(len, lines)) <= 80


def test_no_color_is_honoured(folder: Path) -> None:
    assert "\x1b[38;5" not in on_a_terminal(folder, "check", NO_COLOR="1").split("read.")[-1]


# --- processes -------------------------------------------------------------------------------------------------------


def test_a_pipe_that_was_closed_is_no_matter(folder: Path) -> None:
    with started(folder, "check") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_an_output_that_knows_ascii_only_is_no_matter(folder: Path) -> None:
    line = [sys.executable, "-m", "sheetsync", "sync", *WEEK]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert "? Actions!F3" in done.stdout


def test_ctrl_c_ends_a_real_run(tmp_path: Path) -> None:
    process = started(tmp_path, "demo", "--verbose", "--until", "2026-07-02")
    assert process.stderr is not None
    assert "week 1 of 16" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("sheetsync: stopped; nothing is half-written\n")
    assert "Traceback" not in err


@pytest.fixture
def server(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The workbook, served."""
    process = started(folder, "serve", "book.sheet", "--port", "0", "--credentials-out", "key.json")
    yield process
    process.kill()
    process.communicate()


def test_serve_says_that_a_workbook_is_new_and_which_port_is_taken(folder: Path, run: Run) -> None:
    process = started(folder, "serve", "mistyped.sheet", "--port", "0")
    try:
        assert process.stdout is not None
        port = process.stdout.readline().split(":")[2].split("/")[0]
        assert run("serve", "book.sheet", "--port", port).err == (
            f"sheetsync: book.sheet: something is served on port {port} already\n"
            "Perhaps this very workbook, in another window. Else take another --port; 0 picks a free one.\n"
        )
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert err == "mistyped.sheet is new and empty: `sheetsync init` makes the tabs in it.\n"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_its_address_writes_the_key_and_ends_when_told(
    folder: Path, server: subprocess.Popen[str], stop: signal.Signals
) -> None:
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    match = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/spreadsheets/d/[\w-]+", url)
    assert match
    key = json.loads((folder / "key.json").read_text())
    assert (key["type"], key["token_uri"]) == ("service_account", f"{match[1]}/token")
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server
        assert b"<title>Dashboard" in answer.read()
    server.send_signal(stop)
    out, err = server.communicate(timeout=30)
    assert (server.returncode, out, err) == (0, "", "")
