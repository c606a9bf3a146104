"""What is sent to prepare one managers' tab: its grid, header, columns, highlighting and protection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sheetsync import fields
from sheetsync.canvas import INK, LINE, style
from sheetsync.entry import highlighting
from sheetsync.entry.lists import Lists
from sheetsync.entry.rules import RULES
from sheetsync.entry.tabs import NEW_ROWS, Tab, crossing, size
from sheetsync.fields import Field
from sheetsync.schema import Settings
from sheetsync.texts import Texts

Request = dict[str, Any]

SIGNATURE = "— sheetsync"
"""The last line of our notes, by which they are told from people's."""

_HEADER = style(bold=True, ink=INK, fill="#eef1f4", wrap="WRAP", bottom=LINE)


class Preparation:
    """Plans one tab; `lists` are those of the Guide that stands once the requests are applied."""

    def __init__(self, settings: Settings, tab: Tab, lists: Lists) -> None:
        self._settings = settings
        self._tab = tab
        self._lists = lists
        self._texts = Texts(settings.workbook.language)
        self._fields = {name: fields.named("base" if tab.kind == "base" else "actions", name) for name in tab.places}

    def requests(self) -> list[Request]:
        """What is missing or outdated, in the order in which it has to be applied."""
        return [
            *self._sheet(),
            *self._headers(),
            *self._notes(),
            *self._widths(),
            *self._formats(),
            *self._dropdowns(),
            *highlighting.requests(self._tab, self._lists),
            *self._protection(),
        ]

    # --- the grid ---------------------------------------------------------------------------------------------------

    def _sheet(self) -> Iterator[Request]:
        tab = self._tab
        if tab.sheet is None:
            grid = {"rowCount": NEW_ROWS, "columnCount": tab.width, "frozenRowCount": 1}
            properties = {"sheetId": tab.sheet_id, "title": tab.title, "gridProperties": grid}
            yield {"addSheet": {"properties": properties}}
            return
        rows, _ = size(tab.sheet)
        if tab.rows > rows:
            yield {"appendDimension": {"sheetId": tab.sheet_id, "dimension": "ROWS", "length": tab.rows - rows}}
        yield from self._put_in()
        if tab.renamed:
            renamed = {"sheetId": tab.sheet_id, "title": tab.title}
            yield {"updateSheetProperties": {"properties": renamed, "fields": "title"}}
        frozen = tab.sheet["properties"]["gridProperties"].get("frozenRowCount", 0)
        cut = [merge for merge in crossing(tab.sheet, tab.header) if merge["endRowIndex"] > tab.header + 1]
        if frozen < tab.header + 1 and not cut:
            properties = {"sheetId": tab.sheet_id, "gridProperties": {"frozenRowCount": tab.header + 1}}
            yield {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}}

    def _put_in(self) -> Iterator[Request]:
        """Columns for what is added, without the formats and dropdowns that they inherit.

        At the right edge they can inherit from before alone: the service refuses it otherwise.
        """
        if self._tab.put_in is None:
            return
        (left, right), place = self._tab.put_in, {"sheetId": self._tab.sheet_id}
        span = {**place, "dimension": "COLUMNS", "startIndex": left, "endIndex": right}
        yield {"insertDimension": {"range": span, "inheritFromBefore": left > 0}}
        bare = {**place, "startColumnIndex": left, "endColumnIndex": right}
        yield {"repeatCell": {"range": bare, "cell": {}, "fields": "userEnteredFormat,dataValidation"}}

    # --- the header -------------------------------------------------------------------------------------------------

    def _headers(self) -> Iterator[Request]:
        for name in self._tab.added:
            cell = {
                "userEnteredValue": {"stringValue": self._texts(name)},
                "userEnteredFormat": _HEADER.fields,
                "note": self._note(name),
            }
            yield self._header_cell(name, cell, "userEnteredValue,userEnteredFormat,note")

    def _notes(self) -> Iterator[Request]:
        for name, column in self._tab.places.items():
            held = self._tab.cells.get(self._tab.header, column, "note") or ""
            ours = not held or held.rstrip().endswith(SIGNATURE)
            if name not in self._tab.added and ours and held != self._note(name):
                yield self._header_cell(name, {"note": self._note(name)}, "note")

    def _header_cell(self, name: str, cell: Mapping[str, Any], mask: str) -> Request:
        start = {"sheetId": self._tab.sheet_id, "rowIndex": self._tab.header, "columnIndex": self._tab.places[name]}
        return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": mask}}

    def _note(self, name: str) -> str:
        """What to type, and what the colours in the column mean."""
        told = [self._texts(self._fields[name].what, currency=self._settings.department.currency)]
        if name == "Evidence":
            told += self._proofs()
        told += [self._texts(rule.reason) for rule in RULES[self._tab.kind] if name in (rule.column, rule.noted)]
        return "\n".join([*told, SIGNATURE])

    def _proofs(self) -> Iterator[str]:
        language = self._texts.language
        for action in self._settings.actions.values():
            if action.evidence == "required" and action.what is not None:
                yield f"• {action.label.text(language)}: {action.what.text(language)}"

    def _widths(self) -> Iterator[Request]:
        for name in self._tab.added:
            column = self._tab.places[name]
            place = {
                "sheetId": self._tab.sheet_id,
                "dimension": "COLUMNS",
                "startIndex": column,
                "endIndex": column + 1,
            }
            wide = {"pixelSize": self._fields[name].width}
            yield {"updateDimensionProperties": {"range": place, "properties": wide, "fields": "pixelSize"}}

    # --- the cells below --------------------------------------------------------------------------------------------

    def _formats(self) -> Iterator[Request]:
        for name, field in self._fields.items():
            wanted = _number_format(field, self._texts.language)
            if wanted is None:
                continue
            first, last = ((each or {}).get("numberFormat") for each in self._tab.ends(name, "userEnteredFormat"))
            if _fits(first, wanted) and _fits(last, wanted):
                continue
            cell = {"userEnteredFormat": {"numberFormat": first if _fits(first, wanted) else wanted}}
            place = self._tab.column(name)
            yield {"repeatCell": {"range": place, "cell": cell, "fields": "userEnteredFormat.numberFormat"}}

    def _dropdowns(self) -> Iterator[Request]:
        for name, field in self._fields.items():
            wanted = self._condition(field)
            if wanted is None:
                continue
            held = self._tab.ends(name, "dataValidation")
            if all(rule and not self._lists.outdated(rule.get("condition", {}), wanted) for rule in held):
                continue
            rule = {"condition": wanted, "strict": False, "showCustomUi": True}
            yield {"setDataValidation": {"range": self._tab.column(name), "rule": rule}}

    def _condition(self, field: Field) -> Mapping[str, Any] | None:
        if field.kind == "date":
            return {"type": "DATE_IS_VALID"}
        return self._lists.condition(field.choices) if field.choices else None

    # --- protection -------------------------------------------------------------------------------------------------

    def _protection(self) -> Iterator[Request]:
        """The finance tab is not the managers': nobody edits it but the owner, the account that prepares it, and
        whom the configuration names."""
        if self._tab.kind != "finance":
            return
        wanted, place = list(self._settings.workbook.finance_editors), {"sheetId": self._tab.sheet_id}
        held = [each for each in (self._tab.sheet or {}).get("protectedRanges", []) if _shut(each)]
        if not held:
            told = self._texts("Payments are entered by those who may edit this tab alone.")
            protected = {"range": place, "description": told, "warningOnly": False}
            protected |= {"editors": {"users": wanted}} if wanted else {}
            yield {"addProtectedRange": {"protectedRange": protected}}
        for protection in held:
            editors = protection.get("editors")  # told to editors alone
            let_in = {user.casefold() for user in (editors or {}).get("users", [])}
            more = [user for user in wanted if user.casefold() not in let_in]
            if editors is not None and more:
                all_ = {**editors, "users": [*editors.get("users", []), *more]}
                same = {"protectedRangeId": protection["protectedRangeId"], "range": place}
                yield {"updateProtectedRange": {"protectedRange": {**same, "editors": all_}, "fields": "editors"}}


def _shut(protection: Mapping[str, Any]) -> bool:
    """Whether a protection keeps people out of the whole tab."""
    sides = {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}
    return not protection.get("warningOnly") and not sides & protection.get("range", {}).keys()


def _number_format(field: Field, language: str) -> Mapping[str, str] | None:
    match field.kind:
        case "date":
            return {"type": "DATE", "pattern": "yyyy-mm-dd" if language == "en" else "dd.mm.yyyy"}
        case "count":
            return {"type": "NUMBER", "pattern": "#,##0"}
        case "money":
            return {"type": "NUMBER", "pattern": "#,##0.00"}
        case "key":
            return {"type": "TEXT", "pattern": "@"}
        case "text":
            return None


def _fits(held: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """Whether a column's format is of the right kind, ours or somebody's own."""
    kinds = {"DATE": ("DATE", "DATE_TIME"), "NUMBER": ("NUMBER", "CURRENCY"), "TEXT": ("TEXT",)}[wanted["type"]]
    return held is not None and held.get("type") in kinds
