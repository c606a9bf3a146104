"""Number format patterns (`[Red]-0.0,,"M"`): the colour they ask for, and numbers written by them on chart axes."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from babel.core import UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol

_NAMED = {
    "black": "#000000",
    "blue": "#0000ff",
    "cyan": "#00ffff",
    "green": "#00ff00",
    "magenta": "#ff00ff",
    "red": "#ff0000",
    "white": "#ffffff",
    "yellow": "#ffff00",
}
# [Color1] to [Color56], the palette that spreadsheets have in common.
_INDEXED = (
    "000000 ffffff ff0000 00ff00 0000ff ffff00 ff00ff 00ffff 800000 008000 000080 808000 800080 008080 c0c0c0 808080 "
    "9999ff 993366 ffffcc ccffff 660066 ff8080 0066cc ccccff 000080 ff00ff ffff00 00ffff 800080 800000 008080 0000ff "
    "00ccff ccffff ccffcc ffff99 99ccff ff99cc cc99ff ffcc99 3366ff 33cccc 99cc00 ffcc00 ff9900 ff6600 666699 969696 "
    "003366 339966 003300 333300 993300 993366 333399 333333"
).split()
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_PIECE = re.compile(r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<plain>.)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_DIGITS = re.compile(r"[0#?](?:[0#?,.]*[0#?])?(,*)")
_MASK = "\ue000"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a pattern: literals in `before` and `after` the digits, and when it applies."""

    before: str
    digits: str
    after: str
    scale: float
    colour: str | None
    condition: tuple[str, float] | None
    dated: bool

    def holds(self, value: float) -> bool:
        """Whether the section's own condition (if it has one) holds."""
        return self.condition is not None and _COMPARE[self.condition[0]](value, self.condition[1])


@lru_cache(maxsize=512)
def sections(pattern: str) -> tuple[Section, ...]:
    """The pattern's sections, in order."""
    return tuple(_section(part) for part in _split(pattern))


def colour(pattern: str, value: float) -> str | None:
    """The colour that the pattern gives to this number, as `#rrggbb`."""
    if "[" not in pattern:
        return None
    section, _ = _choose(sections(pattern), value)
    return section.colour


def text(value: float, pattern: str, locale: str) -> str:
    """The number by the pattern, with the locale's separators; without a pattern (or a date's) in plain form."""
    section, shown = _choose(sections(pattern), value) if pattern else (None, value)
    if section is None or section.dated or not section.digits:
        return plain(value, locale)
    return section.before + _digits(shown * section.scale, section.digits, locale) + section.after


def exact(value: float, pattern: str) -> bool:
    """Whether `text` shows the number whole, with no decimal lost."""
    section, shown = _choose(sections(pattern), value) if pattern else (None, value)
    if section is None or section.dated or not section.digits:
        return True
    scaled = shown * section.scale
    return math.isclose(scaled, round(scaled, len(section.digits.partition(".")[2])), rel_tol=1e-9)


def plain(value: float, locale: str) -> str:
    """The number with at most 10 significant digits and, from 10,000 on, with the locale's grouping."""
    rounded = float(f"{value:.10g}")
    if abs(rounded) >= 1e15:
        return f"{rounded:g}"
    return _digits(rounded, "#,##0.##########" if abs(rounded) >= 10_000 else "0.##########", locale)


def _choose(parts: tuple[Section, ...], value: float) -> tuple[Section, float]:
    """The section for the value, and the value as that section shows it (a negative one's without its sign)."""
    if any(part.condition for part in parts):
        chosen = next((part for part in parts if part.holds(value)), None)
        return chosen or next((part for part in parts if not part.condition), parts[-1]), value
    if value < 0 and len(parts) > 1:
        return parts[1], -value
    if value == 0 and len(parts) > 2:
        return parts[2], value
    return parts[0], value


def _split(pattern: str) -> list[str]:
    parts = [""]
    for match in _PIECE.finditer(pattern):
        if match["plain"] == ";":
            parts.append("")
        else:
            parts[-1] += match[0]
    return parts


def _section(part: str) -> Section:
    shape, literals = "", []
    colour_, condition = None, None
    for match in _PIECE.finditer(part):
        literal = match["quoted"] if match["quoted"] is not None else match["escaped"]
        if literal is not None:
            literals.append(literal)
            shape += _MASK
        elif match["bracket"] is not None:
            colour_ = colour_ or _colour(match["bracket"])
            found = _CONDITION.fullmatch(match["bracket"].strip())
            condition = (found[1], float(found[2])) if found else condition
        elif match["plain"]:
            shape += match["plain"]
    digits = _DIGITS.search(shape)
    scale = 100.0 if "%" in shape else 1.0
    if digits:
        scale /= 1000.0 ** len(digits[1])
    start, end = digits.span() if digits else (len(shape), len(shape))
    before, after = (_fill(side, literals) for side in (shape[:start], shape[end:]))
    dated = bool(re.search(r"[ymdhs]", shape, re.IGNORECASE)) and not digits
    return Section(before, digits[0].rstrip(",") if digits else "", after, scale, colour_, condition, dated)


def _fill(shape: str, literals: list[str]) -> str:
    """The shape with its masked literals put back; takes them off the list in order."""
    return "".join(literals.pop(0) if letter == _MASK else letter for letter in shape)


def _colour(name: str) -> str | None:
    name = name.strip().lower()
    if name.startswith("color") and name[5:].isdigit() and 1 <= int(name[5:]) <= len(_INDEXED):
        return "#" + _INDEXED[int(name[5:]) - 1]
    return _NAMED.get(name)


def _digits(value: float, digits: str, locale: str) -> str:
    whole, _, fraction = digits.partition(".")
    least, most = fraction.count("0"), len(fraction)
    written = f"{abs(value):,.{most}f}" if "," in whole else f"{abs(value):.{most}f}"
    integer, _, decimals = written.partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    integer = integer.zfill(whole.count("0")) if whole.count("0") else integer.lstrip("0")
    try:
        point, group = get_decimal_symbol(locale), get_group_symbol(locale)
    except (UnknownLocaleError, ValueError):
        point, group = ".", ","
    sign = "-" if value < 0 and any(letter in "123456789" for letter in written) else ""
    return sign + integer.replace(",", group) + (point + decimals if decimals else "")
