"""The first meeting, as it is lived: a social worker refers someone, reception receives her, an adviser sees with her
what she has and what she asks for, and whoever referred her knows what became of it."""

import re
from dataclasses import dataclass

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bagage.accounts.models import Organisation, User
from bagage.journeys.models import Evidence, Interview
from bagage.messaging.models import Message
from bagage.people.models import Person
from bagage.people.services import open_file
from bagage.permanences.models import Appointment, NamelessHelp, QueueEntry
from bagage.referrals.models import Referral
from bagage.referrals.services import ReferralDraft, send_referral
from bagage.skills.models import Observation
from tests.e2e.conftest import Arrive
from tests.e2e.walk import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e_first_meeting")]


@dataclass(frozen=True)
class Her:
    """Who is met: as she is referred, as she is looked up, and whether she had come before."""

    chosen_name: str
    family_name: str
    looked_up_as: str
    phone: str
    known_as: tuple[str, str] | None

    @property
    def full_name(self) -> str:
        return f"{self.chosen_name} {self.family_name}"


HER = {
    360: Her("Mariama", "Sissoko", "maryama cissokho", "06 39 98 71 01", None),
    1280: Her("Tetiana", "Kovalenko", "Тетяна Коваленко", "06 39 98 71 02", ("Tatiana", "Kovalenko")),
}
WORDS = "Appeler ma fille en vidéo"
ANSWERS = {
    "connected_today": "lent", "last_time": "helped",
    "E1": "no", "E2": "no", "E3": "unknown", "C1": "yes", "C2": "yes", "C3": "yes",
    **{f"K{number}": "13320"[number % 5] for number in range(1, 16)},
    "fixed_address": "yes", "mailbox": "no", "papers": "yes", "reading": "yes",
}  # fmt: skip


@pytest.mark.parametrize("width", [360, 1280])
def test_first_meeting_from_the_referral_to_her_baggage(arrive: Arrive, width: int) -> None:
    her = HER[width]
    if her.known_as:
        nadia_herself = User.objects.get(username="nadia")
        node = nadia_herself.memberships.get().organisation
        first, last = her.known_as
        open_file(
            chosen_name=first, family_name=last, birth_year=1979, grammar="she", node=node, by=nadia_herself
        )
    samira, nadia, helene = arrive(width, "samira"), arrive(width, "nadia"), arrive(width, "helene")
    referral = refer(samira, her)
    receive(nadia, her, referral)
    person = answer_referral(nadia, her, referral)
    come(nadia, person)
    interview(helene, her, person)
    read_file(helene, her, person)
    carry_card(helene, arrive(width), person)
    what_became_of_it(samira, nadia, helene, referral)
    for visitor in (samira, nadia, helene):
        assert len(set(visitor.screens)) >= 4


# ---------- 1. refer ----------
def refer(samira: Visitor, her: Her) -> Referral:
    samira.screen("mine")
    samira.follow("Orienter une personne")
    samira.screen("refer, empty")
    samira.write("Prénom", her.chosen_name)
    samira.write("Nom", her.family_name)
    samira.choose("Appareil")
    samira.choose("Apprendre")
    samira.write("Avec ses mots", WORDS)
    samira.choose("SMS")
    samira.write("Téléphone", her.phone)
    samira.touch(samira.field("Téléphone partagé"))
    samira.write("Où elle est", "75019")
    samira.choose("Pas de compte")
    samira.touch(samira.field("Elle est d’accord"))
    # Beside it: the nearest that can help, how far, and when; and what she will read on a phone that others read too.
    expect(samira.page.locator("#beside")).to_contain_text("Riquet")
    expect(samira.page.locator("#beside")).to_contain_text("Un rendez-vous vous sera proposé, 14 rue Riquet")
    samira.screen("refer", picture=True)
    samira.press("Envoyer à la permanence")
    samira.page.wait_for_url(re.compile("/sent/$"))
    samira.screen("sent")
    referral = Referral.objects.get(chosen_name=her.chosen_name, family_name=her.family_name)
    assert (referral.site.organisation.name, referral.state) == ("Riquet, Paris 19e", "sent")
    samira.follow("Imprimer le coupon")
    samira.screen("slip")
    assert samira.scan(samira.page.locator(".slip svg.qr"))[0].endswith(f"/c/{referral.code}/")
    return referral


