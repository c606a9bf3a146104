"""`serve` over real HTTP: real google-auth, gspread and google-api-python-client, signals, threads, and strangers."""

from __future__ import annotations

import http.client
import json
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gspread
import pytest
import requests
from google.auth import crypt, jwt
from google.auth.exceptions import RefreshError
from google.auth.transport import requests as transport
from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from gspread.utils import ValueRenderOption
from requests.adapters import HTTPAdapter

from sheetsync.local.access import ACCOUNT, JWT_BEARER
from sheetsync.local.app import Workbooks
from sheetsync.local.serve import Server
from sheetsync.local.sharing import Permission
from sheetsync.local.web import Visit

SCOPES = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]
GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class Rewriting(HTTPAdapter):
    """Sends what gspread means for Google to the server under test."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        for origin in GOOGLE:
            if request.url.startswith(origin):
                request.url = self._base + request.url.removeprefix(origin)
        return super().send(request, *args, **kwargs)


def _signed(server: Server, scopes: list[str] = SCOPES) -> Any:
    return service_account.Credentials.from_service_account_file(str(server.credentials), scopes=scopes)


def _session(server: Server, scopes: list[str] = SCOPES) -> Any:
    session = transport.AuthorizedSession(_signed(server, scopes))
    for origin in GOOGLE:
        session.mount(origin, Rewriting(server.url))
    return session


def _gspread(server: Server, scopes: list[str] = SCOPES) -> gspread.Client:
    return gspread.Client(auth=_signed(server, scopes), session=_session(server, scopes))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("serve")
    with Server(folder / "department.sheet", credentials_out=folder / "credentials.json") as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[gspread.Client]:
    opened = _gspread(server)
    yield opened
    opened.http_client.session.close()


def _raw(
    server: Server, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> http.client.HTTPResponse:
    """One request with exactly these headers beside Content-Length."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    answer.read_body = answer.read()  # type: ignore[attr-defined]  # kept for the caller: the connection closes here
    connection.close()
    return answer


def _message(answer: http.client.HTTPResponse) -> str:
    return str(json.loads(answer.read_body)["error"]["message"])  # type: ignore[attr-defined]  # set by _raw


