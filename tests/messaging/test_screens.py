"""The screens of the outbox: in whose scope, what is shown, what each button does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.messaging.models import Message, State, Transport
from bagage.messaging.queries import current_route
from bagage.messaging.services import queue_email, queue_paper, set_transport
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.messaging.servers import mail_server
from tests.trail.factories import network, permanence, signed_in, staff


@pytest.fixture
def root(db):
    return network()


@pytest.fixture
def here(root):
    return permanence(root, "Permanence Ici")


@pytest.fixture
def elsewhere(root):
    return permanence(root, "Permanence Ailleurs")


@pytest.fixture
def reception(here):
    return staff("Odile", Role.RECEPTIONIST, here)


@pytest.fixture
def administrator(root):
    return staff("Jeanne", Role.ADMINISTRATOR, root)


@pytest.fixture
def by_mail(settings):
    settings.BAGAGE_MAIL_URL = "smtp+plain://127.0.0.1:1"


def to_tell(place: object, to: str = "Mariam, 06 39 98 00 01", key: str = "k", **more) -> Message:
    return queue_paper(to=to, body="Votre rendez-vous est déplacé.", key=key, place=str(place), **more)


def written(place: object = "", key: str = "k", **more) -> Message:
    values = {"to": "anna@example.org", "subject": "Votre demande", "body": "Bonjour Mariam"}
    return queue_email(**(values | more), key=key, place=str(place))


# ---------- the paper list ----------


def test_paper_list_shows_her_sites_only(clock, reception, here, elsewhere):
    to_tell(here.uuid)
    to_tell(elsewhere.uuid, to="Lointaine", key="2")
    to_tell("", to="De nulle part", key="3")
    response = signed_in(reception).get(reverse("messaging:paper_list"))
    sites = response.context["sites"]
    assert [(site["name"], [one.to for one in site["messages"]]) for site in sites] == [
        ("Permanence Ici", ["Mariam, 06 39 98 00 01"])
    ]
    html = response.content.decode()
    assert "Lointaine" not in html
    assert "De nulle part" not in html


def test_paper_list_of_the_network_groups_by_site_and_narrows_to_one(clock, root, here, elsewhere):
    to_tell(elsewhere.uuid, to="Lointaine", key="2")
    to_tell(here.uuid, key="1")
    to_tell("", to="De nulle part", key="3")
    client = signed_in(staff("Inès", Role.PROGRAMME_LEAD, root))
    found = client.get(reverse("messaging:paper_list")).context["sites"]
    assert [site["name"] for site in found] == ["Permanence Ici", "Permanence Ailleurs", "Sans lieu"]
    one = client.get(reverse("messaging:paper_list"), {"place": str(elsewhere.uuid)}).context["sites"]
    assert [site["name"] for site in one] == ["Permanence Ailleurs"]


def test_paper_list_says_when_nothing_waits(reception):
    html = signed_in(reception).get(reverse("messaging:paper_list")).content.decode()
    assert "Rien à dire." in html


def test_tell_ticks_a_message_and_untell_brings_it_back(clock, reception, here):
    message = to_tell(here.uuid)
    client = signed_in(reception)
    response = client.post(
        reverse("messaging:tell", args=[message.uuid]), {"how": "posted", "place": str(here.uuid)}
    )
    assert response.headers["Location"] == f"{reverse('messaging:paper_list')}?place={here.uuid}"
    message.refresh_from_db()
    assert (message.state, message.told_how, message.told_by) == ("delivered", "posted", str(reception.actor))
    page = client.get(reverse("messaging:paper_list"))
    assert (page.context["total"], [one["name"] for one in page.context["told"]]) == (0, ["Odile"])
    client.post(reverse("messaging:untell", args=[message.uuid]))
    message.refresh_from_db()
    assert (message.state, message.told_how, message.told_by, message.settled_at) == ("queued", "", "", None)
    assert list(Entry.objects.order_by("pk").values_list("verb", "thing", "segment__place")) == [
        ("message.tell", f"message:{message.uuid}", str(here.uuid)),
        ("message.untell", f"message:{message.uuid}", str(here.uuid)),
    ]


def test_tell_twice_is_refused_with_its_reason(clock, reception, here):
    message = to_tell(here.uuid)
    client = signed_in(reception)
    address = reverse("messaging:tell", args=[message.uuid])
    client.post(address, {"how": "said"})
    response = client.post(address, {"how": "said"})
    assert response.status_code == 409
    assert "quelqu’un s’en est occupé" in response.content.decode()


@pytest.mark.parametrize(
    "name", ["messaging:tell", "messaging:untell", "messaging:resend", "messaging:cancel"]
)
def test_message_of_another_site_is_not_found(name, reception, elsewhere):
    message = to_tell(elsewhere.uuid)
    assert signed_in(reception).post(reverse(name, args=[message.uuid])).status_code == 404
    message.refresh_from_db()
    assert message.state == "queued"


def test_told_is_out_of_sight_after_a_day(clock, reception, here):
    message = to_tell(here.uuid)
    client = signed_in(reception)
    client.post(reverse("messaging:tell", args=[message.uuid]), {"how": "said"})
    clock.move(hours=24)
    assert signed_in(reception).get(reverse("messaging:paper_list")).context["told"] == []


# ---------- the outbox ----------


def recipients(response) -> list[str]:
    return [str(row[1]) for row in response.context["table"].rows]


def test_outbox_shows_her_places_only(clock, reception, here, elsewhere, by_mail):
    written(here.uuid)
    written(elsewhere.uuid, key="2", to="far@example.org")
    written(key="3", to="nowhere@example.org")
    response = signed_in(reception).get(reverse("messaging:outbox"))
    assert recipients(response) == ["anna@example.org"]


def test_outbox_of_an_administrator_does_not_say_to_whom_nor_what(clock, administrator, here, by_mail):
    mail = written(here.uuid)
    to_tell(here.uuid, key="2")
    client = signed_in(administrator)
    response = client.get(reverse("messaging:outbox"), {"sort": "created_at"})
    assert recipients(response) == ["…@example.org", "quelqu’un, de vive voix"]
    assert recipients(client.get(reverse("messaging:outbox"), {"q": "anna@"})) == []
    html = client.get(reverse("messaging:message", args=[mail.uuid])).content.decode()
    assert "Mariam" not in html
    assert "anna" not in html
    export = client.get(reverse("messaging:outbox"), {"export": "csv"})
    text = b"".join(export.streaming_content) if export.streaming else export.content
    assert b"anna" not in text


def test_message_with_a_secret_is_shown_to_nobody(clock, reception, here, by_mail):
    mail = written(here.uuid, key="secret:1", body="https://example.org/come-in")
    html = signed_in(reception).get(reverse("messaging:message", args=[mail.uuid])).content.decode()
    assert "come-in" not in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "failed"}, ["b"]),
        ({"channel": "paper"}, ["c"]),
        ({"q": "BEA"}, ["b"]),
        ({"q": "demande"}, ["b", "a"]),
        ({"period": "1"}, ["c", "b"]),
    ],
)
def test_outbox_is_searched_and_filtered(query, expected, clock, reception, here, by_mail):
    now = clock.now()
    written(here.uuid, key="a", at=now - timedelta(days=3))
    written(here.uuid, key="b", to="bea@example.org", at=now - timedelta(hours=2))
    Message.objects.filter(key="b").update(state=State.FAILED, last_error="550 no such user")
    to_tell(here.uuid, key="c", at=now)
    response = signed_in(reception).get(reverse("messaging:outbox"), query)
    assert [one.key for one in response.context["table"].found] == expected


@pytest.mark.parametrize("count", [1, 3])
def test_outbox_costs_the_same_queries_whatever_its_length(count, reception, here, by_mail):
    for number in range(count):
        written(here.uuid, key=f"k{number}")
    client = signed_in(reception)
    for name in ("messaging:outbox", "messaging:paper_list"):
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse(name))
        on_messages = [query for query in asked if 'FROM "messaging_message"' in query["sql"]]
        assert len(on_messages) == {"messaging:outbox": 4, "messaging:paper_list": 2}[name]


def test_resend_makes_an_uncertain_mail_wait_again(clock, reception, here, by_mail):
    mail = written(here.uuid)
    Message.objects.update(state=State.UNCERTAIN, attempts=3, settled_at=clock.now())
    client = signed_in(reception)
    assert (
        "On ne sait pas s’il est parti."
        in client.get(reverse("messaging:message", args=[mail.uuid])).content.decode()
    )
    client.post(reverse("messaging:resend", args=[mail.uuid]))
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.settled_at, mail.last_error) == ("queued", 0, None, "")
    assert Entry.objects.get().verb == "message.resend"


def test_resend_goes_on_paper_where_nothing_leaves_by_mail(clock, reception, here, settings, by_mail):
    mail = written(here.uuid)
    Message.objects.update(state=State.FAILED)
    settings.BAGAGE_MAIL_URL = "paper:"
    signed_in(reception).post(reverse("messaging:resend", args=[mail.uuid]))
    mail.refresh_from_db()
    assert (mail.state, mail.channel) == ("queued", "paper")


@pytest.mark.parametrize("state", ["queued", "sending", "accepted", "delivered", "cancelled"])
def test_resend_of_a_mail_in_another_state_is_refused(state, reception, here, by_mail):
    mail = written(here.uuid)
    Message.objects.update(state=state)
    assert signed_in(reception).post(reverse("messaging:resend", args=[mail.uuid])).status_code == 409
    mail.refresh_from_db()
    assert mail.state == state


def test_resend_of_a_blanked_mail_is_refused(reception, here, by_mail):
    mail = written(here.uuid)
    Message.objects.update(state=State.FAILED, body="")
    assert signed_in(reception).post(reverse("messaging:resend", args=[mail.uuid])).status_code == 422


@pytest.mark.parametrize(
    ("state", "status"),
    [("queued", 302), ("failed", 302), ("uncertain", 302), ("sending", 409), ("accepted", 409)],
)
def test_cancel_takes_back_what_did_not_leave(state, status, reception, here, by_mail):
    mail = written(here.uuid)
    Message.objects.update(state=state)
    response = signed_in(reception).post(reverse("messaging:cancel", args=[mail.uuid]))
    mail.refresh_from_db()
    assert (response.status_code, mail.state) == (status, "cancelled" if status == 302 else state)


# ---------- how mail leaves ----------

SMTP = {
    "kind": "smtp",
    "host": "mail.example.org",
    "port": "587",
    "security": "starttls",
    "username": "bagage",
    "password": "sesame-7",
    "sender": "Permanence <bonjour@example.org>",
}


@pytest.fixture
def asked(administrator):
    return signed_in(administrator)


def test_transport_is_written_down_and_its_password_never_shown(asked):
    assert asked.post(reverse("messaging:transport"), SMTP).status_code == 302
    assert current_route().password == "sesame-7"
    html = asked.get(reverse("messaging:transport")).content.decode()
    assert "sesame-7" not in html
    assert "Laissez vide pour garder celui qui est enregistré." in html
    asked.post(reverse("messaging:transport"), SMTP | {"password": "", "port": "2525"})
    assert (current_route().password, current_route().port) == ("sesame-7", 2525)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": ""}, "host"),
        ({"port": "0"}, "port"),
        ({"port": "70000"}, "port"),
        ({"port": "abc"}, "port"),
        ({"sender": "not an address"}, "sender"),
        ({"security": "rot13"}, "security"),
        ({"kind": "pigeon"}, "kind"),
    ],
)
def test_transport_that_is_wrong_is_refused_and_keeps_what_was_typed(change, field, asked):
    response = asked.post(reverse("messaging:transport"), SMTP | change)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert 'value="bagage"' in response.content.decode()
    assert not Transport.objects.exists()


def test_transport_fills_the_usual_port(asked):
    asked.post(reverse("messaging:transport"), SMTP | {"port": "", "security": "tls"})
    assert (current_route().port, current_route().security) == (465, "tls")


def test_transport_of_the_environment_wins_and_says_so(asked, settings):
    settings.BAGAGE_MAIL_URL = "smtp://bagage:sesame-7@mail.example.org"
    html = asked.get(reverse("messaging:transport")).content.decode()
    assert "BAGAGE_MAIL_URL" in html
    assert "mail.example.org" in html
    assert "sesame-7" not in html
    asked.post(reverse("messaging:transport"), SMTP | {"host": "other.example.org"})
    assert not Transport.objects.exists()


def test_transport_of_the_environment_that_cannot_be_read_says_so(asked, settings):
    settings.BAGAGE_MAIL_URL = "mail.example.org"
    assert "Elle ne peut pas être lue" in asked.get(reverse("messaging:transport")).content.decode()


def test_transport_sealed_under_another_key_asks_for_its_password(asked):
    set_transport(kind="smtp", host="mail.example.org", password="sesame-7", by=Actor.system("test"))
    Transport.objects.update(password="nonsense")
    assert (
        "Le mot de passe ne peut plus être lu." in asked.get(reverse("messaging:transport")).content.decode()
    )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
@pytest.mark.parametrize("name", ["messaging:transport", "messaging:transport_try"])
def test_transport_is_closed_to_all_but_administrators(role, name, root):
    client = signed_in(staff("Anna", role, root))
    assert client.post(reverse(name), SMTP).status_code == 403
    assert not Transport.objects.exists()


def test_transport_is_closed_to_the_administrator_of_one_site(here):
    assert (
        signed_in(staff("Anna", Role.ADMINISTRATOR, here)).get(reverse("messaging:transport")).status_code
        == 403
    )


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_trial_is_sent_at_once_and_says_what_the_server_answered(asked, settings):
    address = reverse("messaging:transport_try")
    with mail_server() as (handler, url):
        settings.BAGAGE_MAIL_URL = url
        response = asked.post(address, {"address": "jeanne@example.org"}, follow=True)
        assert handler.recipients == ["jeanne@example.org"]
        assert "Le serveur a pris le mail pour jeanne@example.org." in said(response)
        handler.answers["jeanne@example.org"] = "550 no such user"
        response = asked.post(address, {"address": "jeanne@example.org"}, follow=True)
        assert said(response) == "Le mail n’est pas parti. Le serveur répond\u00a0: 550 no such user"
        response = asked.post(address, {"address": "jeanne"}, follow=True)
        assert said(response) == "Ce n’est pas une adresse\u00a0: rien n’est parti."
    assert not Message.objects.exists()


def test_trial_says_that_nothing_leaves_on_paper(asked):
    response = asked.post(reverse("messaging:transport_try"), {"address": "jeanne@example.org"}, follow=True)
    assert "aucun mail ne part" in said(response)
