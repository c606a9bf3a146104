"""Signing in: a key file becomes credentials that never leave their home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google.auth
import google.auth.exceptions

from sheetsync.errors import AccessError

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_GOOGLE = ("googleapis.com", "google.com")


def load(path: Path, *, loopback: bool) -> Any:
    """The google-auth credentials of a key file, for Google or for a server on this machine.

    Raises AccessError: no file, not a key file, or a key that belongs elsewhere (Google's keys are sent to
    Google's hosts alone, a local server's to loopback alone).
    """
    info = _read(path)
    _stay_home(path, info, loopback=loopback)
    try:
        credentials, _ = google.auth.load_credentials_from_dict(info, scopes=SCOPES)
    except (google.auth.exceptions.GoogleAuthError, ValueError, KeyError, TypeError) as error:
        raise AccessError(
            "the key in this file can't be used",
            where=str(path),
            remedy="Download the service account's JSON key once more (README, Google set-up, step 4).",
        ) from error
    return credentials


def email(path: Path) -> str:
    """The account's address, to name in a message about sharing; "" where the file has none."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8")).get("client_email", ""))
    except (OSError, ValueError, AttributeError):
        return ""


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
    except (OSError, ValueError) as error:
        raise AccessError(
            "this file can't be read as a JSON key",
            where=str(path),
            remedy="Download the service account's JSON key once more (README, Google set-up, step 4).",
        ) from error
    if not isinstance(info, dict):
        raise AccessError(
            "this JSON file is not a key",
            where=str(path),
            remedy="Name a service account's JSON key with --credentials.",
        )
    return info


def _stay_home(path: Path, info: dict[str, Any], *, loopback: bool) -> None:
    for name in ("token_uri", "token_url", "service_account_impersonation_url"):
        address = info.get(name)
        if address is None:
            continue
        parts = urlsplit(str(address))
        host = parts.hostname or ""
        if loopback and host not in _LOOPBACK:
            raise AccessError(
                "this key is not the local server's, so it is not sent there",
                where=str(path),
                remedy="Use the file that `sheetsync serve --credentials-out` wrote.",
            )
        at_google = parts.scheme == "https" and any(host == home or host.endswith(f".{home}") for home in _GOOGLE)
        if not loopback and not at_google:
            raise AccessError(
                f"the {name} in this key is not at Google, so it is not used for Google",
                where=str(path),
                remedy="Use the JSON key that Google Cloud made (README, Google set-up, step 4).",
            )
