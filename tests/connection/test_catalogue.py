"""Offers begin, end and are replaced; what is on sale on a day; what asks to be verified."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.connection.domain.catalogue import changed_fields, compare, plan_import
from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Programme
from bagage.connection.models import Line, LineTerms, Offer
from bagage.connection.queries.catalogue import (
    announced_codes,
    catalogue_figures,
    catalogue_on,
    catalogue_stamp,
    offers_to_verify,
    programme_on,
)
from bagage.connection.services import catalogue as services
from bagage.connection.services.catalogue_imports import load_example
from bagage.trail.models import Entry
from tests.connection.factories import KEEPER, START, make_line, make_offer, sold_line, sold_offer

TODAY = date(2026, 11, 26)
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def line(db, now):
    return make_line()


@pytest.fixture
def offer(line):
    return make_offer(line)


def codes(day: date) -> list[str]:
    return [offer.id for line in programme_on(day).lines for offer in line.offers]


def price(day: date) -> int:
    return programme_on(day).lines[0].offers[0].price


def verbs() -> list[str]:
    return list(
        Entry.objects.filter(verb__startswith="catalogue.").order_by("pk").values_list("verb", flat=True)
    )


# ---------- what is sold on a day ----------


def test_programme_on_reads_what_was_written(line):
    offer = sold_offer(
        "plan-5",
        kind="plan",
        validity_days=None,
        overage={"data_mb": 5},
        commitment_months=12,
        requires=(frozenset({"bank_account"}), frozenset({"fixed_address", "social_referral"})),
    )
    services.add_offer(line, offer, begins_on=START, by=KEEPER)
    assert programme_on(TODAY) == Programme((replace(sold_line(), offers=(offer,)),))


def test_programme_on_costs_three_queries_whatever_its_size(line, django_assert_num_queries):
    make_offer(line)
    with django_assert_num_queries(3):
        programme_on(TODAY)
    for number in range(2):
        make_offer(make_line(f"carte-{number}"), f"autre-{number}")
    with django_assert_num_queries(3):
        assert codes(TODAY) == ["carte-5", "autre-0", "autre-1"]


def test_programme_on_leaves_out_history_ended_coming_and_empty_lines(line, now):
    make_line("vide")
    make_offer(line, "sold")
    services.end_offer(make_offer(line, "ended"), ends_on=TODAY, by=KEEPER)
    make_offer(line, "coming", begins_on=TOMORROW)
    Offer.objects.create(line=line, code="old", name="old", kind="plan", is_history=True, created_at=now)
    assert codes(TODAY) == ["sold"]
    assert [each.id for each in catalogue_on(TODAY).lines] == ["carte", "vide"]


def test_offer_is_sold_until_the_day_before_its_end(offer):
    services.end_offer(offer, ends_on=TODAY, by=KEEPER)
    assert (codes(YESTERDAY), codes(TODAY)) == (["carte-5"], [])


def test_unknown_detail_makes_the_whole_field_unknown_for_the_engine(line, now):
    row = Offer(line=line, code="x", kind="top_up", unknown=["allowances.sms", "allowances.data_mb", "price"])
    assert row.as_sold.unknown == ("allowances", "price")


# ---------- the stamp ----------


def test_stamp_changes_with_every_act(line):
    seen = [catalogue_stamp()]

    def differs() -> bool:
        seen.append(catalogue_stamp())
        return len(set(seen)) == len(seen)

    offer = make_offer(line)
    assert differs()
    services.verify_offer(offer, by=KEEPER)
    assert differs()
    replaced = services.replace_offer(offer, sold_offer(price=600), begins_on=TODAY, by=KEEPER)
    assert differs()
    services.end_offer(replaced, ends_on=TODAY, by=KEEPER)
    assert differs()
    services.change_line(line, sold_line(sim_price=900), begins_on=TODAY, by=KEEPER)
    assert differs()
    services.end_line(line, ends_on=TODAY, by=KEEPER)
    assert differs()


def test_stamp_is_empty_without_a_catalogue(db):
    assert catalogue_stamp() == ""


def test_stamp_stays_when_an_act_is_refused(offer):
    before = catalogue_stamp()
    with pytest.raises(BusinessError):
        services.replace_offer(offer, sold_offer(), begins_on=TODAY, by=KEEPER)
    assert catalogue_stamp() == before


# ---------- offers ----------


def test_offer_replaced_ends_and_another_begins(offer):
    made = services.replace_offer(offer, sold_offer(price=600), begins_on=TODAY, by=KEEPER)
    offer.refresh_from_db()
    assert (offer.ends_on, made.begins_on, made.replaces, made.code) == (TODAY, TODAY, offer, offer.code)
    assert (offer.price, price(YESTERDAY), price(TODAY)) == (500, 500, 600)
    assert verbs() == ["catalogue.add_line", "catalogue.add_offer", "catalogue.replace_offer"]
    assert Entry.objects.order_by("-pk").first().fields == "price"


def test_offer_replaced_twice_is_refused(offer):
    services.replace_offer(offer, sold_offer(price=600), begins_on=TODAY, by=KEEPER)
    with pytest.raises(Conflict):
        services.replace_offer(offer, sold_offer(price=700), begins_on=TODAY, by=KEEPER)
    assert Offer.objects.count() == 2


def test_offer_replaced_by_the_same_is_refused(offer):
    with pytest.raises(BusinessError, match="Rien n’a changé"):
        services.replace_offer(offer, sold_offer(verified_on="2026-11-26"), begins_on=TODAY, by=KEEPER)


def test_offer_replaced_before_it_began_is_refused(offer):
    with pytest.raises(BusinessError) as refused:
        services.replace_offer(offer, sold_offer(price=600), begins_on=START - timedelta(days=1), by=KEEPER)
    assert refused.value.field == "begins_on"


def test_offer_corrected_the_day_it_began_was_never_sold(line):
    wrong = make_offer(line, begins_on=TODAY, price=5000)
    services.replace_offer(wrong, sold_offer(), begins_on=TODAY, by=KEEPER)
    assert (price(TODAY), codes(TODAY)) == (500, ["carte-5"])


def test_offer_replaced_keeps_its_place(line):
    first = make_offer(line, "first")
    make_offer(line, "second")
    services.replace_offer(first, sold_offer("first", price=600), begins_on=TODAY, by=KEEPER)
    assert codes(TODAY) == ["first", "second"]


def test_offer_with_a_code_that_is_sold_is_refused(offer, line):
    with pytest.raises(BusinessError) as refused:
        make_offer(line)
    assert (refused.value.field, Offer.objects.count()) == ("code", 1)


def test_offer_may_take_up_a_code_that_is_free_again(offer, line):
    services.end_offer(offer, ends_on=YESTERDAY, by=KEEPER)
    make_offer(line, begins_on=TODAY, price=700)
    assert (price(START), codes(YESTERDAY), price(TODAY)) == (500, [], 700)


def test_offer_on_an_ended_line_is_refused(line):
    services.end_line(line, ends_on=TODAY, by=KEEPER)
    with pytest.raises(BusinessError):
        make_offer(line)


def test_offer_ended_before_it_began_is_refused(offer):
    with pytest.raises(BusinessError) as refused:
        services.end_offer(offer, ends_on=START - timedelta(days=1), by=KEEPER)
    assert refused.value.field == "ends_on"


def test_offer_ended_twice_is_refused(offer):
    services.end_offer(offer, ends_on=TODAY, by=KEEPER)
    with pytest.raises(Conflict):
        services.end_offer(offer, ends_on=TOMORROW, by=KEEPER)


def test_end_that_is_to_come_can_be_moved_or_taken_away(offer):
    services.end_offer(offer, ends_on=TOMORROW, by=KEEPER)
    services.end_offer(offer, ends_on=TODAY + timedelta(days=9), by=KEEPER)
    assert codes(TODAY + timedelta(days=8)) == ["carte-5"]
    services.end_offer(offer, ends_on=None, by=KEEPER)
    assert codes(TODAY + timedelta(days=999)) == ["carte-5"]


def test_end_stays_once_another_offer_follows(offer, line):
    services.end_offer(offer, ends_on=TOMORROW, by=KEEPER)
    make_offer(line, begins_on=TODAY + timedelta(days=5), price=700)
    for ends_on in (None, TODAY + timedelta(days=6)):
        with pytest.raises(BusinessError):
            services.end_offer(offer, ends_on=ends_on, by=KEEPER)
    services.end_offer(offer, ends_on=TODAY + timedelta(days=5), by=KEEPER)


def test_end_of_a_replaced_offer_stays(offer):
    services.replace_offer(offer, sold_offer(price=600), begins_on=TOMORROW, by=KEEPER)
    with pytest.raises(Conflict):
        services.end_offer(offer, ends_on=None, by=KEEPER)


def test_offer_of_an_ended_line_stays_ended(offer, line):
    services.end_line(line, ends_on=TOMORROW, by=KEEPER)
    with pytest.raises(BusinessError):
        services.end_offer(offer, ends_on=None, by=KEEPER)


def test_database_refuses_two_open_offers_of_one_code(offer):
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(
            line=offer.line, code=offer.code, name="x", kind="plan", price=1, begins_on=TODAY,
            created_at=offer.created_at,
        )  # fmt: skip


@pytest.mark.parametrize(
    "fields", [{"price": 0}, {"kind": "gift"}, {"begins_on": None}, {"ends_on": START - timedelta(days=1)}]
)
def test_database_refuses(offer, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(**fields)


# ---------- lines ----------


def test_line_with_a_code_that_is_taken_is_refused(line):
    with pytest.raises(BusinessError) as refused:
        make_line()
    assert (refused.value.field, Line.objects.count()) == ("code", 1)


def test_line_changed_has_other_terms_from_that_day(line, offer):
    services.change_line(
        line, sold_line(sim_price=500, unit_prices={"sms": 1000}), begins_on=TODAY, by=KEEPER
    )
    sold = [programme_on(day).lines[0] for day in (YESTERDAY, TODAY)]
    assert [(each.sim_price, dict(each.unit_prices)) for each in sold] == [(1000, {}), (500, {"sms": 1000})]
    assert Entry.objects.order_by("-pk").first().fields == "sim_price,unit_prices"


def test_line_renamed_keeps_its_terms(line):
    services.change_line(line, sold_line(operator="Autre"), begins_on=TODAY, by=KEEPER)
    assert (Line.objects.get().operator, LineTerms.objects.count()) == ("Autre", 1)


def test_line_changed_into_the_same_is_refused(line):
    with pytest.raises(BusinessError):
        services.change_line(line, sold_line(), begins_on=TODAY, by=KEEPER)


def test_line_changed_before_its_terms_began_is_refused(line):
    with pytest.raises(BusinessError) as refused:
        services.change_line(line, sold_line(sim_price=1), begins_on=START - timedelta(days=1), by=KEEPER)
    assert refused.value.field == "begins_on"


def test_line_ended_takes_its_offers_with_it(line, offer):
    make_offer(line, "coming", begins_on=TOMORROW)
    services.end_line(line, ends_on=TODAY, by=KEEPER)
    assert (codes(YESTERDAY), codes(TODAY), codes(TOMORROW)) == (["carte-5"], [], [])
    assert catalogue_on(TODAY).lines == ()
    with pytest.raises(Conflict):
        services.end_line(line, ends_on=TODAY, by=KEEPER)


def test_line_comes_back_with_new_terms(line, offer):
    services.end_line(line, ends_on=YESTERDAY, by=KEEPER)
    services.change_line(line, sold_line(), begins_on=TODAY, by=KEEPER)
    make_offer(line, begins_on=TODAY)
    assert (codes(YESTERDAY), codes(TODAY)) == ([], ["carte-5"])


# ---------- verifying ----------


def test_offers_to_verify_are_those_of_more_than_sixty_days(line):
    make_offer(line, "fresh", verified_on=(TODAY - timedelta(days=60)).isoformat())
    make_offer(line, "stale", verified_on=(TODAY - timedelta(days=61)).isoformat())
    make_offer(line, "older", verified_on=(TODAY - timedelta(days=90)).isoformat())
    make_offer(line, "never", verified_on="")
    ended = make_offer(line, "ended", verified_on="2026-01-01")
    services.end_offer(ended, ends_on=TODAY, by=KEEPER)
    found = [each.code for each in offers_to_verify(TODAY)]
    assert sorted(found) == ["never", "older", "stale"]
    assert found.index("older") < found.index("stale")


def test_offers_to_verify_follow_the_setting(line, settings):
    make_offer(line, verified_on=(TODAY - timedelta(days=10)).isoformat())
    settings.CATALOGUE_VERIFY_DAYS = 9
    assert [each.code for each in offers_to_verify(TODAY)] == ["carte-5"]


def test_offer_verified_is_not_edited(line, now):
    offer = make_offer(line, verified_on="2026-01-01")
    services.verify_offer(offer, by=KEEPER)
    offer.refresh_from_db()
    assert (offer.verified_on, Offer.objects.count(), list(offers_to_verify(TODAY))) == (TODAY, 1, [])
    assert verbs()[-1] == "catalogue.verify_offer"


def test_offer_that_is_over_cannot_be_verified(line):
    offer = services.end_offer(make_offer(line), ends_on=TODAY, by=KEEPER)
    with pytest.raises(Conflict):
        services.verify_offer(offer, by=KEEPER)


def test_figures_count_what_is_sold(line):
    make_offer(line, "ok")
    make_offer(line, "unknown", validity_days=None, unknown=("validity_days",))
    services.end_offer(make_offer(line, "ended"), ends_on=TODAY, by=KEEPER)
    figures = catalogue_figures(TODAY)
    assert (figures.lines, figures.sold, figures.to_check, figures.history) == (1, 2, 1, 0)


def test_announced_codes_are_those_of_later_offers(line):
    make_offer(line, "now")
    make_offer(line, "later", begins_on=TOMORROW)
    assert announced_codes(TODAY) == {"later"}


# ---------- two catalogues ----------


def one(*offers, **line) -> Programme:
    return Programme((replace(sold_line(**line), offers=offers),))


def test_compare_tells_each_offer_once():
    before = one(
        sold_offer("same"),
        sold_offer("dearer"),
        sold_offer("cheaper"),
        sold_offer("other"),
        sold_offer("gone"),
    )
    after = one(
        sold_offer("same", verified_on="2026-11-26"),
        sold_offer("dearer", price=600, credit=100),
        sold_offer("cheaper", price=400),
        sold_offer("other", requires=()),
        sold_offer("new"),
    )
    found = compare(before, after)
    told = [
        [offer.id for _, offer in found.began],
        [offer.id for _, offer in found.ended],
        [(each.after.id, each.price_step, each.fields) for each in found.dearer],
        [(each.after.id, each.price_step) for each in found.cheaper],
        [(each.after.id, each.fields) for each in found.otherwise],
    ]
    assert told == [
        ["new"],
        ["gone"],
        [("dearer", 100, ("price", "credit"))],
        [("cheaper", -100)],
        [("other", ("requires",))],
    ]
    assert (found.same, found.is_empty, found.lines) == (1, False, ())


def test_compare_tells_other_terms_of_a_line():
    found = compare(one(sold_offer()), one(sold_offer(), sim_price=1, monthly_cap=3000))
    assert [each.fields for each in found.lines] == [("sim_price", "monthly_cap")]


def test_compare_of_the_same_is_empty():
    assert compare(one(sold_offer()), one(sold_offer())).is_empty


def test_order_of_conditions_is_no_change():
    one_way = sold_offer(requires=(frozenset({"email"}), frozenset({"bank_account", "smartphone"})))
    other_way = sold_offer(requires=(frozenset({"smartphone", "bank_account"}), frozenset({"email"})))
    assert changed_fields(one_way, other_way) == ()


def test_price_that_becomes_known_is_neither_dearer_nor_cheaper():
    found = compare(one(sold_offer(price=0, unknown=("price",))), one(sold_offer()))
    assert [each.fields for each in found.otherwise] == [("price", "unknown")]


def test_plan_sorts_what_a_file_holds():
    current = one(sold_offer("same"), sold_offer("changed"), sold_offer("checked"), sold_offer("untouched"))
    file = Programme(
        (
            replace(
                sold_line(),
                offers=(
                    sold_offer("same"),
                    sold_offer("changed", price=1),
                    sold_offer("checked", verified_on="2026-11-26"),
                    sold_offer("later"),
                ),
            ),
            SoldLine("autre", "Autre", "", 0, (sold_offer("new"), sold_offer("untouched"))),
        )
    )
    plan = plan_import(current, {"later"}, file)
    assert [line.id for line in plan.new_lines] == ["autre"]
    assert [offer.id for _, offer in plan.added] == ["new"]
    assert [each.after.id for each in plan.replaced] == ["changed"]
    assert [offer.id for _, offer in plan.verified] == ["checked"]
    assert [offer.id for _, offer in plan.aside] == ["later", "untouched"]
    assert (plan.same, plan.is_empty) == (1, False)


def test_example_has_a_line_for_each_obstacle(db, now):
    load_example(by=KEEPER)
    programme = programme_on(TODAY)
    asked = {
        code for line in programme.lines for offer in line.offers for item in offer.requires for code in item
    }
    assert asked == {
        "bank_account", "fixed_address", "email", "identity_document", "internet_access", "smartphone",
        "social_referral", "local_residence", "income_proof",
    }  # fmt: skip
    assert "inventé" in programme.about
    assert {offer.source for line in programme.lines for offer in line.offers} == {"exemple inventé"}
    assert [line.operator for line in programme.lines if "exemple" not in line.operator] == []
