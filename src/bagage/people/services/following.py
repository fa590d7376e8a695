"""Who follows whom, and opening the file of someone whom another site follows."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import Organisation, User, actor_of
from bagage.common import words
from bagage.common.codes import shown_code
from bagage.common.errors import BusinessError, Conflict
from bagage.messaging.services import queue_paper
from bagage.people.models import AccessRequest, Following, Person
from bagage.people.queries.facts import identity_ids, sites_that_follow, whole_person
from bagage.people.services._common import note
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record


@transaction.atomic
def start_following(
    person: Person,
    node: Organisation,
    *,
    by: User | Actor,
    at: datetime | None = None,
    adviser: User | None = None,
) -> Following:
    """``node`` follows her from now on; it may already. ``adviser`` is who knows her best, when there is one."""
    at = at or timezone.now()
    following = Following.objects.select_for_update().filter(person=person, node=node, ended_at=None).first()
    if following is not None:
        if adviser is None or following.adviser_id == adviser.pk:
            return following
        following.adviser = adviser
        following.save(update_fields=["adviser"])
        note(by, "change_adviser", person, at=at, node=node, fields=["adviser"])
        return following
    try:
        with transaction.atomic():
            following = Following.objects.create(person=person, node=node, adviser=adviser, started_at=at)
    except IntegrityError:
        return Following.objects.get(person=person, node=node, ended_at=None)
    note(by, "start_following", person, at=at, node=node)
    return following


@transaction.atomic
def end_following(following: Following, *, by: User | Actor, at: datetime | None = None) -> None:
    """``node`` follows her no more; it keeps no sight of her file."""
    at = at or timezone.now()
    if Following.objects.filter(pk=following.pk, ended_at=None).update(ended_at=at):
        following.ended_at = at
        note(by, "end_following", following.person, at=at, node=following.node)


@transaction.atomic
def request_access(
    person: Person,
    *,
    for_node: Organisation,
    has_her_word: bool,
    reason: str = "",
    by: User,
    at: datetime | None = None,
) -> AccessRequest:
    """Opens the file of someone whom another site follows: with her word, or with a reason written for that site.

    Both open it at once, and each site that follows her is told on its list of messages. With a reason, it can
    object, which closes the file again. Asking twice is asking once.
    """
    at = at or timezone.now()
    reason = " ".join(reason.split())
    if not has_her_word and len(reason) < 10:
        raise BusinessError(
            gettext("Écrivez pourquoi en une phrase : l’autre permanence la lira."), field="reason"
        )
    person = Person.objects.select_for_update().get(pk=whole_person(person).pk)
    if Following.objects.current(at).filter(person_id__in=identity_ids(person), node=for_node).exists():
        raise Conflict(gettext("Votre permanence suit déjà cette personne : son dossier est ouvert ici."))
    told = sites_that_follow(person, at)
    asked = AccessRequest.objects.create(
        person=person,
        asked_by=by,
        for_node=for_node,
        has_her_word=has_her_word,
        reason="" if has_her_word else reason[:300],
        asked_at=at,
        granted_at=at if has_her_word or not told else None,
    )
    start_following(person, for_node, by=by, at=at)
    thing = f"access_request:{asked.uuid}"
    for node in told:
        _tell(node, asked, at)
        record(
            by.actor,
            "open_elsewhere",
            at=at,
            place=node.uuid,
            person=person.uuid,
            thing=thing,
        )
    # Her words and ours stay in the request, which is erased with her: the trail cannot be.
    note(by, "open_elsewhere", person, at=at, node=for_node, thing=thing)
    return asked


def _tell(node: Organisation, asked: AccessRequest, at: datetime) -> None:
    """The line on the other site's list of messages; it names her by her code alone."""
    with words.written_for():
        if asked.has_her_word:
            why = gettext("Elle y est venue et elle est d’accord.")
        else:
            why = gettext("La raison écrite : « %(reason)s »") % {"reason": asked.reason}
        body = gettext(
            "Le dossier %(code)s, que vous suivez, a été ouvert par %(site)s le %(day)s à %(hour)s. %(why)s"
        ) % {
            "code": shown_code(asked.person.code),
            "site": asked.for_node.name,
            "day": words.day(at),
            "hour": words.hour(timezone.localtime(at)),
            "why": why,
        }
        team = gettext("L’équipe de %(site)s") % {"site": node.name}
    queue_paper(
        to=team,
        body=body,
        key=f"access:{asked.uuid}:{node.uuid}",
        about=f"person:{asked.person.uuid}",
        place=str(node.uuid),
        at=at,
    )


@transaction.atomic
def grant_access(asked: AccessRequest, *, by: User, at: datetime | None = None) -> None:
    """The other site read the reason and finds it right."""
    at = at or timezone.now()
    if not AccessRequest.objects.filter(pk=asked.pk, granted_at=None, refused_at=None).update(granted_at=at):
        raise Conflict(gettext("Cette demande a déjà reçu une réponse."))
    asked.granted_at = at
    note(by, "grant_access", asked.person, at=at, thing=f"access_request:{asked.uuid}")


@transaction.atomic
def refuse_access(asked: AccessRequest, *, by: User, at: datetime | None = None) -> None:
    """The other site objects to the reason: the file closes again for who asked. Her own word cannot be refused."""
    at = at or timezone.now()
    if asked.has_her_word:
        raise BusinessError(
            gettext("Elle a donné sa parole : l’autre permanence la suit, comme elle l’a voulu.")
        )
    if not AccessRequest.objects.filter(pk=asked.pk, granted_at=None, refused_at=None).update(refused_at=at):
        raise Conflict(gettext("Cette demande a déjà reçu une réponse."))
    asked.refused_at = at
    opened = Following.objects.filter(
        person=asked.person, node=asked.for_node, ended_at=None, started_at__gte=asked.asked_at
    )
    for following in opened:
        end_following(following, by=by, at=at)
    note(by, "refuse_access", asked.person, at=at, thing=f"access_request:{asked.uuid}")


@transaction.atomic
def hand_over_followings(user: User, handed_to: User | None, *, by: Actor, at: datetime) -> int:
    """Persons whom ``user`` knew best are entrusted to her colleague, or to nobody in particular. Returns how many."""
    followings = list(
        Following.objects.current(at)
        .select_for_update(of=("self",))
        .filter(adviser=user)
        .select_related("person", "node")
        .order_by("pk")
    )
    Following.objects.filter(pk__in=[following.pk for following in followings]).update(adviser=handed_to)
    for following in followings:
        record(
            actor_of(by),
            "change_adviser",
            at=at,
            place=following.node.uuid,
            person=following.person.uuid,
            fields=["adviser"],
        )
    return len(followings)
