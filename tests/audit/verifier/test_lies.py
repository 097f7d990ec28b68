"""Each lie of FORMATS 2.8 and 3.3 that C1 to C4 answer, told by `LyingLog` and refused at its
step."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audit.tlog.archive import ArchiveReader
from audit.tlog.errors import TrustError
from audit.tlog.merkle import Hash
from audit.tlog.note import ML_DSA_44, Signature, Signer, VerifierKey, parse_note, write_note
from audit.tlog.trust import TrustPolicy
from audit.verifier.report import Report, Status
from audit.verifier.verify import verify_bundle
from tests.audit.verifier import (
    lies_about_entries,
    lies_about_the_log,
    lies_about_the_past,
    lies_about_the_trail,
)
from tests.audit.verifier.lie import LIES, Lie, case_of
from tests.lying_log import HOSPITAL, ORIGIN, LyingLog, Witness, honest_log

# Importing them is what fills LIES.
MODULES = (lies_about_the_log, lies_about_the_trail, lies_about_entries, lies_about_the_past)


def refused(lie: Lie, path: Path) -> Report:
    case = lie.make()
    return verify_bundle(
        case.parts.write(path / "evidence.zip"), case.trust, case.pin, case.previous
    )


@pytest.mark.parametrize("name", LIES)
def test_refuses_the_lie_at_its_step(name: str, tmp_path: Path) -> None:
    lie = LIES[name]
    report = refused(lie, tmp_path)
    assert report.failure is not None, "the lie was believed"
    assert report.failure.step == lie.step, report.failure.text
    assert re.match(f"step {lie.step}: .*{re.escape(lie.words)}", report.failure.text), (
        report.failure.text
    )
    assert report.status is Status.FAILED


@pytest.mark.parametrize("name", LIES)
def test_states_nothing_after_the_step_that_failed(name: str, tmp_path: Path) -> None:
    report = refused(LIES[name], tmp_path)
    *proved, failed = report.statements
    assert failed.status is Status.FAILED
    assert all(statement.status is Status.PROVED for statement in proved)
    step = LIES[name].step
    want = [] if step <= 5 else ["C1"] if step <= 9 else ["C1", "C2", "C2"]
    assert [statement.claim for statement in proved] == want
    assert report.trails == ()


def test_the_lies_have_an_honest_twin(tmp_path: Path) -> None:
    """Without a lie the same machinery proves, so it is the lie that is refused."""
    case = case_of(honest_log())
    path = case.parts.write(tmp_path / "evidence.zip")
    previous = verify_bundle(path, case.trust, case.pin).head(HOSPITAL)
    assert verify_bundle(path, case.trust, case.pin, previous).proved


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"%PDF-1.7\n" + data,
        lambda data: data + b"<script>",
        lambda data: data + data,
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: data.replace(b"global/records", b"global/recorda", 1),
        lambda data: data.replace(b"global/records", b"../../.profile"),
        lambda data: data.replace(b"global/records", b"global/recorda"),
        lambda data: data.replace(b"checkpoints/3", b"checkpoints/4"),
    ],
    ids=[
        "polyglot in front",
        "polyglot behind",
        "two archives",
        "cut by a byte",
        "cut in half",
        "empty",
        "headers disagree",
        "path upwards",
        "unknown member",
        "member twice",
    ],
)
def test_refuses_a_container_that_is_not_one_strict_zip_file(
    change: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    log = honest_log()
    path = log.parts().write(tmp_path / "evidence.zip")
    path.write_bytes(change(path.read_bytes()))
    report = verify_bundle(path, log.trust(), log.pin())
    assert report.failure is not None
    assert report.failure.text.startswith("step 1: container: ")
    assert [statement.claim for statement in report.statements] == ["C1"]


def test_names_the_step_in_which_broken_bytes_turn_up(tmp_path: Path) -> None:
    log = honest_log()
    path = log.parts().write(tmp_path / "evidence.zip")
    data = bytearray(path.read_bytes())
    member = ArchiveReader(io.BytesIO(data)).members["trails/2/entries.jsonl"]
    data[member.end - 3] ^= 0xFF
    path.write_bytes(data)
    report = verify_bundle(path, log.trust(), log.pin())
    assert report.failure is not None
    assert report.failure.step in (6, 8)
    assert "member trails/2/entries.jsonl" in report.failure.text


def test_every_byte_of_every_entry_counts(tmp_path: Path) -> None:
    log = LyingLog()
    log.append(HOSPITAL)
    log.seal()
    honest = log.contents[HOSPITAL][1]
    for index in range(len(honest)):
        parts = log.parts()
        parts.entries[HOSPITAL][1] = (
            honest[:index] + bytes([honest[index] ^ 1]) + honest[index + 1 :]
        )
        report = verify_bundle(parts.write(tmp_path / "evidence.zip"), log.trust(), log.pin())
        assert report.failure is not None
        assert report.failure.step == 8


def test_every_hash_of_every_heads_proof_counts(tmp_path: Path) -> None:
    log = LyingLog()
    for name in range(30):
        log.open_trail(f"trail {name}")
    log.seal()
    honest = log.proofs(HOSPITAL)[0]
    assert len(honest.path) == 6
    for index in range(len(honest.path)):
        parts = log.parts()
        path = list(honest.path)
        path[index] = Hash(bytes([path[index][0] ^ 1]) + path[index][1:])
        parts.heads[HOSPITAL] = [replace(honest, path=path)]
        report = verify_bundle(parts.write(tmp_path / "evidence.zip"), log.trust(), log.pin())
        assert report.failure is not None
        assert report.failure.step == 7


def test_a_witness_that_is_the_log_itself_is_refused_in_the_trust_file() -> None:
    log = LyingLog()
    witness = Witness("ministry", Signer("witness.ministry.example", log.key.seed))
    with pytest.raises(TrustError, match="is listed already"):
        log.trust(f"witness ministry {witness.key.text()}\nquorum ministry\n")


def test_a_signature_line_of_a_type_we_cannot_check_leaves_c1_open(tmp_path: Path) -> None:
    log = honest_log()
    second = VerifierKey(ORIGIN, ML_DSA_44, bytes(1312))
    trust = TrustPolicy.parse(f"log {second.text()}\n{log.policy()}")
    stripped = verify_bundle(log.parts().write(tmp_path / "evidence.zip"), trust, log.pin())
    assert stripped.failure is not None
    assert stripped.failure.step == 5
    note = parse_note(log.notes[5])
    line = Signature(ORIGIN, second.key_id, bytes(2420))
    log.notes[5] = write_note(note.text, [*note.others, line])
    report = verify_bundle(log.parts().write(tmp_path / "evidence.zip"), trust, log.pin())
    assert report.status is Status.NOT_PROVED
    assert "cannot check: ledger.example/a of type 06" in report.statements[0].reason


def test_an_epoch_record_of_the_future_is_not_a_contradiction(tmp_path: Path) -> None:
    """`closed` is the operator's word; only witnesses can say otherwise, and C4 is stated by
    theirs."""
    log = honest_log()
    log.seal(closed_ms=log.clock * 2)
    assert verify_bundle(
        log.parts().write(tmp_path / "evidence.zip"), log.trust(), log.pin()
    ).proved
