"""The department's life: a week of work after the other, as planned, by people of different habits and luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from random import Random

from sheetsync import plan as planning
from sheetsync.demo.clients import NEGOTIATED, OFFERED, Client, Clients
from sheetsync.demo.log import Log, Row
from sheetsync.periods import Kind, Period
from sheetsync.schema import Manager, Settings

SEED = 20_261_119
_LEAST_PAYMENT = 90_000
_SEASON = {1: 0.75, 5: 0.85, 7: 0.9, 8: 0.92, 9: 1.04, 10: 1.06, 12: 1.08}
_WARM = timedelta(days=80)
_PROMPT, _SOON = timedelta(days=10), timedelta(days=25)  # before their day, clients pay this early


class Department:
    """`live` adds a week to the `log`, mends what was wrong in it, and moves the `clients`."""

    def __init__(self, settings: Settings, last: date, weeks: int) -> None:
        self.settings = settings
        self.random = Random(SEED)  # noqa: S311 - a repeatable sample, no secret
        self.weeks = [Period.containing(last, Kind.WEEK)]
        while len(self.weeks) < weeks:
            self.weeks.insert(0, self.weeks[0].previous)
        self.clients = Clients(settings, self.random, self.weeks[0].start)
        self.log = Log(settings, self.random, self.clients.habits)
        self._forgotten: set[str] = set()
        self._ahead = dict.fromkeys(self.clients.habits, 0.0)  # what came in beside what was to be expected, in plans

    def live(self, week: Period, until: date) -> None:
        """One more week, up to the day `until` inclusive."""
        self.log.mend()
        start = len(self.log.rows)
        self.clients.hand_over(until)
        self.clients.catch_up(week.start)
        share = self._share(week, until)
        self._forgotten = {"trial", "contract"} if week == self.weeks[-1] else set()
        for action, indicator, act in (
            ("meeting", "meetings", self._meet),
            ("calc_data", "calc_data", self._design),
            ("offer", "offers", self._offer),
            ("trial", "trials", self._try_out),
            ("contract", "contracts", self._contract),
        ):
            for person, days in self._spread(share.get(indicator, {}), week, until):
                self._act(person, self.random.choice(days), action, act)
        self._leads(share, week, until)
        self._payments(share.get("revenue", {}), week, until)
        self.clients.settle(until)
        last = week == self.weeks[-1]
        self.log.close_week(start, until, flaws=20 if last else 10 if week in self.weeks[-3:] else 7, last=last)
        if last and len(self.weeks) > 4:
            self.log.edit_late(self.weeks[-4].start, self.weeks[-4].end)

    def typed(self) -> None:
        """All that changed stands in the workbook now."""
        self.log.touched, self.log.merges = [], []
        self.clients.gone = 0

    # --- how much, and who ----------------------------------------------------------------------------------------

    def _share(self, week: Period, until: date) -> Mapping[str, Mapping[str, float]]:
        """Indicator -> manager -> the plan of the week's days up to `until`."""
        planned = planning.plan(self.settings, week, until).dropna(subset="plan_to_date")
        share: dict[str, dict[str, float]] = {}
        for manager, indicator, value in zip(
            planned["manager"], planned["indicator"], planned["plan_to_date"], strict=True
        ):
            if manager in self.clients.habits:
                share.setdefault(indicator, {})[manager] = float(value)
        return share

    def _spread(self, share: Mapping[str, float], week: Period, until: date) -> Iterator[tuple[Manager, list[date]]]:
        """About as many deeds as the department planned; who did each, by plan, habit and luck, and the own days."""
        mood = _SEASON.get(week.start.month, 1.0) * self.random.uniform(0.95, 1.16)
        total = round(sum(share.values()) * max(0.92, min(1.16, mood)))
        weights = {
            name: plan * self.clients.habits[name].drive * self.random.lognormvariate(0, 0.2)
            for name, plan in share.items()
        }
        for name in self._dealt(weights, total):
            person = next(each for each in self.settings.managers if each.name == name)
            days = self._days(person, week, until)
            if days:
                yield person, days

    def _days(self, person: Manager, week: Period, until: date) -> list[date]:
        return [day for day in week.days if day <= until and day.weekday() < 5 and person.works(day)]

    def _dealt(self, weights: Mapping[str, float], total: int) -> Iterator[str]:
        """`total` names by weight, more evenly than independent draws would give them."""
        step = sum(weights.values()) / total if total else 0.0
        mark, reached = self.random.random() * step, 0.0
        for name, weight in weights.items():
            reached += weight
            while step and mark < reached:
                yield name
                mark += step

    # --- with whom ------------------------------------------------------------------------------------------------

    def _act(self, person: Manager, day: date, action: str, act: Callable[[Client, date, Row], None]) -> None:
        client = self._choose(person.name, day, action)
        if client is not None and action in self.log.labels:
            row = self.log.add(day, person.name, action, Client=client.name, Deal=client.deal)
            act(client, day, row)
            client.contact = day

    def _choose(self, manager: str, day: date, action: str) -> Client | None:
        """Whom an action is for: of the manager's clients one whom it fits."""
        luck = self.random.random()

        def warm(one: Client) -> bool:
            return one.idle and one.contact is not None and day - one.contact < _WARM

        def tried(one: Client) -> bool:
            return one.since is not None and (day - one.since).days > 9

        fits: dict[str, Callable[[Client], bool]] = {
            "meeting": warm if luck < 0.35 else (lambda one: one.idle) if luck < 0.42 else lambda one: not one.idle,
            "calc_data": warm if luck < 0.85 else lambda one: one.idle,
            "offer": (lambda one: one.stage == OFFERED)
            if luck < 0.72
            else lambda one: one.stage == self.clients.design_stage,
            "trial": warm if luck < 0.6 else lambda one: one.units is None and one.payment is None and one.stage != "",
            "contract": tried if luck < 0.35 else lambda one: one.stage in (OFFERED, NEGOTIATED),
        }
        fitting = self.clients.of(manager, fits[action]) or self.clients.of(manager)
        if action == "contract":
            fitting = sorted(fitting, key=lambda one: one.payment or date.max)[:3]
        return self.random.choice(fitting) if fitting else None

    # --- deeds ----------------------------------------------------------------------------------------------------

    def _meet(self, client: Client, day: date, row: Row) -> None:
        row["Evidence"] = f"https://drive.example/minutes/{day:%m%d}-{self.random.randint(100, 999)}"
        client.step = self.clients.next_step()

    def _design(self, client: Client, _: date, row: Row) -> None:
        row["Evidence"] = f"Designer's report {self.random.randint(2100, 2999)}"
        client.stage = client.stage or self.clients.design_stage

    def _offer(self, client: Client, day: date, row: Row) -> None:
        row["Evidence"] = f"CRM-{self.random.randint(41000, 48999)}"
        if client.stage == OFFERED and self.random.random() < 0.3:
            client.stage = NEGOTIATED
        elif client.stage not in (OFFERED, NEGOTIATED, self.clients.last_stage):
            self.clients.expect(client, day, 35, 190, OFFERED)
            if self.random.random() < 0.08:
                client.payment = None  # nobody knows when
        row["Amount"] = client.amount

    def _try_out(self, client: Client, day: date, row: Row) -> None:
        row["Evidence"] = f"Trial agreement {self.random.randint(110, 480)}"
        if client.units is None and self._forgets("trial"):
            row["Quantity"] = client.lent = self.random.randint(4, 20)
            return
        if client.units is None:
            self.clients.lend(client, day)
        row["Quantity"] = client.units

    def _contract(self, client: Client, day: date, row: Row) -> None:
        row["Evidence"] = f"https://drive.example/contracts/{self.random.randint(1200, 1999)}"
        if self._forgets("contract"):
            client.forget_deal()
            client.owed = True
            row["Amount"] = 840_000.0
        else:
            self.clients.expect(client, day, 6, 40, self.clients.last_stage)
            row["Amount"] = client.amount
        client.return_fixtures()

    def _forgets(self, action: str) -> bool:
        """Whether the base does not hear of an action, as now and then happens, and once in the last week."""
        if action in self._forgotten:
            self._forgotten.remove(action)
            return True
        return self.random.random() < 0.05

    def _leads(self, share: Mapping[str, Mapping[str, float]], week: Period, until: date) -> None:
        """A manager's leads of a week are one row for each of their fates; a deal of another kind is a new client."""
        processed = share.get("leads_processed", {})
        for action, part in (("lead_accepted", processed), ("lead_converted", share.get("leads_converted", {}))):
            deeds = list(self._spread(part, week, until))
            for name in dict.fromkeys(person.name for person, _ in deeds):
                count = sum(person.name == name for person, _ in deeds)
                day = next(days for person, days in deeds if person.name == name)[-1]
                rejected = round(count * self.random.uniform(0.3, 0.55)) if action == "lead_accepted" else 0
                self._tally(name, day, action, count - rejected)
                self._tally(name, day, "lead_rejected", rejected)
        for person, days in self._spread(share.get("new_deals", {}), week, until):
            day = self.random.choice(days)
            self.log.add(day, person.name, "new_deal", Client=self.clients.recruit(person.name, day).name)

    def _tally(self, manager: str, day: date, action: str, count: int) -> None:
        if count:
            self.log.add(day, manager, action, Quantity=count)

    # --- money ----------------------------------------------------------------------------------------------------

    def _payments(self, share: Mapping[str, float], week: Period, until: date) -> None:
        """The week's money, from those whose payment is due first; in the last week as much as is left of the plan."""
        last = week == self.weeks[-1]
        left = sum(share.values()) * (self.random.uniform(0.88, 1.06) if last else self._flow(share, until))
        for name, plan in share.items():
            self._ahead[name] -= plan * self.clients.habits[name].closing
        while left > _LEAST_PAYMENT and "payment" in self.log.labels:
            client = self._next_to_pay(share, until + (_SOON if last else _PROMPT))
            person = next((each for each in self.settings.managers if client and each.name == client.manager), None)
            days = self._days(person, week, until) if person else []
            if client is None or not days:
                return
            full = round((client.amount or 0.0) * max(0.7, min(1.04, self.random.gauss(0.91, 0.07))), 2)
            if full > left and not last and self.random.random() > left / full:
                return
            part = left if full > left and last else full * self.random.uniform(0.35, 0.65)
            paid = round(part, 2) if (full > left and last) or self.random.random() < 0.2 else full
            self._pay(client, self.random.choice(days), paid, whole=paid == full)
            left -= paid

    def _flow(self, share: Mapping[str, float], until: date) -> float:
        """How the week's money compares with its plan: by luck, and by how much is due at all."""
        due = sum(one.amount or 0.0 for one in self._due(share, until + _SOON))
        stock = due / max(1.0, sum(share.values()) * 4)
        return self.random.uniform(0.65, 1.35) * max(0.75, min(1.25, stock))

    def _due(self, share: Mapping[str, float], until: date) -> list[Client]:
        """Clients with a contract who are to pay by the day."""
        return [
            one
            for one in self.clients
            if one.stage == self.clients.last_stage
            and one.amount
            and share.get(one.manager)
            and one.payment
            and one.payment + timedelta(days=one.late) <= until
        ]

    def _next_to_pay(self, share: Mapping[str, float], until: date) -> Client | None:
        """The client whose payment is due first, of the manager whose money is furthest behind what is usual."""
        due = self._due(share, until)
        if not due:
            return None
        names = dict.fromkeys(one.manager for one in due)
        late = {name: self._ahead[name] / share[name] + self.random.random() for name in names}
        manager = min(late, key=lambda name: late[name])
        return min((one for one in due if one.manager == manager), key=lambda one: one.payment or date.max)

    def _pay(self, client: Client, day: date, amount: float, *, whole: bool) -> None:
        self.log.add(
            day,
            client.manager,
            "payment",
            Client=client.name,
            Deal=client.deal,
            Evidence=f"Bank statement {self.random.randint(500, 990)}",
            Amount=amount,
            Profit=round(amount * self.random.uniform(0.21, 0.29), 2),
        )
        self._ahead[client.manager] += amount
        client.contact = day
        rest = round((client.amount or 0.0) - amount, 2)
        if not whole and rest > _LEAST_PAYMENT:
            self.clients.expect_rest(client, day, rest)
            return
        client.forget_deal()
        if self.random.random() < 0.12:
            self.clients.further_deal(client)
