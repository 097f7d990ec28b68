"""`manage.py make_token`: a token that is shown once, for recording or for one trail."""

import hashlib
import io

import pytest
from django.core.management import CommandError, call_command

from audit.errors import TokenError
from audit.models import Token
from sovereignty.recording.admission import EVENT_KINDS
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


def make(*arguments: str) -> str:
    out = io.StringIO()
    call_command("make_token", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_prints_the_token_and_keeps_its_hash() -> None:
    printed = make("collector", "--record", "--source", "slurm", "--source", "cmdb")
    token = Token.objects.get()
    assert printed.startswith("dom_")
    assert bytes(token.digest) == hashlib.sha256(printed.encode()).digest()
    assert (token.name, token.purpose, token.trail, token.revoked_at) == (
        "collector",
        "record",
        None,
        None,
    )
    assert token.sources == ["cmdb", "slurm"]


def test_a_collector_s_token_states_what_things_are_only_where_asked_for() -> None:
    make("collector", "--record", "--source", "slurm")
    make("assets", "--record", "--source", "cmdb", "--inventory")
    collector, assets = Token.objects.order_by("pk")
    assert collector.sent_kinds == frozenset(EVENT_KINDS)
    assert "touch.recorded/v1" in EVENT_KINDS and "node.registered/v1" not in EVENT_KINDS
    assert (assets.kinds, assets.sources) == (None, ["cmdb"])


def test_says_what_it_may_and_that_it_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_token", "importer", "--record", "--any-source")
    token = Token.objects.get()
    assert token.sources is None
    said = (
        f"token {token.pk} (importer) records as any source; keep the token above now: "
        "it is shown only once\n"
    )
    assert capsys.readouterr().err == said


def test_a_token_that_reads_is_for_one_trail() -> None:
    b.accept_all(b.tenant())
    make("ada", "--read", "--tenant", "st-mary")
    make("fleet-reader", "--read", "--trail", "0")
    assert list(Token.objects.order_by("pk").values_list("trail_id", flat=True)) == [2, 0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("ada", "--read"),
            "want --tenant KEY or --trail NUMBER for a token that reads, got neither",
        ),
        (("ada", "--read", "--trail", "0", "--tenant", "t"), "got both"),
        (("ada", "--read", "--tenant", "nobody"), "there is no tenant 'nobody'"),
        (("ada", "--read", "--trail", "9"), "there is no trail 9"),
        (("ada", "--read", "--trail", "0", "--any-source"), "are for a token that records"),
        (
            ("slurm", "--record"),
            (
                "want --source NAME for each source that the machine speaks as, or --any-source, "
                "got neither"
            ),
        ),
        (("slurm", "--record", "--source", "slurm", "--any-source"), "got both"),
        (("slurm", "--record", "--any-source", "--trail", "0"), "are for a token that reads"),
        (("slurm",), "one of the arguments --record --read is required"),
        (("slurm", "--record", "--read", "--any-source"), "not allowed with"),
        (("slurm", "--record", "--source", ""), "source: want 1 to 200"),
    ],
)
def test_refuses_a_token_for_another_purpose_than_its_trail(
    arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises((CommandError, TokenError), match=said):
        make(*arguments)
    assert not Token.objects.exists()


@pytest.mark.parametrize("whose", [("--tenant", "nobody"), ("--trail", "9")])
def test_a_tenant_or_trail_that_is_not_there_is_usage(whose: tuple[str, str]) -> None:
    with pytest.raises(CommandError) as refused:
        make("ada", "--read", *whose)
    assert refused.value.returncode == 2
