"""The weekly sync against a plain count: a workbook served over HTTP, filled by gspread, synced by the program."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests import sales
from tests.served import Json, Ran, Served, day

OWN = {"Dashboard", "Issues", "Guide", "History", "Snapshots"}


def _lines(book: Served, period: str) -> list[Json]:
    return [row for row in book.records("History") if row["period"] == period]


def _compare(found: list[Json], expected: list[sales.Line], period: str) -> None:
    """Every row of a period that the plain count knows, in order, with every column."""
    first, last = sales.span(period)
    measures = {line[1] for line in expected}
    found = [row for row in found if row["measure"] in measures]
    assert [(row["manager"], row["measure"]) for row in found] == [line[:2] for line in expected]
    for row, (manager, measure, plan, actual, attainment, unit) in zip(found, expected, strict=True):
        said = f"{period} {manager} {measure}: {row}"
        assert (day(row["start"]), day(row["end"]), row["status"]) == (first, last, "open"), said
        assert row["unit"] == unit, said
        assert isinstance(row["synced_at"], float), said
        assert row["actual"] == _shown(actual, exact=unit != "ratio"), f"{said}, not actual {actual}"
        assert row["plan"] == _shown(plan), f"{said}, not plan {plan}"
        assert row["attainment"] == _shown(attainment), f"{said}, not attainment {attainment}"


def _shown(figure: float | None, *, exact: bool = False) -> Any:
    """A blank is a blank; money and counts are exact, shares and plans are kept with six decimals."""
    if figure is None:
        return ""
    return pytest.approx(figure, rel=0, abs=1e-9) if exact else pytest.approx(figure, rel=1e-5, abs=3e-6)


# --- 30 agents, 8,800 deals ------------------------------------------------------------------------------------------

RUNS = {
    "2025-W18": date(2025, 4, 30),  # half of it has passed
    "2025-Q2": date(2025, 6, 18),
}


@dataclass
class Crm:
    """What came of the runs."""

    counted: list[sales.Deed]
    base: list[sales.Client]
    rows: int
    found: dict[str, list[Json]] = field(default_factory=dict)
    answers: dict[str, Json] = field(default_factory=dict)
    wire: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """The CRM's two years typed in, a week and a quarter of them synced."""
    log, base = sales.deeds(), sales.clients(1_500)
    seen = Crm(sales.counting(log), base, len(log))
    with Served(tmp_path_factory.mktemp("crm")) as book:
        book.configure(sales.configuration(*book.where))
        book.run("init")
        _type(book, log, base)
        for started, (period, as_of) in zip((_started, _called), RUNS.items(), strict=True):
            before = len(book.wire)
            seen.answers[period] = started(book, "--period", period, "--as-of", as_of.isoformat())
            seen.wire[period] = book.wire[before:]
        seen.found = {period: _lines(book, period) for period in RUNS}
        seen.periods = [row["period"] for row in book.records("History")]
        seen.misfits = book.misfits
    return seen


def _type(book: Served, log: list[sales.Deed], base: list[sales.Client]) -> None:
    """The spring of 2025 is typed by people, the rest written by a program."""
    rows = [deed.typed(n) for n, deed in enumerate(log)]
    spring = [n for n, deed in enumerate(log) if date(2025, 4, 1) <= deed.day <= date(2025, 6, 30)]
    first, last = spring[0], spring[-1] + 1
    book.fill("Actions", rows[:first], raw=True)
    book.fill("Actions", rows[last:], f"A{last + 2}", raw=True)
    book.fill("Actions", rows[first:last], f"A{first + 2}")
    book.fill("Base", [client.typed() for client in base])


