"""The configuration: what is read, what is filled in, and every mistake with its line."""

from __future__ import annotations

import string
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetsync.errors import ConfigError
from sheetsync.periods import Kind
from sheetsync.schema import Settings
from sheetsync.settings import Place, load

ROOT = Path(__file__).parent.parent
LEAST = """\
workbook: {spreadsheet: "local:x.sheet"}
managers: [Anna, Boris]
targets: []
"""
"""The least that is right; what tests add begins in line 4."""


def read(tmp_path: Path, text: str | bytes, **flags: str) -> Settings:
    file = tmp_path / "targets.yaml"
    file.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return load(file, **flags)


def mistakes(tmp_path: Path, text: str | bytes, **flags: str) -> list[str]:
    """The lines of the error, less the file's path."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, **flags)
    assert caught.value.exit_code == 2
    return [line.removeprefix(f"{tmp_path / 'targets.yaml'}:") for line in str(caught.value).split("\n")]


# --- what is read --------------------------------------------------------------------------------------------------


def test_the_shipped_configuration_is_right() -> None:
    shipped = load(ROOT / "config" / "targets.yaml")
    assert len(shipped.managers) == 7
    assert shipped.department.country == "RU"
    assert shipped.department.currency == "RUB"
    assert [manager.name for manager in shipped.managers if manager.start] == ["Zhanna Pavlova"]
    assert shipped.targets[2].default["revenue"] == 3_000_000


def test_the_least_gets_the_built_in_catalogue(tmp_path: Path) -> None:
    found = read(tmp_path, LEAST)
    assert [manager.name for manager in found.managers] == ["Anna", "Boris"]
    assert list(found.actions) == [
        *("meeting", "calc_data", "offer", "trial", "contract"),
        *("lead_accepted", "lead_rejected", "lead_converted", "new_deal", "payment"),
    ]
    assert list(found.indicators) == [
        *("meetings", "calc_data", "offers", "trials", "contracts", "leads_processed", "leads_converted"),
        *("lead_conversion", "new_deals", "revenue", "gross_profit"),
    ]
    assert [(category.id, category.probability) for category in found.base.categories] == [
        *(("active_a", 0.9), ("active_b", 0.6), ("active_c", 0.3), ("trial", 0.4)),
        *(("project", 0.15), ("warm", 0.05), ("cold", 0)),
    ]
    assert (found.department.name, found.department.period) == ("Sales", Kind.WEEK)
    assert found.workbook.credentials == "credentials.json"
    assert found.workbook.timezone is None


def test_the_built_in_actions_need_the_evidence_of_the_method(tmp_path: Path) -> None:
    actions = read(tmp_path, LEAST).actions
    needed = [id_ for id_, action in actions.items() if action.evidence == "required"]
    assert needed == ["meeting", "calc_data", "offer", "trial", "contract"]
    assert all((actions[id_].what is not None) == (id_ in needed) for id_ in actions)


def test_built_in_indicators_have_the_unit_of_their_kind(tmp_path: Path) -> None:
    indicators = read(tmp_path, LEAST).indicators
    assert {id_ for id_, found in indicators.items() if found.unit == "ratio"} == {"lead_conversion"}
    assert {id_ for id_, found in indicators.items() if found.unit == "money"} == {"revenue", "gross_profit"}
    headlines = [id_ for id_, found in indicators.items() if found.headline]
    assert headlines == ["meetings", "offers", "contracts", "lead_conversion", "revenue"]


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("en", ["Actions", "Base", "Dashboard", "History", "Issues", "Guide", "Snapshots"]),
        ("ru", ["Действия", "База", "Дашборд", "История", "Замечания", "Инструкция", "Снимки базы"]),
        ("de", ["Aktionen", "Kundenbasis", "Dashboard", "Verlauf", "Hinweise", "Anleitung", "Momentaufnahmen"]),
    ],
)
def test_titles_follow_the_language(tmp_path: Path, language: str, titles: list[str]) -> None:
    text = LEAST.replace("{spread", f"{{language: {language}, spread")
    tabs = read(tmp_path, text).workbook.tabs
    assert [*tabs.actions, tabs.base, tabs.dashboard, tabs.history, tabs.issues, tabs.guide, tabs.snapshots] == titles
    assert tabs.finance is None


def test_titles_are_replaced_one_by_one(tmp_path: Path) -> None:
    text = LEAST.replace("{spread", '{tabs: {actions: ["Log *", Cash], history: Past, finance: Cash}, spread')
    tabs = read(tmp_path, text).workbook.tabs
    assert tabs.actions == ("Log *", "Cash")
    assert (tabs.history, tabs.finance, tabs.base) == ("Past", "Cash", "Base")


def test_a_text_stands_for_a_list_of_one(tmp_path: Path) -> None:
    text = LEAST.replace("{spread", "{tabs: {actions: Log}, columns: {Client: Customer}, spread")
    found = read(tmp_path, text + "indicators: {met: {count: meeting}}\n")
    assert found.workbook.tabs.actions == ("Log",)
    assert found.workbook.columns == {"Client": ("Customer",)}
    assert found.indicators["met"].count == ("meeting",)


def test_labels_fall_back_to_english_then_to_any(tmp_path: Path) -> None:
    labels = "{a: {label: Call}, b: {label: {en: Visit, ru: Визит}}, c: {label: {ru: Звонок}}, new_call: {}}"
    found = read(tmp_path, LEAST + f"actions: {labels}\nindicators: {{n: {{count: [a]}}}}\n").actions
    assert [found["a"].label.text("de"), found["b"].label.text("de"), found["b"].label.text("ru")] == [
        *("Call", "Visit", "Визит")
    ]
    assert found["c"].label.text("en") == "Звонок"
    assert found["new_call"].label.text("en") == "New call"


def test_a_manager_is_a_name_or_more(tmp_path: Path) -> None:
    text = LEAST.replace(
        "[Anna, Boris]",
        "[Anna, {name: Boris, aliases: [B.], from: 2026-03-01, until: 2026-12-31, "
        "absent: [{from: 2026-11-02, to: 2026-11-13}]}]",
    )
    anna, boris = read(tmp_path, text).managers
    assert (anna.aliases, anna.start, anna.works(date(1990, 1, 1))) == ((), None, True)
    assert boris.aliases == ("B.",)
    assert [boris.employed(day) for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 12, 31))] == [
        *(False, True, True)
    ]
    assert [boris.works(day) for day in (date(2026, 11, 1), date(2026, 11, 13), date(2026, 11, 14))] == [
        *(True, False, True)
    ]


def test_targets_may_name_managers_by_an_alias(tmp_path: Path) -> None:
    text = LEAST.replace("[Anna,", "[{name: Anna Orlova, aliases: [Anna]},").replace(
        "[]", "[{from: 2026-01-01, per: week, managers: {anna: {meetings: 7}, ' boris ': {offers: 1}}}]"
    )
    assert read(tmp_path, text).targets[0].managers == {"Anna Orlova": {"meetings": 7}, "Boris": {"offers": 1}}


@pytest.mark.parametrize(("written", "meant"), [("NO", "NO"), ("ru", "RU"), ("DE", "DE"), ("'KZ'", "KZ"), ("~", None)])
def test_a_country_is_no_truth_value(tmp_path: Path, written: str, meant: str | None) -> None:
    assert read(tmp_path, LEAST + f"department: {{country: {written}}}\n").department.country == meant


@pytest.mark.parametrize(
    ("written", "meant"), [("010", 10), ("3_000_000", 3e6), ("1e6", 1e6), (".5", 0.5), ("2.", 2), ("+4", 4), ("0", 0)]
)
def test_figures_are_what_people_mean(tmp_path: Path, written: str, meant: float) -> None:
    text = LEAST.replace("[]", f"[{{from: 2026-01-01, per: week, default: {{meetings: {written}}}}}]")
    assert read(tmp_path, text).targets[0].default == {"meetings": meant}


def test_flags_stand_for_the_file_before_it_is_checked(tmp_path: Path) -> None:
    text = LEAST.replace('"local:x.sheet"', "nonsense")
    found = read(tmp_path, text, spreadsheet="local:y.sheet", credentials="mine.json").workbook
    assert (found.spreadsheet, found.credentials) == ("local:y.sheet", "mine.json")
    assert read(tmp_path, "managers: [Anna]\ntargets: []\n", spreadsheet="local:y").workbook.spreadsheet == "local:y"


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode()).managers[0].name == "Anna"


def test_an_alias_of_yaml_repeats_a_value(tmp_path: Path) -> None:
    text = LEAST.replace(
        "[]",
        "[{from: 2026-01-01, per: week, default: &d {meetings: 5}}, {from: 2026-06-01, per: week, default: *d}]",
    )
    assert read(tmp_path, text).targets[1].default == {"meetings": 5}


# --- every mistake -------------------------------------------------------------------------------------------------


def test_every_mistake_is_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
workbok: 3
workbook:
  language: fr
  timezone: Moscow
  tabs: {action: [Log], base: Dashboard}
  columns: {Clint: [Customer]}
department:
  country: Russia
  currency: roubles
  period: weak
  holidays: [2026-02-31]
managers:
  - Anna
  - 7
  - name: Boris
    from: 20260101
    absent: [{from: 2026-02-02, to: 2026-01-01}]
    alias: [x]
  - name:
targets:
  - from: 2026-01-01
    per: week
    default:
      meetngs: 5
      offers: "3 000 000"
      trials: -1
    managers: {Ana: {contracts: .nan}}
"""
    assert mistakes(tmp_path, text) == [
        '1: workbok: unknown key; did you mean "workbook"?',
        "2: workbook.spreadsheet: is missing. `local:PATH`, a Google spreadsheet's address or key, or "
        "`http://127.0.0.1:PORT/spreadsheets/d/ID`",
        '3: workbook.language: en, ru or de is expected, not "fr"',
        '4: workbook.timezone: "Moscow" is no time zone; did you mean "Europe/Moscow"?',
        '5: workbook.tabs.action: unknown key; did you mean "actions"?',
        '5: workbook.tabs.dashboard: "Dashboard" is the title of workbook.tabs.base already',
        '6: workbook.columns.Clint: there is no such column; did you mean "Client"?',
        '8: department.country: no holidays are known of "RUSSIA"; did you mean "RU"?',
        '9: department.currency: "ROUBLES" is no currency; did you mean "RUB"?',
        '10: department.period: week, month or quarter is expected, not "weak"; did you mean "week"?',
        "11: department.holidays[0]: 2026-02-31 is not a day of the calendar",
        "14: managers[1]: a manager is a name, or keys such as name and from; put a name of figures in quotes",
        "16: managers[2].from: a day is expected, written as 2026-11-02",
        "17: managers[2].absent[0]: to 2026-01-01 is before from 2026-02-02; swap the two days",
        '18: managers[2].alias: unknown key; did you mean "aliases"?',
        "19: managers[3].name: nothing is written here",
        '24: targets[0].default.meetngs: there is no such indicator; did you mean "meetings"?',
        '25: targets[0].default.offers: a number is expected, not the text "3 000 000"; write 3000000',
        "26: targets[0].default.trials: -1 is too small; at least 0",
        "27: targets[0].managers.Ana.contracts: an ordinary number is expected, neither infinite nor undefined",
        '27: targets[0].managers.Ana: there is no such manager; did you mean "Anna"?',
    ]


