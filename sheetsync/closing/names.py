"""How managers and actions could be typed at a close, and what those names stand for today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sheetsync.model import Issue
from sheetsync.periods import Period
from sheetsync.rows import Names
from sheetsync.schema import Settings
from sheetsync.texts import LANGUAGES

Line = tuple[object, str, str]
"""Date (NaT: any day), manager, and action ("" for any)."""


class Spelt:
    """How managers and actions can be typed under a configuration: id -> spellings."""

    def __init__(self, managers: Mapping[str, Sequence[str]], actions: Mapping[str, Sequence[str]]) -> None:
        self.spellings: Mapping[str, Mapping[str, Sequence[str]]] = {"manager": managers, "action": actions}
        self._known = {kind: Names(names, {}) for kind, names in self.spellings.items()}

    @classmethod
    def of(cls, settings: Settings) -> Spelt:
        """The names that the configuration knows."""
        return cls(
            {manager.name: manager.aliases for manager in settings.managers},
            {id_: list(dict.fromkeys(map(it.label.text, LANGUAGES))) for id_, it in settings.actions.items()},
        )

    @classmethod
    def kept(cls, lines: pd.DataFrame) -> Spelt:
        """The names that were known when a period was closed, from its lines."""
        lines = lines[lines["record"] == "name"]
        known: dict[str, dict[str, Sequence[str]]] = {
            kind: {id_: text.split("\n") for id_, text in zip(lines[kind], lines["spellings"], strict=True) if id_}
            for kind in ("manager", "action")
        }
        return cls(known["manager"], known["action"])

    def find(self, kind: str, name: str) -> str | None:
        """The id of what is called so."""
        return self._known[kind].find(name)

    def lines(self) -> pd.DataFrame:
        """The names as they are kept."""
        return pd.DataFrame(
            [
                {kind: id_, "spellings": "\n".join(spellings)}
                for kind, names in self.spellings.items()
                for id_, spellings in names.items()
            ]
        )


@dataclass(frozen=True, slots=True)
class Since:
    """The names of a close and those of today."""

    then: Spelt
    now: Spelt

    def today(self, kind: str, name: str) -> str | None:
        """Who or what a name stands for today: by itself, else by any other name that it had at the close."""
        known = self.then.find(kind, name)
        others = (known, *self.then.spellings[kind].get(known, ())) if known else ()
        return next((found for found in (self.now.find(kind, it) for it in (name, *others)) if found), None)

    def renamed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of the log with managers and actions as they are today, "" for one that is gone."""
        return rows.assign(
            **{
                kind: rows[kind].map({name: self.today(kind, name) or "" for name in rows[kind].unique()}).astype("str")
                for kind in ("manager", "action")
            }
        )


def unread_lines(issues: Iterable[Issue], period: Period) -> pd.DataFrame:
    """The period's rows whose manager or action is not known, as lines: one per row, or per tab of nobody's."""
    found: dict[tuple[str, int], dict[str, object]] = {}
    for issue in issues:
        whole_tab = issue.day is None and issue.cell.row == 1
        if issue.code in ("manager_unknown", "action_unknown") and (whole_tab or issue.day in period):
            day = pd.Timestamp(issue.day) if issue.day else pd.NaT
            usual: dict[str, object] = {"date": day, "manager": issue.manager, "action": ""}
            line = found.setdefault((issue.cell.tab, issue.cell.row), usual)
            line[issue.code.removesuffix("_unknown")] = issue.typed
    lines = pd.DataFrame(list(found.values()), columns=["date", "manager", "action"])
    return lines.sort_values(["date", "manager", "action"], kind="stable")


def readable(unread: pd.DataFrame, since: Since) -> Counter[Line]:
    """What unread rows are under the names of the other time: (date or NaT, manager, action or "") -> how many."""
    lines: Counter[Line] = Counter()
    for day, typed, what in unread[["date", "manager", "action"]].itertuples(index=False, name=None):
        manager, action = since.today("manager", typed), since.today("action", what) if what else ""
        if manager is not None and action is not None:
            lines[day, manager, action] += 1
    return lines


def among(rows: pd.DataFrame, lines: Counter[Line]) -> list[int]:
    """Labels of the rows that such lines stand for: one row for each, all of a manager's for one without date."""
    left, tabs = lines.copy(), {manager for day, manager, _ in lines if day is pd.NaT}
    found = []
    for label, day, manager, action in rows[["date", "manager", "action"]].itertuples(name=None):
        key = next((key for key in ((day, manager, action), (day, manager, "")) if left[key] > 0), None)
        if key is not None:
            left[key] -= 1
        if key is not None or manager in tabs:
            found.append(label)
    return found
