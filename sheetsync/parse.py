"""Raw cells of the managers' tabs to a Ledger. A row never raises: what is wrong with it becomes issues.

How a row is read: an action row counts unless it has an error or repeats an earlier row. A rejected row has one issue,
the rejection. Money is rounded to cents, halves away from zero: in silence where the sheet holds a number (it shows the
rounded one itself), with a warning where somebody typed more decimals as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan, nan

import numpy as np
import pandas as pd

from sheetsync import cells
from sheetsync.cells import Verdict
from sheetsync.model import CellRef, Ledger, Moment, RawTab
from sheetsync.rows import SHOWN, Desk, Row, Sheet, folded
from sheetsync.schema import Action, Settings
from sheetsync.texts import fold

ACTIONS: Mapping[str, str] = {
    **dict.fromkeys(("tab",), "str"),
    "row": "int64",
    "date": "datetime64[us]",
    **dict.fromkeys(("manager", "action", "client", "client_key", "deal", "deal_key", "evidence"), "str"),
    **dict.fromkeys(("quantity", "amount", "profit"), "float64"),
    "comment": "str",
    "counted": "bool",
    "rejected": "bool",
}
"""Column -> dtype of `Ledger.actions`."""

BASE: Mapping[str, str] = {
    "tab": "str",
    "row": "int64",
    **dict.fromkeys(("client", "client_key", "deal", "deal_key", "manager", "category", "stage"), "str"),
    "expected_payment": "datetime64[us]",
    **dict.fromkeys(("expected_amount", "trial_units", "trial_value"), "float64"),
    **dict.fromkeys(("trial_since", "last_contact"), "datetime64[us]"),
}
"""Column -> dtype of `Ledger.base`."""


def parse(tabs: Mapping[str, Sequence[RawTab]], settings: Settings, moment: Moment, locale: str) -> Ledger:
    """What the tabs say: `tabs` by id (`actions`, `base`, and `finance` where the configuration names one).

    `locale` is the spreadsheet's (`ru_RU`); it only breaks ties of ambiguous text. Raises LayoutError where a tab has
    no header or lacks a required column; never on a row.
    """
    desk = Desk(settings, moment, locale)
    finance = tabs.get("finance", ())
    beside = {raw.title for raw in finance}
    logs = [desk.sheet("actions", raw) for raw in tabs.get("actions", ()) if raw.title not in beside]
    logs += [desk.sheet("finance", raw) for raw in finance]
    actions, base = _Table(ACTIONS), _Table(BASE)
    for sheet in logs:
        _read(desk, sheet, _action, actions)
    bases = [desk.sheet("base", raw) for raw in tabs.get("base", ())]
    for sheet in bases:
        _read(desk, sheet, _client, base)
    places = {
        sheet.raw.title: {name: place + 1 for name, place in sheet.layout.places.items()} for sheet in [*logs, *bases]
    }
    rows = {"actions": actions.rows, "base": base.rows}
    return Ledger(actions.frame(), base.frame(), tuple(desk.issues), rows, places)


class _Table:
    """Records on their way to a frame, column by column, and how many rows were seen."""

    def __init__(self, dtypes: Mapping[str, str]) -> None:
        self._dtypes, self.rows = dtypes, 0
        self._columns: dict[str, list[object]] = {name: [] for name in dtypes}

    def add(self, *record: object) -> None:
        """Adds a record, in the order of the columns."""
        for column, value in zip(self._columns.values(), record, strict=True):
            column.append(value)

    def frame(self) -> pd.DataFrame:
        """The records as a frame of exactly these columns and dtypes, also where there are none."""
        return pd.DataFrame({name: self._series(name, dtype) for name, dtype in self._dtypes.items()})

    def _series(self, name: str, dtype: str) -> pd.Series:
        column = self._columns[name]
        return pd.Series(np.array(column, dtype=dtype) if dtype != "str" else column, dtype=dtype)


def _read(desk: Desk, sheet: Sheet, one: Callable[[Row, _Table], None], table: _Table) -> None:
    """Reads every row of a tab into the table; of a tab that nobody owns, only counts them."""
    before = table.rows
    orphaned = sheet.raw.manager is not None and sheet.manager is None and "Manager" not in sheet.layout.places
    for row in desk.rows(sheet):
        table.rows += 1
        if not orphaned:
            one(row, table)
    if orphaned and table.rows > before:
        owner = str(sheet.raw.manager)
        desk.note("manager_unknown/tab", CellRef(sheet.raw.title, 1, 1), {"name": owner}, typed=owner)


# --- an action row -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Entry:
    """What an action row says; "", None and NaN where it says nothing that can be read."""

    day: date | None
    manager: str
    action: str
    client: str
    deal: str
    evidence: str
    quantity: float
    amount: float
    profit: float
    counted: bool = True
    rejected: bool = False


def _action(row: Row, table: _Table) -> None:
    """Reads an action row, checks it, reports it, and keeps it where date, manager and action are known."""
    entry = _Entry(
        day=_day(row),
        manager=_manager(row),
        action=_action_id(row),
        client=row.name("Client"),
        deal=row.name("Deal"),
        evidence=row.text("Evidence"),
        quantity=row.figure("Quantity", money=False),
        amount=row.figure("Amount", money=True),
        profit=row.figure("Profit", money=True),
    )
    for check in _CHECKS:
        check(row, entry)
    row.report(entry.manager, entry.day)
    if entry.day is None or not entry.manager or not entry.action:
        return
    keys = (entry.client, folded(entry.client), entry.deal, folded(entry.deal))
    figures = (entry.quantity, entry.amount, entry.profit)
    place = (row.sheet.raw.title, row.number, entry.day, entry.manager, entry.action)
    comment = cells.text(row.values.get("Comment"))
    table.add(*place, *keys, entry.evidence, *figures, comment, entry.counted, entry.rejected)


def _day(row: Row) -> date | None:
    """The row's date. One that can't be true has its issue and is None: it belongs to no period."""
    day = row.day("Date")
    if day is None:
        if not row.blamed("Date"):
            row.missing("date_missing", "Date")
    elif day > row.desk.today:
        row.blame("date_future", "Date")
    elif not row.desk.employed(day):
        row.blame("date_outside", "Date")
    return None if row.blamed("Date") else day


def _manager(row: Row) -> str:
    """The configured name; the tab's where the cell is blank."""
    typed = row.text("Manager")
    if typed:
        return row.lookup("manager_unknown", "Manager", typed, row.desk.managers)
    if row.sheet.manager:
        return row.sheet.manager
    if not row.blamed("Manager"):
        row.missing("manager_missing", "Manager")
    return ""


