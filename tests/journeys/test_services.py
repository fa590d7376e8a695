"""Journeys, requests, evidence and the interview, with a database."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.common.errors import BusinessError, Conflict
from bagage.journeys.models import Evidence, Interview, Journey, Request, RequestStep
from bagage.journeys.queries import baggages
from bagage.journeys.services import (
    add_request,
    answer_interview,
    change_request,
    finish_interview,
    open_journey,
    record_evidence,
    start_interview,
)
from bagage.people.models import SituationFact
from bagage.skills.models import Observation
from bagage.trail.models import Entry
from tests.journeys.factories import make_appointment, make_node, make_person, make_user

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 26)


def bag(person: object) -> tuple[str, str, str]:
    found = baggages([person])[person.pk]
    return str(found.device), str(found.connection), str(found.skills)


def test_open_journey_twice_is_one(clock: object) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    first = open_journey(person, node, by=user)
    assert open_journey(person, node, by=user) == first
    assert Journey.objects.count() == 1
    assert list(Entry.objects.values_list("verb", "thing")) == [("open_journey", f"journey:{first.uuid}")]


def test_add_request_same_words_is_one_and_takes_the_pocket(clock: object) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    journey = open_journey(person, node, by=user)
    first = add_request(journey, words="Je veux parler à ma mère.", said_on=DAY, source="referral:1", by=user)
    again = add_request(
        journey, words=" je veux  parler à ma mère ", pocket="connection", said_on=DAY, by=user
    )
    assert again == first
    assert Request.objects.get().pocket == "connection"


@pytest.mark.parametrize(
    ("words", "pocket", "day"),
    [("  ", "", DAY), ("x" * 301, "", DAY), ("Lire", "lunch", DAY), ("Lire", "", DAY + timedelta(days=1))],
)
def test_add_request_refused(clock: object, words: str, pocket: str, day: date) -> None:
    node = make_node()
    user = make_user(node)
    journey = open_journey(make_person(node), node, by=user)
    with pytest.raises(BusinessError):
        add_request(journey, words=words, pocket=pocket, said_on=day, by=user)
    assert Request.objects.count() == 0


def test_change_request_keeps_each_state_and_its_day(clock: object) -> None:
    node = make_node()
    user = make_user(node)
    request = add_request(
        open_journey(make_person(node), node, by=user), words="Lire mes mails", said_on=DAY, by=user
    )
    change_request(request, state="under_way", by=user)
    clock.move(days=2)
    change_request(request, state="met", by=user)
    change_request(request, state="met", by=user)
    assert list(RequestStep.objects.values_list("state", "on")) == [
        ("under_way", DAY),
        ("met", DAY + timedelta(days=2)),
    ]
    assert Entry.objects.filter(verb="change_request").count() == 2


def test_record_evidence_says_nothing_twice(clock: object) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    assert record_evidence(person, "E1", "yes", observed_on=DAY, by=user) is not None
    assert record_evidence(person, "E1", "yes", observed_on=DAY, by=user) is None
    with pytest.raises(BusinessError):
        record_evidence(person, "E9", "yes", observed_on=DAY, by=user)
    with pytest.raises(BusinessError):
        record_evidence(person, "E1", "yes", observed_on=DAY + timedelta(days=1), by=user)


def test_interview_answers_become_facts_and_fill_the_bag(clock: object) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    interview = start_interview(person, node=node, by=user)
    assert start_interview(person, node=node, by=user) == interview
    changed = answer_interview(
        interview,
        {
            "E1": "no",
            "C1": "yes",
            "K1": "3",
            "K2": "unknown",
            "bank_account": "no",
            "wants": "Parler à ma mère",
        },
        by=user,
    )
    assert changed == ["E1", "C1", "K1", "K2", "bank_account", "wants"]
    assert bag(person) == ("empty", "half", "half")
    source = f"interview:{interview.uuid}"
    assert set(Evidence.objects.values_list("source", "written_by")) == {(source, "Hélène Lenoir")}
    assert SituationFact.objects.get().answer == "no"
    assert Request.objects.get().words == "Parler à ma mère"
    entry = Entry.objects.get(verb="answer_interview")
    assert entry.fields == "C1,E1,K1,K2,bank_account,wants"


def test_interview_wants_follows_its_wording_while_open(clock: object) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    interview = start_interview(person, node=node, by=user)
    answer_interview(interview, {"wants": "Parler à ma"}, by=user)
    answer_interview(interview, {"wants": "Parler à ma mère"}, by=user)
    assert list(Request.objects.values_list("words", flat=True)) == ["Parler à ma mère"]


@pytest.mark.parametrize(
    "answers", [{"E1": "yes", "E2": "perhaps"}, {"E1": "yes", "K1": "4"}, {"E1": "yes", "name": "x"}]
)
def test_interview_one_wrong_answer_writes_nothing(clock: object, answers: dict[str, str]) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    interview = start_interview(person, node=node, by=user)
    with pytest.raises(BusinessError):
        answer_interview(interview, answers, by=user)
    assert (Evidence.objects.count(), Observation.objects.count()) == (0, 0)


def test_interview_correction_after_finishing_keeps_what_was_written(clock: object) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    interview = start_interview(person, node=node, by=user)
    answer_interview(interview, {"E1": "yes", "K1": "3"}, by=user)
    finish_interview(interview, by=user)
    clock.move(days=1)
    answer_interview(interview, {"E1": "no", "K1": "1"}, by=user)
    assert bag(person)[0] == "empty"
    assert list(Evidence.objects.order_by("pk").values_list("answer", "observed_on")) == [
        ("yes", DAY),
        ("no", DAY + timedelta(days=1)),
    ]
    newest = Observation.objects.order_by("-pk")[0]
    assert (newest.step, newest.corrects.step) == (1, 3)
    assert Entry.objects.filter(verb="correct_interview").count() == 1
    found = baggages([person], today=DAY)[person.pk]
    assert str(found.device) == "half"


def test_interview_on_paper_counts_on_the_day_it_was_held(clock: object) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    interview = start_interview(person, node=node, by=user, on_paper=True, held_on=DAY - timedelta(days=5))
    answer_interview(interview, {"E1": "yes"}, by=user)
    assert Evidence.objects.get().observed_on == DAY - timedelta(days=5)
    with pytest.raises(BusinessError):
        start_interview(make_person(node), node=node, by=user, held_on=DAY + timedelta(days=1))


def test_finish_interview_without_an_answer_is_refused(clock: object) -> None:
    node = make_node()
    user = make_user(node)
    interview = start_interview(make_person(node), node=node, by=user)
    with pytest.raises(Conflict):
        finish_interview(interview, by=user)
    assert Interview.objects.get().finished_at is None


def test_baggages_counts_the_facts_of_merged_files_together(clock: object) -> None:
    node = make_node()
    user = make_user(node)
    kept, merged, deeper = make_person(node), make_person(node), make_person(node)
    stranger = make_person(node)
    record_evidence(merged, "E1", "yes", observed_on=DAY, by=user)
    record_evidence(deeper, "C1", "lost", observed_on=DAY, by=user)
    record_evidence(stranger, "E1", "lost", observed_on=DAY, by=user)
    deeper.merged_into = merged
    deeper.save()
    merged.merged_into = kept
    merged.save()
    assert bag(kept) == ("half", "lost", "unknown")
    merged.merged_into = None
    merged.save()
    assert bag(kept) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize("count", [1, 3])
def test_baggages_asks_the_same_number_of_queries(
    clock: object, count: int, django_assert_num_queries: object
) -> None:
    node = make_node()
    user = make_user(node)
    persons = [make_person(node) for _ in range(count)]
    for person in persons:
        interview = start_interview(person, node=node, by=user)
        answer_interview(interview, {"E1": "no", "K1": "1", "wants": "Lire"}, by=user)
    with django_assert_num_queries(5):
        assert {str(one.device) for one in baggages(persons).values()} == {"empty"}


@pytest.mark.parametrize(("role", "state"), [(Role.ADVISER, "under_way"), (Role.RECEPTIONIST, "arrived")])
def test_interview_started_by_who_leads_it_begins_her_appointment(
    clock: object, role: Role, state: str
) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node, role)
    appointment = make_appointment(person, node, user, timezone.now(), state="arrived")
    start_interview(person, node=node, appointment=appointment, by=user)
    appointment.refresh_from_db()
    assert appointment.state == state
