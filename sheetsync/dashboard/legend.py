"""How to read it: the signs, the colours, and what the blocks stand on."""

from __future__ import annotations

from sheetsync.canvas import BLUE, GREY, ORANGE
from sheetsync.dashboard.frame import SMALL, Frame, look


def legend(frame: Frame) -> None:
    """Draws the explanations; those of blocks that are not there are left out."""
    texts = frame.texts
    samples = (
        ("▲", texts("at or ahead of the plan to date"), BLUE),
        ("●", texts("within 10% of it"), GREY),
        ("▼", texts("behind it"), ORANGE),
    )
    top = frame.canvas.row
    frame.heading(texts("How to read it"))
    for sign, words, ink in samples:
        frame.put(frame.rows(), 0, f"{sign}  {words}", look(size=9, ink=ink))
    for words in _explained(frame):
        frame.put(frame.rows(), 0, words, SMALL)
    frame.canvas.name("legend", top, frame.canvas.row, right=16)


def _explained(frame: Frame) -> list[str]:
    texts, report = frame.texts, frame.report
    lines = [
        texts("att. is actual ÷ plan of the whole period; sign and colour compare actual with the plan to date."),
        texts("A blank means no plan or nothing to divide by; a ratio is judged by its attainment."),
        texts("Small figures beside the base are the change since the previous period."),
    ]
    if "projection" in frame.canvas.named:
        lines.append(texts("heading for: where the period ends at the pace so far; the range is from earlier periods."))
    if report.moves is not None:
        lines.append(
            texts(
                "Moves: blue came from a colder category, orange from a warmer one; calendar: moved by the month alone."
            )
        )
    if report.forecast is not None:
        lines.append(
            texts(
                "forecast: this month what was received and is still expected; later, expected amounts × how likely "
                "that category pays."
            )
        )
        lines.append(
            texts("How likely they pay: used is what was set, corrected by your own cases; of sum is paid ÷ expected.")
        )
        lines.append(texts("coverage: what is due in the period ÷ what the plan still needs; weighted: × how likely."))
    if "pay" in frame.canvas.named:
        lines.append(texts("points: what a component adds to the score; 100 points are 100% of the incentive."))
    return lines
