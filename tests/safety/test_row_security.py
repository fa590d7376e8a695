"""The second wall: with every filter taken out, the database still shows a signed-in reader nothing of another site."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, connection, transaction
from django.db.models import F, QuerySet, Value
from django.test import Client, RequestFactory

from bagage.accounts.models import Organisation
from bagage.common import row_security
from bagage.common.prepared import prepared
from bagage.common.tables import Table
from bagage.common.together import asked
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


@pytest.mark.parametrize(
    "damage",
    ["DROP POLICY bagage_wall ON people_person", "COMMENT ON TABLE bagage_door IS 'of another version'"],
)
def test_a_wall_that_is_missing_somewhere_or_of_another_version_is_said_and_built_again(wall, damage):
    become("owner")
    with connection.cursor() as cursor:
        cursor.execute(damage)
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


def test_a_list_without_a_filter_knows_how_many_there_are_and_shows_none_of_them(world):
    """Keys and numbers are read past the wall, rows never: a filter that was forgotten in a list shows nobody."""
    request = RequestFactory().get("/list/")

    def listed():
        shown = Table(request, Person.objects.order_by("pk"), name="n", title="T", columns=[], per_page=100)
        return {row.pk for row in shown.found}, shown.count

    found, count = read(world.users["adviser_elsewhere"], listed)
    assert count == Person.objects.count() > len(found)
    assert world.person.pk not in found
    assert world.person.pk in read(world.users["adviser_here"], listed)[0]


@prepared
def _called(name: str) -> QuerySet[Person]:
    return Person.objects.filter(chosen_name=name)


@prepared
def _divided(by: int) -> QuerySet[ContentType]:
    return ContentType.objects.filter(pk=F("pk") / Value(by))


@pytest.mark.django_db(transaction=True)
def test_a_question_that_fails_among_others_does_not_open_the_wall(now):
    """What the session was told goes back with the transaction of those that were sent together."""
    world = build_world(now)
    Person.objects.filter(pk=world.person.pk).update(chosen_name="Awa")
    for persona, sees in (("adviser_elsewhere", []), ("adviser_here", [world.person.pk])):
        with row_security.guarded(world.users[persona].pk):
            for _time in range(4):
                with pytest.raises(DataError):
                    asked([_called.of("Awa"), _divided.of(0), _called.of("Awa").wide("a number")])
                assert [one.pk for one in _called("Awa")] == sees
            assert [[one.pk for one in some] for some in asked([_called.of("Awa")] * 2)] == [sees, sees]
        assert [one.pk for one in _called("Awa")] == [world.person.pk]


# ---------- what triggers keep beside the tables ----------
Door = tuple[str, int, int, int, str]


def kept() -> list[Door]:
    """The doors of all files, as the triggers keep them: (told by, which row, of whom, key, until when)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT told_by, row_id, person_id, key, until::text FROM bagage_door ORDER BY 1, 2, 3, 4"
        )
        return cursor.fetchall()


