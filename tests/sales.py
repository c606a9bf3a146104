"""Two years of a department's sales as a CRM has them, the rows its people would type, and what these add up to.

Everything is counted here once more, plainly and slowly, with nothing of sheetsync: what its History must say.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

NAME = "Sales"
FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)
DEALS = 8_800
HEADER = (
    *("Date", "Manager", "Action", "Client", "Deal", "Evidence", "Quantity", "Amount", "Profit", "Comment"),
    "Checked",
)
BASE_HEADER = (
    *("Client", "Deal", "Manager", "Category", "Stage", "Expected payment", "Expected amount", "Trial units"),
    *("Trial value", "Trial since", "Last contact", "Next step"),
)
LABELS = {
    "meeting": ("Meeting held", "meeting", "Встреча", "MEETING  HELD"),
    "offer": ("Technical and commercial offer", "offer", "Технико-коммерческое предложение"),
    "trial": ("Fixtures on trial", "Leuchten in der Erprobung"),
    "contract": ("Supply contract", "Договор поставки"),
    "lead_accepted": ("Lead taken to work",),
    "lead_rejected": ("Lead rejected",),
    "lead_converted": ("Lead converted to deal", "lead_converted"),
    "new_deal": ("New deal, not from a lead",),
    "payment": ("Payment received", "Оплата получена", "Zahlung erhalten"),
}
NEED_EVIDENCE = {"meeting", "offer", "trial", "contract"}
INDICATORS: dict[str, dict[str, Any]] = {
    "meetings": {"count": ["meeting"]},
    "clients_met": {"clients": ["meeting", "offer"]},
    "offers": {"count": ["offer"]},
    "trials": {"count": ["trial"]},
    "fixtures": {"sum": "Quantity", "of": ["trial"]},
    "contracts": {"count": ["contract"]},
    "contract_value": {"sum": "Amount", "of": ["contract"], "unit": "money"},
    "leads_processed": {"sum": "Quantity", "of": ["lead_accepted", "lead_rejected"]},
    "leads_converted": {"sum": "Quantity", "of": ["lead_converted"]},
    "lead_conversion": {"ratio": ["leads_converted", "leads_processed"]},
    "new_deals": {"sum": "Quantity", "of": ["new_deal"]},
    "revenue": {"sum": "Amount", "of": ["payment"], "unit": "money"},
    "gross_profit": {"sum": "Profit", "of": ["payment"], "unit": "money"},
}
# Germany's nationwide holidays on weekdays, from the calendar on the wall, and the department's own.
HOLIDAYS = {
    *(date(2024, *day) for day in ((1, 1), (3, 29), (4, 1), (5, 1), (5, 9), (5, 20), (10, 3), (12, 25), (12, 26))),
    *(date(2025, *day) for day in ((1, 1), (4, 18), (4, 21), (5, 1), (5, 29), (6, 9), (10, 3), (12, 25), (12, 26))),
}
OWN_HOLIDAYS = [date(2025, 5, 2), date(2025, 12, 31)]
CATEGORIES = ("active_a", "active_b", "active_c", "trial", "project", "warm", "cold")
_LAST_STAGES, _DESIGN = ("Contract", "Invoice", "договор"), ("Design", "Specification", "Lichtplanung")


@dataclass(frozen=True)
class Person:
    """Who sells: both ends of an absence are days away."""

    name: str
    aliases: tuple[str, ...] = ()
    joined: date | None = None
    left: date | None = None
    absent: tuple[tuple[date, date], ...] = ()

    def employed(self, day: date) -> bool:
        """Whether on the pay roll."""
        return (self.joined or FIRST) <= day <= (self.left or LAST)

    def works(self, day: date) -> bool:
        """Whether at work, weekends and holidays aside."""
        return self.employed(day) and not any(first <= day <= last for first, last in self.absent)


_GIVEN = ("Anna", "Boris", "Clara", "Denis", "Elena", "Fedor", "Greta", "Hanna", "Ilya", "Julia")
_FAMILY = ("Albrecht", "Sørensen", "Ковалёв")
PEOPLE = [Person(f"{given} {family}") for family in _FAMILY for given in _GIVEN]
PEOPLE[0] = Person(PEOPLE[0].name, aliases=("Anna A.", "AA"))
PEOPLE[3] = Person(PEOPLE[3].name, absent=((date(2025, 4, 14), date(2025, 4, 25)),))
PEOPLE[4] = Person(PEOPLE[4].name, absent=((date(2025, 5, 5), date(2025, 5, 5)), (date(2025, 6, 2), date(2025, 6, 30))))
PEOPLE[7] = Person(PEOPLE[7].name, joined=date(2025, 4, 9))
PEOPLE[11] = Person(PEOPLE[11].name, joined=date(2025, 6, 16))
PEOPLE[15] = Person(PEOPLE[15].name, left=date(2025, 4, 30))
PEOPLE[22] = Person(PEOPLE[22].name, left=date(2025, 3, 31))
TARGETS: list[dict[str, Any]] = [
    {
        "from": "2024-01-01",
        "per": "week",
        "default": {"meetings": 3, "offers": 2, "clients_met": 4, "lead_conversion": 0.3},
        "managers": {PEOPLE[0].name: {"meetings": 7}, PEOPLE[1].name: {"meetings": 0, "lead_conversion": 0.55}},
    },
    {"from": "2024-01-01", "per": "month", "default": {"revenue": 90_000.5, "gross_profit": 20_000, "contracts": 6}},
    {"from": "2024-01-01", "per": "quarter", "default": {"new_deals": 4}},
    {"from": "2025-04-16", "per": "week", "default": {"meetings": 4}, "managers": {PEOPLE[2].name: {"meetings": 1.5}}},
    {"from": "2025-05-15", "per": "month", "default": {"revenue": 120_000}},
    {"from": "2025-06-04", "per": "week", "default": {}, "managers": {PEOPLE[5].name: {"fixtures": 10}}},
]


def configuration(
    spreadsheet: str, credentials: str, people: Sequence[Person] = PEOPLE, **workbook: Any
) -> dict[str, Any]:
    """The configuration file's content, as JSON."""
    names = {person.name for person in people}
    targets = [
        {**entry, "managers": {name: own for name, own in entry.get("managers", {}).items() if name in names}}
        for entry in TARGETS
    ]
    return {
        "workbook": {"spreadsheet": spreadsheet, "credentials": credentials, "timezone": "Europe/Berlin", **workbook},
        "department": {
            "name": NAME,
            "country": "DE",
            "currency": "EUR",
            "holidays": [day.isoformat() for day in OWN_HOLIDAYS],
        },
        "managers": [_person(person) for person in people],
        "indicators": {name: {"label": name.replace("_", " "), **item} for name, item in INDICATORS.items()},
        "targets": targets,
    }


