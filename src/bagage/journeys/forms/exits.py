"""What is typed about an exit, a return, the news asked for since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from bagage.common.widgets import Facts
from bagage.journeys.domain.exits import COMPLETE, NOT_YET
from bagage.journeys.models import ExitReason, FollowUp, JourneyExit, JourneyStep, Request
from bagage.journeys.queries.ahead import Ahead

WORDS = 300


class KeyedForm(forms.Form):
    """A form that counts once, however often it is sent."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4().hex


class ExitForm(KeyedForm):
    """With what she leaves, and why when it is not full yet.

    ``is_full``: the three pockets are, today. ``ahead``: what is still planned for her.
    """

    kind = forms.ChoiceField(label=_("Avec quel bagage"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Si « pas encore » : la raison"),
        choices=ExitReason.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    words = forms.CharField(
        label=_("En quelques mots"),
        max_length=WORDS,
        required=False,
        widget=Facts(),
        help_text=_("Des faits, pas de jugement. La personne peut lire ce qui est écrit."),
    )
    follow_up = forms.BooleanField(label=_("D’accord pour que l’on demande des nouvelles"), required=False)
    release = forms.BooleanField(label=_("Libérer ce qui est prévu"), required=False)

    def __init__(self, *args: Any, is_full: bool, ahead: list[Ahead], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = JourneyExit.Kind.choices if is_full else [(NOT_YET, JourneyExit.Kind.NOT_YET.label)]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["kind"].initial = COMPLETE if is_full else NOT_YET
        if not is_full:
            self.fields["reason"].required = True
            self.fields["reason"].label = _("La raison")
            self.fields["reason"].error_messages["required"] = str(
                _("Choisissez la raison : « pas encore » en a toujours une.")
            )
        if not ahead:
            del self.fields["release"]

    def clean(self) -> dict[str, Any]:
        """A full bag has no reason, whatever was ticked before."""
        data = super().clean() or {}
        if data.get("kind") == COMPLETE:
            data["reason"] = ""
        return data


class ComeBackForm(KeyedForm):
    """What brings her back."""

    reason = forms.ChoiceField(
        label=_("Ce qui ramène"),
        choices=[choice for choice in JourneyStep.Back.choices if choice[0] != JourneyStep.Back.INTERVIEW],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce qui ramène.")},
    )
    words = forms.CharField(
        label=_("En quelques mots"),
        max_length=WORDS,
        required=False,
        widget=Facts(),
    )


STILL = [(value, label) for value, label in FollowUp.Still.choices]


class FollowUpForm(forms.Form):
    """What was answered, pocket by pocket."""

    who = forms.ChoiceField(
        label=_("Qui a répondu"),
        choices=FollowUp.Who.choices,
        widget=forms.RadioSelect,
        initial=FollowUp.Who.HERSELF,
    )
    device = forms.ChoiceField(
        label=_("Son appareil"),
        choices=STILL,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une réponse, même « on ne sait pas ».")},
    )
    connection = forms.ChoiceField(
        label=_("Sa ligne"),
        choices=STILL,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une réponse, même « on ne sait pas ».")},
    )
    skills = forms.ChoiceField(
        label=_("Ce qui se faisait sans aide se fait toujours sans aide"),
        choices=[("yes", _("oui")), ("no", _("non")), ("unknown", _("on ne sait pas"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une réponse, même « on ne sait pas ».")},
    )
    no_more = forms.MultipleChoiceField(
        label=_("Si non : ce qui ne se fait plus sans aide"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label=_("En quelques mots"),
        max_length=WORDS,
        required=False,
        widget=Facts(),
    )

    def __init__(self, *args: Any, met: Iterable[Request], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.uuid), one.words) for one in met]
        if choices:
            self.fields["no_more"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["no_more"]

    @property
    def named(self) -> list[UUID]:
        """The requests that she manages no more."""
        return [UUID(one) for one in self.cleaned_data.get("no_more") or []]


class TryForm(KeyedForm):
    """Someone called, and nobody answered."""

    words = forms.CharField(label=_("En quelques mots"), max_length=200, required=False)
