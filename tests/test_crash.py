"""The program, the server, the machine die at any point, or the disk is full: the workbook is as before or as after.

Real processes and a real `kill -9` (tests/crashes.py); what is compared is each cell, format and object of the file.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from sheetsync import cli, prepare
from sheetsync.google import workbook
from sheetsync.local.app import Workbooks
from sheetsync.local.file import KEPT, backup_path
from sheetsync.local.inprocess import InProcess
from tests import crashes, states
from tests.crashes import Job, Processes
from tests.google.network import Fault, Handler, Network, passed_on
from tests.office import ANNA, BORIS, Office, configured

LOG: list[list[Any]] = [
    [46339, BORIS, "Встреча проведена", "Ural Glass", "", "minutes 0"],
    [46342, ANNA, "Встреча проведена", "Volga Port", "", "minutes 1"],
    [46343, BORIS, "Встреча проведена", "Kama Arena", "", ""],
    [46344, ANNA, "Оплата получена", "Volga Port", "", "bank", "", 1000.1, 200.05],
]
COMMANDS = ("init", "sync", "close")
_UNKNOWN = 401

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork, and no kill -9, on this system")


@dataclass
class Desk:
    """By command: the file that it begins with, and its state before and after.

    `init` begins with no file; where it is told of a server, with a blank one.
    """

    processes: Processes
    folder: Path
    begins: dict[str, Path] = field(default_factory=dict)
    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    tries: int = 0

    @property
    def old(self) -> Path:
        """The backup of an earlier run."""
        return self.folder / "old.sheet"

    def fresh(self, command: str, *, served: bool = False) -> Path:
        """A file to begin with."""
        self.tries += 1
        path = self.folder / f"try-{self.tries}" / "sales.sheet"
        path.parent.mkdir()
        if command != "init":
            shutil.copyfile(self.begins[command], path)
            shutil.copyfile(self.old, backup_path(path, 1))
        elif served:
            habits = prepare.habits(configured(workbook={"timezone": "Europe/Moscow", "language": "ru"}))
            InProcess(path, create=True, properties=habits).close()
        return path

    @contextmanager
    def serving(self, path: Path, **job: Any) -> Iterator[Job]:
        """A process that serves a file: what a command has to be told of it."""
        server = self.processes.run("serve", path, **job)
        yield {"base": server["base"], "key": server["key"]}
        self.processes.run("stop", server=server["server"])


def state(path: Path) -> str:
    """All that is in a workbook as whoever opens it next finds it. It is not touched."""
    files = tuple(each.read_bytes() for each in (path, path.with_name(path.name + "-wal")) if each.exists())
    return _state(files) if path.exists() else ""


@cache
def _state(files: tuple[bytes, ...]) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sales.sheet"
        for name, held in zip(("sales.sheet", "sales.sheet-wal"), files, strict=False):
            path.with_name(name).write_bytes(held)
        workbooks = Workbooks.open(path)
        try:
            keys = workbooks.keys()
            return states.state(workbooks.store, keys[0]) if keys else ""
        finally:
            workbooks.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """What each command begins with, and makes of it when nobody dies."""
    folder = tmp_path_factory.mktemp("crash")
    processes = Processes(folder)
    made, path = Desk(processes, folder), folder / "sales.sheet"
    for command in COMMANDS:
        before = ""
        if path.exists():
            before = state(path)
            made.begins[command] = Path(shutil.copyfile(path, folder / f"{command}.sheet"))
        done = processes.run(command, path, here=True)
        assert (done["exit"], done["said"]) == (0, "changed True")
        made.states[command] = before, state(path)
        if command == "init":
            shutil.copyfile(path, made.old)
            office = Office(path)
            office.type("Действия", 1, LOG)
            office.type("База", 1, [["Volga Port", None, ANNA], ["Kama Arena", None, BORIS]])
    yield made
    processes.close()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("served", [False, True], ids=["local", "served"])
def test_killed_at_each_request(desk: Desk, command: str, served: bool) -> None:
    """Before it is sent, and when it is answered; the next run makes of it what it would have been without that."""
    path = desk.fresh(command, served=served)
    before, after = desk.states[command][0] or state(path), desk.states[command][1]
    serving = desk.serving(path) if served else nullcontext({"path": str(path)})
    with serving as place:
        for nth in (3,) if served and command == "sync" else (1, 2, 3):
            for what in ("request", "answer"):
                assert desk.processes.run(command, at=[what, nth], **place) == {"killed": True}
                written = (what, nth) == ("answer", 3)
                if written or served or command != "init":
                    assert state(path) == (after if written else before), (what, nth)
        again = desk.processes.run(command, **place)
    assert (again["exit"], again["said"].partition("\n")[0]) == (
        (5, "the period 2026-W46 is closed already") if command == "close" else (0, "changed False")
    )
    assert state(path) == after
    backups = [number for number in (1, 2, 3) if backup_path(path, number).exists()]
    assert backups == ([] if command == "init" else [1, 2])


@pytest.mark.parametrize("command", ["init", "close"])
def test_a_server_that_is_killed_at_each_request(
    desk: Desk, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after it reaches the server, which is started again; the run goes on, and ends as if nothing was."""
    monkeypatch.setitem(workbook.LIMITS, "loopback", replace(crashes.QUICK, deadline=20))
    path = desk.fresh(command, served=True)
    with Network() as network:
        servers = Killed(desk.processes, path, network, tmp_path / "key.json")
        plan = [servers.before, servers.after, servers.well]
        network.faults.extend([*plan, *plan, servers.before, servers.well, *plan, servers.after])
        job = desk.processes.job(command, base=network.url, key=servers.key, folder=str(tmp_path))
        assert crashes.ran(job) == (0, "changed True")
        servers.stop()
    assert servers.deaths == 8
    assert state(path) == desk.states[command][1]


