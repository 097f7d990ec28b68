"""`manage.py list_tokens`: the machines' tokens, what each may do, and which were revoked."""

from typing import Any

from django.utils.translation import ngettext

from audit.management.command import DocumentedCommand
from audit.management.table import table, when
from audit.models import Token

HEADS = ("id", "label", "may", "made", "last used", "revoked")


EXAMPLES = """
examples:
  python manage.py list_tokens
"""


class Command(DocumentedCommand):
    help = (
        "List the tokens. Shows the id, the label, what each may do, and when each was made, "
        "last used (to some minutes) and revoked."
    )
    examples = EXAMPLES

    def handle(self, *args: Any, **options: Any) -> None:
        tokens = list(Token.objects.select_related("trail").order_by("pk"))
        for line in table(HEADS, [_row(token) for token in tokens]):
            self.stdout.write(line)
        revoked = sum(token.revoked_at is not None for token in tokens)
        message = ngettext(
            "%(count)d token, %(revoked)d of them revoked",
            "%(count)d tokens, %(revoked)d of them revoked",
            len(tokens),
        )
        self.stderr.write(message % {"count": len(tokens), "revoked": revoked})


def _row(token: Token) -> tuple[str, ...]:
    return (
        str(token.pk),
        token.name,
        _may(token),
        when(token.made_at),
        when(token.last_used_at),
        when(token.revoked_at),
    )


def _may(token: Token) -> str:
    if token.trail is not None:
        return f"read trail {token.trail.number} ({token.trail.name})"
    what = "" if token.kinds is None else f"{len(token.kinds)} kinds of facts "
    return f"record {what}as " + (
        "any source" if token.sources is None else ", ".join(token.sources)
    )
