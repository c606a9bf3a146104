"""One origin for everything a client or a browser asks the local workbook, whatever carries the request.

/v4/spreadsheets...     Sheets API v4          a token, a scope, and a share of the spreadsheet
/drive/v3/...           Drive API v3           the same
/upload/drive/...       content for Drive      the same
/batch/...              many requests in one   each its own
/token                  OAuth 2.0 JWT grant    a service account's signature
/spreadsheets/d/ID      the workbook as a page no credential: whoever can reach loopback as this machine's user may look
/spreadsheets/d/ID/page what its scripts ask    the secret that stands in the page, anew with each start of the server
/page/NAME              its scripts             none: they are the same for everybody

`Site.answer` is the one function that every request passes, over HTTP and in process alike. Over HTTP the Host header
must be a loopback name (no DNS rebinding), and a browser's Origin must be this server's own. What people do in the page
is done by the account `PAGE_ACCOUNT`, which may edit every spreadsheet and owns none: protection holds for it.
"""

from __future__ import annotations

import hmac
import html
import json
import logging
import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

from sheetsync.local import backup
from sheetsync.local.access import EXPORT_PATH, Accounts, DeniedError, GrantError, Method, find_method, is_loopback
from sheetsync.local.app import Answer, Workbooks, spreadsheet_of, unusable, writes
from sheetsync.local.drive import Drive
from sheetsync.local.errors import ApiError, internal
from sheetsync.local.file import FileError
from sheetsync.local.httpbatch import Part, answered
from sheetsync.local.sharing import Permission, Sharing

LARGEST_BODY = 64 * 1024 * 1024
ROWS_ON_PLAIN_PAGE = 200

PAGE_ACCOUNT = "page@local-workbook.invalid"
_PROOF = "x-sheetsync-page"  # the header that the page's secret comes in
_RUN = "x-sheetsync-run"  # the header by which a run asks that the file is kept as it was before its first write
_MOST_RUNS = 100

_LOG = logging.getLogger(__name__)
_JSON = "application/json; charset=UTF-8"
_HTML = "text/html; charset=UTF-8"
_USUAL = (
    ("Vary", "X-Origin"),
    ("Vary", "Referer"),
    ("Vary", "Origin,Accept-Encoding"),
    ("X-XSS-Protection", "0"),
    ("X-Content-Type-Options", "nosniff"),
)
_API_HEADERS = (("Cache-Control", "private"), ("X-Frame-Options", "SAMEORIGIN"), *_USUAL)
_OWN_HEADERS = (
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    *_USUAL,
)


def _page_headers(policy: str) -> tuple[tuple[str, str], ...]:
    sources = f"default-src 'none'; {policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return (("Cache-Control", "no-store"), ("Content-Security-Policy", sources), *_OWN_HEADERS)


_PLAIN_HEADERS = _page_headers("style-src 'unsafe-inline'; img-src data:; font-src data:")
_SHELL_HEADERS = _page_headers("script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'")
_ASSET_HEADERS = (("Cache-Control", "no-cache"), *_OWN_HEADERS)
_DATA_HEADERS = (("Cache-Control", "no-store"), *_OWN_HEADERS)
_ASSET_PATH = re.compile(r"/page/([\w.-]+)")
_DATA_PATH = re.compile(r"/spreadsheets/d/([\w-]+)/page/(\w+)")
_PAGE_PATH = re.compile(r"/spreadsheets/d/([\w-]+)(?:/(?:edit|view)?)?")


