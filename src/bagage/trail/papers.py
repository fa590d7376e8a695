"""The papers of the house, written from what each activity declares: never by hand, so never behind the code.

Sources: GDPR, articles 13, 30, 33, 34 and 35; CNIL, list of processing for which an impact assessment is required
(deliberation 2018-327: social support of persons); CNIL, deliberation 2023-095 (two years after the last contact).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bagage.common import words
from bagage.common.pdf import render_pdf, sign_file
from bagage.trail.models import PrivacyRules
from bagage.trail.queries.everything import Held, Looked, shown
from bagage.trail.registry import (
    Declaration,
    House,
    Processing,
    all_declarations,
    all_processings,
    readers_of,
    this_house,
)
from bagage.trail.words import words_of

KINDS = ("register", "impact", "notice", "breach")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, sentences under it, then pairs of a label and what it says."""

    title: str
    lines: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: ``kind`` is one of :data:`KINDS`."""

    kind: str
    title: str
    lead: str
    parts: list[Part]


def titles() -> dict[str, tuple[str, str]]:
    """Each paper: its title, and what it is for."""
    return {
        "register": (
            _("Registre des traitements"),
            _("Ce que l’association garde, pourquoi, qui le lit, combien de temps. À montrer à la CNIL."),
        ),
        "impact": (
            _("Analyse d’impact, brouillon"),
            _("Obligatoire pour l’accompagnement social. À relire, compléter et signer."),
        ),
        "notice": (
            _("Notice pour les personnes"),
            _("Une feuille en mots simples, à donner ou à lire à voix haute."),
        ),
        "breach": (
            _("En cas de fuite"),
            _("Quoi faire, dans quel ordre, en combien de temps. À garder près du téléphone."),
        ),
    }


def paper(kind: str, rules: PrivacyRules) -> Paper:
    """The paper as it is true now. KeyError for one that does not exist."""
    title, lead = titles()[kind]
    write = {"register": _register, "impact": _impact, "notice": _notice, "breach": _breach}[kind]
    return Paper(kind, title, lead, write(this_house(), rules))


def paper_pdf(written: Paper, *, at: datetime) -> bytes:
    """The paper as an A4 file; the notice is a slip of A5, one sentence a line."""
    house = this_house()
    return render_pdf(
        "trail/notice.typ" if written.kind == "notice" else "trail/paper.typ",
        {
            "lang": (get_language() or "fr")[:2],
            "title": written.title,
            "heading": _("Ce que nous gardons de vous"),
            "lead": written.lead,
            "house": house.name,
            "made": _("Établi le %(day)s par Bagage, d’après ce que chaque écran garde.")
            % {"day": words.day_short(at, year=True)},
            "parts": [
                {"title": part.title, "lines": part.lines, "pairs": [list(pair) for pair in part.pairs]}
                for part in written.parts
            ],
        },
        files={"sac.svg": sign_file("full", "full", "full", size="s")},
    )


def everything_pdf(
    *, name: str, code: str, held: Sequence[Held], readings: Sequence[Looked], at: datetime, reached: str = ""
) -> bytes:
    """All that is held of one person, on paper, in plain words."""
    house = this_house()
    return render_pdf(
        "trail/everything.typ",
        {
            "lang": (get_language() or "fr")[:2],
            "title": _("Ce que nous gardons de vous"),
            "name": name,
            "code": code,
            "place": house.name,
            "intro": [
                _("Voici tout ce qui est écrit de vous dans Bagage, le %(day)s.")
                % {"day": words.day_short(at, year=True)},
                _("Si quelque chose est faux, dites-le : nous le corrigeons."),
                _("Vous pouvez demander que tout soit effacé."),
                _("Refuser ou effacer ne ferme aucun service."),
            ],
            "why": _("Pourquoi"),
            "sections": [_section(each) for each in held],
            "readings_title": _("Qui a lu votre dossier"),
            "readings": [
                [
                    f"{words.day_short(each.at, year=True)}, {words.hour(each.at)}",
                    each.name or _("quelqu’un sans compte"),
                    str(words_of(each.verb)),
                ]
                for each in readings
            ],
            "nobody": _("Personne, d’après le journal."),
            "contact": _("Pour toute question : %(contact)s.") % {"contact": house.contact}
            if house.contact
            else _("Pour toute question, demandez à la permanence."),
        },
        files={"sac.svg": sign_file("full", "full", "full", size="s")},
    )


def _section(held: Held) -> dict[str, Any]:
    """One table: the fields that say something in some row, and what each row says of them."""
    rows = [{name: _for_paper(name, value) for name, value in row.items()} for row in held.rows]
    names = [name for name in held.labels if any(row[name] for row in rows)]
    return {
        "title": held.title,
        "why": str(held.declaration.why),
        "labels": [held.labels[name] for name in names],
        "rows": [[row[name] for name in names] for row in rows],
    }


def _for_paper(name: str, value: Any) -> str:
    if name == "signature" and value:
        return _("une signature dessinée")
    return shown(value)


# ---------- one by one ----------


def kept_words(processing: Processing, rules: PrivacyRules) -> str:
    """How long what serves this purpose is kept."""
    if months := rules.shorter.get(processing.name):
        return ngettext(
            "Les notes et les messages : %(count)s mois. Le reste : la durée du dossier.",
            "Les notes et les messages : %(count)s mois. Le reste : la durée du dossier.",
            months,
        ) % {"count": months}
    return str(processing.kept) or ngettext(
        "%(count)s mois après le dernier contact, puis effacé.",
        "%(count)s mois après le dernier contact, puis effacé.",
        rules.months,
    ) % {"count": rules.months}


def _of(processing: Processing) -> list[Declaration]:
    return [each for each in all_declarations() if each.processing == processing.name]


def _register(house: House, rules: PrivacyRules) -> list[Part]:
    parts = [
        Part(
            _("Qui est responsable"),
            pairs=[
                (_("Association"), house.name or _("à écrire")),
                (_("Contact"), house.contact or _("à écrire")),
                (_("Délégué à la protection des données"), _("à écrire")),
            ],
        )
    ]
    for each in all_processings():
        tables = _of(each)
        parts.append(
            Part(
                str(each.title),
                pairs=[
                    (_("Pour quoi"), str(each.purpose)),
                    (_("Par quel droit"), str(each.basis)),
                    (_("De qui"), str(each.concerned)),
                    (_("Quoi"), words.listed([one.what for one in tables])),
                    (_("Qui peut lire"), words.joined(readers_of(each.recipients))),
                    (_("Combien de temps"), kept_words(each, rules)),
                    (_("Hors d’Europe"), _("Non : tout reste sur la machine de l’association.")),
                ],
            )
        )
    parts.append(_security())
    return parts


def _security() -> Part:
    return Part(
        _("Comment c’est protégé"),
        lines=[
            _("Chaque page demande un compte ; chaque rôle n’ouvre que ce dont il a besoin."),
            _("Chaque lecture d’un dossier est notée, et la personne peut voir qui l’a lu."),
            _("Le journal est enchaîné : une ligne changée, ajoutée ou enlevée se voit."),
            _("Les mots de passe ne sont gardés qu’en empreinte ; un second facteur est possible."),
            _(
                "Les sauvegardes peuvent être chiffrées ; une personne effacée le reste après une restauration."
            ),
            _(
                "Rien ne part vers un autre service : ni mesure d’audience, ni police de caractères, ni carte."
            ),
        ],
    )


def _impact(house: House, rules: PrivacyRules) -> list[Part]:
    persons = [each for each in all_declarations() if each.concerns_persons]
    return [
        Part(
            _("Pourquoi cette analyse"),
            lines=[
                _(
                    "L’accompagnement social de personnes est dans la liste de la CNIL des traitements qui la "
                    "demandent (délibération 2018-327)."
                ),
                _("Ce brouillon vient de ce que Bagage déclare. Ce qui est « à écrire » est à vous."),
            ],
        ),
        Part(
            _("Ce qui est fait"),
            pairs=[
                (_("Responsable"), house.name or _("à écrire")),
                (
                    _("Personnes"),
                    _("Celles que l’on accueille ; beaucoup sont vulnérables. Combien par an : à écrire."),
                ),
                (_("But"), " ".join(str(each.purpose) for each in all_processings() if _is_of_persons(each))),
                (
                    _("Données"),
                    ngettext(
                        "%(count)s sorte de lignes parle d’une personne : ",
                        "%(count)s sortes de lignes parlent d’une personne : ",
                        len(persons),
                    )
                    % {"count": len(persons)}
                    + words.listed([each.what for each in persons])
                    + ".",
                ),
                (
                    _("Données sensibles"),
                    _("Aucune n’est demandée : ni santé, ni religion, ni origine, ni police."),
                ),
            ],
        ),
        Part(
            _("Est-ce nécessaire, est-ce mesuré"),
            lines=[
                _(
                    "Un nom choisi suffit. Rien d’autre n’est exigé : ni papier, ni adresse, ni téléphone, ni mail."
                ),
                _("« On ne sait pas » est une réponse, partout."),
                _(
                    "Informer, accepter, refuser sont trois choses notées à part ; refuser ne ferme aucun service."
                ),
                ngettext(
                    "Un dossier est effacé %(count)s mois après le dernier contact.",
                    "Un dossier est effacé %(count)s mois après le dernier contact.",
                    rules.months,
                )
                % {"count": rules.months},
                _(
                    "La personne peut lire, emporter, contester, faire corriger et faire effacer ce qui est d’elle."
                ),
            ],
        ),
        Part(
            _("Les risques pour les personnes"),
            pairs=[
                (
                    _("Quelqu’un lit ce qu’il ne devrait pas"),
                    _(
                        "Portée par lieu et par rôle, lecture notée, lectures inhabituelles listées, recherche "
                        "limitée, messages discrets sur un téléphone partagé. Gravité et vraisemblance : à écrire."
                    ),
                ),
                (
                    _("Ce qui est écrit est faux ou change sans qu’on le sache"),
                    _(
                        "Faits datés jamais réécrits, journal enchaîné, dossier gelé quand elle conteste, réunion de "
                        "dossiers qui se défait. Gravité et vraisemblance : à écrire."
                    ),
                ),
                (
                    _("Ce qui est écrit est perdu"),
                    _(
                        "Sauvegardes programmées et relues, restauration essayée, papier possible les mauvais jours. "
                        "Gravité et vraisemblance : à écrire."
                    ),
                ),
            ],
        ),
        _security(),
        Part(
            _("Avis et décision"),
            pairs=[
                (_("Avis du délégué à la protection des données"), _("à écrire")),
                (_("Avis de personnes accueillies"), _("à écrire")),
                (_("Décision, nom, date, signature"), _("à écrire")),
            ],
        ),
    ]


def _is_of_persons(processing: Processing) -> bool:
    return any(each.concerns_persons for each in _of(processing))


def _notice(house: House, rules: PrivacyRules) -> list[Part]:
    years, months = divmod(rules.months, 12)
    if months:
        time = ngettext("%(count)s mois", "%(count)s mois", rules.months) % {"count": rules.months}
    else:
        time = ngettext("%(count)s an", "%(count)s ans", years) % {"count": years}
    return [
        Part(
            _("Ce que nous écrivons"),
            lines=[
                _("Le nom que vous avez choisi."),
                _("Comment vous joindre, si vous le voulez."),
                _("Ce que vous demandez."),
                _("Ce que vous avez et ce que vous savez faire."),
                _("Vos rendez-vous, vos achats, vos appareils."),
            ],
        ),
        Part(
            _("Pourquoi"),
            lines=[
                _("Pour vous reconnaître quand vous revenez."),
                _("Pour ne pas vous poser deux fois la même question."),
                _("Pour vous aider à avoir un appareil, une connexion, et à vous en servir."),
            ],
        ),
        Part(
            _("Qui lit"),
            lines=[
                _("Les personnes qui vous aident ici."),
                _("Chaque lecture est notée."),
                _("Vous pouvez demander qui a lu."),
                _("Nous ne donnons rien à une autre personne sans votre accord."),
            ],
        ),
        Part(
            _("Combien de temps"),
            lines=[
                _("Nous gardons votre dossier %(time)s après notre dernier contact.") % {"time": time},
                _("Ensuite nous l’effaçons."),
            ],
        ),
        Part(
            _("Vos droits"),
            lines=[
                _("Vous pouvez lire votre dossier."),
                _("Vous pouvez l’emporter."),
                _("Vous pouvez le faire corriger."),
                _("Vous pouvez le faire effacer."),
                _("Vous pouvez dire non."),
                _("Si vous dites non, nous vous aidons quand même."),
            ],
        ),
        Part(
            _("À qui le demander"),
            lines=[
                _("À une personne de la permanence."),
                *([_("Ou par mail : %(contact)s.") % {"contact": house.contact}] if house.contact else []),
                _("Vous pouvez aussi écrire à la CNIL : www.cnil.fr."),
            ],
        ),
    ]


def _breach(house: House, rules: PrivacyRules) -> list[Part]:
    return [
        Part(
            _("Tout de suite"),
            lines=[
                _(
                    "Une fuite, c’est : un compte volé, un ordinateur perdu, un papier égaré, un mail mal adressé."
                ),
                _("Ne cherchez pas de coupable. Notez l’heure et ce que vous savez."),
                _("Prévenez : %(contact)s.") % {"contact": house.contact or _("nom et téléphone à écrire")},
                _("Fermez le compte en cause : Plus, Équipe, la personne, Fermer ce compte."),
                _("Un ordinateur perdu : changez les mots de passe des comptes qui y étaient ouverts."),
            ],
        ),
        Part(
            _("Dans la journée"),
            lines=[
                _("Ouvrez le journal : qui a lu quoi, depuis quand. Gardez-en un fichier."),
                _("Vérifiez la chaîne du journal, et gardez une copie de la base."),
                _("Regardez les lectures inhabituelles."),
                _("Listez les personnes touchées, et ce qui est sorti."),
            ],
        ),
        Part(
            _("Avant 72 heures"),
            lines=[
                _(
                    "Prévenez la CNIL sur notifications.cnil.fr, sauf si aucun risque n’existe (article 33 du RGPD)."
                ),
                _(
                    "Si le risque est élevé, prévenez les personnes, de la façon qu’elles ont choisie (article 34)."
                ),
                _("Un téléphone partagé : ne dites que « rappelez-nous »."),
            ],
        ),
        Part(
            _("Ensuite"),
            lines=[_("Écrivez chaque fuite ici, même petite : la CNIL peut demander cette liste.")],
            pairs=[
                (_("Quand, comment on l’a su"), ""),
                (_("Quelles données, combien de personnes"), ""),
                (_("Ce qui a été fait"), ""),
                (_("CNIL prévenue le, ou pourquoi non"), ""),
                (_("Personnes prévenues le"), ""),
            ],
        ),
    ]
