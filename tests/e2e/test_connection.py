"""Her fair connection, looked at together: asked by touch, by keyboard and without JavaScript; kept, chosen, compared
with a bill; how an obstacle is lifted."""

import re

import pytest
from playwright.sync_api import expect

from bagage.accounts.models import Organisation, User
from bagage.connection.models import Advice, Bill
from bagage.people.models import Person
from bagage.people.services import open_file
from tests.e2e.conftest import Arrive
from tests.e2e.walk import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e_connection")]

DOES = {"calls": "often", "sms": "often", "video_calls": "often", "messages": "daily", "sites": "often"}
HAS = {"identity_document": True, "smartphone": True, "social_referral": True}
CONDITIONS = (
    "identity_document", "smartphone", "social_referral", "bank_account", "email", "fixed_address",
    "internet_access", "local_residence", "income_proof",
)  # fmt: skip


def someone(name: str) -> Person:
    """She is followed at Riquet; nothing is known of her yet."""
    node = Organisation.objects.get(name="Riquet, Paris 19e")
    nadia = User.objects.get(username="nadia")
    return open_file(chosen_name=name, family_name="Traoré", grammar="she", node=node, by=nadia)


def tell(helene: Visitor) -> None:
    """What the drawn screen shows: how she uses a phone, what she has."""
    page = helene.page
    for use, level in DOES.items():
        helene.touch(page.locator(f'label.choice:has(input[name="{use}"][value="{level}"])'))
    for condition in CONDITIONS:
        box = page.locator(f'input[name="has"][value="{condition}"]')
        if box.is_checked() != HAS.get(condition, False):
            helene.touch(page.locator(f'label.choice:has(input[name="has"][value="{condition}"])'))


def look(helene: Visitor, name: str, **options: bool) -> None:
    """Examine the screen where its answer stands: on a phone a bar sticks above the menu, over what is below."""
    helene.page.evaluate("document.getElementById('answer').scrollIntoView()")
    helene.screen(name, **options)


@pytest.mark.parametrize("width", [360, 1280])
def test_fair_connection_from_her_file_to_a_choice(arrive: Arrive, width: int) -> None:
    helene = arrive(width, "helene")
    page, her = helene.page, someone("Mariam" if width == 360 else "Coumba")
    page.goto(f"/people/{her.uuid}/")
    helene.follow("Chercher sa connexion juste")
    look(helene, "advice, nothing asked")
    helene.sees("Demandez d’abord ce qui est fait en une semaine.")
    tell(helene)
    expect(page.locator("#answer .answer-name")).to_have_text("Ligne solidaire, recharge 3 Go")
    expect(page.locator("#answer .price b")).to_have_text("10,83\u00a0€")
    expect(page.locator("#eq-calls")).to_have_text("103\u00a0min")
    expect(page.locator("#keep-sum")).to_have_text(", 12,50\u00a0€")
    look(helene, "advice", picture=True)
    if width == 360:
        expect(page.locator("#answer-mini")).to_contain_text("10,83\u00a0€ par mois")
        helene.touch(page.locator("#answer-mini"))
    # It answers as one moves: a bank account makes the double penalty smaller, and leaves the list of obstacles.
    obstacles = page.locator(".obstacles .ob")
    expect(obstacles.filter(has_text="Compte bancaire")).to_have_count(1)
    helene.touch(page.locator('label.choice:has(input[name="has"][value="bank_account"])'))
    expect(obstacles.filter(has_text="Compte bancaire")).to_have_count(0)
    helene.touch(page.locator('label.choice:has(input[name="has"][value="bank_account"])'))
    expect(obstacles.filter(has_text="Compte bancaire")).to_have_count(1)
    for summary in page.locator(".left-out summary").all():
        helene.touch(summary)
    look(helene, "advice, why others are left out")

    # What is wrong is said beside the field, and nothing typed is lost.
    limit = page.locator("#id_max_payment")
    limit.fill("quinze")
    limit.press("Tab")
    expect(page.locator("#answer")).to_contain_text("Un montant en euros, comme 15,00.")
    look(helene, "advice, an answer to mend")
    limit.fill("20")
    limit.press("Tab")
    expect(page.locator("#answer .answer-name")).to_have_text("Ligne solidaire, recharge 3 Go")

    helene.press("Garder et choisir")
    helene.screen("a kept advice")
    kept = Advice.objects.get(person=her)
    assert (kept.choice, kept.asked["max_payment"]) == ("", "20.00")
    helene.choose("Ligne solidaire, recharge 3 Go")
    helene.press("Noter ce choix")
    kept.refresh_from_db()
    assert (kept.choice, kept.chosen_total) == ("fewest", 3250)
    helene.screen("a chosen advice")
    helene.follow("Noter une facture")
    helene.write("Payé en tout", "12,50")
    page.fill("#id_first_day", "2026-10-28")
    page.fill("#id_last_day", "2026-11-26")
    helene.press("Noter et comparer")
    helene.sees("de plus que prévu.")
    helene.screen("advices and bills")
    assert Bill.objects.get(person=her).paid == 1250

    page.goto(f"/connection/advices/{kept.uuid}/")
    helene.touch(page.locator(".obstacles a").first)
    page.wait_for_url(re.compile("/lift/"))
    helene.screen("how an obstacle is lifted")
    page.goto(f"/people/{her.uuid}/")
    helene.sees("Ligne solidaire, 10,83\u00a0€ par mois.")
    helene.screen("her file with its advice")


