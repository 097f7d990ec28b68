"""What a published policy says, for whoever shows it."""

from sovereignty.models import Policy
from sovereignty.policy.document import Outline, outline


def outline_of(policy: Policy) -> Outline:
    """The policy's title, least grade and rules, also where it has rules that this version does not
    know, as the policy of an older check may."""
    return outline(bytes(policy.document))
