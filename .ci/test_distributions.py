"""The wheel and the source distribution: what is in them, and that the wheel works where nothing of this repository is.

Slow, and so a part of `.ci/run` (`make package`) only.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import requests
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements" / "ci.txt"
SECRET = re.compile(rb'"private_key": "-----BEGIN (RSA )?PRIVATE KEY-----\\n[A-Za-z0-9+/]{40}')
CLIENT = """\
from datetime import date

from sheetsync.errors import SheetsyncError
from sheetsync.periods import Kind, Period

name: str = str(Period.containing(date(2026, 11, 19), Kind.WEEK))
wrong: int = Period.parse(name)  # type: ignore[assignment]
failure: type[Exception] = SheetsyncError
"""
"""Passes `mypy --strict` only where the types are seen: else the import is an error, and the ignored one is none."""


@dataclass(frozen=True)
class Elsewhere:
    """A folder outside the repository, an empty home, and an environment that holds the wheel and what it asks for."""

    folder: Path
    home: Path
    bin: Path

    @property
    def surroundings(self) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}

    def run(self, *command: str | Path) -> str:
        done = subprocess.run(command, cwd=self.folder, env=self.surroundings, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def tracked(*under: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z", *under], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(listed.stdout.split("\0")) - {""}


def closure(name: str) -> set[str]:
    """What a distribution asks for here, and what that asks for, and so on: itself and its extras aside."""
    found: set[str] = set()
    ahead = [Requirement(name)]
    while ahead:
        asked = ahead.pop()
        for each in map(Requirement, metadata.requires(asked.name) or ()):
            wanted = any(not each.marker or each.marker.evaluate({"extra": extra}) for extra in {"", *asked.extras})
            if wanted and canonicalize_name(each.name) not in found:
                found.add(canonicalize_name(each.name))
                ahead.append(each)
    return found


def locked(names: set[str]) -> list[str]:
    """The lock's entries of these distributions, with their hashes."""
    entries = re.split(r"\n(?=\w)", LOCK.read_text(encoding="utf-8"))
    return [entry for entry in entries if entry.partition("==")[0] in names]


def pinned(file: Path) -> str:
    return f"{file} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both, as `python -m build` makes them with the locked setuptools: the wheel out of the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-W", "error", "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert [line for line in told.splitlines() if re.search("warning|deprecat", line, re.IGNORECASE)] == []
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    """The wheel with what it declares, out of the lock: what it forgets to declare is not there."""
    place = tmp_path_factory.mktemp("elsewhere")
    folders = place / "folder", place / "home"
    for each in folders:
        each.mkdir()
    subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
    wanted = place / "wanted.txt"
    wanted.write_text("\n".join([*locked(closure("sheetsync")), pinned(wheel)]), encoding="utf-8")
    pip = [str(place / "venv/bin/python"), "-m", "pip", "--disable-pip-version-check"]
    install = ["install", "--quiet", "--no-compile", "--no-deps", "--require-hashes", "--requirement", str(wanted)]
    subprocess.run([*pip, *install], check=True)
    subprocess.run([*pip, "check"], check=True)
    return Elsewhere(*folders, place / "venv/bin")


def test_the_source_distribution_is_the_repository_and_holds_no_key(dist: Path) -> None:
    (archive,) = dist.glob("*.tar.gz")
    made = {"PKG-INFO", "setup.cfg"}  # setuptools writes into both
    with tarfile.open(archive) as opened:
        files = {member.name.partition("/")[2]: member for member in opened if member.isfile()}
        assert {name for name in files if not name.startswith("sheetsync.egg-info/")} - made == tracked() - made
        for name in files.keys() - made:
            content = opened.extractfile(files[name])
            assert content is not None
            assert not SECRET.search(content.read()), name


def test_the_wheel_is_the_package_and_its_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    described = {name.partition(".dist-info/")[2] for name in names if ".dist-info/" in name}
    assert {name for name in names if ".dist-info/" not in name} == tracked("sheetsync")
    assert "sheetsync/py.typed" in names
    assert described == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt", "licenses/LICENSE"}


def test_a_department_is_built_and_its_page_served_elsewhere(elsewhere: Elsewhere) -> None:
    command = elsewhere.bin / "sheetsync"
    elsewhere.run(command, "demo", "--weeks", "2")
    assert (elsewhere.folder / "demo/dashboard.html").stat().st_size > 10_000
    serving = [str(command), "serve", "demo/department.sheet", "--port", "0"]
    told: dict[str, Any] = {"cwd": elsewhere.folder, "env": elsewhere.surroundings, "stdout": subprocess.PIPE}
    with subprocess.Popen(serving, text=True, **told) as serve:
        try:
            assert serve.stdout is not None
            shell = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/spreadsheets/d/\S+\n", serve.stdout.readline())
            assert shell
            assert b'src="/page/main.js"' in requests.get(shell[0].strip(), timeout=30).content
            for name in sorted(tracked("sheetsync/page/*.js", "sheetsync/page/*.css")):
                answer = requests.get(f"{shell[1]}/page/{Path(name).name}", timeout=30)
                assert (answer.status_code, answer.content) == (200, (ROOT / name).read_bytes())
        finally:
            serve.send_signal(signal.SIGINT)
    assert serve.returncode == 0
    assert list(elsewhere.home.iterdir()) == []


def test_a_program_that_uses_it_sees_the_types(elsewhere: Elsewhere) -> None:
    (elsewhere.folder / "client.py").write_text(CLIENT, encoding="utf-8")
    checked = [
        "--strict",
        "--config-file=",
        "--follow-imports=silent",
        "--python-executable",
        str(elsewhere.bin / "python"),
    ]
    elsewhere.run(sys.executable, "-m", "mypy", *checked, "client.py")
    elsewhere.run(elsewhere.bin / "python", "client.py")


def test_pipx_runs_the_wheel_that_is_installed_nowhere(wheel: Path, tmp_path: Path) -> None:
    lines = re.findall(r"^\w.*==.*(?= \\$)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    pins = tmp_path / "pins.txt"
    pins.write_text("\n".join(lines), encoding="utf-8")
    surroundings = {**os.environ, "PIPX_HOME": str(tmp_path / "pipx")}  # the home stays: it may say where packages are
    pipx = [sys.executable, "-m", "pipx", "run", "--spec", str(wheel), f"--pip-args=--constraint={pins}"]
    command = [*pipx, "sheetsync", "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"sheetsync, version {metadata.version('sheetsync')}\n"), done.stderr
