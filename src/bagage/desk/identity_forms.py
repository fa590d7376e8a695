"""Forms on who she is: opening a file, correcting it, other names, ways to reach her, what she agreed to."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bagage.people.domain.phones import PhoneProblem, read_phone
from bagage.people.domain.years import Year, find_year
from bagage.people.models import Agreement, ContactWay, HouseholdMember, Person
from bagage.people.words import phone_trouble

BIRTH_RULE = _("Écrivez une année (1985), « vers 1985 », un âge (41 ans) ou une date (12/03/1985).")


class BirthField(forms.CharField):
    """A birth as people say it; cleans to a :class:`Year` or ``None``."""

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        year, rest = find_year(text, timezone.localdate())
        if year is None or any(sign.isdigit() for sign in rest):
            raise ValidationError(BIRTH_RULE)
        return year


class PhoneField(forms.CharField):
    """A telephone number; cleans to its international form, or ``""``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=40, widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}), **kwargs
        )

    def to_python(self, value: Any) -> str:
        text = str(value or "").strip()
        if not text:
            return ""
        try:
            return read_phone(text)
        except PhoneProblem as problem:
            raise ValidationError(phone_trouble(problem)) from problem


def birth_text(person: Person) -> str:
    """Her birth as it would be typed."""
    if person.birth_date:
        return person.birth_date.strftime("%d/%m/%Y")
    if person.birth_year:
        return f"vers {person.birth_year}" if person.is_birth_year_about else str(person.birth_year)
    return ""


class IdentityForm(forms.Form):
    """Who she is. What she wants to be called is enough."""

    chosen_name = forms.CharField(
        label=_("Comment elle veut être appelée"),
        max_length=80,
        error_messages={"required": _("Un prénom ou un surnom suffit.")},
    )
    family_name = forms.CharField(label=_("Nom de famille"), max_length=80, required=False)
    birth = BirthField(
        label=_("Naissance"),
        required=False,
        help_text=_("Une année suffit, même à peu près : « vers 1985 »."),
    )
    grammar = forms.ChoiceField(
        label=_("Comment parler d’elle ou de lui"),
        choices=[("she", _("elle")), ("he", _("il")), ("", _("on ne sait pas"))],
        widget=forms.RadioSelect,
        required=False,
    )
    languages = forms.CharField(
        label=_("Langues"),
        max_length=120,
        required=False,
        help_text=_("Par exemple : bambara, un peu français."),
    )
    where = forms.CharField(
        label=_("Où elle vit"),
        max_length=160,
        required=False,
        help_text=_("Un quartier, un foyer, « nulle part »."),
    )

    def identity(self) -> dict[str, Any]:
        """The fields of a person, for the services."""
        data = self.cleaned_data
        year: Year | None = data["birth"]
        return {
            "chosen_name": data["chosen_name"],
            "family_name": data["family_name"],
            "grammar": data["grammar"],
            "birth_year": year.value if year else None,
            "is_birth_year_about": bool(year and year.is_about),
            "birth_date": year.on if year else None,
            "languages": data["languages"],
            "where": data["where"],
        }


class NewPersonForm(IdentityForm):
    """Opening a file; ``sure`` once the proposals were looked at, ``key`` makes one file of two presses."""

    phone = PhoneField(label=_("Téléphone"), required=False, help_text=_("Sans téléphone, laissez vide."))
    is_shared = forms.BooleanField(label=_("Ce téléphone est partagé : messages discrets"), required=False)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class NameForm(forms.Form):
    """Another spelling, script or nickname."""

    text = forms.CharField(
        label=_("Autre nom"), max_length=160, error_messages={"required": _("Écrivez ce nom.")}
    )
    kind = forms.ChoiceField(
        label=_("C’est"),
        choices=[
            ("spelling", _("une autre écriture")),
            ("nickname", _("un surnom")),
            ("paper", _("écrit sur un papier")),
        ],
        initial="spelling",
        widget=forms.RadioSelect,
    )


