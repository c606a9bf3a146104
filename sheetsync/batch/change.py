"""What a batch consists of: requests, and what they change in words a person can check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sheetsync.model import Value

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
    """

    tab: str
    where: str
    before: Value = None
    after: Value = None
    hidden: bool = False
    day: bool = False
    entries: Entries | None = None


@dataclass(slots=True)
class Batch:
    """Requests in order, and what they change. `turn` is the one that they hand on, see `batch.turn`."""

    requests: list[Request] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    turn: int = 0

    def __bool__(self) -> bool:
        return bool(self.requests)

    def extend(self, other: Batch) -> None:
        """Appends another batch."""
        self.requests += other.requests
        self.changes += other.changes


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
