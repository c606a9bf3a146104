"""Which rows of the log speak of which rows of the base."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from sheetsync.base import record, snapshots_from_cells, stored
from sheetsync.matching import keys, pairs
from sheetsync.periods import Period
from sheetsync.texts import fold
from tests.department import base, ledger

Named = tuple[str, str]
"""Client and deal."""


def clients(*named: Named) -> pd.DataFrame:
    return base(*({"client": client, "deal": deal} for client, deal in named))


def log(*named: Named) -> pd.DataFrame:
    """Rows of the log as the parser gives them."""
    rows = [
        {"client": client, "client_key": fold(client), "deal": deal, "deal_key": fold(deal), "date": "2026-11-18"}
        for client, deal in named
    ]
    return ledger(*rows).actions


def paired(rows: pd.DataFrame, actions: pd.DataFrame) -> list[tuple[int, int]]:
    return [(int(row), int(action)) for row, action in pairs(rows, actions).to_numpy().tolist()]


def test_a_row_is_known_by_client_and_deal_however_they_are_spelt() -> None:
    found = keys(
        clients(("Acme", ""), (" ACME\u00a0", ""), ("Ёлка", "Зал  2"), ("елка", "зал 2"), ("A", "B"), ("A B", ""))
    )
    assert list(found) == ["acme\n", "acme\n", "елка\nзал 2", "елка\nзал 2", "a\nb", "a b\n"]
    assert str(found.dtype) == "str"


def test_keys_have_the_index_of_their_rows_and_are_those_of_the_snapshot() -> None:
    rows = clients(("Acme", "Hall"), ("Bolt", "")).set_axis(pd.Index([7, 3]))
    assert list(keys(rows).index) == [7, 3]
    week = Period.parse("2026-W47")
    kept = stored(record(snapshots_from_cells([]), rows.assign(category="warm"), week), week)
    assert kept is not None
    assert set(keys(kept)) == set(keys(rows))


def test_a_log_row_speaks_of_its_client_alone() -> None:
    assert paired(clients(("Acme", ""), ("Bolt", "")), log(("ACME", ""), ("Cole", ""), ("bolt", ""))) == [
        (0, 0),
        (1, 2),
    ]


def test_deals_must_be_the_same_where_both_name_one() -> None:
    rows = clients(("Acme", "1"), ("Acme", "2"), ("Bolt", ""))
    actions = log(("Acme", "2"), ("Acme", "3"), ("Acme", ""), ("Bolt", "9"))
    assert paired(rows, actions) == [(0, 2), (1, 0), (1, 2), (2, 3)]


def test_a_log_row_without_a_client_speaks_of_nobody() -> None:
    assert paired(clients(("", ""), ("Acme", "")), log(("", ""), ("", "1"))) == []


def test_the_labels_are_those_of_the_two_frames() -> None:
    rows, actions = clients(("Acme", ""), ("Bolt", "")), log(("Acme", ""), ("Bolt", ""))
    assert paired(rows.set_axis(pd.Index([40, 7])), actions.set_axis(pd.Index([5, 60]))) == [(40, 5), (7, 60)]
    assert paired(rows, actions[actions["client"] == "Bolt"]) == [(1, 1)]


def test_nothing_speaks_of_nothing() -> None:
    for rows, actions in ((clients(), log()), (clients(("Acme", "")), log()), (clients(), log(("Acme", "")))):
        found = pairs(rows, actions)
        assert (list(found.columns), len(found)) == (["row", "action"], 0)


names = st.tuples(st.sampled_from(["Acme", "acme ", "Bolt", ""]), st.sampled_from(["", "1", " 1", "2"]))


@given(ours=st.lists(names, max_size=5), theirs=st.lists(names, max_size=6))
@rules(deadline=None, max_examples=25)
def test_pairs_are_those_that_two_loops_find(ours: list[Named], theirs: list[Named]) -> None:
    expected = [
        (row, action)
        for row, (client, deal) in enumerate(ours)
        for action, (named, of) in enumerate(theirs)
        if fold(client) == fold(named) != "" and (fold(deal) == fold(of) or not fold(deal) or not fold(of))
    ]
    assert sorted(paired(clients(*ours), log(*theirs))) == expected
