"""`sheetsync serve`: the local workbook over HTTP, on 127.0.0.1 alone, so that unmodified clients take it for Google.

with Server(Path("department.sheet"), credentials_out=Path("credentials.json")) as server:
    server.url, server.spreadsheet_url, server.credentials
"""

from __future__ import annotations

import itertools
import logging
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

import waitress.server
from waitress import wasyncore
from waitress.channel import ClientDisconnected
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from sheetsync.local.access import ACCOUNT
from sheetsync.local.app import Answer, Workbooks
from sheetsync.local.errors import ApiError
from sheetsync.local.file import FileError
from sheetsync.local.inprocess import first_spreadsheet
from sheetsync.local.sharing import Permission
from sheetsync.local.trouble import BrokenOffError, Trouble
from sheetsync.local.web import LARGEST_BODY, Asked, Page, Site, json_answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
THREADS = 8
CONNECTIONS = 400  # some 500 is what Windows can wait for at once; waitress's 100 are soon held by half requests
STOP_SECONDS = 5

_LOG = logging.getLogger(__name__)


class Server:
    """A server of one workbook file, running in a thread of this process from `__enter__` to `__exit__` (or `close`).

    Makes the file at `path` where there is none, with one spreadsheet. `port` 0 picks a free one. `credentials_out` is
    where the service-account file goes (None: none is written); an account that is new to the workbook is given every
    spreadsheet in it to edit. `trouble` is what goes wrong on purpose, in tests. Raises OSError where the port is taken
    or a file can't be written, FileExistsError where `credentials_out` is somebody else's file, and file.FileError
    where the workbook's file can't be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        port: int = 0,
        credentials_out: Path | None = None,
        page: Page | None = None,
        trouble: Trouble | None = None,
    ) -> None:
        self.workbooks = Workbooks.open(path)
        self.trouble = trouble
        try:
            self.spreadsheet_id = first_spreadsheet(self.workbooks, path)
            self.site = Site(self.workbooks, page)
            self._http = _listening(wsgi(self.site, trouble), port)
        except BaseException:
            self.workbooks.close()
            raise
        self.url = f"http://{HOST}:{self._http.effective_port}"
        self.spreadsheet_url = f"{self.url}/spreadsheets/d/{self.spreadsheet_id}"
        self.credentials = credentials_out
        self._thread = threading.Thread(target=self._http.run, name=f"serve {self.url}", daemon=True)
        try:
            self._let_in(credentials_out)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take no more requests, let those under way end (within `STOP_SECONDS`), and close the file."""
        if self.trouble is not None:
            self.trouble.release()
        http, sockets = self._http, self._http._map
        deadline = time.monotonic() + STOP_SECONDS
        if self._thread.is_alive():  # sockets are closed in the thread that waits for them
            http.trigger.pull_trigger(lambda: wasyncore.dispatcher.close(http))
            http.task_dispatcher.shutdown(timeout=STOP_SECONDS)
            while time.monotonic() < deadline and any(
                way.total_outbufs_len for way in [*http.active_channels.values()]
            ):
                time.sleep(0.01)
            with http.trigger.lock:  # else the thread may close the trigger before it is pulled
                http.trigger.thunks.append(lambda: wasyncore.close_all(sockets))
                http.trigger._physical_pull()
            self._thread.join(STOP_SECONDS)
        else:
            http.task_dispatcher.shutdown(timeout=STOP_SECONDS)
            wasyncore.close_all(sockets)
        self.workbooks.close()

    def _let_in(self, credentials_out: Path | None) -> None:
        if credentials_out is None:
            return
        known = self.site.accounts.knows(ACCOUNT)
        account = self.site.accounts.write_service_account(credentials_out, self.url)
        for key in [] if known else self.workbooks.keys():
            self.site.sharing.share(key, Permission("user", "writer", account))


def serve(
    path: Path,
    port: int = 0,
    credentials_out: Path | None = None,
    *,
    page: Page | None = None,
    ready: Callable[[str], object],
) -> None:
    """Serve until SIGINT or SIGTERM. For the main thread.

    `ready` is called once, with the address of the spreadsheet, when it answers. Nothing is printed here. Raises what
    `Server` raises.
    """
    stop = threading.Event()
    with _stopped_by_signals(stop), Server(path, port=port, credentials_out=credentials_out, page=page) as server:
        ready(server.spreadsheet_url)
        while not stop.wait(3600):
            pass


def wsgi(site: Site, trouble: Trouble | None = None) -> WSGIApplication:
    """The site as a WSGI application. With `trouble`, for waitress alone."""

    told: set[str] = set()

    def tell(failure: FileError) -> None:
        text = f"The workbook's file can't be used: {failure}"
        if text not in told:
            told.add(text)
            _LOG.error("%s", text)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _Request(environ)
        answer = _answered(site, request, trouble)
        if answer.failure is not None:
            tell(answer.failure)
        answer.pieces = _until_unusable(answer.pieces, tell)
        if trouble is not None:
            answer.pieces = _begun(_until_broken(answer.pieces, environ))
        return _response(request, answer)(environ, start_response)

    return application


class _Request(Request):
    max_content_length = LARGEST_BODY


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the first of which is there: an answer without a body is carried without asking for one."""
    return itertools.chain([next(pieces, b"")], pieces)


def _until_unusable(pieces: Iterator[bytes], tell: Callable[[FileError], None]) -> Iterator[bytes]:
    """The pieces; where the file turns out to be unusable, the connection ends."""
    try:
        yield from pieces
    except FileError as failure:
        tell(failure)
        raise ClientDisconnected from None


def _until_broken(pieces: Iterator[bytes], environ: WSGIEnvironment) -> Iterator[bytes]:
    """The pieces; where they break off, so does the connection."""
    try:
        yield from pieces
    except BrokenOffError as broken:
        if broken.reset:
            channel = environ["waitress.client_disconnected"].__self__
            channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ClientDisconnected from None


def _answered(site: Site, request: Request, trouble: Trouble | None) -> Answer:
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        message = f"Request payload size exceeds the limit: {LARGEST_BODY} bytes."
        refusal = ApiError(400, "INVALID_ARGUMENT", message)
        return json_answer(refusal.body(), refusal.code)
    method = "GET" if request.method == "HEAD" else request.method
    headers = {name.lower(): value for name, value in request.headers.items()}
    asked = Asked(method, request.path, list(request.args.items(multi=True)), headers, body)
    return trouble.answer(site, asked) if trouble is not None else site.answer(asked)


def _response(request: Request, answer: Answer) -> Response:
    body = [] if request.method == "HEAD" else answer.chunks()
    return Response(body, status=answer.status, headers=answer.headers)


def _listening(application: WSGIApplication, port: int) -> waitress.server.TcpWSGIServer:
    logging.getLogger("waitress").addHandler(logging.NullHandler())
    return waitress.server.create_server(
        application,
        sockets=[socket.create_server((HOST, port))],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        ident="sheetsync",
        max_request_body_size=LARGEST_BODY,
        expose_tracebacks=False,
    )


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    former = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
