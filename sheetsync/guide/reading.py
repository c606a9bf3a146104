"""How the Dashboard and the issues are read."""

from __future__ import annotations

from collections.abc import Iterator

from sheetsync.guide import examples
from sheetsync.guide.sheet import Sheet

_Line = tuple[str, str, str, str]


def signs(sheet: Sheet) -> None:
    """The signs and words that stand all over the Dashboard."""
    texts = sheet.texts
    sheet.section(
        texts("How {dashboard} is read", dashboard=sheet.quoted(sheet.tabs.dashboard)),
        texts("Every colour comes with a sign, so that it can be read in print and without telling colours apart."),
    )
    sheet.table(
        (texts("Sign or word"), texts("It means"), texts("How it is computed")),
        [
            ("▲", texts("At or ahead of the plan to date."), texts("Pace is 100 % or more.")),
            ("●", texts("Slightly behind: within 10 % of the plan to date."), texts("Pace is 90 % to 100 %.")),
            ("▼", texts("Behind the plan to date by more than 10 %."), texts("Pace is below 90 %.")),
            (
                texts("Plan to date"),
                texts("What should have been reached by the as-of date."),
                texts("The plan of the working days so far, the as-of date included."),
            ),
            (texts("Pace"), texts("Is the rhythm right?"), texts("Actual divided by the plan to date.")),
            (
                f"{texts('Attainment')} ({texts('att.')})",
                texts("How much of the whole period's plan is done?"),
                texts("Actual divided by the plan of the whole period."),
            ),
            (
                texts("Blank"),
                texts("Not known, which is not the same as 0."),
                texts("There is no plan, nothing to divide by, or less than 20 % of the working days have passed."),
            ),
        ],
    )


def blocks(sheet: Sheet) -> None:
    """The Dashboard's blocks from top to bottom, each with its headings there and its question."""
    texts = sheet.texts
    sheet.section(texts("{dashboard}, block by block", dashboard=sheet.quoted(sheet.tabs.dashboard)))
    sheet.table(
        (texts("Block"), texts("It answers"), texts("What it shows"), texts("How it is computed")),
        [
            *_headline(sheet),
            _act(sheet),
            _plan_and_actual(sheet),
            _rest(sheet),
            *_money(sheet),
            _base(sheet),
            _ageing(sheet),
            _moves(sheet),
            _trials(sheet),
            *_kpi(sheet),
            _mend(sheet),
            _trends(sheet),
        ],
    )


def _headline(sheet: Sheet) -> Iterator[_Line]:
    texts = sheet.texts
    if any(indicator.headline for indicator in sheet.settings.indicators.values()):
        yield (
            texts("Headline"),
            texts("Are we on course?"),
            texts(
                "The department's main figures: actual, plan and plan to date, where the period is heading, and a line "
                "of the last periods."
            ),
            texts("Sign and colour compare the actual with the plan to date."),
        )


def _act(sheet: Sheet) -> _Line:
    texts, settings = sheet.texts, sheet.settings
    reasons = [
        texts("a payment is overdue"),
        texts("log and base contradict each other"),
        texts.plural(
            "fixtures have been out for more than {n} day",
            "fixtures have been out for more than {n} days",
            settings.trial.limit_days,
        ),
        texts("it has been in its category for longer than usual"),
        texts.plural(
            "it is active, but had no action for {n} day",
            "it is active, but had no action for {n} days",
            settings.attention.quiet_days,
        ),
    ]
    return (
        _headings(texts("Act this week"), texts("Act this week, manager by manager")),
        texts("Which clients come first?"),
        texts(
            "For each manager up to {n} clients, each with its reasons: {reasons}.",
            n=settings.attention.most,
            reasons="; ".join(reasons),
        ),
        texts(
            "The most money at stake first: the expected amount, else the value of the fixtures. Act, type the action "
            "and bring the row in {base} up to date: then the client leaves the list.",
            base=sheet.quoted(sheet.tabs.base),
        ),
    )


def _plan_and_actual(sheet: Sheet) -> _Line:
    texts, used = sheet.texts, {indicator.group for indicator in sheet.settings.indicators.values()}
    titles = {
        "productivity": texts("Productive actions"),
        "funnel": texts("Funnel"),
        "finance": texts("Finance, {currency}", currency=sheet.settings.department.currency),
    }
    return (
        _headings(*(title for group, title in titles.items() if group in used)),
        texts("Who has done how much?"),
        texts("Every indicator of each manager and of the department: actual, plan and attainment."),
        texts("See the section on the indicators above."),
    )


def _rest(sheet: Sheet) -> _Line:
    texts = sheet.texts
    return (
        texts("Rest of the period"),
        texts("Where will we end, and what does the plan still need?"),
        texts("The projection to the end with its range, and how much each working day left has to bring."),
        texts(
            "What was reached, and how the rest of earlier periods went; none before 20 % of the working days. Money "
            "comes in lumps: with 6 complete months of history its pace follows the department's usual course of a "
            "month, not a straight line."
        ),
    )


