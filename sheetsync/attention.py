"""The attention list: for each manager the clients to act on this week, with the reason and the money at stake."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sheetsync.ageing import Ageing
from sheetsync.model import Issue, Ledger, Moment
from sheetsync.schema import Settings
from sheetsync.trials import Trials

COLUMNS = ("manager", "client", "deal", "category", "reasons", "money", "tab", "row")


def attention(
    ledger: Ledger,
    ageing: Ageing | None,
    trials: Trials | None,
    contradictions: Sequence[Issue],
    settings: Settings,
    moment: Moment,
) -> pd.DataFrame:
    """Whom to act on, the most money first: at most `attention.most` clients per manager.

    Columns: manager, client, deal, category str (id, "" unknown) · reasons str (in the workbook's language, the most
    urgent first, joined by "; ") · money float (at stake: Expected amount, else Trial value; 0 where neither is known)
    tab str · row int (the base's row, or the log's where the client is in no base; for a link).

    `ledger.base` is classified. Reasons: payment overdue, longer in the category than usual, active but no action for
    `attention.quiet_days`, fixtures overdue on trial, a contradiction. Empty where the Base tab is empty.
    """
    raise NotImplementedError
