"""Whatever bytes a bundle holds, the verifier ends with a report, and what was changed is not
proved."""

import io
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.tlog.archive import ArchiveReader
from audit.verifier.report import Status, to_json
from audit.verifier.verify import verify_bundle
from audit.verifier.wording import to_text
from tests.lying_log import HOSPITAL, LyingLog, honest_log, witnesses

QUORUM = witnesses("ministry", "hospital", threshold="all")
# Members of which every byte is under the anchor's root; of the others, some bytes are nobody's to
# prove.
COMMITTED = ("global/records", "trails/0/entries.jsonl", "trails/2/entries.jsonl")
FRAGMENTS = [
    b"",
    b"\n",
    b"{}",
    b"null",
    b"-1",
    b"1e9",
    b"18446744073709551616",
    b'"\\ud800"',
    b"[" * 200,
    b"\xff",
    b"\x00",
]


@cache
def honest() -> tuple[LyingLog, bytes, dict[str, bytes]]:
    """A log, its bundle, and the bundle's members."""
    log = honest_log()
    log.cosign("ministry", "hospital")
    with tempfile.TemporaryDirectory() as folder:
        data = log.parts().write(Path(folder) / "evidence.zip").read_bytes()
    reader = ArchiveReader(io.BytesIO(data))
    return log, data, {name: b"".join(reader.chunks(name)) for name in reader.members}


def verify(data: bytes) -> Status:
    log, _, _ = honest()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.zip"
        path.write_bytes(data)
        report = verify_bundle(path, log.trust(QUORUM), log.pin())
    assert to_json(report)
    assert to_text(report)
    return report.status


def with_member(name: str, member: bytes) -> Status:
    log, _, _ = honest()
    parts = log.parts()
    parts.raw[name] = member
    with tempfile.TemporaryDirectory() as folder:
        data = parts.write(Path(folder) / "evidence.zip").read_bytes()
    return verify(data)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_member_ends_in_a_report(data: st.DataObject) -> None:
    _, _, members = honest()
    name = data.draw(st.sampled_from(sorted(members)))
    old = members[name]
    begin = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(begin, min(len(old), begin + 40)))
    new = (
        old[:begin]
        + data.draw(st.one_of(st.binary(max_size=12), st.sampled_from(FRAGMENTS)))
        + old[end:]
    )
    status = with_member(name, new)
    if name in COMMITTED:
        assert (status is Status.PROVED) == (new == old)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_shuffled_lines_end_in_a_report(data: st.DataObject) -> None:
    _, _, members = honest()
    name = data.draw(
        st.sampled_from([f"trails/{HOSPITAL}/entries.jsonl", f"trails/{HOSPITAL}/heads.jsonl"])
    )
    old = members[name].splitlines(keepends=True)
    new = data.draw(st.lists(st.sampled_from(old), max_size=len(old) + 2))
    assert (with_member(name, b"".join(new)) is Status.PROVED) == (new == old)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_file_ends_in_a_report(data: st.DataObject) -> None:
    _, old, _ = honest()
    start = data.draw(st.integers(0, len(old) - 1))
    size = data.draw(st.integers(0, 8))
    verify(old[:start] + data.draw(st.binary(max_size=8)) + old[start + size :])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_failure(data: bytes) -> None:
    assert verify(data) is Status.FAILED
