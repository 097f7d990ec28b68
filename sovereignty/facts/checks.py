"""What a fact must satisfy beyond its types: decode `data` of one kind, and check that it makes
sense by itself.

Every refusal names the field, what was expected and what was received. Nothing here looks at a
database.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast, get_type_hints

import msgspec
from msgspec import UNSET

from audit.times import DAY_MS
from sovereignty import hostlist
from sovereignty.facts import kinds
from sovereignty.facts.errors import FactError, explained
from sovereignty.facts.hostlist_counts import CARD_COUNTS, count_names
from sovereignty.facts.kinds import Data, Part

MOST_CARDS = 1_000_000  # of one touch or one source; ten times the largest cluster planned
MOST_SLOTS = 512  # of one node
# As seconds these are 2001 to 2286; as milliseconds, a few months of 1970.
LOOKS_LIKE_SECONDS = range(10**9, 10**10)
# Ten years: chunk rows are cut by the month, so a touch of 8,000 years would be a bomb.
LONGEST_TOUCH_MS = 3_660 * DAY_MS

_DECODERS = {kind: msgspec.json.Decoder(struct) for kind, struct in kinds.KINDS.items()}
_encode = msgspec.json.Encoder(order="deterministic").encode
# The fields that may name what a fact is about, the most telling first.
_SUBJECTS = {
    struct: [
        name
        for name in ("touch", "access", "workload", "node", "region", "tenant", "name", "id")
        if hasattr(struct, name)
    ]
    for struct in kinds.KINDS.values()
}
_LOOSE_KEYS = {
    struct: [
        name
        for name, hint in get_type_hints(struct, include_extras=True).items()
        if hint is kinds.LooseKey
    ]
    for struct in kinds.KINDS.values()
}
# As numbers, which are looked for four times as fast as bytes.
_SPACE, _BACKSLASH, _DELETE = b" \\\x7f"
_is_key = re.compile(kinds.KEY_PATTERN).match


def decode(kind: str, data: bytes | msgspec.Raw, root: str = "data") -> Data:
    """Return the struct of `kind` that `data` (JSON) spells, checked by itself. Raises
    FactError."""
    body = read(kind, data, root)
    check_keys(loose_keys(body), root)
    check(kind, body, sole_hostlist_of(body))
    return body


def read(kind: str, data: bytes | msgspec.Raw, root: str = "data") -> Data:
    """Return the struct of `kind` that `data` (JSON) spells, of the right types and not checked
    further. Raises FactError."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise FactError("type", f"one of {', '.join(kinds.KINDS)}", repr(kind))
    try:
        return decoder.decode(data)
    except msgspec.DecodeError as error:
        raise explained(error, root) from error
    except UnicodeDecodeError as error:
        raise FactError(
            root, "UTF-8 text", f"byte {error.object[error.start]:#04x} at offset {error.start}"
        ) from error
    except RecursionError as error:
        raise FactError(root, "the fields of its kind", "values nested without end") from error


def check(kind: str, data: Data, sole_hostlist: str | None) -> None:
    """Check what the types of `data`, whose `sole_hostlist_of` is given, leave open, but for its
    keys (`check_keys`). Raises FactError."""
    if kind in _STARTS:
        _touch(data, sole_hostlist)
    elif more := _CHECKS.get(kind):
        more(data)


def is_plain(text: bytes) -> bool:
    """Whether canonical JSON shows by its bytes alone that each text in it is a good key, and in
    Unicode's composed form."""
    return text.isascii() and not (_SPACE in text or _BACKSLASH in text or _DELETE in text)


def check_keys(keys: Mapping[str, str], root: str = "") -> None:
    """Check the characters of keys by the names of their fields. Raises FactError."""
    for name, key in keys.items():
        if not _is_key(key):
            raise FactError(
                f"{root}.{name}".lstrip("."), kinds.PATTERNS[kinds.KEY_PATTERN], f"{key!a}"
            )


def loose_keys(data: Data) -> dict[str, str]:
    """The keys in `data` whose characters are not checked by its types, by the names of their
    fields."""
    return {name: getattr(data, name) for name in _LOOSE_KEYS.get(type(data), ())}


def tenant_of(data: Data) -> str | None:
    """The tenant to whose trail a fact goes; None is the fleet's trail."""
    return cast(str | None, getattr(data, "tenant", None))


