"""Issues, History and Snapshots as people find them: what is wrong, where, and what it does to the figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from gspread.utils import ValueRenderOption

from sheetsync import closing, layout, ledgers
from tests import office, sales
from tests.served import Json, Ran, Served, day

WEEK, FRIDAY = "2026-W10", "2026-03-06"
ANNA, BORIS = "Anna Orlova", "Boris Ivanov"
LONG = "minutes " * 6_000


def _configuration(book: Served, language: str = "en", **tabs: Any) -> dict[str, Any]:
    spreadsheet, credentials = book.where
    return {
        "workbook": {
            "spreadsheet": spreadsheet,
            "credentials": credentials,
            "language": language,
            "timezone": "Europe/Moscow",
            "tabs": tabs,
        },
        "department": {"currency": "RUB"},
        "managers": [{"name": ANNA, "aliases": ["Anna"]}, {"name": BORIS, "from": "2026-01-12"}],
        "targets": [{"from": "2026-01-01", "per": "week", "default": {"meetings": 5}}],
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook after `init`."""
    folder = tmp_path_factory.mktemp("prepared")
    with Served(folder) as book:
        book.configure(_configuration(book))
        book.run("init")
    return folder / "book.sheet"


@pytest.fixture
def book(prepared: Path, tmp_path: Path) -> Iterator[Served]:
    """A workbook of its own for a test."""
    with Served(tmp_path, template=prepared) as served:
        served.configure(_configuration(served))
        yield served
        assert served.misfits == []


def _sync(book: Served, *more: str, exits: int = 0) -> Ran:
    return book.sync("--period", WEEK, "--as-of", FRIDAY, *more, exits=exits)


def _actual(book: Served, measure: str, manager: str = "Sales", tab: str = "History") -> Any:
    rows = book.records(tab)
    return next(row["actual"] for row in rows if (row["manager"], row["measure"]) == (manager, measure))


def _row(number: int, **cells: Any) -> list[Any]:
    """A meeting of Anna's that counts, but for these cells."""
    right = {
        **dict.fromkeys(sales.HEADER, ""),
        "Date": "2026-03-03",
        "Manager": ANNA,
        "Action": "Meeting held",
        "Client": f"Client {number}",
        "Evidence": f"minutes {number}",
    }
    return list((right | cells).values())


# --- each bad input ---------------------------------------------------------------------------------------------------

Case = tuple[dict[str, Any], str, str, str, str]
"""cells, the column that is to blame, severity, what is wrong, effect"""
NOT = "Not counted."
BAD: list[Case] = [
    ({"Date": "soon"}, "Date", "error", '"Date" can\'t be read as a date.', NOT),
    ({"Date": "31.02.2026"}, "Date", "error", '"Date" can\'t be read as a date.', NOT),
    ({"Date": ""}, "Date", "error", "The date is missing.", NOT),
    ({"Date": "2099-01-01"}, "Date", "error", 'The year in "Date" is outside 2000–{last}.', NOT),
    ({"Date": "{tomorrow}"}, "Date", "error", "The date is after today.", NOT),
    ({"Manager": "Ana Orlova"}, "Manager", "error", 'No manager is called "Ana Orlova".', NOT),
    ({"Manager": ""}, "Manager", "error", "The manager is missing.", NOT),
    ({"Action": "Meeting heId"}, "Action", "error", 'No action is called "Meeting heId".', NOT),
    ({"Evidence": ""}, "Evidence", "error", '"Meeting held" counts only with evidence.', NOT),
    ({"Evidence": "."}, "Evidence", "error", "This only fills the place of an evidence.", NOT),
    ({"Evidence": "—"}, "Evidence", "error", "This only fills the place of an evidence.", NOT),
    ({"Checked": "no"}, "Checked", "error", 'Rejected in "Checked".', NOT),
    ({"Checked": "FALSE"}, "Checked", "error", 'Rejected in "Checked".', NOT),
    ({"Checked": 0}, "Checked", "error", 'Rejected in "Checked".', NOT),
    ({"Checked": "нет"}, "Checked", "error", 'Rejected in "Checked".', NOT),
    (
        {"Action": "Payment received", "Amount": "a lot"},
        "Amount",
        "error",
        '"Amount" can\'t be read as a number.',
        NOT,
    ),
    (
        {"Action": "Payment received", "Amount": "TRUE"},
        "Amount",
        "error",
        "{boolean}",
        NOT,
    ),
    ({"Action": "Supply contract", "Amount": -5}, "Amount", "error", '"Amount" is negative.', NOT),
    ({"Action": "Lead rejected", "Quantity": -5}, "Quantity", "error", "The quantity is negative.", NOT),
    (
        {"Action": "Payment received", "Amount": -70},
        "Amount",
        "warning",
        "The amount is negative.",
        "Counted as a refund.",
    ),
    (
        {"Manager": BORIS, "Date": "2026-01-05"},
        "Date",
        "warning",
        "Boris Ivanov was not employed on this date.",
        "Counted.",
    ),
]


