"""Forged copies of a bundle, one defect each, as somebody with the database and a zip tool would
make them.

Every copy is a well-formed bundle again, written by the bundle writer itself, so that what refuses
it is the ledger's arithmetic and not the container.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from audit.tlog.bundle import Bundle, write_bundle
from audit.tlog.bundle_json import HeadProof
from audit.tlog.merkle import Hash

Contents = Iterator[bytes]
Heads = Iterator[HeadProof]


@dataclass(frozen=True, slots=True)
class Forgery:
    """`name` says what was done; the functions replace the pinned trail's entries and heads."""

    name: str
    entries: Callable[[Contents], Iterable[bytes]]
    heads: Callable[[Heads], Iterable[HeadProof]]


def _kept(items: Iterator[object]) -> Iterator[object]:
    yield from items


def _changed(contents: Contents) -> Iterator[bytes]:
    """One letter of one entry's source, everything else as it was."""
    for index, content in enumerate(contents):
        yield content.replace(b'"source":"', b'"source":"x', 1) if index == 2 else content


def _without_one(contents: Contents) -> Iterator[bytes]:
    for index, content in enumerate(contents):
        if index != 2:
            yield content


def _without_last(contents: Contents) -> Iterator[bytes]:
    held: bytes | None = None
    for content in contents:
        if held is not None:
            yield held
        held = content


def _without_epoch(heads: Heads) -> Iterator[HeadProof]:
    """The trail left out of its second epoch, the others closed up around it."""
    for index, head in enumerate(heads):
        if index != 1:
            yield head


def _second_head(heads: Heads) -> Iterator[HeadProof]:
    """Another root in the newest epoch: a second history of the same trail."""
    proofs = list(heads)
    yield from proofs[:-1]
    yield replace(proofs[-1], root=Hash(bytes(32)))


FORGERIES = (
    Forgery("an entry changed", _changed, _kept),  # type: ignore[arg-type]  # the identity serves both kinds
    Forgery("an entry deleted", _without_one, _kept),  # type: ignore[arg-type]
    Forgery("the newest entries cut off", _without_last, _kept),  # type: ignore[arg-type]
    Forgery("the trail omitted from an epoch", _kept, _without_epoch),  # type: ignore[arg-type]
    Forgery("a second head in one epoch", _kept, _second_head),  # type: ignore[arg-type]
)


def forge(bundle: Path, forgery: Forgery, output: Path) -> None:
    """Write a copy of `bundle` to `output` with the forgery in its pinned trail."""
    with Bundle.open(bundle) as source, write_bundle(output) as writer:
        hints = source.hints()
        writer.hints(hints)
        writer.records(source.records())
        for size in source.checkpoint_sizes():
            writer.checkpoint(size, source.checkpoint(size))
        for number in source.trails():
            forged = number == hints.trail
            writer.heads(
                number, forgery.heads(source.heads(number)) if forged else source.heads(number)
            )
            writer.entries(
                number,
                forgery.entries(source.entries(number)) if forged else source.entries(number),
            )
        for sha256 in source.attachments():
            writer.attachment(sha256, source.attachment(sha256))
