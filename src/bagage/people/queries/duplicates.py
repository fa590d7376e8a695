"""Files that may be one person's: asked of one who is entered, of a whole spreadsheet, and of all files in a list.

Nothing is decided here: pairs are proposed with their reasons, and someone says whether they are one person.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from bagage.common.row_security import wide
from bagage.people.domain.blocking import blocks_of
from bagage.people.domain.likeness import (
    Common,
    Known,
    Likeness,
    Sought,
    can_agree,
    compare,
    either_way,
    is_proposed,
    sought_of,
)
from bagage.people.domain.names import name_words
from bagage.people.models import (
    AlikePair,
    ContactWay,
    Following,
    NotTheSame,
    Person,
    PersonName,
    followed_by,
)
from bagage.people.queries.finding import CANDIDATES, Finder, known_of, with_same_files
from bagage.people.queries.index import name_index

BATCH = 5_000
# A block that so many share says nothing: what else they have in common brings them together.
CROWD = 60
# What a list may bear: see ``is_proposed``.
IN_ONE_LIST = 0.5
# How many files are compared with each when all are gone through.
ALIKE = 25


@wide("duplicates")
def possible_duplicates(
    known: Known | Sought, *, scope: Iterable[int] | None, limit: int = 5
) -> list[tuple[Person, Likeness]]:
    """The files that may already be of the person who is entered, best first, with the reasons.

    ``scope`` are the nodes whose files may be told of; ``None`` is the whole network. A file that was marked as
    another's brings up the one that is kept. Fewer than two entries in a hundred are warned of wrongly
    (``benchmarks/bench_look_up.py``).
    """
    sought = known if isinstance(known, Sought) else sought_of(known)
    if not (sought.words or sought.phone):
        return []
    finder = Finder(sought, timezone.now(), scope, CANDIDATES)
    found = finder.found(limit=CANDIDATES)
    share = finder.share * finder.index.common.here
    return [(person, likeness) for person, likeness in found if is_proposed(likeness, share)][:limit]


@wide("duplicates")
def possible_duplicates_of_many(
    rows: Sequence[Known], *, scope: Iterable[int] | None = None, limit: int = 3
) -> list[list[tuple[Person, Likeness]]]:
    """The same for each of many, in their order, without a question for each: all files are read once, in batches.

    20,000 rows against 100,000 files: about ten seconds, and memory for the rows alone.
    """
    blocks: dict[str, list[int]] = defaultdict(list)
    sought = [sought_of(known) for known in rows]
    for number, known in enumerate(rows):
        for block in set(blocks_of(known)):
            blocks[block].append(number)
    crowded = {block for block, numbers in blocks.items() if len(numbers) > CROWD}
    common = common_of(rows)
    found: list[dict[int, Likeness]] = [{} for _ in rows]
    for pk, known in known_files(scope):
        near: set[int] = set()
        for block in set(blocks_of(known)):
            if block in blocks and block not in crowded:
                near.update(blocks[block])
        for number in near:
            if not can_agree(sought[number], known):
                continue
            likeness = compare(sought[number], known, common)
            if is_proposed(likeness):
                best = found[number].get(pk)
                if best is None or likeness.score > best.score:
                    found[number][pk] = likeness
    return _with_persons(found, limit)


def duplicates_among(rows: Sequence[Known], *, limit: int = 3) -> list[list[tuple[int, Likeness]]]:
    """For each of many rows, those before it in the same list that may be of the same person, best first."""
    sought = [sought_of(known) for known in rows]
    common = common_of(rows)
    found: list[list[tuple[int, Likeness]]] = [[] for _ in rows]
    for one, other in pairs_worth_comparing(rows):
        asked = (sought[other], rows[one]), (sought[one], rows[other])
        likeness = either_way(asked, common, IN_ONE_LIST)
        if likeness is not None:
            found[other].append((one, likeness))
    return [sorted(each, key=lambda item: (-item[1].score, item[0]))[:limit] for each in found]


def pairs_worth_comparing(rows: Sequence[Known]) -> Iterator[tuple[int, int]]:
    """Pairs of places in the list, the smaller first, that share a block; each once."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, known in enumerate(rows):
        near: set[int] = set()
        for block in set(blocks_of(known)):
            others = blocks[block]
            if len(others) <= CROWD:
                near.update(others)
            others.append(number)
        for other in sorted(near):
            yield other, number


def common_of(rows: Sequence[Known]) -> Common:
    """How common names are among these rows; the base's own names are counted with them when its index is there."""
    counts: Counter[str] = Counter()
    for known in rows:
        counts.update({word.sound for text in known.names for word in name_words(text)})
    return Common(len(rows), lambda word: counts[word.sound])


