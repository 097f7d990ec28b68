"""Since when a fact speaks, and of which family: every kind has its place in the tables, or
none."""

import pytest

from sovereignty.facts import kinds
from sovereignty.facts.checks import decode
from sovereignty.facts.scope import REPORTS, SINCE, corrected_since, since
from tests import builders as b

OF_NO_TIME = {kinds.HEARTBEAT, kinds.SEQUENCE_REPORTED, kinds.CORRECTION}
OF_NO_FAMILY = OF_NO_TIME | {
    kinds.SOURCE_DECLARED,
    kinds.TENANT_DECLARED,
    kinds.WORKLOAD_DECLARED,
}


def body(event: b.Event) -> kinds.Data:
    kind = str(event["type"]).removeprefix("domicile.").replace(".v1", "/v1")
    return decode(kind, b.line(event["data"]))


def test_every_kind_but_these_speaks_of_a_time() -> None:
    assert {kind for kind, struct in kinds.KINDS.items() if struct not in SINCE} == OF_NO_TIME


def test_every_kind_but_these_is_of_a_family() -> None:
    assert kinds.KINDS.keys() - REPORTS.keys() == OF_NO_FAMILY


@pytest.mark.parametrize("struct", SINCE, ids=lambda struct: str(struct.__name__))
def test_the_field_is_one_of_the_kind(struct: type[kinds.Data]) -> None:
    assert SINCE[struct] in struct.__struct_fields__


def test_speaks_since_its_earliest_time() -> None:
    assert since(body(b.touch(start=5, end=9))) == 5
    assert since(body(b.ended(end=9))) == 9
    assert since(body(b.region(effective_at=3))) == 3
    assert since(body(b.heartbeat())) is None


def test_a_correction_speaks_since_the_earliest_of_what_it_replaces_and_puts_there() -> None:
    late, early = body(b.touch(start=5, end=9)), body(b.touch(start=2, end=9))
    assert corrected_since([late, early]) == 2
    assert corrected_since([body(b.heartbeat(from_at=7, to_at=8))]) == 7
    assert corrected_since([body(b.sequence_reported())]) is None
