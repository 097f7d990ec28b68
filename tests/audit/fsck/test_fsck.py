"""Fsck: silent on an honest ledger, and each kind of damage named with its place."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings as live
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import Settings

from audit.errors import LedgerMissing, StoreError
from audit.fsck.fsck import fsck
from audit.log import keys
from audit.models import Attachment, Entry, Receipt, Seal, Trail, TrailHead
from audit.receipts import receipts_of
from audit.seal import seal
from audit.storage.second_store import FILE_NAME, SecondStore
from tests import guards
from tests.audit.ledger import (
    LEDGER_TABLES,
    change_row,
    delete_row,
    dying_disk,
    stored_heads,
    tenant_trail,
    write,
)

AT_INDEX = 'trail_number = %s AND "index" = %s'


@pytest.fixture
def kept(ledger: None) -> None:
    """A ledger of three trails and three epochs, with signed receipts, and entries that are not
    sealed yet."""
    tenant_trail()
    write(2, ["one", "two"])
    seal(actor="olga")
    write(0, ["three"])
    write(2, ["four", "five", "six"])
    seal(actor="olga")
    seal(actor="olga")
    write(2, ["seven"])
    receipts_of(2, [1, 4])
    Attachment.objects.create(sha256=sha256(b"a long text").digest(), content=b"a long text")


def defects() -> list[str]:
    return [str(defect) for defect in fsck()]


def swap(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new)


def content_of(trail: int, index: int) -> bytes:
    return bytes(Entry.objects.get(trail_number=trail, index=index).content)


def test_an_honest_ledger_has_no_defect(kept: None) -> None:
    assert defects() == []


def test_a_new_ledger_has_no_defect(ledger: None) -> None:
    assert defects() == []


def test_makes_no_key_and_no_store_where_there_is_none(
    ledger: None, settings: Settings, tmp_path: Path
) -> None:
    settings.KEYS_DIR = tmp_path / "none"
    assert defects() == []
    assert not Path(settings.KEYS_DIR).exists()


def test_a_ledger_between_commit_and_second_store_has_no_defect(kept: None) -> None:
    with dying_disk(after=0), pytest.raises(StoreError):
        write(2, ["committed, never acknowledged"])
    assert defects() == []


@pytest.mark.parametrize("fsyncs", [0, 1])
def test_a_pending_epoch_is_no_defect(kept: None, fsyncs: int) -> None:
    with dying_disk(after=fsyncs), pytest.raises(StoreError):
        seal(actor="olga")
    assert Seal.objects.get(epoch=4).checkpoint is None
    assert defects() == []


def test_names_the_entry_that_was_altered(kept: None) -> None:
    forged = swap(content_of(2, 3), b'"four"', b'"f0ur"')
    change_row("audit_entry", "content = %s", AT_INDEX, forged, 2, 3)
    found = defects()
    assert found[0].startswith("trail 2, entry 3: its content hashes to")
    assert any("trail 2: its head in epoch 2 has root" in defect for defect in found)
    assert any("trail 2: the receipt of size 6: it has batch root" in defect for defect in found)
    assert any("trail 2: the second store has root" in defect for defect in found)


def _alter_content_and_hash() -> None:
    forged = swap(content_of(2, 3), b'"four"', b'"f0ur"')
    leaf = sha256(b"\x00domicile/entry/v1\n" + forged).digest()
    change_row("audit_entry", "content = %s, leaf_hash = %s", AT_INDEX, forged, leaf, 2, 3)


def _spell_otherwise() -> None:
    change_row(
        "audit_entry",
        "content = %s",
        AT_INDEX,
        swap(content_of(2, 3), b'{"text":', b'{"text": '),
        2,
        3,
    )


def _say_another_kind() -> None:
    change_row("audit_entry", "kind = 'other/v1'", AT_INDEX, 2, 3)


def _swap_trail() -> None:
    other = stored_heads()[0].trail_id.hex().encode()
    mine = stored_heads()[2].trail_id.hex().encode()
    change_row("audit_entry", "content = %s", AT_INDEX, swap(content_of(2, 3), mine, other), 2, 3)


def _back_date() -> None:
    change_row("audit_entry", "received_at = 5", AT_INDEX, 2, 3)


def _alter_genesis() -> None:
    change_row(
        "audit_entry",
        "content = %s",
        AT_INDEX,
        swap(content_of(2, 0), b'"hospital"', b'"clinic"'),
        2,
        0,
    )


def _add_entry() -> None:
    Entry.objects.create(
        trail_number=2, index=9, kind="x/v1", received_at=1, leaf_hash=bytes(32), content=b"{}"
    )


def _add_orphan() -> None:
    Entry.objects.create(
        trail_number=7, index=0, kind="x/v1", received_at=1, leaf_hash=bytes(32), content=b"{}"
    )


def _add_head() -> None:
    TrailHead.objects.create(epoch=3, trail_number=2, size=6, root=stored_heads()[2].root)


def _move_key() -> None:
    (Path(live.KEYS_DIR) / keys.LOG_FILE).chmod(0o644)


def _lose_receipts_key() -> None:
    (Path(live.KEYS_DIR) / keys.RECEIPTS_FILE).unlink()


def _empty_store() -> None:
    (Path(live.SECOND_STORE_DIR) / FILE_NAME).unlink()


def _other_checkpoint() -> None:
    store = SecondStore.at(live.SECOND_STORE_DIR)
    store.set_checkpoint(store.checkpoint(), b"another\n")


def _store_ahead() -> None:
    SecondStore.at(live.SECOND_STORE_DIR).advance([(0, 99, bytes(32))])


def _store_knows_more_trails() -> None:
    SecondStore.at(live.SECOND_STORE_DIR).advance([(5, 1, bytes(32))])


def _resign_checkpoint() -> None:
    note = bytes(Seal.objects.get(epoch=1).checkpoint or b"")
    change_row("audit_seal", "checkpoint = %s", "epoch = 2", note)


def _break_signature() -> None:
    note = bytearray(Seal.objects.get(epoch=2).checkpoint or b"")
    note[-9] ^= 1
    change_row("audit_seal", "checkpoint = %s", "epoch = 2", bytes(note))


def _swap_receipt() -> None:
    note = bytes(Receipt.objects.get(trail_number=2, size=3).note or b"")
    change_row("audit_receipt", "note = %s", "trail_number = 2 AND size = 6", note)


@pytest.mark.parametrize(
    "damage, message",
    [
        (_alter_content_and_hash, r"trail 2: its head in epoch 2 has root"),
        (_spell_otherwise, r"trail 2, entry 3: .*not canonical"),
        (
            _say_another_kind,
            r"trail 2, entry 3: its content says index, kind and received_at \(3, 'note.made/v1'",
        ),
        (_swap_trail, r"trail 2, entry 3: entry is of the trail"),
        (_back_date, r"trail 2, entry 3: it was received at 5, before \d+ of the entry in front"),
        (_alter_genesis, r"trail 2, entry 0: the genesis makes the trail's id"),
        (_add_entry, r"trail 2, entry 9: it lies beyond the trail's size of 7"),
        (_add_orphan, r"trail 7: it has entries and no row"),
        (
            lambda: delete_row("audit_entry", AT_INDEX, 2, 3),
            r"trail 2, entry 3: it is missing; the 4 entries from here on",
        ),
        (lambda: delete_row("audit_trail", "number = 1"), r"trail 1: it is missing"),
        (
            lambda: change_row("audit_trail", "root = %s", "number = 2", bytes(32)),
            r"trail 2: its row has root 0000",
        ),
        (
            lambda: change_row("audit_trail", "compact = %s", "number = 2", bytes(96)),
            r"trail 2: its row's compact range",
        ),
        (
            lambda: change_row("audit_trail", "received_at = 1", "number = 2"),
            r"trail 2: its row has received_at 1,",
        ),
        (
            lambda: change_row("audit_trail", "trail_id = %s", "number = 2", bytes(32)),
            r"trail 2, entry 1: entry is of the trail",
        ),
        (
            lambda: change_row("audit_sealedhead", "root = %s", "trail_number = 2", bytes(32)),
            r"trail 2: its newest sealed head has root",
        ),
        (
            lambda: change_row("audit_sealedhead", "compact = %s", "trail_number = 2", bytes(64)),
            r"trail 2: its newest sealed head has root",
        ),
        (
            lambda: change_row("audit_sealedhead", "compact = %s", "trail_number = 2", b""),
            r"trail 2: the compact range of its newest",
        ),
        (
            lambda: change_row("audit_sealedhead", "size = 3", "trail_number = 2"),
            r"trail 2: its newest sealed head has size 3,",
        ),
        (
            lambda: change_row("audit_sealedhead", "size = 5", "trail_number = 2"),
            r"trail 2: its newest sealed head, of size 5, is in no",
        ),
        (
            lambda: delete_row("audit_sealedhead", "trail_number = 2"),
            r"trail 2: its newest sealed head has size None",
        ),
        (
            lambda: change_row(
                "audit_trailhead", "root = %s", "trail_number = 2 AND epoch = 2", bytes(32)
            ),
            r"epoch 2: its record has 3",
        ),
        (
            lambda: change_row("audit_trailhead", "size = 2", "trail_number = 2 AND epoch = 2"),
            r"trail 2: its head in epoch 2 has size 2",
        ),
        (
            lambda: change_row("audit_trailhead", "size = 99", "trail_number = 2 AND epoch = 2"),
            r"has size 99, the trail 7",
        ),
        (
            lambda: delete_row("audit_trailhead", "trail_number = 1"),
            r"epoch 1: trail 1 has no head, trail 2 has one",
        ),
        (_add_head, r"trail 2: its head in epoch 3 has size 6, the one before 6"),
        (
            lambda: change_row("audit_receipt", "first = 2", "trail_number = 2 AND size = 3"),
            r"receipt of size 3: it begins at 2, want 1",
        ),
        (
            lambda: change_row(
                "audit_receipt", "batch_root = %s", "trail_number = 2 AND size = 3", bytes(32)
            ),
            r"3: it has batch root 0000",
        ),
        (
            lambda: change_row(
                "audit_receipt", "root = %s", "trail_number = 2 AND size = 3", bytes(32)
            ),
            r"3: it has root 0000",
        ),
        (
            lambda: change_row("audit_receipt", "received_at = 1", "trail_number = 2 AND size = 3"),
            r"3: it has received_at 1,",
        ),
        (
            lambda: change_row("audit_receipt", "note = %s", "trail_number = 2 AND size = 3", b"x"),
            r"receipt of size 3: receipt",
        ),
        (_swap_receipt, r"receipt of size 6: what was signed is"),
        (
            lambda: delete_row("audit_receipt", "trail_number = 2 AND size = 7"),
            r"trail 2: no receipt covers its entries 6 … 6",
        ),
        (
            lambda: delete_row("audit_receipt", "trail_number = 2 AND size = 3"),
            r"receipt of size 6: it begins at 3, want 1",
        ),
        (
            lambda: change_row("audit_seal", "record = %s", "epoch = 2", b"x"),
            r"epoch 2: domicile/epoch/v1: want",
        ),
        (
            lambda: change_row("audit_seal", "record = %s", "epoch = 0", b"x"),
            r"epoch 0: domicile/log/v1: want",
        ),
        (
            lambda: change_row("audit_seal", "root = %s", "epoch = 2", bytes(32)),
            r"epoch 2: the records lead to root",
        ),
        (
            lambda: change_row("audit_seal", "compact = %s", "epoch = 2", bytes(64)),
            r"epoch 2: its row's compact range",
        ),
        (
            lambda: change_row("audit_seal", "trails = 9", "epoch = 2"),
            r"epoch 2: its record says epoch, closed and trails",
        ),
        (
            lambda: change_row("audit_seal", "closed_at = closed_at + 999999", "epoch = 2"),
            r"epoch 3: it closed at \d+, not after",
        ),
        (
            lambda: change_row("audit_seal", "checkpoint = NULL", "epoch = 2"),
            r"epoch 3: it is published, the one before is not",
        ),
        (_break_signature, r"epoch 2: its checkpoint: "),
        (_resign_checkpoint, r"epoch 2: what was signed is"),
        (
            lambda: delete_row("audit_seal", "epoch = 2"),
            r"epoch 2: it is missing; the 2 epochs from here on",
        ),
        (
            lambda: change_row("audit_attachment", "content = %s", "1 = 1", b"other"),
            r"attachment \w+: its bytes hash to",
        ),
        (_move_key, r"signatures are not checked: .*mode 0644"),
        (_lose_receipts_key, r"signatures are not checked: .*is missing"),
        (_empty_store, r"the second store in .* is empty"),
        (_other_checkpoint, r"the second store remembers the checkpoint another"),
        (_store_ahead, r"trail 0: the second store has size 99, the trail 2"),
        (_store_knows_more_trails, r"trail 5: it is missing"),
    ],
)
def test_names_the_damage(kept: None, damage: Callable[[], object], message: str) -> None:
    damage()
    found = defects()
    assert any(re.search(message, defect) for defect in found), found


@pytest.mark.parametrize(
    "name, value", [("LOG_ORIGIN", "another.example/ledger"), ("LOG_MAXIMUM_MS", 5)]
)
def test_names_settings_that_are_not_those_of_the_genesis(
    kept: None, settings: Settings, name: str, value: object
) -> None:
    opened_with = getattr(settings, name)
    setattr(settings, name, value)
    message = f" is {value}, and this ledger is {opened_with} for ever: set it to that"
    assert any(
        defect.startswith("epoch 0: DOMICILE_") and defect.endswith(message) for defect in defects()
    )


def test_a_ledger_that_was_never_opened_has_no_defects_to_name(transactional_db: None) -> None:
    with pytest.raises(LedgerMissing, match="the ledger is not open: run `manage"):
        defects()


def test_a_ledger_whose_rows_are_all_gone_is_still_missed(kept: None) -> None:
    with guards.lifted(), transaction.atomic(), connection.cursor() as cursor:
        for model in reversed(LEDGER_TABLES):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
    assert defects()[-1] == "there is no global log, want at least its genesis"


def test_goes_on_after_a_defect(kept: None) -> None:
    change_row("audit_entry", "kind = 'other/v1'", AT_INDEX, 0, 1)
    change_row("audit_entry", "kind = 'other/v1'", AT_INDEX, 2, 6)
    assert [defect[:18] for defect in defects()] == ["trail 0, entry 1: ", "trail 2, entry 6: "]


def test_progress_reaches_its_total(kept: None) -> None:
    reported: dict[str, tuple[int, int]] = {}
    for _ in fsck(lambda done, total, step="": reported.__setitem__(step, (done, total))):
        pass
    entries = sum(Trail.objects.values_list("size", flat=True))
    assert reported == {"reading entries": (entries, entries), "rebuilding heads trees": (3, 3)}


def test_the_command_is_silent_and_successful_on_an_honest_ledger(
    kept: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("fsck")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("no defect\n")


def test_the_command_prints_each_defect_and_fails(
    kept: None, capsys: pytest.CaptureFixture[str]
) -> None:
    change_row("audit_entry", "kind = 'other/v1'", AT_INDEX, 2, 6)
    with pytest.raises(SystemExit) as ended:
        call_command("fsck")
    captured = capsys.readouterr()
    assert ended.value.code == 1
    assert captured.out.startswith("trail 2, entry 6: ")
    assert captured.err.endswith("1 defect\n")
