"""How mail leaves, and a mail sent to try it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bagage.messaging.models import Transport


class TransportForm(forms.Form):
    """What :func:`bagage.messaging.services.set_transport` takes; shown by the settings page and the first start."""

    kind = forms.ChoiceField(
        label=_("Comment partent les messages"), choices=Transport.KINDS, widget=forms.RadioSelect
    )
    host = forms.CharField(
        label=_("Serveur d’envoi"),
        max_length=200,
        required=False,
        help_text=_("Comme smtp.exemple.org : votre fournisseur de mail le donne."),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, required=False)
    security = forms.ChoiceField(
        label=_("Chiffrement"),
        choices=Transport.SECURITIES,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("STARTTLS va avec le port 587, TLS avec le 465."),
    )
    username = forms.CharField(label=_("Identifiant"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Mot de passe"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
    )
    sender = forms.CharField(
        label=_("Expéditeur"),
        max_length=200,
        required=False,
        help_text=_("Comme « Permanence Riquet <bonjour@exemple.org> »."),
    )

    icons = {"smtp": "mail", "paper": "printer", "console": "monitor"}

    def __init__(self, *args: Any, has_password: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        if has_password:
            self.fields["password"].help_text = _("Laissez vide pour garder celui qui est enregistré.")

    def clean_sender(self) -> str:
        """An address, alone or after a name."""
        from email.utils import parseaddr

        text: str = self.cleaned_data["sender"].strip()
        if text:
            forms.EmailField().clean(parseaddr(text)[1] or "x")
        return text

    def clean(self) -> dict[str, Any]:
        """A server is needed to send by mail; ports and encryption have their usual values."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("kind") == "smtp" and not values.get("host") and "host" not in self.errors:
            self.add_error("host", _("Indiquez le serveur d’envoi, ou choisissez « Sur papier seulement »."))
        values["security"] = values.get("security") or "starttls"
        values["port"] = values.get("port") or {"tls": 465, "none": 25}.get(values["security"], 587)
        return values


class TrialForm(forms.Form):
    """Where the mail to try is sent."""

    address = forms.EmailField(label=_("Adresse"), max_length=254)


class ToldForm(forms.Form):
    """How a message on paper reached someone."""

    how = forms.ChoiceField(choices=[("said", _("Dit")), ("posted", _("Posté"))])
