"""Readings of a source: one at a time, whoever asks; one that was killed is told, and the next goes on."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.directory import services, tasks
from bagage.directory.models import Feed, FeedRow, FeedRun, Structure
from bagage.directory.services import held
from bagage.directory.services.due import read_address
from tests.accounts.factories import Network, make_user
from tests.directory.factories import AT
from tests.directory.test_feeds import BY, Answers, load, row, server, table
from tests.processes import settled, start_code

pytestmark = pytest.mark.django_db
__all__ = ["server"]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(held, "WAIT", 0.05)


@pytest.fixture
def feed(server):
    return services.make_feed(
        slug="carto", name="Carto", format="mediation", url=server, every_hours=24, by=BY
    )


@pytest.fixture
def officer(client):
    user = make_user(Role.LOCAL_OFFICER, Network().lille, "Karim")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(answer):
    return answer.content.decode().replace("\u00a0", " ")


def states():
    return list(FeedRun.objects.order_by("pk").values_list("state", flat=True))


# ---------- one at a time ----------
def test_a_second_reading_is_refused_and_asks_nothing(feed):
    with services.reading_of(feed):
        assert services.is_being_read(feed)
        with pytest.raises(services.BeingRead):
            read_address(feed, by=BY)
        with pytest.raises(services.BeingRead):
            services.load_feed(feed, table(row(1)), by=BY)
        # Another source is read all the same, and this one is looked at without writing.
        other = services.make_feed(slug="autre", name="Autre", format="mediation", by=BY)
        assert services.load_feed(other, table(row(7)), by=BY).created == 1
        assert services.load_feed(feed, table(row(1)), by=BY, dry_run=True).created == 1
    assert (Answers.asked, states()) == ([], ["done"])
    assert not services.is_being_read(feed)
    assert read_address(feed, by=BY) is not None


def test_the_command_is_refused_in_words_and_changes_nothing(feed, tmp_path):
    path = tmp_path / "lieux.csv"
    path.write_bytes(table(row(1)))
    with (
        services.reading_of(feed),
        pytest.raises(CommandError, match="carto is being read already") as refusal,
    ):
        call_command(
            "import_places", str(path), "--source", "carto", "--licence", "Autre", stdout=io.StringIO()
        )
    assert refusal.value.returncode == 1
    assert Feed.objects.get().licence == ""
    assert Structure.objects.count() == 0


def test_the_job_leaves_a_source_that_is_being_read_and_reads_the_others(feed, server):
    services.make_feed(slug="autre", name="Autre", format="mediation", url=server, every_hours=24, by=BY)
    with services.reading_of(feed):
        assert tasks.read_sources() == 1
    assert list(FeedRun.objects.values_list("feed__slug", flat=True)) == ["autre"]
    feed.refresh_from_db()
    assert feed.asked_at is None


def test_one_source_that_breaks_does_not_stop_the_others(feed, server, monkeypatch):
    services.make_feed(slug="autre", name="Autre", format="mediation", url=server, every_hours=24, by=BY)
    real = services.due.load_held

    def broken(one, *rest, **more):
        if one.slug == "carto":
            raise RuntimeError("a row that nobody thought of")
        return real(one, *rest, **more)

    monkeypatch.setattr(services.due, "load_held", broken)
    assert tasks.read_sources() == 2
    assert dict(FeedRun.objects.values_list("feed__slug", "state")) == {"carto": "failed", "autre": "done"}
    feed.refresh_from_db()
    assert (feed.failure, feed.failing_since is not None) == ("RuntimeError", True)


def test_the_screen_says_that_it_is_being_read(feed, officer):
    page = reverse("directory:source", args=[feed.uuid])
    read = reverse("directory:source_read", args=[feed.uuid])
    assert "Lire maintenant" in text_of(officer.get(page))
    with services.reading_of(feed):
        FeedRun.objects.create(feed=feed, started_at=AT, moved_at=AT, counts={"read": 3000})
        answer = text_of(officer.post(read, follow=True))
    assert "Cette source est en train d’être lue." in answer
    assert "3000 lignes lues." in answer
    assert "Lire maintenant" not in answer
    assert Answers.asked == []


def test_a_row_is_not_mended_under_a_reading(feed, officer):
    load(feed, row(1), row(2, nom=""))
    waiting = FeedRow.objects.get()
    mend = reverse("directory:row_mend", args=[waiting.uuid])
    with services.reading_of(feed):
        for said in ({"v-nom": "Espace retrouvé"}, {"leave": "1"}):
            assert officer.post(mend, said).status_code == 409
    waiting.refresh_from_db()
    assert (waiting.state, waiting.mended) == ("aside", {})
    assert officer.post(mend, {"v-nom": "Espace retrouvé"}).status_code == 302


# ---------- cut off ----------
HOLDS = """
import sys, time
from bagage.directory.models import Feed, FeedRun
from bagage.directory.services import reading_of
from django.utils import timezone
feed = Feed.objects.get(slug="carto")
with reading_of(feed):
    FeedRun.objects.create(feed=feed, started_at=timezone.now(), moved_at=timezone.now())
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.django_db(transaction=True)
def test_another_process_keeps_it_until_it_is_killed(feed, officer):
    process = start_code(HOLDS)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(services.BeingRead):
            read_address(feed, by=BY)
        assert services.note_cut_off() == 0
        assert "en train d’être lue" in text_of(officer.get(reverse("directory:source", args=[feed.uuid])))
    finally:
        process.kill()
        process.communicate()
    settled()
    # The page says so before anything has written it down.
    page = text_of(officer.get(reverse("directory:source", args=[feed.uuid])))
    assert "a été coupée avant sa fin" in page
    assert "coupé au milieu" in page
    assert states() == ["running"]
    assert read_address(feed, by=BY) is not None
    assert states() == ["cut_off", "done"]
    assert "coupée avant sa fin" not in text_of(officer.get(reverse("directory:source", args=[feed.uuid])))


def test_the_job_writes_down_what_was_cut_off(feed):
    FeedRun.objects.create(feed=feed, started_at=AT, moved_at=AT)
    Feed.objects.update(asked_at=AT, every_hours=None)
    assert tasks.read_sources() is None
    run = FeedRun.objects.get()
    assert (run.state, run.ended_at is not None) == ("cut_off", True)


def test_a_reading_that_breaks_is_not_left_going_on(feed, monkeypatch):
    def broken(*_arguments, **_options):
        raise RuntimeError

    monkeypatch.setattr(services.feeds, "write_places", broken)
    with pytest.raises(RuntimeError):
        load(feed, row(1))
    run = FeedRun.objects.get()
    assert (run.state, run.failure) == ("failed", "RuntimeError")


def test_a_row_that_was_left_stays_left_until_it_says_something_else(feed):
    load(feed, row(1), row(2, nom=""))
    services.leave_row(FeedRow.objects.get(), by=BY)
    load(feed, row(1), row(2, nom=""))
    assert FeedRow.objects.get().state == "left"
    load(feed, row(1), row(2, nom="", adresse="ailleurs"))
    assert FeedRow.objects.get().state == "aside"
