"""Reads of the ledger: pages of entries and seals, and the epoch that sealed an entry."""

import pytest

from audit import queries
from audit.models import Trail
from audit.seal import seal
from tests.audit.ledger import tenant_trail, write

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture
def trail() -> Trail:
    number = tenant_trail().number
    write(number, [f"note {place}" for place in range(1, queries.ENTRIES_A_PAGE + 2)])
    return Trail.objects.get(number=number)


def test_pages_go_through_all_entries_newest_first(trail: Trail) -> None:
    first = queries.entries_before(trail, None)
    second = queries.entries_before(trail, first[-1].index)
    assert [entry.index for entry in first + second] == list(range(trail.size - 1, -1, -1))
    assert len(first) == queries.ENTRIES_A_PAGE
    assert queries.entries_before(trail, 0) == []


def test_a_line_says_what_its_entry_says(trail: Trail) -> None:
    line = queries.entry_line(trail, 1)
    assert line is not None
    assert (line.kind, line.subject, line.source, line.body["body"]) == (
        "note.made/v1",
        "note",
        "olga",
        {"text": "note 1"},
    )
    assert queries.entry_line(trail, trail.size) is None


def test_the_genesis_is_an_entry_without_a_source(trail: Trail) -> None:
    line = queries.entry_line(trail, 0)
    assert line is not None
    assert (line.kind, line.source, line.occurred_at) == ("trail.opened/v1", "", None)


def test_an_entry_is_sealed_in_the_first_epoch_that_covers_it(trail: Trail) -> None:
    assert queries.sealed_in(trail, 1) is None
    first = seal(actor="olga")
    write(trail.number, ["later"])
    second = seal(actor="olga")
    assert queries.sealed_in(trail, 1) == first
    assert queries.sealed_in(trail, trail.size) == second
    assert queries.last_seal() == second
    assert queries.sealed_sizes([trail]) == {trail.number: trail.size + 1}


def test_the_genesis_of_the_log_is_no_seal() -> None:
    assert queries.last_seal() is None


def test_seals_come_newest_first_below_an_epoch() -> None:
    for _ in range(3):
        seal(actor="olga")
    assert [found.epoch for found in queries.seals_before(None)] == [3, 2, 1, 0]
    assert [found.epoch for found in queries.seals_before(2)] == [1, 0]
