"""Every act of every activity leaves its row in the trail, or leaves nothing at all."""

import ast
from pathlib import Path

import pytest
from django.db import transaction

from bagage.common.errors import BusinessError
from bagage.people import services
from bagage.people.models import Person, PersonName
from bagage.trail.models import Entry, Segment
from bagage.trail.registry import all_declarations
from tests.people.factories import make_network, make_person, make_user

SOURCE = Path(__file__).resolve().parent.parent.parent / "src" / "bagage"
# The writing of the trail itself, by its names in the activities.
WRITES = {"record", "record_many", "record_reading"}
# What a service calls when it writes; a function without any of them only reads or computes.
CHANGES = {
    "create",
    "save",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
# Public functions of services that write, and whose row in the trail is left by whoever calls them, or that are no act.
PART, JOB, DRAFT = "a part of acts that leave theirs", "work of the machine", "nothing of it is in force yet"
WITHOUT_A_ROW = {
    "accounts/services.py:keep_answers": DRAFT,
    "accounts/services.py:user_of_api_token": "the day on which a token last served",
    "connection/services/catalogue.py:create_line": PART,
    "connection/services/catalogue.py:create_offer": PART,
    "connection/services/catalogue.py:create_terms": PART,
    "connection/services/catalogue.py:lock_catalogue": PART,
    "connection/services/catalogue.py:touch": PART,
    "connection/services/catalogue.py:write_line": PART,
    "connection/services/catalogue_imports.py:mend_import": DRAFT,
    "directory/services/comparing.py:compare_waiting": JOB,
    "directory/services/comparing.py:wait_for_comparison": PART,
    "directory/services/feeds.py:end_run": PART,
    "directory/services/feeds.py:take_back": PART,
    "directory/services/held.py:note_cut_off": JOB,
    "directory/services/likely.py:keep": PART,
    "directory/services/likely.py:propose_same": JOB,
    "directory/services/overlay.py:overlaid": PART,
    "directory/services/writing.py:write_services": PART,
    "equipment/services/_common.py:put_in_state": PART,
    "equipment/services/_common.py:write_event": PART,
    "equipment/services/_persons.py:end_reservation": PART,
    "imports/services/reading.py:check_batch": DRAFT,
    "imports/services/reading.py:decide_all": DRAFT,
    "imports/services/reading.py:decide_row": DRAFT,
    "imports/services/reading.py:mend_rows": DRAFT,
    "imports/services/reading.py:save_rows": DRAFT,
    "imports/services/reading.py:set_columns": DRAFT,
    "imports/services/reading.py:skip_row": DRAFT,
    "imports/services/reading.py:write_places": PART,
    "journeys/services/evidence.py:record_evidence": PART,
    "journeys/services/evidence.py:record_evidences": PART,
    "messaging/services.py:blank_messages": JOB,
    "messaging/services.py:cancel_messages": PART,
    "messaging/services.py:claim_message": JOB,
    "messaging/services.py:doubt_what_waited": JOB,
    "messaging/services.py:move_mail_to_paper": PART,
    "messaging/services.py:note_lost_claims": JOB,
    "people/services/bulk.py:open_files": PART,
    "people/services/files.py:rebuild_name_keys": PART,
    "referrals/services/links.py:confirm_email": "a code that was read in a mail, by someone without an account",
    "referrals/services/silence.py:fall_silent": PART,
    "referrals/services/steps.py:go": PART,
    "referrals/services/telling.py:take_back": PART,
    "shop/services/locks.py:locked_places": PART,
    "shop/services/stock.py:write_movement": PART,
    "skills/services.py:record_observation": PART,
    "skills/services.py:record_observations": PART,
}


def functions() -> dict[str, tuple[Path, ast.FunctionDef]]:
    """Every function at the top of a module of services, by its name."""
    found: dict[str, tuple[Path, ast.FunctionDef]] = {}
    for path in sorted(SOURCE.glob("*/services.py")) + sorted(SOURCE.glob("*/services/*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                found[f"{path.relative_to(SOURCE)}:{node.name}"] = (path, node)
    return found


def called(node: ast.AST) -> set[str]:
    """The names of all that a function calls."""
    names = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            target = each.func
            names.add(target.id if isinstance(target, ast.Name) else getattr(target, "attr", ""))
    return names


def reaching(goal: set[str]) -> set[str]:
    """The names of the functions that call one of these, directly or through others."""
    calls: dict[str, set[str]] = {}
    for _path, node in functions().values():
        calls.setdefault(node.name, set()).update(called(node))
    known = set(goal)
    while True:
        more = {name for name, names in calls.items() if name not in known and names & known}
        if not more:
            return known
        known |= more


def test_every_public_act_that_writes_reaches_the_trail():
    noted, writing = reaching(WRITES), reaching(CHANGES)
    wrong = [
        key
        for key, (_path, node) in functions().items()
        if not node.name.startswith("_") and node.name in writing and node.name not in noted
    ]
    assert sorted(set(wrong) - set(WITHOUT_A_ROW)) == []
    assert sorted(set(WITHOUT_A_ROW) - set(functions())) == []


# ---------- tried ----------


def everything() -> dict[str, int]:
    return {each.model: each.table._base_manager.count() for each in all_declarations()}


ACTS = {
    "open_file": lambda node, person, user: services.open_file(chosen_name="Awa", node=node, by=user),
    "correct_identity": lambda node, person, user: services.correct_identity(
        person, family_name="Autre", by=user
    ),
    "add_name": lambda node, person, user: services.add_name(person, "Fatou", by=user),
    "remove_name": lambda node, person, user: services.remove_name(
        PersonName.objects.create(person=person, text="Fatou", added_at=person.created_at), by=user
    ),
    "add_contact_way": lambda node, person, user: services.add_contact_way(person, kind="paper", by=user),
    "record_agreement": lambda node, person, user: services.record_agreement(
        person, "informed", "agreed", by=user
    ),
    "replace_card": lambda node, person, user: services.replace_card(person, by=user),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_succeeds_leaves_one_row(db, name):
    network = make_network()
    user = make_user(network.riquet)
    person = make_person(network.riquet, by=user)
    before = Entry.objects.count()
    ACTS[name](network.riquet, person, user)
    assert Entry.objects.count() == before + 1


@pytest.mark.parametrize("name", ACTS)
def test_an_act_whose_row_cannot_be_written_is_not_done(db, name, monkeypatch):
    network = make_network()
    user = make_user(network.riquet)
    person = make_person(network.riquet, by=user)
    before, who = everything(), Person.objects.values_list().get(pk=person.pk)

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Entry, "save", fail)
    with pytest.raises(OSError, match="no space"), transaction.atomic():
        ACTS[name](network.riquet, person, user)
    assert everything() == before
    assert Person.objects.values_list().get(pk=person.pk) == who


def test_an_act_that_is_refused_leaves_no_row(db):
    network = make_network()
    user = make_user(network.riquet)
    person = make_person(network.riquet, by=user)
    before = (Entry.objects.count(), list(Segment.objects.values_list("last_hash", flat=True)))
    with pytest.raises(BusinessError), transaction.atomic():
        services.correct_identity(person, birth_year=1500, by=user)
    assert (Entry.objects.count(), list(Segment.objects.values_list("last_hash", flat=True))) == before
