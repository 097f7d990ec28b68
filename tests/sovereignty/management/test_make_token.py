"""`manage.py make_token`: a token that is shown once, for recording or for one trail."""

import hashlib
import io

import pytest
from django.core.management import CommandError, call_command

from audit.models import Token
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


def make(*arguments: str) -> str:
    out = io.StringIO()
    call_command("make_token", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_prints_the_token_and_keeps_its_hash() -> None:
    printed = make("--purpose", "record", "slurm")
    token = Token.objects.get()
    assert printed.startswith("dom_")
    assert bytes(token.digest) == hashlib.sha256(printed.encode()).digest()
    assert (token.name, token.purpose, token.trail, token.revoked_at) == ("slurm", "record", None, None)


def test_a_token_that_reads_is_for_one_trail() -> None:
    b.accept_all(b.tenant())
    make("--purpose", "read", "--tenant", "st-mary", "ada")
    make("--purpose", "read", "--trail", "0", "fleet-reader")
    assert list(Token.objects.order_by("pk").values_list("trail_id", flat=True)) == [2, 0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--purpose", "read", "ada"), "came neither"),
        (("--purpose", "record", "--trail", "0", "slurm"), "came one of them"),
        (("--purpose", "read", "--tenant", "nobody", "ada"), "there is no tenant 'nobody'"),
        (("--purpose", "read", "--trail", "9", "ada"), "there is no trail 9"),
        (("--purpose", "write", "ada"), "invalid choice"),
        (("--purpose", "read", "--trail", "0", "--tenant", "t", "ada"), "not allowed with"),
    ],
)
def test_refuses_a_token_for_another_purpose_than_its_trail(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        make(*arguments)
    assert not Token.objects.exists()
