"""What a batch consists of: requests, and what they change in words a person can check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sheetsync.layout import quoted
from sheetsync.model import Value, column_letters

Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entries:
    """Rows of a table by periods that are added or removed, or changed in the `column` of that name: row -> period."""

    kind: Literal["added", "removed", "changed"]
    periods: Mapping[int, str]
    column: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a batch changes: a cell or rows (`before` -> `after`), or an object (`where`, with no values).

    `hidden`: the cell is in a hidden column. `day`: it is shown as a date. `entries`: what it is in a table by periods.
    `cells`: how many cells with something in them it adds, changes or takes away.
    """

    tab: str
    where: str
    before: Value = None
    after: Value = None
    hidden: bool = False
    day: bool = False
    entries: Entries | None = None
    cells: int = 1


class Stands(Protocol):
    """What is read in the answer to a batch, to see whether it was written where it belongs."""

    @property
    def sheet_id(self) -> int:
        """The tab; no two are of the same."""

    @property
    def ranges(self) -> Sequence[str]:
        """What is to be read of it, in A1 notation."""

    def says(self, blocks: Sequence[Sequence[Sequence[str]]]) -> bool:
        """Whether the rows of these ranges, as they are shown, are what should be there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What some columns of a table say from the 0-based row `top` to its end, once a batch is applied, and its head.

    It is not what they say then if somebody inserted, deleted or sorted rows after they were read, or moved columns,
    and cells were written beside the rows, or under the names, that they belong to. `rows` are ragged, without blanks
    at their ends.
    """

    title: str
    sheet_id: int
    columns: range
    top: int
    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...]

    @property
    def ranges(self) -> tuple[str, str]:
        """What is to be read of the tab, in A1 notation; the tab may have got more rows than it says."""
        first, last = (column_letters(column + 1) for column in (self.columns[0], self.columns[-1]))
        return f"{quoted(self.title)}!1:1", f"{quoted(self.title)}!{first}{self.top + 1}:{last}"

    def says(self, blocks: Sequence[Sequence[Sequence[str]]]) -> bool:
        """Whether the first row begins with the same names, and these rows, read from `top` on, are the same."""
        if len(blocks) != len(self.ranges):
            return False
        first, rows = blocks
        head = tuple(name for row in first for name in row)[: len(self.head)]
        return head == self.head and _bare(rows) == self.rows


def standing(
    title: str, sheet_id: int, columns: range, top: int, rows: Sequence[Sequence[str]], head: Sequence[str]
) -> Standing:
    """A standing of rows that may have blanks at their ends."""
    return Standing(title, sheet_id, columns, top, _bare(rows), tuple(head))


@dataclass(slots=True)
class Batch:
    """Requests in order, what they change, and where the rows of our tables stand afterwards."""

    requests: list[Request] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    standings: list[Stands] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.requests)

    @property
    def cells(self) -> int:
        """How many cells it changes."""
        return sum(change.cells for change in self.changes)

    def extend(self, other: Batch) -> None:
        """Appends another batch."""
        self.take_along(other)
        self.changes += other.changes

    def take_along(self, other: Batch) -> None:
        """Appends what is written only because something else is, and is no change in itself."""
        self.requests += other.requests
        self.standings += other.standings


def _bare(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The rows without blank cells, and blank rows, at their ends."""
    return trimmed([trimmed(row) for row in rows])


def trimmed(items: Sequence[Any]) -> tuple[Any, ...]:
    """The items without the blank ones at the end."""
    last = len(items)
    while last and not items[last - 1]:
        last -= 1
    return tuple(items[:last])


def runs(indices: Iterable[int], key: Callable[[int], Any] = lambda _: None, gap: int = 0) -> Iterator[tuple[int, int]]:
    """Consecutive indices of one key, as (start, end exclusive); holes of at most `gap` are run over."""
    start = previous = None
    shared: Any = None
    for index in sorted(indices):
        own = key(index)
        if start is None or previous is None or index > previous + 1 + gap or own != shared:
            if start is not None and previous is not None:
                yield start, previous + 1
            start, shared = index, own
        previous = index
    if start is not None and previous is not None:
        yield start, previous + 1
