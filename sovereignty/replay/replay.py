"""★5b Replay: judge the verified facts again, and compare with what the operator's checks said.

Each check's slice in the tenant's trail names its policy digest, rule versions, period, and the
prefixes of the two trails that it was made from. Exactly those prefixes are read again, and for
every card rule and access rule the figures and the findings must be the slice's own. Plane rules
(exclusivity, completeness) need other tenants' touches, which no bundle holds: they stay the
operator's statement.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from audit.tlog import canonical
from audit.tlog.entry import Entry
from audit.tlog.trail_numbers import FLEET_NUMBER
from audit.verifier.entries import verified_attachment, verified_entries
from audit.verifier.report import Report
from sovereignty.policy.document import Policy, decode
from sovereignty.policy.entry_kinds import CHECK_SLICE, POLICY_PUBLISHED
from sovereignty.policy.evaluate import evaluate
from sovereignty.policy.registry import RULES
from sovereignty.policy.rule import AccessRule, CardRule
from sovereignty.replay.stream import Stream, read
from sovereignty.replay.world import build

MOST_ATTACHMENT_BYTES = 256 << 20
Contents = list[tuple[bytes, Entry]]


class ReplayError(ValueError):
    """Raised when a slice cannot be judged again: its policy or an attachment is not in the bundle."""


@dataclass(frozen=True, slots=True)
class RuleReplay:
    """One rule of one slice: replayed and equal, replayed and different (how), or the operator's
    statement.

    `verdict` is the slice's, `version` that of the rule that gave it. `ours` is the version that
    this replay has (None: no such rule): another version may rightly judge otherwise, so then
    nothing is judged again, and the replay of the slice is not whole."""

    rule: str
    verdict: str
    version: str
    ours: str | None
    replayed: bool
    differences: tuple[str, ...]

    @property
    def lacking(self) -> bool:
        """Whether this replay has not the version of the rule that the slice was made by."""
        return self.ours != self.version


@dataclass(frozen=True, slots=True)
class SliceReplay:
    """One slice, entry `index` of the tenant's trail. `period` in milliseconds UTC."""

    index: int
    tenant: str
    policy: str
    position: int
    period: tuple[int, int]
    rules: tuple[RuleReplay, ...]

    @property
    def equal(self) -> bool:
        """Whether every rule that can be replayed gave the slice's own figures and findings."""
        return not any(rule.differences for rule in self.rules)

    @property
    def whole(self) -> bool:
        """Whether this replay has each rule in the version that the slice was made by."""
        return not any(rule.lacking for rule in self.rules)


def replay(path: Path, report: Report, number: int) -> Iterator[SliceReplay]:
    """Judge every slice of trail `number` in the proved bundle again, oldest first.

    Raises ReplayError, FactError, TlogError, OSError."""
    fleet = list(verified_entries(path, report, FLEET_NUMBER))
    tenant = list(verified_entries(path, report, number))
    policies = {
        str(entry.body["digest"]): entry for _, entry in tenant if entry.kind == POLICY_PUBLISHED
    }
    streams: dict[tuple[int, int], Stream] = {}
    for _, entry in tenant:
        if entry.kind == CHECK_SLICE:
            yield _slice(path, entry, policies, fleet, tenant, streams)


def _slice(
    path: Path,
    entry: Entry,
    policies: dict[str, Entry],
    fleet: Contents,
    tenant: Contents,
    streams: dict[tuple[int, int], Stream],
) -> SliceReplay:
    body: Any = entry.body
    said: Any = (
        body["slice"]
        if "slice" in body
        else canonical.decode(_attached(path, body["slice_sha256"]))
    )
    policy = _policy(path, policies, body["policy"])
    period = (body["period"]["from"], body["period"]["to"])
    world = build(
        _prefix(fleet, FLEET_NUMBER, body["fleet_size"], streams),
        _prefix(tenant, 1, body["tenant_size"], streams),
        said["tenant"],
    )
    found: Any = evaluate(
        world, policy, period=period, position=body["position"], scope=(said["tenant"],)
    )
    again = {rule["rule"]: rule for rule in found["tenants"][0]["rules"]}
    versions: dict[str, str] = body["rules"]
    rules = tuple(
        _compare(rule, again.get(rule["rule"]), versions[rule["rule"]]) for rule in said["rules"]
    )
    return SliceReplay(entry.index, said["tenant"], body["policy"], body["position"], period, rules)


def _prefix(
    contents: Contents, trail: int, size: int, streams: dict[tuple[int, int], Stream]
) -> Stream:
    """The facts among the entries below index `size`; checks of one position share them."""
    if (trail, size) not in streams:
        streams[trail, size] = read(takewhile(lambda pair: pair[1].index < size, contents))
    return streams[trail, size]


def _policy(path: Path, policies: dict[str, Entry], digest: str) -> Policy:
    """The policy document that the trail itself holds under `digest`."""
    entry = policies.get(digest)
    if entry is None:
        raise ReplayError(f"policy {digest[:16]}… is not in the trail")
    document = entry.body.get("document")
    content = (
        canonical.encode(document)
        if document is not None
        else _attached(path, entry.attachments[0].sha256.hex())
    )
    if hashlib.sha256(content).hexdigest() != digest:
        raise ReplayError(f"entry {entry.index} holds a policy with another digest than it says")
    return decode(content)


def _attached(path: Path, sha256: str) -> bytes:
    return verified_attachment(path, bytes.fromhex(sha256), MOST_ATTACHMENT_BYTES)


def _compare(said: dict[str, Any], again: dict[str, Any] | None, version: str) -> RuleReplay:
    name = said["rule"]
    rule = RULES.get(name)
    ours = None if rule is None else rule.version
    if again is None or ours != version or not isinstance(rule, CardRule | AccessRule):
        return RuleReplay(name, said["verdict"], version, ours, replayed=False, differences=())
    differences = [
        f"{name} {field}: the slice says {_short(said[field])}, replayed {_short(again[field])}"
        for field in ("verdict", "totals", "blocks")
        if said[field] != again[field]
    ]
    return RuleReplay(
        name, said["verdict"], version, ours, replayed=True, differences=tuple(differences)
    )


def _short(value: object) -> str:
    text = (
        f"{len(value)} findings, SHA-256 {hashlib.sha256(canonical.encode(value)).hexdigest()[:16]}"
        if isinstance(value, list)
        else str(value)
    )
    return text if len(text) <= 200 else text[:200] + "…"
