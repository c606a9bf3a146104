"""Keys: which load, which are refused and with what words, and that none ever leaves its home."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth import identity_pool, impersonated_credentials
from google.oauth2 import credentials as user
from google.oauth2 import service_account

from sheetsync.errors import AccessError, SheetsyncError
from sheetsync.google import Workbook
from sheetsync.google.credentials import SCOPES, email, is_loopback, load, token_address
from sheetsync.local.access import ACCOUNT
from sheetsync.local.serve import Server
from tests.google.conftest import Route
from tests.google.network import QUICK, Network, fails, key_file, moved, reset_after, says, web_page

STEP = "(README, Google set-up, step 4)."
DOWNLOAD = f"Download the service account's JSON key once more {STEP}"
USER = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
POOL = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x"
EXTERNAL = {
    "type": "external_account",
    "audience": POOL,
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "token_url": "https://sts.googleapis.com/v1/token",
    "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
    "sync@p.iam.gserviceaccount.com:generateAccessToken",
    "credential_source": {"url": "https://pipelines.actions.githubusercontent.com/token?a=1"},
}
IMPERSONATED = {
    "type": "impersonated_service_account",
    "service_account_impersonation_url": EXTERNAL["service_account_impersonation_url"],
    "source_credentials": USER,
}


@pytest.fixture(scope="module")
def account(server: Server) -> dict[str, Any]:
    """The least a service account's file may hold, at Google."""
    assert server.credentials is not None
    info = json.loads(server.credentials.read_text())
    uri = {"token_uri": "https://oauth2.googleapis.com/token"}
    return {"client_email": info["client_email"], "private_key": info["private_key"], **uri}


def written(folder: Path, content: object) -> Path:
    """A key file with that content."""
    path = folder / "key.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def refusal(path: Path, *, loopback: bool = False) -> str:
    """What is said of a key file that is refused."""
    with pytest.raises(AccessError) as raised:
        load(path, loopback=loopback)
    assert raised.value.exit_code == 3
    return str(raised.value)


def test_a_service_account_needs_three_things(tmp_path: Path, account: dict[str, Any]) -> None:
    for more in ({}, {"type": "service_account"}):
        signed = load(written(tmp_path, account | more), loopback=False)
        assert isinstance(signed, service_account.Credentials)
        assert signed.scopes == SCOPES
        assert email(signed) == ACCOUNT
        assert token_address(signed) == account["token_uri"]
    for name in account:
        rest = {key: value for key, value in account.items() if key != name}
        said = refusal(written(tmp_path, rest))
        assert said == f"{tmp_path}/key.json: the key in this file can't be used\n{DOWNLOAD}"


@pytest.mark.parametrize(
    ("info", "kind", "address"),
    [
        (USER, user.Credentials, ""),
        (EXTERNAL, identity_pool.Credentials, "sync@p.iam.gserviceaccount.com"),
        (IMPERSONATED, impersonated_credentials.Credentials, "sync@p.iam.gserviceaccount.com"),
    ],
)
def test_google_s_other_kinds_load_without_a_word_to_anybody(
    tmp_path: Path, google: Route, info: dict[str, Any], kind: type, address: str
) -> None:
    signed = load(written(tmp_path, info), loopback=False)
    assert isinstance(signed, kind)
    assert email(signed) == address
    assert google.network.seen == []