def _action_id(row: Row) -> str:
    """The action's id; a finance tab's blank one is a payment."""
    typed = row.text("Action")
    if typed:
        return row.lookup("action_unknown", "Action", typed, row.desk.actions)
    if row.blamed("Action"):
        return ""
    if row.sheet.id == "finance" and row.desk.payments:
        return "payment" if "payment" in row.desk.payments else min(row.desk.payments)
    row.missing("action_missing", "Action")
    return ""


def _check_needs(row: Row, entry: _Entry) -> None:
    """What the action must have: client, amount, evidence."""
    if not entry.action:
        return
    action, label = row.desk.settings.actions[entry.action], row.desk.action(entry.action)
    if action.client == "required" and not entry.client and not row.blamed("Client"):
        row.blame("client_missing", "Client", action=label)
    if action.amount == "required" and isnan(entry.amount) and not row.blamed("Amount"):
        row.blame("amount_missing", "Amount", action=label)
    if not row.blamed("Evidence"):
        _check_evidence(row, entry, action, label)


def _check_evidence(row: Row, entry: _Entry, action: Action, label: str) -> None:
    """Evidence is there where the action needs it, and looks like what the configuration expects."""
    what = action.what.text(row.desk.speak.language).rstrip(".") if action.what else ""
    variant = "/what" if what else ""
    if cells.filler(entry.evidence):
        if action.evidence == "required":
            code = "evidence_void" if entry.evidence else "evidence_missing"
            row.blame(code + variant, "Evidence", action=label, what=what)
    elif not row.desk.proves(entry.action, entry.evidence):
        expected = ", ".join("https://…" if each == "link" else each for each in action.evidence_patterns or ())
        typed = entry.evidence[:SHOWN]
        row.blame(f"evidence_unlike{variant}", "Evidence", action=label, what=what, typed=typed, expected=expected)


