"""Who may do what with a referral."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.people.models import Person, is_followed
from bagage.referrals.models import OrganisationLink, Referral


def can_refer(user: User, organisation: Organisation | None = None) -> bool:
    """Referrers of an organisation that is open; without one, of any."""
    return user.can(Ability.REFER, organisation)


def can_follow_referral(user: User, referral: Referral) -> bool:
    """Whoever sent it, and nobody else of her organisation."""
    return referral.referrer_id == user.pk and user.can(Ability.REFER)


def can_answer_referrals(user: User) -> bool:
    """Receptionists, advisers and programme leads, somewhere."""
    return user.can(Ability.RECEIVE)


def can_answer_referral(user: User, referral: Referral) -> bool:
    """Receptionists, advisers and programme leads of the permanence it was sent to."""
    return user.can(Ability.RECEIVE, referral.site.organisation)


def can_print_slip(user: User, referral: Referral) -> bool:
    """Whoever sent it, and those who may answer it."""
    return can_follow_referral(user, referral) or can_answer_referral(user, referral)


def can_run_links(user: User) -> bool:
    """Local officers, programme leads and administrators, somewhere."""
    return user.can(Ability.RUN_REFERRERS)


def can_run_link(user: User, link: OrganisationLink) -> bool:
    """Those who run the referring organisations of that part of the tree."""
    return user.can(Ability.RUN_REFERRERS, link.organisation)


# ---------- sending someone on ----------
def can_send_onwards(user: User) -> bool:
    """Receptionists, advisers and programme leads, somewhere."""
    return user.can(Ability.ORIENT)


def can_send_onward(user: User, person: Person, now: datetime | None = None) -> bool:
    """The same, at a node that follows her: send her on, read and note what became of it, call it off."""
    node_ids = user.node_ids(Ability.ORIENT)
    if not node_ids:
        return False
    return is_followed(person.pk, node_ids, now or timezone.now())
