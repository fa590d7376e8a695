"""Stock is the sum of what came and went; a till closes on what was counted; products and rules change forward."""

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.shop import services
from bagage.shop.models import Product, StockMovement, StockPlace, Till
from bagage.shop.queries.rights import shop_rules
from bagage.shop.queries.stock import low_at, movements_at, stock_at, stocked_at
from bagage.shop.queries.tills import till_shown, tills_of
from bagage.trail.models import Entry
from tests.connection.line_factories import make_offer, make_range
from tests.permanences.factories import make_installation, make_person, make_site, make_user
from tests.shop.factories import KEEPER, key, make_product, make_right, make_till, sold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def lake():
    return make_site("Permanence Lac")


@pytest.fixture
def omar(site):
    return make_user(site, first_name="Omar")


@pytest.fixture
def charger():
    return make_product()


# ---------- stock ----------
def test_receive_count_and_move(charger, site, lake, omar):
    services.receive_stock(charger, site=site, quantity=10, reason="Don", key="in", by=omar)
    services.receive_stock(charger, site=site, quantity=10, reason="Don", key="in", by=omar)
    counted = services.count_stock(charger, site=site, counted=8, reason="Deux cassés", key="count", by=omar)
    services.move_stock(charger, source=site, target=lake, quantity=3, key="move", by=omar)
    services.move_stock(charger, source=site, target=lake, quantity=3, key="move", by=omar)
    assert (counted.quantity, counted.counted) == (-2, 8)
    assert (stock_at(site), stock_at(lake)) == ({charger.pk: 5}, {charger.pk: 3})
    assert [(one.here, one.elsewhere) for one in stocked_at(site)] == [(5, 3)]
    assert list(
        Entry.objects.filter(verb__startswith="stock.").order_by("pk").values_list("verb", flat=True)
    ) == ["stock.receive", "stock.count", "stock.move", "stock.move"]


def test_the_newest_movements_of_a_site_are_over_all_its_products(
    charger, site, lake, omar, clock, django_assert_num_queries
):
    card = make_product(name="Carte")
    for number, product in enumerate((charger, card, charger, charger, card, charger)):
        clock.move(minutes=1)
        services.receive_stock(
            product, site=site, quantity=number + 1, reason="Don", key=f"in-{number}", by=omar
        )
    services.receive_stock(charger, site=lake, quantity=90, reason="Don", key="lake", by=omar)
    for limit, newest in ((2, [6, 5]), (4, [6, 5, 4, 3]), (5, [6, 5, 4, 3, 2]), (30, [6, 5, 4, 3, 2, 1])):
        with django_assert_num_queries(2):
            assert [one.quantity for one in movements_at(site, limit=limit)] == newest
    assert [one.quantity for one in movements_at(site, card, limit=1)] == [5]


def test_a_count_that_is_right_needs_no_word(charger, site, omar):
    services.receive_stock(charger, site=site, quantity=2, key=key(), by=omar)
    assert services.count_stock(charger, site=site, counted=2, key=key(), by=omar).quantity == 0
    with pytest.raises(BusinessError) as error:
        services.count_stock(charger, site=site, counted=1, key=key(), by=omar)
    assert str(error.value) == "Il devrait y en avoir 2. Recomptez, ou écrivez pourquoi."
    assert error.value.field == "reason"


def test_no_more_is_moved_than_lies_there(charger, site, lake, omar):
    services.receive_stock(charger, site=site, quantity=2, key=key(), by=omar)
    with pytest.raises(BusinessError) as error:
        services.move_stock(charger, source=site, target=lake, quantity=3, key=key(), by=omar)
    assert error.value.field == "quantity"
    with pytest.raises(BusinessError) as error:
        services.move_stock(charger, source=site, target=site, quantity=1, key=key(), by=omar)
    assert error.value.field == "target"
    assert StockMovement.objects.count() == 1


@pytest.mark.parametrize("quantity", [0, -1, 100_001])
def test_receive_stock_takes_a_number_that_makes_sense(charger, site, omar, quantity):
    with pytest.raises(BusinessError) as error:
        services.receive_stock(charger, site=site, quantity=quantity, key=key(), by=omar)
    assert error.value.field == "quantity"


def test_what_has_no_stock_is_not_received(site, omar):
    with pytest.raises(BusinessError):
        services.receive_stock(make_product(is_stocked=False), site=site, quantity=1, key=key(), by=omar)


def test_low_at_names_what_this_site_sells(charger, site, lake, omar):
    services.receive_stock(charger, site=site, quantity=6, key=key(), by=omar)
    assert low_at(site) == []
    services.count_stock(charger, site=site, counted=5, reason="x", key=key(), by=omar)
    assert [(one.product, one.here) for one in low_at(site)] == [(charger, 5)]
    assert low_at(lake) == []


