"""Runner processes: `manage.py run_job N`, started beside the worker so that it never waits; at
most one a core.

The count is kept by locks on slot files: a runner holds the lock of its slot by an inherited
descriptor, and the kernel lets go of it however the runner ends. So the limit holds for all workers
of a machine together, and no kill can use up a slot.
"""

import fcntl
import os
import subprocess
import sys
from contextlib import suppress

from django.conf import settings

STOP_WAIT_S = 20.0

_children: list[subprocess.Popen[bytes]] = []


def start(job_id: int) -> bool:
    """Start a runner for the job and do not wait for it. Returns False where every slot is taken:
    the job stays queued, and a runner that ends takes it, or the next sweep tells of it again."""
    _reap()
    slot = _free_slot()
    if slot is None:
        return False
    try:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_job", str(job_id)]
        _children.append(subprocess.Popen(command, pass_fds=[slot], stdin=subprocess.DEVNULL))
    finally:
        os.close(slot)
    return True


def stop() -> None:
    """Ask this process's runners to stop, and wait until they have given their jobs back; one that
    does not is killed."""
    for child in _children:
        child.terminate()
    for child in _children:
        try:
            child.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            child.kill()  # its lease runs out, and a sweep puts the job back
            child.wait()
    _children.clear()


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _free_slot() -> int | None:
    """The descriptor of a slot file that is now locked for us, or None. The lock goes when its last
    copy is closed."""
    folder = settings.VAR_DIR / "runners"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(settings.RUNNERS):
        slot = os.open(folder / f"slot-{number}", os.O_CREAT | os.O_RDWR, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return slot
        os.close(slot)
    return None
