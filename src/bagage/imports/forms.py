"""What someone hands in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import Organisation
from bagage.imports.domain.tables import LARGEST_FILE, TOO_LARGE
from bagage.imports.kinds import Kind
from bagage.imports.words import unreadable_words


class FileForm(forms.Form):
    """A file, what it holds, and where that belongs."""

    file = forms.FileField(
        label=_("Votre fichier"),
        help_text=_("Un tableau CSV, XLSX, XLS ou ODS, ou une liste JSON. 20 Mo et 60 000 lignes au plus."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods,.json"}),
        error_messages={
            "empty": _("Ce fichier est vide."),
            "required": _("Choisissez un fichier sur cet ordinateur."),
        },
    )
    kind = forms.ChoiceField(
        label=_("Ce qu’il contient"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce que le fichier contient.")},
    )
    node = forms.ChoiceField(label=_("Pour quel lieu"), error_messages={"required": _("Choisissez un lieu.")})
    sheet = forms.CharField(
        label=_("Feuille du classeur"),
        required=False,
        max_length=80,
        help_text=_("Laissez vide : la plus grande feuille est lue."),
    )

    def __init__(
        self, *args: Any, kinds: Sequence[Kind], nodes: dict[str, list[Organisation]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.nodes = nodes
        self.fields["kind"].choices = [(kind.name, str(kind.label)) for kind in kinds]  # type: ignore[attr-defined]
        known: dict[str, Organisation] = {
            str(node.uuid): node for kind in kinds for node in nodes.get(kind.name, ())
        }
        ordered = sorted(known.values(), key=lambda node: node.path)
        self.fields["node"].choices = [(str(node.uuid), node.name) for node in ordered]  # type: ignore[attr-defined]
        if len(kinds) == 1:
            self.initial.setdefault("kind", kinds[0].name)

    def clean_file(self) -> UploadedFile:
        """Not larger than what is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(unreadable_words(TOO_LARGE))
        return file

    def clean(self) -> dict[str, Any]:
        """The place is one where such a file can be brought."""
        data = super().clean() or self.cleaned_data
        kind, node = data.get("kind"), data.get("node")
        if kind and node:
            found = next((each for each in self.nodes.get(kind, ()) if each.uuid == UUID(node)), None)
            if found is None:
                where = ", ".join(each.name for each in self.nodes.get(kind, ())[:6])
                self.add_error(
                    "node",
                    gettext("Ce genre de fichier se range ailleurs : %(where)s.") % {"where": where}
                    if where
                    else gettext("Il n’y a encore aucun lieu pour ce genre de fichier."),
                )
            else:
                data["place"] = found
        return data