def examples() -> list[tuple[str, str, list[str]]]:
    """Section, what is written, and the mistakes, of each example in configuration_mistakes.txt."""
    found, section = [], ""
    for block in (ROOT / "tests" / "configuration_mistakes.txt").read_text("utf-8").strip().split("\n\n")[1:]:
        lines = block.split("\n")
        if block.startswith("== "):
            section = block.removeprefix("== ")
        else:
            written = [line for line in lines if not line.startswith("! ")]
            found.append((section, "\n".join(written), [line[2:] for line in lines if line.startswith("! ")]))
    return found


REPLACED = {"added": ("[]\n", "[]\n{}"), "workbook": ("{spread", "{{{}, spread"), "managers": ("[Anna, Boris]", "{}")}


@pytest.mark.parametrize(("section", "written", "expected"), examples())
def test_each_mistake_has_its_words(tmp_path: Path, section: str, written: str, expected: list[str]) -> None:
    assert expected, "an example needs its ! lines"
    old, new = REPLACED.get(section, ("[]", "{}"))
    assert mistakes(tmp_path, LEAST.replace(old, new.format(written))) == expected


def test_spellings_of_ones_own_name_are_no_mistake(tmp_path: Path) -> None:
    text = LEAST.replace("[Anna, Boris]", "[{name: Anna, aliases: [anna, A., a.]}]")
    assert read(tmp_path, text).managers[0].aliases == ("anna", "A.", "a.")


