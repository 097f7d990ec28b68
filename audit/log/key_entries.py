"""Tell the operator's trail of the log's keys: which public keys sign for this ledger, and since
when.

    {"actor": "user:enzo", "key_id": "8f3c21d0", "signs": "checkpoints", "verifier_key": "ledger.example/a+8f3c21d0+AbH1…"}

Whoever holds the trail can so compare the trust file that it was given with what the operator has
written down for ever.
"""

import json
from collections.abc import Mapping

from django.db import transaction

from audit import operator_trail
from audit.entry_kinds import KEY_OPENED
from audit.log.keys import log_signer, receipts_signer
from audit.models import OPERATOR_NUMBER, Entry
from audit.tlog.note import VerifierKey


def tell_keys(*, actor: str) -> None:
    """Write an entry for each of the two keys that the operator's trail does not name yet. Needs no
    open transaction.

    Raises KeyFileError; LedgerMissing, StoreMismatch, StoreNotAdopted, StoreError where there is
    something to write."""
    keys = {"checkpoints": log_signer().verifier_key, "receipts": receipts_signer().verifier_key}
    if _untold(keys):
        with transaction.atomic():
            trail = operator_trail.lock()
            # again, under the lock: another process may have told meanwhile
            for signs, key in _untold(keys).items():
                said = {"key_id": key.key_id.hex(), "signs": signs, "verifier_key": key.text()}
                operator_trail.tell(trail, KEY_OPENED, f"key/{key.key_id.hex()}", said, actor=actor)


def _untold(keys: Mapping[str, VerifierKey]) -> dict[str, VerifierKey]:
    entries = Entry.objects.filter(trail_number=OPERATOR_NUMBER, kind=KEY_OPENED).values_list(
        "content", flat=True
    )
    told = {json.loads(bytes(content))["body"]["verifier_key"] for content in entries}
    return {signs: key for signs, key in keys.items() if key.text() not in told}
