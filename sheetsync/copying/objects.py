"""The requests that make a target's tabs and what lies upon them, in an order in which each finds what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sheetsync.copying import shapes
from sheetsync.copying.shapes import Item, Json, Loss, lean, title

LOCAL_ACCOUNTS = ("@local-workbook.iam.gserviceaccount.com", "@local-workbook.invalid")
"""Ends of addresses that only a local workbook knows."""

_SPREADSHEET = ("title", "locale", "timeZone", "autoRecalc", "iterativeCalculationSettings")
_TAB = ("sheetId", "title", "hidden", "tabColorStyle", "rightToLeft", "gridProperties")


def frame(skeleton: Mapping[str, Any]) -> list[Item]:
    """The spreadsheet's properties and its tabs, empty. Formulas are read by the locale, so it comes first."""
    properties = {name: skeleton["properties"][name] for name in _SPREADSHEET if name in skeleton["properties"]}
    request = {"updateSpreadsheetProperties": {"properties": properties, "fields": ",".join(properties)}}
    items = [Item("", "title, locale and time zone", request, needed=True)]
    for sheet in filter(shapes.is_grid, skeleton["sheets"]):
        given = lean(sheet["properties"])
        made = {name: given[name] for name in _TAB if name in given}
        made.setdefault("sheetId", 0)
        items.append(Item(title(sheet), "the tab", {"addSheet": {"properties": made}}, needed=True))
    return items


def beneath(skeleton: Mapping[str, Any]) -> list[Item]:
    """What has to be there before the cells: names, which formulas use; merges, under which formats stay; and filters
    that sort, which would move rows that are there already."""
    items = [
        Item("", f"named range “{item['name']}”", {"addNamedRange": {"namedRange": item}})
        for item in skeleton.get("namedRanges", [])
    ]
    for sheet in skeleton["sheets"]:
        for merge in sheet.get("merges", []):
            items.append(Item(title(sheet), "merged cells", {"mergeCells": {"range": merge, "mergeType": "MERGE_ALL"}}))
        if _sorts_first(sheet.get("basicFilter", {})):
            items.append(_basic_filter(sheet, sheet["basicFilter"]))
    return items


def _sorts_first(basic: Mapping[str, Any]) -> bool:
    return bool(basic.get("sortSpecs")) and not basic.get("tableId")


def _basic_filter(sheet: Mapping[str, Any], basic: Mapping[str, Any]) -> Item:
    return Item(title(sheet), "the filter", {"setBasicFilter": {"filter": lean(shapes.filtering(basic))}})


def above(skeleton: Mapping[str, Any], theme: Mapping[str, Any], account: str, *, google: bool) -> list[Item]:
    """What lies on the cells, once they are written. `theme` is the target's own, `account` copies; where the target is
    on `google`, accounts of local workbooks are nobody there."""
    items: list[Item] = []
    own = skeleton["properties"].get("spreadsheetTheme", theme)
    if own != theme:
        change = {"properties": {"spreadsheetTheme": lean(own)}, "fields": "spreadsheetTheme"}
        items.append(Item("", "the theme", {"updateSpreadsheetProperties": change}))
    for kind in _KINDS:
        for sheet in skeleton["sheets"]:
            items.extend(_KINDS[kind](sheet))
    for item in skeleton.get("developerMetadata", []):
        items.append(noted("", item))
    for sheet in skeleton["sheets"]:
        for item in sheet.get("protectedRanges", []):
            kept = shapes.one_place(shapes.protection(item))
            if not item.get("warningOnly"):
                kept["editors"] = editors(item.get("editors", {}), account, google=google)
            items.append(Item(title(sheet), _protection_name(item), {"addProtectedRange": {"protectedRange": kept}}))
    return items


def editors(given: Mapping[str, Any], account: str, *, google: bool) -> Json:
    """Who may edit a protected range of the copy: those of the source as far as they exist there, and who copies."""
    users = [user for user in given.get("users", []) if not (google and user.endswith(LOCAL_ACCOUNTS))]
    if account and account not in users:
        users.append(account)
    return {**given, **({"users": users} if users else {})}


def noted(tab: str, item: Mapping[str, Any]) -> Item:
    """The request for one piece of developer metadata."""
    what = f"developer metadata “{item.get('metadataKey', '')}”"
    return Item(tab, what, {"createDeveloperMetadata": {"developerMetadata": shapes.metadata(item)}})


def _protection_name(item: Mapping[str, Any]) -> str:
    return f"protection “{item['description']}”" if item.get("description") else "a protection"


def _groups(sheet: Mapping[str, Any]) -> Iterator[Item]:
    for kind in ("rowGroups", "columnGroups"):
        for group in sorted(sheet.get(kind, []), key=lambda group: int(group.get("depth", 1))):
            yield Item(title(sheet), "a group", {"addDimensionGroup": {"range": group["range"]}})
        for group in sheet.get(kind, []):
            if group.get("collapsed"):
                change = {"dimensionGroup": group, "fields": "collapsed"}
                yield Item(title(sheet), "a folded group", {"updateDimensionGroup": change})


def _tables(sheet: Mapping[str, Any]) -> Iterator[Item]:
    for table in sheet.get("tables", []):
        yield Item(title(sheet), f"table “{table.get('name', '')}”", {"addTable": {"table": lean(table)}})


