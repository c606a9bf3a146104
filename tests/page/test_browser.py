"""The page in a real browser: by keyboard alone, with two windows, with a block pasted, on a phone."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from playwright.sync_api import Browser, Dialog, expect

from sheetsync.local.app import Answer
from sheetsync.local.serve import Server
from sheetsync.local.web import Asked
from tests.page.browsing import Window
from tests.page.sample import BIG, HIDDEN, PROTECTED, cells, put, send, values


def test_by_keyboard_alone(window: Window, server: Server) -> None:
    window.rests()
    window.at("A1")
    window.press("ArrowDown", "ArrowRight")
    window.at("B2")
    window.type("Vera")
    window.at("B3")
    expect(window.cell("B2")).to_have_text("Vera")
    window.type("5.11.", "Shift+Enter")  # a date of this year, as the spreadsheet's locale reads it
    window.at("B2")
    window.press("F2")
    window.page.keyboard.type(" Sokolova")
    window.press("ArrowLeft", "ArrowLeft", "Delete", "Enter")
    expect(window.cell("B2")).to_have_text("Vera Sokoloa")
    window.press("ArrowUp", "Delete")
    expect(window.cell("B2")).to_have_text("")
    window.press("Control+z")
    expect(window.cell("B2")).to_have_text("Vera Sokoloa")
    window.press("Control+y")
    expect(window.cell("B2")).to_have_text("")
    window.page.keyboard.type("not this")
    window.press("Escape")
    expect(window.cell("B2")).to_have_text("")
    window.at("B2")
    window.go("A30")
    window.type("1", "Tab")
    window.type("2,5", "Tab")
    window.type("=A30+B30", "Enter")
    window.at("A31")  # the line's first cell, as after any cells filled with Tab
    expect(window.cell("C30")).to_have_text("3,5")
    assert values(server.workbooks, server.spreadsheet_id, "Log!A30:C30", "UNFORMATTED_VALUE") == [[1, 2.5, 3.5]]
    window.go("A31")
    window.type("4", "Tab")
    window.press("Tab")  # a cell is left out
    window.type("5", "Enter")
    window.at("A32")
    window.saved()
    assert values(server.workbooks, server.spreadsheet_id, "Log!A31:C31", "UNFORMATTED_VALUE") == [[4, "", 5]]


def test_whatever_brings_a_text_begins_an_edit(window: Window, server: Server) -> None:
    window.go("B9")
    window.page.keyboard.insert_text("Привет")  # as dictated, composed or picked: there is no key of it
    expect(window.page.get_by_role("textbox", name="Cell B9")).to_have_value("Привет")
    window.type(", мир")
    expect(window.cell("B9")).to_have_text("Привет, мир")
    formula = window.page.get_by_label("Formula bar")
    window.cell("B9").click()
    formula.fill("=1+2")
    expect(window.page.locator("#editor")).to_have_value("=1+2")
    window.cell("B12").click()
    expect(window.cell("B9")).to_have_text("3")
    window.at("B12")
    window.cell("B9").dblclick()
    window.page.keyboard.type("0")
    window.page.get_by_role("tab", name="Big").click()
    expect(window.page).to_have_title("Big · Sample")
    assert values(server.workbooks, server.spreadsheet_id, "Log!B9", "FORMULA") == [["=1+20"]]
    window.page.get_by_role("grid").press("ArrowDown")
    window.at("A2")


def test_keys_go_where_they_go_in_sheets(reading: Window) -> None:
    reading.page.get_by_role("tab", name="Big").click()
    expect(reading.page).to_have_title("Big · Sample")
    for keys, name in (
        ("Control+ArrowDown", "A5000"),
        ("End", "L5000"),
        ("Control+Home", "A1"),
        ("Control+End", "L5000"),
        ("Home", "A5000"),
        ("Control+ArrowUp", "A1"),
        ("Control+Shift+ArrowRight", "A1:L1"),
        ("Tab", "A1:L1"),
        ("Shift+Tab", "A1:L1"),
        ("Control+ArrowRight", "L1"),
        ("Shift+ArrowDown", "L1:L2"),
        ("Control+Space", "L1:L5000"),
        ("Control+a", "A1:L5000"),
        ("ArrowDown", "A2"),
        ("PageDown", "A34"),
        ("PageUp", "A2"),
    ):
        reading.press(keys)
        reading.at(name)
    reading.press("Control+Shift+PageUp")
    expect(reading.page.get_by_role("tab", selected=True)).to_have_text("Log")


def test_nobody_is_caught_in_the_grid(reading: Window) -> None:
    reading.press("F6")
    expect(reading.page.get_by_role("tab", name="Log")).to_be_focused()
    reading.press("ArrowRight", "Enter")
    expect(reading.page).to_have_title("Big · Sample")
    reading.rests()
    reading.press("F6", "F6")
    expect(reading.page.get_by_label("Name box")).to_be_focused()
    reading.press("F6")
    reading.rests()
    reading.press("Home", "Shift+Tab")
    expect(reading.page.get_by_role("button", name="Add 1000 rows")).to_be_focused()
    reading.press("Shift+Tab")
    expect(reading.page.get_by_label("Formula bar")).to_be_focused()
    reading.press("Escape", "End", "Tab")
    expect(reading.page.get_by_role("tab", name="Big")).to_be_focused()


def test_the_mouse_selects(reading: Window) -> None:
    first, last = reading.box("C5"), reading.box("F9")
    mouse = reading.page.mouse
    mouse.move(first["x"] + 20, first["y"] + 8)
    mouse.down()
    mouse.move(last["x"] + 10, last["y"] + 8)
    mouse.up()
    reading.at("C5:F9")
    reading.cell("H12").click(modifiers=["Shift"])
    reading.at("C5:H12")
    reading.page.get_by_role("columnheader", name="D", exact=True).click()
    reading.at("D1:D1000")
    reading.page.get_by_role("columnheader", name="F", exact=True).click(modifiers=["Shift"])
    reading.at("D1:F1000")
    reading.page.get_by_role("rowheader", name="4", exact=True).click()
    reading.at("A4:Z4")
    reading.page.locator(".corner").click()
    reading.at("A1:Z1000")
    reading.press("Control+c")
    expect(reading.cell("A1")).to_be_in_viewport()
    reading.press("Delete")
    expect(reading.page.get_by_role("alert")).to_contain_text(PROTECTED)


def test_what_is_read_stays_where_it_is(reading: Window) -> None:
    workbooks, key = reading.server.workbooks, reading.server.spreadsheet_id
    reading.page.evaluate("() => { location.hash = '#gid=1&range=A2000' }")
    expect(reading.cell("A2000")).to_be_in_viewport()
    before, height = reading.box("A2000"), reading.page.locator("#sheet").evaluate("sheet => sheet.style.height")
    place = {"sheetId": BIG, "dimension": "ROWS", "startIndex": 9, "endIndex": 10}
    change = {"range": place, "properties": {"pixelSize": 300}, "fields": "pixelSize"}
    send(workbooks, key, ":batchUpdate", {"requests": [{"updateDimensionProperties": change}]})
    put(workbooks, key, "Big!A2001", ["changed"])
    expect(reading.cell("A2001")).to_have_text("changed")
    expect(reading.page.locator("#sheet")).not_to_have_css("height", height)
    assert reading.box("A2000") == before


def test_a_frozen_row_that_grows_hides_no_other(window: Window, server: Server) -> None:
    look = {"cell": {"userEnteredFormat": {"wrapStrategy": "WRAP"}}, "fields": "userEnteredFormat.wrapStrategy"}
    wrapped = {"repeatCell": {"range": cells(0, 7, 1, 8), **look}}
    send(server.workbooks, server.spreadsheet_id, ":batchUpdate", {"requests": [wrapped]})
    put(server.workbooks, server.spreadsheet_id, "Log!H1", ["a heading that takes more than one line"])
    expect(window.cell("H1")).to_have_css("height", re.compile(r"^(?!21px)"))
    head = window.box("A1")
    assert window.box("A2")["y"] == head["y"] + head["height"]


def test_a_number_does_not_look_like_the_number_of_a_line(reading: Window) -> None:
    fill = "cells => cells.map(cell => getComputedStyle(cell).backgroundColor)"
    numbers = reading.page.locator(".cell.number")
    expect(numbers.first).to_be_visible()
    of_lines = set(reading.page.get_by_role("rowheader").evaluate_all(fill))
    assert of_lines
    assert not of_lines & set(numbers.evaluate_all(fill))


def test_a_merged_cell_is_one(reading: Window) -> None:
    reading.go("B20")
    reading.press("ArrowDown")
    reading.at("B21:D22")
    reading.press("ArrowDown")
    reading.at("B23")
    reading.press("ArrowLeft", "ArrowUp", "Shift+ArrowRight")
    reading.at("A21:D22")


def test_two_windows_see_each_other_s_edits(chromium: Browser, window: Window, server: Server) -> None:
    other = Window(chromium, server)
    other.go("B5")
    other.page.keyboard.type("half a wo")
    window.go("B6")
    window.type("Zhanna")
    expect(other.cell("B6")).to_have_text("Zhanna")
    expect(other.page.get_by_role("textbox", name="Cell B5")).to_have_value("half a wo")
    other.type("rd")
    expect(window.cell("B5")).to_have_text("half a word")
    window.at("B7")
    put(server.workbooks, server.spreadsheet_id, "Log!B7", ["who?"])
    expect(window.cell("B7")).to_have_text("who?")
    expect(window.cell("B7")).to_have_css("background-color", "rgb(255, 153, 0)")
    requests = [{"addSheet": {"properties": {"title": "New"}}}]
    send(server.workbooks, server.spreadsheet_id, ":batchUpdate", {"requests": requests})
    expect(window.page.get_by_role("tab")).to_have_text(["Log", "Big", "New"])
    other.close()


def test_nothing_is_fetched_while_nothing_changes(reading: Window) -> None:
    seen = len(reading.requests)
    for _ in range(2):
        with reading.page.expect_request("**/page/revision?"):
            pass
    later = reading.requests[seen:]
    assert {url.rsplit("/", 1)[1] for url in later} == {"revision?"}


def test_a_block_from_elsewhere(window: Window, server: Server) -> None:
    rows = [[f"r{row}c{column}" for column in range(5)] for row in range(20)]
    rows[0][0], rows[1][1], rows[2][2], rows[19][4] = 'two\nlines "quoted"', '5" pipe', '"so"', "3,5"
    lines = [list(row) for row in rows]
    lines[0][0], lines[2][2] = '"two\nlines ""quoted"""', '"""so"""'
    window.go("F50")
    window.paste("\r\n".join("\t".join(row) for row in lines) + "\r\n")
    window.at("F50:J69")
    found = values(server.workbooks, server.spreadsheet_id, "Log!F50:J69", "UNFORMATTED_VALUE")
    assert found == [*rows[:19], [*rows[19][:4], 3.5]]
    expect(window.cell("F50")).to_have_text('two\nlines "quoted"')
    window.press("Control+c")
    assert window.page.evaluate("navigator.clipboard.readText()").startswith('"two\nlines ""quoted"""\tr0c1\t')
    window.press("Control+z")
    expect(window.cell("F50")).to_have_text("")


