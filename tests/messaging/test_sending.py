"""Sending over a real mail server: each answer, at most once, whatever is killed."""

import signal
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from bagage.messaging.domain.transport import read_mail_url
from bagage.messaging.models import Message, State
from bagage.messaging.services import claim_message, note_accepted, note_put_off, note_uncertain, queue_email
from bagage.messaging.smtp import Answer, Mail, Mailer, Outcome
from bagage.messaging.tasks import new_worker_name, note_gone_workers, send_due
from tests.messaging.servers import free_port, mail_server
from tests.processes import finish, start_command

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings):
    with mail_server() as (handler, url):
        settings.BAGAGE_MAIL_URL = url
        yield handler


def write(key: str = "k", to: str = "anna@example.org", **more) -> Message:
    return queue_email(to=to, subject="Votre demande à Riquet", body="Bonjour Hélène", key=key, **more)


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("key", "state"))


def test_mail_leaves_and_is_accepted(server):
    message = write(html="<p>Bonjour</p>")
    assert send_due("w") == {"accepted": 1}
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == ("accepted", 1, "")
    assert message.settled_at is not None
    (mail,) = server.mails
    assert mail["Message-ID"] == f"<{message.uuid}@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["To"] == "anna@example.org"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip


def test_mail_is_not_sent_before_its_time(server, clock):
    write(not_before=clock.now() + timedelta(hours=1))
    assert send_due("w") == {}
    clock.move(hours=1)
    assert send_due("w") == {"accepted": 1}


def test_secret_is_blanked_once_it_left(server):
    message = write("secret:1")
    send_due("w")
    message.refresh_from_db()
    assert (message.state, message.body, message.to) == ("accepted", "", "anna@example.org")
    assert "Bonjour" in server.mails[0].get_payload(decode=True).decode()


@pytest.mark.parametrize(
    ("answer", "state", "in_data"),
    [
        ("550 no such user", "failed", False),
        ("553 not here", "failed", False),
        ("450 mailbox busy", "queued", False),
        ("451 greylisted, come back later", "queued", False),
        ("554 spam", "failed", True),
        ("452 disk full", "queued", True),
    ],
)
def test_each_answer_of_the_server_has_its_state(answer, state, in_data, server, clock):
    (server.data_answers if in_data else server.answers)["anna@example.org"] = answer
    message = write()
    write("next", to="bea@example.org")
    send_due("w")
    message.refresh_from_db()
    assert (message.state, message.last_error) == (state, answer)
    assert states()["next"] == "accepted"
    if state == "queued":
        assert message.not_before == clock.now() + timedelta(minutes=1)
        assert message.settled_at is None


def test_mail_put_off_for_two_days_is_given_up(server, clock):
    server.answers["anna@example.org"] = "450 mailbox busy"
    message = write()
    started = clock.now()
    for _ in range(30):
        send_due("w")
        message.refresh_from_db()
        if message.state != "queued":
            break
        clock.set(message.not_before)
    assert (message.state, message.attempts) == ("failed", 9)
    assert timedelta(hours=46) < clock.now() - started < timedelta(hours=48)


def test_mail_that_the_server_had_in_full_without_answering_is_uncertain(server):
    server.hang_up_in_data.add("anna@example.org")
    message = write()
    write("next", to="bea@example.org")
    send_due("w")
    assert states() == {"k": "uncertain", "next": "accepted"}
    message.refresh_from_db()
    assert message.last_error != ""
    assert send_due("w") == {}


def test_server_that_cannot_be_reached_makes_all_wait(settings, clock):
    settings.BAGAGE_MAIL_URL = f"smtp+plain://127.0.0.1:{free_port()}"
    write("a")
    write("b")
    assert send_due("w") == {"unreached": 1}
    assert states() == {"a": "queued", "b": "queued"}
    first = Message.objects.get(key="a")
    assert (first.attempts, first.last_error) == (1, "Connection refused")


def test_wrong_password_makes_mail_wait_and_says_why(settings):
    with mail_server(with_password=True) as (handler, url):
        settings.BAGAGE_MAIL_URL = url.replace("//", "//bagage:wrong@")
        message = write()
        send_due("w")
        message.refresh_from_db()
        assert (message.state, message.last_error[:4]) == ("queued", "535 ")
        assert "wrong" not in message.last_error
        Message.objects.update(not_before=timezone.now())
        settings.BAGAGE_MAIL_URL = url.replace("//", "//bagage:right@")
        assert send_due("w") == {"accepted": 1}
        assert len(handler.mails) == 1


def test_server_without_tls_is_refused_when_tls_is_asked(server, settings):
    settings.BAGAGE_MAIL_URL = settings.BAGAGE_MAIL_URL.replace("smtp+plain", "smtp")
    write()
    assert send_due("w") == {"unreached": 1}
    assert server.mails == []


