"""What the configuration need not say: the built-in catalogue of `defaults.yaml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from sheetsync.texts import LANGUAGES


@cache
def defaults() -> dict[str, Any]:
    """The built-in catalogue as plain values: `tabs` (labels of titles), `actions`, `indicators`, `base`."""
    found: dict[str, Any] = yaml.safe_load(files("sheetsync").joinpath("defaults.yaml").read_text("utf-8"))
    return found


def titles() -> dict[str, dict[str, str]]:
    """The built-in title of each tab by its id and language. A tab of finance has none."""
    found: dict[str, dict[str, str]] = defaults()["tabs"]
    return found


def completed(data: dict[str, Any]) -> dict[str, Any]:
    """The file's values with the built-in ones where it is silent. What has a wrong shape is left to the schema."""
    built_in = defaults()
    full = {**data}
    for section in ("actions", "indicators"):
        full[section] = _labelled(full.get(section, built_in[section]))
    base = full.get("base", {})
    if isinstance(base, dict):
        categories = base.get("categories", built_in["base"]["categories"])
        if isinstance(categories, list):
            categories = [_named(entry, entry.get("id")) if isinstance(entry, dict) else entry for entry in categories]
        full["base"] = {**base, "categories": categories}
    workbook = full.get("workbook", {})
    if isinstance(workbook, dict):
        full["workbook"] = {**workbook, "tabs": _titled(workbook.get("tabs", {}), workbook.get("language"))}
    return full


def _labelled(entries: Any) -> Any:
    if not isinstance(entries, dict):
        return entries
    return {id_: _named(entry, id_) if isinstance(entry, dict) else entry for id_, entry in entries.items()}


def _named(entry: dict[str, Any], id_: object) -> dict[str, Any]:
    if not isinstance(id_, str) or not id_.strip():
        return {"label": "?", **entry}
    words = id_.replace("_", " ").strip() or id_
    return {"label": words[0].upper() + words[1:], **entry}


def _titled(tabs: Any, language: object) -> Any:
    spoken = language if language in LANGUAGES else "en"
    built_in = {id_: title[spoken] for id_, title in titles().items()}
    return {**built_in, **tabs} if isinstance(tabs, dict) else tabs
