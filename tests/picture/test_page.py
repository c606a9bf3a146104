"""The page as text: what stands in it, what never does, and that it is the same every time."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import googleapiclient
import pytest

from sheetsync.picture import FIELDS, page
from tests.picture.sample import Dashboard, Tab, chart, dashboard, line, rgb, spreadsheet, vector

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202egnp\u2069 & \"'"


def one(tab: Tab) -> str:
    return page(spreadsheet(tab))


class Reader(HTMLParser):
    """The table as rows of (tag, attributes, text), and every attribute value of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, dict[str, str | None], str]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append((tag, dict(attrs), ""))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, attributes, text = self.rows[-1][-1]
            self.rows[-1][-1] = (tag, attributes, text + data)

    @property
    def texts(self) -> list[list[str]]:
        return [[text for _, _, text in row] for row in self.rows]


def test_values_stand_as_formatted_in_rows_and_columns() -> None:
    tab = Tab(0, "Money")
    tab.put(0, 0, "Client")
    tab.put(0, 1, 1234.5, "1 234,50 ₽")
    tab.put(2, 1, True)
    assert Reader(one(tab)).texts == [["Client", "1 234,50 ₽"], ["", ""], ["", "TRUE"]]


def test_the_page_is_the_same_every_time() -> None:
    assert page(Dashboard().json()) == dashboard()


def test_peoples_text_stays_text() -> None:
    tab = Tab(0, HOSTILE)
    tab.put(0, 0, HOSTILE, note=HOSTILE, format={"textFormat": {"fontFamily": '"};</style><script>'}})
    tab.put(1, 0, HOSTILE, textFormatRuns=[{}, {"startIndex": 3, "format": {"bold": True}}])
    tab.put(2, 0, HOSTILE)
    tab.put(2, 1, 5)
    tab.extra["charts"] = [
        chart(
            {
                "title": HOSTILE,
                "fontName": '"><script>',
                "basicChart": {
                    "chartType": "COLUMN",
                    "headerCount": 0,
                    "axis": [{"position": "LEFT_AXIS", "title": HOSTILE}],
                    "domains": [{"domain": vector(0, 0, 3, 2)}],
                    "series": [{"series": vector(0, 1, 3, 2)}],
                },
            },
            5,
            0,
            400,
            200,
        )
    ]
    html = page(spreadsheet(tab, title=HOSTILE), language='en"><script>')
    assert "<script" not in html.lower()
    assert "\x1b" not in html
    assert "␛[31m" in html
    tags = {tag for tag, _ in Reader(html).tags}
    assert tags <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "div",
            "table",
            "colgroup",
            "col",
            "tbody",
            "tr",
            "td",
        ),
        *("span", "figure", "svg", "g", "path", "line", "text", "rect"),
    }
    assert '<html lang="en">' in html


def test_nothing_comes_from_a_network() -> None:
    html = dashboard()
    assert not re.search(r"""\ssrc=|@import|url\(|@font-face""", html)
    assert [tag for tag, _ in Reader(html).tags if tag in ("script", "link", "iframe", "img", "object", "form")] == []
    assert "default-src 'none'" in html


@pytest.mark.parametrize(
    ("uri", "href"),
    [
        ("https://example.com/a?b=1&c=2", "https://example.com/a?b=1&c=2"),
        ("mailto:rop@example.com", "mailto:rop@example.com"),
        ("#gid=0&range=B3", "#gid=0&range=B3"),
        ("#gid=0", "#gid=0"),
        ("#gid=0&range=$B$1:C3", "#gid=0&range=B1:C3"),
        ("#gid=0&range=B1001", None),
        ("#gid=9&range=B3", None),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)//https://x", None),
        ("data:text/html,<script>", None),
        ("file:///etc/passwd", None),
        ("//example.com", None),
        ("https://example.com/ onclick=x", None),
        ("#gid=0&range=B3'><script>", None),
    ],
)
def test_only_safe_links_are_links(uri: str, href: str | None) -> None:
    tab = Tab(0, "T")
    tab.put(0, 0, "click", hyperlink=uri)
    links = [attributes["href"] for tag, attributes in Reader(one(tab)).tags if tag == "a"]
    assert links == ([href] if href else [])
    assert "click" in one(tab)


