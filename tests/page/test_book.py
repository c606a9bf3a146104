"""What is told of a spreadsheet and of a tab."""

from __future__ import annotations

from tests.page.sample import BIG, LOG, Caller, send


def test_the_spreadsheet(caller: Caller) -> None:
    colour = {"rgbColor": {"red": 1}}
    change = {"properties": {"sheetId": BIG, "tabColorStyle": colour}, "fields": "tabColorStyle"}
    send(caller.workbooks, caller.key, ":batchUpdate", {"requests": [{"updateSheetProperties": change}]})
    told = caller.ask("book")
    assert (told["title"], told["locale"]) == ("Sample", "de_DE")
    assert told["tabs"] == [
        {"id": 0, "title": "Log", "hidden": False, "colour": ""},
        {"id": 1, "title": "Big", "hidden": False, "colour": "#ff0000"},
        {"id": 2, "title": "Hidden", "hidden": True, "colour": ""},
    ]
    assert told["revision"] == caller.ask("revision")["revision"]


def test_a_tab(caller: Caller) -> None:
    def sized(dimension: str, start: int, end: int, **properties: object) -> dict[str, object]:
        place = {"sheetId": LOG, "dimension": dimension, "startIndex": start, "endIndex": end}
        return {"updateDimensionProperties": {"range": place, "properties": properties, "fields": ",".join(properties)}}

    requests = [
        sized("ROWS", 3, 6, pixelSize=40),
        sized("ROWS", 6, 8, hiddenByUser=True),
        sized("COLUMNS", 25, 26, pixelSize=7),
    ]
    send(caller.workbooks, caller.key, ":batchUpdate", {"requests": requests})
    told = caller.ask("tab", gid=LOG)
    assert told["heights"] == [[3, 6, 40], [6, 8, 0]]
    assert told["widths"] == [[25, 26, 7]]
    assert told["merges"] == [[20, 1, 22, 4]]
    assert {name: told[name] for name in ("title", "rows", "columns", "frozenRows", "frozenColumns", "charts")} == {
        "title": "Log",
        "rows": 1000,
        "columns": 26,
        "frozenRows": 1,
        "frozenColumns": 1,
        "charts": 1,
    }
    assert caller.status("tab", {"gid": 99}) == (
        404,
        {"error": {"code": 404, "message": "No grid with id: 99", "status": "NOT_FOUND"}},
    )
