"""Edits as requests of the API, and what takes them back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.page.sample import BIG, LOG, PROTECTED, Caller, cells, put, send

FIRST = {"sheetId": LOG, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
EDITS: list[dict[str, Any]] = [
    {"kind": "type", "top": 1, "left": 0, "rows": [["5.12.2026", "Egor", "=1+1"], ["x"]]},
    {"kind": "clear", "areas": [[1, 0, 3, 8], [20, 1, 21, 2]]},
    {"kind": "copy", "from": LOG, "source": [1, 0, 2, 6], "target": [4, 0, 8, 6]},
    {"kind": "copy", "from": LOG, "source": [1, 0, 2, 6], "target": [4, 0, 8, 6], "paste": "PASTE_VALUES"},
    {"kind": "copy", "from": BIG, "source": [1, 0, 3, 6], "target": [1, 0, 3, 6]},
    {"kind": "cut", "from": LOG, "source": [1, 0, 3, 6], "target": [2, 1, 4, 7]},
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: str(edit["kind"]))
def test_an_edit_is_taken_back_whole_and_done_again(caller: Caller, edit: dict[str, Any]) -> None:
    before = caller.tab()
    revision = caller.ask("revision")["revision"]
    done = caller.edit(**edit)
    after = caller.tab()
    assert after != before
    assert done["revision"] > revision
    undone = caller.edit("undo", requests=done["undo"])
    assert caller.tab() == before
    caller.edit("undo", requests=undone["undo"])
    assert caller.tab() == after


def test_typing_is_read_by_the_locale(caller: Caller) -> None:
    caller.edit("type", top=30, left=6, rows=[["1,5", "7.11.2026", "'007", "50%", "=1,5*2"]])
    assert caller.values("Log!G31:K31", "UNFORMATTED_VALUE") == [[1.5, 46333, "007", 0.5, 3]]


def test_a_block_beyond_the_grid_makes_room(caller: Caller) -> None:
    caller.edit("type", top=999, left=25, rows=[["a", "b"], ["c", "d"]])
    assert caller.values("Log!Z1000:AA1001") == [["a", "b"], ["c", "d"]]
    caller.edit("grow", count=10)
    told = caller.ask("tab", gid=LOG)
    assert (told["rows"], told["columns"]) == (1011, 27)
    put(caller.workbooks, caller.key, "Big!A5000", ["TRUE"])
    rule = {"condition": {"type": "BOOLEAN"}}
    last = cells(4999, 0, 5000, 1, BIG)
    requests = [{"setDataValidation": {"range": last, "rule": rule}}]
    send(caller.workbooks, caller.key, ":batchUpdate", {"requests": requests})
    caller.edit("grow", gid=BIG, count=2)
    caller.edit("type", gid=BIG, top=5001, left=0, rows=[["TRUE"]])
    assert caller.cells(BIG, 5001, 0, 5002, 1)["rows"][0][0]["checked"]  # a new row has the rules of the last one


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "type", "top": 0, "left": 0, "rows": [["x"]]},
        {"kind": "clear", "areas": [[0, 0, 5, 5]]},
        {"kind": "copy", "from": LOG, "source": [1, 0, 2, 1], "target": [0, 0, 1, 1]},
        {"kind": "cut", "from": LOG, "source": [0, 0, 1, 1], "target": [8, 0, 9, 1]},
        {"kind": "undo", "requests": [{"updateCells": {"range": FIRST, "rows": [], "fields": "userEnteredValue"}}]},
    ],
    ids=lambda edit: str(edit["kind"]),
)
def test_protection_holds_for_each_kind(caller: Caller, edit: dict[str, Any]) -> None:
    before = caller.tab()
    assert caller.edit(**edit)["refused"] == PROTECTED
    assert caller.tab() == before


def test_an_editor_of_a_protected_range_may(caller: Caller) -> None:
    editors = {"users": ["page@local-workbook.invalid"]}
    protected = {"range": {"sheetId": LOG, "startRowIndex": 40, "endRowIndex": 41}, "editors": editors}
    requests = [{"addProtectedRange": {"protectedRange": protected}}]
    send(caller.workbooks, caller.key, ":batchUpdate", {"requests": requests})
    assert "refused" not in caller.edit("type", top=40, left=0, rows=[["x"]])


def test_a_strict_rule_refuses_all_of_a_block(caller: Caller) -> None:
    before = caller.tab()
    told = "The data you entered in cell D6 violates the data validation rules set on this cell. From 1 to 10."
    assert caller.edit("type", top=4, left=3, rows=[["3"], ["x"]])["refused"] == told
    assert caller.tab() == before
    assert "refused" not in caller.edit("type", top=4, left=3, rows=[["3"], [""]])


def test_an_emptied_checkbox_is_unticked(caller: Caller) -> None:
    caller.edit("clear", areas=[[1, 3, 3, 5]])
    assert caller.values("Log!D2:E3", "UNFORMATTED_VALUE") == [["", False], ["", False]]


BELOW = {"sheetId": LOG, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": -9, "endColumnIndex": -5}


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"kind": "format"}, "Unknown kind of edit: format"),
        ({"kind": "type"}, "Malformed edit: 'rows'"),
        ({"kind": "type", "rows": [[]], "top": 0, "left": 0}, "Malformed edit: not an area"),
        ({"kind": "clear", "areas": [[0, 0, 1000000, 26]]}, "Malformed edit: more than 200000 cells"),
        ({"kind": "undo", "requests": [{"deleteSheet": {"sheetId": 0}}]}, "Malformed edit: 'updateCells'"),
        (
            {"kind": "undo", "requests": [{"updateCells": {"range": BELOW, "fields": "note"}}]},
            "Malformed edit: not an area",
        ),
        ({"kind": "type", "gid": 99, "rows": [["x"]], "top": 0, "left": 0}, "No grid with id: 99"),
    ],
)
def test_what_is_no_edit_is_refused(caller: Caller, edit: dict[str, Any], told: str) -> None:
    assert caller.edit(**edit)["refused"] == told
