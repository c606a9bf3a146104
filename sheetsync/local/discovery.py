"""Google's own description of the API: which methods there are, and whether a body or a query fits.

The discovery document ships with google-api-python-client and is read as data; that package is not imported. A body is
checked once, field by field, by closures made from its schema: unknown names, wrong types, unknown enum values and two
of a oneof are collected, and refused together as Google words them. What passes is normalised in place: nulls are
gone, snake_case names are camelCase, numbers written as text are numbers.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from sheetsync.local.errors import ApiError, violations

Faults = list[tuple[str, str]]
Where = tuple[Any, ...] | None
Check = Callable[[Any, Where, Faults], Any]

_DOCUMENT = "googleapiclient/discovery_cache/documents/sheets.v4.json"
_PACKAGE = "google-api-python-client"
_NAMESPACE = "type.googleapis.com/google.apps.sheets.v4."
_ONEOFS: dict[str, dict[str, tuple[str, ...]]] = {
    "ExtendedValue": {"value": ("numberValue", "stringValue", "boolValue", "formulaValue", "errorValue")},
    "ConditionalFormatRule": {"rule": ("booleanRule", "gradientRule")},
    "ColorStyle": {"kind": ("rgbColor", "themeColor")},
    "DataFilter": {"filter": ("developerMetadataLookup", "a1Range", "gridRange")},
    "EmbeddedObjectPosition": {"location": ("sheetId", "overlayPosition", "newSheet")},
    "ConditionValue": {"value": ("relativeDate", "userEnteredValue")},
    "DeveloperMetadataLocation": {"location": ("spreadsheet", "sheetId", "dimensionRange")},
    "UpdateCellsRequest": {"area": ("start", "range")},
    "AutoFillRequest": {"area": ("range", "sourceAndDestination")},
    "UpdateConditionalFormatRuleRequest": {"instruction": ("rule", "newIndex")},
    "FindReplaceRequest": {"scope": ("range", "sheetId", "allSheets")},
    "PasteDataRequest": {"kind": ("delimiter", "html")},
    "ChartData": {"type": ("sourceRange", "columnReference")},
    "ChartGroupRule": {"rule": ("dateTimeRule", "histogramRule")},
    "TextRotation": {"type": ("angle", "vertical")},
    "PivotGroupRule": {"rule": ("manualRule", "histogramRule", "dateTimeRule")},
    "PivotValue": {"value": ("formula", "sourceColumnOffset", "dataSourceColumnReference")},
    "ErrorValue": {},
}
_OFTEN_THE_SAME = ("CellFormat", "DataValidationRule")
_REMEMBERED = 2000
_BODY_FIELD = {"spreadsheets.create": "spreadsheet", "values.update": "data", "values.append": "data"}
_ENUM_TYPES = {
    "majorDimension": "Dimension",
    "mergeType": "MergeCellsRequest.MergeType",
    "responseValueRenderOption": "ValueRenderOption",
    "responseDateTimeRenderOption": "DateTimeRenderOption",
}
_SYSTEM_QUERY = frozenset(
    "$.xgafv access_token alt callback fields key oauth_token prettyPrint quotaUser uploadType upload_protocol".split()
)


class Method(NamedTuple):
    """One method of the API: `id` is its name below `sheets.`, without a leading `spreadsheets.` where it has more."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    query: Mapping[str, Mapping[str, Any]]
    request: str | None
    response: str

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        reading_posts = ("getByDataFilter", "batchGetByDataFilter", "search")
        return self.verb != "GET" and not self.id.endswith(reading_posts)


class Call(NamedTuple):
    """A request that fits its method: path and query parameters by camelCase name, `body` checked ({} for none)."""

    method: Method
    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any]


@functools.cache
def document() -> dict[str, Any]:
    """Google's discovery document of Sheets API v4."""
    path = Path(str(distribution(_PACKAGE).locate_file(_DOCUMENT)))
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    return loaded


@functools.cache
def methods() -> tuple[Method, ...]:
    """Every method; those with a literal ending stand before those without."""
    found = [_method(raw) for raw in _methods_in(document()["resources"])]
    return tuple(sorted(found, key=lambda method: -method.pattern.pattern.count(":")))


