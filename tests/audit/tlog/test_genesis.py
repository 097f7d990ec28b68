"""Geneses: each has one spelling, and every other one is refused."""

from typing import Any

import pytest

from audit.tlog import canonical
from audit.tlog.entry import decode, encode
from audit.tlog.errors import EntryError
from audit.tlog.genesis import decode_genesis, genesis
from tests.lying_log import LyingLog

GENESIS: dict[str, Any] = {
    "origin": "ledger.example/a",
    "number": 12,
    "name": "St. Anna Hospital",
    "tenant_nonce": bytes(32),
    "nonce": bytes(16),
    "received_at": 1735689600000,
}


def test_genesis_reads_back() -> None:
    opened = decode_genesis(genesis(**GENESIS))
    assert {name: getattr(opened, name) for name in GENESIS} == GENESIS


def test_genesis_without_a_tenant_nonce_reads_back() -> None:
    assert decode_genesis(genesis(**GENESIS | {"tenant_nonce": None})).tenant_nonce is None


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"null", b'"x"', b"{}"])
def test_refuses_json_that_is_not_a_genesis(content: bytes) -> None:
    with pytest.raises(EntryError):
        decode_genesis(content)


def test_refuses_a_second_spelling() -> None:
    content = genesis(**GENESIS)
    for other in (content + b"\n", b" " + content, content.replace(b'"index":0', b'"index": 0')):
        with pytest.raises(EntryError, match="entry: "):
            decode_genesis(other)


def test_a_genesis_is_not_an_entry_nor_an_entry_a_genesis() -> None:
    content = encode(LyingLog().entry())
    with pytest.raises(EntryError, match="lacks the members"):
        decode(genesis(**GENESIS))
    with pytest.raises(EntryError, match="unknown members"):
        decode_genesis(content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tenant_nonce": bytes(31)}, "tenant_nonce has 31 bytes, want 32"),
        ({"nonce": bytes(17)}, "nonce has 17 bytes, want 16"),
        ({"number": -1}, "genesis of trail -1"),
        ({"name": "x" * 70_000}, "want at most 65517"),
    ],
)
def test_refuses_to_write_a_genesis_out_of_range(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EntryError, match=message):
        genesis(**GENESIS | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"index": 1}, "has other attachments, index, kind or subject"),
        ({"kind": "trail.opened/v2"}, "has other attachments, index, kind or subject"),
        ({"subject": "trail/13"}, "has other attachments, index, kind or subject"),
        ({"attachments": [1]}, "has other attachments, index, kind or subject"),
        ({"nonce": "00"}, "want 32 lowercase hex digits"),
        ({"received_at": "now"}, "received_at is a string, want an integer"),
        ({"body": None}, "null, want an object"),
        ({"body": {}}, "lacks the members"),
        ({"trail": "00"}, r"unknown members \['trail'\]"),
    ],
)
def test_refuses_to_read_a_genesis_of_another_form(change: dict[str, Any], message: str) -> None:
    members = canonical.decode(genesis(**GENESIS))
    assert isinstance(members, dict)
    with pytest.raises(EntryError, match=message):
        decode_genesis(canonical.encode(members | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": None}, "number is null, want an integer"),
        ({"name": 7}, "name is an integer, want a string"),
        ({"origin": False}, "origin is a boolean, want a string"),
        ({"tenant_nonce": "00" * 31}, "want 64 lowercase hex digits"),
        ({"owner": 1}, r"unknown members \['owner'\]"),
    ],
)
def test_refuses_to_read_a_genesis_body_of_another_form(
    change: dict[str, Any], message: str
) -> None:
    members = canonical.decode(genesis(**GENESIS))
    assert isinstance(members, dict) and isinstance(members["body"], dict)
    with pytest.raises(EntryError, match=message):
        decode_genesis(canonical.encode(members | {"body": members["body"] | change}))
