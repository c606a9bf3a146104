"""Every error of requests, google-auth and gspread, said in one tree with an exit code and a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import google.auth.exceptions
import gspread.exceptions
import requests

from sheetsync.errors import AccessError, LayoutError, ServiceError, SheetsyncError


class AmbiguousWriteError(ServiceError):
    """A write got no clear answer: it may or may not have been applied. Look before writing again."""


@dataclass(frozen=True, slots=True)
class Context:
    """What messages may name: the workbook's address, the account, and whether a write is under way."""

    where: str
    account: str = ""
    writing: bool = False


@contextmanager
def translated(context: Context) -> Iterator[None]:
    """Turns the libraries' errors into ours; the cause is kept."""
    try:
        yield
    except gspread.exceptions.APIError as error:
        raise _api(error, context) from error
    except google.auth.exceptions.TransportError as error:
        raise _network(context, error) from error
    except google.auth.exceptions.GoogleAuthError as error:
        raise _sign_in(error, context) from error
    except requests.exceptions.TooManyRedirects as error:
        raise ServiceError(
            "the answer was a redirect, which Google never sends here",
            where=context.where,
            remedy="A proxy or a sign-in page stands between this machine and Google: ask whoever runs the network.",
        ) from error
    except requests.exceptions.JSONDecodeError as error:
        raise _unclear("the answer was not JSON", context) from error
    except requests.exceptions.RequestException as error:
        raise _network(context, error) from error
    except gspread.exceptions.GSpreadException as error:
        raise ServiceError(f"gspread gave up: {type(error).__name__}", where=context.where) from error


def _api(error: gspread.exceptions.APIError, context: Context) -> SheetsyncError:
    status = error.response.status_code
    message = " ".join(str(error.error.get("message", "")).split())
    if status == 401:
        return AccessError(
            "Google did not accept the key",
            where=context.where,
            remedy="Make a new JSON key for the service account: this one was revoked or is another project's.",
        )
    if status == 403:
        return _forbidden(message, context)
    if status == 404:
        return AccessError(
            "there is no such spreadsheet",
            where=context.where,
            remedy="Compare the address with the one in the browser (workbook.spreadsheet, or --spreadsheet).",
        )
    if status == 429:
        return ServiceError(
            f"too many requests: {message}", where=context.where, remedy="Wait a minute and run the command again."
        )
    if status >= 500 or error.code == -1:
        return _unclear(f"the service answered {status}", context)
    if "protected cell or object" in message:
        return AccessError(
            "a tab of sheetsync's is protected from the account that syncs",
            where=context.where,
            remedy=f"Let {context.account or 'the account'} edit it: Data > Protect sheets and ranges.",
        )
    if "Unable to parse range" in message:
        return LayoutError(
            f"a tab was renamed or deleted while this ran ({message})",
            where=context.where,
            remedy="Run the command again.",
        )
    return ServiceError(
        f"the service refused the request: {message}",
        where=context.where,
        remedy="This is a defect of sheetsync: please report it with this text.",
    )


def _forbidden(message: str, context: Context) -> SheetsyncError:
    if "has not been used in project" in message or "is disabled" in message:
        return AccessError(
            f"the Google Sheets API is off: {message}",
            where=context.where,
            remedy="Open that address, press Enable, wait a minute, and run the command again.",
        )
    return AccessError(
        "this spreadsheet is not shared with the account that syncs",
        where=context.where,
        remedy=f"Open it, press Share, and add {context.account or 'the address in the key file'} as an editor.",
    )


def _sign_in(error: google.auth.exceptions.GoogleAuthError, context: Context) -> SheetsyncError:
    text = str(error)
    if "iat and exp" in text or "reasonable timeframe" in text:
        return AccessError(
            "signing in failed: this machine's clock is wrong",
            where=context.where,
            remedy="Set the clock (time and time zone), then run the command again.",
        )
    if "account not found" in text or "Invalid JWT Signature" in text or "invalid_grant" in text:
        return AccessError(
            "signing in failed: the key was revoked, or its account was deleted",
            where=context.where,
            remedy="Make a new JSON key for the service account (README, Google set-up, step 4).",
        )
    return AccessError(
        f"signing in failed: {type(error).__name__}",
        where=context.where,
        remedy="Make a new JSON key for the service account (README, Google set-up, step 4).",
    )


def _network(context: Context, error: Exception) -> SheetsyncError:
    if context.writing and not isinstance(error, requests.exceptions.ConnectTimeout):
        return _unclear("the connection broke while writing", context)
    return ServiceError(
        f"no connection ({type(error).__name__})",
        where=context.where,
        remedy="Is this machine on-line, and is the local server running? Nothing was changed; run the command again.",
    )


def _unclear(what: str, context: Context) -> SheetsyncError:
    kind = AmbiguousWriteError if context.writing else ServiceError
    return kind(
        what, where=context.where, remedy="Run the command again in a minute: it finds out by itself what was written."
    )
