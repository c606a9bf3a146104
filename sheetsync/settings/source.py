"""A YAML file as plain values (texts, numbers, days, lists, keys; nothing else) and the line of each."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sheetsync.errors import ConfigError

Keys = tuple[str | int, ...]
"""A place in the file, from the top: `("targets", 0, "default", "meetings")`."""

MOST_BYTES = 256 * 1024
MOST_VALUES = 10_000
DEEPEST = 20

_CORE = "tag:yaml.org,2002:"


def shown(value: object) -> str:
    """A value as it may stand in a message: in quotes if it is a text, on one line, harmless to a terminal, short."""
    if isinstance(value, str):
        cut = value if len(value) <= 60 else f"{value[:59]}…"
        return f'"{_harmless(cut)}"'
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list | tuple):
        return "keys of its own" if isinstance(value, dict) else "a list"
    try:
        return shown(str(value))[1:-1]
    except ValueError:  # more digits than Python prints
        return "this number"


def _harmless(text: str) -> str:
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)


def dotted(keys: Keys) -> str:
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f"{'.' if text else ''}{shown(key)[1:-1]}"
    return text


class _RefusedError(Exception):
    """The file cannot be read as a whole; `mistakes` are (line, text)."""

    def __init__(self, *mistakes: tuple[int, str]) -> None:
        self.mistakes = mistakes
        super().__init__(str(mistakes))


class _Loader(yaml.SafeLoader):
    """Plain scalars as people mean them: `NO` is a country, `010` is ten, `1:30` and `2026-11-02` are texts.

    Depth and number of values are bounded while the tree grows.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own class attribute, filled in below

    def __init__(self, stream: str) -> None:
        self.depth = self.values = 0
        super().__init__(stream)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One more value; stops where there are too many, or too many inside each other."""
        self.depth += 1
        self.values += 1
        line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it bare
        _bounded(line, self.depth, self.values)
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _bounded(line: int, depth: int, values: int) -> None:
    if depth > DEEPEST:
        raise _RefusedError((line, f"more than {DEEPEST} lists or keys stand inside each other"))
    if values > MOST_VALUES:
        raise _RefusedError((line, f"there are more than {MOST_VALUES} values (aliases counted where they are used)"))


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9][0-9_]*", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:[0-9][0-9_]*)?\.?[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*\.|[-+]?\.inf|\.nan",
        "-+.0123456789",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(_CORE + _tag, re.compile(rf"^(?:{_pattern})$"), list(_first))


def _number(text: str) -> float:
    return math.inf if "inf" in text else math.nan if "nan" in text else float(text.replace("_", ""))


_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "bool": lambda text: text.lower() == "true",
    "int": lambda text: int(text.replace("_", "")),
    "float": _number,
    "null": lambda _: None,
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and what would be right, at `keys`; `line` where that is not the line of the keys."""

    keys: Keys
    text: str
    line: int | None = None


