"""The local workbook: Sheets API v4 over one SQLite file. Imports nothing from the rest of the package."""

from sheetsync.local.inprocess import InProcess

__all__ = ["InProcess"]