def _person(person: Person) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": person.name, "aliases": list(person.aliases)}
    entry |= {"from": person.joined.isoformat()} if person.joined else {}
    entry |= {"until": person.left.isoformat()} if person.left else {}
    return entry | {"absent": [{"from": str(first), "to": str(last)} for first, last in person.absent]}


# --- what happened ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """One row of the log. `checked` is what the head of sales put there."""

    day: date
    manager: str
    action: str
    client: str = ""
    deal: str = ""
    evidence: str = ""
    quantity: int | None = None
    amount: Decimal | None = None
    profit: Decimal | None = None
    checked: str = ""

    def typed(self, n: int) -> list[Any]:
        """The row as the n-th is typed: people and labels are spelled in many ways."""
        labels = LABELS[self.action]
        spellings = (self.manager, f" {self.manager.upper()} ", self.manager.replace(" ", "\u00a0"))
        person = next(person for person in PEOPLE if person.name == self.manager)
        manager = (*spellings, *person.aliases)[n % (3 + len(person.aliases))] if n % 5 == 0 else self.manager
        day = self.day.strftime("%d.%m.%Y") if n % 11 == 0 else self.day.isoformat()
        figures = ["" if figure is None else float(figure) for figure in (self.amount, self.profit)]
        if self.amount is not None and n % 7 == 0:
            figures[0] = f"{self.amount:,.2f} €".replace(",", "\u00a0").replace(".", ",")
        quantity = "" if self.quantity is None else self.quantity
        texts = (labels[n % len(labels)], self.client, self.deal, self.evidence)
        return [day, manager, *texts, quantity, *figures, "", self.checked]


