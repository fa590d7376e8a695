"""Reasons and troubles in the words that a screen shows."""

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from bagage.common import words
from bagage.people.domain.likeness import Reason
from bagage.people.domain.phones import PhoneProblem
from bagage.people.models import Person


@dataclass(frozen=True, slots=True)
class Why:
    """One reason as it is shown; ``speaks`` is for (True), against (False) or neither (None)."""

    kind: str
    text: str
    speaks: bool | None

    def __str__(self) -> str:
        return self.text

    @property
    def icon(self) -> str:
        """The small picture beside it."""
        return {True: "check", False: "x", None: "circle-help"}[self.speaks]


def why(reason: Reason, grammar: str) -> Why:
    """A reason in words, agreed with how one speaks of her; alike reasons of two words read alike."""
    return Why(reason.kind, _text(reason, grammar), reason.speaks)


def whys(reasons: tuple[Reason, ...], grammar: str) -> tuple[Why, ...]:
    """All reasons, each sentence once."""
    found = [why(reason, grammar) for reason in reasons]
    return tuple({one.text: one for one in found}.values())


def _text(reason: Reason, grammar: str) -> str:
    pair = {"one": _capital(reason.one), "other": _capital(reason.other)}
    match reason.kind:
        case "said_for":
            return gettext("%(one)s se dit pour %(other)s") % pair
        case "one_letter":
            return gettext("%(one)s et %(other)s, une lettre") % pair
        case "two_letters":
            return gettext("%(one)s et %(other)s, deux lettres") % pair
        case "letters_swapped":
            return gettext("%(one)s et %(other)s, deux lettres échangées") % pair
        case "begins":
            return gettext("%(other)s commence ainsi") % pair
        case "short_form":
            return gettext("%(one)s et %(other)s, l’un abrège l’autre") % pair
        case "written_as_one":
            return gettext("%(one)s et %(other)s, écrit en un ou plusieurs mots") % pair
        case "place":
            return gettext("vit à cet endroit : %(place)s") % {"place": reason.one}
        case "same_sound":
            return gettext("même son")
        case "near_sound":
            return gettext("%(one)s et %(other)s, presque le même son") % pair
        case "same_consonants":
            return gettext("%(one)s et %(other)s, mêmes consonnes") % pair
        case "same_name":
            return gettext("même nom")
        case "part_of_name":
            return gettext("une partie de son nom")
        case "swapped":
            return gettext("nom et prénom échangés ?")
        case "same_code":
            return gettext("code de sa carte")
        case "ended_code":
            return gettext("code d’une carte perdue")
        case "same_phone":
            return gettext("même téléphone")
        case "phone_digit":
            return gettext("téléphone : un chiffre diffère")
        case "phone_missing":
            return gettext("téléphone : il manque un chiffre")
        case "phone_extra":
            return gettext("téléphone : un chiffre de trop")
        case "phone_swapped":
            return gettext("téléphone : deux chiffres échangés")
        case "other_phone":
            return gettext("autre téléphone")
        case "phone_unknown":
            return gettext("téléphone : on ne sait pas")
        case "birth_unknown":
            return gettext("année : on ne sait pas")
        case _:
            return _birth(reason, grammar)


def _birth(reason: Reason, grammar: str) -> str:
    facts = {"year": reason.year, "sought": reason.sought_year, "day": ""}
    if reason.on is not None:
        facts["day"] = words.day_short(reason.on, year=True)
    if reason.kind == "birth_swapped":
        return gettext("jour et mois échangés ? %(day)s") % facts
    if reason.kind == "birth_digit":
        return gettext("naissance : un chiffre diffère, %(day)s") % facts
    if reason.kind in {"birth_other", "birth_near"}:
        return {
            "she": gettext("née en %(year)s, pas %(sought)s"),
            "he": gettext("né en %(year)s, pas %(sought)s"),
        }.get(grammar, gettext("naissance en %(year)s, pas %(sought)s")) % facts
    if reason.kind == "birth_about":
        return born_about(reason.year, grammar)
    if reason.on is not None:
        return {"she": gettext("née le %(day)s"), "he": gettext("né le %(day)s")}.get(
            grammar, gettext("naissance le %(day)s")
        ) % facts
    return {"she": gettext("née en %(year)s"), "he": gettext("né en %(year)s")}.get(
        grammar, gettext("naissance en %(year)s")
    ) % facts


def born_about(year: int, grammar: str = "") -> str:
    """Like "née vers 1985"."""
    return {"she": gettext("née vers %(year)s"), "he": gettext("né vers %(year)s")}.get(
        grammar, gettext("naissance vers %(year)s")
    ) % {"year": year}


def birth_words(person: Person) -> str:
    """Like "12 mars 1985", "1985", "vers 1985" or "on ne sait pas"."""
    if person.birth_date:
        return words.day_short(person.birth_date, year=True)
    if person.birth_year:
        return (
            gettext("vers %(year)s") % {"year": person.birth_year}
            if person.is_birth_year_about
            else str(person.birth_year)
        )
    return gettext("on ne sait pas")


def phone_trouble(problem: PhoneProblem) -> str:
    """What is wrong with a number, and the way out, in the reader's language."""
    said = {
        "missing": ngettext("Il manque %(count)s chiffre.", "Il manque %(count)s chiffres.", problem.count),
        "extra": ngettext(
            "Il y a %(count)s chiffre de trop.", "Il y a %(count)s chiffres de trop.", problem.count
        ),
        "letters": gettext("Un numéro s’écrit avec des chiffres."),
        "unknown": gettext("Ce numéro n’existe dans aucun pays que nous connaissons."),
    }[problem.code] % {"count": problem.count}
    without = gettext("Sans téléphone, laissez vide : un coupon suffit.")
    return f"{said} {without}"


def _capital(word: str) -> str:
    """A name as it is written in a sentence; its other capitals are hers."""
    return word[:1].upper() + word[1:]
