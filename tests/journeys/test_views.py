"""The pages of an exit, of news asked for, of a session for a request: what is shown, what is kept, what is refused."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from bagage.accounts.domain.roles import Role
from bagage.connection.services.lines import activate_line
from bagage.journeys.models import FollowUp, Journey, JourneyExit, JourneyStep, RequestBooking
from bagage.journeys.queries import attention, happened, person_panel
from bagage.journeys.queries import summary as summaries
from bagage.journeys.queries.exits import follow_ups_due
from bagage.journeys.services import (
    add_request,
    answer_follow_up,
    book_request,
    change_request,
    note_try,
    reopen_journey,
)
from tests.equipment.factories import give, make_device
from tests.journeys.exit_factories import fill, key, leave, start
from tests.permanences.factories import (
    make_appointment,
    make_block,
    make_installation,
    make_person,
    make_phone,
    make_session,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site(phone="+33199001234")


@pytest.fixture
def helene(site):
    return make_user(site)


@pytest.fixture
def mariam(site):
    return make_person(site, "Mariam", "Traoré", grammar="she")


@pytest.fixture
def journey(mariam, site, helene):
    return start(mariam, site, helene)


@pytest.fixture
def signed_in(client, helene):
    client.force_login(helene, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def three_months_later(clock, client, user) -> None:
    """Signed in again, since the session is over by then."""
    clock.move(days=92)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def address(name: str, *args: object) -> str:
    return reverse(f"journeys:{name}", args=args)


# ---------- exit ----------
def test_exit_page_offers_complete_only_when_the_bag_is_full(signed_in, journey, mariam, helene) -> None:
    page = signed_in.get(address("exit", mariam.uuid))
    assert [value for value, _label in page.context["form"].fields["kind"].choices] == ["not_yet"]
    assert "Le bagage n’est pas encore complet aujourd’hui." in text_of(page)
    fill(mariam, TODAY, helene)
    page = signed_in.get(address("exit", mariam.uuid))
    assert [value for value, _label in page.context["form"].fields["kind"].choices] == ["complete", "not_yet"]
    assert "à 3 mois, le 26 février 2027" in text_of(page)


def test_exit_page_writes_once_and_gives_the_paper(signed_in, journey, mariam, helene) -> None:
    fill(mariam, TODAY, helene)
    sent = {"key": "k", "kind": "complete", "reason": "moved", "follow_up": "on"}
    first = signed_in.post(address("exit", mariam.uuid), sent)
    left = JourneyExit.objects.get()
    assert (first.status_code, first.url) == (302, address("exit_summary", left.uuid))
    assert signed_in.post(address("exit", mariam.uuid), sent).url == first.url
    assert (left.kind, left.reason, JourneyExit.objects.count()) == ("complete", "", 1)
    page = text_of(signed_in.get(first.url))
    assert "Votre bagage numérique est complet." in page
    assert "Nous vous demanderons des nouvelles vers le 26 février 2027." in page


def test_exit_page_without_a_reason_keeps_what_was_typed(signed_in, journey, mariam) -> None:
    answer = signed_in.post(
        address("exit", mariam.uuid), {"key": "k", "kind": "not_yet", "words": "Part à Lyon"}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "reason": ["Choisissez la raison : « pas encore » en a toujours une."]
    }
    assert "Part à Lyon</textarea>" in text_of(answer)


def test_exit_page_forged_complete_is_refused(signed_in, journey, mariam) -> None:
    answer = signed_in.post(address("exit", mariam.uuid), {"key": "k", "kind": "complete"})
    assert (answer.status_code, JourneyExit.objects.count()) == (422, 0)


def test_exit_page_lists_what_is_ahead_and_frees_it_on_request(
    signed_in, journey, mariam, site, helene, now
) -> None:
    make_appointment(make_block(site, helene, now + timedelta(days=1)), mariam)
    sent = {"key": "k", "kind": "not_yet", "reason": "moved"}
    answer = signed_in.post(address("exit", mariam.uuid), sent)
    assert answer.status_code == 422
    assert "un rendez-vous le 27 novembre à 10 h" in text_of(answer)
    assert list(answer.context["form"].errors) == ["release"]
    assert signed_in.post(address("exit", mariam.uuid), {**sent, "release": "on"}).status_code == 302


def test_exit_page_before_a_journey_goes_back_to_the_file(signed_in, mariam) -> None:
    answer = signed_in.get(address("exit", mariam.uuid))
    assert (answer.status_code, answer.url) == (302, reverse("desk:person", args=[mariam.uuid]))


def test_exit_page_after_an_exit_leads_to_coming_back(signed_in, journey, mariam, helene) -> None:
    leave(journey, helene)
    assert signed_in.get(address("exit", mariam.uuid)).url == address("come_back", mariam.uuid)
    answer = signed_in.post(
        address("exit", mariam.uuid), {"key": "late", "kind": "not_yet", "reason": "moved"}
    )
    assert (answer.status_code, JourneyExit.objects.count()) == (422, 1)
    assert "La sortie est déjà notée" in text_of(answer)


# ---------- the paper ----------
@dataclass(frozen=True)
class PlaceToGo:
    """What an activity above knows of a place."""

    name: str
    address: str
    phone: str
    hours: str


def test_paper_says_what_she_has_until_when_and_where_to_go(
    signed_in, journey, mariam, site, helene, monkeypatch
) -> None:
    give(make_device(site), mariam, helene, checks=["powers_on", "charger"])
    activate_line(
        mariam,
        words="Opérateur Essai, La Carte",
        live_until=TODAY + timedelta(days=29),
        on=TODAY,
        was_told=True,
        key=key(),
        by=helene,
    )
    asked = add_request(journey, words="Lire mes mails", pocket="skills", said_on=TODAY, by=helene)
    change_request(asked, state="met", by=helene)
    place = PlaceToGo("Bibliothèque Essai", "2 rue des Livres, Paris", "", "le mardi, de 10 h à 18 h.")
    monkeypatch.setattr(summaries, "PLACES", [lambda files: [place] if files == [mariam.pk] else []])
    left = leave(journey, helene, reason="elsewhere")
    answer = signed_in.get(address("exit_summary_pdf", left.uuid))
    assert answer.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages).replace("\u00a0", " ")
    for line in (
        "Bonjour Mariam.",
        "Votre bagage numérique n’est pas encore complet.",
        "Votre appareil : la poche est pleine.",
        "Vous avez un appareil : Galaxy A14.",
        "Votre ligne s’appelle Opérateur Essai, La Carte.",
        "Elle marche jusqu’au vendredi 25 décembre 2026.",
        "Vous y arrivez : « Lire mes mails ».",
        "Bibliothèque Essai",
        "L’adresse : 2 rue des Livres, Paris.",
        "Les horaires : le mardi, de 10 h à 18 h.",
        "Le téléphone est le 01 99 00 12 34.",
        "Il est écrit selon des règles de langage clair.",
    ):
        assert line in text
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [420, 595]


def test_paper_stays_what_it_was_whatever_comes_later(
    signed_in, journey, mariam, site, helene, clock
) -> None:
    give(make_device(site), mariam, helene)
    left = leave(journey, helene)
    three_months_later(clock, signed_in, helene)
    make_device(site, model="Autre")
    reopen_journey(journey, reason="asked", key="back", by=helene)
    page = text_of(signed_in.get(address("exit_summary", left.uuid)))
    assert "Vous avez un appareil : Galaxy A14." in page
    assert "Le parcours est rouvert depuis." in page


# ---------- coming back ----------
def test_come_back_page_reopens_with_its_reason(signed_in, journey, mariam, helene) -> None:
    leave(journey, helene)
    assert signed_in.post(address("come_back", mariam.uuid), {"key": "k"}).status_code == 422
    answer = signed_in.post(address("come_back", mariam.uuid), {"key": "k", "reason": "lost"})
    assert answer.url == reverse("desk:person", args=[mariam.uuid])
    journey.refresh_from_db()
    assert journey.is_open
    assert JourneyStep.objects.get(kind="reopened").reason == "lost"
    assert signed_in.get(address("come_back", mariam.uuid)).status_code == 302


# ---------- news ----------
def test_follow_up_page_writes_the_answer(signed_in, journey, mariam, helene, clock) -> None:
    fill(mariam, TODAY, helene)
    make_phone(mariam)
    left = leave(journey, helene, kind="complete", reason="")
    three_months_later(clock, signed_in, helene)
    due = left.follow_ups.get(months=3)
    page = text_of(signed_in.get(address("follow_up", due.uuid)))
    assert "3 mois après la sortie du jeudi 26 novembre 2026. À demander depuis le 26 février." in page
    assert "06 39 98 01 42" in page
    missing = signed_in.post(address("follow_up", due.uuid), {"who": "herself", "device": "yes"})
    assert sorted(missing.context["form"].errors) == ["connection", "skills"]
    answer = signed_in.post(
        address("follow_up", due.uuid),
        {"who": "referrer", "device": "yes", "connection": "no", "skills": "unknown"},
        follow=True,
    )
    assert "plus là" in text_of(answer)
    due.refresh_from_db()
    assert (due.state, due.who, due.connection) == ("answered", "referrer", "no")


def test_follow_up_page_counts_tries(signed_in, journey, helene, clock) -> None:
    due = leave(journey, helene).follow_ups.get(months=3)
    three_months_later(clock, signed_in, helene)
    sent = {"key": "try", "words": "Répondeur"}
    signed_in.post(address("follow_up_try", due.uuid), sent)
    page = signed_in.post(address("follow_up_try", due.uuid), sent, follow=True)
    assert "1 essai sur 3" in text_of(page)
    assert due.tries.count() == 1
    page = signed_in.post(address("follow_up_try", due.uuid), {"key": "again", "words": ""}, follow=True)
    assert "2 essais sur 3" in text_of(page)


def test_follow_up_page_of_who_came_back_says_so(signed_in, journey, helene) -> None:
    due = leave(journey, helene).follow_ups.get(months=3)
    reopen_journey(journey, reason="asked", key="back", by=helene)
    assert "Ces nouvelles ne se demandent plus" in text_of(signed_in.get(address("follow_up", due.uuid)))


def leave_many(site, helene, count: int) -> list[FollowUp]:
    found = []
    for number in range(count):
        person = make_person(site, f"Personne{number}")
        found.append(leave(start(person, site, helene), helene).follow_ups.get(months=3))
    return found


def queries_of(client, url: str) -> int:
    with CaptureQueriesContext(connection) as context:
        assert client.get(url).status_code == 200
    return len(context)


LIST_QUERIES = 12
DEMAND_QUERIES = 15


def test_follow_up_list_costs_the_same_for_one_and_three(signed_in, site, helene, clock) -> None:
    leave_many(site, helene, 1)
    three_months_later(clock, signed_in, helene)
    assert queries_of(signed_in, address("follow_ups")) == LIST_QUERIES
    leave_many(site, helene, 2)
    assert queries_of(signed_in, address("follow_ups")) == LIST_QUERIES


def test_follow_up_list_filters_searches_and_exports(signed_in, site, helene, clock) -> None:
    leave_many(site, helene, 3)
    three_months_later(clock, signed_in, helene)
    due = signed_in.get(address("follow_ups"), {"state": "now"})
    assert due.context["table"].count == 3
    one = signed_in.get(address("follow_ups"), {"q": "personne2", "state": "later", "site": site.uuid})
    assert one.context["table"].count == 1
    file = signed_in.get(address("follow_ups"), {"state": "now", "export": "csv"})
    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == [
        "Personne", "Après", "À demander le", "Où cela en est", "Essais", "Réponses", "Suivie à",
    ]  # fmt: skip
    assert len(rows) == 4
    book = signed_in.get(address("follow_ups"), {"export": "xlsx"})
    assert book.getvalue()[:2] == b"PK"
    book.close()


def test_follow_up_list_holds_only_whom_her_places_follow(client, site, helene) -> None:
    leave_many(site, helene, 1)
    stranger = make_user(make_site("Permanence Port"), first_name="Inès")
    client.force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(address("follow_ups"))
    assert "Personne0" not in text_of(page)
    assert "Personne à rappeler." in text_of(page)


# ---------- Today and the file ----------
def test_attention_counts_news_that_is_due_for_who_may_ask(site, helene, clock) -> None:
    leave_many(site, helene, 2)
    assert attention(helene, site, clock.now()) == []
    clock.move(days=92)
    with CaptureQueriesContext(connection) as context:
        found = attention(helene, site, clock.now())
    assert len(context) <= 2
    assert [(one.count, one.text) for one in found] == [
        (2, "2 personnes sorties dont on demande des nouvelles : est-ce toujours là ?")
    ]
    assert found[0].url == f"{address('follow_ups')}?site={site.uuid}&state=now"
    reception = make_user(site, Role.RECEPTIONIST)
    assert attention(reception, site, clock.now()) == []
    assert follow_ups_due(helene.node_ids("close_journey"), clock.now()).count() == 2


def test_panel_says_where_the_journey_stands(mariam, site, helene, clock) -> None:
    assert person_panel([mariam.pk], TODAY) is None
    journey = start(mariam, site, helene)
    panel = person_panel([mariam.pk], TODAY)
    assert (panel.journey, panel.since, panel.left, panel.follow_ups) == (journey, TODAY, None, [])
    left = leave(journey, helene)
    clock.move(days=92)
    panel = person_panel([mariam.pk], date(2027, 2, 26))
    assert (panel.left, panel.left_words, panel.asks) == (left, "Pas encore\u00a0: déménagement", True)
    assert [(one.words, one.asks) for one in panel.follow_ups] == [
        ("À demander depuis le 26 février", True),
        ("À demander le 26 mai", False),
    ]
    reopen_journey(journey, reason="asked", key="back", by=helene)
    panel = person_panel([mariam.pk], date(2027, 2, 26))
    assert (panel.came_back_at, panel.follow_ups) == (clock.now(), [])


def test_happened_hides_reasons_and_answers_from_reception(mariam, site, helene, clock, now) -> None:
    journey = start(mariam, site, helene)
    asked = add_request(journey, words="Lire mes mails", said_on=TODAY, by=helene)
    session = make_session(site, now + timedelta(days=1), topic="Les mails", items=("K7",))
    book_request(asked, session, key=key(), by=helene)
    clock.move(days=3)
    left = leave(journey, helene, reason="no_news")
    clock.move(days=92)
    due = left.follow_ups.get(months=3)
    note_try(due, key="try", by=helene)
    answer_follow_up(due, who="herself", device="no", connection="yes", skills="unknown", by=helene)
    clock.move(days=1)
    reopen_journey(journey, reason="lost", key="back", by=helene)
    told = sorted(happened([mariam.pk], details=True), key=lambda one: (one.at, one.icon))
    assert [(one.strong, one.text.replace("\u00a0", " ")) for one in told] == [
        ("Une séance pour", "« Lire mes mails »"),
        ("Sortie.", "Pas encore : plus de nouvelles."),
        ("Nouvelles à 3 mois.", "appareil : plus là, connexion : toujours là, compétences : on ne sait pas."),
        ("Pas de réponse", "en demandant des nouvelles, 3 mois après la sortie."),
        ("Retour.", "Un appareil ou une ligne perdus."),
    ]
    plain = {one.strong: one.text for one in happened([mariam.pk], details=False)}
    assert (plain["Sortie."], plain["Nouvelles à 3 mois."], plain["Retour."]) == (
        "Le bagage n’était pas encore complet.",
        "",
        "",
    )


def test_happened_costs_the_same_for_one_and_three(site, helene, clock) -> None:
    counts = []
    for size in (1, 3):
        person = make_person(site, f"Essai{size}")
        journey = start(person, site, helene)
        for number in range(size):
            leave(journey, helene)
            clock.move(days=1)
            reopen_journey(journey, reason="asked", key=f"back{size}-{number}", by=helene)
        with CaptureQueriesContext(connection) as context:
            happened([person.pk], details=True)
        counts.append(len(context))
    assert counts == [4, 4]


# ---------- a session for a request ----------
def test_request_page_books_a_place(signed_in, journey, mariam, site, helene, now) -> None:
    asked = add_request(journey, words="Lire mes mails", said_on=TODAY, by=helene)
    session = make_session(site, now + timedelta(days=1), topic="Les mails", items=("K7",))
    page = signed_in.get(address("request_sessions", asked.uuid))
    assert [one.session for one in page.context["choices"]] == [session]
    sent = {"session": session.uuid, "key": "k"}
    first = signed_in.post(address("request_sessions", asked.uuid), sent)
    assert first.url == f"{reverse('desk:person', args=[mariam.uuid])}#h-req"
    signed_in.post(address("request_sessions", asked.uuid), sent)
    link = RequestBooking.objects.get()
    assert (link.request, link.booking.person, link.booking.state) == (asked, mariam, "booked")
    answer = signed_in.post(address("request_unbook", asked.uuid, link.uuid), follow=True)
    assert "place laissée" in text_of(answer)


def test_request_page_refusal_says_both_hours(signed_in, journey, mariam, site, helene, now) -> None:
    asked = add_request(journey, words="Lire mes mails", said_on=TODAY, by=helene)
    session = make_session(site, now + timedelta(days=1), items=("K7",))
    make_appointment(make_block(site, helene, session.starts_at), mariam)
    answer = signed_in.post(address("request_sessions", asked.uuid), {"session": session.uuid, "key": "k"})
    assert answer.status_code == 422
    assert "a un rendez-vous" in text_of(answer)
    assert RequestBooking.objects.count() == 0


def test_request_page_without_a_session_says_it_counts(signed_in, journey, site, helene) -> None:
    asked = add_request(journey, words="Lire mes mails", said_on=TODAY, by=helene)
    other = make_person(site, "Awa")
    add_request(start(other, site, helene), words="Ma messagerie", said_on=TODAY, by=helene)
    page = text_of(signed_in.get(address("request_sessions", asked.uuid)))
    assert "Aucune séance ne répond encore à cette demande" in page
    assert "1 autre personne demande la même chose." in page
    assert "Awa" not in page


def test_request_topic_is_changed_and_a_forged_one_refused(signed_in, journey, helene) -> None:
    asked = add_request(journey, words="Lire mes mails", said_on=TODAY, by=helene)
    signed_in.post(address("request_topic", asked.uuid), {"about": "K8"})
    asked.refresh_from_db()
    assert asked.about.code == "K8"
    signed_in.post(address("request_topic", asked.uuid), {"about": "K99"})
    asked.refresh_from_db()
    assert asked.about.code == "K8"
    signed_in.post(address("request_topic", asked.uuid), {"about": ""})
    asked.refresh_from_db()
    assert asked.about is None


def test_demand_page_counts_without_names(signed_in, site, helene) -> None:
    for number in (1, 2):
        person = make_person(site, f"Personne{number}")
        add_request(start(person, site, helene), words="Lire mes mails", said_on=TODAY, by=helene)
    page = signed_in.get(address("demand"), {"site": site.uuid, "lack": "none"})
    assert [one.asking for one in page.context["table"].found] == [2]
    assert "Personne1" not in text_of(page)
    file = signed_in.get(address("demand"), {"export": "csv"})
    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert rows[1][:2] == ["Créer et ouvrir une boîte mail", "2"]


def test_demand_page_costs_the_same_for_one_and_three(signed_in, site, helene) -> None:
    asked = ("Lire mes mails", "Mon mot de passe", "Chercher un itinéraire")
    counts = []
    for words in asked[:1], asked[1:]:
        for text in words:
            person = make_person(site, text)
            add_request(start(person, site, helene), words=text, said_on=TODAY, by=helene)
        counts.append(queries_of(signed_in, address("demand")))
    assert counts == [DEMAND_QUERIES, DEMAND_QUERIES]


def test_pages_of_someone_elsewhere_are_not_found(client, journey, mariam, helene) -> None:
    left = leave(journey, helene)
    stranger = make_user(make_site("Permanence Port"), first_name="Inès")
    client.force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    for url in (
        address("exit", mariam.uuid),
        address("come_back", mariam.uuid),
        address("exit_summary", left.uuid),
        address("follow_up", left.follow_ups.first().uuid),
    ):
        assert client.get(url).status_code == 404
    assert Journey.objects.count() == 1
