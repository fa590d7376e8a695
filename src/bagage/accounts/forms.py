"""What is typed on the pages of accounts, and on those of the sign-in library, in our words."""

from typing import Any

import phonenumbers
from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm as LibraryGenerateForm
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.grants import CHILDREN, roles_of_kind
from bagage.accounts.domain.roles import Role
from bagage.accounts.models import ROLE_NAMES, Organisation, User

PASSWORD_RULE = _("10 signes au moins. Une phrase courte se retient mieux qu’un mot compliqué.")


class Worded:
    """A form of the sign-in library with our words: no placeholder stands for a label."""

    words: dict[str, tuple[Any, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
            if name in self.words:
                field.label, field.help_text = self.words[name]


class LoginForm(Worded, account.LoginForm):
    words = {"login": (_("Identifiant ou mail"), ""), "password": (_("Mot de passe"), "")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(
            {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        )


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    words = {"password": (_("Votre mot de passe"), "")}


class ChangePasswordForm(Worded, account.ChangePasswordForm):
    words = {
        "oldpassword": (_("Mot de passe actuel"), ""),
        "password1": (_("Nouveau mot de passe"), PASSWORD_RULE),
        "password2": (_("Le nouveau, encore une fois"), ""),
    }


class SetPasswordForm(Worded, account.SetPasswordForm):
    words = {
        "password1": (_("Mot de passe"), PASSWORD_RULE),
        "password2": (_("Encore une fois"), ""),
    }


class ResetPasswordKeyForm(Worded, account.ResetPasswordKeyForm):
    words = SetPasswordForm.words


class ResetPasswordForm(account.ResetPasswordForm):
    """Asks for the e-mail or the user name; the answer is the same whether there is such an account or not."""

    email = forms.CharField(
        label=_("Identifiant ou mail"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"].strip()
        email = typed
        if "@" not in typed:
            owner = User.objects.filter(username__iexact=typed, is_active=True).exclude(email="").first()
            email = owner.email if owner else ""
        self.users = (
            filter_users_by_email(
                get_adapter().clean_email(email), is_active=True, prefer_verified=True, for_login=True
            )
            if email
            else []
        )
        # An account that still waits for its invitation has no password to reset.
        self.users = [user for user in self.users if user.has_usable_password()]
        # To the address of the account, never to one typed otherwise.
        return self.users[0].email if self.users else typed


class AuthenticateForm(Worded, mfa.AuthenticateForm):
    words = {"code": (_("Code"), _("Celui que montre votre application, ou l’un de ceux du papier."))}


class ReauthenticateCodeForm(Worded, mfa.ReauthenticateForm):
    words = AuthenticateForm.words


class ActivateTOTPForm(Worded, totp.ActivateTOTPForm):
    words = {
        "code": (_("Code que montre l’application"), _("6 chiffres, qui changent toutes les 30 secondes."))
    }


class DeactivateTOTPForm(Worded, totp.DeactivateTOTPForm):
    pass


class CredentialField(forms.JSONField):
    """What a passkey said. Whoever has no account may send it too: what Python gives up on is refused alike."""

    # In letters; a key says some two thousand, and with the certificates of its maker some ten thousand.
    LONGEST = 100_000

    def to_python(self, value: Any) -> Any:
        try:
            if isinstance(value, str) and len(value) <= self.LONGEST:
                return super().to_python(value)
        except (ValueError, RecursionError):  # a number of too many digits, lists in lists in lists
            pass
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""})

    def bound_data(self, data: Any, initial: Any) -> Any:
        """A key says something else each time: what it said is not shown again with the form."""
        return None


class LoginWebAuthnForm(webauthn.LoginWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)


class AuthenticateWebAuthnForm(webauthn.AuthenticateWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)


class ReauthenticateWebAuthnForm(webauthn.ReauthenticateWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)


class AddWebAuthnForm(Worded, webauthn.AddWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)
    words = {
        "name": (_("Nom de cette clé"), _("Pour la reconnaître : « téléphone », « poste de l’accueil ».")),
        "passwordless": (
            _("Se connecter avec elle seule, sans mot de passe"),
            _("L’appareil demande alors votre doigt, votre visage ou son code."),
        ),
    }


class EditWebAuthnForm(Worded, webauthn.EditWebAuthnForm):
    words = {"name": AddWebAuthnForm.words["name"]}


class GenerateRecoveryCodesForm(LibraryGenerateForm):
    """Codes on paper may be the only second step."""

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


# ---------- ours ----------


class CodeForm(forms.Form):
    """The code of a printed invitation."""

    code = forms.CharField(
        label=_("Code de l’invitation"),
        max_length=40,
        help_text=_("12 signes, en 4 groupes. Majuscules et espaces ne comptent pas."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class NewPasswordForm(forms.Form):
    """The user name and the password that the owner of an account chooses."""

    username = forms.CharField(
        label=_("Votre identifiant"),
        max_length=60,
        help_text=_("Vous pouvez le changer. Sans espace ni accent."),
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

    def clean_again(self) -> str:
        if self.cleaned_data["again"] != self.cleaned_data.get("password", self.cleaned_data["again"]):
            raise forms.ValidationError(_("Les deux mots de passe ne sont pas les mêmes."))
        return str(self.cleaned_data["again"])


def node_label(node: Organisation) -> str:
    """The name of a node, with its city when the name does not say it."""
    return (
        f"{node.name}, {node.city}" if node.city and node.city.lower() not in node.name.lower() else node.name
    )


class NodeField(forms.ModelChoiceField):
    """A node of the tree, chosen by name, named by its uuid."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Organisation.objects.none(), to_field_name="uuid", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{chr(0x2003) * (obj.depth - 1)}{node_label(obj)}"


ROLE_CHOICES = [(role.value, ROLE_NAMES[role]) for role in Role]


class RoleForm(forms.Form):
    """A role, and where."""

    role = forms.ChoiceField(label=_("Rôle"), choices=ROLE_CHOICES, widget=forms.RadioSelect)
    node = NodeField(
        label=_("Où"), empty_label=None, help_text=_("Le rôle vaut ici et dans tout ce qui est en dessous.")
    )

    def __init__(self, *args: Any, node_ids: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["node"]
        field.queryset = Organisation.objects.filter(pk__in=node_ids, is_open=True).order_by("path")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        role, node = cleaned.get("role"), cleaned.get("node")
        if role and node and Role(role) not in roles_of_kind(node.kind):
            self.add_error(
                "role",
                _("Ce rôle ne se donne pas à « %(name)s » : c’est « %(kind)s ».")
                % {"name": node.name, "kind": node.get_kind_display()},
            )
        return cleaned


class InviteForm(RoleForm):
    """Someone who starts to work here. A first name and a role are enough."""

    first_name = forms.CharField(label=_("Prénom"), max_length=80)
    last_name = forms.CharField(label=_("Nom"), max_length=80, required=False)
    title = forms.CharField(
        label=_("Fonction"),
        max_length=80,
        required=False,
        help_text=_("Comme elle se lit à l’écran : « assistante sociale »."),
    )
    email = forms.EmailField(
        label=_("Mail"),
        max_length=254,
        required=False,
        help_text=_("Le lien de l’invitation y part. Sans mail, une feuille s’imprime."),
    )
    field_order = ["first_name", "last_name", "role", "node", "email", "title"]


class AccountForm(forms.Form):
    """What an administrator writes about an account."""

    first_name = forms.CharField(label=_("Prénom"), max_length=80)
    last_name = forms.CharField(label=_("Nom"), max_length=80, required=False)
    title = forms.CharField(label=_("Fonction"), max_length=80, required=False)
    email = forms.EmailField(label=_("Mail"), max_length=254, required=False)


class MeForm(forms.Form):
    """What someone writes about her own account."""

    first_name = forms.CharField(label=_("Prénom"), max_length=80)
    last_name = forms.CharField(label=_("Nom"), max_length=80, required=False)
    title = forms.CharField(label=_("Fonction"), max_length=80, required=False)
    spoken_languages = forms.CharField(
        label=_("Langues parlées avec les personnes"),
        max_length=120,
        required=False,
        help_text=_("Par exemple : français, anglais, dari."),
    )
    language = forms.ChoiceField(
        label=_("Langue de Bagage"),
        choices=[("", _("comme le navigateur")), *settings.LANGUAGES],
        required=False,
        widget=forms.RadioSelect,
    )


class TokenForm(forms.Form):
    """A token for a program: what it is for, and its last day."""

    name = forms.CharField(
        label=_("À quoi sert cette clé ?"),
        max_length=80,
        help_text=_("Par exemple : « tableau du conseil départemental »."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ends_on = forms.DateField(
        label=_("Dernier jour"),
        help_text=_("Un an au plus."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class CloseForm(forms.Form):
    """To whom the persons followed pass when someone leaves."""

    handed_to = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="uuid",
        label=_("Ses personnes suivies passent à"),
        empty_label=_("personne : elles restent à la permanence"),
        required=False,
    )

    def __init__(self, *args: Any, colleagues: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["handed_to"]
        field.queryset = User.objects.filter(pk__in=[each.pk for each in colleagues]).order_by(
            "first_name", "pk"
        )


class OrganisationForm(forms.Form):
    """A place of the tree."""

    name = forms.CharField(label=_("Nom"), max_length=160)
    kind = forms.ChoiceField(label=_("C’est"), choices=Organisation.Kind.choices, widget=forms.RadioSelect)
    city = forms.CharField(label=_("Ville"), max_length=80, required=False)
    address = forms.CharField(label=_("Adresse"), max_length=200, required=False)
    phone = forms.CharField(label=_("Téléphone"), max_length=20, required=False)

    def clean_phone(self) -> str:
        """International form, from a number that can exist."""
        text: str = self.cleaned_data["phone"].strip()
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, "FR")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise forms.ValidationError(_("Ce numéro n’est pas entier : 10 chiffres en France."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def __init__(self, *args: Any, kinds: tuple[str, ...] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kinds is None:
            del self.fields["kind"]
        else:
            field: Any = self.fields["kind"]
            field.choices = [(kind, label) for kind, label in Organisation.Kind.choices if kind in kinds]


def kinds_below(parent: Organisation) -> tuple[str, ...]:
    """What can be added under a node."""
    return CHILDREN[parent.kind]
