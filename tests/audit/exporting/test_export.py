"""Export: a bundle that its reader can prove, and nothing handed out that cannot be."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from audit.append import NewEntry, append, lock_trails
from audit.entry_kinds import EXPORT_MADE
from audit.errors import ExportError, KeyFileError, StoreError, StoreMismatch
from audit.exporting.export import Exported, export
from audit.jobs import queue
from audit.log import epochs, keys
from audit.models import Attachment, Entry, Job, Seal, Trail
from audit.seal import seal
from audit.storage.second_store import SecondStore
from audit.tlog.bundle import Bundle
from audit.tlog.entry import Attachment as NamedAttachment
from audit.tlog.trust import TrustPolicy
from audit.verifier.pin_and_head import Pin
from audit.verifier.report import Report
from audit.verifier.verify import verify_bundle
from tests.audit.ledger import change_row, delete_row, dying_disk, tenant_trail, write

TEXT = b"a text that is too long for an entry"
AT_INDEX = 'trail_number = %s AND "index" = %s'


@pytest.fixture
def hospital(ledger: None) -> Trail:
    """A tenant's trail with three sealed entries in two epochs, and one that is not sealed yet."""
    trail = tenant_trail()
    write(trail.number, ["one"])
    seal(actor="olga")
    write(0, ["a region"])
    write(trail.number, ["two", "three"])
    seal(actor="olga")
    write(trail.number, ["not sealed yet"])
    return trail


def verified(
    exported: Exported, previous: Report | None = None, number: int | None = None
) -> Report:
    """The report that Ada, the customer's auditor, gets of the bundle."""
    pin = Pin.parse(exported.pin)
    held = previous.head(pin.number) if previous else None
    return verify_bundle(exported.path, TrustPolicy.parse(keys.trust_text()), pin, held)


def entries_of(exported: Exported, number: int) -> list[bytes]:
    with Bundle.open(exported.path) as bundle:
        return list(bundle.entries(number))


def stored(number: int, count: int) -> list[bytes]:
    rows = Entry.objects.filter(trail_number=number).order_by("index")[:count]
    return [bytes(row.content) for row in rows]


def bundles(settings: Settings) -> list[str]:
    """The files that are there for handing out, and what is left of others."""
    return sorted(path.name for path in Path(settings.BUNDLES_DIR).iterdir() if path.is_file())


def test_its_reader_proves_it_with_the_trust_file_and_the_pin(hospital: Trail) -> None:
    exported = export(hospital.number, actor="olga")
    report = verified(exported)
    assert report.proved
    assert exported.pin == f"{hospital.number}:{bytes(hospital.trail_id).hex()}"
    assert report.trail(hospital.number).head.size == 4


def test_holds_every_sealed_entry_of_the_trail_and_of_the_fleet(hospital: Trail) -> None:
    exported = export(hospital.number, actor="olga")
    assert entries_of(exported, hospital.number) == stored(hospital.number, 4)
    assert entries_of(exported, 0) == stored(0, 2)


def test_holds_all_records_and_the_anchor(hospital: Trail) -> None:
    exported = export(hospital.number, actor="olga")
    with Bundle.open(exported.path) as bundle:
        assert list(bundle.records()) == [
            bytes(row.record) for row in Seal.objects.order_by("epoch")
        ]
        assert bundle.checkpoint_sizes() == [3]
        assert bundle.checkpoint(3) == bytes(Seal.objects.get(epoch=2).checkpoint or b"")


def test_says_what_it_is(hospital: Trail, settings: Settings) -> None:
    exported = export(hospital.number, actor="olga")
    data = exported.path.read_bytes()
    assert (exported.sha256, exported.size, exported.epoch) == (sha256(data).digest(), len(data), 2)
    assert bundles(settings) == [exported.path.name]


def test_marks_the_period_that_it_was_asked_for(hospital: Trail) -> None:
    exported = export(hospital.number, period=(5, 10), actor="olga")
    with Bundle.open(exported.path) as bundle:
        assert bundle.hints().period == (5, 10)
    assert verified(exported).period == (5, 10)


def test_refuses_a_period_that_ends_before_it_starts(hospital: Trail, settings: Settings) -> None:
    with pytest.raises(ExportError, match="period goes from 10 to 5"):
        export(hospital.number, period=(10, 5), actor="olga")
    assert bundles(settings) == []


@pytest.mark.parametrize(("number", "size"), [(0, 2), (1, 3)])
def test_the_fleets_and_the_operators_trails_can_be_exported_too(
    hospital: Trail, number: int, size: int
) -> None:
    exported = export(number, actor="olga")
    assert verified(exported).proved
    assert entries_of(exported, number) == stored(number, size)