def _filters(sheet: Mapping[str, Any]) -> Iterator[Item]:
    basic = sheet.get("basicFilter")
    if basic and not _sorts_first(basic):
        yield _basic_filter(sheet, {name: value for name, value in basic.items() if name != "sortSpecs"})
    for view in sheet.get("filterViews", []):
        made = {"addFilterView": {"filter": lean(shapes.filtering(view))}}
        yield Item(title(sheet), f"filter view “{view.get('title', '')}”", made)


def _bands(sheet: Mapping[str, Any]) -> Iterator[Item]:
    for item in shapes.bands(sheet):
        yield Item(title(sheet), "alternating colours", {"addBanding": {"bandedRange": lean(item)}})


def _rules(sheet: Mapping[str, Any]) -> Iterator[Item]:
    for index, rule in enumerate(sheet.get("conditionalFormats", [])):
        made = {"addConditionalFormatRule": {"rule": lean(rule), "index": index}}
        yield Item(title(sheet), f"conditional format {index + 1}", made)


def _charts(sheet: Mapping[str, Any]) -> Iterator[Item]:
    for chart in filter(_drawable, sheet.get("charts", [])):
        made = lean(chart)
        if "overlayPosition" not in made.get("position", {}):
            made["position"] = {"newSheet": True}
        yield Item(title(sheet), chart_name(chart), {"addChart": {"chart": made}})


def _drawable(chart: Mapping[str, Any]) -> bool:
    """Google answers a chart without domains and series with 500, for ever."""
    basic = chart.get("spec", {}).get("basicChart")
    return basic is None or bool(basic.get("domains") or basic.get("series"))


def chart_name(chart: Mapping[str, Any]) -> str:
    """A chart as a person finds it."""
    named = chart.get("spec", {}).get("title")
    return f"chart “{named}”" if named else f"chart {chart.get('chartId', '')}"


def _slicers(sheet: Mapping[str, Any]) -> Iterator[Item]:
    for slicer in sheet.get("slicers", []):
        yield Item(title(sheet), f"slicer “{slicer['spec'].get('title', '')}”", {"addSlicer": {"slicer": lean(slicer)}})


def _metadata(sheet: Mapping[str, Any]) -> Iterator[Item]:
    for item in sheet.get("developerMetadata", []):
        yield noted(title(sheet), item)


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Item]]] = {
    "groups": _groups,
    "tables": _tables,
    "filters": _filters,
    "bandedRanges": _bands,
    "conditionalFormats": _rules,
    "charts": _charts,
    "slicers": _slicers,
    "developerMetadata": _metadata,
}


def sheets_of_charts(skeleton: Mapping[str, Any], made: Mapping[str, Any]) -> list[Item]:
    """A chart on a tab of its own got a new one: its title, colour and place. `made` is the target's skeleton."""
    now = {chart["chartId"]: sheet for sheet in made["sheets"] for chart in sheet.get("charts", [])}
    items = []
    for sheet in skeleton["sheets"]:
        charts = sheet.get("charts", [])
        if shapes.is_grid(sheet) or not charts or charts[0]["chartId"] not in now:
            continue
        given, held = lean(sheet["properties"]), now[charts[0]["chartId"]]
        names = [name for name in ("title", "tabColorStyle", "rightToLeft") if name in given]
        wanted = {"sheetId": shapes.sheet_id(held), **{name: given[name] for name in names}}
        change = {"properties": wanted, "fields": ",".join(names)}
        items.append(Item(title(sheet), "the chart's tab", {"updateSheetProperties": change}))
    return items


def order(skeleton: Mapping[str, Any], made: Mapping[str, Any], first: int) -> list[Item]:
    """The tabs in the source's order, from index `first` on, and the charts' tabs hidden where they were."""
    wanted = {title(sheet): sheet for sheet in skeleton["sheets"]}
    here = [(title(sheet), shapes.sheet_id(sheet)) for sheet in made["sheets"]]
    items = []
    titles = [name for name, _ in here]
    for place, name in enumerate((name for name in wanted if name in titles), first):
        at = next(index for index, (held, _) in enumerate(here) if held == name)
        if at != place:
            items.append(_placed(name, {"sheetId": here[at][1], "index": place}))
            here.insert(place, here.pop(at))
    for name, number in here:
        if name in wanted and not shapes.is_grid(wanted[name]) and wanted[name]["properties"].get("hidden"):
            items.append(_placed(name, {"sheetId": number, "hidden": True}))
    return items


def _placed(tab: str, properties: Json) -> Item:
    names = ",".join(name for name in properties if name != "sheetId")
    return Item(tab, "the tab's place", {"updateSheetProperties": {"properties": properties, "fields": names}})


def left_out(skeleton: Mapping[str, Any]) -> Iterable[Loss]:
    """What no request can make."""
    connected = "it is connected to a data source, and the API of a target can't be given that"
    if skeleton.get("dataSources"):
        yield Loss("", "data sources", connected)
    for sheet in skeleton["sheets"]:
        if sheet["properties"].get("sheetType") == "DATA_SOURCE":
            yield Loss(title(sheet), "the tab", connected)
        elif not shapes.is_grid(sheet) and not sheet.get("charts"):
            yield Loss(title(sheet), "the tab", "it holds neither cells nor a chart")
        yield from _blind(sheet)


def _blind(sheet: Mapping[str, Any]) -> Iterator[Loss]:
    for chart in sheet.get("charts", []):
        if not _drawable(chart):
            yield Loss(title(sheet), chart_name(chart), "it shows no series")
    for item in sheet.get("protectedRanges", []):
        if not item.get("warningOnly") and "editors" not in item:
            why = "who may edit it is not shown to the account that reads; in the copy it is the account that copies"
            yield Loss(title(sheet), _protection_name(item), why)
