"""The review of a period: everything that is to be told about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from sheetsync.ageing import Ageing
from sheetsync.attention import COLUMNS as ATTENTION
from sheetsync.forecast import Forecast
from sheetsync.model import Figure, Issue, Moment, known
from sheetsync.moves import Moves
from sheetsync.pay import Pay
from sheetsync.projection import COLUMNS as PROJECTION
from sheetsync.trials import Trials


@dataclass(frozen=True, slots=True)
class Report:
    """All that the Dashboard shows.

    `figures`: one row per manager (and the department, whose `manager` is its name) x measure:
        manager str · measure str · unit str · plan float · plan_to_date float · actual float · attainment float
        pace float (NaN: none)
    `history`: all History rows after this run (see `history.COLUMNS`).
    `passed`, `working_days`: the department's working days of the period up to as-of inclusive, and in all.
    `projection`: see `projection.COLUMNS`; `attention`: see `attention.COLUMNS`. None: there is nothing to tell.
    """

    moment: Moment
    figures: pd.DataFrame
    history: pd.DataFrame
    issues: tuple[Issue, ...]
    passed: int
    working_days: int
    projection: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(PROJECTION)))
    attention: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ATTENTION)))
    moves: Moves | None = None
    ageing: Ageing | None = None
    forecast: Forecast | None = None
    trials: Trials | None = None
    pay: Pay | None = None

    def each(self) -> Iterator[Figure]:
        """The figures one by one."""
        numbers = ("plan", "plan_to_date", "actual", "attainment", "pace")
        for row in self.figures.to_dict("records"):
            texts = (str(row["manager"]), str(row["measure"]), str(row["unit"]))
            yield Figure(*texts, *(known(row[name]) for name in numbers))
