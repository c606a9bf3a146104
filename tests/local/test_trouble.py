"""Trouble on purpose: over real sockets and in process the same befalls the same client."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gspread
import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import Request as Fetching
from google.oauth2 import service_account

from sheetsync.local.inprocess import InProcess
from sheetsync.local.serve import Server
from sheetsync.local.trouble import (
    Event,
    Fault,
    Quotas,
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

API = "https://sheets.googleapis.com"
SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]
UNAVAILABLE = {"error": {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}}


class Clock:
    """A clock that stands until it is moved."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Way:
    """A workbook with trouble before it, and a session that leads there; `count` counts what it committed."""

    session: requests.Session
    root: str
    trouble: Trouble
    version: Callable[[], int]
    url: str

    def put(self, value: Any = 1, *, timeout: float = 20) -> requests.Response:
        """Writes A1."""
        address = f"{self.root}/values/A1"
        return self.session.put(
            address, params={"valueInputOption": "RAW"}, json={"values": [[value]]}, timeout=timeout
        )

    def get(self, rest: str = "/values/A1", **query: str) -> requests.Response:
        """Reads A1, or something else."""
        return self.session.get(self.root + rest, params=query, timeout=20)


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("served")
    trouble = Trouble(quotas=Quotas(reads_per_project=50, writes_per_project=60, reads_per_user=40), clock=clock)
    with Server(folder / "book.sheet", credentials_out=folder / "key.json", trouble=trouble) as server:
        signed = service_account.Credentials.from_service_account_file(str(folder / "key.json"), scopes=SCOPES)
        signed.refresh(Fetching())
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {signed.token}"
            root = f"{server.url}/v4/spreadsheets/{server.spreadsheet_id}"
            yield Way(session, root, trouble, _version(server.workbooks, server.spreadsheet_id), server.url)


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Way]:
    trouble = Trouble(quotas=Quotas(reads_per_project=50, writes_per_project=60, reads_per_user=40), clock=clock)
    adapter = InProcess(tmp_path_factory.mktemp("inside") / "book.sheet", create=True, trouble=trouble)
    with requests.Session() as session:
        session.mount(API, adapter)
        root = f"{API}/v4/spreadsheets/{adapter.spreadsheet_id}"
        yield Way(session, root, trouble, _version(adapter.workbooks, adapter.spreadsheet_id), API)


def _version(workbooks: Any, key: str) -> Callable[[], int]:
    return lambda: int(workbooks.properties(key)["version"])


@pytest.fixture(params=["served", "inside"])
def way(request: pytest.FixtureRequest, clock: Clock) -> Way:
    """Either of the two, without a memory of the test before."""
    found: Way = request.getfixturevalue(request.param)
    found.trouble.clear()
    clock.seconds += 61
    return found


