"""How an offer reads: price, what it brings, whom it is open to, where it stands, what changed in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common.templatetags.bagage import icon
from bagage.common.words import day_short
from bagage.connection import words
from bagage.connection.catalogue_words import KIND_LABELS, field_words, fields_words
from bagage.connection.domain.catalogue import Change, LineChange
from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Offer as SoldOffer
from bagage.connection.models import Offer
from bagage.connection.queries import catalogue as queries


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an offer stands: an icon, a word, a colour, and whether it asks for something."""

    icon: str
    word: str
    css: str = ""

    @property
    def html(self) -> str:
        """Shape, word, colour."""
        return format_html('<span class="state {}">{}{}</span>', self.css, icon(self.icon), self.word)


def standing(offer: Offer, today: date) -> Standing:
    """One standing, the most telling one: history, ended, to come, unknown, not verified for long, verified."""
    if offer.is_history:
        return Standing("history", _("histoire"))
    if offer.ends_on and offer.ends_on <= today:
        if offer.ends_on == offer.begins_on:
            return Standing("circle-x", _("corrigée le jour même"))
        return Standing("circle-x", _("retirée le %(day)s") % {"day": short_day(offer.ends_on, today)})
    if offer.begins_on and offer.begins_on > today:
        return Standing(
            "calendar-clock", _("à partir du %(day)s") % {"day": short_day(offer.begins_on, today)}, "on"
        )
    if offer.unknown:
        return Standing("circle-help", _("à vérifier"), "ask")
    if offer.verified_on is None:
        return Standing("clock", _("jamais vérifiée"), "ask")
    if offer.verified_on < queries.verified_before(today):
        days = (today - offer.verified_on).days
        return Standing("clock", _("vérifiée il y a %(count)s jours") % {"count": days}, "ask")
    return Standing(
        "circle-check", _("vérifiée le %(day)s") % {"day": short_day(offer.verified_on, today)}, "ok"
    )


def short_day(day: date, today: date) -> str:
    return day_short(day, year=day.year != today.year)


def price_words(offer: Offer | SoldOffer) -> str:
    """``"10,00 €"``, ``"4,00 € par mois"``."""
    if offer.price is None or "price" in offer.unknown:
        return _("prix non connu")
    price = words.euros(offer.price)
    return _("%(price)s par mois") % {"price": price} if offer.kind == "plan" else price


def validity_words(offer: Offer | SoldOffer) -> str:
    if offer.kind == "plan" and "commitment_months" in offer.unknown:
        return _("engagement non connu")
    if offer.kind == "plan":
        months = offer.commitment_months
        if not months:
            return _("sans engagement")
        return ngettext("engagement de %(count)s mois", "engagement de %(count)s mois", months) % {
            "count": months
        }
    if offer.validity_days is None:
        return _("durée non connue")
    return ngettext("%(count)s jour", "%(count)s jours", offer.validity_days) % {"count": offer.validity_days}


def beyond_words(offer: Offer | SoldOffer) -> str:
    """What using more costs, for a plan."""
    if offer.kind != "plan" or (not offer.overage and getattr(offer, "is_history", False)):
        return ""
    if "overage" in offer.unknown:
        return _("au-delà : on ne sait pas")
    if not offer.overage:
        return _("bloqué au-delà")
    return _("au-delà : %(prices)s") % {"prices": unit_words(offer.overage)}


def unit_words(prices: Mapping[str, int]) -> str:
    """``"0,30 € la minute, 0,10 € le SMS"``."""
    said = {
        "voice_min": _("%(price)s la minute"),
        "sms": _("%(price)s le SMS"),
        "data_mb": _("%(price)s le Mo"),
    }
    return ", ".join(
        said[key] % {"price": words.unit_euros(price)} for key, price in prices.items() if key in said
    )


