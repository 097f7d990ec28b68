"""People of the operator's ledger, for tests of what the trail records."""

import pytest
from django.db import transaction

from audit import operator_trail
from audit.models import Person
from audit.people import people
from audit.people.rights import Rights
from tests import cast


@pytest.fixture
def ada(ledger: None) -> Person:
    """Ada, who was made the right way and reads every trail."""
    return people.make("ada", password=cast.PASSWORD, rights=Rights(every_trail=True), actor="enzo")


@pytest.fixture
def ada_of_before(ledger: None) -> Person:
    """Ada as she stands in a database of before: no entry holds her password's fingerprint."""
    person = Person.objects.create_user("ada", password=cast.PASSWORD, reads_all_trails=True)
    with transaction.atomic():
        trail = operator_trail.lock()
        body = {"person": "ada", "every_trail": True, "trails": []}
        operator_trail.append_act(trail, "person.made/v1", "person/ada", body, actor="enzo")
        operator_trail.append_act(
            trail, "person.password_set/v1", "person/ada", {"person": "ada"}, actor="enzo"
        )
    return person
