"""Many requests in one: the `multipart/mixed` batches that google-api-python-client sends to `/batch/...`.

    content_type, body = answered(content_type, body, ask)

Every part of type `application/http` holds a request; every part of the answer holds the response to one, in order,
under the `Content-ID` of its request with `response-` before it.
"""

from __future__ import annotations

import email
import email.policy
import secrets
from collections.abc import Callable, Mapping
from email.parser import BytesHeaderParser
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from sheetsync.local.app import Answer
from sheetsync.local.errors import invalid

MOST_PARTS = 100


class Part(NamedTuple):
    """One request of a batch: `path` percent-decoded, `query` decoded pairs, `headers` with lower-case names."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes


def answered(content_type: str, body: bytes, ask: Callable[[Part], Answer]) -> tuple[str, bytes]:
    """The type and the body of the answer to a batch. ApiError 400 where it is none, or has too many parts."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    if message.get_content_type() != "multipart/mixed" or not message.is_multipart():
        raise invalid("Failed to parse batch request, error: 0 items. Received batch body: (0) bytes redacted")
    parts = list(message.iter_parts())
    if len(parts) > MOST_PARTS:
        raise invalid(f"The batch request contains too many calls: {len(parts)}, the most are {MOST_PARTS}.")
    boundary = f"batch_{secrets.token_urlsafe(24)}"
    lines: list[bytes] = []
    for part in parts:
        content = part.get_payload(decode=True)
        answer = ask(_request(content if isinstance(content, bytes) else b""))
        lines += [f"--{boundary}".encode(), b"Content-Type: application/http", *_named(part.get("Content-ID"))]
        lines += [b"", _response(answer)]
    return f"multipart/mixed; boundary={boundary}", b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])


def _named(content_id: str | None) -> list[bytes]:
    if not content_id:
        return []
    return [f"Content-ID: <response-{str(content_id).strip().removeprefix('<')}".encode("ascii", "replace")]


def _request(content: bytes) -> Part:
    """The request that a part holds; ApiError 400 where it holds none."""
    first, _, rest = content.lstrip().partition(b"\n")
    words = first.decode("latin-1").split()
    if len(words) < 2:
        raise invalid("Failed to parse batch request: a part holds no request.")
    rest = rest.replace(b"\r\n", b"\n") if b"\r\n\r\n" in rest else rest
    head, _, body = rest.partition(b"\n\n")
    headers = BytesHeaderParser(policy=email.policy.HTTP).parsebytes(head)
    address = urlsplit(words[1])
    query = parse_qsl(address.query, keep_blank_values=True)
    named = {name.lower(): str(value) for name, value in headers.items()}
    return Part(words[0].upper(), unquote(address.path), query, named, body)


def _response(answer: Answer) -> bytes:
    head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    head += [f"{name}: {value}" for name, value in answer.headers if name in ("Content-Type", "Vary", "Cache-Control")]
    body = answer.body
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body
