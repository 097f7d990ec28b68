"""Keys and signed notes: what Go's note package writes and opens, and every malformed one
refused."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog.errors import NoteError
from audit.tlog.note import (
    COSIGNATURE,
    ECDSA,
    ED25519,
    MAX_SIGNATURES,
    ML_DSA_44,
    KeyId,
    Note,
    Signature,
    Signer,
    VerifierKey,
    open_note,
    parse_note,
    sign_note,
    write_note,
)
from audit.tlog.spelling import encode_base64

OLGA = Signer("olga.example/log", bytes(range(32)))
ENZO = Signer("enzo.example/log", bytes(range(1, 33)))
TEXT = "Räume,\n\nund ein zweiter Absatz.\n".encode()


@pytest.fixture(scope="module")
def golang(shared: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (shared / "vectors/golang-note/note_vectors.json").read_text()
    )
    return loaded


@pytest.fixture(scope="module")
def formats(shared: Path) -> dict[str, Any]:
    file = shared / "vectors/transparency-dev-formats/checkpoint_and_cosig_vectors.json"
    loaded: dict[str, Any] = json.loads(file.read_text())
    return loaded


# Keys, against Go's tables.


def test_reads_and_writes_go_keys(golang: dict[str, Any]) -> None:
    peter = golang["vkeys"]["peter"]
    signer = Signer.parse(golang["skey_go_format"]["peter"])
    assert signer.text() == golang["skey_go_format"]["peter"]
    assert signer.verifier_key == VerifierKey.parse(peter)
    assert VerifierKey.parse(peter).text() == peter
    assert signer.key_id == VerifierKey.parse(peter).key_id == bytes.fromhex("c74f20a3")


def test_signs_as_go_does(golang: dict[str, Any]) -> None:
    signer = Signer.parse(golang["skey_go_format"]["peter"])
    assert sign_note(golang["text"].encode(), [signer]).decode() == golang["sign_expect"]


def test_refuses_every_part_of_a_verifier_key(golang: dict[str, Any]) -> None:
    for key in (golang["vkeys"]["peter"], golang["skey_go_format"]["peter"]):
        parse = Signer.parse if key.startswith("PRIVATE") else VerifierKey.parse
        for begin in range(len(key)):
            for end in range(begin, len(key) + 1):
                if end - begin < len(key):
                    with pytest.raises(NoteError):
                        parse(key[begin:end])


def test_refuses_a_key_with_any_one_character_changed(golang: dict[str, Any]) -> None:
    for key in (golang["vkeys"]["peter"], golang["skey_go_format"]["peter"]):
        parse = Signer.parse if key.startswith("PRIVATE") else VerifierKey.parse
        for index in range(len(key)):
            with pytest.raises(NoteError):
                parse(key[:index] + chr(ord(key[index]) + 1) + key[index + 1 :])


def test_refuses_a_key_with_something_after_its_padding(golang: dict[str, Any]) -> None:
    with pytest.raises(NoteError, match="base64"):
        VerifierKey.parse(golang["bad_vkeys"][0])


def test_keeps_a_key_of_unknown_type_which_verifies_nothing(golang: dict[str, Any]) -> None:
    """Go refuses this key. We keep it, so that a policy can name witnesses of a type that comes
    later."""
    key = VerifierKey.parse(golang["bad_vkeys"][1])
    assert (key.name, key.kind, key.text()) == ("PeterNeumann", 0x65, golang["bad_vkeys"][1])
    signature = parse_note(golang["sign_expect"].encode()).others[0].signature
    with pytest.raises(NoteError, match="a key of type 65 does not sign texts"):
        key.verify(golang["text"].encode(), signature)
    with pytest.raises(NoteError, match="a key of type 65 is not an Ed25519 key"):
        key.verify_ed25519(golang["text"].encode(), signature)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("works: convert from algEd25519", ED25519),
        ("works: native algEd25519CosignatureV1 verifier", COSIGNATURE),
    ],
)
def test_reads_the_published_keys(formats: dict[str, Any], name: str, kind: int) -> None:
    (vkey,) = (row["vkey"] for row in formats["vkeys"] if row["name"] == name)
    key = VerifierKey.parse(vkey)
    assert (key.kind, key.text()) == (kind, vkey)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("works: native algMLDSA44 verifier", "want key ID 31236897, got '5893dc2c'"),
        ("wrong number of parts", "want name\\+id\\+key, got 2 parts"),
        ("invalid base64", "not base64: 'THIS_IS_NOT_BASE64!'"),
        ("invalid algo", "want key ID 7f0de2ed, got '12345678'"),
    ],
)
def test_refuses_the_published_keys_that_are_wrong(
    formats: dict[str, Any], name: str, message: str
) -> None:
    """Go accepts the first, whose printed ID is not that of its key."""
    (vkey,) = (row["vkey"] for row in formats["vkeys"] if row["name"] == name)
    with pytest.raises(NoteError, match=message):
        VerifierKey.parse(vkey)


def test_reads_that_ml_dsa_key_under_its_true_id(formats: dict[str, Any]) -> None:
    (vkey,) = (row["vkey"] for row in formats["vkeys"] if "MLDSA" in row["name"])
    key = VerifierKey.parse(vkey.replace("5893dc2c", "31236897"))
    assert (key.kind, len(key.public_key)) == (ML_DSA_44, 1312)


def test_refuses_tree_head_keys(formats: dict[str, Any]) -> None:
    with pytest.raises(NoteError, match="RFC 6962 tree head keys are not accepted"):
        VerifierKey.parse(formats["rfc6962_note"]["vkey"])


def test_refuses_ecdsa_keys() -> None:
    with pytest.raises(NoteError, match=r"key rekor\.example: ECDSA keys are not accepted"):
        VerifierKey("rekor.example", ECDSA, b"\0" * 91)


@pytest.mark.parametrize(
    ("kind", "length", "want"),
    [(ED25519, 31, 32), (ED25519, 33, 32), (COSIGNATURE, 64, 32), (ML_DSA_44, 32, 1312)],
)
def test_refuses_a_public_key_of_another_length(kind: int, length: int, want: int) -> None:
    with pytest.raises(NoteError, match=f"want a public key of {want} bytes, got {length}"):
        VerifierKey("a", kind, b"\0" * length)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a+b", "a\tb", "a\nb", "a\x01b", "a\u00a0b", "a\u2028b", "a\u3000", "\ud800"],
)
def test_refuses_key_names_that_a_line_could_not_hold(name: str) -> None:
    for make in (lambda: VerifierKey(name, ED25519, b"\0" * 32), lambda: Signer(name, b"\0" * 32)):
        with pytest.raises(NoteError, match="key name must be without spaces"):
            make()


def test_refuses_a_key_id_in_capitals(golang: dict[str, Any]) -> None:
    with pytest.raises(NoteError, match="want key ID c74f20a3, got 'C74F20A3'"):
        VerifierKey.parse(golang["vkeys"]["peter"].replace("c74f20a3", "C74F20A3"))


def test_refuses_a_key_without_its_type() -> None:
    with pytest.raises(NoteError, match="want type and key, got 1 bytes"):
        VerifierKey.parse("a+00000000+AQ==")


def test_reads_the_shortest_key_of_an_unknown_type() -> None:
    key = VerifierKey("a", 0xFE, b"x")
    assert VerifierKey.parse(key.text()) == key


def test_a_new_signing_key_reads_back_and_signs() -> None:
    signer = Signer.generate("ada.example")
    assert Signer.parse(signer.text()) == signer != Signer.generate("ada.example")
    signer.verifier_key.verify(b"x", signer.sign(b"x"))


def test_refuses_a_seed_of_another_length() -> None:
    with pytest.raises(NoteError, match="want a seed of 32 bytes, got 31"):
        Signer("a", b"\0" * 31)


def _bad_signing_keys() -> Iterator[str]:
    good = OLGA.text()
    yield good.removeprefix("PRIVATE+KEY+")
    yield good[:-1]
    yield good + "\n"
    yield good.replace("olga", "enzo")
    yield good.replace(OLGA.key_id.hex(), "00000000")
    yield good.replace(encode_base64(b"\x01" + OLGA.seed), encode_base64(b"\x04" + OLGA.seed))
    yield f"PRIVATE+KEY+{encode_base64(OLGA.seed)}+{OLGA.seed.hex()}"


@pytest.mark.parametrize("text", list(_bad_signing_keys()))
def test_refuses_a_bad_signing_key_without_quoting_it(text: str) -> None:
    with pytest.raises(NoteError, match="signing key") as caught:
        Signer.parse(text)
    shown = f"{caught.value!r} {caught.value.__cause__!r} {OLGA!r}"
    assert encode_base64(OLGA.seed)[:12] not in shown
    assert encode_base64(b"\x01" + OLGA.seed)[:12] not in shown
    assert OLGA.seed.hex()[:12] not in shown


def test_a_cosigners_key_does_not_sign_texts() -> None:
    cosigner = VerifierKey(OLGA.name, COSIGNATURE, OLGA.verifier_key.public_key)
    with pytest.raises(NoteError, match="a key of type 04 does not sign texts"):
        cosigner.verify(TEXT, OLGA.sign(TEXT))


# Notes, against Go's tables.


def test_opens_the_public_notes(golang: dict[str, Any]) -> None:
    keys = {name: VerifierKey.parse(vkey) for name, vkey in golang["vkeys"].items()}
    opened = [row for row in golang["open"] if row["ok"]]
    assert len(opened) == 3
    for row in opened:
        note = open_note(row["msg"].encode(), [keys[name] for name in row["known"]])
        assert note.text == golang["text"].encode()
        assert (len(note.signatures), len(note.others)) == (row["verified"], row["unverified"])


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ("none known", "no signature by a known key: known are none, got PeterNeumann"),
        ("101 copies", "note has 101 signatures, want at most 100"),
        ("invalid signature", "key PeterNeumann: signature does not verify"),
    ],
)
def test_refuses_the_public_notes_that_must_not_open(
    golang: dict[str, Any], description: str, message: str
) -> None:
    (row,) = (row for row in golang["open"] if row["desc"].startswith(description))
    text = (
        row["msg"]
        if "msg" in row
        else row["msg_repeat"][0] + row["msg_repeat"][1] * row["msg_repeat"][2]
    )
    with pytest.raises(NoteError, match=message):
        open_note(
            text.encode(), [VerifierKey.parse(golang["vkeys"][name]) for name in row["known"]]
        )


def test_refuses_the_public_malformed_notes(golang: dict[str, Any]) -> None:
    assert len(golang["malformed"]) == 7
    for row in golang["malformed"]:
        data = bytes.fromhex(row["hex"]) if isinstance(row, dict) else row.encode()
        with pytest.raises(NoteError, match=r"^(note|want a signature line)"):
            parse_note(data)


def test_refuses_to_sign_the_public_malformed_texts(golang: dict[str, Any]) -> None:
    for text in golang["sign_malformed_text"]:
        with pytest.raises(NoteError):
            sign_note(text.encode(), [OLGA])


def test_opens_the_example_of_the_specification(golang: dict[str, Any]) -> None:
    example = golang["c2sp_example"]
    note = open_note(example["note"].encode(), [VerifierKey.parse(example["vkey"])])
    assert note.text == b"This is an example message.\n"


def test_opens_real_checkpoints(shared: Path, golang: dict[str, Any]) -> None:
    vectors = json.loads((shared / "vectors/golang-note/tlog_tree_vectors.json").read_text())
    (real,) = vectors["real_checkpoints"]
    assert open_note(real["note"].encode(), [VerifierKey.parse(real["vkey"])]).others == ()
    script = shared / "vectors/torchwood-litewitness/cmd/litewitness/testdata/sumdb.txt"
    assert real["note"] in script.read_text()


def test_reads_ecdsa_notes_and_opens_none(formats: dict[str, Any]) -> None:
    for row in formats["ecdsa_notes"]:
        (line,) = parse_note(row["note"].encode()).others
        with pytest.raises(NoteError, match=f"known are {OLGA.name}.*, got {line.name}"):
            open_note(row["note"].encode(), [OLGA.verifier_key])


# Notes, case by case.


def test_opens_what_it_signed() -> None:
    data = sign_note(TEXT, [OLGA, ENZO])
    assert open_note(data, [OLGA.verifier_key, ENZO.verifier_key]) == Note(
        TEXT, parse_note(data).others, ()
    )
    note = open_note(data, [ENZO.verifier_key])
    assert [line.name for line in note.signatures] == [ENZO.name]
    assert [line.name for line in note.others] == [OLGA.name]


def test_adds_a_signature_to_a_note() -> None:
    first = parse_note(sign_note(TEXT, [OLGA]))
    second = parse_note(sign_note(TEXT, [ENZO]))
    assert write_note(TEXT, first.others + second.others) == sign_note(TEXT, [OLGA, ENZO])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n")))
def test_any_text_without_control_characters_can_be_signed(body: str) -> None:
    text = f"{body}\n".encode()
    assert open_note(sign_note(text, [OLGA]), [OLGA.verifier_key]).text == text


@pytest.mark.parametrize("text", [b"", b"no newline", b"\xff\n", b"a\rb\n", b"a\tb\n", b"a\x00b\n"])
def test_refuses_to_sign_what_is_no_text(text: bytes) -> None:
    with pytest.raises(NoteError, match="note"):
        sign_note(text, [OLGA])


def test_refuses_to_write_without_signatures_or_with_one_twice() -> None:
    with pytest.raises(NoteError, match="note"):
        sign_note(TEXT, [])
    with pytest.raises(NoteError, match=r"note would read otherwise: .* no signature twice"):
        sign_note(TEXT, [OLGA, OLGA])


def test_refuses_to_sign_a_text_that_ends_in_a_signature_line() -> None:
    whole = sign_note(TEXT, [ENZO])
    with pytest.raises(NoteError, match="note would read otherwise: want text with a last newline"):
        sign_note(whole.removesuffix(b"\n"), [OLGA])


def test_refuses_to_write_a_key_id_of_another_length() -> None:
    with pytest.raises(NoteError, match="note would read otherwise"):
        write_note(TEXT, [Signature("olga", KeyId(b"12345"), b"x")])


def test_refuses_every_change_of_a_signed_text() -> None:
    data = sign_note(b"size 7\n", [OLGA])
    for index in range(len(data)):
        changed = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
        with pytest.raises(NoteError):
            open_note(changed, [OLGA.verifier_key])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("- olga AAAAAAA=", "want a signature line"),
        ("—olga AAAAAAA=", "want a signature line"),
        ("— olga", "want more than 4 bytes, got 0"),
        ("— olga AAAAAA==", "want more than 4 bytes, got 4"),
        ("— olga AAAAAAA", "not base64"),
        ("— olga AAAAAAB=", "second spelling"),
        ("— olga AAAAAAA= ", "not base64"),
        ("— olga AAAA\u2028AAA=", "not base64"),
        ("—  AAAAAAA=", "key name must be"),
        ("— ol+ga AAAAAAA=", "key name must be"),
        ("— ol\u00a0ga AAAAAAA=", "key name must be"),
    ],
)
def test_refuses_malformed_signature_lines(line: str, message: str) -> None:
    good = "— olga AAAAAAA=\n"
    parse_note(f"text\n\n{good}".encode())
    with pytest.raises(NoteError, match=message):
        parse_note(f"text\n\n{line}\n".encode())
    with pytest.raises(NoteError):
        parse_note(f"text\n\n{good}{line}\n{good}".encode())


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"text\n", "text\n— olga AAAAAAA=\n".encode(), "\n— o AAAAAAA=\n".encode()]
)
def test_refuses_a_note_without_an_empty_line(data: bytes) -> None:
    with pytest.raises(NoteError, match="note has no empty line between text and signatures"):
        parse_note(data)


def test_the_last_empty_line_begins_the_signatures() -> None:
    forged = sign_note(b"inner\n", [OLGA])
    data = sign_note(forged, [ENZO])
    assert open_note(data, [ENZO.verifier_key]).text == forged
    with pytest.raises(NoteError, match="no signature by a known key"):
        open_note(data, [OLGA.verifier_key])


def test_accepts_as_many_signatures_as_the_limit() -> None:
    lines = [
        Signature("olga", KeyId(i.to_bytes(4, "big")), b"x") for i in range(MAX_SIGNATURES + 1)
    ]
    assert len(parse_note(write_note(TEXT, lines[:-1])).others) == MAX_SIGNATURES
    with pytest.raises(NoteError, match="note has 101 signatures, want at most 100"):
        write_note(TEXT, lines)


def test_ignores_lines_that_share_only_a_name_or_only_an_id() -> None:
    (olga,) = parse_note(sign_note(TEXT, [OLGA])).others
    strangers = [
        Signature("other", olga.key_id, olga.signature),
        Signature(olga.name, ENZO.key_id, b"x"),
    ]
    with pytest.raises(NoteError, match="no signature by a known key"):
        open_note(write_note(TEXT, strangers), [OLGA.verifier_key])
    note = open_note(write_note(TEXT, [*strangers, olga]), [OLGA.verifier_key])
    assert (note.signatures, note.others) == ((olga,), tuple(strangers))


def test_one_failing_line_of_a_known_key_fails_the_note() -> None:
    bad = Signature(ENZO.name, ENZO.key_id, OLGA.sign(TEXT))
    data = write_note(TEXT, [*parse_note(sign_note(TEXT, [OLGA])).others, bad])
    open_note(data, [OLGA.verifier_key])
    with pytest.raises(NoteError, match=r"key enzo\.example/log: signature does not verify"):
        open_note(data, [OLGA.verifier_key, ENZO.verifier_key])


def test_reads_only_the_first_of_two_lines_by_one_key() -> None:
    (good,) = parse_note(sign_note(TEXT, [OLGA])).others
    bad = Signature(OLGA.name, OLGA.key_id, ENZO.sign(TEXT))
    assert open_note(write_note(TEXT, [good, bad]), [OLGA.verifier_key]).signatures == (good,)
    with pytest.raises(NoteError, match="signature does not verify"):
        open_note(write_note(TEXT, [bad, good]), [OLGA.verifier_key])


@pytest.mark.parametrize("length", [0, 1, 63, 65, 72])
def test_refuses_signatures_of_another_length(length: int) -> None:
    with pytest.raises(NoteError, match="signature does not verify"):
        OLGA.verifier_key.verify(TEXT, (OLGA.sign(TEXT) * 2)[:length])


def test_leaves_lines_of_cosigners_and_unknown_types_unverified() -> None:
    keys = [
        VerifierKey("w", COSIGNATURE, b"\1" * 32),
        VerifierKey("q", 0xFE, b"\1"),
        OLGA.verifier_key,
    ]
    lines = [Signature(key.name, key.key_id, b"anything") for key in keys[:2]]
    note = open_note(write_note(TEXT, [*lines, *parse_note(sign_note(TEXT, [OLGA])).others]), keys)
    assert note.others == tuple(lines)
    with pytest.raises(NoteError, match="no signature by a known key"):
        open_note(write_note(TEXT, lines), keys)


def _keys_of_one_id() -> tuple[VerifierKey, VerifierKey]:
    """Two keys whose 32-bit IDs collide, found as anyone can."""
    seen: dict[KeyId, VerifierKey] = {}
    for i in count():
        key = VerifierKey("olga", ED25519, i.to_bytes(32, "big"))
        if seen.setdefault(key.key_id, key) != key:
            return seen[key.key_id], key
    raise AssertionError


def test_refuses_two_known_keys_of_one_name_and_id() -> None:
    data = sign_note(TEXT, [OLGA])
    with pytest.raises(NoteError, match="two known keys share the name olga and the ID"):
        open_note(data, [OLGA.verifier_key, *_keys_of_one_id()])


def test_takes_a_key_that_is_given_twice_as_one() -> None:
    note = open_note(sign_note(TEXT, [OLGA]), [OLGA.verifier_key, OLGA.verifier_key])
    assert len(note.signatures) == 1
