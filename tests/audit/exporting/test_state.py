"""The state of an export, as page and API show it."""

from pathlib import Path

import pytest
from django.conf import settings

from audit.exporting import bundles
from audit.exporting.state import ExportState
from audit.models import Job
from audit.times import DAY_MS
from tests.audit.ledger import tenant_trail

pytestmark = pytest.mark.usefixtures("ledger")
FILE = "trail-2-epoch-1-0123456789abcdef.zip"


def job(state: str, **more: object) -> Job:
    trail = tenant_trail()
    params = {"trail": trail.number, "from": 1_000, "to": 2_000}
    return Job.objects.create(
        kind="export",
        trail=trail,
        actor="ada",
        made_at=1,
        state=state,
        **{"params": params, **more},
    )


def bundle() -> Path:
    path = Path(settings.BUNDLES_DIR) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"bundle")
    return path


@pytest.mark.parametrize("state", [Job.QUEUED, Job.RUNNING])
def test_an_export_that_is_being_made_has_no_bundle(state: str) -> None:
    export = ExportState.of(job(state))
    assert (export.is_running, export.is_made) == (True, False)
    assert (export.bundle, export.expires_at) == (None, None)
    assert (export.period, export.file_name) == ((1_000, 2_000), "trail-2.zip")


def test_a_made_export_has_its_file_until_a_day() -> None:
    path = bundle()
    done = job(Job.DONE, result={"file": FILE}, ended_at=5)
    export = ExportState.of(done)
    assert (export.is_running, export.is_made) == (False, True)
    assert (export.bundle, export.file_name) == (path, FILE)
    assert export.expires_at == 5 + settings.EXPORT_DAYS * DAY_MS
    path.unlink()
    assert ExportState.of(done).bundle is None
    assert bundles.is_gone(done)


def test_an_expired_export_was_made() -> None:
    export = ExportState.of(job(Job.EXPIRED, result={"file": FILE}, ended_at=5))
    assert (export.is_running, export.is_made, export.bundle) == (False, True, None)
    assert export.expires_at is None


def test_a_failed_export_was_not_made() -> None:
    export = ExportState.of(job(Job.FAILED, params={"trail": 2}))
    assert (export.is_running, export.is_made, export.bundle) == (False, False, None)
    assert (export.period, export.hint) == (None, None)


def test_only_an_export_that_waits_for_long_has_a_hint() -> None:
    waiting = job(Job.QUEUED)
    assert ExportState.of(waiting).hint is not None
    waiting.state = Job.RUNNING
    assert ExportState.of(waiting).hint is None