class Source:
    """A configuration file: its values, the line of each, and the mistakes that reading alone shows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes: list[Mistake] = []
        self._lines: dict[Keys, int] = {(): 1}
        self._values = 0

    def read(self) -> Any:
        """The file's values; adds to `mistakes`. Raises ConfigError where it can't be read as a whole."""
        try:
            return self._plain(_tree(_decoded(self._bytes())), (), 1)
        except _RefusedError as refused:
            raise ConfigError("\n".join(f"{self.path}:{line}: {what}" for line, what in refused.mistakes)) from None

    def line(self, keys: Keys) -> int:
        """The line (from 1) of that key, or of the nearest one around it that is in the file."""
        while keys not in self._lines:
            keys = keys[:-1]
        return self._lines[keys]

    def _bytes(self) -> bytes:
        try:
            with self.path.open("rb") as handle:
                found = handle.read(MOST_BYTES + 1)
        except FileNotFoundError:
            raise ConfigError(
                "there is no such file",
                where=str(self.path),
                remedy="Name your configuration with --config PATH; config/targets.yaml of the project is a model.",
            ) from None
        except IsADirectoryError:
            raise ConfigError(
                "this is a directory", where=str(self.path), remedy="Name the file in it with --config PATH."
            ) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(
                f"the file can't be read: {reason}", where=str(self.path), remedy="Correct --config, or its rights."
            ) from None
        if len(found) > MOST_BYTES:
            raise _RefusedError((1, f"the file is larger than {MOST_BYTES // 1024} KB; this is no configuration"))
        return found

    def _plain(self, node: yaml.Node, keys: Keys, line: int) -> Any:
        """The node as plain values."""
        self._values += 1
        _bounded(line, len(keys), self._values)
        self._lines[keys] = line
        if isinstance(node, yaml.MappingNode):
            self._check_tag(node, keys, ("map",))
            return self._mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, keys, ("seq",))
            return [self._plain(item, (*keys, n), item.start_mark.line + 1) for n, item in enumerate(node.value)]
        self._check_tag(node, keys, _SCALARS)
        text = self._whole(node.value, keys)
        try:
            return _SCALARS.get(node.tag.removeprefix(_CORE), str)(text)
        except ValueError:  # more digits than Python reads, or another tag's text: the schema says what is expected
            return text

    def _whole(self, text: str, keys: Keys) -> str:
        """The text, without halves of characters, which an escape can name."""
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if whole != text:
            self.mistakes.append(Mistake(keys, "an escape in double quotes names no character"))
        return whole

    def _check_tag(self, node: yaml.Node, keys: Keys, known: Collection[str]) -> None:
        if node.tag.removeprefix(_CORE) not in known:
            self.mistakes.append(Mistake(keys, f"the tag {shown(node.tag)} means nothing here; leave it out"))

    def _mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.mistakes.append(Mistake(keys, "a key is a text, not a list or further keys", line))
                continue
            name = self._whole(key.value, keys)
            inner = (*keys, name)
            if name in found:
                first = self._lines[inner]
                self.mistakes.append(Mistake(inner, f"stands here twice, first in line {first}; keep one", line))
            else:
                found[name] = self._plain(value, inner, line)
        return found


def _decoded(found: bytes) -> str:
    if found.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _RefusedError((1, "the file is saved as UTF-16; save it as UTF-8"))
    try:
        text = found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        raise _RefusedError((line, "here is a letter that is not UTF-8; save the file as UTF-8")) from None
    tabs = [n for n, line in enumerate(text.split("\n"), 1) if re.match(r" *\t[ \t]*[^\s#]", line)]
    if tabs:
        raise _RefusedError(*((n, "the line begins with a tab; indent with spaces") for n in tabs))
    return text


_SYNTAX = (
    ("could not find expected ':'", 'a key without ": " after it'),
    ("found undefined alias", "a text that begins with * goes in quotes"),
    ("expected alphabetic or numeric character", "a text that begins with * or & goes in quotes"),
    ("found character '\\t'", "here is a tab; write spaces"),
    ("found character", "a text that begins with this sign goes in quotes"),
    (
        "expected <block end>",
        "this line is indented unlike the ones above (keys of one level begin in one column), or a quote above it is "
        "not closed",
    ),
    ("expected ',' or", "in the brackets that open here a comma is missing, or the closing one is"),
    ("found unexpected end of stream", "a quote is opened and never closed"),
    ("expected the node content", "something is missing here, or one bracket or comma is too many"),
    ("found duplicate anchor", "this & name is taken already"),
    ("found unknown escape character", "in double quotes \\ begins an escape; write it twice, or use single quotes"),
)


_BEGUN = ("could not find expected ':'", "expected ',' or", "found unexpected end of stream")
"""What is told where it began: it is noticed only later, often at the end of the file."""


def _tree(text: str) -> yaml.Node:
    """The one document in the text."""
    try:
        root = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _RefusedError(_syntax(error, text)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _RefusedError((line, f"the character U+{int(error.character):04X} cannot stand in this file")) from None
    except (ValueError, OverflowError):  # PyYAML's own: "\UFFFFFFFF" names no character
        raise _RefusedError((1, "an escape in double quotes names no character")) from None
    if root is None:
        raise _RefusedError((1, "the file is empty; workbook, managers and targets are needed"))
    return root


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    problem = error.problem or error.context or ""
    mark = error.problem_mark or error.context_mark
    if error.context_mark and any(words in problem for words in _BEGUN):
        mark = error.context_mark
    line = mark.line + 1 if mark else 1
    if error.context and "expected a single document" in error.context:
        return line, "a second document begins here; one file is one configuration, leave --- out"
    if mark and "mapping values are not allowed" in problem:
        return line, _misplaced(text[mark.index - mark.column : mark.index])
    plain = next((plain for words, plain in _SYNTAX if words in problem), None)
    return line, plain or f"the file can't be read from here: {shown(problem)[1:-1]}"


def _misplaced(before: str) -> str:
    """Of a line that has a ":" where none can stand; `before` is what is left of it."""
    if ": " in before:
        return 'a second ": " in one line; put the text in quotes, or each key on its line'
    return 'this line is indented more than the one above, or the one above lacks ": " after its key'
