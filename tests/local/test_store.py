"""The SQLite file: transactions, snapshots, `kill -9`, and what costs what."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsync.local.app import Workbooks
from sheetsync.local.file import NotAWorkbook
from sheetsync.local.store import Grid, Palette, Row, Store
from tests.local.client import Client, Json, grid_range

WRITER = """
import sys, orjson
from sheetsync.local.app import Workbooks
workbooks = Workbooks.open(sys.argv[1])
(key,) = workbooks.keys()
for number in range(100_000):
    rows = [{"values": [{"userEnteredValue": {"numberValue": number}}] * 5}] * 200
    where = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 200, "startColumnIndex": 0, "endColumnIndex": 5}
    requests = [
        {"updateCells": {"range": where, "rows": rows, "fields": "userEnteredValue"}},
        {"updateSpreadsheetProperties": {"properties": {"title": f"run {number}"}, "fields": "title"}},
    ]
    answer = workbooks.handle("POST", f"/v4/spreadsheets/{key}:batchUpdate", [], orjson.dumps({"requests": requests}))
    assert answer.status == 200, answer.body
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
@pytest.mark.parametrize("after", [1, 4])
def test_a_batch_outlives_kill_9_whole_or_not_at_all(tmp_path: Path, after: int) -> None:
    """A process dies in the middle of its writes: every cell is of one run, at least the last it reported."""
    client = Client(tmp_path)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, client.path], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    reported = [int(writer.stdout.readline()) for _ in range(after)][-1]
    os.kill(writer.pid, signal.SIGKILL)
    writer.stdout.close()
    writer.wait()
    found = {cell for line in client.values("A1:E200") for cell in line}
    assert len(found) == 1
    (run,) = found
    assert run >= reported
    assert client.get("properties.title")["properties"]["title"] == f"run {run}"


def test_a_failing_batch_leaves_nothing(tmp_path: Path) -> None:
    """Whatever was applied before the request that can't be."""
    client = Client(tmp_path)
    client.put("A1", [["before"]])
    before, known = client.ok("GET", includeGridData="true"), client.workbooks.properties(client.key)
    good: list[Json] = [
        {"repeatCell": {"range": grid_range(0, 9, 0, 9), "cell": {"note": "n"}, "fields": "note"}},
        {"addSheet": {"properties": {"title": "New"}}},
        {"updateSpreadsheetProperties": {"properties": {"title": "New"}, "fields": "title"}},
        {"insertDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 3}}},
    ]
    message = client.batch_refused(*good, {"deleteSheet": {"sheetId": 99}})
    assert message == "Invalid requests[4].deleteSheet: No grid with id: 99"
    assert client.ok("GET", includeGridData="true") == before
    assert client.workbooks.properties(client.key) == known


REQUESTS = st.lists(
    st.sampled_from(
        [
            {"addSheet": {}},
            {"insertDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}}},
            {"deleteDimension": {"range": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}},
            {"mergeCells": {"range": grid_range(0, 2, 0, 2), "mergeType": "MERGE_ALL"}},
            {"addNamedRange": {"namedRange": {"name": "n", "range": grid_range(0, 1, 0, 1)}}},
            {"repeatCell": {"range": grid_range(0, 3, 0, 3), "cell": {"note": "x"}, "fields": "note"}},
            {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 1}},
        ]
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """One spreadsheet for many examples."""
    client = Client(tmp_path_factory.mktemp("atomic"))
    client.put("A1", [[1, 2, "=A1+B1"], ["x"]], "USER_ENTERED")
    return client


@settings(max_examples=25, deadline=None)
@given(requests=REQUESTS)
def test_any_batch_with_a_bad_end_leaves_nothing(kept: Client, requests: list[dict[str, object]]) -> None:
    """Property: all or nothing."""
    fields = "spreadsheetId,properties,namedRanges,sheets(properties,merges,data.rowData)"
    before = kept.get(fields)
    kept.batch_refused(*requests, {"unmergeCells": {"range": grid_range(5000, 5001, 0, 1)}})
    assert kept.get(fields) == before


def test_a_reader_keeps_its_snapshot(tmp_path: Path) -> None:
    """What is written while an answer streams is not in it; the writer does not wait."""
    client = Client(tmp_path)
    client.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 9000}})
    client.put("A1", [["old"]] * 10_000)
    path = f"/v4/spreadsheets/{client.key}/values/A1:A10000"
    pieces = client.workbooks.handle("GET", path, [], b"").chunks()
    begun = next(pieces)
    client.put("A1", [["new"]] * 10_000)
    rest = b"".join(pieces)
    assert (begun + rest).count(b"old") == 10_000
    assert client.values("A10000") == [["new"]]


