"""Rows to mend: how many each manager has, and where they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from sheetsync.canvas import BLUE, HAIRLINE, LINE
from sheetsync.dashboard.frame import Frame, look
from sheetsync.dashboard.numbers import COUNT
from sheetsync.model import Issue, Severity

_RIGHT = 10


def mend(frame: Frame) -> None:
    """Draws the rows to mend, manager by manager."""
    texts, tally = frame.texts, _tally(frame.report.issues)
    with frame.block("issues", right=_RIGHT):
        top = frame.heading(texts("Rows to mend"), right=_RIGHT)
        head = look(bold=True, align="RIGHT", bottom=LINE, size=9)
        frame.put(top, 1, texts("not counted"), head, span=3)
        frame.put(top, 4, texts("doubtful"), head, span=3)
        for name, errors, warnings, first in tally:
            row = frame.rows()
            cell = look(align="RIGHT", bottom=HAIRLINE, number=COUNT)
            frame.put(row, 0, name or texts("(no manager)"), look(bottom=HAIRLINE, wrap="CLIP"))
            frame.put(row, 1, errors or None, cell, span=3)
            frame.put(row, 4, warnings or None, cell, span=3)
            link = frame.link(frame.gids["issues"], first + 2, texts("show them →"))
            frame.put(row, 7, link, look(ink=BLUE, align="RIGHT", bottom=HAIRLINE), span=3)
        if not tally:
            frame.said(texts("Nothing: every row counts."))


def _tally(issues: Sequence[Issue]) -> list[tuple[str, int, int, int]]:
    """Per manager: errors, warnings, and the place of the first in the list; most errors first."""
    found: dict[str, list[int]] = {}
    for place, issue in enumerate(issues):
        entry = found.setdefault(issue.manager, [0, 0, place])
        entry[0 if issue.severity is Severity.ERROR else 1] += 1
    rows = [(name, errors, warnings, first) for name, (errors, warnings, first) in found.items()]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))
