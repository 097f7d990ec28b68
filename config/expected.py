"""The failures that are expected, each as one line and an exit code (`command_line.py` lists the
codes).

What this returns nothing for is a bug, or nobody has thought of it yet: its traceback is what finds
it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, SystemCheckError
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from audit.errors import LedgerError, LedgerMissing, StoreNotAdopted, WrongLedger
from audit.storage import migrated

FAILED, CANNOT_BE_OPENED = 1, 2


@dataclass(frozen=True, slots=True)
class Explained:
    """One line of what was expected and what was received, and the exit code."""

    text: str
    code: int


def explained(error: Exception) -> Explained | None:
    """Put an expected failure into words; None for any other."""
    match error:
        case SystemCheckError():
            return Explained(str(error), CANNOT_BE_OPENED)
        case CommandError():
            return Explained(str(error), error.returncode)
        case ImproperlyConfigured() | LedgerMissing() | StoreNotAdopted() | WrongLedger():
            return Explained(str(error), CANNOT_BE_OPENED)
        case LedgerError():
            return Explained(str(error), FAILED)
        case DatabaseError() | InterfaceError():
            return _of_database(error)
        case OSError(filename=str() | bytes()):
            return Explained(f"{error.filename}: {error.strerror}", CANNOT_BE_OPENED)
    return None


def _of_database(error: DatabaseError | InterfaceError) -> Explained | None:
    """The database is away, lacks tables, or refuses (it is locked, full or read-only); anything
    else is a bug."""
    try:
        connection.close()  # what broke it may have left it in the middle of something
        connection.ensure_connection()
        lacks = migrated.lacking()
    except (DatabaseError, InterfaceError) as away:
        return Explained(f"{_where()} cannot be opened: {_line(away)}", CANNOT_BE_OPENED)
    if lacks:
        return Explained(lacks, CANNOT_BE_OPENED)
    return (
        Explained(f"{_where()} refuses: {_line(error)}", FAILED)
        if isinstance(error, OperationalError)
        else None
    )


def _where() -> str:
    """The database in words, without its password."""
    database = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return f"the database {database['NAME']}"
    host, port = (
        database.get("HOST") or "the local socket",
        f" port {database['PORT']}" if database.get("PORT") else "",
    )
    user = f" as {database['USER']}" if database.get("USER") else ""
    return f"the database {database['NAME']} at {host}{port}{user}"


def _line(error: Exception) -> str:
    """The driver's message on one line, without where it tried: that is said before it."""
    text = " ".join(str(error).split())
    return text.partition(" failed: ")[2].partition(" failed: ")[2] or text
