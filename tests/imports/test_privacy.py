"""What a file held of someone goes with her; what was read of others stays."""

import pytest

from bagage.imports import services
from bagage.imports.models import Row
from bagage.people.models import Person, PersonReference
from bagage.trail.services import erase_persons
from tests.imports.factories import GOOD, Ground

pytestmark = pytest.mark.django_db


def test_an_erased_person_is_in_no_row_of_a_file(now):
    ground = Ground()
    batch = ground.read(*GOOD, "A3;Fatima;Zerrouki;1971;;;;")
    services.write_batch(batch, by=ground.lead)
    awa = Person.objects.get(chosen_name="Awa")
    erase_persons([awa.pk], reason="wish", by=ground.lead, at=now)
    rows = {row.number: row.values for row in Row.objects.filter(batch=batch)}
    assert rows[2] in ("", [], None)
    assert rows[3][1] == "Olena"
    batch.refresh_from_db()
    assert [column["values"] for column in batch.columns] == [[]] * 8
    assert PersonReference.objects.filter(reference="A1").count() == 0
