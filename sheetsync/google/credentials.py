"""Signing in: a key file, or what Google's libraries find by themselves, becomes credentials that never leave home."""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import shutil
import stat
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import google.auth
import google.auth.credentials
import google.auth.environment_vars
import google.auth.exceptions
import google.auth.transport.requests
import requests
import urllib3
from google.auth import _cloud_sdk

from sheetsync.errors import AccessError
from sheetsync.terminal import safe

Kind = Literal["key", "user", "impersonated", "federated", "machine"]
"""Whose credentials: a service account's key; a person's, by gcloud; a service account's that such a person acts as;
a job's elsewhere (Workload Identity Federation); a machine's or job's at Google (metadata server)."""

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
AMBIENT: Final = "default"
"""In place of a file's name: Application Default Credentials."""

_USUAL = Path("credentials.json")
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_GOOGLE = ("googleapis.com", "google.com")
_SENT_TO = {"token_uri", "token_url", "token_info_url", "revoke_url", "service_account_impersonation_url"}
_SECRET = {"private_key", "refresh_token", "client_secret"}
_CONTENT = re.compile(r"\s*(\{|-----BEGIN|eyJ|ew[o0])")  # a key, or a key in base64, where its file's name belongs
_REDIRECTS_GIT = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}
_NOT_IGNORED = 1
_LONGEST = 4096
_READ_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH
_COMMITTED = "delete it at Google and make a new one"
_LOCAL_COMMITTED = "delete it, and let `sheetsync serve --credentials-out` write another"
_NEW_KEY = "Download the service account's JSON key once more (README, Google set-up, step 4)."
_SAVE_KEY = (
    "Save the service account's JSON key under this name, or name another with --credentials"
    " (README, Google set-up, step 4)."
)
_AMBIENT_ANEW = (
    "Sign in with gcloud once more, or correct GOOGLE_APPLICATION_CREDENTIALS; docs/signing-in.md says which."
)
_KINDS: dict[str, Kind] = {
    "google.oauth2.credentials": "user",
    "google.auth.external_account_authorized_user": "user",
    "google.auth.impersonated_credentials": "impersonated",
    "google.auth.identity_pool": "federated",
    "google.auth.aws": "federated",
    "google.auth.pluggable": "federated",
    "google.auth.compute_engine.credentials": "machine",
}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    """A credentials file: where it is, how messages call it, what names it, and how one gets another."""

    path: Path
    where: str
    named_by: str = "--credentials"
    anew: str = _NEW_KEY


def load(path: Path, *, loopback: bool) -> Any:
    """The google-auth credentials of a key file, for Google or for a server on this machine.

    A service account's needs `client_email`, `private_key` and `token_uri`; for Google, google-auth's other kinds
    (authorized_user, external_account, impersonated_service_account) load too. Nothing is asked of anybody. A key that
    others can read is warned of, once, as a log record. Raises AccessError: no file, not a key file, a key that
    belongs elsewhere (Google's keys are sent to Google's hosts alone, a local server's to loopback alone), or one that
    lies in a git work tree that does not ignore it.
    """
    file = _File(path, safe(str(path), _LONGEST))
    info = _read(file)
    if loopback:
        _stay_here(file, info)
        _keep(file, _LOCAL_COMMITTED)
    else:
        _admit(file, info)
    return _loaded(file, info)


