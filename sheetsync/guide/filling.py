"""What managers type: the columns of their tabs, the actions that count, and what the colours say meanwhile."""

from __future__ import annotations

from sheetsync import fields
from sheetsync.guide import examples
from sheetsync.guide.sheet import Sheet
from sheetsync.schema import Action, ManagerTab


def log_columns(sheet: Sheet) -> None:
    """The columns of the action log."""
    texts = sheet.texts
    sheet.section(
        texts("How to fill in {tab}", tab=sheet.log),
        texts(
            "One row is one action. Columns may stand in any order, and you may add your own. Dates and "
            "numbers may be written as usual: {day}; {number}.",
            day=sheet.date(examples.day(sheet.settings)),
            number=sheet.number(1234.56),
        ),
    )
    _columns(sheet, "actions")


def base_columns(sheet: Sheet) -> None:
    """The columns of the base."""
    texts = sheet.texts
    sheet.section(
        texts("How to fill in {tab}", tab=sheet.quoted(sheet.tabs.base)),
        " ".join(
            (
                texts("One row is one client, or one deal of a client. Correct it, do not add it twice."),
                texts("After a part payment put in what is still to come, and the day on which you expect the rest."),
            )
        ),
    )
    _columns(sheet, "base")


def _columns(sheet: Sheet, tab: ManagerTab) -> None:
    texts, currency = sheet.texts, sheet.settings.department.currency
    sheet.table(
        (texts("Column"), texts("Example row"), texts("What to type"), texts("When it is needed")),
        [
            (
                texts(field.name),
                examples.column(sheet, tab, field.name),
                texts(field.what, currency=currency),
                texts(field.needed),
            )
            for field in fields.FIELDS[tab]
        ],
    )


def colours(sheet: Sheet) -> None:
    """What the highlighting says."""
    texts = sheet.texts
    sheet.section(texts("What the colours say while you type"))
    sheet.table(
        (texts("You see"), texts("It means"), texts("What to do")),
        [
            (
                texts("Orange cell"),
                texts("The row does not count as it stands."),
                texts("Fill in or correct that cell. The note on the column's header lists the reasons."),
            ),
            (
                texts("Blue cell"),
                texts("The row counts, but somebody should look."),
                texts("Check it. If it is right, leave it."),
            ),
            (
                texts("Grey, struck through"),
                texts("The head of sales has rejected the row. It does not count."),
                texts("Talk to the head of sales."),
            ),
        ],
    )


def actions(sheet: Sheet) -> None:
    """Each action, when it counts, its evidence, and a row of it."""
    texts = sheet.texts
    sheet.section(
        texts("Actions that count"),
        texts("Only these count. A row whose action is not on the list is an issue, not a figure."),
    )
    sheet.table(
        (texts("Action"), texts("Example row"), texts("Counts when"), texts("Evidence")),
        [
            (
                sheet.label(id_),
                examples.action_row(sheet, id_, action),
                _counts_when(sheet, id_, action),
                _evidence(sheet, action),
            )
            for id_, action in sheet.settings.actions.items()
        ],
    )


def _counts_when(sheet: Sheet, id_: str, action: Action) -> str:
    texts = sheet.texts
    needed = [
        sheet.column(name)
        for name, rule in (("Client", action.client), ("Evidence", action.evidence), ("Amount", action.amount))
        if rule == "required"
    ]
    told = [texts("Filled in: {columns}.", columns=sheet.listed(needed))] if needed else [texts("Always.")]
    if sheet.tabs.finance and id_ in sheet.settings.payments:
        told.insert(0, texts("Typed in {tab}, by finance.", tab=sheet.quoted(sheet.tabs.finance)))
    added = examples.summed(sheet.settings, id_)
    if "Quantity" in added:
        told.append(
            texts("{quantity} adds up: several of a day or a week may be one row.", quantity=sheet.column("Quantity"))
        )
    if added & {"Amount", "Profit"}:
        told.append(texts("A refund is a row with a negative amount."))
    return " ".join(told)


def _evidence(sheet: Sheet, action: Action) -> str:
    texts = sheet.texts
    if action.what is not None:
        what = action.what.text(texts.language)
    else:
        what = texts("A link or a few words") if action.evidence == "required" else texts("Not needed")
    if not action.evidence_patterns:
        return what
    wanted = [
        texts("a link") if pattern == "link" else sheet.quoted(examples.evidence([pattern]))
        for pattern in action.evidence_patterns
    ]
    return texts("{what}. The cell has to hold {wanted}.", what=what.rstrip("."), wanted=sheet.listed(wanted, "or"))
