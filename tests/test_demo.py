"""The sample department: the same each time, like life, with every flaw, and never in place of somebody's workbook."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from shutil import copytree
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import time_machine

from sheetsync import ageing, base, columns, demo, forecast, history, indicators, plan, reading
from sheetsync.contradictions import contradictions
from sheetsync.demo import Department, keyboard
from sheetsync.errors import UsageError
from sheetsync.local.app import Workbooks
from sheetsync.model import Ledger, Moment, RawTab, Severity, Value
from sheetsync.moves import moves
from sheetsync.parse import parse
from sheetsync.pay import pay
from sheetsync.periods import Kind, Period
from sheetsync.schema import Settings
from sheetsync.settings import load
from sheetsync.trials import trials
from tests.office import Office

ROOT = Path(__file__).parent.parent
THURSDAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.fixture(scope="module")
def settings() -> Settings:
    """The demo's own."""
    return load(ROOT / "sheetsync" / "demo.yaml")


def lived(settings: Settings, last: date = THURSDAY, weeks: int = 16) -> Department:
    """A department after all its weeks, nothing of it typed anywhere."""
    department = Department(settings, last, weeks)
    for week in department.weeks:
        department.live(week, min(week.end - timedelta(days=2), last))
    return department


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[demo.Built]:
    """Four weeks, without any configuration, in place of an earlier demo."""
    with time_machine.travel(NOW), pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("demo"))
        Path("demo").mkdir()
        earlier = Workbooks.open(Path("demo/department.sheet"))
        earlier.create({"properties": {"title": "Demo: Lighting Sales"}})
        earlier.close()
        yield demo.build(None, Path("demo"), weeks=4, until=THURSDAY)


# --- what is drawn ---------------------------------------------------------------------------------------------------


def test_the_shipped_configuration_is_the_demo_s() -> None:
    packaged = files("sheetsync").joinpath("demo.yaml").read_bytes()
    assert packaged == (ROOT / "config" / "targets.yaml").read_bytes(), (
        "copy config/targets.yaml to sheetsync/demo.yaml"
    )


def test_the_same_day_gives_the_same_department(settings: Settings) -> None:
    one, other = lived(settings, weeks=5), lived(settings, weeks=5)
    assert one.log.rows == other.log.rows
    assert [asdict(client) for client in one.clients] == [asdict(client) for client in other.clients]
    assert lived(settings, THURSDAY - timedelta(days=1), weeks=5).log.rows != one.log.rows


@pytest.mark.parametrize("last", [THURSDAY, date(2026, 10, 13), date(2026, 7, 3)], ids=str)
def test_nobody_works_after_the_last_day_at_the_weekend_or_when_away(settings: Settings, last: date) -> None:
    people = {person.name: person for person in settings.managers}
    rows = lived(settings, last).log.rows
    dated = [(row["Date"], people.get(row["Manager"])) for row in rows if isinstance(row.get("Date"), date)]
    wrong = [day for day, person in dated if day.weekday() > 4 or day > last or (person and not person.works(day))]
    assert len(dated) > 1500
    assert len(wrong) <= 5  # flaws: tomorrow's date, and one from before somebody came


def test_what_was_wrong_is_mended_in_the_week_after(settings: Settings) -> None:
    department = Department(settings, THURSDAY, 3)
    first, second, _ = department.weeks
    department.live(first, first.end)
    before = list(map(dict, department.log.rows))
    department.typed()
    department.live(second, second.end)
    mended = [place for place in department.log.touched if place < len(before)]
    assert mended
    assert all(department.log.rows[place] != before[place] for place in mended)
    untouched = set(range(len(before))) - set(mended)
    assert all(department.log.rows[place] == before[place] for place in untouched)


# --- how it lives ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Life:
    """What the computing rooms see of the department's weeks: the log at the end, and the base week by week."""

    settings: Settings
    department: Department
    moments: list[Moment]
    ledger: Ledger
    spells: pd.DataFrame

    def moves(self, moment: Moment) -> pd.DataFrame:
        """The events up to a week; the department's are the managers'."""
        found = moves(self.spells, self.ledger.actions, self.settings, moment)
        assert found is not None
        return found.events

    def counted(self, action: str) -> pd.DataFrame:
        """The log's rows of an action that count."""
        rows = self.ledger.actions
        return rows[rows["counted"] & (rows["action"] == action)]


