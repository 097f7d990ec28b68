"""What `manage.py help` prints: Domicile's own commands, in the order in which one meets them.

A command that no group names is listed under *more*, so that a new one is never left out.
"""

from django.core.management import get_commands, load_command_class

_PEOPLE = (
    "list_people",
    "take_rights",
    "deactivate_person",
    "changepassword",
    "record_passwords",
    "list_tokens",
    "revoke_token",
)
GROUPS = (
    ("set up", ("migrate", "open_ledger", "make_person", "make_token", "serve")),
    ("people and tokens", _PEOPLE),
    ("record", ("record", "import_trace")),
    ("check", ("publish_policy", "check_policy")),
    ("seal", ("seal",)),
    ("export", ("export_bundle", "show_trust")),
    ("look after", ("check", "fsck", "rebuild", "run_job", "adopt_second_store")),
)
# Kept for one version; each says its new name.
FORMER_NAMES = frozenset({"tell_passwords"})
OUR_APPS = frozenset({"audit", "sovereignty", "config"})
FROM_DJANGO = {
    "migrate": "Make or update the database's tables.",
    "check": "Look for faults of the deployment; with --deploy, also of one that others reach.",
}


def overview(program: str) -> str:
    """Return the list of commands, each with the first sentence of its help."""
    lines = ["Domicile proves where AI work ran: record, check, seal, export, verify.", ""]
    for title, names in (*GROUPS, ("more", _ungrouped())):
        lines += (
            [f"{title}:", *(f"  {name:<20} {_sentence(name)}" for name in names), ""]
            if names
            else []
        )
    lines += [
        f"{program} help COMMAND   how to use one, with examples",
        f"{program} help --all     Django's own commands, too",
        (
            "exit codes: 0 done; 1 failed, refused, or found what it looks for; 2 usage, "
            "settings, or cannot be opened; 3 unverifiable"
        ),
        "",
    ]
    return "\n".join(lines)


def _ungrouped() -> tuple[str, ...]:
    known = {name for _, names in GROUPS for name in names} | FORMER_NAMES
    return tuple(
        sorted(
            name for name, app in get_commands().items() if app in OUR_APPS and name not in known
        )
    )


def _sentence(name: str) -> str:
    """The first sentence of a command's help."""
    if name in FROM_DJANGO:
        return FROM_DJANGO[name]
    first, stop, _ = load_command_class(str(get_commands()[name]), name).help.partition(". ")
    return first + stop.strip()
