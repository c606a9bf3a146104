"""A workbook carried to Google and back, over real HTTP: nothing lost, whatever befalls it on the way."""

from __future__ import annotations

import _thread
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from sheetsync import cli, prepare, sync
from sheetsync.copying import MARK, cells, copy, journal, objects
from sheetsync.errors import AccessError, ConflictError, ServiceError, UsageError
from sheetsync.google import Workbook, workbook
from sheetsync.google.transport import Limits
from sheetsync.local.access import ACCOUNT
from sheetsync.local.app import Answer
from sheetsync.local.serve import Server
from sheetsync.local.sharing import Permission
from sheetsync.local.trouble import Fault, Trouble, cut, half, refusal, reset, twice, web_page
from sheetsync.local.web import Asked
from sheetsync.settings import Place
from tests.google.conftest import shorten_key
from tests.office import ANNA, Office, configured, misfits

FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)
RED = {"red": 1, "green": 0.2}
PATIENT = Limits(connect=10, read=10, deadline=30, sign_in=30, pause=1e-6)
Json = dict[str, Any]


def _area(top: int, left: int, bottom: int, right: int, sheet: int = 0) -> Json:
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def _cell(kind: str, value: Any, **more: Any) -> Json:
    return {"userEnteredValue": {kind: value}, **more}


BOLD = {"textFormat": {"bold": True, "foregroundColorStyle": {"rgbColor": RED}}, "backgroundColor": {"blue": 0.5}}
TYPED = [
    [
        _cell("stringValue", "Client", userEnteredFormat=BOLD, note="Their name\nin full"),
        _cell("stringValue", "0012"),
        _cell("stringValue", "=not a formula"),
        _cell("numberValue", 46345, userEnteredFormat={"numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"}}),
        _cell("boolValue", True, dataValidation={"condition": {"type": "BOOLEAN"}, "strict": True}),
    ],
    [
        _cell("formulaValue", "=SUM(D1;0,5)"),
        _cell("formulaValue", "=1/0"),
        _cell("stringValue", "#N/A"),
        _cell("numberValue", 0.1),
        _cell("boolValue", False),
    ],
    [],
    [
        _cell(
            "stringValue",
            "red and plain",
            textFormatRuns=[{"format": {"bold": True}}, {"startIndex": 3, "format": {"italic": True}}],
        ),
        {"note": "A note on nothing"},
        _cell("formulaValue", "=Price*2"),
        _cell("formulaValue", "='Other one''s'!A1"),
        {
            "dataValidation": {
                "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "yes"}]},
                "inputMessage": "Say yes",
                "showCustomUi": True,
            }
        },
    ],
]
TABLE = [
    [_cell("stringValue", name) for name in ("What", "Done", "When")],
    [_cell("stringValue", "ring"), _cell("boolValue", True), _cell("numberValue", 46000)],
    [_cell("stringValue", "write")],
]
SERIES = {"sourceRange": {"sources": [_area(0, 3, 5, 4)]}}
CHART = {
    "title": "Sales",
    "basicChart": {
        "chartType": "COLUMN",
        "domains": [{"domain": {"sourceRange": {"sources": [_area(0, 0, 5, 1)]}}}],
        "series": [{"series": SERIES, "colorStyle": {"themeColor": "ACCENT2"}}],
    },
}
SORTED = {"sortSpecs": [{"dimensionIndex": 6, "sortOrder": "DESCENDING"}]}
ROW, COLUMN = {"sheetId": 0, "dimension": "ROWS"}, {"sheetId": 0, "dimension": "COLUMNS"}


