"""Which tab of the workbook is which: the managers' by title or pattern, ours by id or title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sheetsync import catalogue
from sheetsync.errors import LayoutError
from sheetsync.schema import Settings

Kind = Literal["actions", "base", "finance"]
"""What a managers' tab holds."""

OWN_IDS: Mapping[str, int] = {
    "dashboard": 700_001,
    "history": 700_002,
    "issues": 700_003,
    "guide": 700_004,
    "snapshots": 700_005,
    "closed": 700_006,
    "journal": 700_007,
}
"""Sheet ids of the tabs that sheetsync alone writes; used when it creates them."""

HEADS: Mapping[str, list[str]] = {
    "history": ["period", "start", "end"],
    "snapshots": ["client", "deal", "manager"],
    "closed": ["record", "period", "manager"],
    "journal": ["number", "run_id", "command"],
}
"""What the tables begin with that are read back."""

MARK = "sheetsync writes this tab; looks "
"""What the description of the protection of such a tab begins with."""


@dataclass(frozen=True, slots=True)
class Found:
    """A managers' tab: `kind` is actions, base or finance; `manager` is what `*` matched in its title."""

    kind: Kind
    title: str
    sheet_id: int
    manager: str | None = None

    @property
    def range(self) -> str:
        """The whole tab in A1 notation."""
        return quoted(self.title)


@dataclass(frozen=True, slots=True)
class Layout:
    """The tabs found. `own` holds the Sheet JSON of our tabs by tab id, as far as they exist."""

    managers: tuple[Found, ...]
    own: Mapping[str, Mapping[str, Any]]

    @property
    def own_ids(self) -> dict[str, int]:
        """Sheet ids of our tabs, those still to be created included."""
        return {
            name: int(self.own[name]["properties"].get("sheetId", 0)) if name in self.own else sheet_id
            for name, sheet_id in OWN_IDS.items()
        }

    @property
    def managers_ids(self) -> dict[str, int]:
        """Sheet ids of the managers' tabs by title."""
        return {found.title: found.sheet_id for found in self.managers}


def named(settings: Settings, spreadsheet: Mapping[str, Any]) -> Settings:
    """The configuration with the managers' tabs called as in this spreadsheet (its metadata JSON).

    A title that is left to the language stands for its counterparts in the other languages: `workbook.language` may
    change without a tab being renamed, and no second tab of the kind is made.
    """
    there = {str(sheet["properties"]["title"]).casefold(): sheet["properties"] for sheet in spreadsheet["sheets"]}
    language, tabs = settings.workbook.language, settings.workbook.tabs

    def title(kind: Kind, configured: str) -> str:
        built_in = catalogue.titles()[kind]
        abroad = built_in.values() if configured == built_in[language] else ()
        found = [there[each.casefold()] for each in (configured, *abroad) if each.casefold() in there]
        return str(found[0]["title"]) if found else configured

    actions = tuple(title("actions", pattern) for pattern in tabs.actions)
    tabs = tabs.model_copy(update={"actions": actions, "base": title("base", tabs.base)})
    return settings.model_copy(update={"workbook": settings.workbook.model_copy(update={"tabs": tabs})})


def locate(settings: Settings, spreadsheet: Mapping[str, Any]) -> Layout:
    """The tabs of a spreadsheet (its metadata JSON).

    Raises LayoutError naming every managers' tab that is missing, and what there is instead; or as
    `see_that_titles_are_free`.
    """
    layout, missing = present(settings, spreadsheet)
    if missing:
        own = [sheet["properties"]["title"] for sheet in layout.own.values()]
        others = [tab for tab in (sheet["properties"] for sheet in spreadsheet["sheets"]) if tab["title"] not in own]
        raise LayoutError(
            "there is no tab " + " and no tab ".join(f"“{title}”" for _, title in missing),
            where=str(spreadsheet.get("properties", {}).get("title", "")),
            remedy=f"There is: {_listed(others)}. If one of them is meant, name it under workbook.tabs; if not, run"
            " `sheetsync init` to add what is missing.",
        )
    see_that_titles_are_free(settings, layout.own, spreadsheet)
    return layout


