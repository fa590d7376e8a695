"""Behind the second wall of PostgreSQL: who answers for privacy reads no file, and yet erases all of one."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from bagage.common import row_security
from bagage.people.models import ContactWay, Person
from bagage.permanences.models import Appointment
from bagage.referrals.models import Referral
from bagage.trail.models import Entry
from bagage.trail.registry import MARK
from tests.rights.world import HER_PHONE
from tests.safety.test_row_security import BACKEND, wall, world

__all__ = ["wall", "world"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="for PostgreSQL"),
]


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.BAGAGE_HOME = tmp_path
    return tmp_path


def client_of(user):
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def all_of(act):
    with row_security.wide("test"):
        return act()


@pytest.mark.parametrize("persona", ["administrator_here", "administrator_network", "programme_lead_here"])
def test_who_answers_for_privacy_erases_all_of_a_file(world, persona, now):
    Appointment.objects.update(state="cancelled")
    address = reverse("desk:person_erase", args=[world.person.uuid])
    client = client_of(world.users[persona])
    assert client.get(reverse("desk:person_privacy", args=[world.person.uuid])).status_code == 200
    assert client.get(address).status_code == 200
    response = client.post(address, {"wish": "on", "code": world.person.code})
    assert response.status_code == 302
    person = all_of(lambda: Person.objects.get(pk=world.person.pk))
    assert (person.chosen_name, person.erased_at is not None) == ("", True)
    assert all_of(lambda: set(ContactWay.objects.values_list("phone", flat=True))) == {MARK}
    assert all_of(lambda: Referral.objects.get(pk=world.referral.pk).words) == MARK
    assert Entry.objects.filter(verb="erase_file").count() == 1


def test_files_whose_time_is_over_are_found_over_all_sites(world, now):
    old = now - timedelta(days=900)
    Appointment.objects.update(state="cancelled")
    Person.objects.update(last_contact_at=old)
    Referral.objects.update(sent_at=old)
    world.journey.__class__.objects.update(opened_at=old)
    client = client_of(world.users["administrator_network"])
    assert "Effacer 1 dossier pour toujours" in client.get(reverse("desk:privacy")).content.decode()
    assert client.post(reverse("desk:privacy_run")).status_code == 302
    assert all_of(lambda: Person.objects.exclude(erased_at=None).count()) == 1


def test_all_that_is_handed_to_her_is_whole(world):
    client = client_of(world.users["adviser_here"])
    response = client.get(reverse("desk:person_export", args=[world.person.uuid]))
    told = json.loads(response.content)
    tables = {each["table"] for each in told["held"]}
    assert {"people.Person", "people.ContactWay", "referrals.Referral", "permanences.Appointment"} <= tables
    assert HER_PHONE in response.content.decode()
