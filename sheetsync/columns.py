"""The columns of the managers' tabs: what they are called, and which cell of a tab is whose header.

Headers are found by meaning, not by place: in any order and case, among other columns, in the first `DEPTH` rows, by
the names of all three languages and by those of the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rapidfuzz import fuzz, process

from sheetsync.cells import text
from sheetsync.errors import LayoutError
from sheetsync.model import CellRef, RawTab, Value
from sheetsync.schema import ACTION_COLUMNS, BASE_COLUMNS
from sheetsync.texts import LANGUAGES, Language, Texts, fold

TabId = Literal["actions", "base", "finance"]

DEPTH = 10
"""The header stands in one of so many first rows."""

TITLES: Mapping[TabId, tuple[str, ...]] = {
    "actions": ACTION_COLUMNS,
    "base": BASE_COLUMNS,
    "finance": tuple(name for name in ACTION_COLUMNS if name != "Quantity"),
}
"""The columns of each tab, in the order in which `init` writes them; each is also its title's message id."""

REQUIRED: Mapping[TabId, tuple[str, ...]] = {
    "actions": ("Date", "Manager", "Action"),
    "base": ("Client", "Manager"),
    "finance": ("Date", "Manager", "Amount"),
}

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "Date": ("Day", "Date of action", "День", "Дата действия", "Дата события", "Дата оплаты", "Tag"),
    "Manager": (
        *("Sales manager", "Salesperson", "Sales rep", "Seller", "Responsible", "Account manager", "Sales agent"),
        *("Менеджеры", "Продавец", "Ответственный", "Ответственный менеджер", "Сотрудник"),
        *("Managerin", "Verkäufer", "Verkäuferin", "Vertriebsmitarbeiter", "Vertrieb", "Betreuer", "Mitarbeiter"),
    ),
    "Action": (
        *("Activity", "Event", "Type of action", "Действия", "Тип действия", "Событие", "Активность"),
        *("Aktivität", "Maßnahme", "Ereignis", "Art der Aktion"),
    ),
    "Client": (
        *("Clients", "Customer", "Company", "Account", "Клиенты", "Заказчик", "Контрагент", "Компания", "Организация"),
        *("Kunden", "Firma", "Auftraggeber"),
    ),
    "Deal": ("Project", "Opportunity", "Object", "Проект", "Объект", "Projekt", "Geschäft", "Objekt", "Vorgang"),
    "Evidence": (
        *("Proof", "Link", "Confirmation", "Подтверждения", "Доказательство", "Ссылка", "Документ"),
        *("Beleg", "Beweis", "Nachweise"),
    ),
    "Quantity": ("Qty", "Кол-во", "Кол во", "Штук", "Шт", "Anzahl", "Stück", "Stückzahl"),
    "Amount": (
        *("Sum", "Revenue", "Выручка", "Сумма оплаты"),
        *("Summe", "Umsatz", "Erlös"),
    ),
    "Profit": (
        *("Gross profit", "Валовая прибыль"),
        *("Gewinn", "Rohertrag", "Rohgewinn", "Bruttogewinn"),
    ),
    "Comment": (
        *("Comments", "Note", "Notes", "Remark", "Комментарии", "Примечание", "Примечания", "Заметки"),
        *("Kommentare", "Notiz", "Bemerkung", "Anmerkung"),
    ),
    "Checked": (
        *("Check", "Approved", "Accepted", "Проверка", "Проверил", "Проверено РОП", "РОП", "Принято"),
        *("Kontrolliert", "Prüfung", "Freigegeben"),
    ),
    "Category": ("Categories", "Категории", "Категория клиента", "Kategorien", "Klasse"),
    "Stage": ("Deal stage", "Phase", "Status", "Стадия", "Этап сделки", "Стадия сделки", "Статус", "Stufe", "Etappe"),
    "Expected payment": (
        *("Expected payment date", "Payment expected"),
        *("Дата ожидаемой оплаты", "Ожидаемая дата оплаты", "Срок оплаты"),
        *("Zahlung erwartet", "Erwartetes Zahlungsdatum", "Zahlungstermin"),
    ),
    "Expected amount": (
        *("Amount", "Amount expected", "Expected sum", "Deal value", "Ожидаемая сумма оплаты", "Сумма", "Сумма сделки"),
        *("Erwartete Summe", "Betrag", "Betrag erwartet", "Summe"),
    ),
    "Trial units": (
        *("Units on trial", "Fixtures on trial", "Lamps on test", "Units on test", "Lamps on trial"),
        *("Светильники на тесте", "Количество на тесте", "Кол-во на тесте"),
        *("Leuchten im Test", "Testgeräte", "Muster", "Stück im Test"),
    ),
    "Trial value": (
        *("Value on trial", "Value of trial", "Value on test", "Сумма на тесте", "Стоимость светильников на тесте"),
        *("Wert im Test", "Wert der Testleuchten"),
    ),
    "Trial since": (
        *("On trial since", "Trial start", "Trial from", "On test since", "На тесте с", "Дата начала теста"),
        *("Im Test seit", "Teststart", "Testbeginn"),
    ),
    "Last contact": (
        *("Last contacted", "Last contact date", "Дата последнего контакта", "Последнее касание"),
        *("Kontakt am", "Datum des letzten Kontakts"),
    ),
    "Next step": ("Next action", "Следующее действие", "Дальнейшие действия", "Nächste Aktion", "Nächste Schritte"),
}
"""Further names that people give the columns; a name that another column of the same tab has as title is that one's."""

