"""Conditional formats, protection, names, charts, bands, filters, metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetsync.local.errors import PROTECTED
from tests.local.client import Client, Json, grid_range

ANNA, BORIS = "anna@example.org", "boris@example.org"
DATA = {"sourceRange": {"sources": [grid_range(0, 5, 0, 1)]}}
LINE = {"basicChart": {"chartType": "LINE", "domains": [{"domain": DATA}], "series": [{"series": DATA}]}}
CORNER = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 2, "columnIndex": 0}}}
BANDS = {"firstBandColor": {"red": 1}, "secondBandColor": {"green": 1}}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A new spreadsheet."""
    return Client(tmp_path)


def rule(kind: str = "NOT_BLANK", column: int = 0, **colour: float) -> Json:
    """A boolean ConditionalFormatRule."""
    return {
        "ranges": [grid_range(0, 5, column, column + 1)],
        "booleanRule": {"condition": {"type": kind}, "format": {"backgroundColor": colour or {"red": 1}}},
    }


def kinds(client: Client) -> list[str]:
    """The conditions of the tab's rules, in order."""
    rules = client.sheet("conditionalFormats").get("conditionalFormats", [])
    return [each["booleanRule"]["condition"]["type"] for each in rules]


def test_conditional_formats_have_indices(client: Client) -> None:
    """Which shift with what is put in and taken out before them."""
    client.batch(
        {"addConditionalFormatRule": {"rule": rule("NOT_BLANK")}},
        {"addConditionalFormatRule": {"rule": rule("BLANK")}},
        {"addConditionalFormatRule": {"rule": rule("DATE_IS_VALID"), "index": 2}},
    )
    assert kinds(client) == ["BLANK", "NOT_BLANK", "DATE_IS_VALID"]
    (reply,) = client.batch({"updateConditionalFormatRule": {"sheetId": 0, "index": 2, "newIndex": 0}})
    assert reply["updateConditionalFormatRule"]["oldIndex"] == 2
    assert kinds(client) == ["DATE_IS_VALID", "BLANK", "NOT_BLANK"]
    replaced, removed = client.batch(
        {"updateConditionalFormatRule": {"index": 1, "rule": rule("TEXT_IS_EMAIL")}},
        {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}},
    )
    assert replaced["updateConditionalFormatRule"]["oldRule"]["booleanRule"]["condition"] == {"type": "BLANK"}
    assert removed["deleteConditionalFormatRule"]["rule"]["booleanRule"]["condition"] == {"type": "DATE_IS_VALID"}
    assert kinds(client) == ["TEXT_IS_EMAIL", "NOT_BLANK"]
    assert client.batch_refused({"deleteConditionalFormatRule": {"sheetId": 0, "index": 2}}) == (
        "Invalid requests[0].deleteConditionalFormatRule: No conditional format on sheet: 0 at index: 2"
    )


