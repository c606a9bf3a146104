"""Trouble on purpose, for tests of programs that use Sheets: quotas, latency, and faults at chosen requests.

    trouble = Trouble(quotas=Quotas(writes_per_user=10), latency=0.2)
    trouble.befall(refusal(503, after_commit=True), method="POST", path=":batchUpdate$")   # the next batch alone
    trouble.befall(reset(), nth=3, times=2)                     # the third and the fourth request from now on
    with Server(Path("book.sheet"), trouble=trouble) as server:  # or InProcess(Path("book.sheet"), trouble=trouble)
        ...
    trouble.events     # what was asked, what befell it, whether it was committed, what was answered

Over HTTP the connection is really reset, cut or kept waiting; in process the same exceptions of requests are raised
that such a connection gives. Without `trouble` none of this is there. Which requests meet a fault depends on nothing
but the order in which they arrive; any number of threads may ask.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from sheetsync.local.access import DeniedError, find_method
from sheetsync.local.app import Answer, writes
from sheetsync.local.errors import ApiError
from sheetsync.local.web import Asked, Site, json_answer

API = r"^/(v4|drive|upload|batch)\b"
"""The paths that faults befall unless told otherwise, and that latency delays."""

MINUTE = 60.0
_STATUSES = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: (
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
        " authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    ),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "Requested entity was not found."),
    408: ("CANCELLED", "The operation was cancelled."),
    409: ("ABORTED", "The operation was aborted."),
    429: ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    500: ("INTERNAL", "Internal error encountered."),
    502: ("UNAVAILABLE", "Bad Gateway"),
    503: ("UNAVAILABLE", "The service is currently unavailable."),
    504: ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
}
_PAGE = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>{title}</title>\n<p>You are not connected yet. Sign in to go on to"
    " sheets.googleapis.com.\n"
)

Ending = Literal["whole", "half", "cut", "reset"]


class BrokenOffError(Exception):
    """Raised out of an answer's pieces: here the connection ends, with a reset (RST) or without one.

    Whoever carries the answer (`serve.py`, `inprocess.py`) does to its client what that means.
    """

    def __init__(self, *, reset: bool) -> None:
        super().__init__("reset" if reset else "cut")
        self.reset = reset


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls one request. Made by the functions below; `name` is what the events call it.

    `reaches`: the workbook does what is asked, before `reply` takes the place of its answer (None: it stays). The
    answer begins after `wait` seconds, comes in `pieces` with `pause` seconds between them, and ends as `ending` says.
    `again`: the request arrives a second time, and which of the two answers the client gets. `late`: it arrives only
    with `Trouble.deliver`.
    """

    name: str
    reaches: bool = True
    reply: tuple[int, str, bytes, tuple[tuple[str, str], ...]] | None = None
    wait: float = 0.0
    pieces: int = 1
    pause: float = 0.0
    ending: Ending = "whole"
    again: Literal["", "first", "second"] = ""
    late: bool = False


def refusal(status: int, *, after_commit: bool = False, retry_after: int | None = None, message: str = "") -> Fault:
    """An error in Google's form: 400, 401, 403, 404, 408, 409, 429, 500, 502, 503 or 504; else KeyError.

    `after_commit`: though what was asked is done. `retry_after`: seconds, in a Retry-After header.
    """
    code, text = _STATUSES[status]
    body = ApiError(status, code, message or text).body()
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    raw = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    reply = status, "application/json; charset=UTF-8", raw, headers
    return Fault(_named(str(status), after_commit), reaches=after_commit, reply=reply)


def web_page(status: int = 200, *, after_commit: bool = False) -> Fault:
    """A page in HTML, as proxies and sign-in pages answer in somebody else's place."""
    body = _PAGE.format(title="Sign in" if status < 400 else f"Error {status}").encode()
    reply = status, "text/html; charset=utf-8", body, ()
    return Fault(_named(f"web page {status}", after_commit), reaches=after_commit, reply=reply)


