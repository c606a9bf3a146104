"""Closing weeks, changing the past, and restating it: a served workbook, the program started as people start it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.served import EPOCH, Json, Served

ANNA, BORIS = "Anna Orlova", "Boris Ivanov"
FRIDAY = "2026-11-20 16:00 +0000"
WEEKS = ("2026-W45", "2026-W46", "2026-W47")


def _serial(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


def _meeting(day: str, who: str, client: str, minutes: str = "minutes") -> list[Any]:
    return [_serial(day), who, "Meeting held", client, "", minutes]


LOG: list[list[Any]] = [
    _meeting("2026-11-03", ANNA, "Volga Port"),
    _meeting("2026-11-04", ANNA, "Neva Foundry"),
    _meeting("2026-11-05", BORIS, "Kama Arena"),
    [_serial("2026-11-06"), ANNA, "Payment received", "Volga Port", "", "bank", "", 1000.10, 200.05],
    _meeting("2026-11-10", ANNA, "Volga Port"),
    _meeting("2026-11-12", BORIS, "Kama Arena", ""),
    _meeting("2026-11-17", BORIS, "Kama Arena"),
]
BASE: list[list[Any]] = [
    ["Volga Port", "", ANNA, "", "Offer", _serial("2026-12-10"), 5000],
    ["Neva Foundry", "", ANNA, "", "", "", "", "", "", "", _serial("2026-11-04")],
    ["Kama Arena", "", BORIS, "", "Design"],
]


def _configuration(book: Served, **department: Any) -> Json:
    spreadsheet, credentials = book.where
    return {
        "workbook": {"spreadsheet": spreadsheet, "credentials": credentials, "timezone": "Europe/Moscow"},
        "department": {"currency": "RUB", **department},
        "managers": [{"name": ANNA, "aliases": ["Anna"]}, BORIS],
        "targets": [
            {"from": "2026-01-01", "per": "week", "default": {"meetings": 2}},
            {"from": "2026-01-01", "per": "month", "default": {"revenue": 20000}},
        ],
    }


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose three weeks were synced, on the Friday of the last."""
    folder = tmp_path_factory.mktemp("synced")
    with time_machine.travel(FRIDAY, tick=True), Served(folder) as book:
        book.configure(_configuration(book))
        book.run("init")
        book.fill("Actions", LOG, raw=True)
        book.fill("Base", BASE, raw=True)
        done = book.sync("--from", WEEKS[0], "--to", WEEKS[-1])
        assert (done.json["periods"], done.json["period"], done.json["requests"]) == (list(WEEKS), WEEKS[-1], 3)
    return folder / "book.sheet"


@pytest.fixture
def book(synced: Path, tmp_path: Path) -> Iterator[Served]:
    """That workbook, on the same Friday, for a test to change."""
    with time_machine.travel(FRIDAY, tick=True), Served(tmp_path, template=synced) as served:
        served.configure(_configuration(served))
        yield served
        assert served.misfits == []


def _close(book: Served, week: str, *more: str, exits: int = 0) -> Any:
    return book.run("close", "--json", "--period", week, *more, exits=exits)


def _rows(book: Served, week: str, measure: str = "meetings") -> dict[tuple[str, str], tuple[Any, Any]]:
    """(manager, status) -> plan, actual."""
    return {
        (row["manager"], row["status"]): (row["plan"], row["actual"])
        for row in book.records("History")
        if (row["period"], row["measure"]) == (week, measure)
    }


def _late(book: Served) -> list[str]:
    """What the Issues tab says of closed periods."""
    return [str(row["What is wrong"]) for row in book.issues() if "closed" in str(row["What is wrong"])]


def test_several_weeks_are_computed_in_one_go_as_one_by_one(book: Served) -> None:
    """The same rows in History, whichever way; nothing to write afterwards."""
    together = [{**row, "synced_at": 0} for row in book.records("History")]
    for week in WEEKS:
        again = book.sync("--period", week)
        assert [row for row in book.records("History") if row["period"] == week]
        assert again.json["periods"] == [week]
    assert [{**row, "synced_at": 0} for row in book.records("History")] == together
    assert book.sync("--from", WEEKS[0], "--to", "current").json["changed"] is False


