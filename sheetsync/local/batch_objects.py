"""Requests about what lies on the cells: conditional formats, protection, names, bands, metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sheetsync.local import a1, fields, formats, metadata, tables
from sheetsync.local.batch_cells import twin_mask
from sheetsync.local.book import Book, Sheet
from sheetsync.local.errors import PROTECTED, RefusedError
from sheetsync.local.numbered import held, named_by_id, new_id, replace, with_id

_NAME = re.compile(r"[^\W\d][\w.]{0,249}")
_BANDS_ON_BANDS = (
    "You cannot add alternating background colors to a range that already has alternating background colors."
)
_BOOLEAN_RULE_FORMAT = frozenset(("backgroundColor", "backgroundColorStyle", "textFormat"))


# Conditional formats


def add_conditional_format_rule(book: Book, request: dict[str, Any]) -> None:
    """addConditionalFormatRule; without an index it becomes the first."""
    rule = _checked_rule(book, request.get("rule", {}))
    sheet = book.sheet(rule["ranges"][0].get("sheetId", 0))
    rules, index = sheet.objects("conditionalFormats"), request.get("index", 0)
    if not 0 <= index <= len(rules):
        raise RefusedError(f"index[{index}] is outside of the sheet's {len(rules)} conditional formats.")
    rules.insert(index, rule)


def _checked_rule(book: Book, given: Mapping[str, Any]) -> dict[str, Any]:
    ranges = given.get("ranges", [])
    if not ranges:
        raise RefusedError("At least one range must be specified.")
    if len({span.get("sheetId", 0) for span in ranges}) > 1:
        raise RefusedError("All ranges must be on the same sheet.")
    for span in ranges:
        _check_range(book, span)
    rule: dict[str, Any] = formats.pruned(formats.with_twins(dict(given)))
    if "booleanRule" in rule:
        _check_boolean(rule["booleanRule"])
    elif "gradientRule" in rule:
        _check_gradient(rule["gradientRule"])
    else:
        raise RefusedError("No rule specified.")
    return rule


def _check_range(book: Book, span: Mapping[str, Any]) -> None:
    """RefusedError where a range is not on the grid; that nothing is in it is allowed."""
    bounds = a1.span_of(dict(span))
    empty = bounds.bottom == (bounds.top or 0) or bounds.right == (bounds.left or 0)
    if empty:
        book.sheet(span.get("sheetId", 0))
    else:
        book.place(span)


def _check_boolean(rule: Mapping[str, Any]) -> None:
    if rule.get("condition", {}).get("type", "CONDITION_TYPE_UNSPECIFIED") == "CONDITION_TYPE_UNSPECIFIED":
        raise RefusedError("Condition type must be specified.")
    if rule["condition"]["type"] == "CUSTOM_FORMULA" and not rule["condition"].get("values"):
        raise RefusedError("Condition type 'CUSTOM_FORMULA' must have exactly one ConditionValue.")
    if unknown := set(rule.get("format", {})) - _BOOLEAN_RULE_FORMAT:
        raise RefusedError(f"Conditional formats can't set {', '.join(sorted(unknown))}.")


def _check_gradient(rule: Mapping[str, Any]) -> None:
    for name in ("minpoint", "maxpoint"):
        if "type" not in rule.get(name, {}):
            raise RefusedError(f"gradientRule.{name} must be specified.")
    for name in ("minpoint", "midpoint", "maxpoint"):
        point = rule.get(name, {})
        if point.get("type") in ("NUMBER", "PERCENT", "PERCENTILE") and "value" not in point:
            raise RefusedError(f"gradientRule.{name}.value must be specified.")


def _rule_at(sheet: Sheet, index: int) -> dict[str, Any]:
    rules = sheet.objects("conditionalFormats")
    if not 0 <= index < len(rules):
        raise RefusedError(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return rules[index]


def update_conditional_format_rule(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """updateConditionalFormatRule: replaces a rule, or moves it to `newIndex`."""
    index = request.get("index", 0)
    if "rule" in request:
        rule = _checked_rule(book, request["rule"])
        sheet = book.sheet(request.get("sheetId", rule["ranges"][0].get("sheetId", 0)))
        old = _rule_at(sheet, index)
        sheet.objects("conditionalFormats")[index] = rule
        return _reply(rule, old, index, index)
    sheet = book.sheet(request.get("sheetId", 0))
    old, target = _rule_at(sheet, index), request.get("newIndex", 0)
    rules = sheet.objects("conditionalFormats")
    if not 0 <= target < len(rules):
        raise RefusedError(f"No conditional format on sheet: {sheet.id} at index: {target}")
    rules.insert(target, rules.pop(index))
    return _reply(old, old, index, target)


def _reply(new: dict[str, Any], old: dict[str, Any], old_index: int, new_index: int) -> dict[str, Any]:
    """The reply of updateConditionalFormatRule; index 0 is left out."""
    reply = {"newRule": new, "newIndex": new_index, "oldRule": old, "oldIndex": old_index}
    return {name: item for name, item in reply.items() if item}


def delete_conditional_format_rule(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """deleteConditionalFormatRule; the rules behind it move up."""
    sheet, index = book.sheet(request.get("sheetId", 0)), request.get("index", 0)
    rule = _rule_at(sheet, index)
    del sheet.objects("conditionalFormats")[index]
    return {"rule": rule}


# Protection


def add_protected_range(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addProtectedRange; who adds it may edit it."""
    given = request.get("protectedRange", {})
    sheet = _protected_sheet(book, given)
    number = new_id(book, "protectedRanges", "protectedRangeId", given, "protected range")
    kept = with_id("protectedRangeId", number, _protection(given))
    sheet.objects("protectedRanges").append(_with_caller(book, kept))
    return {"protectedRange": {**kept, "requestingUserCanEdit": True}}


