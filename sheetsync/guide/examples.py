"""What a row looks like as one would type it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sheetsync import fields
from sheetsync.guide.sheet import Sheet
from sheetsync.periods import Kind, Period
from sheetsync.schema import Action, Manager, ManagerTab, Settings

_LINK = "https://drive.example/2417"
_AMOUNT, _PROFIT = 480_000, 110_000
_FIXTURES = 12
_SIGNS = "2417085639ACMRacmr-_/.: "
_OPEN = re.compile(r"\\\w|\[|[.^$]")  # atoms that stand for several characters, or for none
_CLEVER = re.compile(r"\(\?(?!:|P<)")
_REPEATED = re.compile(r"[*+?]|\{.*\}")
_ATOM = re.compile(r"\\.|\[\^?\]?[^\]]*\]|\((?:\?:|\?P<\w+>)?|\{\d+(?:,\d*)?\}|.", re.DOTALL)


def day(settings: Settings) -> date:
    """The first Tuesday a week after the first targets and the example's manager began: not in the future, whatever
    today is and whatever was promised for later."""
    first = min((version.start for version in settings.targets), default=date(2026, 1, 1))
    settled = max(first, _manager(settings).start or first) + timedelta(7)
    return settled + timedelta((1 - settled.weekday()) % 7)


def _manager(settings: Settings) -> Manager:
    """Whose rows the examples are: the first manager who has not left."""
    return next((person for person in settings.managers if person.until is None), settings.managers[0])


def action_row(sheet: Sheet, id_: str, action: Action) -> str:
    """A row of the action, line by line: when and with whom, the evidence, the figures."""
    begun = [sheet.date(day(sheet.settings))]
    if "required" in (action.client, action.evidence, action.amount):
        begun.append(sheet.texts("Orion Logistics"))
    lines = [" · ".join(begun)]
    if action.evidence == "required":
        lines.append(_pair(sheet, "Evidence", evidence(action.evidence_patterns)))
    lines += [_pair(sheet, name, str(worth)) for name, worth in _figures(sheet, id_, action)]
    return "\n".join(lines)


def _figures(sheet: Sheet, id_: str, action: Action) -> Iterator[tuple[str, int]]:
    """The columns that hold numbers in a row of the action, and what could stand there: typed without separators, they
    are the same in a spreadsheet of any country."""
    added = summed(sheet.settings, id_)
    if id_ == "trial" or "Quantity" in added:
        yield "Quantity", _FIXTURES if id_ == "trial" else 3
    if id_ == "contract" or action.amount == "required" or "Amount" in added:
        yield "Amount", _AMOUNT
    if "Profit" in added:
        yield "Profit", _PROFIT


def summed(settings: Settings, action: str) -> set[str]:
    """The columns that some indicator sums over the action."""
    return {
        indicator.sum
        for indicator in settings.indicators.values()
        if indicator.sum is not None and action in (indicator.of or ())
    }


def column(sheet: Sheet, tab: ManagerTab, name: str) -> str:
    """What could stand in a column; read downwards, one row of the tab. "" is a cell that is left blank."""
    texts, settings = sheet.texts, sheet.settings
    today = day(settings)
    actions = list(settings.actions.items())
    id_, proven = next((each for each in actions if each[1].evidence == "required"), actions[0])
    months = Period.containing(today, Kind.MONTH).next
    told = (fields.stages(each, texts.language) for each in settings.base.categories)
    stages = next(filter(None, told), [""])
    typed = {
        "Date": sheet.date(today),
        "Manager": _manager(settings).name,
        "Action": sheet.label(id_),
        "Client": texts("Orion Logistics"),
        "Deal": texts("Warehouse 2"),
        "Evidence": evidence(proven.evidence_patterns),
        "Comment": texts("They want to see a second hall."),
        "Stage": stages[-1] if texts.language == "de" else stages[0],  # the built-in ones end with the German words
        "Expected payment": sheet.date(months.end - timedelta(days=9)),
        "Expected amount": str(_AMOUNT),
        "Trial units": str(_FIXTURES),
        "Trial value": str(_PROFIT),
        "Trial since": sheet.date(today - timedelta(days=7)),
        "Last contact": sheet.date(today),
        "Next step": texts("Send the invoice on Friday"),
    }
    figures = {name: str(worth) for name, worth in _figures(sheet, id_, proven)} if tab == "actions" else {}
    return figures.get(name, typed.get(name, ""))


def _pair(sheet: Sheet, name: str, typed: str) -> str:
    return f"{sheet.texts(name)}: {typed}"


def evidence(patterns: Sequence[str] | None) -> str:
    """Evidence that the patterns accept; a link where anything is, the first pattern itself where none is simple."""
    if not patterns or "link" in patterns:
        return _LINK
    return next(filter(None, map(fitting, patterns)), patterns[0])


def fitting(pattern: str) -> str:
    """A text in which a regular expression is found: of alternatives the first, what is optional once.

    "" where the expression is not made of characters, classes, groups and repetitions alone.
    """
    if _CLEVER.search(pattern):
        return ""
    try:
        text = _Unfolding(pattern).text()
        return text if re.search(pattern, text, re.IGNORECASE) else ""
    except re.error:
        return ""


class _Unfolding:
    def __init__(self, pattern: str) -> None:
        self._atoms = deque(_ATOM.findall(pattern))
        self._made = 0

    def text(self) -> str:
        """The text of the expression, or of the group, that is left to be read."""
        alternatives = [""]
        while self._atoms and (atom := self._atoms.popleft()) != ")":
            if atom == "|":
                alternatives.append("")
            elif atom.startswith("("):
                alternatives[-1] += self.text() * self._times(usual=1)
            else:
                times = self._times(usual=4 if _OPEN.match(atom) else 1)
                alternatives[-1] += "".join(self._sign(atom) for _ in range(times))
        return alternatives[0]

    def _times(self, usual: int) -> int:
        """How often the atom just read stands; `usual` where any number may."""
        if not self._atoms or not _REPEATED.fullmatch(self._atoms[0]):
            return 1
        how = self._atoms.popleft()
        if self._atoms and self._atoms[0] == "?":
            self._atoms.popleft()  # as few as possible is as good
        return max(1, int(how[1:-1].partition(",")[0])) if how.startswith("{") else 1 if how == "?" else usual

    def _sign(self, atom: str) -> str:
        """A character that fits; "" for what stands between characters."""
        if not _OPEN.match(atom):
            return atom[-1]
        signs = [sign for sign in _SIGNS if re.fullmatch(atom, sign, re.IGNORECASE)]
        self._made += 1
        return signs[self._made % len(signs)] if signs else ""
