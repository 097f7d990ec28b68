import hashlib
import json
from typing import Any

import pytest
from django.db import transaction

from audit.append import lock_trails
from audit.models import Attachment, Entry
from audit.own_entries import OWN_SOURCE, append_own, place_in_body
from audit.storage.attachments import INLINE_BYTES
from audit.tlog import canonical
from audit.tlog.errors import CanonicalError
from tests.audit.ledger import tenant_trail


@pytest.mark.django_db
def test_an_own_entry_has_our_source_and_no_sequence(ledger: None) -> None:
    number = tenant_trail().number
    with transaction.atomic():
        trail = lock_trails([number])[number]
        added = append_own(trail, "note.made/v1", "note/1", {"text": "a"}, occurred_at=5)
    content = json.loads(bytes(Entry.objects.get(trail_number=number, index=added.first).content))
    assert (content["source"], content["subject"], content["body"]) == (
        OWN_SOURCE,
        "note/1",
        {"text": "a"},
    )
    assert content["sequence"] is None
    assert content["occurred_at"] == 5


@pytest.mark.django_db
def test_it_may_be_received_after_it_occurred(ledger: None) -> None:
    trail = tenant_trail()
    later = trail.received_at + 1_000
    with transaction.atomic():
        locked = lock_trails([trail.number])[trail.number]
        append_own(locked, "note.made/v1", "note/1", {}, occurred_at=5, received_at=later)
    assert Entry.objects.get(trail_number=trail.number, index=1).received_at == later


@pytest.mark.django_db
def test_refuses_a_body_that_json_cannot_hold(ledger: None) -> None:
    number = tenant_trail().number
    with pytest.raises(CanonicalError), transaction.atomic():
        trail = lock_trails([number])[number]
        append_own(trail, "note.made/v1", "note/1", {"text": "\ud800"}, occurred_at=5)
    assert not Entry.objects.filter(trail_number=number, index=1).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("length", "is_inline"), [(INLINE_BYTES, True), (INLINE_BYTES + 1, False)])
def test_a_value_stands_in_the_body_up_to_the_bound(length: int, is_inline: bool) -> None:
    value = "x" * (length - len('""'))
    content = canonical.encode(value)
    sha256 = hashlib.sha256(content).digest()
    body: dict[str, Any] = {}
    attachments = place_in_body(body, "text", value, sha256_name="text_sha256")
    if is_inline:
        assert (body, attachments) == ({"text": value}, ())
        return
    (attachment,) = attachments
    assert body == {"text_sha256": sha256.hex()}
    assert (attachment.sha256, attachment.size) == (sha256, length)
    assert bytes(Attachment.objects.get(pk=sha256).content) == content