def test_a_link_within_the_tab_finds_its_cell_and_one_to_another_tab_the_spreadsheet() -> None:
    tab = Tab(4, "T")
    tab.put(0, 0, "down", hyperlink="#gid=4&range=B3")
    tab.put(1, 0, "away", hyperlink="#gid=5&range=A1")
    tab.put(2, 1, "here")
    tab.put(2, 0, "top", hyperlink="#gid=4")
    source = spreadsheet(tab) | {"spreadsheetUrl": "https://docs.google.com/spreadsheets/d/KEY/edit"}
    reader = Reader(page(source))
    assert [attributes["href"] for tag, attributes in reader.tags if tag == "a"] == [
        "#gid=4&range=B3",
        "https://docs.google.com/spreadsheets/d/KEY/edit#gid=5&range=A1",
        "https://docs.google.com/spreadsheets/d/KEY/edit#gid=4",
    ]
    assert reader.rows[2][1][1]["id"] == "gid=4&range=B3"


def test_a_server_knows_the_other_tabs() -> None:
    tab = Tab(4, "T")
    for row, uri in enumerate(("#gid=4&range=B3", "#gid=5&range=A7", "#gid=4", "#gid=4&range=B5000")):
        tab.put(row, 0, "show →", hyperlink=uri)
    reader = Reader(page(spreadsheet(tab), address="/book", pointers=["show →"]))
    hrefs = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert hrefs == ["#gid=4&range=B3", "/book?gid=5#r7", "/book?gid=4", "#gid=4&range=B5000"]
    assert [row[0][2] for row in reader.rows] == ["show →"] * 4


def test_a_hyperlink_formula_is_a_link_too() -> None:
    tab = Tab(0, "T")
    tab.put(0, 0, "row 12", userEnteredValue={"formulaValue": '=HYPERLINK("#gid=0&range=C12";"row 12")'})
    assert ("a", {"href": "#gid=0&range=C12"}) in Reader(one(tab)).tags


def test_a_link_that_leads_nowhere_loses_its_arrow_and_what_only_points_is_left_out() -> None:
    tab = Tab(0, "T")
    for row, words in enumerate(("3 rows →", "→", "show them →", "from → to", "row 12")):
        formula = f'=HYPERLINK("#gid=7&range=C12";"{words}")'
        tab.put(row, 0, words, userEnteredValue={"formulaValue": formula})
        tab.put(row, 1, words, hyperlink="#gid=0&range=A1")
        tab.put(row, 2, words)
    reader = Reader(page(spreadsheet(tab), pointers=["show them →"]))
    assert reader.texts == [
        ["3 rows", "3 rows →", "3 rows →"],
        ["", "→", "→"],
        ["", "show them →", "show them →"],
        ["from → to", "from → to", "from → to"],
        ["row 12", "row 12", "row 12"],
    ]
    assert [attributes["href"] for tag, attributes in reader.tags if tag == "a"] == ["#gid=0&range=A1"] * 5


@pytest.mark.parametrize(
    ("cells", "expected"),
    [("A1", (0, 0)), ("B2", (1, 1)), ("C3", (1, 1)), ("B5", (4, 1)), ("D5", (4, 3)), ("Z90", (5, 3)), ("B4", (4, 1))],
)
def test_a_link_finds_the_cell_that_is_drawn_for_its_target(cells: str, expected: tuple[int, int]) -> None:
    """A merge's first for the cells that it covers; the next for a hidden one, the last for one beyond the end."""
    tab = Tab(0, "T")
    tab.put(5, 3, "end", hyperlink=f"#gid=0&range={cells}")
    tab.put(1, 1, "merged")
    tab.merge(1, 1, 3, 3)
    tab.heights[3] = {"pixelSize": 21, "hiddenByUser": True}
    target = Reader(one(tab)).tags
    assert sum(attributes.get("id") == f"gid=0&range={cells}" for _, attributes in target) == 1
    rows = [0, 1, 2, 4, 5]
    places = {
        (rows[i], j): attributes
        for i, row in enumerate(Reader(one(tab)).rows)
        for j, (_, attributes, _) in enumerate(row)
    }
    row, column = expected
    assert places[row, column]["id"] == f"gid=0&range={cells}"


