"""One of many values, which travel as one: what it finds, and that its text does not change with how many."""

from datetime import datetime

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

from bagage.people.models import Person, PersonName

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(now: datetime) -> list[Person]:
    """Five files; the last two were marked as the first one's."""
    made = [
        Person.objects.create(code=f"P{n}", chosen_name=f"Nom {n}", created_at=now, last_contact_at=now)
        for n in range(5)
    ]
    Person.objects.filter(pk__in=[made[3].pk, made[4].pk]).update(merged_into=made[0])
    return made


def names(rows: QuerySet[Person]) -> str:
    """The numbers of the names, in their order."""
    return "".join(sorted(row.chosen_name.removeprefix("Nom ") for row in rows))


def test_keys_and_rows_are_found(files):
    assert names(Person.objects.filter(pk__among=[files[1].pk, files[3]])) == "13"


def test_a_set_a_dictionary_and_an_iterator_are_values_too(files):
    keys = [files[0].pk, files[4].pk]
    for values in (set(keys), dict.fromkeys(keys), iter(keys), frozenset(keys)):
        assert names(Person.objects.filter(pk__among=values)) == "04"


def test_relations_and_what_is_not_among(files):
    assert names(Person.objects.filter(merged_into__among=[files[0]])) == "34"
    assert names(Person.objects.filter(merged_into_id__among=[files[0].pk, files[1].pk])) == "34"
    assert names(Person.objects.exclude(pk__among=files[:3])) == "34"
    # As with ``in``: what has no relation is not excluded by it.
    assert names(Person.objects.exclude(merged_into__among=[files[0]])) == "012"
    assert names(Person.objects.filter(Q(pk__among=files[:1]) | Q(chosen_name__among=["Nom 2", "x"]))) == "02"


@pytest.mark.parametrize(
    "name", ["Élodie’s", 'dit "le Grand"', "Прокопенко", "deux\tet\ntrois", "{1,2}", "\\", "NULL"]
)
def test_texts_are_found_as_they_are(files, name):
    Person.objects.filter(pk=files[0].pk).update(chosen_name=name)
    assert [row.pk for row in Person.objects.filter(chosen_name__among=[name, "personne"])] == [files[0].pk]
    assert not Person.objects.filter(chosen_name__among=[f"{name}x", name.upper() + "x"])


def test_none_at_all_is_not_asked(files):
    with CaptureQueriesContext(connection) as asked:
        assert not list(Person.objects.filter(pk__among=[]))
        assert names(Person.objects.filter(Q(pk__among=[]) | Q(pk__among=files[:1]))) == "0"
        assert names(Person.objects.exclude(pk__among=[])) == "01234"
    assert len(asked) == 2


def test_its_text_is_the_same_for_any_number(files):
    texts = set()
    for more in (0, 3, 2_000):
        rows = Person.objects.filter(
            pk__among=[file.pk for file in files] + list(range(10**12, 10**12 + more))
        )
        sql, params = rows.query.sql_with_params()
        assert len(params) == 1
        assert len(rows) == 5
        texts.add(sql)
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"pk__among": 3}, "takes values"),
        ({"chosen_name__among": "abc"}, "takes values"),
        ({"birth_date__among": ["2026-11-28"]}, "for keys and texts"),
        ({"merged_into__among": None}, "takes values"),
    ],
)
def test_what_it_is_not_for_is_refused(asked, why):
    with pytest.raises(TypeError, match=why):
        Person.objects.filter(**asked)


def test_what_is_no_key_is_refused():
    with pytest.raises(ValueError, match="invalid literal"):
        Person.objects.filter(pk__among=["1) OR (1=1"])


def test_names_of_many(files, now):
    for file in files:
        PersonName.objects.create(person=file, text=file.chosen_name, added_at=now)
    found = PersonName.objects.filter(person__among=files[:2]).values_list("text", flat=True)
    assert sorted(found) == ["Nom 0", "Nom 1"]
