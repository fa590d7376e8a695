"""The verbs of the panorama in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "directory.load_places": _("a chargé les lieux publics livrés avec Bagage"),
    "directory.make_feed": _("a ajouté une source de lieux"),
    "directory.change_feed": _("a changé une source de lieux"),
    "directory.stop_feed": _("a arrêté une source de lieux"),
    "directory.load_feed": _("a lu une source de lieux"),
    "directory.mend_row": _("a corrigé une ligne d’une source"),
    "directory.leave_row": _("a laissé une ligne d’une source"),
    "directory.correct": _("a corrigé la fiche d’un lieu"),
    "directory.end_correction": _("a rendu à sa source un champ d’un lieu"),
    "directory.join": _("a dit que deux fiches sont le même lieu"),
    "directory.part": _("a dit que deux fiches sont deux lieux"),
    "directory.propose": _("a proposé des corrections par son lien"),
    "directory.accept": _("a accepté des corrections d’un lieu"),
    "directory.refuse": _("a refusé des corrections d’un lieu"),
    "directory.send_link": _("a donné à un lieu le lien de sa fiche"),
    "directory.end_links": _("a retiré les liens de la fiche d’un lieu"),
}
