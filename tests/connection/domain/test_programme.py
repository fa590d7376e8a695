"""What the engine reads: every broken rule named with its file and place, and what is written reads back the same."""

import pytest

from bagage.connection.domain.money import half_up, read_money, write_money, write_unit_price
from bagage.connection.domain.programme import Refused, programme_as_json, read_person, read_programme


def catalogue(**offer):
    """One line with one top-up, some of its fields replaced; None takes a field out."""
    told = {
        "id": "lc-5",
        "name": "Recharge 5",
        "kind": "top_up",
        "price": "5.00",
        "validity_days": 7,
        "allowances": {"sms": "unlimited"},
        "credit": "5.00",
        "requires": ["identity_document", ["email", "smartphone"]],
        **offer,
    }
    told = {key: value for key, value in told.items() if value is not None}
    return {
        "lines": [
            {
                "id": "card",
                "operator": "Exemple",
                "name": "La Carte",
                "sim_price": "10.00",
                "unit_prices": {"voice_min": "0.55"},
                "offers": [told],
            }
        ]
    }


def refused(read, *given):
    with pytest.raises(Refused) as caught:
        read(*given)
    return [(each.place, each.code) for each in caught.value.problems]


def test_money_is_read_exactly():
    assert [read_money(each) for each in ("5.00", "5", "0.1", 7)] == [500, 500, 10, 700]
    assert read_money("0.0005", 4) == 5


@pytest.mark.parametrize("text", ["-1", "1.234", "1,50", "", "1e3", "NaN", True, None, [], "10000001"])
def test_money_of_something_else_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read_money(text)


def test_money_is_written_as_it_is_read():
    assert [write_money(each) for each in (1083, 5, 0, -5)] == ["10.83", "0.05", "0.00", "-0.05"]
    assert [write_unit_price(each) for each in (5500, 5, 12345)] == ["0.55", "0.0005", "1.2345"]


def test_half_is_rounded_up():
    assert [half_up(*each) for each in ((5, 10), (4, 10), (15, 10), (-5, 10))] == [1, 0, 2, -1]


def test_programme_reads_back_the_same():
    read = read_programme(catalogue())
    assert read_programme(programme_as_json(read)) == read
    assert read.lines[0].offers[0].requires == (
        frozenset({"identity_document"}),
        frozenset({"email", "smartphone"}),
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"price": "5.005"}, ("lines[0].offers[0].price", "money")),
        ({"price": "0.00"}, ("lines[0].offers[0].price", "above_zero")),
        ({"price": None}, ("lines[0].offers[0].price", "required")),
        ({"validity_days": None}, ("lines[0].offers[0].validity_days", "required")),
        ({"validity_days": 0}, ("lines[0].offers[0].validity_days", "range")),
        ({"kind": "loan"}, ("lines[0].offers[0].kind", "kind")),
        ({"allowances": {"sms": -1}}, ("lines[0].offers[0].allowances.sms", "range")),
        ({"allowances": {"sms": 1.5}}, ("lines[0].offers[0].allowances.sms", "whole")),
        ({"allowances": {"fax": 1}}, ("lines[0].offers[0].allowances.fax", "unknown_key")),
        ({"requires": ["passport"]}, ("lines[0].offers[0].requires[0]", "condition")),
        ({"requires": [[]]}, ("lines[0].offers[0].requires[0]", "alternatives")),
        ({"overage": {"sms": "0.10"}}, ("lines[0].offers[0].overage", "top_up")),
        ({"verified_on": "24/11/2026"}, ("lines[0].offers[0].verified_on", "date")),
        ({"unknown": [["x"]]}, ("lines[0].offers[0].unknown[0]", "field")),
        ({"colour": "blue"}, ("lines[0].offers[0].colour", "unknown_key")),
    ],
)
def test_programme_that_breaks_a_rule_names_the_place(change, problem):
    assert refused(read_programme, catalogue(**change)) == [problem]


def test_programme_tells_all_its_problems_at_once():
    assert refused(read_programme, catalogue(price="x", validity_days="week")) == [
        ("lines[0].offers[0].validity_days", "whole"),
        ("lines[0].offers[0].validity_days", "range"),
        ("lines[0].offers[0].price", "money"),
    ]


@pytest.mark.parametrize("data", [[], {}, {"lines": []}, {"lines": [{"id": "a", "offers": []}]}, None])
def test_programme_without_an_offer_is_refused(data):
    assert refused(read_programme, data) != []


def test_programme_with_two_offers_of_one_id_is_refused():
    twice = catalogue()
    twice["lines"].append({**twice["lines"][0], "id": "other"})
    assert refused(read_programme, twice) == [("lines[1].offers[0].id", "twice")]


def test_offer_of_which_the_source_does_not_say_all_needs_no_validity():
    read = read_programme(catalogue(validity_days=None, unknown=["validity_days"]))
    assert read.lines[0].offers[0].unknown == ("validity_days",)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, ("usage", "required")),
        ({"usage": {"sms": -1}}, ("usage.sms", "range")),
        ({"usage": {"fax": 1}}, ("usage.fax", "unknown_key")),
        ({"usage": {}, "has": ["car"]}, ("has[0]", "condition")),
        ({"usage": {}, "has": "email"}, ("has", "list")),
        ({"usage": {}, "max_payment": "-1"}, ("max_payment", "money")),
        ({"usage": {}, "horizon_days": 0}, ("horizon_days", "horizon")),
        ({"usage": {}, "horizon_days": 361}, ("horizon_days", "horizon")),
        ({"usage": {}, "current": {}}, ("current.pays_per_month", "required")),
        ({"usage": {}, "name": "Mariam"}, ("name", "unknown_key")),
    ],
)
def test_person_that_breaks_a_rule_names_the_place(data, problem):
    assert refused(read_person, data) == [problem]


def test_person_has_the_usual_horizon_and_lacks_what_she_does_not_say():
    person = read_person({"usage": {"sms": 3}, "has": ["email"], "max_payment": "10.00"})
    assert person.horizon_days == 90
    assert person.usage == {"voice_min": 0, "sms": 3, "data_mb": 0}
    assert person.lacks == (
        "bank_account",
        "fixed_address",
        "identity_document",
        "internet_access",
        "smartphone",
        "max_payment",
    )
