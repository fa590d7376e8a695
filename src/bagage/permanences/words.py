"""Hours, states and what undoing keeps, in sentences of the reader's language."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from bagage.common import hours as rules
from bagage.common import words
from bagage.permanences.domain.lifecycle import (
    ARRIVED,
    BOOKED,
    CANCELLED,
    DONE,
    EXCUSED,
    MOVED,
    NO_SHOW,
    UNDER_WAY,
)
from bagage.skills.models import Item


def openness_in_words(openness: rules.Openness, now: datetime) -> str:
    """``"Ouvert jusqu’à 17 h 30"``, ``"Fermé, ouvre à 14 h"``, ``"Fermé, ouvre jeudi 26 novembre à 9 h"``."""
    if openness.is_open and openness.until:
        return gettext("Ouvert jusqu’à %(hour)s") % {"hour": words.hour(openness.until.time())}
    if openness.opens_at is None:
        return gettext("Fermé, on ne sait pas quand cela rouvre")
    if openness.opens_at.date() == now.date():
        return gettext("Fermé, ouvre à %(hour)s") % {"hour": words.hour(openness.opens_at.time())}
    return gettext("Fermé, ouvre %(day)s à %(hour)s") % {
        "day": words.day(openness.opens_at.date()),
        "hour": words.hour(openness.opens_at.time()),
    }


def moment(value: datetime) -> str:
    """``"jeudi 26 novembre à 10 h 30"``."""
    local = timezone.localtime(value)
    return gettext("%(day)s à %(hour)s") % {"day": words.day(local), "hour": words.hour(local)}


# Of a woman, of a man, of whom nobody has said how to speak.
STATE_WORDS: dict[str, tuple[str, str, str]] = {
    BOOKED: (gettext_noop("Attendue"), gettext_noop("Attendu"), gettext_noop("On l’attend")),
    ARRIVED: (gettext_noop("Arrivée"), gettext_noop("Arrivé"), gettext_noop("Sur place")),
    UNDER_WAY: (gettext_noop("En cours"), gettext_noop("En cours"), gettext_noop("En cours")),
    DONE: (gettext_noop("Partie"), gettext_noop("Parti"), gettext_noop("Terminé")),
    NO_SHOW: (gettext_noop("Pas venue"), gettext_noop("Pas venu"), gettext_noop("Absence")),
    EXCUSED: (gettext_noop("Excusée"), gettext_noop("Excusé"), gettext_noop("A prévenu")),
    CANCELLED: (gettext_noop("Annulé"), gettext_noop("Annulé"), gettext_noop("Annulé")),
    MOVED: (gettext_noop("Déplacé"), gettext_noop("Déplacé"), gettext_noop("Déplacé")),
}


def state_word(state: str, grammar: str = "") -> str:
    """The state of an appointment, agreed with how one speaks of her; neutral when it is not known."""
    return gettext(STATE_WORDS[state][{"she": 0, "he": 1}.get(grammar, 2)])


def undo_keeps(old_state: str) -> str:
    """What undoing a step does, and what it keeps."""
    table = {
        ARRIVED: gettext("L’heure d’arrivée est retirée. Le rendez-vous reste."),
        UNDER_WAY: gettext("Le début est retiré. Ce qui a été écrit dans le dossier reste."),
        DONE: gettext("Le départ est retiré. Ce qui a été écrit dans le dossier reste."),
        NO_SHOW: gettext("L’absence est retirée. Un message déjà dit ou parti reste."),
        EXCUSED: gettext("Le rendez-vous est repris à la même heure. Un message déjà dit ou parti reste."),
        CANCELLED: gettext("Le rendez-vous est repris à la même heure. Un message déjà dit ou parti reste."),
        MOVED: gettext(
            "L’ancienne heure est reprise, la nouvelle est libre. Un message déjà dit ou parti reste."
        ),
    }
    return table.get(old_state, "")


# Of a woman, of a man, of whom nobody has said how to speak.
SEAT_WORDS: dict[str, tuple[str, str, str]] = {
    "booked": (gettext_noop("Inscrite"), gettext_noop("Inscrit"), gettext_noop("Place réservée")),
    "waiting": (
        gettext_noop("Attend une place"),
        gettext_noop("Attend une place"),
        gettext_noop("Attend une place"),
    ),
    "present": (gettext_noop("Présente"), gettext_noop("Présent"), gettext_noop("Sur place")),
    "absent": (gettext_noop("Absente"), gettext_noop("Absent"), gettext_noop("Absence")),
    "excused": (gettext_noop("Excusée"), gettext_noop("Excusé"), gettext_noop("A prévenu")),
    "left": (
        gettext_noop("A laissé sa place"),
        gettext_noop("A laissé sa place"),
        gettext_noop("A laissé sa place"),
    ),
    "called_off": (gettext_noop("Décommandée"), gettext_noop("Décommandé"), gettext_noop("Annulé")),
}


def seat_word(state: str, grammar: str = "") -> str:
    """The state of a place in a session, agreed with how one speaks of her; neutral when it is not known."""
    return gettext(SEAT_WORDS[state][{"she": 0, "he": 1}.get(grammar, 2)])


def item_title(item: Item) -> str:
    """What can be observed, in the reader's language."""
    return item.title_fr if words.is_french() else item.title_en
