"""Colours and formats as Google gives them back."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local import formats


def test_every_colour_has_a_twin() -> None:
    """Wherever it stands, and the style wins."""
    given_format = {
        "backgroundColor": {"red": 1, "green": 0},
        "textFormat": {"foregroundColorStyle": {"themeColor": "LINK"}, "foregroundColor": {"red": 1}},
        "borders": {"top": {"style": "SOLID", "color": {"alpha": 1}}},
    }
    assert formats.with_twins(given_format) == {
        "backgroundColor": {"red": 1},
        "backgroundColorStyle": {"rgbColor": {"red": 1}},
        "textFormat": {
            "foregroundColor": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
            "foregroundColorStyle": {"themeColor": "LINK"},
        },
        "borders": {"top": {"style": "SOLID", "color": {"alpha": 1}, "colorStyle": {"rgbColor": {"alpha": 1}}}},
    }


@given(st.floats(0, 1))
def test_channels_are_single_precision(channel: float) -> None:
    """Property: the same float in 32 bits, in at most 9 digits, and stable."""
    shown = formats.single(channel)
    assert struct.pack("f", shown) == struct.pack("f", channel)
    assert formats.single(shown) == shown
    assert len(f"{shown!r}".replace("0.", "").split("e")[0].strip("0")) <= 10


def test_what_google_leaves_out() -> None:
    """False, 0 and "" go; bounds of ranges and switched-off text styles stay."""
    assert formats.pruned(
        {"sheetId": 0, "startRowIndex": 0, "hidden": False, "bold": False, "x": [{"y": 0}], "z": {}}
    ) == {
        "startRowIndex": 0,
        "bold": False,
        "x": [{}],
        "z": {},
    }
