"""Signing in, the second step, a forgotten password, a desk left alone."""

import os
import re
import subprocess
import sys
import time
from types import SimpleNamespace

import jwt
import pytest
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import RequestFactory

from bagage.accounts import queries, services
from bagage.accounts.adapter import SocialAccountAdapter, unwrap_userinfo
from bagage.accounts.domain.roles import Role
from bagage.accounts.middleware import LAST_SEEN
from bagage.messaging.models import Message, Transport
from bagage.trail.models import Entry
from tests.accounts.factories import PASSWORD, fresh, make_user

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _no_count_of_tries(db):
    cache.clear()


def sign_in(client, user, password=PASSWORD, **more):
    return client.post(
        LOGIN, {"login": user if isinstance(user, str) else user.username, "password": password, **more}
    )


# ---------- user name or e-mail, and password ----------


def test_login_by_user_name_whatever_its_capitals_or_by_mail(network, client):
    user = make_user(Role.ADVISER, network.wazemmes, username="samira", email="samira@example.org")
    for login in ("samira", "Samira", "samira@example.org", "SAMIRA@example.org"):
        assert sign_in(client, login).status_code == 302, login
        assert int(client.session["_auth_user_id"]) == user.pk
        client.logout()


def test_login_wrong_password_keeps_the_name_and_tells_nothing(network, client):
    make_user(username="samira")
    known, unknown = sign_in(client, "samira", "faux"), sign_in(client, "personne", "faux")
    assert known.context["form"]["login"].value() == "samira"
    errors = [page.context["form"].non_field_errors() for page in (known, unknown)]
    assert errors[0] == errors[1]
    assert 'value="faux"' not in known.content.decode()


def test_login_closed_account_is_not_told_apart(network, client):
    services.close_account(network.adviser, by=network.admin)
    wrong, closed = sign_in(client, "personne"), sign_in(client, network.adviser)
    assert [page.status_code for page in (wrong, closed)] == [200, 200]
    assert wrong.context["form"].errors == closed.context["form"].errors


def test_login_goes_back_to_the_page_asked_for_but_never_elsewhere(network, client):
    assert sign_in(client, network.adviser, next="/accounts/me/").url == "/accounts/me/"
    client.logout()
    assert sign_in(client, network.adviser, next="https://example.org/").url == "/"


def test_address_that_nobody_can_read_is_no_page_to_come_back_to(network, client):
    for page in (LOGIN, "/accounts/password/reset/", "/accounts/logout/"):
        assert client.get(page, {"next": "http://["}).status_code in {200, 302}, page
    assert sign_in(client, network.adviser, next="http://[").url == "/"


@pytest.mark.parametrize(
    "credential",
    [
        "9" * 4400,
        "[" * 100_000,
        '{"response":' * 1500 + "1" + "}" * 1500,
        "[]",
        '"x"',
        "1",
        "{}",
        '{"response": 1}',
        '{"response": {"userHandle": 1}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": []}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "OTk5OTk5OTk5OTk5OTk5"}}',
    ],
)
def test_passkey_that_nobody_can_read_leads_back_to_the_sign_in_page(network, client, credential):
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert (answer.status_code, answer.url) == (302, LOGIN)


def test_login_of_who_administers_goes_on_with_the_first_start(network, client):
    assert sign_in(client, network.admin).url == "/first-start/"
    services.finish_set_up(by=network.admin)
    client.logout()
    assert sign_in(client, network.admin).url == "/"


def test_login_in_the_language_of_the_account(network, client):
    services.change_account(network.adviser, language="en", by=network.adviser)
    response = sign_in(client, network.adviser)
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_login_too_many_tries_are_refused_even_with_the_right_password(network, client):
    for _ in range(5):
        sign_in(client, network.adviser, "faux")
    page = sign_in(client, network.adviser)
    assert page.status_code == 200
    assert "Trop d’essais" in str(page.context["form"].errors)


TRY = """
import django; django.setup()
from django.test import Client
from django.db import connections
page = Client().post("/accounts/login/", {"login": "samira", "password": "faux"}, headers={"host": "testserver"})
print("LIMITED" if "Trop d’essais" in page.content.decode() else "TRIED", page.status_code)
"""


