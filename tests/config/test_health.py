import os
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from bagage.common import heartbeat
from bagage.config import health
from bagage.messaging.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.BAGAGE_HOME = tmp_path
    return tmp_path


@pytest.fixture
def alive():
    heartbeat.beat("worker")
    heartbeat.beat("scheduler")


def message(now, **fields):
    values = {
        "channel": "email",
        "key": f"test:{Message.objects.count()}",
        "to": "aubry@example.org",
        "body": "Fanta est venue",
        "not_before": now,
        "created_at": now,
    }
    return Message.objects.create(**{**values, **fields})


def test_health_answers_200_when_all_works(client, alive):
    response = client.get("/health/")
    told = response.json()
    assert (response.status_code, told["status"]) == (200, "ok")
    assert [name for name, check in told["checks"].items() if not check["ok"]] == []
    assert list(told["checks"]) == [
        "database",
        "migrations",
        "worker",
        "scheduler",
        "outbox",
        "disk",
        "backup",
        *(["wall"] if connection.vendor == "postgresql" else []),
    ]


def test_health_is_never_kept_by_a_cache(client, alive):
    assert "no-store" in client.get("/health/").headers["Cache-Control"]


def test_health_answers_503_when_the_worker_is_silent(client, alive, monkeypatch):
    monkeypatch.setattr(heartbeat, "age", lambda name: 61.0 if name == "worker" else 1.0)
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.json()["checks"]["worker"] == {"ok": False, "seconds": 61.0}


def test_health_answers_503_when_no_worker_ever_ran(client):
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.json()["checks"]["worker"] == {"ok": False, "seconds": None}


def test_health_counts_the_outbox_and_names_nobody(client, alive, clock):
    now = clock.now()
    message(now - timedelta(minutes=3))
    message(now + timedelta(days=1))
    message(now - timedelta(hours=9), state="failed")
    message(now - timedelta(hours=9), channel="paper", to="à dire à Fanta")
    response = client.get("/health/")
    assert response.json()["checks"]["outbox"] == {
        "ok": True,
        "oldest_seconds": 180,
        "queued": 2,
        "failed": 1,
        "uncertain": 0,
    }
    assert [word for word in ("Fanta", "aubry", "example.org") if word in response.content.decode()] == []


def test_health_answers_503_when_mail_does_not_leave(client, alive, clock):
    message(clock.now() - timedelta(minutes=16))
    assert client.get("/health/").status_code == 503


def test_health_answers_503_after_26_hours_without_a_back_up(client, alive, home):
    (home / "backups").mkdir()
    path = home / "backups" / "bagage-0.1.0-20261126-020000.age"
    path.write_bytes(b"")
    moment = timezone.now().timestamp()
    os.utime(path, (moment - 25.9 * 3600,) * 2)
    assert client.get("/health/").status_code == 200
    os.utime(path, (moment - 26.1 * 3600,) * 2)
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.json()["checks"]["backup"] == {"ok": False, "hours": 26.1, "is_new": False}


def test_health_tells_only_the_kind_of_an_error(client, alive, monkeypatch):
    def refuse():
        raise DatabaseError("password of bagage at 10.0.0.7 refused")

    monkeypatch.setattr(health, "check_database", refuse)
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == {"ok": False, "error": "DatabaseError"}


def test_health_is_not_for_posting(client):
    assert client.post("/health/").status_code == 405
