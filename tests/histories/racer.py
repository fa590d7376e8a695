"""A race for the last of each thing: ``python -m tests.histories.racer PROCESSES``, the tries as JSON on its input.

A try is [kind, thing's id, person's id, key]. One process sets everything up and forks: each child waits for the same
sign, then makes its share of the tries in turn. One word a try is printed: ``seat:won``, ``device:refused``…
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

Try = tuple[str, int, int, str]


def run(wanted: list[Try], out: int) -> None:
    """In a child: its tries, a word each."""
    from django.db import OperationalError

    from bagage.common.errors import BusinessError
    from bagage.equipment.models import Device
    from bagage.equipment.services import reserve_device
    from bagage.people.models import Person
    from bagage.permanences.models import Session
    from bagage.permanences.services import book_seat
    from bagage.shop.models import Product
    from bagage.shop.services import sell
    from bagage.trail.domain.actor import Actor

    by = Actor.system("race")

    def take(kind: str, thing: int, person: Person, key: str) -> bool:
        if kind == "seat":
            return book_seat(Session.objects.get(pk=thing), person, key=key, by=by).state == "booked"
        if kind == "device":
            device = Device.objects.select_related("site").get(pk=thing)
            return bool(reserve_device(device, person, site=device.site, key=key, by=by))
        product = Product.objects.get(pk=thing)
        site = product.places.get().site
        return bool(sell(person, site=site, basket=[(product, 1)], payment="card", key=key, by=by))

    def patiently(act: Callable[..., bool], *how: Any) -> bool:
        """As a desk does when all desks write at once and SQLite's turn did not come in 20 seconds: press again."""
        for _press in range(3):
            try:
                return act(*how)
            except OperationalError as error:
                if "locked" not in str(error):
                    raise
        return act(*how)

    persons = Person.objects.in_bulk([person for _kind, _thing, person, _key in wanted])
    for kind, thing, person, key in wanted:
        try:
            word = "won" if patiently(take, kind, thing, persons[person], key) else "refused"
        except BusinessError:
            word = "refused"
        except Exception as error:  # told to the test, which fails on it
            word = f"{type(error).__name__}:{error}".replace("\n", " ").replace(" ", "_")
        os.write(out, f"{kind}:{word}\n".encode())


def main(processes: str) -> None:
    import django

    django.setup()
    tries: list[Try] = [tuple(one) for one in json.load(sys.stdin)]
    sign, give_sign = os.pipe()
    told = []
    for number in range(int(processes)):
        mine, theirs = os.pipe()
        if os.fork() == 0:
            os.close(give_sign)
            os.read(sign, 1)  # until the parent closes its end, for all at once
            run(tries[number :: int(processes)], theirs)
            os._exit(0)
        os.close(theirs)
        told.append(mine)
    os.close(give_sign)
    for mine in told:
        with os.fdopen(mine) as words:
            sys.stdout.write(words.read())
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