def test_the_trail_tells_of_it_in_the_next_epoch(hospital: Trail) -> None:
    first = export(hospital.number, period=(5, 10), actor="olga")
    seal(actor="olga")
    entry = json.loads(entries_of(export(hospital.number, actor="olga"), hospital.number)[-1])
    assert entry["kind"] == EXPORT_MADE
    assert entry["body"] == {
        "actor": "olga",
        "bundle": first.sha256.hex(),
        "epoch": 2,
        "period": {"from": 5, "to": 10},
    }


def test_the_next_bundle_continues_the_one_before(hospital: Trail) -> None:
    first = verified(export(hospital.number, actor="olga"))
    seal(actor="olga")
    second = verified(export(hospital.number, actor="olga"), previous=first)
    assert second.proved
    assert second.trail(hospital.number).head.size == 6


def test_two_exports_of_one_epoch_are_two_bundles(hospital: Trail, settings: Settings) -> None:
    for _ in range(2):
        export(hospital.number, actor="olga")
    assert len(bundles(settings)) == 2


def test_a_trail_that_was_born_late_has_heads_from_its_birth_on(hospital: Trail) -> None:
    export(hospital.number, actor="olga")
    late = tenant_trail("clinic")
    seal(actor="olga")
    seal(actor="olga")
    exported = export(late.number, actor="olga")
    with Bundle.open(exported.path) as bundle:
        assert [head.epoch for head in bundle.heads(late.number)] == [3, 4]
        assert [head.epoch for head in bundle.heads(0)] == [1, 2, 3, 4]
    assert verified(exported).proved


def test_many_epochs_and_trails_prove_too(hospital: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epochs, "EPOCHS_AT_ONCE", 4)
    for number in range(13):
        tenant_trail(f"tenant-{number}")
        write(number, ["one more"])
        seal(actor="olga")
    for number in (hospital.number, 3, 14):
        assert verified(export(number, actor="olga")).proved


def test_an_attachment_goes_along_and_a_missing_one_is_withheld(hospital: Trail) -> None:
    digests = [sha256(text).digest() for text in (TEXT, b"lost")]
    Attachment.objects.create(sha256=digests[0], content=TEXT)
    for digest, size in zip(digests, (len(TEXT), 4), strict=True):
        with transaction.atomic():
            named = NamedAttachment(digest, size, "text/plain")
            new = NewEntry("note.made/v1", "note", "olga", None, 5, b"{}", (named,))
            append(lock_trails([hospital.number])[hospital.number], [new], 5)
    seal(actor="olga")
    exported = export(hospital.number, actor="olga")
    facts = verified(exported).trail(hospital.number)
    assert (facts.attachments, facts.withheld) == (2, (digests[1],))


# What is refused, and that nothing is left of it.


def test_refuses_a_trail_that_is_not_there(ledger: None) -> None:
    with pytest.raises(ExportError, match="there is no trail 9"):
        export(9, actor="olga")


def test_refuses_a_trail_that_is_not_sealed_yet(hospital: Trail) -> None:
    late = tenant_trail("clinic")
    with pytest.raises(ExportError, match="trail 3 is in no sealed epoch yet"):
        export(late.number, actor="olga")


def test_a_pending_epoch_is_not_in_it(hospital: Trail) -> None:
    with dying_disk(after=0), pytest.raises(StoreError):
        seal(actor="olga")
    exported = export(hospital.number, actor="olga")
    assert exported.epoch == 2
    assert verified(exported).proved


def test_refuses_an_altered_entry(hospital: Trail, settings: Settings) -> None:
    altered = stored(hospital.number, 2)[1].replace(b'"one"', b'"won"')
    change_row("audit_entry", "content = %s", AT_INDEX, altered, hospital.number, 1)
    with pytest.raises(
        ExportError, match=r"does not prove itself: .*one of entries 0 … 1 is not the sealed one"
    ):
        export(hospital.number, actor="olga")
    assert bundles(settings) == []
    assert not Entry.objects.filter(kind=EXPORT_MADE).exists()


@pytest.mark.parametrize("index", [1, 2, 3])
def test_refuses_a_missing_entry(hospital: Trail, settings: Settings, index: int) -> None:
    delete_row("audit_entry", AT_INDEX, hospital.number, index)
    with pytest.raises(ExportError, match=f"trail 2: entry {index} is missing"):
        export(hospital.number, actor="olga")
    assert bundles(settings) == []


def test_refuses_heads_that_do_not_lead_to_their_epochs_record(hospital: Trail) -> None:
    change_row("audit_trailhead", "root = %s", "trail_number = 1 AND epoch = 1", bytes(32))
    with pytest.raises(ExportError, match="epoch 1: the stored heads of 3 trails lead to"):
        export(hospital.number, actor="olga")


