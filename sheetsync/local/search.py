"""The search language of Drive's files.list: `q` text -> a test that a file's resource passes or not."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

File = Mapping[str, Any]
Test = Callable[[File], bool]

DEEPEST = 50

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      | (?P<sign><=|>=|!=|=|<|>)
      | (?P<bracket>[()])
      | (?P<word>[A-Za-z]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXTS = frozenset({"name", "mimeType"})
_TIMES = frozenset({"createdTime", "modifiedTime", "viewedByMeTime", "sharedWithMeTime"})
_FLAGS = frozenset({"trashed", "starred", "sharedWithMe"})
_ROLES = {"owners": ("owner",), "writers": ("owner", "writer"), "readers": ("owner", "writer", "commenter", "reader")}


def search(text: str, me: str = "") -> Test:
    """Compile `q`; "" finds everything, `me` is the address that `'me' in owners` means.

    `and` and `or` bind alike, from left to right, as Google documents it. Raises ValueError where the text is not of
    the language, or names a field the local workbook does not keep.
    """
    if not text.strip():
        return lambda _: True
    tokens = _Tokens(text, me)
    test = _expression(tokens, 0)
    if tokens.kind:
        raise ValueError(f"nothing may follow here: {tokens.value!r}")
    return test


class _Tokens:
    """The words of a query, one at a time; after the last, `kind` is ""."""

    def __init__(self, text: str, me: str) -> None:
        self.me = me
        self._text, self._at = text.rstrip(), 0
        self.kind, self.value = "", ""
        self.next()

    def next(self) -> str:
        """Step on; return the value stepped over."""
        passed = self.value
        if self._at >= len(self._text):
            self.kind = self.value = ""
            return passed
        match = _TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"not understood: {self._text[self._at :][:20]!r}")
        self._at, self.kind, self.value = match.end(), match.lastgroup, match[match.lastgroup]
        return passed

    def take(self, kind: str) -> str:
        """Step over a token of this kind and return its value (a text without its quotes)."""
        if self.kind != kind:
            raise ValueError(f"a {kind} was expected, not {self.value!r}")
        value = self.next()
        return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL) if kind == "text" else value


def _expression(tokens: _Tokens, depth: int) -> Test:
    test = _operand(tokens, depth)
    while tokens.value in ("and", "or") and tokens.kind == "word":
        both = tokens.next() == "and"
        test = _joined(test, _operand(tokens, depth), both=both)
    return test


def _joined(left: Test, right: Test, *, both: bool) -> Test:
    if both:
        return lambda file: left(file) and right(file)
    return lambda file: left(file) or right(file)


def _operand(tokens: _Tokens, depth: int) -> Test:
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if tokens.kind == "word" and tokens.value == "not":
        tokens.next()
        test = _operand(tokens, depth + 1)
        return lambda file: not test(file)
    if tokens.kind == "bracket" and tokens.value == "(":
        tokens.next()
        test = _expression(tokens, depth + 1)
        if tokens.take("bracket") != ")":
            raise ValueError("a bracket is not closed")
        return test
    return _term(tokens)


def _term(tokens: _Tokens) -> Test:
    if tokens.kind == "text":
        value = tokens.take("text")
        if tokens.take("word") != "in":
            raise ValueError("only `in` may follow a text")
        return _member(tokens.take("word"), value, tokens.me)
    field = tokens.take("word")
    if tokens.kind == "word":
        relation = tokens.next()
        return _contains(field, tokens.take("text")) if relation == "contains" else _in(relation, field, tokens)
    return _compared(field, tokens)


def _in(relation: str, field: str, tokens: _Tokens) -> Test:
    """`parents in "id"` as well: not in Google's guide, but gspread sends it."""
    if relation != "in":
        raise ValueError(f"unknown operator {relation!r}")
    return _member(field, tokens.take("text"), tokens.me)


def _member(field: str, value: str, me: str) -> Test:
    if field == "parents":
        return lambda file: value in file["parents"]
    if field not in _ROLES:
        raise ValueError(f"unknown collection {field!r}")
    roles, address = _ROLES[field], (me if value == "me" else value).casefold()
    return lambda file: any(
        given["role"] in roles and given.get("emailAddress") == address for given in file["permissions"]
    )


def _contains(field: str, value: str) -> Test:
    """Google finds beginnings of words in names, whatever the case."""
    if field == "mimeType":
        return lambda file: value in file["mimeType"]
    if field not in ("name", "fullText"):
        raise ValueError(f"{field!r} can't be searched with contains")
    beginning = re.compile(rf"(?<!\w){re.escape(value)}", re.IGNORECASE)
    return lambda file: beginning.search(file["name"]) is not None


def _compared(field: str, tokens: _Tokens) -> Test:
    sign = tokens.take("sign")
    compare = _COMPARISONS[sign]
    if field in _FLAGS and sign in ("=", "!="):
        flag = tokens.take("word")
        if flag not in ("true", "false"):
            raise ValueError(f"true or false was expected, not {flag!r}")
        return lambda file: compare(file[field], flag == "true")
    value = tokens.take("text")
    if field in _TEXTS and sign in ("=", "!="):
        return lambda file: compare(file[field], value)
    if field in _TIMES:
        moment = _moment(value)
        return lambda file: field in file and compare(_moment(file[field]), moment)
    raise ValueError(f"{field!r} can't be compared with {sign!r}")


def _moment(text: str) -> datetime:
    """A moment of RFC 3339; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
