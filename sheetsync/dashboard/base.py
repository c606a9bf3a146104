"""The base: clients by category, their change, what they are expected to pay, and how long they have stood there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sheetsync.canvas import GREY, HAIRLINE, LINE, OCHRE
from sheetsync.dashboard.frame import BAND_CATEGORIES, Frame, Record, bands, look, records
from sheetsync.dashboard.numbers import CHANGE, COUNT, Pattern, quoted
from sheetsync.model import Value, known
from sheetsync.schema import Category

_SHADES = ("#0b4f6c", "#1c7fa6", "#62b1cf", "#8f9bad", "#bcc4d0", "#e2e6eb")


def palette(categories: Sequence[Category]) -> list[str]:
    """One colour per category: blue to pale for warm to cold, ochre for fixtures on trial."""
    shades = iter(_SHADES)
    return [OCHRE if category.when.trial else next(shades, _SHADES[-1]) for category in categories]


def base(frame: Frame) -> None:
    """Draws the base, and under it how long clients stand in each category."""
    categories = frame.settings.base.categories
    with frame.block("base"):
        for start, shown in bands(categories):
            if start:
                frame.gap()
            _band(frame, start, shown, last=start + BAND_CATEGORIES >= len(categories))
        if frame.actual(frame.department, "base.clients", frame.period) is None:
            frame.said(frame.texts("No snapshot of the base was taken for this period."))


def category_heads(frame: Frame, row: int, start: int, shown: Sequence[Category]) -> None:
    """The categories' names over a rule in their colours, two columns each."""
    colours = palette(frame.settings.base.categories)[start:]
    frame.canvas.heights[row] = 24
    for place, (category, shade) in enumerate(zip(shown, colours, strict=False)):
        head = look(
            bold=True, align="CENTER", wrap="CLIP", left=HAIRLINE, bottom=("SOLID_THICK", shade), valign="MIDDLE"
        )
        frame.put(row, 1 + place * 2, category.label.text(frame.texts.language), head, span=2)


def _band(frame: Frame, start: int, shown: Sequence[Category], *, last: bool) -> None:
    texts, top = frame.texts, frame.rows()
    frame.put(top, 0, texts("Base, clients"), look(bold=True, bottom=LINE, wrap="CLIP", valign="MIDDLE"))
    category_heads(frame, top, start, shown)
    if last:
        frame.put(top, 15, texts("All"), look(bold=True, align="RIGHT", bottom=LINE, valign="MIDDLE"))
    for manager in frame.everyone:
        _row(frame, manager, shown, last=last)
    _amounts(frame, shown)
    _ages(frame, shown)


def _row(frame: Frame, manager: str, shown: Sequence[Category], *, last: bool) -> None:
    row, total = frame.rows(), manager == frame.department
    side = frame.side(manager)
    frame.put(row, 0, manager, look(bold=total, wrap="CLIP", **side))
    for place, category in enumerate(shown):
        measure, left = f"base.{category.id}.clients", 1 + place * 2
        now = frame.actual(manager, measure, frame.period)
        before = frame.actual(manager, measure, frame.period.previous)
        change = None if now is None or before is None else (now - before) or None
        frame.put(row, left, now, look(bold=total, number=COUNT, left=HAIRLINE, **side))
        frame.put(row, left + 1, change, look(size=8, ink=GREY, align="LEFT", number=CHANGE, **side))
    if last:
        everyone = frame.actual(manager, "base.clients", frame.period)
        frame.put(row, 15, everyone, look(bold=True, number=COUNT, **side))


def _amounts(frame: Frame, shown: Sequence[Category]) -> None:
    measures = (f"base.{category.id}.amount" for category in shown)
    amounts = [frame.actual(frame.department, measure, frame.period) or None for measure in measures]
    patterns = [frame.numbers.money(amount) for amount in amounts]
    _below(
        frame, frame.texts("expected, {currency}", currency=frame.currency), list(zip(amounts, patterns, strict=True))
    )


def _ages(frame: Frame, shown: Sequence[Category]) -> None:
    """How long clients stand in the category now, who longest, and how long those took who went on."""
    if frame.report.ageing is None:
        return
    texts, top = frame.texts, frame.canvas.row
    found = records(frame.report.ageing.categories, "category")
    rows = [found.get(category.id, {}) for category in shown]
    days = quoted(texts("d"), COUNT, after=True)
    _below(frame, texts("days here, median"), list(_days(rows, "median", days)), first=True)
    _below(frame, texts("usual time to pass"), list(_days(rows, "usual", days)))
    _below(frame, texts("longest here"), list(_days(rows, "longest", days)))
    _below(frame, "", [(str(row.get("longest_client", "")) or None, None) for row in rows])
    frame.canvas.name("ageing", top, frame.canvas.row, right=16)


def _days(rows: Sequence[Record], column: str, pattern: Pattern) -> Iterator[tuple[float | None, Pattern]]:
    for row in rows:
        yield known(row.get(column)), pattern


def _below(frame: Frame, name: str, values: Sequence[tuple[Value, Pattern | None]], *, first: bool = False) -> None:
    """A quiet row under the base, one figure (or name) a category."""
    row = frame.rows()
    top: dict[str, Any] = {"top": HAIRLINE} if first else {}
    frame.put(row, 0, name or None, look(size=9, ink=GREY, wrap="CLIP", **top))
    for place, (value, pattern) in enumerate(values):
        size = 9 if pattern else 8
        shown = look(size=size, ink=GREY, align="RIGHT", left=HAIRLINE, number=pattern, wrap="CLIP", **top)
        frame.put(row, 1 + place * 2, value, shown, span=2)
