"""What someone may come for, told apart: to use a computer there is not to be given one.

Source of the words: the nine services of the national standard of places of digital mediation v1.0.2, and the four
thematics of data·inclusion v1. The standard's « Accès internet et matériel informatique » is use on the spot; its
« Acquisition de matériel informatique à prix solidaire » is to leave with something. Some needs are of no word of the
standard: no place of today's files says that it answers them, and that is shown as not known.
"""

from enum import StrEnum


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
