"""References and sizes of an answer of spreadsheets.get."""

from __future__ import annotations

import pytest

from sheetsync.picture.workbook import Area, Sheet, Workbook
from tests.picture.sample import Tab, spreadsheet


def workbook() -> Workbook:
    here, there = Tab(1, "Here", 50, 10), Tab(2, "Ünser 'Tab'", 20, 5)
    here.put(0, 0, "x")
    answer = spreadsheet(here, there)
    answer["namedRanges"] = [{"name": "Plan", "range": {"sheetId": 2, "startRowIndex": 2, "endRowIndex": 4}}]
    return Workbook(answer)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("B2:C9", (1, Area(1, 1, 9, 3))),
        ("$C$9:$B$2", (1, Area(1, 1, 9, 3))),
        ("a1", (1, Area(0, 0, 1, 1))),
        ("B:C", (1, Area(0, 1, 50, 3))),
        ("2:3", (1, Area(1, 0, 3, 10))),
        ("B4:C", (1, Area(3, 1, 50, 3))),
        ("H:ZZ", (1, Area(0, 7, 50, 10))),
        ("'ünser ''Tab'''!E20", (2, Area(19, 4, 20, 5))),
        ("plan", (2, Area(2, 0, 4, 5))),
        ("A51", None),
        ("K1", None),
        ("Gone!A1", None),
        ("A", None),
        ("", None),
        ("A0", None),
    ],
)
def test_reference_points_at_its_area(reference: str, expected: tuple[int, Area] | None) -> None:
    book = workbook()
    found = book.resolve(reference, book.sheets[0])
    assert (found and (found[0].id, found[1])) == expected


def test_blocks_of_data_are_put_together() -> None:
    cell = {"formattedValue": "x"}
    blocks = [
        {"rowData": [{"values": [cell]}], "rowMetadata": [{}], "columnMetadata": [{"pixelSize": 30}]},
        {
            "startRow": 5,
            "startColumn": 2,
            "rowData": [{}, {"values": [{}, cell]}],
            "rowMetadata": [{"pixelSize": 9}, {}],
        },
    ]
    sheet = Sheet({"properties": {}, "data": blocks})
    assert (sheet.cell(0, 0), sheet.cell(6, 3), sheet.cell(6, 9), sheet.cell(9, 9)) == (cell, cell, {}, {})
    assert (sheet.width(0), sheet.width(1), sheet.height(5), sheet.height(6)) == (30, 100, 9, 21)
    assert sheet.covers(Area(6, 3, 7, 4))
    assert not sheet.covers(Area(30, 0, 31, 1))
