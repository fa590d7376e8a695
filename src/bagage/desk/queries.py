"""What a person's file shows beside the panels of each activity: her line, the way to reach her, what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.common.words import before_colon, day, day_short, hour, joined, local_date, quoted
from bagage.connection.line_words import event_words
from bagage.connection.models import Advice, LineEvent
from bagage.journeys.domain.baggage import WORDS
from bagage.journeys.models import Evidence, Interview, RequestStep
from bagage.journeys.permissions import FileView
from bagage.journeys.queries import RequestRow, headings
from bagage.people.models import Agreement, Answer, ContactWay, Person, SituationFact
from bagage.permanences.models import Appointment, AppointmentState, QueueEntry
from bagage.referrals.models import Referral, ReferralState

SHORT_TIMELINE = 7


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
    """One line: age, languages, reading (for who may read it), where. What is not known is left for "à demander"."""
    if not view.in_scope:
        return ""
    parts = [age_on(person, today)]
    if person.languages:
        spoken = joined([one.strip() for one in person.languages.replace(";", ",").split(",") if one.strip()])
        parts.append(_("parle %(languages)s") % {"languages": spoken})
    reading = situation.get("reading")
    if reading and view.diagnosis:
        words = {
            Answer.YES: _("lit le français"),
            Answer.PARTLY: _("lit un peu"),
            Answer.NO: _("ne lit pas le français"),
        }
        parts.append(words.get(reading.answer, ""))  # type: ignore[call-overload]
    first = ", ".join(part for part in parts if part)
    return " ".join(f"{part[0].upper()}{part[1:].rstrip('.')}." for part in (first, person.where) if part)


def way_to_reach(person: Person, ways: Iterable[ContactWay], *, view: FileView) -> str:
    """One sentence that says how she can be reached, never the number: it stands on the page of her identity."""
    if not view.in_scope:
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


def contact_ways_of(files: list[int]) -> list[ContactWay]:
    """The ways that hold, the newest first."""
    found = ContactWay.objects.filter(person_id__in=files, ended_at=None)
    return list(found.order_by("-started_at", "-pk"))


def situation_of(files: list[int]) -> dict[str, SituationFact]:
    """The newest fact about each obstacle."""
    found = SituationFact.objects.filter(person_id__in=files).order_by("said_on", "written_at", "pk")
    return {fact.obstacle: fact for fact in found}


def referral_of(files: list[int]) -> Referral | None:
    """The newest referral behind her file."""
    found = Referral.objects.filter(person_id__in=files).exclude(state=ReferralState.WITHDRAWN)
    return found.select_related("organisation").order_by("-sent_at", "-pk").first()


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
        and (view.in_scope or local_date(one.starts_at) == local_date(now))
    ]
    return min(coming, key=lambda one: (one.starts_at, one.pk), default=None)


# ---------- what happened ----------
@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what happened: ``strong`` first, then the text, then who."""

    at: datetime
    when: str
    icon: str
    text: str
    strong: str = ""
    who: str = ""
    is_now: bool = False


def timeline(
    person: Person,
    files: list[int],
    *,
    view: FileView,
    appointments: Iterable[Appointment],
    interviews: Iterable[Interview],
    requests: Iterable[RequestRow],
    referral: Referral | None,
    now: datetime,
) -> list[Happening]:
    """What happened, the newest first, as far as this reader may know; seven queries beside what is given.

    Reception reads that an interview took place, never what was answered.
    """
    if not view.in_scope:
        return []
    rows = [
        *_appointment_rows(person, appointments, now),
        *_interview_rows(interviews, now),
        *_request_rows(person, files, requests, now),
        *_referral_rows(referral, now),
        *_passage_rows(files, now),
        *_agreement_rows(files, now),
        *_line_rows(files, now),
    ]
    if view.diagnosis:
        rows += _evidence_rows(files, now)
        rows += _advice_rows(files, now)
    rows.append(
        Happening(person.created_at, _when(person.created_at, now), "folder-open", _("Dossier ouvert."))
    )
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _when(at: datetime, now: datetime, *, with_hour: bool = False) -> str:
    if local_date(at) == local_date(now):
        return _("Aujourd’hui, %(hour)s") % {"hour": hour(at, full=True)} if with_hour else _("Aujourd’hui")
    return day_short(at, year=local_date(at).year != local_date(now).year)


