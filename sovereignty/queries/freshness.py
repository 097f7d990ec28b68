"""How a check stands to the present: whether it is too old, and whether it judged all that is
recorded."""

from dataclasses import dataclass

from django.conf import settings

from audit import clock
from sovereignty.models import Batch, Check

MISSED_CHECKS = 2  # so many intervals without a check, and the newest one is stale


@dataclass(frozen=True, slots=True)
class CheckFreshness:
    """A check and how it stands to the present. `newer_facts`: something was recorded that it did
    not judge."""

    check: Check
    stale: bool
    newer_facts: bool

    @classmethod
    def of(cls, check: Check) -> "CheckFreshness":
        oldest = clock.now_ms() - MISSED_CHECKS * settings.CHECK_EVERY_S * 1000
        return cls(
            check,
            check.made_at < oldest,
            Batch.objects.filter(position__gt=check.position).exists(),
        )
