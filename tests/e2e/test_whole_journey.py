"""The whole journey of one person, from the referral to the exit, each role doing its part on its own screen: a right,
a SIM, a device, a session, a place further on that confirms, an honest exit, and a referrer who hears of each step."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bagage.accounts.models import User
from bagage.equipment.models import Handover, Reservation
from bagage.equipment.services import receive_device
from bagage.journeys.models import JourneyExit, Request
from bagage.messaging.models import Message
from bagage.people.models import Person
from bagage.permanences.models import Session, SessionBooking, Site
from bagage.referrals.models import Onward, Referral
from bagage.shop.models import AccessRight, Product, Sale
from bagage.shop.services import receive_stock
from bagage.skills.models import Observation
from tests.e2e.conftest import Arrive
from tests.e2e.test_connection import tell
from tests.e2e.test_first_meeting import Her, answer_referral, come, mark, refer
from tests.e2e.walk import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e_whole_journey")]

HER = {
    360: Her("Assétou", "Kanté", "assetou", "06 39 98 72 01", None),
    1280: Her("Ganna", "Bondarenko", "ganna", "06 39 98 72 02", None),
}
WANTS = "Me connecter au wifi de la bibliothèque"
ANSWERS = {
    "connected_today": "no", "last_time": "helped",
    "E1": "no", "E2": "no", "E3": "yes", "C1": "no", "C2": "yes", "C3": "yes",
    **{f"K{number}": "0" if number == 4 else "32"[number % 2] for number in range(1, 16)},
    "reading": "yes",
}  # fmt: skip
# The session at each width: two are not in one room at once.
HOURS = {360: ("16 h 20", "17 h 20"), 1280: ("14 h 30", "15 h 30")}


@pytest.mark.parametrize("width", [360, 1280])
def test_whole_journey_from_the_referral_to_the_exit(arrive: Arrive, width: int) -> None:
    her = HER[width]
    samira, nadia, helene = arrive(width, "samira"), arrive(width, "nadia"), arrive(width, "helene")
    karim = arrive(width, "karim")
    # The first meeting is examined screen by screen in a walk of its own, at both widths.
    samira.examines = nadia.examines = False
    referral = refer(samira, her)
    person = answer_referral(nadia, her, referral)
    a_right_is_open(person, referral)
    come(nadia, person)
    samira.examines = nadia.examines = True
    welcome_interview(helene, person)
    fair_connection(helene, person)
    device = keep_a_device(nadia, person)
    sell(nadia, person, device)
    hand_over(nadia, person, device)
    session = find_a_session(helene, person, width)
    attend(karim, person, session)
    onward = send_on(helene, person)
    arrival(arrive(width), onward)
    leave(helene, person)
    the_file_tells_all(helene, person)
    whoever_referred_knows(samira, referral)


def tick(visitor: Visitor, label: str) -> None:
    """Touch one of the answers of a list."""
    visitor.touch(visitor.page.locator("main label.choice-list", has_text=label).first)


# ---------- 1. rights ----------
def a_right_is_open(person: Person, referral: Referral) -> None:
    right = AccessRight.objects.get(person=person)
    assert right.source == f"referral:{referral.uuid}"
    assert right.lives_on(timezone.localdate())


# ---------- the welcome interview, then 2. connection: advice and choice ----------
def welcome_interview(helene: Visitor, person: Person) -> None:
    page = helene.page
    page.goto(f"/people/{person.uuid}/")
    helene.follow("Commencer l’entretien")
    for name, value in ANSWERS.items():
        mark(page, name, value)
    page.locator("#wants").fill(WANTS)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("#wants").blur()
    page.wait_for_load_state("networkidle")
    helene.press("Finir l’entretien")


def fair_connection(helene: Visitor, person: Person) -> None:
    helene.page.goto(f"/people/{person.uuid}/")
    helene.follow("Chercher sa connexion juste")
    tell(helene)
    expect(helene.page.locator("#answer .price b")).to_be_visible()
    helene.screen("fair connection")
    helene.press("Garder et choisir")
    helene.touch(helene.page.locator('main label.choice:has(input[name="choice"])').first)
    helene.press("Noter ce choix")
    assert person.connection_advices.exclude(choice="").count() == 1


# ---------- 3. a device is kept for her ----------
def keep_a_device(nadia: Visitor, person: Person) -> Reservation:
    site = Site.objects.get(organisation__name="Riquet, Paris 19e")
    device = receive_device(
        site=site, kind="smartphone", brand="Samsung", model="Galaxy A14", state="ready", technical="works",
        memory=4, price=3000, key=f"walk-{nadia.width}", by=User.objects.get(username="omar"),
    )  # fmt: skip
    page = nadia.page
    page.goto(f"/equipment/people/{person.uuid}/?kind=smartphone")
    nadia.screen("devices, ready for her")
    nadia.press(f"Garder pour elle : {device.number}")
    nadia.screen("devices, one kept")
    nadia.sees("Gardé pour elle")
    return Reservation.objects.get(device=device, state="held")


# ---------- 2. the counter ----------
def sell(nadia: Visitor, person: Person, kept: Reservation) -> None:
    """A SIM, and the device that is kept for her, in one sale."""
    page = nadia.page
    site = kept.site
    sim = Product.objects.on_sale().filter(kind="sim").order_by("position").first()
    assert sim is not None
    receive_stock(
        sim, site=site, quantity=5, key=f"walk-sim-{nadia.width}", by=User.objects.get(username="omar")
    )
    page.goto("/shop/counter/")
    if page.get_by_role("link", name="Ouvrir la caisse").count():
        nadia.follow("Ouvrir la caisse")
        page.locator("#id_float_amount").fill("50")
        nadia.press("Ouvrir la caisse")
        page.goto("/shop/counter/")
    nadia.screen("counter, for whom")
    page.locator("#s").press_sequentially(person.code)
    nadia.follow(f"Choisir {person.full_name}")
    nadia.screen("counter, nothing chosen")
    for box in (f"#p-{sim.uuid}", f"#r-{kept.uuid}"):
        with page.expect_response(lambda answer: "/shop/counter/" in answer.url):
            nadia.touch(page.locator("label.choice").filter(has=page.locator(box)))
        page.wait_for_load_state("networkidle")
    with page.expect_response(lambda answer: "/shop/counter/" in answer.url):
        nadia.touch(page.locator("label.choice").filter(has=page.locator("#given-5000")))
    page.wait_for_load_state("networkidle")
    page.locator("#id_number").fill(HER[nadia.width].phone)
    # On a phone a bar sticks above the menu, over what is below: at the foot of the page nothing lies under it.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    nadia.screen("counter", picture=True)
    nadia.press("Encaisser")
    nadia.screen("receipt")
    sale = Sale.objects.get(person=person)
    assert sale.total == sim.price + 3000
    nadia.sees(sale.receipt)
    kept.refresh_from_db()
    assert kept.paid_receipt == sale.receipt
    assert person.lines.get().state == "active"
    paper = nadia.context.request.get(f"/shop/sales/{sale.uuid}/receipt.pdf")
    assert (paper.status, paper.body()[:4]) == (200, b"%PDF")


# ---------- 3. the handover ----------
def hand_over(nadia: Visitor, person: Person, kept: Reservation) -> None:
    page = nadia.page
    page.goto(f"/equipment/reservations/{kept.uuid}/hand-over/")
    for words in ("S’allume", "Chargeur", "Sa carte SIM"):
        nadia.choose(words)
    nadia.choose("À l’écran")
    box = page.locator(".pad > svg").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 40 + 20 * step, box["y"] + (30 if step % 2 else 80))
    page.mouse.up()
    nadia.screen("handover", picture=True)
    nadia.press("Remettre")
    nadia.screen("handed over")
    handover = Handover.objects.get(person=person)
    assert (handover.state, handover.consent) == ("open", "screen")
    assert handover.signature.startswith("M")
    assert handover.checks == ["powers_on", "charger", "sim"]


# ---------- 4. a session for what she asks ----------
def find_a_session(helene: Visitor, person: Person, width: int) -> Session:
    page = helene.page
    page.goto("/permanences/sessions/new/")
    helene.write("Le sujet, en quelques mots", "Se connecter au wifi")
    page.locator('input[name="items"][value="K4"]').check(force=True)
    page.locator("#id_day").fill(str(timezone.localdate()))
    page.locator("#id_begins").fill(HOURS[width][0])
    page.locator("#id_ends").fill(HOURS[width][1])
    page.locator("#id_room").select_option(index=1)
    page.locator("#id_leader").select_option(label="Karim Ouali")
    helene.screen("a session, to be planned")
    helene.press("Prévoir cette séance")
    helene.screen("a session, planned")
    session = Session.objects.order_by("pk").last()
    assert session is not None
    assert session.topic == "Se connecter au wifi"
    page.goto(f"/people/{person.uuid}/")
    helene.follow(f"Trouver une séance « {WANTS} »")
    helene.screen("sessions for a request")
    helene.press("Prendre une place : Se connecter au wifi")
    booking = SessionBooking.objects.get(session=session, person=person)
    assert booking.state == "booked"
    assert Request.objects.get(journey__person=person, words=WANTS).state == "under_way"
    return session


def attend(karim: Visitor, person: Person, session: Session) -> None:
    """The volunteer ticks who is there, and notes what she now does alone."""
    page = karim.page
    booking = SessionBooking.objects.get(session=session, person=person)
    page.goto("/permanences/sessions/")
    karim.screen("sessions")
    page.goto(f"/permanences/sessions/{session.uuid}/attendance/")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        karim.touch(page.locator("label.choice").filter(has=page.locator(f'input[value="{booking.uuid}"]')))
    page.wait_for_load_state("networkidle")
    alone = page.locator(".can li", has_text=person.short_name).locator('label.choice:has(input[value="3"])')
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        karim.touch(alone.last)
    page.wait_for_load_state("networkidle")
    karim.screen("attendance", picture=True)
    booking.refresh_from_db()
    assert booking.state == "present"
    seen = Observation.objects.filter(person=person, item__code="K4").order_by("pk").last()
    assert seen is not None
    assert (seen.step, seen.how, seen.source) == (3, "seen", f"session:{session.uuid}")
    assert Request.objects.get(journey__person=person, words=WANTS).state == "met"


# ---------- 5. onward ----------
def send_on(helene: Visitor, person: Person) -> Onward:
    page = helene.page
    page.goto(f"/people/{person.uuid}/")
    helene.follow("Orienter ailleurs")
    helene.screen("panorama", picture=True)
    helene.follow(f"Orienter {person.chosen_name}")
    tick(helene, "Oui, elle l’a dit")
    tick(helene, "Par mail, avec un lien")
    page.locator("#id_reason").fill("Utiliser un ordinateur près de chez elle.")
    page.locator("#id_email").fill("mediatheque@exemple.invalid")
    page.locator("#id_email").blur()
    page.wait_for_timeout(400)
    page.wait_for_load_state("networkidle")
    helene.screen("onward, to be sent")
    helene.press(f"Orienter {person.chosen_name}")
    helene.screen("onward, sent")
    onward = Onward.objects.get(person=person)
    assert onward.state == "sent"
    return onward


def arrival(place: Visitor, onward: Onward) -> None:
    """The place says by its link, without an account, that she came."""
    told = Message.objects.get(about=f"onward:{onward.uuid}", to="mediatheque@exemple.invalid")
    found = re.search(r"/o/[^\s/]+/", told.body)
    assert found
    place.page.goto(found.group())
    place.screen("arrival")
    tick(place, "Elle est venue")
    place.press("Répondre")
    place.screen("arrival, answered")
    onward.refresh_from_db()
    assert onward.state == "arrived"


# ---------- 6. exit ----------
def leave(helene: Visitor, person: Person) -> None:
    page = helene.page
    # Her other requests, of the referral: she says that she manages, or no longer wants them.
    for asked in Request.objects.filter(journey__person=person).exclude(state="met"):
        page.goto(f"/people/{person.uuid}/requests/{asked.uuid}/")
        helene.touch(
            page.locator("label.choice").filter(has=page.locator('input[name="state"][value="met"]'))
        )
        helene.press("Enregistrer la demande")
    page.goto(f"/journeys/people/{person.uuid}/exit/")
    tick(helene, "Bagage complet")
    release = page.locator('input[name="release"]')
    if release.count():
        release.check()
    # Agreeing is never ticked beforehand.
    assert not page.locator('input[name="follow_up"]').is_checked()
    page.locator('input[name="follow_up"]').check()
    helene.screen("exit", picture=True)
    helene.press("Noter la sortie")
    helene.screen("exit, its summary", picture=True)
    left = JourneyExit.objects.get(journey__person=person)
    assert (left.kind, left.device, left.connection, left.skills) == ("complete", "full", "full", "full")
    assert left.follow_ups.count() == 2


# ---------- 8. the timeline, and 7. the referrer ----------
def the_file_tells_all(helene: Visitor, person: Person) -> None:
    helene.page.goto(f"/people/{person.uuid}/?all=1")
    helene.screen("person, at the end", picture=True)
    timeline = helene.page.locator(".timeline")
    for words in ("Orientation écrite", "Droits ouverts", "Entretien d’accueil", "SIM", "Galaxy A14", "wifi"):
        expect(timeline).to_contain_text(words)
    for words in ("Orientée vers", "Sortie"):
        expect(timeline).to_contain_text(words, ignore_case=True)
    expect(helene.page.locator("#h-bag + span")).to_have_text("Complet")


def whoever_referred_knows(samira: Visitor, referral: Referral) -> None:
    samira.page.goto("/referrals/mine/")
    samira.follow(referral.short_name)
    samira.screen("followed, at the end", picture=True)
    samira.sees("Elle repart avec")
    told = Message.objects.filter(to="samira@exemple.invalid", about__contains=str(referral.uuid))
    assert told.count() >= 5
    for message in told:
        assert HER[samira.width].family_name not in message.subject
        assert "wifi" not in message.body
        assert "€" not in message.body
