"""A person is referred in one page: how much it asks, what a lost network or a second press does, with the keyboard
alone, without an account, without JavaScript."""

import re
import sys
import time
from io import BytesIO
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Route, expect

from bagage.accounts.models import Organisation, User
from bagage.messaging.models import Message
from bagage.referrals.models import Referral
from bagage.referrals.services import create_organisation_link
from tests.e2e.conftest import Arrive
from tests.e2e.walk import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e_referring")]

SENT = re.compile("/sent/(#|$)")
# The eight questions of the page, by the names of what answers them.
QUESTIONS = {
    "who she is": {"chosen_name", "family_name"},
    "what she asks for": {"needs"},
    "in her words": {"words"},
    "how to reach her": {"reach", "phone", "is_phone_shared"},
    "where she is": {"where"},
    "her language": {"languages"},
    "what stands in the way": {"obstacles"},
    "her agreement": {"has_agreed"},
}
# Seconds: a letter typed on a phone (36.2 words a minute: Palin and others, MobileHCI 2019); a finger brought to a
# target, and a decision before each answer (the keystroke-level model of Card, Moran and Newell, 1980).
LETTER, TOUCH, DECISION = 60 / (36.2 * 5), 1.1, 1.35


def fill_whole(visitor: Visitor, name: str) -> None:
    """All eight answers, as a social worker gives them with the person beside her."""
    visitor.write("Prénom", name)
    visitor.write("Nom", "Traoré")
    visitor.choose("Appareil")
    visitor.choose("Connexion")
    visitor.write("Avec ses mots", "Appeler ma fille en vidéo")
    visitor.choose("SMS")
    visitor.write("Téléphone", "06 39 98 20 14")
    visitor.touch(visitor.field("Téléphone partagé"))
    visitor.write("Où elle est", "75019")
    visitor.write("Langue", "bambara")
    visitor.choose("Pas de compte")
    visitor.touch(visitor.field("Elle est d’accord"))


def answers(visitor: Visitor) -> dict[str, Any]:
    """What stands in the form."""
    found: dict[str, Any] = visitor.page.evaluate(
        """() => {
          const data = new FormData(document.querySelector("form[data-keep=refer]")), all = {};
          for (const name of new Set(data.keys())) all[name] = data.getAll(name).join(", ");
          for (const name of ["csrfmiddlewaretoken", "key", "organisation"]) delete all[name];
          for (const name of ["site", "site_proposed", "site_chosen"]) delete all[name];
          return all;
        }"""
    )
    return found


def whole(name: str) -> dict[str, Any]:
    return {
        "chosen_name": name,
        "family_name": "Traoré",
        "needs": "device, connection",
        "words": "Appeler ma fille en vidéo",
        "reach": "sms",
        "phone": "06 39 98 20 14",
        "is_phone_shared": "on",
        "where": "75019",
        "languages": "bambara",
        "obstacles": "bank_account",
        "has_agreed": "on",
    }


def referred(name: str) -> int:
    return Referral.objects.filter(chosen_name=name).count()


