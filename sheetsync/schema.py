"""The configuration's nouns: who sells, what counts, how it adds up, and what was promised.

Frozen pydantic models, so that the file's shape, its checks, its reference (docs/configuration.md is made of the
descriptions here) and the program's types are one thing. `settings.py` reads the file and checks what spans sections.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self, get_args

import regex  # type: ignore[import-untyped] # it ships no types
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, model_validator
from pydantic.types import StringConstraints

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
ACTION_COLUMNS: tuple[ActionColumn, ...] = get_args(ActionColumn)
BASE_COLUMNS: tuple[BaseColumn, ...] = get_args(BaseColumn)

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2100, 12, 31)
MOST_MONEY = 1e15
"""The largest figure that a float still holds to the cent."""

MOST_REPEATED = 100_000
"""Copies of itself that a regular expression may ask for: it takes memory for each."""

_PAYMENT, _REVENUE = "payment", "revenue"  # the action and the indicator that money goes by


# --- values: what one key may hold ---------------------------------------------------------------------------------


def _printable(text: str) -> str:
    """Refuses characters that no name has and that a terminal obeys: controls and halves of surrogate pairs."""
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise ValueError("a text of one line is expected, without tabs and control characters")
    return text


def _day(value: object) -> object:
    """A calendar day: a date, or its ISO text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!s} is not a day of the calendar") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("a day is expected, written as 2026-11-02")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError(f"{value} is too far away; days from {FIRST_DAY} to {LAST_DAY} are possible")
    return value


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _one_star(title: str) -> str:
    if title.count("*") > 1:
        raise ValueError("a pattern has exactly one *; name the tabs one by one, or use several patterns")
    if title == "*":
        raise ValueError("* alone would take every tab; write a pattern such as Log *")
    return title


def _if_true(value: bool) -> bool:
    if not value:
        raise ValueError("write true, or leave it out; false would ask nothing")
    return value


def _pattern(text: str) -> str:
    counts = [int("".join(found.split())) for found in re.findall(r"\{(\s*\d[\d\s]*)", text)]
    if math.prod(counts) > MOST_REPEATED:  # it is made of that many copies
        raise ValueError(f"asks for more than {MOST_REPEATED:,} repetitions; use + in place of a number")
    try:
        regex.compile(text, regex.IGNORECASE)
    except (regex.error, ValueError) as error:
        raise ValueError(f"no regular expression ({error}); write link, or one such as CRM-[0-9]+") from None
    return text


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_printable)
]
"""A tab's title: at most 100 characters, as at Google."""
Pattern = Annotated[Title, AfterValidator(_one_star)]
"""A tab's title, or many: `*` stands for any text in it."""
Words = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
SomeWords = Annotated[tuple[Text, ...], BeforeValidator(_listed), Field(min_length=1)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_listed), Field(min_length=1)]
Patterned = Annotated[
    tuple[Annotated[Text, AfterValidator(_pattern)], ...], BeforeValidator(_listed), Field(min_length=1)
]
Code = Annotated[Text, BeforeValidator(_upper)]
Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[float, Strict(), Field(ge=0, le=MOST_MONEY, allow_inf_nan=False)]
Share = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
Days = Annotated[int, Strict(), Field(ge=1, le=36500)]
Patience = Annotated[int, Strict(), Field(ge=10, le=3600)]
"""Seconds. Less is no time for a read of a large workbook, more is no help."""
Months = Annotated[int, Strict(), Field(ge=1, le=120)]
Weight = Annotated[float, Strict(), Field(ge=0, le=1e6, allow_inf_nan=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Label(_Frozen):
    """One text per language. A plain text stands for all three; a language left out falls back to English, else to
    any that is given."""

    en: Text = Field(description="English")
    ru: Text = Field(description="Russian")
    de: Text = Field(description="German")

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, value: Any) -> Any:
        if isinstance(value, str):
            return dict.fromkeys(cls.model_fields, value)
        if isinstance(value, dict) and value:
            given = [value.get("en"), *value.values()]
            spare = next((text for text in given if isinstance(text, str) and text.strip()), "?")
            return dict.fromkeys(cls.model_fields, spare) | value
        if not isinstance(value, cls):
            raise ValueError("a text is expected, or one per language: {en: ..., ru: ..., de: ...}")
        return value

    def text(self, language: Language) -> str:
        """The label in that language."""
        return str(getattr(self, language))


# --- people --------------------------------------------------------------------------------------------------------


class Absence(_Frozen):
    """Days on which a manager has no plan; both ends inclusive."""

    start: Day = Field(alias="from", description="First day away")
    end: Day = Field(alias="to", description="Last day away, inclusive")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"to {self.end} is before from {self.start}; swap the two days")
        return self


