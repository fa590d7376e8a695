"""Who is she? Files that may be hers, and why; outside one's scope only that a file may exist, and only on two facts.

Whom the words may speak of is chosen in memory (:mod:`index`); what is known of them, and who may see them, is read
from the database: a constant number of queries whatever the number of persons.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.links import make_token
from bagage.common.prepared import Many, prepared
from bagage.common.row_security import wide
from bagage.common.together import Asking, beside, nothing, side_by_side, together
from bagage.people.domain.asking import Understood, understand
from bagage.people.domain.likeness import (
    FACTS,
    Band,
    Known,
    Likeness,
    Reason,
    Sought,
    compare,
    is_proposed,
    sought_of,
)
from bagage.people.domain.names import joined_words
from bagage.people.domain.phones import near_phones, phone_slip
from bagage.people.domain.years import Year
from bagage.people.models import (
    CardCode,
    ContactWay,
    Following,
    NotTheSame,
    Person,
    PersonName,
)
from bagage.people.queries.index import name_index
from bagage.people.words import Why, whys

# How many files are compared; while someone types, the best of them are enough.
CANDIDATES, WHILE_TYPING = 60, 40
ELSEWHERE_SITES = 3
ELSEWHERE_PURPOSE = "people.elsewhere"
ELSEWHERE_MAX_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A file in scope that may be hers; ``facts`` are those that agree: name, birth, phone, code, place."""

    person: Person
    score: float
    band: Band
    reasons: tuple[Why, ...]
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A file may exist at this site: its name, and a token by which to ask. Nothing else, not even how many.

    ``is_likely``: what was said agrees with few others, so that whoever enters someone had better ask.
    """

    site_name: str
    token: str
    # For the trail of the one who asked; never shown.
    person_uuid: str
    is_likely: bool = True


@dataclass(frozen=True, slots=True)
class LookUp:
    """What was understood, the files here, best first, and the sites elsewhere."""

    understood: Understood
    hits: list[Hit]
    elsewhere: list[Elsewhere]


@wide("look_up")
def look_up(
    text: str,
    *,
    user: User,
    now: datetime | None = None,
    limit: int = 10,
    birth_year: int | None = None,
    phone: str = "",
    is_typing: bool = False,
) -> LookUp:
    """Files that may be of whom ``text`` speaks.

    ``birth_year`` and ``phone`` are told apart from the text when known. While ``is_typing``, other sites are not
    asked: half a name says nothing, and each asking counts. Whoever cannot look up gets nothing.
    """
    now = now or timezone.now()
    understood = understand(f"{text} {phone}".strip(), timezone.localdate(now))
    if birth_year is not None:
        understood = Understood(
            name=understood.name,
            year=Year(birth_year),
            phone=understood.phone,
            code=understood.code,
            codes=understood.codes,
        )
    scope = user.node_ids(Ability.LOOK_UP)
    if understood.is_empty or not scope:
        return LookUp(understood, [], [])
    finder = Finder(understood.sought, now, scope, WHILE_TYPING if is_typing else CANDIDATES)
    inside = finder.ids_here()
    outside = set() if is_typing else finder.ids_elsewhere()
    finder.read(inside | outside)
    found = finder.here(inside, limit)
    # Two who bear one name are not both very likely on their name alone.
    sure = [likeness for _, likeness in found if likeness.band == Band.VERY_LIKELY]
    by_name_alone = len(sure) > 1 and all(likeness.facts & FACTS == {"name"} for likeness in sure)
    if by_name_alone:
        found = [(person, replace(likeness, band=Band.POSSIBLE)) for person, likeness in found]
    hits = [hit_of(person, likeness) for person, likeness in found]
    elsewhere = finder.elsewhere(outside, user)
    return LookUp(understood, hits, elsewhere)


AT_ONCE = 40


def look_up_many(
    texts: Iterable[str], *, now: datetime | None = None, limit: int = 10
) -> Iterator[tuple[Understood, list[Hit]]]:
    """The same for many questions over the whole network, in their order; for the command line, never for a screen.

    Forty questions are read together: what a question costs is mostly what it reads.
    """
    now = now or timezone.now()
    rest = iter(texts)
    while some := list(islice(rest, AT_ONCE)):
        asked = [understand(text, timezone.localdate(now)) for text in some]
        finders = [Finder(each.sought, now, None, CANDIDATES) for each in asked]
        for pk, phone in _bearers_of_phones(finder.sought.phone for finder in finders):
            for finder in finders:
                if finder.sought.phone and phone_slip(finder.sought.phone, phone):
                    finder.ids.add(pk)
        for each, finder in zip(asked, finders, strict=True):
            if not each.is_empty:
                finder.ids |= finder.by_name(None) | finder.by_code()
        files = with_same_files(set[int]().union(*(finder.ids for finder in finders)))
        known = known_of(files)
        ranked = [finder.ranked_among(files, known)[:limit] for finder in finders]
        persons = Person.objects.in_bulk({pk for row in ranked for pk, _ in row})
        for each, row in zip(asked, ranked, strict=True):
            yield each, [hit_of(persons[pk], likeness) for pk, likeness in row]


def _bearers_of_phones(phones: Iterable[str]) -> list[tuple[int, str]]:
    """``(key of the file, number)`` of those who are reached by one of these numbers, or by one a slip away."""
    numbers = {near for phone in phones if phone for near in (phone, *near_phones(phone))}
    if not numbers:
        return []
    return list(ContactWay.objects.filter(phone__among=numbers).values_list("person_id", "phone"))


def hit_of(person: Person, likeness: Likeness) -> Hit:
    """A file with its likeness, as it is shown."""
    reasons = whys(likeness.reasons, person.grammar)
    # Where she lives tells her from others who are shown; it is no fact by which another site may be asked.
    place = {"place"} & {reason.kind for reason in likeness.reasons}
    return Hit(person, likeness.score, likeness.band, reasons, likeness.facts | place)


class Finder:
    """One question, asked of the files in scope and of the others; what is known of both is read together.

    ``scope`` are nodes; without one the whole network is meant, which nobody signed in ever asks.
    """

    def __init__(self, sought: Sought, now: datetime, scope: Iterable[int] | None, candidates: int) -> None:
        self.sought, self.now, self.candidates = sought, now, candidates
        self.scope = None if scope is None else frozenset(scope)
        self.ids: set[int] = set()
        self.files: list[_Row] = []
        self.known: dict[int, _File] = {}
        self.roots_here: set[int] = set()
        self.index = name_index()
        if sought.words:
            self.index.refresh()

    def read(self, ids: set[int]) -> None:
        """Reads what is known of these files and of those that are one person with them, and which are in scope."""
        if ids:
            self.files = with_same_files(ids)
            self.known, self.roots_here = side_by_side(
                [known_of.asking(self.files, self.sought), self._followed(self.files)]
            )

    def _followed(self, files: Sequence["_Row"]) -> Asking[set[int]]:
        """The kept files of those followed now in scope: all that are one person are, when one of them is."""
        root_of = {file.pk: file.merged_into or file.pk for file in files}
        if self.scope is None:
            return set(root_of.values())
        followed = yield from _followed_among.asking(self.now, Many(self.scope), Many(root_of))
        return {root_of[pk] for pk in followed}

    # ---------- here ----------
    def ids_here(self) -> set[int]:
        """Candidates in scope, and some that may turn out not to be."""
        allowed = None if self.scope is None else self.index.preselected(self.scope)
        return self.by_name(allowed) | self._by_phone() | self.by_code()

    @property
    def share(self) -> float:
        """The part of the base that is in scope, about."""
        allowed = None if self.scope is None else self.index.preselected(self.scope)
        return 1.0 if allowed is None else min(1.0, len(allowed) / max(1, self.index.persons))

    def found(self, limit: int) -> list[tuple[Person, Likeness]]:
        """The whole question, of the files in scope alone."""
        ids = self.ids_here()
        self.read(ids)
        return self.here(ids, limit)

    def here(self, ids: set[int], limit: int) -> list[tuple[Person, Likeness]]:
        """Files in scope, best first; a file that was marked as another's brings up the one that is kept."""
        ranked = [row for row in self._ranked(ids, with_ended_codes=True) if row[0] in self.roots_here][
            :limit
        ]
        persons = Person.objects.in_bulk([pk for pk, _ in ranked])
        return [(persons[pk], likeness) for pk, likeness in ranked]

    def by_name(self, allowed: set[int] | None, *, must_be_born_near: bool = False) -> set[int]:
        """The files whose words agree best."""
        words, year = self.sought.words, self.sought.year
        if not words:
            return set()
        return set(
            self.index.candidates(
                words,
                joined_words(words),
                year=year.value if year is not None else None,
                allowed=allowed,
                must_be_born_near=must_be_born_near,
                limit=self.candidates,
            )
        )

    def _by_phone(self) -> set[int]:
        if not self.sought.phone:
            return set()
        numbers = [self.sought.phone, *near_phones(self.sought.phone)]
        ways = ContactWay.objects.filter(phone__among=numbers).values_list("person_id", "phone")
        # The number itself first: a shared one may be of many.
        rows = sorted(ways[:1_000], key=lambda row: row[1] != self.sought.phone)
        return {pk for pk, _ in rows[:200]}

    def by_code(self) -> set[int]:
        if not self.sought.codes:
            return set()
        rows = CardCode.objects.filter(code__in=self.sought.codes)
        return set(rows.values_list("person_id", flat=True))

    def ranked_among(
        self, files: Iterable["_Row"], known: Mapping[int, "_File"]
    ) -> list[tuple[int, Likeness]]:
        """The same of files that were read for several questions: those of this one and of the same persons."""
        roots = {file.merged_into or file.pk for file in files if file.pk in self.ids}
        self.files = [file for file in files if (file.merged_into or file.pk) in roots]
        self.known = dict(known)
        return self._ranked(self.ids, with_ended_codes=True)

    def _ranked(self, ids: set[int], *, with_ended_codes: bool = False) -> list[tuple[int, Likeness]]:
        """The keys of the files behind these, each compared once with all that is known of her."""
        asked = {file.merged_into or file.pk for file in self.files if file.pk in ids}
        roots = {file.pk for file in self.files if file.merged_into is None and file.pk in asked}
        best: dict[int, Likeness] = {}
        common = self.index.common
        for file in self.files:
            root = file.merged_into or file.pk
            if root not in roots:
                continue
            likeness = compare(self.sought, self.known[file.pk].known, common)
            if with_ended_codes and likeness.band != Band.VERY_LIKELY:
                likeness = self._with_ended_code(likeness, self.known[file.pk].ended_codes)
            if likeness.band == Band.NO:
                continue
            if root not in best or likeness.score > best[root].score:
                best[root] = likeness
        ranked = list(best.items())
        ranked.sort(key=lambda row: (-row[1].score, row[1].by_chance, row[0]))
        return ranked

    def _with_ended_code(self, likeness: Likeness, ended: tuple[str, ...]) -> Likeness:
        """The code of a card that was lost still says who it was for, to those who may see her; it proves nothing."""
        if not set(ended) & set(self.sought.codes):
            return likeness
        reason = Reason("ended_code", None)
        return Likeness(max(likeness.score, 0.8), Band.POSSIBLE, (*likeness.reasons, reason), likeness.facts)

    # ---------- elsewhere ----------
    def elsewhere(self, ids: set[int], user: User) -> list[Elsewhere]:
        """Sites where a file may exist: on the code of a card, or on two facts that agree. One line a site."""
        likely = {
            pk: "code" in likeness.facts or is_proposed(likeness)
            for pk, likeness in self._ranked(ids)
            if pk not in self.roots_here and ("code" in likeness.facts or len(likeness.facts & FACTS) >= 2)
        }
        found = list(likely)[:20]
        if not found:
            return []
        sites = self._last_sites(found)
        uuids = dict(Person.objects.filter(pk__in=found).values_list("pk", "uuid"))
        lines: dict[str, Elsewhere] = {}
        for pk in sorted(found, key=lambda pk: not likely[pk]):
            site = sites.get(pk)
            if site is None or site in lines:
                continue
            her = str(uuids[pk])
            token = make_token(ELSEWHERE_PURPOSE, [str(user.uuid), her, site], ELSEWHERE_MAX_AGE)
            lines[site] = Elsewhere(site_name=site, token=token, person_uuid=her, is_likely=likely[pk])
        return [lines[site] for site in sorted(lines)][:ELSEWHERE_SITES]

    def ids_elsewhere(self) -> set[int]:
        """Candidates out of scope: those of the code, and those with two facts that may agree."""
        sought = self.sought
        ids: set[int] = set()
        if sought.codes:
            cards = CardCode.objects.filter(code__in=sought.codes, ended_at=None)
            ids |= set(cards.values_list("person_id", flat=True))
        if sought.words and sought.year is not None:
            ids |= self.by_name(None, must_be_born_near=True)
        if sought.phone and (sought.words or sought.year is not None):
            ways = ContactWay.objects.filter(phone=sought.phone).order_by("-started_at", "-pk")
            ids |= set(ways.values_list("person_id", flat=True)[:CANDIDATES])
        return ids

    def _last_sites(self, roots: Sequence[int]) -> dict[int, str]:
        """The name of the node that follows each now, or followed her last."""
        files = Person.objects.filter(merged_into__in=roots).values_list("pk", "merged_into_id")
        root_of = {pk: pk for pk in roots} | {pk: root for pk, root in files if root}
        rows = (
            Following.objects.filter(person__in=root_of)
            .order_by("started_at", "pk")
            .values_list("person_id", "ended_at", "node__name")
        )
        ended: dict[int, str] = {}
        current: dict[int, str] = {}
        for pk, until, name in rows:
            (ended if until is not None and until <= self.now else current)[root_of[pk]] = name
        return {**ended, **current}


