"""Slices: a tenant reads of its neighbours only pseudonyms that no other trail can link."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sovereignty.checking.slices import PSEUDONYM_HEX, KnownSources, pseudonym, slice_of
from sovereignty.models import Tenant
from tests import builders as b

SECRET = b"of the hospital's trail"
KNOWN = frozenset({"slurm", "bastion"})


def part(**block: Any) -> dict[str, Any]:
    return {"tenant": b.HOSPITAL, "rules": [{"rule": "PL-03", "blocks": [block]}]}


def masked(**block: Any) -> Any:
    (rule,) = slice_of(part(**block), SECRET, KNOWN)["rules"]
    return rule["blocks"][0]


def test_a_pseudonym_is_the_same_each_time_and_another_in_another_trail() -> None:
    here = pseudonym(SECRET, "tenant:qinghe")
    assert here == pseudonym(SECRET, "tenant:qinghe") != pseudonym(b"another", "tenant:qinghe")
    assert len(here) == PSEUDONYM_HEX and not set(here) - set("0123456789abcdef")


def test_the_other_tenant_and_its_touch_are_named_by_pseudonym() -> None:
    block = masked(touch="1", other={"tenant": "qinghe", "touch": "7"})
    assert block["touch"] == "1"
    assert block["other"] == {
        "tenant": pseudonym(SECRET, "tenant:qinghe"),
        "touch": pseudonym(SECRET, "touch:qinghe:7"),
    }


@pytest.mark.parametrize("member", ["sources", "repeated"])
def test_a_source_that_only_neighbours_have_is_named_by_pseudonym(member: str) -> None:
    secret = pseudonym(SECRET, "source:theirs")
    assert masked(detail={member: "slurm, theirs"})["detail"][member] == f"slurm, {secret}"
    assert masked(detail={member: "slurm, bastion"})["detail"][member] == "slurm, bastion"


def test_what_names_nobody_else_stays_as_it_is() -> None:
    whole = part(touch="1", detail={"region": "sg-1"}, reason="region_foreign")
    assert slice_of(whole, SECRET, KNOWN) == whole


@pytest.mark.usefixtures("ledger")
def test_a_source_is_known_that_is_declared_or_reports_in_a_trail_that_is_read() -> None:
    b.accept_all(
        b.tenant(),
        b.tenant(b.NEIGHBOUR),
        b.touch("1", source="ours"),
        b.touch("2", ["hz-1/4"], tenant=b.NEIGHBOUR, source="theirs"),
    )
    known = KnownSources(frozenset({"declared"}), Tenant.objects.get(key=b.HOSPITAL).trail_id)
    assert "declared" in known and "ours" in known and "cmdb" in known
    with CaptureQueriesContext(connection) as queries:
        assert "theirs" not in known and "theirs" not in known
    assert len(queries) == 1
