"""Each bench runs to its end on a small input and prints a figure. (Nothing here looks at how fast:
machines differ.)"""

import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.installation import ROOT

SMALL = [
    ("planes", ["--touches", "20000", "--rounds", "1"], "doubling the touches"),
    ("recording", ["--batches", "2", "--rounds", "1"], "of bare"),
    ("sealing", ["sqlite", "--trails", "40", "--rounds", "1"], "seal with 4 of 40 trails"),
    ("verify_bundle", ["--entries", "2000"], "twice the entries took"),
]


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="these benches choose their own databases: once is enough"
)
@pytest.mark.parametrize(
    ("script", "arguments", "said"), SMALL, ids=[script for script, _, _ in SMALL]
)
def test_a_bench_measures_a_small_input(script: str, arguments: list[str], said: str) -> None:
    assert said in measured(script, *arguments)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="measures PostgreSQL alone")
def test_the_bench_of_loading_measures_a_small_input() -> None:
    server = os.environ["DOMICILE_DATABASE"].rpartition("/")[0]
    assert "doubling the touches takes" in measured(
        "loading", "--database", server, "--touches", "20000"
    )


def measured(script: str, *arguments: str) -> str:
    """What the bench printed."""
    command = [sys.executable, "-m", f"bench.{script}", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
