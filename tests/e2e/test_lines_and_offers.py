"""A line from its first day to another operator's; offers that come from a file, and one that ends; a program's key."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bagage.accounts.models import ApiToken, Organisation, User
from bagage.connection.models import HeldLine, Line, Offer
from bagage.demo.network import PASSWORD
from bagage.people.services import open_file
from tests.e2e.conftest import Arrive

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e_connection")]

TABLE = (
    "Code de la gamme;Gamme;Code de l’offre;Offre;Sorte;Prix;Jours de validité;SMS\n"
    "walk-{width};Carte du quai;quai-{width};Recharge du quai;recharge;4,50;30;100\n"
    "walk-{width};Carte du quai;faux-{width};Recharge fausse;recharge;quatre;30;100\n"
)


@pytest.mark.parametrize("width", [360, 1280])
def test_line_from_its_first_day_to_another_operator(arrive: Arrive, width: int) -> None:
    node = Organisation.objects.get(name="Riquet, Paris 19e")
    by = User.objects.get(username="nadia")
    her = open_file(chosen_name="Oumou", family_name=f"Quai{width}", grammar="she", node=node, by=by)
    nadia = arrive(width, "nadia")
    page = nadia.page
    page.goto(f"/people/{her.uuid}/")
    nadia.follow("Noter sa ligne")
    nadia.screen("a line to note")
    page.select_option("#id_choice", "other")
    nadia.press("Noter cette ligne")
    nadia.sees("Écrivez le nom de l’opérateur.")
    nadia.screen("a line to note, refused")

    offer = Offer.objects.get(code="soleil-semaine", ends_on=None)
    page.select_option("#id_choice", f"offer:{offer.uuid}")
    nadia.press("Noter cette ligne")
    held = HeldLine.objects.get(person=her)
    nadia.screen("her file with its line")
    nadia.follow(held.title)
    nadia.sees(offer.name)
    nadia.screen("her line")

    nadia.follow("Noter une recharge")
    nadia.screen("a top-up to note")
    nadia.press("Noter")
    assert held.events.count() == 2
    nadia.press("Défaire")
    expect(page.locator(".timeline s")).to_have_count(1)
    nadia.screen("her line, a top-up taken back")

    for name in ("quittée pour un forfait", "perdue", "rendue"):
        nadia.follow(name)
        nadia.screen(name)
        page.goto(f"/connection/lines/{held.uuid}/")
    nadia.follow("Noter son numéro")
    nadia.screen("her number")
    page.goto(f"/connection/lines/{held.uuid}/")
    nadia.follow("numéro porté ailleurs")
    nadia.write("Chez quel opérateur", "Azur")
    nadia.screen("a number to port")
    nadia.press("Noter le changement")
    held.refresh_from_db()
    assert held.state == "ported"
    nadia.screen("a line that was ported")


@pytest.mark.parametrize("width", [360, 1280])
def test_offers_from_a_file_mended_written_ended(arrive: Arrive, width: int) -> None:
    elise = arrive(width, "elise")
    page = elise.page
    page.goto("/connection/catalogue/import/")
    table = TABLE.format(width=width).encode()
    page.set_input_files("#id_file", {"name": "quai.csv", "mimeType": "text/csv", "buffer": table})
    elise.press("Lire et montrer")
    elise.sees("Mises de côté")
    elise.screen("an import to look at")
    assert not Line.objects.filter(code=f"walk-{width}").exists()
    page.locator("main input[value=quatre]").fill("4,00")
    elise.press("Relire avec ces corrections")
    elise.screen("an import mended")
    elise.press("Écrire 2 offres")
    elise.screen("an import written")
    offers = Offer.objects.filter(line__code=f"walk-{width}")
    assert sorted(offers.values_list("price", flat=True)) == [400, 450]

    one = offers.get(code=f"quai-{width}")
    page.goto(f"/connection/catalogue/offers/{one.uuid}/end/")
    elise.press("Retirer l’offre")
    one.refresh_from_db()
    assert one.ends_on == timezone.localdate()
    elise.screen("an offer that ended")
    page.goto("/connection/catalogue/")
    elise.screen("the catalogue after it")


@pytest.mark.parametrize("width", [360, 1280])
def test_key_for_a_program(arrive: Arrive, width: int) -> None:
    lucie = arrive(width, "lucie")
    page = lucie.page
    page.goto("/accounts/me/tokens/")
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    lucie.screen("keys, none")
    lucie.write("À quoi sert cette clé", f"Tableur {width}")
    lucie.press("Créer la clé")
    lucie.screen("a key, shown once")
    secret = page.locator("code.secret").inner_text()
    assert len(secret) > 30
    page.goto("/accounts/me/tokens/")
    assert secret not in page.content()
    lucie.screen("keys")
    lucie.press(f"Retirer : Tableur {width}")
    assert ApiToken.objects.get(name=f"Tableur {width}").revoked_at is not None
    lucie.screen("keys, after one was taken back")
