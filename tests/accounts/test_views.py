"""The pages of accounts."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bagage.accounts import services
from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Invitation, Organisation, User
from tests.accounts.factories import fresh, make_user

NEW = "des pommes et des poires"


@pytest.fixture(autouse=True)
def _no_count_of_tries(db):
    cache.clear()


@pytest.fixture
def admin(network, client):
    """A browser in which the administrator of the network is signed in."""
    client.force_login(network.admin)
    return client


@pytest.fixture
def lille(network, client):
    """A browser in which the administrator of Lille is signed in."""
    client.force_login(network.lille_admin)
    return client


# ---------- invitations ----------


def test_invitation_from_the_page_to_the_account(network, admin, client):
    page = admin.post(
        "/accounts/staff/invite/",
        {"first_name": "Kadi", "role": "adviser", "node": network.wazemmes.uuid},
        follow=True,
    )
    code = page.context["code"]
    assert re.fullmatch(r"\w{3} \w{3} \w{3} \w{3}", code)
    pdf = admin.get(page.request["PATH_INFO"].rstrip("/") + ".pdf")
    assert (pdf["Content-Type"], pdf.content[:4]) == ("application/pdf", b"%PDF")
    admin.logout()
    typed = client.post("/accounts/invitation/", {"code": code.lower()})
    assert client.get(typed.url).context["form"].initial["username"] == "kadi"
    refused = client.post(typed.url, {"username": "kadi", "password": NEW, "again": "autre"})
    assert list(refused.context["form"].errors) == ["again"]
    assert client.post(typed.url, {"username": "kadi", "password": NEW, "again": NEW}).status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(username="kadi").pk)
    client.logout()
    dead = client.get(typed.url)
    assert dead.status_code == 404
    assert "déjà servi" in dead.content.decode()


def test_invitation_sheet_is_not_for_another_administrator(network, admin, client):
    page = admin.post(
        "/accounts/staff/invite/",
        {"first_name": "Kadi", "role": "adviser", "node": network.wazemmes.uuid},
        follow=True,
    )
    sheet = page.request["PATH_INFO"]
    client.force_login(network.lille_admin)
    assert client.get(sheet).status_code == 404


def test_invitation_code_is_tried_a_few_times_only(network, client):
    statuses = [
        client.post("/accounts/invitation/", {"code": "AAA BBB CCC DDD"}).status_code for _ in range(12)
    ]
    assert statuses == [404] * 10 + [429] * 2
    # A link counts too, and a good code is not stopped by what others tried.
    assert client.get("/accounts/invitation/AAAABBBBCCCC/").status_code == 429
    invited = services.invite(first_name="Kadi", role=Role.ADVISER, node=network.wazemmes, by=network.admin)
    assert client.post("/accounts/invitation/", {"code": invited.code}).status_code == 302


def test_invite_refused_keeps_what_was_typed(network, lille):
    page = lille.post(
        "/accounts/staff/invite/",
        {
            "first_name": "Kadi",
            "role": "adviser",
            "node": network.guillotiere.uuid,
            "email": "kadi@example.org",
        },
    )
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["node"])
    assert page.context["form"]["email"].value() == "kadi@example.org"
    assert not Invitation.objects.exists()


# ---------- staff ----------


def test_staff_lists_only_ones_scope(network, lille):
    names = [row[0] for row in lille.get("/accounts/staff/").context["table"].rows]
    assert [re.sub("<[^>]+>", "", name).strip() for name in names] == ["Hélène", "Omar"]


def cost(client, path):
    """How many queries a page makes."""
    with CaptureQueriesContext(connection) as made:
        assert client.get(path).status_code == 200
    return len(made)


@pytest.mark.parametrize("path", ["/accounts/staff/", "/accounts/organisations/", "/accounts/staff/invite/"])
def test_lists_cost_the_same_at_one_and_three_rows_more(network, admin, path):
    costs = []
    for more in (1, 2):
        for number in range(more):
            node = services.add_organisation(
                network.lille, kind="permanence", name=f"Lieu {more}{number}", by=network.admin
            )
            services.invite(first_name="Kadi", role=Role.ADVISER, node=node, by=network.admin)
        costs.append(cost(admin, path))
    assert costs[0] == costs[1] <= 12


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=hél", ["Hélène"]),
        ("role=administrator", ["Claire", "Omar"]),
        ("place={lyon}", ["Solenne"]),
        ("state=waiting", ["Kadi"]),
        ("state=closed", ["Ancien"]),
        ("state=open", ["Claire", "Hélène", "Omar", "Solenne"]),
        ("role=x&place=y&state=z&sort=w&page=-1", ["Ancien", "Claire", "Hélène", "Kadi", "Omar", "Solenne"]),
    ],
)
def test_staff_filters(network, admin, query, names):
    services.invite(first_name="Kadi", role=Role.ADVISER, node=network.wazemmes, by=network.admin)
    left = make_user(Role.ADVISER, network.wazemmes, "Ancien")
    services.close_account(left, by=network.admin)
    page = admin.get(f"/accounts/staff/?{query.format(lyon=network.lyon.uuid)}")
    found = [re.sub("<[^>]+>", "", row[0]).strip() for row in page.context["table"].rows]
    assert found == names


def test_staff_export_has_the_same_rows(network, lille):
    csv = b"".join(lille.get("/accounts/staff/?export=csv").streaming_content).decode("utf-8-sig")
    assert [line.split(";")[0].strip('"') for line in csv.splitlines()] == ["Nom", "Hélène", "Omar"]


def test_staff_member_out_of_scope_is_not_there(network, lille):
    for path in ("", "edit/", "close/", "invitation/sheet/"):
        assert lille.get(f"/accounts/staff/{network.lyon_adviser.uuid}/{path}").status_code == 404
    for path in ("roles/", "invitation/"):
        assert lille.post(f"/accounts/staff/{network.lyon_adviser.uuid}/{path}").status_code == 404
    ended = network.lyon_adviser.memberships.get()
    assert lille.post(f"/accounts/roles/{ended.uuid}/end/").status_code == 404


def test_staff_member_with_a_role_elsewhere_cannot_be_taken_over(network, lille):
    """A new invitation opens the whole account: its roles must all be in one's scope."""
    services.give_role(network.adviser, Role.PROGRAMME_LEAD, network.root, by=network.admin)
    uuid = network.adviser.uuid
    assert lille.get(f"/accounts/staff/{uuid}/").status_code == 200
    assert lille.get(f"/accounts/staff/{uuid}/edit/").status_code == 403
    assert lille.get(f"/accounts/staff/{uuid}/close/").status_code == 403
    assert lille.post(f"/accounts/staff/{uuid}/invitation/").status_code == 403
    above = network.adviser.memberships.get(role=Role.PROGRAMME_LEAD)
    assert lille.post(f"/accounts/roles/{above.uuid}/end/").status_code == 404
    assert Invitation.objects.count() == 0


