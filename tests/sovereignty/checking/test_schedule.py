"""The schedule: each policy's newest version is asked once of each position."""

import pytest

from audit.models import Job
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.checking.schedule import queue_due_checks
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def test_the_schedule_asks_once_a_position() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    policy = site.home_policy()
    assert [job.params["policy"] for job in queue_due_checks()] == [policy.pk]
    assert queue_due_checks() == []


def test_nothing_is_due_before_anything_is_recorded() -> None:
    site.home_policy()
    assert queue_due_checks() == []


def test_only_the_newest_version_of_a_policy_is_due() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    site.home_policy()
    newest = site.home_policy(version="2.0.0")
    assert [job.params["policy"] for job in queue_due_checks()] == [newest.pk]


def test_an_answered_question_is_due_again_at_the_next_position() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    policy = site.home_policy()
    check(ask(policy), actor="olga")
    assert queue_due_checks() == []
    b.accept_all(b.touch("2", ["hz-1/4"]))
    (job,) = queue_due_checks()
    assert (job.params["policy"], job.params["position"]) == (policy.pk, 2)
    assert Job.objects.get().state == Job.QUEUED
