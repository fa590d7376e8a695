"""The verbs of shop in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, object] = {
    "product.add": _("a ajouté un produit"),
    "product.change": _("a changé un produit ou son prix"),
    "product.end": _("a retiré un produit de la vente"),
    "product.resume": _("a remis un produit en vente"),
    "read_purchases": _("a lu ses achats"),
    "right.end": _("a fermé des droits"),
    "right.open": _("a ouvert des droits"),
    "right.renew": _("a renouvelé des droits"),
    "sale.correct": _("a corrigé une vente"),
    "sale.refund": _("a remboursé une vente"),
    "sale.sell": _("a encaissé une vente"),
    "shop.rules": _("a changé les règles du comptoir"),
    "stock.count": _("a compté un stock"),
    "stock.move": _("a déplacé du stock"),
    "stock.receive": _("a noté du stock reçu"),
    "till.close": _("a fermé une caisse"),
    "till.open": _("a ouvert une caisse"),
}
