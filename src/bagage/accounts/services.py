"""What is done with organisations, accounts and roles: one function a thing someone does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator  # type: ignore[import-untyped]
from allauth.socialaccount.models import SocialAccount  # type: ignore[import-untyped]
from allauth.usersessions.models import UserSession  # type: ignore[import-untyped]
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bagage.accounts import permissions, queries
from bagage.accounts.domain.grants import CHILDREN, fits
from bagage.accounts.domain.invitations import CODE_LENGTH, LIFETIME, InvitationState, secret_hash
from bagage.accounts.domain.roles import Role
from bagage.accounts.domain.tokens import LONGEST, MOST_AT_ONCE, SHAPE, TokenState, new_secret, token_hash
from bagage.accounts.domain.usernames import clean_username, propose_username
from bagage.accounts.events import account_closing
from bagage.accounts.models import (
    ApiToken,
    Installation,
    Invitation,
    Membership,
    Organisation,
    User,
    actor_of,
)
from bagage.common.codes import new_code, read_code
from bagage.common.errors import BusinessError, Conflict
from bagage.messaging.services import queue_email
from bagage.trail.domain.actor import Actor
from bagage.trail.services import NETWORK, record

LAST_ADMINISTRATOR = gettext_noop(
    "C’est la dernière personne qui administre ce lieu : donnez ce rôle à quelqu’un d’abord."
)
DETAILS = ("first_name", "last_name", "title", "email", "language", "spoken_languages")
PLACE_DETAILS = ("name", "city", "address", "phone")


# ---------- the tree of organisations ----------


@transaction.atomic
def add_organisation(
    parent: Organisation | None,
    *,
    kind: str,
    name: str,
    city: str = "",
    address: str = "",
    phone: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> Organisation:
    """A new node under ``parent``, or the network itself when there is none."""
    name = _said(name, "name", _("Il manque le nom."))
    details = {
        "kind": kind,
        "name": name,
        "city": city.strip(),
        "address": address.strip(),
        "phone": phone.strip(),
    }
    if parent is None:
        if kind != Organisation.Kind.NETWORK:
            raise BusinessError(_("Seul un réseau peut être tout en haut."), field="kind")
        node: Organisation = Organisation.objects.add_root(create_kwargs=details)
    else:
        # Locked, so that two added at once do not take the same place in the tree.
        parent = Organisation.objects.select_for_update().get(pk=parent.pk)
        if kind not in CHILDREN[parent.kind]:
            raise BusinessError(
                _("« %(kind)s » ne peut pas être rangé sous « %(parent)s ».")
                % {"kind": Organisation.Kind(kind).label, "parent": parent.name},
                field="kind",
            )
        if not parent.is_open:
            raise BusinessError(_("« %(name)s » est fermé : rouvrez-le d’abord.") % {"name": parent.name})
        if _below(parent).filter(name__iexact=name, kind=kind).exists():
            raise Conflict(_("« %(name)s » existe déjà ici.") % {"name": name}, field="name")
        node = Organisation.objects.add_child(parent, create_kwargs=details)
    record(actor_of(by), "organisation.add", at=at, place=node.uuid, thing=f"organisation:{node.uuid}")
    return node


@transaction.atomic
def change_organisation(
    node: Organisation, *, by: User | Actor, at: datetime | None = None, **details: str
) -> Organisation:
    """New name, city, address or phone of a node."""
    node = Organisation.objects.select_for_update().get(pk=node.pk)
    if "name" in details:
        details["name"] = _said(details["name"], "name", _("Il manque le nom."))
    changed = _set_changed(node, PLACE_DETAILS, details)
    if changed:
        node.save(update_fields=changed)
        record(
            actor_of(by),
            "organisation.change",
            at=at,
            place=node.uuid,
            thing=f"organisation:{node.uuid}",
            fields=changed,
        )
    return node


@transaction.atomic
def close_organisation(node: Organisation, *, by: User | Actor, at: datetime | None = None) -> Organisation:
    """A node that is used no more: nobody has a role on it, nothing open hangs under it. Its past stays."""
    node = Organisation.objects.select_for_update().get(pk=node.pk)
    if node.kind == Organisation.Kind.NETWORK:
        raise BusinessError(_("Le réseau ne se ferme pas."))
    below = _below(node).filter(is_open=True).count()
    if below:
        raise BusinessError(
            _("Il reste %(count)s lieux ouverts en dessous : fermez-les d’abord.") % {"count": below}
        )
    people = Membership.objects.current().filter(organisation=node).count()
    if people:
        raise BusinessError(
            _("%(count)s personnes ont encore un rôle ici : donnez-leur en un ailleurs d’abord.")
            % {"count": people}
        )
    if node.is_open:
        node.is_open = False
        node.save(update_fields=["is_open"])
        record(actor_of(by), "organisation.close", at=at, place=node.uuid, thing=f"organisation:{node.uuid}")
    return node


@transaction.atomic
def reopen_organisation(node: Organisation, *, by: User | Actor, at: datetime | None = None) -> Organisation:
    """A closed node is used again."""
    node = Organisation.objects.select_for_update().get(pk=node.pk)
    parent = Organisation.objects.filter(path=node.path[: -node.steplen]).first()
    if parent is not None and not parent.is_open:
        raise BusinessError(_("« %(name)s » est fermé : rouvrez-le d’abord.") % {"name": parent.name})
    if not node.is_open:
        node.is_open = True
        node.save(update_fields=["is_open"])
        record(actor_of(by), "organisation.reopen", at=at, place=node.uuid, thing=f"organisation:{node.uuid}")
    return node


# ---------- invitations ----------


@dataclass(frozen=True)
class Invited:
    """A fresh invitation: the only moment at which its code is known."""

    user: User
    invitation: Invitation
    code: str


@transaction.atomic
def invite(
    *,
    first_name: str,
    role: Role,
    node: Organisation,
    last_name: str = "",
    title: str = "",
    email: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> Invited:
    """An account that waits for its owner, with one role. With an e-mail the link is sent; else a sheet is printed."""
    at = at or timezone.now()
    first_name = _said(first_name, "first_name", _("Il manque le prénom."))
    email = _free_email(email)
    user = _new_user(first_name=first_name, last_name=last_name.strip(), title=title.strip(), email=email)
    membership = _give(user, role, node, by=by)
    invited = _invite(user, by=by, at=at)
    record(
        actor_of(by),
        "account.invite",
        at=at,
        place=node.uuid,
        thing=f"user:{user.uuid}",
        fields=["role"],
        reason=str(membership.role),
    )
    return invited


@transaction.atomic
def invite_again(user: User, *, by: User | Actor, at: datetime | None = None) -> Invited:
    """A new invitation ends the one before: for a lost sheet, or a password and a second step that are lost."""
    at = at or timezone.now()
    user = _locked(user)
    if not user.is_active:
        raise BusinessError(_("Ce compte est fermé."))
    invited = _invite(user, by=by, at=at)
    record(actor_of(by), "account.invite_again", at=at, place=_place(user), thing=f"user:{user.uuid}")
    return invited


def find_invitation(code: str) -> Invitation | None:
    """The invitation of a code, typed with or without spaces; ``None`` when there is none."""
    code = read_code(code)
    if len(code) != CODE_LENGTH:
        return None
    hashed = secret_hash(code, settings.SECRET_KEY)
    return Invitation.objects.select_related("user").filter(secret_hash=hashed).first()


@transaction.atomic
def accept_invitation(code: str, *, username: str, password: str, at: datetime | None = None) -> User:
    """The owner chooses her user name and password, once. What opened the account before opens it no more."""
    at = at or timezone.now()
    found = find_invitation(code)
    if found is None:
        raise BusinessError(_("Ce code n’est pas celui d’une invitation."), field="code")
    user = _locked(found.user)
    invitation = Invitation.objects.select_for_update().get(pk=found.pk)
    refuse_stale(invitation, at)
    user.username = _free_username(username, user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BusinessError(" ".join(error.messages), field="password") from error
    user.set_password(password)
    user.save(update_fields=["username", "password"])
    _end_sessions(user)
    Authenticator.objects.filter(user=user).delete()
    user.api_tokens.filter(revoked_at=None).update(revoked_at=at)
    invitation.used_at = at
    invitation.save(update_fields=["used_at"])
    record(user.actor, "account.accept", at=at, place=_place(user), thing=f"user:{user.uuid}")
    return user


def refuse_stale(invitation: Invitation, at: datetime) -> None:
    """BusinessError when the invitation cannot be used any more, saying why."""
    state = queries.invitation_state(invitation, at)
    if state is InvitationState.USED:
        raise BusinessError(
            _("Cette invitation a déjà servi. Connectez-vous avec l’identifiant choisi."), field="code"
        )
    if state is InvitationState.ENDED or not invitation.user.is_active:
        raise BusinessError(_("Cette invitation est annulée : une plus récente la remplace."), field="code")
    if state is InvitationState.EXPIRED:
        raise BusinessError(_("Cette invitation a plus de 14 jours : demandez-en une autre."), field="code")


# ---------- accounts and roles ----------


@transaction.atomic
def create_account(
    *,
    username: str,
    first_name: str,
    password: str,
    last_name: str = "",
    title: str = "",
    email: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> User:
    """An account with its password, without a role yet: the first administrator, or by the command line."""
    first_name = _said(first_name, "first_name", _("Il manque le prénom."))
    user = User(
        first_name=first_name, last_name=last_name.strip(), title=title.strip(), email=_free_email(email)
    )
    user.username = _free_username(username, user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BusinessError(" ".join(error.messages), field="password") from error
    user.set_password(password)
    user.save()
    record(actor_of(by), "account.create", at=at, place=NETWORK, thing=f"user:{user.uuid}")
    return user


@transaction.atomic
def give_role(
    user: User, role: Role, node: Organisation, *, by: User | Actor, at: datetime | None = None
) -> Membership:
    """A role on a node and all below it; the one that holds already when given twice."""
    user = _locked(user)
    if not user.is_active:
        raise BusinessError(_("Ce compte est fermé."))
    held = user.memberships.filter(organisation=node, role=role, ended_at=None).first()
    if held is not None:
        return held
    membership = _give(user, role, node, by=by)
    record(
        actor_of(by),
        "role.give",
        at=at,
        place=node.uuid,
        thing=f"user:{user.uuid}",
        fields=["role"],
        reason=str(role),
    )
    return membership


@transaction.atomic
def end_role(membership: Membership, *, by: User | Actor, at: datetime | None = None) -> Membership:
    """A role that holds no more. The last administrator stays, and the last role ends by closing the account."""
    at = at or timezone.now()
    user = _locked(membership.user)
    membership = Membership.objects.select_for_update().select_related("organisation").get(pk=membership.pk)
    if membership.ended_at is not None:
        return membership
    if user.memberships.filter(ended_at=None).count() == 1:
        raise BusinessError(
            _("C’est son seul rôle : donnez-lui un autre rôle d’abord, ou fermez son compte.")
        )
    if Role(membership.role) is Role.ADMINISTRATOR:
        others = queries.administrators_of(membership.organisation).exclude(pk=user.pk)
        above = user.memberships.filter(ended_at=None, role=Role.ADMINISTRATOR).exclude(pk=membership.pk)
        if not others.exists() and not any(
            membership.organisation.path.startswith(each.organisation.path)
            for each in above.select_related("organisation")
        ):
            raise BusinessError(
                _("C’est la dernière personne qui administre ce lieu : donnez ce rôle à quelqu’un d’abord.")
            )
    membership.ended_at = at
    membership.save(update_fields=["ended_at"])
    record(
        actor_of(by),
        "role.end",
        at=at,
        place=membership.organisation.uuid,
        thing=f"user:{user.uuid}",
        fields=["role"],
        reason=membership.role,
    )
    return membership


@transaction.atomic
def change_account(user: User, *, by: User | Actor, at: datetime | None = None, **details: str) -> User:
    """Name, title, e-mail or languages of an account. The e-mail is changed by an administrator, never by its owner:
    it lets a partner's identity in."""
    user = _locked(user)
    if "first_name" in details:
        details["first_name"] = _said(details["first_name"], "first_name", _("Il manque le prénom."))
    if "email" in details:
        details["email"] = _free_email(details["email"], user)
    changed = _set_changed(user, DETAILS, details)
    if changed:
        user.save(update_fields=changed)
        if "email" in changed:
            # A link to the mail of before must not open the account any more.
            user.emailaddress_set.all().delete()  # type: ignore[attr-defined]
            SocialAccount.objects.filter(user=user).delete()
        record(
            actor_of(by),
            "account.change",
            at=at,
            place=_place(user),
            thing=f"user:{user.uuid}",
            fields=changed,
        )
    return user


