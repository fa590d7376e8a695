"""What she agreed to, other names, and with whom she lives: screens."""

import re
from datetime import date

import pytest
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.common.errors import BusinessError, Conflict
from bagage.people import services
from bagage.people.models import Agreement, NameKey, PersonName
from bagage.people.services.freezing import freeze_file
from bagage.permanences.models import Site
from bagage.trail.models import Entry
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    network = make_network()
    Site.objects.create(
        organisation=network.riquet, address="14 rue Riquet", city="Paris", phone="+33199001234"
    )
    return network


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


@pytest.fixture
def desk(client, adviser):
    client.force_login(adviser)
    return client


@pytest.fixture
def her(net, adviser):
    return make_person(net.riquet, "Fatoumata Diarra", by=adviser, grammar="she")


def shown(response) -> str:
    """What a reader sees: no tags, no doubled spaces."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\xa0", " ").split())


def page(desk, her) -> str:
    return shown(desk.get(reverse("desk:person_identity", args=[her.uuid])))


# ---------- agreements ----------
def agree(desk, her, **data):
    return desk.post(
        reverse("desk:person_agreement_add", args=[her.uuid]),
        {"kind": "share_onward", "answer": "agreed", "with_whom": "la médiathèque", **data},
    )


def test_an_agreement_has_its_last_day_and_how_it_was_said(desk, her, now):
    assert agree(desk, her, how="signed", until="2026-12-31").status_code == 302
    one = Agreement.objects.get()
    assert (one.how, one.until, one.with_whom) == ("signed", date(2026, 12, 31), "la médiathèque")
    assert [one.holds_on(date(2026, 12, 31)), one.holds_on(date(2027, 1, 1))] == [True, False]

    assert "d’accord, signé, jeudi 26 novembre 2026, jusqu’au jeudi 31 décembre 2026" in page(desk, her)


def test_an_agreement_that_has_ended_says_so(desk, her, adviser, clock):
    agree(desk, her, until="2026-11-27")
    clock.move(days=3)
    desk.force_login(adviser)
    assert "d’accord, jeudi 26 novembre 2026, fini le vendredi 27 novembre 2026" in page(desk, her)


def test_without_a_word_it_was_spoken_and_has_no_end(desk, her):
    agree(desk, her)
    assert Agreement.objects.values_list("how", "until").get() == ("spoken", None)


def test_pressed_twice_it_is_noted_once_and_another_answer_is_another(desk, her):
    for answer in ("agreed", "agreed", "withdrawn", "agreed"):
        agree(desk, her, answer=answer)
    assert list(Agreement.objects.order_by("pk").values_list("answer", flat=True)) == [
        "agreed", "withdrawn", "agreed",
    ]  # fmt: skip
    assert Entry.objects.filter(verb="record_agreement").count() == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"until": "2026-11-25"}, "Ce jour est passé : l’accord n’ouvrirait rien."),
        ({"until": "2027-01-01", "answer": "refused"}, "Un dernier jour ne va qu’avec un accord."),
        ({"until": "demain"}, "Écrivez un jour, comme 31/12/2026, ou laissez vide."),
        ({"how": "sung"}, "Sélectionnez un choix valide."),
    ],
)
def test_what_cannot_be_noted_says_why_and_keeps_what_was_typed(desk, her, data, said):
    answer = agree(desk, her, **data)
    assert answer.status_code == 422
    assert said in shown(answer)
    assert "la médiathèque" in answer.content.decode()
    assert Agreement.objects.count() == 0


def test_the_service_refuses_another_way_of_saying(her, adviser):
    with pytest.raises(BusinessError) as refused:
        services.record_agreement(her, "informed", "agreed", how="sung", by=adviser)
    assert refused.value.field == "how"


# ---------- other names ----------
def press(desk, her, text, **data):
    return desk.post(reverse("desk:person_name_remove", args=[her.uuid]), {"text": text, **data})


def words_of(her) -> set[str]:
    return set(NameKey.objects.filter(person=her, is_place=False).values_list("word", flat=True))


def test_a_name_that_was_a_mistake_finds_her_no_more_and_can_be_put_back(desk, her, adviser):
    services.add_name(her, "Zoubida", "nickname", by=adviser)
    assert words_of(her) == {"fatoumata", "diarra", "zoubida"}
    assert press(desk, her, "Zoubida").status_code == 302
    assert words_of(her) == {"fatoumata", "diarra"}

    assert "Retirés Zoubida retiré le jeudi 26 novembre 2026 Remettre" in page(desk, her)
    press(desk, her, "Zoubida", back="1")
    assert words_of(her) == {"fatoumata", "diarra", "zoubida"}
    verbs = (
        Entry.objects.filter(person=her.uuid, fields="names").order_by("pk").values_list("verb", flat=True)
    )
    assert list(verbs) == ["add_name", "remove_name", "put_name_back"]


def test_a_name_removed_twice_is_removed_once(desk, her, adviser):
    services.add_name(her, "Zoubida", by=adviser)
    for _time in range(2):
        assert press(desk, her, "Zoubida").status_code == 302
    assert Entry.objects.filter(verb="remove_name").count() == 1


def test_a_removed_name_that_is_said_again_is_the_same_one(her, adviser):
    name = services.add_name(her, "Zoubida", by=adviser)
    services.remove_name(name, by=adviser)
    assert services.add_name(her, "Zoubida", by=adviser).pk == name.pk
    assert PersonName.objects.filter(text="Zoubida").count() == 1


def test_her_own_name_is_corrected_not_removed(her, adviser):
    own = PersonName.objects.create(person=her, text="Fatoumata Diarra", kind="main", added_at=her.created_at)
    with pytest.raises(Conflict):
        services.remove_name(own, by=adviser)
    assert PersonName.objects.get(pk=own.pk).removed_at is None


def test_no_name_is_removed_from_a_frozen_file(her, adviser):
    name = services.add_name(her, "Zoubida", by=adviser)
    freeze_file(her, words="ce n’est pas moi", by=adviser)
    with pytest.raises(Conflict):
        services.remove_name(name, by=adviser)
    assert PersonName.objects.get(pk=name.pk).removed_at is None


def test_a_name_of_another_person_is_not_reached_by_hers(desk, her, net, adviser):
    other = make_person(net.riquet, "Ines Haddad", by=adviser)
    services.add_name(other, "Zoubida", by=adviser)
    assert press(desk, her, "Zoubida").status_code == 404
    assert PersonName.objects.filter(person=other, text="Zoubida").count() == 1


# ---------- with whom she lives ----------
def test_the_file_says_with_whom_she_lives(desk, net, her, adviser):
    child = make_person(net.riquet, "Awa Diarra", by=adviser)
    services.say_they_live_together(her, child, kind="child", by=adviser)
    text = shown(desk.get(reverse("desk:person", args=[her.uuid])))
    assert "Dans le même foyer 1 Ajouter ou changer Awa Diarra" in text
    assert "Fatoumata Diarra" in shown(desk.get(reverse("desk:person", args=[child.uuid])))


def test_the_file_names_nobody_whom_another_place_follows(client, desk, net, her, adviser):
    child = make_person(net.riquet, "Awa Diarra", by=adviser)
    services.say_they_live_together(her, child, kind="child", by=adviser)
    child.followings.update(node=net.saint_denis)
    text = shown(desk.get(reverse("desk:person", args=[her.uuid])))
    assert "Quelqu’un qu’une autre permanence suit" in text
    assert "Awa" not in text


def test_reception_reads_it_and_without_a_household_there_is_no_pocket(client, net, her):
    client.force_login(make_user(net.riquet, Role.RECEPTIONIST, "Samira"))
    assert "Dans le même foyer" not in shown(client.get(reverse("desk:person", args=[her.uuid])))
