"""As of when a page speaks: the check that it shows, and whether that is too old to be trusted as the present."""

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest

from audit import clock
from audit.web.keyset import number_in
from sovereignty import queries
from sovereignty.models import WHOLE_FLEET, Batch, Check, Policy

MISSED_CHECKS = 2  # so many intervals without a check, and the newest one is stale


@dataclass(frozen=True, slots=True)
class Standing:
    """A check and how it stands to the present. `newer_facts`: something was recorded that it did not judge."""

    check: Check
    stale: bool
    newer_facts: bool

    @classmethod
    def of(cls, check: Check) -> "Standing":
        oldest = clock.now_ms() - MISSED_CHECKS * settings.CHECK_EVERY_S * 1000
        return cls(check, check.made_at < oldest, Batch.objects.filter(position__gt=check.position).exists())


def chosen_policy(request: HttpRequest) -> tuple[list[Policy], Policy | None]:
    """The policies in force, and the one that the URL's `policy` names (the first without it). Raises Http404."""
    policies = queries.policies()
    name = request.GET.get("policy")
    if not name:
        return policies, policies[0] if policies else None
    for policy in policies:
        if policy.name == name:
            return policies, policy
    raise Http404


def chosen_check(request: HttpRequest) -> tuple[list[Check], Check | None]:
    """The checks that the reader may look at, and the one that the URL's `check` names (the first without it). Raises Http404."""
    seen = queries.checks_seen(request.user)
    number = number_in(request, "check")
    if number is None:
        current = [check for check in seen if check.scope == WHOLE_FLEET]
        return seen, next(iter(current or seen), None)
    for check in seen:
        if check.pk == number:
            return seen, check
    raise Http404
