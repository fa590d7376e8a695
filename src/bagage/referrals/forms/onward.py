"""What is typed about an orientation onward."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bagage.common.widgets import Facts
from bagage.directory.models import Service, Structure
from bagage.journeys.models import Request
from bagage.referrals import onward_words
from bagage.referrals.domain import onward_lifecycle as rules
from bagage.referrals.forms.referrals import form_key
from bagage.referrals.onward_words import Shared

AGREED = [
    ("spoken", gettext_lazy("Oui, elle l’a dit")),
    ("signed", gettext_lazy("Oui, elle a signé")),
    ("refused", gettext_lazy("Non : elle emporte un papier, rien ne part")),
]
WAYS = [
    (rules.EMAIL, gettext_lazy("Par mail, avec un lien")),
    (rules.PHONE, gettext_lazy("Par téléphone : j’appelle")),
    (rules.PAPER, gettext_lazy("Par le papier qu’elle emporte")),
]
AGAIN = WAYS[:2]
ANSWERS = [
    (rules.ARRIVED, gettext_lazy("Elle est venue")),
    (rules.NOT_COME, gettext_lazy("Elle n’est pas venue")),
    (rules.PLACE_CANNOT, gettext_lazy("Nous ne pouvons pas la recevoir")),
]
NOTED = [
    (rules.ARRIVED, gettext_lazy("Elle y est allée")),
    (rules.NOT_COME, gettext_lazy("Elle n’y est pas allée")),
    (rules.PLACE_CANNOT, gettext_lazy("Le lieu ne peut pas la recevoir")),
]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Ce n’est pas une date.")},
    )


class OnwardForm(forms.Form):
    """Where, for what, why; what she agreed to; how the place is told. ``seen`` is what of the letter was shown."""

    key = form_key()
    code = forms.CharField(
        max_length=8, required=False, widget=forms.TextInput(attrs={"hidden": True, "autocomplete": "off"})
    )
    need = forms.ChoiceField(
        label=gettext_lazy("Pour quoi"),
        error_messages={"required": gettext_lazy("Dites pour quoi elle y va.")},
    )
    request = forms.ChoiceField(label=gettext_lazy("Sa demande"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi ce lieu"),
        max_length=300,
        help_text=gettext_lazy("Des faits seulement. Le lieu le lit, et elle aussi peut le lire."),
        widget=Facts(),
        error_messages={"required": gettext_lazy("Dites pourquoi ce lieu, en quelques mots : des faits.")},
    )
    agreed = forms.ChoiceField(
        label=gettext_lazy("Est-elle d’accord ?"),
        choices=AGREED,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy(
                "Demandez-lui. Si elle ne veut pas, le papier suffit : elle y va quand même."
            )
        },
    )
    shares = forms.MultipleChoiceField(
        label=gettext_lazy("Ce que le lieu peut savoir"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    by_way = forms.ChoiceField(
        label=gettext_lazy("Comment le lieu est prévenu"),
        choices=WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Dites comment le lieu est prévenu.")},
    )
    email = forms.CharField(
        label=gettext_lazy("Mail du lieu"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )
    despite = forms.BooleanField(label=gettext_lazy("L’y orienter quand même"), required=False)
    despite_reason = forms.CharField(
        label=gettext_lazy("Pourquoi, cette fois"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,
        structure: Structure,
        requests: list[Request],
        shared: Shared,
        tells_referrer: bool,
        is_again: bool,
        check: bool = True,
        **kwargs: Any,
    ) -> None:
        """``is_again``: she was sent on for this before. ``check`` false renews the preview and says nothing."""
        super().__init__(*args, **kwargs)
        self.check, self.is_again = check, is_again
        given = {service.need for service in structure.services.all()}
        labels = list(Service.NeedChoice.choices)
        self.fields["need"].choices = [row for row in labels if row[0] in given] + [
            row for row in labels if row[0] not in given
        ]
        self.fields["request"].choices = [
            ("", _("Aucune en particulier")),
            *[(str(one.uuid), one.words) for one in requests],
        ]
        if not requests:
            del self.fields["request"]
        self.fields["shares"].choices = share_choices(
            shared, with_asks=bool(requests), referrer=tells_referrer
        )
        known = {value for value, _label in self.fields["shares"].choices}
        self.initial["shares"] = [one for one in self.initial.get("shares", []) if one in known]
        if not is_again:
            del self.fields["despite"]
            del self.fields["despite_reason"]

    def full_clean(self) -> None:
        if self.check:
            super().full_clean()
        else:
            self._errors = forms.utils.ErrorDict()
            self.cleaned_data = {}

    def typed(self, name: str) -> str:
        """What is in a field at present, checked or not."""
        if name not in self.fields:
            return ""
        return str(self[name].value() or "").strip()

    def typed_list(self, name: str) -> list[str]:
        """The ticks at present."""
        value = self[name].value() or []
        return [str(one) for one in value]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("agreed") == rules.REFUSED:
            # Refusing closes nothing: she goes there with her paper, whatever was ticked before she said it.
            data["by_way"], data["shares"] = rules.PAPER, []
        if self.is_again and not data.get("despite"):
            self.add_error(
                "despite",
                _("Elle a déjà été orientée pour cela. Si ce chemin est le bon, cochez, et dites pourquoi."),
            )
        elif self.is_again and len(data.get("despite_reason", "").strip()) < rules.LEAST_WORDS:
            self.add_error("despite_reason", _("Dites pourquoi, en quelques mots."))
        return data


def share_choices(shared: Shared, *, with_asks: bool, referrer: bool) -> list[tuple[str, str]]:
    """What may be told, each with its value; only what is known of her."""
    rows = [("first_name", _("Son prénom : %(value)s") % {"value": shared.first_name})]
    if shared.family_name:
        rows.append(("family_name", _("Son nom : %(value)s") % {"value": shared.family_name}))
    if with_asks:
        rows.append(("asks", _("Sa demande, avec ses mots")))
    if shared.languages:
        rows.append(("languages", _("Ses langues : %(value)s") % {"value": shared.languages}))
    if shared.phone:
        rows.append(
            ("phone", _("Son téléphone") if not shared.is_phone_shared else _("Son téléphone, partagé"))
        )
    if referrer:
        rows.append(("referrer", _("Dire à qui l’a orientée ici dans quel lieu elle est arrivée")))
    return rows


def digest_of(letter: str, by_way: str, email: str) -> str:
    """What of a preview was seen: nothing is sent that was not shown."""
    return hashlib.sha256(
        "\x1f".join([letter, by_way, email if by_way == rules.EMAIL else ""]).encode()
    ).hexdigest()[:32]


class PlaceAnswerForm(forms.Form):
    """What the place says: she came and when, she did not, or it cannot and why."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Votre réponse"),
        choices=ANSWERS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez une réponse.")},
    )
    on = _day(gettext_lazy("Quel jour"))
    words = forms.CharField(
        label=gettext_lazy("Un mot"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "Si vous ne pouvez pas, dites pourquoi : nous chercherons ailleurs avec elle."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if (
            data.get("answer") == rules.PLACE_CANNOT
            and len(data.get("words", "").strip()) < rules.LEAST_WORDS
        ):
            self.add_error(
                "words", _("Dites pourquoi en quelques mots : nous chercherons ailleurs avec elle.")
            )
        return data

    def day(self, today: date) -> date | None:
        """The day she came; today unless told."""
        return (
            (self.cleaned_data.get("on") or today) if self.cleaned_data["answer"] == rules.ARRIVED else None
        )


class NotedAnswerForm(PlaceAnswerForm):
    """The same, written down by staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].choices = NOTED
        self.fields["answer"].label = _("Ce que le lieu a dit, ou elle")
        self.fields["words"].help_text = _("Si le lieu ne peut pas, la raison est nécessaire.")


class AgainForm(forms.Form):
    """Tell the place once more."""

    key = form_key()
    by_way = forms.ChoiceField(
        label=gettext_lazy("Comment"),
        choices=AGAIN,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Dites comment le lieu est prévenu.")},
    )
    email = forms.CharField(
        label=gettext_lazy("Mail du lieu"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )


class CallOffForm(forms.Form):
    """Why it is off."""

    reason = forms.CharField(
        label=gettext_lazy("Pourquoi"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Dites pourquoi, en quelques mots : cela reste dans son dossier.")
        },
    )


def usual(need: str) -> str:
    """The reason that is proposed for a need; ``""`` for one that is not known."""
    return onward_words.usual_reason(need) if need in Service.NeedChoice.values else ""
