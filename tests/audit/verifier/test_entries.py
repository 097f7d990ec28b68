"""The entries of a proved bundle are those that were proved, or reading them ends in an error."""

import hashlib
from pathlib import Path

import pytest

from audit.tlog.entry import decode
from audit.tlog.errors import BundleError
from audit.tlog.genesis import decode_genesis
from audit.verifier.entries import verified_attachment, verified_entries
from audit.verifier.report import Report
from audit.verifier.verify import verify_bundle
from tests.lying_log import HOSPITAL, LyingLog, honest_log


@pytest.fixture
def log() -> LyingLog:
    return honest_log()


def verified(log: LyingLog, path: Path) -> Report:
    return verify_bundle(log.parts().write(path / "evidence.zip"), log.trust(), log.pin())


def test_yields_all_entries_after_the_genesis(log: LyingLog, tmp_path: Path) -> None:
    report = verified(log, tmp_path)
    entries = list(verified_entries(tmp_path / "evidence.zip", report, HOSPITAL))
    assert [content for content, _ in entries] == log.contents[HOSPITAL][1:]
    assert [entry for _, entry in entries] == [
        decode(content) for content in log.contents[HOSPITAL][1:]
    ]
    assert report.trail(HOSPITAL).genesis == decode_genesis(log.contents[HOSPITAL][0])


def test_yields_nothing_of_what_was_not_proved(log: LyingLog, tmp_path: Path) -> None:
    report = verify_bundle(log.parts().write(tmp_path / "evidence.zip"), log.trust())
    with pytest.raises(KeyError, match="nothing is proved of trail 2"):
        list(verified_entries(tmp_path / "evidence.zip", report, HOSPITAL))
    with pytest.raises(KeyError, match="nothing is proved of trail 3"):
        verified(log, tmp_path).head(3)


def test_refuses_a_file_that_was_changed_in_between(log: LyingLog, tmp_path: Path) -> None:
    report = verified(log, tmp_path)
    honest = log.contents[HOSPITAL]
    for forged in (honest[:-1], [honest[0], *reversed(honest[1:])]):
        parts = log.parts()
        parts.entries[HOSPITAL] = forged
        path = parts.write(tmp_path / "evidence.zip")
        with pytest.raises(BundleError, match="is not the file that was verified"):
            list(verified_entries(path, report, HOSPITAL))


def test_returns_an_attachment_by_its_hash(log: LyingLog, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"raw").digest()
    log.attach(HOSPITAL, b"raw", sha256)
    log.seal()
    path = log.parts().write(tmp_path / "evidence.zip")
    assert verified_attachment(path, sha256, 3) == b"raw"
    with pytest.raises(BundleError, match="more than 2 bytes"):
        verified_attachment(path, sha256, 2)
    with pytest.raises(BundleError, match="no member"):
        verified_attachment(path, bytes(32), 2)
    log.attachments[sha256] = b"war"
    with pytest.raises(BundleError, match="has SHA-256"):
        verified_attachment(log.parts().write(path), sha256, 3)
