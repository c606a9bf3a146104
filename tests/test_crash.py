"""The program, the server, the machine die at any point, or the disk is full: the workbook is as before or as after.

Real processes and a real `kill -9` (tests/crashes.py); what is compared is each cell, format and object of the file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sheetsync import cli
from sheetsync.local.app import Workbooks
from sheetsync.local.book import Book
from sheetsync.local.file import KEPT, backup_path
from tests.office import ANNA, BORIS, Office

ROOT = Path(__file__).parent.parent
FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)
LOG: list[list[Any]] = [
    [46342, ANNA, "Встреча проведена", "Volga Port", "", "minutes 1"],
    [46343, BORIS, "Встреча проведена", "Kama Arena", "", ""],
    [46344, ANNA, "Оплата получена", "Volga Port", "", "bank", "", 1000.1, 200.05],
]
COMMANDS = ("init", "sync")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork, and no kill -9, on this system")


class Processes:
    """Where commands are run in processes that die."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, command: str, path: Path | None = None, **job: Any) -> dict[str, Any]:
        """What came of a job."""
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        given = {"command": command, "path": str(path), "folder": str(self.folder), **job}
        self._mother.stdin.write(json.dumps(given) + "\n")
        self._mother.stdin.flush()
        done: dict[str, Any] = json.loads(self._mother.stdout.readline())
        return done

    def close(self) -> None:
        """Ends them."""
        self._mother.communicate()


@dataclass
class Desk:
    """By command: the file that it begins with (None: there is none), and its state before and after."""

    processes: Processes
    folder: Path
    begins: dict[str, Path] = field(default_factory=dict)
    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    tries: int = 0

    @property
    def old(self) -> Path:
        """The backup of an earlier run."""
        return self.folder / "old.sheet"

    def fresh(self, command: str) -> Path:
        """A file to begin with."""
        self.tries += 1
        path = self.folder / f"try-{self.tries}" / "sales.sheet"
        path.parent.mkdir()
        if command in self.begins:
            shutil.copyfile(self.begins[command], path)
            shutil.copyfile(self.old, backup_path(path, 1))
        return path


def state(path: Path) -> str:
    """All that is in a workbook as whoever opens it next finds it, but for ids drawn by lot. It is not touched."""
    looked = path.parent / "looked at"
    looked.mkdir()
    for each in (path, path.with_name(path.name + "-wal")):
        if each.exists():
            shutil.copyfile(each, looked / each.name)
    try:
        return _state(looked / path.name) if (looked / path.name).exists() else ""
    finally:
        shutil.rmtree(looked)


def _state(path: Path) -> str:
    workbooks = Workbooks.open(path)
    try:
        keys = workbooks.keys()
        if not keys:
            return ""
        with workbooks.store.reading() as db:
            book = Book.load(db, keys[0], None, FRIDAY)
            tabs = [(sheet.doc, list(sheet.grid.rows(0, sheet.rows))) for sheet in book.sheets]
    finally:
        workbooks.close()
    shown = [json.dumps({**book.doc, "order": len(tabs)})]
    for doc, rows in tabs:
        for protection in doc.get("protectedRanges", []):
            del protection["protectedRangeId"]
        shown.append(json.dumps(doc, indent=1))
        shown += [f"{index} {row.cells} {row.formats} {row.rules} {row.extra}" for index, row in rows]
    return "\n".join(shown)


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


@pytest.mark.parametrize(
    ("command", "points"),
    [
        ("init", [("request", 1), ("answer", 1), ("request", 3), ("answer", 3)]),
        ("sync", [("request", 3), ("answer", 3)]),
    ],
)
def test_killed_at_each_request(desk: Desk, command: str, points: list[tuple[str, int]]) -> None:
    """Before it is sent, or when it is answered; the next run makes of it what it would have been without that."""
    before, after = desk.states[command]
    for point in points:
        path = desk.fresh(command)
        assert desk.processes.run(command, path, at=point) == {"killed": True}
        written = point == ("answer", 3)
        if written or command != "init":
            assert state(path) == (after if written else before)
        if point[1] == 3:
            assert desk.processes.run(command, path)["said"] == f"changed {not written}"
            assert state(path) == after


@pytest.mark.parametrize(("what", "points"), [("statement", 8), ("file", 9), ("time", 6)])
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
    server = desk.processes.run("serve", path, room=size // 2)
    done = desk.processes.run("apply", base=server["base"], key=server["key"])
    desk.processes.run("stop", server=server["server"])
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
        server = desk.processes.run("serve", path, at=["statement", nth])
        done = desk.processes.run("apply", base=server["base"], key=server["key"])
        assert (done["exit"], done["killed"]) == (4, False), done
        desk.processes.run("stop", server=server["server"])
        assert state(path) == before, nth
    server = desk.processes.run("serve", path)
    assert desk.processes.run("apply", base=server["base"], key=server["key"])["exit"] == 0
    desk.processes.run("stop", server=server["server"])
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
    assert run("--list")[1].endswith(f"  {listed['bytes']:,} bytes\n")
    server = desk.processes.run("serve", path)
    assert run() == (
        5,
        "",
        f"sheetsync: local:{path}: somebody else has the workbook file (it is open)\n"
        "Stop `sheetsync serve`, or whatever else has it open, and run the command again.\n",
    )
    desk.processes.run("stop", server=server["server"])
    assert state(path) == after
    assert json.loads(run("--json")[1]) == {"restored": 1, "kept": f"{path}.before-restore-1"}
    assert (state(path), state(Path(f"{path}.before-restore-1"))) == (before, after)
    assert run("--backup", "2") == (
        2,
        "",
        f"sheetsync: {path}: there is no backup 2 of this workbook\nThere is --backup 1.\n",
    )
