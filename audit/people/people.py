"""People: who may sign in, and what each may read. Every act on one is an entry of the operator's
trail.

    make("ada", password="…", rights=Rights(trails=frozenset({3})), actor="user:enzo")
    give("ada", Rights(every_trail=True), actor="user:enzo")
    # and take(), set_password(), deactivate(), reactivate()

Each step is one transaction: the row and its entry, together or not at all. Each locks the
operator's trail first, so that two administrators' acts come one after the other and each sees what
the other did. The entry names the person and the rights; of the password it holds a fingerprint
(`audit.people.passwords`). A name is given once and for ever: a deactivated person stays, so that
old entries speak of nobody else.
"""

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction

from audit import operator_trail
from audit.entry_kinds import (
    PASSWORD_SET,
    PERSON_DEACTIVATED,
    PERSON_GIVEN,
    PERSON_MADE,
    PERSON_REACTIVATED,
    PERSON_TAKEN,
)
from audit.errors import NotRecordedError, PersonError
from audit.models import Person, Trail, TrailReader
from audit.people import rights_on_record
from audit.people.passwords import fingerprint_of
from audit.people.rights import Rights


def active(name: str) -> Person:
    """Return the person of this name who may sign in. Raises PersonError for one who is not there
    or was deactivated."""
    person = _person(name)
    if not person.is_active:
        raise PersonError(
            f"{name} was deactivated, want a person who may sign in: "
            f"`deactivate_person --undo {name}` lets the person in again"
        )
    return person


def rights_of(person: Person) -> Rights:
    """Return what the person was given. A deactivated person keeps it, and may read nothing."""
    trails = TrailReader.objects.filter(person=person).values_list("trail_id", flat=True)
    return Rights(person.reads_all_trails, frozenset(trails))


@transaction.atomic
def make(name: str, *, password: str, rights: Rights, actor: str) -> Person:
    """Make a person who may sign in. Raises PersonError for a name that is taken or no name, a weak
    password or a trail that is not there; LedgerMissing and the second store's errors as every
    append."""
    trail = operator_trail.lock()
    person = Person(username=name)
    try:
        validate_password(password, person)
        person.set_password(password)
        person.full_clean()
    except ValidationError as error:
        raise PersonError("; ".join(error.messages)) from error
    person.save()
    _write_rights(person, Rights(), rights)
    _record(trail, PERSON_MADE, person, actor, rights, fingerprint=fingerprint_of(person.password))
    return person


@transaction.atomic
def give(name: str, rights: Rights, *, actor: str) -> Rights:
    """Let the person read this as well, and return what of it is new; nothing new is no act and no
    entry. Raises PersonError for one who is not there or was deactivated, or a trail that is not;
    else as `make`."""
    trail = operator_trail.lock()
    person = active(name)
    held = rights_of(person)
    new = rights - held
    if new:
        _write_rights(person, held, new)
        _record(trail, PERSON_GIVEN, person, actor, new)
    return new


@transaction.atomic
def take(name: str, rights: Rights, *, actor: str) -> Rights:
    """Let the person read this no longer, and return what of it was taken; nothing taken is no act
    and no entry. Raises as `give`."""
    trail = operator_trail.lock()
    person = _person(name)
    taken = rights & rights_of(person)
    if taken:
        TrailReader.objects.filter(person=person, trail_id__in=taken.trails).delete()
        if taken.every_trail:
            Person.objects.filter(pk=person.pk).update(reads_all_trails=False)
        _record(trail, PERSON_TAKEN, person, actor, taken)
    return taken


@transaction.atomic
def set_password(name: str, password: str, *, actor: str) -> None:
    """Give the person another password, which ends its sessions. Raises PersonError for a weak one;
    else as `give`."""
    trail = operator_trail.lock()
    person = active(name)
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise PersonError("; ".join(error.messages)) from error
    person.set_password(password)
    Person.objects.filter(pk=person.pk).update(password=person.password)
    _end_sessions(person)
    _record(trail, PASSWORD_SET, person, actor, fingerprint=fingerprint_of(person.password))


def deactivate(name: str, *, actor: str) -> bool:
    """Shut the person out and end its sessions; its name and rights stay on record. Returns whether
    it was active until now, by its row or by the operator's trail. Raises PersonError for one who
    is not there; and NotRecordedError where the second store refuses the entry: the person is out
    all the same, and doing it again later writes the entry."""
    try:
        return _deactivate(name, actor)
    except operator_trail.REFUSED as error:
        _shut_out(_person(name))
        raise NotRecordedError(f"{name} may not sign in any more", error) from error


@transaction.atomic
def _deactivate(name: str, actor: str) -> bool:
    trail = operator_trail.lock()
    person = _person(name)
    recorded = rights_on_record.read().people.get(name)
    if not _shut_out(person) and not (recorded and recorded.active):
        return False
    _record(trail, PERSON_DEACTIVATED, person, actor)
    return True


@transaction.atomic
def _shut_out(person: Person) -> bool:
    """Deactivate the row and end the sessions. Returns whether the row was active."""
    active = Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False)
    _end_sessions(person)
    return bool(active)


@transaction.atomic
def reactivate(name: str, *, actor: str) -> bool:
    """Let a deactivated person in again, with its password and rights as they were. Returns whether
    it was deactivated until now. Raises as `give`."""
    trail = operator_trail.lock()
    person = _person(name)
    if not Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        return False
    recorded = rights_on_record.read().people.get(name)
    if recorded and recorded.active:
        # The second store refused this entry when the person was shut out.
        _record(trail, PERSON_DEACTIVATED, person, actor)
    _end_sessions(person)  # one that began while the person was being deactivated
    _record(trail, PERSON_REACTIVATED, person, actor, rights_of(person))
    return True


def _person(name: str) -> Person:
    person = Person.objects.filter(username=name).first()
    if person is None:
        raise PersonError(f"there is no person {name!r}")
    return person


def _write_rights(person: Person, held: Rights, new: Rights) -> None:
    existing = set(Trail.objects.filter(number__in=new.trails).values_list("number", flat=True))
    if missing := sorted(new.trails - existing):
        raise PersonError(f"there is no trail {missing[0]}")
    TrailReader.objects.bulk_create(
        TrailReader(person=person, trail_id=number) for number in sorted(new.trails - held.trails)
    )
    if new.every_trail:
        Person.objects.filter(pk=person.pk).update(reads_all_trails=True)
        person.reads_all_trails = True


def _end_sessions(person: Person) -> None:
    # Django keeps the owner of a session inside its text, so each must be opened.
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()


def _record(
    trail: Trail, kind: str, person: Person, actor: str, rights: Rights | None = None, **more: str
) -> None:
    """Append an act on the person. Its body: {actor, person}, of rights {every_trail, trails:
    numbers in order}, and `more`."""
    body: dict[str, object] = {"person": person.username, **more}
    if rights is not None:
        body |= {"every_trail": rights.every_trail, "trails": sorted(rights.trails)}
    operator_trail.append_act(trail, kind, f"person/{person.username}", body, actor=actor)
