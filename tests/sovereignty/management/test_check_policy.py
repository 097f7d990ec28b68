"""`manage.py check_policy`: a question on the command line, its answer in words, and the exit code that says the verdict."""

import io

import pytest
from django.core.management import call_command

from tests.sovereignty.small_site import HOSPITAL, access, home_policy, site, take, touch

pytestmark = pytest.mark.usefixtures("ledger")
MORNING = ("--from", "2026-01-02T00:00:00Z", "--to", "2026-01-02T10:00:00Z")


def answer(*arguments: str) -> tuple[int, str]:
    """The exit code and what was written on standard output."""
    out = io.StringIO()
    try:
        call_command("check_policy", *arguments, stdout=out)
    except SystemExit as ended:
        assert isinstance(ended.code, int)
        return ended.code, out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize(("cards", "code"), [("hz-1/0", 0), ("sg-1/0", 1), ("never-seen/0", 3)])
def test_the_exit_code_says_the_verdict(cards: str, code: int) -> None:
    take(*site(), touch("1", [cards]), access("a1"))
    home_policy()
    came, told = answer("home", *MORNING)
    assert came == code
    assert f"{HOSPITAL}: " in told
