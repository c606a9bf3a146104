"""A real HTTP server with faults, on a loopback port: in front of a local workbook's server, or alone, or as Google.

As Google it is the proxy of the environment: it takes CONNECT to any host, and speaks TLS with a certificate for it.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sheetsync.google.transport import Limits
from sheetsync.local.serve import Server

GOOGLE_HOSTS = ("sheets.googleapis.com", "oauth2.googleapis.com")
TOKEN = "ya29.token-of-the-test"
QUICK = Limits(connect=5, read=5, deadline=5, sign_in=5, pause=0.01)
"""Time enough for a busy machine, and no wait between tries worth the name."""


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; `host` is where CONNECT led, or ""."""

    host: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Network:
    """The server. `faults` and `token_faults` are what befalls the next requests, one each; then all is well."""

    def __init__(self, upstream: str = "", tls: ssl.SSLContext | None = None) -> None:
        self.upstream = upstream.removeprefix("http://")
        self.tls = tls
        self.seen: list[Seen] = []
        self.faults: deque[Fault] = deque()
        self.token_faults: deque[Fault] = deque()
        self.errors: list[BaseException] = []
        self.closing = threading.Event()
        self.connections = self.accepted = 0
        self.quiet = threading.Condition()
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        assert self.errors == []

    def connected(self, change: int) -> None:
        """A connection more, or less."""
        with self.quiet:
            self.connections += change
            self.accepted += change > 0
            self.quiet.notify_all()

    def all_closed(self) -> bool:
        """Whether the clients close all their connections, within seconds."""
        with self.quiet:
            return self.quiet.wait_for(lambda: self.connections == 0, timeout=5)

    @property
    def api(self) -> list[Seen]:
        """The requests to the Sheets API."""
        return [seen for seen in self.seen if seen.path.startswith("/v4/")]

    @property
    def tokens(self) -> list[Seen]:
        """The requests for a token."""
        return [seen for seen in self.seen if seen.path == "/token"]


class _Http(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, network: Network) -> None:
        self.network = network
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 10
    host = ""
    body = b""

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def handle(self) -> None:
        """Notes what is not the client's going away, which is part of the game."""
        self.network.connected(1)
        try:
            super().handle()
        except (ConnectionError, TimeoutError, ssl.SSLError):
            pass
        except BaseException as error:  # the test raises it
            self.network.errors.append(error)
        finally:
            self.network.connected(-1)

    def finish(self) -> None:
        """Closes what TLS put on top as well."""
        super().finish()
        self.connection.close()

    @property
    def network(self) -> Network:
        """Whose connection it is."""
        assert isinstance(self.server, _Http)
        return self.server.network

    def do_CONNECT(self) -> None:
        """Becomes the host that is asked for."""
        assert self.network.tls is not None
        self.send_response_only(200)
        self.end_headers()
        self.host = self.path
        self.connection = self.network.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_GET(self) -> None:
        """The next fault, or the answer."""
        path = self.path.partition("?")[0]
        faults = self.network.token_faults if path == "/token" else self.network.faults
        fault = faults.popleft() if faults else well
        if fault is not reset_before:
            self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.network.seen.append(Seen(self.host, self.command, self.path, dict(self.headers), self.body))
        fault(self)

    do_POST = do_GET  # noqa: N815 - named by http.server

    def answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Sends an answer whole."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """Breaks the connection off (RST)."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


Fault = Callable[[Handler], None]


def well(handler: Handler) -> None:
    """The answer of the server behind; where there is none, a token and an empty object."""
    if handler.network.upstream:
        status, body, kind = passed_on(handler)
        handler.answer(status, body, {"Content-Type": kind})
    elif handler.path == "/token":
        says(200, {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})(handler)
    else:
        says(200, {"valueRanges": []})(handler)


def passed_on(handler: Handler) -> tuple[int, bytes, str]:
    """Sends the request on to the server behind: its status, body and content type."""
    behind = http.client.HTTPConnection(handler.network.upstream, timeout=10)
    try:
        kept = ("authorization", "content-type")
        headers = {name: value for name, value in handler.headers.items() if name.lower() in kept}
        behind.request(handler.command, handler.path, handler.body, headers)
        answer = behind.getresponse()
        return answer.status, answer.read(), answer.headers.get("Content-Type", "")
    finally:
        behind.close()


def says(status: int, body: Any, **headers: str) -> Fault:
    """Answers with a JSON body; `Retry_After="1"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = {"Content-Type": "application/json; charset=UTF-8"}
    return lambda handler: handler.answer(status, json.dumps(body, indent=2).encode(), {**kind, **named})


def fails(status: int, code: str, message: str, **headers: str) -> Fault:
    """Answers as the Sheets API does when it refuses."""
    return says(status, {"error": {"code": status, "message": message, "status": code}}, **headers)


def web_page(status: int) -> Fault:
    """Answers with HTML, as proxies and sign-in pages do."""
    page = b"<!DOCTYPE html><title>Sign in to the guest network</title>"
    return lambda handler: handler.answer(status, page, {"Content-Type": "text/html; charset=utf-8"})


def moved(to: str) -> Fault:
    """Redirects, keeping method and body."""
    return lambda handler: handler.answer(307, b"", {"Location": to})


def cut(handler: Handler) -> None:
    """Does what is asked, and breaks off in the middle of the answer."""
    status, body, kind = passed_on(handler)
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def half(handler: Handler) -> None:
    """Does what is asked, and answers with half of the JSON as if it were all."""
    status, body, kind = passed_on(handler)
    handler.answer(status, body[: len(body) // 2], {"Content-Type": kind})


def hang_up(handler: Handler) -> None:
    """Answers well, and ends the connection."""
    status, body, kind = passed_on(handler)
    handler.answer(status, body, {"Content-Type": kind, "Connection": "close"})


def reset_before(handler: Handler) -> None:
    """Breaks off before the body is read."""
    handler.reset()


def reset_after(handler: Handler) -> None:
    """Does what is asked, and breaks off before the answer."""
    passed_on(handler)
    handler.reset()


def dripping(handler: Handler) -> None:
    """Goes on answering, a byte at a time, for as long as somebody listens."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json; charset=UTF-8")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.network.closing.wait(0.02):
        handler.wfile.write(b" ")


def slow(handler: Handler) -> None:
    """Does what is asked, and does not answer until the server closes."""
    passed_on(handler)
    handler.network.closing.wait(20)
    handler.close_connection = True


def unused_address() -> str:
    """An address on this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def key_file(source: Server, target: Path, token_uri: str) -> Path:
    """The server's key with another address for tokens."""
    assert source.credentials is not None
    info = json.loads(source.credentials.read_text())
    target.write_text(json.dumps({**info, "token_uri": token_uri}))
    return target


def certificates(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of our own making for Google's hosts: its file for clients, and its server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sheetsync test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in GOOGLE_HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    public, private = folder / "google.pem", folder / "google.key"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
