"""The welcome interview: saved as one goes, without JavaScript too, on paper and entered later."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.journeys.models import Evidence, Interview, Request
from bagage.journeys.services import answer_interview, finish_interview, start_interview
from bagage.people.models import CardCode, SituationFact
from bagage.people.services import record_situation
from bagage.skills.models import Observation
from tests.journeys.factories import make_appointment, make_node, make_person, make_user
from tests.strict import StrictClient

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 26)


def url(person: object, name: str = "interview") -> str:
    return reverse(f"desk:{name}", args=[person.uuid])


def test_interview_reading_starts_nothing(client: StrictClient, clock: object) -> None:
    node = make_node()
    person = make_person(node)
    client.force_login(make_user(node))
    assert client.get(url(person)).status_code == 200
    assert Interview.objects.count() == 0


def test_interview_one_answer_by_htmx_gives_back_the_bag(
    htmx_client: StrictClient, clock: object, now: datetime
) -> None:
    node = make_node()
    person, adviser = make_person(node), make_user(node)
    booked = make_appointment(person, node, adviser, now, state="under_way", language="soninké")
    htmx_client.force_login(adviser)
    html = htmx_client.post(url(person), {"E1": "no"}).content.decode()
    assert "Bagage. Appareil\u00a0: vide. Connexion\u00a0: à demander." in html
    assert 'name="was-E1" value="no"' in html
    assert "28 réponses restent" in html
    assert "<form" not in html
    interview = Interview.objects.get()
    assert (interview.appointment, interview.language, interview.led_by) == (booked, "soninké", adviser)
    htmx_client.post(url(person), {"K13": "3", "seen": "1"})
    assert Observation.objects.get().how == "seen"


def test_interview_refused_answer_by_htmx_is_a_toast(htmx_client: StrictClient, clock: object) -> None:
    node = make_node()
    person = make_person(node)
    htmx_client.force_login(make_user(node))
    answer = htmx_client.post(url(person), {"E1": "perhaps"})
    assert (answer.status_code, answer["HX-Reswap"]) == (422, "none")
    assert Evidence.objects.count() == 0


def test_interview_without_javascript_writes_only_what_changed(client: StrictClient, clock: object) -> None:
    node = make_node()
    person, adviser = make_person(node), make_user(node)
    answer_interview(start_interview(person, node=node, by=adviser), {"E1": "yes", "K1": "2"}, by=adviser)
    client.force_login(adviser)
    clock.move(minutes=3)
    answer = client.post(
        url(person),
        {
            "do": "save",
            "E1": "yes",
            "was-E1": "yes",
            "K1": "3",
            "was-K1": "2",
            "wants": "Parler à ma mère",
            "was-wants": "",
            "interpreter": "",
            "was-interpreter": "",
            "request_words": "Lire mes mails",
            "request_pocket": "skills",
        },
    )
    assert answer.status_code == 302
    assert (Evidence.objects.count(), Observation.objects.count()) == (1, 2)
    assert sorted(Request.objects.values_list("words", "pocket")) == [
        ("Lire mes mails", "skills"),
        ("Parler à ma mère", ""),
    ]


def test_interview_refused_whole_form_keeps_what_was_typed(client: StrictClient, clock: object) -> None:
    node = make_node()
    person = make_person(node)
    client.force_login(make_user(node))
    answer = client.post(
        url(person), {"do": "finish", "E1": "yes", "was-E1": "", "wants": "y" * 301, "was-wants": ""}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Il y a 1 signes de trop." in html
    assert "y" * 301 in html
    assert 'name="E1" value="yes" checked' in html
    assert Evidence.objects.count() == 0


def test_interview_refused_whole_form_passes_over_what_no_question_offers(
    client: StrictClient, clock: object
) -> None:
    node = make_node()
    person = make_person(node)
    client.force_login(make_user(node))
    answer = client.post(url(person), {"do": "save", "K1": "abc", "was-K1": "", "E1": "yes", "was-E1": ""})
    assert answer.status_code == 422
    assert 'name="E1" value="yes" checked' in answer.content.decode()
    assert "abc" not in answer.content.decode()


def test_interview_stop_and_finish(client: StrictClient, clock: object) -> None:
    node = make_node()
    person = make_person(node)
    client.force_login(make_user(node))
    assert client.post(url(person), {"do": "finish"}).status_code == 409
    answer = client.post(url(person), {"do": "stop", "E1": "no", "was-E1": ""})
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:person", args=[person.uuid]))
    assert Interview.objects.get().finished_at is None
    assert client.post(url(person), {"do": "finish"}).status_code == 302
    assert Interview.objects.get().finished_at is not None
    # A correction, then another interview.
    client.post(url(person), {"do": "stop", "E1": "yes", "was-E1": "no"})
    assert Evidence.objects.count() == 2
    client.post(url(person), {"do": "again"})
    assert Interview.objects.count() == 2


def test_interview_shows_what_the_referrer_wrote_and_who(client: StrictClient, clock: object) -> None:
    node = make_node()
    person, adviser = make_person(node), make_user(node)
    record_situation(
        person, "bank_account", "no", said_on=DAY, source="referral:1", by=adviser, written_by="Mme Aubry"
    )
    client.force_login(adviser)
    html = client.get(url(person)).content.decode()
    assert "écrit par Mme Aubry" in html
    assert 'name="bank_account" value="no" checked' in html


def test_interview_reception_asks_three_questions_only(client: StrictClient, clock: object) -> None:
    node = make_node()
    person, adviser = make_person(node), make_user(node)
    interview = start_interview(person, node=node, by=adviser)
    answer_interview(interview, {"E1": "lost", "bank_account": "no"}, by=adviser)
    client.force_login(make_user(node, Role.RECEPTIONIST))
    html = client.get(url(person)).content.decode()
    assert 'name="connected_today"' in html
    for unseen in (
        'name="E1"',
        'name="K1"',
        'name="bank_account"',
        "Appareil perdu, volé ou cassé.",
        "Finir l’entretien",
    ):
        assert unseen not in html
    assert client.post(url(person), {"last_time": "helped"}).status_code == 302
    assert Interview.objects.get().last_time == "helped"
    assert client.post(url(person), {"E1": "yes"}).status_code == 403
    assert client.post(url(person), {"do": "finish"}).status_code == 403
    for name in ("interview_paper", "interview_entry"):
        assert client.get(url(person, name)).status_code == 403
    finish_interview(interview, by=adviser)
    assert client.get(url(person)).status_code == 302


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.LOGISTICS, Role.REFERRER])
def test_interview_closed_to_others(client: StrictClient, clock: object, now: datetime, role: Role) -> None:
    node = make_node()
    person, reader = make_person(node), make_user(node, role)
    if role == Role.VOLUNTEER:
        make_appointment(person, node, reader, now)
    client.force_login(reader)
    assert client.get(url(person)).status_code == (403 if role == Role.VOLUNTEER else 404)
    assert client.post(url(person), {"E1": "yes"}).status_code == (403 if role == Role.VOLUNTEER else 404)
    assert Interview.objects.count() == 0


def test_interview_paper_has_every_question_and_no_answer(client: StrictClient, clock: object) -> None:
    node = make_node()
    person, adviser = make_person(node), make_user(node)
    answer_interview(start_interview(person, node=node, by=adviser), {"E1": "lost"}, by=adviser)
    client.force_login(adviser)
    html = client.get(url(person, "interview_paper")).content.decode()
    assert html.count('class="a4-q"') == 2 + 6 + 15 + 5
    assert "checked" not in html
    blank = client.get(reverse("desk:interview_blank")).content.decode()
    assert blank.count('class="a4-q"') == 28
    assert "Fanta" not in blank


def test_interview_entry_from_paper(client: StrictClient, clock: object) -> None:
    node = make_node()
    person = make_person(node)
    client.force_login(make_user(node))
    assert client.get(url(person, "interview_entry")).status_code == 200
    held = DAY - timedelta(days=5)
    answer = client.post(
        url(person, "interview_entry"),
        {
            "held_on": held.isoformat(),
            "connected_today": "p",
            "E1": "X",
            "C1": "o",
            "K1": "3",
            "K2": "?",
            "reading": "P",
            "wants": "Parler à ma mère",
            "more": "Lire mes mails\n\n",
        },
    )
    assert answer.status_code == 302
    interview = Interview.objects.get()
    assert (interview.on_paper, interview.held_on, interview.connected_today) == (True, held, "lent")
    assert interview.finished_at is not None
    assert list(Evidence.objects.order_by("item").values_list("item", "answer", "observed_on")) == [
        ("C1", "yes", held),
        ("E1", "lost", held),
    ]
    assert list(Observation.objects.order_by("item__position").values_list("step", flat=True)) == [3, None]
    assert SituationFact.objects.get().answer == "partly"
    assert list(Request.objects.order_by("pk").values_list("words", flat=True)) == [
        "Parler à ma mère",
        "Lire mes mails",
    ]


def test_interview_sheets_open_the_entry_of_a_code_in_scope_only(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node, other = make_node(), make_node("Marseille")
    person = make_person(node)
    CardCode.objects.create(person=person, code="B7K4M6", issued_at=now)
    CardCode.objects.create(person=person, code="AAABBB", issued_at=now, ended_at=now)
    page = reverse("desk:interview_sheets")
    client.force_login(make_user(node))
    assert client.post(page, {"code": "b7k 4m6"})["Location"] == url(person, "interview_entry")
    assert "Aucune personne d’ici" in client.post(page, {"code": "AAABBB"}).content.decode()
    assert "Ce code ne peut pas être lu." in client.post(page, {"code": "O0"}).content.decode()
    answer = client.post(
        url(person, "interview_entry"), {"held_on": "2026-11-20", "K1": "3", "then": "another"}
    )
    assert answer["Location"] == page
    client.force_login(make_user(other))
    assert "Aucune personne d’ici" in client.post(page, {"code": "B7K4M6"}).content.decode()


def test_interview_entry_refused_keeps_what_was_typed(client: StrictClient, clock: object) -> None:
    node = make_node()
    person, adviser = make_person(node), make_user(node)
    client.force_login(adviser)
    sent = {"held_on": "27/11/2026", "E1": "8", "K1": "3", "K3": "9", "wants": "Parler"}
    html = client.post(url(person, "interview_entry"), sent).content.decode()
    assert "Cette date n’est pas encore passée." in html
    assert "«\u00a08\u00a0» n’est pas une réponse ici." in html
    assert 'value="9"' in html
    assert 'value="3"' in html
    assert Interview.objects.count() == 0
    # Two interviews are never mixed.
    start_interview(person, node=node, by=adviser)
    html = client.post(url(person, "interview_entry"), {"held_on": "2026-11-20", "K1": "3"}).content.decode()
    assert "Un entretien est commencé à l’écran." in html
    assert Observation.objects.count() == 0


def test_interview_asks_as_many_queries_for_one_answer_as_for_three(
    client: StrictClient, clock: object
) -> None:
    node = make_node()
    person, adviser = make_person(node), make_user(node)
    interview = start_interview(person, node=node, by=adviser)
    client.force_login(adviser)
    counts = []
    for number in range(3):
        answers = {"E1": "yes" if number % 2 else "no", f"K{number + 1}": "1", "wants": f"Lire {number}"}
        answer_interview(interview, answers, by=adviser)
        clock.move(minutes=1)
        client.get(url(person))
        with CaptureQueriesContext(connection) as captured:
            client.get(url(person))
        counts.append(len(captured))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 27
