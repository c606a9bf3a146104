"""How requests travel: what is tried again and what is not, when it ends, what is counted, what is never followed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from sheetsync import logs
from sheetsync.errors import ServiceError, SheetsyncError
from sheetsync.google import Workbook
from sheetsync.google.failures import AmbiguousWriteError
from sheetsync.google.transport import Limits, Pace
from sheetsync.google.workbook import LIMITS
from sheetsync.local.serve import Server
from sheetsync.reading import open_workbook
from sheetsync.settings import Place
from tests.google.conftest import Route
from tests.google.network import (
    QUICK,
    TOKEN,
    Fault,
    Network,
    cut,
    dripping,
    fails,
    half,
    hang_up,
    key_file,
    moved,
    reset_after,
    reset_before,
    says,
    slow,
    unused_address,
    web_page,
)
from tests.office import configured

BUSY = fails(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Read requests'.")
IMPATIENT = Limits(connect=5, read=0.5, deadline=5, sign_in=5, pause=0.01)
ENDING = Limits(connect=5, read=5, deadline=0.3, sign_in=5, pause=0.01)


def note(text: str) -> dict[str, Any]:
    """A request that writes a text into a cell of its own row, so that a second one is seen."""
    rows = [{"values": [{"userEnteredValue": {"stringValue": text}}]}]
    return {"appendCells": {"sheetId": 0, "rows": rows, "fields": "userEnteredValue"}}


def times_written(route: Route, text: str) -> int:
    """How many cells of the workbook's file hold the text."""
    with Workbook.open("local", path=route.server.workbooks.store.path) as book:
        (rows,) = book.read(["A:A"]).values
    return sum(row == [text] for row in rows)


