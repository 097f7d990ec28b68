"""Passwords, as the operator's trail holds them: by a fingerprint of what the database keeps.

    fingerprint_of(person.password)        →  "5f70bf18…", 64 hex digits: SHA-256 of the stored text
    renew_hash(person, "a calm sentence")  after a sign-in, where Django's hashes are slower now
    record_passwords(actor="user:enzo")    →  the names of people whose password no entry held

The database keeps Django's salted, slow hash. Its fingerprint has no key. Whoever sees the trail
alone lacks the salt, 128 random bits, and can try no password. Whoever has the database as well can
try passwords by the stored hash itself, at the same cost each. A key would have to lie where the
reader of the database finds it; once it was lost, nothing could be compared. FORMATS.md section
3.1.
"""

import hashlib

from django.contrib.auth.hashers import get_hasher, identify_hasher, make_password
from django.db import transaction

from audit import operator_trail
from audit.entry_kinds import PASSWORD_RECORDED, PASSWORD_REHASHED
from audit.errors import LedgerMissing
from audit.models import Person
from audit.people import rights_on_record


def fingerprint_of(stored: str) -> str:
    """Return what the ledger holds of a password: the SHA-256, in hex, of the stored text, usable
    or not."""
    # `str`: SQLite lets somebody write bytes into a column of text. They must show as another
    # password, and must not stop fsck.
    return hashlib.sha256(str(stored).encode()).hexdigest()


def renew_hash(person: Person, password: str) -> bool:
    """Keep the same password under the hash that new ones get, where an older hash holds it. Needs
    `password` to be the person's, just checked. Returns whether it was renewed; the renewal ends
    the sessions begun under the old hash.

    The renewal is an entry that follows from the last one on record. So nobody can put another
    password into the row under an older hash and make it good by signing in: its hash stays, and
    `fsck` names it. Where no entry can be written the hash stays too, and the sign-in goes on: the
    next one tries again."""
    if not _is_outdated(person.password):
        return False
    renewed = make_password(password)
    try:
        _renew(person, renewed)
    except (LedgerMissing, *operator_trail.REFUSED):
        pass  # It may come after the commit: the row says what was done.
    if not Person.objects.filter(pk=person.pk, password=renewed).exists():
        return False
    person.password = renewed  # the session about to begin is bound to it
    return True


@transaction.atomic
def record_passwords(*, actor: str) -> list[str]:
    """Put on record each stored password of which no entry holds a fingerprint: of people who were
    made, or last given another password, before entries held fingerprints. Returns the names, in
    order. A recorded password is left alone, whatever stands in its row. Raises LedgerMissing and
    the second store's errors as every append."""
    trail = operator_trail.lock()
    names = []
    for person in unrecorded():
        body = {"fingerprint": fingerprint_of(person.password), "person": person.username}
        subject = f"person/{person.username}"
        operator_trail.append_act(trail, PASSWORD_RECORDED, subject, body, actor=actor)
        names.append(person.username)
    return names


def unrecorded() -> list[Person]:
    """Return the people whom the operator's trail knows without a fingerprint of their password, by
    name."""
    recorded = rights_on_record.read().people
    names = [name for name, person in recorded.items() if person.fingerprint is None]
    return list(Person.objects.filter(username__in=names).order_by("username"))


@transaction.atomic
def _renew(person: Person, renewed: str) -> None:
    trail = operator_trail.lock()
    was = fingerprint_of(person.password)
    recorded = rights_on_record.read().people.get(person.username)
    if recorded is None or recorded.fingerprint not in (None, was):
        return
    # Compare the old hash in the UPDATE itself: somebody may have given the person another password
    # since it was checked.
    if Person.objects.filter(pk=person.pk, password=person.password).update(password=renewed):
        name = person.username
        body = {"fingerprint": fingerprint_of(renewed), "person": name, "was": was}
        operator_trail.append_act(
            trail, PASSWORD_REHASHED, f"person/{name}", body, actor=f"person:{name}"
        )


def _is_outdated(stored: str) -> bool:
    preferred = get_hasher()
    return identify_hasher(stored).algorithm != preferred.algorithm or preferred.must_update(stored)