def _methods_in(resources: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for resource in resources.values():
        yield from resource.get("methods", {}).values()
        yield from _methods_in(resource.get("resources", {}))


def path_pattern(path: str) -> re.Pattern[str]:
    """A method's path (`v4/spreadsheets/{spreadsheetId}:batchUpdate`) as a pattern for decoded paths.

    A range may hold any sign, slashes and colons too; an id holds neither. A slash at the end, and one between an id
    and a colon, are passed over, as Google does: some clients put them there.
    """
    parts = re.split(r"\{(\w+)\}", path)
    written = ""
    for place, part in enumerate(parts):
        after_id = place > 0 and parts[place - 1] != "range"
        if place % 2:
            written += f"(?P<{part}>{'.+' if part == 'range' else '[^/:]+'})"
        else:
            written += ("/?" if part.startswith(":") and after_id else "") + re.escape(part)
    return re.compile(written + ("" if path.endswith("{range}") else "/?"), re.DOTALL)


def _method(raw: Mapping[str, Any]) -> Method:
    parameters = raw.get("parameters", {}).items()
    query = {name: about for name, about in parameters if about["location"] == "query"}
    name = raw["id"].removeprefix("sheets.spreadsheets.")
    name = name if "." in name else f"spreadsheets.{name}"
    request = raw.get("request", {}).get("$ref")
    return Method(name, raw["httpMethod"], path_pattern("/" + raw["path"]), query, request, raw["response"]["$ref"])


def find(verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method that a verb and a decoded path name, with its path parameters."""
    for method in methods():
        if method.verb == verb and (match := method.pattern.fullmatch(path)):
            return method, match.groupdict()
    return None


def checked_query(method: Method, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The method's query parameters by camelCase name: texts, booleans, lists; ApiError for what does not fit."""
    values: dict[str, Any] = {}
    faults: Faults = []
    for key, text in pairs:
        name = _camel(key)
        if name in _SYSTEM_QUERY or key in _SYSTEM_QUERY:
            values[name] = text
        elif name in method.query:
            _bind(values, name, method.query[name], text, faults)
        else:
            faults.append(
                ("", _unknown(key, "Cannot bind query parameter. Field '{0}' could not be found in request message."))
            )
    if faults:
        raise violations(faults)
    return values


def _bind(values: dict[str, Any], name: str, about: Mapping[str, Any], text: str, faults: Faults) -> None:
    if about.get("repeated"):
        values.setdefault(name, []).append(text)
    elif about["type"] == "boolean":
        if text.lower() not in ("true", "false", "1", "0"):
            faults.append((_snake(name), f"Invalid value at '{_snake(name)}' (TYPE_BOOL), \"{text}\""))
        values[name] = text.lower() in ("true", "1")
    elif "enum" in about and text not in about["enum"]:
        faults.append((_snake(name), f"Invalid value at '{_snake(name)}' ({_enum_type(name)}), \"{text}\""))
    else:
        values[name] = text


def _unknown(name: str, why: str, place: str = "") -> str:
    at = f" at '{place}'" if place else ""
    return f'Invalid JSON payload received. Unknown name "{name}"{at}: {why.format(name)}'


def checked_body(method: Method, body: Any) -> dict[str, Any]:
    """The body, normalised in place; ApiError (400, every fault listed) where it does not fit the method's schema."""
    if method.request is None:
        return {}
    prefix = _BODY_FIELD.get(method.id)
    return checked(method.request, body, prefix)


def checked(schema: str, value: Any, prefix: str | None = None) -> dict[str, Any]:
    """A JSON object against a schema of the document; `prefix` is where it stands in the request message."""
    if not isinstance(value, dict):
        raise violations([("", _unknown("", "Root element must be a message."))])
    faults: Faults = []
    result: dict[str, Any] = check_of(schema)(value, (None, prefix) if prefix else None, faults)
    if faults:
        raise violations(faults)
    return result


@functools.cache
def check_of(schema: str) -> Check:
    """The check of one schema: (value, path, faults) -> the value normalised."""
    check = _object_check(schema, document()["schemas"][schema])
    return _remembering(check) if schema in _OFTEN_THE_SAME else check


def _remembering(check: Check) -> Check:
    """The check, which lets pass at once what it found right before: big bodies repeat a few formats."""
    right: set[bytes] = set()

    def remembering(value: Any, path: Where, faults: Faults) -> Any:
        text = orjson.dumps(value)
        if text in right:
            return value
        before = len(faults)
        kept = check(value, path, faults)
        if len(faults) == before and orjson.dumps(kept) == text:
            if len(right) >= _REMEMBERED:
                right.clear()
            right.add(text)
        return kept

    return remembering


@functools.cache
def names_of(schema: str) -> dict[str, tuple[str, str | None]]:
    """camelCase and snake_case name -> (camelCase name, schema of the field or of its items; None for a scalar)."""
    names: dict[str, tuple[str, str | None]] = {}
    for name, about in document()["schemas"][schema].get("properties", {}).items():
        inner = (
            about.get("$ref") or about.get("items", {}).get("$ref") or about.get("additionalProperties", {}).get("$ref")
        )
        names[name] = names[_snake(name)] = (name, inner)
    return names


class _Field(NamedTuple):
    at_once: tuple[type, ...]
    check: Check
    proto: str


_AT_ONCE: dict[Check, tuple[type, ...]] = {}
"""The types that a scalar's check takes without a look at the value."""


def _object_check(schema: str, about: Mapping[str, Any]) -> Check:
    type_name = _NAMESPACE + schema
    fields = _fields(about)
    exclusive = {name: group for group, names in oneofs(schema, about).items() for name in names}

    def check(value: Any, path: Where, faults: Faults) -> Any:
        if type(value) is not dict:
            faults.append(_wrong(value, path, type_name))
            return {}
        odd: list[str] = []
        for key, item in value.items():
            field = fields.get(key)
            if field is None or item is None:
                odd.append(key)
            elif item.__class__ not in field[0]:
                kept = field[1](item, (path, field[2]), faults)
                if kept is not item:
                    value[key] = kept
        if odd:
            _settle(value, odd, fields, path, faults)
        if exclusive and len(value) > 1:
            _check_oneofs(value, exclusive, path, faults)
        return value

    return check


def _settle(value: dict[str, Any], odd: list[str], fields: Mapping[str, _Field], path: Where, faults: Faults) -> None:
    """Take nulls out, put snake_case fields under their camelCase names, and note what is unknown."""
    for key in odd:
        item = value.pop(key)
        field = fields.get(key) or fields.get(_camel(key))
        if field is None:
            place = _text(path)
            faults.append((place, _unknown(key, "Cannot find field.", place)))
        elif item is not None:
            value[_camel(key)] = field.check(item, (path, field.proto), faults)


def _check_oneofs(value: Mapping[str, Any], exclusive: Mapping[str, str], path: Where, faults: Faults) -> None:
    taken: set[str] = set()
    for name in value:
        oneof = exclusive.get(name)
        if oneof is not None and oneof in taken:
            faults.append(_taken(path, oneof, name))
        elif oneof is not None:
            taken.add(oneof)


def _fields(about: Mapping[str, Any]) -> dict[str, _Field]:
    fields: dict[str, _Field] = {}
    for name, inner in about.get("properties", {}).items():
        check = _field_check(name, inner)
        fields[name] = _Field(_AT_ONCE.get(check, ()), check, _snake(name))
    return fields


def oneofs(schema: str, about: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """The oneofs of a schema, which the document does not tell: name -> the fields of which one may be set."""
    if schema == "Request":
        return {"kind": tuple(about["properties"])}
    if schema == "ChartSpec":
        return {"chart": tuple(name for name in about["properties"] if name.endswith("Chart"))}
    return _ONEOFS.get(schema, {})


def _taken(path: Where, oneof: str, name: str) -> tuple[str, str]:
    place = _text(path)
    at = f" at '{place}'" if place else ""
    return place, f"Invalid value{at} (oneof), oneof field '{oneof}' is already set. Cannot set '{name}'"


def _field_check(name: str, about: Mapping[str, Any]) -> Check:
    if "$ref" in about:
        return _later(about["$ref"])
    kind = about["type"]
    if kind == "array":
        items = about["items"]
        if items.get("type") == "array":
            return _list_check(_row_check)
        return _flattened(_list_check(_field_check(name, items)))
    if kind == "object":
        return _map_check(_field_check(name, about["additionalProperties"]))
    if "enum" in about:
        return _enum_check(name, frozenset(about["enum"]))
    return {
        "string": _mask_check if about.get("format") == "google-fieldmask" else _string_check,
        "boolean": _boolean_check,
        "integer": _integer_check,
        "number": _number_check,
    }[kind]


def _later(schema: str) -> Check:
    def check(value: Any, path: Where, faults: Faults) -> Any:
        return check_of(schema)(value, path, faults)

    return check


def _list_check(item_check: Check) -> Check:
    def check(value: Any, path: Where, faults: Faults) -> Any:
        if type(value) is not list:
            return [item_check(value, path, faults)]
        for place, item in enumerate(value):
            kept = item_check(item, (path, place), faults)
            if kept is not item:
                value[place] = kept
        return value

    return check


def _flattened(list_check: Check) -> Check:
    """In a list of anything but lists, a list is taken for its items, and a null for nothing, as Google takes them."""

    def check(value: Any, path: Where, faults: Faults) -> Any:
        if type(value) is list and any(type(item) is list for item in value):
            value = [kept for item in value for kept in (item if type(item) is list else [item])]
        if type(value) is list and None in value:
            value = [item for item in value if item is not None]
        return list_check(value, path, faults)

    return check


def _map_check(item_check: Check) -> Check:
    def check(value: Any, path: Where, faults: Faults) -> Any:
        if type(value) is not dict:
            faults.append(_wrong(value, path, "google.protobuf.Map"))
            return {}
        return {key: item_check(item, (path, key), faults) for key, item in value.items()}

    return check


def _row_check(value: Any, path: Where, faults: Faults) -> Any:
    if type(value) is not list:
        faults.append(_wrong(value, path, "type.googleapis.com/google.protobuf.ListValue"))
    return value


def _enum_check(name: str, allowed: frozenset[str]) -> Check:
    def check(value: Any, path: Where, faults: Faults) -> Any:
        if value not in allowed:
            faults.append(_wrong(value, path, _enum_type(name)))
        return value

    return check


def _string_check(value: Any, path: Where, faults: Faults) -> Any:
    if type(value) is not str:
        faults.append(_wrong(value, path, "TYPE_STRING"))
    return value


def _mask_check(value: Any, path: Where, faults: Faults) -> Any:
    if type(value) is not str:
        faults.append(_wrong(value, path, "type.googleapis.com/google.protobuf.FieldMask"))
    return value


def _boolean_check(value: Any, path: Where, faults: Faults) -> Any:
    if type(value) is bool:
        return value
    if value in ("true", "false"):
        return value == "true"
    faults.append(_wrong(value, path, "TYPE_BOOL"))
    return False


def _integer_check(value: Any, path: Where, faults: Faults) -> Any:
    if type(value) is int and -(2**31) <= value < 2**31:
        return value
    number = _as_number(value)
    if number is None or number != int(number) or not -(2**31) <= number < 2**31:
        faults.append(_wrong(value, path, "TYPE_INT32"))
        return 0
    return int(number)


def _number_check(value: Any, path: Where, faults: Faults) -> Any:
    if type(value) is int or type(value) is float:
        return value
    number = _as_number(value)
    if number is None:
        faults.append(_wrong(value, path, "TYPE_DOUBLE"))
        return 0
    return number


_AT_ONCE.update({_string_check: (str,), _mask_check: (str,), _boolean_check: (bool,), _number_check: (int, float)})


def _as_number(value: Any) -> float | None:
    if type(value) is bool or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _wrong(value: Any, path: Where, type_name: str) -> tuple[str, str]:
    place = _text(path)
    at = f" at '{place}'" if place else ""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return place, f"Invalid value{at} ({type_name}), " + (f'"{shown}"' if isinstance(value, str) else shown)


def _text(path: Where) -> str:
    parts: list[str] = []
    while path:
        path, name = path
        parts.append(f"[{name}]" if isinstance(name, int) else f".{name}")
    return "".join(reversed(parts)).removeprefix(".")


def _enum_type(name: str) -> str:
    return _NAMESPACE + _ENUM_TYPES.get(name, name[0].upper() + name[1:])


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda letter: letter[1].upper(), name)


def unparsable(text: str) -> ApiError:
    """400 for a body that is no JSON (NaN and Infinity are none)."""
    return violations([("", f"Invalid JSON payload received. Unexpected token.\n{text}\n^")])
