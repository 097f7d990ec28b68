"""Who runs a command, as the ledger names them: `user:enzo`, the account on this machine. A claim,
as every actor's name is."""

import getpass
import os


def invoker() -> str:
    """Return `user:<name>`; a container may know no name for its account, and then it is
    `user:<number>`."""
    try:
        return f"user:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"user:{os.getuid()}"
