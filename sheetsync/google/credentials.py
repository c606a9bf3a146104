"""Signing in: a key file becomes credentials that never leave their home."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google.auth
import google.auth.credentials
import google.auth.exceptions
import urllib3

from sheetsync.errors import AccessError

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_GOOGLE = ("googleapis.com", "google.com")
_SENT_TO = {"token_uri", "token_url", "token_info_url", "revoke_url", "service_account_impersonation_url"}
_NEW_KEY = "Download the service account's JSON key once more (README, Google set-up, step 4)."


def load(path: Path, *, loopback: bool) -> Any:
    """The google-auth credentials of a key file, for Google or for a server on this machine.

    A service account's needs `client_email`, `private_key` and `token_uri`; for Google, google-auth's other kinds
    (authorized_user, external_account, impersonated_service_account) load too. Nothing is asked of anybody. Raises
    AccessError: no file, not a key file, or a key that belongs elsewhere (Google's keys are sent to Google's hosts
    alone, a local server's to loopback alone).
    """
    info = _read(path)
    _stay_home(path, info, loopback=loopback)
    try:
        with warnings.catch_warnings():
            # The loader warns of key files from others, whose addresses nobody looked at: _stay_home did.
            warnings.simplefilter("ignore", DeprecationWarning)
            # Scopes come second: an external account given them here asks Google for its project at once.
            credentials, _ = google.auth.load_credentials_from_dict(info)
        return google.auth.credentials.with_scopes_if_required(credentials, SCOPES)
    except (google.auth.exceptions.GoogleAuthError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AccessError("the key in this file can't be used", where=str(path), remedy=_NEW_KEY) from error


def email(credentials: Any) -> str:
    """The account's address, to name in a message about sharing; "" where the credentials have none."""
    return str(getattr(credentials, "service_account_email", None) or "")


def token_address(credentials: Any) -> str:
    """Where a service account's tokens come from."""
    return str(credentials._token_uri)  # google-auth shows it nowhere else


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's, read as the library reads it that will connect to it."""
    return _host(address) in _LOOPBACK


def _read(path: Path) -> dict[str, Any]:
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AccessError(
            "there is no credentials file here",
            where=str(path),
            remedy="Save the service account's JSON key under this name, or name another with --credentials"
            " (README, Google set-up, step 4).",
        ) from None
    except OSError as error:
        raise AccessError(
            f"this credentials file can't be read ({error.strerror})",
            where=str(path),
            remedy="See that it is a file and that you may read it, or name another with --credentials.",
        ) from error
    except (ValueError, RecursionError):
        raise AccessError("this file can't be read as a JSON key", where=str(path), remedy=_NEW_KEY) from None
    if not isinstance(info, dict):
        raise AccessError(
            "this JSON file is not a key",
            where=str(path),
            remedy="Name a service account's JSON key with --credentials (README, Google set-up, step 4).",
        )
    if "installed" in info or "web" in info:
        raise AccessError(
            "this is an OAuth client's file, not a key",
            where=str(path),
            remedy="Make a service account and a JSON key for it (README, Google set-up, step 4).",
        )
    return {"type": "service_account", **info}


def _stay_home(path: Path, info: dict[str, Any], *, loopback: bool) -> None:
    addresses = list(_addresses(info))
    if loopback:
        theirs = info["type"] == "service_account" and "token_uri" in info
        if not theirs or not all(is_loopback(address) for _, address in addresses):
            raise AccessError(
                "this key is not the local server's, so it is not sent there",
                where=str(path),
                remedy="Use the file that `sheetsync serve --credentials-out` wrote.",
            )
        return
    for name, address in addresses:
        host = _host(address)
        at_google = address.lower().startswith("https://") and any(
            host == home or host.endswith(f".{home}") for home in _GOOGLE
        )
        if not at_google:
            raise AccessError(
                f"the {name} in this key is not at Google, so it is not used for Google",
                where=str(path),
                remedy="Use the JSON key that Google Cloud made (README, Google set-up, step 4).",
            )


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