def test_a_copied_cell_fills_what_is_selected_with_its_formula(window: Window, server: Server) -> None:
    window.go("D3")
    window.press("Control+c")
    window.go("D4:D6")
    window.press("Control+v")
    expect(window.cell("D6")).to_have_text("32")
    assert values(server.workbooks, server.spreadsheet_id, "Log!D4:D6", "FORMULA") == [["=D3*2"], ["=D4*2"], ["=D5*2"]]
    window.go("H4:I6")
    window.type("same", "Control+Enter")
    expect(window.cell("I6")).to_have_text("same")
    window.go("D4:D5")
    window.type("=D3+1", "Control+Enter")
    expect(window.cell("D5")).to_have_text("6")
    assert values(server.workbooks, server.spreadsheet_id, "Log!D4:D5", "FORMULA") == [["=D3+1"], ["=D4+1"]]
    window.go("B2:B3")
    window.press("Control+x")
    window.go("B10")
    window.press("Control+v")
    expect(window.cell("B11")).to_have_text("Boris")
    expect(window.cell("B2")).to_have_text("")
    window.press("Control+z")
    expect(window.cell("B2")).to_have_text("Anna")
    expect(window.cell("B11")).to_have_text("")
    window.go("H2:H901")  # not all of it is here: its text is fetched
    window.press("Control+x")
    window.page.wait_for_function("async () => (await navigator.clipboard.readText()).length > 800")
    window.go("K2")
    window.press("Control+v")
    expect(window.cell("K4")).to_have_text("same")
    expect(window.cell("H4")).to_have_text("")


