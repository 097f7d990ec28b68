"""A fact without its entry: what one source told under one id, on its way into the projection."""

from __future__ import annotations

from msgspec import Struct

from sovereignty.facts.kinds import Data


class BareFact(Struct, frozen=True, gc=False):
    """`only` is the one hostlist that names all cards of a touch (`fact_checks.only_hostlist`);
    `resolved` are the slots that the fact's serials stand for. (A struct, because it is made ten
    times as fast as a frozen dataclass.)"""

    source: str
    id: str
    kind: str
    data: Data
    only: str | None
    resolved: tuple[str, ...]
