"""A local workbook's server, a network with faults before it, and the same as if it were Google."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sheetsync.google import Workbook
from sheetsync.google.transport import Limits
from sheetsync.local.serve import Server
from tests.google.network import QUICK, Network, certificates, key_file

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True)
class Route:
    """A way to the workbook: through `network`, with the key in `credentials`."""

    network: Network
    server: Server
    credentials: Path
    to_google: bool

    def open(self, limits: Limits = QUICK, credentials: Path | None = None) -> Workbook:
        """The workbook, opened over this way."""
        key, credentials = self.server.spreadsheet_id, credentials or self.credentials
        if self.to_google:
            return Workbook.open("google", key=key, credentials=credentials, limits=limits)
        return Workbook.open("loopback", key=key, base=self.network.url, credentials=credentials, limits=limits)


def shorten_key(server: Server) -> None:
    """Gives the account a key of 1024 bits: one of 2048 takes a tenth of a second to load, and is loaded 100 times."""
    assert server.credentials is not None
    info = json.loads(server.credentials.read_text())
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - guards nothing but this test
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    server.credentials.write_text(json.dumps({**info, "private_key": private}))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with server.workbooks.store.writing() as db:
        db.execute("UPDATE account_key SET public_key = ?", (public,))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A local workbook over HTTP; its key is at `server.credentials`."""
    folder = tmp_path_factory.mktemp("served")
    with Server(folder / "department.sheet", credentials_out=folder / "key.json") as running:
        shorten_key(running)
        yield running


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Certificates as if they were Google's."""
    return certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def near(server: Server, tmp_path: Path) -> Iterator[Route]:
    """A server on this machine, with faults before it."""
    with Network(server.url) as network:
        yield Route(network, server, key_file(server, tmp_path / "near.json", f"{network.url}/token"), to_google=False)


@pytest.fixture
def google(
    server: Server, tls: tuple[Path, ssl.SSLContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Route]:
    """Google's hosts, as the environment's proxy leads to them; behind is the local workbook's server."""
    with Network(server.url, tls[1]) as network:
        monkeypatch.setenv("HTTPS_PROXY", network.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls[0]))
        key = key_file(server, tmp_path / "google.json", "https://oauth2.googleapis.com/token")
        yield Route(network, server, key, to_google=True)
