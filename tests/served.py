"""A workbook behind `sheetsync serve`: people fill it with plain gspread, the program is started as people start it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any, Self

import gspread
import orjson
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import service_account
from gspread.utils import DateTimeOption, ValueInputOption, ValueRenderOption
from requests.adapters import HTTPAdapter

from sheetsync import cli
from sheetsync.local.app import Answer
from sheetsync.local.serve import Server
from sheetsync.local.web import Asked
from tests.google.conftest import shorten_key
from tests.office import misfits

SCOPES = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]
GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")
EPOCH = date(1899, 12, 30)
Json = dict[str, Any]


class Rewriting(HTTPAdapter):
    """Sends what gspread means for Google to the server under test."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Sends one request."""
        for origin in GOOGLE:
            request.url = (request.url or "").replace(origin, self._base, 1)
        return super().send(request, *args, **kwargs)


@dataclass(frozen=True)
class Ran:
    """What a command did, and the requests to the Sheets API that it sent: (method, path)."""

    exit: int
    out: str
    err: str
    wire: tuple[tuple[str, str], ...]

    @property
    def json(self) -> Json:
        """The one object of --json."""
        answer: Json = json.loads(self.out)
        return answer

    @property
    def writes(self) -> int:
        """How many batchUpdates were sent."""
        return sum(path.endswith(":batchUpdate") for _, path in self.wire)


class Served:
    """A running server, its one spreadsheet, a configuration beside it; every body on the wire is checked."""

    def __init__(self, folder: Path, template: Path | None = None) -> None:
        """`template` is another's workbook file, to begin with a copy of it and of its key."""
        if template is not None:
            copyfile(template, folder / "book.sheet")
            copyfile(template.with_name("key.json"), folder / "key.json")
        self.folder = folder
        self.config = folder / "targets.yaml"
        self.server = Server(folder / "book.sheet", credentials_out=folder / "key.json")
        if template is None:
            shorten_key(self.server)
        self.wire: list[tuple[str, str]] = []
        self.misfits: list[str] = []
        self._answer = self.server.site.answer
        vars(self.server.site)["answer"] = self._recorded

    def __enter__(self) -> Self:
        self.server.__enter__()
        signed = service_account.Credentials.from_service_account_file(str(self.folder / "key.json"), scopes=SCOPES)
        self.session = AuthorizedSession(signed)
        for origin in GOOGLE:
            self.session.mount(origin, Rewriting(self.server.url))
        self.client = gspread.Client(auth=signed, session=self.session)
        self.book = self.client.open_by_key(self.server.spreadsheet_id)
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self.server.close()

    def _recorded(self, asked: Asked) -> Answer:
        if asked.path.startswith("/v4/"):
            self.wire.append((asked.method, asked.path))
            if asked.path.endswith(":batchUpdate") and "/values:" not in asked.path:
                body = json.loads(asked.body)
                body["requests"] = [_distinct(request) for request in body["requests"]]
                self.misfits += misfits(body, "BatchUpdateSpreadsheetRequest")
        return self._answer(asked)

    @property
    def where(self) -> tuple[str, str]:
        """The spreadsheet's address and the key file, for a configuration."""
        return self.server.spreadsheet_url, str(self.folder / "key.json")

    def configure(self, content: Mapping[str, Any]) -> None:
        """Writes the configuration; JSON is YAML."""
        self.config.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    def run(self, *arguments: str, exits: int = 0) -> Ran:
        """Runs a command line in this process; its exit code must be `exits`."""
        before = len(self.wire)
        out, err, code = io.StringIO(), io.StringIO(), 0
        with redirect_stdout(out), redirect_stderr(err):
            try:
                cli.main([*arguments, "--config", str(self.config)])
            except SystemExit as end:
                code = int(end.code or 0)
        done = Ran(code, out.getvalue(), err.getvalue(), tuple(self.wire[before:]))
        assert done.exit == exits, done.err + done.out
        return done

    def sync(self, *arguments: str, exits: int = 0) -> Ran:
        """`sheetsync sync --json`; of a dry run, with what it would change on stderr."""
        quiet = () if "--dry-run" in arguments else ("--quiet",)
        return self.run("sync", "--json", *quiet, *arguments, exits=exits)

    def fill(self, tab: str, rows: Sequence[Sequence[Any]], cell: str = "A2", *, raw: bool = False) -> None:
        """Types rows as people do, or as programs do (`raw`)."""
        sheet = self.book.worksheet(tab)
        first = gspread.utils.a1_to_rowcol(cell)
        lacking = (first[0] + len(rows) - 1 - sheet.row_count, first[1] + max(map(len, rows)) - 1 - sheet.col_count)
        if lacking[0] > 0:
            sheet.add_rows(lacking[0])
        if lacking[1] > 0:
            sheet.add_cols(lacking[1])
        option = ValueInputOption.raw if raw else ValueInputOption.user_entered
        sheet.update([list(row) for row in rows], cell, value_input_option=option)

    def rows(self, tab: str) -> list[list[Any]]:
        """All of a tab as numbers and texts, dates as serials."""
        return self.book.worksheet(tab).get_all_values(
            value_render_option=ValueRenderOption.unformatted, date_time_render_option=DateTimeOption.serial_number
        )

    def records(self, tab: str) -> list[Json]:
        """The rows of a tab by the names in its first row."""
        header, *rows = self.rows(tab)
        return [dict(zip(header, row, strict=False)) for row in rows]

    def issues(self) -> list[Json]:
        """The rows of the Issues tab."""
        return self.records("Issues")

    def whole(self, *tabs: str) -> dict[str, Any]:
        """All that people can have set in tabs: properties, objects, and each cell's value, format, note, dropdown."""
        cell = "userEnteredValue,userEnteredFormat,note,dataValidation,textFormatRuns"
        data = f"data(startRow,startColumn,rowData(values({cell})),columnMetadata,rowMetadata)"
        fields = f"sheets(properties,merges,conditionalFormats,protectedRanges,charts,bandedRanges,{data})"
        answer = self.client.http_client.fetch_sheet_metadata(
            self.server.spreadsheet_id, params={"fields": fields, "ranges": [f"'{tab}'" for tab in tabs]}
        )
        return {sheet["properties"]["title"]: sheet for sheet in answer["sheets"]}


def _distinct(request: Json) -> Json:
    """The request with each kind of cell once: thousands of rows say the same of their looks."""
    written = request.get("updateCells", {})
    if "rows" not in written:
        return request
    kinds = {}
    for row in written["rows"]:
        for cell in row.get("values", []):
            values = [(name, type(value).__name__) for name, value in cell.get("userEnteredValue", {}).items()]
            kinds[orjson.dumps([{**cell, "userEnteredValue": 0, "note": 0}, values, list(row)])] = cell
    return {"updateCells": {**written, "rows": [*written["rows"][:1], {"values": list(kinds.values())}]}}


def day(serial: float) -> date:
    """The day of a serial number."""
    return EPOCH + timedelta(days=int(serial))