def _check_figures(row: Row, entry: _Entry) -> None:
    """Signs and sizes of the numbers."""
    if entry.quantity < 0:
        row.blame("quantity_negative", "Quantity")
    elif entry.quantity == 0:
        row.blame("quantity_zero", "Quantity")
    elif entry.quantity % 1 > 0:
        row.blame("quantity_fraction", "Quantity", value=f"{entry.quantity:g}".replace(".", row.desk.decimal))
    if entry.action and entry.action not in row.desk.payments:
        for column, figure in (("Amount", entry.amount), ("Profit", entry.profit)):
            if figure < 0:
                row.blame("amount_negative", column)
    elif entry.action and entry.amount < 0:
        row.blame("refund", "Amount")
    elif entry.action and entry.profit < 0:
        row.blame("loss", "Profit")


def _check_place(row: Row, entry: _Entry) -> None:
    """With a finance tab, payments count there alone."""
    tab = row.desk.settings.workbook.tabs.finance
    if tab and row.sheet.id != "finance" and entry.action in row.desk.payments:
        row.blame("finance_elsewhere", "Action", action=row.desk.action(entry.action), tab=tab)


def _check_employment(row: Row, entry: _Entry) -> None:
    if entry.manager and entry.day and not row.desk.staff[entry.manager].employed(entry.day):
        row.blame("date_not_employed", "Date")


def _check_verdict(row: Row, entry: _Entry) -> None:
    """`Checked`: a rejection is all that there is to say about a row."""
    verdict = cells.verdict(row.values.get("Checked"))
    if verdict is Verdict.REJECTED:
        row.faults.clear()
        row.blame("rejected", "Checked")
        entry.rejected = True
    elif verdict is Verdict.UNCLEAR:
        row.blame("checked_unclear", "Checked")
    entry.counted = not row.erroneous


def _check_repeated(row: Row, entry: _Entry) -> None:
    """Of counting rows with the same words and evidence, the first counts."""
    if not entry.counted or cells.filler(entry.evidence):
        return
    names = (folded(entry.client), folded(entry.deal), fold(entry.evidence))
    tab, number = row.desk.first(row, entry.manager, entry.day, entry.action, *names)
    if (tab, number) != (row.sheet.raw.title, row.number):
        row.blame("duplicate", "Evidence", row=number, tab=tab)
        entry.counted = False


_CHECKS: tuple[Callable[[Row, _Entry], None], ...] = (
    _check_needs,
    _check_figures,
    _check_place,
    _check_employment,
    _check_verdict,
    _check_repeated,
)


# --- a row of the base -------------------------------------------------------------------------------------------


def _client(row: Row, table: _Table) -> None:
    """Reads a row of the base, reports it, and keeps it where client and manager are known and the key is new."""
    client, deal = row.name("Client"), row.name("Deal")
    if not client and not row.blamed("Client"):
        row.blame("base_client_missing", "Client")
    manager = _manager(row)
    figures = (
        row.day("Expected payment"),
        _positive(row, "Expected amount", money=True),
        _positive(row, "Trial units", money=False),
        _positive(row, "Trial value", money=True),
        _past(row, "Trial since"),
        _past(row, "Last contact"),
    )
    keys = (client, folded(client), deal, folded(deal))
    record = (row.sheet.raw.title, row.number, *keys, manager, _category(row), row.name("Stage"), *figures)
    if not row.erroneous:
        _, number = row.desk.first(row, keys[1], keys[3])
        if number != row.number:
            row.blame("base_duplicate", "Client", row=number)
    row.report(manager, None)
    if not row.erroneous:
        table.add(*record)


def _category(row: Row) -> str:
    typed = row.name("Category")
    return row.lookup("category_unknown", "Category", typed, row.desk.categories) if typed else ""


def _positive(row: Row, column: str, *, money: bool) -> float:
    figure = row.figure(column, money=money)
    if figure < 0:
        row.blame("number_negative/base", column)
        return nan
    return figure


def _past(row: Row, column: str) -> date | None:
    day = row.day(column)
    if day is not None and day > row.desk.today:
        row.blame("date_future/base", column)
        return None
    return day