class TestGspread:
    def test_opens_writes_and_reads(self, server: Server, client: gspread.Client) -> None:
        spreadsheet = client.open_by_key(server.spreadsheet_id)
        sheet = spreadsheet.sheet1
        sheet.update([["Anna", 1.5, True], ["Борис ☂", "=1", ""]], "A1", raw=True)
        assert sheet.get("A1:C2", value_render_option=ValueRenderOption.unformatted) == [
            ["Anna", 1.5, True],
            ["Борис ☂", "=1"],
        ]

    def test_ranges_with_any_sign_in_the_tab_s_name(self, server: Server, client: gspread.Client) -> None:
        spreadsheet = client.open_by_key(server.spreadsheet_id)
        sheet = spreadsheet.add_worksheet("a/b:c?d#e%2F & 'f'", 5, 5)
        sheet.update([["x"]], "B2", raw=True)
        sheet.append_row(["y"])
        assert sheet.get_all_values() == [["", ""], ["", "x"], ["", "y"]]
        spreadsheet.del_worksheet(sheet)

    def test_creates_lists_shares_copies_and_deletes(self, client: gspread.Client) -> None:
        made = client.create("Made by gspread")
        made.share("anna@example.com", "user", "reader", notify=False)
        assert [(given["role"], given["emailAddress"]) for given in made.list_permissions()] == [
            ("owner", ACCOUNT),
            ("reader", "anna@example.com"),
        ]
        made.remove_permissions("anna@example.com")
        assert len(made.list_permissions()) == 1
        assert client.open("Made by gspread").id == made.id
        assert made.creationTime <= made.get_lastUpdateTime()
        copied = client.copy(made.id, copy_comments=True, copy_permissions=True)
        assert copied.title == "Copy of Made by gspread"
        assert {made.id, copied.id} <= {file["id"] for file in client.list_spreadsheet_files()}
        client.del_spreadsheet(made.id)
        client.del_spreadsheet(copied.id)
        with pytest.raises(gspread.SpreadsheetNotFound):
            client.open_by_key(made.id)

    def test_a_foreign_spreadsheet_is_403(self, server: Server, client: gspread.Client) -> None:
        foreign = server.workbooks.create({"properties": {"title": "Somebody else's"}})
        with pytest.raises(PermissionError) as caught:
            client.open_by_key(foreign)
        assert isinstance(caught.value.__cause__, gspread.exceptions.APIError)
        assert caught.value.__cause__.response.json() == {
            "error": {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}
        }

    def test_a_reader_reads_and_does_not_write(self, server: Server, client: gspread.Client) -> None:
        shared = server.workbooks.create({"properties": {"title": "To read"}})
        server.site.sharing.share(shared, Permission("user", "reader", ACCOUNT))
        sheet = client.open_by_key(shared).sheet1
        assert sheet.get_all_values() == [[]]
        with pytest.raises(gspread.exceptions.APIError, match="The caller does not have permission") as caught:
            sheet.update([["x"]], "A1")
        assert caught.value.code == 403
        client.http_client.request(
            "post", f"{GOOGLE[0]}/v4/spreadsheets/{shared}:getByDataFilter", json={"dataFilters": [{"a1Range": "A1"}]}
        )

    def test_a_tab_is_copied_only_where_one_may_write(self, server: Server, client: gspread.Client) -> None:
        foreign = server.workbooks.create({})
        sheet = client.open_by_key(server.spreadsheet_id).sheet1
        with pytest.raises(gspread.exceptions.APIError, match="The caller does not have permission"):
            sheet.copy_to(foreign)
        own = client.create("Target")
        assert sheet.copy_to(own.id)["title"].startswith("Copy of ")

    def test_the_readonly_scope_reads(self, server: Server) -> None:
        client = _gspread(server, ["https://www.googleapis.com/auth/spreadsheets.readonly"])
        sheet = client.open_by_key(server.spreadsheet_id).sheet1
        sheet.get("A1")
        with pytest.raises(
            gspread.exceptions.APIError, match=r"Request had insufficient authentication scopes\."
        ) as caught:
            sheet.update([["x"]], "A1")
        error = caught.value.response.json()["error"]
        assert (error["code"], error["status"]) == (403, "PERMISSION_DENIED")
        assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        client.http_client.session.close()

    def test_eight_threads_at_once(self, server: Server, client: gspread.Client) -> None:
        spreadsheet = client.create("Busy")
        spreadsheet.sheet1.update([[""] for _ in range(40)], "A1")

        def write(thread: int) -> None:
            own = _gspread(server)
            for row in range(thread, 41, 8):
                body = {"values": [[row]]}
                own.http_client.values_update(spreadsheet.id, f"A{row}", {"valueInputOption": "RAW"}, body)
            own.http_client.session.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(1, 9)))
        assert spreadsheet.sheet1.col_values(1) == [str(row) for row in range(1, 41)]


class TestGoogleApiPythonClient:
    @pytest.fixture
    def sheets(self, server: Server) -> Iterator[Any]:
        options = {"api_endpoint": server.url}
        with build("sheets", "v4", credentials=_signed(server), client_options=options, static_discovery=True) as api:
            yield api.spreadsheets()

    def test_writes_and_reads(self, server: Server, sheets: Any) -> None:
        key = sheets.create(body={"properties": {"title": "Made"}}, fields="properties.title").execute()[
            "spreadsheetId"
        ]
        values = sheets.values()
        body = {"values": [["a", 1]]}
        written = values.update(spreadsheetId=key, range="A1", valueInputOption="RAW", body=body).execute()
        assert written["updatedCells"] == 2
        assert values.get(spreadsheetId=key, range="A1:B1").execute()["values"] == [["a", "1"]]
        assert server.site.sharing.role(key, ACCOUNT) == "owner"

    def test_a_get_too_long_for_an_address_is_understood(self, server: Server, sheets: Any) -> None:
        ranges = [f"A{row}:B{row}" for row in range(1, 301)]
        answer = sheets.values().batchGet(spreadsheetId=server.spreadsheet_id, ranges=ranges).execute()
        assert len(answer["valueRanges"]) == 300

    def test_what_is_not_there_is_404(self, sheets: Any) -> None:
        with pytest.raises(HttpError) as caught:
            sheets.get(spreadsheetId="nothing").execute()
        assert (caught.value.status_code, caught.value.reason) == (404, "Requested entity was not found.")