def followings() -> set[tuple[int, int]]:
    """Which node has a door to whom, because it follows her: (person, node)."""
    return {
        (person, key // 4) for told_by, _row, person, key, _until in kept() if told_by == "people_following"
    }


def kept_when_built_anew() -> object:
    become("owner")
    connection.check_constraints()  # none is left for later: a table with some cannot be changed
    row_security.install()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bagage.reads', 'everything', false)")
    return kept()


@pytest.fixture
def planted(wall, now):
    """A row in every table that can lead to someone, of her and of a neighbour; the wall was there before."""
    from tests.privacy.planting import Planter

    become("owner")
    planter = Planter(now)
    planter.plant()
    return planter


def test_every_table_of_meetings_is_kept_as_it_would_be_built(planted):
    doors = kept()
    assert {told_by for told_by, *_ in doors} == {
        "people_following",
        *(meeting.table for meeting in row_security.MEETINGS),
    }
    assert doors == kept_when_built_anew()


def rows_of(table):
    return next(model for model in apps.get_models() if model._meta.db_table == table)._base_manager


@pytest.mark.parametrize("meeting", row_security.MEETINGS, ids=lambda meeting: meeting.table)
def test_a_meeting_that_is_changed_or_taken_out_is_kept_so(planted, meeting, now):
    other = Person.objects.create(code="ZZZ777", chosen_name="Autre", created_at=now, last_contact_at=now)
    rows = rows_of(meeting.table)
    row = rows.filter(person__isnull=False).first()
    before = kept()
    rows.filter(pk=row.pk).update(person=other)
    changed = kept()
    assert changed != before
    assert {each[2] for each in changed if each[:2] == (meeting.table, row.pk)} == {other.pk}
    assert changed == kept_when_built_anew()
    with connection.cursor() as cursor:
        # Whatever hangs on it is not what is looked at here.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SAVEPOINT before_it_went")
        cursor.execute(f"DELETE FROM {meeting.table} WHERE id = %s", [row.pk])
        assert [each for each in kept() if each[:2] == (meeting.table, row.pk)] == []
        cursor.execute("ROLLBACK TO SAVEPOINT before_it_went")
    assert kept() == changed


def test_a_session_that_is_moved_takes_those_who_are_in_it_along(planted, now):
    from bagage.permanences.models import Session, SessionBooking, Site

    booking = SessionBooking._base_manager.filter(person__isnull=False).first()
    elsewhere = Site._base_manager.exclude(pk=booking.session.site_id).first() or Site._base_manager.create(
        organisation=planted.make("accounts.Organisation", keep=False)
        if not Organisation.objects.filter(site=None).exists()
        else Organisation.objects.filter(site=None).first(),
        address="2 rue B", postcode="13001", city="Marseille", hours="Mo 09:00-12:00",
    )  # fmt: skip
    later = now + timedelta(days=3)
    Session._base_manager.filter(pk=booking.session_id).update(
        site=elsewhere, starts_at=later, ends_at=later + timedelta(hours=1), state="planned", closed_at=None
    )
    mine = [each for each in kept() if each[:2] == ("permanences_sessionbooking", booking.pk)]
    assert [each[3] for each in mine] == [elsewhere.pk * 4 + 2]
    assert kept() == kept_when_built_anew()


def test_who_follows_one_file_of_a_person_has_a_door_to_each(world, now):
    become("owner")
    one, two, three, four = (
        Person.objects.create(code=f"ABC{n}", chosen_name="Awa", created_at=now, last_contact_at=now)
        for n in range(4)
    )
    files = {one.pk, two.pk, three.pk, four.pk}
    node, other = world.node_a.pk, world.node_b.pk

    def doors():
        return {pair for pair in followings() if pair[0] in files}

    def mark(person, kept_file):
        Person.objects.filter(pk=person.pk).update(merged_into=kept_file)

    following = Following.objects.create(person=two, node_id=node, started_at=now)
    assert doors() == {(two.pk, node)}
    mark(two, one)
    mark(three, one)
    assert doors() == {(one.pk, node), (two.pk, node), (three.pk, node)}
    later = Following.objects.create(person=one, node_id=other, started_at=now)
    assert doors() == {(file.pk, which) for file in (one, two, three) for which in (node, other)}
    assert kept() == kept_when_built_anew()
    # The file that was kept is marked in its turn, the others with it.
    Person.objects.filter(pk__in=[one.pk, two.pk, three.pk]).update(merged_into=four)
    assert doors() == {(file, which) for file in files for which in (node, other)}
    assert kept() == kept_when_built_anew()
    mark(one, None)
    assert doors() == {(one.pk, other), *((file.pk, node) for file in (two, three, four))}
    assert kept() == kept_when_built_anew()
    # It ends, and nobody follows any more.
    Following.objects.filter(pk=following.pk).update(ended_at=now)
    ends = {
        until for told_by, row, *_, until in kept() if (told_by, row) == ("people_following", following.pk)
    }
    assert ["9999" in until for until in ends] == [False]
    Following.objects.filter(pk=later.pk).delete()
    assert (one.pk, other) not in doors()
    Person.objects.filter(pk=three.pk).delete()
    assert three.pk not in {file for file, _node in doors()}
    assert kept() == kept_when_built_anew()


def test_files_marked_by_who_reads_narrow_are_all_beside_each_other(world, now):
    """Who marks one file as another's may see but one of the group."""
    others = [
        Person.objects.create(code=f"XYZ{n}", chosen_name="Awa", created_at=now, last_contact_at=now)
        for n in range(2)
    ]
    Person.objects.filter(pk=others[0].pk).update(merged_into=world.person)
    Following.objects.create(person=others[1], node=world.node_b, started_at=now)
    reader = world.users["adviser_elsewhere"]
    read(reader, lambda: Person.objects.filter(pk=others[1].pk).update(merged_into=world.person))
    files = [world.person.pk, others[0].pk, others[1].pk]
    assert {(file, world.node_b.pk) for file in files} <= followings()
    assert kept() == kept_when_built_anew()


def test_a_table_that_is_emptied_tells_of_nobody(planted):
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE shop_sale CASCADE")
    assert "shop_sale" not in {told_by for told_by, *_ in kept()}
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE people_person CASCADE")
    assert kept() == []


def test_taken_down_it_leaves_nothing_behind(wall, settings):
    become("owner")
    settings.ROW_SECURITY = False
    row_security.settle()
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'bagage\\_%'")
        assert cursor.fetchall() == []
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'bagage\\_%'")
        assert cursor.fetchall() == []


# ---------- whose places the session knows ----------
def test_a_role_that_ends_in_an_act_closes_what_is_read_after_it(world, now):
    from bagage.accounts.models import Membership

    reader = world.users["adviser_here"]
    world.appointment.delete()
    world.queue_entry.delete()
    world.referral.steps.all().delete()
    world.referral.delete()

    def page():
        before = persons()
        with transaction.atomic():
            Membership.objects.filter(user=reader).update(ended_at=now)
        return before, persons()

    assert read(reader, page) == (1, 0)


def test_one_connection_serves_two_readers_one_after_the_other(world):
    here, elsewhere = world.users["adviser_here"], world.users["adviser_elsewhere"]
    assert [read(user, persons) for user in (here, elsewhere, here, elsewhere)] == [1, 0, 1, 0]


def test_who_has_no_role_at_all_sees_nobody(world):
    from bagage.accounts.models import User

    assert read(User.objects.create_user("sans"), persons) == 0


# ---------- where it stands unless it is taken out ----------
def test_a_role_that_walks_through_is_told_and_fails_only_where_the_wall_was_asked_for(settings, monkeypatch):
    from bagage.config.health import check_wall

    monkeypatch.setattr(row_security, "trouble", lambda: "superuser")
    settings.ROW_SECURITY_IS_ASKED = False
    assert check_wall() == {"ok": True, "trouble": "superuser"}
    settings.ROW_SECURITY_IS_ASKED = True
    assert check_wall() == {"ok": False, "trouble": "superuser"}
    monkeypatch.setattr(row_security, "trouble", lambda: "missing")
    settings.ROW_SECURITY_IS_ASKED = False
    assert check_wall() == {"ok": False, "trouble": "missing"}


@pytest.mark.parametrize(
    ("environment", "is_on"),
    [
        ({}, True),
        ({"BAGAGE_ROW_SECURITY": "1"}, True),
        ({"BAGAGE_ROW_SECURITY": "0"}, False),
        ({"BAGAGE_KEPT_PLANS": "0"}, False),
        ({"BAGAGE_KEPT_PLANS": "0", "BAGAGE_ROW_SECURITY": "1"}, None),
    ],
)
def test_it_is_on_unless_a_pooler_is_between(environment, is_on, tmp_path):
    asked = "from django.conf import settings; print(settings.ROW_SECURITY)"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env={
            **os.environ,
            "BAGAGE_HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "bagage.config.settings",
            **environment,
        },
        capture_output=True,
        text=True,
    )
    if is_on is None:
        assert done.returncode != 0
        assert "needs a session of its own" in done.stderr
    else:
        assert done.stdout.strip() == str(is_on), done.stderr
