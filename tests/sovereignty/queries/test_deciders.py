"""The inventory's statements behind a finding: those that decided it, and no later ones; for
whoever may read the fleet's trail."""

import pytest
from django.contrib.auth.models import AnonymousUser

from audit.models import FLEET_NUMBER, Token
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Check, Fact, Finding
from sovereignty.queries import deciders
from sovereignty.queries.deciders import deciders_of
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site
from tests.sovereignty.web.test_workloads import text

pytestmark = pytest.mark.usefixtures("ledger")


def _checked() -> Check:
    return check(ask(site.home_policy(), period=site.PERIOD), actor="olga")


def _decided(rule: str) -> list[str]:
    """The ids of the facts that decided the rule's one finding."""
    found = deciders_of(Finding.objects.select_related("check_of").get(rule=rule), cast.olga())
    assert found is not None
    assert found.total == len(found.listed)
    return [decider.fact.fact_id for decider in found.listed]


def _registered(id: str, at: int, region: str, **chips: str) -> b.Event:
    cards = [{"slots": "0-7", **site.CHIP, **chips}]
    return b.event(
        "node.registered",
        id=id,
        node="hz-1",
        region=region,
        cards=cards,
        effective_at=at,
        evidence="declared",
    )


def test_a_region_abroad_rests_on_where_the_node_stood_and_where_the_region_lies() -> None:
    b.accept_all(*site.facts(), b.touch("abroad", ["sg-1/0"], start=b.hour(1), end=b.hour(2)))
    _checked()
    assert _decided("PL-01") == ["r-abroad", "n-2"]


def test_what_took_effect_or_was_recorded_at_another_time_is_not_among_them() -> None:
    b.accept_all(
        *site.facts(),
        _registered("n-moved", b.START, "sg-1"),
        _registered("n-back", b.START + 5 * b.HOUR, "cn-1"),
        b.touch("abroad", ["hz-1/0"], start=b.hour(1), end=b.hour(2)),
    )
    _checked()
    b.accept_all(_registered("n-later-word", b.START + b.HOUR, "sg-1"))
    assert _decided("PL-01") == ["r-abroad", "n-moved"]


def test_a_chip_from_abroad_rests_on_what_was_said_of_the_touched_cards() -> None:
    b.accept_all(
        *site.facts(),
        _registered("n-chip", b.START, "cn-1", design_country="US"),
        b.touch("foreign", ["hz-1/0-1"], start=b.hour(1), end=b.hour(2)),
    )
    _checked()
    assert _decided("PL-02") == ["n-chip"]


def test_says_what_each_statement_said_of_the_touched_cards() -> None:
    cards = [
        {"slots": "0-3", **site.CHIP, "design_country": "US"},
        {"slots": "4-7", **site.CHIP, "design_country": "KR"},
    ]
    later = b.event(
        "node.registered",
        id="n-chips",
        node="hz-1",
        region="cn-1",
        cards=cards,
        effective_at=b.START,
        evidence="declared",
    )
    b.accept_all(
        *site.facts(),
        later,
        b.touch("abroad", ["sg-1/0"]),
        b.touch("foreign", ["hz-1/3-4"], start=b.hour(3), end=b.hour(4)),
    )
    olga = cast.olga()
    _checked()
    regions, *chips = (
        deciders_of(each, olga)
        for each in Finding.objects.filter(rule__startswith="PL-0").order_by("rule", "pk")
    )
    assert regions is not None
    assert [decider.values for decider in regions.listed] == [
        [("country", ["SG"])],
        [("region", ["sg-1"])],
    ]
    assert sorted(each.listed[0].values for each in chips if each) == [
        [("design_country", ["KR"])],
        [("design_country", ["US"])],
    ]


def test_the_page_says_what_the_inventory_said_in_words() -> None:
    b.accept_all(*site.facts(), b.touch("abroad", ["sg-1/0"], start=b.hour(1), end=b.hour(2)))
    page = text(cast.signed_in(cast.olga()).get(f"/findings/{_finding_of(_checked()).pk}/"))
    assert "country: SG" in page
    assert "region: sg-1" in page


def test_of_what_nobody_stated_there_is_no_entry() -> None:
    b.accept_all(*site.facts(), b.touch("nowhere", ["elsewhere/0"], start=b.hour(1), end=b.hour(2)))
    found = _finding_of(_checked())
    assert _decided("PL-01") == []
    ada = cast.signed_in(cast.reader("ada", found.tenant.trail))
    assert "No statement about this was in force for these cards at that time" in text(
        ada.get(f"/findings/{found.pk}/")
    )


def test_the_page_links_the_entries_for_whoever_may_read_the_fleet() -> None:
    b.accept_all(*site.facts(), b.touch("abroad", ["sg-1/0"], start=b.hour(1), end=b.hour(2)))
    url = f"/findings/{_finding_of(_checked()).pk}/"
    page = text(cast.signed_in(cast.olga()).get(url))
    assert "2 entries of the fleet's trail, of 2 in all" in page.replace("&#x27;", "'")
    for fact in Fact.objects.filter(fact_id__in=["r-abroad", "n-2"]):
        assert f'href="/trails/{FLEET_NUMBER}/entries/{fact.index}/"' in page
    ada = cast.reader("ada", _finding_of(Check.objects.get()).tenant.trail)
    assert "What the inventory states" in text(cast.signed_in(ada).get(url))


def _finding_of(found: Check) -> Finding:
    return Finding.objects.select_related("check_of", "tenant__trail").get(
        check_of=found, rule="PL-01"
    )


def test_nothing_is_said_to_whoever_may_not_read_the_fleet() -> None:
    b.accept_all(*site.facts(), b.touch("abroad", ["sg-1/0"], start=b.hour(1), end=b.hour(2)))
    found = _finding_of(_checked())
    reader = Token(purpose=Token.READ, trail=found.tenant.trail)
    assert deciders_of(found, reader) is None
    assert deciders_of(found, AnonymousUser()) is None


def test_rules_that_no_statement_decides_have_none() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("mine", ["hz-1/0"]),
        b.touch("theirs", ["hz-1/0"], tenant=b.NEIGHBOUR),
    )
    _checked()
    shared = Finding.objects.select_related("check_of").filter(rule="PL-03")[0]
    assert deciders_of(shared, cast.olga()) is None


def test_too_many_cards_or_entries_are_not_passed_over_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    b.accept_all(
        *site.facts(),
        b.stated("node.registered", id="n-3", node="sg-2", region="sg-1"),
        b.touch("abroad", ["sg-1/0", "sg-2/0"]),
    )
    found = _finding_of(_checked())
    olga = cast.olga()
    monkeypatch.setattr(deciders, "SHOWN", 1)
    few = deciders_of(found, olga)
    assert few is not None
    assert (len(few.listed), few.total) == (1, 3)
    monkeypatch.setattr(deciders, "MOST_CARDS", 1)
    page = text(cast.signed_in(olga).get(f"/findings/{found.pk}/"))
    assert "The finding is about more cards than this page looks up." in page
