"""Facts: what collectors may say, one frozen struct a kind.

A fact arrives as a CloudEvents 1.0 event whose `data` is one of the structs below:

    {"specversion": "1.0", "type": "domicile.touch.recorded.v1", "source": "slurm/hz-a",
     "id": "job-8812", "time": "2026-11-23T08:00:00Z", "sequence": 17,
     "data": {"tenant": "st-mary", "touch": "8812", "workload": "triage-7b",
              "evidence": "observed", "parts": [{"cards": ["hz-a-[0001-0002]/0-7"]}],
              "started_at": 1763884800000, "ended_at": 1763888400000}}

Struct fields are declared in alphabetical order and defaults are left out, so that msgspec's
encoding of a struct *is* its RFC 8785 form (fixed ASCII keys, strings and integers only). Times
inside `data` are integer milliseconds UTC. Card sets are written as schedulers write them
(`sovereignty.hostlist`), never by internal numbers.
"""

from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from audit.times import DAY_MS

TYPE_PREFIX = "domicile."
# The end of the year 9998: the month after it can still be written as RFC 3339.
LATEST_MS = 253_370_764_799_999
LARGEST = 2**53 - 1  # the largest integer that every JSON reader keeps

# Characters that no reader sees: a key with one looks like another key (Unicode's controls, format
# and separator characters).
_UNSEEN = (
    r"\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u1680"
    r"\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Characters that turn or break the line they stand in.
_TURNING = r"\x00-\x1f\x7f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
# Patterns end in \Z: a $ would let a last newline through.
KEY_PATTERN = rf"^(?! )[^{_UNSEEN}]+(?<! )\Z"
_WORD = rf"^[^{_TURNING}]+\Z"
_NODE_NAME = r"^[A-Za-z0-9._+:-]+\Z"
_COUNTRY = r"^[A-Z]{2}\Z"
_NONCE = r"^[0-9a-f]{64}\Z"
DIGITS_PATTERN = r"^[0-9]{1,15}\Z"
PATTERNS = {  # in words, for who is refused
    KEY_PATTERN: (
        "text without control characters, characters that cannot be seen, or spaces at its ends"
    ),
    _WORD: "text of one line without control characters",
    _NODE_NAME: "letters, digits and . _ + : - only",
    _COUNTRY: "an ISO 3166 country code of two capital letters, as in CN",
    DIGITS_PATTERN: "an integer, or a text of at most 15 digits",
    _NONCE: "64 hexadecimal digits in lower case",
}
Key: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200, pattern=KEY_PATTERN)]
# A key whose characters whoever decodes it has to check (`facts.checks.check_keys`): of nearly
# every touch the bytes alone show that all keys are good, in a fraction of the time that a pattern
# for each takes.
LooseKey: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Word: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100, pattern=_WORD)]
NodeName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100, pattern=_NODE_NAME)]
Slots: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2000)]
Hostlist: TypeAlias = Annotated[str, Meta(min_length=1, max_length=32_000)]
Country: TypeAlias = Annotated[str, Meta(pattern=_COUNTRY)]
Millis: TypeAlias = Annotated[int, Meta(ge=0, le=LATEST_MS)]
Count: TypeAlias = Annotated[int, Meta(ge=1, le=10_000_000)]
Highest: TypeAlias = Annotated[int, Meta(ge=0, le=LARGEST)]
Grade: TypeAlias = Literal["planned", "declared", "attested", "observed"]
FactFamily: TypeAlias = Literal["touch", "access", "inventory"]
Nonce: TypeAlias = Annotated[str, Meta(pattern=_NONCE)]