def _place(location: Mapping[str, Any], number: int) -> Json:
    metadata = {"metadataId": number, "metadataKey": "k", "metadataValue": "v", "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**metadata, "location": location}}}


EVERYTHING: list[Json] = [
    {
        "updateSpreadsheetProperties": {
            "properties": {
                "title": "Alles",
                "locale": "de_DE",
                "timeZone": "Europe/Berlin",
                "autoRecalc": "HOUR",
                "iterativeCalculationSettings": {"maxIterations": 7, "convergenceThreshold": 0.5},
            },
            "fields": "title,locale,timeZone,autoRecalc,iterativeCalculationSettings",
        }
    },
    {
        "updateSheetProperties": {
            "properties": {
                "title": "Log",
                "tabColorStyle": {"rgbColor": RED},
                "gridProperties": {"rowCount": 60, "columnCount": 12, "frozenRowCount": 1, "frozenColumnCount": 2},
            },
            "fields": "title,tabColorStyle,gridProperties",
        }
    },
    {"addSheet": {"properties": {"sheetId": 700001, "title": "Other one's", "rightToLeft": True, "index": 0}}},
    {"addSheet": {"properties": {"sheetId": 9, "title": "Hidden", "hidden": True}}},
    {"addNamedRange": {"namedRange": {"namedRangeId": "price", "name": "Price", "range": _area(0, 3, 1, 4)}}},
    {
        "updateCells": {
            "start": {"sheetId": 0},
            "rows": [{"values": line} for line in TYPED],
            "fields": "userEnteredValue,userEnteredFormat,note,dataValidation,textFormatRuns",
        }
    },
    {
        "updateCells": {
            "start": {"sheetId": 9, "rowIndex": 2, "columnIndex": 1},
            "rows": [{"values": line} for line in TABLE],
            "fields": "userEnteredValue",
        }
    },
    {
        "updateCells": {
            "start": {"sheetId": 0, "rowIndex": 20, "columnIndex": 6},
            "rows": [{"values": [_cell("numberValue", number)]} for number in (3, 1, 2)],
            "fields": "userEnteredValue",
        }
    },
    {"setBasicFilter": {"filter": {"range": _area(19, 6, 24, 8), **SORTED}}},
    {
        "updateCells": {  # out of order again: the copy must not sort them
            "start": {"sheetId": 0, "rowIndex": 20, "columnIndex": 6},
            "rows": [{"values": [_cell("numberValue", number)]} for number in (1, 3, 2)],
            "fields": "userEnteredValue",
        }
    },
    {
        "repeatCell": {
            "range": _area(30, 2, 60, 5),
            "cell": {"userEnteredFormat": {"borders": {"top": {"style": "DOTTED"}}, "wrapStrategy": "WRAP"}},
            "fields": "userEnteredFormat",
        }
    },
    {"mergeCells": {"range": _area(8, 1, 10, 3), "mergeType": "MERGE_ALL"}},
    {"updateBorders": {"range": _area(8, 1, 10, 3), "bottom": {"style": "SOLID_THICK", "color": RED}}},
    {
        "updateDimensionProperties": {
            "range": {**ROW, "startIndex": 4, "endIndex": 7},
            "properties": {"pixelSize": 44, "hiddenByUser": True},
            "fields": "pixelSize,hiddenByUser",
        }
    },
    {
        "updateDimensionProperties": {
            "range": {**COLUMN, "startIndex": 1, "endIndex": 2},
            "properties": {"pixelSize": 321},
            "fields": "pixelSize",
        }
    },
    {"addDimensionGroup": {"range": {**ROW, "startIndex": 10, "endIndex": 20}}},
    {"addDimensionGroup": {"range": {**ROW, "startIndex": 12, "endIndex": 15}}},
    {"addDimensionGroup": {"range": {**COLUMN, "startIndex": 3, "endIndex": 5}}},
    {
        "updateDimensionGroup": {
            "dimensionGroup": {"range": {**ROW, "startIndex": 12, "endIndex": 15}, "depth": 2, "collapsed": True},
            "fields": "collapsed",
        }
    },
    {
        "addConditionalFormatRule": {
            "rule": {
                "ranges": [_area(0, 0, 20, 2)],
                "booleanRule": {
                    "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$A1>0,5"}]},
                    "format": {"backgroundColorStyle": {"themeColor": "ACCENT1"}},
                },
            },
            "index": 0,
        }
    },
    {
        "addConditionalFormatRule": {
            "rule": {
                "ranges": [_area(0, 3, 20, 4)],
                "gradientRule": {
                    "minpoint": {"color": RED, "type": "MIN"},
                    "maxpoint": {"color": {"green": 1}, "type": "NUMBER", "value": "1,5"},
                },
            },
            "index": 1,
        }
    },
    {
        "addBanding": {
            "bandedRange": {
                "bandedRangeId": 31,
                "range": _area(30, 0, 40, 4),
                "rowProperties": {"firstBandColor": RED, "secondBandColor": {"green": 1}},
            }
        }
    },
    {
        "addFilterView": {
            "filter": {
                "filterViewId": 41,
                "title": "Mine",
                "range": _area(0, 0, 9, 5),
                "filterSpecs": [{"columnIndex": 1, "filterCriteria": {"hiddenValues": ["0012"]}}],
                **SORTED,
            }
        }
    },
    {"addProtectedRange": {"protectedRange": {"protectedRangeId": 51, "namedRangeId": "price", "warningOnly": True}}},
    {
        "addProtectedRange": {
            "protectedRange": {
                "protectedRangeId": 52,
                "range": {"sheetId": 700001},
                "description": "sheetsync writes this tab; looks 1f2e3d4c",
                "editors": {"users": ["chief@example.com", ACCOUNT], "groups": ["sales@example.com"]},
                "unprotectedRanges": [_area(1, 1, 2, 2, 700001)],
            }
        }
    },
    {
        "addChart": {
            "chart": {
                "chartId": 61,
                "spec": CHART,
                "position": {"overlayPosition": {"anchorCell": {"sheetId": 700001, "rowIndex": 3}, "widthPixels": 250}},
                "border": {"colorStyle": {"rgbColor": {"blue": 1}}},
            }
        }
    },
    {
        "addSlicer": {
            "slicer": {
                "slicerId": 71,
                "spec": {"dataRange": _area(0, 0, 5, 5), "columnIndex": 1, "title": "Which"},
                "position": {"overlayPosition": {"anchorCell": {"sheetId": 9, "columnIndex": 8}}},
            }
        }
    },
    {
        "addTable": {
            "table": {
                "tableId": "81",
                "name": "Todo",
                "range": _area(2, 1, 6, 4, 9),
                "columnProperties": [
                    {"columnIndex": 1, "columnType": "BOOLEAN"},
                    {"columnIndex": 2, "columnType": "DATE"},
                ],
            }
        }
    },
    {
        "updateCells": {  # a checkbox of the table that holds nothing
            "range": _area(5, 2, 6, 3, 9),
            "rows": [],
            "fields": "userEnteredValue",
        }
    },
    _place({"spreadsheet": True}, 91),
    _place({"sheetId": 9}, 92),
    _place({"dimensionRange": {**ROW, "startIndex": 2, "endIndex": 3}}, 93),
    _place({"dimensionRange": {**COLUMN, "startIndex": 11, "endIndex": 12}}, 94),
]


