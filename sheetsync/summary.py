"""A sync in a terminal: who is behind, where the base stands, what money comes, what to mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from textwrap import fill, indent
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sheetsync import history
from sheetsync.batch import Change
from sheetsync.close import Closure
from sheetsync.closing import LateEdits
from sheetsync.model import Figure, Issue, Severity, Value, known
from sheetsync.periods import Period
from sheetsync.schema import Settings
from sheetsync.sync import Outcome
from sheetsync.terminal import AHEAD, BEHIND, FAINT, amount, percent, safe

TOLERANCE = 0.9
_EPOCH = date(1899, 12, 30)
_FIRST_DAY, _LAST_DAY = 36_526, 73_050  # 2000 to 2099
_LARGEST = 1e20  # Babel writes no number of more than 28 digits
_FEW = 6
_WORST = 4
_LONGEST_NAME = 40
_TOGETHER = "\u00a0"
_SIGNS = {"ahead": ("▲", AHEAD), "near": ("●", FAINT), "behind": ("▼", BEHIND), "none": (" ", "")}


def show(outcome: Outcome, settings: Settings, out: Console, *, every: bool = False) -> None:
    """Prints the summary of a sync; `every` prints all that is behind and all issues, instead of the worst."""
    out.print(_title(outcome, settings))
    out.print()
    out.print(_headline(outcome, settings))
    out.print()
    _behind(outcome, settings, out, most=len(settings.indicators) if every else _WORST)
    out.print()
    out.print(_base(outcome, settings))
    out.print()
    _issues(outcome.report.issues, outcome.rows, out, most=len(outcome.report.issues) if every else _FEW)
    out.print()
    out.print(Text(_written(outcome), style="bold"))


def closed(done: Closure, settings: Settings, out: Console) -> None:
    """Prints what a close, or the restating of a closed period, came to."""
    edits, rows = done.edits, f"{done.rows:,} log row{'s' if done.rows != 1 else ''}"
    would = "" if done.changed or not done.batch else " Dry run: nothing was written."
    if done.again:
        gone = f"{done.period} stays closed with its figures, but what was kept of it was gone."
        out.print(Text(f"{gone} Its {rows} of today and its plans are kept instead.{would}", style="bold"))
    elif edits is None:
        out.print(Text(f"{done.period} is closed: its figures, {rows} and its plans are kept.{would}", style="bold"))
    elif not edits:
        out.print(Text(f"Nothing was changed in {done.period} since it was closed: it stays as it is.", style="bold"))
    else:
        what = _enumerated([f"{n:,} {word}" for word, n in _edited(edits).items() if n], out.width)
        out.print(Text(f"{done.period} is restated: rows {what}.{would}", style="bold"))
        _restated(edits, settings, out)


def planned(changes: Sequence[Change], out: Console, *, most: int) -> None:
    """Prints what a batch would change: cells and objects one by one, the first `most` of them, then tables by periods,
    summed up by period and kind of change, as many again. Cells of hidden columns are only counted.
    """
    single, summed = _planned(changes)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    for name in ("tab", "where", "now", "would be"):
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for line in [*single[:most], *summed[:most]]:
        table.add_row(*(Text(safe(text, 60)) for text in line))
    if table.row_count:
        out.print(table)
    if more := len(single[most:]) + len(summed[most:]):
        out.print(Text(f"and {more:,} more; --verbose lists all", style=FAINT))
    if hidden := sum(change.hidden for change in changes):
        cells = f"{hidden:,} cell{'s' if hidden != 1 else ''}"
        out.print(Text(f"Not listed: {cells} of hidden helper columns", style=FAINT))


def _planned(changes: Sequence[Change]) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Tab, where, now and would-be: of changes that are listed, and of those that are summed up."""
    single: list[tuple[str, ...]] = []
    summed: dict[tuple[str, str, str, str], _Sum] = {}
    for change in changes:
        if change.entries is not None:
            for row, period in change.entries.periods.items():
                key = (change.tab, period, change.entries.kind, change.entries.column)
                summed.setdefault(key, _Sum(change)).add(row, change)
        elif not change.hidden:
            single.append((change.tab, change.where, *_values(change)))
    return single, [each.line(*key) for key, each in summed.items()]


