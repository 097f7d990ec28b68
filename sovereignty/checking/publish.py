"""Publish policies: a version is written once, into the operator's trail, and whole into the trail
of each tenant that it judges."""

from collections.abc import Iterable

from django.db import transaction

from audit.append import NewEntry, append, lock_trails
from audit.clock import now_ms
from audit.models import OPERATOR_NUMBER, Trail
from audit.storage.attachments import INLINE_BYTES, attach
from audit.tlog import canonical
from audit.tlog.entry import Attachment
from sovereignty.models import Policy, PolicyInTrail
from sovereignty.policy.document import Policy as Document

OWN_SOURCE = "domicile"
PUBLISHED_KIND = "policy.published/v1"


class PublishError(ValueError):
    """Raised when a version of a policy is published a second time with another content."""


def publish(document: Document, *, actor: str) -> Policy:
    """Store the policy and write it into the operator's trail; the same version again returns what
    is there. Raises PublishError."""
    with transaction.atomic():
        trails = lock_trails([OPERATOR_NUMBER])
        found = Policy.objects.filter(name=document.name, version=document.version).first()
        if found is not None:
            if bytes(found.digest).hex() != document.digest:
                raise PublishError(
                    f"{document.name} {document.version} is published: want its digest {bytes(found.digest).hex()[:12]}…, "
                    f"got {document.digest[:12]}… (give it a new version)"
                )
            return found
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
        entry = _entry(policy, actor)
        added = append(trail, [entry], entry.occurred_at)
        PolicyInTrail.objects.create(policy=policy, trail_number=trail.number, index=added.first)


def _entry(policy: Policy, actor: str) -> NewEntry:
    said: dict[str, object] = {
        "actor": actor,
        "digest": bytes(policy.digest).hex(),
        "name": policy.name,
        "version": policy.version,
    }
    document = bytes(policy.document)
    attachments: tuple[Attachment, ...] = ()
    if len(document) > INLINE_BYTES:
        attachments = (attach(document, "application/json"),)
    else:
        said["document"] = canonical.decode(document)
    subject = f"policy/{policy.name}/{policy.version}"
    return NewEntry(
        PUBLISHED_KIND, subject, OWN_SOURCE, None, now_ms(), canonical.encode(said), attachments
    )
