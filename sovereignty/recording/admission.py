"""What a sender may say, and of which times: checked on every line before anything else is done
with it.

A token speaks for the sources that it was made for, and for nobody else. One that tells what
happened does not state what things are: where a node stands, of what make a card is, in which
sector a tenant (`EVENT_KINDS`, unless it was issued for more). Only an administrator (a token for
any source, or somebody at the operator's shell) declares sources, or corrects what another source
said. And nobody reports what has not happened yet: a heartbeat or an end about the future would
cover time of which nothing can be known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audit.times import iso
from sovereignty.collect.cloudevents import Fact
from sovereignty.facts import kinds
from sovereignty.facts.checks import data_in_force
from sovereignty.facts.errors import FactError

AHEAD_MS = 10_000  # how far a sender's clock may run before ours

# The field with the latest moment that a fact reports as past; a point in time has no end.
_LATEST: dict[type[kinds.Data], str] = {
    kinds.TouchStarted: "started_at",
    kinds.TouchRecorded: "ended_at",
    kinds.TouchEnded: "ended_at",
    kinds.AccessRecorded: "ended_at",
    kinds.Heartbeat: "to_at",
}


# What a collector reports: what happened, that it is there, what it has counted. All other kinds
# state what things are.
EVENT_KINDS = tuple(
    kind
    for kind in kinds.KINDS
    if kind.split(".")[0].split("/")[0]
    in ("touch", "access", "heartbeat", "sequence", "correction")
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the `sources` that it may speak as and the `kinds` of facts that it may send, None
    any."""

    sources: frozenset[str] | None = None
    kinds: frozenset[str] | None = None


ANY_SENDER = Sender()  # an administrator, or the operator's shell


@dataclass(frozen=True, slots=True)
class Admission:
    """Who speaks and when; `now` is milliseconds UTC."""

    sender: Sender
    now: int

    def check(self, fact: Fact) -> None:
        """Raises FactError for a fact that the sender may not say, or that nobody can know yet."""
        if self.sender is not ANY_SENDER:
            _check_sender(fact, self.sender)
        latest = self.now + AHEAD_MS
        if fact.occurred_at > latest:
            raise _too_early("time", fact.occurred_at)
        data: Any = fact.data
        kind = type(data)
        if kind is kinds.Correction:
            data = data_in_force(data)
            kind = type(data)
        if (name := _LATEST.get(kind)) is not None:
            at = getattr(data, name)
            if at is None:
                name, at = "started_at", data.started_at
            if at > latest:
                raise _too_early(
                    f"data.{name}" if data is fact.data else f"data.replacement.data.{name}", at
                )


def _check_sender(fact: Fact, sender: Sender) -> None:
    if sender.kinds is not None:
        _check_kind(fact, sender.kinds)
    if sender.sources is not None:
        _check_source(fact, sender.sources)


def _check_kind(fact: Fact, allowed: frozenset[str]) -> None:
    """A correction is judged by what it puts in its original's place."""
    expected = (
        f"what this token sends ({', '.join(sorted(allowed))}); "
        "to state what things are takes one issued with --inventory"
    )
    if fact.kind not in allowed:
        raise FactError("type", expected, repr(fact.kind))
    data: Any = fact.data
    if (
        isinstance(data, kinds.Correction)
        and data.replacement is not None
        and data.replacement.type not in allowed
    ):
        raise FactError("data.replacement.type", expected, repr(data.replacement.type))


def _check_source(fact: Fact, sources: frozenset[str]) -> None:
    if fact.source not in sources:
        raise FactError(
            "source",
            f"a source that this token speaks for ({', '.join(sorted(sources))})",
            repr(fact.source),
        )
    if isinstance(fact.data, kinds.SourceDeclared):
        raise FactError(
            "type",
            "a source declared by an administrator (a token for any source, or `manage.py record`)",
            "a source's own token",
        )
    if isinstance(fact.data, kinds.Correction) and fact.data.source != fact.source:
        raise FactError(
            "data.source", f"the correcting source itself ({fact.source})", repr(fact.data.source)
        )


def _too_early(field: str, at: int) -> FactError:
    return FactError(
        field,
        "a time that has come (a fact reports what happened)",
        f"{at} ({iso(at)})",
        retry=True,
    )
