"""What an honest bundle proves, and what it does not prove."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from audit.tlog.note import ML_DSA_44, Signature, VerifierKey, parse_note, write_note
from audit.tlog.trust import TrustPolicy
from audit.verifier.pin_and_head import PreviousHead
from audit.verifier.report import Report, Status, to_json
from audit.verifier.verify import verify_bundle
from tests.lying_log import FLEET, HOSPITAL, LyingLog, honest_log, witnesses

WITNESSES = witnesses("ministry", "hospital", "press", threshold="2")


@pytest.fixture
def log() -> LyingLog:
    return honest_log()


def states(report: Report) -> list[tuple[str, int | None, str]]:
    return [
        (statement.claim, statement.trail, statement.status.value)
        for statement in report.statements
    ]


def verify(log: LyingLog, path: Path, number: int = HOSPITAL, **asked: object) -> Report:
    log.parts(number).write(path / "evidence.zip")
    bundle, trust, pin = path / "evidence.zip", log.trust(), log.pin(number)
    return verify_bundle(bundle, trust, pin, **asked)  # type: ignore[arg-type]  # a test's own


def test_an_honest_bundle_is_proved(log: LyingLog, tmp_path: Path) -> None:
    report = verify(log, tmp_path)
    assert report.proved
    assert report.failure is None
    assert states(report) == [
        ("C1", None, "proved"),
        ("C2", HOSPITAL, "proved"),
        ("C2", FLEET, "proved"),
        ("C3", HOSPITAL, "not asked"),
        ("C3", FLEET, "not asked"),
        ("C4", HOSPITAL, "proved"),
        ("C4", FLEET, "proved"),
    ]


@pytest.mark.parametrize("number", range(4))
def test_every_trail_of_an_honest_log_is_proved(log: LyingLog, tmp_path: Path, number: int) -> None:
    report = verify(log, tmp_path, number)
    assert report.proved
    assert report.trail(number).head == log.head(number)
    assert report.trail(number).birth == (2 if number == 3 else 1)


def test_the_fleet_trail_alone_is_stated_once(log: LyingLog, tmp_path: Path) -> None:
    report = verify(log, tmp_path, FLEET)
    assert states(report) == [
        ("C1", None, "proved"),
        ("C2", FLEET, "proved"),
        ("C3", FLEET, "not asked"),
        ("C4", FLEET, "proved"),
    ]


def test_a_trail_of_its_genesis_alone_is_proved(tmp_path: Path) -> None:
    log = LyingLog()
    log.seal()
    assert verify(log, tmp_path).trail(HOSPITAL).head.size == 1


@pytest.mark.parametrize("epochs", range(1, 18))
def test_logs_of_every_small_size_are_proved(tmp_path: Path, epochs: int) -> None:
    log = LyingLog()
    for epoch in range(epochs):
        log.append(HOSPITAL, epoch % 3)
        log.open_trail(f"trail {epoch}")
        log.seal()
    for number in range(len(log.contents)):
        assert verify(log, tmp_path, number).proved


def test_without_a_pin_only_the_log_is_stated(log: LyingLog, tmp_path: Path) -> None:
    path = log.parts().write(tmp_path / "evidence.zip")
    report = verify_bundle(path, log.trust())
    assert states(report) == [("C1", None, "proved"), ("C2", None, "not proved")]
    assert report.status is Status.NOT_PROVED
    assert report.trails == ()


def test_a_quorum_that_is_met_gives_its_time(log: LyingLog, tmp_path: Path) -> None:
    log.cosign("press", timestamp_s=1_735_700_003)
    log.cosign("ministry", timestamp_s=1_735_700_001)
    log.cosign("hospital", timestamp_s=1_735_700_002)
    path = log.parts().write(tmp_path / "evidence.zip")
    report = verify_bundle(path, log.trust(WITNESSES), log.pin())
    assert report.proved
    assert report.anchor is not None
    assert report.anchor.quorum_time_ms == 1_735_700_002_000
    assert report.anchor.colluders == 1
    assert "as shown to you" not in "".join(statement.text for statement in report.statements)


def test_a_quorum_that_is_not_met_states_nothing(log: LyingLog, tmp_path: Path) -> None:
    log.cosign("ministry")
    path = log.parts().write(tmp_path / "evidence.zip")
    report = verify_bundle(path, log.trust(WITNESSES), log.pin())
    assert states(report) == [("C1", None, "not proved")]
    assert report.status is Status.NOT_PROVED
    assert report.trails == ()
    assert "quorum-of-all of your trust file is not met" in report.statements[0].reason
    assert "witness.ministry.example" in report.statements[0].reason


def test_a_contradiction_counts_even_without_a_quorum(log: LyingLog, tmp_path: Path) -> None:
    parts = log.parts()
    parts.entries[HOSPITAL].pop()
    report = verify_bundle(parts.write(tmp_path / "evidence.zip"), log.trust(WITNESSES), log.pin())
    assert states(report) == [("C1", None, "not proved"), ("C2", HOSPITAL, "failed")]
    assert report.status is Status.FAILED


def test_cosignatures_of_strangers_count_for_nothing(log: LyingLog, tmp_path: Path) -> None:
    log.cosign("ministry", "stranger", "nobody")
    path = log.parts().write(tmp_path / "evidence.zip")
    assert not verify_bundle(path, log.trust(WITNESSES), log.pin()).proved


def test_without_witnesses_it_says_as_shown_to_you(log: LyingLog, tmp_path: Path) -> None:
    report = verify(log, tmp_path)
    for claim in ("C1", "C4"):
        texts = [statement.text for statement in report.statements if statement.claim == claim]
        assert all("as shown to you" in text for text in texts)


def test_an_earlier_checkpoint_may_be_signed_by_a_key_that_was_changed_since(
    log: LyingLog, tmp_path: Path
) -> None:
    old, parts = LyingLog(origin="ledger.example/old").key, log.parts()
    forked = log.fork()
    forked.records = forked.records[:3]
    forked.sign(keys=[replace(old, name=log.origin)])
    parts.checkpoints[3] = forked.notes[3]
    assert verify_bundle(parts.write(tmp_path / "evidence.zip"), log.trust(), log.pin()).proved


def test_the_anchor_alone_is_enough(log: LyingLog, tmp_path: Path) -> None:
    parts = log.parts()
    parts.checkpoints = {5: parts.checkpoints[5]}
    assert verify_bundle(parts.write(tmp_path / "evidence.zip"), log.trust(), log.pin()).proved


def test_a_checkpoint_of_the_log_genesis_alone_may_be_carried(tmp_path: Path) -> None:
    log = LyingLog()
    log.sign()
    log.append(HOSPITAL)
    log.seal()
    assert sorted(log.notes) == [1, 2]
    assert verify(log, tmp_path).proved


def test_an_earlier_checkpoint_may_be_signed_by_a_key_that_cannot_be_checked(
    log: LyingLog, tmp_path: Path
) -> None:
    unknown = VerifierKey(log.origin, ML_DSA_44, bytes(1312))
    text = parse_note(log.notes[3]).text
    log.notes[3] = write_note(text, [Signature(log.origin, unknown.key_id, bytes(2420))])
    trust = TrustPolicy.parse(f"log {unknown.text()}\n{log.policy()}")
    note = parse_note(log.notes[5])
    log.notes[5] = write_note(
        note.text, [*note.others, Signature(log.origin, unknown.key_id, bytes(2420))]
    )
    report = verify_bundle(log.parts().write(tmp_path / "evidence.zip"), trust, log.pin())
    assert states(report) == [("C1", None, "not proved")]


def test_says_when_none_of_your_witnesses_cosigned(log: LyingLog, tmp_path: Path) -> None:
    path = log.parts().write(tmp_path / "evidence.zip")
    reason = verify_bundle(path, log.trust(WITNESSES), log.pin()).statements[0].reason
    assert "The checkpoint is cosigned by none of your witnesses." in reason


def test_refuses_more_epochs_than_it_will_hold(
    log: LyingLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.verifier.log.MAX_EPOCHS", 4)
    assert verify(log, tmp_path).proved
    monkeypatch.setattr("audit.verifier.log.MAX_EPOCHS", 3)
    failure = verify(log, tmp_path).failure
    assert failure is not None
    assert failure.text == "step 2: global records: want at most 3 epochs, got more"


def test_a_period_is_proved_as_far_as_the_anchor_reaches(log: LyingLog, tmp_path: Path) -> None:
    parts = log.parts()
    begin, end = log.clock - 10, log.clock + 10
    parts.hints = replace(parts.hints, period=(begin, end))
    report = verify_bundle(parts.write(tmp_path / "evidence.zip"), log.trust(), log.pin())
    assert report.proved
    assert json.loads(to_json(report))["period"] == {
        "from": begin,
        "to": end,
        "proved_to": log.clock,
    }


def test_a_late_quorum_does_not_stretch_the_period(log: LyingLog, tmp_path: Path) -> None:
    log.cosign("ministry", "press", timestamp_s=log.clock // 1000 + 86_400)
    path = log.parts().write(tmp_path / "evidence.zip")
    report = verify_bundle(path, log.trust(WITNESSES), log.pin())
    assert report.anchor is not None
    assert report.anchor.proved_to_ms == log.clock


def test_an_early_quorum_time_cuts_the_period(log: LyingLog, tmp_path: Path) -> None:
    log.cosign("ministry", "press", timestamp_s=log.clock // 1000 - 60)
    path = log.parts().write(tmp_path / "evidence.zip")
    report = verify_bundle(path, log.trust(WITNESSES), log.pin())
    assert report.anchor is not None
    assert report.anchor.proved_to_ms == (log.clock // 1000 - 60) * 1000


def test_entries_received_out_of_order_are_counted_and_the_first_listed(
    log: LyingLog, tmp_path: Path
) -> None:
    for step in range(15):
        log.append(HOSPITAL, received_at=log.clock + 100_000)
        log.append(HOSPITAL, received_at=log.clock - step)
    log.seal()
    trail = verify(log, tmp_path).trail(HOSPITAL)
    assert trail.disordered == 15
    assert trail.first_disordered == tuple(range(11, 31, 2))


def test_entries_received_in_the_same_millisecond_are_in_order(
    log: LyingLog, tmp_path: Path
) -> None:
    log.append(HOSPITAL, 3, received_at=log.clock)
    log.seal()
    assert verify(log, tmp_path).trail(HOSPITAL).disordered == 0


def test_a_withheld_attachment_is_listed(log: LyingLog, tmp_path: Path) -> None:
    kept, withheld = hashlib.sha256(b"kept").digest(), hashlib.sha256(b"withheld").digest()
    log.attach(HOSPITAL, b"kept", kept)
    log.attach(HOSPITAL, b"withheld", withheld)
    log.seal()
    del log.attachments[withheld]
    trail = verify(log, tmp_path).trail(HOSPITAL)
    assert trail.attachments == 2
    assert trail.withheld == (withheld,)


def test_progress_reaches_its_total(log: LyingLog, tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    verify(log, tmp_path, progress=lambda *call: calls.append(call))
    assert ("entries of trail 2", 10, 10) in calls
    assert ("entries of trail 0", 6, 6) in calls


def test_an_absent_file_is_not_a_bad_bundle(log: LyingLog, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_bundle(tmp_path / "absent.zip", log.trust(), log.pin())


def test_the_same_bundle_has_the_same_report(log: LyingLog, tmp_path: Path) -> None:
    assert to_json(verify(log, tmp_path)) == to_json(verify(log, tmp_path))


class TestPreviousHead:
    def previous(self, log: LyingLog, path: Path) -> PreviousHead:
        return verify(log, path).head(HOSPITAL)

    def grown(self, log: LyingLog) -> LyingLog:
        log.append(HOSPITAL, 3)
        log.seal()
        return log

    def test_an_honest_continuation_is_proved(self, log: LyingLog, tmp_path: Path) -> None:
        previous = self.previous(log, tmp_path)
        report = verify(self.grown(log), tmp_path, previous=previous)
        assert report.proved
        assert ("C3", HOSPITAL, "proved") in states(report)
        assert ("C3", FLEET, "proved") in states(report)

    def test_the_same_bundle_again_is_proved(self, log: LyingLog, tmp_path: Path) -> None:
        assert verify(log, tmp_path, previous=self.previous(log, tmp_path)).proved

    def test_an_older_bundle_is_not_proved(self, log: LyingLog, tmp_path: Path) -> None:
        older = log.fork()
        previous = self.previous(self.grown(log), tmp_path)
        report = verify(older, tmp_path, previous=previous)
        assert report.status is Status.NOT_PROVED
        assert ("C3", HOSPITAL, "not proved") in states(report)
        assert ("C3", FLEET, "not proved") in states(report)
        assert "older than what you have seen" in report.statements[3].reason

    def test_a_head_of_the_future_leaves_open_only_the_pinned_trail(
        self, log: LyingLog, tmp_path: Path
    ) -> None:
        previous = replace(self.previous(log, tmp_path), epoch=9)
        report = verify(log, tmp_path, previous=previous)
        assert ("C3", HOSPITAL, "not proved") in states(report)
        assert ("C3", FLEET, "proved") in states(report)
        assert report.statements[3].reason.startswith(
            "You kept a head of epoch 9, but this bundle ends at epoch 4"
        )

    def test_a_checkpoint_of_the_future_leaves_open_both_trails(
        self, log: LyingLog, tmp_path: Path
    ) -> None:
        previous = self.previous(log, tmp_path)
        later = self.grown(log.fork())
        report = verify(log, tmp_path, previous=replace(previous, checkpoint=later.notes[6]))
        assert ("C3", HOSPITAL, "not proved") in states(report)
        assert ("C3", FLEET, "not proved") in states(report)
        assert report.statements[3].reason.startswith(
            "You kept a checkpoint of 6 records, but this bundle has 5"
        )

    def test_the_checkpoint_held_need_not_be_in_the_bundle(
        self, log: LyingLog, tmp_path: Path
    ) -> None:
        previous = self.previous(log, tmp_path)
        parts = self.grown(log).parts()
        parts.checkpoints = {6: parts.checkpoints[6]}
        path = parts.write(tmp_path / "evidence.zip")
        assert verify_bundle(path, log.trust(), log.pin(), previous).proved

    def test_a_head_of_another_trail_is_a_mistake_of_usage(
        self, log: LyingLog, tmp_path: Path
    ) -> None:
        previous = self.previous(log, tmp_path)
        with pytest.raises(
            ValueError, match="previous head is of trail 2, want one of the pinned trail"
        ):
            verify(log, tmp_path, 1, previous=previous)
        with pytest.raises(ValueError, match="previous head is of trail 2"):
            verify_bundle(tmp_path / "evidence.zip", log.trust(), None, previous)

    def test_a_fork_between_two_bundles_is_seen_only_by_who_kept_a_head(
        self, log: LyingLog, tmp_path: Path
    ) -> None:
        forked = log.fork()
        log.append(HOSPITAL)
        log.seal()
        previous = self.previous(log, tmp_path)
        forked.append(HOSPITAL, 2)
        forked.seal()
        forked.seal()
        assert verify(forked, tmp_path).proved
        report = verify(forked, tmp_path, previous=previous)
        assert states(report)[-1] == ("C3", HOSPITAL, "failed")
        assert report.failure is not None
        assert report.failure.step == 10
        assert report.trails == ()

    def test_a_contradiction_of_what_is_held_counts_even_without_a_quorum(
        self, log: LyingLog, tmp_path: Path
    ) -> None:
        previous = replace(self.previous(log, tmp_path), root=log.head(FLEET).root)
        report = verify_bundle(tmp_path / "evidence.zip", log.trust(WITNESSES), log.pin(), previous)
        assert states(report) == [("C1", None, "not proved"), ("C3", HOSPITAL, "failed")]
