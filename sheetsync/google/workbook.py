"""One spreadsheet, wherever it is: read metadata, read cells, apply one batch."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

import requests
from gspread.http_client import HTTPClient
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL
from requests.adapters import BaseAdapter

from sheetsync import logs
from sheetsync.errors import AccessError
from sheetsync.google import credentials as keys
from sheetsync.google.failures import Context, translated
from sheetsync.google.transport import (
    API,
    Counting,
    Direct,
    Limits,
    PartialAnswerError,
    Patient,
    Redirected,
    Signed,
    guard,
    sheets_only,
    whole,
)
from sheetsync.model import Value

LIMITS = {
    "google": Limits(paced=True),
    "loopback": Limits(connect=5.0, deadline=60.0, sign_in=5.0),
    "local": Limits(deadline=5.0, sign_in=5.0),  # what fails in this process fails for good
}

_SHOWN = "updatedSpreadsheet(sheets(properties(sheetId),data(rowData(values(formattedValue)))))"

_RUN = "X-Sheetsync-Run"
"""By this header a local workbook knows the writes of one run, before the first of which it makes a backup."""
_KINDS = frozenset((str, float, int, bool, type(None)))

METADATA = (
    "spreadsheetId,spreadsheetUrl,properties(title,locale,timeZone),namedRanges,"
    "sheets(properties,conditionalFormats,protectedRanges,merges,charts(chartId),bandedRanges,basicFilter)"
)


class Somewhere(Protocol):
    """Where a spreadsheet is; `settings.Place` is one."""

    @property
    def kind(self) -> Literal["google", "loopback", "local"]:
        """Which of the three it is."""

    @property
    def key(self) -> str:
        """The spreadsheet's id; "" for `local`."""

    @property
    def base(self) -> str:
        """`http://HOST:PORT` of a server on this machine."""

    @property
    def path(self) -> Path | None:
        """The file of a `local` one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Cells of the asked ranges, in order: unformatted values, dates as serials, trailing blanks left out."""

    values: tuple[list[list[Value]], ...]


