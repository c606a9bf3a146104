"""What people read, in their language: gettext catalogues (`locale/<language>/*.po`) read through Babel.

English texts stand in the code as message ids. Translations are looked up when text is made, so one
process can speak several languages.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal, get_args

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

Language = Literal["en", "ru", "de"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_LOCALES: dict[Language, str] = {"en": "en_GB", "ru": "ru_RU", "de": "de_DE"}
"""Dates are written as 16-22 November 2026 in English too: day before month is what all three languages share."""

_SPACE = re.compile(r"[\s\u200b\ufeff]+")


@cache
def _catalogue(language: Language) -> NullTranslations:
    """All catalogues of a language as one; the first brings the language's plural rule."""
    if language == "en":
        return NullTranslations()
    folder = files("sheetsync") / "locale" / language
    first, *others = [
        _compiled(source.read_bytes(), language) for source in sorted(folder.iterdir(), key=lambda entry: entry.name)
    ]
    for other in others:
        first.merge(other)
    return first


def _compiled(source: bytes, language: Language) -> Translations:
    binary = BytesIO()
    write_mo(binary, read_po(BytesIO(source), locale=language))
    binary.seek(0)
    return Translations(binary)


class Texts:
    """Speaks one language. `texts("Offers: {n}", n=3)` translates, then fills in the fields."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.locale = Locale.parse(_LOCALES[language])
        self._translations = _catalogue(language)

    def __call__(self, message: str, **fields: object) -> str:
        """The message in this language with its `{fields}` filled in."""
        return self._translations.gettext(message).format(**fields)

    def plural(self, one: str, many: str, n: int, **fields: object) -> str:
        """The form of the message that fits `n` things; `{n}` is filled in too."""
        return self._translations.ngettext(one, many, n).format(n=n, **fields)


def fold(text: str) -> str:
    """The text as it is compared: lower case, single spaces (NBSP and thin ones too), `ё` as `е`."""
    return _SPACE.sub(" ", text).strip().casefold().replace("ё", "е")


def encodable(typed: str) -> str:
    """The text with lone surrogates, which no encoding can hold, replaced by `?`."""
    return typed if typed.isascii() else typed.encode("utf-8", "replace").decode()