@pytest.mark.parametrize("raw", [False, True], ids=["typed by people", "written by programs"])
def test_each_bad_row_is_listed_with_its_cell_and_its_effect(book: Served, raw: bool) -> None:
    tomorrow = {"{tomorrow}": (date.today() + timedelta(days=2)).isoformat()}
    rows = [
        _row(number, **{name: tomorrow.get(str(value), value) for name, value in cells.items()})
        for number, (cells, *_) in enumerate(BAD)
    ]
    book.fill("Actions", [_row(999), *rows], raw=raw)
    done = _sync(book)
    shown = {row["Cell"]: row for row in book.issues()}
    texts = {"{boolean}": '"Amount" holds TRUE or FALSE instead of a number.'}
    if raw:
        texts["{boolean}"] = '"Amount" can\'t be read as a number.'
    last = date.today().year + 10
    for number, (cells, column, severity, problem, effect) in enumerate(BAD, start=3):
        cell = f"{'ABCDEFGHIJK'[sales.HEADER.index(column)]}{number}"
        row = shown.pop(cell)
        said = f"{cells}: {row}"
        assert row["Severity"].endswith(f" {severity}"), said
        assert row["What is wrong"] == texts.get(problem, problem).replace("{last}", str(last)), said
        assert row["Effect"] == effect, said
        assert (row["Tab"], bool(row["What to do"])) == ("Actions", True), said
    assert shown == {}
    assert done.json["issues"] == {
        "error": sum(case[2] == "error" for case in BAD),
        "warning": sum(case[2] == "warning" for case in BAD),
    }
    assert [_actual(book, "meetings"), _actual(book, "contracts"), _actual(book, "leads_processed")] == [1, 0, 0]
    assert [_actual(book, "revenue"), _actual(book, "gross_profit")] == [-70, 0]


def test_a_link_opens_the_cell(book: Served) -> None:
    book.fill("Actions", [_row(1), [], [], _row(2, Evidence="")])
    _sync(book)
    gid = book.book.worksheet("Actions").id
    (_, line) = book.book.worksheet("Issues").get_all_values(value_render_option=ValueRenderOption.formula)
    assert line[2] == f'=HYPERLINK("#gid={gid}&range=F5";"F5")'


def test_doubled_rows_count_once(book: Served) -> None:
    """The same words in another case are the same row; without evidence two payments are two."""
    paid = {"Action": "Payment received", "Evidence": "", "Client": "Orion", "Amount": 100.25}
    book.fill(
        "Actions",
        [_row(1), _row(1, Client=" CLIENT  1"), _row(1, Evidence="minutes 1b"), _row(2, **paid), _row(2, **paid)],
    )
    _sync(book)
    assert [_actual(book, "meetings"), _actual(book, "revenue")] == [2, 200.5]
    (issue,) = book.issues()
    assert (issue["Cell"], issue["Effect"]) == ("F3", "The two rows count once.")


def test_formula_errors_booleans_and_long_cells(book: Served) -> None:
    book.fill(
        "Actions",
        [
            _row(1, Evidence="=1/0"),
            _row(2, Action="Payment received", Amount="=NA()"),
            _row(3, Evidence=LONG),
            _row(4, Action="Lead rejected", Quantity=True),
            _row(5, Action="Payment received", Amount="1.234,56 €", Profit="(1 000,5)"),
        ],
    )
    _sync(book)
    problems = {row["Cell"]: row["What is wrong"] for row in book.issues()}
    assert problems == {
        "F2": 'The formula in "Evidence" shows an error.',
        "H3": 'The formula in "Amount" shows an error.',
        "G5": '"Quantity" holds TRUE or FALSE instead of a number.',
        "I6": "The profit is negative.",
    }
    assert [_actual(book, "meetings"), _actual(book, "revenue"), _actual(book, "gross_profit")] == [1, 1234.56, -1000.5]


