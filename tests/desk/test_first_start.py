"""The first start, from an empty installation to the first appointment that can be given."""

from datetime import time, timedelta

import pytest
from django.core.cache import cache

from bagage.accounts import queries, services
from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Organisation, User
from bagage.desk import first_start as asked
from bagage.messaging.models import Transport
from bagage.permanences.models import OpeningBlock, Site
from bagage.permanences.queries import free_slots
from bagage.trail.models import Entry
from tests.accounts.factories import Network, make_user

PAGE = "/first-start/"
NEW = "les canards du canal"
FIRST = {
    "name": "Les Passeurs du Canal",
    "city": "Lille",
    "first_name": "Claire",
    "last_name": "",
    "username": "claire",
    "password": NEW,
    "again": NEW,
    "email": "",
}
PLACE = {
    "step": "site",
    "name": "Wazemmes",
    "address": "31 rue des Sarrazins",
    "town": "59000 Lille",
    "phone": "03 53 01 12 34",
    "computers": "6",
}
HOURS = {
    "step": "hours",
    "open_0": "on", "a_0": "9 h 00", "b_0": "12h30", "c_0": "14:00", "d_0": "17 h",
    "open_3": "on", "a_3": "9", "b_3": "12.30",
    "a_5": "9 h", "b_5": "12 h",
}  # fmt: skip
PEOPLE = {
    "step": "people",
    "also_me": "on",
    "people-TOTAL_FORMS": "3",
    "people-INITIAL_FORMS": "0",
    "people-0-first_name": "Kadi",
    "people-0-role": "adviser",
    "people-1-first_name": "Noé",
    "people-1-role": "receptionist",
    "people-1-email": "noe@example.org",
}
MESSAGES = {"step": "messages", "kind": "paper"}


@pytest.fixture(autouse=True)
def _empty(db, settings, tmp_path):
    cache.clear()
    settings.BAGAGE_HOME = tmp_path


def answers():
    return queries.installation().set_up_answers


@pytest.fixture
def claire(client):
    """A browser in which the first question was answered."""
    assert client.post(PAGE, FIRST).status_code == 302
    return client


def test_first_start_everything_leads_there_while_empty(client):
    for path in ("/", "/accounts/login/", "/accounts/invitation/", "/accounts/staff/"):
        assert client.get(path, follow=True).request["PATH_INFO"] == PAGE, path
    for path in ("/help/", "/rights/", "/ping"):
        assert client.get(path).status_code in {200, 204}, path
    assert client.get("/nothing/").status_code == 404


def test_first_start_end_to_end(client, clock):
    response = client.post(PAGE, FIRST)
    assert response.status_code == 302
    node, user = Organisation.objects.get(), User.objects.get()
    assert (node.kind, node.name, user.memberships.get().role) == (
        "network",
        "Les Passeurs du Canal",
        "administrator",
    )

    assert client.get(PAGE).context["step"] == "site"
    client.post(PAGE, PLACE)
    site = Site.objects.get()
    assert (site.organisation.name, site.city, site.postcode, site.commune_code) == (
        "Wazemmes",
        "Lille",
        "59000",
        "59350",
    )
    assert (site.phone, site.computers, site.latitude is not None) == ("+33353011234", 6, True)

    assert client.get(PAGE).context["step"] == "hours"
    client.post(PAGE, HOURS)
    site.refresh_from_db()
    assert site.hours == "Mo 09:00-12:30,14:00-17:00; Th 09:00-12:30; PH off"
    assert not OpeningBlock.objects.exists()

    page = client.get(PAGE)
    assert page.context["step"] == "people"
    assert page.context["first_appointment"] == "lundi 30 novembre, 9\u00a0h, si quelqu’un reçoit."
    client.post(PAGE, PEOPLE)
    roles = {each.user.first_name: each.role for each in site.organisation.memberships.select_related("user")}
    assert roles == {"Claire": "adviser", "Kadi": "adviser", "Noé": "receptionist"}
    # Monday morning and afternoon, Thursday morning, over four weeks; the Thursday of today is half over at 10 h.
    assert OpeningBlock.objects.filter(adviser__first_name="Kadi").count() == 11
    page = client.get(PAGE)
    assert (page.context["step"], page.context["first_appointment"]) == (
        "messages",
        "lundi 30 novembre, 9\u00a0h.",
    )

    response = client.post(PAGE, MESSAGES)
    assert response.url == "/"
    assert client.get("/", follow=True).request["PATH_INFO"] == "/today/"
    assert queries.installation().set_up_at == clock.now()
    assert Transport.objects.get().kind == "paper"
    # Monday: 7 slots of half an hour in the morning, 6 in the afternoon, for two advisers.
    monday = clock.now() + timedelta(days=3)
    assert len(free_slots(site, start=monday, end=monday + timedelta(days=2), now=clock.now())) == 26
    assert Entry.objects.filter(verb="installation.set_up").count() == 1
    assert client.get(PAGE).url == "/"


