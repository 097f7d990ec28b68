"""A token over HTTP speaks for its sources and for nobody else; one that was revoked for none."""

from typing import Any

import pytest
from django.test import Client

from audit.people import tokens
from sovereignty.models import Fact, SourceDeclaration
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")
NDJSON = "application/x-ndjson"


def sent(secret: str, *events: b.Event) -> Any:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": NDJSON}
    return Client().generic("POST", "/api/v1/facts", b"\n".join(b.lines(events)), headers=headers)


@pytest.fixture
def stolen() -> str:
    """The token of the collector that speaks as `dcgm/hz-a`, in a thief's hands."""
    _, secret = tokens.issue("dcgm", sources=["dcgm/hz-a"], actor="enzo")
    return secret


def test_speaks_as_its_own_source(stolen: str) -> None:
    assert sent(stolen, b.region(source="dcgm/hz-a")).json()["accepted"] == 1


def test_is_refused_as_another_line_by_line(stolen: str) -> None:
    said = sent(stolen, b.region(source="dcgm/hz-a"), b.tenant(source="slurm")).json()
    assert (said["accepted"], said["refused"]) == (1, 1)
    (_, refused) = said["answers"]
    assert (refused["field"], refused["received"]) == ("source", "'slurm'")
    assert refused["expected"] == "a source that this token speaks for (dcgm/hz-a)"
    assert list(Fact.objects.values_list("source", flat=True)) == ["dcgm/hz-a"]


def test_declares_no_source_and_corrects_no_other(stolen: str) -> None:
    original = b.region(source="operator")
    b.accept_all(original)
    declared = b.source_declared("dcgm/hz-a", source="dcgm/hz-a")
    said = sent(stolen, declared, {**b.correction(original), "source": "dcgm/hz-a"}).json()
    assert [line["field"] for line in said["answers"]] == ["type", "data.source"]
    assert not SourceDeclaration.objects.exists()


def test_an_administrator_s_token_speaks_as_any(stolen: str) -> None:
    _, secret = tokens.issue("import", sources=None, actor="enzo")
    assert (
        sent(secret, b.source_declared(source="operator"), b.region(source="cmdb")).json()[
            "accepted"
        ]
        == 2
    )


def test_a_revoked_one_speaks_as_nobody(stolen: str) -> None:
    token, secret = tokens.issue("slurm", sources=["slurm"], actor="enzo")
    tokens.revoke(token.pk, actor="olga")
    answer = sent(secret, b.tenant())
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_revoked")
    assert not Fact.objects.exists()
