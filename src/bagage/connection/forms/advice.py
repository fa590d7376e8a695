"""What is asked for an advice, a bill, a letter, and by who keeps the figures and texts of the house."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bagage.common.words import before_colon
from bagage.connection import words
from bagage.connection.domain.money import write_money
from bagage.connection.domain.programme import LARGEST_AMOUNT, MAX_PAYMENT, USUAL_HORIZON
from bagage.connection.domain.usage import LARGEST_FIGURE, NEVER, USE, USES, month_of, usage_of
from bagage.connection.models import Bill
from bagage.connection.queries.kept import Figure
from bagage.people.models import Person

Words = str | Promise
BILL_FIELDS = {"bill_voice_min": "voice_min", "bill_sms": "sms", "bill_data_mb": "data_mb"}
HORIZONS = (30, 60, 90, 180)
LARGEST_BILL = 100_000_00

USE_ICONS = {
    "calls": "phone",
    "sms": "message-square",
    "video_calls": "video",
    "voice_calls": "phone-call",
    "messages": "message-circle",
    "watching": "play",
    "sites": "globe",
}
# How often a week, in words.
LEVEL_WORDS: dict[str, tuple[Words, Words, Words, Words]] = {
    "calls": (_("jamais"), _("1 fois"), _("3 fois"), _("chaque jour")),
    "sms": (_("jamais"), _("quelques"), _("10"), _("chaque jour")),
    "video_calls": (_("jamais"), _("1 fois"), _("2 fois"), _("chaque jour")),
    "voice_calls": (_("jamais"), _("1 fois"), _("3 fois"), _("chaque jour")),
    "messages": (_("jamais"), _("1 fois"), _("3 fois"), _("chaque jour")),
    "watching": (_("jamais"), _("1 h"), _("3 h"), _("chaque jour")),
    "sites": (_("jamais"), _("1 fois"), _("3 fois"), _("chaque jour")),
}


def use_label(use: str, grammar: str) -> str:
    """What she does, said of her, of him, or without either."""
    if use == "calls":
        return {"she": gettext("Elle appelle"), "he": gettext("Il appelle")}.get(grammar, gettext("Appels"))
    if use == "sms":
        return {"she": gettext("Elle envoie des SMS"), "he": gettext("Il envoie des SMS")}.get(
            grammar, gettext("SMS envoyés")
        )
    if use == "video_calls":
        return {"she": gettext("Elle appelle en vidéo"), "he": gettext("Il appelle en vidéo")}.get(
            grammar, gettext("Appels en vidéo")
        )
    return {
        "voice_calls": gettext("Appels par WhatsApp"),
        "messages": gettext("Messages et photos"),
        "watching": gettext("Vidéos, films, musique"),
        "sites": gettext("Démarches, sites"),
    }[use]


class EurosField(forms.CharField):
    """An amount as one writes it, "15", "15,5" or "15,00 €", cleaned to whole cents; empty is None. Below a million."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("max_length", 14)
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        text = re.sub(r"[\s\u00a0\u202f€]", "", str(value or "")).replace(",", ".")
        if not text:
            return None
        if not re.fullmatch(r"\d{1,6}(\.\d{1,2})?", text):
            raise forms.ValidationError(_("Un montant en euros, comme 15,00."))
        whole, _dot, rest = text.partition(".")
        return int(whole) * 100 + int(rest.ljust(2, "0") or 0)

    def run_validators(self, value: Any) -> None:
        """The length is that of what is typed; an amount has none."""
        if not isinstance(value, int):
            super().run_validators(value)

    def prepare_value(self, value: Any) -> Any:
        return words.decimal_words_of_cents(value) if isinstance(value, int) else value


@dataclass(frozen=True, slots=True)
class UseRow:
    """One use as the form shows it: its answers, and what the chosen one makes in 30 days."""

    use: str
    name: str
    label: str
    icon: str
    choices: list[tuple[str, str, bool]]
    month: str
    is_asked: bool


