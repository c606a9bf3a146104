"""config/targets.yaml -> `schema.Settings`, or every mistake with its line.

Read safely (`source`), completed with the built-in `catalogue`, validated by the schema (`wording` puts its
errors into plain words), and cross-checked (`checks`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sheetsync.catalogue import completed
from sheetsync.errors import ConfigError
from sheetsync.schema import Settings
from sheetsync.settings.checks import CHECKS, Draft
from sheetsync.settings.place import Place
from sheetsync.settings.source import Mistake, Source, dotted
from sheetsync.settings.wording import translated

__all__ = ["Place", "load"]


def load(path: Path, *, spreadsheet: str | None = None, credentials: str | None = None) -> Settings:
    """The configuration in that file, defaults filled in. Asks nothing of any network.

    `spreadsheet` and `credentials` stand for the file's values before anything is checked. Managers named under
    `targets` by an alias or another spelling get their configured name. Raises ConfigError, whose `what` has one line
    per mistake, in the order of the file: `config/targets.yaml:12: targets[0].default.meetngs: unknown key; ...`.
    """
    source = Source(path)
    data = source.read()
    given = {"spreadsheet": spreadsheet, "credentials": credentials}
    flags = {key: value for key, value in given.items() if value is not None}
    if isinstance(data, dict) and isinstance(workbook := data.get("workbook", {}), dict):
        data = {**data, "workbook": {**workbook, **flags}}
    settings, mistakes = _validated(data)
    mistakes = [*source.mistakes, *mistakes]
    if settings is None or mistakes:
        raise _error(source, mistakes, flags)
    return settings


def _error(source: Source, mistakes: Iterable[Mistake], flags: Collection[str]) -> ConfigError:
    """All mistakes, in the order of the file; one about a command line's value names its flag instead."""
    lines: dict[str, int] = {}
    for mistake in mistakes:
        section, key = (*mistake.keys, "", "")[:2]
        if section == "workbook" and key in flags:
            lines[f"--{key}: {mistake.text}"] = 0
            continue
        line = mistake.line or source.line(mistake.keys)
        where = f"{dotted(mistake.keys)}: " if mistake.keys else ""
        lines[f"{source.path}:{line}: {where}{mistake.text}"] = line
    return ConfigError("\n".join(sorted(lines, key=lambda text: lines[text])))


def _validated(data: Any) -> tuple[Settings | None, list[Mistake]]:
    """The settings, and all that is wrong; None where the schema itself is broken."""
    full = completed(data) if isinstance(data, dict) else data
    mistakes: list[Mistake] = []
    settings = None
    try:
        settings = Settings.model_validate(full, by_alias=True, by_name=False)
    except ValidationError as error:
        mistakes += translated(error)
    if isinstance(full, dict):
        draft = Draft.of(full, data)
        mistakes += (mistake for check in CHECKS for mistake in check(draft))
        if settings is not None:
            settings = draft.resolved(settings)
    return settings, mistakes
