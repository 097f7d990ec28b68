"""What the API has: its addresses and what each takes, as the deployment's URLs say, for whoever
asked for something else.

["POST /api/v1/exports", "GET /api/v1/exports/{pk}", …, "POST /api/v1/facts"]
"""

import re
from collections.abc import Iterator
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

API = "/api/"
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
OFFERED = ("GET", "POST", "PUT", "PATCH", "DELETE")


@cache
def addresses() -> list[str]:
    """Every method and address of the API, by address."""
    lines = [
        f"{method} {_shown(route)}"
        for route, pattern in _routes(get_resolver().url_patterns, "/")
        if route.startswith(API)
        for method in OFFERED
        if hasattr(
            getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None),
            method.lower(),
        )
    ]
    return sorted(lines, key=lambda line: line.partition(" ")[::-1])


def _shown(route: str) -> str:
    return ARGUMENT.sub(lambda match: f"{{{match[1]}}}", route)


def _routes(
    patterns: list[URLPattern | URLResolver], before: str
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route, pattern
