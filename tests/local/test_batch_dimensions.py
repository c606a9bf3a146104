"""Rows and columns put in, taken out, moved, sized and grouped, and what follows them."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local.dimensions import Shift, properties_at, set_in_runs, shift_runs
from tests.local.client import Client, Json, grid_range


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """Five rows of three columns."""
    made = Client(tmp_path)
    made.put("A1", [[f"{letter}{row}" for letter in "abc"] for row in range(1, 6)])
    return made


def span(start: int, end: int, dimension: str = "ROWS") -> Json:
    """A DimensionRange of tab 0."""
    return {"sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": end}


def test_rows_and_columns_are_put_in(client: Client) -> None:
    """What is there moves; the grid grows."""
    client.batch({"insertDimension": {"range": span(1, 3)}}, {"insertDimension": {"range": span(1, 2, "COLUMNS")}})
    assert client.values("Sheet1")[:4] == [["a1", "", "b1", "c1"], [], [], ["a2", "", "b2", "c2"]]
    assert client.sheet("properties")["properties"]["gridProperties"] == {"rowCount": 1002, "columnCount": 27}


def test_rows_and_columns_are_taken_out(client: Client) -> None:
    """An end beyond the grid is cut; never all of them."""
    client.batch({"deleteDimension": {"range": span(1, 3)}}, {"deleteDimension": {"range": span(1, 2, "COLUMNS")}})
    assert client.values("Sheet1") == [["a1", "c1"], ["a4", "c4"], ["a5", "c5"]]
    client.batch({"deleteDimension": {"range": span(2, 5000)}})
    assert client.values("Sheet1") == [["a1", "c1"], ["a4", "c4"]]
    assert client.batch_refused({"deleteDimension": {"range": span(0, 2)}}) == (
        "Invalid requests[0].deleteDimension: You can't delete all the rows on the sheet."
    )


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [((0, 2), 4, "34125"), ((3, 5), 1, "14523"), ((1, 2), 2, "12345"), ((1, 2), 3, "13245")],
)
@pytest.mark.parametrize("dimension", ["ROWS", "COLUMNS"])
def test_moved(client: Client, dimension: str, source: tuple[int, int], target: int, expected: str) -> None:
    """Before the destination, counted before the move."""
    client.ok("POST", "/values/Sheet1:clear")
    client.put("A1", [["1", "2", "3", "4", "5"]] if dimension == "COLUMNS" else [["1"], ["2"], ["3"], ["4"], ["5"]])
    client.batch({"moveDimension": {"source": span(*source, dimension), "destinationIndex": target}})
    found = [cell for one in client.values("Sheet1") for cell in one]
    assert "".join(found) == expected


def test_formats_come_from_the_neighbour(client: Client) -> None:
    """The one after, or with inheritFromBefore the one before."""

    def bold(row: int) -> Json:
        cell = {"userEnteredFormat": {"textFormat": {"bold": True}}}
        return {"repeatCell": {"range": grid_range(row, row + 1, 0, 1), "cell": cell, "fields": "userEnteredFormat"}}

    client.batch(bold(0), {"insertDimension": {"range": span(1, 2), "inheritFromBefore": True}})
    assert client.cells("A2", "userEnteredFormat") == [[{"userEnteredFormat": {"textFormat": {"bold": True}}}]]
    client.batch({"insertDimension": {"range": span(2, 3)}})
    assert client.cells("A3", "userEnteredFormat") == []
    assert client.batch_refused({"insertDimension": {"range": span(0, 1), "inheritFromBefore": True}}) == (
        "Invalid requests[0].insertDimension: inheritFromBefore cannot be true when inserting at index 0."
    )
    size = client.sheet("properties")["properties"]["gridProperties"]["rowCount"]
    assert client.batch_refused({"insertDimension": {"range": span(size, size + 1)}}) == (
        f"Invalid requests[0].insertDimension: range.startIndex must be less than the grid size ({size})"
        " if inheritFromBefore is false."
    )
    client.batch({"insertDimension": {"range": span(size, size + 1), "inheritFromBefore": True}})


def test_everything_follows(client: Client) -> None:
    """Merges, names, protection, conditional formats, bands, filters, charts, validation, metadata, formulas."""
    source = {"sourceRange": {"sources": [grid_range(2, 5, 0, 1)]}}
    chart = {
        "chartId": 8,
        "spec": {"basicChart": {"chartType": "LINE", "series": [{"series": source}], "domains": [{"domain": source}]}},
        "position": {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 4, "columnIndex": 1}}},
    }
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$A3>0"}]}
    rule = {"ranges": [grid_range(2, 5, 0, 1)], "booleanRule": {"condition": condition, "format": {}}}
    listed = {"condition": {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Sheet1!$A$3:$A$5"}]}}
    metadata = {
        "metadataId": 5,
        "metadataKey": "k",
        "location": {"dimensionRange": span(3, 4)},
        "visibility": "DOCUMENT",
    }
    bands = {"firstBandColor": {"red": 1}, "secondBandColor": {"green": 1}}
    client.put("E1", [["=SUM(A3:A5)", "=$A$4", "=Sheet1!A4&A1"]], "USER_ENTERED")
    client.batch(
        {"mergeCells": {"range": grid_range(2, 5, 1, 3), "mergeType": "MERGE_ALL"}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n", "name": "block", "range": grid_range(2, 5, 0, 1)}}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 3, "range": grid_range(2, 5, 0, 1)}}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"addBanding": {"bandedRange": {"bandedRangeId": 4, "range": grid_range(2, 5, 0, 1), "rowProperties": bands}}},
        {"setBasicFilter": {"filter": {"range": grid_range(2, 5, 0, 1)}}},
        {"addChart": {"chart": chart}},
        {"setDataValidation": {"range": grid_range(0, 1, 9, 10), "rule": listed}},
        {"createDeveloperMetadata": {"developerMetadata": metadata}},
        {"updateDimensionProperties": {"range": span(3, 4), "properties": {"pixelSize": 50}, "fields": "pixelSize"}},
        {"insertDimension": {"range": span(3, 5)}},
        {"deleteDimension": {"range": span(0, 1)}},
    )
    moved = {"startRowIndex": 1, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 1}
    shown = client.ok("GET")
    sheet = shown["sheets"][0]
    assert sheet["merges"] == [{**moved, "startColumnIndex": 1, "endColumnIndex": 3}]
    assert shown["namedRanges"][0]["range"] == moved
    assert sheet["protectedRanges"][0]["range"] == moved
    assert sheet["conditionalFormats"][0]["ranges"] == [moved]
    assert sheet["conditionalFormats"][0]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "=$A2>0"}]
    assert sheet["bandedRanges"][0]["range"] == moved
    assert sheet["basicFilter"]["range"] == moved
    series = sheet["charts"][0]["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"]
    assert series == [moved]
    assert sheet["charts"][0]["position"]["overlayPosition"]["anchorCell"] == {"rowIndex": 5, "columnIndex": 1}
    assert client.ok("GET", "/developerMetadata/5")["location"]["dimensionRange"]["startIndex"] == 4
    assert client.sheet("data.rowMetadata.pixelSize", ranges="A5")["data"] == [{"rowMetadata": [{"pixelSize": 50}]}]


def test_formulas_follow(client: Client) -> None:
    """Absolute and relative references, ranges that grow and shrink, and those that are gone."""
    client.put("E1", [["=SUM(A2:A4)", "=$B$3", '=Sheet1!A3&"A3"', "=SUM(A:A)", "=A2"]], "USER_ENTERED")
    client.batch({"insertDimension": {"range": span(2, 4)}})
    shown = client.values("E1:I1", valueRenderOption="FORMULA")
    assert shown == [["=SUM(A2:A6)", "=$B$5", '=Sheet1!A5&"A3"', "=SUM(A:A)", "=A2"]]
    client.batch({"deleteDimension": {"range": span(1, 3)}}, {"deleteDimension": {"range": span(1, 2, "COLUMNS")}})
    shown = client.values("D1:H1", valueRenderOption="FORMULA")
    assert shown == [["=SUM(A2:A4)", "=#REF!", '=Sheet1!A3&"A3"', "=SUM(A:A)", "=#REF!"]]


def test_what_lay_in_the_deleted_rows_is_gone(client: Client) -> None:
    """And only that."""
    rules = [
        {"ranges": [grid_range(row, row + 1, 0, 1)], "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}}}
        for row in (1, 3)
    ]
    client.batch(
        {"addConditionalFormatRule": {"rule": rules[0], "index": 0}},
        {"addConditionalFormatRule": {"rule": rules[1], "index": 1}},
        {"mergeCells": {"range": grid_range(1, 2, 0, 2), "mergeType": "MERGE_ALL"}},
        {"addNamedRange": {"namedRange": {"name": "gone", "range": grid_range(1, 2, 0, 1)}}},
        {"deleteDimension": {"range": span(1, 2)}},
    )
    assert "merges" not in client.sheet("merges,properties")
    assert client.get("namedRanges") == {}
    (left,) = client.sheet("conditionalFormats")["conditionalFormats"]
    assert left["ranges"][0]["startRowIndex"] == 2


def test_appended(client: Client) -> None:
    """At the end, empty."""
    client.batch({"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 2}})
    assert client.sheet("properties")["properties"]["gridProperties"]["columnCount"] == 28
    assert client.batch_refused({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 400_000}}) == (
        "Invalid requests[0].appendDimension: "
        "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
    )


def test_sizes_and_flags(client: Client) -> None:
    """Only what the mask names; a reset goes back to the default."""
    sized = {"range": span(0, 4, "COLUMNS"), "properties": {"pixelSize": 50, "hiddenByUser": True}, "fields": "*"}
    shown = {"range": span(1, 2, "COLUMNS"), "properties": {}, "fields": "hiddenByUser"}
    reset = {"range": span(2, 3, "COLUMNS"), "properties": {}, "fields": "pixelSize,hiddenByUser"}
    client.batch(*({"updateDimensionProperties": request} for request in (sized, shown, reset)))
    data = client.sheet("data.columnMetadata", ranges="A1:E1")["data"][0]
    hidden = {"pixelSize": 50, "hiddenByUser": True}
    assert data["columnMetadata"] == [hidden, {"pixelSize": 50}, {"pixelSize": 100}, hidden, {"pixelSize": 100}]


def test_columns_get_as_wide_as_their_texts(client: Client) -> None:
    """Wider for longer ones; untouched where there is nothing."""
    client.put("A1", [["i"], ["a much longer text"]])
    client.batch({"autoResizeDimensions": {"dimensions": span(0, 5, "COLUMNS")}})
    sizes = [
        each["pixelSize"] for each in client.sheet("data.columnMetadata", ranges="A1:E1")["data"][0]["columnMetadata"]
    ]
    assert sizes[0] > sizes[1]
    assert sizes[3:] == [100, 100]


def test_groups_nest(client: Client) -> None:
    """A group around one pushes it deeper; taking a level away splits what is left."""
    client.batch({"addDimensionGroup": {"range": span(2, 4)}})
    (reply,) = client.batch({"addDimensionGroup": {"range": span(1, 6)}})
    groups = reply["addDimensionGroup"]["dimensionGroups"]
    assert [(group["range"]["startIndex"], group["range"]["endIndex"], group["depth"]) for group in groups] == [
        (1, 6, 1),
        (2, 4, 2),
    ]
    collapse = {"dimensionGroup": {"range": span(2, 4), "depth": 2, "collapsed": True}, "fields": "collapsed"}
    client.batch({"updateDimensionGroup": collapse})
    assert client.sheet("rowGroups")["rowGroups"][1]["collapsed"] is True
    (reply,) = client.batch({"deleteDimensionGroup": {"range": span(1, 3)}})
    groups = reply["deleteDimensionGroup"]["dimensionGroups"]
    assert [(group["range"]["startIndex"], group["range"]["endIndex"], group["depth"]) for group in groups] == [
        (2, 6, 1),
        (3, 4, 2),
    ]
    client.batch({"deleteDimensionGroup": {"range": span(2, 6)}})
    (reply,) = client.batch({"deleteDimensionGroup": {"range": span(3, 4)}})
    assert reply == {"deleteDimensionGroup": {}}
    (reply,) = client.batch({"addDimensionGroup": {"range": span(0, 2)}})
    whole = {"dimension": "ROWS", "startIndex": 0, "endIndex": 2}
    assert reply["addDimensionGroup"] == {"dimensionGroups": [{"range": whole, "depth": 1}]}
    assert client.batch_refused({"deleteDimensionGroup": {"range": span(8, 9)}}) == (
        "Invalid requests[0].deleteDimensionGroup: There is no dimension group over the range."
    )


BOUNDS = st.tuples(st.integers(0, 20), st.integers(1, 10)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(bounds=BOUNDS, at=st.integers(0, 30), count=st.integers(1, 8))
def test_putting_in_and_taking_out_again_changes_nothing(bounds: tuple[int, int], at: int, count: int) -> None:
    """Property: the two shifts undo each other."""
    pushed = Shift("ROWS", at, count).moved(*bounds)
    assert pushed is not None
    assert Shift("ROWS", at, -count).moved(*pushed) == bounds


@given(bounds=BOUNDS, at=st.integers(0, 30), count=st.integers(1, 8))
def test_what_is_left_is_what_was_not_taken_out(bounds: tuple[int, int], at: int, count: int) -> None:
    """Property: against a list that is cut."""
    line = [bounds[0] <= place < bounds[1] for place in range(40)]
    del line[at : at + count]
    moved = Shift("ROWS", at, -count).moved(*bounds)
    assert [place for place, held in enumerate(line) if held] == (list(range(*moved)) if moved else [])  # type: ignore[arg-type]  # both ends are bounded


def replaced(made: Json, _: Json) -> Json:
    """Other properties instead of those that were there."""
    return made


@given(st.lists(st.tuples(BOUNDS, st.integers(0, 3)), max_size=6), st.integers(0, 25), st.integers(-5, 5).filter(bool))
def test_runs_are_a_list_in_short(changes: list[tuple[tuple[int, int], int]], at: int, count: int) -> None:
    """Property: against a plain list of properties, set and shifted."""
    plain: list[Json] = [{} for _ in range(40)]
    runs: list[list[object]] = []
    for (start, end), size in changes:
        made = {"pixelSize": size} if size else {}
        runs = set_in_runs(runs, start, end, functools.partial(replaced, made))
        plain[start:end] = [made] * (end - start)
    assert properties_at(runs, 0, 40) == plain
    if count > 0:
        plain[at:at] = [{}] * count
    else:
        del plain[at : at - count]
    assert properties_at(shift_runs(runs, Shift("ROWS", at, count)), 0, 30) == plain[:30]
