"""The Guide tab: how to fill in, what counts as what, how the Dashboard is read; all made from the configuration.

Its hidden columns hold the lists that the managers' dropdowns offer and their highlighting looks up, each under a
named range `sheetsync_list_<name>`: when the configuration changes, the dropdowns follow as this tab is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import reduce
from textwrap import wrap
from typing import Any, Literal

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from sheetsync import fields
from sheetsync.canvas import FAINT, GREY, HAIRLINE, LINE, Canvas, Edge, style
from sheetsync.model import Page, Style
from sheetsync.periods import Kind
from sheetsync.schema import Action, Category, Indicator, ManagerTab, Settings, Targets
from sheetsync.texts import Texts

SHEET_ID = 700_004
_WIDTHS = (190, 340, 340, 300)  # pixels; a laptop shows them all without scrolling
_FIRST_LIST = len(_WIDTHS) + 1
_LIST_STEP = 200  # lists grow by so many rows, so that a new colleague moves no range
_LATIN, _CYRILLIC = 6.7, 7.6  # pixels of a letter, on average, at 10 points
_LINE = 18  # pixels
_PADDING = {"top": 4, "bottom": 4, "left": 4, "right": 10}


def _wrapped(*, bottom: Edge | None = None, bold: bool = False, **look: Any) -> Style:
    return Style({**style(wrap="WRAP", valign="TOP", bottom=bottom, bold=bold, **look).fields, "padding": _PADDING})


_TITLE = style(size=18, bold=True)
_HEADING = style(size=13, bold=True, valign="BOTTOM")
_TEXT = _wrapped(ink=GREY)
_HEAD = _wrapped(size=9, bold=True, ink=GREY, bottom=LINE)
_NAME = _wrapped(bold=True, bottom=HAIRLINE)
_BODY = _wrapped(bottom=HAIRLINE)
_LISTED = style(ink=FAINT)


def page(settings: Settings) -> Page:
    """The Guide as it should be, in the workbook's language. The same settings always give the same page."""
    return _Guide(settings).page()


