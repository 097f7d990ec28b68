"""Reads of the ledger with more than one caller. Callers have asked `audit.access` first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from audit.models import FLEET_NUMBER, Entry, Seal, SealedHead, Trail, TrailHead
from audit.own_entries import OWN_SOURCE
from audit.people.sentences import sentence_of
from audit.tlog.merkle import Hash
from audit.verifier.pin_and_head import Pin

ENTRIES_A_PAGE = 50
SEALS_A_PAGE = 50
EXPORTS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry as a list shows it. `subject` is `kind/name`, as the entry writes it."""

    trail: int
    index: int
    kind: str
    subject: str
    source: str
    received_at: int
    occurred_at: int | None
    leaf_hash: str
    content: bytes
    body: Any

    @property
    def sentence(self) -> str:
        """The operator's own act as a sentence; empty for what others say."""
        return sentence_of(self.kind, self.body["body"]) if self.source == OWN_SOURCE else ""

    @classmethod
    def of(cls, entry: Entry) -> EntryLine:
        content = bytes(entry.content)
        document: Any = json.loads(content)
        return cls(
            trail=entry.trail_number,
            index=entry.index,
            kind=entry.kind,
            subject=document["subject"],
            source=document.get("source", ""),
            received_at=entry.received_at,
            occurred_at=document.get("occurred_at"),
            leaf_hash=bytes(entry.leaf_hash).hex(),
            content=content,
            body=document,
        )


def is_open() -> bool:
    """Return whether the ledger was opened: until then nothing can be recorded, and no page has
    anything to show."""
    return Trail.objects.filter(number=FLEET_NUMBER).exists()


def entries_before(trail: Trail, before: int | None) -> list[EntryLine]:
    """Return one page of a trail's entries, newest first: those below index `before`, or the
    newest."""
    end = trail.size if before is None else min(before, trail.size)
    page = Entry.objects.filter(
        trail_number=trail.number, index__lt=end, index__gte=end - ENTRIES_A_PAGE
    )
    return [EntryLine.of(entry) for entry in page.order_by("-index")]


def entry_line(trail: Trail, index: int) -> EntryLine | None:
    """Return entry `index` of the trail."""
    entry = Entry.objects.filter(trail_number=trail.number, index=index).first()
    return None if entry is None else EntryLine.of(entry)


def sealed_in(trail: Trail, index: int) -> Seal | None:
    """Return the first epoch whose head of the trail covers entry `index`, once it is published."""
    heads = TrailHead.objects.filter(trail_number=trail.number, size__gt=index).order_by("epoch")
    epoch = heads.values_list("epoch", flat=True).first()
    return None if epoch is None else published().filter(epoch=epoch).first()


def published() -> QuerySet[Seal]:
    """Return the published epochs, newest first."""
    return Seal.objects.filter(checkpoint__isnull=False).defer("compact").order_by("-epoch")


def last_seal() -> Seal | None:
    """Return the newest published epoch with a checkpoint; the log's genesis counts as none."""
    return published().filter(epoch__gte=1).first()


def seals_before(before: int | None) -> list[Seal]:
    """Return one page of published epochs, newest first."""
    seals = published() if before is None else published().filter(epoch__lt=before)
    return list(seals[:SEALS_A_PAGE])


def sealed_sizes(trails: Sequence[Trail]) -> dict[int, int]:
    """Return how many entries of each trail are sealed, by trail number."""
    heads = SealedHead.objects.filter(trail_number__in=[trail.number for trail in trails])
    return dict(heads.values_list("trail_number", "size"))


def pin_of(trail: Trail) -> str:
    """Return the trail's pin, with which its reader checks a bundle."""
    return Pin(trail.number, Hash(bytes(trail.trail_id))).text()
