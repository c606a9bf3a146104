"""Drive v3 over the local workbook; test_recordings has what Google answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sheetsync.local.app import Answer, Workbooks
from sheetsync.local.conversion import EXPORTED
from sheetsync.local.drive import Drive
from sheetsync.local.driveparts import FOLDER, SPREADSHEET
from sheetsync.local.sharing import OWNER, Permission, Sharing

ANNA, BORIS = "anna@example.com", "boris@example.com"
FILES = "/drive/v3/files"


class Desk:
    """One account's view of the files."""

    def __init__(self, drive: Drive, account: str | None) -> None:
        self.drive, self.account = drive, account

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        return self.drive.handle(method, FILES + path, list(query.items()), sent, self.account)

    def get(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer = self.ask(method, path, body, **query)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def refused(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, str, str]:
        answer = self.ask(method, path, body, **query)
        error = json.loads(answer.body)["error"]
        assert error["code"] == answer.status
        assert error["message"] == error["errors"][0]["message"]
        return answer.status, error["errors"][0]["reason"], error["message"]

    def create(self, name: str = "Sales") -> str:
        return str(self.get("POST", "", {"name": name, "mimeType": SPREADSHEET})["id"])


@pytest.fixture
def workbooks(tmp_path: Path) -> Iterator[Workbooks]:
    opened = Workbooks.open(tmp_path / "department.sheet")
    yield opened
    opened.close()


@pytest.fixture
def drive(workbooks: Workbooks) -> Drive:
    return Drive(workbooks, Sharing(workbooks))


@pytest.fixture
def anna(drive: Drive) -> Desk:
    return Desk(drive, ANNA)


@pytest.fixture
def boris(drive: Drive) -> Desk:
    return Desk(drive, BORIS)


@pytest.fixture
def owner(drive: Drive) -> Desk:
    return Desk(drive, None)


def _fill(workbooks: Workbooks, key: str, rows: list[list[Any]]) -> None:
    body = json.dumps({"values": rows}).encode()
    answer = workbooks.handle("PUT", f"/v4/spreadsheets/{key}/values/A1", [("valueInputOption", "RAW")], body, None)
    assert answer.status == 200, answer.body


class TestFiles:
    def test_create_answers_as_google(self, anna: Desk) -> None:
        answer = anna.ask("POST", "", {"name": "Sales", "mimeType": SPREADSHEET}, supportsAllDrives="True")
        assert answer.headers[0] == ("Content-Type", "application/json; charset=UTF-8")
        made = json.loads(answer.body)
        assert made == {"kind": "drive#file", "id": made["id"], "name": "Sales", "mimeType": SPREADSHEET}

    def test_without_a_name_it_is_untitled(self, anna: Desk) -> None:
        assert anna.get("POST", "", {"mimeType": SPREADSHEET})["name"] == "Untitled"

    @pytest.mark.parametrize("mime_type", [None, "application/vnd.google-apps.document"])
    def test_only_spreadsheets_are_held(self, anna: Desk, mime_type: str | None) -> None:
        words = f"The local workbook holds spreadsheets only: mimeType must be {SPREADSHEET}."
        assert anna.refused("POST", "", {"name": "x", "mimeType": mime_type}) == (400, "invalid", words)

    @pytest.mark.parametrize("name", [7, ["x"], {}, True])
    def test_a_name_is_a_text(self, anna: Desk, name: Any) -> None:
        assert anna.refused("POST", "", {"name": name, "mimeType": SPREADSHEET})[:2] == (400, "invalid")

    @pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000])
    def test_a_body_is_an_object(self, drive: Drive, body: bytes) -> None:
        answer = drive.handle("POST", FILES, [], body, ANNA)
        assert (answer.status, json.loads(answer.body)["error"]["message"]) == (400, "Parse Error")

    def test_get_selects_fields(self, anna: Desk) -> None:
        key = anna.create()
        assert anna.get("GET", f"/{key}") == {"kind": "drive#file", "id": key, "name": "Sales", "mimeType": SPREADSHEET}
        times = anna.get("GET", f"/{key}", fields="createdTime,modifiedTime")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", times["createdTime"])
        assert times["modifiedTime"] >= times["createdTime"]
        owners = anna.get("GET", f"/{key}", fields="owners(emailAddress,me),ownedByMe")
        assert owners == {"owners": [{"emailAddress": ANNA, "me": True}], "ownedByMe": True}

    def test_all_that_is_known_of_a_file(self, anna: Desk) -> None:
        key = anna.create()
        before = anna.get("GET", f"/{key}", fields="version")["version"]
        anna.get("PATCH", f"/{key}", {"name": "Plan"})
        known = anna.get("GET", f"/{key}", fields="*")
        assert (int(known["version"]) - int(before), known["lastModifyingUser"]["emailAddress"]) == (1, ANNA)
        assert known["exportLinks"]["text/csv"].endswith(f"export?id={key}&exportFormat=csv")

    def test_an_unknown_field_is_refused(self, anna: Desk) -> None:
        refusal = anna.refused("GET", f"/{anna.create()}", fields="id,colour")
        assert refusal == (400, "invalidParameter", "Invalid field selection colour")

    def test_what_is_not_there_is_404(self, anna: Desk, boris: Desk) -> None:
        assert anna.refused("GET", "/nothing") == (404, "notFound", "File not found: nothing.")
        key = anna.create()
        assert boris.refused("GET", f"/{key}") == (404, "notFound", f"File not found: {key}.")

    def test_download_is_refused(self, anna: Desk) -> None:
        assert anna.refused("GET", f"/{anna.create()}", alt="media")[:2] == (403, "fileNotDownloadable")

    def test_update_renames_and_keeps_what_is_said(self, anna: Desk, workbooks: Workbooks) -> None:
        key = anna.create()
        body = {"name": "Sales 2026", "description": "weekly", "starred": True, "unknown": 1}
        changed = anna.get(
            "PATCH",
            f"/{key}",
            body,
            addParents="a,b",
            removeParents="root,b",
            fields="name,description,starred,parents",
        )
        assert changed == {"name": "Sales 2026", "description": "weekly", "starred": True, "parents": ["a"]}
        assert workbooks.properties(key)["title"] == "Sales 2026"

    def test_copy_is_the_copier_s(self, anna: Desk, boris: Desk, workbooks: Workbooks) -> None:
        key = anna.create()
        _fill(workbooks, key, [["a1", "B2"]])
        anna.get("POST", f"/{key}/permissions", {"type": "user", "role": "reader", "emailAddress": BORIS})
        copied = boris.get("POST", f"/{key}/copy", {"name": None, "mimeType": SPREADSHEET})
        assert copied["name"] == "Copy of Sales"
        assert boris.get("GET", f"/{copied['id']}", fields="ownedByMe")["ownedByMe"]
        assert boris.ask("GET", f"/{copied['id']}/export", mimeType="text/csv").body == b"a1,B2"
        assert anna.refused("GET", f"/{copied['id']}")[0] == 404

    def test_delete_is_the_owner_s(self, anna: Desk, boris: Desk, workbooks: Workbooks) -> None:
        key = anna.create()
        anna.get("POST", f"/{key}/permissions", {"type": "user", "role": "writer", "emailAddress": BORIS})
        words = f"The user does not have sufficient permissions for file {key}."
        assert boris.refused("DELETE", f"/{key}") == (403, "insufficientFilePermissions", words)
        assert boris.refused("PATCH", f"/{key}", {"trashed": True})[0] == 403
        answer = anna.ask("DELETE", f"/{key}")
        assert (answer.status, answer.headers, answer.body) == (204, [("Content-Type", "text/html")], b"")
        assert workbooks.keys() == []
        with workbooks.store.reading() as db:
            assert db.execute("SELECT count(*) FROM permission").fetchone() == (0,)

    @pytest.mark.parametrize(
        ("method", "path", "words"),
        [
            ("GET", "/generateIds", "drive.files.generateIds is not supported by the local workbook."),
            ("POST", "/x/watch", "drive.files.watch is not supported by the local workbook."),
        ],
    )
    def test_other_methods_say_so(self, anna: Desk, method: str, path: str, words: str) -> None:
        assert anna.refused(method, path) == (400, "invalid", words)

    def test_other_paths_are_404(self, anna: Desk) -> None:
        assert anna.refused("PUT", "/x/y/z") == (404, "notFound", "Not Found")


