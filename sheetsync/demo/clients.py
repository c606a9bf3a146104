"""The clients of the sample department: who they are, how far they have come, and what becomes of them by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sheetsync.periods import Kind, Period
from sheetsync.schema import Settings

_PLACES = (
    "Volga Neva Kama Onega Ladoga Ural Altai Baikal Don Oka Sura Vyatka Angara Lena Irtysh Tobol Kuban Terek "
    "Pechora Dvina Amur Zeya Selenga Mezen Svir Luga Vaga Unzha Klyazma Tsna Moksha Khopyor Medveditsa Ilmen Seliger"
).split()
_TRADES = (
    "Cold Storage|Logistics Park|Foundry|Steelworks|Paper Mill|Shipyard|Dairy|Bakery|Car Park|Retail Park|"
    "Greenhouse|Warehouses|Rail Depot|Airport|Metro Works|Port|City Lighting|Cement|Glassworks|Timber|"
    "Refinery|Hospital|University|Arena|Machine Works|Poultry|Brewery|Printing House"
).split("|")
_STEPS = ("call the engineer", "send the offer", "agree the date", "chase the tender", "visit the site", "")
_DEALS = ("Hall 2", "Phase 2", "Yard", "Office block")
OFFERED, NEGOTIATED = "Offer", "Tender"
_DEAL = 1_780_000  # a usual contract
_LATE_PAYERS = 0.12


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody works: how much beside the plan, how well deals close, how tidily; and how large the base is."""

    drive: float
    closing: float
    tidy: float
    base: int


HABITS = (
    Habit(1.12, 1.1, 0.999, 108),
    Habit(0.96, 0.9, 0.993, 82),
    Habit(1.04, 1.3, 0.999, 94),
    Habit(0.72, 0.75, 0.985, 116),
    Habit(1.15, 0.95, 0.995, 74),
    Habit(0.88, 1.1, 0.993, 104),
    Habit(1.08, 0.8, 0.99, 56),
)


@dataclass(slots=True)
class Client:
    """A row of the base. `heir` is the colleague who takes it over on joining; `owed` is a contract that was signed
    and `lent` are fixtures that were handed over, of which the row does not know yet. `late` is how many days after
    its day the money will come."""

    name: str
    manager: str
    deal: str = ""
    stage: str = ""
    payment: date | None = None
    amount: float | None = None
    units: int | None = None
    value: float | None = None
    since: date | None = None
    contact: date | None = None
    typed: str = ""
    step: str = ""
    heir: str = ""
    owed: bool = False
    lent: int = 0
    late: int = 0

    @property
    def idle(self) -> bool:
        """Whether there is neither a deal in work nor a trial."""
        return not self.stage and self.units is None and self.payment is None

    def forget_deal(self) -> None:
        """The deal is paid, or lost."""
        self.stage, self.payment, self.amount = "", None, None

    def return_fixtures(self) -> None:
        """The trial is over, and with it the money that it gave hope of."""
        self.units = self.value = self.since = None
        if not self.stage:
            self.amount = None


