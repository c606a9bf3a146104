"""The sample workbook: opened, and served to browsers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from playwright.sync_api import Browser

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


@pytest.fixture
def window(chromium: Browser, server: Server) -> Iterator[Window]:
    """A browser's window with the first tab; whatever went wrong in it fails the test."""
    opened = Window(chromium, server)
    yield opened
    opened.close()