class Manager(_Frozen):
    """Somebody who sells. No plan outside `from`..`until` (inclusive; left out is open) and on `absent` days.
    A plain text is a manager's name without anything else."""

    name: Text = Field(description="As it is shown on the Dashboard, and offered in the dropdowns")
    aliases: Words = Field(
        (), description="Further spellings that are counted as this manager; case, spaces and ё/е never matter"
    )
    start: Day | None = Field(None, alias="from", description="First working day, for somebody who joined")
    until: Day | None = Field(None, description="Last working day, for somebody who left; keep the entry")
    absent: tuple[Absence, ...] = Field((), description="Holidays and illness: no plan on these days")

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if not isinstance(value, str | dict | cls):
            raise ValueError("a manager is a name, or keys such as name and from; put a name of figures in quotes")
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start and self.until and self.until < self.start:
            raise ValueError(f"until {self.until} is before from {self.start}; swap the two days")
        return self

    def employed(self, day: date) -> bool:
        """Whether the day lies within `start`..`until`."""
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)

    def works(self, day: date) -> bool:
        """Whether the manager is employed and not absent on that day (weekends and holidays aside)."""
        return self.employed(day) and not any(span.start <= day <= span.end for span in self.absent)


# --- what counts ---------------------------------------------------------------------------------------------------

Demand = Literal["required", "optional"]


class Action(_Frozen):
    """A productive action: what a manager types one row for."""

    label: Label = Field(description="What managers pick in the Action column")
    evidence: Demand = Field("optional", description="Whether a row counts only with something in Evidence")
    client: Demand = Field("optional", description="Whether a row counts only with a Client")
    amount: Demand = Field("optional", description="Whether a row counts only with an Amount")
    what: Label | None = Field(None, description="What to put into Evidence, for the Guide and the header notes")
    evidence_patterns: Patterned | None = Field(
        None,
        description="What Evidence must look like, if the row is to count: at least one of these is found in it. "
        "`link` is a web address; all else is a regular expression, such as `CRM-[0-9]+`. Case does not matter",
    )


