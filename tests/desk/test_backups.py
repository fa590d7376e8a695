import os

import pytest
from django.utils import timezone

from bagage.common import backups, installation, sealing
from bagage.trail.models import Entry
from tests.rights.world import build_world

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.BAGAGE_HOME = tmp_path
    return tmp_path


@pytest.fixture
def keeper(client, now):
    """A browser in which the administrator of the network signed in."""
    client.force_login(build_world(now).users["administrator_network"], backend=BACKEND)
    return client


def lay(home, hours: float) -> None:
    """A back-up of so many hours ago."""
    (home / "backups").mkdir(exist_ok=True)
    path = home / "backups" / "bagage-0.1.0-20261126-020000.age"
    path.write_bytes(b"x" * 2048)
    os.utime(path, (timezone.now().timestamp() - hours * 3600,) * 2)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_says_that_the_first_is_to_come(keeper):
    page = text_of(keeper.get("/house/backups/"))
    assert "Aucune n’a encore été faite ici." in page
    assert "dans l’heure" in page


def test_the_page_says_how_old_the_last_one_is(keeper, home):
    lay(home, 5)
    page = text_of(keeper.get("/house/backups/"))
    assert "La dernière a été faite <b>à 5 h</b>" in page
    assert "bagage-0.1.0-20261126-020000.age" in page


def test_the_page_is_red_after_26_hours_and_says_why(keeper, home):
    lay(home, 27)
    (home / "run").mkdir()
    (home / "run" / "backup.json").write_text('{"error": "No space left on device"}')
    page = text_of(keeper.get("/house/backups/"))
    assert "Pas de sauvegarde complète depuis plus de 26 heures." in page
    assert "Le dernier essai a échoué : No space left on device" in page


def test_the_page_says_that_a_second_folder_fell_out(keeper, home, settings):
    settings.BACKUP_DIR = str(home / "disk")
    lay(home, 1)
    assert "rien n’y est encore" in text_of(keeper.get("/house/backups/"))


def test_asked_for_now_one_is_started_and_trailed(keeper, monkeypatch):
    started = []
    monkeypatch.setattr(backups, "start", lambda: started.append(1))
    assert keeper.post("/house/backups/now/").headers["Location"] == "/house/backups/"
    assert started == [1]
    assert [entry.verb for entry in Entry.objects.all()] == ["backup.ask"]


def test_asked_for_twice_one_is_started(keeper, monkeypatch):
    started = []
    monkeypatch.setattr(backups, "start", lambda: started.append(1))
    with installation.held("backup"):
        page = text_of(keeper.post("/house/backups/now/", follow=True))
    assert "Une sauvegarde est déjà en cours." in page
    assert started == []


def test_the_key_is_shown_to_be_noted_then_leaves_the_machine(keeper, home):
    sealing.first_key()
    key = sealing.key_that_waits()
    assert key not in keeper.get("/house/backups/").content.decode()
    shown = keeper.post("/house/backups/key/")
    assert shown.headers["Cache-Control"] == "no-store"
    groups = [part.partition("</span>")[0] for part in shown.content.decode().split("<span>")[1:]]
    assert key in "".join(groups)
    keeper.post("/house/backups/key/noted/")
    keeper.post("/house/backups/key/noted/")
    assert not (home / "backup_key").exists()
    assert keeper.post("/house/backups/key/").status_code == 409
    assert [entry.verb for entry in Entry.objects.order_by("pk")] == ["backup.show_key", "backup.forget_key"]
    assert [one for one in Entry.objects.all() if key in f"{one.reason}{one.thing}"] == []
