"""One spreadsheet, wherever it is: read metadata, read cells, apply one batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import requests
from google.auth.transport.requests import AuthorizedSession
from gspread.http_client import HTTPClient
from requests.adapters import HTTPAdapter

from sheetsync.errors import AccessError
from sheetsync.google import credentials as keys
from sheetsync.google.failures import Context, translated
from sheetsync.google.transport import API, CONNECT_SECONDS, READ_SECONDS, Counting, Patient, Redirected
from sheetsync.model import Value

METADATA = (
    "spreadsheetId,spreadsheetUrl,properties(title,locale,timeZone),namedRanges,"
    "sheets(properties,conditionalFormats,protectedRanges,merges,charts(chartId),bandedRanges,basicFilter)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Cells of the asked ranges, in order: unformatted values, dates as serials, trailing blanks left out."""

    values: tuple[list[list[Value]], ...]


class Workbook:
    """A spreadsheet spoken to by gspread; use as a context manager.

    `requests` counts HTTP requests to the Sheets API, every try included. Methods raise AccessError,
    ServiceError, LayoutError, or failures.AmbiguousWriteError (writes only).
    """

    def __init__(self, key: str, session: requests.Session, where: str, account: str, onward: Any) -> None:
        self._key = key
        self._session = session
        self._where = where
        self.account = account
        self._count = Counting(onward)
        session.max_redirects = 0
        session.adapters.clear()
        session.mount(API, Patient(self._count))
        self._client = HTTPClient(auth=None, session=session)  # type: ignore[arg-type]  # as gspread documents it
        self._client.set_timeout((CONNECT_SECONDS, READ_SECONDS))

    @classmethod
    def open(
        cls,
        kind: Literal["google", "loopback", "local"],
        *,
        key: str = "",
        base: str = "",
        path: Path | None = None,
        credentials: Path | None = None,
    ) -> Workbook:
        """Opens by place: `google` (key, credentials), `loopback` (base, key, credentials) or `local` (path).

        Nothing is asked of the service yet. Raises AccessError where the key file or the workbook file is missing.
        """
        if kind == "local" and path is not None:
            return cls._local(path)
        if credentials is None:
            raise AccessError("no credentials file is named", remedy="Name it under workbook.credentials.")
        signed = keys.load(credentials, loopback=kind == "loopback")
        session = AuthorizedSession(signed, refresh_timeout=CONNECT_SECONDS * 3)
        session.trust_env = kind == "google"
        onward = HTTPAdapter() if kind == "google" else Redirected(base)
        where = f"{base or 'https://docs.google.com'}/spreadsheets/d/{key}"
        return cls(key, session, where, keys.email(credentials), onward)

    @classmethod
    def _local(cls, path: Path) -> Workbook:
        from sheetsync.local.inprocess import InProcess  # the local workbook is loaded only where it is used

        try:
            onward = InProcess(path)
        except FileNotFoundError:
            raise AccessError(
                "there is no workbook file here",
                where=f"local:{path}",
                remedy="Make one with `sheetsync init` or `sheetsync demo`, or correct workbook.spreadsheet.",
            ) from None
        session = requests.Session()
        session.trust_env = False
        return cls(onward.spreadsheet_id, session, f"local:{path}", "", onward)

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections and, for `local:`, the file."""
        self._session.close()

    @property
    def requests(self) -> int:
        """HTTP requests sent to the Sheets API so far."""
        return self._count.sent

    def metadata(self) -> dict[str, Any]:
        """The spreadsheet without its cells: properties, tabs, and the objects on them."""
        with translated(self._context()):
            answer = self._client.spreadsheets_get(self._key, params={"fields": METADATA, "prettyPrint": "false"})
        return dict(answer)

    def grid(self, fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """Grid data: spreadsheets.get with a field mask, for the named ranges or the whole workbook."""
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        if ranges:
            params["ranges"] = list(ranges)
        with translated(self._context()):
            return dict(self._client.spreadsheets_get(self._key, params=params))

    def read(self, ranges: Sequence[str]) -> Reading:
        """The cells of some A1 ranges, in one request."""
        params: Any = {
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "prettyPrint": "false",
        }
        with translated(self._context()):
            answer = self._client.values_batch_get(self._key, list(ranges), params=params)
        return Reading(tuple(part.get("values", []) for part in answer["valueRanges"]))

    def apply(self, requests_: Iterable[Mapping[str, Any]]) -> None:
        """Applies one batch: all of it or nothing."""
        body = {"requests": list(requests_), "includeSpreadsheetInResponse": False}
        with translated(self._context(writing=True)):
            self._client.batch_update(self._key, body)

    def _context(self, *, writing: bool = False) -> Context:
        return Context(self._where, self.account, writing)
