"""The configuration's nouns by themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sheetsync.schema import (
    ACTION_COLUMNS,
    BASE_COLUMNS,
    FIRST_DAY,
    LAST_DAY,
    Absence,
    Criteria,
    Day,
    Indicator,
    Label,
    Manager,
    Number,
    Tabs,
    Text,
)
from tests.department import settings

LABEL = Label(en="Calls", ru="Звонки", de="Anrufe")


def test_the_columns_are_the_contract() -> None:
    assert (
        *("Date", "Manager", "Action", "Client", "Deal", "Evidence"),
        *("Quantity", "Amount", "Profit", "Comment", "Checked"),
    ) == ACTION_COLUMNS
    assert (
        *("Client", "Deal", "Manager", "Category", "Stage", "Expected payment", "Expected amount"),
        *("Trial units", "Trial value", "Trial since", "Last contact", "Next step"),
    ) == BASE_COLUMNS


@pytest.mark.parametrize("key", list(Label.model_fields))
def test_a_value_is_frozen(key: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(LABEL, key, "Other")


@given(day=st.dates(FIRST_DAY, LAST_DAY))
def test_a_day_is_a_date_or_its_text(day: date) -> None:
    days = TypeAdapter(Day)
    assert days.validate_python(day) == days.validate_python(day.isoformat()) == day


@pytest.mark.parametrize(
    "wrong", [20260101, 1.5, True, None, "", "2026-1-5", "20260101", "2026-W01-1", "05.01.2026", datetime(2026, 1, 1)]
)
def test_a_day_is_nothing_else(wrong: object) -> None:
    with pytest.raises(ValidationError, match="a day is expected, written as 2026-11-02"):
        TypeAdapter(Day).validate_python(wrong)


@given(figure=st.floats(0, 1e15) | st.integers(0, 10**15))
def test_a_number_is_what_it_was(figure: float) -> None:
    assert TypeAdapter(Number).validate_python(figure) == figure


@pytest.mark.parametrize("wrong", [-1, -0.01, 1.1e15, float("nan"), float("inf"), True, "5", None, 10**400])
def test_a_number_is_finite_and_not_negative(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Number).validate_python(wrong)


def test_a_text_is_trimmed_and_of_one_line() -> None:
    texts = TypeAdapter(Text)
    assert texts.validate_python("  Жанна\u00a0П. ") == "Жанна\u00a0П."
    for wrong in ("", "  ", "a\nb", "a\tb", "\x1b[31m", "x" * 201, 7):
        with pytest.raises(ValidationError):
            texts.validate_python(wrong)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Call", ("Call", "Call", "Call")),
        ({"en": "Call"}, ("Call", "Call", "Call")),
        ({"ru": "Звонок", "en": "Call"}, ("Call", "Звонок", "Call")),
        ({"de": "Anruf"}, ("Anruf", "Anruf", "Anruf")),
        ({"en": " ", "de": "Anruf", "ru": "Звонок"}, None),
        ({}, None),
        ({"en": 7}, None),
        (["Call"], None),
    ],
)
def test_labels_speak_three_languages(written: Any, spoken: tuple[str, str, str] | None) -> None:
    if spoken is None:
        with pytest.raises(ValidationError):
            Label.model_validate(written)
    else:
        label = Label.model_validate(written)
        assert (label.text("en"), label.text("ru"), label.text("de")) == spoken


def test_a_manager_works_when_employed_and_not_away() -> None:
    away = Absence(start=date(2026, 3, 9), end=date(2026, 3, 10))
    anna = Manager(name="Anna", start=date(2026, 3, 2), until=date(2026, 3, 13), absent=(away,))
    days = [date(2026, 3, day) for day in range(1, 16)]
    assert [day.day for day in days if anna.employed(day)] == list(range(2, 14))
    assert [day.day for day in days if anna.works(day)] == [2, 3, 4, 5, 6, 7, 8, 11, 12, 13]


@pytest.mark.parametrize(
    ("written", "unit", "additive", "actions"),
    [
        ({"count": ["a", "b"]}, "count", True, ("a", "b")),
        ({"clients": "a"}, "count", False, ("a",)),
        ({"sum": "Quantity", "of": ["a"]}, "count", True, ("a",)),
        ({"sum": "Profit", "of": ["a"]}, "money", True, ("a",)),
        ({"sum": "Amount", "of": ["a"], "unit": "count"}, "count", True, ("a",)),
        ({"ratio": ["a", "b"]}, "ratio", False, ()),
    ],
)
def test_an_indicator_knows_its_unit(
    written: dict[str, Any], unit: str, additive: bool, actions: tuple[str, ...]
) -> None:
    found = Indicator.model_validate({"label": LABEL, **written})
    assert (found.unit, found.additive, found.actions) == (unit, additive, actions)


def test_criteria_that_ask_nothing_always_hold() -> None:
    assert Criteria().always
    asking: list[dict[str, Any]] = [{"stage": "A"}, {"payment": "later"}, {"trial": True}, {"contact_within": 90}]
    assert not any(Criteria.model_validate(each).always for each in asking)


def test_a_pattern_has_one_star() -> None:
    titles = {id_: id_ for id_ in Tabs.model_fields if id_ != "finance"}
    assert Tabs.model_validate({**titles, "actions": "Log *"}).actions == ("Log *",)
    with pytest.raises(ValidationError, match=r"a pattern has exactly one \*"):
        Tabs.model_validate({**titles, "actions": "* Log *"})


def money(*of: str, column: str = "Amount", **more: Any) -> dict[str, Any]:
    """An indicator that sums a column over these actions."""
    return {"label": {"en": "Money", "ru": "Деньги", "de": "Geld"}, "sum": column, "of": list(of), **more}


@pytest.mark.parametrize(
    ("indicators", "revenue", "payments"),
    [
        ({"revenue": money("payment")}, "revenue", {"payment"}),
        ({"signed": money("contract"), "revenue": money("payment")}, "revenue", {"payment"}),
        ({"cash": money("payment"), "revenue": money("payment", "prepaid")}, "revenue", {"payment", "prepaid"}),
        ({"cash": money("payment", "prepaid"), "all": money("payment")}, "cash", {"payment", "prepaid"}),
        ({"cash": money("payment"), "revenue": money("contract")}, "cash", {"payment"}),
        ({"profit": money("payment", "bonus", column="Profit"), "cash": money("payment")}, "cash", {"payment"}),
        ({"revenue": money("invoice"), "signed": money("contract")}, "revenue", {"invoice"}),
        ({"revenue": money("payment", unit="count")}, None, {"payment"}),
        ({"signed": money("contract")}, None, set()),
    ],
)
def test_money_comes_in_by_payments_and_by_what_revenue_sums(
    indicators: dict[str, Any], revenue: str | None, payments: set[str]
) -> None:
    config = settings(indicators=indicators)
    assert config.revenue == revenue
    assert config.payments == payments


def test_a_payment_that_no_indicator_sums_brings_money_in_all_the_same() -> None:
    config = settings(indicators={"rows": {"label": LABEL, "count": ["payment"]}, "revenue": money("invoice")})
    assert config.revenue == "revenue"
    assert config.payments == {"payment", "invoice"}
