"""What all tests share: a real browser, no clock in a property test, and modules that are compiled once."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Generator, Iterator

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright

hypothesis.settings.register_profile("house", deadline=None, max_examples=60)
hypothesis.settings.load_profile("house")

os.environ.pop("COLUMNS", None)  # pytest-xdist sets it; texts are compared as they are without a terminal

# A job in a shell's background is started so that it ignores Ctrl+C, and so would be what the tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Else each of the many processes that the suite starts compiles every module of the program and of the tests anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are cores: a worker often waits, for a browser or for a process that it started."""
    return (yield) + 1


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless; `SHEETSYNC_CHROMIUM` names another. Skips where there is none.

    Where SHEETSYNC_REQUIRE_CHROMIUM is set, that is a failure.
    """
    executable = os.environ.get("SHEETSYNC_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if not executable and os.environ.get("SHEETSYNC_REQUIRE_CHROMIUM"):
        pytest.fail("no Chromium, and SHEETSYNC_REQUIRE_CHROMIUM says that the browser tests must run")
    if not executable:
        pytest.skip("no Chromium: install it, or name it in SHEETSYNC_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(_ARGUMENTS))
        yield browser
        browser.close()
