"""The world: everything that a check may know, as of one ledger position and for one period.

The recorder's database and a verified evidence bundle both become a `World`. `policy.evaluate`
reads nothing else, so the same facts give the same report wherever they come from. Names of
tenants, workloads, nodes and touches are text; everything that is counted in millions is a numpy
array.

    World(
        nodes=["hz-a-0001"], card_node=int32[0, 0], card_slot=["0", "1"],
        tenants=["st-mary"], workloads=["triage-7b"],
        touches=Touches(
            id=["8812"], tenant=int32[0], workload=int32[0], start=int64[1000], end=int64[OPEN],
            grade=int8[3], end_grade=int8[3],
        ),
        runs=Runs(
            touch=int32[0], first=int64[0], last=int64[1], start=int64[1000], end=int64[OPEN]
        ),
        …
    )

Units: every time is an integer of milliseconds UTC. Every interval is half-open `[start, end)`.
Every card range is of card numbers and *closed* `(first, last)`, as a chunk row keeps it. Indexes
count from 0. DESIGN sections 2 and 3.

We coin two words: a *run* is consecutive cards of one touch; a *strip* (`plane.strips`) is cards
with one history.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sovereignty.facts.kinds import FactFamily

Int8s: TypeAlias = NDArray[np.int8]
Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]
CardRange: TypeAlias = tuple[int, int]  # (first, last), closed
CardRanges: TypeAlias = tuple[CardRange, ...]
Subject: TypeAlias = (
    tuple[Literal["region"], str]
    | tuple[Literal["node", "card", "tenant", "workload"], int]
    | tuple[Literal["cards"], CardRange]
)

OPEN = 2**62  # the end of what has not ended; cut at the period's end
BEGINNING = -(2**62)  # before every time; where a window has no known start
NO_NODE = -1  # `card_node` of a number that was never given to a slot


class Grade(IntEnum):
    """How well a value is evidenced; a higher grade wins over a lower one. The names are those of
    `facts.kinds.Grade` in capitals."""

    PLANNED = 0
    DECLARED = 1
    ATTESTED = 2
    OBSERVED = 3


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact's values of one subject, from `effective_at` on.

    - `subject`: ("region", region key), ("node", node index), ("card", card number), ("cards",
      (first, last)), ("tenant", tenant index) or ("workload", workload index). "cards" is a closed
      range of card numbers with the same values.
    - `source`: the CloudEvents source.
    - `order`: rises with the fact's ledger position, and is unique among statements of one source.
    - `values`: only what the fact supplied, as attribute name → text. Attributes that no rule reads
      may be left out.
    - `resets`: true of card.replaced and card.retired. At `effective_at` every earlier value of the
      cards ends that is of this grade or a lower one.

    The attributes, by kind of subject:

    - region: country, territory, provider.
    - node: region, owner.
    - card, cards: those of CARD_ATTRIBUTES, serial, and present, which is "yes" of every card that
      a fact states to be there and "no" of one that was retired.
    - tenant: sector, home_jurisdiction, controlling_jurisdiction.
    - workload: kind, data_class.
    """

    subject: Subject
    effective_at: int
    grade: Grade
    source: str
    order: int
    values: Mapping[str, str]
    resets: bool = False


@dataclass(frozen=True, slots=True)
class Touches:
    """One element per touch; all arrays have the length of `id`.

    - `id`: the tenant's own touch key, unique within a tenant.
    - `tenant`, `workload`: indexes in `World.tenants` and `World.workloads`.
    - `start`, `end`: its interval; `end` is OPEN while it has not ended.
    - `grade`: the `Grade` of the fact that reports its start.
    - `end_grade`: the `Grade` of the fact that reports its end; that of its start while it has not
      ended.

    Touches that ended before the period may be among them, if others may have met them
    (`sharing.unconfirmed_ends`).
    """

    id: list[str]
    tenant: Int32s
    workload: Int32s
    start: Int64s
    end: Int64s
    grade: Int8s
    end_grade: Int8s

    def judged_grade(self) -> Int8s:
        """Return the grade by which each touch is judged: the lower of its start and its end."""
        return np.minimum(self.grade, self.end_grade)


@dataclass(frozen=True, slots=True)
class Runs:
    """Consecutive explicit cards of touches, in any order; all arrays have one length.

    - `touch`: an index in `World.touches`.
    - `first`, `last`: a closed range of given card numbers.
    - `start`, `end`: an interval inside the touch's own.

    A touch that is cut at month borders has several runs that abut in time. No card of a touch is
    in two runs at once.
    """

    touch: Int32s
    first: Int64s
    last: Int64s
    start: Int64s
    end: Int64s


