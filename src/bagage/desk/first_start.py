"""The five questions of a first start: what each asks, what is answered, and what is ready once it is."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import ROLE_NAMES, Organisation
from bagage.common import hours as hours_rules
from bagage.common import words
from bagage.common.hour_words import hours_in_words, weekday
from bagage.common.school import zone_of
from bagage.directory.domain.communes import Commune, find_communes
from bagage.permanences import queries as permanences
from bagage.permanences.models import Site

PASSWORD_RULE = _("10 signes au moins. Une phrase courte se retient mieux qu’un mot compliqué.")
STEPS = ("association", "site", "hours", "people", "messages")
# How long each question takes, in minutes.
MINUTES = {"association": 3, "site": 2, "hours": 2, "people": 3, "messages": 2}
LINES, MOST_LINES = 3, 20


# ---------- the key that protects an empty installation on a network ----------


def key_path() -> Path:
    """Where the one-time key is kept until the first account exists."""
    return Path(settings.BAGAGE_HOME) / "setup_key"


def setup_key() -> str:
    """The key that a visitor from another machine must type; made when it is first needed."""
    path = key_path()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(6) + "\n")
    except FileExistsError:
        pass
    return path.read_text().strip()


# ---------- forms ----------


class AssociationForm(forms.Form):
    """Question 1, once there is an account: only the association."""

    name = forms.CharField(label=_("Nom de l’association"), max_length=160)
    city = forms.CharField(label=_("Ville"), max_length=80)


class FirstAccountForm(AssociationForm):
    """Question 1: the association, and the account that administers it."""

    key = forms.CharField(
        label=_("Clé de première ouverture"),
        max_length=40,
        help_text=_(
            "Elle est dans le fichier setup_key du dossier de Bagage, et dans le journal du serveur."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    first_name = forms.CharField(label=_("Votre prénom"), max_length=80)
    last_name = forms.CharField(label=_("Votre nom"), max_length=80, required=False)
    username = forms.CharField(
        label=_("Votre identifiant"),
        max_length=60,
        help_text=_("Pour entrer. Sans espace ni accent."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Mot de passe"),
        max_length=128,
        strip=False,
        help_text=PASSWORD_RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Encore une fois"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    email = forms.EmailField(
        label=_("Votre mail"), max_length=254, required=False, help_text=_("Pour un mot de passe oublié.")
    )
    field_order = ["key", "name", "city", "first_name", "last_name", "username", "password", "again", "email"]

    def __init__(self, *args: Any, asks_key: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_key:
            del self.fields["key"]

    def clean_key(self) -> str:
        if not secrets.compare_digest(self.cleaned_data["key"].strip().encode(), setup_key().encode()):
            raise forms.ValidationError(_("Ce n’est pas cette clé."))
        return ""

    def clean_again(self) -> str:
        if self.cleaned_data["again"] != self.cleaned_data.get("password", self.cleaned_data["again"]):
            raise forms.ValidationError(_("Les deux mots de passe ne sont pas les mêmes."))
        return ""


class SiteForm(forms.Form):
    """Question 2: a place that can be found."""

    name = forms.CharField(
        label=_("Nom de la permanence"),
        max_length=160,
        help_text=_("Comme on le dit : « Wazemmes », « Mairie du 14e »."),
    )
    address = forms.CharField(label=_("Adresse"), max_length=200, help_text=_("Numéro et rue."))
    town = forms.CharField(
        label=_("Code postal et commune"), max_length=120, help_text=_("Par exemple : 59000 Lille.")
    )
    way_there = forms.CharField(
        label=_("Pour venir"),
        max_length=160,
        required=False,
        help_text=_("Par exemple : métro Gambetta, entrée par la cour."),
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    computers = forms.IntegerField(
        label=_("Ordinateurs qui marchent"), min_value=0, max_value=500, required=False
    )
    commune: Commune | None = None

    def clean_town(self) -> str:
        """The commune it means; when several share the postcode, the name must tell which."""
        text: str = self.cleaned_data["town"].strip()
        found = find_communes(text, 8)
        if not found:
            raise forms.ValidationError(
                gettext("Aucune commune ne s’appelle ainsi. Écrivez le code postal, puis le nom.")
            )
        said = re.sub(r"\d{5}", "", text).strip(" ,-")
        if not said and len(found) > 1:
            raise forms.ValidationError(
                gettext("Ce code postal a plusieurs communes : %(names)s. Écrivez aussi le nom.")
                % {"names": words.joined([commune.name for commune in found], last=gettext("ou"))}
            )
        self.commune = found[0]
        return text

    def clean_phone(self) -> str:
        """As it is stored, or why it cannot be."""
        from bagage.people.domain.phones import read_phone

        text: str = self.cleaned_data["phone"].strip()
        if not text:
            return ""
        try:
            return read_phone(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


CLOCK = re.compile(r"(\d{1,2})\s*(?:h|:|\.)?\s*(\d{2})?\s*(?:min)?", re.IGNORECASE)


def read_time(text: str) -> time | None:
    """``"9 h 00"``, ``"9h"``, ``"14:30"`` or ``"1430"``; ``None`` for nothing. ValueError for what is no hour."""
    text = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
    if not text:
        return None
    found = CLOCK.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise ValueError(text)
    return time(int(found[1]), int(found[2] or 0))


def shown_time(value: time) -> str:
    """As a field shows it: ``"9 h 00"``."""
    return f"{value.hour} h {value.minute:02d}"


PARTS = ("a", "b", "c", "d")
USUAL = ("9 h 00", "12 h 30", "14 h 00", "17 h 00")


@dataclass(frozen=True)
class HoursDay:
    """One line of question 3, for the template."""

    number: int
    name: str
    is_open: bool
    values: tuple[str, str, str, str]
    error: str


class HoursForm(forms.Form):
    """Question 3: for each day of the week whether it is open, and up to two spans."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(7):
            self.fields[f"open_{number}"] = forms.BooleanField(
                required=False, label=weekday(number).capitalize()
            )
            for part in PARTS:
                self.fields[f"{part}_{number}"] = forms.CharField(
                    required=False, max_length=20, label=weekday(number).capitalize()
                )

    @property
    def days(self) -> list[HoursDay]:
        """What the template shows: what was typed, else what is known, else usual hours on a closed day."""
        shown = []
        for number in range(7):
            values = tuple(str(self[f"{part}_{number}"].value() or "") for part in PARTS)
            is_open = bool(self[f"open_{number}"].value())
            if not is_open and not any(values):
                values = USUAL
            error = " ".join(str(each) for part in PARTS for each in self[f"{part}_{number}"].errors)
            shown.append(
                HoursDay(
                    number,
                    weekday(number).capitalize(),
                    is_open,
                    (values[0], values[1], values[2], values[3]),
                    error,
                )
            )
        return shown

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        week = []
        for number in range(7):
            spans: list[tuple[time, time]] = []
            if cleaned.get(f"open_{number}"):
                spans = self._spans(number, cleaned)
            week.append(spans)
        if not self.errors and not any(week):
            raise forms.ValidationError(gettext("Cochez au moins un jour."))
        cleaned["week"] = week
        return cleaned

    def _spans(self, number: int, cleaned: Mapping[str, Any]) -> list[tuple[time, time]]:
        """The spans of one open day; errors are noted on its first field at fault."""
        spans = []
        for start, end in (("a", "b"), ("c", "d")):
            try:
                begins = read_time(cleaned.get(f"{start}_{number}", ""))
                ends = read_time(cleaned.get(f"{end}_{number}", ""))
            except ValueError as error:
                self.add_error(
                    f"{start}_{number}",
                    gettext("« %(text)s » n’est pas une heure. Écrivez 9 h 30.") % {"text": error},
                )
                return []
            if begins and ends:
                spans.append((begins, ends))
            elif begins or ends:
                self.add_error(f"{start}_{number}", gettext("Il manque une heure."))
                return []
        if not spans:
            self.add_error(f"a_{number}", gettext("Quelles heures ? Sinon, décochez ce jour."))
        wrong = hours_rules.what_is_wrong(spans)
        if wrong:
            self.add_error(
                f"a_{number}",
                gettext("La fin vient avant le début.")
                if wrong == "order"
                else gettext("Ces heures se chevauchent."),
            )
        return spans

    @property
    def sentence(self) -> str:
        """What the public will read; ``""`` while something is wrong."""
        if self.is_bound and not self.is_valid():
            return ""
        week = self.cleaned_data["week"] if self.is_bound else self._known_week()
        return hours_in_words(hours_rules.written(week)) if week else ""

    def _known_week(self) -> list[list[tuple[time, time]]]:
        week = []
        for day in self.days:
            typed = [read_time(value) for value in day.values] if day.is_open else []
            pairs = list(zip(typed[::2], typed[1::2], strict=True))
            week.append([(begins, ends) for begins, ends in pairs if begins and ends])
        return week