# ---------- 3. Today ----------
def receive(nadia: Visitor, her: Her, referral: Referral) -> None:
    """Today, a walk-in in a few gestures, help without a name, and each of them undone."""
    page = nadia.page
    assert page.url.endswith("/today/")
    nadia.screen("today", picture=True)
    waiting = QueueEntry.objects.filter(state="waiting", site=referral.site).count()
    before = nadia.hands()
    walk_in = f"Zoé{nadia.width}"
    nadia.write("Prénom", walk_in)
    page.keyboard.press("Enter")
    row = page.locator(".r-queue li", has_text=walk_in)
    expect(row).to_have_count(1)
    after = nadia.hands()
    done = {name: after[name] - before[name] for name in after}
    # One touch, a first name, Enter: no other question.
    assert done == {"taps": 1, "signs": len(walk_in), "keys": 1}
    assert QueueEntry.objects.filter(state="waiting", site=referral.site).count() == waiting + 1

    nadia.press(f"Appeler {walk_in}")
    expect(page.locator(".r-called li", has_text=walk_in)).to_have_count(1)
    nadia.press(f"{walk_in} : remettre dans la file")
    expect(page.locator(".r-called li", has_text=walk_in)).to_have_count(0)
    nadia.follow(walk_in)
    nadia.screen("who is it, from the queue")
    nadia.follow("Aujourd’hui")

    count = int(page.locator("#h-help .n").inner_text())
    page.locator(".help-form label.choice").nth(1).click()
    nadia.press("10 min", within=".help-form")
    expect(page.locator("#h-help .n")).to_have_text(str(count + 1))
    nadia.press("Défaire la dernière")
    expect(page.locator("#h-help .n")).to_have_text(str(count))
    assert NamelessHelp.objects.filter(site=referral.site).latest("pk").undone_at is not None
    nadia.screen("today, later")
    nadia.follow("Feuille du jour")
    nadia.screen("sheet of the day")
    page.go_back()


def answer_referral(nadia: Visitor, her: Her, referral: Referral) -> Person:
    """Who is she? Then the first free slot."""
    page = nadia.page
    nadia.touch(
        page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Orientations")
    )
    page.wait_for_url("**/referrals/")
    nadia.screen("inbox")
    nadia.follow(referral.short_name)
    nadia.screen("referral, who is she")
    nadia.sees(WORDS)
    files = Person.objects.count()
    if her.known_as:
        nadia.touch(page.locator(".who-list li", has_text=" ".join(her.known_as)).locator("label"))
    else:
        nadia.touch(page.locator(".who-list li", has_text="Un nouveau dossier").locator("label"))
    page.locator("#id_slot").select_option(index=1)
    nadia.press("L’accueillir")
    nadia.screen("referral, with an appointment")
    referral.refresh_from_db()
    assert referral.state == "appointment"
    person = referral.person
    assert person is not None
    assert (person.chosen_name, person.family_name) == (her.known_as or (her.chosen_name, her.family_name))
    assert Person.objects.count() - files == (0 if her.known_as else 1)
    return person


def come(nadia: Visitor, person: Person) -> None:
    """Her appointment is moved, she arrives; noted too early once, and undone."""
    page = nadia.page
    booked = Appointment.objects.get(person=person, state="booked")
    page.goto(f"/today/appointments/{booked.uuid}/")
    nadia.screen("appointment")
    nadia.follow("Déplacer")
    nadia.screen("appointment, to move")
    nadia.touch(page.locator(".slot-days button").first)
    page.wait_for_load_state()
    expect(page.locator("h1")).not_to_contain_text("Déplacer")
    moved = Appointment.objects.get(person=person, state="booked")
    assert moved.moved_from == booked
    page.goto("/today/")
    row = page.locator(".r-appt li", has_text=person.full_name)
    nadia.touch(row.get_by_role("button", name="Arrivée"))
    expect(row.get_by_role("button", name="Commencer")).to_be_visible()
    page.goto(f"/today/appointments/{moved.uuid}/")
    nadia.press("Défaire")
    moved.refresh_from_db()
    assert moved.state == "booked"
    page.goto("/today/")
    nadia.touch(row.get_by_role("button", name="Arrivée"))
    expect(row.get_by_role("button", name="Commencer")).to_be_visible()
    moved.refresh_from_db()
    assert moved.state == "arrived"


