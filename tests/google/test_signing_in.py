"""Application Default Credentials, the real google-auth over real HTTP: each way in, and each way it fails.

Google's hosts are played by the test's network (TLS, behind the environment's proxy), this machine's metadata server
and a job's identity provider by servers on loopback; behind Google's Sheets API is a local workbook's server.
"""

from __future__ import annotations

import configparser
import json
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from google.auth.compute_engine import _metadata
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from sheetsync.errors import AccessError, ServiceError, SheetsyncError
from sheetsync.google import Workbook
from sheetsync.google.credentials import SCOPES, ambient, email, kind
from sheetsync.google.transport import Limits
from sheetsync.local.access import ACCOUNT
from sheetsync.local.serve import Server
from sheetsync.settings import Place
from tests.google import network
from tests.google.conftest import Route
from tests.google.network import Fault, Network, certificates, fails, reset_after, says
from tests.google.test_credentials import logs  # noqa: F401 - a fixture
from tests.test_docs_links import refusal as misuse

HOSTS = (*network.GOOGLE_HOSTS, "sts.googleapis.com", "iamcredentials.googleapis.com")
CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"
PAGE = "(docs/signing-in.md)."
SHEETS = "https://www.googleapis.com/auth/spreadsheets"
LOGIN = (
    "`gcloud auth application-default login --client-id-file=client.json"
    f" --scopes=https://www.googleapis.com/auth/cloud-platform,{SHEETS}`"
)
SYNC = "sync@p.iam.gserviceaccount.com"
ACT = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{SYNC}:generateAccessToken"
USER = {"type": "authorized_user", "client_id": "c", "client_secret": "the-secret-s", "refresh_token": "the-secret-r"}
IMPERSONATED = {
    "type": "impersonated_service_account",
    "service_account_impersonation_url": ACT,
    "source_credentials": USER,
    "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
}
FEDERATED = {
    "type": "external_account",
    "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "token_url": "https://sts.googleapis.com/v1/token",
    "service_account_impersonation_url": ACT,
}
STS_TOKEN = {"access_token": "the-secret-sts", "issued_token_type": "x", "expires_in": 3599, "token_type": "Bearer"}
FROM_JOB = {"value": "the-secret-subject"}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Certificates as if they were Google's, for the hosts that tokens come from too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "GOOGLE_HOSTS", HOSTS)
        return certificates(tmp_path_factory.mktemp("tls"))


