"""The managers' tabs: what is planned for them, and whether the highlighting says what parsing will say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest

from sheetsync import columns, entry, fields, guide
from sheetsync.layout import Kind
from sheetsync.local.formula import Host, truth
from sheetsync.mistakes import MISTAKES
from sheetsync.model import Moment, RawTab, Severity, Value
from sheetsync.parse import parse
from sheetsync.periods import Period
from sheetsync.schema import ACTION_COLUMNS, BASE_COLUMNS, Settings
from sheetsync.texts import Texts
from tests.office import ANNA, BORIS, configured, grid, misfits, sheet, spreadsheet

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 12, 0)
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
    assert {"sheetId": 1, "dimension": "COLUMNS", "length": 7} in _of(planned, "appendDimension")
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
    held[1]["note"] = f"Something older\n{entry.SIGNATURE}"
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


# --- what is painted is what will not count ------------------------------------------------------------------------


@cache
def _painted(kind: Kind) -> _Painted:
    return _Painted(kind, NAMES if kind == "actions" else BASE_COLUMNS, SETTINGS)


class _Painted:
    """A tab's rules, evaluated as the local workbook does; columns stand in the order given."""

    def __init__(self, kind: Kind, names: Sequence[str], settings: Settings) -> None:
        title, sheet_id = ("Base", 2) if kind == "base" else ("Actions", 1)
        tabs = [sheet("Actions", 1), sheet("Base", 2)]
        cells = [
            grid(1, [list(names if kind == "actions" else HEADER)]),
            grid(2, [list(names if kind == "base" else BASE_COLUMNS)]),
        ]
        self.page = guide.page(settings)
        planned = entry.requests(settings, spreadsheet(*tabs), {"sheets": cells}, self.page)
        self.rules = _rules(planned, sheet_id)
        self.names, self.title = names, title

    def tints(self, row: Sequence[Value]) -> dict[str, str]:
        """The tint of each column's cell in a row typed under the header; of several the first."""
        painted: dict[str, str] = {}
        for rule in self.rules:
            area = rule["ranges"][0]
            formula = rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
            origin, host = Host(1, area["startColumnIndex"]), Host(1, area["startColumnIndex"])
            if truth(formula, origin, host, self._look_up(row), NOW, "ru_RU"):
                tint = next(name for name, look in entry._TINTS.items() if look == rule["booleanRule"]["format"])
                for at in range(area["startColumnIndex"], area["endColumnIndex"]):
                    painted.setdefault(self.names[at], tint)
        return painted

    def _look_up(self, row: Sequence[Value]) -> Any:
        def look_up(tab: str | None, a1: str) -> list[list[Value]]:
            first = a1.split(":", maxsplit=1)[0]
            column = sum((ord(sign) - 64) * 26**at for at, sign in enumerate(reversed(first.rstrip("0123456789")))) - 1
            if tab is None:
                return [[row[column] if column < len(row) else None]]
            assert tab == self.page.title
            cells = [cells[column].value if column < len(cells) else None for cells in self.page.rows[1:]]
            return [[cell] for cell in cells if isinstance(cell, str) or cell is None]

        return look_up


SETTINGS = configured(
    actions={
        "meeting": {"label": {"en": "Meeting held", "ru": "Встреча"}, "evidence": "required", "client": "required"},
        "lead_accepted": {"label": "Lead taken to work"},
        "payment": {"label": "Payment received", "amount": "required"},
    },
    indicators={
        "meetings": {"label": "Meetings", "count": ["meeting"]},
        "revenue": {"label": "Revenue", "sum": "Amount", "of": ["payment"]},
    },
    targets=[],
)
NAMES = (
    *("Client", "Date", "Evidence", "Manager", "Action", "Amount"),
    *("Checked", "Quantity", "Profit", "Deal", "Comment"),
)


def _row(**typed: Value) -> list[Value]:
    row: dict[str, Value] = {
        "Client": "Orion",
        "Date": SERIAL,
        "Evidence": "minutes 12",
        "Manager": ANNA,
        "Action": "Meeting held",
        **typed,
    }
    return [row.get(name) for name in NAMES]


def _judged(kind: Kind, names: Sequence[str], row: Sequence[Value]) -> dict[str, Severity]:
    """Column -> the worst that parsing says of its cell in the row."""
    tab = RawTab("Base" if kind == "base" else "Actions", [list(names), list(row)])
    moment = Moment(Period.parse("2026-W48"), TODAY, TODAY, TODAY, NOW)
    found = parse({kind: [tab]}, SETTINGS, moment, "ru_RU").issues
    return {names[issue.cell.column - 1]: issue.severity for issue in reversed(found)}


