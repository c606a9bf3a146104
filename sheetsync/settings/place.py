"""Where the spreadsheet is: at Google, at a server on this machine, or in a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from sheetsync.settings.source import shown

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a spreadsheet is.

    `google`: `key`, `base` is https://docs.google.com. `loopback`: `key`, and `base` is `http://HOST:PORT` of a server
    on this machine. `local`: `path` of a workbook file, absolute; key and base are "".
    """

    kind: Literal["google", "loopback", "local"]
    key: str = ""
    base: str = ""
    path: Path | None = None

    @classmethod
    def parse(cls, text: str, relative_to: Path) -> Place:
        """The place that `workbook.spreadsheet` or `--spreadsheet` names; local paths start at `relative_to`.

        Raises ValueError with a sentence that says what can be written instead.
        """
        text = text.strip()
        if text.startswith("local:"):
            return cls._local(text.removeprefix("local:"), relative_to)
        if re.fullmatch(r"[A-Za-z0-9_-]{20,200}", text):
            return cls("google", key=text, base="https://docs.google.com")
        if text.startswith("docs.google.com/"):
            text = f"https://{text}"
        if "://" not in text:
            raise ValueError(
                f"{shown(text)} is no spreadsheet; write local:PATH, or a Google spreadsheet's address or key"
            )
        return cls._remote(text)

    @classmethod
    def _local(cls, name: str, relative_to: Path) -> Place:
        if not name.strip() or "\0" in name:
            raise ValueError("local: needs the path of a file, such as local:demo/department.sheet")
        try:
            path = Path(name.strip()).expanduser()
        except RuntimeError:
            raise ValueError(f"the home directory in {shown(name)} is unknown; write the whole path") from None
        return cls("local", path=(relative_to / path).absolute())

    @classmethod
    def _remote(cls, text: str) -> Place:
        try:
            url = urlsplit(text)
            host, port, named = url.hostname or "", url.port, url.username is not None
        except ValueError:
            raise ValueError(f"{shown(text)} is no address; copy it from the browser") from None
        if named or host not in ("docs.google.com", *_LOOPBACK):
            raise ValueError(
                f"{shown(host)} is neither Google nor this machine; write https://docs.google.com/spreadsheets/d/KEY, "
                "http://127.0.0.1:PORT/spreadsheets/d/ID or local:PATH"
            )
        if url.path.startswith("/spreadsheets/d/e/"):
            raise ValueError("this is the address of a published page; copy the one of the spreadsheet being edited")
        found = re.match(r"/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)(?:/|$)", url.path)
        if found is None:
            raise ValueError(f"{shown(text)} names no spreadsheet; its address goes on with /spreadsheets/d/KEY")
        if host == "docs.google.com":
            return cls("google", key=found[1], base="https://docs.google.com")
        if url.scheme != "http":
            raise ValueError(f"a server on this machine is spoken to by http://, not {shown(url.scheme)}")
        name = f"[{host}]" if ":" in host else host
        return cls("loopback", key=found[1], base=f"http://{name}" + (f":{port}" if port else ""))