def test_a_protected_cell_is_refused_in_google_s_words(reading: Window) -> None:
    reading.type("mine now")
    expect(reading.page.get_by_role("alert")).to_contain_text(PROTECTED)
    expect(reading.cell("A1")).to_have_text("Date")
    assert values(reading.server.workbooks, reading.server.spreadsheet_id, "Log!A1") == [["Date"]]


def test_dropdowns_and_rules(window: Window, server: Server) -> None:
    window.go("C5")
    window.press("F2")
    expect(window.page.get_by_role("option")).to_have_text(["Call", "Meeting", "Offer"])
    window.press("ArrowDown", "ArrowDown", "Enter")
    expect(window.cell("C5")).to_have_text("Meeting")
    window.go("C6")
    window.page.keyboard.type("off")
    expect(window.page.get_by_role("option")).to_have_text(["Offer"])
    window.press("ArrowDown", "Enter")
    expect(window.cell("C6")).to_have_text("Offer")
    window.go("B8")
    window.type("Anna", "Tab")
    window.page.keyboard.type("call")
    window.press("ArrowDown", "Enter", "Tab")  # picked; the line goes on
    window.type("3", "Enter")
    window.at("B9")
    window.press("Tab")
    window.page.keyboard.type("off")
    window.press("ArrowDown", "Tab")  # what is lit is meant, not the three letters
    window.at("D9")
    expect(window.cell("C9")).to_have_text("Offer")
    window.go("C7")
    window.type("Nap")
    expect(window.cell("C7")).to_have_class(re.compile(r"\bwrong\b"))
    window.cell("C7").hover()
    expect(window.page.locator("#card")).to_have_text("Invalid: the value is not one of the choices")
    window.go("D5")
    window.type("11")
    told = "The data you entered in cell D5 violates the data validation rules set on this cell. From 1 to 10."
    expect(window.page.get_by_role("alert")).to_contain_text(told)
    expect(window.cell("D5")).to_have_text("")
    assert values(server.workbooks, server.spreadsheet_id, "Log!D5") == []


