"""Log against base: where what was logged and what the base says do not go together. Warnings, each with its cell."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from babel.dates import format_date

from sheetsync.matching import keys, pairs
from sheetsync.mistakes import COUNTED, LONGEST_TYPED
from sheetsync.model import Issue, Ledger, Moment, Severity
from sheetsync.moves import Moves
from sheetsync.schema import Settings
from sheetsync.texts import Texts

PAST = timedelta(days=90)
"""A contract or payment more calendar days before the as-of date than these is past: the client may have cooled."""

_CONTRACT, _TRIAL = "contract", "trial"
_OF_NOBODY_YET = ("lead_rejected",)
"""Actions whose client has no place in the base."""

_Row = dict[Hashable, Any]
"""A row of a frame, by column."""


def contradictions(ledger: Ledger, moves: Moves | None, settings: Settings, moment: Moment) -> tuple[Issue, ...]:
    """What log and base say against each other, as of `moment.as_of`.

    `ledger.base` is classified (see `base.classify`). Only called while the Base tab is the period's
    (`base.may_record`). Log rows that do not count say nothing; an action that the configuration lacks is not missed.

    `base_behind_contract`, `base_behind_payment`: logged at most `PAST` ago, and the client is still in a category
    below all those that ask for a payment or a trial, with whatever deal the log may mean. Not where a payment followed
    the contract; of payments, which win by themselves, only where the moves do not tell. One per base row, of what was
    logged last.
    `trial_not_in_base`: a trial logged in the period, no Trial units, and no contract since.
    `trial_not_logged`: Trial units since a day that the log covers, and no trial in it; of nobody knows when where
    the log covers `trial.limit_days`.
    `raised_without_action`: up since the earlier snapshot, not by the calendar, and nothing logged after it.
    `client_not_in_base`: logged in the period, and in no row that counts of a base that the manager has rows in; a
    rejected lead may be. One per manager and client, at the first row.
    """
    case = _Case.of(ledger, moves, settings, moment)
    checks = (_behind, _trial_not_in_base, _trial_not_logged, _raised_without_action, _client_not_in_base)
    return tuple(issue for check in checks for issue in check(case))


@dataclass(frozen=True, slots=True)
class _Case:
    """Log and base side by side.

    `log`: the counted rows of `Ledger.actions` up to the as-of date. `said`: every row of the base with each of these
    that speaks of it: place, action int (their labels) · id, log_tab str · log_row int · date datetime64 · amount float
    """

    ledger: Ledger
    log: pd.DataFrame
    said: pd.DataFrame
    moves: Moves | None
    settings: Settings
    moment: Moment
    texts: Texts

    @classmethod
    def of(cls, ledger: Ledger, moves: Moves | None, settings: Settings, moment: Moment) -> _Case:
        log = ledger.actions[ledger.actions["counted"] & (ledger.actions["date"] <= pd.Timestamp(moment.as_of))]
        words = log[["action", "tab", "row", "date", "amount"]]
        words = words.rename(columns={"action": "id", "tab": "log_tab", "row": "log_row"})
        said = pairs(ledger.base, log).rename(columns={"row": "place"}).join(words, on="action")
        return cls(ledger, log, said, moves, settings, moment, Texts(settings.workbook.language))

    @property
    def start(self) -> pd.Timestamp:
        """The period's first day."""
        return pd.Timestamp(self.moment.period.start)

    def rows(self, found: pd.DataFrame) -> Iterator[_Row]:
        """What was found, one row for each `place`, with the base row there; in the base's order."""
        if found.empty:
            return
        yield from found.join(self.ledger.base, on="place").sort_values("place").to_dict("records")

    def words(self, row: _Row) -> dict[str, str]:
        """What the texts say of a row: client and category of the base, and where and when the log speaks of it."""
        said = {"client": str(row["client"]), "category": self.label(str(row["category"]))}
        if "log_row" in row:
            said |= {"tab": str(row["log_tab"]), "row": str(row["log_row"]), "day": self.day(row["date"])}
        return said

    def warning(self, code: str, row: _Row, column: str, typed: str, *, day: date | None = None, **texts: str) -> Issue:
        """The issue at that column of a row of the base or the log; `texts`: problem, remedy, effect."""
        return Issue(
            severity=Severity.WARNING,
            code=code,
            cell=self.ledger.cell(str(row["tab"]), int(row["row"]), column),
            manager=str(row["manager"]),
            typed=typed[:LONGEST_TYPED],
            day=day,
            **texts,
        )

    def day(self, day: date) -> str:
        pattern = "d MMM y" if self.texts.language == "en" else "dd.MM.yyyy"
        return str(format_date(day, pattern, locale=self.texts.locale))

    def label(self, category: str) -> str:
        """As the category is shown; the id of one that is no longer configured."""
        labels = {item.id: item.label.text(self.texts.language) for item in self.settings.base.categories}
        return labels.get(category, category)

    def typed_category(self, row: _Row) -> str:
        return self.label(str(row["category"])) if row["typed"] else ""


