"""What is typed at the counter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bagage.connection.forms.advice import EurosField
from bagage.connection.forms.lines import DayInput, LineNumberField, offer_words
from bagage.connection.models import Line, Offer
from bagage.connection.queries.lines import RangeOnSale
from bagage.permanences.models import Site
from bagage.shop.models import Product, Sale, SaleLine, ShopRules

OTHER = "other"
AMOUNT = {"required": _("Écrivez un montant, comme 15,00.")}
WHOLE = {"required": _("Écrivez un nombre."), "invalid": _("Un nombre entier, comme 12.")}
PAPER, NONE = "paper", "none"


class KeyForm(forms.Form):
    """What is sent twice counts once."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **options: Any) -> None:
        initial = {"key": uuid4().hex, **options.pop("initial", {})}
        super().__init__(data, initial=initial, auto_id="id_%s", **options)


def _word(label: Any, *, required: bool = False, message: Any = "", length: int = 200) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": message} if message else None,
    )


def _count(label: Any, *, least: int = 1, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=100_000,
        error_messages=WHOLE,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
        **options,
    )


def _euros(label: Any, *, required: bool = True) -> EurosField:
    return EurosField(
        label=label,
        required=required,
        error_messages=AMOUNT,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"}),
    )


# ---------- a sale ----------
class SellForm(KeyForm):
    """How it is paid; what is sold and to whom stands in hidden fields that the view reads itself."""

    payment = forms.ChoiceField(
        label=_("Comment c’est payé"),
        choices=Sale.Payment.choices,
        initial=Sale.Payment.CASH,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez comment cela est payé.")},
    )
    given = forms.CharField(required=False, max_length=8)
    given_other = _euros(_("Montant donné"), required=False)
    payment_note = _word(_("Numéro du bon d’aide"), length=60)
    number = LineNumberField(label=_("Le numéro de la carte SIM"), required=False)
    held_line = forms.CharField(required=False, max_length=36)
    receipt = forms.ChoiceField(
        label=_("Reçu"),
        choices=[(PAPER, _("Papier")), (NONE, _("Sans reçu"))],
        initial=PAPER,
        required=False,
        widget=forms.RadioSelect,
    )
    total = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        text = data.get("given") or ""
        if text == OTHER:
            data["given"] = data.get("given_other")
            if data["given"] is None and "given_other" not in self.errors:
                self.add_error("given_other", gettext("Écrivez ce qui est donné, ou choisissez un billet."))
        else:
            data["given"] = int(text) if text.isascii() and text.isdigit() else None
        return data


class RefundForm(KeyForm):
    """What is taken back of a sale, and why."""

    kind = forms.ChoiceField(
        label=_("Que s’est-il passé"),
        choices=[
            (Sale.Kind.REFUND, _("Un article est rendu")),
            (Sale.Kind.CORRECTION, _("La vente était une erreur")),
        ],
        initial=Sale.Kind.REFUND,
        widget=forms.RadioSelect,
    )
    reason = _word(_("Pourquoi"), required=True, message=_("Écrivez pourquoi : cela reste sur le reçu."))
    back_in_stock = forms.BooleanField(
        label=_("Ce qui est rendu peut être revendu : le remettre en stock"), required=False, initial=True
    )

    def __init__(
        self, data: Any = None, *, left: Iterable[tuple[SaleLine, int]], with_her: Iterable[int] = ()
    ) -> None:
        """``left`` are the lines with how many pieces of each can still be taken back.

        ``with_her`` are the reservations whose device she still has: not proposed, their return is noted first.
        """
        super().__init__(data)
        self.left = [(line, count) for line, count in left if count > 0]
        out = set(with_her)
        for line, count in self.left:
            name = f"line-{line.uuid}"
            self.fields[name] = forms.TypedChoiceField(
                label=line.name,
                coerce=int,
                choices=[(number, str(number)) for number in range(count + 1)],
                initial=0 if line.reservation_id in out else count,
                required=False,
                empty_value=0,
            )

    @property
    def line_rows(self) -> list[tuple[SaleLine, forms.BoundField]]:
        """Each line with its field."""
        return [(line, self[f"line-{line.uuid}"]) for line, _count in self.left]

    @property
    def taken_back(self) -> list[tuple[SaleLine, int]]:
        """What was chosen."""
        chosen = [(line, self.cleaned_data.get(f"line-{line.uuid}") or 0) for line, _count in self.left]
        return [(line, count) for line, count in chosen if count]


# ---------- the till ----------
class TillOpenForm(KeyForm):
    """What lies in it when it opens."""

    float_amount = _euros(_("Dans la caisse maintenant"))


class TillCloseForm(KeyForm):
    """What was counted, and a word when it differs."""

    counted = _euros(_("Compté dans la caisse"))
    word = _word(_("Si ce n’est pas le compte, pourquoi"))


# ---------- stock ----------
class StockReceiveForm(KeyForm):
    """What came in."""

    quantity = _count(_("Combien"))
    reason = _word(_("D’où cela vient"))


class StockCountForm(KeyForm):
    """What was found."""

    counted = _count(_("Compté"), least=0)
    reason = _word(_("Si ce n’est pas le compte, pourquoi"))


class StockMoveForm(KeyForm):
    """What goes to another site."""

    target = forms.ChoiceField(
        label=_("Vers quelle permanence"),
        error_messages={"required": _("Choisissez la permanence d’arrivée.")},
    )
    quantity = _count(_("Combien"))
    reason = _word(_("À retenir"))

    def __init__(self, data: Any = None, *, sites: Iterable[Site]) -> None:
        super().__init__(data)
        self._sites = {str(site.uuid): site for site in sites}
        choice = self.fields["target"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            ("", gettext("Choisir")),
            *((code, str(site)) for code, site in self._sites.items()),
        ]

    @property
    def site(self) -> Site:
        """Where it goes."""
        return self._sites[self.cleaned_data["target"]]


