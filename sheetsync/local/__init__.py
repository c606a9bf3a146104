"""The local workbook: Sheets API v4 over one SQLite file. Imports nothing from the rest of the package."""
