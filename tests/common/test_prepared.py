"""Questions that are worded once: the same rows as asked the usual way, and nothing that would be asked for ever."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.test.utils import CaptureQueriesContext

from bagage.accounts.models import Organisation
from bagage.common.prepared import KEPT, LONGEST, Many, prepared
from bagage.people.models import ContactWay, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def persons(now: datetime) -> list[Person]:
    """Four persons, born in 1980 to 1983, met one day after the other; the second has two ways to be reached."""
    made = [
        Person.objects.create(
            code=f"P{n}",
            chosen_name=f"Nom {n}",
            birth_year=1980 + n,
            birth_date=date(1980 + n, 5, 4),
            created_at=now,
            last_contact_at=now - timedelta(days=n),
        )
        for n in range(4)
    ]
    for phone in ("+33639980001", "+33639980002"):
        ContactWay.objects.create(person=made[1], kind="sms", phone=phone, started_at=now)
    return made


@prepared
def files(ids: Iterable[int]) -> QuerySet[Person]:
    """In their order."""
    return Person.objects.filter(pk__in=ids).order_by("pk")


@prepared
def met(name: str, year: int, born: date, since: datetime, uuids: Iterable[Any]) -> QuerySet[Person]:
    """One value of each kind."""
    return Person.objects.filter(
        chosen_name=name,
        birth_year__gte=year,
        birth_date__lte=born,
        last_contact_at__gt=since,
        uuid__in=uuids,
    )


@prepared
def marked(is_marked: bool, erased_at: None) -> QuerySet[Person]:
    """Truths and ``None`` word the question."""
    return Person.objects.filter(merged_into__isnull=not is_marked, erased_at=erased_at).order_by("pk")


@prepared
def ways(ids: Iterable[int]) -> QuerySet[Person, tuple[str, int]]:
    """Counted, as plain values."""
    found = Person.objects.filter(pk__in=ids).order_by("pk")
    return found.annotate(ways=Count("contact_ways")).values_list("chosen_name", "ways")


@prepared
def with_ways(ids: Iterable[int]) -> QuerySet[ContactWay]:
    """With the table beside, and what is read with it."""
    found = ContactWay.objects.filter(person_id__in=ids).select_related("person")
    return found.prefetch_related("person__names").order_by("pk")


def test_prepared_answers_as_asked_the_usual_way(persons: list[Person]) -> None:
    ids = [one.pk for one in persons]
    for asked in (ids, ids[:1], ids[1:3], ids[2:3]):
        assert files(asked) == list(Person.objects.filter(pk__in=asked).order_by("pk")) != []


def test_prepared_is_worded_once_for_a_shape_and_asked_each_time(persons: list[Person]) -> None:
    files.wordings.clear()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert [files([one.pk]) for one in persons] == [[one] for one in persons]
    assert len(asked) == 4
    assert len(files.wordings) == 1
    files([persons[0].pk, persons[1].pk])
    assert len(files.wordings) == 2


def test_prepared_gives_every_kind_of_value_as_the_database_wants_it(
    persons: list[Person], now: datetime
) -> None:
    her = persons[2]
    week = timedelta(days=7)
    assert met("Nom 2", 1982, her.birth_date, now - week, [her.uuid, persons[0].uuid]) == [her]
    assert met("Nom 2", 1983, her.birth_date, now - week, [her.uuid, persons[0].uuid]) == []
    assert met("Nom 2", 1982, date(1982, 5, 3), now - week, [her.uuid, persons[0].uuid]) == []
    assert met("Nom 2", 1982, her.birth_date, now - timedelta(days=2), [her.uuid, persons[0].uuid]) == []
    assert met("Nom 2", 1982, her.birth_date, now - week, [persons[1].uuid, persons[0].uuid]) == []
    assert len(met.wordings) == 1


def test_prepared_takes_truths_and_none_as_words_of_the_question(persons: list[Person]) -> None:
    Person.objects.filter(pk=persons[3].pk).update(merged_into=persons[0])
    assert marked(False, None) == persons[:3]
    assert marked(True, None) == persons[3:]


def test_prepared_with_an_empty_list_asks_nothing(
    persons: list[Person], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert files([]) == []
    assert files([persons[0].pk]) == [persons[0]]


def test_prepared_gives_values_and_counts(persons: list[Person]) -> None:
    assert ways([one.pk for one in persons[:3]]) == [("Nom 0", 0), ("Nom 1", 2), ("Nom 2", 0)]


def test_prepared_keeps_what_is_read_beside(persons: list[Person], django_assert_num_queries: Any) -> None:
    for _again in range(2):
        with django_assert_num_queries(2):
            found = with_ways([persons[1].pk])
            assert [(one.person.chosen_name, list(one.person.names.all())) for one in found] == [
                ("Nom 1", [])
            ] * 2


def test_prepared_rows_are_made_anew_each_time(persons: list[Person]) -> None:
    first = files([persons[0].pk])
    first[0].chosen_name = "Autre"
    assert [one.chosen_name for one in files([persons[0].pk])] == ["Nom 0"]


def test_prepared_asks_a_long_list_the_usual_way(persons: list[Person]) -> None:
    files.wordings.clear()
    assert files([one.pk for one in persons] + list(range(-LONGEST, 0))) == persons
    assert files.wordings == {}


def test_prepared_forgets_when_it_has_too_many_wordings(persons: list[Person]) -> None:
    @prepared
    def either(ones: Iterable[int], others: Iterable[int]) -> QuerySet[Person]:
        return Person.objects.filter(Q(pk__in=ones) | Q(merged_into__in=others))

    for count in range(1, KEPT + 3):
        ones, others = divmod(count, LONGEST)
        assert either([persons[0].pk] * (ones + 1), [persons[1].pk] * max(others, 1)) == [persons[0]]
    assert len(either.wordings) <= KEPT


def test_prepared_refuses_a_value_that_is_worked_out_inside(now: datetime) -> None:
    @prepared
    def lately(at: datetime) -> QuerySet[Person]:
        return Person.objects.filter(last_contact_at__gt=at - timedelta(days=3))

    with pytest.raises(
        TypeError, match=r"lately\(\) cannot be prepared: it does not ask with what it is given"
    ):
        lately(now)


def test_prepared_refuses_a_question_that_words_nothing(now: datetime) -> None:
    @prepared
    def nobody(pk: int) -> QuerySet[Person]:
        return Person.objects.none()

    with pytest.raises(TypeError, match=r"nobody\(\) cannot be prepared: it words no question"):
        nobody(1)


def test_prepared_takes_its_values_in_their_order() -> None:
    with pytest.raises(TypeError, match="takes its values in their order"):
        files(ids=[1])


def test_prepared_sees_what_the_same_transaction_wrote(persons: list[Person]) -> None:
    assert [one.chosen_name for one in files([persons[0].pk])] == ["Nom 0"]
    Person.objects.filter(pk=persons[0].pk).update(chosen_name="Awa")
    assert [one.chosen_name for one in files([persons[0].pk])] == ["Awa"]


def test_organisations_are_read_by_their_own_question_too() -> None:
    @prepared
    def named(name: str) -> QuerySet[Organisation]:
        return Organisation.objects.filter(name=name)

    assert named("Personne") == []


@prepared
def among_kinds(ids: Many, others: Many) -> QuerySet[ContentType, int]:
    found = ContentType.objects.filter(Q(pk__among=ids) | Q(pk__among=others))
    return found.order_by("pk").values_list("pk", flat=True)


@pytest.mark.django_db
def test_many_keys_travel_as_one_value_whatever_their_number() -> None:
    pks = [ContentType.objects.create(app_label="x", model=f"m{number}").pk for number in range(60)]
    assert among_kinds(Many(pks[:2]), Many(pks[5:6])) == [pks[0], pks[1], pks[5]]
    worded = len(among_kinds.wordings)
    with CaptureQueriesContext(connection) as asked:
        assert among_kinds(Many(pks[:50]), Many(pks[50:])) == pks
    assert (len(asked), len(among_kinds.wordings)) == (1, worded)
    assert among_kinds(Many(), Many(pks[3:4])) == [pks[3]]
    assert among_kinds(Many(), Many()) == []