# ---------- products, rules ----------
class ProductForm(KeyForm):
    """What is sold, at what price, within what."""

    kind = forms.ChoiceField(
        label=_("Sorte"),
        choices=Product.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez la sorte.")},
    )
    name = _word(_("Nom"), required=True, message=_("Écrivez un nom."), length=120)
    details = _word(_("En deux mots"), length=120)
    price = _euros(_("Prix"))
    choice = forms.ChoiceField(label=_("Gamme ou offre du catalogue"), required=False)
    days = forms.IntegerField(
        label=_("Nombre de jours"),
        min_value=1,
        max_value=400,
        required=False,
        error_messages=WHOLE,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
    )
    needs_right = forms.BooleanField(
        label=_("Seulement avec des droits ouverts"), required=False, initial=True
    )
    counts_in_cap = forms.BooleanField(label=_("Compte dans le plafond"), required=False, initial=True)
    is_stocked = forms.BooleanField(label=_("Se compte en stock"), required=False, initial=True)
    low_level = _count(_("Stock bas à partir de"), least=0, initial=5)

    def __init__(
        self, data: Any = None, *, ranges: Iterable[RangeOnSale], product: Product | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if product is not None:
            initial = {
                name: getattr(product, name)
                for name in (
                    "kind", "name", "details", "price", "days", "needs_right", "counts_in_cap", "is_stocked",
                    "low_level",
                )
            }  # fmt: skip
            if product.offer is not None:
                initial["choice"] = f"offer:{product.offer.uuid}"
            elif product.line is not None:
                initial["choice"] = f"line:{product.line.uuid}"
        super().__init__(data, initial=initial)
        self._lines: dict[str, Line] = {}
        self._offers: dict[str, Offer] = {}
        groups: list[Any] = [("", gettext("Aucune"))]
        for one in ranges:
            of_line = f"line:{one.line.uuid}"
            self._lines[of_line] = one.line
            rows = [(of_line, gettext("La gamme seule"))]
            for offer in one.offers:
                of_offer = f"offer:{offer.uuid}"
                self._lines[of_offer], self._offers[of_offer] = one.line, offer
                rows.append((of_offer, offer_words(offer)))
            groups.append((one.line.title, rows))
        kept = initial.get("choice", "")
        if product is not None and kept and kept not in self._lines:  # withdrawn from the catalogue since
            assert product.line is not None
            self._lines[kept] = product.line
            name = product.line.title
            if product.offer is not None:
                self._offers[kept] = product.offer
                name = offer_words(product.offer)
            groups.append((kept, gettext("%(name)s (n’est plus au catalogue)") % {"name": name}))
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = groups

    @property
    def values(self) -> dict[str, Any]:
        """For the service."""
        data = dict(self.cleaned_data)
        chosen = data.pop("choice")
        data.pop("key")
        return {**data, "line": self._lines.get(chosen), "offer": self._offers.get(chosen)}


class RulesForm(forms.Form):
    """The figures of the programme."""

    right_months = forms.IntegerField(
        label=_("Des droits durent, en mois"), min_value=1, max_value=60, error_messages=WHOLE
    )
    renewals = forms.IntegerField(
        label=_("Ils se renouvellent, combien de fois"), min_value=0, max_value=10, error_messages=WHOLE
    )
    cap = _euros(_("Plafond par personne et par période"))
    period = forms.ChoiceField(
        label=_("Période"), choices=ShopRules.PeriodKind.choices, widget=forms.RadioSelect
    )
    warn_days = forms.IntegerField(
        label=_("Prévenir de la fin des droits, combien de jours avant"),
        min_value=0,
        max_value=180,
        error_messages=WHOLE,
    )

    def __init__(self, data: Any = None, *, rules: ShopRules) -> None:
        names = ("right_months", "renewals", "cap", "period", "warn_days")
        super().__init__(data, initial={name: getattr(rules, name) for name in names}, auto_id="id_%s")
        for name in ("right_months", "renewals", "warn_days"):
            self.fields[name].widget = forms.TextInput(
                attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}
            )


# ---------- rights ----------
class RightOpenForm(KeyForm):
    """A voucher with its number, or a decision."""

    how = forms.ChoiceField(
        label=_("Ce qui ouvre ses droits"),
        choices=[
            ("voucher", _("Un bon d’orientation")),
            ("decision", _("Une décision de la permanence")),
        ],
        initial="voucher",
        widget=forms.RadioSelect,
    )
    number = _word(_("Numéro du bon"), length=40)
    begins_on = forms.DateField(
        label=_("À partir du"),
        widget=DayInput(),
        error_messages={"required": _("Écrivez le jour."), "invalid": _("Une date, comme 26/11/2026.")},
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"begins_on": today})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if (
            data.get("how") == "voucher"
            and not data.get("number", "").strip()
            and "number" not in self.errors
        ):
            self.add_error("number", gettext("Écrivez le numéro du bon."))
        return data

    @property
    def source(self) -> str:
        """For the service."""
        if self.cleaned_data["how"] == "voucher":
            return f"voucher:{self.cleaned_data['number']}"
        return "decision"


class RightEndForm(forms.Form):
    """Why it ends early."""

    reason = _word(_("Pourquoi"), required=True, message=_("Écrivez pourquoi : cela reste dans l’histoire."))
    is_mistake = forms.BooleanField(
        label=_("Ouverts par erreur : ils n’ont jamais compté, le bon peut resservir"), required=False
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id_%s")
