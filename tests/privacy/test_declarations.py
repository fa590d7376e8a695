"""Every table and every text field of the project is declared: what it holds, why, and what goes with her."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from bagage.accounts.domain.roles import Ability
from bagage.trail.registry import (
    MACHINE_FIELDS,
    PERSON,
    STAFF_FIELDS,
    Declaration,
    all_declarations,
    all_processings,
    declare,
    of_persons,
    text_fields,
    unsaid,
)

# Tables of Django itself that hold words of the code, not of people.
OF_DJANGO = {"auth.Permission", "auth.Group", "auth.Group_permissions", "contenttypes.ContentType"}
TABLES = [model for model in apps.get_models(include_auto_created=True) if model._meta.label not in OF_DJANGO]


def paths_to_person(model: type[models.Model], seen: tuple[type[models.Model], ...] = ()) -> Iterator[str]:
    """Each way by foreign keys from a row of ``model`` to a person."""
    for each in model._meta.concrete_fields:
        target = each.related_model if isinstance(each, models.ForeignKey) else None
        if target is None or target is model or target in seen:
            continue
        if target._meta.label == PERSON:
            yield each.name
        else:
            for rest in paths_to_person(target, (*seen, model)):
                yield f"{each.name}__{rest}"


def declared() -> dict[str, Declaration]:
    return {each.model: each for each in all_declarations()}


def test_every_table_is_declared():
    assert sorted(model._meta.label for model in TABLES if model._meta.label not in declared()) == []


def test_every_declaration_is_of_a_table():
    assert sorted(set(declared()) - {model._meta.label for model in TABLES}) == []


def test_every_table_that_leads_to_a_person_says_by_which_way():
    wrong = {}
    for model in TABLES:
        ways = set(paths_to_person(model))
        said = declared()[model._meta.label]
        told = {said.person, *said.also} - {"", "pk"}
        if (ways and not told) or told - ways:
            wrong[model._meta.label] = (sorted(ways), sorted(told))
    assert wrong == {}


def test_every_text_field_is_declared():
    wrong = {model._meta.label: names for model in TABLES if (names := list(unsaid(model)))}
    assert wrong == {}


def test_no_field_is_declared_that_a_table_has_not():
    wrong = {}
    for each in all_declarations():
        names = {place.name for place in each.table._meta.get_fields()}
        told = {
            *each.personal,
            *each.plain,
            *each.export,
            *each.erase,
            *filter(None, [each.contact, each.strays]),
        }
        if told - names:
            wrong[each.model] = sorted(told - names)
    assert wrong == {}


def test_no_field_is_both_hers_and_nobodys():
    wrong = {
        each.model: sorted(set(each.personal) & set(each.plain))
        for each in all_declarations()
        if set(each.personal) & set(each.plain)
    }
    assert wrong == {}


def test_what_goes_is_said_of_personal_fields_alone():
    wrong = {each.model: sorted(set(each.erase) - set(each.personal)) for each in all_declarations()}
    assert {model: names for model, names in wrong.items() if names} == {}


def test_every_text_that_is_hers_is_given_to_her():
    # What a machine alone reads, or what was drawn from something that is given, says nothing more.
    derived = {
        "people.Attachment": {"about", "digest", "path"},
        "people.NameKey": {"word", "sound", "skeleton"},
        "journeys.JourneyExit": {"bag"},
        "equipment.Handover": {"language", "checks"},
        "messaging.Message": {"html", "last_error"},
        "imports.Row": {"errors", "alike", "written"},
        "referrals.Referral": {"code", "commune_code"},
        "referrals.ReferralMessage": {"choices"},
        "referrals.Onward": {"code", "email", "despite_reason"},
        "permanences.SessionBooking": {"first_name"},
        "shop.StockMovement": {"reason"},
    }
    wrong = {}
    for each in of_persons():
        hers = set(text_fields(each.table)) - set(each.plain) - STAFF_FIELDS - MACHINE_FIELDS
        left = hers - set(each.export) - derived.get(each.model, set())
        if left:
            wrong[each.model] = sorted(left)
    assert wrong == {}


def test_every_table_of_persons_says_what_and_why():
    assert [each.model for each in of_persons() if not (each.what and each.why)] == []
    assert [each.model for each in all_declarations() if not each.what] == []


def test_every_table_is_held_for_a_declared_purpose():
    known = {each.name for each in all_processings()}
    assert {each.model: each.processing for each in all_declarations() if each.processing not in known} == {}
    used = {each.processing for each in all_declarations()}
    assert sorted(known - used) == []


def test_every_purpose_says_why_by_what_right_and_who_reads_it():
    wrong = [each.name for each in all_processings() if not (each.title and each.purpose and each.basis)]
    assert wrong == []
    abilities = {ability.value for ability in Ability}
    assert {each.name: set(each.recipients) - abilities for each in all_processings()} == {
        each.name: set() for each in all_processings()
    }


def test_what_holds_an_erasure_back_is_said():
    assert [each.model for each in all_declarations() if each.holds_back and not each.held_words] == []


def test_a_table_is_declared_once():
    with pytest.raises(ValueError, match=r"people.Person is declared twice"):
        declare(Declaration("people.Person"))


def test_references_in_messages_are_those_of_declared_things():
    # "kind:uuid" in a message leads to what it is about: each kind that is written is the word of a table.
    things = {each.thing for each in all_declarations() if each.thing}
    written = {"referral", "onward", "seat", "appointment", "held_line", "person"}
    assert sorted(written - things) == []
