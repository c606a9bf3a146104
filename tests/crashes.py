"""Runs commands in processes of their own that die at a chosen point: `python -m tests.crashes`, a job in JSON a line.

A job is {"command", "path" or "base" and "key", "folder"} and where it dies: {"at": [what, nth]}. What is counted is
`request` (before one is sent), `answer` (after one came), `statement` (before SQLite carries one out), or `file`
(before a file is opened, renamed or removed); `time` is in hundredths of a second. Or the process may write files of
no more than {"room"} bytes. What is answered: {"killed": whether, "exit", "said", "counted": points there were}.
The job `many` has {"jobs"}, which are done at once, and is answered with {"done": an answer for each}. `Processes` is
the other end of it.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sheetsync import close, prepare, sync
from sheetsync.errors import SheetsyncError
from sheetsync.google import Workbook, workbook
from sheetsync.google.transport import Counting, Limits
from sheetsync.local.serve import Server
from sheetsync.local.store import Store
from sheetsync.settings import Place
from tests.office import Office, configured

FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)
QUICK = Limits(connect=2, read=10, deadline=1, sign_in=1, pause=0.01)
Job = dict[str, Any]
_FILES = {"open", "os.rename", "os.remove", "os.link", "os.chmod"}


class Processes:
    """Where commands are run in processes that die. `folder` holds their key file, and the write of a recorded run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes"],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def job(self, command: str, path: Path | None = None, **more: Any) -> Job:
        """A job as it is told."""
        return {"command": command, "path": str(path), "folder": str(self.folder), **more}

    def run(self, command: str, path: Path | None = None, **more: Any) -> Job:
        """What came of a job."""
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write(json.dumps(self.job(command, path, **more)) + "\n")
        self._mother.stdin.flush()
        done: Job = json.loads(self._mother.stdout.readline())
        return done

    def many(self, jobs: Iterable[Job]) -> list[Job]:
        """What came of jobs that are done at once."""
        done: list[Job] = self.run("many", jobs=list(jobs))["done"]
        return done

    def close(self) -> None:
        """Ends them."""
        self._mother.communicate()


class Points:
    """Counts the points of each kind, and dies at the chosen one."""

    def __init__(self, what: str, nth: int) -> None:
        self.what, self.nth, self.seen = what, nth, 0

    def __call__(self, what: str) -> None:
        """One more of that kind."""
        if what == self.what:
            self.seen += 1
            if self.seen == self.nth:
                os.kill(os.getpid(), signal.SIGKILL)


def _watched(points: Points, folder: str) -> None:
    """Has every point of this process told."""
    send, connection = Counting.send, Store._connection

    def sent(self: Counting, *args: Any, **more: Any) -> Any:
        points("request")
        answer = send(self, *args, **more)
        points("answer")
        return answer

    def connected(self: Store) -> sqlite3.Connection:
        db = connection(self)
        db.set_trace_callback(lambda _: points("statement"))
        return db

    def audited(event: str, args: tuple[Any, ...]) -> None:
        if event in _FILES and isinstance(args[0], str | os.PathLike) and os.fspath(args[0]).startswith(folder):
            points("file")

    Counting.send = sent  # type: ignore[method-assign]
    Store._connection = connected  # type: ignore[method-assign]
    sys.addaudithook(audited)


def ran(job: Job) -> tuple[int, str]:
    """Does a command in this process: its exit code, and what is said of it."""
    russian = {"timezone": "Europe/Moscow", "language": "ru"}
    key = str(Path(job["folder"]) / "key.json")
    settings = configured(workbook={"credentials": key, **job.get("workbook", russian)})
    place = (
        Place("local", path=Path(job["path"]))
        if "base" not in job
        else Place("loopback", key=job["key"], base=job["base"])
    )
    commands: dict[str, Callable[[], Any]] = {
        "init": lambda: prepare.init(settings, place),
        "sync": lambda: sync.sync(settings, place, now=FRIDAY),
        "apply": lambda: _applied(place, key, batch),
        "close": lambda: close.close(settings, place, period="2026-W46", now=FRIDAY),
        "type": lambda: _typed(job),
    }
    batch = Path(job["folder"]) / "batch.json"
    if "here" in job and job["command"] == "sync":
        _recorded(batch)
    try:
        done = commands[job["command"]]()
    except SheetsyncError as error:
        return error.exit_code, str(error)
    return 0, f"changed {getattr(done, 'changed', None)}"


