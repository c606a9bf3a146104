"""What the local workbook refuses, in Google's words.

ApiError is the whole answer: HTTP code, canonical status, message, details. RefusedError is a request kind's own
complaint, which the batch prefixes with `Invalid requests[i].kind: `.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
NO_FIELDS = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"


class ApiError(Exception):
    """An answer that is an error: `code` is HTTP's, `status` the canonical name, `details` google.rpc messages."""

    def __init__(self, code: int, status: str, message: str, details: Sequence[dict[str, Any]] = ()) -> None:
        self.code, self.status, self.message, self.details = code, status, message, list(details)
        super().__init__(message)

    def body(self) -> dict[str, Any]:
        """The JSON body, as Google shapes it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


class RefusedError(Exception):
    """A request that can't be applied; the message is Google's, without the `Invalid requests[i].kind: ` before it."""


def invalid(message: str) -> ApiError:
    """400 INVALID_ARGUMENT."""
    return ApiError(400, "INVALID_ARGUMENT", message)


@contextmanager
def numbered(name: str, index: int) -> Iterator[None]:
    """Puts `Invalid data[1]: ` before what is said of one item of a list. Raises ApiError 400."""
    try:
        yield
    except (ApiError, RefusedError) as error:
        raise invalid(f"Invalid {name}[{index}]: {error}") from None


def violations(faults: Sequence[tuple[str, str]], message: str | None = None) -> ApiError:
    """400 with BadRequest details; `faults` are (field path, description). `message` stands for all descriptions."""
    listed = [{"field": where, "description": text} if where else {"description": text} for where, text in faults]
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": listed}]
    return ApiError(400, "INVALID_ARGUMENT", message or "\n".join(text for _, text in faults), details)


def not_found() -> ApiError:
    """404 of a spreadsheet, or of developer metadata, that is not there."""
    return ApiError(404, "NOT_FOUND", "Requested entity was not found.")


def internal() -> ApiError:
    """500, as Google answers what it can't digest."""
    return ApiError(500, "INTERNAL", "Internal error encountered.")
