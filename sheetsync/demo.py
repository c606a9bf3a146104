"""A sample department: people of different habits, weeks of their work, and the flaws that real logs have.

Everything is drawn from one fixed seed, so the same day gives the same department. Rows are typed into a local
workbook week by week, and every week is synced as in life, so History, Snapshots and charts are real. What a sync
finds wrong is mostly mended by the managers in the week after.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sheetsync import columns, export, layout, prepare
from sheetsync import plan as planning
from sheetsync.errors import SheetsyncError, UsageError
from sheetsync.periods import Kind, Period
from sheetsync.schema import Manager, Settings
from sheetsync.settings import Place, load
from sheetsync.sync import Outcome, open_workbook, sync

SEED = 20_261_119
Progress = Callable[[str], None]
Row = dict[str, Any]

_TITLE = "Demo: "
"""What the titles of this demo's spreadsheets begin with; by it a workbook is known for one that may be overwritten."""

_PLACES = (
    "Volga Neva Kama Onega Ladoga Ural Altai Baikal Don Oka Sura Vyatka Angara Lena Irtysh Tobol Kuban Terek "
    "Pechora Dvina Amur Zeya Selenga Mezen Svir Luga Vaga Unzha Klyazma Tsna Moksha Khopyor Medveditsa Ilmen Seliger"
).split()
_TRADES = (
    "Cold Storage|Logistics Park|Foundry|Steelworks|Paper Mill|Shipyard|Dairy|Bakery|Car Park|Retail Park|"
    "Greenhouse|Warehouses|Rail Depot|Airport|Metro Works|Port|City Lighting|Cement|Glassworks|Timber|"
    "Refinery|Hospital|University|Arena|Machine Works|Poultry|Brewery|Printing House"
).split("|")
_OFFERED, _NEGOTIATED = "Offer", "Tender"
_STEPS = ("call the engineer", "send the offer", "agree the date", "chase the tender", "visit the site", "")
_DEAL = 1_650_000  # a usual contract
_LEAST_PAYMENT = 90_000
_SEASON = {1: 0.75, 5: 0.85, 7: 0.9, 8: 0.92, 9: 1.04, 10: 1.06, 12: 1.08}


@dataclass(frozen=True, slots=True)
class Built:
    """What the demo left: the outcome of the last sync, and where to look.

    `config` is the configuration that the workbook can be synced with; it was written by the demo where there was none.
    """

    outcome: Outcome
    settings: Settings
    config: Path
    spreadsheet: str
    file: Path
    page: Path


@dataclass(slots=True)
class _Client:
    name: str
    manager: str
    stage: str = ""
    payment: date | None = None
    amount: float | None = None
    units: int | None = None
    value: float | None = None
    since: date | None = None
    contact: date | None = None
    typed: str = ""
    step: str = ""

    def forget_deal(self) -> None:
        self.stage, self.payment, self.amount = "", None, None

    def return_fixtures(self) -> None:
        self.units = self.value = self.since = None


@dataclass(frozen=True, slots=True)
class _Habit:
    """How somebody works: how much beside the plan, how well deals close, how tidily; and how large the base is."""

    drive: float
    closing: float
    tidy: float
    base: int


_HABITS = (
    _Habit(1.12, 1.1, 0.999, 118),
    _Habit(0.96, 0.9, 0.993, 84),
    _Habit(1.04, 1.3, 0.999, 96),
    _Habit(0.72, 0.75, 0.985, 126),
    _Habit(1.15, 0.95, 0.995, 72),
    _Habit(0.88, 1.1, 0.993, 108),
    _Habit(1.08, 0.8, 0.99, 46),
)


