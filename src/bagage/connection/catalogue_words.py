"""The words of the catalogue: names of columns, and what is wrong with a file, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from bagage.common.words import before_colon, joined, quoted
from bagage.connection.domain import catalogue_file
from bagage.connection.domain.programme import CONDITIONS, OFFER_FACTS, RESOURCES
from bagage.connection.domain.sheet import COLUMNS, Words, WrongHeadings, plain
from bagage.connection.words import CONDITION_LABELS

COLUMN_LABELS = {
    "line_id": gettext_lazy("Code de la gamme"),
    "operator": gettext_lazy("Opérateur"),
    "line_name": gettext_lazy("Gamme"),
    "solidarity": gettext_lazy("Solidaire"),
    "sim_price": gettext_lazy("Prix de la SIM"),
    "monthly_cap": gettext_lazy("Plafond par mois"),
    "unit_voice_min": gettext_lazy("Prix de la minute sur le crédit"),
    "unit_sms": gettext_lazy("Prix du SMS sur le crédit"),
    "unit_data_mb": gettext_lazy("Prix du Mo sur le crédit"),
    "offer_id": gettext_lazy("Code de l’offre"),
    "offer_name": gettext_lazy("Offre"),
    "kind": gettext_lazy("Sorte"),
    "price": gettext_lazy("Prix"),
    "validity_days": gettext_lazy("Jours de validité"),
    "voice_min": gettext_lazy("Minutes"),
    "sms": pgettext_lazy("heading", "SMS"),
    "data_mb": gettext_lazy("Mo"),
    "credit": gettext_lazy("Crédit"),
    "over_voice_min": gettext_lazy("Prix de la minute au-delà"),
    "over_sms": gettext_lazy("Prix du SMS au-delà"),
    "over_data_mb": gettext_lazy("Prix du Mo au-delà"),
    "commitment_months": gettext_lazy("Mois d’engagement"),
    "requires": gettext_lazy("Conditions"),
    "source": gettext_lazy("Source"),
    "as_of": gettext_lazy("Date de la source"),
    "verified_on": gettext_lazy("Vérifiée le"),
    "unknown": gettext_lazy("Ce que la source ne dit pas"),
    "begins_on": gettext_lazy("Vendue à partir du"),
    "ends_on": gettext_lazy("Retirée le"),
    "note": gettext_lazy("Remarque"),
}
FIELD_LABELS = {
    "operator": gettext_lazy("opérateur"),
    "solidarity": gettext_lazy("solidaire"),
    "sim_price": gettext_lazy("prix de la SIM"),
    "monthly_cap": gettext_lazy("plafond par mois"),
    "unit_prices": gettext_lazy("prix sur le crédit"),
    "name": pgettext_lazy("offer", "nom"),
    "kind": gettext_lazy("sorte"),
    "price": gettext_lazy("prix"),
    "validity_days": gettext_lazy("durée de validité"),
    "allowances": gettext_lazy("ce qu’elle comprend"),
    "credit": gettext_lazy("crédit"),
    "overage": gettext_lazy("prix au-delà"),
    "commitment_months": gettext_lazy("engagement"),
    "requires": gettext_lazy("conditions"),
    "source": gettext_lazy("source"),
    "as_of": gettext_lazy("date de la source"),
    "verified_on": gettext_lazy("vérification"),
    "unknown": gettext_lazy("ce qui n’est pas su"),
    "note": gettext_lazy("remarque"),
    "ends_on": gettext_lazy("fin"),
}
RESOURCE_LABELS = {
    "voice_min": gettext_lazy("minutes"),
    "sms": pgettext_lazy("in a sentence", "SMS"),
    "data_mb": gettext_lazy("internet"),
}
KIND_LABELS = {"plan": gettext_lazy("forfait"), "top_up": gettext_lazy("recharge")}
YES, NO, UNLIMITED = gettext_lazy("oui"), gettext_lazy("non"), gettext_lazy("illimité")


def field_words(name: str) -> str:
    """``"allowances.sms"`` → "SMS compris"; ``"requires.email"`` → "faut-il une boîte mail"."""
    first, _dot, rest = name.partition(".")
    if first == "requires" and rest in CONDITION_LABELS:
        return gettext("condition « %(condition)s »") % {"condition": CONDITION_LABELS[rest]}
    if first == "allowances" and rest in RESOURCES:
        return gettext("%(resource)s compris") % {"resource": RESOURCE_LABELS[rest]}
    if first == "unit_prices" and rest in RESOURCES:
        return gettext("prix sur le crédit : %(resource)s") % {"resource": RESOURCE_LABELS[rest]}
    return str(FIELD_LABELS.get(first, first))


def fields_words(names: Iterable[str]) -> str:
    """Like "prix, conditions et source"."""
    return joined([field_words(name) for name in names])


def column_words(name: str) -> str:
    """The heading of a column; what is none is shown as it is."""
    return str(COLUMN_LABELS.get(name, name))


def sheet_table(rows: Iterable[Mapping[str, str]]) -> list[list[str]]:
    """A table with its headings in the reader's language, ready for a file."""
    return [
        [column_words(name) for name in COLUMNS],
        *([row.get(name, "") for name in COLUMNS] for row in rows),
    ]


@cache
def sheet_words() -> Words:
    """What may be written in a table, in every language of the installation."""
    columns: dict[str, str] = {}
    conditions: dict[str, str] = {}
    fields: dict[str, str] = {}
    kinds: dict[str, str] = {}
    yes: set[str] = set()
    no: set[str] = set()
    unlimited: set[str] = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            columns |= {str(label): name for name, label in COLUMN_LABELS.items()}
            conditions |= {str(CONDITION_LABELS[code]): code for code in CONDITIONS}
            fields |= {str(FIELD_LABELS[name]): name for name in OFFER_FACTS}
            kinds |= {str(label): kind for kind, label in KIND_LABELS.items()}
            yes.add(plain(str(YES)))
            no.add(plain(str(NO)))
            unlimited.add(plain(str(UNLIMITED)))
    return Words(columns, conditions, fields, kinds, frozenset(unlimited), frozenset(yes), frozenset(no))


