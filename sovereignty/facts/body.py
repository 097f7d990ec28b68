"""The body of a fact's entry: what the source said, and what the recorder resolved.

    {"data":{…},"id":"8812"}
    {"data":{…},"id":"8813","resolved":["hz-a-0001/0"]}

It is canonical JSON. `resolved` are the slots in which the fact's serials sat when it was recorded.
`data` is the canonical form of the fact's struct (`sovereignty.facts.kinds`). The id is here
because a correction names the fact by it.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

_encode = msgspec.json.Encoder(order="deterministic").encode


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry's body. `data` is left undecoded: the entry's kind says what it is."""

    data: msgspec.Raw
    id: str
    resolved: list[str] = []


class _Content(Struct, frozen=True):
    body: Body


_content = msgspec.json.Decoder(_Content)


def encode_body(data: bytes, fact_id: str) -> bytes:
    """Return the body's canonical bytes; `data` is canonical JSON already."""
    return b'{"data":%b,"id":%b}' % (data, _encode(fact_id))


def with_resolved(body: bytes, resolved: Sequence[str]) -> bytes:
    """Return the bytes of a body that `encode_body` made with these slots as its `resolved`."""
    return body[:-1] + b',"resolved":' + _encode(list(resolved)) + b"}"


def body_of(content: bytes) -> Body:
    """Return the body of a fact's entry from the entry's content. Raises msgspec.DecodeError for an
    entry of another sort."""
    return _content.decode(content).body
