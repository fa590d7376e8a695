"""What is read about accounts, organisations and the installation."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from allauth.mfa.models import Authenticator  # type: ignore[import-untyped]
from allauth.usersessions.models import UserSession  # type: ignore[import-untyped]
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from bagage.accounts.domain.invitations import InvitationState, state_of
from bagage.accounts.domain.roles import Ability, Role, roles_with
from bagage.accounts.domain.tokens import TokenState
from bagage.accounts.domain.tokens import state_of as token_state_of
from bagage.accounts.models import (
    ROLE_NAMES,
    ApiToken,
    Installation,
    Invitation,
    Membership,
    Organisation,
    User,
)


def installation() -> Installation:
    """This installation; a fresh one, not saved, before the first start."""
    return Installation.objects.filter(pk=1).first() or Installation(pk=1)


def is_empty() -> bool:
    """Whether nobody has an account here and no organisation was written down: the first start comes first."""
    return not User.objects.exists() and not Organisation.objects.exists()


def node_ids_seen(user: User) -> frozenset[int]:
    """The nodes whose people the user may see on the staff pages."""
    return user.node_ids(Ability.RUN_STAFF)


def staff_seen_by(user: User) -> QuerySet[User]:
    """Accounts with a role, now or before, on a node that the user administers."""
    mine = Membership.objects.filter(organisation__in=node_ids_seen(user))
    return User.objects.filter(pk__in=mine.values("user")).order_by("first_name", "last_name", "pk")


def with_roles(people: QuerySet[User]) -> QuerySet[User]:
    """The same accounts with ``held``, roles that still hold, each with its node, and ``waiting`` invitations."""
    held = Membership.objects.filter(ended_at=None).select_related("organisation").order_by("pk")
    waiting = Invitation.objects.filter(used_at=None, ended_at=None).order_by("-created_at")
    return people.prefetch_related(
        Prefetch("memberships", queryset=held, to_attr="held"),
        Prefetch("invitations", queryset=waiting, to_attr="waiting"),
    )


def newest_invitation(user: User) -> Invitation | None:
    """The last invitation made for an account, whatever became of it."""
    return user.invitations.order_by("-created_at", "-pk").first()


def invitation_state(invitation: Invitation, now: datetime | None = None) -> InvitationState:
    """Where an invitation stands now."""
    return state_of(
        used_at=invitation.used_at,
        ended_at=invitation.ended_at,
        expires_at=invitation.expires_at,
        now=now or timezone.now(),
    )


class Branch(NamedTuple):
    """One line of the tree: its node, how deep below the first line of its tree (0, 1, 2), who has a role on it."""

    node: Organisation
    depth: int
    people: int


def organisation_tree(node_ids: frozenset[int]) -> list[Branch]:
    """The nodes in the order of the tree, with how many people have a role on each. Two queries."""
    nodes = list(Organisation.objects.filter(pk__in=node_ids).order_by("path"))
    people: dict[int, set[int]] = {}
    held = Membership.objects.current().filter(organisation__in=node_ids)
    for node_id, user_id in held.values_list("organisation_id", "user_id"):
        people.setdefault(node_id, set()).add(user_id)
    if not nodes:
        return []
    first = min(node.depth for node in nodes)
    return [Branch(node, node.depth - first, len(people.get(node.pk, ()))) for node in nodes]


def administrators_of(node: Organisation) -> QuerySet[User]:
    """Open accounts that administer the node, by a role on it or above it, and that someone can sign in with."""
    above = [node.path[:end] for end in range(node.steplen, len(node.path) + 1, node.steplen)]
    held = Membership.objects.current().with_roles(roles_with(Ability.RUN_STAFF))
    return User.objects.filter(pk__in=held.filter(organisation__path__in=above).values("user"))


def is_last_administrator(user: User) -> bool:
    """Whether some tree of organisations would be left without anyone who can administer it."""
    for membership in user.current_memberships:
        if Role(membership.role) is not Role.ADMINISTRATOR:
            continue
        others = administrators_of(membership.organisation).exclude(pk=user.pk)
        if not any(other.has_usable_password() for other in others):
            return True
    return False


def colleagues_of(user: User) -> list[User]:
    """Who can take over what someone leaves: open accounts with a staff role on one of her nodes, above or below."""
    condition = Q(pk__in=[])
    for membership in user.current_memberships:
        path, step = membership.organisation.path, membership.organisation.steplen
        above = [path[:end] for end in range(step, len(path) + 1, step)]
        condition |= Q(organisation__path__startswith=path) | Q(organisation__path__in=above)
    able = roles_with(Ability.READ_FILE) | roles_with(Ability.BE_BOOKED)
    held = Membership.objects.current().with_roles(able).filter(condition)
    return list(
        User.objects.filter(pk__in=held.values("user"))
        .exclude(pk=user.pk)
        .order_by("first_name", "last_name", "pk")
    )


@dataclass(frozen=True)
class Protection:
    """How an account is protected beside its password."""

    passkeys: int
    has_app: bool
    paper_codes: int | None

    @property
    def is_on(self) -> bool:
        """Whether a second step is asked at sign-in."""
        return bool(self.passkeys or self.has_app or self.paper_codes is not None)


def protection_of(user: User) -> Protection:
    """Second factors of an account; one query."""
    passkeys, has_app, codes = 0, False, None
    for each in Authenticator.objects.filter(user=user):
        if each.type == Authenticator.Type.WEBAUTHN:
            passkeys += 1
        elif each.type == Authenticator.Type.TOTP:
            has_app = True
        else:
            codes = len(each.wrap().get_unused_codes())
    return Protection(passkeys, has_app, codes)


def open_sessions(user: User) -> int:
    """How many sessions of the account may still be open."""
    return int(UserSession.objects.filter(user=user).count())


def api_token_state(token: ApiToken, today: date | None = None) -> TokenState:
    """Where a token stands today."""
    return token_state_of(
        ends_on=token.ends_on,
        is_revoked=token.revoked_at is not None,
        today=today or timezone.localdate(),
    )


def live_api_tokens(user: User, today: date | None = None) -> QuerySet[ApiToken]:
    """The tokens that still open something in the account's name, the newest first."""
    live = ApiToken.objects.filter(user=user, revoked_at=None, ends_on__gte=today or timezone.localdate())
    return live.order_by("-created_at", "-pk")


@dataclass(frozen=True)
class DemonstrationAccount:
    """One account of the demonstration network, for its sign-in page."""

    username: str
    name: str
    role: str
    place: str


def demonstration_accounts() -> list[DemonstrationAccount]:
    """One account a role, only in a demonstration network: open ones that its loading wrote down, in its order."""
    here = installation()
    names = here.set_up_answers.get("demo_accounts", []) if here.is_demonstration else []
    if not names:
        return []
    held = {
        membership.user.username: membership
        for membership in Membership.objects.current()
        .filter(user__username__in=names)
        .select_related("user", "organisation")
        .order_by("-pk")
    }
    return [
        DemonstrationAccount(
            username=name,
            name=held[name].user.full_name,
            role=str(ROLE_NAMES[Role(held[name].role)]),
            place=held[name].organisation.name,
        )
        for name in names
        if name in held
    ]