# ---------- what is wrong ----------

_FAULTS = {
    "required": gettext_lazy("Il manque une valeur."),
    "above_zero": gettext_lazy("Un prix est plus grand que zéro."),
    "whole": gettext_lazy("Un nombre entier est attendu."),
    "range": gettext_lazy("Ce nombre est trop petit ou trop grand."),
    "text": gettext_lazy("Un texte est attendu."),
    "number": gettext_lazy("Ce n’est pas un nombre."),
    "long": gettext_lazy("C’est trop long."),
    "kind": gettext_lazy("La sorte est « forfait » ou « recharge »."),
    "condition": gettext_lazy("Cette condition n’est pas connue."),
    "alternatives": gettext_lazy("Une liste de choix en compte au moins un."),
    "field": gettext_lazy("Ce n’est pas le nom d’une information de l’offre."),
    "date": gettext_lazy("Une date s’écrit 24/11/2026 ou 2026-11-24."),
    "yes_or_no": gettext_lazy("Répondez par oui ou par non."),
    "twice": gettext_lazy("Ce code est déjà plus haut dans le fichier."),
    "other_line": gettext_lazy("Les lignes d’une même gamme doivent en dire la même chose."),
    "before": gettext_lazy("La fin vient avant le début."),
    "formula": gettext_lazy("C’est une formule. Copiez la cellule, puis collez seulement sa valeur."),
    "unknown_key": gettext_lazy("Ce nom n’est pas connu."),
    "object": gettext_lazy("Un objet JSON, entre accolades, est attendu."),
    "list": gettext_lazy("Une liste JSON, entre crochets, est attendue."),
    "empty": gettext_lazy("Le fichier ne contient aucune offre."),
    "money": gettext_lazy("Un montant en euros est attendu, comme 5,00."),
}
_KINDS = {
    "validity_days": gettext_lazy(
        "Un forfait n’a pas de durée : il recommence tous les 30 jours. Laissez vide."
    ),
    "credit": gettext_lazy("Un forfait n’apporte pas de crédit. Laissez vide."),
    "overage": gettext_lazy("Une recharge n’a pas de prix au-delà. Laissez vide."),
    "commitment_months": gettext_lazy("Une recharge n’engage pas. Laissez vide."),
}


def fault_words(code: str, *, column: str = "", rule: str = "") -> str:
    """What is wrong with one value, and what is right, in one sentence."""
    if code in {"plan", "top_up"}:
        field = "overage" if column.startswith("over_") else column
        return str(_KINDS.get(field, _FAULTS["text"]))
    if code == "twice" and "key" in rule:
        return gettext("Ce nom est écrit deux fois au même endroit.")
    if code == "money":
        if "negative" in rule:
            return gettext("Un montant n’est pas négatif.")
        if "decimals" in rule:
            places = 4 if "4" in rule else 2
            return gettext("Au plus %(count)s décimales.") % {"count": places}
        if "euros" in rule and "most" in rule:
            return gettext("C’est plus d’un million d’euros.")
    return str(_FAULTS.get(code, rule))


def unreadable_words(error: catalogue_file.Unreadable) -> str:
    """Why a file cannot be read, and what to do."""
    if error.code == catalogue_file.EMPTY:
        return gettext("Ce fichier est vide.")
    if error.code == catalogue_file.TOO_LARGE:
        return gettext(
            "Ce fichier est trop gros : 5 Mo au plus. Un catalogue de 1 000 offres en fait moins d’un."
        )
    if error.code == catalogue_file.OLD_EXCEL:
        return gettext("C’est un ancien format de tableur (.xls). Enregistrez-le en .xlsx ou en CSV.")
    if error.code == catalogue_file.OTHER_FILE:
        return gettext("Ce n’est pas un tableau. Donnez un fichier .xlsx, CSV ou JSON.")
    if error.code == catalogue_file.TOO_MANY_ROWS:
        return gettext("Ce tableau a plus de 5 000 lignes. Partagez-le en plusieurs.")
    if error.code == catalogue_file.BAD_JSON:
        found = re.search(r"line (\d+), column (\d+)", error.detail)
        if found:
            return gettext("Ce fichier JSON a une faute d’écriture, ligne %(line)s, signe %(position)s.") % {
                "line": found[1],
                "position": found[2],
            }
        return gettext("Ce fichier JSON a une faute d’écriture.")
    return gettext("Ce fichier est abîmé : il ne s’ouvre pas. Enregistrez-le de nouveau, puis réessayez.")


def headings_words(error: WrongHeadings) -> str:
    """Which headings are missing, and which were found."""
    missing = joined([quoted(column_words(name)) for name in error.missing])
    says = ngettext(
        "Il manque la colonne %(missing)s.", "Il manque les colonnes %(missing)s.", len(error.missing)
    ) % {"missing": missing}
    if error.found:
        found = gettext("Dans le fichier")
        says += f" {before_colon(found)} {', '.join(error.found)}."
    return says + " " + gettext("Partez d’un export du catalogue : ses titres sont les bons.")


def programme_fault_words(fault: Mapping[str, str]) -> str:
    """A fault that was kept with an import."""
    return fault_words(str(fault["code"]), column=str(fault["column"]), rule=str(fault["rule"]))