def _moment(on: date, written_at: datetime) -> datetime:
    """When something known by its day took place: the moment of its writing if that was on the day, else noon."""
    if local_date(written_at) == on:
        return written_at
    return timezone.make_aware(datetime.combine(on, time(12)))


def _appointment_rows(person: Person, appointments: Iterable[Appointment], now: datetime) -> list[Happening]:
    came, missed = {
        "she": (_("Venue au rendez-vous"), _("N’est pas venue")),
        "he": (_("Venu au rendez-vous"), _("N’est pas venu")),
    }.get(person.grammar, (_("Rendez-vous tenu"), _("Rendez-vous manqué")))
    words = {
        AppointmentState.ARRIVED.value: ("calendar-check", _("Est là, attend son rendez-vous")),
        AppointmentState.UNDER_WAY.value: ("message-square", _("En rendez-vous")),
        AppointmentState.DONE.value: ("calendar-check", came),
        AppointmentState.NO_SHOW.value: ("calendar-x", missed),
        AppointmentState.EXCUSED.value: ("calendar-off", _("Rendez-vous excusé")),
        AppointmentState.CANCELLED.value: ("calendar-off", _("Rendez-vous annulé")),
        AppointmentState.MOVED.value: ("calendar-clock", _("Rendez-vous déplacé")),
    }
    rows = []
    for one in appointments:
        if one.state not in words:
            continue
        icon, text = words[one.state]
        moved_before = one.state in {
            AppointmentState.MOVED,
            AppointmentState.CANCELLED,
            AppointmentState.EXCUSED,
        }
        at = one.changed_at if moved_before else one.starts_at
        about = f"{before_colon(one.subject)} {text[:1].lower()}{text[1:]}." if one.subject else f"{text}."
        is_now = one.state in {AppointmentState.ARRIVED, AppointmentState.UNDER_WAY}
        rows.append(
            Happening(
                at,
                _when(at, now, with_hour=not moved_before),
                icon,
                about,
                who=one.adviser.first_name,
                is_now=is_now and local_date(one.starts_at) == local_date(now),
            )
        )
    return rows


def _interview_rows(interviews: Iterable[Interview], now: datetime) -> list[Happening]:
    rows = []
    for one in interviews:
        who = one.led_by.first_name if one.led_by else ""
        if one.finished_at is None:
            rows.append(
                Happening(
                    one.started_at,
                    _when(one.started_at, now),
                    "clipboard-list",
                    _("Entretien commencé, pas fini."),
                    who=who,
                )
            )
        elif one.on_paper:
            text = _("Entretien d’accueil sur papier, saisi le %(day)s.") % {
                "day": day_short(one.finished_at)
            }
            at = _moment(one.held_on, one.finished_at)
            rows.append(Happening(at, _when(at, now), "clipboard-check", text, who=who))
        else:
            at = one.finished_at
            rows.append(
                Happening(at, _when(at, now), "clipboard-check", _("Entretien d’accueil fini."), who=who)
            )
    return rows


def _request_rows(
    person: Person, files: list[int], requests: Iterable[RequestRow], now: datetime
) -> list[Happening]:
    words = headings(person)
    rows = []
    for row in requests:
        at = _moment(row.request.said_on, row.request.written_at)
        rows.append(
            Happening(
                at,
                _when(at, now),
                "quote",
                _("Demande : « %(words)s »") % {"words": row.request.words},
                who=row.request.written_by,
            )
        )
    said = {"under_way": _("En cours"), "met": words["met"], "dropped": words["dropped"], "open": _("Repris")}
    steps = RequestStep.objects.filter(request__journey__person_id__in=files).select_related("request")
    for step in steps:
        at = _moment(step.on, step.written_at)
        rows.append(
            Happening(
                at,
                _when(at, now),
                "pointer",
                quoted(step.request.words),
                strong=before_colon(said[step.state]),
                who=step.written_by,
            )
        )
    return rows


