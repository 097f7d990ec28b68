"""The touches of a workload page by page: those with findings first, the worst of them first;
within a verdict the newest first.

A drawing of the newest alone would hide a breach among older touches. A page goes on behind
`rank.key` of the last touch shown, as `?before=0.8812`: the rank is the place of its worst verdict
among the verdicts, and one more for a touch without a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from audit.storage.rows import LARGEST, MOST_DIGITS
from sovereignty.models import Check, Finding, Touch, Workload
from sovereignty.policy.registry import ids_in
from sovereignty.queries.splits import VERDICTS

WITHOUT = len(VERDICTS)  # the rank of a touch without a finding


@dataclass(frozen=True, slots=True, order=True)
class Before:
    """A touch's place in the order: its rank, and its key, which is the order in which touches came
    to be known."""

    rank: int
    key: int

    @classmethod
    def parse(cls, text: str) -> Before:
        """Read what `str` writes. Raises ValueError for anything else."""
        rank, _, key = text.partition(".")
        if not all(
            part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS for part in (rank, key)
        ):
            raise ValueError(f"want a rank and a key as in 0.8812, got {text!r:.100}")
        if int(rank) > WITHOUT or int(key) > LARGEST:
            raise ValueError(
                f"want a rank of at most {WITHOUT} and a key of at most {LARGEST}, got {text}"
            )
        return cls(int(rank), int(key))

    def __str__(self) -> str:
        return f"{self.rank}.{self.key}"


def page_of(
    workload: Workload, live: QuerySet[Touch], check: Check | None, before: Before | None, size: int
) -> tuple[list[Touch], Before | None]:
    """Up to `size` of the `live` touches of the workload behind `before`, and behind what the next
    page goes on (None: the last)."""
    ranks = _ranks(workload, check)
    after = before or Before(0, LARGEST)
    with_findings = _with_findings(live, ranks, after, size + 1)
    below = after.key if after.rank == WITHOUT else LARGEST
    page = [*with_findings, *_without(live, ranks, below, size + 1 - len(with_findings))]
    last = page[size - 1] if len(page) > size else None
    return page[:size], None if last is None else Before(
        ranks.get(last.touch_id, WITHOUT), last.key
    )


def _ranks(workload: Workload, check: Check | None) -> dict[str, int]:
    """The rank of each touch with findings; the report lists a bounded number of these
    (`policy.judging.findings.MOST_BLOCKS`)."""
    if check is None:
        return {}
    of_touches = Finding.objects.filter(
        check_of=check, tenant=workload.tenant, workload=workload.key
    ).exclude(touch_id="")
    # A finding about an access holds the access's id there.
    pairs = (
        of_touches.exclude(rule__in=ids_in("accesses"))
        .order_by()
        .values_list("touch_id", "verdict")
        .distinct()
    )
    ranks: dict[str, int] = {}
    for touch, verdict in pairs:
        ranks[touch] = min(ranks.get(touch, WITHOUT), VERDICTS.index(verdict))
    return ranks


def _with_findings(
    live: QuerySet[Touch], ranks: Mapping[str, int], after: Before, size: int
) -> list[Touch]:
    named = live.filter(touch_id__among=ranks.keys()).order_by().values_list("key", "touch_id")
    places = sorted((ranks[touch], -key) for key, touch in named)
    keys = [-key for rank, key in places if (rank, key) > (after.rank, -after.key)][:size]
    touches = live.in_bulk(keys)
    return [touches[key] for key in keys if key in touches]


def _without(live: QuerySet[Touch], ranks: Mapping[str, int], below: int, size: int) -> list[Touch]:
    """Read in ever larger portions, as all of the newest may have findings."""
    without: list[Touch] = []
    portion = size
    while len(without) < size:
        read = list(live.filter(key__lt=below).order_by("-key")[:portion])
        without += [touch for touch in read if touch.touch_id not in ranks]
        if len(read) < portion:
            break
        below, portion = read[-1].key, 4 * portion
    return without[:size]
