"""The configuration's nouns: who sells, what counts, how it adds up, and what was promised.

Frozen pydantic models, so that the file's shape and the program's types are one thing. `settings.py` reads the file.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sheetsync.periods import Kind
from sheetsync.texts import Language

Unit = Literal["count", "money", "ratio"]
ManagerTab = Literal["actions", "base"]
ActionColumn = Literal[
    "Date",
    "Manager",
    "Action",
    "Client",
    "Deal",
    "Evidence",
    "Quantity",
    "Amount",
    "Profit",
    "Comment",
    "Checked",
]
BaseColumn = Literal[
    "Client",
    "Deal",
    "Manager",
    "Category",
    "Stage",
    "Expected payment",
    "Expected amount",
    "Trial units",
    "Trial value",
    "Trial since",
    "Last contact",
    "Next step",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


class Label(_Frozen):
    """One text per language. A plain text in the file stands for all three."""

    en: str
    ru: str
    de: str

    def text(self, language: Language) -> str:
        """The label in that language."""
        return str(getattr(self, language))


class Absence(_Frozen):
    """Days on which a manager has no plan; both ends inclusive."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class Manager(_Frozen):
    """Somebody who sells. No plan outside `start`..`until` (inclusive; None is open) and on `absent` days."""

    name: str
    aliases: tuple[str, ...] = ()
    start: date | None = Field(None, alias="from")
    until: date | None = None
    absent: tuple[Absence, ...] = ()

    def employed(self, day: date) -> bool:
        """Whether the day lies within `start`..`until`."""
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)

    def works(self, day: date) -> bool:
        """Whether the manager is employed and not absent on that day (weekends and holidays aside)."""
        return self.employed(day) and not any(span.start <= day <= span.end for span in self.absent)


class Action(_Frozen):
    """A productive action: what a manager types one row for.

    `evidence`/`client`/`amount`: whether the column must be filled for the row to count.
    """

    label: Label
    evidence: Literal["required", "optional"] = "optional"
    client: Literal["required", "optional"] = "optional"
    amount: Literal["required", "optional"] = "optional"
    what: Label | None = None  # what to put into Evidence, for the Guide and header notes


class Indicator(_Frozen):
    """A measured figure. Exactly one of `count`, `sum` (+ `of`), `clients`, `ratio` is given."""

    label: Label
    group: Literal["productivity", "funnel", "finance"] = "productivity"
    unit: Unit = "count"
    count: tuple[str, ...] | None = None
    sum: Literal["Quantity", "Amount", "Profit"] | None = None
    of: tuple[str, ...] | None = None
    clients: tuple[str, ...] | None = None
    ratio: tuple[str, str] | None = None
    headline: bool = False  # among the department's headline figures (at most five are shown)

    @property
    def additive(self) -> bool:
        """Whether the department's value is the sum over managers (`count` and `sum`)."""
        return self.count is not None or self.sum is not None


class Criteria(_Frozen):
    """When a base row belongs to a category: all that is given must hold. Nothing given always holds.

    `stage`: the row's Stage is one of these (folded). `payment`: `this_month` = Expected payment in the as-of
    date's month or overdue; `next_month` = by the end of next month, overdue included; `later` = after that.
    `trial`: Trial units > 0. `contact_within`: Last contact at most so many days before the as-of date.
    """

    stage: tuple[str, ...] | None = None
    payment: Literal["this_month", "next_month", "later"] | None = None
    trial: bool | None = None
    contact_within: int | None = Field(None, ge=1)


class Category(_Frozen):
    """A class of clients by closeness to money; the order of the list is the order of warmth, warmest first."""

    id: str
    label: Label
    probability: float = Field(0.0, ge=0, le=1)
    when: Criteria = Criteria()


class Targets(_Frozen):
    """Targets from a date on: per indicator a default and per-manager overrides, for each `per`."""

    start: date = Field(alias="from")
    per: Kind
    default: dict[str, float] = {}
    managers: dict[str, dict[str, float]] = {}


class Tabs(_Frozen):
    """Titles of the tabs. `actions` may be several titles, or patterns with one `*`."""

    actions: tuple[str, ...]
    base: str
    dashboard: str
    history: str
    issues: str
    guide: str
    snapshots: str


class Workbook(_Frozen):
    """Where the spreadsheet is and how it speaks. `timezone` None: the spreadsheet's own."""

    spreadsheet: str
    credentials: str = "credentials.json"
    language: Language = "en"
    timezone: str | None = None
    tabs: Tabs
    columns: dict[str, tuple[str, ...]] = {}


class Department(_Frozen):
    """Its name in History, the country whose holidays count, its money, its weekly or monthly rhythm."""

    name: str = "Sales"
    country: str | None = None
    currency: str = "EUR"
    period: Kind = Kind.WEEK
    holidays: tuple[date, ...] = ()


class Base(_Frozen):
    """How the base of clients is sorted."""

    categories: Annotated[tuple[Category, ...], Field(min_length=1)]


class Settings(_Frozen):
    """The whole configuration, defaults filled in. `managers` keeps the file's order."""

    workbook: Workbook
    department: Department = Department()
    managers: Annotated[tuple[Manager, ...], Field(min_length=1)]
    actions: dict[str, Action]
    indicators: dict[str, Indicator]
    base: Base
    targets: tuple[Targets, ...]
