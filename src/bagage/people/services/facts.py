"""Ways to reach her, her situation, and what she agreed to: dated facts, never edited."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User, name_of
from bagage.common.errors import BusinessError
from bagage.people.events import agreement_recorded
from bagage.people.models import Agreement, Answer, ContactWay, Obstacle, Person, SituationFact
from bagage.people.services._common import locked, note
from bagage.trail.domain.actor import Actor


@transaction.atomic
def add_contact_way(
    person: Person,
    *,
    kind: str,
    phone: str = "",
    is_shared: bool = False,
    through: str = "",
    by: User | Actor,
    at: datetime | None = None,
    keep: bool = False,
) -> ContactWay:
    """A way to reach her; the one before of the same kind ends, unless ``keep``. ``phone`` is in international form.

    The same way again changes nothing.
    """
    at = at or timezone.now()
    if kind not in ContactWay.Kind.values:
        raise BusinessError(gettext("Choisissez comment la joindre."), field="kind")
    if kind in (ContactWay.Kind.SMS, ContactWay.Kind.CALL) and not phone:
        raise BusinessError(
            gettext("Il manque le numéro. Sans téléphone, choisissez « papier » : un coupon suffit."),
            field="phone",
        )
    current = ContactWay.objects.filter(person=person, kind=kind, ended_at=None)
    if same := current.filter(phone=phone, is_shared=is_shared, through=through).first():
        return same
    # The same number again, now shared or not: one way, not two.
    (current.filter(phone=phone) if keep else current).update(ended_at=at)
    way = ContactWay.objects.create(
        person=person, kind=kind, phone=phone, is_shared=is_shared, through=through, started_at=at
    )
    note(by, "add_contact_way", person, at=at, thing=f"contact_way:{way.uuid}", fields=["contact_ways"])
    return way


@transaction.atomic
def end_contact_way(way: ContactWay, *, by: User | Actor, at: datetime | None = None) -> None:
    """This way does not reach her any more; it stays in her history."""
    at = at or timezone.now()
    if not ContactWay.objects.filter(pk=way.pk, ended_at=None).update(ended_at=at):
        return
    way.ended_at = at
    note(by, "end_contact_way", way.person, at=at, thing=f"contact_way:{way.uuid}", fields=["contact_ways"])


@transaction.atomic
def record_situation(
    person: Person,
    obstacle: str,
    answer: str,
    *,
    said_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
    written_by: str = "",
) -> SituationFact | None:
    """What she said of one obstacle on that day, as :func:`record_situations`; ``None`` when nothing was added."""
    added = record_situations(
        person, {obstacle: answer}, said_on=said_on, source=source, by=by, at=at, written_by=written_by
    )
    return added[0] if added else None


@transaction.atomic
def record_situations(
    person: Person,
    answers: Mapping[str, str],
    *,
    said_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
    written_by: str = "",
) -> list[SituationFact]:
    """What she said of several obstacles on that day; two queries and one row of the trail, however many.

    Where the newest fact already says so, from the same source and of the same day, none is added.
    """
    at = at or timezone.now()
    for obstacle, answer in answers.items():
        if obstacle not in Obstacle.values or answer not in Answer.values:
            raise BusinessError(gettext("Cette réponse n’est pas prévue."), field=obstacle)
    newest: dict[str, SituationFact] = {}
    for known in SituationFact.objects.filter(person=person, obstacle__in=list(answers)).order_by(
        "written_at", "pk"
    ):
        newest[known.obstacle] = known
    added = []
    for obstacle, answer in answers.items():
        before = newest.get(obstacle)
        if before is not None and (before.answer, before.source, before.said_on) == (answer, source, said_on):
            continue
        added.append(
            SituationFact(
                person=person,
                obstacle=obstacle,
                answer=answer,
                said_on=said_on,
                source=source,
                written_by=written_by or name_of(by),
                written_at=at,
            )
        )
    SituationFact.objects.bulk_create(added)
    if added:
        note(by, "record_situation", person, at=at, thing=source, fields=[fact.obstacle for fact in added])
    return added


@transaction.atomic
def record_agreement(
    person: Person,
    kind: str,
    answer: str,
    *,
    with_whom: str = "",
    about: str = "",
    how: str = "spoken",
    by: User | Actor,
    at: datetime | None = None,
    until: date | None = None,
    written_by: str = "",
) -> Agreement:
    """What she was told, agreed to, refused or took back. Refusing never closes a service.

    ``until`` is the last day on which she agrees. The same said again on the same day is said once.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    if kind not in Agreement.Kind.values or answer not in Agreement.Answer.values:
        raise BusinessError(gettext("Cette réponse n’est pas prévue."), field="answer")
    if how not in {"spoken", "signed"}:
        raise BusinessError(gettext("Choisissez : dit, ou signé."), field="how")
    if until is not None and answer != Agreement.Answer.AGREED:
        raise BusinessError(
            gettext("Un dernier jour ne va qu’avec un accord. Pour un refus, laissez vide."), field="until"
        )
    if until is not None and until < today:
        raise BusinessError(
            gettext("Ce jour est passé : l’accord n’ouvrirait rien. Laissez vide s’il n’a pas de fin."),
            field="until",
        )
    locked(person)
    # The newest word that speaks of this: one of all she is asked about speaks of each, and each of all.
    spoken = Agreement.objects.filter(person=person, kind=kind, with_whom=with_whom)
    if about:
        spoken = spoken.filter(about__in=["", about])
    before = spoken.order_by("-said_at", "-pk").first()
    if (
        before is not None
        and (before.about, before.answer, before.how, before.until) == (about, answer, how, until)
        and timezone.localdate(before.said_at) == today
    ):
        return before
    agreement = Agreement.objects.create(
        person=person,
        kind=kind,
        answer=answer,
        with_whom=with_whom,
        about=about,
        how=how,
        said_at=at,
        until=until,
        written_by=written_by or name_of(by),
    )
    note(by, "record_agreement", person, at=at, thing=f"agreement:{agreement.uuid}", fields=[kind, answer])
    agreement_recorded.send(sender=Agreement, agreement=agreement, by=by, at=at)
    return agreement
