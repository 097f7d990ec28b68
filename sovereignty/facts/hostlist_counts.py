"""How many names a hostlist has, counted once for each text: schedulers repeat the same few
hostlists in millions of facts.

A hostlist names each card or node once. All texts in here were found good.
"""

from sovereignty import hostlist

MOST_COUNTED = 65_536  # hostlists whose counts are kept

# By text, of hostlists with slots and of those without. (Dicts, because keeping the order of use
# costs more than a look-up.)
CARD_COUNTS: dict[str, int] = {}
NODE_COUNTS: dict[str, int] = {}


def count_names(text: str, slots: bool) -> int:
    """Return how many cards (with `slots`) or nodes a hostlist names. Raises HostlistError."""
    counts = CARD_COUNTS if slots else NODE_COUNTS
    count = counts.get(text)
    if count is None:
        count = _count_cards(text) if slots else len(hostlist.expand_nodes(text))
        if len(counts) >= MOST_COUNTED:
            counts.clear()
        counts[text] = count
    return count


def _count_cards(text: str) -> int:
    """Every node of a hostlist has the same slots."""
    nodes = hostlist.expand(text)
    return len(nodes) * len(nodes[0][1])
