"""Every error of requests, google-auth and gspread, said in one tree with an exit code and a remedy."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import google.auth.exceptions
import gspread.exceptions
import requests
import urllib3

from sheetsync.errors import AccessError, LayoutError, ServiceError, SheetsyncError
from sheetsync.google.credentials import Kind, email, kind
from sheetsync.google.transport import (
    ForeignAnswerError,
    PartialAnswerError,
    TryLaterError,
    asked_to_wait,
    unsent,
    untrusted,
)

_A_MINUTE = 60.0
_DEFECT = "This is a defect of sheetsync: please report it with this text."
_WRONG_PROXY = (urllib3.exceptions.ProxySchemeUnknown, urllib3.exceptions.ProxySchemeUnsupported)
_NETWORK = (
    "A proxy or a sign-in page stands between this machine and Google: sign in with a browser, or ask whoever runs"
    " the network to let sheets.googleapis.com and oauth2.googleapis.com through."
)
_PAGE = "(docs/signing-in.md)."
_SHEETS = "https://www.googleapis.com/auth/spreadsheets"
_LOGIN = (
    "`gcloud auth application-default login --client-id-file=client.json"
    f" --scopes=https://www.googleapis.com/auth/cloud-platform,{_SHEETS}`"
)
_QUOTA_PROJECT = "`gcloud auth application-default set-quota-project PROJECT`"
_GCLOUD_S_PROJECT = "764086051850"  # what is counted there is gcloud's own, which has no Sheets API
_ANEW: dict[Kind, str] = {
    "key": "Make a new JSON key for the service account (README, Google set-up, step 4).",
    "user": f"Sign in once more: {_LOGIN} {_PAGE}",
    "impersonated": "Sign in once more:"
    f" `gcloud auth application-default login --impersonate-service-account=ADDRESS` {_PAGE}",
    "federated": f"See that provider, condition and service account are those of this job {_PAGE}",
    "machine": f"See that a service account is attached to this machine or job, and that it still exists {_PAGE}",
}
_SHARED_WITH: dict[Kind, str] = {
    "key": "the address in the key file",
    "user": "the Google account you signed in with",
    "impersonated": "the service account you act as",
    "federated": "the service account that the job acts as",
    "machine": "the service account of this machine or job",
}
_SCOPED: dict[Kind, str] = {
    "user": f"Sign in with the scope of Sheets: {_LOGIN} {_PAGE}",
    "machine": f"Give this machine the scope {_SHEETS}, or sign in another way {_PAGE}",
}
_NO_LONGER: dict[Kind, str] = {
    "key": "the key was revoked, or its account was deleted",
    "user": "this sign-in has expired or was revoked",
    "impersonated": "this sign-in has expired or was revoked",
    "federated": "Google does not accept the identity of this job",
    "machine": "the service account of this machine or job was deleted",
}
_ROLE: dict[Kind, str] = {
    "impersonated": "Give the account you signed in with the role Service Account Token Creator on it",
    "federated": "Give the identity of this job the role Workload Identity User on it",
}
_LONGEST = 300
_FILE = "The file of this local workbook"  # how a local server begins that can't use it
_NO_ACT = "Unable to acquire impersonated credentials"  # how google-auth begins


class AmbiguousWriteError(ServiceError):
    """A write got no clear answer: it may or may not have been applied. Look before writing again."""


class RefusedError(ServiceError):
    """A request was refused as a whole (400): nothing of it was applied, at least not this time that it was sent."""


class RenamedError(LayoutError):
    """A tab, or a part of one, that was there a moment ago has another title by now, or is gone."""


@dataclass(frozen=True, slots=True)
class Context:
    """What messages may name: the workbook's address, the account, whether a write is under way, the credentials."""

    where: str
    account: str = ""
    writing: bool = False
    signed: Any = None

    @property
    def kind(self) -> Kind:
        """Whose credentials they are."""
        return kind(self.signed)

    @property
    def address(self) -> str:
        """The account's address, as far as it is known by now; else ""."""
        return self.account or email(self.signed)

    @property
    def service(self) -> str:
        """Who answers."""
        return "Google" if self.where.startswith("https://") else "the local server"

    @property
    def new_key(self) -> str:
        """What to do about a key that is not accepted."""
        if self.service == "Google":
            return _ANEW[self.kind].replace("ADDRESS", self.address or "ADDRESS")
        return "Use the file that `sheetsync serve --credentials-out` wrote for this workbook."