class _Guide:
    """Writes the page from top to bottom."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.texts = Texts(settings.workbook.language)
        self.tabs = settings.workbook.tabs
        self.log = self._either(self.tabs.actions)
        self.canvas = Canvas(columns=_FIRST_LIST)

    def page(self) -> Page:
        self._title()
        self._people()
        self._columns("actions", self.log)
        self._colours()
        self._actions()
        self._indicators()
        self._columns("base", self.tabs.base)
        self._categories()
        self._dashboard()
        self._issues()
        self.canvas.name("guide", 0, self.canvas.row, right=len(_WIDTHS))
        self._lists()
        return self.canvas.page(
            "guide",
            self.tabs.guide,
            SHEET_ID,
            frozen_rows=1,
            gridlines=False,
            column_widths=dict(enumerate((*_WIDTHS, 30))),
            hidden_columns=tuple(range(_FIRST_LIST, self.canvas.columns)),
        )

    # --- blocks ---------------------------------------------------------------------------------------------------

    def _title(self) -> None:
        texts = self.texts
        self._across(texts("Guide: {department}", department=self.settings.department.name), _TITLE, 40)
        self._across(
            texts(
                "Written by sheetsync from the configuration; what is typed here is overwritten. "
                "Want a rule changed? Ask the head of sales."
            ),
            _TEXT,
        )

    def _people(self) -> None:
        texts, tabs = self.texts, self.tabs
        self._section(texts("Who does what, and when"))
        self._table(
            (texts("Who"), texts("Does"), texts("When"), texts("Then looks at")),
            [
                (
                    texts("Manager"),
                    texts(
                        "Types one row into {log} for every action from the list below, and keeps the own clients' "
                        "rows in {base} right: stage, expected payment and amount, last contact, next step.",
                        log=self.log,
                        base=self._quoted(tabs.base),
                    ),
                    texts("The row: right after the action. The base: before the period ends."),
                    texts(
                        "Coloured cells in the own rows, then the own lines in {issues}.",
                        issues=self._quoted(tabs.issues),
                    ),
                ),
                (
                    texts("Head of sales"),
                    texts(
                        "Sets the targets, runs “sheetsync sync”, rejects what must not count with “no” in {checked}, "
                        "and has the issues put right.",
                        checked=self._column("Checked"),
                    ),
                    self._rhythm(),
                    texts(
                        "{dashboard}, then {issues}.",
                        dashboard=self._quoted(tabs.dashboard),
                        issues=self._quoted(tabs.issues),
                    ),
                ),
                (
                    texts("Management"),
                    texts("Reads {dashboard}. Nobody types there.", dashboard=self._quoted(tabs.dashboard)),
                    texts("After each sync; the first lines say of what day the figures are."),
                    texts("Headline figures, then managers who are behind (▼), then the base."),
                ),
            ],
        )

    def _rhythm(self) -> str:
        texts = self.texts
        match self.settings.department.period:
            case Kind.WEEK:
                return texts("Every week, and in between whenever fresh figures are wanted.")
            case Kind.MONTH:
                return texts("Every month, and in between whenever fresh figures are wanted.")
            case Kind.QUARTER:
                return texts("Every quarter, and in between whenever fresh figures are wanted.")

    def _columns(self, tab: ManagerTab, title: str) -> None:
        texts = self.texts
        heading = texts("How to fill in {tab}", tab=title if tab == "actions" else self._quoted(title))
        if tab == "actions":
            self._section(
                heading,
                texts(
                    "One row is one action. Columns may stand in any order, and you may add your own. Dates and "
                    "numbers may be written as usual: {day}; {number}.",
                    day=self._date(self._example_day()),
                    number=format_decimal(1234.56, locale=self.texts.locale),
                ),
            )
        else:
            self._section(
                heading, texts("One row is one client, or one deal of a client. Correct it, do not add it twice.")
            )
        currency = self.settings.department.currency
        self._table(
            (texts("Column"), texts("What to type"), texts("When it is needed")),
            [
                (texts(field.name), texts(field.what, currency=currency), texts(field.needed))
                for field in fields.FIELDS[tab]
            ],
        )

    def _colours(self) -> None:
        texts = self.texts
        self._section(texts("What the colours say while you type"))
        self._table(
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

    def _actions(self) -> None:
        texts = self.texts
        self._section(
            texts("Actions that count"),
            texts("Only these count. A row whose action is not on the list is an issue, not a figure."),
        )
        self._table(
            (texts("Action"), texts("Counts when"), texts("Evidence"), texts("Example")),
            [
                (self._label(id_), self._counts_when(id_, action), self._evidence(action), self._example(id_, action))
                for id_, action in self.settings.actions.items()
            ],
        )

    def _counts_when(self, id_: str, action: Action) -> str:
        texts = self.texts
        needed = [
            self._column(name)
            for name, rule in (("Client", action.client), ("Evidence", action.evidence), ("Amount", action.amount))
            if rule == "required"
        ]
        told = [texts("Filled in: {columns}.", columns=self._list(needed))] if needed else [texts("Always.")]
        summed = self._summed(id_)
        if "Quantity" in summed:
            told.append(
                texts(
                    "{quantity} adds up: several of a day or a week may be one row.",
                    quantity=self._column("Quantity"),
                )
            )
        if summed & {"Amount", "Profit"}:
            told.append(texts("A refund is a row with a negative amount."))
        return " ".join(told)

    def _evidence(self, action: Action) -> str:
        if action.what is not None:
            return action.what.text(self.texts.language)
        return self.texts("A link or a few words") if action.evidence == "required" else self.texts("Not needed")

    def _example(self, id_: str, action: Action) -> str:
        texts, summed = self.texts, self._summed(id_)
        parts = [self._date(self._example_day()), self.settings.managers[0].name, self._label(id_)]
        if "required" in (action.client, action.evidence, action.amount):
            parts.append(texts("Orion Logistics"))
        if action.evidence == "required":
            parts.append("https://…/2417")
        if "Quantity" in summed:
            parts.append(self._pair("Quantity", 3))
        if action.amount == "required" or "Amount" in summed:
            parts.append(self._pair("Amount", 480_000))
        if "Profit" in summed:
            parts.append(self._pair("Profit", 110_000))
        return " · ".join(parts)

    def _pair(self, column: str, number: int) -> str:
        return f"{self.texts(column)} {format_decimal(number, locale=self.texts.locale)}"

    def _indicators(self) -> None:
        texts = self.texts
        self._section(
            texts("Indicators: what the figures are made of"),
            texts(
                "Plan: a weekly target is spread over five working days, so a holiday lowers that week's plan; a "
                "monthly or quarterly target is spread over the working days of its month or quarter. Days "
                "of absence have no plan."
            ),
        )
        self._table(
            (texts("Indicator"), texts("How it is computed"), texts("For the department"), texts("Target per manager")),
            [
                (
                    indicator.label.text(texts.language),
                    self._computed(indicator),
                    self._together(indicator),
                    self._targets(id_, indicator),
                )
                for id_, indicator in self.settings.indicators.items()
            ],
        )

    def _computed(self, indicator: Indicator) -> str:
        texts = self.texts
        if indicator.count is not None:
            return texts("Number of rows: {actions}.", actions=self._labels(indicator.count))
        if indicator.clients is not None:
            return texts("Number of different clients with: {actions}.", actions=self._labels(indicator.clients))
        if indicator.ratio is not None:
            above, below = (self.settings.indicators[id_].label.text(texts.language) for id_ in indicator.ratio)
            return texts(
                "“{above}” divided by “{below}” of the same period. It may exceed 100 %: each is counted by its own "
                "date, and what came in earlier may be won now.",
                above=above,
                below=below,
            )
        column = self._column(indicator.sum or "Quantity")
        told = texts("Sum of {column} over: {actions}.", column=column, actions=self._labels(indicator.of or ()))
        return f"{told} {texts('Blank counts as 1.')}" if indicator.sum == "Quantity" else told

    def _together(self, indicator: Indicator) -> str:
        texts = self.texts
        if indicator.ratio is not None:
            return texts("The ratio of the department's two sums. Blank where there is nothing to divide by.")
        if indicator.clients is not None:
            return texts("Every client once, whoever met them: less than the managers' sum where they share clients.")
        return texts("The sum over the managers.")

    def _targets(self, id_: str, indicator: Indicator) -> str:
        lines = [
            self._target(version, version.default[id_], indicator)
            for version in sorted(self.settings.targets, key=lambda version: version.start)
            if id_ in version.default
        ]
        own = {name for version in self.settings.targets for name, wanted in version.managers.items() if id_ in wanted}
        if own:
            lines.append(
                self.texts.plural("{n} manager has an own target.", "{n} managers have own targets.", len(own))
            )
        return "\n".join(lines) or self.texts("No target")

    def _target(self, version: Targets, target: float, indicator: Indicator) -> str:
        texts, locale = self.texts, self.texts.locale
        day = self._date(version.start)
        if indicator.unit == "ratio":
            return texts("{share} from {day}", share=format_percent(target, locale=locale), day=day)
        amount = format_decimal(target, locale=locale)
        if indicator.unit == "money":
            amount = f"{amount} {self.settings.department.currency}"
        match version.per:
            case Kind.WEEK:
                return texts("{amount} a week from {day}", amount=amount, day=day)
            case Kind.MONTH:
                return texts("{amount} a month from {day}", amount=amount, day=day)
            case Kind.QUARTER:
                return texts("{amount} a quarter from {day}", amount=amount, day=day)

    def _categories(self) -> None:
        texts = self.texts
        self._section(
            texts("Categories of the base, from warm to cold"),
            texts(
                "The first category whose criteria fit is taken. A category that you chose in {column} wins; where it "
                "differs from the criteria, a warning says so. “This month” is the month of the day that "
                "the figures are for.",
                column=self._column("Category"),
            ),
        )
        self._table(
            (texts("Category"), texts("Criteria"), texts("Chance of payment")),
            [
                (
                    category.label.text(texts.language),
                    self._criteria(category),
                    format_percent(category.probability, locale=texts.locale),
                )
                for category in self.settings.base.categories
            ],
        )

    def _criteria(self, category: Category) -> str:
        told = list(self._conditions(category))
        if not told:
            return self.texts("Everything else.")
        return f"{reduce(lambda one, other: self.texts('{one}; and {other}', one=one, other=other), told)}."

    def _conditions(self, category: Category) -> Iterable[str]:
        texts, when = self.texts, category.when
        if when.stage is not None:
            stages = self._list([self._quoted(stage) for stage in fields.stages(category, texts.language)], "or")
            yield texts("{column} is {stages}", column=self._column("Stage"), stages=stages)
        payment = self._column("Expected payment")
        match when.payment:
            case "this_month":
                yield texts("{column} is this month or overdue", column=payment)
            case "next_month":
                yield texts("{column} is by the end of next month or overdue", column=payment)
            case "later":
                yield texts("{column} is after next month", column=payment)
            case None:
                pass
        if when.trial:
            yield texts("{column} is above 0", column=self._column("Trial units"))
        if when.contact_within is not None:
            yield texts.plural(
                "{column} is at most {n} day ago",
                "{column} is at most {n} days ago",
                when.contact_within,
                column=self._column("Last contact"),
            )

    def _dashboard(self) -> None:
        texts = self.texts
        self._section(
            texts("How {dashboard} is read", dashboard=self._quoted(self.tabs.dashboard)),
            texts("Every colour comes with a sign, so that it can be read in print and without telling colours apart."),
        )
        self._table(
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
                    texts("Attainment"),
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

    def _issues(self) -> None:
        texts, checked = self.texts, self._column("Checked")
        self._section(
            texts("What the lines in {issues} mean", issues=self._quoted(self.tabs.issues)),
            texts(
                "An error: the row does not count. A warning: it counts, but somebody should look. Every line leads to "
                "its cell by a link; put the cell right, and the line is gone after the next sync."
            ),
        )
        self._table(
            (texts("Issue"), texts("Why"), texts("What to do")),
            [
                (
                    texts("Evidence, client or amount is missing"),
                    texts("The action needs it (see the list of actions above). A dot or a dash does not count."),
                    texts("Fill in the cell."),
                ),
                (
                    texts("Unknown manager, action or category"),
                    texts("The name is not on the list. The line names the nearest one that is."),
                    texts("Choose from the list in the cell."),
                ),
                (
                    texts("Date in the future, or unreadable"),
                    texts("Only what has happened counts, in the period of its date."),
                    texts("Type the day of the action, such as {day}.", day=self._date(self._example_day())),
                ),
                (
                    texts("Number unreadable"),
                    texts("There are words or a formula's error in the cell. Nothing is guessed."),
                    texts("Type the number alone."),
                ),
                (
                    texts("The same row twice"),
                    texts("Manager, date, action, client, deal and evidence are the same: it counts once."),
                    texts("Delete the second row, or give it its own evidence."),
                ),
                (
                    texts("Rejected row"),
                    texts("The head of sales has put “no” into {column}.", column=checked),
                    texts("Put the row right, then ask for {column} to be cleared.", column=checked),
                ),
                (
                    texts("Category differs from the criteria"),
                    texts("A manager chose another category than the base's data suggests."),
                    texts("Correct the data, or the category; clear the category and the criteria decide."),
                ),
                (
                    texts("Negative amount"),
                    texts("It is counted as a refund."),
                    texts("Nothing, if it is one."),
                ),
            ],
        )

    # --- lists ----------------------------------------------------------------------------------------------------

    def _lists(self) -> None:
        """Puts the lists into the columns to the right, values from row 2 down."""
        lists = fields.lists(self.settings, (self.texts("yes"), self.texts("no")))
        longest = max(len(values) for values in lists.values())
        bottom = (longest // _LIST_STEP + 1) * _LIST_STEP + 1
        for column, (name, values) in enumerate(lists.items(), start=_FIRST_LIST):
            for row, value in enumerate((name, *values)):
                self.canvas.put(row, column, value, _LISTED)
            self.canvas.put(bottom - 1, column, None)  # the grid reaches down to here
            self.canvas.name(fields.LIST + name, 1, bottom, left=column, right=column + 1)
        self.canvas.columns = _FIRST_LIST + len(lists)

    # --- lines ----------------------------------------------------------------------------------------------------

    def _section(self, heading: str, told: str = "") -> None:
        self.canvas.row += 1
        self._across(heading, _HEADING, 32)
        if told:
            self._across(told, _TEXT)

    def _across(self, told: str, look: Style, height: int = 0) -> None:
        row = self.canvas.row
        self.canvas.put(row, 0, told, look, span=len(_WIDTHS))
        self.canvas.heights[row] = height or _height([(told, sum(_WIDTHS))])
        self.canvas.row += 1

    def _table(self, head: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> None:
        """Lines under a head; the last cell of shorter lines takes the columns that are left."""
        self._line(head, _HEAD, _HEAD)
        for told in body:
            self._line(told, _NAME, _BODY)

    def _line(self, told: tuple[str, ...], first: Style, rest: Style) -> None:
        row, last = self.canvas.row, len(told) - 1
        widths = (*_WIDTHS[:last], sum(_WIDTHS[last:]))
        for column, value in enumerate(told):
            span = len(_WIDTHS) - last if column == last else 1
            self.canvas.put(row, column, value, rest if column else first, span=span)
        self.canvas.heights[row] = _height(zip(told, widths, strict=True))
        self.canvas.row += 1

    # --- words ----------------------------------------------------------------------------------------------------

    def _column(self, name: str) -> str:
        return self._quoted(self.texts(name))

    def _quoted(self, name: str) -> str:
        return self.texts("“{name}”", name=name)

    def _label(self, action: str) -> str:
        return self.settings.actions[action].label.text(self.texts.language)

    def _labels(self, actions: Iterable[str]) -> str:
        return self._list([self._quoted(self._label(action)) for action in actions])

    def _summed(self, action: str) -> set[str]:
        """The columns that some indicator sums over the action."""
        return {
            indicator.sum
            for indicator in self.settings.indicators.values()
            if indicator.sum is not None and action in (indicator.of or ())
        }

    def _list(self, told: list[str], kind: Literal["standard", "or"] = "standard") -> str:
        return format_list(told, style=kind, locale=self.texts.locale)

    def _either(self, titles: tuple[str, ...]) -> str:
        return self._list([self._quoted(title) for title in titles], "or")

    def _date(self, day: date) -> str:
        return format_date(day, "yyyy-MM-dd" if self.texts.language == "en" else "dd.MM.yyyy", locale=self.texts.locale)

    def _example_day(self) -> date:
        """The first Tuesday a week into the newest targets: a day that people know, whatever today is."""
        settled = max((version.start for version in self.settings.targets), default=date(2026, 1, 1)) + timedelta(7)
        return settled + timedelta((1 - settled.weekday()) % 7)


def _height(cells: Iterable[tuple[str, int]]) -> int:
    """Pixels that the tallest of the (text, width) cells needs once wrapped."""
    return max(sum(_lines(line, width - 16) for line in told.split("\n")) for told, width in cells) * _LINE + 10


def _lines(told: str, width: int) -> int:
    letter = _CYRILLIC if any("а" <= sign <= "я" for sign in told.lower()) else _LATIN
    return max(1, len(wrap(told, max(8, int(width / letter)))))