def test_fair_connection_by_keyboard_alone(arrive: Arrive) -> None:
    helene = arrive(1280, "helene")
    page, her = helene.page, someone("Aminata")
    page.goto(f"/connection/people/{her.uuid}/")
    focused = "document.activeElement.name + ' ' + document.activeElement.value"
    for _key in range(40):
        page.keyboard.press("Tab")
        if str(page.evaluate(focused)).startswith("calls"):
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    chosen = page.evaluate(focused)
    assert chosen.startswith("calls ")
    expect(page.locator("#eq-calls")).not_to_have_text("")
    expect(page.locator("#answer")).not_to_contain_text("Demandez d’abord")
    # What is renewed takes nothing from under the fingers.
    assert page.evaluate(focused) == chosen
    for _key in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "has social_referral":
            break
    if not page.locator('input[name="has"][value="social_referral"]').is_checked():
        page.keyboard.press("Space")
    expect(page.locator("#answer .answer-name")).to_contain_text("Recharge Appels".lower()[:8])
    for _key in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "id_max_payment":
            break
    page.keyboard.type("15")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#id_max_payment")).to_have_value("15")
    expect(page.locator("#answer .answer-name")).to_be_visible()
    assert Advice.objects.filter(person=her).count() == 0
    page.get_by_role("button", name="Garder et choisir").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    helene.screen("kept by keyboard")
    assert Advice.objects.filter(person=her).count() == 1


def test_fair_connection_without_javascript(arrive: Arrive) -> None:
    helene = arrive(360, "helene", has_script=False)
    page, her = helene.page, someone("Rokia")
    page.goto(f"/connection/people/{her.uuid}/")
    tell(helene)
    helene.press("Calculer", within="noscript")
    helene.sees("Ligne solidaire, recharge 3 Go")
    helene.sees("10,83\u00a0€")
    assert page.url.endswith(f"/connection/people/{her.uuid}/")
    helene.press("Garder et choisir")
    helene.choose("Ligne solidaire, recharge 3 Go")
    helene.press("Noter ce choix")
    assert Advice.objects.get(person=her).choice == "fewest"


@pytest.mark.parametrize("width", [360, 1280])
def test_texts_of_the_house(arrive: Arrive, width: int) -> None:
    lucie = arrive(width, "lucie")
    page = lucie.page
    for path in ("/connection/texts/", "/connection/texts/bank_account/", "/connection/figures/"):
        page.goto(path)
        lucie.screen(path)
