"""Hostlists: the notation in which schedulers name card sets and node sets, `hz-a-[0001-1250]/0-7`.

`reading` expands a text, `writing` gives a set its one canonical list of texts; the grammar stands
in `reading`. Here live the notation and its bounds. What a card is, which slots exist and which
number a slot has live elsewhere (`sovereignty.register.register`): this package knows texts, and
imports nothing of ours.
"""

from sovereignty.hostlist.node_names import HostlistError
from sovereignty.hostlist.reading import expand, expand_nodes, expand_slots, split
from sovereignty.hostlist.writing import compress, compress_by_node, compress_nodes

__all__ = [
    "HostlistError",
    "compress",
    "compress_by_node",
    "compress_nodes",
    "expand",
    "expand_nodes",
    "expand_slots",
    "split",
]
