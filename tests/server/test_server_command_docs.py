"""docs/command-line.md names every command and every option, and its examples are understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from server.checks import State
from server.cli import create
from server.cli.app import app
from server.cli.downloads import naming
from server.cli.fields import DEFAULT

TEXT = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_group(app).commands
CREATE = typer.main.get_group(create.app).commands
EXAMPLES = [
    shlex.split(part)[1:]
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
    for part in line.split(" | ")
]


def test_every_command_has_its_row() -> None:
    """And no other."""
    assert sorted(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_named(name: str) -> None:
    """By its long name."""
    options = [option for param in COMMANDS[name].params for option in param.opts if option.startswith("--")]

    assert [option for option in options if option not in TEXT] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=" ".join)
def test_examples_are_understood(example: list[str]) -> None:
    """Each option with its value."""
    commands, words = (CREATE, example[1:]) if example[0] == "create" else (COMMANDS, example)

    context = commands[words[0]].make_context(words[0], words[1:], resilient_parsing=False)

    assert context.params


def test_words_are_those_of_the_program() -> None:
    """The states, the fields of names, the default fields."""
    assert [state for state in State if state is not State.AVAILABLE and f"`{state.value}`" not in TEXT] == []
    assert [field for field in naming.FIELDS if f"`{field}`" not in TEXT] == []
    assert f"`{DEFAULT}`" in TEXT
