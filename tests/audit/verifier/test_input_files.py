"""What is wrong with a file is said once, with the file's name and purpose."""

from pathlib import Path

import pytest

from audit.tlog.errors import TrustError
from audit.verifier.input_files import read, read_trust
from audit.verifier.pin_and_head import InputError
from tests.lying_log import LyingLog


def test_reads_a_trust_file(tmp_path: Path) -> None:
    log, path = LyingLog(), tmp_path / "trust.txt"
    path.write_text(log.policy())
    assert read_trust(path) == log.trust()


def test_names_a_file_that_is_absent(tmp_path: Path) -> None:
    path = tmp_path / "trust.txt"
    with pytest.raises(InputError) as raised:
        read_trust(path)
    assert str(raised.value) == f"the trust file {path} cannot be read: No such file or directory"


def test_names_the_byte_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "last.json"
    path.write_bytes(b"ab\xff")
    with pytest.raises(InputError) as raised:
        read("previous head", path, str)
    assert (
        str(raised.value) == f"previous head {path}: want UTF-8 text, got other bytes at offset 2"
    )


@pytest.mark.parametrize("message", ["line 3: b is defined twice", "trust file: line 3: b is …"])
def test_says_the_purpose_once(tmp_path: Path, message: str) -> None:
    path = tmp_path / "trust.txt"
    path.write_text("")

    def parse(text: str) -> None:
        raise TrustError(message)

    with pytest.raises(InputError) as raised:
        read("trust file", path, parse)
    assert str(raised.value) == f"trust file {path}: {message.removeprefix('trust file: ')}"
