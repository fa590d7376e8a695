"""Who is she? What is found, why, and what nobody learns of another site's persons."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bagage.accounts.domain.roles import Role
from bagage.common.links import read_token
from bagage.people import services
from bagage.people.models import Following
from bagage.people.queries import alike_files, facts, look_up
from bagage.people.queries.finding import ELSEWHERE_PURPOSE
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    return make_network()


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


@pytest.fixture
def there(net):
    return make_user(net.saint_denis, first_name="Yao")


def found(text, user, **kwargs):
    return [hit.person.full_name for hit in look_up(text, user=user, **kwargs).hits]


def test_look_up_of_the_drawn_screen(net, adviser, there):
    make_person(net.riquet, "Fatoumata Diarra", by=adviser, birth_date=date(1985, 3, 12))
    make_person(net.riquet, "Diarra Fatou", by=adviser)
    make_person(net.riquet, "Фатума Диара", by=adviser, birth_year=1987)
    make_person(net.riquet, "Moussa Camara", by=adviser, birth_year=1985)
    make_person(net.saint_denis, "Fatouma Diarra", by=there, birth_year=1985)
    result = look_up("fatouma diara 85", user=adviser)
    assert [(hit.person.full_name, str(hit.band)) for hit in result.hits] == [
        ("Fatoumata Diarra", "very_likely"),
        ("Diarra Fatou", "possible"),
        ("Фатума Диара", "possible"),
    ]
    assert [line.site_name for line in result.elsewhere] == ["Saint-Denis"]


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Mohamed Traoré", "muhammad traore"),
        ("Mohamed Traoré", "traore mohammed"),
        ("Mohamed Traoré", "mohmaed"),
        ("Nguyễn Thị Lan", "thi nguyen"),
        ("محمد", "Mohamed"),
        ("Youssef Amrani", "يوسف"),
        ("Ольга Щербак", "olga shcherbak"),
        ("Ousmane N’Diaye", "usman ndiaye"),
        ("Kadiatou Bah", "kadi"),
        ("Diarra Fatou", "biarra"),
        ("Svetlana Kovalenko", "svetl"),
        # As they are met at a desk: short and long forms, borders, one word or two, other scripts.
        ("Fatoumata Diarra", "Fatouma Diarra"),
        ("Nguyen Thi Lan", "Lan Nguyen"),
        ("Ibrahima Touré", "ibrahim touray"),
        ("Mamadou Diallo", "mamadu jallow"),
        ("Abdelkader Benali", "abd el kader ben ali"),
        ("Abd El Kader Ben Ali", "abdelkader benali"),
        ("عبد الرحمن حداد", "Abderrahmane Haddad"),
        ("Abdelkader Haddad", "عبد القادر حداد"),
        ("Aïcha Bouazza", "عائشة بوعزة"),
        ("Reza Ahmadi", "رضا احمدی"),
        ("გიორგი ბერიძე", "Giorgi Beridze"),
        ("முருகன் சிவா", "Murugan Siva"),
        ("李小龍", "Li Xiaolong"),
        ("Хасан Абдуллаев", "Hassan Abdoullaev"),
        ("Γιώργος Παππάς", "Giorgos Pappas"),
        ("Oleksandr Shevchenko", "Sacha Chevtchenko"),
        ("Jean-Pierre Moreau", "jeanpierre moro"),
    ],
)
def test_look_up_in_any_spelling_and_script(net, adviser, stored, typed):
    make_person(net.riquet, "Zacharie Brun", by=adviser)
    make_person(net.riquet, stored, by=adviser)
    assert found(typed, adviser) == [stored]


def test_look_up_by_phone_even_with_a_slip(net, adviser):
    make_person(net.riquet, "Awa Sow", by=adviser, phone="+33639984127")
    make_person(net.riquet, "Binta Ba", by=adviser, phone="+33639989999")
    for typed in ("06 39 98 41 27", "06 39 98 41 28", "06 39 98 41 2", "06 39 98 14 27"):
        assert found(typed, adviser) == ["Awa Sow"]
    assert found("06 39 98 52 27", adviser) == []


def test_look_up_by_code_and_by_the_code_of_a_lost_card(net, adviser, there):
    person = make_person(net.riquet, "Awa Sow", by=adviser)
    old = person.code
    result = look_up(old, user=adviser)
    assert [(str(hit.band), [reason.kind for reason in hit.reasons]) for hit in result.hits] == [
        ("very_likely", ["same_code"])
    ]
    assert [line.site_name for line in look_up(old, user=there).elsewhere] == ["Riquet"]
    services.replace_card(person, by=adviser)
    assert [str(hit.band) for hit in look_up(old, user=adviser).hits] == ["possible"]
    # A paper that was lost opens nothing elsewhere, whoever found it.
    assert look_up(old, user=there).elsewhere == []


def test_look_up_finds_other_writings_and_former_names(net, adviser):
    person = make_person(net.riquet, "Olga Petrenko", by=adviser)
    services.add_name(person, "Ольга Коваленко", by=adviser)
    services.correct_identity(person, by=adviser, chosen_name="Olia")
    assert found("kovalenko", adviser) == ["Olia Petrenko"]
    assert found("olga petrenko", adviser) == ["Olia Petrenko"]


def test_look_up_of_a_file_marked_as_another_brings_up_the_one_that_is_kept(net, adviser, there):
    lead = make_user(net.root, Role.PROGRAMME_LEAD)
    kept = make_person(net.riquet, "Fatoumata Diarra", by=adviser)
    other = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there)
    merge = services.mark_as_same(kept, other, by=lead)
    for user in (adviser, there, lead):
        assert found("zephyrine oyelaran", user) == ["Fatoumata Diarra"]
        assert found(other.code, user) == ["Fatoumata Diarra"]
    services.separate(merge, by=lead)
    assert found("zephyrine oyelaran", adviser) == []
    assert found("zephyrine oyelaran", there) == ["Zéphyrine Oyélaran"]


@pytest.mark.parametrize(
    "typed",
    [
        "Fatou Saint-Denis 1985",
        "1985 st denis fatou",
        "Fatoumata, vers 1986",
        "fatou about 1985",
        "fatou 41 ans",
        "née le 12 mars 1985 Fatou",
        "Fatou 12/03/1985",
        "Fatou 06 39 98 41 28",
    ],
)
def test_look_up_tells_her_from_her_namesakes_by_what_else_is_said(net, adviser, typed):
    for year in range(1950, 1980, 3):
        make_person(net.riquet, "Fatou Diarra", by=adviser, birth_year=year, where="Marseille")
    make_person(
        net.riquet,
        "Fatou Diarra",
        by=adviser,
        birth_date=date(1985, 3, 12),
        where="Saint-Denis, foyer",
        phone="+33639984127",
    )
    assert look_up(typed, user=adviser).hits[0].person.birth_year == 1985


def test_look_up_follows_where_she_lives_and_when_she_was_born(net, adviser):
    person = make_person(net.riquet, "Fatou Diarra", by=adviser, birth_year=1971, where="Marseille")
    for number in range(3):
        make_person(net.riquet, "Fatou Diarra", by=adviser, birth_year=1975 + number)
    services.correct_identity(person, by=adviser, where="Stains", birth_year=1990)
    assert look_up("fatou stains", user=adviser).hits[0].person == person
    assert look_up("fatou 1990", user=adviser).hits[0].person == person
    assert look_up("fatou marseille", user=adviser).hits == []


# ---------- elsewhere ----------
def test_elsewhere_needs_two_facts_or_the_code(net, adviser, there):
    person = make_person(
        net.saint_denis, "Zéphyrine Oyélaran", by=there, birth_year=1985, phone="+33639980417"
    )

    def sites(text, **kwargs):
        result = look_up(text, user=adviser, **kwargs)
        assert result.hits == []
        return [line.site_name for line in result.elsewhere]

    assert sites("Zéphyrine Oyélaran") == []
    assert sites("06 39 98 04 17") == []
    assert sites("1985") == []
    assert sites("Zéphyrine Oyélaran 1971") == []
    assert sites("Zéphyrine Oyélaran 06 39 98 04 18") == []
    assert sites("Moussa Camara 1985") == []
    assert sites("Zéphyrine Oyélaran 1985") == ["Saint-Denis"]
    assert sites("Zefirine Oyelaran", birth_year=1985) == ["Saint-Denis"]
    assert sites("Oyélaran 06 39 98 04 17") == ["Saint-Denis"]
    assert sites("1985 06 39 98 04 17") == ["Saint-Denis"]
    assert sites(person.code) == ["Saint-Denis"]
    assert sites("Zéphyrine Oyélaran 1985", is_typing=True) == []


def test_elsewhere_does_not_say_how_many(net, adviser, there):
    for _ in range(3):
        make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there, birth_year=1985)
    result = look_up("Zéphyrine Oyélaran 1985", user=adviser)
    assert [line.site_name for line in result.elsewhere] == ["Saint-Denis"]


def test_elsewhere_token_is_of_the_one_who_asked_and_holds_no_fact(net, adviser, there):
    person = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there, birth_year=1985)
    (line,) = look_up("Zéphyrine Oyélaran 1985", user=adviser).elsewhere
    assert read_token(ELSEWHERE_PURPOSE, line.token) == [str(adviser.uuid), str(person.uuid), "Saint-Denis"]


def test_look_up_gives_nothing_to_who_may_not(net, adviser):
    person = make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser, birth_year=1985)
    for role in (Role.VOLUNTEER, Role.REFERRER, Role.LOGISTICS, Role.LOCAL_OFFICER, Role.ADMINISTRATOR):
        user = make_user(net.riquet, role)
        for text in ("Zéphyrine Oyélaran 1985", person.code):
            result = look_up(text, user=user)
            assert (result.hits, result.elsewhere) == ([], [])


def test_look_up_leaves_erased_files_out(net, adviser, now):
    person = make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser)
    person.erased_at = now
    person.save()
    assert found("Zéphyrine", adviser) == []


def test_two_of_one_name_are_not_both_very_likely(net, adviser):
    make_person(net.riquet, "María Souza", by=adviser)
    assert [str(hit.band) for hit in look_up("maria souza", user=adviser).hits] == ["very_likely"]
    make_person(net.riquet, "María Souza", by=adviser, birth_year=1980)
    assert [str(hit.band) for hit in look_up("maria souza", user=adviser).hits] == ["possible", "possible"]
    assert [str(hit.band) for hit in look_up("maria souza 1980", user=adviser).hits] == [
        "very_likely",
        "possible",
    ]


# ---------- alike ----------
def test_alike_files_are_proposed_and_a_couple_is_not_once_told(net, adviser):
    one = make_person(net.riquet, "Fatoumata Diarra", by=adviser, phone="+33639984127")
    two = make_person(net.riquet, "Diarra Fatou", by=adviser, phone="+33639984127")
    husband = make_person(net.riquet, "Moussa Camara", by=adviser, phone="+33639984127")
    pairs = alike_files([one, two, husband])
    assert [(first, second) for first, second, _ in pairs] == [(one, two)]
    services.say_not_the_same(one, two, by=adviser)
    assert alike_files([one, two, husband]) == []


# ---------- cost ----------
@pytest.mark.parametrize("text", ["Fatoumata Diarra 85", "Fatoumata Diarra 06 39 98 41 27", "B7K4M6"])
def test_look_up_asks_as_much_for_three_as_for_one(net, adviser, there, text):
    def add():
        make_person(net.riquet, "Fatoumata Diarra", by=adviser, birth_year=1985)
        make_person(net.saint_denis, "Fatoumata Diarra", by=there, birth_year=1985)

    def count():
        adviser.__dict__.pop("_node_ids", None)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            look_up(text, user=adviser)
        return len(queries)

    add()
    count()
    one = count()
    add()
    add()
    assert count() == one <= 16


# ---------- the list ----------
@pytest.mark.parametrize("few", [0, 2_000])
def test_persons_followed_are_the_same_whichever_way_they_are_read(
    net, adviser, there, few, now, monkeypatch
):
    """Another site's, an ended following and a file that is another's are left out; a kept file by its other is not."""
    monkeypatch.setattr(facts, "FEW", few)
    here = make_person(net.riquet, "Fatoumata Diarra", by=adviser)
    elsewhere = make_person(net.saint_denis, "Diarra Fatou", by=there)
    gone = make_person(net.riquet, "Moussa Camara", by=adviser)
    Following.objects.filter(person=gone).update(ended_at=now)
    kept = make_person(net.saint_denis, "Awa Bah", by=there)
    other = make_person(net.riquet, "Awa Ba", by=adviser)
    services.mark_as_same(kept, other, by=make_user(net.root, Role.PROGRAMME_LEAD))
    found = facts.persons_followed([net.riquet.pk], now)
    assert (set(found), elsewhere in found) == ({here, kept}, False)
