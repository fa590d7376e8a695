"""What the gallery of components shows: invented persons, every state once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string

from bagage.common.tables import Column, Filter, Table

LEVELS = [("0", "jamais"), ("1", "guidée"), ("2", "parfois"), ("3", "seule"), ("unknown", "on ne sait pas")]


class GalleryForm(forms.Form):
    """A form with one mistake, its values kept."""

    first_name = forms.CharField(label="Prénom")
    phone = forms.CharField(label="Téléphone", required=False)
    language = forms.ChoiceField(
        label="Langue", choices=[("ro", "Roumain")], help_text="Celle dans laquelle il veut qu’on lui parle."
    )
    way = forms.ChoiceField(
        label="Comment le joindre",
        choices=[("paper", "Papier seulement"), ("sms", "SMS")],
        widget=forms.RadioSelect,
    )
    way.icons = {"paper": "ticket", "sms": "message-square"}  # type: ignore[attr-defined]
    calls = forms.ChoiceField(
        label="Elle appelle, par semaine",
        choices=[("0", "jamais"), ("1", "1 fois"), ("3", "3 fois"), ("7", "chaque jour")],
        widget=forms.RadioSelect,
    )
    obstacles = forms.MultipleChoiceField(
        label="Ce qui bloque",
        choices=[("account", "Pas de compte"), ("papers", "Pas de papiers")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    discreet = forms.BooleanField(label="Messages discrets", required=False)
    daily = forms.ChoiceField(
        label="Quand",
        choices=[("day", "Chaque jour d’ouverture"), ("week", "Le mardi")],
        widget=forms.RadioSelect,
    )
    mailbox = forms.ChoiceField(
        label="Créer et ouvrir une boîte mail", choices=LEVELS, widget=forms.RadioSelect
    )
    charger = forms.ChoiceField(
        label="Un chargeur, une batterie qui tient",
        choices=[("yes", "oui"), ("no", "non"), ("unknown", "on ne sait pas")],
        widget=forms.RadioSelect,
    )

    def clean_phone(self) -> str:
        """Two figures are missing, always: the gallery shows a mistake."""
        raise forms.ValidationError("Il manque 2 chiffres. Sans téléphone, laissez vide : un coupon suffit.")


VALUES = {
    "first_name": "Sorin",
    "phone": "06 39 98 41",
    "language": "ro",
    "way": "paper",
    "calls": "3",
    "obstacles": ["account"],
    "discreet": True,
    "daily": "day",
    "mailbox": "1",
    "charger": "unknown",
}


@dataclass(frozen=True)
class Device:
    """A sample row."""

    label: str
    detail: str
    received_on: date
    grade: str
    note: str
    state: str
    price: Decimal

    @property
    def pk(self) -> str:
        """Its key: samples are called differently."""
        return self.label


DEVICES = [
    Device(
        "Latitude 5490", "P-1184, portable", date(2026, 11, 16), "A", "8 Go, SSD 256", "ready", Decimal(120)
    ),
    Device(
        "Galaxy A13", "S-0731, smartphone", date(2026, 11, 9), "B", "4 Go, écran rayé", "late", Decimal(30)
    ),
    Device(
        "ThinkPad X250", "P-1179, portable", date(2026, 11, 2), "B", "8 Go, SSD 128", "workshop", Decimal(90)
    ),
]
STATES = {
    "ready": ("on", "package", "Prêt"),
    "late": ("ask", "clock", "En retard, 5 j"),
    "workshop": ("", "wrench", "En atelier"),
}


class Sample:
    """What a table asks of a QuerySet, over rows that need no database."""

    ordered = True

    def __init__(self, rows: list[Device]) -> None:
        self.all = rows

    def order_by(self, *paths: Any) -> "Sample":
        """Sorted by the first path that a table gives."""
        if not paths or isinstance(paths[0], str):
            return self
        name, descending = paths[0].expression.name, paths[0].descending
        return Sample(sorted(self.all, key=lambda row: getattr(row, name), reverse=descending))

    def of_state(self, state: str) -> "Sample":
        """Those in a state."""
        return Sample([row for row in self.all if row.state == state])

    def values(self, *fields: str) -> "Sample":
        """Which rows, to count them."""
        return self

    def values_list(self, field: str, *, flat: bool) -> list[str]:
        """The keys of these rows."""
        return [row.pk for row in self.all]

    def filter(self, *, pk__among: list[str]) -> "Sample":
        """Those of these keys."""
        return Sample([row for row in self.all if row.pk in pk__among])

    def called(self, text: str) -> "Sample":
        """Those whose label or detail holds the text."""
        return Sample([row for row in self.all if text.lower() in f"{row.label} {row.detail}".lower()])

    def __getitem__(self, part: slice) -> "Sample":
        return Sample(self.all[part])

    def __iter__(self) -> Iterator[Device]:
        return iter(self.all)

    def count(self) -> int:
        """How many."""
        return len(self.all)

    def iterator(self, chunk_size: int) -> Iterator[Device]:
        """One after the other."""
        return iter(self.all)


def _state(device: Device) -> str:
    css, icon, word = STATES[device.state]
    return render_to_string("components/state.html", {"css": css, "icon": icon, "word": word})


def _table(request: HttpRequest) -> Table:
    rows: Any = Sample(DEVICES)
    return Table(
        request,
        rows,
        name="appareils",
        title="Appareils",
        columns=[
            Column(
                "label",
                "Appareil",
                lambda row: row.label,
                sort=("label",),
                url=lambda row: "#c6",
                sub=lambda row: row.detail,
            ),
            Column("received_on", "Reçu", lambda row: row.received_on, sort=("received_on",)),
            Column("grade", "Grade", lambda row: f"{row.grade}, {row.note}"),
            Column("state", "État", lambda row: STATES[row.state][2], html=_state),
            Column("price", "Prix", lambda row: row.price, sort=("price",), css="r"),
        ],
        filters=[
            Filter(
                "state",
                "État",
                "Tous les états",
                [(key, word) for key, (_css, _icon, word) in STATES.items()],
                lambda rows, value: rows.of_state(value),  # type: ignore[attr-defined]
            )
        ],
        search=lambda rows, text: rows.called(text),  # type: ignore[attr-defined]
        search_hint="Numéro, modèle, personne",
        default_sort="-received_on",
        nouns=lambda number: "%(count)s appareils",
    )


def gallery_context(request: HttpRequest) -> dict[str, Any]:
    """What the page of components shows."""
    return {
        "form": GalleryForm(VALUES),
        "table": _table(request),
        "notices": [
            {
                "level": "success",
                "title": "Recharge vendue, 10,00 €.",
                "text": "Il lui reste 20,00 € ce mois.",
                "url": "#c5",
                "link": "Reçu",
            },
            {
                "level": "warning",
                "title": "La ligne s’arrête samedi.",
                "text": "Une recharge à 10 € suffit.",
                "url": "",
                "link": "",
            },
            {
                "level": "danger",
                "title": "Vente impossible : le plafond de 30 € est atteint.",
                "text": "Il se rouvre le 1er décembre. Un responsable peut faire une exception.",
                "url": "",
                "link": "",
            },
            {
                "level": "info",
                "title": "",
                "text": "Vous travaillez sans réseau. 3 passages seront envoyés au retour.",
                "url": "",
                "link": "",
            },
        ],
        "steps": [
            {"label": "Envoyée", "when": "5 octobre", "state": "done"},
            {"label": "Reçue", "when": "6 octobre", "state": "done"},
            {"label": "Rendez-vous", "when": "12 octobre, 10 h", "state": "now"},
            {"label": "Venue", "when": "", "state": "todo"},
            {"label": "Repartie avec", "when": "", "state": "todo"},
        ],
        "entries": [
            {
                "icon": "calendar-check",
                "when": "Jeudi 26 novembre, 14 h",
                "text": "Séance Mes démarches",
                "is_next": True,
            },
            {"icon": "card-sim", "when": "29 octobre", "text": "Recharge 10,00 €.", "who": "Moussa"},
            {
                "icon": "undo-2",
                "when": "20 octobre",
                "text": "Fusion annulée avec une autre Mariam T.",
                "url": "#c9",
                "link": "Voir les deux dossiers",
            },
        ],
    }