def test_conversation_that_the_server_ended_while_idle_is_opened_anew(server, settings):
    with Mailer(read_mail_url(settings.BAGAGE_MAIL_URL)) as mailer:
        assert mailer.send(Mail("1", "anna@example.org", "s", "b")) == Outcome(Answer.ACCEPTED)
        mailer.backend.connection.sock.shutdown(2)
        assert mailer.send(Mail("2", "anna@example.org", "s", "b")) == Outcome(Answer.ACCEPTED)
    assert len(server.mails) == 2


def test_console_shows_the_mail_and_sends_nothing(settings, caplog):
    settings.BAGAGE_MAIL_URL = "console:"
    write()
    assert send_due("w") == {"accepted": 1}
    assert "Votre_demande" in caplog.text.replace("=C3=A0", "")


def test_paper_moves_what_waits_to_the_paper_list(settings):
    settings.BAGAGE_MAIL_URL = "console:"
    write()
    settings.BAGAGE_MAIL_URL = "paper:"
    assert send_due("w") == {"paper": 1}
    assert Message.objects.get().channel == "paper"


def test_late_answer_of_a_claim_held_for_lost_is_still_the_truth(server):
    write()
    message = claim_message("w")
    note_uncertain(message, "held for lost")
    note_accepted(message)
    assert states() == {"k": "accepted"}


def test_late_answer_does_not_touch_another_claim(server):
    write()
    message = claim_message("w")
    Message.objects.update(claimed_by="other")
    note_accepted(message)
    note_put_off(message, "x")
    assert states() == {"k": "sending"}


def test_worker_that_is_gone_leaves_its_claim_uncertain(server):
    write()
    mine = new_worker_name()
    claim_message(mine.rpartition(":")[0] + ":00000000")
    assert note_gone_workers(mine) == 1
    assert states() == {"k": "uncertain"}


def test_send_messages_command_sends_once_and_says_so(server, settings):
    write("a")
    server.answers["bea@example.org"] = "550 no"
    write("b", to="bea@example.org")
    more = {"BAGAGE_MAIL_URL": settings.BAGAGE_MAIL_URL}
    assert finish(start_command("send_messages", more=more)) == ["1 accepted, 1 refused\n"]
    assert finish(start_command("send_messages", more=more)) == ["nothing is due\n"]


# ---------- at most once ----------


def wait_until(condition, timeout: float = 30) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def stop(process) -> None:
    process.send_signal(signal.SIGTERM)
    # Asked to stop while Python was still starting, it ends by the signal itself.
    finish(process, ends=(0, -signal.SIGTERM))


def test_worker_killed_in_the_middle_of_100_sends_none_twice_and_loses_none(server, settings):
    for number in range(100):
        write(f"k{number}", to=f"anna{number}@example.org")
    server.slow = 0.01
    more = {"BAGAGE_MAIL_URL": settings.BAGAGE_MAIL_URL}
    for reached in (10, 35, 60):
        worker = start_command("run_worker", more=more)
        wait_until(lambda reached=reached: len(server.mails) >= reached)
        worker.kill()
        worker.communicate()
    worker = start_command("run_worker", more=more)
    try:
        wait_until(lambda: not Message.objects.filter(state__in=["queued", "sending"]).exists())
    finally:
        stop(worker)
    assert set(server.times.values()) == {1}
    found = list(Message.objects.values_list("state", flat=True))
    assert len(found) == 100
    assert set(found) <= {"accepted", "uncertain"}
    assert found.count("uncertain") <= 3
    sent = set(server.times)
    for message in Message.objects.filter(state=State.ACCEPTED):
        assert f"<{message.uuid}@localhost>" in sent


def test_two_workers_at_once_send_each_mail_once(server, settings):
    for number in range(60):
        write(f"k{number}", to=f"anna{number}@example.org")
    more = {"BAGAGE_MAIL_URL": settings.BAGAGE_MAIL_URL}
    workers = [start_command("run_worker", more=more) for _ in range(2)]
    try:
        wait_until(lambda: Message.objects.filter(state="accepted").count() == 60)
    finally:
        for worker in workers:
            stop(worker)
    assert (len(server.mails), set(server.times.values())) == (60, {1})
    claimants = set(Message.objects.values_list("claimed_by", flat=True))
    assert len(claimants) == 2


def test_worker_asked_to_stop_ends_after_the_mail_at_hand(server, settings):
    for number in range(20):
        write(f"k{number}", to=f"anna{number}@example.org")
    server.slow = 0.1
    worker = start_command("run_worker", more={"BAGAGE_MAIL_URL": settings.BAGAGE_MAIL_URL})
    wait_until(lambda: len(server.mails) >= 2)
    stop(worker)
    found = list(Message.objects.values_list("state", flat=True))
    assert set(found) == {"accepted", "queued"}
    assert found.count("accepted") == len(server.mails)