class ContactForm(forms.Form):
    """A way to reach her."""

    kind = forms.ChoiceField(
        label=_("Comment la joindre"), choices=ContactWay.Kind.choices, widget=forms.RadioSelect
    )
    phone = PhoneField(label=_("Téléphone"), required=False)
    is_shared = forms.BooleanField(label=_("Ce téléphone est partagé : messages discrets"), required=False)
    through = forms.CharField(label=_("Par qui"), max_length=120, required=False)


class AgreementForm(forms.Form):
    """What she was told, agreed to, refused, or took back."""

    kind = forms.ChoiceField(label=_("À propos de"), choices=Agreement.Kind.choices)
    answer = forms.ChoiceField(
        label=_("Ce qu’elle dit"), choices=Agreement.Answer.choices, widget=forms.RadioSelect
    )
    how = forms.ChoiceField(
        label=_("Comment elle l’a dit"),
        choices=[("spoken", _("dit de vive voix")), ("signed", _("signé sur papier"))],
        widget=forms.RadioSelect,
        initial="spoken",
        required=False,
    )
    with_whom = forms.CharField(label=_("Avec qui"), max_length=160, required=False)
    until = forms.DateField(
        label=_("Dernier jour"),
        required=False,
        help_text=_("Pour un accord qui a une fin : le lendemain, il n’ouvre plus rien."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Écrivez un jour, comme 31/12/2026, ou laissez vide.")},
    )

    def clean_how(self) -> str:
        """Spoken, when nothing was chosen."""
        return self.cleaned_data["how"] or "spoken"


class AccessForm(forms.Form):
    """Opening the file of someone whom another site follows."""

    has_her_word = forms.ChoiceField(
        label=_("Que dit-elle ?"),
        choices=[
            ("yes", _("Elle est là, et elle est d’accord")),
            ("no", _("Elle n’est pas là : j’écris pourquoi")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez l’une des deux réponses.")},
    )
    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Seulement si elle n’est pas là. L’autre permanence lira cette phrase."),
    )


class LivesWithForm(forms.Form):
    """Someone who has a file lives with her."""

    other = forms.UUIDField()
    kind = forms.ChoiceField(choices=HouseholdMember.Kind.choices)


class ChildForm(forms.Form):
    """A child of hers who has no file yet; ``key`` makes one of two presses."""

    chosen_name = forms.CharField(
        label=_("Son prénom"), max_length=80, error_messages={"required": _("Un prénom ou un surnom suffit.")}
    )
    birth = BirthField(label=_("Naissance"), required=False, help_text=_("Une année ou un âge : « 9 ans »."))
    key = forms.CharField(max_length=40, widget=forms.HiddenInput, initial=lambda: uuid4().hex)


class LostCardForm(forms.Form):
    """What she says of herself when her card is lost: two answers at least, three are better."""

    FACTS = ("name", "birth", "phone", "where")

    name = forms.CharField(
        label=_("Comment s’appelle-t-elle ?"),
        max_length=160,
        required=False,
        help_text=_("Prénom, surnom, nom : comme elle le dit."),
    )
    birth = BirthField(
        label=_("Quand est-elle née ?"), required=False, help_text=_("Une année suffit, même à peu près.")
    )
    phone = PhoneField(
        label=_("À quel téléphone la joint-on ?"),
        required=False,
        help_text=_("Le sien ou celui de quelqu’un. Sans téléphone, laissez vide."),
    )
    where = forms.CharField(label=_("Où vit-elle ?"), max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        told = [name for name in self.FACTS if data.get(name)]
        if not self.errors and (len(told) < 2 or not {"name", "phone"} & set(told)):
            raise ValidationError(
                _(
                    "Il faut deux réponses, dont son nom ou son téléphone : une seule désigne trop de personnes."
                )
            )
        return data

    @property
    def told(self) -> list[str]:
        """Which questions were answered."""
        return [name for name in self.FACTS if self.cleaned_data.get(name)]

    def question(self) -> str:
        """The answers as one text to look up."""
        year: Year | None = self.cleaned_data["birth"]
        born = ""
        if year is not None:
            born = year.on.isoformat() if year.on else f"{'vers ' if year.is_about else ''}{year.value}"
        parts = (self.cleaned_data["name"], born, self.cleaned_data["phone"], self.cleaned_data["where"])
        return " ".join(part for part in parts if part)
