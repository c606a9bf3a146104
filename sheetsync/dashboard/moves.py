"""Moves of the base: manager by manager what warmed up, cooled down, came and went; then from where to where.

The department's matrix is drawn; each manager's is a note on the name, so that 30 managers take 30 rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sheetsync.canvas import BLUE, FAINT, GREY, HAIRLINE, INK, LINE, ORANGE, gradient
from sheetsync.dashboard.base import category_heads
from sheetsync.dashboard.frame import BAND_CATEGORIES, Frame, Record, bands, each, filled, look
from sheetsync.dashboard.numbers import COUNT, quoted
from sheetsync.dashboard.spoken import since
from sheetsync.model import Area
from sheetsync.moves import Moves
from sheetsync.schema import Category

_WARM, _COLD = "#86c5de", "#f5b68c"  # the most that moved up, and down
_CLIENTS = ("up", "down", "won", "new", "lost", "calendar", "reassigned_in", "reassigned_out", "start", "end")
_MONEY = ("up", "down", "new", "lost", "revalued")
_FIRST_MONEY = 1 + len(_CLIENTS)
_LOST_COLUMN = 15
_INKS = {"up": BLUE, "down": ORANGE}
_SIGNS = {"up": "▲", "down": "▼"}

_Told = Mapping[str, float]
_Pairs = Mapping[tuple[str, str], tuple[int, float, float]]
"""By source and target: clients, their money (what they had, where they cooled down), and that at the end."""


def moves(frame: Frame) -> None:
    """Draws the moves since the latest earlier snapshot, or says why there are none."""
    found = frame.report.moves
    with frame.block("moves"):
        if found is None:
            frame.heading(frame.texts("Moves of the base"))
            frame.said(frame.texts("There is no earlier snapshot of the base to compare with."))
            return
        _managers(frame, found)
        frame.gap()
        _matrix(frame, found)


# --- manager by manager ---------------------------------------------------------------------------------------------


def _managers(frame: Frame, found: Moves) -> None:
    _heads(frame, frame.texts("Moves since {period}", period=since(found.since, frame.texts)))
    clients, money = _clients(frame, found), _money(frame, found)
    ways = _ways(frame, found)
    for manager in [*frame.people(found.balance), frame.department]:
        _row(frame, manager, clients.get(manager, {}), money.get(manager, {}), ways.get(manager, ""))


def _heads(frame: Frame, title: str) -> None:
    texts, top = frame.texts, frame.rows(2)
    frame.canvas.heights[top + 1] = 17
    frame.titled_line(top, title)
    over: dict[str, Any] = {"bold": True, "align": "CENTER", "bottom": LINE, "left": HAIRLINE, "wrap": "CLIP"}
    frame.put(top, 1, texts("clients"), look(**over), span=len(_CLIENTS))
    frame.put(top, _FIRST_MONEY, texts("money, {currency}", currency=frame.currency), look(**over), span=len(_MONEY))
    words = {
        "up": texts("warmer"),
        "down": texts("colder"),
        "won": texts("won"),
        "new": texts("new"),
        "lost": texts("lost"),
        "calendar": texts("calendar"),
        "reassigned_in": texts("taken on"),
        "reassigned_out": texts("handed on"),
        "start": texts("before"),
        "end": texts("now"),
        "revalued": texts("revalued"),
    }
    frame.heads(top + 1, {column: words[name] for column, name in enumerate((*_CLIENTS, *_MONEY), 1)})


def _clients(frame: Frame, found: Moves) -> dict[str, _Told]:
    """Clients by manager and column; the department's are its managers', without what they handed to each other."""
    events = found.events[found.events["manager"] != frame.department]
    counts = pd.crosstab(events["manager"], events["event"])
    told = {str(name): {str(event): float(n) for event, n in row.items()} for name, row in counts.iterrows()}
    whole = counts.drop(columns=["reassigned_in", "reassigned_out"], errors="ignore").sum()
    told[frame.department] = {str(name): float(count) for name, count in whole.items()}
    for name, row in found.balance.groupby("manager")[["start", "end"]].sum().iterrows():
        told.setdefault(str(name), {}).update({"start": float(row["start"]), "end": float(row["end"])})
    return dict(told)


def _money(frame: Frame, found: Moves) -> dict[str, _Told]:
    """What moved in money: what those who warmed up or came now bring, and what those who cooled down or left had."""
    events = found.events[found.events["manager"] != frame.department]
    after, before = events["after"].fillna(0.0), events["before"].fillna(0.0)
    gone, revalued = events["event"].isin(["down", "lost"]), events["event"] == "revalued"
    moved = after.where(~gone, before).where(~revalued, after - before)
    sums = events.assign(moved=moved).pivot_table("moved", "manager", "event", "sum").round(2)
    told = {str(name): dict(row.dropna()) for name, row in sums.iterrows()}
    return {**told, frame.department: dict(sums.sum().round(2))}


def _ways(frame: Frame, found: Moves) -> dict[str, str]:
    """Each manager's own matrix in words: a line for each way from category to category, clients and their money."""
    places = _places(frame)
    words = {"new": frame.texts("new"), "lost": frame.texts("lost"), "reassigned": frame.texts("handed on")}
    told: dict[str, list[str]] = {}
    moved = found.transitions[found.transitions["source"] != found.transitions["target"]]
    for row in each(moved[moved["manager"] != frame.department]):
        source, target = (words.get(name) or frame.category(name) for name in (str(row["source"]), str(row["target"])))
        clients, money, _ = _pair(row, places)
        worth = f" · {frame.numbers.said(money, 'money')} {frame.currency}" if money else ""
        told.setdefault(str(row["manager"]), []).append(f"{source} → {target}: {clients}{worth}")
    return {manager: "\n".join(lines) for manager, lines in told.items()}


