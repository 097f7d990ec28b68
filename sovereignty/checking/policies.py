"""The policies that are published: which are in force, and what each says."""

from sovereignty.models import Policy
from sovereignty.policy.document import Policy as Document
from sovereignty.policy.document import decode


def document_of(policy: Policy) -> Document:
    """Return the parsed document of a published policy."""
    return decode(bytes(policy.document))


def policies_in_force() -> list[Policy]:
    """The newest version of each policy, by name."""
    newest: dict[str, Policy] = {}
    for policy in Policy.objects.order_by("published_at", "pk"):
        newest[policy.name] = policy
    return [newest[name] for name in sorted(newest)]
