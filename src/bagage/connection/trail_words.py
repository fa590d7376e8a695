"""The verbs of fair connection in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    # ---------- the catalogue ----------
    "catalogue.add_line": _("a ajouté une gamme au catalogue"),
    "catalogue.add_offer": _("a ajouté une offre au catalogue"),
    "catalogue.change_line": _("a changé les conditions d’une gamme"),
    "catalogue.end_line": _("a retiré une gamme du catalogue"),
    "catalogue.end_offer": _("a retiré une offre du catalogue"),
    "catalogue.import": _("a importé des offres"),
    "catalogue.load_history": _("a chargé l’histoire des offres"),
    "catalogue.replace_offer": _("a remplacé une offre par une autre"),
    "catalogue.undo_import": _("a défait un import d’offres"),
    "catalogue.verify_offer": _("a vérifié une offre"),
    # ---------- advice ----------
    # ---------- lines ----------
}
