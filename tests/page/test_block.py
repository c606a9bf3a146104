"""A block of cells as the page's scripts get it."""

from __future__ import annotations

from tests.page.sample import BIG, LOG, Caller, put, send


def test_cells_tell_what_is_drawn(caller: Caller) -> None:
    told = caller.cells(LOG, 0, 0, 40, 60)
    head, first, second = told["rows"][:3]
    assert (head[1]["text"], head[1]["note"]) == ("Manager", "Who did it <b>\nand no other")
    assert (first[0]["text"], first[0]["kind"], "typed" in first[0]) == ("03.11.2026", "number", False)
    assert told["rules"][first[2]["rule"]] == {"choices": ["Call", "Meeting", "Offer"], "strict": False, "said": ""}
    assert told["rules"][first[3]["rule"]] == {"choices": None, "strict": True, "said": "From 1 to 10."}
    assert first[4]["checked"] is False
    assert (first[5]["text"], first[5]["link"]) == ("row 4000", "#gid=1&range=B4000")
    assert second[5]["link"] == "https://example.com/"
    assert first[6]["svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg" class="spark"')
    assert first[6]["text"] == ""
    assert (second[3]["text"], second[3]["typed"]) == ("4", "=D2*2")
    assert told["rows"][20][1]["text"] == "merged"
    assert len(told["rows"]) == 40
    look = told["styles"][head[1]["style"]]
    assert "font-weight:700" in look["css"]
    assert "background-color:#e6e6e6" in look["css"]


def test_a_block_is_cut_to_the_grid_and_to_what_is_there(caller: Caller) -> None:
    told = caller.cells(BIG, 4990, 10, 5030, 70)
    assert len(told["rows"]) == 10
    assert [cell["text"] for cell in told["rows"][-1]] == ["4999.8", "4999.9"]
    assert caller.cells(LOG, 200, 0, 240, 60)["rows"] == []
    assert caller.cells(LOG, 5000, 0, 5040, 60)["rows"] == []


def test_a_rule_that_is_not_met_and_an_error_are_told(caller: Caller) -> None:
    put(caller.workbooks, caller.key, "Log!C3:D3", ["Nap", "=1/0"])
    row = caller.cells(LOG, 2, 0, 3, 8)["rows"][0]
    assert (row[2]["wrong"], row[2]["text"]) == (True, "Nap")
    assert (row[3]["kind"], row[3]["text"]) == ("error", "#DIV/0!")
    assert row[3]["error"]


def test_conditional_formats_are_live(caller: Caller) -> None:
    put(caller.workbooks, caller.key, "Log!B3", ["who?"])
    told = caller.cells(LOG, 2, 1, 3, 2)
    assert "background-color:#ff9900" in told["styles"][told["rows"][0][0]["style"]]["css"]


def test_a_row_grows_with_its_text_where_nobody_gave_it_a_height(caller: Caller) -> None:
    put(caller.workbooks, caller.key, "Log!J50", ["one\ntwo\nthree"])
    put(caller.workbooks, caller.key, "Log!J51", ["one\ntwo\nthree"])
    place = {"sheetId": LOG, "dimension": "ROWS", "startIndex": 50, "endIndex": 51}
    change = {"range": place, "properties": {"pixelSize": 30}, "fields": "pixelSize"}
    send(caller.workbooks, caller.key, ":batchUpdate", {"requests": [{"updateDimensionProperties": change}]})
    assert caller.cells(LOG, 40, 0, 80, 60)["heights"] == {"49": 53}


def test_what_looks_like_markup_stays_text(caller: Caller) -> None:
    put(caller.workbooks, caller.key, "Log!J5", ["<img src=x onerror=alert(1)>\x00\x1b"])
    assert caller.cells(LOG, 4, 9, 5, 10)["rows"][0][0]["text"] == "<img src=x onerror=alert(1)>␀␛"


def test_only_harmless_links_are_links(caller: Caller) -> None:
    put(caller.workbooks, caller.key, "Log!J6", ['=HYPERLINK("javascript:alert(1)"; "x")'])
    assert "link" not in caller.cells(LOG, 5, 9, 6, 10)["rows"][0][0]