def data_in_force(data: Data) -> Data | None:
    """Return what holds once a fact is applied: its own data, or what a correction puts in its
    original's place; None where a correction retracts. Raises FactError for a replacement that is
    no body of its kind."""
    if not isinstance(data, kinds.Correction):
        return data
    if data.replacement is None:
        return None
    return decode(data.replacement.type, _encode(data.replacement.data), "data.replacement.data")


def subject_of(data: Data) -> str:
    """The short name of what a fact is about, as its entry carries it."""
    for field in _SUBJECTS[type(data)]:
        if value := getattr(data, field):
            return f"{field}/{value}"
    return "sequence" if isinstance(data, kinds.SequenceReported) else "heartbeat"


def hostlists_of(data: Any) -> list[tuple[str, bool]]:
    """The hostlists that a fact names cards by, or (False) nodes; not those of one node."""
    if isinstance(data, kinds.STARTS):
        cards = [
            (text, True) for part in data.parts if part.cards is not UNSET for text in part.cards
        ]
        return cards + [
            (text, False) for part in data.parts if part.of is not UNSET for text in part.of or ()
        ]
    if isinstance(data, kinds.SourceDeclared | kinds.Heartbeat):
        return [(text, True) for text in data.cards or ()]
    return []


def sole_hostlist_of(data: Any) -> str | None:
    """The one hostlist that names all cards of a touch, as in most touches; None for what is no
    start of a touch, or where its parts are of any other form."""
    if type(data) not in kinds.STARTS or len(data.parts) > 1:
        return None
    part = data.parts[0]
    cards = part.cards
    if cards is UNSET or len(cards) != 1:
        return None
    text: str = cards[0]
    return text if part.k is UNSET and part.of is UNSET and part.serials is UNSET else None


