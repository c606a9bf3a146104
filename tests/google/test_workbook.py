"""The workbook as its callers see it: what is asked in which shape, where it may be opened, and that it closes."""

from __future__ import annotations

import gc
import json
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sheetsync.errors import AccessError, SheetsyncError
from sheetsync.google import Reading, Workbook
from sheetsync.google.workbook import LIMITS, METADATA
from sheetsync.local.access import ACCOUNT
from sheetsync.local.inprocess import InProcess
from tests.google.conftest import Route

CORRECT = "Name another file in workbook.spreadsheet."


def cells(*values: Any) -> list[dict[str, Any]]:
    """One row of CellData."""
    kinds = {str: "stringValue", bool: "boolValue", float: "numberValue", int: "numberValue"}
    return [{"values": [{"userEnteredValue": {kinds[type(value)]: value}} for value in values]}]


def put(row: int, *values: Any) -> dict[str, Any]:
    """A request that writes a row from column A."""
    start = {"sheetId": 0, "rowIndex": row}
    return {"updateCells": {"start": start, "rows": cells(*values), "fields": "userEnteredValue"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new workbook file."""
    made = tmp_path / "department.sheet"
    InProcess(made, create=True).close()
    return made


def test_three_calls_are_three_requests_in_google_s_shape(near: Route) -> None:
    with near.open() as book:
        book.metadata()
        book.read(["A1:C2", "E:E"])
        book.apply([put(0, "x")])
        assert book.requests == 3
    metadata, read, written = near.network.api
    root = f"/v4/spreadsheets/{near.server.spreadsheet_id}"
    assert [urlsplit(seen.path).path for seen in near.network.api] == [
        root,
        f"{root}/values:batchGet",
        f"{root}:batchUpdate",
    ]
    assert parse_qs(urlsplit(metadata.path).query) == {"fields": [METADATA], "prettyPrint": ["false"]}
    assert parse_qs(urlsplit(read.path).query) == {
        "ranges": ["A1:C2", "E:E"],
        "valueRenderOption": ["UNFORMATTED_VALUE"],
        "dateTimeRenderOption": ["SERIAL_NUMBER"],
        "prettyPrint": ["false"],
    }
    assert (metadata.method, read.method, written.method) == ("GET", "GET", "POST")
    assert json.loads(written.body) == {"requests": [put(0, "x")], "includeSpreadsheetInResponse": False}


def test_cells_come_as_they_are_ragged_and_in_order(path: Path) -> None:
    with Workbook.open("local", path=path) as book:
        book.apply([put(0, "Борис", 1, True), put(2, 45000.5)])
        assert book.read(["A1:D5", "Z9", "B1"]) == Reading(([["Борис", 1, True], [], [45000.5]], [], [[1]]))
        assert book.requests == 2


def test_grid_data_is_of_the_ranges_or_of_all(path: Path) -> None:
    with Workbook.open("local", path=path) as book:
        book.apply([put(0, "a", "b")])
        mask = "sheets.data.rowData.values.userEnteredValue"
        assert book.grid(mask, ["B1"]) == {
            "sheets": [{"data": [{"rowData": [{"values": [{"userEnteredValue": {"stringValue": "b"}}]}]}]}]
        }
        (tab,) = book.grid(mask)["sheets"]
        assert len(tab["data"][0]["rowData"][0]["values"]) == 2


def test_a_batch_is_all_or_nothing(path: Path) -> None:
    with Workbook.open("local", path=path) as book:
        with pytest.raises(SheetsyncError, match="No grid with id: 9"):
            book.apply([put(0, "kept?"), {"deleteSheet": {"sheetId": 9}}])
        assert book.read(["A1"]).values == ([],)


def test_the_account_of_a_file_is_the_one_that_serve_lets_in(path: Path) -> None:
    with Workbook.open("local", path=path) as book:
        assert book.account == ACCOUNT
        assert book.metadata()["properties"]["title"] == "department"


def test_the_account_is_the_key_s(near: Route) -> None:
    with near.open() as book:
        assert book.account == json.loads(near.credentials.read_text())["client_email"]
        assert near.network.seen == []


def refusal(path: Path) -> str:
    """What is said of a file that can't be opened."""
    with pytest.raises(AccessError) as raised:
        Workbook.open("local", path=path)
    assert raised.value.exit_code == 3
    return str(raised.value)


def test_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.sheet", tmp_path / "no" / "folder" / "none.sheet"):
        assert refusal(path) == (
            f"local:{path}: there is no workbook file here\n"
            "Make one with `sheetsync init` or `sheetsync demo`, or correct workbook.spreadsheet."
        )
    assert list(tmp_path.iterdir()) == []


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"local:{tmp_path}: this is a folder, not a workbook file\n{CORRECT}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"notes " * 1000, b"SQLite format 3\x00" + b"\xff" * 4096, b"PK\x03\x04xlsx"])
def test_another_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    assert refusal(path) == f"local:{path}: this file is no local workbook\n{CORRECT}"
    assert path.read_bytes() == content


def test_a_name_that_no_disk_takes(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300)
    assert refusal(path) == (
        f"local:{path}: this workbook file can't be opened (File name too long)\n"
        "See that the file, its folder, and a -wal and -shm beside it may be read and written, or name another."
    )


def test_everything_is_closed(near: Route, google: Route, path: Path) -> None:
    """No ResourceWarning, no socket, no file; after a failure too."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for route in (near, google):
            for broken in (False, True):
                with route.open() as book:
                    book.metadata()
                    if broken:
                        with pytest.raises(SheetsyncError):
                            book.read(["Gone!A1"])
            assert route.network.all_closed()
        with Workbook.open("local", path=path) as book:
            book.apply([put(0, "x")])
        del book
        gc.collect()
    assert [file.name for file in path.parent.glob("department*")] == ["department.sheet"]


def test_it_closes_when_its_user_fails(near: Route) -> None:
    with pytest.raises(KeyError), near.open() as book:
        _ = book.metadata()["nothing of the kind"]
    assert near.network.all_closed()


def test_every_place_has_an_end_to_waiting() -> None:
    for limits in LIMITS.values():
        assert 0 < limits.connect <= limits.read < float("inf")
        assert 0 < limits.sign_in <= limits.deadline < float("inf")
    assert LIMITS["google"].deadline > 60  # a quota is a minute's
    assert LIMITS["google"].read >= 180  # Google itself ends a request after that