def _row(frame: Frame, manager: str, clients: _Told, money: _Told, ways: str) -> None:
    row, total = frame.rows(), manager == frame.department
    frame.put(row, 0, manager, look(bold=total, wrap="CLIP", **frame.side(manager)), note=ways)
    side = frame.side(manager)
    for column, name in enumerate(_CLIENTS, 1):
        pattern = quoted(_SIGNS[name], COUNT) if name in _SIGNS else COUNT
        shown = look(bold=total, number=pattern, ink=_ink(name), **side)
        frame.put(row, column, filled(clients.get(name)), shown)
    size = frame.numbers.size("money")
    for column, name in enumerate(_MONEY, _FIRST_MONEY):
        amount = filled(money.get(name))
        pattern = frame.numbers.money(amount, signed=name == "revalued")
        frame.put(row, column, amount, look(size=size, bold=total, number=pattern, ink=_ink(name), **side))


def _ink(name: str) -> str:
    return _INKS.get(name, GREY if name in ("start", "calendar") else INK)


# --- from where to where --------------------------------------------------------------------------------------------


def _matrix(frame: Frame, found: Moves) -> None:
    """The department's moves: a row for where they come from, two columns for where they went."""
    rows = found.transitions[found.transitions["manager"] == frame.department]
    categories, places = frame.settings.base.categories, _places(frame)
    pairs = {(str(row["source"]), str(row["target"])): _pair(row, places) for row in each(rows)}
    gone = sorted({source for source, _ in pairs}.difference(places, ["new"]))
    for start, shown in bands(categories):
        if start:
            frame.gap()
        _matrix_band(frame, start, shown, [*places, *gone, "new"], pairs)


def _places(frame: Frame) -> dict[str, int]:
    return {category.id: place for place, category in enumerate(frame.settings.base.categories)}


def _pair(row: Record, places: Mapping[str, int]) -> tuple[int, float, float]:
    cooled = places.get(str(row["source"]), len(places)) < places.get(str(row["target"]), len(places))
    return int(row["clients"]), float(row["before" if cooled else "after"]), float(row["after"])


def _matrix_band(frame: Frame, start: int, shown: Sequence[Category], sources: Sequence[str], pairs: _Pairs) -> None:
    texts, head = frame.texts, frame.rows()
    last = start + BAND_CATEGORIES >= len(frame.settings.base.categories)
    frame.put(head, 0, texts("from ↓  to →"), look(bottom=LINE, size=9, ink=GREY, wrap="CLIP", valign="MIDDLE"))
    category_heads(frame, head, start, shown)
    if last:
        lost = look(bold=True, align="RIGHT", bottom=LINE, wrap="CLIP", valign="MIDDLE")
        frame.put(head, _LOST_COLUMN, texts("lost"), lost)
    for source in sources:
        _source(frame, source, shown, pairs, last=last)
    _ends(frame, shown, pairs)
    frame.rules += _heat(head + 1, start, len(shown), len(frame.settings.base.categories))


def _source(frame: Frame, source: str, shown: Sequence[Category], pairs: _Pairs, *, last: bool) -> None:
    row = frame.rows()
    count = sum(clients for (origin, _), (clients, *_) in pairs.items() if origin == source)
    name = frame.texts("new") if source == "new" else frame.category(source)
    frame.put(row, 0, f"{name} · {count}", look(wrap="CLIP", bottom=HAIRLINE))
    for place, category in enumerate(shown):
        clients, money, _ = pairs.get((source, category.id), (0, 0.0, 0.0))
        stayed, pattern = source == category.id, frame.numbers.money(money)
        few = look(ink=FAINT if stayed else INK, number=COUNT, bottom=HAIRLINE, left=HAIRLINE)
        frame.put(row, 1 + place * 2, clients or None, few)
        small = look(size=8, ink=FAINT if stayed else GREY, align="LEFT", number=pattern, bottom=HAIRLINE)
        frame.put(row, 2 + place * 2, money or None, small)
    if last:
        lost, *_ = pairs.get((source, "lost"), (0, 0.0, 0.0))
        frame.put(row, _LOST_COLUMN, lost or None, look(ink=ORANGE, number=COUNT, bottom=HAIRLINE))


def _ends(frame: Frame, shown: Sequence[Category], pairs: _Pairs) -> None:
    """What the columns add up to: the base as it is now."""
    row = frame.rows()
    frame.put(row, 0, frame.texts("now"), look(bold=True, top=LINE))
    for place, category in enumerate(shown):
        found = [pair for (_, target), pair in pairs.items() if target == category.id]
        clients, money = sum(clients for clients, *_ in found), round(sum(after for *_, after in found), 2)
        frame.put(row, 1 + place * 2, float(clients), look(bold=True, number=COUNT, top=LINE, left=HAIRLINE))
        small = look(size=8, ink=GREY, align="LEFT", number=frame.numbers.money(money), top=LINE)
        frame.put(row, 2 + place * 2, money or None, small)


def _heat(top: int, start: int, shown: int, categories: int) -> list[dict[str, Any]]:
    """Blue for those who came from a colder category, orange for those from a warmer one; the more, the deeper."""
    warmer, colder = [], []
    for place in range(shown):
        own, column = top + start + place, 1 + place * 2
        if own + 1 < top + categories:
            warmer.append(Area(own + 1, column, top + categories, column + 1))
        if own > top:
            colder.append(Area(top, column, own, column + 1))
    return [gradient(areas, most) for areas, most in ((warmer, _WARM), (colder, _COLD)) if areas]
