"""What is typed about a device and a person: until when it is kept, how she says yes, how it comes back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from bagage.equipment import words
from bagage.equipment.domain import lifecycle, terms
from bagage.equipment.forms.stock import DayInput, text
from bagage.equipment.models import Device, Handover, Kind


class KeyForm(forms.Form):
    """A form that counts once however often it is sent."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **more: Any) -> None:
        initial = {"key": uuid4().hex, **more.pop("initial", {})}
        super().__init__(data, initial=initial, auto_id="id_%s", **more)


class ReserveForm(KeyForm):
    """Keep a device for her until a day."""

    until = forms.DateField(
        label=_("Gardé jusqu’au"),
        widget=DayInput(),
        error_messages={"required": _("Écrivez le jour."), "invalid": _("Une date, comme 26/11/2026.")},
    )

    def __init__(self, data: Any = None, *, until: date) -> None:
        super().__init__(data, initial={"until": until})


class HandOverForm(KeyForm):
    """How she says yes, what was checked with her, in which language she read."""

    consent = forms.ChoiceField(
        label=_("Comment elle dit oui"),
        choices=Handover.Consent.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez comment elle dit oui.")},
    )
    signature = forms.CharField(required=False, widget=forms.HiddenInput)
    reader = text(_("Qui lit"), 80)
    witness = text(_("Qui a entendu"), 80)
    checks = forms.MultipleChoiceField(
        label=_("Avec elle, vérifié"), required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(choices=list(terms.LANGUAGES.items()), widget=forms.HiddenInput)
    shown_months = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, device: Device, language: str, reader: str, months: int) -> None:
        """``months`` is the warranty that the terms beside the form tell her."""
        super().__init__(
            data,
            initial={
                "language": language,
                "reader": reader,
                "consent": Handover.Consent.PAPER,
                "shown_months": months,
            },
        )
        self.fields["consent"].icons = {  # type: ignore[attr-defined]
            Handover.Consent.SCREEN: "signature",
            Handover.Consent.PAPER: "file-text",
            Handover.Consent.WITNESS: "users",
        }
        field = self.fields["checks"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(code, words.CHECKS[code]) for code in words.CHECKS_OF[Kind(device.kind)]]


class ReturnForm(KeyForm):
    """How it comes back."""

    reason = forms.ChoiceField(
        label=_("Comment il revient"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites comment il revient.")},
    )
    note = text(_("À retenir"), 200)

    def __init__(self, data: Any = None, *, handover: Handover) -> None:
        super().__init__(data)
        labels = {
            lifecycle.RETURNED: _("Elle n’en a plus besoin"),
            lifecycle.REPAIR: _("En panne : à réparer, il reste à elle"),
            lifecycle.BROKEN: _("Cassé : elle le laisse"),
            lifecycle.LOST: _("Perdu"),
            lifecycle.STOLEN: _("Volé"),
        }
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        # What is sent is answered by the service: pressed twice, it counts once.
        field.choices = [
            (code, label)
            for code, label in labels.items()
            if data is not None or lifecycle.leads_to(handover.device.state, code)
        ]