def known_files(scope: Iterable[int] | None = None) -> Iterator[tuple[int, Known]]:
    """``(key of the kept file, what one file says)`` of all files, in batches; four queries for five thousand.

    With ``scope``, only of persons followed now by one of these nodes, or by whom one file of hers is.
    """
    now = timezone.now()
    followed = None
    if scope is not None:
        current = Following.objects.current(now).filter(node_id__in=list(scope))
        followed = set(current.values_list("person_id", flat=True))
        marked = dict(
            Person.objects.filter(merged_into__isnull=False).order_by().values_list("pk", "merged_into_id")
        )
        groups = {marked.get(pk, pk) for pk in followed}
        followed = groups | {pk for pk, kept in marked.items() if kept in groups}
    last = 0
    fields = (
        "pk",
        "merged_into_id",
        "chosen_name",
        "family_name",
        "birth_year",
        "is_birth_year_about",
        "birth_date",
        "where",
    )
    files = Person.objects.filter(erased_at=None).order_by("pk").values_list(*fields)
    while rows := list(files.filter(pk__gt=last)[:BATCH]):
        between = Q(person__gte=rows[0][0], person__lte=rows[-1][0])
        last = rows[-1][0]
        names = _by_person(PersonName.objects.filter(between).values_list("person_id", "text"))
        phones = _by_person(
            ContactWay.objects.filter(between).exclude(phone="").values_list("person_id", "phone")
        )
        for pk, kept, chosen, family, year, about, on, where in rows:
            if followed is not None and pk not in followed:
                continue
            texts = dict.fromkeys((f"{chosen} {family}".strip(), *names.get(pk, ())))
            yield (
                kept or pk,
                Known(
                    names=tuple(texts),
                    birth_year=year,
                    is_birth_year_about=about,
                    birth_date=on,
                    phones=tuple(phones.get(pk, ())),
                    where=where,
                    given=chosen if family else "",
                ),
            )


def _by_person(rows: Iterable[tuple[int, str]]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for pk, text in rows:
        found.setdefault(pk, []).append(text)
    return found


def _with_persons(found: Sequence[Mapping[int, Likeness]], limit: int) -> list[list[tuple[Person, Likeness]]]:
    best = [
        sorted(each.items(), key=lambda item: (-item[1].score, item[1].by_chance, item[0]))[:limit]
        for each in found
    ]
    wanted = iter(sorted({pk for each in best for pk, _ in each}))
    persons: dict[int, Person] = {}
    while some := list(islice(wanted, 1_000)):
        persons |= Person.objects.in_bulk(some)
    return [[(persons[pk], likeness) for pk, likeness in each if pk in persons] for each in best]


@wide("duplicates")
def alike_of_files(files: Sequence[Person], *, limit: int = 5) -> list[list[tuple[int, Likeness]]]:
    """For each of some files, the keys of other kept files that may be of the same person, best first.

    What is read is read for all together; forty at once are a good number.
    """
    now = timezone.now()
    mine = known_of(files)
    finders = [Finder(sought_of(mine[file.pk].known), now, None, ALIKE) for file in files]
    for finder in finders:
        finder.ids = finder.by_name(None)
    by_phone: dict[str, set[int]] = {}
    numbers = {finder.sought.phone for finder in finders if finder.sought.phone}
    for pk, phone in ContactWay.objects.filter(phone__in=numbers).values_list("person_id", "phone"):
        by_phone.setdefault(phone, set()).add(pk)
    for finder in finders:
        finder.ids |= by_phone.get(finder.sought.phone, set())
    rows = with_same_files(set[int]().union(*(finder.ids for finder in finders)))
    known = known_of(rows)
    return [
        [
            (pk, likeness)
            for pk, likeness in finder.ranked_among(rows, known)
            if pk != file.pk and is_proposed(likeness)
        ][:limit]
        for file, finder in zip(files, finders, strict=True)
    ]


def alike_pairs(scope: Iterable[int], now: datetime | None = None) -> QuerySet[AlikePair]:
    """The pairs of the list of which both are followed now by one of these nodes, and that nobody spoke of since."""
    nodes, now = list(scope), now or timezone.now()
    apart = NotTheSame.objects.filter(
        Q(one=OuterRef("one"), other=OuterRef("other")) | Q(one=OuterRef("other"), other=OuterRef("one"))
    )
    return (
        AlikePair.objects.filter(
            followed_by(nodes, now, "one"),
            followed_by(nodes, now, "other"),
            ~Exists(apart),
            one__merged_into=None,
            other__merged_into=None,
            one__erased_at=None,
            other__erased_at=None,
        )
        .select_related("one", "other")
        .order_by("-score", "pk")
    )


def why_alike(pairs: Iterable[AlikePair]) -> dict[int, Likeness]:
    """By key of the pair, what speaks for one person and against it, as the files are today."""
    pairs = list(pairs)
    files = {person.pk: person for pair in pairs for person in (pair.one, pair.other)}
    known = known_of(list(files.values()))
    index = name_index()
    index.refresh()
    common = index.common
    return {
        pair.pk: compare(sought_of(known[pair.one_id].known), known[pair.other_id].known, common)
        for pair in pairs
    }


def pairs_that_hold(pairs: Iterable[AlikePair]) -> set[int]:
    """The keys of those pairs that would be proposed today, asked from either side."""
    pairs = list(pairs)
    if not pairs:
        return set()
    files = {person.pk: person for pair in pairs for person in (pair.one, pair.other)}
    known = {pk: file.known for pk, file in known_of(list(files.values())).items()}
    common = name_index().common
    return {
        pair.pk
        for pair in pairs
        for one, other in ((pair.one_id, pair.other_id), (pair.other_id, pair.one_id))
        if is_proposed(compare(sought_of(known[one]), known[other], common))
    }
