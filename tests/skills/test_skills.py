"""The shipped framework and items, observations, profiles, suggestions."""

from datetime import date

import pytest

from bagage.common.errors import BusinessError
from bagage.skills.domain.positioning import BASE, suggestions
from bagage.skills.domain.profile import profile
from bagage.skills.models import Competence, Item, Observation
from bagage.skills.queries import asked_items, positioning, step_words
from bagage.skills.services import record_observation
from tests.journeys.factories import make_node, make_person, make_user

DAY = date(2026, 11, 26)


@pytest.mark.django_db
def test_items_fifteen_in_order_with_their_competences() -> None:
    items = asked_items()
    order = "K1 K2 K3 K4 K5 K6 K7 K8 K13 K9 K10 K11 K12 K14 K15"
    assert [item.code for item in items] == order.split(" ")
    assert (items[5].title, items[5].competences) == ("Chercher, repérer un résultat fiable", "1.1, 1.2")
    assert set(BASE) <= {item.code for item in items}
    assert Competence.objects.filter(framework="DigComp", version="2.2").count() == 26
    assert Item.objects.filter(competences=None).count() == 0


@pytest.mark.django_db
def test_record_observation_correction_names_what_it_replaces(clock: object) -> None:
    node = make_node()
    person, user = make_person(node), make_user(node)
    first = record_observation(person, "K1", 3, observed_on=DAY, source="interview:1", by=user)
    assert record_observation(person, "K1", 3, observed_on=DAY, source="interview:1", by=user) is None
    clock.move(minutes=1)
    second = record_observation(person, "K1", None, observed_on=DAY, source="interview:1", by=user)
    clock.move(minutes=1)
    third = record_observation(person, "K1", 2, how="seen", observed_on=DAY, source="workshop:1", by=user)
    assert (second.corrects, third.corrects) == (first, None)
    assert positioning([person.pk])["K1"] == third
    assert Observation.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("item", "step", "how", "day"),
    [
        ("K99", 1, "said", DAY),
        ("K1", 4, "said", DAY),
        ("K1", 1, "felt", DAY),
        ("K1", 1, "said", date(2026, 11, 27)),
    ],
)
def test_record_observation_refused(clock: object, item: str, step: int, how: str, day: date) -> None:
    node = make_node()
    with pytest.raises(BusinessError):
        record_observation(make_person(node), item, step, how=how, observed_on=day, by=make_user(node))
    assert Observation.objects.count() == 0


@pytest.mark.parametrize(
    ("connected", "last", "expected"),
    [
        ("yes", "never", "A"),
        ("", "never", "A"),
        ("no", "helped", "B"),
        ("lent", "alone", "B"),
        ("yes", "alone", "C"),
        ("unknown", "alone", ""),
        ("yes", "unknown", ""),
        ("", "", ""),
    ],
)
def test_profile_by_two_answers(connected: str, last: str, expected: str) -> None:
    assert profile(connected, last) == expected


def test_suggestions_name_only_what_is_known_to_be_missing() -> None:
    assert suggestions({}) == []
    assert suggestions({"K10": None, "K9": 3}) == []
    assert suggestions({"K10": 0, "K1": 0, "K9": 1}) == ["K10", "K9"]
    assert suggestions({"K10": 0}, has_no_mailbox=True) == ["K7", "K10"]
    assert suggestions({"K7": 3}, has_no_mailbox=True) == []


@pytest.mark.parametrize(("grammar", "alone"), [("she", "seule"), ("he", "seul"), ("", "sans aide")])
def test_step_words_agree_with_the_person(grammar: str, alone: str) -> None:
    assert step_words(grammar)["3"] == alone