def ambient() -> Any:
    """Application Default Credentials: what GOOGLE_APPLICATION_CREDENTIALS names, gcloud's, or this machine's.

    The order is google.auth.default's; a file is read here all the same, to be looked at as one that `load` is given,
    and because google-auth would start gcloud to learn a project that nobody needs. Only where there is no file, a
    metadata server is asked whether it is there. Raises AccessError: none found, or a file that `load` would refuse.
    """
    file = _ambient_file()
    if file is not None:
        info = _read(file)
        _admit(file, info)
        return _loaded(file, info)
    try:
        with requests.Session() as session:
            request = google.auth.transport.requests.Request(session)
            credentials, _ = google.auth.default(scopes=SCOPES, request=request)
        return credentials
    except google.auth.exceptions.GoogleAuthError as error:
        raise AccessError(
            "there are no Application Default Credentials on this machine",
            remedy="Sign in with `gcloud auth application-default login --impersonate-service-account=ADDRESS`, name a"
            " file in GOOGLE_APPLICATION_CREDENTIALS, or use a key file with --credentials (docs/signing-in.md).",
        ) from error


def kind(credentials: Any) -> Kind:
    """Whose credentials these are."""
    return _KINDS.get(type(credentials).__module__, "key")


def email(credentials: Any) -> str:
    """The account's address, to name in a message about sharing; "" where the credentials have none (yet: a machine's
    have it after the first token)."""
    address = getattr(credentials, "service_account_email", None) or getattr(credentials, "account", None) or ""
    return str(address) if "@" in address else ""


def token_address(credentials: Any) -> str:
    """Where a service account's tokens come from."""
    return str(credentials._token_uri)  # google-auth shows it nowhere else


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's, read as the library reads it that will connect to it."""
    return _host(address) in _LOOPBACK


def _ambient_file() -> _File | None:
    """The file that google.auth.default would read; None where it would look for a metadata server."""
    name = google.auth.environment_vars.CREDENTIALS
    if named := os.environ.get(name):
        return _File(Path(named), f"{name}={safe(named, _LONGEST)}", name, _AMBIENT_ANEW)
    path = Path(_cloud_sdk.get_application_default_credentials_path())  # shown nowhere else
    return _File(path, safe(str(path), _LONGEST), "gcloud", _AMBIENT_ANEW) if path.is_file() else None


