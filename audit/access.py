"""Who may read a trail: the one place that says so, for pages, endpoints and exports alike.

An officer of the operator reads all trails. Anyone else reads the trails given by `TrailReader`;
whoever reads any trail reads the fleet's too, whose statements every bundle carries. A read token
reads its one trail and nothing else.

What may not be read is *not found*, never *forbidden*: that a trail exists is already something
about another tenant.
"""

from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Q, QuerySet
from django.http import Http404

from audit.models import FLEET_NUMBER, Job, Person, Token, Trail, TrailReader

Reader: TypeAlias = Person | AnonymousUser | Token
# What no page shows: the secret of the pseudonyms, and the sealer's own working state.
UNSHOWN = ("secret", "compact")


def readable_trails(reader: Reader) -> QuerySet[Trail]:
    """The trails that `reader` may read, by number."""
    trails = Trail.objects.defer(*UNSHOWN).order_by("number")
    if isinstance(reader, Token):
        if reader.purpose != Token.READ or reader.revoked_at is not None or reader.trail_id is None:
            return trails.none()
        return trails.filter(number=reader.trail_id)
    if not isinstance(reader, Person) or not reader.is_active:
        return trails.none()
    if reader.reads_all_trails:
        return trails
    reader_rows = TrailReader.objects.filter(person=reader)
    return trails.filter(
        Q(number__in=reader_rows.values("trail_id")) | Q(Exists(reader_rows), number=FLEET_NUMBER)
    )


def trail_or_404(reader: Reader, number: int) -> Trail:
    """The trail of that number. Raises Http404 where there is none, and in the same words where
    `reader` may not read it."""
    trail = readable_trails(reader).filter(number=number).first()
    if trail is None:
        raise Http404
    return trail


def readable_exports(reader: Reader) -> QuerySet[Job]:
    """The exports of trails that `reader` may export, newest first."""
    return Job.objects.filter(kind="export", trail__in=exportable_trails(reader)).order_by("-pk")


def exportable_trails(reader: Reader) -> QuerySet[Trail]:
    """The trails of which `reader` may ask for a bundle. The fleet's is in every bundle; a list of
    who asked for it alone would tell each tenant's readers of the others', so that is for the
    operator's officers."""
    trails = readable_trails(reader)
    return (
        trails
        if isinstance(reader, Token) or reads_all(reader)
        else trails.exclude(number=FLEET_NUMBER)
    )


def export_or_404(reader: Reader, pk: int) -> Job:
    """The export of that number, with its trail. Raises Http404 as `trail_or_404`."""
    job = (
        readable_exports(reader)
        .filter(pk=pk)
        .select_related("trail")
        .defer(*(f"trail__{name}" for name in UNSHOWN))
        .first()
    )
    if job is None:
        raise Http404
    return job


def reads_all(reader: Reader) -> bool:
    """Whether `reader` is an officer, who may be told of the ledger as a whole."""
    return isinstance(reader, Person) and reader.is_active and reader.reads_all_trails