def reset(*, after_commit: bool = False) -> Fault:
    """The connection is reset (RST) instead of an answer."""
    return Fault(_named("reset", after_commit), reaches=after_commit, ending="reset")


def cut() -> Fault:
    """The connection ends in the middle of the answer's body. What was asked is done."""
    return Fault("cut", ending="cut")


def half() -> Fault:
    """Half of the answer's body, as if it were all of it. What was asked is done."""
    return Fault("half", ending="half")


def slow(seconds: float) -> Fault:
    """The answer begins so much later. What was asked is done at once."""
    return Fault("slow", wait=seconds)


def silence(*, after_commit: bool = True) -> Fault:
    """No answer at all, until the client gives up or the server closes."""
    return Fault(_named("silence", after_commit), reaches=after_commit, wait=math.inf, ending="cut")


def drip(seconds: float, pieces: int = 8) -> Fault:
    """The answer's body comes in pieces, with pauses of so many seconds between them."""
    return Fault("drip", pieces=pieces, pause=seconds)


def twice(answer: Literal["first", "second"] = "first") -> Fault:
    """The request arrives twice, the second time when the first is answered; the client gets one of the answers."""
    return Fault(f"twice, {answer} answer", again=answer)


def late(fault: Fault) -> Fault:
    """That fault, one after which nothing is done; but then the request arrives after all, with `Trouble.deliver`."""
    if fault.reaches:
        raise ValueError(f"what was asked is done at once: {fault.name}")
    return replace(fault, name=f"{fault.name}, late", late=True)


def _named(name: str, after_commit: bool) -> str:
    return f"{name} after the commit" if after_commit else name


@dataclass(frozen=True, slots=True)
class Quotas:
    """Requests of the Sheets API a minute; None is no limit. The defaults are Google's own.

    Reads and writes are counted apart, for all and for each account (or each `quotaUser` of a query). A minute begins
    with the first request after the last one ended. What is refused is not counted, nor are the parts of a `/batch`.
    """

    reads_per_project: int | None = 300
    writes_per_project: int | None = 300
    reads_per_user: int | None = 60
    writes_per_user: int | None = 60
    project_number: int = 123456789012

    def refusal(self, *, write: bool, per_user: bool) -> ApiError:
        """What Google answers when this limit is passed."""
        kind = "Write" if write else "Read"
        said = f"{kind} requests per minute" + (" per user" if per_user else "")
        metadata = {
            "quota_limit": f"{kind}RequestsPerMinutePer{'User' if per_user else 'Project'}",
            "quota_limit_value": str(self.limit(write=write, per_user=per_user)),
            "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
            "quota_location": "global",
            "service": "sheets.googleapis.com",
            "consumer": f"projects/{self.project_number}",
        }
        message = (
            f"Quota exceeded for quota metric '{kind} requests' and limit '{said}' of service"
            f" 'sheets.googleapis.com' for consumer 'project_number:{self.project_number}'."
        )
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}
        more = {
            "description": "Request a higher quota limit.",
            "url": "https://cloud.google.com/docs/quota#requesting_higher_quota",
        }
        details: list[dict[str, Any]] = [
            {**info, "domain": "googleapis.com", "metadata": metadata},
            {"@type": "type.googleapis.com/google.rpc.Help", "links": [more]},
        ]
        return ApiError(429, "RESOURCE_EXHAUSTED", message, details)

    def limit(self, *, write: bool, per_user: bool) -> int | None:
        """The limit of that kind."""
        if write:
            return self.writes_per_user if per_user else self.writes_per_project
        return self.reads_per_user if per_user else self.reads_per_project


@dataclass(frozen=True, slots=True)
class Event:
    """One request: `number` from 1 in order of arrival, `fault` by name or "".

    `reached` is the status that the workbook answered with (None: it was not asked), `committed` whether that changed
    it, `answered` the status that the client got (None: no answer).
    """

    number: int
    method: str
    path: str
    fault: str
    reached: int | None
    committed: bool
    answered: int | None