# --- a contract or a payment -----------------------------------------------------------------------------------------


def _behind(case: _Case) -> Iterator[Issue]:
    said, texts = case.said, case.texts
    contract = said["id"] == _CONTRACT
    paid = said["id"].isin(case.settings.payments) & (said["amount"] > 0) & ~contract
    recent = said["date"] >= pd.Timestamp(case.moment.as_of - PAST)
    if not (recent & (contract | paid)).any():
        return
    last_paid = said[paid].groupby("place")["date"].max()
    unpaid = contract & ~(said["date"] <= last_paid.reindex(said["place"]).to_numpy())
    base = case.ledger.base
    below = said["place"].isin(base.index[base["category"].isin(_below(case.settings))])
    told_elsewhere = said["action"].isin(said.loc[~below, "action"])
    found = said[recent & ~told_elsewhere & (unpaid | (paid & _untold(case)))]
    for row in case.rows(found.sort_values(["date", "action"]).drop_duplicates("place", keep="last")):
        signed = row["id"] == _CONTRACT
        problem = (
            texts(
                "A contract with “{client}” dated {day} is in the log ({tab}, row {row}), yet the base still says "
                "“{category}”.",
                **case.words(row),
            )
            if signed
            else texts(
                "A payment from “{client}” dated {day} is in the log ({tab}, row {row}), yet the base still says "
                "“{category}”.",
                **case.words(row),
            )
        )
        yield case.warning(
            "base_behind_contract" if signed else "base_behind_payment",
            row,
            "Category",
            case.typed_category(row),
            problem=problem,
            remedy=texts("Bring stage and expected payment up to date, or choose the category that fits."),
            effect=texts("Counted as “{typed}”.", typed=case.label(str(row["category"]))),
        )


def _below(settings: Settings) -> frozenset[str]:
    """The categories below all those that ask for a payment or a trial; none where no category does."""
    categories = settings.base.categories
    asking = [place for place, each in enumerate(categories) if each.when.payment or each.when.trial]
    return frozenset(each.id for each in categories[asking[-1] + 1 :]) if asking else frozenset()


def _untold(case: _Case) -> pd.Series[bool]:
    """Of `case.said`: whether the moves, which know who was won, do not tell of it though they should."""
    if case.moves is None:
        return pd.Series(True, index=case.said.index)
    base, events = case.ledger.base, case.moves.events
    won = base.index[keys(base).isin(events.loc[events["event"] == "won", "key"])]
    return (case.said["date"] >= case.start) & ~case.said["place"].isin(won)


# --- trials ----------------------------------------------------------------------------------------------------------


def _trial_not_in_base(case: _Case) -> Iterator[Issue]:
    said, texts = case.said, case.texts
    trial = (said["id"] == _TRIAL) & (said["date"] >= case.start)
    if not trial.any():
        return
    signed = said[said["id"] == _CONTRACT].groupby("place")["date"].max()
    standing = case.ledger.base.index[case.ledger.base["trial_units"] > 0]
    settled = said["place"].isin(standing) | (said["date"] <= signed.reindex(said["place"]).to_numpy())
    settled_somewhere = said["action"].isin(said.loc[trial & settled, "action"])
    found = said[trial & ~settled_somewhere].sort_values(["action", "place"]).drop_duplicates("action")
    for row in case.rows(found.sort_values(["date", "action"]).drop_duplicates("place", keep="last")):
        yield case.warning(
            "trial_not_in_base",
            row,
            "Trial units",
            _number(row["trial_units"]),
            problem=texts(
                "A trial at “{client}” dated {day} is in the log ({tab}, row {row}), yet the base has nothing on "
                "trial.",
                **case.words(row),
            ),
            remedy=texts(
                "Enter units, value and first day of the trial; if all has come back already, nothing needs doing."
            ),
            effect=texts(COUNTED),
        )


