"""What the configuration need not say."""

from __future__ import annotations

from typing import Any

import pytest

from sheetsync.catalogue import completed, defaults, titles
from sheetsync.schema import Tabs
from sheetsync.texts import LANGUAGES


def test_every_tab_but_finance_has_a_title_in_every_language() -> None:
    assert titles().keys() == Tabs.model_fields.keys() - {"finance"}
    assert {tuple(title) for title in titles().values()} == {LANGUAGES}
    for language in LANGUAGES:
        spoken = [title[language] for title in titles().values()]
        assert len(set(spoken)) == len(spoken)


def test_a_section_replaces_the_built_in_one_as_a_whole_and_titles_one_by_one() -> None:
    full = completed({"workbook": {"language": "de", "tabs": {"base": "Kunden"}}, "actions": {"visit_held": {}}})
    assert full["workbook"]["tabs"] == {**{tab: title["de"] for tab, title in titles().items()}, "base": "Kunden"}
    assert full["actions"] == {"visit_held": {"label": "Visit held"}}
    assert full["indicators"].keys() == defaults()["indicators"].keys()
    assert len(full["base"]["categories"]) == 7


@pytest.mark.parametrize(
    "data",
    [{"actions": 5}, {"actions": {"": 5}}, {"base": []}, {"base": {"categories": 1}}, {"workbook": {"tabs": "x"}}],
)
def test_what_has_a_wrong_shape_is_left_to_the_schema(data: dict[str, Any]) -> None:
    full = completed(data)
    for section, value in data.items():
        assert full[section] == value or {**full[section], **value} == full[section]


def test_the_file_s_own_values_are_not_changed() -> None:
    data: dict[str, Any] = {"base": {"categories": [{"id": "hot"}]}, "actions": {"visit": {"evidence": "none"}}}
    completed(data)
    assert data == {"base": {"categories": [{"id": "hot"}]}, "actions": {"visit": {"evidence": "none"}}}
