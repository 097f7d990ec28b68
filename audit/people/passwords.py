"""Passwords, as the operator's trail tells of them: by a fingerprint of what the database keeps.

    fingerprint_of(person.password)                    →    "5f70bf18…", 64 hex digits: the SHA-256 of the stored text
    renew_hash(person, "a calm sentence")              # after a sign-in, where Django's hashes have become slower meanwhile
    tell_untold(actor="user:enzo")                     # people whose password no entry tells of: the names

What is kept is Django's salted, slow hash. Its fingerprint has no key: who sees the trail alone
lacks the salt, 128 random bits of which the trail holds nothing, and can try no password; who has
the database as well can try passwords by the stored hash itself, and each costs as much by the
fingerprint. A key would have to lie where whoever reads the database finds it, and once lost,
nothing could be compared any more. FORMATS.md section 3.1.
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
    """What the ledger holds of a password: the SHA-256, in hex, of the text that is kept of it, be
    it usable or not."""
    # `str`: into a column of text SQLite lets bytes be written, which must show as another password
    # and stop no fsck.
    return hashlib.sha256(str(stored).encode()).hexdigest()


def renew_hash(person: Person, password: str) -> bool:
    """Keep the same password under the hash that new ones are given, where it is still under an
    older one. Needs `password` to be the person's, just checked. Returns whether it was renewed;
    the sessions begun under the old hash are ended by that.

    The renewal is an entry that follows from the last one told. So another password that was put
    into the row, under an older hash, is not made good by signing in with it: its hash stays as it
    is, for `fsck` to name. Where no entry can be written the hash stays as well, and the sign-in
    goes on: the next one tries again."""
    if not _is_outdated(person.password):
        return False
    renewed = make_password(password)
    try:
        _renew(person, renewed)
    except (LedgerMissing, *operator_trail.REFUSED):
        pass  # perhaps after the commit: the row says what was done
    if not Person.objects.filter(pk=person.pk, password=renewed).exists():
        return False
    person.password = renewed  # the session about to begin is bound to it
    return True


@transaction.atomic
def tell_untold(*, actor: str) -> list[str]:
    """Tell of each password of which no entry ever told, as it stands now: of people who were made,
    or last given another, before entries held fingerprints. Returns the names, in order. One that
    was told is left alone, whatever stands in its row. Raises LedgerMissing and the second store's
    errors as every append."""
    trail = operator_trail.lock()
    names = []
    for person in untold():
        operator_trail.tell(
            trail, PASSWORD_RECORDED, f"person/{person.username}", _said(person), actor=actor
        )
        names.append(person.username)
    return names


def untold() -> list[Person]:
    """The people whom the operator's trail knows, and of whose password no entry tells, by name."""
    told = rights_on_record.read().people
    unknown = [name for name, person in told.items() if person.fingerprint is None]
    return list(Person.objects.filter(username__in=unknown).order_by("username"))


@transaction.atomic
def _renew(person: Person, renewed: str) -> None:
    trail = operator_trail.lock()
    was = fingerprint_of(person.password)
    told = rights_on_record.read().people.get(person.username)
    if told is None or told.fingerprint not in (None, was):
        return
    # Compare the old hash in the UPDATE itself: somebody may have given the person another password
    # since it was checked.
    if Person.objects.filter(pk=person.pk, password=person.password).update(password=renewed):
        said = {"fingerprint": fingerprint_of(renewed), "person": person.username, "was": was}
        actor = f"person:{person.username}"
        operator_trail.tell(
            trail, PASSWORD_REHASHED, f"person/{person.username}", said, actor=actor
        )


def _is_outdated(stored: str) -> bool:
    preferred = get_hasher()
    return identify_hasher(stored).algorithm != preferred.algorithm or preferred.must_update(stored)


def _said(person: Person) -> dict[str, object]:
    return {"fingerprint": fingerprint_of(person.password), "person": person.username}
