"""A small department for the tests of the computing floor, and rows for its ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from sheetsync.model import Ledger, Moment
from sheetsync.periods import Period
from sheetsync.schema import Settings

ANNA, BORIS, SALES = "Anna Petrova", "Boris Ivanov", "Sales"


def _label(text: str) -> dict[str, str]:
    return {"en": text, "ru": text, "de": text}


INDICATORS: dict[str, dict[str, Any]] = {
    "meetings": {"label": _label("Meetings"), "count": ["meeting"]},
    "clients_met": {"label": _label("Clients met"), "clients": ["meeting"]},
    "leads": {"label": _label("Leads"), "sum": "Quantity", "of": ["lead_accepted", "lead_rejected"]},
    "converted": {"label": _label("Converted"), "sum": "Quantity", "of": ["lead_converted"]},
    "conversion": {"label": _label("Conversion"), "unit": "ratio", "ratio": ["converted", "leads"]},
    "revenue": {"label": _label("Revenue"), "unit": "money", "sum": "Amount", "of": ["payment"]},
    "gross_profit": {"label": _label("Gross profit"), "unit": "money", "sum": "Profit", "of": ["payment"]},
}

CATEGORIES: list[dict[str, Any]] = [
    {
        "id": "active_a",
        "label": _label("Active A"),
        "when": {"stage": ["Contract", "Invoice"], "payment": "this_month"},
    },
    {"id": "active_b", "label": _label("Active B"), "when": {"payment": "next_month"}},
    {"id": "active_c", "label": _label("Active C"), "when": {"payment": "later"}},
    {"id": "trial", "label": {"en": "On trial", "ru": "На тесте", "de": "Im Test"}, "when": {"trial": True}},
    {"id": "project", "label": _label("In design"), "when": {"stage": ["Design"]}},
    {"id": "warm", "label": {"en": "Warm", "ru": "Тёплые", "de": "Warm"}, "when": {"contact_within": 90}},
    {"id": "cold", "label": {"en": "Cold", "ru": "Холодные", "de": "Kalt"}},
]


def settings(
    managers: Sequence[str | Mapping[str, Any]] = (ANNA, BORIS),
    targets: Sequence[Mapping[str, Any]] = (),
    *,
    language: str = "en",
    categories: Sequence[Mapping[str, Any]] = tuple(CATEGORIES),
    indicators: Mapping[str, Mapping[str, Any]] = INDICATORS,
    **department: Any,
) -> Settings:
    """A configuration as `settings.py` would read it, with these people and targets."""
    own = ("dashboard", "history", "issues", "guide", "snapshots", "closed", "journal")
    tabs = {name: name.title() for name in ("base", *own)}
    people = [{"name": item} if isinstance(item, str) else dict(item) for item in managers]
    actions = {action: {"label": _label(action)} for item in indicators.values() for action in _of(item)}
    return Settings.model_validate(
        {
            "workbook": {"spreadsheet": "local:x", "language": language, "tabs": {"actions": ["Actions"], **tabs}},
            "department": {"name": SALES, "country": None, **department},
            "managers": people,
            "actions": actions,
            "indicators": indicators,
            "base": {"categories": list(categories)},
            "targets": list(targets),
        }
    )


def _of(indicator: Mapping[str, Any]) -> list[str]:
    return [*indicator.get("count", ()), *indicator.get("clients", ()), *indicator.get("of", ())]


def ledger(*actions: Mapping[str, Any]) -> Ledger:
    """A ledger of these action rows; what a row leaves out is blank, and it counts."""
    texts = ["tab", "manager", "action", "client", "client_key", "deal", "deal_key", "evidence", "comment"]
    blank: dict[str, Any] = dict.fromkeys(texts, "") | {
        "row": 0,
        "date": None,
        "quantity": float("nan"),
        "amount": float("nan"),
        "profit": float("nan"),
        "counted": True,
        "rejected": False,
    }
    rows = [{**blank, "client_key": str(row.get("client", "")).casefold(), **row} for row in actions]
    numbers = ["quantity", "amount", "profit"]
    dtypes = (
        dict.fromkeys(texts, "str")
        | dict.fromkeys(numbers, "float64")
        | {"row": "int64", "counted": "bool", "rejected": "bool"}
    )
    frame = pd.DataFrame(rows, columns=list(blank)).astype({**dtypes, "date": "datetime64[us]"})
    return Ledger(actions=frame, base=base(), issues=(), rows={})


def base(*clients: Mapping[str, Any]) -> pd.DataFrame:
    """A parsed base of these rows; what a row leaves out is blank, its manager Anna."""
    texts = ["tab", "client", "client_key", "deal", "deal_key", "manager", "category", "stage"]
    days, numbers = (
        ["expected_payment", "trial_since", "last_contact"],
        ["expected_amount", "trial_units", "trial_value"],
    )
    blank: dict[str, Any] = {**dict.fromkeys(texts, ""), "tab": "Base", "manager": ANNA, **dict.fromkeys(days)}
    blank |= dict.fromkeys(numbers, float("nan"))
    rows = [
        {**blank, "row": number, "client_key": str(row.get("client", "")).casefold(), **row}
        for number, row in enumerate(clients, 2)
    ]
    dtypes = dict.fromkeys(texts, "str") | dict.fromkeys(days, "datetime64[us]") | dict.fromkeys(numbers, "float64")
    return pd.DataFrame(rows, columns=["row", *blank]).astype({**dtypes, "row": "int64"})


def moment(period: str, as_of: str | None = None) -> Moment:
    """The clock of a run of that period; by default at its end."""
    span = Period.parse(period)
    day = date.fromisoformat(as_of) if as_of else span.end
    return Moment(period=span, as_of=min(day, span.end), run_day=day, today=day, now=datetime(2026, 1, 1, 9, 30))
