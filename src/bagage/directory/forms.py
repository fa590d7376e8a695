"""What is looked for, read from an address; nothing here is about a person."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bagage.directory.domain.cells import phone_of, web_of
from bagage.directory.domain.hours_in import osm_of
from bagage.directory.domain.matching import LEFT_OUT
from bagage.directory.domain.needs import Need
from bagage.directory.models import Feed, Service

# The six that are asked at a desk, in the order of the screen; the others stand with the conditions.
FIRST_NEEDS = (
    Need.USE_COMPUTER_HERE,
    Need.GET_DEVICE,
    Need.USE_WIFI_HERE,
    Need.GET_CONNECTION,
    Need.LEARN_BASICS,
    Need.ONLINE_PROCEDURES,
)
OTHER_NEEDS = (
    Need.PRINT_SCAN,
    Need.HELPED_AT_HOME,
    Need.STAY_SAFE,
    Need.UNDERSTAND,
    Need.FIND_WORK,
    Need.RAISE_CHILDREN,
    Need.CREATE,
)
OPEN, FREE, SOMEONE = "open", "free", "someone"
RADII = ("1", "2", "5", "10", "20", "50")
MOST_SHOWN = 100


def need_choices(needs: tuple[Need, ...]) -> list[tuple[str, Any]]:
    """Needs with the words of the screen."""
    return [(need.value, Service.NeedChoice(need.value).label) for need in needs]


class PanoramaForm(forms.Form):
    """The filters. ``near`` is a point that a link gives, ``near_of`` the words of ``place`` for which it holds."""

    place = forms.CharField(
        label=_("Autour de"), required=False, max_length=100, help_text=_("Code postal ou commune")
    )
    near = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    near_of = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    radius = forms.ChoiceField(label=_("Jusqu’à"), required=False)
    q = forms.CharField(label=_("Un nom, une rue"), required=False, max_length=100)
    need = forms.MultipleChoiceField(
        label=_("Ce que l’on cherche"),
        required=False,
        # A link may name any need; the boxes of the screen send the others under their own name.
        choices=need_choices((*FIRST_NEEDS, *OTHER_NEEDS, Need.UNKNOWN)),
        widget=forms.CheckboxSelectMultiple,
    )
    other = forms.MultipleChoiceField(
        label=_("Autres besoins"),
        required=False,
        choices=need_choices(OTHER_NEEDS),
        widget=forms.CheckboxSelectMultiple,
    )
    only = forms.MultipleChoiceField(
        label=_("Conditions"),
        required=False,
        choices=[
            (OPEN, _("Ouvert maintenant")),
            (FREE, _("Gratuit pour tous")),
            (SOMEONE, _("Quelqu’un aide")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    also = forms.MultipleChoiceField(
        required=False,
        choices=[(reason, reason) for reason in LEFT_OUT],
        widget=forms.MultipleHiddenInput,
    )
    shown = forms.IntegerField(required=False, min_value=1, max_value=MOST_SHOWN, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["radius"].choices = [
            ("", _("la distance habituelle")),
            *((km, f"{km}\u00a0km") for km in RADII),
        ]

    def clean_near(self) -> tuple[float, float] | None:
        """A point in degrees, latitude first: ``"48.88,2.37"``."""
        text = self.cleaned_data["near"]
        if not text:
            return None
        found = re.fullmatch(r"(-?\d{1,2}(?:\.\d{1,9})?),(-?\d{1,3}(?:\.\d{1,9})?)", text)
        point = (float(found[1]), float(found[2])) if found else (999.0, 999.0)
        if abs(point[0]) > 90 or abs(point[1]) > 180:
            raise forms.ValidationError(
                gettext("Un point s’écrit 48.88,2.37 : la latitude, puis la longitude, en degrés.")
            )
        return point

    def clean_radius(self) -> float | None:
        """Kilometres, or nothing."""
        return float(self.cleaned_data["radius"]) if self.cleaned_data["radius"] else None

    @property
    def needs(self) -> tuple[str, ...]:
        """What is looked for, each once; help of which nobody says what it is asks for nothing."""
        asked = [*(self.cleaned_data.get("need") or ()), *(self.cleaned_data.get("other") or ())]
        return tuple(need for need in dict.fromkeys(asked) if need != Need.UNKNOWN)

    @property
    def conditions(self) -> int:
        """How many conditions are on, beside the first needs."""
        others = {need.value for need in OTHER_NEEDS}
        return len(self.cleaned_data.get("only") or ()) + sum(need in others for need in self.needs)


class PublicForm(PanoramaForm):
    """The filters of the public page: free words, a place, and the same needs and conditions."""

    q = forms.CharField(
        label=_("Ce que vous cherchez"),
        required=False,
        max_length=200,
        help_text=_("Par exemple : apprendre à se servir d’un ordinateur, jeudi après-midi, Grenoble."),
    )
    shown = forms.IntegerField(required=False, min_value=1, max_value=MOST_SHOWN, widget=forms.HiddenInput)


class OwnRecordForm(forms.Form):
    """What a place says of itself. Hours are written as people write them, and put in form."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    phone = forms.CharField(label=_("Téléphone"), required=False, max_length=40)
    email = forms.EmailField(label=_("Mail"), required=False, max_length=254)
    website = forms.CharField(label=_("Site"), required=False, max_length=300)
    hours = forms.CharField(
        label=_("Horaires"),
        required=False,
        max_length=400,
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "Par exemple : du lundi au vendredi de 9 h à 12 h 30 et de 14 h à 17 h, le samedi de 9 h à 12 h."
        ),
    )
    closed_until = forms.DateField(
        label=_("Fermé jusqu’au"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Pour l’été, des travaux : le dernier jour fermé."),
    )
    services = forms.MultipleChoiceField(
        label=_("Ce qu’on y propose"),
        required=False,
        choices=need_choices((*FIRST_NEEDS, *OTHER_NEEDS)),
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label=_("Autre chose à corriger"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    signed_by = forms.CharField(
        label=_("Qui écrit"), required=False, max_length=120, help_text=_("Un prénom et un rôle suffisent.")
    )

    def clean_phone(self) -> str:
        """As it is dialled from anywhere."""
        said = self.cleaned_data["phone"]
        found = phone_of(said)
        if said and not found:
            raise forms.ValidationError(
                gettext("On ne lit pas ce numéro : écrivez-le avec ses dix chiffres.")
            )
        return found

    def clean_website(self) -> str:
        """An address that a browser opens."""
        said = self.cleaned_data["website"]
        found = web_of(said)
        if said and not found:
            raise forms.ValidationError(gettext("Une adresse de site commence par https:// ou www."))
        return found

    def clean_hours(self) -> str:
        """In OpenStreetMap form."""
        said = self.cleaned_data["hours"].strip()
        found = osm_of(said)
        if said and not found:
            raise forms.ValidationError(
                gettext(
                    "On ne lit pas ces horaires. Écrivez les jours puis les heures : lundi de 9 h à 12 h."
                )
            )
        return found

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the record as it would say them."""
        said = self.cleaned_data
        day = said["closed_until"]
        return {
            **{name: said[name] for name in ("phone", "email", "website", "hours", "services")},
            "closed_until": day.isoformat() if day else None,
        }


class FeedForm(forms.Form):
    """A source that is read by itself."""

    name = forms.CharField(label=_("Nom"), max_length=120)
    url = forms.URLField(label=_("Adresse"), max_length=500, assume_scheme="https")
    format = forms.ChoiceField(label=_("Format"), choices=Feed.Format.choices)
    licence = forms.CharField(label=_("Licence"), required=False, max_length=80)
    every_hours = forms.IntegerField(
        label=_("Lire toutes les … heures"), min_value=1, max_value=744, initial=24
    )
