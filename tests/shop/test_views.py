"""The pages of the counter: what is shown to whom, what is kept when a rule refuses, queries that do not grow."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Membership
from bagage.connection.models import HeldLine
from bagage.people.services import mark_as_same, open_file
from bagage.shop import services
from bagage.shop.models import AccessRight, Product, Sale, ShopRules, Till
from bagage.shop.queries import attention, happened, person_panel
from bagage.trail.models import Entry
from tests.connection.line_factories import hold, make_range
from tests.equipment.factories import hand_over
from tests.permanences.factories import make_installation, make_person, make_site, make_user
from tests.shop.factories import keep_device, key, make_product, make_right, make_rules, make_till, sold

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def nadia(site):
    return make_user(site, Role.RECEPTIONIST, "Nadia")


@pytest.fixture
def signed_in(client, nadia):
    return log_in(client, nadia)


@pytest.fixture
def till(site, nadia):
    return make_till(site, nadia)


@pytest.fixture
def mariam(site, nadia):
    mariam = make_person(site, "Mariam", family_name="Traoré", grammar="she")
    make_right(mariam, site, nadia)
    return mariam


@pytest.fixture
def charger(site):
    return make_product(stock=9, site=site)


def log_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def at_counter(person, *products, **more) -> str:
    query = "&".join(
        [
            f"person={person.uuid}",
            *(f"p={one.uuid}" for one in products),
            *(f"{k}={v}" for k, v in more.items()),
        ]
    )
    return f"{reverse('shop:counter')}?{query}"


def order(person, *products, **more) -> dict[str, object]:
    return {
        "person": str(person.uuid),
        "p": [str(one.uuid) for one in products],
        "payment": "cash",
        "key": "pressed",
        **more,
    }


# ---------- the counter ----------
def test_counter_without_a_person_looks_her_up_by_post(signed_in, site, nadia, till):
    lake = make_site("Permanence Lac")
    here = open_file(chosen_name="Fatouma", family_name="Diarra", node=site.organisation, by=nadia)
    open_file(chosen_name="Fatouma", family_name="Secrète", node=lake.organisation, by=nadia)
    answer = signed_in.post(reverse("shop:counter"), {"q": "fatouma"})
    assert [hit.person for hit in answer.context["hits"]] == [here]
    text = text_of(answer)
    assert f"{reverse('shop:counter')}?person={here.uuid}" in text
    assert "Secrète" not in text


def test_what_is_unticked_at_the_counter_is_asked_for_no_more(signed_in, mariam, till, charger):
    """The tiles send what is ticked; what the payment carries of the sale as it was must not come along with them."""
    page = signed_in.get(at_counter(mariam, charger)).content.decode()
    form = page.split('<form id="choosing"')[1].split(">")[0]
    assert 'hx-include="#h-pay, #chosen .asks-line, #chosen .asks-again"' in form
    again = page.split('<div class="asks-again">')[1].split('<div class="pocket-foot send">')[0]
    assert set(re.findall(r'name="(\w+)"', again)) == {"payment", "given", "receipt"}


def test_counter_says_since_when_her_line_stopped_as_her_file_does(signed_in, mariam, nadia, till, charger):
    hold(mariam, nadia, date(2026, 10, 1), words="A", until=date(2026, 11, 19))
    page = at_counter(mariam, charger)
    assert "Sa ligne est arrêtée depuis le 20 novembre." in text_of(signed_in.get(page))
    hold(mariam, nadia, TODAY, words="B")
    assert "Sa ligne est arrêtée" not in text_of(signed_in.get(page))


def test_two_lines_without_a_number_are_told_apart_by_their_day(signed_in, mariam, nadia, till):
    hold(mariam, nadia, date(2026, 10, 1), words="Opérateur")
    hold(mariam, nadia, date(2026, 11, 3), words="Opérateur")
    text = text_of(signed_in.get(at_counter(mariam, make_product(kind="top_up", is_stocked=False))))
    assert [one.split("<")[0] for one in text.split("Opérateur, ")[1:]] == [
        "depuis le 3 novembre",
        "depuis le 1er octobre",
    ]


def test_counter_says_what_remains_after_this_sale(signed_in, mariam, till, charger):
    page = signed_in.get(at_counter(mariam, charger, given=500))
    shown = page.context["shown"]
    assert (shown.left.left, shown.left_after, shown.basket.total) == (3000, 2700, 300)
    assert page.context["change"] == 200
    text = text_of(page)
    assert '<p class="cap-v num">27,00 €</p>' in text
    assert "Encaisser 3,00 €" in text
    assert "Elle donne" in text


def test_counter_fragment_is_what_the_page_shows(signed_in, mariam, till, charger):
    address = at_counter(mariam, charger)
    fragment = signed_in.get(address, headers={"hx-request": "true"})
    start = text_of(fragment).split('id="pay"')[0]
    assert start in text_of(signed_in.get(address))
    assert 'id="steps"' in text_of(fragment)


def test_selling_leads_to_the_receipt(signed_in, mariam, till, charger):
    answer = signed_in.post(reverse("shop:counter"), order(mariam, charger, given="500", total="300"))
    sale = Sale.objects.get()
    assert answer["Location"] == reverse("shop:receipt", args=[sale.uuid])
    page = text_of(signed_in.get(answer["Location"]))
    assert "Rendez la monnaie" in page
    assert '<p class="paid-change num">2,00 €</p>' in page


def test_selling_pressed_twice_leads_to_one_receipt(signed_in, site, mariam, till):
    last = make_product(stock=1, site=site)
    one = signed_in.post(reverse("shop:counter"), order(mariam, last))
    two = signed_in.post(reverse("shop:counter"), order(mariam, last))
    assert (one["Location"], one.status_code, two.status_code) == (two["Location"], 302, 302)
    assert Sale.objects.count() == 1


def test_another_basket_with_a_form_that_served_is_kept_and_sold_at_the_next_press(
    signed_in, site, mariam, till, charger
):
    pen = make_product("Stylo", price=200, stock=9, site=site)
    signed_in.post(reverse("shop:counter"), order(mariam, charger))
    answer = signed_in.post(reverse("shop:counter"), order(mariam, pen))
    assert (answer.status_code, Sale.objects.count()) == (422, 1)
    assert f"Cette page a déjà écrit le reçu {Sale.objects.get().receipt}, 3,00 €." in text_of(answer)
    assert answer.context["shown"].basket.names == ["Stylo"]
    fresh = answer.context["form"]["key"].value()
    signed_in.post(reverse("shop:counter"), order(mariam, pen, key=fresh))
    assert [sale.total for sale in Sale.objects.order_by("pk")] == [300, 200]


@pytest.mark.parametrize("what", ["p", "r"])
def test_what_is_no_basket_with_a_form_that_served_is_refused(signed_in, mariam, till, charger, what):
    signed_in.post(reverse("shop:counter"), order(mariam, charger))
    answer = signed_in.post(reverse("shop:counter"), order(mariam, **{what: "no-such-thing"}))
    assert (answer.status_code, Sale.objects.count()) == (422, 1)


def test_a_reserved_device_paid_twice_leads_to_one_receipt(signed_in, site, mariam, till):
    sent = order(mariam, r=str(keep_device(mariam, site).uuid), total="3000")
    one, two = (signed_in.post(reverse("shop:counter"), sent) for _press in range(2))
    assert (one["Location"], one.status_code, two.status_code) == (two["Location"], 302, 302)


def test_counter_says_what_was_just_sold_to_her(signed_in, mariam, till, charger, clock, nadia):
    assert "alert-warning" not in text_of(signed_in.get(at_counter(mariam)))
    signed_in.post(reverse("shop:counter"), order(mariam, charger))
    clock.move(minutes=12)
    sale = Sale.objects.get()
    page = text_of(signed_in.get(at_counter(mariam)))
    assert f"<b>{charger.name}</b> : vendu il y a 12 min, 3,00 €." in page
    assert (
        reverse("shop:sale", args=[sale.uuid])
        in page.split('class="alert alert-warning"')[1].split("</div>")[0]
    )
    clock.move(minutes=19)
    assert "vendu il y a" not in text_of(signed_in.get(at_counter(mariam)))


def test_counter_says_nothing_of_a_sale_that_was_taken_back(signed_in, mariam, till, charger, clock, nadia):
    signed_in.post(reverse("shop:counter"), order(mariam, charger))
    clock.move(minutes=2)
    assert "vendu il y a 2 min" in text_of(signed_in.get(at_counter(mariam)))
    services.refund_sale(Sale.objects.get(), reason="Trop vite", key=key(), by=nadia, at=clock.now())
    assert "vendu il y a" not in text_of(signed_in.get(at_counter(mariam)))


def test_selling_what_went_meanwhile_says_so_and_sells_nothing(signed_in, site, mariam, till, nadia):
    last = make_product(stock=1, site=site)
    awa = make_person(site, "Awa")
    make_right(awa, site, nadia)
    sold(awa, site, nadia, last)
    answer = signed_in.post(reverse("shop:counter"), order(mariam, last))
    assert answer.status_code == 422
    text = text_of(answer)
    assert "Ce qui était choisi ne peut plus être vendu." in text
    assert "Il n’en reste plus ici." in text
    assert Sale.objects.filter(person=mariam).count() == 0


def test_a_forged_total_is_refused(signed_in, mariam, till, charger):
    answer = signed_in.post(reverse("shop:counter"), order(mariam, charger, total="1"))
    assert answer.status_code == 422
    assert "Un prix a changé : cela coûte maintenant 3,00 €." in text_of(answer)


def test_another_amount_is_read_and_kept(signed_in, mariam, till, charger):
    answer = signed_in.post(
        reverse("shop:counter"), order(mariam, charger, given="other", given_other="2,50")
    )
    text = text_of(answer)
    assert answer.status_code == 422
    assert "Il manque 0,50 € pour payer 3,00 €." in text
    assert 'value="2,50"' in text
    signed_in.post(reverse("shop:counter"), order(mariam, charger, given="other", given_other="4"))
    assert Sale.objects.get().change == 100


def test_a_sim_is_sold_with_its_number_and_a_wrong_one_is_kept(signed_in, mariam, till, site):
    sim = make_product("Carte SIM", "sim", price=250, stock=2, site=site)
    wrong = signed_in.post(reverse("shop:counter"), order(mariam, sim, number="06 39"))
    assert wrong.status_code == 422
    assert 'value="06 39"' in text_of(wrong)
    signed_in.post(reverse("shop:counter"), order(mariam, sim, number="06 39 98 41 27"))
    assert HeldLine.objects.get().number == "+33639984127"


def test_a_closed_till_is_said_before_anything_is_typed(signed_in, mariam, charger):
    text = text_of(signed_in.get(at_counter(mariam, charger)))
    assert "La caisse n’est pas ouverte" in text
    assert "Encaisser" not in text.replace("rien ne s’encaisse", "")
    assert signed_in.post(reverse("shop:counter"), order(mariam, charger)).status_code == 422


def test_what_cannot_be_sold_says_why_with_two_ways_out(signed_in, site, mariam, till, nadia):
    hold(mariam, nadia, TODAY)
    small = make_product("Recharge 1 Go", "top_up", price=1000, is_stocked=False)
    sold(mariam, site, nadia, small)
    make_product("Recharge 40 Go", "top_up", price=3500, is_stocked=False)
    refused = signed_in.get(at_counter(mariam)).context["shown"].refused
    assert [(one.title, one.why) for one in refused] == [
        (
            "Recharge 40 Go, 35,00\u00a0€",
            "Son plafond est de 30,00\u00a0€ par mois, il reste 20,00\u00a0€ : il manque 15,00\u00a0€.",
        )
    ]
    assert [(way.text, way.url) for way in refused[0].ways] == [
        ("Vendre recharge 1 Go à 10,00\u00a0€", at_counter(mariam, small)),
        ("Le plafond se libère le 1er décembre.", ""),
    ]


def test_a_top_up_without_a_line_proposes_the_sim_with_it(signed_in, site, mariam, till):
    card = make_range()
    sim = make_product("Carte SIM", "sim", price=250, line=card, stock=2, site=site)
    top_up = make_product("Recharge 3 Go", "top_up", price=1000, line=card, is_stocked=False)
    shown = signed_in.get(at_counter(mariam)).context["shown"]
    assert [tile.product for tile in shown.tiles] == [sim]
    assert [(way.text, way.url) for way in shown.refused[0].ways] == [
        ("Vendre la carte SIM et recharge 3 Go, 12,50\u00a0€", at_counter(mariam, sim, top_up)),
        ("Noter sa ligne", reverse("connection:line_activate", args=[mariam.uuid])),
    ]
    both = signed_in.get(at_counter(mariam, sim, top_up)).context["shown"]
    assert (both.basket.total, both.basket.problem, both.basket.has_sim) == (1250, "", True)


def test_without_a_right_the_way_is_the_voucher(signed_in, site, till, charger):
    awa = make_person(site, "Awa")
    shown = signed_in.get(at_counter(awa, charger)).context["shown"]
    assert (shown.tiles, shown.basket.is_empty) == ([], True)
    assert (shown.refused[0].why, shown.refused[0].ways[0].text) == (
        "Pas de droits ouverts.",
        "Ajouter un bon d’orientation",
    )


def test_a_basket_over_the_cap_says_so_and_has_no_button(signed_in, site, mariam, till):
    one = make_product("A", price=1600, is_stocked=False)
    two = make_product("B", price=1600, is_stocked=False)
    text = text_of(signed_in.get(at_counter(mariam, one, two)))
    assert "il reste 30,00 € : il manque 2,00 €." in text
    assert "Encaisser 32,00 €" not in text


def test_a_reserved_device_is_paid_at_the_counter(signed_in, site, mariam, till):
    kept = keep_device(mariam, site, price=3000)
    signed_in.post(reverse("shop:counter"), order(mariam, r=str(kept.uuid), total="3000"))
    kept.refresh_from_db()
    assert kept.paid_receipt == Sale.objects.get().receipt


def test_someone_else_s_device_is_not_paid(signed_in, site, mariam, till, charger):
    kept = keep_device(make_person(site, "Awa"), site)
    answer = signed_in.post(reverse("shop:counter"), order(mariam, charger, r=str(kept.uuid)))
    assert (answer.status_code, Sale.objects.count()) == (422, 0)


def test_two_lines_are_asked_about(signed_in, site, mariam, till, nadia):
    hold(mariam, nadia, TODAY, words="A")
    second = hold(mariam, nadia, TODAY, words="B")
    top_up = make_product("Recharge", "top_up", days=7, is_stocked=False)
    answer = signed_in.post(reverse("shop:counter"), order(mariam, top_up))
    assert "choisissez la ligne à recharger" in text_of(answer)
    signed_in.post(reverse("shop:counter"), order(mariam, top_up, held_line=str(second.uuid)))
    second.refresh_from_db()
    assert second.live_until == TODAY + timedelta(days=6)


def test_nothing_on_sale_says_who_adds_it(signed_in, mariam, till):
    assert "Aucun produit en vente." in text_of(signed_in.get(at_counter(mariam)))


def test_an_installation_without_a_permanence(client):
    lead = make_user(None)
    site = make_site()
    lead = make_user(site, Role.PROGRAMME_LEAD)
    site.organisation.is_open = False
    site.organisation.save()
    for name in ("shop:counter", "shop:sale_list", "shop:till", "shop:stock", "shop:rights_ending"):
        assert "Aucune permanence ouverte" in text_of(log_in(client, lead).get(reverse(name)))


@pytest.mark.parametrize("bad", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_person_that_is_none_is_not_found(signed_in, bad):
    assert signed_in.get(f"{reverse('shop:counter')}?person={bad}").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_counter_asks_as_much_whatever_is_on_sale(signed_in, site, mariam, till, nadia, count):
    for number in range(count):
        product = make_product(f"Produit {number}", stock=2, site=site)
        sold(mariam, site, nadia, product)
        make_product(f"Recharge {number}", "top_up", price=4000, is_stocked=False)
    signed_in.get(at_counter(mariam))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        signed_in.get(at_counter(mariam))
    assert len(queries) == 35


def test_a_page_sells_at_the_site_for_which_it_was_opened(client, site, mariam, till, charger):
    lead = make_user(site, Role.PROGRAMME_LEAD)
    lake = make_site("Permanence Lac")
    Membership.objects.create(user=lead, organisation=lake.organisation, role=Role.PROGRAMME_LEAD)
    make_till(lake, lead)
    log_in(client, lead)
    page = text_of(client.get(at_counter(mariam, charger, site=site.uuid)))
    assert f'name="site" value="{site.uuid}"' in page.split('id="pay"')[1]
    client.post(reverse("shop:counter"), order(mariam, charger, site=str(site.uuid)))
    assert Sale.objects.get().site == site


@pytest.mark.parametrize("bad", ["9" * 5000, "²", "-5", "1e3", "x"])
def test_a_given_that_is_no_amount_is_left_aside(signed_in, mariam, till, charger, bad):
    assert signed_in.get(at_counter(mariam, charger, given=bad)).status_code == 200
    assert signed_in.get(f"{reverse('shop:sale_list')}?q={bad}").status_code == 200


def test_the_counter_notes_that_her_purchases_were_read(signed_in, mariam, till, charger):
    signed_in.get(at_counter(mariam))
    signed_in.get(at_counter(mariam, charger))
    assert Entry.objects.filter(verb="read_purchases", person=str(mariam.uuid)).count() == 1


# ---------- sales ----------
def test_sale_list_totals_and_hides_who_is_not_followed_here(signed_in, site, mariam, till, nadia, charger):
    stranger = make_person(make_site("Permanence Lac"), "Awa", family_name="Secrète")
    make_right(stranger, site, nadia)
    sold(mariam, site, nadia, charger)
    sold(stranger, site, nadia, charger, payment="card")
    page = signed_in.get(reverse("shop:sale_list"))
    assert (page.context["total"], page.context["sums"]) == (600, [("Espèces", 300), ("Carte", 300)])
    text = text_of(page)
    assert "Mariam T." in text
    assert "Secrète" not in text
    assert "Awa" not in text


@pytest.mark.parametrize(
    ("query", "receipts"),
    [
        ("q=2026-0001", ["2026-0001"]),
        ("q=0002", ["2026-0002"]),
        ("q=%C3%A9tui", ["2026-0002"]),
        ("q=traor%C3%A9", []),
        ("payment=card", ["2026-0002"]),
        ("day=yesterday", []),
        ("day=today", ["2026-0002", "2026-0001"]),
    ],
)
def test_sale_list_is_searched_and_filtered(signed_in, site, mariam, till, nadia, charger, query, receipts):
    sold(mariam, site, nadia, charger)
    sold(mariam, site, nadia, make_product("étui", is_stocked=False), payment="card")
    page = signed_in.get(f"{reverse('shop:sale_list')}?{query}")
    assert [row.receipt for row in page.context["table"].found] == receipts


def test_sale_list_as_a_file_holds_codes_and_no_names(signed_in, site, mariam, till, nadia, charger):
    sold(mariam, site, nadia, charger)
    answer = signed_in.get(f"{reverse('shop:sale_list')}?export=csv")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert mariam.code in text
    assert "Traor" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_sale_list_asks_as_much_for_one_as_for_three(signed_in, site, mariam, till, nadia, charger, count):
    for _number in range(count):
        sold(mariam, site, nadia, charger)
    signed_in.get(reverse("shop:sale_list"))
    with CaptureQueriesContext(connection) as queries:
        signed_in.get(reverse("shop:sale_list"))
    assert len(queries) == 18


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_refund_page_pressed_twice_takes_back_once(signed_in, site, mariam, till, nadia, charger, pieces):
    sale = services.sell(mariam, site=site, basket=[(charger, 3)], payment="cash", key=key(), by=nadia)
    sent = {"kind": "refund", "key": "k", "reason": "x", f"line-{sale.lines.get().uuid}": str(pieces)}
    address = reverse("shop:sale_refund", args=[sale.uuid])
    one, two = (signed_in.post(address, sent) for _press in range(2))
    assert (one["Location"], one.status_code, two.status_code) == (two["Location"], 302, 302)
    assert sale.counter_entries.get().total == -300 * pieces


def test_refund_page_with_a_form_that_served_for_another_sale(signed_in, site, mariam, till, nadia, charger):
    first, second = (sold(mariam, site, nadia, charger) for _sale in range(2))
    sent = {
        sale: {"kind": "refund", "key": "k", "reason": "Cassé", f"line-{sale.lines.get().uuid}": "1"}
        for sale in (first, second)
    }
    signed_in.post(reverse("shop:sale_refund", args=[first.uuid]), sent[first])
    address = reverse("shop:sale_refund", args=[second.uuid])
    answer = signed_in.post(address, sent[second])
    assert (answer.status_code, second.counter_entries.count()) == (422, 0)
    assert answer.context["form"]["reason"].value() == "Cassé"
    fresh = answer.context["form"]["key"].value()
    signed_in.post(address, {**sent[second], "key": fresh})
    assert second.counter_entries.count() == 1


def test_refund_page_takes_one_line_back(signed_in, site, mariam, till, nadia, charger):
    pen = make_product("Stylet", price=200, is_stocked=False)
    sale = sold(mariam, site, nadia, charger, pen)
    one, two = sale.lines.all()
    address = reverse("shop:sale_refund", args=[sale.uuid])
    without = signed_in.post(address, {"kind": "refund", "key": "k", f"line-{one.uuid}": "1"})
    assert without.context["form"].errors == {"reason": ["Écrivez pourquoi : cela reste sur le reçu."]}
    nothing = signed_in.post(address, {"kind": "refund", "key": "k", "reason": "x"})
    assert "Choisissez ce qui est repris." in text_of(nothing)
    signed_in.post(
        address,
        {
            "kind": "correction",
            "key": "k",
            "reason": "Deux fois",
            f"line-{one.uuid}": "1",
            f"line-{two.uuid}": "0",
        },
    )
    counter = Sale.objects.get(kind="correction")
    assert (counter.total, [line.takes_back for line in counter.lines.all()]) == (-300, [one])
    page = text_of(signed_in.get(reverse("shop:sale", args=[sale.uuid])))
    assert "Correction 2026-0002" in page
    assert "−3,00 €" in page


def test_receipt_is_a_pdf_that_names_nobody_in_its_file_name(signed_in, site, mariam, till, nadia, charger):
    sale = sold(mariam, site, nadia, charger, given=500)
    counter = services.refund_sale(sale, reason="Cassé", key=key(), by=nadia)
    for one in (sale, counter):
        answer = signed_in.get(reverse("shop:receipt_pdf", args=[one.uuid]))
        assert answer.content[:5] == b"%PDF-"
        assert answer["Content-Disposition"] == f'inline; filename="recu-{one.receipt}.pdf"'


# ---------- the till ----------
def test_till_is_opened_then_closed_with_its_difference(signed_in, site):
    signed_in.post(reverse("shop:till"), {"act": "open", "float_amount": "50,00", "key": "o"})
    assert Till.objects.get().float_amount == 5000
    wrong = signed_in.post(reverse("shop:till"), {"act": "close", "counted": "48", "key": "c"})
    assert wrong.status_code == 422
    text = text_of(wrong)
    assert "Il manque 2,00 €. La caisse devrait avoir 50,00 €." in text
    assert 'value="48,00"' in text or 'value="48"' in text
    signed_in.post(
        reverse("shop:till"), {"act": "close", "counted": "48", "word": "Rendu en trop", "key": "c"}
    )
    assert "Il manque 2,00 € : Rendu en trop" in text_of(signed_in.get(reverse("shop:till")))


def test_till_with_too_much_says_so(signed_in, till, nadia):
    services.close_till(till, counted=5500, word="Un billet de trop", by=nadia)
    assert "5,00 € de trop : Un billet de trop" in text_of(signed_in.get(reverse("shop:till")))


def test_a_page_left_open_closes_the_till_that_was_counted(signed_in, site, till, nadia):
    services.close_till(till, counted=5000, by=nadia)
    newer = make_till(site, nadia, float_amount=1000)
    answer = signed_in.post(
        reverse("shop:till"), {"act": "close", "till": str(till.uuid), "counted": "10", "key": "c"}
    )
    assert answer.status_code == 422
    newer.refresh_from_db()
    assert newer.is_open


def test_till_closed_twice_with_one_press_is_one_closing(signed_in, site, till):
    for _press in range(2):
        data = {"act": "close", "till": str(till.uuid), "counted": "50", "key": "c"}
        answer = signed_in.post(reverse("shop:till"), data)
        assert answer.status_code == 302
    assert Till.objects.count() == 1


# ---------- stock, products, rules ----------
def test_stock_page_and_its_acts(client, site):
    omar = make_user(site, Role.LOGISTICS, "Omar")
    log_in(client, omar)
    product = make_product()
    lake = make_site("Permanence Lac")
    receive = reverse("shop:stock_receive", args=[product.uuid])
    assert client.post(receive, {"quantity": "abc", "key": "a"}).status_code == 422
    client.post(receive, {"quantity": "7", "key": "a"})
    count = reverse("shop:stock_count", args=[product.uuid])
    wrong = client.post(count, {"counted": "6", "key": "b"})
    assert wrong.context["form"].errors == {
        "reason": ["Il devrait y en avoir 7. Recomptez, ou écrivez pourquoi."]
    }
    client.post(count, {"counted": "4", "reason": "Cassés", "key": "b"})
    move = reverse("shop:stock_move", args=[product.uuid])
    assert client.post(move, {"target": str(lake.uuid), "quantity": "1", "key": "c"}).status_code == 422
    text = text_of(client.get(reverse("shop:stock")))
    assert "4 ici, bas à partir de 5" in text
    assert "Cassés" in text


def test_products_are_added_changed_and_ended(client, site):
    log_in(client, make_user(site, Role.PROGRAMME_LEAD))
    data = {"kind": "accessory", "name": "Étui", "price": "2,50", "low_level": "2", "key": "k"}
    client.post(reverse("shop:product_add"), data)
    product = Product.objects.get()
    assert (product.price, product.counts_in_cap, product.needs_right) == (250, False, False)
    twice = client.post(reverse("shop:product_add"), {**data, "key": "other"})
    assert twice.context["form"].errors == {
        "name": ["Un produit en vente a déjà ce nom. Donnez-en un autre."]
    }
    client.post(reverse("shop:product_change", args=[product.uuid]), {**data, "price": "3"})
    client.post(reverse("shop:product_end", args=[product.uuid]))
    product.refresh_from_db()
    assert (product.price, product.is_on_sale) == (300, False)
    client.post(reverse("shop:product_resume", args=[product.uuid]))
    assert "Étui" in text_of(client.get(reverse("shop:products")))


def test_rules_page_says_example_until_confirmed(client, site):
    log_in(client, make_user(site, Role.PROGRAMME_LEAD, "Lucie"))
    address = reverse("shop:rules")
    assert "Ces chiffres sont des exemples." in text_of(client.get(address))
    data = {
        "right_months": "9",
        "renewals": "1",
        "cap": "25,00",
        "period": "rolling_30",
        "warn_days": "30",
    }
    assert client.post(address, {**data, "cap": "abc"}).status_code == 422
    client.post(address, data)
    assert (ShopRules.objects.get().cap, ShopRules.objects.get().period) == (2500, "rolling_30")
    assert "par Lucie" in text_of(client.get(address))


# ---------- a person ----------
def test_purchases_show_what_remains_and_renew(signed_in, site, mariam, till, nadia, charger):
    sold(mariam, site, nadia, charger)
    address = reverse("shop:person_purchases", args=[mariam.uuid])
    text = text_of(signed_in.get(address))
    assert '<p class="cap-v num">27,00 €</p>' in text
    right = AccessRight.objects.get()
    signed_in.post(reverse("shop:right_renew", args=[right.uuid]), {"key": "r"})
    assert AccessRight.objects.get(renews=right).ends_on == date(2028, 5, 25)
    assert "Renouveler" not in text_of(signed_in.get(address))


def test_right_open_by_a_voucher_that_served_keeps_what_was_typed(signed_in, site, mariam, nadia):
    awa = make_person(site, "Awa")
    make_right(awa, site, nadia, source="voucher:45")
    other = make_person(site, "Binta")
    answer = signed_in.post(
        reverse("shop:right_open", args=[other.uuid]),
        {"how": "voucher", "number": "45", "begins_on": "2026-11-26", "key": "v"},
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "number": ["Ce bon a déjà ouvert des droits le 26 novembre 2026. Relisez son numéro."]
    }
    assert "Awa" not in text_of(answer)


def test_right_end_asks_why(signed_in, mariam):
    right = AccessRight.objects.get()
    address = reverse("shop:right_end", args=[right.uuid])
    assert signed_in.post(address, {"reason": ""}).status_code == 422
    signed_in.post(address, {"reason": "A un forfait"})
    right.refresh_from_db()
    assert right.end_reason == "A un forfait"


# ---------- what the desk asks ----------
@pytest.mark.parametrize("count", [1, 3])
def test_the_file_asks_as_much_for_one_as_for_three(site, mariam, till, nadia, charger, count):
    for _number in range(count):
        services.refund_sale(sold(mariam, site, nadia, charger), reason="x", key=key(), by=nadia)
    with CaptureQueriesContext(connection) as panel:
        shown = person_panel([mariam.pk], today=TODAY)
    with CaptureQueriesContext(connection) as told:
        lines = happened([mariam.pk], details=False)
    assert (len(panel), len(told)) == (4, 3)
    assert (shown.left.left, len(shown.last), len(lines)) == (3000, min(3, 2 * count), 2 * count + 1)


def test_person_panel_is_none_when_there_is_nothing(site):
    assert person_panel([make_person(site).pk], today=TODAY) is None


def test_happened_says_what_in_plain_words(site, mariam, till, nadia, charger):
    sale = sold(mariam, site, nadia, charger)
    services.refund_sale(sale, reason="Cassé", key=key(), by=nadia)
    told = [
        (one.strong, one.text.replace("\u00a0", " "), one.who) for one in happened([mariam.pk], details=True)
    ]
    assert told == [
        ("Acheté :", "Chargeur, 3,00 €, Permanence Canal", "Nadia"),
        ("Remboursement\N{NO-BREAK SPACE}:", "Chargeur, −3,00 €, Permanence Canal. Cassé", "Nadia"),
        ("Droits ouverts", "jusqu’au 25 août 2027, décision.", "Nadia"),
    ]


def test_attention_says_what_is_to_be_done_and_only_to_who_may(site, mariam, till, nadia, charger, clock):
    volunteer = make_user(site, Role.VOLUNTEER)
    logistics = make_user(site, Role.LOGISTICS)
    assert attention(nadia, site, clock.now()) == []
    services.count_stock(charger, site=site, counted=2, reason="x", key=key(), by=nadia)
    now = clock.move(days=250)
    found = attention(nadia, site, now)
    assert [one.text for one in found] == [
        "Stock bas : Chargeur (2).",
        "La caisse est ouverte depuis le 26 novembre : comptez-la et fermez-la.",
        "1 personne a des droits qui finissent d’ici 30 jours, le 25 août.",
    ]
    assert [one.text for one in attention(logistics, site, now)] == ["Stock bas : Chargeur (2)."]
    assert attention(volunteer, site, now) == []


def test_rights_ending_names_those_followed_here(signed_in, site, mariam, nadia, clock):
    elsewhere = make_site("Permanence Lac")
    make_right(make_person(elsewhere, "Awa"), elsewhere, nadia)
    make_rules(warn_days=30)
    assert "Aucun droit ne finit bientôt ici." in text_of(signed_in.get(reverse("shop:rights_ending")))
    clock.move(days=250)
    signed_in = log_in(signed_in, nadia)
    page = signed_in.get(reverse("shop:rights_ending"))
    assert [person for _right, person, _url in page.context["rows"]] == [mariam]
    # Marked as a person who is followed elsewhere alone, she is still followed here.
    kept = make_person(elsewhere, "Mariam T.")
    mark_as_same(kept, mariam, by=nadia)
    make_right(make_person(site, "Binta"), site, nadia)
    page = signed_in.get(reverse("shop:rights_ending"))
    assert [person for _right, person, _url in page.context["rows"]] == [kept]


# ---------- a device that was paid ----------
def test_receipt_of_a_device_leads_to_its_handover_until_it_is_handed_over(
    signed_in, site, mariam, till, nadia, charger
):
    kept = keep_device(mariam, site)
    sale = services.sell(
        mariam, site=site, basket=[(charger, 1)], reservation=kept, payment="cash", key=key(), by=nadia
    )
    address = reverse("equipment:hand_over", args=[kept.uuid])
    receipt = reverse("shop:receipt", args=[sale.uuid])
    assert address in text_of(signed_in.get(receipt))
    # The money goes back for what came back: until its return, the device is not proposed.
    refund = reverse("shop:sale_refund", args=[sale.uuid])
    assert signed_in.get(refund).context["with_her"] == []
    kept.refresh_from_db()
    given = hand_over(kept, nadia)
    assert address not in text_of(signed_in.get(receipt))
    page = signed_in.get(refund)
    assert reverse("equipment:handover_return", args=[given.uuid]) in text_of(page)
    form = page.context["form"]
    assert [(line.name, bound.value()) for line, bound in form.line_rows] == [
        (charger.name, 1),
        (f"{kept.device.name}, {kept.device.number}", 0),
    ]


def test_counter_says_what_the_cap_does_not_count(signed_in, site, mariam, till, charger):
    kept = keep_device(mariam, site)
    page = text_of(signed_in.get(at_counter(mariam, charger, r=kept.uuid)))
    assert "cette vente, 3,00 €" in page
    assert "hors plafond, 30,00 €" in page
    assert "hors plafond" not in text_of(signed_in.get(at_counter(mariam, charger)))


def test_last_sales_say_their_day_once_it_is_over(signed_in, site, mariam, till, nadia, charger, clock):
    sold(mariam, site, nadia, charger)
    assert "26 nov" not in text_of(signed_in.get(reverse("shop:counter")))
    clock.move(days=1)
    assert "26 nov" in text_of(log_in(signed_in, nadia).get(reverse("shop:counter")))
