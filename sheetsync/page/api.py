"""Sheets API v4 as the page uses it: one spreadsheet, JSON in and out, a refusal as an exception."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import orjson

Json = Mapping[str, Any]


class Visit(Protocol):
    """Somebody who looks at one spreadsheet."""

    @property
    def key(self) -> str:
        """The spreadsheet's id."""

    @property
    def secret(self) -> str:
        """What the scripts have to show with each of their requests."""

    def send(self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes) -> tuple[int, bytes]:
        """Send a request to Sheets API v4; `path` begins with `/v4/`. The HTTP status and the body."""

    def revision(self) -> int:
        """A number that grows with each change of the spreadsheet."""


class RefusalError(Exception):
    """What the API refused: its HTTP status, and its body or one like it."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body.decode('utf-8', 'replace')}")
        self.status, self.body = status, body

    @classmethod
    def of(cls, message: str, status: int = 400) -> RefusalError:
        """A refusal of the page's own, in the API's shape."""
        name = "INVALID_ARGUMENT" if status == 400 else "NOT_FOUND"
        return cls(status, orjson.dumps({"error": {"code": status, "message": message, "status": name}}))


class Area(NamedTuple):
    """A rectangle of cells, counted from 0: first row and column, and the ones just past the last."""

    top: int
    left: int
    bottom: int
    right: int

    def a1(self, title: str) -> str:
        """The range in A1 notation."""
        first, last = f"{letters(self.left)}{self.top + 1}", f"{letters(self.right - 1)}{self.bottom}"
        return f"{quoted(title)}!{first}:{last}"

    def grid_range(self, gid: int) -> dict[str, int]:
        """The GridRange in the tab with that id."""
        rows = {"startRowIndex": self.top, "endRowIndex": self.bottom}
        return {"sheetId": gid, **rows, "startColumnIndex": self.left, "endColumnIndex": self.right}


class Api:
    """The requests of a visit."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._base = visit, f"/v4/spreadsheets/{visit.key}"

    def get(self, fields: str, ranges: Iterable[str] = ()) -> dict[str, Any]:
        """`spreadsheets.get`."""
        query = [("fields", fields), *(("ranges", each) for each in ranges)]
        return dict(self._sent("GET", "", query))

    def values(self, range_: str, rendering: str = "FORMATTED_VALUE") -> list[list[Any]]:
        """`spreadsheets.values.get`: rows."""
        query = [("valueRenderOption", rendering), ("dateTimeRenderOption", "SERIAL_NUMBER")]
        return list(self._sent("GET", f"/values/{range_}", query).get("values", []))

    def write_values(self, data: Sequence[Json]) -> None:
        """`spreadsheets.values.batchUpdate`, as typed."""
        self._sent("POST", "/values:batchUpdate", [], {"valueInputOption": "USER_ENTERED", "data": data})

    def clear(self, ranges: Sequence[str]) -> None:
        """`spreadsheets.values.batchClear`."""
        self._sent("POST", "/values:batchClear", [], {"ranges": ranges})

    def batch(self, requests: Sequence[Json]) -> None:
        """`spreadsheets.batchUpdate`."""
        self._sent("POST", ":batchUpdate", [], {"requests": requests})

    def tab(self, gid: int) -> Json:
        """The SheetProperties of the tab with that id. RefusalError 404 where there is none."""
        sheets = self.get("sheets.properties(sheetId,title,gridProperties)")["sheets"]
        for sheet in sheets:
            if sheet["properties"].get("sheetId", 0) == gid:
                return dict(sheet["properties"])
        raise RefusalError.of(f"No grid with id: {gid}", 404)

    def _sent(self, method: str, path: str, query: Sequence[tuple[str, str]], body: Json | None = None) -> Any:
        data = b"" if body is None else orjson.dumps(body)
        status, answer = self._visit.send(method, self._base + path, [*query, ("prettyPrint", "false")], data)
        if status != 200:
            raise RefusalError(status, answer)
        return orjson.loads(answer)


def quoted(title: str) -> str:
    """A tab's title as A1 notation writes it."""
    return "'" + title.replace("'", "''") + "'"


def letters(column: int) -> str:
    """The letters of a column, counted from 0."""
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
