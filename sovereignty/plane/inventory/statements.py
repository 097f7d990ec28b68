"""What an attribute of a subject was at each time, from the statements about it. DESIGN section 3,
semantics of attributes.

Per attribute, a statement holds from its `effective_at` to the next statement *of the same grade*,
whatever the order of arrival; the highest grade present wins. At one `effective_at` and grade, the
later order of one source wins, and two sources that differ leave the value unknown. A resetting
statement (another card in the slot) first ends every earlier value of its own grade and below, also
what its own source said before it of the same `effective_at`: what was observed is not undone by
what is only planned. A value below the least grade that the policy accepts counts as unknown.

    declared CN at 0, observed SG at 100, declared CN at 200   →   CN over [0, 100), SG from 100 on
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sovereignty.plane.steps import Steps, tidy
from sovereignty.plane.world import BEGINNING, Grade, Statement


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute's value, or None and why it is not known: `unknown`, `evidence_conflict` or
    `evidence_below_grade`."""

    text: str | None
    why: str = ""


UNKNOWN = Value(None, "unknown")
CONFLICT = Value(None, "evidence_conflict")
BELOW_GRADE = Value(None, "evidence_below_grade")


def resolve(history: Sequence[Statement], attribute: str, least: Grade) -> Steps[Value]:
    """The attribute's value over all time. `history` is sorted by (effective_at, order) and speaks
    of one subject."""
    steps = [(BEGINNING, UNKNOWN)]
    for effective_at, in_force in _in_force(history, attribute):
        steps.append((effective_at, _highest(in_force, attribute, least)))
    return tidy(steps)


def deciding(history: Sequence[Statement], attribute: str, start: int, end: int) -> list[Statement]:
    """The statements that `resolve` took the attribute's value from at some time in [start, end),
    or that left it unknown there: those of the highest grade in force, and of one source the last.
    Empty where nothing was in force."""
    changes = [
        (at, in_force[max(in_force)] if in_force else [])
        for at, in_force in _in_force(history, attribute)
    ]
    ends = [at for at, _ in changes[1:]] + [end]
    found = {
        id(each): each
        for (at, speaking), until in zip(changes, ends, strict=False)
        if at < end and until > start
        for each in speaking
    }
    return list(found.values())


def _in_force(
    history: Sequence[Statement], attribute: str
) -> Iterator[tuple[int, dict[Grade, list[Statement]]]]:
    """From each time on, the statements of each grade that are in force; of one source the last."""
    in_force: dict[Grade, list[Statement]] = {}
    relevant = (
        statement for statement in history if statement.resets or attribute in statement.values
    )
    for effective_at, group in groupby(relevant, key=lambda statement: statement.effective_at):
        stated = _standing(list(group))
        ended = max((statement.grade for statement in stated if statement.resets), default=None)
        kept = {grade: each for grade, each in in_force.items() if ended is None or grade > ended}
        speaking = [statement for statement in stated if attribute in statement.values]
        for grade in {statement.grade for statement in speaking}:
            kept[grade] = list(
                {each.source: each for each in speaking if each.grade == grade}.values()
            )
        in_force = kept
        yield effective_at, in_force


def _standing(stated: Sequence[Statement]) -> list[Statement]:
    """Statements of one effective time, in their order, without those that a later reset of the
    same source undid."""
    if len(stated) < 2 or not any(each.resets for each in stated):
        return list(stated)
    return [
        each
        for place, each in enumerate(stated)
        if not any(
            later.resets and later.source == each.source and later.grade >= each.grade
            for later in stated[place + 1 :]
        )
    ]


def _highest(in_force: dict[Grade, list[Statement]], attribute: str, least: Grade) -> Value:
    """What the statements of the highest grade agree on."""
    if not in_force:
        return UNKNOWN
    grade = max(in_force)
    if grade < least:
        return BELOW_GRADE
    texts = {statement.values[attribute] for statement in in_force[grade]}
    return Value(texts.pop()) if len(texts) == 1 else CONFLICT
