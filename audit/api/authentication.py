"""Who is calling: the bearer token of a machine.

    Authorization: Bearer dom_…

Only the SHA-256 of a token is stored, so a copy of the database opens no door.
"""

import hashlib

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from audit.models import Token

SCHEME = "Bearer "


class TokenAuthentication(BaseAuthentication):
    """Lets a live token through as the request's user and auth."""

    def authenticate(self, request: Request) -> tuple[Token, Token] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        if not header.startswith(SCHEME):
            raise AuthenticationFailed(_("Authorization: wanted 'Bearer <token>', came another scheme"))
        digest = hashlib.sha256(header.removeprefix(SCHEME).encode()).digest()
        token = Token.objects.select_related("trail").filter(digest=digest, revoked_at__isnull=True).first()
        if token is None:
            raise AuthenticationFailed(_("no such token, or it was revoked"))
        return token, token

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing token a 401 with a challenge instead of a 403."""
        return 'Bearer realm="domicile"'
