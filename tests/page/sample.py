"""A workbook with something of everything that the page shows, and a visit to it without a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sheetsync.local.app import Workbooks
from sheetsync.local.web import Visit
from sheetsync.page import Pages

LOG, BIG, HIDDEN = 0, 1, 2
PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
Json = dict[str, Any]


def cells(top: int, left: int, bottom: int, right: int, gid: int = LOG) -> Json:
    """A GridRange."""
    rows = {"sheetId": gid, "startRowIndex": top, "endRowIndex": bottom}
    return {**rows, "startColumnIndex": left, "endColumnIndex": right}


def _rule(column: int, kind: str, *values: str, strict: bool = False, said: str = "") -> Json:
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    rule = {"condition": condition, "strict": strict, "showCustomUi": True, **({"inputMessage": said} if said else {})}
    return {"setDataValidation": {"range": cells(1, column, 100, column + 1), "rule": rule}}


def _look(area: Json, **look: Any) -> Json:
    fields = ",".join(f"userEnteredFormat.{name}" for name in look)
    return {"repeatCell": {"range": area, "cell": {"userEnteredFormat": look}, "fields": fields}}


ORANGE = {"red": 1, "green": 0.6, "blue": 0}
REQUESTS: Sequence[Json] = (
    {
        "updateSheetProperties": {
            "properties": {"sheetId": LOG, "gridProperties": {"frozenRowCount": 1, "frozenColumnCount": 1}},
            "fields": "gridProperties(frozenRowCount,frozenColumnCount)",
        }
    },
    _rule(2, "ONE_OF_LIST", "Call", "Meeting", "Offer"),
    _rule(3, "NUMBER_BETWEEN", "1", "10", strict=True, said="From 1 to 10."),
    _rule(4, "BOOLEAN"),
    {"addProtectedRange": {"protectedRange": {"range": cells(0, 0, 1, 12)}}},
    {
        "updateCells": {
            "range": cells(0, 1, 1, 2),
            "rows": [{"values": [{"note": "Who did it <b>\nand no other"}]}],
            "fields": "note",
        }
    },
    {"mergeCells": {"range": cells(20, 1, 22, 4), "mergeType": "MERGE_ALL"}},
    _look(cells(0, 0, 1, 12), textFormat={"bold": True}, backgroundColor={"red": 0.9, "green": 0.9, "blue": 0.9}),
    _look(cells(1, 0, 100, 1), numberFormat={"type": "DATE", "pattern": "dd.mm.yyyy"}),
    {
        "addConditionalFormatRule": {
            "rule": {
                "ranges": [cells(1, 1, 100, 2)],
                "booleanRule": {
                    "condition": {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": "?"}]},
                    "format": {"backgroundColor": ORANGE},
                },
            }
        }
    },
    {
        "addChart": {
            "chart": {
                "spec": {
                    "title": "Quantities",
                    "basicChart": {
                        "chartType": "COLUMN",
                        "series": [{"series": {"sourceRange": {"sources": [cells(1, 1, 9, 2, BIG)]}}}],
                    },
                },
                "position": {
                    "overlayPosition": {
                        "anchorCell": {"sheetId": LOG, "rowIndex": 24, "columnIndex": 1},
                        "widthPixels": 400,
                        "heightPixels": 240,
                    }
                },
            }
        }
    },
)
_LINK = '=HYPERLINK("{}"; "{}")'
VALUES: Json = {
    "Log!A1:H1": [["Date", "Manager", "Action", "Quantity", "Done", "Link", "Spark", "Long"]],
    "Log!A2:H3": [
        ["3.11.2026", "Anna", "Call", "2", "FALSE", _LINK.format("#gid=1&range=B4000", "row 4000"), "", "a long text"],
        ["4.11.2026", "Boris", "Meeting", "=D2*2", "TRUE", _LINK.format("https://example.com/", "out"), "", ""],
    ],
    "Log!G2": [["=SPARKLINE(Big!B1:B9)"]],
    "Log!B21": [["merged"]],
    "Hidden!A1": [["secret"]],
}


def build(path: Path, locale: str = "de_DE", rows: int = 5000) -> tuple[Workbooks, str]:
    """The workbook, and the id of its one spreadsheet."""
    workbooks = Workbooks.open(path)
    tabs = [
        {"properties": {"sheetId": LOG, "title": "Log"}},
        {"properties": {"sheetId": BIG, "title": "Big", "gridProperties": {"rowCount": rows, "columnCount": 12}}},
        {"properties": {"sheetId": HIDDEN, "title": "Hidden", "hidden": True}},
    ]
    key = workbooks.create({"properties": {"title": "Sample", "locale": locale}, "sheets": tabs})
    send(workbooks, key, ":batchUpdate", {"requests": REQUESTS})
    data = [{"range": name, "values": values} for name, values in VALUES.items()]
    send(workbooks, key, "/values:batchUpdate", {"valueInputOption": "USER_ENTERED", "data": data})
    many = [[f"row {row + 1}", row % 7, *(f"{row}.{column}" for column in range(10))] for row in range(rows)]
    big = [{"range": "Big!A1", "values": many}]
    send(workbooks, key, "/values:batchUpdate", {"valueInputOption": "RAW", "data": big})
    return workbooks, key


def send(workbooks: Workbooks, key: str, path: str, body: Json, method: str = "POST") -> Json:
    """A request of the owner's."""
    answer = workbooks.handle(method, f"/v4/spreadsheets/{key}{path}", [], json.dumps(body).encode(), None)
    assert answer.status == 200, answer.body
    return dict(json.loads(answer.body))