@dataclass(frozen=True, slots=True)
class KPart:
    """`k` cards, unknown which, of the cards of `nodes`, over the whole touch. Needs k >= 1.

    `touch` and `nodes` are indexes; `nodes` is None where the nodes are unknown."""

    touch: int
    k: int
    nodes: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Access:
    """A person reached into a tenant's workload: over `[start, end)`, or at the point `start` where
    `end` is None.

    `tenant` and `workload` are indexes; `workload` is None where it is not known. Other fields are
    None where the fact does not supply them."""

    id: str
    tenant: int
    workload: int | None
    person: str
    start: int
    end: int | None
    office_country: str | None
    physical_country: str | None
    employer_jurisdiction: str | None
    approval: str | None
    grade: Grade


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """What a source must report from `effective_at` on, until its next declaration of the same
    grade.

    - `order`: as in `Statement`.
    - `reports`: the families of facts that it reports.
    - `cards`: those that it reports on; None is the whole fleet.
    - `heartbeat_ms`: how often it intends to send heartbeats; no rule reads it.
    - `reach_ms`: how far back from its own time a fact may reach; None is without bound.
    - `sequenced`: whether it numbers its facts 1, 2, 3 … in each trail.
    """

    name: str
    effective_at: int
    order: int
    reports: frozenset[FactFamily]
    cards: CardRanges | None
    heartbeat_ms: int | None
    reach_ms: int | None
    sequenced: bool
    grade: Grade


@dataclass(frozen=True, slots=True)
class Heard:
    """A heartbeat: `source` was heard over `[from_at, to_at)` about `cards`; None is all cards that
    it declared."""

    source: str
    from_at: int
    to_at: int
    cards: CardRanges | None


@dataclass(frozen=True, slots=True)
class SequenceNumbers:
    """The numbers known of one source in one trail.

    - `trail`: a tenant index, or None for the fleet's trail.
    - `numbers`: rise strictly, all >= 1.
    - `times`: the numbered facts' own times (CloudEvents `time`), in the same order.
    - `highest_reported`: from sequence.reported; it says that the numbers 1 to this one exist. 0
      where nothing was reported.
    - `starts`: whether the source reported in this trail the start of a touch, or the end of one,
      as a fact of its own. A lost number may then hide a touch that still runs, so its window has
      no end.
    - `repeated`: those of `numbers`, rising, that several facts have. Their time is the earliest of
      these facts' times.
    """

    source: str
    trail: int | None
    numbers: Int64s
    times: Int64s
    highest_reported: int = 0
    starts: bool = False
    repeated: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class LoneEnd:
    """The end that a source reported of a touch whose start no fact reports: until `end`, it may
    have run on any card."""

    source: str
    tenant: int
    end: int


@dataclass(frozen=True, slots=True)
class ReportedScope:
    """What the facts of one source in one trail are about, whatever it declared.
    `coverage.observed_scope` compares the two.

    - `trail`: as in `SequenceNumbers`.
    - `max_lookback_ms`: the furthest that one of them reaches back from its own time; 0 where none
      does.
    - `reports`: the families of facts that they are of.
    - `outside_declared_cards`: whether one of them is about cards outside all sets that the source
      ever declared, or about unknown cards.
    - `nodes`: those of which they count cards without naming them.

    What inventory statements are about is read from `World.statements`.
    """

    source: str
    trail: int | None
    max_lookback_ms: int = 0
    reports: frozenset[FactFamily] = frozenset()
    outside_declared_cards: bool = False
    nodes: frozenset[int] = frozenset()


ReadReportedScope: TypeAlias = Callable[[Set[str]], list[ReportedScope]]


def nothing_reported(sources: Set[str]) -> list[ReportedScope]:
    """Return no scopes: these sources reported nothing beyond what they declared."""
    return []


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a check may know; the module shows an example.

    - `card_node[c]`, `card_slot[c]`: the node index and the slot label of card number c; NO_NODE
      and None of a number that no slot has.
    - `earlier`: the tenants, by index, that had touches or accesses before the period which are not
      among these. Where the world has all of them, as in a replay, it may be empty.
    - `reported_scope`: returns what the facts of the sources of these names are about. It is a
      function because only the evaluator finds out which sources lost facts, and in most fleets
      none did. It may leave out what a source declared anyway.
    """

    nodes: list[str]
    card_node: Int32s
    card_slot: list[str | None]
    tenants: list[str]
    workloads: list[str]
    statements: list[Statement]
    touches: Touches
    runs: Runs
    parts: list[KPart]
    accesses: list[Access]
    sources: list[SourceDeclaration]
    heard: list[Heard]
    sequences: list[SequenceNumbers]
    lone_ends: list[LoneEnd] = field(default_factory=list)
    earlier: frozenset[int] = frozenset()
    reported_scope: ReadReportedScope = nothing_reported
