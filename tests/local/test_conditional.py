"""Conditional formats: every condition, the order of rules, gradients, and custom formulas over a tab."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local import conditional, formula
from sheetsync.local.conditional import Circumstances, Overlay, meets, overlay
from sheetsync.local.formula import Host

TODAY = date(2026, 3, 31)
SERIAL = 46112  # TODAY
RED = {"backgroundColor": {"red": 1}}
EVERYWHERE = [{"sheetId": 0}]


def table(rows: list[list[Any]]) -> formula.LookUp:
    """A tab whose cells are `rows`; `Guide!A1:A2` is Anna, Boris."""

    def look_up(sheet: str | None, a1: str) -> list[list[Any]]:
        if sheet == "Guide":
            return [["Anna"], ["Boris"]]
        from_, _, to = a1.partition(":")
        column, first = ord(from_[0]) - 65, int(from_[1:]) - 1
        last = int(to[1:]) if to else first + 1
        return [row[column : column + 1] for row in rows[first:last]]

    return look_up


def no_values(_: dict[str, Any]) -> Iterable[dict[str, Any]]:
    raise AssertionError("no gradient asked")


def extended(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    kind = "boolValue" if isinstance(value, bool) else "stringValue" if isinstance(value, str) else "numberValue"
    return {kind: value}


def holds(kind: str, value: Any, *wanted: str, locale: str = "en_US") -> bool:
    """Whether the condition holds for the value in cell B2."""
    here = formula.calculator(table([[], [None, value]]), datetime(2026, 3, 31, 12), locale)

    def truth(text: str, origin: tuple[int, int], host: tuple[int, int]) -> bool:
        return here.truth(text, Host(*origin), Host(*host))

    values = [
        {"relativeDate": text} if (text.isupper() and "_" in text) or text == "TODAY" else {"userEnteredValue": text}
        for text in wanted
    ]
    condition = {"type": kind, "values": values}
    return meets(condition, 1, 1, extended(value), Circumstances(truth, (1, 1), TODAY, locale))


@pytest.mark.parametrize(
    ("kind", "wanted", "yes", "no"),
    [
        ("NUMBER_GREATER", ["5"], [6, 5.1], [5, 4, "6", None, True]),
        ("NUMBER_GREATER_THAN_EQ", ["5"], [5, 6], [4, None]),
        ("NUMBER_LESS", ["5"], [4, -1], [5, "1", None]),
        ("NUMBER_LESS_THAN_EQ", ["5"], [5, 4], [6, None]),
        ("NUMBER_EQ", ["0"], [0], [1, None, "0"]),
        ("NUMBER_NOT_EQ", ["5"], [4, "x"], [5, None]),
        ("NUMBER_BETWEEN", ["1", "5"], [1, 3, 5], [0, 6, None]),
        ("NUMBER_NOT_BETWEEN", ["1", "5"], [0, 6], [1, 5, None, "x"]),
        ("NUMBER_GREATER", ["=2+3"], [6], [5, "x", None]),
        ("NUMBER_BETWEEN", ["1", "=2+3"], [1, 5], [6, None]),
        ("NUMBER_GREATER", ["many"], [], [6, 0]),
        ("NUMBER_GREATER", [], [], [6]),
        ("TEXT_CONTAINS", ["nn"], ["Anna", "ANNA"], ["Boris", None]),
        ("TEXT_CONTAINS", ["5"], [15], [16]),
        ("TEXT_NOT_CONTAINS", ["nn"], ["Boris", None, 5], ["Anna"]),
        ("TEXT_STARTS_WITH", ["an"], ["Anna"], ["Hanna", None]),
        ("TEXT_ENDS_WITH", ["NA"], ["Anna"], ["Annas", None]),
        ("TEXT_EQ", ["anna"], ["Anna"], ["Ann", None]),
        ("TEXT_NOT_EQ", ["anna"], ["Ann", None], ["Anna"]),
        ("TEXT_EQ", ['="an"&"na"'], ["Anna"], ["Ann", None]),
        ("TEXT_CONTAINS", ['="nn"'], ["ANNA"], ["Boris", None]),
        ("TEXT_IS_EMAIL", [], ["a@b.de"], ["a@b", "a b@c.de", 5, None]),
        ("TEXT_IS_URL", [], ["https://x.de/1", "www.x.de"], ["x", None]),
        ("BLANK", [], [None, ""], ["x", 0, False]),
        ("NOT_BLANK", [], ["x", 0, False], [None, ""]),
        ("BOOLEAN", [], [True, False], ["yes", 1, None]),
        ("BOOLEAN", ["yes", "no"], ["Yes"], [True, None]),
        ("ONE_OF_LIST", ["Anna", "5"], ["anna", 5], ["Boris", None]),
        ("ONE_OF_RANGE", ["=Guide!A1:A2"], ["Boris", "anna"], ["Clara"]),
        ("CUSTOM_FORMULA", ['=AND(B2<>"";B2>5)'], [6, "x"], [5, None]),
        ("CUSTOM_FORMULA", ["=nonsense("], [], [1]),
        ("DATE_EQ", ["2026-03-31"], [SERIAL, SERIAL + 0.9], [SERIAL + 1, "x", None]),
        ("DATE_NOT_EQ", ["2026-03-31"], [SERIAL + 1], [SERIAL + 0.5, None]),
        ("DATE_BEFORE", ["TODAY"], [SERIAL - 1, SERIAL - 0.1], [SERIAL, SERIAL + 1, None]),
        ("DATE_AFTER", ["TODAY"], [SERIAL + 1], [SERIAL + 0.9, SERIAL]),
        ("DATE_ON_OR_BEFORE", ["TODAY"], [SERIAL + 0.5], [SERIAL + 1]),
        ("DATE_ON_OR_AFTER", ["TODAY"], [SERIAL], [SERIAL - 1]),
        ("DATE_BEFORE", ["PAST_WEEK"], [SERIAL - 8], [SERIAL - 7]),
        ("DATE_BEFORE", ["PAST_MONTH"], [SERIAL - 32], [SERIAL - 31]),
        ("DATE_BEFORE", ["PAST_YEAR"], [SERIAL - 366], [SERIAL - 365]),
        ("DATE_EQ", ["PAST_WEEK"], [SERIAL - 7, SERIAL], [SERIAL - 8, SERIAL + 1]),
        ("DATE_AFTER", ["=TODAY()+1"], [SERIAL + 2], [SERIAL + 1, "x"]),
        ("DATE_BETWEEN", ["2026-03-30", "2026-03-31"], [SERIAL - 1, SERIAL + 0.5], [SERIAL - 2, SERIAL + 1]),
        ("DATE_NOT_BETWEEN", ["2026-03-30", "2026-03-31"], [SERIAL + 1], [SERIAL, None]),
        ("DATE_AFTER", ["soon"], [], [SERIAL]),
        ("DATE_IS_VALID", [], [SERIAL], ["x", None]),
        ("FILTER_EXPRESSION", ["x"], [], ["x", None]),
        ("", [], [], ["x", None]),
    ],
)
def test_conditions(kind: str, wanted: list[str], yes: list[Any], no: list[Any]) -> None:
    assert [value for value in yes + no if holds(kind, value, *wanted)] == yes


def test_a_condition_s_number_is_typed_in_the_locale() -> None:
    assert holds("NUMBER_GREATER", 2, "1,5", locale="de_DE")
    assert not holds("NUMBER_GREATER", 2, "1,5", locale="en_US")


def rule(kind: str, *wanted: str, ranges: Any = None, **cell_format: Any) -> dict[str, Any]:
    return {
        "ranges": ranges or EVERYWHERE,
        "booleanRule": {
            "condition": {"type": kind, "values": [{"userEnteredValue": text} for text in wanted]},
            "format": cell_format,
        },
    }


def at(rules: list[dict[str, Any]], value: Any, row: int = 0, column: int = 0) -> dict[str, Any]:
    return overlay(rules, row, column, extended(value), lambda *_: False, no_values, today=TODAY)


def test_the_first_rule_wins_property_by_property() -> None:
    rules = [
        rule("NUMBER_GREATER", "5", backgroundColorStyle={"rgbColor": {"red": 1}}, textFormat={"bold": True}),
        rule(
            "NUMBER_GREATER",
            "3",
            backgroundColor={"green": 1},
            backgroundColorStyle={"rgbColor": {"green": 1}},
            textFormat={"bold": False, "italic": True},
        ),
    ]
    assert at(rules, 6) == {
        "backgroundColorStyle": {"rgbColor": {"red": 1}},
        "textFormat": {"bold": True, "italic": True},
    }
    assert at(rules, 4)["backgroundColor"] == {"green": 1}
    assert at(rules, 1) == {}


@pytest.mark.parametrize(
    ("ranges", "inside", "outside"),
    [
        ([{"sheetId": 0}], (999, 99), None),
        ([{"startRowIndex": 1, "endRowIndex": 3}], (2, 50), (3, 0)),
        ([{"startColumnIndex": 1, "endColumnIndex": 2}], (500, 1), (0, 2)),
        ([{"startRowIndex": 5}, {"endRowIndex": 1}], (0, 0), (4, 0)),
    ],
)
def test_rules_hold_within_their_ranges(ranges: Any, inside: tuple[int, int], outside: tuple[int, int] | None) -> None:
    rules = [rule("NOT_BLANK", ranges=ranges, **RED)]
    assert at(rules, "x", *inside) == RED
    assert outside is None or at(rules, "x", *outside) == {}


def test_a_rule_without_range_or_of_an_unknown_kind_formats_nothing() -> None:
    assert at([{"booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": RED}}, {}], "x") == {}


def test_custom_formulas_are_relative_to_the_first_range() -> None:
    rows: list[list[Any]] = [["Manager", "Evidence"], ["Anna", ""], ["Boris", "link"], [None, None]]
    here = formula.calculator(table(rows), datetime(2026, 3, 31, 12))
    found = Overlay(
        [rule("CUSTOM_FORMULA", '=AND($A2<>"";$B2="")', ranges=[{"startRowIndex": 1, "endColumnIndex": 2}], **RED)],
        lambda text, origin, host: here.truth(text, Host(*origin), Host(*host)),
        no_values,
        today=TODAY,
    )
    painted = [[bool(found.at(row, column, {})) for column in range(3)] for row in range(4)]
    assert painted == [[False] * 3, [True, True, False], [False] * 3, [False] * 3]


def gradient(**points: Any) -> dict[str, Any]:
    return {"ranges": EVERYWHERE, "gradientRule": points}


def shade(rules: list[dict[str, Any]], value: Any, values: list[Any], locale: str = "en_US") -> Any:
    found = Overlay(rules, lambda *_: False, lambda _: map(extended, values), today=TODAY, locale=locale)
    added = found.at(0, 0, extended(value))
    assert added.get("backgroundColorStyle", {}).get("rgbColor") == added.get("backgroundColor")
    return added.get("backgroundColor")


WHITE = {"rgbColor": {"red": 1, "green": 1, "blue": 1}}
GREEN = {"rgbColor": {"green": 1}}


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        (0, {"red": 1, "green": 1, "blue": 1}),
        (100, {"green": 1}),
        (200, {"green": 1}),
        (-5, {"red": 1, "green": 1, "blue": 1}),
        (25, {"red": 191 / 255, "green": 1, "blue": 191 / 255}),
        ("x", None),
        (None, None),
    ],
)
def test_a_gradient_runs_from_the_least_to_the_greatest(value: Any, colour: Any) -> None:
    rules = [gradient(minpoint={"type": "MIN", "colorStyle": WHITE}, maxpoint={"type": "MAX", "colorStyle": GREEN})]
    assert shade(rules, value, [0, 100, "x", None, 40]) == colour


@pytest.mark.parametrize(
    ("kind", "number", "value", "red"),
    [
        ("NUMBER", "10", 10, 0),
        ("PERCENT", "50", 50, 0),
        ("PERCENTILE", "50", 20, 0),
        ("NUMBER", "10", 5, 128),
        ("NUMBER", "10", 55, 128),
    ],
)
def test_a_midpoint(kind: str, number: str, value: float, red: int) -> None:
    rules = [
        gradient(
            minpoint={"type": "MIN", "color": {"red": 1}},
            midpoint={"type": kind, "value": number},
            maxpoint={"type": "MAX", "color": {"red": 1}},
        )
    ]
    assert shade(rules, value, [0, 20, 100]) == ({"red": red / 255} if red else {})


def test_gradient_values_are_typed_in_the_locale_and_themes_have_colours() -> None:
    points = {
        "minpoint": {"type": "NUMBER", "value": "1,5", "colorStyle": {"themeColor": "ACCENT1"}},
        "maxpoint": {"type": "NUMBER", "value": "2,5", "color": {"blue": 1}},
    }
    assert shade([gradient(**points)], 1.5, [], "de_DE") == {"red": 66 / 255, "green": 133 / 255, "blue": 244 / 255}
    assert shade([gradient(**points)], 1.5, [], "en_US") is None


def test_a_gradient_gives_way_to_a_rule_before_it_and_reads_its_range_once() -> None:
    asked = []

    def values(grid_range: dict[str, Any]) -> list[dict[str, Any]]:
        asked.append(grid_range)
        return [{"numberValue": 0}, {"numberValue": 1}]

    points = {"minpoint": {"type": "MIN"}, "maxpoint": {"type": "MAX", "color": {"blue": 1}}}
    found = Overlay([rule("NUMBER_EQ", "1", **RED), gradient(**points)], lambda *_: False, values, today=TODAY)
    assert asked == []
    assert found.at(0, 0, {"numberValue": 1})["backgroundColor"] == {"red": 1}
    assert found.at(1, 0, {"numberValue": 0.5})["backgroundColor"] == {"blue": 128 / 255}
    assert asked == EVERYWHERE


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20),
    st.sampled_from(["MIN", "MAX", "NUMBER", "PERCENT", "PERCENTILE"]),
    st.floats(0, 100),
)
def test_a_gradient_never_leaves_its_colours(numbers: list[float], kind: str, share: float) -> None:
    points = {
        "minpoint": {"type": "MIN", "color": {"red": 0.5}},
        "midpoint": {"type": kind, "value": f"{share:.3f}", "color": {"red": 0.75}},
        "maxpoint": {"type": "MAX", "color": {"red": 1}},
    }
    for number in numbers:
        assert 0.49 <= shade([gradient(**points)], number, numbers)["red"] <= 1


_KINDS = st.sampled_from(
    ["NUMBER_EQ", "DATE_AFTER", "TEXT_EQ", "ONE_OF_RANGE", "CUSTOM_FORMULA", "BLANK", "NUMBER_BETWEEN"]
)


@given(
    _KINDS, st.lists(st.text(max_size=10), max_size=3), st.none() | st.booleans() | st.text(max_size=5) | st.integers()
)
def test_no_condition_raises(kind: str, wanted: list[str], value: Any) -> None:
    assert isinstance(holds(kind, value, *wanted), bool)
    assert isinstance(
        conditional.overlay([rule(kind, *wanted, **RED)], 0, 0, {}, lambda *_: True, no_values, today=TODAY), dict
    )
