"""What is held of her line, of what was advised, of what she pays."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from bagage.trail.registry import Declaration, Erase, Processing, declare


def _horizon(advice: Any) -> dict[str, Any]:
    """Over how many days it was computed, without which its amounts say nothing."""
    return {name: advice.asked[name] for name in ("horizon_days",) if name in advice.asked}


declare(
    Processing(
        "connection",
        title=_("Trouver une connexion juste"),
        purpose=_("Conseiller une offre possible, prévenir avant que la ligne s’arrête."),
        basis=_("Suite de la demande de la personne."),
        concerned=_("Les personnes accueillies."),
        recipients=("read_diagnosis", "receive"),
    ),
    Declaration(
        "connection.Advice",
        group="advice",
        person="person",
        pages=("connection:kept_advice_pdf",),
        processing="connection",
        thing="advice",
        contact="kept_at",
        what=_("Conseils gardés : usages dits, ce qui a été trouvé, ce qui a été choisi"),
        why=_("Comparer plus tard avec ce qui est payé."),
        personal=("said", "asked"),
        # Amounts, days and codes of the catalogue: what the figures of the house are made of.
        plain=("answer", "programme", "chosen_line"),
        erase={"asked": _horizon},
        export={
            "advised_on": _("Le"),
            "said": _("Ce qui a été dit"),
            "asked": _("Ce qui a été cherché"),
            "choice": _("Ce qui a été choisi"),
            "chosen_line": _("Ligne choisie"),
            "chosen_total": _("Prix prévu"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "connection.Bill",
        group="advice",
        dated="recorded_at",
        person="person",
        processing="connection",
        contact="recorded_at",
        what=_("Ce qui a été payé, d’un jour à un autre"),
        why=_("Dire ce qui a été gagné."),
        personal=("note",),
        export={
            "kind": _("Sorte"),
            "paid": _("Payé"),
            "first_day": _("Du"),
            "last_day": _("Au"),
            "note": _("Note"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "connection.HeldLine",
        group="lines",
        person="person",
        pages=(
            "connection:line_close",
            "connection:line_left_for_plan",
            "connection:line_lost",
            "connection:line_number",
            "connection:line_ported",
            "connection:line_top_up",
        ),
        processing="connection",
        thing="held_line",
        what=_("Lignes : numéro, opérateur, jusqu’à quand"),
        why=_("Prévenir avant que la ligne s’arrête."),
        personal=("words", "number"),
        plain=("reminder",),
        erase={"number": Erase.EMPTY},
        export={
            "line": _("Gamme"),
            "words": _("Ligne"),
            "number": _("Numéro"),
            "state": _("État"),
            "since": _("Depuis"),
            "live_until": _("Vit jusqu’au"),
        },
    ),
    Declaration(
        "connection.LineEvent",
        group="lines",
        person="line__person",
        processing="connection",
        what=_("Vie des lignes : ouverte, rechargée, perdue"),
        why=_("Calculer jusqu’à quand chacune vit."),
        personal=("what", "note"),
        export={
            "kind": _("Quoi"),
            "on": _("Le"),
            "what": _("Détail"),
            "price": _("Prix"),
            "note": _("Note"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration("connection.UsageFigure", processing="house", what=_("Les chiffres d’usage"), plain=("use",)),
    Declaration(
        "connection.LiftingText",
        processing="house",
        what=_("Les textes pour lever un obstacle"),
        plain=("condition", "summary", "steps", "link", "letter_title", "letter_to", "letter_body"),
    ),
    Declaration(
        "connection.Catalogue", processing="house", what=_("Le catalogue d’offres"), plain=("about",)
    ),
    Declaration(
        "connection.CatalogueImport",
        processing="house",
        what=_("Les fichiers d’offres lus"),
        plain=("file_name", "programme", "problems", "done"),
    ),
    Declaration(
        "connection.Line", processing="house", what=_("Les gammes"), plain=("code", "operator", "name")
    ),
    Declaration(
        "connection.LineTerms", processing="house", what=_("Les prix des gammes"), plain=("unit_prices",)
    ),
    Declaration(
        "connection.Offer",
        processing="house",
        what=_("Les offres et leurs conditions"),
        plain=(
            "code",
            "name",
            "allowances",
            "overage",
            "requires",
            "as_of",
            "unknown",
            "note",
            "as_written",
        ),
    ),
)
