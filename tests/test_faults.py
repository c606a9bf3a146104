"""`init`, `sync` and `close` meet every kind of trouble at every request: the workbook ends as if they had run once.

Real gspread, real HTTP. Every case has a spreadsheet of its own in one served file; what is compared is all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sheetsync import close, prepare, sync
from sheetsync.errors import SheetsyncError
from sheetsync.google import workbook
from sheetsync.google.transport import Limits
from sheetsync.local.access import ACCOUNT
from sheetsync.local.serve import Server
from sheetsync.local.sharing import Permission
from sheetsync.local.trouble import (
    Fault,
    Trouble,
    cut,
    drip,
    half,
    late,
    refusal,
    reset,
    silence,
    slow,
    twice,
    web_page,
)
from sheetsync.schema import Settings
from sheetsync.settings import Place
from sheetsync.writing import Progress
from tests.google.conftest import shorten_key
from tests.office import ANNA, BORIS, configured
from tests.states import state

FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)
PATIENT = Limits(connect=10, read=10, deadline=30, sign_in=30, pause=1e-6)
"""No wait between tries worth the name."""
BATCH = ":batchUpdate$"
LOG: list[list[Any]] = [
    [46342, ANNA, "Meeting held", "Volga Port", "", "minutes 1"],
    [46343, BORIS, "Meeting held", "Kama Arena", "", ""],
    [46344, ANNA, "Payment received", "Volga Port", "", "bank", "", 1000.1, 200.05],
]
BASE: list[list[Any]] = [["Volga Port", "", ANNA, "", "Offer", 46366, 5000], ["Kama Arena", "", BORIS, "", "Design"]]

Command = Callable[[Settings, Place, Progress], Any]
COMMANDS: dict[str, Command] = {
    "init": lambda settings, place, told: prepare.init(settings, place, progress=told),
    "sync": lambda settings, place, told: sync.sync(settings, place, now=FRIDAY, progress=told),
    "close": lambda settings, place, told: close.close(settings, place, period="2026-W46", now=FRIDAY, progress=told),
}


@dataclass
class When:
    """Does something when a run comes to a stage for the `nth` time."""

    stage: str
    nth: int
    act: Callable[[], object]

    def __call__(self, stage: str) -> None:
        self.nth -= stage == self.stage
        if stage == self.stage and self.nth == 0:
            self.act()


@dataclass
class Desk:
    """The served file; `starts` has by command the spreadsheet that it begins with, `ends` what it makes of it."""

    server: Server
    trouble: Trouble
    settings: Settings
    starts: dict[str, str] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)

    def copy(self, key: str) -> str:
        """A spreadsheet like that one."""
        made = self.server.workbooks.copy(key, "Sales")
        self.server.site.sharing.share(made, Permission("user", "writer", ACCOUNT))
        return made

    def run(self, command: str, key: str, progress: Progress = lambda _: None) -> Any:
        """What the command returns; it is started anew, and signs in anew."""
        return COMMANDS[command](self.settings, Place("loopback", key=key, base=self.server.url), progress)

    def state(self, key: str) -> str:
        """All that is in a spreadsheet."""
        return state(self.server.workbooks.store, key)

    def type(self, key: str, tab: str, rows: list[list[Any]], first: int = 2) -> None:
        """Types rows, from row 2 on."""
        body = json.dumps({"values": rows}).encode()
        path = f"/v4/spreadsheets/{key}/values/{tab}!A{first}"
        answer = self.server.workbooks.handle("PUT", path, [("valueInputOption", "RAW")], body, None)
        assert answer.status == 200, answer.body

    def commits(self) -> int:
        """How often a spreadsheet was changed over the wire since the trouble was cleared."""
        return sum(event.committed for event in self.trouble.events)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The file, with what each command begins with and what it makes of it when all is well."""
    folder, patch = tmp_path_factory.mktemp("desk"), pytest.MonkeyPatch()
    patch.setitem(workbook.LIMITS, "loopback", PATIENT)
    trouble = Trouble()
    with Server(folder / "book.sheet", credentials_out=folder / "key.json", trouble=trouble) as server:
        shorten_key(server)
        settings = configured(workbook={"credentials": str(folder / "key.json"), "timezone": "Europe/Moscow"})
        desk = Desk(server, trouble, settings)
        key = desk.copy(server.workbooks.create({"properties": {"title": "Sales"}}))
        for command in COMMANDS:
            desk.starts[command] = desk.copy(key)
            assert desk.run(command, key).requests == 3
            desk.ends[command] = desk.state(key)
            if command == "init":
                desk.type(key, "Actions", LOG)
                desk.type(key, "Base", BASE)
            elif command == "sync":
                sync.sync(settings, Place("loopback", key=key, base=server.url), period="2026-W46", now=FRIDAY)
        yield desk
    patch.undo()