@pytest.mark.parametrize(
    ("field", "value", "at_fault"),
    [
        ("name", " ", "name"),
        ("username", "clé", "username"),
        ("password", "court", "password"),
        ("again", "autre chose", "again"),
        ("email", "claire@", "email"),
    ],
)
def test_first_question_bad_input_writes_nothing_and_keeps_what_was_typed(client, field, value, at_fault):
    page = client.post(PAGE, {**FIRST, field: value, **({"again": value} if field == "password" else {})})
    assert (page.status_code, list(page.context["form"].errors)) == (422, [at_fault])
    assert page.context["form"]["city"].value() == "Lille"
    assert (User.objects.count(), Organisation.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "visitor",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_first_question_from_afar_needs_the_key(client, visitor):
    page = client.post(PAGE, FIRST, **visitor)
    assert list(page.context["form"].errors) == ["key"]
    assert list(client.post(PAGE, {**FIRST, "key": "0" * 12}, **visitor).context["form"].errors) == ["key"]
    assert User.objects.count() == 0
    assert asked.key_path().stat().st_mode & 0o077 == 0
    assert client.post(PAGE, {**FIRST, "key": asked.setup_key()}, **visitor).status_code == 302
    assert not asked.key_path().exists()


def test_first_question_key_is_tried_a_few_times_only(client):
    statuses = [
        client.post(PAGE, {**FIRST, "key": "x"}, REMOTE_ADDR="192.0.2.7").status_code for _ in range(12)
    ]
    assert statuses == [422] * 10 + [429] * 2


def test_first_question_is_asked_once(claire, client):
    client.logout()
    assert client.post(PAGE, FIRST).url == f"/accounts/login/?next={PAGE}"
    assert User.objects.count() == 1


def test_first_start_is_left_and_taken_up_again(claire, client):
    claire.post(PAGE, PLACE)
    client.logout()
    response = client.post("/accounts/login/", {"login": "claire", "password": NEW})
    assert response.url == PAGE
    page = client.get(PAGE)
    assert (page.context["step"], page.context["done"], page.context["minutes"]) == ("hours", 2, 7)


def test_first_start_answers_can_be_changed(claire):
    claire.post(PAGE, PLACE)
    claire.post(PAGE, {"step": "association", "name": "Les Passeurs", "city": "Roubaix"})
    claire.post(PAGE, {**PLACE, "name": "Moulins", "town": "Roubaix"})
    assert (Site.objects.get().city, Site.objects.get().organisation.name) == ("Roubaix", "Moulins")
    assert (queries.installation().name, Organisation.objects.get(kind="network").city) == (
        "Les Passeurs",
        "Roubaix",
    )


@pytest.mark.parametrize(
    ("town", "said"),
    [("59000 Xyzzyx", None), ("99999", "Aucune commune"), ("qsdfghjklm", "Aucune commune"), ("69126", None)],
)
def test_place_says_which_commune(claire, town, said):
    page = claire.post(PAGE, {**PLACE, "town": town})
    if said:
        assert said in str(page.context["form"].errors["town"])
        assert page.context["form"]["address"].value() == "31 rue des Sarrazins"
    else:
        assert page.status_code in {302, 422}


def test_place_with_a_postcode_of_several_communes_asks_for_the_name(claire):
    page = claire.post(PAGE, {**PLACE, "town": "59710"})
    assert "plusieurs communes" in str(page.context["form"].errors["town"])


@pytest.mark.parametrize(
    ("changes", "at_fault"),
    [
        ({"a_0": "neuf"}, "a_0"),
        ({"a_0": "25 h"}, "a_0"),
        ({"b_0": ""}, "a_0"),
        ({"b_0": "8 h"}, "a_0"),
        ({"c_0": "12 h"}, "a_0"),
        ({"a_3": "", "b_3": ""}, "a_3"),
    ],
)
def test_hours_bad_input_names_the_day(claire, changes, at_fault):
    claire.post(PAGE, PLACE)
    page = claire.post(PAGE, {**HOURS, **changes})
    assert (page.status_code, list(page.context["form"].errors)) == (422, [at_fault])
    assert [day.number for day in page.context["form"].days if day.error] == [int(at_fault[-1])]
    assert Site.objects.get().hours == ""


def test_hours_no_day_at_all(claire):
    claire.post(PAGE, PLACE)
    page = claire.post(PAGE, {"step": "hours"})
    assert page.context["form"].non_field_errors() == ["Cochez au moins un jour."]


def test_hours_preview_writes_nothing(claire):
    claire.post(PAGE, PLACE)
    part = claire.post(PAGE, {**HOURS, "preview": "1"}, headers={"hx-request": "true"}).content.decode()
    assert "lundi de 9\u00a0h à 12\u00a0h\u00a030 et de 14\u00a0h à 17\u00a0h" in part
    assert "<html" not in part
    assert "hours" not in answers()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9 h 00", time(9)),
        ("9h", time(9)),
        ("14:30", time(14, 30)),
        ("09.05", time(9, 5)),
        ("", None),
        ("9\u00a0h\u00a015", time(9, 15)),
    ],
)
def test_read_time(text, value):
    assert asked.read_time(text) == value