def values(workbooks: Workbooks, key: str, range_: str, rendering: str = "FORMATTED_VALUE") -> list[list[Any]]:
    """What the owner reads."""
    query = [("valueRenderOption", rendering)]
    answer = workbooks.handle("GET", f"/v4/spreadsheets/{key}/values/{range_}", query, b"", None)
    return list(json.loads(answer.body).get("values", []))


def put(workbooks: Workbooks, key: str, range_: str, *rows: Sequence[Any]) -> None:
    """What the owner types."""
    data = [{"range": range_, "values": rows}]
    send(workbooks, key, "/values:batchUpdate", {"valueInputOption": "USER_ENTERED", "data": data})


class Caller:
    """What the page's scripts would ask, without them."""

    def __init__(self, workbooks: Workbooks, key: str, language: str = "en") -> None:
        self.workbooks, self.key, self.pages = workbooks, key, Pages(language)
        self.visit = Visit(workbooks, key, "a secret")

    def ask(self, what: str, **query: Any) -> Any:
        """A question that is answered."""
        return self.status(what, query)[1]

    def status(self, what: str, query: Mapping[str, Any]) -> tuple[int, Any]:
        """The status and the JSON of any question."""
        found = self.pages.answer(self.visit, "GET", what, {name: str(each) for name, each in query.items()}, b"")
        assert found is not None, what
        return found[0], json.loads(found[1])

    def cells(self, gid: int, top: int, left: int, bottom: int, right: int) -> Any:
        """A block of cells."""
        return self.ask("cells", gid=gid, top=top, left=left, bottom=bottom, right=right)

    def edit(self, kind: str, gid: int = LOG, **more: Any) -> Any:
        """An edit; with `refused` where it was."""
        body = json.dumps({"kind": kind, "gid": gid, **more}).encode()
        found = self.pages.answer(self.visit, "POST", "edit", {}, body)
        assert found is not None
        assert found[0] == 200, found
        return json.loads(found[1])

    def values(self, range_: str, rendering: str = "FORMATTED_VALUE") -> list[list[Any]]:
        """What is in a range."""
        return values(self.workbooks, self.key, range_, rendering)

    def tab(self) -> Json:
        """All of the first tab that people can have changed."""
        fields = "userEnteredValue,userEnteredFormat,note,dataValidation,textFormatRuns"
        query = [("fields", f"sheets(data(rowData(values({fields}))))"), ("ranges", "Log")]
        answer = self.workbooks.handle("GET", f"/v4/spreadsheets/{self.key}", query, b"", None)
        return dict(json.loads(answer.body)["sheets"][0]["data"][0])
