"""A sale from its locks to its counter-entry: right, cap, stock, line, device, receipt, till."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.connection.models import HeldLine
from bagage.connection.services import lines
from bagage.equipment.services import hand_over_device, take_back_device
from bagage.people.services import mark_as_same
from bagage.shop import services
from bagage.shop.events import sale_written
from bagage.shop.models import Product, Sale, SaleLine, StockMovement, StockPlace
from bagage.shop.queries.rights import left_in_cap
from bagage.shop.queries.tills import cash_in
from bagage.shop.services.stock import quantity_at
from bagage.trail.models import Entry
from tests.connection.line_factories import hold, make_offer, make_range
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
def moussa(site):
    return make_user(site, first_name="Moussa")


@pytest.fixture
def till(site, moussa):
    return make_till(site, moussa)


@pytest.fixture
def mariam(site, moussa, till):
    mariam = make_person(site, "Mariam")
    make_right(mariam, site, moussa)
    return mariam


@pytest.fixture
def charger(site):
    return make_product(stock=3, site=site)


def top_up(price: int = 1000, **fields) -> Product:
    return make_product(
        fields.pop("name", f"Recharge {price}"), "top_up", price=price, is_stocked=False, **fields
    )


def left(person) -> int:
    return left_in_cap([person.pk], TODAY).left


def here(product, site) -> int:
    return quantity_at(StockPlace.objects.get(product=product, site=site))


# ---------- sold ----------
def test_sell_writes_all_at_once(mariam, site, moussa, till, charger):
    heard = []
    sale_written.connect(lambda sale, **_: heard.append(sale.pk), weak=False, dispatch_uid="test")
    try:
        sale = sold(mariam, site, moussa, charger, given=500)
    finally:
        sale_written.disconnect(dispatch_uid="test")
    assert (sale.receipt, sale.total, sale.given, sale.change) == ("2026-0001", 300, 500, 200)
    assert (sale.person, sale.till, sale.on, sale.sold_by) == (mariam, till, TODAY, "Moussa")
    line = sale.lines.get()
    assert (line.name, line.unit_price, line.quantity, line.counts_in_cap) == ("Chargeur", 300, 1, True)
    assert here(charger, site) == 2
    assert (left(mariam), cash_in(till)) == (2700, 5300)
    assert heard == [sale.pk]
    entry = Entry.objects.get(verb="sale.sell")
    assert (entry.thing, entry.person) == (f"sale:{sale.uuid}", str(mariam.uuid))


def test_sell_pressed_twice_sells_once(mariam, site, moussa, charger):
    one = sold(mariam, site, moussa, charger, key="same")
    two = sold(mariam, site, moussa, charger, key="same")
    assert one.pk == two.pk
    assert (Sale.objects.count(), here(charger, site)) == (1, 2)


def test_a_form_that_served_for_another_person_is_refused(mariam, site, moussa, charger):
    sold(mariam, site, moussa, charger, key="same")
    other = make_person(site, "Awa")
    make_right(other, site, moussa)
    with pytest.raises(Conflict):
        sold(other, site, moussa, charger, key="same")


def test_a_form_that_sold_something_else_says_what_it_sold(mariam, site, moussa, charger):
    pen = make_product("Stylo", price=200, stock=9, site=site)
    kept = keep_device(mariam, site)
    sale = sold(mariam, site, moussa, charger, key="same")
    for products, more in (
        ([pen], {}),
        ([charger, pen], {}),
        ([charger, charger], {}),
        ([charger], {"reservation": kept}),
        ([], {"reservation": kept}),
        ([charger], {"shown_total": 200}),
    ):
        with pytest.raises(FormUsed) as error:
            sold(mariam, site, moussa, *products, key="same", **more)
        assert f"{sale.receipt}, 3,00" in str(error.value)
    assert (Sale.objects.count(), here(pen, site)) == (1, 9)


def test_a_form_that_topped_up_another_line_is_refused(mariam, site, moussa, till):
    one, other = (hold(mariam, moussa, TODAY, number=number) for number in ("+33639984127", "+33639984128"))
    product = top_up()
    sale = sold(mariam, site, moussa, product, held_line=one, key="same")
    assert sold(mariam, site, moussa, product, held_line=one, key="same").pk == sale.pk
    with pytest.raises(FormUsed):
        sold(mariam, site, moussa, product, held_line=other, key="same")


def test_a_sale_of_all_kinds_pressed_twice_is_one(mariam, site, moussa, till):
    sim = make_product("Carte SIM", "sim", price=250, is_stocked=False, days=30)
    pen = make_product("Stylo", price=200, stock=9, site=site)
    kept = keep_device(mariam, site)
    basket = [(sim, 1), (top_up(), 2), (pen, 3)]
    sales = {
        services.sell(
            mariam, site=site, basket=basket, reservation=kept, payment="cash", key="same", by=moussa
        ).pk
        for _press in range(2)
    }
    assert len(sales) == 1


def test_receipts_have_no_gap_and_begin_again_each_year(mariam, site, moussa, charger, clock):
    first = sold(mariam, site, moussa, charger)
    with pytest.raises(BusinessError):
        sold(mariam, site, moussa, charger, given=1)
    second = sold(mariam, site, moussa, charger)
    counter = services.refund_sale(first, reason="Ne marche pas", key=key(), by=moussa)
    clock.move(days=60)
    next_year = sold(mariam, site, moussa, charger)
    assert [one.receipt for one in (first, second, counter, next_year)] == [
        "2026-0001", "2026-0002", "2026-0003", "2027-0001",
    ]  # fmt: skip


def test_each_site_has_its_own_receipts(mariam, site, moussa, charger):
    other = make_site("Permanence Lac")
    make_till(other, moussa)
    services.receive_stock(charger, site=other, quantity=1, key=key(), by=moussa)
    assert sold(mariam, site, moussa, charger).receipt == "2026-0001"
    assert sold(mariam, other, moussa, charger).receipt == "2026-0001"


def test_names_and_prices_are_copied(mariam, site, moussa, charger):
    sale = sold(mariam, site, moussa, charger)
    services.change_product(charger, name="Chargeur rapide", price=900, by=moussa)
    line = sale.lines.get()
    assert (line.name, line.unit_price) == ("Chargeur", 300)


def test_a_price_that_changed_since_it_was_shown_is_said(mariam, site, moussa, charger):
    services.change_product(charger, price=400, by=moussa)
    with pytest.raises(Conflict) as error:
        sold(mariam, site, moussa, charger, shown_total=300)
    assert "4,00\u00a0€" in str(error.value)
    assert Sale.objects.count() == 0


@pytest.mark.parametrize(("given", "missing"), [(299, "0,01"), (0, "3,00")])
def test_cash_that_is_not_enough_says_what_is_missing(mariam, site, moussa, charger, given, missing):
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, charger, given=given)
    assert (error.value.field, f"Il manque {missing}" in str(error.value)) == ("given", True)


def test_what_is_given_counts_for_cash_alone(mariam, site, moussa, charger, till):
    sale = sold(mariam, site, moussa, charger, payment="card", given=1)
    assert (sale.given, cash_in(till)) == (None, 5000)


def test_a_voucher_keeps_its_number(mariam, site, moussa, charger):
    assert (
        sold(mariam, site, moussa, charger, payment="voucher", payment_note=" A 12 ").payment_note == "A 12"
    )


def test_another_payment_is_refused(mariam, site, moussa, charger):
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, charger, payment="cheque")
    assert error.value.field == "payment"


def test_nothing_chosen_is_refused(mariam, site, moussa):
    with pytest.raises(BusinessError) as error:
        services.sell(mariam, site=site, basket=[], payment="cash", key=key(), by=moussa)
    assert error.value.field == "p"


def test_without_an_open_till_nothing_is_sold(mariam, site, moussa, till, charger):
    services.close_till(till, counted=5000, by=moussa)
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, charger)
    assert error.value.field == "till"
    assert Sale.objects.count() == 0


def test_a_closed_permanence_sells_nothing(mariam, site, moussa, charger):
    site.organisation.is_open = False
    site.organisation.save()
    with pytest.raises(BusinessError):
        sold(mariam, site, moussa, charger)


def test_a_product_that_ended_is_not_sold(mariam, site, moussa, charger):
    services.end_product(charger, by=moussa)
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, charger)
    assert error.value.field == "p"


def test_a_person_who_was_erased_buys_nothing(mariam, site, moussa, charger, now):
    mariam.erased_at = now
    mariam.save()
    with pytest.raises(Conflict):
        sold(mariam, site, moussa, charger)


# ---------- right ----------
def test_without_a_right_only_what_needs_none(site, moussa, till):
    awa = make_person(site, "Awa")
    need, free = (
        make_product("SIM", "sim", is_stocked=False),
        make_product(needs_right=False, is_stocked=False),
    )
    with pytest.raises(BusinessError) as error:
        sold(awa, site, moussa, need)
    assert str(error.value) == (
        "Pas de droits ouverts. Un bon d’orientation ou une orientation acceptée en ouvre."
    )
    assert sold(awa, site, moussa, free).total == 300


def test_a_right_that_is_over_says_since_when_and_what_to_do(mariam, site, moussa, charger, clock):
    clock.move(days=280)
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, charger)
    said = str(error.value).replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Droits finis le 25 août 2027. Ils se renouvellent depuis la page « Ses achats »."


# ---------- cap ----------
def test_the_cap_says_what_is_missing_what_fits_and_when_more_comes(mariam, site, moussa):
    hold(mariam, moussa, TODAY)
    ten, _five, big = top_up(1000), top_up(500, name="Recharge 1 Go"), top_up(3500, name="Recharge 40 Go")
    sold(mariam, site, moussa, ten)
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, big)
    assert str(error.value).replace("\u00a0", " ") == (
        "Son plafond est de 30,00 € par mois, il reste 20,00 € : il manque 15,00 €. "
        "Possible aujourd’hui : recharge 1000 à 10,00 € ou recharge 1 Go à 5,00 €. "
        "Le plafond se libère le 1er décembre."
    )
    assert left(mariam) == 2000


def test_the_last_euros_can_be_spent_to_the_cent(mariam, site, moussa):
    sold(mariam, site, moussa, make_product(price=3000, is_stocked=False))
    assert left(mariam) == 0
    with pytest.raises(BusinessError):
        sold(mariam, site, moussa, make_product("Un centime", price=1, is_stocked=False))


def test_a_basket_counts_whole(mariam, site, moussa):
    one, two = (
        make_product("A", price=1600, is_stocked=False),
        make_product("B", price=1600, is_stocked=False),
    )
    with pytest.raises(BusinessError):
        sold(mariam, site, moussa, one, two)
    assert Sale.objects.count() == 0


def test_the_cap_counts_over_sites_and_files_of_one_person(mariam, site, moussa):
    elsewhere = make_site("Permanence Lac")
    make_till(elsewhere, moussa)
    twin = make_person(elsewhere, "Mariam T.")
    make_right(twin, elsewhere, moussa)
    big = make_product(price=2000, is_stocked=False)
    sold(twin, elsewhere, moussa, big)
    mark_as_same(mariam, twin, by=moussa)
    twin.refresh_from_db()
    for file in (mariam, twin):
        with pytest.raises(BusinessError):
            sold(file, site, moussa, big)
    assert left_in_cap([mariam.pk, twin.pk], TODAY).left == 1000


def test_a_new_month_is_a_new_cap_thirty_days_are_not(mariam, site, moussa, clock):
    big = make_product(price=3000, is_stocked=False)
    sold(mariam, site, moussa, big)
    clock.move(days=5)
    assert sold(mariam, site, moussa, big).total == 3000
    clock.move(days=15)
    make_rules(period="rolling_30")
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, big)
    assert "Le plafond se libère le 26 décembre." in str(error.value)


def test_what_does_not_count_passes_beside_the_cap(mariam, site, moussa):
    sold(mariam, site, moussa, make_product("Sac", price=9000, is_stocked=False, counts_in_cap=False))
    assert left(mariam) == 3000


def test_a_lower_cap_leaves_nothing_and_never_less(mariam, site, moussa):
    sold(mariam, site, moussa, make_product(price=2000, is_stocked=False))
    make_rules(cap=1000)
    assert left(mariam) == 0


# ---------- stock ----------
def test_the_last_piece_is_sold_once(mariam, site, moussa):
    last = make_product(stock=1, site=site)
    elsewhere = make_site("Permanence Lac")
    services.receive_stock(last, site=elsewhere, quantity=4, key=key(), by=moussa)
    sold(mariam, site, moussa, last)
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, last)
    assert str(error.value) == (
        "Chargeur : il n’en reste plus. Il en reste 4 à Permanence Lac. "
        "Choisissez un autre produit, ou faites compter le stock."
    )
    assert here(last, site) == 0


def test_what_has_no_stock_is_sold_without_counting(mariam, site, moussa):
    sold(mariam, site, moussa, make_product(is_stocked=False))
    assert StockMovement.objects.count() == 0


# ---------- her line ----------
def test_a_sim_opens_her_line_and_a_top_up_goes_on_it(mariam, site, moussa):
    card = make_range()
    offer = make_offer(card, days=30, price=1000)
    sim = make_product("Carte SIM", "sim", price=250, line=card, stock=2, site=site)
    three = top_up(1000, line=card, offer=offer)
    sale = sold(mariam, site, moussa, three, sim, number="+33639984127")
    held = HeldLine.objects.get()
    assert (held.line, held.number, held.live_until) == (card, "+33639984127", TODAY + timedelta(days=29))
    assert [(line.name, line.held_line_id) for line in sale.lines.all()] == [
        ("Carte SIM", held.pk),
        ("Recharge 1000", held.pk),
    ]
    assert [(one.kind, one.price) for one in held.events.all()] == [("activated", 250), ("topped_up", 1000)]


def test_a_top_up_follows_the_newest_row_of_its_offer(mariam, site, moussa):
    card = make_range()
    old = make_offer(card, days=7, ends_on=TODAY)
    new = make_offer(card, days=30)
    new.code = old.code
    new.begins_on = TODAY
    new.save()
    held = hold(mariam, moussa, TODAY, line=card)
    sold(mariam, site, moussa, top_up(line=card, offer=old))
    held.refresh_from_db()
    assert held.live_until == TODAY + timedelta(days=29)


def test_a_top_up_without_an_offer_lives_for_its_days(mariam, site, moussa):
    held = hold(mariam, moussa, TODAY)
    sold(mariam, site, moussa, top_up(days=7))
    held.refresh_from_db()
    assert held.live_until == TODAY + timedelta(days=6)


def test_a_top_up_without_a_line_says_what_to_do(mariam, site, moussa):
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, top_up())
    assert error.value.field == "held_line"
    assert "Vendez d’abord la carte SIM, ou notez sa ligne dans son dossier." in str(error.value)


def test_a_top_up_asks_which_of_two_lines(mariam, site, moussa):
    hold(mariam, moussa, TODAY, words="A")
    second = hold(mariam, moussa, TODAY, words="B")
    product = top_up(days=7)
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, product)
    assert error.value.field == "held_line"
    assert sold(mariam, site, moussa, product, held_line=second).lines.get().held_line == second


def test_a_top_up_never_goes_on_the_line_of_someone_else(mariam, site, moussa):
    other = hold(make_person(site, "Awa"), moussa, TODAY)
    hold(mariam, moussa, TODAY)
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, top_up(), held_line=other)
    assert error.value.field == "held_line"


def test_a_number_that_lives_elsewhere_undoes_the_whole_sale(mariam, site, moussa):
    hold(make_person(site, "Awa"), moussa, TODAY, number="+33639984127")
    sim = make_product("Carte SIM", "sim", stock=1, site=site)
    with pytest.raises(BusinessError) as error:
        sold(mariam, site, moussa, sim, number="+33639984127")
    assert error.value.field == "number"
    assert (Sale.objects.count(), here(sim, site), HeldLine.objects.count()) == (0, 1, 1)


def test_one_sim_a_sale(mariam, site, moussa):
    sim = make_product("Carte SIM", "sim", stock=4, site=site)
    with pytest.raises(BusinessError):
        services.sell(mariam, site=site, basket=[(sim, 2)], payment="cash", key=key(), by=moussa)


# ---------- the device kept for her ----------
def test_a_device_is_paid_and_counts_in_no_cap(mariam, site, moussa):
    kept = keep_device(mariam, site, price=9000)
    sale = services.sell(mariam, site=site, basket=[], reservation=kept, payment="cash", key=key(), by=moussa)
    kept.refresh_from_db()
    assert (kept.paid_receipt, sale.total, left(mariam)) == (sale.receipt, 9000, 3000)
    with pytest.raises(Conflict) as error:
        services.sell(mariam, site=site, basket=[], reservation=kept, payment="cash", key=key(), by=moussa)
    assert error.value.field == "reservation"


def test_a_device_kept_for_someone_else_is_not_paid(mariam, site, moussa):
    kept = keep_device(make_person(site, "Awa"), site)
    with pytest.raises(Conflict):
        services.sell(mariam, site=site, basket=[], reservation=kept, payment="cash", key=key(), by=moussa)


def test_a_device_that_is_given_is_not_paid(mariam, site, moussa):
    kept = keep_device(mariam, site, price=0)
    with pytest.raises(BusinessError):
        services.sell(mariam, site=site, basket=[], reservation=kept, payment="cash", key=key(), by=moussa)


# ---------- taken back ----------
def test_refund_gives_back_money_cap_stock_and_line(mariam, site, moussa, till):
    sim = make_product("Carte SIM", "sim", price=250, stock=1, site=site)
    sale = sold(mariam, site, moussa, sim)
    counter = services.refund_sale(sale, reason=" Ne capte pas  ici ", key="back", by=moussa)
    again = services.refund_sale(sale, reason="Ne capte pas ici", key="back", by=moussa)
    assert counter.pk == again.pk
    assert (counter.kind, counter.total, counter.refunds, counter.reason) == (
        "refund", -250, sale, "Ne capte pas ici",
    )  # fmt: skip
    assert (left(mariam), here(sim, site), cash_in(till)) == (3000, 1, 5000)
    assert HeldLine.objects.get().state == "void"
    assert [one.quantity for one in SaleLine.objects.order_by("pk")] == [1, -1]
    assert Entry.objects.filter(verb="sale.refund").count() == 1


def test_a_form_that_took_back_something_else_is_refused(mariam, site, moussa, charger):
    pen = make_product("Stylo", price=100, stock=9, site=site)
    first, second = (
        services.sell(mariam, site=site, basket=[(pen, 3)], payment="cash", key=key(), by=moussa)
        for _sale in range(2)
    )
    line = first.lines.get()
    taken = services.refund_sale(first, lines=[(line, 1)], reason="x", key="back", by=moussa)
    same = services.refund_sale(first, lines=[(line, 1)], reason="x", key="back", by=moussa)
    assert same.pk == taken.pk
    for sale, lines_back in (
        (second, None),
        (second, [(second.lines.get(), 1)]),
        (first, [(line, 2)]),
        (first, None),
    ):
        with pytest.raises(FormUsed):
            services.refund_sale(sale, lines=lines_back, reason="x", key="back", by=moussa)
    # Nor does the form of a sale take one back.
    with pytest.raises(FormUsed):
        services.refund_sale(second, reason="x", key=first.key, by=moussa)
    assert Sale.objects.filter(refunds__isnull=False).count() == 1


def test_refund_of_what_cannot_be_sold_again_leaves_the_stock(mariam, site, moussa, charger):
    sale = sold(mariam, site, moussa, charger)
    services.refund_sale(sale, reason="Cassé", back_in_stock=False, key=key(), by=moussa)
    assert here(charger, site) == 2


def test_refund_in_another_month_gives_the_cap_of_the_sale_back(mariam, site, moussa, clock):
    sale = sold(mariam, site, moussa, make_product(price=3000, is_stocked=False))
    clock.move(days=10)
    counter = services.refund_sale(sale, reason="Erreur", kind="correction", key=key(), by=moussa)
    december = date(2026, 12, 6)
    assert (counter.on, counter.lines.get().counts_on) == (december, TODAY)
    assert left_in_cap([mariam.pk], december).left == 3000
    assert left_in_cap([mariam.pk], TODAY).left == 3000


def test_refund_in_part_then_the_rest(mariam, site, moussa):
    pen = make_product("Stylet", price=200, stock=5, site=site)
    sale = services.sell(mariam, site=site, basket=[(pen, 3)], payment="cash", key=key(), by=moussa)
    line = sale.lines.get()
    one = services.refund_sale(sale, lines=[(line, 1)], reason="Un de trop", key=key(), by=moussa)
    with pytest.raises(BusinessError) as error:
        services.refund_sale(sale, lines=[(line, 3)], reason="Encore", key=key(), by=moussa)
    assert error.value.field == "lines"
    rest = services.refund_sale(sale, reason="Tout", key=key(), by=moussa)
    assert (one.total, rest.total, here(pen, site), left(mariam)) == (-200, -400, 5, 3000)
    with pytest.raises(Conflict):
        services.refund_sale(sale, reason="Encore", key=key(), by=moussa)


def test_refund_needs_a_reason(mariam, site, moussa, charger):
    with pytest.raises(BusinessError) as error:
        services.refund_sale(sold(mariam, site, moussa, charger), reason=" ", key=key(), by=moussa)
    assert error.value.field == "reason"


def test_a_counter_entry_is_not_refunded(mariam, site, moussa, charger):
    counter = services.refund_sale(sold(mariam, site, moussa, charger), reason="x", key=key(), by=moussa)
    with pytest.raises(BusinessError):
        services.refund_sale(counter, reason="x", key=key(), by=moussa)


def test_refund_in_cash_needs_the_cash(mariam, site, moussa, till):
    sale = sold(mariam, site, moussa, make_product(price=2000, is_stocked=False))
    services.close_till(till, counted=7000, by=moussa)
    make_till(site, moussa, float_amount=100)
    with pytest.raises(BusinessError) as error:
        services.refund_sale(sale, reason="x", key=key(), by=moussa)
    assert error.value.field == "till"


def test_refund_undoes_the_newest_top_up_first(mariam, site, moussa):
    held = hold(mariam, moussa, TODAY)
    older = sold(mariam, site, moussa, top_up(500, days=7))
    newer = sold(mariam, site, moussa, top_up(600, days=7))
    with pytest.raises(Conflict) as error:
        services.refund_sale(older, reason="x", key=key(), by=moussa)
    assert "Sa ligne a changé depuis cette vente." in str(error.value)
    assert Sale.objects.count() == 2
    services.refund_sale(newer, reason="x", key=key(), by=moussa)
    services.refund_sale(older, reason="x", key=key(), by=moussa)
    held.refresh_from_db()
    assert (held.live_until, left(mariam)) == (None, 3000)


def test_refund_after_the_line_was_mended_by_hand(mariam, site, moussa):
    hold(mariam, moussa, TODAY)
    sale = sold(mariam, site, moussa, top_up(500, days=7))
    lines.correct_event(sale.lines.get().line_event, key=key(), by=moussa)
    assert services.refund_sale(sale, reason="x", key=key(), by=moussa).total == -500


def test_refund_of_a_device_that_was_not_handed_over(mariam, site, moussa):
    kept = keep_device(mariam, site, price=3000)
    sale = services.sell(mariam, site=site, basket=[], reservation=kept, payment="cash", key=key(), by=moussa)
    services.refund_sale(sale, reason="Change d’avis", key=key(), by=moussa)
    kept.refresh_from_db()
    assert (kept.paid_at, kept.paid_receipt) == (None, "")


def test_refund_of_a_device_that_she_has_asks_for_its_return_first(mariam, site, moussa, till):
    kept = keep_device(mariam, site, price=3000)
    sale = services.sell(mariam, site=site, basket=[], reservation=kept, payment="cash", key=key(), by=moussa)
    kept.refresh_from_db()
    handover = hand_over_device(kept, consent="paper", key=key(), by=moussa)
    with pytest.raises(Conflict) as error:
        services.refund_sale(sale, reason="x", key=key(), by=moussa)
    assert "notez d’abord son retour" in str(error.value)
    assert (Sale.objects.count(), cash_in(till)) == (1, 8000)
    take_back_device(handover, reason="returned", key=key(), by=moussa)
    assert services.refund_sale(sale, reason="Rendu", key=key(), by=moussa).total == -3000


# ---------- the database stands behind ----------
def test_a_receipt_number_is_given_once_says_the_database(mariam, site, moussa, charger, till, now):
    sold(mariam, site, moussa, charger)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sale.objects.create(
            person=mariam, site=site, till=till, year=2026, number=1, on=TODAY, total=0,
            payment="cash", key="forged", sold_at=now,
        )  # fmt: skip


def test_a_counter_entry_names_its_sale_says_the_database(mariam, site, till, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        Sale.objects.create(
            person=mariam, site=site, till=till, year=2026, number=1, on=TODAY, total=-5, kind="refund",
            reason="x", payment="cash", key="forged", sold_at=now,
        )  # fmt: skip
