"""What a correction may do to its original: retract it, or put a whole body of the same kind and
subject in its place."""

from __future__ import annotations

from sovereignty.facts import kinds
from sovereignty.facts.checks import data_in_force, subject_of
from sovereignty.facts.errors import FactError
from sovereignty.loading.originals import Original


def check_original(
    source: str, data: kinds.Correction, original: Original | None, trail: int
) -> Original:
    """Return the original that `source` may correct by `data`, a correction in the trail of this
    number. Raises FactError."""
    if original is None:
        received = f"{data.source}/{data.id}, which is not"
        raise FactError("data.id", "a fact that is known", received, retry=True)
    if original.kind == kinds.CORRECTION:
        expected = "a fact that is no correction (correct the original again)"
        raise FactError("data.id", expected, "a correction")
    if original.kind == kinds.SEQUENCE_REPORTED and source == data.source:
        # Else a collector that lost facts could lower its own number until nothing is missing.
        expected = "another source than the one whose reported number is corrected"
        raise FactError("source", expected, repr(source))
    if original.trail_number != trail:
        expected = "the original's own trail (retract, then record)"
        raise FactError("data.tenant", expected, data.tenant or "the fleet's")
    return original


def replacement_of(data: kinds.Correction, original: Original) -> kinds.Data | None:
    """Return the body that a correction puts in its original's place: of the same kind, about the
    same thing; None where it retracts. Raises FactError."""
    replacement = data_in_force(data)
    if data.replacement is None or replacement is None:
        return None
    if data.replacement.type != original.kind:
        raise FactError("data.replacement.type", repr(original.kind), repr(data.replacement.type))
    subject = subject_of(original.data)
    if subject_of(replacement) != subject:
        expected = f"the original's own subject ({subject})"
        raise FactError("data.replacement.data", expected, subject_of(replacement))
    return replacement