class Indicator(_Frozen):
    """A measured figure: exactly one of `count`, `sum` (with `of`), `clients` and `ratio`."""

    label: Label = Field(description="Its name on the Dashboard")
    group: Literal["productivity", "funnel", "finance"] = Field(
        "productivity", description="The block of the Dashboard it stands in"
    )
    unit: Unit = Field(
        "count",
        description="`ratio` for a ratio, `money` for a sum of Amount or Profit, else `count`, unless it is given",
    )
    count: SomeWords | None = Field(None, description="Number of rows of these actions")
    sum: Literal["Quantity", "Amount", "Profit"] | None = Field(
        None, description="Total of this column over the actions under `of`; a blank Quantity is 1"
    )
    of: SomeWords | None = Field(None, description="The actions that `sum` runs over")
    clients: SomeWords | None = Field(None, description="Number of different clients in rows of these actions")
    ratio: tuple[Text, Text] | None = Field(
        None, description="The first indicator divided by the second; both no ratios themselves"
    )
    headline: bool = Field(False, description="Whether it is among the headline figures; at most five are")

    @model_validator(mode="before")
    @classmethod
    def _unit(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "unit" in value:
            return value
        money = value.get("sum") in ("Amount", "Profit")
        return value | {"unit": "ratio" if value.get("ratio") is not None else "money" if money else "count"}

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in ("count", "sum", "clients", "ratio") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none of them"
            raise ValueError(f"exactly one of count, sum, clients, ratio is needed; found {found}")
        if (self.sum is None) != (self.of is None):
            lone = "sum needs of, the list of actions to add up" if self.sum else "of goes with sum only; leave it out"
            raise ValueError(lone)
        fitting = {"ratio": ("ratio",), "sum": ("count", "money")}.get(kinds[0], ("count",))
        if self.unit not in fitting:
            raise ValueError(f"unit {self.unit} does not go with {kinds[0]}; write {' or '.join(fitting)}")
        return self

    @property
    def additive(self) -> bool:
        """Whether the department's value is the sum over managers (`count` and `sum`)."""
        return self.count is not None or self.sum is not None

    @property
    def actions(self) -> tuple[str, ...]:
        """Ids of the actions that it is made of; a ratio has none of its own."""
        return self.count or self.of or self.clients or ()


# --- the base ------------------------------------------------------------------------------------------------------


class Criteria(_Frozen):
    """When a base row belongs to a category: all that is given must hold. Nothing given always holds."""

    stage: SomeWords | None = Field(None, description="Stage is one of these; case and spaces do not matter")
    payment: Literal["this_month", "next_month", "later"] | None = Field(
        None,
        description="Expected payment: `this_month` is the as-of date's month or overdue, `next_month` is by the end "
        "of the next month, overdue included, `later` is after that",
    )
    trial: Annotated[bool, AfterValidator(_if_true)] | None = Field(
        None, description="`true`: Trial units is more than 0"
    )
    contact_within: Days | None = Field(
        None, description="Last contact is at most so many calendar days before the as-of date"
    )

    @property
    def always(self) -> bool:
        """Whether nothing is asked, so that every row fits."""
        return self.stage is None and self.payment is None and self.trial is None and self.contact_within is None


class Category(_Frozen):
    """A class of clients by closeness to money. The first category whose criteria fit a row has it; the order of the
    list is the order of warmth, warmest first."""

    id: Annotated[Text, Field(pattern=r"^[a-z0-9_]+$")] = Field(
        description="Its name in History: small Latin letters, digits and _. Never change it once it is in use"
    )
    label: Label = Field(description="What managers pick in the Category column")
    probability: Share = Field(0.0, description="How likely such a client pays, from 0 to 1; corrected by your history")
    horizon: Months = Field(12, description="Within how many months such a client pays, if at all")
    when: Criteria = Field(Criteria(), description="The criteria; only the last category has none and takes the rest")


class Base(_Frozen):
    """How the base of clients is sorted."""

    categories: tuple[Category, ...] = Field(
        min_length=1, description="The categories, warmest first; naming them replaces the built-in seven"
    )


class Forecast(_Frozen):
    """How money is foreseen from the base."""

    prior_weight: Weight = Field(
        10.0,
        description="How many observations of your own history weigh as much as a category's configured `probability`; "
        "0 trusts history alone",
    )


class Trials(_Frozen):
    """Fixtures that stand with clients."""

    limit_days: Days = Field(30, description="After so many calendar days out, fixtures are overdue")
    mature_days: Days = Field(
        90,
        description="So many calendar days after its end, a month's trials are old enough to judge how many became "
        "contracts",
    )


class Attention(_Frozen):
    """Which clients are listed to act on."""

    quiet_days: Days = Field(21, description="An active client without an action for so many calendar days is listed")
    most: Annotated[int, Strict(), Field(ge=5, le=10)] = Field(7, description="Clients listed per manager, 5 to 10")


class Calibration(_Frozen):
    """How `calibrate` proposes targets from trial weeks."""

    quantile: Share = Field(
        0.5, description="Which of a manager's weeks is the proposal: 0.5 is the median, 1 the best"
    )
    prior_weight: Weight = Field(
        4.0, description="How many weeks of a manager weigh as much as the department's usual week"
    )


# --- pay -----------------------------------------------------------------------------------------------------------


class Kpi(_Frozen):
    """How what was done turns into a score and into pay: weights over indicators, and one payout curve for all.

    A component's attainment below `threshold` pays nothing, up to 100 % it pays itself, above 100 % by `accelerator`
    and `mode`; `cap` is the most that a component is worth.
    """

    per: Literal[Kind.MONTH, Kind.QUARTER] = Field(Kind.MONTH, description="`month` or `quarter`: what is paid for")
    weights: dict[str, Annotated[float, Strict(), Field(gt=0, le=1e6, allow_inf_nan=False)]] = Field(
        min_length=1, description="Indicator: its weight; they need not add up to 1"
    )
    incentive: Number = Field(0.0, description="What each manager gets for a score of 100 %, in `department.currency`")
    managers: dict[str, Number] = Field({}, description="Manager: the incentive that is different")
    threshold: Share = Field(0.0, description="An attainment below it counts as nothing, from 0 to 1")
    accelerator: Annotated[float, Strict(), Field(ge=0, le=100, allow_inf_nan=False)] = Field(
        1.0, description="How much what is above 100 % counts"
    )
    mode: Literal["marginal", "whole"] = Field(
        "marginal",
        description="Above 100 %: `marginal` is 1 + (attainment - 1) x accelerator, `whole` attainment x accelerator",
    )
    cap: Annotated[float, Strict(), Field(ge=1, le=100, allow_inf_nan=False)] | None = Field(
        None, description="The most that a component is worth, such as 2; left out, there is no cap"
    )
    show: Literal["score", "pay", "nothing"] = Field(
        "score", description="What all tabs show: the `score`, score and `pay`, or `nothing`"
    )


# --- what was promised ---------------------------------------------------------------------------------------------


class Targets(_Frozen):
    """Targets from a date on: per indicator a default and per-manager overrides."""

    start: Day = Field(alias="from", description="Holds from this day until a later entry of the same `per` takes over")
    per: Kind = Field(description="What one figure is for; it is spread over the working days")
    default: dict[str, Number] = Field(
        {}, description="Indicator: target of each manager; of a ratio, of the department too"
    )
    managers: dict[str, dict[str, Number]] = Field({}, description="Manager: indicator: the target that is different")


# --- the workbook --------------------------------------------------------------------------------------------------


class Tabs(_Frozen):
    """Titles of the tabs; each left out follows `workbook.language`.

    Where the language changes, the managers' tabs are found under the titles they have.
    """

    actions: Patterns = Field(
        description="The action log: one title, or several. A pattern with one `*`, such as `Log *`, is every tab "
        "that it fits; without a Manager column there, what `*` stands for is the manager"
    )
    base: Title = Field(description="The managers' clients")
    dashboard: Title = Field(description="What management reads")
    history: Title = Field(description="One row per period, manager and measure")
    issues: Title = Field(description="What does not count, and why")
    guide: Title = Field(description="How to fill in")
    snapshots: Title = Field(description="The base as it stood; hidden")
    closed: Title = Field(description="The rows and plans of closed periods; hidden")
    journal: Title = Field(description="A line for each run that wrote; hidden")
    finance: Title | None = Field(
        None, description="A tab from which alone rows of payment count; left out, they count from every action log"
    )


class Workbook(_Frozen):
    """Where the spreadsheet is and how it speaks."""

    spreadsheet: Text = Field(
        description="`local:PATH`, a Google spreadsheet's address or key, or `http://127.0.0.1:PORT/spreadsheets/d/ID`"
    )
    credentials: Text = Field(
        "credentials.json",
        description="The service account's key file, or `default` for Application Default Credentials"
        " ([signing in](signing-in.md)); not needed for `local:`",
    )
    request_deadline: Patience | None = Field(
        None,
        description="Seconds after which a request that fails is not tried again, 10 to 3600; left out, 240 at Google"
        " and 60 at a server on this machine. Not for `local:`, and not for `copy`",
    )
    language: Language = Field("en", description="The language of tabs, headers, Dashboard and issues")
    timezone: Text | None = Field(
        None, description="What today is, such as `Europe/Moscow`; left out, the spreadsheet's own"
    )
    tabs: Tabs = Field(description="Titles of the tabs")
    finance_editors: Words = Field(
        (), description="Addresses of those who may edit `tabs.finance`; `init` lets them into its protection"
    )
    columns: dict[str, SomeWords] = Field({}, description="Column: further names that its header may have")


class Department(_Frozen):
    """Its name, the country whose holidays count, its money, its rhythm."""

    name: Text = Field("Sales", description="Its name in History and on the Dashboard; no manager's name")
    country: Code | None = Field(
        None, description="Two letters, such as `RU`, for the public holidays; left out, there are none"
    )
    currency: Code = Field("EUR", description="Three letters, such as `RUB`, for the money formats")
    period: Kind = Field(Kind.WEEK, description="What `sync` takes for the current period")
    holidays: tuple[Day, ...] = Field((), description="Further days on which nobody works")
    close_after_days: Days | None = Field(
        None, description="So many calendar days after its end, `sync` closes a period by itself; left out, never"
    )


class Settings(_Frozen):
    """The whole configuration, defaults filled in. `managers` keeps the file's order."""

    workbook: Workbook = Field(description="Where the spreadsheet is and how it speaks")
    department: Department = Field(Department(), description="The department as a whole")
    managers: tuple[Manager, ...] = Field(min_length=1, description="Who sells, in the order of the Dashboard")
    actions: dict[str, Action] = Field(
        min_length=1, description="What counts, by id; naming it replaces the whole built-in catalogue"
    )
    indicators: dict[str, Indicator] = Field(
        min_length=1, description="What is measured, by id; naming it replaces the whole built-in catalogue"
    )
    base: Base = Field(description="How clients are sorted")
    targets: tuple[Targets, ...] = Field(description="What was promised; `[]` while there is no plan yet")
    forecast: Forecast = Field(Forecast(), description="How money is foreseen")
    trial: Trials = Field(Trials(), description="Fixtures on trial")
    attention: Attention = Field(Attention(), description="Whom to act on")
    kpi: Kpi | None = Field(None, description="How what was done is scored and paid; left out, it is not")
    calibration: Calibration = Field(Calibration(), description="How `calibrate` proposes targets")

    @property
    def payments(self) -> frozenset[str]:
        """The actions that bring money in: `payment`, and those that the indicator of revenue sums besides."""
        of = None if self.revenue is None else self.indicators[self.revenue].of
        return frozenset({_PAYMENT, *(of or ())} & self.actions.keys())

    @property
    def revenue(self) -> str | None:
        """The indicator that money is planned by: of those in money that sum the Amount of payments the one called
        `revenue`, else the first; without any, whatever `revenue` sums the Amount of. None where there is none."""
        sums = [id_ for id_, item in self.indicators.items() if item.sum == "Amount" and item.unit == "money"]
        paid = [id_ for id_ in sums if _PAYMENT in (self.indicators[id_].of or ())]
        fitting = paid or sums
        return _REVENUE if _REVENUE in fitting else next(iter(paid), None)
