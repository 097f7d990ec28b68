"""Request an export: the step that the page and the endpoint take for a reader.

One export a trail and reader is queued or running at a time. The same request again gets the export
that is being made; another one is refused until that has ended. The database sees to it, so two web
processes cannot both queue one.
"""

from django.conf import settings
from django.utils.translation import gettext as _

from audit.access import Reader
from audit.errors import ExportError
from audit.exporting import bundles
from audit.jobs import queue
from audit.models import Job, Token, Trail


class ExportInProgress(ExportError):
    """Raised when the reader's other export of the trail is still being made; `job` is that one."""

    def __init__(self, job: Job) -> None:
        message = _(
            "Your export %(number)d of this trail is still being made. "
            "Request another one when it is done."
        )
        super().__init__(message % {"number": job.pk})
        self.job = job


class ExportsFull(ExportError):
    """Raised when the kept bundles fill the space that they may take together."""


def request_export(trail: Trail, params: dict[str, int], *, reader: Reader) -> Job:
    """Queue the export with `params` (`audit.exporting.period.export_params`), or return the
    reader's own that is being made with the same ones.

    Raises ExportInProgress, ExportsFull.
    """
    if bundles.total_bytes() >= settings.EXPORT_MOST_BYTES:
        raise ExportsFull(
            _(
                "The stored bundles fill the space set aside for them. "
                "Try again when older bundles have expired."
            )
        )
    is_token = isinstance(reader, Token)
    job = queue.enqueue(
        "export",
        params,
        actor=f"token:{reader.name}" if isinstance(reader, Token) else reader.get_username(),
        trail=trail,
        dedup_key=f"export/{trail.number}/{'token' if is_token else 'person'}/{reader.pk}",
    )
    if job.params != params:
        raise ExportInProgress(job)
    return job
