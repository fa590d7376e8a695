"""What happened to a person, in order, as far as the reader may know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.common.happenings import Happened
from bagage.common.prepared import Prepared, prepared
from bagage.common.together import Asking, beside, nothing, together
from bagage.common.words import before_colon, day_short, hour, local_date, quoted
from bagage.connection.line_words import event_words
from bagage.connection.models import Advice, LineEvent
from bagage.imports.queries import brought_in
from bagage.journeys.domain.baggage import WORDS
from bagage.journeys.models import Evidence, Interview, RequestStep
from bagage.journeys.permissions import FileView
from bagage.journeys.queries import RequestRow, headings
from bagage.people.domain.fields import Field
from bagage.people.models import Agreement, Person
from bagage.permanences.models import Appointment, AppointmentState, QueueEntry
from bagage.referrals.models import Referral, ReferralState
from bagage.shop.models import SaleLine

SHORT_TIMELINE = 7


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
    url: str = ""


@together
def timeline(
    person: Person,
    files: list[int],
    *,
    view: FileView,
    appointments: Iterable[Appointment],
    interviews: Iterable[Interview],
    requests: Iterable[RequestRow],
    referral: Referral | None,
    told: Asking[list[Happened]],
    now: datetime,
) -> Asking[list[Happening]]:
    """What happened, the newest first, as far as this reader may know; eight queries beside what is given.

    ``told`` asks, beside what is asked here, what the activities with a panel of their own tell: see
    :mod:`bagage.desk.queries.activities`.

    Reception reads that an interview took place, never what was answered.
    """
    if not view.shows(Field.STEPS):
        return []
    asked: dict[Field, Prepared[[Iterable[int]], Any]] = {
        Field.APPOINTMENTS: _passages,
        Field.REQUESTS: _request_steps,
        Field.AGREEMENTS: _agreements,
        Field.LINES: _line_events,
        Field.EVIDENCE: _evidence,
        Field.ADVICE: _advices,
    }
    happened, *found = yield from beside(
        [told, *(one.asking(files) if view.shows(field) else nothing() for field, one in asked.items())]
    )
    known: dict[Field, Any] = dict(zip(asked, found, strict=True))
    rows = [
        *_interview_rows(interviews, now),
        *_referral_rows(referral, now),
        *(
            Happening(one.at, _when(one.at, now), one.icon, one.text, one.strong, one.who, url=one.url)
            for one in happened
        ),
        *_passage_rows(known[Field.APPOINTMENTS], now),
        *_agreement_rows(known[Field.AGREEMENTS], now),
        *_line_rows(known[Field.LINES], now),
        *_evidence_rows(known[Field.EVIDENCE], now),
        *_advice_rows(known[Field.ADVICE], now),
    ]
    if view.shows(Field.APPOINTMENTS):
        rows += _appointment_rows(person, appointments, now)
    if view.shows(Field.REQUESTS):
        rows += _request_rows(person, requests, known[Field.REQUESTS], now)
    for one in brought_in([person.uuid]):
        rows.append(Happening(one.at, _when(one.at, now), "file-spreadsheet", one.words, who=one.by))
    rows.append(
        Happening(person.created_at, _when(person.created_at, now), "folder-open", _("Dossier ouvert."))
    )
    return sorted(rows, key=lambda row: row.at, reverse=True)


# ---------- what is asked ----------
@prepared
def _request_steps(files: Iterable[int]) -> QuerySet[RequestStep]:
    return RequestStep.objects.filter(request__journey__person_id__in=files).select_related("request")


@prepared
def _passages(files: Iterable[int]) -> QuerySet[QueueEntry]:
    return QueueEntry.objects.filter(person_id__in=files).select_related("helper")


@prepared
def _agreements(files: Iterable[int]) -> QuerySet[Agreement]:
    return Agreement.objects.filter(person_id__in=files)


@prepared
def _line_events(files: Iterable[int]) -> QuerySet[LineEvent]:
    sold = SaleLine.objects.filter(sale__person_id__in=files, line_event__isnull=False).values("line_event")
    return (
        LineEvent.objects.filter(line__person_id__in=files, corrected_by=None)
        .exclude(kind=LineEvent.Kind.CORRECTED)
        .exclude(pk__in=sold)
        .select_related("offer")
    )


@prepared
def _advices(files: Iterable[int]) -> QuerySet[Advice, tuple[datetime, str]]:
    return Advice.objects.filter(person_id__in=files).values_list("kept_at", "written_by")


@prepared
def _evidence(files: Iterable[int]) -> QuerySet[Evidence]:
    return (
        Evidence.objects.filter(person_id__in=files)
        .exclude(source__startswith="interview:")
        .exclude(source__startswith="line:")
        .exclude(source__startswith="handover:")
    )


# ---------- in words ----------
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
    person: Person, requests: Iterable[RequestRow], steps: Iterable[RequestStep], now: datetime
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
                    _("Orientation : %(state)s") % {"state": text[:1].lower() + text[1:]},
                )
            )
    return rows


def _passage_rows(passages: Iterable[QueueEntry], now: datetime) -> list[Happening]:
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
        for one in passages
    ]


def _agreement_rows(agreements: Iterable[Agreement], now: datetime) -> list[Happening]:
    rows = []
    for one in agreements:
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


def _line_rows(events: Iterable[LineEvent], now: datetime) -> list[Happening]:
    """What happened to her lines, but for what was taken back, and for what a sale already tells."""
    rows = []
    for one in events:
        at = _moment(one.on, one.written_at)
        icon = "wifi" if one.kind in {LineEvent.Kind.LAPSED, LineEvent.Kind.LOST} else "card-sim"
        rows.append(Happening(at, _when(at, now), icon, event_words(one), who=one.written_by))
    return rows


def _advice_rows(kept: Iterable[tuple[datetime, str]], now: datetime) -> list[Happening]:
    text = _("Conseil de connexion gardé.")
    return [Happening(at, _when(at, now), "wifi", text, who=by) for at, by in kept]


def _evidence_rows(facts: Iterable[Evidence], now: datetime) -> list[Happening]:
    """Facts about devices and lines that no interview asked for, and no act on a line told: a loss, a new charger."""
    rows = []
    for fact in facts:
        words = WORDS.get((fact.item, fact.answer))
        if words is None:
            continue
        at = _moment(fact.observed_on, fact.written_at)
        icon = "smartphone" if fact.item.startswith("E") else "wifi"
        rows.append(Happening(at, _when(at, now), icon, _(words), who=fact.written_by))
    return rows
