"""Trust policies: the logs and witnesses that the reader trusts, as the reader wrote them down.

    log example.com/log+20201d31+AbC…
    log example.com/log/receipts+9f1c2d3e+AdE…

    witness ministry witness.ministry.example+5b2f8c01+BFg… https://witness.ministry.example/
    witness hospital witness.hospital.example+71d0aa34+BHi…
    group both all ministry hospital
    quorum both

Names are defined before they are used. Each is a member of at most one group, so a witness counts
once. Every public key is listed once: a log that cosigns itself, or a witness under two names, is
refused. Comments have lines of their own. C2SP tlog-policy (untagged draft); FORMATS.md section
1.9.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from audit.tlog.checkpoint import Origin
from audit.tlog.errors import NoteError, TrustError
from audit.tlog.note import COSIGNATURE, ED25519, VerifierKey
from audit.tlog.spelling import parse_decimal

# Logs, witnesses and groups together; C2SP asks for at least 32 of each. Bounds how deep groups can
# nest.
MAX_DEFINITIONS = 256

_KEYWORDS = frozenset({"all", "any", "none"})
# Control characters but tab and newline. C2SP tlog-policy, section "Character set".
_NOT_IN_POLICY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Witness:
    """A cosigner, under the name that it has inside the policy only."""

    name: str
    key: VerifierKey
    url: str | None = None

    def quorum_time(self, cosigned: Mapping[VerifierKey, int]) -> int | None:
        """Return when it cosigned, or None."""
        return cosigned.get(self.key)

    @property
    def colluders(self) -> int:
        """How many witnesses must lie for this one to cosign two histories: itself."""
        return 1


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which at least `threshold` must have cosigned."""

    name: str
    threshold: int
    members: tuple["Witness | Group", ...]

    def quorum_time(self, cosigned: Mapping[VerifierKey, int]) -> int | None:
        """Return the smallest time by which `threshold` members had cosigned, or None."""
        times = sorted(
            t for member in self.members if (t := member.quorum_time(cosigned)) is not None
        )
        return times[self.threshold - 1] if len(times) >= self.threshold else None

    @property
    def colluders(self) -> int:
        """How few witnesses, lying together, could let the group cosign two histories.

        Any two sets of k among n members share 2k-n of them, and each shared one must lie."""
        shared = max(0, 2 * self.threshold - len(self.members))
        return sum(sorted(member.colluders for member in self.members)[:shared])


