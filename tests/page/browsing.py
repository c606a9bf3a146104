"""A browser's window with the page in it."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from sheetsync.local.serve import Server

expect.set_options(timeout=15_000)  # for a machine that has other things to do; what takes longer never comes


class Window:
    """The page, what it asked of the network and what it complained about."""

    def __init__(self, chromium: Browser, server: Server, address: str = "", **device: Any) -> None:
        self.server = server
        self.complaints: list[str] = []
        self.requests: list[str] = []
        device = {"viewport": {"width": 1280, "height": 800}, **device}
        self._context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"], **device)
        self.page: Page = self._context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(server.spreadsheet_url + address)
        expect(self.grid).to_have_attribute("aria-activedescendant", re.compile(r"r\d+c\d+"))
        expect(self.page.locator(".unknown")).to_have_count(0)

    def close(self) -> None:
        """Close the window; nothing may have gone wrong in it, and nothing asked of anybody else."""
        self._context.close()
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith((self.server.url, "data:"))] == []

    @property
    def grid(self) -> Locator:
        """The grid, which has the focus while nobody types."""
        return self.page.get_by_role("grid")

    def cell(self, name: str) -> Locator:
        """A cell by its name."""
        return self.page.locator(f"[data-cell={name}]")

    def box(self, name: str) -> FloatRect:
        """Where a cell is on the screen; told at one stroke, for its row may be drawn anew at any moment."""
        found: FloatRect = self.page.evaluate(
            "name => document.querySelector(`[data-cell=${name}]`).getBoundingClientRect().toJSON()", name
        )
        return found

    def at(self, name: str) -> None:
        """What is selected, as the name box tells it."""
        expect(self.page.get_by_label("Name box")).to_have_value(name)

    def rests(self) -> None:
        """The grid has the focus, in whichever way."""
        expect(self.page.locator("#grid:focus, .resting:focus")).to_have_count(1)

    def saved(self) -> None:
        """The server has answered for every cell that was typed into."""
        expect(self.page.locator(".pending")).to_have_count(0)

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str, then: str = "Enter") -> None:
        """A text into the active cell."""
        self.page.keyboard.type(text)
        self.page.keyboard.press(then)

    def go(self, name: str) -> None:
        """Select cells by the name box."""
        box = self.page.get_by_label("Name box")
        box.fill(name)
        box.press("Enter")
        self.at(name)
        self.rests()

    def paste(self, text: str) -> None:
        """Paste a text, as if it had been copied elsewhere."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.press("Control+V")