def test_merges_span_and_their_covered_cells_are_left_out() -> None:
    tab = Tab(0, "T")
    tab.put(0, 0, "wide")
    tab.merge(0, 0, 2, 3)
    tab.put(1, 1, "covered")
    tab.put(2, 3, "end")
    rows = Reader(one(tab)).rows
    assert (rows[0][0][1]["colspan"], rows[0][0][1]["rowspan"], rows[0][0][2]) == ("3", "2", "wide")
    assert [len(row) for row in rows] == [2, 1, 4]


def test_hidden_rows_and_columns_are_left_out_of_merges_too() -> None:
    tab = Tab(0, "T")
    for column in range(4):
        tab.put(0, column, f"c{column}")
        tab.put(1, column, f"d{column}")
    tab.put(2, 0, "merged")
    tab.merge(2, 0, 3, 3)
    tab.widths[1] = {"pixelSize": 80, "hiddenByUser": True}
    tab.heights[1] = {"pixelSize": 21, "hiddenByFilter": True}
    reader = Reader(one(tab))
    assert reader.texts == [["c0", "c2", "c3"], ["merged", ""]]
    assert reader.rows[1][0][1]["colspan"] == "2"


def test_the_grid_ends_where_nothing_shows_any_more() -> None:
    tab = Tab(0, "T", 1000, 26)
    tab.put(0, 0, "a")
    tab.put(3, 2, format={"backgroundColorStyle": {"rgbColor": rgb("#ff0000")}})
    tab.put(900, 20, format={"numberFormat": {"type": "NUMBER", "pattern": "0"}})
    assert [len(row) for row in Reader(one(tab)).rows] == [3, 3, 3, 3]


def test_frozen_cells_are_headings() -> None:
    tab = Tab(0, "T", frozenRowCount=1, frozenColumnCount=1)
    for row in range(2):
        for column in range(2):
            tab.put(row, column, "x")
    rows = Reader(one(tab)).rows
    assert [[(tag, attributes.get("scope")) for tag, attributes, _ in row] for row in rows] == [
        [("th", "col"), ("th", "col")],
        [("th", "row"), ("td", None)],
    ]


def test_a_frozen_line_through_a_merge_gives_way() -> None:
    tab = Tab(0, "T", frozenRowCount=2, frozenColumnCount=2)
    tab.put(0, 0, "a")
    tab.put(1, 1, "merged")
    tab.put(3, 3, "z")
    tab.merge(1, 1, 3, 3)
    rows = Reader(one(tab)).rows
    assert [cell[0] for cell in rows[0]] == ["th", "td", "td", "td"]
    assert rows[1][1][:2] == ("td", {"class": rows[1][1][1]["class"], "colspan": "2", "rowspan": "2"})


def test_equal_cells_share_a_class() -> None:
    tab = Tab(0, "T")
    bold = {"textFormat": {"bold": True}}
    for row in range(50):
        tab.put(row, 0, f"r{row}", format=bold)
    classes = [row[0][1]["class"] for row in Reader(one(tab)).rows]
    assert len(set(classes)) == 1
    assert one(tab).count("font-weight:700") == 1


