"""What Drive's requests and answers are made of: refusals, files and permissions in Google's shapes, pages, order."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sheetsync.local.app import Answer
from sheetsync.local.selection import UnknownFieldError, select, selection
from sheetsync.local.sharing import KINDS, ROLES, Permission, Role
from sheetsync.local.uploads import Content

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
LARGEST_PAGE = 1000

_JSON = "application/json; charset=UTF-8"
_ORDERS = {
    "name": "name",
    "name_natural": "name",
    "createdTime": "createdTime",
    "sharedWithMeTime": "createdTime",
    "modifiedTime": "modifiedTime",
    "modifiedByMeTime": "modifiedTime",
    "viewedByMeTime": "modifiedTime",
    "recency": "modifiedTime",
    "quotaBytesUsed": "kind",
    "starred": "starred",
    "folder": "mimeType",
}
_API = "https://www.googleapis.com/drive/v2/files"
_EXPORTS = {
    "application/x-vnd.oasis.opendocument.spreadsheet": "ods",
    "text/tab-separated-values": "tsv",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    "application/zip": "zip",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}

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


class Call:
    """One request: path, query and JSON body (`given`), who asks, and the content that is uploaded, if any is."""

    def __init__(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        body: bytes,
        account: str | None,
        content: Content | None = None,
    ) -> None:
        self.path, self.query, self.account, self.content = path, dict(query), account, content
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
            return as_json(select(resource, selection(self.query.get("fields") or usual, schema)))
        except UnknownFieldError as unknown:
            message = f"Invalid field selection {unknown}"
            raise DriveError(400, "invalidParameter", message, "fields") from None


def as_json(value: dict[str, Any], status: int = 200) -> Answer:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
    return Answer(status, iter([body]), [("Content-Type", _JSON)])


def nothing() -> Answer:
    """204."""
    return Answer(204, iter([]), [("Content-Type", "text/html")])


def insufficient(key: str) -> str:
    """What Google says to an account that may open a file and not do that with it."""
    return f"The user does not have sufficient permissions for file {key}."


def user(permission: Permission, me: str) -> dict[str, Any]:
    """A User."""
    return {
        "kind": "drive#user",
        "displayName": permission.subject.split("@")[0],
        "me": permission.subject == me,
        "permissionId": permission.id,
        "emailAddress": permission.subject,
    }


def capabilities(role: Role) -> dict[str, bool]:
    """What the account of that role may do with a file."""
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


def fields_needed() -> DriveError:
    """The refusal of a request that must say which fields it wants."""
    return DriveError(400, "required", "The 'fields' parameter is required for this method.", "fields")


def check_mime_type(given: Given) -> None:
    """DriveError where a File body is not a spreadsheet's."""
    if given.get("mimeType") != SPREADSHEET:
        message = f"The local workbook holds spreadsheets only: mimeType must be {SPREADSHEET}."
        raise DriveError(400, "invalid", message)


def as_v2(file: Given, me: str, version: int) -> dict[str, Any]:
    """A file, as the account `me` sees it, in the shape of Drive v2; pictures of it are left out."""
    key, owner = file["id"], {**file["owners"][0], "isAuthenticatedUser": file["owners"][0]["me"]}
    del owner["me"]
    address = f"{_API}/{key}"
    mine = {"kind": "drive#permission", "id": "me", "type": "user", "role": file["role"], "pendingOwner": False}
    labels = {"viewed": True, "restricted": False, "hidden": False}
    parents = [_parent(address, parent) for parent in file["parents"]]
    return {
        "kind": "drive#file",
        "userPermission": {**mine, "selfLink": f"{address}/permissions/me", "etag": f'"{key[:8]}-{version}"'},
        "selfLink": address,
        "ownerNames": [owner["displayName"]],
        "lastModifyingUserName": me,
        "editable": file["capabilities"]["canEdit"],
        "writersCanShare": file["writersCanShare"],
        "mimeType": file["mimeType"],
        "exportLinks": export_links(key),
        "parents": parents,
        "appDataContents": False,
        "shared": file["shared"],
        "lastModifyingUser": owner,
        "owners": [owner],
        "copyable": True,
        "etag": f'"{version}"',
        "alternateLink": file["webViewLink"],
        "fileSize": "1024",
        "copyRequiresWriterPermission": False,
        "spaces": file["spaces"],
        "id": key,
        "title": file["name"],
        "labels": {**labels, "starred": file["starred"], "trashed": file["trashed"]},
        "explicitlyTrashed": file["explicitlyTrashed"],
        "createdDate": file["createdTime"],
        "modifiedDate": file["modifiedTime"],
        "modifiedByMeDate": file["modifiedTime"],
        "lastViewedByMeDate": file["modifiedTime"],
        "markedViewedByMeDate": "1970-01-01T00:00:00.000Z",
        "quotaBytesUsed": "1024",
        "version": str(version),
        "capabilities": {name: file["capabilities"][name] for name in ("canEdit", "canCopy")},
    }


def export_links(key: str) -> dict[str, str]:
    """Where docs.google.com exports a spreadsheet, by media type, as Google lists it."""
    address = f"https://docs.google.com/spreadsheets/export?id={key}&exportFormat="
    return {mime_type: address + name for mime_type, name in _EXPORTS.items()}


def _parent(address: str, parent: str) -> dict[str, Any]:
    return {
        "selfLink": f"{address}/parents/{parent}",
        "id": parent,
        "isRoot": parent == "root",
        "kind": "drive#parentReference",
        "parentLink": f"{_API}/{parent}",
    }


def name_in(given: Given, otherwise: str) -> str:
    """The name in a File body. DriveError where it is no text."""
    name = given.get("name")
    if name is not None and not isinstance(name, str):
        raise DriveError(400, "invalid", "Invalid Value")
    return name or otherwise


def role_in(given: Given) -> Role:
    """The role in a Permission body. DriveError where it is none."""
    if not given.get("role"):
        raise DriveError(400, "required", "The permission role field is required.")
    for role in ROLES:
        if given["role"] == role:
            return role
    raise DriveError(400, "invalid", "The specified role is invalid or not supported by the local workbook.")


def permission_in(given: Given) -> Permission:
    """The permission in its body. DriveError where it does not fit."""
    role = role_in(given)
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


def ordered(files: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    """By `orderBy`'s keys, the last first, since sorting is stable; without it the latest modified first."""
    for part in reversed((order or "modifiedTime desc,createdTime desc").split(",")):
        name, _, direction = part.strip().partition(" ")
        if name not in _ORDERS or direction not in ("", "desc"):
            raise DriveError(400, "invalid", "Invalid Value", "orderBy")
        files = sorted(files, key=_sorting(_ORDERS[name]), reverse=direction == "desc")
    return files


def _sorting(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda file: str(file[name]).casefold()


def page(items: list[dict[str, Any]], query: Query) -> tuple[list[dict[str, Any]], dict[str, str]]:
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