@dataclass(frozen=True)
class World:
    """Google, a server on this machine that is no part of it, a folder, and a token that the workbook takes."""

    google: Route
    beside: Network
    folder: Path
    token: str
    environment: pytest.MonkeyPatch

    def gcloud(self, info: dict[str, Any]) -> None:
        """Somebody signed in with gcloud, which wrote this."""
        self._written("gcloud/application_default_credentials.json", info)

    def named(self, info: dict[str, Any]) -> Path:
        """The environment names a file with this."""
        path = self._written("named.json", info)
        self.environment.setenv(CREDENTIALS, str(path))
        return path

    def job(self, info: dict[str, Any]) -> None:
        """A job that gets its identity from the server beside."""
        bearer = {"Authorization": "Bearer the-secret-job"}
        source = {"url": f"{self.beside.url}/id?a=1", "headers": bearer}
        form = {"format": {"type": "json", "subject_token_field_name": "value"}}
        self.named({**info, "credential_source": source | form})
        self.beside.faults.append(says(200, FROM_JOB))

    def machine(self, *answers: Fault) -> None:
        """A machine at Google: the server beside is its metadata server."""
        self.environment.setattr(_metadata, "_GCE_METADATA_HOST", self.beside.url.removeprefix("http://"))
        info = {"email": ACCOUNT, "scopes": ["https://www.googleapis.com/auth/cloud-platform"], "aliases": ["default"]}
        known = [says(200, "", Metadata_Flavor="Google"), says(200, "p")]
        self.beside.faults.extend([*known, *(answers or (says(200, info), self.gives()))])

    def acts(self) -> Fault:
        """The service account's token."""
        return says(200, {"accessToken": self.token, "expireTime": "2099-01-01T00:00:00Z"})

    def gives(self) -> Fault:
        """A token in OAuth's form."""
        return says(200, {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"})

    def open(self, limits: Limits | None = None) -> Workbook:
        """The workbook, with --credentials default."""
        key = self.google.server.spreadsheet_id
        if limits is None:
            return Workbook.at(Place("google", key=key, base="https://docs.google.com"), "default")
        return Workbook.open("google", key=key, credentials="default", limits=limits)

    @property
    def where(self) -> str:
        """The workbook's address."""
        return f"https://docs.google.com/spreadsheets/d/{self.google.server.spreadsheet_id}"

    def asked(self) -> list[str]:
        """Whom Google's part of the network was, and for what."""
        return [f"{seen.host.partition(':')[0]}{seen.path.partition('?')[0]}" for seen in self.google.network.seen]

    def _written(self, name: str, info: dict[str, Any]) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(info))
        path.chmod(0o600)
        return path


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    """A token of the local workbook's server, for Sheets alone."""
    signed = service_account.Credentials.from_service_account_file(str(server.credentials), scopes=SCOPES)
    with requests.Session() as session:
        signed.refresh(Request(session))
    return str(signed.token)


@pytest.fixture
def world(google: Route, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Nobody signed in, no program to be found, and a metadata server that is none."""
    for name in (CREDENTIALS, "GOOGLE_CLOUD_QUOTA_PROJECT", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_metadata, "_GCE_PRODUCT_NAME_FILE", str(tmp_path / "none"))
    with Network() as beside:
        monkeypatch.setenv("GCE_METADATA_IP", beside.url.removeprefix("http://"))
        yield World(google, beside, tmp_path, token, monkeypatch)


def by_user(world: World) -> None:
    """A person who signed in with gcloud, and named a project for the quota."""
    world.gcloud({**USER, "quota_project_id": "mine", "account": "anna@example.com"})
    world.google.network.token_faults.append(world.gives())


def by_impersonation(world: World) -> None:
    """The same person, acting as a service account."""
    world.gcloud(IMPERSONATED)
    world.google.network.token_faults.append(says(200, {**STS_TOKEN, "access_token": "the-secret-source"}))
    world.google.network.faults.append(world.acts())


def by_federation(world: World) -> None:
    """A job elsewhere, without a key."""
    world.job(FEDERATED)
    world.google.network.faults.extend([says(200, STS_TOKEN), world.acts()])


def by_machine(world: World) -> None:
    """A machine at Google."""
    world.machine()


def by_key(world: World) -> None:
    """A key that the environment names; what gcloud holds beside it is not looked at."""
    world.gcloud(USER)
    world.named(json.loads(world.google.credentials.read_text()))


TOKEN, STS = "oauth2.googleapis.com/token", "sts.googleapis.com/v1/token"
ACTING = ACT.removeprefix("https://")
WAYS: dict[Callable[[World], None], tuple[str, str, list[str]]] = {
    by_user: ("user", "anna@example.com", [TOKEN]),
    by_impersonation: ("impersonated", SYNC, [TOKEN, ACTING]),
    by_federation: ("federated", SYNC, [STS, ACTING]),
    by_machine: ("machine", ACCOUNT, []),
    by_key: ("key", ACCOUNT, [TOKEN]),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_in(world: World, way: Callable[[World], None], logs: list[str]) -> None:  # noqa: F811
    """Signed in, with the scope of Sheets and no other, and nothing secret in the logs."""
    who, account, tokens = WAYS[way]
    way(world)
    with world.open() as book:
        assert book.metadata()["spreadsheetId"] == world.google.server.spreadsheet_id
        assert book.account == account
        assert book.requests == 1
    assert world.asked() == [*tokens, f"sheets.googleapis.com/v4/spreadsheets/{world.google.server.spreadsheet_id}"]
    scoped = world.beside.seen if who == "machine" else world.google.network.seen
    asked = " ".join(f"{seen.path} {seen.body.decode()}" for seen in scoped)
    assert ("googleapis.com%2Fauth%2Fspreadsheets" in asked or SHEETS in asked) == (who not in ("user", "key"))
    assert world.google.network.seen[-1].headers.get("x-goog-user-project") == ("mine" if who == "user" else None)
    everything = "\n".join([*logs, repr(book)])
    assert "/v4/spreadsheets/" in everything
    assert [secret for secret in (world.token, "the-secret", "BEGIN PRIVATE") if secret in everything] == []


def test_the_kinds_are_those_of_the_libraries(world: World) -> None:
    for way, (who, *_) in WAYS.items():
        world.environment.delenv(CREDENTIALS, raising=False)
        (world.folder / "gcloud/application_default_credentials.json").unlink(missing_ok=True)
        world.beside.faults.clear()
        way(world)
        assert kind(ambient()) == who


def refusal(act: Callable[[], object]) -> str:
    """What is said where nobody is let in."""
    with pytest.raises(AccessError) as raised:
        act()
    assert raised.value.exit_code == 3
    return str(raised.value)


def test_nobody_signed_in(world: World) -> None:
    assert refusal(world.open) == (
        "there are no Application Default Credentials on this machine\n"
        "Sign in with `gcloud auth application-default login --impersonate-service-account=ADDRESS`, name a file in"
        " GOOGLE_APPLICATION_CREDENTIALS, or use a key file with --credentials (docs/signing-in.md)."
    )
    assert [seen.path for seen in world.beside.seen] == ["/"]


ANEW = "Sign in with gcloud once more, or correct GOOGLE_APPLICATION_CREDENTIALS; docs/signing-in.md says which."


def test_the_environment_names_what_is_no_sign_in(world: World) -> None:
    missing = world.folder / "gone.json"
    world.environment.setenv(CREDENTIALS, str(missing))
    assert refusal(ambient) == f"{CREDENTIALS}={missing}: there is no credentials file here\n{ANEW}"
    path = world.named({"installed": {}})
    assert refusal(ambient).startswith(f"{CREDENTIALS}={path}: this is an OAuth client's file, not a key\n")
    for info in ({"type": "gdch_service_account"}, {"type": "authorized_user"}, {"type": 7}):
        world.named(info)
        assert refusal(ambient) == f"{CREDENTIALS}={path}: the key in this file can't be used\n{ANEW}"
    world.named({**USER, "token_uri": "https://example.com/token"})
    assert refusal(ambient).startswith(f"{CREDENTIALS}={path}: the token_uri in this key is not at Google, ")


def test_a_key_in_place_of_its_name_is_not_repeated(world: World, logs: list[str]) -> None:  # noqa: F811
    """As happens in jobs: the secret itself is handed over, not a file's name."""
    key = world.google.credentials.read_text()
    encoded = "eyJ0eXBlIjogInNlcnZpY2VfYWNjb3VudCIsIC" * 90
    said = (
        "this is a key, where the name of its file belongs\n"
        "Save the key as a file that only you can read, and give the name of that (docs/signing-in.md)."
    )
    for content in (key, f" {key}", encoded):
        world.environment.setenv(CREDENTIALS, content)
        assert refusal(ambient) == f"{CREDENTIALS}: {said}"
        place = Place("google", key="k" * 44, base="https://docs.google.com")
        assert refusal(lambda: Workbook.at(place, content)) == f"--credentials: {said}"  # noqa: B023 - called at once
    assert not [line for line in logs if "private_key" in line or encoded in line]


def test_the_environment_is_heeded_by_default_credentials_alone(world: World) -> None:
    by_key(world)
    place = Place("google", key="k" * 44, base="https://docs.google.com")
    assert refusal(lambda: Workbook.at(place, "credentials.json")) == (
        "credentials.json: there is no credentials file here\n"
        "Save the service account's JSON key under this name, or name another with --credentials (README, Google"
        " set-up, step 4). Signed in with gcloud, or in a job without a key? --credentials default"
        " (docs/signing-in.md)."
    )
    assert refusal(lambda: Workbook.at(place, "./default")).startswith("default: there is no credentials file here\n")
    assert refusal(lambda: Workbook.at(place, "~nobody-here/key.json")) == (
        "~nobody-here/key.json: the home directory in this name is unknown\nWrite the whole path."
    )


def test_a_sign_in_at_google_stays_there(world: World) -> None:
    by_user(world)
    place = Place("loopback", key="k" * 44, base=world.beside.url)
    assert refusal(lambda: Workbook.at(place, "default")) == (
        f"{world.beside.url}: a sign-in at Google is not sent to a local server\n"
        "Name the file that `sheetsync serve --credentials-out` wrote with --credentials."
    )
    assert world.beside.seen == world.google.network.seen == []


def test_an_address_that_nobody_knows_yet(world: World) -> None:
    world.machine()
    assert email(ambient()) == ""
    world.gcloud({**USER, "account": ""})
    assert email(ambient()) == ""


def as_user(*faults: Fault) -> Callable[[World], None]:
    """A person, whom the Sheets API answers so."""

    def done(world: World) -> None:
        world.gcloud(USER)
        world.google.network.token_faults.extend([world.gives()] * 3)
        world.google.network.faults.extend(faults)

    return done


def as_user_without_token(status: int, error: dict[str, Any]) -> Callable[[World], None]:
    """A person, who gets no token."""

    def done(world: World) -> None:
        world.gcloud(USER)
        world.google.network.token_faults.extend([says(status, error)] * 9)

    return done


def as_acting(info: dict[str, Any], *faults: Fault) -> Callable[[World], None]:
    """A person or a job that acts as a service account; Google answers so."""

    def done(world: World) -> None:
        if info is IMPERSONATED:
            world.gcloud(info)
            world.google.network.token_faults.append(says(200, STS_TOKEN))
        else:
            world.job(info)
        world.google.network.faults.extend(faults)

    return done


def as_machine(*answers: Fault, sheets: tuple[Fault, ...] = ()) -> Callable[[World], None]:
    """A machine at Google, whose metadata server answers so."""

    def done(world: World) -> None:
        world.machine(*answers)
        world.google.network.faults.extend(sheets)

    return done


def denied(message: str) -> Fault:
    """403 of Google's."""
    return fails(403, "PERMISSION_DENIED", message)


QUOTA = (
    "Your application is authenticating by using local Application Default Credentials. The sheets.googleapis.com API"
    " requires a quota project, which is not set by default."
)
OF_GCLOUD = "Google Sheets API has not been used in project 764086051850 before or it is disabled."
NO_PROJECT = "Caller does not have required permission to use project mine. Grant the caller the role."
ACT_OFF = "IAM Service Account Credentials API has not been used in project 1 before or it is disabled. Visit https://x"
NO_ACT = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
SCOPES_LACK = "Request had insufficient authentication scopes."
NOT_SHARED = "The caller does not have permission"
SET_QUOTA = "`gcloud auth application-default set-quota-project PROJECT`"
JOB = f"See that provider, condition and service account are those of this job {PAGE}"
DIRECT = {name: value for name, value in FEDERATED.items() if name != "service_account_impersonation_url"}
UNSHARED = "this spreadsheet is not shared with the account that syncs\n"
NO_PROJECT_NAMED = (
    "this sign-in names no project in which Google may count requests\n"
    f"Name one where the Google Sheets API is on: {SET_QUOTA} {PAGE}"
)
RAPT = {"error": "invalid_grant", "error_subtype": "invalid_rapt", "error_description": "reauth related error"}
CONDITION = {"error": "unauthorized_client", "error_description": "The given credential is rejected by the condition."}
NO_TOKENS = (
    "signing in failed: Google does not give tokens just now\nNothing was changed: run the command again in a minute."
)
FOUND = says(200, {"email": ACCOUNT, "scopes": []})
LACKING: dict[str, tuple[Callable[[World], None], type[SheetsyncError], str]] = {
    "reauth": (
        as_user_without_token(400, RAPT),
        AccessError,
        f"signing in failed: Google asks to sign in again\nSign in once more: {LOGIN} {PAGE}",
    ),
    "expired": (
        as_user_without_token(400, {"error": "invalid_grant", "error_description": "Token has been expired."}),
        AccessError,
        f"signing in failed: this sign-in has expired or was revoked\nSign in once more: {LOGIN} {PAGE}",
    ),
    "client gone": (
        as_user_without_token(401, {"error": "deleted_client", "error_description": "The OAuth client was deleted."}),
        AccessError,
        f"signing in failed (RefreshError)\nSign in once more: {LOGIN} {PAGE}",
    ),
    "no quota project": (as_user(denied(QUOTA)), AccessError, NO_PROJECT_NAMED),
    "gcloud's project": (as_user(denied(OF_GCLOUD)), AccessError, NO_PROJECT_NAMED),
    "another's project": (
        as_user(denied(NO_PROJECT)),
        AccessError,
        f"this sign-in may not use the project in which requests are counted: {NO_PROJECT}\n"
        f"Get the role Service Usage Consumer there, or name another project: {SET_QUOTA} {PAGE}",
    ),
    "a person's scopes": (
        as_user(denied(SCOPES_LACK)),
        AccessError,
        f"this sign-in may not use Google Sheets\nSign in with the scope of Sheets: {LOGIN} {PAGE}",
    ),
    "a person's 401": (
        as_user(*[fails(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")] * 3),
        AccessError,
        f"Google did not accept the sign-in\nSign in once more: {LOGIN} {PAGE}",
    ),
    "not shared with a person": (
        as_user(denied(NOT_SHARED)),
        AccessError,
        f"{UNSHARED}Open it, press Share, and add the Google account you signed in with as an editor.",
    ),
    "not shared with whom one acts as": (
        as_acting(
            FEDERATED,
            says(200, STS_TOKEN),
            says(200, {"accessToken": "t", "expireTime": "2099-01-01T00:00:00Z"}),
            denied(NOT_SHARED),
        ),
        AccessError,
        f"{UNSHARED}Open it, press Share, and add {SYNC} as an editor.",
    ),
    "may not act": (
        as_acting(IMPERSONATED, denied(NO_ACT)),
        AccessError,
        f"signing in failed: this sign-in may not act as {SYNC}\n"
        f"Give the account you signed in with the role Service Account Token Creator on it {PAGE}",
    ),
    "a job may not act": (
        as_acting(FEDERATED, says(200, STS_TOKEN), denied(NO_ACT)),
        AccessError,
        f"signing in failed: this sign-in may not act as {SYNC}\n"
        f"Give the identity of this job the role Workload Identity User on it {PAGE}",
    ),
    "acting is off": (
        as_acting(IMPERSONATED, denied(ACT_OFF)),
        AccessError,
        f"the IAM Service Account Credentials API is off: {ACT_OFF}\n"
        "Open that address, press Enable, wait a minute, and run the command again.",
    ),
    "nobody to act as": (
        as_acting(IMPERSONATED, fails(404, "NOT_FOUND", "Not found; Gaia id not found for email x")),
        AccessError,
        f"signing in failed: there is no service account {SYNC}\n"
        f"Correct the address, or make the service account again {PAGE}",
    ),
    "acting refused otherwise": (
        as_acting(IMPERSONATED, fails(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")),
        AccessError,
        f"signing in failed: acting as {SYNC} was refused: Request contains an invalid argument.\n"
        f"Sign in once more: `gcloud auth application-default login --impersonate-service-account={SYNC}` {PAGE}",
    ),
    "acting is down": (as_acting(IMPERSONATED, *[fails(503, "UNAVAILABLE", "Down.")] * 9), ServiceError, NO_TOKENS),
    "acting is answered by somebody else": (as_acting(IMPERSONATED, says(400, {"odd": "x"})), ServiceError, NO_TOKENS),
    "a condition": (
        as_acting(FEDERATED, says(400, CONDITION)),
        AccessError,
        f"signing in failed: Error code unauthorized_client: The given credential is rejected by the condition.\n{JOB}",
    ),
    "an issuer": (
        as_acting(FEDERATED, says(400, {"error": "invalid_grant", "error_description": "The issuer is another."})),
        AccessError,
        f"signing in failed: Google does not accept the identity of this job\n{JOB}",
    ),
    "an identity alone": (
        as_acting(DIRECT, says(200, STS_TOKEN), denied(NOT_SHARED)),
        AccessError,
        f"{UNSHARED}A job's own identity has no address to share with: let it act as a service account {PAGE}",
    ),
    "a machine's scopes": (
        as_machine(sheets=(denied(SCOPES_LACK),)),
        AccessError,
        f"this sign-in may not use Google Sheets\nGive this machine the scope {SHEETS}, or sign in another way {PAGE}",
    ),
    "not shared with a machine": (
        as_machine(sheets=(denied(NOT_SHARED),)),
        AccessError,
        f"{UNSHARED}Open it, press Share, and add {ACCOUNT} as an editor.",
    ),
    "a machine without account": (
        as_machine(says(404, "not found")),
        AccessError,
        "signing in failed: no service account is attached to this machine or job\n"
        f"Attach one, or sign in another way {PAGE}",
    ),
    "metadata refused": (as_machine(FOUND, says(403, "no")), ServiceError, NO_TOKENS),
    "acting broke off": (
        as_acting(IMPERSONATED, *[reset_after] * 9),
        ServiceError,
        "no connection (ProxyError)\nIs this machine on-line? Nothing was changed: run the command again.",
    ),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_is_said_where_something_lacks(world: World, name: str, logs: list[str]) -> None:  # noqa: F811
    arrange, error, said = LACKING[name]
    arrange(world)
    with world.open(Limits(deadline=0.01, sign_in=0.01)) as book:
        with pytest.raises(SheetsyncError) as raised:
            book.apply([])
        assert type(raised.value) is error
        assert raised.value.exit_code == {AccessError: 3, ServiceError: 4}[error]
        assert str(raised.value) == f"{world.where}: {said}"
    everything = "\n".join([*logs, repr(raised.value.__cause__)])
    assert [secret for secret in (world.token, "the-secret") if secret in everything] == []


PAGE_TEXT = (Path(__file__).parent.parent.parent / "docs/signing-in.md").read_text("utf-8")


def shown(language: str) -> list[str]:
    """What the page shows in one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE_TEXT, re.DOTALL)


def test_the_page_s_weekly_runs_are_runs_of_ours() -> None:
    """cron, systemd, Windows, GitHub: each starts a command that there is; the job may prove who it is."""
    workflow = yaml.safe_load(shown("yaml")[1])
    service, timer = (configparser.ConfigParser(interpolation=None, strict=False) for _ in range(2))
    service.optionxform = timer.optionxform = str  # type: ignore[assignment, method-assign]  # as its documents say
    service.read_string(shown("ini")[0])
    timer.read_string(shown("ini")[1])
    steps = workflow["jobs"]["sync"]["steps"]
    lines = [step["run"] for step in steps if "run" in step] + [service["Service"]["ExecStart"]]
    lines += [line for block in (*shown("text"), *shown("bat")) for line in block.splitlines()]
    runs = [found[1].split() for line in lines if (found := re.search(r"sheetsync(?:\.exe)? (sync [^>&\"]*)", line))]
    assert [refused for run in runs if (refused := misuse(run))] == []
    assert sorted(" ".join(run[:3]) for run in runs) == ["sync --period last"] * 4
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    used = [step["uses"].partition("@")[0] for step in steps if "uses" in step]
    assert used.index("actions/checkout") < used.index("google-github-actions/auth")
    assert steps[-1]["run"].endswith(" --credentials default")
    assert timer["Timer"]["OnCalendar"] == "Mon *-*-* 07:00"
    task = re.search(r'/TR "(.*)"', shown("bat")[0])
    assert task is not None
    assert len(task[1]) <= 261


def test_what_errors_tell_people_to_type_is_on_the_page(world: World) -> None:
    joined = re.sub(r"\s*\\\n\s*", " ", PAGE_TEXT)
    for command in (LOGIN.strip("`"), SET_QUOTA.strip("`")):
        assert command in joined
    assert "gcloud auth application-default login --impersonate-service-account=" in refusal(world.open)
    assert "gcloud auth application-default login --impersonate-service-account=" in joined