def test_a_close_freezes_figures_rows_and_plans(book: Served) -> None:
    before = [{**row, "status": "", "synced_at": 0} for row in book.records("History")]
    done = _close(book, "2026-W45")
    assert (done.json["changed"], done.json["requests"], done.json["rows"], done.writes) == (True, 3, 4, 1)
    assert done.err.endswith(
        "2026-W45 is closed: its figures, 4 log rows and its plans are kept.\n"
        "Run `sheetsync sync` to renew Dashboard and Issues.\n"
    )
    after = book.records("History")
    assert [{**row, "status": "", "synced_at": 0} for row in after] == before
    assert {row["status"] for row in after if row["period"] == "2026-W45"} == {"closed"}
    assert {row["status"] for row in after if row["period"] != "2026-W45"} == {"open"}
    closed = next(
        tab for tab in book.client.open_by_key(book.server.spreadsheet_id).worksheets() if tab.title == "Closed"
    )
    assert closed.isSheetHidden
    assert book.sync("--period", "2026-W46").json["issues"] is not None
    assert _late(book) == []


def test_late_edits_are_told_whatever_the_as_of_date(book: Served) -> None:
    """Also by a sync as of a day before the closed week began: what is closed is whole."""
    _close(book, "2026-W46")
    book.fill("Actions", [_meeting("2026-11-13", ANNA, "Neva Foundry")], f"A{len(LOG) + 2}", raw=True)
    book.sync("--period", "2026-W47")
    told = _late(book)
    assert told[0].startswith(f"{ANNA}: “Meetings” was 1 when 2026-W46 was closed; by the rows of today it is 2.")
    for day in ("2026-11-08", "2026-11-10", "2026-11-15"):
        assert book.sync("--period", "2026-W45", "--as-of", day).json["as_of"] == min(day, "2026-11-08")
        assert _late(book) == told


def test_a_closed_week_is_neither_closed_nor_synced_again(book: Served) -> None:
    _close(book, "2026-W45")
    done = _close(book, "2026-W45", exits=5)
    assert done.err.endswith(
        "sheetsync: the period 2026-W45 is closed already\n"
        "Nothing to do. Where rows of it were changed since, see the Issues tab: --accept restates it.\n"
    )
    assert book.sync("--period", "2026-W45", exits=5).writes == 0
    assert book.sync("--from", "2026-W45", "--to", "2026-W46").json["periods"] == ["2026-W46"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2026-W47"], "the period 2026-W47 has not ended; its last day is 2026-11-22"),
        (["2026-W50"], "the period 2026-W50 has not begun on 2026-11-20"),
        (["2026-W46", "--accept"], "the period 2026-W46 is not closed"),
        (["W46"], "'W46' is not a period; write 2026-W47, 2026-11 or 2026-Q4"),
    ],
)
def test_what_can_not_be_closed(book: Served, arguments: list[str], said: str) -> None:
    done = _close(book, *arguments, exits=2)
    assert json.loads(done.out)["error"]["what"] == said
    assert done.writes == 0


def test_a_late_edit_is_told_and_changes_nothing(book: Served) -> None:
    _close(book, "2026-W45")
    book.fill("Actions", [["Anna Orlova"]], "B4", raw=True)  # the meeting of Boris
    book.fill("Actions", [_meeting("2026-11-06", BORIS, "Late Ltd")], f"A{len(book.rows('Actions')) + 1}", raw=True)
    done = book.sync()
    assert done.exit == 0
    assert _rows(book, "2026-W45") == {(ANNA, "closed"): (2, 2), (BORIS, "closed"): (2, 1), ("Sales", "closed"): (4, 3)}
    said = _late(book)
    assert "Anna Orlova: “Meetings” was 2 when 2026-W45 was closed; by the rows of today it is 3." in said
    assert any("A row was added to the closed period 2026-W45" in line and "Late Ltd" in line for line in said)
    assert any("changed" in line and "Kama Arena" in line for line in said)
    assert book.sync().json["changed"] is False


