"""Places, what they give, when they open and what nobody knows of them, in sentences of the reader's language."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.utils.dates import WEEKDAYS
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from bagage.common import words
from bagage.common.hour_words import hours_in_words
from bagage.directory.domain import matching
from bagage.directory.domain.asking import When
from bagage.directory.domain.matching import Opening, State
from bagage.directory.domain.needs import FOR_EVERYONE, Cost, Need
from bagage.directory.domain.places import LIBRARIES, MEDIATION
from bagage.directory.models import Structure

NEED_ICONS: dict[str, str] = {
    Need.USE_COMPUTER_HERE: "monitor",
    Need.GET_DEVICE: "laptop",
    Need.USE_WIFI_HERE: "wifi",
    Need.GET_CONNECTION: "card-sim",
    Need.LEARN_BASICS: "pointer",
    Need.ONLINE_PROCEDURES: "file-text",
    Need.UNDERSTAND: "lightbulb",
    Need.STAY_SAFE: "shield",
    Need.FIND_WORK: "briefcase",
    Need.RAISE_CHILDREN: "baby",
    Need.CREATE: "camera",
    Need.PRINT_SCAN: "printer",
    Need.HELPED_AT_HOME: "house",
    Need.UNKNOWN: "circle-help",
}
COSTS = {
    Cost.FREE: gettext_lazy("Gratuit"),
    Cost.CONDITIONS: gettext_lazy("Gratuit sous conditions"),
    Cost.PAID: gettext_lazy("Payant"),
    Cost.UNKNOWN: gettext_lazy("Prix : on ne sait pas"),
}
MODES = {
    "alone": gettext_lazy("on y est en autonomie"),
    "individual": gettext_lazy("quelqu’un aide, une personne à la fois"),
    "workshop": gettext_lazy("en atelier, à plusieurs"),
    "remote": gettext_lazy("à distance, par téléphone ou en vidéo"),
}
ACCESS = {
    "come": gettext_lazy("se présenter"),
    "call": gettext_lazy("téléphoner"),
    "mail": gettext_lazy("écrire un mail"),
    "book": gettext_lazy("prendre rendez-vous en ligne"),
    "closed_to_public": gettext_lazy("ce lieu n’accueille pas de public"),
    "prescribe": gettext_lazy("envoyer une fiche d’orientation par mail"),
}
PUBLICS = {
    "young": gettext_lazy("jeunes"),
    "students": gettext_lazy("étudiants"),
    "families": gettext_lazy("familles et enfants"),
    "seniors": gettext_lazy("personnes âgées"),
    "women": gettext_lazy("femmes"),
    **dict.fromkeys(FOR_EVERYONE, gettext_lazy("tout le monde")),
}
# ISO 639-1: the languages that free words are read for.
LANGUAGES = {
    "en": gettext_lazy("anglais"),
    "ar": gettext_lazy("arabe"),
    "es": gettext_lazy("espagnol"),
    "pt": gettext_lazy("portugais"),
    "ro": gettext_lazy("roumain"),
    "ru": gettext_lazy("russe"),
    "uk": gettext_lazy("ukrainien"),
    "fa": gettext_lazy("persan, dari"),
    "ps": gettext_lazy("pachto"),
    "ur": gettext_lazy("ourdou"),
    "bn": gettext_lazy("bengali"),
    "ta": gettext_lazy("tamoul"),
    "hi": gettext_lazy("hindi"),
    "zh": gettext_lazy("chinois"),
    "vi": gettext_lazy("vietnamien"),
    "tr": gettext_lazy("turc"),
    "ku": gettext_lazy("kurde"),
    "ka": gettext_lazy("géorgien"),
    "hy": gettext_lazy("arménien"),
    "sq": gettext_lazy("albanais"),
    "sr": gettext_lazy("serbe"),
    "bm": gettext_lazy("bambara"),
    "ff": gettext_lazy("peul"),
    "wo": gettext_lazy("wolof"),
    "ln": gettext_lazy("lingala"),
    "so": gettext_lazy("somali"),
    "ti": gettext_lazy("tigrinya"),
    "it": gettext_lazy("italien"),
    "de": gettext_lazy("allemand"),
    "pl": gettext_lazy("polonais"),
}
CARE = {
    "deaf": gettext_lazy("surdité"),
    "motor": gettext_lazy("handicap moteur"),
    "mental": gettext_lazy("handicap mental"),
    "illiteracy": gettext_lazy("difficultés à lire et à écrire"),
    "english": gettext_lazy("on y parle anglais"),
    "languages": gettext_lazy("on y parle d’autres langues que le français"),
    "sight": gettext_lazy("difficultés à voir"),
}
UNKNOWN = {
    "need": gettext_lazy("ce qu’on y propose"),
    "hours": gettext_lazy("les horaires"),
    "cost": gettext_lazy("le prix"),
    "help": gettext_lazy("si quelqu’un aide"),
    "access": gettext_lazy("l’accès en fauteuil"),
    "languages": gettext_lazy("les langues qu’on y parle"),
    "publics": gettext_lazy("pour qui c’est"),
    "ways": gettext_lazy("comment y venir"),
    "care": gettext_lazy("qui l’on y sait accueillir"),
}
# Why two rows may speak of one place.
LIKELY_REASONS = {
    "same_name": gettext_lazy("même nom"),
    "near_name": gettext_lazy("noms presque pareils"),
    "part_of_name": gettext_lazy("l’un contient le nom de l’autre"),
    "same_number": gettext_lazy("même SIRET ou RNA"),
    "same_phone": gettext_lazy("même téléphone"),
    "same_address": gettext_lazy("même adresse"),
    "near": gettext_lazy("à moins de 250 m"),
}
# How the sources are called that come by the wizard of imports.
BROUGHT_IN = "import-"
PRODUCERS = {
    "conseiller-numerique": "Conseillers numériques (ANCT)",
    "france-services": "France Services (ANCT)",
    "aidants-connect": "Aidants Connect (ANCT)",
    "france-tiers-lieux": "France Tiers-Lieux",
    "ultra-num": "Ultra Num",
    "dora": "Dora",
}
# Written in capitals without being shouted, and the small words of a name.
_KEPT = (
    "CCAS CIAS CAF CPAM MJC MSAP EPN EPI CSC CHRS CHU UDAF SOS AFPA GRETA PIMMS ANCT APF CADA CIDFF MSA MDS UHU "
    "ADMR ASEPT FOL SDSEI II III IV"
)
_LINKS = "a à au aux d de des du en et l la le les par pour sous sur un une"
ACRONYMS = frozenset(_KEPT.split())
SMALL = frozenset(_LINKS.split())


def calm(text: str) -> str:
    """A name without its capitals, when it is written in little else: "MAIRIE DE FLAYOSC" is "Mairie de Flayosc"."""
    letters = [sign for sign in text if sign.isalpha()]
    if len(letters) < 5 or sum(sign.isupper() for sign in letters) < 0.7 * len(letters):
        return text
    parts = re.split(r"([^\W\d_]+)", text)
    found = []
    for number, part in enumerate(parts):
        if number % 2 == 0 or part in ACRONYMS:
            found.append(part)
        elif part.lower() in SMALL and any(sign.isalpha() for each in found for sign in each):
            found.append(part.lower())
        else:
            found.append(part.capitalize())
    return "".join(found)


def place_words(structure: Structure) -> str:
    """``"12 rue Riquet, 75019 Paris"``, without capitals that shout."""
    town = f"{structure.postcode} {calm(structure.city)}".strip()
    return ", ".join(part for part in (calm(structure.address), town) if part)


def kind_words(structure: Structure) -> str:
    """What the place is; one that nobody says is a place where one is helped."""
    if structure.kind == Structure.Kind.UNKNOWN:
        return gettext("Lieu d’aide")
    return str(structure.get_kind_display())


def distance_words(metres: int | None, *, is_rough: bool = False) -> str:
    """``"450 m, 8 min à pied"``, ``"3,2 km"``; ``""`` without a point. ``is_rough``: the middle of its commune."""
    if metres is None:
        return ""
    if is_rough:
        return gettext("environ %(distance)s") % {"distance": length_words(max(metres, 500))}
    length = length_words(metres)
    if metres > 2500:
        return length
    # A street is a third longer than the crow flies; 75 metres a minute, slowly.
    minutes = max(1, math.ceil(metres * 1.3 / 75))
    return ngettext(
        "%(length)s, environ %(count)s min à pied", "%(length)s, environ %(count)s min à pied", minutes
    ) % {"length": length, "count": minutes}


def length_words(metres: int) -> str:
    """``"450 m"``, ``"1,2 km"``, ``"14 km"``: tens of metres, then tenths of kilometres, then kilometres."""
    if metres < 1000:
        return f"{max(10, round(metres / 10) * 10)}{words.NBSP}m"
    kilometres = metres / 1000
    shown = number_format(kilometres, decimal_pos=1 if kilometres < 10 else 0, use_l10n=True)
    shown = re.sub(r"[.,]0$", "", str(shown))
    return f"{shown}{words.NBSP}km"


def opening_words(opening: Opening, now: datetime, moment: datetime | None = None) -> str:
    """``"Ouvert, jusqu’à 19 h"``, ``"Ferme dans 18 min, rouvre jeudi 3 décembre à 9 h"``; ``now`` is naive, local.

    ``moment`` is the one that ``opening`` is of, when it is not now: ``"Jeudi 3 décembre à 14 h : ouvert"``.
    """
    if moment is not None and opening.state is not State.UNKNOWN:
        when = gettext("%(day)s à %(hour)s") % {
            "day": words.day(moment.date()),
            "hour": words.hour(moment.time()),
        }
        said = gettext("fermé") if opening.state is State.CLOSED else gettext("ouvert")
        if opening.state is not State.CLOSED and opening.until and opening.until.date() == moment.date():
            said = gettext("ouvert, jusqu’à %(hour)s") % {"hour": words.hour(opening.until.time())}
        return f"{words.before_colon(when[:1].upper() + when[1:])} {said}"
    if opening.state is State.UNKNOWN:
        return gettext("Ouvert ou non : on ne sait pas")
    if opening.state is State.OPEN and opening.until:
        return gettext("Ouvert, jusqu’à %(hour)s") % {"hour": words.hour(opening.until.time())}
    if opening.state is State.SOON and opening.until:
        soon = gettext("Ferme dans %(span)s") % {"span": words.span(opening.until - now)}
        return f"{soon}, {_again(opening.opens_at, now)}" if opening.opens_at else soon
    if opening.opens_at is None:
        return gettext("Fermé, on ne sait pas quand cela rouvre")
    return f"{gettext('Fermé')}, {_again(opening.opens_at, now)}"


def _again(opens_at: datetime, now: datetime) -> str:
    hour = words.hour(opens_at.time())
    if opens_at.date() == now.date():
        return gettext("rouvre à %(hour)s") % {"hour": hour}
    if (opens_at.date() - now.date()).days == 1:
        return gettext("rouvre demain à %(hour)s") % {"hour": hour}
    return gettext("rouvre %(day)s à %(hour)s") % {"day": words.day(opens_at.date()), "hour": hour}


def when_words(when: When) -> str:
    """``"jeudi de 13 h 30 à 18 h"``, ``"demain à 14 h"``, ``"maintenant"``: how a day that was written is read."""
    if when.begins is None:
        return gettext("maintenant")
    ahead = {0: gettext("aujourd’hui"), 1: gettext("demain"), 2: gettext("après-demain")}
    day = str(WEEKDAYS[when.day]) if when.day is not None else ahead.get(when.in_days or 0, "")
    if when.day is None and when.in_days is None:
        day = ""
    if when.ends is None or when.ends == when.begins:
        at = gettext("à %(hour)s") % {"hour": words.hour(when.begins)}
    else:
        at = gettext("de %(begins)s à %(ends)s") % {
            "begins": words.hour(when.begins),
            "ends": words.hour(when.ends),
        }
    return f"{day} {at}".strip()


def hours_words(hours: str, weekly_hours: float | None) -> str:
    """The usual week in words, or how long it opens in a week; ``""`` when nobody says."""
    said = hours_in_words(hours)
    if said:
        return said[:1].upper() + said[1:]
    if weekly_hours is None:
        return ""
    figure = re.sub(r"[.,]0$", "", str(number_format(weekly_hours, decimal_pos=1, use_l10n=True)))
    return gettext("Ouvre %(hours)s h par semaine, on ne sait pas quand.") % {"hours": figure}


def unknown_words(names: tuple[str, ...]) -> str:
    """``"On ne sait pas : les horaires, le prix et l’accès en fauteuil."``; ``""`` when all is known."""
    if not names:
        return ""
    return gettext("On ne sait pas : %(list)s.") % {"list": words.joined([UNKNOWN[name] for name in names])}


def cost_words(costs: tuple[str, ...]) -> str:
    """``"Gratuit"``, ``"Gratuit ou payant, selon le service"``; ``""`` when nobody says."""
    if not costs:
        return ""
    if len(costs) == 1:
        return str(COSTS[Cost(costs[0])])
    said = words.joined([str(COSTS[Cost(cost)]).lower() for cost in costs], last=gettext("ou"))
    return gettext("%(costs)s, selon le service") % {"costs": said[:1].upper() + said[1:]}


def listed_words(codes: Iterable[str], table: Mapping[str, object]) -> str:
    """The words of codes, each once; a word that is no code is shown as its source writes it."""
    return words.joined(list(dict.fromkeys(str(table.get(code, code)) for code in codes)))


def saying_words(saying: int, total: int) -> str:
    """Above a list of places that were asked for something: how many say that they give it."""
    if not saying:
        return gettext("Aucun lieu connu ne dit le proposer")
    if saying == total:
        return ngettext("%(count)s lieu", "%(count)s lieux", saying) % {"count": saying}
    return ngettext("%(count)s lieu dit le proposer", "%(count)s lieux disent le proposer", saying) % {
        "count": saying
    }


def unsaid_words(count: int) -> str:
    """Between those who say and those of whom nobody says anything."""
    return ngettext(
        "De %(count)s autre lieu, on ne sait pas ce qu’il propose : appelez avant.",
        "De %(count)s autres lieux, on ne sait pas ce qu’ils proposent : appelez avant.",
        count,
    ) % {"count": count}


def out_words(reason: str, count: int) -> str:
    """Why places are not in the list: ``"6 autres lieux sont fermés."``."""
    if reason == matching.CLOSED:
        text = ngettext("%(count)s autre lieu est fermé.", "%(count)s autres lieux sont fermés.", count)
    elif reason == matching.PAID:
        text = ngettext(
            "%(count)s autre lieu n’est pas gratuit pour tous.",
            "%(count)s autres lieux ne sont pas gratuits pour tous.",
            count,
        )
    elif reason == matching.ALONE:
        text = ngettext(
            "Dans %(count)s autre lieu, on est en autonomie.",
            "Dans %(count)s autres lieux, on est en autonomie.",
            count,
        )
    else:
        text = ngettext(
            "%(count)s autre lieu dit proposer autre chose.",
            "%(count)s autres lieux disent proposer autre chose.",
            count,
        )
    return text % {"count": count}


def row_out_words(reason: str) -> str:
    """Beside a row that is shown all the same: why it would not have been."""
    return {
        matching.CLOSED: gettext("Fermé à cette heure"),
        matching.PAID: gettext("Pas gratuit pour tous"),
        matching.ALONE: gettext("On y est en autonomie"),
        matching.OTHERS: gettext("Dit proposer autre chose"),
    }.get(reason, "")


def source_words(source: str) -> str:
    """Who noted a place: ``"Lieux de médiation numérique : Hinaura"``."""
    if source == LIBRARIES:
        return gettext("Adresses des bibliothèques publiques, ministère de la Culture")
    if source.startswith(BROUGHT_IN):
        return gettext("Un tableau apporté ici")
    shape, _colon, producer = source.partition(":")
    if shape == MEDIATION:
        title = gettext("Lieux de médiation numérique")
        return f"{words.before_colon(title)} {PRODUCERS.get(producer, producer)}" if producer else title
    return source


def dated_words(verified_on: date | None, source_date: date | None, today: date) -> str:
    """``"Vérifié le 12 novembre"``, ``"Noté le 16 juin 2022"``, ``"Date : on ne sait pas"``."""
    if verified_on is not None:
        return gettext("Vérifié le %(day)s") % {
            "day": words.day_short(verified_on, year=verified_on.year != today.year)
        }
    if source_date is not None:
        return gettext("Noté le %(day)s") % {
            "day": words.day_short(source_date, year=source_date.year != today.year)
        }
    return gettext("Date : on ne sait pas")


def failure_words(failure: str) -> str:
    """Why a source could not be read, from what was noted of it; what nobody thought of is shown as it was noted."""
    said = {
        "empty": gettext("Le fichier est vide."),
        "other_file": gettext("Ce n’est ni un tableau ni du JSON."),
        "broken": gettext("Le fichier est abîmé."),
        "no_rows": gettext("Le fichier n’a aucune ligne."),
        "no_columns": gettext("Aucune colonne ne dit le nom des lieux."),
        "too_large": gettext("Le fichier est trop gros."),
        "locked": gettext("Le fichier est protégé par un mot de passe."),
        "too_many_rows": gettext("Le fichier a trop de lignes."),
        "it leads to a private network": gettext("Son adresse mène dans un réseau privé."),
        "its name leads nowhere": gettext("Son adresse ne mène nulle part."),
    }
    found = said.get(failure) or said.get(failure.partition(" ")[0])
    if found:
        return found
    for start, text in (
        ("HTTP ", gettext("Son serveur répond par l’erreur %(what)s.")),
        ("nothing within ", gettext("Rien n’est venu en %(what)s.")),
        ("more than ", gettext("Elle dépasse %(what)s.")),
    ):
        if failure.startswith(start):
            return text % {"what": failure.removeprefix(start).replace(" MB", "\u00a0" + gettext("Mo"))}
    return failure
