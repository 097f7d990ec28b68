"""CloudEvents 1.0 in JSON: one event becomes one fact, or one refusal that names the field.

    {"specversion":"1.0","type":"domicile.touch.recorded.v1","source":"slurm/hz-a","id":"8812","time":"2026-11-23T08:00:00Z",
     "sequence":17,"data":{…}}

Required of the envelope: specversion, id, source, type and time (the moment of which the source
speaks). `sequence` is its own number for the trail, an integer or a string of digits (the
CloudEvents sequence extension writes strings). Further extension attributes are allowed and
ignored, as the specification asks; unknown fields inside `data` are refused.
"""

import hashlib
import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, Union

import msgspec
from msgspec import Meta, Struct

from audit.times import DAY_MS, EPOCH
from sovereignty.facts import kinds
from sovereignty.facts.body import encode_body
from sovereignty.facts.checks import (
    check,
    check_composed,
    check_keys,
    data_in_force,
    is_plain,
    loose_keys,
    read,
    sole_hostlist_of,
    subject_of,
    tenant_of,
)
from sovereignty.facts.errors import FactError, explained
from sovereignty.facts.fact import SourceFact

MOST_LINE_BYTES = 262_144  # far over the largest entry; a longer line is somebody's mistake
_TYPE = re.compile(r"domicile\.([a-z.]+)\.v([0-9]+)")
Sequence: TypeAlias = (
    Annotated[int, Meta(ge=0, le=kinds.LARGEST)]
    | Annotated[str, Meta(pattern=kinds.DIGITS_PATTERN)]
    | None
)


class Envelope(Struct, frozen=True):
    id: kinds.LooseKey
    source: kinds.LooseKey
    specversion: str
    time: datetime
    type: str
    data: msgspec.Raw = msgspec.Raw(b"")
    datacontenttype: str | None = None
    sequence: Sequence = None


class Event(Struct, frozen=True):
    """An event of a known kind, read in one go: what `Envelope` holds, with `type` as the tag that
    says of which struct `data` is."""

    id: kinds.LooseKey
    source: kinds.LooseKey
    specversion: Literal["1.0"]
    time: datetime
    data: kinds.Data
    datacontenttype: str | None = None
    sequence: Sequence = None


class Fact(SourceFact, frozen=True, gc=False):
    """A fact as its source sent it, and as the entry that it becomes. `body` is the entry's
    (`policy.fact_body`); `digest` covers everything that the source said; `tenant` is None for the
    fleet's trail; `occurred_at` in milliseconds UTC."""

    subject: str
    sequence: int | None
    occurred_at: int
    body: bytes
    digest: bytes
    tenant: str | None
    attachments: ClassVar[tuple[()]] = ()


_decode_envelope = msgspec.json.Decoder(Envelope).decode
_encode = msgspec.json.Encoder(order="deterministic").encode
_KINDS = {
    msgspec.defstruct(
        struct.__name__,
        [("data", struct)],
        bases=(Event,),
        frozen=True,
        tag_field="type",
        tag=f"domicile.{kind.replace('/', '.')}",
    ): kind
    for kind, struct in kinds.KINDS.items()
}
_decode_event = msgspec.json.Decoder(Union[tuple(_KINDS)]).decode  # noqa: UP007 - of classes that are made here


def parse(line: bytes) -> Fact:
    """Return the fact that one JSON event spells. Raises FactError."""
    kind, event, data = _read(line)
    sole_hostlist = sole_hostlist_of(data)
    check(kind, data, sole_hostlist)
    if type(data) is kinds.Correction:
        data = _with_canonical_replacement(data)
    body, source, name = _encode(data), event.source, event.id
    occurred_at = _millis(event.time)
    sequence = None if event.sequence is None else int(event.sequence)
    digested = _encode([kind, source, name, occurred_at, sequence]) + body
    if not is_plain(digested):
        check_keys({"id": name, "source": source})
        check_keys(loose_keys(data), "data")
        if not digested.isascii():
            check_composed({"id": name, "source": source, "data": msgspec.to_builtins(data)})
    return Fact(
        source,
        name,
        kind,
        data,
        sole_hostlist,
        (),
        subject_of(data),
        sequence,
        occurred_at,
        encode_body(body, name),
        hashlib.sha256(digested).digest(),
        tenant_of(data),
    )


def _read(line: bytes) -> tuple[str, Envelope | Event, kinds.Data]:
    """The kind of the event, the event, and its data; what the types leave open is not checked yet.
    Raises FactError."""
    if len(line) <= MOST_LINE_BYTES:
        try:
            event = _decode_event(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # read again below, one step after another, which tells what is wrong
        else:
            if event.time.tzinfo is not None:
                return _KINDS[type(event)], event, event.data
    envelope = _envelope(line)
    kind = _kind(envelope.type)
    if not bytes(envelope.data):
        raise FactError("data", "a JSON object", "nothing")
    return kind, envelope, read(kind, envelope.data)


def identity(line: bytes) -> str | None:
    """The id of an event that may be malformed, for its refusal; None where it cannot be read."""
    try:
        event: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    fact_id = event.get("id") if isinstance(event, dict) else None
    return fact_id if isinstance(fact_id, str) else None


def _envelope(line: bytes) -> Envelope:
    if len(line) > MOST_LINE_BYTES:
        raise FactError("line", f"at most {MOST_LINE_BYTES} bytes", f"{len(line)}")
    try:
        envelope = _decode_envelope(line)
    except msgspec.DecodeError as error:
        raise explained(error, "") from error
    except UnicodeDecodeError as error:
        raise FactError(
            "line", "UTF-8 text", f"a byte that is not, at offset {error.start}"
        ) from error
    except RecursionError as error:
        raise FactError("event", "a CloudEvents object", "values nested without end") from error
    if envelope.specversion != "1.0":
        raise FactError("specversion", "'1.0'", repr(envelope.specversion))
    if envelope.time.tzinfo is None:
        raise FactError(
            "time", "RFC 3339 with an offset, as in 2026-11-23T08:00:00Z", "a time without one"
        )
    return envelope


@lru_cache(maxsize=256)
def _kind(name: str) -> str:
    match = _TYPE.fullmatch(name)
    kind = f"{match[1]}/v{match[2]}" if match else ""
    if kind not in kinds.KINDS:
        known = ", ".join(f"domicile.{kind.replace('/', '.')}" for kind in kinds.KINDS)
        raise FactError("type", f"one of {known}", repr(name[:100]))
    return kind


def _millis(time: datetime) -> int:
    since = time - EPOCH
    millis = since.days * DAY_MS + since.seconds * 1_000 + since.microseconds // 1_000
    if not 0 <= millis <= kinds.LATEST_MS:
        raise FactError("time", "a time from 1970 to the end of 9998", time.isoformat())
    return millis


def _with_canonical_replacement(data: kinds.Correction) -> kinds.Correction:
    """Check that a replacement is a whole body of a known kind, of the same tenant as the
    correction, and spell it canonically: it is hashed as JSON of any shape, so what its own kind
    leaves out or would refuse must not get through."""
    replaced = data_in_force(data)
    if data.replacement is None or replaced is None:
        return data
    if tenant_of(replaced) != data.tenant:
        raise FactError(
            "data.replacement.data.tenant",
            f"the correction's own ({data.tenant or 'the fleet'})",
            repr(tenant_of(replaced)),
        )
    replacement = msgspec.structs.replace(data.replacement, data=msgspec.to_builtins(replaced))
    return msgspec.structs.replace(data, replacement=replacement)