def needs_words(requires: Iterable[Any]) -> str:
    """The conditions in words, choices last: "une pièce d’identité, et une adresse fixe ou une boîte mail"."""
    items = [item if isinstance(item, str) else sorted(item) for item in requires]
    sure = [item for item in items if isinstance(item, str) or len(item) == 1]
    choices = [words.requirement_words(item) for item in items if item not in sure]
    said = [words.needs_words(sure), *choices] if sure else choices
    return _(", et ").join(said) if said else _("sans condition")


def brings_words(offer: Offer | SoldOffer) -> str:
    return words.given_words(offer.allowances, offer.credit) or _("contenu non connu")


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """An offer as a page shows it."""

    offer: Offer
    price: str
    validity: str
    given: str
    beyond: str
    needs: str
    unknown: str
    standing: Standing
    sold: str
    is_open: bool
    asks: bool


def shown(offer: Offer, today: date) -> ShownOffer:
    """All the words of one offer."""
    return ShownOffer(
        offer=offer,
        price=price_words(offer),
        validity=validity_words(offer),
        given=brings_words(offer),
        beyond=beyond_words(offer),
        needs=needs_words(offer.requires),
        unknown=fields_words(offer.unknown),
        standing=standing(offer, today),
        sold=sold_words(offer, today),
        is_open=not offer.is_history and offer.ends_on is None,
        asks=standing(offer, today).icon == "clock",
    )


def sold_words(offer: Offer, today: date) -> str:
    """From when to when it is sold."""
    if offer.begins_on is None:
        return offer.as_of
    begins = short_day(offer.begins_on, today)
    if offer.ends_on is None:
        return (
            _("depuis le %(day)s") % {"day": begins}
            if offer.begins_on <= today
            else _("à partir du %(day)s") % {"day": begins}
        )
    return _("du %(first)s au %(last)s") % {"first": begins, "last": short_day(offer.ends_on, today)}


# ---------- what changed ----------


@dataclass(frozen=True, slots=True)
class Step:
    """One change that a file would make, or that two days differ by."""

    title: str
    sub: str
    icon: str
    details: list[str]
    price: str = ""


def step_of(line: SoldLine, offer: SoldOffer, mark: str) -> Step:
    """An offer that comes or goes; ``mark`` is its icon."""
    details = [brings_words(offer), needs_words(offer.requires)]
    return Step(offer.name or offer.id, line_title(line), mark, details, price_words(offer))


def line_title(line: SoldLine) -> str:
    """``"Opérateur, La Carte"``."""
    return ", ".join(part for part in (line.operator, line.name) if part) or line.id


def step_of_change(change: Change) -> Step:
    """An offer that changes: each difference, with what it was and what it is."""
    step = change.price_step
    mark = "arrow-up" if step > 0 else "arrow-down" if step < 0 else "pencil"
    details = [_difference(change.before, change.after, name) for name in change.fields]
    name = change.after.name or change.after.id
    return Step(name, line_title(change.line), mark, details, price_words(change.after))


def step_of_line(change: LineChange) -> Step:
    """A line whose names or terms change."""
    details = [_difference(change.before, change.after, name) for name in change.fields]
    return Step(line_title(change.after), _("la gamme"), "pencil", details)


def _difference(before: Any, after: Any, name: str) -> str:
    """``"prix : 5,00 € devient 6,00 €"``."""
    said = [_value(each, name) for each in (before, after)]
    return _("%(field)s : %(before)s devient %(after)s") % {
        "field": field_words(name),
        "before": said[0],
        "after": said[1],
    }


def _value(thing: Any, name: str) -> str:
    value = getattr(thing, name)
    if name in {"price", "sim_price", "credit", "monthly_cap"}:
        if name == "price":
            return price_words(thing)
        return _("aucun") if value is None else words.euros(value)
    if name in {"unit_prices", "overage"}:
        return unit_words(value) or _("aucun")
    if name == "allowances":
        return words.given_words(value) or _("rien")
    if name == "requires":
        return needs_words(value)
    if name == "unknown":
        return fields_words(value) or _("rien")
    if name == "kind":
        return str(KIND_LABELS.get(value, value))
    if name in {"validity_days", "commitment_months"}:
        return validity_words(thing)
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    return str(value) or _("rien")