@pytest.mark.django_db(transaction=True)
def test_login_tries_are_counted_over_processes(client):
    """Each try comes from a process of its own; the count is in the database."""
    from django.db import connection

    make_user(username="samira")
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        patch = f"settings.DATABASES['default']['NAME'] = {name!r}"
    else:
        patch = f"settings.DATABASES['default']['NAME'] = {name!r}; settings.DATABASES['default'].pop('TEST', None)"
    code = f"from django.conf import settings\n{patch}\n{TRY}"
    answers = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "bagage.config.settings_test", "PYTHONPATH": "src"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[0]
        for _ in range(7)
    ]
    assert answers == ["TRIED"] * 5 + ["LIMITED"] * 2


def test_demonstration_accounts_shown_only_there_and_sign_in(network, client):
    demo = make_user(Role.ADVISER, network.wazemmes, username="helene", password="demonstration")
    here = queries.installation()
    here.set_up_answers = {"demo_accounts": ["helene"]}
    here.save()
    assert "helene" not in client.get(LOGIN).content.decode()
    here.is_demonstration = True
    here.save()
    assert client.get(LOGIN).content.decode().count('name="login" value="helene"') == 1
    assert sign_in(client, demo, "demonstration").status_code == 302


def test_sign_up_and_other_pages_of_the_library_are_not_here(network, client):
    for path in ("signup/", "confirm-email/", "confirm-email/x/", "3rdparty/signup/", "login/code/confirm/"):
        assert client.get(f"/accounts/{path}").status_code == 404, path
    sign_in(client, network.adviser)
    for path in ("email/", "3rdparty/"):
        assert client.get(f"/accounts/{path}").url == "/accounts/me/"


# ---------- second step ----------


def test_paper_codes_alone_are_a_second_step(network, client, django_capture_on_commit_callbacks):
    sign_in(client, network.adviser)
    page = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/2fa/"})
    assert page.url == "/accounts/2fa/"
    with django_capture_on_commit_callbacks(execute=True):
        made = client.post("/accounts/2fa/recovery-codes/generate/")
    assert made.url == "/accounts/2fa/recovery-codes/"
    codes = Authenticator.objects.get().wrap().get_unused_codes()
    shown = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert [code in shown for code in codes] == [True] * 10
    client.logout()
    assert sign_in(client, network.adviser).url == "/accounts/2fa/authenticate/"
    assert client.get("/accounts/me/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "00000000"}).status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert client.get("/accounts/me/").status_code == 200
    client.logout()
    sign_in(client, network.adviser)
    assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200, (
        "a code serves once"
    )
    assert Entry.objects.filter(verb="account.second_step_add").count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "",
        "totp/activate/",
        "recovery-codes/generate/",
        "webauthn/",
        "webauthn/add/",
        "totp/deactivate/",
        "recovery-codes/",
    ],
)
def test_second_step_pages_open(network, client, path):
    RecoveryCodes.activate(network.adviser)
    Authenticator.objects.create(user=network.adviser, type="totp", data={"secret": "x"})
    client.force_login(network.adviser)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/me/"})
    response = client.get(f"/accounts/2fa/{path}")
    expected = 302 if path == "totp/activate/" else 200
    assert response.status_code == expected


@pytest.mark.parametrize(
    "path", ["password/change/", "sessions/", "logout/", "2fa/reauthenticate/", "reauthenticate/"]
)
def test_account_pages_open(network, client, path):
    Authenticator.objects.create(user=network.adviser, type="totp", data={"secret": "x"})
    client.force_login(network.adviser)
    assert client.get(f"/accounts/{path}").status_code == 200


def test_password_change_says_what_is_wrong_and_is_noted(network, client):
    client.force_login(network.adviser)
    new = "une autre phrase courte"
    page = client.post(
        "/accounts/password/change/", {"oldpassword": "faux", "password1": new, "password2": new}
    )
    assert list(page.context["form"].errors) == ["oldpassword"]
    page = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert page.url == "/accounts/me/"
    assert list(Entry.objects.values_list("verb", flat=True)) == ["account.password"]
    assert client.get("/accounts/me/").status_code == 200


# ---------- a forgotten password ----------


