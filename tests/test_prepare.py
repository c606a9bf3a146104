"""`init` on fresh, half-set-up and old workbooks, through real gspread on the local workbook."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from sheetsync import prepare
from sheetsync.errors import AccessError, LayoutError
from sheetsync.model import Value
from sheetsync.schema import Settings
from sheetsync.settings import Place
from tests.office import ANNA, BORIS, Office, configured, misfits, sheet, spreadsheet

OLD: list[list[Value]] = [
    ["Отдел продаж, 2026"],
    [],
    ["заполнять каждый день"],
    ["КЛИЕНТ", "Дата ", "что-то своё", "Менеджер", "Действие", "Подтверждение"],
    ["Орион", 46000, "x", ANNA, "Встреча", "протокол 12"],
    ["Вега", "12.05.2026", 7, "Boris", "Встреча", "."],
]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "Sales.sheet")


@pytest.fixture(scope="module")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / "Sales.sheet"
    prepare.init(configured(), Office(path).place)
    return path


@pytest.fixture
def ready(prepared_file: Path, office: Office) -> Office:
    """The workbook after its first init, in English."""
    assert office.place.path is not None
    copyfile(prepared_file, office.place.path)
    return office


def _prepared(office: Office, settings: Settings) -> prepare.Prepared:
    done = prepare.init(settings, office.place)
    again = prepare.init(settings, office.place)
    assert (again.changed, again.requests) == (False, 2), "a second init must find all right"
    return done


def _held(office: Office) -> dict[str, Any]:
    return {title: office.cells(title) for title in office.titles()}


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("en", ["Dashboard", "Actions", "Base", "Issues", "Guide", "History", "Snapshots", "Run journal"]),
        ("ru", ["Дашборд", "Действия", "База", "Замечания", "Инструкция", "История", "Снимки базы", "Журнал запусков"]),
        (
            "de",
            [
                "Dashboard",
                "Aktionen",
                "Kundenbasis",
                "Hinweise",
                "Anleitung",
                "Verlauf",
                "Momentaufnahmen",
                "Laufprotokoll",
            ],
        ),
    ],
)
def test_a_new_file_gets_every_tab(office: Office, language: str, titles: list[str]) -> None:
    done = _prepared(office, configured(language))
    assert office.titles() == titles
    assert (done.title, done.requests) == ("Sales", 3)
    assert set(done.tabs) == set(titles[:-1])


def test_own_tabs_are_protected_and_those_for_sheetsync_itself_hidden(ready: Office) -> None:
    protected = {tab["properties"]["title"] for tab in ready.metadata()["sheets"] if tab.get("protectedRanges")}
    assert protected == {"Dashboard", "Issues", "Guide", "History", "Snapshots", "Run journal"}
    assert {title for title in protected if ready.tab(title)["properties"].get("hidden")} == {
        "Snapshots",
        "Run journal",
    }


def test_what_was_typed_since_is_kept_and_needs_no_write(ready: Office) -> None:
    ready.type("Actions", 1, [[46000, ANNA, "Meeting held", "Orion", None, "minutes 12"], [], ["soon", "Nobody"]])
    ready.type("Base", 1, [["Orion", None, ANNA]])
    before = _held(ready)
    assert not prepare.init(configured(), ready.place).changed
    assert _held(ready) == before


def test_a_change_of_language_makes_no_second_tab(ready: Office) -> None:
    ready.type("Actions", 1, [[46000, ANNA, "Meeting held", "Orion", None, "minutes 12"]])
    ready.type("Base", 1, [["Orion", None, ANNA]])
    before = {title: ready.cells(title) for title in ("Actions", "Base")}
    titles = ready.titles()
    _prepared(ready, configured("ru"))
    assert ready.titles() == [
        {"Guide": "Инструкция", "Run journal": "Журнал запусков"}.get(title, title) for title in titles
    ]
    assert {title: ready.cells(title) for title in before} == before
    explained = {cell["userEnteredValue"].get("stringValue", "") for cell in ready.cells("Инструкция").values()}
    assert any("«Base»" in text for text in explained)
    assert not any("«База»" in text for text in explained)


def test_whoever_keeps_the_books_is_let_into_the_finance_tab_and_stays(office: Office) -> None:
    tabs = {"finance": "Money"}
    _prepared(office, configured(workbook={"tabs": tabs, "finance_editors": ["books@example.com"]}))
    (protection,) = office.tab("Money")["protectedRanges"]
    assert "books@example.com" in protection["editors"]["users"]
    _prepared(office, configured(workbook={"tabs": tabs, "finance_editors": ["Books@example.com", "cfo@example.com"]}))
    (again,) = office.tab("Money")["protectedRanges"]
    assert again["editors"]["users"] == [*protection["editors"]["users"], "cfo@example.com"]
    assert {**again, "editors": 0} == {**protection, "editors": 0}


def test_an_old_workbook_keeps_every_typed_cell(ready: Office) -> None:
    settings = configured("ru")
    ready.apply(
        {"addSheet": {"properties": {"title": "Действия", "gridProperties": {"rowCount": 40, "columnCount": 6}}}}
    )
    ready.type("Действия", 0, OLD)
    before = ready.cells("Действия")
    _prepared(ready, settings)
    after = ready.cells("Действия")
    assert {place: after[place] for place in before} == before
    added = {place: cell["userEnteredValue"]["stringValue"] for place, cell in after.items() if place not in before}
    assert added == {
        (3, 6): "Сделка",
        (3, 7): "Количество",
        (3, 8): "Сумма",
        (3, 9): "Прибыль",
        (3, 10): "Комментарий",
        (3, 11): "Проверено",
    }
    assert ready.tab("Действия")["properties"]["gridProperties"]["frozenRowCount"] == 4


def test_a_half_set_up_workbook_is_completed(ready: Office) -> None:
    settings = configured()
    ids = {title: ready.tab(title)["properties"]["sheetId"] for title in ("Base", "Guide", "History")}
    rules = ready.tab("Actions")["conditionalFormats"]
    ready.apply(
        {"deleteSheet": {"sheetId": ids["Base"]}},
        {"deleteSheet": {"sheetId": ids["History"]}},
        {"deleteConditionalFormatRule": {"sheetId": 0, "index": 3}},
        {
            "setDataValidation": {
                "range": {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2, "startRowIndex": 1}
            }
        },
    )
    done = _prepared(ready, settings)
    assert set(done.tabs) == {"Base", "History", "Actions"}
    assert ready.tab("Actions")["conditionalFormats"] == rules


def test_rows_added_at_the_bottom_get_their_dropdowns(ready: Office) -> None:
    settings = configured()
    ready.apply({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 10}})
    _prepared(ready, settings)
    last = ready.tab("Actions")["properties"]["gridProperties"]["rowCount"] - 1
    assert (last, 1) in ready.cells("Actions", "dataValidation")


def test_rules_of_people_are_kept_behind_ours(ready: Office) -> None:
    settings = configured()
    theirs = {
        "ranges": [{"sheetId": 0, "startRowIndex": 1, "endRowIndex": 9, "startColumnIndex": 0, "endColumnIndex": 1}],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}},
    }
    ready.apply(
        {"addConditionalFormatRule": {"rule": theirs, "index": 1}},
        {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}},
    )
    _prepared(ready, settings)
    kinds = [rule["booleanRule"]["condition"]["type"] for rule in ready.tab("Actions")["conditionalFormats"]]
    assert kinds == ["CUSTOM_FORMULA"] * (len(kinds) - 1) + ["NOT_BLANK"]
    assert len(kinds) == 13


def test_a_pattern_makes_one_log_for_each_manager(office: Office) -> None:
    settings = configured(workbook={"tabs": {"actions": ["Log *"]}})
    _prepared(office, settings)
    assert office.titles()[:4] == ["Dashboard", f"Log {ANNA}", f"Log {BORIS}", "Base"]
    headers = [cell["userEnteredValue"]["stringValue"] for cell in office.cells(f"Log {ANNA}").values()]
    assert headers[:3] == ["Date", "Action", "Client"]


def test_a_tab_that_was_not_read_is_not_taken() -> None:
    plan = prepare.plan_init(configured(), spreadsheet(sheet("Sheet1")), {})
    assert [change for change in plan.changes if change.tab == "Sheet1"] == []


def test_a_tab_without_header_is_refused_before_anything_is_written(ready: Office) -> None:
    settings = configured(workbook={"tabs": {"actions": ["Journal"]}})
    ready.apply({"addSheet": {"properties": {"title": "Journal"}}})
    ready.type("Journal", 1, [["just", "some", "words"]])
    before = _held(ready)
    with pytest.raises(LayoutError) as caught:
        prepare.init(settings, ready.place)
    assert str(caught.value) == (
        "tab Journal: something is typed in A2, but none of the first 10 rows is a header\n"
        "Write the columns' names above it, or name yours under workbook.columns in the configuration, "
        "or rename the tab: then init makes a new one."
    )
    assert _held(ready) == before


def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    assert prepare.init(configured(), Place("local", path=tmp_path / "demo" / "x.sheet")).title == "x"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file")
    path = tmp_path / "demo" / "x" / "y.sheet"
    with pytest.raises(AccessError) as caught:
        prepare.init(configured(), Place("local", path=path))
    assert str(caught.value) == (
        f"local:{path}: the folder of the workbook can't be made: Not a directory\n"
        "Name another file under workbook.spreadsheet, or with --spreadsheet."
    )


@pytest.mark.parametrize("language", ["en", "ru", "de"])
def test_every_request_fits_googles_description(language: str) -> None:
    settings = configured(language, workbook={"tabs": {"finance": "Money", "actions": ["Log *"]}})
    plan = prepare.plan_init(settings, spreadsheet(sheet("Sheet1")), {})
    assert [fault for request in plan.requests for fault in misfits(request)] == []
    assert len(plan.requests) > 200


def test_a_request_that_does_not_fit_is_seen() -> None:
    assert misfits({"repeatCel": {}}) == ["Request.repeatCel is unknown"]
    assert misfits({"addSheet": {"properties": {"sheetId": "7"}}}) == [
        "Request.addSheet.properties.sheetId: '7' is no integer"
    ]