def test_accepting_restates_and_keeps_both(book: Served) -> None:
    _close(book, "2026-W45")
    book.fill("Actions", [[2000.20]], "H5", raw=True)  # the payment of Volga Port
    done = _close(book, "2026-W45", "--accept")
    assert done.json["late_edits"]["changed"] == 1
    revenue = {(row["manager"], row["measure"]): row for row in done.json["late_edits"]["figures"]}
    assert revenue[ANNA, "revenue"] == {
        "manager": ANNA,
        "measure": "revenue",
        "unit": "money",
        "before": 1000.10,
        "after": 2000.20,
    }
    found = _rows(book, "2026-W45", "revenue")
    assert found[ANNA, "superseded"][1] == 1000.10
    assert found[ANNA, "restated"] == (found[ANNA, "superseded"][0], 2000.20)
    assert found[BORIS, "closed"][1] == 0
    unique = [
        (row["period"], row["manager"], row["measure"])
        for row in book.records("History")
        if row["status"] != "superseded"
    ]
    assert len(unique) == len(set(unique))
    book.sync()
    assert _late(book) == []
    again = _close(book, "2026-W45", "--accept")
    assert (again.json["changed"], again.writes) == (False, 0)
    assert "Nothing was changed in 2026-W45 since it was closed: it stays as it is." in again.err


def test_the_configuration_may_change_and_a_closed_week_stays(book: Served) -> None:
    """Targets, labels, aliases, evidence, a manager's name: none is a late edit."""
    _close(book, "2026-W45")
    _close(book, "2026-W46")
    before = [row for row in book.records("History") if row["status"] == "closed"]
    changed = _configuration(book)
    changed["targets"][0]["default"] = {"meetings": 9}
    changed["managers"] = [{"name": "Anna Petrova", "aliases": ["Anna", ANNA]}, {"name": BORIS, "from": "2026-11-09"}]
    changed["actions"] = {
        "meeting": {"label": "Meeting held", "evidence": "optional"},
        "payment": {"label": "Payment received", "evidence": "required", "amount": "required"},
    }
    changed["indicators"] = {
        "meetings": {"count": ["meeting"]},
        "revenue": {"group": "finance", "sum": "Amount", "of": ["payment"]},
    }
    book.configure(changed)
    book.sync()
    assert _late(book) == []
    assert [row for row in book.records("History") if row["status"] == "closed"] == before


def test_weeks_close_by_themselves_when_they_are_old_enough(book: Served) -> None:
    book.configure(_configuration(book, close_after_days=5))
    done = book.sync()
    assert done.json["closed"] == ["2026-W45"]
    assert done.json["period"] == "2026-W47"
    assert {row["period"]: row["status"] for row in book.records("History")} == {
        "2026-W45": "closed",
        "2026-W46": "open",
        "2026-W47": "open",
    }
    assert book.sync().json["changed"] is False


def test_a_day_after_today_closes_no_week(book: Served) -> None:
    book.configure(_configuration(book, close_after_days=5))
    book.sync()
    done = book.sync("--as-of", "2027-02-01", "--period", "2026-W47")
    assert done.json["closed"] == []
    assert {row["period"] for row in book.records("History") if row["status"] == "closed"} == {"2026-W45"}


def test_check_tells_what_a_sync_tells(book: Served) -> None:
    """Rows of a closed week that never counted are not asked for any more."""
    book.fill("Actions", [["2026-11-04", ANNA, "Meeting held", "Volga Port"]], "A30")
    assert any(row["Cell"] == "F30" for row in (book.sync(), book.issues())[1])
    _close(book, "2026-W45")
    book.sync()
    listed = sorted((row["Tab"], row["Cell"]) for row in book.issues() if row["Tab"])
    found = book.run("check", "--json", "--quiet", exits=1).json["found"]
    assert sorted((each["tab"], each["cell"]) for each in found) == listed
    assert ("Actions", "F30") not in listed


def test_a_dry_run_closes_nothing(book: Served) -> None:
    done = _close(book, "2026-W45", "--dry-run")
    assert (done.json["changed"], done.json["dry_run"], done.writes) == (False, True, 0)
    assert done.json["changes"] > 0
    assert {row["status"] for row in book.records("History")} == {"open"}


