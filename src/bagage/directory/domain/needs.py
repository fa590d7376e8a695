"""What someone may come for, told apart: to use a computer there is not to be given one.

Source of the words: the nine services of the national standard of places of digital mediation v1.0.2, and the four
thematics of data·inclusion v1. The standard's « Accès internet et matériel informatique » is use on the spot; its
« Acquisition de matériel informatique à prix solidaire » is to leave with something. Some needs are of no word of the
standard: no place of today's files says that it answers them, and that is shown as not known.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache


class Need(StrEnum):
    """One thing that someone comes for. ``UNKNOWN``: digital help, nobody said which; ``OTHER``: not digital."""

    USE_COMPUTER_HERE = "use_computer_here"
    GET_DEVICE = "get_device"
    USE_WIFI_HERE = "use_wifi_here"
    GET_CONNECTION = "get_connection"
    LEARN_BASICS = "learn_basics"
    ONLINE_PROCEDURES = "online_procedures"
    UNDERSTAND = "understand"
    STAY_SAFE = "stay_safe"
    FIND_WORK = "find_work"
    RAISE_CHILDREN = "raise_children"
    CREATE = "create"
    PRINT_SCAN = "print_scan"
    HELPED_AT_HOME = "helped_at_home"
    OTHER = "other"
    UNKNOWN = "unknown"


class Cost(StrEnum):
    """What it costs whoever comes; the source's own words are kept beside it."""

    FREE = "free"
    CONDITIONS = "free_under_conditions"
    PAID = "paid"
    UNKNOWN = "unknown"


# What a file of the standard calls a service, and what one can come for. Other words stay words.
OF_STANDARD: dict[str, tuple[Need, ...]] = {
    "Accès internet et matériel informatique": (Need.USE_COMPUTER_HERE, Need.USE_WIFI_HERE),
    "Acquisition de matériel informatique à prix solidaire": (Need.GET_DEVICE,),
    "Maîtrise des outils numériques du quotidien": (Need.LEARN_BASICS,),
    "Aide aux démarches administratives": (Need.ONLINE_PROCEDURES,),
    "Compréhension du monde numérique": (Need.UNDERSTAND,),
    "Utilisation sécurisée du numérique": (Need.STAY_SAFE,),
    "Insertion professionnelle via le numérique": (Need.FIND_WORK,),
    "Parentalité et éducation avec le numérique": (Need.RAISE_CHILDREN,),
    "Loisirs et créations numériques": (Need.CREATE,),
}

# What the screens call them, in the source language.
LABELS: dict[str, Need] = {
    "Utiliser un ordinateur sur place": Need.USE_COMPUTER_HERE,
    "Obtenir un appareil": Need.GET_DEVICE,
    "Se connecter sur place": Need.USE_WIFI_HERE,
    "Obtenir une connexion": Need.GET_CONNECTION,
    "Apprendre": Need.LEARN_BASICS,
    "Faire une démarche": Need.ONLINE_PROCEDURES,
    "Comprendre le numérique": Need.UNDERSTAND,
    "Se protéger en ligne": Need.STAY_SAFE,
    "Chercher un travail en ligne": Need.FIND_WORK,
    "Accompagner ses enfants": Need.RAISE_CHILDREN,
    "Loisirs et création": Need.CREATE,
    "Imprimer, scanner": Need.PRINT_SCAN,
    "Être aidé chez soi": Need.HELPED_AT_HOME,
    "Une aide qui n’est pas numérique": Need.OTHER,
    "Aide au numérique, on ne sait pas laquelle": Need.UNKNOWN,
}
DIGITAL = tuple(need for need in Need if need not in {Need.OTHER, Need.UNKNOWN})
# Themes of data·inclusion, v1 then those of v0 that are still in files: what someone who asks for one may come for.
# A theme may say less than we do; then each need that it stands for answers it.
OF_THEME: dict[str, tuple[Need, ...]] = {
    "numerique": DIGITAL,
    "numerique--acceder-a-des-services-en-ligne": (Need.ONLINE_PROCEDURES,),
    "numerique--acceder-a-une-connexion-internet": (Need.GET_CONNECTION, Need.USE_WIFI_HERE),
    "numerique--acquerir-un-equipement": (Need.GET_DEVICE,),
    "numerique--maitriser-les-fondamentaux-du-numerique": (
        Need.LEARN_BASICS,
        Need.UNDERSTAND,
        Need.STAY_SAFE,
    ),
    "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives": (
        Need.ONLINE_PROCEDURES,
    ),
    "famille--soutien-a-la-parentalite-et-a-leducation": (Need.RAISE_CHILDREN,),
    "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi": (Need.FIND_WORK,),
    "numerique--acceder-a-du-materiel": (Need.USE_COMPUTER_HERE,),
    "numerique--accompagner-les-demarches-de-sante": (Need.ONLINE_PROCEDURES,),
    "numerique--approfondir-ma-culture-numerique": (Need.UNDERSTAND,),
    "numerique--creer-avec-le-numerique": (Need.CREATE,),
    "numerique--creer-et-developper-mon-entreprise": (Need.FIND_WORK,),
    "numerique--devenir-autonome-dans-les-demarches-administratives": (Need.ONLINE_PROCEDURES,),
    "numerique--favoriser-mon-insertion-professionnelle": (Need.FIND_WORK,),
    "numerique--prendre-en-main-un-ordinateur": (Need.LEARN_BASICS,),
    "numerique--prendre-en-main-un-smartphone-ou-une-tablette": (Need.LEARN_BASICS,),
    "numerique--promouvoir-la-citoyennete-numerique": (Need.UNDERSTAND,),
    "numerique--realiser-des-demarches-administratives-avec-un-accompagnement": (Need.ONLINE_PROCEDURES,),
    "numerique--s-equiper-en-materiel-informatique": (Need.GET_DEVICE,),
    "numerique--soutenir-la-parentalite-et-l-education-avec-le-numerique": (Need.RAISE_CHILDREN,),
    "numerique--utiliser-le-numerique-au-quotidien": (Need.LEARN_BASICS,),
}
# Their titles, as people copy them.
TITLES_OF_THEMES = {
    "Accéder à des services en ligne": "numerique--acceder-a-des-services-en-ligne",
    "Accéder à une connexion Internet": "numerique--acceder-a-une-connexion-internet",
    "Acquérir un équipement": "numerique--acquerir-un-equipement",
    "Acquérir un équipement numérique": "numerique--acquerir-un-equipement",
    "Maîtriser les fondamentaux du numérique": "numerique--maitriser-les-fondamentaux-du-numerique",
    "Accéder à du matériel": "numerique--acceder-a-du-materiel",
}
_THEME = re.compile(r"[a-z]+(?:-[a-z]+)*(?:--[a-z0-9]+(?:-[a-z0-9]+)*)?")

