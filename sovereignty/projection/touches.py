"""Touches of the projection: a start and an end, in any order, become versions of one row and its
chunk rows.

A touch is what one source tells under one id: another source's end of the same id ends nothing of
it. What is known of it is its start (`touch.started` or the closed `touch.recorded`) and its end.
Whenever a fact changes one of them, the live version is superseded and a new one made, whose key is
the fact that changed it; so the plane as of any position can still be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from msgspec import UNSET, Struct

from audit.storage import rows
from audit.times import DAY_MS, EPOCH, millis_of
from sovereignty.facts import kinds
from sovereignty.facts.checks import LONGEST_TOUCH_MS
from sovereignty.facts.errors import FactError
from sovereignty.facts.fact import SourceFact
from sovereignty.models import GRADES, Touch, TouchChunk, TouchEnd, TouchPart, Workload
from sovereignty.models.derived import CURRENT_CONDITION
from sovereignty.register.card_sets import CardSet, ChunkCards, card_set
from sovereignty.register.register import Register

TouchKey = tuple[int, str, str]  # (tenant, source, touch id)

TOUCH_COLUMNS = (
    "key", "fact_id", "made_by_id", "superseded_by_id", "tenant_id", "workload_id", "touch_id",
    "source", "grade", "started_at", "ended_at", "end_grade", "cards",
)  # fmt: skip
CHUNK_COLUMNS = ("touch_id", "chunk", "first_card", "last_card", "bits", "started_at", "ended_at")
PART_COLUMNS = ("touch_id", "k", "nodes")
END_COLUMNS = (
    "fact_id", "made_by_id", "superseded_by_id", "tenant_id", "source", "touch_id", "ended_at",
    "grade",
)  # fmt: skip
STORED_COLUMNS = (
    "key", "tenant_id", "touch_id", "workload_id", "fact_id", "source", "grade", "started_at",
    "ended_at", "cards",
)  # fmt: skip
KEY_COLUMNS = ("tenant_id", "source", "touch_id")  # of a `TouchKey`


class Start(Struct, frozen=True, gc=False):
    """The start of a touch: its fact, its cards by chunk, its k-parts (k, nodes), and its own end
    if it is closed."""

    fact: int
    source: str
    grade: int
    workload: str
    started_at: int
    ended_at: int | None
    cards: int
    chunks: list[ChunkCards]
    parts: list[tuple[int, list[str] | None]]


class End(Struct, frozen=True, gc=False):
    fact: int
    ended_at: int
    grade: int


class State(Struct, gc=False):
    """What is known of one touch. `version` is the key of its live row in the database,
    `stored_end` its live end there; `cause` is the fact that last changed it, None while this batch
    has not."""

    start: Start | None = None
    end: End | None = None
    version: int | None = None
    stored_end: End | None = None
    cause: int | None = None

    def ended(self) -> tuple[int | None, int | None]:
        """The end and its evidence: a closed touch is told in one."""
        if self.start is not None and self.start.ended_at is not None:
            return self.start.ended_at, self.start.grade
        return (self.end.ended_at, self.end.grade) if self.end else (None, None)


@dataclass(slots=True)
class TouchProjection:
    """The touches that one batch changes. `load` first, then `start`, `end` and the `forget_…`
    functions, then `flush`."""

    batch: int
    register: Register
    states: dict[TouchKey, State] = field(default_factory=dict)

    def load(self, keys: Iterable[TouchKey]) -> None:
        """Read what the database knows of these touches."""
        new = {key: State() for key in keys if key not in self.states}
        self.states.update(new)
        self._load_ends(list(new))
        self._load_starts(list(new))

    def start(self, tenant: int, key: int, cause: int, fact: SourceFact) -> None:
        """A start that counts as the fact `key` and is said by `cause`. Raises FactError."""
        data: Any = fact.data
        state = self.states[tenant, fact.source, data.touch]
        if state.start is not None:
            raise FactError(
                "data.touch",
                "a touch id that no other fact has started",
                f"{data.touch}, already started",
            )
        own_end = data.ended_at if isinstance(data, kinds.TouchRecorded) else None
        if state.end is not None:
            _check_end(state.end, data.started_at, own_end)
        state.start = _started(self.register, key, fact, own_end)
        state.cause = cause

    def end(self, tenant: int, fact: int, cause: int, source: str, data: kinds.TouchEnded) -> None:
        """An end fact, before or after its start. Raises FactError."""
        state = self.states[tenant, source, data.touch]
        if state.ended()[0] is not None:
            raise FactError(
                "data.touch", "a touch that has not ended yet", f"{data.touch}, which has"
            )
        if (
            state.start is not None
            and not 0 < data.ended_at - state.start.started_at <= LONGEST_TOUCH_MS
        ):
            expected = (
                f"a time after its start ({state.start.started_at}), "
                f"by {LONGEST_TOUCH_MS} ms at most"
            )
            raise FactError("data.ended_at", expected, str(data.ended_at))
        state.end, state.cause = End(fact, data.ended_at, GRADES[data.evidence]), cause

    def forget_start(self, tenant: int, source: str, touch: str, original: int, cause: int) -> None:
        """Take back the start that the fact `original` gave, if it still stands."""
        state = self.states[tenant, source, touch]
        if state.start is not None and state.start.fact == original:
            state.start, state.cause = None, cause

    def forget_end(self, tenant: int, source: str, touch: str, original: int, cause: int) -> None:
        """Take back the end that the fact `original` gave, if it still stands."""
        state = self.states[tenant, source, touch]
        if state.end is not None and state.end.fact == original:
            state.end, state.cause = None, cause

    def workloads(self) -> list[tuple[int, str]]:
        """The (tenant, workload key) that the changed touches name, one a touch."""
        return [
            (tenant, state.start.workload)
            for (tenant, _, _), state in self.states.items()
            if state.cause is not None and state.start is not None
        ]

    def flush(self, workloads: dict[tuple[int, str], int]) -> None:
        """Write the changes: superseded versions, new versions with their chunk rows and parts,
        ends."""
        batch = self.batch
        superseded: list[int] = []
        touches: list[tuple[Any, ...]] = []
        chunks: list[tuple[Any, ...]] = []
        parts: list[tuple[Any, ...]] = []
        ends: list[tuple[TouchKey, State]] = []
        for key, state in self.states.items():
            start, cause = state.start, state.cause
            if cause is None:
                continue
            if state.version is not None:
                superseded.append(state.version)
            if state.end != state.stored_end:
                ends.append((key, state))
            if start is None:
                continue
            (tenant, _, touch), started_at, (ended_at, end_grade) = (
                key,
                start.started_at,
                state.ended(),
            )
            touches.append(
                (
                    cause, start.fact, batch, None, tenant, workloads[tenant, start.workload],
                    touch, start.source, start.grade, started_at, ended_at, end_grade, start.cards,
                )
            )  # fmt: skip
            if ended_at is None or ended_at <= _next_month(started_at // DAY_MS):
                # Nearly every touch has one piece, and a comprehension is a call.
                for piece in start.chunks:
                    chunks.append((cause, *piece, started_at, ended_at))  # noqa: PERF401
            else:
                chunks += [
                    (cause, *piece, *span)
                    for span in _months(started_at, ended_at)
                    for piece in start.chunks
                ]
            if start.parts:
                parts += [(cause, k, nodes) for k, nodes in start.parts]
        supersede(Touch, "key", superseded, batch)
        rows.insert(Touch, TOUCH_COLUMNS, touches)
        rows.insert(TouchChunk, CHUNK_COLUMNS, chunks)
        if parts:
            rows.insert(TouchPart, PART_COLUMNS, parts)
        self._flush_ends(ends)

    def _flush_ends(self, changed: Sequence[tuple[TouchKey, State]]) -> None:
        supersede(
            TouchEnd,
            "fact_id",
            [state.stored_end.fact for _, state in changed if state.stored_end],
            self.batch,
        )
        if ends := [
            (
                state.end.fact,
                self.batch,
                None,
                tenant,
                source,
                touch,
                state.end.ended_at,
                state.end.grade,
            )
            for (tenant, source, touch), state in changed
            if state.end
        ]:
            rows.insert(TouchEnd, END_COLUMNS, ends)

    def _load_ends(self, keys: Sequence[TouchKey]) -> None:
        if not TouchEnd.objects.current().exists():
            return  # as where only whole touches are reported
        columns = ("tenant_id", "source", "touch_id", "fact_id", "ended_at", "grade")
        for tenant, source, touch, fact, ended_at, grade in rows.matching(
            TouchEnd, columns, KEY_COLUMNS, keys, CURRENT_CONDITION
        ):
            state = self.states[tenant, source, touch]
            state.end = state.stored_end = End(fact, ended_at, grade)

    def _load_starts(self, keys: Sequence[TouchKey]) -> None:
        stored = rows.matching(Touch, STORED_COLUMNS, KEY_COLUMNS, keys, CURRENT_CONDITION)
        if not stored:
            return
        chunks, parts = _cards_of([row[0] for row in stored])
        names = dict(
            Workload.objects.filter(id__among={row[3] for row in stored}).values_list("pk", "key")
        )
        for row in stored:
            key, tenant, touch, workload, fact, source, grade, started_at, ended_at, cards = row
            state = self.states[tenant, source, touch]
            state.version = key
            state.start = Start(
                fact, source, grade, names[workload], started_at,
                ended_at if state.end is None else None, cards,
                chunks.get(key, []), parts.get(key, []),
            )  # fmt: skip


def _check_end(end: End, started_at: int, own_end: int | None) -> None:
    """Check that a touch whose end is known may start so. Raises FactError."""
    if own_end is not None:
        raise FactError("data.ended_at", "no second end: a touch.ended gave one", str(own_end))
    if not 0 < end.ended_at - started_at <= LONGEST_TOUCH_MS:
        expected = f"a time before its end ({end.ended_at}), by {LONGEST_TOUCH_MS} ms at most"
        raise FactError("data.started_at", expected, str(started_at))


def _started(register: Register, key: int, fact: SourceFact, own_end: int | None) -> Start:
    data: Any = fact.data
    parts: list[tuple[int, list[str] | None]] = []
    if fact.sole_hostlist is not None:
        cards = _cards(register, (fact.sole_hostlist,))
        count = cards.count
    else:
        texts, parts = _named(data, fact.resolved)
        cards = _cards(register, texts)
        count = cards.count + sum(k for k, _ in parts)
    return Start(
        key,
        fact.source,
        GRADES[data.evidence],
        data.workload,
        data.started_at,
        own_end,
        count,
        cards.chunks,
        parts,
    )


def _named(
    data: kinds.TouchStarted | kinds.TouchRecorded, slots: Sequence[str]
) -> tuple[list[str], list[tuple[int, list[str] | None]]]:
    """The hostlists that name a touch's cards, `slots` among them, and its k-parts."""
    texts, parts = list(slots), []
    for part in data.parts:
        if part.cards is not UNSET:
            texts += part.cards
        elif part.k is not UNSET:
            parts.append((part.k, part.of or None))
    return texts, parts