def build(
    config: Path | None,
    folder: Path,
    *,
    weeks: int = 16,
    until: date | None = None,
    progress: Progress = lambda _: None,
) -> Built:
    """Makes `folder`/department.sheet anew, types and syncs `weeks` weeks up to `until`, draws `folder`/dashboard.html.

    Without `config` the department is the built-in one, whose configuration is written to `folder`/targets.yaml.
    `until` defaults to the last Thursday that is not in the future. Raises UsageError where the folder holds a
    workbook that this demo did not make or can't be written to, and what `load` and `sync` raise.
    """
    file = folder / "department.sheet"
    config = config or _own_configuration(folder)
    settings = load(config, spreadsheet=f"local:{file}")
    place = Place.parse(settings.workbook.spreadsheet, Path.cwd())
    zone = ZoneInfo(settings.workbook.timezone or "UTC")
    last = _last_day(until, datetime.now(zone).date())
    _make(file, settings, place)
    prepare.init(settings, place)
    department = Department(settings, last, weeks)
    outcome: Outcome | None = None
    for at, week in enumerate(department.weeks, 1):
        progress(f"week {at} of {weeks}: typing and syncing {week}")
        day = min(week.end - timedelta(days=2), last)
        department.live(week, day)
        _type(settings, place, department)
        now = datetime.combine(day, time(17, 32), zone)
        outcome = sync(settings, place, period=str(week), as_of=day, now=now)
    assert outcome is not None  # noqa: S101 - there are at least two weeks
    progress("drawing the dashboard")
    page = export.export(settings, place, "dashboard", folder / "dashboard.html")
    return Built(outcome, settings, config, settings.workbook.spreadsheet, file, page)


def _own_configuration(folder: Path) -> Path:
    """The built-in department's configuration, written where a person can read and change it."""
    target = folder / "targets.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files("sheetsync").joinpath("demo.yaml").read_bytes())
    except OSError as error:
        raise _unwritable(target, error) from error
    return target


def _last_day(until: date | None, today: date) -> date:
    if until is not None and until > today:
        raise UsageError(f"the demo can't stand on {until}, which is in the future", remedy="Name an earlier --until.")
    last = until or today - timedelta(days=(today.weekday() - 3) % 7)
    return last - timedelta(days=max(0, last.weekday() - 4))  # nobody works at the weekend


def _make(file: Path, settings: Settings, place: Place) -> None:
    """An empty workbook in place of an earlier demo's."""
    from sheetsync.local.app import Workbooks  # the local workbook is loaded only where it is used

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size and not _is_ours(settings, place):
            raise UsageError(
                "this workbook is not one that the demo made, so it is left as it is",
                where=str(file),
                remedy="Name another --folder, or move the file away.",
            )
        for name in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
            name.unlink(missing_ok=True)
        workbooks = Workbooks.open(file)
    except OSError as error:
        raise _unwritable(file, error) from error
    workbooks.create({"properties": {"title": _TITLE + settings.department.name, **prepare.habits(settings)}})
    workbooks.close()


def _is_ours(settings: Settings, place: Place) -> bool:
    try:
        with open_workbook(settings, place) as book:
            return str(book.metadata()["properties"]["title"]).startswith(_TITLE)
    except SheetsyncError:
        return False


def _unwritable(file: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the demo can't be written here ({error.strerror or error})",
        where=str(file),
        remedy="Name another folder with --folder.",
    )


