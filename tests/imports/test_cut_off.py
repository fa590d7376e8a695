"""``kill -9`` in the middle of writing and of taking back: nothing half-written, it goes on or is undone."""

import random
import signal
import time

import pytest

from bagage.imports import services
from bagage.imports.domain.lifecycle import BatchState
from bagage.imports.models import Batch, Row
from bagage.people.models import CardCode, Following, NameKey, Person, PersonReference
from bagage.trail.models import Entry
from tests.imports.factories import Ground, states
from tests.processes import settled, start_code

ROWS, PIECE, KILLS = 480, 20, 5
WORK = f"""
import sys
from bagage.imports import services
from bagage.imports.models import Batch
from bagage.imports.services import writing
from bagage.trail.domain.actor import Actor
writing.PIECE = {PIECE}
batch = Batch.objects.get()
act = services.write_batch if sys.argv[1] == "write" else services.undo_batch
act(batch, by=Actor.system("cut off"), told=lambda done: print(done, flush=True))
print("done", flush=True)
"""


def cut_off(act: str, rng: random.Random) -> bool:
    """A process at work, killed after a piece or in the middle of the next; whether it had finished."""
    process = start_code(WORK, act)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        time.sleep(rng.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
    finally:
        process.kill()
        process.communicate()
    settled()
    assert line, "it wrote nothing"
    return "done" in f"{line}{rest}"


def whole() -> None:
    """Each row that is written has its whole file; each file has its row."""
    written = set(Row.objects.filter(state="written").values_list("thing", flat=True))
    persons = {f"person:{uuid}" for uuid in Person.objects.values_list("uuid", flat=True)}
    assert written == persons
    for model in (CardCode, Following, PersonReference):
        assert model.objects.count() == len(persons)
    assert set(NameKey.objects.values_list("person", flat=True)) == set(
        Person.objects.values_list("pk", flat=True)
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_of_writing_and_of_taking_back():
    rng = random.Random(41)
    ground = Ground()
    rows = [f"A{at};Prénom{chr(97 + at % 26)}{at};Famille{at};{1940 + at % 60};;;;" for at in range(ROWS)]
    batch = ground.read(*rows, on_alike="create")
    assert set(states(batch).values()) == {"to_write"}
    services.start_writing(batch, by=ground.lead)
    killed = 0
    for _kill in range(KILLS):
        if cut_off("write", rng):
            break
        whole()
        assert Person.objects.count() % PIECE == 0
        killed += 0 < Person.objects.count() < ROWS
    assert killed > 0
    if Batch.objects.get().state == BatchState.WRITING:
        assert services.write_batch(batch, by=ground.lead) is True
    whole()
    assert Person.objects.count() == ROWS
    assert Entry.objects.filter(verb="import.written").count() == 1

    services.start_undoing(batch, by=ground.lead)
    killed = 0
    for _kill in range(KILLS):
        if cut_off("undo", rng):
            break
        whole()
        killed += 0 < Person.objects.count() < ROWS
    assert killed > 0
    if Batch.objects.get().state == BatchState.UNDOING:
        assert services.undo_batch(batch, by=ground.lead) is True
    assert Person.objects.count() == 0
    assert set(states(batch).values()) == {"undone"}
    assert Entry.objects.filter(verb="import.undone").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_cut_off_in_its_middle_it_is_taken_back():
    ground = Ground()
    rows = [f"A{at};Prénom{chr(97 + at % 26)}{at};Famille{at};{1940 + at % 60};;;;" for at in range(ROWS)]
    batch = ground.read(*rows, on_alike="create")
    services.start_writing(batch, by=ground.lead)
    assert cut_off("write", random.Random(7)) is False
    assert 0 < Person.objects.count() < ROWS
    assert services.undo_batch(batch, by=ground.lead) is True
    assert Person.objects.count() == 0
    assert sorted(set(states(batch).values())) == ["to_write", "undone"]
