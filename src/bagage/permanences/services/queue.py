"""The walk-in queue, and help without a name."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.people.models import Person
from bagage.permanences.domain import lifecycle
from bagage.permanences.models import NamelessHelp, QueueEntry, Site
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor


# ---------- the queue ----------
@transaction.atomic
def join_queue(
    site: Site, first_name: str, *, topic: str = "", key: str, by: By, at: datetime | None = None
) -> QueueEntry:
    """Someone comes without an appointment: a first name is enough. Sending the form twice makes one entry."""
    at = at or timezone.now()
    first_name = " ".join(first_name.split())
    if not first_name:
        raise BusinessError(gettext("Il manque un prénom. Un surnom convient aussi."), field="first_name")
    if len(first_name) > 80:
        raise BusinessError(
            gettext("Un prénom tient en 80 lettres : gardez le plus court."), field="first_name"
        )
    entry, created = QueueEntry.objects.get_or_create(
        key=key,
        defaults={
            "site": site,
            "first_name": first_name,
            "topic": " ".join(topic.split())[:120],
            "came_at": at,
            "written_by": name_of(by)[:80],
        },
    )
    if created:
        _trail_entry(entry, "queue.join", by, at)
    return entry


@transaction.atomic
def call_from_queue(entry: QueueEntry, *, by: User, at: datetime | None = None) -> QueueEntry:
    """Whoever calls her helps her. Two who call at once: the second is told who was first."""
    at = at or timezone.now()
    return _queue_step(entry, "called", "queue.call", by, at, called_at=at, helper=by)


@transaction.atomic
def finish_queue_entry(entry: QueueEntry, *, by: By, at: datetime | None = None) -> QueueEntry:
    """She was helped and leaves."""
    at = at or timezone.now()
    return _queue_step(entry, "done", "queue.finish", by, at, left_at=at)


@transaction.atomic
def leave_queue(entry: QueueEntry, *, by: By, at: datetime | None = None) -> QueueEntry:
    """She left without waiting."""
    at = at or timezone.now()
    return _queue_step(entry, "left", "queue.leave", by, at, left_at=at)


@transaction.atomic
def undo_queue_step(entry: QueueEntry, *, by: By, at: datetime | None = None) -> QueueEntry:
    """Go back one step in the queue, within four hours; she keeps her place and who she is."""
    at = at or timezone.now()
    found = _locked_entry(entry)
    target = lifecycle.queue_state_before(found.state, was_called=found.called_at is not None)
    if not target:
        raise Conflict(gettext("Il n’y a plus rien à défaire."))
    if at - (found.left_at or found.called_at or found.came_at) > lifecycle.UNDO_WINDOW:
        raise BusinessError(gettext("C’était il y a plus de 4 heures : cela ne se défait plus."))
    found.state, found.left_at = target, None
    if target == "waiting":
        found.called_at, found.helper = None, None
    found.save(update_fields=["state", "left_at", "called_at", "helper"])
    _trail_entry(found, "queue.undo", by, at)
    return found


@transaction.atomic
def say_who(entry: QueueEntry, person: Person | None, *, by: By, at: datetime | None = None) -> QueueEntry:
    """The one in the queue is this person; ``None`` takes that back."""
    at = at or timezone.now()
    found = _locked_entry(entry)
    before = found.person
    found.person = person
    found.save(update_fields=["person"])
    if person is not None:
        Person.objects.filter(pk=person.pk, last_contact_at__lt=found.came_at).update(
            last_contact_at=found.came_at
        )
    about = person or before
    record(
        actor_of(by),
        "queue.say_who" if person else "queue.unsay_who",
        at=at,
        place=found.site.organisation.uuid,
        person=about.uuid if about else "",
        thing=f"queue:{found.uuid}",
        fields=["person"],
    )
    return found


def _locked_entry(entry: QueueEntry) -> QueueEntry:
    return (
        QueueEntry.objects.select_for_update(of=("self",))
        .select_related("site__organisation", "person", "helper")
        .get(pk=entry.pk)
    )


def _queue_step(
    entry: QueueEntry, state: str, verb: str, by: By, at: datetime, **fields: object
) -> QueueEntry:
    found = _locked_entry(entry)
    if state not in lifecycle.QUEUE_WAYS[found.state]:
        if found.state == "called" and found.helper:
            raise Conflict(gettext("%(name)s l’a déjà appelée.") % {"name": found.helper.first_name})
        raise Conflict(gettext("La file a changé entre-temps : regardez-la de nouveau."))
    found.state = state
    for name, value in fields.items():
        setattr(found, name, value)
    found.save(update_fields=["state", *fields])
    _trail_entry(found, verb, by, at)
    return found


def _trail_entry(entry: QueueEntry, verb: str, by: By, at: datetime) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=entry.site.organisation.uuid,
        person=entry.person.uuid if entry.person else "",
        thing=f"queue:{entry.uuid}",
    )


# ---------- help without a name ----------
@transaction.atomic
def count_nameless_help(
    site: Site, topic: str, minutes: int, *, key: str, by: By, at: datetime | None = None
) -> NamelessHelp:
    """Someone was helped and gave no name: what about, how long. Sending the form twice counts one."""
    at = at or timezone.now()
    if topic not in NamelessHelp.Topic.values:
        raise BusinessError(gettext("Choisissez de quoi il s’agissait."), field="topic")
    if not 1 <= minutes <= 480:
        raise BusinessError(gettext("Un temps se compte de 1 minute à 8 heures."), field="minutes")
    counted, created = NamelessHelp.objects.get_or_create(
        key=key,
        defaults={
            "site": site,
            "topic": topic,
            "minutes": minutes,
            "at": at,
            "written_by": name_of(by)[:80],
        },
    )
    if created:
        record(actor_of(by), "help.count", at=at, place=site.organisation.uuid, thing=f"help:{counted.uuid}")
    return counted


@transaction.atomic
def undo_nameless_help(counted: NamelessHelp, *, by: By, at: datetime | None = None) -> NamelessHelp:
    """It was counted by mistake: the figures of the day no longer hold it, the row stays."""
    at = at or timezone.now()
    found = (
        NamelessHelp.objects.select_for_update(of=("self",))
        .select_related("site__organisation")
        .get(pk=counted.pk)
    )
    if found.undone_at is not None:
        raise Conflict(gettext("Il n’y a plus rien à défaire."))
    if at - found.at > lifecycle.UNDO_WINDOW:
        raise BusinessError(gettext("C’était il y a plus de 4 heures : cela ne se défait plus."))
    found.undone_at = at
    found.save(update_fields=["undone_at"])
    record(actor_of(by), "help.undo", at=at, place=found.site.organisation.uuid, thing=f"help:{found.uuid}")
    return found
