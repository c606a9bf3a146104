"""The only place that knows gspread and google-auth: it signs in, reads cells, and applies one batch."""

from sheetsync.google.workbook import Reading, Workbook

__all__ = ["Reading", "Workbook"]
