"""Why something cannot be sold, and what can be done instead; what a right, a cap, a sale is called on screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common.words import day_short, joined
from bagage.connection.words import euros, within_sentence
from bagage.shop.domain import period, rights
from bagage.shop.domain.cap import Left
from bagage.shop.models import AccessRight, Product, Sale, ShopRules, StockMovement

KIND_ICONS = {"sim": "card-sim", "top_up": "wifi", "accessory": "plug"}
PAYMENT_ICONS = {"cash": "coins", "card": "credit-card", "voucher": "ticket"}
SALE_ICONS = {"sale": "receipt-euro", "refund": "undo-2", "correction": "pencil"}
MOVEMENT_ICONS = {
    "received": "package-plus",
    "sold": "receipt-euro",
    "refunded": "undo-2",
    "adjusted": "list-checks",
    "moved": "arrow-right",
}


# ---------- money ----------
def signed_euros(cents: int | None) -> str:
    """ "10,00 €", "−2,50 €"."""
    return euros(cents).replace("-", "−")


def note_words(cents: int) -> str:
    """A note: "20 €"."""
    return euros(cents).replace(",00", "").replace(".00", "")


def others_words(names: str, rest: int) -> str:
    """ "SIM, recharge et 1 autre"."""
    return ngettext("%(names)s et %(count)s autre", "%(names)s et %(count)s autres", rest) % {
        "names": names,
        "count": rest,
    }


# ---------- the cap ----------
def period_name(left: Left, kind: str) -> str:
    """ "en novembre", "sur les 30 derniers jours"."""
    if kind == period.CALENDAR_MONTH:
        return _("en %(month)s") % {"month": date_format(left.period_first, "F")}
    return _("sur 30 jours")


def per_period(kind: str) -> str:
    """After an amount: "par mois", "sur 30 jours"."""
    return _("par mois") if kind == period.CALENDAR_MONTH else _("sur 30 jours")


def cap_words(left: Left, amount: int, kind: str) -> str:
    """Why it does not fit: the cap, what is used, what is missing."""
    return _("Son plafond est de %(cap)s %(per)s, il reste %(left)s : il manque %(missing)s.") % {
        "cap": euros(left.cap),
        "per": per_period(kind),
        "left": euros(left.left),
        "missing": euros(amount - left.left),
    }


def more_words(left: Left) -> str:
    """When more can be bought again; ``""`` when nothing is used."""
    if left.more_on is None:
        return ""
    return _("Le plafond se libère le %(day)s.") % {"day": day_short(left.more_on)}


def cheaper_words(products: Sequence[Product]) -> str:
    """What still fits: "Possible aujourd’hui : recharge 1 Go à 5,00 €."; ``""`` when nothing does."""
    if not products:
        return ""
    named = [
        _("%(name)s à %(price)s") % {"name": within_sentence(one.name), "price": euros(one.price)}
        for one in products[:3]
    ]
    return _("Possible aujourd’hui : %(products)s.") % {"products": joined(named, last=_("ou"))}


# ---------- rights ----------
def source_words(source: str) -> str:
    """What opened a right: "bon n° 4512", "orientation acceptée", "décision", "renouvellement"."""
    kind, _colon, rest = source.partition(":")
    if kind == "voucher":
        return _("bon n° %(number)s") % {"number": rest}
    if kind == "referral":
        return _("orientation acceptée")
    return _("renouvellement") if kind == "renewal" else _("décision")


def right_words(right: AccessRight | None, today: date) -> str:
    """Where her right stands, as a sentence."""
    if right is None:
        return _("Pas de droits ouverts.")
    standing = right.standing_on(today)
    if standing == rights.LIVES:
        return _("Droits ouverts jusqu’au %(day)s.") % {"day": day_short(right.ends_on, year=True)}
    if standing == rights.COMING:
        return _("Droits ouverts à partir du %(day)s.") % {"day": day_short(right.begins_on, year=True)}
    if standing == rights.ENDED and right.ended_on is not None:
        return _("Droits fermés le %(day)s : %(reason)s.") % {
            "day": day_short(right.ended_on, year=True),
            "reason": right.end_reason.rstrip(". "),
        }
    return _("Droits finis le %(day)s.") % {"day": day_short(right.ends_on, year=True)}


def right_ways(right: AccessRight | None, rules: ShopRules) -> str:
    """What to do when no right lives."""
    if right is not None and right.ended_on is None and renewals_left(right, rules) > 0:
        return _("Ils se renouvellent depuis la page « Ses achats ».")
    return _("Un bon d’orientation ou une orientation acceptée en ouvre.")


def renewals_left(right: AccessRight, rules: ShopRules) -> int:
    """How many times this one can still be renewed; follows the chain, one query a step."""
    made, one = 0, right
    while one.renews is not None:
        made, one = made + 1, one.renews
    return max(0, rules.renewals - made)


def no_more_renewal_words(rules: ShopRules) -> str:
    """Why it is not renewed again."""
    if not rules.renewals:
        return _("Ces droits ne se renouvellent pas. Une nouvelle orientation ou un bon en ouvre d’autres.")
    return ngettext(
        "Ces droits ont déjà été renouvelés %(count)s fois, le plus possible. "
        "Une nouvelle orientation ou un bon en ouvre d’autres.",
        "Ces droits ont déjà été renouvelés %(count)s fois, le plus possible. "
        "Une nouvelle orientation ou un bon en ouvre d’autres.",
        rules.renewals,
    ) % {"count": rules.renewals}


# ---------- stock ----------
def stock_words(quantity: int) -> str:
    """ "Il en reste 6"."""
    if quantity <= 0:
        return _("Il n’en reste plus")
    return _("Il en reste %(count)s") % {"count": quantity}


def elsewhere_words(places: Sequence[tuple[str, int]]) -> str:
    """Where it still lies: "Il en reste 4 à Riquet."; ``""`` when nowhere."""
    if not places:
        return ""
    named = [_("%(count)s à %(site)s") % {"count": count, "site": site} for site, count in places[:3]]
    return _("Il en reste %(places)s.") % {"places": joined(named)}


def movement_words(one: StockMovement) -> str:
    """What happened to the stock, in a few words."""
    if one.kind == StockMovement.Kind.ADJUSTED:
        return _("Compté : %(count)s") % {"count": one.counted}
    if one.kind == StockMovement.Kind.MOVED and one.other is not None:
        word = _("Venu de %(site)s") if one.quantity > 0 else _("Parti à %(site)s")
        return word % {"site": one.other.site}
    return str(StockMovement.Kind(one.kind).label)


# ---------- sales ----------
def what_words(names: Sequence[str]) -> str:
    """What a sale is of: "recharge 3 Go", "carte SIM et recharge 3 Go"."""
    return joined([within_sentence(name) for name in names])


def sale_title(sale: Sale) -> str:
    """ "Reçu 2026-0042"."""
    if sale.is_sale:
        return _("Reçu %(number)s") % {"number": sale.receipt}
    return f"{sale.get_kind_display()} {sale.receipt}"


def till_since(opened_at: datetime) -> str:
    """For Today: since when a till is open."""
    return day_short(opened_at)