@pytest.fixture(scope="module")
def life(settings: Settings) -> Life:
    """20 weeks, typed nowhere, read as from the tabs."""
    department, spells, moments = Department(settings, THURSDAY, 20), base.snapshots_from_cells([]), []
    for week in department.weeks:
        day = min(week.end - timedelta(days=2), THURSDAY)
        department.live(week, day)
        if week != department.weeks[-1]:
            department.typed()
        moments.append(Moment(week, day, day, day, NOW))
        seen = parse({"actions": [_tab("actions", [])], "base": [_base(department)]}, settings, moments[-1], "en_US")
        spells = base.record(spells, base.classify(seen.base, settings, day)[0], week)
    tabs = {"actions": [_tab("actions", department.log.rows)], "base": [_base(department)]}
    return Life(settings, department, moments, parse(tabs, settings, moments[-1], "en_US"), spells)


def _base(department: Department) -> RawTab:
    return _tab("base", [keyboard.base_row(client) for client in department.clients])


def _tab(kind: columns.TabId, rows: list[dict[str, Any]]) -> RawTab:
    titles = columns.TITLES[kind]
    typed = [[_typed(row.get(title)) for title in titles] for row in rows]
    return RawTab(kind.title(), [list(titles), *typed])


def _typed(value: Any) -> Value:
    return float((value - date(1899, 12, 30)).days) if isinstance(value, date) else value


def test_seven_managers_have_40_to_150_clients_each(life: Life) -> None:
    department = life.department
    clients = Counter(client.manager for client in department.clients)
    assert len(clients) == 7
    assert min(clients.values()) >= 40
    assert max(clients.values()) <= 150
    rows = [(client.name, client.deal) for client in department.clients]
    assert len(set(rows)) == len(rows)


def test_the_base_moves_every_week(life: Life) -> None:
    moments = life.moments[-8:]
    weeks = [Counter(life.moves(moment)["event"]) for moment in moments]
    for events in weeks:
        assert min(events[event] for event in ("new", "lost", "up", "down")) > 0
    totals = sum(weeks, Counter[str]())
    assert min(totals[event] for event in ("won", "revalued", "reassigned_in", "reassigned_out")) >= 10
    turned = [
        events["calendar"]
        for events, moment in zip(weeks, moments, strict=True)
        if moment.as_of.month != (moment.as_of - timedelta(days=7)).month
    ]
    assert min(turned) >= 15
    assert sum(turned) > 0.9 * totals["calendar"]


def test_somebody_who_joins_takes_clients_over(life: Life) -> None:
    (joiner,) = (person for person in life.settings.managers if person.start)
    joined = next(moment for moment in life.moments if joiner.start in moment.period)
    events = life.moves(joined)
    assert len(events[(events["event"] == "reassigned_in") & (events["manager"] == joiner.name)]) >= 40
    before = life.moments[life.moments.index(joined) - 1]
    standing = base.stored(life.spells, before.period)
    assert standing is not None
    assert joiner.name not in set(standing["manager"])


def test_the_rest_of_a_part_payment_is_expected_in_a_later_month(life: Life) -> None:
    paid = life.counted("payment").groupby(["client", "deal"])["date"].max()
    rest = [
        (client.payment, paid[client.name, client.deal])
        for client in life.department.clients
        if (client.name, client.deal) in paid.index and client.stage == life.department.clients.last_stage
    ]
    assert len(rest) >= 3
    assert all(due and due >= Period.containing(day.date(), Kind.MONTH).next.start for due, day in rest)


def test_some_clients_have_two_deals_and_the_log_names_them(life: Life) -> None:
    rows = Counter(client.name for client in life.department.clients)
    assert sum(count > 1 for count in rows.values()) >= 10
    named = life.ledger.actions[life.ledger.actions["deal"] != ""]
    assert len(named) > 20
    assert set(named["client"]) & {name for name, count in rows.items() if count > 1}


def test_money_comes_month_by_month_and_less_than_was_expected(life: Life) -> None:
    revenue = life.counted("payment").groupby(life.ledger.actions["date"].dt.strftime("%Y-%m"))["amount"].sum()
    for month in ("2026-08", "2026-09", "2026-10"):
        planned = _planned(life.settings, month)
        assert 0.7 <= revenue[month] / planned <= 1.4
    told = _forecast(life)
    chances = dict(zip(told.calibration["category"], told.calibration["probability"], strict=True))
    assert 0.6 < chances["active_a"] < 0.9
    assert chances["active_a"] > chances["active_b"] > chances["active_c"]
    first = told.calibration.iloc[0].to_dict()
    assert first["ratio_n"] > 20
    assert 0.75 < first["ratio"] < 0.95
    whole = told.by_month[told.by_month["manager"] == life.settings.department.name].set_index("when")
    assert (whole.loc[[*map(str, told.months), "overdue", "undated"], "forecast"] > 0).all()


