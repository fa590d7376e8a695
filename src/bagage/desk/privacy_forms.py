"""What is typed about privacy."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bagage.common.codes import read_code
from bagage.trail.models import PrivacyRules
from bagage.trail.registry import all_processings, of_persons
from bagage.trail.services.rules import RULES

WHOLE = {"required": _("Écrivez un nombre."), "invalid": _("Un nombre entier, comme 24.")}
NUMBER = {"inputmode": "numeric", "autocomplete": "off", "class": "num"}


def purposes_with_own_time() -> set[str]:
    """The purposes of which the notes and messages may go earlier than the file."""
    return {each.processing for each in of_persons() if each.dated}


class FreezeForm(forms.Form):
    """What she contests."""

    words = forms.CharField(
        label=_("Ce qui est contesté, avec ses mots"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Écrivez ce qui est contesté : c’est à cela qu’il faudra répondre.")},
    )


class LiftForm(forms.Form):
    """What she was told."""

    answer = forms.CharField(
        label=_("Ce qui a été répondu"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Écrivez ce qui a été répondu : la personne peut demander à le relire.")
        },
    )


class EraseForm(forms.Form):
    """She asked for it, and this is the right file."""

    wish = forms.BooleanField(
        label=_("La personne le demande, et sait que cela ne se défait pas"),
        error_messages={"required": _("Cochez : c’est la personne qui le demande.")},
    )
    code = forms.CharField(
        label=_("Recopiez le numéro de la carte"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Recopiez le numéro : c’est pour ne pas effacer un autre dossier.")},
    )

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, auto_id="id_%s")
        self.right_code = code

    def clean_code(self) -> str:
        """The number of this very file."""
        if read_code(self.cleaned_data["code"]) != read_code(self.right_code):
            raise forms.ValidationError(_("Ce n’est pas le numéro de ce dossier. Recopiez celui d’en haut."))
        return self.right_code


class PrivacyRulesForm(forms.Form):
    """The rules of the house."""

    months = forms.IntegerField(
        label=_("Un dossier est gardé après le dernier contact, en mois"),
        min_value=1,
        max_value=120,
        error_messages=WHOLE,
    )
    runs_by_itself = forms.BooleanField(
        label=_("Effacer de soi-même, chaque jour, ce dont le temps est passé"), required=False
    )
    files_a_day = forms.IntegerField(
        label=_("Dossiers lus par un compte en un jour"), min_value=1, max_value=2000, error_messages=WHOLE
    )
    day_begins = forms.IntegerField(
        label=_("La journée commence, heure"), min_value=0, max_value=23, error_messages=WHOLE
    )
    day_ends = forms.IntegerField(
        label=_("La journée finit, heure"), min_value=1, max_value=24, error_messages=WHOLE
    )
    elsewhere_a_month = forms.IntegerField(
        label=_("Dossiers d’autres lieux ouverts par un compte en 31 jours"),
        min_value=1,
        max_value=2000,
        error_messages=WHOLE,
    )

    def __init__(self, data: Any = None, *, rules: PrivacyRules) -> None:
        initial = {name: getattr(rules, name) for name in RULES if name != "shorter"}
        for name, months in rules.shorter.items():
            initial[f"shorter_{name}"] = months
        super().__init__(data, initial=initial, auto_id="id_%s")
        self.purposes = [each for each in all_processings() if each.name in purposes_with_own_time()]
        for each in self.purposes:
            self.fields[f"shorter_{each.name}"] = forms.IntegerField(
                label=each.title, required=False, min_value=1, max_value=120, error_messages=WHOLE
            )
            self.fields[f"shorter_{each.name}"].widget = forms.TextInput(attrs=NUMBER)
        for name in RULES:
            if name not in {"runs_by_itself", "shorter"}:
                self.fields[name].widget = forms.TextInput(attrs=NUMBER)

    @property
    def shorter_fields(self) -> list[forms.BoundField]:
        """The fields of purposes, for the page."""
        return [self[f"shorter_{each.name}"] for each in self.purposes]

    def rules(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        typed = dict(self.cleaned_data)
        own = {each.name: typed.pop(f"shorter_{each.name}") for each in self.purposes}
        return {**typed, "shorter": {name: months for name, months in own.items() if months}}
