"""Writing messages: one a key, on paper when nothing leaves by mail, secrets never on paper."""

import os
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction

from bagage.messaging.domain.lifecycle import TRANSITIONS, may_go
from bagage.messaging.domain.retries import WAITS, next_try
from bagage.messaging.domain.transport import MailRoute, read_mail_url
from bagage.messaging.models import Channel, Message, State, Transport
from bagage.messaging.queries import current_route, paper_list
from bagage.messaging.services import (
    blank_messages,
    cancel_messages,
    move_mail_to_paper,
    note_lost_claims,
    queue_email,
    queue_paper,
    set_transport,
)
from bagage.messaging.tasks import is_gone, new_worker_name
from bagage.messaging.vault import seal, unseal
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.processes import finish, start_code

SYSTEM = Actor.system("test")


@pytest.fixture
def by_mail(settings):
    settings.BAGAGE_MAIL_URL = "smtp+plain://127.0.0.1:1"


def mail(key: str = "k", **more):
    return queue_email(
        **({"to": "anna@example.org", "subject": "Votre demande", "body": "Bonjour", "key": key} | more)
    )


# ---------- rules ----------


def test_lifecycle_knows_the_states_of_the_table():
    assert set(TRANSITIONS) == set(State.values)
    assert set().union(*TRANSITIONS.values()) <= set(State.values)


@pytest.mark.parametrize("state", State.values)
def test_nothing_but_a_human_or_the_server_makes_an_uncertain_mail_leave_again(state):
    assert may_go(state, "sending") == (state == "queued")


def test_retries_wait_longer_and_longer_then_end(now):
    assert next_try(1, now) == now + timedelta(minutes=1)
    assert list(WAITS) == sorted(WAITS)
    assert next_try(len(WAITS), now) == now + timedelta(hours=24)
    assert next_try(len(WAITS) + 1, now) is None


@pytest.mark.parametrize(
    ("url", "route"),
    [
        ("paper:", MailRoute("paper")),
        ("console:", MailRoute("console")),
        ("smtp://mail.example.org", MailRoute("smtp", "mail.example.org", 587, "starttls")),
        (
            "smtps://u%40x:p%2Fw@mail.example.org",
            MailRoute("smtp", "mail.example.org", 465, "tls", "u@x", "p/w"),
        ),
        ("smtp+plain://127.0.0.1:2525/", MailRoute("smtp", "127.0.0.1", 2525, "none")),
    ],
)
def test_mail_url_is_read(url, route):
    assert read_mail_url(url) == route


@pytest.mark.parametrize(
    "url",
    ["mail.example.org", "http://x", "smtp://", "smtp://u:secret@x:99999", "smtp://x/folder", "smtp://x:a"],
)
def test_mail_url_that_is_none_is_refused_without_its_password(url):
    with pytest.raises(ValueError, match="BAGAGE_MAIL_URL must be") as refused:
        read_mail_url(url)
    assert "secret" not in str(refused.value)


def test_route_does_not_show_its_password():
    assert "right" not in repr(MailRoute("smtp", password="right"))


# ---------- writing ----------


def test_queue_email_writes_a_message_that_waits(db, by_mail, now):
    message = mail(about="referral:1", place="p", not_before=now + timedelta(hours=1), at=now)
    assert (message.channel, message.state, message.to) == ("email", "queued", "anna@example.org")
    assert (message.about, message.place, message.not_before) == ("referral:1", "p", now + timedelta(hours=1))


def test_queue_email_twice_under_one_key_keeps_the_first(db, by_mail, now):
    first = mail("referral:1:received", at=now)
    second = mail("referral:1:received", to="other@example.org", body="other", at=now)
    assert (second.pk, second.to, second.body) == (first.pk, "anna@example.org", "Bonjour")
    assert Message.objects.count() == 1


def test_queue_email_keeps_subject_on_one_line(db, by_mail):
    assert (
        mail(subject="Votre\r\nBcc: all@example.org  demande").subject == "Votre Bcc: all@example.org demande"
    )


@pytest.mark.parametrize("address", ["", "anna", "anna@", "a@b.org, c@d.org", f"{'a' * 250}@example.org"])
def test_queue_email_to_what_is_no_address_is_failed_at_once(address, db, by_mail):
    message = mail(to=address)
    assert (message.state, message.last_error) == ("failed", "Ce n’est pas une adresse.")


