"""What is said of every failure: what, where, what to do next, and the exit code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import google.auth.exceptions
import google.oauth2
import gspread.exceptions
import pytest
import requests
import urllib3.exceptions

from sheetsync.errors import AccessError, LayoutError, ServiceError, SheetsyncError
from sheetsync.google import Workbook
from sheetsync.google.failures import AmbiguousWriteError, Context, RefusedError, RenamedError, translated
from sheetsync.google.transport import ForeignAnswerError, Limits
from sheetsync.local.access import ACCOUNT
from sheetsync.local.serve import Server
from tests.google.conftest import Route
from tests.google.network import QUICK, Fault, fails, key_file, moved, reset_after, says, unused_address, web_page

STEP = "(README, Google set-up, step 4)."
NEW_KEY = f"Make a new JSON key for the service account {STEP}"
AGAIN = "Nothing was changed: run the command again in a minute."
LOOK = "Run the command again in a minute: it finds out by itself what was written."
DEFECT = "This is a defect of sheetsync: please report it with this text."
PROXY = (
    "A proxy or a sign-in page stands between this machine and Google: sign in with a browser, or ask whoever runs the"
    " network to let sheets.googleapis.com and oauth2.googleapis.com through."
)
OFF = (
    "Google Sheets API has not been used in project 123 before or it is disabled. Enable it by visiting"
    " https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=123 then retry."
)
QUOTA = "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'."
PROTECTED = (
    "Invalid requests[0].updateCells: You are trying to edit a protected cell or object. Please contact the spreadsheet"
    " owner to remove protection if you need to edit."
)
SCOPES = "Request had insufficient authentication scopes."
ONE_TRY = Limits(deadline=0.01, sign_in=0.01)
"""No wait fits: the first failure is the last."""

SAID: dict[str, tuple[Fault, type[SheetsyncError], str]] = {
    "401": (
        fails(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
        AccessError,
        f"Google did not accept the key\n{NEW_KEY}",
    ),
    "not shared": (
        fails(403, "PERMISSION_DENIED", "The caller does not have permission"),
        AccessError,
        "this spreadsheet is not shared with the account that syncs\n"
        f"Open it, press Share, and add {ACCOUNT} as an editor.",
    ),
    "API off": (
        fails(403, "PERMISSION_DENIED", OFF),
        AccessError,
        f"the Google Sheets API is off: {OFF}\n"
        "Open that address, press Enable, wait a minute, and run the command again.",
    ),
    "scopes": (
        fails(403, "PERMISSION_DENIED", SCOPES),
        AccessError,
        "this sign-in may not use Google Sheets\nSign in with the scope https://www.googleapis.com/auth/spreadsheets,"
        f" or use a service account's JSON key {STEP}",
    ),
    "404": (
        fails(404, "NOT_FOUND", "Requested entity was not found."),
        AccessError,
        "there is no such spreadsheet\n"
        "Compare the address with the one in the browser (workbook.spreadsheet, or --spreadsheet).",
    ),
    "429": (fails(429, "RESOURCE_EXHAUSTED", QUOTA), ServiceError, f"too many requests: {QUOTA}\n{AGAIN}"),
    "500": (fails(500, "INTERNAL", "Internal error encountered."), ServiceError, f"Google answered 500\n{AGAIN}"),
    "503": (fails(503, "UNAVAILABLE", "The service is"), ServiceError, f"Google answered 503\n{AGAIN}"),
    "502 as a web page": (web_page(502), ServiceError, f"Google answered 502\n{AGAIN}"),
    "408": (fails(408, "CANCELLED", "Slow."), ServiceError, f"Google answered 408\n{AGAIN}"),
    "200 as a web page": (
        web_page(200),
        ServiceError,
        f"somebody else answered in the place of Google (200)\n{PROXY}",
    ),
    "403 as a web page": (
        web_page(403),
        ServiceError,
        f"somebody else answered in the place of Google (403)\n{PROXY}",
    ),
    "JSON, but not Google's": (
        says(403, {"error": "blocked"}),
        ServiceError,
        f"somebody else answered in the place of Google (403)\n{PROXY}",
    ),
    "half of it": (says(200, {"sheets": []}), ServiceError, f"the answer was cut short\n{AGAIN}"),
    "nulls": (says(200, {"sheets": None, "properties": None}), ServiceError, f"the answer was cut short\n{AGAIN}"),
    "409": (fails(409, "ABORTED", "aborted"), RefusedError, f"Google was busy with another change\n{AGAIN}"),
    "redirect": (moved("/signin"), ServiceError, f"the answer was a redirect, which is not followed\n{PROXY}"),
    "renamed": (
        fails(400, "INVALID_ARGUMENT", "Unable to parse range: 'Log'!A:K"),
        RenamedError,
        "a tab was renamed or deleted while this ran (Unable to parse range: 'Log'!A:K)\nRun the command again.",
    ),
    "deleted": (
        fails(400, "INVALID_ARGUMENT", "Invalid requests[0].updateCells: No grid with id: 7"),
        RenamedError,
        "a tab was renamed or deleted while this ran (Invalid requests[0].updateCells: No grid with id: 7)\n"
        "Run the command again.",
    ),
    "smaller": (
        fails(400, "INVALID_ARGUMENT", "Range (Log!A1000) exceeds grid limits. Max rows: 999, max columns: 26"),
        RenamedError,
        "a tab lost rows or columns while this ran (Range (Log!A1000) exceeds grid limits. Max rows: 999, max columns:"
        " 26)\nRun the command again.",
    ),
    "protected": (
        fails(400, "INVALID_ARGUMENT", PROTECTED),
        AccessError,
        "a tab of sheetsync's is protected from the account that syncs\n"
        f"Let {ACCOUNT} edit it: Data > Protect sheets and ranges.",
    ),
    "an Excel file": (
        fails(400, "FAILED_PRECONDITION", "This operation is not supported for this document"),
        AccessError,
        "this is an Excel file that lies in Google Drive, and no Google spreadsheet\n"
        "Open it, choose File > Save as Google Sheets, and use the address of the spreadsheet that opens.",
    ),
    "400": (
        fails(400, "INVALID_ARGUMENT", "Must specify\nat least one request."),
        RefusedError,
        f"the request was refused: Must specify at least one request.\n{DEFECT}",
    ),
    "network gone": (
        reset_after,
        ServiceError,
        "no connection (ProxyError)\nIs this machine on-line? Nothing was changed: run the command again.",
    ),
}
EXIT = {AccessError: 3, ServiceError: 4, AmbiguousWriteError: 4, RefusedError: 4, RenamedError: 2}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_while_reading(google: Route, name: str) -> None:
    fault, kind, said = SAID[name]
    google.network.faults.extend([fault] * 3)
    with google.open(ONE_TRY) as book:
        assert (
            failure(book.metadata, kind)
            == f"https://docs.google.com/spreadsheets/d/{google.server.spreadsheet_id}: {said}"
        )


def failure(act: Callable[[], object], kind: type[SheetsyncError]) -> str:
    """What is said when it is done, which must fail so."""
    with pytest.raises(SheetsyncError) as raised:
        act()
    assert type(raised.value) is kind
    assert raised.value.exit_code == EXIT[kind]
    assert raised.value.__cause__ is not None
    return str(raised.value)


@pytest.mark.parametrize("said", [[], {}, {"valueRanges": []}, {"valueRanges": [None]}])
def test_cells_that_are_not_all_there_are_not_taken_for_blank_ones(google: Route, said: Any) -> None:
    google.network.faults.extend([says(200, said)] * 2)
    with google.open() as book:
        for act in (partial(book.grid, "sheets.properties"), partial(book.read, ["A1"])):
            assert failure(act, ServiceError).endswith(f": the answer was cut short\n{AGAIN}")


UNCLEAR: dict[str, tuple[Fault, str]] = {
    "503": (fails(503, "UNAVAILABLE", "The service is"), "Google answered 503"),
    "web page": (web_page(200), "somebody else answered in the place of Google (200)"),
    "reset": (reset_after, "the connection broke while writing"),
    "no object": (says(200, []), "the answer was cut short"),
}


def test_what_is_said_while_writing_where_the_service_asks_to_wait(google: Route) -> None:
    google.network.faults.append(fails(503, "UNAVAILABLE", "The service is", Retry_After="7200"))
    with google.open() as book:
        assert failure(lambda: book.apply([]), AmbiguousWriteError).endswith(
            ": Google answered 503\nRun the command again when the time is over that Google asks to wait (120 minutes):"
            " it finds out by itself what was written."
        )


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_said_while_writing(google: Route, name: str) -> None:
    fault, said = UNCLEAR[name]
    google.network.faults.append(fault)
    with google.open() as book:
        where = f"https://docs.google.com/spreadsheets/d/{google.server.spreadsheet_id}"
        assert failure(lambda: book.apply([]), AmbiguousWriteError) == f"{where}: {said}\n{LOOK}"


SIGN_IN: dict[str, tuple[Fault, type[SheetsyncError], str]] = {
    "clock": (
        says(
            400,
            {
                "error": "invalid_grant",
                "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable"
                " timeframe. Check your iat and exp values in the JWT claim.",
            },
        ),
        AccessError,
        "signing in failed: this machine's clock is wrong\n"
        "Set the clock (time and time zone), then run the command again.",
    ),
    "revoked": (
        says(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}),
        AccessError,
        f"signing in failed: the key was revoked, or its account was deleted\n{NEW_KEY}",
    ),
    "deleted": (
        says(400, {"error": "invalid_grant", "error_description": "Invalid grant: account not found"}),
        AccessError,
        f"signing in failed: the key was revoked, or its account was deleted\n{NEW_KEY}",
    ),
    "other": (
        says(401, {"error": "unauthorized_client", "error_description": "Client is unauthorized."}),
        AccessError,
        f"signing in failed (RefreshError)\n{NEW_KEY}",
    ),
    "no token": (says(200, {}), AccessError, f"signing in failed (RefreshError)\n{NEW_KEY}"),
    "no time": (
        says(200, {"access_token": "t", "expires_in": "x"}),
        ServiceError,
        f"the answer was cut short\n{AGAIN}",
    ),
    "all time": (
        says(200, {"access_token": "t", "expires_in": 10**20}),
        ServiceError,
        f"the answer was cut short\n{AGAIN}",
    ),
    "no object": (says(200, ""), ServiceError, f"the answer was cut short\n{AGAIN}"),
    "511": (
        web_page(511),  # of a network that wants a sign-in of its own: no matter of the key
        ServiceError,
        f"signing in failed: Google does not give tokens just now\n{AGAIN}",
    ),
    "proxy": (web_page(403), ServiceError, f"somebody else answered in the place of Google (403)\n{PROXY}"),
    "redirect": (moved("/"), ServiceError, f"the answer was a redirect, which is not followed\n{PROXY}"),
    "network gone": (
        reset_after,
        ServiceError,
        "no connection (ProxyError)\nIs this machine on-line? Nothing was changed: run the command again.",
    ),
}


@pytest.mark.parametrize("name", SIGN_IN)
def test_what_is_said_when_signing_in_fails(google: Route, name: str) -> None:
    """Even when it is for a write that the token is asked: nothing was written yet."""
    fault, kind, said = SIGN_IN[name]
    google.network.token_faults.extend([fault] * 100)
    with google.open(Limits(sign_in=0.01)) as book:
        where = f"https://docs.google.com/spreadsheets/d/{google.server.spreadsheet_id}"
        assert failure(lambda: book.apply([]), kind) == f"{where}: {said}"
        assert book.requests == 0


def test_a_token_server_that_is_down_is_no_matter_of_the_key() -> None:
    error = google.auth.exceptions.RefreshError("backend_error: None", {"error": "backend_error"}, retryable=True)
    assert said_of(error, Context("https://docs.google.com/spreadsheets/d/k")) == (
        "https://docs.google.com/spreadsheets/d/k: signing in failed: Google does not give tokens just now\n" + AGAIN
    )


def said_of(error: BaseException, context: Context) -> str:
    """What an error of the libraries turns into."""
    with pytest.raises(SheetsyncError) as raised, translated(context):
        raise error
    assert raised.value.__cause__ is error
    return str(raised.value)


def test_a_certificate_that_nobody_vouches_for(google: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    where = f"https://docs.google.com/spreadsheets/d/{google.server.spreadsheet_id}"
    with google.open() as book:
        assert failure(book.metadata, ServiceError) == (
            f"{where}: the certificate of the other side is not trusted\n"
            "If a proxy opens the traffic, name its certificate in REQUESTS_CA_BUNDLE; else set the clock."
        )
    assert google.network.seen == []
    assert google.network.accepted == 1


def test_certificates_that_are_not_there(google: Route, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    where = f"https://docs.google.com/spreadsheets/d/{google.server.spreadsheet_id}"
    with google.open() as book:
        assert failure(book.metadata, ServiceError) == (
            f"{where}: the certificates of this machine can't be read\n"
            "Name a file that exists in REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or unset them."
        )


@pytest.mark.parametrize("address", ["http:///", "socks5://127.0.0.1:1", "gopher://127.0.0.1:1"])
def test_a_proxy_that_can_t_be_used(google: Route, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with google.open() as book:
        said = failure(book.metadata, ServiceError)
    assert said.partition(": ")[2] == (
        "the proxy of this machine can't be used\nCorrect HTTPS_PROXY (such as http://proxy:3128), or unset it."
    )


def test_no_local_server_is_running(server: Server, tmp_path: Path) -> None:
    base = unused_address()
    key = key_file(server, tmp_path / "key.json", f"{base}/token")
    limits = Limits(sign_in=0.2, pause=0.01)
    with Workbook.open("loopback", key="k", base=base, credentials=key, limits=limits) as book:
        assert failure(book.metadata, ServiceError) == (
            f"{base}/spreadsheets/d/k: no connection (ConnectionError)\n"
            "Is `sheetsync serve` running? Nothing was changed: run the command again."
        )


def test_the_key_of_another_local_server(near: Route, tmp_path: Path) -> None:
    """A real server refuses a real key that it does not know."""
    with Server(tmp_path / "other.sheet", credentials_out=tmp_path / "other.json") as other:
        key = key_file(other, tmp_path / "key.json", f"{near.network.url}/token")
    with near.open(credentials=key) as book:
        assert failure(book.metadata, AccessError) == (
            f"{near.server.spreadsheet_url.replace(near.server.url, near.network.url)}: "
            "signing in failed: the key was revoked, or its account was deleted\n"
            "Use the file that `sheetsync serve --credentials-out` wrote for this workbook."
        )


def test_real_refusals_of_a_real_server(near: Route) -> None:
    with near.open() as book:
        where = f"{near.network.url}/spreadsheets/d/{near.server.spreadsheet_id}"
        assert failure(lambda: book.read(["Gone!A1"]), RenamedError) == (
            f"{where}: a tab was renamed or deleted while this ran (Unable to parse range: Gone!A1)\n"
            "Run the command again."
        )
        gone = {"deleteSheet": {"sheetId": 77}}
        assert failure(lambda: book.apply([gone]), RenamedError).endswith(
            "No grid with id: 77)\nRun the command again."
        )
    missing = Workbook.open("loopback", key="x" * 44, base=near.network.url, credentials=near.credentials, limits=QUICK)
    with missing:
        assert failure(missing.metadata, AccessError).startswith(
            f"{near.network.url}/spreadsheets/d/{'x' * 44}: there is no such spreadsheet\n"
        )


def test_without_an_address_the_account_is_where_it_is_written() -> None:
    answer = requests.Response()
    answer.status_code = 403
    answer._content = b'{"error": {"code": 403, "message": "The caller does not have permission"}}'
    said = said_of(gspread.exceptions.APIError(answer), Context("https://docs.google.com/spreadsheets/d/k"))
    assert said.endswith("Open it, press Share, and add the address in the key file as an editor.")


# Every exception class of the libraries, and what it becomes while reading.
KNOWN: dict[str, type[SheetsyncError]] = {
    "google.auth.exceptions.ClientCertError": AccessError,
    "google.auth.exceptions.DefaultCredentialsError": AccessError,
    "google.auth.exceptions.GoogleAuthError": AccessError,
    "google.auth.exceptions.InvalidOperation": AccessError,
    "google.auth.exceptions.InvalidResource": AccessError,
    "google.auth.exceptions.InvalidType": AccessError,
    "google.auth.exceptions.InvalidValue": AccessError,
    "google.auth.exceptions.MalformedError": AccessError,
    "google.auth.exceptions.MutualTLSChannelError": AccessError,
    "google.auth.exceptions.OAuthError": AccessError,
    "google.auth.exceptions.OSError": AccessError,
    "google.auth.exceptions.ReauthFailError": AccessError,
    "google.auth.exceptions.ReauthSamlChallengeFailError": AccessError,
    "google.auth.exceptions.RefreshError": AccessError,
    "google.auth.exceptions.ResponseError": ServiceError,
    "google.auth.exceptions.TimeoutError": ServiceError,
    "google.auth.exceptions.TransportError": ServiceError,
    "google.auth.exceptions.UserAccessTokenError": AccessError,
}


def classes(module: ModuleType) -> Iterator[type[Exception]]:
    """The exception classes that a library's module defines; warnings are none."""
    for _, kind in inspect.getmembers(module, inspect.isclass):
        if issubclass(kind, Exception) and not issubclass(kind, Warning) and kind.__module__ == module.__name__:
            yield kind


