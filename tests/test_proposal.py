"""Proposed targets in a terminal, letter by letter, and as plain values."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
import yaml
from rich.console import Console

from sheetsync import proposal
from sheetsync.calibration import COLUMNS, calibrate
from sheetsync.model import Ledger
from sheetsync.periods import Period
from sheetsync.schema import Settings
from tests.department import ANNA, BORIS, INDICATORS, SALES, ledger, settings

WEEKS = (Period.parse("2026-W46"), Period.parse("2026-W47"))
MONDAYS = (date(2026, 11, 9), date(2026, 11, 16))
START = date(2026, 11, 23)
FEW = {name: INDICATORS[name] for name in ("meetings", "leads", "converted", "conversion", "revenue")}
Row = dict[str, Any]


def configured(
    managers: Sequence[str] = (ANNA, BORIS), asked: Sequence[str] = ("meeting", "payment"), **more: Any
) -> Settings:
    """A department of five indicators that asks for the evidence of these actions."""
    config = settings(managers, indicators=FEW, currency="RUB", **more)
    needed = {name: config.actions[name].model_copy(update={"evidence": "required"}) for name in asked}
    return config.model_copy(update={"actions": {**config.actions, **needed}})


def row(action: str, week: int, manager: str = ANNA, evidence: str = "minutes", **fields: Any) -> Row:
    """A row of the Monday of a week that counts."""
    return {"action": action, "date": MONDAYS[week], "manager": manager, "evidence": evidence, **fields}


ROWS: list[Row] = [
    *[row("meeting", 0)] * 8,
    *[row("meeting", 1)] * 11,
    row("meeting", 1, evidence=""),
    *[row("meeting", 1, BORIS)] * 3,
    row("meeting", 0, BORIS, evidence="-", counted=False),
    row("lead_accepted", 0, evidence="", quantity=8),
    row("lead_converted", 0, evidence="", quantity=2),
    row("payment", 0, amount=450_000),
    row("payment", 1, BORIS, amount=999_999.5),
]


def shown(log: Ledger, config: Settings, periods: Sequence[Period] = WEEKS, **look: Any) -> str:
    """What a person reads."""
    out = io.StringIO()
    console = Console(**{"file": out, "width": 80, "highlight": False, **look})
    proposal.show(calibrate(log, config, periods), config, console, start=START)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


EXPECTED = """\
Proposed targets from 2026-W46 to 2026-W47, per week

Meetings          n  min  median  max  spread  no evidence  proposed
Anna Petrova      2    8      10   12       4           5%         7
Boris Ivanov      2    0     1.5    3       3          25%         4
every manager     4    0     5.5   12      12           8%         6

Leads             n  min  median  max  spread  no evidence  proposed
Anna Petrova      2    0       4    8       8                    1.5
Boris Ivanov      2    0       0    0       0                      0
every manager     4    0       0    8       8                      0

Converted         n  min  median  max  spread  no evidence  proposed
Anna Petrova      2    0       1    2       2                    0.5
Boris Ivanov      2    0       0    0       0                      0
every manager     4    0       0    2       2                      0

Conversion        n  min  median  max  spread  no evidence  proposed
Anna Petrova      1  25%     25%  25%      0%                    25%
Boris Ivanov      0                                              25%
every manager     1  25%     25%  25%      0%                    25%

Revenue           n  min   median        max     spread  no evidence  proposed
Anna Petrova      2    0  225,000    450,000    450,000           0%   230,000
Boris Ivanov      2    0  500,000  1,000,000  1,000,000           0%   320,000
every manager     4    0  225,000  1,000,000  1,000,000           0%   230,000

What it costs to collect  rows a manager types a week
Meetings                                            6
Conversion                                        0.5
Revenue                                           0.5
Leads                                             0.3
Converted                                         0.3

To paste under targets in the configuration:

  - from: 2026-11-23
    per: week
    default:
      meetings: 6
      leads: 0
      converted: 0
      conversion: 0.25
      revenue: 230000
    managers:
      Anna Petrova:
        meetings: 7
        leads: 1.5
        converted: 0.5
      Boris Ivanov:
        meetings: 4
        revenue: 320000
