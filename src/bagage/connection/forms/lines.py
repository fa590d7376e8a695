"""What is typed about a line that a person holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bagage.common.words import NBSP
from bagage.connection.forms.advice import EurosField
from bagage.connection.models import Line, Offer
from bagage.connection.queries.lines import RangeOnSale
from bagage.connection.words import euros
from bagage.people.domain.phones import PhoneProblem, read_phone
from bagage.people.words import phone_trouble

OTHER = "other"


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class LineNumberField(forms.CharField):
    """The number of a line; cleans to its international form, or ``""``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=40,
            widget=forms.TextInput(
                attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off", "class": "num"}
            ),
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        text = str(value or "").strip()
        if not text:
            return ""
        try:
            return read_phone(text)
        except PhoneProblem as problem:
            raise ValidationError(phone_trouble(problem)) from problem


def offer_words(offer: Offer) -> str:
    """An offer in a list: "Recharge 5 €, 5,00 €, 7 jours"."""
    parts = [offer.name]
    if offer.price is not None:
        parts.append(euros(offer.price))
    if offer.kind == Offer.Kind.PLAN:
        parts.append(gettext("par mois"))
    elif offer.validity_days:
        days = offer.validity_days
        parts.append(ngettext("%(count)s jour", "%(count)s jours", days) % {"count": days})
    return ", ".join(parts).replace(" €", f"{NBSP}€")


class ActForm(forms.Form):
    """What every act on a line says: its day, a word, and the key that makes it count once."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    on = forms.DateField(
        label=_("Quel jour"),
        widget=DayInput(),
        error_messages={"required": _("Écrivez le jour."), "invalid": _("Une date, comme 26/11/2026.")},
    )
    note = forms.CharField(
        label=_("À retenir"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        initial = {"key": uuid4().hex, "on": today, "live_until": None}
        super().__init__(data, initial=initial, auto_id="id_%s")


class PurchaseForm(ActForm):
    """Something was bought: until when it lives, what was paid, and whether she was told the date."""

    price = EurosField(label=_("Payé"))
    live_until = forms.DateField(
        label=_("Dernier jour de la ligne"),
        widget=DayInput(),
        required=False,
        error_messages={"invalid": _("Une date, comme 26/11/2026.")},
    )
    was_told = forms.BooleanField(label=_("La date d’arrêt lui a été dite"), required=False)


class ActivateForm(PurchaseForm):
    """A new line: one of the catalogue with what was bought on it, or another operator's."""

    choice = forms.ChoiceField(
        label=_("Quelle ligne"),
        error_messages={
            "required": _("Choisissez la ligne. Si elle n’est pas dans la liste : « une autre ligne »."),
        },
    )
    words = forms.CharField(
        label=_("Le nom de l’opérateur"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    number = LineNumberField(label=_("Son numéro"), required=False)
    has_no_end = forms.BooleanField(label=_("C’est un forfait : pas de date d’arrêt"), required=False)

    field_order = ["choice", "words", "number", "on", "price", "live_until", "has_no_end", "was_told", "note"]

    def __init__(self, data: Any = None, *, today: date, ranges: Iterable[RangeOnSale]) -> None:
        super().__init__(data, today=today)
        self.ranges = list(ranges)
        self._lines: dict[str, Line] = {}
        self._offers: dict[str, Offer] = {}
        groups: list[Any] = [("", gettext("Choisir"))]
        for one in self.ranges:
            of_line = f"line:{one.line.uuid}"
            self._lines[of_line] = one.line
            rows = [(of_line, gettext("La carte SIM seule"))]
            for offer in one.offers:
                of_offer = f"offer:{offer.uuid}"
                self._lines[of_offer], self._offers[of_offer] = one.line, offer
                rows.append((of_offer, offer_words(offer)))
            groups.append((one.line.title, rows))
        groups.append((OTHER, gettext("Une autre ligne")))
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = groups

    @property
    def line(self) -> Line | None:
        """The range that was chosen; None for another one."""
        return self._lines.get(self.cleaned_data["choice"])

    @property
    def offer(self) -> Offer | None:
        """What was bought with it; None for the SIM alone."""
        return self._offers.get(self.cleaned_data["choice"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("choice") == OTHER and not data.get("words", "").strip() and "words" not in self.errors:
            self.add_error("words", gettext("Écrivez le nom de l’opérateur."))
        if data.get("has_no_end") and data.get("live_until"):
            self.add_error("live_until", gettext("Un forfait n’a pas de dernier jour : laissez vide."))
        return data


class TopUpForm(PurchaseForm):
    """A top-up: one that the catalogue has for this line, or in words."""

    offer = forms.ChoiceField(label=_("Ce qui a été acheté"), required=False)
    what = forms.CharField(
        label=_("Autre recharge"),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    field_order = ["offer", "what", "on", "price", "live_until", "was_told", "note"]

    def __init__(self, data: Any = None, *, today: date, offers: Iterable[Offer], before: str = "") -> None:
        """``before`` is the code of the offer that was bought last: most buy the same again."""
        super().__init__(data, today=today)
        self._offers = {str(offer.uuid): offer for offer in offers}
        if not self._offers:
            del self.fields["offer"]
            self.fields["what"].label = _("Ce qui a été acheté")
            return
        choice = self.fields["offer"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            *((code, offer_words(offer)) for code, offer in self._offers.items()),
            ("", gettext("Une autre recharge")),
        ]
        choice.initial = next((code for code, offer in self._offers.items() if offer.code == before), "")

    @property
    def bought(self) -> Offer | None:
        """The offer of the catalogue that was bought, if it is one."""
        return self._offers.get(self.cleaned_data.get("offer", ""))


class LeaveForm(ActForm):
    """She left for a plan of her own."""

    to = forms.CharField(
        label=_("Chez quel opérateur"),
        max_length=160,
        error_messages={"required": _("Écrivez chez quel opérateur.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    price = EurosField(label=_("Prix par mois"))
    kept_number = forms.ChoiceField(
        label=_("Le numéro est-il resté le même ?"),
        choices=[("yes", _("oui")), ("no", _("non")), ("unknown", _("on ne sait pas"))],
        initial="unknown",
        widget=forms.RadioSelect,
    )

    field_order = ["to", "on", "kept_number", "price", "note"]

    def clean_kept_number(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["kept_number"])


class PortForm(ActForm):
    """Her number lives with another operator now."""

    to = forms.CharField(
        label=_("Chez quel opérateur"),
        max_length=160,
        error_messages={"required": _("Écrivez chez quel opérateur.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    field_order = ["to", "on", "note"]


class EndForm(ActForm):
    """The line is lost, or was given back."""


class NumberForm(forms.Form):
    """The number of a line."""

    number = LineNumberField(label=_("Son numéro"), required=False)
