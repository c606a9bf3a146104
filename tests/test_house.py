"""The house stands: imports go down only, rooms of one floor do not know each other, the outbuildings know nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sheetsync"

FLOORS = (
    {"errors", "periods", "texts", "numerals"},
    {"terminal"},
    {"schema", "catalogue", "tables", "matching", "logs"},
    {"model", "fields"},
    {"parse", "plan", "indicators", "base", "history", "journal", "canvas", "layout", "pay"},
    {"moves", "ageing", "trials", "projection", "closing", "calibration", "charts"},
    {"forecast", "contradictions"},
    {"attention"},
    {"review"},
    {"dashboard", "ledgers", "guide", "entry", "batch"},
    {"google", "settings"},
    {"reading", "writing"},
    {"sync", "close", "prepare", "export", "copying"},
    {"demo", "summary", "proposal"},
    {"cli"},
    {"__main__"},
)
"""From the ground up. A room with several rooms inside (`entry`, `settings`) counts as one."""

INNER = {"columns": "parse", "cells": "parse", "rows": "parse", "mistakes": "parse"}
"""Rooms that are parts of another: they may be entered from it and from the floors above it."""

OPEN = {"google", "local", "picture"}
"""Rooms whose inner rooms are entered one by one; all others have one door."""

ASIDE: dict[str, set[str]] = {"local": set(), "picture": set(), "page": {"picture"}}
"""The outbuildings, and whom each of them knows."""


def _room(module: str) -> str:
    name = module.removeprefix("sheetsync").lstrip(".").split(".")[0]
    return INNER.get(name, name)


@cache
def _imports(source: str) -> tuple[str, ...]:
    return tuple(name for node in ast.walk(ast.parse(source)) for name in _imported(node))


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "sheetsync":
        return [f"sheetsync.{alias.name}" for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def trespasses(room: str, source: str) -> list[str]:
    """Rooms that `room` must not know, among those its source imports."""
    floors = {name: level for level, names in enumerate(FLOORS) for name in names}
    wrong = []
    for module in _imports(source):
        if not module.startswith("sheetsync"):
            continue
        other = _room(module)
        if other in ("", "__version__") or other == room:
            continue
        allowed = other in ASIDE[room] if room in ASIDE else other in ASIDE or floors[other] < floors[room]
        if not allowed:
            wrong.append(other)
    return wrong


def _sources() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts != ("__init__",):
            yield INNER.get(parts[0], parts[0]), path


@pytest.mark.parametrize(("room", "path"), [pytest.param(*each, id=str(each[1].name)) for each in _sources()])
def test_imports_go_down_only(room: str, path: Path) -> None:
    assert trespasses(room, path.read_text(encoding="utf-8")) == []


def test_every_room_has_its_floor() -> None:
    standing = {room for room, _ in _sources()}
    assert standing == set().union(*FLOORS, ASIDE)


def test_an_import_upwards_is_seen() -> None:
    assert trespasses("parse", "from sheetsync import sync") == ["sync"]


def test_an_import_on_one_floor_is_seen() -> None:
    assert trespasses("plan", "from sheetsync.history import merge") == ["history"]


def test_an_outbuilding_that_knows_the_house_is_seen() -> None:
    assert trespasses("local", "import sheetsync.periods") == ["periods"]
    assert trespasses("page", "from sheetsync import local, picture") == ["local"]


def test_inner_rooms_are_entered_by_the_door() -> None:
    inner = {room for room, path in _sources() if path.name == "__init__.py"} - OPEN
    assert "entry" in inner
    for room, path in _sources():
        known = [module.split(".") for module in _imports(path.read_text(encoding="utf-8"))]
        ways = {parts[1] for parts in known if parts[0] == "sheetsync" and len(parts) > 2}
        assert not (ways & inner) - {room}, path


def test_only_google_knows_google() -> None:
    for room, path in _sources():
        if room != "google":
            known = {module.split(".")[0] for module in _imports(path.read_text(encoding="utf-8"))}
            assert not known & {"gspread", "google", "googleapiclient"}, path
