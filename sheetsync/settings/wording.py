"""Mistakes of the configuration in plain words: the schema's own, and the nearest right name for a wrong one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from sheetsync.schema import Settings
from sheetsync.settings.source import Keys, Mistake, shown
from sheetsync.texts import fold


def nearest(wrong: str, known: Mapping[str, str] | Iterable[str]) -> str:
    """`; did you mean "meetings"?`, else what there is to choose from. A mapping leads from spellings to names."""
    spellings = dict(known) if isinstance(known, Mapping) else {word: word for word in known}
    near = closest(wrong, spellings)
    if near is not None:
        return f"; did you mean {shown(spellings[near])}?"
    choice = list(dict.fromkeys(spellings.values()))
    rest = ", ..." if len(choice) > 12 else ""
    return f"; known here: {', '.join(shown(word)[1:-1] for word in choice[:12])}{rest}" if choice else ""


def closest(wrong: str, known: Iterable[str]) -> str | None:
    """The known text most like the wrong one; None where none is like it."""
    spellings = {word: fold(word) for word in known}
    near = process.extractOne(fold(wrong)[:200], spellings, scorer=fuzz.ratio, score_cutoff=60)
    return None if near is None else str(near[2])


def translated(error: ValidationError) -> list[Mistake]:
    """What the schema found, in plain words."""
    found = error.errors(include_url=False)
    # A list whose entries are all wrong is "too short" as well, which says nothing.
    return [_plain(each) for each in found if not (each["type"] == "too_short" and each["input"])]


def _plain(error: ErrorDetails) -> Mistake:
    keys: Keys = tuple(error["loc"])
    if error["input"] is None and error["type"] != "value_error":
        return Mistake(keys, "nothing is written here")
    say = _WORDS.get(error["type"])
    return Mistake(keys, say(error) if say else f"this is not right: {error['msg']}")


def _choice(error: ErrorDetails) -> str:
    known = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    wrong = error["input"]
    near = closest(wrong, known) if isinstance(wrong, str) else None
    head = f"{', '.join(known[:-1])} or {known[-1]} is expected, not {shown(wrong)}"
    return f'{head}; did you mean "{near}"?' if near else head


def _no_number(error: ErrorDetails) -> str:
    wrong = error["input"]
    if isinstance(wrong, str):
        digits = re.sub(r"[\s\u200b']", "", wrong).replace(",", ".")
        if re.fullmatch(r"\d+(\.\d+)?", digits):
            return f"a number is expected, not the text {shown(wrong)}; write {digits}"
    return f"a number is expected, not {shown(wrong)}"


def _extra(error: ErrorDetails) -> str:
    *around, wrong = error["loc"]
    model = _model_at(tuple(around))
    return "unknown key" + nearest(str(wrong), [info.alias or name for name, info in model.model_fields.items()])


def _absent(error: ErrorDetails) -> str:
    keys = error["loc"]
    if keys[-1:] == (1,) or keys[-1:] == (0,):
        return "two indicators are expected, [above, below]"
    model, name = _model_at(tuple(keys[:-1])), keys[-1]
    info = next((info for field_, info in model.model_fields.items() if name in (field_, info.alias)), None)
    return f"is missing. {info.description}" if info and info.description else "is missing"


def _kept(error: ErrorDetails) -> str:
    what = "keys (name: value)" if error["loc"] else "keys (workbook:, managers:, targets:)"
    return f"{what} are expected here, not {shown(error['input'])}"


_WORDS: dict[str, Callable[[ErrorDetails], str]] = {
    "value_error": lambda error: str(error["ctx"]["error"]),
    "missing": _absent,
    "extra_forbidden": _extra,
    "literal_error": _choice,
    "enum": _choice,
    "string_type": lambda error: f"a text is expected, not {shown(error['input'])}" + _quoted(error["input"]),
    "string_too_short": lambda _: "nothing is written here",
    "string_too_long": lambda error: f"the text is longer than {error['ctx']['max_length']} characters",
    "string_pattern_mismatch": lambda error: f"{shown(error['input'])} has other signs than a-z, 0-9 and _",
    "string_unicode": lambda _: "the text has a character that cannot be written",
    "float_type": _no_number,
    "finite_number": lambda _: "an ordinary number is expected, neither infinite nor undefined",
    "int_type": lambda error: f"a whole number is expected, not {shown(error['input'])}",
    "greater_than_equal": lambda error: f"{shown(error['input'])} is too small; at least {error['ctx']['ge']:,.16g}",
    "greater_than": lambda error: f"{shown(error['input'])} is too small; more than {error['ctx']['gt']:,.16g}",
    "less_than_equal": lambda error: f"{shown(error['input'])} is too large; at most {error['ctx']['le']:,.16g}",
    "bool_type": lambda error: f"true or false is expected, not {shown(error['input'])}",
    "bool_parsing": lambda error: f"true or false is expected, not {shown(error['input'])}",
    "tuple_type": lambda error: f"a list is expected, not {shown(error['input'])}",
    "too_short": lambda _: "the list is empty; at least one entry is needed",
    "too_long": lambda error: f"at most {error['ctx']['max_length']} entries are possible",
    "model_type": _kept,
    "dict_type": _kept,
}


def _quoted(value: object) -> str:
    return f'; put it in quotes: "{shown(value)}"' if isinstance(value, int | float | date) else ""


def _model_at(keys: Keys) -> type[BaseModel]:
    """The schema's model at that place of the file."""
    kind: Any = Settings
    for key in keys:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = next(info.annotation for name, info in kind.model_fields.items() if key == (info.alias or name))
        else:
            kind = get_args(kind)[1 if get_origin(kind) is dict else 0]
        kind = _bare(kind)
    model: type[BaseModel] = kind  # unknown and missing keys are a model's
    return model


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(kind for kind in get_args(annotation) if kind is not type(None)))
    return annotation