class TestList:
    def test_shows_one_s_own_and_what_is_shared_with_one(self, anna: Desk, boris: Desk, owner: Desk) -> None:
        mine, shared, linked = anna.create("mine"), boris.create("shared"), boris.create("linked")
        boris.create("not shared")
        boris.get("POST", f"/{shared}/permissions", {"type": "domain", "role": "reader", "domain": "Example.com"})
        boris.get("POST", f"/{linked}/permissions", {"type": "anyone", "role": "reader"})
        assert {file["id"] for file in anna.get("GET", "")["files"]} == {mine, shared}
        assert anna.get("GET", f"/{linked}")["name"] == "linked"
        assert len(owner.get("GET", "")["files"]) == 4

    def test_searches(self, anna: Desk) -> None:
        wanted = anna.create("Sales 'north'")
        anna.create("Sales")
        query = f'mimeType="{SPREADSHEET}" and name = "Sales \'north\'"'
        found = anna.get("GET", "", q=query, fields="kind,nextPageToken,files(id,name)")
        assert found == {"kind": "drive#fileList", "files": [{"id": wanted, "name": "Sales 'north'"}]}
        assert anna.refused("GET", "", q="name like 'x'") == (400, "invalid", "Invalid Value")

    def test_pages(self, anna: Desk) -> None:
        names = [f"Sales {number}" for number in range(5)]
        for name in names:
            anna.create(name)
        seen, token = [], ""
        while True:
            page = anna.get("GET", "", pageSize="2", pageToken=token, orderBy="name")
            seen.append([file["name"] for file in page["files"]])
            token = page.get("nextPageToken", "")
            if not token:
                break
        assert seen == [names[:2], names[2:4], names[4:]]

    @pytest.mark.parametrize(
        "query",
        [
            {"pageSize": "0"},
            {"pageSize": "x"},
            {"pageSize": "1001"},
            {"pageToken": "!"},
            {"pageToken": "é"},
            {"orderBy": "size"},
        ],
    )
    def test_wrong_parameters_are_refused(self, anna: Desk, query: dict[str, str]) -> None:
        assert anna.refused("GET", "", **query)[:2] == (400, "invalid")

    def test_orders(self, anna: Desk) -> None:
        for name in ("b", "a", "C"):
            anna.create(name)
        assert [file["name"] for file in anna.get("GET", "", orderBy="name desc,createdTime")["files"]] == [
            "C",
            "b",
            "a",
        ]


