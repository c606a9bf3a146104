"""Names and rows: what a name stands for, and what is remembered."""

from __future__ import annotations

import pytest

from sheetsync.rows import LONGEST_NAME, Names, folded, key
from sheetsync.texts import fold

PEOPLE = Names(
    {"Anna Petrova": ["Anna", "Boris Ivanov"], "Boris Ivanov": ["Anna", "B. Ivanov"]},
    {"Anna Petrova": "Anna Petrova", "Boris Ivanov": "Boris Ivanov"},
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (" ANNA  petrova ", "Anna Petrova"),
        ("Anna", "Anna Petrova"),  # of two who are called so, the first
        ("Boris Ivanov", "Boris Ivanov"),  # a name beats an alias
        ("b._ivanov", "Boris Ivanov"),
        ("Petrova", None),
        ("", None),
        ("Anna" + " " * LONGEST_NAME, None),
    ],
)
def test_what_a_name_stands_for(typed: str, found: str | None) -> None:
    assert PEOPLE.find(typed) == found


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Ana Petrova", "Anna Petrova"),
        ("Petrova Anna", "Anna Petrova"),
        ("Ivanov", "Boris Ivanov"),
        ("Ivanov B.", "Boris Ivanov"),
        ("Qqq", None),
        ("-", None),
        ("x" * 50_000, None),
    ],
)
def test_the_nearest_name(typed: str, near: str | None) -> None:
    assert PEOPLE.nearest(typed) == near


def test_nobody_is_near_where_nobody_is() -> None:
    assert Names({}, {}).nearest("Anna") is None


def test_names_are_folded_alike_short_or_long() -> None:
    for typed in ("Ёлка\u00a0 x", "Ё" * 1000):
        assert folded(typed) == fold(typed)
    assert key("Calc_Data ") == "calc data"
