"""Google Drive v3 over the local workbook: its spreadsheets as files, who may open them, and their export.

    drive = Drive(workbooks, Sharing(workbooks))
    answer = drive.handle("GET", "/drive/v3/files", [("q", "trashed = false")], b"", account=None)

`path` is percent-decoded; `account` is the caller's e-mail address, None for the owner. What Drive keeps about a file
beside what the workbook knows (description, parents, trashed ...) stands in table `drive_file`. `handle` never raises.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sheetsync.local.access import find_method
from sheetsync.local.app import Answer, Workbooks
from sheetsync.local.errors import ApiError
from sheetsync.local.search import search
from sheetsync.local.selection import UnknownFieldError, select, selection
from sheetsync.local.sharing import KINDS, OWNER, ROLES, Permission, Role, Sharing

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
LARGEST_PAGE = 1000

_JSON = "application/json; charset=UTF-8"
_SCHEMA = "CREATE TABLE IF NOT EXISTS drive_file (spreadsheet_id TEXT PRIMARY KEY, kept TEXT NOT NULL) STRICT"
_KEPT = ("description", "parents", "starred", "trashed", "properties", "appProperties", "writersCanShare")
_ORDERS = {"name": "name", "name_natural": "name", "createdTime": "createdTime", "modifiedTime": "modifiedTime"}
_FILE = "kind,id,name,mimeType"
_PERMISSION = "id,type,kind,role"

Query = Mapping[str, str]
Given = Mapping[str, Any]


class DriveError(Exception):
    """A refusal in Drive's shape; `location` names the query parameter that is to blame, if one is."""

    def __init__(self, code: int, reason: str, message: str, location: str = "") -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.location = code, reason, message, location

    def body(self) -> dict[str, Any]:
        """The JSON body, as Drive shapes it."""
        error = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.location:
            error |= {"location": self.location, "locationType": "parameter"}
        return {"error": {"code": self.code, "message": self.message, "errors": [error]}}


