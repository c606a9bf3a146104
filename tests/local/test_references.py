"""Formulas whose references follow rows, columns and tabs."""

from __future__ import annotations

import pytest

from sheetsync.local import references
from sheetsync.local.dimensions import Shift


@pytest.mark.parametrize(
    ("text", "shift", "expected"),
    [
        ("=A1+B5", Shift("ROWS", 2, 3), "=A1+B8"),
        ("=$B$5", Shift("ROWS", 2, 3), "=$B$8"),
        ("=SUM(B2:B9)", Shift("ROWS", 4, -2), "=SUM(B2:B7)"),
        ("=SUM(B2:B9)", Shift("ROWS", 0, -20), "=SUM(#REF!)"),
        ("=SUM(B9:B2)", Shift("ROWS", 4, 1), "=SUM(B10:B2)"),
        ("=SUM(B:D)", Shift("COLUMNS", 2, -1), "=SUM(B:C)"),
        ("=SUM(B:D)", Shift("ROWS", 2, 5), "=SUM(B:D)"),
        ("=SUM(2:4)", Shift("ROWS", 0, 1), "=SUM(3:5)"),
        ("=SUM(A2:C)", Shift("ROWS", 0, 1), "=SUM(A3:C)"),
        ("=B5", Shift("ROWS", 4, -1), "=#REF!"),
        ('="B5"&B5', Shift("ROWS", 0, 1), '="B5"&B6'),
        ("=LOG10(B5)+Q1x5+NAME.B5", Shift("ROWS", 0, 1), "=LOG10(B6)+Q1x5+NAME.B5"),
        ("=Home!B5+'My tab'!B5+Other!B5", Shift("ROWS", 0, 1), "=Home!B6+'My tab'!B5+Other!B5"),
        ('=IF(AND(A5>0;B5<1);"x";1,5)', Shift("ROWS", 0, 1), '=IF(AND(A6>0;B6<1);"x";1,5)'),
    ],
)
def test_references_follow(text: str, shift: Shift, expected: str) -> None:
    """Those of the tab in which rows or columns moved, and no others."""
    assert references.shifted(text, "Home", "home", shift) == expected


def test_other_tabs_follow_only_where_they_are_named() -> None:
    """A formula elsewhere reads the tab by name."""
    shift = Shift("ROWS", 0, 1)
    assert references.shifted("=A1+Two!A1", "One", "Two", shift) == "=A1+Two!A2"
    assert references.shifted("='It''s'!A1", "One", "It's", shift) == "='It''s'!A2"


def test_tabs_are_renamed_and_go() -> None:
    """With quotes where the new name needs them."""
    assert references.renamed('=Two!A1&"Two!A1"&Two2!A1', "two", "New name") == "='New name'!A1&\"Two!A1\"&Two2!A1"
    assert references.renamed("='My tab'!A:A", "My tab", "D3") == "='D3'!A:A"
    assert references.without_tab("=SUM(Two!A1:B2)+A1", "Two") == "=SUM(#REF!)+A1"
