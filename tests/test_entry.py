"""The managers' tabs: what is planned for them, where they stand and as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sheetsync import columns, entry, guide
from sheetsync.entry.preparation import SIGNATURE
from sheetsync.model import Value
from sheetsync.schema import ACTION_COLUMNS, BASE_COLUMNS, Settings
from tests.office import ANNA, configured, grid, misfits, sheet, spreadsheet

SERIAL = 46350  # 2026-11-24
HEADER: list[Value] = list(ACTION_COLUMNS)


def _planned(settings: Settings, *sheets: dict[str, Any], cells: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    return entry.requests(settings, spreadsheet(*sheets), {"sheets": list(cells)}, guide.page(settings))


def _of(requests: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [request[kind] for request in requests if kind in request]


def _only_actions(settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    """A base that is there already, so that the action log alone is planned for."""
    return sheet(settings.workbook.tabs.base, 8), grid(8, [list(BASE_COLUMNS)])


# --- what is asked -------------------------------------------------------------------------------------------------


def test_ranges_are_the_first_rows_and_the_last_one() -> None:
    tabs = (sheet("Actions", 1, rows=500), sheet("Base", 2, rows=8), sheet("Notes", 3))
    assert entry.ranges(configured(), spreadsheet(*tabs)) == ["'Actions'!1:11", "'Actions'!500:500", "'Base'!1:8"]


def test_the_only_tab_of_a_new_workbook_is_looked_at_whole() -> None:
    assert entry.ranges(configured(), spreadsheet(sheet("Sheet1"))) == ["'Sheet1'"]


def test_nothing_is_asked_where_no_tab_is_there() -> None:
    assert entry.ranges(configured(), spreadsheet(sheet("One"), sheet("Two", 2))) == []


def test_cells_that_were_not_read_are_never_taken_for_blank() -> None:
    with pytest.raises(ValueError, match="were not read"):
        _planned(configured(), sheet("Actions", 1))


# --- tabs and headers ----------------------------------------------------------------------------------------------


def test_the_blank_tab_of_a_new_workbook_becomes_the_log() -> None:
    planned = _planned(configured(), sheet("Лист1"), cells=[grid(0, [])])
    assert _of(planned, "updateSheetProperties")[0] == {
        "properties": {"sheetId": 0, "title": "Actions"},
        "fields": "title",
    }
    assert [made["properties"]["title"] for made in _of(planned, "addSheet")] == ["Base"]


def test_a_tab_with_something_in_it_is_left_alone() -> None:
    planned = _planned(configured(), sheet("Лист1"), cells=[grid(0, [[], [], ["a note"]])])
    assert [made["properties"]["title"] for made in _of(planned, "addSheet")] == ["Actions", "Base"]
    assert all("'sheetId': 0" not in str(request) for request in planned)


def test_new_tabs_have_the_same_id_every_time_and_no_other_tabs() -> None:
    first = [
        made["properties"]["sheetId"] for made in _of(_planned(configured(), sheet("A"), sheet("B", 2)), "addSheet")
    ]
    taken = sheet("B", first[0])
    again = [made["properties"]["sheetId"] for made in _of(_planned(configured(), sheet("A"), taken), "addSheet")]
    assert again == [first[0] + 1, first[1]]
    assert min(first) > 0


@pytest.mark.parametrize(
    ("language", "header"),
    [
        ("en", ["Date", "Manager", "Action", "Client", "Deal", "Evidence"]),
        ("ru", ["Дата", "Менеджер", "Действие", "Клиент", "Сделка", "Подтверждение"]),
        ("de", ["Datum", "Manager", "Aktion", "Kunde", "Deal", "Nachweis"]),
    ],
)
def test_headers_speak_the_workbooks_language(language: Any, header: list[str]) -> None:
    settings = configured(language)
    base, base_cells = _only_actions(settings)
    planned = _planned(settings, base, cells=[base_cells])
    texts = [
        update["rows"][0]["values"][0]["userEnteredValue"]["stringValue"]
        for update in _of(planned, "updateCells")
        if "userEnteredValue" in update["fields"]
    ]
    assert texts[:6] == header
    assert texts == list(columns.header("actions", language))


def test_missing_columns_go_right_of_everything_typed() -> None:
    rows: list[list[Value]] = [
        ["report"],
        ["Action", None, "Date", "Manager"],
        [None, None, None, None, None, "a note"],
    ]
    settings = configured()
    base, base_cells = _only_actions(settings)
    planned = _planned(settings, sheet("Actions", 1, columns=7), base, cells=[grid(1, rows), base_cells])
    placed = {
        update["rows"][0]["values"][0]["userEnteredValue"]["stringValue"]: update["start"]
        for update in _of(planned, "updateCells")
        if "userEnteredValue" in update["fields"]
    }
    assert placed["Client"] == {"sheetId": 1, "rowIndex": 1, "columnIndex": 6}
    assert [place["columnIndex"] for place in placed.values()] == list(range(6, 14))
    span = {"sheetId": 1, "dimension": "COLUMNS", "startIndex": 6, "endIndex": 14}
    assert _of(planned, "insertDimension") == [{"range": span, "inheritFromBefore": True}]
    bare = {"sheetId": 1, "startColumnIndex": 6, "endColumnIndex": 14}
    assert {"range": bare, "cell": {}, "fields": "userEnteredFormat,dataValidation"} in _of(planned, "repeatCell")
    frozen = {"sheetId": 1, "gridProperties": {"frozenRowCount": 2}}
    assert frozen in [update["properties"] for update in _of(planned, "updateSheetProperties")]


def test_merged_headers_are_not_written_into() -> None:
    merged = {"sheetId": 1, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 10, "endColumnIndex": 14}
    settings = configured()
    base, base_cells = _only_actions(settings)
    standing = sheet("Actions", 1, merges=[merged])
    planned = _planned(settings, standing, base, cells=[grid(1, [HEADER[:10]]), base_cells])
    (checked,) = [update for update in _of(planned, "updateCells") if "userEnteredValue" in update["fields"]]
    assert checked["start"]["columnIndex"] == 14


def test_notes_of_people_stay_and_ours_are_renewed() -> None:
    settings = configured()
    cells = grid(1, [HEADER])
    held = cells["data"][0]["rowData"][0]["values"]
    held[0]["note"] = "Ask Anna before you change this"
    held[1]["note"] = f"Something older\n{SIGNATURE}"
    base, base_cells = _only_actions(settings)
    planned = _planned(settings, sheet("Actions", 1), base, cells=[cells, base_cells])
    noted = {
        update["start"]["columnIndex"] for update in _of(planned, "updateCells") if update["start"]["sheetId"] == 1
    }
    assert noted == set(range(1, 11))


def test_formats_and_dropdowns_of_people_stay() -> None:
    settings = configured()
    cells = grid(1, [HEADER, [SERIAL, ANNA]])
    own = {"type": "DATE", "pattern": "d mmm"}
    for at, cell in enumerate(cells["data"][0]["rowData"][1]["values"]):
        cell["dataValidation"] = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": ANNA}]}}
        cell["userEnteredFormat"] = {"numberFormat": own if at == 0 else {"type": "TEXT"}}
    cells["data"].append({"startRow": 999, "rowData": cells["data"][0]["rowData"][1:]})
    base, base_cells = _only_actions(settings)
    planned = _planned(settings, sheet("Actions", 1), base, cells=[cells, base_cells])
    touched = {
        name: {each["range"]["startColumnIndex"] for each in _of(planned, name) if each["range"]["sheetId"] == 1}
        for name in ("repeatCell", "setDataValidation")
    }
    assert touched == {"repeatCell": {4, 6, 7, 8}, "setDataValidation": {2, 10}}


def test_a_dropdown_of_ours_follows_the_guide() -> None:
    settings = configured()
    cells = grid(1, [HEADER, [SERIAL, ANNA]])
    old = {"condition": {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Guide!$A$2:$A$50"}]}}
    cells["data"][0]["rowData"][1]["values"][1]["dataValidation"] = old
    cells["data"].append({"startRow": 999, "rowData": cells["data"][0]["rowData"][1:]})
    base, base_cells = _only_actions(settings)
    planned = _planned(settings, sheet("Actions", 1), base, cells=[cells, base_cells])
    (rule,) = [each["rule"] for each in _of(planned, "setDataValidation") if each["range"]["startColumnIndex"] == 1][:1]
    assert rule == {
        "condition": {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "='Guide'!$F$2:$F$201"}]},
        "strict": False,
        "showCustomUi": True,
    }


def test_a_finance_tab_is_protected() -> None:
    settings = configured(workbook={"tabs": {"finance": "Money"}})
    planned = _planned(settings, sheet("A"), sheet("B", 2))
    (made,) = [tab["properties"] for tab in _of(planned, "addSheet") if tab["properties"]["title"] == "Money"]
    (protection,) = _of(planned, "addProtectedRange")
    assert protection["protectedRange"]["range"] == {"sheetId": made["sheetId"]}
    assert misfits({"addProtectedRange": protection}) == []


@pytest.mark.parametrize(("held", "added"), [({}, 0), ({"warningOnly": True}, 1), ({"range": {"endRowIndex": 1}}, 1)])
def test_only_a_protection_that_keeps_people_out_of_the_whole_tab_will_do(held: dict[str, Any], added: int) -> None:
    settings = configured(workbook={"tabs": {"finance": "Money"}})
    money = sheet("Money", 3, protectedRanges=[{"range": {"sheetId": 3}, **held}])
    cells = [grid(1, [HEADER]), grid(3, [HEADER])]
    planned = _planned(settings, sheet("Actions", 1), money, cells=cells)
    assert len(_of(planned, "addProtectedRange")) == added


# --- rules ---------------------------------------------------------------------------------------------------------


def _rules(planned: Sequence[dict[str, Any]], sheet_id: int) -> list[dict[str, Any]]:
    rules = [each["rule"] for each in _of(planned, "addConditionalFormatRule")]
    return [rule for rule in rules if rule["ranges"][0]["sheetId"] == sheet_id]


def test_rules_of_ours_are_known_however_the_service_gives_them_back() -> None:
    settings = configured()
    base, base_cells = _only_actions(settings)
    cells = [grid(1, [HEADER]), base_cells]
    rules = _rules(_planned(settings, sheet("Actions", 1), base, cells=cells), 1)
    for rule in rules:
        value = rule["booleanRule"]["condition"]["values"][0]
        value["userEnteredValue"] = value["userEnteredValue"].replace(";", ", ").replace("а, ", "а;")
        rule["ranges"][0]["endRowIndex"] += 500
    rules.append({"ranges": [], "gradientRule": {}})
    again = _planned(settings, sheet("Actions", 1, conditionalFormats=rules), base, cells=cells)
    assert _rules(again, 1) == []


def test_a_rule_that_differs_is_replaced_with_all_of_ours() -> None:
    settings = configured()
    base, base_cells = _only_actions(settings)
    cells = [grid(1, [HEADER]), base_cells]
    rules = _rules(_planned(settings, sheet("Actions", 1), base, cells=cells), 1)
    theirs = {"ranges": [{"sheetId": 1}], "booleanRule": {"condition": {"type": "BLANK"}, "format": {}}}
    held = [theirs, *rules[:3], theirs, *rules[3:]]
    held[2] = {**held[2], "ranges": [{**held[2]["ranges"][0], "startRowIndex": 2}]}
    again = _planned(settings, sheet("Actions", 1, conditionalFormats=held), base, cells=cells)
    deleted = [each["index"] for each in _of(again, "deleteConditionalFormatRule") if each["sheetId"] == 1]
    assert deleted == [13, 12, 11, 10, 9, 8, 7, 6, 5, 3, 2, 1]
    assert [rule["booleanRule"] for rule in _rules(again, 1)] == [rule["booleanRule"] for rule in rules]


def test_formulas_have_no_separator_that_a_locale_could_misread() -> None:
    planned = _planned(configured(), sheet("A"), sheet("B", 2))
    formulas = [
        each["rule"]["booleanRule"]["condition"]["values"][0] for each in _of(planned, "addConditionalFormatRule")
    ]
    for formula in formulas:
        outside = "".join(formula["userEnteredValue"].split('"')[::2])
        assert "," not in outside
        assert "{" not in outside
        assert outside.count("(") == outside.count(")")
