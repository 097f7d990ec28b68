"""Who sends a request: the address it came from, and the browser, where somebody has signed in with
it before. The browser holds a device cookie (OWASP), which `audit.people.login_throttle` counts."""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from audit.times import DAY_MS

COOKIE = "device"
SALT = "audit.web.caller.device"
KNOWN_FOR_S = 180 * DAY_MS // 1000


def address_of(request: HttpRequest) -> str:
    """The sender's address. X-Forwarded-For is believed as far as our own proxies
    (settings.PROXIES) wrote it: from its end."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    hops = [
        hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()
    ]
    # A local socket has no address; only a proxy talks over it.
    while hops and (not address or address in settings.PROXIES):
        address = hops.pop()
    return address


def device_of(request: HttpRequest, name: str) -> str | None:
    """The browser's mark, if the person of that name has signed in with it; None otherwise."""
    try:
        marked = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KNOWN_FOR_S)
    except signing.BadSignature:
        return None
    return str(marked["id"]) if marked["name"] == name else None


def remember_device(response: HttpResponse, name: str) -> None:
    """Mark the browser: the person of that name has signed in with it. The mark lets nobody in; it
    only is counted by itself."""
    value = signing.dumps({"name": name, "id": secrets.token_hex(16)}, salt=SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=KNOWN_FOR_S,
        path="/sign-in/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