@pytest.fixture
def with_mail(now, settings):
    settings.EMAIL_BACKEND = "bagage.messaging.backend.OutboxBackend"
    Transport.objects.create(pk=1, kind="console", changed_at=now)


def test_password_reset_by_user_name_or_mail_serves_once(network, client, with_mail):
    user = make_user(Role.ADVISER, network.wazemmes, username="samira", email="samira@example.org")
    for typed in ("samira", "Samira@example.org"):
        assert client.post("/accounts/password/reset/", {"email": typed}).status_code == 302
    first, second = Message.objects.order_by("pk")
    assert (first.to, second.to) == ("samira@example.org", "samira@example.org")
    assert "samira" not in first.subject
    link = re.search(r"https?://\S+", first.body)[0]
    assert link.startswith(settings.PUBLIC_URL)
    form = client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)
    new = "une autre phrase courte"
    done = client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert done.status_code == 302
    assert fresh(user).check_password(new)
    again = client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)
    assert again.context["token_fail"] is True


def test_password_reset_answers_the_same_for_everyone(network, client, with_mail):
    make_user(username="samira", email="samira@example.org")
    make_user(username="sansmail")
    services.invite(
        first_name="Kadi",
        email="kadi@example.org",
        role=Role.ADVISER,
        node=network.wazemmes,
        by=network.admin,
    )
    Message.objects.all().delete()
    answers = set()
    for typed in ("samira", "sansmail", "personne", "x@example.org", "kadi@example.org", "kadi"):
        page = client.post("/accounts/password/reset/", {"email": typed}, follow=True)
        html = page.content.decode()
        answers.add(
            (
                page.status_code,
                tuple(page.redirect_chain),
                re.sub(r'value="[^"]{64}"|"X-CSRFToken": "[^"]+"', "", html),
            )
        )
        cache.clear()
    assert len(answers) == 1
    assert list(Message.objects.values_list("to", flat=True)) == ["samira@example.org"]


# ---------- a desk left alone ----------


def leave_alone(client, minutes):
    session = client.session
    session[LAST_SEEN] = int(time.time()) - minutes * 60
    session.save()


def test_idle_session_closes_and_comes_back_to_the_page(network, client):
    client.force_login(network.adviser)
    leave_alone(client, settings.IDLE_MINUTES + 1)
    response = client.get("/accounts/me/?a=1")
    assert response.url == f"{LOGIN}?next=%2Faccounts%2Fme%2F%3Fa%3D1"
    page = client.get(response.url)
    assert [str(each) for each in page.context["messages"]] == [
        "15 minutes sans rien faire\u00a0: Bagage s’est fermé. Ce que vous avez tapé est gardé."
    ]
    assert client.get("/accounts/me/").status_code == 302


def test_idle_session_of_a_form_comes_back_to_its_page(network, client):
    client.force_login(network.adviser)
    leave_alone(client, settings.IDLE_MINUTES + 1)
    response = client.post("/accounts/me/", {}, headers={"referer": "http://testserver/accounts/me/?x=2"})
    assert response.url == f"{LOGIN}?next=%2Faccounts%2Fme%2F%3Fx%3D2"
    client.force_login(network.adviser)
    leave_alone(client, settings.IDLE_MINUTES + 1)
    assert client.post("/accounts/me/", {}, headers={"referer": "https://example.org/x"}).url == LOGIN


def test_idle_session_of_htmx_leads_the_whole_page_to_sign_in(network, client):
    client.force_login(network.adviser)
    leave_alone(client, settings.IDLE_MINUTES + 1)
    response = client.get(
        "/accounts/staff/", headers={"hx-request": "true", "hx-current-url": "http://testserver/accounts/me/"}
    )
    assert (response.status_code, response["HX-Redirect"]) == (204, f"{LOGIN}?next=%2Faccounts%2Fme%2F")


def test_form_sent_without_a_session_comes_back_to_its_page(network, client):
    page = "http://testserver/accounts/me/?x=2"
    response = client.post("/accounts/here/", {}, headers={"referer": page})
    assert response.url == f"{LOGIN}?next=%2Faccounts%2Fme%2F%3Fx%3D2"
    response = client.post("/accounts/here/", {}, headers={"hx-request": "true", "hx-current-url": page})
    assert (response.status_code, response["HX-Redirect"]) == (
        204,
        f"{LOGIN}?next=%2Faccounts%2Fme%2F%3Fx%3D2",
    )
    assert client.post("/accounts/here/", {}, headers={"referer": "https://example.org/x"}).url == LOGIN
    assert client.get("/accounts/me/?a=1").url == f"{LOGIN}?next=/accounts/me/%3Fa%3D1"


