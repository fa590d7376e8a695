"""What is printed at the counter: the receipt, A6."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bagage.common.pdf import render_pdf
from bagage.common.words import day, day_short, hour, written_for
from bagage.connection.models import HeldLine
from bagage.connection.words import euros
from bagage.shop.models import Sale
from bagage.shop.words import signed_euros


def receipt_paper(sale: Sale) -> bytes:
    """The receipt as an A6 sheet: what, how much, until when the line lives.

    Her first name only, for a receipt is lost; in the language of the house, whoever prints it.
    """
    with written_for():
        return _drawn(sale)


def _drawn(sale: Sale) -> bytes:
    lines = list(sale.lines.select_related("held_line"))
    until = _until([line.held_line for line in lines if line.held_line is not None])
    paid = _("Payé : %(how)s") if sale.is_sale else _("Rendu : %(how)s")
    facts = [paid % {"how": sale.get_payment_display().lower()}]
    if sale.given is not None and sale.change is not None:
        facts.append(_("Donné : %(money)s") % {"money": euros(sale.given)})
        facts.append(_("Rendu : %(money)s") % {"money": euros(sale.change)})
    if sale.refunds is not None:
        facts.append(_("Reprend le reçu %(number)s.") % {"number": sale.refunds.receipt})
        facts.append(sale.reason)
    title = _("Reçu") if sale.is_sale else str(sale.get_kind_display())
    return render_pdf(
        "shop/receipt.typ",
        {
            "lang": (get_language() or "fr")[:2],
            "title": f"{title} {sale.receipt}",
            "place": sale.site.organisation.name,
            "address": sale.site.full_address,
            "when": _("%(day)s à %(hour)s")
            % {"day": day(sale.sold_at, year=True), "hour": hour(sale.sold_at)},
            "name": _("Pour %(name)s") % {"name": sale.person.chosen_name},
            "lines": [
                {
                    "name": line.name if abs(line.quantity) == 1 else f"{line.name} × {abs(line.quantity)}",
                    "price": signed_euros(line.amount),
                }
                for line in lines
            ],
            "total_word": _("Total"),
            "total": signed_euros(sale.total),
            "facts": facts,
            "until": until if sale.is_sale else "",
            "end": _("Gardez ce papier : il permet d’échanger ou de rendre."),
        },
    )


def _until(held: list[HeldLine]) -> str:
    dated = [line.live_until for line in held if line.live_until is not None]
    if not dated:
        return ""
    return _("Votre ligne vit jusqu’au %(day)s.") % {"day": day_short(max(dated), year=True)}
