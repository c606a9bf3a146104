"""Hand-made answers of spreadsheets.get: a builder of tabs, and a dashboard to look at.

`python -m tests.picture.sample FOLDER` writes the dashboard's page there.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from sheetsync.picture import page

Json = dict[str, Any]

INK, GREY, PALE, BLUE, ORANGE = "#202b33", "#667085", "#d9dde3", "#0b6e8f", "#b54708"
BLUE_FILL, ORANGE_FILL = "#dceef5", "#fde3cf"
CATEGORIES = {
    "Active A": "#0b4f6c",
    "Active B": "#1b7fa8",
    "Active C": "#5fb0cf",
    "On trial": "#c98a1b",
    "In design": "#8f9bad",
    "Warm": "#bcc4d0",
    "Cold": "#e2e5ea",
}


def rgb(colour: str) -> Json:
    """`#rrggbb` as the API's Color."""
    return {
        name: int(colour[i : i + 2], 16) / 255
        for name, i in (("red", 1), ("green", 3), ("blue", 5))
        if colour[i : i + 2] != "00"
    }


def line(colour: str = PALE, style: str = "SOLID") -> Json:
    """A Border."""
    return {"style": style, "colorStyle": {"rgbColor": rgb(colour)}}


class Tab:
    """A tab under construction; rows and columns are counted from 0."""

    def __init__(self, sheet_id: int, title: str, rows: int = 100, columns: int = 26, **grid: Any) -> None:
        self.properties: Json = {
            "sheetId": sheet_id,
            "title": title,
            "gridProperties": {"rowCount": rows, "columnCount": columns, **grid},
        }
        self.cells: dict[tuple[int, int], Json] = {}
        self.widths: dict[int, Json] = {}
        self.heights: dict[int, Json] = {}
        self.extra: Json = {"merges": [], "charts": []}

    def put(self, row: int, column: int, value: object = None, shown: str | None = None, **more: Any) -> Json:
        """Sets a cell: a value, what is shown of it, `format=` and any other field of CellData."""
        cell = self.cells.setdefault((row, column), {})
        if isinstance(value, bool):
            cell.update(effectiveValue={"boolValue": value}, formattedValue=shown or str(value).upper())
        elif isinstance(value, int | float):
            cell.update(effectiveValue={"numberValue": value}, formattedValue=shown or f"{value:g}")
        elif value is not None:
            cell.update(effectiveValue={"stringValue": value}, formattedValue=shown or str(value))
        given = more.pop("format", None)
        if given:
            self.style(row, column, **given)
        cell.update(more)
        return cell

    def style(self, row: int, column: int, **given: Any) -> None:
        """Adds to a cell's effective format; `textFormat` and `borders` are merged."""
        shape = self.cells.setdefault((row, column), {}).setdefault("effectiveFormat", {})
        for key, value in given.items():
            shape[key] = {**shape.get(key, {}), **value} if isinstance(value, dict) else value

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        self.extra["merges"].append(
            {
                "sheetId": self.properties["sheetId"],
                "startRowIndex": top,
                "startColumnIndex": left,
                "endRowIndex": bottom,
                "endColumnIndex": right,
            }
        )

    def json(self) -> Json:
        """The Sheet object, as the API answers."""
        rows = 1 + max((row for row, _ in self.cells), default=-1)
        data = []
        for row in range(rows):
            last = max((column for at, column in self.cells if at == row), default=-1)
            data.append(
                {"values": [self.cells.get((row, column), {}) for column in range(last + 1)]} if last >= 0 else {}
            )
        grid = self.properties["gridProperties"]
        metadata = {
            "rowMetadata": [self.heights.get(i, {"pixelSize": 21}) for i in range(grid["rowCount"])],
            "columnMetadata": [self.widths.get(i, {"pixelSize": 100}) for i in range(grid["columnCount"])],
        }
        return {"properties": self.properties, "data": [{"rowData": data, **metadata}], **self.extra}


def spreadsheet(*tabs: Tab, **properties: Any) -> Json:
    """The whole answer."""
    return {"properties": {"title": "Sales", "locale": "en_US", **properties}, "sheets": [tab.json() for tab in tabs]}


