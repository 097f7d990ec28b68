"""From a fact to the CloudEvents line that the record step reads, with an id that a second import
gives again.

    {"specversion":"1.0","type":"domicile.touch.recorded.v1","source":"mlperf","id":"touch.recorded/Dell/v4.0:Dell:…:3",
     "time":"2024-04-16T10:03:27.112Z","data":{…}}

Ids: a touch or an access is named by its key, so that other content under the same key is refused
as a conflict. A statement (node, tenant, workload …) is named by its subject and a digest of what
it states, so that a changed one is a new statement.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from sovereignty.facts import kinds
from sovereignty.facts.checks import check_keys, loose_keys, subject_of, tenant_of
from sovereignty.facts.errors import explained

LONGEST_ID = 200  # as `facts.Key`
_KINDS = {struct: kind for kind, struct in kinds.KINDS.items()}
_NAMED_BY_KEY = (kinds.TouchStarted, kinds.TouchEnded, kinds.TouchRecorded, kinds.AccessRecorded)
# the first that a fact has is the moment of which it speaks
_TIMES = ("ended_at", "to_at", "started_at", "effective_at")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Event:
    """One fact of a trace. `rows` are the row ids of `table` from which it was made; `occurred_at`
    in milliseconds UTC."""

    source: str
    data: kinds.Data
    id: str
    occurred_at: int
    table: str = ""
    rows: tuple[int, ...] = ()
    sequence: int | None = None


def make_event(source: str, data: kinds.Data, table: str = "", rows: Iterable[int] = ()) -> Event:
    """Return the event of a fact, its id and time taken from the fact."""
    return Event(source, data, _id_of(data), _time_of(data), table, tuple(rows))


def kind_of(data: kinds.Data) -> str:
    """The kind of a fact, as in `touch.recorded/v1`."""
    return _KINDS[type(data)]


def convert(struct: type[kinds.Data], values: dict[str, object]) -> kinds.Data:
    """Return the struct that the values make, without None and empty texts. Raises FactError."""
    try:
        data = msgspec.convert(
            {name: value for name, value in values.items() if value not in (None, "")}, struct
        )
    except msgspec.ValidationError as error:
        raise explained(error, "data") from error
    check_keys(loose_keys(data), "data")
    return data


def encode(event: Event) -> bytes:
    """One line of NDJSON, without its newline."""
    envelope: dict[str, object] = {
        "specversion": "1.0",
        "type": kinds.TYPE_PREFIX + kind_of(event.data).replace("/", "."),
        "source": event.source,
        "id": event.id,
        "time": rfc3339(event.occurred_at),
    }
    if event.sequence is not None:
        envelope["sequence"] = event.sequence
    return _encode({**envelope, "data": event.data})


def rfc3339(millis: int) -> str:
    """Milliseconds UTC as `2024-04-16T10:03:27.112Z`."""
    seconds, rest = divmod(millis, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def numbered(events: Iterable[Event], source: str) -> Iterator[Event]:
    """Number the events of `source` per trail, 1, 2, 3 … in the order of their times; events of
    other sources pass.

    Keeps the order in which they come, and ends with each trail's highest number. All events are
    held in memory.
    """
    all_events = list(events)
    trails: dict[str | None, list[int]] = defaultdict(list)
    for index, event in enumerate(all_events):
        if event.source == source:
            trails[tenant_of(event.data)].append(index)
    numbers: dict[int, int] = {}
    for indices in trails.values():
        # a hole is dated by its neighbours' times
        indices.sort(key=lambda index: (all_events[index].occurred_at, index))
        numbers |= {index: number for number, index in enumerate(indices, start=1)}
    for index, event in enumerate(all_events):
        yield replace(event, sequence=numbers[index]) if index in numbers else event
    for tenant, indices in trails.items():
        report = kinds.SequenceReported(highest=len(indices), tenant=tenant)
        yield Event(source, report, _id_of(report), all_events[indices[-1]].occurred_at)


def _id_of(data: kinds.Data) -> str:
    kind = kind_of(data).partition("/")[0]
    subject = subject_of(data).partition("/")[2]
    if isinstance(data, _NAMED_BY_KEY):
        name = f"{kind}/{data.tenant}/{subject}"
        return (
            name
            if len(name) <= LONGEST_ID
            else f"{kind}/{hashlib.sha256(name.encode()).hexdigest()}"
        )
    digest = hashlib.sha256(_encode(data)).hexdigest()[:32]
    name = f"{kind}/{subject}/{digest}"
    return name if len(name) <= LONGEST_ID else f"{kind}/{digest}"


def _time_of(data: kinds.Data) -> int:
    values = (getattr(data, name, None) for name in _TIMES)
    return next((moment for moment in values if isinstance(moment, int)), 0)
