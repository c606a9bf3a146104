"""What the figures are made of: categories of the base, indicators with their targets, and the KPI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from sheetsync import fields
from sheetsync.guide.sheet import Sheet
from sheetsync.periods import Kind
from sheetsync.schema import Category, Indicator, Kpi, Targets

_EXAMPLE = 1.3  # an attainment to show the payout curve with

# --- the base ------------------------------------------------------------------------------------------------------


def categories(sheet: Sheet) -> None:
    """The categories with their criteria, and what moves a client from one to another."""
    texts = sheet.texts
    sheet.section(
        texts("Categories of the base, from warm to cold"),
        texts(
            "The first category whose criteria fit is taken. A category that you chose in {column} wins; where it "
            "differs from the criteria, a warning says so. “This month” is the month of the day that "
            "the figures are for.",
            column=sheet.column("Category"),
        ),
    )
    sheet.table(
        (texts("Category"), texts("Chance of payment"), texts("Criteria")),
        [
            (category.label.text(texts.language), _chance(sheet, category), _criteria(sheet, category))
            for category in sheet.settings.base.categories
        ],
    )
    sheet.gap()
    sheet.table((texts("What moves a client"), texts("How"), texts("What the Dashboard says")), list(_movers(sheet)))


def _chance(sheet: Sheet, category: Category) -> str:
    return sheet.texts.plural(
        "{share} within {n} month",
        "{share} within {n} months",
        category.horizon,
        share=sheet.percent(category.probability),
    )


def _criteria(sheet: Sheet, category: Category) -> str:
    texts = sheet.texts
    told = list(_conditions(sheet, category))
    if not told:
        return texts("Everything else.")
    return f"{reduce(lambda one, other: texts('{one}; and {other}', one=one, other=other), told)}."


def _conditions(sheet: Sheet, category: Category) -> Iterable[str]:
    texts, when = sheet.texts, category.when
    if when.stage is not None:
        stages = sheet.listed([sheet.quoted(stage) for stage in fields.stages(category, texts.language)], "or")
        yield texts("{column} is {stages}", column=sheet.column("Stage"), stages=stages)
    payment = sheet.column("Expected payment")
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
        yield texts("{column} is above 0", column=sheet.column("Trial units"))
    if when.contact_within is not None:
        yield texts.plural(
            "{column} is at most {n} day ago",
            "{column} is at most {n} days ago",
            when.contact_within,
            column=sheet.column("Last contact"),
        )


def _movers(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    texts, chosen = sheet.texts, sheet.settings.base.categories
    yield (
        texts("Your work"),
        texts("Type what is new: a stage, a day of payment, fixtures handed over, a talk."),
        texts(
            "At the next sync the client is counted as {up} or {down}.",
            up=sheet.quoted(texts("warmer")),
            down=sheet.quoted(texts("colder")),
        ),
    )
    if any(category.when.payment for category in chosen):
        yield (
            texts("The calendar"),
            texts("A month begins, and a payment expected in it has come nearer."),
            texts(
                "The client is counted as {calendar}: it moved, but nobody's work moved it.",
                calendar=sheet.quoted(texts("calendar")),
            ),
        )
    for category in chosen:
        if category.when.contact_within is not None:
            yield (
                texts("Neglect"),
                texts.plural(
                    "Nobody has talked to the client for more than {n} day.",
                    "Nobody has talked to the client for more than {n} days.",
                    category.when.contact_within,
                ),
                texts(
                    "The client is no longer {category}.", category=sheet.quoted(category.label.text(texts.language))
                ),
            )


# --- indicators ----------------------------------------------------------------------------------------------------


def indicators(sheet: Sheet) -> None:
    """Each indicator, its target, and how it is computed for a manager and for the department."""
    texts = sheet.texts
    sheet.section(
        texts("Indicators: what the figures are made of"),
        texts(
            "Plan: a weekly target is spread over five working days, so a holiday lowers that week's plan; a "
            "monthly or quarterly target is spread over the working days of its month or quarter. Days "
            "of absence have no plan."
        ),
    )
    sheet.table(
        (texts("Indicator"), texts("Target per manager"), texts("How it is computed"), texts("For the department")),
        [
            (
                indicator.label.text(texts.language),
                _targets(sheet, id_, indicator),
                _computed(sheet, indicator),
                _together(sheet, indicator),
            )
            for id_, indicator in sheet.settings.indicators.items()
        ],
    )


def _computed(sheet: Sheet, indicator: Indicator) -> str:
    texts = sheet.texts
    if indicator.count is not None:
        return texts("Number of rows: {actions}.", actions=sheet.labels(indicator.count))
    if indicator.clients is not None:
        return texts("Number of different clients with: {actions}.", actions=sheet.labels(indicator.clients))
    if indicator.ratio is not None:
        above, below = (sheet.settings.indicators[id_].label.text(texts.language) for id_ in indicator.ratio)
        return texts(
            "“{above}” divided by “{below}” of the same period. It may exceed 100 %: each is counted by its own "
            "date, and what came in earlier may be won now.",
            above=above,
            below=below,
        )
    column = sheet.column(indicator.sum or "Quantity")
    told = texts("Sum of {column} over: {actions}.", column=column, actions=sheet.labels(indicator.of or ()))
    blank = texts("Blank counts as 1.")
    return f"{told} {blank}" if indicator.sum == "Quantity" else told


def _together(sheet: Sheet, indicator: Indicator) -> str:
    texts = sheet.texts
    if indicator.ratio is not None:
        return texts("The ratio of the department's two sums. Blank where there is nothing to divide by.")
    if indicator.clients is not None:
        return texts("Every client once, whoever met them: less than the managers' sum where they share clients.")
    return texts("The sum over the managers.")


def _targets(sheet: Sheet, id_: str, indicator: Indicator) -> str:
    targets = sheet.settings.targets
    lines = [
        _target(sheet, version, version.default[id_], indicator)
        for version in sorted(targets, key=lambda version: version.start)
        if id_ in version.default
    ]
    own = {name for version in targets for name, wanted in version.managers.items() if id_ in wanted}
    if own:
        lines.append(sheet.texts.plural("{n} manager has an own target.", "{n} managers have own targets.", len(own)))
    return "\n".join(lines) or sheet.texts("No target")


def _target(sheet: Sheet, version: Targets, target: float, indicator: Indicator) -> str:
    texts, day = sheet.texts, sheet.date(version.start)
    if indicator.unit == "ratio":
        return texts("{share} from {day}", share=sheet.percent(target), day=day)
    amount = sheet.money(target) if indicator.unit == "money" else sheet.number(target)
    match version.per:
        case Kind.WEEK:
            return texts("{amount} a week from {day}", amount=amount, day=day)
        case Kind.MONTH:
            return texts("{amount} a month from {day}", amount=amount, day=day)
        case Kind.QUARTER:
            return texts("{amount} a quarter from {day}", amount=amount, day=day)


# --- KPI -----------------------------------------------------------------------------------------------------------


def kpi(sheet: Sheet) -> None:
    """How score and pay come about, as far as `kpi.show` lets it be told."""
    rules, texts = sheet.settings.kpi, sheet.texts
    if rules is None or rules.show == "nothing":
        return
    sheet.section(
        texts("KPI: a score for every month") if rules.per is Kind.MONTH else texts("KPI: a score for every quarter"),
        texts(
            "The score is the sum over the indicators below: weight × what the attainment is worth. Only rows that "
            "count make it. An indicator without plan is left out, and its weight is spread over the others."
        ),
    )
    total = sum(rules.weights.values())
    sheet.table(
        (texts("Indicator"), texts("Weight")),
        [
            (sheet.settings.indicators[id_].label.text(texts.language), sheet.percent(weight / total))
            for id_, weight in rules.weights.items()
        ],
    )
    sheet.gap()
    sheet.table((texts("Attainment"), texts("Is worth")), list(_curve(sheet, rules)))
    if rules.show == "pay":
        sheet.gap()
        sheet.table((texts("Payout"), texts("How it is computed")), [_payout(sheet, rules)])


def _curve(sheet: Sheet, rules: Kpi) -> Iterator[tuple[str, ...]]:
    texts, threshold = sheet.texts, sheet.percent(rules.threshold)
    if rules.threshold:
        yield texts("Below {share}", share=threshold), texts("Nothing.")
    if rules.accelerator == 1:
        yield (
            texts("From {share}", share=threshold),
            texts("What it is: {share} is worth {share}.", share=sheet.percent(max(rules.threshold, 0.95))),
        )
    else:
        within = sheet.percent(max(rules.threshold, 0.85))
        yield (
            texts("{share} to {full}", share=threshold, full=sheet.percent(1)),
            texts("What it is: {share} is worth {share}.", share=within),
        )
        yield texts("Above {share}", share=sheet.percent(1)), _accelerated(sheet, rules)
    if rules.cap is not None:
        yield texts("At the most"), sheet.percent(rules.cap)


def _accelerated(sheet: Sheet, rules: Kpi) -> str:
    texts = sheet.texts
    marginal = rules.mode == "marginal"
    worth = 1 + (_EXAMPLE - 1) * rules.accelerator if marginal else _EXAMPLE * rules.accelerator
    fields_ = {
        "times": sheet.number(rules.accelerator),
        "share": sheet.percent(_EXAMPLE),
        "worth": sheet.percent(worth if rules.cap is None else min(worth, rules.cap)),
    }
    if marginal:
        return texts("What is above 100 % counts {times} times: {share} is worth {worth}.", **fields_)
    return texts("All of it counts {times} times: {share} is worth {worth}.", **fields_)


def _payout(sheet: Sheet, rules: Kpi) -> tuple[str, str]:
    texts = sheet.texts
    told = texts(
        "Incentive × score. With an incentive of {incentive} a score of {share} pays {payout}.",
        incentive=sheet.money(rules.incentive or 100_000),
        share=sheet.percent(1.1),
        payout=sheet.money(round((rules.incentive or 100_000) * 1.1, 2)),
    )
    own = len(rules.managers)
    if own:
        told += " " + texts.plural("{n} manager has an own incentive.", "{n} managers have own incentives.", own)
    return texts("Money"), told
