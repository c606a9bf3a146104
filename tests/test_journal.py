"""The run journal: what a line says, that lines are bounded, and that runs which change nothing leave none."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sheetsync import __version__, close, journal, layout, ledgers, prepare, reading, sync
from sheetsync.batch import number
from sheetsync.errors import LayoutError
from sheetsync.model import Cell
from tests.office import ANNA, Office, configured

FRIDAY = datetime(2026, 11, 20, 16, 0, 7, tzinfo=UTC)
SETTINGS = configured(workbook={"timezone": "Europe/Moscow"})
RUN = journal.Run("a1", "sync", FRIDAY, "x@y", "2026-W47", {"actions": 3, "base": 0}, "d1", 3, 40, 8)


def _cells(lines: pd.DataFrame) -> list[list[Any]]:
    """The tab as reading gives it back."""
    return [[_value(cell) for cell in row] for row in ledgers.journal(lines, SETTINGS).rows]


def _value(cell: Cell) -> Any:
    return number(cell.value) if isinstance(cell.value, datetime) else cell.value


def test_a_line_is_read_back_as_it_was_written() -> None:
    lines = journal.noted(journal.from_cells([]), RUN)
    assert journal.from_cells(_cells(lines)).to_dict("records") == [
        {
            "number": 8,
            "run_id": "a1",
            "command": "sync",
            "at": pd.Timestamp(2026, 11, 20, 16, 0, 7),
            "who": "x@y",
            "period": "2026-W47",
            "actions": 3,
            "base": 0,
            "digest": "d1",
            "requests": 3,
            "cells": 40,
            "version": __version__,
        }
    ]
    assert journal.last(lines) == 8


def test_the_oldest_lines_go_and_a_run_stands_there_once() -> None:
    lines = journal.from_cells([])
    for place in range(journal.MOST + 3):
        lines = journal.noted(lines, journal.Run(f"r{place % 502}", "sync", FRIDAY, "", number=place))
    assert len(lines) == journal.MOST
    assert list(lines["run_id"])[:1] + list(lines["run_id"])[-2:] == ["r3", "r501", "r0"]
    assert lines["run_id"].is_unique
    assert journal.last(lines) == journal.MOST + 2


@pytest.mark.parametrize(
    ("typed", "last"),
    [([], 0), ([["", "a"], [3, "b"], ["x", "c"]], 3), ([[-5, "a"]], 0), ([[1e300, "a"]], 0), ([[7, ""]], 0)],
)
def test_whatever_is_typed_into_it_is_no_obstacle(typed: list[list[object]], last: int) -> None:
    assert journal.last(journal.from_cells([list(journal.COLUMNS), *typed])) == last


def test_the_digest_tells_what_was_read_apart() -> None:
    read: list[tuple[str, list[list[object]]]] = [("Actions", [[1, "a", True, None], ["\ud800"]]), ("Base", [])]
    assert journal.digest(read) == journal.digest(json.loads(json.dumps(read)))
    others: list[Any] = [
        [("Actions", [[1.5, "a", True, None], ["\ud800"]]), ("Base", [])],
        [*read[:1], ("Bases", [])],
        read[:1],
    ]
    found = {journal.digest(each) for each in [read, *others]}
    assert len(found) == 4
    assert all(len(each) == 16 for each in found)


def test_each_run_that_writes_leaves_a_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With the digest of what was read; a run that changes nothing is told to the log alone."""
    office = Office(tmp_path / "Sales.sheet")
    caplog.set_level(logging.INFO, "sheetsync")
    prepare.init(SETTINGS, office.place, now=FRIDAY, run_id="r1")
    office.type("Actions", 1, [[46340, ANNA, "Meeting held", "Volga Port", "", "minutes 1"]])
    sync.check(SETTINGS, office.place, now=FRIDAY, run_id="r2")
    first = sync.sync(SETTINGS, office.place, now=FRIDAY, run_id="r3")
    assert not sync.sync(SETTINGS, office.place, now=FRIDAY, run_id="r4").changed
    done = close.close(SETTINGS, office.place, period="2026-W46", now=FRIDAY, run_id="r5")
    assert not prepare.init(SETTINGS, office.place, now=FRIDAY, run_id="r6").changed
    kept = reading.runs(SETTINGS, office.place)
    assert [*zip(kept["number"], kept["run_id"], kept["command"], kept["period"], strict=True)] == [
        (1, "r1", "init", ""),
        (2, "r3", "sync", "2026-W47"),
        (3, "r5", "close", "2026-W46"),
    ]
    assert list(kept["cells"][1:]) == [first.batch.cells, done.batch.cells]
    assert list(kept["requests"]) == [3, 3, 3]
    assert [*kept["actions"][1:], *kept["base"][1:]] == [1, 1, 0, 0]
    assert kept["digest"][1] == kept["digest"][2] != kept["digest"][0] == ""
    assert set(kept["at"]) == {pd.Timestamp(2026, 11, 20, 19, 0, 7, tz="Europe/Moscow")}
    assert (set(kept["who"]), set(kept["version"])) == ({journal.who("")}, {__version__})
    told: list[Any] = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    runs = [each for each in told if each["event"] == "run"]
    assert [(each["command"], each["changed"], each["cells"]) for each in runs] == [
        ("init", True, kept["cells"][0]),
        ("check", False, 0),
        ("sync", True, first.batch.cells),
        ("sync", False, 0),
        ("close", True, done.batch.cells),
        ("init", False, 0),
    ]
    assert {each["digest"] for each in runs[1:5]} == {kept["digest"][1]}


def test_without_journal_there_are_no_runs_and_somebody_elses_is_not_read(tmp_path: Path) -> None:
    office = Office(tmp_path / "Sales.sheet")
    prepare.init(SETTINGS, office.place)
    office.apply({"deleteSheet": {"sheetId": layout.OWN_IDS["journal"]}})
    assert reading.runs(SETTINGS, office.place).empty
    office.apply({"addSheet": {"properties": {"title": "Run journal"}}})
    assert reading.runs(SETTINGS, office.place).empty
    office.type("Run journal", 0, [["Marathon", "42 km"]])
    for run in (
        lambda: reading.runs(SETTINGS, office.place),
        lambda: sync.sync(SETTINGS, office.place),
        lambda: prepare.init(SETTINGS, office.place),
    ):
        with pytest.raises(LayoutError) as raised:
            run()
        assert str(raised.value) == (
            "Sales: the tab “Run journal” has a title that sheetsync needs, and is somebody else's\n"
            "Rename that tab, or give sheetsync's another title under workbook.tabs.journal."
        )
    assert len(office.cells("Run journal")) == 2
    renamed = {"sheetId": layout.OWN_IDS["guide"], "title": "Old guide"}
    office.apply(
        {"deleteSheet": {"sheetId": office.tab("Run journal")["properties"]["sheetId"]}},
        {"updateSheetProperties": {"properties": renamed, "fields": "title"}},
        {"addSheet": {"properties": {"title": "Guide"}}},
    )
    for run in (lambda: sync.sync(SETTINGS, office.place), lambda: prepare.init(SETTINGS, office.place)):
        with pytest.raises(LayoutError, match="the tab “Guide” has a title that sheetsync needs"):
            run()
