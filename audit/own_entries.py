"""Entries that the deployment itself writes: an administrator's act, an export, a policy, a check.

    now = clock.now_ms()
    append_own(trail, TOKEN_REVOKED, "token/7", {"label": "slurm", "token": 7}, occurred_at=now)

Their source is `domicile`, and they have no sequence number.
"""

from collections.abc import Sequence
from typing import Any

from audit.append import Appended, NewEntry, append
from audit.models import Trail
from audit.storage.attachments import INLINE_BYTES, attach
from audit.tlog import canonical
from audit.tlog.entry import Attachment

OWN_SOURCE = "domicile"


def append_own(
    trail: Trail,
    kind: str,
    subject: str,
    body: dict[str, Any],
    *,
    occurred_at: int,
    received_at: int | None = None,
    attachments: Sequence[Attachment] = (),
) -> Appended:
    """Append one entry of our own to the (locked) trail. Times are milliseconds UTC; it is received
    when it occurs, unless `received_at` says otherwise.

    Raises CanonicalError for a body that JSON cannot hold; else as `audit.append.append`."""
    entry = NewEntry(
        kind, subject, OWN_SOURCE, None, occurred_at, canonical.encode(body), tuple(attachments)
    )
    return append(trail, [entry], occurred_at if received_at is None else received_at)


def place_in_body(
    body: dict[str, Any], name: str, value: object, *, sha256_name: str
) -> tuple[Attachment, ...]:
    """Put `value` into `body` as its member `name`. One whose JSON is longer than INLINE_BYTES
    becomes an attachment instead, which the member `sha256_name` names. Returns the attachments."""
    content = canonical.encode(value)
    if len(content) <= INLINE_BYTES:
        body[name] = value
        return ()
    attachment = attach(content, "application/json")
    body[sha256_name] = attachment.sha256.hex()
    return (attachment,)
