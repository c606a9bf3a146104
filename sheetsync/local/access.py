"""Who may call the local workbook: service accounts, their keys, and the tokens that google-auth fetches for them.

A service-account file is written for a client and read by google-auth unchanged; only its public half is kept in the
workbook's SQLite file (table `account_key`), so the file works after a restart and on any port. `Accounts.grant` is the
token endpoint: OAuth 2.0 JWT bearer grant (RFC 7523) with Google's words. Tokens live in memory, for an hour.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import json
import math
import os
import re
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from sheetsync.local.app import Workbooks
from sheetsync.local.discovery import path_pattern
from sheetsync.local.errors import ApiError

PROJECT = "local-workbook"
ACCOUNT = f"sheetsync-local@{PROJECT}.iam.gserviceaccount.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS = 3600
CLOCK_SKEW_SECONDS = 10
TOKENS_KEPT = 10_000
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})

EXPORT_PATH = re.compile(r"/spreadsheets/d/[\w-]+/export")
"""Where docs.google.com gives out files: in no discovery document, and yet what some clients download from."""

# Drive v2 is answered where gspread and its like still upload to it.
_OLD_UPLOADS = {"drive.files.insert": "drive.v2.files.insert", "drive.files.update": "drive.v2.files.update"}
_AUTH = "https://www.googleapis.com/auth/"
_FEEDS = "https://spreadsheets.google.com/feeds"  # older than v4, and still in many people's code
# google-auth names this audience whatever the file's token_uri says; other clients name the token_uri itself.
_GOOGLE_AUDIENCES = frozenset({"https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token"})
_LIFETIME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
_EXPECTED = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_REALM = 'Bearer realm="https://accounts.google.com/"'
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS account_key (
    key_id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    public_key BLOB NOT NULL
) STRICT
"""

Service = Literal["sheets", "drive"]


@dataclass(frozen=True)
class Caller:
    """An authenticated account and the scopes of its token (full addresses)."""

    email: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Method:
    """A method of Google's discovery documents: `id` as `sheets.spreadsheets.get`; any one of `scopes` is enough."""

    id: str
    service: Service
    scopes: frozenset[str]

    @property
    def rpc(self) -> str:
        """The name that Google's error details give the method, as `google.apps.drive.v3.DriveFiles.List`."""
        *_, resource, verb = self.id.split(".")
        verb = verb[0].upper() + verb[1:]
        if self.service == "drive":
            return f"google.apps.drive.v3.Drive{resource.capitalize()}.{verb}"
        noun = {"spreadsheets": "Spreadsheet", "values": "Values"}.get(resource, resource[0].upper() + resource[1:])
        return f"google.apps.sheets.v4.SpreadsheetsService.{verb}{noun}"


class DeniedError(ApiError):
    """An answer to a caller who may not call; `challenge` is its `WWW-Authenticate` header."""

    def __init__(self, denial: _Denial, method: Method) -> None:
        metadata = {"service": f"{method.service}.googleapis.com", "method": method.rpc}
        info = {"@type": _ERROR_INFO, "reason": denial.reason, "domain": "googleapis.com", "metadata": metadata}
        super().__init__(denial.code, denial.status, denial.message, [info])
        scope = f', scope="{" ".join(sorted(method.scopes))}"' if denial.code == 403 else ""
        self.challenge = f"{_REALM}{denial.challenge}{scope}"
        self._errors = [dict(denial.drive)] if method.service == "drive" else []

    def body(self) -> dict[str, Any]:
        """The JSON body; Drive's has a list of errors in its older shape as well."""
        body = super().body()
        if self._errors:
            body["error"]["errors"] = self._errors
        return body


@dataclass(frozen=True)
class _Denial:
    """Google's words for one way of not being let in; `drive` is what Drive says beside them."""

    code: int
    status: str
    message: str
    reason: str
    challenge: str
    drive: Mapping[str, str]


