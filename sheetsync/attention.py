"""The attention list: for each manager the clients to act on this week, with the reason and the money at stake."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from sheetsync.ageing import Ageing
from sheetsync.forecast import still_expected
from sheetsync.matching import keys, pairs
from sheetsync.model import Issue, Ledger, Moment
from sheetsync.schema import Settings
from sheetsync.texts import Texts
from sheetsync.trials import Trials

COLUMNS = ("manager", "client", "deal", "category", "reasons", "money", "tab", "row")

_DTYPES = dict.fromkeys(COLUMNS, "str") | {"money": "float64", "row": "int64"}

_WHO = ("tab", "row", "client", "client_key", "deal", "deal_key", "manager")
_STUCK = ("place", "category", "days", "usual")

_Reason = tuple[int, str]
"""The label of a client's row, and what is the matter."""


def attention(
    ledger: Ledger,
    ageing: Ageing | None,
    trials: Trials | None,
    contradictions: Sequence[Issue],
    settings: Settings,
    moment: Moment,
) -> pd.DataFrame:
    """Whom to act on, the most money first: at most `attention.most` clients per manager.

    Columns: manager, client, deal, category str (id, "" unknown) · reasons str (in the workbook's language, the most
    urgent first, joined by "; ") · money float (at stake: `forecast.still_expected`, else Trial value; 0 where neither
    is known) · tab str · row int (the base's row, or the log's where the client is in no base; for a link).

    `ledger.base` is classified. Reasons, the most urgent first: payment overdue, a contradiction, fixtures overdue on
    trial, longer in the category than usual, active (its criteria ask for a payment) but no action for
    `attention.quiet_days` or more. Empty where the Base tab is empty.

    Of equal money the client with more reasons comes first, then by name; one who has only been in the category for
    long comes last.
    """
    if ledger.base.empty:
        return pd.DataFrame(columns=list(COLUMNS)).astype(_DTYPES)
    rows, about = _placed(contradictions, ledger)
    clients = _Clients(rows, ledger, settings, moment)
    stuck = list(clients.stuck(ageing))
    found = [*clients.overdue(), *clients.contradicting(about), *clients.trying(trials), *stuck, *clients.quiet()]
    listed = _ranked(clients, found, {place for place, _ in stuck})
    most = listed.groupby("manager", sort=False).head(settings.attention.most)
    return most[list(COLUMNS)].astype(_DTYPES).reset_index(drop=True)


def _ranked(clients: _Clients, found: Sequence[_Reason], stuck: set[int]) -> pd.DataFrame:
    """The clients that have reasons, in the order of the list, with `reasons` and `money`."""
    reasons: dict[int, list[str]] = {}
    for place, reason in dict.fromkeys(found):
        reasons.setdefault(place, []).append(reason)
    listed = clients.rows.loc[list(reasons)]
    listed = listed.assign(reasons=list(map("; ".join, reasons.values())), number=list(map(len, reasons.values())))
    listed["last"] = (listed["number"] == 1) & listed.index.isin(stuck)
    by = {"money": False, "last": True, "number": False, "client_key": True, "deal_key": True, "tab": True, "row": True}
    return listed.sort_values(list(by), ascending=list(by.values()))


# --- whom a contradiction is about ---------------------------------------------------------------------------------


def _placed(issues: Sequence[Issue], ledger: Ledger) -> tuple[pd.DataFrame, list[tuple[int, Issue]]]:
    """The clients, and each issue with the label of the client's row; an issue whose cell names no client is left out.

    The clients are the rows of the base and, after them, those that the issues find in the log alone: one row for each
    manager, client and deal.
    """
    base = ledger.base.reset_index(drop=True)
    if not issues:
        return base, []
    cells = [(issue.cell.tab, issue.cell.row) for issue in issues]
    ours, log = (_by_cell(rows, cells) for rows in (base, ledger.actions))
    direct = {number: ours[cell] for number, cell in enumerate(cells) if cell in ours}
    spoken = {number: log[cell] for number, cell in enumerate(cells) if cell in log}
    logged = ledger.actions.loc[list(spoken.values())].set_axis(list(spoken))
    clients = pd.concat([base, _strangers(base, logged)], ignore_index=True)
    places = _spoken_of(clients, logged) | direct
    return clients, [(places[number], issue) for number, issue in enumerate(issues) if number in places]


