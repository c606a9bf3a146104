"""What stands in a cell: harmless text, runs, checkboxes, dropdowns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.picture.content import checkbox, dropdown, harmless, kind, link, runs
from sheetsync.picture.style import Looks, Palette


@given(st.text(st.characters()))
def test_harmless_text_keeps_its_length_and_has_no_control_characters(text: str) -> None:
    shown = harmless(text)
    assert len(shown) == len(text)
    assert not any((ord(letter) < 32 and letter not in "\t\n") or 0x7F <= ord(letter) < 0xA0 for letter in shown)
    assert harmless(shown) == shown
    shown.encode()


@given(st.text(max_size=40))
def test_a_link_is_http_mailto_or_a_place_in_the_workbook(uri: str) -> None:
    found = link(uri)
    assert found is None or found.href.lower().startswith(("http://", "https://", "mailto:", "#gid="))


def test_runs_count_utf16_units_and_keep_their_own_look() -> None:
    cell = {
        "formattedValue": "😀 red link",
        "textFormatRuns": [
            {"startIndex": 3, "format": {"foregroundColorStyle": {"rgbColor": {"red": 1}}, "bold": True}},
            {"startIndex": 7, "format": {"link": {"uri": "https://a.example"}}},
        ],
    }
    palette = Palette({})
    found = [(text, css, at and at.href) for text, css, at in runs(cell, Looks(palette, {}), palette)]
    assert found == [
        ("😀 ", "", None),
        ("red ", "font-weight:700;color:#ff0000", None),
        ("link", "", "https://a.example"),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({"effectiveValue": {"numberValue": 0}}, "number"),
        ({"effectiveValue": {"boolValue": False}}, "boolean"),
        ({"effectiveValue": {"errorValue": {"type": "REF"}}}, "error"),
        ({"effectiveValue": {"stringValue": "x"}, "formattedValue": "x"}, "text"),
        ({"effectiveValue": {"stringValue": ""}, "formattedValue": ""}, "empty"),
        ({}, "empty"),
    ],
)
def test_kind_of_a_value(cell: dict[str, object], expected: str) -> None:
    assert kind(cell) == expected


def test_checkboxes_may_have_values_of_their_own() -> None:
    rule = {"dataValidation": {"condition": {"type": "BOOLEAN"}}}
    assert checkbox(rule | {"effectiveValue": {"boolValue": True}}) is True
    assert checkbox(rule) is False
    own = {"dataValidation": {"condition": {"type": "BOOLEAN", "values": [{"userEnteredValue": "yes"}]}}}
    assert checkbox(own | {"formattedValue": "yes"}) is True
    assert checkbox(own | {"formattedValue": "no"}) is False
    assert checkbox({}) is None


def test_an_arrow_only_where_a_list_is_shown() -> None:
    rule = {"condition": {"type": "ONE_OF_RANGE"}}
    assert dropdown({"dataValidation": rule})
    assert not dropdown({"dataValidation": rule | {"showCustomUi": False}})
    assert not dropdown({"dataValidation": {"condition": {"type": "NUMBER_EQ"}}})
    assert not dropdown({})