def _started(book: Served, *arguments: str) -> Json:
    """The answer of the program, started as people start it."""
    command = [sys.executable, "-m", "sheetsync", "sync", "--json", "--config", str(book.config), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answer: Json = json.loads(done.stdout)
    return answer


def _called(book: Served, *arguments: str) -> Json:
    return book.sync(*arguments).json


@pytest.mark.parametrize("period", RUNS)
def test_each_figure_of_8800_deals_is_what_a_plain_count_gives(crm: Crm, period: str) -> None:
    """The base was kept while the period was at most a week past: of all these, it was."""
    expected = sales.history(period, RUNS[period], crm.counted, crm.base)
    _compare(crm.found[period], expected, period)


def test_a_sync_of_any_size_is_two_reads_and_one_batch(crm: Crm) -> None:
    for period, sent in crm.wire.items():
        assert [method for method, _ in sent] == ["GET", "GET", "POST"], period
        assert sent[-1][1].endswith(":batchUpdate")
        assert crm.answers[period]["requests"] == 3


def test_every_batch_on_the_wire_fits_googles_description(crm: Crm) -> None:
    assert crm.misfits == []


def test_the_answer_names_what_was_read(crm: Crm) -> None:
    answer = crm.answers["2025-W18"]
    assert answer["period"] == "2025-W18"
    assert answer["as_of"] == "2025-04-30"
    assert answer["rows"] == {"actions": crm.rows, "base": len(crm.base)}
    assert answer["changed"] is True
    assert set(answer["issues"]) == {"error", "warning"}
    assert len({each["run_id"] for each in crm.answers.values()}) == len(RUNS)


def test_longer_periods_stand_among_weeks_by_their_start(crm: Crm) -> None:
    assert [period for period, before in zip(crm.periods, ["", *crm.periods], strict=False) if period != before] == [
        "2025-Q2",
        "2025-W18",
    ]


# --- week after week -------------------------------------------------------------------------------------------------

TEAM = [sales.PEOPLE[n] for n in (0, 1, 4, 7, 15)]
WEEKS = [f"2025-W{n}" for n in range(14, 21)]
LOST = ("moves.lost", sales.NAME)


@dataclass
class Year:
    """A team's weeks, each with the base as it stood when the week was synced."""

    counted: list[sales.Deed]
    bases: dict[str, list[sales.Client]]
    folder: Path
    history: list[Json] = field(default_factory=list)
    snapshots: dict[str, int] = field(default_factory=dict)
    typed: tuple[Any, Any] = ({}, {})
    answers: dict[str, Json] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The workbook after all weeks, to begin with."""
        return self.folder / "book.sheet"


def _sunday(week: str) -> str:
    return sales.span(week)[1].isoformat()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """Seven weeks synced one after the other, each on the Monday after it; the base changes in between."""
    log, base = sales.deeds(500, TEAM), sales.clients(80, TEAM)
    seen = Year(sales.counting(log), {}, tmp_path_factory.mktemp("year"))
    with Served(seen.folder) as book:
        book.configure(sales.configuration(*book.where, people=TEAM))
        book.run("init")
        _type(book, log, base)
        before = book.whole("Actions")
        for number, week in enumerate(WEEKS):
            if number % 3 == 2:
                base = _moved(base, number)
                book.fill("Base", [client.typed() for client in base])
            monday = sales.span(week)[1] + timedelta(days=1)
            seen.bases[week] = base
            seen.answers[week] = book.sync("--period", "last", "--as-of", monday.isoformat()).json
            seen.snapshots[week] = len(book.records("Snapshots"))
        seen.typed = before, book.whole("Actions")
        seen.history = book.records("History")
        seen.misfits = book.misfits
    return seen


def _moved(base: list[sales.Client], number: int) -> list[sales.Client]:
    """Five clients move on: another amount, stage, category. One is handed over, one goes, one comes."""
    moved = list(base)
    for place in range(number, number + 5):
        moved[place] = replace(base[place], stage="Invoice", amount=Decimal(number) / 4, category="")
    moved[number + 20] = replace(base[number + 20], manager=TEAM[(number + 21) % len(TEAM)].name)
    del moved[number + 30]
    return [*moved, replace(base[number + 40], client=f"Newcomer {number}")]


@pytest.fixture
def after(year: Year, tmp_path: Path) -> Iterator[Served]:
    """The workbook after all the weeks, for a test to change."""
    with Served(tmp_path, template=year.file) as book:
        book.configure(sales.configuration(*book.where, people=TEAM))
        yield book


@pytest.mark.parametrize("week", WEEKS)
def test_each_week_of_a_team_is_what_a_plain_count_gives(year: Year, week: str) -> None:
    found = [row for row in year.history if row["period"] == week]
    _compare(found, sales.history(week, sales.span(week)[1], year.counted, year.bases[week], TEAM), week)
    assert year.answers[week]["period"] == week
    assert year.answers[week]["as_of"] == _sunday(week)


@pytest.mark.parametrize(("period", "as_of"), [("2025-04", "2025-05-05"), ("2025-05", "2025-05-21")])
def test_a_month_of_a_team_is_what_a_plain_count_gives(year: Year, after: Served, period: str, as_of: str) -> None:
    """May's revenue target changes on the 15th."""
    after.sync("--period", period, "--as-of", as_of)
    last = date.fromisoformat(as_of)
    _compare(_lines(after, period), sales.history(period, last, year.counted, year.bases[WEEKS[-1]], TEAM), period)


@pytest.mark.parametrize(("before", "week"), list(pairwise(WEEKS)))
def test_the_moves_of_the_base_add_up(year: Year, before: str, week: str) -> None:
    """For every manager, the department, and every category; handing over is no move of the department's."""
    found = {(row["period"], row["manager"], row["measure"]): row["actual"] for row in year.history}
    names = [person.name for person in TEAM]
    for name in [*names, sales.NAME]:
        for each in sales.CATEGORIES:
            start, end = (found[period, name, f"base.{each}.clients"] for period in (before, week))
            assert start + found[week, name, f"base.{each}.entered"] - found[week, name, f"base.{each}.left"] == end
    for side in ("entered", "left"):
        crossed = {
            name: sum(found[week, name, f"base.{each}.{side}"] for each in sales.CATEGORIES)
            for name in [*names, sales.NAME]
        }
        handed = sum(found[week, name, f"moves.reassigned_{'in' if side == 'entered' else 'out'}"] for name in names)
        assert crossed[sales.NAME] == sum(crossed[name] for name in names) - handed


@pytest.mark.parametrize(("before", "week"), list(pairwise(WEEKS)))
def test_who_came_went_and_was_handed_over_is_counted(year: Year, before: str, week: str) -> None:
    found = {(row["manager"], row["measure"]): row["actual"] for row in year.history if row["period"] == week}
    old, new = ({(row.client, row.deal): row.manager for row in year.bases[period]} for period in (before, week))
    for person in TEAM:
        name = person.name
        expected = {
            "new": sum(key not in old and who == name for key, who in new.items()),
            "lost": sum(key not in new and who == name for key, who in old.items()),
            "reassigned_in": sum(who == name != old.get(key, name) for key, who in new.items()),
            "reassigned_out": sum(who == name != new.get(key, name) for key, who in old.items()),
        }
        assert {event: found[name, f"moves.{event}"] for event in expected} == expected


def test_history_rows_are_unique_and_sorted_by_start(year: Year) -> None:
    keys = [(row["period"], row["manager"], row["measure"]) for row in year.history]
    assert len(keys) == len(set(keys))
    assert list(dict.fromkeys(row["period"] for row in year.history)) == WEEKS


def test_snapshots_grow_by_what_changed_alone(year: Year) -> None:
    for number, week in enumerate(WEEKS, start=1):
        kept = [(sales.span(each)[1], year.bases[each]) for each in WEEKS[:number]]
        assert year.snapshots[week] == sales.spells(kept), week
    assert year.snapshots[WEEKS[-1]] < 2 * len(year.bases[WEEKS[0]])


def test_the_managers_log_is_never_touched(year: Year) -> None:
    assert year.typed[0] == year.typed[1]
    assert year.misfits == []


def test_an_old_week_keeps_the_base_that_was_stored(year: Year, after: Served) -> None:
    """More than seven days later today's base is not the week's; the counted rows still are."""
    changed = [replace(client, amount=Decimal(5), category="Warm") for client in year.bases["2025-W14"]]
    after.fill("Base", [client.typed() for client in changed])
    last = sales.span("2025-W14")[1]
    after.sync("--period", "2025-W14", "--as-of", (last + timedelta(days=8)).isoformat())
    _compare(
        _lines(after, "2025-W14"),
        sales.history("2025-W14", last, year.counted, year.bases["2025-W14"], TEAM),
        "2025-W14",
    )
    after.sync("--period", "2025-W14", "--as-of", (last + timedelta(days=7)).isoformat())
    _compare(_lines(after, "2025-W14"), sales.history("2025-W14", last, year.counted, changed, TEAM), "2025-W14")


def test_of_several_weeks_only_the_last_gets_the_base_of_today(after: Served) -> None:
    before = [row for row in _lines(after, WEEKS[-2]) if row["measure"].startswith("base.")]
    after.book.worksheet("Base").delete_rows(2, 9)
    after.sync("--from", WEEKS[-2], "--to", WEEKS[-1], "--as-of", _sunday(WEEKS[-1]))
    assert [row for row in _lines(after, WEEKS[-2]) if row["measure"].startswith("base.")] == before
    (lost,) = (row["actual"] for row in _lines(after, WEEKS[-1]) if (row["measure"], row["manager"]) == LOST)
    assert lost == 8


def test_a_week_whose_base_nobody_kept_has_blanks(year: Year, after: Served) -> None:
    last = sales.span("2025-W05")[1]
    after.sync("--period", "2025-W05", "--as-of", (last + timedelta(days=8)).isoformat())
    _compare(_lines(after, "2025-W05"), sales.history("2025-W05", last, year.counted, None, TEAM), "2025-W05")
    assert next(row["period"] for row in after.records("History")) == "2025-W05"


def test_other_periods_stay_as_they_were(year: Year, after: Served) -> None:
    """A late row of W14 changes W14's History only once W14 is synced again, and nothing else ever."""
    late = sales.Deed(date(2025, 4, 2), TEAM[1].name, "meeting", "Late Ltd", evidence="minutes, found later")
    after.fill("Actions", [late.typed(1)], f"A{len(after.rows('Actions')) + 1}")
    after.sync("--period", "2025-W24", "--as-of", "2025-06-15")
    assert [row for row in after.records("History") if row["period"] != "2025-W24"] == year.history
    monday = sales.span("2025-W14")[1] + timedelta(days=20)
    after.sync("--period", "2025-W14", "--as-of", monday.isoformat())
    found = _lines(after, "2025-W14")
    expected = sales.history("2025-W14", sales.span("2025-W14")[1], [*year.counted, late], year.bases["2025-W14"], TEAM)
    _compare(found, expected, "2025-W14")
    others = [row for row in after.records("History") if row["period"] in WEEKS and row["period"] != "2025-W14"]
    assert others == [row for row in year.history if row["period"] != "2025-W14"]


def _again(book: Served, *more: str) -> Ran:
    """The last week once more, on the day on which it was synced."""
    monday = sales.span(WEEKS[-1])[1] + timedelta(days=1)
    return book.sync("--period", "last", "--as-of", monday.isoformat(), *more)


def test_what_people_do_to_our_tabs_is_mended(after: Served) -> None:
    """Cells overwritten, a row deleted, a row added at the end, a row in between, formats aside."""
    right = {tab: after.rows(tab) for tab in sorted(OWN)}
    again = _again(after)
    assert (again.json["changed"], again.json["requests"], again.writes) == (False, 2, 0)
    after.book.worksheet("Dashboard").update_acell("B3", "our best week ever")
    after.book.worksheet("History").update_acell(f"G{len(right['History']) - 7}", 4711)
    after.book.worksheet("History").delete_rows(len(right["History"]) - 3)
    after.book.worksheet("Issues").delete_rows(2)
    after.book.worksheet("Issues").insert_row(["checked", "by", "me"], 3)
    after.book.worksheet("Guide").update_acell("A2", "")
    wrong = {tab: after.rows(tab) for tab in sorted(OWN)}
    assert all(wrong[tab] != right[tab] for tab in OWN - {"Snapshots"})
    done = _again(after)
    assert (done.json["changed"], done.json["requests"], done.writes) == (True, 3, 1)
    mended = {tab: after.rows(tab) for tab in sorted(OWN)}
    for tab in ("Issues", "Guide", "Snapshots"):
        assert mended[tab] == right[tab], tab
    stamps = (mended["History"][-1][10], right["History"][-1][10])
    assert [row[:10] for row in mended["History"][1:] if row[0] == WEEKS[-1]] == [
        row[:10] for row in right["History"] if row[0] == WEEKS[-1]
    ]
    assert stamps[0] > stamps[1]
    assert len(mended["Dashboard"]) == len(right["Dashboard"])
    assert "our best week ever" not in str(mended["Dashboard"])


def test_a_change_of_language_loses_no_row(year: Year, after: Served) -> None:
    """The managers' tabs keep their names, and what is in them counts as before; ours speak the new language."""
    content = sales.configuration(*after.where, people=TEAM)
    after.configure({**content, "workbook": {**content["workbook"], "language": "ru"}})
    figures = [(row["measure"], row["manager"], row["actual"]) for row in _lines(after, WEEKS[-1])]
    after.run("init")
    assert _again(after).json["rows"] == year.answers[WEEKS[-1]]["rows"]
    titles = [sheet.title for sheet in after.book.worksheets()]
    ours = ["Замечания", "Инструкция", "История", "Снимки базы", "Журнал запусков"]
    assert titles == ["Дашборд", "Actions", "Base", *ours]
    rows = after.rows("История")
    assert [(row[4], row[3], row[6]) for row in rows if row[0] == WEEKS[-1]] == figures


def test_a_dry_run_lists_what_the_run_writes_and_writes_nothing(after: Served) -> None:
    after.book.worksheet("History").update_acell(f"F{len(after.rows('History')) - 20}", 4711)
    before = {tab: after.rows(tab) for tab in sorted(OWN)}
    dry = _again(after, "--dry-run")
    assert (dry.json["changed"], dry.json["requests"], dry.writes) == (False, 2, 0)
    assert dry.json["changes"] > 0
    assert re.search(rf"^History +{WEEKS[-1]}, plan +4,711 +\S+ in 1 row$", dry.err, re.MULTILINE)
    assert 4711 in [each["now"] for each in dry.json["would_change"]]
    assert {tab: after.rows(tab) for tab in sorted(OWN)} == before
    real = _again(after)
    assert real.json["changes"] == dry.json["changes"]
    assert real.json["changed"] is True


def _days(book: Served) -> set[date]:
    """The days of the rows that the Issues tab lists."""
    return {day(row["Date"]) for row in book.issues() if row["Date"] != ""}


def test_a_closed_week_is_refused_by_name(after: Served) -> None:
    unread = sales.Deed(date(2025, 4, 2), TEAM[1].name, "meeting", "No minutes Ltd")
    after.fill("Actions", [unread.typed(1)], f"A{len(after.rows('Actions')) + 1}")
    assert _again(after).json["changed"] is True
    rows = after.rows("History")
    marks = [["closed" if row[0] == "2025-W14" else row[9]] for row in rows[1:]]
    after.fill("History", marks, "J2")
    before = {tab: after.rows(tab) for tab in sorted(OWN)}
    done = after.sync("--period", "2025-W14", "--as-of", "2025-04-06", exits=5)
    assert done.json["error"]["what"] == "the period 2025-W14 is closed"
    assert done.err.splitlines()[-2:] == [
        "sheetsync: the period 2025-W14 is closed",
        "Sync an open period. What was changed since is listed under Issues; "
        "`sheetsync close --period 2025-W14 --accept` restates it.",
    ]
    assert done.writes == 0
    assert {tab: after.rows(tab) for tab in sorted(OWN)} == before
    assert date(2025, 4, 2) in _days(after)
    _again(after)
    assert _days(after)
    assert not any(date(2025, 3, 31) <= each <= date(2025, 4, 6) for each in _days(after))
    assert {row["status"] for row in _lines(after, "2025-W14")} == {"closed"}


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2025-W30", "the period 2025-W30 has not begun on 2025-07-02\nName an earlier --period."),
        (
            "2025-W54",
            "'2025-W54' is not a period: 2025 has no week 54\nOr write --period current, --period last.",
        ),
        (
            "next",
            "'next' is not a period; write 2026-W47, 2026-11 or 2026-Q4\nOr write --period current, --period last.",
        ),
    ],
)
def test_a_period_that_can_not_be_synced(after: Served, period: str, said: str) -> None:
    done = after.sync("--period", period, "--as-of", "2025-07-02", exits=2)
    assert done.err.endswith(f"sheetsync: {said}\n")
    assert done.writes == 0
