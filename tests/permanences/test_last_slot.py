"""200 attempts by 16 processes at the last slot of an adviser: exactly one wins."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from bagage.permanences.models import Appointment
from bagage.trail.models import Entry
from tests.permanences.factories import make_block, make_person, make_site, make_user

PROCESSES, ATTEMPTS = 16, 200
ROOT = Path(__file__).resolve().parents[2]


def database_address() -> str:
    """The test database, as another process reaches it."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    return f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_last_slot_is_given_exactly_once():
    site = make_site()
    adviser = make_user(site)
    starts_at = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    block = make_block(site, adviser, starts_at, hours=0.5)
    persons = [make_person(site, f"Nom{number}") for number in range(ATTEMPTS)]
    environment = {
        **os.environ,
        "DATABASE_URL": database_address(),
        "DJANGO_SETTINGS_MODULE": "bagage.config.settings_test",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    racers = [
        subprocess.Popen(
            [
                sys.executable, "-m", "tests.permanences.last_slot", str(block.pk), starts_at.isoformat(),
                *[str(person.pk) for person in persons[number::PROCESSES]],
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    try:
        for racer in racers:
            line = racer.stdout.readline()
            assert line == "ready\n", racer.stderr.read()
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        told = [racer.communicate(timeout=120)[0].split() for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
            racer.wait()
    words = Counter(word for words in told for word in words)
    assert words == {"won": 1, "taken": ATTEMPTS - 1}
    assert Appointment.objects.count() == 1
    assert Entry.objects.filter(verb="appointment.give").count() == 1