def _money(sheet: Sheet) -> Iterator[_Line]:
    texts = sheet.texts
    yield (
        _headings(texts("Money to come"), texts("How likely they pay")),
        texts("What money comes in which month?"),
        texts(
            "This month: what was received and what is still expected, in full. The five months after, what is "
            "overdue and what has no day: what is expected, weighted."
        ),
        texts(
            "Weighted: × chance of the category × what usually comes of an expected amount. Both begin with the "
            "configuration and are corrected by your own history (n cases). The error says how far earlier forecasts "
            "were off, and to which side."
        ),
    )
    if sheet.settings.revenue is not None:
        yield (
            texts("does it cover the plan?"),
            texts("Is there enough in the base for the plan?"),
            texts("The money due in the period, divided by the plan not yet met: in full, and by chance."),
            texts("Below 100 % the plan is out of reach without new deals. Blank where it is met, or there is none."),
        )


def _base(sheet: Sheet) -> _Line:
    texts = sheet.texts
    return (
        texts("Base, clients"),
        texts("How warm is the base?"),
        texts("Clients (or deals) by category, the change since the period before, and the money expected."),
        texts("The rows of {base} as they stood at the sync.", base=sheet.quoted(sheet.tabs.base)),
    )


def _ageing(sheet: Sheet) -> _Line:
    texts = sheet.texts
    return (
        _headings(texts("days here, median"), texts("usual time to pass"), texts("longest here")),
        texts("Where do clients get stuck?"),
        texts("For how many days clients have been where they are: the middle one, and the longest."),
        texts("Beside it the usual time: the median of those who have left the category."),
    )


def _moves(sheet: Sheet) -> _Line:
    texts = sheet.texts
    words = {
        "up": texts("warmer"),
        "down": texts("colder"),
        "won": texts("won"),
        "new": texts("new"),
        "lost": texts("lost"),
        "calendar": texts("calendar"),
        "taken": texts("taken on"),
        "handed": texts("handed on"),
        "revalued": texts("revalued"),
    }
    return (
        texts("Moves since {period}", period="…"),
        texts("Who warmed up, who cooled down, who is gone?"),
        texts(
            "What became of the clients since the snapshot that is named there: {up}, {down}, {won} (a payment came "
            "in), {new}, {lost} (no longer in the base), {calendar} (moved by the month alone), {taken} and {handed} "
            "(among colleagues), {revalued} (another amount, the same category). Below that, from which category to "
            "which; for one manager, in the note on the name.",
            **{name: sheet.quoted(word) for name, word in words.items()},
        ),
        texts(
            "At the start + entered − left = at the end, for every manager and for the department. Clients handed over "
            "within the department are no move of the department."
        ),
    )


def _trials(sheet: Sheet) -> _Line:
    texts, rules = sheet.texts, sheet.settings.trial
    return (
        _headings(
            texts("Fixtures on trial"),
            texts("Out for more than {days} days", days=rules.limit_days),
            texts("Trials begun in"),
        ),
        texts("What stands with clients, and does it sell?"),
        texts.plural(
            "Fixtures and their value by manager, for how long they are out, and those over the limit of {n} day.",
            "Fixtures and their value by manager, for how long they are out, and those over the limit of {n} days.",
            rules.limit_days,
        ),
        texts.plural(
            "Of the trials that began in a month: how many became contracts. Until {n} day after its end a month is "
            "marked as too young to judge.",
            "Of the trials that began in a month: how many became contracts. Until {n} days after its end a month is "
            "marked as too young to judge.",
            rules.mature_days,
        ),
    )


def _kpi(sheet: Sheet) -> Iterator[_Line]:
    texts, rules = sheet.texts, sheet.settings.kpi
    if rules is not None and rules.show != "nothing":
        yield (
            texts("KPI"),
            texts("What is the score, and what lifts it most?"),
            texts("The score and payout of each manager, what they are made of, and what the next step up needs.")
            if rules.show == "pay"
            else texts("The score of each manager, what it is made of, and what the next step up needs."),
            texts("See the section on the KPI above."),
        )


def _mend(sheet: Sheet) -> _Line:
    texts, issues = sheet.texts, sheet.quoted(sheet.tabs.issues)
    return (
        texts("Rows to mend"),
        texts("Whose rows do not count, or are doubtful?"),
        texts("So many rows of each manager, with a link to them in {issues}.", issues=issues),
        texts("See the section on {issues} below.", issues=issues),
    )


def _trends(sheet: Sheet) -> _Line:
    texts = sheet.texts
    return (
        texts("Base over time, clients"),
        texts("Where is it going over time?"),
        texts("The base by category, and the headline figures against their plan, over the last periods."),
        texts("The figures in {history}.", history=sheet.quoted(sheet.tabs.history)),
    )


