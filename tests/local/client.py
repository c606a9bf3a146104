"""A client of the local workbook for the tests: JSON in, JSON out, and every answer checked against Google's schema."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from sheetsync.local import discovery
from sheetsync.local.app import Workbooks

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
BASE = "/v4/spreadsheets"
Json = dict[str, Any]


class Client:
    """One new spreadsheet in a file of its own; `account` is who asks."""

    def __init__(self, folder: Path, body: Json | None = None, account: str | None = None) -> None:
        self.path = folder / "book.sheet"
        self.workbooks = Workbooks.open(self.path, clock=lambda: NOON)
        self.account = account
        self.key = self.workbooks.create(body)

    def ask(self, verb: str, rest: str = "", body: Json | None = None, **query: Any) -> tuple[int, Json]:
        """(status, body) of a request about the spreadsheet; lists in the query are repeated."""
        path = rest if rest.startswith(BASE) else f"{BASE}/{self.key}{rest}"
        pairs = [
            (name, text) for name, given in query.items() for text in (given if isinstance(given, list) else [given])
        ]
        sent = orjson.dumps(body) if body is not None else b""
        answer = self.workbooks.handle(verb, path, pairs, sent, self.account)
        shown = orjson.loads(answer.body)
        if answer.status == 200:
            check_shape(verb, path, shown)
        return answer.status, shown

    def ok(self, verb: str, rest: str = "", body: Json | None = None, **query: Any) -> Json:
        """The body of a request that must be answered with 200."""
        status, shown = self.ask(verb, rest, body, **query)
        assert status == 200, shown
        return shown

    def refused(self, verb: str, rest: str = "", body: Json | None = None, **query: Any) -> str:
        """The message of a request that must be answered with 400."""
        status, shown = self.ask(verb, rest, body, **query)
        assert status == 400, shown
        assert shown["error"]["status"] == "INVALID_ARGUMENT"
        return str(shown["error"]["message"])

    def batch(self, *requests: Json) -> list[Json]:
        """The replies of a batchUpdate."""
        replies: list[Json] = self.ok("POST", ":batchUpdate", {"requests": list(requests)})["replies"]
        assert len(replies) == len(requests)
        return replies

    def batch_refused(self, *requests: Json) -> str:
        """The message of a batchUpdate that must be refused."""
        return self.refused("POST", ":batchUpdate", {"requests": list(requests)})

    def put(self, where: str, values: list[list[Any]], option: str = "RAW", **query: Any) -> Json:
        """values.update."""
        return self.ok("PUT", f"/values/{where}", {"values": values}, valueInputOption=option, **query)

    def values(self, where: str, **query: Any) -> list[list[Any]]:
        """The values of a range, unformatted unless the query says otherwise; [] for none."""
        found: list[list[Any]] = self.ok(
            "GET", f"/values/{where}", **({"valueRenderOption": "UNFORMATTED_VALUE"} | query)
        ).get("values", [])
        return found

    def get(self, fields: str, **query: Any) -> Json:
        """spreadsheets.get with a mask."""
        return self.ok("GET", fields=fields, **query)

    def sheet(self, fields: str, place: int = 0, **query: Any) -> Json:
        """One tab, with a mask below `sheets`."""
        found: list[Json] = self.get(f"sheets({fields})", **query).get("sheets", [])
        return found[place] if place < len(found) else {}

    def cells(self, where: str, fields: str = "*") -> list[list[Json]]:
        """The CellData of a range, with a mask below `values`."""
        data = self.sheet(f"data.rowData.values({fields})" if fields != "*" else "data.rowData", ranges=where)["data"][
            0
        ]
        return [row.get("values", []) for row in data.get("rowData", [])]


def check_shape(verb: str, path: str, shown: Json) -> None:
    """AssertionError where an answer has a field, a type or an enum value that Google's schema does not know."""
    found = discovery.find(verb, path)
    assert found is not None
    faults: discovery.Faults = []
    discovery.check_of(found[0].response)(copy.deepcopy(shown), None, faults)
    assert faults == [], faults


def grid_range(top: int, bottom: int, left: int, right: int, sheet: int = 0) -> Json:
    """A GridRange."""
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }
