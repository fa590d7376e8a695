"""What is asked of a line, of an offer, of a file. The rules themselves are those of programme files: one reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bagage.connection import words
from bagage.connection.catalogue_words import FIELD_LABELS, fault_words
from bagage.connection.domain.catalogue_file import LARGEST_FILE, TOO_LARGE, Unreadable
from bagage.connection.domain.money import write_unit_price
from bagage.connection.domain.programme import (
    CONDITIONS,
    PLAN,
    RESOURCES,
    TOP_UP,
    UNLIMITED,
    Problem,
    Refused,
    read_programme,
)
from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Offer as SoldOffer
from bagage.connection.domain.sheet import LONGEST, amount_text, plain, too_long
from bagage.connection.models import Line, LineTerms, Offer

# What a source may leave out, as boxes. Other fields are texts: left empty, they say so themselves.
MAY_BE_UNKNOWN = (
    "price",
    "validity_days",
    "allowances",
    "credit",
    "overage",
    "commitment_months",
    "requires",
)
CHOICE_GROUPS = 2
# The one offer that is read with a line to check the line alone, and the other way round.
_ANY_OFFER = {"id": "x", "name": "x", "kind": TOP_UP, "price": "1.00", "validity_days": 1}


class DayInput(forms.DateInput):
    """A day as browsers ask for it."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")


class AmountField(forms.CharField):
    """An amount of euros as people write it; the reader of programme files says what is wrong with it."""

    def __init__(self, *, places: int = 2, **options: Any) -> None:
        super().__init__(max_length=20, required=False, **options)
        self.places = places

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal", "class": "num", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        if self.places == 2:
            return words.decimal_words_of_cents(value)
        return amount_shown(value)


def amount_shown(hundredths: int) -> str:
    """A unit price as it is written in a field: 5500 is "0,55", 5 is "0,0005"."""
    from django.utils.formats import get_format

    return write_unit_price(hundredths).replace(".", str(get_format("DECIMAL_SEPARATOR")))