def check_composed(value: Any, field: str = "") -> None:
    """Check that every text in decoded JSON is in Unicode's composed form (NFC), in which equal
    texts have equal bytes.

    Raises FactError: two spellings of one name would be two names."""
    if isinstance(value, str) and not unicodedata.is_normalized("NFC", value):
        raise FactError(
            field,
            f"composed letters (NFC), as in {unicodedata.normalize('NFC', value)!r}",
            f"{value!a}",
        )
    if isinstance(value, dict):
        for name, inner in value.items():
            check_composed(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check_composed(inner, f"{field}[{index}]")


def _happened(field: str, time: int) -> None:
    """Check that the time of something that happened is not in seconds."""
    if time in LOOKS_LIKE_SECONDS:
        raise FactError(
            f"data.{field}", "milliseconds since 1970", f"{time}, which looks like seconds"
        )


def _interval(data: Any, start: str, end: str) -> None:
    first, last = getattr(data, start), getattr(data, end)
    _happened(start, first)
    if last is not None and last <= first:
        raise FactError(f"data.{end}", f"a time after {start} ({first})", str(last))


def _check_cards(texts: Iterable[str], field: str, *, slots: bool) -> int:
    """Check a list of hostlists with (or without) slots, by themselves. Returns how many names they
    spell, with repeats."""
    count = 0
    for index, text in enumerate(texts):
        try:
            count += count_names(text, slots)
        except hostlist.HostlistError as error:
            expected = "node/slots, as in hz-a-[1-4]/0-7" if slots else "nodes without slots"
            raise FactError(f"{field}[{index}]", expected, str(error)) from error
        if count > MOST_CARDS:
            raise FactError(field, f"at most {MOST_CARDS} cards", f"{count} or more")
    return count


def _names(texts: Sequence[str]) -> list[str]:
    """The `node/slot` names of hostlists that were checked."""
    return [
        f"{node}/{slot}"
        for text in texts
        for node, labels in hostlist.expand(text)
        for slot in labels
    ]


def _parts(data: Any, sole_hostlist: str | None) -> None:
    """A touch's parts are disjoint and each of one form."""
    if sole_hostlist is not None:
        # One hostlist never names a card twice.
        _check_cards((sole_hostlist,), "data.parts[0].cards", slots=True)
        return
    count, cards, serials = 0, list[str](), list[str]()
    for index, part in enumerate(data.parts):
        count += _part(part, f"data.parts[{index}]")
        cards += part.cards or ()
        serials += part.serials or ()
    if count > MOST_CARDS:
        raise FactError("data.parts", f"at most {MOST_CARDS} cards", f"{count}")
    names = serials if len(cards) < 2 else serials + _names(cards)
    if len(set(names)) != len(names):
        raise FactError(
            "data.parts", "cards that no other part of the touch names", "a card named twice"
        )


def _part(part: Part, field: str) -> int:
    """Check one part by itself. Returns how many cards and serials it names."""
    if (part.cards is UNSET) + (part.serials is UNSET) + (part.k is UNSET) != 2:
        received = " and ".join(
            name for name in ("cards", "serials", "k") if getattr(part, name) is not UNSET
        )
        raise FactError(field, "exactly one of cards, serials or k", received or "none of them")
    if (part.of is UNSET) is not (part.k is UNSET):
        received = "k without of" if part.of is UNSET else "of without k"
        raise FactError(f"{field}.of", "nodes (or null) beside k, and only there", received)
    if part.k is not UNSET:
        _check_cards(part.of or (), f"{field}.of", slots=False)
        return 0
    count = (
        len(part.serials)
        if part.serials is not UNSET
        else _check_cards(part.cards or (), f"{field}.cards", slots=True)
    )
    if not count:
        raise FactError(field, "at least one card", "none")
    return count


def _touch(data: Any, sole_hostlist: str | None) -> None:
    # A hostlist that has its count was found good before.
    if CARD_COUNTS.get(sole_hostlist or "", MOST_CARDS + 1) > MOST_CARDS:
        _parts(data, sole_hostlist)
    _happened("started_at", data.started_at)
    if (
        isinstance(data, kinds.TouchRecorded)
        and not 0 < data.ended_at - data.started_at <= LONGEST_TOUCH_MS
    ):
        _interval(data, "started_at", "ended_at")
        raise FactError(
            "data.ended_at",
            f"a time at most {LONGEST_TOUCH_MS} ms after started_at",
            str(data.ended_at),
        )


def _node(data: Any) -> None:
    """Slots are named once over all groups; serials, where given, are one a slot."""
    seen: set[str] = set()
    for index, group in enumerate(data.cards):
        field = f"data.cards[{index}]"
        slots = slots_of(group, field)
        if not seen.isdisjoint(slots):
            raise FactError(f"{field}.slots", "slots that no other group names", group.slots)
        seen.update(slots)
        if group.serials is not None and len(group.serials) != len(slots):
            raise FactError(
                f"{field}.serials", f"{len(slots)} serials, one a slot", str(len(group.serials))
            )
    if len(seen) > MOST_SLOTS:
        raise FactError("data.cards", f"at most {MOST_SLOTS} slots a node", str(len(seen)))


def slots_of(group: kinds.CardGroup, field: str = "data.cards") -> list[str]:
    """The slot labels of a card group, in order. Raises FactError."""
    try:
        return list(hostlist.expand_slots(group.slots))
    except hostlist.HostlistError as error:
        raise FactError(
            f"{field}.slots", "slots, as in 0-7 or pci:0000:3b:00.0", str(error)
        ) from error


def _slot(data: Any) -> None:
    """One slot, not a range of them."""
    try:
        labels = hostlist.expand_slots(data.slot)
    except hostlist.HostlistError as error:
        raise FactError("data.slot", "one slot", str(error)) from error
    if labels != [data.slot]:
        raise FactError("data.slot", "one slot", f"{data.slot!r}, which names {len(labels)}")


def _source(data: Any) -> None:
    if not data.reports:
        raise FactError("data.reports", "at least one of touch, access, inventory", "none")
    _card_set(data)


def _heartbeat(data: Any) -> None:
    _interval(data, "from_at", "to_at")
    _card_set(data)


def _card_set(data: Any) -> None:
    """Of which cards a source speaks: some, or by saying nothing all. An empty list is neither, so
    it would be heard about nothing."""
    if data.cards is None:
        return
    if not data.cards:
        raise FactError(
            "data.cards", "at least one card, or no such field for the whole fleet", "an empty list"
        )
    _check_cards(data.cards, "data.cards", slots=True)


def _correction(data: Any) -> None:
    if data.replacement is not None and data.replacement.type == kinds.CORRECTION:
        raise FactError("data.replacement.type", "a fact of another kind", "a correction")


_STARTS = frozenset({kinds.TOUCH_STARTED, kinds.TOUCH_RECORDED})
_CHECKS: dict[str, Callable[[Any], None]] = {
    kinds.NODE_REGISTERED: _node,
    kinds.CARD_REPLACED: _slot,
    kinds.CARD_RETIRED: _slot,
    kinds.SOURCE_DECLARED: _source,
    kinds.TOUCH_ENDED: lambda data: _happened("ended_at", data.ended_at),
    kinds.ACCESS_RECORDED: lambda data: _interval(data, "started_at", "ended_at"),
    kinds.HEARTBEAT: _heartbeat,
    kinds.CORRECTION: _correction,
}
