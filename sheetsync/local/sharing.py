"""Who may open which spreadsheet: the permissions of Drive, kept in the workbook's SQLite file (table `permission`).

The person at this machine (account None) owns every spreadsheet in the file and is asked nothing. A spreadsheet that a
service account created has that account for its owner; any other is the machine's person's, shown under `OWNER`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sheetsync.local.app import Workbooks

Role = Literal["reader", "commenter", "writer", "owner"]
Kind = Literal["user", "group", "domain", "anyone"]

ROLES: tuple[Role, ...] = get_args(Role)
KINDS: tuple[Kind, ...] = get_args(Kind)
OWNER = "owner@local-workbook.invalid"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS permission (
    spreadsheet_id TEXT NOT NULL,
    permission_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (spreadsheet_id, permission_id)
) STRICT, WITHOUT ROWID
"""


@dataclass(frozen=True)
class Permission:
    """`subject`, an e-mail address for user and group, a domain, or "" for anyone, may do what `role` says."""

    kind: Kind
    role: Role
    subject: str = ""

    @property
    def id(self) -> str:
        """Drive's id of it: the same for the same subject in every file, digits alone, `anyoneWithLink` for anyone."""
        if self.kind == "anyone":
            return "anyoneWithLink"
        digest = hashlib.sha256(f"{self.kind}:{self.subject}".encode()).digest()
        number = str(int.from_bytes(digest[:8], "big")).zfill(20)
        return f"{number}k" if self.kind == "domain" else number

    def covers(self, account: str) -> bool:
        """Whether the account is meant: by its address, or by its domain, or because anyone is."""
        if self.kind == "domain":
            return account.casefold().endswith(f"@{self.subject}")
        return self.kind == "anyone" or self.subject == account.casefold()

    def resource(self) -> dict[str, Any]:
        """The permission in Drive v3's shape."""
        shown: dict[str, Any] = {"kind": "drive#permission", "id": self.id, "type": self.kind, "role": self.role}
        if self.kind in ("user", "group"):
            shown |= {"emailAddress": self.subject, "displayName": self.subject.split("@")[0]}
            shown |= {"deleted": False, "pendingOwner": False}
        elif self.kind == "domain":
            shown |= {"domain": self.subject, "displayName": self.subject, "allowFileDiscovery": True}
        else:
            shown |= {"allowFileDiscovery": False}
        return shown


class Sharing:
    """The permissions on the spreadsheets of one workbook file."""

    def __init__(self, workbooks: Workbooks) -> None:
        self._store = workbooks.store
        with self._store.writing() as db:
            db.execute(_SCHEMA)

    def role(self, key: str, account: str | None) -> Role | None:
        """The strongest role of the account (None: this machine's person) on the spreadsheet, if it has any."""
        if account is None:
            return "owner"
        roles = {permission.role for permission in self._rows(key) if permission.covers(account)}
        return max(roles, key=ROLES.index, default=None)

    def allows(self, key: str, account: str | None, role: Role) -> bool:
        """Whether the account may do what `role` may."""
        held = self.role(key, account)
        return held is not None and ROLES.index(held) >= ROLES.index(role)

    def listed(self, account: str | None, keys: list[str]) -> list[str]:
        """Those of `keys` that the account finds among its files: shared with itself or its domain, not by link."""
        if account is None:
            return keys
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT spreadsheet_id, kind, role, subject FROM permission WHERE kind <> 'anyone'"
            ).fetchall()
        found = {key for key, *permission in rows if Permission(*permission).covers(account)}
        return [key for key in keys if key in found]

    def permissions(self, key: str) -> list[Permission]:
        """All permissions on the spreadsheet, its owner's first."""
        found = self._rows(key)
        if not any(permission.role == "owner" for permission in found):
            found.append(Permission("user", "owner", OWNER))
        return sorted(found, key=lambda permission: (-ROLES.index(permission.role), permission.id))

    def share(self, key: str, permission: Permission) -> None:
        """Give a permission, in place of the one that the subject has; a new owner makes the former one a writer."""
        with self._store.writing() as db:
            if permission.role == "owner":
                db.execute("UPDATE permission SET role = 'writer' WHERE spreadsheet_id = ? AND role = 'owner'", (key,))
            row = (key, permission.id, permission.kind, permission.role, permission.subject)
            db.execute("INSERT OR REPLACE INTO permission VALUES (?, ?, ?, ?, ?)", row)

    def unshare(self, key: str, permission: Permission) -> None:
        """Take a permission away."""
        with self._store.writing() as db:
            db.execute("DELETE FROM permission WHERE spreadsheet_id = ? AND permission_id = ?", (key, permission.id))

    def forget(self, key: str) -> None:
        """Drop the permissions on a spreadsheet that was deleted."""
        with self._store.writing() as db:
            db.execute("DELETE FROM permission WHERE spreadsheet_id = ?", (key,))

    def _rows(self, key: str) -> list[Permission]:
        query = "SELECT kind, role, subject FROM permission WHERE spreadsheet_id = ?"
        with self._store.reading() as db:
            return [Permission(*row) for row in db.execute(query, (key,))]
