"""JSON whose long lists are made while it is written, so that an answer of any length takes little memory."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

_AT_ONCE = 2000


class Later:
    """The items of a JSON list that is not empty, to be read once. `at_once`: how many of them are held at a time.

    With one at a time, the items may be such lists themselves.
    """

    def __init__(self, items: Iterator[Any], at_once: int = _AT_ONCE) -> None:
        self.items, self.at_once = items, at_once

    @classmethod
    def of(cls, items: Iterable[Any], at_once: int = _AT_ONCE) -> Later | None:
        """The list; None where there are no items. The first one is made now."""
        rest = iter(items)
        for first in rest:
            return cls(itertools.chain([first], rest), at_once)
        return None

    def map(self, change: Callable[[Any], Any]) -> Later:
        """The list of what `change` makes of each item."""
        return Later(map(change, self.items), self.at_once)


class Writing:
    """A JSON value with `Later`s in it, on its way to be written.

    `pretty`: indented by two spaces, with a line end behind it, as Google does.
    """

    def __init__(self, value: Any, *, pretty: bool) -> None:
        self._later: list[Later] = []
        self._pretty = pretty
        mark = secrets.token_hex(16)

        def put_off(item: Any) -> str:
            if not isinstance(item, Later):
                raise TypeError(f"{type(item).__name__} is no JSON")
            self._later.append(item)
            return mark

        option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if pretty else None
        self._texts = orjson.dumps(value, put_off, option).split(b'"' + mark.encode() + b'"')

    def pieces(self) -> Iterator[bytes]:
        """The text in pieces."""
        for text, later in zip(self._texts, self._later, strict=False):
            yield text
            line = text[text.rfind(b"\n") + 1 :]
            yield from self._list(later, b"\n" + b" " * (len(line) - len(line.lstrip(b" "))))
        yield self._texts[-1]

    def _list(self, later: Later, line: bytes) -> Iterator[bytes]:
        before = b"["
        while some := list(itertools.islice(later.items, later.at_once)):
            if isinstance(some[0], Later):
                yield before + line + b"  " if self._pretty else before
                yield from self._list(some[0], line + b"  ")
                before = b","
                continue
            text = orjson.dumps(some, option=orjson.OPT_INDENT_2 if self._pretty else None)
            yield before + (text[1:-2].replace(b"\n", line) if self._pretty else text[1:-1])
            before = b","
        yield line + b"]" if self._pretty else b"]"
