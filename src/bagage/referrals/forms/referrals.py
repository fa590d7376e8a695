"""What is typed about a referral, checked and turned into values; nothing is saved here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bagage.accounts.models import Organisation
from bagage.common.widgets import Facts
from bagage.people.domain.phones import PhoneProblem, read_phone
from bagage.people.models import ContactWay, Obstacle
from bagage.people.words import phone_trouble
from bagage.permanences.models import Site
from bagage.referrals import queries
from bagage.referrals.domain.secrets import CODE_DIGITS

NEEDS = [
    ("device", gettext_lazy("Appareil")),
    ("connection", gettext_lazy("Connexion")),
    ("skills", gettext_lazy("Apprendre")),
]
REACHES = [
    (ContactWay.Kind.SMS.value, gettext_lazy("SMS")),
    (ContactWay.Kind.CALL.value, gettext_lazy("Appel")),
    (ContactWay.Kind.REFERRER.value, gettext_lazy("Par moi")),
    (ContactWay.Kind.PAPER.value, gettext_lazy("Papier seulement")),
]
OBSTACLES = [
    (Obstacle.BANK_ACCOUNT.value, gettext_lazy("Pas de compte")),
    (Obstacle.FIXED_ADDRESS.value, gettext_lazy("Pas d’adresse fixe")),
    (Obstacle.MAILBOX.value, gettext_lazy("Pas de boîte mail")),
    (Obstacle.PAPERS.value, gettext_lazy("Pas de papiers")),
    (Obstacle.READING.value, gettext_lazy("Lire est difficile")),
]
# Proposed while she types; any other is taken.
LANGUAGES = [
    "français", "anglais", "arabe", "bambara", "soninké", "peul", "wolof", "tamoul", "bengali", "ourdou",
    "pachto", "dari", "persan", "turc", "kurde", "russe", "ukrainien", "géorgien", "roumain", "romani",
    "portugais", "espagnol", "albanais", "tigrinya", "amharique", "somali", "lingala", "swahili", "kabyle",
    "berbère", "mandarin", "vietnamien", "tibétain",
]  # fmt: skip


def form_key() -> forms.CharField:
    """What makes a form sent twice count once. Not of the hidden kind, so that a draft keeps it with the answers."""
    return forms.CharField(
        max_length=64,
        label=gettext_lazy("Clé"),
        widget=forms.TextInput(attrs={"hidden": True, "autocomplete": "off"}),
    )


class ReferForm(forms.Form):
    """Eight answers, four required: first name, what she asks for, how to reach her, her agreement."""

    key = form_key()
    chosen_name = forms.CharField(
        label=gettext_lazy("Prénom"),
        max_length=80,
        error_messages={"required": gettext_lazy("Un prénom suffit, celui qu’elle veut.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    family_name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    needs = forms.MultipleChoiceField(
        label=pgettext_lazy("orientation", "Ce qu’elle demande"),
        choices=NEEDS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Touchez une poche au moins : ce qu’elle demande.")},
    )
    words = forms.CharField(
        label=gettext_lazy("Avec ses mots"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reach = forms.ChoiceField(
        label=gettext_lazy("Comment la joindre"),
        choices=REACHES,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Dites comment la joindre. « Papier seulement » convient aussi."),
        },
    )
    phone = forms.CharField(
        label=gettext_lazy("Téléphone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "class": "num"}),
    )
    is_phone_shared = forms.BooleanField(
        label=gettext_lazy("Téléphone partagé : messages discrets"), required=False
    )
    where = forms.CharField(
        label=gettext_lazy("Où elle est"),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    languages = forms.CharField(
        label=gettext_lazy("Langue"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "languages"}),
    )
    obstacles = forms.MultipleChoiceField(
        label=gettext_lazy("Ce qui bloque"),
        choices=OBSTACLES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    has_agreed = forms.BooleanField(
        label=gettext_lazy("Son accord"),
        error_messages={
            "required": gettext_lazy("Sans son accord, rien ne part. Demandez-lui, puis cochez.")
        },
    )
    site = forms.UUIDField(
        label=gettext_lazy("Permanence"),
        error_messages={
            "required": gettext_lazy("Choisissez une permanence."),
            "invalid": gettext_lazy("Choisissez une permanence de la liste."),
        },
    )
    organisation = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, organisations: list[Organisation], check: bool = True, **kwargs: Any
    ) -> None:
        """``check`` false keeps what was typed and says nothing of it: the list of permanences is being renewed."""
        super().__init__(*args, **kwargs)
        self.organisations, self.check = organisations, check
        if len(organisations) > 1:
            self.fields["organisation"] = forms.ChoiceField(
                label=_("Vous orientez pour"),
                choices=[(str(one.uuid), one.name) for one in organisations],
            )

    def full_clean(self) -> None:
        if self.check:
            super().full_clean()
        else:
            self._errors = ErrorDict()
            self.cleaned_data = {}

    def clean_chosen_name(self) -> str:
        return " ".join(str(self.cleaned_data["chosen_name"]).split())

    def clean_family_name(self) -> str:
        return " ".join(str(self.cleaned_data["family_name"]).split())

    def clean_words(self) -> str:
        return str(self.cleaned_data["words"]).replace("\r\n", "\n").strip()

    def clean_site(self) -> Site:
        site = queries.open_site(self.cleaned_data["site"])
        if site is None:
            raise forms.ValidationError(_("Cette permanence n’est plus là. Choisissez-en une autre."))
        return site

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        reach, typed = cleaned.get("reach", ""), str(cleaned.get("phone", "")).strip()
        is_called = reach in {ContactWay.Kind.SMS, ContactWay.Kind.CALL}
        cleaned["phone"] = ""
        if typed:
            try:
                cleaned["phone"] = read_phone(typed)
            except PhoneProblem as problem:
                # For paper or through the referrer too: a number that is kept is whole.
                self.add_error("phone", phone_trouble(problem))
        elif is_called:
            self.add_error(
                "phone",
                _("Pour un SMS ou un appel, il faut un numéro. Sinon, choisissez « Papier seulement »."),
            )
        chosen = str(cleaned.get("organisation") or "")
        matching = [one for one in self.organisations if str(one.uuid) == chosen]
        cleaned["organisation"] = (matching or self.organisations)[0]
        return cleaned

    def typed(self, name: str) -> str:
        """What stands in a field at present, checked or not."""
        value = self[name].value()
        return "" if value is None else str(value)

    def typed_list(self, name: str) -> list[str]:
        """What is ticked at present, of what can be."""
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        known = [str(value) for value, _label in OBSTACLES + NEEDS]
        return [str(value) for value in self[name].value() or [] if str(value) in known]


class EmailForm(forms.Form):
    """Who refers by an organisation's link: her name as it is told, her work e-mail."""

    name = forms.CharField(
        label=gettext_lazy("Votre nom"),
        max_length=120,
        help_text=gettext_lazy("Comme la permanence doit vous appeler : Mme Aubry."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Dites comment vous appeler.")},
    )
    title = forms.CharField(
        label=gettext_lazy("Votre fonction"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Votre mail de travail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Sans mail, vous ne sauriez pas ce qu’elle devient."),
            "invalid": gettext_lazy("Ce n’est pas une adresse mail. Elle ressemble à : nom@organisation.fr"),
        },
    )


class CodeForm(forms.Form):
    """The six digits of the mail."""

    code = forms.CharField(
        label=gettext_lazy("Le code reçu par mail"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "num",
                "maxlength": CODE_DIGITS + 3,
            }
        ),
        error_messages={"required": gettext_lazy("Tapez les six chiffres du mail.")},
    )


