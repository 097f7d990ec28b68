"""What the killed processes do: post, seal, check, over and over, until they are told to stop or
are killed."""

import gzip
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from audit.seal import seal
from sovereignty.checking.check import check
from sovereignty.checking.question import CheckError, ask
from sovereignty.models import Policy
from sovereignty.recording.record import Accepted, record

BATCH = 37


def lines_of(folder: Path) -> list[bytes]:
    """Every fact of a generated fleet."""
    return [
        line
        for path in sorted(folder.glob("*.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]


def post(folder: str, seed: int) -> None:
    """Post every fact, in batches shuffled anew each round and overlapping the other posters',
    until all are in the ledger."""
    lines = lines_of(Path(folder))
    chance = random.Random(seed)
    said = False
    while open_lines := _round(lines, chance, said):
        said = True
        lines = open_lines
    print("done", flush=True)


def _round(lines: list[bytes], chance: random.Random, said: bool) -> list[bytes]:
    """Post `lines` once, some of them twice; return those that were to be retried."""
    waiting: list[bytes] = []
    for batch in _batches(lines, chance):
        answers = record(batch, actor="crash", channel="crash")
        if not said:
            print("working", flush=True)
            said = True
        waiting += [
            batch[answer.line - 1] for answer in answers.lines if not isinstance(answer, Accepted)
        ]
        wrong = [answer for answer in answers.refusals if not answer.retry]
        if wrong:
            raise AssertionError(f"refused for good: {wrong[0]}")
    return waiting


def _batches(lines: list[bytes], chance: random.Random) -> Iterator[list[bytes]]:
    shuffled = [*lines, *chance.sample(lines, len(lines) // 10)]
    chance.shuffle(shuffled)
    for start in range(0, len(shuffled), BATCH):
        yield shuffled[start : start + BATCH]


def seal_on() -> None:
    """Seal without a pause."""
    for number in count():
        seal(actor="crash")
        if number == 0:
            print("working", flush=True)


def check_on(start: int, end: int) -> None:
    """Check at whatever position is the newest, without a pause."""
    policy = Policy.objects.get()
    print("working", flush=True)
    while True:
        try:
            check(ask(policy, period=(start, end)), actor="crash")
        except CheckError:
            continue  # nothing recorded yet
