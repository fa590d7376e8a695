"""Files that may be one person's: who is entered, a whole spreadsheet, and rows of one list."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bagage.accounts.domain.roles import Ability, Role
from bagage.people import services
from bagage.people.domain.likeness import Known
from bagage.people.importing.twice import twice_among
from bagage.people.queries import duplicates_among, possible_duplicates, possible_duplicates_of_many
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db

FATOUMATA = Known(
    ("Fatoumata Diarra",),
    1985,
    False,
    date(1985, 3, 12),
    ("+33639984127",),
    where="Paris 19e",
    given="Fatoumata",
)
ENTERED = [
    Known(("Fatouma Diara",), 1985),
    Known(("Diarra Fatou",), phones=("+33639984127",)),
    Known(("Фатума Диара",), 1985, False, date(1985, 3, 12)),
    Known(("Fatoumata Diarra",)),
    # She married: her given name, her telephone, her year.
    Known(("Fatoumata Sissoko",), 1985, phones=("+33639984127",), given="Fatoumata"),
]
OTHERS = [
    Known(("Moussa Camara",), 1985, phones=("+33639984127",)),
    Known(("Aminata Diarra",), 1985, phones=("+33639984127",)),
    Known(("Fatoumata Diarra",), 1962),
    Known(("Fatoumata",)),
    Known(("Fatoumata Sissoko",), 1985),
    # Her twin: all is the same but the given name. Her daughter, who has her name.
    Known(
        ("Aminata Diarra",), 1985, False, date(1985, 3, 12), ("+33639984127",), where="Paris", given="Aminata"
    ),
    Known(("Fatoumata Diarra",), 2009, phones=("+33639984127",)),
]


@pytest.fixture
def net(now):
    return make_network()


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


@pytest.fixture
def her(net, adviser):
    return make_person(
        net.riquet,
        "Fatoumata Diarra",
        by=adviser,
        phone="+33639984127",
        birth_date=date(1985, 3, 12),
        where="Paris 19e",
    )


@pytest.mark.parametrize("known", ENTERED)
def test_possible_duplicates_are_proposed_with_reasons(her, known):
    ((person, likeness),) = possible_duplicates(known, scope=None)
    assert person == her
    assert likeness.reasons != ()


@pytest.mark.parametrize("known", OTHERS)
def test_possible_duplicates_keep_a_couple_a_family_and_a_namesake_apart(her, known):
    assert possible_duplicates(known, scope=None) == []
    assert possible_duplicates_of_many([known]) == [[]]


def test_possible_duplicates_of_many_are_those_of_each(her):
    many = possible_duplicates_of_many([*ENTERED, *OTHERS])
    assert [[person for person, _ in found] for found in many] == [[her]] * len(ENTERED) + [[]] * len(OTHERS)


def test_possible_duplicates_stay_in_scope(net, her):
    there = make_user(net.saint_denis).node_ids(Ability.LOOK_UP)
    here = make_user(net.riquet).node_ids(Ability.LOOK_UP)
    for scope, expected in ((there, []), (here, [her])):
        assert [person for person, _ in possible_duplicates(FATOUMATA, scope=scope)] == expected
        (found,) = possible_duplicates_of_many([FATOUMATA], scope=scope)
        assert [person for person, _ in found] == expected


def test_possible_duplicates_of_a_marked_file_bring_up_the_kept_one(net, adviser, her):
    other = make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser, birth_year=1971)
    services.mark_as_same(her, other, by=make_user(net.root, Role.PROGRAMME_LEAD))
    known = Known(("Zefirine Oyelaran",), 1971)
    assert [person for person, _ in possible_duplicates(known, scope=None)] == [her]
    (found,) = possible_duplicates_of_many([known])
    assert [person for person, _ in found] == [her]


def test_duplicates_among_rows_name_the_earlier_one(db):
    found = duplicates_among([FATOUMATA, OTHERS[0], *ENTERED], limit=10)
    assert [[at for at, _ in each][:1] for each in found[:2]] == [[], []]
    assert all(0 in [at for at, _ in each] for each in found[2:])


def test_duplicates_among_rows_ask_from_both_sides(db):
    """Who has two given names in one row and one of them in the other is told, whichever row comes first."""
    rows = [
        Known(("Marie Claire Mukendi",), 1985, False, date(1985, 3, 12)),
        Known(("Claire Mukendi",), 1985, False, date(1985, 3, 12)),
    ]
    for each in (rows, rows[::-1]):
        assert [[at for at, _ in found] for found in duplicates_among(each)] == [[], [0]]
        assert [[at for at, _ in found] for found in twice_among(each)] == [[], [0]]


def test_possible_duplicates_of_many_ask_as_much_for_three_as_for_one(net, adviser, her):
    def count(rows):
        with CaptureQueriesContext(connection) as queries:
            possible_duplicates_of_many(rows)
        return len(queries)

    assert (count(ENTERED[:1]), count(ENTERED[:3])) == (5, 5)
