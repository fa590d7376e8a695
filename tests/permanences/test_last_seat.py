"""200 attempts by 16 processes at the last seat of a session: exactly one has it, all others stand in line."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from bagage.permanences.models import SessionBooking
from bagage.trail.models import Entry
from tests.permanences.factories import make_person, make_room, make_session, make_site
from tests.processes import ROOT, environment

PROCESSES, ATTEMPTS = 16, 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_last_seat_is_given_exactly_once():
    site = make_site()
    session = make_session(site, timezone.now() + timedelta(days=1), room=make_room(site, computers=1))
    persons = [make_person(site, f"Nom{number}") for number in range(ATTEMPTS)]
    racers = [
        subprocess.Popen(
            [
                sys.executable, "-m", "tests.permanences.last_seat", str(session.pk),
                *[str(person.pk) for person in persons[number::PROCESSES]],
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
            cwd=ROOT,
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
        told = [racer.communicate(timeout=180)[0].split() for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
            racer.wait()
    words = Counter(word for words in told for word in words)
    assert words == {"booked": 1, "waiting": ATTEMPTS - 1}
    assert SessionBooking.objects.filter(state="booked").count() == 1
    assert Entry.objects.filter(verb="seat.give").count() == 1
