"""The bundles that exports made: which file is whose, how long it is kept, and what of it goes.

A bundle is kept for EXPORT_DAYS, and of each trail the newest EXPORTS_KEPT; a reader asks for a new
one at any time, and it holds at least the same history. The row goes first: killed between row and
file, the file is named by no export that is done, and so is the file of an export that was killed
between file and row; either is removed a day later.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from audit import clock
from audit.models import Job
from audit.times import DAY_MS

LEFT_OVER_MS = DAY_MS  # no export takes this long
BUNDLE = re.compile(r"trail-\d+-epoch-\d+-[0-9a-f]{16}\.zip")
PART = re.compile(r"\.trail-\d+-[0-9a-f]+\.part")


def path_of(job: Job) -> Path | None:
    """The file that an export made; None where it is not done, or the file is gone."""
    name = job.result.get("file")
    if job.state != Job.DONE or not name:
        return None
    path = Path(settings.BUNDLES_DIR) / Path(name).name
    return path if path.is_file() else None


def is_gone(job: Job) -> bool:
    """Return whether a bundle was made and is gone: it expired, or somebody removed the file."""
    return job.state == Job.EXPIRED or (job.state == Job.DONE and path_of(job) is None)


def expires_at(job: Job) -> int | None:
    """When the export's bundle is removed at the latest; None where there is none."""
    return (
        job.ended_at + settings.EXPORT_DAYS * DAY_MS
        if job.state == Job.DONE and job.ended_at is not None
        else None
    )


def total_bytes() -> int:
    """How much the kept bundles take together, as the disk says."""
    return sum(size for path in _files(BUNDLE) if (size := _size(path)) is not None)


def expire() -> int:
    """Expire what is older than EXPORT_DAYS and what EXPORTS_KEPT newer ones of its trail have
    pushed out, and remove files that no export names. Returns how many exports expired. May run
    twice at once."""
    expired = 0
    for job in _due():
        # Compare the state: another process may be doing the same.
        if Job.objects.filter(pk=job.pk, state=Job.DONE).update(state=Job.EXPIRED):
            expired += 1
            if name := job.result.get("file"):
                (Path(settings.BUNDLES_DIR) / Path(name).name).unlink(missing_ok=True)
    _remove_unnamed()
    return expired


def _due() -> Iterator[Job]:
    """The exports that are done and whose time is over, or that are not among the newest of their
    trail."""
    oldest = clock.now_ms() - settings.EXPORT_DAYS * DAY_MS
    newer: dict[int | None, int] = {}
    for job in Job.objects.filter(kind="export", state=Job.DONE).order_by("-pk"):
        newer[job.trail_id] = newer.get(job.trail_id, 0) + 1
        if newer[job.trail_id] > settings.EXPORTS_KEPT or (job.ended_at or 0) < oldest:
            yield job


def _remove_unnamed() -> None:
    named = set(
        Job.objects.filter(kind="export", state=Job.DONE).values_list("result__file", flat=True)
    )
    for path in (*_files(BUNDLE), *_files(PART)):
        with contextlib.suppress(FileNotFoundError):
            if (
                path.name not in named
                and path.stat().st_mtime * 1000 < clock.now_ms() - LEFT_OVER_MS
            ):
                path.unlink()


def _files(name: re.Pattern[str]) -> list[Path]:
    folder = Path(settings.BUNDLES_DIR)
    return (
        [path for path in folder.iterdir() if name.fullmatch(path.name)] if folder.is_dir() else []
    )


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # expired meanwhile
        return None
