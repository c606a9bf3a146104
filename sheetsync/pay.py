"""KPI and pay: what was done as a score, and the score as a payout."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sheetsync.periods import Period
from sheetsync.schema import Kpi, Settings


@dataclass(frozen=True, slots=True)
class Pay:
    """What the `kpi` of the configuration makes of a span (`kpi.per`).

    `components`, one row per manager x indicator of `kpi.weights`, in the configuration's order:
        manager, indicator str · weight float (its share of the score, 0 to 1, after those without plan were spread over
        the others; NaN without plan) · plan, actual, attainment float · factor float (what it is worth; NaN without
        plan) · points float (weight x factor)
    `totals`, one row per manager: manager str · score float (1 is 100 %; NaN where nothing has a plan) · incentive
        float · payout float (to the cent) · step str (the indicator whose next step adds most; "" none) · needs float
        (how much more of it: units or money, above 0) · reaches float (the attainment then) · gains float (added to
        the score)
    """

    span: Period
    components: pd.DataFrame
    totals: pd.DataFrame


def factor(attainment: float, kpi: Kpi) -> float:
    """What a component's attainment is worth (1 is 100 %), by the payout curve of `Kpi`."""
    raise NotImplementedError


def pay(figures: pd.DataFrame, settings: Settings, span: Period) -> Pay | None:
    """Score and payout of each manager from the span's figures (see `indicators.figures`); None without `kpi`."""
    raise NotImplementedError


def measures(found: Pay | None, settings: Settings) -> pd.DataFrame:
    """`kpi.score` (ratio) and `kpi.payout` (money) per manager, as far as `kpi.show` lets them be seen; the department
    has a payout, the sum. Columns: manager, measure, unit str · actual float."""
    raise NotImplementedError
