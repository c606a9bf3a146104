"""Field masks, for reading and for writing."""

from __future__ import annotations

from typing import Any

import pytest

from sheetsync.local import fields
from sheetsync.local.errors import NO_FIELDS, ApiError, RefusedError
from sheetsync.local.fields import Mask


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", None),
        ("sheets", {"sheets": None}),
        ("sheets.properties.title", {"sheets": {"properties": {"title": None}}}),
        ("sheets/properties/title", {"sheets": {"properties": {"title": None}}}),
        (
            "sheets(properties(sheetId,title),data)",
            {"sheets": {"properties": {"sheetId": None, "title": None}, "data": None}},
        ),
        ("sheets.properties.title, sheets.merges", {"sheets": {"properties": {"title": None}, "merges": None}}),
        ("sheets.*", {"sheets": None}),
        ("spreadsheet_id,named_ranges.name", {"spreadsheetId": None, "namedRanges": {"name": None}}),
        ("sheets.properties.title,sheets", {"sheets": None}),
    ],
)
def test_read_masks(text: str, expected: Mask) -> None:
    """Dots, slashes, commas, parentheses, the star, snake_case."""
    assert fields.read_mask(text, "Spreadsheet") == expected


@pytest.mark.parametrize(
    "text", ["nothing", "sheets.nothing", "sheets(", "sheets)", "sheets..title", "a b", "sheets.properties.title.x"]
)
def test_unknown_fields_are_refused(text: str) -> None:
    """With the path, and Google's words."""
    with pytest.raises(ApiError) as caught:
        fields.read_mask(text, "Spreadsheet")
    assert caught.value.message == "Request contains an invalid argument."
    assert "Cannot find matching fields for path" in caught.value.details[0]["fieldViolations"][0]["description"]


@pytest.mark.parametrize("text", [None, "", "  "])
def test_a_write_needs_a_mask(text: str | None) -> None:
    """Missing and empty are the same."""
    with pytest.raises(RefusedError) as caught:
        fields.write_mask(text, "CellData")
    assert str(caught.value) == NO_FIELDS


def test_projection_keeps_places() -> None:
    """Items of a list stay, as {} where nothing of them is wanted."""
    mask = fields.read_mask("sheets.data.rowData.values.note", "Spreadsheet")
    given = {
        "sheets": [{"data": [{"rowData": [{"values": [{"note": "x"}, {"formattedValue": "y"}]}, {}]}]}],
        "spreadsheetId": "k",
    }
    assert fields.project(given, mask) == {"sheets": [{"data": [{"rowData": [{"values": [{"note": "x"}, {}]}, {}]}]}]}


def test_merge_resets_what_is_masked_and_absent() -> None:
    """And leaves alone what is not masked."""
    mask = fields.write_mask("textFormat.bold,horizontalAlignment,numberFormat", "CellFormat")
    held = {"textFormat": {"bold": True, "italic": True}, "horizontalAlignment": "LEFT", "wrapStrategy": "WRAP"}
    given = {"numberFormat": {"type": "DATE"}, "wrapStrategy": "CLIP"}
    assert fields.merge(held, given, mask) == {
        "textFormat": {"italic": True},
        "wrapStrategy": "WRAP",
        "numberFormat": {"type": "DATE"},
    }
    assert held["textFormat"] == {"bold": True, "italic": True}


def test_merge_with_the_star_replaces_everything() -> None:
    """`*` is every field."""
    assert fields.merge({"note": "old"}, {"hyperlink": "x"}, None) == {"hyperlink": "x"}


def test_of_two_fields_that_exclude_each_other_the_one_that_was_set_last_stays() -> None:
    """A colour is an RGB or a theme's, a rotation an angle or vertical; emptying the other one changes nothing."""
    red: dict[str, Any] = {"backgroundColorStyle": {"rgbColor": {"red": 1}}, "textRotation": {"angle": 45}}
    given: dict[str, Any] = {"backgroundColorStyle": {"themeColor": "TEXT"}, "textRotation": {"vertical": True}}
    mask = fields.write_mask("backgroundColorStyle.themeColor,textRotation.vertical", "CellFormat")
    assert fields.merge(red, given, mask) == given
    assert fields.merge(red, {"textRotation": {}}, mask) == red
    both = fields.write_mask("textRotation(angle,vertical)", "CellFormat")
    assert fields.merge(red, {"textRotation": {"vertical": True}}, both)["textRotation"] == {"vertical": True}