def present(settings: Settings, spreadsheet: Mapping[str, Any]) -> tuple[Layout, tuple[tuple[Kind, str], ...]]:
    """The tabs that are there, and the managers' tabs that are missing: their kinds, and their titles or patterns."""
    sheets = list(spreadsheet.get("sheets", []))
    own = own_tabs(settings, sheets)
    ours = {int(sheet["properties"].get("sheetId", 0)) for sheet in own.values()}
    others = [sheet["properties"] for sheet in sheets if int(sheet["properties"].get("sheetId", 0)) not in ours]
    found, missing = [], []
    taken: set[str] = set()
    for kind, pattern in _wanted(settings):
        matches = [each for each in _matching(kind, pattern, others) if each.title not in taken]
        taken |= {each.title for each in matches}
        found += matches
        if not matches:
            missing.append((kind, pattern))
    return Layout(tuple(found), own), tuple(missing)


def own_tabs(settings: Settings, sheets: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The Sheet JSON of each tab of ours that exists: by its id, else by its title."""
    by_id = {int(sheet["properties"].get("sheetId", 0)): sheet for sheet in sheets}
    by_title = {str(sheet["properties"]["title"]).casefold(): sheet for sheet in sheets}
    own = {}
    for name, sheet_id in OWN_IDS.items():
        sheet = by_id.get(sheet_id) or by_title.get(getattr(settings.workbook.tabs, name).casefold())
        if sheet is not None:
            own[name] = sheet
    return own


def see_that_they_are_ours(
    own: Mapping[str, Mapping[str, Any]], spreadsheet: Mapping[str, Any], values: Mapping[str, Sequence[Sequence[Any]]]
) -> None:
    """Raises LayoutError where a tab that was found by the title of one of ours is somebody else's.

    Ours is what has our id, our protection or a named range of ours, what begins with the name of its first column as
    we write it (`HEADS`), and what is blank. `own` is the Sheet JSON, `values` the cells from A1, both by tab id.
    """
    named = {
        int(each.get("range", {}).get("sheetId", 0))
        for each in spreadsheet.get("namedRanges", [])
        if str(each["name"]).startswith("sheetsync_")
    }
    for name, sheet in own.items():
        rows, sheet_id = values.get(name, []), int(sheet["properties"].get("sheetId", 0))
        blank = not any(cell not in (None, "") for row in rows for cell in row)
        marked = any(str(each.get("description", "")).startswith(MARK) for each in sheet.get("protectedRanges", []))
        headed = name in HEADS and [row[: len(HEADS[name])] for row in rows[:1]] == [HEADS[name]]
        if not (sheet_id in {OWN_IDS[name], *named} or blank or marked or headed):
            raise _taken(name, str(sheet["properties"]["title"]), spreadsheet)


def see_that_titles_are_free(
    settings: Settings, own: Mapping[str, Mapping[str, Any]], spreadsheet: Mapping[str, Any]
) -> None:
    """Raises LayoutError where a tab of ours (`own`, by id) was renamed, and another tab has its title by now."""
    for name, sheet in own.items():
        wanted = getattr(settings.workbook.tabs, name).casefold()
        for other in spreadsheet["sheets"]:
            title = str(other["properties"]["title"])
            if title.casefold() == wanted and other is not sheet:
                raise _taken(name, title, spreadsheet)


def _taken(name: str, title: str, spreadsheet: Mapping[str, Any]) -> LayoutError:
    return LayoutError(
        f"the tab “{title}” has a title that sheetsync needs, and is somebody else's",
        where=str(spreadsheet.get("properties", {}).get("title", "")),
        remedy=f"Rename that tab, or give sheetsync's another title under workbook.tabs.{name}.",
    )


def quoted(title: str) -> str:
    """A tab's title as A1 notation writes it."""
    return "'" + title.replace("'", "''") + "'"


def _wanted(settings: Settings) -> Iterator[tuple[Kind, str]]:
    tabs = settings.workbook.tabs
    if tabs.finance is not None:
        yield "finance", tabs.finance
    yield "base", tabs.base
    for pattern in tabs.actions:
        if pattern != tabs.finance:
            yield "actions", pattern


def _matching(kind: Kind, pattern: str, properties: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    before, star, after = pattern.partition("*")
    shape = re.compile(re.escape(before) + (f"(?P<manager>.+){re.escape(after)}" if star else ""), re.IGNORECASE)
    for each in properties:
        title = str(each["title"])
        match = shape.fullmatch(title)
        if match and each.get("sheetType", "GRID") == "GRID":
            yield Found(kind, title, int(each.get("sheetId", 0)), match["manager"].strip() if star else None)


def _listed(properties: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"“{each['title']}”" for each in properties[:12]) or "no other tab"