class AdviceForm(forms.Form):
    """What she does, what she has, what her last bill says. Nothing is required; what was not asked counts for zero."""

    has = forms.MultipleChoiceField(
        required=False,
        choices=[
            (code, words.CONDITION_LABELS[code]) for code in words.CONDITION_LABELS if code != MAX_PAYMENT
        ],
    )
    max_payment = EurosField(label=_("En une fois, au plus"))
    already_bought = EurosField(
        label=_("Acheté ce mois-ci"), help_text=_("Pour le plafond de la ligne solidaire.")
    )
    bill_voice_min = forms.IntegerField(
        label=_("Minutes d’appel"), required=False, min_value=0, max_value=LARGEST_AMOUNT
    )
    bill_sms = forms.IntegerField(
        label=pgettext_lazy("heading", "SMS"), required=False, min_value=0, max_value=LARGEST_AMOUNT
    )
    bill_data_mb = forms.IntegerField(
        label=_("Internet, en Mo"), required=False, min_value=0, max_value=LARGEST_AMOUNT
    )
    pays_per_month = EurosField(label=_("Payé par mois"))
    commitment_owed = EurosField(label=_("Encore dû en partant"))
    horizon_days = forms.TypedChoiceField(
        label=_("Sur combien de temps"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(days, "") for days in HORIZONS],
    )
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, person: Person, figures: Sequence[Figure], **options: Any
    ) -> None:
        super().__init__(data, auto_id="id_%s", **options)
        self.person = person
        self.house = figures
        self.figures = {one.use: one.figure for one in figures}
        for use in USES:
            self.fields[use.key] = forms.ChoiceField(
                label=use_label(use.key, person.grammar),
                required=False,
                choices=list(zip(use.levels, LEVEL_WORDS[use.key], strict=True)),
            )
        horizon = self.fields["horizon_days"]
        assert isinstance(horizon, forms.TypedChoiceField)
        horizon.choices = [(days, words.months_words(days)) for days in HORIZONS]

    # ---------- what it says ----------
    def _value(self, name: str) -> Any:
        """What is on the screen: cleaned when it was sent and is right, else what it began with."""
        if self.is_bound:
            return self.cleaned_data.get(name) if hasattr(self, "cleaned_data") else None
        return self.get_initial_for_field(self.fields[name], name)

    def levels(self) -> dict[str, str]:
        """Use → how often, for those that were asked."""
        told = {use.key: str(self._value(use.key) or "") for use in USES}
        return {key: level for key, level in told.items() if level in USE[key].levels}

    def has_codes(self) -> list[str]:
        """What she has, in the order of the boxes."""
        told = set(self._value("has") or [])
        return [code for code in words.CONDITION_LABELS if code in told]

    def is_empty(self) -> bool:
        """Whether nothing was said of her usage: there is no question to answer yet."""
        return not self.levels() and all(self._value(name) is None for name in BILL_FIELDS)

    def usage(self) -> dict[str, int]:
        """What is read on a bill stands in place of what she tells, resource by resource."""
        usage = usage_of(self.levels(), self.figures)
        for name, resource in BILL_FIELDS.items():
            read = self._value(name)
            if read is not None:
                usage[resource] = int(read)
        return usage

    def asked(self) -> dict[str, Any]:
        """The question, as the engine's JSON of a person."""
        pays, owed = self._value("pays_per_month"), self._value("commitment_owed")
        limit = self._value("max_payment")
        return {
            "usage": self.usage(),
            "has": self.has_codes(),
            "max_payment": None if limit is None else write_money(limit),
            "already_bought": write_money(self._value("already_bought") or 0),
            "current": None
            if pays is None
            else {"pays_per_month": write_money(pays), "commitment_owed": write_money(owed or 0)},
            "horizon_days": int(self._value("horizon_days") or USUAL_HORIZON),
        }

    def said(self) -> dict[str, Any]:
        """The form as it was filled, to begin the next one from."""
        amounts = ("max_payment", "already_bought", "pays_per_month", "commitment_owed", *BILL_FIELDS)
        told = {name: self._value(name) for name in amounts}
        return {
            **self.levels(),
            **{name: value for name, value in told.items() if value is not None},
            "has": self.has_codes(),
            "horizon_days": int(self._value("horizon_days") or USUAL_HORIZON),
        }

    # ---------- how it looks ----------
    def rows(self) -> list[UseRow]:
        """The uses, each with its answers."""
        levels = self.levels()
        return [
            UseRow(
                use=use.key,
                name=use.key,
                label=str(self.fields[use.key].label),
                icon=USE_ICONS[use.key],
                choices=[
                    (level, str(text), levels.get(use.key) == level)
                    for level, text in zip(use.levels, LEVEL_WORDS[use.key], strict=True)
                ],
                month=words.amount_words(
                    use.resource, month_of(use.key, levels.get(use.key, NEVER), self.figures)
                )
                if use.key in levels
                else "",
                is_asked=use.key in levels,
            )
            for use in USES
        ]

    def counted(self) -> list[tuple[str, str]]:
        """What each use takes, and who says so."""
        return [(f"{before_colon(figure_label(one.use))} {one.figure}", one.source) for one in self.house]

    def boxes(self) -> list[tuple[str, str, bool]]:
        """(code, label, whether it is ticked)."""
        ticked = set(self.has_codes())
        return [
            (code, str(label), code in ticked)
            for code, label in words.CONDITION_LABELS.items()
            if code != MAX_PAYMENT
        ]

    def has_bill(self) -> bool:
        """Whether something of a bill is written, or wrong: its part of the form stays open."""
        names = [*BILL_FIELDS, "pays_per_month", "commitment_owed", "already_bought"]
        return any(
            self._value(name) is not None or (self.is_bound and self.errors.get(name)) for name in names
        )

    @staticmethod
    def initial_of(
        said: Mapping[str, Any], has: Iterable[str], lacks: Iterable[str], *, is_newer: bool
    ) -> dict[str, Any]:
        """Where a form begins: the last advice, corrected by the file where it is newer (``is_newer``) or silent."""
        initial = {name: value for name, value in said.items() if name != "has"}
        before = set(said.get("has") or [])
        ticked = (before - set(lacks)) | set(has) if is_newer or not said else before
        return {"horizon_days": USUAL_HORIZON, **initial, "has": sorted(ticked), "key": uuid4().hex}


