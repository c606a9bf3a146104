"""The highlighting of the managers' tabs says what parsing will say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest

from sheetsync import entry, fields, guide
from sheetsync.entry.highlighting import TINTS
from sheetsync.entry.rules import RULES
from sheetsync.layout import Kind
from sheetsync.local.formula import Host, truth
from sheetsync.mistakes import MISTAKES
from sheetsync.model import Moment, RawTab, Severity, Value
from sheetsync.parse import parse
from sheetsync.periods import Period
from sheetsync.schema import ACTION_COLUMNS, BASE_COLUMNS, Settings
from sheetsync.texts import Texts
from tests.office import ANNA, BORIS, configured, grid, sheet, spreadsheet

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 12, 0)
SERIAL = 46350  # 2026-11-24


@cache
def _painted(kind: Kind) -> _Painted:
    return _Painted(kind, NAMES if kind == "actions" else BASE_COLUMNS, SETTINGS)


class _Painted:
    """A tab's rules, evaluated as the local workbook does; columns stand in the order given."""

    def __init__(self, kind: Kind, names: Sequence[str], settings: Settings) -> None:
        title, sheet_id = ("Base", 2) if kind == "base" else ("Actions", 1)
        tabs = [sheet("Actions", 1), sheet("Base", 2)]
        cells = [
            grid(1, [list(names if kind == "actions" else ACTION_COLUMNS)]),
            grid(2, [list(names if kind == "base" else BASE_COLUMNS)]),
        ]
        self.page = guide.page(settings)
        planned = entry.requests(settings, spreadsheet(*tabs), {"sheets": cells}, self.page)
        rules = [each["addConditionalFormatRule"]["rule"] for each in planned if "addConditionalFormatRule" in each]
        self.rules = [rule for rule in rules if rule["ranges"][0]["sheetId"] == sheet_id]
        self.names, self.title = names, title

    def tints(self, row: Sequence[Value]) -> dict[str, str]:
        """The tint of each column's cell in a row typed under the header; of several the first."""
        painted: dict[str, str] = {}
        for rule in self.rules:
            area = rule["ranges"][0]
            formula = rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
            origin, host = Host(1, area["startColumnIndex"]), Host(1, area["startColumnIndex"])
            if truth(formula, origin, host, self._look_up(row), NOW, "ru_RU"):
                tint = next(name for name, look in TINTS.items() if look == rule["booleanRule"]["format"])
                for at in range(area["startColumnIndex"], area["endColumnIndex"]):
                    painted.setdefault(self.names[at], tint)
        return painted

    def _look_up(self, row: Sequence[Value]) -> Any:
        def look_up(tab: str | None, a1: str) -> list[list[Value]]:
            first = a1.split(":", maxsplit=1)[0]
            column = sum((ord(sign) - 64) * 26**at for at, sign in enumerate(reversed(first.rstrip("0123456789")))) - 1
            if tab is None:
                return [[row[column] if column < len(row) else None]]
            assert tab == self.page.title
            cells = [cells[column].value if column < len(cells) else None for cells in self.page.rows[1:]]
            return [[cell] for cell in cells if isinstance(cell, str) or cell is None]

        return look_up


SETTINGS = configured(
    actions={
        "meeting": {"label": {"en": "Meeting held", "ru": "Встреча"}, "evidence": "required", "client": "required"},
        "lead_accepted": {"label": "Lead taken to work"},
        "payment": {"label": "Payment received", "amount": "required"},
    },
    indicators={
        "meetings": {"label": "Meetings", "count": ["meeting"]},
        "revenue": {"label": "Revenue", "sum": "Amount", "of": ["payment"]},
    },
    targets=[],
)
NAMES = (
    *("Client", "Date", "Evidence", "Manager", "Action", "Amount"),
    *("Checked", "Quantity", "Profit", "Deal", "Comment"),
)


def _row(**typed: Value) -> list[Value]:
    row: dict[str, Value] = {
        "Client": "Orion",
        "Date": SERIAL,
        "Evidence": "minutes 12",
        "Manager": ANNA,
        "Action": "Meeting held",
        **typed,
    }
    return [row.get(name) for name in NAMES]


def _judged(kind: Kind, names: Sequence[str], row: Sequence[Value]) -> dict[str, Severity]:
    """Column -> the worst that parsing says of its cell in the row."""
    tab = RawTab("Base" if kind == "base" else "Actions", [list(names), list(row)])
    moment = Moment(Period.parse("2026-W48"), TODAY, TODAY, TODAY, NOW)
    found = parse({kind: [tab]}, SETTINGS, moment, "ru_RU").issues
    return {names[issue.cell.column - 1]: issue.severity for issue in reversed(found)}


