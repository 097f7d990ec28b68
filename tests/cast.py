"""The cast: Olga the operator's officer, Ada the hospital's auditor, Ruth in another tenant who
must see nothing of the hospital.

Each signs in by a client of her own; a machine of Ada's holds a token that reads the hospital's
trail.
"""

import hashlib

from django.test import Client

from audit.models import Person, Token, Trail, TrailReader

PASSWORD = "a calm and careful sentence"


def olga(password: str | None = None) -> Person:
    """The officer, who reads all trails. Without a password nobody signs in by the form, and no
    time goes into its hash."""
    return Person.objects.create_user("olga", password=password, reads_all_trails=True)


def reader(name: str, *trails: Trail, password: str | None = None) -> Person:
    """A person who reads these trails."""
    person = Person.objects.create_user(name, password=password)
    for trail in trails:
        TrailReader.objects.create(person=person, trail=trail)
    return person


def signed_in(person: Person) -> Client:
    """A client in which the person is signed in."""
    client = Client()
    client.force_login(person)
    return client


def token(trail: Trail | None, secret: str = "dom_machine", **more: object) -> dict[str, str]:
    """The header of a machine that reads the trail, or records facts where there is none."""
    Token.objects.create(
        name=secret.removeprefix("dom_"),
        digest=hashlib.sha256(secret.encode()).digest(),
        purpose=Token.RECORD if trail is None else Token.READ,
        trail=trail,
        made_at=0,
        **more,
    )
    return {"Authorization": f"Bearer {secret}"}
