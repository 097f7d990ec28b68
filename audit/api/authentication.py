"""Who is calling: the bearer token of a machine.

    Authorization: Bearer dom_…

Only the SHA-256 of a token is stored, so a copy of the database opens no door. That it was used is
noted every few minutes, so that an administrator sees which tokens nobody needs, and which somebody
uses that should not.
"""

import contextlib

from django.db import OperationalError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from audit.clock import now_ms
from audit.models import Token
from audit.people.tokens import digest_of

SCHEME = "Bearer "
NOTED_EVERY_MS = 5 * 60 * 1000


class TokenAuthentication(BaseAuthentication):
    """Lets a live token through as the request's user and auth."""

    def authenticate(self, request: Request) -> tuple[Token, Token] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        if not header.startswith(SCHEME):
            raise AuthenticationFailed(
                _("Authorization: want 'Bearer <token>', got another scheme")
            )
        token = (
            Token.objects.select_related("trail")
            .filter(digest=digest_of(header.removeprefix(SCHEME)))
            .first()
        )
        if token is None:
            raise AuthenticationFailed(_("there is no such token"))
        if token.revoked_at is not None:
            # Said only to who holds the secret: its machine's owner must learn why it stopped.
            raise AuthenticationFailed(
                _("this token was revoked; ask its issuer for a new one"), code="token_revoked"
            )
        _note_use(token)
        return token, token

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing token a 401 with a challenge instead of a 403."""
        return 'Bearer realm="domicile"'


def _note_use(token: Token) -> None:
    now = now_ms()
    if token.last_used_at is not None and now - token.last_used_at < NOTED_EVERY_MS:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - NOTED_EVERY_MS)
    # Nobody is turned away because a note could not be written.
    with contextlib.suppress(OperationalError):
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
