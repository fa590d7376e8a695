"""Conditions, amounts and money in the words that a screen shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from bagage.common.words import NBSP, joined, money
from bagage.connection.domain.programme import MAX_PAYMENT

# ---------- names ----------
# Words that operators begin an offer's name with; anything else is a name of its own and keeps its capital.
COMMON_NAMES = frozenset({"recharge", "forfait", "pack", "option", "carte", "abonnement", "crédit", "bon"})


def within_sentence(name: str) -> str:
    """The name of an offer after a comma: "recharge 3 Go", but "Azur 20 Go"."""
    return f"{name[:1].lower()}{name[1:]}" if name.split(" ")[0].lower() in COMMON_NAMES else name


# ---------- conditions ----------
# As a box that is ticked, in the order in which they are asked.
CONDITION_LABELS = {
    "identity_document": gettext_lazy("Pièce d’identité"),
    "smartphone": gettext_lazy("Smartphone"),
    "social_referral": gettext_lazy("Orientation sociale"),
    "bank_account": gettext_lazy("Compte bancaire"),
    "email": gettext_lazy("Boîte mail"),
    "fixed_address": gettext_lazy("Adresse fixe"),
    "internet_access": gettext_lazy("Internet pour souscrire"),
    "local_residence": gettext_lazy("Habite ici"),
    "income_proof": gettext_lazy("Justificatif de revenus"),
    MAX_PAYMENT: gettext_lazy("Argent d’avance"),
}
# In a sentence, as what one needs.
CONDITION_NEEDS = {
    "identity_document": gettext_lazy("une pièce d’identité"),
    "smartphone": gettext_lazy("un smartphone"),
    "social_referral": gettext_lazy("une orientation sociale"),
    "bank_account": gettext_lazy("un compte bancaire"),
    "email": gettext_lazy("une boîte mail"),
    "fixed_address": gettext_lazy("une adresse fixe"),
    "internet_access": gettext_lazy("internet pour souscrire"),
    "local_residence": gettext_lazy("habiter ici"),
    "income_proof": gettext_lazy("un justificatif de revenus"),
    MAX_PAYMENT: gettext_lazy("de quoi payer plus en une fois"),
}
CONDITION_ICONS = {
    "identity_document": "id-card",
    "smartphone": "smartphone",
    "social_referral": "send",
    "bank_account": "landmark",
    "email": "mail",
    "fixed_address": "map-pin",
    "internet_access": "globe",
    "local_residence": "house",
    "income_proof": "file-check",
    MAX_PAYMENT: "wallet",
}


def condition_label(code: str) -> str:
    """ "Compte bancaire"; a code that is not known is shown as it is."""
    return str(CONDITION_LABELS.get(code, code))


def condition_need(code: str) -> str:
    """ "un compte bancaire"."""
    return str(CONDITION_NEEDS.get(code, code))


def needs_words(missing: Iterable[str | Sequence[str]]) -> str:
    """Items of ``requires`` in a sentence: "un compte bancaire, une adresse fixe ou une orientation sociale"."""
    return joined([requirement_words(item) for item in missing])


def requirement_words(item: str | Iterable[str]) -> str:
    """One item: a condition, or alternatives with "ou" between them."""
    if isinstance(item, str):
        return condition_need(item)
    known = [code for code in CONDITION_NEEDS if code in set(item)]
    return joined([condition_need(code) for code in known or sorted(item)], last=gettext("ou"))


# ---------- money and amounts ----------
def euros(cents: int | None) -> str:
    """Whole cents: 1083 is "10,83 €"; ``None`` reads "on ne sait pas"."""
    return money(None if cents is None else Decimal(cents) / 100)


def decimal_words_of_cents(cents: int) -> str:
    """As one writes it in a field: 1500 is "15,00"."""
    return number_format(Decimal(cents) / 100, decimal_pos=2, use_l10n=True)


def unit_euros(hundredths: int) -> str:
    """Hundredths of a cent: 5500 is "0,55 €", 5 is "0,0005 €"."""
    if hundredths % 100 == 0:
        return euros(hundredths // 100)
    value = number_format(Decimal(hundredths) / 10_000, use_l10n=True)
    return money(0).replace(number_format(Decimal(0), decimal_pos=2, use_l10n=True), value)


def decimal_words(value: Decimal, places: int) -> str:
    """A figure with so many decimals, those that are zero left out: "1,1", "3"."""
    text = number_format(value, decimal_pos=places, use_l10n=True)
    zeros = number_format(Decimal(0), decimal_pos=places, use_l10n=True)[1:]
    return text.removesuffix(zeros)


def amount_words(resource: str, amount: int | None) -> str:
    """ "103 min", "43 SMS", "1,1 Go", "50 Mo"; ``None`` is unlimited."""
    if resource == "voice_min":
        return gettext("appels illimités") if amount is None else f"{_figure(amount)}{NBSP}min"
    if resource == "sms":
        return gettext("SMS illimités") if amount is None else f"{_figure(amount)}{NBSP}SMS"
    if amount is None:
        return gettext("internet illimité")
    if amount < 100:
        return gettext("%(count)s Mo") % {"count": amount}
    # A tenth of a gigabyte is as near as one may know it.
    tenths = (amount + 50) // 100
    return gettext("%(count)s Go") % {"count": decimal_words(Decimal(tenths) / 10, 1)}


def volume_words(megabytes: int) -> str:
    """What an offer gives, to the megabyte: "3 Go", "1,25 Go", "500 Mo"."""
    if megabytes < 1000:
        return gettext("%(count)s Mo") % {"count": _figure(megabytes)}
    text = number_format((Decimal(megabytes) / 1000).normalize(), use_l10n=True)
    return gettext("%(count)s Go") % {"count": text}


def _figure(amount: int) -> str:
    return number_format(amount, use_l10n=True, force_grouping=True)


def given_words(allowances: Mapping[str, int | None], credit: int = 0) -> str:
    """What an offer brings: "2 h d’appels, SMS illimités, 3 Go, 5,00 € de crédit"."""
    parts = []
    if "voice_min" in allowances:
        minutes = allowances["voice_min"]
        if minutes is None:
            parts.append(gettext("appels illimités"))
        elif minutes and minutes % 60 == 0:
            parts.append(gettext("%(count)s h d’appels") % {"count": minutes // 60})
        elif minutes:
            parts.append(gettext("%(count)s min d’appels") % {"count": _figure(minutes)})
    if "sms" in allowances:
        count = allowances["sms"]
        if count is None or count:
            parts.append(amount_words("sms", count))
    if "data_mb" in allowances:
        volume = allowances["data_mb"]
        if volume is None:
            parts.append(gettext("internet illimité"))
        elif volume:
            parts.append(volume_words(volume))
    if credit:
        parts.append(gettext("%(money)s de crédit") % {"money": euros(credit)})
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def resource_words(resource: str) -> str:
    """What runs short: "les appels", "les SMS", "internet"."""
    return {
        "voice_min": gettext("les appels"),
        "sms": gettext("les SMS"),
        "data_mb": gettext("internet"),
    }.get(resource, resource)


def months_words(days: int) -> str:
    """Over how long: "3 mois", "45 jours"."""
    if days % 30 == 0:
        months = days // 30
        return ngettext("%(count)s mois", "%(count)s mois", months) % {"count": months}
    return ngettext("%(count)s jour", "%(count)s jours", days) % {"count": days}