class Clients:
    """The base. `gone` counts the rows that were deleted since it was last typed."""

    def __init__(self, settings: Settings, random: Random, first: date) -> None:
        self.settings = settings
        self.random = random
        self.habits = {person.name: HABITS[at % len(HABITS)] for at, person in enumerate(settings.managers)}
        self.gone = 0
        self._names = self._named()
        stages = {category.id: category.when.stage for category in settings.base.categories}
        self.last_stage = (stages.get("active_a") or ("Contract",))[0]
        self.design_stage = (stages.get("project") or ("Design",))[0]
        self._rows: list[Client] = []
        for person in settings.managers:
            self._rows += [self._known(person.name, first) for _ in range(self.habits[person.name].base)]
        self._await_joiners(first)
        for client in random.sample(self._rows, len(self._rows) // 30):
            self.further_deal(client)

    def __iter__(self) -> Iterator[Client]:
        return iter(self._rows)

    def of(self, manager: str, fits: Callable[[Client], bool] = lambda _: True) -> list[Client]:
        """A manager's clients that fit."""
        return [client for client in self._rows if client.manager == manager and fits(client)]

    # --- somebody new ---------------------------------------------------------------------------------------------

    def _named(self) -> Iterator[str]:
        names = [f"{place} {trade}" for place in _PLACES for trade in _TRADES]
        self.random.shuffle(names)
        yield from names
        yield from (f"{name} {number}" for number in range(2, 100) for name in names)

    def _known(self, manager: str, day: date) -> Client:
        """A client of long standing, as they are on a day."""
        pick, client = self.random.random(), Client(next(self._names), manager)
        client.contact = day - timedelta(days=self.random.randint(2, 75))
        client.step = self.next_step()
        if pick < 0.02:
            self.expect(client, day, 0, 30, self.last_stage)
        elif pick < 0.06:
            self.expect(client, day, 10, 50, NEGOTIATED)
        elif pick < 0.15:
            self.expect(client, day, 45, 220, OFFERED)
        elif pick < 0.19:
            self.lend(client, day - timedelta(days=self.random.randint(3, 40)))
        elif pick < 0.26:
            client.stage = self.design_stage
        elif pick >= 0.6:
            client.contact = day - timedelta(days=self.random.randint(95, 420))
        return client

    def recruit(self, manager: str, day: date) -> Client:
        """A client who is new to the base."""
        client, pick = Client(next(self._names), manager, contact=day, step=self.next_step()), self.random.random()
        if pick < 0.15:
            self.expect(client, day, 40, 200, OFFERED)
        elif pick < 0.4:
            client.stage = self.design_stage
        self._rows.append(client)
        return client

    def further_deal(self, client: Client) -> None:
        """A second row of the client, for another deal."""
        taken = {other.deal for other in self._rows if other.name == client.name}
        free = [deal for deal in _DEALS if deal not in taken]
        if free:
            deal = Client(client.name, client.manager, self.random.choice(free), self.design_stage)
            deal.contact, deal.heir, deal.step = client.contact, client.heir, self.next_step()
            self._rows.append(deal)

    def next_step(self) -> str:
        """What a manager notes down to do."""
        return self.random.choice(_STEPS)

    def expect(self, client: Client, day: date, soonest: int, latest: int, stage: str) -> None:
        """Money is expected so many days after `day`, of an amount that is drawn unless it is known."""
        client.stage = stage
        client.payment = day + timedelta(days=self.random.randint(soonest, latest))
        client.amount = client.amount or self._worth()
        client.late = self.random.randint(12, 35) if self.random.random() < _LATE_PAYERS else 0

    def _worth(self) -> float:
        return round(_DEAL * self.random.lognormvariate(-0.18, 0.6), 2)

    def expect_rest(self, client: Client, day: date, rest: float) -> None:
        """After a part payment the rest is expected in the next month at the earliest."""
        following = Period.containing(day, Kind.MONTH).next.start
        self.expect(client, following, 2, 24, self.last_stage)
        client.amount = rest

    def lend(self, client: Client, day: date) -> None:
        """Fixtures go out, and with them the hope of an order, nobody knows for when."""
        client.units, client.since = self.random.randint(2, 36), day
        client.amount = client.amount or self._worth()
        client.value = round(client.units * self.random.uniform(8_000, 21_000), 2)

    # --- handing over ---------------------------------------------------------------------------------------------

    def _await_joiners(self, first: date) -> None:
        """Clients of somebody who is yet to come are looked after by the others until then."""
        joiners = [person.name for person in self.settings.managers if person.start and person.start > first]
        others = [name for name in self.habits if name not in joiners]
        for client in self._rows if others else []:
            if client.manager in joiners:
                client.heir, client.manager = client.manager, self.random.choice(others)

    def hand_over(self, day: date) -> None:
        """Whoever joined by the day takes over; those who left are succeeded; and now and then a client changes
        hands."""
        working = [person.name for person in self.settings.managers if person.employed(day)]
        for client in self._rows:
            if client.heir in working:
                client.manager, client.heir = client.heir, ""
            elif client.manager not in working and working and not client.heir:
                client.manager = self.random.choice(working)
        if len(working) > 1 and self.random.random() < 0.7:
            client = self.random.choice([each for each in self._rows if not each.heir])
            old, new = client.manager, self.random.choice([name for name in working if name != client.manager])
            for each in self._rows:
                if (each.name, each.manager) == (client.name, old):
                    each.manager = new

    # --- a week goes by -------------------------------------------------------------------------------------------

    def catch_up(self, day: date) -> None:
        """Writes into the base what was forgotten in the weeks before."""
        for client in self._rows:
            if client.owed and self.random.random() < 0.5:
                client.owed = False
                self.expect(client, day, 6, 40, self.last_stage)
            if client.lent and self.random.random() < 0.5:
                self.lend(client, day)
                client.units, client.lent = client.lent, 0

    def settle(self, day: date) -> None:
        """What managers put right in the base at the end of a week, and what happens without them."""
        for client in self._rows:
            self._put_off(client, day)
            self._cool(client, day)
            if client.amount and self.random.random() < 0.02:
                client.amount = round(client.amount * self.random.uniform(0.75, 1.2), 2)
            if client.typed and self.random.random() < 0.3:
                client.typed = ""
        self._lose(day)
        self._misjudge()

    def _put_off(self, client: Client, day: date) -> None:
        """An overdue payment is put off, sooner or later; an offer may be lost, the sooner the more it is overdue."""
        signed, luck = client.stage == self.last_stage, self.random.random()
        overdue = client.payment is not None and client.payment < day
        if not signed and client.amount and luck < (0.2 if overdue else 0.06):
            client.forget_deal()
        elif overdue and luck < (0.5 if not signed else 0.3 if not client.late else 0):
            client.payment = day + timedelta(days=self.random.randint(*((5, 20) if signed else (9, 50))))
        elif signed and client.payment and luck > 0.95:
            client.payment += timedelta(days=self.random.randint(25, 60))
        elif client.stage == OFFERED and client.payment is None and luck < 0.3:
            client.payment = day + timedelta(days=self.random.randint(30, 150))

    def _cool(self, client: Client, day: date) -> None:
        """A project comes to nothing; fixtures come back, some late."""
        if client.stage == self.design_stage and self.random.random() < 0.09:
            client.stage = ""
        if client.since and (day - client.since).days > 24 and self.random.random() < 0.4:
            client.return_fixtures()

    def _lose(self, day: date) -> None:
        """Clients whom nobody has talked to for long leave the base, and so does one who bought elsewhere."""
        idle = sorted((each for each in self._rows if each.idle), key=lambda each: each.contact or day)
        leaving = idle[: self.random.randint(3, 6)]
        others = [
            each for each in self._rows if each.stage == OFFERED and each.contact and (day - each.contact).days > 30
        ]
        if others and self.random.random() < 0.6:
            leaving.append(self.random.choice(others))
        for client in leaving:
            self._rows.remove(client)
        self.gone += len(leaving)

    def _misjudge(self) -> None:
        """Some rows have a category that their data do not bear out, some a stage that nobody worked for."""
        language = self.settings.workbook.language
        idle = [each for each in self._rows if each.idle]
        for client in self.random.sample(idle, min(2, len(idle))):
            client.typed = self.random.choice(self.settings.base.categories[-3:]).label.text(language)
        if idle and self.random.random() < 0.5:
            self.random.choice(idle).stage = self.design_stage
