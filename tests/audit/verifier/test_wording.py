"""Each statement claims what was proved and no more, in sentences that a person can quote."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from audit.tlog.trust import TrustPolicy
from audit.verifier import wording
from audit.verifier.pin_and_head import PreviousHead
from audit.verifier.report import AnchorFacts, Report, Statement, Status, TrailFacts
from audit.verifier.verify import verify_bundle
from audit.verifier.wording import TITLES, plain, time, to_text
from tests.lying_log import FLEET, HOSPITAL, LyingLog, honest_log, witnesses

QUORUM = witnesses("ministry", "hospital", threshold="all")


@pytest.fixture
def log() -> LyingLog:
    return honest_log()


def verified(
    log: LyingLog, path: Path, quorum: str = "quorum none\n", period: tuple[int, int] | None = None
) -> Report:
    parts = log.parts()
    parts.hints = replace(parts.hints, period=period)
    return verify_bundle(parts.write(path / "evidence.zip"), log.trust(quorum), log.pin())


@pytest.fixture
def report(log: LyingLog, tmp_path: Path) -> Report:
    return verified(log, tmp_path)


@pytest.fixture
def anchor(report: Report) -> AnchorFacts:
    assert report.anchor is not None
    return report.anchor


@pytest.fixture
def trust(log: LyingLog) -> TrustPolicy:
    return log.trust()


def test_c1_without_witnesses_holds_as_shown_to_you(
    anchor: AnchorFacts, trust: TrustPolicy
) -> None:
    assert wording.anchored(anchor, trust, "") == Statement(
        claim="C1",
        trail=None,
        status=Status.PROVED,
        text="This checkpoint, as shown to you, is signed by every key that your trust file lists "
        "for the log.",
        range="records 0 … 4 of the log ledger.example/a",
        assumption="SHA-256 and Ed25519 hold, and the keys in your trust file are authentic. Your "
        "trust file asks for no witnesses, so the operator could show others a different history.",
    )


def test_c1_with_a_quorum_says_by_when_it_cosigned(anchor: AnchorFacts, log: LyingLog) -> None:
    met = replace(anchor, quorum_time_ms=1_735_700_002_000, colluders=2)
    statement = wording.anchored(met, log.trust(QUORUM), "")
    assert statement.text == (
        "This checkpoint is signed by every key that your trust file lists for the log, and a "
        "quorum of your witnesses cosigned it by 2025-01-01 02:53:22.000 UTC."
    )
    assert statement.assumption.endswith("Fewer than 2 of your witnesses lie together.")
    assert statement.status is Status.PROVED


def test_c1_with_a_reason_is_not_proved(anchor: AnchorFacts, trust: TrustPolicy) -> None:
    statement = wording.anchored(anchor, trust, "The quorum is not met.")
    assert (statement.status, statement.reason) == (Status.NOT_PROVED, "The quorum is not met.")


def test_c2_names_the_trail_that_it_is_about(report: Report) -> None:
    pinned = wording.unaltered(report.trail(HOSPITAL))
    assert pinned.text == (
        "Every entry is in the trail that your pin names, at its index, unaltered since it was "
        "sealed."
    )
    assert pinned.assumption == "C1 holds, and your pin is authentic."
    assert pinned.range == "entries 0 … 9"
    fleet = wording.unaltered(report.trail(FLEET))
    assert "the fleet trail that the log's first record names" in fleet.text
    # No pin of yours is needed for it: the log itself names its id.
    assert fleet.assumption == "C1 holds."


def test_c2_without_a_pin_says_what_to_give() -> None:
    statement = wording.without_pin()
    assert (statement.status, statement.range) == (Status.NOT_PROVED, "no trail")
    assert "You gave no pin." in statement.reason
    assert "Give --pin" in statement.reason


def test_c3_is_not_asked_without_a_previous_head(report: Report) -> None:
    statement = wording.consistent(report.trail(HOSPITAL), None, "")
    assert statement.status is Status.NOT_ASKED
    assert statement.range == "you gave no --previous"


def test_c3_is_about_the_head_for_your_trail_and_the_log_for_the_fleets(report: Report) -> None:
    previous: PreviousHead = report.head(HOSPITAL)
    pinned, fleet = (
        wording.consistent(report.trail(number), previous, "") for number in (HOSPITAL, FLEET)
    )
    assert pinned.text == "The head that you kept is the one that this trail had in that epoch."
    assert pinned.range == "epoch 4, 10 entries"
    assert fleet.text.startswith("The log whose checkpoint you kept is the beginning of this log")
    assert fleet.range == "the first 5 records of the log"
    for statement in (pinned, fleet):
        assert statement.status is Status.PROVED
        assert statement.assumption == "C2 holds, and what you kept is authentic."
        undecided = wording.consistent(report.trail(statement.trail or 0), previous, "Older.")
        assert (undecided.status, undecided.reason) == (Status.NOT_PROVED, "Older.")


def test_c4_holds_as_shown_to_you_or_as_of_the_witnesses_time(
    report: Report, anchor: AnchorFacts
) -> None:
    trail: TrailFacts = report.trail(HOSPITAL)
    shown = wording.complete(trail, anchor)
    assert shown.text.startswith(
        "These are all entries that were sealed in this trail, as shown to you, up to an epoch "
        f"that closed at {time(anchor.closed_ms)} by the operator's clock."
    )
    witnessed = wording.complete(trail, replace(anchor, quorum_time_ms=1_735_700_002_000))
    assert "as of 2025-01-01 02:53:22.000 UTC by your witnesses' clocks." in witnessed.text
    for statement in (shown, witnessed):
        assert statement.range == "epochs 1 … 4, entries 0 … 9"
        assert "does not state that every event was recorded" in statement.assumption


@pytest.mark.parametrize("claim", TITLES)
def test_a_failed_statement_has_a_reason_and_neither_range_nor_assumption(claim: str) -> None:
    statement = wording.failed(claim, HOSPITAL, "step 8: …")
    assert (statement.claim, statement.status) == (claim, Status.FAILED)
    assert (statement.range, statement.assumption) == ("", "")
    assert statement.reason == "step 8: …"
    assert statement.text.endswith(".")


def test_text_has_every_statement_with_its_status_and_ends_with_the_verdict(
    report: Report,
) -> None:
    text = to_text(report)
    for statement in report.statements:
        assert statement.text in text
        assert f"{statement.claim} {TITLES[statement.claim]}" in text
    assert "C2 unaltered, trail 2: PROVED" in text
    assert "C3 consistent, fleet trail: NOT ASKED" in text
    assert text.endswith("PROVED: every statement that you asked for.\n")
    assert "Its entries name no attachments." in text
    assert "Its entries are in the order of their received_at, by the operator's clock." in text


def test_text_of_what_is_not_proved_gives_the_reason(log: LyingLog, tmp_path: Path) -> None:
    text = to_text(verified(log, tmp_path, QUORUM))
    assert "C1 anchored: NOT PROVED" in text
    assert "Because: The quorum quorum-of-all of your trust file is not met." in text
    assert "\nNOT PROVED: see the reasons above." in text


def test_text_of_a_failure_ends_with_its_step(log: LyingLog, tmp_path: Path) -> None:
    parts = log.parts()
    parts.entries[HOSPITAL].pop()
    report = verify_bundle(parts.write(tmp_path / "evidence.zip"), log.trust(), log.pin())
    text = to_text(report)
    assert "C2 unaltered, trail 2: FAILED" in text
    assert text.endswith("FAILED: step 8: entries of trail 2: want 10 entries, got 9\n")


def test_text_says_that_all_attachments_are_there(log: LyingLog, tmp_path: Path) -> None:
    log.attach(HOSPITAL, b"kept", hashlib.sha256(b"kept").digest())
    log.seal()
    text = to_text(verified(log, tmp_path))
    assert "The bundle holds all 1 attachments that its entries name." in text


def test_text_says_what_is_withheld_and_out_of_order(log: LyingLog, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"withheld").digest()
    log.attach(HOSPITAL, b"withheld", sha256)
    log.append(HOSPITAL, received_at=log.clock - 5)
    log.seal()
    del log.attachments[sha256]
    text = to_text(verified(log, tmp_path))
    assert "1 entry has an earlier received_at than the entry before; first: 11." in text
    assert "1 of 1 attachments are withheld:" in text
    assert sha256.hex() in text


def test_text_says_how_far_the_period_is_proved(log: LyingLog, tmp_path: Path) -> None:
    short = to_text(verified(log, tmp_path, period=(0, log.clock)))
    assert "The anchor reaches to the end of that period." in short
    long = to_text(verified(log, tmp_path, period=(0, log.clock + 1)))
    assert (
        f"The anchor reaches only to {time(log.clock)}. The period is not proved after that."
        in long
    )


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        ("any", "Two histories can both meet this quorum without any witness lying."),
        ("2", "One that lies can let two histories meet this quorum."),
        ("all", "Fewer than 3 of your witnesses lie together."),
    ],
)
def test_c1_says_how_many_witnesses_must_lie(
    log: LyingLog, tmp_path: Path, threshold: str, words: str
) -> None:
    log.cosign("a", "b", "c")
    report = verified(log, tmp_path, witnesses("a", "b", "c", threshold=threshold))
    assert report.proved
    assert words in report.statements[0].assumption


def test_a_name_cannot_move_the_cursor_or_turn_the_line(tmp_path: Path) -> None:
    log = LyingLog()
    number = log.open_trail("\x1b[2J\u202eevil\nC4 complete: PROVED")
    log.seal()
    text = to_text(
        verify_bundle(
            log.parts(number).write(tmp_path / "evidence.zip"), log.trust(), log.pin(number)
        )
    )
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\nC4 complete: PROVED" not in text


def test_plain_keeps_letters_of_any_script() -> None:
    assert plain("圣安娜医院 räksmörgås\n") == "圣安娜医院 räksmörgås\n"
    assert plain("a\tb\x00") == "a\\tb\\x00"


def test_times_are_words_as_far_as_the_calendar_goes() -> None:
    assert time(1_735_689_600_250) == "2025-01-01 00:00:00.250 UTC"
    assert time(2**53) == "9007199254740992 ms after 1970"
