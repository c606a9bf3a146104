"""What typed texts become, by locale; what Google was recorded to make of them; and back again through `rendered`."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.local import entered, rendered
from sheetsync.local.locales import EPOCH

TODAY = date(2026, 11, 24)
NBSP = "\u00a0"
LOCALES = ["en_US", "en_GB", "de_DE", "ru_RU"]
RECORDINGS = Path(__file__).parents[3] / "shared" / "google-recordings" / "recordings.jsonl"


def typed(text: str, locale: str = "en_US") -> Any:
    """The value that the text becomes; dates come as dates."""
    value, number_format = entered.parse(text, locale, None, TODAY)
    if value is None:
        return None
    (found,) = value.values()
    if number_format and number_format["type"] == "DATE":
        return EPOCH + timedelta(days=found)
    return found


def looks(text: str, locale: str = "en_US") -> str:
    """What the cell shows after the text was typed."""
    value, number_format = entered.parse(text, locale, None, TODAY)
    return rendered.render(value or {}, number_format, locale)


@pytest.mark.parametrize(
    ("locale", "text", "value"),
    [
        ("en_US", "42", 42),
        ("en_US", "0042", 42),
        ("en_US", " 12 ", 12),
        ("en_US", "-5", -5),
        ("en_US", "+5", 5),
        ("en_US", "(5)", -5),
        ("en_US", ".5", 0.5),
        ("en_US", "2,000,000.01", 2000000.01),
        ("en_US", "1,5", "1,5"),
        ("en_US", "1 234", "1 234"),
        ("en_US", "50%", 0.5),
        ("en_US", "$1,234.50", 1234.5),
        ("en_US", "-$3", -3),
        ("en_US", "€5", 5),
        ("en_US", "1.5E-3", 0.0015),
        ("en_US", "1e999", "1e999"),
        ("en_US", "12a", "12a"),
        ("en_GB", "£5", 5),
        ("de_DE", "1.234,56", 1234.56),
        ("de_DE", "1234,5", 1234.5),
        ("de_DE", "1.234", 1234),
        ("de_DE", "1,234.5", "1,234.5"),
        ("de_DE", "12,5 %", 0.125),
        ("de_DE", "5,50 €", 5.5),
        ("ru_RU", "2 000 000,01", 2000000.01),
        ("ru_RU", f"2{NBSP}000,5", 2000.5),
        ("ru_RU", "100 ₽", 100),
        ("en_US", "true", True),
        ("de_DE", "FALSCH", False),
        ("ru_RU", "Истина", True),
        ("ru_RU", "FALSE", False),
        ("en_US", "ИСТИНА", "ИСТИНА"),
    ],
)
def test_numbers_and_truth(locale: str, text: str, value: Any) -> None:
    found = typed(text, locale)
    assert (found, type(found) is bool) == (value, type(value) is bool)


@pytest.mark.parametrize(
    ("locale", "text", "value"),
    [
        ("en_US", "2020-01-31", date(2020, 1, 31)),
        ("ru_RU", "2020/1/5", date(2020, 1, 5)),
        ("en_US", "1/2/2020", date(2020, 1, 2)),
        ("en_GB", "1/2/2020", date(2020, 2, 1)),
        ("en_US", "13/1/2020", "13/1/2020"),
        ("en_US", "02/29/2021", "02/29/2021"),
        ("en_US", "1-2", date(2026, 1, 2)),
        ("en_US", "1.2.2020", "1.2.2020"),
        ("de_DE", "1.5", date(2026, 5, 1)),
        ("de_DE", "31.12.", date(2026, 12, 31)),
        ("de_DE", "01.02.20", date(2020, 2, 1)),
        ("ru_RU", "1.13", "1.13"),
        ("en_US", "1/2/30", date(1930, 1, 2)),
        ("en_US", "Jan 5, 2020", date(2020, 1, 5)),
        ("en_US", "5 January 2020", date(2020, 1, 5)),
        ("en_US", "Jan 2020", date(2020, 1, 1)),
        ("en_US", "May 3", date(2026, 5, 3)),
        ("en_US", "March", "March"),
        ("de_DE", "5. Januar 2020", date(2020, 1, 5)),
        ("de_DE", "5. Jan. 2020", date(2020, 1, 5)),
        ("ru_RU", "5 января 2020", date(2020, 1, 5)),
        ("ru_RU", "5 янв. 2020 г.", date(2020, 1, 5)),
        ("ru_RU", "январь 2020", date(2020, 1, 1)),
    ],
)
def test_dates(locale: str, text: str, value: Any) -> None:
    assert typed(text, locale) == value


@pytest.mark.parametrize(
    ("locale", "text", "seconds", "shown"),
    [
        ("en_US", "15:30", 55_800, "15:30"),
        ("en_US", "3:30 pm", 55_800, "3:30 PM"),
        ("en_US", "12 am", 0, "12:00 AM"),
        ("de_DE", "25:00", 90_000, "25:00"),
        ("ru_RU", "15:30:45", 55_845, "15:30:45"),
        ("en_US", "1/2/2020 15:30", 43832 * 86_400 + 55_800, "1/2/2020 15:30:00"),
        ("ru_RU", "31.12.2026 15:30", 46387 * 86_400 + 55_800, "31.12.2026 15:30:00"),
        ("en_US", "2020-01-01T10:00:05Z", 43831 * 86_400 + 36_005, "2020-01-01 10:00:05"),
    ],
)
def test_times(locale: str, text: str, seconds: int, shown: str) -> None:
    assert round(typed(text, locale) * 86_400) == seconds
    assert looks(text, locale) == shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        (" ", {"stringValue": " "}),
        ("hello", {"stringValue": "hello"}),
        ("'007", {"stringValue": "007"}),
        ("'=1+1", {"stringValue": "=1+1"}),
        ("=", {"stringValue": "="}),
        ("= 1 / 1024", {"formulaValue": "= 1 / 1024"}),
        ("+A1+1", {"formulaValue": "=+A1+1"}),
        ("9" * 101, {"stringValue": "9" * 101}),
    ],
)
def test_texts_and_formulas(text: str, value: dict[str, Any] | None) -> None:
    assert entered.parse(text, "en_US", None, TODAY) == (value, None)


@pytest.mark.parametrize("text", ["42", "=1+1", "1/2/2020", "'x", "TRUE"])
def test_a_cell_formatted_as_text_takes_everything_as_typed(text: str) -> None:
    assert entered.parse(text, "en_US", {"type": "TEXT"}, TODAY) == ({"stringValue": text}, None)


@pytest.mark.parametrize(
    ("text", "own", "implied"),
    [
        ("50%", None, {"type": "PERCENT", "pattern": "0%"}),
        ("50%", {"type": "NUMBER", "pattern": "0.0"}, None),
        ("2020-01-01", {"type": "NUMBER", "pattern": "0.0"}, {"type": "DATE", "pattern": "yyyy-mm-dd"}),
        ("2020-01-01", {"type": "DATE", "pattern": "d mmm"}, None),
        ("5", {"type": "DATE", "pattern": "d mmm"}, None),
        ("$5", None, {"type": "CURRENCY", "pattern": '"$"#,##0'}),
        ("1e5", None, {"type": "SCIENTIFIC", "pattern": "0.00E+00"}),
    ],
)
def test_the_cell_s_own_format_stays(text: str, own: dict[str, Any] | None, implied: dict[str, Any] | None) -> None:
    assert entered.parse(text, "en_US", own, TODAY)[1] == implied


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en_US", "$1,234.50"),
        ("en_US", "Jan 5, 2020"),
        ("en_US", "5-Jan-2020"),
        ("en_US", "1/2"),
        ("de_DE", "5. Jan. 2020"),
        ("ru_RU", "5 янв. 2020 г."),
        ("ru_RU", "01.12"),
        ("ru_RU", f"5,50{NBSP}₽"),
    ],
)
def test_the_cell_shows_what_was_typed(locale: str, text: str) -> None:
    assert looks(text, locale) == text


def _recorded() -> list[tuple[str, str]]:
    """(typed text, what Google showed next) of single cells in the recordings; the cells were not formatted before."""
    lines = [json.loads(line) for line in RECORDINGS.read_text(encoding="utf-8").splitlines()]
    found = set()
    for wrote, read in pairwise(lines):
        if wrote["query"].get("valueInputOption") != ["USER_ENTERED"] or wrote["path"] != read["path"]:
            continue
        cells, shown = wrote["request"]["values"], (read["response"] or {}).get("values")
        if read["method"] == "GET" and [len(row) for row in cells] == [1] and shown and isinstance(cells[0][0], str):
            found.add((cells[0][0], shown[0][0]))
    return sorted(found)


@pytest.mark.skipif(not RECORDINGS.exists(), reason="Google's recordings are not beside the project")
def test_what_google_was_recorded_to_show() -> None:
    recorded = _recorded()
    assert ("2,000,000.01", "2,000,000.01") in recorded
    assert ("0042", "42") in recorded
    assert [(text, looks(text)) for text, _ in recorded if not text.startswith("=")] == [
        pair for pair in recorded if not pair[0].startswith("=")
    ]


@given(st.integers(-(10**13), 10**13), st.integers(0, 10), st.sampled_from(LOCALES))
def test_a_shown_number_reads_back(digits: int, places: int, locale: str) -> None:
    number = digits / 10**places
    shown = rendered.render({"numberValue": number}, None, locale)
    value, _ = entered.parse(shown, locale, None, TODAY)
    assert value is not None
    assert value["numberValue"] == pytest.approx(number, rel=1e-9, abs=1e-9)


@given(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
    st.sampled_from(LOCALES),
    st.sampled_from(["NUMBER", "CURRENCY"]),
)
def test_a_formatted_amount_reads_back_exactly(amount: Any, locale: str, kind: str) -> None:
    shown = rendered.render({"numberValue": float(amount)}, {"type": kind}, locale)
    value, implied = entered.parse(shown, locale, None, TODAY)
    assert value == {"numberValue": float(amount)}
    if kind == "CURRENCY":
        assert implied is not None
        assert rendered.render(value, implied, locale) == shown


@given(
    st.dates(date(1930, 1, 1), date(2999, 12, 31)),
    st.sampled_from(LOCALES),
    st.sampled_from([None, "yyyy-mm-dd", "d mmmm yyyy", "d mmm yyyy", "mmmm d, yyyy"]),
)
def test_a_shown_date_reads_back(day: date, locale: str, pattern: str | None) -> None:
    number_format = {"type": "DATE", "pattern": pattern} if pattern else {"type": "DATE"}
    shown = rendered.render({"numberValue": (day - EPOCH).days}, number_format, locale)
    assert typed(shown, locale) == day
    assert looks(shown, locale) == shown


@given(st.integers(20_000, 60_000), st.integers(0, 86_399), st.sampled_from(LOCALES))
def test_a_shown_moment_reads_back(day: int, second: int, locale: str) -> None:
    serial = day + second / 86_400
    shown = rendered.render({"numberValue": serial}, {"type": "DATE_TIME"}, locale)
    assert typed(shown, locale) == pytest.approx(serial, abs=1e-7)


@given(st.text(max_size=120), st.sampled_from([*LOCALES, "", "xx_YY"]))
def test_no_text_raises(text: str, locale: str) -> None:
    value, _ = entered.parse(text, locale, None, TODAY)
    assert (value is None) == (text == "")
