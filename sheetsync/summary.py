"""A sync in a terminal: who is behind, where the base stands, what money comes, what to mend."""

from __future__ import annotations

import unicodedata
from collections import Counter

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sheetsync import history
from sheetsync.model import Figure, Issue, Severity, known
from sheetsync.schema import Settings
from sheetsync.sync import Outcome

TOLERANCE = 0.9
_FEW = 6
_SIGNS = {
    "ahead": ("▲", "blue"),
    "near": ("●", "bright_black"),
    "behind": ("▼", "dark_orange3"),
    "none": (" ", "default"),
}


def show(outcome: Outcome, settings: Settings, where: str, console: Console) -> None:
    """Prints the summary of a sync to the console."""
    moment = outcome.report.moment
    days = f"{outcome.report.passed} of {outcome.report.working_days} working days passed"
    title = Text(f"{safe(settings.department.name)}  {moment.period}", style="bold")
    title.append(f"   {format_date(moment.period.start, 'd MMM', 'en')} to ", style="not bold bright_black")
    title.append(f"{format_date(moment.period.end, 'd MMM y', 'en')}, as of ", style="not bold bright_black")
    title.append(f"{format_date(moment.as_of, 'EEE d MMM', 'en')}, {days}", style="not bold bright_black")
    console.print()
    console.print(title)
    console.print(Padding(_headline(outcome, settings), (1, 0, 0, 0)))
    _behind(outcome, settings, console)
    _base(outcome, settings, console)
    issues(outcome.report.issues, console)
    console.print()
    console.print(Text(_written(outcome), style="bold"))
    console.print(Text(f"Look at it: {where}", style="bright_black"), soft_wrap=True)


def issues(found: tuple[Issue, ...], console: Console, *, most: int = _FEW) -> None:
    """Prints how many rows need attention, by manager, and the first of them."""
    console.print()
    if not found:
        console.print(Text("Every row counts.", style="bold"))
        return
    errors = sum(issue.severity is Severity.ERROR for issue in found)
    head = Text(f"{len(found)} rows need attention", style="bold")
    head.append(f": {errors} not counted, {len(found) - errors} doubtful", style="not bold")
    console.print(head)
    tally = Counter(issue.manager or "(no manager)" for issue in found)
    console.print(Text("  " + ", ".join(f"{safe(name)} {n}" for name, n in tally.most_common()), style="bright_black"))
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for issue in sorted(found, key=lambda issue: issue.severity is not Severity.ERROR)[:most]:
        bad = issue.severity is Severity.ERROR
        place = Text(f"{safe(issue.cell.tab)}!{issue.cell.a1}", style="cyan")
        table.add_row(
            Text("▼" if bad else "●", style="dark_orange3" if bad else "bright_black"), place, Text(safe(issue.problem))
        )
    console.print(Padding(table, (0, 0, 0, 2)))
    if len(found) > most:
        console.print(Text(f"  and {len(found) - most} more", style="bright_black"))


def safe(text: str, longest: int = 160) -> str:
    """People's text for a terminal: no control, escape or direction characters, and not too long."""
    shown = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign for sign in text)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _headline(outcome: Outcome, settings: Settings) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black")
    table.add_column("")
    for name in ("actual", "plan to date", "plan", "attainment", "pace"):
        table.add_column(name, justify="right")
    for figure in outcome.report.each():
        if figure.manager != settings.department.name:
            continue
        sign, ink = _SIGNS[_mood(figure.verdict)]
        amounts = [_amount(value, figure.unit) for value in (figure.actual, figure.plan_to_date, figure.plan)]
        pace = Text(f"{sign} {_percent(figure.verdict)}", style=ink)
        table.add_row(Text(_label(figure, settings)), *amounts, _percent(figure.attainment), pace)
    return table


def _behind(outcome: Outcome, settings: Settings, console: Console) -> None:
    late: dict[str, list[Figure]] = {}
    for figure in outcome.report.each():
        if figure.manager != settings.department.name and _mood(figure.pace) == "behind":
            late.setdefault(figure.manager, []).append(figure)
    console.print()
    if not late:
        console.print(Text("Nobody is behind the plan to date.", style="bold"))
        return
    console.print(Text("Behind the plan to date", style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for manager, figures in late.items():
        worst = sorted(figures, key=lambda figure: figure.pace or 0.0)
        shown = [f"{_label(figure, settings)} {_percent(figure.pace)}" for figure in worst]
        table.add_row(Text(safe(manager)), Text(", ".join(shown), style="dark_orange3"))
    console.print(Padding(table, (0, 0, 0, 2)))


def _label(figure: Figure, settings: Settings) -> str:
    return safe(settings.indicators[figure.measure].label.text(settings.workbook.language))


def _base(outcome: Outcome, settings: Settings, console: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black")
    for name in ("Base", "clients", "change", f"expected, {settings.department.currency}"):
        table.add_column(name, justify="left" if name == "Base" else "right")
    for category in settings.base.categories:
        before, now = _last_two(outcome, settings, f"base.{category.id}.clients")
        _, amount = _last_two(outcome, settings, f"base.{category.id}.amount")
        change = "" if now is None or before is None or now == before else f"{now - before:+.0f}".replace("-", "−")
        label = Text(safe(category.label.text(settings.workbook.language)))
        table.add_row(label, _amount(now, "count"), change, _amount(amount or None, "money"))
    console.print(Padding(table, (1, 0, 0, 0)))


def _last_two(outcome: Outcome, settings: Settings, measure: str) -> tuple[float | None, float | None]:
    period = outcome.report.moment.period
    rows = history.trend(outcome.report.history, measure, settings.department.name, period, 2)
    before, now = (known(value) for value in rows["actual"])
    return before, now


def _written(outcome: Outcome) -> str:
    requests = f"{outcome.requests} request{'s' if outcome.requests != 1 else ''}"
    if outcome.changed:
        return f"Written in one batch ({len(outcome.batch.changes)} changes, {requests})."
    if outcome.batch:
        return f"Dry run: nothing was written ({len(outcome.batch.changes)} changes, {requests})."
    return f"The workbook was right already: nothing was written ({requests})."


def _mood(verdict: float | None) -> str:
    if verdict is None:
        return "none"
    return "ahead" if verdict >= 1 else "near" if verdict >= TOLERANCE else "behind"


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "ratio":
        return _percent(value)
    return str(format_decimal(value, "#,##0.##" if unit == "count" else "#,##0.00", locale="en"))


def _percent(value: float | None) -> str:
    return "" if value is None else str(format_percent(value, "0%", locale="en"))