def _applied(place: Place, key: str, batch: Path) -> None:
    """The write of a run alone, as it was recorded."""
    with Workbook.at(place, key) as book:
        book.apply(json.loads(batch.read_text("utf-8")))


def _typed(job: Job) -> None:
    """Somebody types rows into the log, one after the other."""
    office = Office(Path(job["path"]))
    for place, row in enumerate(job["rows"]):
        office.type(job["tab"], job["first"] + place, [row])
        time.sleep(job["pause"])


def _recorded(batch: Path) -> None:
    apply = Workbook.apply

    def kept(self: Workbook, requests: Iterable[Mapping[str, Any]], *more: Any) -> Any:
        batch.write_text(json.dumps(list(requests)), encoding="utf-8")
        Workbook.apply = apply  # type: ignore[method-assign]
        return apply(self, json.loads(batch.read_text("utf-8")), *more)

    Workbook.apply = kept  # type: ignore[method-assign, assignment]


def _child(job: Job, out: int) -> None:
    points = Points(*job.get("at", ["none", 0]))
    _watched(points, job["folder"])
    workbook.LIMITS["loopback"] = Limits(**job["limits"]) if "limits" in job else QUICK
    if "room" in job:
        import resource  # Windows has none

        resource.setrlimit(resource.RLIMIT_FSIZE, (job["room"], resource.RLIM_INFINITY))
    if job["command"] == "serve":
        with Server(Path(job["path"]), credentials_out=Path(job["folder"]) / "key.json") as server:
            os.write(out, json.dumps({"base": server.url, "key": server.spreadsheet_id}).encode() + b"\n")
            while True:
                time.sleep(3600)
    code, said = ran(job)
    os.write(out, json.dumps({"exit": code, "said": said, "counted": points.seen}).encode() + b"\n")


def _begun(job: Job) -> tuple[int, Any]:
    """A process that does the job: its id, and the file that it answers into."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            _child(job, write)
        except BaseException:
            os.write(write, json.dumps({"exit": 70, "said": traceback.format_exc()}).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(write)
    return child, os.fdopen(read)


def _ended(child: int, answers: Any) -> Job:
    """What came of a process, when it has ended."""
    said = answers.readline()
    answers.close()
    _, status = os.waitpid(child, 0)
    return {"killed": os.WIFSIGNALED(status), **json.loads(said or "{}")}


def _tell(answer: Job) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Does a job a line; a server goes on until the job `stop`."""
    servers: dict[int, Any] = {}
    for line in sys.stdin:
        job = json.loads(line)
        if job["command"] == "many":
            begun = [_begun(each) for each in job["jobs"]]
            _tell({"done": [_ended(*each) for each in begun]})
            continue
        if job.get("here"):  # so that no later process has to import and read again what is imported and read once
            code, said = ran(job)
            _tell({"exit": code, "said": said})
            continue
        if job["command"] == "stop":
            child, answers = job["server"], servers.pop(job["server"])
            os.kill(child, signal.SIGKILL)
        else:
            child, answers = _begun(job)
        if job["command"] == "serve":
            servers[child] = answers
            _tell({"server": child, **json.loads(answers.readline() or "{}")})
            continue
        if job.get("at", [""])[0] == "time":
            time.sleep(job["at"][1] / 100)
            os.kill(child, signal.SIGKILL)
        _tell(_ended(child, answers))
    for child in servers:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
