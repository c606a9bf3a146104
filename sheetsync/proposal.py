"""Proposed targets in a terminal: what managers did, what to ask for, what to paste, and what it costs to collect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
_MILLION, _LITTLE = 1_000_000, 10_000
_NAMES = 16
"""The columns that are always left for names, so that the tables stand below each other."""


def show(found: Calibration, settings: Settings, out: Console, *, start: date) -> None:
    """Prints the proposal; `start` is the day from which the block to paste holds."""
    first, last = found.periods[0], found.periods[-1]
    span = str(first) if first == last else f"{first} to {last}"
    thousands, idle = _in_thousands(found), _idle(found, settings)
    money = f"; money in 1,000 {settings.department.currency}" if thousands else ""
    out.print(Text.assemble(("Proposed targets", "bold"), (f" from {span}, per {first.kind}{money}", FAINT)))
    for indicator in settings.indicators:
        if indicator not in idle:
            out.print()
            out.print(_table(found, settings, indicator, thousands=thousands))
    for remark in _remarks(found, settings, idle):
        out.print()
        out.print(Text(remark, style=FAINT))
    out.print()
    out.print(_effort(found, settings, idle))
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


def _in_thousands(found: Calibration) -> bool:
    """Whether money goes into millions, in any indicator: then all of it is shown in thousands."""
    return bool((found.table.loc[found.table["unit"] == "money", "max"] >= _MILLION).any())


def _idle(found: Calibration, settings: Settings) -> list[str]:
    """The indicators of which nothing came, so that nothing is proposed."""
    own = found.table[found.table["manager"] == settings.department.name]
    return list(own.loc[own["target"].isna(), "indicator"])


def _remarks(found: Calibration, settings: Settings, idle: Sequence[str]) -> Iterator[str]:
    """What has to be said about the tables: what is marked in them, and what is left out of them."""
    if (found.table["basis"] == "mean").any():
        quantile = f"{settings.calibration.quantile:g}"
        yield f"mean: money came in, but the {quantile} quantile is 0, so the proposal is made from the mean."
    if idle:
        named = ", ".join(_label(settings, indicator) for indicator in idle)
        yield f"Left out, because nothing came of it in these periods: {named}."


def _table(found: Calibration, settings: Settings, indicator: str, *, thousands: bool) -> Table:
    """What each manager did of an indicator."""
    rows = found.table[found.table["indicator"] == indicator]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column(_one_line(_label(settings, indicator), "bold"), min_width=_NAMES)
    for name in ("n", "min", "median", "max", "spread", "no evidence", "proposed", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        department = row["manager"] == settings.department.name
        figures = (known(row[name]) for name in ("min", "median", "max", "spread", "target"))
        *amounts, target = [_shown(value, str(row["unit"]), thousands=thousands) for value in figures]
        share = known(row["unevidenced"])
        lacking = Text(percent(share), style=BEHIND if share is not None and share >= _MUCH else FAINT)
        who = _one_line("every manager", "bold") if department else _one_line(safe(str(row["manager"]), _LONGEST_NAME))
        mark = Text("mean" if row["basis"] == "mean" else "", style=FAINT)
        table.add_row(who, str(row["n"]), *amounts, lacking, Text(target, style="bold"), mark)
    return table


def _shown(value: float | None, unit: str, *, thousands: bool) -> str:
    """A figure; of money in thousands a tenth too where little is left of it."""
    if value is None or unit != "money" or not thousands:
        return amount(value, unit)
    return amount(value / 1000, "count" if abs(value) < _LITTLE else "money")


def _label(settings: Settings, indicator: str) -> str:
    return safe(settings.indicators[indicator].label.text(settings.workbook.language), _LONGEST_NAME)


def _one_line(text: str, style: str = "") -> Text:
    """A text that is cut where there is no room for it, before any figure is."""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _effort(found: Calibration, settings: Settings, idle: Sequence[str]) -> Table:
    """What is typed for each indicator, but for those of which nothing came and for which nothing was typed."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column(
        Text("What it costs to collect", style="bold"), no_wrap=True, overflow="ellipsis", min_width=_NAMES
    )
    table.add_column("rows a manager types a week", justify="right")
    for row in found.effort.to_dict("records"):
        rows, indicator = known(row["rows"]), str(row["indicator"])
        if rows or indicator not in idle:
            table.add_row(Text(_label(settings, indicator)), amount(rows, "count"))
    return table
