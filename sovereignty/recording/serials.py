"""Serials → slots, as the inventory stands when a fact that names serials is recorded.

The slots go into the fact's entry (`resolved`), so that a verifier reads the same cards without the
inventory's history.
"""

from collections.abc import Sequence

from msgspec import UNSET

from sovereignty.facts import kinds
from sovereignty.facts.checks import data_in_force
from sovereignty.facts.errors import FactError
from sovereignty.loading.statements import histories_of
from sovereignty.models import Card, CardStatement
from sovereignty.plane.inventory.statements import resolve as resolve_statements
from sovereignty.plane.world import Grade


def serials_of(data: kinds.Data) -> list[str]:
    """The serials that a touch, or a correction's replacement of one, names, in order."""
    touch = _touch_of(data)
    return (
        []
        if touch is None
        else [
            serial for part in touch.parts if part.serials is not UNSET for serial in part.serials
        ]
    )


def resolve(data: kinds.Data) -> tuple[str, ...]:
    """Return the `node/slot` of each serial that the fact names, at the time the touch started.

    Needs the fleet's trail locked. Raises FactError, to be retried, for a serial that is not known
    to sit anywhere then."""
    serials, touch = serials_of(data), _touch_of(data)
    if touch is None or not serials:
        return ()
    slots = _slots_at(serials, touch.started_at)
    for serial in serials:
        if len(slots.get(serial, ())) != 1:
            received = (
                "one that is not known"
                if not slots.get(serial)
                else f"one that sits in {len(slots[serial])} slots"
            )
            raise FactError(
                "data.parts.serials",
                "serials that sit in one slot each at started_at",
                f"{serial!r}, {received}",
                retry=True,
            )
    return tuple(slots[serial][0] for serial in serials)


def _touch_of(data: kinds.Data) -> kinds.TouchStarted | kinds.TouchRecorded | None:
    body = data_in_force(data)
    return body if isinstance(body, kinds.STARTS) else None


def moves_cards(data: kinds.Data) -> bool:
    """Whether the fact may change where a serial sits; a batch that has such a fact resolves no
    serials, for they are read before it."""
    if isinstance(data, kinds.NodeRegistered):
        return any(group.serials is not None for group in data.cards)
    return isinstance(data, kinds.CardReplaced | kinds.CardRetired) or (
        isinstance(data, kinds.Correction) and data.tenant is None
    )


def _slots_at(serials: Sequence[str], at: int) -> dict[str, list[str]]:
    """The slots of each serial at the time `at`, by the evidence that wins
    (`sovereignty.plane.inventory`)."""
    live = CardStatement.objects.current().filter(effective_at__lte=at)
    cards = set(live.filter(serial__among=set(serials)).values_list("card_id", flat=True))
    names = {
        number: f"{node}/{slot}"
        for number, node, slot in Card.objects.filter(number__among=cards).values_list(
            "number", "node__name", "slot"
        )
    }
    slots: dict[str, list[str]] = {}
    asked = set(serials)
    histories = histories_of(live.filter(card_id__among=cards), "card_id", ["serial"])
    for card, history in histories.items():
        _, sits = resolve_statements(history, "serial", Grade.PLANNED)[-1]
        if sits.text in asked:
            slots.setdefault(sits.text, []).append(names[card])
    return slots
