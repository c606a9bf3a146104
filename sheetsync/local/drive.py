"""Google Drive v3 over the local workbook: its spreadsheets as files and folders for them, sharing, import and export.

    drive = Drive(workbooks, Sharing(workbooks))
    answer = drive.handle("GET", "/drive/v3/files", [("q", "trashed = false")], b"", account=None)

`path` is percent-decoded; `account` is the caller's e-mail address, None for the owner. What Drive keeps about a file
beside what the workbook knows (description, parents, trashed ...) stands in table `drive_file`. `handle` never raises.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sheetsync.local import conversion, uploads
from sheetsync.local.access import Method, find_method
from sheetsync.local.app import Answer, Workbooks
from sheetsync.local.book import stamp
from sheetsync.local.driveparts import (
    FOLDER,
    SPREADSHEET,
    Call,
    DriveError,
    Given,
    as_json,
    as_v2,
    capabilities,
    check_mime_type,
    export_links,
    fields_needed,
    insufficient,
    name_in,
    nothing,
    ordered,
    page,
    permission_in,
    role_in,
    user,
)
from sheetsync.local.errors import ApiError
from sheetsync.local.search import search
from sheetsync.local.sharing import OWNER, Permission, Role, Sharing
from sheetsync.local.uploads import Content, Session, Sessions, WrongUpload

LARGEST_UPLOAD = 64 * 1024 * 1024
LARGEST_EXPORT = 10_000_000

_SCHEMA = "CREATE TABLE IF NOT EXISTS drive_file (spreadsheet_id TEXT PRIMARY KEY, kept TEXT NOT NULL) STRICT"
_KEPT = ("description", "parents", "starred", "trashed", "properties", "appProperties", "writersCanShare")
_FILE = "kind,id,name,mimeType"
_PERMISSION = "id,type,kind,role"


class Drive:
    """Drive v3's files, permissions and comments of one workbook file."""

    def __init__(self, workbooks: Workbooks, sharing: Sharing) -> None:
        self._workbooks, self._sharing = workbooks, sharing
        self._uploads = Sessions()
        with workbooks.store.writing() as db:
            db.execute(_SCHEMA)
        self._methods: Mapping[str, Callable[[Call], Answer]] = {
            "drive.about.get": self._about,
            "drive.files.create": self._create,
            "drive.files.list": self._list,
            "drive.files.get": self._get,
            "drive.files.update": self._update,
            "drive.files.copy": self._copy,
            "drive.files.delete": self._delete,
            "drive.files.emptyTrash": self._empty_trash,
            "drive.files.export": self._export,
            "drive.permissions.create": self._share,
            "drive.permissions.list": self._permissions,
            "drive.permissions.get": self._permission,
            "drive.permissions.update": self._change_role,
            "drive.permissions.delete": self._unshare,
            "drive.comments.list": self._comments,
            "docs.export": self._download,
            "drive.v2.files.insert": self._old_insert,
            "drive.v2.files.update": self._old_update,
        }

    def handle(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        body: bytes,
        account: str | None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """Answer one request below `/drive/v3/` or `/upload/drive/`; a refusal is an Answer with Drive's error body.

        `headers` have lower-case names; uploads need them.
        """
        try:
            known = find_method(method, path)
            if known is None or known.service != "drive":
                raise DriveError(404, "notFound", "Not Found")
            if known.id not in self._methods:
                raise DriveError(400, "invalid", f"{known.id} is not supported by the local workbook.")
            if path.startswith("/upload/"):
                return self._upload(known, path, list(query), body, account, headers)
            return self._methods[known.id](Call(path, query, body, account))
        except WrongUpload as wrong:
            return as_json(DriveError(400, "badRequest", str(wrong)).body(), 400)
        except DriveError as refusal:
            return as_json(refusal.body(), refusal.code)
        except ApiError as error:  # the file was deleted meanwhile, or what it was to be called does not fit
            return as_json(
                DriveError(error.code, "notFound" if error.code == 404 else "invalid", error.message).body(), error.code
            )

    def _upload(
        self,
        method: Method,
        path: str,
        query: list[tuple[str, str]],
        body: bytes,
        account: str | None,
        headers: Mapping[str, str],
    ) -> Answer:
        """A request with content: the method gets it beside the metadata, once it is complete."""
        asked, kind = dict(query), uploads.media_type(headers.get("content-type", ""))
        target = path.removeprefix("/upload")
        if "upload_id" in asked:
            return self._resumed(asked["upload_id"], body, account, headers.get("content-range", ""))
        if asked.get("uploadType") == "resumable":
            sent = uploads.media_type(headers.get("x-upload-content-type", ""))
            name = self._uploads.begin(Session(method.id, target, query, body, sent, account))
            return Answer(200, iter([]), [("Location", uploads.location(headers, path, name))])
        metadata, content = b"", Content(kind, body)
        if asked.get("uploadType") == "multipart":
            metadata, content = uploads.multipart(headers.get("content-type", ""), body)
        elif asked.get("uploadType") != "media":
            raise WrongUpload("The uploadType parameter must be media, multipart or resumable.")
        return self._methods[method.id](Call(target, query, metadata, account, content))

    def _resumed(self, name: str, body: bytes, account: str | None, content_range: str) -> Answer:
        session = self._uploads.get(name, account)
        if session is None:
            raise DriveError(404, "notFound", f"Upload not found: {name}.", "upload_id")
        if not session.take(content_range, body, LARGEST_UPLOAD):
            held = [("Range", f"bytes=0-{len(session.data) - 1}")] if session.data else []
            return Answer(308, iter([]), held)
        self._uploads.end(name)
        content = Content(session.mime_type, bytes(session.data))
        return self._methods[session.method](
            Call(session.path, session.query, session.metadata, session.account, content)
        )

    def _create(self, call: Call) -> Answer:
        if call.given.get("mimeType") == FOLDER:
            return self._made(call, self._new_folder(name_in(call.given, "Untitled")))
        return self._made(call, self._new_file(call, name_in(call.given, "Untitled")))

    def _new_file(self, call: Call, title: str) -> str:
        check_mime_type(call.given)
        content = _convertible(call.content) if call.content is not None else None
        key = self._workbooks.create({"properties": {"title": title}}, account=call.account)
        if content is not None:
            try:
                conversion.put_content(self._workbooks, key, content)
            except ApiError:
                self._workbooks.delete(key)
                raise
        return key

    def _new_folder(self, name: str) -> str:
        key, now = secrets.token_urlsafe(24), stamp(self._workbooks.clock())
        with self._workbooks.store.writing() as db:
            about = {"folder": {"title": name, "created": now, "modified": now, "version": 1}}
            db.execute("INSERT INTO drive_file VALUES (?, ?)", (key, json.dumps(about)))
        return key

    def _old_insert(self, call: Call) -> Answer:
        """Drive v2's files.insert; what v2 calls title, v3 calls name."""
        call.given = {**call.given, "mimeType": SPREADSHEET, "name": call.given.get("title")}
        key = self._new_file(call, name_in(call.given, "Untitled"))
        self._made(call, key)
        return self._old_answer(call, key)

    def _old_update(self, call: Call) -> Answer:
        key = self._opened(call, "writer")
        self._change(call, key, {**call.given, "name": call.given.get("title")})
        return self._old_answer(call, key)

    def _old_answer(self, call: Call, key: str) -> Answer:
        me = (call.account or OWNER).casefold()
        file = {**self._file(key, call.account), "role": self._sharing.role(key, call.account)}
        return as_json(as_v2(file, me, self._known(key)["version"]))

    def _about(self, call: Call) -> Answer:
        if not call.query.get("fields"):
            raise fields_needed()
        me = (call.account or OWNER).casefold()
        about = {"kind": "drive#about", "user": user(Permission("user", "owner", me), me)}
        return call.json(about, "About", "*")

    def _copy(self, call: Call) -> Answer:
        source = self._opened(call, "reader")
        self._check_spreadsheet(source)
        check_mime_type({"mimeType": SPREADSHEET, **call.given})
        title = name_in(call.given, f"Copy of {self._workbooks.properties(source)['title']}")
        return self._made(call, self._workbooks.copy(source, title))

    def _made(self, call: Call, key: str) -> Answer:
        """The answer to a file just made, which is its maker's."""
        if call.account is not None:
            self._sharing.share(key, Permission("user", "owner", call.account.casefold()))
        self._keep(key, call.given)
        return call.json(self._file(key, call.account), "File", _FILE)

    def _list(self, call: Call) -> Answer:
        try:
            passes = search(call.query.get("q", ""), me=call.account or OWNER)
        except ValueError:
            raise DriveError(400, "invalid", "Invalid Value", "q") from None
        keys = self._sharing.listed(call.account, [*self._workbooks.keys(), *self._folders()])
        found = [file for key in keys if passes(file := self._file(key, call.account))]
        shown, following = page(ordered(found, call.query.get("orderBy", "")), call.query)
        listed = {"kind": "drive#fileList", **following, "incompleteSearch": False, "files": shown}
        return call.json(listed, "FileList", f"kind,nextPageToken,incompleteSearch,files({_FILE})")

    def _get(self, call: Call) -> Answer:
        key = self._opened(call, "reader")
        if call.query.get("alt") == "media":
            message = "Only files with binary content can be downloaded. Use Export with Docs Editors files."
            raise DriveError(403, "fileNotDownloadable", message, "alt")
        return call.json(self._file(key, call.account), "File", _FILE)

    def _update(self, call: Call) -> Answer:
        key = self._opened(call, "owner" if "trashed" in call.given else "writer")
        self._change(call, key, call.given)
        return call.json(self._file(key, call.account), "File", _FILE)

    def _change(self, call: Call, key: str, given: Given) -> None:
        """Content, name, parents and what else Drive keeps of a file."""
        if call.content is not None:
            self._check_spreadsheet(key)
            conversion.put_content(self._workbooks, key, _convertible(call.content))
        if given.get("name") is not None:
            self._rename(key, name_in(given, ""))
        parents = [*self._file(key, None)["parents"], *call.query.get("addParents", "").split(",")]
        removed = set(call.query.get("removeParents", "").split(","))
        parents = [parent for parent in parents if parent and parent not in removed]
        self._keep(key, {**given, "parents": parents})

    def _rename(self, key: str, title: str) -> None:
        if key in self._folders():
            self._keep(key, {"folder": {**self._known(key), "title": title}})
            return
        change = {"updateSpreadsheetProperties": {"properties": {"title": title}, "fields": "title"}}
        body = json.dumps({"requests": [change]}).encode()
        self._workbooks.handle("POST", f"/v4/spreadsheets/{key}:batchUpdate", [], body, account=None)

    def _delete(self, call: Call) -> Answer:
        self._forget(self._opened(call, "owner"))
        return nothing()

    def _empty_trash(self, call: Call) -> Answer:
        """Everything that the caller owns and has put into the trash goes for good."""
        keys = self._sharing.listed(call.account, [*self._workbooks.keys(), *self._folders()])
        for key in keys:
            if self._file(key, call.account)["trashed"] and self._sharing.allows(key, call.account, "owner"):
                self._forget(key)
        return nothing()

    def _forget(self, key: str) -> None:
        """Remove a file; what was in a folder stays."""
        if key not in self._folders():
            self._workbooks.delete(key)
        self._sharing.forget(key)
        with self._workbooks.store.writing() as db:
            db.execute("DELETE FROM drive_file WHERE spreadsheet_id = ?", (key,))

    def _export(self, call: Call) -> Answer:
        key, wanted = self._opened(call, "reader"), call.query.get("mimeType", "")
        if not wanted:
            raise DriveError(400, "required", "Required parameter: mimeType", "mimeType")
        self._check_spreadsheet(key)
        if wanted not in conversion.EXPORTED:
            message = f"The local workbook exports {', '.join(conversion.EXPORTED)}, not {wanted}."
            raise DriveError(400, "badRequest", message, "mimeType")
        content = conversion.exported(self._workbooks, key, wanted)
        if len(content) > LARGEST_EXPORT:
            raise DriveError(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
        return Answer(200, iter([content]), [("Content-Type", wanted)])

    def _download(self, call: Call) -> Answer:
        """What docs.google.com gives out: `format` by its short name, `gid` for one tab."""
        key = self._opened(call, "reader", place=3)
        self._check_spreadsheet(key)
        wanted, gid = call.query.get("format", "xlsx"), call.query.get("gid", "")
        if wanted not in conversion.SHORT_NAMES:
            raise DriveError(400, "badRequest", f"The local workbook does not export {wanted}.", "format")
        mime_type = conversion.SHORT_NAMES[wanted]
        content = conversion.exported(self._workbooks, key, mime_type, int(gid) if gid.isdecimal() else None)
        name = self._known(key)["title"].encode("ascii", "replace").decode().replace('"', "'")
        headers = [("Content-Type", mime_type), ("Content-Disposition", f'attachment; filename="{name}.{wanted}"')]
        return Answer(200, iter([content]), headers)

    def _check_spreadsheet(self, key: str) -> None:
        if key in self._folders():
            raise DriveError(403, "fileNotExportable", "Only spreadsheets can be copied, exported or written to.")

    def _share(self, call: Call) -> Answer:
        key = self._opened(call, "writer")
        permission = permission_in(call.given)
        self._check_grant(call, key, permission)
        self._sharing.share(key, permission)
        return call.json(permission.resource(), "Permission", _PERMISSION)

    def _check_grant(self, call: Call, key: str, permission: Permission) -> None:
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

    def _permissions(self, call: Call) -> Answer:
        key = self._opened(call, "writer")
        shown, following = page([given.resource() for given in self._sharing.permissions(key)], call.query)
        listed = {"kind": "drive#permissionList", **following, "permissions": shown}
        return call.json(listed, "PermissionList", f"kind,nextPageToken,permissions({_PERMISSION})")

    def _permission(self, call: Call) -> Answer:
        key = self._opened(call, "writer")
        return call.json(self._named_permission(call, key).resource(), "Permission", _PERMISSION)

    def _change_role(self, call: Call) -> Answer:
        key = self._opened(call, "writer")
        held = self._named_permission(call, key)
        changed = Permission(held.kind, role_in(call.given), held.subject)
        self._check_grant(call, key, changed)
        self._sharing.share(key, changed)
        return call.json(changed.resource(), "Permission", _PERMISSION)

    def _unshare(self, call: Call) -> Answer:
        """A writer takes anybody's permission away but the owner's; anyone gives up the own one."""
        key = self._opened(call, "reader")
        held = self._named_permission(call, key)
        if held.role == "owner":
            raise DriveError(403, "forbidden", "The owner of a file cannot be removed.")
        if held.subject != (call.account or "").casefold():
            self._check_role(call, key, "writer")
        self._sharing.unshare(key, held)
        return nothing()

    def _named_permission(self, call: Call, key: str) -> Permission:
        name = call.path.split("/")[6]
        for permission in self._sharing.permissions(key):
            if permission.id == name:
                return permission
        raise DriveError(404, "notFound", f"Permission not found: {name}.", "permissionId")

    def _comments(self, call: Call) -> Answer:
        self._opened(call, "reader")
        if not call.query.get("fields"):
            raise fields_needed()
        return call.json({"kind": "drive#commentList", "comments": []}, "CommentList", "*")

    def _opened(self, call: Call, role: Role, place: int = 4) -> str:
        """The file of the path, which the account may use as `role`; a file that it may not see is not there."""
        key = call.path.split("/")[place]
        if key not in [*self._workbooks.keys(), *self._folders()] or self._sharing.role(key, call.account) is None:
            raise DriveError(404, "notFound", f"File not found: {key}.", "fileId")
        self._check_role(call, key, role)
        return key

    def _check_role(self, call: Call, key: str, role: Role) -> None:
        if not self._sharing.allows(key, call.account, role):
            raise DriveError(403, "insufficientFilePermissions", insufficient(key))

    def _folders(self) -> list[str]:
        """The ids of the folders."""
        query = "SELECT spreadsheet_id FROM drive_file WHERE kept ->> 'folder' IS NOT NULL ORDER BY rowid"
        with self._workbooks.store.reading() as db:
            return [key for (key,) in db.execute(query)]

    def _kept(self, key: str) -> dict[str, Any]:
        """What is kept of a file beside what the workbook knows."""
        with self._workbooks.store.reading() as db:
            row = db.execute("SELECT kept FROM drive_file WHERE spreadsheet_id = ?", (key,)).fetchone()
        kept: dict[str, Any] = json.loads(row[0]) if row else {}
        return kept

    def _known(self, key: str) -> dict[str, Any]:
        """Title, times and version of a file."""
        folder: dict[str, Any] | None = self._kept(key).get("folder")
        return folder or self._workbooks.properties(key)

    def _keep(self, key: str, given: Given) -> None:
        kept = {name: given[name] for name in (*_KEPT, "folder") if given.get(name) is not None}
        if not kept:
            return
        with self._workbooks.store.writing() as db:
            row = db.execute("SELECT kept FROM drive_file WHERE spreadsheet_id = ?", (key,)).fetchone()
            text = json.dumps({**(json.loads(row[0]) if row else {}), **kept})
            db.execute("INSERT OR REPLACE INTO drive_file VALUES (?, ?)", (key, text))

    def _file(self, key: str, account: str | None) -> dict[str, Any]:
        """The file in Drive v3's shape, as the account sees it."""
        kept = self._kept(key)
        known = self._known(key)
        permissions = self._sharing.permissions(key)
        me = (account or OWNER).casefold()
        owner = permissions[0]
        role = self._sharing.role(key, account) or "reader"
        return {
            "kind": "drive#file",
            "id": key,
            "name": known["title"],
            "mimeType": FOLDER if "folder" in kept else SPREADSHEET,
            "starred": False,
            "trashed": False,
            "explicitlyTrashed": False,
            "parents": ["root"],
            "spaces": ["drive"],
            "webViewLink": f"https://docs.google.com/spreadsheets/d/{key}/edit?usp=drivesdk",
            "createdTime": known["created"],
            "modifiedTime": known["modified"],
            "version": str(known["version"]),
            "owners": [user(owner, me)],
            "lastModifyingUser": user(owner, me),
            "ownedByMe": owner.subject == me,
            "sharedWithMe": owner.subject != me,
            "shared": len(permissions) > 1,
            "writersCanShare": True,
            "permissions": [permission.resource() for permission in permissions],
            "permissionIds": [permission.id for permission in permissions],
            "capabilities": capabilities(role),
            **({} if "folder" in kept else {"exportLinks": export_links(key)}),
            **{name: held for name, held in kept.items() if name != "folder"},
        }


def _convertible(content: Content) -> Content:
    """Content of a type that becomes a spreadsheet; what a client could not name better is told by its first bytes."""
    if content.mime_type in conversion.IMPORTED:
        return content
    if content.data.startswith(b"PK\x03\x04"):
        return Content(conversion.XLSX, content.data)
    if content.mime_type == "application/vnd.ms-excel":  # what Windows takes .csv for
        return Content(conversion.CSV, content.data)
    message = f"The local workbook converts {', '.join(conversion.IMPORTED)}, not {content.mime_type or 'this'}."
    raise DriveError(400, "badRequest", message)
