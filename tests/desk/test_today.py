from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.directory.models import Feed, FeedRow, LikelySame, Proposal
from bagage.people.models import AccessRequest, Person
from bagage.permanences.models import Appointment, NamelessHelp, QueueEntry
from tests.directory.factories import make_place
from tests.permanences.factories import (
    make_appointment,
    make_block,
    make_entry,
    make_installation,
    make_person,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = "/today/"


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def helene(site):
    return make_user(site, last_name="Lenoir")


@pytest.fixture
def block(site, helene, now):
    return make_block(site, helene, now - timedelta(hours=1), hours=6)


@pytest.fixture
def signed_in(client, helene):
    client.force_login(helene, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def log_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def test_home_sends_each_role_to_its_page(client, site, helene):
    assert log_in(client, helene).get("/").headers["Location"] == TODAY
    referrer = make_user(site, Role.REFERRER)
    assert log_in(client, referrer).get("/").headers["Location"] == reverse("referrals:mine")
    administrator = make_user(site, Role.ADMINISTRATOR)
    assert log_in(client, administrator).get("/").headers["Location"] == reverse("accounts:staff")
    logistics = make_user(site, Role.LOGISTICS)
    assert log_in(client, logistics).get("/").headers["Location"] == reverse("equipment:device_list")
    assert log_in(client, make_user()).get("/").headers["Location"] == reverse("desk:more")


def test_today_is_refused_to_who_welcomes_nowhere(client, site):
    assert log_in(client, make_user(site, Role.REFERRER)).get(TODAY).status_code == 403


def test_today_shows_the_day_in_figures(signed_in, site, helene, block, now):
    for number in range(3):
        make_appointment(block, make_person(site, f"Fanta{number}"), now + timedelta(minutes=30 * number))
    make_entry(site, now - timedelta(minutes=12))
    page = text_of(signed_in.get(TODAY))
    assert "Jeudi 26 novembre" in page
    assert "Ouvert jusqu’à 12 h 30. <b>3</b> rendez-vous, <b>1</b> personne attend." in page
    assert 'aria-label="De 9 h à 15 h : 3 rendez-vous, avec Hélène. Il est 10 h."' in page
    assert "attend depuis 12 min" in page


def test_today_says_when_it_is_closed(signed_in, site, helene, now):
    site.closures.create(first_day=now.date(), last_day=now.date(), reason="inventaire")
    assert "Fermé ce jour : inventaire." in text_of(signed_in.get(TODAY))


def test_empty_day_says_what_to_do(signed_in, site):
    page = text_of(signed_in.get(TODAY))
    assert "Personne n’attend." in page
    assert "Aucun rendez-vous ce jour." in page


@pytest.mark.parametrize("bad", ["yesterday", "2026-13-01", "0001-01-01"])
def test_today_of_no_day_is_not_found(signed_in, site, bad):
    assert signed_in.get(TODAY, {"day": bad}).status_code == 404


def test_walk_in_is_in_the_queue_with_a_first_name_only(signed_in, site, helene, now):
    response = signed_in.post("/today/queue/", {"first_name": " Yusuf ", "key": "k1"})
    assert response.headers["Location"] == TODAY
    entry = QueueEntry.objects.get()
    assert (entry.first_name, entry.site, entry.state, entry.came_at, entry.person) == (
        "Yusuf", site, "waiting", now, None,
    )  # fmt: skip


def test_walk_in_sent_twice_makes_one(signed_in, site):
    for _time in range(2):
        signed_in.post("/today/queue/", {"first_name": "Yusuf", "key": "k1"})
    assert QueueEntry.objects.count() == 1


def test_walk_in_without_a_name_keeps_what_was_typed(signed_in, site):
    response = signed_in.post("/today/queue/", {"first_name": " ", "topic": "Recharge", "key": "k1"})
    assert response.status_code == 422
    page = text_of(response)
    assert "Il manque un prénom." in page
    assert 'value="Recharge"' in page
    assert QueueEntry.objects.count() == 0


def test_queue_is_called_helped_and_undone(signed_in, site, helene, now):
    entry = make_entry(site, now - timedelta(minutes=5))
    address = reverse("desk:queue_step", kwargs={"uuid": entry.uuid})
    for step, state in [
        ("call", "called"),
        ("finish", "done"),
        ("undo", "called"),
        ("undo", "waiting"),
        ("leave", "left"),
    ]:
        assert signed_in.post(address, {"step": step}).status_code == 302
        entry.refresh_from_db()
        assert entry.state == state
    assert signed_in.post(address, {"step": "dance"}).status_code == 404


def test_second_who_calls_is_told_who_was_first(client, site, helene, now):
    entry = make_entry(site, now, state="called", helper=helene, called_at=now)
    ines = make_user(site, first_name="Inès")
    response = log_in(client, ines).post(
        reverse("desk:queue_step", kwargs={"uuid": entry.uuid}), {"step": "call"}
    )
    assert response.status_code == 409
    assert "Hélène l’a déjà appelée." in text_of(response)


def test_who_she_is_is_looked_up_by_post_and_said(signed_in, site, helene, now):
    from bagage.people.services import open_file

    fanta = open_file(chosen_name="Fanta", family_name="Diallo", node=site.organisation, by=helene)
    entry = make_entry(site, now, "Fanta")
    address = reverse("desk:queue_who", kwargs={"uuid": entry.uuid})
    assert "Fanta Diallo" in text_of(signed_in.get(address))
    assert signed_in.post(address, {"person": fanta.uuid}).status_code == 302
    entry.refresh_from_db()
    assert entry.person == fanta
    signed_in.post(address, {"person": "nobody"})
    entry.refresh_from_db()
    assert entry.person is None


def test_who_she_is_cannot_be_someone_out_of_scope(signed_in, site, now):
    stranger = make_person(make_site("Permanence Rivage"), "Zoé")
    entry = make_entry(site, now, "Zoé")
    response = signed_in.post(
        reverse("desk:queue_who", kwargs={"uuid": entry.uuid}), {"person": stranger.uuid}
    )
    assert response.status_code == 404
    entry.refresh_from_db()
    assert entry.person is None


def test_help_without_a_name_is_counted_once_and_undone(signed_in, site):
    for _time in range(2):
        signed_in.post("/today/help/", {"topic": "print", "minutes": "10", "key": "h1"})
    counted = NamelessHelp.objects.get()
    page = text_of(signed_in.get(TODAY))
    assert "Imprimer ou scanner : 1" in page
    signed_in.post(reverse("desk:help_undo", kwargs={"uuid": counted.uuid}))
    assert "Imprimer ou scanner : 1" not in text_of(signed_in.get(TODAY))


@pytest.mark.parametrize(
    ("topic", "minutes"), [("", "10"), ("print", ""), ("print", "0"), ("print", "481"), ("x", "5")]
)
def test_help_that_cannot_be_counted_is_refused(signed_in, site, topic, minutes):
    response = signed_in.post("/today/help/", {"topic": topic, "minutes": minutes, "key": "h1"})
    assert response.status_code == 422
    assert NamelessHelp.objects.count() == 0


def test_one_press_notes_an_arrival(signed_in, site, block, now):
    appointment = make_appointment(block, make_person(site), now)
    address = reverse("desk:appointment_step", kwargs={"uuid": appointment.uuid})
    assert signed_in.post(address, {"step": "arrive"}).headers["Location"] == TODAY
    appointment.refresh_from_db()
    assert (appointment.state, appointment.arrived_at) == ("arrived", now)


def test_htmx_gets_the_same_day_as_a_whole_page(signed_in, site, block, now):
    make_appointment(block, make_person(site), now)
    appointment = Appointment.objects.get()
    address = reverse("desk:appointment_step", kwargs={"uuid": appointment.uuid})
    fragment = signed_in.post(address, {"step": "arrive"}, headers={"hx-request": "true"})
    assert "HX-Trigger" in fragment.headers
    assert fragment.content.decode().strip().startswith('<div id="today-body"')
    assert "Commencer" in text_of(fragment)


def test_queue_refreshes_alone(signed_in, site, now):
    make_entry(site, now)
    fragment = text_of(signed_in.get(TODAY, {"part": "queue"}, headers={"hx-request": "true"}))
    assert fragment.strip().startswith('<div id="queue-list"')
    assert "Yusuf" in fragment


def test_volunteer_sees_only_who_is_booked_or_queued_with_her(client, site, block, helene, now):
    kadi = make_user(site, Role.VOLUNTEER, first_name="Kadi")
    hers = make_block(site, kadi, now - timedelta(hours=1))
    make_appointment(hers, make_person(site, "Awa", "Sylla"), now)
    make_appointment(block, make_person(site, "Rahel", "Tesfay"), now, subject="Ligne coupée")
    make_entry(site, now, "Yusuf", topic="Recharge")
    make_entry(site, now, "Lina", state="called", called_at=now, helper=kadi)
    make_entry(site, now, "Patrick", state="called", called_at=now, helper=helene)
    page = text_of(log_in(client, kadi).get(TODAY))
    seen = [
        name
        for name in ["Awa", "Lina", "Rahel", "Ligne coupée", "Yusuf", "Recharge", "Patrick"]
        if name in page
    ]
    assert seen == ["Awa", "Lina"]
    assert "Pris" in page
    sheet = text_of(client.get("/today/sheet/"))
    assert [name for name in ["Awa", "Rahel"] if name in sheet] == ["Awa"]


def test_volunteer_sees_their_files_from_the_day_before_to_the_day_after(site, now):
    kadi = make_user(site, Role.VOLUNTEER, first_name="Kadi")
    seen = []
    for days in (-2, -1, 0, 1, 2):
        person = make_person(site, f"Day{days}")
        make_appointment(make_block(site, kadi, now + timedelta(days=days)), person)
        seen += [days] if Person.objects.visible_to(kadi, now).filter(pk=person.pk).exists() else []
    assert seen == [-1, 0, 1]
    cancelled = make_person(site, "Cancelled")
    make_appointment(make_block(site, kadi, now + timedelta(hours=5)), cancelled, state="cancelled")
    assert not Person.objects.visible_to(kadi, now).filter(pk=cancelled.pk).exists()


def test_volunteer_sees_who_is_queued_with_her_by_another_of_her_files(site, now):
    kadi = make_user(site, Role.VOLUNTEER, first_name="Kadi")
    kept = make_person(site, "Fanta")
    merged = make_person(site, "Fanta bis", merged_into=kept)
    make_entry(site, now, person=merged, helper=kadi, state="called", called_at=now)
    assert set(Person.objects.visible_to(kadi, now)) == {kept, merged}


def test_what_needs_attention_is_listed_with_what_to_do(signed_in, site, block, helene, now):
    late = make_person(site, "Nadia")
    make_appointment(block, late, now - timedelta(hours=1), state="no_show")
    withdrawn = make_block(site, make_user(site, first_name="Inès"), now + timedelta(days=1))
    withdrawn.withdrawn_at = now
    withdrawn.save()
    moving = make_appointment(withdrawn, make_person(site, "Bilal"))
    AccessRequest.objects.create(
        person=make_person(site),
        asked_by=helene,
        for_node=make_site("Rivage").organisation,
        has_her_word=True,
        asked_at=now,
    )
    page = text_of(signed_in.get(TODAY))
    assert page.count('<span class="count">1</span>') == 3
    assert reverse("desk:appointment_move", kwargs={"uuid": moving.uuid}) in page
    assert f"?person={late.uuid}" in page


@pytest.mark.parametrize("count", [1, 3])
def test_today_costs_the_same_whatever_the_day(
    signed_in, site, block, helene, now, count, django_assert_num_queries
):
    withdrawn = make_block(site, make_user(site, first_name="Inès"), now + timedelta(days=1))
    withdrawn.withdrawn_at = now
    withdrawn.save()
    for number in range(count):
        make_appointment(block, make_person(site), now + timedelta(minutes=30 * number))
        make_appointment(
            block, make_person(site), now - timedelta(minutes=30 * number + 30), state="cancelled"
        )
        make_appointment(withdrawn, make_person(site), withdrawn.starts_at + timedelta(minutes=30 * number))
        make_entry(site, now, person=make_person(site))
        make_entry(site, now, state="called", called_at=now, helper=helene)
        NamelessHelp.objects.create(site=site, topic="print", minutes=5, at=now, key=f"h{number}")
    signed_in.get(TODAY)
    with django_assert_num_queries(QUERIES):
        signed_in.get(TODAY)


QUERIES = 33
KEEPER_QUERIES = 35


# ---------- what waits in the panorama ----------
def make_what_waits(now, count):
    """``count`` of each: sources that fail, rows set aside, corrections, pairs; and what asks for nothing."""
    for number in range(count):
        feed = Feed.objects.create(
            slug=f"s{number}", name=f"Carto {number}", format="mediation", created_at=now,
            failing_since=now - timedelta(days=14 + number), loaded_at=now - timedelta(days=20),
        )  # fmt: skip
        Feed.objects.create(slug=f"ok{number}", name="Va bien", format="mediation", created_at=now)
        for key, code, state in (
            ("a", "no_name", "aside"),
            ("b", "office", "aside"),
            ("c", "no_name", "left"),
        ):
            FeedRow.objects.create(
                feed=feed, key=key, number=2, faults=[{"code": code}], state=state, moved_at=now
            )
        place, other = make_place(), make_place()
        Proposal.objects.create(structure=place, key=uuid4(), created_at=now - timedelta(days=3))
        LikelySame.objects.create(first=place, second=other, score=0.9, created_at=now)


@pytest.mark.parametrize("count", [1, 3])
def test_who_keeps_the_panorama_sees_what_waits_there(client, site, now, count, django_assert_num_queries):
    make_what_waits(now, count)
    lead = log_in(client, make_user(site, Role.PROGRAMME_LEAD))
    lead.get(TODAY)
    with django_assert_num_queries(KEEPER_QUERIES):
        page = text_of(lead.get(TODAY))
    assert f"Carto {count - 1}, depuis le {13 - count} novembre ; lieux lus le 6 novembre" in page
    assert "Ce qui a été lu avant reste dans le panorama." in page
    assert page.count(f'<span class="count">{count}</span>') == 4
    for name in ("directory:proposals", "directory:likely"):
        assert reverse(name) in page
    where = Feed.objects.get(slug="s0")
    rows = reverse("directory:source", args=[where.uuid]) if count == 1 else reverse("directory:sources")
    assert f'<a href="{rows}">{where.name if count == 1 else "Voir les sources"}</a>' in page


def test_what_waits_in_the_panorama_is_not_shown_to_who_cannot_act_on_it(signed_in, now):
    make_what_waits(now, 1)
    page = text_of(signed_in.get(TODAY))
    assert "Carto 0" not in page
    assert reverse("directory:proposals") not in page


def test_who_keeps_the_panorama_without_a_permanence_has_a_today(client, site, now):
    officer = log_in(client, make_user(site, Role.LOCAL_OFFICER))
    empty = text_of(officer.get(TODAY))
    assert "Rien n’attend." in empty
    assert "Prénom" not in empty
    make_what_waits(now, 1)
    page = text_of(officer.get(TODAY))
    assert "Carto 0, depuis le 12 novembre" in page
    assert f'href="{TODAY}"' in text_of(officer.get(reverse("directory:panorama")))
    assert officer.get(f"{TODAY}?day=2026-11-27").status_code == 403


def test_appointment_is_given_from_the_list_of_free_slots(signed_in, site, block, helene, now):
    fanta = make_person(site)
    page = text_of(signed_in.get("/today/appointments/new/", {"person": fanta.uuid}))
    assert "10 h 30" in page
    slot = f"{block.uuid} {(now + timedelta(minutes=30)).isoformat()}"
    response = signed_in.post(
        "/today/appointments/new/", {"person": fanta.uuid, "slot": slot, "subject": "Ligne"}
    )
    given = Appointment.objects.get()
    assert response.headers["Location"] == reverse("desk:appointment", kwargs={"uuid": given.uuid})
    assert (given.person, given.starts_at, given.subject) == (fanta, now + timedelta(minutes=30), "Ligne")
    again = signed_in.post(
        "/today/appointments/new/",
        {"person": make_person(site, "Awa").uuid, "slot": slot, "subject": "Gardé"},
    )
    assert again.status_code == 409
    assert "Ce créneau vient d’être pris." in text_of(again)
    assert 'value="Gardé"' in text_of(again)


@pytest.mark.parametrize("slot", ["", "x", "00000000-0000-0000-0000-000000000000 2026-11-26T10:30:00+01:00"])
def test_slot_that_is_none_is_refused(signed_in, site, block, slot):
    response = signed_in.post("/today/appointments/new/", {"person": make_person(site).uuid, "slot": slot})
    assert response.status_code == 422
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("day", ["9999-12-31", "9999-11-25", "0001-01-01"])
def test_slots_of_a_day_out_of_all_reach_are_those_from_now_on(signed_in, site, block, now, day):
    fanta = make_person(site)
    given = make_appointment(block, fanta, now + timedelta(minutes=30))
    for address, asked in (
        ("/today/appointments/new/", {"person": fanta.uuid}),
        (reverse("desk:appointment_move", kwargs={"uuid": given.uuid}), {}),
    ):
        answer = signed_in.get(address, {**asked, "from": day})
        assert (answer.status_code, answer.context["slots_from"]) == (200, now)


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"]
)
def test_slot_out_of_all_reach_is_refused(signed_in, site, block, now, moment):
    fanta = make_person(site)
    given = make_appointment(block, fanta, now + timedelta(minutes=30))
    for address in (
        "/today/appointments/new/",
        reverse("desk:appointment_move", kwargs={"uuid": given.uuid}),
    ):
        answer = signed_in.post(address, {"person": fanta.uuid, "slot": f"{block.uuid} {moment}"})
        assert answer.status_code == 422
        assert "Cette heure n’est pas un créneau de cette plage." in text_of(answer)
    assert Appointment.objects.get() == given


def test_slot_of_another_site_is_refused(signed_in, site, now):
    rivage = make_site("Rivage")
    block = make_block(rivage, make_user(rivage), now)
    slot = f"{block.uuid} {now.isoformat()}"
    response = signed_in.post("/today/appointments/new/", {"person": make_person(site).uuid, "slot": slot})
    assert response.status_code == 422


def test_appointment_is_moved_and_taken_back(signed_in, site, block, now):
    old = make_appointment(block, make_person(site), now + timedelta(minutes=30))
    address = reverse("desk:appointment_move", kwargs={"uuid": old.uuid})
    assert signed_in.get(address).status_code == 200
    signed_in.post(address, {"slot": f"{block.uuid} {(now + timedelta(minutes=60)).isoformat()}"})
    new = Appointment.objects.get(moved_from=old)
    page = text_of(signed_in.get(reverse("desk:appointment", kwargs={"uuid": old.uuid})))
    assert "Défaire" in page
    signed_in.post(reverse("desk:appointment_step", kwargs={"uuid": old.uuid}), {"step": "undo"})
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == ("booked", "cancelled")


def test_appointment_elsewhere_is_not_found(client, site, block, now):
    appointment = make_appointment(block, make_person(site), now)
    stranger = make_user(make_site("Rivage"))
    response = log_in(client, stranger).get(reverse("desk:appointment", kwargs={"uuid": appointment.uuid}))
    assert response.status_code == 404


def test_site_is_chosen_among_those_where_one_works(client, site, helene, now):
    from bagage.accounts.models import Membership

    rivage, foreign = make_site("Rivage"), make_site("Ailleurs")
    Membership.objects.create(user=helene, organisation=rivage.organisation, role=Role.ADVISER)
    make_entry(rivage, now, "Tenzin")
    log_in(client, helene)
    assert "Tenzin" not in text_of(client.get(TODAY))
    assert client.post("/today/site/", {"site": foreign.uuid}).status_code == 404
    assert (
        client.post("/today/site/", {"site": rivage.uuid, "next": "https://evil.example/"}).headers[
            "Location"
        ]
        == TODAY
    )
    assert "Tenzin" in text_of(client.get(TODAY))
