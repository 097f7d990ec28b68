"""The verifier as a customer runs it: a Python with `cryptography` and nothing else of ours, and no
network at all."""

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OURS = ("audit/__init__.py", "audit/tlog", "audit/verifier")
THEIRS = ("cryptography", "cffi", "_cffi_backend", "pycparser")
TIMEOUT_S = 120

# An audit hook sees every socket, however it is made, and cannot be taken off again.
START = """
import runpy, sys

def refuse_sockets(event, arguments):
    if event.startswith("socket."):
        raise PermissionError(f"the verifier reached for the network: {event} {arguments}")

sys.path.insert(0, sys.argv[1])
sys.addaudithook(refuse_sockets)
module, sys.argv = sys.argv[2], sys.argv[2:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def make(folder: Path) -> Path:
    """Make the environment in `folder`, of links to the packages, and return it."""
    (folder / "audit").mkdir(parents=True)
    for part in OURS:
        (folder / part).symlink_to(ROOT / part)
    for name in THEIRS:
        spec = importlib.util.find_spec(name)
        assert spec is not None, f"{name} is not installed"
        assert spec.origin is not None
        package = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
        (folder / package.name).symlink_to(package)
    return folder


def run(environment: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `module` there: isolated (-I), without site-packages (-S), without sockets."""
    command = [sys.executable, "-I", "-S", "-c", START, str(environment), module, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=TIMEOUT_S, cwd=environment
    )
