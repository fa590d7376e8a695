"""Tokens with which a program asks in someone's name."""

import re
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bagage.accounts import queries, services
from bagage.accounts.domain.roles import Role
from bagage.accounts.domain.tokens import SHAPE, TokenState
from bagage.accounts.models import ApiToken
from bagage.common.errors import BusinessError, Conflict
from bagage.trail.models import Entry
from tests.accounts.factories import PASSWORD, make_user

TODAY = date(2026, 11, 26)


def sign_in(client, user):
    """In, and asked for the password once more."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.fixture
def made(network, clock):
    return services.make_api_token(
        network.adviser, name="Tableau du soir", ends_on=TODAY + timedelta(days=30), by=network.adviser
    )


def test_token_opens_its_owner_and_only_its_hash_is_kept(network, made):
    assert SHAPE.fullmatch(made.secret)
    assert services.user_of_api_token(made.secret) == network.adviser
    row = ApiToken.objects.values().get()
    assert [value for value in row.values() if made.secret in str(value)] == []
    assert row["last_used_on"] == TODAY


def test_token_is_trailed_when_made_and_when_revoked_without_its_secret(network, made):
    services.revoke_api_token(made.token, by=network.adviser)
    services.revoke_api_token(made.token, by=network.adviser)
    entries = Entry.objects.filter(thing=f"token:{made.token.uuid}").order_by("pk")
    assert [(each.verb, each.actor, each.reason) for each in entries] == [
        (verb, str(network.adviser.actor), f"user:{network.adviser.uuid}")
        for verb in ("token.make", "token.revoke")
    ]


@pytest.mark.parametrize("secret", ["", "bagage_", "bagage_" + "A" * 43, "Bearer", "é" * 50])
def test_forged_token_opens_nothing(made, secret, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        assert services.user_of_api_token(secret) is None


def test_token_ends_after_its_last_day(network, made, clock):
    clock.move(days=30)
    assert services.user_of_api_token(made.secret) == network.adviser
    clock.move(days=1)
    assert services.user_of_api_token(made.secret) is None
    assert queries.api_token_state(ApiToken.objects.get()) is TokenState.ENDED


def test_revoked_token_opens_nothing(network, made):
    services.revoke_api_token(made.token, by=network.adviser)
    assert services.user_of_api_token(made.secret) is None
    assert list(queries.live_api_tokens(network.adviser)) == []


def test_tokens_end_with_the_account_and_with_a_new_invitation(network, made):
    other = services.make_api_token(network.lyon_adviser, name="Autre", ends_on=TODAY, by=network.admin)
    services.close_account(network.adviser, by=network.admin)
    assert services.user_of_api_token(made.secret) is None
    invited = services.invite_again(network.lyon_adviser, by=network.admin)
    assert services.user_of_api_token(other.secret) == network.lyon_adviser
    services.accept_invitation(invited.code, username="solenne", password="des pommes et des poires")
    assert services.user_of_api_token(other.secret) is None


@pytest.mark.parametrize("days", [-1, 367])
def test_token_ends_within_a_year(network, clock, days):
    with pytest.raises(BusinessError) as refusal:
        services.make_api_token(
            network.adviser, name="Tableau", ends_on=TODAY + timedelta(days=days), by=network.adviser
        )
    assert (refusal.value.field, ApiToken.objects.count()) == ("ends_on", 0)


def test_token_needs_a_name_of_its_own(network, made):
    for name, field in ((" ", "name"), ("tableau DU soir", "name")):
        with pytest.raises(BusinessError) as refusal:
            services.make_api_token(network.adviser, name=name, ends_on=TODAY, by=network.adviser)
        assert refusal.value.field == field
    services.revoke_api_token(made.token, by=network.adviser)
    services.make_api_token(network.adviser, name="Tableau du soir", ends_on=TODAY, by=network.adviser)


def test_account_holds_ten_live_tokens(network, clock):
    for number in range(10):
        services.make_api_token(network.adviser, name=str(number), ends_on=TODAY, by=network.adviser)
    with pytest.raises(BusinessError):
        services.make_api_token(network.adviser, name="onze", ends_on=TODAY, by=network.adviser)
    clock.move(days=1)
    services.make_api_token(
        network.adviser, name="onze", ends_on=TODAY + timedelta(days=1), by=network.adviser
    )
    assert ApiToken.objects.count() == 11


def test_who_only_refers_gets_no_token(network, clock):
    referrer = make_user(Role.REFERRER, network.ccas, "Nadia")
    with pytest.raises(BusinessError):
        services.make_api_token(referrer, name="Tableau", ends_on=TODAY, by=referrer)
    assert ApiToken.objects.count() == 0


def test_tokens_page_shows_a_secret_once(client, network, clock):
    sign_in(client, network.adviser)
    answer = client.post("/accounts/me/tokens/", {"name": "Tableau", "ends_on": "2026-12-31"})
    [secret] = set(re.findall(SHAPE.pattern, answer.content.decode()))
    assert services.user_of_api_token(secret) == network.adviser
    assert secret not in client.get("/accounts/me/tokens/").content.decode()
    again = client.post("/accounts/me/tokens/", {"name": "Tableau", "ends_on": "2026-12-31"})
    assert (again.status_code, ApiToken.objects.count()) == (422, 1)


def test_tokens_page_asks_for_the_password_again_and_goes_on_with_what_was_typed(client, network, clock):
    client.force_login(network.adviser, backend="allauth.account.auth_backends.AuthenticationBackend")
    asked = client.post("/accounts/me/tokens/", {"name": "Tableau", "ends_on": "2026-12-31"})
    assert asked.headers["Location"].partition("?")[0] == "/accounts/reauthenticate/"
    assert ApiToken.objects.count() == 0
    client.post(asked.headers["Location"], {"password": PASSWORD})
    assert ApiToken.objects.get().name == "Tableau"


def test_token_of_someone_else_is_not_found(client, network, made):
    sign_in(client, network.lyon_adviser)
    assert client.get("/accounts/me/tokens/").context["tokens"].count() == 0
    assert client.post(f"/accounts/me/tokens/{made.token.uuid}/revoke/").status_code == 404
    assert services.user_of_api_token(made.secret) == network.adviser


def test_own_token_is_revoked(client, network, made):
    client.force_login(network.adviser, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(f"/accounts/me/tokens/{made.token.uuid}/revoke/").status_code == 302
    assert services.user_of_api_token(made.secret) is None


def test_make_api_token_prints_a_token_that_opens(network, capsys):
    call_command("make_api_token", network.adviser.username, "report")
    secret = re.search(r"Token: (\S+)", capsys.readouterr().out)[1]
    assert services.user_of_api_token(secret) == network.adviser
    assert ApiToken.objects.get().ends_on == timezone.localdate() + timedelta(days=90)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["personne", "report"], "no account has this user name"),
        (["", "report"], "no account has this user name"),
        (["{}", "report", "--ends-on", "soon"], "--ends-on must be a day such as 2027-01-31, not 'soon'."),
        (["{}", "report", "--ends-on", "2020-01-01"], "ends_on: "),
        (["{}", ""], "name: "),
    ],
)
def test_make_api_token_refuses_with_the_place_and_the_rule(network, arguments, said):
    with pytest.raises(CommandError) as refusal:
        call_command("make_api_token", *(each.format(network.adviser.username) for each in arguments))
    assert said in str(refusal.value)
    assert (refusal.value.returncode, ApiToken.objects.count()) == (2, 0)


def test_same_name_at_once_makes_one_token(network, made):
    with pytest.raises(Conflict):
        services.make_api_token(network.adviser, name="Tableau du soir", ends_on=TODAY, by=network.adviser)
