"""Service accounts, the token endpoint and tokens: real google-auth signs, and forgers try."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.auth import crypt, jwt
from google.oauth2 import service_account
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local.access import (
    ACCOUNT,
    JWT_BEARER,
    Accounts,
    DeniedError,
    GrantError,
    Method,
    find_method,
    is_loopback,
)
from sheetsync.local.app import Workbooks

SHEETS = "https://www.googleapis.com/auth/spreadsheets"
READONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
BASE = "http://127.0.0.1:8080"
LIFETIME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbooks]:
    opened = Workbooks.open(tmp_path_factory.mktemp("workbook") / "department.sheet")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def accounts(workbooks: Workbooks) -> Accounts:
    return Accounts(workbooks)


@pytest.fixture(scope="module")
def credentials(accounts: Accounts, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of a service-account file of the workbook: an RSA key takes its time, so all tests share it."""
    target = tmp_path_factory.mktemp("credentials") / "credentials.json"
    accounts.write_service_account(target, BASE)
    return target.read_text("utf-8")


@pytest.fixture(scope="module")
def key(credentials: str) -> dict[str, str]:
    read: dict[str, str] = json.loads(credentials)
    return read


@pytest.fixture(scope="module")
def foreign_key() -> str:
    """A private key that the workbook does not know."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _read(path: Path) -> dict[str, str]:
    read: dict[str, str] = json.loads(path.read_text("utf-8"))
    return read


def _claims(key: dict[str, str], **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"iss": key["client_email"], "aud": f"{BASE}/token", "scope": SHEETS, "iat": now, "exp": now + 3600}
    return {name: value for name, value in (claims | changed).items() if value is not None}


def _form(key: dict[str, str], **changed: Any) -> dict[str, str]:
    signer = crypt.RSASigner.from_service_account_info(key)
    return {"grant_type": JWT_BEARER, "assertion": jwt.encode(signer, _claims(key, **changed)).decode()}


def _refusal(accounts: Accounts, form: dict[str, str]) -> tuple[int, str, str]:
    with pytest.raises(GrantError) as caught:
        accounts.grant(form)
    return caught.value.status, caught.value.error, caught.value.description


def _method(verb: str, path: str) -> Method:
    method = find_method(verb, path)
    assert method is not None
    return method


GET = _method("GET", "/v4/spreadsheets/ID")
BATCH = _method("POST", "/v4/spreadsheets/ID:batchUpdate")
LIST = _method("GET", "/drive/v3/files")


class TestServiceAccountFile:
    def test_has_what_google_auth_needs(self, key: dict[str, str]) -> None:
        assert key["type"] == "service_account"
        assert key["client_email"] == ACCOUNT == "sheetsync-local@local-workbook.iam.gserviceaccount.com"
        assert key["token_uri"] == f"{BASE}/token"
        assert key["universe_domain"] == "googleapis.com"
        assert service_account.Credentials.from_service_account_info(key).service_account_email == ACCOUNT

    def test_is_readable_by_its_owner_only(self, accounts: Accounts, tmp_path: Path) -> None:
        target = tmp_path / "new" / "credentials.json"
        accounts.write_service_account(target, BASE)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        target.chmod(0o666)
        accounts.write_service_account(target, BASE)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        assert [path.name for path in target.parent.iterdir()] == ["credentials.json"]

    def test_keeps_a_known_key_and_renews_the_address(
        self, accounts: Accounts, credentials: str, key: dict[str, str], tmp_path: Path
    ) -> None:
        (tmp_path / "credentials.json").write_text(credentials)
        accounts.write_service_account(tmp_path / "credentials.json", "http://127.0.0.1:9")
        assert _read(tmp_path / "credentials.json") == key | {"token_uri": "http://127.0.0.1:9/token"}

    def test_gets_a_new_key_where_the_private_half_is_not_the_known_one(
        self, accounts: Accounts, key: dict[str, str], foreign_key: str, tmp_path: Path
    ) -> None:
        mixed = key | {"private_key": foreign_key}
        (tmp_path / "credentials.json").write_text(json.dumps(mixed))
        accounts.write_service_account(tmp_path / "credentials.json", BASE)
        written = _read(tmp_path / "credentials.json")
        assert written["private_key_id"] != key["private_key_id"]
        assert written["private_key"] not in (key["private_key"], foreign_key)

    def test_replaces_an_empty_file(self, accounts: Accounts, tmp_path: Path) -> None:
        (tmp_path / "empty.json").touch()
        accounts.write_service_account(tmp_path / "empty.json", BASE)
        assert _read(tmp_path / "empty.json")["client_email"] == ACCOUNT

    @pytest.mark.parametrize("text", ['{"project_id": "sales-1234"}', "notes", "[]", "\ud83d"], ids=repr)
    def test_leaves_other_files_alone(self, accounts: Accounts, tmp_path: Path, text: str) -> None:
        target = tmp_path / "google.json"
        content = text.encode("utf-8", "surrogatepass")
        target.write_bytes(content)
        with pytest.raises(FileExistsError) as caught:
            accounts.write_service_account(target, BASE)
        assert str(caught.value) == f"{target} is not the credentials file of a local workbook; it is left as it is"
        assert target.read_bytes() == content

    def test_private_key_is_not_in_the_workbook(self, workbooks: Workbooks, key: dict[str, str]) -> None:
        line = key["private_key"].splitlines()[3].encode()
        files = list(workbooks.store.path.parent.iterdir())
        assert files
        assert not any(line in path.read_bytes() for path in files)


class TestGrant:
    def test_google_auth_s_own_assertion_is_granted(self, accounts: Accounts, key: dict[str, str]) -> None:
        signed = service_account.Credentials.from_service_account_info(key, scopes=[SHEETS])
        assertion = signed._make_authorization_grant_assertion().decode()
        granted = accounts.grant({"grant_type": JWT_BEARER, "assertion": assertion})
        assert {name: granted[name] for name in ("expires_in", "token_type")} == {
            "expires_in": 3599,
            "token_type": "Bearer",
        }
        caller = accounts.caller(f"Bearer {granted['access_token']}", BATCH)
        assert (caller.email, caller.scopes) == (ACCOUNT, frozenset({SHEETS}))

    @pytest.mark.parametrize(
        "audience",
        [
            "http://localhost:1/token",
            "http://[::1]:65535/token",
            "http://127.0.0.1/token",
            "https://oauth2.googleapis.com/token",
        ],
    )
    def test_any_loopback_form_of_the_audience_will_do(
        self, accounts: Accounts, key: dict[str, str], audience: str
    ) -> None:
        assert accounts.grant(_form(key, aud=audience))["token_type"] == "Bearer"

    @pytest.mark.parametrize(
        "audience",
        ["http://evil.example/token", "https://127.0.0.1/token", "http://127.0.0.1:80/other", "http://[", 7, None],
    )
    def test_another_audience_is_refused(self, accounts: Accounts, key: dict[str, str], audience: object) -> None:
        refusal = _refusal(accounts, _form(key, aud=audience))
        assert refusal == (
            400,
            "invalid_grant",
            "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token",
        )

    def test_a_forged_signature_is_refused(self, accounts: Accounts, key: dict[str, str], foreign_key: str) -> None:
        forged = key | {"private_key": foreign_key}
        assert _refusal(accounts, _form(forged)) == (400, "invalid_grant", "Invalid JWT Signature.")

    def test_an_unknown_key_id_is_refused(self, accounts: Accounts, key: dict[str, str]) -> None:
        unknown = key | {"private_key_id": "0" * 40}
        assert _refusal(accounts, _form(unknown)) == (400, "invalid_grant", "Invalid JWT Signature.")

    def test_no_key_id_means_any_key_of_the_account(
        self, accounts: Accounts, key: dict[str, str], foreign_key: str
    ) -> None:
        for private, grants in ((key["private_key"], True), (foreign_key, False)):
            signer = crypt.RSASigner.from_string(private)
            assert signer.key_id is None
            form = {"grant_type": JWT_BEARER, "assertion": jwt.encode(signer, _claims(key)).decode()}
            if grants:
                assert accounts.grant(form)["token_type"] == "Bearer"
            else:
                assert _refusal(accounts, form) == (400, "invalid_grant", "Invalid JWT Signature.")

    @pytest.mark.parametrize("algorithm", ["none", "HS256", None])
    def test_another_algorithm_is_refused(self, accounts: Accounts, key: dict[str, str], algorithm: str | None) -> None:
        signer = crypt.RSASigner.from_service_account_info(key)
        assertion = jwt.encode(signer, _claims(key), header={"alg": algorithm}).decode()
        refusal = _refusal(accounts, {"grant_type": JWT_BEARER, "assertion": assertion})
        assert refusal == (400, "invalid_grant", "Invalid JWT Signature.")

    def test_an_unknown_account_is_refused(self, accounts: Accounts, key: dict[str, str]) -> None:
        refusal = _refusal(accounts, _form(key, iss="robot@elsewhere.iam.gserviceaccount.com"))
        assert refusal == (400, "invalid_grant", "Invalid grant: account not found")

    @pytest.mark.parametrize(
        ("issued", "expires"),
        [(-7200, -3600), (-3600, -1), (600, 3600), (0, 7200), (0, 0), (-10, None), (None, 3600), ("now", "later")],
    )
    def test_the_times_must_be_reasonable(
        self, accounts: Accounts, key: dict[str, str], issued: Any, expires: Any
    ) -> None:
        now = int(time.time())
        times = [value if value is None or isinstance(value, str) else now + value for value in (issued, expires)]
        assert _refusal(accounts, _form(key, iat=times[0], exp=times[1])) == (400, "invalid_grant", LIFETIME)

    @pytest.mark.parametrize(
        ("scope", "words"),
        [
            (None, "Empty or missing scope not allowed."),
            (" ", "Empty or missing scope not allowed."),
            ("spreadsheets", "Invalid OAuth scope or ID token audience provided."),
        ],
    )
    def test_a_scope_is_needed(self, accounts: Accounts, key: dict[str, str], scope: str | None, words: str) -> None:
        assert _refusal(accounts, _form(key, scope=scope)) == (400, "invalid_scope", words)

    def test_nobody_is_impersonated(self, accounts: Accounts, key: dict[str, str]) -> None:
        status, error, _ = _refusal(accounts, _form(key, sub="boss@example.com"))
        assert (status, error) == (401, "unauthorized_client")
        assert accounts.grant(_form(key, sub=ACCOUNT))

    def test_other_grants_are_refused(self, accounts: Accounts) -> None:
        refusal = _refusal(accounts, {"grant_type": "password"})
        assert refusal == (400, "unsupported_grant_type", "Invalid grant_type: password")

    @given(
        st.text(max_size=80) | st.lists(st.sampled_from(["e30", "W10", "", "!", "bnVsbA"]), max_size=4).map(".".join)
    )
    def test_no_text_is_more_than_refused(self, accounts: Accounts, assertion: str) -> None:
        assert _refusal(accounts, {"grant_type": JWT_BEARER, "assertion": assertion})[:2] == (400, "invalid_grant")


class TestTokens:
    def _token(self, accounts: Accounts, key: dict[str, str], scope: str = SHEETS) -> str:
        return f"Bearer {accounts.grant(_form(key, scope=scope))['access_token']}"

    @pytest.mark.parametrize("header", [None, ""])
    def test_none_is_401(self, accounts: Accounts, header: str | None) -> None:
        with pytest.raises(DeniedError) as caught:
            accounts.caller(header, GET)
        assert caught.value.code == 401
        assert caught.value.challenge == 'Bearer realm="https://accounts.google.com/"'
        assert caught.value.body()["error"] == {
            "code": 401,
            "message": "Request is missing required authentication credential. Expected OAuth 2 access token, "
            "login cookie or other valid authentication credential. "
            "See https://developers.google.com/identity/sign-in/web/devconsole-project.",
            "status": "UNAUTHENTICATED",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "CREDENTIALS_MISSING",
                    "domain": "googleapis.com",
                    "metadata": {
                        "service": "sheets.googleapis.com",
                        "method": "google.apps.sheets.v4.SpreadsheetsService.GetSpreadsheet",
                    },
                }
            ],
        }

    @pytest.mark.parametrize("header", ["Bearer nonsense", "Basic dTpw", "Bearer", "Bearer é\ud83d"])
    def test_a_wrong_one_is_401(self, accounts: Accounts, header: str) -> None:
        with pytest.raises(DeniedError) as caught:
            accounts.caller(header, LIST)
        error = caught.value.body()["error"]
        assert (error["code"], error["status"]) == (401, "UNAUTHENTICATED")
        assert error["message"].startswith(
            "Request had invalid authentication credentials. Expected OAuth 2 access token,"
        )
        assert error["errors"][0]["reason"] == "authError"
        assert caught.value.challenge == 'Bearer realm="https://accounts.google.com/", error="invalid_token"'

    def test_one_lasts_an_hour(self, accounts: Accounts, key: dict[str, str]) -> None:
        start = time.time()
        with time_machine.travel(start, tick=False) as clock:
            token = self._token(accounts, key)
            clock.shift(3599)
            assert accounts.caller(token, GET).email == ACCOUNT
            clock.shift(1)
            with pytest.raises(DeniedError):
                accounts.caller(token, GET)

    def test_reading_needs_less_than_writing(self, accounts: Accounts, key: dict[str, str]) -> None:
        token = self._token(accounts, key, READONLY)
        assert accounts.caller(token, GET)
        with pytest.raises(DeniedError) as caught:
            accounts.caller(token, BATCH)
        error = caught.value.body()["error"]
        assert (error["code"], error["status"]) == (403, "PERMISSION_DENIED")
        assert error["message"] == "Request had insufficient authentication scopes."
        assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        assert error["details"][0]["metadata"]["method"].endswith(".BatchUpdateSpreadsheet")
        assert 'error="insufficient_scope", scope="' in caught.value.challenge

    @pytest.mark.parametrize("scope", ["drive", "drive.file", "spreadsheets"])
    def test_any_scope_that_sheets_takes_will_do(self, accounts: Accounts, key: dict[str, str], scope: str) -> None:
        assert accounts.caller(self._token(accounts, key, f"https://www.googleapis.com/auth/{scope}"), BATCH)

    def test_drive_takes_no_scope_of_sheets(self, accounts: Accounts, key: dict[str, str]) -> None:
        with pytest.raises(DeniedError) as caught:
            accounts.caller(self._token(accounts, key), LIST)
        error = caught.value.body()["error"]
        assert error["errors"] == [
            {"message": "Insufficient Permission", "reason": "insufficientPermissions", "domain": "global"}
        ]
        assert error["details"][0]["metadata"]["method"] == "google.apps.drive.v3.DriveFiles.List"


@pytest.mark.parametrize(
    ("verb", "path", "name"),
    [
        ("GET", "/v4/spreadsheets/ID", "sheets.spreadsheets.get"),
        ("POST", "/v4/spreadsheets", "sheets.spreadsheets.create"),
        ("POST", "/v4/spreadsheets/ID:batchUpdate", "sheets.spreadsheets.batchUpdate"),
        ("GET", "/v4/spreadsheets/ID/values:batchGet", "sheets.spreadsheets.values.batchGet"),
        ("GET", "/v4/spreadsheets/ID/values/'a/b:c'!A1:B2", "sheets.spreadsheets.values.get"),
        ("PUT", "/v4/spreadsheets/ID/values/A\n1", "sheets.spreadsheets.values.update"),
        ("POST", "/v4/spreadsheets/ID/values/A1:B2:append", "sheets.spreadsheets.values.append"),
        ("POST", "/v4/spreadsheets/ID/sheets/0:copyTo", "sheets.spreadsheets.sheets.copyTo"),
        ("PATCH", "/drive/v3/files/ID/permissions/7", "drive.permissions.update"),
        ("GET", "/drive/v3/files/ID/export", "drive.files.export"),
    ],
)
def test_methods_are_known_by_their_paths(verb: str, path: str, name: str) -> None:
    assert _method(verb, path).id == name


@pytest.mark.parametrize(
    ("verb", "path"), [("DELETE", "/v4/spreadsheets/ID"), ("GET", "/v4/"), ("GET", "/v3/spreadsheets/ID")]
)
def test_other_paths_are_no_methods(verb: str, path: str) -> None:
    assert find_method(verb, path) is None


@pytest.mark.parametrize("netloc", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:1"])
def test_loopback_names(netloc: str) -> None:
    assert is_loopback(netloc)


@pytest.mark.parametrize(
    "netloc",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:80",
        "127.0.0.1:80@evil.example",
        "127.0.0.1:x",
        "127.0.0.1:١",
        "192.168.0.1",
        "localhost:",
        "::1",
    ],
)
def test_other_names(netloc: str) -> None:
    assert not is_loopback(netloc)
