"""The log of a run: what a line holds, that several may write to one file, and that no trouble with it stops a run."""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sheetsync import logs
from sheetsync.errors import UsageError

ROOT = Path(__file__).parent.parent
HOSTILE = "\x1b]0;owned\x07\u202egnp\n{}"


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a log."""
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


@contextmanager
def told(path: Path, **more: bool) -> Iterator[None]:
    """A command with a log."""
    with logs.command():
        logs.tell("sync", file=path, **more)
        yield


def test_a_line_tells_when_how_grave_what_and_in_which_run(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    with told(path):
        run = logs.run_id()
        logs.record("begun", version="1")
        logs.record("tried", level=logging.DEBUG)
        logging.getLogger("sheetsync.elsewhere").warning("%s is odd", HOSTILE)
    with told(path, verbose=True):
        logs.record("tried", level=logging.DEBUG, text=f"{HOSTILE}\ud800", path=path)
    logs.record("begun")
    for line in (text := path.read_text("ascii")).splitlines():
        assert re.fullmatch(r"[ -~]+", line)
    assert text.endswith("}\n")
    begun, message, tried = lines(path)
    assert list(begun) == ["time", "level", "run_id", "command", "event", "version"]
    assert datetime.fromisoformat(begun.pop("time")).utcoffset() is not None
    assert begun == {"level": "INFO", "run_id": run, "command": "sync", "event": "begun", "version": "1"}
    assert (message["level"], message["event"], message["message"]) == ("WARNING", "message", f"{HOSTILE} is odd")
    assert (tried["level"], tried["text"], tried["path"]) == ("DEBUG", f"{HOSTILE}\ud800", str(path))
    assert tried["run_id"] != run


def test_a_run_has_one_id_and_a_new_one_another() -> None:
    with logs.command():
        first = logs.run_id()
        assert re.fullmatch("[0-9a-f]{12}", first)
        assert logs.run_id() == first != logs.new_run() == logs.run_id()
        with logs.command():
            inner = logs.run_id()
        assert inner != logs.run_id()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: logs.run_id() == logs.run_id()).result()


def test_warnings_stand_on_stderr_with_and_without_a_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = logging.getLogger("sheetsync.elsewhere")
    before = logging.getLogger("sheetsync").handlers[:]
    for file in (None, tmp_path / "run.log"):
        for quiet, said in ((False, "sheetsync: warning: odd\nsheetsync: wrong\n"), (True, "sheetsync: wrong\n")):
            with logs.command():
                logs.tell("sync", quiet=quiet, file=file)
                ours.warning("odd")
                ours.error("wrong")
                ours.info("so what")
                logs.record("failed", level=logging.ERROR)
            assert capsys.readouterr().err == said
    with logs.command():
        logs.tell("sync")
        ours.warning("odd: %s", HOSTILE)
    assert capsys.readouterr().err == "sheetsync: warning: odd:  ]0;owned  gnp\n{}\n"
    assert [line.get("message") for line in lines(tmp_path / "run.log")] == ["odd", "wrong", "so what", None] * 2
    assert logging.getLogger("sheetsync").handlers == before
    assert logging.getLogger("sheetsync").level == logging.NOTSET


def test_without_tell_nothing_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a program that uses sheetsync as a library, or before the command line is understood."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's own
    logs.record("failed", level=logging.ERROR, what="x")
    logging.getLogger("sheetsync.elsewhere").warning("odd")
    assert capsys.readouterr().err == ""


def test_a_new_log_is_its_owner_s_and_an_old_one_is_added_to(tmp_path: Path) -> None:
    new, old = tmp_path / "new.log", tmp_path / "old.log"
    old.write_text('{"event": "earlier"}\n')
    old.chmod(0o644)
    for path in (new, old):
        with told(path):
            logs.record("begun")
    if os.name == "posix":
        assert stat.S_IMODE(new.stat().st_mode) == 0o600
        assert stat.S_IMODE(old.stat().st_mode) == 0o644
    assert [line["event"] for line in lines(old)] == ["earlier", "begun"]


@pytest.mark.parametrize(
    ("name", "why"), [(".", "Is a directory"), ("no/run.log", "No such file or directory"), ("f/l", "Not a directory")]
)
def test_a_log_that_can_t_be_opened_is_a_wrong_command_line(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "f").touch()
    with pytest.raises(UsageError) as raised, told(tmp_path / name):
        pass
    assert str(raised.value) == (
        f"{tmp_path / name}: this log file can't be opened ({why})\n"
        "Name a file that you may write to, in a folder that exists, with --log-file."
    )


def run(*arguments: str) -> subprocess.Popen[str]:
    """A Python process of its own."""
    line = [sys.executable, "-c", *arguments]
    return subprocess.Popen(line, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


APPENDS = """
import sys
from pathlib import Path
from sheetsync import logs
with logs.command():
    logs.tell("sync", file=Path(sys.argv[1]))
    for number in range(300):
        logs.record("tried", number=number, text="x" * 5000)
"""


def test_several_processes_write_whole_lines_into_one_log(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    for process in [run(APPENDS, str(path)) for _ in range(3)]:
        assert process.communicate() == ("", "")
    by_run: dict[str, list[int]] = {}
    for line in lines(path):
        by_run.setdefault(line["run_id"], []).append(line["number"])
    assert list(by_run.values()) == [[*range(300)]] * 3


FILLS_UP = """
import resource, sys
from pathlib import Path
from sheetsync import logs
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
with logs.command():
    logs.tell("sync", file=Path(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    for number in range(20):
        logs.record("tried", number=number)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    logs.record("ended")
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_a_disk_that_fills_up_costs_lines_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.log"
    process = run(FILLS_UP, str(path))
    out, err = process.communicate()
    assert (process.returncode, out) == (0, "")
    assert err == (
        f"sheetsync: warning: not all of the log could be written to {path} (the disk is full); the run goes on\n"
    )
    written = path.read_text("ascii").splitlines()
    *whole, torn, last = written
    assert [json.loads(line)["number"] for line in whole] == [*range(len(whole))]
    assert whole
    assert len("\n".join([*whole, torn])) == 1000
    assert json.loads(last)["event"] == "ended"
    with told(Path("/dev/full")):
        logs.record("begun")
    assert capsys.readouterr().err == (
        "sheetsync: warning: not all of the log could be written to /dev/full (No space left on device);"
        " the run goes on\n"
    )