def test_a_flag_is_named_where_its_value_is_wrong(tmp_path: Path) -> None:
    found = mistakes(tmp_path, LEAST + "kpi: 1\n", spreadsheet="https://example.com/spreadsheets/d/x")
    assert len(found) == 2
    assert found[0] == f'--spreadsheet: "example.com" {ELSEWHERE}'


# --- the file itself -----------------------------------------------------------------------------------------------


DEEPER = 'this line is indented more than the one above, or the one above lacks ": " after its key'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: the file is empty; workbook, managers and targets are needed"),
        ("# only a remark\n", "1: the file is empty; workbook, managers and targets are needed"),
        ("- a\n", "1: keys (workbook:, managers:, targets:) are expected here, not a list"),
        ("just text", '1: keys (workbook:, managers:, targets:) are expected here, not "just text"'),
        (b"a: 1\nname: \xe0\xed\xed\xe0\n", "2: here is a letter that is not UTF-8; save the file as UTF-8"),
        ("a: b".encode("utf-16"), "1: the file is saved as UTF-16; save it as UTF-8"),
        ("a:\n\tb: 1\n", "2: the line begins with a tab; indent with spaces"),
        ("a: 1\nb: c: d\n", '2: a second ": " in one line; put the text in quotes, or each key on its line'),
        ("a: 1\n b: 2\n", f"2: {DEEPER}"),
        ("a:\n  b:c\n  d: 1\n", f"3: {DEEPER}"),
        ("a: 1\u2028 b: 2\r c: d: e\n", f"2: {DEEPER}"),
        ("a: 1\rb: c: d\n", '2: a second ": " in one line; put the text in quotes, or each key on its line'),
        (
            "a:\n  b: 1\n c: 2\n",
            "3: this line is indented unlike the ones above (keys of one level begin in one column), or a quote above "
            "it is not closed",
        ),
        ("a: [1, 2\nb: 3\n", "1: in the brackets that open here a comma is missing, or the closing one is"),
        ('a: "x\nb: 3\nc: 4\n', "1: a quote is opened and never closed"),
        ("a: 1\n---\nb: 2\n", "2: a second document begins here; one file is one configuration, leave --- out"),
        ("a: *log\n", "1: a text that begins with * goes in quotes"),
        ("a: %x\n", "1: a text that begins with this sign goes in quotes"),
        ("a: 1\nb\nc: 2\n", '2: a key without ": " after it'),
        ("a: \x07\n", "1: the character U+0007 cannot stand in this file"),
        ('a: "\\uD800"\n', "1: a: an escape in double quotes names no character"),
        ('a: "\\UFFFFFFFF"\n', "1: an escape in double quotes names no character"),
        ("a: " + "[" * 30, "1: more than 20 lists or keys stand inside each other"),
        ("a: &a [*a]\n", "1: more than 20 lists or keys stand inside each other"),
        ("x" * 300_000, "1: the file is larger than 256 KB; this is no configuration"),
        ("a: [" + "1," * 30_000 + "]", "1: there are more than 10000 values (aliases counted where they are used)"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert mistakes(tmp_path, text)[0] == expected


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    layers = "".join(f"{'bcdefghi'[n]}: &{'bcdefghi'[n]} [{', '.join(['*' + 'abcdefgh'[n]] * 9)}]\n" for n in range(8))
    [found] = mistakes(tmp_path, "a: &a [x, x, x, x, x, x, x, x, x]\n" + layers)
    assert found.endswith(": there are more than 10000 values (aliases counted where they are used)")


def test_reading_runs_nothing(tmp_path: Path) -> None:
    found = mistakes(tmp_path, LEAST + "department: {name: !!python/object/apply:os.system [ls]}\n")
    assert found[0] == (
        '4: department.name: the tag "tag:yaml.org,2002:python/object/apply:os.system" means nothing here; leave it out'
    )


def test_keys_are_texts(tmp_path: Path) -> None:
    assert mistakes(tmp_path, LEAST + "? [a, b]\n: 1\n") == ["4: a key is a text, not a list or further keys"]


def test_what_people_typed_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    [found] = mistakes(tmp_path, LEAST + '"\\e[31m\\u202e\\n": 1\n')
    assert found.startswith("4: \\x1b[31m\\u202e\\n: unknown key")


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.yaml")
    assert str(caught.value) == (
        f"{tmp_path / 'none.yaml'}: there is no such file\n"
        "Name your configuration with --config PATH; config/targets.yaml of the project is a model."
    )


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is a directory\nName the file in it with --config PATH."


# --- whatever is written -------------------------------------------------------------------------------------------

KEYS = st.sampled_from(
    """workbook spreadsheet credentials language timezone tabs columns department name country currency period holidays
    managers aliases from until absent to actions label evidence client amount what indicators group unit count sum of
    clients ratio headline base categories id probability when stage payment trial contact_within targets per default
    en ru de meetings meeting Anna finance Client dashboard""".split()
) | st.text(max_size=4)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.sampled_from(["Anna", "local:x", "week", "meeting", "meetings", "Log *", "*", "2026-01-01", "Amount", "ru"])
    | st.text(max_size=6)
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
RIGHT: dict[str, Any] = yaml.safe_load((ROOT / "config" / "targets.yaml").read_text("utf-8"))
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(found for key, below in inner for found in places(below, (*at, key)))]