_HEADER = {"domain": "global", "location": "Authorization", "locationType": "header"}
_MISSING = _Denial(
    401,
    "UNAUTHENTICATED",
    f"Request is missing required authentication credential. {_EXPECTED}",
    "CREDENTIALS_MISSING",
    "",
    {"message": "Login Required.", "reason": "required", **_HEADER},
)
_UNKNOWN = _Denial(
    401,
    "UNAUTHENTICATED",
    f"Request had invalid authentication credentials. {_EXPECTED}",
    "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    ', error="invalid_token"',
    {"message": "Invalid Credentials", "reason": "authError", **_HEADER},
)
_TOO_NARROW = _Denial(
    403,
    "PERMISSION_DENIED",
    "Request had insufficient authentication scopes.",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    ', error="insufficient_scope"',
    {"message": "Insufficient Permission", "reason": "insufficientPermissions", "domain": "global"},
)


class GrantError(Exception):
    """The token endpoint's refusal: OAuth's `error`, Google's `error_description`, and the HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description, self.status = error, description, status


class Accounts:
    """The service accounts of one workbook file, and the tokens given out since it was opened. Safe in threads."""

    def __init__(self, workbooks: Workbooks) -> None:
        self._store = workbooks.store
        self._lock = threading.Lock()
        self._tokens: dict[bytes, tuple[Caller, float]] = {}
        with self._store.writing() as db:
            db.execute(_SCHEMA)

    def write_service_account(self, target: Path, base_url: str) -> str:
        """Write a service-account file for the server at `base_url` (`http://127.0.0.1:PORT`); return its address.

        A file whose key this workbook knows keeps its key, and gets the new `token_uri`; an empty file, and another
        local workbook's, is replaced. Mode 0600; the file is whole at every moment. Raises FileExistsError where
        `target` is anything else, such as Google's own credentials, and OSError where it can't be written.
        """
        account = _service_account_in(target)
        if account is None or not self._holds_key_of(account):
            account = self._new_key()
        account["token_uri"] = f"{base_url}/token"
        _replace_private(target, json.dumps(account, indent=2) + "\n")
        return str(account["client_email"])

    def grant(self, form: Mapping[str, str]) -> dict[str, object]:
        """Answer a token request: `{"access_token", "expires_in" (seconds), "token_type"}`. Raises GrantError."""
        if form.get("grant_type") != JWT_BEARER:
            raise GrantError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = self._verified_claims(form.get("assertion", ""))
        _check_claims(claims, time.time())
        token = secrets.token_urlsafe(32)
        self._keep(token, Caller(str(claims["iss"]), _granted_scopes(claims.get("scope"))))
        return {"access_token": token, "expires_in": TOKEN_SECONDS - 1, "token_type": "Bearer"}

    def caller(self, authorization: str | None, method: Method) -> Caller:
        """Whose token the `Authorization` header of a call to `method` carries.

        Raises DeniedError: 401 without a token or with an unknown one, 403 where its scopes are too narrow.
        """
        if not authorization:
            raise DeniedError(_MISSING, method)
        scheme, _, token = authorization.partition(" ")
        caller = self._kept(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            raise DeniedError(_UNKNOWN, method)
        if not caller.scopes & method.scopes:
            raise DeniedError(_TOO_NARROW, method)
        return caller

    def _new_key(self) -> dict[str, object]:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        key_id = secrets.token_hex(20)
        with self._store.writing() as db:
            db.execute("INSERT INTO account_key VALUES (?, ?, ?)", (key_id, ACCOUNT, public))
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": key_id,
            "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "client_email": ACCOUNT,
            "client_id": str(int(hashlib.sha256(ACCOUNT.encode()).hexdigest(), 16))[:21],
            "token_uri": "",
            "universe_domain": "googleapis.com",
        }

    def _holds_key_of(self, account: Mapping[str, object]) -> bool:
        known = self._public_keys(str(account.get("client_email")), str(account.get("private_key_id")))
        public = next(iter(known), None)
        if public is None:
            return False
        with suppress(ValueError, TypeError, UnsupportedAlgorithm):
            private = load_pem_private_key(str(account.get("private_key")).encode(), password=None)
            return isinstance(private, rsa.RSAPrivateKey) and private.public_key() == public
        return False

    def _public_keys(self, email: str, key_id: object) -> list[rsa.RSAPublicKey]:
        """The account's key of that id; all of its keys where none is named, as Node's clients name none."""
        query = "SELECT public_key FROM account_key WHERE email = ? AND key_id = coalesce(?, key_id)"
        with self._store.reading() as db:
            rows = db.execute(query, (email, None if key_id is None else str(key_id))).fetchall()
        keys = [load_pem_public_key(text) for (text,) in rows]
        return [key for key in keys if isinstance(key, rsa.RSAPublicKey)]

    def knows(self, email: str) -> bool:
        """Whether the workbook holds a key of the account."""
        with self._store.reading() as db:
            return db.execute("SELECT 1 FROM account_key WHERE email = ?", (email,)).fetchone() is not None

    def _verified_claims(self, assertion: str) -> dict[str, Any]:
        header, claims, signed, signature = _parsed_jwt(assertion)
        email = claims.get("iss")
        if not isinstance(email, str) or not self.knows(email):
            raise GrantError("invalid_grant", "Invalid grant: account not found")
        keys = self._public_keys(email, header.get("kid")) if header.get("alg") == "RS256" else []
        if not any(_has_signed(key, signed, signature) for key in keys):
            raise GrantError("invalid_grant", "Invalid JWT Signature.")
        return claims

    def _keep(self, token: str, caller: Caller) -> None:
        now = time.time()
        with self._lock:
            self._tokens = {name: kept for name, kept in self._tokens.items() if kept[1] > now}
            while len(self._tokens) >= TOKENS_KEPT:
                self._tokens.pop(next(iter(self._tokens)))
            self._tokens[_digest(token)] = caller, now + TOKEN_SECONDS

    def _kept(self, token: str) -> Caller | None:
        """Tokens are looked up by digest, so that neither a dict's probing nor a comparison leaks a token's letters."""
        digest, now = _digest(token), time.time()
        with self._lock:
            kept = self._tokens.get(digest)
        return kept[0] if kept is not None and kept[1] > now else None


def _has_signed(key: rsa.RSAPublicKey, signed: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def find_method(verb: str, path: str) -> Method | None:
    """The Sheets v4 or Drive method that a verb and a percent-decoded path name, if any."""
    for pattern, known_verb, method in _methods():
        if known_verb == verb and pattern.fullmatch(path):
            return method
    return None


@functools.cache
def _methods() -> tuple[tuple[re.Pattern[str], str, Method], ...]:
    """Every method's path as a pattern, from Google's discovery documents; the more particular paths first."""
    services: tuple[tuple[Service, str], ...] = (("sheets", "sheets.v4.json"), ("drive", "drive.v3.json"))
    found: list[tuple[str, str, Method]] = []
    for service, name in services:
        document = discovery_document(name)
        for raw in _methods_below(document):
            scopes = frozenset(raw["scopes"]) | ({_FEEDS} if service == "sheets" else set())
            method = Method(raw["id"], service, scopes)
            found.append((f"/{document['servicePath']}{raw['path']}", raw["httpMethod"], method))
            found.extend(_uploads(raw, method, "PUT"))  # the content of a resumable upload
    for raw in discovery_document("drive.v2.json")["resources"]["files"]["methods"].values():
        if raw["id"] in _OLD_UPLOADS:
            method = Method(_OLD_UPLOADS[raw["id"]], "drive", frozenset(raw["scopes"]))
            found.extend(_uploads(raw, method))
    reading = next(method for _, _, method in found if method.id == "sheets.spreadsheets.get")
    scopes = reading.scopes | next(method for _, _, method in found if method.id == "drive.files.export").scopes
    found.append(("/spreadsheets/d/{fileId}/export", "GET", Method("docs.export", "drive", scopes)))
    found.sort(key=lambda entry: -len(re.sub(r"\{\w+\}", "", entry[0])))
    return tuple((path_pattern(path), verb, method) for path, verb, method in found)


def _uploads(raw: Mapping[str, Any], method: Method, *more: str) -> Iterator[tuple[str, str, Method]]:
    """The addresses that take the method's content."""
    if "mediaUpload" in raw:
        path = raw["mediaUpload"]["protocols"]["simple"]["path"]
        yield from ((path, verb, method) for verb in (raw["httpMethod"], *more))


