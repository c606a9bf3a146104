"""How wide text is, without a browser: estimates from typical widths of sans-serif letters."""

from __future__ import annotations

import unicodedata

_NARROW, _WIDE = "iljtfrI.,:;'|!()[]{} \"`-/\\", "mwMW%@—▲▼●ЖШЩЮФМжшщюмф"


class _Letters(dict[str, float]):
    """Widths in font sizes; those of letters not listed are found once."""

    def __missing__(self, letter: str) -> float:
        width = self[letter] = 1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.62
        return width


_LETTERS = _Letters(
    {chr(code): 0.56 for code in range(32, 127)}
    | dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ&", 0.68)
    | dict.fromkeys(_NARROW, 0.34)
    | dict.fromkeys(_WIDE, 0.88)
)
_BOLD = 1.07
_WRAPPED = 1.06  # words run a little wider than estimated in some fonts
SAFE = 1.25  # an estimate times this is wider than the text in any of the usual fonts


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimated width in px of the longest line of `text` at `size` px."""
    lines = text.split("\n") if "\n" in text else (text,)
    longest = max(sum(map(_LETTERS.__getitem__, line)) for line in lines)
    return longest * size * (_BOLD if bold else 1.0)


def fits(text: str, size: float, width: float) -> bool:
    """Whether one line of text is sure to fit into `width` px."""
    if "\n" in text:
        return False
    return len(text) * size * 0.9 <= width or text_width(text, size, bold=True) * SAFE <= width


def wrapped_lines(text: str, size: float, width: float, *, bold: bool = False) -> int:
    """Estimated number of lines that the text takes when it is wrapped at `width` px; long words are broken."""
    count, space = 0, text_width(" ", size, bold=bold)
    for paragraph in text.split("\n"):
        lines, used = 1, 0.0
        for word in paragraph.split(" "):
            needed = text_width(word, size, bold=bold) * _WRAPPED if word else 0.0
            if used and used + space + needed > width:
                lines, used = lines + 1, 0.0
            elif used:
                used += space
            used += needed
            while used > width:
                lines, used = lines + 1, used - width
        count += lines
    return count
