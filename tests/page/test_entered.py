"""What the formula bar shows gives, typed again, the value that is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local.app import Workbooks
from sheetsync.page.entered import entered
from tests.page.sample import send, values

FORMATS = {
    "DATE": "dd.mm.yyyy",
    "TIME": "hh:mm",
    "DATE_TIME": "yyyy-mm-dd hh:mm",
    "PERCENT": "0%",
    "NUMBER": "#,##0.0",
    "CURRENCY": "#,##0.00",
    "ISO": "yyyy-mm-dd",
    "": "",
}


def _cell(value: Any, kind: str = "", shown: str = "") -> dict[str, Any]:
    name = {bool: "boolValue", str: "stringValue"}.get(type(value), "numberValue")
    form = {"type": "DATE" if kind == "ISO" else kind, "pattern": FORMATS[kind]}
    look = {"effectiveFormat": {"numberFormat": form}} if kind else {}
    return {"userEnteredValue": {name: value}, "formattedValue": shown, **look}


@pytest.mark.parametrize(
    ("cell", "locale", "text"),
    [
        ({"userEnteredValue": {"formulaValue": "=A1*2"}, "formattedValue": "4"}, "en_US", "=A1*2"),
        (_cell(1234.5), "en_US", "1234.5"),
        (_cell(1234.5), "de_DE", "1234,5"),
        (_cell(46337, "DATE"), "en_US", "11/11/2026"),
        (_cell(46337, "DATE"), "ru_RU", "11.11.2026"),
        (_cell(46337.25, "DATE_TIME"), "de_DE", "11.11.2026 6:00:00"),
        (_cell(0.5, "TIME"), "de_DE", "12:00:00"),
        (_cell(46337, "ISO", "2026-11-11"), "de_DE", "2026-11-11"),
        (_cell(0.125, "PERCENT"), "ru_RU", "12,5%"),
        (_cell(1e-7), "en_US", "0.0000001"),
        (_cell(True, shown="ИСТИНА"), "ru_RU", "ИСТИНА"),
        (_cell("plain 7 b"), "en_US", "plain 7 b"),
        (_cell("007"), "en_US", "'007"),
        (_cell("=not a formula"), "en_US", "'=not a formula"),
        ({}, "en_US", ""),
    ],
)
def test_what_is_shown(cell: dict[str, Any], locale: str, text: str) -> None:
    assert entered(cell, locale) == text


@pytest.fixture(scope="module", params=["en_US", "de_DE", "ru_RU"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    workbooks = Workbooks.open(Path(tmp_path_factory.mktemp("typed") / "x.sheet"))
    yield Book(workbooks, request.param)
    workbooks.close()


@given(
    number=st.one_of(st.floats(-1e9, 1e9, allow_subnormal=False), st.integers(-(10**12), 10**12)),
    serial=st.floats(1, 80_000),
    text=st.text("aA1 .,-/:'=+%€", max_size=8).map(str.strip),
)
def test_typed_again_it_gives_the_value_again(book: Book, number: float, serial: float, text: str) -> None:
    short = float(f"{number:.13g}")
    moment = round(serial * 86400) / 86400
    cells = [
        _cell(short),
        _cell(short / 100, "PERCENT"),
        _cell(float(int(serial)), "DATE"),
        _cell(moment, "DATE_TIME"),
        _cell(text),
    ]
    again = book.typed([entered(cell, book.locale) for cell in cells])
    assert again[:4] == pytest.approx([short, short / 100, int(serial), moment], rel=1e-12, abs=1e-9)
    assert again[4] == text


class Book:
    """A workbook of one locale, into whose first row texts are typed."""

    def __init__(self, workbooks: Workbooks, locale: str) -> None:
        self.workbooks, self.locale = workbooks, locale
        self.key = workbooks.create({"properties": {"locale": locale}})

    def typed(self, texts: list[str]) -> list[Any]:
        """The five values that they become."""
        data = [{"range": "A1", "values": [texts]}]
        send(self.workbooks, self.key, "/values:batchUpdate", {"valueInputOption": "USER_ENTERED", "data": data})
        found = values(self.workbooks, self.key, "A1:E1", "UNFORMATTED_VALUE")[0]
        return [*found, *[""] * (5 - len(found))]
