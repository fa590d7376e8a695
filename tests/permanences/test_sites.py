from datetime import time, timedelta

import pytest
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.accounts.events import account_closing, account_closing_foreseen
from bagage.accounts.models import User
from bagage.common.errors import BusinessError, Conflict
from bagage.permanences import services
from bagage.permanences.models import Appointment, OpeningBlock, Site
from bagage.permanences.queries import appointments_to_move
from bagage.trail.models import Entry
from tests.permanences.factories import (
    make_appointment,
    make_block,
    make_installation,
    make_node,
    make_person,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def lead(site):
    return make_user(site, Role.PROGRAMME_LEAD, first_name="Claire")


def log_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


# ---------- services ----------
def test_site_is_created_once_for_a_permanence(lead):
    node = make_node("Neuve")
    site = services.create_site(
        organisation=node, address="1 rue", city="Lille", hours="Mo 09:00-12:00", by=lead
    )
    assert Site.objects.get(organisation=node) == site
    with pytest.raises(Conflict):
        services.create_site(organisation=node, address="1 rue", city="Lille", by=lead)
    with pytest.raises(BusinessError, match="illisibles"):
        services.change_site(site, hours="demain", by=lead)
    with pytest.raises(TypeError):
        services.change_site(site, colour="teal", by=lead)


def test_change_of_a_site_trails_what_changed_and_only_that(site, lead):
    services.change_site(site, hours=site.hours, computers=9, by=lead)
    assert Entry.objects.get(verb="site.change").fields == "computers"
    services.change_site(site, computers=9, by=lead)
    assert Entry.objects.filter(verb="site.change").count() == 1


def test_weekly_blocks_leave_out_closed_and_taken_days(site, lead, now):
    helene = make_user(site)
    monday = now.date() + timedelta(days=4)
    services.add_closure(site, first_day=monday, last_day=monday, by=lead)
    make_block(site, helene, now + timedelta(days=11))  # Monday in a week, 10 h to 13 h
    result = services.open_weekly_blocks(
        site=site,
        adviser=helene,
        weekdays=[0],
        begins=time(9),
        ends=time(12),
        first_day=monday,
        weeks=4,
        by=lead,
    )
    assert len(result.opened) == 2
    assert [(day - monday).days for day, _why in result.left_out] == [0, 7]
    assert {block.starts_at.hour for block in result.opened} == {9}


def test_weekly_blocks_keep_their_hour_when_winter_begins(site, lead, clock):
    clock.set(clock.moment.replace(month=10, day=12))
    helene = make_user(site)
    services.open_weekly_blocks(
        site=site, adviser=helene, weekdays=[0], begins=time(9), ends=time(12),
        first_day=clock.moment.date(), weeks=4, by=lead,
    )  # fmt: skip
    from django.utils import timezone

    assert {timezone.localtime(block.starts_at).hour for block in OpeningBlock.objects.all()} == {9}


def test_blocks_of_one_person_never_overlap(site, lead, now):
    helene = make_user(site)
    services.open_block(site=site, adviser=helene, starts_at=now, ends_at=now + timedelta(hours=2), by=lead)
    with pytest.raises(Conflict, match="reçoit déjà"):
        services.open_block(
            site=site,
            adviser=helene,
            starts_at=now + timedelta(hours=1),
            ends_at=now + timedelta(hours=3),
            by=lead,
        )
    services.open_block(
        site=site,
        adviser=helene,
        starts_at=now + timedelta(hours=2),
        ends_at=now + timedelta(hours=3),
        by=lead,
    )


def test_closing_an_account_hands_blocks_to_a_free_colleague(site, lead, now):
    helene, ines = make_user(site), make_user(site, first_name="Inès")
    block = make_block(site, helene, now + timedelta(days=1))
    booked = make_appointment(block, make_person(site))
    assert account_closing_foreseen.send(sender=User, user=helene)
    account_closing.send(sender=User, user=helene, handed_to=ines, by=lead.actor, at=now)
    booked.refresh_from_db()
    new = Appointment.objects.get(moved_from=booked)
    assert (booked.state, new.adviser, new.starts_at) == ("moved", ines, booked.starts_at)
    assert list(appointments_to_move(site, now)) == []


def test_closing_an_account_leaves_to_move_what_the_colleague_cannot_take(site, lead, now):
    helene, ines = make_user(site), make_user(site, first_name="Inès")
    block = make_block(site, helene, now + timedelta(days=1))
    make_block(site, ines, now + timedelta(days=1, hours=1))
    booked = make_appointment(block, make_person(site))
    account_closing.send(sender=User, user=helene, handed_to=ines, by=lead.actor, at=now)
    booked.refresh_from_db()
    assert booked.state == "booked"
    assert list(appointments_to_move(site, now)) == [booked]


# ---------- screens ----------
def test_site_list_tells_hours_in_words_and_no_person(client, site, now):
    helene = make_user(site)
    make_appointment(make_block(site, helene, now), make_person(site, "Fanta"))
    page = text_of(log_in(client, make_user(site, Role.REFERRER)).get("/permanences/"))
    assert "Du lundi au vendredi de 9 h à 12 h 30 et de 13 h 30 à 17 h 30." in page
    assert "Prochain créneau : <b>jeudi 26 novembre à 10 h 30</b>" in page
    assert "Fanta" not in page
    assert "Qui reçoit" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_site_list_costs_the_same_whatever_the_sites(
    client, lead, site, now, count, django_assert_num_queries
):
    for number in range(count - 1):
        other = make_site(f"Site {number}")
        make_block(other, make_user(other), now)
    make_block(site, make_user(site), now)
    log_in(client, lead).get("/permanences/")
    with django_assert_num_queries(13):
        client.get("/permanences/")


def hours_form(**changes: str) -> dict[str, str]:
    """The edit form as a browser sends it: Monday 9 h to 12 h 30."""
    data = {
        "day0": "on", "day0_morning_from": "9 h 00", "day0_morning_to": "12h30", "day0_afternoon_from": "",
        "day0_afternoon_to": "", "address": "3 quai", "postcode": "75019", "city": "Paris", "access": "unknown",
        "computers": "8", "appointment_minutes": "30", "offers_skills": "on", "rooms": "Grande salle, 12, 8",
        "holidays_off": "on",
    }  # fmt: skip
    return {**data, **changes}


def test_hours_are_written_by_day_and_read_in_words(client, site, lead):
    address = reverse("permanences:site_edit", kwargs={"uuid": site.uuid})
    assert 'value="9 h 00"' in text_of(log_in(client, lead).get(address))
    response = client.post(address, hours_form())
    assert response.status_code == 302
    site.refresh_from_db()
    assert (site.hours, site.computers, site.offers_device) == ("Mo 09:00-12:30; PH off", 8, False)
    assert [(room.name, room.seats, room.computers) for room in site.rooms.all()] == [("Grande salle", 12, 8)]
    assert "Le public lira : lundi de 9 h à 12 h 30." in text_of(client.get(response.headers["Location"]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day0_morning_from": "25 h"}, "« 25 h » n’est pas une heure. Écrivez par exemple 9 h 30."),
        ({"day0_morning_to": "8 h"}, "La fin vient avant le début."),
        ({"day0_morning_to": ""}, "Il manque une heure."),
        ({"day0_morning_from": "", "day0_morning_to": ""}, "Ouvert de quelle heure à quelle heure ?"),
        ({"day0_afternoon_from": "12 h", "day0_afternoon_to": "15 h"}, "Les deux moments se chevauchent."),
        ({"postcode": "7501"}, "Un code postal a 5 chiffres."),
        (
            {"rooms": "Salle, beaucoup"},
            "Ligne 1 : écrivez le nom, les places, les ordinateurs, avec des virgules.",
        ),
        ({"address": ""}, "champ"),
    ],
)
def test_hours_that_cannot_be_read_are_refused_and_kept(client, site, lead, changes, said):
    address = reverse("permanences:site_edit", kwargs={"uuid": site.uuid})
    response = log_in(client, lead).post(address, hours_form(city="Gardée-sur-Seine", **changes))
    assert response.status_code == 422
    page = text_of(response)
    assert said in page
    assert "Gardée-sur-Seine" in page
    before = site.hours
    site.refresh_from_db()
    assert site.hours == before


def test_site_is_edited_by_who_runs_it_only(client, site):
    address = reverse("permanences:site_edit", kwargs={"uuid": site.uuid})
    assert log_in(client, make_user(site)).get(address).status_code == 403
    elsewhere = make_user(make_site("Rivage"), Role.PROGRAMME_LEAD)
    assert log_in(client, elsewhere).get(address).status_code == 404


def block_form(adviser: User, **changes: object) -> dict[str, object]:
    data = {
        "adviser": adviser.uuid, "weekdays": ["1", "3"], "begins": "9 h", "ends": "12 h", "slot_minutes": "30",
        "first_day": "2026-11-30", "weeks": "2",
    }  # fmt: skip
    return {**data, **changes}


def test_adviser_opens_her_own_blocks_week_after_week(client, site):
    helene, ines = make_user(site), make_user(site, first_name="Inès")
    address = reverse("permanences:blocks", kwargs={"uuid": site.uuid})
    log_in(client, helene)
    assert client.post(address, block_form(helene)).status_code == 302
    assert OpeningBlock.objects.filter(adviser=helene).count() == 4
    assert client.post(address, block_form(ines)).status_code == 422
    assert "0 pris sur 6" in text_of(client.get(address))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends": "8 h"}, "La fin vient avant le début."),
        ({"first_day": "2026-11-01"}, "Ce jour est passé."),
        ({"begins": "midi"}, "« midi » n’est pas une heure."),
        ({"weekdays": []}, "champ"),
        ({"ends": "9 h 10"}, "il n’y a pas la place d’un créneau"),
    ],
)
def test_blocks_that_cannot_be_opened_are_refused(client, site, lead, changes, said):
    address = reverse("permanences:blocks", kwargs={"uuid": site.uuid})
    response = log_in(client, lead).post(address, block_form(make_user(site), **changes))
    assert response.status_code == 422
    assert said in text_of(response)
    assert OpeningBlock.objects.count() == 0


