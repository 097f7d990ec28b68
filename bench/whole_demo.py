"""How long `make demo SERVE=0` takes after set-up, and how much memory.

    python -m bench.whole_demo [--touches 100000]

Runs the demo as a process of its own and compares with the limits: 90 seconds on two cores, 1 GiB.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time

LIMIT_S, LIMIT_MIB = 90, 1024


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.whole_demo", description="Times the demo."
    )
    parser.add_argument(
        "--touches",
        type=int,
        default=100_000,
        help="touches of the generated fleet (default: 100000)",
    )
    asked = parser.parse_args()
    print(f"python -m bench.whole_demo --touches {asked.touches}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "env",
            f"DOMICILE_VAR={folder}",
            sys.executable,
            "-m",
            "bench.demo",
            "--no-serve",
            "--touches",
            str(asked.touches),
        ]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:])
        return done.returncode
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"demo: {seconds:.0f} s ({seconds / LIMIT_S:.2f} of {LIMIT_S} s), "
        f"peak of its largest process {peak:.0f} MiB "
        f"({peak / LIMIT_MIB:.2f} of {LIMIT_MIB} MiB)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
