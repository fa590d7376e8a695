"""Offers of other times: read where the source is clear, unknown where it is not, never ranked."""

from datetime import date

import pytest

from bagage.connection.domain.history import COLUMNS, read_history
from bagage.connection.models import Line, Offer
from bagage.connection.queries.catalogue import catalogue_on, offers_to_verify, programme_on
from bagage.connection.services.catalogue_history import history_rows, load_offer_history
from bagage.trail.models import Entry
from tests.connection.factories import KEEPER

TODAY = date(2026, 11, 26)


def read(**cells: str):
    row = dict.fromkeys(COLUMNS, "") | {"kind": "prepaid", "price_eur": "5", "validity_days": "7"} | cells
    [offer] = read_history([row])
    return offer


def test_history_holds_every_row_with_its_source():
    rows = history_rows()
    assert (len(rows), len({row.code for row in rows})) == (62, 62)
    assert [row.code for row in rows if not row.source or row.source == "same as above"] == []


def test_row_that_is_clear_is_read_whole():
    row = history_rows()[0]
    assert (row.operator, row.price, row.validity_days, row.credit) == ("SFR", 500, 7, 500)
    assert (row.unit_prices, row.allowances) == ({"voice_min": 5500}, {})
    assert row.requires == ("identity_document",)
    assert row.unknown == ("unit_prices.sms", "unit_prices.data_mb")


def test_plan_with_a_price_beyond_is_read():
    row = next(each for each in history_rows() if each.name == "Forfait 2 EUR (from Dec 2013)")
    assert (row.kind, row.price, row.allowances) == (
        "plan",
        200,
        {"voice_min": 120, "sms": None, "data_mb": 50},
    )
    assert (row.overage, row.requires) == ({"data_mb": 500}, ("bank_account", "fixed_address", "email"))


@pytest.mark.parametrize(
    ("cells", "unknown"),
    [
        ({"price_eur": "2.50-13"}, "price"),
        ({"price_eur": ""}, "price"),
        ({"validity_days": "unknown"}, "validity_days"),
        ({"calls_min": "unlimited (implied)"}, "allowances.voice_min"),
        ({"calls_min": "40 minimum"}, "allowances.voice_min"),
        ({"sms": "unknown"}, "allowances.sms"),
        ({"data_mb": ""}, "allowances.data_mb"),
        ({"data_mb": "credit"}, "credit"),
        ({"calls_min": "credit", "unit_rates": "0.15/min + connection fee"}, "unit_prices.voice_min"),
        ({"requires_bank_account": "no (inferred)"}, "requires.bank_account"),
        ({"requires_id": "yes (2026; 2011 unknown)"}, "requires.identity_document"),
    ],
)
def test_what_is_not_clear_is_unknown(cells, unknown):
    sure = {"calls_min": "0", "sms": "0", "data_mb": "0", "requires_bank_account": "no", "requires_id": "no"}
    assert unknown not in read(**sure).unknown
    assert unknown in read(**sure | cells).unknown


def test_source_of_the_row_above_is_taken():
    rows = [dict.fromkeys(COLUMNS, "") | {"source": source} for source in ("a page", "same as above")]
    assert [row.source for row in read_history(rows)] == ["a page", "a page"]


@pytest.mark.django_db
def test_history_is_loaded_once_and_never_ranked(now, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        assert load_offer_history(by=KEEPER) == 62
    assert load_offer_history(by=KEEPER) == 0
    assert (Offer.objects.history().count(), Offer.objects.on(TODAY).count()) == (62, 0)
    assert (programme_on(TODAY).lines, catalogue_on(TODAY).lines, list(offers_to_verify(TODAY))) == (
        (),
        (),
        [],
    )
    assert Entry.objects.filter(verb="catalogue.load_history").count() == 1
    assert Line.objects.filter(terms__isnull=False).count() == 0


@pytest.mark.django_db
def test_history_keeps_the_words_of_its_source(now):
    load_offer_history(by=KEEPER)
    offer = Offer.objects.get(code="history-052")
    assert offer.as_written["row"]["price_eur"] == "2.50-13"
    assert (offer.price, offer.begins_on, offer.ends_on, offer.verified_on) == (None, None, None, None)
