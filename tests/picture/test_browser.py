"""The page in a real browser: what stays, what runs over, what scrolls, what is asked of the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, FloatRect, Page

from sheetsync.picture import page
from tests.picture.sample import Tab, chart, dashboard, line, rgb, spreadsheet, text, vector


class Seen:
    """A page opened from a file, with what it asked of the network and said on its console."""

    def __init__(self, chromium: Browser, path: Path, width: int, height: int) -> None:
        self.requests: list[str] = []
        self.console: list[str] = []
        self.tab: Page = chromium.new_page(viewport={"width": width, "height": height})
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("console", lambda message: self.console.append(message.text))
        self.tab.on("dialog", self._dismiss)
        self.tab.on("pageerror", lambda error: self.console.append(str(error)))
        self.tab.goto(path.as_uri())

    def _dismiss(self, dialog: Dialog) -> None:
        self.console.append(dialog.message)
        dialog.dismiss()

    def box(self, selector: str) -> FloatRect:
        found = self.tab.locator(selector).first.bounding_box()
        assert found, selector
        return found

    def pixels(self, x: float, y: float, width: float, height: float) -> bytes:
        """A photograph of a part of the page."""
        return self.tab.screenshot(clip={"x": x, "y": y, "width": width, "height": height})

    def run(self, script: str) -> Any:
        return self.tab.evaluate(script)


class Opener:
    def __init__(self, chromium: Browser, folder: Path) -> None:
        self._chromium, self._folder = chromium, folder
        self.seen: list[Seen] = []

    def __call__(self, source: dict[str, Any] | str, width: int = 1280, height: int = 800) -> Seen:
        """Opens the page of an answer of spreadsheets.get, or a page already made."""
        path = self._folder / f"page{len(self.seen)}.html"
        path.write_text(source if isinstance(source, str) else page(source), encoding="utf-8")
        self.seen.append(Seen(self._chromium, path, width, height))
        return self.seen[-1]


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(chromium, tmp_path)
    yield opener
    for seen in opener.seen:
        seen.tab.close()


def test_rows_and_columns_have_their_pixels_to_the_dot(show: Opener) -> None:
    """Whatever stands in a row, it doesn't grow: big letters, wrapped and turned text, thick lines, sparklines."""
    tab = Tab(0, "T")
    tab.widths = {0: {"pixelSize": 150}, 1: {"pixelSize": 68}, 2: {"pixelSize": 31}}
    heights = [21, 14, 18, 22, 40, 26, 21, 33, 21]
    tab.heights = {row: {"pixelSize": height} for row, height in enumerate(heights)}
    tab.put(0, 0, "plain")
    tab.put(1, 0, "too big for its row", format={"textFormat": text(18)})
    tab.put(2, 0, "line one\nline two\nline three")
    tab.put(3, 1, "wrapped words that need many lines", format={"wrapStrategy": "WRAP"})
    tab.put(4, 2, "turned text", format={"textRotation": {"angle": 90}})
    tab.put(5, 0, "thick", format={"borders": {side: line(style="SOLID_THICK") for side in ("top", "bottom", "left")}})
    tab.put(6, 1, userEnteredValue={"formulaValue": "=SPARKLINE({1,2,3})"})
    tab.put(7, 1, True, dataValidation={"condition": {"type": "BOOLEAN"}})
    tab.put(8, 0, "noted", note="a note")
    seen = show(spreadsheet(tab))
    rows = seen.run("[...document.querySelectorAll('tr')].map(row => row.getBoundingClientRect().height)")
    cells = seen.run(
        "[...document.querySelectorAll('tr:first-child td')].map(cell => cell.getBoundingClientRect().width)"
    )
    assert rows == heights
    assert cells == [150, 68, 31]


def test_a_row_of_the_default_height_fits_its_text(show: Opener) -> None:
    """As in Sheets, where nobody set a height; the estimate holds the wrapped text whole."""
    tab = Tab(0, "T")
    words = "The same manager, date, action, client, deal and evidence as in row 398. Удалите одну из двух строк."
    tab.put(0, 0, words, format={"wrapStrategy": "WRAP"})
    tab.put(1, 0, "one\ntwo\nthree")
    tab.put(2, 0, "big", format={"textFormat": text(20)})
    tab.put(3, 0, "small")
    seen = show(spreadsheet(tab))
    script = "[...document.querySelectorAll('tr')].map(row => row.getBoundingClientRect().height)"
    heights = seen.run(script)
    assert heights[1:] == [53, 37, 21]
    whole = seen.run("(box => [box.scrollHeight, box.clientHeight])(document.querySelector('.wrap'))")
    assert whole[0] <= whole[1]
    assert heights[0] < whole[0] + 40


