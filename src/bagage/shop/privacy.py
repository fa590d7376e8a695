"""What is held of the solidarity counter."""

from typing import Any
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from bagage.trail.registry import Declaration, Processing, declare


def _no_voucher(right: Any) -> str:
    """The number of a paper voucher goes; that it was one stays."""
    source = str(right.source)
    return f"voucher:{uuid4().hex[:16]}" if source.startswith("voucher:") else source


declare(
    Processing(
        "shop",
        title=_("Vendre au comptoir solidaire"),
        purpose=_("Vendre cartes et recharges dans les règles de l’opérateur, tenir la caisse et le stock."),
        basis=_("Contrat de vente ; obligation comptable pour les montants."),
        concerned=_("Les personnes accueillies."),
        recipients=("sell", "grant_rights"),
        kept=_("Les montants, sans personne derrière : dix ans (article L123-22 du code de commerce)."),
    ),
    Declaration(
        "shop.AccessRight",
        group="purchases",
        person="person",
        pages=("shop:right_end",),
        processing="shop",
        thing="right",
        contact="opened_at",
        what=_("Droits d’accès au comptoir : depuis quand, jusqu’à quand, ce qui les a ouverts"),
        why=_("Le programme les limite dans le temps."),
        personal=("source", "end_reason"),
        erase={"source": _no_voucher},
        export={
            "node": _("Permanence"),
            "source": _("Ouvert par"),
            "begins_on": _("Du"),
            "ends_on": _("Au"),
            "ended_on": _("Arrêté le"),
            "end_reason": _("Pourquoi"),
        },
    ),
    Declaration(
        "shop.Sale",
        group="purchases",
        dated="sold_at",
        person="person",
        pages=(
            "shop:receipt",
            "shop:receipt_pdf",
            "shop:sale",
            "shop:sale_refund",
        ),
        processing="shop",
        thing="sale",
        contact="sold_at",
        what=_("Achats : jour, montant, reçu"),
        why=_("Respecter le plafond du mois ; tenir la caisse."),
        personal=("payment_note", "reason"),
        export={
            "site": _("Permanence"),
            "on": _("Le"),
            "number": _("Reçu"),
            "kind": _("Sorte"),
            "total": _("Montant"),
            "payment": _("Payé par"),
            "payment_note": _("Note"),
            "reason": _("Raison"),
        },
    ),
    Declaration(
        "shop.SaleLine",
        group="purchases",
        person="sale__person",
        processing="shop",
        what=_("Détail des achats"),
        why=_("Respecter le plafond ; tenir le stock."),
        plain=("name",),
        export={
            "name": _("Quoi"),
            "quantity": _("Combien"),
            "unit_price": _("Prix"),
            "counts_on": _("Compte le"),
        },
    ),
    Declaration(
        "shop.StockMovement",
        group="stock_notes",
        person="sale_line__sale__person",
        processing="shop",
        what=_("Ce qui sort du stock pour ces achats, ou y revient"),
        why=_("Un stock juste."),
        personal=("reason",),
    ),
    Declaration("shop.Till", processing="shop", what=_("Les caisses de chaque jour"), plain=("word",)),
    Declaration("shop.ShopRules", processing="house", what=_("Les règles du comptoir")),
    Declaration(
        "shop.Product", processing="house", what=_("Les produits et leurs prix"), plain=("name", "details")
    ),
    Declaration("shop.StockPlace", processing="house", what=_("Où chaque produit est rangé")),
)
