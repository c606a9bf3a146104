"""A tab as a file, and as a page from which a person gets to the other tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sheetsync import export, layout, prepare
from sheetsync.errors import LayoutError, UsageError
from sheetsync.local.serve import Server
from sheetsync.schema import Settings
from sheetsync.sync import sync
from sheetsync.texts import LANGUAGES, Language, Texts
from tests.office import ANNA, Office, configured

ACTIONS = [(46345, ANNA, "Meeting held", f"Client {n}", "", "minutes" if n != 70 else "") for n in range(90)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A synced workbook; the row of client 70 has no evidence."""
    office = Office(tmp_path_factory.mktemp("export") / "book.sheet")
    settings = configured()
    prepare.init(settings, office.place)
    office.type("Actions", 1, ACTIONS)
    sync(settings, office.place, period="2026-W47")
    return office


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The configuration; and a folder to write into."""
    monkeypatch.chdir(tmp_path)
    return configured()


@pytest.mark.parametrize(
    ("tab", "file", "title"),
    [
        ("dashboard", "dashboard.html", "Dashboard"),
        ("Issues", "Issues.html", "Issues"),
        ("aCTIONS", "aCTIONS.html", "Actions"),
    ],
)
def test_a_tab_is_found_by_its_id_or_its_title(
    office: Office, settings: Settings, tab: str, file: str, title: str
) -> None:
    assert export.export(settings, office.place, tab) == Path(file)
    html = Path(file).read_text("utf-8")
    assert f"<title>{title} · book</title>" in html
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_of_a_local_workbooks_picture_leads_somewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    monkeypatch.chdir(tmp_path)
    office = Office(tmp_path / "book.sheet")
    settings = configured(language)
    prepare.init(settings, office.place)
    office.type(settings.workbook.tabs.actions[0], 1, ACTIONS)
    sync(settings, office.place, period="2026-W47")
    html = export.export(settings, office.place, "dashboard").read_text("utf-8")
    ids = set(re.findall(r' id="([^"]*)"', html))
    assert {href for href in re.findall(r'<a href="#([^"]*)"', html) if href not in ids} == set()
    assert Texts(language)("Rows to mend") in html
    words = Texts(language)("show them →")
    assert words not in html
    assert words.removesuffix(" →") not in html


def test_folders_are_made(office: Office, settings: Settings) -> None:
    assert export.export(settings, office.place, "guide", Path("a/b/c.html")).exists()


def test_the_name_of_a_tab_does_not_lead_out_of_the_folder(office: Office, settings: Settings) -> None:
    office.apply({"addSheet": {"properties": {"sheetId": 5, "title": "../up/../../x y"}}})
    written = export.export(settings, office.place, "../up/../../x y")
    assert written == Path("up-..-..-x-y.html")
    assert written.exists()
    office.apply({"deleteSheet": {"sheetId": 5}})


def test_an_unknown_tab_is_named_with_those_there_are(office: Office, settings: Settings) -> None:
    with pytest.raises(LayoutError) as refused:
        export.export(settings, office.place, "Actoins")
    assert str(refused.value) == (
        "there is no tab “Actoins”; there is “Dashboard”, “Actions”, “Base”, “Issues”, “Guide”, “History”, "
        "“Snapshots”, “Run journal”\nName one of these with --tab."
    )


def test_a_tab_of_ours_that_is_not_there_yet_is_made_by_sync(tmp_path: Path, settings: Settings) -> None:
    office = Office(tmp_path / "book.sheet")
    prepare.init(settings, office.place)
    office.apply({"deleteSheet": {"sheetId": layout.OWN_IDS["issues"]}})
    with pytest.raises(LayoutError, match=r"Run `sheetsync init` and `sheetsync sync`: they make it\."):
        export.export(settings, office.place, "issues")


def test_a_file_that_can_not_be_written_is_named(office: Office, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        export.export(settings, office.place, "guide", tmp_path)
    assert str(refused.value) == (
        f"{tmp_path}: the file can't be written (Is a directory)\nName another one with --output."
    )


# --- the page of serve -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(office: Office) -> Iterator[Server]:
    """The workbook, served."""
    assert office.place.path is not None
    with Server(office.place.path, page=export.served("en")) as server:
        yield server


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 1000, "height": 600})
    yield opened
    opened.close()


def test_a_person_goes_from_tab_to_tab(server: Server, page: Page) -> None:
    page.goto(server.spreadsheet_url)
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_text(["Dashboard", "Actions", "Base", "Issues", "Guide", "History"])
    expect(page).to_have_title("Dashboard · book")
    for title in ("Actions", "Guide", "Dashboard", "Issues"):
        tabs.filter(has_text=title).click()
        expect(page).to_have_title(f"{title} · book")
        expect(page.get_by_role("tab", selected=True)).to_have_text(title)


def test_an_issue_leads_to_its_row(server: Server, page: Page) -> None:
    page.goto(f"{server.spreadsheet_url}?gid={layout.OWN_IDS['issues']}")
    page.get_by_role("link", name="F72", exact=True).first.click()
    expect(page).to_have_title("Actions · book")
    expect(page.get_by_label("Name box")).to_have_value("F72")
    expect(page.locator("[data-cell=F72]")).to_be_in_viewport()
    expect(page.locator("[data-cell=D72]")).to_have_text("Client 70")


def test_an_unknown_tab_is_the_dashboard(server: Server, page: Page) -> None:
    answer = page.goto(f"{server.spreadsheet_url}?gid=123456")
    assert answer is not None
    assert answer.status == 200
    expect(page).to_have_title("Dashboard · book")
