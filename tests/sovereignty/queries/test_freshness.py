"""Whether a check is too old, and whether it judged all that is recorded."""

from typing import Any

import pytest

from audit import clock
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Check
from sovereignty.queries.freshness import MISSED_CHECKS, CheckFreshness
from tests import builders as b
from tests.sovereignty import small_site as site


@pytest.fixture
def checked(ledger: None) -> Check:
    b.accept_all(*site.facts(), b.touch("1"))
    return check(ask(site.home_policy(), period=site.PERIOD), actor="olga")


def test_a_check_of_all_that_is_recorded_is_fresh(checked: Check) -> None:
    assert CheckFreshness.of(checked) == CheckFreshness(checked, stale=False, newer_facts=False)


def test_what_is_recorded_later_is_newer(checked: Check) -> None:
    b.accept_all(b.touch("2", start=b.hour(3), end=b.hour(4)))
    assert CheckFreshness.of(checked).newer_facts


@pytest.mark.parametrize(("late_ms", "stale"), [(0, False), (1, True)])
def test_a_check_is_stale_after_so_many_missed_ones(
    checked: Check, settings: Any, monkeypatch: pytest.MonkeyPatch, late_ms: int, stale: bool
) -> None:
    now_ms = checked.made_at + MISSED_CHECKS * settings.CHECK_EVERY_S * 1000 + late_ms
    monkeypatch.setattr(clock, "read_ns", lambda: now_ms * 1_000_000)
    assert CheckFreshness.of(checked).stale is stale
