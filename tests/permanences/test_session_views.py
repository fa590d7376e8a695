"""The pages of sessions: what is shown to whom, what is kept when a rule refuses, marks from a page that is old."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.permanences.models import Session, SessionBooking
from bagage.skills.models import Observation
from tests.permanences.factories import (
    make_installation,
    make_person,
    make_phone,
    make_room,
    make_seat,
    make_session,
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
def helene(site):
    return make_user(site)


@pytest.fixture
def kadi(site):
    return make_user(site, Role.VOLUNTEER, "Kadi")


@pytest.fixture
def signed_in(client, helene):
    return log_in(client, helene)


@pytest.fixture
def session(site, now):
    """In two days, in a room of two computers."""
    return make_session(site, now + timedelta(days=2), room=make_room(site, computers=2))


@pytest.fixture
def under_way(site, now):
    """It began half an hour ago."""
    return make_session(site, now - timedelta(minutes=30), topic="La souris", items=["K1", "K2"])


def log_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(client, name, *args, query=""):
    return client.get(reverse(f"permanences:{name}", args=args) + query)


def text(response):
    return response.content.decode()


def send(client, name, *args, **data):
    return client.post(reverse(f"permanences:{name}", args=args), data)


# ---------- the list ----------
@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_much_for_one_as_for_three(signed_in, site, now, count):
    for number in range(count):
        session = make_session(site, now + timedelta(days=1 + number))
        make_seat(session, make_person(site, f"Nom{number}"))
    page(signed_in, "session_list")
    with CaptureQueriesContext(connection) as queries:
        shown = page(signed_in, "session_list")
    assert shown.status_code == 200
    assert text(shown).count("7 places libres sur 8") == count
    assert len([one for one in queries if "permanences_session" in one["sql"]]) == 5


def test_list_names_nobody_and_filters(signed_in, site, session, now):
    make_seat(session, make_person(site, "Zéphyrine"))
    other = make_session(site, now + timedelta(days=3), topic="Ses photos", items=["K13"], language="dari")
    full = make_session(
        site, now + timedelta(days=4), topic="Complète", room=make_room(site, "Une", computers=1)
    )
    make_seat(full, make_person(site, "Awa"))
    past = make_session(site, now - timedelta(days=4), topic="Ancienne")
    whole = text(page(signed_in, "session_list"))
    assert [word in whole for word in ("Son compte santé", "Ses photos", "Complète", "Ancienne", "Zéphyrine")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert "Ancienne" in text(page(signed_in, "session_list", query="?when=past"))
    assert past.topic == "Ancienne"
    for query, shown in {
        "?item=K13": ["Ses photos"],
        "?language=dari": ["Ses photos"],
        "?free=yes": ["Son compte santé", "Ses photos"],
        "?q=photos": ["Ses photos"],
        "?item=K13&free=yes&language=dari": [other.topic],
    }.items():
        found = text(page(signed_in, "session_list", query=query))
        assert [
            topic for topic in ("Son compte santé", "Ses photos", "Complète") if f">{topic}</a>" in found
        ] == shown


def test_list_as_a_file(signed_in, site, session):
    make_seat(session, make_person(site, "Zéphyrine"))
    response = page(signed_in, "session_list", query="?export=csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].split(";")[0] == "Sujet"
    assert len(lines) == 2
    assert "Zéphyrine" not in lines[1]


def test_sessions_of_another_site_are_not_there(client, session):
    elsewhere = make_user(make_site("Ailleurs"))
    log_in(client, elsewhere)
    assert "Son compte santé" not in text(page(client, "session_list"))
    assert page(client, "session", session.uuid).status_code == 404


# ---------- one session ----------
@pytest.mark.parametrize("count", [1, 3])
def test_session_asks_as_much_for_one_as_for_three(signed_in, site, session, count):
    for number in range(count):
        make_seat(session, make_person(site, f"Nom{number}"), "booked" if number < 2 else "waiting")
    page(signed_in, "session", session.uuid)
    with CaptureQueriesContext(connection) as queries:
        shown = page(signed_in, "session", session.uuid)
    assert "Nom0 D." in text(shown)
    assert len([one for one in queries if "permanences_session" in one["sql"]]) == 4


def test_volunteer_sees_short_names_and_opens_only_hers(client, kadi, site, session, now):
    awa = make_person(site, "Awa", "Diallo")
    make_seat(session, awa)
    soon = make_session(site, now + timedelta(hours=3), topic="La souris", leader=kadi)
    make_seat(soon, awa)
    log_in(client, kadi)
    far = text(page(client, "session", make_session(site, now + timedelta(days=5)).uuid))
    assert "Awa" not in far
    shown = text(page(client, "session", soon.uuid))
    assert "Awa D." in shown
    assert "Diallo" not in shown
    assert reverse("desk:person", args=[awa.uuid]) in shown
    assert client.get(reverse("desk:person", args=[awa.uuid])).status_code == 200
    # Two days later, nothing of her is hers to read any more.
    Session.objects.filter(pk=soon.pk).update(
        starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=3) + timedelta(hours=1)
    )
    assert client.get(reverse("desk:person", args=[awa.uuid])).status_code == 404


def test_two_alike_are_told_apart_by_their_card(signed_in, site, session):
    one, other = make_person(site, "Awa", "Diallo"), make_person(site, "Awa", "Dembélé")
    make_seat(session, one)
    make_seat(session, other)
    shown = text(page(signed_in, "session", session.uuid))
    assert f"Awa D. {one.code[-3:]}" in shown
    assert f"Awa D. {other.code[-3:]}" in shown


def test_person_is_found_then_given_a_seat(signed_in, helene, site, session):
    from bagage.people.services import open_file

    awa = open_file(chosen_name="Awa", family_name="Diallo", node=site.organisation, by=helene)
    found = send(signed_in, "session_book", session.uuid, q="Awa Diallo")
    assert found.status_code == 200
    assert str(awa.uuid) in text(found)
    done = send(signed_in, "session_book", session.uuid, person=str(awa.uuid), key="form")
    assert done.status_code == 302
    again = send(signed_in, "session_book", session.uuid, person=str(awa.uuid), key="form")
    assert again.status_code == 302
    assert [one.person for one in session.bookings.all()] == [awa]
    refused = send(signed_in, "session_book", session.uuid, person=str(awa.uuid), key="other")
    assert refused.status_code == 409
    assert "Awa a déjà une place à cette séance." in text(refused)


def test_person_out_of_scope_is_not_there(signed_in, session):
    stranger = make_person(make_site("Ailleurs"), "Zéphyrine")
    assert (
        send(signed_in, "session_book", session.uuid, person=str(stranger.uuid), key="k").status_code == 404
    )
    assert send(signed_in, "session_book", session.uuid, person="not-a-uuid", key="k").status_code == 404
    assert "Zéphyrine" not in text(page(signed_in, "session", session.uuid, query=f"?for={stranger.uuid}"))
    assert SessionBooking.objects.count() == 0


def test_seat_sought_for_a_person_is_one_press(signed_in, site, session):
    awa = make_person(site, "Awa", "Diallo")
    listed = text(page(signed_in, "session_list", query=f"?for={awa.uuid}"))
    assert f"{reverse('permanences:session', args=[session.uuid])}?for={awa.uuid}" in listed
    assert "Donner une place à Awa Diallo" in text(
        page(signed_in, "session", session.uuid, query=f"?for={awa.uuid}")
    )


def test_seat_given_back_says_who_has_it_now(signed_in, site, session):
    first, _second = (
        make_seat(session, make_person(site, "Awa")),
        make_seat(session, make_person(site, "Binta")),
    )
    make_seat(session, make_person(site, "Carlos"), "waiting")
    send(signed_in, "session_seat_leave", first.uuid)
    shown = text(page(signed_in, "session", session.uuid))
    assert "La place va à Carlos D. : un message est à lui dire." in shown
    assert send(signed_in, "session_seat_leave", first.uuid).status_code == 409


# ---------- planning ----------
def form(site, now, **fields):
    day = timezone.localdate(now + timedelta(days=3)).isoformat()
    return {
        "key": "form", "topic": "Son compte santé", "items": ["K12"], "room": f"{site.uuid}:Grande salle",
        "needs_computer": "on", "day": day, "begins": "14 h", "ends": "16h30", **fields,
    }  # fmt: skip


def test_session_is_planned_from_the_form(signed_in, site, kadi, now):
    make_room(site)
    assert page(signed_in, "session_new").status_code == 200
    for _press in range(2):
        assert send(signed_in, "session_new", **form(site, now, leader=str(kadi.uuid))).status_code == 302
    planned = Session.objects.get()
    assert (planned.when, planned.leader, [item.code for item in planned.items.all()]) == (
        "dimanche 29 novembre à 14\xa0h", kadi, ["K12"],
    )  # fmt: skip
    shown = text(page(signed_in, "session", planned.uuid))
    assert "C’est en dehors des heures d’ouverture : quelqu’un devra ouvrir." in shown


def test_refused_session_keeps_what_was_typed(signed_in, site, now):
    make_room(site)
    refused = send(signed_in, "session_new", **form(site, now, ends="13 h"))
    assert refused.status_code == 422
    assert "La fin vient avant le début." in text(refused)
    assert 'value="Son compte santé"' in text(refused)
    taken = make_session(site, now + timedelta(days=3), room=site.rooms.get(), topic="Déjà là")
    refused = send(signed_in, "session_new", **form(site, now, begins="10 h", ends="11 h"))
    assert refused.status_code == 422
    assert "est prise dimanche 29 novembre" in text(refused)
    assert taken.pk


def test_site_without_a_room_says_what_to_do(signed_in):
    assert "Aucune salle n’est écrite." in text(page(signed_in, "session_new"))


def test_same_session_a_week_later(signed_in, session):
    shown = text(page(signed_in, "session_new", query=f"?like={session.uuid}"))
    assert 'value="Son compte santé"' in shown
    assert 'value="2026-12-05"' in shown


def test_calling_off_says_first_who_is_told(signed_in, site, session):
    for name in ("Awa", "Binta"):
        person = make_person(site, name)
        make_phone(person)
        make_seat(session, person)
    make_seat(session, make_person(site, "Carlos"), "waiting")
    shown = text(page(signed_in, "session_cancel", session.uuid))
    assert "3 personnes sont décommandées." in shown
    assert "2 par SMS et 1 à prévenir sur place" in shown
    assert send(signed_in, "session_cancel", session.uuid, reason="").status_code == 422
    assert send(signed_in, "session_cancel", session.uuid, reason="Formatrice malade").status_code == 302
    after = text(page(signed_in, "session", session.uuid))
    assert "Annulée : Formatrice malade" in after


# ---------- attendance ----------
def test_ticks_are_marks_and_the_same_form_twice_is_one(client, kadi, site, under_way):
    awa, binta = (make_seat(under_way, make_person(site, name)) for name in ("Awa", "Binta"))
    log_in(client, kadi)
    shown = text(page(client, "attendance", under_way.uuid))
    assert "sur <b>2</b>, <b>2</b> à pointer." in shown
    for _press in range(2):
        done = send(
            client,
            "attendance",
            under_way.uuid,
            key="k",
            present=[str(awa.uuid)],
            arrival="Ibrahima, Jo",
            do="add",
        )
        assert done.status_code == 302
    assert sorted((one.short_name, one.state) for one in under_way.bookings.all()) == [
        ("Awa D.", "present"), ("Binta D.", "booked"), ("Ibrahima", "present"), ("Jo", "present"),
    ]  # fmt: skip
    assert binta.pk


def test_old_page_takes_back_only_what_it_showed(signed_in, site, under_way):
    awa, binta = (make_seat(under_way, make_person(site, name), "present") for name in ("Awa", "Binta"))
    # The page was loaded when Binta was not ticked yet; Awa's tick is taken off.
    send(signed_in, "attendance", under_way.uuid, key="k", was_present=[str(awa.uuid)], do="save")
    awa.refresh_from_db()
    binta.refresh_from_db()
    assert (awa.state, binta.state) == ("booked", "present")


def test_tap_sends_marks_but_not_what_is_being_typed(htmx_client, helene, site, under_way):
    awa, binta = (make_seat(under_way, make_person(site, name)) for name in ("Awa", "Binta"))
    log_in(htmx_client, helene)
    answer = send(
        htmx_client, "attendance", under_way.uuid, key="k", present=[str(awa.uuid)], arrival="Ibr",
        excused=str(binta.uuid),
    )  # fmt: skip
    assert answer.status_code == 200
    assert "<b>1</b> présence sur <b>2</b>, <b>1</b> à pointer." in text(answer)
    assert "<html" not in text(answer)
    assert sorted((one.short_name, one.state) for one in under_way.bookings.all()) == [
        ("Awa D.", "present"), ("Binta D.", "booked"),
    ]  # fmt: skip


def test_what_each_can_do_is_one_tap(signed_in, site, under_way):
    awa = make_seat(under_way, make_person(site, "Awa"), "present")
    name = f"can.{awa.uuid}.K1"
    for _press in range(2):
        send(
            signed_in,
            "attendance",
            under_way.uuid,
            key="k",
            present=[str(awa.uuid)],
            do="save",
            **{name: "3"},
        )
    assert [(one.item.code, one.step) for one in Observation.objects.all()] == [("K1", 3)]
    # Forged: an item of another session, a step that does not exist.
    forged = {f"can.{awa.uuid}.K9": "3", f"can.{awa.uuid}.K2": "0"}
    send(signed_in, "attendance", under_way.uuid, key="k", present=[str(awa.uuid)], do="save", **forged)
    assert Observation.objects.count() == 1


def test_what_each_can_do_is_still_noted_once_it_is_closed(signed_in, site, under_way):
    awa = make_seat(under_way, make_person(site, "Awa"), "present")
    send(signed_in, "attendance", under_way.uuid, key="k", present=[str(awa.uuid)], do="close")
    shown = text(page(signed_in, "attendance", under_way.uuid))
    # Its wall is there to be read: nothing of it is sent, so nothing is taken back.
    assert "<fieldset disabled>" in shown
    assert "was_present" not in shown
    send(signed_in, "attendance", under_way.uuid, key="k2", do="save", **{f"can.{awa.uuid}.K2": "2"})
    assert [(one.item.code, one.step) for one in Observation.objects.all()] == [("K2", 2)]
    awa.refresh_from_db()
    assert awa.state == "present"


def test_tap_on_a_session_closed_meanwhile_says_so_beside_the_page(htmx_client, helene, site, under_way, now):
    awa = make_seat(under_way, make_person(site, "Awa"), "absent")
    Session.objects.filter(pk=under_way.pk).update(state="held", closed_at=now)
    log_in(htmx_client, helene)
    answer = send(htmx_client, "attendance", under_way.uuid, key="k", present=[str(awa.uuid)])
    assert answer.status_code == 409
    told = json.loads(answer.headers["HX-Trigger"])
    assert "Cette séance est fermée : rouvrez-la pour changer qui était là." in json.dumps(
        told, ensure_ascii=False
    )
    assert text(answer) == ""


def test_excuse_and_coming_after_all(signed_in, site, under_way):
    awa = make_seat(under_way, make_person(site, "Awa"))
    send(signed_in, "attendance", under_way.uuid, key="k", excused=str(awa.uuid), do="save")
    awa.refresh_from_db()
    assert awa.state == "excused"
    assert "<b>1</b> a prévenu" in text(page(signed_in, "attendance", under_way.uuid))
    send(signed_in, "attendance", under_way.uuid, key="k2", came=str(awa.uuid), do="save")
    awa.refresh_from_db()
    assert awa.state == "present"


def test_the_rest_is_absent_then_closed_then_open_again(signed_in, site, under_way):
    awa, binta = (make_seat(under_way, make_person(site, name)) for name in ("Awa", "Binta"))
    make_phone(binta.person)
    assert (
        "elles seront notées absentes. Un mot sera à dire à qui n’est pas là : 1 à prévenir sur place et 1 par SMS."
        in text(page(signed_in, "attendance", under_way.uuid))
    )
    shown = [str(awa.uuid), str(binta.uuid)]
    send(signed_in, "attendance", under_way.uuid, key="k", present=[str(awa.uuid)], shown=shown, do="absent")
    binta.refresh_from_db()
    assert binta.state == "absent"
    for _press in range(2):
        closed = send(signed_in, "attendance", under_way.uuid, key="k", present=[str(awa.uuid)], do="close")
        assert closed.status_code == 302
    under_way.refresh_from_db()
    assert under_way.state == "held"
    refused = send(signed_in, "attendance", under_way.uuid, key="k", present=[str(binta.uuid)], do="save")
    assert refused.status_code == 409
    assert "Cette séance est fermée : rouvrez-la pour changer qui était là." in text(refused)
    send(signed_in, "session_reopen", under_way.uuid)
    under_way.refresh_from_db()
    assert under_way.state == "planned"


def test_refused_marks_stay_ticked(signed_in, site, under_way):
    awa = make_seat(under_way, make_person(site, "Awa"))
    refused = send(
        signed_in, "attendance", under_way.uuid, key="k", do="save",
        present=[str(awa.uuid), "00000000-0000-4000-8000-000000000000"],
    )  # fmt: skip
    assert refused.status_code == 422
    assert f'value="{awa.uuid}" checked' in text(refused)
    assert SessionBooking.objects.get().state == "booked"


def test_attendance_waits_for_the_day(signed_in, site, session):
    make_seat(session, make_person(site, "Awa"))
    shown = text(page(signed_in, "attendance", session.uuid))
    assert "On pointe à partir de samedi 28 novembre." in shown
    assert "<fieldset disabled>" in shown


@pytest.mark.parametrize("count", [1, 3])
def test_attendance_asks_as_much_for_one_as_for_three(signed_in, site, under_way, count):
    for number in range(count):
        make_seat(under_way, make_person(site, f"Nom{number}"), "present" if number else "booked")
    page(signed_in, "attendance", under_way.uuid)
    with CaptureQueriesContext(connection) as queries:
        page(signed_in, "attendance", under_way.uuid)
    tables = ("permanences_session", "skills_", "people_contactway")
    assert len([one for one in queries if any(table in one["sql"] for table in tables)]) == 5


def test_arrival_is_linked_to_a_file(signed_in, helene, site, under_way):
    send(signed_in, "attendance", under_way.uuid, key="k", arrival="Ibrahima", do="add")
    arrival = under_way.bookings.get()
    leads = send(
        signed_in,
        "attendance",
        under_way.uuid,
        key="k2",
        do=f"who-{arrival.uuid}",
        present=[str(arrival.uuid)],
    )
    assert leads.url == reverse("permanences:session_seat_who", args=[arrival.uuid])
    ibrahima = make_person(site, "Ibrahima", "Sow")
    send(signed_in, "session_seat_who", arrival.uuid, person=str(ibrahima.uuid))
    arrival.refresh_from_db()
    assert arrival.person == ibrahima


def test_sheet_on_paper_has_short_names_and_lines_for_others(signed_in, site, session):
    make_seat(session, make_person(site, "Awa", "Diallo"))
    make_seat(session, make_person(site, "Carlos", "Rocha"), "waiting")
    shown = text(page(signed_in, "session_sheet", session.uuid))
    assert [word in shown for word in ("Awa D.", "Carlos R.", "Diallo", "Rocha")] == [
        True,
        True,
        False,
        False,
    ]
    assert shown.count("<tr>") == 1 + 2 + 4
