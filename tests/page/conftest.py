"""The sample workbook: opened, and served to browsers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from playwright.sync_api import Browser, expect

from sheetsync.local.app import Workbooks
from sheetsync.local.serve import Server
from sheetsync.page import Pages
from tests.page.browsing import Window
from tests.page.sample import Caller, build


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, which nobody changes."""
    path = tmp_path_factory.mktemp("page") / "sample.sheet"
    build(path)[0].close()
    return path


@pytest.fixture
def caller(sample: Path, tmp_path: Path) -> Iterator[Caller]:
    """A visit to a copy of the sample."""
    copyfile(sample, tmp_path / "sample.sheet")
    workbooks = Workbooks.open(tmp_path / "sample.sheet")
    yield Caller(workbooks, workbooks.keys()[0])
    workbooks.close()


@pytest.fixture
def server(sample: Path, tmp_path: Path) -> Iterator[Server]:
    """A copy of the sample, served."""
    copyfile(sample, tmp_path / "sample.sheet")
    with Server(tmp_path / "sample.sheet", page=Pages("en")) as served:
        yield served


@pytest.fixture(scope="module")
def shown(chromium: Browser, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """A window for tests that change nothing: opening one takes longer than most of them."""
    path = tmp_path_factory.mktemp("reading") / "sample.sheet"
    copyfile(sample, path)
    with Server(path, page=Pages("en")) as served:
        opened = Window(chromium, served)
        yield opened
        opened.close()


@pytest.fixture
def reading(shown: Window) -> Window:
    """The window with the first cell of the first tab selected."""
    shown.page.evaluate("() => { location.hash = '#gid=2&range=B2' }")
    shown.at("B2")
    shown.page.evaluate("() => { location.hash = '#gid=0&range=A1' }")
    shown.at("A1")
    expect(shown.page).to_have_title("Log · Sample")
    expect(shown.page.locator(".unknown")).to_have_count(0)
    shown.grid.evaluate("grid => grid.scrollTo(0, 0)")
    return shown


@pytest.fixture
def window(chromium: Browser, server: Server) -> Iterator[Window]:
    """A browser's window with the first tab; whatever went wrong in it fails the test."""
    opened = Window(chromium, server)
    yield opened
    opened.close()