@dataclass(frozen=True)
class Client:
    """One row of the base."""

    client: str
    deal: str
    manager: str
    category: str
    stage: str
    payment: date | None
    amount: Decimal | None
    units: int | None
    value: Decimal | None
    since: date | None
    contact: date | None

    def typed(self) -> list[Any]:
        """The row as it is typed."""
        numbers = [
            "" if figure is None else float(figure) for figure in (self.amount, self.units, self.value)
        ]  # as Sheets keeps them
        days = ["" if day is None else day.isoformat() for day in (self.payment, self.since, self.contact)]
        return [
            *(self.client, self.deal, self.manager, self.category, self.stage, days[0]),
            *(*numbers, *days[1:], ""),
        ]


def deeds(deals: int = DEALS, people: Sequence[Person] = PEOPLE) -> list[Deed]:
    """The log of two years: deals opened, engaged, won and lost, in the order of the days."""
    dice = Random(8800)  # noqa: S311 - a sample, not a secret
    rows: list[Deed] = []
    leads: dict[tuple[date, str, str], int] = defaultdict(int)
    for number in range(deals):
        rows += _deal(number, people, dice, leads)
    rows += [Deed(day, who, what, quantity=n) for (day, who, what), n in leads.items() if day <= LAST]
    rows.sort(key=lambda deed: (deed.day, deed.manager, deed.action, deed.evidence))
    return _flawed(rows, dice)


def _deal(
    number: int, people: Sequence[Person], dice: Random, leads: dict[tuple[date, str, str], int]
) -> Iterator[Deed]:
    opened = FIRST + timedelta(days=dice.randrange(700))
    person = dice.choice([person for person in people if person.employed(opened)])
    who, client, deal = person.name, f"Client {dice.randrange(2_400):04d}", f"D-{number:05d}" if number % 3 else ""
    leads[_thursday(opened), who, "lead_rejected" if dice.random() < 0.3 else "lead_accepted"] += 1
    if number % 40 == 0:
        yield Deed(opened, who, "new_deal", client, deal, quantity=dice.choice((None, 1, 2)))
    engaged = opened + timedelta(days=dice.randrange(1, 40))
    closed = engaged + timedelta(days=dice.randrange(5, 130))
    worth = Decimal(dice.randrange(4_000, 5_000_000)) / 100
    steps = [Deed(engaged, who, "meeting", client, deal, f"minutes {number}")]
    if dice.random() < 0.3:
        steps.append(Deed(engaged + timedelta(days=4), who, "offer", client, deal, f"https://crm.example/{number}"))
    if dice.random() < 0.1:
        quantity = dice.choice((None, 1, 5, 12))
        steps.append(Deed(engaged + timedelta(days=9), who, "trial", client, deal, f"act {number}", quantity))
    if dice.random() < 0.48:
        leads[_thursday(closed), who, "lead_converted"] += 1
        steps.append(Deed(closed, who, "contract", client, deal, f"contract {number}", amount=worth))
        profit = (worth * dice.randrange(10, 40) / 100).quantize(Decimal("0.01"))
        steps.append(Deed(closed + timedelta(days=14), who, "payment", client, deal, amount=worth, profit=profit))
        if dice.random() < 0.03:
            back = closed + timedelta(days=21)
            steps.append(Deed(back, who, "payment", client, deal, amount=-worth / 4, profit=-profit / 4))
    yield from (step for step in steps if step.day <= LAST)


def _thursday(day: date) -> date:
    """The day on which totals of two weeks are typed."""
    return day + timedelta(days=3 - day.weekday() + 7 * (day.isocalendar().week % 2))


def _flawed(rows: Sequence[Deed], dice: Random) -> list[Deed]:
    """The log as people keep it: copied rows, evidence left out, rows that the head of sales rejects."""
    kept = []
    for n, deed in enumerate(rows):
        cents = {name: _cents(getattr(deed, name)) for name in ("amount", "profit")}
        told = {**deed.__dict__, **cents}
        if deed.action in NEED_EVIDENCE and n % 97 == 0:
            told["evidence"] = dice.choice(("", ".", "—", "нет"))
        if n % 151 == 0:
            told["checked"] = dice.choice(("no", "НЕТ", "nein", "0", "FALSE"))
        elif n % 29 == 0:
            told["checked"] = dice.choice(("yes", "ok", "TRUE"))
        kept.append(Deed(**told))
        if n % 173 == 0:
            kept.append(Deed(**told))
    return kept


def _cents(figure: Decimal | None) -> Decimal | None:
    return None if figure is None else figure.quantize(Decimal("0.01"))


