"""What a decoder calls a type, in the words of JSON: `int | null` is *an integer or null*."""

import re

WORDS = {
    "array": "an array",
    "bool": "true or false",
    "datetime": "a time, as in 2026-11-23T08:00:00Z",
    "float": "a number",
    "int": "an integer",
    "object": "an object",
    "str": "a string",
}
_TYPES = re.compile(r"^`?(\w+(?: \| \w+)*)`?(?= |$)")


def in_words(text: str) -> str:
    """Put the type at the beginning of a decoder's phrase into words; what it says of lengths and
    bounds stays."""
    match = _TYPES.match(text)
    names = match[1].split(" | ") if match else []
    if match is None or not set(names) <= WORDS.keys() | {"null"}:
        return text.replace("`", "")
    return " or ".join(WORDS.get(name, name) for name in names) + text[match.end() :].replace(
        "`", ""
    )
