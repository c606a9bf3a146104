"""Objects with an id that lie on tabs, and named ranges: found, replaced, given ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetsync.local.book import Book, Sheet
from sheetsync.local.errors import RefusedError


def new_id(book: Book, kind: str, name: str, given: Mapping[str, Any], noun: str) -> int:
    """The id that is asked for, or a random one. RefusedError where it is in use."""
    taken = set(book.ids(kind, name))
    number = given.get(name)
    if number is None:
        return book.free_id(taken)
    if number in taken:
        raise RefusedError(f"A {noun} with id {number} already exists.")
    return int(number)


def held(book: Book, kind: str, name: str, number: int | None, noun: str) -> tuple[Sheet, dict[str, Any]]:
    """The tab and the object of that id. RefusedError where there is none."""
    for sheet in book.sheets:
        for item in sheet.doc.get(kind, []):
            if item[name] == number:
                return sheet, item
    raise RefusedError(f"No {noun} with id: {number or 0}")


def replace(sheet: Sheet, kind: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Put an object in the place of another."""
    items = sheet.objects(kind)
    items[items.index(old)] = new


def with_id(name: str, number: int, rest: dict[str, Any]) -> dict[str, Any]:
    """An object with its id first."""
    return {name: number, **{key: item for key, item in rest.items() if key != name}}


def named_by_id(book: Book, number: str | None) -> dict[str, Any]:
    """The named range of that id. RefusedError where there is none."""
    for item in book.named_ranges:
        if item["namedRangeId"] == number:
            return item
    raise RefusedError(f"No named range with id: {number or ''}")