def _whole(shown: Json) -> Json:
    return {name: value for name, value in shown.items() if name not in ("spreadsheetId", "spreadsheetUrl")}


def whole(path: Path) -> Json:
    """All that the API tells of a local workbook, computed values and looks too."""
    with Workbook.open("local", path=path) as book:
        return _whole(book.grid("*"))


class Far:
    """A served file: the place of Google in these tests. Every body that arrives fits Google's description."""

    def __init__(self, folder: Path) -> None:
        self.trouble = Trouble()
        self.key = str(folder / "key.json")
        self.server = Server(folder / "far.sheet", credentials_out=Path(self.key), trouble=self.trouble)

    def blank(self, sheets: Sequence[Json] = ()) -> Place:
        """A new spreadsheet, shared with the account of the key."""
        body = {"properties": {"title": "Untitled"}, **({"sheets": list(sheets)} if sheets else {})}
        key = self.server.workbooks.create(body)
        self.server.site.sharing.share(key, Permission("user", "writer", ACCOUNT))
        return Place("loopback", key=key, base=self.server.url)

    def whole(self, place: Place) -> Json:
        """All that the API tells of it."""
        answer = self.server.workbooks.handle("GET", f"/v4/spreadsheets/{place.key}", [("fields", "*")], b"", None)
        shown: Json = json.loads(answer.body)
        return _whole(shown)

    def titles(self, place: Place) -> list[str]:
        """Its tabs from left to right."""
        return [sheet["properties"]["title"] for sheet in self.whole(place)["sheets"]]


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    patch = pytest.MonkeyPatch()
    patch.setitem(workbook.LIMITS, "loopback", PATIENT)
    patch.setattr(journal, "PAUSE", 0)
    desk = Far(tmp_path_factory.mktemp("far"))
    with desk.server:
        shorten_key(desk.server)
        yield desk
    patch.undo()


