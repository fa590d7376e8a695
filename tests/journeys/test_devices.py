"""What a handover tells about the device pocket; only the newest act speaks."""

from datetime import date, timedelta

import pytest

from bagage.equipment import services
from bagage.equipment.models import Device
from bagage.journeys.models import Evidence
from bagage.journeys.queries import baggages
from bagage.journeys.services import add_request, change_request, open_journey, record_evidence
from tests.equipment.factories import give, key, make_device, reserve
from tests.permanences.factories import make_installation, make_person, make_site, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)
SEEN_WORKING = ["powers_on", "charger"]


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


def pocket(person) -> str:
    return baggages([person])[person.pk].device.state


def answers(person) -> list[tuple[str, str]]:
    rows = Evidence.objects.filter(person=person).order_by("observed_on", "written_at", "pk")
    return sorted({one.item: one.answer for one in rows}.items())


def test_handover_with_its_charger_fills_the_pocket(site, helene, mariam) -> None:
    handover = give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    assert (pocket(mariam), answers(mariam)) == ("full", [("E1", "yes"), ("E2", "yes"), ("E3", "yes")])
    fact = Evidence.objects.get(item="E1")
    assert (fact.how, fact.note, fact.source) == (
        "seen",
        "Galaxy A14, remis le 26 novembre 2026.",
        f"handover:{handover.uuid}",
    )


def test_handover_without_a_charger_fills_half(site, helene, mariam) -> None:
    give(make_device(site), mariam, helene, checks=["powers_on"])
    assert (pocket(mariam), answers(mariam)) == ("half", [("E1", "yes"), ("E3", "yes")])


def test_reservation_tells_nothing(site, helene, mariam) -> None:
    reserve(make_device(site), mariam, helene)
    assert answers(mariam) == []


@pytest.mark.parametrize(
    ("reason", "state"), [("returned", "empty"), ("broken", "lost"), ("lost", "lost"), ("stolen", "lost")]
)
def test_device_that_comes_back_or_is_gone(site, helene, mariam, clock, reason, state) -> None:
    handover = give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    clock.move(days=3)
    services.take_back_device(handover, reason=reason, site=site, key=key(), by=helene)
    assert pocket(mariam) == state


def test_device_repaired_is_hers_again(site, helene, mariam, clock) -> None:
    handover = give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    clock.move(days=3)
    services.take_back_device(handover, reason="repair", site=site, key=key(), by=helene)
    assert pocket(mariam) == "lost"
    clock.move(days=3)
    handover.refresh_from_db()
    services.give_back_repaired(handover, key=key(), by=helene)
    assert pocket(mariam) == "full"


def test_handover_undone_gives_way_to_what_was_known(site, helene, mariam, clock) -> None:
    record_evidence(mariam, "E1", "lent", observed_on=TODAY, by=helene)
    clock.move(minutes=5)
    handover = give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    assert pocket(mariam) == "full"
    clock.move(minutes=5)
    services.undo_handover(handover, reason="Erreur", key=key(), by=helene)
    assert pocket(mariam) == "empty"
    assert answers(mariam) == [("E1", "lent"), ("E2", "unknown"), ("E3", "unknown")]


def test_device_given_back_tells_nothing_while_she_has_another(site, helene, mariam, clock) -> None:
    from bagage.equipment.models import EquipmentRules

    EquipmentRules.objects.update_or_create(pk=1, defaults={"devices_per_person": 2})
    first = give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    clock.move(minutes=5)
    second = give(make_device(site, kind="laptop", model="T480"), mariam, helene, checks=SEEN_WORKING)
    clock.move(minutes=5)
    services.take_back_device(second, reason="returned", site=site, key=key(), by=helene)
    assert pocket(mariam) == "full"
    clock.move(minutes=5)
    services.take_back_device(first, reason="returned", site=site, key=key(), by=helene)
    assert pocket(mariam) == "empty"
    assert Device.objects.filter(state="handed_over").count() == 0


def test_what_someone_observes_later_holds(site, helene, mariam, clock) -> None:
    give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    clock.move(days=10)
    record_evidence(mariam, "E1", "lost", observed_on=TODAY + timedelta(days=10), by=helene)
    assert pocket(mariam) == "lost"


def asked(person, helene, site, *, said_on=TODAY):
    journey = open_journey(person, site.organisation, by=helene)
    words = [("Un téléphone", "device"), ("Une ligne", "connection"), ("Apprendre", "skills")]
    return [
        add_request(journey, words=text, pocket=pocket, said_on=said_on, by=helene) for text, pocket in words
    ]


def states(requests) -> list[str]:
    for request in requests:
        request.refresh_from_db()
    return [request.state for request in requests]


def test_handover_meets_what_she_asked_for_and_undone_opens_it_again(site, helene, mariam, clock) -> None:
    requests = asked(mariam, helene, site)
    change_request(requests[0], state="under_way", by=helene)
    clock.move(minutes=5)
    handover = give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    assert states(requests) == ["met", "open", "open"]
    assert requests[0].steps.last().source == f"handover:{handover.uuid}"
    clock.move(minutes=5)
    services.undo_handover(handover, reason="Erreur", key=key(), by=helene)
    assert states(requests) == ["under_way", "open", "open"]


def test_handover_undone_leaves_what_someone_wrote_since(site, helene, mariam, clock) -> None:
    requests = asked(mariam, helene, site)
    handover = give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    clock.move(minutes=5)
    change_request(requests[0], state="open", by=helene)
    change_request(requests[0], state="met", by=helene)
    clock.move(minutes=5)
    services.undo_handover(handover, reason="Erreur", key=key(), by=helene)
    assert states(requests)[0] == "met"


def test_request_that_she_wants_no_more_stays_so(site, helene, mariam) -> None:
    requests = asked(mariam, helene, site)
    change_request(requests[0], state="dropped", by=helene)
    give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    assert states(requests)[0] == "dropped"


def test_device_given_back_is_told_so(site, helene, mariam, clock) -> None:
    handover = give(make_device(site), mariam, helene, checks=SEEN_WORKING)
    clock.move(days=2)
    services.take_back_device(handover, reason="returned", site=site, key=key(), by=helene)
    newest = Evidence.objects.filter(person=mariam, item="E1").order_by("pk").last()
    assert "rendu le 28 novembre 2026" in newest.note
