"""What is declared: every library that is imported and none besides, each with a bound, and in the lock with hashes."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
OWN = {"sheetsync", "tests", "docs", "bench"}
UNDECLARED = {
    "pydantic-core": "pydantic's other half: it pins the one version that fits",
    "google-api-core": "a part of what google-api-python-client is",
}
UNIMPORTED = {
    "google-api-python-client": "the description of the API that it brings is read as data",
    "tzdata": "time zones, where the system has none",
    "build": "make package",
    "mypy": "make lint",
    "pipx": "runs the wheel in `make package`",
    "pre-commit": "its hooks",
    "pytest-cov": "pytest --cov",
    "pytest-xdist": "pytest -n",
    "ruff": "make lint",
    "setuptools": "builds the distributions",
}


def declared() -> dict[str, list[Requirement]]:
    """The requirements of the package itself (`""`) and of its extras."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = {"": parser["options"]["install_requires"], **parser["options.extras_require"]}
    return {name: [Requirement(line) for line in text.split("\n") if line] for name, text in texts.items()}


def imported(*folders: str) -> set[str]:
    """The distributions that the code in these folders imports from."""
    found: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return {owner for name in found for owner in _owners(name)}


def _owners(module: str) -> set[str]:
    top = module.partition(".")[0]
    if top in OWN or top in sys.stdlib_module_names or top == "_typeshed":
        return set()
    if top == "google":  # one name, shared by several
        return {f"google-{'api-core' if module.startswith('google.api_core') else 'auth'}"}
    return {canonicalize_name(name) for name in _installed().get(top, [top])}


@cache
def _installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def names(*extras: str) -> set[str]:
    return {canonicalize_name(each.name) for extra in extras for each in declared()[extra]}


def test_what_the_package_imports_is_what_it_asks_for() -> None:
    assert imported("sheetsync") - UNDECLARED.keys() == names("") - UNIMPORTED.keys()


def test_what_tests_and_tools_import_is_what_dev_asks_for() -> None:
    stubs = {name for name in names("dev") if name.startswith("types-") or name.endswith("-stubs")}
    assert {re.sub("^types-|-stubs$", "", name) for name in stubs} <= names("")
    own = imported("tests", "docs", "bench", ".ci") - names("") - UNDECLARED.keys()
    assert own == names("dev", "package") - stubs - UNIMPORTED.keys()


@pytest.mark.parametrize("extra", declared())
def test_every_requirement_says_from_which_version_on(extra: str) -> None:
    assert [str(each) for each in declared()[extra] if ">=" not in str(each.specifier)] == []


def test_the_lock_names_what_is_asked_for_with_hashes_and_no_place() -> None:
    text = (ROOT / "requirements" / "ci.txt").read_text(encoding="utf-8")
    pins = [entry.replace("\\\n", "").split("--hash=sha256:") for entry in re.split(r"\n(?=\w)", text)[1:]]
    locked: dict[str, list[Requirement]] = {}
    for line, *hashes in pins:
        requirement = Requirement(line.strip())
        locked.setdefault(canonicalize_name(requirement.name), []).append(requirement)
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier))
        assert hashes
        assert all(re.fullmatch(r"[0-9a-f]{64}\s*", each) for each in hashes)
    for asked in (each for requirements in declared().values() for each in requirements):
        versions = [str(each.specifier).removeprefix("==") for each in locked.get(canonicalize_name(asked.name), [])]
        assert versions, f"{asked.name}: run `make lock`"
        assert all(map(asked.specifier.contains, versions)), f"{asked}: {versions}: run `make lock`"
    assert not re.search(r"://|^-|@", text, re.MULTILINE)
