"""The command line: its exit codes, and what it writes where."""

import json
import runpy
import sys
from pathlib import Path

import pytest

from audit.verifier import command_line
from audit.verifier.command_line import main
from tests.lying_log import HOSPITAL, LyingLog, honest_log, witnesses

QUORUM = witnesses("ministry", "hospital", threshold="all")


@pytest.fixture
def log() -> LyingLog:
    return honest_log()


@pytest.fixture
def folder(log: LyingLog, tmp_path: Path) -> Path:
    """A folder with a bundle and a trust file."""
    log.parts().write(tmp_path / "march.zip")
    (tmp_path / "trust.txt").write_text(log.policy())
    return tmp_path


def run(
    folder: Path, log: LyingLog, *more: str, bundle: str = "march.zip", pin: bool = True
) -> int:
    pinned = ["--pin", log.pin().text()] if pin else []
    return main([str(folder / bundle), "--trust", str(folder / "trust.txt"), *pinned, *more])


def test_a_proof_is_0(
    folder: Path, log: LyingLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(folder, log) == 0
    written = capsysbinary.readouterr()
    assert b"PROVED: every statement that you asked for." in written.out
    assert written.err == b""


def test_a_contradiction_is_1(
    folder: Path, log: LyingLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    parts = log.parts()
    del parts.heads[HOSPITAL][2]
    parts.write(folder / "march.zip")
    assert run(folder, log) == 1
    assert (
        b"FAILED: step 7: heads of trail 2: want the head of epoch 3"
        in capsysbinary.readouterr().out
    )


def test_a_broken_file_is_1(
    folder: Path, log: LyingLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (folder / "march.zip").write_bytes(b"broken")
    assert run(folder, log) == 1
    assert b"FAILED: step 1: container: bundle has 6 bytes" in capsysbinary.readouterr().out


def test_no_pin_is_3(
    folder: Path, log: LyingLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(folder, log, pin=False) == 3
    written = capsysbinary.readouterr().out
    assert b"C2 unaltered: NOT PROVED" in written
    assert b"C4" not in written


def test_a_quorum_that_is_not_met_is_3(folder: Path, log: LyingLog) -> None:
    (folder / "trust.txt").write_text(log.policy(QUORUM))
    assert run(folder, log) == 3


def test_a_quorum_that_is_met_is_0(folder: Path, log: LyingLog) -> None:
    log.cosign("ministry", "hospital")
    log.parts().write(folder / "march.zip")
    (folder / "trust.txt").write_text(log.policy(QUORUM))
    assert run(folder, log) == 0


def test_a_file_that_cannot_be_opened_is_2(
    folder: Path, log: LyingLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(folder, log, bundle="april.zip") == 2
    assert b"april.zip" in capsysbinary.readouterr().err
    assert run(folder, log, bundle=".") == 2
    (folder / "trust.txt").unlink()
    assert run(folder, log) == 2


@pytest.mark.parametrize("policy", ["", "quorum none\nquorum none\n", "log nonsense\n"])
def test_a_malformed_trust_file_is_2(folder: Path, log: LyingLog, policy: str) -> None:
    (folder / "trust.txt").write_text(policy)
    assert run(folder, log) == 2


def test_a_trust_file_that_is_not_text_is_2(folder: Path, log: LyingLog) -> None:
    (folder / "trust.txt").write_bytes(b"\xff\xfe")
    assert run(folder, log) == 2


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "2",
        "2:",
        ":00",
        "02:" + "00" * 32,
        "2:" + "AA" * 32,
        "2:" + "00" * 31,
        "-1:" + "00" * 32,
    ],
)
def test_a_malformed_pin_is_2(
    folder: Path, log: LyingLog, pin: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(folder, log, f"--pin={pin}", pin=False) == 2
    assert b"pin: want <number>:<64 hex digits>" in capsysbinary.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[], ["march.zip"], ["march.zip", "--trust"], ["a", "b", "--trust", "c"], ["--pins"]],
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


def test_help_has_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    written = capsys.readouterr().out
    assert "examples:" in written
    assert "exit codes:" in written


def test_a_previous_head_needs_a_pin(folder: Path, log: LyingLog) -> None:
    with pytest.raises(SystemExit) as left:
        run(folder, log, "--previous", str(folder / "march.json"), pin=False)
    assert left.value.code == 2


def test_the_report_of_last_time_is_the_previous_head(
    folder: Path, log: LyingLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(folder, log, "--json") == 0
    (folder / "march.json").write_bytes(capsysbinary.readouterr().out)
    forked = log.fork()
    log.append(HOSPITAL)
    log.seal()
    log.parts().write(folder / "april.zip")
    assert run(folder, log, "--previous", str(folder / "march.json"), bundle="april.zip") == 0
    assert b"C3 consistent, trail 2: PROVED" in capsysbinary.readouterr().out
    forked.contents[HOSPITAL].pop()
    forked.append(HOSPITAL, 2)
    forked.records.pop()
    forked.heads.pop()
    forked.seal()
    forked.parts().write(folder / "april.zip")
    assert run(folder, forked, bundle="april.zip") == 0
    assert run(folder, forked, "--previous", str(folder / "march.json"), bundle="april.zip") == 1
    assert b"FAILED: step 10: previous head: " in capsysbinary.readouterr().out


@pytest.mark.parametrize(
    ("file", "data", "message"),
    [
        ("trust.txt", None, "the trust file {} cannot be read: No such file or directory"),
        ("trust.txt", b"log nonsense\n", "trust file {}: "),
        ("trust.txt", b"\xff\xfe", "trust file {}: want UTF-8 text, got other bytes at offset 0"),
        ("last.json", None, "the previous head {} cannot be read: No such file or directory"),
        (
            "last.json",
            b"PK\x03\x04junk",
            "previous head {}: want a head or a --json report, which are JSON, got something else",
        ),
        ("last.json", b"{}", "previous head {}: want a head or a --json report, got other JSON: "),
        ("last.json", b"\xff", "previous head {}: want UTF-8 text, got other bytes at offset 0"),
        ("march.zip", None, "the bundle {} cannot be read: No such file or directory"),
    ],
)
def test_names_the_file_and_what_is_wrong_with_it(
    folder: Path,
    log: LyingLog,
    file: str,
    data: bytes | None,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = folder / file
    if data is not None:
        path.write_bytes(data)
    else:
        path.unlink(missing_ok=True)
    previous = ["--previous", str(path)] if file == "last.json" else []
    assert run(folder, log, *previous) == 2
    written = capsys.readouterr().err
    assert written.startswith("audit.verifier: " + message.format(path))
    assert written.count("\n") == 1


def test_a_bundle_that_is_cut_short_says_so(
    folder: Path, log: LyingLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    whole = (folder / "march.zip").read_bytes()
    (folder / "march.zip").write_bytes(whole[: len(whole) // 2])
    assert run(folder, log) == 1
    output = b" ".join(capsysbinary.readouterr().out.split())
    assert b"step 1: container: bundle does not end with its directory" in output
    assert b"it is cut short" in output


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "7", '{"format":"domicile/report/v1","trails":[]}', "[" * 100_000]
)
def test_a_malformed_previous_head_is_2(folder: Path, log: LyingLog, text: str) -> None:
    (folder / "march.json").write_text(text)
    assert run(folder, log, "--previous", str(folder / "march.json")) == 2


def test_json_is_canonical_and_ends_with_a_newline(
    folder: Path, log: LyingLog, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(folder, log, "--json") == 0
    written = capsysbinary.readouterr().out
    assert written.endswith(b"}\n")
    assert json.loads(written)["verdict"] == "proved"


def test_shows_progress_on_a_terminal_only(
    folder: Path,
    log: LyingLog,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(folder, log) == 0
    assert b"\rentries of trail 2: 10 of 10\n" in capsysbinary.readouterr().err


def test_a_bug_of_ours_is_4(
    folder: Path, log: LyingLog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["verifier", str(folder / "march.zip"), "--trust", str(folder / "trust.txt")]
    )
    monkeypatch.setattr("audit.verifier.verify.verify_bundle", lambda *arguments: 1 / 0)
    monkeypatch.delitem(sys.modules, command_line.__name__)
    with pytest.raises(SystemExit) as left:
        runpy.run_module("audit.verifier", run_name="__main__", alter_sys=True)
    assert left.value.code == 4
    assert "says nothing about the bundle" in capsys.readouterr().err
