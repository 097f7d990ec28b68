"""The lookup `among`: as `in`, with one parameter however many values there are."""

from collections.abc import Collection

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from audit.models import Job, Receipt, Trail
from audit.storage import rows
from tests.audit.ledger import tenant_trail

pytestmark = pytest.mark.django_db
COLUMNS = ("trail_number", "first", "size", "batch_root", "root", "received_at", "note")


def receipts(count: int) -> None:
    made = [(7, n, n + 1, bytes(32), bytes(32), 5, None) for n in range(count)]
    rows.insert(Receipt, COLUMNS, made)


def firsts(values: Collection[int]) -> list[int]:
    query = Receipt.objects.filter(first__among=values).order_by("first")
    return list(query.values_list("first", flat=True))


@pytest.mark.parametrize(
    "values", [[3, 1, 99], (3, 1, 99), {3, 1, 99}, {3: "", 1: "", 99: ""}.keys()]
)
def test_finds_the_rows_of_any_collection(values: Collection[int]) -> None:
    receipts(5)
    assert firsts(values) == [1, 3]


def test_of_no_values_nothing_is_found_and_nothing_is_asked() -> None:
    receipts(2)
    with CaptureQueriesContext(connection) as asked:
        assert firsts(set()) == []
        assert Receipt.objects.filter(first__among=[]).update(received_at=6) == 0
    assert len(asked) == 0


def test_more_values_than_a_statement_binds_are_one_parameter() -> None:
    receipts(5)
    with CaptureQueriesContext(connection) as asked:
        assert firsts(set(range(2, 300_000))) == [2, 3, 4]
    assert len(asked) == 1


def test_composes_with_other_conditions() -> None:
    receipts(5)
    assert Receipt.objects.exclude(first__among={1, 3}).count() == 3
    assert Receipt.objects.filter(Q(first__among={1}) | Q(size=5)).count() == 2
    assert Receipt.objects.filter(first__among={1, 3}, size__gt=2).update(received_at=6) == 1


def test_goes_through_relations(ledger: None) -> None:
    trail = tenant_trail()
    job = Job.objects.create(kind="export", trail=trail, actor="olga", made_at=5)
    assert Job.objects.get(trail__among={trail.number}) == job
    assert Job.objects.get(trail_id__among={trail.number}) == job
    assert Job.objects.get(trail__owner__among={trail.owner}) == job
    assert not Job.objects.filter(trail__among={trail.number + 1}).exists()


def test_texts_are_compared_as_texts(ledger: None) -> None:
    owners = {"fleet", "operator", "no' trail"}
    assert Trail.objects.filter(owner__among=owners).count() == 2
