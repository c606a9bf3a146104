"""Drive's search language."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local.search import search

FILE: dict[str, Any] = {
    "name": "Sales O'Hara 2026",
    "mimeType": "application/vnd.google-apps.spreadsheet",
    "trashed": False,
    "starred": True,
    "parents": ["root"],
    "createdTime": "2026-11-16T10:00:00.000Z",
    "modifiedTime": "2026-11-17T10:00:00.000Z",
    "permissions": [{"role": "owner", "emailAddress": "anna@example.com"}, {"role": "reader", "type": "anyone"}],
}


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        'mimeType="application/vnd.google-apps.spreadsheet" and name = "Sales O\'Hara 2026"',
        r"name = 'Sales O\'Hara 2026'",
        "name contains 'sal'",
        "name contains '2026'",
        "fullText contains 'hara'",
        "mimeType contains 'spreadsheet'",
        "mimeType != 'application/vnd.google-apps.folder'",
        "trashed = false",
        "trashed=false and starred=true",
        "not trashed = true",
        "not (trashed = true or starred = false)",
        "starred = false or starred = true and trashed = false",
        "'root' in parents",
        'parents in "root"',
        "'Anna@Example.com' in owners and 'anna@example.com' in readers",
        "modifiedTime > '2026-11-17T09:00:00'",
        "modifiedTime >= '2026-11-17T13:00:00+03:00' and createdTime < '2026-11-17'",
    ],
)
def test_finds(query: str) -> None:
    assert search(query)(FILE)


@pytest.mark.parametrize(
    "query",
    [
        r"name = 'sales o\'hara 2026'",
        "name contains 'ales'",
        "trashed = true",
        "not trashed = false",
        "'elsewhere' in parents",
        "'boris@example.com' in readers",
        "modifiedTime < '2026-11-17T10:00:00Z'",
        "sharedWithMeTime > '2026-01-01'",
        "starred = true or starred = true and trashed = true",
    ],
)
def test_does_not_find(query: str) -> None:
    assert not search(query)(FILE)


@pytest.mark.parametrize(
    "query",
    [
        "name",
        "name =",
        "name = Sales",
        "name > 'a'",
        "size = '1'",
        "trashed = maybe",
        "trashed = 'false'",
        "name = 'a' name = 'b'",
        "(name = 'a'",
        "name = 'a')",
        "'x' in shelves",
        "'x' of parents",
        "name like 'x'",
        "starred contains 'x'",
        "modifiedTime > 'yesterday'",
        "name = 'unclosed",
        "and",
        "(" * 100_000,
        "not " * 100_000,
    ],
    ids=lambda query: query[:30],
)
def test_refuses(query: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        search(query)


@given(st.text(max_size=40))
def test_finds_any_name_by_itself(name: str) -> None:
    """Whatever a file is called, quoting the name finds it and no other."""
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    found = search(f"name = '{quoted}'")
    assert found({**FILE, "name": name})
    assert not found({**FILE, "name": name + "x"})


@given(st.text(alphabet="()'\"<=>! andorinotname\\", max_size=40))
def test_no_text_is_more_than_refused(query: str) -> None:
    try:
        test = search(query)
    except ValueError:
        return
    assert test(FILE) in (True, False)