def test_queue_email_that_rolls_back_leaves_nothing(transactional_db, by_mail):
    with transaction.atomic():
        mail()
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_queue_email_becomes_paper_while_nothing_leaves_by_mail(db, now):
    message = mail(place="p", at=now)
    assert (message.channel, message.state) == ("paper", "queued")
    assert list(paper_list(["p"], now=now)) == [message]


def test_queue_email_with_a_secret_is_never_written_on_paper(db, now):
    message = mail("secret:invitation:1", place="p", at=now)
    assert (message.channel, message.state, message.body) == ("email", "failed", "")
    assert list(paper_list(["p"], now=now)) == []


WRITER = """
from django.db import transaction
from bagage.messaging.services import queue_email
for number in range(20):
    queue_email(to="anna@example.org", subject="s", body="b", key=f"k{number}")
"""


@pytest.mark.django_db(transaction=True)
def test_many_processes_under_the_same_keys_write_each_once():
    more = {"BAGAGE_MAIL_URL": "smtp+plain://127.0.0.1:1"}
    finish(*(start_code(WRITER, more=more) for _ in range(4)))
    assert sorted(Message.objects.values_list("key", flat=True)) == sorted(
        f"k{number}" for number in range(20)
    )


# ---------- paper ----------


def test_paper_list_holds_what_is_due_at_her_places_oldest_first(db, now):
    later = queue_paper(to="Mariam", body="b", key="1", place="p", at=now)
    first = queue_paper(to="Sorin", body="b", key="2", place="p", at=now - timedelta(days=1))
    queue_paper(to="Awa", body="b", key="3", place="p", not_before=now + timedelta(days=1), at=now)
    queue_paper(to="Lointaine", body="b", key="4", place="q", at=now)
    nowhere = queue_paper(to="Sans lieu", body="b", key="5", at=now)
    assert list(paper_list(["p"], now=now)) == [first, later]
    assert list(paper_list([""], now=now)) == [nowhere]


def test_cancel_messages_takes_back_what_waits(db, by_mail, now):
    mail("a", about="appointment:1")
    mail("b", about="appointment:2")
    gone = mail("c", about="appointment:1")
    Message.objects.filter(pk=gone.pk).update(state=State.ACCEPTED)
    queue_paper(to="Mariam", body="b", key="d", about="appointment:1")
    assert cancel_messages() == 0
    assert cancel_messages("appointment:1", at=now) == 2
    assert cancel_messages(keys=["b", "c"], at=now) == 1
    states = dict(Message.objects.values_list("key", "state"))
    assert states == {"a": "cancelled", "b": "cancelled", "c": "accepted", "d": "cancelled"}


# ---------- Django's mails ----------


def test_django_mail_goes_into_the_outbox_as_a_secret(db, by_mail, settings):
    settings.EMAIL_BACKEND = "bagage.messaging.backend.OutboxBackend"
    assert send_mail("Mot de passe", "https://…/reset", None, ["anna@example.org", "bea@example.org"]) == 1
    first, second = Message.objects.order_by("pk")
    assert (first.to, second.to) == ("anna@example.org", "bea@example.org")
    assert first.is_secret
    assert second.is_secret


def test_django_mail_may_name_its_key_and_place(db, by_mail, settings):
    settings.EMAIL_BACKEND = "bagage.messaging.backend.OutboxBackend"
    written = EmailMultiAlternatives(
        "s", "b", None, ["anna@example.org"], headers={"X-Bagage-Key": "k", "X-Bagage-Place": "p"}
    )
    written.attach_alternative("<p>b</p>", "text/html")
    written.send()
    message = Message.objects.get()
    assert (message.key, message.place, message.html) == ("k", "p", "<p>b</p>")


# ---------- what is blanked ----------


