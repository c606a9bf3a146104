"""A1 notation, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local import a1
from sheetsync.local.a1 import Area, Notation, Span

TITLES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
ROWS, COLUMNS = st.integers(0, 5000), st.integers(0, a1.MAX_COLUMNS - 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A1", Notation(None, Span(0, 0, 1, 1))),
        ("Sheet1!B2:C4", Notation("Sheet1", Span(1, 1, 4, 3))),
        ("'My tab'!A1", Notation("My tab", Span(0, 0, 1, 1))),
        ("My tab!A1", Notation("My tab", Span(0, 0, 1, 1))),
        ("'It''s'!a1:b2", Notation("It's", Span(0, 0, 2, 2))),
        ("'a!b'!A1", Notation("a!b", Span(0, 0, 1, 1))),
        ("'My tab'", Notation("My tab", None)),
        ("Sheet1", Notation("Sheet1", None)),
        ("Sheet1!A1:C", Notation("Sheet1", Span(0, 0, None, 3))),
        ("A2:2", Notation(None, Span(1, 0, 2, None))),
        ("2:2", Notation(None, Span(1, None, 2, None))),
        ("C:A", Notation(None, Span(None, 0, None, 3))),
        ("C3:A1", Notation(None, Span(0, 0, 3, 3))),
        ("$A$1:$B$2", Notation(None, Span(0, 0, 2, 2))),
        ("R2C3:R4C1", Notation(None, Span(1, 0, 4, 3))),
        ("ZZZ1", Notation(None, Span(0, 18277, 1, 18278))),
    ],
)
def test_parsed(text: str, expected: Notation) -> None:
    """Every form that Google takes."""
    assert a1.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["Sheet1!", "Sheet1!A", "Sheet1!1", "'My tab'!B0", "Sheet1!A1:B2:C3", "Sheet1!A1B", "x!"]
)
def test_no_range_behind_the_mark(text: str) -> None:
    """What stands behind `!` must be a range."""
    with pytest.raises(ValueError, match=r".*"):
        a1.parse(text)


@given(TITLES, ROWS, COLUMNS, st.integers(1, 50), st.integers(1, 50))
def test_written_ranges_read_back(title: str, row: int, column: int, height: int, width: int) -> None:
    """Whatever the title, and whether it needs quotes or not."""
    area = Area(row, column, row + height, min(column + width, a1.MAX_COLUMNS))
    assert a1.parse(a1.write(title, area)) == Notation(title, Span(*area))


@given(TITLES)
def test_a_quoted_title_alone_reads_back(title: str) -> None:
    """`'It''s'` is a title, not a range."""
    quoted = "'" + title.replace("'", "''") + "'"
    assert a1.parse(quoted) == Notation(title, None)


@given(st.integers(0, a1.MAX_COLUMNS - 1))
def test_column_names_read_back(index: int) -> None:
    """A, B, ... ZZZ."""
    assert a1.column_index(a1.column_name(index)) == index
    assert a1.column_index(a1.column_name(index).lower()) == index


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Sheet1", "Sheet1"),
        ("D3", "'D3'"),
        ("My tab", "'My tab'"),
        ("I'm", "'I''m'"),
        ("R1C1", "'R1C1'"),
        ("2026", "'2026'"),
    ],
)
def test_quotes_only_where_needed(title: str, expected: str) -> None:
    """As in Google's answers."""
    assert a1.quoted(title) == expected


def test_open_ends_stop_at_the_edge() -> None:
    """A start beyond the edge stays where it is."""
    assert Span(0, 0, None, 3).within(1000, 26) == Area(0, 0, 1000, 3)
    assert Span(0, 0, 5000, 30).within(1000, 26) == Area(0, 0, 1000, 26)
    assert Span(2000, 0, 2001, 1).within(1000, 26) == Area(2000, 0, 2001, 1)


def test_areas_meet_or_do_not() -> None:
    """The common cells of two rectangles."""
    assert Area(0, 0, 4, 4).common(Area(2, 3, 9, 9)) == Area(2, 3, 4, 4)
    assert Area(0, 0, 2, 2).common(Area(2, 0, 3, 2)) is None
    assert Area(0, 0, 4, 4).holds(Area(1, 1, 4, 4))
    assert not Area(0, 0, 4, 4).holds(Area(1, 1, 5, 4))
