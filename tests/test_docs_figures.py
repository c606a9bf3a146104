"""docs/figures.md says what the program does: every worked example on the page is run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from sheetsync import base, cells, dashboard, indicators, plan
from sheetsync.catalogue import completed
from sheetsync.cells import Fault, Notation
from sheetsync.model import Figure, Ledger, Moment, RawTab, Value, known
from sheetsync.parse import parse
from sheetsync.periods import Period
from sheetsync.schema import Settings

PAGE = (Path(__file__).parent.parent / "docs" / "figures.md").read_text("utf-8")
Row = dict[str, str]
SIGNS = {"▲": "ahead", "●": "near", "▼": "behind", "": "none"}


def table(*columns: str) -> list[Row]:
    """The rows of the one table on the page that has exactly these columns."""
    head = re.escape(_line(columns))
    (body,) = re.findall(rf"^{head}\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    lines = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in body.splitlines()]
    return [dict(zip(columns, line, strict=True)) for line in lines]


def _line(columns: tuple[str, ...]) -> str:
    return f"| {' | '.join(columns)} |"


def example(name: str) -> Settings:
    """The configuration that the page shows under this name."""
    (text,) = re.findall(rf"```yaml\n# example: {name}\n(.*?)```", PAGE, re.DOTALL)
    return Settings.model_validate(
        completed({"workbook": {"spreadsheet": "local:x"}, **yaml.safe_load(text)}), by_alias=True, by_name=False
    )


def raw(title: str, rows: list[Row], columns: tuple[str, ...]) -> RawTab:
    typed: list[list[Value]] = [[row[column] or None for column in columns] for row in rows]
    return RawTab(title, [list(columns), *typed])


LOG = ("Date", "Manager", "Action", "Client", "Evidence", "Quantity", "Amount", "Checked")
BASE = (
    "Client",
    "Manager",
    "Category",
    "Stage",
    "Expected payment",
    "Expected amount",
    "Trial units",
    "Last contact",
)
AS_OF = date(2026, 11, 5)


def moment(period: str = "2026-W45", as_of: date = AS_OF) -> Moment:
    return Moment(Period.parse(period), as_of, as_of, as_of, datetime(2026, 11, 5, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    tabs = {
        "actions": [raw("Actions", table(*LOG, "counts"), LOG)],
        "base": [raw("Base", table(*BASE, "counted as"), BASE)],
    }
    return parse(tabs, example("week"), moment(), "en_US")


def test_the_week_s_rows_count_as_the_page_says(ledger: Ledger) -> None:
    said = [row["counts"].startswith("yes") for row in table(*LOG, "counts")]
    assert list(ledger.actions["counted"]) == said
    assert 0 < sum(said) < len(said)


def test_the_week_s_figures_are_the_page_s(ledger: Ledger) -> None:
    settings, now = example("week"), moment()
    days = plan.working_days(settings, now.period)
    found = indicators.figures(
        ledger,
        plan.plan(settings, now.period, now.as_of),
        settings,
        now,
        passed=plan.passed(days, now.as_of),
        working_days=len(days),
    )
    figures = {(row["manager"], row["measure"]): row for row in found.to_dict("records")}
    said = table("manager", "measure", "actual", "plan", "plan to date", "attainment", "pace", "sign")
    assert [_told(figures[row["manager"], row["measure"]]) for row in said] == said


def _told(row: Mapping[Any, Any]) -> Row:
    numbers = (known(row[name]) for name in ("plan", "plan_to_date", "actual", "attainment", "pace"))
    figure = Figure(str(row["manager"]), str(row["measure"]), str(row["unit"]), *numbers)
    mood = dashboard.mood(figure.verdict)
    return {
        "manager": figure.manager,
        "measure": figure.measure,
        "actual": _number(figure.actual),
        "plan": _number(figure.plan),
        "plan to date": _number(figure.plan_to_date),
        "attainment": _percent(figure.attainment),
        "pace": _percent(figure.pace),
        "sign": next(sign for sign, name in SIGNS.items() if name == mood),
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 6):.12g}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def test_targets_change_when_the_page_says() -> None:
    settings = example("versions")
    for row in table("period", "plan of meetings"):
        period = Period.parse(row["period"])
        planned = plan.plan(settings, period, period.end)
        mine = planned[(planned["manager"] == "Anna Petrova") & (planned["indicator"] == "meetings")]
        assert _number(float(mine["plan"].iloc[0])) == row["plan of meetings"], row


def test_the_pace_begins_when_the_page_says(ledger: Ledger) -> None:
    settings, now = example("week"), moment()
    planned = plan.plan(settings, now.period, now.as_of)
    for row in table("working days in the period", "first day with a pace"):
        days, first = (int(text) for text in row.values())
        paced = [
            indicators.figures(ledger, planned, settings, now, passed=passed, working_days=days)["pace"].notna().any()
            for passed in (first - 1, first)
        ]
        assert paced == [False, True], row


def test_the_signs_begin_where_the_page_says() -> None:
    said = {row["sign"]: row["when"] for row in table("sign", "colour", "when")}
    assert "100 % and more" in said["▲"]
    assert "from 90 % to below 100 %" in said["●"]
    assert "below 90 %" in said["▼"]
    assert [dashboard.mood(value) for value in (1.0, 0.9999, 0.9, 0.8999, None)] == [
        "ahead",
        "near",
        "near",
        "behind",
        "none",
    ]


@pytest.fixture(scope="module")
def sorted_base(ledger: Ledger) -> tuple[pd.DataFrame, Settings]:
    settings = example("week")
    sorted_, doubts = base.classify(ledger.base, settings, AS_OF)
    assert [(issue.code, issue.typed) for issue in doubts] == [("category_differs", "Warm")]
    return sorted_, settings


def test_clients_stand_where_the_page_says(sorted_base: tuple[pd.DataFrame, Settings]) -> None:
    sorted_, settings = sorted_base
    labels = {category.id: category.label.en for category in settings.base.categories}
    said = {row["Client"]: row["counted as"] for row in table(*BASE, "counted as")}
    assert dict(zip(sorted_["client"], sorted_["category"].map(labels), strict=True)) == said
    assert set(said.values()) == set(labels.values())


def test_the_base_adds_up_as_the_page_says(sorted_base: tuple[pd.DataFrame, Settings]) -> None:
    sorted_, settings = sorted_base
    names = [manager.name for manager in settings.managers]
    found = base.measures(sorted_, settings, names).set_index(["manager", "measure"])["actual"]
    for row in table("manager", "measure", "actual"):
        assert _number(float(found[row["manager"], row["measure"]])) == row["actual"], row


def test_snapshots_are_taken_when_the_page_says() -> None:
    for row in table("period", "run date", "snapshot"):
        may = base.may_record(Period.parse(row["period"]), date.fromisoformat(row["run date"]))
        assert may == (row["snapshot"] == "yes"), row


def test_typedare_read_as_the_page_says() -> None:
    said = table("typed", "column", "in a spreadsheet of", "is read as")
    assert [{**row, "is read as": _read(row)} for row in said] == said


def _read(row: Row) -> str:
    money = row["column"] != "Quantity"
    found = cells.number(row["typed"], Notation.of(row["in a spreadsheet of"]), money=money)
    assert found is not None
    return "unreadable" if isinstance(found, Fault) else _number(cells.cents(found) if money else found)