def discovery_document(name: str) -> dict[str, Any]:
    """One of Google's discovery documents, as google-api-python-client ships it: `sheets.v4.json`, `drive.v3.json`."""
    folder = "googleapiclient/discovery_cache/documents"
    file = Path(str(distribution("google-api-python-client").locate_file(f"{folder}/{name}")))
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return document


def _methods_below(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    own = list(resource.get("methods", {}).values())
    return own + [method for below in resource.get("resources", {}).values() for method in _methods_below(below)]


def is_loopback(netloc: str) -> bool:
    """Whether `host` or `host:port` names this machine: `localhost`, `127.0.0.1` or `[::1]`, and no more than that."""
    host, colon, port = netloc.lower().rpartition(":")
    if not colon or netloc.endswith("]"):
        return netloc.lower() in LOOPBACK_HOSTS
    return host in LOOPBACK_HOSTS and port.isascii() and port.isdigit() and len(port) <= len("65535")


def _parsed_jwt(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """A JWT's header, claims, signed bytes and signature. Raises GrantError where it is no JWT."""
    parts = assertion.split(".")
    try:
        header, claims, signature = (_unpadded(part) for part in parts)
        parsed = json.loads(header), json.loads(claims)
    except (ValueError, RecursionError):
        raise GrantError("invalid_grant", "Bad Request") from None
    if not all(isinstance(part, dict) for part in parsed):
        raise GrantError("invalid_grant", "Bad Request")
    return parsed[0], parsed[1], ".".join(parts[:2]).encode(), signature


def _unpadded(part: str) -> bytes:
    try:
        return base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _check_claims(claims: Mapping[str, Any], now: float) -> None:
    issued, expires = _time(claims.get("iat")), _time(claims.get("exp"))
    timely = issued <= now + CLOCK_SKEW_SECONDS and expires > now  # never true of a NaN
    if not (timely and 0 < expires - issued <= TOKEN_SECONDS + CLOCK_SKEW_SECONDS):
        raise GrantError("invalid_grant", _LIFETIME)
    if not _is_audience(claims.get("aud")):
        right = "https://oauth2.googleapis.com/token"
        raise GrantError("invalid_grant", f"Invalid JWT: Failed audience check. The right audience is {right}")
    if claims.get("sub", claims["iss"]) != claims["iss"]:
        message = (
            "Client is unauthorized to retrieve access tokens using this method, "
            "or client not authorized for any of the scopes requested."
        )
        raise GrantError("unauthorized_client", message, 401)


def _time(value: object) -> float:
    """Seconds since 1970; what is none is no reasonable time either."""
    return float(value) if isinstance(value, int | float) and abs(value) < 2**53 else math.nan


def _is_audience(audience: object) -> bool:
    if not isinstance(audience, str):
        return False
    if audience in _GOOGLE_AUDIENCES:
        return True
    with suppress(ValueError):
        address = urlsplit(audience)
        return address.scheme == "http" and address.path == "/token" and is_loopback(address.netloc)
    return False


def _granted_scopes(scope: object) -> frozenset[str]:
    scopes = frozenset(scope.split()) if isinstance(scope, str) else frozenset()
    if not scopes:
        raise GrantError("invalid_scope", "Empty or missing scope not allowed.")
    if not all(name.startswith(_AUTH) or name == _FEEDS for name in scopes):
        raise GrantError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    return scopes


def _service_account_in(target: Path) -> dict[str, object] | None:
    """A local workbook's service account in `target`, None where there is no file or an empty one."""
    try:
        text = target.read_text("utf-8")
        account = json.loads(text) if text.strip() else None
    except FileNotFoundError:
        return None
    except ValueError:
        account = {}
    if account is not None and (not isinstance(account, dict) or account.get("project_id") != PROJECT):
        raise FileExistsError(f"{target} is not the credentials file of a local workbook; it is left as it is")
    return account


def _replace_private(target: Path, text: str) -> None:
    """Put `text` in `target` at one stroke, readable and writable by its owner only."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o600)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
