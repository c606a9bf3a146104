"""What a browser asks of the page: its shell, its scripts, JSON about cells, edits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sheetsync.page import block, book, charts, moves
from sheetsync.page.api import Api, Area, Json, RefusalError, Visit
from sheetsync.page.edits import Editor
from sheetsync.page.words import LANGUAGES, words

_TYPES = {"js": "text/javascript; charset=UTF-8", "css": "text/css; charset=UTF-8"}
_ASSET = re.compile(r"[a-z0-9]+\.(js|css)")
_LARGEST_BLOCK = 20_000  # cells


class Pages:
    """The pages of all spreadsheets. `language` is that of their own words, `first` the tab that is shown first."""

    def __init__(self, language: str, *, first: int | None = None) -> None:
        tag = language.replace("_", "-").split("-")[0].lower()
        self._language = tag if tag in LANGUAGES else "en"
        self._words, self._first = words(language), first

    def shell(self, visit: Visit, gid: int | None) -> str:
        """The page without its cells. `gid` is the tab that the address asks for."""
        told = book.book(visit)
        shown = self._shown(told["tabs"], gid)
        config = {
            "spreadsheet": visit.key,
            "secret": visit.secret,
            "language": self._language,
            "words": self._words,
            "gid": shown["id"],
            "book": told,
        }
        return _template().render(
            language=self._language,
            title=f"{shown['title']} · {told['title']}",
            words=self._words,
            config=orjson.dumps(config).decode(),
        )

    def _shown(self, tabs: list[dict[str, Any]], gid: int | None) -> dict[str, Any]:
        asked = [tab for tab in tabs if tab["id"] == gid]
        first = [tab for tab in tabs if tab["id"] == self._first]
        return [*asked, *first, *(tab for tab in tabs if not tab["hidden"]), *tabs][0]

    def asset(self, name: str) -> tuple[str, bytes] | None:
        """The media type and the bytes of a script or a style sheet; None where there is none of that name."""
        found = _ASSET.fullmatch(name)
        content = _asset(name) if found else None
        return (_TYPES[found[1]], content) if found and content is not None else None

    def answer(
        self, visit: Visit, method: str, what: str, query: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes] | None:
        """Answer the page's scripts: HTTP status and JSON; None for what they never ask."""
        try:
            found = self._read(visit, what, query) if method == "GET" else self._written(visit, method, what, body)
        except RefusalError as refusal:
            return refusal.status, refusal.body
        except (KeyError, ValueError, TypeError) as error:
            malformed = RefusalError.of(f"Malformed request: {error}")
            return malformed.status, malformed.body
        return None if found is None else (200, orjson.dumps(found))

    def _read(self, visit: Visit, what: str, query: Mapping[str, str]) -> Any:
        if what == "revision":
            return {"revision": visit.revision()}
        if what == "book":
            return book.book(visit)
        if what not in ("tab", "cells", "charts", "edge", "end", "texts"):
            return None
        gid = int(query["gid"])
        if what == "tab":
            return book.tab(visit, gid)
        if what == "charts":
            return charts.charts(visit, gid, self._language)
        if what == "end":
            return moves.end(visit, gid)
        if what == "edge":
            row, column = _counted(query, "row", "column")
            return moves.edge(visit, gid, row, column, query["way"])
        area = Area(*_counted(query, "top", "left", "bottom", "right"))
        if what == "texts":
            api = Api(visit)
            return {"rows": api.values(area.a1(api.tab(gid)["title"]))}
        if (area.bottom - area.top) * (area.right - area.left) > _LARGEST_BLOCK:
            raise ValueError("too large a block")
        return block.block(visit, gid, area)

    def _written(self, visit: Visit, method: str, what: str, body: bytes) -> dict[str, Any] | None:
        if (method, what) != ("POST", "edit"):
            return None
        edit: Json = orjson.loads(body)
        try:
            undo = Editor(visit, int(edit["gid"]), self._refused).do(str(edit["kind"]), edit)
        except RefusalError as refusal:  # nothing went wrong on the way: the answer is no
            return {"revision": visit.revision(), "refused": _told(refusal)}
        return {"revision": visit.revision(), "undo": undo}

    def _refused(self, cell: str) -> str:
        return self._words["refused"].format(cell=cell)


def _counted(query: Mapping[str, str], *names: str) -> list[int]:
    """Numbers of rows and columns, which are counted from 0."""
    found = [int(query[name]) for name in names]
    if min(found) < 0:
        raise ValueError("below 0")
    return found


def _told(refusal: RefusalError) -> str:
    """The message, without the place in a batch that the page has made."""
    message = str(orjson.loads(refusal.body)["error"]["message"])
    return re.sub(r"^Invalid (requests\[\d+\]\.\w+|(data|range)\[\d+\]): ", "", message)


@cache
def _asset(name: str) -> bytes | None:
    file = files("sheetsync.page") / name
    return file.read_bytes() if file.is_file() else None


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sheetsync.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("shell.html")