LIBRARIES = (google.auth.exceptions, gspread.exceptions, requests.exceptions, urllib3.exceptions)
ALL = [kind for module in LIBRARIES for kind in classes(module)]


def made(kind: type[Exception]) -> Exception:
    """One of that class, whatever its constructor asks for."""
    if issubclass(kind, gspread.exceptions.APIError):
        answer = requests.Response()
        answer.status_code = 418
        answer._content = b'{"error": {"code": 418, "message": "no coffee"}}'
        return kind(answer)
    error: Any = kind.__new__(kind)
    if issubclass(kind, google.auth.exceptions.GoogleAuthError):
        google.auth.exceptions.GoogleAuthError.__init__(error, "something")
    raised: Exception = error
    return raised


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_error_of_the_libraries_is_translated(kind: type[Exception]) -> None:
    for writing in (False, True):
        context = Context("https://docs.google.com/spreadsheets/d/k", ACCOUNT, writing)
        error = made(kind)
        with pytest.raises(SheetsyncError) as raised, translated(context):
            raise error
        assert raised.value.__cause__ is error
        assert raised.value.where == context.where
        assert raised.value.remedy
        assert raised.value.exit_code in (3, 4)


NEVER_RAISED = {
    "CookieConflictError": "only where a cookie is asked for by its name alone",
    "_MemfdCreationError": "caught where it is raised",
    "CertificateError": "comes as an SSLError",
    "_RequestError": "in a browser",
    "_StreamingError": "in a browser",
    "_TimeoutError": "in a browser",
}


