"""The local workbook without a server: a transport adapter for requests, and so for gspread."""

from __future__ import annotations

import errno
import http.client
import io
import math
import os
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from sheetsync.local.app import Answer, Workbooks
from sheetsync.local.file import DamagedError
from sheetsync.local.trouble import BrokenOffError, Trouble
from sheetsync.local.web import Asked, Site


class InProcess(BaseAdapter):
    """Answers requests to any host from the workbook at `path`, in this process, as its owner, without credentials.

    Mount it for `https://sheets.googleapis.com/` (and `https://www.googleapis.com/` for Drive). `create=True` makes the
    file where there is none, with one spreadsheet (`properties`: its locale and timeZone); else that is
    FileNotFoundError. `spreadsheet_id` is the oldest spreadsheet in it. Safe in threads; `close` closes the file.
    `trouble` is what goes wrong on purpose, in tests: it raises what a real connection would.
    """

    def __init__(
        self,
        path: Path,
        *,
        create: bool = False,
        properties: Mapping[str, str] | None = None,
        trouble: Trouble | None = None,
    ) -> None:
        super().__init__()
        if not create and not path.exists():
            raise FileNotFoundError(path)
        self.workbooks = Workbooks.open(path)
        try:
            if not create and not self.workbooks.keys():
                raise FileNotFoundError(path)  # its making was stopped
            self.spreadsheet_id = first_spreadsheet(self.workbooks, path, properties or {})
        except BaseException:
            self.workbooks.close()
            raise
        self.site = Site(self.workbooks)
        self.trouble = trouble

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  # the signature is requests'
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: ARG002  # as above
        cert: Any = None,  # noqa: ARG002  # as above
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002  # as above
    ) -> requests.Response:
        """Answer one prepared request. Raises file.FileError."""
        if self.trouble is None:
            answer = self.site.answer(_asked(request), owner=True)
            if answer.failure is not None:
                raise answer.failure
            return _response(request, answer)
        return _troubled(request, self.site, self.trouble, timeout)

    def close(self) -> None:
        """Close the file."""
        if self.trouble is not None:
            self.trouble.release()
        self.workbooks.close()


class _Stored(requests.Response):
    """An answer out of the file: one that is not JSON was not stored so."""

    def json(self, **how: Any) -> Any:
        """What the body says. DamagedError where it is no JSON."""
        try:
            return super().json(**how)
        except requests.exceptions.JSONDecodeError as error:
            raise DamagedError("a stored row is not JSON") from error


def first_spreadsheet(workbooks: Workbooks, path: Path, properties: Mapping[str, str] = MappingProxyType({})) -> str:
    """The oldest spreadsheet in the file; where there is none yet, a new one that is called as the file is."""
    keys = workbooks.keys()
    return keys[0] if keys else workbooks.create({"properties": {"title": path.stem, **properties}})


def _asked(request: requests.PreparedRequest) -> Asked:
    address = urlsplit(request.url or "")
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    query = parse_qsl(address.query, keep_blank_values=True)
    return Asked(request.method or "GET", unquote(address.path), query, headers, _bytes(request.body))


def _bytes(body: Any) -> bytes:
    """A prepared body is None, text, bytes, a file, or pieces."""
    if body is None:
        return b""
    if isinstance(body, bytes | str):
        return body.encode() if isinstance(body, str) else body
    if hasattr(body, "read"):
        return _bytes(body.read())
    return b"".join(map(_bytes, body))


def _troubled(request: requests.PreparedRequest, site: Site, trouble: Trouble, timeout: object) -> requests.Response:
    """The response, or what requests raises when a connection breaks or a server does not answer in time."""
    read = timeout[1] if isinstance(timeout, tuple) else timeout
    patience = float(read) if isinstance(read, int | float) else math.inf
    try:
        answer = trouble.answer(site, _asked(request), owner=True, patience=patience)
        wire = _Wire(answer.chunks())
        wire.begin()
    except TimeoutError as error:
        raise requests.exceptions.ReadTimeout(error, request=request) from error
    except ConnectionError as error:  # RemoteDisconnected is one
        broken = urllib3.exceptions.ProtocolError("Connection aborted.", error)
        raise requests.exceptions.ConnectionError(broken, request=request) from error
    response = _response(request, Answer(answer.status, iter([]), answer.headers))
    headers = urllib3.HTTPHeaderDict(answer.headers)
    response.raw = urllib3.HTTPResponse(wire, headers, answer.status, preload_content=False)
    return response


class _Wire(io.RawIOBase):
    """An answer's pieces as the file that a socket gives."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def begin(self) -> None:
        """Waits for the first byte. RemoteDisconnected or ConnectionResetError where none comes."""
        try:
            self._held = next(self._pieces, b"")
        except BrokenOffError as broken:
            if broken.reset:
                raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)) from None
            raise http.client.RemoteDisconnected("Remote end closed connection without response") from None

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; none where the connection ended."""
        try:
            self._held = self._held or next(self._pieces, b"")
        except BrokenOffError:
            return 0
        size = min(len(buffer), len(self._held))
        buffer[:size], self._held = self._held[:size], self._held[size:]
        return size


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = _Stored()
    response.status_code = answer.status
    response.reason = HTTPStatus(answer.status).phrase
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.url = request.url or ""
    response.request = request
    response.raw = io.BytesIO(answer.body)
    return response