def hours_initial(hours: str) -> dict[str, Any]:
    """What question 3 shows of the hours known; usual ones when there are none."""
    week: Any = hours_rules.usual_week(hours) if hours else ()
    if not week:
        usual = [time(9), time(12, 30), time(14), time(17)]
        full, morning = ((usual[0], usual[1]), (usual[2], usual[3])), ((usual[0], usual[1]),)
        week = (full, full, (), full, morning, (), ())
    initial: dict[str, Any] = {}
    for number, spans in enumerate(week):
        initial[f"open_{number}"] = bool(spans)
        flat = [shown_time(moment) for span in spans[:2] for moment in span]
        initial |= {f"{part}_{number}": value for part, value in zip(PARTS, flat, strict=False)}
    return initial


TEAM_ROLES = (
    Role.RECEPTIONIST,
    Role.ADVISER,
    Role.VOLUNTEER,
    Role.PROGRAMME_LEAD,
    Role.LOGISTICS,
    Role.ADMINISTRATOR,
)


class PersonLineForm(forms.Form):
    """Question 4, one line: a first name and a role are enough."""

    first_name = forms.CharField(
        label=_("Prénom"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("Rôle"),
        required=False,
        choices=[("", _("choisir")), *((r.value, ROLE_NAMES[r]) for r in TEAM_ROLES)],
    )
    email = forms.EmailField(
        label=_("Mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name, role = cleaned.get("first_name"), cleaned.get("role")
        if name and not role:
            self.add_error("role", gettext("Quel rôle ?"))
        if not name and (role or cleaned.get("email")):
            self.add_error("first_name", gettext("Quel prénom ?"))
        return cleaned


PeopleFormSet = forms.formset_factory(
    PersonLineForm, extra=LINES, max_num=MOST_LINES, absolute_max=MOST_LINES
)


class MeToo(forms.Form):
    """Question 4, for who sets up: the first adviser is often herself."""

    also_me = forms.BooleanField(label=_("Je reçois aussi des personnes sur rendez-vous"), required=False)


class MessagesForm(forms.Form):
    """Question 5: by mail, or on paper only."""

    kind = forms.ChoiceField(
        label=_("Comment partent les messages ?"),
        choices=[("paper", _("Sur papier seulement")), ("smtp", _("Par mail"))],
        widget=forms.RadioSelect,
    )
    host = forms.CharField(
        label=_("Serveur d’envoi (SMTP)"),
        max_length=200,
        required=False,
        help_text=_("Par exemple : smtp.association.org."),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, required=False, initial=587)
    security = forms.ChoiceField(
        label=_("Protection"),
        required=False,
        initial="starttls",
        choices=[("starttls", "STARTTLS (587)"), ("tls", "TLS (465)"), ("none", _("aucune"))],
    )
    username = forms.CharField(label=_("Identifiant du serveur"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Mot de passe du serveur"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    sender = forms.EmailField(label=_("Adresse qui envoie"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == "smtp":
            for name in ("host", "sender"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, gettext("Il manque pour envoyer par mail."))
        return cleaned


# ---------- where one stands ----------


@dataclass(frozen=True)
class Step:
    """One question: done, now, or to come; ``told`` is what was answered, in a line."""

    key: str
    number: int
    title: str
    hint: str
    state: str
    told: str
    is_reachable: bool


def titles() -> dict[str, tuple[str, str]]:
    """The questions, each with the line that says what it is about."""
    return {
        "association": (gettext("Votre association"), gettext("Son nom, et le compte qui administre.")),
        "site": (gettext("Votre première permanence"), gettext("Un lieu, une adresse, une commune.")),
        "hours": (
            gettext("Quand est-elle ouverte ?"),
            gettext("Les heures de chaque jour, comme le public les lira."),
        ),
        "people": (
            gettext("Qui travaille ici ?"),
            gettext("Un prénom et un rôle. Sans mail : une invitation s’imprime."),
        ),
        "messages": (
            gettext("Comment envoyer les messages ?"),
            gettext("Par mail, ou sur papier seulement."),
        ),
    }


def steps(answers: Mapping[str, Any], asked: str, told: Mapping[str, str]) -> list[Step]:
    """The five questions as the page shows them; ``asked`` is the one that is open."""
    shown = []
    for number, (key, (title, hint)) in enumerate(titles().items(), start=1):
        state = "now" if key == asked else "done" if key in answers else "next"
        shown.append(Step(key, number, title, hint, state, told.get(key, ""), is_reachable(key, answers)))
    return shown


def is_reachable(key: str, answers: Mapping[str, Any]) -> bool:
    """Whether a question can be answered now: the association comes first, then the place, then in any order."""
    if key == "association":
        return True
    if key in {"site", "messages"}:
        return "association" in answers
    return "association" in answers and "site" in answers


def next_step(answers: Mapping[str, Any]) -> str:
    """The first question without an answer, or ``""``."""
    return next((key for key in STEPS if key not in answers), "")


def minutes_left(answers: Mapping[str, Any]) -> int:
    """How long the questions that are left take."""
    return sum(minutes for key, minutes in MINUTES.items() if key not in answers)


@dataclass(frozen=True)
class Ready:
    """One line of what is ready."""

    text: str
    state: str
    icon: str


def ready_list(answers: Mapping[str, Any], asked: str) -> list[Ready]:
    """What can be done already."""
    lines = (
        ("site", gettext("Un lieu qui peut être trouvé")),
        ("hours", gettext("Des créneaux à donner")),
        ("people", gettext("Quelqu’un pour recevoir")),
        ("messages", gettext("Une façon de prévenir")),
    )
    return [
        Ready(text, "ok", "circle-check")
        if key in answers
        else Ready(text, "on", "circle-dot")
        if key == asked
        else Ready(text, "", "circle-dashed")
        for key, text in lines
    ]


def first_appointment(site: Site | None, now: datetime) -> str:
    """When the first appointment can be given, in words, or what it waits for."""
    if site is None:
        return gettext("il faut d’abord un lieu.")
    slot = permanences.next_free_slots([site], now).get(site.pk)
    if slot is not None:
        return f"{words.day(slot.starts_at)}, {words.hour(slot.starts_at)}."
    if not site.hours:
        return gettext("il faut d’abord des horaires.")
    naive = timezone.localtime(now).replace(tzinfo=None)
    opens = hours_rules.openness(site.hours, naive + timedelta(days=1), zone=zone_of(site.postcode)).opens_at
    if opens is None:
        return gettext("dès que quelqu’un reçoit.")
    return gettext("%(day)s, %(hour)s, si quelqu’un reçoit.") % {
        "day": words.day(opens),
        "hour": words.hour(opens),
    }


def site_of(answers: Mapping[str, Any]) -> Site | None:
    """The place written down by question 2."""
    uuid = answers.get("site", {}).get("uuid")
    return Site.objects.select_related("organisation").filter(uuid=uuid).first() if uuid else None


def network_of(answers: Mapping[str, Any]) -> Organisation | None:
    """The association written down by question 1."""
    uuid = answers.get("association", {}).get("uuid")
    return Organisation.objects.filter(uuid=uuid).first() if uuid else None
