"""What is held of appointments, of the queue, of sessions."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from bagage.permanences.models import AppointmentState, QueueEntry, SessionState
from bagage.trail.registry import Declaration, Processing, declare


def _to_come(rows: Any, now: datetime) -> Any:
    ahead = [AppointmentState.BOOKED, AppointmentState.ARRIVED, AppointmentState.UNDER_WAY]
    return rows.filter(state__in=ahead, ends_at__gt=now)


def _seats_to_come(rows: Any, now: datetime) -> Any:
    return rows.filter(
        state__in=["booked", "waiting"], session__state=SessionState.PLANNED, session__ends_at__gt=now
    )


def _waiting(rows: Any, now: datetime) -> Any:
    states = [QueueEntry.State.WAITING, QueueEntry.State.CALLED]
    return rows.filter(state__in=states, came_at__gt=now - timedelta(hours=12))


declare(
    Processing(
        "appointments",
        title=_("Rendez-vous, accueil, séances"),
        purpose=_("Donner un rendez-vous ou une place, savoir qui vient, qui est venu."),
        basis=_("Suite de la demande de la personne."),
        concerned=_("Les personnes accueillies, qui les reçoit."),
        recipients=("welcome", "receive", "lead_session"),
    ),
    Declaration(
        "permanences.Appointment",
        group="coming",
        dated="starts_at",
        person="person",
        pages=(
            "desk:appointment",
            "desk:appointment_move",
        ),
        processing="appointments",
        thing="appointment",
        what=_("Rendez-vous : quand, où, avec qui, venue ou non"),
        why=_("Tenir l’agenda, et compter ce qui a été fait."),
        personal=("subject", "language", "reason"),
        holds_back=_to_come,
        held_words=ngettext_lazy("%(count)s rendez-vous à venir", "%(count)s rendez-vous à venir", "count"),
        export={
            "site": _("Permanence"),
            "starts_at": _("Quand"),
            "adviser": _("Avec"),
            "state": _("État"),
            "subject": _("Sujet"),
            "language": _("Langue"),
            "reason": _("Raison"),
        },
    ),
    Declaration(
        "permanences.QueueEntry",
        group="coming",
        person="person",
        processing="appointments",
        what=_("Venues sans rendez-vous"),
        why=_("Savoir qui attend, et dans quel ordre."),
        personal=("first_name", "topic"),
        strays="came_at",
        contact="came_at",
        holds_back=_waiting,
        held_words=ngettext_lazy("la personne attend à l’accueil", "la personne attend à l’accueil", "count"),
        export={
            "site": _("Permanence"),
            "first_name": _("Prénom"),
            "topic": _("Pour quoi"),
            "came_at": _("Venue le"),
            "state": _("État"),
        },
    ),
    Declaration(
        "permanences.SessionBooking",
        group="appointments",
        person="person",
        processing="appointments",
        thing="seat",
        what=_("Places dans des séances : inscription, présence, absence"),
        why=_("Garder une place, savoir qui est venu."),
        personal=("first_name", "reason"),
        strays="booked_at",
        contact="booked_at",
        holds_back=_seats_to_come,
        held_words=ngettext_lazy(
            "%(count)s place dans une séance à venir", "%(count)s places dans des séances à venir", "count"
        ),
        export={
            "session": _("Séance"),
            "state": _("État"),
            "reason": _("Raison"),
            "booked_at": _("Inscrite le"),
        },
    ),
    Declaration(
        "permanences.NamelessHelp",
        processing="appointments",
        what=_("Les aides sans nom : sujet, minutes, jour"),
        why=_("Compter sans rien savoir de la personne."),
    ),
    Declaration(
        "permanences.Session",
        processing="appointments",
        what=_("Les séances : sujet, salle, heure, qui les mène"),
        plain=("topic", "language", "reason"),
    ),
    Declaration("permanences.Session_items", processing="appointments", what=_("Ce qu’une séance apprend")),
    Declaration(
        "permanences.Site",
        processing="house",
        what=_("Les permanences : adresse, horaires, téléphone publics"),
        plain=(
            "address",
            "postcode",
            "city",
            "commune_code",
            "way_there",
            "phone",
            "hours",
            "languages",
        ),
    ),
    Declaration("permanences.Room", processing="house", what=_("Les salles"), plain=("name",)),
    Declaration("permanences.Closure", processing="house", what=_("Les jours fermés"), plain=("reason",)),
    Declaration("permanences.OpeningBlock", processing="house", what=_("Les heures ouvertes de chacun")),
)