class Department:
    """The department's life: `live` adds a week of it to `actions`, mends what was wrong, and moves the clients.

    `actions` are the rows of the log, blank ones included, under the header; `touched` the places of those that have
    to be typed (again), and `merges` the places of rows whose Date is merged with that of the row below.
    """

    def __init__(self, settings: Settings, last: date, weeks: int) -> None:
        self.settings = settings
        self.random = random.Random(SEED)  # noqa: S311 - a repeatable sample, no secret
        current = Period.containing(last, Kind.WEEK)
        self.weeks = [current]
        while len(self.weeks) < weeks:
            self.weeks.insert(0, self.weeks[0].previous)
        self.names = self._names()
        self.habits = {person.name: _HABITS[at % len(_HABITS)] for at, person in enumerate(settings.managers)}
        self.actions: list[Row] = []
        self.touched: list[int] = []
        self.merges: list[int] = []
        self.clients: list[_Client] = []
        self._wrong: dict[int, Row] = {}
        stages = {category.id: category.when.stage for category in settings.base.categories}
        self.last_stage = (stages.get("active_a") or ("Contract",))[0]
        self.design_stage = (stages.get("project") or ("Design",))[0]
        self.labels = {key: action.label.text(settings.workbook.language) for key, action in settings.actions.items()}
        for person in settings.managers:
            for _ in range(self.habits[person.name].base):
                self.clients.append(self._client(person.name, self.weeks[0].start))

    # --- clients ----------------------------------------------------------------------------------------------

    def _names(self) -> Iterator[str]:
        names = [f"{place} {trade}" for place in _PLACES for trade in _TRADES]
        self.random.shuffle(names)
        yield from names
        yield from (f"{name} {number}" for number in range(2, 100) for name in names)

    def _client(self, manager: str, day: date) -> _Client:
        pick, client = self.random.random(), _Client(next(self.names), manager)
        client.contact = day - timedelta(days=self.random.randint(2, 75))
        client.step = self.random.choice(_STEPS)
        if pick < 0.02:
            self._expect(client, day, 0, 30, self.last_stage)
        elif pick < 0.06:
            self._expect(client, day, 10, 50, _NEGOTIATED)
        elif pick < 0.15:
            self._expect(client, day, 45, 220, _OFFERED)
        elif pick < 0.19:
            self._lend(client, day - timedelta(days=self.random.randint(3, 40)))
        elif pick < 0.26:
            client.stage = self.design_stage
        elif pick >= 0.6:
            client.contact = day - timedelta(days=self.random.randint(95, 420))
        return client

    def _expect(self, client: _Client, day: date, soonest: int, latest: int, stage: str) -> None:
        client.stage = stage
        client.payment = day + timedelta(days=self.random.randint(soonest, latest))
        client.amount = client.amount or self._money(_DEAL)

    def _lend(self, client: _Client, day: date) -> None:
        client.units, client.since = self.random.randint(2, 36), day
        client.value = round(client.units * self.random.uniform(8_000, 21_000), 2)

    def _money(self, typical: float) -> float:
        return round(typical * self.random.lognormvariate(-0.18, 0.6), 2)

    def _tidy_base(self, day: date) -> None:
        """What managers put right in the base at the end of a week."""
        for client in self.clients:
            if client.payment and client.payment < day and self.random.random() < 0.5:
                client.payment = day + timedelta(days=self.random.randint(9, 60))
            elif client.payment and client.stage != self.last_stage and self.random.random() < 0.065:
                client.forget_deal()
            if client.stage == self.design_stage and self.random.random() < 0.06:
                client.stage = ""
            if client.since and (day - client.since).days > 28 and self.random.random() < 0.45:
                client.return_fixtures()
            if client.contact and self.random.random() < 0.02:
                client.contact = day - timedelta(days=self.random.randint(0, 4))
            if client.typed and self.random.random() < 0.3:
                client.typed = ""
        cold = [each for each in self.clients if each.contact and not each.stage and not each.units]
        self.clients.remove(min(cold, key=lambda each: each.contact or day))
        categories = self.settings.base.categories
        for client in self.random.sample(self.clients, 2):
            client.typed = self.random.choice(categories[-3:]).label.text(self.settings.workbook.language)

    # --- a week -----------------------------------------------------------------------------------------------

    def live(self, week: Period, until: date) -> None:
        """One more week, up to the day `until` inclusive."""
        self._mend()
        start = len(self.actions)
        share = self._share(week, until)
        mood = _SEASON.get(week.start.month, 1.0)
        for action, indicator, act in (
            ("meeting", "meetings", self._meet),
            ("calc_data", "calc_data", self._design),
            ("offer", "offers", self._offer),
            ("trial", "trials", self._try_out),
            ("contract", "contracts", self._contract),
        ):
            for person, days in self._spread(share.get(indicator, {}), mood, week, until):
                self._log(person, self.random.choice(days), action, act)
        self._leads(share, mood, week, until)
        self._payments(share.get("revenue", {}), week, until)
        self._tidy_base(until)
        self.actions[start:] = sorted(self.actions[start:], key=lambda row: row["Date"])
        late = self.weeks[-1] == week
        self._spoil(start, until, 15 if late else 10 if week in self.weeks[-3:] else 7)
        if late:
            self._merge_and_part(start)
        self.touched += range(start, len(self.actions))

    def _share(self, week: Period, until: date) -> Mapping[str, Mapping[str, float]]:
        """Indicator -> manager -> the plan of the week's days up to `until`."""
        planned = planning.plan(self.settings, week, until).dropna(subset="plan_to_date")
        share: dict[str, dict[str, float]] = {}
        for manager, indicator, value in zip(
            planned["manager"], planned["indicator"], planned["plan_to_date"], strict=True
        ):
            if manager in self.habits:
                share.setdefault(indicator, {})[manager] = float(value)
        return share

    def _spread(
        self, share: Mapping[str, float], mood: float, week: Period, until: date, *, closing: bool = False
    ) -> Iterator[tuple[Manager, list[date]]]:
        """About as many deeds as the department planned; who did each, by plan, habit and luck, and the own days."""
        total = round(sum(share.values()) * max(0.92, min(1.16, mood * self.random.uniform(0.95, 1.16))))
        weights = {}
        for name, plan in share.items():
            habit = self.habits[name]
            weights[name] = (
                plan * habit.drive * (habit.closing if closing else 1.0) * self.random.lognormvariate(0, 0.2)
            )
        for name in self._dealt(weights, total):
            person = next(each for each in self.settings.managers if each.name == name)
            days = [day for day in week.days if day <= until and day.weekday() < 5 and person.works(day)]
            if days:
                yield person, days

    def _dealt(self, weights: Mapping[str, float], total: int) -> Iterator[str]:
        """`total` names by weight, more evenly than independent draws would give them."""
        step = sum(weights.values()) / total if total else 0.0
        mark, reached = self.random.random() * step, 0.0
        for name, weight in weights.items():
            reached += weight
            while step and mark < reached:
                yield name
                mark += step

    def _log(self, person: Manager, day: date, action: str, act: Callable[[_Client, date, Row], None]) -> None:
        if action not in self.labels:
            return
        client = self._choose(person.name, action)
        row: Row = {"Date": day, "Manager": person.name, "Action": self.labels[action], "Client": client.name}
        act(client, day, row)
        client.contact = day
        self.actions.append(row)

    def _choose(self, manager: str, action: str) -> _Client:
        own = [client for client in self.clients if client.manager == manager]
        again = self.random.random() < 0.55
        in_design, open_deal = (self.design_stage,), (_OFFERED, _NEGOTIATED)
        wanted: dict[str, Callable[[_Client], bool]] = {
            "calc_data": lambda one: one.stage == "" and one.units is None,
            "offer": lambda one: one.stage in (open_deal[:1] if again else in_design),
            "trial": lambda one: one.units is None and one.payment is None,
            "contract": lambda one: one.stage in open_deal,
        }
        fits = wanted.get(action)
        fitting = [client for client in own if fits is None or fits(client)]
        return self.random.choice(fitting or own)

    def _meet(self, client: _Client, day: date, row: Row) -> None:
        row["Evidence"] = f"https://drive.example/minutes/{day:%m%d}-{self.random.randint(100, 999)}"
        client.step = self.random.choice(_STEPS)

    def _design(self, client: _Client, _: date, row: Row) -> None:
        row["Evidence"] = f"Designer's report {self.random.randint(2100, 2999)}"
        client.stage = client.stage or self.design_stage

    def _offer(self, client: _Client, day: date, row: Row) -> None:
        row["Evidence"] = f"CRM-{self.random.randint(41000, 48999)}"
        if client.stage == _OFFERED and self.random.random() < 0.3:
            client.stage = _NEGOTIATED
        elif client.stage not in (_OFFERED, _NEGOTIATED, self.last_stage):
            self._expect(client, day, 35, 190, _OFFERED)
        row["Amount"] = client.amount

    def _try_out(self, client: _Client, day: date, row: Row) -> None:
        if client.units is None:
            self._lend(client, day)
        row["Evidence"] = f"Trial agreement {self.random.randint(110, 480)}"
        row["Quantity"] = client.units

    def _contract(self, client: _Client, day: date, row: Row) -> None:
        self._expect(client, day, 6, 40, self.last_stage)
        row["Evidence"] = f"https://drive.example/contracts/{self.random.randint(1200, 1999)}"
        row["Amount"] = client.amount
        client.return_fixtures()

    def _leads(self, share: Mapping[str, Mapping[str, float]], mood: float, week: Period, until: date) -> None:
        """A manager's leads of a week are one row for each of their fates; a deal of another kind is a new client."""
        processed = share.get("leads_processed", {})
        for action, part in (("lead_accepted", processed), ("lead_converted", share.get("leads_converted", {}))):
            deeds = list(self._spread(part, mood, week, until))
            for name in dict.fromkeys(person.name for person, _ in deeds):
                count = sum(person.name == name for person, _ in deeds)
                day = next(days for person, days in deeds if person.name == name)[-1]
                rejected = round(count * self.random.uniform(0.3, 0.55)) if action == "lead_accepted" else 0
                self._tally(name, day, action, count - rejected)
                self._tally(name, day, "lead_rejected", rejected)
        for person, days in self._spread(share.get("new_deals", {}), mood, week, until):
            day = self.random.choice(days)
            client = self._client(person.name, day)
            client.contact = day
            self.clients.append(client)
            if "new_deal" in self.labels:
                self.actions.append(
                    {"Date": day, "Manager": person.name, "Action": self.labels["new_deal"], "Client": client.name}
                )

    def _tally(self, manager: str, day: date, action: str, count: int) -> None:
        if count and action in self.labels:
            self.actions.append({"Date": day, "Manager": manager, "Action": self.labels[action], "Quantity": count})

    def _payments(self, share: Mapping[str, float], week: Period, until: date) -> None:
        """The week's money, in payments and instalments of those whose contracts are due first."""
        if "payment" not in self.labels:
            return
        lump = self.random.uniform(0.88, 1.06) if week == self.weeks[-1] else self.random.uniform(0.45, 1.6)
        left = sum(share.values()) * lump
        owing = {client.manager: 0.0 for client in self.clients}
        while left > _LEAST_PAYMENT:
            client = self._next_to_pay(share, owing)
            person = next(each for each in self.settings.managers if client and each.name == client.manager)
            days = [day for day in week.days if day <= until and day.weekday() < 5 and person.works(day)]
            if client is None or not days:
                return
            paid = min(client.amount or 0.0, round(left * self.random.uniform(0.35, 1.0), 2))
            paid = left if left - paid < _LEAST_PAYMENT and (client.amount or 0.0) >= left else paid
            self._pay(client, self.random.choice(days), round(paid, 2))
            owing[client.manager] += paid
            left -= paid

    def _next_to_pay(self, share: Mapping[str, float], paid: Mapping[str, float]) -> _Client | None:
        """The client whose contract is due first, of the manager who is furthest behind; tenders pay in advance."""
        for stages in ((self.last_stage,), (_NEGOTIATED,), (_OFFERED,)):
            due = [one for one in self.clients if one.stage in stages and one.amount and share.get(one.manager)]
            if due:
                late = {
                    name: paid[name] / (share[name] * self.habits[name].closing) + self.random.random()
                    for name in dict.fromkeys(one.manager for one in due)
                }
                manager = min(late, key=lambda name: late[name])
                return min((one for one in due if one.manager == manager), key=lambda one: one.payment or date.max)
        return None

    def _pay(self, client: _Client, day: date, amount: float) -> None:
        self.actions.append(
            {
                "Date": day,
                "Manager": client.manager,
                "Action": self.labels["payment"],
                "Client": client.name,
                "Evidence": f"Bank statement {self.random.randint(500, 990)}",
                "Amount": amount,
                "Profit": round(amount * self.random.uniform(0.21, 0.29), 2),
            }
        )
        rest = round((client.amount or 0.0) - amount, 2)
        client.contact = day
        if rest < _LEAST_PAYMENT:
            client.forget_deal()
        else:
            self._expect(client, day, 7, 30, self.last_stage)
            client.amount = rest

    # --- flaws ------------------------------------------------------------------------------------------------

    def _mend(self) -> None:
        """What the last sync listed is mostly put right; what nobody mends in its week stays."""
        for place, clean in self._wrong.items():
            if self.random.random() < 0.88:
                self.actions[place] = clean
                self.touched.append(place)
        self._wrong = {}

    def _spoil(self, start: int, until: date, flaws: int) -> None:
        """Some of the week's rows as people really type them."""
        fresh = self.actions[start:]
        common = [at for at, row in enumerate(fresh, start) if row["Action"] not in self._dear()]
        self.random.shuffle(common)
        kinds = list(self._flaws(until))
        for spoil in self.random.sample(kinds, min(flaws, len(kinds))):
            fitting = next((at for at in common if spoil(dict(self.actions[at]))), None)
            if fitting is not None:
                common.remove(fitting)
                self._wrong[fitting] = dict(self.actions[fitting])
                spoil(self.actions[fitting])
        for at, row in enumerate(self.actions[start:], start):
            if at in common and row.get("Evidence") and self.random.random() > self.habits[row["Manager"]].tidy:
                self._wrong.setdefault(at, dict(row))
                row["Evidence"] = ""
        paid = [at for at, row in enumerate(fresh, start) if row.get("Profit")]
        for at in paid[:2]:
            amount = f"{self.actions[at]['Amount']:,.2f}".translate({ord(","): "\u00a0", ord("."): ","})
            self.actions[at]["Amount"] = f"{amount} ₽" if at == paid[0] else amount
        proven = [row for row in fresh if str(row.get("Evidence", "")).startswith("http") and "Checked" not in row]
        if proven:
            self.actions.append(dict(proven[0]))
            self._wrong[len(self.actions) - 1] = {}

    def _dear(self) -> set[str]:
        """Actions so few that a flaw in one would change the picture of the week."""
        return {self.labels[action] for action in ("contract", "trial", "payment", "new_deal") if action in self.labels}

    def _flaws(self, until: date) -> Iterator[Callable[[Row], bool]]:
        """Each changes a row and says whether it could: how hands write, and what is no use at all."""

        def put(needs: str, **typed: Any) -> Callable[[Row], bool]:
            return lambda row: bool(row.get(needs)) and row.update(typed) is None

        def rewrite(needs: str, text: Callable[[Any], Any]) -> Callable[[Row], bool]:
            return lambda row: bool(row.get(needs)) and row.update([(needs, text(row[needs]))]) is None

        yield rewrite("Date", lambda day: f"{day:%d.%m.%Y}")
        yield rewrite("Manager", lambda name: f"  {name.lower()} ")
        yield rewrite("Manager", lambda name: name[:-1] + "q")
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
            if person.start and timedelta(0) < until - person.start < timedelta(days=100):
                yield put("Client", Manager=person.name, Date=person.start - timedelta(days=4))

    def _merge_and_part(self, start: int) -> None:
        """Two rows that share one merged Date, a refund, and a blank row in between."""
        pairs = [
            at
            for at in range(start, len(self.actions) - 1)
            if self.actions[at]["Date"] == self.actions[at + 1]["Date"]
            and at + 1 not in self._wrong
            and self.actions[at + 1]["Action"] not in self._dear()
            and isinstance(self.actions[at]["Date"], date)
        ]
        self.actions[start:start] = [{}]
        self._wrong = {at + 1: row for at, row in self._wrong.items()}
        if pairs:
            self.actions[pairs[0] + 2]["Date"] = None
            self.merges.append(pairs[0] + 1)
        paid = next((row for row in reversed(self.actions[start:]) if row.get("Profit")), None)
        if paid:
            self.actions.append({**paid, "Evidence": "Credit note 17", "Amount": -48_200.0, "Profit": -9_640.0})


