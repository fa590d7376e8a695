"""What is held of files that came in."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bagage.trail.registry import Declaration, Erase, Processing, declare


def _forget_examples(rows: Any, at: datetime) -> None:
    """The batches that brought her show three values of each column: none of them stays."""
    from bagage.imports.models import Batch
    from bagage.imports.services.reading import empty

    batches = Batch.objects.filter(pk__in=set(rows.values_list("batch_id", flat=True)))
    for batch in batches:
        empty(batch)
    Batch.objects.bulk_update(batches, ["columns"])


declare(
    Processing(
        "imports",
        title=_("Reprendre les tableaux de l’association"),
        purpose=_(
            "Commencer avec ce que l’association a déjà, le relire avant d’écrire, pouvoir tout défaire."
        ),
        basis=_("Mission d’intérêt général de l’association (intérêt légitime)."),
        concerned=_("Les personnes accueillies, qui les oriente, l’équipe."),
        recipients=("import_data",),
        kept=_(
            "Les lignes du fichier : 30 jours après la fin de l’import. Le fichier lui-même n’est pas gardé."
        ),
    ),
    Declaration(
        "imports.Row",
        group="imported",
        about=("thing", "same_as"),
        processing="imports",
        what=_("Ligne du tableau qui a ouvert le dossier"),
        why=_("Corriger une ligne, défaire l’import."),
        personal=("values", "errors", "alike", "written"),
        erase=dict.fromkeys(("values", "errors", "alike", "written"), Erase.EMPTY),
        plain=("state", "decision", "same_as", "thing"),
        export={"values": _("Ce que disait le tableau")},
        after=_forget_examples,
    ),
    Declaration(
        "imports.Batch",
        processing="imports",
        what=_("Les fichiers repris : leur nom, leurs colonnes, trois valeurs de chacune"),
        why=_("Savoir ce qui est entré, par qui, et pouvoir le défaire."),
        plain=(
            "kind",
            "state",
            "file_name",
            "sheet",
            "other_sheets",
            "encoding",
            "digest",
            "columns",
            "options",
        ),
    ),
    Declaration(
        "imports.Mapping",
        processing="imports",
        what=_("Quelle colonne devient quoi, pour le prochain fichier"),
        plain=("kind", "fingerprint", "headings", "columns"),
    ),
)
