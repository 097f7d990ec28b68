"""`list_tokens` and `revoke_token`, as an administrator types them."""

import pytest
from django.core.management import call_command

from audit.errors import TokenError
from audit.people import tokens
from tests.audit.ledger import tenant_trail

pytestmark = pytest.mark.usefixtures("ledger")


def test_lists_what_each_may_and_which_are_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    hospital = tenant_trail("st-mary")
    collector, secret = tokens.issue("collector", sources=["slurm", "cmdb"], actor="enzo")
    tokens.issue("import", actor="enzo")
    tokens.issue("siem", trail=hospital.number, actor="enzo")
    call_command("revoke_token", str(collector.pk))
    assert capsys.readouterr().out.startswith(
        f"token {collector.pk} (collector) has been revoked since 2"
    )
    call_command("list_tokens")
    printed = capsys.readouterr()
    heads, *rows = printed.out.splitlines()
    assert heads.split() == ["id", "label", "may", "made", "last", "used", "revoked"]
    assert [row.split("  ")[0] for row in rows] == [str(collector.pk + more) for more in range(3)]
    assert "record as cmdb, slurm" in rows[0]
    assert "record as any source" in rows[1]
    assert "read trail 2 (st-mary)" in rows[2]
    assert [row.endswith("-") for row in rows] == [False, True, True]
    assert secret not in printed.out
    assert printed.err == "3 tokens, 1 of them revoked\n"


def test_revoking_what_is_not_there_says_so() -> None:
    with pytest.raises(TokenError, match="there is no token 77: list_tokens shows them"):
        call_command("revoke_token", "77")