def test_withdrawing_a_block_warns_of_its_bookings(client, site, lead, now):
    block = make_block(site, make_user(site), now + timedelta(days=1))
    make_appointment(block, make_person(site))
    address = reverse("permanences:block_withdraw", kwargs={"uuid": block.uuid})
    assert "1 rendez-vous est à déplacer." in text_of(log_in(client, lead).get(address))
    assert client.post(address).status_code == 302
    block.refresh_from_db()
    assert block.withdrawn_at == now


def test_closure_is_added_and_removed(client, site, lead, now):
    add = reverse("permanences:closure_add", kwargs={"uuid": site.uuid})
    log_in(client, lead)
    assert client.post(add, {"first_day": "2026-12-24", "last_day": "2026-12-20"}).status_code == 422
    assert client.post(add, {"first_day": "2026-12-24", "last_day": "", "reason": "Noël"}).status_code == 302
    assert "Jeudi 24 décembre" in text_of(client.get(reverse("permanences:site", kwargs={"uuid": site.uuid})))
    remove = reverse("permanences:closure_remove", kwargs={"uuid": site.uuid, "first": "2026-12-24"})
    assert client.post(remove).status_code == 302
    assert client.post(remove).status_code == 404


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-25", "0001-01-01"])
def test_blocks_of_a_day_out_of_all_reach_are_those_from_now_on(client, site, lead, day):
    address = reverse("permanences:blocks", kwargs={"uuid": site.uuid})
    assert log_in(client, lead).get(address, {"from": day}).status_code == 200


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_closure_on_a_day_out_of_all_reach_is_refused(client, site, lead, day):
    address = reverse("permanences:closure_add", kwargs={"uuid": site.uuid})
    answer = log_in(client, lead).post(address, {"first_day": day, "last_day": day})
    assert answer.status_code == 422
    assert "Une date, comme 26/11/2026." in text_of(answer)
    assert not site.closures.exists()
