"""Where Ctrl+arrow and Ctrl+End lead."""

from __future__ import annotations

import pytest

from sheetsync.page.moves import jump
from tests.page.sample import BIG, LOG, Caller


@pytest.mark.parametrize(
    ("start", "step", "to"),
    [(0, 1, 2), (2, 1, 5), (5, 1, 9), (9, 1, 9), (9, -1, 5), (4, -1, 2), (1, -1, 0), (0, -1, 0), (3, 1, 5)],
)
def test_jumps_to_the_end_of_a_block(start: int, step: int, to: int) -> None:
    assert jump(["a", 0, False, "", None, "x"], start, step, 10) == to


def test_in_a_tab(caller: Caller) -> None:
    assert caller.ask("edge", gid=BIG, row=0, column=0, way="down") == {"row": 4999, "column": 0}
    assert caller.ask("edge", gid=LOG, row=1, column=0, way="right") == {"row": 1, "column": 7}
    assert caller.ask("edge", gid=LOG, row=300, column=1, way="up") == {"row": 20, "column": 1}
    assert caller.ask("edge", gid=LOG, row=9999, column=99, way="down") == {"row": 999, "column": 25}
    assert caller.ask("end", gid=LOG) == {"row": 20, "column": 7}
