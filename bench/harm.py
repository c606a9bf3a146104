"""Does runs harm for as long as is asked, and counts what came of it: `python -m bench.harm kills 300`, or `crowd 40`.

`kills`: init, sync and close are killed at odd times, and so is the server that they speak to; each time the workbook
has to be as before or as after, and as if nothing had been once the same command has run again. `crowd`: so many syncs
at once, each in a process of its own, while people type: at the end it has to be as if all had been typed and then
synced once. The tests do the same at chosen points, and with fewer.
"""

from __future__ import annotations

import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sheetsync import prepare
from sheetsync.local.app import Workbooks
from sheetsync.local.inprocess import InProcess
from tests import states
from tests.crashes import Processes
from tests.office import ANNA, BORIS, Office, configured

LONGEST = 0.8
"""Seconds after which a run is killed at the latest."""
ROWS: list[list[Any]] = [
    [46339 + place % 6, (ANNA, BORIS)[place % 2], "Встреча проведена", f"Client {place}", "", f"minutes {place}"]
    for place in range(60)
]


class Harm:
    """A folder with the files that the commands begin with, and two mothers of processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs, self.servers = Processes(folder), Processes(folder)
        self.begins: dict[str, Path] = {}
        self.states: dict[str, tuple[str, str]] = {}
        self.count = 0
        path = folder / "first.sheet"
        habits = prepare.habits(configured(workbook={"timezone": "Europe/Moscow", "language": "ru"}))
        InProcess(path, create=True, properties=habits).close()
        for command in ("init", "sync", "close"):
            self.begins[command] = Path(shutil.copyfile(path, folder / f"{command}.sheet"))
            before = state(path)
            done = self.runs.run(command, path, here=True)
            if done != {"exit": 0, "said": "changed True"}:
                raise RuntimeError(done)
            self.states[command] = before, state(path)
            if command == "init":
                Office(path).type("Действия", 1, ROWS[:3])

    def fresh(self, command: str) -> Path:
        """A file to begin with."""
        self.count += 1
        path = self.folder / str(self.count) / "sales.sheet"
        path.parent.mkdir()
        return Path(shutil.copyfile(self.begins[command], path))

    @contextmanager
    def place(self, path: Path, *, served: bool) -> Iterator[dict[str, Any]]:
        """What a command is told of where the file is."""
        if not served:
            yield {"path": str(path)}
            return
        server = self.servers.run("serve", path)
        yield {"base": server["base"], "key": server["key"]}
        self.servers.run("stop", server=server["server"])

    def close(self) -> None:
        """Ends the mothers."""
        self.runs.close()
        self.servers.close()


def state(path: Path, *, objects: bool = True) -> str:
    """All that is in the workbook, looked at in a copy."""
    with TemporaryDirectory() as folder:
        for ending in ("", "-wal"):
            if path.with_name(path.name + ending).exists():
                shutil.copyfile(path.with_name(path.name + ending), Path(folder) / f"looked.sheet{ending}")
        workbooks = Workbooks.open(Path(folder) / "looked.sheet")
        try:
            return states.state(workbooks.store, workbooks.keys()[0], objects=objects)
        finally:
            workbooks.close()


def kills(harm: Harm, count: int) -> Counter[str]:
    """Kills so many runs, or the servers of runs, at odd times."""
    found: Counter[str] = Counter()
    chance = random.Random(count)  # noqa: S311 - nothing secret
    for _ in range(count):
        command, way = chance.choice(("init", "sync", "close")), chance.choice(("local", "client", "server"))
        path, seconds = harm.fresh(command), chance.uniform(0, LONGEST)
        before, after = harm.states[command]
        if way == "server":
            came = _server_dies(harm, command, path, seconds)
        else:
            with harm.place(path, served=way == "client") as place:
                done = harm.runs.run(command, at=["time", 100 * seconds], **place)
            came = "killed" if done["killed"] else "had ended"
        now = state(path)
        found[f"{way}: {came}, {'before' if now == before else 'after' if now == after else 'LOST'}"] += 1
        with harm.place(path, served=way != "local") as place:
            harm.runs.run(command, **place)
        found["as if nothing had been" if state(path) == after else "LOST"] += 1
        shutil.rmtree(path.parent)
    return found


def _server_dies(harm: Harm, command: str, path: Path, seconds: float) -> str:
    server = harm.servers.run("serve", path)
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(harm.runs.run, command, base=server["base"], key=server["key"])
        time.sleep(seconds)
        harm.servers.run("stop", server=server["server"])
        done = run.result()
    return f"exit {done['exit']}"


def crowd(harm: Harm, count: int) -> Counter[str]:
    """So many syncs at once while rows are typed, by either way; then one more sync, and what they should have made."""
    found: Counter[str] = Counter()
    path = harm.fresh("sync")
    Office(path).type("Действия", 4, ROWS)
    harm.runs.run("sync", path)
    should = state(path, objects=False)
    patient = {"connect": 60, "read": 300, "deadline": 300, "sign_in": 300, "pause": 0.05}
    for served in (False, True):
        path, begun = harm.fresh("sync"), time.monotonic()
        with harm.place(path, served=served) as place:
            typing = harm.runs.job("type", path, tab="Действия", rows=ROWS, first=4, pause=0.1)
            syncs = [harm.runs.job("sync", **place, limits=patient) for _ in range(count)]
            for done in harm.runs.many([typing, *syncs])[1:]:
                found[f"served {served}: exit {done['exit']}, {done['said'].partition(chr(10))[0][-70:]}"] += 1
            harm.runs.run("sync", **place, limits=patient)
        right = state(path, objects=False) == should
        found[f"served {served}: {'as if synced once' if right else 'LOST'}"] += 1
        found[f"served {served}: seconds"] = round(time.monotonic() - begun)
    return found


def main(what: str, count: str) -> None:
    """Prints what came of it, the most frequent first."""
    with TemporaryDirectory() as folder:
        harm = Harm(Path(folder))
        for name, times in {"kills": kills, "crowd": crowd}[what](harm, int(count)).most_common():
            print(f"{times:6} {name}")
        harm.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
