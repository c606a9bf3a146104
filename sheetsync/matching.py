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
    log = (actions.index.tolist(), actions["client_key"].tolist(), actions["deal_key"].tolist())
    for action, client, deal in zip(*log, strict=True):
        if client:
            said.setdefault(client, []).append((action, deal))
    found: dict[str, list[int]] = {"row": [], "action": []}
    for row, client, deal in zip(rows.index.tolist(), _folded(rows["client"]), _folded(rows["deal"]), strict=True):
        fitting = [action for action, other in said.get(client, ()) if not deal or not other or deal == other]
        found["row"] += [row] * len(fitting)
        found["action"] += fitting
    return pd.DataFrame(found, dtype="int64")


def _folded(texts: pd.Series[str]) -> list[str]:
    return [_fold(text) for text in texts.tolist()]
