"""News after an exit: answers become evidence, tries are counted."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.journeys.models import Evidence, FollowUp, FollowUpTry
from bagage.journeys.queries import baggages
from bagage.journeys.services import (
    add_request,
    answer_follow_up,
    change_request,
    note_try,
    reopen_journey,
)
from bagage.skills.domain.positioning import BASE
from bagage.skills.models import Observation
from bagage.trail.models import Entry
from tests.journeys.exit_factories import fill, leave, start
from tests.permanences.factories import make_installation, make_person, make_site, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)
LATER = date(2027, 2, 26)


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def helene(site):
    return make_user(site)


@pytest.fixture
def mariam(site):
    return make_person(site, "Mariam")


@pytest.fixture
def journey(mariam, site, helene):
    return start(mariam, site, helene)


@pytest.fixture
def asked(journey, helene):
    request = add_request(journey, words="Lire mes mails", pocket="skills", said_on=TODAY, by=helene)
    return change_request(request, state="met", by=helene)


@pytest.fixture
def due(journey, asked, mariam, helene, clock):
    """Three months after a complete exit."""
    fill(mariam, TODAY, helene)
    left = leave(journey, helene, kind="complete", reason="")
    clock.move(days=92)
    return left.follow_ups.get(months=3)


def states(person) -> tuple[str, str, str]:
    bag = baggages([person])[person.pk]
    return bag.device.state, bag.connection.state, bag.skills.state


def answer(follow_up: FollowUp, by, **fields) -> FollowUp:
    values = {"who": "herself", "device": "yes", "connection": "yes", "skills": "yes", **fields}
    return answer_follow_up(follow_up, by=by, **values)


def test_answer_still_there_is_evidence_of_that_day(due, mariam, helene) -> None:
    done = answer(due, helene, words="Tout va bien")
    assert (done.state, done.words) == ("answered", "Tout va bien")
    assert states(mariam) == ("full", "full", "full")
    source = f"follow_up:{due.uuid}"
    assert list(
        Evidence.objects.filter(source=source).order_by("item").values_list("item", "answer", "how")
    ) == [
        ("C1", "yes", "said"),
        ("E1", "yes", "said"),
    ]
    assert Observation.objects.filter(source=source, observed_on=LATER, step=3).count() == len(BASE)
    assert Entry.objects.filter(verb="follow_up.answer").get().fields == "device,connection,skills"


def test_answer_no_more_is_lost_and_the_bag_says_it(due, mariam, helene, asked) -> None:
    answer(due, helene, device="no", skills="no", no_more=[asked.uuid])
    asked.refresh_from_db()
    assert states(mariam) == ("lost", "full", "half")
    assert (asked.state, asked.steps.last().source) == ("under_way", f"follow_up:{due.uuid}")


def test_answer_no_more_of_skills_without_saying_which_is_unknown(due, mariam, helene, asked) -> None:
    answer(due, helene, skills="no")
    asked.refresh_from_db()
    assert states(mariam) == ("full", "full", "half")
    assert asked.state == "met"
    assert Observation.objects.filter(source=f"follow_up:{due.uuid}", step=None).count() == len(BASE)


def test_answer_unknown_adds_nothing(due, mariam, helene) -> None:
    answer(due, helene, device="unknown", connection="unknown", skills="unknown")
    assert states(mariam) == ("full", "full", "full")
    assert Evidence.objects.filter(source=f"follow_up:{due.uuid}").count() == 0


def test_answer_twice_is_once_and_another_one_is_refused(due, helene) -> None:
    answer(due, helene)
    answer(due, helene)
    with pytest.raises(Conflict):
        answer(due, helene, device="no")
    assert Entry.objects.filter(verb="follow_up.answer").count() == 1


@pytest.mark.parametrize("field", ["who", "device", "connection", "skills"])
def test_answer_must_be_whole(due, helene, field) -> None:
    with pytest.raises(BusinessError) as refusal:
        answer(due, helene, **{field: ""})
    assert refusal.value.field == field
    assert FollowUp.objects.get(pk=due.pk).state == "due"


def test_try_three_times_then_she_is_not_sought_any_more(due, helene, clock) -> None:
    for number in (1, 2, 3):
        clock.move(days=1)
        note_try(due, key=f"try{number}", by=helene)
        note_try(due, key=f"try{number}", by=helene)
    due.refresh_from_db()
    assert (due.state, FollowUpTry.objects.count()) == ("not_reached", 3)
    with pytest.raises(Conflict, match="après 3 essais"):
        note_try(due, key="try4", by=helene)
    assert answer(due, helene).state == "answered"  # she turned up after all


def test_answer_after_she_came_back_is_refused(due, journey, helene) -> None:
    reopen_journey(journey, reason="asked", key="back", by=helene)
    with pytest.raises(Conflict, match="rouvert"):
        answer(due, helene)
    with pytest.raises(Conflict, match="rouvert"):
        note_try(due, key="try", by=helene)


def test_answer_of_something_she_never_had_is_no(journey, mariam, helene, clock) -> None:
    left = leave(journey, helene)
    clock.move(days=92)
    answer(left.follow_ups.get(months=3), helene, device="no", connection="unknown", skills="unknown")
    assert states(mariam) == ("empty", "unknown", "unknown")


def test_follow_up_rows_refuse_half_an_answer(due, now) -> None:
    due.state, due.answered_at, due.device = "answered", now, "yes"
    with pytest.raises(IntegrityError), transaction.atomic():
        due.save()


def test_follow_up_once_for_an_exit_and_a_month(due) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(
            journey=due.journey, exit=due.exit, months=3, due_on=LATER + timedelta(days=9)
        )