def put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    if isinstance(value, dict):
        return {**value, at[0]: put(value[at[0]], at[1:], new)}
    return [put(below, at[1:], new) if n == at[0] else below for n, below in enumerate(value)]


def settings_or_positions(tmp_path: Path, text: str | bytes) -> None:
    file = tmp_path / "targets.yaml"
    try:
        assert isinstance(read(tmp_path, text), Settings)
    except ConfigError as error:
        for line in str(error).split("\n"):
            assert line.startswith(f"{file}:"), line
            number, _, what = line.removeprefix(f"{file}:").partition(": ")
            assert number.isdecimal(), line
            assert int(number) >= 1, line
            assert what, line
            assert not {"pydantic", "Input should", "type=", "Traceback"} & set(line.split()), line
            assert "Input should" not in line
            assert "this is not right" not in line
            assert all(sign.isprintable() for sign in line), line


@QUICK
@given(at=st.sampled_from(places(RIGHT)), new=ANYTHING)
def test_anything_anywhere_is_settings_or_mistakes_with_lines(tmp_path: Path, at: tuple[Any, ...], new: Any) -> None:
    settings_or_positions(tmp_path, yaml.safe_dump(put(RIGHT, at, new), allow_unicode=True))


@QUICK
@given(section=st.sampled_from(["actions", "indicators", "base", "department", "workbook"]), new=ANYTHING)
def test_any_section_is_settings_or_mistakes_with_lines(tmp_path: Path, section: str, new: Any) -> None:
    settings_or_positions(tmp_path, yaml.safe_dump({**RIGHT, section: new}, allow_unicode=True))