@pytest.mark.parametrize(
    ("typed", "painted"),
    [
        ({}, {}),
        ({"Date": SERIAL + 1}, {"Date": "orange"}),
        ({"Date": SERIAL + 0.9}, {}),
        ({"Date": "soon"}, {"Date": "orange"}),
        ({"Date": 12}, {"Date": "orange"}),
        ({"Date": None}, {"Date": "orange"}),
        ({"Manager": None}, {"Manager": "orange"}),
        ({"Manager": "Nobody"}, {"Manager": "orange"}),
        ({"Manager": "  anna\u00a0PETROVA "}, {}),
        ({"Manager": "boris"}, {}),
        ({"Action": "Lunch"}, {"Action": "orange"}),
        ({"Action": None}, {"Action": "orange"}),
        ({"Action": "ВСТРЕЧА"}, {}),
        ({"Action": "lead_accepted", "Client": None, "Evidence": None}, {}),
        ({"Action": "lead accepted", "Client": None, "Evidence": None}, {}),
        ({"Client": None}, {"Client": "orange"}),
        ({"Evidence": None}, {"Evidence": "orange"}),
        ({"Evidence": "."}, {"Evidence": "orange"}),
        ({"Evidence": " — "}, {"Evidence": "orange"}),
        ({"Evidence": "n/a"}, {"Evidence": "orange"}),
        ({"Evidence": "Нету."}, {"Evidence": "orange"}),
        ({"Evidence": "xxx"}, {"Evidence": "orange"}),
        ({"Evidence": 2417}, {}),
        ({"Evidence": "№ 7"}, {}),
        ({"Action": "payment", "Amount": None}, {"Amount": "orange"}),
        ({"Action": "payment", "Amount": "1 234,50 руб."}, {}),
        ({"Action": "payment", "Amount": "a lot"}, {"Amount": "orange"}),
        ({"Action": "payment", "Amount": -5}, {"Amount": "blue"}),
        ({"Amount": -5}, {"Amount": "orange"}),
        ({"Amount": 0}, {}),
        ({"Quantity": "two"}, {"Quantity": "orange"}),
        ({"Quantity": -1}, {"Quantity": "orange"}),
        ({"Quantity": True}, {"Quantity": "orange"}),
        ({"Profit": "?"}, {"Profit": "orange"}),
        ({"Checked": "yes"}, {}),
        ({"Checked": "Да"}, {}),
        ({"Checked": True}, {}),
        ({"Checked": "hm"}, {"Checked": "blue"}),
        ({"Checked": "-"}, {"Checked": "blue"}),
    ],
    ids=str,
)
def test_a_log_is_painted_as_it_will_be_judged(typed: dict[str, Value], painted: dict[str, str]) -> None:
    row = _row(**typed)
    assert _painted("actions").tints(row) == painted
    severities = {"orange": Severity.ERROR, "blue": Severity.WARNING}
    assert _judged("actions", NAMES, row) == {column: severities[tint] for column, tint in painted.items()}


@pytest.mark.parametrize("word", ["no", "Нет", "nein", "NO!", 0, False, "ложь"], ids=repr)
def test_a_rejected_row_is_struck_through_whatever_else_is_wrong(word: Value) -> None:
    row = _row(Checked=word, Evidence=None, Date=SERIAL + 3)
    assert _painted("actions").tints(row) == dict.fromkeys(NAMES, "grey")
    assert _judged("actions", NAMES, row) == {"Checked": Severity.ERROR}


def test_a_date_as_text_is_only_doubted() -> None:
    row = _row(Date="23.11.2026")
    assert _painted("actions").tints(row) == {"Date": "blue"}
    assert _judged("actions", NAMES, row) == {}


def test_a_blank_row_is_not_painted() -> None:
    assert _painted("actions").tints([]) == {}
    assert _painted("base").tints([]) == {}


@pytest.mark.parametrize(
    ("typed", "painted"),
    [
        ({}, {}),
        ({"Client": None}, {"Client": "orange"}),
        ({"Manager": None}, {"Manager": "orange"}),
        ({"Manager": "Nobody"}, {"Manager": "orange"}),
        ({"Category": "Active A"}, {}),
        ({"Category": "тёплая база"}, {}),
        ({"Category": "hot"}, {"Category": "blue"}),
        ({"Expected payment": "some day"}, {"Expected payment": "blue"}),
        ({"Expected amount": "much"}, {"Expected amount": "blue"}),
        ({"Trial units": -2}, {"Trial units": "blue"}),
        ({"Trial since": SERIAL + 5}, {"Trial since": "blue"}),
        ({"Last contact": "long ago"}, {"Last contact": "blue"}),
    ],
    ids=str,
)
def test_the_base_is_painted_as_it_will_be_judged(typed: dict[str, Value], painted: dict[str, str]) -> None:
    given: dict[str, Value] = {"Client": "Orion", "Manager": ANNA, "Next step": "call", **typed}
    row = [given.get(name) for name in BASE_COLUMNS]
    assert _painted("base").tints(row) == painted
    severities = {"orange": Severity.ERROR, "blue": Severity.WARNING}
    assert _judged("base", BASE_COLUMNS, row) == {column: severities[tint] for column, tint in painted.items()}


def test_an_overdue_payment_is_shown() -> None:
    given: dict[str, Value] = {"Client": "Orion", "Manager": BORIS, "Expected payment": SERIAL - 1}
    row = [given.get(name) for name in BASE_COLUMNS]
    assert _painted("base").tints(row) == {"Expected payment": "blue"}


# --- texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ru", "de"])
def test_what_people_read_is_translated(language: Any) -> None:
    texts = Texts(language)
    messages = [rule.reason for rules in RULES.values() for rule in rules]
    messages += [text for tab in fields.FIELDS.values() for field in tab for text in (field.what, field.needed)]
    assert [text for text in messages if texts(text, currency="RUB") == text.format(currency="RUB")] == []


def test_every_column_of_the_tabs_has_its_field() -> None:
    assert tuple(field.name for field in fields.FIELDS["actions"]) == ACTION_COLUMNS
    assert tuple(field.name for field in fields.FIELDS["base"]) == BASE_COLUMNS


def test_the_mistakes_that_are_painted_are_the_parsers() -> None:
    assert {"evidence_missing", "date_future", "manager_unknown"} <= MISTAKES.keys()
