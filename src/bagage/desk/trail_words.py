"""What is read at the desk, in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "read_evidence": _("a lu les faits du bagage"),
    "read_file": _("a lu un dossier"),
    "read_interview": _("a lu un entretien"),
}
