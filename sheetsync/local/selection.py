"""Drive's `fields` parameter: `a,b/c,d(e,f)` or `*`, checked against Drive's discovery document."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from sheetsync.local.access import discovery_document

DEEPEST = 50

Selection = dict[str, "Selection"] | None
_TOKEN = re.compile(r"\s*([A-Za-z0-9_]+|[*(),/])\s*")


class UnknownFieldError(ValueError):
    """A selection names what the answer can't hold, or is no selection; the argument is the culprit."""


def selection(text: str, schema: str) -> Selection:
    """The tree {name: subtree} of a `fields` text on a schema of Drive, None for all. Raises UnknownFieldError."""
    tokens = _TOKEN.findall(text)[::-1]
    if _TOKEN.sub("", text) or not tokens:
        raise UnknownFieldError(text)
    chosen = _several(tokens, {"$ref": schema}, 0)
    if tokens:
        raise UnknownFieldError(tokens[-1])
    return chosen


def select(value: Any, chosen: Selection) -> Any:
    """The parts of a JSON value that are chosen."""
    if chosen is None:
        return value
    if isinstance(value, list):
        return [select(item, chosen) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: select(part, chosen[name]) for name, part in value.items() if name in chosen}


def _several(tokens: list[str], schema: Mapping[str, Any], depth: int) -> Selection:
    """Read `one,other,...` off the end of `tokens`, which stand in reverse."""
    chosen = _one(tokens, schema, depth)
    while tokens and tokens[-1] == ",":
        tokens.pop()
        chosen = _united(chosen, _one(tokens, schema, depth))
    return chosen


def _one(tokens: list[str], schema: Mapping[str, Any], depth: int) -> Selection:
    name = tokens.pop() if tokens else ""
    if name == "*":
        return None
    fields = _fields(schema)
    if depth > DEEPEST or name not in fields:
        raise UnknownFieldError(name)
    return {name: _below(tokens, fields[name], depth + 1)}


def _below(tokens: list[str], schema: Mapping[str, Any], depth: int) -> Selection:
    if tokens and tokens[-1] == "/":
        tokens.pop()
        return _one(tokens, schema, depth)
    if not tokens or tokens[-1] != "(":
        return None
    tokens.pop()
    chosen = _several(tokens, schema, depth)
    if not tokens or tokens.pop() != ")":
        raise UnknownFieldError("(")
    return chosen


def _united(one: Selection, other: Selection) -> Selection:
    if one is None or other is None:
        return None
    return one | {name: _united(one[name], below) if name in one else below for name, below in other.items()}


def _fields(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a schema's objects, or of the objects in its lists."""
    while schema.get("type") == "array":
        schema = schema["items"]
    if "$ref" in schema:
        schema = _schemas()[schema["$ref"]]
    fields: Mapping[str, Any] = schema.get("properties", {})
    return fields


@functools.cache
def _schemas() -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = discovery_document("drive.v3.json")["schemas"]
    return schemas
