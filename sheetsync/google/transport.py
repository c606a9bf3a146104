"""How a request travels: time limits, retries, and where gspread's Google addresses lead to.

gspread speaks to https://sheets.googleapis.com whatever the workbook is. What differs is the adapter under that
address: Google itself, a server on this machine, or the workbook file in this process.
"""

from __future__ import annotations

import io
import logging
import ssl
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import google.auth.exceptions
import google.auth.transport
import requests
import tenacity
import urllib3
from google.auth.transport.requests import AuthorizedSession
from requests.adapters import BaseAdapter, HTTPAdapter

from sheetsync import logs

API = "https://sheets.googleapis.com/"
LONGEST_WAIT = 32.0
SHORTEST_TRY = 1.0
PER_MINUTE = 60
"""Requests of a kind (reads, writes) that Google lets one account send in a minute."""

_PIECE = 64 * 1024
_A_YEAR = 366 * 24 * 60 * 60

_NOT_APPLIED = {429}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect, between bytes of an answer, for a request with all its tries, for signing in, to wait first.

    No try begins after the deadline, and none waits for bytes beyond it, but for a second at least; an answer that
    never ends is left. Waiting for a turn (`Pace`) does not count. `paced`: whether the process keeps to `PER_MINUTE`.
    """

    connect: float = 10.0
    read: float = 180.0  # Google ends a request after 180 s
    deadline: float = 240.0
    sign_in: float = 30.0
    pause: float = 1.0
    paced: bool = False


class Pace:
    """Lets at most `most` go in any `span` seconds, whichever threads they come from; the others wait their turn."""

    def __init__(self, most: int = PER_MINUTE, span: float = 60.0) -> None:
        self._span = span
        self._gone: deque[float] = deque(maxlen=most)
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Waits until one more may go; the seconds that it took."""
        begun = time.monotonic()
        with self._lock:
            if len(self._gone) == self._gone.maxlen:
                time.sleep(max(0.0, self._gone[0] + self._span - time.monotonic()))
            self._gone.append(time.monotonic())
        return time.monotonic() - begun


_READS, _WRITES = Pace(), Pace()  # of this process, whatever it does


