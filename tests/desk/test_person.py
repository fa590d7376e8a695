"""A person's file, as each role opens it."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Membership, Organisation
from bagage.journeys.models import Request, RequestStep
from bagage.journeys.services import (
    add_request,
    answer_interview,
    change_request,
    finish_interview,
    open_journey,
    record_evidence,
    start_interview,
)
from bagage.people.models import Agreement, ContactWay, Person
from bagage.permanences.models import QueueEntry, Site
from bagage.trail.models import Entry
from tests.journeys.factories import make_appointment, make_node, make_person, make_user
from tests.strict import StrictClient

pytestmark = pytest.mark.django_db

WHERE = "Hébergée chez sa tante Coumba"
HER_WORDS = "Je veux relire le carnet de Philomène"


def full_file(node: Organisation, adviser: object, *, now: datetime) -> Person:
    """Someone about whom everything is known."""
    person = make_person(
        node, name="Mariam", family_name="Traoré", birth_year=1989, languages="bambara, français", where=WHERE
    )
    ContactWay.objects.create(person=person, kind="sms", phone="+33639980417", is_shared=True, started_at=now)
    Agreement.objects.create(person=person, kind="informed", answer="agreed", said_at=now)
    interview = start_interview(person, node=node, by=adviser)
    answer_interview(
        interview,
        {"E1": "lost", "C1": "yes", "K1": "3", "K10": "0", "reading": "partly", "wants": HER_WORDS},
        by=adviser,
    )
    finish_interview(interview, by=adviser)
    make_appointment(person, node, adviser, now - timedelta(days=9), state="no_show")
    make_appointment(person, node, adviser, now + timedelta(hours=2), subject="Mes démarches")
    return person


def page(client: StrictClient, user: object, person: Person) -> str:
    client.force_login(user)
    answer = client.get(reverse("desk:person", args=[person.uuid]))
    assert answer.status_code == 200
    return answer.content.decode()


# What each part of the file is recognised by.
PARTS = {
    "name": "Traoré",
    "line": "37 ans, parle bambara et français",
    "where": WHERE,
    "way": "On la joint par SMS discret",
    "reading": "lit un peu",
    "sign": "Bagage. Appareil\u00a0: perdu. Connexion\u00a0: à moitié.",
    "evidence": "Appareil perdu, volé ou cassé.",
    "request": HER_WORDS,
    "coming": "Jeudi 26 novembre, 12",
    "missed": "n’est pas venue",
    "agreement": "Informée de ce qui est gardé",
    "evidence link": "/evidence/",
    "interview link": "/interview/",
    "change a request": "/requests/",
    "readings": "/readings/",
}


@pytest.mark.parametrize(
    ("role", "unseen"),
    [
        (Role.ADVISER, set()),
        (Role.PROGRAMME_LEAD, {"interview link"}),
        (Role.RECEPTIONIST, {"reading", "evidence", "evidence link", "interview link"}),
        (
            Role.VOLUNTEER,
            set(PARTS) - {"sign", "request", "coming"},
        ),
    ],
)
def test_person_shows_each_role_its_part_and_no_more(
    client: StrictClient, clock: object, now: datetime, role: Role, unseen: set[str]
) -> None:
    node = make_node()
    adviser = make_user(node)
    person = full_file(node, adviser, now=now)
    reader = make_user(node, role, "Inès")
    if role == Role.VOLUNTEER:
        make_appointment(person, node, reader, now + timedelta(hours=2))
    html = page(client, reader, person)
    seen = {part for part, words in PARTS.items() if words in html}
    assert seen == set(PARTS) - unseen


@pytest.mark.parametrize("role", [Role.ADVISER, Role.RECEPTIONIST, Role.VOLUNTEER, Role.REFERRER])
def test_person_elsewhere_is_not_found(
    client: StrictClient, clock: object, now: datetime, role: Role
) -> None:
    node, other = make_node(), make_node("Marseille")
    person = full_file(node, make_user(node), now=now)
    client.force_login(make_user(other, role))
    for name in ("desk:person", "desk:person_evidence", "desk:person_readings", "desk:interview"):
        answer = client.get(reverse(name, args=[person.uuid]))
        assert answer.status_code == 404
        assert "Traoré" not in answer.content.decode()
    assert Entry.objects.filter(verb="read_file").count() == 0


def test_person_adviser_elsewhere_who_receives_here_reads_as_reception(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node, other = make_node(), make_node("Marseille")
    person = full_file(node, make_user(node), now=now)
    both = make_user(other, Role.ADVISER)
    Membership.objects.create(user=both, organisation=node, role=Role.RECEPTIONIST)
    html = page(client, both, person)
    assert PARTS["evidence"] not in html
    assert client.get(reverse("desk:person_evidence", args=[person.uuid])).status_code == 403
    assert "avec le rôle «\u00a0accueil\u00a0»." in html


def test_person_reading_is_noted_once_a_quarter_of_an_hour(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node = make_node()
    adviser = make_user(node)
    person = make_person(node)
    page(client, adviser, person)
    page(client, adviser, person)
    rows = Entry.objects.filter(verb="read_file").values_list("actor", "person", "segment__place")
    assert list(rows) == [(str(adviser.actor), str(person.uuid), str(node.uuid))]
    answer = client.get(reverse("desk:person_readings", args=[person.uuid]))
    assert '<b>Hélène Lenoir</b> <span class="sub">a lu un dossier, ' in answer.content.decode()


def test_person_without_facts_says_what_to_do(client: StrictClient, clock: object) -> None:
    node = make_node()
    html = page(client, make_user(node), make_person(node, name="Sacha", grammar=""))
    for words in (
        "Tout est à demander",
        "Inconnu ne veut pas dire vide.",
        "Aucune demande pour le moment.",
        "Entretien d’accueil à faire",
        "Commencer l’entretien",
        "On ne sait pas encore comment joindre Sacha.",
        "Dossier ouvert.",
    ):
        assert words in html


def test_person_merged_leads_to_the_file_that_is_kept(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node = make_node()
    adviser = make_user(node)
    kept, merged = make_person(node, name="Fanta"), make_person(node, name="Fatou")
    record_evidence(merged, "E1", "no", observed_on=now.date(), by=adviser)
    add_request(open_journey(merged, node, by=adviser), words=HER_WORDS, said_on=now.date(), by=adviser)
    merged.merged_into = kept
    merged.save()
    client.force_login(adviser)
    answer = client.get(reverse("desk:person", args=[merged.uuid]), follow=True)
    assert answer.redirect_chain == [(reverse("desk:person", args=[kept.uuid]), 302)]
    html = answer.content.decode()
    assert "Ce dossier a été réuni avec celui-ci" in html
    assert "Appareil\u00a0: vide" in html
    assert HER_WORDS in html


def test_person_merged_followed_only_by_the_kept_file_still_leads_there(
    client: StrictClient, clock: object
) -> None:
    node, other = make_node(), make_node("Marseille")
    kept, merged = make_person(node), make_person(None, merged_into=None)
    merged.merged_into = kept
    merged.save()
    client.force_login(make_user(node))
    assert client.get(reverse("desk:person", args=[merged.uuid])).status_code == 302
    client.force_login(make_user(other))
    assert client.get(reverse("desk:person", args=[merged.uuid])).status_code == 404


def test_person_asks_as_many_queries_for_one_of_each_as_for_three(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node = make_node()
    adviser = make_user(node)
    person = make_person(node)
    site = Site.objects.create(organisation=node, address="1 rue Riquet", city="Paris")
    client.force_login(adviser)
    counts = []
    for number in range(3):
        interview = start_interview(person, node=node, by=adviser)
        answer_interview(interview, {"E1": "no", "K1": str(number), "reading": "no"}, by=adviser)
        finish_interview(interview, by=adviser)
        request = add_request(
            open_journey(person, node, by=adviser), words=f"Demande {number}", said_on=now.date(), by=adviser
        )
        change_request(request, state="met", by=adviser)
        record_evidence(person, "C1", "lost", note=str(number), observed_on=now.date(), by=adviser)
        make_appointment(person, node, adviser, now - timedelta(days=number + 1), state="done")
        QueueEntry.objects.create(site=site, first_name="F", person=person, key=str(number), came_at=now)
        Agreement.objects.create(person=person, kind="informed", answer="agreed", said_at=now)
        client.get(reverse("desk:person", args=[person.uuid]))  # the reading is noted once
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("desk:person", args=[person.uuid]))
        counts.append(len(captured))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 55


def test_person_request_add_and_change(client: StrictClient, clock: object) -> None:
    node = make_node()
    person = make_person(node)
    client.force_login(make_user(node, Role.RECEPTIONIST))
    add = reverse("desk:person_request_add", args=[person.uuid])
    answer = client.post(add, {"words": HER_WORDS, "pocket": "skills"})
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("desk:person", args=[person.uuid]) + "#h-req",
    )
    asked = Request.objects.get()
    change = reverse("desk:person_request", args=[person.uuid, asked.uuid])
    assert HER_WORDS in client.get(change).content.decode()
    assert client.post(change, {"words": HER_WORDS, "pocket": "", "state": "met"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.pocket, RequestStep.objects.get().state) == ("met", "", "met")


def test_person_request_refused_keeps_what_was_typed(client: StrictClient, clock: object) -> None:
    node = make_node()
    person = make_person(node)
    client.force_login(make_user(node))
    add = reverse("desk:person_request_add", args=[person.uuid])
    html = client.post(add, {"words": "x" * 301, "pocket": "skills"}).content.decode()
    assert "x" * 301 in html
    assert client.post(add, {"words": "", "pocket": ""}).status_code == 200
    assert Request.objects.count() == 0


def test_person_request_of_another_person_is_not_found(client: StrictClient, clock: object) -> None:
    node = make_node()
    adviser = make_user(node)
    person, other = make_person(node), make_person(node)
    asked = add_request(
        open_journey(other, node, by=adviser), words="Lire", said_on=timezone.localdate(), by=adviser
    )
    client.force_login(adviser)
    assert client.get(reverse("desk:person_request", args=[person.uuid, asked.uuid])).status_code == 404


def test_person_evidence_shows_corrections_beside_what_they_replaced(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node = make_node()
    adviser = make_user(node)
    person = make_person(node)
    interview = start_interview(person, node=node, by=adviser)
    answer_interview(interview, {"E1": "yes", "K1": "3", "bank_account": "no"}, by=adviser)
    finish_interview(interview, by=adviser)
    clock.move(days=1)
    answer_interview(interview, {"E1": "no"}, by=adviser)
    client.force_login(adviser)
    html = client.get(reverse("desk:person_evidence", args=[person.uuid])).content.decode()
    assert html.count("<s>") == 1
    assert "<b>non</b>" in html
    assert "<s>oui</s>" in html


def test_person_evidence_of_a_line_agrees_with_the_line(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node = make_node()
    adviser = make_user(node)
    person = make_person(node)
    record_evidence(person, "C1", "lost", observed_on=now.date(), by=adviser)
    record_evidence(person, "E1", "lost", observed_on=now.date(), by=adviser)
    client.force_login(adviser)
    html = client.get(reverse("desk:person_evidence", args=[person.uuid])).content.decode()
    assert (html.count("<b>perdue</b>"), html.count("<b>perdu</b>")) == (1, 1)


def test_person_who_has_arrived_is_not_asked_to_arrive_again(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node = make_node()
    adviser = make_user(node)
    person = make_person(node)
    appointment = make_appointment(person, node, adviser, now + timedelta(hours=2))
    assert "Noter l’arrivée, une absence, une excuse" in page(client, adviser, person)
    type(appointment).objects.filter(pk=appointment.pk).update(state="arrived", arrived_at=now)
    html = page(client, adviser, person)
    assert "Noter l’arrivée" not in html
    assert "Noter le début, le départ, ou défaire" in html


def test_person_agreement_given_to_her_referrer_names_her_once(
    client: StrictClient, clock: object, now: datetime
) -> None:
    node = make_node()
    person = make_person(node)
    Agreement.objects.create(
        person=person, kind="tell_referrer", answer="agreed", said_at=now,
        with_whom="Samira Aubry, SIAO de Paris", written_by="Samira Aubry",
    )  # fmt: skip
    assert page(client, make_user(node), person).count("Samira Aubry") == 1


def test_person_timeline_puts_what_she_asks_below_the_interview_it_came_from(
    client: StrictClient, clock: object
) -> None:
    node = make_node()
    adviser = make_user(node)
    person = make_person(node, name="Mariam", languages="français")
    interview = start_interview(person, node=node, by=adviser)
    clock.move(minutes=10)
    answer_interview(interview, {"wants": HER_WORDS}, by=adviser)
    clock.move(minutes=5)
    finish_interview(interview, by=adviser)
    client.force_login(adviser)
    happened = client.get(reverse("desk:person", args=[person.uuid])).context["happened"]
    assert [row.icon for row in happened][:2] == ["clipboard-check", "quote"]
    assert [row.text for row in happened][:1] == ["Entretien d’accueil fini."]


def test_person_timeline_of_a_paper_interview_written_down_the_same_day(
    client: StrictClient, clock: object
) -> None:
    clock.move(hours=5)
    node = make_node()
    adviser = make_user(node)
    person = make_person(node, name="Mariam", languages="français")
    interview = start_interview(person, node=node, on_paper=True, held_on=clock.now().date(), by=adviser)
    answer_interview(interview, {"wants": HER_WORDS}, by=adviser)
    finish_interview(interview, by=adviser)
    client.force_login(adviser)
    happened = client.get(reverse("desk:person", args=[person.uuid])).context["happened"]
    assert [row.icon for row in happened][:2] == ["clipboard-check", "quote"]
