"""The tree of organisations, the accounts, the roles given on nodes, invitations, tokens, the installation itself."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from bagage.accounts.domain.roles import ABILITIES, Ability, Role
from bagage.common.models import PublicId
from bagage.common.prepared import prepared
from bagage.trail.domain.actor import Actor

ROLE_NAMES = {
    Role.REFERRER: _("prescripteur"),
    Role.RECEPTIONIST: _("accueil"),
    Role.VOLUNTEER: _("bénévole"),
    Role.ADVISER: _("conseillère ou conseiller"),
    Role.LOGISTICS: _("matériel"),
    Role.LOCAL_OFFICER: _("développement local"),
    Role.PROGRAMME_LEAD: _("responsable du programme"),
    Role.ADMINISTRATOR: _("administration"),
}


class Organisation(MP_Node, PublicId):
    """A node of the tree: network, antenna (a city), permanence; beside them who refers and who partners.

    Referring and partner organisations hang under the antenna or the network that works with them.
    """

    class Kind(models.TextChoices):
        """What a node is."""

        NETWORK = "network", _("réseau")
        ANTENNA = "antenna", _("antenne")
        PERMANENCE = "permanence", _("permanence")
        REFERRING = "referring", _("organisation qui oriente")
        PARTNER = "partner", _("partenaire")

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=160)
    city = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["network", "antenna", "permanence", "referring", "partner"]),
                name="accounts_organisation_known_kind",
            )
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes accounts; see the services for the acts that people do."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A new account, its password hashed; without a password nobody can sign in with one."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """By user name, whatever its capitals."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser, PublicId):
    """Someone who signs in. An e-mail is never required; closing an account is one act that keeps the row.

    ``title`` is what she is called on screen beside her name ("assistante sociale").
    """

    username = models.CharField(_("identifiant"), max_length=60, unique=True)
    email = models.EmailField(_("mail"), blank=True)
    first_name = models.CharField(_("prénom"), max_length=80)
    last_name = models.CharField(_("nom"), max_length=80, blank=True)
    title = models.CharField(_("fonction"), max_length=80, blank=True)
    language = models.CharField(max_length=5, blank=True)
    spoken_languages = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="accounts_user_username_whatever_capitals"),
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="accounts_user_one_account_per_email"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(is_active=False), name="accounts_user_closed_is_inactive"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First name then last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        """Two letters for the round mark at the top right."""
        return (self.first_name[:1] + (self.last_name[:1] or self.first_name[1:2])).upper()

    @property
    def actor(self) -> Actor:
        """Her reference in the trail."""
        return Actor("user", str(self.uuid))

    @cached_property
    def current_memberships(self) -> list["Membership"]:
        """Her roles that still hold, each with its node; read once a request."""
        if not self.is_active:
            return []
        return _current_memberships(self.pk)

    @cached_property
    def abilities(self) -> frozenset[Ability]:
        """All that her roles open, somewhere."""
        return frozenset(
            ability for membership in self.current_memberships for ability in ABILITIES[Role(membership.role)]
        )

    @cached_property
    def _paths_by_ability(self) -> dict[Ability, tuple[str, ...]]:
        paths: dict[Ability, set[str]] = {}
        for membership in self.current_memberships:
            for ability in ABILITIES[Role(membership.role)]:
                paths.setdefault(ability, set()).add(membership.organisation.path)
        return {ability: tuple(sorted(found)) for ability, found in paths.items()}

    def can(self, ability: Ability, node: "Organisation | None" = None) -> bool:
        """Whether a role of hers opens this act: somewhere, or on ``node`` (a role on it or above it). Kept."""
        paths = self._paths_by_ability.get(ability, ())
        return bool(paths) if node is None else node.path.startswith(paths) if paths else False

    def node_ids(self, ability: Ability) -> frozenset[int]:
        """The ids of all nodes on which a role of hers opens this act: hers and all below. One query, then kept."""
        cache: dict[Ability, frozenset[int]] = self.__dict__.setdefault("_node_ids", {})
        if ability not in cache:
            cache[ability] = frozenset(_ids_from(self._paths_by_ability.get(ability, ())))
        return cache[ability]

    def nodes(self, ability: Ability) -> "list[Organisation]":
        """The nodes on which a role of hers opens this act, hers and all below, by the tree. One query, then kept."""
        cache: dict[Ability, list[Organisation]] = self.__dict__.setdefault("_nodes", {})
        if ability not in cache:
            condition = Q(pk__in=[])
            for path in self._paths_by_ability.get(ability, ()):
                condition |= Q(path__startswith=path)
            cache[ability] = list(Organisation.objects.filter(condition).order_by("path"))
        return cache[ability]

    def get_full_name(self) -> str:
        """For the libraries that ask."""
        return self.full_name

    def get_short_name(self) -> str:
        """For the libraries that ask."""
        return self.first_name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Filters on roles."""

    def current(self) -> "MembershipQuerySet":
        """Those that still hold."""
        return self.filter(ended_at=None, user__is_active=True)

    def with_roles(self, roles: Iterable[Role]) -> "MembershipQuerySet":
        """Those with one of the roles."""
        return self.filter(role__in=list(roles))


class Membership(PublicId):
    """A role given to someone on one node, and so on all below it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, name) for role, name in ROLE_NAMES.items()])
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ended_at=None),
                name="accounts_membership_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="accounts_membership_known_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.organisation_id}"


class Invitation(PublicId):
    """An account that waits for its owner: a link to send, or a printed sheet with a code for who has no e-mail.

    Only the hash of the secret is kept. Used once; a new one ends the one before.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.uuid)


class ApiToken(PublicId):
    """With it a program asks in its owner's name, with her rights, until ``ends_on`` or until it is revoked.

    Only the hash of the secret is kept; ``last_used_on`` is a day, to tell a forgotten token from one at work.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    ends_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.uuid)


class Installation(models.Model):
    """This installation: one row. Until ``set_up_at`` is filled, every page leads to the first start."""

    name = models.CharField(max_length=160, blank=True)
    contact_email = models.EmailField(blank=True)
    set_up_at = models.DateTimeField(null=True, blank=True)
    is_demonstration = models.BooleanField(default=False)
    loaded_on = models.DateField(null=True, blank=True)
    # What the first start has been told so far, step by step, so that it can be left and taken up again.
    set_up_answers = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="accounts_installation_one_row")]

    def __str__(self) -> str:
        return self.name or "installation"


def actor_of(by: "User | Actor") -> Actor:
    """The trail's reference of whoever acts: a staff account, or a holder of a link, or a job."""
    return by.actor if isinstance(by, User) else by


def name_of(by: "User | Actor") -> str:
    """How a fact names who wrote it, for the screen; empty for someone without an account."""
    return by.full_name if isinstance(by, User) else ""


@prepared
def _ids_from(paths: Iterable[str]) -> models.QuerySet[Organisation, int]:
    """The nodes of these paths and all below."""
    condition = Q(pk__in=[])
    for path in paths:
        # As an expression: so it is the path itself that is asked with, the mark after it is in the wording.
        condition |= Q(path__startswith=Value(path))
    return Organisation.objects.filter(condition).order_by().values_list("pk", flat=True)


@prepared
def _current_memberships(user: int) -> models.QuerySet[Membership]:
    held = Membership.objects.filter(user_id=user, ended_at=None)
    return held.select_related("organisation").order_by("pk")
