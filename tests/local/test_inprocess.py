"""The local workbook as a transport of requests: the same gspread, no server, no credentials."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import gspread
import pytest
import requests
from google.auth.credentials import AnonymousCredentials

from sheetsync.local.file import NotAWorkbook
from sheetsync.local.inprocess import InProcess


@pytest.fixture
def adapter(tmp_path: Path) -> Iterator[InProcess]:
    opened = InProcess(tmp_path / "department.sheet", create=True)
    yield opened
    opened.close()


@pytest.fixture
def session(adapter: InProcess) -> requests.Session:
    made = requests.Session()
    made.mount("https://sheets.googleapis.com/", adapter)
    made.mount("https://www.googleapis.com/", adapter)
    return made


def test_gspread_works_as_the_owner(adapter: InProcess, session: requests.Session) -> None:
    client = gspread.Client(auth=AnonymousCredentials(), session=session)
    spreadsheet = client.open_by_key(adapter.spreadsheet_id)
    assert spreadsheet.title == "department"
    sheet = spreadsheet.sheet1
    sheet.update([["Борис & Söhne", 2]], "A1", raw=True)
    assert sheet.get("A1:B1") == [["Борис & Söhne", "2"]]
    made = client.create("Second")
    assert [file["name"] for file in client.list_spreadsheet_files("Second")] == ["Second"]
    client.del_spreadsheet(made.id)


def test_an_error_is_google_s(session: requests.Session) -> None:
    answer = session.get("https://sheets.googleapis.com/v4/spreadsheets/nothing")
    assert (answer.status_code, answer.reason) == (404, "Not Found")
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert answer.json()["error"]["message"] == "Requested entity was not found."
    assert answer.encoding == "UTF-8"
    assert answer.url == "https://sheets.googleapis.com/v4/spreadsheets/nothing"


def test_a_body_may_be_bytes_text_file_or_pieces(adapter: InProcess, session: requests.Session) -> None:
    address = f"https://sheets.googleapis.com/v4/spreadsheets/{adapter.spreadsheet_id}/values/A1?valueInputOption=RAW"
    body = '{"values": [["ä"]]}'
    for data in (body.encode(), body, io.BytesIO(body.encode()), iter([body[:9].encode(), body[9:].encode()])):
        assert session.put(address, data=data).json()["updatedCells"] == 1


def test_a_stream_is_read_in_pieces(adapter: InProcess, session: requests.Session) -> None:
    answer = session.get(f"https://sheets.googleapis.com/v4/spreadsheets/{adapter.spreadsheet_id}", stream=True)
    assert b"".join(answer.iter_content(7)).startswith(b"{")


def test_a_missing_file_is_made_only_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "new" / "department.sheet"
    with pytest.raises(FileNotFoundError, match=r"department\.sheet"):
        InProcess(path)
    assert not path.parent.exists()
    made = InProcess(path, create=True)
    made.close()
    again = InProcess(path)
    assert again.spreadsheet_id == made.spreadsheet_id
    again.close()


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes " * 1000)
    with pytest.raises(NotAWorkbook):
        InProcess(tmp_path / "notes.txt")


def test_after_close_nothing_is_open(tmp_path: Path) -> None:
    adapter = InProcess(tmp_path / "department.sheet", create=True)
    adapter.close()
    assert [path.name for path in tmp_path.iterdir()] == ["department.sheet"]