# --- typing ---------------------------------------------------------------------------------------------------------


def _type(settings: Settings, place: Place, department: Department) -> None:
    """Writes the rows that are new or mended, and the base as it now stands, as the managers would."""
    with open_workbook(settings, place) as book:
        spreadsheet = book.metadata()
        grids = {sheet["properties"].get("sheetId", 0): sheet["properties"] for sheet in spreadsheet["sheets"]}
        requests: list[dict[str, Any]] = []
        for tab in layout.locate(settings, spreadsheet).managers:
            have = int(grids[tab.sheet_id]["gridProperties"]["rowCount"])
            if tab.kind == "actions":
                requests += _room(tab.sheet_id, have, len(department.actions))
                requests += _rows(tab.sheet_id, columns.TITLES["actions"], _runs(department))
                requests += [_merged(tab.sheet_id, at) for at in department.merges]
            elif tab.kind == "base":
                standing = [*map(_base_row, department.clients), {}]  # one fewer than a week ago at the most
                requests += _room(tab.sheet_id, have, len(standing))
                requests += _rows(tab.sheet_id, columns.TITLES["base"], [(0, standing)])
        department.touched, department.merges = [], []
        book.apply(requests)


def _runs(department: Department) -> Iterator[tuple[int, list[Row]]]:
    """The touched rows in runs that stand together: the place of the first, and the rows."""
    run: list[int] = []
    for place in sorted(set(department.touched)):
        if run and place != run[-1] + 1:
            yield run[0], [department.actions[at] for at in run]
            run = []
        run.append(place)
    if run:
        yield run[0], [department.actions[at] for at in run]


