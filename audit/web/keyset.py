"""Where a list goes on: a number in the URL, below which the next page begins."""

from django.http import Http404, HttpRequest

LARGEST = 2**63 - 1


def number_in(request: HttpRequest, name: str) -> int | None:
    """The whole number that the URL's query gives as `name`, None without it. Raises Http404 for anything else."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > LARGEST:
        raise Http404
    return int(text)
