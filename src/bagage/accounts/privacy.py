"""What is held of the staff, of who refers, and of the organisations."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Ability, roles_with
from bagage.accounts.models import ROLE_NAMES, Installation
from bagage.trail.registry import Declaration, House, Processing, declare, say


def _readers(abilities: Iterable[str]) -> list[str]:
    found = {role for ability in abilities for role in roles_with(Ability(ability))}
    return [str(name) for role, name in ROLE_NAMES.items() if role in found]


def _house() -> House:
    installation = Installation.objects.filter(pk=1).first()
    return House(installation.name, installation.contact_email) if installation else House()


say(readers=_readers, house=_house)
declare(
    Processing(
        "staff",
        title=_("Tenir les comptes de l’équipe et de qui oriente"),
        purpose=_("Ouvrir à chacun ce que son rôle demande, et rien de plus."),
        basis=_("Contrat de travail ou de bénévolat ; intérêt légitime pour les partenaires."),
        concerned=_("L’équipe, les bénévoles, qui oriente."),
        recipients=("run_staff",),
        kept=_("Tant que le compte est ouvert. Un compte fermé garde son nom : il a signé des actes."),
    ),
    Declaration(
        "accounts.User",
        processing="staff",
        what=_("Les comptes : nom, fonction, mail s’il y en a un, langues"),
        why=_("Se connecter, savoir qui a fait quoi. Aucun mail n’est exigé."),
        plain=(
            "password",
            "username",
            "email",
            "first_name",
            "last_name",
            "title",
            "language",
            "spoken_languages",
        ),
    ),
    Declaration("accounts.Membership", processing="staff", what=_("Les rôles de chacun, depuis quand, où")),
    Declaration("accounts.Invitation", processing="staff", what=_("Les invitations"), plain=("secret_hash",)),
    Declaration(
        "accounts.ApiToken",
        processing="staff",
        what=_("Les clés par lesquelles un programme demande"),
        plain=("name", "secret_hash"),
    ),
    Declaration(
        "accounts.Organisation",
        processing="house",
        what=_("Les organisations : réseau, antennes, permanences, qui oriente"),
        plain=("path", "name", "city", "address", "phone"),
    ),
    Declaration(
        "accounts.Installation",
        processing="house",
        what=_("L’installation : son nom, son adresse de contact"),
        plain=("name", "contact_email", "set_up_answers"),
    ),
    # ---------- tables of the libraries ----------
    Declaration(
        "sessions.Session",
        processing="staff",
        what=_("Les sessions ouvertes"),
        kept=_("12 heures au plus."),
        plain=("session_key", "session_data"),
    ),
    Declaration(
        "usersessions.UserSession",
        processing="staff",
        what=_("Les appareils où un compte est ouvert"),
        plain=("session_key", "user_agent", "data"),
    ),
    Declaration("account.EmailAddress", processing="staff", what=_("Le mail d’un compte"), plain=("email",)),
    Declaration("account.EmailConfirmation", processing="staff", what=_("La confirmation d’un mail")),
    Declaration("mfa.Authenticator", processing="staff", what=_("Le second facteur"), plain=("data",)),
    Declaration(
        "socialaccount.SocialApp",
        processing="staff",
        what=_("La connexion par ProConnect"),
        plain=("provider", "provider_id", "name", "client_id", "secret", "settings"),
    ),
    Declaration(
        "socialaccount.SocialAccount",
        processing="staff",
        what=_("Le compte ProConnect d’un membre de l’équipe"),
        plain=("provider", "uid", "extra_data"),
    ),
    Declaration(
        "socialaccount.SocialToken",
        processing="staff",
        what=_("La clé de sa connexion ProConnect"),
        plain=("token", "token_secret"),
    ),
)
