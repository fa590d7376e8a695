"""The trail's own verbs."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "trail.read": _("a lu le journal"),
    "trail.export": _("a emporté le journal en fichier"),
    "trail.verify": _("a vérifié le journal"),
    "trail.seal": _("a scellé un mois du journal"),
    "erase_file": _("a effacé un dossier"),
    "erase_leftovers": _("a effacé ce qui restait de dossiers effacés"),
    "erase_strays": _("a effacé des lignes anciennes sans dossier"),
    "erase_written": _("a effacé des notes et des messages dont le temps est passé"),
    "export_person": _("a remis à la personne tout ce qui est gardé d’elle"),
    "privacy.rules": _("a changé les durées de garde"),
    "trail.papers": _("a imprimé les papiers de la maison"),
    "trail.unusual": _("a regardé les lectures inhabituelles"),
    "trail.drop": _("a effacé un mois ancien du journal"),
}
