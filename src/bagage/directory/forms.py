"""What is looked for, read from an address; nothing here is about a person."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bagage.common.words import before_colon, hour, joined, quoted
from bagage.directory import parameters, words
from bagage.directory.domain.cells import phone_of, web_of
from bagage.directory.domain.communes import folded
from bagage.directory.domain.hours_in import osm_of
from bagage.directory.domain.matching import LEFT_OUT
from bagage.directory.domain.needs import ACCESS, PUBLICS, Need
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
# A day is asked at an hour that stands on the screen: nobody has to say it, and it is never guessed behind her back.
HOURS = range(8, 21)
USUAL_HOUR = 10
# How one comes, but the ways of who does not receive: nobody looks for a closed door.
WAYS_IN = tuple(code for code in ACCESS.values() if code != "closed_to_public")
RADII = ("1", "2", "5", "10", "20", "50")
MOST_SHOWN = 100


def need_choices(needs: tuple[Need, ...]) -> list[tuple[str, Any]]:
    """Needs with the words of the screen."""
    return [(need.value, Service.NeedChoice(need.value).label) for need in needs]


class _Ticked(forms.CheckboxSelectMultiple):
    """Several values; an empty one, of a list from which nothing was chosen, says nothing."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [value for value in super().value_from_datadict(data, files, name) if value]


def _several(label: Any, table: dict[str, Any]) -> forms.MultipleChoiceField:
    """Any of the codes that the addresses for programs take too, with the words of the screen."""
    return forms.MultipleChoiceField(label=label, required=False, choices=list(table.items()), widget=_Ticked)


class PanoramaForm(forms.Form):
    """The filters. ``near`` is a point that a link gives, ``near_of`` the words of ``place`` for which it holds.

    ``usual`` are the words of ``place`` that nobody typed: what free words say of where holds over them.
    """

    text = forms.CharField(label=_("Avec vos mots"), required=False, max_length=parameters.MOST_TEXT)
    place = forms.CharField(
        label=_("Autour de"), required=False, max_length=100, help_text=_("Code postal ou commune")
    )
    near = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    near_of = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    usual = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
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
    day = forms.ChoiceField(
        label=_("Jour"),
        required=False,
        choices=[("", _("peu importe le jour")), *zip(parameters.DAYS, WEEKDAYS.values(), strict=True)],
    )
    hour = forms.ChoiceField(label=_("Heure"), required=False)
    language = _several(_("On y parle"), words.LANGUAGES)
    public = _several(_("Pour qui"), {code: words.PUBLICS[code] for code in PUBLICS.values()})
    access = _several(_("Pour venir"), {code: words.ACCESS[code] for code in WAYS_IN})
    care = _several(_("On y sait accueillir"), words.CARE)
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
        languages = sorted(words.LANGUAGES.items(), key=lambda each: folded(str(each[1])))
        self.fields["language"].choices = [("", _("peu importe la langue")), *languages]
        self.fields["hour"].choices = [
            (f"{each:02}:00", gettext("à %(hour)s") % {"hour": hour(time(each))}) for each in HOURS
        ]

    def clean_near(self) -> tuple[float, float] | None:
        """A point in degrees, latitude first: ``"48.88,2.37"``."""
        text = self.cleaned_data["near"]
        if not text:
            return None
        try:
            point = parameters.point(text)
        except parameters.Wrong:
            point = None
        if point is None:
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

    def clean(self) -> dict[str, Any]:
        """Open now and open on a day are two questions."""
        asked = super().clean() or self.cleaned_data
        if asked.get("day") and OPEN in (asked.get("only") or ()):
            self.add_error("day", gettext("Choisissez un jour, ou « Ouvert maintenant » : pas les deux."))
        return asked

    @property
    def words_free(self) -> str:
        """The free words, which are read for all that they say."""
        return str(self.cleaned_data.get("text") or "")

    @property
    def words_written(self) -> str:
        """The words that must all be written of a place: of its name, its street, its town."""
        return str(self.cleaned_data.get("q") or "")

    def question(self, now: datetime) -> dict[str, Any]:
        """All that is asked but where, as :func:`~bagage.directory.queries.search_services` takes it."""
        asked = self.cleaned_data
        only = asked.get("only") or ()
        return {
            "text": self.words_free,
            "words": self.words_written,
            "needs": self.needs,
            "open_at": self._moment(now),
            "cost": "free" if FREE in only else None,
            "with_someone": SOMEONE in only,
            "languages": asked.get("language") or (),
            "publics": asked.get("public") or (),
            "access": asked.get("access") or (),
            "care": asked.get("care") or (),
            "also": asked.get("also") or (),
            "now": now,
        }

    def _moment(self, now: datetime) -> datetime | None:
        """When it has to be open: the next such day at that hour, or now."""
        day = self.cleaned_data.get("day")
        if day:
            return parameters.when(f"{day} {self.cleaned_data.get('hour') or f'{USUAL_HOUR}:00'}")
        return now if OPEN in (self.cleaned_data.get("only") or ()) else None

    @property
    def folded(self) -> tuple[str, ...]:
        """What is on among the choices that are folded away: all but the first needs, where, when and free words."""
        asked = self.cleaned_data
        others = {need.value for need in OTHER_NEEDS}
        return (
            *(one for one in asked.get("only") or () if one != OPEN),
            *(need for need in self.needs if need in others),
            *(code for name in ("language", "public", "access", "care") for code in asked.get(name) or ()),
            *([self.words_written] if self.words_written else ()),
        )

    @property
    def said(self) -> list[str]:
        """All that is asked but where, in words: what a file says that it was made with."""
        asked = self.cleaned_data
        found = [str(Service.NeedChoice(need).label) for need in self.needs]
        found += [str(dict(self.fields["only"].choices)[name]) for name in asked.get("only") or ()]
        if asked.get("day"):
            day, at = dict(self.fields["day"].choices), asked.get("hour") or f"{USUAL_HOUR}:00"
            found.append(
                gettext("ouvert le %(day)s à %(hour)s")
                % {"day": day[asked["day"]], "hour": hour(time.fromisoformat(at))}
            )
        for name in ("language", "public", "access", "care"):
            field = self.fields[name]
            chosen = [label for code, label in field.choices if code and code in (asked.get(name) or ())]
            if chosen:
                found.append(f"{before_colon(field.label)} {joined(chosen)}")
        return [*found, *(quoted(each) for each in (self.words_free, self.words_written) if each)]


class PublicForm(PanoramaForm):
    """The filters of the public page: the same, but that all its words are free."""

    text = None
    q = forms.CharField(
        label=_("Ce que vous cherchez"),
        required=False,
        max_length=200,
        help_text=_("Par exemple : apprendre à se servir d’un ordinateur, jeudi après-midi, Grenoble."),
    )
    shown = forms.IntegerField(required=False, min_value=1, max_value=MOST_SHOWN, widget=forms.HiddenInput)

    @property
    def words_free(self) -> str:
        """The free words."""
        return str(self.cleaned_data.get("q") or "")

    @property
    def words_written(self) -> str:
        """None: a name is found by free words too."""
        return ""


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