class TestExport:
    def test_csv(self, anna: Desk, workbooks: Workbooks) -> None:
        key = anna.create()
        _fill(workbooks, key, [["a", "", 'say "hi"'], [], ["x,y", "line\nbreak"], [1.5]])
        answer = anna.ask("GET", f"/{key}/export", mimeType="text/csv")
        assert answer.headers == [("Content-Type", "text/csv")]
        assert answer.body == b'a,,"say ""hi"""\r\n,,\r\n"x,y","line\nbreak",\r\n1.5,,'

    def test_tsv(self, anna: Desk, workbooks: Workbooks) -> None:
        key = anna.create()
        _fill(workbooks, key, [["a\tb", "c\r\nd"], ["e"]])
        assert anna.ask("GET", f"/{key}/export", mimeType="text/tab-separated-values").body == b"a b\tc d\r\ne\t"

    def test_an_empty_tab_is_empty(self, anna: Desk) -> None:
        assert anna.ask("GET", f"/{anna.create()}/export", mimeType="text/csv").body == b""

    def test_a_tab_s_name_is_quoted(self, anna: Desk, workbooks: Workbooks) -> None:
        key = workbooks.create({"sheets": [{"properties": {"title": "Anna's"}}, {"properties": {"title": "B"}}]})
        _fill(workbooks, key, [["first"]])
        assert Desk(anna.drive, None).ask("GET", f"/{key}/export", mimeType="text/csv").body == b"first"

    def test_other_kinds_are_refused(self, anna: Desk) -> None:
        words = f"The local workbook exports {', '.join(EXPORTED)}, not application/pdf."
        key = anna.create()
        assert anna.refused("GET", f"/{key}/export", mimeType="application/pdf") == (400, "badRequest", words)
        assert anna.refused("GET", f"/{key}/export")[:2] == (400, "required")


