"""The form by which a paper is kept in someone's file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, gettext_lazy

from bagage.people.models import Attachment

# How long a paper is of use, in days: what is kept for nothing is not kept.
KEPT = {"93": gettext_lazy("3 mois"), "366": gettext_lazy("1 an"), "731": gettext_lazy("2 ans")}


class AttachmentForm(forms.Form):
    """A photograph or a file, what it is, until when it is kept."""

    photo = forms.FileField(
        label=gettext_lazy("Photographier"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}),
        help_text=gettext_lazy("Avec l’appareil photo de ce téléphone. Une page à la fois."),
    )
    file = forms.FileField(
        label=gettext_lazy("Ou choisir un fichier"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png,image/webp"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Ce que c’est"), choices=Attachment.Kind.choices, widget=forms.RadioSelect
    )
    keep = forms.ChoiceField(
        label=gettext_lazy("Garder"), choices=list(KEPT.items()), widget=forms.RadioSelect, initial="366"
    )
    key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (data.get("photo") or data.get("file")):
            self.add_error(
                "file", gettext("Photographiez le papier, ou choisissez un fichier : PDF, JPEG, PNG, WebP.")
            )
        return data

    @property
    def given(self) -> UploadedFile:
        """What was photographed or chosen."""
        found: UploadedFile = self.cleaned_data.get("photo") or self.cleaned_data["file"]
        return found

    def keep_until(self, today: date) -> date:
        """Its last day."""
        return today + timedelta(days=int(self.cleaned_data["keep"]))
