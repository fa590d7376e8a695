"""What is read at the desk, in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "backup.ask": _("a demandé une sauvegarde"),
    "backup.forget_key": _("a retiré de la machine la clé des sauvegardes, notée ailleurs"),
    "backup.show_key": _("a vu la clé des sauvegardes"),
    "read_evidence": _("a lu les faits du bagage"),
    "read_file": _("a lu un dossier"),
    "read_interview": _("a lu un entretien"),
}
