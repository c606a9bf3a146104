"""The workbook as people know it, in a browser: a shell, its scripts, and JSON made of the API's own answers.

    pages = Pages("en", first=700001)            # the language of the page's own words, the tab that is shown first
    pages.shell(visit, gid)                      # the page of a spreadsheet, as HTML
    pages.asset("main.js")                       # a script or a style sheet of it: (its type, its bytes), or None
    pages.answer(visit, "GET", "cells", query, b"")   # what the scripts ask for: (HTTP status, JSON)

A `Visit` is whoever looks at one spreadsheet: all that is read and written goes through its `send`, as requests of
Sheets API v4. So the page shows what any client would be told, and is refused what any client would be refused.
"""

from sheetsync.page.api import Visit
from sheetsync.page.pages import Pages

__all__ = ["Pages", "Visit"]