NOTHING: Fault = lambda handler: handler.answer(200, b"", {"Content-Type": "application/json"})  # noqa: E731
READS_AGAIN: dict[str, Fault] = {
    "408": fails(408, "CANCELLED", "Too slow."),
    "520": fails(520, "UNKNOWN", "Said by somebody in between."),
    "429": BUSY,
    "429 with Retry-After": fails(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", Retry_After="0"),
    "500": fails(500, "INTERNAL", "Internal error encountered."),
    "502 as a web page": web_page(502),
    "503": fails(503, "UNAVAILABLE", "The service is currently unavailable."),
    "504": fails(504, "DEADLINE_EXCEEDED", "Deadline exceeded."),
    "200 as a web page": web_page(200),
    "reset before it was read": reset_before,
    "reset after it was read": reset_after,
    "cut in the body": cut,
    "half of the JSON": half,
    "nothing": NOTHING,
}


@pytest.mark.parametrize("name", READS_AGAIN)
def test_a_read_is_tried_again(near: Route, name: str) -> None:
    near.network.faults.append(READS_AGAIN[name])
    with near.open() as book:
        assert book.metadata()["properties"]["title"] == "department"
        assert book.requests == len(near.network.api) == 2
    first, second = near.network.api
    assert first.path == second.path


def test_a_read_is_tried_again_after_silence(near: Route) -> None:
    near.network.faults.append(slow)
    with near.open(IMPATIENT) as book:
        assert book.metadata()["properties"]["title"] == "department"
        assert book.requests >= 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (fails(400, "INVALID_ARGUMENT", "Unable to parse range: X"), SheetsyncError),
        (fails(403, "PERMISSION_DENIED", "The caller does not have permission"), SheetsyncError),
        (fails(404, "NOT_FOUND", "Requested entity was not found."), SheetsyncError),
        (web_page(403), ServiceError),
        (says(418, {"error": "no coffee"}), ServiceError),
    ],
)
def test_a_read_that_is_refused_is_not_tried_again(near: Route, fault: Fault, kind: type[SheetsyncError]) -> None:
    near.network.faults.append(fault)
    with near.open() as book:
        with pytest.raises(kind):
            book.metadata()
        assert book.requests == len(near.network.api) == 1


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "0"}])
def test_a_write_is_tried_again_after_too_many_requests(near: Route, headers: dict[str, str]) -> None:
    near.network.faults.extend([fails(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", **headers)] * 2)
    with near.open() as book:
        book.apply([note(f"busy{headers}")])
        assert book.requests == 3
    assert times_written(near, f"busy{headers}") == 1


UNCLEAR: dict[str, tuple[Fault, Limits, int]] = {
    "500": (fails(500, "INTERNAL", "Internal error encountered."), QUICK, 0),
    "502 as a web page": (web_page(502), QUICK, 0),
    "503": (fails(503, "UNAVAILABLE", "The service is currently unavailable."), QUICK, 0),
    "408": (fails(408, "CANCELLED", "Too slow."), QUICK, 0),
    "200 as a web page": (web_page(200), QUICK, 0),
    "reset before it was read": (reset_before, QUICK, 0),
    "reset after it was read": (reset_after, QUICK, 1),
    "cut in the body": (cut, QUICK, 1),
    "half of the JSON": (half, QUICK, 1),
    "silence": (slow, IMPATIENT, 1),
}


@pytest.mark.parametrize("way", ["near", "google"])
@pytest.mark.parametrize("name", UNCLEAR)
def test_a_write_without_a_clear_answer_is_never_sent_again(
    request: pytest.FixtureRequest, way: str, name: str
) -> None:
    route: Route = request.getfixturevalue(way)
    fault, limits, applied = UNCLEAR[name]
    with route.open(limits) as book:
        book.metadata()
        route.network.faults.append(fault)
        with pytest.raises(AmbiguousWriteError):
            book.apply([note(f"{way} {name}")])
        assert book.requests == 2
    assert times_written(route, f"{way} {name}") == applied


@pytest.mark.parametrize("fault", [web_page(403), fails(400, "INVALID_ARGUMENT", "No."), moved("/elsewhere")])
def test_a_write_that_was_refused_is_not_ambiguous(near: Route, fault: Fault) -> None:
    near.network.faults.append(fault)
    with near.open() as book:
        with pytest.raises(ServiceError) as raised:
            book.apply([note("refused")])
        assert not isinstance(raised.value, AmbiguousWriteError)
        assert book.requests == 1
    assert times_written(near, "refused") == 0


def test_a_write_without_a_connection_is_tried_again_and_is_not_ambiguous(server: Server, tmp_path: Path) -> None:
    with Network(server.url) as network:
        key = key_file(server, tmp_path / "key.json", f"{server.url}/token")
        book = Workbook.open("loopback", key=server.spreadsheet_id, base=network.url, credentials=key, limits=ENDING)
    with book, pytest.raises(ServiceError, match="no connection") as raised:
        book.apply([note("unsent")])
    assert type(raised.value) is ServiceError
    assert book.requests > 1


def test_a_write_past_a_proxy_that_is_gone_is_not_ambiguous(google: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    with google.open(ENDING) as book:
        book.metadata()
        google.network.faults.append(hang_up)
        book.metadata()  # the answer came whole; the next request needs a new connection
        monkeypatch.setenv("HTTPS_PROXY", unused_address())
        with pytest.raises(ServiceError, match="no connection") as raised:
            book.apply([note("unsent")])
    assert type(raised.value) is ServiceError
    assert book.requests > 3


def test_tries_end_at_the_deadline(near: Route) -> None:
    near.network.faults.extend([fails(503, "UNAVAILABLE", "The service is currently unavailable.")] * 1000)
    with near.open(ENDING) as book:
        with pytest.raises(ServiceError, match="answered 503"):
            book.metadata()
        assert 1 < book.requests < 500


ASKED = {
    "60": "in a minute",
    "61": "2 minutes",
    formatdate(time.time() + 30.5 * 3600, usegmt=True): "31 hours",
    "86400": "24 hours",
    "1000000": "12 days",
    "Fri, 31 Dec 9999 23:59:59 GMT": "more than a year",
    "9" * 400: "more than a year",
}


@pytest.mark.parametrize(("asked", "said"), ASKED.items(), ids=ASKED.values())
@pytest.mark.parametrize("act", [Workbook.metadata, lambda book: book.apply([note("later")])], ids=["read", "write"])
def test_a_wait_beyond_the_deadline_is_not_begun(
    near: Route, asked: str, said: str, act: Callable[[Workbook], object]
) -> None:
    near.network.faults.append(fails(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", Retry_After=asked))
    when = said if said == "in a minute" else f"when the time is over that the local server asks to wait ({said})"
    with near.open() as book:
        with pytest.raises(ServiceError) as raised:
            act(book)
        assert raised.value.what == "too many requests: Quota exceeded."
        assert raised.value.remedy == f"Nothing was changed: run the command again {when}."
        assert book.requests == 1


def test_a_wait_that_is_asked_for_a_token_is_not_begun_either(near: Route) -> None:
    near.network.token_faults.extend([says(429, {"error": "rate_limited"}, Retry_After="7200")] * 5)
    with near.open() as book:
        with pytest.raises(ServiceError) as raised:
            book.apply([note("no token")])
        assert str(raised.value).partition(": ")[2] == (
            "signing in failed: the local server does not give tokens just now\nNothing was changed: run the command"
            " again when the time is over that the local server asks to wait (120 minutes)."
        )
    assert len(near.network.tokens) == 1


def test_retry_after_is_waited_for(near: Route) -> None:
    near.network.faults.append(fails(503, "UNAVAILABLE", "Later.", Retry_After="1"))
    with near.open(Limits(deadline=0.9, pause=0.001)) as book, pytest.raises(ServiceError, match="answered 503"):
        book.metadata()  # a second does not fit into the deadline ...
    assert len(near.network.api) == 1
    near.network.faults.append(fails(503, "UNAVAILABLE", "Later.", Retry_After="1"))
    with near.open(Limits(deadline=8, pause=0.001)) as book:
        began = time.monotonic()
        book.metadata()  # ... and is not cut short where it does
        assert time.monotonic() - began >= 1


def test_the_deadline_is_the_configuration_s(near: Route) -> None:
    address = near.server.spreadsheet_url.replace(near.server.url, near.network.url)
    near.network.faults.append(fails(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", Retry_After="15"))
    settings = configured(workbook={"credentials": str(near.credentials), "request_deadline": 10})
    with open_workbook(settings, Place.parse(address, near.credentials.parent)) as book:
        with pytest.raises(ServiceError, match="too many requests"):
            book.metadata()
        assert book.requests == 1  # with the usual minute it would be waited for


@pytest.mark.parametrize("asked", ["soon", "²", "-1", "", "1.5", "Sat, 01 Jan 2000 00:00:00 GMT", "31 Dec 99999999999"])
def test_a_retry_after_that_says_nothing_is_passed_over(near: Route, asked: str) -> None:
    near.network.faults.append(fails(503, "UNAVAILABLE", "Later.", Retry_After=asked))
    with near.open() as book:
        book.metadata()
        assert book.requests == 2


def test_the_last_try_does_not_outlive_the_deadline(near: Route) -> None:
    near.network.faults.append(slow)
    with near.open(Limits(connect=5, read=60, deadline=0.5, pause=0.01)) as book:
        with pytest.raises(ServiceError, match=r"no connection \(ReadTimeout\)"):
            book.metadata()
        assert book.requests == 1


@pytest.mark.parametrize(
    ("act", "kind"), [(Workbook.metadata, ServiceError), (lambda book: book.apply([note("late")]), AmbiguousWriteError)]
)
def test_an_answer_that_never_ends_is_left(
    near: Route, act: Callable[[Workbook], object], kind: type[Exception]
) -> None:
    """Bytes come all the time, so that no limit between two of them is ever met."""
    near.network.faults.append(dripping)
    with near.open(Limits(connect=5, read=5, deadline=0.3, pause=0.01)) as book:
        with pytest.raises(ServiceError) as raised:
            act(book)
        assert (type(raised.value), book.requests) == (kind, 1)


def test_a_pace_lets_so_many_go_in_any_span_whoever_they_are() -> None:
    pace, gone = Pace(4, 0.15), list[float]()

    def go(_: int) -> None:
        pace.wait()
        gone.append(time.monotonic())

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(go, range(13)))
    assert all(later - earlier > 0.14 for earlier, later in zip(sorted(gone), sorted(gone)[4:], strict=False))


def test_google_is_asked_at_its_pace_and_this_machine_at_ours() -> None:
    assert {kind: limits.paced for kind, limits in LIMITS.items()} == {
        "google": True,
        "loopback": False,
        "local": False,
    }


def test_what_is_counted_is_every_try_and_no_token(near: Route) -> None:
    near.network.faults.extend([BUSY, BUSY])
    with near.open() as book:
        book.metadata()
        book.read(["A1"])
        book.grid("sheets.data.rowData.values.note", ["A1"])
        book.apply([note("counted")])
        assert book.requests == len(near.network.api) == 6
    assert len(near.network.tokens) == 1


def test_each_try_is_a_line_of_the_log(near: Route, google: Route, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    with logs.command():
        logs.tell("sync", verbose=True, file=log)
        near.network.faults.extend([BUSY, reset_after])
        with near.open() as book:
            book.read(["A1"])
            near.network.faults.append(reset_after)
            with pytest.raises(AmbiguousWriteError):
                book.apply([note("logged")])
        with google.open(replace(QUICK, paced=True)) as book:
            book.metadata()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    key = near.server.spreadsheet_id
    assert [line["spreadsheet"] for line in lines if line["event"] == "opened"] == [
        f"{near.network.url}/spreadsheets/d/{key}",
        f"https://docs.google.com/spreadsheets/d/{key}",
    ]
    tries = [line for line in lines if line["event"] == "request"]
    sheet = f"/v4/spreadsheets/{key}"
    assert [tuple(line[name] for name in ("method", "path", "status", "error", "try")) for line in tries] == [
        ("POST", "/token", 200, None, 1),
        ("GET", f"{sheet}/values:batchGet", 429, None, 1),
        ("GET", f"{sheet}/values:batchGet", None, "ConnectionError", 2),
        ("GET", f"{sheet}/values:batchGet", 200, None, 3),
        ("POST", f"{sheet}:batchUpdate", None, "ConnectionError", 1),
        ("POST", "/token", 200, None, 1),
        ("GET", sheet, 200, None, 1),
    ]
    assert [line["wait"] is None for line in tries] == [True, False, False, True, True, True, True]
    assert all(line["seconds"] >= 0 for line in tries)
    assert [line["level"] for line in lines if line["event"] == "paced"] == ["DEBUG"]


@pytest.mark.parametrize("writing", [False, True])
def test_a_token_that_ran_out_is_renewed_and_counted(near: Route, writing: bool) -> None:
    with near.open() as book:
        book.metadata()
        near.network.faults.append(fails(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."))
        if writing:
            book.apply([note("renewed")])
        else:
            book.metadata()
        assert book.requests == len(near.network.api) == 3
    assert len(near.network.tokens) == 2
    tokens = [seen.headers["authorization"] for seen in near.network.api]
    assert tokens[0] == tokens[1] != tokens[2]
    assert not writing or times_written(near, "renewed") == 1


def test_a_token_that_is_never_taken_ends(near: Route) -> None:
    near.network.faults.extend([fails(401, "UNAUTHENTICATED", "Invalid.")] * 100)
    with near.open() as book:
        with pytest.raises(SheetsyncError, match="did not accept the key"):
            book.metadata()
        assert book.requests == len(near.network.api) == 3


TOKENS_AGAIN: dict[str, Fault] = {
    "reset": reset_before,
    "reset after": reset_after,
    "503": says(503, {"error": "backend_error"}),
    "web page 502": web_page(502),
    "web page 200": web_page(200),
    "half of the JSON": half,
    "nothing": NOTHING,
}


@pytest.mark.parametrize("name", TOKENS_AGAIN)
def test_signing_in_is_tried_again(near: Route, name: str) -> None:
    near.network.token_faults.append(TOKENS_AGAIN[name])
    with near.open() as book:
        book.metadata()
        assert book.requests == 1
    assert len(near.network.tokens) == 2


@pytest.mark.parametrize("at", ["faults", "token_faults"])
def test_a_redirect_is_never_followed(near: Route, google: Route, at: str) -> None:
    for route in (near, google):
        with Network() as elsewhere:
            getattr(route.network, at).append(moved(f"{elsewhere.url}/v4/spreadsheets/x"))
            with route.open() as book, pytest.raises(ServiceError, match="redirect"):
                book.metadata()
            assert elsewhere.seen == []


def test_the_token_goes_to_the_sheets_api_alone(google: Route, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with google.open() as book:
        book.metadata()
        book.apply([note("at Google")])
    assert [seen.host for seen in google.network.seen] == ["oauth2.googleapis.com:443"] + [
        "sheets.googleapis.com:443"
    ] * 2
    assert all(seen.headers["authorization"].startswith("Bearer ") for seen in google.network.api)
    assert not any("authorization" in map(str.lower, seen.headers) for seen in google.network.tokens)


def test_a_server_on_this_machine_is_reached_past_any_proxy(near: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    with Network() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with near.open() as book:
            book.metadata()
        assert proxy.seen == []


def test_a_slow_token_has_an_end(near: Route) -> None:
    near.network.token_faults.extend([slow] * 5)
    with near.open(Limits(connect=5, sign_in=0.4, pause=0.01)) as book:
        with pytest.raises(ServiceError, match="no connection"):
            book.metadata()
        assert book.requests == 0


def test_no_connection_is_left_open_though_its_failure_is_kept(near: Route, google: Route) -> None:
    for route in (near, google):
        route.network.faults.append(web_page(403))
        with pytest.raises(ServiceError) as kept, route.open() as book:
            book.metadata()
        assert kept.value.__cause__ is not None
        assert route.network.all_closed()


def test_a_lone_network_answers(server: Server, tmp_path: Path) -> None:
    """The stand-in alone: a token of its own, and answers without cells."""
    with Network() as network:
        key = key_file(server, tmp_path / "key.json", f"{network.url}/token")
        with Workbook.open("loopback", key="x", base=network.url, credentials=key, limits=QUICK) as book:
            assert book.read([]).values == ()
        assert network.api[0].headers["authorization"] == f"Bearer {TOKEN}"
