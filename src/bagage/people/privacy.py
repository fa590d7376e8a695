"""What is held of who she is."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from bagage.trail.registry import Declaration, Erase, Processing, declare


def _decade(person: Any) -> int | None:
    """Her age to about ten years: enough to count, not to find her."""
    return None if person.birth_year is None else person.birth_year // 10 * 10


def _is_about(person: Any) -> bool:
    return person.birth_year is not None


def _no_path(attachment: Any) -> str:
    return f"erased/{attachment.uuid.hex}"


def _remove_files(rows: Any, at: datetime) -> None:
    """The bytes go once the erasure is certain; the row says when."""
    paths = list(rows.values_list("path", flat=True))
    rows.filter(removed_at=None).update(removed_at=at)
    transaction.on_commit(lambda: _unlink(paths))


def _unlink(paths: list[str]) -> None:
    for path in paths:
        (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)


def _end(rows: Any, at: datetime) -> None:
    """Nobody follows her any more: she is in no list of work."""
    rows.filter(ended_at=None).update(ended_at=at)


def _frozen(rows: Any, now: datetime) -> Any:
    return rows.filter(lifted_at=None)


declare(
    Processing(
        "people",
        title=_("Accueillir et suivre les personnes"),
        purpose=_(
            "Reconnaître la personne qui revient, la joindre comme elle le veut, savoir ce qui lui ferme des offres, "
            "et ce qu’elle a accepté ou refusé."
        ),
        basis=_(
            "Mission d’intérêt général de l’association (intérêt légitime). Le consentement n’est demandé que pour "
            "partager avec d’autres : refuser ne ferme aucun service."
        ),
        concerned=_("Les personnes accueillies."),
        recipients=("look_up", "read_file", "read_diagnosis"),
    ),
    Declaration(
        "people.Person",
        group="name",
        groups={
            "code": "card",
            "chosen_name": "called",
            "grammar": "languages",
            "birth_year": "birth",
            "is_birth_year_about": "birth",
            "birth_date": "birth",
            "languages": "languages",
            "where": "where",
            "commune_code": "where",
            "note": "note",
            "created_at": "steps",
            "last_contact_at": "steps",
        },
        person="pk",
        pages=(
            "connection:lifting",
            "connection:line_activate",
            "desk:attachments",
            "desk:interview_entry",
            "desk:person_card",
            "desk:person_card_pdf",
            "desk:person_erase",
            "desk:person_household",
            "desk:person_merge",
            "desk:person_privacy",
            "desk:person_readings",
            "desk:person_request",
            "desk:person_same",
            "journeys:come_back",
            "referrals:onward_new",
            "shop:right_open",
        ),
        processing="people",
        thing="person",
        contact="last_contact_at",
        what=_("Identité : nom choisi, année de naissance, langues, commune"),
        why=_("Reconnaître la personne et lui parler comme il faut. Seul un nom choisi est demandé."),
        personal=(
            "code",
            "chosen_name",
            "family_name",
            "grammar",
            "is_birth_year_about",
            "birth_year",
            "birth_date",
            "languages",
            "where",
            "commune_code",
            "note",
        ),
        erase={
            "code": Erase.RENEW,
            "chosen_name": Erase.EMPTY,
            "family_name": Erase.EMPTY,
            "grammar": Erase.EMPTY,
            "languages": Erase.EMPTY,
            "where": Erase.EMPTY,
            "commune_code": Erase.EMPTY,
            "note": Erase.EMPTY,
            "birth_year": _decade,
            "is_birth_year_about": _is_about,
        },
        export={
            "code": _("Numéro de carte"),
            "chosen_name": _("Nom choisi"),
            "family_name": _("Nom de famille"),
            "grammar": _("Accord des phrases"),
            "birth_year": _("Année de naissance"),
            "is_birth_year_about": _("Année à peu près"),
            "birth_date": _("Date de naissance"),
            "languages": _("Langues"),
            "where": _("Lieu de vie"),
            "commune_code": _("Commune (code)"),
            "note": _("Note"),
            "created_at": _("Dossier ouvert le"),
            "last_contact_at": _("Dernier contact"),
        },
    ),
    Declaration(
        "people.PersonName",
        group="names",
        person="person",
        processing="people",
        what=_("Autres noms, autres écritures"),
        why=_("Retrouver le dossier quelle que soit la façon d’écrire le nom."),
        deleted=True,
        export={
            "text": _("Nom"),
            "kind": _("Sorte"),
            "added_at": _("Ajouté le"),
            "removed_at": _("Retiré le"),
        },
    ),
    Declaration(
        "people.NameKey",
        group="names",
        person="person",
        processing="people",
        what=_("Clés de recherche tirées des noms"),
        why=_("Chercher vite. Elles ne disent rien de plus que les noms."),
        deleted=True,
    ),
    Declaration(
        "people.CardCode",
        group="card",
        person="person",
        processing="people",
        what=_("Numéros de carte imprimés"),
        why=_("Ouvrir le dossier avec la carte."),
        deleted=True,
        export={"code": _("Numéro"), "issued_at": _("Donné le"), "ended_at": _("Fini le")},
    ),
    Declaration(
        "people.ContactWay",
        group="reach",
        groups={"phone": "phone"},
        person="person",
        processing="people",
        what=_("Façons de joindre la personne"),
        why=_("Prévenir d’un rendez-vous, discrètement si le téléphone est partagé."),
        personal=("phone", "through"),
        export={
            "kind": _("Comment"),
            "phone": _("Numéro"),
            "is_shared": _("Téléphone partagé"),
            "through": _("Par qui"),
            "started_at": _("Depuis"),
            "ended_at": _("Jusqu’à"),
        },
    ),
    Declaration(
        "people.SituationFact",
        group="obstacles",
        person="person",
        processing="people",
        contact="said_on",
        what=_("Ce qui peut fermer une offre : compte, adresse, mail, papiers, lecture"),
        why=_("Trouver une offre qui soit vraiment possible."),
        export={
            "obstacle": _("Quoi"),
            "answer": _("Réponse"),
            "said_on": _("Dit le"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "people.Agreement",
        group="agreements",
        person="person",
        processing="people",
        thing="agreement",
        what=_("Ce qui a été dit, accepté ou refusé"),
        why=_("Ne partager que ce que la personne veut, avec qui elle veut."),
        personal=("with_whom",),
        plain=("about",),
        export={
            "kind": _("Quoi"),
            "answer": _("Réponse"),
            "with_whom": _("Avec qui"),
            "how": _("Comment"),
            "said_at": _("Dit le"),
            "until": _("Jusqu’au"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "people.Following",
        group="followed",
        person="person",
        processing="people",
        what=_("Permanences qui suivent la personne"),
        why=_("Savoir qui peut ouvrir le dossier."),
        after=_end,
        export={
            "node": _("Permanence"),
            "adviser": _("Qui la connaît le mieux"),
            "started_at": _("Depuis"),
            "ended_at": _("Jusqu’à"),
        },
    ),
    Declaration(
        "people.Merge",
        group="names",
        person="merged",
        also=("kept",),
        processing="people",
        what=_("Deux dossiers qui ont été réunis"),
        why=_("Pouvoir les séparer sans rien perdre."),
        personal=("reasons",),
        export={"reasons": _("Raisons"), "merged_at": _("Réunis le"), "separated_at": _("Séparés le")},
    ),
    Declaration(
        "people.NotTheSame",
        group="names",
        person="one",
        also=("other",),
        processing="people",
        what=_("Deux dossiers dont quelqu’un a dit que ce sont deux personnes"),
        why=_("Ne plus proposer de les réunir."),
    ),
    Declaration(
        "people.AlikePair",
        group="names",
        person="one",
        also=("other",),
        processing="people",
        what=_("Deux dossiers qui se ressemblent"),
        why=_("Les comparer, pour qu’une personne n’ait pas deux dossiers."),
        deleted=True,
    ),
    Declaration(
        "people.AlikeSearch",
        processing="people",
        what=_("Jusqu’où les dossiers ont été comparés entre eux"),
    ),
    Declaration(
        "people.Household",
        processing="people",
        what=_("Les foyers : rien d’autre que le fait que des personnes vivent ensemble"),
    ),
    Declaration(
        "people.HouseholdMember",
        group="household",
        person="person",
        processing="people",
        what=_("Foyer : avec qui la personne vit"),
        why=_("Un rendez-vous pour plusieurs, un ordinateur pour un enfant, un téléphone pour tous."),
        deleted=True,
        export={"kind": _("Dans le foyer"), "joined_at": _("Depuis le"), "left_at": _("Jusqu’au")},
    ),
    Declaration(
        "people.AccessRequest",
        group="followed",
        person="person",
        processing="people",
        thing="access_request",
        what=_("Demandes d’une autre permanence pour ouvrir le dossier"),
        why=_("La personne peut savoir qui a demandé, et pourquoi."),
        personal=("reason",),
        export={
            "for_node": _("Permanence"),
            "asked_by": _("Demandé par"),
            "has_her_word": _("Avec l’accord de la personne"),
            "reason": _("Raison"),
            "asked_at": _("Demandé le"),
            "granted_at": _("Accepté le"),
            "refused_at": _("Refusé le"),
        },
    ),
    Declaration(
        "people.PersonReference",
        group="names",
        person="person",
        processing="people",
        what=_("Numéro dans un autre fichier"),
        why=_("Ne pas inscrire deux fois la même personne quand le fichier revient."),
        deleted=True,
        export={"source": _("Fichier"), "reference": _("Numéro"), "added_at": _("Ajouté le")},
    ),
    Declaration(
        "people.Freeze",
        group="frozen",
        person="person",
        processing="people",
        thing="freeze",
        what=_("Ce qui a été contesté"),
        why=_("Ne rien changer avant d’avoir répondu."),
        personal=("words", "answer"),
        holds_back=_frozen,
        freezes=True,
        held_words=ngettext_lazy(
            "le dossier est gelé : la personne conteste ce qui y est écrit",
            "le dossier est gelé : la personne conteste ce qui y est écrit",
            "count",
        ),
        export={
            "words": _("Ce qui est contesté"),
            "frozen_at": _("Gelé le"),
            "answer": _("Réponse"),
            "lifted_at": _("Dégelé le"),
        },
    ),
    Declaration(
        "people.Attachment",
        group="papers",
        person="person",
        processing="people",
        thing="attachment",
        what=_("Les papiers gardés : facture, conditions signées"),
        why=_("Ne pas les redemander. Chaque papier a sa propre date de fin."),
        personal=("name", "about", "digest", "path"),
        plain=("media_type",),
        erase={"path": _no_path},
        after=_remove_files,
        export={
            "kind": _("Sorte"),
            "name": _("Nom du fichier"),
            "size": _("Taille en octets"),
            "added_at": _("Ajouté le"),
            "keep_until": _("Gardé jusqu’au"),
            "removed_at": _("Retiré le"),
        },
    ),
)
