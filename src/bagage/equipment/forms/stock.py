"""What is typed about a device without a person: its sheet, its state, the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bagage.common.words import is_french
from bagage.equipment.domain import lifecycle
from bagage.equipment.models import Device, EquipmentRules, Kind, Look, State, StorageKind, System, Technical
from bagage.permanences.models import Site

MOST_AT_ONCE = 100
NOT_MEASURED = ("", _("à mesurer"))


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class EurosField(forms.CharField):
    """An amount as one writes it, "15", "15,5" or "15,00 €", cleaned to whole cents; empty is 0. Below 10,000 euros."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=14, **options)

    def to_python(self, value: Any) -> Any:
        text = re.sub(r"[\s\u00a0\u202f€]", "", str(value or "")).replace(",", ".")
        if not text:
            return 0
        if not re.fullmatch(r"\d{1,4}(\.\d{1,2})?", text):
            raise forms.ValidationError(_("Un montant en euros, comme 30,00. Donné : laissez vide."))
        whole, _dot, rest = text.partition(".")
        return int(whole) * 100 + int(rest.ljust(2, "0") or 0)

    def run_validators(self, value: Any) -> None:
        """The length is that of what is typed; an amount has none."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        text = f"{value // 100},{value % 100:02d}" if value else ""
        return text if is_french() else text.replace(",", ".")


class GigabytesField(forms.DecimalField):
    """A memory, "8" or "15,3"; empty is unknown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            min_value=0,
            max_value=1024,
            max_digits=5,
            decimal_places=1,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"}),
            error_messages={
                "invalid": _("Un nombre de Go, comme 8."),
                "max_value": _("Au plus 1024 Go : relisez."),
                "max_decimal_places": _("Un chiffre après la virgule, comme 15,3."),
            },
            **options,
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value).replace(",", ".").strip() if value not in (None, "") else "")

    def prepare_value(self, value: Any) -> Any:
        if value in (None, "") or isinstance(value, str):
            return value
        text = f"{float(value):g}"
        return text.replace(".", ",") if is_french() else text


def text(label: Any, length: int, **more: Any) -> forms.CharField:
    """A line of text that may be left out."""
    attrs = {"autocomplete": "off", **more}
    return forms.CharField(
        label=label, max_length=length, required=False, widget=forms.TextInput(attrs=attrs)
    )


def number(label: Any, most: int, hint: Any) -> forms.IntegerField:
    """A whole number that may be unknown."""
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
        error_messages={"invalid": hint, "max_value": hint, "min_value": hint},
    )


