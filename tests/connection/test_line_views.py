"""The pages of a line: what is shown to whom, what is kept when a rule refuses, Today, the file."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.connection.models import Advice, HeldLine, LineTerms
from bagage.connection.services import lines
from bagage.journeys.queries import baggages
from bagage.people.models import Following
from bagage.people.services import mark_as_same
from tests.connection.line_factories import hold, key, make_offer, make_range
from tests.permanences.factories import (
    make_appointment,
    make_block,
    make_installation,
    make_person,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)
NUMBER = "+33639984127"


def days(count: int) -> timedelta:
    return timedelta(days=count)


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
    return make_person(site, "Mariam", family_name="Traoré")


@pytest.fixture
def signed_in(client, helene):
    return log_in(client, helene)


@pytest.fixture
def card(now):
    card = make_range()
    LineTerms.objects.create(line=card, sim_price=250, begins_on=date(2026, 1, 1), created_at=now)
    return card


def log_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def url(name: str, held: HeldLine, **more: object) -> str:
    return reverse(f"connection:{name}", kwargs={"uuid": held.uuid, **more})


# ---------- opening one ----------
def test_line_activate_proposes_the_ranges_on_sale(signed_in, mariam, card):
    offer = make_offer(card, "Recharge 3 Go", days=30, price=1000)
    make_offer(card, "Recharge d’hier", ends_on=TODAY)
    form = signed_in.get(reverse("connection:line_activate", args=[mariam.uuid])).context["form"]
    choices = form.fields["choice"].choices
    assert [(str(name), rows if isinstance(rows, str) else list(rows)) for name, rows in choices] == [
        ("", "Choisir"),
        (
            "Opérateur Essai, La Carte",
            [
                (f"line:{card.uuid}", "La carte SIM seule"),
                (f"offer:{offer.uuid}", "Recharge 3 Go, 10,00\u00a0€, 30 jours"),
            ],
        ),
        ("other", "Une autre ligne"),
    ]


def test_line_activate_writes_the_line_and_says_until_when(signed_in, mariam, card):
    offer = make_offer(card, days=30, price=1000)
    answer = signed_in.post(
        reverse("connection:line_activate", args=[mariam.uuid]),
        {"key": "k", "choice": f"offer:{offer.uuid}", "number": "06 39 98 41 27", "on": "2026-11-26"},
        follow=True,
    )
    held = HeldLine.objects.get()
    assert (held.line, held.number, held.live_until) == (card, NUMBER, TODAY + days(29))
    assert "C’est noté. Opérateur Essai, La Carte : active jusqu’au 25 décembre." in text_of(answer)


def test_line_activate_keeps_what_was_typed_when_the_number_lives_elsewhere(signed_in, site, mariam, helene):
    hold(make_person(site, "Awa"), helene, TODAY, number=NUMBER)
    answer = signed_in.post(
        reverse("connection:line_activate", args=[mariam.uuid]),
        {"key": "k", "choice": "other", "words": "Opérateur Deux", "number": NUMBER, "on": "2026-11-26"},
    )
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Ce numéro vit déjà sur une autre ligne." in page
    assert 'value="Opérateur Deux"' in page
    assert "Awa" not in page
    assert HeldLine.objects.filter(person=mariam).count() == 0


def test_line_activate_asks_the_name_of_another_operator(signed_in, mariam):
    answer = signed_in.post(
        reverse("connection:line_activate", args=[mariam.uuid]),
        {"key": "k", "choice": "other", "on": "2026-11-26"},
    )
    assert answer.context["form"].errors == {"words": ["Écrivez le nom de l’opérateur."]}


# ---------- what happens to it ----------
def test_line_top_up_by_an_offer_of_the_catalogue(signed_in, mariam, helene, card):
    offer = make_offer(card, days=7)
    make_offer(card, "Forfait", kind="plan", days=None)
    held = hold(mariam, helene, TODAY - days(20), until=TODAY + days(1), line=card)
    form = signed_in.get(url("line_top_up", held)).context["form"]
    assert [value for value, _label in form.fields["offer"].choices] == [str(offer.uuid), ""]
    signed_in.post(
        url("line_top_up", held),
        {"key": "k", "offer": str(offer.uuid), "on": "2026-11-26", "was_told": "on"},
    )
    held.refresh_from_db()
    event = held.events.get(kind="topped_up")
    assert (held.live_until, event.price, event.was_told) == (TODAY + days(6), 500, True)


def test_line_top_up_pressed_twice_counts_once(signed_in, mariam, helene):
    held = hold(mariam, helene, TODAY - days(20), until=TODAY + days(1))
    for _press in range(2):
        answer = signed_in.post(
            url("line_top_up", held), {"key": "k", "what": "5 €", "price": "5,00", "on": "2026-11-26"}
        )
        assert answer.status_code == 302
    assert held.events.filter(kind="topped_up").count() == 1


def test_line_top_up_says_what_is_missing(signed_in, mariam, helene):
    held = hold(mariam, helene, TODAY - days(20))
    answer = signed_in.post(url("line_top_up", held), {"key": "k", "on": "2026-11-26", "note": "marché"})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Dites ce qui a été acheté : une recharge, un prix ou une date." in page
    assert 'value="marché"' in page


def test_line_left_for_plan_is_shown_as_the_way_out(signed_in, mariam, helene):
    held = hold(mariam, helene, TODAY - days(20), until=TODAY + days(1))
    answer = signed_in.post(
        url("line_left_for_plan", held),
        {"key": "k", "to": "Opérateur Deux", "kept_number": "yes", "price": "2", "on": "2026-11-26"},
        follow=True,
    )
    page = text_of(answer)
    assert (
        "Quittée pour un forfait chez Opérateur Deux, 2,00 € par mois. Le numéro est resté le même." in page
    )
    assert "C’est la sortie que l’on souhaite : un forfait à son nom." in page
    assert "Noter une recharge" not in page


@pytest.mark.parametrize(
    ("name", "data", "state"),
    [("line_ported", {"to": "Deux"}, "ported"), ("line_lost", {}, "lost"), ("line_close", {}, "closed")],
)
def test_line_ends(signed_in, mariam, helene, name, data, state):
    held = hold(mariam, helene, TODAY - days(20))
    assert signed_in.get(url(name, held)).status_code == 200
    signed_in.post(url(name, held), {"key": "k", "on": "2026-11-26", **data})
    held.refresh_from_db()
    assert held.state == state


def test_line_undo_leads_back_and_keeps_the_history(signed_in, mariam, helene):
    held = hold(mariam, helene, TODAY - days(20), until=TODAY + days(9))
    lines.note_lost(held, on=TODAY, key=key(), by=helene)
    lost = held.events.get(kind="lost")
    page = text_of(signed_in.post(url("line_undo", held, event=lost.uuid), {"key": "u"}, follow=True))
    assert "<s>Perdue.</s>" in page
    assert "Défait : perdue." in page
    assert "Active jusqu’au 5 décembre" in page


def test_line_undo_of_the_opening_leads_to_the_file(signed_in, mariam, helene):
    held = hold(mariam, helene, TODAY)
    answer = signed_in.post(url("line_undo", held, event=held.events.get().uuid), {"key": "u"})
    assert answer.headers["Location"] == reverse("desk:person", args=[mariam.uuid])


def test_line_undo_of_an_event_of_another_line_is_not_found(signed_in, site, mariam, helene):
    held = hold(mariam, helene, TODAY, words="A")
    other = hold(make_person(site, "Awa"), helene, TODAY, words="B")
    answer = signed_in.post(url("line_undo", held, event=other.events.get().uuid), {"key": "u"})
    assert answer.status_code == 404
    assert other.events.count() == 1


def test_line_number_is_noted_and_a_wrong_one_kept_on_the_page(signed_in, mariam, helene):
    held = hold(mariam, helene, TODAY)
    assert "Noter son numéro" in text_of(signed_in.get(url("line", held)))
    answer = signed_in.post(url("line_number", held), {"number": "06 39 98 41"})
    assert (answer.status_code, 'value="06 39 98 41"' in text_of(answer)) == (422, True)
    signed_in.post(url("line_number", held), {"number": "06 39 98 41 27"})
    page = text_of(signed_in.get(url("line", held)))
    assert "06 39 98 41 27" in page
    assert "Changer son numéro" in page


# ---------- who sees it ----------
def test_line_of_a_person_of_another_site_is_not_found(client, mariam, helene):
    held = hold(mariam, helene, TODAY, number=NUMBER)
    elsewhere = make_user(make_site("Permanence Port"))
    assert log_in(client, elsewhere).get(url("line", held)).status_code == 404


def test_line_of_a_file_marked_as_hers_is_hers(signed_in, site, mariam, helene):
    twin = make_person(site, "Maryam")
    held = hold(twin, helene, TODAY - days(3), until=TODAY + days(2))
    mark_as_same(mariam, twin, reasons="même personne", by=helene)
    page = text_of(signed_in.get(reverse("desk:person", args=[mariam.uuid])))
    assert "S’arrête samedi 28 novembre au soir" in page
    signed_in.post(url("line_top_up", held), {"key": "k", "what": "5 €", "on": "2026-11-26"})
    assert held.events.filter(kind="topped_up").count() == 1
    assert baggages([mariam])[mariam.pk].connection.state == "half"


def test_line_is_refused_to_a_volunteer_who_sees_her_for_a_while(client, site, mariam, helene, now):
    held = hold(mariam, helene, TODAY, number=NUMBER)
    volunteer = make_user(site, Role.VOLUNTEER, first_name="Paul")
    make_appointment(make_block(site, volunteer, now), mariam, now)
    log_in(client, volunteer)
    assert client.get(url("line", held)).status_code == 403
    page = text_of(client.get(reverse("desk:person", args=[mariam.uuid])))
    assert "Opérateur Essai" not in page


def test_person_shows_her_line_to_reception_but_never_its_number(client, site, mariam, helene):
    hold(mariam, helene, TODAY - days(3), until=TODAY + days(2), number=NUMBER)
    log_in(client, make_user(site, Role.RECEPTIONIST))
    page = text_of(client.get(reverse("desk:person", args=[mariam.uuid])))
    assert "S’arrête samedi 28 novembre au soir" in page
    assert "Noter une recharge" in page
    assert "06 39 98 41 27" not in page


def advised(person, card, now, **more) -> Advice:
    calendar = {
        "line": card.code,
        "total": "30.00",
        "purchases": [
            {"day": 0, "offer": "r", "price": "10.00"},
            {"day": 30, "offer": "r", "price": "10.00"},
            {"day": 60, "offer": "r", "price": "10.00"},
        ],
    }
    offer = {"id": "r", "name": "Recharge 3 Go", "kind": "top_up", "price": "10.00", "validity_days": 30}
    return Advice.objects.create(
        person=person,
        answer={"best": {**calendar, "fewest": calendar}},
        programme={"lines": [{"id": card.code, "offers": [offer]}]},
        key=key(),
        advised_on=TODAY - days(31),
        kept_at=now,
        **more,
    )


def test_person_shows_the_next_purchase_of_the_kept_advice(signed_in, mariam, helene, card, now):
    hold(mariam, helene, TODAY - days(31), until=TODAY + days(2), line=card)
    advised(mariam, card, now)
    page = text_of(signed_in.get(reverse("desk:person", args=[mariam.uuid])))
    assert "Prochain achat conseillé :" in page
    assert "<b>Recharge 3 Go, 10,00 €</b>, dès maintenant" in page


def test_person_shows_no_advice_to_reception(client, site, mariam, helene, card, now):
    hold(mariam, helene, TODAY - days(31), until=TODAY + days(2), line=card)
    advised(mariam, card, now)
    log_in(client, make_user(site, Role.RECEPTIONIST))
    page = text_of(client.get(reverse("desk:person", args=[mariam.uuid])))
    assert "Opérateur Essai, La Carte" in page
    assert "Prochain achat conseillé" not in page


def test_line_shows_the_purchase_after_the_last_one(signed_in, mariam, helene, card, now):
    held = hold(mariam, helene, TODAY - days(31), until=TODAY + days(2), line=card)
    advised(mariam, card, now)
    lines.record_top_up(held, what="Recharge 3 Go", on=TODAY, key=key(), by=helene)
    assert "le vendredi 25 décembre" in text_of(signed_in.get(url("line", held)))


def test_line_says_nothing_of_an_advice_about_another_range(signed_in, mariam, helene, card, now):
    held = hold(mariam, helene, TODAY - days(31), words="Autre")
    advised(mariam, card, now)
    assert "Prochain achat conseillé" not in text_of(signed_in.get(url("line", held)))


# ---------- Today ----------
def test_today_names_the_lines_about_to_stop(signed_in, site, mariam, helene):
    hold(mariam, helene, TODAY - days(3), until=TODAY + days(1))
    hold(make_person(site, "Awa"), helene, TODAY - days(3), until=TODAY + days(6))
    page = text_of(signed_in.get("/today/"))
    assert "Ligne qui va s’arrêter" in page
    assert "Mariam T., demain" in page
    assert "Awa" not in page


def test_today_says_nothing_of_lines_of_another_site(signed_in, helene):
    other = make_site("Permanence Port")
    hold(make_person(other, "Zoé"), make_user(other), TODAY - days(3), until=TODAY + days(1))
    page = text_of(signed_in.get("/today/"))
    assert "Ligne qui va s’arrêter" not in page
    assert "Zoé" not in page


def test_today_says_nothing_of_lines_to_volunteers(client, site, mariam, helene):
    hold(mariam, helene, TODAY - days(3), until=TODAY + days(1))
    log_in(client, make_user(site, Role.VOLUNTEER))
    page = text_of(client.get("/today/"))
    assert "Ligne qui va s’arrêter" not in page
    assert "Mariam" not in page


def test_today_says_nothing_of_whom_the_site_follows_no_more(signed_in, mariam, helene, now):
    hold(mariam, helene, TODAY - days(3), until=TODAY + days(1))
    Following.objects.filter(person=mariam).update(ended_at=now)
    assert "Mariam" not in text_of(signed_in.get("/today/"))


def test_today_counts_the_offers_to_verify_for_who_keeps_the_catalogue(client, site, helene, card):
    make_offer(card, verified_on=TODAY - days(61))
    make_offer(card, verified_on=TODAY - days(10))
    lead = make_user(site, Role.PROGRAMME_LEAD)
    assert "Offre à vérifier" in text_of(log_in(client, lead).get("/today/"))
    assert "Offre à vérifier" not in text_of(log_in(client, helene).get("/today/"))


def queries_of(client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        client.get(page)
    return len(asked)


def test_pages_cost_the_same_whatever_the_lines(signed_in, site, mariam, helene, card):
    costs = []
    for count in (
        1,
        2,
    ):  # one line with one top-up, then three lines of hers and of others, with three top-ups
        for number in range(count):
            held = hold(mariam, helene, TODAY - days(9), until=TODAY + days(2), line=card)
            for _top_up in range(count):
                lines.record_top_up(held, offer=make_offer(card, days=2), on=TODAY, key=key(), by=helene)
            hold(make_person(site, f"Awa{number}"), helene, TODAY - days(9), until=TODAY + days(2))
        pages = (reverse("desk:person", args=[mariam.uuid]), url("line", held), "/today/")
        costs.append([queries_of(signed_in, page) for page in pages])
    assert costs[0] == costs[1]


@pytest.mark.parametrize("count", [1, 3])
def test_line_costs_the_same_whatever_its_history(
    signed_in, mariam, helene, card, count, django_assert_num_queries
):
    held = hold(mariam, helene, TODAY - days(9), until=TODAY + days(2), line=card)
    for _top_up in range(count):
        lines.record_top_up(held, offer=make_offer(card, days=2), on=TODAY, key=key(), by=helene)
    signed_in.get(url("line", held))
    with django_assert_num_queries(LINE_QUERIES):
        signed_in.get(url("line", held))


LINE_QUERIES = 23