def test_a_checkbox(window: Window, server: Server) -> None:
    window.go("E2")
    window.press("Space")
    expect(window.cell("E2").get_by_role("img")).to_have_accessible_name("checked")
    assert values(server.workbooks, server.spreadsheet_id, "Log!E2", "UNFORMATTED_VALUE") == [[True]]
    window.cell("E2").get_by_role("img").click()
    expect(window.cell("E2").get_by_role("img")).to_have_accessible_name("not checked")


def test_notes_and_what_is_said_of_a_cell(reading: Window) -> None:
    reading.press("ArrowRight")
    expect(reading.page.get_by_role("status")).to_have_text("B1, Manager, Note: Who did it <b> and no other")
    expect(reading.page.locator("#card")).to_have_text("Who did it <b>\nand no other")
    expect(reading.cell("B1")).to_have_attribute("aria-description", "Note: Who did it <b>\nand no other")
    expect(reading.grid).to_have_attribute("aria-activedescendant", "r0c1")
    expect(reading.cell("B1")).to_have_attribute("aria-selected", "true")
    assert reading.grid.get_attribute("aria-rowcount") == "1000"
    assert reading.grid.get_attribute("aria-colcount") == "26"
    assert reading.cell("B3").get_attribute("aria-rowindex") == "3"
    assert reading.cell("B3").get_attribute("aria-colindex") == "2"
    expect(reading.page.get_by_role("columnheader", name="C", exact=True)).to_be_visible()
    expect(reading.page.get_by_role("rowheader", name="3", exact=True)).to_be_visible()
    expect(reading.page.get_by_label("Formula bar")).to_have_value("Manager")


