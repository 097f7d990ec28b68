"""Ctrl-C is one line and 130, from the first moment on: while the modules are still being read as
well as during the work."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.installation import ROOT, Installation, until

# Python runs this before anything else: Ctrl-C comes just when the module is looked for.
STOP_AT = """
import signal, sys

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Stop())
"""


@pytest.mark.parametrize(
    ("command", "module", "said"),
    [
        (["manage.py", "record", "facts.ndjson"], "django", "record: stopped"),
        (["manage.py", "record", "facts.ndjson"], "sovereignty.models", "record: stopped"),
        (
            ["-m", "audit.verifier", "march.zip"],
            "argparse",
            "audit.verifier: stopped; nothing is said about the bundle",
        ),
        (["-m", "bench.demo", "--no-serve"], "argparse", "demo: stopped"),
        (["-m", "bench.demo", "--no-serve"], "django", "demo: stopped"),
        (["-m", "bench.demo", "--no-serve"], "bench.demo.steps", "demo: stopped"),
        (
            ["-m", "sovereignty.replay", "march.zip"],
            "msgspec",
            "sovereignty.replay: stopped; nothing is said about the verdicts",
        ),
    ],
)
def test_stopped_while_modules_are_read(
    tmp_path: Path, command: list[str], module: str, said: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(STOP_AT.format(name=module))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "DOMICILE_VAR": str(tmp_path / "var")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (130, f"{said}\n")


def test_an_import_that_is_stopped_says_that_what_was_recorded_stays(
    installation: Installation, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.toml"
    os.mkfifo(mapping)
    arguments = ("import_trace", "--mapping", str(mapping), str(tmp_path / "sacct.txt"))
    with installation.start(*arguments, stderr=subprocess.PIPE) as importing:
        written = until(lambda: _opened(mapping), "the command to read its mapping", importing)
        importing.send_signal(signal.SIGINT)
        said = importing.communicate()[1]
        os.close(written)
    assert importing.returncode == 130
    assert said.endswith(
        "import_trace: stopped; what was recorded stays, and running it again is safe\n"
    )
    assert "Traceback" not in said


def _opened(fifo: Path) -> int | None:
    """The end of the FIFO to write to, once somebody reads it."""
    with suppress(OSError):
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    return None
