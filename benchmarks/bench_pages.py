"""Server time of every staff page, on the demonstration network and with 100,000 persons.

The whole request is measured, from the first middleware to the last, session, sign-in and template included; the
network and the browser are not, nor what a server does once the answer has left (``common/memory.py``). Rounds go
through all pages in turn, the reference among them, after a warm-up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmarks.harness import SIZES, Bench, Size, machine, milliseconds, percentile, report

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from django.test import Client

    from benchmarks.pages import Page

WARM_UP = 3
ROUNDS = 40
LIMIT_MS = 50


def run(bench: Bench, sizes: list[Size]) -> None:
    for size in sizes:
        bench.module(bench.home(size), "benchmarks.bench_pages", size.name)


def caller(page: Page, client: Client, address: str) -> Callable[[int], HttpResponseBase]:
    """What a round does of a page: reads it, or posts the question whose turn it is."""
    if page.posted:
        made = page.posted
        return lambda number: client.post(address, made(number), headers={"HX-Request": "true"})
    if not page.asked:
        return lambda number: client.get(address)
    more = {"typing": "1"} if page.typing else {}
    return lambda number: client.post(
        address, {"q": page.asked[number % len(page.asked)], **more}, headers={"HX-Request": "true"}
    )


def measure(size: Size) -> int:
    """In a process whose home is that of the size: measure and print. Returns 1 when a page does not answer."""
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "bagage.config.settings"
    django.setup()
    from django.conf import settings
    from django.core.cache import cache
    from django.core.signals import request_finished
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    from bagage.accounts.models import Membership, User
    from bagage.common.installation import collect_static_files
    from bagage.common.memory import settle, tidy
    from bagage.common.room import with_room
    from bagage.directory.search.index import panorama
    from bagage.people.models import Person
    from bagage.people.queries.index import read_names
    from benchmarks.pages import PAGES

    collect_static_files()
    # As the web server does once it has loaded (config/wsgi.py).
    read_names()
    panorama()
    settle()
    # Django's client sends it within the call; a web server once she who asked has her answer.
    request_finished.disconnect(dispatch_uid="bagage.memory")
    settings.ROOT_URLCONF = "benchmarks.urls"
    settings.ALLOWED_HOSTS = ["testserver"]
    users: dict[str, User] = {}
    clients: dict[str, Client] = {}
    bare_client = Client()
    calls: dict[str, Callable[[int], HttpResponseBase]] = {
        "reference": with_room(lambda number: bare_client.get("/bench/bare/"))
    }
    for page in PAGES:
        if page.role not in clients:
            member = Membership.objects.current().filter(role=page.role).order_by("pk").first()
            if member is None:
                print(f"nobody has the role {page.role}", file=sys.stderr)
                return 1
            users[page.role] = User.objects.get(pk=member.user_id)
            clients[page.role] = Client()
            clients[page.role].force_login(users[page.role], backend=settings.AUTHENTICATION_BACKENDS[0])
        query = page.query if isinstance(page.query, str) else ""
        name = f"{page.name}{query} as {page.role}"
        try:
            query = page.query if isinstance(page.query, str) else page.query(users[page.role])
            address = reverse(page.name, kwargs=page.kwargs(users[page.role])) + query
        except (IndexError, NoReverseMatch) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        if not isinstance(page.query, str):
            name += ", for someone"
        if page.posted:
            name += ", answered"
        if page.asked:
            name += ", typing" if page.typing else ", asked"
        while name in calls:
            name += ", another"
        # As the web server calls (config/wsgi.py).
        calls[name] = with_room(caller(page, clients[page.role], address))

    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for number in range(WARM_UP + ROUNDS):
        for name, call in calls.items():
            # How often one may ask is kept there, and is not what is measured.
            cache.clear()
            if number == 0:
                status = call(number).status_code
                if status != 200:
                    print(f"{name} answers {status}", file=sys.stderr)
                    return 1
                continue
            spent = milliseconds(lambda call=call, number=number: call(number))
            tidy()
            if number >= WARM_UP:
                times[name].append(spent)
    conditions = f"{size.name} network, {Person.objects.count()} persons, {ROUNDS} rounds, {machine()}"
    reference = times.pop("reference")
    slow = []
    for name, spent in times.items():
        for label, share, column in (
            ("p50", 0.5, 0),
            ("p95", 0.95, 0),
            ("p50 of the processor", 0.5, 1),
            ("p95 of the processor", 0.95, 1),
        ):
            value = percentile([each[column] for each in spent], share)
            bare = percentile([each[column] for each in reference], share)
            report(
                "pages",
                f"{name}, {label}",
                value,
                "ms",
                reference={"figure": f"a bare page with one SELECT, {label}", "value": bare, "unit": "ms"},
                conditions=conditions,
            )
            if label == "p95" and value > LIMIT_MS:
                slow.append(name)
    report(
        "pages", f"pages over {LIMIT_MS} ms at p95", len(slow), "pages", reference=None, conditions=conditions
    )
    for name in slow:
        print(f"over {LIMIT_MS} ms: {name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(measure(SIZES[sys.argv[1]]))
