"""★5b Replay: judge the verified facts again, and compare with what the operator's checks said.

Each check's slice in the tenant's trail names its policy digest, rule versions, period, and the
prefixes of the two trails that it was made from. The replay reads exactly those prefixes again. For
every card rule and access rule, its figures and findings must be the slice's own. Plane rules
(exclusivity, completeness) need other tenants' touches, which no bundle holds: they stay the
operator's statement.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeAlias

from audit.tlog import canonical
from audit.tlog.entry import Entry
from audit.tlog.trail_numbers import FLEET_NUMBER
from audit.verifier.entries import verified_attachment, verified_entries
from audit.verifier.report import Report
from sovereignty.policy.document import Policy, decode
from sovereignty.policy.entry_kinds import CHECK_SLICE, POLICY_PUBLISHED
from sovereignty.policy.evaluate import evaluate
from sovereignty.policy.registry import RULES
from sovereignty.policy.rule import AccessRule, CardRule, Rule
from sovereignty.replay.stream import TrailFacts, read
from sovereignty.replay.world import build

MOST_ATTACHMENT_BYTES = 256 << 20
Entries: TypeAlias = list[tuple[bytes, Entry]]  # each with its content, oldest first


class ReplayError(ValueError):
    """Raised when a slice cannot be judged again because its policy is not in the bundle, or is
    another than its entry says."""


@dataclass(frozen=True, slots=True)
class RuleReplay:
    """One rule of one slice: replayed and equal, replayed and different, or the operator's
    statement.

    - `rule`: its id.
    - `verdict`: the slice's own.
    - `version`: that of the rule that gave the verdict.
    - `our_version`: the version that this replay has; None where it has no such rule. Another
      version may rightly judge otherwise. So then nothing is judged again, and the replay of the
      slice is not complete.
    - `replayed`: whether the rule was judged again.
    - `differences`: what differs, one sentence each; none where nothing was judged again.
    """

    rule: str
    verdict: str
    version: str
    our_version: str | None
    replayed: bool
    differences: tuple[str, ...]

    @property
    def has_other_version(self) -> bool:
        """Whether the slice was judged by another version of the rule than this replay has."""
        return self.our_version != self.version


@dataclass(frozen=True, slots=True)
class SliceReplay:
    """One slice, entry `index` of the tenant's trail. `period` is in ms UTC, half-open."""

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
    def complete(self) -> bool:
        """Whether this replay has each rule in the version that judged the slice."""
        return not any(rule.has_other_version for rule in self.rules)


def replay(
    path: Path, proof: Report, number: int, rules: Mapping[str, Rule] = RULES
) -> Iterator[SliceReplay]:
    """Judge every slice of trail `number` in the proved bundle again, oldest first.

    `proof` is the verifier's report on the bundle at `path`; `rules` are those that this replay
    has, by id. Raises ReplayError, FactError, TlogError, OSError."""
    fleet = list(verified_entries(path, proof, FLEET_NUMBER))
    tenant = list(verified_entries(path, proof, number))
    policies = {
        str(entry.body["digest"]): entry for _, entry in tenant if entry.kind == POLICY_PUBLISHED
    }
    facts_of_prefix: dict[tuple[int, int], TrailFacts] = {}
    for _, entry in tenant:
        if entry.kind == CHECK_SLICE:
            yield _replay_slice(path, entry, policies, fleet, tenant, facts_of_prefix, rules)


def _replay_slice(
    path: Path,
    entry: Entry,
    policies: dict[str, Entry],
    fleet: Entries,
    tenant: Entries,
    facts_of_prefix: dict[tuple[int, int], TrailFacts],
    rules: Mapping[str, Rule],
) -> SliceReplay:
    body: Any = entry.body
    stated: Any = (
        body["slice"]
        if "slice" in body
        else canonical.decode(_attached(path, body["slice_sha256"]))
    )
    policy = _policy(path, policies, body["policy"])
    period = (body["period"]["from"], body["period"]["to"])
    world = build(
        _prefix(fleet, FLEET_NUMBER, body["fleet_size"], facts_of_prefix),
        _prefix(tenant, 1, body["tenant_size"], facts_of_prefix),
        stated["tenant"],
    )
    judged: Any = evaluate(
        world, policy, period=period, position=body["position"], scope=(stated["tenant"],)
    )
    judged_parts = {part["rule"]: part for part in judged["tenants"][0]["rules"]}
    versions: dict[str, str] = body["rules"]
    replays = tuple(
        _compare(
            part, judged_parts.get(part["rule"]), versions[part["rule"]], rules.get(part["rule"])
        )
        for part in stated["rules"]
    )
    return SliceReplay(
        entry.index, stated["tenant"], body["policy"], body["position"], period, replays
    )


def _prefix(
    entries: Entries, trail: int, size: int, facts_of_prefix: dict[tuple[int, int], TrailFacts]
) -> TrailFacts:
    """The facts among the entries below index `size`; checks of one position share them."""
    if (trail, size) not in facts_of_prefix:
        facts_of_prefix[trail, size] = read(takewhile(lambda pair: pair[1].index < size, entries))
    return facts_of_prefix[trail, size]


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
        raise ReplayError(f"entry {entry.index} holds a policy whose digest is not the stated one")
    return decode(content)


def _attached(path: Path, sha256: str) -> bytes:
    return verified_attachment(path, bytes.fromhex(sha256), MOST_ATTACHMENT_BYTES)


def _compare(
    stated: dict[str, Any], judged: dict[str, Any] | None, version: str, rule: Rule | None
) -> RuleReplay:
    """Compare the slice's part of one rule with what this replay judged by `rule`."""
    rule_id, verdict = stated["rule"], stated["verdict"]
    our_version = None if rule is None else rule.version
    if judged is None or our_version != version or not isinstance(rule, CardRule | AccessRule):
        return RuleReplay(rule_id, verdict, version, our_version, replayed=False, differences=())
    differences = tuple(
        f"{rule_id} {field}: the slice says {_short(stated[field])}, "
        f"the replay says {_short(judged[field])}"
        for field in ("verdict", "totals", "blocks")
        if stated[field] != judged[field]
    )
    return RuleReplay(
        rule_id, verdict, version, our_version, replayed=True, differences=differences
    )


def _short(value: object) -> str:
    """A value in at most 200 characters; findings by their number and the start of their digest."""
    if isinstance(value, list):
        digest = hashlib.sha256(canonical.encode(value)).hexdigest()
        return f"{len(value)} findings, SHA-256 {digest[:16]}…"
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "…"