def _headings(*titles: str) -> str:
    return "\n".join(titles)


def issues(sheet: Sheet) -> None:
    """What the lines of the Issues tab mean."""
    texts = sheet.texts
    sheet.section(
        texts("What the lines in {issues} mean", issues=sheet.quoted(sheet.tabs.issues)),
        texts(
            "An error: the row does not count. A warning: it counts, but somebody should look. Every line leads to "
            "its cell by a link; put the cell right, and the line is gone after the next sync."
        ),
    )
    sheet.table(
        (texts("Issue"), texts("Why"), texts("What to do")),
        [*_missing(sheet), *_unreadable(sheet), *_doubtful(sheet), *_contradictions(sheet), _late(sheet)],
    )


def _missing(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    texts = sheet.texts
    yield (
        texts("Evidence, client or amount is missing"),
        texts("The action needs it (see the list of actions above). A dot or a dash does not count."),
        texts("Fill in the cell."),
    )
    yield (
        texts("A client of {base} without name or manager, or twice", base=sheet.quoted(sheet.tabs.base)),
        texts("One client, or one deal of a client, has one row and one manager. Such a row does not count."),
        texts("Fill in the cell, or keep one of the rows."),
    )
    if any(action.evidence_patterns for action in sheet.settings.actions.values()):
        yield (
            texts("Evidence does not look like one"),
            texts("The action asks for a link or a number of a certain form (see the list of actions above)."),
            texts("Put in the link or the number itself."),
        )
    if sheet.tabs.finance is not None:
        yield (
            texts("Payment outside of {tab}", tab=sheet.quoted(sheet.tabs.finance)),
            texts("Payments count from that tab alone, where finance types them."),
            texts("Delete the row, and tell finance if the payment is missing there."),
        )


def _unreadable(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    texts = sheet.texts
    yield (
        texts("Unknown manager, action or category"),
        texts("The name is not on the list. The line names the nearest one that is."),
        texts("Choose from the list in the cell."),
    )
    yield (
        texts("Date in the future, or unreadable"),
        texts("Only what has happened counts, in the period of its date."),
        texts("Type the day of the action, such as {day}.", day=sheet.date(examples.day(sheet.settings))),
    )
    yield (
        texts("Number unreadable"),
        texts("There are words or a formula's error in the cell. Nothing is guessed."),
        texts("Type the number alone."),
    )


def _doubtful(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    texts, checked = sheet.texts, sheet.column("Checked")
    yield (
        texts("The same row twice"),
        texts("Manager, date, action, client, deal and evidence are the same: it counts once."),
        texts("Delete the second row, or give it its own evidence."),
    )
    yield (
        texts("Rejected row"),
        texts("The head of sales has put “no” into {column}.", column=checked),
        texts("Put the row right, then ask for {column} to be cleared.", column=checked),
    )
    yield (
        texts("Category differs from the criteria"),
        texts("A manager chose another category than the base's data suggests."),
        texts("Correct the data, or the category; clear the category and the criteria decide."),
    )
    yield (
        texts("{column} is neither yes nor no", column=checked),
        texts("The row counts until there is a “no”."),
        texts("Ask the head of sales to write yes or no, or to clear the cell."),
    )
    yield (
        texts("Manager not employed on that day"),
        texts("The date is before the manager came or after the manager left. It is counted."),
        texts("Correct the date or the manager."),
    )
    yield texts("Negative amount"), texts("It is counted as a refund."), texts("Nothing, if it is one.")
    yield texts("Quantity of 0, or a fraction"), texts("It is counted as it stands."), texts("Check the number.")


def _contradictions(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    texts, base, log = sheet.texts, sheet.quoted(sheet.tabs.base), sheet.log
    yield (
        texts("Sold, but still far from it"),
        texts("A contract or a payment is logged; in {base} the client has no deal in work.", base=base),
        texts("Put stage, expected payment and amount into {base}.", base=base),
    )
    yield (
        texts("A trial in one tab only"),
        texts("A trial is logged and no fixtures stand in {base}, or the other way round.", base=base),
        texts("Fill in the fixtures in {base}, or type the row into {log}.", base=base, log=log),
    )
    yield (
        texts("Warmer without an action"),
        texts("The category went up, and nothing was done with the client in the period."),
        texts("Type the action that is missing, or put the category right."),
    )
    yield (
        texts("Client is not in the base"),
        texts("There are actions with a client who has no row in {base}, or is written in another way.", base=base),
        texts("Add the client, or write the name as in {base}.", base=base),
    )


def _late(sheet: Sheet) -> tuple[str, str, str]:
    texts = sheet.texts
    return (
        texts("Edited after the close"),
        texts("Somebody changed a period that is closed. Its figures stay as they were reported."),
        texts("Undo the edit, or ask the head of sales: see the end of this page."),
    )
