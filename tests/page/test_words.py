"""The page's words, in every language alike."""

from __future__ import annotations

import re

import pytest

from sheetsync.page.words import LANGUAGES, words


def test_every_language_says_everything_with_the_same_gaps() -> None:
    def gaps(language: str) -> dict[str, list[str]]:
        return {name: sorted(re.findall(r"\{(\w+)\}", text)) for name, text in LANGUAGES[language].items()}

    assert gaps("ru") == gaps("de") == gaps("en")


@pytest.mark.parametrize(
    ("tag", "said"), [("de_DE", "Gespeichert"), ("ru", "Сохранено"), ("fr", "Saved"), ("", "Saved")]
)
def test_a_language_is_found_by_its_tag(tag: str, said: str) -> None:
    assert words(tag)["saved"] == said
