"""Every text that people read exists in every language, with the same fields."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.texts import LANGUAGES, Texts, fold

PACKAGE = Path(__file__).parent.parent / "sheetsync"
KEYWORDS = {"texts": None, "plural": (1, 2)}
TRANSLATED = [language for language in LANGUAGES if language != "en"]


@cache
def _messages() -> list[tuple[str, tuple[str, ...]]]:
    """The messages of all modules, each with its module's name."""
    return [
        (path.name, (message,) if isinstance(message, str) else tuple(message))
        for path in sorted(PACKAGE.glob("**/*.py"))
        for _, message, _, _ in extract_from_file("python", str(path), keywords=KEYWORDS)
    ]


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def _first(message: object) -> str:
    return str(message[0] if isinstance(message, list | tuple) else message)


def _catalogue(language: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in (PACKAGE / "locale" / language).glob("*.po"):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=language):
                if message.id:
                    said = message.string if isinstance(message.string, tuple) else (message.string,)
                    found[_first(message.id)] = tuple(map(str, said))
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_of_the_code_is_translated(language: str) -> None:
    catalogue = _catalogue(language)
    missing = [(where, ids[0]) for where, ids in _messages() if not all(catalogue.get(ids[0], ("",)))]
    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_fields_of_the_original(language: str) -> None:
    for message, texts in _catalogue(language).items():
        for text in texts:
            assert _fields(text) == _fields(message), message


def test_there_are_messages_to_translate() -> None:
    assert len(_messages()) > 100


def test_plural_forms() -> None:
    russian = Texts("ru")
    one, many = "{n} row needs attention →", "{n} rows need attention →"
    shown = [russian.plural(one, many, n) for n in (1, 3, 5, 11, 21)]
    assert [text.split()[1] for text in shown] == ["строка", "строки", "строк", "строк", "строка"]


def test_an_unknown_message_stays_as_it_is() -> None:
    assert Texts("de")("no such message {n}", n=3) == "no such message 3"


@pytest.mark.parametrize("text", ["  Алёна\u00a0 Ёлкина ", "АЛЕНА ЕЛКИНА", "алёна\u2009ёлкина"])
def test_names_are_compared_without_case_spaces_and_yo(text: str) -> None:
    assert fold(text) == "алена елкина"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