def _sent(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


ANSWERS: list[tuple[Fault, int, Callable[[str], bool], bool]] = [
    (refusal(503), 503, lambda text: json.loads(text) == UNAVAILABLE, False),
    (refusal(503, after_commit=True), 503, lambda text: json.loads(text) == UNAVAILABLE, True),
    (refusal(500, after_commit=True), 500, lambda text: json.loads(text)["error"]["status"] == "INTERNAL", True),
    (refusal(401), 401, lambda text: json.loads(text)["error"]["status"] == "UNAUTHENTICATED", False),
    (refusal(408), 408, lambda text: json.loads(text)["error"]["code"] == 408, False),
    (web_page(), 200, lambda text: text.startswith("<!DOCTYPE html>"), False),
    (web_page(502, after_commit=True), 502, lambda text: "Error 502" in text, True),
    (half(), 200, lambda text: text.startswith('{\n  "spreadsheetId"') and "}" not in text, True),
    (drip(0.01, pieces=4), 200, lambda text: json.loads(text)["updatedCells"] == 1, True),
    (slow(0.01), 200, lambda text: json.loads(text)["updatedCells"] == 1, True),
]
BREAKS: list[tuple[Fault, type[Exception], str, bool]] = [
    (reset(), requests.exceptions.ConnectionError, "Connection reset by peer", False),
    (reset(after_commit=True), requests.exceptions.ConnectionError, "Connection reset by peer", True),
    (cut(), requests.exceptions.ChunkedEncodingError, "IncompleteRead", True),
]


@pytest.mark.parametrize(("fault", "status", "right", "committed"), ANSWERS, ids=lambda each: getattr(each, "name", ""))
def test_an_answer_that_is_not_the_workbook_s(
    way: Way, fault: Fault, status: int, right: Callable[[str], bool], committed: bool
) -> None:
    way.trouble.befall(fault)
    before = way.version()
    got, text = _sent(way.put())
    assert (got, right(text)) == (status, True), text
    assert way.version() == before + committed
    assert [(each.fault, each.committed, each.answered) for each in way.trouble.events] == [
        (fault.name, committed, status)
    ]
    assert way.put().status_code == 200


@pytest.mark.parametrize(("fault", "kind", "said", "committed"), BREAKS, ids=lambda each: getattr(each, "name", ""))
def test_a_connection_that_breaks(way: Way, fault: Fault, kind: type[Exception], said: str, committed: bool) -> None:
    way.trouble.befall(fault)
    before = way.version()
    with pytest.raises(requests.exceptions.RequestException) as raised:
        way.put()
    assert (type(raised.value), said in str(raised.value)) == (kind, True), raised.value
    assert way.version() == before + committed
    assert way.put().status_code == 200
    assert [(each.fault, each.committed) for each in way.trouble.events] == [(fault.name, committed), ("", True)]


@pytest.mark.parametrize("fault", [silence(), silence(after_commit=False), slow(30)], ids=lambda each: str(each.name))
def test_a_client_that_gives_up(way: Way, fault: Fault) -> None:
    way.trouble.befall(fault)
    before = way.version()
    with pytest.raises(requests.exceptions.ReadTimeout, match="timed out"):
        way.put(timeout=0.5)
    assert way.version() == before + fault.reaches


def test_an_answer_that_stops_coming(way: Way) -> None:
    """What requests says of it is a ConnectionError."""
    way.trouble.befall(drip(30))
    with pytest.raises(requests.exceptions.ConnectionError, match="Read timed out"):
        way.put(timeout=0.5)


@pytest.mark.parametrize(("answer", "got"), [("first", 200), ("second", 400)])
def test_a_request_arrives_twice(way: Way, answer: Literal["first", "second"], got: int) -> None:
    way.trouble.befall(twice(answer))
    add = {"requests": [{"addNamedRange": {"namedRange": {"name": answer, "range": {"sheetId": 0}}}}]}
    assert way.session.post(f"{way.root}:batchUpdate", json=add, timeout=20).status_code == got
    name = f"twice, {answer} answer"
    assert [(each.number, each.fault, each.reached, each.answered) for each in way.trouble.events] == [
        (1, name, 200, got),
        (2, name, 400, None),
    ]


def test_a_request_arrives_after_its_answer(way: Way) -> None:
    way.trouble.befall(late(refusal(504)), times=2)
    before = way.version()
    assert (way.put(7).status_code, way.put(8).status_code, way.version()) == (504, 504, before)
    assert way.put(9).status_code == 200
    assert (way.trouble.deliver(), way.trouble.deliver()) == ([200, 200], [])
    assert (way.get().json()["values"], way.version()) == ([["8"]], before + 3)
    assert [(each.fault, each.committed, each.answered) for each in way.trouble.events[:5]] == [
        ("504, late", False, 504),
        ("504, late", False, 504),
        ("", True, 200),
        ("late", True, None),
        ("late", True, None),
    ]
    with pytest.raises(ValueError, match="what was asked is done at once: cut"):
        late(cut())


def test_faults_befall_the_requests_that_are_named(way: Way) -> None:
    way.trouble.befall(refusal(500), nth=2, times=2, method="GET")
    way.trouble.befall(refusal(503), path="values/A1$")
    way.trouble.befall(refusal(429, retry_after=7), method="GET", nth=4)
    statuses = [way.get(fields="spreadsheetId", rest="").status_code, way.put().status_code]
    answers = [way.get() for _ in range(4)]
    assert statuses + [answer.status_code for answer in answers] == [200, 503, 500, 500, 429, 200]
    assert answers[2].headers["Retry-After"] == "7"
    assert way.trouble.events[1] == Event(
        2, "PUT", way.root.removeprefix(way.url) + "/values/A1", "503", None, False, 503
    )


def test_tokens_and_pages_meet_faults_that_name_them(served: Way) -> None:
    served.trouble.clear()
    served.trouble.befall(refusal(503), path="^/token$")
    served.trouble.befall(web_page(502), path="^/spreadsheets/d/")
    page = served.root.replace("/v4/spreadsheets/", "/spreadsheets/d/")
    assert served.session.get(page, timeout=20).status_code == 502
    assert served.session.post(f"{served.url}/token", timeout=20).status_code == 503
    assert served.session.post(f"{served.url}/token", timeout=20).status_code == 400
    assert [each.reached for each in served.trouble.events] == [None, None, 400]


def test_quotas_refuse_in_google_s_words(way: Way, clock: Clock) -> None:
    assert [way.get().status_code for _ in range(41)] == [200] * 40 + [429]
    refused = way.get()
    assert refused.json() == {
        "error": {
            "code": 429,
            "message": "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'"
            " of service 'sheets.googleapis.com' for consumer 'project_number:123456789012'.",
            "status": "RESOURCE_EXHAUSTED",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "RATE_LIMIT_EXCEEDED",
                    "domain": "googleapis.com",
                    "metadata": {
                        "quota_limit": "ReadRequestsPerMinutePerUser",
                        "quota_limit_value": "40",
                        "quota_metric": "sheets.googleapis.com/read_requests",
                        "quota_location": "global",
                        "service": "sheets.googleapis.com",
                        "consumer": "projects/123456789012",
                    },
                },
                {
                    "@type": "type.googleapis.com/google.rpc.Help",
                    "links": [
                        {
                            "description": "Request a higher quota limit.",
                            "url": "https://cloud.google.com/docs/quota#requesting_higher_quota",
                        }
                    ],
                },
            ],
        }
    }
    assert way.put().status_code == 200  # writes are counted apart
    others = [way.get(quotaUser="somebody else") for _ in range(11)]
    assert [answer.status_code for answer in others] == [200] * 10 + [429]
    assert "limit 'Read requests per minute' of" in others[-1].json()["error"]["message"]
    clock.seconds += 59.9
    assert way.get().status_code == 429
    clock.seconds += 0.1
    assert way.get().status_code == 200