def test_tabs_are_named_only_where_several_visible_ones_hold_data() -> None:
    first, second, hidden = Tab(1, "Dashboard"), Tab(2, "History"), Tab(3, "Snapshots")
    for tab in (first, second, hidden):
        tab.put(0, 0, "x")
    hidden.properties["hidden"] = True
    assert "<nav" not in page(spreadsheet(first, hidden, Tab(4, "Empty")))
    html = page(spreadsheet(first, second, hidden), 2, "de")
    assert '<bdi>Dashboard</bdi><bdi aria-current="page">History</bdi></nav>' in html
    assert 'lang="de"' in html
    assert "<title>History · Sales</title>" in html


def test_the_first_visible_tab_with_data_is_drawn_and_an_unknown_one_refused() -> None:
    hidden, empty, full = Tab(1, "A"), Tab(2, "B"), Tab(3, "C")
    hidden.put(0, 0, "hidden")
    hidden.properties["hidden"] = True
    full.put(0, 0, "full")
    assert Reader(page(spreadsheet(hidden, empty, full))).texts == [["full"]]
    with pytest.raises(LookupError, match=r"^The spreadsheet has no tab with the id 77\.$"):
        page(spreadsheet(full), 77)


def test_an_empty_tab_is_an_empty_page() -> None:
    assert Reader(one(Tab(0, "Empty"))).texts == [[""]]
    assert Reader(page({"sheets": [{"properties": {"title": "bare"}}]})).texts == [[""]]


def test_banding_lies_under_cells_that_nobody_painted() -> None:
    tab = Tab(0, "T")
    for row in range(4):
        tab.put(row, 0, f"r{row}")
    white = {"backgroundColor": {"red": 1, "green": 1, "blue": 1}}
    tab.put(2, 0, userEnteredFormat=white, format=white)
    colours = {"headerColor": rgb("#111111"), "firstBandColor": rgb("#222222"), "secondBandColor": rgb("#333333")}
    tab.extra["bandedRanges"] = [
        {"range": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 4, "endColumnIndex": 1}, "rowProperties": colours}
    ]
    html = one(tab)
    fills = []
    for cells in Reader(html).rows:
        rule = re.search(rf"^\.{cells[0][1]['class']}\{{(.*)\}}$", html, re.MULTILINE)
        assert rule
        found = re.search(r"background-color:(#\w+)", rule[1])
        fills.append(found and found[1])
    assert fills == ["#111111", "#222222", None, "#222222"]


def test_the_mask_names_only_what_google_has() -> None:
    """Every name in FIELDS is in Google's discovery document, at its place."""
    path = Path(googleapiclient.__file__).parent / "discovery_cache/documents/sheets.v4.json"
    schemas = json.loads(path.read_text(encoding="utf-8"))["schemas"]

    def walk(mask: str, schema: str) -> None:
        for part in re.findall(r"[\w.]+(?:\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\))?", mask):
            names, _, inner = part.partition("(")
            at = schema
            for name in names.split("."):
                properties: dict[str, Any] = schemas[at]["properties"]
                assert name in properties, f"{at} has no {name}"
                found = properties[name]
                at = found.get("$ref") or found.get("items", {}).get("$ref", "")
            if inner:
                walk(inner[:-1], at)

    walk(FIELDS, "Spreadsheet")


def test_style_and_template_are_in_the_package() -> None:
    folder = files("sheetsync.picture")
    assert all((folder / name).is_file() for name in ("page.html", "page.css"))


def test_line_between_two_cells_is_the_heavier_border() -> None:
    tab = Tab(0, "T", hideGridlines=True)
    tab.put(0, 0, "a", format={"borders": {"right": line("#111111"), "bottom": line("#333333", "SOLID_THICK")}})
    tab.put(0, 1, "b", format={"borders": {"left": line("#222222", "SOLID_MEDIUM")}})
    tab.put(1, 0, "c", format={"borders": {"top": line("#444444")}})
    html = one(tab)
    assert "border-right:2px solid #222222" in html
    assert "border-bottom:3px solid #333333" in html
    assert "#111111" not in html
    assert "#444444" not in html