@pytest.fixture
def desk(shared: Desk) -> Desk:
    """The desk without a memory of the test before."""
    shared.trouble.clear()
    return shared


TRIED_AGAIN = [
    refusal(503),
    refusal(500),
    refusal(408),
    refusal(429),
    refusal(429, retry_after=0),
    refusal(401),
    web_page(),
    web_page(502),
    reset(),
    cut(),
    half(),
]
"""What befalls a read, or the sign-in, and is got over without a word."""

TOMORROW = refusal(429, retry_after=86_400)
"""What ends a run at once."""

REFUSED = [refusal(429), refusal(429, retry_after=0), refusal(401)]
"""What says that a write was not applied, so that it is sent again."""

UNCLEAR = [
    (refusal(503), refusal(503, after_commit=True)),
    (reset(), reset(after_commit=True)),
    (web_page(), half()),
    (web_page(502), web_page(after_commit=True)),
    (refusal(408), cut()),
    (refusal(500), refusal(500, after_commit=True)),
    (web_page(502), web_page(502, after_commit=True)),
    (refusal(503), refusal(408, after_commit=True)),
]
"""Two that don't say whether a write was applied: the first was not, the second was."""

WALKS = [
    (command, pair)
    for command, count in {"init": len(UNCLEAR), "sync": 1, "close": 1}.items()
    for pair in UNCLEAR[:count]
]
"""They write by the same way; `init` is the quickest."""


@pytest.mark.parametrize("command", COMMANDS)
def test_each_read_and_the_sign_in_meet_each_fault(desk: Desk, command: str) -> None:
    """One after the other, and at last an answer that is only late."""
    key = desk.copy(desk.starts[command])
    for place, fault in enumerate([*TRIED_AGAIN, drip(0.001), *TRIED_AGAIN, slow(0.01)], start=1):
        desk.trouble.befall(fault, nth=place, method="GET")
    for place, fault in enumerate([refusal(503), reset(), cut(), half(), web_page(502), slow(0.01)], start=1):
        desk.trouble.befall(fault, nth=place, path="^/token$")
    assert desk.run(command, key).changed
    assert desk.state(key) == desk.ends[command]
    assert desk.commits() == 1
    reads = [event.fault for event in desk.trouble.events if event.method == "GET"]
    assert (len(reads), "" in reads) == (2 * len(TRIED_AGAIN) + 2, False)


@pytest.mark.parametrize(("command", "pair"), WALKS, ids=lambda each: each if isinstance(each, str) else each[1].name)
def test_the_write_meets_each_fault(desk: Desk, command: str, pair: tuple[Fault, Fault]) -> None:
    """It is sent again, then looked for and made up for, then found; what is said of the run is the same."""
    key = desk.copy(desk.starts[command])
    for place, fault in enumerate([*REFUSED, *pair], start=1):
        desk.trouble.befall(fault, nth=place, path=BATCH)
    done = desk.run(command, key)
    assert done.changed
    assert desk.state(key) == desk.ends[command]
    writes = [event for event in desk.trouble.events if event.path.endswith(":batchUpdate")]
    assert [event.committed for event in writes] == [False] * 4 + [True]


@pytest.mark.parametrize("fault", [drip(0.001), slow(0.01)], ids=lambda fault: str(fault.name))
def test_a_write_whose_answer_is_only_late_is_sent_once(desk: Desk, fault: Fault) -> None:
    key = desk.copy(desk.starts["init"])
    desk.trouble.befall(fault, path=BATCH)
    assert desk.run("init", key).requests == 3
    assert desk.state(key) == desk.ends["init"]


def test_a_write_that_nobody_answers_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(workbook.LIMITS, "loopback", replace(PATIENT, read=1.5))
    key = desk.copy(desk.starts["init"])
    desk.trouble.befall(silence(), path=BATCH)
    assert desk.run("init", key).changed
    assert desk.state(key) == desk.ends["init"]
    assert desk.commits() == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_every_request_arrives_twice(desk: Desk, command: str) -> None:
    """And the answer of the second time is given: of the write, that it is refused."""
    key = desk.copy(desk.starts[command])
    desk.trouble.befall(twice("second"), times=9, method="GET")
    desk.trouble.befall(twice("second"), path="^/token$")
    desk.trouble.befall(twice("second"), path=BATCH)
    assert desk.run(command, key).changed
    assert desk.state(key) == desk.ends[command]
    writes = [event.reached for event in desk.trouble.events if event.path.endswith(":batchUpdate")]
    assert writes == [200, 400]
    assert {event.fault for event in desk.trouble.events} == {"twice, second answer"}


