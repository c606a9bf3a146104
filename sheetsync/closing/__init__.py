"""Closing a period: its rows and plans are kept in a hidden tab, and what somebody changes in it later is seen.

Rows are compared by what they say, not by where they stand, so that sorting a log is no edit. What the configuration
has made of them since is none either: a row that says the same counts as it did at the close; names are followed from
those of the close to today's; and a row that could not be read then, or can't be now, for a name alone that the
configuration has gained or lost, is left as it was. A period's figures are measured twice under today's configuration,
with the rows of the close and with those of now, and only the difference is put onto the closed figures.
"""

from sheetsync.closing.edits import LateEdits, Measure, RowEdits, late_edits
from sheetsync.closing.kept import COLUMNS, freeze, from_cells, kept, kept_ids
from sheetsync.closing.telling import MOST_ROWS, issues, missing

__all__ = [
    "COLUMNS",
    "MOST_ROWS",
    "LateEdits",
    "Measure",
    "RowEdits",
    "freeze",
    "from_cells",
    "issues",
    "kept",
    "kept_ids",
    "late_edits",
    "missing",
]
