"""Who may run organisations and accounts."""

from bagage.accounts.domain.grants import OUTSIDE, fits
from bagage.accounts.domain.roles import Ability, Role
from bagage.accounts.models import Membership, Organisation, User


def can_see_staff(user: User) -> bool:
    """Administrators, for the accounts of their nodes."""
    return user.can(Ability.RUN_STAFF)


def can_see_organisations(user: User) -> bool:
    """Administrators, and whoever runs the referring organisations: local officers and programme leads."""
    return user.can(Ability.RUN_STAFF) or user.can(Ability.RUN_REFERRERS)


def can_run_organisation(user: User, node: Organisation) -> bool:
    """Administrators of the node or above it; local officers and programme leads for who refers or partners."""
    if user.can(Ability.RUN_STAFF, node):
        return True
    return node.kind in OUTSIDE and user.can(Ability.RUN_REFERRERS, node)


def can_add_organisation(user: User, parent: Organisation, kind: str) -> bool:
    """Administrators of the parent; local officers and programme leads for organisations that refer or partner."""
    if user.can(Ability.RUN_STAFF, parent):
        return True
    return kind in OUTSIDE and user.can(Ability.RUN_REFERRERS, parent)


def can_give_role(user: User, role: Role, node: Organisation) -> bool:
    """Administrators of the node or above it, for a role that exists on such a node: never above one's own scope."""
    return user.can(Ability.RUN_STAFF, node) and fits(role, node.kind)


def can_end_role(user: User, membership: Membership) -> bool:
    """Administrators of the node or above it."""
    return user.can(Ability.RUN_STAFF, membership.organisation)


def can_run_account(user: User, member: User) -> bool:
    """Administrators whose scope covers every role that the account has now.

    A new invitation opens the whole account, so covering one of its roles is not enough. Of a closed account nothing
    is left to run.
    """
    if not member.is_active:
        return False
    memberships = member.current_memberships
    return bool(memberships) and all(user.can(Ability.RUN_STAFF, each.organisation) for each in memberships)


def can_use_api(user: User) -> bool:
    """Whoever works here, by a role that does more than refer: in a session, or by a token of hers."""
    return bool(user.abilities - {Ability.REFER})


def can_make_api_token(user: User) -> bool:
    """Those who may use the API, for themselves."""
    return can_use_api(user)