def test_the_libraries_have_no_errors_elsewhere() -> None:
    """A class that a library defines outside its module of exceptions is to be looked at: can it get to us?"""
    found = set()
    for library in (google.auth, google.oauth2, gspread, requests, urllib3):
        for source in Path(library.__path__[0]).rglob("*.py"):
            if source.name != "exceptions.py":
                text = source.read_text(encoding="utf-8")
                found |= set(re.findall(r"^class (\w+)\([\w.]*(?:Error|Exception)\)", text, re.MULTILINE))
    assert found == set(NEVER_RAISED)


def test_the_list_of_sign_in_errors_is_whole() -> None:
    """A class that google-auth adds is to be looked at: is it the key's fault, or the network's?"""
    found = {f"{kind.__module__}.{kind.__name__}": kind for kind in classes(google.auth.exceptions)}
    became: dict[str, Any] = {}
    for name, kind in found.items():
        with pytest.raises(SheetsyncError) as raised, translated(Context("https://docs.google.com/spreadsheets/d/k")):
            raise made(kind)
        became[name] = type(raised.value)
    assert became == KNOWN


BEFORE_SENDING = {
    "InvalidHeader", "InvalidJSONError", "InvalidProxyURL", "InvalidSchema", "InvalidURL", "MissingSchema",
    "TooManyRedirects", "URLRequired",
}  # fmt: skip
AFTER_SENDING = {
    "ChunkedEncodingError", "ConnectionError", "ConnectTimeout", "ContentDecodingError", "HTTPError", "JSONDecodeError",
    "ProxyError", "ReadTimeout", "RequestException", "RetryError", "SSLError", "StreamConsumedError", "Timeout",
    "UnrewindableBodyError",
}  # fmt: skip


def test_the_list_of_errors_that_leave_a_write_unclear_is_whole() -> None:
    """A class that requests adds is to be looked at: can a write have been applied where it is raised?"""
    unclear = set()
    for kind in classes(requests.exceptions):
        with pytest.raises(ServiceError) as raised, translated(Context("w", writing=True)):
            raise made(kind)
        if isinstance(raised.value, AmbiguousWriteError):
            unclear.add(kind.__name__)
    assert unclear == AFTER_SENDING
    assert {kind.__name__ for kind in classes(requests.exceptions)} == BEFORE_SENDING | AFTER_SENDING


def test_a_foreign_answer_is_an_error_of_requests() -> None:
    """So that google-auth hands it on."""
    assert issubclass(ForeignAnswerError, requests.RequestException)


def test_our_own_errors_pass_unchanged() -> None:
    ours = LayoutError("there is no tab")
    with pytest.raises(LayoutError) as raised, translated(Context("w")):
        raise ours
    assert raised.value is ours


def test_a_defect_is_not_hidden() -> None:
    with pytest.raises(KeyError), translated(Context("w")):
        raise KeyError("x")