@transaction.atomic
def close_account(
    user: User, *, handed_to: User | None = None, by: User | Actor, at: datetime | None = None
) -> User:
    """Leaving, in one act: sessions end, nothing opens the account any more, roles end, persons pass to a colleague.

    Activities above hand over what is theirs when :data:`account_closing` is sent, before the roles end.
    """
    at = at or timezone.now()
    user = _locked(user)
    if user.closed_at is not None:
        return user
    if queries.is_last_administrator(user):
        raise BusinessError(
            _("C’est la dernière personne qui administre ce lieu : donnez ce rôle à quelqu’un d’abord.")
        )
    if handed_to is not None and (handed_to.pk == user.pk or not handed_to.is_active):
        raise BusinessError(_("Choisissez quelqu’un d’autre, dont le compte est ouvert."), field="handed_to")
    place = _place(user)
    account_closing.send(sender=User, user=user, handed_to=handed_to, by=actor_of(by), at=at)
    _end_sessions(user)
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    user.invitations.filter(used_at=None, ended_at=None).update(ended_at=at)
    user.api_tokens.filter(revoked_at=None).update(revoked_at=at)
    user.memberships.filter(ended_at=None).update(ended_at=at)
    user.is_active, user.closed_at = False, at
    user.set_unusable_password()
    user.save(update_fields=["is_active", "closed_at", "password"])
    forget_roles(user)
    record(
        actor_of(by),
        "account.close",
        at=at,
        place=place,
        thing=f"user:{user.uuid}",
        reason=f"user:{handed_to.uuid}" if handed_to else "",
    )
    return user