def _planned(settings: Settings, month: str) -> float:
    period = Period.parse(month)
    planned = plan.plan(settings, period, period.end)
    mine = (planned["manager"] == settings.department.name) & (planned["indicator"] == "revenue")
    return float(planned.loc[mine, "plan"].sum())


def _forecast(life: Life) -> forecast.Forecast:
    moment = life.moments[-1]
    planned = plan.plan(life.settings, moment.period, moment.as_of)
    figures = indicators.figures(life.ledger, planned, life.settings, moment, passed=4, working_days=5)
    people = [person.name for person in life.settings.managers]
    rows, stays = base.stored(life.spells, moment.period), ageing.stays(life.spells, moment)
    assert rows is not None
    past = history.from_cells([])
    return forecast.forecast(rows, stays, life.ledger.actions, figures, past, life.settings, moment, people)


def test_fixtures_come_back_stay_too_long_or_are_bought(life: Life) -> None:
    moment = life.moments[-1]
    people = [person.name for person in life.settings.managers]
    found = trials(base.stored(life.spells, moment.period), life.ledger.actions, life.settings, moment, people)
    assert found is not None
    assert found.standing["overdue"].sum() >= 2
    assert (~found.standing["overdue"]).sum() >= 10
    assert len(found.cohorts) >= 5
    assert found.cohorts["mature"].nunique() == 2
    assert found.cohorts["conversion"].head(3).between(0.05, 0.6).all()


def test_about_half_of_the_managers_reach_their_score(life: Life) -> None:
    scores = []
    for month in ("2026-09", "2026-10"):
        period = Period.parse(month)
        moment = replace(life.moments[-1], period=period, as_of=period.end)
        planned = plan.plan(life.settings, period, period.end)
        figures = indicators.figures(life.ledger, planned, life.settings, moment, passed=22, working_days=22)
        found = pay(figures, life.settings, period)
        assert found is not None
        scores += list(found.totals["score"].dropna())
    assert 0.3 <= sum(score >= 1 for score in scores) / len(scores) <= 0.75
    assert min(scores) < 0.9


def test_log_and_base_contradict_each_other_a_little(life: Life) -> None:
    moment = life.moments[-1]
    settled, _ = base.classify(life.ledger.base, life.settings, moment.as_of)
    moved = moves(life.spells, life.ledger.actions, life.settings, moment)
    found = contradictions(replace(life.ledger, base=settled), moved, life.settings, moment)
    codes = Counter(issue.code for issue in found)
    assert set(codes) >= {
        "base_behind_contract",
        "trial_not_in_base",
        "raised_without_action",
        "client_not_in_base",
    }
    assert sum(codes.values()) <= 20


def test_a_closed_week_is_edited_late(life: Life) -> None:
    log, closed = life.department.log, life.department.weeks[-4]
    edited = [log.rows[place] for place in log.touched if log.rows[place].get("Date") in closed]
    assert [row["Action"] for row in edited] == ["Payment received"]


# --- what is built ---------------------------------------------------------------------------------------------------


def test_the_department_is_around_its_plan(built: demo.Built) -> None:
    report = built.outcome.report
    department = [figure for figure in report.each() if figure.manager == built.settings.department.name]
    paces = {figure.measure: figure.verdict for figure in department}
    assert len(paces) == len(built.settings.indicators)
    assert {measure: pace for measure, pace in paces.items() if pace is None or not 0.7 <= pace <= 1.2} == {}
    people = [figure.pace for figure in report.each() if figure.manager != built.settings.department.name]
    assert sum(pace is not None and pace >= 1 for pace in people) > 5
    assert sum(pace is not None and pace < 0.9 for pace in people) > 5


def test_15_to_40_clients_have_fixtures_on_trial(built: demo.Built) -> None:
    rows = built.outcome.report.history
    rows = rows[(rows["measure"] == "base.trial.clients") & rows["period"].str.contains("W")]
    mine = rows[rows["manager"] == built.settings.department.name]
    assert len(mine) == 4
    assert mine["actual"].between(15, 40).all()
    assert mine["actual"].nunique() > 1


def test_every_flaw_is_there_and_most_are_recent(built: demo.Built) -> None:
    issues = built.outcome.report.issues
    codes = {issue.code for issue in issues}
    assert codes >= {
        "date_unreadable",
        "date_missing",
        "date_future",
        "date_not_employed",
        "manager_unknown",
        "action_unknown",
        "evidence_missing",
        "evidence_void",
        "duplicate",
        "rejected",
        "formula_error",
        "number_boolean",
        "refund",
        "category_differs",
    }
    assert 15 <= len(issues) <= 45
    assert built.outcome.count(Severity.ERROR) >= 10
    recent = [issue for issue in issues if issue.day and issue.day >= THURSDAY - timedelta(days=14)]
    assert len(recent) > len([issue for issue in issues if issue.day]) / 2


