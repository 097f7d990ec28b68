"""Reads the files that a command line names. An error message has the file's name and purpose:

the trust file trust.txt cannot be read: No such file or directory
previous head last.json: want UTF-8 text, got other bytes at offset 0
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from audit.tlog.errors import TrustError
from audit.tlog.trust import TrustPolicy
from audit.verifier.pin_and_head import InputError

T = TypeVar("T")


def read_trust(path: Path) -> TrustPolicy:
    """Return the trust policy in the file. Raises InputError."""
    return read("trust file", path, TrustPolicy.parse)


def read(what: str, path: Path, parse: Callable[[str], T]) -> T:
    """Return what `parse` makes of the file's text. `what` names the file's purpose.
    Raises InputError."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(unreadable(what, path, error)) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{what} {path}: want UTF-8 text, got other bytes at offset {error.start}"
        ) from error
    except (InputError, TrustError) as error:
        raise InputError(f"{what} {path}: {str(error).removeprefix(f'{what}: ')}") from error


def unreadable(what: str, path: Path, error: OSError) -> str:
    """Return the message that a file cannot be read, and why."""
    return f"the {what} {path} cannot be read: {error.strerror}"