def _base_row(client: _Client) -> Row:
    return {
        "Client": client.name,
        "Manager": client.manager,
        "Category": client.typed,
        "Stage": client.stage,
        "Expected payment": client.payment,
        "Expected amount": client.amount,
        "Trial units": client.units,
        "Trial value": client.value,
        "Trial since": client.since,
        "Last contact": client.contact,
        "Next step": client.step,
    }


def _room(sheet_id: int, have: int, rows: int) -> list[dict[str, Any]]:
    """1,000 more rows where a header and `rows` rows do not fit into the tab's `have`."""
    more = {"sheetId": sheet_id, "dimension": "ROWS", "length": max(1000, 1 + rows - have)}
    return [{"appendDimension": more}] if 1 + rows > have else []


def _rows(sheet_id: int, titles: Sequence[str], runs: Iterable[tuple[int, Sequence[Row]]]) -> list[dict[str, Any]]:
    """Requests that type runs of rows; a run's place counts from 0 under the header."""
    return [
        {
            "updateCells": {
                "start": {"sheetId": sheet_id, "rowIndex": 1 + place, "columnIndex": 0},
                "rows": [{"values": [_cell(row.get(title)) for title in titles]} for row in rows],
                "fields": "userEnteredValue",
            }
        }
        for place, rows in runs
    ]


def _merged(sheet_id: int, place: int) -> dict[str, Any]:
    date_column = columns.TITLES["actions"].index("Date")
    area = {"startRowIndex": 1 + place, "endRowIndex": 3 + place, "sheetId": sheet_id}
    across = {"startColumnIndex": date_column, "endColumnIndex": date_column + 1}
    return {"mergeCells": {"range": {**area, **across}, "mergeType": "MERGE_COLUMNS"}}


def _cell(value: Any) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, date):
        return {"userEnteredValue": {"numberValue": value.toordinal() - date(1899, 12, 30).toordinal()}}
    if isinstance(value, str):
        return {"userEnteredValue": {"formulaValue" if value.startswith("=") else "stringValue": value}}
    return {"userEnteredValue": {"numberValue": value}}