class _Sum:
    """The rows of a period that change in one way; `first` is one of their changes."""

    def __init__(self, first: Change) -> None:
        self._first = first
        self._rows: set[int] = set()
        self._alike = True

    def add(self, row: int, change: Change) -> None:
        """One more row."""
        self._rows.add(row)
        self._alike &= (change.before, change.after) == (self._first.before, self._first.after)

    def line(self, tab: str, period: str, kind: str, column: str) -> tuple[str, ...]:
        """Tab, where, now and would-be; the values only where they are the same in every row."""
        where, rows = period or "no period", f"{len(self._rows):,} row{'s' if len(self._rows) != 1 else ''}"
        if kind != "changed":
            return tab, where, "", f"{rows} {kind}"
        if not self._alike:
            return tab, f"{where}, {column}", "", f"changed in {rows}"
        now, then = _values(self._first)
        return tab, f"{where}, {column}", now, f"{then or 'blank'} in {rows}"


def _values(change: Change) -> tuple[str, str]:
    """What stands there now and would stand there, as people write it."""
    return _written_out(change.before, day=change.day), _written_out(change.after, day=change.day)


def _written_out(value: Value, *, day: bool) -> str:
    """A cell's value as people write it: numbers with at most two decimals, the longest ones as a power of ten."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).upper()
    if day and _FIRST_DAY <= value <= _LAST_DAY:
        return str(_EPOCH + timedelta(days=int(value)))
    if not -_LARGEST < value < _LARGEST:
        return f"{Decimal(value):.6g}"
    return str(format_decimal(round(value, 2) + 0.0, "#,##0.##", locale="en"))


def late_edits(edits: LateEdits) -> dict[str, Any]:
    """What was changed after a close, as plain values: rows `added`, `removed`, `changed`, and `figures`."""
    figures = [
        {**row, "before": known(row["before"]), "after": known(row["after"])}
        for row in edits.figures.to_dict("records")
    ]
    return {**_edited(edits), "figures": figures}


def _edited(edits: LateEdits) -> dict[str, int]:
    both = len(edits.changed)
    return {"added": len(edits.added) - both, "removed": len(edits.removed) - both, "changed": both}


def _restated(edits: LateEdits, settings: Settings, out: Console) -> None:
    """The indicators and what is paid for them, one by one; what History keeps besides only by its names."""
    own = edits.figures["measure"].isin(list(settings.indicators)) | edits.figures["measure"].str.startswith("kpi.")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    for name, justify in (("", "left"), ("figure", "left"), ("before", "right"), ("after", "right")):
        table.add_column(name, justify=justify, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]  # literals
    for row in edits.figures[own].to_dict("records"):
        indicator = settings.indicators.get(str(row["measure"]))
        label = indicator.label.text(settings.workbook.language) if indicator else str(row["measure"])
        amounts = (amount(known(row[name]), str(row["unit"])) for name in ("before", "after"))
        table.add_row(Text(_name(str(row["manager"]))), Text(safe(label, _LONGEST_NAME)), *amounts)
    if own.any():
        out.print(table)
    if not own.all():
        names = _enumerated(sorted(edits.figures.loc[~own, "measure"].unique()), out.width - 2)
        count = f"{(~own).sum():,} figure{'s' if (~own).sum() != 1 else ''}"
        out.print(Text(f"Restated besides, of what History keeps: {count}\n{indent(names, '  ')}", style=FAINT))


def in_full(found: Sequence[Issue], rows: Mapping[str, int], out: Console, *, most: int) -> None:
    """Prints issues manager by manager, the first `most` of them: cell, what is wrong, what was typed, what to do.

    `rows` were read of the log and of the base.
    """
    out.print(_tally(found, rows, out.width))
    for manager, group in groupby(found[:most], lambda issue: issue.manager):
        out.print()
        out.print(Text(_name(manager), style="bold"))
        table = Table(box=None, padding=(0, 1, 0, 0), show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column()
        for issue in group:
            text = Text(safe(issue.problem))
            if issue.typed:
                text.append(f" Typed: {safe(issue.typed, 60)}")
            text.append(f"\n{safe(issue.remedy, 300)}", style=FAINT)
            table.add_row(_sign(issue), _place(issue), text)
        out.print(table)
    if len(found) > most:
        out.print()
        out.print(Text(f"and {len(found) - most:,} more; --verbose lists all", style=FAINT))


def lines(facts: Mapping[str, str], out: Console) -> None:
    """Prints what to do next: a word on each thing, and what opens it or is typed for it."""
    longest = max(map(len, facts))
    out.print()
    for word, how in facts.items():
        out.print(Text.assemble((f"{word}:".ljust(longest + 3), FAINT), safe(how, 500)), soft_wrap=True)


def _title(outcome: Outcome, settings: Settings) -> Text:
    moment, report = outcome.report.moment, outcome.report
    start, end = format_date(moment.period.start, "d MMM", "en"), format_date(moment.period.end, "d MMM y", "en")
    title = Text.assemble(
        (f"{safe(settings.department.name, _LONGEST_NAME)}, {moment.period}", "bold"), (f" ({start} to {end})", FAINT)
    )
    title.append(f"\nAs of {format_date(moment.as_of, 'EEE d MMM', 'en')}, ")
    title.append(f"{report.passed} of {report.working_days} working days passed")
    if len(outcome.periods) > 1:
        title.append(f"\nComputed: {_spans(outcome.periods)}", style=FAINT)
    if outcome.skipped:
        title.append(f"\nLeft alone, because closed: {_spans(outcome.skipped)}", style=FAINT)
    return title


def _spans(periods: Sequence[Period]) -> str:
    """The periods, oldest first; those that follow one another as a span."""
    spans: list[list[Period]] = []
    for period in periods:
        if spans and spans[-1][-1].next == period:
            spans[-1].append(period)
        else:
            spans.append([period])
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans)


def _headline(outcome: Outcome, settings: Settings) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column("", no_wrap=True, overflow="ellipsis", max_width=24)
    for name in ("actual", "plan to date", "plan", "attainment", "pace"):
        table.add_column(name, justify="right", no_wrap=True)
    for figure in outcome.report.each():
        if figure.manager != settings.department.name:
            continue
        sign, ink = _SIGNS[_mood(figure.verdict)]
        amounts = [amount(value, figure.unit) for value in (figure.actual, figure.plan_to_date, figure.plan)]
        pace = Text(f"{sign} {percent(figure.verdict):>4}", style=ink)
        table.add_row(Text(_label(figure, settings)), *amounts, percent(figure.attainment), pace)
    return table


def _behind(outcome: Outcome, settings: Settings, out: Console, *, most: int) -> None:
    late: dict[str, list[Figure]] = {}
    for figure in outcome.report.each():
        if figure.manager != settings.department.name and _mood(figure.verdict) == "behind":
            late.setdefault(figure.manager, []).append(figure)
    if not late:
        out.print(Text("Nobody is behind the plan to date.", style="bold"))
        return
    out.print(Text("Behind the plan to date", style="bold"))
    names = {manager: safe(manager, _LONGEST_NAME) for manager in late}
    room = out.width - max(map(cell_len, names.values())) - 6
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for manager, figures in late.items():
        worst = sorted(figures, key=lambda figure: figure.verdict or 0.0)
        shown = [f"{_label(figure, settings)} {percent(figure.verdict)}" for figure in worst[:most]]
        if len(worst) > most:
            shown.append(f"{len(worst) - most} more")
        table.add_row(Text(names[manager]), Text(_enumerated(shown, room), style=BEHIND))
    out.print(Padding(table, (0, 0, 0, 2), expand=False))


def _base(outcome: Outcome, settings: Settings) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column("Base", no_wrap=True, overflow="ellipsis", max_width=24)
    for name in ("clients", "change", f"expected, {settings.department.currency}"):
        table.add_column(name, justify="right", no_wrap=True)
    for category in settings.base.categories:
        before, now = _last_two(outcome, settings, f"base.{category.id}.clients")
        _, money = _last_two(outcome, settings, f"base.{category.id}.amount")
        change = "" if now is None or before is None or now == before else f"{now - before:+,.0f}".replace("-", "−")
        label = Text(safe(category.label.text(settings.workbook.language), _LONGEST_NAME))
        table.add_row(label, amount(now, "count"), change, amount(money or None, "money"))
    return table


def _issues(found: Sequence[Issue], rows: Mapping[str, int], out: Console, *, most: int) -> None:
    out.print(_tally(found, rows, out.width))
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False)
    for _ in range(3):
        table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column()
    for issue in sorted(found, key=lambda issue: issue.severity is not Severity.ERROR)[:most]:
        name = Text(_name(issue.manager), style=FAINT)
        table.add_row(_sign(issue), _place(issue), name, Text(safe(issue.problem)))
    if found:
        out.print(Padding(table, (0, 0, 0, 2), expand=False))
    if len(found) > most:
        out.print(Text(f"  and {len(found) - most:,} more: the Issues tab, or `sheetsync check`", style=FAINT))


def _tally(found: Sequence[Issue], rows: Mapping[str, int], width: int) -> Text:
    """How many rows need attention, and whose."""
    if not found:
        return Text("Every row counts." if any(rows.values()) else "Nothing has been typed yet.", style="bold")
    errors = sum(issue.severity is Severity.ERROR for issue in found)
    noun = "row needs" if len(found) == 1 else "rows need"
    text = Text.assemble(
        (f"{len(found):,} {noun} attention", "bold"), f": {errors:,} not counted, {len(found) - errors:,} doubtful\n"
    )
    counts = Counter(issue.manager for issue in found).most_common()
    whose = _enumerated([f"{_name(manager)} {n:,}" for manager, n in counts], width - 2)
    text.append(indent(whose, "  "), style=FAINT)
    return text


def _sign(issue: Issue) -> Text:
    bad = issue.severity is Severity.ERROR
    return Text("▼" if bad else "●", style=BEHIND if bad else FAINT)


def _place(issue: Issue) -> Text:
    return Text(f"{safe(issue.cell.tab, 20)}!{issue.cell.a1}")


def _name(manager: str) -> str:
    return safe(manager, _LONGEST_NAME) or "no manager"


def _enumerated(items: Sequence[str], width: int) -> str:
    """The items after each other in lines of `width`, none of them broken."""
    kept = ", ".join(item.replace(" ", _TOGETHER) for item in items)
    return fill(kept, max(width, 20), break_long_words=False, break_on_hyphens=False).replace(_TOGETHER, " ")


def _label(figure: Figure, settings: Settings) -> str:
    return safe(settings.indicators[figure.measure].label.text(settings.workbook.language), _LONGEST_NAME)


def _last_two(outcome: Outcome, settings: Settings, measure: str) -> Iterator[float | None]:
    period = outcome.report.moment.period
    rows = history.trend(outcome.report.history, measure, settings.department.name, period, 2)
    return (known(value) for value in rows["actual"])


def _written(outcome: Outcome) -> str:
    requests = f"{outcome.requests} request{'s' if outcome.requests != 1 else ''}"
    count = len(outcome.batch.changes)
    changes = f"{count:,} change{'s' if count != 1 else ''}"
    named = ", ".join(map(str, outcome.closed))
    if outcome.changed:
        closed = f" Closed because of their age: {named}." if named else ""
        return f"Written in one batch ({changes}, {requests}).{closed}"
    if outcome.batch:
        closed = f" To be closed because of their age: {named}." if named else ""
        return f"Dry run: nothing was written ({changes} to make, {requests}).{closed}"
    return f"The workbook was right already: nothing was written ({requests})."


def _mood(verdict: float | None) -> str:
    if verdict is None:
        return "none"
    return "ahead" if verdict >= 1 else "near" if verdict >= TOLERANCE else "behind"