class AnswerForm(forms.Form):
    """An answer to a question: a proposed one, some words, or both."""

    key = form_key()
    choice = forms.ChoiceField(label=gettext_lazy("Réponse rapide"), required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("Un mot de plus"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, choices: list[str], **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "answer_%s")
        super().__init__(*args, **kwargs)
        field = self.fields["choice"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(choice, choice) for choice in choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        parts = [str(cleaned.get("choice") or "").strip(), str(cleaned.get("text") or "").strip()]
        said = [part for part in parts if part]
        if not said and not self.errors:
            raise forms.ValidationError(_("Choisissez une réponse, ou écrivez-la."))
        first = said[0] if said else ""
        if len(said) > 1 and first[-1:] not in ".!?…":
            first += "."
        cleaned["whole"] = " ".join([first, *said[1:]])
        return cleaned


class QuestionForm(forms.Form):
    """A question to the other side, with answers to choose from when the permanence asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "question_%s")
        super().__init__(*args, **kwargs)

    key = form_key()
    text = forms.CharField(
        label=gettext_lazy("Votre question"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Écrivez votre question.")},
    )
    choices = forms.CharField(
        label=gettext_lazy("Réponses proposées"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Une par ligne, cinq au plus : une touche suffit pour répondre."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


DECLINE_REASONS = [
    ("full", gettext_lazy("Nous n’avons plus de place avant plusieurs semaines.")),
    ("not_here", gettext_lazy("Ce qu’elle demande n’existe pas ici.")),
    ("far", gettext_lazy("Une autre permanence est plus près d’elle.")),
    ("known", gettext_lazy("Elle est déjà accompagnée ici pour cela.")),
    ("unreachable", gettext_lazy("Nous n’avons pas réussi à la joindre.")),
    ("other", gettext_lazy("Autre raison, à écrire")),
]


class DeclineForm(forms.Form):
    """Why a referral cannot be answered: a reason of the list, completed or replaced by words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "decline_%s")
        super().__init__(*args, **kwargs)

    reason = forms.ChoiceField(
        label=gettext_lazy("La raison"),
        choices=DECLINE_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Dites pourquoi : la raison est envoyée à qui oriente.")},
    )
    words = forms.CharField(
        label=gettext_lazy("En quelques mots"),
        max_length=200,
        required=False,
        widget=Facts(),
        help_text=gettext_lazy("Des faits, et une autre piste si vous en connaissez une."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        reason, typed = cleaned.get("reason", ""), str(cleaned.get("words", "")).strip()
        if reason == "other" and len(typed) < 3:
            self.add_error("words", _("Écrivez la raison : elle est envoyée à qui oriente."))
        listed = "" if reason in {"", "other"} else str(dict(DECLINE_REASONS)[reason])
        cleaned["whole"] = " ".join(part for part in (listed, typed) if part)
        return cleaned


class AcceptForm(forms.Form):
    """Who she is (an existing file, or a new one), and the appointment given at once, if any; ``slots`` by day."""

    person = forms.ChoiceField(
        label=gettext_lazy("Qui est-elle ?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Dites qui elle est : un dossier existant, ou un nouveau."),
            "invalid_choice": gettext_lazy("Ce dossier n’est plus dans la liste. Choisissez à nouveau."),
        },
    )
    slot = forms.ChoiceField(
        label=gettext_lazy("Premier rendez-vous"),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("Ce créneau vient d’être pris. Choisissez-en un autre.")
        },
    )

    def __init__(
        self,
        *args: Any,
        persons: Mapping[str, str],
        slots: Mapping[str, Mapping[str, str]],
        with_person: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        person, slot = self.fields["person"], self.fields["slot"]
        assert isinstance(person, forms.ChoiceField)
        assert isinstance(slot, forms.ChoiceField)
        person.choices = list(persons.items())
        slot.choices = [
            ("", _("Plus tard, sans rendez-vous pour l’instant")),
            *((day, list(moments.items())) for day, moments in slots.items()),
        ]
        if not with_person:
            del self.fields["person"]


class LeftWithForm(forms.Form):
    """With what she left, in a few words that the referrer reads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "left_%s")
        super().__init__(*args, **kwargs)

    words = forms.CharField(
        label=gettext_lazy("Elle repart avec"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Un téléphone et une ligne, par exemple. Qui oriente le lira."),
        error_messages={"required": gettext_lazy("Dites avec quoi elle repart.")},
    )


class LinkForm(forms.Form):
    """A new link for a referring organisation."""

    organisation = forms.ChoiceField(
        label=gettext_lazy("Organisation"),
        error_messages={"required": gettext_lazy("Choisissez une organisation qui oriente.")},
    )
    email_domains = forms.CharField(
        label=gettext_lazy("Domaines de ses adresses"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("Par exemple : ville.fr. Vide : toute adresse est prise."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_uuid = {str(one.uuid): one for one in organisations}
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(uuid, one.name) for uuid, one in self.by_uuid.items()]

    def clean_organisation(self) -> Organisation:
        return self.by_uuid[self.cleaned_data["organisation"]]