def test_a_rule_as_google_gives_it_back(client: Client) -> None:
    """Both colours, no zeros, no sheetId 0."""
    client.batch({"addConditionalFormatRule": {"rule": rule(red=1, green=0, blue=0.2)}})
    assert client.sheet("conditionalFormats")["conditionalFormats"] == [
        {
            "ranges": [{"startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 1}],
            "booleanRule": {
                "condition": {"type": "NOT_BLANK"},
                "format": {
                    "backgroundColor": {"red": 1, "blue": 0.2},
                    "backgroundColorStyle": {"rgbColor": {"red": 1, "blue": 0.2}},
                },
            },
        }
    ]


def test_protection_keeps_others_out(client: Client) -> None:
    """Who adds it may edit it, as may its editors and the owner; everybody else is refused, whatever the way in."""
    client.account = ANNA
    protected = {
        "range": grid_range(0, 3, 0, 3),
        "unprotectedRanges": [grid_range(2, 3, 0, 1)],
        "editors": {"users": []},
    }
    (reply,) = client.batch({"addProtectedRange": {"protectedRange": protected}})
    made = reply["addProtectedRange"]["protectedRange"]
    assert made["requestingUserCanEdit"] is True
    client.put("A1", [["anna's"]])
    (shown,) = client.sheet("protectedRanges")["protectedRanges"]
    assert shown["editors"] == {"users": [ANNA]}

    client.account = BORIS
    (shown,) = client.sheet("protectedRanges")["protectedRanges"]
    assert "editors" not in shown
    assert "requestingUserCanEdit" not in shown
    assert client.refused("PUT", "/values/A1", {"values": [[1]]}, valueInputOption="RAW") == PROTECTED
    assert client.refused("POST", "/values/Sheet1:clear") == PROTECTED
    where = grid_range(0, 1, 0, 1)
    cell = {"note": "n"}
    for request in (
        {"updateCells": {"range": where, "rows": [{"values": [cell]}], "fields": "note"}},
        {"repeatCell": {"range": where, "cell": cell, "fields": "note"}},
        {"mergeCells": {"range": grid_range(0, 2, 0, 2)}},
        {"setDataValidation": {"range": where}},
        {"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}}},
        {"sortRange": {"range": where, "sortSpecs": [{"dimensionIndex": 0}]}},
        {"deleteSheet": {"sheetId": 0}},
        {"deleteProtectedRange": {"protectedRangeId": made["protectedRangeId"]}},
    ):
        (kind,) = request
        extra: list[Json] = [{"addSheet": {}}] if kind == "deleteSheet" else []
        assert client.batch_refused(*extra, request).endswith(f".{kind}: {PROTECTED}")
    client.put("A3", [["in the hole"]])
    client.put("D1", [["outside"]])

    client.account = None
    client.put("B1", [["owner"]])
    assert client.values("Sheet1") == [["anna's", "owner", "", "outside"], [], ["in the hole"]]


def test_a_warning_keeps_nobody_out(client: Client) -> None:
    """warningOnly has no editors."""
    client.account = ANNA
    given = {"range": grid_range(0, 1, 0, 1), "warningOnly": True}
    client.batch({"addProtectedRange": {"protectedRange": given}})
    client.account = BORIS
    client.put("A1", [[1]])


def test_a_protected_tab_in_full(client: Client) -> None:
    """A range without bounds is the whole tab; its description can be changed."""
    client.account = ANNA
    given = {"protectedRangeId": 7, "range": {"sheetId": 0}, "description": "own", "editors": {"users": [ANNA]}}
    client.batch({"addProtectedRange": {"protectedRange": given}})
    changed = {"protectedRangeId": 7, "description": "still own"}
    client.batch({"updateProtectedRange": {"protectedRange": changed, "fields": "description"}})
    (shown,) = client.sheet("protectedRanges")["protectedRanges"]
    assert shown == {
        "protectedRangeId": 7,
        "range": {},
        "description": "still own",
        "requestingUserCanEdit": True,
        "editors": {"users": [ANNA]},
    }
    assert client.batch_refused({"addProtectedRange": {"protectedRange": given}}) == (
        "Invalid requests[0].addProtectedRange: A protected range with id 7 already exists."
    )
    client.account = BORIS
    assert client.refused("PUT", "/values/Z1000", {"values": [[1]]}, valueInputOption="RAW") == PROTECTED


def test_named_ranges_are_unique(client: Client) -> None:
    """By id and by name: what was there first stays, and the batch of the second fails as a whole."""
    first = {"namedRangeId": "run7", "name": "sheetsync_run", "range": grid_range(0, 1, 0, 1)}
    client.batch({"addNamedRange": {"namedRange": first}})
    other = {**first, "name": "other"}
    assert client.batch_refused({"addSheet": {}}, {"addNamedRange": {"namedRange": other}}) == (
        "Invalid requests[1].addNamedRange: A named range with id run7 already exists."
    )
    again = {**first, "namedRangeId": "run8", "name": "SHEETSYNC_RUN"}
    assert 'Cannot add named range with name: "SHEETSYNC_RUN"' in client.batch_refused(
        {"addNamedRange": {"namedRange": again}}
    )
    assert len(client.get("sheets.properties.title")["sheets"]) == 1


@pytest.mark.parametrize("name", ["", "1st", "A1", "R1C1", "with space", "true", "a!b"])
def test_names_that_are_none(client: Client, name: str) -> None:
    """A name must not be taken for a cell."""
    given = {"name": name, "range": grid_range(0, 1, 0, 1)}
    assert client.batch_refused({"addNamedRange": {"namedRange": given}}) == (
        f"Invalid requests[0].addNamedRange: Invalid name: {name}"
    )


def test_charts_are_added_changed_moved_and_deleted(client: Client) -> None:
    """With their ids, and the default size."""
    (reply,) = client.batch({"addChart": {"chart": {"chartId": 5, "spec": {**LINE, "title": "T"}, "position": CORNER}}})
    chart = reply["addChart"]["chart"]
    assert chart["chartId"] == 5
    assert chart["position"]["overlayPosition"] == {
        "anchorCell": {"rowIndex": 2},
        "widthPixels": 600,
        "heightPixels": 371,
    }
    position = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 9, "columnIndex": 3}, "widthPixels": 80}}
    (reply,) = client.batch(
        {"updateEmbeddedObjectPosition": {"objectId": 5, "newPosition": position, "fields": "anchorCell,widthPixels"}}
    )
    assert reply["updateEmbeddedObjectPosition"]["position"]["overlayPosition"] == {
        "anchorCell": {"rowIndex": 9, "columnIndex": 3},
        "widthPixels": 80,
        "heightPixels": 371,
    }
    client.batch({"updateChartSpec": {"chartId": 5, "spec": {**LINE, "subtitle": "S"}}})
    (shown,) = client.sheet("charts")["charts"]
    assert "title" not in shown["spec"]
    assert shown["spec"]["subtitle"] == "S"
    again = {"addChart": {"chart": {"chartId": 5, "spec": LINE, "position": CORNER}}}
    assert client.batch_refused(again) == "Invalid requests[0].addChart: A chart with id 5 already exists."
    client.batch({"deleteEmbeddedObject": {"objectId": 5}})
    assert client.sheet("charts") == {}
    assert client.batch_refused({"deleteEmbeddedObject": {"objectId": 5}}) == (
        "Invalid requests[0].deleteEmbeddedObject: No embedded object with id: 5"
    )