class TestToken:
    def _post(self, server: Server, form: dict[str, str]) -> requests.Response:
        return requests.post(f"{server.url}/token", data=form, timeout=20)

    def _assertion(self, server: Server, **changed: Any) -> str:
        info = json.loads(Path(str(server.credentials)).read_text("utf-8"))
        now = int(time.time())
        claims = {"iss": ACCOUNT, "aud": f"{server.url}/token", "scope": SCOPES[0], "iat": now, "exp": now + 600}
        return str(jwt.encode(crypt.RSASigner.from_service_account_info(info), claims | changed).decode())

    def test_a_signed_assertion_gets_a_token(self, server: Server) -> None:
        answer = self._post(server, {"grant_type": JWT_BEARER, "assertion": self._assertion(server)})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
        assert answer.headers["Cache-Control"] == "no-cache, no-store, max-age=0, must-revalidate"
        assert set(answer.json()) == {"access_token", "expires_in", "token_type"}

    def test_an_expired_one_does_not(self, server: Server) -> None:
        old = int(time.time()) - 7200
        answer = self._post(
            server, {"grant_type": JWT_BEARER, "assertion": self._assertion(server, iat=old, exp=old + 3600)}
        )
        assert answer.status_code == 400
        assert answer.json() == {
            "error": "invalid_grant",
            "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
            "timeframe. Check your iat and exp values in the JWT claim.",
        }

    def test_a_forged_one_does_not(self, server: Server) -> None:
        head, claims, signature = self._assertion(server).split(".")
        forged = ".".join([head, claims, signature[:-8] + "AAAAAAAA"])
        answer = self._post(server, {"grant_type": JWT_BEARER, "assertion": forged})
        assert answer.status_code == 400
        assert answer.json() == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}

    def test_google_auth_says_what_google_says(self, server: Server) -> None:
        info = json.loads(Path(str(server.credentials)).read_text("utf-8"))
        stranger = service_account.Credentials.from_service_account_info(
            info | {"client_email": "me@here"}, scopes=SCOPES
        )
        with pytest.raises(RefreshError, match="invalid_grant: Invalid grant: account not found"):
            stranger.refresh(transport.Request())

    def test_too_many_fields_are_refused(self, server: Server) -> None:
        answer = self._post(server, {str(number): "x" for number in range(50)})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    def test_a_get_is_404(self, server: Server) -> None:
        assert requests.get(f"{server.url}/token", timeout=20).status_code == 404


