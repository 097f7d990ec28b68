"""Publish policies: a version is written once, into the operator's trail, and whole into the trail
of each tenant that it judges."""

from collections.abc import Iterable

from django.db import transaction

from audit.append import Appended, lock_trails
from audit.clock import now_ms
from audit.models import OPERATOR_NUMBER, Trail
from audit.own_entries import append_own, place_in_body
from audit.tlog import canonical
from sovereignty.models import Policy, PolicyInTrail
from sovereignty.policy.document import Policy as Document
from sovereignty.policy.entry_kinds import POLICY_PUBLISHED


class PublishError(ValueError):
    """Raised when a version of a policy is published a second time with another content."""


def publish(document: Document, *, actor: str) -> Policy:
    """Store the policy and write it into the operator's trail; the same version again returns what
    is there. Raises PublishError."""
    with transaction.atomic():
        trails = lock_trails([OPERATOR_NUMBER])
        published = Policy.objects.filter(name=document.name, version=document.version).first()
        if published is not None:
            digest = bytes(published.digest).hex()
            if digest != document.digest:
                raise PublishError(
                    f"{document.name} {document.version} is published: "
                    f"want its digest {digest[:12]}…, "
                    f"got {document.digest[:12]}… (give it a new version)"
                )
            return published
        policy = Policy.objects.create(
            name=document.name,
            version=document.version,
            document=document.canonical,
            digest=bytes.fromhex(document.digest),
            published_at=now_ms(),
        )
        write_policy(policy, [trails[OPERATOR_NUMBER]], actor=actor)
    return policy


def write_policy(policy: Policy, trails: Iterable[Trail], *, actor: str) -> None:
    """Write the whole document into those of the (locked) trails that do not hold it yet."""
    wanted = {trail.number: trail for trail in trails}
    holding = PolicyInTrail.objects.filter(policy=policy, trail_number__in=list(wanted))
    for number in holding.values_list("trail_number", flat=True):
        del wanted[number]
    for trail in wanted.values():
        added = _append(trail, policy, actor)
        PolicyInTrail.objects.create(policy=policy, trail_number=trail.number, index=added.first)


def _append(trail: Trail, policy: Policy, actor: str) -> Appended:
    digest = bytes(policy.digest).hex()
    body: dict[str, object] = {
        "actor": actor,
        "digest": digest,
        "name": policy.name,
        "version": policy.version,
    }
    document = canonical.decode(bytes(policy.document))
    # The digest is the SHA-256 of the document's canonical JSON, and so names the attachment too.
    attachments = place_in_body(body, "document", document, sha256_name="digest")
    subject = f"policy/{policy.name}/{policy.version}"
    return append_own(
        trail, POLICY_PUBLISHED, subject, body, occurred_at=now_ms(), attachments=attachments
    )
