"""Every message of the rows' mistakes is said in three languages, with the same fields."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from sheetsync.cells import Fault
from sheetsync.columns import TITLES
from sheetsync.mistakes import DAY_FAULTS, MISTAKES, NUMBER_FAULTS, issue
from sheetsync.model import CellRef, Severity
from sheetsync.texts import Texts

MESSAGES = {text for mistake in MISTAKES.values() for text in (mistake.problem, mistake.remedy, mistake.effect)}


def catalogue(language: str, room: str) -> dict[str, str]:
    with (files("sheetsync") / "locale" / language / f"{room}.po").open("rb") as handle:
        return {str(entry.id): str(entry.string) for entry in read_po(handle, locale=language) if entry.id}


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", ["ru", "de"])
def test_every_message_is_translated_with_its_fields(language: str) -> None:
    said = catalogue(language, "mistakes")
    assert said.keys() == MESSAGES
    assert {text: fields(text) for text in MESSAGES} == {text: fields(said[text]) for text in MESSAGES}
    assert all(translation and translation != text for text, translation in said.items())


@pytest.mark.parametrize("language", ["ru", "de"])
def test_every_column_title_is_translated(language: str) -> None:
    assert catalogue(language, "columns").keys() == {title for titles in TITLES.values() for title in titles}


def test_codes_are_stable_words() -> None:
    assert all(re.fullmatch(r"[a-z_]+(/[a-z]+)?", key) for key in MISTAKES)


def test_every_fault_of_a_cell_has_its_mistake() -> None:
    assert NUMBER_FAULTS.keys() | DAY_FAULTS.keys() == set(Fault)
    assert {*NUMBER_FAULTS.values(), *DAY_FAULTS.values()} <= MISTAKES.keys()
    assert {f"{code}/base" for code in (*NUMBER_FAULTS.values(), *DAY_FAULTS.values())} <= MISTAKES.keys()


def test_a_braced_text_is_said_as_it_is() -> None:
    cell = CellRef("Log", 3, 2)
    found = issue("manager_unknown", cell, Texts("en"), {"name": "{0} {name}"}, typed="{0}" * 100, manager="", day=None)
    assert found.problem == 'No manager is called "{0} {name}".'
    assert (found.code, found.severity, found.cell, len(found.typed)) == ("manager_unknown", Severity.ERROR, cell, 200)