class TestStrangers:
    def test_without_a_token_it_is_401(self, server: Server) -> None:
        answer = requests.get(f"{server.url}/v4/spreadsheets/{server.spreadsheet_id}", timeout=20)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="https://accounts.google.com/"'
        assert answer.json()["error"]["status"] == "UNAUTHENTICATED"

    def test_with_a_wrong_token_it_is_401(self, server: Server) -> None:
        address = f"{server.url}/drive/v3/files"
        answer = requests.get(address, headers={"Authorization": "Bearer ya29.nonsense"}, timeout=20)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    @pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
    def test_by_another_name_nothing_is_answered(self, server: Server, host: str) -> None:
        """DNS rebinding: a name of the attacker's that resolves to this machine."""
        for path in (f"/spreadsheets/d/{server.spreadsheet_id}", "/v4/spreadsheets/x", "/token", "/"):
            answer = _raw(server, "GET", path, {"Host": host})
            assert (answer.status, _message(answer)) == (403, "This server answers to localhost and 127.0.0.1 only.")

    def test_without_a_host_nothing_is_answered(self, server: Server) -> None:
        assert _raw(server, "GET", f"/spreadsheets/d/{server.spreadsheet_id}", {}).status == 403

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
    def test_pages_of_other_origins_are_not_answered(self, server: Server, origin: str) -> None:
        host = urlsplit(server.url).netloc
        answer = _raw(server, "POST", "/token", {"Host": host, "Origin": origin}, b"grant_type=x")
        assert (answer.status, _message(answer)) == (403, "This server does not answer pages of other origins.")
        assert answer.headers["Access-Control-Allow-Origin"] is None

    def test_by_localhost_and_the_own_origin_it_is(self, server: Server) -> None:
        host = f"localhost:{urlsplit(server.url).port}"
        answer = _raw(server, "POST", "/token", {"Host": host, "Origin": f"http://{host}"}, b"grant_type=x")
        assert (answer.status, json.loads(answer.read_body)["error"]) == (400, "unsupported_grant_type")  # type: ignore[attr-defined]  # set by _raw

    def test_it_listens_on_loopback_only(self, server: Server) -> None:
        port = urlsplit(server.url).port
        with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.2", port), timeout=5):
            pass

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/upload/drive/v2/files/x",
            "/v4",
            "/v4/",
            "/v4/spreadsheets/a/b/c",
            "/v3/x",
            "/..%2f..%2fetc/passwd",
            "/%00",
            "/spreadsheets/d/../../etc/passwd",
            "/spreadsheets/d/nothing",
        ],
    )
    def test_other_paths_are_404(self, server: Server, path: str) -> None:
        answer = _raw(server, "GET", path, {"Host": "localhost"})
        assert answer.status == 404
        assert b"Error 404 (Not Found)" in answer.read_body  # type: ignore[attr-defined]  # set by _raw

    def test_a_body_too_large_is_refused(self, server: Server) -> None:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
        connection.putrequest("POST", "/token")
        connection.putheader("Content-Length", str(10**10))
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()

    @pytest.mark.parametrize(
        "text",
        [b"GARBAGE\r\n\r\n", b"\x16\x03\x01\x00\x00", b"GET / HTTP/9.9\r\n\r\n", b"GET http://[/ HTTP/1.1\r\n\r\n"],
    )
    def test_what_is_no_http_does_no_harm(self, server: Server, text: bytes) -> None:
        with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=5) as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            assert b"Traceback" not in connection.recv(10_000)
        assert requests.get(server.spreadsheet_url, timeout=20).status_code == 200


class Drawn:
    """A page whose shell is what a function says, and that has nothing else."""

    def __init__(self, shell: Callable[[Visit, int | None], str]) -> None:
        self.shell = shell

    def asset(self, name: str) -> None:
        """There is none."""

    def answer(self, visit: Visit, method: str, what: str, query: Mapping[str, str], body: bytes) -> None:
        """There is none."""


