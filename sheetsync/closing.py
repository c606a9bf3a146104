"""Closing a period: its rows and plans are kept in a hidden tab, and what somebody changes in it later is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from sheetsync.model import Issue, Ledger
from sheetsync.periods import Period
from sheetsync.schema import Settings

Measure = Callable[[pd.DataFrame], pd.DataFrame]
"""From `Ledger.actions` to what a period amounts to: manager, measure, unit str · plan, actual, attainment float."""


@dataclass(frozen=True, slots=True)
class LateEdits:
    """What people changed in a closed period: log rows (columns of `Ledger.actions`) and the figures that differ.

    `changed` has `before` and `after` rows side by side as pairs of index labels into `removed` and `added`.
    `figures`: manager, measure, unit str · before, after float.
    """

    period: Period
    added: pd.DataFrame
    removed: pd.DataFrame
    changed: tuple[tuple[int, int], ...]
    figures: pd.DataFrame

    def __bool__(self) -> bool:
        return bool(len(self.added) or len(self.removed))


def from_cells(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """The hidden tab of closed periods as a frame; header in `rows[0]`."""
    raise NotImplementedError


def freeze(closed: pd.DataFrame, period: Period, actions: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """The frame with the period's log rows and plans as they are now, in place of what was kept of it before."""
    raise NotImplementedError


def late_edits(
    closed: pd.DataFrame,
    history: pd.DataFrame,
    actions: pd.DataFrame,
    settings: Settings,
    period: Period,
    measure: Measure,
) -> LateEdits:
    """What differs between the period's rows as they were kept and as they are now, and what it does to the figures."""
    raise NotImplementedError


def issues(edits: LateEdits, ledger: Ledger, settings: Settings) -> tuple[Issue, ...]:
    """The late edits as warnings: one per figure (manager, figure, before, after) and one per row."""
    raise NotImplementedError
