"""Trust policies: what they list, when a quorum is reached, how many must lie, and every ambiguity
refused."""

import json
from collections.abc import Mapping
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from audit.tlog.checkpoint import Origin
from audit.tlog.errors import TrustError
from audit.tlog.note import COSIGNATURE, ED25519, ML_DSA_44, VerifierKey
from audit.tlog.trust import MAX_DEFINITIONS, Group, TrustPolicy, Witness

ORIGIN = Origin("example.com/log")


def _key(name: str, kind: int = COSIGNATURE, number: int | None = None) -> VerifierKey:
    seed = sum(name.encode()) if number is None else number
    return VerifierKey(name, kind, seed.to_bytes(1312 if kind == ML_DSA_44 else 32, "big"))


LOG = _key("example.com/log", ED25519)
RECEIPTS = _key("example.com/log/receipts", ED25519)
W = [_key(f"witness{i}.example") for i in range(6)]
WITNESSES = "".join(f"witness w{i} {key.text()}\n" for i, key in enumerate(W))


def _policy(lines: str) -> TrustPolicy:
    return TrustPolicy.parse(f"log {LOG.text()}\n{WITNESSES}{lines}\n")


# Against public tables.


@pytest.fixture(scope="module")
def table(shared: Path) -> dict[str, Any]:
    file = shared / "vectors/transparency-dev-formats/checkpoint_and_cosig_vectors.json"
    loaded: dict[str, Any] = json.loads(file.read_text())
    return loaded


def _with_cosigner_keys(policy: str) -> str:
    """The tables name witnesses by keys that sign texts (type 01); give them the same keys as
    cosigners'."""
    for word in set(policy.split()):
        if word.count("+") >= 2 and VerifierKey.parse(word).kind == ED25519:
            key = VerifierKey.parse(word)
            policy = policy.replace(word, VerifierKey(key.name, COSIGNATURE, key.public_key).text())
    return policy


def test_refuses_the_public_policies_whose_witnesses_cannot_cosign(table: dict[str, Any]) -> None:
    for row in (table["policy_ok"][0], *table["policy_threshold"]):
        with pytest.raises(
            TrustError, match="line 2: witness w1: a key of type 01 does not cosign"
        ):
            TrustPolicy.parse(row["policy"])


def test_reads_the_public_policy(table: dict[str, Any]) -> None:
    policy = TrustPolicy.parse(_with_cosigner_keys(table["policy_ok"][0]["policy"]))
    assert policy.logs == ()
    assert [(w.name, w.key.name, w.url) for w in policy.witnesses] == [
        ("w1", "sigsum.org", "https://sigsum.org/witness/"),
        ("w2", "example.com", "https://example.com/witness/"),
    ]
    assert policy.quorum == Group("g1", 2, policy.witnesses)


def test_reads_its_white_space_but_refuses_comments_behind_a_line(table: dict[str, Any]) -> None:
    text = _with_cosigner_keys(table["policy_ok"][1]["policy"])
    with pytest.raises(TrustError, match="line 4: want a whole log, witness, group or quorum line"):
        TrustPolicy.parse(text)
    plain = TrustPolicy.parse(_with_cosigner_keys(table["policy_ok"][0]["policy"]))
    assert TrustPolicy.parse(text.replace("    #comment", "")) == plain


def test_refuses_the_public_policies_that_list_one_witness_twice(table: dict[str, Any]) -> None:
    for row in table["policy_threshold"]:
        with pytest.raises(
            TrustError, match=r"line 4: the public key of example\.com is listed already"
        ):
            TrustPolicy.parse(_with_cosigner_keys(row["policy"]))


@pytest.mark.parametrize(("threshold", "want"), [("2", 2), ("all", 4), ("any", 1)])
def test_reads_the_public_thresholds(table: dict[str, Any], threshold: str, want: int) -> None:
    text = table["policy_threshold"][0]["policy"].replace("group g1 2", f"group g1 {threshold}")
    lines = _with_cosigner_keys(text).split("\n")
    lines[3] = f"witness w3 {W[3].text()}"
    policy = TrustPolicy.parse("\n".join(lines))
    assert policy.quorum == Group("g1", want, policy.witnesses)


