"""What README.md and docs/ point at is there: files, headings, commands; and each page can be found from the README."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sheetsync.cli import commands
from tests.test_house import ASIDE, FLOORS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_PROMPT = re.compile(r"(?:\.venv/bin/|python -m )?sheetsync (?P<arguments>[a-z-].*)")


def links(page: Path) -> list[str]:
    """The relative links of a page, pictures too."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    found = _LINK.findall(_SPAN.sub("", text))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have in links, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def command_lines(page: Path) -> Iterator[list[str]]:
    """The arguments of each `sheetsync ...` that a page shows: in a block of shell, or between backticks in prose,
    where a command's name may also stand alone."""
    text = page.read_text("utf-8")
    blocks = [block for language, block in _FENCE.findall(text) if language in ("sh", "text")]
    typed = [_arguments(part) for block in blocks for line in block.splitlines() for part in line.split("&&")]
    mentioned = [_arguments(span) for span in _SPAN.findall(_FENCE.sub("", text))]
    yield from (line for line in typed if line)
    yield from (line for line in mentioned if line and not (len(line) == 1 and line[0] in commands.commands))


def _arguments(line: str) -> list[str]:
    """What follows `sheetsync` up to a remark; nothing for other lines and for those that leave something out."""
    match = _PROMPT.fullmatch(re.split(r"\s{2,}|\s#", line.strip())[0])
    return shlex.split(match["arguments"]) if match and "..." not in line else []


def refusal(arguments: list[str]) -> str:
    """Why the command line is none; "" where it is one. Nothing is run."""
    if "--help" in arguments:
        arguments = [argument for argument in arguments if argument != "--help"]
        return "" if not arguments or arguments[0] in commands.commands else f"no command {arguments[0]}"
    try:
        group = commands.make_context("sheetsync", list(arguments))
        with group:
            rest = [*group._protected_args, *group.args]
            name, command, rest = commands.resolve_command(group, rest)
            if command is None or name is None:
                return "no command"
            command.make_context(name, rest, parent=group)
    except click.UsageError as error:
        return error.format_message()
    return ""


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_line_is_one(page: Path) -> None:
    refused = {shlex.join(line): said for line in command_lines(page) if (said := refusal(line))}
    assert refused == {}


def test_commands_are_found() -> None:
    found = [line[0] for page in PAGES for line in command_lines(page)]
    assert len(found) > 10
    assert {"sync", "init", "check", "serve", "export"} <= set(found)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["synk"], "No such command 'synk'."),
        (["sync", "--periode", "last"], "--periode"),
        (["sync", "--as-of", "yesterday"], "'yesterday' is not a date"),
        (["serve"], "Missing argument 'PATH'."),
    ],
)
def test_a_wrong_command_line_is_seen(line: list[str], said: str) -> None:
    assert said in refusal(line)


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [PAGES[0]]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md" and page.exists():
            reached.add(page)
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links(page) if link[0] != "#"]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_the_floors_are_drawn_as_they_stand() -> None:
    (drawn,) = [
        block
        for _, block in _FENCE.findall((ROOT / "docs" / "architecture.md").read_text("utf-8"))
        if "aside:" in block
    ]
    floors: list[set[str]] = []
    for line in drawn.split("\n\n")[0].splitlines():  # from the top; a floor's further lines have no number
        number, rooms = line[:3].strip(), set(re.split(r" {3,}", line[3:].strip())[0].split())
        floors = [*floors, set()] if number else floors
        floors[-1].update(rooms)
    assert floors[::-1] == [set(floor) for floor in FLOORS]
    assert all(f"{room}/" in drawn for room in ASIDE)


def test_the_readme_s_error_texts_are_said() -> None:
    said = " ".join(path.read_text("utf-8") for path in (ROOT / "sheetsync").rglob("*.py"))
    (body,) = re.findall(
        r"^\| it says \| do this \|\n\|[-|]+\|\n((?:\|.*\n)+)", PAGES[0].read_text("utf-8"), re.MULTILINE
    )
    quoted = [text for line in body.splitlines() for text in _SPAN.findall(line.split("|")[1])]
    shown = {text: re.split(r" ?[“”]", text)[0] for text in quoted if ".yaml:" not in text}
    unsaid = [text for text, part in shown.items() if part.removeprefix("Google") not in said]
    assert len(quoted) > 5
    assert unsaid == []
