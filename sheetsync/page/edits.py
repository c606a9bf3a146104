"""What people do to cells, as requests of the API; each edit answers with the requests that take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sheetsync.page.api import Api, Area, Json, RefusalError, Visit, letters
from sheetsync.page.rules import Choices, fits

_VALUE = "userEnteredValue,userEnteredFormat.numberFormat,textFormatRuns"
_WHOLE = "userEnteredValue,userEnteredFormat,textFormatRuns,dataValidation,note"
_READ = "sheets(properties.sheetId,data(startRow,startColumn,rowData.values({})))"
_JUDGED = "effectiveValue,formattedValue,dataValidation"
_PASTES = ("PASTE_NORMAL", "PASTE_VALUES")
_MOST = 200_000


class Editor:
    """Edits in one tab. `said(cell)` is what is told of a value that its rule rejects, by the name of the cell."""

    def __init__(self, visit: Visit, gid: int, said: Callable[[str], str]) -> None:
        self._visit, self._gid, self._said = visit, gid, said
        self._api = Api(visit)
        self._properties = self._api.tab(gid)
        self._title = str(self._properties["title"])

    def do(self, kind: str, edit: Json) -> list[Json]:
        """One edit; the requests that take it back. RefusalError as the API refuses, and for an edit of no known kind.

        `type`: texts `rows` from `top` and `left` on, read as typed. `clear`: the values of `areas` ([top, left,
        bottom, right]). `copy` and `cut`: the `source` area of tab `from` to `target`; `paste` is a PasteType.
        `undo`: `requests` as an edit answered them. `grow`: `count` more rows.
        """
        kinds: Mapping[str, Callable[[Json], list[Json]]] = {
            "type": self._type,
            "clear": self._clear,
            "copy": self._copy,
            "cut": self._cut,
            "undo": self._undo,
            "grow": self._grow,
        }
        if kind not in kinds:
            raise RefusalError.of(f"Unknown kind of edit: {kind}")
        try:
            return kinds[kind](edit)
        except (KeyError, TypeError, ValueError) as error:
            raise RefusalError.of(f"Malformed edit: {error}") from None

    def _type(self, edit: Json) -> list[Json]:
        rows = [[str(text) for text in row] for row in edit["rows"]]
        area = _checked(
            Area(int(edit["top"]), int(edit["left"]), int(edit["top"]) + len(rows), int(edit["left"]) + _width(rows))
        )
        self._make_room(area)
        cells, undo = self._snapshot(area, _VALUE)
        self._api.write_values([{"range": area.a1(self._title), "values": rows}])
        if any(cell.get("dataValidation", {}).get("strict") for _, _, cell in cells):
            self._reject(area, undo)
        return undo

    def _reject(self, area: Area, undo: list[Json]) -> None:
        """Take the edit back where a value is not what a strict rule lets in; Sheets asks before, the API does not."""
        choices = Choices(self._api, self._title)
        found = self._api.get(_READ.format(_JUDGED), [area.a1(self._title)])
        for row, column, cell in _cells(found):
            rule = cell.get("dataValidation", {})
            if rule.get("strict") and not fits(rule, cell, choices.of(rule)):
                self._api.batch(undo)
                said = self._said(f"{letters(column)}{row + 1}")
                help_ = rule.get("inputMessage", "")
                raise RefusalError.of(f"{said} {help_}".strip())

    def _clear(self, edit: Json) -> list[Json]:
        areas = [_area(bounds) for bounds in edit["areas"]]
        undo: list[Json] = []
        unchecked: list[Json] = []
        for area in areas:
            cells, back = self._snapshot(area, _VALUE)
            undo += back
            for row, column, cell in cells:
                text = _unchecked(cell)
                if text is not None:
                    at = Area(row, column, row + 1, column + 1).a1(self._title)
                    unchecked.append({"range": at, "values": [[text]]})
        self._api.clear([area.a1(self._title) for area in areas])
        if unchecked:
            self._api.write_values(unchecked)
        return undo

    def _copy(self, edit: Json) -> list[Json]:
        source, target = _area(edit["source"]), _area(edit["target"])
        self._make_room(target)
        _, undo = self._snapshot(target, _WHOLE)
        paste = edit.get("paste", _PASTES[0])
        if paste not in _PASTES:
            raise ValueError(paste)
        request = {
            "source": source.grid_range(int(edit["from"])),
            "destination": target.grid_range(self._gid),
            "pasteType": paste,
        }
        self._api.batch([{"copyPaste": request}])
        return undo

    def _cut(self, edit: Json) -> list[Json]:
        source, target = _area(edit["source"]), _area(edit["target"])
        self._make_room(target)
        home = self._in(int(edit["from"]))
        undo = [*home._snapshot(source, _WHOLE)[1], *self._snapshot(target, _WHOLE)[1]]
        corner = {"sheetId": self._gid, "rowIndex": target.top, "columnIndex": target.left}
        request = {"source": source.grid_range(home._gid), "destination": corner, "pasteType": "PASTE_NORMAL"}
        self._api.batch([{"cutPaste": request}])
        return undo

    def _undo(self, edit: Json) -> list[Json]:
        requests = [{"updateCells": dict(each["updateCells"])} for each in edit["requests"]]
        redo: list[Json] = []
        for request in requests:
            written = request["updateCells"]
            span = written["range"]
            sides = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")
            area = _area([span[side] for side in sides])
            redo += self._in(span["sheetId"])._snapshot(area, written["fields"])[1]
        self._api.batch(requests)
        return redo

    def _grow(self, edit: Json) -> list[Json]:
        self._api.batch([self._more("ROWS", self._properties["gridProperties"]["rowCount"], int(edit["count"]))])
        return []

    def _more(self, dimension: str, size: int, length: int) -> Json:
        """Rows or columns after the last one, which look like it and have its rules, as in Sheets."""
        span = {"sheetId": self._gid, "dimension": dimension, "startIndex": size, "endIndex": size + length}
        return {"insertDimension": {"range": span, "inheritFromBefore": True}}

    def _in(self, gid: int) -> Editor:
        return self if gid == self._gid else Editor(self._visit, gid, self._said)

    def _make_room(self, area: Area) -> None:
        """More rows and columns where the area ends beyond the grid, as Sheets gives a pasted block."""
        grid = self._properties["gridProperties"]
        ends = ("ROWS", grid["rowCount"], area.bottom), ("COLUMNS", grid["columnCount"], area.right)
        requests = [self._more(dimension, size, end - size) for dimension, size, end in ends if end > size]
        if requests:
            self._api.batch(requests)

    def _snapshot(self, area: Area, fields: str) -> tuple[list[tuple[int, int, Json]], list[Json]]:
        """The cells of an area before an edit, and the requests that bring them back."""
        wanted = fields if "dataValidation" in fields else f"{fields},dataValidation"
        found = self._api.get(_READ.format(wanted), [area.a1(self._title)])
        kept = {name.split(".")[0] for name in fields.split(",")}
        rows = [
            {
                "values": [
                    {name: value for name, value in cell.items() if name in kept} for cell in row.get("values", [])
                ]
            }
            for data in found["sheets"][0].get("data", [])
            for row in data.get("rowData", [])
        ]
        back = {"range": area.grid_range(self._gid), "rows": rows, "fields": fields}
        return list(_cells(found)), [{"updateCells": back}]


def _cells(found: Json) -> Iterator[tuple[int, int, Json]]:
    for data in found["sheets"][0].get("data", []):
        for row, line in enumerate(data.get("rowData", []), data.get("startRow", 0)):
            for column, cell in enumerate(line.get("values", []), data.get("startColumn", 0)):
                yield row, column, cell


def _unchecked(cell: Json) -> str | None:
    """What an unchecked checkbox holds; None where the cell is none."""
    condition = cell.get("dataValidation", {}).get("condition", {})
    if condition.get("type") != "BOOLEAN" or "userEnteredValue" not in cell:
        return None
    values = condition.get("values", [])
    return str(values[1]["userEnteredValue"]) if len(values) > 1 else "" if values else "FALSE"


def _width(rows: Sequence[Sequence[str]]) -> int:
    return max(map(len, rows), default=0)


def _area(bounds: Sequence[int]) -> Area:
    top, left, bottom, right = bounds
    return _checked(Area(int(top), int(left), int(bottom), int(right)))


def _checked(area: Area) -> Area:
    if not (0 <= area.top < area.bottom and 0 <= area.left < area.right):
        raise ValueError("not an area")
    if (area.bottom - area.top) * (area.right - area.left) > _MOST:
        raise ValueError(f"more than {_MOST} cells")
    return area
