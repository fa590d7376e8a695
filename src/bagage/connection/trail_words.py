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
    "advice.bill": _("a noté ce qui a été payé"),
    "advice.choose": _("a noté une offre choisie"),
    "advice.figures": _("a changé les chiffres d’usage"),
    "advice.keep": _("a gardé un conseil de connexion"),
    "advice.print": _("a imprimé un conseil ou une lettre"),
    "advice.text": _("a changé un texte pour lever un obstacle"),
    "read_advice": _("a lu une connexion juste"),
    # ---------- lines ----------
    "line.activate": _("a ouvert une ligne"),
    "line.close": _("a noté une ligne rendue"),
    "line.correct": _("a défait ce qui était noté d’une ligne"),
    "line.lapse": _("a noté une ligne arrêtée"),
    "line.leave_for_plan": _("a noté une ligne quittée pour un forfait"),
    "line.lose": _("a noté une ligne perdue"),
    "line.number": _("a noté le numéro d’une ligne"),
    "line.port": _("a noté un numéro porté ailleurs"),
    "line.remind": _("a fait prévenir qu’une ligne va s’arrêter"),
    "line.top_up": _("a noté une recharge"),
    "read_line": _("a lu l’histoire d’une ligne"),
}