class SheetForm(forms.Form):
    """What is written of a device. Only the model is required; what nobody measured stays empty."""

    brand = text(_("Marque"), 60)
    model = forms.CharField(
        label=_("Modèle"),
        max_length=80,
        error_messages={"required": _("Écrivez le modèle.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    serial = text(_("Numéro de série"), 60, **{"class": "num"})
    imei = text(_("Numéro IMEI"), 20, **{"class": "num"})
    memory = GigabytesField(label=_("Mémoire, en Go"))
    storage = number(_("Stockage, en Go"), 100_000, _("Un nombre de Go, comme 256."))
    storage_kind = forms.ChoiceField(
        label=_("Sur quoi"), choices=[NOT_MEASURED, *StorageKind.choices], required=False
    )
    cpu_mark = number(_("Indice du processeur"), 1_000_000, _("Un nombre entier, comme 4120."))
    system = forms.ChoiceField(label=_("Système"), choices=[NOT_MEASURED, *System.choices], required=False)
    battery = number(_("Batterie, en %"), 100, _("De 0 à 100."))
    technical = forms.ChoiceField(
        label=_("Il marche"), choices=[NOT_MEASURED, *Technical.choices], required=False
    )
    technical_note = text(_("Ce qui ne marche pas"), 200)
    look = forms.ChoiceField(label=_("Aspect"), choices=[NOT_MEASURED, *Look.choices], required=False)
    look_note = text(_("Ce qui se voit"), 200)
    price = EurosField(
        label=_("Prix pour la personne"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"}),
    )
    lot = text(_("Lot"), 80)
    donor = text(_("Don de"), 120)
    site = forms.ChoiceField(
        label=_("Où il est"), error_messages={"required": _("Choisissez la permanence où il est.")}
    )

    def __init__(
        self, data: Any = None, *, sites: Iterable[Site], initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial, auto_id="id_%s")
        self._sites = {str(site.uuid): site for site in sites}
        field = self.fields["site"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, str(site)) for code, site in self._sites.items()]

    def clean_site(self) -> Site:
        return self._sites[self.cleaned_data["site"]]

    def clean_imei(self) -> str:
        """15 figures when it is given: a shorter one was copied wrong."""
        value = "".join(sign for sign in self.cleaned_data["imei"] if sign.isalnum())
        if value and not re.fullmatch(r"\d{15}", value):
            raise forms.ValidationError(_("Un IMEI a 15 chiffres. Il se lit en tapant *#06#."))
        return value

    def details(self) -> dict[str, Any]:
        """What the services take."""
        names = [name for name in SheetForm.base_fields if name in self.cleaned_data]
        return {name: self.cleaned_data[name] for name in names}


class ChangeForm(SheetForm):
    """The sheet of a device that is here."""

    def __init__(self, data: Any = None, *, sites: Iterable[Site], device: Device) -> None:
        initial = {name: getattr(device, name) for name in SheetForm.base_fields}
        initial["site"] = str(device.site.uuid)
        super().__init__(data, sites=sites, initial=initial)


class AddForm(SheetForm):
    """A device that comes in."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Ce que c’est"),
        choices=Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites ce que c’est.")},
    )
    state = forms.ChoiceField(
        label=_("Où il en est"),
        choices=[
            (one.value, one.label)
            for one in (State.TO_PROCESS, State.IN_WORKSHOP, State.READY_TO_ORDER, State.READY)
        ],
        initial=State.TO_PROCESS,
    )
    received_on = forms.DateField(
        label=_("Reçu le"),
        widget=DayInput(),
        error_messages={"required": _("Écrivez le jour."), "invalid": _("Une date, comme 26/11/2026.")},
    )

    def __init__(self, data: Any = None, *, sites: Iterable[Site], site: str, today: date) -> None:
        super().__init__(data, sites=sites, initial={"key": uuid4().hex, "site": site, "received_on": today})
        if not site:
            field = self.fields["site"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", gettext("Choisir")), *field.choices]  # type: ignore[misc]


class SeveralForm(AddForm):
    """Several of one model: one serial number a line."""

    serials = forms.CharField(
        label=_("Numéros de série, un par ligne"),
        max_length=8000,
        widget=forms.Textarea(
            attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false", "class": "num"}
        ),
        error_messages={"required": _("Écrivez un numéro par ligne.")},
    )

    field_order = ["kind", "brand", "model", "serials"]

    def __init__(self, data: Any = None, *, sites: Iterable[Site], site: str, today: date) -> None:
        super().__init__(data, sites=sites, site=site, today=today)
        for name in ("serial", "imei", "battery", "technical_note", "look_note"):
            del self.fields[name]

    def clean_serials(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["serials"].splitlines() if line.strip()]
        if len(lines) > MOST_AT_ONCE:
            raise forms.ValidationError(gettext("Au plus %(count)s à la fois.") % {"count": MOST_AT_ONCE})
        for position, line in enumerate(lines, start=1):
            if len(line) > 60:
                raise forms.ValidationError(
                    gettext("Ligne %(line)s : plus de 60 signes, ce n’est pas un numéro de série.")
                    % {"line": position}
                )
        return lines


class StateForm(forms.Form):
    """Another state, and why."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label=_("Il passe à"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez un état.")},
    )
    reason = text(_("Pourquoi"), 200)

    def __init__(self, data: Any = None, *, device: Device) -> None:
        super().__init__(data, initial={"key": uuid4().hex}, auto_id="id_%s")
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.value, one.label) for one in State if lifecycle.can_go(device.state, one.value)]


class RulesForm(forms.Form):
    """What this network decides."""

    devices_per_person = forms.IntegerField(label=_("Appareils par personne"), min_value=1, max_value=9)
    warranty_months = forms.IntegerField(label=_("Garantie, en mois"), min_value=0, max_value=60)
    reservation_days = forms.IntegerField(
        label=_("Une réservation dure, en jours"), min_value=1, max_value=90
    )
    undo_hours = forms.IntegerField(
        label=_("Une remise se défait pendant, en heures"), min_value=1, max_value=168
    )
    slow_days = forms.IntegerField(
        label=_("Signaler un appareil à traiter après, en jours"), min_value=1, max_value=365
    )
    low_ready = forms.IntegerField(
        label=_("Signaler sous ce nombre d’appareils prêts"), min_value=0, max_value=999
    )

    def __init__(self, data: Any = None, *, rules: EquipmentRules) -> None:
        names = RulesForm.base_fields
        super().__init__(data, initial={name: getattr(rules, name) for name in names}, auto_id="id_%s")
        for field in self.fields.values():
            field.widget = forms.TextInput(
                attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}
            )
            field.error_messages["required"] = _("Écrivez un nombre entier.")
            field.error_messages["invalid"] = _("Écrivez un nombre entier.")
