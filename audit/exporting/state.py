"""How far an export has come, for whoever asked for it: page and endpoint show the same state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from audit.exporting import bundles
from audit.exporting.period import period_of
from audit.jobs import workers
from audit.jobs.workers import Hint
from audit.models import Job


@dataclass(frozen=True, slots=True)
class ExportState:
    """An export job and what stands beside its row.

    `bundle` is the file, None before it is made and after it is removed. `expires_at` says when it
    is removed at the latest. `period` is half-open. Times are milliseconds UTC. `hint` says why the
    job waits for long."""

    job: Job
    bundle: Path | None
    period: tuple[int, int] | None
    expires_at: int | None
    hint: Hint | None

    @classmethod
    def of(cls, job: Job) -> ExportState:
        """Read the state of an export job now."""
        return cls(
            job,
            bundles.path_of(job),
            period_of(job.params),
            bundles.expires_at(job),
            workers.hint(job),
        )

    @property
    def is_running(self) -> bool:
        """Whether the export waits or is being made: its state will change."""
        return self.job.state in (Job.QUEUED, Job.RUNNING)

    @property
    def is_made(self) -> bool:
        """Whether a bundle was made; it may have expired since."""
        return self.job.state in (Job.DONE, Job.EXPIRED)

    @property
    def file_name(self) -> str:
        """The name under which a reader keeps the bundle."""
        number = self.job.params["trail"]
        return f"trail-{number}.zip" if self.bundle is None else self.bundle.name