class Data(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """Base of every kind's `data`. Decoded JSON has no cycles, so the collector need not look for
    them."""


class CardGroup(Data, frozen=True, kw_only=True):
    """Cards of one node that share their attributes: `slots` as in `0-7` or `pci:0000:3b:00.0`,
    serials in slot order."""

    design_country: Country | None = None
    fabrication_country: Country | None = None
    firmware_country: Country | None = None
    model: Word | None = None
    packaging_country: Country | None = None
    pci_id: Word | None = None
    serials: list[Word] | None = None
    slots: Slots
    vendor: Word | None = None


class RegionDeclared(Data, frozen=True, kw_only=True):
    country: Country | None = None
    effective_at: Millis
    evidence: Grade
    provider: Word | None = None
    region: Key
    territory: Word | None = None


class NodeRegistered(Data, frozen=True, kw_only=True):
    cards: list[CardGroup] = []
    effective_at: Millis
    evidence: Grade
    node: NodeName
    owner: Word | None = None
    region: Key | None = None


class NodeMoved(Data, frozen=True, kw_only=True):
    effective_at: Millis
    evidence: Grade
    node: NodeName
    region: Key


class CardReplaced(Data, frozen=True, kw_only=True):
    """Another physical card in the slot: whatever was known of the old one ends at
    `effective_at`."""

    design_country: Country | None = None
    effective_at: Millis
    evidence: Grade
    fabrication_country: Country | None = None
    firmware_country: Country | None = None
    model: Word | None = None
    node: NodeName
    packaging_country: Country | None = None
    pci_id: Word | None = None
    serial: Word | None = None
    slot: NodeName
    vendor: Word | None = None


class CardRetired(Data, frozen=True, kw_only=True):
    effective_at: Millis
    evidence: Grade
    node: NodeName
    slot: NodeName


class SourceDeclared(Data, frozen=True, kw_only=True):
    """A source and what it owes.

    `cards` is the set it reports on (absent: the whole fleet); `reports` the kinds it reports;
    heartbeats are owed without a gap; `sequenced` says that it numbers its facts 1, 2, 3 … per
    trail; `reach_ms` is how far back from its own time a fact of this source may speak (a
    scheduler's wall-time limit; absent: without bound), which bounds what a lost number can hide.
    """

    cards: list[Hostlist] | None = None
    effective_at: Millis
    evidence: Grade
    heartbeat_ms: Annotated[int, Meta(ge=1, le=365 * DAY_MS)] | None = None
    key: Word | None = None
    name: Key
    reach_ms: Annotated[int, Meta(ge=0, le=LATEST_MS)] | None = None
    reports: list[FactFamily]
    sequenced: bool = False


class TenantDeclared(Data, frozen=True, kw_only=True):
    controlling_jurisdiction: Country | None = None
    effective_at: Millis
    evidence: Grade
    home_jurisdiction: Country | None = None
    name: Word | None = None
    sector: Word | None = None
    tenant: Key
    tenant_nonce: Nonce | None = None


class WorkloadDeclared(Data, frozen=True, kw_only=True):
    data_class: Word | None = None
    effective_at: Millis
    evidence: Grade
    kind: Word | None = None
    tenant: Key
    workload: Key


class Part(Data, frozen=True, kw_only=True):
    """One disjoint part of a touch's cards: explicit `cards` or `serials`, or `k` of the nodes `of`
    (null: unknown which)."""

    cards: list[Hostlist] | UnsetType = UNSET
    k: Count | UnsetType = UNSET
    of: list[Hostlist] | UnsetType | None = UNSET
    serials: list[Word] | UnsetType = UNSET


class TouchStarted(Data, frozen=True, kw_only=True):
    evidence: Grade
    evidence_ref: Word | None = None
    parts: Annotated[list[Part], Meta(min_length=1)]
    started_at: Millis
    tenant: LooseKey
    touch: LooseKey
    workload: LooseKey


class TouchEnded(Data, frozen=True, kw_only=True):
    ended_at: Millis
    evidence: Grade
    evidence_ref: Word | None = None
    tenant: LooseKey
    touch: LooseKey


class TouchRecorded(Data, frozen=True, kw_only=True):
    ended_at: Millis
    evidence: Grade
    evidence_ref: Word | None = None
    parts: Annotated[list[Part], Meta(min_length=1)]
    started_at: Millis
    tenant: LooseKey
    touch: LooseKey
    workload: LooseKey


class AccessRecorded(Data, frozen=True, kw_only=True):
    """Someone reached into a workload; `ended_at` absent means a point in time."""

    access: Key
    action: Word | None = None
    approval: Word | None = None
    employer_jurisdiction: Country | None = None
    ended_at: Millis | None = None
    evidence: Grade
    office_country: Country | None = None
    person: Key
    physical_country: Country | None = None
    started_at: Millis
    tenant: Key
    workload: Key | None = None


class Heartbeat(Data, frozen=True, kw_only=True):
    """The event's source was heard over `[from_at, to_at)` about `cards` (absent: all that it
    declared)."""

    cards: list[Hostlist] | None = None
    from_at: Millis
    to_at: Millis


class SequenceReported(Data, frozen=True, kw_only=True):
    """The highest number that the event's source has given in one trail: a tenant's, or the fleet's
    (`tenant` absent)."""

    highest: Highest
    tenant: Key | None = None


class Replacement(Data, frozen=True, kw_only=True):
    data: dict[str, Any]
    type: Word


class Correction(Data, frozen=True, kw_only=True):
    """Retracts the fact (`source`, `id`), or replaces it with a whole body. `tenant` is the
    original's; absent: the fleet's."""

    id: Key
    reason: Word
    replacement: Replacement | None = None
    source: Key
    tenant: Key | None = None


# The kinds that begin a touch, and those that are about one. (`type(x) in` where it is asked of
# every fact: of a struct that is none of them, isinstance takes three times as long.)
STARTS = (TouchStarted, TouchRecorded)
TOUCHES = (TouchStarted, TouchRecorded, TouchEnded)

# What each kind is called in entries and rows; an event's type is `domicile.` and the same name.
REGION_DECLARED: Final = "region.declared/v1"
NODE_REGISTERED: Final = "node.registered/v1"
NODE_MOVED: Final = "node.moved/v1"
CARD_REPLACED: Final = "card.replaced/v1"
CARD_RETIRED: Final = "card.retired/v1"
SOURCE_DECLARED: Final = "source.declared/v1"
TENANT_DECLARED: Final = "tenant.declared/v1"
WORKLOAD_DECLARED: Final = "workload.declared/v1"
TOUCH_STARTED: Final = "touch.started/v1"
TOUCH_ENDED: Final = "touch.ended/v1"
TOUCH_RECORDED: Final = "touch.recorded/v1"
ACCESS_RECORDED: Final = "access.recorded/v1"
HEARTBEAT: Final = "heartbeat/v1"
SEQUENCE_REPORTED: Final = "sequence.reported/v1"
CORRECTION: Final = "correction/v1"

KINDS: dict[str, type[Data]] = {
    REGION_DECLARED: RegionDeclared,
    NODE_REGISTERED: NodeRegistered,
    NODE_MOVED: NodeMoved,
    CARD_REPLACED: CardReplaced,
    CARD_RETIRED: CardRetired,
    SOURCE_DECLARED: SourceDeclared,
    TENANT_DECLARED: TenantDeclared,
    WORKLOAD_DECLARED: WorkloadDeclared,
    TOUCH_STARTED: TouchStarted,
    TOUCH_ENDED: TouchEnded,
    TOUCH_RECORDED: TouchRecorded,
    ACCESS_RECORDED: AccessRecorded,
    HEARTBEAT: Heartbeat,
    SEQUENCE_REPORTED: SequenceReported,
    CORRECTION: Correction,
}