@dataclass(frozen=True)
class Asked:
    """One HTTP request: `path` percent-decoded, `query` decoded pairs in order, `headers` with lower-case names."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def overridden(self) -> Asked:
        """The request that is meant: a GET too long for an address comes as a POST with its query in the body."""
        if self.method != "POST" or self.headers.get("x-http-method-override", "").upper() != "GET":
            return self
        form = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return Asked("GET", self.path, [*self.query, *form], self.headers)


@dataclass(frozen=True)
class Visit:
    """Somebody who looks at a spreadsheet in a browser and edits it there: its id, and the secret of the page."""

    workbooks: Workbooks
    key: str
    secret: str

    def send(self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes) -> tuple[int, bytes]:
        """A request to Sheets API v4, as `PAGE_ACCOUNT`. Raises file.FileError."""
        answer = self.workbooks.handle(method, path, query, body, PAGE_ACCOUNT)
        if answer.failure is not None:
            raise answer.failure
        return answer.status, answer.body

    def revision(self) -> int:
        """Grows with each change of the spreadsheet, whoever makes it."""
        return int(self.workbooks.properties(self.key)["version"])


class Page(Protocol):
    """What makes the page of a spreadsheet; `sheetsync.page.Pages` is one."""

    def shell(self, visit: Visit, gid: int | None) -> str:
        """The page as HTML; `gid` is the wanted tab's sheetId."""

    def asset(self, name: str) -> tuple[str, bytes] | None:
        """A script or a style sheet: (media type, bytes)."""

    def answer(
        self, visit: Visit, method: str, what: str, query: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes] | None:
        """What a script asked for: (status, JSON)."""


