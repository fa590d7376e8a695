"""She contests what is written of her: it is read, not changed; help goes on."""

from datetime import datetime

import pytest

from bagage.common.errors import BusinessError, Conflict
from bagage.journeys.services import answer_interview, start_interview
from bagage.people import services
from bagage.people.models import Agreement, Freeze, Person
from bagage.people.services.freezing import freeze_file, lift_freeze
from bagage.trail.models import Entry
from tests.people.factories import make_network, make_person, make_user


@pytest.fixture
def ground(db: None, now: datetime):
    network = make_network()
    user = make_user(network.riquet)
    return network, user, make_person(network.riquet, by=user, phone="+33639980001", at=now)


def test_a_frozen_file_says_since_when_and_what_to_do(ground, now):
    _network, user, person = ground
    freeze_file(person, words="Je n’ai jamais dit cela", by=user, at=now)
    with pytest.raises(Conflict) as refused:
        services.correct_identity(person, family_name="Autre", by=user, at=now)
    assert str(refused.value) == (
        "Ce dossier est gelé depuis le 26 novembre 2026 : la personne conteste ce qui y est écrit. "
        "Répondez d’abord, puis dégelez-le."
    )
    assert Person.objects.get(pk=person.pk).family_name == "Diarra"


def acts(network, user, person, now):
    """What changes who she is or what is said of her."""
    other = make_person(network.riquet, "Awa Ba", by=user)
    way = person.contact_ways.get()
    return {
        "correct_identity": lambda: services.correct_identity(person, family_name="Autre", by=user),
        "add_name": lambda: services.add_name(person, "Fatou", by=user),
        "add_contact_way": lambda: services.add_contact_way(person, kind="paper", by=user),
        "end_contact_way": lambda: services.end_contact_way(way, by=user),
        "record_situation": lambda: services.record_situation(
            person, "papers", "no", said_on=now.date(), by=user
        ),
        "mark_as_same": lambda: services.mark_as_same(person, other, by=user),
        "mark_as_same_the_other_way": lambda: services.mark_as_same(other, person, by=user),
    }


def test_nothing_that_is_said_of_her_changes_while_it_is_frozen(ground, now):
    network, user, person = ground
    every = acts(network, user, person, now)
    freeze_file(person, words="C’est faux", by=user, at=now)
    before = Entry.objects.count()
    refused = []
    for name, act in every.items():
        with pytest.raises(Conflict):
            act()
        refused.append(name)
    assert refused == list(every)
    assert Entry.objects.count() == before
    assert Person.objects.filter(merged_into=None).count() == 2


def test_an_interview_waits_too(ground, now):
    network, user, person = ground
    interview = start_interview(person, node=network.riquet, by=user, at=now)
    freeze_file(person, words="C’est faux", by=user, at=now)
    with pytest.raises(Conflict):
        answer_interview(interview, {"E1": "no"}, by=user, at=now)
    assert person.evidence.count() == 0


def test_help_goes_on(ground, now):
    network, user, person = ground
    freeze_file(person, words="C’est faux", by=user, at=now)
    services.record_agreement(person, "tell_referrer", "withdrawn", by=user, at=now)
    code = services.replace_card(person, by=user, at=now)
    services.start_following(person, network.saint_denis, by=user, at=now)
    assert Agreement.objects.get(person=person).answer == "withdrawn"
    assert Person.objects.get(pk=person.pk).code == code
    assert person.followings.count() == 2


def test_a_file_marked_as_hers_is_frozen_with_it(ground, now):
    network, user, person = ground
    other = make_person(network.riquet, "Fatou Diarra", by=user)
    services.mark_as_same(person, other, by=user, at=now)
    other.refresh_from_db()
    freeze_file(other, words="C’est faux", by=user, at=now)
    with pytest.raises(Conflict):
        services.add_name(other, "Fanta", by=user)
    with pytest.raises(Conflict):
        services.add_name(person, "Fanta", by=user)


def test_freezing_twice_is_freezing_once(ground, now):
    _network, user, person = ground
    first = freeze_file(person, words="C’est faux", by=user, at=now)
    again = freeze_file(person, words="Encore", by=user, at=now)
    assert first == again
    assert Freeze.objects.count() == 1
    assert Entry.objects.filter(verb="freeze_file").count() == 1


def test_it_is_lifted_with_an_answer(ground, now):
    _network, user, person = ground
    freeze = freeze_file(person, words="C’est faux", by=user, at=now)
    lifted = lift_freeze(freeze, answer="Corrigé avec elle", by=user, at=now)
    assert (lifted.lifted_at, lifted.lifted_by, lifted.answer) == (now, user, "Corrigé avec elle")
    assert services.add_name(person, "Fanta", by=user).text == "Fanta"
    with pytest.raises(Conflict, match="n’est plus gelé"):
        lift_freeze(freeze, answer="Encore", by=user, at=now)


@pytest.mark.parametrize("words", ["", "   "])
def test_it_says_what_is_contested_and_what_was_answered(ground, now, words):
    _network, user, person = ground
    with pytest.raises(BusinessError) as refused:
        freeze_file(person, words=words, by=user, at=now)
    assert refused.value.field == "words"
    freeze = freeze_file(person, words="C’est faux", by=user, at=now)
    with pytest.raises(BusinessError) as refused:
        lift_freeze(freeze, answer=words, by=user, at=now)
    assert refused.value.field == "answer"


def test_the_trail_holds_none_of_the_words(ground, now):
    _network, user, person = ground
    freeze_file(person, words="C’est Zacharie qui ment", by=user, at=now)
    rows = Entry.objects.values_list("verb", "fields", "thing", "reason")
    assert [row for row in rows if "Zacharie" in str(row)] == []