@dataclass
class Killed:
    """The process behind a network that serves a file, and is killed and started again."""

    processes: Processes
    path: Path
    network: Network
    key_file: Path
    deaths: int = -1
    key: str = ""

    def __post_init__(self) -> None:
        self._start()
        signed = json.loads((self.processes.folder / "key.json").read_text())
        self.key_file.write_text(json.dumps({**signed, "token_uri": f"{self.network.url}/token"}))

    def _start(self) -> None:
        started = self.processes.run("serve", self.path)
        self._server, self.key, self.network.upstream = started["server"], started["key"], started["base"][7:]
        self.deaths += 1

    def stop(self) -> None:
        """Kills it."""
        self.processes.run("stop", server=self._server)

    def before(self, handler: Handler) -> None:
        """It dies, and the request with it."""
        self.stop()
        self._start()
        handler.reset()

    def after(self, handler: Handler) -> None:
        """It does what is asked, and dies before it can say so."""
        if self._answered(handler, self.after)[0] != _UNKNOWN:
            self.before(handler)

    def well(self, handler: Handler) -> None:
        """It answers."""
        status, body, kind = self._answered(handler, self.well)
        if status != _UNKNOWN:
            handler.answer(status, body, {"Content-Type": kind})

    def _answered(self, handler: Handler, fault: Fault) -> tuple[int, bytes, str]:
        """What it answers. Where it does not know the token, which was another server's, it says so before that."""
        status, body, kind = passed_on(handler)
        if status == _UNKNOWN:
            self.network.faults.appendleft(fault)
            handler.answer(status, body, {"Content-Type": kind})
        return status, body, kind