WRONG_FILES: dict[str, tuple[object, str]] = {
    "broken JSON": ('{"type": ', f"this file can't be read as a JSON key\n{DOWNLOAD}"),
    "empty": ("", f"this file can't be read as a JSON key\n{DOWNLOAD}"),
    "deep": ("[" * 100_000, f"this file can't be read as a JSON key\n{DOWNLOAD}"),
    "a list": ([], f"this JSON file is not a key\nName a service account's JSON key with --credentials {STEP}"),
    "an OAuth client": (
        {"installed": {"client_id": "x", "token_uri": "https://oauth2.googleapis.com/token"}},
        f"this is an OAuth client's file, not a key\nMake a service account and a JSON key for it {STEP}",
    ),
    "an unknown kind": ({"type": "passport"}, f"the key in this file can't be used\n{DOWNLOAD}"),
    "an empty object": ({}, f"the key in this file can't be used\n{DOWNLOAD}"),
    "no source": ({**EXTERNAL, "credential_source": 7}, f"the key in this file can't be used\n{DOWNLOAD}"),
    "no PEM": (
        {"client_email": "a@b", "private_key": "secret", "token_uri": "https://oauth2.googleapis.com/token"},
        f"the key in this file can't be used\n{DOWNLOAD}",
    ),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_wrong_file_is_named(tmp_path: Path, name: str) -> None:
    content, said = WRONG_FILES[name]
    assert refusal(written(tmp_path, content)) == f"{tmp_path}/key.json: {said}"


def test_bytes_that_are_no_text_are_no_key(tmp_path: Path) -> None:
    path = tmp_path / "key.p12"
    path.write_bytes(b"\xff\xfe\x00")
    assert refusal(path) == f"{path}: this file can't be read as a JSON key\n{DOWNLOAD}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    assert refusal(path) == (
        f"{path}: there is no credentials file here\n"
        f"Save the service account's JSON key under this name, or name another with --credentials {STEP}"
    )


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        f"{tmp_path}: this credentials file can't be read (Is a directory)\n"
        "See that it is a file and that you may read it, or name another with --credentials."
    )


def test_no_file_is_named() -> None:
    with pytest.raises(AccessError) as raised:
        Workbook.open("google", key="x")
    assert str(raised.value) == (
        f"no credentials file is named\nName it under workbook.credentials, or with --credentials {STEP}"
    )


@pytest.fixture
def key(tmp_path: Path, account: dict[str, Any]) -> Path:
    """A key for Google that only its owner can read, in a folder of its own."""
    folder = tmp_path / "work"
    folder.mkdir()
    path = written(folder, account)
    path.chmod(0o600)
    return path


@pytest.mark.skipif(os.name != "posix", reason="rights of this kind are POSIX's")
def test_a_key_that_others_can_read_is_warned_of_once(key: Path, near: Route, caplog: pytest.LogCaptureFixture) -> None:
    load(key, loopback=False)
    assert caplog.messages == []
    for mode in (0o640, 0o604):
        other = key.with_name(f"key of {mode:o}.json")
        other.write_text(key.read_text())
        other.chmod(mode)
        caplog.clear()
        load(other, loopback=False)
        load(other, loopback=False)
        who = "others on this machine can read the key in"
        assert caplog.messages == [f"{who} {other}; close it with: chmod 600 '{other}'"]
    local = key.with_name("local.json")
    local.write_text(near.credentials.read_text())
    local.chmod(0o644)
    caplog.clear()
    load(local, loopback=True)
    assert caplog.messages == [f"{who} {local}; close it with: chmod 600 {local}"]
    keyless = written(key.parent, EXTERNAL)
    keyless.chmod(0o644)
    caplog.clear()
    load(keyless, loopback=False)
    assert caplog.messages == []


def git(folder: Path, *words: str) -> None:
    """Does something with git in a folder."""
    program = shutil.which("git")
    assert program is not None
    subprocess.run([program, *words], cwd=folder, check=True, capture_output=True)


