"""★4 Export: one trail's whole sealed history, and the fleet's, as an evidence bundle that its
reader checks alone.

    1. Take the newest published epoch: it is the bundle's end, whatever is appended or sealed
       meanwhile.
    2. Prove the heads of both trails in every epoch up to it.
    3. Stream records, checkpoints, heads, entries and attachments to a temporary file.
    4. Verify that file as its reader will: with our public keys as the trust file, and the trail's
       own pin.
    5. Append to the trail that it was exported, then rename the file into its place.

A bundle is never handed out that its own verifier does not prove, nor one that the trail does not
tell of. FORMATS.md section 2.5.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from audit import clock
from audit.append import lock_trails
from audit.entry_kinds import EXPORT_MADE
from audit.errors import ExportError
from audit.exporting import head_proofs
from audit.exporting.period import period_of
from audit.jobs.progress import Progress, silent
from audit.log.epochs import seals
from audit.log.keys import trust_text
from audit.models import FLEET_NUMBER, OPERATOR_NUMBER, Attachment, Job, Seal, Trail, TrailHead
from audit.own_entries import append_own
from audit.storage import durable, raw
from audit.tlog.bundle import BundleWriter, write_bundle
from audit.tlog.bundle_json import Hints
from audit.tlog.entry import decode
from audit.tlog.errors import TlogError
from audit.tlog.merkle import Hash
from audit.tlog.note import parse_note
from audit.tlog.trust import TrustPolicy
from audit.verifier.pin_and_head import Pin
from audit.verifier.verify import verify_bundle

# "attachments" is the first member of an entry, so its content tells by its beginning that it has
# none.
_NO_ATTACHMENTS = b'{"attachments":[],'
_ENTRIES_A_WORD = 10_000
# The verifier's step that checks heads: `audit/verifier/steps.py`.
HEADS_STEP = 7


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle in its place: the file, its SHA-256 and size in bytes, and what it reaches and is
    pinned by. `unsealed` is how many entries the trail had beyond that epoch when the export began:
    they are not in the bundle."""

    path: Path
    sha256: bytes
    size: int
    epoch: int
    pin: str
    unsealed: int


