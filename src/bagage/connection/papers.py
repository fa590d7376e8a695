"""What is printed for her: the advice in plain words, and the letters that lift an obstacle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bagage.common.pdf import icon_file, render_pdf, sign_file
from bagage.common.words import day, day_short
from bagage.connection import words
from bagage.connection.domain.programme import MAX_PAYMENT
from bagage.connection.queries.lifting import Lifting
from bagage.connection.queries.shown import Given, Shown
from bagage.people.models import Person
from bagage.people.queries.facts import sites_that_follow

MOST_WAYS = 3


def _language() -> str:
    return (get_language() or "fr")[:2]


def advice_paper(person: Person, shown: Shown, *, on: date) -> bytes:
    """The advice as an A5 slip: what to buy, when, what to know, how to pay less; one sentence a line."""
    nodes = sites_that_follow(person, timezone.now())
    is_kept = bool(shown.against and shown.against.keep)
    best = None if is_kept else shown.best
    calendar = best.fewest if best else None
    gives = []
    if best:
        if best.operator:
            gives.append(_("C’est chez %(operator)s.") % {"operator": best.operator})
        gives += [_offer_sentence(offer) for offer in best.offers if offer.gives]
    total = []
    if calendar:
        total = [
            _("En %(span)s, cela fait %(money)s.")
            % {"span": shown.span, "money": words.euros(calendar.total)},
            _("C’est %(money)s par mois.") % {"money": words.euros(calendar.per_month)},
        ]
    intro = [_("Bonjour %(name)s.") % {"name": person.chosen_name}]
    if is_kept:
        intro += [_("Ce que vous avez aujourd’hui est le mieux."), _("Gardez-le.")]
    elif best is None:
        intro += [
            _("Aucune offre ne va pour ce que vous faites."),
            _("Voici ce qui peut en ouvrir une."),
        ]
    else:
        intro.append(_("Voici la connexion qui vous coûte le moins."))
    return render_pdf(
        "connection/advice.typ",
        {
            "lang": _language(),
            "title": _("Votre connexion"),
            "place": nodes[0].name if nodes else "",
            "intro": intro,
            "buy_title": _("Ce que vous achetez"),
            "name": best.name if best else "",
            "gives": gives,
            "when_title": _("Quand vous payez"),
            "buys": [
                {"when": day_short(step.on), "price": words.euros(step.total), "what": step.what}
                for step in (calendar.steps if calendar else ())
            ],
            "total": total,
            "know_title": _("À savoir"),
            "know": [line for _icon, text in shown.warnings if best for line in _sentences(text)],
            "less_title": _("Pour payer moins"),
            "less": _ways(shown),
            "end": [
                line
                for line in (
                    _("Ce conseil date du %(day)s.") % {"day": day(on, year=True)},
                    shown.about,
                    _("Ce papier est écrit selon des règles de langage clair."),
                )
                if line
            ],
        },
        files={
            "sac.svg": sign_file("full", "full", "full", size="s"),
            "cart.svg": icon_file("card-sim"),
            "calendar.svg": icon_file("calendar-days"),
            "info.svg": icon_file("info"),
            "key.svg": icon_file("key-round"),
        },
    )


def _offer_sentence(offer: Given) -> str:
    gives = f"{offer.gives[:1].lower()}{offer.gives[1:]}" if offer.gives[:1] != "S" else offer.gives
    told = {"name": offer.name, "gives": gives, "lasts": offer.lasts}
    if offer.is_plan:
        return _("Avec %(name)s, vous avez chaque mois %(gives)s.") % told
    return _("Avec %(name)s, vous avez %(gives)s, pendant %(lasts)s.") % told


def _ways(shown: Shown) -> list[str]:
    """What would make it cheaper, said to her: at most three, then whom to ask."""
    told = {
        "bank_account": _("Un compte bancaire ouvre des offres moins chères."),
        "fixed_address": _("Une adresse où recevoir votre courrier ouvre des offres moins chères."),
        "email": _("Une boîte mail ouvre des offres moins chères."),
        "identity_document": _("Une pièce d’identité ouvre des offres moins chères."),
        "internet_access": _("Vous pouvez souscrire ici, sur un ordinateur de la permanence."),
        "smartphone": _("Un smartphone ouvre des offres moins chères."),
        MAX_PAYMENT: _("Payer plus en une fois ouvre des offres moins chères."),
    }
    lines = [
        told[row.code] for row in shown.premium.rows if row.code in told and (row.share or shown.best is None)
    ][:MOST_WAYS]
    return [*lines, _("Demandez-nous comment faire.")] if lines else []


def letter_paper(text: Lifting, typed: Mapping[str, Any], *, on: date) -> bytes:
    """A letter of the house with her name on it; what was left empty is a line to fill by hand."""
    return render_pdf(
        "connection/letter.typ",
        {
            "lang": _language(),
            "name": str(typed.get("name") or ""),
            "address": _lines(typed.get("address")),
            "to": _lines(typed.get("to")),
            "city": str(typed.get("city") or ""),
            "made_at": _("Fait à"),
            "on": _("le %(day)s") % {"day": day(on, year=True)},
            "about": _("Objet :"),
            "subject": str(text.letter_title),
            "body": _lines(text.letter_body),
            "sign": _("Signature"),
            "example": _("Modèle d’exemple : à relire avant l’envoi.") if text.is_example else "",
        },
    )


def _lines(text: object) -> list[str]:
    return [line.strip() for line in str(text or "").splitlines() if line.strip()]


def _sentences(text: str) -> list[str]:
    """Each sentence on a line of its own."""
    return [line for line in re.split(r"(?<=[.!?])\s+", text) if line]