def test_links(reading: Window) -> None:
    reading.cell("F2").get_by_role("link", name="row 4000").click()
    reading.at("B4000")
    expect(reading.page).to_have_title("Big · Sample")
    expect(reading.cell("B4000")).to_be_in_viewport()
    reading.page.go_back()
    expect(reading.page).to_have_title("Log · Sample")
    reading.go("F2")
    reading.press("Alt+Enter")
    reading.at("B4000")
    reading.page.goto(f"{reading.server.spreadsheet_url}#gid={BIG}&range=C7:D8")
    reading.at("C7:D8")
    reading.page.goto(f"{reading.server.spreadsheet_url}#gid={HIDDEN}")
    expect(reading.cell("A1")).to_have_text("secret")
    expect(reading.page.get_by_role("tab")).to_have_text(["Log", "Big"])
    reading.page.goto(f"{reading.server.spreadsheet_url}#gid=99")
    expect(reading.page.get_by_role("alert")).to_contain_text("There is no tab with this address.")


def test_only_what_is_seen_is_drawn(reading: Window) -> None:
    before = len(reading.requests)
    reading.page.evaluate("() => { location.hash = '#gid=1&range=A1' }")
    expect(reading.cell("A1")).to_have_text("row 1")
    reading.grid.evaluate("grid => (grid.scrollTop = 60000)")
    expect(reading.cell("A2870")).to_have_text("row 2870")
    expect(reading.page.locator(".unknown")).to_have_count(0)  # a row is drawn anew when its cells come
    assert reading.page.locator("[role=row]").count() < 80
    assert reading.page.locator(".cell").count() < 1000
    fetched = [url for url in reading.requests[before:] if f"/cells?gid={BIG}&" in url]
    assert 0 < len(fetched) < 10
    reading.page.evaluate(
        """() => {
            window.seen = [];
            const note = (records) => records.forEach((record) => window.seen.push(...record.addedNodes));
            new MutationObserver(note).observe(document.querySelector(".body"), { childList: true });
        }"""
    )
    last = reading.page.locator(".body > :last-child > .line-number")
    before_it = last.inner_text()
    reading.grid.evaluate("grid => (grid.scrollTop += 42)")
    expect(last).not_to_have_text(before_it)
    assert reading.page.evaluate("window.seen.length") == 2  # the others stay where they are


def test_panes_charts_and_drawings(reading: Window) -> None:
    expect(reading.page.get_by_role("img", name="Quantities")).to_be_attached()
    plot = reading.page.get_by_role("img", name="Quantities").locator("img")
    expect(plot).to_have_js_property("complete", value=True)
    assert plot.evaluate("image => image.naturalWidth") > 300
    spark = reading.cell("G2").locator("img")
    assert spark.evaluate("image => image.naturalWidth") > 50
    expect(reading.cell("A1")).to_have_css("background-color", "rgb(230, 230, 230)")  # the frozen corner, and filled
    expect(reading.cell("D3")).to_have_css("background-color", "rgba(0, 0, 0, 0)")  # of a number
    assert reading.cell("D3").evaluate("cell => getComputedStyle(cell).zIndex") == "auto"  # goes under the panes
    expect(reading.cell("B21")).to_have_css("background-color", "rgb(255, 255, 255)")  # covers the lines beneath
    head, side = reading.box("B1"), reading.box("A5")
    reading.grid.evaluate("grid => grid.scrollTo(300, 50)")
    expect(reading.cell("B5")).not_to_be_in_viewport()
    assert reading.box("B1")["y"] == head["y"]
    assert (reading.box("A5")["x"], reading.box("A5")["y"]) == (side["x"], side["y"] - 50)


def test_in_forced_colours_the_selection_is_seen(chromium: Browser, server: Server) -> None:
    other = Window(chromium, server, "#gid=0&range=F5:G6", forced_colors="active")
    plain, look = (other.cell(name).evaluate("cell => getComputedStyle(cell).backgroundColor") for name in ("F8", "G6"))
    assert plain != look
    expect(other.cell("A1")).to_have_css("background-color", "rgb(230, 230, 230)")  # a fill is what people said
    other.close()


