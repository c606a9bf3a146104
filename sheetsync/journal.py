"""The run journal: a line for each run that wrote, kept in the workbook itself."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from sheetsync import __version__, logs, tables

MOST = 500
"""Lines that are kept; the oldest go first."""

_READINGS = MappingProxyType[str, tables.Reading](
    {
        "number": "number",
        "run_id": "text",
        "command": "text",
        "at": "moment",
        "who": "text",
        "period": "text",
        "actions": "number",
        "base": "number",
        "digest": "text",
        "requests": "number",
        "cells": "number",
        "version": "text",
    }
)

COLUMNS = tuple(_READINGS)
"""The columns of the Journal tab: texts str, `at` datetime64 (to the second, in the workbook's zone), counts float (NaN
where a command reads no rows). See `Run`."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is kept of a run. `number` counts them, from 1; `at` is local time; `period` an id, or "" where a command
    has none.

    `rows`: what was read under the headers, by kind (`actions`, `base`), and `digest` of the managers' tabs as read:
    two runs with one digest read the same. `requests` to the Sheets API, the write included; `cells` is how many the
    write changed.
    """

    run_id: str
    command: str
    at: datetime
    who: str
    period: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    requests: int = 0
    cells: int = 0
    number: int = 0
    version: str = __version__

    def line(self) -> dict[str, Any]:
        """By column."""
        at = self.at.replace(tzinfo=None, microsecond=0)
        counted = {kind: self.rows.get(kind) for kind in ("actions", "base")}
        own = {name: getattr(self, name) for name in COLUMNS if name not in counted}
        return {**own, "at": at, **counted}


def from_cells(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """The Journal tab as a frame of `COLUMNS`, oldest first; header in `rows[0]`. A line without run id is ignored."""
    read = tables.read(rows, _READINGS)
    return read[read["run_id"] != ""].reset_index(drop=True)


def noted(lines: pd.DataFrame, run: Run) -> pd.DataFrame:
    """The lines with that of a run, each run once, and at most `MOST`."""
    others = lines[lines["run_id"] != run.run_id]
    own = tables.typed(pd.DataFrame([run.line()], dtype="object"), _READINGS)
    return pd.concat([others, own], ignore_index=True).tail(MOST).reset_index(drop=True)


def last(lines: pd.DataFrame) -> int:
    """The highest number of a run; 0 before the first."""
    return int(lines["number"].fillna(0).clip(0, 1e9).max()) if len(lines) else 0


def digest(tabs: Sequence[tuple[str, Sequence[Sequence[object]]]]) -> str:
    """16 hex digits over titles and cells, as read."""
    return hashlib.sha256(json.dumps(list(tabs)).encode()).hexdigest()[:16]


def tell(run: Run, cells: int, requests: int, *, changed: bool) -> None:
    """Leaves the run in the log of the program, whether it wrote or not; `cells` would have changed, or did."""
    line = replace(run, cells=cells, requests=requests).line()
    del line["number"], line["run_id"]
    logs.record("run", **{**line, "at": run.at.isoformat(timespec="seconds")}, changed=changed)


def who(account: str) -> str:
    """The account that writes; where it is not known, or it is a file of this machine, who is signed in here."""
    if account:
        return account
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a system that does not know its users, as in some containers
        return ""
