"""The sample department: the same each time, like life, with every flaw, and never in place of somebody's workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from sheetsync import demo
from sheetsync.demo import Department
from sheetsync.errors import UsageError
from sheetsync.local.app import Workbooks
from sheetsync.model import Severity
from sheetsync.schema import Settings
from sheetsync.settings import load
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
    """Four weeks, without any configuration, in place of an earlier demo of two."""
    with time_machine.travel(NOW), pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("demo"))
        demo.build(None, Path("demo"), weeks=2, until=date(2026, 7, 2))
        yield demo.build(None, Path("demo"), weeks=4, until=THURSDAY)


# --- what is drawn ---------------------------------------------------------------------------------------------------


def test_the_shipped_configuration_is_the_demo_s() -> None:
    packaged = files("sheetsync").joinpath("demo.yaml").read_bytes()
    assert packaged == (ROOT / "config" / "targets.yaml").read_bytes(), (
        "copy config/targets.yaml to sheetsync/demo.yaml"
    )


def test_the_same_day_gives_the_same_department(settings: Settings) -> None:
    one, other = lived(settings), lived(settings)
    assert one.log.rows == other.log.rows
    assert [asdict(client) for client in one.clients] == [asdict(client) for client in other.clients]
    assert lived(settings, THURSDAY - timedelta(days=1)).log.rows != one.log.rows


def test_seven_managers_have_40_to_150_clients_each(settings: Settings) -> None:
    department = lived(settings)
    clients = Counter(client.manager for client in department.clients)
    assert len(clients) == 7
    assert min(clients.values()) >= 40
    assert max(clients.values()) <= 150
    rows = [(client.name, client.deal) for client in department.clients]
    assert len(set(rows)) == len(rows)


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
    mine = rows[(rows["manager"] == built.settings.department.name) & (rows["measure"] == "base.trial.clients")]
    assert len(mine) == 4
    assert mine["actual"].between(15, 40).all()
    assert mine["actual"].nunique() > 2


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
    assert list(history["period"].unique()) == [f"2026-W{week}" for week in range(44, 48)]
    assert history.groupby("period")["synced_at"].max().is_monotonic_increasing
    assert history["synced_at"].dt.date.max() == THURSDAY


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
