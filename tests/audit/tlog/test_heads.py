"""Heads, the heads tree, the log genesis and epoch records."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.errors import HeadError, ProofError
from audit.tlog.heads import (
    EpochRecord,
    Head,
    LogGenesis,
    decode_epoch_record,
    decode_log_genesis,
    encode_epoch_record,
    encode_log_genesis,
    head_leaf,
    head_leaves,
    heads_root,
    record_leaf,
)
from audit.tlog.merkle import Hash, check_inclusion
from audit.tlog.proving import Tree

ID, ROOT = Hash(b"\x01" * 32), Hash(b"\x02" * 32)
HEAD = Head(number=3, trail_id=ID, size=9, root=ROOT)
LOG = LogGenesis(origin="ledger.example/a", maximum_ms=900_000, fleet=ID)
RECORD = EpochRecord(epoch=7, closed_ms=1735690500000, trails=12, heads=ROOT)


def heads(count: int) -> list[Head]:
    return [Head(k, Hash(bytes([k]) * 32), k + 1, ROOT) for k in range(count)]


def test_head_leaf_binds_epoch_number_id_size_and_root() -> None:
    epoch_and_number = (7).to_bytes(8, "big") + (3).to_bytes(8, "big")
    want = hashlib.sha256(
        b"\x00domicile/head/v1\x00" + epoch_and_number + ID + (9).to_bytes(8, "big") + ROOT
    ).digest()
    assert head_leaf(7, HEAD) == want


def test_no_two_heads_share_a_leaf() -> None:
    others = [
        head_leaf(8, HEAD),
        head_leaf(7, replace(HEAD, number=4)),
        head_leaf(7, replace(HEAD, trail_id=ROOT)),
        head_leaf(7, replace(HEAD, size=10)),
        head_leaf(7, replace(HEAD, root=ID)),
    ]
    assert len({head_leaf(7, HEAD), *others}) == 6


@pytest.mark.parametrize("count", range(1, 34))
def test_every_head_is_provable_at_its_number_only(count: int) -> None:
    leaves = head_leaves(7, heads(count))
    tree = Tree(leaves)
    assert tree.root == heads_root(7, heads(count))
    proofs = [tree.prove_inclusion(number) for number in range(count)]
    for number, head in enumerate(heads(count)):
        check_inclusion(head_leaf(7, head), number, count, proofs[number], tree.root)
        for other in (i for i in range(count) if i != number):
            moved = head_leaf(7, replace(head, number=other))
            for leaf in (leaves[number], moved):
                with pytest.raises(ProofError):
                    check_inclusion(leaf, other, count, proofs[other], tree.root)
                with pytest.raises(ProofError):
                    check_inclusion(leaf, other, count, proofs[number], tree.root)


@pytest.mark.parametrize(
    ("epoch", "head", "message"),
    [
        (0, HEAD, "epoch from 1"),
        (2**63, HEAD, "below 2"),
        (7, replace(HEAD, number=-1), "below 2"),
        (7, replace(HEAD, size=0), "has size 0, want at least the genesis"),
        (7, replace(HEAD, size=2**63), "has size"),
        (7, replace(HEAD, root=Hash(b"")), "is not 32 bytes"),
        (7, replace(HEAD, trail_id=Hash(b"\x00" * 33)), "is not 32 bytes"),
    ],
)
def test_refuses_a_head_out_of_range(epoch: int, head: Head, message: str) -> None:
    with pytest.raises(HeadError, match=message):
        head_leaf(epoch, head)


def test_takes_the_greatest_numbers() -> None:
    greatest = 2**63 - 1
    assert head_leaf(greatest, Head(greatest, ID, greatest, ROOT)) != head_leaf(greatest, HEAD)


def test_refuses_heads_with_a_gap_a_repetition_or_none() -> None:
    with pytest.raises(HeadError, match="head 1 of epoch 7 is of trail 2"):
        heads_root(7, [heads(3)[0], heads(3)[2]])
    with pytest.raises(HeadError, match="head 1 of epoch 7 is of trail 0"):
        heads_root(7, [heads(1)[0], heads(1)[0]])
    with pytest.raises(HeadError, match="epoch 7 has no heads"):
        heads_root(7, [])


def test_log_genesis_reads_back() -> None:
    assert decode_log_genesis(encode_log_genesis(LOG)) == LOG


@given(
    st.integers(1, 2**63 - 1),
    st.integers(0, 2**63 - 1),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_epoch_record_reads_back(epoch: int, closed: int, trails: int, root: bytes) -> None:
    record = EpochRecord(epoch, closed, trails, Hash(root))
    assert decode_epoch_record(encode_epoch_record(record)) == record


def test_record_leaf_is_the_plain_rfc_6962_leaf() -> None:
    record = encode_epoch_record(RECORD)
    assert record_leaf(record) == hashlib.sha256(b"\x00" + record).digest()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"origin": ""}, "want a word without spaces"),
        ({"origin": "a b"}, "want a word without spaces"),
        ({"origin": "a\nb"}, "want a word without spaces"),
        ({"origin": "a\u2028b"}, "want a word without spaces"),
        ({"origin": "a" * 5000}, "want at most 4096"),
        ({"maximum_ms": 0}, "maximum: want 1"),
        ({"fleet": Hash(b"")}, "fleet: want 32 bytes, got 0"),
    ],
)
def test_refuses_to_write_a_log_genesis_out_of_range(change: dict[str, Any], message: str) -> None:
    with pytest.raises(HeadError, match=message):
        encode_log_genesis(replace(LOG, **change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epoch": 0}, "epoch: want 1"),
        ({"closed_ms": -1}, "closed: want 0"),
        ({"closed_ms": 2**63}, "closed: want 0"),
        ({"trails": 0}, "trails: want 1"),
        ({"heads": Hash(bytes(31))}, "heads: want 32 bytes, got 31"),
    ],
)
def test_refuses_to_write_an_epoch_record_out_of_range(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(HeadError, match=message):
        encode_epoch_record(replace(RECORD, **change))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"domicile/epoch/v1", b"domicile/epoch/v2"),
        (b"epoch 7", b"epoch 07"),
        (b"epoch 7", b"epoch +7"),
        (b"epoch 7", b"epoch  7"),
        (b"epoch 7", b"epoch 0"),
        (b"epoch 7", "epoch ٧".encode()),
        (b"epoch 7", b"epoch " + b"9" * 19),
        (b"epoch 7\n", b"epoch 7\r\n"),
        (b"epoch 7\n", b""),
        (b"epoch 7\n", b"epoch 7\nepoch 7\n"),
        (b"closed", b"Closed"),
        (b"trails 12", b"trails 0"),
        (b"=\n", b"\n"),
        (b"=\n", b"="),
        (b"=\n", b"=\n\n"),
        (b"=\n", b"=\nextra 1\n"),
        (b"heads A", b"heads B"),
        (b"heads ", b"heads \xff"),
    ],
)
def test_refuses_another_spelling_of_an_epoch_record(old: bytes, new: bytes) -> None:
    record = encode_epoch_record(RECORD)
    other = record.replace(old, new, 1)
    if other == record:
        pytest.fail("the change changed nothing")
    if (old, new) == (b"heads A", b"heads B"):
        assert decode_epoch_record(other) != RECORD
        return
    with pytest.raises(HeadError):
        decode_epoch_record(other)


def test_refuses_base64_with_unused_bits() -> None:
    record = encode_epoch_record(replace(RECORD, heads=Hash(bytes(32))))
    with pytest.raises(HeadError):
        decode_epoch_record(record.replace(b"A=\n", b"B=\n"))


def test_refuses_an_epoch_record_as_a_log_genesis() -> None:
    with pytest.raises(HeadError, match="want this title"):
        decode_log_genesis(encode_epoch_record(RECORD))


def test_refuses_a_record_that_is_too_long() -> None:
    with pytest.raises(HeadError, match="has 5000 bytes, want at most 4096"):
        decode_epoch_record(b"x" * 5000)
