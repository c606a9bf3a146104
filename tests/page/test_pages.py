"""The shell, its scripts, and what is no question of theirs."""

from __future__ import annotations

import html
import json
import re
from importlib.resources import files

import pytest

from sheetsync.page import Pages
from tests.page.sample import BIG, HIDDEN, LOG, Caller, send


def _config(shell: str) -> dict[str, object]:
    found = re.search(r'data-config="([^"]*)"', shell)
    assert found
    return dict(json.loads(html.unescape(found[1])))


def test_the_shell_tells_the_scripts_what_they_need(caller: Caller) -> None:
    title = {"properties": {"title": "</title><script>"}, "fields": "title"}
    send(caller.workbooks, caller.key, ":batchUpdate", {"requests": [{"updateSpreadsheetProperties": title}]})
    shell = caller.pages.shell(caller.visit, BIG)
    assert "<title>Big · &lt;/title&gt;&lt;script&gt;</title>" in shell
    assert re.findall(r"<script[^>]*>", shell) == ['<script type="module" src="/page/main.js">']
    config = _config(shell)
    assert (config["spreadsheet"], config["secret"], config["gid"]) == (caller.key, "a secret", BIG)


@pytest.mark.parametrize(
    ("gid", "first", "shown"), [(BIG, None, BIG), (HIDDEN, BIG, HIDDEN), (99, BIG, BIG), (None, 99, LOG)]
)
def test_the_tab_that_is_shown(caller: Caller, gid: int | None, first: int | None, shown: int) -> None:
    assert _config(Pages("en", first=first).shell(caller.visit, gid))["gid"] == shown


@pytest.mark.parametrize(
    ("language", "tag", "label"),
    [("de_DE", "de", "Bearbeitungsleiste"), ("ru", "ru", "Строка формул"), ("xx", "en", "Formula bar")],
)
def test_the_words_are_in_the_language(caller: Caller, language: str, tag: str, label: str) -> None:
    shell = Pages(language).shell(caller.visit, None)
    assert f'<html lang="{tag}">' in shell
    assert f'aria-label="{label}"' in shell


def test_scripts_name_only_scripts_that_are_there(caller: Caller) -> None:
    names = [file.name for file in files("sheetsync.page").iterdir() if file.name.endswith(".js")]
    assert "main.js" in names
    for name in names:
        kind, content = caller.pages.asset(name) or ("", b"")
        assert kind == "text/javascript; charset=UTF-8"
        for imported in re.findall(rb'from "\./([^"]+)"', content):
            assert caller.pages.asset(imported.decode()), (name, imported)
        for forbidden in (
            b"innerHTML",
            b"outerHTML",
            b"insertAdjacentHTML",
            b"eval(",
            b"Function(",
            b"http://",
            b"https://",
        ):
            assert forbidden not in content.replace(b"http://www.w3.org", b""), (name, forbidden)


@pytest.mark.parametrize("name", ["shell.html", "pages.py", "../page/main.js", "missing.js", "", "main.js.map"])
def test_nothing_else_is_given_out(caller: Caller, name: str) -> None:
    assert caller.pages.asset(name) is None


def test_what_is_no_question(caller: Caller) -> None:
    assert caller.pages.answer(caller.visit, "GET", "secrets", {}, b"") is None
    assert caller.pages.answer(caller.visit, "POST", "cells", {}, b"{}") is None
    assert caller.status("cells", {"gid": LOG})[0] == 400
    told = {"code": 400, "message": "Malformed request: too large a block", "status": "INVALID_ARGUMENT"}
    large = {"gid": LOG, "top": 0, "left": 0, "bottom": 1000, "right": 26}
    assert caller.status("cells", large) == (400, {"error": told})
    below = {"code": 400, "message": "Malformed request: below 0", "status": "INVALID_ARGUMENT"}
    assert caller.status("cells", large | {"left": -5}) == (400, {"error": below})
    assert caller.status("edge", {"gid": LOG, "row": -1, "column": 0, "way": "up"}) == (400, {"error": below})
    assert (caller.pages.answer(caller.visit, "POST", "edit", {}, b"{") or (0,))[0] == 400
