"""The facts that corrections name, with the bodies that their entries hold."""

import pytest

from audit.models import FLEET_NUMBER
from sovereignty.facts import kinds
from sovereignty.loading.originals import read_originals
from sovereignty.models import Fact, Tenant
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


def test_reads_the_body_as_it_was_first_sent() -> None:
    region, touch = b.region(id="r"), b.touch("1", id="t")
    b.accept_all(b.tenant(), region, touch)
    b.accept_all(b.correction(touch, replacement=b.touch("1", ["hz-1/5"])))
    found = read_originals([("cmdb", "r"), ("slurm", "t"), ("slurm", "t")])
    assert found.keys() == {("cmdb", "r"), ("slurm", "t")}
    stored = found["slurm", "t"]
    assert (stored.kind, stored.trail_number) == (
        kinds.TOUCH_RECORDED,
        Tenant.objects.get().trail_id,
    )
    assert stored.key == Fact.objects.get(source="slurm", fact_id="t").key
    assert isinstance(stored.data, kinds.TouchRecorded)
    assert stored.data.parts[0].cards == ["hz-1/0-3"]
    assert found["cmdb", "r"].trail_number == FLEET_NUMBER


def test_leaves_out_what_is_not_known() -> None:
    assert read_originals([("cmdb", "nothing")]) == {}
    assert read_originals([]) == {}
