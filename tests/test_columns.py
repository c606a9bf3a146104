"""Headers are found by meaning, wherever and however they stand."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsync import columns
from sheetsync.columns import REQUIRED, SYNONYMS, TITLES, Layout, TabId
from sheetsync.errors import LayoutError
from sheetsync.model import RawTab, Value
from sheetsync.texts import LANGUAGES, Language, fold

TABS: tuple[TabId, ...] = tuple(TITLES)


def tab(*rows: Sequence[Value]) -> RawTab:
    return RawTab("Log", [list(row) for row in rows])


def test_the_headers_of_three_languages() -> None:
    assert columns.header("actions", "en")[:4] == ("Date", "Manager", "Action", "Client")
    assert columns.header("actions", "ru")[:4] == ("Дата", "Менеджер", "Действие", "Клиент")
    assert columns.header("actions", "de")[:4] == ("Datum", "Manager", "Aktion", "Kunde")
    assert columns.header("base", "ru")[7:10] == ("Светильников на тесте", "Стоимость на тесте", "На тесте с")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TABS)
def test_every_title_is_found_and_is_unique(kind: TabId, language: Language) -> None:
    header = columns.header(kind, language)
    assert len({fold(title) for title in header}) == len(TITLES[kind])
    layout = columns.locate(kind, tab(header), {})
    assert layout == Layout(1, {name: index for index, name in enumerate(TITLES[kind])})


@pytest.mark.parametrize("name", SYNONYMS)
def test_every_synonym_is_found(name: str) -> None:
    kind: TabId = "actions" if name in TITLES["actions"] else "base"
    others = [title for title in columns.header(kind, "en") if title != name]
    for synonym in SYNONYMS[name]:
        places = columns.find(kind, tab([*others, synonym]), {}).places
        title_of_another = {fold(title) for language in LANGUAGES for title in columns.header(kind, language)}
        assert places.get(name) == len(others) or fold(synonym) in title_of_another, synonym


@settings(deadline=None)
@given(st.sampled_from(TABS), st.sampled_from(LANGUAGES), st.randoms(use_true_random=False), st.integers(0, 9))
def test_order_case_spaces_and_place_do_not_matter(
    kind: TabId, language: Language, dice: random.Random, above: int
) -> None:
    titles: dict[str, str] = dict(zip(TITLES[kind], columns.header(kind, language), strict=True))
    cells = [*titles.items(), *((f"extra {n}", f"Extra {n}") for n in range(3))]
    dice.shuffle(cells)
    spaces = ["\u00a0", "  ", "\n", "_", " "]
    bent = [dice.choice(["", " ", "\u00a0"]) + title.replace(" ", dice.choice(spaces)) + " " for _, title in cells]
    row = [dice.choice([str.upper, str.lower, str.title])(title) for title in bent]
    layout = columns.locate(kind, tab(*[["Report", "2026"]] * above, row), {})
    assert layout.row == above + 1
    assert layout.places == {name: index for index, (name, _) in enumerate(cells) if name in titles}


@pytest.mark.parametrize("title", ["Amount (EUR)", "Сумма, руб.", "Betrag [€]", "AMOUNT:", "Amount *", "сумма."])
def test_a_unit_behind_the_name_does_not_matter(title: str) -> None:
    assert columns.find("actions", tab(["Date", "Manager", "Action", title]), {}).places["Amount"] == 3


def test_the_exact_name_beats_the_one_with_a_unit_and_the_synonym() -> None:
    row = ["Date", "Manager", "Action", "Amount (plan)", "Revenue", "Amount"]
    layout = columns.find("actions", tab(row), {})
    assert (layout.places["Amount"], layout.repeated) == (5, ())


def test_of_two_equal_headers_the_first_is_read() -> None:
    layout = columns.find("actions", tab(["Date", "Manager", "Action", "Дата", "Datum"]), {})
    assert (layout.places["Date"], layout.repeated) == (0, (("Date", 3), ("Date", 4)))


def test_the_names_of_the_configuration_come_first() -> None:
    row = ["Date", "Manager", "Action", "Client", "Käufer"]
    layout = columns.find("actions", tab(row), {"Client": ("Käufer",)})
    assert (layout.places["Client"], layout.repeated) == (4, ())


def test_the_configuration_may_take_a_name_from_another_column() -> None:
    row = ["Date", "Manager", "Action", "Project"]
    assert columns.find("actions", tab(row), {}).places["Deal"] == 3
    assert columns.find("actions", tab(row), {"Client": ("Project",)}).places["Client"] == 3


def test_the_row_with_most_columns_is_the_header() -> None:
    rows = [["Date", "24.11.2026"], ["Manager", "Anna"], ["Date", "Manager", "Action"], ["Date", "Manager", "Action"]]
    assert columns.find("actions", tab(*rows), {}).row == 3


def test_a_header_below_the_tenth_row_is_none() -> None:
    rows: list[list[Value]] = [[]] * 10 + [["Date", "Manager", "Action"]]
    with pytest.raises(LayoutError):
        columns.locate("actions", tab(*rows), {})


def message(kind: TabId, raw: RawTab, **options: Sequence[str]) -> str:
    with pytest.raises(LayoutError) as caught:
        columns.locate(kind, raw, {}, **options)
    return str(caught.value)


@pytest.mark.parametrize("rows", [[], [[]], [["", None, " "]]])
def test_an_empty_tab(rows: list[list[Value]]) -> None:
    assert message("actions", tab(*rows)) == (
        "tab Log: the tab is empty; required columns: Date, Manager, Action.\n"
        "Run `sheetsync init`: it writes the headers and touches nothing that was typed."
    )


def test_a_tab_without_header() -> None:
    assert message("base", tab(["Acme", "Anna Petrova"])) == (
        "tab Log: the tab has no header; required columns: Client, Manager.\n"
        "Run `sheetsync init`: it writes the headers and touches nothing that was typed."
    )


def test_a_missing_column_is_named_with_what_was_found_instead() -> None:
    assert message("actions", tab([], ["Dtae", "Manager", "Action"])) == (
        "tab Log: the required column Date is missing. Row 2 has: Dtae, Manager, Action. "
        'The nearest to Date is "Dtae" in A2.\n'
        "Name the column Date, or add its name under workbook.columns.Date in the configuration. "
        "Where it was deleted, `sheetsync init` adds an empty one."
    )


def test_two_missing_columns() -> None:
    assert message("actions", tab(["Date", "Zzz"])) == (
        "tab Log: the required columns Manager, Action are missing. Row 1 has: Date, Zzz.\n"
        "Name the column Manager, or add its name under workbook.columns.Manager in the configuration. "
        "Where it was deleted, `sheetsync init` adds an empty one."
    )


def test_what_the_tabs_name_gives_is_not_required() -> None:
    layout = columns.locate("actions", tab(["Date", "Action"]), {}, given=("Manager",))
    assert layout.places == {"Date": 0, "Action": 1}


def test_a_tab_without_anything_is_found_empty() -> None:
    assert columns.find("actions", tab(), {}) == Layout(1, {})


@settings(deadline=None)
@given(st.lists(st.lists(st.none() | st.booleans() | st.floats() | st.text(), max_size=6), max_size=12))
def test_no_header_raises_anything_else(rows: list[list[Value]]) -> None:
    try:
        layout = columns.locate("base", tab(*rows), {})
    except LayoutError:
        return
    assert set(REQUIRED["base"]) <= layout.places.keys()
