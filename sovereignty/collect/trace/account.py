"""The account of an import: every row read and every fact made has exactly one fate, and the sums
are checked before it is shown.

rows read  = used + set aside (by named rule) + refused (file, line, reason)
facts made = accepted + duplicate + refused
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sovereignty.collect.near_names import NearNames
from sovereignty.collect.site_plan import Expected
from sovereignty.collect.trace.rows import TableAccount
from sovereignty.collect.trace.tables import Refused
from sovereignty.collect.trace.touches import Figures

MOST_SHOWN = 10  # refusals printed; all of them stand in the file, and the total beside them


@dataclass(slots=True)
class Account:
    """`made` counts facts by kind; `spellings` the distinct names by kind before and after merging;
    `tenants` those that there were and those that were made; `seconds` the whole import."""

    tables: dict[str, TableAccount] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    accepted: int = 0
    duplicates: int = 0
    refused_facts: list[str] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    spellings: dict[str, tuple[int, int]] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)
    tenants: NearNames = field(default_factory=NearNames)
    seconds: float = 0.0

    @property
    def rows_read(self) -> int:
        """Rows of all tables."""
        return sum(table.read for table in self.tables.values())

    @property
    def refused_rows(self) -> list[Refused]:
        """Refused rows of all tables."""
        return [refused for table in self.tables.values() for refused in table.refused]

    def check(self) -> None:
        """Check that both sums add up; they cannot fail but by a fault of the importer."""
        for name, table in self.tables.items():
            sorted_out = table.used + sum(table.skipped.values()) + len(table.refused)
            if table.read != sorted_out:
                raise RuntimeError(
                    f"account of {name}: {table.read} rows read, {sorted_out} accounted for"
                )
        made, answered = (
            sum(self.made.values()),
            self.accepted + self.duplicates + len(self.refused_facts),
        )
        if made != answered:
            raise RuntimeError(f"account of facts: {made} made, {answered} answered")


def lines(account: Account, *, dry_run: bool) -> Iterator[str]:
    """The account as text, a line at a time."""
    for name, table in account.tables.items():
        yield from _table_lines(name, table)
    accepted = "would be sent" if dry_run else "accepted"
    refused = len(account.refused_facts)
    made = sum(account.made.values())
    yield (
        f"facts: {made:,} made = {account.accepted:,} {accepted} + {account.duplicates:,} "
        f"duplicate + {refused:,} refused"
    )
    yield from (f"  {count:>9,} {kind}" for kind, count in account.made.items())
    yield from _figure_lines(account)
    yield from _first_of("refused fact", account.refused_facts)
    yield from _first_of(
        "refused row",
        [f"{row.file}, line {row.line}: {row.reason}" for row in account.refused_rows],
    )
    yield from _first_of(
        "warning", [_near(new, before, dry_run=dry_run) for new, before in account.tenants.pairs]
    )
    for expected in account.expected:
        yield (
            f"to be expected: {expected.rule} {expected.verdict}, {expected.reason}: {expected.why}"
        )
    rate = account.rows_read / account.seconds if account.seconds else 0.0
    yield f"{account.rows_read:,} rows in {account.seconds:.1f} s ({rate:,.0f} rows a second)"


def write_refused(path: Path, refused: list[Refused]) -> None:
    """Write refused rows as CSV: file, line, reason."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "line", "reason"))
        writer.writerows((row.file, row.line, row.reason) for row in refused)


def _table_lines(name: str, table: TableAccount) -> Iterator[str]:
    skipped = sum(table.skipped.values())
    yield (
        f"{name}: {table.read:,} rows read = {table.used:,} used + {skipped:,} set aside + "
        f"{len(table.refused):,} refused"
    )
    yield from (f"  {count:>9,} set aside: {rule}" for rule, count in table.skipped.items())
    yield from (f"  {count:>9,} noted, and used: {rule}" for rule, count in table.noted.items())


def _figure_lines(account: Account) -> Iterator[str]:
    figures = account.figures
    yield (
        f"touches: {figures.touches:,} of {figures.card_touches:,} named cards, "
        f"{figures.counted:,} cards counted on known nodes, "
        f"{figures.counted_nowhere:,} cards counted on unknown nodes; "
        f"{figures.cards:,} distinct cards on {len(figures.slots):,} nodes"
    )
    for kind, (before, after) in account.spellings.items():
        yield f"{kind}s: {before:,} spellings, {after:,} after merging"


def _near(new: str, before: str, *, dry_run: bool) -> str:
    made = "would be made" if dry_run else "was made"
    return (
        f"tenant {new!r} {made} beside {before!r}, from which it differs only in case, "
        "spaces or punctuation: each has a trail of its own. "
        "If they are one, merge them by [spellings.tenant] of a site plan, "
        "and give that plan to every import"
    )


def _first_of(word: str, texts: list[str]) -> Iterator[str]:
    for text in texts[:MOST_SHOWN]:
        yield f"{word}: {text}"
    if len(texts) > MOST_SHOWN:
        yield f"… and {len(texts) - MOST_SHOWN:,} more, {len(texts):,} in all"
