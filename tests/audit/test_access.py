"""Who may read a trail: officers, readers, the fleet's trail, tokens; and everybody else not."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from audit.access import (
    export_or_404,
    exportable_trails,
    readable_exports,
    readable_trails,
    reads_all,
    trail_or_404,
)
from audit.jobs.queue import enqueue
from audit.models import FLEET_NUMBER, OPERATOR_NUMBER, Person, Token, Trail
from tests import cast
from tests.audit.ledger import tenant_trail

pytestmark = pytest.mark.usefixtures("ledger")


def numbers(reader: Person | AnonymousUser | Token) -> list[int]:
    return [trail.number for trail in readable_trails(reader)]


def token(trail: Trail | None, revoked_at: int | None = None) -> Token:
    cast.token(trail, revoked_at=revoked_at)
    return Token.objects.get()


def test_an_officer_reads_all_trails() -> None:
    hospital, ministry = tenant_trail("hospital"), tenant_trail("ministry")
    olga = cast.olga()
    assert numbers(olga) == [FLEET_NUMBER, OPERATOR_NUMBER, hospital.number, ministry.number]
    assert reads_all(olga)


def test_a_reader_reads_the_given_trails_and_the_fleets() -> None:
    hospital, _ = tenant_trail("hospital"), tenant_trail("ministry")
    ada = cast.reader("ada", hospital)
    assert numbers(ada) == [FLEET_NUMBER, hospital.number]
    assert not reads_all(ada)


def test_a_person_without_a_trail_reads_not_even_the_fleets() -> None:
    tenant_trail()
    assert numbers(cast.reader("enzo")) == []


@pytest.mark.parametrize("officer", [True, False])
def test_one_who_left_reads_nothing(officer: bool) -> None:
    person = cast.olga() if officer else cast.reader("ada", tenant_trail())
    person.is_active = False
    assert numbers(person) == []
    assert not reads_all(person)


def test_one_who_is_not_signed_in_reads_nothing() -> None:
    assert numbers(AnonymousUser()) == []


def test_a_read_token_reads_its_one_trail_only() -> None:
    hospital, _ = tenant_trail("hospital"), tenant_trail("ministry")
    assert numbers(token(hospital)) == [hospital.number]


def test_a_revoked_token_and_one_that_records_read_nothing() -> None:
    hospital = tenant_trail()
    assert numbers(token(hospital, revoked_at=1)) == []
    Token.objects.all().delete()
    assert numbers(token(None)) == []


def test_a_trail_that_may_not_be_read_is_not_found() -> None:
    hospital, ministry = tenant_trail("hospital"), tenant_trail("ministry")
    ruth = cast.reader("ruth", ministry)
    assert trail_or_404(ruth, ministry.number) == ministry
    for number in (hospital.number, OPERATOR_NUMBER, 99):
        with pytest.raises(Http404):
            trail_or_404(ruth, number)


def test_exports_follow_their_trail() -> None:
    hospital, ministry = tenant_trail("hospital"), tenant_trail("ministry")
    ruth, ada = cast.reader("ruth", ministry), cast.reader("ada", hospital)
    job = enqueue("export", {"trail": hospital.number}, actor="ada", trail=hospital)
    enqueue("check", {}, actor="beat")
    assert list(readable_exports(ada)) == [job]
    assert list(readable_exports(ruth)) == []
    assert export_or_404(ada, job.pk) == job
    with pytest.raises(Http404):
        export_or_404(ruth, job.pk)


def test_only_officers_export_the_fleets_trail_by_itself() -> None:
    ada = cast.reader("ada", tenant_trail("st-mary"))
    assert FLEET_NUMBER in exportable_trails(cast.olga()).values_list("number", flat=True)
    assert FLEET_NUMBER in numbers(ada)
    assert FLEET_NUMBER not in exportable_trails(ada).values_list("number", flat=True)