def test_a_quota_is_not_used_up_by_what_never_arrives(way: Way) -> None:
    way.trouble.befall(refusal(503), times=39)
    assert [way.get().status_code for _ in range(79)] == [503] * 39 + [200] * 40
    assert way.get().status_code == 429


def test_who_is_not_let_in_uses_nothing_up(served: Way, clock: Clock) -> None:
    clock.seconds += 61
    statuses = {requests.get(f"{served.root}/values/A1", timeout=20).status_code for _ in range(60)}
    assert (statuses, served.get().status_code) == ({401}, 200)


def test_threads_are_counted_together(way: Way) -> None:
    way.trouble.befall(refusal(500), nth=3, times=5)
    gate = threading.Barrier(4)

    def three(_: int) -> list[int]:
        gate.wait()
        return [way.put().status_code for _ in range(3)]

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(status for answers in pool.map(three, range(4)) for status in answers)
    assert statuses == [200] * 7 + [500] * 5
    assert [each.number for each in way.trouble.events] == list(range(1, 13))
    assert [each.fault for each in way.trouble.events] == [""] * 2 + ["500"] * 5 + [""] * 5


def test_latency_is_waited_for_and_ends_when_the_workbook_closes(tmp_path: Path) -> None:
    adapter = InProcess(tmp_path / "book.sheet", create=True, trouble=Trouble(latency=3600))
    session = requests.Session()
    session.mount(API, adapter)
    address = f"{API}/v4/spreadsheets/{adapter.spreadsheet_id}"
    with pytest.raises(requests.exceptions.ReadTimeout):
        session.get(address, timeout=0.01)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(session.get, address)
        while len(adapter.trouble.events if adapter.trouble else []) < 2:
            pass
        session.close()
        assert waiting.result(20).status_code == 200


def test_a_server_that_closes_lets_nobody_wait(tmp_path: Path) -> None:
    trouble = Trouble()
    trouble.befall(silence(), path="^/favicon")
    with ThreadPoolExecutor(1) as pool:
        with Server(tmp_path / "book.sheet", trouble=trouble) as server:
            waiting = pool.submit(requests.get, f"{server.url}/favicon.ico", timeout=60)
            while not trouble.events:
                pass
        with pytest.raises(requests.exceptions.ConnectionError):
            waiting.result(20)


def test_gspread_sees_what_google_s_clients_see(inside: Way) -> None:
    inside.trouble.clear()
    inside.trouble.befall(refusal(503, after_commit=True), method="POST")
    client = gspread.Client(auth=AnonymousCredentials(), session=inside.session)
    book = client.open_by_key(inside.root.rsplit("/", 1)[1])
    with pytest.raises(gspread.exceptions.APIError, match="The service is currently unavailable"):
        book.add_worksheet("Twice?", 1, 1)
    assert [tab.title for tab in book.worksheets()] == ["Sheet1", "Twice?"]


def test_a_status_that_has_no_words_is_refused() -> None:
    with pytest.raises(KeyError):
        refusal(418)
