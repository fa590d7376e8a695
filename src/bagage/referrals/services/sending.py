"""Send a referral, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User, actor_of, name_of
from bagage.common.codes import new_code
from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.people.models import CardCode, ContactWay, Person
from bagage.permanences.models import Site
from bagage.referrals import words
from bagage.referrals.models import (
    OrganisationLink,
    Referral,
    ReferralState,
    ReferralStep,
)
from bagage.referrals.services.steps import CALLED, By
from bagage.referrals.services.telling import (
    tell_person,
    tell_referrer,
)
from bagage.trail.services import record


@dataclass(frozen=True, kw_only=True)
class ReferralDraft:
    """What a referrer wrote, checked. ``phone`` in international form; ``needs`` among device, connection, skills;
    ``obstacles`` values of :class:`people.Obstacle`; ``key`` is the form's own: sent twice, it makes one referral.
    ``is_site_chosen`` is false where the page proposed the permanence and she left it so.
    """

    key: str
    organisation: Organisation
    site: Site
    is_site_chosen: bool = True
    referrer_name: str
    chosen_name: str
    needs: Iterable[str]
    reach: str
    has_agreed: bool
    referrer_title: str = ""
    referrer_email: str = ""
    link: OrganisationLink | None = None
    family_name: str = ""
    words: str = ""
    phone: str = ""
    is_phone_shared: bool = False
    where: str = ""
    commune_code: str = ""
    languages: str = ""
    obstacles: Iterable[str] = ()


@transaction.atomic
def send_referral(draft: ReferralDraft, *, by: By, at: datetime | None = None) -> tuple[Referral, bool]:
    """Send a referral; ``False`` beside it when the same form had sent it already. Nothing sent twice makes two.

    Refused without her agreement, without a request, without a phone to call or write to, or to a closed permanence.
    """
    at = at or timezone.now()
    known = Referral.objects.filter(key=draft.key).first()
    if known:
        return _sent_before(known, draft, by), False
    needs = set(draft.needs)
    _check_draft(draft, needs, by)
    referral = Referral(
        key=draft.key,
        code=_unused_code(),
        organisation=draft.organisation,
        referrer=by if isinstance(by, User) else None,
        referrer_name=draft.referrer_name,
        referrer_title=draft.referrer_title,
        referrer_email=draft.referrer_email,
        link=draft.link,
        site=draft.site,
        chosen_name=draft.chosen_name,
        family_name=draft.family_name,
        needs_device="device" in needs,
        needs_connection="connection" in needs,
        needs_skills="skills" in needs,
        words=draft.words,
        reach=draft.reach,
        phone=draft.phone,
        is_phone_shared=draft.is_phone_shared,
        where=draft.where,
        commune_code=draft.commune_code,
        languages=draft.languages,
        obstacles=",".join(draft.obstacles),
        has_agreed=draft.has_agreed,
        state=ReferralState.SENT,
        state_at=at,
        sent_at=at,
    )
    try:
        with transaction.atomic():
            referral.save(force_insert=True)
    except IntegrityError:
        # The same form, sent at the same moment by another press of the button.
        known = Referral.objects.filter(key=draft.key).first()
        if known is None:
            raise
        return _sent_before(known, draft, by), False
    ReferralStep.objects.create(referral=referral, state=ReferralState.SENT, at=at, by=name_of(by))
    if referral.referrer is None:
        tell_referrer(referral, "sent", at=at)
    tell_person(referral, "sent", at=at)
    record(
        actor_of(by),
        "referral.send",
        at=at,
        place=referral.site.organisation.uuid,
        thing=f"referral:{referral.uuid}",
    )
    return referral, True


def _sent_before(known: Referral, draft: ReferralDraft, by: By) -> Referral:
    """The referral that this very form made; refused for anyone else, or when it now speaks of someone else."""
    is_hers = (
        known.referrer_id == by.pk
        if isinstance(by, User)
        else known.referrer_id is None and known.referrer_email.lower() == draft.referrer_email.lower()
    )
    if not is_hers:
        raise FormUsed(_("Cette page a déjà servi. Envoyez à nouveau : ce que vous avez tapé est gardé."))
    written = (known.chosen_name, known.family_name, known.words, known.phone, set(known.needs), known.reach)
    now_written = (
        draft.chosen_name,
        draft.family_name,
        draft.words,
        draft.phone,
        set(draft.needs),
        draft.reach,
    )
    if written != now_written:
        raise FormUsed(
            _(
                "Cette page a déjà envoyé l’orientation de %(name)s. Pour une autre personne, envoyez à nouveau : "
                "ce que vous avez tapé est gardé."
            )
            % {"name": known.chosen_name}
        )
    # What the page proposes hangs on what it knew of the place then: only a choice asks for another permanence.
    if draft.is_site_chosen and known.site_id != draft.site.pk:
        raise Conflict(
            _(
                "L’orientation de %(name)s est déjà partie, vers %(site)s. Pour une autre permanence, reprenez "
                "d’abord celle-ci, sur sa page."
            )
            % {"name": known.chosen_name, "site": words.site_name(known.site)},
            field="site",
        )
    return known


def _check_draft(draft: ReferralDraft, needs: set[str], by: By) -> None:
    if not draft.has_agreed:
        raise BusinessError(
            _("Sans son accord, rien ne part. Demandez-lui, puis cochez."), field="has_agreed"
        )
    if not needs or needs - {"device", "connection", "skills"}:
        raise BusinessError(_("Dites ce qu’elle demande : une poche au moins."), field="needs")
    if not draft.chosen_name.strip():
        raise BusinessError(_("Un prénom suffit, celui qu’elle veut."), field="chosen_name")
    if draft.reach not in ContactWay.Kind.values:
        raise BusinessError(
            _("Dites comment la joindre. « Papier seulement » convient aussi."), field="reach"
        )
    if draft.reach in CALLED and not draft.phone:
        raise BusinessError(_("Pour un SMS ou un appel, il faut un numéro."), field="phone")
    if not draft.site.organisation.is_open:
        raise BusinessError(_("Cette permanence est fermée. Choisissez-en une autre."), field="site")
    if not draft.organisation.is_open:
        raise BusinessError(_("Votre organisation n’oriente plus par ici. Appelez la permanence."))
    if isinstance(by, User):
        if not by.can(Ability.REFER, draft.organisation):
            raise BusinessError(_("Vous n’orientez pas pour cette organisation."))
    elif not draft.referrer_email:
        raise BusinessError(_("Sans mail confirmé, vous ne sauriez pas ce qu’elle devient."))


def _unused_code() -> str:
    """A code that is on no slip and no card: it will be hers."""
    while True:
        code = new_code()
        taken = (
            Referral.objects.filter(code=code).exists()
            or CardCode.objects.filter(code=code).exists()
            or Person.objects.filter(code=code).exists()
        )
        if not taken:
            return code
