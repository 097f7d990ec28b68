"""`… | head`: a reader that goes away is one line and 141, never a breach and never a bug."""

import subprocess
import sys

import pytest

from tests.installation import ROOT, Installation


def test_a_command_that_nobody_reads_finds_nothing(installation: Installation) -> None:
    with installation.start("show_trust", stderr=subprocess.PIPE) as showing:
        assert showing.stdout is not None and showing.stderr is not None
        showing.stdout.close()
        said = showing.stderr.read()
    assert showing.returncode == 141
    assert said.endswith("show_trust: nobody reads the output to its end\n")
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["audit.verifier", "sovereignty.replay"])
def test_a_proof_that_nobody_reads_is_no_bug(name: str) -> None:
    code = (
        "import sys; from audit.verifier.edge import run_at_the_edge; sys.stdin.read();"
        f"sys.exit(run_at_the_edge(lambda: print('PROVED') or 0, {name!r}, 'this is a bug'))"
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
    assert (proving.returncode, said) == (141, f"{name}: nobody reads the output to its end\n")
