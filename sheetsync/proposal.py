"""Proposed targets in a terminal: what managers did, what to ask for, what to paste, and what it costs to collect."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.numbers import format_decimal, format_percent
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sheetsync.calibration import Calibration, as_yaml
from sheetsync.model import known
from sheetsync.schema import Settings
from sheetsync.terminal import BEHIND, FAINT, safe

_LONGEST_NAME = 40
_MUCH = 0.2
"""A share of rows without evidence from here on is pointed at."""


def show(found: Calibration, settings: Settings, out: Console, *, start: date) -> None:
    """Prints the proposal; `start` is the day from which the block to paste holds."""
    first, last = found.periods[0], found.periods[-1]
    span = str(first) if first == last else f"{first} to {last}"
    out.print(Text.assemble(("Proposed targets", "bold"), (f" from {span}, per {first.kind}", FAINT)))
    for indicator in settings.indicators:
        out.print()
        out.print(_table(found, settings, indicator))
    out.print()
    out.print(_effort(found, settings))
    out.print()
    out.print(Text("To paste under targets in the configuration:", style="bold"))
    out.print()
    out.print(Text(as_yaml(found, settings, start).rstrip() or "  (nothing was done in these periods)"), soft_wrap=True)


def facts(found: Calibration, settings: Settings, *, start: date) -> dict[str, Any]:
    """The same as plain values: `periods`, `targets` (rows of `calibration.COLUMNS`), `effort`, `yaml`."""
    return {
        "periods": [str(period) for period in found.periods],
        "targets": [_plain(row) for row in found.table.to_dict("records")],
        "effort": [_plain(row) for row in found.effort.to_dict("records")],
        "yaml": as_yaml(found, settings, start),
    }


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): known(value) if isinstance(value, float) else value for name, value in row.items()}


def _table(found: Calibration, settings: Settings, indicator: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    label = settings.indicators[indicator].label.text(settings.workbook.language)
    table.add_column(Text(safe(label, _LONGEST_NAME), style="bold"), no_wrap=True, overflow="ellipsis", min_width=24)
    for name in ("n", "min", "median", "max", "spread", "no evidence", "proposed"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = found.table[found.table["indicator"] == indicator]
    for row in rows.to_dict("records"):
        strong = "bold" if row["manager"] == settings.department.name else ""
        amounts = [_amount(known(row[name]), str(row["unit"])) for name in ("min", "median", "max", "spread")]
        share = known(row["unevidenced"])
        lacking = Text(_percent(share), style=BEHIND if share is not None and share >= _MUCH else FAINT)
        proposed = Text(_amount(known(row["target"]), str(row["unit"])), style="bold")
        manager = Text(safe(str(row["manager"]), _LONGEST_NAME), style=strong)
        table.add_row(manager, str(row["n"]), *amounts, lacking, proposed)
    return table


def _effort(found: Calibration, settings: Settings) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column(Text("What it costs to collect", style="bold"), no_wrap=True, overflow="ellipsis", min_width=24)
    table.add_column("rows a manager types a week", justify="right")
    for row in found.effort.to_dict("records"):
        label = settings.indicators[str(row["indicator"])].label.text(settings.workbook.language)
        table.add_row(Text(safe(label, _LONGEST_NAME)), _amount(known(row["rows"]), "count"))
    return table


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "ratio":
        return _percent(value)
    return str(format_decimal(value, "#,##0.#" if unit == "count" else "#,##0", locale="en"))


def _percent(value: float | None) -> str:
    return "" if value is None else str(format_percent(value, "#,##0%", locale="en"))
