"""Tests that commit leave the database as they found it, the append-only trail included."""

import pytest
from django.db import DatabaseError, transaction

from bagage.accounts.models import Organisation
from bagage.skills.models import Item
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from bagage.trail.services import record

ACTOR = Actor("user", "00000000-0000-4000-8000-000000000001")


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_committing_test_finds_an_empty_trail_and_the_shipped_rows(turn):
    assert Entry.objects.count() == 0
    assert Organisation.objects.count() == 0
    assert Item.objects.count() == 15
    Organisation.objects.add_root(create_kwargs={"kind": "network", "name": "Réseau"})
    with transaction.atomic():
        record(ACTOR, "test.done")
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_trail_refuses_changes_again_after_a_committing_test():
    with transaction.atomic():
        entry = record(ACTOR, "test.done")
    with pytest.raises(DatabaseError):
        Entry.objects.filter(pk=entry.pk).update(verb="test.undone")
    with pytest.raises(DatabaseError):
        Entry.objects.filter(pk=entry.pk).delete()
