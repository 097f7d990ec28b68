"""One spelling a slot: a card under two names would count as two cards.

07                      want 7
00-07                   want 0-7
pci:0000:3B:00.0        want pci:0000:3b:00.0
pci:00000000:3b:00.0    want pci:0000:3b:00.0; some drivers write a PCI domain with more zeros
"""

import re

from sovereignty.hostlist.node_names import HostlistError

_NUMBERS = re.compile(r"([0-9]+)(-[0-9]+)?")
_PADDING = re.compile(r"(?<![0-9])0+(?=[0-9])")
_PCI = re.compile(r"(pci:)?(?:(?:0000)?([0-9a-f]{4}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])")


def require_one_spelling(text: str, position: int, item: str) -> None:
    """Check that `item`, one slot or range of slots at `position` of `text`, is not another
    spelling of one. Raises HostlistError."""
    wanted = _spelling(item)
    if wanted != item:
        raise HostlistError(
            text, position, f"{wanted!r}, the one spelling of this slot", repr(item)
        )


def _spelling(item: str) -> str:
    if _NUMBERS.fullmatch(item):
        return _PADDING.sub("", item)
    address = _PCI.fullmatch(item.lower())
    if address is None:
        return item
    prefix, domain, rest = address.groups()
    return (prefix or "") + (f"{domain}:" if domain else "") + rest
