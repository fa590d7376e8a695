"""Look-up among 300,000 invented persons: how fast as one types, whether the right person is among the first five, and
how often an entry is warned of a duplicate wrongly; each kind of error by itself. Then the public FEBRL sets.

``BAGAGE_BENCH_PERSONS`` measures on fewer. Both databases: ``DATABASE_URL`` names an empty one.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Bench, Size, machine, milliseconds, note, percentile, report

if TYPE_CHECKING:
    from benchmarks.invented_persons import Entry, Invented

PERSONS = int(os.environ.get("BAGAGE_BENCH_PERSONS", "300000"))
SEED = 7
NODES = 40
QUESTIONS, ENTRIES, TYPED = (
    int(os.environ.get(f"BAGAGE_BENCH_{name}", count))
    for name, count in (("QUESTIONS", 3_000), ("ENTRIES", 3_000), ("TYPED", 120))
)
BATCH = 5_000


def run(bench: Bench, sizes: list[Size]) -> None:
    home = bench.folder / f"look-up-{PERSONS}-{time.strftime('%Y%m%d')}"
    if not (home / "filled").exists():
        note(f"filling {home} …")
        bench.bagage(home, "migrate")
        bench.module(home, "benchmarks.bench_look_up", "fill")
        (home / "filled").write_text("")
    bench.module(home, "benchmarks.bench_look_up", "measure")


def persons() -> list[Invented]:
    """The persons of the base: the same for each run."""
    from benchmarks.invented_persons import Inventor

    return list(Inventor(SEED).persons(PERSONS))


def fill() -> None:
    """The persons of the base, one file each; the code of a file is the number of its person."""
    from benchmarks.invented_persons import entry_of

    rng = random.Random(SEED)
    fill_base([(f"{each.number:08d}", entry_of(rng, each, "new")) for each in persons()])


def fill_base(files: list[tuple[str, Entry]]) -> None:
    """The tables that look-up reads, of files each with its code, and one who leads the network, one who works at the
    first of its permanences.
    """
    from datetime import date

    from django.utils import timezone

    from bagage.accounts.domain.roles import Role
    from bagage.accounts.models import Installation, Membership, Organisation, User
    from bagage.common.tasks import tend_database
    from bagage.people.models import ContactWay, Following, NameKey, Person
    from bagage.people.services import name_keys_for

    now = timezone.now()
    Installation.objects.update_or_create(pk=1, defaults={"name": "Bench", "set_up_at": now})
    root = Organisation.objects.add_root(create_kwargs={"name": "Bench", "kind": "network"})
    nodes = [
        Organisation.objects.add_child(
            Organisation.objects.get(pk=root.pk),
            create_kwargs={"name": f"Site {number}", "kind": "permanence"},
        )
        for number in range(NODES)
    ]
    for name, node, role in (("lead", root, Role.PROGRAMME_LEAD), ("adviser", nodes[0], Role.ADVISER)):
        user = User.objects.create_user(name, first_name=name)
        Membership.objects.create(user=user, organisation=node, role=role)
    rng = random.Random(SEED)
    for at in range(0, len(files), BATCH):
        some = files[at : at + BATCH]
        created = [
            Person(
                code=code,
                chosen_name=each.given,
                family_name=each.family,
                birth_year=each.year,
                is_birth_year_about=each.is_about,
                birth_date=date.fromisoformat(f"{each.year}-{each.day}") if each.day and each.year else None,
                where=each.commune,
                created_at=now,
                last_contact_at=now,
            )
            for code, each in some
        ]
        Person.objects.bulk_create(created)
        NameKey.objects.bulk_create(
            [key for person in created for key in name_keys_for(person, [person.full_name])], batch_size=BATCH
        )
        ContactWay.objects.bulk_create(
            [
                ContactWay(person=person, kind="sms", phone=each.phone, started_at=now)
                for person, (_, each) in zip(created, some, strict=True)
                if each.phone
            ]
        )
        Following.objects.bulk_create(
            [Following(person=person, node=rng.choice(nodes), started_at=now) for person in created]
        )
    tend_database()


def known_of_entry(entry: Entry) -> Any:
    """An entry as the comparison takes it."""
    from datetime import date

    from bagage.people.domain.likeness import Known

    return Known(
        names=(f"{entry.given} {entry.family}".strip(),),
        birth_year=entry.year,
        is_birth_year_about=entry.is_about,
        birth_date=date.fromisoformat(f"{entry.year}-{entry.day}") if entry.day and entry.year else None,
        phones=(entry.phone,) if entry.phone else (),
        where=entry.commune,
        given=entry.given if entry.family else "",
    )


def measure() -> None:
    """In a process whose home is filled."""
    from bagage.accounts.models import User
    from bagage.people.queries.index import name_index

    conditions = f"{PERSONS} invented persons, {machine()}"
    index = name_index()
    started = time.perf_counter()
    index.refresh()
    lead, adviser = User.objects.get(username="lead"), User.objects.get(username="adviser")
    from bagage.accounts.domain.roles import Ability

    index.preselected(lead.node_ids(Ability.LOOK_UP))
    report(
        "look_up",
        "reading all names, once for each process",
        time.perf_counter() - started,
        "s",
        reference=None,
        conditions=conditions,
    )
    everyone = persons()
    speed(lead, adviser, everyone, conditions)
    found(lead, everyone, conditions)
    warned(everyone, conditions)


def typed(text: str) -> list[str]:
    """What stands in the field while a text is typed, from the third sign on, as often as the page asks."""
    return [text[:length] for length in range(3, len(text) + 1, 2)]


def speed(lead: Any, adviser: Any, everyone: list[Invented], conditions: str) -> None:
    from bagage.people.queries import look_up
    from benchmarks.invented_persons import questions

    rng = random.Random(11)
    asked = list(questions(rng, everyone, TYPED))
    for who, user in (("one site", adviser), ("the whole network", lead)):
        for label, texts, typing in (
            ("as one types", [part for each in asked for part in typed(each.text)], True),
            ("asked, other sites too", [each.text for each in asked], False),
        ):
            for text in texts[:20]:
                look_up(text, user=user, is_typing=typing)
            times = [
                milliseconds(
                    lambda text=text, user=user, typing=typing: look_up(text, user=user, is_typing=typing)
                )
                for text in texts
            ]
            for name, share in (("p50", 0.5), ("p95", 0.95)):
                for column, clock in ((0, ""), (1, " of the processor")):
                    value = percentile([each[column] for each in times], share)
                    report(
                        "look_up",
                        f"{label}, {who}, {name}{clock}",
                        value,
                        "ms",
                        reference=None,
                        conditions=conditions,
                    )


def found(lead: Any, everyone: list[Invented], conditions: str) -> None:
    """The right person among the first five, by kind of error."""
    from bagage.people.queries import look_up_many
    from benchmarks.invented_persons import questions

    rng = random.Random(13)
    asked = list(questions(rng, everyone, QUESTIONS))
    by_kind: dict[str, list[bool]] = defaultdict(list)
    missed = []
    for each, (_, hits) in zip(asked, look_up_many(each.text for each in asked), strict=True):
        places = [int(hit.person.code) for hit in hits]
        right = each.person.number in places[:5]
        by_kind[each.kind].append(right)
        if not right:
            at = places.index(each.person.number) if each.person.number in places else None
            missed.append(
                (
                    each,
                    at,
                    [(hit.person.full_name, hit.person.birth_year, round(hit.score, 2)) for hit in hits[:3]],
                )
            )
    if os.environ.get("BAGAGE_BENCH_SHOW"):
        for each, at, best in missed:
            who = each.person
            is_who = f"{who.written_given} {who.written_family} {who.year} {who.commune}"
            note(f"{each.kind} | {each.text} | {is_who} | {at} | {best}")
    for kind, rights in sorted(by_kind.items()):
        report(
            "look_up",
            f"right person in the first five: {kind}",
            100 * sum(rights) / len(rights),
            "%",
            reference=None,
            conditions=f"{len(rights)} questions, {conditions}",
        )
    rights = [right for each in by_kind.values() for right in each]
    report(
        "look_up",
        "right person in the first five",
        100 * sum(rights) / len(rights),
        "%",
        reference=None,
        conditions=f"{len(rights)} questions, {conditions}",
    )


def warned(everyone: list[Invented], conditions: str) -> None:
    """Entries of persons who are not there yet, warned of a duplicate; and of persons who are, found."""
    from bagage.people.queries import possible_duplicates
    from benchmarks.invented_persons import Inventor, entry_of

    rng = random.Random(17)
    inventor = Inventor(SEED + 1)
    inventor.households = [each for each in everyone if each.phone][:20_000:20]
    wrong = 0
    for person in inventor.persons(ENTRIES):
        hits = possible_duplicates(known_of_entry(entry_of(rng, person, "new")), scope=None)
        wrong += bool(hits)
        if hits and os.environ.get("BAGAGE_BENCH_SHOW"):
            other, likeness = hits[0]
            is_who = (
                f"{person.written_given} {person.written_family} {person.year} {person.day} {person.phone}"
            )
            is_other = f"{other.full_name} {other.birth_year} {other.birth_date}"
            why = [reason.kind for reason in likeness.reasons]
            note(f"warned: {is_who} | {is_other} | {likeness.score:.2f} {likeness.by_chance:.4f} {why}")
    report(
        "look_up",
        "entries warned wrongly",
        100 * wrong / ENTRIES,
        "%",
        reference=None,
        conditions=f"{ENTRIES} entries, {conditions}",
    )
    again = rng.sample(everyone, ENTRIES // 2)
    right = 0
    for person in again:
        hits = possible_duplicates(known_of_entry(entry_of(rng, person, "again")), scope=None)
        right += person.number in [int(other.code) for other, _ in hits]
    report(
        "look_up",
        "entries of someone who is there already, found",
        100 * right / len(again),
        "%",
        reference=None,
        conditions=f"{len(again)} entries, {conditions}",
    )


if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "bagage.config.settings"
    django.setup()
    {"fill": fill, "measure": measure}[sys.argv[1]]()
