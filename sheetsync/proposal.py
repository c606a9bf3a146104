"""Proposed targets in a terminal: what managers did, what to ask for, what to paste, and what it costs to collect."""

from __future__ import annotations

from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sheetsync.calibration import Calibration, as_yaml
from sheetsync.model import known
from sheetsync.schema import Settings
from sheetsync.terminal import BEHIND, FAINT, amount, percent, safe

_LONGEST_NAME = 40
_MUCH = 0.2
"""A share of rows without evidence from here on is pointed at."""
_MILLION = 1_000_000
_NAMES = 16
"""The columns that are always left for names, so that the tables stand below each other."""


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
    """What each manager did of an indicator; money in thousands where it goes into millions."""
    rows = found.table[found.table["indicator"] == indicator]
    thousands = settings.indicators[indicator].unit == "money" and bool((rows["max"] >= _MILLION).any())
    label = safe(settings.indicators[indicator].label.text(settings.workbook.language), _LONGEST_NAME)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    head = f"{label}, 1,000 {settings.department.currency}" if thousands else label
    table.add_column(_one_line(head, "bold"), min_width=_NAMES)
    for name in ("n", "min", "median", "max", "spread", "no evidence", "proposed"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        department = row["manager"] == settings.department.name
        unit, shown = (
            str(row["unit"]),
            {name: known(row[name]) for name in ("min", "median", "max", "spread", "target")},
        )
        *amounts, target = [amount(value / 1000 if value and thousands else value, unit) for value in shown.values()]
        share = known(row["unevidenced"])
        lacking = Text(percent(share), style=BEHIND if share is not None and share >= _MUCH else FAINT)
        who = _one_line("every manager", "bold") if department else _one_line(safe(str(row["manager"]), _LONGEST_NAME))
        table.add_row(who, str(row["n"]), *amounts, lacking, Text(target, style="bold"))
    return table


def _one_line(text: str, style: str = "") -> Text:
    """A text that is cut where there is no room for it, before any figure is."""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _effort(found: Calibration, settings: Settings) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column(
        Text("What it costs to collect", style="bold"), no_wrap=True, overflow="ellipsis", min_width=_NAMES
    )
    table.add_column("rows a manager types a week", justify="right")
    for row in found.effort.to_dict("records"):
        label = settings.indicators[str(row["indicator"])].label.text(settings.workbook.language)
        table.add_row(Text(safe(label, _LONGEST_NAME)), amount(known(row["rows"]), "count"))
    return table