Member: TypeAlias = Witness | Group


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """The logs and witnesses that a reader trusts; `quorum` is None for `quorum none`."""

    logs: tuple[VerifierKey, ...]
    witnesses: tuple[Witness, ...]
    quorum: Member | None

    @classmethod
    def parse(cls, text: str) -> "TrustPolicy":
        """Return the policy in the text of a file. Raises TrustError with the number of the
        line."""
        match = _NOT_IN_POLICY.search(text)
        if match:
            raise TrustError(f"policy has the control character {match[0]!a}")
        reader = _Reader()
        for number, line in enumerate(text.split("\n"), start=1):
            words = _BLANKS.split(line.strip(" \t"))
            if words[0] and not words[0].startswith("#"):
                try:
                    reader.read(words)
                except (TrustError, NoteError) as error:
                    raise TrustError(f"line {number}: {error}") from error
        return reader.policy()

    def log_keys(self, origin: Origin) -> tuple[VerifierKey, ...]:
        """Return the keys of this log, at least one. Each must sign its checkpoints.
        Raises TrustError."""
        return self._named(origin)

    def receipt_keys(self, origin: Origin) -> tuple[VerifierKey, ...]:
        """Return the keys by which this log signs receipts, at least one: those that are named
        `<origin>/receipts`. Raises TrustError. FORMATS.md section 2.4.

        No caller yet: it waits for witnesses and for the proofs of the API."""
        return self._named(f"{origin}/receipts")

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of all witnesses."""
        return tuple(witness.key for witness in self.witnesses)

    def quorum_time(self, cosigned: Mapping[VerifierKey, int]) -> int | None:
        """Return the smallest T such that the cosignatures at or before T meet the quorum. Returns
        None if all of them do not, and for `quorum none`. `cosigned` maps witness keys to times in
        any one unit, which is also that of T. Raises TrustError for a key that is no witness's.
        FORMATS.md section 2.5."""
        for key in cosigned:
            if key not in self.witness_keys:
                raise TrustError(f"want times of this policy's witnesses, got one of {key.name}")
        return self.quorum.quorum_time(cosigned) if self.quorum else None

    @property
    def colluders(self) -> int:
        """How few witnesses, lying together, could let two histories of a log both meet the quorum.
        It is 0 when the log alone can. FORMATS.md section 2.5."""
        return self.quorum.colluders if self.quorum else 0

    def _named(self, name: str) -> tuple[VerifierKey, ...]:
        # Never none: that every one of no keys has signed would be true of any note.
        keys = tuple(key for key in self.logs if key.name == name)
        if not keys:
            names = ", ".join(sorted({key.name for key in self.logs})) or "none"
            raise TrustError(f"policy lists no log key named {name}; those it lists: {names}")
        return keys


class _Reader:
    """What the lines read so far have defined."""

    def __init__(self) -> None:
        self._logs: list[VerifierKey] = []
        self._members: dict[str, Member] = {}
        self._grouped: set[str] = set()
        self._owners: dict[bytes, str] = {}
        self._quorums: list[Member | None] = []

    def read(self, words: list[str]) -> None:
        """Read one line, split into words."""
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self._read_log(vkey)
            case ["witness", name, vkey]:
                self._read_witness(name, vkey, None)
            case ["witness", name, vkey, url]:
                self._read_witness(name, vkey, url)
            case ["group", name, threshold, *members] if members:
                self._read_group(name, threshold, members)
            case ["quorum", name]:
                self._quorums.append(None if name == "none" else self._member(name))
            case _:
                raise TrustError(
                    f"want a whole log, witness, group or quorum line, got {' '.join(words)[:80]!a}"
                )
        if len(self._logs) + len(self._members) > MAX_DEFINITIONS:
            raise TrustError(f"want at most {MAX_DEFINITIONS} logs, witnesses and groups, got more")

    def policy(self) -> TrustPolicy:
        """Return what all lines together define."""
        if len(self._quorums) != 1:
            raise TrustError(f"policy has {len(self._quorums)} quorum lines, want 1")
        witnesses = tuple(
            member for member in self._members.values() if isinstance(member, Witness)
        )
        return TrustPolicy(tuple(self._logs), witnesses, self._quorums[0])

    def _read_log(self, vkey: str) -> None:
        key = self._key(vkey)
        if key.kind == COSIGNATURE:
            raise TrustError(f"log {key.name}: a key of type {key.kind:02x} cosigns only")
        self._logs.append(key)

    def _read_witness(self, name: str, vkey: str, url: str | None) -> None:
        self._check_new(name)
        key = self._key(vkey)
        if key.kind == ED25519:
            raise TrustError(f"witness {name}: a key of type {key.kind:02x} does not cosign")
        self._members[name] = Witness(name, key, url)

    def _read_group(self, name: str, threshold: str, names: list[str]) -> None:
        self._check_new(name)
        members = tuple(self._member(member) for member in names)
        for member in names:
            if member in self._grouped:
                raise TrustError(f"group {name}: {member} is already a member of a group")
            self._grouped.add(member)
        least = {"any": 1, "all": len(members)}.get(threshold)
        if least is None:
            least = parse_decimal(threshold, f"group {name}: threshold", TrustError)
        if not 1 <= least <= len(members):
            raise TrustError(f"group {name}: want a threshold 1 … {len(members)}, got {least}")
        self._members[name] = Group(name, least, members)

    def _key(self, vkey: str) -> VerifierKey:
        """Parse a key and take note of its public key, whatever its name and type."""
        key = VerifierKey.parse(vkey)
        if key.public_key in self._owners:
            owner = self._owners[key.public_key]
            raise TrustError(f"the public key of {key.name} is listed already, for {owner}")
        self._owners[key.public_key] = key.name
        return key

    def _check_new(self, name: str) -> None:
        if name in _KEYWORDS:
            raise TrustError(f"a witness or group cannot be named {name}")
        if name in self._members:
            raise TrustError(f"{name} is defined twice")

    def _member(self, name: str) -> Member:
        if name not in self._members:
            raise TrustError(f"{name} is not defined on a line before")
        return self._members[name]
