"""What is held of her way through the programme."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bagage.journeys.models import FollowUp
from bagage.trail.registry import Declaration, Processing, declare


def _ask_no_more(rows: Any, at: datetime) -> None:
    """News of her is asked of nobody."""
    rows.filter(state=FollowUp.State.DUE).update(state=FollowUp.State.CALLED_OFF)


declare(
    Processing(
        "journeys",
        title=_("Accompagner vers un bagage numérique"),
        purpose=_("Savoir ce que la personne demande, a et sait faire ; dire si c’est encore là plus tard."),
        basis=_("Suite de la demande de la personne ; intérêt légitime pour les bilans, sans noms."),
        concerned=_("Les personnes accueillies."),
        recipients=("read_diagnosis", "interview", "close_journey"),
    ),
    Declaration(
        "journeys.Journey",
        person="person",
        processing="journeys",
        thing="journey",
        contact="opened_at",
        what=_("Parcours : ouverts, fermés"),
        why=_("Compter qui est accompagné."),
        export={"node": _("Permanence"), "opened_at": _("Ouvert le"), "closed_at": _("Fermé le")},
    ),
    Declaration(
        "journeys.Request",
        person="journey__person",
        pages=("journeys:request_sessions",),
        processing="journeys",
        thing="request",
        contact="written_at",
        what=_("Demandes, avec les mots de la personne"),
        why=_("Tout part de ce qui est demandé."),
        personal=("words",),
        export={
            "words": _("Mots de la personne"),
            "pocket": _("Pour quoi"),
            "about": _("Compétence"),
            "state": _("État"),
            "said_on": _("Dit le"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "journeys.RequestStep",
        person="request__journey__person",
        processing="journeys",
        what=_("Étapes des demandes"),
        why=_("Raconter ce qui s’est passé."),
        export={"state": _("État"), "on": _("Le"), "written_by": _("Écrit par")},
    ),
    Declaration(
        "journeys.RequestBooking",
        person="request__journey__person",
        processing="journeys",
        what=_("Séances qui répondent aux demandes"),
        why=_("Savoir quelle séance a servi."),
        export={"linked_at": _("Liée le"), "unlinked_at": _("Détachée le"), "why": _("Pourquoi")},
    ),
    Declaration(
        "journeys.Evidence",
        person="person",
        processing="journeys",
        contact="observed_on",
        what=_("Appareil et connexion, dits ou vus, avec la date"),
        why=_("Calculer le bagage."),
        personal=("note",),
        export={
            "item": _("Quoi"),
            "answer": _("Réponse"),
            "how": _("Dit ou vu"),
            "note": _("Note"),
            "observed_on": _("Le"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "journeys.Interview",
        person="person",
        processing="journeys",
        thing="interview",
        contact="held_on",
        what=_("Entretiens d’accueil"),
        why=_("Savoir par où commencer."),
        personal=("interpreter", "language", "wants"),
        export={
            "node": _("Permanence"),
            "held_on": _("Le"),
            "led_by": _("Avec"),
            "interpreter": _("Interprète"),
            "language": _("Langue"),
            "connected_today": _("De quoi se connecter ce jour-là"),
            "last_time": _("La dernière fois"),
            "wants": _("Ce qui est voulu"),
        },
    ),
    Declaration(
        "journeys.JourneyExit",
        person="journey__person",
        processing="journeys",
        thing="exit",
        contact="exited_at",
        what=_("Sorties : avec quel bagage, pourquoi"),
        why=_("Dire honnêtement avec quel bagage on part."),
        personal=("words", "bag"),
        plain=("device", "connection", "skills"),
        export={
            "kind": _("Comment"),
            "reason": _("Raison"),
            "words": _("Mots de la personne"),
            "device": _("Appareil"),
            "connection": _("Connexion"),
            "skills": _("Compétences"),
            "exited_at": _("Le"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "journeys.JourneyStep",
        person="journey__person",
        processing="journeys",
        contact="at",
        what=_("Départs et retours"),
        why=_("Raconter le parcours."),
        personal=("words",),
        export={
            "kind": _("Quoi"),
            "reason": _("Raison"),
            "words": _("Mots de la personne"),
            "at": _("Le"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "journeys.FollowUp",
        person="journey__person",
        pages=("journeys:follow_up",),
        processing="journeys",
        thing="follow_up",
        contact="answered_at",
        what=_("Les nouvelles prises après une sortie"),
        why=_("Savoir si le bagage est encore là."),
        personal=("words",),
        after=_ask_no_more,
        export={
            "months": _("Mois après"),
            "state": _("État"),
            "who": _("Qui a répondu"),
            "device": _("Appareil"),
            "connection": _("Connexion"),
            "skills": _("Compétences"),
            "words": _("Mots de la personne"),
            "answered_at": _("Le"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "journeys.FollowUpTry",
        person="follow_up__journey__person",
        processing="journeys",
        what=_("Essais pour joindre la personne"),
        why=_("Ne pas appeler sans fin."),
        personal=("words",),
        export={"at": _("Le"), "words": _("Note"), "written_by": _("Écrit par")},
    ),
)