def test_refuses_the_bad_public_policies(table: dict[str, Any]) -> None:
    messages = [
        "policy has 0 quorum lines, want 1",
        "line 1: unknown is not defined on a line before",
        "line 2: w1 is defined twice",
        "line 4: group g1: threshold: want a decimal .*, got '-1'",
        "line 1: a witness or group cannot be named all",
        "line 1: a witness or group cannot be named none",
    ]
    for row, message in zip(table["policy_errors"], messages, strict=True):
        lines = _with_cosigner_keys(row["policy"]).split("\n")
        # The fourth lists one key twice before it comes to its own fault.
        text = "\n".join(line for line in lines if not line.strip().startswith("witness w3"))
        with pytest.raises(TrustError, match=message.replace("line 4", "line 3")):
            TrustPolicy.parse(text)


# What a policy says.


def test_reads_a_whole_policy() -> None:
    later = _key("later.example", ML_DSA_44)
    policy = TrustPolicy.parse(
        f"# who we trust\n\n\t log \t{LOG.text()} https://example.com/log/ \nlog "
        f"{RECEIPTS.text()}\n"
        f"witness ministry {W[0].text()} https://ministry.example/\nwitness Krankenhäuser "
        f"{W[1].text()}\n"
        f"witness later {later.text()}\n  # all three\ngroup both all ministry "
        "Krankenhäuser\nquorum both"
    )
    assert policy.logs == (LOG, RECEIPTS)
    assert policy.log_keys(ORIGIN) == (LOG,)
    assert policy.receipt_keys(ORIGIN) == (RECEIPTS,)
    assert policy.witnesses[0] == Witness("ministry", W[0], "https://ministry.example/")
    assert policy.witness_keys == (W[0], W[1], later)


def test_lists_every_key_of_a_log() -> None:
    second = _key("example.com/log", ML_DSA_44, 7)
    policy = TrustPolicy.parse(f"log {LOG.text()}\nlog {second.text()}\nquorum none\n")
    assert policy.log_keys(ORIGIN) == (LOG, second)


def test_an_unlisted_log_is_an_error_and_never_an_empty_list() -> None:
    policy = _policy("quorum none")
    with pytest.raises(
        TrustError, match=r"no log key named other\.example; those it lists: example\.com/log"
    ):
        policy.log_keys(Origin("other.example"))
    with pytest.raises(TrustError, match=r"no log key named example\.com/log/receipts"):
        policy.receipt_keys(ORIGIN)
    with pytest.raises(TrustError, match="those it lists: none"):
        TrustPolicy.parse("quorum none").log_keys(ORIGIN)


def test_supports_as_many_names_as_the_specification_asks_for() -> None:
    logs = "".join(f"log {_key('log', ED25519, i).text()}\n" for i in range(32))
    witnesses = "".join(
        f"witness w{i} {_key('w', COSIGNATURE, 100 + i).text()}\n" for i in range(32)
    )
    groups = "".join(f"group g{i} any {f'g{i - 1} ' if i else ''}w{i}\n" for i in range(32))
    policy = TrustPolicy.parse(f"{logs}{witnesses}{groups}quorum g31\n")
    assert policy.quorum_time({_key("w", COSIGNATURE, 100): 5}) == 5


# When the quorum is reached.


