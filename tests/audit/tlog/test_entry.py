"""Entries: each has one spelling, and every other one is refused."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog import canonical
from audit.tlog.canonical import MAX_INTEGER
from audit.tlog.entry import (
    MAX_CONTENT_SIZE,
    Attachment,
    Entry,
    check_place,
    decode,
    encode,
    encode_with_body,
    entry_leaf,
)
from audit.tlog.errors import EntryError
from audit.tlog.merkle import Hash

TRAIL = Hash(bytes(range(32)))
ENTRY = Entry(
    trail=TRAIL,
    index=5,
    kind="touch.recorded/v1",
    subject="job/8812",
    source="slurm/hz-a",
    sequence=7,
    occurred_at=1735689600000,
    received_at=1735689600250,
    nonce=bytes(16),
    attachments=(Attachment(bytes(32), 40_000, "text/plain"),),
    body={"data": {"cards": ["n1/0"]}, "id": "8812"},
)
numbers = st.integers(0, MAX_INTEGER)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
attachments = st.builds(
    Attachment, sha256=st.binary(min_size=32, max_size=32), size=numbers, type=texts
)
keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=6)
bodies = st.dictionaries(
    keys, st.one_of(texts, numbers, st.booleans(), st.none(), st.lists(texts, max_size=3))
)
entries = st.builds(
    Entry,
    trail=st.binary(min_size=32, max_size=32).map(Hash),
    index=st.integers(1, MAX_INTEGER),
    kind=st.sampled_from(["touch.recorded/v1", "heartbeat/v12"]),
    subject=texts,
    source=texts,
    sequence=st.one_of(st.none(), numbers),
    occurred_at=numbers,
    received_at=numbers,
    nonce=st.binary(min_size=16, max_size=16),
    attachments=st.lists(attachments, max_size=2).map(tuple),
    body=bodies,
)


def as_json(entry: Entry) -> dict[str, Any]:
    return {
        "attachments": [
            {"sha256": attachment.sha256.hex(), "size": attachment.size, "type": attachment.type}
            for attachment in entry.attachments
        ],
        "body": entry.body,
        "index": entry.index,
        "kind": entry.kind,
        "nonce": entry.nonce.hex(),
        "occurred_at": entry.occurred_at,
        "received_at": entry.received_at,
        "sequence": entry.sequence,
        "source": entry.source,
        "subject": entry.subject,
        "trail": entry.trail.hex(),
    }


@given(entries)
def test_content_is_the_canonical_json_of_all_fields(entry: Entry) -> None:
    assert encode(entry) == canonical.encode(as_json(entry))


@given(entries)
def test_reads_back_what_it_wrote(entry: Entry) -> None:
    assert decode(encode(entry)) == entry


@given(entries)
def test_a_ready_body_gives_the_same_bytes(entry: Entry) -> None:
    assert encode_with_body(entry, canonical.encode(entry.body)) == encode(entry)


def test_leaf_hash_covers_the_prefix_and_the_content() -> None:
    content = encode(ENTRY)
    assert entry_leaf(content) == hashlib.sha256(b"\x00domicile/entry/v1\n" + content).digest()


def test_a_source_that_does_not_number_gives_null() -> None:
    content = encode(replace(ENTRY, sequence=None))
    assert b'"sequence":null' in content
    assert decode(content).sequence is None


def test_takes_an_entry_of_the_greatest_length_and_none_longer() -> None:
    room = MAX_CONTENT_SIZE - len(encode(replace(ENTRY, body={"x": ""})))
    longest = replace(ENTRY, body={"x": "a" * room})
    assert len(encode(longest)) == MAX_CONTENT_SIZE
    assert decode(encode(longest)) == longest
    with pytest.raises(EntryError, match="has 65518 bytes, want at most 65517"):
        encode(replace(ENTRY, body={"x": "a" * (room + 1)}))


def test_refuses_to_read_an_entry_that_is_too_long() -> None:
    with pytest.raises(EntryError, match="want at most 65517"):
        decode(b'"' + b"a" * 70_000 + b'"')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"index": 0}, "index is 0, want 1"),
        ({"index": MAX_INTEGER + 1}, "want 1 to 2"),
        ({"sequence": -1}, "sequence of entry 5 is -1"),
        ({"occurred_at": -1}, "occurred_at of entry 5 is -1"),
        ({"received_at": MAX_INTEGER + 1}, "received_at is"),
        ({"kind": "touch.recorded"}, "kind of entry 5 is 'touch.recorded', want name/v1"),
        ({"nonce": bytes(15)}, "nonce has 15 bytes, want 16"),
        ({"trail": bytes(31)}, "trail has 31 bytes, want 32"),
        ({"attachments": (Attachment(bytes(31), 1, "x"),)}, "sha256 of an attachment has 31 bytes"),
        ({"attachments": (Attachment(bytes(32), -1, "x"),)}, "size of an attachment is -1"),
        ({"subject": "\ud800"}, "lone surrogate"),
        ({"body": {"x": 1.5}}, "body of entry 5: .*float"),
    ],
)
def test_refuses_to_write_a_field_out_of_range(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EntryError, match=message):
        encode(replace(ENTRY, **change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"index": 0}, "index 0, which is the genesis"),
        ({"index": "5"}, "index str"),
        ({"index": True}, "index bool"),
        ({"sequence": "7"}, "sequence str"),
        ({"sequence": False}, "sequence bool"),
        ({"occurred_at": None}, "occurred_at NoneType"),
        ({"body": []}, "body list"),
        ({"attachments": {}}, "attachments dict"),
        ({"attachments": [7]}, "want an object"),
        ({"attachments": [{"sha256": "00" * 32, "size": 1}]}, r"lacks the members \['type'\]"),
        (
            {"attachments": [{"sha256": "00" * 31, "size": 1, "type": ""}]},
            "want 64 lowercase hex digits",
        ),
        ({"attachments": [{"sha256": "00" * 32, "size": "1", "type": ""}]}, "size is a string"),
        ({"kind": "Touch/v1"}, "want name/v1"),
        ({"kind": "touch/v01"}, "want name/v1"),
        ({"nonce": "0" * 31}, "want 32 lowercase hex digits"),
        ({"nonce": "A" * 32}, "want 32 lowercase hex digits"),
        ({"nonce": "0" * 30 + " 0"}, "want 32 lowercase hex digits"),
        ({"trail": "٠" * 64}, "want 64 lowercase hex digits"),
        ({"more": 1}, r"unknown members \['more'\]"),
    ],
)
def test_refuses_to_read_a_field_of_another_form(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EntryError, match=message):
        decode(canonical.encode(as_json(ENTRY) | change))


@pytest.mark.parametrize("name", sorted(as_json(ENTRY)))
def test_refuses_an_entry_that_lacks_a_field(name: str) -> None:
    members = as_json(ENTRY)
    del members[name]
    with pytest.raises(EntryError, match=f"lacks the members \\['{name}'\\]"):
        decode(canonical.encode(members))


def test_refuses_a_field_of_another_name_and_the_same_type() -> None:
    members = as_json(ENTRY)
    members["subjects"] = members.pop("subject")
    with pytest.raises(EntryError, match=r"lacks the members \['subject'\]"):
        decode(canonical.encode(members))


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"null", b'"x"', b"{}"])
def test_refuses_json_that_is_not_an_entry(content: bytes) -> None:
    with pytest.raises(EntryError):
        decode(content)


def test_refuses_a_second_spelling() -> None:
    content = encode(ENTRY)
    for other in (content + b"\n", b" " + content, content.replace(b'"index":5', b'"index": 5')):
        with pytest.raises(EntryError, match="entry: "):
            decode(other)


def test_refuses_a_duplicate_key() -> None:
    twice = encode(ENTRY).replace(b'"index":5,', b'"index":6,"index":5,')
    with pytest.raises(EntryError, match="not canonical"):
        decode(twice)


def test_check_place_returns_what_a_verifier_needs() -> None:
    assert check_place(encode(ENTRY), TRAIL, 5) == (ENTRY.received_at, ENTRY.attachments)


def test_check_place_refuses_another_place_and_what_decode_refuses() -> None:
    content = encode(ENTRY)
    with pytest.raises(EntryError, match="says that it has index 5, want 6"):
        check_place(content, TRAIL, 6)
    with pytest.raises(EntryError, match="says that it is of trail"):
        check_place(content, Hash(bytes(32)), 5)
    with pytest.raises(EntryError, match="not canonical"):
        check_place(content + b" ", TRAIL, 5)
    with pytest.raises(EntryError, match="want an object"):
        check_place(content.replace(b'"attachments":[{', b'"attachments":[7,{'), TRAIL, 5)
