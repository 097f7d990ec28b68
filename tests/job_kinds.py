"""Steps for the tests of jobs: one that can be killed at a named point, one that fails."""

import os
import signal
from pathlib import Path
from typing import Any

from audit.jobs.progress import Progress
from audit.models import Job


def mark(job: Job, progress: Progress) -> dict[str, Any]:
    """Make one file a unit in `folder`, each at most once, and note each attempt in
    `folder/attempts`.

    Params: folder, units; `at` a unit's number (units = after the last), where the first attempt
    does `act`: `die` at once, or `hang` until a signal comes.
    """
    folder, units = Path(job.params["folder"]), int(job.params["units"])
    with (folder / "attempts").open("a") as attempts:
        attempts.write(f"{job.attempts}\n")
    for unit in range(units + 1):
        if job.attempts == 1 and unit == job.params.get("at"):
            _act(str(job.params["act"]), folder)
        if unit < units and not (folder / f"unit-{unit}").exists():
            (folder / f"unit-{unit}").open("x").close()
        progress(unit, units, f"unit {unit}")
    return {"units": units}


def refuse(job: Job, progress: Progress) -> dict[str, Any]:
    """Fail with a word."""
    raise ValueError(f"want better params, got {job.params}")


def _act(act: str, folder: Path) -> None:
    if act == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / "hanging").write_text(str(os.getpid()))
    signal.pause()