def _referral_rows(referral: Referral | None, now: datetime) -> list[Happening]:
    if referral is None:
        return []
    by = ", ".join(
        part for part in (referral.referrer_name, referral.referrer_title, referral.organisation.name) if part
    )
    rows = [
        Happening(
            referral.sent_at,
            _when(referral.sent_at, now),
            "send",
            _("Orientation écrite par %(name)s.") % {"name": by},
        )
    ]
    for step in referral.steps.all():
        if step.state in {ReferralState.RECEIVED, ReferralState.LEFT_WITH, ReferralState.DECLINED}:
            # "Repartie avec" goes on with what she left with; the others are sentences of their own.
            joint = " " if step.state == ReferralState.LEFT_WITH else ". "
            said = [str(ReferralState(step.state).label), step.words.rstrip(".")]
            text = joint.join(filter(None, said)) + "."
            rows.append(
                Happening(
                    step.at,
                    _when(step.at, now),
                    "send",
                    _("Orientation : %(state)s") % {"state": text.lower()},
                )
            )
    return rows


def _passage_rows(files: list[int], now: datetime) -> list[Happening]:
    entries = QueueEntry.objects.filter(person_id__in=files).select_related("helper")
    return [
        Happening(
            one.came_at,
            _when(one.came_at, now, with_hour=True),
            "footprints",
            _("Passage sans rendez-vous, %(topic)s.") % {"topic": one.topic}
            if one.topic
            else _("Passage sans rendez-vous."),
            who=one.helper.first_name if one.helper else "",
        )
        for one in entries
    ]


def _agreement_rows(files: list[int], now: datetime) -> list[Happening]:
    rows = []
    for one in Agreement.objects.filter(person_id__in=files):
        text = {
            Agreement.Answer.AGREED.value: str(one.get_kind_display()),
            Agreement.Answer.REFUSED.value: _("Refus : %(what)s") % {"what": one.get_kind_display()},
            Agreement.Answer.WITHDRAWN.value: _("A changé d’avis : %(what)s")
            % {"what": one.get_kind_display()},
        }[one.answer]
        shown = f"{text[:1].upper()}{text[1:]}{', ' + one.with_whom if one.with_whom else ''}."
        # Who wrote it is said once, when it is also with whom she agrees.
        who = "" if one.with_whom.startswith(one.written_by) else one.written_by
        rows.append(Happening(one.said_at, _when(one.said_at, now), "file-check", shown, who=who))
    return rows


def _line_rows(files: list[int], now: datetime) -> list[Happening]:
    """What happened to her lines, but for what was taken back."""
    events = (
        LineEvent.objects.filter(line__person_id__in=files, corrected_by=None)
        .exclude(kind=LineEvent.Kind.CORRECTED)
        .select_related("offer")
    )
    rows = []
    for one in events:
        at = _moment(one.on, one.written_at)
        icon = "wifi" if one.kind in {LineEvent.Kind.LAPSED, LineEvent.Kind.LOST} else "card-sim"
        rows.append(Happening(at, _when(at, now), icon, event_words(one), who=one.written_by))
    return rows


def _advice_rows(files: list[int], now: datetime) -> list[Happening]:
    found = Advice.objects.filter(person_id__in=files).values_list("kept_at", "written_by")
    text = _("Conseil de connexion gardé.")
    return [Happening(at, _when(at, now), "wifi", text, who=by) for at, by in found]


def _evidence_rows(files: list[int], now: datetime) -> list[Happening]:
    """Facts about devices and lines that no interview asked for, and no act on a line told: a loss, a new charger."""
    rows = []
    facts = Evidence.objects.filter(person_id__in=files)
    for fact in facts.exclude(source__startswith="interview:").exclude(source__startswith="line:"):
        words = WORDS.get((fact.item, fact.answer))
        if words is None:
            continue
        at = _moment(fact.observed_on, fact.written_at)
        icon = "smartphone" if fact.item.startswith("E") else "wifi"
        rows.append(Happening(at, _when(at, now), icon, _(words), who=fact.written_by))
    return rows


def appointment_when(appointment: Appointment) -> str:
    """Like "Jeudi 26 novembre, 14 h"."""
    text = f"{day(appointment.starts_at)}, {hour(timezone.localtime(appointment.starts_at))}"
    return text[:1].upper() + text[1:]
