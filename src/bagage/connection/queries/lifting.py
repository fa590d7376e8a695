"""How each obstacle is lifted: the texts that come with Bagage, and those that the house wrote instead.

The sources of the project say little of these ways: each text is an example until someone of the house has checked it
against a source and says so. The screen, and the foot of each letter, tell which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bagage.connection.domain.programme import MAX_PAYMENT, OBSTACLES
from bagage.connection.models import LiftingText

# A second letter that goes with the first obstacle: the bank's own word that it refused.
BANK_REFUSAL = "bank_refusal"
LIFTED = (*OBSTACLES, BANK_REFUSAL, MAX_PAYMENT)
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Lifting:
    """One way: a line, its steps (one a line), where to read more, and a letter when one helps."""

    condition: str
    summary: Text
    steps: Text = ""
    link: str = ""
    letter_title: Text = ""
    letter_to: Text = ""
    letter_body: Text = ""
    is_example: bool = True
    changed_at: datetime | None = None
    written_by: str = ""

    @property
    def step_list(self) -> list[str]:
        """The steps, one a line."""
        return [line.strip() for line in str(self.steps).splitlines() if line.strip()]

    @property
    def has_letter(self) -> bool:
        """Whether there is a letter to print."""
        return bool(str(self.letter_body).strip())

    @property
    def is_usual(self) -> bool:
        """Whether it still is the text that comes with Bagage."""
        return self.changed_at is None


USUAL: dict[str, Lifting] = {
    "bank_account": Lifting(
        "bank_account",
        _("Droit au compte, à la Banque de France. C’est gratuit."),
        _(
            "Demander à une banque d’ouvrir un compte.\n"
            "Si elle refuse, lui demander son refus par écrit.\n"
            "Envoyer à la Banque de France la demande, le refus, la pièce d’identité et un justificatif d’adresse. "
            "Une attestation de domiciliation suffit.\n"
            "La Banque de France nomme une banque. Y aller avec sa lettre."
        ),
        letter_title=_("Demande de droit au compte"),
        letter_to=_("Banque de France\nService du droit au compte"),
        letter_body=_(
            "Madame, Monsieur,\n"
            "Je n’ai pas de compte bancaire.\n"
            "J’ai demandé à une banque d’en ouvrir un. Elle a refusé. Son refus est joint à cette lettre.\n"
            "Je demande le droit au compte. Je vous prie de nommer une banque qui m’ouvrira un compte.\n"
            "Je joins une copie de ma pièce d’identité et un justificatif de mon adresse ou de ma domiciliation.\n"
            "Je vous remercie de m’écrire à l’adresse donnée en haut de cette lettre."
        ),
    ),
    BANK_REFUSAL: Lifting(
        BANK_REFUSAL,
        _("Demander à la banque son refus par écrit."),
        _(
            "Porter cette lettre à la banque qui a refusé.\n"
            "Garder l’attestation qu’elle remet : elle ouvre le droit au compte."
        ),
        letter_title=_("Demande d’attestation de refus d’ouverture de compte"),
        letter_to=_("À la banque qui a refusé"),
        letter_body=_(
            "Madame, Monsieur,\n"
            "J’ai demandé l’ouverture d’un compte dans votre agence. Elle a été refusée.\n"
            "Je vous prie de me remettre une attestation de ce refus, par écrit.\n"
            "J’en ai besoin pour demander le droit au compte à la Banque de France."
        ),
    ),
    "fixed_address": Lifting(
        "fixed_address",
        _("Domiciliation au CCAS, ou dans une association qui y est habilitée."),
        _(
            "Demander un rendez-vous au CCAS de la ville où l’on vit.\n"
            "Venir avec une pièce d’identité, ou ce que l’on a.\n"
            "Dire ce qui attache à la ville : un travail, un suivi, une école, un hébergement.\n"
            "L’attestation donne une adresse où recevoir son courrier."
        ),
        letter_title=_("Demande de domiciliation"),
        letter_to=_("Centre communal d’action sociale"),
        letter_body=_(
            "Madame, Monsieur,\n"
            "Je n’ai pas d’adresse stable où recevoir mon courrier.\n"
            "Je demande à être domicilié auprès de votre centre, dans la ville où je vis.\n"
            "Cette adresse me sert pour mes droits, mon compte bancaire et ma ligne de téléphone.\n"
            "Je vous prie de me donner un rendez-vous."
        ),
    ),
    "email": Lifting(
        "email",
        _("Une boîte mail créée avec elle, pas à sa place."),
        _(
            "Choisir ensemble une adresse qui ressemble à son nom.\n"
            "Le mot de passe : elle le choisit, elle l’écrit, elle le garde. Nous ne le gardons pas.\n"
            "Noter un moyen de retrouver le mot de passe qui ne dépend pas d’un téléphone prêté.\n"
            "Envoyer un premier message, puis le lire.\n"
            "Revenir une semaine après et ouvrir la boîte sans aide."
        ),
    ),
    "identity_document": Lifting(
        "identity_document",
        _("Voir avec qui l’oriente où en est sa demande de papiers."),
        _(
            "Demander ce qu’elle a déjà : un récépissé, un acte, une déclaration de perte.\n"
            "Orienter vers un point d’accès au droit.\n"
            "En attendant, regarder les offres qui ne la demandent pas."
        ),
    ),
    "internet_access": Lifting(
        "internet_access",
        _("Souscrire ici, sur un ordinateur de la permanence."),
        _(
            "Réserver un ordinateur le temps de souscrire.\n"
            "Elle tape elle-même, on reste à côté.\n"
            "Fermer la session et effacer ce qui a été tapé."
        ),
    ),
    "smartphone": Lifting(
        "smartphone",
        _("Voir le matériel : un téléphone reconditionné à prix solidaire."),
        _("Regarder si un téléphone est disponible.\nVérifier que l’offre choisie marche sur ce téléphone."),
    ),
    MAX_PAYMENT: Lifting(
        MAX_PAYMENT,
        _("Étaler, ou demander une aide pour le premier achat."),
        _(
            "Regarder si l’achat du premier jour peut se faire en deux fois.\n"
            "Demander à qui l’oriente si une aide paie la carte SIM et la première recharge."
        ),
    ),
}


def lifting_texts() -> dict[str, Lifting]:
    """Each condition's text, that of the house where it wrote one; one query."""
    own = {text.condition: text for text in LiftingText.objects.all()}
    return {code: _own(own[code]) if code in own else USUAL[code] for code in LIFTED}


def _own(text: LiftingText) -> Lifting:
    return Lifting(
        condition=text.condition,
        summary=text.summary,
        steps=text.steps,
        link=text.link,
        letter_title=text.letter_title,
        letter_to=text.letter_to,
        letter_body=text.letter_body,
        is_example=text.is_example,
        changed_at=text.changed_at,
        written_by=text.written_by,
    )
