"""Text for people in a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.terminal import Progress, amount, console, percent, safe


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "count", ""),
        (1234.56, "count", "1,234.6"),
        (3.0, "count", "3"),
        (1234567.89, "money", "1,234,568"),
        (-0.5, "ratio", "-50%"),
        (12.345, "ratio", "1,235%"),
        (0.625, "ratio", "63%"),
        (41_234.5, "money", "41,235"),
        (-41_234.5, "money", "-41,235"),
        (1.25, "count", "1.3"),
    ],
)
def test_figures_as_a_terminal_needs_them(value: float | None, unit: str, text: str) -> None:
    assert amount(value, unit) == text


def test_a_share_of_nothing_is_blank() -> None:
    assert (percent(None), percent(0.0), percent(0.999)) == ("", "0%", "100%")


@given(st.text(st.characters(exclude_categories=()), max_size=300), st.integers(1, 200))
def test_no_text_commands_a_terminal_or_is_too_long(text: str, longest: int) -> None:
    shown = safe(text, longest)
    assert len(shown) == min(len(text), longest)
    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_lines_are_not_broken_where_nobody_sees_their_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    console().print("word " * 50 + "end")
    monkeypatch.setenv("COLUMNS", "40")
    console().print("word " * 9 + "end")
    assert [len(line) for line in capsys.readouterr().out.splitlines()] == [253, 39, 8]


@pytest.mark.parametrize(
    ("verbose", "quiet", "said"), [(True, False, "reading\n"), (False, False, ""), (True, True, "")]
)
def test_stages_are_told_where_they_are_asked_for(
    capsys: pytest.CaptureFixture[str], verbose: bool, quiet: bool, said: str
) -> None:
    with Progress(verbose=verbose, quiet=quiet) as progress:
        progress("reading")
    assert capsys.readouterr() == ("", said)
