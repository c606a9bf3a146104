"""The scripts that need no page, run in a real browser: A1 notation, sizes, blocks of text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.page.api import letters
from tests.page.browsing import Window


def _run(window: Window, module: str, code: str, argument: Any = None) -> Any:
    script = f"async (given) => {{ const m = await import('/page/{module}.js'); return ({code})(given); }}"
    return window.page.evaluate(script, argument)


@given(
    tables=st.lists(
        st.integers(1, 4).flatmap(
            lambda width: st.lists(st.lists(st.text('a"\t\n ', max_size=5), min_size=width, max_size=width), min_size=1)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_a_block_that_was_copied_is_pasted_as_it_was(shown: Window, tables: list[list[list[str]]]) -> None:
    again = _run(shown, "table", "tables => tables.map(rows => m.read(m.written(rows)))", tables)
    assert again == tables


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ('5" pipe\t"quoted"', [['5" pipe', "quoted"]]),
        ('"two\nlines"\t"a ""b"""', [["two\nlines", 'a "b"']]),
        ('"open\tx', [['"open', "x"]]),
        ("a\t\n\t", [["a", ""], ["", ""]]),
        ("", [[""]]),
    ],
)
def test_what_excel_and_sheets_put_on_the_clipboard(shown: Window, text: str, rows: list[list[str]]) -> None:
    assert _run(shown, "table", "text => m.read(text)", text) == rows


def test_columns_have_the_letters_that_the_server_gives_them(shown: Window) -> None:
    assert _run(shown, "a1", "() => Array.from({ length: 18278 }, (_, n) => m.letters(n))") == [
        letters(column) for column in range(18278)
    ]


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("b12", [11, 1, 12, 2]),
        ("$C$3:A1", [0, 0, 3, 3]),
        ("B:C", [0, 1, 100, 3]),
        ("2:3", [1, 0, 3, 26]),
        ("B3:C", [2, 1, 100, 3]),
        ("A99:A200", [98, 0, 100, 1]),
        ("A101", None),
        ("AA1", None),
        ("A0", None),
        ("B", None),
        ("", None),
        ("A1:B2:C3", None),
    ],
)
def test_areas_are_read(shown: Window, text: str, area: list[int] | None) -> None:
    found = _run(shown, "a1", "text => m.parseArea(text, 100, 26)", text)
    assert (found and [found[side] for side in ("top", "left", "bottom", "right")]) == area


def test_hidden_ones_take_no_room(shown: Window) -> None:
    code = """() => {
      const axis = new m.Axis(10, 20, [[2, 4, 0], [5, 6, 50]]);
      return {
        length: axis.length,
        starts: [2, 4, 6].map((index) => axis.start(index)),
        at: [0, 19, 20, 40, 59, 60, 109, 110, 9999].map((px) => axis.at(px)),
        next: [axis.next(1, 1), axis.next(4, -1), axis.next(9, 1), axis.next(-1, 1)],
        further: [axis.further(0, 100), axis.further(9, -100), axis.further(0, 9999), axis.further(9, -9999)],
      };
    }"""
    assert _run(shown, "axis", code) == {
        "length": 190,
        "starts": [40, 40, 110],
        "at": [0, 0, 1, 4, 4, 5, 5, 6, 9],
        "next": [4, 1, 9, 0],
        "further": [5, 5, 9, 0],
    }