# ---------- 4 and 5. who is she, the interview ----------
def mark(page: Page, name: str, value: str) -> None:
    """One answer of the interview, kept as soon as it is touched."""
    label = page.locator("label.choice").filter(has=page.locator(f'input[name="{name}"][value="{value}"]'))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        label.click()


def interview(helene: Visitor, her: Her, person: Person) -> None:
    page = helene.page
    page.goto("/people/look-up/")
    helene.screen("look-up, empty")
    page.locator("#s").press_sequentially(her.looked_up_as)
    helene.press("Chercher")
    helene.screen("look-up")
    found = page.locator(".cand", has_text=person.full_name)
    expect(found.locator(".reasons li").first).to_be_visible()
    assert her.looked_up_as not in page.url
    with page.expect_navigation():
        helene.touch(found.get_by_role("link", name=person.full_name).first)
    assert page.url.endswith(f"/people/{person.uuid}/")
    helene.screen("file, before")
    assert Evidence.objects.filter(person=person).count() == 0
    helene.follow("Commencer l’entretien")
    helene.screen("interview, empty")
    helene.sees("Déjà écrit par Samira Aubry")
    assert page.locator('input[name="bank_account"][value="no"]').is_checked()
    for name, value in ANSWERS.items():
        mark(page, name, value)
    page.locator("#wants").fill("Lire les messages de l’école")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("#wants").blur()
    page.locator("#request-words").fill("Garder mes photos")
    helene.press("Ajouter", within="#request-add")
    expect(page.locator("#request-list")).to_contain_text("Garder mes photos")
    page.wait_for_load_state("networkidle")
    helene.screen("interview", picture=True)
    helene.press("Finir l’entretien")
    done = Interview.objects.get(person=person)
    assert done.finished_at is not None
    assert Observation.objects.filter(person=person, step=None).count() == 0
    assert Observation.objects.filter(person=person).count() == 15


def read_file(helene: Visitor, her: Her, person: Person) -> None:
    """Her file: the bag says what was said; evidence, requests, what happened, who read."""
    page = helene.page
    helene.screen("person", picture=True)
    expect(page.locator(".bagfile")).to_contain_text("vide")
    for words in (WORDS, "Lire les messages de l’école", "Garder mes photos"):
        expect(page.locator(".r-req")).to_contain_text(words)
    expect(page.locator(".timeline")).to_contain_text("entretien", ignore_case=True)
    page.locator("main #id_words").fill("Écrire à ma sœur")
    helene.press("Ajouter", within=".add-request")
    expect(page.locator(".r-req")).to_contain_text("Écrire à ma sœur")
    helene.follow("Voir les preuves")
    helene.screen("evidence")
    page.go_back()
    helene.follow("Changer « Écrire à ma sœur »")
    helene.screen("request")
    page.goto(f"/people/{person.uuid}/readings/")
    helene.screen("readings")
    helene.sees("Hélène")
    page.goto(f"/people/{person.uuid}/identity/")
    helene.screen("identity")


def carry_card(helene: Visitor, stranger: Visitor, person: Person) -> None:
    """Her card opens nothing of hers to whoever finds it."""
    helene.page.goto(f"/people/{person.uuid}/card/")
    helene.screen("card")
    (address,) = helene.scan(helene.page.locator(".slip svg.qr"))
    code = str(address).split("/c/")[1].strip("/")
    assert person.code == code
    stranger.page.goto(f"/c/{code}/")
    stranger.screen("a card found by a stranger")
    assert person.family_name not in stranger.page.content()
    assert person.chosen_name not in stranger.page.content()


