"""docs/local-workbook.md: what it lists is what is answered, and its examples run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import build
from sheetsync.local import discovery
from sheetsync.local.app import Workbooks
from sheetsync.local.batch import KINDS
from sheetsync.local.serve import Server

ROOT = Path(__file__).parent.parent
RECORDINGS = ROOT.parent / "shared" / "google-recordings" / "recordings.jsonl"
PAGE = build.LOCAL_WORKBOOK.read_text("utf-8")
BLOCKS = re.findall(r"^```(python|sh)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PYTHON = [text for language, text in BLOCKS if language == "python"]
SHELL = [text for language, text in BLOCKS if language == "sh" and "sheetsync serve" not in text]
PREPARING, CHECKING, CURL = SHELL
SECONDS = 120


class Desk:
    """A folder with a configuration, in which `trial.sheet` is being served."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder, self._server = folder, server

    def run(self, *command: str, text: str) -> subprocess.CompletedProcess[str]:
        """Runs an example as a person would, with the address that the server really has."""
        text = text.replace("http://127.0.0.1:8765", self._server.url)
        text = re.sub(r"\bID\b", self._server.spreadsheet_id, text)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [*command, text], cwd=self._folder, env=environment, capture_output=True, text=True, timeout=SECONDS
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "config").mkdir()
    shutil.copy(ROOT / "config" / "targets.yaml", folder / "config")
    with Server(folder / "trial.sheet", credentials_out=folder / "local-key.json") as server:
        desk = Desk(folder, server)
        prepared = desk.run("bash", "-ec", text=PREPARING)
        assert prepared.returncode == 0, prepared.stderr
        yield desk


def test_the_list_of_requests_is_current() -> None:
    assert build.renewed(PAGE, build.BEGIN_REQUESTS, build.requests) == PAGE, "run `python -m docs.build`"


def test_every_kind_of_request_is_in_the_list_once() -> None:
    kinds = discovery.document()["schemas"]["Request"]["properties"]
    listed = build.requests().split("**`spreadsheets.batchUpdate`**")[1].split("**Drive")[0]
    assert sorted(re.findall(r"`(\w+)`", listed)) == sorted(kinds)


def test_every_method_of_sheets_is_answered(tmp_path: Path) -> None:
    workbooks = Workbooks.open(tmp_path / "book.sheet")
    key = workbooks.create()
    for method in discovery.methods():
        path = re.sub(
            r"\(\?P<(\w+)>[^)]*\)", lambda part: {"spreadsheetId": key}.get(part[1], "1"), method.pattern.pattern
        )
        status = workbooks.handle(method.verb, path.replace("\\", ""), [], b"", None).status
        assert status < 500, method.id
    workbooks.close()


@pytest.mark.skipif(not RECORDINGS.exists(), reason=f"no recordings at {RECORDINGS}")
def test_kinds_that_are_called_recorded_are_recorded() -> None:
    (said,) = re.findall(r"^\| kinds of request: (.*?) \| recorded", PAGE, re.MULTILINE)
    recorded: set[str] = set()
    for line in RECORDINGS.read_text("utf-8").splitlines():
        request = json.loads(line)["request"]
        sent = request.get("requests", []) if isinstance(request, dict) else []
        recorded.update(kind for each in sent for kind in each)
    assert set(re.findall(r"`(\w+)`", said)) == recorded
    assert recorded <= KINDS.keys()


PRINTED = (
    "[{'Client': 'Volga Foundry', 'Amount': 1200}]\n",
    "'Dashboard', 'Actions', 'Base'",
    "trial ['Dashboard', 'Actions', 'Base'",
    "/spreadsheets/d/",
    "503 and yet: ['Sheet1', 'Added twice?']\n1 GET  False 200\n2 POST 503 after the commit True 503\n",
)
"""What each Python example prints, or part of it."""


@pytest.mark.parametrize(("text", "printed"), list(zip(PYTHON, PRINTED, strict=True)), ids=range(len(PRINTED)))
def test_python_examples_run(desk: Desk, text: str, printed: str) -> None:
    done = desk.run(sys.executable, "-c", text=text)
    assert (done.returncode, done.stderr) == (0, "")
    assert printed in done.stdout


def test_sheetsync_checks_over_http(desk: Desk) -> None:
    done = desk.run("bash", "-ec", text=CHECKING)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Nothing has been typed yet.\n"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl_gets_an_answer(desk: Desk) -> None:
    done = desk.run("bash", "-ec", text=CURL)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["properties"] == {"title": "trial"}
    assert "Actions" in [tab["properties"]["title"] for tab in answer["sheets"]]
