"""Attachments: texts too long for an entry, stored under their SHA-256, which the entry names."""

import hashlib

from audit.models import Attachment as StoredAttachment
from audit.tlog.entry import Attachment

INLINE_BYTES = 32_768  # a longer text is an attachment (FORMATS, section 2.1)


def attach(content: bytes, media_type: str) -> Attachment:
    """Store `content` in the open transaction, once however often it is attached; return what the
    entry says of it."""
    sha256 = hashlib.sha256(content).digest()
    if not StoredAttachment.objects.filter(pk=sha256).exists():
        StoredAttachment.objects.bulk_create(
            [StoredAttachment(sha256=sha256, content=content)], ignore_conflicts=True
        )
    return Attachment(sha256, len(content), media_type)
