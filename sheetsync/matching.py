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
    return (_folded(rows["client"]) + "\n" + _folded(rows["deal"])).astype("str")


def pairs(rows: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Every row of the base with every row of the log that speaks of it: row, action, labels of the two indices.

    `actions` are some of `Ledger.actions`. A client's deal and a log row belong together where their deals are the
    same, or either names none: a payment without a deal is the client's, for whichever deal.
    """
    ours = pd.DataFrame({"row": rows.index, "client": _folded(rows["client"]), "deal": _folded(rows["deal"])})
    log = pd.DataFrame(
        {"action": actions.index, "client": actions["client_key"].to_numpy(), "spoken": actions["deal_key"].to_numpy()}
    )
    both = ours.merge(log[log["client"] != ""], on="client")
    fitting = (both["deal"] == both["spoken"]) | (both["deal"] == "") | (both["spoken"] == "")
    return both.loc[fitting, ["row", "action"]].reset_index(drop=True)


def _folded(texts: pd.Series[str]) -> pd.Series[str]:
    codes, distinct = pd.factorize(texts)
    return pd.Series([_fold(text) for text in distinct], dtype="str").take(codes).set_axis(texts.index)