def test_people_lines_are_checked_and_kept(claire):
    claire.post(PAGE, PLACE)
    bad = {**PEOPLE, "people-0-role": "", "people-1-email": "noe@", "people-2-role": "adviser"}
    page = claire.post(PAGE, bad)
    assert page.status_code == 422
    assert [list(line.errors) for line in page.context["lines"]] == [["role"], ["email"], ["first_name"]]
    assert page.context["lines"][0]["first_name"].value() == "Kadi"
    assert User.objects.count() == 1


def test_people_more_lines_keep_what_was_typed(claire):
    claire.post(PAGE, PLACE)
    page = claire.post(PAGE, {**PEOPLE, "more": "1"})
    assert (len(page.context["lines"].forms), page.context["lines"][0]["first_name"].value()) == (6, "Kadi")
    assert User.objects.count() == 1
    claire.post(PAGE, {**PEOPLE, "people-TOTAL_FORMS": "999999", "more": "1"})


def test_people_nobody_to_receive(claire):
    claire.post(PAGE, PLACE)
    page = claire.post(PAGE, {"step": "people", "people-TOTAL_FORMS": "3", "people-INITIAL_FORMS": "0"})
    assert (page.status_code, "people" in answers()) == (422, False)


def test_people_one_bad_mail_undoes_all_the_lines(claire):
    claire.post(PAGE, PLACE)
    services.change_account(User.objects.get(), email="noe@example.org", by=User.objects.get())
    page = claire.post(PAGE, PEOPLE)
    assert page.status_code == 422
    assert User.objects.count() == 1


def test_messages_by_mail_need_a_server(claire):
    page = claire.post(PAGE, {"step": "messages", "kind": "smtp"})
    assert sorted(page.context["form"].errors) == ["host", "sender"]
    claire.post(
        PAGE, {"step": "messages", "kind": "smtp", "host": "smtp.example.org", "sender": "b@example.org"}
    )
    assert (Transport.objects.get().host, Transport.objects.get().port) == ("smtp.example.org", 587)
    assert "smtp.example.org" in claire.get(f"{PAGE}?step=messages").content.decode()


def test_first_start_unreachable_or_unknown_step(claire):
    for step in ("hours", "people", "nothing"):
        assert claire.get(f"{PAGE}?step={step}").status_code == 302
        assert claire.post(PAGE, {"step": step}).status_code == 302


def test_first_start_is_not_for_others(client):
    network = Network()
    Installation.objects.update(set_up_at=None)
    client.force_login(network.adviser)
    assert client.get(PAGE).status_code == 403
    client.force_login(network.lille_admin)
    assert client.get(PAGE).status_code in {200, 302}
    client.force_login(make_user(Role.PROGRAMME_LEAD, network.root))
    assert client.post(PAGE, MESSAGES).status_code == 403
    assert not Transport.objects.exists()