@pytest.mark.parametrize("width", [360, 1280])
def test_refer_asks_eight_questions_of_which_four_are_required(
    arrive: Arrive, width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    samira = arrive(width, "samira")
    samira.page.goto("/referrals/new/")
    names = samira.page.evaluate(
        """() => [...document.querySelector("form[data-keep=refer]").elements]
          .filter((one) => one.name && !one.hidden && !["hidden", "submit"].includes(one.type))
          .map((one) => one.name)"""
    )
    # The permanence is proposed: choosing another is no question.
    assert set(names) - {"site"} == set().union(*QUESTIONS.values())
    assert len(QUESTIONS) == 8
    samira.press("Envoyer à la permanence")
    samira.screen("refer, refused")
    refused = samira.page.locator("form .invalid-feedback").count()
    assert refused == 4
    assert samira.page.locator(".errors li").count() in {0, 4}

    # The least that can be sent, then all of it; counted from the empty page.
    for what, fill, asked in (("least", fill_least, 4), ("whole", fill_whole, 8)):
        name = f"{what.capitalize()}{width}"
        samira.page.goto("/referrals/new/")
        samira.page.evaluate("sessionStorage.clear()")
        fill(samira, name)
        hands = {**samira.hands(), "screens": 1}
        samira.press("Envoyer à la permanence")
        samira.page.wait_for_url(SENT)
        hands["taps"] += 1
        seconds = hands["signs"] * LETTER + hands["taps"] * TOUCH + (asked + 1) * DECISION
        assert referred(name) == 1
        assert seconds < 90
        with capsys.disabled():
            sys.stdout.write(
                f"\n  refer at {width} px, {what}: {asked} questions, 1 screen, {hands['taps']} touches,"
                f" {hands['signs']} signs typed; about {seconds:.0f} s of hands and thought\n"
            )


def fill_least(visitor: Visitor, name: str) -> None:
    visitor.write("Prénom", name)
    visitor.choose("Appareil")
    visitor.choose("Papier seulement")
    visitor.touch(visitor.field("Elle est d’accord"))


def test_refer_pressed_twice_makes_one_referral(arrive: Arrive) -> None:
    samira = arrive(360, "samira")
    samira.page.goto("/referrals/new/")
    fill_whole(samira, "Deux")
    samira.page.get_by_role("button", name="Envoyer à la permanence").dblclick()
    samira.page.wait_for_url(SENT)
    assert referred("Deux") == 1


def test_refer_without_network_keeps_all_and_sends_once_it_is_back(arrive: Arrive) -> None:
    samira = arrive(360, "samira")
    samira.page.goto("/referrals/new/")
    fill_whole(samira, "Tunnel")
    send = samira.page.get_by_role("button", name="Envoyer à la permanence")
    with samira.cut_off():
        samira.write("Avec ses mots", " le soir")
        send.tap()
        expect(samira.page.locator(".toast")).to_contain_text("Sans réseau : rien n’est parti.")
        expect(samira.page.locator(".toast")).to_have_count(1)
        kept = {**whole("Tunnel"), "words": "Appeler ma fille en vidéo le soir"}
        assert answers(samira) == kept
    assert referred("Tunnel") == 0
    # Even if the page was left meanwhile.
    samira.page.goto("/referrals/mine/")
    samira.page.goto("/referrals/new/")
    expect(samira.page.locator(".draft-note")).to_contain_text("Ce que vous aviez tapé est revenu.")
    assert answers(samira) == kept
    send.tap()
    samira.page.wait_for_url(SENT)
    assert referred("Tunnel") == 1
    assert Referral.objects.get(chosen_name="Tunnel").words == kept["words"]
    samira.page.goto("/referrals/new/")
    assert answers(samira)["chosen_name"] == ""


@pytest.mark.parametrize(("reaches_the_server", "is_list_old"), [(False, False), (True, False), (True, True)])
def test_refer_cut_while_it_is_sent_comes_back_whole(
    arrive: Arrive, reaches_the_server: bool, is_list_old: bool
) -> None:
    """The request is lost on its way, or the answer is: nobody knows which, so all is kept, and counts once.

    Even where the list of permanences could not be renewed before, and proposes another one now.
    """
    samira = arrive(360, "samira")
    name = ("Réponse" if reaches_the_server else "Requête") + (" ancienne" if is_list_old else "")

    def lose(route: Route) -> None:
        """Loses what is sent; where the list is to stay old, what renews it too."""
        renews = "refresh" in (route.request.post_data or "")
        if route.request.method != "POST" or (renews and not is_list_old):
            route.continue_()
            return
        if reaches_the_server and not renews:
            route.fetch(max_redirects=0)
        route.abort()

    samira.is_cut = True
    samira.page.route("**/referrals/new/", lose)
    samira.page.goto("/referrals/new/")
    fill_whole(samira, name)
    send = samira.page.get_by_role("button", name="Envoyer à la permanence")
    with samira.page.expect_event(
        "requestfailed", lambda request: "refresh" not in (request.post_data or "refresh")
    ):
        send.tap()
    samira.page.wait_for_timeout(500)
    assert samira.page.url.startswith("chrome-error:")
    assert referred(name) == int(reaches_the_server)
    samira.page.unroute("**/referrals/new/")
    samira.is_cut = False
    samira.page.goto("/referrals/mine/")
    samira.page.goto("/referrals/new/")
    assert answers(samira) == whole(name)
    send.tap()
    samira.page.wait_for_url(SENT)
    assert referred(name) == 1


def test_refer_with_the_keyboard_alone(arrive: Arrive) -> None:
    samira = arrive(1280, "samira")
    page = samira.page
    page.goto("/referrals/new/")
    # The first stop leads over the menu.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    told = {
        "chosen_name": "Clavier", "family_name": "Traoré", "words": "Lire mes mails", "phone": "0639982015",
        "where": "Paris 19", "languages": "wolof",
    }  # fmt: skip
    ticked = {"needs:device", "needs:skills", "is_phone_shared:on", "obstacles:mailbox", "has_agreed:on"}
    stops = 0
    while True:
        page.keyboard.press("Tab")
        stops += 1
        assert stops < 60
        name, value, kind, outline = page.evaluate(
            """() => { const one = document.activeElement, drawn = (element) => {
              const style = element && getComputedStyle(element);
              return Boolean(style && (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
                || style.boxShadow !== "none")); };
              return [one.name || "", one.value || "", one.type || "",
                drawn(one) || drawn(one.nextElementSibling) || drawn(one.closest("label"))]; }"""
        )
        assert outline, f"nothing shows where the keyboard is: {name} {value}"
        if name in told:
            page.keyboard.type(told[name])
        elif (kind == "checkbox" and f"{name}:{value}" in ticked) or name == "reach":
            page.keyboard.press("Space")
        elif kind == "submit" and name != "refresh":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(SENT)
    sent = Referral.objects.get(chosen_name="Clavier")
    assert (sent.needs, sent.reach, sent.phone, sent.is_phone_shared, sent.languages) == (
        ["device", "skills"],
        "sms",
        "+33639982015",
        True,
        "wolof",
    )