class Drive:
    """Drive v3's files, permissions and comments of one workbook file."""

    def __init__(self, workbooks: Workbooks, sharing: Sharing) -> None:
        self._workbooks, self._sharing = workbooks, sharing
        with workbooks.store.writing() as db:
            db.execute(_SCHEMA)
        self._methods: Mapping[str, Callable[[_Call], Answer]] = {
            "drive.files.create": self._create,
            "drive.files.list": self._list,
            "drive.files.get": self._get,
            "drive.files.update": self._update,
            "drive.files.copy": self._copy,
            "drive.files.delete": self._delete,
            "drive.files.export": self._export,
            "drive.permissions.create": self._share,
            "drive.permissions.list": self._permissions,
            "drive.permissions.get": self._permission,
            "drive.permissions.update": self._change_role,
            "drive.permissions.delete": self._unshare,
            "drive.comments.list": self._comments,
        }

    def handle(
        self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes, account: str | None
    ) -> Answer:
        """Answer one request below `/drive/v3/`; a refusal is an Answer with Drive's error body."""
        try:
            known = find_method(method, path)
            if known is None or known.service != "drive":
                raise DriveError(404, "notFound", "Not Found")
            if known.id not in self._methods:
                raise DriveError(400, "invalid", f"{known.id} is not supported by the local workbook.")
            return self._methods[known.id](_Call(path, query, body, account))
        except DriveError as refusal:
            return _json(refusal.body(), refusal.code)
        except ApiError as error:  # the file was deleted meanwhile, or what it was to be called does not fit
            return _json(
                DriveError(error.code, "notFound" if error.code == 404 else "invalid", error.message).body(), error.code
            )

    def _create(self, call: _Call) -> Answer:
        _check_mime_type(call.given)
        key = self._workbooks.create({"properties": {"title": _name(call.given, "Untitled")}}, account=call.account)
        return self._made(call, key)

    def _copy(self, call: _Call) -> Answer:
        source = self._opened(call, "reader")
        _check_mime_type({"mimeType": SPREADSHEET, **call.given})
        title = _name(call.given, f"Copy of {self._workbooks.properties(source)['title']}")
        return self._made(call, self._workbooks.copy(source, title))

    def _made(self, call: _Call, key: str) -> Answer:
        """The answer to a file just made, which is its maker's."""
        if call.account is not None:
            self._sharing.share(key, Permission("user", "owner", call.account.casefold()))
        self._keep(key, call.given)
        return call.json(self._file(key, call.account), "File", _FILE)

    def _list(self, call: _Call) -> Answer:
        try:
            passes = search(call.query.get("q", ""))
        except ValueError:
            raise DriveError(400, "invalid", "Invalid Value", "q") from None
        keys = self._sharing.listed(call.account, self._workbooks.keys())
        found = [file for key in keys if passes(file := self._file(key, call.account))]
        page, following = _page(_ordered(found, call.query.get("orderBy", "")), call.query)
        listed = {"kind": "drive#fileList", **following, "incompleteSearch": False, "files": page}
        return call.json(listed, "FileList", f"kind,nextPageToken,incompleteSearch,files({_FILE})")

    def _get(self, call: _Call) -> Answer:
        key = self._opened(call, "reader")
        if call.query.get("alt") == "media":
            message = "Only files with binary content can be downloaded. Use Export with Docs Editors files."
            raise DriveError(403, "fileNotDownloadable", message, "alt")
        return call.json(self._file(key, call.account), "File", _FILE)

    def _update(self, call: _Call) -> Answer:
        key = self._opened(call, "owner" if "trashed" in call.given else "writer")
        name = call.given.get("name")
        if name is not None:
            self._rename(key, _name(call.given, ""))
        parents = [*self._file(key, None)["parents"], *call.query.get("addParents", "").split(",")]
        removed = set(call.query.get("removeParents", "").split(","))
        parents = [parent for parent in parents if parent and parent not in removed]
        self._keep(key, {**call.given, "parents": parents})
        return call.json(self._file(key, call.account), "File", _FILE)

    def _rename(self, key: str, title: str) -> None:
        change = {"updateSpreadsheetProperties": {"properties": {"title": title}, "fields": "title"}}
        body = json.dumps({"requests": [change]}).encode()
        self._workbooks.handle("POST", f"/v4/spreadsheets/{key}:batchUpdate", [], body, account=None)

    def _delete(self, call: _Call) -> Answer:
        key = self._opened(call, "owner")
        self._workbooks.delete(key)
        self._sharing.forget(key)
        with self._workbooks.store.writing() as db:
            db.execute("DELETE FROM drive_file WHERE spreadsheet_id = ?", (key,))
        return _nothing()

    def _export(self, call: _Call) -> Answer:
        key, wanted = self._opened(call, "reader"), call.query.get("mimeType", "")
        if not wanted:
            raise DriveError(400, "required", "Required parameter: mimeType", "mimeType")
        writers = {"text/csv": _as_csv, "text/tab-separated-values": _as_tsv}
        if wanted not in writers:
            message = f"The local workbook exports text/csv and text/tab-separated-values, not {wanted}."
            raise DriveError(400, "badRequest", message, "mimeType")
        text = writers[wanted](self._first_tab(key))
        return Answer(200, iter([text.encode("utf-8", "replace")]), [("Content-Type", wanted)])

    def _first_tab(self, key: str) -> list[list[str]]:
        """The first tab's values as formatted, all rows equally long."""
        query = [("fields", "sheets.properties(title,sheetType)")]
        answer = self._workbooks.handle("GET", f"/v4/spreadsheets/{key}", query, b"", account=None)
        title = json.loads(answer.body)["sheets"][0]["properties"]["title"].replace("'", "''")
        answer = self._workbooks.handle("GET", f"/v4/spreadsheets/{key}/values/'{title}'", [], b"", account=None)
        rows: list[list[str]] = json.loads(answer.body).get("values", [])
        width = max(map(len, rows), default=0)
        return [[*row, *[""] * (width - len(row))] for row in rows]

    def _share(self, call: _Call) -> Answer:
        key = self._opened(call, "writer")
        permission = _permission_in(call.given)
        self._check_grant(call, key, permission)
        self._sharing.share(key, permission)
        return call.json(permission.resource(), "Permission", _PERMISSION)

    def _check_grant(self, call: _Call, key: str, permission: Permission) -> None:
        """Only an owner makes another, and says so; nobody is made less than the owner that he is."""
        held = next((given for given in self._sharing.permissions(key) if given.id == permission.id), None)
        if held is not None and held.role == "owner" and permission.role != "owner":
            raise DriveError(403, "forbidden", "The owner of a file cannot be given a lesser role.")
        if permission.role != "owner" or (held is not None and held.role == "owner"):
            return
        if call.query.get("transferOwnership", "").lower() != "true":
            message = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
            raise DriveError(403, "forbidden", message, "transferOwnership")
        self._check_role(call, key, "owner")

    def _permissions(self, call: _Call) -> Answer:
        key = self._opened(call, "writer")
        page, following = _page([given.resource() for given in self._sharing.permissions(key)], call.query)
        listed = {"kind": "drive#permissionList", **following, "permissions": page}
        return call.json(listed, "PermissionList", f"kind,nextPageToken,permissions({_PERMISSION})")

    def _permission(self, call: _Call) -> Answer:
        key = self._opened(call, "writer")
        return call.json(self._named_permission(call, key).resource(), "Permission", _PERMISSION)

    def _change_role(self, call: _Call) -> Answer:
        key = self._opened(call, "writer")
        held = self._named_permission(call, key)
        changed = Permission(held.kind, _role(call.given), held.subject)
        self._check_grant(call, key, changed)
        self._sharing.share(key, changed)
        return call.json(changed.resource(), "Permission", _PERMISSION)

    def _unshare(self, call: _Call) -> Answer:
        """A writer takes anybody's permission away but the owner's; anyone gives up the own one."""
        key = self._opened(call, "reader")
        held = self._named_permission(call, key)
        if held.role == "owner":
            raise DriveError(403, "insufficientFilePermissions", _insufficient(key))
        if held.subject != (call.account or "").casefold():
            self._check_role(call, key, "writer")
        self._sharing.unshare(key, held)
        return _nothing()

    def _named_permission(self, call: _Call, key: str) -> Permission:
        name = call.path.split("/")[6]
        for permission in self._sharing.permissions(key):
            if permission.id == name:
                return permission
        raise DriveError(404, "notFound", f"Permission not found: {name}.", "permissionId")

    def _comments(self, call: _Call) -> Answer:
        self._opened(call, "reader")
        if not call.query.get("fields"):
            message = "The 'fields' parameter is required for this method."
            raise DriveError(400, "required", message, "fields")
        return call.json({"kind": "drive#commentList", "comments": []}, "CommentList", "*")

    def _opened(self, call: _Call, role: Role) -> str:
        """The file of the path, which the account may use as `role`; a file that it may not see is not there."""
        key = call.path.split("/")[4]
        keys = self._workbooks.keys()
        if key not in keys or self._sharing.role(key, call.account) is None:
            raise DriveError(404, "notFound", f"File not found: {key}.", "fileId")
        self._check_role(call, key, role)
        return key

    def _check_role(self, call: _Call, key: str, role: Role) -> None:
        if not self._sharing.allows(key, call.account, role):
            raise DriveError(403, "insufficientFilePermissions", _insufficient(key))

    def _keep(self, key: str, given: Given) -> None:
        kept = {name: given[name] for name in _KEPT if given.get(name) is not None}
        if not kept:
            return
        with self._workbooks.store.writing() as db:
            row = db.execute("SELECT kept FROM drive_file WHERE spreadsheet_id = ?", (key,)).fetchone()
            text = json.dumps({**(json.loads(row[0]) if row else {}), **kept})
            db.execute("INSERT OR REPLACE INTO drive_file VALUES (?, ?)", (key, text))

    def _file(self, key: str, account: str | None) -> dict[str, Any]:
        """The file in Drive v3's shape, as the account sees it."""
        known = self._workbooks.properties(key)
        with self._workbooks.store.reading() as db:
            row = db.execute("SELECT kept FROM drive_file WHERE spreadsheet_id = ?", (key,)).fetchone()
        permissions = self._sharing.permissions(key)
        me = (account or OWNER).casefold()
        owner = permissions[0]
        role = self._sharing.role(key, account) or "reader"
        return {
            "kind": "drive#file",
            "id": key,
            "name": known["title"],
            "mimeType": SPREADSHEET,
            "starred": False,
            "trashed": False,
            "explicitlyTrashed": False,
            "parents": ["root"],
            "spaces": ["drive"],
            "webViewLink": f"https://docs.google.com/spreadsheets/d/{key}/edit?usp=drivesdk",
            "createdTime": known["created"],
            "modifiedTime": known["modified"],
            "owners": [_user(owner, me)],
            "ownedByMe": owner.subject == me,
            "sharedWithMe": owner.subject != me,
            "shared": len(permissions) > 1,
            "writersCanShare": True,
            "permissions": [permission.resource() for permission in permissions],
            "permissionIds": [permission.id for permission in permissions],
            "capabilities": _capabilities(role),
            **(json.loads(row[0]) if row else {}),
        }