@contextmanager
def translated(context: Context) -> Iterator[None]:
    """Turns the libraries' errors into ours; the cause is kept."""
    try:
        yield
    except gspread.exceptions.APIError as error:
        raise _refused(error, context) from error
    except google.auth.exceptions.TransportError as error:
        raise _no_token(error, context) from error
    except google.auth.exceptions.GoogleAuthError as error:
        raise _sign_in(error, context) from error
    except requests.exceptions.RequestException as error:
        raise _travel(error, context) from error
    except _WRONG_PROXY as error:
        raise _wrong_proxy(context) from error
    except urllib3.exceptions.HTTPError as error:
        raise _broken(error, context) from error
    except (gspread.exceptions.GSpreadException, gspread.exceptions.UnSupportedExportFormat) as error:
        raise ServiceError(f"gspread gave up ({type(error).__name__})", where=context.where, remedy=_DEFECT) from error
    except OSError as error:
        raise ServiceError(
            "the certificates of this machine can't be read",
            where=context.where,
            remedy="Name a file that exists in REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or unset them.",
        ) from error


def _refused(error: gspread.exceptions.APIError, context: Context) -> SheetsyncError:
    """What the Sheets API answered, other than 2xx."""
    status = error.response.status_code
    message = " ".join(str(error.error.get("message", "")).split())
    if status == HTTPStatus.UNAUTHORIZED:
        unaccepted = " did not accept the key" if context.kind == "key" else " did not accept the sign-in"
        return AccessError(f"{context.service}{unaccepted}", where=context.where, remedy=context.new_key)
    if status == HTTPStatus.FORBIDDEN:
        return _forbidden(message, context)
    if status == HTTPStatus.NOT_FOUND:
        return AccessError(
            "there is no such spreadsheet",
            where=context.where,
            remedy="Compare the address with the one in the browser (workbook.spreadsheet, or --spreadsheet).",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        remedy = _later(context, asked_to_wait(error.response))
        return ServiceError(f"too many requests: {message}", where=context.where, remedy=remedy)
    if status == HTTPStatus.CONFLICT:
        return RefusedError(
            f"{context.service} was busy with another change", where=context.where, remedy=_later(context, 0.0)
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return _unclear(f"{context.service} answered {status}", context, asked_to_wait(error.response))
    return _bad_request(message, context)


def _bad_request(message: str, context: Context) -> SheetsyncError:
    if "protected cell or object" in message:
        return AccessError(
            "a tab of sheetsync's is protected from the account that syncs",
            where=context.where,
            remedy=f"Let {context.address or 'the account'} edit it: Data > Protect sheets and ranges.",
        )
    if "Unable to parse range" in message or "No grid with id" in message:
        return RenamedError(
            f"a tab was renamed or deleted while this ran ({message})",
            where=context.where,
            remedy="Run the command again.",
        )
    if "exceeds grid limits" in message and not context.writing:
        return RenamedError(
            f"a tab lost rows or columns while this ran ({message})",
            where=context.where,
            remedy="Run the command again.",
        )
    if "not supported for this document" in message or "must not be an Office file" in message:
        return AccessError(
            "this is an Excel file that lies in Google Drive, and no Google spreadsheet",
            where=context.where,
            remedy="Open it, choose File > Save as Google Sheets, and use the address of the spreadsheet that opens.",
        )
    if message.startswith(_FILE):
        what, _, remedy = message.partition(". ")
        kind = AccessError if what.endswith("damaged") else ServiceError
        return kind(what[0].lower() + what[1:], where=context.where, remedy=remedy)
    return RefusedError(f"the request was refused: {message}", where=context.where, remedy=_DEFECT)


def _forbidden(message: str, context: Context) -> SheetsyncError:
    where = context.where
    if "requires a quota project" in message or "end user credentials" in message or _GCLOUD_S_PROJECT in message:
        return AccessError(
            "this sign-in names no project in which Google may count requests",
            where=where,
            remedy=f"Name one where the Google Sheets API is on: {_QUOTA_PROJECT} {_PAGE}",
        )
    if "required permission to use project" in message:
        return AccessError(
            f"this sign-in may not use the project in which requests are counted: {message}",
            where=where,
            remedy=f"Get the role Service Usage Consumer there, or name another project: {_QUOTA_PROJECT} {_PAGE}",
        )
    if _off(message):
        return _switched_off(f"the Google Sheets API is off: {message}", where)
    if "insufficient authentication scopes" in message:
        otherwise = f"Sign in with the scope {_SHEETS}, or use a service account's JSON key"
        remedy = _SCOPED.get(context.kind, f"{otherwise} (README, Google set-up, step 4).")
        return AccessError("this sign-in may not use Google Sheets", where=where, remedy=remedy)
    if context.kind == "federated" and not context.address:
        remedy = f"A job's own identity has no address to share with: let it act as a service account {_PAGE}"
    else:
        remedy = f"Open it, press Share, and add {context.address or _SHARED_WITH[context.kind]} as an editor."
    return AccessError("this spreadsheet is not shared with the account that syncs", where=where, remedy=remedy)


def _off(message: str) -> bool:
    return "has not been used in project" in message or "is disabled" in message


def _switched_off(what: str, where: str) -> SheetsyncError:
    return AccessError(
        what,
        where=where,
        remedy="Open that address, press Enable, wait a minute, and run the command again.",
    )


def _no_token(error: google.auth.exceptions.TransportError, context: Context) -> SheetsyncError:
    """The request for a token did not get through, so nothing was written."""
    cause = error.__cause__
    reading = replace(context, writing=False)
    if isinstance(cause, requests.exceptions.RequestException):
        return _travel(cause, reading)
    return _broken(error, reading)


def _sign_in(error: google.auth.exceptions.GoogleAuthError, context: Context) -> SheetsyncError:
    where, text = context.where, " ".join(str(error.args[0] if error.args else "").split())
    if "iat and exp" in text or "reasonable timeframe" in text:
        return AccessError(
            "signing in failed: this machine's clock is wrong",
            where=where,
            remedy="Set the clock (time and time zone), then run the command again.",
        )
    if text.startswith(_NO_ACT):
        return _not_acting(error, context)
    if isinstance(error, google.auth.exceptions.ReauthFailError) or "eauthentication is needed" in text:
        return AccessError("signing in failed: Google asks to sign in again", where=where, remedy=context.new_key)
    if "account not found" in text or "Invalid JWT Signature" in text or "invalid_grant" in text:
        return AccessError(f"signing in failed: {_NO_LONGER[context.kind]}", where=where, remedy=context.new_key)
    passing = google.auth.exceptions.TimeoutError | google.auth.exceptions.ResponseError
    if error.retryable or isinstance(error, passing):
        return _no_token_now(context, error.wait if isinstance(error, TryLaterError) else 0.0)
    if context.kind == "machine":
        return _no_machine_s_token(text, context)
    if context.kind == "federated":
        said = text[:_LONGEST]
        return AccessError(f"signing in failed: {said}", where=where, remedy=context.new_key)
    return AccessError(f"signing in failed ({type(error).__name__})", where=where, remedy=context.new_key)


def _not_acting(error: google.auth.exceptions.GoogleAuthError, context: Context) -> SheetsyncError:
    """The service account that a person or a job acts as gave no token; google-auth keeps Google's answer."""
    code, message = _answer(error.args[1] if len(error.args) > 1 else "")
    account = context.address or "the service account"
    if not message or code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _no_token_now(context)
    if _off(message):
        return _switched_off(f"the IAM Service Account Credentials API is off: {message}", context.where)
    if "getAccessToken" in message:
        return AccessError(
            f"signing in failed: this sign-in may not act as {account}",
            where=context.where,
            remedy=f"{_ROLE.get(context.kind, _ROLE['impersonated'])} {_PAGE}",
        )
    if "not found" in message.lower() or "Unknown service account" in message:
        return AccessError(
            f"signing in failed: there is no service account {context.address}".rstrip(),
            where=context.where,
            remedy=f"Correct the address, or make the service account again {_PAGE}",
        )
    return AccessError(
        f"signing in failed: acting as {account} was refused: {message}",
        where=context.where,
        remedy=context.new_key,
    )


def _answer(body: object) -> tuple[int, str]:
    """Code and message of a refusal in Google's usual form; 0 and "" for anything else, which may hold a token."""
    try:
        error = json.loads(str(body))["error"]
        return int(error["code"]), " ".join(str(error["message"]).split())[:_LONGEST]
    except (ValueError, KeyError, TypeError):
        return 0, ""


def _no_machine_s_token(text: str, context: Context) -> SheetsyncError:
    if "Status: 404" in text or "missing 'email'" in text:
        return AccessError(
            "signing in failed: no service account is attached to this machine or job",
            where=context.where,
            remedy=f"Attach one, or sign in another way {_PAGE}",
        )
    return _no_token_now(context)


def _no_token_now(context: Context, wait: float = 0.0) -> SheetsyncError:
    what = f"signing in failed: {context.service} does not give tokens just now"
    return ServiceError(what, where=context.where, remedy=_later(context, wait))


def _travel(error: requests.exceptions.RequestException, context: Context) -> SheetsyncError:
    """A request that got no answer of the Sheets API."""
    where = context.where
    if isinstance(error, ForeignAnswerError):
        return _foreign(error, context)
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return ServiceError("the answer was a redirect, which is not followed", where=where, remedy=_NETWORK)
    if isinstance(error, requests.exceptions.JSONDecodeError | PartialAnswerError):
        return _unclear("the answer was cut short", context)
    if untrusted(error):
        return ServiceError(
            "the certificate of the other side is not trusted",
            where=where,
            remedy="If a proxy opens the traffic, name its certificate in REQUESTS_CA_BUNDLE; else set the clock.",
        )
    if _is_the_proxy_s(error):
        return _wrong_proxy(context)
    unmade = (
        requests.exceptions.InvalidJSONError,
        requests.exceptions.InvalidHeader,
        requests.exceptions.InvalidSchema,
        requests.exceptions.InvalidURL,
        requests.exceptions.MissingSchema,
        requests.exceptions.URLRequired,
    )
    if isinstance(error, unmade):
        return ServiceError(f"the request can't be sent ({type(error).__name__})", where=where, remedy=_DEFECT)
    return _broken(error, context)


def _is_the_proxy_s(error: requests.exceptions.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    unsupported = isinstance(error, requests.exceptions.InvalidSchema) and "SOCKS" in str(error)
    return unsupported or isinstance(error, requests.exceptions.InvalidProxyURL) or isinstance(cause, _WRONG_PROXY)


def _wrong_proxy(context: Context) -> SheetsyncError:
    return ServiceError(
        "the proxy of this machine can't be used",
        where=context.where,
        remedy="Correct HTTPS_PROXY (such as http://proxy:3128), or unset it.",
    )


def _broken(error: Exception, context: Context) -> SheetsyncError:
    if context.writing and not unsent(error):
        return _unclear("the connection broke while writing", context)
    line = "Is this machine on-line?" if context.service == "Google" else "Is `sheetsync serve` running?"
    return ServiceError(
        f"no connection ({type(error).__name__})",
        where=context.where,
        remedy=f"{line} Nothing was changed: run the command again.",
    )


def _foreign(error: ForeignAnswerError, context: Context) -> SheetsyncError:
    status = error.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unclear(f"{context.service} answered {status}", context, asked_to_wait(error.response))
    what = f"somebody else answered in the place of {context.service} ({status})"
    if context.writing and status < HTTPStatus.BAD_REQUEST:
        return _unclear(what, context)
    return ServiceError(what, where=context.where, remedy=_NETWORK)


def _unclear(what: str, context: Context, wait: float = 0.0) -> SheetsyncError:
    kind = AmbiguousWriteError if context.writing else ServiceError
    return kind(what, where=context.where, remedy=_later(context, wait, clear=not context.writing))


def _later(context: Context, wait: float, *, clear: bool = True) -> str:
    """When to run the command again, where the service asks to wait so many seconds.

    `clear`: whether nothing was changed; else the next run finds out.
    """
    when = "in a minute"
    if wait > _A_MINUTE:
        when = f"when the time is over that {context.service} asks to wait ({_spelt(wait)})"
    if clear:
        return f"Nothing was changed: run the command again {when}."
    return f"Run the command again {when}: it finds out by itself what was written."


def _spelt(seconds: float) -> str:
    """A time, rounded up."""
    for unit, length, most in (("minutes", 60, 120), ("hours", 3600, 48), ("days", 86400, 365)):
        count = math.ceil(seconds / length)
        if count <= most:
            return f"{count} {unit}"
    return "more than a year"
