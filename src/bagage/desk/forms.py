"""Forms of the person's file and of the interview on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bagage.common.codes import read_code
from bagage.journeys.models import Pocket, Request
from bagage.journeys.queries import Question


class RequestForm(forms.Form):
    """What she asks for; ``state`` only for one that exists already."""

    words = forms.CharField(
        label=gettext_lazy("Avec ses mots"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Écrivez ses mots, même en deux mots.")},
    )
    pocket = forms.ChoiceField(
        label=gettext_lazy("De quoi s’agit-il ?"),
        required=False,
        choices=[*Pocket.choices, ("", gettext_lazy("on ne sait pas"))],
        widget=forms.RadioSelect,
    )
    state = forms.ChoiceField(
        label=gettext_lazy("Où en est-on ?"), choices=Request.State.choices, widget=forms.RadioSelect
    )

    def __init__(
        self,
        data: Mapping[str, str] | None = None,
        *,
        initial: dict[str, str] | None = None,
        state_words: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        if state_words is None:
            del self.fields["state"]
            return
        choices = [(value, state_words.get(value, label)) for value, label in Request.State.choices]
        self.fields["state"].choices = choices  # type: ignore[attr-defined]


class SheetForm(forms.Form):
    """Whose sheet it is: the code in its corner."""

    code = forms.CharField(
        label=gettext_lazy("Code en haut de la feuille"),
        max_length=20,
        error_messages={"required": gettext_lazy("Écrivez le code, par exemple B7K 4M6.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def clean_code(self) -> str:
        """As the code it means, whatever the spaces and capitals."""
        code = read_code(str(self.cleaned_data["code"]))
        if not code:
            raise forms.ValidationError(
                _("Ce code ne peut pas être lu. Il a six signes, sans les lettres O, I, L, S, Z, U, V.")
            )
        return code


class PaperForm(forms.Form):
    """The interview that was filled on paper: the day, then one letter or figure an answer, then her words.

    An empty answer is one that was not given. The letters are those printed beside the boxes.
    """

    held_on = forms.DateField(
        label=gettext_lazy("Tenu le"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Écrivez le jour de l’entretien : il est en haut de la feuille."),
            "invalid": gettext_lazy("Cette date ne peut pas être lue. Écrivez-la comme 26/11/2026."),
        },
    )
    wants = forms.CharField(
        label=gettext_lazy("Qu’est-ce que vous voulez pouvoir faire ?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    more = forms.CharField(
        label=gettext_lazy("Autres demandes, une par ligne"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, data: Mapping[str, str] | None = None, *, questions: list[Question], today: date
    ) -> None:
        super().__init__(data)
        self.questions = questions
        self.today = today
        for question in questions:
            self.fields[question.name] = forms.CharField(
                label=question.label,
                required=False,
                max_length=2,
                widget=forms.TextInput(
                    attrs={
                        "autocomplete": "off",
                        "autocapitalize": "characters",
                        "size": "2",
                        "class": "letter",
                    }
                ),
            )

    def clean_held_on(self) -> date:
        """Not a day to come."""
        held_on: date = self.cleaned_data["held_on"]
        if held_on > self.today:
            raise forms.ValidationError(_("Cette date n’est pas encore passée."))
        return held_on

    def clean(self) -> dict[str, object]:
        """Each letter becomes the answer it stands for."""
        cleaned = super().clean() or {}
        for question in self.questions:
            typed = str(cleaned.get(question.name, "")).strip().upper()
            if not typed:
                continue
            found = next((choice.value for choice in question.choices if choice.key.upper() == typed), None)
            if found is None:
                keys = ", ".join(choice.key for choice in question.choices)
                self.add_error(
                    question.name,
                    _("« %(typed)s » n’est pas une réponse ici. Possibles : %(keys)s, ou rien.")
                    % {"typed": typed, "keys": keys},
                )
            else:
                cleaned[question.name] = found
        return cleaned

    def answers(self) -> dict[str, str]:
        """What was answered, by name."""
        names = [question.name for question in self.questions]
        found = {name: str(self.cleaned_data.get(name, "")) for name in [*names, "wants"]}
        return {name: value for name, value in found.items() if value}

    def requests(self) -> list[str]:
        """Her further requests."""
        return [line.strip() for line in self.cleaned_data["more"].splitlines() if line.strip()]
