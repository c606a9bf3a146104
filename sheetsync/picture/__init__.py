"""A picture of a tab: a self-contained HTML page from the grid data of the Sheets API.

Imports nothing from the rest of sheetsync; works on any `spreadsheets.get` answer, Google's or the local workbook's.
"""

from sheetsync.picture.page import FIELDS, page

__all__ = ["FIELDS", "page"]
