"""The trail's own verbs."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "trail.read": _("a lu le journal"),
    "trail.export": _("a emporté le journal en fichier"),
    "trail.verify": _("a vérifié le journal"),
    "trail.seal": _("a scellé un mois du journal"),
    "trail.drop": _("a effacé un mois ancien du journal"),
}
