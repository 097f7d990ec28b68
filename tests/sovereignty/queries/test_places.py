"""Where cards stood: the page shows the region that the check judged by."""

import pytest

from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Finding, Touch
from sovereignty.plane.world import Grade
from sovereignty.queries.places import Places
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def moved(id: str, region: str) -> b.Event:
    return b.stated("node.moved", id=id, node="hz-1", region=region, effective_at=100)


def corrected(id: str, region: str) -> b.Event:
    return b.correction(moved(id, "cn-1"), replacement=moved(id, region))


def shown_regions(touch_id: str) -> set[str | None]:
    shown = Touch.objects.current().get(touch_id=touch_id)
    assert shown.ended_at is not None
    steps = Places.of([shown], Grade.DECLARED).region("hz-1", shown.started_at, shown.ended_at)
    return {region.text for _, region in steps}


@pytest.mark.parametrize(("of_first", "of_second"), [("cn-1", "sg-1"), ("sg-1", "cn-1")])
def test_two_corrections_in_the_other_order_give_page_and_check_the_same_region(
    of_first: str, of_second: str
) -> None:
    b.accept_all(*site.facts(), moved("A", "cn-1"), moved("B", "cn-1"))
    b.accept_all(corrected("B", of_second), corrected("A", of_first), b.touch("1"))
    found = check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    abroad = Finding.objects.filter(check_of=found, rule="PL-01", reason="region_foreign")
    # A's correction was recorded last, so it is the one that holds.
    assert shown_regions("1") == {of_first}
    assert abroad.exists() == (of_first == "sg-1")
