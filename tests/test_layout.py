"""Which tab is which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sheetsync import layout
from sheetsync.errors import LayoutError
from sheetsync.schema import Settings
from sheetsync.settings import load

CONFIG = """
workbook:
  spreadsheet: local:x.sheet
  tabs: {tabs}
managers: [Anna Petrova]
targets: []
"""


@pytest.fixture
def settings(tmp_path: Path) -> Any:
    def made(tabs: str) -> Settings:
        path = tmp_path / "targets.yaml"
        path.write_text(CONFIG.replace("{tabs}", tabs), encoding="utf-8")
        return load(path)

    return made


def _spreadsheet(*titles: str, **ids: int) -> dict[str, Any]:
    sheets = [{"properties": {"sheetId": 10 + at, "title": title}} for at, title in enumerate(titles)]
    sheets += [{"properties": {"sheetId": sheet_id, "title": title}} for title, sheet_id in ids.items()]
    return {"properties": {"title": "Sales"}, "sheets": sheets}


def test_tabs_by_title_in_any_case(settings: Any) -> None:
    found = layout.locate(settings("{}"), _spreadsheet("ACTIONS", "base", "Dashboard"))
    assert [(tab.kind, tab.title) for tab in found.managers] == [("base", "base"), ("actions", "ACTIONS")]
    assert list(found.own) == ["dashboard"]
    assert found.own_ids["dashboard"] == 12
    assert found.own_ids["history"] == 700_002


def test_a_pattern_gives_the_manager(settings: Any) -> None:
    found = layout.locate(
        settings('{actions: "Log *"}'), _spreadsheet("Base", "Log Anna Petrova", "log Boris", "Notes")
    )
    assert [(tab.title, tab.manager) for tab in found.managers[1:]] == [
        ("Log Anna Petrova", "Anna Petrova"),
        ("log Boris", "Boris"),
    ]


def test_finance_rows_in_a_tab_of_their_own(settings: Any) -> None:
    found = layout.locate(settings('{actions: "A*", finance: Aid}'), _spreadsheet("Base", "Aid", "Anna"))
    assert [(tab.kind, tab.title) for tab in found.managers] == [
        ("finance", "Aid"),
        ("base", "Base"),
        ("actions", "Anna"),
    ]


def test_a_finance_tab_among_the_logs_is_one_tab(settings: Any) -> None:
    found = layout.locate(
        settings("{actions: [Actions, Payments], finance: Payments}"), _spreadsheet("Base", "Actions", "Payments")
    )
    assert [(tab.kind, tab.title) for tab in found.managers] == [
        ("finance", "Payments"),
        ("base", "Base"),
        ("actions", "Actions"),
    ]
    _, missing = layout.present(settings("{actions: [Actions, Payments], finance: Payments}"), _spreadsheet("Base"))
    assert missing == (("finance", "Payments"), ("actions", "Actions"))


def test_our_tabs_are_found_by_id_even_when_renamed(settings: Any) -> None:
    found = layout.locate(settings("{}"), _spreadsheet("Actions", "Base", Renamed=700_001))
    assert found.own["dashboard"]["properties"]["title"] == "Renamed"


def test_a_title_of_ours_that_another_tab_took_meanwhile_is_told(settings: Any) -> None:
    with pytest.raises(LayoutError) as raised:
        layout.locate(settings("{}"), _spreadsheet("Actions", "Base", "dashboard", Old=layout.OWN_IDS["dashboard"]))
    assert str(raised.value) == (
        "Sales: the tab “dashboard” has a title that sheetsync needs, and is somebody else's\n"
        "Rename that tab, or give sheetsync's another title under workbook.tabs.dashboard."
    )


def test_a_missing_tab_says_what_there_is(settings: Any) -> None:
    with pytest.raises(LayoutError) as caught:
        layout.locate(settings("{}"), _spreadsheet("Sheet1", "Base"))
    assert str(caught.value) == (
        "Sales: there is no tab “Actions”\n"
        "There is: “Sheet1”, “Base”. If one of them is meant, name it under workbook.tabs; if not,"
        " run `sheetsync init` to add what is missing."
    )
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("tabs", "titles", "called"),
    [
        ("{}", ("Действия", "KUNDENBASIS"), (("Действия",), "KUNDENBASIS")),
        ("{}", ("Действия", "actions", "База", "Base"), (("actions",), "Base")),
        ("{}", ("Sheet1",), (("Actions",), "Base")),
        (
            "{actions: [Actions, Log *], base: Clients}",
            ("Действия", "Log Anna", "База"),
            (("Действия", "Log *"), "Clients"),
        ),
    ],
)
def test_a_title_left_to_the_language_is_known_in_the_others(
    settings: Any, tabs: str, titles: tuple[str, ...], called: tuple[tuple[str, ...], str]
) -> None:
    found = layout.named(settings(tabs), _spreadsheet(*titles)).workbook.tabs
    assert (tuple(found.actions), found.base) == called


def test_titles_are_quoted_for_a1() -> None:
    assert layout.quoted("Anna's log") == "'Anna''s log'"
