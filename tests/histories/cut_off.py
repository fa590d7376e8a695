"""Sells and hands over until it is killed: ``python -m tests.histories.cut_off KILLS``, the work as JSON on its input.

One process sets everything up; each life is a child that works down what was not acknowledged yet and writes a line
for each act that came back. It is killed (``SIGKILL``) after a few lines, at a random moment, ``KILLS`` times; the last
life is left to finish. What was acknowledged is printed, one key a line, then ``lives N``.
"""

import json
import os
import random
import signal
import sys
import time

SEED = 41


def work_down(wanted: list[tuple[str, int, str]], out: int) -> None:
    """In the child: each act in turn, a line once it came back."""
    from bagage.equipment.models import Reservation
    from bagage.equipment.services import hand_over_device
    from bagage.people.models import Person
    from bagage.permanences.models import Site
    from bagage.shop.models import Product
    from bagage.shop.services import sell
    from bagage.trail.domain.actor import Actor

    by = Actor.system("cut off")
    site = Site.objects.select_related("organisation").get()
    sim = Product.objects.get()
    for kind, thing, key in wanted:
        if kind == "sale":
            person = Person.objects.get(pk=thing)
            sell(person, site=site, basket=[(sim, 1)], payment="cash", key=key, by=by)
        else:
            reservation = Reservation.objects.select_related("device__site", "person").get(pk=thing)
            hand_over_device(
                reservation,
                consent="witness",
                witnesses=["Moussa", "Inès"],
                checks=["powers_on", "charger"],
                key=key,
                by=by,
            )
        os.write(out, f"{key}\n".encode())


def main(kills: str) -> None:
    import django

    django.setup()
    rng = random.Random(SEED)
    wanted = [tuple(one) for one in json.load(sys.stdin)]
    acknowledged: list[str] = []
    lives = 0
    while True:
        known = set(acknowledged)
        left = [one for one in wanted if one[2] not in known]
        last = lives >= int(kills) or not left
        mine, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(mine)
            try:
                work_down(left, theirs)
            except BaseException as error:
                os.write(theirs, f"! {type(error).__name__} {error}\n".encode())
            os._exit(0)
        os.close(theirs)
        lives += 1
        lines = b""
        if not last:
            enough = rng.randint(0, 2)
            while lines.count(b"\n") < enough and (piece := os.read(mine, 4096)):
                lines += piece
            time.sleep(rng.uniform(0, 0.04))
            os.kill(child, signal.SIGKILL)
        # What it had written before it died was said: it counts.
        while piece := os.read(mine, 4096):
            lines += piece
        os.close(mine)
        os.waitpid(child, 0)
        acknowledged += [line for line in lines.decode().split("\n")[:-1] if line]
        if last:
            break
    sys.stdout.write("\n".join([*acknowledged, f"lives {lives}"]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