def _trial_not_logged(case: _Case) -> Iterator[Issue]:
    base, texts = case.ledger.base, case.texts
    if _TRIAL not in case.settings.actions:
        return
    since, as_of, first = base["trial_since"], pd.Timestamp(case.moment.as_of), case.log["date"].min()
    longest = pd.Timedelta(days=case.settings.trial.limit_days)
    covered = since.between(first, as_of) | (since.isna() & (first <= as_of - longest))
    logged = base.index.isin(case.said.loc[case.said["id"] == _TRIAL, "place"])
    for row in case.rows(pd.DataFrame({"place": base.index[(base["trial_units"] > 0) & covered & ~logged]})):
        yield case.warning(
            "trial_not_logged",
            row,
            "Trial units",
            _number(row["trial_units"]),
            problem=texts(
                "“{client}” has had a trial since {day} by the base, yet no trial that counts is in the log.",
                client=row["client"],
                day=case.day(row["trial_since"]),
            )
            if pd.notna(row["trial_since"])
            else texts(
                "“{client}” has a trial by the base, yet no trial that counts is in the log.", client=row["client"]
            ),
            remedy=texts("Log the trial with its evidence, or clear the units if nothing is on trial there."),
            effect=texts(COUNTED),
        )


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.15g}"


# --- moves without a reason, clients without a row -------------------------------------------------------------------


def _raised_without_action(case: _Case) -> Iterator[Issue]:
    if case.moves is None:
        return
    since, texts = case.moves.since.end, case.texts
    up = case.moves.events[case.moves.events["event"] == "up"].set_index("key")[["source", "target"]]
    if up.empty:
        return
    reasoned = case.said.loc[case.said["date"] > pd.Timestamp(since), "place"]
    places = keys(case.ledger.base).rename("key").rename_axis("place").reset_index()
    raised = places.join(up, on="key", how="inner")
    for row in case.rows(raised[~raised["place"].isin(reasoned)]):
        target = case.label(str(row["target"]))
        yield case.warning(
            "raised_without_action",
            row,
            "Category",
            case.typed_category(row),
            problem=texts(
                "“{client}” rose from “{source}” to “{target}” after {day}, yet the log has no action with this client "
                "that counts since then.",
                client=row["client"],
                source=case.label(str(row["source"])),
                target=target,
                day=case.day(since),
            ),
            remedy=texts("Log what was done, or correct the row: its category or what it follows from."),
            effect=texts("Counted as “{typed}”.", typed=target),
        )


def _client_not_in_base(case: _Case) -> Iterator[Issue]:
    log, base, texts = case.log, case.ledger.base, case.texts
    active = (log["date"] >= case.start) & ~log["action"].isin(_OF_NOBODY_YET) & (log["client_key"] != "")
    absent = active & log["manager"].isin(base["manager"]) & ~log["client_key"].isin(base["client_key"])
    for row in log[absent].drop_duplicates(["manager", "client_key"]).to_dict("records"):
        yield case.warning(
            "client_not_in_base",
            row,
            "Client",
            row["client"],
            day=row["date"].date(),
            problem=texts(
                "“{client}” is in the log, but in no row of {tab} that counts.",
                client=row["client"],
                tab=_base_tab(case),
            ),
            remedy=texts(
                "Add the client to {tab}, mend its row there, or write the name as it stands there.",
                tab=_base_tab(case),
            ),
            effect=texts(COUNTED),
        )


def _base_tab(case: _Case) -> str:
    return case.settings.workbook.tabs.base