def test_role_give_and_end_on_the_page(network, lille):
    uuid = network.adviser.uuid
    assert (
        lille.post(
            f"/accounts/staff/{uuid}/roles/", {"role": "volunteer", "node": network.wazemmes.uuid}
        ).status_code
        == 302
    )
    refused = lille.post(f"/accounts/staff/{uuid}/roles/", {"role": "adviser", "node": network.root.uuid})
    assert (refused.status_code, list(refused.context["role_form"].errors)) == (422, ["node"])
    given = network.adviser.memberships.get(role=Role.VOLUNTEER)
    lille.post(f"/accounts/roles/{given.uuid}/end/")
    assert [each.role for each in fresh(network.adviser).current_memberships] == ["adviser"]


def test_staff_edit_changes_the_mail_once_an_account(network, lille):
    make_user(email="kadi@example.org")
    path = f"/accounts/staff/{network.adviser.uuid}/edit/"
    refused = lille.post(path, {"first_name": "Hélène", "email": "Kadi@example.org"})
    assert list(refused.context["form"].errors) == ["email"]
    assert lille.post(path, {"first_name": "Hélène", "email": "helene@example.org"}).status_code == 302
    assert fresh(network.adviser).email == "helene@example.org"


def test_staff_close_says_what_it_does_then_does_it(network, lille):
    colleague = make_user(Role.ADVISER, network.wazemmes, "Kadi")
    path = f"/accounts/staff/{network.adviser.uuid}/close/"
    page = lille.get(path)
    offered = [str(value) for value, _label in page.context["form"].fields["handed_to"].choices]
    assert offered == ["", str(colleague.uuid)]
    refused = lille.post(path, {"handed_to": network.lyon_adviser.uuid})
    assert (refused.status_code, fresh(network.adviser).is_active) == (422, True)
    assert lille.post(path, {"handed_to": colleague.uuid}).url == "/accounts/staff/"
    assert not fresh(network.adviser).is_active


