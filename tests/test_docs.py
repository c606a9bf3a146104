"""The reference of the configuration is the schema's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from pydantic import BaseModel

from docs import build
from sheetsync import schema
from sheetsync.cli import Command, commands
from sheetsync.errors import ConfigError
from sheetsync.settings import load

MODELS = [kind for kind in vars(schema).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]
PAGE = build.CONFIGURATION.read_text("utf-8")


def test_the_reference_is_current() -> None:
    assert build.renewed(PAGE) == PAGE, "run `python -m docs.build`"


def test_every_key_of_the_schema_is_in_it() -> None:
    keys = {info.alias or name for model in MODELS for name, info in model.model_fields.items()}
    told = set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert len(keys) > 50
    assert keys <= told


def test_every_key_says_what_it_means() -> None:
    fields = [(model, name, info) for model in MODELS for name, info in model.model_fields.items()]
    assert [f"{model.__name__}.{name}" for model, name, info in fields if not info.description] == []


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        build.renewed("# The configuration")


def test_what_the_reference_calls_a_mistake_to_leave_out_is_one(tmp_path: Path) -> None:
    needed = {"workbook": "{spreadsheet: local:x}", "managers": "[Anna]", "targets": "[]"}
    top = PAGE.split("### The file")[1].split("###")[0]
    assert re.findall(r"^\| `(\w+)` .*\*\*a mistake\*\*", top, re.MULTILINE) == list(needed)
    file = tmp_path / "targets.yaml"
    file.write_text("\n".join(f"{key}: {value}" for key, value in needed.items()))
    load(file)
    for left_out in needed:
        file.write_text("\n".join(f"{key}: {value}" for key, value in needed.items() if key != left_out))
        with pytest.raises(ConfigError, match=f": {left_out}.*: is missing"):
            load(file)


def test_the_example_of_credentials_holds_nothing_real() -> None:
    example = json.loads((build.CONFIGURATION.parent.parent / "credentials.example.json").read_text("utf-8"))
    assert example["type"] == "service_account"
    assert example["token_uri"] == "https://oauth2.googleapis.com/token"
    with pytest.raises(ValueError, match="PEM"):
        serialization.load_pem_private_key(example["private_key"].encode(), None)


def test_the_commands_are_documented_as_they_are() -> None:
    page = build.COMMANDS.read_text("utf-8")
    assert build.renewed(page, build.BEGIN_COMMANDS, build.command_line) == page, "run `python -m docs.build`"


def test_every_command_is_documented_with_an_example() -> None:
    page = build.COMMANDS.read_text("utf-8")
    for name, command in commands.commands.items():
        (section,) = re.findall(rf"^### sheetsync {name}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
        assert isinstance(command, Command)
        assert command.examples
        assert all(example.startswith(f"sheetsync {name}") for example in command.examples)
        assert all(f"\n  {example}\n" in section for example in command.examples)
        assert f"| `{name}` |" in page, "its answer with --json"
        assert max(map(len, section.splitlines())) <= 80
