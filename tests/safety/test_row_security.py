"""The second wall: with every filter taken out, the database still shows a signed-in reader nothing of another site."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from bagage.common import row_security
from bagage.people.models import Following, Person, PersonQuerySet
from bagage.people.services import open_file
from bagage.trail.registry import all_declarations, of_persons
from tests.rights.world import HER_NAME, SECRETS, build_world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="for PostgreSQL"),
]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def wall(settings):
    """The wall, and a role that cannot walk through it, for the length of this test's transaction."""
    settings.ROW_SECURITY = True
    row_security.install()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            cursor.execute("CREATE ROLE bagage_plain_reader")
            cursor.execute("GRANT USAGE ON SCHEMA public TO bagage_plain_reader")
            cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO bagage_plain_reader")
            cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO bagage_plain_reader")
        cursor.execute("SELECT set_config('bagage.reads', 'everything', false)")
    become("plain")


def become(kind: str) -> None:
    """Work as the role that made the tables, or as the plain one if that one is a superuser."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if kind == "plain" and cursor.fetchone()[0]:
            cursor.execute("SET ROLE bagage_plain_reader")


@pytest.fixture
def world(wall, now):
    return build_world(now)


@pytest.fixture
def unfiltered(monkeypatch):
    """Every filter of scope is forgotten."""
    monkeypatch.setattr(PersonQuerySet, "visible_to", lambda self, user, now=None: self)
    monkeypatch.setattr(PersonQuerySet, "followed_in", lambda self, nodes, now: self)


def read(user, act):
    """What ``act`` gives to a page of this user."""
    with row_security.guarded(None if user is None else user.pk):
        return act()


def persons():
    return Person.objects.count()


def test_a_reader_sees_whom_her_nodes_follow(world):
    seen = {
        persona: read(world.users[persona], persons)
        for persona in (
            "adviser_here", "programme_lead_network", "adviser_elsewhere", "programme_lead_elsewhere",
            "administrator_elsewhere", "logistics_elsewhere", "referrer_elsewhere",
        )
    }  # fmt: skip
    assert seen == {
        "adviser_here": 1,
        "programme_lead_network": 1,
        "adviser_elsewhere": 0,
        "programme_lead_elsewhere": 0,
        "administrator_elsewhere": 0,
        "logistics_elsewhere": 0,
        "referrer_elsewhere": 0,
    }


def test_every_table_behind_the_wall_is_empty_to_a_reader_of_another_site(world, now):
    from tests.privacy.planting import Planter

    planter = Planter(now)
    planter.plant()
    walled = row_security.walled()
    models = {model._meta.db_table: model for model in apps.get_models()}
    planted = {table for table in walled if models[table]._base_manager.exists()}
    assert planted == set(walled)
    reader = world.users["adviser_elsewhere"]
    seen = read(reader, lambda: {table for table in walled if models[table]._base_manager.exists()})
    assert seen == set()


def test_a_session_that_says_nothing_sees_nothing(world):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bagage.reads', '', false)")
        cursor.execute("SELECT count(*) FROM people_person")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT set_config('bagage.reads', 'everything', false)")


def test_a_session_without_a_search_path_reads_as_well(world):
    """As ``pg_dump`` does, wide; and the walls of other tables are looked through to the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', '', true)")
        seen = []
        for reads in ("everything", "user"):
            cursor.execute("SELECT set_config('bagage.reads', %s, false)", [reads])
            cursor.execute("SELECT count(*) FROM public.people_contactway")
            seen.append(cursor.fetchone()[0])
        cursor.execute("SELECT set_config('bagage.reads', 'everything', false)")
        cursor.execute("SELECT set_config('search_path', 'public', true)")
    assert seen == [1, 0]


def test_without_an_account_or_a_request_all_is_read(world):
    assert (persons(), read(None, persons)) == (1, 1)


def test_a_following_that_ended_closes_the_wall(world, now):
    Following.objects.update(ended_at=now - timedelta(minutes=1))
    world.appointment.delete()
    world.queue_entry.delete()
    world.referral.steps.all().delete()
    world.referral.delete()
    assert read(world.users["adviser_here"], persons) == 0