def export(
    trail_number: int,
    *,
    period: tuple[int, int] | None = None,
    actor: str,
    progress: Progress = silent,
) -> Exported:
    """Make the evidence bundle of a trail in BUNDLES_DIR and return it, verified. `period` marks
    what a report shall cover: milliseconds since 1970 UTC, half-open. Needs no open transaction.

    Raises ExportError where nothing is sealed yet, or where what is stored does not prove itself.
    """
    trail = Trail.objects.filter(number=trail_number).first()
    if trail is None:
        raise ExportError(f"there is no trail {trail_number}")
    # 1. The newest published epoch.
    epoch = _newest_epoch(trail)
    # after the epoch: of a trail read before it, more might be sealed than it had
    trail.refresh_from_db(fields=["size"])
    unsealed = trail.size - _size_at(trail.number, epoch)
    hints = Hints(
        settings.LOG_ORIGIN,
        trail.number,
        Hash(bytes(trail.trail_id)),
        epoch,
        period,
        clock.now_ms(),
    )
    folder = Path(settings.BUNDLES_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".trail-{trail.number}-{secrets.token_hex(8)}.part"
    try:
        return _make(hints, unsealed, temporary, actor, progress)
    except TlogError as error:
        raise ExportError(f"bundle of trail {trail.number}: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def run_export(job: Job, progress: Progress) -> dict[str, Any]:
    """The job kind `export`: params `trail`, and `from` and `to` or neither; the result names the
    file in BUNDLES_DIR."""
    exported = export(
        int(job.params["trail"]),
        period=period_of(job.params),
        actor=job.actor,
        progress=progress,
    )
    return {
        "file": exported.path.name,
        "sha256": exported.sha256.hex(),
        "size": exported.size,
        "epoch": exported.epoch,
        "pin": exported.pin,
        "unsealed": exported.unsealed,
    }


def _newest_epoch(trail: Trail) -> int:
    epoch = (
        Seal.objects.filter(checkpoint__isnull=False)
        .order_by("-epoch")
        .values_list("epoch", flat=True)
        .first()
        or 0
    )
    if not TrailHead.objects.filter(trail_number=trail.number, epoch__lte=epoch).exists():
        raise ExportError(f"trail {trail.number} is in no sealed epoch yet: seal first")
    return epoch


def _size_at(number: int, epoch: int) -> int:
    """How many entries of the trail are sealed in `epoch`."""
    return TrailHead.objects.filter(trail_number=number, epoch__lte=epoch).latest("epoch").size


def _make(hints: Hints, unsealed: int, temporary: Path, actor: str, progress: Progress) -> Exported:
    numbers = sorted({FLEET_NUMBER, hints.trail})
    # 2. The heads of every epoch.
    head_proofs.extend(numbers, hints.epoch, progress)
    # 3. All members.
    with write_bundle(temporary) as writer:
        writer.hints(hints)
        _write_log(writer, hints.epoch)
        for number in numbers:
            _write_trail(writer, number, hints.epoch, progress)
    # 4. As its reader will.
    pin = Pin(hints.trail, hints.trail_id)
    _verify(temporary, pin, progress)
    sha256, size = _digest(temporary), temporary.stat().st_size
    # 5. Told, then handed out.
    _tell(hints, sha256, actor)
    path = temporary.with_name(f"trail-{hints.trail}-epoch-{hints.epoch}-{sha256.hex()[:16]}.zip")
    temporary.rename(path)
    durable.sync_folder(path.parent)
    return Exported(path, sha256, size, hints.epoch, pin.text(), unsealed)


def _write_log(writer: BundleWriter, last: int) -> None:
    """Write all records, the anchor, and of the other checkpoints those that witnesses cosigned:
    one that only the log signed proves no time, and its root is computed again anyway."""
    writer.records(seal.record for seal in seals(0, last))
    for seal in seals(0, last):
        note = seal.checkpoint
        if note is not None and (seal.epoch == last or len(parse_note(note).others) > 1):
            writer.checkpoint(seal.epoch + 1, note)


def _write_trail(writer: BundleWriter, number: int, last: int, progress: Progress) -> None:
    writer.heads(number, head_proofs.read(number, last))
    size = _size_at(number, last)
    named: set[bytes] = set()
    writer.entries(number, _contents(number, size, named, progress))
    _write_attachments(writer, named)


def _contents(number: int, size: int, named: set[bytes], progress: Progress) -> Iterator[bytes]:
    """Yield the contents of entries 0 … size - 1, and note the attachments that they name."""
    expected = 0
    for _, index, _, _, _, content in raw.entries([(number, 0, size)]):
        if index != expected:
            raise ExportError(f"trail {number}: entry {expected} is missing")
        if index and not content.startswith(_NO_ATTACHMENTS):
            named.update(attachment.sha256 for attachment in decode(content).attachments)
        expected += 1
        if expected % _ENTRIES_A_WORD == 0 or expected == size:
            progress(expected, size, f"writing the entries of trail {number}")
        yield content
    if expected != size:
        raise ExportError(f"trail {number}: entry {expected} is missing")


def _write_attachments(writer: BundleWriter, named: Iterable[bytes]) -> None:
    """Write those that are stored; one that is not is withheld, and the verifier lists it."""
    for sha256 in sorted(named):
        row = Attachment.objects.filter(sha256=sha256).first()
        if row is not None:
            writer.attachment(sha256, [bytes(row.content)])


def _verify(path: Path, pin: Pin, progress: Progress) -> None:
    trust = TrustPolicy.parse(trust_text())
    report = verify_bundle(
        path,
        trust,
        pin,
        progress=lambda what, done, total: progress(done, total, f"verifying {what}"),
    )
    if report.failure is not None and report.failure.step == HEADS_STEP:
        # The kept proofs may be at fault; without them the next export builds them again.
        head_proofs.forget(pin.number)
        head_proofs.forget(FLEET_NUMBER)
    if not report.proved:
        reason = report.failure.text if report.failure else report.status.value
        raise ExportError(f"the new bundle of trail {pin.number} does not prove itself: {reason}")


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(partial(file.read, 1 << 20), b""):
            digest.update(block)
    return digest.digest()


def _tell(hints: Hints, sha256: bytes, actor: str) -> None:
    """Append the export to its trail: it will be in the next epoch, and so in the next bundle.

    That of the fleet's trail is told in the operator's: the fleet's goes to every tenant, and who
    asked is nobody else's business."""
    number = OPERATOR_NUMBER if hints.trail == FLEET_NUMBER else hints.trail
    period = None if hints.period is None else {"from": hints.period[0], "to": hints.period[1]}
    body = {"actor": actor, "bundle": sha256.hex(), "epoch": hints.epoch, "period": period}
    with transaction.atomic():
        append_own(
            lock_trails([number])[number],
            EXPORT_MADE,
            f"bundle/{sha256.hex()}",
            body,
            occurred_at=hints.exported_at,
            received_at=clock.now_ms(),
        )
