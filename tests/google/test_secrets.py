"""Whole runs against a served workbook: what they ask to be allowed, and that no secret gets out of them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from google.auth import jwt

from sheetsync import cli
from sheetsync.export import served
from sheetsync.google.workbook import LIMITS
from sheetsync.local.serve import Server
from tests.google.conftest import shorten_key
from tests.google.network import QUICK, Network, cut, fails, key_file, reset_after, says, web_page
from tests.google.test_credentials import logs  # noqa: F401 - a fixture

CONFIG = "workbook: {spreadsheet: x}\nmanagers: [Anna]\ntargets: []\n"
BUSY = fails(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", Retry_After="0")
EXPIRED = fails(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
DENIED = fails(403, "PERMISSION_DENIED", "The caller does not have permission")


@dataclass(frozen=True)
class Office:
    """A served workbook, the network before it, its key, and what runs said."""

    server: Server
    network: Network
    key: Path
    folder: Path
    capture: pytest.CaptureFixture[str]
    said: list[str]

    @property
    def address(self) -> str:
        """The workbook's, by way of the network."""
        return self.server.spreadsheet_url.replace(self.server.url, self.network.url)

    def run(self, command: str, *more: str, credentials: str = "") -> int:
        """Runs a command to its end, as wordy as it gets; its exit code."""
        given = ["--verbose", "--json", "--log-file", "run.log", "--config", "targets.yaml"]
        given += ["--spreadsheet", self.address]
        with pytest.raises(SystemExit) as ended:
            cli.main([command, *given, "--credentials", credentials or str(self.key), *more])
        self.said.extend(self.capture.readouterr())
        assert isinstance(ended.value.code, int)
        return ended.value.code

    def page_secret(self) -> str:
        """What the page of the workbook proves itself with."""
        page = requests.get(self.server.spreadsheet_url, timeout=10).text
        found = re.search(r'"secret": ?"([^"]+)"', html.unescape(page))
        assert found is not None
        return found[1]

    def asks_as_a_page(self, secret: str) -> int:
        """What the server answers to something that no page asks, with the page's secret: the status."""
        address = f"{self.server.spreadsheet_url}/page/edit"
        return requests.post(address, "{", headers={"X-Sheetsync-Page": secret}, timeout=10).status_code

    def assertions(self) -> list[str]:
        """What was signed with the key."""
        return [seen.body.decode().partition("assertion=")[2].partition("&")[0] for seen in self.network.tokens]

    def secrets(self) -> set[str]:
        """The key line by line (but for its short last one), what was signed with it, and the tokens given for it."""
        key = json.loads(self.key.read_text())["private_key"].split("\n")
        signatures = [assertion.rpartition(".")[2] for assertion in self.assertions()]
        tokens = {seen.headers["authorization"].removeprefix("Bearer ") for seen in self.network.api}
        return {*key[1:-3], *self.assertions(), *signatures, *tokens}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    """A new workbook, on the way to which all goes well until somebody wants otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(LIMITS, "loopback", QUICK)
    (tmp_path / "targets.yaml").write_text(CONFIG)
    file, key = tmp_path / "book.sheet", tmp_path / "key.json"
    with Server(file, credentials_out=key, page=served("en")) as server, Network(server.url) as network:
        shorten_key(server)
        key = key_file(server, tmp_path / "through.json", f"{network.url}/token")
        yield Office(server, network, key, tmp_path, capsys, [])


def test_nothing_secret_gets_out(office: Office, logs: list[str]) -> None:  # noqa: F811
    office.network.faults.extend([BUSY, EXPIRED, reset_after, web_page(502)])
    assert office.run("init") == 0
    office.network.token_faults.extend([reset_after, says(503, {"error": "backend_error"})])
    office.network.faults.extend([EXPIRED, cut])
    assert office.run("sync", "--period", "last") == 0
    for ending, faults in {4: [web_page(403)], 3: [EXPIRED] * 3}.items():
        office.network.faults.extend(faults)
        assert office.run("sync") == ending
    office.network.faults.append(DENIED)
    assert office.run("check") == 3
    office.network.token_faults.append(says(400, {"error": "invalid_grant", "error_description": "No such key."}))
    assert office.run("sync") == 3
    assert office.run("sync", credentials=office.key.read_text()) == 2
    page = office.page_secret()
    assert office.asks_as_a_page(page) == 400

    log = (office.folder / "run.log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert {line["event"] for line in lines} >= {"begun", "opened", "request", "failed", "ended"}
    assert [line["exit"] for line in lines if line["event"] == "ended"] == [0, 0, 4, 3, 3, 3, 2]
    failed = [line for line in lines if line["event"] == "failed"]
    assert {(line["level"], line["kind"], line["exit"]) for line in failed} == {
        ("ERROR", "ServiceError", 4),
        ("ERROR", "AccessError", 3),
        ("ERROR", "ConfigError", 2),
    }
    assert all(line["what"] and line["where"] and line["remedy"] for line in failed[:-1])
    assert len({line["run_id"] for line in lines}) == 7

    hidden = {*office.secrets(), page}
    assert len(hidden) > 20
    assert all(len(secret) >= 20 for secret in hidden)
    assert any("Making request..." in line for line in logs)
    everything = "\n".join([*office.said, *logs, log])
    assert [secret for secret in hidden if secret in everything] == []
    assert "bearer" not in everything.lower()


def test_all_that_is_asked_for_is_the_scope_of_sheets(office: Office) -> None:
    """By runs, and by copies there and back, which get by without Drive."""
    made = Path("made.sheet")
    assert office.run("init", "--spreadsheet", f"local:{made}") == 0
    assert office.run("copy", f"local:{made}", office.address) == 0
    assert office.run("sync", "--period", "last") == 0
    assert office.run("copy", office.address, "local:back.sheet") == 0
    claims = [jwt.decode(assertion, verify=False) for assertion in office.assertions()]
    assert [claim["scope"] for claim in claims] == ["https://www.googleapis.com/auth/spreadsheets"] * 3
    asked = {seen.path.partition("?")[0].partition("/v4/spreadsheets/")[0] for seen in office.network.seen}
    assert asked == {"", "/token"}