class ForeignAnswerError(requests.RequestException):
    """Somebody between here and the Sheets API answered in its place; `status` is the HTTP status."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__("not the answer of the Sheets API", response=answer)
        self.status = answer.status_code


class PartialAnswerError(requests.RequestException):
    """An answer without what an answer has."""


class TryLaterError(google.auth.exceptions.RefreshError):
    """Whoever gives tokens gives none just now, and asks to `wait` so many seconds (0.0 where it doesn't say).

    Raised in place of an answer: google-auth would ask three times over, whatever was said.
    """

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(f"answered {answer.status_code}", retryable=True)  # type: ignore[no-untyped-call]  # google-auth has none
        self.wait = asked_to_wait(answer)


class Counting(BaseAdapter):
    """Counts requests to the Sheets API on their way; `sent` goes up at each try."""

    def __init__(self, onward: BaseAdapter) -> None:
        super().__init__()
        self.onward = onward
        self.sent = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Sends one request onward."""
        self.sent += 1
        return self.onward.send(request, *args, **kwargs)

    def close(self) -> None:
        """Closes what is under it."""
        self.onward.close()


class Direct(HTTPAdapter):
    """To the host that the address names. Closing it closes connections that a kept failure still refers to, too."""

    def close(self) -> None:
        """Closes every connection."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for pool in map(manager.pools.get, manager.pools.keys()):
                pool.close()
        super().close()


class Redirected(Direct):
    """Sends what is meant for Google's Sheets API to a server on this machine."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base.rstrip("/") + "/"

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Sends one request to the same path under the local base; the request itself stays as it is."""
        local = request.copy()
        local.url = self._base + (request.url or "").removeprefix(API)
        return super().send(local, *args, **kwargs)


class Patient(BaseAdapter):
    """Tries again what may be tried again: truncated exponential waits with full jitter, Retry-After, one deadline.

    A request of a `repeatable` method is sent again after 408, 429, 5xx, a web page in place of an answer, JSON that is
    cut off, a broken connection or a timeout. Any other is sent again only where it surely was not applied: after 429
    and where no connection was made. Time limits are its own, whatever the session asks for.
    """

    def __init__(self, onward: BaseAdapter, limits: Limits, *, repeatable: Collection[str] = ("GET",)) -> None:
        super().__init__()
        self._onward = onward
        self._limits = limits
        self._repeatable = repeatable

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,  # noqa: ARG002 - the session's; the limits hold
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Sends one request, up to the deadline; returns the last answer or raises the last failure."""
        limits, until = self._limits, time.monotonic() + self._limits.deadline
        tries = _Tries(request)

        def once() -> requests.Response:
            nonlocal until
            if limits.paced:
                waited = (_READS if request.method == "GET" else _WRITES).wait()
                logs.record("paced", level=logging.DEBUG, seconds=round(waited, 3))
                until += waited
            tries.begin()
            left = max(until - time.monotonic(), SHORTEST_TRY)
            seconds = min(limits.connect, left), min(limits.read, left)
            last = time.monotonic() + left
            answer = self._onward.send(request, stream, seconds, verify, cert, proxies)
            if not stream:
                _receive(answer, last)  # a connection that breaks in the body is to be noticed here
            return answer

        again = _passing if request.method in self._repeatable else _surely_not_applied
        retrying = tenacity.Retrying(
            retry=again,
            wait=_RetryAfter(limits.pause),
            stop=lambda state: time.monotonic() + state.upcoming_sleep >= until,
            before_sleep=tries.again,
            retry_error_callback=_last,
        )
        try:
            answer = retrying(once)
        except Exception as error:
            tries.end(error)
            raise
        tries.end(answer)
        return answer

    def close(self) -> None:
        """Closes what is under it."""
        self._onward.close()


class Signed(AuthorizedSession):
    """A session that carries a token; tokens are fetched through a session of their own.

    With `token_address` tokens come from that origin, and the token session reaches nothing else; without one, from
    wherever the credentials say. No environment is heeded with an address: it is on this machine.
    """

    def __init__(self, credentials: Any, limits: Limits, token_address: str = "") -> None:
        self._tokens = requests.Session()
        super().__init__(credentials, auth_request=self._fetch)  # type: ignore[no-untyped-call]  # google-auth has none
        origin = urllib3.util.parse_url(token_address)
        prefixes = [f"{origin.scheme}://{origin.netloc}/"] if token_address else ["https://", "http://"]
        patient = Patient(Direct(), replace(limits, deadline=limits.sign_in, paced=False), repeatable=("GET", "POST"))
        guard(self._tokens, patient, prefixes, environment=not token_address)
        self._tokens.hooks["response"].append(_no_web_page)

    def close(self) -> None:
        """Closes the connections of both."""
        self._tokens.close()
        super().close()  # type: ignore[no-untyped-call]  # google-auth has no types

    def _fetch(self, url: str, method: str = "GET", body: Any = None, headers: Any = None, **more: Any) -> Any:
        """google-auth's transport.Request. Its own would log the signed assertion at DEBUG."""
        more.pop("timeout", None)
        try:
            answer = self._tokens.request(method, url, data=body, headers=headers, **more)
            if method == "POST" and answer.ok:  # what a machine says of itself is asked for by GET, and may be text
                _sound_token(whole(answer.json()), answer)
        except requests.RequestException as error:
            raise google.auth.exceptions.TransportError(error) from error
        if _passes(answer) or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TryLaterError(answer)
        return SimpleNamespace(status=answer.status_code, headers=answer.headers, data=answer.content)


def _sound_token(given: Mapping[str, Any], answer: requests.Response) -> None:
    """Raises PartialAnswerError for a token that lasts for no time: google-auth would stumble over it."""
    lasts = given.get("expires_in", 0)
    try:
        sound = 0 <= int(lasts) <= _A_YEAR
    except (TypeError, ValueError, OverflowError):
        sound = False
    if not sound:
        raise PartialAnswerError("no token that lasts", response=answer)


def guard(session: requests.Session, adapter: BaseAdapter, prefixes: Collection[str], *, environment: bool) -> None:
    """Lets a session reach `prefixes` alone, through `adapter`, without redirects and without a .netrc's passwords.

    `environment`: whether proxies and certificates are taken from the environment.
    """
    session.trust_env = environment
    session.max_redirects = 0
    session.auth = _unchanged  # else a .netrc would replace the token
    for former in session.adapters.values():
        former.close()
    session.adapters.clear()
    for prefix in prefixes:
        session.mount(prefix, adapter)


def sheets_only(answer: requests.Response, *_: Any, **__: Any) -> None:
    """A response hook: raises ForeignAnswerError for a web page, and for a refusal not in Google's form."""
    if answer.ok:
        _no_web_page(answer)
        return
    if answer.is_redirect:
        return
    try:
        error = answer.json()["error"]
        _ = error["code"], error["message"]
    except (ValueError, KeyError, TypeError):
        raise ForeignAnswerError(answer) from None


def whole(answer: object, *parts: str) -> dict[str, Any]:
    """The JSON of an answer, which is an object that has these parts. Raises PartialAnswerError where it is not."""
    if not isinstance(answer, dict) or any(answer.get(part) is None for part in parts):
        raise PartialAnswerError("not what was asked for")
    return answer


def asked_to_wait(answer: requests.Response | None) -> float:
    """Seconds from now that Retry-After names, a year at most; 0.0 where it is missing or says nothing of use."""
    asked = "" if answer is None else answer.headers.get("Retry-After", "")
    try:
        return float(urllib3.Retry(retry_after_max=_A_YEAR).parse_retry_after(asked))
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return 0.0


def unsent(error: BaseException | None) -> bool:
    """Whether a request that failed so never left this machine. A ProxyError alone does not say so: urllib3 calls
    any connection through a proxy so that breaks, after the request was sent too.
    """
    never = urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError
    return untrusted(error) or isinstance(_reason(error), never)


def untrusted(error: BaseException | None) -> bool:
    """Whether the other side's certificate was not accepted."""
    reason = _reason(error)
    cause = reason.args[0] if isinstance(reason, urllib3.exceptions.SSLError) and reason.args else None
    return isinstance(cause, ssl.SSLCertVerificationError)


class _RetryAfter(tenacity.wait.wait_base):
    """The server's Retry-After where it names one, at least the exponential wait with full jitter."""

    def __init__(self, pause: float) -> None:
        self._jitter = tenacity.wait_random_exponential(multiplier=pause, max=LONGEST_WAIT)

    def __call__(self, retry_state: tenacity.RetryCallState) -> float:
        """Seconds to wait before the next try."""
        wait = self._jitter(retry_state)
        outcome = retry_state.outcome
        if outcome is None or outcome.failed:
            return wait
        return max(wait, asked_to_wait(outcome.result()))


class _Tries:
    """Tells the log of each try of a request: no query, no header, no body."""

    def __init__(self, request: requests.PreparedRequest) -> None:
        path = urllib3.util.parse_url(request.url or "").path
        self._about: dict[str, Any] = {"method": request.method, "path": path}
        self._number, self._began = 0, 0.0

    def begin(self) -> None:
        """A try begins."""
        self._number, self._began = self._number + 1, time.monotonic()

    def again(self, state: tenacity.RetryCallState) -> None:
        """A try ended, and there will be another."""
        assert state.outcome is not None  # noqa: S101 - tenacity waits only after a try
        self.end(state.outcome.exception() or state.outcome.result(), state.upcoming_sleep)

    def end(self, came_of_it: requests.Response | BaseException, wait: float | None = None) -> None:
        """A try ended; `wait` seconds to the next."""
        which: dict[str, Any] = {"try": self._number, "wait": None if wait is None else round(wait, 3)}
        status = came_of_it.status_code if isinstance(came_of_it, requests.Response) else None
        logs.record(
            "request",
            **self._about,
            status=status,
            error=type(came_of_it).__name__ if status is None else None,
            seconds=round(time.monotonic() - self._began, 3),
            **which,
        )


def _passing(state: tenacity.RetryCallState) -> bool:
    assert state.outcome is not None  # noqa: S101 - tenacity asks only after a try
    error = state.outcome.exception()
    if error is not None:
        broken = (
            requests.exceptions.ConnectionError,
            requests.exceptions.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        )
        return isinstance(error, broken) and not untrusted(error)
    answer = state.outcome.result()
    return _passes(answer) or (answer.ok and (_is_web_page(answer) or _is_cut(answer)))


def _passes(answer: requests.Response) -> bool:
    """Whether a refusal is of a kind that passes by itself: 408, 429, and 5xx but for a network's own sign-in (511)."""
    if answer.status_code == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:
        return False
    passing = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
    return answer.status_code in passing or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR


def _surely_not_applied(state: tenacity.RetryCallState) -> bool:
    assert state.outcome is not None  # noqa: S101 - tenacity asks only after a try
    error = state.outcome.exception()
    if error is not None:
        return unsent(error) and not untrusted(error)
    return state.outcome.result().status_code in _NOT_APPLIED


def _last(state: tenacity.RetryCallState) -> requests.Response:
    assert state.outcome is not None  # noqa: S101 - tenacity calls back only after a try
    answer: requests.Response = state.outcome.result()
    return answer


def _reason(error: BaseException | None) -> object:
    """What urllib3 says of a failure that requests raised."""
    cause = error.args[0] if error is not None and error.args else None
    reason = getattr(cause, "reason", cause)
    return reason.original_error if isinstance(reason, urllib3.exceptions.ProxyError) else reason


def _receive(answer: requests.Response, until: float) -> None:
    """Reads the body to its end. Raises ReadTimeout where that has not come by `until` (monotonic), however many bytes
    may have come, and else what `Response.content` does."""
    raw, body = answer.raw, io.BytesIO()
    if not isinstance(raw, urllib3.HTTPResponse):
        return
    try:
        while piece := raw.read1(_PIECE, decode_content=True):
            body.write(piece)
            if time.monotonic() > until:
                raw.close()
                raise requests.exceptions.ReadTimeout("the answer did not end in time", request=answer.request)
    except urllib3.exceptions.ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error, request=answer.request) from error
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error, request=answer.request) from error
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.exceptions.ConnectionError(error, request=answer.request) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error, request=answer.request) from error
    body.seek(0)
    answer.raw = body


def _is_web_page(answer: requests.Response) -> bool:
    return "html" in answer.headers.get("Content-Type", "").lower()


def _is_cut(answer: requests.Response) -> bool:
    """Whether JSON does not end as JSON does: cut off by somebody who counted what he left, or nothing at all."""
    typed = "json" in answer.headers.get("Content-Type", "").lower()
    return typed and not answer.content[-64:].rstrip().endswith((b"}", b"]"))


def _no_web_page(answer: requests.Response, *_: Any, **__: Any) -> None:
    if _is_web_page(answer) and answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ForeignAnswerError(answer)


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