class Site:
    """All that one workbook file answers."""

    def __init__(self, workbooks: Workbooks, page: Page | None = None) -> None:
        self.workbooks = workbooks
        self.accounts = Accounts(workbooks)
        self.sharing = Sharing(workbooks)
        self._drive = Drive(workbooks, self.sharing)
        self._page = page
        self._secret = secrets.token_urlsafe(32)
        self._runs: dict[str, None] = {}
        self._keeping = threading.Lock()

    def answer(self, asked: Asked, *, owner: bool = False) -> Answer:
        """Answer any request; never raises. `owner`: it is this machine's person, in process, who shows no token."""
        try:
            if not owner:
                _check_source(asked)
            return self._routed(asked.overridden(), owner=owner)
        except DeniedError as denied:
            return json_answer(denied.body(), denied.code, ("WWW-Authenticate", denied.challenge))
        except ApiError as refusal:
            return json_answer(refusal.body(), refusal.code)
        except FileError as failure:
            return unusable(failure)
        except Exception:  # the edge of the server: the cause goes to the log, and nothing of it to the caller
            _LOG.exception("%s %s", asked.method, asked.path)
            return json_answer(internal().body(), 500)

    def _routed(self, asked: Asked, *, owner: bool) -> Answer:
        if asked.path.startswith(("/v4/", "/drive/v3/", "/upload/drive/")) or EXPORT_PATH.fullmatch(asked.path):
            return self._api(asked, owner=owner)
        if asked.path.startswith("/batch") and asked.method == "POST":
            return self._batch(asked, owner=owner)
        if asked.path == "/token":
            return self._token(asked)
        if asked.path == "/favicon.ico":
            return Answer(204, iter([]), list(_PLAIN_HEADERS))
        if asked.path.startswith("/page/"):
            return self._asset(asked)
        if found := _DATA_PATH.fullmatch(asked.path):
            return self._told(asked, found[1], found[2])
        found = _PAGE_PATH.fullmatch(asked.path)
        return self._drawn(asked, found[1]) if found and asked.method == "GET" else _not_found()

    def _api(self, asked: Asked, *, owner: bool) -> Answer:
        method = find_method(asked.method, asked.path)
        if method is None:
            return _not_found()
        account = None if owner else self.accounts.caller(asked.headers.get("authorization"), method).email
        if method.service == "drive":
            answer = self._drive.handle(asked.method, asked.path, asked.query, asked.body, account, asked.headers)
        else:
            answer = self._sheets(asked, method, account)
        answer.headers.extend(_API_HEADERS)
        return answer

    def _batch(self, asked: Asked, *, owner: bool) -> Answer:
        """Requests in a request: each is asked as if it came alone, with the outer one's token where it has none."""
        outer = {name: asked.headers[name] for name in ("host", "origin") if name in asked.headers}
        token = {"authorization": asked.headers["authorization"]} if "authorization" in asked.headers else {}

        def ask(part: Part) -> Answer:
            if part.path.startswith("/batch"):
                return _not_found()
            headers = {**token, **part.headers, **outer}
            return self.answer(Asked(part.method, part.path, part.query, headers, part.body), owner=owner)

        content_type, body = answered(asked.headers.get("content-type", ""), asked.body, ask)
        return Answer(200, iter([body]), [("Content-Type", content_type), *_API_HEADERS])

    def _sheets(self, asked: Asked, method: Method, account: str | None) -> Answer:
        for key, change in _touched(asked, method):
            self._check_share(key, account, change=change)
        if _RUN in asked.headers and writes(asked.method, asked.path):
            self._keep(asked.headers[_RUN])
        creates = method.id == "sheets.spreadsheets.create"
        query = _with_id(asked.query) if creates else asked.query
        answer = self.workbooks.handle(asked.method, asked.path, query, asked.body, account)
        if creates and account is not None and answer.status == 200:
            key = str(json.loads(answer.body)["spreadsheetId"])
            self.sharing.share(key, Permission("user", "owner", account.casefold()))
        return answer

    def _keep(self, run: str) -> None:
        """A backup before the first write of a run, however often it is sent."""
        with self._keeping:
            if run not in self._runs:
                backup.make(self.workbooks.store)
                self._runs[run] = None
                if len(self._runs) > _MOST_RUNS:
                    del self._runs[next(iter(self._runs))]

    def _check_share(self, key: str, account: str | None, *, change: bool) -> None:
        """Raise 403 where the account may not; a spreadsheet that is not there is left to be answered with 404."""
        if not self.sharing.allows(key, account, "writer" if change else "reader") and self._has(key):
            raise ApiError(403, "PERMISSION_DENIED", "The caller does not have permission")

    def _has(self, key: str) -> bool:
        keys = self.workbooks.keys()
        return key in keys

    def _token(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return _not_found()
        fresh = ("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"), ("Pragma", "no-cache")
        try:
            form = dict(parse_qsl(asked.body.decode("utf-8", "replace"), max_num_fields=20))
            return json_answer(self.accounts.grant(form), 200, *fresh)
        except GrantError as refusal:
            body = {"error": refusal.error, "error_description": refusal.description}
            return json_answer(body, refusal.status, *fresh)
        except ValueError:
            return json_answer({"error": "invalid_request", "error_description": "Bad Request"}, 400, *fresh)

    def _drawn(self, asked: Asked, key: str) -> Answer:
        if not self._has(key):
            return _not_found()
        wanted = dict(asked.query).get("gid", "")
        gid = int(wanted) if re.fullmatch(r"[0-9]{1,10}", wanted) else None
        if self._page is None:
            drawn, headers = plain_page(self.workbooks, key, gid), _PLAIN_HEADERS
        else:
            drawn, headers = self._page.shell(self._visit(key), gid), _SHELL_HEADERS
        return Answer(200, iter([drawn.encode("utf-8", "replace")]), [("Content-Type", _HTML), *headers])

    def _visit(self, key: str) -> Visit:
        return Visit(self.workbooks, key, self._secret)

    def _asset(self, asked: Asked) -> Answer:
        named = _ASSET_PATH.fullmatch(asked.path) if asked.method == "GET" else None
        found = self._page.asset(named[1]) if self._page and named else None
        return (
            _not_found()
            if found is None
            else Answer(200, iter([found[1]]), [("Content-Type", found[0]), *_ASSET_HEADERS])
        )

    def _told(self, asked: Asked, key: str, what: str) -> Answer:
        """What the page's own scripts ask for, who alone know its secret."""
        if self._page is None or not self._has(key):
            return _not_found()
        if not hmac.compare_digest(asked.headers.get(_PROOF, "").encode(), self._secret.encode()):
            raise ApiError(403, "PERMISSION_DENIED", "Only the page that this server has given out may ask for this.")
        found = self._page.answer(self._visit(key), asked.method, what, dict(asked.query), asked.body)
        return (
            _not_found()
            if found is None
            else Answer(found[0], iter([found[1]]), [("Content-Type", _JSON), *_DATA_HEADERS])
        )


def plain_page(workbooks: Workbooks, key: str, gid: int | None) -> str:
    """The tabs as links and the first rows of one of them (the first, without `gid`), when nobody draws them better."""
    query = [("fields", "properties.title,sheets.properties(sheetId,title,hidden)")]
    answer = workbooks.handle("GET", f"/v4/spreadsheets/{key}", query, b"", account=None)
    if answer.failure is not None:
        raise answer.failure
    spreadsheet = json.loads(answer.body)
    tabs = [sheet["properties"] for sheet in spreadsheet["sheets"]]
    shown = next((tab for tab in tabs if tab.get("sheetId", 0) == gid), tabs[0])
    title = shown["title"].replace("'", "''")
    path = f"/v4/spreadsheets/{key}/values/'{title}'!1:{ROWS_ON_PLAIN_PAGE}"
    answer = workbooks.handle("GET", path, [], b"", account=None)
    return _PLAIN.format(
        title=html.escape(spreadsheet["properties"]["title"]),
        tabs="".join(_link(tab, here=tab is shown) for tab in tabs if tab is shown or not tab.get("hidden")),
        rows="".join(map(_row, json.loads(answer.body).get("values", []))),
    )


_PLAIN = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:14px sans-serif;margin:1em}}nav a{{margin-right:1em}}td{{border:1px solid #ccc;padding:2px 6px}}\
table{{border-collapse:collapse;margin-top:1em}}</style></head>
<body><h1>{title}</h1><nav>{tabs}</nav><table>{rows}</table></body></html>
"""


def _link(tab: Mapping[str, object], *, here: bool) -> str:
    address = html.escape("?" + urlencode({"gid": tab.get("sheetId", 0)}))
    return f'<a href="{address}"{" aria-current=page" if here else ""}>{html.escape(str(tab["title"]))}</a>'


def _row(cells: Sequence[object]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>"


def _check_source(asked: Asked) -> None:
    """Refuse what another site's page could send: by a name that it had resolved to this machine, or across origins."""
    host, origin = asked.headers.get("host", ""), asked.headers.get("origin")
    if not is_loopback(host):
        raise ApiError(403, "PERMISSION_DENIED", "This server answers to localhost and 127.0.0.1 only.")
    foreign = asked.headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
    if foreign and asked.headers.get("sec-fetch-mode") != "navigate":
        raise ApiError(403, "PERMISSION_DENIED", "This server does not answer pages of other origins.")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        raise ApiError(403, "PERMISSION_DENIED", "This server does not answer pages of other origins.")


def _touched(asked: Asked, method: Method) -> list[tuple[str, bool]]:
    """(spreadsheet id, whether it is changed) of every spreadsheet that a request is about."""
    key = spreadsheet_of(asked.path)
    if key is None:
        return []
    if method.id != "sheets.spreadsheets.sheets.copyTo":
        return [(key, writes(asked.method, asked.path))]
    try:
        target = json.loads(asked.body)["destinationSpreadsheetId"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return [(key, False)]
    return [(key, False), (str(target), True)]


def _with_id(query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The query of a create, whose answer always names the new spreadsheet: its maker must become its owner."""
    return [(name, f"spreadsheetId,{value}" if name == "fields" and value else value) for name, value in query]


def json_answer(value: Mapping[str, object], status: int, *headers: tuple[str, str]) -> Answer:
    """An answer in JSON, with the headers that Google gives, or with `headers` instead of those of the same name."""
    body = json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
    names = {name for name, _ in headers}
    usual = [pair for pair in _API_HEADERS if pair[0] not in names]
    return Answer(status, iter([body]), [("Content-Type", _JSON), *headers, *usual])


def _not_found() -> Answer:
    body = "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> That’s an error.\n"
    return Answer(404, iter([body.encode()]), [("Content-Type", _HTML), *_PLAIN_HEADERS])
