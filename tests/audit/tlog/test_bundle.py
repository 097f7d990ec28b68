"""The bundle's members: names, framing, and the two JSON members."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.tlog import canonical
from audit.tlog.archive import CHUNK_SIZE, ArchiveWriter
from audit.tlog.bundle import Bundle, BundleWriter, write_bundle
from audit.tlog.bundle_json import (
    HeadProof,
    Hints,
    decode_head,
    decode_hints,
    encode_head,
    encode_hints,
)
from audit.tlog.errors import BundleError
from audit.tlog.merkle import Hash

HINTS = Hints(
    origin="ledger.example/a",
    trail=12,
    trail_id=Hash(b"\x01" * 32),
    epoch=7,
    period=(1735689600000, 1735690500000),
    exported_at=1735690600000,
)
HEAD = HeadProof(
    epoch=7, size=43, root=Hash(b"\x02" * 32), path=[Hash(b"\x03" * 32), Hash(b"\x04" * 32)]
)


def raw(members: dict[str, bytes]) -> Bundle:
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    for name, data in members.items():
        writer.write(name, [data])
    writer.close()
    return Bundle(file)


def test_reads_back_all_members(tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    with write_bundle(path) as writer:
        writer.hints(HINTS)
        writer.records([b"zero", b"", b"one", b""])
        writer.checkpoint(10, b"ten")
        writer.checkpoint(9, b"nine")
        for number in (12, 0):
            writer.heads(number, [HEAD, replace(HEAD, epoch=8)])
            writer.entries(number, [b"{}", b"[]"])
        writer.attachment(b"\x05" * 32, [b"raw ", b"bytes"])
    with Bundle.open(path) as bundle:
        assert bundle.hints() == HINTS
        assert list(bundle.records()) == [b"zero", b"", b"one", b""]
        assert bundle.checkpoint_sizes() == [9, 10]
        assert bundle.checkpoint(9) == b"nine"
        assert bundle.trails() == [0, 12]
        assert list(bundle.heads(12)) == [HEAD, replace(HEAD, epoch=8)]
        assert list(bundle.entries(0)) == [b"{}", b"[]"]
        assert bundle.entries_size(0) == 6
        assert bundle.attachments() == [b"\x05" * 32]
        assert b"".join(bundle.attachment(b"\x05" * 32)) == b"raw bytes"
    with zipfile.ZipFile(path) as ordinary:
        assert ordinary.testzip() is None


def test_many_lines_come_back_whole() -> None:
    file = io.BytesIO()
    writer = BundleWriter(file)
    contents = [b'{"number":%d}' % number for number in range(50_000)]
    writer.entries(3, iter(contents))
    writer.close()
    assert list(Bundle(file).entries(3)) == contents


def test_a_failed_export_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    with pytest.raises(KeyError), write_bundle(path) as writer:
        writer.hints(HINTS)
        raise KeyError
    assert not path.exists()


def test_refuses_to_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(b"kept")
    with pytest.raises(FileExistsError), write_bundle(path):
        pass
    assert path.read_bytes() == b"kept"


def test_closes_a_file_that_is_no_bundle(tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(b"not a zip file")
    with pytest.raises(BundleError):
        Bundle.open(path)


@pytest.mark.parametrize(
    "name",
    [
        "readme.txt",
        "bundle.json.bak",
        "checkpoints/01",
        "checkpoints/x",
        "checkpoints/1/2",
        "trails/1/heads",
        "trails/01/heads.jsonl",
        "trails/1/entries.jsonl.gz",
        "attachments/00",
        "attachments/" + "g" * 64,
        "global/records2",
    ],
)
def test_refuses_an_unknown_member(name: str) -> None:
    with pytest.raises(BundleError, match="unknown member"):
        raw({name: b""})


def test_refuses_members_that_are_absent() -> None:
    bundle = raw({})
    for read in (
        bundle.hints,
        lambda: list(bundle.records()),
        lambda: list(bundle.heads(1)),
        lambda: bundle.checkpoint(1),
    ):
        with pytest.raises(BundleError, match="bundle has no member"):
            read()


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x05four", b"\x00\x01a\x00"])
def test_refuses_records_that_end_inside_one(data: bytes) -> None:
    with pytest.raises(BundleError, match="ends inside a record"):
        list(raw({"global/records": data}).records())


def test_refuses_a_record_that_is_too_long() -> None:
    with pytest.raises(BundleError, match="a record of 4097 bytes"):
        list(raw({"global/records": b"\x10\x01" + bytes(4097)}).records())


def test_takes_a_record_of_the_greatest_length() -> None:
    assert list(raw({"global/records": b"\x10\x00" + bytes(4096)}).records()) == [bytes(4096)]


def test_records_cross_chunks() -> None:
    record = b"\x01\x00" + bytes(256)
    assert list(raw({"global/records": record * 3000}).records()) == [bytes(256)] * 3000
    assert len(record) * 3000 > 2 * CHUNK_SIZE


def test_refuses_hints_and_checkpoints_that_are_too_long() -> None:
    bundle = raw({"bundle.json": bytes(65_537), "checkpoints/1": bytes(65_537)})
    with pytest.raises(BundleError, match="want at most 65536"):
        bundle.hints()
    with pytest.raises(BundleError, match="want at most 65536"):
        bundle.checkpoint(1)


def test_hints_without_a_period_read_back() -> None:
    assert decode_hints(encode_hints(replace(HINTS, period=None))).period is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "domicile/bundle/v2"}, "want format domicile/bundle/v1"),
        ({"origin": 7}, "origin is an integer"),
        ({"trail": "12"}, "trail is a string"),
        ({"trail_id": "00"}, "want 64 lowercase hex digits"),
        ({"epoch": True}, "epoch is a boolean"),
        ({"period": []}, "an array, want an object"),
        ({"period": {"from": 1}}, r"lacks the members \['to'\]"),
        ({"period": {"from": 5, "to": 5}}, "want at least a millisecond"),
        ({"more": 1}, r"unknown members \['more'\]"),
    ],
)
def test_refuses_hints_of_another_form(change: dict[str, Any], message: str) -> None:
    value = canonical.decode(encode_hints(HINTS))
    assert isinstance(value, dict)
    with pytest.raises(BundleError, match=message):
        decode_hints(canonical.encode(value | change))


def test_refuses_to_write_hints_it_would_not_read() -> None:
    with pytest.raises(BundleError, match="want at least a millisecond"):
        encode_hints(replace(HINTS, period=(5, 5)))
    with pytest.raises(BundleError):
        encode_hints(replace(HINTS, epoch=-1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epoch": "7"}, "epoch is a string"),
        ({"size": None}, "size is null"),
        ({"root": "00"}, "want 64 lowercase hex digits"),
        ({"path": {}}, "path is an object"),
        ({"path": ["00" * 31]}, "want 64 lowercase hex digits"),
        ({"path": [7]}, "want 64 lowercase hex digits"),
        ({"number": 12}, r"unknown members \['number'\]"),
    ],
)
def test_refuses_a_head_of_another_form(change: dict[str, Any], message: str) -> None:
    value = canonical.decode(encode_head(HEAD))
    assert isinstance(value, dict)
    with pytest.raises(BundleError, match=message):
        decode_head(canonical.encode(value | change))


@pytest.mark.parametrize("line", [b"", b"[]", b"null", b'{"epoch":1.0}'])
def test_refuses_a_line_that_is_no_head(line: bytes) -> None:
    with pytest.raises(BundleError, match="head: "):
        decode_head(line)
