"""Reads of the ledger with more than one caller. Callers have asked `audit.access` first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audit.models import FLEET_NUMBER, Entry, Seal, SealedHead, Trail, TrailHead
from audit.own_entries import OWN_SOURCE
from audit.people.sentences import own_words
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
    def words(self) -> str:
        """The operator's own act as a sentence; empty for what others say."""
        return own_words(self.kind, self.body["body"]) if self.source == OWN_SOURCE else ""

    @classmethod
    def of(cls, entry: Entry) -> EntryLine:
        content = bytes(entry.content)
        said: Any = json.loads(content)
        return cls(
            entry.trail_number, entry.index, entry.kind, said["subject"], said.get("source", ""), entry.received_at,
            said.get("occurred_at"), bytes(entry.leaf_hash).hex(), content, said,
        )  # fmt: skip


def is_open() -> bool:
    """Whether the ledger was opened: until then nothing can be recorded, and no page has anything
    to show."""
    return Trail.objects.filter(number=FLEET_NUMBER).exists()


def entries_before(trail: Trail, before: int | None) -> list[EntryLine]:
    """One page of a trail's entries, newest first: those below index `before`, or the newest."""
    end = trail.size if before is None else min(before, trail.size)
    found = Entry.objects.filter(
        trail_number=trail.number, index__lt=end, index__gte=end - ENTRIES_A_PAGE
    )
    return [EntryLine.of(entry) for entry in found.order_by("-index")]


def entry_line(trail: Trail, index: int) -> EntryLine | None:
    """Entry `index` of the trail."""
    found = Entry.objects.filter(trail_number=trail.number, index=index).first()
    return None if found is None else EntryLine.of(found)


def sealed_in(trail: Trail, index: int) -> Seal | None:
    """The first epoch whose head of the trail covers entry `index`, once it is published."""
    heads = TrailHead.objects.filter(trail_number=trail.number, size__gt=index).order_by("epoch")
    epoch = heads.values_list("epoch", flat=True).first()
    return None if epoch is None else published().filter(epoch=epoch).first()


def published() -> Any:
    """The published epochs, newest first."""
    return Seal.objects.filter(checkpoint__isnull=False).defer("compact").order_by("-epoch")


def last_seal() -> Seal | None:
    """The newest published epoch with a checkpoint; the log's genesis counts as none."""
    found: Seal | None = published().filter(epoch__gte=1).first()
    return found


def seals_before(before: int | None) -> list[Seal]:
    """One page of published epochs, newest first."""
    found = published() if before is None else published().filter(epoch__lt=before)
    return list(found[:SEALS_A_PAGE])


def sealed_sizes(trails: Sequence[Trail]) -> dict[int, int]:
    """How many entries of each trail are sealed, by trail number."""
    found = SealedHead.objects.filter(trail_number__in=[trail.number for trail in trails])
    return dict(found.values_list("trail_number", "size"))


def pin_of(trail: Trail) -> str:
    """The trail's pin, with which its reader checks a bundle."""
    return Pin(trail.number, Hash(bytes(trail.trail_id))).text()