@pytest.mark.parametrize(
    ("typed", "painted"),
    [
        ({}, {}),
        ({"Date": SERIAL + 1}, {"Date": "orange"}),
        ({"Date": SERIAL + 0.9}, {}),
        ({"Date": "soon"}, {"Date": "orange"}),
        ({"Date": 12}, {"Date": "orange"}),
        ({"Date": None}, {"Date": "orange"}),
        ({"Manager": None}, {"Manager": "orange"}),
        ({"Manager": "Nobody"}, {"Manager": "orange"}),
        ({"Manager": "  anna\u00a0PETROVA "}, {}),
        ({"Manager": "boris"}, {}),
        ({"Action": "Lunch"}, {"Action": "orange"}),
        ({"Action": None}, {"Action": "orange"}),
        ({"Action": "ВСТРЕЧА"}, {}),
        ({"Action": "lead_accepted", "Client": None, "Evidence": None}, {}),
        ({"Action": "lead accepted", "Client": None, "Evidence": None}, {}),
        ({"Client": None}, {"Client": "orange"}),
        ({"Evidence": None}, {"Evidence": "orange"}),
        ({"Evidence": "."}, {"Evidence": "orange"}),
        ({"Evidence": " — "}, {"Evidence": "orange"}),
        ({"Evidence": "n/a"}, {"Evidence": "orange"}),
        ({"Evidence": "Нету."}, {"Evidence": "orange"}),
        ({"Evidence": "xxx"}, {"Evidence": "orange"}),
        ({"Evidence": 2417}, {}),
        ({"Evidence": "№ 7"}, {}),
        ({"Action": "payment", "Amount": None}, {"Amount": "orange"}),
        ({"Action": "payment", "Amount": "1 234,50 руб."}, {}),
        ({"Action": "payment", "Amount": "a lot"}, {"Amount": "orange"}),
        ({"Action": "payment", "Amount": -5}, {"Amount": "blue"}),
        ({"Amount": -5}, {"Amount": "orange"}),
        ({"Amount": 0}, {}),
        ({"Quantity": "two"}, {"Quantity": "orange"}),
        ({"Quantity": -1}, {"Quantity": "orange"}),
        ({"Quantity": True}, {"Quantity": "orange"}),
        ({"Profit": "?"}, {"Profit": "orange"}),
        ({"Checked": "yes"}, {}),
        ({"Checked": "Да"}, {}),
        ({"Checked": True}, {}),
        ({"Checked": "hm"}, {"Checked": "blue"}),
        ({"Checked": "-"}, {"Checked": "blue"}),
    ],
    ids=str,
)
def test_a_log_is_painted_as_it_will_be_judged(typed: dict[str, Value], painted: dict[str, str]) -> None:
    row = _row(**typed)
    assert _painted("actions").tints(row) == painted
    severities = {"orange": Severity.ERROR, "blue": Severity.WARNING}
    assert _judged("actions", NAMES, row) == {column: severities[tint] for column, tint in painted.items()}


@pytest.mark.parametrize("word", ["no", "Нет", "nein", "NO!", 0, False, "ложь"], ids=repr)
def test_a_rejected_row_is_struck_through_whatever_else_is_wrong(word: Value) -> None:
    row = _row(Checked=word, Evidence=None, Date=SERIAL + 3)
    assert _painted("actions").tints(row) == dict.fromkeys(NAMES, "grey")
    assert _judged("actions", NAMES, row) == {"Checked": Severity.ERROR}


def test_a_date_as_text_is_only_doubted() -> None:
    row = _row(Date="23.11.2026")
    assert _painted("actions").tints(row) == {"Date": "blue"}
    assert _judged("actions", NAMES, row) == {}


def test_a_blank_row_is_not_painted() -> None:
    assert _painted("actions").tints([]) == {}
    assert _painted("base").tints([]) == {}


@pytest.mark.parametrize(
    ("typed", "painted"),
    [
        ({}, {}),
        ({"Client": None}, {"Client": "orange"}),
        ({"Manager": None}, {"Manager": "orange"}),
        ({"Manager": "Nobody"}, {"Manager": "orange"}),
        ({"Category": "Active A"}, {}),
        ({"Category": "тёплая база"}, {}),
        ({"Category": "hot"}, {"Category": "blue"}),
        ({"Expected payment": "some day"}, {"Expected payment": "blue"}),
        ({"Expected amount": "much"}, {"Expected amount": "blue"}),
        ({"Trial units": -2}, {"Trial units": "blue"}),
        ({"Trial since": SERIAL + 5}, {"Trial since": "blue"}),
        ({"Last contact": "long ago"}, {"Last contact": "blue"}),
    ],
    ids=str,
)
def test_the_base_is_painted_as_it_will_be_judged(typed: dict[str, Value], painted: dict[str, str]) -> None:
    given: dict[str, Value] = {"Client": "Orion", "Manager": ANNA, "Next step": "call", **typed}
    row = [given.get(name) for name in BASE_COLUMNS]
    assert _painted("base").tints(row) == painted
    severities = {"orange": Severity.ERROR, "blue": Severity.WARNING}
    assert _judged("base", BASE_COLUMNS, row) == {column: severities[tint] for column, tint in painted.items()}


def test_an_overdue_payment_is_shown() -> None:
    given: dict[str, Value] = {"Client": "Orion", "Manager": BORIS, "Expected payment": SERIAL - 1}
    row = [given.get(name) for name in BASE_COLUMNS]
    assert _painted("base").tints(row) == {"Expected payment": "blue"}


# --- texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ru", "de"])
def test_what_people_read_is_translated(language: Any) -> None:
    texts = Texts(language)
    messages = [rule.reason for rules in entry.RULES.values() for rule in rules]
    messages += [text for tab in fields.FIELDS.values() for field in tab for text in (field.what, field.needed)]
    assert [text for text in messages if texts(text, currency="RUB") == text.format(currency="RUB")] == []


def test_every_column_of_the_tabs_has_its_field() -> None:
    assert tuple(field.name for field in fields.FIELDS["actions"]) == ACTION_COLUMNS
    assert tuple(field.name for field in fields.FIELDS["base"]) == BASE_COLUMNS


def test_the_mistakes_that_are_painted_are_the_parsers() -> None:
    assert {"evidence_missing", "date_future", "manager_unknown"} <= MISTAKES.keys()
