"""Who she is in one line, how she is reached, what was written of her before she came, what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.common.words import day, hour, joined, local_date, quoted
from bagage.journeys.permissions import FileView
from bagage.people.domain.fields import Field
from bagage.people.models import Answer, ContactWay, Person, SituationFact
from bagage.permanences.models import Appointment, AppointmentState
from bagage.referrals.models import Referral, ReferralState


# ---------- who she is, in one line ----------
def age_on(person: Person, today: date) -> str:
    """Like "37 ans", "environ 37 ans"; ``""`` when nothing is known."""
    if person.birth_date:
        born = person.birth_date
        years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        return _("%(years)s ans") % {"years": years}
    if person.birth_year:
        years = today.year - person.birth_year
        text = _("environ %(years)s ans") if person.is_birth_year_about else _("%(years)s ans")
        return text % {"years": years}
    return ""


def line_about(person: Person, situation: dict[str, SituationFact], *, view: FileView, today: date) -> str:
    """One line: age, languages, reading, where, each if it is shown. What is not known is left for "à demander"."""
    parts = [age_on(person, today) if view.shows(Field.BIRTH) else ""]
    if person.languages and view.shows(Field.LANGUAGES):
        spoken = joined([one.strip() for one in person.languages.replace(";", ",").split(",") if one.strip()])
        parts.append(_("parle %(languages)s") % {"languages": spoken})
    reading = situation.get("reading")
    if reading and view.shows(Field.OBSTACLES):
        words = {
            Answer.YES: _("lit le français"),
            Answer.PARTLY: _("lit un peu"),
            Answer.NO: _("ne lit pas le français"),
        }
        parts.append(words.get(reading.answer, ""))  # type: ignore[call-overload]
    where = person.where if view.shows(Field.WHERE) else ""
    first = ", ".join(part for part in parts if part)
    return " ".join(f"{part[0].upper()}{part[1:].rstrip('.')}." for part in (first, where) if part)


def way_to_reach(person: Person, ways: Iterable[ContactWay], *, view: FileView) -> str:
    """One sentence that says how she can be reached, never the number: it stands on the page of her identity."""
    if not view.shows(Field.REACH):
        return ""
    if person.grammar == Person.Grammar.SHE:
        start, shared = _("On la joint"), _("son téléphone est partagé")
    elif person.grammar == Person.Grammar.HE:
        start, shared = _("On le joint"), _("son téléphone est partagé")
    else:
        start, shared = _("On joint %(name)s") % {"name": person.chosen_name}, _("le téléphone est partagé")
    way = next(iter(ways), None)
    if way is None:
        return _("On ne sait pas encore comment joindre %(name)s.") % {"name": person.chosen_name}
    if way.kind == ContactWay.Kind.SMS:
        if way.is_shared:
            return _("%(start)s par SMS discret : %(shared)s.") % {"start": start, "shared": shared}
        return _("%(start)s par SMS.") % {"start": start}
    if way.kind == ContactWay.Kind.CALL:
        if way.is_shared:
            return _("%(start)s par un appel discret : %(shared)s.") % {"start": start, "shared": shared}
        return _("%(start)s par téléphone.") % {"start": start}
    if way.kind == ContactWay.Kind.REFERRER:
        if way.through:
            return _("%(start)s par %(through)s.") % {"start": start, "through": way.through}
        return _("%(start)s par qui l’oriente.") % {"start": start}
    return _("%(start)s en personne seulement : un papier avec un code suffit.") % {"start": start}


@prepared
def contact_ways_of(files: Iterable[int]) -> QuerySet[ContactWay]:
    """The ways that hold, the newest first."""
    return ContactWay.objects.filter(person_id__in=files, ended_at=None).order_by("-started_at", "-pk")


@prepared
def _facts_of(files: Iterable[int]) -> QuerySet[SituationFact]:
    return SituationFact.objects.filter(person_id__in=files).order_by("said_on", "written_at", "pk")


@prepared
def _newest_referral(files: Iterable[int]) -> QuerySet[Referral]:
    found = Referral.objects.filter(person_id__in=files).exclude(state=ReferralState.WITHDRAWN)
    return found.select_related("organisation").order_by("-sent_at", "-pk")[:1]


@together
def situation_of(files: list[int]) -> Asking[dict[str, SituationFact]]:
    """The newest fact about each obstacle."""
    return {fact.obstacle: fact for fact in (yield from _facts_of.asking(files))}


@together
def referral_of(files: list[int]) -> Asking[Referral | None]:
    """The newest referral behind her file."""
    return next(iter((yield from _newest_referral.asking(files))), None)


@dataclass(frozen=True, slots=True)
class Given:
    """One thing the referrer wrote."""

    icon: str
    text: str


def given_by(referral: Referral) -> list[Given]:
    """What was written before she came, so that it is not asked again."""
    needs = [
        word
        for asked, word in (
            (referral.needs_device, _("un appareil")),
            (referral.needs_connection, _("une connexion")),
            (referral.needs_skills, _("apprendre")),
        )
        if asked
    ]
    ways = {
        ContactWay.Kind.SMS.value: _("SMS discrets : téléphone partagé")
        if referral.is_phone_shared
        else _("SMS"),
        ContactWay.Kind.CALL.value: _("Appels discrets : téléphone partagé")
        if referral.is_phone_shared
        else _("Appels"),
        ContactWay.Kind.REFERRER.value: _("Se joint par qui oriente"),
        ContactWay.Kind.PAPER.value: _("Papier seulement, pas de téléphone"),
    }
    given = [
        Given("smartphone", _("Demande %(needs)s") % {"needs": joined(needs)}),
        Given("message-square", ways.get(referral.reach, "")),
        Given("map-pin", referral.where),
        Given("languages", referral.languages[:1].upper() + referral.languages[1:]),
        Given("quote", quoted(referral.words) if referral.words else ""),
    ]
    return [one for one in given if one.text]


# ---------- what comes next ----------
def next_appointment(
    appointments: Iterable[Appointment], *, view: FileView, now: datetime
) -> Appointment | None:
    """The one under way or coming; for who sees her only for a while, today's only."""
    live = (AppointmentState.BOOKED, AppointmentState.ARRIVED, AppointmentState.UNDER_WAY)
    coming = [
        one
        for one in appointments
        if one.state in live
        and (local_date(one.starts_at) >= local_date(now))
        and (one.state != AppointmentState.BOOKED or one.ends_at > now)
        and (view.shows(Field.APPOINTMENTS) or local_date(one.starts_at) == local_date(now))
    ]
    return min(coming, key=lambda one: (one.starts_at, one.pk), default=None)


def appointment_when(appointment: Appointment) -> str:
    """Like "Jeudi 26 novembre, 14 h"."""
    return moment_words(appointment.starts_at)


def moment_words(at: datetime) -> str:
    """Like "Jeudi 26 novembre, 14 h"."""
    text = f"{day(at)}, {hour(timezone.localtime(at))}"
    return text[:1].upper() + text[1:]
