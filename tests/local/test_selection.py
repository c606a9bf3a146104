"""Drive's fields parameter."""

from __future__ import annotations

from typing import Any

import pytest

from sheetsync.local.selection import UnknownFieldError, select, selection

LIST: dict[str, Any] = {
    "kind": "drive#fileList",
    "files": [
        {"id": "1", "name": "a", "owners": [{"displayName": "anna", "me": True}], "capabilities": {"canEdit": True}},
        {"id": "2", "name": "b", "owners": [], "capabilities": {"canEdit": False}},
    ],
}


@pytest.mark.parametrize(
    ("fields", "selected"),
    [
        ("*", LIST),
        ("kind", {"kind": "drive#fileList"}),
        ("kind, files/id", {"kind": "drive#fileList", "files": [{"id": "1"}, {"id": "2"}]}),
        ("files(id,owners/me)", {"files": [{"id": "1", "owners": [{"me": True}]}, {"id": "2", "owners": []}]}),
        ("files/id,files/name", {"files": [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]}),
        ("files,files/id", {"files": LIST["files"]}),
        ("files(capabilities(*))", {"files": [{"capabilities": {"canEdit": value}} for value in (True, False)]}),
        ("nextPageToken", {}),
    ],
)
def test_selects(fields: str, selected: dict[str, Any]) -> None:
    assert select(LIST, selection(fields, "FileList")) == selected


@pytest.mark.parametrize(
    ("fields", "culprit"),
    [
        ("nonsense", "nonsense"),
        ("files(id,nonsense)", "nonsense"),
        ("files(id", "("),
        ("files)", ")"),
        ("files,", ""),
        ("files.id", "files.id"),
        ("kind/id", "id"),
        ("", ""),
        ("files(" * 9999, "files"),
    ],
    ids=lambda text: text[:20],
)
def test_refuses(fields: str, culprit: str) -> None:
    with pytest.raises(UnknownFieldError) as caught:
        selection(fields, "FileList")
    assert str(caught.value) == culprit


def test_a_deep_selection_is_refused() -> None:
    with pytest.raises(UnknownFieldError):
        selection("owners/" * 9999, "File")