@pytest.mark.parametrize(
    ("lines", "cosigned", "want"),
    [
        ("quorum none", {}, None),
        ("quorum none", {0: 10}, None),
        ("quorum w0", {}, None),
        ("quorum w0", {1: 10}, None),
        ("quorum w0", {0: 10, 1: 5}, 10),
        ("group g any w0 w1\nquorum g", {0: 10, 1: 5}, 5),
        ("group g all w0 w1\nquorum g", {0: 10}, None),
        ("group g all w0 w1\nquorum g", {0: 10, 1: 5}, 10),
        ("group g 2 w0 w1 w2\nquorum g", {0: 10, 1: 5, 2: 7}, 7),
        ("group g 2 w0 w1 w2\nquorum g", {0: 10, 3: 1, 4: 1, 5: 1}, None),
        ("group a 2 w0 w1 w2\ngroup b any w3 w4\ngroup g all a b\nquorum g", {0: 1, 2: 3, 4: 2}, 3),
        ("group a 2 w0 w1 w2\ngroup b any w3 w4\ngroup g all a b\nquorum g", {0: 1, 2: 3, 4: 9}, 9),
        (
            "group a 2 w0 w1 w2\ngroup b any w3 w4\ngroup g all a b\nquorum g",
            {0: 1, 3: 3, 4: 9},
            None,
        ),
        ("group a 2 w0 w1 w2\ngroup g 2 a w3 w4\nquorum g", {0: 1, 1: 4, 3: 9, 4: 6}, 6),
    ],
)
def test_the_quorum_time(lines: str, cosigned: Mapping[int, int], want: int | None) -> None:
    assert _policy(lines).quorum_time({W[i]: time for i, time in cosigned.items()}) == want


def test_the_quorum_time_is_the_first_at_which_the_quorum_holds() -> None:
    """Against the definition: try every T, with every witness absent or at one of four times."""
    policy = _policy("group a 2 w0 w1 w2\ngroup g 2 a w3 w4\nquorum g")

    def holds(present: set[int]) -> bool:
        return (len(present & {0, 1, 2}) >= 2) + (3 in present) + (4 in present) >= 2

    for times in product([None, 1, 2, 3, 4], repeat=5):
        cosigned = {i: time for i, time in enumerate(times) if time is not None}
        want = next(
            (t for t in (1, 2, 3, 4) if holds({i for i, time in cosigned.items() if time <= t})),
            None,
        )
        assert policy.quorum_time({W[i]: time for i, time in cosigned.items()}) == want


def test_refuses_times_of_those_who_are_no_witnesses() -> None:
    with pytest.raises(
        TrustError, match=r"want times of this policy's witnesses, got one of example\.com/log"
    ):
        _policy("quorum w0").quorum_time({W[0]: 1, LOG: 1})


# How many must lie.


@pytest.mark.parametrize(
    ("lines", "want"),
    [
        ("quorum none", 0),
        ("quorum w0", 1),
        ("group g any w0\nquorum g", 1),
        ("group g any w0 w1\nquorum g", 0),
        ("group g all w0 w1 w2\nquorum g", 3),
        ("group g 2 w0 w1 w2\nquorum g", 1),
        ("group g 3 w0 w1 w2 w3\nquorum g", 2),
        ("group a 2 w0 w1 w2\ngroup b all w3 w4\ngroup g all a b\nquorum g", 3),
        ("group a any w0 w1\ngroup g all a w2\nquorum g", 1),
        ("group a all w0 w1\ngroup b all w2 w3\ngroup g any a b\nquorum g", 0),
        ("group a all w0 w1\ngroup g 2 a w2 w3\nquorum g", 1),
    ],
)
def test_how_many_witnesses_must_lie_for_a_fork(lines: str, want: int) -> None:
    policy = _policy(lines)
    assert policy.colluders == want
    if policy.quorum:
        assert want == _fewest_liars(policy)


def _fewest_liars(policy: TrustPolicy) -> int:
    """Over all pairs of sets of witnesses that meet the quorum, the fewest that are in both."""
    sets = [set(keys) for count in range(len(W) + 1) for keys in combinations(W, count)]
    quorums = [keys for keys in sets if policy.quorum_time(dict.fromkeys(keys, 1))]
    return min(len(quorum & other) for quorum in quorums for other in quorums)


