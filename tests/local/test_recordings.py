"""What Google answered, replayed: the local workbook gives the same status and the same body.

Ids differ from Google's and are mapped as they come up; so are moments. Drive's part of the recordings makes and
removes the spreadsheets here through `Workbooks`.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sheetsync.local.app import Workbooks

RECORDINGS = Path(__file__).parents[3] / "shared" / "google-recordings" / "recordings.jsonl"
ACCOUNT = "telegram-budgeter@telegram-budgeter.iam.gserviceaccount.com"
EQUAL_AT_LEAST = 788
PRIVATE = "ClientTest.test_access_private_spreadsheet"
KNOWN_DIFFERENT = {
    PRIVATE: "who may open a spreadsheet is decided before Workbooks is asked",
    "ClientTest.test_import_csv": "the upload is Drive's",
    "ClientTest.test_openall": "opens spreadsheets that other cases made",
}

Exchange = dict[str, Any]
pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason=f"no recordings at {RECORDINGS}")


def exchanges() -> dict[str, list[Exchange]]:
    """The recorded exchanges by case, in order."""
    cases: dict[str, list[Exchange]] = defaultdict(list)
    for line in RECORDINGS.read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        cases[exchange["case"]].append(exchange)
    return cases


class Replay:
    """Sends one case's exchanges; `ids` maps Google's ids to the local ones."""

    def __init__(self, workbooks: Workbooks) -> None:
        self.workbooks = workbooks
        self.ids: dict[str, str] = {}

    def outcomes(self, case: list[Exchange]) -> Iterator[tuple[Exchange, int, Any]]:
        """(exchange, status, body) of every exchange with the Sheets API."""
        for exchange in case:
            if exchange["host"] == "www.googleapis.com":
                self.drive(exchange)
                continue
            status, body = self.send(exchange)
            self.learn(exchange["response"], body)
            yield exchange, status, body

    def drive(self, exchange: Exchange) -> None:
        """Make, and at the end forget, the spreadsheets that Drive made; those that it lists were made before."""
        answered = exchange["response"]
        if exchange["method"] == "GET" and exchange["path"].endswith("/files"):
            for listed in answered["files"]:
                if listed["id"] not in self.ids:
                    self.ids[listed["id"]] = self.workbooks.create({"properties": {"title": listed["name"]}})
        elif exchange["method"] == "POST" and exchange["path"].endswith("/files"):
            self.ids[answered["id"]] = self.workbooks.create(
                {"properties": {"title": answered["name"]}}, account=ACCOUNT
            )
        elif exchange["method"] == "POST" and exchange["path"].endswith("/copy"):
            source = self.ids[exchange["path"].split("/")[-2]]
            self.ids[answered["id"]] = self.workbooks.copy(source, answered["name"])
        elif exchange["method"] == "DELETE":
            self.workbooks.delete(self.ids[exchange["path"].rpartition("/")[2]])

    def send(self, exchange: Exchange) -> tuple[int, Any]:
        """The local answer; the body still has the local ids."""
        query = [(name, value) for name, values in exchange["query"].items() for value in values]
        request = exchange["request"]
        sent = b"" if request is None else self.mapped(json.dumps(request)).encode()
        answer = self.workbooks.handle(exchange["method"], self.mapped(exchange["path"]), query, sent, ACCOUNT)
        return answer.status, json.loads(answer.body)

    def mapped(self, text: str) -> str:
        """A text with Google's ids replaced by the local ones."""
        for google, local in self.ids.items():
            text = re.sub(rf"(?<![\w-]){re.escape(google)}(?![\w-])", local, text)
        return text

    def learn(self, expected: Any, found: Any) -> None:
        """Ids that both answers give at the same place are the same thing."""
        if isinstance(expected, dict) and isinstance(found, dict):
            for name in expected.keys() & found.keys():
                if name in ("sheetId", "namedRangeId", "protectedRangeId") and expected[name] not in (0, found[name]):
                    self.ids[str(expected[name])] = str(found[name])
                self.learn(expected[name], found[name])
        elif isinstance(expected, list) and isinstance(found, list):
            for one, other in zip(expected, found, strict=False):
                self.learn(one, other)


def is_equal(replay: Replay, exchange: Exchange, status: int, body: Any) -> bool:
    """Whether the local answer is Google's, but for the ids."""
    expected = json.loads(replay.mapped(json.dumps(exchange["response"])))
    return bool(status == exchange["status"] and expected == body)


def test_the_local_answers_are_googles(tmp_path: Path) -> None:
    """Every recorded exchange with the Sheets API; where one differs the case says why, and their number can't grow."""
    equal, different = 0, []
    workbooks = Workbooks.open(tmp_path / "recorded.sheet")
    for name, case in exchanges().items():
        replay = Replay(workbooks)
        for exchange, status, body in replay.outcomes(case):
            if is_equal(replay, exchange, status, body):
                equal += 1
            else:
                different.append(
                    (name, exchange["step"], exchange["method"], exchange["path"], exchange["response"], body)
                )
    workbooks.close()
    unexplained = [found for found in different if found[0] not in KNOWN_DIFFERENT]
    for found in unexplained:
        print(*(str(part)[:1500] for part in found), sep="\n  ")  # noqa: T201 - pytest shows it where the test fails
    assert unexplained == []
    assert equal >= EQUAL_AT_LEAST