@QUICK
@given(text=st.text() | st.text(alphabet=string.printable) | st.text(alphabet="ab:-[]{}*&!|>'\"#%@,? \n\t"))
def test_any_text_is_settings_or_mistakes_with_lines(tmp_path: Path, text: str) -> None:
    settings_or_positions(tmp_path, text.encode("utf-8", "surrogatepass"))


@QUICK
@given(found=st.binary(max_size=80))
def test_any_bytes_are_settings_or_mistakes_with_lines(tmp_path: Path, found: bytes) -> None:
    settings_or_positions(tmp_path, found)


@QUICK
@given(cut=st.integers(0, 4000), new=st.text(alphabet=":-[]{}*&!|>'\"#%@,? \nab1", max_size=3))
def test_a_slip_of_the_keyboard_is_settings_or_mistakes_with_lines(tmp_path: Path, cut: int, new: str) -> None:
    text = (ROOT / "config" / "targets.yaml").read_text("utf-8")
    settings_or_positions(tmp_path, text[:cut] + new + text[cut + 1 :])


# --- places --------------------------------------------------------------------------------------------------------

KEY = "1AbC-dEf_GhIjKlMnOpQrStUvWxYz0123456789abcd"
GOOGLE = Place("google", key=KEY, base="https://docs.google.com")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (KEY, GOOGLE),
        (f"  https://docs.google.com/spreadsheets/d/{KEY}/edit?gid=0#gid=0 ", GOOGLE),
        (f"https://docs.google.com/spreadsheets/u/1/d/{KEY}", GOOGLE),
        (f"docs.google.com/spreadsheets/d/{KEY}/edit", GOOGLE),
        ("http://127.0.0.1:8080/spreadsheets/d/abc", Place("loopback", "abc", "http://127.0.0.1:8080")),
        ("http://localhost:1/spreadsheets/d/abc/", Place("loopback", "abc", "http://localhost:1")),
        ("http://[::1]:99/spreadsheets/d/abc#gid=1", Place("loopback", "abc", "http://[::1]:99")),
        ("local:demo/x.sheet", Place("local", path=Path("/here/demo/x.sheet"))),
        ("local: /abs/x.sheet", Place("local", path=Path("/abs/x.sheet"))),
    ],
)
def test_places(text: str, place: Place) -> None:
    assert Place.parse(text, Path("/here")) == place