class TestUploads:
    """Clients that speak HTTP are in test_conversion; here is what they do not send."""

    def _send(self, desk: Desk, path: str, body: bytes = b"", *, method: str = "PATCH", **more: Any) -> Answer:
        headers = more.pop("headers", {"content-type": "text/csv"})
        query = list(more.items())
        return desk.drive.handle(method, f"/upload{FILES}{path}", query, body, desk.account, headers)

    def test_only_for_who_may_write(self, anna: Desk, boris: Desk) -> None:
        key = anna.create()
        anna.get("POST", f"/{key}/permissions", {"type": "user", "role": "reader", "emailAddress": BORIS})
        assert self._send(boris, f"/{key}", b"a", uploadType="media").status == 403
        assert self._send(anna, f"/{key}", b"a", uploadType="media").status == 200
        assert anna.ask("GET", f"/{key}/export", mimeType="text/csv").body == b"a"

    @pytest.mark.parametrize(
        ("query", "headers", "words"),
        [
            ({}, {}, "The uploadType parameter must be media, multipart or resumable."),
            ({"uploadType": "multipart"}, {"content-type": "text/csv"}, "Malformed multipart body."),
            (
                {"uploadType": "multipart"},
                {"content-type": "multipart/related; boundary=x"},
                "Malformed multipart body.",
            ),
        ],
    )
    def test_no_uploads(self, anna: Desk, query: dict[str, str], headers: dict[str, str], words: str) -> None:
        answer = self._send(anna, f"/{anna.create()}", b"a", headers=headers, **query)
        assert (answer.status, json.loads(answer.body)["error"]["message"]) == (400, words)

    def test_in_pieces(self, anna: Desk, boris: Desk) -> None:
        key = anna.create()
        headers = {"x-upload-content-type": "text/csv", "host": "localhost:80"}
        begun = self._send(anna, f"/{key}", b"{}", uploadType="resumable", headers=headers)
        place = dict(begun.headers)["Location"]
        assert place.startswith(f"http://localhost:80/upload{FILES}/{key}?uploadType=resumable&upload_id=")
        more = {"method": "PUT", "upload_id": place.rpartition("=")[2]}

        def put(desk: Desk, body: bytes, span: str) -> Answer:
            return self._send(desk, f"/{key}", body, headers={"content-range": span}, **more)

        assert put(boris, b"a,b", "bytes 0-2/5").status == 404
        assert (put(anna, b"", "bytes */5").status, put(anna, b"", "bytes 3-5/*").status) == (308, 400)
        answer = put(anna, b"a,b", "bytes 0-2/5")
        assert (answer.status, answer.headers) == (308, [("Range", "bytes=0-2")])
        assert put(anna, b"\nc", "bytes 3-4/5").status == 200
        assert anna.ask("GET", f"/{key}/export", mimeType="text/csv").body == b"a,b\r\nc,"
        assert put(anna, b"", "bytes */5").status == 404


