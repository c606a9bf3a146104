"""The managers' tabs as they should be: headers, dropdowns, formats, and highlighting while somebody types.

What is missing is added, what is ours and outdated is put right, and what people typed, formatted or noted themselves
stays. Dropdowns take their values from the Guide's lists by range, and the highlighting looks names up there too: the
lists may be longer than the 500 values a dropdown can hold itself, and follow the configuration without another `init`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetsync import columns, fields, layout
from sheetsync.canvas import BLUE_FILL, GREY, INK, LINE, ORANGE_FILL, colour, style
from sheetsync.errors import LayoutError
from sheetsync.fields import Field
from sheetsync.layout import Kind
from sheetsync.model import Area, CellRef, Page, RawTab, Value
from sheetsync.schema import Settings
from sheetsync.texts import Texts

Request = dict[str, Any]

CELLS = (
    "sheets(properties(sheetId),data(startRow,startColumn,"
    "rowData(values(userEnteredValue,effectiveValue,note,userEnteredFormat(numberFormat),dataValidation))))"
)
"""The field mask to read the cells of `ranges` with."""

NEW_ROWS = 2_000
SIGNATURE = "— sheetsync"
"""The last line of our notes, by which they are told from people's."""

_MARK = "sheetsync:"
_SEEN = columns.DEPTH + 1  # rows that are read from the top: any header, and a row below it
_REJECTED_FILL = "#f1f3f4"
_HEADER = style(bold=True, ink=INK, fill="#eef1f4", wrap="WRAP", bottom=LINE)
_TINTS: Mapping[str, Mapping[str, Any]] = {
    "orange": {"backgroundColorStyle": colour(ORANGE_FILL)},
    "blue": {"backgroundColorStyle": colour(BLUE_FILL)},
    "grey": {
        "backgroundColorStyle": colour(_REJECTED_FILL),
        "textFormat": {"strikethrough": True, "foregroundColorStyle": colour(GREY)},
    },
}


