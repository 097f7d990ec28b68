"""Serials → slots, as the inventory stands when a fact that names serials is recorded.

The slots go into the fact's entry (`resolved`), so that a verifier reads the same cards without the inventory's history.
"""

from collections.abc import Sequence

from msgspec import UNSET

from audit import rows
from sovereignty.models import Card, CardStatement
from sovereignty.policy import facts
from sovereignty.policy.fact_checks import FactError, stated


def serials_of(data: facts.Data) -> list[str]:
    """The serials that a touch, or a correction's replacement of one, names, in order."""
    touch = _touch_of(data)
    return [] if touch is None else [serial for part in touch.parts if part.serials is not UNSET for serial in part.serials]


def resolve(data: facts.Data) -> tuple[str, ...]:
    """Return the `node/slot` of each serial that the fact names, at the time the touch started.

    Needs the fleet's trail locked. Raises FactError, to be retried, for a serial that is not known to sit anywhere then."""
    serials, touch = serials_of(data), _touch_of(data)
    if touch is None or not serials:
        return ()
    found = _slots_at(serials, touch.started_at)
    for serial in serials:
        if len(found.get(serial, ())) != 1:
            came = "one that is not known" if not found.get(serial) else f"one that sits in {len(found[serial])} slots"
            raise FactError(
                "data.parts.serials", "serials that sit in one slot each at started_at", f"{serial!r}, {came}", retry=True
            )
    return tuple(found[serial][0] for serial in serials)


def _touch_of(data: facts.Data) -> facts.TouchStarted | facts.TouchRecorded | None:
    said = stated(data)
    return said if isinstance(said, facts.STARTS) else None


def _slots_at(serials: Sequence[str], at: int) -> dict[str, list[str]]:
    """The slots of each serial at the time `at`: those whose newest statement of a serial by then is this one."""
    live = CardStatement.objects.filter(superseded_by=None, effective_at__lte=at)
    cards = sorted(set(rows.among(live, "serial", list(serials)).values_list("card_id", flat=True)))
    newest: dict[int, str | None] = {}
    history = rows.among(live, "card_id", cards).order_by("effective_at", "fact_id")
    telling = ((card, serial) for card, resets, serial in history.values_list("card_id", "resets", "serial") if resets or serial)
    newest.update(telling)  # in order of time, so the last one of a card stands
    names = {
        number: f"{node}/{slot}"
        for number, node, slot in rows.among(Card.objects, "number", cards).values_list("number", "node__name", "slot")
    }
    found: dict[str, list[str]] = {}
    wanted = set(serials)
    for card, serial in newest.items():
        if serial is not None and serial in wanted:
            found.setdefault(serial, []).append(names[card])
    return found