@pytest.mark.parametrize(("what", "points"), [("statement", 8), ("file", 9), ("time", 4)])
def test_killed_anywhere_in_a_write(desk: Desk, what: str, points: int) -> None:
    """Between two statements, at each file of the backup, whenever; and the write of whoever comes next is whole."""
    before, after = desk.states["sync"]
    most = 40
    if what != "time":
        path = desk.fresh("sync")
        whole = desk.processes.run("apply", path, at=[what, 0])
        assert (whole["said"], state(path)) == ("changed None", after)
        assert (backup_path(path, 1).exists(), backup_path(path, 2).read_bytes()) == (True, desk.old.read_bytes())
        most = whole["counted"]
    whole_again = 0
    for nth in sorted({most * place // points or 1 for place in range(points + 1)}):
        path = desk.fresh("sync")
        assert desk.processes.run("apply", path, at=[what, nth])["killed"] or what == "time", nth
        found = state(path)
        assert found in (before, after), nth
        backups = {state(each) for number in range(1, KEPT + 1) if (each := backup_path(path, number)).exists()}
        assert backups in ({desk.states["init"][1]}, {desk.states["init"][1], before}), nth
        if found == before and not whole_again:
            whole_again += 1
            assert desk.processes.run("apply", path)["exit"] == 0
            assert state(path) == after
            assert [each.name for each in path.parent.glob("*part*")] == []
    assert whole_again


def test_a_full_disk(desk: Desk) -> None:
    """At the backup, in the middle of the write, at its end: said so, and there is room for a later run."""
    before, after = desk.states["sync"]
    size = desk.begins["sync"].stat().st_size
    said = set()
    for room in (4096, size // 2, size + 4096):
        path = desk.fresh("sync")
        done = desk.processes.run("apply", path, room=room)
        assert (done["exit"], done["killed"]) == (4, False), done
        what, remedy = done["said"].split("\n")
        said.add(what.removeprefix(f"local:{path}: "))
        assert remedy == "Nothing of this run was written, and nothing was lost. Make room, and run the command again."
        assert state(path) == before
    with desk.serving(path, room=size // 2) as place:
        done = desk.processes.run("apply", **place)
    assert (done["exit"], done["said"].partition(": ")[2]) == (
        4,
        "the file of this local workbook can't be written\n"
        "Its disk is full, or fails. Nothing was lost: make room there, and run the command again.",
    )
    assert state(path) == before
    assert said <= {
        "the disk of the workbook file is full, or fails (database or disk is full)",
        "the disk of the workbook file is full, or fails (disk I/O error)",
    }
    assert desk.processes.run("apply", path)["exit"] == 0
    assert state(path) == after
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "sales.sheet",
        "sales.sheet.backup-1",
        "sales.sheet.backup-2",
    ]


def test_a_server_that_is_killed_in_a_batch(desk: Desk) -> None:
    """Who syncs is told, the workbook is as before or as after, and the next server has it."""
    before, after = desk.states["sync"]
    path = desk.fresh("sync")
    for nth in (40, 2000, 4000):
        with desk.serving(path, at=["statement", nth]) as place:
            done = desk.processes.run("apply", **place)
        assert (done["exit"], done["killed"]) == (4, False), done
        assert state(path) == before, nth
    with desk.serving(path) as place:
        assert desk.processes.run("apply", **place)["exit"] == 0
    assert state(path) == after
    assert state(backup_path(path, 1)) == before
    assert not backup_path(path, 3).exists()


def test_restore(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """From the command line: what there is, not while it is served, and what was in its place is kept."""
    before, after = desk.states["sync"]
    path = desk.fresh("sync")
    backup_path(path, 1).unlink()

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["restore", str(path), *arguments])
        return int(ended.value.code or 0), *capsys.readouterr()

    assert run() == (
        2,
        "",
        f"sheetsync: {path}: there is no backup 1 of this workbook\n"
        "A backup is made whenever a run is about to write.\n",
    )
    assert run("--list")[1] == f"There is no backup of {path} yet: one is made when a run is about to write.\n"
    assert desk.processes.run("apply", path)["exit"] == 0
    ((listed,),) = [json.loads(run("--list", "--json")[1])["backups"]]
    assert (listed["number"], listed["bytes"], listed["sound"]) == (1, backup_path(path, 1).stat().st_size, True)
    line = rf"1  [0-9-]+ [0-9:]+[+-][0-9]{{2}}:[0-9]{{2}}  {listed['bytes']:,} bytes\n"
    assert re.fullmatch(line, run("--list")[1])
    with desk.serving(path):
        assert run() == (
            5,
            "",
            f"sheetsync: local:{path}: somebody else has the workbook file (it is open)\n"
            "Stop `sheetsync serve`, or whatever else has it open, and run the command again.\n",
        )
    assert state(path) == after
    assert json.loads(run("--json")[1]) == {"restored": 1, "kept": f"{path}.before-restore-1"}
    assert (state(path), state(Path(f"{path}.before-restore-1"))) == (before, after)
    assert run("--backup", "2") == (
        2,
        "",
        f"sheetsync: {path}: there is no backup 2 of this workbook\nThere is --backup 1.\n",
    )
