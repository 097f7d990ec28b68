"""Where a list goes on: a number or a name in the URL, beyond which the next page begins."""

from django.http import Http404, HttpRequest

from audit.storage.rows import LARGEST, MOST_DIGITS


def number_in(request: HttpRequest, name: str) -> int | None:
    """The whole number that the URL's query gives as `name`, None without it. Raises Http404 for
    anything else."""
    text = request.GET.get(name, "")
    if not text:
        return None
    # The length first: Python refuses to read a number of thousands of digits.
    if len(text) > MOST_DIGITS or not (text.isascii() and text.isdigit()) or int(text) > LARGEST:
        raise Http404
    return int(text)


def text_in(request: HttpRequest, name: str) -> str:
    """The text that the URL's query gives as `name`, empty without it. Raises Http404 as
    `storable`."""
    return storable(request.GET.get(name, ""))


def storable(text: str) -> str:
    """The text, if a database can hold it: PostgreSQL takes no NUL, so nothing of such a name is
    there. Raises Http404."""
    if "\0" in text:
        raise Http404
    return text