def _protected_sheet(book: Book, given: Mapping[str, Any]) -> Sheet:
    if "namedRangeId" in given:
        named = named_by_id(book, given["namedRangeId"])
        return book.sheet(named["range"].get("sheetId", 0))
    if given.get("tableId"):
        return tables.find(book, given["tableId"])[0]
    if "range" not in given:
        raise RefusedError("A protected range must have a range or a named range.")
    sheet, _ = book.place(given["range"])
    return sheet


def _protection(given: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = formats.pruned(dict(given))
    kept.pop("requestingUserCanEdit", None)
    if kept.get("warningOnly"):
        kept.pop("editors", None)
    else:
        editors = kept.get("editors", {})
        kept["editors"] = {name: item for name, item in editors.items() if item}
    return kept


def _with_caller(book: Book, protection: dict[str, Any]) -> dict[str, Any]:
    if book.account is None or protection.get("warningOnly"):
        return protection
    users = protection.get("editors", {}).get("users", [])
    users = users if book.account in users else [*users, book.account]
    return {**protection, "editors": {**protection.get("editors", {}), "users": users}}


def update_protected_range(book: Book, request: dict[str, Any]) -> None:
    """updateProtectedRange; only for who may edit it."""
    mask = fields.write_mask(request.get("fields"), "ProtectedRange")
    given = request.get("protectedRange", {})
    sheet, old = held(book, "protectedRanges", "protectedRangeId", given.get("protectedRangeId"), "protected range")
    _check_may(book, old)
    wanted = with_id("protectedRangeId", old["protectedRangeId"], _protection(fields.merge(old, dict(given), mask)))
    home = _protected_sheet(book, wanted)
    sheet.objects("protectedRanges").remove(old)
    home.objects("protectedRanges").append(_with_caller(book, wanted))


def _check_may(book: Book, protection: Mapping[str, Any]) -> None:
    if not protection.get("warningOnly") and not book.may_edit(protection):
        raise RefusedError(PROTECTED)


def delete_protected_range(book: Book, request: dict[str, Any]) -> None:
    """deleteProtectedRange; only for who may edit it."""
    number = request.get("protectedRangeId")
    sheet, old = held(book, "protectedRanges", "protectedRangeId", number, "protected range")
    _check_may(book, old)
    sheet.objects("protectedRanges").remove(old)


# Named ranges


def add_named_range(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addNamedRange; ids and names are unique."""
    given = request.get("namedRange", {})
    taken = {item["namedRangeId"] for item in book.named_ranges}
    number = given.get("namedRangeId") or str(book.free_id(int(item) for item in taken if item.isdigit()))
    if number in taken:
        raise RefusedError(f"A named range with id {number} already exists.")
    made = _checked_name(book, {**given, "namedRangeId": number})
    book.named_ranges.append(made)
    return {"namedRange": made}


def _checked_name(book: Book, item: Mapping[str, Any]) -> dict[str, Any]:
    name = item.get("name", "")
    if not _NAME.fullmatch(name) or name.casefold() in ("true", "false") or a1.parse(name).span is not None:
        raise RefusedError(f"Invalid name: {name}")
    held = book.named(name)
    if held is not None and held["namedRangeId"] != item["namedRangeId"]:
        raise RefusedError(f'Cannot add named range with name: "{name}". A named range with that name already exists.')
    if "range" not in item:
        raise RefusedError("A named range must have a range.")
    book.place(item["range"])
    return {"namedRangeId": item["namedRangeId"], "name": name, "range": formats.pruned(item["range"])}


def update_named_range(book: Book, request: dict[str, Any]) -> None:
    """updateNamedRange."""
    mask = fields.write_mask(request.get("fields"), "NamedRange")
    given = request.get("namedRange", {})
    old = named_by_id(book, given.get("namedRangeId"))
    wanted = {**fields.merge(old, dict(given), mask), "namedRangeId": old["namedRangeId"]}
    book.named_ranges[book.named_ranges.index(old)] = _checked_name(book, wanted)


def delete_named_range(book: Book, request: dict[str, Any]) -> None:
    """deleteNamedRange."""
    book.named_ranges.remove(named_by_id(book, request.get("namedRangeId")))


# Banding


def add_banding(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addBanding; bands never lie upon bands."""
    given = request.get("bandedRange", {})
    number = new_id(book, "bandedRanges", "bandedRangeId", given, "banded range")
    made = with_id("bandedRangeId", number, _checked_bands(book, given, None))
    book.sheet(made["range"].get("sheetId", 0)).objects("bandedRanges").append(made)
    return {"bandedRange": made}


def _checked_bands(book: Book, given: Mapping[str, Any], own: dict[str, Any] | None) -> dict[str, Any]:
    if "range" not in given:
        raise RefusedError("A banded range must have a range.")
    sheet, area = book.place(given["range"])
    for other in sheet.doc.get("bandedRanges", []):
        if other is not own and area.common(a1.span_of(other["range"]).within(sheet.rows, sheet.columns)):
            raise RefusedError(_BANDS_ON_BANDS)
    if not any(_has_colours(given.get(name, {})) for name in ("rowProperties", "columnProperties")):
        raise RefusedError("Must specify at least one of rowProperties and columnProperties, with both band colors.")
    kept: dict[str, Any] = formats.pruned(formats.with_twins(dict(given)))
    return kept


def _has_colours(properties: Mapping[str, Any]) -> bool:
    return all(name in properties or f"{name}Style" in properties for name in ("firstBandColor", "secondBandColor"))


def update_banding(book: Book, request: dict[str, Any]) -> None:
    """updateBanding."""
    mask = twin_mask(fields.write_mask(request.get("fields"), "BandedRange"))
    given = request.get("bandedRange", {})
    sheet, old = held(book, "bandedRanges", "bandedRangeId", given.get("bandedRangeId"), "banded range")
    wanted = fields.merge(old, formats.with_twins(given), mask)
    replace(
        sheet, "bandedRanges", old, with_id("bandedRangeId", old["bandedRangeId"], _checked_bands(book, wanted, old))
    )


def delete_banding(book: Book, request: dict[str, Any]) -> None:
    """deleteBanding; of a table it takes the table away and leaves the cells."""
    if found := tables.of_banding(book, request.get("bandedRangeId")):
        found[0].objects("tables").remove(found[1])
        return
    sheet, item = held(book, "bandedRanges", "bandedRangeId", request.get("bandedRangeId"), "banded range")
    sheet.objects("bandedRanges").remove(item)


# Developer metadata


def create_developer_metadata(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """createDeveloperMetadata."""
    return {"developerMetadata": metadata.add(book, request.get("developerMetadata", {}))}


def _filtered(book: Book, filters: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = {item["metadataId"]: item for data_filter in filters for item in metadata.matching(book, data_filter)}
    return list(found.values())


def update_developer_metadata(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """updateDeveloperMetadata: everything that the filters match."""
    mask = fields.write_mask(request.get("fields"), "DeveloperMetadata")
    found = _filtered(book, request.get("dataFilters", []))
    given = request.get("developerMetadata", {})
    metadata.remove(book, (item["metadataId"] for item in found))
    changed = [
        metadata.add(book, {**fields.merge(item, given, mask), "metadataId": item["metadataId"]}) for item in found
    ]
    return {"developerMetadata": changed} if changed else {}


def delete_developer_metadata(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """deleteDeveloperMetadata: everything that the filter matches."""
    found = _filtered(book, [request.get("dataFilter", {})])
    metadata.remove(book, (item["metadataId"] for item in found))
    return {"deletedDeveloperMetadata": found} if found else {}


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "addConditionalFormatRule": add_conditional_format_rule,
    "updateConditionalFormatRule": update_conditional_format_rule,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
    "createDeveloperMetadata": create_developer_metadata,
    "updateDeveloperMetadata": update_developer_metadata,
    "deleteDeveloperMetadata": delete_developer_metadata,
}