@transaction.atomic
def note_protection(user: User, verb: str, *, at: datetime | None = None) -> None:
    """A password or a second step was changed by its owner: noted, without what it is."""
    record(user.actor, verb, at=at, place=_place(user), thing=f"user:{user.uuid}")


# ---------- tokens for programs ----------


@dataclass(frozen=True)
class NewToken:
    """A fresh token: the only moment at which its secret is known."""

    token: ApiToken
    secret: str


@transaction.atomic
def make_api_token(
    user: User, *, name: str, ends_on: date, by: User | Actor, at: datetime | None = None
) -> NewToken:
    """A token with which a program asks in the account's name, until ``ends_on``, that day included.

    BusinessError for a closed account, one that may not use the API, a day past or more than a year away, or more
    than :data:`MOST_AT_ONCE` live tokens.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    user = _locked(user)
    name = _said(name, "name", _("Il manque le nom : à quoi sert cette clé ?"))
    if not user.is_active:
        raise BusinessError(_("Ce compte est fermé."))
    if not permissions.can_make_api_token(user):
        raise BusinessError(_("Ce compte n’a pas de rôle qui ouvre l’accès aux programmes."))
    if not today <= ends_on <= today + LONGEST:
        raise BusinessError(_("La clé finit entre aujourd’hui et dans un an."), field="ends_on")
    live = queries.live_api_tokens(user, today)
    if live.filter(name__iexact=name).exists():
        raise Conflict(
            _("Une clé de ce nom sert déjà : retirez-la d’abord, ou changez de nom."), field="name"
        )
    if live.count() >= MOST_AT_ONCE:
        raise BusinessError(
            _("%(count)s clés servent déjà : retirez-en une d’abord.") % {"count": MOST_AT_ONCE}
        )
    secret = new_secret()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        secret_hash=token_hash(secret, settings.SECRET_KEY),
        created_at=at,
        ends_on=ends_on,
    )
    record(
        actor_of(by),
        "token.make",
        at=at,
        place=_place(user),
        thing=f"token:{token.uuid}",
        reason=f"user:{user.uuid}",
    )
    return NewToken(token, secret)


@transaction.atomic
def revoke_api_token(token: ApiToken, *, by: User | Actor, at: datetime | None = None) -> ApiToken:
    """A token that opens nothing any more, from now on. Once revoked it stays so; its row stays too."""
    at = at or timezone.now()
    token = ApiToken.objects.select_for_update().select_related("user").get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        record(
            actor_of(by),
            "token.revoke",
            at=at,
            place=_place(token.user),
            thing=f"token:{token.uuid}",
            reason=f"user:{token.user.uuid}",
        )
    return token


def user_of_api_token(secret: str, *, at: datetime | None = None) -> User | None:
    """Whose live token this is, noting the day; ``None`` for a forged, revoked or ended one, or a closed account."""
    if SHAPE.fullmatch(secret) is None:
        return None
    today = timezone.localdate(at or timezone.now())
    hashed = token_hash(secret, settings.SECRET_KEY)
    token = ApiToken.objects.select_related("user").filter(secret_hash=hashed, user__is_active=True).first()
    if token is None or queries.api_token_state(token, today) is not TokenState.LIVE:
        return None
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    return token.user


# ---------- the installation ----------


@transaction.atomic
def keep_answers(step: str, answers: dict[str, Any]) -> Installation:
    """What the first start was told for one step, so that it can be left and taken up again."""
    here = _locked_installation()
    here.set_up_answers = {**here.set_up_answers, step: answers}
    here.save()
    return here


@transaction.atomic
def open_installation(
    *,
    association: str,
    city: str,
    first_name: str,
    last_name: str,
    username: str,
    password: str,
    email: str = "",
    at: datetime | None = None,
) -> tuple[Organisation, User]:
    """The very first step of an empty installation: its association and the account that administers it.

    Conflict when someone was faster: only an empty installation can be opened this way.
    """
    at = at or timezone.now()
    here = _locked_installation()
    if not queries.is_empty():
        raise Conflict(_("Cette installation a déjà une personne qui l’administre : connectez-vous."))
    system = Actor.system("first_start")
    node = add_organisation(None, kind="network", name=association, city=city, by=system, at=at)
    user = create_account(
        username=username,
        first_name=first_name,
        last_name=last_name,
        password=password,
        email=email,
        by=system,
        at=at,
    )
    give_role(user, Role.ADMINISTRATOR, node, by=system, at=at)
    here.name = node.name
    here.contact_email = user.email
    here.save()
    return node, user


@transaction.atomic
def rename_installation(name: str, *, by: User | Actor, at: datetime | None = None) -> Installation:
    """The name that the sign-in page shows."""
    here = _locked_installation()
    here.name = _said(name, "name", _("Il manque le nom."))
    here.save()
    record(actor_of(by), "installation.change", at=at, thing="installation:1", fields=["name"])
    return here


@transaction.atomic
def finish_set_up(*, by: User | Actor, at: datetime | None = None) -> Installation:
    """The first start is over; its answers stay."""
    at = at or timezone.now()
    here = _locked_installation()
    if here.set_up_at is None:
        here.set_up_at = at
        here.save()
        record(actor_of(by), "installation.set_up", at=at, thing="installation:1")
    return here


# ---------- inside ----------


def _said(text: str, field: str, message: str) -> str:
    """The text without what surrounds it; BusinessError when nothing is left."""
    text = " ".join(text.split())
    if not text:
        raise BusinessError(message, field=field)
    return text


def _set_changed(row: Any, allowed: Iterable[str], details: dict[str, str]) -> list[str]:
    """Write the details that differ; the names of those that did."""
    allowed = list(allowed)
    unknown = set(details) - set(allowed)
    if unknown:
        raise TypeError(f"unknown details: {sorted(unknown)}")
    changed = [name for name in allowed if name in details and getattr(row, name) != details[name].strip()]
    for name in changed:
        setattr(row, name, details[name].strip())
    return changed


def _locked(user: User) -> User:
    """The account as it is now, its row held until the end of the transaction."""
    return User.objects.select_for_update().get(pk=user.pk)


def _locked_installation() -> Installation:
    Installation.objects.bulk_create([Installation(pk=1)], ignore_conflicts=True)
    return Installation.objects.select_for_update().get(pk=1)


def _below(node: Organisation) -> QuerySet[Organisation]:
    """What hangs right under a node."""
    return Organisation.objects.filter(path__startswith=node.path, depth=node.depth + 1)


def _place(user: User) -> object:
    """Where the trail notes an act about an account: the node of her first role."""
    first = user.memberships.filter(ended_at=None).select_related("organisation").order_by("pk").first()
    return first.organisation.uuid if first else NETWORK


def forget_roles(user: User) -> None:
    """Drop what an account object remembers of its roles."""
    for name in ("current_memberships", "abilities", "_paths_by_ability", "_node_ids"):
        user.__dict__.pop(name, None)


def _free_email(email: str, owner: User | None = None) -> str:
    email = email.strip()
    if email and User.objects.filter(email__iexact=email).exclude(pk=owner.pk if owner else 0).exists():
        raise Conflict(_("Un compte a déjà ce mail."), field="email")
    return email


def _free_username(username: str, owner: User) -> str:
    try:
        cleaned = clean_username(username)
    except ValueError as error:
        raise BusinessError(
            _("3 lettres au moins, sans espace ni accent : lettres, chiffres, point et tiret."),
            field="username",
        ) from error
    if User.objects.filter(username__iexact=cleaned).exclude(pk=owner.pk).exists():
        raise Conflict(_("Cet identifiant est pris : ajoutez un chiffre ou un point."), field="username")
    return cleaned


def _new_user(**details: str) -> User:
    """A row with a free user name made of the first name, and a password that opens nothing."""
    for _attempt in range(5):
        stem = propose_username(details["first_name"], ())
        taken = set(User.objects.filter(username__istartswith=stem).values_list("username", flat=True))
        user = User(username=propose_username(details["first_name"], taken), **details)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            continue  # someone took that name between the two queries
        return user
    raise Conflict(_("Trop de comptes se créent en même temps : réessayez."))


def _give(user: User, role: Role, node: Organisation, *, by: User | Actor) -> Membership:
    if not node.is_open:
        raise BusinessError(
            _("« %(name)s » est fermé : rouvrez-le d’abord.") % {"name": node.name}, field="node"
        )
    if not fits(role, node.kind):
        raise BusinessError(
            _("Ce rôle ne se donne pas dans « %(name)s ».") % {"name": node.name}, field="role"
        )
    if isinstance(by, User) and not permissions.can_give_role(by, role, node):
        raise BusinessError(_("Vous n’administrez pas « %(name)s ».") % {"name": node.name}, field="node")
    return Membership.objects.create(user=user, organisation=node, role=role)


def _invite(user: User, *, by: User | Actor, at: datetime) -> Invited:
    user.invitations.filter(used_at=None, ended_at=None).update(ended_at=at)
    code = new_code(CODE_LENGTH)
    invitation = Invitation.objects.create(
        user=user,
        secret_hash=secret_hash(code, settings.SECRET_KEY),
        created_at=at,
        created_by=by if isinstance(by, User) else None,
        expires_at=at + LIFETIME,
    )
    if user.email:
        with translation.override(user.language or translation.get_language() or settings.LANGUAGE_CODE):
            context = {
                "first_name": user.first_name,
                "association": queries.installation().name,
                "link": invitation_link(code),
                "until": timezone.localtime(invitation.expires_at),
            }
            queue_email(
                to=user.email,
                subject=_("Votre compte Bagage vous attend"),
                body=render_to_string("accounts/mail/invitation.txt", context),
                key=f"secret:invitation:{invitation.uuid}",
                about=f"user:{user.uuid}",
                place=str(_place(user)),
                at=at,
            )
    return Invited(user, invitation, code)


def invitation_link(code: str) -> str:
    """The address that opens an invitation, whole."""
    return settings.PUBLIC_URL + reverse("accounts:invitation_accept", args=[code])


def _end_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()
