"""The README's five steps by hand: the facts that it prints give the verdicts that it says."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

PAGE = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


def saved(name: str, folder: Path) -> str:
    """The file that the README says to save under this name."""
    (block,) = re.findall(rf"Save as\s+`{name}`:\n\n((?:    \{{.*\n)+)", PAGE)
    path = folder / name
    path.write_text(re.sub("^    ", "", block, flags=re.MULTILINE), encoding="utf-8")
    return str(path)


def options(command: str) -> list[list[str]]:
    """What the README gives to a command, each time that it runs it."""
    return [
        line.split()
        for line in re.findall(
            rf"^    \.venv/bin/python manage\.py {command}(.*)$", PAGE, re.MULTILINE
        )
    ]


@pytest.mark.usefixtures("ledger")
def test_the_check_is_unverifiable_until_sources_are_heard_and_then_compliant(
    tmp_path: Path,
) -> None:
    unheard, heard = options("check_policy")
    call_command("record", saved("facts.ndjson", tmp_path))
    call_command("publish_policy", *options("publish_policy")[0])
    with pytest.raises(SystemExit, match="3"):
        call_command("check_policy", *unheard)
    call_command("record", saved("heard.ndjson", tmp_path))
    call_command("check_policy", *heard)
