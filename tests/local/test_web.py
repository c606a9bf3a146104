"""What one request gets, without HTTP: the page, overridden methods, and who may send what."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetsync.local.app import Workbooks
from sheetsync.local.web import PAGE_ACCOUNT, Asked, Site
from sheetsync.page import Pages

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


class TestPage:
    """The page that is filled in: who may ask for what. What it says is tested in tests/page."""

    @pytest.fixture
    def site(self, workbooks: Workbooks) -> Site:
        return Site(workbooks, Pages("en"))

    @pytest.fixture
    def key(self, workbooks: Workbooks) -> str:
        return workbooks.create({"sheets": [{"properties": {"title": "Log", "sheetId": 0}}]})

    @staticmethod
    def _secret(site: Site, key: str) -> str:
        shell = html.unescape(site.answer(Asked("GET", f"/spreadsheets/d/{key}", [], LOCAL)).body.decode())
        found = re.search(r'"secret":"([^"]*)"', shell)
        assert found
        return found[1]

    def test_its_headers_let_only_its_own_scripts_run(self, site: Site, key: str) -> None:
        answer = site.answer(Asked("GET", f"/spreadsheets/d/{key}/edit", [], LOCAL))
        headers = dict(answer.headers)
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        assert headers["Cross-Origin-Resource-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")

    @pytest.mark.parametrize("what", ["revision", "book", "cells", "edit", "nothing"])
    @pytest.mark.parametrize("given", [None, "", "wrong", "\u00fc"])
    def test_without_its_secret_nothing_is_told_or_done(
        self, site: Site, key: str, what: str, given: str | None
    ) -> None:
        headers = LOCAL if given is None else {**LOCAL, "x-sheetsync-page": given}
        body = b'{"gid": 0, "kind": "type", "top": 0, "left": 0, "rows": [["x"]]}'
        for method in ("GET", "POST"):
            answer = site.answer(Asked(method, f"/spreadsheets/d/{key}/page/{what}", [], headers, body))
            assert answer.status == 403
            told = json.loads(answer.body)["error"]["message"]
            assert told == "Only the page that this server has given out may ask for this."
        values = site.answer(Asked("GET", f"/v4/spreadsheets/{key}/values/A1"), owner=True)
        assert "values" not in json.loads(values.body)

    def test_with_it_the_page_s_account_edits(self, site: Site, key: str) -> None:
        headers = {**LOCAL, "x-sheetsync-page": self._secret(site, key), "origin": "http://localhost:8080"}
        body = b'{"gid": 0, "kind": "type", "top": 0, "left": 0, "rows": [["x"]]}'
        answer = site.answer(Asked("POST", f"/spreadsheets/d/{key}/page/edit", [], headers, body))
        assert (answer.status, "refused" in json.loads(answer.body)) == (200, False)
        assert dict(answer.headers)["Cache-Control"] == "no-store"
        assert site.answer(Asked("POST", f"/spreadsheets/d/{key}/page/nothing", [], headers, body)).status == 404
        assert site.answer(Asked("POST", "/spreadsheets/d/absent/page/edit", [], headers, body)).status == 404
        sharing = site.sharing.permissions(key)
        assert PAGE_ACCOUNT not in [permission.subject for permission in sharing]

    def test_each_start_has_a_secret_of_its_own(self, site: Site, workbooks: Workbooks, key: str) -> None:
        assert self._secret(site, key) != self._secret(Site(workbooks, Pages("en")), key)
        assert len(self._secret(site, key)) == 43

    @pytest.mark.parametrize(
        "headers",
        [
            {"host": "evil.example"},
            {"host": "localhost.evil.example:8080"},
            {**LOCAL, "origin": "http://evil.example"},
            {**LOCAL, "origin": "null"},
            {**LOCAL, "origin": "http://localhost:9999"},
            {**LOCAL, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
            {**LOCAL, "sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
        ],
    )
    def test_another_site_s_page_gets_nothing(self, site: Site, key: str, headers: dict[str, str]) -> None:
        told = {**headers, "x-sheetsync-page": self._secret(site, key)}
        for path in (f"/spreadsheets/d/{key}", f"/spreadsheets/d/{key}/page/book", "/page/main.js"):
            assert site.answer(Asked("GET", path, [], told)).status == 403
        assert site.answer(Asked("POST", f"/spreadsheets/d/{key}/page/edit", [], told, b"{}")).status == 403

    def test_a_link_on_another_site_may_lead_to_it(self, site: Site, key: str) -> None:
        headers = {**LOCAL, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
        assert site.answer(Asked("GET", f"/spreadsheets/d/{key}", [], headers)).status == 200

    @pytest.mark.parametrize(
        "path",
        ["/page/../setup.cfg", "/page/", "/page/pages.py", "/page/shell.html", "/page/a/b.js", "/page/..%2fmain.js"],
    )
    def test_no_other_file_is_given_out(self, site: Site, path: str) -> None:
        assert site.answer(Asked("GET", path, [], LOCAL)).status == 404

    def test_its_scripts_are_given_out(self, site: Site) -> None:
        answer = site.answer(Asked("GET", "/page/main.js", [], LOCAL))
        assert (answer.status, dict(answer.headers)["Content-Type"]) == (200, "text/javascript; charset=UTF-8")
        assert site.answer(Asked("POST", "/page/main.js", [], LOCAL)).status == 404


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
