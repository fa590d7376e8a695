"""Text into values: hours by day, what a site offers, closures, opening blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import User
from bagage.common import hour_words
from bagage.common import hours as rules
from bagage.common import words as common_words
from bagage.permanences.models import Site

_HOUR = re.compile(r"^\s*(\d{1,2})\s*(?:h|:|\.|H)?\s*(\d{2})?\s*(?:min)?\s*$")
PARTS = ("morning", "afternoon")


def read_hour(text: str) -> time:
    """``"9"``, ``"9 h"``, ``"9h30"``, ``"09:30"`` as a time. Raises :class:`forms.ValidationError`."""
    found = _HOUR.match(text.replace("\u00a0", " ").replace("\u202f", " "))
    if found:
        hour, minute = int(found[1]), int(found[2] or 0)
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise forms.ValidationError(
        gettext("« %(text)s » n’est pas une heure. Écrivez par exemple 9 h 30."), params={"text": text[:20]}
    )


class HourField(forms.Field):
    """An hour as people write it."""

    widget = forms.TextInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"maxlength": 12, "autocomplete": "off", "class": "num"}

    def to_python(self, value: Any) -> time | None:
        text = str(value or "").strip()
        return read_hour(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return common_words.hour(value, full=True) if isinstance(value, time) else value


class HoursForm(forms.Form):
    """The hours of a usual week: for each day, whether it opens, and one or two stretches of time.

    ``hours()`` gives them in OpenStreetMap form. A site whose hours are more than two stretches a day is shown with its
    first two; saving then asks for nothing else, so such hours are edited elsewhere (an import).
    """

    holidays_off = forms.BooleanField(label=_("Fermé les jours fériés"), required=False, initial=True)

    def __init__(self, *args: Any, hours: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._add_days(hours)

    def _add_days(self, hours: str) -> None:
        try:
            week = rules.usual_week(hours) if hours else tuple(() for _day in range(7))
        except rules.UnreadableHours:
            week = tuple(() for _day in range(7))
        if hours:
            self.initial.setdefault("holidays_off", rules.closes_on_holidays(hours))
        for number, spans in enumerate(week):
            name = hour_words.weekday(number).capitalize()
            self.fields[f"day{number}"] = forms.BooleanField(label=name, required=False, initial=bool(spans))
            for position, part in enumerate(PARTS):
                known = spans[position] if position < len(spans) else (None, None)
                part_name = gettext("matin") if position == 0 else gettext("après-midi")
                for end, value in zip(("from", "to"), known, strict=True):
                    link = gettext("de") if end == "from" else gettext("à")
                    self.fields[f"day{number}_{part}_{end}"] = HourField(
                        label=f"{name} {part_name}, {link}",
                        required=False,
                        initial=value,
                    )

    def days(self) -> list[dict[str, Any]]:
        """The fields, a line a day, for the template."""
        return [
            {
                "name": hour_words.weekday(number).capitalize(),
                "open": self[f"day{number}"],
                "slots": [
                    (self[f"day{number}_{part}_from"], self[f"day{number}_{part}_to"]) for part in PARTS
                ],
                "errors": [
                    error
                    for name in self.errors
                    if name.startswith(f"day{number}")
                    for error in self.errors[name]
                ]
                if self.is_bound
                else [],
            }
            for number in range(7)
        ]

    def _spans(self, number: int, data: dict[str, Any]) -> list[rules.Span]:
        spans: list[rules.Span] = []
        for part in PARTS:
            first, second = data.get(f"day{number}_{part}_from"), data.get(f"day{number}_{part}_to")
            if first is None and second is None:
                continue
            if first is None or second is None:
                missing = "from" if first is None else "to"
                self.add_error(f"day{number}_{part}_{missing}", gettext("Il manque une heure."))
                continue
            spans.append((first, second))
        return spans

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        week: list[list[rules.Span]] = []
        for number in range(7):
            if not data.get(f"day{number}"):
                week.append([])
                continue
            had_errors = any(name.startswith(f"day{number}_") for name in self.errors)
            spans = self._spans(number, data)
            week.append(spans)
            if had_errors or any(name.startswith(f"day{number}_") for name in self.errors):
                continue
            wrong = rules.what_is_wrong(spans)
            if not spans:
                self.add_error(
                    f"day{number}_morning_from",
                    gettext("Ouvert de quelle heure à quelle heure ? Sinon, décochez."),
                )
            elif wrong == "order":
                self.add_error(f"day{number}_morning_to", gettext("La fin vient avant le début."))
            elif wrong == "overlap":
                self.add_error(f"day{number}_afternoon_from", gettext("Les deux moments se chevauchent."))
        self._week = week
        return data

    def hours(self) -> str:
        """The week in OpenStreetMap form; after :meth:`is_valid`."""
        return rules.written(self._week, holidays_off=bool(self.cleaned_data.get("holidays_off")))


class SiteForm(HoursForm):
    """What is told of a site: where, when, what it really offers."""

    address = forms.CharField(label=_("Rue et numéro"), max_length=200)
    postcode = forms.CharField(label=_("Code postal"), max_length=5, required=False)
    city = forms.CharField(label=_("Ville"), max_length=80)
    way_there = forms.CharField(
        label=_("Comment venir"),
        max_length=160,
        required=False,
        help_text=_("Métro Riquet, puis 3 minutes à pied."),
    )
    phone = forms.CharField(label=_("Téléphone"), max_length=20, required=False)
    languages = forms.CharField(label=_("Langues parlées"), max_length=120, required=False)
    offers_device = forms.BooleanField(label=_("Un appareil"), required=False)
    offers_connection = forms.BooleanField(label=_("Une connexion"), required=False)
    offers_skills = forms.BooleanField(label=_("Apprendre"), required=False)
    device_wait_days = forms.IntegerField(
        label=_("Attente pour un appareil, en jours"),
        required=False,
        min_value=0,
        max_value=365,
        help_text=_("Laissez vide si on ne sait pas : ce sera dit ainsi."),
    )
    access = forms.ChoiceField(label=_("Entrée de plain-pied"), widget=forms.RadioSelect)
    computers = forms.IntegerField(label=_("Ordinateurs qui marchent"), min_value=0, max_value=500)
    appointment_minutes = forms.TypedChoiceField(
        label=_("Durée d’un rendez-vous"),
        coerce=int,
        choices=[(n, f"{n} min") for n in (15, 20, 30, 45, 60, 90)],
    )
    rooms = forms.CharField(
        label=_("Salles"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Une par ligne : nom, places, ordinateurs. Par exemple : Grande salle, 12, 8"),
    )

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        initial = {name: getattr(site, name) for name in SITE_FIELDS}
        initial["rooms"] = "\n".join(
            f"{room.name}, {room.seats}, {room.computers}" for room in site.rooms.all()
        )
        super().__init__(*args, hours=site.hours, initial=initial, **kwargs)
        access: forms.ChoiceField = self.fields["access"]  # type: ignore[assignment]
        access.choices = Site._meta.get_field("access").choices  # type: ignore[assignment]
        minutes: forms.TypedChoiceField = self.fields["appointment_minutes"]  # type: ignore[assignment]
        known = [value for value, _label in minutes.choices]  # type: ignore[misc, union-attr]
        if site.appointment_minutes not in known:
            minutes.choices = [
                *minutes.choices,
                (site.appointment_minutes, f"{site.appointment_minutes} min"),
            ]  # type: ignore[misc, list-item]

    def clean_postcode(self) -> str:
        """Five digits, or nothing."""
        postcode: str = self.cleaned_data["postcode"].replace(" ", "")
        if postcode and not (postcode.isdigit() and len(postcode) == 5):
            raise forms.ValidationError(gettext("Un code postal a 5 chiffres."))
        return postcode

    def clean_rooms(self) -> list[tuple[str, int, int]]:
        """Each line as (name, seats, computers); a line that cannot be read is named."""
        rooms = []
        for number, line in enumerate(self.cleaned_data["rooms"].splitlines(), start=1):
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split(",")]
            if (
                len(parts) > 3
                or not parts[0]
                or not all(part.isdigit() and int(part) < 1000 for part in parts[1:])
            ):
                raise forms.ValidationError(
                    gettext(
                        "Ligne %(number)s : écrivez le nom, les places, les ordinateurs, avec des virgules."
                    ),
                    params={"number": number},
                )
            seats, computers = ([int(part) for part in parts[1:]] + [0, 0])[:2]
            rooms.append((parts[0][:60], seats, computers))
        if len({name for name, _seats, _computers in rooms}) != len(rooms):
            raise forms.ValidationError(gettext("Deux salles ont le même nom."))
        return rooms

    def site_fields(self) -> dict[str, Any]:
        """What :func:`bagage.permanences.services.change_site` takes."""
        return {**{name: self.cleaned_data[name] for name in SITE_FIELDS}, "hours": self.hours()}


SITE_FIELDS = (
    "address", "postcode", "city", "way_there", "phone", "languages", "offers_device", "offers_connection",
    "offers_skills", "device_wait_days", "access", "computers", "appointment_minutes",
)  # fmt: skip


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClosureForm(forms.Form):
    """Days on which a site is closed in spite of its hours."""

    first_day = forms.DateField(label=_("Du"), widget=DayInput())
    last_day = forms.DateField(label=_("Au"), widget=DayInput(), required=False)
    reason = forms.CharField(label=_("Pourquoi"), max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", gettext("Le dernier jour vient avant le premier."))
        if first and not last and "last_day" not in self.errors:
            data["last_day"] = first
        return data


class BlockForm(forms.Form):
    """Someone receives from one hour to another, on some days, for some weeks."""

    adviser = forms.ChoiceField(label=_("Qui reçoit"))
    weekdays = forms.MultipleChoiceField(label=_("Quels jours"), widget=forms.CheckboxSelectMultiple)
    begins = HourField(label=_("De"))
    ends = HourField(label=_("À"))
    slot_minutes = forms.TypedChoiceField(
        label=_("Durée d’un rendez-vous"),
        coerce=int,
        choices=[(n, f"{n} min") for n in (15, 20, 30, 45, 60, 90)],
    )
    first_day = forms.DateField(label=_("À partir du"), widget=DayInput())
    weeks = forms.IntegerField(label=_("Pendant combien de semaines"), min_value=1, max_value=52)

    def __init__(self, *args: Any, site: Site, advisers: Iterable[User], **kwargs: Any) -> None:
        initial = {
            "first_day": timezone.localdate(), "weeks": 8, "begins": time(9), "ends": time(12),
            "slot_minutes": site.appointment_minutes,
        }  # fmt: skip
        super().__init__(*args, initial=initial, **kwargs)
        self.advisers = {str(adviser.uuid): adviser for adviser in advisers}
        who: forms.ChoiceField = self.fields["adviser"]  # type: ignore[assignment]
        who.choices = [(uuid, adviser.full_name) for uuid, adviser in self.advisers.items()]
        days: forms.MultipleChoiceField = self.fields["weekdays"]  # type: ignore[assignment]
        days.choices = [(str(number), hour_words.weekday(number).capitalize()) for number in range(7)]

    def clean_first_day(self) -> date:
        """From today on, within a year."""
        day: date = self.cleaned_data["first_day"]
        today = timezone.localdate()
        if day < today:
            raise forms.ValidationError(gettext("Ce jour est passé."))
        if day > today + timedelta(days=366):
            raise forms.ValidationError(gettext("C’est dans plus d’un an : choisissez un jour plus proche."))
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begins, ends = data.get("begins"), data.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", gettext("La fin vient avant le début."))
        return data

    def block_fields(self) -> dict[str, Any]:
        """What :func:`bagage.permanences.services.open_weekly_blocks` takes."""
        data = self.cleaned_data
        return {
            "adviser": self.advisers[data["adviser"]],
            "weekdays": [int(number) for number in data["weekdays"]],
            "begins": data["begins"],
            "ends": data["ends"],
            "first_day": data["first_day"],
            "weeks": data["weeks"],
            "slot_minutes": data["slot_minutes"],
        }


def waiting_words(count: int) -> str:
    """``"3 rendez-vous sont à déplacer."``, or ``""``."""
    if not count:
        return ""
    return ngettext(
        "%(count)s rendez-vous est à déplacer.", "%(count)s rendez-vous sont à déplacer.", count
    ) % {"count": count}


def sessions_words(count: int) -> str:
    """``"2 séances sont à changer ou à annuler."``, or ``""``."""
    if not count:
        return ""
    return ngettext(
        "%(count)s séance est à changer ou à annuler.",
        "%(count)s séances sont à changer ou à annuler.",
        count,
    ) % {"count": count}
