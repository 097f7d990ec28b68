"""The worked examples of audit/FORMATS.md, computed again from the inputs that the page names."""

import hashlib
import re
import zlib
from pathlib import Path

import pytest

from audit.tlog import canonical
from audit.tlog.bundle import Bundle
from audit.tlog.bundle_json import (
    HeadProof,
    Hints,
    decode_head,
    decode_hints,
    encode_head,
    encode_hints,
)
from audit.tlog.checkpoint import Checkpoint, Origin
from audit.tlog.cosignature import check_cosignatures, cosigned_message
from audit.tlog.entry import Entry, decode, encode, entry_leaf
from audit.tlog.genesis import genesis
from audit.tlog.heads import (
    EpochRecord,
    Head,
    LogGenesis,
    encode_epoch_record,
    encode_log_genesis,
    head_leaves,
    record_leaf,
)
from audit.tlog.merkle import Hash, check_inclusion, node_hash, root_hash
from audit.tlog.note import (
    COSIGNATURE,
    Signature,
    Signer,
    VerifierKey,
    open_note,
    parse_note,
    write_note,
)
from audit.tlog.proving import Tree
from audit.tlog.receipt import Receipt, open_receipt, sign_receipt
from audit.tlog.trust import TrustPolicy
from audit.tlog.zip_headers import STORED, Member, end_records
from audit.verifier.pin_and_head import Pin, PreviousHead

PAGE = Path(__file__).resolve().parents[3] / "audit" / "FORMATS.md"
ORIGIN, START, MAXIMUM = "ledger.example/a", 1_735_689_600_000, 900_000
LOG_KEY = Signer(ORIGIN, bytes(range(0x00, 0x20)))
RECEIPTS_KEY = Signer(f"{ORIGIN}/receipts", bytes(range(0x20, 0x40)))
WITNESS_KEY = Signer("witness.ministry.example", bytes(range(0x40, 0x60)))
NAMES = ("fleet", "operator", "St. Anna Hospital")


def geneses() -> list[bytes]:
    return [
        genesis(
            origin=ORIGIN,
            number=number,
            name=name,
            tenant_nonce=bytes([0xAA] * 32) if number == 2 else None,
            nonce=bytes([number] * 16),
            received_at=START,
        )
        for number, name in enumerate(NAMES)
    ]


def entry(trail: Hash) -> bytes:
    return encode(
        Entry(
            trail=trail,
            index=1,
            kind="touch.recorded/v1",
            subject="job/8812",
            source="slurm/hz-a",
            sequence=7,
            occurred_at=START + 1_000,
            received_at=START + 1_250,
            nonce=bytes([0x10] * 16),
            attachments=(),
            body={"data": {"cards": ["hz-a-0001/0"]}, "id": "8812"},
        )
    )


def cosigned(note: bytes, time_s: int) -> bytes:
    """The note with the witness's line under it."""
    parsed = parse_note(note)
    signed = time_s.to_bytes(8, "big") + WITNESS_KEY.sign(cosigned_message(time_s, parsed.text))
    line = Signature(WITNESS_KEY.name, witness_key().key_id, signed)
    return write_note(parsed.text, [*parsed.others, line])


def witness_key() -> VerifierKey:
    return VerifierKey(WITNESS_KEY.name, COSIGNATURE, WITNESS_KEY.verifier_key.public_key)


def examples() -> dict[str, str]:
    """Every example of the page, by its name."""
    opened = geneses()
    ids = [entry_leaf(content) for content in opened]
    touch = entry(ids[2])
    trail_root = root_hash([ids[2], entry_leaf(touch)])
    heads = [Head(0, ids[0], 1, ids[0]), Head(1, ids[1], 1, ids[1]), Head(2, ids[2], 2, trail_root)]
    tree = Tree(head_leaves(1, heads))
    records = [
        encode_log_genesis(LogGenesis(ORIGIN, MAXIMUM, ids[0])),
        encode_epoch_record(EpochRecord(1, START + MAXIMUM, 3, tree.root)),
    ]
    leaves = [record_leaf(record) for record in records]
    text = Checkpoint(Origin(ORIGIN), 2, root_hash(leaves)).encode()
    note = cosigned(
        write_note(text, [Signature(ORIGIN, LOG_KEY.key_id, LOG_KEY.sign(text))]),
        START // 1000 + 902,
    )
    receipt = Receipt(
        origin=ORIGIN,
        trail=2,
        trail_id=ids[2],
        first=1,
        size=2,
        batch_root=entry_leaf(touch),
        root=trail_root,
        received_at=START + 1_250,
        commit_by=START + 1_260 + 2 * MAXIMUM,
    )
    proof = HeadProof(1, 2, trail_root, tree.prove_inclusion(2))
    pin = Pin(2, ids[2])
    return {
        "entry": touch.decode(),
        "entry-leaf": entry_leaf(touch).hex(),
        **{f"genesis-{number}": content.decode() for number, content in enumerate(opened)},
        **{f"id-{number}": trail_id.hex() for number, trail_id in enumerate(ids)},
        "pin": pin.text(),
        "trail-root": trail_root.hex(),
        "head-leaves": "\n".join(leaf.hex() for leaf in head_leaves(1, heads)),
        "heads-root": tree.root.hex(),
        "record-0": records[0].decode().rstrip("\n"),
        "record-1": records[1].decode().rstrip("\n"),
        "record-leaves": "\n".join(leaf.hex() for leaf in leaves),
        "global-root": root_hash(leaves).hex(),
        "checkpoint": note.decode().rstrip("\n"),
        "trust": "\n".join(
            [
                f"log {LOG_KEY.verifier_key.text()}",
                f"log {RECEIPTS_KEY.verifier_key.text()}",
                f"witness ministry {witness_key().text()}",
                "quorum ministry",
            ]
        ),
        "receipt": sign_receipt(receipt, RECEIPTS_KEY).decode().rstrip("\n"),
        "zip": zip_example(),
        "hints": encode_hints(
            Hints(ORIGIN, 2, ids[2], 1, (START, START + MAXIMUM), START + MAXIMUM + 60_000)
        ).decode(),
        "head": encode_head(proof).decode(),
        "held": canonical.encode(
            PreviousHead(2, ids[2], 1, 2, trail_root, note).as_json()
        ).decode(),
    }