@dataclass
class _Rule:
    fault: Fault
    nth: int
    times: int
    method: str
    path: re.Pattern[str]
    seen: int = 0

    def takes(self, asked: Asked) -> bool:
        """Counts the request where it is of the kind; whether it is one that the fault befalls."""
        if (self.method and self.method != asked.method) or not self.path.search(asked.path):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


class Trouble:
    """What goes wrong, and what went wrong. For one server or one `InProcess`.

    `latency`: seconds that every request of the APIs takes longer. `clock`: seconds, for the quotas' minutes.
    """

    def __init__(
        self, *, quotas: Quotas | None = None, latency: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.latency = latency
        self._meter = _Meter(quotas, clock) if quotas else None
        self._rules: list[_Rule] = []
        self._events: list[Event] = []
        self._late: list[tuple[Site, Asked, bool]] = []
        self._count = 0
        self._lock = threading.Lock()
        self._released = threading.Event()

    def befall(self, fault: Fault, *, nth: int = 1, times: int = 1, method: str = "", path: str = API) -> None:
        """Plan a fault: it befalls the `nth` request from now on that is alike, and `times` - 1 more after it.

        Alike are requests with that method ("" is any) in whose decoded path the regular expression `path` is found,
        such as `:batchUpdate$` or `^/token$`. Where several faults would befall a request, the one planned first does.
        """
        with self._lock:
            self._rules.append(_Rule(fault, nth, times, method, re.compile(path)))

    def clear(self) -> None:
        """Forget what is planned, what has happened and what is late; the quotas stay as used up as they are."""
        with self._lock:
            self._rules, self._events, self._late, self._count = [], [], [], 0

    @property
    def events(self) -> list[Event]:
        """Every request until now, in order of arrival."""
        with self._lock:
            return sorted(self._events, key=lambda event: event.number)

    def deliver(self) -> list[int]:
        """Bring to the workbook what is late, in order of arrival: the statuses of the answers, which nobody gets."""
        with self._lock:
            late, self._late = self._late, []
        return [self._once_more(*each, "late").status for each in late]

    def release(self) -> None:
        """End every wait, now and from now on: who carries the answers calls this when it closes."""
        self._released.set()

    def answer(self, site: Site, asked: Asked, *, owner: bool = False, patience: float = math.inf) -> Answer:
        """What the client gets, whose pieces may raise BrokenOffError; TimeoutError after `patience` seconds of wait.

        `owner` as in `Site.answer`.
        """
        number, fault = self._met(asked)
        answer = self._asked(site, asked, owner) if fault is None or fault.reaches else None
        reached = None if answer is None else answer.status
        if fault is not None:
            answer = _spoilt(self._repeated(answer, fault, (site, asked, owner)), fault)
        assert answer is not None  # noqa: S101 - a request without a fault has reached the workbook
        gone = fault is not None and (fault.ending == "reset" or fault.wait == math.inf)
        self._note(number, asked, fault.name if fault else "", reached, None if gone else answer.status)
        wait = (fault.wait if fault else 0.0) + (self.latency if re.search(API, asked.path) else 0.0)
        self._rest(wait, patience)
        if fault is not None:
            answer.pieces = self._carried(answer.pieces, fault, patience)
        return answer

    def _met(self, asked: Asked) -> tuple[int, Fault | None]:
        with self._lock:
            self._count += 1
            found = [rule.fault for rule in self._rules if rule.takes(asked)]
            return self._count, found[0] if found else None

    def _repeated(self, answer: Answer | None, fault: Fault, request: tuple[Site, Asked, bool]) -> Answer | None:
        """Keeps the request where it is late, and brings it again where it comes twice; the answer that is given."""
        if fault.late:
            with self._lock:
                self._late.append(request)
        if not fault.again or answer is None:
            return answer
        _ = answer.body  # the first is answered to its end before the second comes
        second = self._once_more(*request, fault.name)
        return second if fault.again == "second" else answer

    def _once_more(self, site: Site, asked: Asked, owner: bool, name: str) -> Answer:
        """A request that had arrived, or had been sent, before."""
        with self._lock:
            self._count += 1
            number = self._count
        answer = self._asked(site, asked, owner)
        _ = answer.body  # else it would be made only as far as somebody reads
        self._note(number, asked, name, answer.status, None)
        return answer

    def _note(self, number: int, asked: Asked, name: str, reached: int | None, answered: int | None) -> None:
        committed = reached is not None and reached < 300 and writes(asked.method, asked.path)
        with self._lock:
            self._events.append(Event(number, asked.method, asked.path, name, reached, committed, answered))

    def _asked(self, site: Site, asked: Asked, owner: bool) -> Answer:
        refused = self._meter.refused(site, asked, owner) if self._meter else None
        return json_answer(refused.body(), refused.code) if refused else site.answer(asked, owner=owner)

    def _rest(self, seconds: float, patience: float) -> None:
        if seconds <= 0:
            return
        shorter = min(seconds, patience)
        released = self._released.wait(None if shorter == math.inf else shorter)
        if seconds > patience and not released:
            raise TimeoutError("timed out")

    def _carried(self, pieces: Iterator[bytes], fault: Fault, patience: float) -> Iterator[bytes]:
        for place, piece in enumerate(pieces):
            if place:
                self._rest(fault.pause, patience)
            yield piece
        if fault.ending in ("cut", "reset"):
            raise BrokenOffError(reset=fault.ending == "reset")


def _spoilt(answer: Answer | None, fault: Fault) -> Answer:
    """The answer that goes down the wire: the fault's own or the workbook's, as much of it as will arrive."""
    status, headers, body = (502, [], b"") if answer is None else (answer.status, answer.headers, answer.body)
    if fault.reply is not None:
        status, kind, body, more = fault.reply
        headers = [("Content-Type", kind), *more]
    arrives = {"whole": len(body), "half": len(body) // 2, "cut": len(body) // 2, "reset": 0}[fault.ending]
    if fault.wait == math.inf:
        arrives = 0
    length = arrives if fault.ending == "half" else len(body)
    size = max(-(-arrives // fault.pieces), 1)
    pieces = iter([body[start : min(start + size, arrives)] for start in range(0, arrives, size)])
    return Answer(status, pieces, [*headers, ("Content-Length", str(length))])


class _Meter:
    """The requests of the current minutes, by kind and by user (None: of all)."""

    def __init__(self, quotas: Quotas, clock: Callable[[], float]) -> None:
        self._quotas, self._clock = quotas, clock
        self._used: dict[tuple[bool, str | None], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def refused(self, site: Site, asked: Asked, owner: bool) -> ApiError | None:
        """Counts a request of the Sheets API; the refusal where it is one too many."""
        asked = asked.overridden()
        method = find_method(asked.method, asked.path)
        if method is None or method.service != "sheets":
            return None
        try:
            account = "" if owner else site.accounts.caller(asked.headers.get("authorization"), method).email
        except DeniedError:
            return None  # who is not let in uses nothing up
        write = writes(asked.method, asked.path)
        user = dict(asked.query).get("quotaUser", account)
        with self._lock:
            counts = {name: self._current(write, name) for name in (user, None)}
            for name, (_, used) in counts.items():
                limit = self._quotas.limit(write=write, per_user=name is not None)
                if limit is not None and used >= limit:
                    return self._quotas.refusal(write=write, per_user=name is not None)
            for name, (since, used) in counts.items():
                self._used[write, name] = since, used + 1
        return None

    def _current(self, write: bool, name: str | None) -> tuple[float, int]:
        now = self._clock()
        since, used = self._used.get((write, name), (now, 0))
        return (since, used) if now - since < MINUTE else (now, 0)
