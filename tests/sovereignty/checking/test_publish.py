"""Publishing: a version of a policy is written once, and whole into each trail that it judges."""

import pytest
from django.db import DatabaseError, transaction

from audit.append import lock_trails
from audit.models import OPERATOR_NUMBER, Entry
from audit.tlog.entry import decode
from sovereignty.checking.publish import PublishError, publish, write_policy
from sovereignty.models import Policy, PolicyInTrail, Tenant
from sovereignty.policy.document import parse
from sovereignty.policy.entry_kinds import POLICY_PUBLISHED
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")
ACTOR = "olga"


def published() -> list[Entry]:
    return list(Entry.objects.filter(kind=POLICY_PUBLISHED).order_by("trail_number", "index"))


def test_a_version_is_an_entry_of_the_operators_trail() -> None:
    policy = site.home_policy()
    (entry,) = published()
    assert entry.trail_number == OPERATOR_NUMBER
    body = decode(bytes(entry.content)).body
    assert (body["name"], body["version"], body["document"]) == ("home", "1.0.0", site.POLICY)
    assert body["digest"] == bytes(policy.digest).hex()


def test_the_same_version_again_writes_nothing() -> None:
    policy = site.home_policy()
    assert publish(parse(site.POLICY), actor=ACTOR) == policy
    assert len(published()) == 1


def test_a_published_version_cannot_change() -> None:
    policy = site.home_policy()
    with pytest.raises(PublishError, match=r"home 1\.0\.0 is published: want its digest"):
        publish(parse(site.POLICY | {"least_grade": "observed"}), actor=ACTOR)
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Policy.objects.filter(pk=policy.pk).update(version="2.0.0")


def test_a_trail_that_holds_the_policy_gets_it_once() -> None:
    b.accept_all(b.tenant())
    policy, number = site.home_policy(), Tenant.objects.get().trail_id
    for _ in range(2):
        with transaction.atomic():
            trails = lock_trails([OPERATOR_NUMBER, number])
            write_policy(policy, trails.values(), actor=ACTOR)
    assert [entry.trail_number for entry in published()] == sorted([OPERATOR_NUMBER, number])
    held = PolicyInTrail.objects.get(policy=policy, trail_number=number)
    assert held.index == Entry.objects.get(trail_number=number, kind=POLICY_PUBLISHED).index