def _by_cell(rows: pd.DataFrame, cells: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Tab and row of these cells -> the label of what was read there; without those where nothing was."""
    near = rows[rows["row"].isin([row for _, row in cells])]
    return dict(zip(zip(near["tab"], near["row"], strict=True), near.index, strict=True))


def _strangers(base: pd.DataFrame, logged: pd.DataFrame) -> pd.DataFrame:
    """Rows of the log that speak of nobody in the base, as rows of it with everything blank but who it is."""
    strange = logged[~logged.index.isin(pairs(base, logged)["action"])]
    if strange.empty:
        return base.iloc[:0]
    once = strange.drop_duplicates(["manager", "client_key", "deal_key"])
    blank = base.iloc[:0].reindex(range(len(once)))
    return blank.assign(category="", stage="", **{name: once[name].to_numpy() for name in _WHO}).astype(base.dtypes)


def _spoken_of(clients: pd.DataFrame, logged: pd.DataFrame) -> dict[int, int]:
    """Row of the log -> the client's row: of several the one of that deal, else of that manager, else the first."""
    both = pairs(clients, logged)
    for column in ("deal_key", "manager"):
        own, said = clients[column].loc[both["row"]], logged[column].loc[both["action"]]
        both[column] = own.to_numpy() == said.to_numpy()
    best = both.sort_values(["deal_key", "manager", "row"], ascending=[False, False, True]).drop_duplicates("action")
    return dict(zip(best["action"], best["row"], strict=True))


# --- reasons -------------------------------------------------------------------------------------------------------


class _Clients:
    """The clients and what may be the matter with them; each reason is told as (label of the row, text).

    `rows`: the base's columns and key str, money float (at stake).
    """

    def __init__(self, rows: pd.DataFrame, ledger: Ledger, settings: Settings, moment: Moment) -> None:
        self._settings, self._as_of = settings, pd.Timestamp(moment.as_of)
        self._texts = Texts(settings.workbook.language)
        self._labels = {each.id: each.label.text(self._texts.language) for each in settings.base.categories}
        log = ledger.actions
        self._log = log[log["counted"] & (log["date"] <= self._as_of)]
        self._expected = self._still_expected(rows, moment)
        at_stake = self._expected.where(self._expected > 0, rows["trial_value"].fillna(0.0))
        self.rows = rows.assign(key=keys(rows), money=at_stake.round(2))

    def _still_expected(self, rows: pd.DataFrame, moment: Moment) -> pd.Series[float]:
        """What is still to come, as the forecast has it; NaN where no amount is known and nothing was paid."""
        unknown = rows["expected_amount"].isna() & ~rows.index.isin(self._payers(rows))
        return still_expected(rows, self._log, self._settings, moment).mask(unknown)

    def _payers(self, rows: pd.DataFrame) -> pd.Series[int]:
        """Labels of the clients who have paid since the 1st of the month of their Expected payment."""
        due = rows["expected_payment"]
        since = due - pd.to_timedelta(due.dt.day - 1, unit="D")
        payments = self._log[self._log["action"].isin(self._settings.payments) & (self._log["amount"] > 0)]
        both = pairs(rows, payments)
        timely = payments["date"].loc[both["action"]].to_numpy() >= since.loc[both["row"]].to_numpy()
        paid: pd.Series[int] = both["row"][timely]
        return paid

    def overdue(self) -> Iterator[_Reason]:
        """Expected payment is past, and not all of it is there."""
        late = self.rows[(self.rows["expected_payment"] < self._as_of) & (self._expected != 0)]
        days = (self._as_of - late["expected_payment"]).dt.days
        for place, n in zip(late.index, days, strict=True):
            yield place, self._texts.plural("payment overdue for {n} day", "payment overdue for {n} days", n)

    def contradicting(self, about: Sequence[tuple[int, Issue]]) -> Iterator[_Reason]:
        """Log and base say different things."""
        categories = list(self.rows["category"].map(self._label))
        for place, issue in about:
            yield place, self._short(issue, categories[place])

    def trying(self, trials: Trials | None) -> Iterator[_Reason]:
        """Fixtures are out for longer than the limit."""
        if trials is None:
            return
        out = trials.standing[trials.standing["overdue"]]
        if out.empty:
            return
        both = self.rows.reset_index(names="place")[["place", "key"]].merge(out, on="key")
        for place, units, days in zip(both["place"], both["units"], both["days"], strict=True):
            fixtures = self._texts.plural("{n} fixture", "{n} fixtures", math.ceil(units))
            yield (
                place,
                self._texts.plural(
                    "{fixtures} out for {n} day (limit {limit})",
                    "{fixtures} out for {n} days (limit {limit})",
                    int(days),
                    fixtures=fixtures,
                    limit=self._settings.trial.limit_days,
                ),
            )

    def stuck(self, ageing: Ageing | None) -> Iterator[_Reason]:
        """Longer in the category than usual; from the coldest nobody is expected to move."""
        if ageing is None:
            return
        usual = dict(zip(ageing.categories["category"], ageing.categories["usual"], strict=True))
        current = ageing.current[["key", "category", "days"]].assign(usual=ageing.current["category"].map(usual))
        coldest = self._settings.base.categories[-1].id
        late = current[(current["days"] > current["usual"]) & (current["category"] != coldest)]
        if late.empty:
            return
        both = self.rows.reset_index(names="place")[["place", "key", "category"]].merge(late, on=["key", "category"])
        for place, category, days, usual in zip(*(both[name] for name in _STUCK), strict=True):
            yield (
                place,
                self._texts.plural(
                    "{category} for {n} day, usual {usual}",
                    "{category} for {n} days, usual {usual}",
                    days,
                    category=self._label(category),
                    usual=math.floor(usual),
                ),
            )

    def quiet(self) -> Iterator[_Reason]:
        """A payment is expected, but nobody has done anything lately: by the log, for any deal of the client, and by
        Last contact."""
        active = [each.id for each in self._settings.base.categories if each.when.payment is not None]
        rows = self.rows[self.rows["category"].isin(active)]
        acted, spoke = self._log.groupby("client_key")["date"].max(), rows["last_contact"]
        latest = acted.reindex(rows["client_key"]).set_axis(rows.index)
        days = (self._as_of - latest.where(latest >= spoke, spoke).fillna(latest)).dt.days
        for place, n in zip(days.index, days, strict=True):
            if math.isnan(n):
                yield place, self._texts("no action known")
            elif n >= self._settings.attention.quiet_days:
                yield place, self._texts.plural("no action for {n} day", "no action for {n} days", int(n))

    def _label(self, category: str) -> str:
        return self._labels.get(category, category)

    def _short(self, issue: Issue, category: str) -> str:
        texts = self._texts
        forms = {
            "base_behind_contract": texts("contract logged, the base still says {category}", category=category),
            "base_behind_payment": texts("payment logged, the base still says {category}", category=category),
            "trial_not_in_base": texts("trial logged, no units in the base"),
            "trial_not_logged": texts("units in the base, no trial logged"),
            "raised_without_action": texts("category raised without an action"),
            "client_not_in_base": texts("in the log, not in the base"),
        }
        return forms.get(issue.code, issue.problem)