def test_idle_session_on_a_public_page_just_ends(network, client):
    client.force_login(network.adviser)
    leave_alone(client, settings.IDLE_MINUTES + 1)
    assert client.get("/help/").status_code == 200
    assert "_auth_user_id" not in client.session


def test_active_session_writes_at_most_once_a_minute(network, client, django_assert_num_queries):
    client.force_login(network.adviser)
    seen = client.session[LAST_SEEN]
    client.get("/accounts/me/")
    assert client.session[LAST_SEEN] == seen
    leave_alone(client, 2)
    client.get("/accounts/me/?poll=1")
    assert client.session[LAST_SEEN] < seen, "a page that refreshes itself is no click"
    client.get("/accounts/me/")
    assert client.session[LAST_SEEN] >= seen


def test_typing_counts_as_being_there(network, client):
    client.force_login(network.adviser)
    leave_alone(client, 10)
    assert client.get("/accounts/here/").status_code == 204
    assert time.time() - client.session[LAST_SEEN] < 5
    page = client.get("/accounts/me/").content.decode()
    assert 'data-idle="15" data-here="/accounts/here/"' in page


# ---------- a partner's identity ----------


def identity(emails, user=None):
    """What comes back from a provider: e-mails, each with whether it is verified."""
    from allauth.account.models import EmailAddress

    account = SocialAccount(provider="proconnect", uid="sub-1", extra_data={})
    account.get_provider = lambda: SimpleNamespace(app=SimpleNamespace(settings=account.settings))
    account.settings = {}
    login = SocialLogin(
        user=user, account=account, email_addresses=[EmailAddress(email=e, verified=v) for e, v in emails]
    )
    login.connected = None
    login.connect = lambda request, owner: setattr(login, "connected", owner)
    return login


def arrive(login):
    request = RequestFactory().get("/")
    request.session = {}
    request.user = SimpleNamespace(is_authenticated=False)
    return SocialAccountAdapter().pre_social_login(request, login)


def test_identity_opens_the_account_of_the_same_verified_mail(network):
    user = make_user(email="samira@example.org")
    login = identity([("Samira@example.org", True)])
    arrive(login)
    assert login.connected == user


@pytest.mark.parametrize(
    "emails", [[("samira@example.org", False)], [("other@example.org", True)], [], [("", True)]]
)
def test_identity_never_makes_an_account_nor_trusts_a_mail_that_is_not_verified(network, emails):
    make_user(email="samira@example.org")
    make_user(email="")
    login = identity(emails)
    with pytest.raises(ImmediateHttpResponse) as refusal:
        arrive(login)
    assert (refusal.value.response.status_code, login.connected) == (403, None)


def test_identity_of_a_closed_account_is_refused(network):
    user = make_user(Role.ADVISER, network.wazemmes, email="samira@example.org")
    services.close_account(user, by=network.admin)
    with pytest.raises(ImmediateHttpResponse):
        arrive(identity([("samira@example.org", True)]))


def test_identity_of_a_provider_that_only_knows_verified_mails(network):
    user = make_user(email="samira@example.org")
    login = identity([("samira@example.org", False)])
    login.account.settings["email_is_verified"] = True
    arrive(login)
    assert login.connected == user


def test_userinfo_as_a_signed_token_reads_as_json():
    response = requests.Response()
    response.status_code = 200
    response.headers["Content-Type"] = "application/jwt; charset=utf-8"
    response._content = jwt.encode(
        {"sub": "1", "email": "a@example.org"}, "k" * 32, algorithm="HS256"
    ).encode()
    assert unwrap_userinfo(response).json() == {"sub": "1", "email": "a@example.org"}


def test_messages_of_the_library_are_ours(network, client):
    response = sign_in(client, network.adviser)
    assert [str(each) for each in get_messages(response.wsgi_request)] == []
