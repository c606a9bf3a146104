"""What no section can tell by itself: names that must exist elsewhere, or only once.

`CHECKS` are functions of one shape, from the parts that are right to the mistakes between them.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import holidays
from babel import Locale
from pydantic import BaseModel, ValidationError

from sheetsync.catalogue import defaults
from sheetsync.schema import (
    ACTION_COLUMNS,
    BASE_COLUMNS,
    Action,
    Category,
    Department,
    Indicator,
    Label,
    Manager,
    Settings,
    Tabs,
    Targets,
    Workbook,
)
from sheetsync.settings.place import Place
from sheetsync.settings.source import Keys, Mistake, dotted, shown
from sheetsync.settings.wording import nearest
from sheetsync.texts import LANGUAGES, fold

Model = TypeVar("Model", bound=BaseModel)
Entry = TypeVar("Entry")

MOST_RATIO = 5
"""A larger target of a ratio (500 %) was meant as a percentage."""

RESERVED = frozenset({"coverage", "coverage_weighted"})
"""Measures of ours that no indicator may be called."""

NOWHERE = MappingProxyType(
    {
        "new": "come from that were in no category",
        "lost": "go that leave the base",
        "reassigned": "go that are handed on",
    }
)
"""Ends of the base's moves (`Moves.transitions`) that no category may be called."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts that are right by themselves, by their key or place in the list, so that no mistake hides another.

    `action_ids`, `indicator_ids` and `people` (folded name or alias -> name) count broken entries too. `file`: the
    values as they are in the file.
    """

    workbook: Workbook | None
    department: Department | None
    managers: Mapping[int, Manager]
    actions: Mapping[str, Action]
    indicators: Mapping[str, Indicator]
    categories: Mapping[int, Category]
    targets: Mapping[int, Targets]
    action_ids: tuple[str, ...]
    indicator_ids: tuple[str, ...]
    people: Mapping[str, str]
    file: Mapping[str, Any]

    @classmethod
    def of(cls, full: Mapping[str, Any], data: Mapping[str, Any]) -> Draft:
        """The right parts of the completed values `full`, made of the file's `data`."""
        base, workbook = full["base"], full["workbook"]
        managers = _right_ones(Manager, full.get("managers"))
        entries = _entries(full.get("managers")).values()
        names = [entry.get("name") if isinstance(entry, dict) else entry for entry in entries]
        people = {fold(name): name.strip() for name in names if isinstance(name, str)}
        people |= {fold(alias): manager.name for manager in managers.values() for alias in manager.aliases}
        return cls(
            workbook=_right(Workbook, {**workbook, "spreadsheet": "-"} if isinstance(workbook, dict) else None),
            department=_right(Department, full.get("department", {})),
            managers=managers,
            actions=_right_ones(Action, full["actions"]),
            indicators=_right_ones(Indicator, full["indicators"]),
            categories=_right_ones(Category, base.get("categories") if isinstance(base, dict) else None),
            targets=_right_ones(Targets, full.get("targets")),
            action_ids=_ids_of(full["actions"]),
            indicator_ids=_ids_of(full["indicators"]),
            people=people,
            file=data,
        )

    def resolved(self, settings: Settings) -> Settings:
        """The same settings, with targets and incentives under the managers' configured names."""
        targets = tuple(each.model_copy(update={"managers": self._named(each.managers)}) for each in settings.targets)
        kpi = settings.kpi and settings.kpi.model_copy(update={"managers": self._named(settings.kpi.managers)})
        return settings.model_copy(update={"targets": targets, "kpi": kpi})

    def _named(self, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        return {self.people.get(fold(name), name): entry for name, entry in entries.items()}


def _entries(section: Any) -> dict[Any, Any]:
    if isinstance(section, dict):
        return section
    return dict(enumerate(section)) if isinstance(section, list) else {}


def _ids_of(section: Any) -> tuple[str, ...]:
    return tuple(_texts(section))


def _right(model: type[Model], entry: Any) -> Model | None:
    """The entry without the keys that are wrong; None where it is not one without them."""
    while entry is not None:
        try:
            return model.model_validate(entry, by_alias=True, by_name=False)
        except ValidationError as error:
            entry = _without(entry, error.errors()[0]["loc"])
    return None


def _without(entry: Any, keys: Keys) -> Any:
    """The entry less the innermost key on the way to a mistake; None where the entry itself is what is wrong."""
    if not isinstance(entry, dict) or not keys or keys[0] not in entry:
        return None
    inner = _without(entry[keys[0]], keys[1:])
    rest = {key: value for key, value in entry.items() if key != keys[0]}
    return rest if inner is None else {**rest, keys[0]: inner}


def _right_ones(model: type[Model], section: Any) -> dict[Any, Model]:
    parts = {key: _right(model, entry) for key, entry in _entries(section).items()}
    return {key: part for key, part in parts.items() if part is not None}


def _people(draft: Draft) -> Iterator[Mistake]:
    """A name or alias is one manager's, and not the department's."""
    taken: dict[str, Keys] = {fold(draft.department.name): ("department",)} if draft.department else {}
    for place, manager in draft.managers.items():
        here: Keys = ("managers", place)
        for keys, name in [((*here, "name"), manager.name), *_numbered((*here, "aliases"), manager.aliases)]:
            owner = taken.setdefault(fold(name), here)
            if owner != here:
                yield Mistake(keys, f"{shown(name)} is the name of {dotted(owner)} already; write another one")


def _sources(draft: Draft) -> Iterator[Mistake]:
    """Indicators are made of actions and indicators that there are."""
    if "indicators" not in draft.file:
        lost = {
            id_: missing
            for id_, indicator in draft.indicators.items()
            if (missing := [action for action in indicator.actions if action not in draft.action_ids])
        }
        if lost and isinstance(draft.file.get("actions"), dict):
            needs = "; ".join(f"{id_} needs {', '.join(missing)}" for id_, missing in lost.items())
            yield Mistake(
                ("actions",),
                "these replace the built-in actions, which built-in indicators are made of; add the actions, or name "
                f"your own indicators ({needs})",
            )
        return
    for id_, indicator in draft.indicators.items():
        kind = "of" if indicator.of else "count" if indicator.count else "clients"
        for keys, action in _numbered(("indicators", id_, kind), indicator.actions):
            if action not in draft.action_ids:
                yield Mistake(keys, f"there is no action {shown(action)}" + _missing_action(action, draft))
        yield from _parts(id_, indicator, draft)


def _parts(id_: str, indicator: Indicator, draft: Draft) -> Iterator[Mistake]:
    for keys, part in _numbered(("indicators", id_, "ratio"), indicator.ratio or ()):
        found = draft.indicators.get(part)
        if part not in draft.indicator_ids:
            yield Mistake(keys, f"there is no indicator {shown(part)}" + _missing_indicator(part, draft))
        elif found is not None and found.ratio is not None:
            yield Mistake(keys, f"{shown(part)} is a ratio itself; name two indicators that are counted or added up")


def _promises(draft: Draft) -> Iterator[Mistake]:
    """A target is given once, and an indicator's targets are of one `per`."""
    first: dict[tuple[object, ...], int] = {}
    pace: dict[str, tuple[str, int]] = {}
    for place, targets in draft.targets.items():
        here: Keys = ("targets", place)
        for id_, keys in _promised(here, targets).items():
            before = first.setdefault((targets.start, targets.per, id_), place)
            per, other = pace.setdefault(id_, (targets.per, place))
            if before != place:
                yield Mistake(keys, f"{id_} stands in targets[{before}] too, with the same from and per; keep one")
            elif per != targets.per:
                yield Mistake(
                    keys, f"{id_} is per {per} in targets[{other}] and per {targets.per} here; keep to one of them"
                )


def _promised(here: Keys, targets: Targets) -> dict[str, Keys]:
    """The indicators of an entry, each with its first place in the file."""
    found: dict[str, Keys] = {id_: (*here, "default", id_) for id_ in targets.default}
    for name, figures in targets.managers.items():
        found = {id_: (*here, "managers", name, id_) for id_ in figures} | found
    return found


def _names(draft: Draft) -> Iterator[Mistake]:
    """Targets name indicators and managers that there are; each manager once in an entry."""
    for place, entry in _entries(draft.file.get("targets")).items():
        if not isinstance(entry, dict):
            continue
        sections: list[tuple[Keys, Any]] = [(("targets", place, "default"), entry.get("default"))]
        seen: dict[str, str] = {}
        for name, figures in _texts(entry.get("managers")).items():
            keys: Keys = ("targets", place, "managers", name)
            person = draft.people.get(fold(name))
            if person is None:
                yield Mistake(keys, "there is no such manager" + nearest(name, draft.people))
            elif seen.setdefault(person, name) != name:
                yield Mistake(
                    keys, f"this is {shown(person)}, whose targets stand here under {shown(seen[person])} too"
                )
            sections.append((keys, figures))
        for around, figures in sections:
            for id_ in _texts(figures):
                if id_ not in draft.indicator_ids:
                    yield Mistake((*around, id_), "there is no such indicator" + _missing_indicator(id_, draft))


def _ratios(draft: Draft) -> Iterator[Mistake]:
    """A ratio's target is a share, not a percentage."""
    ratios = {id_ for id_, indicator in draft.indicators.items() if indicator.ratio is not None}
    for place, targets in draft.targets.items():
        here: Keys = ("targets", place)
        sections = [((*here, "default"), targets.default)]
        sections += [((*here, "managers", name), figures) for name, figures in targets.managers.items()]
        for keys, figures in sections:
            for id_ in ratios & figures.keys():
                if figures[id_] > MOST_RATIO:
                    share = f"{figures[id_] / 100:g}"
                    yield Mistake((*keys, id_), f"{figures[id_]:g} would be {figures[id_]:.0%}; write {share}")


def _kpi(draft: Draft) -> Iterator[Mistake]:
    """The kpi section weighs indicators that there are, names managers that there are, each once, and takes from nobody
    for doing more."""
    kpi = _texts(draft.file.get("kpi"))
    accelerator = kpi.get("accelerator")
    if kpi.get("mode") == "whole" and isinstance(accelerator, int | float) and 0 <= accelerator < 1:
        yield Mistake(
            ("kpi", "accelerator"),
            f"with mode: whole, {shown(accelerator)} would pay less for more than 100 % than for 100 %; write 1 or "
            "more, or mode: marginal",
        )
    for id_ in _texts(kpi.get("weights")):
        if id_ not in draft.indicator_ids:
            yield Mistake(("kpi", "weights", id_), "there is no such indicator" + _missing_indicator(id_, draft))
    seen: dict[str, str] = {}
    for name in _texts(kpi.get("managers")):
        person = draft.people.get(fold(name))
        if person is None:
            yield Mistake(("kpi", "managers", name), "there is no such manager" + nearest(name, draft.people))
        elif seen.setdefault(person, name) != name:
            yield Mistake(
                ("kpi", "managers", name), f"this is {shown(person)}, who stands here under {shown(seen[person])} too"
            )


def _texts(section: Any) -> dict[str, Any]:
    return section if isinstance(section, dict) else {}


def _missing_action(id_: str, draft: Draft) -> str:
    if "actions" in draft.file and id_ in defaults()["actions"]:
        return "; actions: replaces the built-in ones, so add it there"
    return nearest(id_, _spelt(draft.action_ids, draft.actions))


def _missing_indicator(id_: str, draft: Draft) -> str:
    if "indicators" in draft.file and id_ in defaults()["indicators"]:
        return "; indicators: replaces the built-in ones, so add it there"
    return nearest(id_, _spelt(draft.indicator_ids, draft.indicators))


def _sorting(draft: Draft) -> Iterator[Mistake]:
    """Categories have ids of their own, and the last one alone takes whatever is left."""
    first: dict[str, int] = {}
    written = _entries(_texts(draft.file.get("base")).get("categories"))
    asking = {
        place: not category.when.always or bool(_texts(written.get(place)).get("when"))
        for place, category in draft.categories.items()
    }
    for place, category in draft.categories.items():
        here: Keys = ("base", "categories", place)
        before = first.setdefault(category.id, place)
        if before != place:
            yield Mistake((*here, "id"), f"{category.id} is the id of base.categories[{before}] already")
        if category.id in NOWHERE:
            yield Mistake((*here, "id"), f"{category.id} is where clients {NOWHERE[category.id]}; write another id")
        if place != max(asking) and not asking[place]:
            yield Mistake(
                here,
                "without when it takes every client, so that the categories after it stay empty; give it criteria, or "
                "put it last",
            )
        if place == max(asking) and asking[place]:
            yield Mistake((*here, "when"), "the last category takes whoever fits no other; leave its when out")


def _labels(draft: Draft) -> Iterator[Mistake]:
    """What people type is one action, or one category: no label is another's label or id."""
    kinds: list[tuple[Keys, list[tuple[str | int, str, Label]]]] = [
        (("actions",), [(id_, id_, action.label) for id_, action in draft.actions.items()]),
        (("base", "categories"), [(place, c.id, c.label) for place, c in draft.categories.items()]),
    ]
    for section, entries in kinds:
        taken = {fold(id_): id_ for _, id_, _ in entries}
        for key, id_, label in entries:
            for spelling in dict.fromkeys(label.text(language) for language in LANGUAGES):
                owner = taken.setdefault(fold(spelling), id_)
                if owner != id_:
                    yield Mistake((*section, key, "label"), f"{shown(spelling)} means {owner} already; write another")


def _ids(draft: Draft) -> Iterator[Mistake]:
    """Ids are words, no measure's of ours, and five headlines are enough."""
    for section, ids in (("actions", draft.action_ids), ("indicators", draft.indicator_ids)):
        for id_ in ids:
            if not re.fullmatch(r"\w[\w-]{0,59}", id_):
                yield Mistake((section, id_), "an id is one word of letters, digits, _ and -, of 60 at most")
            elif section == "indicators" and id_ in RESERVED:
                yield Mistake((section, id_), "this id is one of sheetsync's own measures; write another")
    headlines = [id_ for id_, indicator in draft.indicators.items() if indicator.headline]
    for id_ in headlines[5:]:
        yield Mistake(("indicators", id_, "headline"), f"five headlines are enough: {', '.join(headlines[:5])}")


def _headers(draft: Draft) -> Iterator[Mistake]:
    """Further names are of columns that there are, and of one column in a tab."""
    columns = draft.workbook.columns if draft.workbook else {}
    known = tuple(dict.fromkeys((*ACTION_COLUMNS, *BASE_COLUMNS)))
    for column in columns:
        if column not in known:
            yield Mistake(("workbook", "columns", column), "there is no such column" + nearest(column, known))
    for tab in (ACTION_COLUMNS, BASE_COLUMNS):
        taken: dict[str, str] = {fold(column): column for column in tab}
        for column in (column for column in tab if column in columns):
            for keys, name in _numbered(("workbook", "columns", column), columns[column]):
                owner = taken.setdefault(fold(name), column)
                if owner != column:
                    yield Mistake(keys, f"{shown(name)} is a name of the column {owner} already")


def _tabs(draft: Draft) -> Iterator[Mistake]:
    """Every tab has a title of its own, and no pattern takes another tab for an action log."""
    if draft.workbook is None:
        return
    tabs = draft.workbook.tabs
    here: Keys = ("workbook", "tabs")
    others = [((*here, id_), getattr(tabs, id_)) for id_ in Tabs.model_fields if id_ not in ("actions", "finance")]
    taken: dict[str, Keys] = {}
    for keys, title in [*_numbered((*here, "actions"), tabs.actions), *others]:
        before = taken.setdefault(fold(title), keys)
        if before != keys:
            yield Mistake(keys, f"{shown(title)} is the title of {dotted(before)} already")
    for keys, title in others:
        for pattern in tabs.actions:
            if "*" in pattern and re.fullmatch(".*".join(map(re.escape, fold(pattern).split("*"))), fold(title)):
                yield Mistake((*here, "actions"), f"{shown(pattern)} takes {dotted(keys)} {shown(title)} too")
    if tabs.finance and fold(tabs.finance) in {fold(title) for _, title in others}:
        yield Mistake((*here, "finance"), f"{shown(tabs.finance)} is another tab's title already")


def _places(draft: Draft) -> Iterator[Mistake]:
    """The spreadsheet and the time zone can be found, as far as can be told here."""
    spreadsheet = _texts(draft.file.get("workbook")).get("spreadsheet")
    try:
        Place.parse(spreadsheet if isinstance(spreadsheet, str) and spreadsheet.strip() else "local:-", Path())
    except ValueError as error:
        yield Mistake(("workbook", "spreadsheet"), str(error))
    zone = draft.workbook.timezone if draft.workbook else None
    if zone is not None and not _is_zone(zone):
        yield Mistake(("workbook", "timezone"), f"{shown(zone)} is no time zone{nearest(zone, _zones())}")


def _country(draft: Draft) -> Iterator[Mistake]:
    """The country's holidays are known, and the currency exists."""
    if draft.department is None:
        return
    country, currency = draft.department.country, draft.department.currency
    if country is not None and not _has_holidays(country):
        near = nearest(country, _beginning(country) or _countries())
        yield Mistake(("department", "country"), f"no holidays are known of {shown(country)}{near}")
    if currency not in Locale("en").currencies:
        yield Mistake(("department", "currency"), f"{shown(currency)} is no currency{nearest(currency, _currencies())}")


@cache
def _zones() -> dict[str, str]:
    """City, or name -> name of every time zone."""
    zones = sorted(zoneinfo.available_timezones())
    return {zone.split("/")[-1]: zone for zone in zones} | {zone: zone for zone in zones}


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def _has_holidays(code: str) -> bool:
    if not re.fullmatch(r"[A-Z]{2,3}", code):
        return False
    try:
        holidays.country_holidays(code)
    except NotImplementedError:  # so the library says that it does not know a country
        return False
    return True


@cache
def _countries() -> dict[str, str]:
    """Code or name in the three languages -> code."""
    codes = holidays.list_supported_countries(include_aliases=False)
    found = {str(Locale(language).territories.get(code, code)): code for language in LANGUAGES for code in codes}
    return found | {code: code for code in codes}


def _beginning(text: str) -> dict[str, str]:
    """The countries whose name begins so, as abbreviations do that are no code: GER."""
    return {name: code for name, code in _countries().items() if len(name) > 3 and fold(name).startswith(fold(text))}


@cache
def _currencies() -> dict[str, str]:
    """Code, sign or name in the three languages -> code."""
    found: dict[str, str] = {}
    for locale in map(Locale, LANGUAGES):
        found = {str(name): str(code) for code, name in locale.currencies.items()} | found
        found = {str(sign): str(code) for code, sign in locale.currency_symbols.items()} | found
    return found | {str(code): str(code) for code in Locale("en").currencies}


def _numbered(keys: Keys, values: Iterable[str]) -> list[tuple[Keys, str]]:
    return [((*keys, place), value) for place, value in enumerate(values)]


def _spelt(ids: Iterable[str], right: Mapping[str, Action] | Mapping[str, Indicator]) -> dict[str, str]:
    """Id, or label in any language -> id."""
    labels = {entry.label.text(language): id_ for id_, entry in right.items() for language in LANGUAGES}
    return {id_: id_ for id_ in ids} | {label: id_ for label, id_ in labels.items() if label not in right}


Check = Callable[[Draft], Iterator[Mistake]]
CHECKS: tuple[Check, ...] = (
    _people,
    _sources,
    _names,
    _promises,
    _ratios,
    _kpi,
    _sorting,
    _labels,
    _ids,
    _headers,
    _tabs,
    _places,
    _country,
)
