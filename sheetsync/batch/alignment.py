"""Which row of a table becomes which when rows come and go in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sheetsync.model import Value

NEW = -1
"""The origin of a row that was not there before."""

_MOST_SHIFTS = 100
"""Where rows come and go in more places than this (somebody sorted the tab), rows are written over in place."""

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """Before the row `at` of the table as it was, `gone` rows from `at` on are taken out and `came` rows put in."""

    at: int
    came: int
    gone: int


def key(row: Sequence[Value], loose: Collection[int]) -> Key:
    """What a row says, to be compared: blanks at the end left out, and the columns `loose` as blank."""
    cells: list[object] = ["" if value is None else value for value in row]
    for column in loose:
        if column < len(cells):
            cells[column] = ""
    while cells and cells[-1] == "":
        cells.pop()
    if bool in map(type, cells):  # True and False equal 1 and 0
        return tuple((type(value), value) if isinstance(value, bool) else value for value in cells)
    return tuple(cells)


def in_place(before: int, after: int) -> list[int]:
    """The origins of rows none of which moves: of so many rows, into so many."""
    return [row if row < before else NEW for row in range(after)]


def origins(before: Sequence[Key], after: Sequence[Key], head: int) -> list[int]:
    """For each row after, the row before that becomes it, in ascending order; NEW for one that is put in.

    A row that both sides hold once is found again after rows that came or went; what lies between is written over in
    place as far as it goes. The first `head` rows never move. Linear in the number of rows.
    """
    pairs = enumerate(zip(before, after, strict=False))
    old = next((row for row, (one, other) in pairs if one != other), min(len(before), len(after)))
    there, here = _places(before, old), _places(after, old)
    found, shifts = list(range(old)), 0
    while len(found) < len(after) and old < len(before):
        new = len(found)
        gone = came = 0
        if before[old] != after[new] and new >= head:
            gone, came = there.get(after[new], old) - old, here.get(before[old], new) - new
        if came > 0 and (gone <= 0 or came <= gone):
            found += [NEW] * came
        elif gone > 0:
            old += gone
        else:
            found.append(old)
            old += 1
            continue
        shifts += 1
        if shifts > _MOST_SHIFTS:
            return in_place(len(before), len(after))
    return found + [NEW] * (len(after) - len(found))


def shifts(origins: Sequence[int]) -> Iterator[Shift]:
    """Where rows come and go, from the top down; new rows at the end shift nothing."""
    last, came = -1, 0
    for origin in origins:
        if origin == NEW:
            came += 1
            continue
        if came or origin > last + 1:
            yield Shift(last + 1, came, origin - last - 1)
        last, came = origin, 0


def _places(rows: Sequence[Key], top: int) -> dict[Key, int]:
    """Where each row stands that is there once from row `top` on."""
    places: dict[Key, int] = {}
    twice: set[Key] = set()
    for row, each in enumerate(rows[top:], start=top):
        if each in places:
            twice.add(each)
        places[each] = row
    for each in twice:
        del places[each]
    return places
