"""Checkpoints in their one spelling, against public tables."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.checkpoint import MAX_CHECKPOINT_BYTES, Checkpoint, Origin, check_origin
from audit.tlog.errors import CheckpointError
from audit.tlog.merkle import EMPTY_ROOT, Hash, leaf_hash
from audit.tlog.note import VerifierKey, open_note

ROOT_LINE = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
GOOD = f"example.com/log\n0\n{ROOT_LINE}\n"


def test_writes_and_reads_the_tree_of_the_go_checksum_database(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/golang-note/tlog_tree_vectors.json").read_text())
    want = vectors["format_tree"]["want"].encode()
    checkpoint = Checkpoint(Origin("go.sum database tree"), 123456789012, leaf_hash(b"hello world"))
    assert checkpoint.encode() == want
    assert Checkpoint.decode(want) == checkpoint


def test_reads_a_real_signed_checkpoint(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/golang-note/tlog_tree_vectors.json").read_text())
    (real,) = vectors["real_checkpoints"]
    note = open_note(real["note"].encode(), [VerifierKey.parse(real["vkey"])])
    checkpoint = Checkpoint.decode(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("go.sum database tree", 35225469)
    assert checkpoint.encode() == note.text


def test_refuses_the_bad_trees_of_the_go_checksum_database(shared: Path) -> None:
    """The first is bad for Go because its origin is another's; a decoder takes any, and its caller
    compares."""
    vectors = json.loads((shared / "vectors/golang-note/tlog_tree_vectors.json").read_text())
    other, size, root = vectors["bad_trees"]
    assert Checkpoint.decode(other.encode()).origin == "not-go.sum database tree"
    with pytest.raises(CheckpointError, match="tree size: want a decimal"):
        Checkpoint.decode(size.encode())
    with pytest.raises(CheckpointError, match="root hash: base64 in a second spelling"):
        Checkpoint.decode(root.encode())


@pytest.fixture(scope="module")
def table(shared: Path) -> list[dict[str, Any]]:
    file = shared / "vectors/transparency-dev-formats/checkpoint_and_cosig_vectors.json"
    rows: list[dict[str, Any]] = json.loads(file.read_text())["checkpoint_parse"]
    return rows


def _with_a_whole_root(text: str) -> str:
    """That table does not look at the length of root hashes; give its rows one that we accept."""
    for short in ("YmFuYW5hcw==", "dGhlIHZpZXcgZnJvbSB0aGUgdHJlZSB0b3BzIGlzIGdyZWF0IQ=="):
        text = text.replace(short, ROOT_LINE)
    return text


def test_refuses_the_roots_of_that_table_that_are_not_32_bytes(table: list[dict[str, Any]]) -> None:
    accepted_there = [row for row in table if not row["want_err"]]
    assert len(accepted_there) == 5
    for row in accepted_there:
        with pytest.raises(CheckpointError, match=r"root hash: want 32 bytes, got (7|37)"):
            Checkpoint.decode(row["text"].encode(), extensions_allowed=True)


@pytest.mark.parametrize(
    ("description", "origin", "size", "extensions"),
    [
        ("valid one", "Log", 123, ()),
        ("valid with different origin", "Banana", 9944, ()),
        ("valid with trailing data", "Log", 9944, ("Here's some associated data.",)),
        ("valid with multiple trailing data lines", "Log", 9944, ("lots", "of", "lines")),
    ],
)
def test_reads_the_public_table(
    table: list[dict[str, Any]],
    description: str,
    origin: str,
    size: int,
    extensions: tuple[str, ...],
) -> None:
    (text,) = (_with_a_whole_root(row["text"]) for row in table if row["desc"] == description)
    checkpoint = Checkpoint.decode(text.encode(), extensions_allowed=True)
    assert checkpoint == Checkpoint(Origin(origin), size, EMPTY_ROOT, extensions)
    assert checkpoint.encode() == text.encode()
    if extensions:
        with pytest.raises(
            CheckpointError, match=f"want no extension lines, got {len(extensions)}"
        ):
            Checkpoint.decode(text.encode())


@pytest.mark.parametrize(
    ("description", "message"),
    [
        # Accepted there; but an extension line must not be empty.
        ("valid with trailing newlines", "extension line: want text"),
        ("invalid - insufficient lines", "checkpoint has 2 lines"),
        ("invalid - empty header", "origin: want text"),
        ("invalid - missing newline on roothash", "checkpoint does not end with a newline"),
        ("invalid size - not a number", "tree size: want a decimal .*, got 'bananas'"),
        ("invalid size - negative", "tree size: want a decimal .*, got '-34'"),
        (
            "invalid size - too large",
            "tree size: want a decimal .*, got '3438945738945739845734895735'",
        ),
        ("invalid roothash - not base64", "root hash: not base64"),
    ],
)
def test_refuses_the_bad_rows_of_the_public_table(
    table: list[dict[str, Any]], description: str, message: str
) -> None:
    (text,) = (_with_a_whole_root(row["text"]) for row in table if row["desc"] == description)
    with pytest.raises(CheckpointError, match=message):
        Checkpoint.decode(text.encode(), extensions_allowed=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "checkpoint does not end with a newline|has 0 lines"),
        ("\n", "checkpoint has 1 lines"),
        (GOOD + "\n", "want no extension lines, got 1"),
        (GOOD.removesuffix("\n"), "does not end with a newline"),
        (GOOD.replace("\n", "\r\n"), "tree size: want a decimal"),
        (GOOD.replace("example", "exa\tmple"), "origin: want text without control characters"),
        (GOOD.replace("\n0\n", "\n00\n"), "tree size: want a decimal .*, got '00'"),
        (GOOD.replace("\n0\n", "\n+5\n"), "tree size: want a decimal .*, got '\\+5'"),
        (GOOD.replace("\n0\n", "\n 5\n"), "tree size: want a decimal .*, got ' 5'"),
        (GOOD.replace("\n0\n", "\n5_0\n"), "tree size: want a decimal .*, got '5_0'"),
        (GOOD.replace("\n0\n", "\n٥\n"), "tree size: want a decimal"),
        (GOOD.replace("\n0\n", "\n\n"), "tree size: want a decimal"),
        (GOOD.replace("\n0\n", f"\n{2**63}\n"), "tree size: want a decimal"),
        (GOOD.replace("\n0\n", f"\n{'9' * 5000}\n"), "tree size: want a decimal"),
        (GOOD.replace("FU=", "FV="), "root hash: base64 in a second spelling"),
        (GOOD.replace("FU=", "FU"), "root hash: not base64"),
        (GOOD.replace("47DE", "47 DE"), "root hash: not base64"),
        (GOOD.replace("+/", "-_"), "root hash: not base64"),
        (GOOD.replace(ROOT_LINE, ""), "root hash: want 32 bytes, got 0"),
        (GOOD.replace("example", "é" * 125), "origin: want at most 255 bytes, got 258"),
        (
            GOOD.replace("example", "e" * MAX_CHECKPOINT_BYTES),
            "checkpoint: want at most 65536 bytes",
        ),
    ],
)
def test_refuses_a_second_spelling(text: str, message: str) -> None:
    assert Checkpoint.decode(GOOD.encode()) == Checkpoint(Origin("example.com/log"), 0, EMPTY_ROOT)
    with pytest.raises(CheckpointError, match=message):
        Checkpoint.decode(text.encode())


def test_accepts_the_longest_origin_and_checkpoint() -> None:
    longest = Checkpoint(Origin("é" * 127 + "e"), 2**63 - 1, EMPTY_ROOT)
    assert Checkpoint.decode(longest.encode()) == longest
    line = "x" * (MAX_CHECKPOINT_BYTES - len(longest.encode()) - 1)
    text = longest.encode() + f"{line}\n".encode()
    assert Checkpoint.decode(text, extensions_allowed=True).extensions == (line,)
    with pytest.raises(CheckpointError, match="want at most 65536 bytes, got 65537"):
        Checkpoint.decode(text[:-1] + b"x\n", extensions_allowed=True)


def test_refuses_what_is_not_utf8() -> None:
    with pytest.raises(CheckpointError, match="checkpoint is not UTF-8"):
        Checkpoint.decode(b"\xff" + GOOD.encode())


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions", "message"),
    [
        ("", 0, EMPTY_ROOT, (), "origin: want text"),
        ("a\nb", 0, EMPTY_ROOT, (), "origin: want text"),
        ("a\ud800", 0, EMPTY_ROOT, (), "origin: want text"),
        ("a" * 256, 0, EMPTY_ROOT, (), "origin: want at most 255 bytes, got 256"),
        ("a", -1, EMPTY_ROOT, (), "tree size: want 0 … 2\\^63-1, got -0x1"),
        ("a", 2**63, EMPTY_ROOT, (), "tree size: want"),
        ("a", 0, EMPTY_ROOT[:31], (), "root hash: want 32 bytes, got 31"),
        ("a", 0, EMPTY_ROOT, ("",), "extension line: want text"),
        ("a", 0, EMPTY_ROOT, ("b\nc",), "extension line: want text"),
    ],
)
def test_refuses_to_be_made_of_anything_else(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CheckpointError, match=message):
        Checkpoint(Origin(origin), size, Hash(root), extensions)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=63),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_reads_back_what_it_wrote(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(check_origin(origin), size, Hash(root))
    assert Checkpoint.decode(checkpoint.encode()) == checkpoint


@given(st.data())
def test_reads_no_bytes_that_it_would_not_write(data: st.DataObject) -> None:
    text = bytearray(GOOD.encode())
    start = data.draw(st.integers(0, len(text) - 1))
    text[start : start + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    try:
        checkpoint = Checkpoint.decode(bytes(text), extensions_allowed=True)
    except CheckpointError:
        return
    assert checkpoint.encode() == text