def test_a_local_place_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/rop")
    assert Place.parse("local:~/x.sheet", Path("/here")).path == Path("/home/rop/x.sheet")


ELSEWHERE = (
    "is neither Google nor this machine; write https://docs.google.com/spreadsheets/d/KEY, "
    "http://127.0.0.1:PORT/spreadsheets/d/ID or local:PATH"
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("department", '"department" is no spreadsheet; write local:PATH, or a Google spreadsheet\'s address or key'),
        ("local:", "local: needs the path of a file, such as local:demo/department.sheet"),
        ("https://evil.example/spreadsheets/d/x", f'"evil.example" {ELSEWHERE}'),
        ("https://docs.google.com@evil.example/spreadsheets/d/x", f'"evil.example" {ELSEWHERE}'),
        ("http://127.0.0.1.evil.example/spreadsheets/d/x", f'"127.0.0.1.evil.example" {ELSEWHERE}'),
        ("http://me:secret@127.0.0.1/spreadsheets/d/x", f'"127.0.0.1" {ELSEWHERE}'),
        ("ftp://127.0.0.1/spreadsheets/d/x", 'a server on this machine is spoken to by http://, not "ftp"'),
        ("http://[::1]:99999/x", '"http://[::1]:99999/x" is no address; copy it from the browser'),
        ("http://[::1/spreadsheets/d/x", '"http://[::1/spreadsheets/d/x" is no address; copy it from the browser'),
        ("http://[::1]:80/", '"http://[::1]:80/" names no spreadsheet; its address goes on with /spreadsheets/d/KEY'),
        (
            f"https://docs.google.com/spreadsheets/d/e/{KEY}/pubhtml",
            "this is the address of a published page; copy the one of the spreadsheet being edited",
        ),
    ],
)
def test_places_that_are_none(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text is compared below
        Place.parse(text, Path("/here"))
    assert str(caught.value) == problem


@QUICK
@given(text=st.text() | st.text(alphabet="htps:/[].@#?%localgoe0123456789d"))
def test_any_text_is_a_place_or_a_sentence(text: str) -> None:
    try:
        found = str(Place.parse(text, Path("/here")).kind)
    except ValueError as error:
        found = str(error)
    assert found
    assert "\n" not in found
