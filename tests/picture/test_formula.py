"""Formulas: what is read, and what is refused."""

from __future__ import annotations

import pytest

from sheetsync.picture.formula import Array, Call, Expression, Reference, decimal_symbol, parse


@pytest.mark.parametrize(
    ("formula", "locale", "tree"),
    [
        ("=SPARKLINE(A1:B2)", "en_US", Call("SPARKLINE", (Reference("A1:B2"),))),
        ("=sparkline('My ''tab'''!$A$1:$C$1)", "en_US", Call("SPARKLINE", (Reference("'My ''tab'''!$A$1:$C$1"),))),
        ("=F({1,2;3,4})", "en_US", Call("F", (Array(((1.0, 2.0), (3.0, 4.0))),))),
        ('=F({1,5\\2;"a"\\-3})', "de_DE", Call("F", (Array(((1.5, 2.0), ("a", -3.0))),))),
        ("=F({1;2},{;})", "ru_RU", Call("F", (Array(((1.0,), (2.0,))), Array(((None,), (None,)))))),
        ('=F("say ""hi""";TRUE;50%;1.5e3;.5)', "en_US", Call("F", ('say "hi"', True, 0.5, 1500.0, 0.5))),
        ("=F(,1)", "en_US", Call("F", (None, 1.0))),
        ("=F()", "en_US", Call("F", (None,))),
        (' "text"', "en_US", None),
        ("=A1+A2", "en_US", None),
        ("=F(1", "en_US", None),
        ("=F({1)", "en_US", None),
        ("=F(1) 2", "en_US", None),
        ("=", "en_US", None),
        ("=F(" + "F(" * 5000, "en_US", None),
    ],
)
def test_formula_is_read_or_refused(formula: str, locale: str, tree: Expression) -> None:
    assert parse(formula, locale) == tree


@pytest.mark.parametrize(
    ("locale", "symbol"), [("en_US", "."), ("de_DE", ","), ("ru_RU", ","), ("xx_??", "."), ("", ".")]
)
def test_the_decimal_symbol_is_the_locales(locale: str, symbol: str) -> None:
    assert decimal_symbol(locale) == symbol