def test_on_a_phone(chromium: Browser, server: Server) -> None:
    phone = Window(chromium, server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
    phone.cell("B3").tap()
    phone.at("B3")
    expect(phone.page.locator("#editor")).to_be_hidden()
    phone.cell("B3").tap()
    editor = phone.page.get_by_role("textbox", name="Cell B3")
    expect(editor).to_be_focused()
    editor.fill("by finger")
    editor.press("Enter")
    expect(phone.cell("B3")).to_have_text("by finger")
    phone.page.get_by_role("tab", name="Big").tap()
    expect(phone.cell("A1")).to_have_text("row 1")
    phone.close()


def test_work_goes_on_with_a_server_that_was_started_anew(window: Window, server: Server) -> None:
    server.site._secret = "another"  # as after a restart
    window.go("B9")
    window.type("still here")
    expect(window.cell("B9")).to_have_text("still here")
    expect(window.page.get_by_text("Saved")).to_be_visible()
    assert values(server.workbooks, server.spreadsheet_id, "Log!B9") == [["still here"]]
    assert {text for text in window.complaints if "403" not in text} == set()
    window.complaints.clear()


def test_what_is_typed_without_a_connection_is_kept(window: Window, server: Server) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    window.page.context.set_offline(True)
    window.go("B9")
    window.type("typed in a tunnel")
    expect(window.page.get_by_text("No connection to the server. Trying again…")).to_be_visible()
    expect(window.cell("B9")).to_have_text("typed in a tunnel")
    window.go("F12")
    window.paste("one\ttwo")
    window.go("B14")
    window.page.once("dialog", stay)
    window.page.close(run_before_unload=True)
    window.at("B14")
    assert asked == ["beforeunload"]  # what was typed would be lost
    window.page.context.set_offline(False)
    expect(window.page.get_by_text("Saved")).to_be_visible()
    expect(window.cell("G12")).to_have_text("two")
    window.at("B14")  # whoever has gone on is not taken back
    assert values(server.workbooks, server.spreadsheet_id, "Log!B9") == [["typed in a tunnel"]]
    assert {text for text in window.complaints if "ERR_INTERNET_DISCONNECTED" not in text} == set()
    window.complaints.clear()


class Stranger(BaseHTTPRequestHandler):
    """A site of somebody else's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>else</title>")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


TRIED = """async ([url, secret, mode]) => {
    const headers = mode === "cors" ? { "X-Sheetsync-Page": secret } : {};
    const body = '{"gid": 0, "kind": "clear", "areas": [[1, 0, 3, 8]]}';
    return fetch(url, { method: "POST", mode, headers, body }).then((answer) => answer.type, (error) => error.name);
}"""


def test_another_site_s_page_can_neither_read_nor_write(chromium: Browser, window: Window, server: Server) -> None:
    asked: list[tuple[str, int]] = []
    answer = server.site.answer

    def recorded(request: Asked) -> Answer:
        answered = answer(request)
        asked.append((request.headers.get("origin", ""), answered.status))
        return answered

    vars(server.site)["answer"] = recorded
    secret = window.page.evaluate("JSON.parse(document.body.dataset.config).secret")
    with HTTPServer(("127.0.0.1", 0), Stranger) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        stranger = chromium.new_page()
        origin = f"http://127.0.0.1:{other.server_port}"
        stranger.goto(origin)
        edit = f"{server.spreadsheet_url}/page/edit"
        assert stranger.evaluate(TRIED, [edit, secret, "cors"]) == "TypeError"
        stranger.evaluate(TRIED, [edit, secret, "no-cors"])  # sent blindly; the answer can't be read in any case
        read = "url => fetch(url, { mode: 'no-cors' }).then((answer) => answer.type, (error) => error.name)"
        assert stranger.evaluate(read, server.spreadsheet_url) in ("opaque", "TypeError")
        stranger.close()
        other.shutdown()
    assert {status for source, status in asked if source == origin} == {403}
    assert values(server.workbooks, server.spreadsheet_id, "Log!B2") == [["Anna"]]