def test_the_base_of_a_closed_week_is_kept_with_it(book: Served) -> None:
    """A close within a week of the end takes the snapshot as a sync would; moves follow."""
    book.fill("Base", [["Contract"]], "E4", raw=True)
    _close(book, "2026-W46")
    up = _rows(book, "2026-W46", "moves.up")
    assert up[BORIS, "closed"][1] in ("", 0)
    standing = _rows(book, "2026-W46", "base.clients")
    assert standing["Sales", "closed"][1] == 3


def test_a_closed_period_stays_closed_whatever_is_typed_over_its_status(book: Served) -> None:
    _close(book, "2026-W45")
    before = book.rows("History")
    book.fill("History", [["open" if row[0] == "2026-W45" else row[9]] for row in before[1:]], "J2")
    book.fill("Actions", [[2000.20]], "H5", raw=True)  # the payment of Volga Port
    assert "2026-W45" not in book.sync("--from", "2026-W45", "--to", "2026-W47").json["periods"]
    after = book.rows("History")
    assert [row for row in after if row[0] == "2026-W45"] == [row for row in before if row[0] == "2026-W45"]


def test_a_closed_period_of_which_nothing_is_kept_is_told(book: Served) -> None:
    _close(book, "2026-W45")
    book.book.del_worksheet(book.book.worksheet("Closed"))
    assert book.sync().json["changed"] is True
    (told,) = (row for row in book.issues() if "is gone" in row["What is wrong"])
    assert (told["What is wrong"], told["What to do"], told["Effect"]) == (
        "What was kept of the closed period 2026-W45 is gone, so later changes in it are not seen.",
        "Keep its rows as they are now: `sheetsync close --period 2026-W45`.",
        "The closed figures stay as they are.",
    )
    _close(book, "2026-W45")
    book.sync()
    assert not any("is gone" in row["What is wrong"] for row in book.issues())


def test_where_what_was_kept_is_gone_the_rows_of_today_are_kept_and_the_figures_stay(book: Served) -> None:
    _close(book, "2026-W45")
    before = book.rows("History")
    book.book.del_worksheet(book.book.worksheet("Closed"))
    book.fill("Actions", [[2000.20]], "H5", raw=True)  # the payment of Volga Port
    done = _close(book, "2026-W45", "--accept", exits=5)
    assert done.err.endswith(
        "what was kept of the period 2026-W45 is gone, so nobody can tell what was changed in it\n"
        "Leave --accept out to keep its rows as they are now; its figures stay.\n"
    )
    assert done.writes == 0
    dry = _close(book, "2026-W45", "--dry-run")
    assert (dry.json["changed"], dry.writes) == (False, 0)
    done = _close(book, "2026-W45")
    assert (done.json["changed"], done.json["rows"], done.json["late_edits"], done.writes) == (True, 4, None, 1)
    assert " ".join(done.err.split()).endswith(
        "2026-W45 stays closed with its figures, but what was kept of it was gone. "
        "Its 4 log rows of today and its plans are kept instead. "
        "Run `sheetsync sync` to renew Dashboard and Issues."
    )
    assert book.rows("History") == before
    book.fill("Actions", [[3000.20]], "H5", raw=True)
    book.sync()
    (figure,) = [line for line in _late(book) if "“Revenue”" in line]
    assert figure.startswith(
        "Anna Orlova: “Revenue” was 1,000.10 RUB when 2026-W45 was closed; by the rows of today it"
    )
    assert _close(book, "2026-W45", exits=5).writes == 0


def test_clients_of_the_log_that_are_not_in_the_base_are_no_matter_to_accepting(book: Served) -> None:
    """Within a week of the period's end log and base are compared too, with the rows that were kept."""
    first = len(book.rows("Actions")) + 1
    book.fill(
        "Actions", [_meeting("2026-11-11", ANNA, f"Stranger {number}") for number in range(4)], f"A{first}", raw=True
    )
    _close(book, "2026-W46")
    book.fill("Actions", [[BORIS]], f"B{first}", raw=True)
    done = _close(book, "2026-W46", "--accept")
    assert done.json["late_edits"]["changed"] == 1
    assert _rows(book, "2026-W46")[ANNA, "restated"][1] == _rows(book, "2026-W46")[ANNA, "superseded"][1] - 1
    book.sync()
    assert _late(book) == []