class ChoiceForm(forms.Form):
    """What she chose: "fewest", "best", "keep", or "line:<its code>"."""

    choice = forms.CharField(max_length=90)

    def parts(self) -> tuple[str, str]:
        """(choice, line)."""
        choice, _colon, line = str(self.cleaned_data["choice"]).partition(":")
        return choice, line


class BillForm(forms.Form):
    """What she paid, from a day to a day."""

    kind = forms.ChoiceField(
        label=_("D’après"), choices=Bill.Kind.choices, widget=forms.RadioSelect, initial=Bill.Kind.BILL
    )
    paid = EurosField(label=_("Payé en tout"), required=True)
    first_day = forms.DateField(
        label=_("Du"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label=_("Au"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(label=_("À retenir"), required=False, max_length=200)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class LetterForm(forms.Form):
    """What is written on the letter; nothing of it is kept."""

    name = forms.CharField(label=_("Nom, comme sur ses papiers"), required=False, max_length=120)
    address = forms.CharField(
        label=_("Où arrive son courrier"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Sans adresse, laissez vide : une ligne à remplir à la main reste sur la lettre."),
    )
    to = forms.CharField(
        label=_("À qui"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    city = forms.CharField(label=_("Fait à"), required=False, max_length=80)


class FiguresForm(forms.Form):
    """How much each use takes, and who says so."""

    def __init__(self, data: Any = None, *, figures: Iterable[Any]) -> None:
        super().__init__(data)
        self.uses = list(figures)
        for one in self.uses:
            self.fields[one.use] = forms.IntegerField(
                min_value=1, max_value=LARGEST_FIGURE, initial=one.figure, label=figure_label(one.use)
            )
            self.fields[f"{one.use}_source"] = forms.CharField(
                required=False, max_length=200, initial=one.source, label=_("D’où vient ce chiffre")
            )

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """(figure of the house, its field, the field of its source)."""
        return [(one, self[one.use], self[f"{one.use}_source"]) for one in self.uses]

    def figures(self) -> dict[str, tuple[int, str]]:
        """Use → (figure, source)."""
        cleaned = self.cleaned_data
        return {one.use: (cleaned[one.use], cleaned[f"{one.use}_source"]) for one in self.uses}


def figure_label(use: str) -> str:
    """What one unit of a figure is."""
    return {
        "calls": gettext("Un appel, en minutes"),
        "sms": gettext("Un SMS compte pour"),
        "video_calls": gettext("Un appel en vidéo, en Mo"),
        "voice_calls": gettext("Un appel par WhatsApp, en Mo"),
        "messages": gettext("Une journée de messages et photos, en Mo"),
        "watching": gettext("Une heure de vidéo, en Mo"),
        "sites": gettext("Une visite de site, en Mo"),
    }[use]


class LiftingForm(forms.Form):
    """How one obstacle is lifted."""

    summary = forms.CharField(label=_("En une phrase"), max_length=200)
    steps = forms.CharField(
        label=_("Les étapes"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Une étape par ligne."),
    )
    link = forms.URLField(label=_("Pour en lire plus"), required=False, max_length=300, assume_scheme="https")
    letter_title = forms.CharField(label=_("Objet de la lettre"), required=False, max_length=160)
    letter_to = forms.CharField(
        label=_("À qui"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    letter_body = forms.CharField(
        label=_("La lettre"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Un paragraphe par ligne. Sans texte, il n’y a pas de lettre à imprimer."),
    )
    is_checked = forms.BooleanField(
        label=_("Ce texte a été vérifié : ce n’est plus un exemple"), required=False
    )
