"""How commands take rights: `--all`, `--reader-of-tenant KEY`, `--trail NUMBER`; and how they print
them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.models import Trail
from audit.people.rights import Rights

USAGE = 2  # the exit code of a command that was called wrongly


def add_rights(parser: ArgumentParser) -> None:
    """Let the command take rights."""
    parser.add_argument(
        "--all", action="store_true", help="every trail: for the operator's own officers"
    )
    parser.add_argument(
        "--reader-of-tenant",
        action="append",
        default=[],
        metavar="KEY",
        help="this tenant's trail; may be given again",
    )
    parser.add_argument(
        "--trail",
        action="append",
        default=[],
        type=int,
        metavar="NUMBER",
        help="the trail of this number; may be given again",
    )


def rights_in(options: dict[str, Any]) -> Rights:
    """The rights that the options name. Raises CommandError for a trail that is not there."""
    numbers = {
        _number(f"tenant {key!r}", owner=f"tenant:{key}") for key in options["reader_of_tenant"]
    }
    numbers |= {_number(str(number), number=number) for number in options["trail"]}
    return Rights(options["all"], frozenset(numbers))


def in_words(rights: Rights) -> str:
    """`every trail`, or the names of the trails."""
    if rights.every_trail:
        return "every trail"
    trails = Trail.objects.filter(number__in=rights.trails).order_by("number")
    names = [f"trail {trail.number} ({trail.name})" for trail in trails]
    return ", ".join(names)


def _number(label: str, **filters: Any) -> int:
    number = Trail.objects.filter(**filters).values_list("number", flat=True).first()
    if number is None:
        raise CommandError(
            f"there is no trail of {label}" if "owner" in filters else f"there is no trail {label}",
            returncode=USAGE,
        )
    return number
