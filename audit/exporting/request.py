"""Ask for an export: what the page and the endpoint do with a reader's wish.

One export a trail and reader is queued or running at a time: the same wish again is answered with
the one that is being made, another one is refused until that has ended. The database sees to it, so
two web processes cannot both queue one.
"""

from django.conf import settings
from django.utils.translation import gettext as _

from audit.access import Reader
from audit.errors import ExportError
from audit.exporting import bundles
from audit.jobs import queue
from audit.models import Job, Token, Trail


class ExportStanding(ExportError):
    """Raised when the reader's other export of the trail is still being made; `job` is that one."""

    def __init__(self, job: Job) -> None:
        super().__init__(
            _(
                "Export %(number)d of this trail, which you asked for, is still being made. Ask again once it is done."
            )
            % {"number": job.pk}
        )
        self.job = job


class ExportsFull(ExportError):
    """Raised when the kept bundles fill the space that they may take together."""


def ask_export(trail: Trail, params: dict[str, int], *, reader: Reader) -> Job:
    """Queue the export with `params` (`audit.exporting.period.export_params`), or return the reader's own that is
    being made with the same ones.

    Raises ExportStanding, ExportsFull.
    """
    if bundles.total_bytes() >= settings.EXPORT_MOST_BYTES:
        raise ExportsFull(
            _(
                "The bundles that are kept fill the space set aside for them. Ask again once older ones have expired."
            )
        )
    machine = isinstance(reader, Token)
    job = queue.queue(
        "export",
        params,
        actor=f"token:{reader.name}" if isinstance(reader, Token) else reader.get_username(),
        trail=trail,
        once=f"export/{trail.number}/{'token' if machine else 'person'}/{reader.pk}",
    )
    if job.params != params:
        raise ExportStanding(job)
    return job
