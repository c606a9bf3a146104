"""The Guide's lists, as the dropdowns and the formulas of other tabs name them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sheetsync import fields, layout
from sheetsync.model import Area, CellRef, Page


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of a Guide; `fields.lists` says what they are called."""

    guide: Page

    def condition(self, name: str) -> Mapping[str, Any]:
        """The condition of a dropdown that offers a list. KeyError where the Guide has none of that name."""
        address = self._address(self.guide.named[fields.LIST + name])
        return {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": f"={address}"}]}

    def outdated(self, held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        """Whether a dropdown's condition is one of ours, but not the wanted one: it takes its values from the Guide,
        though not from where they are."""
        found, right = _source(held), _source(wanted)
        return found != right and found.startswith(_bare(f"={self.guide.title}!"))

    def in_formulas(self) -> dict[str, str]:
        """Every list by name, as a formula has it: other tabs are reached through INDIRECT alone."""
        return {name.removeprefix(fields.LIST): self._indirect(area) for name, area in self.guide.named.items()}

    def _indirect(self, area: Area) -> str:
        address = self._address(area).replace('"', '""')
        return f'INDIRECT("{address}")'

    def _address(self, area: Area) -> str:
        """An area of the Guide in A1 notation, absolute."""
        top, bottom = CellRef("", area.top + 1, area.left + 1), CellRef("", area.bottom, area.right)
        return f"{layout.quoted(self.guide.title)}!{_fixed(top)}:{_fixed(bottom)}"


def _fixed(cell: CellRef) -> str:
    return re.sub(r"^([A-Z]+)([0-9]+)$", r"$\1$\2", cell.a1)


def _source(condition: Mapping[str, Any]) -> str:
    """Where a dropdown takes its values from; "" for other conditions."""
    if condition.get("type") != "ONE_OF_RANGE":
        return ""
    return _bare(str(condition.get("values", [{}])[0].get("userEnteredValue", "")))


def _bare(source: str) -> str:
    """Without the quotes that a title may or may not have."""
    return source.replace("'", "")