# ---------- 2. what became of it ----------
def what_became_of_it(samira: Visitor, nadia: Visitor, helene: Visitor, referral: Referral) -> None:
    told = Message.objects.filter(to="samira@exemple.invalid", about__contains=str(referral.uuid))
    assert told.filter(key__contains="received").count() == 1
    assert told.filter(key__contains="appointment").exists()
    assert not told.filter(subject__contains=referral.chosen_name).exists()
    samira.page.goto("/referrals/mine/")
    samira.screen("mine, later")
    samira.follow(referral.short_name)
    samira.screen("followed")
    samira.sees("Où elle en est")
    samira.page.get_by_text("Poser une question", exact=True).click()
    samira.write("Votre question", "Faut-il apporter une pièce d’identité ?")
    samira.press("Envoyer la question")
    nadia.page.goto(f"/referrals/{referral.uuid}/")
    nadia.screen("referral, a question for us")
    nadia.write("Votre réponse", "Non, rien.")
    nadia.press("Répondre")
    nadia.page.get_by_text("Poser une question à qui oriente").click()
    nadia.write("Votre question", "A-t-elle encore le téléphone ?")
    nadia.write("Réponses proposées", "Oui\nNon")
    nadia.press("Envoyer la question")
    nadia.screen("referral, a question asked")
    samira.page.goto("/referrals/mine/")
    samira.follow(referral.short_name)
    samira.screen("followed, a question for her")
    samira.sees("Non, rien.")
    samira.choose("Oui")
    samira.press("Répondre à Nadia")
    samira.screen("followed, answered")
    helene.page.goto(f"/referrals/{referral.uuid}/")
    helene.sees("Oui")
    helene.write("Elle repart avec", "Un téléphone et une ligne")
    helene.press("Dire avec quoi elle repart")
    helene.screen("referral, done")
    samira.page.reload()
    samira.sees("Elle repart avec : Un téléphone et une ligne")
    samira.screen("followed, done")


# ---------- again, without JavaScript ----------
def test_reception_without_javascript(arrive: Arrive) -> None:
    """A walk-in, help without a name, a referral answered with an appointment, an arrival: each a plain form."""
    nadia = arrive(360, "nadia", has_script=False)
    page = nadia.page
    nadia.write("Prénom", "Ousmane")
    nadia.press("Accueillir")
    entry = QueueEntry.objects.get(first_name="Ousmane")
    nadia.press("Appeler Ousmane")
    nadia.press("Départ : Ousmane")
    entry.refresh_from_db()
    assert entry.state == "done"
    nadia.press("Défaire : Ousmane")
    entry.refresh_from_db()
    assert entry.state == "called"

    count = NamelessHelp.objects.filter(undone_at=None).count()
    # Without a topic, the browser itself asks for one.
    nadia.choose("Imprimer", within=".help-form")
    nadia.press("10 min", within=".help-form")
    assert NamelessHelp.objects.filter(undone_at=None).count() == count + 1
    nadia.press("Défaire la dernière")
    assert NamelessHelp.objects.filter(undone_at=None).count() == count

    referral, _created = send_referral(
        ReferralDraft(
            key="plain",
            organisation=Organisation.objects.get(name="SIAO de Paris, équipe nord"),
            site=entry.site,
            referrer_name="Samira Aubry",
            referrer_title="",
            referrer_email="",
            link=None,
            chosen_name="Ibrahima",
            family_name="Touré",
            needs=["connection"],
            words="",
            reach="paper",
            phone="",
            is_phone_shared=False,
            where="",
            commune_code="",
            languages="",
            obstacles=[],
            has_agreed=True,
        ),
        by=User.objects.get(username="samira"),
    )
    page.goto(f"/referrals/{referral.uuid}/")
    nadia.touch(page.locator(".who-list li", has_text="Un nouveau dossier").locator("label"))
    page.locator("#id_slot").select_option(index=1)
    nadia.press("L’accueillir")
    referral.refresh_from_db()
    assert referral.state == "appointment"
    appointment = referral.appointment
    assert appointment is not None
    page.goto(f"/today/?day={timezone.localdate(appointment.starts_at)}")
    page.goto(f"/today/appointments/{appointment.uuid}/")
    nadia.follow("Déplacer")
    with page.expect_navigation():
        nadia.touch(page.locator(".slot-days button").first)
    moved = Appointment.objects.get(person=referral.person, state="booked")
    page.goto(f"/today/appointments/{moved.uuid}/")
    nadia.press("Arrivée")
    moved.refresh_from_db()
    assert moved.state == "arrived"
    page.goto(f"/today/appointments/{moved.uuid}/")
    nadia.press("Défaire")
    page.goto(f"/today/appointments/{moved.uuid}/")
    nadia.press("Elle a prévenu")
    moved.refresh_from_db()
    assert moved.state == "excused"
    # And she is looked up, and her file read, as well.
    page.goto("/people/look-up/")
    page.fill("#s", "ibrahim toure")
    nadia.press("Chercher")
    nadia.sees("Ibrahima Touré")
    nadia.follow("Ibrahima Touré")
    nadia.sees("Son bagage")