COMMITTABLE = (
    "this key lies in a git work tree that does not ignore it, so it may be published by a commit\n"
    "Move it out of the tree, or write its name into .gitignore. Where it was committed, delete it at Google and make a"
    " new one."
)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_key_that_git_would_take_is_refused(
    key: Path, near: Route, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load(key, loopback=False)
    git(key.parent, "init")
    assert refusal(key) == f"{key}: {COMMITTABLE}"
    link = tmp_path / "elsewhere.json"
    link.symlink_to(key)
    assert refusal(link) == f"{link}: {COMMITTABLE}"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    git(elsewhere, "init")
    (elsewhere / ".git/info").mkdir(exist_ok=True)
    (elsewhere / ".git/info/exclude").write_text("*\n")
    monkeypatch.setenv("GIT_DIR", str(elsewhere / ".git"))
    assert refusal(key) == f"{key}: {COMMITTABLE}"
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert refusal(key) == f"{key}: {COMMITTABLE}"
    monkeypatch.chdir(key.parent)
    assert refusal(Path(key.name)) == f"{key.name}: {COMMITTABLE}"
    local = key.with_name("local.json")
    local.write_text(near.credentials.read_text())
    ours = "delete it, and let `sheetsync serve --credentials-out` write another"
    theirs = COMMITTABLE.replace("delete it at Google and make a new one", ours)
    assert refusal(local, loopback=True) == f"{local}: {theirs}"
    load(written(key.with_name("keyless").parent, EXTERNAL), loopback=False)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_key_that_git_ignores_is_not(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(key.parent, "init")
    (key.parent / ".gitignore").write_text("key*.json\n")
    load(key, loopback=False)
    git(key.parent, "add", "--force", key.name)
    assert refusal(key) == f"{key}: {COMMITTABLE}"
    monkeypatch.setenv("PATH", str(key.parent))
    load(key, loopback=False)


def test_the_warning_stands_on_stderr_but_for_quiet(key: Path) -> None:
    """As people see it: one line before what is said of the workbook, which can't be reached here."""
    key.chmod(0o644)
    config = key.parent / "targets.yaml"
    config.write_text("workbook: {spreadsheet: x}\nmanagers: [Anna]\ntargets: []\n")
    given = ["check", "--config", str(config), "--spreadsheet", "k" * 44, "--credentials", str(key), "--json"]
    environment = {**os.environ, "HTTPS_PROXY": "gopher://127.0.0.1:1"}

    def said(*more: str) -> list[str]:
        run = subprocess.run(
            [sys.executable, "-m", "sheetsync", *given, *more],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 4, run.stderr
        return [line for line in run.stderr.splitlines() if "others on this machine can read the key" in line]

    assert said() == [
        f"sheetsync: warning: others on this machine can read the key in {key}; close it with: chmod 600 {key}"
    ]
    assert said("--quiet") == []


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("http://127.0.0.1:8765/token", True),
        ("http://localhost/token", True),
        ("http://[::1]:80/token", True),
        ("http://127.0.0.1.example.com/token", False),
        ("http://127.0.0.1@example.com/token", False),
        ("http://example.com\\@127.0.0.1/token", False),
        ("http://[::1", False),
        ("https://oauth2.googleapis.com/token", False),
        ("", False),
    ],
)
def test_what_is_on_this_machine(address: str, near: bool) -> None:
    assert is_loopback(address) is near


AWAY = [
    "https://example.com/token",
    "http://oauth2.googleapis.com/token",
    "https://googleapis.com.example.com/token",
    "https://notgoogleapis.com/token",
    "https://oauth2.googleapis.com@example.com/token",
    "https://example.com\\@oauth2.googleapis.com/token",
    "https://[::1",
    "http://127.0.0.1:8765/token",
    "",
]


@pytest.mark.parametrize("address", AWAY)
def test_a_key_for_google_names_google_alone(tmp_path: Path, account: dict[str, Any], address: str) -> None:
    for name, info in (
        ("token_uri", account | {"token_uri": address}),
        ("token_url", EXTERNAL | {"token_url": address}),
        ("service_account_impersonation_url", EXTERNAL | {"service_account_impersonation_url": address}),
        ("token_uri", IMPERSONATED | {"source_credentials": account | {"token_uri": address}}),
    ):
        assert refusal(written(tmp_path, info)) == (
            f"{tmp_path}/key.json: the {name} in this key is not at Google, so it is not used for Google\n"
            f"Use the JSON key that Google Cloud made {STEP}"
        )


def test_a_key_for_this_machine_is_a_local_server_s(tmp_path: Path, account: dict[str, Any]) -> None:
    theirs = [account, USER, USER | {"token_uri": "http://127.0.0.1:1/token"}, EXTERNAL, IMPERSONATED, {}]
    theirs += [account | {"token_uri": address} for address in AWAY if "127.0.0.1" not in address]
    for info in theirs:
        assert refusal(written(tmp_path, info), loopback=True) == (
            f"{tmp_path}/key.json: this key is not the local server's, so it is not sent there\n"
            "Use the file that `sheetsync serve --credentials-out` wrote."
        )


def test_a_key_never_leaves_its_home(google: Route, near: Route) -> None:
    """Google's key with a local address, a local server's with Google's: neither is opened, neither network hears."""
    for route, key in ((near, google.credentials), (google, near.credentials)):
        with pytest.raises(AccessError):
            route.open(credentials=key)
    assert google.network.seen == near.network.seen == []


def test_a_local_key_goes_to_no_other_machine(near: Route) -> None:
    for base in ("http://example.com", "https://docs.google.com", "http://127.0.0.1@example.com", ""):
        with pytest.raises(AccessError) as raised:
            Workbook.open("loopback", key="x", base=base, credentials=near.credentials)
        where = f"{base}: " if base else ""
        assert str(raised.value) == f"{where}this address is not on this machine\nWrite http://127.0.0.1:PORT."


def test_a_local_key_may_serve_two_ports(server: Server, tmp_path: Path) -> None:
    """Tokens from one loopback port, cells from another; and nothing else is reached."""
    with Network(server.url) as tokens, Network(server.url) as cells:
        key = key_file(server, tmp_path / "key.json", f"{tokens.url}/token")
        with Workbook.open(
            "loopback", key=server.spreadsheet_id, base=cells.url, credentials=key, limits=QUICK
        ) as book:
            book.metadata()
        assert [seen.path for seen in tokens.seen] == ["/token"]
        assert len(cells.api) == len(cells.seen) == 1


def test_a_local_token_is_not_shown_to_google_by_google_auth(
    near: Route, google: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    """google-auth can be told to look up where an account may be used, with the account's token, at Google."""
    monkeypatch.setenv("GOOGLE_SDK_EXPERIMENTAL_PYTHON_REGIONAL_ACCESS_BOUNDARY_LOOKUP_ENABLED", "true")
    monkeypatch.setattr(
        "google.auth._regional_access_boundary_utils._RegionalAccessBoundaryRefreshManager.start_refresh",
        lambda _self, credentials, request, _manager: credentials._lookup_regional_access_boundary(request, True),
    )
    with near.open() as book, pytest.raises(SheetsyncError, match="can't be sent"):
        book.metadata()
    assert google.network.seen == []


@pytest.fixture
def logs() -> Iterator[list[str]]:
    """All that is logged, at the lowest level, with what handlers for structured logs would show."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"{record.getMessage()} {vars(record)!r}")

    listener = Listener()
    names = ("", "google", "google.auth", "google.auth.transport.requests", "urllib3", "requests", "gspread")
    loggers = [logging.getLogger(name) for name in names]
    former = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.addHandler(listener)
    yield said
    for logger, (level, propagate) in zip(loggers, former, strict=True):
        logger.removeHandler(listener)
        logger.setLevel(level)
        logger.propagate = propagate


def secrets_of(route: Route) -> list[str]:
    """The key, what was signed with it, and the tokens given for it."""
    key = json.loads(route.credentials.read_text())["private_key"]
    assertions = [seen.body.decode().partition("assertion=")[2].partition("&")[0] for seen in route.network.tokens]
    tokens = [seen.headers["authorization"].removeprefix("Bearer ") for seen in route.network.api]
    return [*key.splitlines()[1:-1], *assertions, *tokens]


def test_nothing_secret_is_logged_or_said(near: Route, google: Route, logs: list[str]) -> None:
    refused = fails(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
    faults = [web_page(403), moved("http://127.0.0.1:1/"), refused, fails(403, "PERMISSION_DENIED", "No."), reset_after]
    said: list[str] = []
    for route in (near, google):
        with route.open() as book:
            said.append(repr(book))
            book.metadata()
            for fault in faults:
                route.network.faults.extend([fault] * 3)
                with pytest.raises(SheetsyncError) as raised:
                    book.apply([{"updateSheetProperties": {"properties": {"title": "x"}, "fields": "title"}}])
                said += traceback.format_exception(raised.value)
                said += [repr(raised.value), str(raised.value)]
                route.network.faults.clear()
        route.network.token_faults.extend([says(400, {"error": "invalid_grant", "error_description": "No."})])
        with route.open() as book, pytest.raises(SheetsyncError) as raised:
            book.metadata()
        said += traceback.format_exception(raised.value)
    hidden = secrets_of(near) + secrets_of(google)
    assert len(set(hidden)) > 20
    assert any("/v4/spreadsheets/" in line for line in logs)
    assert any("Making request..." in line for line in logs)
    everything = "\n".join(said + logs)
    assert [secret for secret in hidden if secret in everything] == []