def test_a_chart_on_a_tab_of_its_own(client: Client) -> None:
    """newSheet makes a tab that is no grid."""
    (reply,) = client.batch({"addChart": {"chart": {"spec": LINE, "position": {"newSheet": True}}}})
    sheet_id = reply["addChart"]["chart"]["position"]["sheetId"]
    shown = client.sheet("properties,charts", 1)
    assert shown["properties"]["sheetType"] == "OBJECT"
    assert shown["properties"]["sheetId"] == sheet_id
    assert "gridProperties" not in shown["properties"]


def test_a_chart_without_data_is_an_internal_error(client: Client) -> None:
    """As Google answers it, for ever."""
    body = {"requests": [{"addChart": {"chart": {"spec": {"basicChart": {"chartType": "LINE"}}, "position": CORNER}}}]}
    status, shown = client.ask("POST", ":batchUpdate", body)
    assert (status, shown["error"]["status"]) == (500, "INTERNAL")


def test_bands(client: Client) -> None:
    """Never upon bands; updateBanding by mask."""
    given = {"bandedRangeId": 6, "range": grid_range(0, 5, 0, 3), "rowProperties": BANDS}
    client.batch({"addBanding": {"bandedRange": given}})
    over = {"range": grid_range(4, 9, 0, 3), "rowProperties": BANDS}
    assert client.batch_refused({"addBanding": {"bandedRange": over}}) == (
        "Invalid requests[0].addBanding: "
        "You cannot add alternating background colors to a range that already has alternating background colors."
    )
    changed = {"bandedRangeId": 6, "range": grid_range(0, 9, 0, 3), "rowProperties": {"firstBandColor": {"blue": 1}}}
    client.batch({"updateBanding": {"bandedRange": changed, "fields": "range,rowProperties.firstBandColor"}})
    (shown,) = client.sheet("bandedRanges")["bandedRanges"]
    assert shown["range"]["endRowIndex"] == 9
    assert shown["rowProperties"]["firstBandColorStyle"] == {"rgbColor": {"blue": 1}}
    assert shown["rowProperties"]["secondBandColor"] == {"green": 1}
    client.batch({"deleteBanding": {"bandedRangeId": 6}})
    assert client.sheet("bandedRanges") == {}


def test_filters_and_filter_views(client: Client) -> None:
    """One filter a tab, any number of views."""
    client.batch({"setBasicFilter": {"filter": {"range": grid_range(0, 9, 0, 3)}}})
    client.batch({"setBasicFilter": {"filter": {"range": grid_range(0, 5, 0, 3)}}})
    assert client.sheet("basicFilter")["basicFilter"]["range"]["endRowIndex"] == 5
    client.batch({"clearBasicFilter": {"sheetId": 0}})
    view = {"filterViewId": 3, "title": "mine", "range": grid_range(0, 5, 0, 3)}
    first, second = client.batch({"addFilterView": {"filter": view}}, {"duplicateFilterView": {"filterId": 3}})
    assert first["addFilterView"]["filter"]["filterViewId"] == 3
    assert second["duplicateFilterView"]["filter"]["title"] == "Copy of mine"
    client.batch(
        {"updateFilterView": {"filter": {"filterViewId": 3, "title": "ours"}, "fields": "title"}},
        {"deleteFilterView": {"filterId": second["duplicateFilterView"]["filter"]["filterViewId"]}},
    )
    shown = client.sheet("basicFilter,filterViews")
    assert [each["title"] for each in shown["filterViews"]] == ["ours"]
    assert "basicFilter" not in shown