def test_rows_after_the_as_of_date_wait(book: Served) -> None:
    """They are right, so they are no issue; a later week's wrong rows are not listed yet."""
    book.fill("Actions", [_row(1), _row(2, Date="2026-03-08"), _row(3, Date="2026-03-10", Evidence="")])
    _sync(book)
    assert (_actual(book, "meetings"), book.issues()[0]["Severity"]) == (1, "Nothing to mend: every row counts.")
    book.sync("--period", WEEK, "--as-of", "2026-03-09")
    assert _actual(book, "meetings") == 2


def test_issues_of_earlier_open_weeks_and_unreadable_dates_are_listed(book: Served) -> None:
    book.fill(
        "Actions",
        [
            _row(1, Date="2026-02-10", Evidence=""),
            _row(2, Date="2026-03-03", Evidence=""),
            _row(3, Date="2026-03-12", Evidence=""),
            _row(4, Date="soon", Evidence="x-1"),
        ],
    )
    _sync(book)
    assert {row["Cell"] for row in book.issues()} == {"F2", "F3", "A5"}
    assert [day(row["Date"]) for row in book.issues() if row["Date"]] == [date(2026, 2, 10), date(2026, 3, 3)]


def test_typed_text_is_never_a_formula_of_ours(book: Served) -> None:
    """What somebody typed as text is shown as text, whatever it begins with."""
    evil = ["'=1+1", "'+1+1", "'@maybe"]
    book.fill("Actions", [_row(1, Action=evil[0]), _row(2, Manager=evil[1]), _row(3, Checked=evil[2])])
    _sync(book)
    rows = book.whole("Issues")["Issues"]["data"][0]["rowData"][1:4]
    typed = [row["values"][5]["userEnteredValue"] for row in rows]
    assert {next(iter(value)) for value in typed} == {"stringValue"}
    assert {value["stringValue"] for value in typed} == {text[1:] for text in evil}


# --- the hidden tabs --------------------------------------------------------------------------------------------------


def test_the_tab_of_closed_periods_holds_what_was_kept() -> None:
    """Dates as dates, numbers as numbers, texts as texts; blanks blank."""
    rows: list[list[object]] = [
        ["record", "period", "manager", "date", "action", "evidence", "amount", "counted", "measure", "plan"],
        ["row", "2026-03", ANNA, 46084, "payment", "=1+1", 10.5, "no"],
        ["plan", "2026-03", ANNA, "", "", "", "", "", "meetings", 0],
    ]
    kept = closing.from_cells(rows)
    page = ledgers.closed(kept, office.configured())
    assert (page.id, page.title, page.sheet_id, page.hidden, page.tall) == (
        "closed",
        "Closed",
        layout.OWN_IDS["closed"],
        True,
        True,
    )
    assert [cell.value for cell in page.rows[0]] == list(closing.COLUMNS)
    plan, row = (dict(zip(closing.COLUMNS, line, strict=True)) for line in page.rows[1:])
    assert {name: cell.value for name, cell in plan.items() if cell.value not in (None, "")} == {
        "record": "plan",
        "period": "2026-03",
        "manager": ANNA,
        "measure": "meetings",
        "plan": 0.0,
    }
    assert (row["date"].value, row["amount"].value, row["quantity"].value) == (date(2026, 3, 3), 10.5, None)
    assert row["evidence"].value == "=1+1"
    assert row["date"].style.fields["numberFormat"] == {"type": "DATE", "pattern": "yyyy-mm-dd"}


# --- other layouts ----------------------------------------------------------------------------------------------------


def test_columns_anywhere_and_a_header_in_row_4(book: Served) -> None:
    """Shuffled, one inserted, others added, the header moved down by a title."""
    sheet = book.book.worksheet("Actions")
    sheet.clear()
    order = [
        "Comment",
        "our own",
        "Evidence",
        "Amount",
        "Action",
        "Client",
        "",
        "Manager",
        "DATE ",
        "Checked",
        "Profit",
    ]
    cells = {
        "our own": 7,
        "": "x",
        "DATE ": "2026-03-03",
        "Manager": "anna",
        "Action": "Meeting held",
        "Client": "Orion",
    }
    row = [cells.get(name, "") for name in order]
    bad = [*row]
    row[2] = "minutes"
    book.fill("Actions", [["Sales 2026"], [], ["fill in daily"], order, row, bad], "A1")
    _sync(book)
    (issue,) = book.issues()
    assert (issue["Cell"], issue["Manager"], _actual(book, "meetings", ANNA)) == ("C6", ANNA, 1)
    sheet.insert_cols([["new column"]], 2)
    _sync(book)
    (issue,) = book.issues()
    assert (issue["Cell"], _actual(book, "meetings", ANNA)) == ("D6", 1)


