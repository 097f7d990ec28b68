"""Whether htmx asks: it gets the page's fragment, which the whole page includes as well. It chooses
nothing else."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


def is_fragment(request: HttpRequest) -> bool:
    """Whether only the fragment is wanted. A page that the browser restores from htmx's history is
    wanted whole."""
    details = HtmxDetails(request)
    return bool(details) and not details.history_restore_request
