"""The verbs of imports in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "import.brought_in": _("a fait entrer son dossier par un import"),
    "import.drop": _("a abandonné un fichier"),
    "import.empty": _("a effacé les lignes d’un fichier fini"),
    "import.export": _("a exporté un tableau"),
    "import.read": _("a lu un fichier"),
    "import.undo": _("a commencé à défaire un import"),
    "import.undone": _("a défait un import"),
    "import.write": _("a commencé à écrire un import"),
    "import.written": _("a écrit un import"),
}