@pytest.mark.parametrize(
    ("language", "tabs", "label"),
    [
        ("ru", {"actions": "Действия", "history": "История", "issues": "Замечания"}, "Встреча"),
        ("de", {"actions": "Aktionen", "history": "Verlauf", "issues": "Hinweise"}, "Treffen"),
    ],
)
def test_a_workbook_in_another_language(tmp_path: Path, language: str, tabs: dict[str, str], label: str) -> None:
    """The managers' tabs follow the language; History's columns never do."""
    with Served(tmp_path) as book:
        book.configure(_configuration(book, language))
        book.run("init")
        book.fill(tabs["actions"], [_row(1, Action=label), _row(2, Action=label, Evidence="")])
        _sync(book)
        assert _actual(book, "meetings", tab=tabs["history"]) == 1
        header, line = book.rows(tabs["issues"])
        assert "Severity" not in header
        assert line[2] == "F3"
        assert label in line[6]
        assert _sync(book).json["changed"] is False


def test_a_log_for_each_manager_and_finance_apart(tmp_path: Path) -> None:
    with Served(tmp_path) as book:
        book.configure(_configuration(book, actions=["Log *"], finance="Money"))
        head = [name for name in sales.HEADER if name != "Manager"]
        for title, header in (("Log Anna", head), ("Log Boris Ivanov", head), ("Base", sales.BASE_HEADER)):
            book.book.add_worksheet(title, 100, 12).update([list(header)], "A1")
        book.book.add_worksheet("Money", 100, 12).update([["Date", "Manager", "Client", "Amount", "Profit"]], "A1")
        bare = [cell for name, cell in zip(sales.HEADER, _row(1), strict=True) if name != "Manager"]
        paid = ["2026-03-03", "Payment received", "Orion", "", "", "", 500]
        book.fill("Log Anna", [bare, [*bare[:3], "", "minutes 2"], paid])
        book.fill("Log Boris Ivanov", [bare])
        book.fill("Money", [["2026-03-04", "Boris Ivanov", "Orion", 1000, 250.5], ["2026-03-05", "Anna", "Vega", "?"]])
        book.run("init")
        _sync(book)
        assert [_actual(book, "meetings", who) for who in (ANNA, BORIS, "Sales")] == [2, 1, 3]
        assert [_actual(book, "revenue", who) for who in (ANNA, BORIS, "Sales")] == [0, 1000, 1000]
        assert _actual(book, "gross_profit") == 250.5
        assert {(row["Tab"], row["Cell"], row["What is wrong"]) for row in book.issues()} == {
            ("Log Anna", "B4", '"Payment received" counts only in the tab Money.'),
            ("Money", "D3", '"Amount" can\'t be read as a number.'),
        }
        gids = {sheet.title: sheet.id for sheet in book.book.worksheets()}
        links = book.book.worksheet("Issues").get_all_values(value_render_option=ValueRenderOption.formula)[1:]
        assert all(f"#gid={gids[line[1]]}&" in line[2] for line in links)


def test_a_missing_tab_and_a_missing_column(book: Served) -> None:
    sheet = book.book.worksheet("Actions")
    sheet.update_acell("A1", "When")
    done = _sync(book, exits=2)
    assert done.err.splitlines()[-2:] == [
        "sheetsync: tab Actions: the required column Date is missing. Row 1 has: When, Manager, Action, Client, Deal,"
        " Evidence, Quantity, Amount, Profit, Comment, Checked.",
        "Name the column Date, or add its name under workbook.columns.Date in the configuration. Where it was"
        " deleted, `sheetsync init` adds an empty one.",
    ]
    sheet.update_title("Journal")
    done = _sync(book, exits=2)
    assert done.err.splitlines()[-2:] == [
        "sheetsync: book: there is no tab “Actions”",
        "There is: “Journal”, “Base”. If one of them is meant, name it under workbook.tabs; if not, run"
        " `sheetsync init` to add what is missing.",
    ]
    assert done.json["exit"] == 2
    assert done.writes == 0