def test_frozen_rows_and_columns_stay_while_scrolling(show: Opener) -> None:
    tab = Tab(0, "T", 200, 30, frozenRowCount=1, frozenColumnCount=1)
    for row in range(150):
        for column in range(20):
            tab.put(row, column, f"r{row}c{column}")
    seen = show(spreadsheet(tab))
    for width, scroller in ((390, ".pane"), (1280, ".pane"), (2200, "html")):
        seen.tab.set_viewport_size({"width": width, "height": 800})
        seen.run(f"document.querySelector('{scroller}').scrollTo(0, 0)")
        before = {name: seen.box(f"text='{name}'") for name in ("r0c0", "r0c1", "r1c0", "r1c1")}
        seen.run(f"document.querySelector('{scroller}').scrollTo(150, 1000)")
        moved = 0 if width == 2200 else 150 - 8
        after = {name: seen.box(f"text='{name}'") for name in before}
        assert after["r0c0"]["y"] == after["r0c1"]["y"] == (0 if width == 2200 else before["r0c0"]["y"])
        assert after["r1c0"]["x"] == pytest.approx(before["r1c0"]["x"] - (8 if moved else 0))
        assert after["r0c1"]["x"] == pytest.approx(before["r0c1"]["x"] - (150 if moved else 0))
        assert after["r1c1"]["y"] == pytest.approx(before["r1c1"]["y"] - 1000)
        assert seen.run("document.elementFromPoint(20, 5).textContent") == "r0c0" or width == 2200


def test_the_body_never_scrolls_sideways(show: Opener) -> None:
    phone = show(dashboard())
    for width in (320, 768, 1180, 1280, 1920, 390):
        phone.tab.set_viewport_size({"width": width, "height": 800})
        assert phone.run("document.documentElement.scrollWidth <= innerWidth"), width
    assert phone.run("document.querySelector('.pane').scrollWidth > 1000")
    name, actual = phone.box("text='Manager A'"), phone.box("text='Meetings'")
    assert name["x"] >= 0
    assert actual["x"] + actual["width"] < 390


def test_text_runs_over_into_empty_neighbours_and_stops_at_full_ones(show: Opener) -> None:
    tab = Tab(0, "T")
    words = "a long text that runs over"
    tab.put(0, 0, words)
    tab.put(1, 0, words)
    tab.put(1, 1, "full")
    tab.put(2, 0, words, format={"wrapStrategy": "CLIP"})
    tab.put(3, 3, words, format={"horizontalAlignment": "RIGHT"})
    tab.put(4, 2, words, format={"horizontalAlignment": "CENTER"})
    tab.put(5, 3, 123456789012345.0, "123,456,789,012,345.00")
    seen = show(spreadsheet(tab))
    left = seen.box("table")["x"]
    inked = {row: _ink(seen, row, left) for row in range(6)}
    over, empty = (seen.pixels(left + 105, seen.box("tr")["y"] + 21 * row + 2, 40, 16) for row in (0, 2))
    assert over != empty, "no letter is seen in the neighbour"
    assert inked[0][1] > 110
    assert inked[1][1] <= 100
    assert inked[2][1] <= 100
    assert inked[3][0] < 290
    assert inked[4][0] < 200 < 300 < inked[4][1]
    assert inked[5][0] >= 300
    assert seen.run("getComputedStyle(document.querySelectorAll('tr')[5].cells[3]).textOverflow") == "ellipsis"


def _ink(seen: Seen, row: int, left: float) -> tuple[float, float]:
    """Where the first text of a row that can be seen begins and ends, in px from the table's left side."""
    script = f"""() => {{
      const cells = [...document.querySelectorAll('tr')[{row}].cells];
      const cell = cells.find(cell => cell.textContent.length > 5), words = document.createRange();
      words.selectNodeContents(cell.querySelector('.spill span') || cell);
      const text = words.getBoundingClientRect(), clip = cell.querySelector('.spill') || cell;
      const bounds = clip.getBoundingClientRect();
      return [Math.max(text.left, bounds.left) - {left}, Math.min(text.right, bounds.right) - {left}];
    }}"""
    begin, end = seen.run(script)
    return float(begin), float(end)


