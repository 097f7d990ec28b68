"""How long a customer waits: a bundle of a million entries, verified offline.

    python bench/verify_bundle.py                      # 500,000 entries, then twice as many
    python bench/verify_bundle.py --entries 100000     # 50,000, then 100,000

Prints processor seconds, the peak of resident memory, and the ratio to a bare loop that reads the
same lines from a plain file, parses each as JSON and hashes it. Each run is a process of its own;
the best of three counts.
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audit.tlog.bundle import write_bundle  # noqa: E402 - the path is set above
from audit.tlog.bundle_json import HeadProof, Hints  # noqa: E402
from audit.tlog.canonical import Json  # noqa: E402
from audit.tlog.checkpoint import Checkpoint, Origin  # noqa: E402
from audit.tlog.compact import CompactRange  # noqa: E402
from audit.tlog.entry import Entry, encode, entry_leaf  # noqa: E402
from audit.tlog.genesis import genesis  # noqa: E402
from audit.tlog.heads import (  # noqa: E402
    EpochRecord,
    Head,
    LogGenesis,
    encode_epoch_record,
    encode_log_genesis,
    head_leaves,
    record_leaf,
)
from audit.tlog.merkle import root_hash  # noqa: E402
from audit.tlog.note import Signer, sign_note  # noqa: E402
from audit.tlog.proving import Tree  # noqa: E402
from audit.verifier.pin_and_head import Pin  # noqa: E402

ORIGIN, START, EPOCHS, ROUNDS = "ledger.example/bench", 1_735_689_600_000, 96, 3


def main() -> None:
    """Measure half the entries, then all of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        print(build(options.build, options.entries).text())
    elif options.bare:
        print(bare(options.bare))
    else:
        compare(options.entries)


def compare(count: int) -> None:
    """Print the table."""
    print("command:", "python", *sys.argv)
    print("seconds are of one processor; the best of", ROUNDS, "runs")
    print(f"{'entries':>10} {'bundle':>8} {'verify':>8} {'peak':>8} {'bare loop':>10} {'ratio':>6}")
    seconds = [measure(size) for size in (count // 2, count)]
    print(f"twice the entries took {seconds[1] / seconds[0]:.2f} times as long")


def measure(count: int) -> float:
    """Build a bundle of `count` entries, verify it, print a line, and return the seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Built by another process: a child's peak of memory counts what its parent held when it was
        # started.
        pin = output([sys.executable, __file__, "--build", name, "--entries", str(count)])
        command = [sys.executable, "-m", "audit.verifier", str(folder / "evidence.zip"), "--json"]
        command += ["--trust", str(folder / "trust.txt"), "--pin", pin]
        seconds, peak_mb = min(run(command, folder / "report.json") for _ in range(ROUNDS))
        plain = [sys.executable, __file__, "--bare", str(folder / "entries.jsonl")]
        loop = min(float(output(plain)) for _ in range(ROUNDS))
        size_mb = (folder / "evidence.zip").stat().st_size / 1e6
    print(
        f"{count:>10,} {size_mb:>5.0f} MB {seconds:>6.1f} s {peak_mb:>5.0f} MB {loop:>8.1f} s "
        f"{seconds / loop:>6.2f}"
    )
    return seconds


def run(command: list[str], report: Path) -> tuple[float, float]:
    """Run the verifier, which must prove the bundle; return its processor seconds and its peak of
    memory in MB."""
    with report.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the verifier ended with {status}: {report.read_text()}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3


def output(command: list[str]) -> str:
    """Run a command and return what it printed."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def bare(path: Path) -> float:
    """Parse and hash every line of a file; return the processor seconds."""
    begin = time.process_time()
    with path.open("rb") as lines:
        for line in lines:
            json.loads(line)
            hashlib.sha256(line).digest()
    return time.process_time() - begin


def build(folder: Path, count: int) -> Pin:
    """Write `evidence.zip`, `trust.txt` and `entries.jsonl` with `count` entries in trail 1; return
    its pin."""
    fleet = genesis(
        origin=ORIGIN, number=0, name="fleet", tenant_nonce=None, nonce=bytes(16), received_at=START
    )
    opened = genesis(
        origin=ORIGIN,
        number=1,
        name="hospital",
        tenant_nonce=None,
        nonce=bytes(16),
        received_at=START,
    )
    pin, key = Pin(1, entry_leaf(opened)), Signer(ORIGIN, bytes(32))
    contents = [opened, *entries(pin, count - 1)]
    records = [encode_log_genesis(LogGenesis(ORIGIN, 900_000, entry_leaf(fleet)))]
    proofs: list[list[HeadProof]] = [[], []]
    tree = CompactRange.empty()
    for epoch in range(1, EPOCHS + 1):
        tree.extend(map(entry_leaf, contents[tree.size : count * epoch // EPOCHS]))
        heads = [
            Head(0, entry_leaf(fleet), 1, entry_leaf(fleet)),
            Head(1, pin.trail_id, tree.size, tree.root()),
        ]
        map_tree = Tree(head_leaves(epoch, heads))
        records.append(
            encode_epoch_record(EpochRecord(epoch, START + epoch * 900_000, 2, map_tree.root))
        )
        for head in heads:
            proofs[head.number].append(
                HeadProof(epoch, head.size, head.root, map_tree.prove_inclusion(head.number))
            )
    root = root_hash([record_leaf(record) for record in records])
    with write_bundle(folder / "evidence.zip") as writer:
        writer.hints(Hints(ORIGIN, 1, pin.trail_id, EPOCHS, None, START))
        writer.records(records)
        writer.checkpoint(
            len(records), sign_note(Checkpoint(Origin(ORIGIN), len(records), root).encode(), [key])
        )
        for number, own in enumerate(([fleet], contents)):
            writer.heads(number, proofs[number])
            writer.entries(number, own)
    (folder / "trust.txt").write_text(f"log {key.verifier_key.text()}\nquorum none\n")
    (folder / "entries.jsonl").write_bytes(b"".join(content + b"\n" for content in contents))
    return pin


def entries(pin: Pin, count: int) -> Iterator[bytes]:
    """Yield contents as a scheduler's jobs give them, about 430 bytes each."""
    source = random.Random(1)
    for index in range(1, count + 1):
        at = START + index * 80
        data: Json = {
            "cards": [f"hz-a-[{source.randrange(900):04d}-{source.randrange(900, 1250):04d}]/0-7"],
            "ended_at": at,
            "started_at": at - source.randrange(10_000_000),
            "tenant": "hospital",
            "workload": f"w-{source.randrange(500)}",
        }
        yield encode(
            Entry(
                trail=pin.trail_id,
                index=index,
                kind="touch.recorded/v1",
                subject=f"job/{index}",
                source="slurm/hz-a",
                sequence=index,
                occurred_at=at,
                received_at=at + 250,
                nonce=source.randbytes(16),
                attachments=(),
                body={"data": data, "id": f"slurm-{index}"},
            )
        )


if __name__ == "__main__":
    main()