class TestFoldersAndTrash:
    def test_a_folder_holds_files(self, anna: Desk, workbooks: Workbooks) -> None:
        folder = anna.get("POST", "", {"name": "2026", "mimeType": FOLDER})["id"]
        key = anna.get("POST", "", {"name": "Plan", "mimeType": SPREADSHEET, "parents": [folder]})["id"]
        assert anna.get("GET", "", q=f"'{folder}' in parents")["files"][0]["id"] == key
        assert [file["id"] for file in anna.get("GET", "", q=f"mimeType = '{FOLDER}'")["files"]] == [folder]
        assert anna.get("PATCH", f"/{folder}", {"name": "2027"})["name"] == "2027"
        assert anna.get("GET", f"/{folder}", fields="name,mimeType,ownedByMe") == {
            "name": "2027",
            "mimeType": FOLDER,
            "ownedByMe": True,
        }
        assert anna.refused("GET", f"/{folder}/export", mimeType="text/csv")[0] == 403
        assert anna.refused("POST", f"/{folder}/copy")[0] == 403
        assert anna.ask("DELETE", f"/{folder}").status == 204
        assert (anna.refused("GET", f"/{folder}")[0], workbooks.keys()) == (404, [key])

    def test_the_trash_is_emptied_of_one_s_own(self, anna: Desk, boris: Desk) -> None:
        mine, kept, other = anna.create("a"), anna.create("b"), boris.create("c")
        anna.get("PATCH", f"/{mine}", {"trashed": True})
        boris.get("PATCH", f"/{other}", {"trashed": True})
        assert anna.ask("DELETE", "/trash").status == 204
        assert [file["id"] for file in anna.get("GET", "")["files"]] == [kept]
        assert boris.get("GET", "", q="trashed = true and 'me' in owners")["files"][0]["id"] == other

    def test_about_tells_who_asks(self, anna: Desk) -> None:
        query = [("fields", "user(emailAddress,me)")]
        answer = anna.drive.handle("GET", "/drive/v3/about", query, b"", ANNA)
        assert json.loads(answer.body) == {"user": {"emailAddress": ANNA, "me": True}}
        assert anna.drive.handle("GET", "/drive/v3/about", [], b"", ANNA).status == 400