# The standard's lists, as codes; a word outside them is kept as it was written.
MODES = {
    "En autonomie": "alone",
    "Accompagnement individuel": "individual",
    "Dans un atelier collectif": "workshop",
    "À distance": "remote",
}
WITH_SOMEONE = frozenset({"individual", "workshop", "remote"})
ACCESS = {
    "Se présenter": "come",
    "Téléphoner": "call",
    "Contacter par mail": "mail",
    "Prendre un RDV en ligne": "book",
    "Ce lieu n'accueille pas de public": "closed_to_public",
    "Envoyer un mail avec une fiche de prescription": "prescribe",
}
PUBLICS = {
    "Jeunes": "young",
    "Étudiants": "students",
    "Familles et/ou enfants": "families",
    "Seniors": "seniors",
    "Femmes": "women",
}
# A place for all of them; sources write it in more than one way.
FOR_EVERYONE = ("everyone", "tous-publics", "Tous publics", "all")
CARE = {
    "Surdité": "deaf",
    "Handicaps moteurs": "motor",
    "Handicaps mentaux": "mental",
    "Illettrisme": "illiteracy",
    "Langues étrangères (anglais)": "english",
    "Langues étrangères (autres)": "languages",
    "Déficience visuelle": "sight",
}


def cost_of(words: list[str]) -> Cost:
    """What the words of the standard say of a place whose services may differ.

    "Gratuit" and "Payant" together: some services are, nobody says which, so it is not known; the words stay.
    """
    said = set(words)
    if said == {"Gratuit"}:
        return Cost.FREE
    if said and said <= {"Gratuit", "Gratuit sous condition"}:
        return Cost.CONDITIONS
    return Cost.PAID if said == {"Payant"} else Cost.UNKNOWN


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Each way a need is written, without accents or signs, and the needs that it stands for."""
    names: dict[str, tuple[str, ...]] = {_plain(theme): needs for theme, needs in OF_THEME.items()}
    names.update({_plain(title): OF_THEME[theme] for title, theme in TITLES_OF_THEMES.items()})
    names.update({_plain(words): needs for words, needs in OF_STANDARD.items()})
    names.update({_plain(words): (need,) for words, need in LABELS.items()})
    names.update({_plain(need): (need,) for need in Need})
    return {name: tuple(str(need) for need in needs) for name, needs in names.items()}


def needs_named(text: str) -> tuple[str, ...]:
    """The needs that a name stands for, as codes: each of them answers it. ``()``: it names none.

    A name is one of our codes or labels, a service of the national standard, or a theme of data·inclusion (v1 or v0);
    capitals, accents and signs do not matter.

    >>> needs_named("numerique--acquerir-un-equipement")
    ('get_device',)
    >>> needs_named("acces internet et materiel informatique")
    ('use_computer_here', 'use_wifi_here')
    """
    return _names().get(_plain(text), ())


def is_theme(text: str) -> bool:
    """Whether a name has the form of a theme of data·inclusion: ``"sante--addictions"``."""
    return "--" in text and _THEME.fullmatch(text) is not None
