"""`… | head`: a closed output pipe is one line and exit code 141, never a breach or a bug."""

import subprocess
import sys

import pytest

from tests.installation import ROOT, Installation


def test_a_closed_pipe_is_no_finding_of_a_command(installation: Installation) -> None:
    with installation.start("show_trust", stderr=subprocess.PIPE) as showing:
        assert showing.stdout is not None and showing.stderr is not None
        showing.stdout.close()
        said = showing.stderr.read()
    assert showing.returncode == 141
    assert said.endswith("show_trust: output pipe was closed early\n")
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["audit.verifier", "sovereignty.replay"])
def test_a_closed_pipe_is_no_bug_of_a_proof(name: str) -> None:
    code = (
        "import sys; from audit.verifier.exit_codes import exit_code_of; sys.stdin.read();"
        f"sys.exit(exit_code_of(lambda: print('PROVED') or 0, {name!r}, 'this is a bug'))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as proving:
        assert (
            proving.stdin is not None and proving.stdout is not None and proving.stderr is not None
        )
        proving.stdout.close()
        proving.stdin.close()  # and only now it writes
        said = proving.stderr.read()
    assert (proving.returncode, said) == (141, f"{name}: output pipe was closed early\n")
