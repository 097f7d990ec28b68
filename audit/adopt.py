"""Adopt a lost second store: fill it from a database that a person knows to be the newest, and
record it in the ledger.

An empty store refuses every append and seal, because a database restored from a backup looks the
same to it as the newest one. Whoever adopts states the size of the largest checkpoint that anybody
outside holds: a witness, a customer's last bundle, the monitoring. A database that is behind it is
refused.
"""

from django.conf import settings
from django.db import transaction

from audit import operator_trail
from audit.entry_kinds import SECOND_STORE_ADOPTED
from audit.errors import LedgerMissing, StoreMismatch
from audit.log.heads import read_trail_states
from audit.models import Seal
from audit.seal import checkpoint_text
from audit.storage.second_store import SecondStore
from audit.tlog.heads import decode_log_genesis


def adopt(*, at_least: int, actor: str) -> int:
    """Fill the empty second store and return how many trails it now knows. `at_least` is the size
    of the largest checkpoint that is known outside. Needs no open transaction.

    Raises LedgerMissing; StoreMismatch where the store is not empty or the database is behind;
    StoreError."""
    genesis = Seal.objects.filter(epoch=0).first()
    if genesis is None:
        raise LedgerMissing("there is no global log, want one to adopt")
    published = Seal.objects.filter(checkpoint__isnull=False).order_by("-epoch").first()
    size = 0 if published is None else published.epoch + 1
    if size < at_least:
        raise StoreMismatch(
            f"the database's newest checkpoint has size {size}, "
            f"want at least the {at_least} that is known outside"
        )
    heads = [(state.head.number, state.head.size, state.head.root) for state in read_trail_states()]
    text = None if published is None else checkpoint_text(published.epoch, published.root)
    fleet = decode_log_genesis(bytes(genesis.record)).fleet
    SecondStore.at(settings.SECOND_STORE_DIR).adopt(fleet, heads, text)
    _record(size, len(heads), actor)
    return len(heads)


def _record(size: int, trails: int, actor: str) -> None:
    body = {"checkpoint": size, "trails": trails}
    with transaction.atomic():
        trail = operator_trail.lock()
        operator_trail.append_act(trail, SECOND_STORE_ADOPTED, "second-store", body, actor=actor)
