"""The verifier's own requirements are the project's, and no more than cryptography needs."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def pinned(path: Path) -> dict[str, set[str]]:
    """The hashes of each requirement, by name and version."""
    pins: dict[str, set[str]] = {}
    for line in path.read_text().splitlines():
        if match := re.match(r"([a-z0-9-]+==[^ ]+)", line):
            hashes = pins[match[1]] = set()
        elif match := re.search(r"--hash=(sha256:[0-9a-f]{64})", line):
            hashes.add(match[1])
    return pins


def test_the_pins_are_those_of_the_project() -> None:
    own = pinned(ROOT / "audit/verifier/requirements.txt")
    project = pinned(ROOT / "requirements.txt")
    assert {name.split("==")[0] for name in own} == {"cffi", "cryptography", "pycparser"}
    for name, hashes in own.items():
        assert hashes
        assert hashes == project[name]
