"""How a request travels: time limits, retries, and where gspread's Google addresses lead to.

gspread speaks to https://sheets.googleapis.com whatever the workbook is. What differs is the adapter under that
address: Google itself, a server on this machine, or the workbook file in this process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests
import tenacity
from requests.adapters import BaseAdapter, HTTPAdapter

API = "https://sheets.googleapis.com/"
CONNECT_SECONDS = 10.0
READ_SECONDS = 180.0  # Google ends a request after 180 s
DEADLINE_SECONDS = 240.0
LONGEST_WAIT = 32.0

_PASSING = {408, 429, 500, 502, 503, 504}
_NOT_APPLIED = {429}


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


class Redirected(HTTPAdapter):
    """Sends what is meant for Google's Sheets API to a server on this machine."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base.rstrip("/") + "/"

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Sends one request to the same path under the local base."""
        request.url = self._base + (request.url or "").removeprefix(API)
        kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)


class Patient(BaseAdapter):
    """Tries again what may be tried again: truncated exponential waits with full jitter, Retry-After, one deadline.

    A read is sent again after 408, 429, 5xx, a broken connection or a timeout. A write is sent again only where it
    surely was not applied: after 429 and where no connection was made.
    """

    def __init__(self, onward: BaseAdapter, *, deadline: float = DEADLINE_SECONDS, pause: float = 1.0) -> None:
        super().__init__()
        self._onward = onward
        self._deadline = deadline
        self._pause = pause

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Sends one request, up to the deadline; returns the last answer or raises the last failure."""
        timeout = timeout or (CONNECT_SECONDS, READ_SECONDS)

        def once() -> requests.Response:
            return self._onward.send(request, stream, timeout, verify, cert, proxies)

        return self._retrying(writes=request.method != "GET")(once)

    def close(self) -> None:
        """Closes what is under it."""
        self._onward.close()

    def _retrying(self, *, writes: bool) -> Callable[[Callable[[], requests.Response]], requests.Response]:
        statuses = _NOT_APPLIED if writes else _PASSING
        failures = (
            (requests.exceptions.ConnectTimeout,)
            if writes
            else (requests.exceptions.ConnectionError, requests.exceptions.Timeout)
        )
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(failures)
            | tenacity.retry_if_result(lambda answer: answer.status_code in statuses),
            wait=_RetryAfter(self._pause),
            stop=tenacity.stop_before_delay(self._deadline),
            retry_error_callback=_last,
        )


class _RetryAfter(tenacity.wait.wait_base):
    """The server's Retry-After where it names one, else exponential with full jitter."""

    def __init__(self, pause: float) -> None:
        self._jitter = tenacity.wait_random_exponential(multiplier=pause, max=LONGEST_WAIT)

    def __call__(self, retry_state: tenacity.RetryCallState) -> float:
        """Seconds to wait before the next try."""
        outcome = retry_state.outcome
        if outcome is not None and not outcome.failed:
            asked = outcome.result().headers.get("Retry-After", "")
            if asked.isdigit():
                return float(asked)
        return self._jitter(retry_state)


def _last(state: tenacity.RetryCallState) -> requests.Response:
    assert state.outcome is not None  # noqa: S101 - tenacity calls back only after a try
    answer: requests.Response = state.outcome.result()
    return answer