# ---------- what is known of files ----------
class _Row(NamedTuple):
    """What the comparison needs of a file; making whole persons of a hundred candidates would cost more."""

    pk: int
    merged_into: int | None
    chosen_name: str
    family_name: str
    birth_year: int | None
    is_birth_year_about: bool
    birth_date: date | None
    where: str


_FIELDS = ("pk", "merged_into_id", *_Row._fields[2:])


def with_same_files(ids: Iterable[int]) -> list[_Row]:
    """These files and all that are one person with them, erased ones left out."""
    found: dict[int, _Row] = {}
    wanted, asked = set(ids), set()  # type: set[int], set[int]
    # A second time only for what a file that was marked brings up: the one that is kept, and its others.
    while wanted:
        found |= {row[0]: _Row(*row) for row in _same_files(Many(wanted))}
        asked |= wanted
        wanted = {row.merged_into for row in found.values() if row.merged_into} - asked
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _File:
    known: Known
    ended_codes: tuple[str, ...]


@prepared
def _followed_among(now: datetime, nodes: Many, persons: Many) -> QuerySet[Following, int]:
    current = Following.objects.current(now).filter(node__among=nodes, person__among=persons)
    return current.values_list("person_id", flat=True)


@prepared
def _same_files(ids: Many) -> QuerySet[Person, tuple[Any, ...]]:
    files = Person.objects.filter(Q(pk__among=ids) | Q(merged_into__among=ids), erased_at=None)
    return files.values_list(*_FIELDS)


