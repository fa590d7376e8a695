"""What is wrong with a file or a row, in the words that a screen shows: the rule, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext

from bagage.imports.domain.tables import (
    BROKEN,
    EMPTY,
    LARGEST_FILE,
    LOCKED,
    MOST_ROWS,
    NO_ROWS,
    NO_SHEET,
    OTHER_FILE,
    TOO_LARGE,
    TOO_MANY_ROWS,
)


def unreadable_words(code: str, detail: str = "") -> str:
    """Why a file cannot be read, and what can be done."""
    facts = {"rows": f"{MOST_ROWS:,}".replace(",", " "), "size": LARGEST_FILE // 1_000_000, "sheet": detail}
    return {
        EMPTY: gettext("Ce fichier est vide."),
        NO_ROWS: gettext("Ce fichier n’a que des titres : il n’y a aucune ligne dessous."),
        TOO_LARGE: gettext("Ce fichier dépasse %(size)s Mo. Partagez-le en plusieurs."),
        LOCKED: gettext(
            "Ce fichier est fermé par un mot de passe. Enregistrez-en une copie sans mot de passe."
        ),
        OTHER_FILE: gettext(
            "Ce n’est pas un tableau. Il faut un fichier CSV, XLSX, XLS, ODS ou JSON : « Enregistrer sous » le fait."
        ),
        BROKEN: gettext("Ce fichier est abîmé : ouvrez-le dans le tableur, puis enregistrez-le de nouveau."),
        TOO_MANY_ROWS: gettext("Ce fichier a plus de %(rows)s lignes. Partagez-le en plusieurs."),
        NO_SHEET: gettext("Ce fichier n’a pas de feuille « %(sheet)s »."),
    }[code] % facts


def fault_words(fault: Mapping[str, Any]) -> str:
    """What is wrong with a row, and the way out; for the codes that all kinds share."""
    code, facts = str(fault["code"]), dict(fault.get("facts") or {})
    if code == "refused":
        return str(facts.get("words", ""))
    said = {
        "day_impossible": gettext(
            "Ce jour n’existe pas : le %(day)s %(month_name)s. Laissez vide si on ne sait pas."
        ),
        "month_impossible": gettext("Il n’y a pas de mois %(month)s. Laissez vide si on ne sait pas."),
        "not_a_day": gettext("Ce n’est ni une date ni une année. Écrivez 12/03/1985, ou laissez vide."),
        "day_to_come": gettext("Cette date n’est pas encore passée."),
        "day_too_old": gettext("L’année %(year)s est trop ancienne pour cette date."),
        "birth_to_come": gettext("Naissance en %(year)s : ce n’est pas encore passé."),
        "too_old": gettext("Naissance en %(year)s : plus de 120 ans."),
        "not_an_age": gettext("Un âge s’écrit avec un nombre, comme 41."),
        "not_yes_no": gettext("Écrivez oui ou non, ou laissez vide : on ne sait pas est une réponse."),
        "not_a_number": gettext("Écrivez un nombre entier, ou laissez vide."),
        "out_of_bounds": gettext("Le nombre est entre %(lowest)s et %(highest)s."),
        "missing": gettext("Il manque. Cette case doit être remplie."),
        "too_long": gettext("C’est trop long : %(most)s lettres au plus."),
        "not_found": gettext("Personne ne porte ce nom ici. Écrivez-le comme dans Bagage."),
        "not_in_scope": gettext("Ce lieu n’est pas dans vos permanences, ou n’existe pas."),
        "twice_in_file": gettext(
            "C’est déjà la ligne %(row)s. Changez l’un des deux, ou laissez cette ligne de côté."
        ),
        "other_row_not_written": gettext("La ligne à laquelle elle devait se joindre n’est pas écrite."),
        "refused_by_base": gettext(
            "Quelqu’un a écrit la même chose entre-temps. Relisez-la, puis écrivez de nouveau."
        ),
        "used_since": gettext("A servi depuis : il reste."),
    }.get(code)
    if said is None:
        return gettext("Cette valeur ne peut pas être écrite.")
    if code == "day_impossible":
        facts["month_name"] = MONTHS[int(facts["month"])]
    return said % facts if "%(" in said else said
