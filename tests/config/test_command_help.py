"""Every command of ours explains itself: one sentence for the list, and examples that call it."""

import pytest
from django.core.management import get_commands, load_command_class

from audit.management.command import DocumentedCommand
from config.command_help import FORMER_NAMES, GROUPS, OUR_APPS, overview

OURS = sorted(
    name for name, app in get_commands().items() if app in OUR_APPS and name not in FORMER_NAMES
)
WIDEST = 100


@pytest.mark.parametrize("name", OURS)
def test_a_command_shows_examples_that_call_it(name: str) -> None:
    command = load_command_class(str(get_commands()[name]), name)
    assert isinstance(command, DocumentedCommand)
    shown = command.create_parser("manage.py", name).format_help()
    _, examples = shown.split("\nexamples:\n")
    assert f"manage.py {name}" in examples
    assert command.help[0].isupper()
    assert command.help.endswith(".")
    assert [line for line in shown.splitlines() if len(line) > WIDEST] == []


def test_the_overview_names_every_command_of_ours_with_a_sentence() -> None:
    lines = overview("manage.py").splitlines()
    for name in OURS:
        (sentence,) = [line for line in lines if line.startswith(f"  {name} ")]
        assert sentence.endswith(".")


def test_no_group_names_a_command_that_there_is_not() -> None:
    assert {name for _, names in GROUPS for name in names} <= set(get_commands())


def test_a_former_name_works_and_is_not_listed() -> None:
    for name in FORMER_NAMES:
        assert name in get_commands()
        assert name not in overview("manage.py")