# What is refused.


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "policy has 0 quorum lines, want 1"),
        ("quorum none\nquorum none", "policy has 2 quorum lines, want 1"),
        ("quorum w0\nquorum w0", "policy has 2 quorum lines, want 1"),
        ("quorum", "line 8: want a whole log, witness, group or quorum line, got 'quorum'"),
        ("quorum w0 w1", "line 8: want a whole"),
        ("quorum all", "line 8: all is not defined on a line before"),
        ("quorum g\ngroup g any w0", "line 8: g is not defined on a line before"),
        ("Quorum none", "line 8: want a whole"),
        ("witnesses w", "line 8: want a whole"),
        ("log", "line 8: want a whole"),
        ("witness w9", "line 8: want a whole"),
        (f"witness w9 {_key('x').text()} url more", "line 8: want a whole"),
        (f"log {_key('x', ED25519).text()} url more", "line 8: want a whole"),
        ("group g any", "line 8: want a whole"),
        ("group g 0 w0", "line 8: group g: want a threshold 1 … 1, got 0"),
        ("group g 3 w0 w1", "line 8: group g: want a threshold 1 … 2, got 3"),
        ("group g +1 w0", "line 8: group g: threshold: want a decimal"),
        ("group g 01 w0", "line 8: group g: threshold: want a decimal"),
        ("group g most w0", "line 8: group g: threshold: want a decimal"),
        ("group g any g", "line 8: g is not defined on a line before"),
        ("group g any none", "line 8: none is not defined on a line before"),
        ("group g 2 w0 w0", "line 8: group g: w0 is already a member of a group"),
        ("group g any w0\ngroup h any w0", "line 9: group h: w0 is already a member of a group"),
        ("group w0 any w1", "line 8: w0 is defined twice"),
        ("group any any w1", "line 8: a witness or group cannot be named any"),
        (f"witness w0 {_key('x').text()}", "line 8: w0 is defined twice"),
        (f"witness none {_key('x').text()}", "line 8: a witness or group cannot be named none"),
        ("log example.com+00000000+AQ==", "line 8: verifier key example.com: want type and key"),
        (f"log {_key('x').text()}", "line 8: log x: a key of type 04 cosigns only"),
        (
            f"witness w9 {_key('x', ED25519).text()}",
            "line 8: witness w9: a key of type 01 does not cosign",
        ),
    ],
)
def test_refuses_a_policy_with(lines: str, message: str) -> None:
    with pytest.raises(TrustError, match=f"^{message}"):
        _policy(lines)


@pytest.mark.parametrize(
    "line",
    [
        f"log {LOG.text()}",
        f"log {VerifierKey('other', ED25519, LOG.public_key).text()}",
        f"log {VerifierKey('other', ED25519, W[0].public_key).text()}",
        f"witness itself {VerifierKey('other', COSIGNATURE, LOG.public_key).text()}",
        f"witness again {W[0].text()}",
        f"witness again {VerifierKey('other', COSIGNATURE, W[0].public_key).text()}",
        f"witness again {VerifierKey('other', 0xFE, W[0].public_key).text()}",
    ],
)
def test_refuses_a_public_key_under_two_names_types_or_roles(line: str) -> None:
    with pytest.raises(TrustError, match=r"^line 8: the public key of .* is listed already, for "):
        _policy(f"{line}\nquorum none")


@pytest.mark.parametrize("character", ["\r", "\0", "\x0b", "\x0c", "\x1f", "\x7f"])
def test_refuses_control_characters(character: str) -> None:
    with pytest.raises(TrustError, match="policy has the control character"):
        TrustPolicy.parse(f"quorum none{character}\n")


def test_refuses_more_definitions_than_its_limit() -> None:
    chain = "".join(f"group g{i} any g{i - 1}\n" for i in range(1, MAX_DEFINITIONS - 7))
    longest = _policy(f"group g0 any w0\n{chain}quorum g0")
    assert len(longest.witnesses) == len(W)
    with pytest.raises(
        TrustError, match=f"want at most {MAX_DEFINITIONS} logs, witnesses and groups, got more"
    ):
        _policy(f"group g0 any w0\n{chain}group last any w1\nquorum g0")


def test_the_deepest_policy_it_accepts_can_be_asked() -> None:
    chain = "".join(f"group g{i} any g{i - 1}\n" for i in range(1, MAX_DEFINITIONS - 7))
    policy = _policy(f"group g0 any w0\n{chain}quorum g{MAX_DEFINITIONS - 8}")
    assert policy.quorum_time({W[0]: 3}) == 3
    assert policy.colluders == 1