def test_text_runs_across_the_frozen_line_and_parts_there_when_scrolled(show: Opener) -> None:
    """The title in the frozen column reads on in the next pane; scrolled, each half stays in its pane."""
    seen = show(dashboard(), 390)
    subtitle = seen.tab.locator(".spilt").nth(0)
    frozen = seen.box("text='Department of 7 · 4 of 5 working days passed (80%)'")
    copy_at = seen.run(
        """() => { const spilt = document.querySelector('.spilt'), style = getComputedStyle(spilt, '::before');
        const shift = new DOMMatrix(style.transform).e; return spilt.getBoundingClientRect().left + shift; }"""
    )
    assert copy_at == pytest.approx(frozen["x"], abs=0.5)
    assert subtitle.get_attribute("aria-hidden") == "true"
    line_at = seen.box("th.f0")["x"] + 150
    seen.run("document.querySelector('.pane').scrollTo(100, 0)")
    box = seen.run("document.querySelector('.spill').getBoundingClientRect().right")
    assert box <= line_at


@pytest.mark.parametrize("width", [390, 900, 2200])
def test_a_link_to_a_cell_of_the_tab_brings_it_into_sight_without_script(
    chromium: Browser, tmp_path: Path, width: int
) -> None:
    """Under the frozen rows and beside the frozen columns, in the pane of a small window and on a page as a whole."""
    tab = Tab(0, "T", 300, 20, frozenRowCount=2, frozenColumnCount=1)
    for row in range(250):
        tab.put(row, 0, f"r{row}")
        tab.put(row, 15, f"end{row}")
    tab.put(0, 1, "go", userEnteredValue={"formulaValue": '=HYPERLINK("#gid=0&range=P150";"go")'})
    tab.put(200, 15, "back", hyperlink="#gid=0&range=A60")
    path = tmp_path / "page.html"
    path.write_text(page(spreadsheet(tab)), encoding="utf-8")
    context = chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": 600})
    opened = context.new_page()
    opened.goto(path.as_uri())
    for words, target in (("go", "end149"), ("back", "r59")):
        opened.get_by_role("link", name=words, exact=True).click()
        box = opened.get_by_text(target, exact=True).bounding_box()
        assert box, target
        assert 42 <= box["y"] <= 600 - box["height"], target
        assert 0 <= box["x"] <= width - box["width"], target
    context.close()


def test_a_link_that_leads_nowhere_looks_like_any_text(show: Opener) -> None:
    tab = Tab(0, "T")
    linked = {"foregroundColorStyle": {"themeColor": "LINK"}, "underline": True}
    own = {"foregroundColorStyle": {"rgbColor": rgb("#aa0000")}, "underline": True, "bold": True}
    away, here = {"uri": "#gid=7&range=A1"}, {"uri": "#gid=0&range=B9"}
    for row, (name, link) in enumerate((("away", away), ("here", here))):
        tab.put(row, 0, name, hyperlink=link["uri"])
        tab.put(row, 1, f"{name} linked", hyperlink=link["uri"], format={"textFormat": linked})
        tab.put(row, 2, f"{name} own", hyperlink=link["uri"], format={"textFormat": own})
        runs = [{}, {"startIndex": 4, "format": {**linked, "link": link}}]
        tab.put(row, 3, f"see {name} run", textFormatRuns=runs)
        tab.put(row, 4, f"{name} arrow →", hyperlink=link["uri"], format={"textFormat": own})
    seen = show(spreadsheet(tab))

    def look(words: str) -> tuple[str, str, bool]:
        """Colour, underlining of the words as the reader sees them, and whether they can be clicked."""
        found = seen.tab.get_by_text(words, exact=True).evaluate(
            "at => { const lines = []; for (let up = at; up; up = up.parentElement)"
            " lines.push(getComputedStyle(up).textDecorationLine);"
            " return [getComputedStyle(at).color, lines.includes('underline'), !!at.closest('a')] }"
        )
        return found[0], "underlined" if found[1] else "", found[2]

    assert look("away") == ("rgb(0, 0, 0)", "", False)
    assert look("away linked") == ("rgb(0, 0, 0)", "", False)
    assert look("away own") == ("rgb(170, 0, 0)", "underlined", False)
    assert look("away run") == ("rgb(0, 0, 0)", "", False)
    assert look("away arrow") == ("rgb(95, 99, 104)", "underlined", False)
    assert look("here") == ("rgb(17, 85, 204)", "underlined", True)
    assert look("here linked") == ("rgb(17, 85, 204)", "underlined", True)
    assert look("here own") == ("rgb(170, 0, 0)", "underlined", True)
    assert look("here run") == ("rgb(17, 85, 204)", "underlined", True)


def test_notes_open_by_keyboard_and_by_touch(show: Opener) -> None:
    tab = Tab(0, "T")
    tab.put(0, 0, "Date", note="day first")
    tab.put(0, 1, "Manager")
    seen = show(spreadsheet(tab))
    note = seen.tab.locator(".note")
    assert not note.is_visible()
    seen.tab.keyboard.press("Tab")
    seen.tab.keyboard.press("Tab")
    assert note.is_visible()
    assert note.text_content() == "day first"
    seen.tab.mouse.click(600, 400)
    assert not note.is_visible()
    seen.tab.locator("text='Date'").click()
    assert note.is_visible()