def test_what_hands_type_unlike_machines_counts(built: demo.Built) -> None:
    office = Office(built.file)
    typed = [cell.get("userEnteredValue", {}) for (_, _), cell in office.cells("Actions").items()]
    texts = [value["stringValue"] for value in typed if "stringValue" in value]
    assert any(text.endswith("₽") and "\u00a0" in text for text in texts)
    assert any(text.endswith(" pcs") for text in texts)
    assert any(text.startswith("  ") for text in texts)
    assert any(text[2:3] == "." and text[5:6] == "." for text in texts)
    assert len(office.tab("Actions").get("merges", [])) == 1


def test_the_weeks_are_synced_one_after_the_other(built: demo.Built) -> None:
    history = built.outcome.report.history
    synced = history.groupby("period")["synced_at"].max()
    assert list(synced.index) == ["2026-10", *(f"2026-W{week}" for week in range(44, 48))]
    assert synced["2026-W46"] < synced["2026-W47"]
    assert history["synced_at"].dt.date.max() == THURSDAY


def test_the_journal_tells_the_demo_s_days_in_their_order(built: demo.Built) -> None:
    kept = reading.runs(built.settings, Office(built.file).place)
    assert kept["command"][0] == "init"
    assert kept["at"].is_monotonic_increasing
    assert kept["at"].max() == pd.Timestamp(2026, 11, 19, 17, 32, tz="Europe/Moscow")


def test_the_month_and_the_two_weeks_before_the_last_two_are_closed(built: demo.Built) -> None:
    history = built.outcome.report.history
    assert {str(period): set(rows) for period, rows in history.groupby("period")["status"]} == {
        "2026-10": {"closed"},
        "2026-W44": {"closed"},
        "2026-W45": {"closed"},
        "2026-W46": {"open"},
        "2026-W47": {"open"},
    }


def test_it_leaves_what_it_names(built: demo.Built) -> None:
    assert built.spreadsheet == "local:demo/department.sheet"
    assert built.config.read_bytes() == (ROOT / "config" / "targets.yaml").read_bytes()
    assert "Lighting Sales" in built.page.read_text("utf-8")
    assert sorted(path.name for path in built.file.parent.glob("[!.]*")) == [
        "dashboard.html",
        "department.sheet",
        "targets.yaml",
    ]


# --- what it refuses -------------------------------------------------------------------------------------------------


def test_a_file_of_somebody_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "department.sheet"
    file.write_bytes(b"somebody's")
    with pytest.raises(UsageError) as refused:
        demo.build(None, tmp_path, weeks=2)
    assert str(refused.value) == (
        f"{file}: this workbook is not one that the demo made, so it is left as it is\n"
        "Name another --folder, or move the file away."
    )
    assert file.read_bytes() == b"somebody's"


def test_what_somebody_typed_into_the_demo_is_kept(built: demo.Built, tmp_path: Path) -> None:
    folder = copytree(built.file.parent, tmp_path / "demo")
    again = demo.build(None, folder, weeks=1)
    assert again.kept is None
    Office(again.file).type("Actions", 900, [["mine"]])
    os.utime(again.file, (again.page.stat().st_mtime + 5,) * 2)
    again = demo.build(None, folder, weeks=1)
    assert again.kept is not None
    assert re.fullmatch(r"department-\d{8}-\d{6}\.sheet", again.kept.name)
    assert Office(again.kept).cells("Actions")[900, 0] == {"userEnteredValue": {"stringValue": "mine"}}
    assert (900, 0) not in Office(again.file).cells("Actions")


def test_a_workbook_of_somebody_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "department.sheet"
    workbooks = Workbooks.open(file)
    workbooks.create({"properties": {"title": "Our real sales"}})
    workbooks.close()
    with pytest.raises(UsageError, match="not one that the demo made"):
        demo.build(None, tmp_path, weeks=2)
    assert Office(file).metadata()["properties"]["title"] == "Our real sales"


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as refused:
        demo.build(None, tmp_path / "file" / "demo", weeks=2)
    assert str(refused.value) == (
        f"{tmp_path / 'file' / 'demo' / 'targets.yaml'}: the demo can't be written here (Not a directory)\n"
        "Name another folder with --folder."
    )


def test_it_does_not_stand_in_the_future(tmp_path: Path) -> None:
    with time_machine.travel(NOW), pytest.raises(UsageError) as refused:
        demo.build(None, tmp_path, weeks=2, until=date(2026, 11, 25))
    assert str(refused.value) == (
        "the demo can't stand on 2026-11-25, which is in the future\nName an earlier --until."
    )
