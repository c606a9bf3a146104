"""Log against base: where what was logged and what the base says do not go together. Warnings, each with its cell."""

from __future__ import annotations

from sheetsync.model import Issue, Ledger, Moment
from sheetsync.moves import Moves
from sheetsync.schema import Settings


def contradictions(ledger: Ledger, moves: Moves | None, settings: Settings, moment: Moment) -> tuple[Issue, ...]:
    """What log and base say against each other, as of `moment.as_of`.

    `ledger.base` is classified (see `base.classify`). Only called while the Base tab is the period's
    (`base.may_record`).
    """
    raise NotImplementedError
