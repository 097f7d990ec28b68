"""Seal: what it closes, what it refuses to sign, and what a crash leaves behind."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as live
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import Settings

from audit import clock
from audit.append import append, lock_trails
from audit.errors import (
    KeyFileError,
    LedgerError,
    LedgerMissing,
    SealError,
    StoreError,
    StoreMismatch,
    StoreNotAdopted,
)
from audit.log import keys
from audit.models import Seal, TrailHead
from audit.seal import seal
from audit.storage.second_store import FILE_NAME, SecondStore
from audit.tlog import heads
from audit.tlog.checkpoint import Checkpoint, Origin
from audit.tlog.merkle import root_hash
from audit.tlog.note import open_note
from tests.audit.ledger import (
    Backup,
    change_row,
    delete_row,
    dying_disk,
    new_entry,
    stored_heads,
    tenant_trail,
    write,
)

AT_INDEX = 'trail_number = %s AND "index" = %s'


def opened(row: Seal) -> Checkpoint:
    """The row's checkpoint, as whoever trusts the log's key reads it."""
    assert row.checkpoint is not None
    return Checkpoint.decode(
        open_note(bytes(row.checkpoint), [keys.log_signer().verifier_key]).text
    )


def record(row: Seal) -> heads.EpochRecord:
    return heads.decode_epoch_record(bytes(row.record))


def signed() -> list[bytes]:
    return [
        bytes(note)
        for note in Seal.objects.order_by("epoch").values_list("checkpoint", flat=True)
        if note is not None
    ]


def test_closes_an_epoch_over_the_heads_of_all_trails(ledger: None) -> None:
    hospital = tenant_trail()
    write(hospital.number, ["one", "two"])
    row = seal(actor="olga")
    assert (row.epoch, row.trails) == (1, 3)
    assert record(row) == heads.EpochRecord(
        1, row.closed_at, 3, heads.heads_root(1, stored_heads())
    )


def test_signs_the_root_of_all_records(ledger: None) -> None:
    for _ in range(5):
        write(0)
        row = seal(actor="olga")
        records = [bytes(each.record) for each in Seal.objects.order_by("epoch")]
        checkpoint = opened(row)
        assert checkpoint.size == row.epoch + 1 == len(records)
        assert checkpoint.root == root_hash([heads.record_leaf(each) for each in records])


def test_signs_the_genesis_of_the_log_too(ledger: None) -> None:
    seal(actor="olga")
    genesis = Seal.objects.get(epoch=0)
    assert opened(genesis) == Checkpoint(
        Origin(live.LOG_ORIGIN), 1, heads.record_leaf(bytes(genesis.record))
    )


def test_writes_a_head_only_when_it_changed(ledger: None) -> None:
    hospital = tenant_trail()
    seal(actor="olga")
    write(hospital.number, ["one", "two"])
    seal(actor="olga")
    seal(actor="olga")
    found = TrailHead.objects.order_by("epoch", "trail_number").values_list(
        "epoch", "trail_number", "size"
    )
    assert list(found) == [(1, 0, 1), (1, 1, 3), (1, 2, 1), (2, 2, 3)]


def test_a_trail_is_born_in_the_epoch_after_its_opening(ledger: None) -> None:
    assert seal(actor="olga").trails == 2
    tenant_trail()
    assert seal(actor="olga").trails == 3


def test_an_epoch_closes_after_the_one_before_though_the_clock_stands_or_goes_back(
    ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = seal(actor="olga").closed_at
    for now_ms in (first, first - 60_000, 0):
        monkeypatch.setattr(clock, "read_ns", lambda now=now_ms: now * 1_000_000)
        seal(actor="olga")
    assert [row.closed_at for row in Seal.objects.filter(epoch__gte=1).order_by("epoch")] == [
        first,
        first + 1,
        first + 2,
        first + 3,
    ]


def test_the_second_store_remembers_what_was_signed(ledger: None) -> None:
    write(0, ["one", "two"])
    row = seal(actor="olga")
    store = SecondStore.at(live.SECOND_STORE_DIR)
    assert store.checkpoint() == opened(row).encode()
    assert store.heads() == {head.number: (head.size, head.root) for head in stored_heads()}


def test_needs_an_open_ledger(transactional_db: None) -> None:
    with pytest.raises(LedgerMissing, match="the ledger is not open"):
        seal(actor="olga")


def test_the_command_prints_the_checkpoint(
    ledger: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("seal")
    captured = capsys.readouterr()
    assert captured.out.encode() == bytes(Seal.objects.get(epoch=1).checkpoint or b"")
    assert captured.err == "epoch 1 holds the heads of 2 trails\n"


def test_the_command_says_why_it_sealed_nothing(ledger: None, settings: Settings) -> None:
    settings.LOG_ORIGIN = "another.example/ledger"
    with pytest.raises(
        SealError,
        match=r"DOMICILE_ORIGIN is another\.example/ledger, "
        r"and this ledger is domicile\.example/ledger for ever",
    ):
        call_command("seal")


# Crashes: each leaves a ledger that goes on with what it had committed.


def test_a_crash_between_commit_and_second_store_is_made_good_by_the_next_append(
    ledger: None,
) -> None:
    with dying_disk(after=0), pytest.raises(StoreError):
        write(0, ["committed, never acknowledged"])
    assert SecondStore.at(live.SECOND_STORE_DIR).heads()[0][0] == 1
    write(0, ["the next"])
    assert SecondStore.at(live.SECOND_STORE_DIR).heads()[0] == (3, stored_heads()[0].root)
    seal(actor="olga")


def test_a_crash_between_commit_and_second_store_is_made_good_by_the_next_seal(
    ledger: None,
) -> None:
    with dying_disk(after=0), pytest.raises(StoreError):
        write(0, ["committed, never acknowledged"])
    seal(actor="olga")
    assert SecondStore.at(live.SECOND_STORE_DIR).heads()[0] == (2, stored_heads()[0].root)


@pytest.mark.parametrize("fsyncs", range(8))
def test_a_seal_that_dies_at_any_write_is_retried_with_identical_bytes(
    ledger: None, fsyncs: int
) -> None:
    seal(actor="olga")
    write(0)
    died = False
    try:
        with dying_disk(after=fsyncs):
            seal(actor="olga")
    except StoreError:
        died = True
    assert died is (fsyncs < 2)  # one for the heads, one for the checkpoint
    pending = [bytes(row.record) for row in Seal.objects.order_by("epoch")]
    published = signed()
    write(0, ["received while the epoch was pending"])
    newest = seal(actor="olga")
    assert newest.epoch == 3
    assert [bytes(row.record) for row in Seal.objects.order_by("epoch")][:3] == pending
    assert signed()[: len(published)] == published
    assert all(opened(row).size == row.epoch + 1 for row in Seal.objects.all())


def test_a_seal_that_could_not_sign_stays_pending_and_is_signed_later(
    ledger: None, settings: Settings
) -> None:
    seal(actor="olga")
    key = Path(settings.KEYS_DIR) / keys.LOG_FILE
    key.chmod(0o644)
    with pytest.raises(KeyFileError):
        seal(actor="olga")
    pending = Seal.objects.get(epoch=2)
    assert pending.checkpoint is None
    key.chmod(0o600)
    seal(actor="olga")
    now_signed = Seal.objects.get(epoch=2)
    assert bytes(now_signed.record) == bytes(pending.record)
    assert opened(now_signed).root == bytes(pending.root)


def test_a_published_epoch_is_never_signed_again(ledger: None) -> None:
    first = signed_after_seal()
    for _ in range(3):
        assert signed_after_seal()[: len(first)] == first


def signed_after_seal() -> list[bytes]:
    seal(actor="olga")
    return signed()


# Restores: the second store knows more than the database.


def test_a_database_restored_inside_an_epoch_is_refused_by_append_and_seal(ledger: None) -> None:
    seal(actor="olga")
    backup = Backup()
    write(0, ["lost by the restore"])
    backup.restore()
    with pytest.raises(StoreMismatch, match="trail 0: the second store remembers size 2"):
        write(0, ["would take index 1 a second time"])
    with pytest.raises(StoreMismatch, match="trail 0: the second store remembers size 2"):
        seal(actor="olga")
    assert Seal.objects.count() == 2


def test_a_database_restored_to_before_a_seal_is_refused(ledger: None) -> None:
    backup = Backup()
    seal(actor="olga")
    backup.restore()
    with pytest.raises(StoreMismatch, match="remembers the checkpoint"):
        seal(actor="olga")
    assert signed() == []


def test_a_database_restored_to_a_pending_epoch_signs_only_that_epoch(ledger: None) -> None:
    seal(actor="olga")
    with dying_disk(after=0), pytest.raises(StoreError):
        seal(actor="olga")
    backup = Backup()
    first = signed_after_seal()
    backup.restore()
    # Epoch 2 was signed, and epoch 3 after it: the store is at 3, so not even 2 is signed again.
    with pytest.raises(StoreMismatch, match="remembers the checkpoint"):
        seal(actor="olga")
    assert signed() == first[:2]


def test_a_lost_trail_is_refused(ledger: None) -> None:
    backup = Backup()
    tenant_trail()
    backup.restore()
    with pytest.raises(
        StoreMismatch, match=r"remembers the trails \[2\], which the database has not"
    ):
        seal(actor="olga")


def test_another_ledgers_second_store_is_refused(
    ledger: None, settings: Settings, tmp_path: Path
) -> None:
    settings.SECOND_STORE_DIR = tmp_path / "another"
    SecondStore.at(settings.SECOND_STORE_DIR).advance([(0, 1, bytes(32))])
    with pytest.raises(StoreMismatch):
        seal(actor="olga")
    assert Seal.objects.count() == 1


def test_an_emptied_second_store_is_refused_by_append_and_seal(
    ledger: None, settings: Settings
) -> None:
    write(0)
    (Path(settings.SECOND_STORE_DIR) / FILE_NAME).unlink()
    with pytest.raises(StoreNotAdopted):
        write(0)
    with pytest.raises(StoreNotAdopted):
        seal(actor="olga")


# Tampering: nothing is signed that the stored bytes do not lead to.


def tamper_content() -> None:
    change_row("audit_entry", "content = %s", AT_INDEX, b"{}", 0, 2)


def tamper_trail_root() -> None:
    change_row("audit_trail", "root = %s", "number = 0", bytes(32))


def tamper_sealed_range() -> None:
    change_row("audit_sealedhead", "compact = %s", "trail_number = 0", bytes(32))


def remove_last_entry() -> None:
    delete_row("audit_entry", AT_INDEX, 0, 3)


def remove_middle_entry() -> None:
    delete_row("audit_entry", AT_INDEX, 0, 2)


def tamper_global_log() -> None:
    change_row("audit_seal", "root = %s", "epoch = 1", bytes(32))


def tamper_log_origin() -> None:
    other = heads.encode_log_genesis(
        heads.LogGenesis("evil.example", live.LOG_MAXIMUM_MS, stored_heads()[0].trail_id)
    )
    change_row("audit_seal", "record = %s", "epoch = 0", other)


@pytest.mark.parametrize(
    "tamper, message",
    [
        (tamper_content, r"trail 0: the stored bytes lead to .* `manage.py fsck` names the entry"),
        (tamper_trail_root, "trail 0: "),
        (tamper_sealed_range, "trail 0: the stored bytes lead to"),
        (remove_last_entry, "trail 0: entry 3 is missing"),
        (remove_middle_entry, "trail 0: entry 2 is missing"),
        (tamper_global_log, "remembers the checkpoint"),
        (
            tamper_log_origin,
            "DOMICILE_ORIGIN is domicile.example/ledger, and this ledger is evil.example",
        ),
    ],
)
def test_refuses_to_sign_what_the_stored_bytes_do_not_lead_to(
    ledger: None, tamper: Callable[[], None], message: str
) -> None:
    write(0)
    seal(actor="olga")
    write(0, ["two", "three"])
    before = signed()
    tamper()
    with pytest.raises(LedgerError, match=message):
        seal(actor="olga")
    assert signed() == before
    assert Seal.objects.count() == 2


def test_refuses_a_sealed_trail_that_changed_in_place(ledger: None) -> None:
    write(0, received_at=5)
    seal(actor="olga")
    SecondStore.at(live.SECOND_STORE_DIR)
    change_row("audit_trail", "root = %s", "number = 0", bytes(32))
    with pytest.raises(LedgerError, match="trail 0: sealed is size 2"):
        seal(actor="olga")


def test_refuses_a_trail_that_became_shorter_than_its_sealed_head(ledger: None) -> None:
    write(0, ["one", "two"])
    seal(actor="olga")
    change_row("audit_trail", "size = 2", "number = 0")
    with pytest.raises(SealError, match=r"trail 0: sealed is size 3 .* got size 2"):
        seal(actor="olga")


def test_refuses_fewer_trails_than_before(ledger: None) -> None:
    tenant_trail()
    seal(actor="olga")
    delete_row("audit_trail", "number = 2")
    with pytest.raises(SealError, match="there are 2 trails, want at least the 3 of epoch 1"):
        seal(actor="olga")


def test_refuses_a_history_that_does_not_pass_through_what_was_promised(ledger: None) -> None:
    write(0, ["promised"])
    with dying_disk(after=0), pytest.raises(StoreError):
        write(0, ["committed, never acknowledged"])
    backup = SecondStore.at(live.SECOND_STORE_DIR).heads()[0]
    assert backup[0] == 2
    rewritten = Path(live.SECOND_STORE_DIR) / FILE_NAME
    rewritten.unlink()
    store = SecondStore.at(live.SECOND_STORE_DIR)
    store.adopt(
        stored_heads()[0].trail_id, [(0, 2, bytes(32)), (1, 1, stored_heads()[1].root)], None
    )
    with pytest.raises(SealError, match="trail 0: the stored bytes lead to size 2"):
        seal(actor="olga")


def test_refuses_a_pending_record_that_was_changed(ledger: None) -> None:
    seal(actor="olga")
    with dying_disk(after=0), pytest.raises(StoreError):
        seal(actor="olga")
    forged = heads.encode_epoch_record(heads.EpochRecord(2, 1, 2, stored_heads()[0].root))
    change_row("audit_seal", "record = %s", "epoch = 2", forged)
    before = signed()
    with pytest.raises(SealError, match="epoch 2: its record leads to the root"):
        seal(actor="olga")
    assert signed() == before


@pytest.mark.parametrize(
    "name, value", [("LOG_ORIGIN", "another.example/ledger"), ("LOG_MAXIMUM_MS", 5)]
)
def test_refuses_settings_that_are_not_those_of_the_genesis(
    ledger: None, settings: Settings, name: str, value: object
) -> None:
    write(0)
    setattr(settings, name, value)
    with pytest.raises(LedgerError):
        seal(actor="olga")
    assert signed() == []


# Races: only PostgreSQL lets two writers in at once.


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Start `work` with a database connection of its own; what it returns or raises is put into the
    list."""
    received: list[object] = []

    def run() -> None:
        try:
            received.append(work())
        except LedgerError as error:
            received.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, received


