"""The local workbook's front door: Google Sheets API v4 over one SQLite file, free of any transport.

    workbooks = Workbooks.open(Path("department.sheet"))        # made where there is none; no spreadsheet in it yet
    key = workbooks.create({"properties": {"title": "Sales"}})   # a new file, as Google makes it -> spreadsheetId
    workbooks.keys()                                             # spreadsheet ids, oldest first
    answer = workbooks.handle("GET", f"/v4/spreadsheets/{key}/values/Sheet1!A1", [("prettyPrint", "false")], b"", account=None)
    answer.status, answer.headers, answer.body                   # 200, [("Content-Type", ...)], b"{...}"
    for chunk in answer.chunks(): ...                            # the same body in pieces; one big range never stands in memory
    workbooks.close()

`path` is percent-DECODED (as WSGI's PATH_INFO, but as text), without the query; `query` are decoded pairs in order.
`account` is the caller's e-mail address; None is the owner, whom no protection keeps out. Who may open which spreadsheet is
not decided here: the caller of `handle` asks first (`writes(method, path)` tells whether a request changes anything,
`spreadsheet_of(path)` which spreadsheet it is about). `handle` never raises: a failure is an Answer with Google's error body.
Any number of threads may call it; any number of processes may have the file open.

Other rooms of `local/` keep their own tables in the same file:

    with workbooks.store.writing() as db: ...    # one BEGIN IMMEDIATE transaction; db is a sqlite3.Connection
    with workbooks.store.reading() as db: ...    # one snapshot
    workbooks.delete(key), workbooks.copy(key, title) -> new key, workbooks.properties(key) -> {"title", "created", "modified", ...}
"""