def clients(many: int = 2_400, people: Sequence[Person] = PEOPLE) -> list[Client]:
    """The base: a row per client, and another for a second deal of every twentieth."""
    dice = Random(2500)  # noqa: S311 - a sample, not a secret
    rows = []
    for number in range(many):  # a client's manager goes by its number
        for deal in ["", f"D-{number}"][: 1 + (number % 20 == 0)]:
            rows.append(_client(f"Client {number:04d}", deal, people[number % len(people)].name, dice))
    return rows


def _client(client: str, deal: str, manager: str, dice: Random) -> Client:
    stage = dice.choice(("", "", "Talks", *_LAST_STAGES, *_DESIGN))
    payment = date(2025, 3, 1) + timedelta(days=dice.randrange(200)) if dice.random() < 0.4 else None
    amount = Decimal(dice.randrange(100, 9_000_000)) / 100 if payment else None
    units = dice.choice((None, None, 0, 3, 25))
    value = Decimal(units * 7_999) / 100 if units else None
    contact = date(2025, 6, 1) - timedelta(days=dice.randrange(1, 400)) if dice.random() < 0.8 else None
    category = dice.choice((*[""] * 30, "Warm", "cold", "Актив A"))
    return Client(client, deal, manager, category, stage, payment, amount, units, value, None, contact)


# --- what it adds up to ----------------------------------------------------------------------------------------------


def span(period: str) -> tuple[date, date]:
    """First and last day of 2025-W16, 2025-04, 2025-Q2."""
    year = int(period[:4])
    if "W" in period:
        monday = date.fromisocalendar(year, int(period[6:]), 1)
        return monday, monday + timedelta(days=6)
    last = int(period[6]) * 3 if "Q" in period else int(period[5:])
    first = last - 2 if "Q" in period else last
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def days(first: date, last: date) -> list[date]:
    """Every day, both ends included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def working(first: date, last: date) -> list[date]:
    """Every working day."""
    return [day for day in days(first, last) if day.weekday() < 5 and day not in {*HOLIDAYS, *OWN_HOLIDAYS}]


def spells(weeks: Sequence[tuple[date, Sequence[Client]]]) -> int:
    """How many rows Snapshots needs for the bases of consecutive weeks (as of a day): one per unchanged stretch."""
    count, before = 0, set[tuple[object, ...]]()
    for as_of, rows in weeks:
        now = {(*vars(row).values(), category(row, as_of)) for row in rows}
        count += len(now - before)
        before = now
    return count


def counting(rows: Iterable[Deed]) -> list[Deed]:
    """The rows that count."""
    seen, kept = set(), []
    for deed in rows:
        void = deed.evidence in ("", ".", "—", "нет")
        if deed.checked in ("no", "НЕТ", "nein", "0", "FALSE") or (void and deed.action in NEED_EVIDENCE):
            continue
        key = (deed.day, deed.manager, deed.action, deed.client, deed.deal, deed.evidence)
        if not void and key in seen:
            continue
        seen.add(key)
        kept.append(deed)
    return kept


def actual(indicator: str, rows: Sequence[Deed]) -> Fraction | None:
    """What one manager's, or everybody's, rows of a period add up to; None is a division by nothing."""
    meaning = INDICATORS[indicator]
    if "ratio" in meaning:
        part, whole = (actual(name, rows) for name in meaning["ratio"])
        return part / whole if part is not None and whole else None
    wanted = meaning.get("count") or meaning.get("clients") or meaning["of"]
    own = [deed for deed in rows if deed.action in wanted]
    if "count" in meaning:
        return Fraction(len(own))
    if "clients" in meaning:
        return Fraction(len({deed.client for deed in own if deed.client}))
    if meaning["sum"] == "Quantity":
        return Fraction(sum(1 if deed.quantity is None else deed.quantity for deed in own))
    column = meaning["sum"].lower()
    return Fraction(sum((getattr(deed, column) or Decimal(0) for deed in own), Decimal(0)))


def target(indicator: str, person: str | None, day: date) -> tuple[Fraction, str] | None:
    """What was promised on a day, and per what."""
    found = None
    for entry in TARGETS:  # in the order of their dates for each indicator
        value = entry["default"].get(indicator)
        if person is not None:
            value = entry.get("managers", {}).get(person, {}).get(indicator, value)
        if value is not None and entry["from"] <= day.isoformat():
            found = Fraction(str(value)), entry["per"]
    return found


def plan(indicator: str, person: Person, period: str) -> Fraction | None:
    """A manager's plan of a period; None is no plan."""
    first, last = span(period)
    at_work = [day for day in working(first, last) if person.works(day)]
    if "ratio" in INDICATORS[indicator]:
        promised = target(indicator, person.name, last)
        return promised[0] if promised and at_work else None
    daily = []
    for day in at_work:
        promised = target(indicator, person.name, day)
        if promised:
            value, per = promised
            quarter = f"{day.year}-Q{(day.month + 2) // 3}"
            whole = 5 if per == "week" else len(working(*span(f"{day:%Y-%m}" if per == "month" else quarter)))
            daily.append(value / whole)
    return sum(daily, Fraction(0)) if daily else None