@prepared
def _names_of(ids: Many) -> QuerySet[PersonName, tuple[int, str]]:
    return PersonName.objects.filter(person__among=ids).order_by("pk").values_list("person_id", "text")


@prepared
def _phones_of(ids: Many) -> QuerySet[ContactWay, tuple[int, str]]:
    ways = ContactWay.objects.filter(person__among=ids).exclude(phone="").order_by("pk")
    return ways.values_list("person_id", "phone")


@prepared
def _codes_of(ids: Many) -> QuerySet[CardCode, tuple[int, str, datetime | None]]:
    return CardCode.objects.filter(person__among=ids).values_list("person_id", "code", "ended_at")


@together
def known_of(files: Sequence[_Row | Person], sought: Sought | None = None) -> Asking[dict[int, _File]]:
    """What some files say, for the comparison; phones and codes only when ``sought`` (if given) asks for them."""
    ids = Many(file.pk for file in files)
    names: dict[int, list[str]] = {}
    phones: dict[int, list[str]] = {}
    codes: dict[int, list[tuple[str, bool]]] = {}
    texts, ways, cards = yield from beside(
        [
            _names_of.asking(ids) if sought is None or sought.words else nothing(),
            _phones_of.asking(ids) if sought is None or sought.phone else nothing(),
            _codes_of.asking(ids) if sought is None or sought.codes else nothing(),
        ]
    )
    for pk, text in texts:
        names.setdefault(pk, []).append(text)
    for pk, phone in ways:
        phones.setdefault(pk, []).append(phone)
    for pk, code, ended_at in cards:
        codes.setdefault(pk, []).append((code, ended_at is not None))
    return {
        file.pk: _File(
            known=Known(
                names=_once(f"{file.chosen_name} {file.family_name}".strip(), *names.get(file.pk, ())),
                birth_year=file.birth_year,
                is_birth_year_about=file.is_birth_year_about,
                birth_date=file.birth_date,
                phones=tuple(phones.get(file.pk, [])),
                codes=tuple(code for code, is_ended in codes.get(file.pk, []) if not is_ended),
                where=file.where,
                given=file.chosen_name if file.family_name else "",
            ),
            ended_codes=tuple(code for code, is_ended in codes.get(file.pk, []) if is_ended),
        )
        for file in files
    }


def _once(*texts: str) -> tuple[str, ...]:
    """Each name once: the first is among those that were written down too."""
    return tuple(dict.fromkeys(texts))


def alike_files(persons: Sequence[Person]) -> list[tuple[Person, Person, Likeness]]:
    """Among some files, the pairs that may be one person, best first, save those said to be two persons."""
    files = [person for person in persons if person.merged_into_id is None]
    if len(files) < 2:
        return []
    known = known_of(files)
    ids = [person.pk for person in files]
    apart = {
        frozenset(pair)
        for pair in NotTheSame.objects.filter(one__in=ids, other__in=ids).values_list("one_id", "other_id")
    }
    pairs: list[tuple[Person, Person, Likeness]] = []
    common = name_index().common
    for at, one in enumerate(files):
        for other in files[at + 1 :]:
            if frozenset((one.pk, other.pk)) in apart:
                continue
            likeness = compare(sought_of(known[one.pk].known), known[other.pk].known, common)
            if likeness.band != Band.NO and "name" in likeness.facts and likeness.by_chance < 1:
                pairs.append((one, other, likeness))
    pairs.sort(key=lambda pair: (-len(pair[2].facts), -pair[2].score, pair[0].pk, pair[1].pk))
    return pairs
