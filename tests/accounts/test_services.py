"""What administrators do with places, accounts and roles."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from bagage.accounts import queries, services
from bagage.accounts.domain.invitations import InvitationState
from bagage.accounts.domain.roles import Role
from bagage.accounts.events import account_closing
from bagage.accounts.models import Invitation, User
from bagage.common.errors import BusinessError, Conflict
from bagage.messaging.models import Message, Transport
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.accounts.factories import PASSWORD, Network, fresh, make_user

NEW = "des pommes et des poires"


@pytest.fixture
def with_mail(now):
    Transport.objects.create(pk=1, kind="console", changed_at=now)


def invite(network: Network, **changes):
    details = {"first_name": "Kadi", "role": Role.ADVISER, "node": network.wazemmes, "by": network.admin}
    return services.invite(**{**details, **changes})


def verbs() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


# ---------- places ----------


def test_add_organisation_under_its_parent(network):
    node = services.add_organisation(network.lille, kind="permanence", name="  Moulins  ", by=network.admin)
    assert (node.name, node.path[:8], verbs()) == ("Moulins", network.lille.path, ["organisation.add"])


@pytest.mark.parametrize(
    ("parent", "kind", "name", "field"),
    [
        ("wazemmes", "permanence", "Dedans", "kind"),
        ("lille", "network", "Réseau", "kind"),
        ("lille", "permanence", "wazemmes", "name"),
        ("lille", "permanence", "  ", "name"),
    ],
)
def test_add_organisation_refused_writes_nothing(network, parent, kind, name, field):
    with pytest.raises(BusinessError) as refusal:
        services.add_organisation(getattr(network, parent), kind=kind, name=name, by=network.admin)
    assert (refusal.value.field, verbs()) == (field, [])


def test_change_organisation_notes_only_what_changed(network):
    services.change_organisation(
        network.wazemmes, name="Wazemmes", city="Lille", phone="0320", by=network.admin
    )
    assert Entry.objects.get().fields == "phone"


def test_close_organisation_only_when_nobody_works_there(network):
    with pytest.raises(BusinessError):
        services.close_organisation(network.wazemmes, by=network.admin)
    with pytest.raises(BusinessError):
        services.close_organisation(network.lille, by=network.admin)
    with pytest.raises(BusinessError):
        services.close_organisation(network.root, by=network.admin)
    assert not services.close_organisation(network.ccas, by=network.admin).is_open
    with pytest.raises(BusinessError):
        invite(network, role=Role.REFERRER, node=services.Organisation.objects.get(pk=network.ccas.pk))
    assert services.reopen_organisation(network.ccas, by=network.admin).is_open


# ---------- invitations ----------


def test_invite_keeps_only_a_hash_and_opens_nothing(network):
    invited = invite(network)
    kept = Invitation.objects.get()
    assert invited.code not in kept.secret_hash
    assert (kept.user.username, kept.user.has_usable_password()) == ("kadi", False)
    assert kept.expires_at - kept.created_at == timedelta(days=14)
    assert verbs() == ["account.invite"]
    assert Message.objects.count() == 0


def test_invite_with_a_mail_sends_the_link(network, with_mail):
    invited = invite(network, email="kadi@example.org")
    message = Message.objects.get()
    assert (message.to, message.channel) == ("kadi@example.org", "email")
    assert message.key == f"secret:invitation:{invited.invitation.uuid}"
    assert invited.code not in message.subject
    assert "Kadi" not in message.subject


@pytest.mark.parametrize(
    ("role", "node"), [(Role.REFERRER, "wazemmes"), (Role.ADVISER, "ccas"), (Role.ADMINISTRATOR, "ccas")]
)
def test_invite_role_that_does_not_exist_there(network, role, node):
    with pytest.raises(BusinessError) as refusal:
        invite(network, role=role, node=getattr(network, node))
    assert refusal.value.field == "role"
    assert not User.objects.filter(first_name="Kadi").exists()


@pytest.mark.parametrize("node", ["root", "lyon", "guillotiere"])
def test_invite_never_above_or_beside_ones_scope(network, node):
    with pytest.raises(BusinessError) as refusal:
        invite(network, node=getattr(network, node), role=Role.ADMINISTRATOR, by=network.lille_admin)
    assert refusal.value.field == "node"


def test_invite_by_someone_who_administers_nothing(network):
    with pytest.raises(BusinessError):
        invite(network, by=network.adviser)


def test_invite_same_mail_twice(network):
    invite(network, email="kadi@example.org")
    with pytest.raises(Conflict) as refusal:
        invite(network, email="KADI@example.org")
    assert refusal.value.field == "email"


def test_invite_same_first_name_gets_another_user_name(network):
    assert [invite(network).user.username for _ in range(3)] == ["kadi", "kadi2", "kadi3"]


def test_accept_invitation_once(network):
    code = invite(network).code
    user = services.accept_invitation(f" {code[:6].lower()} {code[6:]} ", username="Kadi.D", password=NEW)
    assert (user.username, user.check_password(NEW)) == ("kadi.d", True)
    with pytest.raises(BusinessError, match="déjà servi"):
        services.accept_invitation(code, username="other", password=NEW)
    assert fresh(user).username == "kadi.d"


def test_accept_invitation_expired(network, now):
    invited = invite(network, at=now)
    late = now + timedelta(days=14)
    assert queries.invitation_state(invited.invitation, late) == InvitationState.EXPIRED
    with pytest.raises(BusinessError, match="14 jours"):
        services.accept_invitation(invited.code, username="kadi", password=NEW, at=late)
    assert not fresh(invited.user).has_usable_password()


def test_accept_invitation_ended_by_a_newer_one(network):
    first = invite(network)
    second = services.invite_again(first.user, by=network.admin)
    with pytest.raises(BusinessError, match="remplace"):
        services.accept_invitation(first.code, username="kadi", password=NEW)
    assert services.accept_invitation(second.code, username="kadi", password=NEW).has_usable_password()


@pytest.mark.parametrize("code", ["", "AAAA", "AAAABBBBCCCC", "é" * 12, "A" * 400, "AAAABBBBCCCC\x00"])
def test_accept_invitation_forged(network, code):
    invite(network)
    with pytest.raises(BusinessError) as refusal:
        services.accept_invitation(code, username="kadi", password=NEW)
    assert refusal.value.field == "code"


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [
        ("hé", NEW, "username"),
        ("claire", NEW, "username"),
        ("kadi", "court", "password"),
        ("kadi", "password123", "password"),
    ],
)
def test_accept_invitation_bad_input_keeps_the_invitation(network, username, password, field):
    make_user(username="claire")
    invited = invite(network)
    with pytest.raises(BusinessError) as refusal:
        services.accept_invitation(invited.code, username=username, password=password)
    assert refusal.value.field == field
    assert services.accept_invitation(invited.code, username="kadi", password=NEW)


def test_accept_invitation_ends_what_opened_the_account_before(network):
    browser = Client()
    browser.post("/accounts/login/", {"login": network.adviser.username, "password": PASSWORD})
    Authenticator.objects.create(user=network.adviser, type="totp", data={"secret": "x"})
    again = services.invite_again(network.adviser, by=network.admin)
    assert UserSession.objects.filter(user=network.adviser).count() == 1
    services.accept_invitation(again.code, username=network.adviser.username, password=NEW)
    assert UserSession.objects.filter(user=network.adviser).count() == 0
    assert Authenticator.objects.count() == 0
    assert not fresh(network.adviser).check_password(PASSWORD)
    assert browser.get("/accounts/me/").status_code == 302


# ---------- roles ----------


def test_give_role_twice_is_one(network):
    first = services.give_role(network.adviser, Role.VOLUNTEER, network.wazemmes, by=network.admin)
    assert services.give_role(network.adviser, Role.VOLUNTEER, network.wazemmes, by=network.admin) == first
    assert verbs() == ["role.give"]


def test_end_role_keeps_the_last_role_and_the_last_administrator(network):
    only = network.adviser.memberships.get()
    with pytest.raises(BusinessError, match="seul rôle"):
        services.end_role(only, by=network.admin)
    services.give_role(network.admin, Role.ADVISER, network.wazemmes, by=network.admin)
    administers = network.admin.memberships.get(role=Role.ADMINISTRATOR)
    with pytest.raises(BusinessError, match="dernière personne"):
        services.end_role(administers, by=network.admin)
    services.give_role(network.adviser, Role.ADMINISTRATOR, network.root, by=network.admin)
    assert services.end_role(administers, by=network.admin).ended_at is not None
    assert fresh(network.admin).current_memberships[0].role == Role.ADVISER


# ---------- leaving ----------


def test_close_account_ends_everything_at_once(network):
    browser = Client()
    browser.post("/accounts/login/", {"login": network.adviser.username, "password": PASSWORD})
    assert browser.get("/accounts/me/").status_code == 200
    Authenticator.objects.create(user=network.adviser, type="totp", data={"secret": "x"})
    waiting = services.invite_again(network.adviser, by=network.admin)
    heard = []

    def hear(sender, **kwargs):
        roles = [each.role for each in fresh(kwargs["user"]).current_memberships]
        heard.append((kwargs["user"].pk, kwargs["handed_to"], str(kwargs["by"]), roles))

    account_closing.connect(hear)
    try:
        services.close_account(network.adviser, handed_to=network.lille_admin, by=network.admin)
    finally:
        account_closing.disconnect(hear)
    user = fresh(network.adviser)
    assert heard == [(user.pk, network.lille_admin, str(network.admin.actor), [Role.ADVISER])]
    assert (user.is_active, user.current_memberships, user.has_usable_password()) == (False, [], False)
    assert (Authenticator.objects.count(), UserSession.objects.count()) == (0, 0)
    assert browser.get("/accounts/me/").status_code == 302
    assert browser.post("/accounts/login/", {"login": user.username, "password": PASSWORD}).status_code == 200
    with pytest.raises(BusinessError):
        services.accept_invitation(waiting.code, username="helene", password=NEW)
    assert verbs()[-1] == "account.close"


def test_close_account_never_the_last_administrator(network):
    with pytest.raises(BusinessError, match="dernière personne"):
        services.close_account(network.admin, by=network.admin)
    assert fresh(network.admin).is_active
    # One who never opened her account cannot administer it.
    invite(network, node=network.root, role=Role.ADMINISTRATOR)
    with pytest.raises(BusinessError, match="dernière personne"):
        services.close_account(network.admin, by=network.admin)
    make_user(Role.ADMINISTRATOR, network.root, "Nadia")
    assert services.close_account(network.admin, by=network.admin).closed_at is not None


def test_close_account_handed_to_someone_who_left(network):
    services.close_account(network.lyon_adviser, by=network.admin)
    with pytest.raises(BusinessError) as refusal:
        services.close_account(network.adviser, handed_to=fresh(network.lyon_adviser), by=network.admin)
    assert (refusal.value.field, fresh(network.adviser).is_active) == ("handed_to", True)


def test_close_account_when_a_reaction_fails_nothing_is_written(network):
    def fail(sender, **kwargs):
        raise BusinessError("no")

    account_closing.connect(fail)
    try:
        with pytest.raises(BusinessError):
            services.close_account(network.adviser, by=network.admin)
    finally:
        account_closing.disconnect(fail)
    assert (fresh(network.adviser).is_active, verbs()) == (True, [])


# ---------- the installation ----------


def test_open_installation_only_when_empty(db):
    details = {"association": "Les Passeurs", "city": "Lille", "first_name": "Claire", "last_name": ""}
    node, user = services.open_installation(**details, username="claire", password=NEW)
    assert (node.kind, user.memberships.get().role, queries.installation().name) == (
        "network",
        Role.ADMINISTRATOR,
        "Les Passeurs",
    )
    with pytest.raises(Conflict):
        services.open_installation(**details, username="other", password=NEW)
    assert User.objects.count() == 1


def test_demonstration_accounts_only_in_a_demonstration(network):
    here = queries.installation()
    here.set_up_answers = {"demo_accounts": [network.adviser.username, "nobody", network.admin.username]}
    here.save()
    assert queries.demonstration_accounts() == []
    here.is_demonstration = True
    here.save()
    assert [each.name for each in queries.demonstration_accounts()] == ["Hélène", "Claire"]
    services.close_account(network.adviser, by=Actor.system("test"))
    assert [each.name for each in queries.demonstration_accounts()] == ["Claire"]