def test_a_sold_movement_names_its_line_says_the_database(charger, site, omar, now):
    services.receive_stock(charger, site=site, quantity=1, key=key(), by=omar)
    with pytest.raises(IntegrityError), transaction.atomic():
        StockMovement.objects.create(
            place=StockPlace.objects.get(), kind="sold", quantity=-1, key="forged", written_at=now
        )


# ---------- tills ----------
def test_one_till_at_a_time(site, lake, omar):
    till = services.open_till(site, float_amount=5000, key="a", by=omar)
    assert services.open_till(site, float_amount=5000, key="a", by=omar).pk == till.pk
    with pytest.raises(Conflict):
        services.open_till(site, float_amount=0, key="b", by=omar)
    assert services.open_till(lake, float_amount=0, key="c", by=omar).is_open
    assert Till.objects.count() == 2


def test_a_till_closes_on_its_count(site, omar):
    till = make_till(site, omar)
    closed = services.close_till(till, counted=5000, word="inutile", by=omar)
    assert (closed.counted, closed.word, closed.closed_by) == (5000, "", "Omar")
    assert services.close_till(till, counted=5000, by=omar).pk == till.pk
    with pytest.raises(Conflict):
        services.close_till(till, counted=4000, by=omar)


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        (4950, "Il manque 0,50 €. La caisse devrait avoir 50,00 €. Recomptez, ou écrivez pourquoi."),
        (5100, "Il y a 1,00 € de trop. La caisse devrait avoir 50,00 €. Recomptez, ou écrivez pourquoi."),
    ],
)
def test_a_difference_needs_a_word(site, omar, counted, said):
    till = make_till(site, omar)
    with pytest.raises(BusinessError) as error:
        services.close_till(till, counted=counted, by=omar)
    assert (error.value.field, str(error.value).replace("\u00a0", " ")) == ("word", said)
    services.close_till(till, counted=counted, word="Une pièce", by=omar)
    shown = till_shown(tills_of(site).get())
    assert (shown.difference, shown.till.word) == (counted - 5000, "Une pièce")


def test_till_shown_sums_what_happened_in_it(site, omar):
    till = make_till(site, omar)
    mariam = make_person(site, "Mariam")
    make_right(mariam, site, omar)
    product = make_product(is_stocked=False)
    first = sold(mariam, site, omar, product)
    sold(mariam, site, omar, product)
    sold(mariam, site, omar, product, payment="card")
    sold(mariam, site, omar, product, payment="voucher")
    services.refund_sale(first, reason="x", key=key(), by=omar)
    shown = till_shown(till)
    assert (shown.cash, shown.cash_taken, shown.card, shown.voucher) == (5300, 300, 300, 300)
    assert (shown.sales, shown.counter_entries, shown.difference) == (4, 1, None)


def test_a_float_beyond_reason_is_refused(site, omar):
    with pytest.raises(BusinessError) as error:
        services.open_till(site, float_amount=1_000_001, key=key(), by=omar)
    assert error.value.field == "float_amount"


# ---------- products, rules ----------
def test_a_name_is_on_sale_once(charger):
    with pytest.raises(Conflict) as error:
        make_product()
    assert error.value.field == "name"
    services.end_product(charger, by=KEEPER)
    make_product()
    with pytest.raises(Conflict):
        services.resume_product(charger, by=KEEPER)
    assert Product.objects.on_sale().count() == 1


def test_an_offer_is_of_its_range_and_a_top_up():
    card, other = make_range(), make_range("Autre")
    plan = make_offer(card, "Forfait", kind="plan", days=None)
    for line, offer in ((other, make_offer(card)), (card, plan)):
        with pytest.raises(BusinessError) as error:
            make_product("Recharge", "top_up", line=line, offer=offer)
        assert error.value.field == "offer"
    with pytest.raises(BusinessError) as error:
        make_product("Sac", line=card)
    assert error.value.field == "line"


def test_change_product_notes_which_fields(charger):
    services.change_product(charger, price=400, name="Chargeur", by=KEEPER)
    services.change_product(charger, price=400, by=KEEPER)
    assert Entry.objects.get(verb="product.change").fields == "price"


def test_rules_are_examples_until_someone_writes_them():
    assert (shop_rules().is_example, shop_rules().cap, shop_rules().right_months) == (True, 3000, 9)
    services.change_rules(cap=3000, by=KEEPER)
    assert shop_rules().is_example is False
    services.change_rules(cap=2500, period="rolling_30", by=KEEPER)
    rules = shop_rules()
    assert (rules.cap, rules.period) == (2500, "rolling_30")
    with pytest.raises(BusinessError) as error:
        services.change_rules(cap=1_000_001, by=KEEPER)
    assert error.value.field == "cap"