class TestPermissions:
    def test_a_file_has_its_owner(self, anna: Desk) -> None:
        (shown,) = anna.get("GET", f"/{anna.create()}/permissions", fields="nextPageToken,permissions")["permissions"]
        assert shown == {
            "kind": "drive#permission",
            "id": shown["id"],
            "type": "user",
            "role": "owner",
            "emailAddress": ANNA,
            "displayName": "anna",
            "deleted": False,
            "pendingOwner": False,
        }

    def test_the_machine_s_own_file_has_one_too(self, owner: Desk) -> None:
        (shown,) = owner.get("GET", f"/{owner.create()}/permissions", fields="permissions")["permissions"]
        assert (shown["role"], shown["emailAddress"]) == ("owner", OWNER)

    def test_sharing_is_as_gspread_asks_for_it(self, anna: Desk, boris: Desk) -> None:
        key = anna.create()
        body = {"type": "user", "role": "writer", "withLink": False, "emailAddress": "Boris@Example.com"}
        given = anna.get("POST", f"/{key}/permissions", body, sendNotificationEmail="False")
        assert given == {"kind": "drive#permission", "id": given["id"], "type": "user", "role": "writer"}
        assert re.fullmatch(r"\d{20}", given["id"])
        assert boris.get("PATCH", f"/{key}", {"name": "Renamed"})["name"] == "Renamed"
        assert boris.get("GET", f"/{key}/permissions/{given['id']}") == given

    def test_a_reader_only_reads(self, anna: Desk, boris: Desk) -> None:
        key = anna.create()
        anna.get("POST", f"/{key}/permissions", {"type": "anyone", "role": "reader"})
        assert boris.get("GET", f"/{key}")["id"] == key
        for method, path, body in (
            ("PATCH", f"/{key}", {"name": "x"}),
            ("POST", f"/{key}/permissions", {"type": "anyone", "role": "writer"}),
            ("GET", f"/{key}/permissions", None),
        ):
            assert boris.refused(method, path, body)[:2] == (403, "insufficientFilePermissions")

    def test_a_role_is_changed_and_taken_away(self, anna: Desk, boris: Desk) -> None:
        key = anna.create()
        given = anna.get("POST", f"/{key}/permissions", {"type": "user", "role": "reader", "emailAddress": BORIS})
        place = f"/{key}/permissions/{given['id']}"
        assert anna.get("PATCH", place, {"role": "writer"})["role"] == "writer"
        assert boris.get("PATCH", f"/{key}", {})["id"] == key
        assert anna.ask("DELETE", place).status == 204
        assert boris.refused("GET", f"/{key}")[0] == 404
        assert anna.refused("DELETE", place) == (404, "notFound", f"Permission not found: {given['id']}.")

    def test_anyone_may_leave(self, anna: Desk, boris: Desk) -> None:
        key = anna.create()
        given = anna.get("POST", f"/{key}/permissions", {"type": "user", "role": "reader", "emailAddress": BORIS})
        assert boris.ask("DELETE", f"/{key}/permissions/{given['id']}").status == 204
        assert boris.refused("GET", f"/{key}")[0] == 404

    def test_an_owner_stays_until_there_is_another(self, anna: Desk, boris: Desk) -> None:
        key = anna.create()
        mine = anna.get("GET", f"/{key}/permissions")["permissions"][0]["id"]
        assert anna.refused("DELETE", f"/{key}/permissions/{mine}") == (
            403,
            "forbidden",
            "The owner of a file cannot be removed.",
        )
        assert anna.refused("PATCH", f"/{key}/permissions/{mine}", {"role": "reader"})[:2] == (403, "forbidden")
        body = {"type": "user", "role": "owner", "emailAddress": BORIS}
        words = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
        assert anna.refused("POST", f"/{key}/permissions", body) == (403, "forbidden", words)
        anna.get("POST", f"/{key}/permissions", body, transferOwnership="true")
        roles = boris.get("GET", f"/{key}/permissions", fields="permissions(role,emailAddress)")["permissions"]
        assert roles == [{"role": "owner", "emailAddress": BORIS}, {"role": "writer", "emailAddress": ANNA}]
        again = {"type": "user", "role": "owner", "emailAddress": ANNA}
        assert anna.refused("POST", f"/{key}/permissions", again, transferOwnership="true")[0] == 403

    @pytest.mark.parametrize(
        ("body", "reason", "words"),
        [
            ({}, "required", "The permission role field is required."),
            ({"role": "reader"}, "required", "The permission type field is required."),
            ({"role": "king"}, "invalid", "The specified role is invalid or not supported by the local workbook."),
            ({"role": ["owner"]}, "invalid", "The specified role is invalid or not supported by the local workbook."),
            ({"role": "reader", "type": "robot"}, "invalid", "The specified type is invalid."),
            (
                {"role": "reader", "type": "user", "emailAddress": "anna"},
                "invalid",
                "The specified emailAddress is invalid or not applicable for the given permission type.",
            ),
            (
                {"role": "reader", "type": "domain", "domain": 7},
                "invalid",
                "The specified domain is invalid or not applicable for the given permission type.",
            ),
        ],
    )
    def test_a_wrong_permission_is_refused(self, anna: Desk, body: Any, reason: str, words: str) -> None:
        assert anna.refused("POST", f"/{anna.create()}/permissions", body) == (400, reason, words)


class TestComments:
    def test_there_are_none(self, anna: Desk) -> None:
        key = anna.create()
        assert anna.get("GET", f"/{key}/comments", fields="comments/content,nextPageToken") == {"comments": []}
        words = "The 'fields' parameter is required for this method."
        assert anna.refused("GET", f"/{key}/comments") == (400, "required", words)


class TestSharing:
    def test_the_strongest_role_counts(self, workbooks: Workbooks) -> None:
        sharing, key = Sharing(workbooks), workbooks.create({})
        assert sharing.role(key, ANNA) is None
        sharing.share(key, Permission("anyone", "writer"))
        sharing.share(key, Permission("domain", "commenter", "example.com"))
        sharing.share(key, Permission("user", "reader", ANNA))
        assert sharing.role(key, "Anna@EXAMPLE.com") == "writer"
        assert sharing.allows(key, ANNA, "writer")
        assert not sharing.allows(key, ANNA, "owner")
        assert sharing.role(key, None) == "owner"

    def test_a_domain_is_not_the_end_of_another(self, workbooks: Workbooks) -> None:
        sharing, key = Sharing(workbooks), workbooks.create({})
        sharing.share(key, Permission("domain", "reader", "example.com"))
        assert sharing.role(key, "eve@evil-example.com") is None
        assert sharing.role(key, "eve@sub.example.com") is None
