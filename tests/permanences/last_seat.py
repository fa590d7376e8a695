"""One process of the race for the last seat: ``python -m tests.permanences.last_seat SESSION PERSONS…``.

Waits for a line on its standard input, then asks a seat for each person in turn; prints one word a try.
"""

import sys


def main(session_id: str, *person_ids: str) -> None:
    import django

    django.setup()
    from bagage.people.models import Person
    from bagage.permanences.models import Session
    from bagage.permanences.services import book_seat
    from bagage.trail.domain.actor import Actor

    session = Session.objects.get(pk=session_id)
    persons = list(Person.objects.filter(pk__in=person_ids))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for person in persons:
        try:
            word = book_seat(session, person, key=f"race{person.pk}", by=Actor.system("race")).state
        except Exception as error:  # told to the test, which fails on it
            word = f"{type(error).__name__}:{error}".replace("\n", " ").replace(" ", "_")
        sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
