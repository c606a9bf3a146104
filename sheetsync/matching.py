"""Which row of the log speaks of which row of the base: by client, and by deal where both name one."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from sheetsync.texts import fold

_fold = lru_cache(maxsize=65_536)(fold)


def keys(rows: pd.DataFrame) -> pd.Series[str]:
    """What a row of the base is known by: client and deal, folded, with a line break between (names hold none).

    `rows` has the columns client and deal, of `Ledger.base` or of a snapshot; the answer has its index.
    """
    names = zip(_folded(rows["client"]), _folded(rows["deal"]), strict=True)
    return pd.Series([f"{client}\n{deal}" for client, deal in names], index=rows.index, dtype="str")


def pairs(rows: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Every row of the base with every row of the log that speaks of it: row, action, labels of the two indices.

    `actions` are some of `Ledger.actions`. A client's deal and a log row belong together where their deals are the
    same, or either names none: a payment without a deal is the client's, for whichever deal.
    """
    said: dict[str, list[tuple[int, str]]] = {}
    for action, client, deal in zip(actions.index, actions["client_key"], actions["deal_key"], strict=True):
        if client:
            said.setdefault(client, []).append((action, deal))
    both = [
        (row, action)
        for row, client, deal in zip(rows.index, _folded(rows["client"]), _folded(rows["deal"]), strict=True)
        for action, spoken in said.get(client, ())
        if deal == spoken or "" in (deal, spoken)
    ]
    labels = {"row": [row for row, _ in both], "action": [action for _, action in both]}
    return pd.DataFrame(labels, dtype="int64")


def _folded(texts: pd.Series[str]) -> list[str]:
    return [_fold(text) for text in texts]