ARRIVALS: list[tuple[str, tuple[str, int], Fault]] = [
    ("init", ("reading the workbook", 2), refusal(504)),
    ("init", ("writing", 2), refusal(408)),
    ("init", ("reading the workbook", 3), reset()),
    ("init", ("writing", 3), reset()),
    ("sync", ("writing", 2), reset()),
    ("close", ("reading the workbook", 3), web_page(502)),
]
"""When a write that got no answer arrives after all: before the run looks for it, before it writes again, ..."""


@pytest.mark.parametrize(("command", "when", "fault"), ARRIVALS, ids=lambda each: getattr(each, "name", str(each)))
def test_a_write_arrives_after_its_time_limit(desk: Desk, command: str, when: tuple[str, int], fault: Fault) -> None:
    key, (stage, nth) = desk.copy(desk.starts[command]), when
    desk.trouble.befall(late(fault), path=BATCH, times=nth - 1)
    assert desk.run(command, key, When(stage, nth, desk.trouble.deliver)).changed
    assert (desk.state(key), desk.commits()) == (desk.ends[command], 1)


@pytest.mark.parametrize("command", ["init", "close"])
def test_a_write_arrives_when_all_is_over(desk: Desk, command: str) -> None:
    """After the run that had to write again; after the run, and somebody else's sync; it is refused."""
    key = desk.copy(desk.starts[command])
    desk.trouble.befall(late(reset()), path=BATCH, times=2)
    assert desk.run(command, key).changed
    over = desk.state(key)
    assert (over, desk.commits()) == (desk.ends[command], 1)
    assert desk.trouble.deliver() == [400, 400]
    assert desk.state(key) == over
    for row in (5, 6, 7):  # a second sync changes values alone, so that there is nothing but the turn to refuse it
        if row == 6:
            desk.trouble.befall(late(reset()), path=BATCH)
        desk.type(key, "Actions", [[*LOG[1][:3], "Kama Arena", "", f"minutes {row}"]], row)
        assert desk.run("sync", key).changed
    later = desk.state(key)
    assert desk.trouble.deliver() == [400]
    assert (desk.state(key), desk.commits()) == (later, 4)


@pytest.mark.parametrize("command", ["init", "close"])
def test_what_can_not_be_read_or_written_is_left_alone_until_a_later_run(desk: Desk, command: str) -> None:
    key = desk.copy(desk.starts[command])
    before = desk.state(key)
    desk.trouble.befall(TOMORROW, method="GET")
    desk.trouble.befall(TOMORROW, method="GET", nth=3)
    desk.trouble.befall(refusal(503), path=BATCH, times=2)
    desk.trouble.befall(reset(), path=BATCH, nth=3)
    for _ in range(3):
        with pytest.raises(SheetsyncError) as raised:
            desk.run(command, key)
        assert raised.value.exit_code == 4
        assert (desk.state(key), desk.commits()) == (before, 0)
    assert desk.run(command, key).changed
    assert desk.state(key) == desk.ends[command]
    assert desk.commits() == 1


def test_rows_that_were_moved_and_can_not_be_looked_for_are_told(desk: Desk) -> None:
    """It was written, and beside where it belongs: nothing else may be said."""
    key = desk.copy(desk.starts["close"])
    rows = {"sheetId": 700_002, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    body = json.dumps({"requests": [{"insertDimension": {"range": rows}}]}).encode()
    desk.trouble.befall(TOMORROW, method="GET", nth=3)
    path = f"/v4/spreadsheets/{key}:batchUpdate"
    with pytest.raises(SheetsyncError) as raised:
        desk.run("close", key, When("writing", 1, lambda: desk.server.workbooks.handle("POST", path, [], body, None)))
    assert raised.value.exit_code == 4
    assert str(raised.value) == (
        "somebody moved rows or columns while this wrote, and the workbook can't be read to put them right\n"
        "Bring back the version before this run (File > Version history), and run the command again."
    )


def test_of_two_syncs_at_once_one_writes(desk: Desk) -> None:
    """Both read before either writes."""
    key = desk.copy(desk.starts["sync"])
    desk.trouble.befall(slow(0.3), path="batchGet$", times=2)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: _outcome(desk, key), range(2)))
    assert desk.state(key) == desk.ends["sync"]
    assert desk.commits() == 1
    assert "True" in done


def _outcome(desk: Desk, key: str) -> str:
    try:
        return str(desk.run("sync", key).changed)
    except SheetsyncError as error:
        return type(error).__name__