def text(size: float = 10, colour: str = INK, **more: Any) -> Json:
    """A TextFormat in Inter."""
    return {"fontFamily": "Inter", "fontSize": size, "foregroundColorStyle": {"rgbColor": rgb(colour)}, **more}


def vector(sheet_id: int, column: int, rows: int, top: int = 0) -> Json:
    """ChartData: a column of a tab."""
    return {
        "sourceRange": {
            "sources": [
                {
                    "sheetId": sheet_id,
                    "startRowIndex": top,
                    "endRowIndex": rows,
                    "startColumnIndex": column,
                    "endColumnIndex": column + 1,
                }
            ]
        }
    }


def chart(spec: Json, row: int, column: int, width: int, height: int, sheet_id: int = 0) -> Json:
    """An EmbeddedChart anchored at a cell."""
    anchor = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    return {
        "chartId": 1,
        "spec": spec,
        "position": {"overlayPosition": {"anchorCell": anchor, "widthPixels": width, "heightPixels": height}},
    }


class Dashboard:
    """A dashboard like those that sheetsync writes, with made-up figures."""

    def __init__(self) -> None:
        self.random = Random(7)  # noqa: S311 figures for a picture
        self.tab = Tab(11, "Dashboard", 120, 16, frozenRowCount=2, frozenColumnCount=1, hideGridlines=True)
        self.tab.widths = {0: {"pixelSize": 150}} | {column: {"pixelSize": 68} for column in range(1, 16)}
        self.history = self._history()
        self.row = 0

    def json(self) -> Json:
        self._title()
        self._cards()
        self._attention()
        self._actuals("Productive actions", ["Meetings", "Lighting data", "Offers", "Trials", "Contracts"])
        self._actuals("Leads", ["Leads processed", "Converted", "New deals"])
        self._base()
        self._charts()
        return spreadsheet(self.tab, self.history, title="Sales department")

    def _history(self) -> Tab:
        tab = Tab(12, "Chart data", 20, 12, hideGridlines=True)
        tab.properties["hidden"] = True
        for column, name in enumerate(["", *CATEGORIES, "Actual", "Plan"]):
            tab.put(0, column, name)
        for week in range(12):
            tab.put(week + 1, 0, f"W{36 + week}")
            for column, base in enumerate((18, 34, 42, 15, 66, 150, 180), 1):
                tab.put(week + 1, column, base + self.random.randint(-6, 6))
            actual = 15_000_000 + self.random.randint(-3_000_000, 3_000_000)
            for column, value in ((8, actual), (9, 15_100_000)):
                tab.put(week + 1, column, value, format={"numberFormat": {"type": "NUMBER", "pattern": '0.0,,"M"'}})
        return tab

    def put(self, column: int, value: object = None, shown: str | None = None, **given: Any) -> Json:
        more = {key: given.pop(key) for key in ("note", "hyperlink", "userEnteredValue") if key in given}
        given.setdefault("textFormat", text())
        given.setdefault("verticalAlignment", "MIDDLE")
        return self.tab.put(self.row, column, value, shown, format=given, **more)

    def rule(self, row: int, side: str = "bottom", border: Json | None = None, columns: range = range(16)) -> None:
        for column in columns:
            self.tab.style(row, column, borders={side: border or line()})

    def height(self, pixels: int) -> None:
        self.tab.heights[self.row] = {"pixelSize": pixels}

    def _title(self) -> None:
        self.height(34)
        self.put(0, "Sales rhythm", textFormat=text(16, bold=True))
        self.put(15, "Week 47 · 16–22 November 2026", textFormat=text(9), horizontalAlignment="RIGHT")
        self.row = 1
        self.height(26)
        self.put(0, "Department of 7 · 4 of 5 working days passed (80%)", textFormat=text(11, GREY))
        trust = "as of Thu 19 Nov · synced 19 Nov 17:32 MSK · 12 rows need attention →"
        self.put(15, trust, textFormat=text(11, GREY), horizontalAlignment="RIGHT", hyperlink="#gid=11&range=A40")
        self.rule(1, border=line(INK, "SOLID_MEDIUM"))
        self.row = 2

    def _cards(self) -> None:
        top = self.row
        for height in (8, 24, 28, 20, 30):
            self.height(height)
            self.row += 1
        for card, (name, value, shown, sign, colour, plan) in enumerate(
            (
                ("Meetings held", 31, "31", "▲ 111%", BLUE, "plan 28 to date of 35"),
                ("Offers made", 22, "22", "● 98%", GREY, "plan 22 to date of 28"),
                ("Contracts", 4, "4", "▼ 71%", ORANGE, "plan 5.6 to date of 7"),
                ("Lead conversion", 0.38, "38%", "▲ 109%", BLUE, "plan 35%"),
                ("Revenue, RUB", 14_200_000, "14.2M", "● 94%", GREY, "plan 15.1M to date"),
            )
        ):
            left = 1 + card * 3
            side = {"left": line(colour, "SOLID_THICK")}
            padding = {"left": 8, "right": 3, "top": 2, "bottom": 2}
            self.row = top + 1
            self.put(
                left, name, textFormat=text(11, GREY), borders=side, padding=padding, note=f"{name}: what is counted"
            )
            self.row += 1
            self.put(
                left,
                value,
                shown,
                textFormat=text(16, bold=True),
                borders=side,
                padding=padding,
                horizontalAlignment="LEFT",
            )
            self.tab.merge(self.row, left, self.row + 1, left + 2)
            self.put(left + 2, 1.11, sign, textFormat=text(9, colour, bold=True), padding={"right": 8})
            self.row += 1
            self.put(left, plan, textFormat=text(8, GREY), borders=side, padding=padding)
            self.row += 1
            points = ";".join(str(self.random.randint(20, 40)) for _ in range(12))
            formula = f'=SPARKLINE({{{points}}};{{"color","{colour}";"linewidth",1.5}})'
            self.put(left, borders=side, padding=padding, userEnteredValue={"formulaValue": formula})
            self.tab.merge(self.row, left, self.row + 1, left + 3)
        for offset, words, style in (
            (1, "Headline", text(10.5, bold=True)),
            (2, "department", text(10, GREY)),
            (4, "last 12 weeks", text(8, GREY)),
        ):
            self.row = top + offset
            self.put(0, words, textFormat=style)
        self.row = top + 5

    def _heading(self, words: str) -> None:
        self.height(14)
        self.row += 1
        self.height(26)
        self.put(0, words, textFormat=text(10, bold=True))

    def _attention(self) -> None:
        self._heading("Act this week")
        self.rule(self.row)
        for manager, client, why, money in (
            ("Manager C", "Client 118", "payment overdue 9 days, Active A", "3.4M"),
            ("Manager A", "Client 042", "fixtures on trial 47 days (limit 30), 12 units", "1.9M"),
            ("Manager F", "Client 077", "Active B for 71 days, usual 24; no action for 20 days", "1.6M"),
            ("Manager C", "Client 009 <b>& Söhne</b>", "contract logged, base still says Warm", "0.8M"),
        ):
            self.row += 1
            self.put(0, manager)
            self.put(1, client, textFormat=text(10, BLUE), hyperlink="https://example.com/crm")
            self.put(4, why)
            self.put(15, 1.0, money)
            self.rule(self.row)
        self.row += 1

    def _actuals(self, words: str, indicators: list[str]) -> None:
        self._heading(words)
        last = 1 + 3 * len(indicators)
        for index, name in enumerate(indicators):
            self.put(
                1 + 3 * index,
                name,
                textFormat=text(10.5, bold=True),
                horizontalAlignment="CENTER",
                borders={"left": line()},
            )
            self.tab.merge(self.row, 1 + 3 * index, self.row + 1, 4 + 3 * index)
        self.rule(self.row, border=line(INK), columns=range(last))
        self.row += 1
        self.height(18)
        for column in range(1, last):
            words = ("actual", "plan", "att.")[(column - 1) % 3]
            border = {"left": line()} if column % 3 == 1 else {}
            self.put(column, words, textFormat=text(8, GREY), horizontalAlignment="RIGHT", borders=border)
        for manager in [*(f"Manager {letter}" for letter in "ABCDEFG"), "Department"]:
            self.row += 1
            total = manager == "Department"
            self.put(0, manager, textFormat=text(bold=total))
            for index in range(len(indicators)):
                self._actual(1 + 3 * index, total)
            self.rule(self.row, columns=range(last))
        self.row += 1

    def _actual(self, column: int, total: bool) -> None:
        plan = self.random.randint(2, 6) * (7 if total else 1)
        actual = max(0, plan + self.random.randint(-2, 3))
        share = actual / plan
        colour, sign, fill = (
            (BLUE, "▲", BLUE_FILL)
            if share >= 1
            else (ORANGE, "▼", ORANGE_FILL)
            if share < 0.9
            else (GREY, "●", "#ffffff")
        )
        self.put(column, actual, textFormat=text(10.5, bold=total), borders={"left": line()}, padding={"right": 10})
        self.put(column + 1, plan, textFormat=text(10.5, GREY, bold=total), padding={"right": 8})
        self.put(
            column + 2,
            share,
            f"{sign} {share:.0%}",
            textFormat=text(8.5, colour, bold=total),
            backgroundColorStyle={"rgbColor": rgb(fill)},
            padding={"right": 6},
        )

    def _base(self) -> None:
        self._heading("Base, clients")
        for index, (name, colour) in enumerate(CATEGORIES.items()):
            self.put(
                1 + 2 * index,
                name,
                textFormat=text(10.5, bold=True),
                horizontalAlignment="CENTER",
                borders={"left": line()},
            )
            self.tab.merge(self.row, 1 + 2 * index, self.row + 1, 3 + 2 * index)
            self.rule(self.row, border=line(colour, "SOLID_THICK"), columns=range(1 + 2 * index, 3 + 2 * index))
        self.put(15, "All", textFormat=text(10.5, bold=True), horizontalAlignment="RIGHT")
        self.rule(self.row, border=line(INK), columns=range(1))
        self.rule(self.row, border=line(INK), columns=range(15, 16))
        for manager in "ABCD":
            self.row += 1
            self.put(0, f"Manager {manager}")
            for index in range(7):
                self.put(1 + 2 * index, self.random.randint(0, 43), borders={"left": line()}, padding={"right": 4})
                change = self.random.choice((-2, -1, 1, 2, 3, None))
                if change:
                    self.put(
                        2 + 2 * index,
                        change,
                        f"{change:+d}".replace("-", "−"),
                        textFormat=text(8, BLUE if change > 0 else ORANGE),
                        horizontalAlignment="LEFT",
                    )
            self.put(15, self.random.randint(70, 110), textFormat=text(bold=True))
            self.rule(self.row)
        self.row += 1

    def _charts(self) -> None:
        self._heading("Base over time, clients")
        self.put(8, "Revenue, plan and actual, M RUB", textFormat=text(10, bold=True))
        self.rule(self.row)
        bars = {
            "chartType": "COLUMN",
            "stackedType": "STACKED",
            "legendPosition": "BOTTOM_LEGEND",
            "headerCount": 1,
            "domains": [{"domain": vector(12, 0, 13)}],
            "series": [
                {
                    "series": vector(12, 1 + index, 13),
                    "targetAxis": "LEFT_AXIS",
                    "colorStyle": {"rgbColor": rgb(colour)},
                }
                for index, colour in enumerate(CATEGORIES.values())
            ],
        }
        lines = {
            "chartType": "LINE",
            "legendPosition": "BOTTOM_LEGEND",
            "headerCount": 1,
            "domains": [{"domain": vector(12, 0, 13)}],
            "series": [
                {"series": vector(12, 8, 13), "targetAxis": "LEFT_AXIS", "colorStyle": {"rgbColor": rgb(BLUE)}},
                {
                    "series": vector(12, 9, 13),
                    "targetAxis": "LEFT_AXIS",
                    "colorStyle": {"rgbColor": rgb(GREY)},
                    "lineStyle": {"type": "MEDIUM_DASHED", "width": 1},
                },
            ],
        }
        font = {"fontName": "Inter"}
        self.tab.extra["charts"] = [
            chart({"basicChart": bars, **font}, self.row + 1, 0, 600, 240, 11),
            chart({"basicChart": lines, **font}, self.row + 1, 8, 540, 240, 11),
        ]


@cache
def dashboard() -> str:
    """The dashboard's page."""
    return page(Dashboard().json())


if __name__ == "__main__":
    Path(sys.argv[1], "dashboard.html").write_text(dashboard(), encoding="utf-8")
