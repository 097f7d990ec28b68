"""What a fact names that the register must know before the fact is applied: slots, and nodes.

touch of hz-a-[1-2]/0-7 and of 3 cards of gpu7    →    (["hz-a-[1-2]/0-7"], ["gpu7"])
"""

from msgspec import UNSET

from sovereignty import hostlist
from sovereignty.facts import kinds
from sovereignty.facts.checks import data_in_force, sole_hostlist_of


def named_slots_and_nodes(data: kinds.Data) -> tuple[list[str], list[str]]:
    """Return the hostlists with slots, and the names of nodes."""
    if isinstance(data, kinds.STARTS):
        if (text := sole_hostlist_of(data)) is not None:
            return [text], []
        texts: list[str] = []
        nodes: list[str] = []
        for part in data.parts:
            if part.cards is not UNSET:
                texts += part.cards
            elif part.of is not UNSET:
                nodes += [node for text in part.of or () for node in hostlist.expand_nodes(text)]
        return texts, nodes
    if isinstance(data, kinds.NodeRegistered):
        return [f"{data.node}/{group.slots}" for group in data.cards], [data.node]
    if isinstance(data, kinds.NodeMoved):
        return [], [data.node]
    if isinstance(data, (kinds.CardReplaced, kinds.CardRetired)):
        return [f"{data.node}/{data.slot}"], []
    if isinstance(data, (kinds.SourceDeclared, kinds.Heartbeat)):
        return list(data.cards or ()), []
    if isinstance(data, kinds.Correction) and (replaced := data_in_force(data)) is not None:
        return named_slots_and_nodes(replaced)
    return [], []
