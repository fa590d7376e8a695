"""One process of the race for the last of each thing: ``python -m tests.histories.racer TRIES``.

``TRIES`` is a JSON list of [kind, thing's id, person's id, key]. Waits for a line on its standard input, then makes
each try in turn; prints one word a try: ``seat:won``, ``device:refused``…
"""

import json
import sys
from collections.abc import Callable
from typing import Any


def main(tries: str) -> None:
    import django

    django.setup()
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

    wanted = json.loads(tries)
    persons = Person.objects.in_bulk([person for _kind, _thing, person, _key in wanted])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for kind, thing, person, key in wanted:
        try:
            word = "won" if patiently(take, kind, thing, persons[person], key) else "refused"
        except BusinessError:
            word = "refused"
        except Exception as error:  # told to the test, which fails on it
            word = f"{type(error).__name__}:{error}".replace("\n", " ").replace(" ", "_")
        sys.stdout.write(f"{kind}:{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