# --- rules: what is highlighted, and why ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """A highlighting.

    `formula` has `{Column}` for the cell of that column in the row, and `{#list}` for a list of the Guide. `column` is
    what is painted, "" the whole row. `reason` is a message id for the note of that column's header, or of `noted`'s.
    Orange rows do not count, blue ones do.
    """

    name: str
    column: str
    tint: str
    formula: str
    reason: str
    noted: str = ""


def _key(column: str) -> str:
    """The cell as `fields.looked_up` has it."""
    spaced = f'SUBSTITUTE(SUBSTITUTE({{{column}}};CHAR(160);" ");"_";" ")'
    return f'SUBSTITUTE(LOWER(TRIM({spaced}));"ё";"е")'


def _among(column: str, name: str) -> str:
    return f'AND({{{column}}}<>"";COUNTIF({{#{name}}};{_key(column)})>0)'


def _unknown(column: str, name: str) -> str:
    return f'AND({{{column}}}<>"";NOT({_among(column, name)}))'


def _no_digit(column: str) -> str:
    return f'AND({{{column}}}<>"";NOT(ISNUMBER({{{column}}}));NOT(REGEXMATCH({{{column}}}&"";"[0-9]")))'


def _below_zero(column: str) -> str:
    return f"AND(ISNUMBER({{{column}}});{{{column}}}<0)"


def _after_today(column: str) -> str:
    return f"AND(ISNUMBER({{{column}}});{{{column}}}>=TODAY()+1)"


_TOO_OLD = "AND(ISNUMBER({Date});{Date}<36526)"  # before 2000
_NO_EVIDENCE = (
    'OR(NOT(REGEXMATCH({Evidence}&"";"[0-9A-Za-zÀ-ÖØ-öø-ÿА-Яа-яЁё]"));'
    f'REGEXMATCH({_key("Evidence")};"^(x+|х+|0|n/?a|none|no|nil|tbd|todo|false|нету?|н/д|ложь|nein|keine?|k\\.a|falsch)\\.?$"))'
)
_NO = 'REGEXMATCH({key};"^(no|false|0|нет|ложь|nein|falsch)[.!]*$")'.replace("{key}", _key("Checked"))
_YES = 'REGEXMATCH({key};"^(yes|y|true|1|[+]|ok|✓|✔|да|д|истина|ок|ja|j|wahr)[.!]*$")'.replace("{key}", _key("Checked"))


def _log_rules(begun: str) -> tuple[Rule, ...]:
    """The rules of an action log; `begun` is the column that says that the row is one."""
    late = f'OR(AND({{Date}}="";{begun}<>"");{_after_today("Date")};{_TOO_OLD};{_no_digit("Date")})'
    nobody = f'OR(AND({{Manager}}="";{begun}<>"");{_unknown("Manager", "known_managers")})'
    nothing = f'OR(AND({{Action}}="";{{Date}}<>"";{begun}="");{_unknown("Action", "known_actions")})'
    amount = (
        f'OR(AND({{Amount}}="";{_among("Action", "needs_amount")});{_no_digit("Amount")};'
        f'AND({_below_zero("Amount")};{{Action}}<>"";NOT({_among("Action", "refundable")})))'
    )
    refund = f'AND({_below_zero("Amount")};OR({{Action}}="";{_among("Action", "refundable")}))'
    return (
        Rule("rejected", "", "grey", _NO, "Grey, struck through: rejected, does not count.", "Checked"),
        Rule("date", "Date", "orange", late, "Orange: no date, a date after today, or one that can't be read."),
        Rule(
            "date text",
            "Date",
            "blue",
            'AND(ISTEXT({Date});REGEXMATCH({Date}&"";"[0-9]"))',
            "Blue: the date is text; enter it anew if it was misread.",
        ),
        Rule("manager", "Manager", "orange", nobody, "Orange: missing, or not on the list."),
        Rule("action", "Action", "orange", nothing, "Orange: missing, or not on the list."),
        Rule(
            "client",
            "Client",
            "orange",
            f'AND({{Client}}="";{_among("Action", "needs_client")})',
            "Orange: missing, and the action needs it.",
        ),
        Rule(
            "evidence",
            "Evidence",
            "orange",
            f"AND({_among('Action', 'needs_evidence')};{_NO_EVIDENCE})",
            "Orange: missing, and the action needs it.",
        ),
        Rule(
            "quantity",
            "Quantity",
            "orange",
            f"OR({_no_digit('Quantity')};{_below_zero('Quantity')})",
            "Orange: no number, or a negative one.",
        ),
        Rule(
            "amount",
            "Amount",
            "orange",
            amount,
            "Orange: missing though the action needs it, no number, or negative though it is no payment.",
        ),
        Rule("refund", "Amount", "blue", refund, "Blue: negative, counted as a refund."),
        Rule("profit", "Profit", "orange", _no_digit("Profit"), "Orange: no number."),
        Rule(
            "checked",
            "Checked",
            "blue",
            f'AND({{Checked}}<>"";NOT({_NO});NOT({_YES}))',
            "Blue: neither yes nor no; the row counts.",
        ),
    )


_BLANK_FIGURE = "Blue: no number, or a negative one; it counts as blank."
_BLANK_DAY = "Blue: after today, or can't be read as a date; it counts as blank."
_CLIENT_ROW = "{Deal}&{Expected payment}&{Expected amount}&{Trial units}&{Trial since}&{Last contact}&{Next step}"

RULES: Mapping[Kind, tuple[Rule, ...]] = {
    "actions": _log_rules("{Action}"),
    "finance": _log_rules("{Amount}"),
    "base": (
        Rule(
            "client",
            "Client",
            "orange",
            f'AND({{Client}}="";{_CLIENT_ROW}<>"")',
            "Orange: missing; the row is left out.",
        ),
        Rule(
            "manager",
            "Manager",
            "orange",
            f'OR(AND({{Manager}}="";{{Client}}<>"");{_unknown("Manager", "known_managers")})',
            "Orange: missing, or not on the list; the row is left out.",
        ),
        Rule(
            "category",
            "Category",
            "blue",
            _unknown("Category", "known_categories"),
            "Blue: not on the list; it counts as blank.",
        ),
        Rule(
            "payment",
            "Expected payment",
            "blue",
            f"OR({_no_digit('Expected payment')};AND(ISNUMBER({{Expected payment}});{{Expected payment}}<TODAY()))",
            "Blue: overdue, or can't be read as a date.",
        ),
        *(
            Rule(name.lower(), name, "blue", f"OR({_no_digit(name)};{_below_zero(name)})", _BLANK_FIGURE)
            for name in ("Expected amount", "Trial units", "Trial value")
        ),
        *(
            Rule(name.lower(), name, "blue", f"OR({_no_digit(name)};{_after_today(name)})", _BLANK_DAY)
            for name in ("Trial since", "Last contact")
        ),
    ),
}


# --- what is asked, what is sent ------------------------------------------------------------------------------------


def ranges(settings: Settings, spreadsheet: Mapping[str, Any]) -> list[str]:
    """What has to be read (with `CELLS`) before `requests`: of each managers' tab the first rows and the last one, in
    A1 notation; of a workbook with nothing but one tab of nobody's, that tab. May be empty."""
    there = _there(settings, spreadsheet)
    asked = []
    for sheet in there:
        title, rows = layout.quoted(str(sheet["properties"]["title"])), _grid(sheet)[0]
        asked.append(f"{title}!1:{min(_SEEN, rows)}")
        if rows > _SEEN:
            asked.append(f"{title}!{rows}:{rows}")
    lone = _lone(settings, spreadsheet)
    return asked + ([layout.quoted(str(lone["properties"]["title"]))] if lone else [])


