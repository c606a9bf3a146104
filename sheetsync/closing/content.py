"""What rows of the log say, as far as closing is concerned."""

from __future__ import annotations

import pandas as pd

from sheetsync.periods import Period
from sheetsync.texts import fold

CONTENT = ["date", "manager", "action", "client", "deal", "evidence", "quantity", "amount", "profit"]
"""What a row of the log says, by the columns of `Ledger.actions`."""

FIELDS = {name: "Checked" if name == "rejected" else name.title() for name in [*CONTENT, "rejected"]}
"""The fields in which rows are compared, and the titles of their columns."""

NUMBERS = ("quantity", "amount", "profit")
WORDS = ["date", "manager", "action", "client", "deal"]


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sorted by what they say; rows that say the same by whether they counted."""
    return rows.sort_values([*CONTENT, "counted", "rejected"], kind="stable")


def within(rows: pd.DataFrame, period: Period) -> pd.Series[bool]:
    """Which rows are dated in the period."""
    return rows["date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))


def folded(texts: pd.Series[str]) -> pd.Series[str]:
    """Texts as they are compared, see `texts.fold`."""
    return texts.map({text: fold(text) for text in texts.unique()}).astype("str")