@pytest.fixture(autouse=True)
def _calm(far: Far) -> None:
    far.trouble.clear()


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A workbook with something of every kind."""
    path = tmp_path_factory.mktemp("everything") / "all.sheet"
    made = _file(path)
    with Workbook.open("local", path=path) as book:
        assert [misfit for request in EVERYTHING for misfit in misfits(request)] == []
        book.apply(EVERYTHING)
    return made


def _file(path: Path) -> Place:
    from sheetsync.local.inprocess import InProcess

    InProcess(path, create=True).close()
    return Place("local", path=path)


def _copied(source: Place, target: Place, far: Far) -> None:
    done = copy(source, target, far.key)
    assert (done.losses, done.differences, done.whole) == ([], [], True)


def test_there_and_back_it_is_the_same_in_everything(everything: Place, far: Far, tmp_path: Path) -> None:
    there, back = far.blank(), Place("local", path=tmp_path / "new" / "back.sheet")
    assert everything.path is not None
    assert back.path is not None
    before = whole(everything.path)
    _copied(everything, there, far)
    assert far.whole(there) == before
    _copied(there, back, far)
    assert whole(back.path) == before
    assert whole(everything.path) == before


def test_a_copy_of_a_synced_workbook_needs_no_sync(far: Far, tmp_path: Path) -> None:
    office = Office(tmp_path / "book.sheet")
    settings = configured(workbook={"credentials": far.key})
    prepare.init(settings, office.place)
    office.type("Actions", 1, [(46345, ANNA, "Meeting held", f"Client {n}", "", "minutes") for n in range(30)])
    sync.sync(settings, office.place, now=FRIDAY)
    there = far.blank()
    _copied(office.place, there, far)
    again = sync.sync(settings, there, now=FRIDAY)
    assert (again.changed, again.requests) == (False, 2)
    assert prepare.init(settings, there).changed is False


# --- what befalls it --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Two tabs with a chart and a table, and cells for several batches where those are small."""
    path = tmp_path_factory.mktemp("small") / "small.sheet"
    made = _file(path)
    rows = [{"values": [_cell("stringValue", f"{row} {'x' * 60}"), _cell("numberValue", row)]} for row in range(40)]
    fields = "userEnteredValue"
    kept = ("addNamedRange", "addTable", "addChart", "addProtectedRange", "addSheet")
    with Workbook.open("local", path=path) as book:
        book.apply([request for request in EVERYTHING if set(request) & set(kept)])
        book.apply([{"updateCells": {"start": {"rowIndex": 280}, "rows": rows, "fields": fields}}])
    return made


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells are read 300 rows at a time, and written some rows or some objects at a time."""
    monkeypatch.setattr(cells, "FEWEST_ROWS", 300)
    monkeypatch.setattr(cells, "MOST_ROWS", 300)
    monkeypatch.setattr(journal, "MOST_REQUESTS", 2)
    monkeypatch.setattr(cells, "MOST_BYTES", 1500)
    monkeypatch.setattr(journal, "MOST_BYTES", 2000)


@pytest.mark.usefixtures("in_pieces")
def test_a_copy_that_was_stopped_at_any_request_goes_on(small: Place, far: Far) -> None:
    assert small.path is not None
    before, stopped = whole(small.path), 0
    while True:
        stopped += 1
        there = far.blank()
        far.trouble.clear()
        far.trouble.befall(refusal(403), nth=stopped, times=10_000, method="POST", path=":batchUpdate$")
        try:
            copy(small, there, far.key)
        except AccessError:
            pass
        else:
            break
        far.trouble.clear()
        begun = MARK in far.titles(there)
        done = copy(small, there, far.key)
        assert (done.whole, done.resumed, done.losses) == (True, begun, [])
        assert far.whole(there) == before
    assert stopped > 10


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize(
    "fault",
    [
        refusal(503),
        refusal(503, after_commit=True),
        reset(after_commit=True),
        cut(),
        half(),
        web_page(502),
        twice("second"),
    ],
    ids=str,
)
def test_a_write_without_an_answer_is_written_once(small: Place, far: Far, fault: Fault) -> None:
    assert small.path is not None
    there = far.blank()
    for nth in range(1, 40, 2):
        far.trouble.befall(fault, nth=nth, method="POST", path=":batchUpdate$")
    _copied(small, there, far)
    assert far.whole(there) == whole(small.path)


def test_a_service_that_stays_away_is_told_with_what_to_do(small: Place, far: Far) -> None:
    far.trouble.befall(refusal(503), nth=3, times=10_000, method="POST", path=":batchUpdate$")
    with pytest.raises(ServiceError) as failed:
        copy(small, far.blank(), far.key)
    assert failed.value.what == "the local server answered 503"
    assert failed.value.remedy == (
        "The copy is not whole yet. Run the same command again: it goes on where it stopped."
    )


def test_two_copies_into_one_target_do_not_mix(small: Place, far: Far) -> None:
    there, racing = far.blank(), True

    def meanwhile(said: str) -> None:
        nonlocal racing
        if racing and said.startswith("writing"):
            racing = False
            _copied(small, there, far)

    with pytest.raises(ConflictError, match="somebody else writes into the target"):
        copy(small, there, far.key, progress=meanwhile)
    assert small.path is not None
    assert far.whole(there) == whole(small.path)


def test_an_unfinished_copy_is_no_source_and_completed_from_its_own_alone(
    small: Place, everything: Place, far: Far, tmp_path: Path
) -> None:
    there = far.blank()
    far.trouble.befall(refusal(403), nth=3, times=10_000, method="POST", path=":batchUpdate$")
    with pytest.raises(AccessError):
        copy(small, there, far.key)
    far.trouble.clear()
    assert far.titles(there)[0] == MARK
    with pytest.raises(UsageError, match="this is itself a copy that is not whole yet"):
        copy(there, Place("local", path=tmp_path / "x.sheet"), far.key)
    assert not (tmp_path / "x.sheet").exists()
    with pytest.raises(UsageError, match="an unfinished copy of another workbook is in the target"):
        copy(everything, there, far.key)


# --- what can't be carried -------------------------------------------------------------------------------------------


def test_what_the_target_refuses_is_left_out_and_named(far: Far, tmp_path: Path) -> None:
    """A chart that reads a tab which was deleted."""
    office = Office(tmp_path / "book.sheet")
    assert office.place.path is not None
    _file(office.place.path)
    spec = {
        "title": "Gone",
        "basicChart": {"series": [{"series": {"sourceRange": {"sources": [_area(0, 0, 5, 1, 5)]}}}]},
    }
    position: Json = {"overlayPosition": {"anchorCell": {}}}
    office.apply(
        {"addSheet": {"properties": {"sheetId": 5, "title": "Soon gone"}}},
        {"addChart": {"chart": {"chartId": 1, "spec": spec, "position": position}}},
        {"addChart": {"chart": {"chartId": 2, "spec": CHART, "position": position}}},
        {"deleteSheet": {"sheetId": 5}},
    )
    there = far.blank()
    done = copy(office.place, there, far.key)
    assert [str(loss) for loss in done.losses] == ["“Sheet1”, chart “Gone”: No grid with id: 5"]
    assert done.whole
    assert [chart["chartId"] for chart in far.whole(there)["sheets"][0]["charts"]] == [2]


def test_a_chart_on_a_tab_of_its_own_keeps_title_and_place(far: Far, tmp_path: Path) -> None:
    office = Office(tmp_path / "book.sheet")
    assert office.place.path is not None
    _file(office.place.path)
    office.apply({"addChart": {"chart": {"chartId": 1, "spec": CHART, "position": {"newSheet": True}}}})
    number = office.metadata()["sheets"][1]["properties"]["sheetId"]
    properties = {"sheetId": number, "title": "Picture", "index": 0, "tabColor": RED}
    office.apply({"updateSheetProperties": {"properties": properties, "fields": "title,index,tabColor"}})
    there = far.blank()
    done = copy(office.place, there, far.key)
    assert [(loss.tab, loss.what, loss.why) for loss in done.losses] == [
        ("Picture", "the tab", "not as in the source: sheetId"),
        ("Picture", "chart “Sales”", "not as in the source: position.sheetId"),
    ]
    made = far.whole(there)["sheets"]
    assert [sheet["properties"]["title"] for sheet in made] == ["Picture", "Sheet1"]
    assert made[0]["properties"]["tabColor"] == whole(office.place.path)["sheets"][0]["properties"]["tabColor"]
    assert made[0]["charts"][0]["chartId"] == 1


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ([{"properties": {"title": "A"}}, {"properties": {"title": "B"}}], "it has 2 tabs"),
        (
            [{"data": [{"startRow": 6, "rowData": [{"values": [_cell("numberValue", 0)]}]}]}],
            "there is something in “Sheet1”, row 7",
        ),
        ([{"data": [{"rowData": [{"values": [{"note": "!"}]}]}]}], "there is something in “Sheet1”, row 1"),
        ([{"properties": {"sheetId": 0}, "merges": [_area(0, 0, 2, 2)]}], "it has merges"),
    ],
)
def test_a_target_that_is_not_blank_is_refused(small: Place, far: Far, sheets: list[Json], said: str) -> None:
    there = far.blank(sheets)
    before = far.whole(there)
    with pytest.raises(UsageError) as refused:
        copy(small, there, far.key)
    assert str(refused.value) == (
        f"{there.base}/spreadsheets/d/{there.key}: the target is not empty: {said}\n"
        "Name a new spreadsheet with one blank tab, or a local:PATH that does not exist yet."
    )
    assert far.whole(there) == before


def test_a_workbook_is_not_copied_onto_itself(small: Place, far: Far) -> None:
    with pytest.raises(UsageError, match="source and target are the same workbook"):
        copy(small, small, far.key)


# --- what only Google has --------------------------------------------------------------------------------------------

GRID = {"properties": {"title": "T", "gridProperties": {"rowCount": 9, "columnCount": 2}}}


def test_an_error_that_was_typed_is_typed_again() -> None:
    error = {"userEnteredValue": {"errorValue": {"type": "N_A", "message": "typed"}}}
    chunk = cells.Chunk(GRID, 3, 5, [[{}, error], [{"userEnteredValue": {"stringValue": ""}}]], [], [])
    (item,) = cells.requests(chunk)
    place = {"sheetId": 0, "rowIndex": 3, "columnIndex": 1}
    assert item.request == {
        "pasteData": {"coordinate": place, "data": "#N/A", "type": "PASTE_VALUES", "delimiter": "\t"}
    }


def test_many_looks_are_written_with_the_cells() -> None:
    formats = [{"textFormat": {"fontSize": size}} for size in range(6, 400)]
    row = [{"userEnteredFormat": one} for one in formats]
    (item,) = cells.requests(cells.Chunk(GRID, 0, 1, [row], [], []))
    assert item.request["updateCells"]["fields"] == "userEnteredFormat"
    assert [cell["userEnteredFormat"] for cell in item.request["updateCells"]["rows"][0]["values"]] == formats


def test_accounts_of_a_local_workbook_are_nobody_at_google() -> None:
    held = {"users": ["chief@example.com", ACCOUNT, "page@local-workbook.invalid"], "groups": ["g@example.com"]}
    assert objects.editors(held, "robot@p.iam.gserviceaccount.com", google=True) == {
        "users": ["chief@example.com", "robot@p.iam.gserviceaccount.com"],
        "groups": ["g@example.com"],
    }
    assert objects.editors(held, ACCOUNT, google=False) == held


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_did(
    small: Place, far: Far, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["copy", f"local:{small.path}", f"local:{tmp_path / 'copy.sheet'}", "--credentials", far.key]

    def run(*more: str) -> tuple[object, list[str]]:
        with pytest.raises(SystemExit) as left:
            cli.main([*given, *more])
        return left.value.code, capsys.readouterr().out.splitlines()

    assert run() == (
        0,
        [
            "The copy is whole: 86 cells in 3 tabs, compared with the source.",
            f"Look at it: sheetsync serve {tmp_path / 'copy.sheet'}",
        ],
    )
    code, (answer,) = run("--json")
    assert code == 2
    assert json.loads(answer)["error"]["what"] == "the target is not empty: it has 3 tabs"


@pytest.mark.usefixtures("in_pieces")
def test_what_was_typed_meanwhile_is_told_and_the_mark_stays(
    small: Place, far: Far, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert small.path is not None
    copyfile(small.path, tmp_path / "mine.sheet")
    office, there = Office(tmp_path / "mine.sheet"), far.blank()
    far.trouble.befall(refusal(403), nth=4, times=10_000, method="POST", path=":batchUpdate$")
    with pytest.raises(AccessError):
        copy(office.place, there, far.key)
    far.trouble.clear()
    office.type("Sheet1", 281, [["changed"]])
    address = f"{there.base}/spreadsheets/d/{there.key}"
    given = ["copy", f"local:{office.place.path}", address, "--credentials", far.key]
    with pytest.raises(SystemExit) as left:
        cli.main(given)
    assert left.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "Of 86 cells in 3 tabs, 1 is not in the copy as in the source:",
        "  “Sheet1”, A282: value",
        "If somebody typed into the source meanwhile, copy it into an empty target once more. "
        "To use this copy as it is, delete its tab “Copy in progress”.",
        f"Look at it: {address}",
    ]
    assert far.titles(there)[0] == MARK
    office.type("Sheet1", 281, [[f"1 {'x' * 60}"]])
    done = copy(office.place, there, far.key)
    assert (done.whole, done.resumed, done.losses) == (True, True, [])
    assert far.whole(there) == whole(tmp_path / "mine.sheet")


def test_a_copy_that_a_person_stops_says_how_to_go_on(
    small: Place, far: Far, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there, answer, waiting = far.blank(), far.server.site.answer, True

    def stopping(asked: Asked, **more: bool) -> Answer:
        nonlocal waiting
        if waiting and b"addChart" in asked.body:
            waiting = False
            _thread.interrupt_main()
        return answer(asked, **more)

    monkeypatch.setitem(vars(far.server.site), "answer", stopping)
    given = ["copy", f"local:{small.path}", f"{there.base}/spreadsheets/d/{there.key}", "--credentials", far.key]
    with pytest.raises(SystemExit) as left:
        cli.main(given)
    assert (left.value.code, *capsys.readouterr()) == (
        130,
        "",
        "sheetsync: stopped before the copy was whole\nRun the same command again: it goes on where it stopped.\n",
    )
    with pytest.raises(SystemExit) as left:
        cli.main(given)
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(
        "The copy is whole: 86 cells in 3 tabs, compared with the source. It went on with an unfinished copy.\n"
    )


def test_editors_that_are_not_shown_are_named(far: Far, tmp_path: Path) -> None:
    there = far.blank()
    protected = {"range": _area(0, 0, 1, 1), "description": "Chief's", "editors": {"users": ["chief@example.com"]}}
    body = json.dumps({"requests": [{"addProtectedRange": {"protectedRange": protected}}]}).encode()
    answer = far.server.workbooks.handle("POST", f"/v4/spreadsheets/{there.key}:batchUpdate", [], body, None)
    assert answer.status == 200
    done = copy(there, Place("local", path=tmp_path / "mine.sheet"), far.key)
    assert done.whole
    assert [str(loss) for loss in done.losses] == [
        "“Sheet1”, protection “Chief's”: who may edit it is not shown to the account that reads; in the copy it is the "
        "account that copies"
    ]
    (kept,) = whole(tmp_path / "mine.sheet")["sheets"][0]["protectedRanges"]
    assert kept["editors"] == {"users": [ACCOUNT]}