def test_many_threads_at_once(tmp_path: Path) -> None:
    """Every append lands, none twice."""
    client = Client(tmp_path)

    def append(number: int) -> None:
        for turn in range(5):
            client.ok("POST", "/values/A1:append", {"values": [[number * 100 + turn]]}, valueInputOption="RAW")

    threads = [threading.Thread(target=append, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [line[0] for line in client.values("A1:A1000")]
    assert sorted(found) == [number * 100 + turn for number in range(4) for turn in range(5)]


def test_other_files_are_not_touched(tmp_path: Path) -> None:
    """Neither a text nor another program's database."""
    text = tmp_path / "notes.sheet"
    text.write_text("not a database at all, but long enough to be looked at as one " * 20)
    with pytest.raises(NotAWorkbook, match=r"^file is not a database$"):
        Workbooks.open(text)
    other = tmp_path / "other.sheet"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(NotAWorkbook, match=r"^an SQLite file of another program"):
        Workbooks.open(other)
    with sqlite3.connect(other) as db:
        assert [name for (name,) in db.execute("SELECT name FROM sqlite_schema")] == ["theirs"]
    db.close()


def test_styling_whole_columns_stores_a_look_once(tmp_path: Path) -> None:
    """A million formatted cells are one look."""
    store = Store.open(tmp_path / "a.sheet")
    with store.writing() as db:
        palette = Palette(db)
        grid = Grid(db, palette, 1)
        number = palette.number_of_format({"wrapStrategy": "WRAP"})
        grid.write([(5, Row(["x"], [], [], {}))])
        grid.restyle(0, 2000, lambda row: row.put_format(3, number))
        assert db.execute("SELECT count(*) FROM look").fetchone() == (1,)
        assert grid.row(1999).format(3) == number
        assert grid.row(5).cells == ["x"]
        grid.restyle(0, 2000, lambda row: row.put_format(3, 0))
        assert db.execute("SELECT count(*) FROM row").fetchone() == (1,)
    store.close()


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 14), st.integers(1, 4)), max_size=8),
    stored=st.sets(st.integers(0, 11)),
)
def test_rows_put_in_and_taken_out_anywhere(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, int, int]], stored: set[int]
) -> None:
    """Property: as in a list; the tabs beside stay as they are, and what is kept of it finds the rows again."""
    store = Store.open(tmp_path_factory.mktemp("rows") / "a.sheet")
    expected: list[list[object]] = [[number] if number in stored else [] for number in range(12)]
    with store.writing() as db:
        palette = Palette(db)
        beside = [Grid(db, palette, number) for number in (1, 3)]
        for other in beside:
            other.write([(row, Row(["beside"], [], [], {})) for row in (0, 5)])
        grid = Grid(db, palette, 2)
        grid.write([(row, Row([row], [], [], {})) for row in stored])
        for putting, at, count in steps:
            if putting:
                grid.insert_rows(at, count)
                expected.extend([] for _ in range(at - len(expected)))
                expected[at:at] = [[] for _ in range(count)]
            else:
                grid.delete_rows(at, count)
                del expected[at : at + count]
        found = Grid(db, palette, 2, grid.origin)
        assert [found.row(row).cells for row in range(len(expected))] == expected
        assert sum(1 for _ in found.rows(0, 1000)) == sum(map(bool, expected))
        assert [[index for index, _ in other.rows(0, 1000)] for other in beside] == [[0, 5], [0, 5]]
        grid.clear()
        assert list(grid.rows(0, 1000)) == []
    store.close()


def test_a_workbook_remembers_where_its_rows_begin(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.put("A1", [[number] for number in range(9)])
    where = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    client.batch({"insertDimension": {"range": where}})
    copy = client.batch({"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Copy"}})[0]
    assert client.values("Sheet1!A1:A6") == client.values("Copy!A1:A6") == [[0], [], [], [1], [2], [3]], copy
    client.batch({"deleteDimension": {"range": where}})
    assert client.values("Sheet1!A1:A4") == [[0], [1], [2], [3]]
    other = client.workbooks.copy(client.key, "Other")
    assert client.ok("GET", f"/v4/spreadsheets/{other}/values/Sheet1!A1:A2")["values"] == [["0"], ["1"]]


def test_a_long_table_ends_where_it_ends(tmp_path: Path) -> None:
    """Longer than what is looked at in one go, with a gap, and with rows whose first cell is blank."""
    client = Client(tmp_path)
    client.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 15_000}})
    client.put("A1", [["", "x"] if row % 1000 == 7 else [row] for row in range(13_000)])
    client.put("A9001", [["", ""]])
    for where, table, lands in (
        ("A9002", "A9002:B13000", "A13001"),
        ("A:B", "A9002:B13001", "A13002"),
        ("A1", "A1:B9000", "A9001"),  # which makes one table of two
        ("A5000", "A1:B13002", "A13003"),
    ):
        answer = client.ok("POST", f"/values/{where}:append", {"values": [["new"]]}, valueInputOption="RAW")
        assert (answer["tableRange"], answer["updates"]["updatedRange"]) == (f"Sheet1!{table}", f"Sheet1!{lands}")


CELLS = st.one_of(st.none(), st.text(max_size=3), st.integers(-9, 9), st.booleans())


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(CELLS, max_size=8),
    at=st.integers(0, 9),
    count=st.integers(1, 3),
    noted=st.integers(0, 9),
)
def test_columns_put_in_and_taken_out_again(cells: list[object], at: int, count: int, noted: int) -> None:
    """Property: insert, then delete, gives the row as it was."""
    row = Row(list(cells), [1] * len(cells), [2] * len(cells), {noted: {"note": "n"}})  # type: ignore[arg-type]  # hypothesis gives objects
    row.insert(at, count)
    assert row.cell(at) is None or at >= len(cells)
    row.delete(at, count)
    assert (row.cells, row.formats, row.rules, row.extra) == (
        cells,
        [1] * len(cells),
        [2] * len(cells),
        {noted: {"note": "n"}},
    )