def _loaded(file: _File, info: dict[str, Any]) -> Any:
    """With the scope of Sheets and no other, where it is ours to ask for: a person's is given when signing in."""
    try:
        with warnings.catch_warnings():
            # Of key files from others, whose addresses nobody looked at (_admit did), and of a missing quota project
            # (an error says so where it matters).
            warnings.simplefilter("ignore")
            # Scopes come second: an external account given them here asks Google for its project at once.
            credentials, _ = google.auth.load_credentials_from_dict(info)
        scoped = isinstance(credentials, google.auth.credentials.Scoped)
        return credentials.with_scopes(SCOPES) if scoped else credentials
    except (google.auth.exceptions.GoogleAuthError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AccessError("the key in this file can't be used", where=file.where, remedy=file.anew) from error


def _read(file: _File) -> dict[str, Any]:
    try:
        info = json.loads(file.path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unread(file, error) from (None if isinstance(error, FileNotFoundError) else error)
    except (ValueError, RecursionError):
        if _CONTENT.match(str(file.path)):
            raise _content(file) from None
        raise AccessError("this file can't be read as a JSON key", where=file.where, remedy=file.anew) from None
    if not isinstance(info, dict):
        raise AccessError(
            "this JSON file is not a key",
            where=file.where,
            remedy="Name a service account's JSON key with --credentials (README, Google set-up, step 4).",
        )
    if "installed" in info or "web" in info:
        raise AccessError(
            "this is an OAuth client's file, not a key",
            where=file.where,
            remedy="Make a service account and a JSON key for it (README, Google set-up, step 4).",
        )
    return {"type": "service_account", **info}


def _unread(file: _File, error: OSError) -> AccessError:
    """What is said of a file that can't be opened. A key that stands where its name belongs is not repeated."""
    if _CONTENT.match(str(file.path)):
        return _content(file)
    if not isinstance(error, FileNotFoundError):
        return AccessError(
            f"this credentials file can't be read ({error.strerror})",
            where=file.where,
            remedy="See that it is a file and that you may read it, or name another with --credentials.",
        )
    remedy = file.anew if file.anew != _NEW_KEY else _SAVE_KEY
    if file.path == _USUAL:
        remedy += " Signed in with gcloud, or in a job without a key? --credentials default (docs/signing-in.md)."
    return AccessError("there is no credentials file here", where=file.where, remedy=remedy)


def _content(file: _File) -> AccessError:
    return AccessError(
        "this is a key, where the name of its file belongs",
        where=file.named_by,
        remedy="Save the key as a file that only you can read, and give the name of that (docs/signing-in.md).",
    )


def _stay_here(file: _File, info: dict[str, Any]) -> None:
    theirs = info["type"] == "service_account" and "token_uri" in info
    if not theirs or not all(is_loopback(address) for _, address in _addresses(info)):
        raise AccessError(
            "this key is not the local server's, so it is not sent there",
            where=file.where,
            remedy="Use the file that `sheetsync serve --credentials-out` wrote.",
        )


def _admit(file: _File, info: dict[str, Any]) -> None:
    """Lets a file be used for Google: one that names Google's hosts alone, and whose secret is kept."""
    for name, address in _addresses(info):
        host = _host(address)
        at_google = address.lower().startswith("https://") and any(
            host == home or host.endswith(f".{home}") for home in _GOOGLE
        )
        if not at_google:
            raise AccessError(
                f"the {name} in this key is not at Google, so it is not used for Google",
                where=file.where,
                remedy="Use the JSON key that Google Cloud made (README, Google set-up, step 4).",
            )
    if file.path.is_file() and any(_secrets(info)):
        _keep(file, _COMMITTED)


def _keep(file: _File, committed: str) -> None:
    """Refuses a secret that git would take, and warns of one that others can read; `committed`: of one it has taken."""
    path = file.path.resolve()
    if _may_be_committed(path):
        raise AccessError(
            "this key lies in a git work tree that does not ignore it, so it may be published by a commit",
            where=file.where,
            remedy=f"Move it out of the tree, or write its name into .gitignore. Where it was committed, {committed}.",
        )
    if os.name == "posix" and path.stat().st_mode & _READ_BY_OTHERS:
        _warn(str(path))


def _may_be_committed(path: Path) -> bool:
    """Whether git says that it would take this file; False where there is no git, or no work tree."""
    git = shutil.which("git")
    if git is None:
        return False
    # Asked of somebody else's tree too, of which git would say nothing, so that nothing its settings name is run.
    set_here = ("-c", "safe.directory=*", "-c", "core.fsmonitor=false")
    asked = [git, *set_here, "check-ignore", "--quiet", "--", f"./{path.name}"]
    environment = {name: value for name, value in os.environ.items() if name not in _REDIRECTS_GIT}
    environment["GIT_ALLOW_PROTOCOL"] = "none"
    try:
        answer = subprocess.run(  # noqa: S603 - no shell
            asked,
            cwd=path.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == _NOT_IGNORED


@cache
def _warn(path: str) -> None:
    """Once a file, so that a run that opens two workbooks says it once."""
    _LOG.warning(
        "others on this machine can read the key in %s; close it with: chmod 600 %s",
        safe(path, _LONGEST),
        safe(shlex.quote(path), _LONGEST),
    )


def _secrets(info: dict[str, Any]) -> Iterator[bool]:
    """Whether something in it opens Google to whoever copies it; a job's own identity (keyless) does not."""
    for name, value in info.items():
        yield name in _SECRET and bool(value)
        if isinstance(value, dict):
            yield from _secrets(value)


def _addresses(info: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where google-auth would send the key or what it got for it, in keys inside keys too."""
    for name, value in info.items():
        if name in _SENT_TO and value is not None:
            yield name, str(value)
        elif isinstance(value, dict):
            yield from _addresses(value)


def _host(address: str) -> str:
    try:
        return urllib3.util.parse_url(address).host or ""
    except ValueError:
        return ""