def test_is_not_handed_out_where_the_trail_cannot_tell_of_it(
    hospital: Trail, settings: Settings
) -> None:
    SecondStore.at(settings.SECOND_STORE_DIR).advance([(hospital.number, 99, bytes(32))])
    with pytest.raises(StoreMismatch):
        export(hospital.number, actor="olga")
    assert bundles(settings) == []


def test_refuses_without_the_public_keys_that_the_reader_has(
    hospital: Trail, settings: Settings
) -> None:
    (Path(settings.KEYS_DIR) / keys.LOG_FILE).unlink()
    with pytest.raises(KeyFileError):
        export(hospital.number, actor="olga")
    assert bundles(settings) == []


# Head proofs are kept between exports.


def kept_lines(settings: Settings, trail: Trail) -> list[bytes]:
    path = Path(settings.BUNDLES_DIR) / "heads" / f"{bytes(trail.trail_id).hex()}.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


def test_head_proofs_are_built_once_and_for_all_trails_that_were_exported(
    hospital: Trail, settings: Settings
) -> None:
    fleet, operator = Trail.objects.filter(number__lte=1).order_by("number")
    export(hospital.number, actor="olga")
    built = kept_lines(settings, hospital)
    assert (len(built), len(kept_lines(settings, fleet)), len(kept_lines(settings, operator))) == (
        2,
        2,
        0,
    )
    seal(actor="olga")
    export(0, actor="olga")
    assert kept_lines(settings, hospital)[:2] == built
    assert (len(kept_lines(settings, hospital)), len(kept_lines(settings, fleet))) == (3, 3)


def test_a_torn_line_of_kept_proofs_is_made_again(hospital: Trail, settings: Settings) -> None:
    export(hospital.number, actor="olga")
    path = Path(settings.BUNDLES_DIR) / "heads" / f"{bytes(hospital.trail_id).hex()}.jsonl"
    whole = path.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert verified(export(hospital.number, actor="olga")).proved
        assert path.read_bytes() == whole


def test_kept_proofs_that_are_damaged_are_forgotten_and_made_again(
    hospital: Trail, settings: Settings
) -> None:
    export(hospital.number, actor="olga")
    path = Path(settings.BUNDLES_DIR) / "heads" / f"{bytes(hospital.trail_id).hex()}.jsonl"
    whole = path.read_bytes()
    first, second = whole.splitlines(keepends=True)
    for damaged in (
        first.replace(b'"size":2', b'"size":3') + second,
        second,
        first + first + second,
        b"{}\n" + second,
    ):
        path.write_bytes(damaged)
        with pytest.raises(ExportError, match=r"not prove itself|were damaged and are removed"):
            export(hospital.number, actor="olga")
        assert verified(export(hospital.number, actor="olga")).proved
        assert path.read_bytes() == whole


# As a job.


def test_the_job_names_the_file(hospital: Trail, settings: Settings) -> None:
    job = queue.run_here(
        "export", {"trail": hospital.number, "from": 5, "to": 10}, actor="olga", trail=hospital
    )
    path = Path(settings.BUNDLES_DIR) / job.result["file"]
    data = path.read_bytes()
    assert job.state == Job.DONE
    assert job.result == {
        "file": path.name,
        "sha256": sha256(data).hexdigest(),
        "size": len(data),
        "epoch": 2,
        "pin": f"{hospital.number}:{bytes(hospital.trail_id).hex()}",
        "unsealed": 1,
    }
    assert json.loads(bytes(Entry.objects.get(kind=EXPORT_MADE).content))["body"]["actor"] == "olga"


def test_counts_the_entries_that_are_not_sealed_yet(hospital: Trail) -> None:
    seal(actor="olga")
    write(hospital.number, ["one", "two"])
    assert export(hospital.number, actor="olga").unsealed == 2
    assert export(hospital.number, actor="olga").unsealed == 3  # the first export is an entry, too
    seal(actor="olga")
    assert export(hospital.number, actor="olga").unsealed == 0


def test_the_job_refuses_half_a_period(hospital: Trail) -> None:
    with pytest.raises(ExportError, match="want a period with both its ends"):
        queue.run_here(
            "export", {"trail": hospital.number, "from": 5}, actor="olga", trail=hospital
        )


def test_tells_its_progress(hospital: Trail) -> None:
    reported: dict[str, tuple[int, int]] = {}
    export(
        hospital.number,
        actor="olga",
        progress=lambda done, total, step="": reported.__setitem__(step, (done, total)),
    )
    assert reported["proving the heads of each epoch"] == (2, 2)
    assert (
        reported["writing the entries of trail 2"]
        == reported["verifying entries of trail 2"]
        == (4, 4)
    )