@pytest.fixture
def secret(db: None) -> str:
    """The address of an organisation's link, as its sheet tells it."""
    organisation = Organisation.objects.get(name="Foyer des Ardennes")
    by = User.objects.get(username="elise")
    return create_organisation_link(organisation, email_domains=["foyer.example"], by=by)[1]


@pytest.mark.parametrize("width", [360, 1280])
def test_refer_without_an_account(arrive: Arrive, secret: str, width: int) -> None:
    guest = arrive(width)
    name = f"Invitée{width}"
    guest.page.goto(f"/r/{secret}/")
    guest.screen("link of an organisation")
    guest.write("Votre nom", "Mme Besson")
    guest.write("Votre mail de travail", f"besson{width}@foyer.example")
    guest.press("Recevoir un code")
    guest.screen("code of the mail")
    mail = Message.objects.get(to=f"besson{width}@foyer.example")
    digits = "".join(re.findall(r"\d", mail.body.split(":")[1].split("\n")[0]))
    guest.write("Le code reçu par mail", digits)
    guest.press("Ouvrir la page")
    guest.page.wait_for_url("**/new/")
    guest.screen("refer by the link")
    fill_whole(guest, name)
    guest.press("Envoyer à la permanence")
    guest.page.wait_for_url(SENT)
    guest.screen("sent, by the link")
    token = guest.page.url.split("/f/")[1].split("/")[0]
    guest.follow("Imprimer le coupon")
    guest.screen("slip, by the link")
    # Another day, from the mail: no session at all.
    later = arrive(width)
    body = (
        Message.objects.filter(to=f"besson{width}@foyer.example", key__contains="referral").latest("pk").body
    )
    address = re.search(r"https?://\S+", body)
    assert address is not None
    later.page.goto("/f/" + address[0].split("/f/")[1])
    later.screen("followed by its link")
    later.sees("Où elle en est")
    later.sees("Envoyée")
    # One letter is changed: nothing is said of anyone.
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    answer = later.page.goto(f"/f/{forged}/")
    assert answer is not None
    assert answer.status == 404
    later.screen("a forged link")
    assert name not in later.page.content()
    other = secret[:-1] + ("x" if secret[-1] != "x" else "y")
    assert later.page.goto(f"/r/{other}/").status == 404  # type: ignore[union-attr]


def test_slip_is_one_a5_page_with_a_code_that_a_phone_reads(arrive: Arrive) -> None:
    samira = arrive(1280, "samira")
    samira.page.goto("/referrals/new/")
    fill_whole(samira, "Coupon")
    samira.press("Envoyer à la permanence")
    samira.page.wait_for_url(SENT)
    pdf = samira.context.request.get(
        str(samira.page.get_by_role("link", name="Le garder en PDF").get_attribute("href"))
    )
    samira.follow("Imprimer le coupon")
    code = Referral.objects.get(chosen_name="Coupon").code
    (scanned,) = samira.scan(samira.page.locator(".slip svg.qr"))
    assert scanned.endswith(f"/c/{code}/")
    assert pdf.headers["content-type"] == "application/pdf"
    reader = pypdf.PdfReader(BytesIO(pdf.body()))
    assert len(reader.pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [148, 210]
    assert code in "".join(reader.pages[0].extract_text().split())


def test_refer_without_javascript(arrive: Arrive) -> None:
    samira = arrive(360, "samira", has_script=False)
    samira.page.goto("/referrals/new/")
    samira.write("Prénom", "Sobre")
    samira.press("Envoyer à la permanence")
    samira.sees("Touchez une poche au moins")
    assert samira.page.locator("#id_chosen_name").input_value() == "Sobre"
    samira.page.locator("#id_chosen_name").fill("")
    fill_whole(samira, "Sobre")
    samira.press("Mettre à jour la liste")
    samira.sees("Distances à vol d’oiseau, depuis")
    samira.press("Envoyer à la permanence")
    samira.page.wait_for_url(SENT)
    assert referred("Sobre") == 1
    samira.follow("Imprimer le coupon")
    samira.sees("Montrez ce code en arrivant.")


def test_refer_goes_to_the_permanence_that_the_last_answer_proposes(arrive: Arrive) -> None:
    """Sent at once after saying where she is, on a slow line: to the one that is near her, not to the first shown."""
    samira = arrive(360, "samira")
    samira.page.goto("/referrals/new/")
    samira.choose("Connexion")
    samira.choose("Papier seulement")
    samira.write("Prénom", "Loin")
    samira.touch(samira.field("Elle est d’accord"))
    samira.page.wait_for_load_state("networkidle")
    expect(samira.page.locator("#beside")).to_contain_text("Riquet")

    def slowly(route: Route) -> None:
        if "refresh=1" in (route.request.post_data or ""):
            time.sleep(1)
        route.continue_()

    samira.page.route("**/referrals/new/", slowly)
    samira.write("Où elle est", "13001")
    samira.page.get_by_role("button", name="Envoyer à la permanence").tap()
    samira.page.wait_for_url(SENT)
    assert Referral.objects.get(chosen_name="Loin").site.organisation.name == "Marseille, Belsunce"