def test_a_note_at_the_right_edge_stays_in_sight_on_a_phone(show: Opener) -> None:
    tab = Tab(0, "T", frozenColumnCount=1)
    for column in range(12):
        tab.put(0, column, f"c{column}", note="what is typed here, in a few words " * 3)
    seen = show(spreadsheet(tab), 390)
    seen.run("document.querySelector('.pane').scrollTo(5000, 0)")
    seen.tab.locator("td").last.focus()
    box = seen.box(".note >> nth=-1")
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_hostile_text_runs_nothing_and_nothing_is_asked_of_the_network(show: Opener) -> None:
    tab = Tab(0, "<img src=x onerror=alert(1)>")
    for row, words in enumerate(
        (
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "javascript:alert(1)",
            "\x1b[31mred",
            "\u202eevil",
        )
    ):
        tab.put(row, 0, words, note=words, hyperlink=words)
        tab.put(row, 1, row)
    tab.put(5, 0, "<b>" * 10_000)
    tab.extra["charts"] = [
        chart(
            {
                "title": "<img src=x onerror=alert(1)>",
                "basicChart": {
                    "chartType": "BAR",
                    "headerCount": 0,
                    "domains": [{"domain": vector(0, 0, 4)}],
                    "series": [{"series": vector(0, 1, 4)}],
                },
            },
            8,
            0,
            500,
            300,
        )
    ]
    seen = show(spreadsheet(tab))
    seen.tab.wait_for_timeout(200)
    assert seen.console == []
    assert len(seen.requests) == 1
    assert seen.run("document.scripts.length") == 0
    assert seen.run("document.querySelectorAll('img, a').length") == 0
    assert "<script>alert(1)</script>" in str(seen.tab.text_content("table"))


def test_charts_lie_where_they_are_anchored_and_scroll_with_their_rows(show: Opener) -> None:
    seen = show(dashboard(), 390)
    first, heading = seen.box(".chart"), seen.box("text='Base over time, clients'")
    row = seen.run(
        """[...document.querySelectorAll('tr')].find(row => row.textContent.includes('Base over time, clients'))
        .getBoundingClientRect().bottom"""
    )
    assert first["y"] == pytest.approx(row)
    assert (first["width"], first["height"]) == (600, 240)
    assert first["x"] == pytest.approx(heading["x"] - 3)
    seen.run("document.querySelector('.pane').scrollTo(300, 100)")
    moved = seen.box(".chart")
    assert moved["x"] == pytest.approx(first["x"] - 300)
    assert moved["y"] == pytest.approx(first["y"] - 100)
    seen.run("document.querySelector('.pane').scrollTo(300, 5000)")
    top = seen.box(".chart")["y"]
    assert seen.run(f"document.elementFromPoint(20, {top + 60}).closest('.chart') !== null")


def test_paper_holds_the_whole_width_and_no_chart_is_cut(show: Opener) -> None:
    seen = show(dashboard())
    seen.tab.emulate_media(media="print")
    seen.tab.set_viewport_size({"width": 1047, "height": 700})
    assert seen.run("document.querySelector('table').getBoundingClientRect().width") <= 976
    assert seen.run("document.documentElement.scrollWidth") <= 1047
    kept = seen.run(
        """[...document.querySelectorAll('tbody.keep')].map(body => [getComputedStyle(body).breakInside,
        body.querySelectorAll('.chart').length])"""
    )
    assert kept == [["avoid", 2]]


def test_fills_and_lines_are_seen_in_the_browser(show: Opener) -> None:
    tab = Tab(0, "T", hideGridlines=True)
    fill = {"backgroundColorStyle": {"rgbColor": rgb("#dceef5")}}
    tab.put(0, 0, "x", format=fill | {"borders": {"bottom": line("#ff0000", "DASHED")}})
    tab.put(0, 1, -5, format={"numberFormat": {"type": "NUMBER", "pattern": "0;[Red]-0"}})
    seen = show(spreadsheet(tab))
    style = "getComputedStyle(document.querySelectorAll('td')[%d])"
    assert seen.run(style % 0 + ".backgroundColor") == "rgb(220, 238, 245)"
    assert seen.run(style % 0 + ".borderBottom") == "1px dashed rgb(255, 0, 0)"
    assert seen.run(style % 1 + ".color") == "rgb(255, 0, 0)"
    assert seen.run(style % 1 + ".textAlign") == "right"
    assert "tabular-nums" in seen.run(style % 1 + ".fontVariantNumeric")