class _Call:
    """One request: path, query and JSON body (`given`), and who asks."""

    def __init__(self, path: str, query: Sequence[tuple[str, str]], body: bytes, account: str | None) -> None:
        self.path, self.query, self.account = path, dict(query), account
        try:
            given = json.loads(body) if body.strip() else {}
        except (ValueError, RecursionError):
            raise DriveError(400, "parseError", "Parse Error") from None
        if not isinstance(given, dict):
            raise DriveError(400, "parseError", "Parse Error")
        self.given: dict[str, Any] = given

    def json(self, resource: dict[str, Any], schema: str, usual: str) -> Answer:
        """The parts of the resource that `fields` asks for, or the usual ones."""
        try:
            return _json(select(resource, selection(self.query.get("fields") or usual, schema)))
        except UnknownFieldError as unknown:
            message = f"Invalid field selection {unknown}"
            raise DriveError(400, "invalidParameter", message, "fields") from None


def _json(value: dict[str, Any], status: int = 200) -> Answer:
    body = json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
    return Answer(status, iter([body]), [("Content-Type", _JSON)])


def _nothing() -> Answer:
    return Answer(204, iter([]), [("Content-Type", "text/html")])


def _insufficient(key: str) -> str:
    return f"The user does not have sufficient permissions for file {key}."


