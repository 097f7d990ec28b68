"""A bug is exit code 4 with its traceback; `tests/test_unread.py` closes real pipes for 141."""

import pytest

from audit.verifier.exit_codes import BUG, exit_code_of


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_returns_the_code_of_the_program(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(lambda: code, "audit.verifier", "this is a bug") == code
    assert capsys.readouterr().err == ""


def test_a_bug_is_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> int:
        raise RuntimeError("index out of luck")

    assert exit_code_of(main, "audit.verifier", "this is a bug of the verifier") == BUG
    error = capsys.readouterr().err
    assert "RuntimeError: index out of luck" in error
    assert error.endswith("audit.verifier: this is a bug of the verifier\n")


def test_a_usage_error_leaves_as_it_is() -> None:
    def main() -> int:
        raise SystemExit(2)

    with pytest.raises(SystemExit, match="2"):
        exit_code_of(main, "audit.verifier", "this is a bug")
