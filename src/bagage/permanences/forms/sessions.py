"""Text into values: a session, why it is called off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import User
from bagage.permanences.forms.sites import DayInput, HourField
from bagage.permanences.models import Level, Room, Session
from bagage.permanences.words import item_title
from bagage.skills.models import Item


def room_words(room: Room) -> str:
    """``"Grande salle : 8 ordinateurs, 12 places"``."""
    computers = ngettext("%(count)s ordinateur", "%(count)s ordinateurs", room.computers) % {
        "count": room.computers
    }
    seats = ngettext("%(count)s place", "%(count)s places", room.seats) % {"count": room.seats}
    return gettext("%(room)s : %(computers)s, %(seats)s") % {
        "room": room.name,
        "computers": computers,
        "seats": seats,
    }


class SessionForm(forms.Form):
    """A session: what about, for whom, where, when, who leads it. Rooms come with their site."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    topic = forms.CharField(
        label=_("Le sujet, en quelques mots"),
        max_length=120,
        error_messages={"required": _("Dites en quelques mots de quoi il s’agit : « Son compte santé ».")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    items = forms.MultipleChoiceField(
        label=_("Ce qui pourra y être observé"), required=False, widget=forms.CheckboxSelectMultiple
    )
    level = forms.ChoiceField(label=_("Pour qui"), required=False, choices=Level.choices)
    language = forms.CharField(
        label=_("En quelle langue"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    room = forms.ChoiceField(
        label=_("Dans quelle salle"), error_messages={"required": _("Choisissez une salle.")}
    )
    needs_computer = forms.BooleanField(label=_("Chacun a besoin d’un ordinateur"), required=False)
    day = forms.DateField(
        label=_("Quel jour"),
        widget=DayInput(),
        error_messages={"required": _("Écrivez le jour."), "invalid": _("Une date, comme 26/11/2026.")},
    )
    begins = HourField(label=_("De"))
    ends = HourField(label=_("À"))
    leader = forms.ChoiceField(label=_("Qui l’anime"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        rooms: Sequence[Room],
        leaders: Sequence[User],
        items: Sequence[Item],
        like: Session | None = None,
        today: date,
    ) -> None:
        """``rooms`` come with their site; ``like`` is the session that is changed, or taken as a model."""
        self._rooms = {f"{room.site.uuid}:{room.name}": room for room in rooms}
        self._leaders = {str(leader.uuid): leader for leader in leaders}
        super().__init__(data, initial=self._initial(like, today), auto_id="id_%s")
        several = len({room.site_id for room in rooms}) > 1
        where: forms.ChoiceField = self.fields["room"]  # type: ignore[assignment]
        if several:
            groups: dict[str, list[tuple[str, str]]] = {}
            for value, room in self._rooms.items():
                groups.setdefault(str(room.site), []).append((value, room_words(room)))
            where.choices = list(groups.items())
        else:
            where.choices = [(value, room_words(room)) for value, room in self._rooms.items()]
        who: forms.ChoiceField = self.fields["leader"]  # type: ignore[assignment]
        who.choices = [
            ("", gettext("Personne encore")),
            *((value, leader.full_name) for value, leader in self._leaders.items()),
        ]
        what: forms.MultipleChoiceField = self.fields["items"]  # type: ignore[assignment]
        what.choices = [(item.code, item_title(item)) for item in items]

    def _initial(self, like: Session | None, today: date) -> dict[str, Any]:
        initial: dict[str, Any] = {
            "key": uuid4().hex,
            "needs_computer": True,
            "language": gettext("français"),
        }
        if like is None:
            return initial | {"day": today + timedelta(days=7), "begins": time(14), "ends": time(16)}
        starts, ends = timezone.localtime(like.starts_at), timezone.localtime(like.ends_at)
        room = like.room
        return initial | {
            "topic": like.topic,
            "items": [item.code for item in like.items.all()],
            "level": like.level,
            "language": like.language,
            "room": f"{like.site.uuid}:{room.name}" if room is not None else "",
            "needs_computer": like.needs_computer,
            "day": starts.date(),
            "begins": starts.time(),
            "ends": ends.time(),
            "leader": str(like.leader.uuid) if like.leader is not None else "",
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begins, ends = data.get("begins"), data.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", gettext("La fin vient avant le début."))
        return data

    @property
    def chosen_room(self) -> Room:
        """The room that was chosen, with its site."""
        return self._rooms[self.cleaned_data["room"]]

    def session_fields(self) -> dict[str, Any]:
        """What :func:`bagage.permanences.services.change_session` takes; planning takes the site and the key too."""
        data = self.cleaned_data
        zone = timezone.get_current_timezone()
        return {
            "room": self.chosen_room,
            "topic": data["topic"],
            "items": data["items"],
            "level": data["level"],
            "language": data["language"],
            "needs_computer": data["needs_computer"],
            "starts_at": datetime.combine(data["day"], data["begins"], tzinfo=zone),
            "ends_at": datetime.combine(data["day"], data["ends"], tzinfo=zone),
            "leader": self._leaders.get(data["leader"]),
        }


class CancelForm(forms.Form):
    """Why a session does not take place."""

    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=200,
        error_messages={"required": _("Écrivez pourquoi, en quelques mots : l’équipe le lira.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AttendanceForm(forms.Form):
    """The wall of names and what each can do, as it was sent: which names were shown, which are ticked, what was said.

    ``rows`` are the places shown; what names another place is not read here, the service refuses it.
    """

    key = forms.CharField(max_length=64)
    arrival = forms.CharField(max_length=400, required=False)
    excused = forms.CharField(max_length=40, required=False)
    came = forms.CharField(max_length=40, required=False)

    def __init__(self, data: Any, *, codes: Sequence[str]) -> None:
        super().__init__(data)
        self._codes = codes

    def marks(self, *, rest_is_absent: bool = False) -> dict[str, set[str]]:
        """``present``, ``unmarked``, ``absent`` and ``excused``.

        Only a tick that the page showed and that is gone is taken back: who was ticked meanwhile on another screen
        stays so. ``shown`` are the names still to be marked.
        """
        ticked, was = set(self.data.getlist("present")), set(self.data.getlist("was_present"))
        excused = {self.cleaned_data["excused"]} - {""}
        came = {self.cleaned_data["came"]} - {""}
        absent = set(self.data.getlist("shown")) - ticked - excused - came if rest_is_absent else set()
        return {
            "present": (ticked | came) - excused,
            "excused": excused,
            "absent": absent,
            "unmarked": was - ticked - excused - came - absent,
        }

    def arrivals(self) -> list[str]:
        """First names of who came unplanned, parted by commas."""
        return [name for name in self.cleaned_data["arrival"].replace(";", ",").split(",") if name.strip()]

    def observed(self, present: Collection[str]) -> dict[str, dict[str, int | None]]:
        """By place, the step of each item that was said of who is there; no answer says nothing."""
        found: dict[str, dict[str, int | None]] = {}
        for name, value in self.data.items():
            word, _dot, rest = name.partition(".")
            place, _dot, code = rest.partition(".")
            if word == "can" and place in present and code in self._codes and value in {"1", "2", "3"}:
                found.setdefault(place, {})[code] = int(value)
        return found
