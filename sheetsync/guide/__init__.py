"""The Guide tab: how to fill in, what counts as what, how the Dashboard is read; all made from the configuration.

Its hidden columns hold the lists that the managers' dropdowns offer and their highlighting looks up, each under a
named range `sheetsync_list_<name>`: when the configuration changes, the dropdowns follow as this tab is written.
"""

from __future__ import annotations

from sheetsync import fields
from sheetsync.guide.figures import categories, indicators, kpi
from sheetsync.guide.filling import actions, base_columns, colours, log_columns
from sheetsync.guide.people import closing, people, title
from sheetsync.guide.reading import blocks, issues, signs
from sheetsync.guide.sheet import Sheet
from sheetsync.model import Page
from sheetsync.schema import Settings

__all__ = ["page"]

_SECTIONS = (
    title,
    people,
    log_columns,
    actions,
    colours,
    base_columns,
    categories,
    indicators,
    kpi,
    signs,
    blocks,
    issues,
    closing,
)


def page(settings: Settings) -> Page:
    """The Guide as it should be, in the workbook's language. The same settings always give the same page."""
    sheet = Sheet(settings)
    for section in _SECTIONS:
        section(sheet)
    return sheet.page(fields.lists(settings, (sheet.texts("yes"), sheet.texts("no"))))