def category(row: Client, as_of: date) -> str:
    """The category typed, else the first that fits."""
    if row.category:
        return {"Warm": "warm", "cold": "cold", "Актив A": "active_a"}[row.category]
    months = (row.payment.year - as_of.year) * 12 + row.payment.month - as_of.month if row.payment else None
    if row.stage in _LAST_STAGES and months is not None and months <= 0:
        return "active_a"
    if months is not None:
        return "active_b" if months <= 1 else "active_c"
    if row.units:
        return "trial"
    if row.stage in _DESIGN:
        return "project"
    return "warm" if row.contact and (as_of - row.contact).days <= 90 else "cold"


def standing(rows: Sequence[Client], as_of: date) -> dict[str, Fraction]:
    """What one manager's base adds up to."""
    figures = {}
    for each in CATEGORIES:
        own = [row for row in rows if category(row, as_of) == each]
        figures[f"base.{each}.clients"] = Fraction(len(own))
        figures[f"base.{each}.amount"] = Fraction(sum((row.amount or Decimal(0) for row in own), Decimal(0)))
    figures["base.clients"] = Fraction(len(rows))
    figures["trial.units"] = Fraction(sum(row.units or 0 for row in rows))
    figures["trial.value"] = Fraction(sum((row.value or Decimal(0) for row in rows), Decimal(0)))
    return figures


Line = tuple[str, str, float | None, float | None, float | None, str]
"""manager, measure, plan, actual, attainment, unit"""


def history(
    period: str,
    as_of: date,
    log: Sequence[Deed],
    base: Sequence[Client] | None,
    people: Sequence[Person] = PEOPLE,
) -> list[Line]:
    """The lines of a period as History must have them, in order; `log` counts, `base` None is a base not kept."""
    first, last = span(period)
    rows = [deed for deed in log if first <= deed.day <= min(last, as_of)]
    seen = {deed.manager for deed in rows}
    shown = [person for person in people if person.name in seen or any(map(person.employed, days(first, last)))]
    lines = []
    for person in people:
        if person in shown:
            own = [deed for deed in rows if deed.manager == person.name]
            lines += [_line(person.name, name, plan(name, person, period), actual(name, own)) for name in INDICATORS]
        kept = [row for row in base or () if row.manager == person.name]
        if kept or person in shown:
            lines += _standing(person.name, standing(kept, min(as_of, last)), stored=base is not None)
    for name, meaning in INDICATORS.items():
        promised = target(name, None, last) if "ratio" in meaning else None
        plans = [each for person in shown if (each := plan(name, person, period)) is not None]
        whole = sum(plans, Fraction(0)) if plans and "ratio" not in meaning else promised and promised[0]
        lines.append(_line(NAME, name, whole, actual(name, rows)))
    totals: dict[str, Fraction] = defaultdict(Fraction)
    for person in people:
        kept = [row for row in base or () if row.manager == person.name]
        for measure, figure in standing(kept, min(as_of, last)).items():
            totals[measure] += figure
    return lines + list(_standing(NAME, totals, stored=base is not None))


def _line(manager: str, name: str, promised: Fraction | None, done: Fraction | None) -> Line:
    meaning = INDICATORS[name]
    unit = "ratio" if "ratio" in meaning else meaning.get("unit", "count")
    share = float(done / promised) if promised and done is not None else None
    return manager, name, _float(promised), _float(done), share, unit


def _standing(manager: str, figures: dict[str, Fraction], *, stored: bool) -> Iterator[Line]:
    for measure, figure in figures.items():
        unit = "money" if measure.endswith((".amount", ".value")) else "count"
        yield manager, measure, None, float(figure) if stored else None, None, unit


def _float(figure: Fraction | None) -> float | None:
    return None if figure is None else float(figure)