def _user(permission: Permission, me: str) -> dict[str, Any]:
    return {
        "kind": "drive#user",
        "displayName": permission.subject.split("@")[0],
        "me": permission.subject == me,
        "permissionId": permission.id,
        "emailAddress": permission.subject,
    }


def _capabilities(role: Role) -> dict[str, bool]:
    writes, owns = ROLES.index(role) >= ROLES.index("writer"), role == "owner"
    return {
        "canEdit": writes,
        "canRename": writes,
        "canShare": writes,
        "canComment": role != "reader",
        "canCopy": True,
        "canDownload": True,
        "canDelete": owns,
        "canTrash": owns,
    }


def _check_mime_type(given: Given) -> None:
    if given.get("mimeType") != SPREADSHEET:
        message = f"The local workbook holds spreadsheets only: mimeType must be {SPREADSHEET}."
        raise DriveError(400, "invalid", message)


def _name(given: Given, otherwise: str) -> str:
    name = given.get("name")
    if name is not None and not isinstance(name, str):
        raise DriveError(400, "invalid", "Invalid Value")
    return name or otherwise


def _role(given: Given) -> Role:
    if not given.get("role"):
        raise DriveError(400, "required", "The permission role field is required.")
    for role in ROLES:
        if given["role"] == role:
            return role
    raise DriveError(400, "invalid", "The specified role is invalid or not supported by the local workbook.")


def _permission_in(given: Given) -> Permission:
    role = _role(given)
    if not given.get("type"):
        raise DriveError(400, "required", "The permission type field is required.")
    kind = next((kind for kind in KINDS if kind == given["type"]), None)
    if kind is None:
        raise DriveError(400, "invalid", "The specified type is invalid.")
    if kind == "anyone":
        return Permission(kind, role)
    field = "domain" if kind == "domain" else "emailAddress"
    subject = given.get(field)
    if not isinstance(subject, str) or not re.fullmatch(
        r"[^\s@]+" if kind == "domain" else r"[^\s@]+@[^\s@]+", subject
    ):
        message = f"The specified {field} is invalid or not applicable for the given permission type."
        raise DriveError(400, "invalid", message, f"permission.{field}")
    return Permission(kind, role, subject.casefold())


def _ordered(files: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    """By `orderBy`'s keys, the last first, since sorting is stable; without it the latest modified first."""
    for part in reversed((order or "modifiedTime desc,createdTime desc").split(",")):
        name, _, direction = part.strip().partition(" ")
        if name not in _ORDERS or direction not in ("", "desc"):
            raise DriveError(400, "invalid", "Invalid Value", "orderBy")
        files = sorted(files, key=_sorting(_ORDERS[name]), reverse=direction == "desc")
    return files


def _sorting(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda file: str(file[name]).casefold()


def _page(items: list[dict[str, Any]], query: Query) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """A page of the items, and `nextPageToken` where more follow."""
    try:
        size = int(query.get("pageSize") or 100)
    except ValueError:
        size = 0
    if not 1 <= size <= LARGEST_PAGE:
        raise DriveError(
            400, "invalid", f"Invalid value. Values must be within the range: [1, {LARGEST_PAGE}]", "pageSize"
        )
    start = _start(query.get("pageToken", ""))
    following = base64.urlsafe_b64encode(f"after {start + size}".encode()).decode()
    return items[start : start + size], {"nextPageToken": following} if start + size < len(items) else {}


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        match = re.fullmatch(rb"after (\d{1,9})", base64.b64decode(token.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeEncodeError):
        match = None
    if match is None:
        raise DriveError(400, "invalid", "Invalid Value", "pageToken")
    return int(match[1])


def _as_csv(rows: list[list[str]]) -> str:
    """Comma-separated, CRLF between rows and none after the last, as Google's."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().removesuffix("\r\n")


def _as_tsv(rows: list[list[str]]) -> str:
    """Tab-separated; a tab or line break inside a cell becomes a space."""
    return "\r\n".join("\t".join(re.sub(r"\s*[\t\r\n]\s*", " ", cell) for cell in row) for row in rows)
