"""Typing: what changed in the department goes into the workbook's tabs, as the managers' hands would put it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sheetsync import columns, layout
from sheetsync.demo.clients import Client
from sheetsync.demo.department import Department
from sheetsync.demo.log import Row
from sheetsync.reading import open_workbook
from sheetsync.schema import Settings
from sheetsync.settings import Place

_Request = dict[str, Any]


def type_in(settings: Settings, place: Place, department: Department) -> None:
    """Writes the log's rows that are new or mended, and the base as it now stands."""
    with open_workbook(settings, place) as book:
        spreadsheet = book.metadata()
        grids = {sheet["properties"].get("sheetId", 0): sheet["properties"] for sheet in spreadsheet["sheets"]}
        requests: list[_Request] = []
        for tab in layout.locate(settings, spreadsheet).managers:
            have = int(grids[tab.sheet_id]["gridProperties"]["rowCount"])
            if tab.kind == "actions":
                log = department.log
                requests += _room(tab.sheet_id, have, len(log.rows))
                requests += _rows(tab.sheet_id, columns.TITLES["actions"], _runs(log.rows, log.touched))
                requests += [_merged(tab.sheet_id, at) for at in log.merges]
            elif tab.kind == "base":
                standing = [*map(base_row, department.clients), *([{}] * department.clients.gone)]
                requests += _room(tab.sheet_id, have, len(standing))
                requests += _rows(tab.sheet_id, columns.TITLES["base"], [(0, standing)])
        department.typed()
        book.apply(requests)


def _runs(rows: Sequence[Row], touched: Iterable[int]) -> Iterator[tuple[int, list[Row]]]:
    """The touched rows in runs that stand together: the place of the first, and the rows."""
    run: list[int] = []
    for place in sorted(set(touched)):
        if run and place != run[-1] + 1:
            yield run[0], [rows[at] for at in run]
            run = []
        run.append(place)
    if run:
        yield run[0], [rows[at] for at in run]


def base_row(client: Client) -> Row:
    """A client as a row of the base, by column."""
    return {
        "Client": client.name,
        "Deal": client.deal,
        "Manager": client.manager,
        "Category": client.typed,
        "Stage": client.stage,
        "Expected payment": client.payment,
        "Expected amount": client.amount,
        "Trial units": client.units,
        "Trial value": client.value,
        "Trial since": client.since,
        "Last contact": client.contact,
        "Next step": client.step,
    }


def _room(sheet_id: int, have: int, rows: int) -> list[_Request]:
    """1,000 more rows where a header and `rows` rows do not fit into the tab's `have`."""
    more = {"sheetId": sheet_id, "dimension": "ROWS", "length": max(1000, 1 + rows - have)}
    return [{"appendDimension": more}] if 1 + rows > have else []


def _rows(sheet_id: int, titles: Sequence[str], runs: Iterable[tuple[int, Sequence[Row]]]) -> list[_Request]:
    """Requests that type runs of rows; a run's place counts from 0 under the header."""
    return [
        {
            "updateCells": {
                "start": {"sheetId": sheet_id, "rowIndex": 1 + place, "columnIndex": 0},
                "rows": [{"values": [_cell(row.get(title)) for title in titles]} for row in rows],
                "fields": "userEnteredValue",
            }
        }
        for place, rows in runs
    ]


def _merged(sheet_id: int, place: int) -> _Request:
    date_column = columns.TITLES["actions"].index("Date")
    area = {"startRowIndex": 1 + place, "endRowIndex": 3 + place, "sheetId": sheet_id}
    across = {"startColumnIndex": date_column, "endColumnIndex": date_column + 1}
    return {"mergeCells": {"range": {**area, **across}, "mergeType": "MERGE_COLUMNS"}}


def _cell(value: Any) -> _Request:
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, date):
        return {"userEnteredValue": {"numberValue": value.toordinal() - date(1899, 12, 30).toordinal()}}
    if isinstance(value, str):
        return {"userEnteredValue": {"formulaValue" if value.startswith("=") else "stringValue": value}}
    return {"userEnteredValue": {"numberValue": value}}
