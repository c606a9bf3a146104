"""What Google answered, replayed: the local workbook gives the same status and the same body, of Sheets and of Drive.

Ids differ from Google's and are mapped as they come up; moments are not compared.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth import crypt, jwt

from sheetsync.local.access import JWT_BEARER
from sheetsync.local.app import Workbooks
from sheetsync.local.sharing import Permission
from sheetsync.local.web import Asked, Site

RECORDINGS = Path(__file__).parents[3] / "shared" / "google-recordings" / "recordings.jsonl"
RECORDED_ACCOUNT = "telegram-budgeter@telegram-budgeter.iam.gserviceaccount.com"
PRIVATE = "ClientTest.test_access_private_spreadsheet"
SHEETS, DRIVE = "sheets.googleapis.com", "www.googleapis.com"
ALIKE = {SHEETS: 795, DRIVE: 399}
KNOWN_DIFFERENT = {"ClientTest.test_import_csv": "Drive v2 tells of pictures, and of which file, that are not here"}
"""Cases with an exchange whose answers differ, and why; each is counted in docs/local-workbook.md."""
MADE_UP = ("etag", "permissionId", "displayName", "lastModifyingUserName", "version", "ownerNames")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")

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
    """Sends cases to a site, as the account that its credentials are for."""

    def __init__(self, folder: Path) -> None:
        self.workbooks = Workbooks.open(folder / "recorded.sheet")
        self.site = Site(self.workbooks)
        self.account = self.site.accounts.write_service_account(folder / "key.json", "http://localhost")
        key = json.loads((folder / "key.json").read_text())
        now = int(time.time())
        scopes = "https://www.googleapis.com/auth/spreadsheets https://www.googleapis.com/auth/drive"
        claims = {"iss": self.account, "aud": key["token_uri"], "scope": scopes, "iat": now, "exp": now + 3600}
        assertion = jwt.encode(crypt.RSASigner.from_service_account_info(key), claims).decode()
        self.token = self.site.accounts.grant({"grant_type": JWT_BEARER, "assertion": assertion})["access_token"]
        self.ids: dict[str, str] = {}
        self.elsewhere: set[str] = set()

    def outcomes(self, case: list[Exchange]) -> Iterator[tuple[Exchange, int, Any]]:
        """(exchange, status, body) of every exchange of a case, in a workbook without other files."""
        keys = self.workbooks.keys()
        for left in keys:
            self.workbooks.delete(left)
        self.ids, self.elsewhere = {}, set()
        for exchange in case:
            self.prepare(exchange)
            status, body = self.send(exchange)
            self.learn(exchange["response"], body)
            yield exchange, status, body

    def prepare(self, exchange: Exchange) -> None:
        """Bring about what was there before the case: the files that Google lists, and somebody's private one."""
        if exchange["host"] == DRIVE and exchange["path"].endswith("/files") and exchange["method"] == "GET":
            names = {file["id"]: file["name"] for file in exchange["response"]["files"]}
            for listed in names.keys() - self.ids.keys():
                self.ids[listed] = self.workbooks.create({"properties": {"title": names[listed]}})
                self.site.sharing.share(self.ids[listed], Permission("user", "owner", self.account))
                self.elsewhere.add(self.ids[listed])
        elif exchange["status"] == 403:
            self.ids[exchange["path"].rpartition("/")[2]] = self.workbooks.create({})

    def send(self, exchange: Exchange) -> tuple[int, Any]:
        """The local answer; the body still has the local ids."""
        query = [(name, value) for name, values in exchange["query"].items() for value in values]
        request = exchange["request"]
        sent = "" if request is None else request if isinstance(request, str) else json.dumps(request)
        headers = {"host": "localhost", "authorization": f"Bearer {self.token}"}
        headers["content-type"] = "text/csv" if isinstance(request, str) else "application/json"
        path = self.mapped(exchange["path"])
        answer = self.site.answer(Asked(exchange["method"], path, query, headers, self.mapped(sent).encode()))
        assert dict(answer.headers)["Content-Type"] == exchange["content_type"]
        text = answer.body.decode()
        body = json.loads(text) if text.startswith("{") else text
        if "files" in body and isinstance(body, dict):  # in which order Google lists them is not documented
            order = [self.ids[file["id"]] for file in exchange["response"]["files"]]
            gone = self.elsewhere - set(order)  # a case has two sessions, and between them files went
            found = [file for file in body["files"] if file["id"] not in gone]
            body["files"] = sorted(found, key=lambda file: order.index(file["id"]))
        return answer.status, body

    def mapped(self, text: str) -> str:
        """A text with Google's ids replaced by the local ones."""
        for google, local in self.ids.items():
            text = re.sub(rf"(?<![\w-]){re.escape(google)}(?![\w-])", local, text)
        return text.replace(RECORDED_ACCOUNT, self.account)

    def learn(self, expected: Any, found: Any) -> None:
        """Ids that both answers give at the same place are the same thing."""
        if isinstance(expected, dict) and isinstance(found, dict):
            for name in expected.keys() & found.keys():
                known = ("id", "sheetId", "namedRangeId", "protectedRangeId")
                if name in known and expected[name] not in (0, "me", found[name]):
                    self.ids[str(expected[name])] = str(found[name])
                self.learn(expected[name], found[name])
        elif isinstance(expected, list) and isinstance(found, list):
            for one, other in zip(expected, found, strict=False):
                self.learn(one, other)

    def is_alike(self, exchange: Exchange, status: int, body: Any) -> bool:
        """Whether the local answer is Google's, but for ids, moments and what names an account."""
        expected = json.loads(self.mapped(json.dumps(exchange["response"])))
        return bool(status == exchange["status"] and _comparable(expected) == _comparable(body))


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, dict):
        return {name: "made up" if name in MADE_UP else _comparable(item) for name, item in value.items()}
    return _MOMENT.sub("a moment", value) if isinstance(value, str) else value


def test_the_local_answers_are_googles(tmp_path: Path) -> None:
    """Every recorded exchange; where one differs the case says why, and their number can't grow."""
    alike: Counter[str] = Counter()
    different: list[tuple[Any, ...]] = []
    replay = Replay(tmp_path)
    for name, case in exchanges().items():
        for exchange, status, body in replay.outcomes(case):
            if replay.is_alike(exchange, status, body):
                alike[exchange["host"]] += 1
            else:
                place = name, exchange["step"], exchange["method"], exchange["path"]
                different.append((*place, status, exchange["response"], body))
    replay.workbooks.close()
    unexplained = [found for found in different if found[0] not in KNOWN_DIFFERENT]
    for found in unexplained:
        print(*(str(part)[:600] for part in found), sep="\n  ")  # noqa: T201 - pytest shows it where the test fails
    assert unexplained == []
    assert alike == ALIKE
