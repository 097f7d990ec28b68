"""Load the facts that corrections name, with the bodies that their entries hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.models import Entry
from audit.storage import rows
from sovereignty.facts import kinds
from sovereignty.facts.body import body_of
from sovereignty.facts.checks import decode
from sovereignty.models import Fact


@dataclass(frozen=True, slots=True)
class Original:
    """An accepted fact that a correction names."""

    key: int
    kind: str
    trail_number: int
    data: kinds.Data


def read_originals(named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Original]:
    """Return the accepted facts among these (source, id) pairs, with the bodies that their entries
    hold."""
    keys = sorted(set(named))
    known = rows.matching(
        Fact,
        ("source", "fact_id", "key", "kind", "trail_number", "index"),
        ("source", "fact_id"),
        keys,
    )
    entries = rows.matching(
        Entry,
        ("trail_number", "index", "content"),
        ("trail_number", "index"),
        [row[4:6] for row in known],
    )
    contents = {(trail, index): bytes(content) for trail, index, content in entries}
    return {
        (source, fact_id): Original(
            key, kind, trail, decode(kind, body_of(contents[trail, index]).data)
        )
        for source, fact_id, key, kind, trail, index in known
    }
