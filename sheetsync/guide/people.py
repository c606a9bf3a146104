"""Who does what, and when; and what it means that a period is closed."""

from __future__ import annotations

from collections.abc import Iterator

from sheetsync.guide.sheet import Sheet
from sheetsync.periods import Kind


def title(sheet: Sheet) -> None:
    """What this tab is."""
    texts = sheet.texts
    sheet.title(texts("Guide: {department}", department=sheet.settings.department.name))
    sheet.paragraph(
        texts(
            "Written by sheetsync from the configuration; what is typed here is overwritten. "
            "Want a rule changed? Ask the head of sales."
        )
    )


def people(sheet: Sheet) -> None:
    """Who does what, and when."""
    texts = sheet.texts
    sheet.section(texts("Who does what, and when"))
    sheet.table(
        (texts("Who"), texts("When"), texts("Does"), texts("Then looks at")),
        [*_managers(sheet), *_finance(sheet), *_head(sheet), _management(sheet)],
    )


def _managers(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    texts, tabs = sheet.texts, sheet.tabs
    yield (
        texts("Manager"),
        texts("Every day, right after the action"),
        texts("Types one row into {log} for every action from the list below.", log=sheet.log),
        texts("Coloured cells in the own rows: orange does not count, blue is doubtful."),
    )
    yield (
        texts("Manager"),
        texts("Every week, before it ends"),
        texts(
            "Goes through the own clients in {base}: stage, expected payment and amount, fixtures on trial, last "
            "contact, next step.",
            base=sheet.quoted(tabs.base),
        ),
        texts(
            "The own lines in {issues}, then whom to act on, in {dashboard}.",
            issues=sheet.quoted(tabs.issues),
            dashboard=sheet.quoted(tabs.dashboard),
        ),
    )


def _finance(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    texts, tabs = sheet.texts, sheet.tabs
    if tabs.finance is not None:
        yield (
            texts("Finance"),
            texts("When money has come in"),
            texts(
                "Types {actions} into {tab}: one row each, with the client's manager. Typed anywhere else, they do "
                "not count.",
                actions=sheet.labels(id_ for id_ in sheet.settings.actions if id_ in sheet.settings.payments),
                tab=sheet.quoted(tabs.finance),
            ),
            texts("The lines of that tab in {issues}.", issues=sheet.quoted(tabs.issues)),
        )
        yield (
            texts("Head of sales"),
            texts("Once, when {tab} is new", tab=sheet.quoted(tabs.finance)),
            texts(
                "Lets finance, and nobody who is paid by it, edit {tab}: Data → Protect sheets and ranges.",
                tab=sheet.quoted(tabs.finance),
            ),
        )


def _head(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    texts, tabs = sheet.texts, sheet.tabs
    yield (
        texts("Head of sales"),
        _rhythm(sheet),
        texts(
            "Runs “sheetsync check” and “sheetsync sync”, has the issues put right, rejects with “no” in {checked} "
            "what must not count, and talks with each manager about the clients to act on.",
            checked=sheet.column("Checked"),
        ),
        texts("{dashboard}, then {issues}.", dashboard=sheet.quoted(tabs.dashboard), issues=sheet.quoted(tabs.issues)),
    )
    yield (
        texts("Head of sales"),
        texts("When a period is over"),
        texts("Has the last rows put right, syncs once more, and closes the period with “sheetsync close”."),
        texts("Late edits, in {issues}: see the end of this page.", issues=sheet.quoted(tabs.issues)),
    )


def _rhythm(sheet: Sheet) -> str:
    texts = sheet.texts
    match sheet.settings.department.period:
        case Kind.WEEK:
            return texts("Every week, and in between whenever fresh figures are wanted.")
        case Kind.MONTH:
            return texts("Every month, and in between whenever fresh figures are wanted.")
        case Kind.QUARTER:
            return texts("Every quarter, and in between whenever fresh figures are wanted.")


def _management(sheet: Sheet) -> tuple[str, ...]:
    texts = sheet.texts
    return (
        texts("Management"),
        texts("After each sync; the first lines say of what day the figures are."),
        texts("Reads {dashboard}. Nobody types there.", dashboard=sheet.quoted(sheet.tabs.dashboard)),
        texts("Headline figures, then managers who are behind (▼), then the base and the money to come."),
    )


def closing(sheet: Sheet) -> None:
    """What closing a period means."""
    texts, days = sheet.texts, sheet.settings.department.close_after_days
    automatic = (
        texts("The head of sales closes it with “sheetsync close --period”; nothing closes by itself.")
        if days is None
        else texts.plural(
            "It closes by itself at the first sync more than {n} day after its end, or earlier with “sheetsync close "
            "--period”.",
            "It closes by itself at the first sync more than {n} days after its end, or earlier with “sheetsync close "
            "--period”.",
            days,
        )
    )
    sheet.section(
        texts("When a period is closed"),
        texts("A closed period is what was reported: its figures stay, whatever is typed later."),
    )
    sheet.table(
        (texts("Step"), texts("It means"), texts("What to do")),
        [
            (
                texts("Closed"),
                automatic,
                texts(
                    "Before that, mend your lines in {issues}: what does not count by then is not counted.",
                    issues=sheet.quoted(sheet.tabs.issues),
                ),
            ),
            (
                texts("Late edit"),
                texts("Somebody added, changed or deleted a row of a closed period."),
                texts(
                    "The figures stay; {issues} names manager, figure, before and after, and the rows. Undo the edit, "
                    "or ask the head of sales to accept it.",
                    issues=sheet.quoted(sheet.tabs.issues),
                ),
            ),
            (
                texts("Restated"),
                texts("The head of sales accepts the late edits: “sheetsync close --period … --accept”."),
                texts(
                    "The new figures are marked “restated” in {history}; the old ones stay there, “superseded”.",
                    history=sheet.quoted(sheet.tabs.history),
                ),
            ),
            (
                texts("New targets"),
                texts("A change of the configuration does not reopen a closed period."),
                texts("Nothing: its plan stays as it was promised."),
            ),
        ],
    )
