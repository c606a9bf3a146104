"""Field masks: which parts of an answer are wanted, and which parts of a resource a request sets.

A mask is `a.b`, `a/b`, `a(b,c)`, `*`, several with commas; names in camelCase or snake_case. It is read against a
schema of the discovery document into a tree: {name: subtree}, None for everything below.
"""

from __future__ import annotations

import re
from typing import Any

from sheetsync.local import discovery
from sheetsync.local.errors import NO_FIELDS, RefusedError, violations
from sheetsync.local.later import Later

Mask = dict[str, "Mask"] | None
_OTHER = {"angle": "vertical", "vertical": "angle", "rgbColor": "themeColor", "themeColor": "rgbColor"}
"""Fields of formats of which only one is set: what a mask that names a single one puts in puts the other out."""
_TOKEN = re.compile(r"\s*([A-Za-z0-9_]+|[*(),./])")


class UnknownFieldError(ValueError):
    """A mask names a field that is not there, or is no mask; the argument is the path."""


def read_mask(text: str, schema: str) -> Mask:
    """The mask of a `fields` parameter; ApiError where it names what the answer can't hold."""
    try:
        return parse(text, schema)
    except UnknownFieldError as error:
        fault = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{error}'."
        raise violations([(str(error), fault)], "Request contains an invalid argument.") from None


def write_mask(text: str | None, schema: str) -> Mask:
    """The mask of a request's `fields`; RefusedError where it is missing, empty, or names an unknown field."""
    if not text or not text.strip():
        raise RefusedError(NO_FIELDS)
    try:
        return parse(text, schema)
    except UnknownFieldError as error:
        raise RefusedError(f"Invalid field: {error}") from None


def parse(text: str, schema: str) -> Mask:
    """The tree of a mask on that schema. UnknownFieldError for unknown names and bad syntax."""
    tokens = _TOKEN.findall(text)
    if not tokens or _TOKEN.sub("", text).strip():
        raise UnknownFieldError(text)
    reader = _Reader(tokens, text)
    mask = reader.several(schema, "")
    if reader.place != len(tokens):
        raise UnknownFieldError(text)
    return mask


class _Reader:
    def __init__(self, tokens: list[str], text: str) -> None:
        self.tokens, self.text, self.place = tokens, text, 0

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.place += 1
        return token

    def several(self, schema: str | None, path: str) -> Mask:
        mask = self.one(schema, path)
        while self.peek() == ",":
            self.take()
            mask = _merged(mask, self.one(schema, path))
        return mask

    def one(self, schema: str | None, path: str) -> Mask:
        name = self.take()
        if name == "*":
            return None
        if not re.fullmatch(r"\w+", name):
            raise UnknownFieldError(self.text)
        here = f"{path}.{name}" if path else name
        known = discovery.names_of(schema).get(name) if schema else None
        if known is None:
            raise UnknownFieldError(here)
        return {known[0]: self.below(known[1], here)}

    def below(self, schema: str | None, path: str) -> Mask:
        if self.peek() in (".", "/"):
            self.take()
            return self.one(schema, path)
        if self.peek() != "(":
            return None
        self.take()
        mask = self.several(schema, path)
        if self.take() != ")":
            raise UnknownFieldError(self.text)
        return mask


def _merged(one: Mask, other: Mask) -> Mask:
    if one is None or other is None:
        return None
    both = dict(one)
    for name, below in other.items():
        both[name] = _merged(both[name], below) if name in both else below
    return both


def reach(mask: Mask, *names: str) -> bool:
    """Whether the mask wants something at or below that path."""
    for name in names:
        if mask is None:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True


def below(mask: Mask, *names: str) -> Mask:
    """The mask that holds below a path which it reaches."""
    for name in names:
        if mask is None:
            return None
        mask = mask[name]
    return mask


def project(value: Any, mask: Mask) -> Any:
    """The parts of a JSON value that the mask wants; items of a list stay in place, as {} where nothing is wanted."""
    if mask is None:
        return value
    if isinstance(value, list):
        return [project(item, mask) for item in value]
    if isinstance(value, Later):
        return value.map(lambda item: project(item, mask))
    if not isinstance(value, dict):
        return value
    return {name: project(value[name], below) for name, below in mask.items() if name in value}


def merge(target: dict[str, Any], source: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """`target` with the masked fields as `source` has them: what is masked and absent there is reset.

    Returns a new object; neither argument is changed.
    """
    if mask is None:
        return dict(source)
    result = dict(target)
    for name, below in mask.items():
        if name not in source and (below is None or name not in result):
            result.pop(name, None)
            continue
        if name in _OTHER and name in source and _OTHER[name] not in mask:
            result.pop(_OTHER[name], None)
        given, present = source.get(name, {}), result.get(name, {})
        if below is None or not isinstance(given, dict):
            result[name] = given
            continue
        inner = merge(present if isinstance(present, dict) else {}, given, below)
        if inner:
            result[name] = inner
        else:
            result.pop(name, None)
    return result
