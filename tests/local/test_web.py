"""What one request gets, without HTTP: the page, overridden methods, and who may send what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetsync.local.app import Workbooks
from sheetsync.local.web import Asked, Site

LOCAL = {"host": "localhost:8080"}


@pytest.fixture
def workbooks(tmp_path: Path) -> Iterator[Workbooks]:
    opened = Workbooks.open(tmp_path / "department.sheet")
    yield opened
    opened.close()


@pytest.fixture
def site(workbooks: Workbooks) -> Site:
    return Site(workbooks)


class TestPlainPage:
    @pytest.fixture
    def key(self, workbooks: Workbooks) -> str:
        tabs = [
            {"properties": {"title": "<b>Anna's</b>", "sheetId": 5}},
            {"properties": {"title": "Base", "sheetId": 6}},
            {"properties": {"title": "Secret", "sheetId": 7, "hidden": True}},
        ]
        made = workbooks.create({"properties": {"title": "<i>Sales</i>"}, "sheets": tabs})
        body = json.dumps({"values": [["<script>alert(1)</script>", '"&']]}).encode()
        path = f"/v4/spreadsheets/{made}/values/'<b>Anna''s</b>'!A1"
        assert workbooks.handle("PUT", path, [("valueInputOption", "RAW")], body, None).status == 200
        return made

    def _page(self, site: Site, key: str, **query: str) -> str:
        answer = site.answer(Asked("GET", f"/spreadsheets/d/{key}/edit", list(query.items()), LOCAL))
        headers = dict(answer.headers)
        assert (answer.status, headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        return answer.body.decode()

    def test_lists_the_tabs_and_escapes_everything(self, site: Site, key: str) -> None:
        page = self._page(site, key)
        assert "<h1>&lt;i&gt;Sales&lt;/i&gt;</h1>" in page
        assert '<a href="?gid=5" aria-current=page>&lt;b&gt;Anna&#x27;s&lt;/b&gt;</a><a href="?gid=6">Base</a>' in page
        assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td><td>&quot;&amp;</td>" in page
        assert "Secret" not in page

    def test_shows_the_tab_that_is_asked_for(self, site: Site, key: str) -> None:
        assert '<a href="?gid=6" aria-current=page>' in self._page(site, key, gid="6")
        assert '<a href="?gid=7" aria-current=page>' in self._page(site, key, gid="7")

    @pytest.mark.parametrize("gid", ["99", "-1", "x", "9" * 400])
    def test_shows_the_first_for_any_other(self, site: Site, key: str, gid: str) -> None:
        assert '<a href="?gid=5" aria-current=page>' in self._page(site, key, gid=gid)

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_is_read_only(self, site: Site, key: str, method: str) -> None:
        assert site.answer(Asked(method, f"/spreadsheets/d/{key}", [], LOCAL)).status == 404


def test_the_favicon_is_nothing(site: Site) -> None:
    assert site.answer(Asked("GET", "/favicon.ico", [], LOCAL)).status == 204


def test_the_owner_in_process_needs_no_token_and_no_host(site: Site, workbooks: Workbooks) -> None:
    key = workbooks.create({})
    asked = Asked("GET", f"/v4/spreadsheets/{key}")
    assert site.answer(asked).status == 403
    assert site.answer(Asked("GET", asked.path, [], LOCAL)).status == 401
    answer = site.answer(asked, owner=True)
    assert (answer.status, json.loads(answer.body)["spreadsheetId"]) == (200, key)
    assert ("Vary", "X-Origin") in answer.headers


def test_a_long_get_comes_as_a_post(site: Site, workbooks: Workbooks) -> None:
    path = f"/v4/spreadsheets/{workbooks.create({})}/values:batchGet"
    headers = {"x-http-method-override": "GET"}
    answer = site.answer(
        Asked("POST", path, [("prettyPrint", "false")], headers, b"ranges=A1&ranges=B2%3AC3"), owner=True
    )
    assert [found["range"] for found in json.loads(answer.body)["valueRanges"]] == ["Sheet1!A1", "Sheet1!B2:C3"]
    assert site.answer(Asked("POST", path, [], {}, b"ranges=A1"), owner=True).status == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"destinationSpreadsheetId": 7}', b"[" * 100_000, b"\xff"])
def test_a_wrong_target_of_a_copy_is_the_engine_s_to_refuse(site: Site, workbooks: Workbooks, body: bytes) -> None:
    path = f"/v4/spreadsheets/{workbooks.create({})}/sheets/0:copyTo"
    assert site.answer(Asked("POST", path, [], {}, body), owner=True).status in (400, 404)