def _cards(register: Register, texts: Sequence[str]) -> CardSet:
    """The cards of disjoint hostlists. Raises FactError for a slot without a number, and for a card
    that is named twice."""
    try:
        if len(texts) == 1:
            return register.cards_of(texts[0])
        numbers = [number for text in texts for number in register.numbers_of(text)]
    except KeyError as error:
        raise FactError(
            "data.parts", "slots for which the register has room in their node's chunk", str(error)
        ) from error
    if len(set(numbers)) != len(numbers):
        raise FactError(
            "data.parts",
            "cards that no other part of the touch names",
            "a serial of a card that is named as well",
        )
    return card_set(numbers)


def _months(start: int, end: int) -> list[tuple[int, int]]:
    """Cut [start, end) at month borders (UTC)."""
    pieces: list[tuple[int, int]] = []
    while (border := _next_month(start // DAY_MS)) < end:
        pieces.append((start, border))
        start = border
    return [*pieces, (start, end)]


@lru_cache(maxsize=4096)
def _next_month(day: int) -> int:
    """The first millisecond of the month after that of day number `day` since 1970."""
    date = EPOCH + timedelta(days=day)
    year, month = (date.year + 1, 1) if date.month == 12 else (date.year, date.month + 1)
    return millis_of(datetime(year, month, 1, tzinfo=UTC))


def _cards_of(
    versions: list[int],
) -> tuple[dict[int, list[ChunkCards]], dict[int, list[tuple[int, list[str] | None]]]]:
    """The chunk sets and k-parts of stored versions; the pieces that month borders cut are one set
    again."""
    chunks: dict[int, dict[int, ChunkCards]] = {}
    parts: dict[int, list[tuple[int, list[str] | None]]] = {}
    pieces = TouchChunk.objects.filter(touch_id__among=set(versions))
    for touch, chunk, first, last, bits in pieces.values_list(
        "touch_id", "chunk", "first_card", "last_card", "bits"
    ):
        chunks.setdefault(touch, {})[chunk] = (
            chunk,
            first,
            last,
            None if bits is None else bytes(bits),
        )
    for touch, k, nodes in (
        TouchPart.objects.filter(touch_id__among=set(versions))
        .order_by("pk")
        .values_list("touch_id", "k", "nodes")
    ):
        parts.setdefault(touch, []).append((k, nodes))
    return {
        touch: [by_chunk[chunk] for chunk in sorted(by_chunk)] for touch, by_chunk in chunks.items()
    }, parts


def supersede(model: Any, column: str, keys: Sequence[Any], batch: int) -> None:
    """Mark the live rows with these keys as superseded by `batch`."""
    if keys:
        live = model.objects.current().filter(**{f"{column}__among": set(keys)})
        live.update(superseded_by=batch)