class TestServer:
    def test_credentials_are_readable_by_the_owner_only(self, server: Server) -> None:
        assert stat.S_IMODE(Path(str(server.credentials)).stat().st_mode) == 0o600

    def test_the_first_spreadsheet_is_shared_not_owned(self, server: Server) -> None:
        assert server.site.sharing.role(server.spreadsheet_id, ACCOUNT) == "writer"

    def test_after_a_restart_the_same_credentials_open_the_same_spreadsheet(self, tmp_path: Path) -> None:
        path, out = tmp_path / "department.sheet", tmp_path / "credentials.json"
        with Server(path, credentials_out=out) as first:
            key = first.spreadsheet_id
            _gspread(first).open_by_key(key).sheet1.update([["kept"]], "A1")
            before = json.loads(out.read_text("utf-8"))
        with Server(path, credentials_out=out) as second:
            assert second.spreadsheet_id == key
            assert _gspread(second).open_by_key(key).sheet1.acell("A1").value == "kept"
            assert json.loads(out.read_text("utf-8")) == before | {"token_uri": f"{second.url}/token"}

    def test_a_share_that_was_taken_back_stays_so(self, tmp_path: Path) -> None:
        path, out = tmp_path / "department.sheet", tmp_path / "credentials.json"
        with Server(path, credentials_out=out) as first:
            first.site.sharing.unshare(first.spreadsheet_id, Permission("user", "writer", ACCOUNT))
        with Server(path, credentials_out=out) as second:
            assert second.site.sharing.role(second.spreadsheet_id, ACCOUNT) is None

    def test_a_workbook_that_was_made_without_a_server_is_shared(self, tmp_path: Path) -> None:
        path = tmp_path / "department.sheet"
        workbooks = Workbooks.open(path)
        keys = [workbooks.create({}), workbooks.create({})]
        workbooks.close()
        with Server(path, credentials_out=tmp_path / "credentials.json") as server:
            assert server.spreadsheet_id == keys[0]
            assert [server.site.sharing.role(key, ACCOUNT) for key in keys] == ["writer", "writer"]

    def test_a_taken_port_is_an_error(self, server: Server, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="Address already in use"):
            Server(tmp_path / "x.sheet", port=urlsplit(server.url).port or 0)

    def test_somebody_else_s_credentials_are_left_alone(self, tmp_path: Path) -> None:
        out = tmp_path / "google.json"
        out.write_text('{"project_id": "sales-1234"}')
        with pytest.raises(FileExistsError, match="is not the credentials file of a local workbook"):
            Server(tmp_path / "x.sheet", credentials_out=out)
        assert out.read_text() == '{"project_id": "sales-1234"}'

    def test_a_page_is_drawn_by_what_is_given(self, tmp_path: Path) -> None:
        asked: list[tuple[str, int | None]] = []

        def shell(visit: Visit, gid: int | None) -> str:
            asked.append((visit.key, gid))
            return "<p>drawn"

        with Server(tmp_path / "department.sheet", page=Drawn(shell)) as server:
            answer = requests.get(server.spreadsheet_url + "/edit?gid=7", timeout=20)
            assert (answer.text, answer.headers["Content-Type"]) == ("<p>drawn", "text/html; charset=UTF-8")
            assert asked == [(server.spreadsheet_id, 7)]
            assert requests.head(server.spreadsheet_url, timeout=20).content == b""

    def test_a_failure_tells_nothing(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        def shell(_visit: Visit, _gid: int | None) -> str:
            raise RuntimeError(f"no file at {tmp_path}")

        with Server(tmp_path / "department.sheet", page=Drawn(shell)) as server, caplog.at_level(logging.ERROR):
            answer = requests.get(server.spreadsheet_url, timeout=20)
        assert answer.status_code == 500
        assert answer.json() == {"error": {"code": 500, "message": "Internal error encountered.", "status": "INTERNAL"}}
        assert str(tmp_path) in caplog.text

    def test_a_request_under_way_is_answered_before_it_closes(self, tmp_path: Path) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def shell(_visit: Visit, _gid: int | None) -> str:
            begun.set()
            assert go_on.wait(20)
            return "x" * size

        size = 12_000_000  # more than sockets buffer, so that some of it is still to be sent when the page is drawn
        server = Server(tmp_path / "department.sheet", page=Drawn(shell))
        with server, ThreadPoolExecutor(2) as pool:
            asked = pool.submit(requests.get, server.spreadsheet_url, timeout=20, stream=True)
            assert begun.wait(20)
            closed = pool.submit(server.close)
            go_on.set()
            answer = asked.result(20)
            with pytest.raises(FutureTimeoutError):
                closed.result(1)
            assert len(answer.content) == size
            closed.result(20)
        assert f"serve {server.url}" not in [thread.name for thread in threading.enumerate()]
        with pytest.raises(requests.ConnectionError):
            requests.get(server.spreadsheet_url, timeout=20)


SCRIPT = """
import sys
from pathlib import Path
from sheetsync.local.serve import serve
serve(Path(sys.argv[1]), credentials_out=Path(sys.argv[2]), ready=lambda url: print(url, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "d.sheet"), str(tmp_path / "c.json")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        url = running.stdout.readline().strip()
        assert requests.get(url, timeout=20).status_code == 200
        running.send_signal(number)
        assert running.wait(20) == 0
        assert (running.stdout.read(), running.stderr.read()) == ("", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.json", "d.sheet"]