def zip_example() -> str:
    data = b"\x00\x01a"  # one record, the single letter a
    member = Member("global/records", STORED, zlib.crc32(data), len(data), len(data), 0)
    directory = member.central_header()
    parts = (member.local_header(), data, directory, end_records(1, len(directory), member.end))
    return "\n".join(line for part in parts for line in re.findall(".{1,64}", part.hex()))


def blocks() -> dict[str, str]:
    """Every example on the page, by its name."""
    examples = re.findall(
        r"^```example ([a-z0-9-]+)\n(.*?)\n```$", PAGE.read_text(encoding="utf-8"), re.M | re.S
    )
    assert len(dict(examples)) == len(examples), "an example is on the page twice"
    return dict(examples)


@pytest.mark.parametrize("name", examples())
def test_the_example_on_the_page_is_what_the_code_gives(name: str) -> None:
    assert blocks()[name] == examples()[name]


def test_the_page_has_no_other_examples() -> None:
    assert blocks().keys() == examples().keys()


class TestWithNothingButHashlib:
    """The hashes of the page again, without our code."""

    def sha256(self, *parts: bytes) -> str:
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def test_leaf_hashes(self) -> None:
        page = blocks()
        for content, leaf in (
            ("entry", "entry-leaf"),
            ("genesis-0", "id-0"),
            ("genesis-1", "id-1"),
            ("genesis-2", "id-2"),
        ):
            assert self.sha256(b"\x00domicile/entry/v1\n", page[content].encode()) == page[leaf]

    def test_trail_root(self) -> None:
        page = blocks()
        leaves = bytes.fromhex(page["id-2"]), bytes.fromhex(page["entry-leaf"])
        assert self.sha256(b"\x01", *leaves) == page["trail-root"]

    def test_heads(self) -> None:
        page = blocks()
        leaves = page["head-leaves"].split("\n")
        for number, leaf in enumerate(leaves):
            trail_id = bytes.fromhex(page[f"id-{number}"])
            size, root = (2, bytes.fromhex(page["trail-root"])) if number == 2 else (1, trail_id)
            epoch_and_number = (1).to_bytes(8, "big") + number.to_bytes(8, "big")
            assert (
                self.sha256(
                    b"\x00domicile/head/v1\x00",
                    epoch_and_number,
                    trail_id,
                    size.to_bytes(8, "big"),
                    root,
                )
                == leaf
            )
        pair = bytes.fromhex(
            self.sha256(b"\x01", bytes.fromhex(leaves[0]), bytes.fromhex(leaves[1]))
        )
        assert self.sha256(b"\x01", pair, bytes.fromhex(leaves[2])) == page["heads-root"]

    def test_records(self) -> None:
        page = blocks()
        leaves = page["record-leaves"].split("\n")
        for number, leaf in enumerate(leaves):
            assert self.sha256(b"\x00", page[f"record-{number}"].encode(), b"\n") == leaf
        assert self.sha256(b"\x01", *map(bytes.fromhex, leaves)) == page["global-root"]


def test_the_examples_fit_together() -> None:
    page = blocks()
    trust = TrustPolicy.parse(page["trust"])
    note = open_note(page["checkpoint"].encode() + b"\n", trust.log_keys(Origin(ORIGIN)))
    assert Checkpoint.decode(note.text).root.hex() == page["global-root"]
    assert trust.quorum_time(check_cosignatures(note, trust.witness_keys)) == START // 1000 + 902
    receipt = open_receipt(page["receipt"].encode() + b"\n", trust.receipt_keys(Origin(ORIGIN)))
    assert receipt.batch_root.hex() == page["entry-leaf"]
    assert decode(page["entry"].encode()).trail.hex() == page["id-2"]
    head = decode_head(page["head"].encode())
    leaves = [Hash(bytes.fromhex(leaf)) for leaf in page["head-leaves"].split("\n")]
    check_inclusion(
        leaves[2], 2, 3, head.path, node_hash(node_hash(leaves[0], leaves[1]), leaves[2])
    )
    assert decode_hints(page["hints"].encode()).trail_id.hex() == page["id-2"]
    assert PreviousHead.parse(page["held"], 2).trail_id == Pin.parse(page["pin"]).trail_id


def test_the_zip_of_the_page_is_a_bundle(tmp_path: Path) -> None:
    path = tmp_path / "example.zip"
    path.write_bytes(bytes.fromhex(blocks()["zip"].replace("\n", "")))
    with Bundle.open(path) as bundle:
        assert list(bundle.records()) == [b"a"]