class WholeField(forms.CharField):
    """A whole number, kept as it was written when it is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=14, required=False, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "numeric", "class": "num", "autocomplete": "off"}


def whole(text: str) -> object:
    """The number, or what was written: the rule then names it. ``"illimité"`` is unlimited."""
    if plain(text) in {UNLIMITED, plain(gettext("illimité"))}:
        return UNLIMITED
    compact = re.sub(r"[\s\u00a0\u202f]", "", text)
    return int(compact) if re.fullmatch(r"-?\d{1,12}", compact) else text


class CatalogueForm(forms.Form):
    """Hands its values to the reader of programme files and brings each problem back to its field."""

    # The place in a programme file → the field of the form, where the names differ.
    places: Mapping[str, str] = {}

    def check(self, data: dict[str, object]) -> SoldLine | None:
        """The line that was read, or nothing and the problems beside their fields."""
        problems: Sequence[Problem]
        try:
            programme = read_programme({"lines": [data]})
            problems = list(too_long(programme, ""))
            if not problems:
                return programme.lines[0]
        except Refused as refused:
            problems = refused.problems
        for each in problems:
            place = re.sub(r"\[\d+\]", "", each.place).removeprefix("lines.").removeprefix("offers.")
            field = self.places.get(place, place.replace(".", "_"))
            column = place.partition(".")[0]
            said = fault_words(each.code, column=column, rule=each.rule)
            self.add_error(field if field in self.fields else None, said)
        return None


class LineForm(CatalogueForm):
    """A line of an operator and what its SIM costs."""

    operator = forms.CharField(label=_("Opérateur"), max_length=LONGEST["operator"])
    name = forms.CharField(
        label=_("Gamme"), max_length=LONGEST["name"], required=False, help_text=_("Par exemple : La Carte.")
    )
    solidarity = forms.BooleanField(
        label=_("Ligne solidaire du programme"),
        required=False,
        help_text=_("Ses offres ne comptent pas dans le prix du commerce."),
    )
    sim_price = AmountField(
        label=_("Prix de la carte SIM"), help_text=_("Payé une fois. 0 si elle est offerte.")
    )
    monthly_cap = AmountField(
        label=_("Plafond par mois"), help_text=_("Le plus que l’on peut acheter en 30 jours, SIM à part.")
    )
    unit_voice_min = AmountField(label=_("La minute"), places=4)
    unit_sms = AmountField(label=_("Le SMS"), places=4)
    unit_data_mb = AmountField(label=_("Le Mo"), places=4)
    begins_on = forms.DateField(label=_("À partir du"), widget=DayInput())

    places = {
        "sim_price": "sim_price",
        "unit_prices.voice_min": "unit_voice_min",
        "unit_prices.sms": "unit_sms",
        "unit_prices.data_mb": "unit_data_mb",
    }

    def __init__(self, *args: Any, line: Line | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line = line
        self.sold: SoldLine | None = None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("sim_price") and "sim_price" not in self.errors:
            self.add_error("sim_price", gettext("Il manque le prix. Écrivez 0 si elle est offerte."))
        if not self.errors:
            self.sold = self.check(
                {
                    "id": self.line.code if self.line else code_of(values["operator"], values["name"]),
                    "operator": values["operator"],
                    "name": values["name"],
                    "solidarity": values["solidarity"],
                    "sim_price": amount_text(values["sim_price"]),
                    "monthly_cap": amount_text(values["monthly_cap"]) or None,
                    "unit_prices": {
                        resource: amount_text(values[f"unit_{resource}"])
                        for resource in RESOURCES
                        if values[f"unit_{resource}"]
                    },
                    "offers": [_ANY_OFFER],
                }
            )
        return values

    @staticmethod
    def initial_of(line: Line, terms: LineTerms | None, today: date) -> dict[str, Any]:
        """What stands in the form for a line as it is."""
        values: dict[str, Any] = {
            "operator": line.operator,
            "name": line.name,
            "solidarity": line.is_solidarity,
            "begins_on": today,
        }
        if terms:
            values |= {"sim_price": terms.sim_price, "monthly_cap": terms.monthly_cap}
            values |= {f"unit_{resource}": price for resource, price in terms.unit_prices.items()}
        return values


class OfferForm(CatalogueForm):
    """An offer: what it costs, what it brings, whom it is open to, who says so."""

    name = forms.CharField(label=_("Nom de l’offre"), max_length=LONGEST["name"])
    kind = forms.ChoiceField(
        label=_("Sorte"),
        choices=[(TOP_UP, _("Recharge")), (PLAN, _("Forfait"))],
        widget=forms.RadioSelect,
        initial=TOP_UP,
    )
    price = AmountField(label=_("Prix"), help_text=_("Pour un forfait : par mois de 30 jours."))
    validity_days = WholeField(label=_("Jours de validité"), help_text=_("Pour une recharge."))
    allowances_voice_min = WholeField(label=_("Minutes"))
    allowances_sms = WholeField(label=pgettext_lazy("heading", "SMS"))
    allowances_data_mb = WholeField(label=_("Internet, en Mo"))
    credit = AmountField(
        label=_("Crédit"),
        help_text=_("Pour une recharge : il paie aux prix de la gamme ce que rien d’autre ne couvre."),
    )
    overage_voice_min = AmountField(label=_("La minute"), places=4)
    overage_sms = AmountField(label=_("Le SMS"), places=4)
    overage_data_mb = AmountField(label=_("Le Mo"), places=4)
    commitment_months = WholeField(label=_("Mois d’engagement"), help_text=_("Vide ou 0 : sans engagement."))
    needs = forms.MultipleChoiceField(
        label=_("Il faut tout cela"), required=False, widget=forms.CheckboxSelectMultiple
    )
    unknown = forms.MultipleChoiceField(
        label=_("Ce que la source ne dit pas"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Une offre dont on ne sait pas tout est « à vérifier » : elle n’est jamais conseillée."),
    )
    source = forms.CharField(
        label=_("Source"), max_length=2000, help_text=_("L’adresse de la page, la brochure, la boutique.")
    )
    as_of = forms.CharField(
        label=_("Date de la source"),
        max_length=LONGEST["as_of"],
        required=False,
        help_text=_("Par exemple : 2026-11."),
    )
    is_verified = forms.BooleanField(
        label=_("Vérifiée aujourd’hui à sa source"), required=False, initial=True
    )
    note = forms.CharField(
        label=_("Remarque"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    begins_on = forms.DateField(label=_("Vendue à partir du"), widget=DayInput())

    places = {
        "allowances.voice_min": "allowances_voice_min",
        "requires": "needs",
        "id": "name",
    }

    def __init__(self, *args: Any, line: Line, offer: Offer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line, self.offer = line, offer
        self.sold: SoldOffer | None = None
        labels = [(code, words.condition_label(code)) for code in CONDITIONS]
        self.fields["needs"].choices = labels  # type: ignore[attr-defined]
        self.fields["unknown"].choices = [  # type: ignore[attr-defined]
            (name, str(FIELD_LABELS[name]).capitalize()) for name in MAY_BE_UNKNOWN
        ]
        groups = _alternatives(offer.requires) if offer else []
        self.group_names = [f"one_of_{number}" for number in range(1, max(CHOICE_GROUPS, len(groups)) + 1)]
        for number, name in enumerate(self.group_names, start=1):
            self.fields[name] = forms.MultipleChoiceField(
                label=gettext("Et l’un de ceux-ci") if number == 1 else gettext("Et encore l’un de ceux-ci"),
                choices=labels,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def groups(self) -> list[forms.BoundField]:
        """The fields of alternatives, for the template."""
        return [self[name] for name in self.group_names]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        requires: list[object] = list(values["needs"])
        for name in self.group_names:
            group = values[name]
            if group:
                requires.append(group[0] if len(group) == 1 else sorted(group))
        kept_unknown = [
            name for name in (self.offer.unknown if self.offer else []) if name not in MAY_BE_UNKNOWN
        ]
        is_plan = values["kind"] == PLAN
        offer: dict[str, object] = {
            "id": self.offer.code if self.offer else code_of(self.line.code, values["name"]),
            "name": values["name"],
            "kind": values["kind"],
            "price": amount_text(values["price"]) or None,
            "allowances": {
                resource: whole(values[f"allowances_{resource}"])
                for resource in RESOURCES
                if values[f"allowances_{resource}"]
            },
            "overage": {
                resource: amount_text(values[f"overage_{resource}"])
                for resource in RESOURCES
                if values[f"overage_{resource}"]
            },
            "requires": requires,
            "source": values["source"],
            "as_of": values["as_of"],
            "verified_on": self._verified_on(values["is_verified"]),
            "unknown": [*values["unknown"], *kept_unknown],
        }
        if values["validity_days"]:
            offer["validity_days"] = whole(values["validity_days"])
        if values["credit"]:
            offer["credit"] = amount_text(values["credit"])
        if values["commitment_months"]:
            offer["commitment_months"] = whole(values["commitment_months"])
        if is_plan and values["validity_days"] == "30":
            del offer["validity_days"]
        line = self.check({"id": self.line.code, "operator": "x", "sim_price": "0", "offers": [offer]})
        self.sold = line.offers[0] if line else None
        return values

    def _verified_on(self, is_verified: bool) -> str:
        if is_verified:
            return timezone.localdate().isoformat()
        known = self.offer.verified_on if self.offer else None
        return known.isoformat() if known else ""

    @staticmethod
    def initial_of(offer: Offer, today: date) -> dict[str, Any]:
        """What stands in the form for an offer as it is sold."""
        values: dict[str, Any] = {
            "name": offer.name,
            "kind": offer.kind,
            "price": offer.price,
            "validity_days": offer.validity_days,
            "credit": offer.credit or None,
            "commitment_months": offer.commitment_months or None,
            "needs": [item for item in offer.requires if isinstance(item, str)],
            "unknown": list(offer.unknown),
            "source": offer.source,
            "as_of": offer.as_of,
            "is_verified": False,
            "note": offer.note,
            "begins_on": today,
        }
        for resource, amount in offer.allowances.items():
            values[f"allowances_{resource}"] = gettext("illimité") if amount is None else amount
        for resource, price in offer.overage.items():
            values[f"overage_{resource}"] = price
        for number, group in enumerate(_alternatives(offer.requires), start=1):
            values[f"one_of_{number}"] = group
        return values


def _alternatives(requires: Sequence[Any]) -> list[list[str]]:
    return [list(item) for item in requires if not isinstance(item, str)]


def code_of(*parts: str) -> str:
    """A short code from names: ``"kiosque-recharge-5"``."""
    from anyascii import anyascii

    return slugify(anyascii(" ".join(part for part in parts if part)))[: LONGEST["id"]].strip("-") or "x"


class EndForm(forms.Form):
    """From which day it is not sold any more."""

    ends_on = forms.DateField(
        label=_("Retirée à partir du"), widget=DayInput(), help_text=_("Ce jour-là, elle ne se vend plus.")
    )

    def __init__(self, *args: Any, may_be_none: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_be_none:
            self.fields["ends_on"].required = False
            self.fields["ends_on"].help_text = _("Vide : elle reste en vente.")


class ImportForm(forms.Form):
    """A file, and the day from which what it says holds."""

    file = forms.FileField(
        label=_("Votre fichier"),
        help_text=_("Un tableau XLSX ou CSV, ou un fichier JSON. 5 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.json,.txt"}),
        error_messages={"empty": _("Ce fichier est vide.")},
    )
    begins_on = forms.DateField(
        label=_("Ce qui change vaut à partir du"),
        widget=DayInput(),
        help_text=_("Aujourd’hui, le plus souvent."),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            from bagage.connection.catalogue_words import unreadable_words

            raise forms.ValidationError(unreadable_words(Unreadable(TOO_LARGE)))
        return file


class CompareForm(forms.Form):
    """Two days."""

    before = forms.DateField(label=_("Le"), widget=DayInput())
    after = forms.DateField(label=_("Et le"), widget=DayInput())
