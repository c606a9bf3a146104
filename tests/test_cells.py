"""One cell: what a reader of the sheet reads, and nothing that is guessed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from math import inf, nan

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsync import cells
from sheetsync.cells import EPOCH, LARGEST, Fault, Notation, Verdict

TODAY = date(2026, 11, 24)
EN, RU, DE = (Notation.of(locale) for locale in ("en_US", "ru_RU", "de_DE"))
SERIAL = (TODAY - EPOCH).days


# --- notation ----------------------------------------------------------------------------------------------------


def test_a_locale_says_how_numbers_and_dates_are_written() -> None:
    assert Notation(".", ",", month_first=True) == EN
    assert Notation(",", "\u00a0", month_first=False) == RU
    assert Notation(",", ".", month_first=False) == DE
    assert not Notation.of("en_GB").month_first


@pytest.mark.parametrize("locale", ["", "xx", "nonsense_locale_XX", "en-US", "12"])
def test_an_unknown_locale_reads_as_american(locale: str) -> None:
    assert Notation.of(locale) == EN


# --- text --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", " ", "\u00a0", "\t\n", "\u202f\u2009", "\ufeff", "\u3000\u200b "])
def test_blank(value: object) -> None:
    assert cells.blank(value)
    assert cells.text(value) == ""


@pytest.mark.parametrize("value", [0, 0.0, False, "0", "-"])
def test_zero_and_no_are_not_blank(value: object) -> None:
    assert not cells.blank(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12345.0, "12345"),
        (12345, "12345"),
        (0.5, "0.5"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("  Лампа\u00a0", "Лампа"),
        ("a\ud800b", "a?b"),
        (10**400, "1E999"),
        (1e300, "1e+300"),
        (["x"], "['x']"),
    ],
)
def test_text_is_what_people_see(value: object, shown: str) -> None:
    assert cells.text(value) == shown


@pytest.mark.parametrize(
    "value",
    [
        "#N/A",
        "#REF!",
        "#DIV/0!",
        "#ERROR!",
        "#NAME?",
        "#VALUE!",
        "#NUM!",
        "#NULL!",
        "#Н/Д",
        "#ССЫЛКА!",
        "#ДЕЛ/0!",
        "#ИМЯ?",
        "#ЗНАЧ!",
        "#ЧИСЛО!",
        "#ПУСТО!",
        "#ОШИБКА!",
        "#NV",
        "#BEZUG!",
        "#WERT!",
        "#ZAHL!",
        "#FEHLER!",
        "Loading...",
        "Загрузка…",
        "Wird geladen...",
    ],
)
def test_formula_errors_of_three_languages(value: str) -> None:
    assert cells.formula_error(value)
    assert cells.number(value, EN) is Fault.FORMULA
    assert cells.day(value, TODAY, EN) is Fault.FORMULA


@pytest.mark.parametrize("value", ["#42", "# N/A", "N/A", "#Н/Д!", "", None, 5, "Loading dock"])
def test_what_is_no_formula_error(value: object) -> None:
    assert not cells.formula_error(value)


@pytest.mark.parametrize("typed", [".", "...", "-", "—", "+", "?", "", "👍", "_"])
def test_signs_alone_name_nothing(typed: str) -> None:
    assert cells.void(typed)
    assert cells.filler(typed)


@pytest.mark.parametrize(
    "typed", ["x", "X", "х", "n/a", "N/A.", "нет", "Нету", "none", "kein", "FALSE", "0", "н/д", "k.A."]
)
def test_words_that_only_fill_a_place(typed: str) -> None:
    assert cells.filler(typed)
    assert not cells.void(typed)


@pytest.mark.parametrize("typed", ["https://crm/1", "нет связи", "12", "TRUE", "xls", "Протокол №5", "no minutes yet"])
def test_an_evidence_is_no_filler(typed: str) -> None:
    assert not cells.filler(typed)


@pytest.mark.parametrize("value", [None, "", " ", "yes", "Да", "JA", 1, 1.0, "1", True, "TRUE", "истина", "wahr", "ok"])
def test_checked_counts(value: object) -> None:
    assert cells.verdict(value) is Verdict.COUNTS


@pytest.mark.parametrize(
    "value", ["no", "No.", "нет", "Нет!", "НЕТ.", "nein", 0, 0.0, "0", False, "FALSE", "false", "ложь", "falsch"]
)
def test_checked_rejects(value: object) -> None:
    assert cells.verdict(value) is Verdict.REJECTED


@pytest.mark.parametrize("value", ["perhaps", 2, "?", "-", "no minutes", "x" * 50_000])
def test_checked_is_unclear(value: object) -> None:
    assert cells.verdict(value) is Verdict.UNCLEAR


# --- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", [EN, RU, DE])
@pytest.mark.parametrize(
    ("typed", "figure"),
    [
        ("1 234,56", 1234.56),
        ("1\u00a0234,56", 1234.56),
        ("1\u202f234,56", 1234.56),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1'234.56", 1234.56),
        ("1’234,50", 1234.5),
        ("1 234", 1234),
        ("1 234 567.5", 1234567.5),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("1234.567", 1234.567),
        ("0,234", 0.234),
        ("0.5", 0.5),
        (".5", 0.5),
        ("007", 7),
        ("+5", 5),
        ("-5", -5),
        ("−5", -5),
        ("– 5", -5),
        ("5-", -5),
        ("(1 234,50)", -1234.5),
        ("12,-", 12),
        ("1.234,-", 1234),
        ("1.234,–", 1234),
    ],
)
def test_numbers_that_every_reader_reads_alike(typed: str, figure: float, notation: Notation) -> None:
    assert cells.number(typed, notation) == figure
    assert cells.number(typed, notation, money=True) == figure


@pytest.mark.parametrize(
    "typed",
    [
        "1 234,56 ₽",
        "₽1 234,56",
        "1234,56 руб.",
        "1234.56 р.",
        "€ 1,234.56",
        "1.234,56 EUR",
        "EUR 1234,56",
        "1'234.56 CHF",
        "$1,234.56",
        "1234,56 рублей",
        "US$1,234.56",
        "1 234,56 евро",
        "£1234.56",
        "1234.56 usd",
        "1234,56 ₸",
    ],
)
def test_money_with_its_currency(typed: str) -> None:
    assert cells.number(typed, EN, money=True) == 1234.56
    assert cells.number(typed, EN) is Fault.UNREADABLE


@pytest.mark.parametrize("typed", ["-5 €", "€-5", "-€5", "€ -5", "(5 €)", "(€5)", "5- €", "5 €-", "−5 руб."])
def test_negative_money(typed: str) -> None:
    assert cells.number(typed, EN, money=True) == -5


@pytest.mark.parametrize("typed", ["5 шт.", "5 шт", "5 pcs", "5 Stück", "5 Stk.", "5 светильников"])
def test_pieces(typed: str) -> None:
    assert cells.number(typed, EN) == 5
    assert cells.number(typed, EN, money=True) is Fault.UNREADABLE


@pytest.mark.parametrize(
    ("typed", "en", "ru", "de"),
    [
        ("1.234", 1.234, Fault.AMBIGUOUS, 1234),
        ("1,234", 1234, 1.234, 1.234),
        ("-12,345 €", -12345, -12.345, -12.345),
        ("123.456", 123.456, Fault.AMBIGUOUS, 123456),
    ],
)
def test_the_locale_breaks_ties(typed: str, en: object, ru: object, de: object) -> None:
    assert [cells.number(typed, notation, money=True) for notation in (EN, RU, DE)] == [en, ru, de]


@pytest.mark.parametrize(
    "typed",
    [
        "abc",
        "12 34",
        "1,23,456",
        "1.2.3",
        "1.234.56",
        "5.",
        "--5",
        "(-5)",
        "-(5)",
        "1e5",
        "½",
        "5²",
        "٣",
        "5 тыс.",
        "12\n345",
        "-",
        "€",
        "5 $ $",
        ",",
        "10-12",
        "5 / 6",
        "=5",
        "1 234 5678",
        "9" * 61,
    ],
)
def test_what_is_no_number(typed: str) -> None:
    assert cells.number(typed, EN, money=True) is Fault.UNREADABLE


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("5%", Fault.PERCENT),
        ("12,5 %", Fault.PERCENT),
        (True, Fault.BOOLEAN),
        (False, Fault.BOOLEAN),
        (1e300, Fault.TOO_LARGE),
        (-(10**400), Fault.TOO_LARGE),
        (inf, Fault.TOO_LARGE),
        (nan, Fault.UNREADABLE),
        ("999999999999999", Fault.TOO_LARGE),
        ([1], Fault.UNREADABLE),
        ({"a": 1}, Fault.UNREADABLE),
    ],
)
def test_other_faults_of_numbers(value: object, fault: Fault) -> None:
    assert cells.number(value, EN, money=True) is fault


def test_blank_zero_and_unreadable_are_three_things() -> None:
    assert [cells.number(value, EN) for value in ("", 0, "o")] == [None, 0.0, Fault.UNREADABLE]


@settings(deadline=None)
@given(
    st.decimals(min_value=-99_999_999, max_value=99_999_999, places=2),
    st.sampled_from(["en_US", "ru_RU", "de_DE", "de_CH", "fr_FR"]),
    st.sampled_from(["{}", "{} €", "€{}", "{} руб.", "CHF {}", " {} "]),
)
def test_money_comes_back_in_every_notation(figure: Decimal, locale: str, frame: str) -> None:
    typed = frame.format(format_decimal(figure, "#,##0.00", locale=locale))
    for notation in (EN, RU, DE):
        assert cells.number(typed, notation, money=True) == float(figure)


@settings(deadline=None)
@given(st.floats(min_value=-LARGEST, max_value=LARGEST))
def test_a_number_is_itself(figure: float) -> None:
    assert cells.number(figure, EN) == figure


@pytest.mark.parametrize(
    ("figure", "rounded"),
    [
        (2.345, 2.35),
        (-2.345, -2.35),
        (1.005, 1.01),
        (0.1 + 0.2, 0.3),
        (2.344, 2.34),
        (1234567.1, 1234567.1),
        (0.0, 0.0),
    ],
)
def test_cents_are_rounded_half_away_from_zero(figure: float, rounded: float) -> None:
    assert cells.cents(figure) == rounded


@settings(deadline=None)
@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_whole_cents_stay(hundredths: int) -> None:
    assert cells.cents(hundredths / 100) == hundredths / 100


# --- days --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", [EN, RU, DE])
@pytest.mark.parametrize(
    "value",
    [
        SERIAL,
        float(SERIAL),
        SERIAL + 0.99999,
        "24.11.2026",
        "24.11.26",
        " 24.11.2026 ",
        "24. 11. 2026",
        "2026-11-24",
        "2026/11/24",
        "2026.11.24",
        "24/11/2026",
        "11/24/2026",
        "24-11-2026",
        "11-24-26",
        "24 Nov 2026",
        "24-Nov-2026",
        "24/Nov/26",
        "Nov 24, 2026",
        "November 24th, 2026",
        "Nov 24 2026",
        "2026 Nov 24",
        "24 ноября 2026 г.",
        "24 ноября 2026 года",
        "24 НОЯБРЯ 2026",
        "24.ноя.2026",
        "24 нояб. 2026",
        "24.11.2026г.",
        "24. November 2026",
        "24. Nov. 2026",
        "24.November.2026",
        "вт, 24.11.2026",
        "Di, 24.11.2026",
        "Tue 24 Nov 2026",
        "Dienstag, 24. November 2026",
        "вторник, 24 ноября 2026 г.",
        "2026-11-24T10:00:00Z",
        "2026-11-24T23:59:59.999+03:00",
        "24.11.2026 10:00",
        "24.11.2026, 10:00 Uhr",
        "11/24/2026 3:05 PM",
        "2026-11-24 10:00:00 UTC",
        "24\xa0ноября\xa02026",
    ],
)
def test_days_that_every_reader_reads_alike(value: object, notation: Notation) -> None:
    assert cells.day(value, TODAY, notation) == TODAY


def test_the_locale_breaks_the_tie_of_day_and_month() -> None:
    assert cells.day("03/04/2026", TODAY, EN) == date(2026, 3, 4)
    assert cells.day("03/04/2026", TODAY, RU) == date(2026, 4, 3)
    assert cells.day("03.04.2026", TODAY, EN) == date(2026, 4, 3), "dots are for days first"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("24.11", Fault.NO_YEAR),
        ("24.11.", Fault.NO_YEAR),
        ("24/11", Fault.NO_YEAR),
        ("32.11.2026", Fault.UNREADABLE),
        ("11.24.2026", Fault.UNREADABLE),
        ("29.02.2026", Fault.UNREADABLE),
        ("46350", Fault.UNREADABLE),
        ("20261124", Fault.UNREADABLE),
        ("yesterday", Fault.UNREADABLE),
        ("next week", Fault.UNREADABLE),
        ("24-26.11.2026", Fault.UNREADABLE),
        ("Nov 2026", Fault.UNREADABLE),
        ("2026", Fault.UNREADABLE),
        ("Room 12 2026", Fault.UNREADABLE),
        ("24 Novembr 2026", Fault.UNREADABLE),
        ("foo, 24.11.2026", Fault.UNREADABLE),
        ("Итого", Fault.UNREADABLE),
        ("x" * 50_000, Fault.UNREADABLE),
        (True, Fault.BOOLEAN),
        (-1, Fault.UNREADABLE),
        (1e300, Fault.UNREADABLE),
        (nan, Fault.UNREADABLE),
        (inf, Fault.UNREADABLE),
        ([], Fault.UNREADABLE),
        (0, Fault.IMPLAUSIBLE),
        (5, Fault.IMPLAUSIBLE),
        ("24.11.1926", Fault.IMPLAUSIBLE),
        ("31.12.1999", Fault.IMPLAUSIBLE),
        ("01.01.2037", Fault.IMPLAUSIBLE),
        ("24 Nov 2206", Fault.IMPLAUSIBLE),
    ],
)
def test_what_is_no_day(value: object, fault: Fault) -> None:
    assert cells.day(value, TODAY, RU) is fault


def test_the_bounds_of_plausible_years() -> None:
    assert cells.day("01.01.2000", TODAY, RU) == date(2000, 1, 1)
    assert cells.day("31.12.2036", TODAY, RU) == date(2036, 12, 31)
    assert cells.day(None, TODAY, RU) is None


DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2036, 12, 31))


@settings(deadline=None)
@given(
    DAYS,
    st.sampled_from(["en", "ru", "de"]),
    st.sampled_from(["long", "medium", "d MMM y", "d MMMM y", "EEE, d MMM y"]),
)
def test_days_come_back_in_every_language(day: date, language: str, form: str) -> None:
    assert cells.day(format_date(day, form, locale=language), TODAY, EN) == day


@settings(deadline=None)
@given(DAYS, st.sampled_from([("dd.MM.y", RU), ("M/d/y", EN), ("d/M/y", DE), ("y-MM-dd", EN), ("dd.MM.yy", DE)]))
def test_numeric_days_come_back(day: date, form: tuple[str, Notation]) -> None:
    pattern, notation = form
    assert cells.day(format_date(day, pattern, locale="en"), TODAY, notation) == day


@settings(deadline=None)
@given(DAYS, st.floats(min_value=0, max_value=0.99999))
def test_serials_keep_their_day(day: date, time: float) -> None:
    serial = (day - EPOCH).days
    assert cells.day(serial + time, TODAY, EN) == EPOCH + timedelta(days=int(serial + time))


JSON = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70) | st.lists(st.integers(), max_size=2)
)


@settings(deadline=None)
@given(JSON | st.from_regex(r"[-0-9 .,'()/€%]{1,20}", fullmatch=True), st.sampled_from([EN, RU, DE]))
def test_no_cell_raises(value: object, notation: Notation) -> None:
    figure = cells.number(value, notation, money=True)
    assert figure is None or isinstance(figure, Fault) or -LARGEST <= figure <= LARGEST
    day = cells.day(value, TODAY, notation)
    assert day is None or isinstance(day, Fault | date)
    assert cells.text(value).encode() is not None
    assert cells.verdict(value) in Verdict
