"""Which policy and which check a URL asks for."""

from django.http import Http404, HttpRequest

from audit.web.keyset import number_in
from sovereignty.checking.policies import policies_in_force
from sovereignty.models import WHOLE_FLEET, Check, Policy
from sovereignty.queries.checks import checks_seen


def chosen_policy(request: HttpRequest) -> tuple[list[Policy], Policy | None]:
    """The policies in force, and the one that the URL's `policy` names (the first without it).
    Raises Http404."""
    policies = policies_in_force()
    name = request.GET.get("policy")
    if not name:
        return policies, policies[0] if policies else None
    for policy in policies:
        if policy.name == name:
            return policies, policy
    raise Http404


def chosen_check(request: HttpRequest) -> tuple[list[Check], Check | None]:
    """The checks that the reader may look at, and the one that the URL's `check` names (the first
    without it). Raises Http404."""
    seen = checks_seen(request.user)
    number = number_in(request, "check")
    if number is None:
        current = [check for check in seen if check.scope == WHOLE_FLEET]
        return seen, next(iter(current or seen), None)
    for check in seen:
        if check.pk == number:
            return seen, check
    raise Http404