def test_blank_messages_after_30_days_and_secrets_at_once(db, by_mail, now):
    for key, state, days in [
        ("old", State.ACCEPTED, 31),
        ("young", State.ACCEPTED, 29),
        ("old and waiting", State.QUEUED, 31),
        ("secret:left", State.ACCEPTED, 0),
        ("secret:waits", State.QUEUED, 0),
        ("secret:uncertain", State.UNCERTAIN, 0),
    ]:
        message = mail(key)
        Message.objects.filter(pk=message.pk).update(state=state, settled_at=now - timedelta(days=days))
    assert blank_messages(at=now) == 2
    assert blank_messages(at=now) == 0
    assert dict(Message.objects.values_list("key", "body")) == {
        "old": "",
        "young": "Bonjour",
        "old and waiting": "Bonjour",
        "secret:left": "",
        "secret:waits": "Bonjour",
        "secret:uncertain": "Bonjour",
    }
    assert dict(Message.objects.filter(to="").values_list("key", "to")) == {"old": ""}


# ---------- lost claims ----------


def test_claims_without_news_for_15_minutes_become_uncertain(db, by_mail, now):
    for key, minutes in [("lost", 16), ("slow", 14)]:
        message = mail(key)
        Message.objects.filter(pk=message.pk).update(
            state=State.SENDING, claimed_at=now - timedelta(minutes=minutes), claimed_by="w"
        )
    assert note_lost_claims(at=now) == 1
    assert dict(Message.objects.values_list("key", "state")) == {"lost": "uncertain", "slow": "sending"}


def test_worker_is_gone_when_its_process_is_and_only_on_this_machine():
    mine = new_worker_name()
    host = mine.split(":")[0]
    assert not is_gone(mine, me=mine)
    assert is_gone(f"{host}:{os.getpid()}:00000000", me=mine)
    assert not is_gone(f"{host}:{os.getppid()}:00000000", me=mine)
    assert is_gone(f"{host}:4194305:00000000", me=mine)
    assert not is_gone("elsewhere:4194305:00000000", me=mine)
    assert not is_gone("", me=mine)


# ---------- how mail leaves ----------


def test_route_is_paper_until_told(db):
    assert current_route() == MailRoute("paper")


def test_set_transport_keeps_its_password_sealed_and_trailed_without_value(db, now):
    set_transport(kind="smtp", host="mail.example.org", username="u", password="right", by=SYSTEM, at=now)
    kept = Transport.objects.get()
    assert "right" not in kept.password
    assert current_route() == MailRoute("smtp", "mail.example.org", 587, "starttls", "u", "right")
    entry = Entry.objects.get(verb="transport.change")
    assert entry.fields == "kind,sender,host,port,security,username,password"
    assert "right" not in str(entry.__dict__)


def test_set_transport_with_a_blank_password_keeps_the_one_there_is(db):
    set_transport(kind="smtp", host="mail.example.org", username="u", password="right", by=SYSTEM)
    set_transport(kind="smtp", host="mail.example.org", username="u", port=25, by=SYSTEM)
    assert (current_route().password, current_route().port) == ("right", 25)
    set_transport(kind="paper", by=SYSTEM)
    set_transport(kind="smtp", host="mail.example.org", username="u", by=SYSTEM)
    assert current_route().password == "right"


def test_set_transport_to_another_server_does_not_hand_the_password_over(db):
    set_transport(kind="smtp", host="mail.example.org", username="u", password="right", by=SYSTEM)
    set_transport(kind="smtp", host="other.example.org", username="u", by=SYSTEM)
    assert current_route().password == ""


def test_password_sealed_under_another_key_is_as_good_as_none(settings):
    sealed = seal("right")
    assert unseal(sealed) == "right"
    settings.SECRET_KEY = "another"
    assert unseal(sealed) is None
    assert unseal("") == ""


def test_environment_wins_over_what_was_written_down(db, settings):
    set_transport(kind="smtp", host="mail.example.org", by=SYSTEM)
    settings.BAGAGE_MAIL_URL = "console:"
    assert current_route() == MailRoute("console")


def test_set_transport_to_paper_moves_what_waits_to_the_paper_list(db, now):
    set_transport(kind="smtp", host="mail.example.org", by=SYSTEM)
    mail("a", at=now)
    mail("secret:b", at=now)
    set_transport(kind="paper", by=SYSTEM, at=now)
    assert dict(Message.objects.values_list("key", "channel")) == {
        "a": Channel.PAPER,
        "secret:b": Channel.EMAIL,
    }
    assert Message.objects.get(key="secret:b").state == State.FAILED
    assert move_mail_to_paper(at=now) == 0
