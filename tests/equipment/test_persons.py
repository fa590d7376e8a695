"""A device and a person: kept, paid, handed over, undone, brought back; never to two, never beyond the limit."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.equipment import services
from bagage.equipment.events import device_changed
from bagage.equipment.models import Handover, Reservation
from bagage.equipment.tasks import lapse_reservations
from bagage.equipment.words import handover_words
from bagage.people.services.merging import mark_as_same
from bagage.permanences.models import Closure
from bagage.trail.models import Entry
from tests.equipment.factories import CROSS, give, hand_over, key, make_device, reserve
from tests.permanences.factories import make_installation, make_person, make_site, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def moussa(site):
    return make_user(site)


@pytest.fixture
def awa(site):
    return make_person(site, "Awa", "Sylla")


@pytest.fixture
def told():
    """What activities above were told."""
    heard = []

    def hear(sender, device, person, handover, what, **_):
        heard.append((device.number, person.chosen_name, what))

    device_changed.connect(hear)
    yield heard
    device_changed.disconnect(hear)


# ---------- kept for her ----------
def test_reserve_device_keeps_it_for_the_days_of_the_rules(site, moussa, awa, told):
    kept = reserve(make_device(site, price=3000), awa, moussa)
    assert (kept.state, kept.price, kept.until) == ("held", 3000, TODAY + timedelta(days=7))
    assert (kept.reserved_by, told) == (moussa.full_name, [("S-0001", "Awa", "reserved")])
    entry = Entry.objects.get(verb="device.reserve")
    assert (entry.person, entry.thing) == (str(awa.uuid), f"reservation:{kept.uuid}")


def test_reserve_device_pressed_twice_counts_once(site, moussa, awa):
    device = make_device(site)
    assert reserve(device, awa, moussa, key="same").pk == reserve(device, awa, moussa, key="same").pk
    assert Reservation.objects.count() == 1


def test_a_form_that_kept_it_for_another_person_or_another_device_is_refused(site, moussa, awa):
    device, other = make_device(site), make_device(site)
    reserve(device, awa, moussa, key="same")
    with pytest.raises(Conflict):
        reserve(device, make_person(site), moussa, key="same")
    with pytest.raises(Conflict):
        reserve(other, awa, moussa, key="same")
    assert Reservation.objects.get().person == awa


def test_reserve_device_pressed_twice_counts_once_for_files_marked_as_one_person(site, moussa, awa):
    twin = make_person(site, "Awa", "Silla")
    device = make_device(site)
    kept = reserve(device, twin, moussa, key="same")
    mark_as_same(awa, twin, by=moussa)
    assert reserve(device, awa, moussa, key="same").pk == kept.pk


def test_reserve_device_just_taken_says_what_is_free(site, moussa, awa):
    device = make_device(site)
    make_device(site, model="Redmi 9", price=2000)
    make_device(site, "laptop")
    reserve(device, make_person(site), moussa)
    with pytest.raises(Conflict) as error:
        reserve(device, awa, moussa)
    assert str(error.value).replace("\u00a0", " ") == (
        "S-0001 vient d’être réservé pour quelqu’un d’autre. Libres ici : S-0002 Redmi 9, 20,00 €."
    )


def test_reserve_device_that_is_not_ready_is_refused(site, moussa, awa):
    with pytest.raises(Conflict) as error:
        reserve(make_device(site, state="in_workshop"), awa, moussa)
    assert str(error.value) == (
        "S-0001 n’est plus prêt à remettre. Aucun autre du même type n’est libre ici."
    )


def test_reserve_device_of_another_site_is_refused(site, moussa, awa):
    device = make_device(make_site("Permanence Gare"))
    with pytest.raises(BusinessError) as error:
        reserve(device, awa, moussa, site=site)
    assert str(error.value) == (
        "S-0001 est à Permanence Gare. Réservez-le là-bas, ou faites-le venir d’abord."
    )


def test_reserve_device_for_a_past_day_is_refused(site, moussa, awa):
    with pytest.raises(BusinessError) as error:
        reserve(make_device(site), awa, moussa, until=TODAY - timedelta(days=1))
    assert error.value.field == "until"


def test_reserve_device_for_more_than_a_year_is_refused(site, moussa, awa):
    with pytest.raises(BusinessError) as error:
        reserve(make_device(site), awa, moussa, until=date(9999, 12, 31))
    assert (error.value.field, str(error.value)) == ("until", "Un appareil est gardé un an au plus.")
    assert reserve(make_device(site), awa, moussa, until=TODAY + timedelta(days=366)).state == "held"


def test_reserve_device_at_a_site_closed_for_good_is_refused(site, moussa, awa):
    device = make_device(site)
    site.organisation.is_open = False
    site.organisation.save()
    with pytest.raises(BusinessError):
        reserve(device, awa, moussa)
    assert Reservation.objects.count() == 0


def test_a_second_reservation_is_beyond_the_limit(site, moussa, awa):
    reserve(make_device(site), awa, moussa)
    with pytest.raises(BusinessError) as error:
        reserve(make_device(site), awa, moussa)
    assert str(error.value) == (
        "Awa a déjà un appareil : réservé ici jusqu’au jeudi 3 décembre. "
        "La règle est d’un appareil par personne. Pour un autre, libérez d’abord cette réservation."
    )


def test_the_limit_counts_over_all_sites_and_names_none(site, moussa, awa):
    gare = make_site("Permanence Gare")
    give(make_device(gare), awa, make_user(gare))
    with pytest.raises(BusinessError) as error:
        reserve(make_device(site), awa, moussa)
    assert str(error.value) == (
        "Awa a déjà un appareil : remis le jeudi 26 novembre 2026 dans une autre permanence. "
        "La règle est d’un appareil par personne. Pour un autre, notez d’abord le retour du premier."
    )


def test_the_limit_counts_over_files_marked_as_one_person(site, moussa, awa):
    twin = make_person(site, "Awa", "Silla")
    give(make_device(site), twin, moussa)
    mark_as_same(awa, twin, by=moussa)
    with pytest.raises(BusinessError):
        reserve(make_device(site), awa, moussa)
    twin.refresh_from_db()
    with pytest.raises(BusinessError):
        reserve(make_device(site), twin, moussa)


def test_the_limit_is_a_rule_of_the_network(site, moussa, awa):
    services.change_rules({"devices_per_person": 2}, by=moussa)
    give(make_device(site), awa, moussa)
    give(make_device(site), awa, moussa)
    with pytest.raises(BusinessError) as error:
        reserve(make_device(site), awa, moussa)
    assert "La règle est de 2 appareils par personne." in str(error.value)


def test_two_reservations_made_under_a_wider_rule_are_handed_over_once(site, moussa, awa):
    services.change_rules({"devices_per_person": 2}, by=moussa)
    one, two = (reserve(make_device(site), awa, moussa) for _ in range(2))
    services.change_rules({"devices_per_person": 1}, by=moussa)
    hand_over(one, moussa)
    with pytest.raises(BusinessError):
        hand_over(two, moussa)
    assert Handover.objects.open().count() == 1


def test_release_reservation_frees_the_device(site, moussa, awa, told):
    device = make_device(site)
    kept = reserve(device, awa, moussa)
    services.release_reservation(kept, reason="elle préfère attendre", by=moussa)
    services.release_reservation(kept, by=moussa)
    kept.refresh_from_db()
    assert (kept.state, kept.end_reason) == ("released", "elle préfère attendre")
    assert [what for _number, _name, what in told] == ["reserved", "released"]
    assert reserve(device, make_person(site), moussa).is_held


# ---------- its last day ----------
def test_a_reservation_lapses_the_day_after_its_last_one(site, moussa, awa, clock):
    kept = reserve(make_device(site), awa, moussa)
    clock.move(days=7)
    assert lapse_reservations() is None
    clock.move(days=1)
    assert lapse_reservations() == 1
    assert lapse_reservations() is None
    kept.refresh_from_db()
    assert kept.state == "lapsed"


def test_a_paid_reservation_does_not_lapse(site, moussa, awa, clock):
    kept = reserve(make_device(site, price=3000), awa, moussa)
    services.note_paid(kept, receipt="2026-0431", by=moussa)
    clock.move(days=30)
    assert lapse_reservations() is None
    assert hand_over(Reservation.objects.get(), moussa).is_open


def test_a_lapsed_reservation_hands_nothing_over(site, moussa, awa, clock):
    kept = reserve(make_device(site), awa, moussa)
    clock.move(days=8)
    with pytest.raises(Conflict) as error:
        hand_over(kept, moussa)
    assert str(error.value) == (
        "La réservation de S-0001 valait jusqu’au jeudi 3 décembre : elle est tombée. "
        "Réservez-le de nouveau s’il est libre."
    )


def test_a_lapsed_reservation_keeps_nothing_before_the_job_ran(site, moussa, awa, clock):
    device = make_device(site)
    reserve(device, awa, moussa)
    clock.move(days=8)
    assert reserve(device, make_person(site), moussa).is_held
    assert reserve(make_device(site), awa, moussa).is_held


# ---------- paid ----------
def test_a_price_is_paid_before_the_handover(site, moussa, awa):
    kept = reserve(make_device(site, price=3000), awa, moussa)
    with pytest.raises(BusinessError) as error:
        services.hand_over_device(kept, consent="paper", key=key(), by=moussa)
    assert str(error.value).replace("\u00a0", " ") == (
        "30,00 € à encaisser au comptoir avant de le remettre."
    )
    services.note_paid(kept, receipt="2026-0431", by=moussa)
    services.note_paid(kept, receipt="2026-0431", by=moussa)
    handover = services.hand_over_device(kept, consent="paper", key=key(), by=moussa)
    assert (handover.price, handover.receipt) == (3000, "2026-0431")


def test_note_paid_twice_under_two_receipts_is_refused(site, moussa, awa):
    kept = reserve(make_device(site, price=3000), awa, moussa)
    services.note_paid(kept, receipt="2026-0431", by=moussa)
    with pytest.raises(Conflict):
        services.note_paid(kept, receipt="2026-0432", by=moussa)


def test_note_paid_of_what_is_given_or_released_is_refused(site, moussa, awa):
    kept = reserve(make_device(site), awa, moussa)
    with pytest.raises(Conflict):
        services.note_paid(kept, receipt="2026-0431", by=moussa)
    services.release_reservation(kept, by=moussa)
    with pytest.raises(Conflict) as error:
        services.note_paid(kept, receipt="2026-0431", by=moussa)
    assert str(error.value) == (
        "La réservation de S-0001 a été libérée jeudi 26 novembre. Réservez-le de nouveau s’il est libre."
    )


def test_a_paid_reservation_is_released_after_the_money_went_back(site, moussa, awa):
    kept = reserve(make_device(site, price=3000), awa, moussa)
    services.note_paid(kept, receipt="2026-0431", by=moussa)
    with pytest.raises(Conflict) as error:
        services.release_reservation(kept, by=moussa)
    assert str(error.value).replace("\u00a0", " ") == (
        "30,00 € ont été encaissés, reçu 2026-0431 : remboursez d’abord au comptoir."
    )
    services.note_unpaid(kept, by=moussa)
    services.note_unpaid(kept, by=moussa)
    assert services.release_reservation(kept, by=moussa).state == "released"


def test_note_unpaid_while_she_has_it_is_refused(site, moussa, awa):
    handover = give(make_device(site, price=3000), awa, moussa)
    with pytest.raises(Conflict):
        services.note_unpaid(handover.reservation, by=moussa)
    services.take_back_device(handover, reason="returned", key=key(), by=moussa)
    assert services.note_unpaid(handover.reservation, by=moussa).paid_at is None


# ---------- handed over ----------
def test_hand_over_device_with_a_drawn_cross(site, moussa, awa, told):
    kept = reserve(make_device(site), awa, moussa)
    handover = services.hand_over_device(
        kept,
        consent="screen",
        signature=CROSS,
        language="en",
        checks=["charger", "powers_on", "unheard_of"],
        key=key(),
        by=moussa,
    )
    assert (handover.signature, handover.terms_version, handover.language) == (CROSS, "2026-11", "en")
    assert (handover.checks, handover.warranty_until) == (["powers_on", "charger"], date(2027, 5, 26))
    kept.refresh_from_db()
    handover.device.refresh_from_db()
    assert (kept.state, handover.device.state) == ("used", "handed_over")
    assert told[-1] == ("S-0001", "Awa", "handed_over")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"consent": "screen"}, "signature"),
        ({"consent": "screen", "signature": "M1 1"}, "signature"),
        ({"consent": "witness", "witnesses": ["Moussa"]}, "witness"),
        ({"consent": "witness", "witnesses": ["", "Inès"]}, "reader"),
        ({"consent": "witness", "witnesses": ["Inès", " inès "]}, "witness"),
        ({"consent": "nod"}, "consent"),
        ({"consent": "paper", "language": "xx"}, "language"),
    ],
)
def test_hand_over_device_needs_her_yes(site, moussa, awa, fields, field):
    kept = reserve(make_device(site), awa, moussa)
    with pytest.raises(BusinessError) as error:
        services.hand_over_device(kept, key=key(), by=moussa, **fields)
    assert (error.value.field, Handover.objects.count()) == (field, 0)


def test_hand_over_device_before_a_witness_keeps_both_names(site, moussa, awa):
    handover = give(make_device(site), awa, moussa, consent="witness", witnesses=["Moussa", "Inès"])
    assert (handover.reader, handover.witness, handover.signature) == ("Moussa", "Inès", "")


def test_hand_over_device_pressed_twice_counts_once(site, moussa, awa):
    kept = reserve(make_device(site), awa, moussa)
    one = services.hand_over_device(kept, consent="paper", key="same", by=moussa)
    two = services.hand_over_device(kept, consent="paper", key="same", by=moussa)
    assert (one.pk, Handover.objects.count()) == (two.pk, 1)


def test_hand_over_device_again_with_another_form_is_refused(site, moussa, awa):
    kept = reserve(make_device(site), awa, moussa)
    hand_over(kept, moussa)
    with pytest.raises(Conflict) as error:
        hand_over(kept, moussa)
    assert str(error.value) == "S-0001 a déjà été remis, jeudi 26 novembre. Rien d’autre n’a été écrit."


def test_hand_over_device_on_a_closed_day_is_refused(site, moussa, awa):
    kept = reserve(make_device(site), awa, moussa)
    Closure.objects.create(site=site, first_day=TODAY, last_day=TODAY, reason="inventaire")
    with pytest.raises(BusinessError) as error:
        hand_over(kept, moussa)
    assert str(error.value) == (
        "Permanence Canal est fermée jusqu’au jeudi 26 novembre (inventaire). "
        "Si elle est ouverte, changez d’abord ses jours fermés."
    )


# ---------- undone ----------
@pytest.mark.parametrize(("grammar", "said"), [("she", "Chez elle"), ("he", "Chez lui"), ("", "Chez Awa")])
def test_who_has_a_device_is_said_as_the_person_is_spoken_of(site, moussa, awa, grammar, said):
    awa.grammar = grammar
    awa.save()
    assert handover_words(give(make_device(site), awa, moussa)).text == said


def test_undo_handover_keeps_it_for_her_as_before(site, moussa, awa, clock, told):
    handover = give(make_device(site, price=3000), awa, moussa)
    clock.move(hours=23)
    services.undo_handover(handover, reason="mauvaise personne", key=key(), by=moussa)
    services.undo_handover(handover, key=key(), by=moussa)
    handover.refresh_from_db()
    kept, device = handover.reservation, handover.device
    kept.refresh_from_db()
    device.refresh_from_db()
    assert (handover.state, kept.state, kept.is_to_pay, device.state) == ("undone", "held", False, "ready")
    assert [what for _number, _name, what in told] == ["reserved", "handed_over", "undone"]
    assert hand_over(kept, moussa).is_open


def test_undo_handover_too_late_is_refused(site, moussa, awa, clock):
    handover = give(make_device(site), awa, moussa)
    clock.move(hours=24, minutes=1)
    with pytest.raises(Conflict) as error:
        services.undo_handover(handover, key=key(), by=moussa)
    assert str(error.value).replace("\u00a0", " ") == (
        "Une remise se défait jusqu’au 27 novembre à 10 h. Depuis, notez plutôt un retour."
    )


def test_undo_handover_after_a_return_is_refused(site, moussa, awa):
    handover = give(make_device(site), awa, moussa)
    services.take_back_device(handover, reason="returned", key=key(), by=moussa)
    with pytest.raises(Conflict):
        services.undo_handover(handover, key=key(), by=moussa)


# ---------- it comes back ----------
@pytest.mark.parametrize(
    ("reason", "state", "what", "holds"),
    [
        ("returned", "to_process", "returned", False),
        ("broken", "to_process", "broken", False),
        ("repair", "after_sales", "broken", True),
        ("lost", "lost", "lost", False),
        ("stolen", "lost", "lost", False),
    ],
)
def test_take_back_device(site, moussa, awa, told, reason, state, what, holds):
    handover = give(make_device(site), awa, moussa)
    services.take_back_device(handover, reason=reason, note="vu avec elle", key="same", by=moussa)
    services.take_back_device(handover, reason=reason, key="same", by=moussa)
    handover.refresh_from_db()
    handover.device.refresh_from_db()
    assert (handover.device.state, handover.is_open, told[-1][2]) == (state, holds, what)
    assert handover.return_reason == ("" if holds else reason)
    assert [one.note for one in handover.device.events.filter(kind=reason)] == ["vu avec elle"]


def test_take_back_device_twice_is_refused(site, moussa, awa):
    handover = give(make_device(site), awa, moussa)
    services.take_back_device(handover, reason="returned", key=key(), by=moussa)
    with pytest.raises(Conflict):
        services.take_back_device(handover, reason="lost", key=key(), by=moussa)


def test_take_back_device_at_another_site_brings_it_there(site, moussa, awa):
    gare = make_site("Permanence Gare")
    handover = give(make_device(site), awa, moussa)
    services.take_back_device(handover, reason="returned", site=gare, key=key(), by=moussa)
    handover.device.refresh_from_db()
    assert handover.device.site == gare


def test_give_back_repaired_is_hers_again(site, moussa, awa, told):
    handover = give(make_device(site), awa, moussa)
    with pytest.raises(Conflict):
        services.give_back_repaired(handover, key=key(), by=moussa)
    services.take_back_device(handover, reason="repair", key=key(), by=moussa)
    services.give_back_repaired(handover, note="batterie changée", key="same", by=moussa)
    services.give_back_repaired(handover, key="same", by=moussa)
    handover.device.refresh_from_db()
    assert (handover.device.state, [what for *_rest, what in told][2:]) == (
        "handed_over",
        ["broken", "repaired"],
    )


def test_what_cannot_be_repaired_ends_the_handover(site, moussa, awa):
    handover = give(make_device(site), awa, moussa)
    services.take_back_device(handover, reason="repair", key=key(), by=moussa)
    services.take_back_device(handover, reason="broken", key=key(), by=moussa)
    assert reserve(make_device(site), awa, moussa).is_held


def test_after_a_return_another_can_be_kept(site, moussa, awa):
    handover = give(make_device(site), awa, moussa)
    services.take_back_device(handover, reason="stolen", key=key(), by=moussa)
    assert give(make_device(site), awa, moussa).is_open


# ---------- the database ----------
def test_the_database_keeps_one_reservation_for_one_device(site, moussa, awa):
    kept = reserve(make_device(site), awa, moussa)
    kept.pk, kept.key = None, key()
    kept._state.adding = True
    kept.uuid = make_device(site).uuid
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.save(force_insert=True)


def test_the_database_keeps_one_open_handover_for_one_device(site, moussa, awa):
    one = give(make_device(site), awa, moussa)
    two = give(make_device(site), make_person(site), moussa)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.filter(pk=two.pk).update(device=one.device)


@pytest.mark.parametrize(
    "wrong",
    [
        {"consent": "screen", "signature": ""},
        {"consent": "witness", "reader": "Moussa", "witness": ""},
        {"price": 3000, "receipt": ""},
        {"state": "ended"},
    ],
)
def test_the_database_refuses_a_handover_without_its_proof(site, moussa, awa, wrong):
    handover = give(make_device(site), awa, moussa)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.filter(pk=handover.pk).update(**wrong)