class Workbook:
    """A spreadsheet spoken to by gspread; use as a context manager.

    `requests` counts HTTP requests to the Sheets API, every try included. Methods raise AccessError,
    ServiceError, LayoutError, or failures.AmbiguousWriteError (writes only).
    """

    def __init__(
        self,
        key: str,
        session: requests.Session,
        onward: BaseAdapter,
        *,
        where: str,
        limits: Limits,
        account: str = "",
        signed: Any = None,
        told: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._key = key
        self._session = session
        self._where = where
        self._account = account
        self._signed = signed
        self._told = told
        self._count = Counting(onward)
        guard(session, Patient(self._count, limits), [API], environment=where.startswith("https://"))
        session.hooks["response"].append(sheets_only)
        if not where.startswith("https://"):
            session.headers[_RUN] = secrets.token_hex(8)
        self._client = HTTPClient(auth=None, session=session)  # type: ignore[arg-type]  # as gspread documents it
        logs.record("opened", spreadsheet=where)

    @classmethod
    def at(cls, place: Somewhere, credentials: str, deadline: float | None = None) -> Workbook:
        """`open` for a place and the name of a key file (`~` is the home directory), or `default`.

        `deadline`: seconds for a request with all its tries, in place of the place's own; a `local` one keeps its.
        """
        given: Path | Literal["default"]
        try:
            given = keys.AMBIENT if credentials == keys.AMBIENT else Path(credentials).expanduser()
        except RuntimeError:
            raise AccessError(
                "the home directory in this name is unknown", where=credentials, remedy="Write the whole path."
            ) from None
        usual = LIMITS[place.kind]
        limits = usual if deadline is None or place.kind == "local" else replace(usual, deadline=deadline)
        return cls.open(place.kind, key=place.key, base=place.base, path=place.path, credentials=given, limits=limits)

    @classmethod
    def open(
        cls,
        kind: Literal["google", "loopback", "local"],
        *,
        key: str = "",
        base: str = "",
        path: Path | None = None,
        credentials: Path | Literal["default"] | None = None,
        limits: Limits | None = None,
    ) -> Workbook:
        """Opens by place: `google` (key, credentials), `loopback` (base, key, credentials) or `local` (path).

        Credentials are a key file or, for Google, "default": Application Default Credentials. Nothing is asked of the
        service yet; `limits` are the place's own unless given. Raises AccessError where credentials or the workbook
        file are missing or of another kind.
        """
        limits = limits or LIMITS[kind]
        if kind == "local" and path is not None:
            return cls._local(path, limits)
        if credentials is None:
            raise AccessError(
                "no credentials file is named",
                remedy="Name it under workbook.credentials, or with --credentials (README, Google set-up, step 4).",
            )
        loopback = kind == "loopback"
        if loopback and not keys.is_loopback(base):
            raise AccessError("this address is not on this machine", where=base, remedy="Write http://127.0.0.1:PORT.")
        if loopback and not isinstance(credentials, Path):
            raise AccessError(
                "a sign-in at Google is not sent to a local server",
                where=base,
                remedy="Name the file that `sheetsync serve --credentials-out` wrote with --credentials.",
            )
        signed = keys.load(credentials, loopback=loopback) if isinstance(credentials, Path) else keys.ambient()
        session = Signed(signed, limits, keys.token_address(signed) if loopback else "")
        onward = Redirected(base) if loopback else Direct()
        where = f"{base if loopback else 'https://docs.google.com'}/spreadsheets/d/{key}"
        return cls(key, session, onward, where=where, limits=limits, signed=signed)

    @classmethod
    def _local(cls, path: Path, limits: Limits) -> Workbook:
        from sheetsync.google.file import told
        from sheetsync.local.access import ACCOUNT
        from sheetsync.local.inprocess import InProcess  # the local workbook is loaded only where it is used

        with told(path):
            onward = InProcess(path)
        # The owner writes; our tabs stay open to the account that `serve` lets in, whichever way is taken next week.
        return cls(
            onward.spreadsheet_id,
            requests.Session(),
            onward,
            where=f"local:{path}",
            limits=limits,
            account=ACCOUNT,
            told=partial(told, path),
        )

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections and, for `local:`, the file."""
        self._session.close()

    @property
    def account(self) -> str:
        """The address that reads and writes; "" where it is unknown (a person's, or a machine's before it asked)."""
        return self._account or keys.email(self._signed)

    @property
    def identity(self) -> str:
        """The address that signed in; "" where it is unknown, and for a file of this machine."""
        return keys.email(self._signed)

    @property
    def requests(self) -> int:
        """HTTP requests sent to the Sheets API so far."""
        return self._count.sent

    def metadata(self) -> dict[str, Any]:
        """The spreadsheet without its cells: properties, tabs, and the objects on them."""
        with self._translated():
            answer = self._client.spreadsheets_get(self._key, params={"fields": METADATA, "prettyPrint": "false"})
            return whole(answer, "properties", "sheets")

    def grid(self, fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """Grid data: spreadsheets.get with a field mask that asks for something of each sheet, for the named ranges or
        the whole workbook."""
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        if ranges:
            params["ranges"] = list(ranges)
        with self._translated():
            return whole(self._client.spreadsheets_get(self._key, params=params), "sheets")

    def read(self, ranges: Sequence[str]) -> Reading:
        """The cells of some A1 ranges, in one request."""
        params: Any = {
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "prettyPrint": "false",
        }
        with self._translated():
            answer = whole(self._client.values_batch_get(self._key, list(ranges), params=params), "valueRanges")
            parts = [whole(part) for part in answer["valueRanges"]]
            if len(parts) != len(ranges):
                raise PartialAnswerError("not the cells that were asked for")
        return Reading(tuple([*map(_values, part.get("values", []))] for part in parts))

    def apply(
        self, requests_: Iterable[Mapping[str, Any]], look: Sequence[str] = ()
    ) -> dict[int, list[list[list[str]]]]:
        """Applies one batch: all of it or nothing. What the A1 ranges of `look` show at once afterwards: by sheet id,
        for each range of that tab, its rows as text, ragged.
        """
        body: dict[str, Any] = {"requests": list(requests_), "includeSpreadsheetInResponse": bool(look)}
        if look:
            body |= {"responseRanges": list(look), "responseIncludeGridData": True}
        params: Any = {"fields": _SHOWN if look else "spreadsheetId", "prettyPrint": "false"}
        with self._translated(writing=True):
            answer = self._client.request("post", SPREADSHEET_BATCH_UPDATE_URL % self._key, params=params, json=body)
            sheets = whole(answer.json()).get("updatedSpreadsheet", {}).get("sheets", [])
        return {int(sheet["properties"].get("sheetId", 0)): _shown(sheet) for sheet in sheets}

    @contextmanager
    def _translated(self, *, writing: bool = False) -> Iterator[None]:
        with self._told(), translated(Context(self._where, self._account, writing, self._signed)):
            yield


def _shown(sheet: Mapping[str, Any]) -> list[list[list[str]]]:
    """The rows of each range that was asked for, as text."""
    blocks = [block.get("rowData", []) for block in sheet.get("data", [])]
    return [
        [[str(cell.get("formattedValue", "")) for cell in row.get("values", [])] for row in rows] for rows in blocks
    ]


def _values(row: list[Any]) -> list[Value]:
    """The cells of a row; one that is no value of a cell (a list, keys) is the text of it."""
    if _KINDS.issuperset(map(type, row)):
        return row
    return [cell if type(cell) in _KINDS else str(cell) for cell in row]