def test_merged_cells_and_blank_rows_in_between(book: Served) -> None:
    """Of merged cells the top one alone is filled, and the rows under it say so."""
    book.fill("Actions", [_row(1), [], _row(2), _row(3, Manager=""), [], [], _row(4)])
    book.book.worksheet("Actions").merge_cells("B4:B5")
    _sync(book)
    (issue,) = book.issues()
    assert (issue["Cell"], issue["What is wrong"]) == ("B5", "The manager is missing.")
    assert issue["What to do"].endswith("unmerge them: only the top cell is filled.")
    assert _actual(book, "meetings") == 3


def test_headers_alone_are_a_week_of_nothing(book: Served) -> None:
    """Nothing done is 0; a base without a row is no base, so it is blank."""
    assert _sync(book).json["rows"] == {"actions": 0, "base": 0}
    assert [_actual(book, "meetings"), _actual(book, "lead_conversion"), _actual(book, "base.clients")] == [0, "", ""]
    assert len(book.rows("Snapshots")) == 1
    assert _sync(book).json["changed"] is False


def test_an_empty_tab_is_no_log(book: Served) -> None:
    book.book.worksheet("Base").clear()
    done = _sync(book, exits=2)
    assert done.err.splitlines()[-2:] == [
        "sheetsync: tab Base: the tab is empty; required columns: Client, Manager.",
        "Run `sheetsync init`: it writes the headers and touches nothing that was typed.",
    ]


def test_rows_of_the_base_that_are_wrong(book: Served) -> None:
    """A category typed wins, with a warning; a wrong figure is a blank; a doubled row and a nameless one are out."""
    head = len(sales.BASE_HEADER)
    rows: list[list[Any]] = [
        ["Orion", "", ANNA, "Cold", "Invoice", "2026-03-20", 1000],
        ["Vega", "", ANNA, "", "", "", "much"],
        ["ORION ", "", ANNA],
        ["", "D-1", ANNA, "", "Invoice"],
        ["Lyra", "", "Nobody"],
        ["Cygnus", "", BORIS, "Hot", "", "2026-04-30", 10.5, -3],
    ]
    book.fill("Base", [[*row, *[""] * (head - len(row))] for row in rows])
    _sync(book)
    assert {(row["Cell"], row["Effect"]) for row in book.issues()} == {
        ("D2", "Counted as “Cold”."),
        ("G3", "The cell counts as blank."),
        ("A4", NOT),
        ("A5", NOT),
        ("C6", NOT),
        ("D7", "The cell counts as blank."),
        ("H7", "The cell counts as blank."),
    }
    kept = {
        name: _actual(book, f"base.{name}") for name in ("clients", "cold.clients", "cold.amount", "active_b.amount")
    }
    assert kept == {"clients": 3, "cold.clients": 2, "cold.amount": 1000, "active_b.amount": 10.5}


def test_our_tabs_alone_are_written(book: Served) -> None:
    """Also where people put tabs, formats and notes of their own among them."""
    mine = book.book.add_worksheet("My own", 20, 5)
    mine.update([["x", 1], ["=B1*2", "note"]], "A1", raw=False)
    mine.format("A1:B2", {"textFormat": {"bold": True}})
    book.fill("Actions", [_row(1), _row(2, Evidence="")])
    book.book.worksheet("Actions").format("A2:C3", {"backgroundColor": {"red": 1}})
    before = book.whole("Actions", "Base", "My own")
    assert _sync(book).json["changed"] is True
    assert book.whole("Actions", "Base", "My own") == before


def test_deleted_own_tabs_come_back(book: Served) -> None:
    book.fill("Actions", [_row(1)])
    _sync(book)
    right: dict[str, list[Json]] = {tab: book.records(tab) for tab in ("History", "Issues", "Snapshots")}
    for title in ("History", "Issues", "Snapshots", "Dashboard", "Guide"):
        book.book.del_worksheet(book.book.worksheet(title))
    assert _sync(book).json["requests"] == 3
    for tab, rows in right.items():
        assert [{**row, "synced_at": 0} for row in book.records(tab)] == [{**row, "synced_at": 0} for row in rows]
    assert _sync(book).json["changed"] is False