def requests(
    settings: Settings, spreadsheet: Mapping[str, Any], cells: Mapping[str, Any], guide: Page
) -> list[Request]:
    """The batchUpdate requests that make the managers' tabs as they should be; none where they are.

    `spreadsheet` is its metadata JSON (properties, sheets with conditionalFormats, merges and protectedRanges),
    `cells` the answer for `ranges` ({} where there were none), `guide` the Guide that the dropdowns point to: it must
    exist when the requests are applied. No request changes a value that somebody typed. Raises LayoutError where a
    tab holds something and no header.
    """
    read = {int(sheet["properties"].get("sheetId", 0)): _Cells.of(sheet) for sheet in cells.get("sheets", [])}
    if unread := {int(sheet["properties"].get("sheetId", 0)) for sheet in _there(settings, spreadsheet)} - read.keys():
        raise ValueError(f"the cells of the tabs {unread} were not read; ask for `ranges` first")
    planned: list[Request] = []
    for tab in _tabs(settings, spreadsheet, read):
        planned += _Preparation(settings, tab, guide).requests()
    return planned


def _there(settings: Settings, spreadsheet: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found, _ = layout.present(settings, spreadsheet)
    ids = {tab.sheet_id for tab in found.managers}
    return [sheet for sheet in spreadsheet["sheets"] if int(sheet["properties"].get("sheetId", 0)) in ids]


def _lone(settings: Settings, spreadsheet: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The only tab of a workbook, where it is nobody's: the blank one that every new spreadsheet begins with."""
    sheets = spreadsheet["sheets"]
    found, _ = layout.present(settings, spreadsheet)
    bare = len(sheets) == 1 and not (found.managers or found.own) and "gridProperties" in sheets[0]["properties"]
    return sheets[0] if bare else None


def _grid(sheet: Mapping[str, Any]) -> tuple[int, int]:
    grid = sheet["properties"].get("gridProperties", {})
    return int(grid.get("rowCount", 0)), int(grid.get("columnCount", 0))


# --- cells as read --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cells:
    """CellData by (row, column), 0-based; what was not read or is blank is absent."""

    data: Mapping[tuple[int, int], Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, sheet: Mapping[str, Any]) -> _Cells:
        """The cells of all blocks of grid data of a sheet."""
        return cls(
            {
                (block.get("startRow", 0) + down, block.get("startColumn", 0) + across): cell
                for block in sheet.get("data", [])
                for down, row in enumerate(block.get("rowData", []))
                for across, cell in enumerate(row.get("values", []))
                if cell
            }
        )

    def typed(self) -> list[tuple[int, int]]:
        """Where something was entered."""
        return [place for place, cell in self.data.items() if "userEnteredValue" in cell]

    def rows(self) -> list[list[Value]]:
        """The values of the first rows, as reading them unformatted gives them."""
        width = max((column + 1 for _, column in self.data), default=0)
        return [[self._value(row, column) for column in range(width)] for row in range(columns.DEPTH)]

    def _value(self, row: int, column: int) -> Value:
        value = self.data.get((row, column), {}).get("effectiveValue", {})
        plain = next((value[kind] for kind in ("stringValue", "numberValue", "boolValue") if kind in value), None)
        return plain if isinstance(plain, str | float | int | bool) else None

    def get(self, row: int, column: int, name: str) -> Any:
        """A field of a cell, None where it has none."""
        return self.data.get((row, column), {}).get(name)


# --- tabs as they stand ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tab:
    """A managers' tab and where its columns are, or will be.

    `sheet` is its JSON, None where the tab is to be made; `header` is the header's row, 0-based; `places`: column ->
    index; `added`: those without a header yet. `renamed`: it is the blank tab of a new spreadsheet.
    """

    kind: Kind
    title: str
    sheet_id: int
    sheet: Mapping[str, Any] | None
    cells: _Cells
    header: int
    places: Mapping[str, int]
    added: Sequence[str]
    renamed: bool = False

    @property
    def rows(self) -> int:
        """Rows of the grid once it has grown: at least one below the header."""
        have = NEW_ROWS if self.sheet is None else _grid(self.sheet)[0]
        return have if have > self.header + 1 else have + NEW_ROWS

    @property
    def width(self) -> int:
        """Columns that are needed."""
        return max(self.places.values()) + 1


def _tabs(settings: Settings, spreadsheet: Mapping[str, Any], read: Mapping[int, _Cells]) -> Iterator[_Tab]:
    found, missing = layout.present(settings, spreadsheet)
    sheets = {int(sheet["properties"].get("sheetId", 0)): sheet for sheet in spreadsheet["sheets"]}
    spare = _lone(settings, spreadsheet)
    if spare is not None:
        seen = read.get(int(spare["properties"].get("sheetId", 0)))
        spare = spare if seen is not None and not seen.typed() else None
    taken = {*sheets, *layout.OWN_IDS.values()}
    for kind, title, owned in _wanted(settings, missing):
        names = [name for name in columns.TITLES[kind] if not (owned and name == "Manager")]
        places = {name: index for index, name in enumerate(names)}
        if spare is not None:
            yield _Tab(kind, title, int(spare["properties"].get("sheetId", 0)), spare, _Cells(), 0, places, names, True)
            spare = None
            continue
        sheet_id = _free_id(title, taken)
        taken.add(sheet_id)
        yield _Tab(kind, title, sheet_id, None, _Cells(), 0, places, names)
    for tab in found.managers:
        yield _standing(settings, tab, sheets[tab.sheet_id], read[tab.sheet_id])


def _wanted(settings: Settings, missing: Sequence[tuple[Kind, str]]) -> Iterator[tuple[Kind, str, bool]]:
    """Kind, title, and whether the title names the manager, of the tabs to make: action logs first."""
    for kind in ("actions", "base", "finance"):
        for title in (title for of, title in missing if of == kind):
            if "*" not in title or kind != "actions":
                yield kind, title, False
            else:
                yield from ((kind, title.replace("*", manager.name), True) for manager in settings.managers)


def _free_id(title: str, taken: set[int]) -> int:
    """An id for a new tab, the same for the same title."""
    wanted = zlib.crc32(title.encode()) % 1_000_000_000 + 1_000_000
    while wanted in taken:
        wanted += 1
    return wanted


def _standing(settings: Settings, found: layout.Found, sheet: Mapping[str, Any], cells: _Cells) -> _Tab:
    """A tab that is there: where its header stands, and where missing columns go (right of all that is typed)."""
    raw = RawTab(found.title, cells.rows(), found.manager)
    located = columns.locate(found.kind, raw, settings.workbook.columns, given=columns.REQUIRED[found.kind])
    typed = cells.typed()
    if not located.places and typed:
        first = CellRef(found.title, typed[0][0] + 1, typed[0][1] + 1)
        raise LayoutError(
            f"something is typed in {first.a1}, but none of the first {columns.DEPTH} rows is a header",
            where=f"tab {found.title}",
            remedy="Write the columns' names above it, or name yours under workbook.columns in the configuration, "
            "or rename the tab: then init makes a new one.",
        )
    names = [name for name in columns.TITLES[found.kind] if not (found.manager and name == "Manager")]
    added = [name for name in names if name not in located.places]
    header = located.row - 1 if located.places else 0
    right = max((column + 1 for _, column in typed), default=0)
    right = max([right, *(merge["endColumnIndex"] for merge in _crossing(sheet, header))])
    places = {**located.places, **{name: right + index for index, name in enumerate(added)}}
    return _Tab(found.kind, found.title, found.sheet_id, sheet, cells, header, places, added)


def _crossing(sheet: Mapping[str, Any], row: int) -> list[Mapping[str, Any]]:
    """The merged ranges that a row runs through."""
    return [merge for merge in sheet.get("merges", []) if merge.get("startRowIndex", 0) <= row < merge["endRowIndex"]]


# --- one tab's requests ---------------------------------------------------------------------------------------------


class _Preparation:
    """Plans one tab."""

    def __init__(self, settings: Settings, tab: _Tab, guide: Page) -> None:
        self.settings = settings
        self.tab = tab
        self.guide = guide
        self.texts = Texts(settings.workbook.language)
        self.fields = {name: fields.named("base" if tab.kind == "base" else "actions", name) for name in tab.places}

    def requests(self) -> list[Request]:
        return [
            *self._sheet(),
            *self._headers(),
            *self._notes(),
            *self._widths(),
            *self._formats(),
            *self._dropdowns(),
            *self._highlighting(),
            *self._protection(),
        ]

    # --- the grid ---------------------------------------------------------------------------------------------------

    def _sheet(self) -> Iterator[Request]:
        tab = self.tab
        if tab.sheet is None:
            grid = {"rowCount": NEW_ROWS, "columnCount": tab.width, "frozenRowCount": 1}
            properties = {"sheetId": tab.sheet_id, "title": tab.title, "gridProperties": grid}
            yield {"addSheet": {"properties": properties}}
            return
        rows, width = _grid(tab.sheet)
        if tab.rows > rows:
            yield self._append("ROWS", tab.rows - rows)
        if tab.width > width:
            yield self._append("COLUMNS", tab.width - width)
        if tab.renamed:
            renamed = {"sheetId": tab.sheet_id, "title": tab.title}
            yield {"updateSheetProperties": {"properties": renamed, "fields": "title"}}
        frozen = tab.sheet["properties"]["gridProperties"].get("frozenRowCount", 0)
        cut = [merge for merge in _crossing(tab.sheet, tab.header) if merge["endRowIndex"] > tab.header + 1]
        if frozen < tab.header + 1 and not cut:
            properties = {"sheetId": tab.sheet_id, "gridProperties": {"frozenRowCount": tab.header + 1}}
            yield {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}}

    def _append(self, dimension: str, length: int) -> Request:
        return {"appendDimension": {"sheetId": self.tab.sheet_id, "dimension": dimension, "length": length}}

    # --- the header -------------------------------------------------------------------------------------------------

    def _headers(self) -> Iterator[Request]:
        for name in self.tab.added:
            cell = {
                "userEnteredValue": {"stringValue": self.texts(name)},
                "userEnteredFormat": _HEADER.fields,
                "note": self._note(name),
            }
            yield self._header_cell(name, cell, "userEnteredValue,userEnteredFormat,note")

    def _notes(self) -> Iterator[Request]:
        for name, column in self.tab.places.items():
            held = self.tab.cells.get(self.tab.header, column, "note") or ""
            ours = not held or held.rstrip().endswith(SIGNATURE)
            if name not in self.tab.added and ours and held != self._note(name):
                yield self._header_cell(name, {"note": self._note(name)}, "note")

    def _header_cell(self, name: str, cell: Mapping[str, Any], mask: str) -> Request:
        start = {"sheetId": self.tab.sheet_id, "rowIndex": self.tab.header, "columnIndex": self.tab.places[name]}
        return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": mask}}

    def _note(self, name: str) -> str:
        """What to type, and what the colours in the column mean."""
        told = [self.texts(self.fields[name].what, currency=self.settings.department.currency)]
        if name == "Evidence":
            told += self._proofs()
        told += [self.texts(rule.reason) for rule in RULES[self.tab.kind] if name in (rule.column, rule.noted)]
        return "\n".join([*told, SIGNATURE])

    def _proofs(self) -> Iterator[str]:
        language = self.texts.language
        for action in self.settings.actions.values():
            if action.evidence == "required" and action.what is not None:
                yield f"• {action.label.text(language)}: {action.what.text(language)}"

    def _widths(self) -> Iterator[Request]:
        for name in self.tab.added:
            column = self.tab.places[name]
            place = {
                "sheetId": self.tab.sheet_id,
                "dimension": "COLUMNS",
                "startIndex": column,
                "endIndex": column + 1,
            }
            size = {"pixelSize": self.fields[name].width}
            yield {"updateDimensionProperties": {"range": place, "properties": size, "fields": "pixelSize"}}

    # --- the cells below --------------------------------------------------------------------------------------------

    def _formats(self) -> Iterator[Request]:
        for name, field_ in self.fields.items():
            wanted = _number_format(field_, self.texts.language)
            if wanted is None:
                continue
            first, last = (
                (self._below(name, row, "userEnteredFormat") or {}).get("numberFormat") for row in self._ends()
            )
            if _fits(first, wanted) and _fits(last, wanted):
                continue
            cell = {"userEnteredFormat": {"numberFormat": first if _fits(first, wanted) else wanted}}
            yield {
                "repeatCell": {"range": self._column(name), "cell": cell, "fields": "userEnteredFormat.numberFormat"}
            }

    def _dropdowns(self) -> Iterator[Request]:
        for name, field_ in self.fields.items():
            wanted = self._condition(field_)
            if wanted is None:
                continue
            held = [self._below(name, row, "dataValidation") for row in self._ends()]
            if all(rule and not self._replaceable(rule, wanted) for rule in held):
                continue
            rule = {"condition": wanted, "strict": False, "showCustomUi": True}
            yield {"setDataValidation": {"range": self._column(name), "rule": rule}}

    def _condition(self, field_: Field) -> Mapping[str, Any] | None:
        if field_.kind == "date":
            return {"type": "DATE_IS_VALID"}
        if not field_.choices:
            return None
        area = self.guide.named[fields.LIST + field_.choices]
        return {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": f"={self._address(area)}"}]}

    def _address(self, area: Area) -> str:
        """An area of the Guide in A1 notation, absolute."""
        top, bottom = CellRef("", area.top + 1, area.left + 1), CellRef("", area.bottom, area.right)
        return f"{layout.quoted(self.guide.title)}!{_fixed(top)}:{_fixed(bottom)}"

    def _replaceable(self, held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        """Whether a dropdown is ours and outdated: it takes its values from the Guide, but not from where they are."""
        found, right = _source(held.get("condition", {})), _source(wanted)
        return found != right and found.startswith(_source_tab(self.guide.title))

    def _below(self, name: str, row: int, what: str) -> Any:
        return self.tab.cells.get(row, self.tab.places[name], what)

    def _ends(self) -> tuple[int, int]:
        """The first and the last row below the header."""
        have = NEW_ROWS if self.tab.sheet is None else _grid(self.tab.sheet)[0]
        return self.tab.header + 1, max(have - 1, self.tab.header + 1)

    def _column(self, name: str) -> dict[str, int]:
        column = self.tab.places[name]
        return self._area(column, column + 1)

    def _area(self, left: int, right: int) -> dict[str, int]:
        return {
            "sheetId": self.tab.sheet_id,
            "startRowIndex": self.tab.header + 1,
            "endRowIndex": self.tab.rows,
            "startColumnIndex": left,
            "endColumnIndex": right,
        }

    # --- highlighting -----------------------------------------------------------------------------------------------

    def _highlighting(self) -> Iterator[Request]:
        """Our rules before people's. Ours are known by their formula; where one differs, all of ours are made anew."""
        held = list(self.tab.sheet.get("conditionalFormats", [])) if self.tab.sheet else []
        ours = [index for index, rule in enumerate(held) if _MARK in _formula(rule)]
        wanted = list(self._rules())
        if len(ours) == len(wanted) and all(
            self._same(held[index], rule) for index, rule in zip(ours, wanted, strict=True)
        ):
            return
        for index in reversed(ours):
            yield {"deleteConditionalFormatRule": {"sheetId": self.tab.sheet_id, "index": index}}
        for index, rule in enumerate(wanted):
            yield {"addConditionalFormatRule": {"rule": rule, "index": index}}

    def _rules(self) -> Iterator[Mapping[str, Any]]:
        row = self.tab.header + 2
        cells = {
            name: re.sub(r"^([A-Z]+)", r"$\1", CellRef("", row, at + 1).a1) for name, at in self.tab.places.items()
        }
        cells |= {f"#{name.removeprefix(fields.LIST)}": self._list(area) for name, area in self.guide.named.items()}
        left, right = min(self.tab.places.values()), max(self.tab.places.values()) + 1
        for rule in RULES[self.tab.kind]:
            needed = set(re.findall(r"\{([^{}]+)\}", rule.formula))
            if needed <= cells.keys():
                formula = f'=AND(LEN("{_MARK}{rule.name}")>0;{rule.formula.format_map(cells)})'
                yield {
                    "ranges": [self._column(rule.column) if rule.column else self._area(left, right)],
                    "booleanRule": {
                        "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]},
                        "format": _TINTS[rule.tint],
                    },
                }

    def _list(self, area: Area) -> str:
        """A list of the Guide for a formula: other tabs are reached through INDIRECT alone."""
        address = self._address(area).replace('"', '""')
        return f'INDIRECT("{address}")'

    def _same(self, held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        return (
            _neutral(_formula(held)) == _neutral(_formula(wanted))
            and _look(held) == _look(wanted)
            and len(held.get("ranges", [])) == 1
            and self._covers(held["ranges"][0], wanted["ranges"][0])
        )

    @staticmethod
    def _covers(held: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
        same = all(
            held.get(side, 0) == wanted[side] for side in ("startRowIndex", "startColumnIndex", "endColumnIndex")
        )
        return same and held.get("endRowIndex", wanted["endRowIndex"]) >= wanted["endRowIndex"]

    # --- protection -------------------------------------------------------------------------------------------------

    def _protection(self) -> Iterator[Request]:
        """The finance tab is not the managers': nobody edits it but the owner, the account that prepares it, and
        whom the configuration names."""
        if self.tab.kind != "finance":
            return
        wanted, place = list(self.settings.workbook.finance_editors), {"sheetId": self.tab.sheet_id}
        held = [each for each in (self.tab.sheet or {}).get("protectedRanges", []) if _shut(each)]
        if not held:
            told = self.texts("Payments are entered by those who may edit this tab alone.")
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


def _number_format(field_: Field, language: str) -> Mapping[str, str] | None:
    match field_.kind:
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


def _fixed(cell: CellRef) -> str:
    return re.sub(r"^([A-Z]+)([0-9]+)$", r"$\1$\2", cell.a1)


def _source(condition: Mapping[str, Any]) -> str:
    """Where a dropdown takes its values from, without quotes; "" for other conditions."""
    if condition.get("type") != "ONE_OF_RANGE":
        return ""
    return str(condition.get("values", [{}])[0].get("userEnteredValue", "")).replace("'", "")


def _source_tab(title: str) -> str:
    return "=" + title.replace("'", "") + "!"


def _formula(rule: Mapping[str, Any]) -> str:
    condition = rule.get("booleanRule", {}).get("condition", {})
    return str(condition.get("values", [{}])[0].get("userEnteredValue", "")) if condition.get("values") else ""


def _neutral(formula: str) -> str:
    """The formula whatever the locale's separators, its spaces and case of function names; texts as they are."""
    parts = formula.split('"')
    parts[::2] = [part.replace(";", ",").replace(" ", "").upper() for part in parts[::2]]
    return '"'.join(parts)


def _look(rule: Mapping[str, Any]) -> tuple[object, ...]:
    """What the rule paints, in 256 steps a channel: the service gives back rounded colours without their zeros."""
    look = rule.get("booleanRule", {}).get("format", {})
    text = look.get("textFormat", {})
    fill, ink = look.get("backgroundColorStyle", {}), text.get("foregroundColorStyle", {})
    shades = [
        round(style_.get("rgbColor", {}).get(channel, 0) * 255)
        for style_ in (fill, ink)
        for channel in ("red", "green", "blue")
    ]
    return (*shades, bool(text.get("strikethrough", False)))