def test_a_file_that_was_marked_as_hers_is_seen_with_her(world, now):
    other = Person.objects.create(code="AAA222", chosen_name="Autre", created_at=now, last_contact_at=now)
    Following.objects.create(person=other, node=world.node_b, started_at=now)
    world.person.merged_into = other
    world.person.save()
    assert read(world.users["adviser_here"], persons) == 2
    assert read(world.users["adviser_elsewhere"], persons) == 2


def test_an_act_and_a_named_place_read_wide_and_what_follows_is_narrow_again(world):
    reader = world.users["adviser_elsewhere"]

    def page():
        before = persons()
        with transaction.atomic():
            within = persons()
        after = persons()
        with row_security.wide("test"):
            named = persons()
        try:
            with transaction.atomic():
                Person.objects.create(code="ZZZ777", chosen_name="", created_at=None)
        except Exception:
            failed = persons()
        return before, within, after, named, failed

    assert read(reader, page) == (0, 1, 0, 1, 0)
    assert persons() == 1


def test_a_file_can_be_opened_by_who_reads_narrow(world):
    reader = world.users["adviser_elsewhere"]
    person = read(reader, lambda: open_file(chosen_name="Awa", node=world.node_b, by=reader, at=world.now))
    assert read(reader, lambda: list(Person.objects.values_list("chosen_name", flat=True))) == ["Awa"]
    assert person.chosen_name == "Awa"


@pytest.mark.parametrize(
    "persona", ["adviser_elsewhere", "programme_lead_elsewhere", "receptionist_elsewhere"]
)
def test_with_the_filters_taken_out_a_page_still_shows_nothing(persona, world, unfiltered):
    client = Client()
    client.force_login(world.users[persona], backend=BACKEND)
    for address in (
        f"/people/{world.person.uuid}/",
        f"/people/{world.person.uuid}/identity/",
        f"/people/{world.person.uuid}/card/",
        "/people/",
        "/people/?export=csv",
    ):
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
        assert [secret for secret in SECRETS if secret in content.decode()] == [], address


def test_with_the_filters_taken_out_her_own_site_still_sees_her(world, unfiltered):
    client = Client()
    client.force_login(world.users["adviser_here"], backend=BACKEND)
    assert HER_NAME in client.get(f"/people/{world.person.uuid}/").content.decode()


def test_the_wall_asks_nothing_that_a_page_counts(world, django_assert_num_queries, settings):
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(world.users["adviser_here"], backend=BACKEND)
    address = f"/people/{world.person.uuid}/"
    client.get(address)
    with CaptureQueriesContext(connection) as with_it:
        client.get(address)
    settings.ROW_SECURITY = False
    with CaptureQueriesContext(connection) as without:
        client.get(address)
    assert len(with_it) == len(without)


def test_each_table_that_leads_to_a_person_has_the_wall_or_a_reason(wall):
    led = {said.model for said in of_persons() if said.person}
    behind = {said.model for said in all_declarations() if said.table._meta.db_table in row_security.walled()}
    assert behind | set(row_security.OPEN) == led
    assert behind & set(row_security.OPEN) == set()


def test_a_superuser_walks_through_it_and_this_is_said(settings):
    settings.ROW_SECURITY = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        is_superuser = cursor.fetchone()[0]
    row_security.install()
    assert row_security.trouble() == ("superuser" if is_superuser else "")


def test_a_wall_that_is_missing_somewhere_is_said_and_built_again(wall):
    become("owner")
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY bagage_wall ON people_person")
    become("plain")
    assert row_security.trouble() == "missing"
    become("owner")
    row_security.settle()
    become("plain")
    assert row_security.trouble() == ""


def test_a_wall_that_is_not_asked_for_is_taken_down(wall, settings):
    become("owner")
    settings.ROW_SECURITY = False
    row_security.settle()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relrowsecurity")
        assert cursor.fetchone() == (0,)


def test_health_says_whether_the_wall_holds(wall, client, tmp_path, settings):
    settings.BAGAGE_HOME = tmp_path
    assert client.get("/health/").json()["checks"]["wall"] == {"ok": True, "trouble": ""}
    become("owner")
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY bagage_wall ON people_contactway")
    become("plain")
    assert client.get("/health/").json()["checks"]["wall"] == {"ok": False, "trouble": "missing"}
    settings.ROW_SECURITY = False
    assert "wall" not in client.get("/health/").json()["checks"]