"""


def test_what_was_done_what_to_ask_for_what_it_costs_and_what_to_paste() -> None:
    assert shown(ledger(*ROWS), configured()) == EXPECTED


def test_a_single_period_is_named_alone() -> None:
    assert shown(ledger(*ROWS), configured(), WEEKS[:1]).startswith("Proposed targets from 2026-W46, per week\n")
    month = [Period.parse("2026-10")]
    assert shown(ledger(), configured(), month).startswith("Proposed targets from 2026-10, per month\n")


def test_labels_are_those_of_the_workbooks_language() -> None:
    labels = {"en": "Meetings", "ru": "Встречи", "de": "Treffen"}
    config = configured(language="de")
    meetings = config.indicators["meetings"]
    named = meetings.model_copy(update={"label": meetings.label.model_validate(labels)})
    shared = config.model_copy(update={"indicators": {**config.indicators, "meetings": named}})
    text = shown(ledger(*[row("meeting", 0)] * 4), shared)
    assert "\nTreffen           n  min" in text
    assert "\nTreffen                                             1\n" in text
    assert "in these periods: Treffen, Leads,\nConverted, Conversion, Revenue.\n" in shown(ledger(), shared)


def test_millions_are_shown_in_thousands_and_no_figure_is_cut() -> None:
    """At 80 columns names give way; the block to paste has the figures whole."""
    name = "Konstantin Konstantinopolsky"
    config = configured([name, BORIS])
    rows = [row("payment", week, name, amount=amount) for week, amount in enumerate((12_345_678, 87_654_321.5))]
    text = shown(ledger(*rows), config)
    title, table, *_ = text.split("\n\n")
    assert title == "Proposed targets from 2026-W46 to 2026-W47, per week; money in 1,000 RUB"
    (head, own, boris, every) = table.splitlines()
    assert head.startswith("Revenue  ")
    assert own.split()[-7:] == ["2", "12,346", "50,000", "87,654", "75,309", "0%", "21,000"]
    assert own.startswith("Konstantin Kons")
    assert "…" in own.split(" 2 ")[0]
    assert boris.split() == ["Boris", "Ivanov", "2", "0", "0", "0", "0", "4,100"]
    assert every.split() == ["every", "manager", "4", "0", "6,173", "87,654", "87,654", "0%", "6,200"]
    assert "        revenue: 21000000\n" in text
    assert max(map(len, text.splitlines())) <= 80
    assert f"{name}  " in shown(ledger(*rows), config, width=120)


def profitable() -> Settings:
    """A department whose revenue and gross profit are looked at."""
    return settings([ANNA], indicators={name: INDICATORS[name] for name in ("revenue", "gross_profit")}, currency="RUB")


def test_all_money_of_a_run_is_in_the_same_unit() -> None:
    """What is little beside the millions keeps a tenth of a thousand, so that it is not shown as 0."""
    rows = [row("payment", week, amount=1_000_000, profit=profit) for week, profit in enumerate((55_000, 220))]
    text = shown(ledger(*rows), profitable())
    assert text.startswith(
        "Proposed targets from 2026-W46 to 2026-W47, per week; money in 1,000 RUB\n"
        "\n"
        "Revenue           n    min  median    max  spread  no evidence  proposed\n"
        "Anna Petrova      2  1,000   1,000  1,000       0                  1,000\n"
        "every manager     2  1,000   1,000  1,000       0                  1,000\n"
        "\n"
        "Gross profit      n  min  median  max  spread  no evidence  proposed\n"
        "Anna Petrova      2  0.2      28   55      55                     28\n"
        "every manager     2  0.2      28   55      55                     28\n"
    )
    assert text.count("1,000 RUB") == 1
    assert "1,000 RUB" not in shown(ledger(row("payment", 0, amount=999_999.5)), profitable())


def test_what_nobody_did_is_named_in_a_sentence_and_left_out() -> None:
    """What costs rows and brings nothing stays in the table of what it costs."""
    text = shown(ledger(row("payment", 0, amount=100), row("payment", 1, amount=100)), profitable())
    assert "\n\nLeft out, because nothing came of it in these periods: Gross profit.\n\nWhat it costs" in text
    assert "Gross profit      n" not in text
    assert "\nGross profit                                        1\n" in text
    assert text.endswith("    default:\n      revenue: 100\n")
    nothing = shown(ledger(), configured())
    assert nothing == (
        "Proposed targets from 2026-W46 to 2026-W47, per week\n"
        "\n"
        "Left out, because nothing came of it in these periods: Meetings, Leads,\n"
        "Converted, Conversion, Revenue.\n"
        "\n"
        "What it costs to collect  rows a manager types a week\n"
        "\n"
        "To paste under targets in the configuration:\n"
        "\n"
        "  (nothing was done in these periods)\n"
    )


def test_a_proposal_from_the_mean_is_marked() -> None:
    weeks = [Period.parse(f"2026-W{number}") for number in (44, 45, 46, 47)]
    config = configured()
    found = calibrate(ledger(row("payment", 0, amount=400_000)), config, weeks)
    text = shown(ledger(row("payment", 0, amount=400_000)), config, weeks)
    assert (
        "Revenue           n  min  median      max   spread  no evidence  proposed\n"
        "Anna Petrova      4    0       0  400,000  400,000           0%    75,000  mean\n"
        "Boris Ivanov      4    0       0        0        0                 25,000  mean\n"
        "every manager     8    0       0  400,000  400,000           0%    50,000  mean\n"
        "\n"
        "mean: money came in, but the 0.5 quantile is 0, so the proposal is made from the\n"
        "mean.\n"
        "\n"
    ) in text
    marked = [each["basis"] for each in proposal.facts(found, config, start=START)["targets"]]
    assert marked == [*[""] * 4, "mean"] * 3
    assert "mean" not in EXPECTED


@pytest.mark.parametrize(("lacking", "colour"), [(1, "#7f7f7f"), (2, "#d75f00")])
def test_a_fifth_without_evidence_is_pointed_at(lacking: int, colour: str) -> None:
    """Read as HTML: the codes of a terminal are kept by rich as they were for the first terminal of the process."""
    rows = [row("meeting", 0, evidence="" if number < lacking else "minutes") for number in range(10)]
    console = Console(file=io.StringIO(), width=80, highlight=False, record=True)
    proposal.show(calibrate(ledger(*rows), configured(), WEEKS), configured(), console, start=START)
    page = console.export_html(inline_styles=True)
    assert re.search(rf'<span style="color: {colour}[^"]*"> *{lacking * 10}%', page)


def test_where_nobody_worked_nothing_is_proposed() -> None:
    config = settings([{"name": ANNA, "from": "2027-01-01"}], indicators=FEW)
    assert shown(ledger(), config).endswith(
        "To paste under targets in the configuration:\n\n  (nothing was done in these periods)\n"
    )


def test_a_name_is_printed_as_it_is() -> None:
    name = "[bold]Acme[/bold] :smile:"
    text = shown(ledger(*[row("meeting", 0, name)] * 9), configured([name, BORIS]), width=200)
    assert text.count(name) == 2


def test_programs_get_the_same_as_plain_values() -> None:
    config = configured()
    found = calibrate(ledger(*ROWS), config, WEEKS)
    facts = json.loads(json.dumps(proposal.facts(found, config, start=START), allow_nan=False))
    assert set(facts) == {"periods", "targets", "effort", "yaml"}
    assert facts["periods"] == ["2026-W46", "2026-W47"]
    assert [(each["manager"], each["indicator"]) for each in facts["targets"]] == [
        (who, name) for who in (ANNA, BORIS, SALES) for name in FEW
    ]
    assert all(tuple(each) == COLUMNS for each in facts["targets"])
    first = (ANNA, "meetings", "count", 2, 8, 10, 12, 4, 0.05, 7, "quantile")
    assert facts["targets"][0] == dict(zip(COLUMNS, first, strict=True))
    blank = dict.fromkeys(("min", "median", "max", "spread", "unevidenced"))
    of_boris = facts["targets"][8]
    assert {**of_boris, **blank} == of_boris
    assert (of_boris["indicator"], of_boris["n"], of_boris["target"]) == ("conversion", 0, 0.25)
    assert facts["effort"][0] == {"indicator": "meetings", "rows": 6}
    assert yaml.safe_load(facts["yaml"])[0]["managers"][ANNA] == {"meetings": 7, "leads": 1.5, "converted": 0.5}


def test_nothing_at_all_is_plain_values_too() -> None:
    config = settings([{"name": ANNA, "from": "2027-01-01"}], indicators=FEW)
    facts = proposal.facts(calibrate(ledger(), config, WEEKS), config, start=START)
    assert {each["target"] for each in facts["targets"]} == {None}
    assert {each["rows"] for each in facts["effort"]} == {None}
    assert facts["yaml"] == ""
