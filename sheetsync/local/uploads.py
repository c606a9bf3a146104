"""What Drive's upload addresses take: a file's content beside its metadata, at once or in pieces.

`uploadType=media` sends the content alone, `multipart` both in one body, `resumable` the metadata first and then the
content, in as many pieces as the client likes, to an address that the first answer names.
"""

from __future__ import annotations

import email
import email.policy
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

SESSIONS_KEPT = 100
_RANGE = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15}|\*)")


class Content(NamedTuple):
    """A file's content and its media type, in small letters and without parameters."""

    mime_type: str
    data: bytes


class WrongUpload(ValueError):  # noqa: N818 - it says what the request is
    """The request is no upload as Google describes it; the message says why."""


def multipart(content_type: str, body: bytes) -> tuple[bytes, Content]:
    """The metadata's JSON and the content of a `multipart/related` body. Raises WrongUpload."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    parts = list(message.iter_parts()) if message.is_multipart() else []
    if len(parts) != 2:
        raise WrongUpload("Malformed multipart body.")
    metadata, content = (part.get_payload(decode=True) for part in parts)
    if not isinstance(metadata, bytes) or not isinstance(content, bytes):
        raise WrongUpload("Malformed multipart body.")
    return metadata, Content(parts[1].get_content_type(), content)


def media_type(header: str) -> str:
    """A Content-Type without its parameters."""
    return header.partition(";")[0].strip().lower()


@dataclass
class Session:
    """A resumable upload under way: the request that began it, and what of the content has come."""

    method: str
    path: str
    query: list[tuple[str, str]]
    metadata: bytes
    mime_type: str
    account: str | None
    data: bytearray = field(default_factory=bytearray)

    def take(self, content_range: str, body: bytes, largest: int) -> bool:
        """Add a piece; whether that was the last. Raises WrongUpload where it does not follow what came before."""
        if not content_range:
            self.data[:] = body
            return True
        match = _RANGE.fullmatch(content_range)
        if match is None or (match[1] is not None and int(match[1]) > len(self.data)):
            raise WrongUpload("Invalid Content-Range.")
        if match[1] is not None:
            self.data[int(match[1]) :] = body
        if len(self.data) > largest:
            raise WrongUpload("The file is too large.")
        return match[3] != "*" and len(self.data) >= int(match[3])


class Sessions:
    """The resumable uploads under way, the latest `SESSIONS_KEPT`. Safe in threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Session] = {}

    def begin(self, session: Session) -> str:
        """Keep a session; its id."""
        name = secrets.token_urlsafe(24)
        with self._lock:
            while len(self._held) >= SESSIONS_KEPT:
                del self._held[next(iter(self._held))]
            self._held[name] = session
        return name

    def get(self, name: str, account: str | None) -> Session | None:
        """The session of that id, if that account began it."""
        with self._lock:
            session = self._held.get(name)
        return session if session is not None and session.account == account else None

    def end(self, name: str) -> None:
        """Forget a session."""
        with self._lock:
            self._held.pop(name, None)


def location(headers: Mapping[str, str], path: str, upload_id: str) -> str:
    """The address to which a session's content goes: on the host that was asked."""
    host = headers.get("host", "")
    origin = f"http://{host}" if host else "https://www.googleapis.com"
    return f"{origin}{path}?uploadType=resumable&upload_id={upload_id}"
