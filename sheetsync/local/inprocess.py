"""The local workbook without a server: a transport adapter for requests, and so for gspread."""

from __future__ import annotations

import io
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from sheetsync.local.app import Answer, Workbooks
from sheetsync.local.web import Asked, Site


class InProcess(BaseAdapter):
    """Answers requests to any host from the workbook at `path`, in this process, as its owner, without credentials.

    Mount it for `https://sheets.googleapis.com/` (and `https://www.googleapis.com/` for Drive). `create=True` makes the
    file where there is none, with one spreadsheet (`properties`: its locale and timeZone); else that is
    FileNotFoundError. `spreadsheet_id` is the oldest spreadsheet in it. Safe in threads; `close` closes the file.
    """

    def __init__(self, path: Path, *, create: bool = False, properties: Mapping[str, str] | None = None) -> None:
        super().__init__()
        if not create and not path.exists():
            raise FileNotFoundError(path)
        self.workbooks = Workbooks.open(path)
        self.spreadsheet_id = first_spreadsheet(self.workbooks, path, properties or {})
        self.site = Site(self.workbooks)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  # the signature is requests'
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,  # noqa: ARG002  # as above
        verify: bool | str = True,  # noqa: ARG002  # as above
        cert: Any = None,  # noqa: ARG002  # as above
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002  # as above
    ) -> requests.Response:
        """Answer one prepared request."""
        return _response(request, self.site.answer(_asked(request), owner=True))

    def close(self) -> None:
        """Close the file."""
        self.workbooks.close()


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


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = HTTPStatus(answer.status).phrase
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.url = request.url or ""
    response.request = request
    response.raw = io.BytesIO(answer.body)
    return response
