"""Open trails: the fleet's (0), the operator's (1), and one for each tenant, each with its genesis
as entry 0.

Opening takes the sealing lock before any trail lock (a trail opened during a seal would otherwise
be missing from that epoch), and gives the count of trails as the number, so that no gap can be
filled later.
"""

import os

from django.conf import settings
from django.db import transaction

from audit.append import ENTRY_COLUMNS
from audit.clock import now_ms
from audit.errors import LedgerMissing, StoreMismatch
from audit.log.key_entries import record_keys
from audit.log.keys import log_signer, receipts_signer
from audit.models import FLEET_NUMBER, OPERATOR_NUMBER, Entry, Seal, Trail
from audit.storage import locks, rows
from audit.storage.second_store import SecondStore
from audit.tlog import heads
from audit.tlog.compact import CompactRange
from audit.tlog.entry import NONCE_SIZE, entry_leaf
from audit.tlog.genesis import GENESIS_KIND, genesis
from audit.tlog.merkle import Hash

FLEET, OPERATOR = "fleet", "operator"
# Nobody else's trail may ever have these numbers.
OWN_NUMBERS = {FLEET: FLEET_NUMBER, OPERATOR: OPERATOR_NUMBER}


def open_ledger(*, actor: str) -> None:
    """Open the fleet and operator trails, write the global log's genesis, and record the log's
    keys in the operator's trail, all unless it is done already: where a process died in between,
    opening again does the rest. Needs no open transaction.

    Raises StoreMismatch where the second store belongs to another ledger, whose database this one
    would replace; KeyFileError; StoreNotAdopted, StoreError.
    """
    with transaction.atomic():
        _open_own_trails()
    # A transaction of its own: the second store must know the trails before they are compared.
    record_keys(actor=actor)


def _open_own_trails() -> None:
    locks.hold(locks.SEALING)
    store = SecondStore.at(settings.SECOND_STORE_DIR)
    if Trail.objects.filter(number=FLEET_NUMBER).exists():
        _remember_again(store)
        return
    if store.fleet() is not None:
        raise StoreMismatch(
            "the second store remembers a ledger, the database holds none: "
            "want that ledger's database"
        )
    # Read the keys before anything is written: a key of another log, or one that others can read,
    # opens no ledger.
    log_signer(), receipts_signer()
    fleet = open_trail(owner=FLEET, name="fleet")
    open_trail(owner=OPERATOR, name="operator")
    record = heads.encode_log_genesis(
        heads.LogGenesis(settings.LOG_ORIGIN, settings.LOG_MAXIMUM_MS, Hash(bytes(fleet.trail_id)))
    )
    Seal.objects.create(
        epoch=0, record=record, closed_at=now_ms(), trails=0, root=heads.record_leaf(record)
    )


def open_trail(*, owner: str, name: str, tenant_nonce: bytes | None = None) -> Trail:
    """Open the next trail for `owner`, or return the one that it has. Needs an open transaction in
    which no trail is locked yet."""
    locks.hold(locks.SEALING)
    if existing := Trail.objects.filter(owner=owner).first():
        return existing
    number = Trail.objects.count()
    if number != OWN_NUMBERS.get(owner, max(number, OPERATOR_NUMBER + 1)):
        raise LedgerMissing("the ledger is not open: run `manage.py open_ledger` first")
    if number > OPERATOR_NUMBER:
        # A restored database would give out a number that stands for another trail already.
        SecondStore.at(settings.SECOND_STORE_DIR).check(number, 0, b"")
    received_at = now_ms()
    content = genesis(
        origin=settings.LOG_ORIGIN,
        number=number,
        name=name,
        tenant_nonce=tenant_nonce,
        nonce=os.urandom(NONCE_SIZE),
        received_at=received_at,
    )
    leaf = entry_leaf(content)
    compact = CompactRange.empty()
    compact.append(leaf)
    trail = Trail.objects.create(
        number=number,
        trail_id=leaf,
        owner=owner,
        name=name,
        secret=os.urandom(32),
        size=1,
        root=compact.root(),
        compact=compact.encode(),
        received_at=received_at,
    )
    rows.insert(Entry, ENTRY_COLUMNS, [(number, 0, GENESIS_KIND, received_at, leaf, content)])
    head = (number, 1, compact.root())
    transaction.on_commit(lambda: SecondStore.at(settings.SECOND_STORE_DIR).advance([head]))
    return trail


def _remember_again(store: SecondStore) -> None:
    """Write into an empty store a ledger that holds nothing but its geneses: a process died between
    commit and store when it opened the ledger."""
    opened = list(Trail.objects.order_by("number")[:3])
    if store.fleet() is None and len(opened) == 2 and all(trail.size == 1 for trail in opened):
        store.advance([(trail.number, trail.size, bytes(trail.root)) for trail in opened])