def test_staff_close_the_last_administrator_is_refused_on_the_page(network, admin):
    services.close_account(network.lille_admin, by=network.admin)
    path = f"/accounts/staff/{network.admin.uuid}/close/"
    assert admin.get(path).context["is_last"] is True
    refused = admin.post(path, {"handed_to": ""})
    assert (refused.status_code, fresh(network.admin).is_active) == (422, True)


# ---------- organisations ----------


def test_organisations_officer_runs_only_who_refers(network, client):
    officer = make_user(Role.LOCAL_OFFICER, network.lille, "Pamela")
    client.force_login(officer)
    lines = client.get("/accounts/organisations/").context["lines"]
    assert [(line["node"].name, line["may_run"]) for line in lines] == [
        ("Lille", False),
        ("Wazemmes", False),
        ("CCAS de Lille", True),
    ]
    path = f"/accounts/organisations/{network.lille.uuid}/add/"
    assert client.post(path, {"kind": "permanence", "name": "Moulins"}).status_code == 422
    assert (
        client.post(path, {"kind": "partner", "name": "Emmaüs", "phone": "03 53 01 12 34"}).status_code == 302
    )
    assert Organisation.objects.get(name="Emmaüs").phone == "+33353011234"
    assert client.get(f"/accounts/organisations/{network.wazemmes.uuid}/").status_code == 403
    assert client.get(f"/accounts/organisations/{network.lyon.uuid}/").status_code == 404
    assert client.get("/accounts/staff/").status_code == 403


def test_organisation_edit_bad_phone_keeps_what_was_typed(network, admin):
    path = f"/accounts/organisations/{network.ccas.uuid}/"
    page = admin.post(path, {"name": "CCAS", "phone": "03 20"})
    assert (list(page.context["form"].errors), page.context["form"]["name"].value()) == (["phone"], "CCAS")


def test_organisation_close_refused_says_why(network, admin):
    page = admin.post(f"/accounts/organisations/{network.wazemmes.uuid}/close/")
    assert page.status_code == 422
    assert "encore un rôle" in page.content.decode()
    assert admin.post(f"/accounts/organisations/{network.ccas.uuid}/close/").status_code == 302
    assert admin.post(f"/accounts/organisations/{network.ccas.uuid}/reopen/").status_code == 302


# ---------- one's own account ----------


def test_me_changes_words_but_never_the_mail(network, client):
    client.force_login(network.adviser)
    client.post(
        "/accounts/me/",
        {"first_name": "Hélène", "title": "conseillère", "language": "en", "email": "x@example.org"},
    )
    user = fresh(network.adviser)
    assert (user.title, user.language, user.email) == ("conseillère", "en", "")


def test_me_answers_in_the_language_that_was_just_chosen(network, client):
    client.force_login(network.adviser)
    page = client.post(
        "/accounts/me/", {"first_name": "Hélène", "language": "en"}, follow=True
    ).content.decode()
    assert ("Noted." in page, "C’est noté" in page) == (True, False)


def test_session_cookie_that_holds_nul_opens_nothing(network, client):
    client.cookies["sessionid"] = "abcdefghijklmnop\0x"
    assert client.get("/accounts/me/").status_code == 302


def test_me_advises_a_second_step_to_who_administers(network, client, admin):
    assert admin.get("/accounts/me/").context["advise_second_step"] is True
    client.force_login(network.adviser)
    assert client.get("/accounts/me/").context["advise_second_step"] is False
