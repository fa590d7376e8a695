"""What a column of a table of places can become, in the words of a screen."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bagage.directory.domain.standards import table
from bagage.imports.kinds import Field, Words

LABELS: dict[str, Words] = {
    "id": _("Identifiant du lieu"),
    "name": _("Nom du lieu"),
    "kind": _("Genre de lieu"),
    "parent": _("Qui le gère"),
    "pivot": _("SIRET ou RNA"),
    "street_number": _("Numéro dans la rue"),
    "address": _("Adresse du lieu"),
    "address_more": _("Complément d’adresse"),
    "postcode": _("Code postal"),
    "city": _("Commune du lieu"),
    "commune_code": _("Code INSEE"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "point": _("Latitude et longitude ensemble"),
    "x": _("X (Lambert 93)"),
    "y": _("Y (Lambert 93)"),
    "phone": _("Téléphone du lieu"),
    "phone_more": _("Autre téléphone du lieu"),
    "email": _("Courriel du lieu"),
    "website": _("Site du lieu"),
    "booking": _("Page de rendez-vous"),
    "hours": _("Horaires"),
    "presentation": _("Présentation courte"),
    "description": _("Présentation longue"),
    "services": _("Ce qu’on y propose"),
    "equipment": _("Matériel mis à disposition"),
    "cost": _("Prix"),
    "publics": _("Publics accueillis"),
    "modes": _("Façons d’aider"),
    "access": _("Façons de venir"),
    "labels": _("Labels et réseaux"),
    "date": _("Date de mise à jour"),
    "is_mobile": _("Itinérant, oui ou non"),
    "is_shown": _("Ouvert, oui ou non"),
    "accessibility": _("Accès avec un handicap"),
    "gives_computer": _("Ordinateur sur place, oui ou non"),
    "gives_wifi": _("Internet sur place, oui ou non"),
    "gives_device": _("Matériel à emporter, oui ou non"),
    "gives_basics": _("Initiation, oui ou non"),
    "gives_procedures": _("Aide aux démarches, oui ou non"),
    "gives_other_procedures": _("Aide à d’autres démarches, oui ou non"),
    "gives_home": _("À domicile, oui ou non"),
    "mode_alone": _("En libre accès, oui ou non"),
    "mode_individual": _("Aide individuelle, oui ou non"),
    "mode_workshop": _("En atelier, oui ou non"),
    "mode_booked": _("Sur rendez-vous, oui ou non"),
    "public_everyone": _("Tout public, oui ou non"),
    "public_young": _("Jeunes, oui ou non"),
    "public_seniors": _("Personnes âgées, oui ou non"),
}

FIELDS = tuple(Field(each.name, LABELS[each.name], each.headings, each.looks) for each in table.FIELDS)
