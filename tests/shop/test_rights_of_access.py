"""Windows of access: opened, renewed as often as the rules say, ended, over all files of one person."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.people.services import mark_as_same
from bagage.shop import services
from bagage.shop.events import right_changed
from bagage.shop.models import AccessRight
from bagage.shop.queries import last_right_of, right_of
from bagage.trail.models import Entry
from tests.permanences.factories import make_installation, make_person, make_site, make_user
from tests.shop.factories import key, make_product, make_right, make_rules, make_till, sold

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
    return make_user(site, first_name="Moussa")


@pytest.fixture
def mariam(site):
    return make_person(site, "Mariam")


def test_open_right_lasts_as_long_as_the_rules_say(mariam, site, moussa):
    heard = []
    right_changed.connect(
        lambda right, what, **_: heard.append((right.pk, what)), weak=False, dispatch_uid="t"
    )
    try:
        right = make_right(mariam, site, moussa, source="voucher: a 45 12 ")
    finally:
        right_changed.disconnect(dispatch_uid="t")
    assert (right.source, right.begins_on, right.ends_on) == ("voucher:A4512", TODAY, date(2027, 8, 25))
    assert (right.node, right.opened_by) == (site.organisation, "Moussa")
    assert heard == [(right.pk, "opened")]
    assert Entry.objects.get(verb="right.open").thing == f"access_right:{right.uuid}"
    assert right_of([mariam.pk], TODAY) == right


def test_open_right_by_other_figures(mariam, site, moussa):
    make_rules(right_months=6)
    assert make_right(mariam, site, moussa).ends_on == date(2027, 5, 25)


def test_open_right_gives_the_one_that_lives(mariam, site, moussa):
    right = make_right(mariam, site, moussa)
    again = make_right(mariam, site, moussa, source="referral:8d7f")
    assert (again.pk, AccessRight.objects.count()) == (right.pk, 1)


def test_open_right_pressed_twice_opens_one(mariam, site, moussa):
    one = services.open_right(mariam, node=site.organisation, key="same", by=moussa)
    two = services.open_right(mariam, node=site.organisation, key="same", by=moussa)
    assert one.pk == two.pk


def test_a_form_that_opened_or_renewed_another_right_is_refused(mariam, site, moussa):
    right = services.open_right(mariam, node=site.organisation, key="same", by=moussa)
    other = make_person(site, "Awa")
    with pytest.raises(FormUsed):
        services.open_right(other, node=site.organisation, key="same", by=moussa)
    with pytest.raises(FormUsed):
        services.open_right(mariam, node=site.organisation, source="voucher:1", key="same", by=moussa)
    services.renew_right(right, key="again", by=moussa)
    of_other = services.open_right(other, node=site.organisation, key="other", by=moussa)
    for served in ("again", "same"):
        with pytest.raises(FormUsed):
            services.renew_right(of_other, key=served, by=moussa)
    assert AccessRight.objects.count() == 3


def test_a_voucher_serves_once_and_does_not_say_for_whom(mariam, site, moussa):
    make_right(mariam, site, moussa, source="voucher:45")
    with pytest.raises(Conflict) as error:
        make_right(make_person(site, "Awa"), site, moussa, source="voucher:4 5")
    assert str(error.value) == "Ce bon a déjà ouvert des droits le 26 novembre 2026. Relisez son numéro."
    assert error.value.field == "number"


def test_a_voucher_without_a_number_is_refused(mariam, site, moussa):
    with pytest.raises(BusinessError) as error:
        make_right(mariam, site, moussa, source="voucher: ")
    assert error.value.field == "number"


def test_a_day_to_come_or_a_window_that_is_over_is_refused(mariam, site, moussa):
    for begins_on in (date(2026, 11, 27), date(2026, 1, 2)):
        with pytest.raises(BusinessError) as error:
            make_right(mariam, site, moussa, begins_on=begins_on)
        assert error.value.field == "begins_on"
    assert AccessRight.objects.count() == 0


def test_a_window_never_overlaps_the_one_before(mariam, site, moussa, clock):
    make_right(mariam, site, moussa)
    clock.move(days=280)
    later = make_right(mariam, site, moussa, begins_on=date(2027, 8, 1))
    assert later.begins_on == date(2027, 8, 26)


def test_files_of_one_person_have_one_right(mariam, site, moussa):
    right = make_right(mariam, site, moussa)
    twin = make_person(site, "Mariam T.")
    mark_as_same(twin, mariam, by=moussa)
    assert make_right(twin, site, moussa).pk == right.pk


def test_renew_right_follows_to_the_day_and_once(mariam, site, moussa):
    right = make_right(mariam, site, moussa)
    renewal = services.renew_right(right, key="again", by=moussa)
    same = services.renew_right(right, key="again", by=moussa)
    assert (renewal.pk, renewal.begins_on, renewal.ends_on, renewal.renews) == (
        same.pk, date(2027, 8, 26), date(2028, 5, 25), right,
    )  # fmt: skip
    with pytest.raises(Conflict):
        services.renew_right(right, key=key(), by=moussa)
    with pytest.raises(BusinessError) as error:
        services.renew_right(renewal, key=key(), by=moussa)
    assert "déjà été renouvelés 1 fois" in str(error.value)


def test_renew_right_that_is_over_begins_today(mariam, site, moussa, clock):
    right = make_right(mariam, site, moussa)
    clock.move(days=300)
    assert services.renew_right(right, key=key(), by=moussa).begins_on == date(2027, 9, 22)


def test_renew_right_is_refused_while_another_lives(mariam, site, moussa, clock):
    right = make_right(mariam, site, moussa)
    clock.move(days=300)
    make_right(mariam, site, moussa, source="voucher:2")
    with pytest.raises(Conflict):
        services.renew_right(right, key=key(), by=moussa)


def test_end_right_needs_a_reason_and_ends_what_would_follow(mariam, site, moussa):
    right = make_right(mariam, site, moussa)
    renewal = services.renew_right(right, key=key(), by=moussa)
    with pytest.raises(BusinessError) as error:
        services.end_right(right, reason=" ", by=moussa)
    assert error.value.field == "reason"
    services.end_right(right, reason="A un forfait à son nom", by=moussa)
    renewal.refresh_from_db()
    assert (renewal.ended_on, right_of([mariam.pk], TODAY)) == (TODAY, None)
    assert last_right_of([mariam.pk], TODAY).end_reason == "A un forfait à son nom"
    assert services.end_right(right, reason="Encore", by=moussa).end_reason == "A un forfait à son nom"
    with pytest.raises(Conflict):
        services.renew_right(right, key=key(), by=moussa)


def test_a_mistake_frees_its_voucher(mariam, site, moussa):
    services.end_right(
        make_right(mariam, site, moussa, source="voucher:45"),
        reason="Autre personne",
        is_mistake=True,
        by=moussa,
    )
    other = make_right(make_person(site, "Awa"), site, moussa, source="voucher:45")
    assert (other.is_mistake, last_right_of([mariam.pk], TODAY)) == (False, None)


def test_a_right_that_served_was_no_mistake(mariam, site, moussa):
    right = make_right(mariam, site, moussa)
    make_till(site, moussa)
    sold(mariam, site, moussa, make_product(is_stocked=False))
    with pytest.raises(BusinessError) as error:
        services.end_right(right, reason="x", is_mistake=True, by=moussa)
    assert error.value.field == "is_mistake"


def test_one_voucher_one_right_says_the_database(mariam, site, moussa, now):
    right = make_right(mariam, site, moussa, source="voucher:45")
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRight.objects.create(
            person=mariam, node=right.node, source="voucher:45", begins_on=TODAY, ends_on=TODAY,
            key="forged", opened_at=now,
        )  # fmt: skip
