"""The ways in without an account: an organisation's link, a code sent to a work address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import Organisation, User, actor_of
from bagage.common.errors import BusinessError, Conflict, TooMany
from bagage.messaging import services as messaging
from bagage.messaging.models import State as MessageState
from bagage.referrals.domain import secrets
from bagage.referrals.models import (
    EmailConfirmation,
    OrganisationLink,
)
from bagage.trail.services import record


@transaction.atomic
def create_organisation_link(
    organisation: Organisation, *, email_domains: Iterable[str] = (), by: User, at: datetime | None = None
) -> tuple[OrganisationLink, str]:
    """A new link for a referring organisation; its secret is given back once, and only its hash is kept."""
    at = at or timezone.now()
    if organisation.kind != Organisation.Kind.REFERRING or not organisation.is_open:
        raise BusinessError(
            _("Un lien est donné à une organisation qui oriente, et qui est ouverte."), field="organisation"
        )
    domains = [domain for text in email_domains for domain in secrets.read_domains(text)]
    for domain in domains:
        if "." not in domain or "@" in domain or len(domain) > 100:
            raise BusinessError(
                _("« %(domain)s » n’est pas un domaine. Écrivez par exemple : ville.fr") % {"domain": domain},
                field="email_domains",
            )
    if len(",".join(domains)) > 300:
        raise BusinessError(_("Trop de domaines pour un lien. Faites-en un second."), field="email_domains")
    secret = secrets.new_secret()
    link = OrganisationLink.objects.create(
        organisation=organisation,
        secret_hash=secrets.hashed(secret),
        email_domains=",".join(domains),
        created_at=at,
        created_by=by,
    )
    record(
        actor_of(by),
        "organisation_link.create",
        at=at,
        place=organisation.uuid,
        thing=f"organisation_link:{link.uuid}",
    )
    return link, secret


@transaction.atomic
def end_organisation_link(link: OrganisationLink, *, by: User, at: datetime | None = None) -> None:
    """Whoever holds it can no longer refer by it; what was referred goes on. Ending it twice changes nothing."""
    at = at or timezone.now()
    ended = OrganisationLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=at)
    if ended:
        record(
            actor_of(by),
            "organisation_link.end",
            at=at,
            place=link.organisation.uuid,
            thing=f"organisation_link:{link.uuid}",
        )


@transaction.atomic
def send_confirmation_code(
    link: OrganisationLink, email: str, *, name: str, title: str = "", at: datetime | None = None
) -> EmailConfirmation:
    """Send six digits to a work address, good for ten minutes. The view limits how often.

    Refused for an address outside the domains of the link.
    """
    at = at or timezone.now()
    if not secrets.is_address_taken(email, link.domain_list):
        raise BusinessError(
            _("Ce lien prend les adresses de : %(domains)s. Utilisez votre mail de travail.")
            % {"domains": ", ".join(link.domain_list)},
            field="email",
        )
    digits = secrets.new_digits()
    confirmation = EmailConfirmation(
        link=link,
        email=email,
        name=name[:120],
        title=title[:80],
        created_at=at,
        expires_at=at + secrets.CODE_LIFE,
    )
    confirmation.code_hash = secrets.hashed_code(digits, str(confirmation.uuid), settings.SECRET_KEY)
    confirmation.save(force_insert=True)
    message = messaging.queue_email(
        to=email,
        subject=_("Bagage : votre code"),
        body="\n\n".join(
            [
                _("Bonjour,"),
                _("Votre code pour orienter une personne : %(code)s")
                % {"code": f"{digits[:3]} {digits[3:]}"},
                _("Il sert une fois, pendant dix minutes. Vous n’avez rien demandé ? Ne faites rien."),
            ]
        ),
        key=f"secret:confirmation:{confirmation.uuid}",
        about=f"confirmation:{confirmation.uuid}",
        at=at,
    )
    if message.state == MessageState.FAILED:
        raise BusinessError(
            _("Aucun mail ne part d’ici pour l’instant. Appelez la permanence, ou demandez un compte."),
            field="email",
        )
    return confirmation


def confirm_email(
    confirmation: EmailConfirmation, code: str, *, at: datetime | None = None
) -> EmailConfirmation:
    """Check the digits she typed. Five wrong tries or ten minutes end the code; each try counts, even a refused one."""
    at = at or timezone.now()
    error: BusinessError | None = None
    with transaction.atomic():
        confirmation = EmailConfirmation.objects.select_for_update().get(pk=confirmation.pk)
        typed = "".join(sign for sign in code if sign.isdigit())
        hashed = secrets.hashed_code(typed, str(confirmation.uuid), settings.SECRET_KEY)
        if confirmation.confirmed_at is not None:
            error = Conflict(_("Ce code a déjà servi. Demandez-en un autre."), field="code")
        elif at >= confirmation.expires_at:
            error = BusinessError(_("Ce code a plus de dix minutes. Demandez-en un autre."), field="code")
        elif confirmation.tries >= secrets.CODE_TRIES:
            error = TooMany(_("Cinq essais ont été faits. Demandez un autre code."), field="code")
        elif hashed != confirmation.code_hash:
            confirmation.tries += 1
            confirmation.save(update_fields=["tries"])
            left = secrets.CODE_TRIES - confirmation.tries
            if len(typed) < secrets.CODE_DIGITS:
                missing = secrets.CODE_DIGITS - len(typed)
                why = _("Il manque des chiffres : %(missing)s.") % {"missing": missing}
            else:
                why = _("Ce n’est pas ce code.")
            error = BusinessError(
                why
                + " "
                + (
                    _("Essais restants : %(left)s.") % {"left": left}
                    if left
                    else _("Demandez un autre code.")
                ),
                field="code",
            )
        else:
            confirmation.confirmed_at = at
            confirmation.save(update_fields=["confirmed_at"])
    if error is not None:
        raise error
    return confirmation
