"""One process of the race for the last slot: ``python -m tests.permanences.last_slot BLOCK START PERSONS…``.

Waits for a line on its standard input, then tries to give the slot to each person in turn; prints one word a try.
"""

import sys
from datetime import datetime


def main(block_id: str, starts_at: str, *person_ids: str) -> None:
    import django

    django.setup()
    from bagage.common.errors import Conflict
    from bagage.people.models import Person
    from bagage.permanences.models import OpeningBlock
    from bagage.permanences.services import give_appointment
    from bagage.trail.domain.actor import Actor

    moment = datetime.fromisoformat(starts_at)
    block = OpeningBlock.objects.get(pk=block_id)
    persons = list(Person.objects.filter(pk__in=person_ids))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for person in persons:
        try:
            give_appointment(block=block, starts_at=moment, person=person, by=Actor.system("race"))
            word = "won"
        except Conflict:
            word = "taken"
        except Exception as error:  # told to the test, which fails on it
            word = f"{type(error).__name__}:{error}".replace("\n", " ").replace(" ", "_")
        sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