@pytest.fixture
def two_writers(ledger: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets in one writer at a time")


def test_sealers_queue_up_and_each_closes_an_epoch_of_its_own(two_writers: None) -> None:
    sealers = [in_thread(lambda: seal(actor="olga").epoch) for _ in range(6)]
    for thread, _ in sealers:
        thread.join()
    assert {received[0] for _, received in sealers} == {1, 2, 3, 4, 5, 6}
    assert all(opened(row).size == row.epoch + 1 for row in Seal.objects.all())


def test_a_seal_waits_for_no_append_and_leaves_out_what_is_not_committed(two_writers: None) -> None:
    appended, sealed = threading.Event(), threading.Event()

    def slow_append() -> None:
        with transaction.atomic():
            (trail,) = lock_trails([0]).values()
            append(trail, [new_entry("not committed yet")], clock.now_ms())
            appended.set()
            assert sealed.wait(30)

    thread, received = in_thread(slow_append)
    assert appended.wait(30)
    row = seal(actor="olga")
    sealed.set()
    thread.join()
    assert received == [None]
    assert list(
        TrailHead.objects.filter(epoch=row.epoch, trail_number=0).values_list("size", flat=True)
    ) == [1]
    seal(actor="olga")
    assert list(
        TrailHead.objects.filter(epoch=row.epoch + 1).values_list("trail_number", "size")
    ) == [(0, 2)]


def test_appends_go_on_while_epochs_are_sealed(two_writers: None) -> None:
    def appends() -> None:
        for number in range(30):
            write(0, [f"entry {number}"])

    writers = [in_thread(appends) for _ in range(2)]
    while any(thread.is_alive() for thread, _ in writers):
        seal(actor="olga")
    assert [received for _, received in writers] == [[None], [None]]
    seal(actor="olga")
    assert (
        TrailHead.objects.filter(trail_number=0)
        .order_by("-epoch")
        .values_list("size", flat=True)[0]
        == 61
    )