def test_developer_metadata(client: Client) -> None:
    """On the spreadsheet, a tab, a row; found by key, changed and deleted together."""
    places: list[Json] = [
        {"spreadsheet": True},
        {"sheetId": 0},
        {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 4, "endIndex": 5}},
    ]
    made = client.batch(
        *(
            {
                "createDeveloperMetadata": {
                    "developerMetadata": {"metadataKey": "k", "location": place, "visibility": "DOCUMENT"}
                }
            }
            for place in places
        )
    )
    kinds_made = [reply["createDeveloperMetadata"]["developerMetadata"]["location"]["locationType"] for reply in made]
    assert kinds_made == ["SPREADSHEET", "SHEET", "ROW"]
    data_filter = {"developerMetadataLookup": {"metadataKey": "k"}}
    found = client.ok("POST", "/developerMetadata:search", {"dataFilters": [data_filter]})
    assert len(found["matchedDeveloperMetadata"]) == 3
    change = {"dataFilters": [data_filter], "developerMetadata": {"metadataValue": "v"}, "fields": "metadataValue"}
    (reply,) = client.batch({"updateDeveloperMetadata": change})
    assert [item["metadataValue"] for item in reply["updateDeveloperMetadata"]["developerMetadata"]] == ["v"] * 3
    only_row = {"developerMetadataLookup": {"locationType": "ROW", "metadataKey": "k"}}
    (reply,) = client.batch({"deleteDeveloperMetadata": {"dataFilter": only_row}})
    (gone,) = reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]
    status, _ = client.ask("GET", f"/developerMetadata/{gone['metadataId']}")
    assert status == 404
    assert len(client.get("developerMetadata")["developerMetadata"]) == 1


def test_a_filter_tells_its_columns_twice_and_sorts(client: Client) -> None:
    """`criteria` and `filterSpecs` are twins, zeros of columns stand; a sort order sorts the rows below the header."""
    client.put("A1", [["n"], [444], [111], [222]])
    area = grid_range(0, 4, 0, 1)
    hidden = {"hiddenValues": ["111"]}
    specs = [{"columnIndex": 0, "filterCriteria": hidden}]
    order = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    client.batch({"setBasicFilter": {"filter": {"range": area, "filterSpecs": specs, "sortSpecs": order}}})
    del area["sheetId"]
    shown = {"range": area, "criteria": {"0": hidden}, "filterSpecs": specs, "sortSpecs": order}
    assert client.sheet("basicFilter")["basicFilter"] == shown
    assert client.values("A1:A4") == [["n"], [111], [222], [444]]
    client.batch({"setBasicFilter": {"filter": {"range": {"startRowIndex": 1}}}})
    whole = {**area, "startRowIndex": 1, "endRowIndex": 1000, "endColumnIndex": 26}
    assert client.sheet("basicFilter")["basicFilter"] == {"range": whole}
    view = {"filterViewId": 3, "range": area, "criteria": {"0": hidden}, "sortSpecs": order, "title": "v"}
    client.batch({"addFilterView": {"filter": view}})
    other = {"columnIndex": 1, "filterCriteria": {"condition": {"type": "NOT_BLANK"}}}
    change = {"filter": {"filterViewId": 3, "filterSpecs": [other]}, "fields": "filterSpecs"}
    assert client.sheet("filterViews")["filterViews"][0]["filterSpecs"] == specs
    client.batch({"updateFilterView": change})
    (held,) = client.sheet("filterViews")["filterViews"]
    assert (held["filterSpecs"], held["criteria"]) == ([other], {"1": {"condition": {"type": "NOT_BLANK"}}})


def test_a_chart_has_its_fonts_named(client: Client) -> None:
    """As Google gives charts back; pygsheets reads them."""
    source = {"sourceRange": {"sources": [grid_range(0, 3, 0, 1)]}}
    spec = {"title": "t", "basicChart": {"chartType": "COLUMN", "domains": [{"domain": source}]}}
    position = {"overlayPosition": {"anchorCell": {"sheetId": 0}}}
    (reply,) = client.batch({"addChart": {"chart": {"spec": spec, "position": position}}})
    shown = reply["addChart"]["chart"]["spec"]
    assert (shown["fontName"], shown["titleTextFormat"]) == ("Roboto", {"fontFamily": "Roboto"})


def test_a_rule_for_no_cell_is_kept(client: Client) -> None:
    """A range that begins where it ends is empty, and allowed; one that ends before is not."""
    rule = {"ranges": [grid_range(1, 1, 1, 2)], "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}}}
    client.batch({"addConditionalFormatRule": {"rule": rule}})
    assert len(client.sheet("conditionalFormats")["conditionalFormats"]) == 1
    rule["ranges"] = [grid_range(2, 1, 1, 2)]
    assert client.batch_refused({"addConditionalFormatRule": {"rule": rule}}).endswith(
        "startRowIndex[2] must be less than endRowIndex[1]."
    )
