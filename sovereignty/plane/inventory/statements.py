"""What an attribute of a subject was at each time, from the statements about it. DESIGN section 3,
semantics of attributes.

- A statement holds, per attribute, from its `effective_at` to the next statement *of the same
  grade*, whatever the order of arrival.
- The highest grade present wins.
- At one `effective_at` and grade, the later order of one source wins. Two sources that differ leave
  the value unknown.
- A resetting statement (another card in the slot) first ends every earlier value of its own grade
  and below. It also ends what its own source stated before it of the same `effective_at`. What was
  observed is not undone by what is only planned.
- A value below the least grade that the policy accepts counts as unknown.

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
    """Return the attribute's value over all time.

    `history` is about one subject and is sorted by (effective_at, order).
    """
    steps = [(BEGINNING, UNKNOWN)]
    for effective_at, in_force in _in_force(history, attribute):
        steps.append((effective_at, _highest(in_force, attribute, least)))
    return tidy(steps)


def deciding(history: Sequence[Statement], attribute: str, start: int, end: int) -> list[Statement]:
    """Return the statements that decided the attribute's value at some time in `[start, end)`, or
    left it unknown there.

    They are those of the highest grade in force, and of one source the last. Returns an empty list
    where none was in force. `history` is as in `resolve`.
    """
    changes = [
        (effective_at, in_force[max(in_force)] if in_force else [])
        for effective_at, in_force in _in_force(history, attribute)
    ]
    step_ends = [effective_at for effective_at, _ in changes[1:]] + [end]
    by_identity = {
        id(statement): statement
        for (step_start, statements), step_end in zip(changes, step_ends, strict=False)
        if step_start < end and step_end > start
        for statement in statements
    }
    return list(by_identity.values())


def _in_force(
    history: Sequence[Statement], attribute: str
) -> Iterator[tuple[int, dict[Grade, list[Statement]]]]:
    """From each time on, the statements of each grade that are in force; of one source the last."""
    in_force: dict[Grade, list[Statement]] = {}
    relevant = (
        statement for statement in history if statement.resets or attribute in statement.values
    )
    for effective_at, group in groupby(relevant, key=lambda statement: statement.effective_at):
        statements = _not_reset(list(group))
        reset_grade = max(
            (statement.grade for statement in statements if statement.resets), default=None
        )
        kept = {
            grade: earlier
            for grade, earlier in in_force.items()
            if reset_grade is None or grade > reset_grade
        }
        with_value = [statement for statement in statements if attribute in statement.values]
        for grade in {statement.grade for statement in with_value}:
            last_of_source = {
                statement.source: statement for statement in with_value if statement.grade == grade
            }
            kept[grade] = list(last_of_source.values())
        in_force = kept
        yield effective_at, in_force


def _not_reset(statements: Sequence[Statement]) -> list[Statement]:
    """The statements of one effective time, in their order, without those that a later reset of the
    same source undid."""
    if len(statements) < 2 or not any(statement.resets for statement in statements):
        return list(statements)
    return [
        statement
        for index, statement in enumerate(statements)
        if not any(
            later.resets and later.source == statement.source and later.grade >= statement.grade
            for later in statements[index + 1 :]
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
