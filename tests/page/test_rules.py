"""Whether a value fits its rule, and what a dropdown offers."""

from __future__ import annotations

from typing import Any

import pytest

from sheetsync.page.api import Api
from sheetsync.page.rules import Choices, fits
from tests.page.sample import BIG, Caller


def _rule(kind: str, *values: str) -> dict[str, Any]:
    return {"condition": {"type": kind, "values": [{"userEnteredValue": value} for value in values]}}


def _cell(value: Any) -> dict[str, Any]:
    name = {bool: "boolValue", str: "stringValue"}.get(type(value), "numberValue")
    return {"effectiveValue": {name: value}, "formattedValue": str(value)}


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        (_rule("NUMBER_BETWEEN", "1", "10"), [1, 10, 5.5], [0, 11, "x"]),
        (_rule("NUMBER_NOT_BETWEEN", "1", "10"), [0, 11], [1, "x"]),
        (_rule("NUMBER_GREATER", "3"), [4], [3, "x"]),
        (_rule("NUMBER_EQ", "=A1"), [4], ["x"]),
        (_rule("DATE_IS_VALID"), [46000], ["soon"]),
        (_rule("TEXT_CONTAINS", "Ab"), ["xab"], ["ba"]),
        (_rule("TEXT_IS_EMAIL"), ["a@b.ru"], ["a@b"]),
        (_rule("TEXT_IS_URL"), ["https://x.de"], ["x.de"]),
        (_rule("BOOLEAN"), [True], ["TRUE", 1]),
        (_rule("BOOLEAN", "yes", "no"), ["no"], [True]),
        (_rule("CUSTOM_FORMULA", "=A1>3"), ["anything"], []),
    ],
)
def test_fits(rule: dict[str, Any], right: list[Any], wrong: list[Any]) -> None:
    assert [value for value in right if not fits(rule, _cell(value), None)] == []
    assert [value for value in wrong if fits(rule, _cell(value), None)] == []
    assert fits(rule, {}, None)


def test_a_list_is_as_written_and_a_range_as_shown(caller: Caller) -> None:
    choices = Choices(Api(caller.visit), "Log")
    assert choices.of(_rule("ONE_OF_LIST", "b", "a", "b", "")) == ["b", "a"]
    assert choices.of(_rule("ONE_OF_RANGE", "='Big'!$A$1:$A$3")) == ["row 1", "row 2", "row 3"]
    assert choices.of(_rule("ONE_OF_RANGE", "=$B$1:$B$3")) == ["Manager", "Anna", "Boris"]
    assert choices.of(_rule("ONE_OF_RANGE", "=Nowhere!A1")) == []
    assert choices.of(_rule("NUMBER_EQ", "1")) is None
    assert fits(_rule("ONE_OF_LIST", "a"), _cell("a"), ["a"])
    assert not fits(_rule("ONE_OF_LIST", "a"), _cell("b"), ["a"])
    assert caller.cells(BIG, 0, 0, 1, 1)["rules"] == []
