"""Files that a power cut leaves whole: written beside their place, brought to the disk, then
renamed or linked into it.

A rename is atomic but not durable before its folder is synced too, and a file renamed before its
own fsync may come back empty.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Give a new file to write, which takes the place of `path` when the block ends without an
    error. What the process masks of `mode` is left out, as for any file."""
    with _temporary(path, mode) as temporary:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)


def create(path: Path, data: bytes, mode: int) -> None:
    """Make the file `path` with `data`, unless there is one by now: of several makers the first
    one's stays."""
    with _temporary(path, mode) as temporary:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # A link is made or refused in one step, and never shows half a file.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(temporary)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the folder's own list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _temporary(path: Path, mode: int) -> Iterator[Path]:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
