"""The action log as it is typed: rows, the flaws that hands leave in them, and their mending a week later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from sheetsync.demo.clients import Habit
from sheetsync.schema import Settings

Row = dict[str, Any]


class Log:
    """`rows` are those under the header, blank ones included; `touched` the places of those that have to be typed
    (again), and `merges` the places of rows whose Date is merged with that of the row below."""

    def __init__(self, settings: Settings, random: Random, habits: Mapping[str, Habit]) -> None:
        self.settings = settings
        self.random = random
        self.rows: list[Row] = []
        self.touched: list[int] = []
        self.merges: list[int] = []
        self.labels = {key: action.label.text(settings.workbook.language) for key, action in settings.actions.items()}
        self._habits = habits
        self._wrong: dict[int, Row] = {}

    def add(self, day: date, manager: str, action: str, **more: Any) -> Row:
        """One more row; an action that the configuration does not know is not typed."""
        row: Row = {"Date": day, "Manager": manager, "Action": self.labels.get(action), **more}
        if action in self.labels:
            self.rows.append(row)
        return row

    def mend(self) -> None:
        """What the last sync listed is mostly put right; what nobody mends in its week stays."""
        for place, clean in self._wrong.items():
            if self.random.random() < 0.88:
                self.rows[place] = clean
                self.touched.append(place)
        self._wrong = {}

    def close_week(self, start: int, until: date, *, flaws: int, last: bool) -> None:
        """Puts the week's rows, those from `start` on, in order, and types them as hands do."""
        self.rows[start:] = sorted(self.rows[start:], key=lambda row: row["Date"])
        self._spoil(start, until, flaws, last=last)
        if last:
            self._merge_and_part(start)
        self.touched += range(start, len(self.rows))

    def edit_late(self, since: date, until: date) -> None:
        """Somebody raises a payment between two days, after its period was closed."""
        for place, row in enumerate(self.rows):
            day, amount = row.get("Date"), row.get("Amount")
            if isinstance(day, date) and since <= day <= until and row.get("Profit") and isinstance(amount, float):
                self.rows[place] = {**row, "Amount": round(amount + 150_000, 2)}
                self.touched.append(place)
                return

    # --- flaws ----------------------------------------------------------------------------------------------------

    def _spoil(self, start: int, until: date, flaws: int, *, last: bool) -> None:
        """Some of the week's rows as people really type them."""
        fresh = self.rows[start:]
        common = [at for at, row in enumerate(fresh, start) if row["Action"] not in self._dear()]
        self.random.shuffle(common)
        kinds = list(self._flaws(until, last=last))
        for spoil in self.random.sample(kinds, min(flaws, len(kinds))):
            fitting = next((at for at in common if spoil(dict(self.rows[at]))), None)
            if fitting is not None:
                common.remove(fitting)
                self._wrong[fitting] = dict(self.rows[fitting])
                spoil(self.rows[fitting])
        self._forget_evidence(common)
        self._write_money(start)
        proven = [row for row in fresh if str(row.get("Evidence", "")).startswith("http") and "Checked" not in row]
        if proven:
            self.rows.append(dict(proven[0]))
            self._wrong[len(self.rows) - 1] = {}

    def _forget_evidence(self, places: list[int]) -> None:
        for at in sorted(places):
            row = self.rows[at]
            if row.get("Evidence") and self.random.random() > self._habits[row["Manager"]].tidy:
                self._wrong.setdefault(at, dict(row))
                row["Evidence"] = ""

    def _write_money(self, start: int) -> None:
        """Two amounts of the week are texts, with the spaces and signs that people put into them."""
        paid = [at for at in range(start, len(self.rows)) if self.rows[at].get("Profit")]
        for at in paid[:2]:
            amount = f"{self.rows[at]['Amount']:,.2f}".translate({ord(","): "\u00a0", ord("."): ","})
            self.rows[at]["Amount"] = f"{amount} ₽" if at == paid[0] else amount

    def _dear(self) -> set[str]:
        """Actions so few that a flaw in one would change the picture of the week."""
        return {self.labels[action] for action in ("contract", "trial", "payment", "new_deal") if action in self.labels}

    def _flaws(self, until: date, *, last: bool) -> Iterator[Callable[[Row], bool]]:
        """Each changes a row and says whether it could: how hands write, and what is no use at all. A day before
        somebody came is in a week that is long closed, which is only for the last week."""

        def put(needs: str, **typed: Any) -> Callable[[Row], bool]:
            return lambda row: bool(row.get(needs)) and row.update(typed) is None

        def rewrite(needs: str, text: Callable[[Any], Any]) -> Callable[[Row], bool]:
            return lambda row: bool(row.get(needs)) and row.update([(needs, text(row[needs]))]) is None

        yield rewrite("Date", lambda day: f"{day:%d.%m.%Y}")
        yield rewrite("Manager", lambda name: f"  {name.lower()} ")
        yield rewrite("Manager", lambda name: name[:-1] + "q")
        yield rewrite("Client", lambda name: f"{name} Ltd")
        yield put("Client", Action="Telephone call")
        yield put("Evidence", Evidence="")
        yield put("Evidence", Evidence=".")
        yield put("Evidence", Evidence="-")
        yield put("Evidence", Checked="no")
        yield put("Client", Client="")
        yield put("Date", Date=until + timedelta(days=1))
        yield put("Date", Date="tomorrow")
        yield put("Quantity", Quantity="=1/0")
        yield put("Quantity", Quantity=True)
        yield rewrite("Quantity", lambda count: f"{count} pcs")
        for person in self.settings.managers:
            if person.start and timedelta(0) < until - person.start < timedelta(days=100 if last else 7):
                yield put("Client", Manager=person.name, Date=person.start - timedelta(days=4))

    def _merge_and_part(self, start: int) -> None:
        """Two rows that share one merged Date, a refund, and a blank row in between."""
        pairs = [
            at
            for at in range(start, len(self.rows) - 1)
            if self.rows[at]["Date"] == self.rows[at + 1]["Date"]
            and at + 1 not in self._wrong
            and self.rows[at + 1]["Action"] not in self._dear()
            and isinstance(self.rows[at]["Date"], date)
        ]
        self.rows[start:start] = [{}]
        self._wrong = {at + 1: row for at, row in self._wrong.items()}
        if pairs:
            self.rows[pairs[0] + 2]["Date"] = None
            self.merges.append(pairs[0] + 1)
        paid = next((row for row in reversed(self.rows[start:]) if row.get("Profit")), None)
        if paid:
            self.rows.append({**paid, "Evidence": "Credit note 17", "Amount": -48_200.0, "Profit": -9_640.0})