_UNIT = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|,.*|[:*.?]+)$")


_LOOSE = 10
"""Added to the rank of a header that names a column only without its unit, `Amount (EUR)`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a tab's columns are.

    `row`: the header's, 1-based. `places`: column -> 0-based index in a row. `repeated`: columns which a second header
    names, with that header's 0-based index; the first one is read.
    """

    row: int
    places: Mapping[str, int]
    repeated: tuple[tuple[str, int], ...] = ()


def header(tab: TabId, language: Language) -> tuple[str, ...]:
    """The titles of a tab's columns in that language, in order."""
    speak = Texts(language)
    return tuple(speak(name) for name in TITLES[tab])


def find(tab: TabId, raw: RawTab, names: Mapping[str, Sequence[str]]) -> Layout:
    """The header of a tab: the row among the first `DEPTH` that names the most columns, the upper of equals.

    `names` are the configuration's further names by column. Without any header the layout has no places, in row 1.
    """
    known = _names(tab, names)
    found = [_match(row, known, number) for number, row in enumerate(raw.rows[:DEPTH], start=1)]
    return max(found, key=lambda layout: len(layout.places), default=Layout(1, {}))


def locate(tab: TabId, raw: RawTab, names: Mapping[str, Sequence[str]], *, given: Sequence[str] = ()) -> Layout:
    """`find`, where the required columns must be there; `given` are those that the tab can do without.

    Raises LayoutError, naming the tab, the column and what was found instead.
    """
    layout = find(tab, raw, names)
    missing = [name for name in REQUIRED[tab] if name not in layout.places and name not in given]
    if missing:
        raise _missing(raw, layout, missing)
    return layout


def _names(tab: TabId, names: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, int]]:
    """Folded name -> its column and rank: 0 the configuration's, 1 titles, 2 synonyms. The lower rank wins."""
    given = {_key(spelling): (name, 0) for name in TITLES[tab] for spelling in names.get(name, ())}
    return {**_own_names(tab), **given}


@cache
def _own_names(tab: TabId) -> Mapping[str, tuple[str, int]]:
    titles = {name: (name, *(Texts(language)(name) for language in LANGUAGES)) for name in TITLES[tab]}
    known: dict[str, tuple[str, int]] = {}
    for rank, source in ((1, titles), (2, SYNONYMS)):
        for name in TITLES[tab]:
            for spelling in source.get(name, ()):
                known.setdefault(_key(spelling), (name, rank))
    return known


def _key(title: str) -> str:
    return fold(title.replace("_", " "))


def _match(row: Sequence[Value], known: Mapping[str, tuple[str, int]], number: int) -> Layout:
    """The columns that a row names. Of two headers for one column the better rank is read, then the left one."""
    claims: dict[str, list[tuple[int, int]]] = {}
    for index, cell in enumerate(row):
        if not isinstance(cell, str) or not cell or len(cell) > 200:
            continue
        exact, loose = known.get(_key(cell)), known.get(_key(_UNIT.sub("", cell.strip())))
        if claim := exact or (loose and (loose[0], loose[1] + _LOOSE)):
            name, rank = claim
            claims.setdefault(name, []).append((rank, index))
    places = {name: min(claim)[1] for name, claim in claims.items()}
    repeated = [
        (name, index)
        for name, claim in claims.items()
        for rank, index in claim
        if index != places[name] and rank == min(claim)[0]
    ]
    return Layout(number, places, tuple(repeated))


def _missing(raw: RawTab, best: Layout, missing: Sequence[str]) -> LayoutError:
    """What to say where required columns are not there."""
    columns = ", ".join(missing)
    noun = "column" if len(missing) == 1 else "columns"
    if not best.places:
        place = "is empty" if not any(text(cell) for row in raw.rows for cell in row) else "has no header"
        return LayoutError(
            f"the tab {place}; required {noun}: {columns}.",
            where=f"tab {raw.title}",
            remedy="Run `sheetsync init`: it writes the headers and touches nothing that was typed.",
        )
    cells = {index: text(cell)[:40] for index, cell in enumerate(raw.rows[best.row - 1]) if text(cell)}
    spare = {index: title for index, title in cells.items() if index not in best.places.values()}
    nearest = "".join(_nearest(name, best.row, spare) for name in missing)
    return LayoutError(
        f"the required {noun} {columns} {'is' if len(missing) == 1 else 'are'} missing. "
        f"Row {best.row} has: {', '.join(list(cells.values())[:30])}.{nearest}",
        where=f"tab {raw.title}",
        remedy=f"Name the column {missing[0]}, or add its name under workbook.columns.{missing[0]} in the "
        f"configuration. Where it was deleted, `sheetsync init` adds an empty one.",
    )


def _nearest(name: str, row: int, spare: Mapping[int, str]) -> str:
    titles = [fold(Texts(language)(name)) for language in LANGUAGES]
    near = [
        (score, index)
        for title in titles
        for _, score, index in process.extract(title, spare, scorer=fuzz.WRatio, processor=fold, score_cutoff=70)
    ]
    if not near:
        return ""
    index = max(near)[1]
    return f' The nearest to {name} is "{spare[index]}" in {CellRef("", row, index + 1).a1}.'
