"""Record the log's keys in the operator's trail: which public keys sign for this ledger, and since
when.

    {"actor": "user:enzo", "key_id": "8f3c21d0", "signs": "checkpoints",
     "verifier_key": "ledger.example/a+8f3c21d0+AbH1…"}

Whoever holds the trail can compare the trust file that it was given with what the operator has
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


def record_keys(*, actor: str) -> None:
    """Write an entry for each of the two keys that the operator's trail does not name yet. Needs no
    open transaction.

    Raises KeyFileError; LedgerMissing, StoreMismatch, StoreNotAdopted, StoreError where there is
    something to write."""
    keys = {"checkpoints": log_signer().verifier_key, "receipts": receipts_signer().verifier_key}
    if _unrecorded(keys):
        with transaction.atomic():
            trail = operator_trail.lock()
            # Look again under the lock: another process may have recorded them meanwhile.
            for signs, key in _unrecorded(keys).items():
                key_id = key.key_id.hex()
                body = {"key_id": key_id, "signs": signs, "verifier_key": key.text()}
                operator_trail.append_act(trail, KEY_OPENED, f"key/{key_id}", body, actor=actor)


def _unrecorded(keys: Mapping[str, VerifierKey]) -> dict[str, VerifierKey]:
    """Return those of the keys that no entry names, by what they sign."""
    entries = Entry.objects.filter(trail_number=OPERATOR_NUMBER, kind=KEY_OPENED)
    contents = entries.values_list("content", flat=True)
    recorded = {json.loads(bytes(content))["body"]["verifier_key"] for content in contents}
    return {signs: key for signs, key in keys.items() if key.text() not in recorded}
